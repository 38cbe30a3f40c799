/* head.h - judges the head of a request: limits, framing, route, identity. Private to http/. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/exchange.h"

/* True: the body may come. False: the request is answered, and its body is not read. */
bool head_judge(struct exchange *x, struct slice method, struct slice version);

#endif
