/* policy_json.h - the compiled document as JSON: the contract of docs/policy-json.md and docs/policy.schema.json.
 *
 * Stable: keys are added, never renamed or removed. The same document gives the same bytes (R4). Durations are seconds,
 * lines 1-based, null where nothing is written; a value that an interpretation supplied stands in `effective_*` keys
 * and in `interpretations` only (G10). Pure: text into a buffer; check its `overflow`. */
#ifndef PROCEDURES_POLICY_JSON_H
#define PROCEDURES_POLICY_JSON_H

#include "base/buf.h"
#include "procedures/compile.h"

void policy_print_json(const struct compiled *c, struct buf *out);

#endif
