/*
 * Which reading of a body is right: the one that has the declared hash.
 *
 * A text may stand escaped or not, and end before the footer, where a section of reader
 * comments follows. So what stands up to the last footer is asked first, its entities undone
 * and as it is; then every empty line in it is tried as the end, in one pass with a running
 * hash. What fits the hash at once, which is nearly every file, is hashed once. It is always
 * the file's own bytes that are asked: a copy with CR LF of a text that was hashed with LF is
 * another text.
 */
#include "article/reader_internal.h"

#include "article/escape.h"

#include <string.h>

/* --- ends of lines --- */

int reader_has_crlf(struct sillok_text t)
{
    return t.len && memmem(t.ptr, t.len, "\r\n", 2) != NULL;
}

/* Bytes of the end of a line that stands at @p at: 1, 2, or 0 for none. */
static size_t line_end(struct sillok_text t, size_t at)
{
    const size_t cr = at < t.len && t.ptr[at] == '\r';
    return at + cr < t.len && t.ptr[at + cr] == '\n' ? cr + 1 : 0;
}

/* Where from @p from on a line ends and an empty one follows: at the LF, or t.len. */
static size_t next_empty(struct sillok_text t, size_t from, int crlf)
{
    while (from < t.len) {
        const struct sillok_text rest = text_from(t, from);
        const char *nl = crlf ? memchr(rest.ptr, '\n', rest.len)
                              : memmem(rest.ptr, rest.len, "\n\n", 2);
        if (!nl)
            break;
        from = (size_t)(nl - t.ptr);
        if (line_end(t, from + 1))
            return from;
        from++;
    }
    return t.len;
}

/* --- the declared hash --- */

/* Does @p text hash to @p want? Leaves the hash in @p id. Negative: error. */
static int hashes_to(struct reader *r, struct sillok_text text,
                     const struct sillok_id *want, struct sillok_id *id)
{
    const int rc = hasher_of(r->hasher, text, id);
    return rc < 0 ? rc : sillok_id_equal(id, want);
}

/* Hash on up to @p at: does what was hashed have the hash that is looked for? */
static int hash_up_to(struct reader *r, struct sillok_text text, size_t *from, size_t at,
                      const struct sillok_id *want)
{
    struct sillok_id id;
    int rc = hasher_add(r->hasher, text.ptr + *from, at - *from);
    *from = at;
    if (rc == 0)
        rc = hasher_peek(r->hasher, &id);
    return rc < 0 ? rc : sillok_id_equal(&id, want);
}

/* Try every empty line of @p text as the end of the body: 1 found, *len set. Where CR LF
 * ends a line, a CR before an empty line may be the text's own or not. */
static int find_end(struct reader *r, struct sillok_text text,
                    const struct sillok_id *want, size_t *len)
{
    const int crlf = reader_has_crlf(text);
    size_t from = 0, at = 0;
    int rc = hasher_begin(r->hasher);
    while (rc == 0 && (at = next_empty(text, at, crlf)) < text.len) {
        if (at > from && text.ptr[at - 1] == '\r')
            rc = hash_up_to(r, text, &from, at - 1, want);
        if (rc == 0)
            rc = hash_up_to(r, text, &from, at, want);
        at++;
    }
    *len = from;
    return rc;
}

static int undo_body(struct reader *r, struct sillok_text raw, enum escaping how,
                     struct sillok_text *out)
{
    buf_clear(&r->body);
    const int rc = how == ESCAPED_OTHERWISE ? escape_undo_any(&r->body, raw)
                                            : escape_undo(&r->body, raw);
    *out = text_make(r->body.ptr, r->body.len);
    return rc;
}

/* With no hash to ask: was the file written with escaping? Bare characters say no,
 * entities yes (there is an @p entity in @p raw); a file that shows neither reads the same
 * both ways. */
static int looks_escaped(const struct sillok_text fields[SILLOK_N_FIELDS],
                         struct sillok_text raw, int entity)
{
    if (escape_has_bare(raw))
        return 0;
    for (int i = 0; i < SILLOK_N_FIELDS; i++) {
        if (escape_has_bare(fields[i]))
            return 0;
        entity |= escape_has_entity(fields[i]);
    }
    return entity;
}

/* The same of the whole: an address with its slashes as &#x2F; is another program's work. */
static enum escaping looks(const struct sillok_text fields[SILLOK_N_FIELDS],
                           struct sillok_text raw, int entity)
{
    if (looks_escaped(fields, raw, entity))
        return ESCAPED;
    return escape_has_other(fields[SILLOK_URL]) ? ESCAPED_OTHERWISE : NOT_ESCAPED;
}

/* @p body, as it stands, has the hash. If there is an @p entity in it, that was hashed and
 * is the author's own text. */
static struct choice as_it_stands(const struct sillok_text *fields,
                                  struct sillok_text body, int entity,
                                  const struct sillok_id *id)
{
    const enum escaping escaped = entity ? NOT_ESCAPED : looks(fields, body, 0);
    return (struct choice){ .body = body, .id = *id, .escaped = escaped, .verified = 1 };
}

static struct choice undone(struct sillok_text body, enum escaping how,
                            const struct sillok_id *id)
{
    return (struct choice){ .body = body, .id = *id, .escaped = how, .verified = 1 };
}

/* 1 when @p raw too has an empty line after @p len bytes, the same as of @p plain: then
 * nothing was undone in them. The bytes alone do not say that: of "&amp;" and "&" the
 * first is the same. @p plain has that line, and undone it is never longer than @p raw.
 */
static int ends_alike(struct sillok_text raw, struct sillok_text plain, size_t len)
{
    const size_t end = line_end(raw, len);
    return memcmp(raw.ptr, plain.ptr, len) == 0 && end && line_end(raw, len + end);
}

/* Does @p raw, undone, end at an empty line? 1: *c is that. */
static int choose_undone_end(struct reader *r, struct sillok_text raw, enum escaping how,
                             const struct sillok_id *want, struct choice *c)
{
    struct sillok_text plain;
    size_t len;
    int rc = undo_body(r, raw, how, &plain);
    if (rc == 0)
        rc = find_end(r, plain, want, &len);
    if (rc <= 0 || ends_alike(raw, plain, len))
        return rc < 0 ? rc : 0;
    *c = undone(text_make(plain.ptr, len), how, want);
    return 1;
}

/* The body ends before the last footer: at an empty line, escaped or not. An entity that
 * stands behind that end, among the comments, says nothing about the body. */
static int choose_end(struct reader *r, const struct sillok_text *fields,
                      struct sillok_text raw, const struct sillok_id *want,
                      struct choice *c)
{
    size_t len;
    int rc = escape_has_entity(raw) ? choose_undone_end(r, raw, ESCAPED, want, c) : 0;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = find_end(r, raw, want, &len);
    if (rc > 0) {
        const struct sillok_text body = { raw.ptr, len };
        *c = as_it_stands(fields, body, escape_has_entity(body), want);
    } else if (rc == 0 && escape_has_other(raw)) {
        rc = choose_undone_end(r, raw, ESCAPED_OTHERWISE, want, c);
    }
    return rc < 0 ? rc : 0;
}

/* Has @p raw, undone, the hash? 1: *c is that. */
static int choose_undone(struct reader *r, struct sillok_text raw, enum escaping how,
                         const struct sillok_id *want, struct choice *c)
{
    struct sillok_text plain;
    struct sillok_id id;
    int rc = undo_body(r, raw, how, &plain);
    if (rc == 0)
        rc = hashes_to(r, plain, want, &id);
    if (rc > 0)
        *c = undone(plain, how, want);
    return rc;
}

/* Has @p raw the hash, its entities undone or as it stands? 1: c is that reading; 0: c->id
 * is the hash of @p raw. What others than the crawler's own template write is asked last. */
static int choose_whole(struct reader *r, const struct sillok_text *fields,
                        struct sillok_text raw, const struct sillok_id *want,
                        struct choice *c)
{
    const int entity = escape_has_entity(raw);
    int rc = entity ? choose_undone(r, raw, ESCAPED, want, c) : 0;
    if (rc == 0) {
        rc = hashes_to(r, raw, want, &c->id);
        if (rc > 0)
            *c = as_it_stands(fields, raw, entity, want);
    }
    return rc == 0 && escape_has_other(raw)
               ? choose_undone(r, raw, ESCAPED_OTHERWISE, want, c)
               : rc;
}

int reader_choose_form(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                       struct sillok_text body, const struct declared *declared,
                       struct choice *c)
{
    *c = (struct choice){ .body = body };
    if (!declared->present)
        return hasher_of(r->hasher, body, &c->id);
    const int rc = choose_whole(r, fields, body, &declared->id, c);
    return rc < 0 ? rc : 0;
}

int reader_choose(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                  struct sillok_text raw, const struct declared *declared,
                  struct choice *c)
{
    int rc = 0;
    *c = (struct choice){ .body = raw };
    if (declared->present)
        rc = choose_whole(r, fields, raw, &declared->id, c);
    if (rc == 0 && declared->present) {
        rc = choose_end(r, fields, raw, &declared->id, c);
        c->cut = rc == 0 && c->verified;
    }
    if (rc < 0 || c->verified)
        return rc < 0 ? rc : 0;
    c->escaped = looks(fields, raw, escape_has_entity(raw));
    if (c->escaped)
        rc = undo_body(r, raw, c->escaped, &c->body);
    return rc < 0 ? rc : hasher_of(r->hasher, c->body, &c->id);
}

/* --- the fields --- */

/* The template leaves no & but its own, so what else is a reference was made by another. */
int reader_take_fields(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                       int escaped, struct sillok_article *a)
{
    size_t at[SILLOK_N_FIELDS + 1] = { 0 };
    buf_clear(&r->fields);
    for (int i = 0; i < SILLOK_N_FIELDS; i++) {
        a->fields[i] = fields[i];
        const int rc = escaped ? escape_undo_any(&r->fields, fields[i]) : 0;
        if (rc < 0)
            return rc;
        at[i + 1] = r->fields.len;
    }
    for (int i = 0; escaped && i < SILLOK_N_FIELDS; i++)
        a->fields[i] = text_make(r->fields.ptr + at[i], at[i + 1] - at[i]);
    return 0;
}
