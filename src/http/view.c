/* view.c - the script-free pages: templates, their fields, and the escaping.
 * Not here: the console (web/), headers (answer.c), what the fields hold (api/).
 * Always: a field's value is escaped, whatever it is; a name that a template uses is in the field list, or the process
 * stops at the first use.
 */
#include "http/view.h"

#include <string.h>

#include "base/check.h"

/* A field of a view by name: a member of its struct. All are texts. */
struct view_field {
    const char *name;
    size_t offset;
};
#define FIELD(view, member)                    \
    {                                          \
#member, offsetof(struct view, member) \
    }

static const struct view_field responder_fields[] = {
    FIELD(responder_view, trouble),     FIELD(responder_view, unwatched), FIELD(responder_view, notice),
    FIELD(responder_view, refusal),     FIELD(responder_view, incident),  FIELD(responder_view, severity),
    FIELD(responder_view, tone),        FIELD(responder_view, title),     FIELD(responder_view, service),
    FIELD(responder_view, impact),      FIELD(responder_view, cause),     FIELD(responder_view, mitigation),
    FIELD(responder_view, since),       FIELD(responder_view, state),     FIELD(responder_view, taken_by),
    FIELD(responder_view, paged),       FIELD(responder_view, action),    FIELD(responder_view, after),
    FIELD(responder_view, action_do),   FIELD(responder_view, also),      FIELD(responder_view, also_do),
    FIELD(responder_view, severity_at), FIELD(responder_view, next),      FIELD(responder_view, progress),
};

static const struct view_field person_fields[] = {
    FIELD(view_person, id),    FIELD(view_person, name), FIELD(view_person, role),
    FIELD(view_person, phone), FIELD(view_person, tel),
};

static const struct view_field other_fields[] = {
    FIELD(view_other, incident), FIELD(view_other, severity), FIELD(view_other, title),
    FIELD(view_other, state),    FIELD(view_other, link),
};

static const struct view_field check_fields[] = {
    FIELD(view_check, milestone), FIELD(view_check, tone),  FIELD(view_check, mark),
    FIELD(view_check, text),      FIELD(view_check, state),
};

struct error_view {
    struct slice heading, detail, what_to_do;
};

static const struct view_field error_fields[] = {
    FIELD(error_view, heading),
    FIELD(error_view, detail),
    FIELD(error_view, what_to_do),
};

/* Colours are chosen for 4.5:1 and more on their ground, by day and by night. */
#define HEAD_OF_PAGE                                                                                                                               \
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"                                                                      \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"                                                                   \
    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex, nofollow\">\n"                                  \
    "<style>\n"                                                                                                                                    \
    ":root{--ground:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d5d9de;--press:#0b5d3b;--on-press:#fff;"                              \
    "--ring:#b3261e;--on-ring:#fff;--calm:#3d5a80;--on-calm:#fff;--over:#57606a;--on-over:#fff;--note:#e6f2ec;"                                    \
    "--note-line:#0b5d3b;--bad:#fdecea;--bad-line:#b3261e;--warn:#fff4d6;--warn-line:#8a6100}\n"                                                   \
    "@media(prefers-color-scheme:dark){:root{--ground:#101418;--card:#1a2027;--ink:#e8ebee;--soft:#a3adb8;"                                        \
    "--line:#323b45;--press:#4cc38a;--on-press:#06180f;--ring:#ff8a80;--on-ring:#2b0604;--calm:#9ec1ee;"                                           \
    "--on-calm:#071a31;--over:#a3adb8;--on-over:#101418;--note:#12291f;--note-line:#4cc38a;--bad:#3a1512;"                                         \
    "--bad-line:#ff8a80;--warn:#2e2507;--warn-line:#e3b341}}\n"                                                                                    \
    "*{box-sizing:border-box}\n"                                                                                                                   \
    "body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,-apple-system,sans-serif}\n"                             \
    "main{max-width:36rem;margin:0 auto;padding:1rem}\n"                                                                                           \
    "article{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}\n"                                          \
    "header{display:flex;align-items:center;gap:.75rem;flex-wrap:wrap}\n"                                                                          \
    "h1{font-size:1.375rem;line-height:1.3;margin:.75rem 0 0;overflow-wrap:anywhere}\n"                                                            \
    ".id{font-weight:600;color:var(--soft)}\n"                                                                                                     \
    ".badge{font-weight:700;border-radius:.375rem;padding:.125rem .625rem;background:var(--calm);color:var(--on-calm)}\n"                          \
    ".badge.ring{background:var(--ring);color:var(--on-ring)}\n.badge.over{background:var(--over);color:var(--on-over)}\n"                         \
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1rem;margin:1.25rem 0 0}\n"                                                   \
    "dt{color:var(--soft)}\ndd{margin:0;overflow-wrap:anywhere}\n"                                                                                 \
    ".note{background:var(--note);border-left:.25rem solid var(--note-line);border-radius:.25rem;"                                                 \
    "padding:.75rem 1rem;margin:0 0 1rem;overflow-wrap:anywhere}\n"                                                                                \
    ".note.bad{background:var(--bad);border-left-color:var(--bad-line)}\n"                                                                         \
    ".note.warn{background:var(--warn);border-left-color:var(--warn-line)}\n"                                                                      \
    "button{display:block;width:100%;margin:1.5rem 0 0;padding:1rem;border:0;border-radius:.625rem;font:inherit;"                                  \
    "font-size:1.1875rem;font-weight:700;background:var(--press);color:var(--on-press);cursor:pointer}\n"                                          \
    "button.less{margin-top:.75rem;background:transparent;color:var(--ink);border:1px solid var(--line);"                                          \
    "font-size:1.0625rem;font-weight:600}\n"                                                                                                       \
    "h2{font-size:1rem;margin:1.75rem 0 .5rem}\n"                                                                                                  \
    "section{border-top:1px solid var(--line);margin-top:1.5rem}\nsection h2{margin-top:1rem}\n"                                                   \
    "ul{list-style:none;margin:0;padding:0}\nli{padding:.375rem 0;overflow-wrap:anywhere}\n"                                                       \
    "summary{font-weight:600;cursor:pointer;padding:1rem 0 0}\nli.head{font-weight:600;padding-top:.75rem}\n"                                      \
    "li .mark{display:inline-block;width:1.5rem;font-weight:700}\nli.late{color:var(--bad-line)}\n"                                                \
    "li.done .mark{color:var(--press)}\nli.void{color:var(--soft)}\n"                                                                              \
    "a{color:inherit;text-underline-offset:.2em}\n.role{color:var(--soft)}\n"                                                                      \
    "label{display:block;font-weight:600}\n"                                                                                                       \
    "select{width:100%;font:inherit;padding:.75rem;margin:.5rem 0 0;border:1px solid var(--line);"                                                 \
    "border-radius:.625rem;background:var(--card);color:var(--ink);font-size:1rem;text-overflow:ellipsis}\n"                                       \
    "a:focus-visible,select:focus-visible,button:focus-visible,summary:focus-visible{outline:.1875rem solid var(--ink);outline-offset:.1875rem}\n" \
    ".after{color:var(--soft);margin:1rem 0 0}\nfooter{color:var(--soft);font-size:.875rem;padding:1rem .25rem}\n"                                 \
    "@media(max-width:24rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}\n</style>\n"

#define FOOT_OF_PAGE "<footer>Tocsin</footer>\n</main>\n</body>\n</html>\n"

/* {{name}}: the field, escaped. {{?name}}…{{/}}: only where the field is not empty; not nested. */
static const char responder_template[] = HEAD_OF_PAGE
    "<title>{{incident}} {{severity}}</title>\n</head>\n<body>\n<main>\n"
    "{{?trouble}}<p class=\"note bad\" role=\"alert\"><strong>Tocsin itself is in trouble:</strong> {{trouble}}</p>\n{{/}}"
    "{{?unwatched}}<p class=\"note warn\"><strong>Nobody watches Tocsin:</strong> {{unwatched}}</p>\n{{/}}"
    "{{?refusal}}<p class=\"note warn\" role=\"status\">{{refusal}}</p>\n{{/}}"
    "{{?notice}}<p class=\"note\" role=\"status\">{{notice}}</p>\n{{/}}"
    "<article>\n<header><span class=\"badge {{tone}}\">{{severity}}</span><span class=\"id\">{{incident}}</span></header>\n"
    "<h1>{{title}}</h1>\n<dl>\n"
    "<dt>State</dt><dd>{{state}}</dd>\n"
    "{{?taken_by}}<dt>Taken</dt><dd>{{taken_by}}</dd>\n{{/}}"
    "{{?service}}<dt>Service</dt><dd>{{service}}</dd>\n{{/}}"
    "{{?impact}}<dt>What</dt><dd>{{impact}}</dd>\n{{/}}"
    "{{?cause}}<dt>Cause</dt><dd>{{cause}}</dd>\n{{/}}"
    "{{?mitigation}}<dt>What helps</dt><dd>{{mitigation}}</dd>\n{{/}}"
    "{{?since}}<dt>Since</dt><dd>{{since}}</dd>\n{{/}}"
    "{{?paged}}<dt>Paged</dt><dd>{{paged}}</dd>\n{{/}}"
    "</dl>\n"
    "{{?action}}<form method=\"post\"><input type=\"hidden\" name=\"severity\" value=\"{{severity_at}}\">"
    "<button type=\"submit\" name=\"do\" value=\"{{action_do}}\">{{action}}</button>{{/}}"
    "{{?also}}<button class=\"less\" type=\"submit\" name=\"do\" value=\"{{also_do}}\">{{also}}</button>{{/}}"
    "{{?action}}</form>\n{{/}}"
    "{{?after}}<p class=\"after\">{{after}}</p>\n{{/}}";

/* The lists below it: a head, a row each, a tail. */
static const char pass_head[] = "{{?next}}<section><h2>You cannot take it?</h2>\n<form method=\"post\">"
                                "<label for=\"person\">Pass it on to</label>\n"
                                "<select id=\"person\" name=\"person\"><option value=\"\">{{next}}</option>{{/}}";
static const char pass_row[] = "<option value=\"{{id}}\">{{name}}, {{role}}</option>";
static const char pass_tail[] = "{{?next}}</select>\n<button class=\"less\" type=\"submit\" name=\"do\" value=\"pass\">"
                                "Pass it on</button></form></section>\n{{/}}";
static const char other_head[] = "<section><h2>In the same message</h2>\n<ul>\n";
static const char other_row[] = "<li><a href=\"{{link}}\">{{incident}} {{severity}} {{title}}</a> "
                                "<span class=\"role\">{{state}}</span></li>\n";
static const char dial_head[] = "<section><h2>To dial by hand</h2>\n<ul>\n";
static const char dial_row[] = "{{?phone}}<li>{{name}} <span class=\"role\">{{role}}</span><br>"
                               "<a href=\"tel:{{tel}}\">{{phone}}</a></li>\n{{/}}";
static const char check_head[] = "<section><details><summary>{{progress}}</summary>\n<ul>\n";
static const char check_row[] = "{{?milestone}}<li class=\"head\">{{milestone}}</li>\n{{/}}"
                                "<li class=\"{{tone}}\"><span class=\"mark\">{{mark}}</span>{{text}} "
                                "<span class=\"role\">{{state}}</span></li>\n";
static const char check_tail[] = "</ul></details></section>\n";
static const char list_tail[] = "</ul></section>\n";
static const char responder_tail[] = "</article>\n" FOOT_OF_PAGE;

static const char error_template[] =
    HEAD_OF_PAGE "<title>{{heading}}</title>\n</head>\n<body>\n<main>\n<article>\n<h1>{{heading}}</h1>\n"
                 "{{?detail}}<p>{{detail}}</p>\n{{/}}{{?what_to_do}}<p class=\"after\">{{what_to_do}}</p>\n{{/}}"
                 "</article>\n" FOOT_OF_PAGE;

/* What stands for a byte in HTML text and attributes; NULL: itself. */
static const char *escape_of(char c)
{
    if (c == '&') return "&amp;";
    if (c == '<') return "&lt;";
    if (c == '>') return "&gt;";
    if (c == '"') return "&quot;";
    if (c == '\'') return "&#39;";
    return c == '\0' ? "" : NULL; /* no HTML can hold a NUL */
}

static void add_escaped(struct buf *out, struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        const char *escape = escape_of(s.p[i]);
        if (escape != NULL)
            buf_add_str(out, escape);
        else
            buf_add_char(out, s.p[i]);
    }
}

static struct slice field_value(const struct view_field *fields, size_t n, const void *view, struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(slice_of(fields[i].name), name)) {
            struct slice value;
            memcpy(&value, (const char *)view + fields[i].offset, sizeof value);
            return value;
        }
    CHECK(!"a template names a field that its list does not have");
    return (struct slice){ 0 };
}

static void view_fill(struct buf *out, struct slice text, const struct view_field *fields, size_t n, const void *view)
{
    bool shown = true;
    while (text.n > 0) {
        struct slice before = slice_upto(text, slice_find(text, S("{{"))), name;
        if (shown) buf_add(out, before);
        text = slice_from(text, before.n);
        if (!slice_cut_prefix(&text, S("{{"))) break;
        name = slice_upto(text, slice_find(text, S("}}")));
        text = slice_from(text, name.n + 2);
        if (slice_eq(name, S("/")))
            shown = true;
        else if (slice_cut_prefix(&name, S("?")))
            shown = field_value(fields, n, view, name).n > 0;
        else if (shown)
            add_escaped(out, field_value(fields, n, view, name));
    }
}

static void responder_fill(struct buf *out, const char *template, const struct responder_view *v)
{
    view_fill(out, slice_of(template), responder_fields, COUNT_OF(responder_fields), v);
}

static void people_fill(struct buf *out, const char *template, const struct responder_view *v)
{
    for (size_t i = 0; i < v->n_people; i++)
        view_fill(out, slice_of(template), person_fields, COUNT_OF(person_fields), &v->people[i]);
}

static bool has_phone(const struct responder_view *v)
{
    for (size_t i = 0; i < v->n_people; i++)
        if (v->people[i].phone.n > 0) return true;
    return false;
}

void view_responder(struct buf *out, const struct responder_view *v)
{
    responder_fill(out, responder_template, v);
    if (v->next.n > 0) {
        responder_fill(out, pass_head, v);
        people_fill(out, pass_row, v);
        responder_fill(out, pass_tail, v);
    }
    if (v->n_others > 0) {
        buf_add_str(out, other_head);
        for (size_t i = 0; i < v->n_others; i++)
            view_fill(out, slice_of(other_row), other_fields, COUNT_OF(other_fields), &v->others[i]);
        buf_add_str(out, list_tail);
    }
    if (v->n_checks > 0) {
        responder_fill(out, check_head, v);
        for (size_t i = 0; i < v->n_checks; i++)
            view_fill(out, slice_of(check_row), check_fields, COUNT_OF(check_fields), &v->checks[i]);
        buf_add_str(out, check_tail);
    }
    if (has_phone(v)) {
        buf_add_str(out, dial_head);
        people_fill(out, dial_row, v);
        buf_add_str(out, list_tail);
    }
    buf_add_str(out, responder_tail);
}

void view_error(struct buf *out, int status, struct slice detail, struct slice what_to_do)
{
    static const struct {
        int status;
        const char *heading;
    } headings[] = {
        { 404, "Nothing here" },          { 405, "That cannot be done here" }, { 409, "That is not possible any more" },
        { 410, "This link has expired" }, { 503, "Try again in a moment" },
    };
    struct error_view v = { S("Something went wrong"), detail, what_to_do };
    for (size_t i = 0; i < COUNT_OF(headings); i++)
        if (headings[i].status == status) v.heading = slice_of(headings[i].heading);
    view_fill(out, slice_of(error_template), error_fields, COUNT_OF(error_fields), &v);
}
