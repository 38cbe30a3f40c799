/* store_bench.c - commits and rows per second of the SQLite store, with the disk's own fsync rate beside.
 *
 * usage: bench-store [DIR [LOAD]]     (default: the working directory, all loads; the disk under DIR is what is measured)
 * Each figure is taken for about a second, with the processor's time for a commit. `re-sent`: one row of alert_live updated, neighbours in the order they were first
 * said, as Prometheus does; `scattered`: the same all over the table; `new`: an alert that joins one of five incidents, each
 * of which gets one timeline entry a batch. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "core/alert.h"
#include "store/store.h"
#include "sys/clock.h"

#define KNOWN 100000 /* alerts in the store while re-sent ones are measured */
#define INCIDENTS 5
#define MEASURE_MS 1000

static struct clock *watch;

static int64_t now_ms(void)
{
    return clock_read(watch).steady_ms;
}

static int64_t processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void must(int rc, const struct error *e)
{
    if (rc == 0) return;
    fprintf(stderr, "bench-store: %s\n", e->detail);
    exit(1);
}

static void put_live(struct store *s, int64_t id, int64_t sends)
{
    struct alert_live l = { .id = id,
                            .state = ALERT_FIRING,
                            .starts_wall = 1700000000000,
                            .ends_wall = 1700000240000 + sends,
                            .updated_wall = 1700000000000 + sends,
                            .annotations = 1 + id % 50,
                            .sends = sends };
    store_put_row(s, &(struct row){ .kind = ROW_ALERT_LIVE, .v = &l.id });
}

static void put_new(struct store *s, int64_t id)
{
    struct alert a = { .id = id,
                       .sender = 1,
                       .service = 2,
                       .incident = 1 + id % INCIDENTS,
                       .name = 3,
                       .summary = 4,
                       .severity = 2,
                       .created_wall = 1700000000000 + id,
                       .state = ALERT_FIRING,
                       .starts_wall = 1700000000000,
                       .ends_wall = 1700000240000 + id,
                       .updated_wall = 1700000000000 + id,
                       .annotations = 1 + id % 50,
                       .sends = 1 };
    struct buf labels = { 0 };
    buf_addf(&labels,
             "alertname\xffHighErrorRate\xff"
             "cluster\xff"
             "eu-central-1\xff"
             "instance\xffhost-%lld:9100\xff"
             "job\xffnode\xffseverity\xffpage\xff",
             (long long)id);
    store_put_row(s, &(struct row){ .kind = ROW_ALERT, .v = &a.id, .text = buf_slice(&labels) });
    buf_release(&labels);
}

static void put_entry(struct store *s, int64_t incident, int64_t seq)
{
    store_append_entry(s, &(struct entry){ .incident = incident,
                                           .seq = seq,
                                           .at = seq,
                                           .wall = 1700000000000,
                                           .kind = 3,
                                           .ref = seq,
                                           .text = S("HighErrorRate (host) and 63 more joined") });
}

/* What is committed: how far apart the re-sent alerts of one batch lie. */
struct load {
    const char *name;
    int64_t stride; /* 0: alerts are new */
};
static const struct load loads[] = { { "re-sent", 1 }, { "scattered", 7919 }, { "new", 0 } };

/* Commits batches for MEASURE_MS. Returns the next id. */
static int64_t measure(struct store *s, int64_t batch, const struct load *l, int64_t next)
{
    int64_t start = now_ms(), used = processor_us(), commits = 0, spent;
    struct error e = { 0 };
    do {
        must(store_begin(s, &e), &e);
        for (int64_t i = 0; i < batch; i++, next++) {
            if (l->stride == 0)
                put_new(s, next);
            else
                put_live(s, 1 + next * l->stride % KNOWN, next);
        }
        for (int64_t i = 0; l->stride == 0 && i < INCIDENTS && i < batch; i++) put_entry(s, i + 1, next);
        must(store_commit(s, &e), &e);
        store_rest(s);
        commits++;
    } while ((spent = now_ms() - start) < MEASURE_MS);
    used = processor_us() - used;
    printf("%-9s batch %3lld: %7lld commits/s %9lld alerts/s %5lld us of processor a commit\n", l->name, (long long)batch,
           (long long)(commits * 1000 / spent), (long long)(commits * batch * 1000 / spent), (long long)(used / commits));
    return next;
}

static void measure_disk(const char *path)
{
    char page[4096] = { 0 };
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    int64_t start = now_ms(), syncs = 0, spent;
    if (fd < 0) exit(1);
    do {
        if (write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) < 0) exit(1);
        syncs++;
    } while ((spent = now_ms() - start) < MEASURE_MS);
    close(fd);
    unlink(path);
    printf("disk: %lld fdatasync/s of 4 KiB appended\n", (long long)(syncs * 1000 / spent));
}

struct count_rows {
    struct store_each_row each;
    int64_t n;
};

static int count_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)r, (void)e;
    ((struct count_rows *)self)->n++;
    return 0;
}

struct count_alerts {
    struct store_each_alert each;
    int64_t n, last;
};

static int count_alert(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    (void)e;
    ((struct count_alerts *)self)->n++;
    ((struct count_alerts *)self)->last = a->id;
    return 0;
}

static void measure_reading(struct store *s)
{
    struct error e = { 0 };
    struct count_rows rows = { { count_row }, 0 };
    struct count_alerts alerts = { { count_alert }, 0, 0 };
    struct store_reader *r;
    int64_t start = now_ms();
    must(store_load(s, &rows.each, &e), &e);
    printf("load: %lld rows in %lld ms\n", (long long)rows.n, (long long)(now_ms() - start));
    must(store_reader_open(s, &r, &e), &e);
    start = now_ms();
    for (int64_t before = -1; alerts.n > before;) {
        before = alerts.n;
        must(store_read_firing(r, alerts.last, 0, &alerts.each, &e), &e);
    }
    printf("firing alerts by page: %lld in %lld ms\n", (long long)alerts.n, (long long)(now_ms() - start));
    store_reader_close(&r);
}

static void measure_load(struct store *s, const struct load *l)
{
    static const int64_t batches[] = { 1, 5, 64, 160, 320 };
    static int64_t fresh = KNOWN + 1;
    int64_t known = 1, *next = l->stride == 0 ? &fresh : &known;
    for (size_t i = 0; i < COUNT_OF(batches); i++) *next = measure(s, batches[i], l, *next);
}

static void fill(struct store *s)
{
    struct error e = { 0 };
    must(store_begin(s, &e), &e);
    for (int64_t id = 1; id <= KNOWN; id++) put_new(s, id);
    for (int64_t id = 1; id <= KNOWN; id++) put_live(s, id, 2);
    must(store_commit(s, &e), &e);
    store_rest(s);
}

int main(int argc, char **argv)
{
    static const char *const tails[] = { "", "-wal", "-shm", ".lock" };
    const char *dir = argc > 1 ? argv[1] : ".";
    struct buf path = { 0 }, file = { 0 };
    struct store *s;
    struct error e = { 0 };
    watch = clock_create();
    buf_addf(&path, "%s/bench-store-%ld", dir, (long)getpid());
    buf_addf(&file, "%s.disk", buf_str(&path));
    measure_disk(buf_str(&file));
    must(store_open(buf_str(&path), &s, &e), &e);
    fill(s);
    measure_reading(s);
    for (size_t i = 0; i < COUNT_OF(loads); i++)
        if (argc < 3 || strcmp(argv[2], loads[i].name) == 0) measure_load(s, &loads[i]);
    store_close(&s);
    measure_disk(buf_str(&file));
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        buf_reset(&file);
        buf_addf(&file, "%s%s", buf_str(&path), tails[i]);
        unlink(buf_str(&file));
    }
    buf_release(&path);
    buf_release(&file);
    clock_destroy(&watch);
    return 0;
}
