#include "find/fold.h"

#include "diff/compose.h"

#include <stdlib.h>

#include <utf8proc.h>

struct folder {
    struct buf *text;
    struct buf *from; /* NULL: nobody asks */
    size_t space;     /* where a run of white space began */
    int has_space;
    size_t end; /* of the last character that was put */
};

static int put_bytes_from(struct folder *f, const char *ptr, size_t len, size_t at)
{
    const uint32_t from = (uint32_t)at;
    int r = buf_add(f->text, ptr, len);
    for (size_t i = 0; i < len && r == 0 && f->from; i++)
        r = buf_add(f->from, &from, sizeof(from));
    return r;
}

static int put_char(struct folder *f, uint32_t cp, size_t at)
{
    char bytes[4];
    int r = 0;
    if (f->has_space && f->text->len && f->text->ptr[f->text->len - 1] != FOLD_WALL)
        r = put_bytes_from(f, " ", 1, f->space);
    f->has_space = 0;
    return r < 0 ? r : put_bytes_from(f, bytes, utf8_encode(cp, bytes), at);
}

static int is_white(uint32_t cp)
{
    return cp <= 0x20 || (cp >= 0x7F && cp <= 0xA0) || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 ||
           cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

static int fold_char(struct folder *f, uint32_t cp, size_t at)
{
    if (cp < 0x7F && cp > 0x20)
        return put_char(f, cp >= 'A' && cp <= 'Z' ? cp + 32 : cp, at);
    if (is_white(cp)) {
        f->space = f->has_space ? f->space : at;
        f->has_space = 1;
        return 0;
    }
    if (cp >= 0xAC00 && cp <= 0xD7A3)
        return put_char(f, cp, at);
    /* Never seen: Default_Ignorable_Code_Point of UAX #44 has joiners, directions and shapes. */
    if (char_class_of(cp) == CHAR_BLANK ||
        utf8proc_get_property((utf8proc_int32_t)cp)->ignorable)
        return 0;
    return put_char(f, (uint32_t)utf8proc_tolower((utf8proc_int32_t)char_alike(cp)), at);
}

static int fold_cluster(struct folder *f, struct sillok_text t, size_t at)
{
    CLEANUP(buf_release) struct buf composed = BUF_INIT;
    int r = cluster_compose(&composed, t);
    for (size_t i = 0; i < composed.len && r == 0;) {
        uint32_t cp;
        i += char_decode(composed.ptr + i, composed.len - i, &cp);
        r = fold_char(f, cp, at);
    }
    return r;
}

static int fold(struct folder *f, struct sillok_text t)
{
    struct cluster c;
    int r = 0;
    for (size_t at = 0; at < t.len && r == 0; at = c.end) {
        const size_t before = f->text->len;
        c = cluster_at(t, at);
        if (c.steady) {
            uint32_t cp;
            char_decode(t.ptr + at, c.end - at, &cp);
            r = fold_char(f, cp, at);
        } else {
            r = fold_cluster(f, text_make(t.ptr + at, c.end - at), at);
        }
        if (f->text->len > before)
            f->end = c.end;
    }
    return r;
}

int fold_add(struct buf *out, struct sillok_text t)
{
    struct folder f = { .text = out };
    return fold(&f, t);
}

void fold_squeeze(struct buf *folded)
{
    size_t n = 0;
    for (size_t i = 0; i < folded->len; i++)
        if (folded->ptr[i] != ' ')
            folded->ptr[n++] = folded->ptr[i];
    folded->len = n;
}

void folded_init(struct folded *f, int any_blanks)
{
    buf_init(&f->text, BUF_CEILING);
    buf_init(&f->from, BUF_CEILING);
    buf_init(&f->squeezed, BUF_CEILING);
    buf_init(&f->at, BUF_CEILING);
    f->any_blanks = any_blanks;
}

void folded_release(struct folded *f)
{
    buf_release(&f->text);
    buf_release(&f->from);
    buf_release(&f->squeezed);
    buf_release(&f->at);
}

static int squeeze(struct folded *f)
{
    int r = 0;
    buf_clear(&f->squeezed);
    buf_clear(&f->at);
    for (size_t i = 0; i < f->text.len && r == 0; i++) {
        const uint32_t at = (uint32_t)i;
        if (f->text.ptr[i] == ' ')
            continue;
        r = buf_add_char(&f->squeezed, f->text.ptr[i]);
        if (r == 0)
            r = buf_add(&f->at, &at, sizeof(at));
    }
    return r;
}

int folded_read(struct folded *f, struct sillok_text t)
{
    struct folder folder = { .text = &f->text, .from = &f->from };
    buf_clear(&f->text);
    buf_clear(&f->from);
    int r = fold(&folder, t);
    const uint32_t end = (uint32_t)folder.end;
    if (r == 0)
        r = buf_add(&f->from, &end, sizeof(end));
    return r == 0 && f->any_blanks ? squeeze(f) : r;
}

/* Bytes [from, to) of `text` as bytes of the source. A character that was taken apart is
 * marked whole. */
static struct sillok_span in_source(const struct folded *f, size_t from, size_t to)
{
    const uint32_t *source = (const uint32_t *)(const void *)f->from.ptr;
    while (to < f->text.len && source[to] == source[to - 1])
        to++;
    return (struct sillok_span){ source[from], source[to] };
}

int folded_find(const struct folded *f, struct sillok_text term, struct buf *out)
{
    const struct buf *in = f->any_blanks ? &f->squeezed : &f->text;
    const uint32_t *at = (const uint32_t *)(const void *)f->at.ptr;
    size_t from = 0;
    int r = 0;
    while (r == 0 && term.len && in->len - from >= term.len) {
        const char *hit = memmem(in->ptr + from, in->len - from, term.ptr, term.len);
        if (!hit)
            break;
        const size_t start = (size_t)(hit - in->ptr), end = start + term.len;
        const struct sillok_span span = f->any_blanks
                                            ? in_source(f, at[start], at[end - 1] + 1)
                                            : in_source(f, start, end);
        r = buf_add(out, &span, sizeof(span));
        from = end;
    }
    return r;
}
