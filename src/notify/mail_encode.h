/* mail_encode.h - texts as mail wants them: header values, quoted-printable bodies, dates, addresses. Pure.
 *
 * All output is ASCII with CRLF line ends. Sources: RFC 5322, RFC 2045 (6.7), RFC 2047. */
#ifndef NOTIFY_MAIL_ENCODE_H
#define NOTIFY_MAIL_ENCODE_H

#include "base/buf.h"
#include "base/error.h"

/* A value that may stand in a header: no control characters at all, so that nothing can begin a header of its own. */
bool mail_value_is_clean(struct slice value);

/* One bare address, local@domain: no blanks, controls, quotes, angles, commas or semicolons, at most 254 bytes; UTF-8 is
 * allowed (RFC 6531) where the server takes it. */
bool mail_address_is_valid(struct slice address);
struct slice mail_address_domain(struct slice address); /* of a valid one */

/* "Name: value\r\n" for text by people and by alerts: as it is when short and ASCII, else as encoded words (base64,
 * UTF-8), never cutting a character and no line longer than 76. Control characters, line breaks first of all, become
 * blanks: nothing can begin a header of its own, and no page is lost to a stranger's label. */
void mail_add_text_header(struct buf *out, const char *name, struct slice value);

/* Quoted-printable: any line ends in, CRLF out, lines of at most 76, ending with a line end. */
void mail_add_quoted_printable(struct buf *out, struct slice text);

void mail_add_date(struct buf *out, int64_t wall_ms); /* "Mon, 05 Jan 2026 03:00:00 +0000" */

#endif
