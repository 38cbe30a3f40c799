/* alert_json.h - one alert's JSON as Alertmanager 0.25 shows it, for answers of a hundred thousand of them.
 *
 * Neighbours often have all in common but their labels: annotations, times, status. That text is kept from one alert to
 * the next and copied. Which alerts are shown, and in which order, is alerts_list.c's. */
#ifndef API_ALERT_JSON_H
#define API_ALERT_JSON_H

#include "base/buf.h"
#include "store/store.h"

struct alert_stamp {
    int64_t wall; /* UTC ms */
    struct buf text;
};

/* Zeroed: nothing is kept yet. */
struct alert_kept {
    struct buf annotations, status; /* what the text below was made of, with the times of the stamps */
    struct alert_stamp starts, ends, updated;
    struct buf before, between; /* up to the fingerprint; from there to the labels */
};

/* Appends a comma and the alert. `status` is the member "status" with a comma behind it. Returns the fingerprint. */
uint64_t alert_json_add(struct alert_kept *k, const struct store_alert *a, struct slice status, struct buf *out);
void alert_kept_release(struct alert_kept *k);

#endif
