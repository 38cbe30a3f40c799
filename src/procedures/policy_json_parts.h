/* policy_json_parts.h - what the two files of the JSON contract share. Private to them. */
#ifndef PROCEDURES_POLICY_JSON_PARTS_H
#define PROCEDURES_POLICY_JSON_PARTS_H

#include "procedures/compile.h"
#include "procedures/json_out.h"

/* id, text, line of an element; the object stays open. */
void put_open_element(struct json *j, struct slice id, const char *text_key, struct slice text, unsigned line);
/* `id` of what is known by a name of its own: that name as a slug; the second of the same name is numbered. */
void put_name_id(struct json *j, struct slice name, size_t earlier);
/* title, sha256, lines, bytes, file of a document; the object stays open. */
void put_document(struct json *j, const struct compiled *c);
/* The label of a level under `severity`; null for 0. */
void put_level_label(struct json *j, const char *key, const struct policy *p, int level);

void put_level_labels(struct json *j, const struct policy *p, level_set set); /* `severities`; [] for every */

/* `end_line` and `replacement`: what may be pasted over the lines of a diagnostic. */
void put_replacement(struct json *j, const struct compiled *c, const struct diagnostic *d);

/* scenarios … placeholders: the members that policy_book holds. */
void book_print_json(struct json *j, const struct policy *p);

#endif
