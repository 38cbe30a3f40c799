/* server_ahead.c - descriptors by the path in the site.
 * Not here: reading them (engine/bundle_compile.c), what else is opened (clerk.c).
 */
#include "serve/server_ahead.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"

struct opened {
    const char *path; /* the site's */
    int fd;
};

struct ahead {
    VEC(struct opened) files;
};

/* Whatever is no plain file, or not there, is left to the clerk, whose answer says what is wrong. */
static void open_one(struct ahead *a, struct slice path)
{
    struct stat st;
    if (path.n == 0) return;
    const int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        *(struct opened *)vec_push(&a->files) = (struct opened){ path.p, fd };
    else
        close(fd);
}

struct ahead *ahead_open(const struct site *site)
{
    struct ahead *a = mem_alloc(sizeof *a);
    *a = (struct ahead){ 0 };
    for (size_t i = 0; i < site->n_procedures; i++) open_one(a, site->procedures[i]);
    open_one(a, site->routing);
    return a;
}

int ahead_take(struct ahead *a, const char *path)
{
    for (size_t i = 0; i < a->files.n; i++) {
        const struct opened o = a->files.v[i];
        if (strcmp(o.path, path) != 0) continue;
        vec_remove(&a->files, i);
        return o.fd;
    }
    return -1;
}

void ahead_close(struct ahead **a)
{
    if (*a == NULL) return;
    for (size_t i = 0; i < (*a)->files.n; i++) close((*a)->files.v[i].fd);
    vec_release(&(*a)->files);
    mem_free(*a);
    *a = NULL;
}
