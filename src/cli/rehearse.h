/* rehearse.h - what the files of tocsin rehearse share. Not a command's descriptor: that is in rehearse.c. */
#ifndef CLI_REHEARSE_H
#define CLI_REHEARSE_H

#include "cli/command.h"
#include "cli/documents.h"
#include "cli/screen.h"
#include "engine/rehearse.h"
#include "site/routing.h"
#include "site/site.h"

enum face { FACE_STORY, FACE_TAP, FACE_JSONL };

struct rehearsing {
    const struct invocation *in;
    struct arena *arena;
    struct documents documents;
    struct given scripts;
    struct procedures_set *set;
    struct site *site;
    struct routing routing;
    struct screen screen;
    enum face face;
    struct buf points; /* TAP: printed behind the plan, which counts them */
    unsigned n_points;
    int status;
};

/* The document, the site and its routing, as the rehearsal takes them. */
struct stage_options rehearse_ground(const struct rehearsing *r);

/* --random and --seed: nights by dice, and every way in which a page would reach nobody. */
void rehearse_random(struct rehearsing *r);

/* --init, --dir and --force: a starter script a scenario and an escalation rule. */
void rehearse_init(struct rehearsing *r);

#endif
