#include "article/profile.h"

#include "article/yaml.h"
#include "base/file.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

static const char *const own_names[N_KEYS] = {
    "title",        "category", "publisher",  "author", "published_at",
    "modified_at",  "url",      "crawled_at", "oid",    "aid",
    "content_hash", "id",       "body",
};

const char *profile_key_name(int key)
{
    return own_names[key];
}

int profile_key(const struct sillok_profile *p, struct sillok_text name)
{
    for (int i = 0; i < N_KEYS; i++)
        if (text_equal(name, p->keys[i]))
            return i;
    return -1;
}

void profile_share(const struct sillok_profile *p, struct sillok_text values[N_KEYS])
{
    for (int i = 0; i < p->n_shared; i++)
        values[p->shared[i].key] = values[p->shared[i].first];
}

int profile_fits_key(struct sillok_text t)
{
    int ok = t.len >= 1 && t.len <= SILLOK_KEY_MAX_BYTES;
    for (size_t i = 0; ok && i < t.len; i++) {
        const char c = t.ptr[i];
        ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '_' || c == '-';
    }
    return ok;
}

const struct sillok_profile *sillok_profile_builtin(const char *name)
{
    static char naver_name[] = "naver";
    static const struct sillok_profile naver = {
        .name = naver_name,
        .has_template = 1,
        .hash_required = 1,
        .keys = { { "title", 5 },
                  { "category", 8 },
                  { "publisher", 9 },
                  { "author", 6 },
                  { "published_at", 12 },
                  { "modified_at", 11 },
                  { "url", 3 },
                  { "crawled_at", 10 },
                  { "oid", 3 },
                  { "aid", 3 },
                  { "content_hash", 12 },
                  { "id", 2 },
                  { "body", 4 } },
    };
    return strcmp(name, naver.name) == 0 ? &naver : NULL;
}

const char *sillok_profile_name(const struct sillok_profile *profile)
{
    return profile->name;
}

void sillok_profile_free(struct sillok_profile *profile)
{
    if (!profile)
        return;
    for (int i = 0; i < N_KEYS; i++)
        free((void *)(uintptr_t)profile->keys[i].ptr);
    free(profile->name);
    free(profile->oid);
    free(profile);
}
DEFINE_CLEANUP(struct sillok_profile *, sillok_profile_free)

static int parse_zone(int *out, struct sillok_text v)
{
    enum { WIDEST_MIN = 14 * 60 + 59 }; /* no place is further from UTC */
    char text[32];
    if (v.len >= sizeof(text))
        return -1;
    memcpy(text, v.ptr, v.len);
    text[v.len] = '\0';
    return time_parse_zone(out, text) == 0 && abs(*out) <= WIDEST_MIN ? 0 : -1;
}

static int replace(char **slot, struct sillok_text v)
{
    char *copy = malloc(v.len + 1);
    if (!copy)
        return fail_memory();
    memcpy(copy, v.ptr, v.len);
    copy[v.len] = '\0';
    free(*slot);
    *slot = copy;
    return 0;
}

static int rename_key(struct sillok_profile *p, int key, struct sillok_text name)
{
    char *copy = NULL;
    const int r = replace(&copy, name);
    if (r < 0)
        return r;
    free((void *)(uintptr_t)p->keys[key].ptr);
    p->keys[key] = text_of(copy);
    return 0;
}

static int bad_entry(const char *path, const struct yaml_entry *e, const char *what)
{
    const int shown = e->path.len < 100 ? (int)e->path.len : 100;
    return fail(SILLOK_EINVALID, "%s:%d:%d: %.*s: %s", path, e->line, e->column, shown,
                e->path.ptr, what);
}

/* What the crawler calls a key: nothing that never stands there, or every file would be
 * without it and nobody told why. */
static int take_name(struct sillok_profile *p, int key, const char *path,
                     const struct yaml_entry *e)
{
    if (e->is_list)
        return bad_entry(path, e, "a field has one name, not a list of them");
    if (!e->value.len || e->is_null)
        return bad_entry(path, e, "expected the name that the crawler gives it");
    return rename_key(p, key, e->value);
}

static int take_oid(struct sillok_profile *p, const char *path,
                    const struct yaml_entry *e)
{
    return profile_fits_key(e->value) && !e->is_null
               ? replace(&p->oid, e->value)
               : bad_entry(path, e,
                           "must be 1-64 of [A-Za-z0-9_-]; leave it out where files have "
                           "theirs");
}

static void find_shared(struct sillok_profile *p)
{
    for (int key = 1; key < N_KEYS; key++) {
        const int first = profile_key(p, p->keys[key]);
        if (first == key)
            continue;
        p->shared[p->n_shared].key = key;
        p->shared[p->n_shared++].first = first;
    }
}

static int apply(struct sillok_profile *p, const char *path, const struct yaml_entry *e)
{
    if (e->value.len && memchr(e->value.ptr, 0, e->value.len))
        return bad_entry(path, e, "a value holds a NUL byte");
    if (text_is(e->path, "name"))
        return replace(&p->name, e->value);
    if (text_is(e->path, "oid"))
        return take_oid(p, path, e);
    if (text_is(e->path, "zone"))
        return parse_zone(&p->zone_min, e->value) < 0
                   ? bad_entry(path, e, "a zone is UTC, KST, Asia/Seoul or like +09:00")
                   : 0;
    if (text_is(e->path, "template")) {
        if (!text_is(e->value, "naver") && !text_is(e->value, "none"))
            return bad_entry(path, e, "a template is naver or none");
        return p->has_template = text_is(e->value, "naver"), 0;
    }
    if (text_is(e->path, "content_hash")) {
        if (!text_is(e->value, "required") && !text_is(e->value, "optional"))
            return bad_entry(path, e, "expected required or optional");
        return p->hash_required = text_is(e->value, "required"), 0;
    }
    if (text_starts(e->path, "fields."))
        for (int i = 0; i < N_KEYS; i++)
            if (text_is(text_make(e->path.ptr + 7, e->path.len - 7), own_names[i]))
                return take_name(p, i, path, e);
    return bad_entry(
        path, e,
        "unknown key; there are name, zone, oid, template, content_hash and "
        "fields.{title, category, publisher, author, published_at, modified_at, "
        "url, crawled_at, oid, aid, content_hash, id, body}");
}

int sillok_profile_load(struct sillok_profile **out, const char *path)
{
    static const struct yaml_limits limits = YAML_LIMITS_CONFIG;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    int r = file_read_given(&text, path, limits.bytes);
    if (r < 0)
        return r;
    CLEANUP(sillok_profile_free) struct sillok_profile *p = calloc(1, sizeof(*p));
    if (!p)
        return fail_memory();
    for (int i = 0; i < N_KEYS; i++)
        if ((r = rename_key(p, i, text_of(own_names[i]))) < 0)
            return r;
    struct yaml_map map;
    r = yaml_read(&map, text_make(text.ptr, text.len), path, &limits);
    if (r < 0)
        return r;
    for (size_t i = 0; i < map.n && r == 0; i++)
        r = apply(p, path, &map.entries[i]);
    yaml_map_release(&map);
    if (r == 0 && !p->name)
        r = fail(SILLOK_EINVALID, "%s: a profile needs a name", path);
    find_shared(p);
    if (r == 0)
        *out = STEAL(p);
    return r;
}
