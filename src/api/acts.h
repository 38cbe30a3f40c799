/* acts.h - a person's act from JSON, and its answer; by the const descriptors of core/act.h alone. */
#ifndef API_ACTS_H
#define API_ACTS_H

#include "core/act.h"
#include "http/request.h"

/* Reads {"name": value, …} with the descriptor's argument names. Incidents are "INC-42" or 42, severities a label or a
 * level, matchers a text or a list of texts, durations "1h30m" or seconds, times RFC 3339. ERR_SYNTAX: no JSON object;
 * ERR_INVALID: an argument that is unknown (the known are listed), missing or of another form. An empty body is {}. */
int act_from_json(struct arena *a, const struct act_def *def, struct slice body, int64_t now_wall, struct act *out,
                  struct error *e);

/* Submits the act in the caller's name and answers with what became of it: {"text","incident","id"}. */
void act_submit(struct request *rq, const struct act *act, int status_when_done);
/* The same with an answer of one's own. The act is copied, its slices are not. */
void act_submit_for(struct request *rq, const struct act *act, request_reply_fn *done);

/* ACTIVATE, PROPOSE in the caller's name; `bytes`: the framed bundle of a proposal, which live as long as the request. */
void procedures_submit(struct request *rq, const struct act *act, struct slice bytes);

#endif
