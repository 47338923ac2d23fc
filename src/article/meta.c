#include "article/meta.h"

#include "article/render.h"
#include "base/stages.h"
#include "base/utf8.h"

#include <string.h>
#include <xxhash.h>

enum { FLAG_URL = 1, FLAG_NAME = 2, SLUG_MAX = 50 };

int meta_digest_of(struct meta_digest *out, struct hasher *h,
                   const struct sillok_article *a)
{
    static const char domain[17] = "sillok version 1";
    uint8_t head[1024];
    uint8_t *p = head;
    memcpy(p, domain, sizeof(domain));
    p += sizeof(domain);
    memcpy(p, a->content_hash.bytes, sizeof(a->content_hash.bytes));
    p += sizeof(a->content_hash.bytes);
    put_be(p, XXH3_64bits(a->body.ptr, a->body.len), 8);
    put_be(p + 8, a->body.len, 8);
    p += 16;
    for (int i = 0; i < SILLOK_N_FIELDS; i++, p += 8)
        put_be(p, a->fields[i].len, 8);
    /* Fields are short as a rule: gathered, they are hashed in one call. */
    size_t gathered = 0;
    for (; gathered < SILLOK_N_FIELDS; gathered++) {
        const struct sillok_text f = a->fields[gathered];
        if (f.len > (size_t)(head + sizeof(head) - p))
            break;
        if (f.len)
            memcpy(p, f.ptr, f.len);
        p += f.len;
    }
    struct sillok_id id;
    const int before = stage_enter(STAGE_HASH);
    int r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, head, (size_t)(p - head));
    for (size_t i = gathered; i < SILLOK_N_FIELDS && r == 0; i++)
        r = hasher_add(h, a->fields[i].ptr, a->fields[i].len);
    if (r == 0)
        r = hasher_end(h, &id);
    stage_leave(before);
    if (r == 0)
        memcpy(out->bytes, id.bytes, sizeof(out->bytes));
    return r;
}

/* What the slug does with a character: itself, '_', or 0 for nothing. */
static uint32_t slug_char(uint32_t cp)
{
    if (cp >= 'A' && cp <= 'Z')
        return cp + ('a' - 'A');
    if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || cp == '-' || cp == '_')
        return cp;
    if (cp == ' ')
        return '_';
    if ((cp >= 0xAC00 && cp <= 0xD7A3) || (cp >= 0x4E00 && cp <= 0x9FA5))
        return cp;
    return 0;
}

/* Append the slug of @p title at @p to, where there is room for it; its end. */
static char *add_slug(char *to, struct sillok_text title)
{
    char *const start = to;
    size_t used;
    int n = 0;
    for (size_t at = 0; at < title.len && n < SLUG_MAX; at += used) {
        uint32_t cp;
        used = utf8_decode(title.ptr + at, title.len - at, &cp);
        cp = slug_char(cp);
        if (!cp || (cp == '_' && to == start))
            continue;
        if (cp < 0x80)
            *to++ = (char)cp;
        else /* as it is */
            to = (char *)memcpy(to, title.ptr + at, used) + used;
        n++;
    }
    while (to > start && to[-1] == '_')
        to--;
    return to;
}

int meta_guess_name(struct buf *out, const struct sillok_article *a)
{
    static const char end[] = ".md";
    enum { CHAR_BYTES = 4 };
    if (buf_reserve(out, a->oid.len + a->aid.len + 2 + (size_t)SLUG_MAX * CHAR_BYTES +
                             sizeof(end)) < 0)
        return SILLOK_ENOMEM;
    (void)buf_add_text(out, a->oid);
    (void)buf_add_char(out, '_');
    (void)buf_add_text(out, a->aid);
    char *const bare = out->ptr + out->len;
    char *to = add_slug(bare + 1, a->fields[SILLOK_TITLE]);
    *bare = '_';
    if (to == bare + 1)
        to = bare; /* a title without letters leaves only the id */
    out->len = (size_t)(to - out->ptr);
    return buf_add_str(out, end);
}

int meta_encode(struct buf *out, const struct sillok_article *a, struct sillok_text name,
                int *guessed)
{
    uint64_t flags = 0;
    const size_t start = out->len; /* both guesses are made there, and taken back */
    int r = render_url(out, a->oid, a->aid);
    if (r < 0)
        return r;
    if (text_equal(text_from(buf_text(out), start), a->fields[SILLOK_URL]))
        flags |= FLAG_URL;
    out->len = start;
    r = meta_guess_name(out, a);
    if (r < 0)
        return r;
    if (text_equal(text_from(buf_text(out), start), name))
        flags |= FLAG_NAME;
    out->len = start;
    *guessed = (flags & FLAG_NAME) != 0;

    (void)buf_add_varint(out, flags);
    for (int i = 0; i < SILLOK_N_FIELDS; i++) {
        if (i == SILLOK_URL && flags & FLAG_URL) {
            (void)buf_add_varint(out, 0);
            continue;
        }
        (void)buf_add_varint(out, a->fields[i].len);
        (void)buf_add_text(out, a->fields[i]);
    }
    if (flags & FLAG_NAME)
        name.len = 0;
    (void)buf_add_varint(out, name.len);
    (void)buf_add_text(out, name);
    return out->failed ? SILLOK_ENOMEM : 0;
}

static struct sillok_text read_text(struct cursor *c)
{
    const uint64_t len = cursor_varint(c);
    const uint8_t *p = cursor_bytes(c, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
    return text_make((const char *)p, p ? (size_t)len : 0);
}

int meta_decode(struct sillok_article *a, struct sillok_text *name,
                struct sillok_text record, struct buf *scratch)
{
    struct cursor c = cursor_of(record.ptr, record.len);
    const uint64_t flags = cursor_varint(&c);
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        a->fields[i] = read_text(&c);
    *name = read_text(&c);
    if (c.bad || cursor_left(&c) || flags > (FLAG_URL | FLAG_NAME))
        return fail(SILLOK_ECORRUPT, "a metadata record cannot be read");

    /* Both derived texts go into one scratch: the pointers are set when it is filled. */
    buf_clear(scratch);
    int r = flags & FLAG_URL ? render_url(scratch, a->oid, a->aid) : 0;
    const size_t url_len = scratch->len;
    if (r == 0 && flags & FLAG_NAME)
        r = meta_guess_name(scratch, a);
    if (r < 0)
        return r;
    if (flags & FLAG_URL)
        a->fields[SILLOK_URL] = text_make(scratch->ptr, url_len);
    if (flags & FLAG_NAME)
        *name = text_make(scratch->ptr + url_len, scratch->len - url_len);
    return 0;
}
