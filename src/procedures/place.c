/* place.c - see place.h. */
#include "procedures/place.h"

#include "procedures/merge.h"
#include "procedures/visible.h"

void place_add_bare(const struct compiled *c, unsigned line, struct buf *out)
{
    const struct slice file = policy_file(&c->policy, line);
    visible_add(out, file);
    buf_addf(out, file.n > 0 ? ":%u" : "line %u", POLICY_LINE(line));
}

void place_add(const struct compiled *c, unsigned line, struct buf *out)
{
    static const char *const how[] = { [PROVENANCE_UNSET] = "",
                                       [PROVENANCE_OWN] = "",
                                       [PROVENANCE_INHERITED] = ", inherited",
                                       [PROVENANCE_ADDED] = ", added",
                                       [PROVENANCE_REPLACED] = ", replaces" };
    place_add_bare(c, line, out);
    if (c->set_policy != NULL) buf_add_str(out, how[procedures_set_provenance(c->set, c->set_policy, line)]);
}
