/*
 * The readers' common part: identity, declared hash, digest. The forms of files are in
 * template.c, markdown.c and ndjson.c, the choice among readings in choose.c.
 */
#include "article/reader_internal.h"

#include "base/time.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

int reader_new(struct reader **out, const struct sillok_profile *profile,
               const struct sillok_limits *limits)
{
    CLEANUP(reader_free) struct reader *r = calloc(1, sizeof(*r));
    if (!r)
        return fail_memory();
    r->profile = profile;
    r->limits = *limits;
    buf_init(&r->body, BUF_CEILING);
    buf_init(&r->fields, BUF_CEILING);
    buf_init(&r->text, BUF_CEILING);
    const int rc = hasher_new(&r->hasher);
    if (rc == 0)
        *out = STEAL(r);
    return rc;
}

void reader_free(struct reader *r)
{
    if (!r)
        return;
    hasher_free(r->hasher);
    buf_release(&r->body);
    buf_release(&r->fields);
    buf_release(&r->text);
    free(r);
}

struct hasher *reader_hasher(struct reader *r)
{
    return r->hasher;
}

/* What a program writes that has no value and does not look. */
static int is_no_value(struct sillok_text v)
{
    return text_is(v, "undefined") || text_is(v, "null") || text_is(v, "NaN") ||
           text_is(v, "None");
}

static int check_key(const char *what, struct sillok_text v, struct refusal *why)
{
    if (!profile_fits_key(v))
        return refuse(why, "bad_key", "%s must be 1-64 of [A-Za-z0-9_-]", what);
    /* Or all articles without an id would be one, that changes with each. */
    return is_no_value(v) ? refuse(why, "bad_key", "%s is '%.*s': the crawler had none",
                                   what, (int)v.len, v.ptr)
                          : 0;
}

static int require(const struct reader *r, const struct sillok_text values[N_KEYS],
                   int hash_required, struct refusal *why)
{
    static const int required[] = { KEY_OID, KEY_AID, KEY_CRAWLED_AT, KEY_CONTENT_HASH };
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        const int key = required[i];
        if (values[key].ptr || (key == KEY_OID && r->profile->oid) ||
            (key == KEY_CONTENT_HASH && !hash_required))
            continue;
        return refuse(why, "missing_key", "there is no %s", r->profile->keys[key].ptr);
    }
    return 0;
}

/* A crawler that need not hash may write down that it has not: an empty value. And what its
 * profile does not ask for may be a hash of another kind. */
static int read_declared(const struct reader *r, struct sillok_text v, int required,
                         struct declared *out, struct reading *reading,
                         struct refusal *why)
{
    out->present = 0;
    if (!v.ptr || (!v.len && !required))
        return 0;
    if (sillok_id_parse(&out->id, v.ptr, v.len) < 0) {
        if (r->profile->hash_required)
            return refuse(why, "bad_hash", "content_hash is not 64 hex digits");
        reading->notes |= NOTE_OTHER_HASH;
        return 0;
    }
    out->present = 1;
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] >= 'A' && v.ptr[i] <= 'F')
            reading->notes |= NOTE_UPPER_HASH;
    return 0;
}

int reader_identity(struct reader *r, const struct sillok_text values[N_KEYS],
                    int hash_required, struct reading *out, struct declared *declared,
                    struct refusal *why)
{
    int rc = require(r, values, hash_required, why);
    if (rc < 0)
        return rc;
    struct sillok_article *a = &out->article;
    a->oid = values[KEY_OID].ptr ? values[KEY_OID] : text_of(r->profile->oid);
    a->aid = values[KEY_AID];
    rc = check_key("oid", a->oid, why);
    if (rc == 0)
        rc = check_key("aid", a->aid, why);
    if (rc < 0)
        return rc;
    const struct sillok_text at = values[KEY_CRAWLED_AT];
    if (time_parse_crawl(&a->crawled_at_s, at.ptr, at.len, r->profile->zone_min) < 0)
        return refuse(why, "bad_time",
                      "crawled_at is not a time like 2026-01-02 03:15:33");
    return read_declared(r, values[KEY_CONTENT_HASH], hash_required, declared, out, why);
}

int reader_finish(struct reader *r, struct reading *out, const struct sillok_id *known)
{
    struct sillok_article *a = &out->article;
    int rc = 0;
    if (known)
        a->content_hash = *known;
    else
        rc = hasher_of(r->hasher, a->body, &a->content_hash);
    if (a->body.len == 0)
        out->notes |= NOTE_EMPTY_BODY;
    if (!utf8_valid(a->fields[SILLOK_TITLE]))
        out->notes |= NOTE_NOT_UTF8;
    return rc < 0 ? rc : meta_digest_of(&out->digest, r->hasher, a);
}

int reader_check_title(struct sillok_text title, struct refusal *why)
{
    if (title.len && memchr(title.ptr, 0, title.len))
        return refuse(why, "title_nul", "the title holds a NUL byte");
    return 0;
}
