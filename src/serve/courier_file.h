/* courier_file.h - the log channel's bytes: appended to a file and on the disk, or on standard output. */
#ifndef SERVE_COURIER_FILE_H
#define SERVE_COURIER_FILE_H

#include "notify/notifier.h"

/* Blocks as long as the disk does. *out: REACH_ALL without a fault once the line is written (a file: and synced), for
 * the notifier's judge. Its `problem` is static or lives in `a`. A FILE request only. */
void file_deliver(const struct request *r, int64_t wall_ms, struct arena *a, struct response *out);

#endif
