/* documents.h - procedures that several commands read: the files that are named, else those of a site, compiled together.
 *
 * Several files are one set (procedures/merge.h): the organisation's and what extends it. Overrides are judged by today. */
#ifndef CLI_DOCUMENTS_H
#define CLI_DOCUMENTS_H

#include "cli/command.h"
#include "cli/screen.h"
#include "procedures/merge.h"
#include "site/site.h"

#define DOCUMENTS_MAX 64

struct documents {
    struct slice paths[DOCUMENTS_MAX]; /* end with NUL; borrow from argv or from the site */
    struct slice scenarios[DOCUMENTS_MAX]; /* that a site attaches runbooks to */
    size_t n;
    struct site *site; /* that names them, where documents_named() read one; to be destroyed */
};

/* The values of a parameter. False: too many; said on standard error. */
bool documents_given(const struct invocation *in, const char *parameter, struct documents *out);
/* What one word names: a document; a site (.yaml, .yml), for the documents that it names; a folder, for those of its
 * site.yaml, or without one all of its .md files. False: said on standard error. */
bool documents_named(const struct invocation *in, const char *path, struct documents *out);
/* Those of a site that was loaded. */
bool documents_of_site(const struct invocation *in, const struct site *site, struct documents *out);

/* Reads and compiles them. NULL: one cannot be read or breaks a hard limit, which is on standard error. What is wrong
 * inside of them is in the set. */
struct procedures_set *documents_compile(const struct invocation *in, const struct documents *d);
/* The same, and NULL when one has errors too; those are printed on `s`. */
struct procedures_set *documents_require(const struct invocation *in, const struct documents *d, struct screen *s);

/* The organisation's policy, in the shape that printers take: of one document just that. */
struct compiled documents_whole(const struct procedures_set *s);

/* Loads a site; NULL: what is wrong is on standard error. */
struct site *documents_site(const struct invocation *in, const char *path);

#endif
