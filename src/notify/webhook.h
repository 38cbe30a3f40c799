/* webhook.h - the signature of outgoing webhooks, per Standard Webhooks (symmetric, version v1). Pure. */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include "base/buf.h"
#include "base/error.h"

/* Appends "v1,<base64 of HMAC-SHA256(secret, id.timestamp.body)>", one for each of the secrets, separated by a blank: a
 * receiver takes any that it knows, so that secrets can be rotated. `secrets` are "whsec_<base64>", separated by
 * blanks. ERR_INVALID, without the secret in it, when one cannot be decoded; nothing to sign with is an error too. */
int webhook_sign(struct slice secrets, struct slice id, int64_t timestamp_s, struct slice body, struct buf *out,
                 struct error *e);

#endif
