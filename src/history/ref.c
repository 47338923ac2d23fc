/* How articles and revisions are written: OID/AID, OID/AID@N, OID/AID@TIME. */
#include "sillok/history.h"

#include "article/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int copy_key(char out[SILLOK_KEY_MAX_BYTES + 1], struct sillok_text t)
{
    if (!profile_fits_key(t))
        return -1;
    memcpy(out, t.ptr, t.len);
    out[t.len] = '\0';
    return 0;
}

static int parse_article(struct sillok_ref *out, struct sillok_text t)
{
    const char *sep = memchr(t.ptr, '/', t.len);
    if (!sep)
        sep = memchr(t.ptr, '_', t.len);
    if (!sep)
        return -1;
    const size_t n = (size_t)(sep - t.ptr);
    return copy_key(out->oid, text_make(t.ptr, n)) < 0 ||
                   copy_key(out->aid, text_make(sep + 1, t.len - n - 1)) < 0
               ? -1
               : 0;
}

int sillok_ref_parse_revision(struct sillok_ref *ref, const char *text, int64_t now_s,
                              int zone_min)
{
    if (*text == '@')
        text++;
    char *end;
    const long long n = strtoll(text, &end, 10);
    if (*text && !*end && text[0] != '+' && n > -1000000000 && n < 1000000000) {
        if (n == 0)
            return fail(SILLOK_EINVALID,
                        "revisions are numbered from 1; @-1 is the newest");
        ref->kind = SILLOK_REF_NUMBER;
        ref->number = n;
        return 0;
    }
    if (sillok_time_parse(&ref->time_s, text, strlen(text), now_s, zone_min) < 0)
        return fail(
            SILLOK_EINVALID,
            "'%s' is not a revision: write a number (2, -1 for the newest) or a time "
            "(2026-01-02T03:15:33Z)",
            text);
    ref->kind = SILLOK_REF_TIME;
    return 0;
}

int sillok_ref_parse(struct sillok_ref *out, const char *text, int64_t now_s,
                     int zone_min)
{
    const char *at = strchr(text, '@');
    const struct sillok_text article = { text, at ? (size_t)(at - text) : strlen(text) };
    *out = (struct sillok_ref){ .kind = SILLOK_REF_NEWEST };
    if (parse_article(out, article) < 0)
        return fail(SILLOK_EINVALID,
                    "'%s' is not an article: write OID/AID, OID/AID@3 or "
                    "OID/AID@2026-01-02T03:15:33Z",
                    text);
    return at ? sillok_ref_parse_revision(out, at, now_s, zone_min) : 0;
}
