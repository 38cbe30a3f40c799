/* backup.c - tocsin backup: a copy of the database, beside a server that runs or without one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "serve/state_dir.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/files.h"

#define PROGRESS_AFTER_MS SECOND

static const struct parameter parameters[] = {
    { .name = "file",
      .kind = VALUE_FILE,
      .required = true,
      .what = "Where to; a file of that name is replaced at the end." },
    { .name = "state",
      .kind = VALUE_DIRECTORY,
      .option = true,
      .what = "The state directory; left out: where $TOCSIN_SOCKET lies, else as tocsin serve chooses it without a site." },
    { .name = "with-keys",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Copy the keys too, to FILE.chain.key and FILE.instance.key." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin backup /backup/tocsin.db", NULL },
    { "tocsin backup /backup/tocsin.db --with-keys", "Everything that a new machine needs, but for the site's files." },
    { NULL, NULL },
};

struct telling {
    struct store_progress progress;
    struct clock *clock;
    int64_t next; /* steady ms */
    bool wanted;
};

static void tell(struct store_progress *self, int64_t done, int64_t pages)
{
    struct telling *t = (struct telling *)self;
    const int64_t now = clock_read(t->clock).steady_ms;
    if (!t->wanted || now < t->next) return;
    t->next = now + PROGRESS_AFTER_MS;
    fprintf(stderr, "%" PRId64 " of %" PRId64 " pages\n", done, pages);
}

static int copy_key(const char *dir, const char *name, const char *file, struct error *e)
{
    struct buf from = { 0 }, to = { 0 }, bytes = { 0 };
    buf_addf(&from, "%s/%s", dir, name);
    buf_addf(&to, "%s.%s", file, name);
    int rc = file_read(buf_str(&from), 4096, &bytes, e);
    if (rc == 0) rc = file_replace(buf_str(&to), buf_slice(&bytes), 0600, e);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&from);
    buf_release(&to);
    buf_release(&bytes);
    return rc;
}

static int copy_store(const char *dir, const char *file, struct error *e)
{
    struct telling t = { .progress = { tell }, .clock = clock_create(), .wanted = isatty(STDERR_FILENO) };
    struct store_reader *r = NULL;
    struct buf path = { 0 };
    buf_addf(&path, "%s/" DATABASE_NAME, dir);
    t.next = clock_read(t.clock).steady_ms + PROGRESS_AFTER_MS;
    int rc = store_reader_open_file(buf_str(&path), &r, e);
    files_keep_private();
    if (rc == 0) rc = store_backup(r, file, &t.progress, e);
    store_reader_close(&r);
    clock_destroy(&t.clock);
    buf_release(&path);
    return rc;
}

static int run(struct invocation *in)
{
    const char *file = given_value(in, "file");
    const bool keys = given_switch(in, "with-keys");
    struct buf dir = { 0 };
    struct error e = { 0 };
    int rc = client_state_dir(in, &dir, &e);
    if (rc == 0) rc = copy_store(buf_str(&dir), file, &e);
    if (rc == 0 && keys) rc = copy_key(buf_str(&dir), CHAIN_KEY_NAME, file, &e);
    if (rc == 0 && keys) rc = copy_key(buf_str(&dir), "instance.key", file, &e);
    buf_release(&dir);
    if (rc < 0) return command_fail(in, EXIT_REFUSED, "%s", e.detail);
    printf("%s: the database, marked as a copy%s\n", file,
           keys ? "; beside it " CHAIN_KEY_NAME " and instance.key: keep them as you keep secrets"
                : "; not in it: the keys (--with-keys), site.yaml and what it names");
    return EXIT_DONE;
}

const struct command command_backup = {
    .name = "backup",
    .summary = "Copy the database to a file, while the server runs.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "The copy is what was committed at one moment; it appears under its name when it is whole and on disk, readable "
        "by its owner alone. On a terminal the progress is told each second.\n\n"
        "To restore: put it as tocsin.db into an empty state directory, with chain.key and instance.key if you have them, "
        "and start. The server then holds: it takes everything and pages nobody until tocsin release. Without chain.key "
        "what was sealed before cannot be verified any more; without instance.key the links of pages already sent do not "
        "acknowledge.\n\n"
        "Exit status: 0 done, 1 not done (nothing is left behind), 2 not understood.",
    .run = run,
};
