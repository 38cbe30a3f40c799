/* secret.c - secrets by reference: reading the reference, and fetching what it names at the moment of use.
 * Always: the text of a secret is in no message and in no struct; only the caller's buffer holds it. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "site/loader.h"
#include "sys/files.h"

#define SECRET_MAX_BYTES ((size_t)64 << 10)

struct secret_section {
    struct slice credential, env;
};

static const struct key secret_keys[] = {
    { "credential", KEY_TEXT, offsetof(struct secret_section, credential), NULL, false, "Name of a credential file." },
    { "env", KEY_TEXT, offsetof(struct secret_section, env), NULL, false, "Name of an environment variable." },
};
const struct key_table secret_table = { "a secret", secret_keys, COUNT_OF(secret_keys) };

static bool is_word(struct slice s, const char *also)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') continue;
        if (strchr(also, c) == NULL) return false;
    }
    return s.n > 0 && s.p[0] != '.' && s.p[0] != '-';
}

void secret_read(struct loader *l, const struct node *n, struct secret_ref *out)
{
    struct secret_section s = { 0 };

    if (n->kind != NODE_MAP) {
        node_error(l, n,
                   "a secret never stands in this file: put it into the file credentials/NAME beside it (mode 600; "
                   "or a systemd credential) and write { credential: NAME }, or write { env: NAME }");
        return;
    }
    section_read(l, n, &secret_table, &s);
    if ((s.credential.n > 0) == (s.env.n > 0)) {
        node_error(l, n, "write { credential: NAME } or { env: NAME }");
    } else if (!is_word(s.credential, "-.") && !is_word(s.env, "")) {
        node_error(l, n, "a secret's name is a plain word: letters, digits, _%s", s.env.n > 0 ? "" : " - and .");
    } else {
        *out = (struct secret_ref){ .source = s.env.n > 0 ? SECRET_ENV : SECRET_CREDENTIAL, .line = n->line };
        out->name = s.env.n > 0 ? s.env : s.credential;
    }
}

/* Only a folder that systemd made is private by itself; beside site.yaml the file's own mode must be. */
static int mode_check(const char *path, struct error *e)
{
    struct stat st;

    if (stat(path, &st) != 0) return file_fail(e, "read", path);
    if ((st.st_mode & 077) == 0) return 0;
    return fail(e, ERR_DENIED, "others may read the secret %s (mode %03o): chmod 600 %s", path,
                (unsigned)st.st_mode & 0777, path);
}

static int credential_fetch(const struct site *s, const struct secret_ref *ref, struct buf *out, struct error *e)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    struct buf path = { 0 };
    int rc = ERR_NOT_FOUND;

    /* LoadCredential= of one file bears its name; of a directory, as our unit has it, the unit's word before it. */
    static const char *const prefixes[] = { "", "tocsin_" };
    for (size_t i = 0; i < COUNT_OF(prefixes) && rc == ERR_NOT_FOUND && folder != NULL && folder[0] != '\0'; i++) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s%.*s", folder, prefixes[i], (int)ref->name.n, ref->name.p);
        rc = file_read(buf_str(&path), SECRET_MAX_BYTES, out, e);
    }
    if (rc == ERR_NOT_FOUND) {
        buf_reset(&path);
        buf_addf(&path, "%s/credentials/%.*s", s->folder.n > 0 ? s->folder.p : ".", (int)ref->name.n, ref->name.p);
        if ((rc = mode_check(buf_str(&path), e)) == 0) rc = file_read(buf_str(&path), SECRET_MAX_BYTES, out, e);
    }
    buf_release(&path);
    return rc;
}

static int env_fetch(const struct secret_ref *ref, struct buf *out, struct error *e)
{
    struct buf name = { 0 };
    const char *value;

    buf_add(&name, ref->name);
    value = getenv(buf_str(&name));
    buf_release(&name);
    if (value == NULL || value[0] == '\0')
        return fail(e, ERR_NOT_FOUND, "the environment variable %.*s is not set", (int)ref->name.n, ref->name.p);
    buf_add_str(out, value);
    return 0;
}

int site_secret(const struct site *s, const struct secret_ref *ref, struct buf *out, struct error *e)
{
    size_t before = out->len;
    int rc = 0;

    switch (ref->source) {
    case SECRET_UNSET: return fail(e, ERR_NOT_FOUND, "no secret is named");
    case SECRET_CREDENTIAL: rc = credential_fetch(s, ref, out, e); break;
    case SECRET_ENV: rc = env_fetch(ref, out, e); break;
    }
    if (rc < 0) return rc;
    while (out->len > before && (out->p[out->len - 1] == '\n' || out->p[out->len - 1] == '\r'))
        out->p[--out->len] = '\0';
    if (out->len == before) return fail(e, ERR_NOT_FOUND, "the secret %.*s is empty", (int)ref->name.n, ref->name.p);
    return 0;
}
