/* zoneinfo.h - zones by name ("Europe/Berlin"), read from the system's time zone database and kept.
 *
 * The only place that knows where that is: $TZDIR, else /usr/share/zoneinfo. Not for two threads at once; the zones
 * themselves may be shared by all (base/zone.h). */
#ifndef SYS_ZONEINFO_H
#define SYS_ZONEINFO_H

#include "base/zone.h"

struct zoneinfo; /* opaque */

const char *zoneinfo_place(void); /* the directory: $TZDIR, else /usr/share/zoneinfo */
struct zoneinfo *zoneinfo_create(const char *dir); /* NULL: as above */
void zoneinfo_destroy(struct zoneinfo **zi); /* destroys its zones too; NULL is fine; clears *zi */

/* *out lives as long as zi; the same name gives the same zone. "UTC" needs no file. A name is letters, digits, + - _
 * and single slashes: no leading slash, no dots, so that it cannot leave the directory (ERR_INVALID). ERR_NOT_FOUND
 * when there is no such zone, ERR_SYNTAX when the file is damaged. */
int zoneinfo_load(struct zoneinfo *zi, struct slice name, const struct zone **out, struct error *e);

#endif
