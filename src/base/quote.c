/* Texts inside other forms: see quote.h. What fails is told by @c failed of the buffer. */
#include "base/quote.h"

#include "base/utf8.h"

#include <string.h>

/* --- JSON --- */

/* RFC 8259, 7: what may not stand in a string as it is. */
static void add_escape(struct buf *b, unsigned char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at) {
        const char pair[2] = { '\\', letter[at - plain] };
        (void)buf_add(b, pair, sizeof(pair));
    } else
        (void)buf_printf(b, "\\u%04X", (unsigned)c);
}

/* Not 0 when one of eight bytes may not stand as it is. */
static uint64_t special_of(uint64_t v)
{
    const uint64_t ones = UINT64_MAX / 0xff, high = ones << 7;
    const uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';
    /* A byte below 0x20, or one that a pattern has made 0, borrows from its highest bit.
     * So may the one behind it: that there is one is sure, not which. */
    return (((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
            ((slash - ones) & ~slash)) &
           high;
}

/* Index of the first of them from @p i on, or t.len. */
static size_t next_special(struct sillok_text t, size_t i)
{
    for (uint64_t v; t.len - i >= sizeof(v); i += sizeof(v)) {
        memcpy(&v, t.ptr + i, sizeof(v));
        if (special_of(v))
            break;
    }
    for (; i < t.len; i++) {
        const unsigned char c = (unsigned char)t.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
    }
    return i;
}

void quote_json(struct buf *b, struct sillok_text t)
{
    size_t from = 0;
    (void)buf_add_char(b, '"');
    for (size_t i = 0; (i = next_special(t, i)) < t.len; i++) {
        (void)buf_add(b, t.ptr + from, i - from);
        add_escape(b, (unsigned char)t.ptr[i]);
        from = i + 1;
    }
    (void)buf_add_text(b, text_from(t, from));
    (void)buf_add_char(b, '"');
}

int quote_json_bytes(struct buf *b, struct sillok_text t)
{
    if (utf8_valid(t)) {
        quote_json(b, t);
        return 0;
    }
    CLEANUP(buf_release) struct buf valid = BUF_INIT;
    (void)utf8_add_valid(&valid, t);
    b->failed |= valid.failed;
    quote_json(b, text_make(valid.ptr, valid.len));
    return 1;
}

/* --- addresses --- */

static int is_escape(struct sillok_text url, size_t i)
{
    uint8_t byte;
    return url.len - i >= 3 && get_hex(&byte, url.ptr + i + 1, 1) == 0;
}

void quote_url(struct buf *b, struct sillok_text url)
{
    for (size_t i = 0; i < url.len; i++) {
        const unsigned char c = (unsigned char)url.ptr[i];
        const int plain = c > ' ' && c < 0x7f && !strchr("<>\"\\^`{|}#", c);
        if (c == '%' ? is_escape(url, i) : plain)
            (void)buf_add_char(b, url.ptr[i]);
        else
            (void)buf_printf(b, "%%%02X", c);
    }
}
