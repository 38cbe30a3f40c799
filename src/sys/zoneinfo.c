/* zoneinfo.c - the system's time zone database, read once a zone. */
#include "sys/zoneinfo.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "sys/files.h"

#define ZONE_FILE_MAX ((size_t)1 << 20)
#define ZONE_NAME_MAX 128

struct zoneinfo {
    char *dir;
    struct smap *by_name; /* → index into zones */
    VEC(struct zone *) zones;
};

static char *copy_of(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(mem_alloc(n), s, n);
}

const char *zoneinfo_place(void)
{
    const char *named = getenv("TZDIR");
    return named != NULL && named[0] != '\0' ? named : "/usr/share/zoneinfo";
}

struct zoneinfo *zoneinfo_create(const char *dir)
{
    struct zoneinfo *zi = mem_alloc(sizeof *zi);
    zi->dir = copy_of(dir != NULL ? dir : zoneinfo_place());
    zi->by_name = smap_create(0); /* names come from the site's owner: nobody to defend against */
    return zi;
}

void zoneinfo_destroy(struct zoneinfo **zi)
{
    if (*zi == NULL) return;
    for (size_t i = 0; i < (*zi)->zones.n; i++) zone_destroy(&(*zi)->zones.v[i]);
    vec_release(&(*zi)->zones);
    smap_destroy(&(*zi)->by_name);
    mem_free((*zi)->dir);
    mem_free(*zi);
    *zi = NULL;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '_';
}

/* No dot, no empty part: the name cannot leave the directory. */
static bool is_name(struct slice name)
{
    bool after_slash = true;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '/' ? after_slash : !is_name_char(name.p[i])) return false;
        after_slash = name.p[i] == '/';
    }
    return !after_slash && name.n <= ZONE_NAME_MAX;
}

static int fail_unknown(struct slice name, struct error *e)
{
    return fail(e, ERR_NOT_FOUND, "there is no time zone \"%.*s\": write it as in Europe/Berlin, or UTC", (int)name.n,
                name.p);
}

static int read_zone(const struct zoneinfo *zi, struct slice name, struct zone **out, struct error *e)
{
    struct buf path = { .max = PATH_MAX }, bytes = { .max = ZONE_FILE_MAX };
    struct error why = { 0 };
    int rc = 0;
    buf_addf(&path, "%s/%.*s", zi->dir, (int)name.n, name.p);
    if (path.overflow || (rc = file_read(path.p, ZONE_FILE_MAX, &bytes, &why)) == ERR_NOT_FOUND) {
        rc = fail_unknown(name, e);
    } else if (rc < 0 || (*out = zone_parse(buf_slice(&bytes), &why)) == NULL) {
        rc = fail(e, why.code, "time zone %.*s: %s", (int)name.n, name.p, why.detail);
    }
    buf_release(&path);
    buf_release(&bytes);
    return rc;
}

int zoneinfo_load(struct zoneinfo *zi, struct slice name, const struct zone **out, struct error *e)
{
    int64_t index;
    struct zone *z = NULL;
    int rc = 0;
    if (!is_name(name)) {
        struct slice shown = slice_upto(name, ZONE_NAME_MAX);
        return fail(e, ERR_INVALID, "\"%.*s\" cannot be a time zone: write it as in Europe/Berlin, or UTC",
                    (int)shown.n, shown.p == NULL ? "" : shown.p);
    }
    if (!smap_get(zi->by_name, name, &index)) {
        if (slice_eq(name, S("UTC")))
            z = zone_create_utc();
        else if ((rc = read_zone(zi, name, &z, e)) < 0)
            return rc;
        index = (int64_t)zi->zones.n;
        *vec_push(&zi->zones) = z;
        smap_put(zi->by_name, name, index);
    }
    *out = zi->zones.v[index];
    return 0;
}
