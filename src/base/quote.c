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

void quote_json(struct buf *b, struct sillok_text t)
{
    size_t from = 0;
    (void)buf_add_char(b, '"');
    for (size_t i = 0; i < t.len; i++) {
        const unsigned char c = (unsigned char)t.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        (void)buf_add(b, t.ptr + from, i - from);
        add_escape(b, c);
        from = i + 1;
    }
    (void)buf_add(b, t.ptr + from, t.len - from);
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
