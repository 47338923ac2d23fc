#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t ceiling)
{
    *b = (struct buf){ NULL, 0, 0, ceiling, 0 };
}

void buf_release(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){ NULL, 0, 0, b->ceiling, 0 };
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = 0;
}

int buf_reserve(struct buf *b, size_t n)
{
    if (n > b->ceiling || b->len > b->ceiling - n) {
        b->failed = 1;
        return fail(SILLOK_ENOMEM, "a text grew past its limit of %zu bytes", b->ceiling);
    }
    const size_t need = b->len + n;
    if (need <= b->cap)
        return 0;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap += cap / 2 + 16;
    if (cap > b->ceiling)
        cap = b->ceiling;
    char *ptr = realloc(b->ptr, cap);
    if (!ptr) {
        b->failed = 1;
        return fail_memory();
    }
    b->ptr = ptr;
    b->cap = cap;
    return 0;
}

int array_grow(void *array, size_t *cap, size_t size)
{
    void *v;
    size_t bytes;
    const size_t more = *cap ? 2 * *cap : 32;
    memcpy(&v, array, sizeof(v)); /* a pointer to any type */
    v = __builtin_mul_overflow(more, size, &bytes) ? NULL : realloc(v, bytes);
    if (!v)
        return fail_memory();
    memcpy(array, &v, sizeof(v));
    *cap = more;
    return 0;
}

int buf_add(struct buf *b, const void *ptr, size_t len)
{
    if (len == 0)
        return 0;
    const int r = buf_reserve(b, len);
    if (r < 0)
        return r;
    memcpy(b->ptr + b->len, ptr, len);
    b->len += len;
    return 0;
}

int buf_add_text(struct buf *b, struct sillok_text t)
{
    return buf_add(b, t.ptr, t.len);
}

int buf_add_str(struct buf *b, const char *str)
{
    return buf_add(b, str, strlen(str));
}

int buf_add_char(struct buf *b, char c)
{
    if (b->len == b->cap)
        return buf_add(b, &c, 1);
    b->ptr[b->len++] = c;
    return 0;
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    int r = n < 0 ? fail(SILLOK_ERR, "cannot format '%s'", fmt)
                  : buf_reserve(b, (size_t)n + 1);
    if (r == 0) {
        vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return r;
}

size_t varint_bytes(uint64_t v)
{
    size_t n = 1;
    for (; v >= 128; v >>= 7)
        n++;
    return n;
}

int buf_add_varint(struct buf *b, uint64_t v)
{
    uint8_t out[10];
    size_t n = 0;
    while (v >= 0x80) {
        out[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    out[n++] = (uint8_t)v;
    return buf_add(b, out, n);
}

int buf_add_zigzag(struct buf *b, int64_t v)
{
    return buf_add_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

enum { DIGITS_MAX = 20 }; /* of 64 bits */

/* The digits of @p n before @p end; where they begin. */
static char *write_digits(char *end, uint64_t n)
{
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

int buf_add_number(struct buf *b, int64_t n)
{
    char text[1 + DIGITS_MAX], *const end = text + sizeof(text);
    char *p = write_digits(end, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    if (n < 0)
        *--p = '-';
    return buf_add(b, p, (size_t)(end - p));
}

int buf_add_grouped(struct buf *b, uint64_t n)
{
    char text[DIGITS_MAX], *const end = text + sizeof(text);
    int r = 0;
    for (char *p = write_digits(end, n), *first = p; p < end && r == 0; p++) {
        if (p > first && (end - p) % 3 == 0)
            r = buf_add_char(b, ',');
        if (r == 0)
            r = buf_add_char(b, *p);
    }
    return r;
}

int buf_add_share(struct buf *b, double share, unsigned digits)
{
    unsigned one = 1;
    for (unsigned i = 0; i < digits; i++)
        one *= 10;
    /* The bit more is for 0.57, which is a hair less in binary. */
    const unsigned n = (unsigned)(share * one + 1e-6);
    return buf_printf(b, "%u.%0*u", n / one, (int)digits, n % one);
}

char *buf_take(struct buf *b, size_t *len)
{
    if (b->failed || buf_add_char(b, '\0') < 0) {
        buf_release(b);
        return NULL;
    }
    char *ptr = b->ptr;
    if (len)
        *len = b->len - 1;
    *b = (struct buf){ NULL, 0, 0, b->ceiling, 0 };
    return ptr;
}

static int compare_u32(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void buf_sort_u32(struct buf *b)
{
    uint32_t *v = (uint32_t *)(void *)b->ptr;
    const size_t n = b->len / sizeof(*v);
    size_t kept = 0;
    if (n)
        qsort(v, n, sizeof(*v), compare_u32);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    b->len = kept * sizeof(*v);
}

void buf_intersect_u32(struct buf *b, const struct buf *other)
{
    uint32_t *x = (uint32_t *)(void *)b->ptr;
    const uint32_t *y = (const uint32_t *)(const void *)other->ptr;
    const size_t n = b->len / sizeof(*x), m = other->len / sizeof(*y);
    size_t kept = 0;
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < m && y[k] < x[i])
            k++;
        if (k < m && y[k] == x[i])
            x[kept++] = x[i];
    }
    b->len = kept * sizeof(*x);
}

void buf_sort_u64(struct buf *b)
{
    uint64_t *v = (uint64_t *)(void *)b->ptr;
    const size_t n = b->len / sizeof(*v);
    size_t kept = 0;
    if (n)
        qsort(v, n, sizeof(*v), compare_u64);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    b->len = kept * sizeof(*v);
}

struct cursor cursor_of(const void *ptr, size_t len)
{
    const uint8_t *p = ptr;
    return (struct cursor){ p, p ? p + len : p, 0 };
}

uint64_t cursor_varint(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->ptr == c->end)
            break;
        const uint8_t byte = *c->ptr++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    c->bad = 1;
    c->ptr = c->end;
    return 0;
}

int64_t cursor_zigzag(struct cursor *c)
{
    const uint64_t v = cursor_varint(c);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
    if (c->bad || (size_t)(c->end - c->ptr) < n) {
        c->bad = 1;
        c->ptr = c->end;
        return NULL;
    }
    const uint8_t *p = c->ptr;
    c->ptr += n;
    return p;
}

size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->ptr);
}

void put_hex(char *out, const void *bytes, size_t n_bytes)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < n_bytes; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * n_bytes] = '\0';
}

/* One more than what a digit stands for: 0, it is none. A hash in each file is read by it. */
static const uint8_t hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int get_hex(uint8_t *out, const char *hex, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned hi = hex_values[(uint8_t)hex[2 * i]];
        const unsigned lo = hi ? hex_values[(uint8_t)hex[2 * i + 1]] : 0;
        if (!lo)
            return -1;
        out[i] = (uint8_t)((hi - 1) << 4 | (lo - 1));
    }
    return 0;
}

/* Eight bytes at a time, while there are as many. */
size_t text_common_start(struct sillok_text a, struct sillok_text b)
{
    const size_t less = a.len < b.len ? a.len : b.len;
    size_t n = 0;
    for (; less - n >= 8 && memcmp(a.ptr + n, b.ptr + n, 8) == 0; n += 8)
        ;
    while (n < less && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

size_t text_common_end(struct sillok_text a, struct sillok_text b)
{
    const size_t less = a.len < b.len ? a.len : b.len;
    const char *const x = a.ptr + a.len, *const y = b.ptr + b.len;
    size_t n = 0;
    for (; less - n >= 8 && memcmp(x - n - 8, y - n - 8, 8) == 0; n += 8)
        ;
    while (n < less && x[-(ptrdiff_t)n - 1] == y[-(ptrdiff_t)n - 1])
        n++;
    return n;
}

struct sillok_text text_last_part(struct sillok_text path)
{
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    return slash ? text_from(path, (size_t)(slash + 1 - path.ptr)) : path;
}

struct sillok_text text_trim(struct sillok_text t, const char *set)
{
    const size_t n = strlen(set);
    while (t.len && memchr(set, t.ptr[0], n))
        t = text_make(t.ptr + 1, t.len - 1);
    while (t.len && memchr(set, t.ptr[t.len - 1], n))
        t.len--;
    return t;
}

int text_number(struct sillok_text t, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t.len; i++) {
        const unsigned digit = (unsigned char)t.ptr[i] - (unsigned)'0';
        if (digit > 9 || n > max / 10 || digit > max - n * 10)
            return -1;
        n = n * 10 + digit;
    }
    *out = n;
    return t.len ? 0 : -1;
}

int text_compare(struct sillok_text a, struct sillok_text b)
{
    const size_t n = a.len < b.len ? a.len : b.len;
    const int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (c)
        return c;
    return a.len < b.len ? -1 : a.len > b.len;
}
