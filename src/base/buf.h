/*
 * Growing memory: bytes, and arrays of other things. And texts, which are borrowed bytes.
 *
 * Invariants of a buf
 *  1. ptr[0..len) is the content; ptr is NULL only while cap is 0.
 *  2. len never passes the ceiling given at init: what would is SILLOK_ENOMEM.
 *  3. A failed append leaves the content as it was. The failure also sticks in `failed`,
 *     so that a printer may append many times and ask once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/fail.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct buf {
    char *ptr;
    size_t len, cap, ceiling;
    int failed;
};

#define BUF_CEILING ((size_t)1 << 30)
#define BUF_INIT                                                                         \
    {                                                                                    \
        NULL, 0, 0, BUF_CEILING, 0                                                       \
    }

void buf_init(struct buf *b, size_t ceiling);
void buf_release(struct buf *b);
/** Empty it, keep the memory. */
void buf_clear(struct buf *b);

/** Make room for @p n more bytes after the content. */
int buf_reserve(struct buf *b, size_t n);
int buf_add(struct buf *b, const void *ptr, size_t len);
int buf_add_text(struct buf *b, struct sillok_text t);
int buf_add_str(struct buf *b, const char *str);
int buf_add_char(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Unsigned LEB128: 7 bits a byte, least significant first. */
int buf_add_varint(struct buf *b, uint64_t v);
/** How many bytes that takes. */
size_t varint_bytes(uint64_t v);
/** Signed as zigzag: 0 -1 1 -2 2 ... */
int buf_add_zigzag(struct buf *b, int64_t v);
int buf_add_number(struct buf *b, int64_t n);
/** For people: 1,234,567. */
int buf_add_grouped(struct buf *b, uint64_t n);
/** For people: a share, 0 to 1, with @p digits behind the point, 1 to 6. Cut, not rounded:
 *  1.00 says that it is all. */
int buf_add_share(struct buf *b, double share, unsigned digits);

/** The content as a zero-terminated string of the caller's; the buf is empty after. NULL:
 *  no memory, or an append had failed. */
char *buf_take(struct buf *b, size_t *len);

int array_grow(void *array, size_t *cap, size_t size);
/**
 * Room for one item more, of @p size bytes, in an array of @p n that has room for @p *cap.
 * @param array  the address of the pointer to it, which is NULL at first; free() in the end
 * @return 0;  SILLOK_ENOMEM, and the array is as it was
 */
static inline int array_room(void *array, size_t n, size_t *cap, size_t size)
{
    return n < *cap ? 0 : array_grow(array, cap, size);
}

/** The numbers that the content is, uint32_t or uint64_t, in ascending order, each once. */
void buf_sort_u32(struct buf *b);
/** Keep of @p b what is in @p other too; both are sorted so. */
void buf_intersect_u32(struct buf *b, const struct buf *other);
void buf_sort_u64(struct buf *b);

/** A reader over borrowed bytes. Every read checks; after a short read `bad` stays set.
 */
struct cursor {
    const uint8_t *ptr, *end;
    int bad;
};
struct cursor cursor_of(const void *ptr, size_t len);
uint64_t cursor_varint(struct cursor *c);
int64_t cursor_zigzag(struct cursor *c);
/** @p n bytes, or NULL and bad. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);
size_t cursor_left(const struct cursor *c);

/** Big-endian integers, the byte order of all keys and fixed fields on disk. */
static inline void put_be(uint8_t *out, uint64_t v, int n_bytes)
{
    for (int i = n_bytes - 1; i >= 0; i--) {
        out[i] = (uint8_t)v;
        v >>= 8;
    }
}

static inline uint64_t get_be(const uint8_t *in, int n_bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < n_bytes; i++)
        v = v << 8 | in[i];
    return v;
}

/** @p n_bytes as twice as many lower-case hex digits and a zero. */
void put_hex(char *out, const void *bytes, size_t n_bytes);
/** The reverse, of digits in either case; -1: not hex, or too short. */
int get_hex(uint8_t *out, const char *hex, size_t n_bytes);

/** Bit @p i of the content, from the lowest of the first byte on; behind its end 0. */
static inline int buf_bit(const struct buf *b, uint64_t i)
{
    return i / 8 < b->len && ((uint8_t)b->ptr[i / 8] >> i % 8 & 1);
}

/** Set bit @p i, which is within the content. */
static inline void buf_set_bit(struct buf *b, uint64_t i)
{
    uint8_t *byte = (uint8_t *)b->ptr + i / 8;
    *byte = (uint8_t)(*byte | 1u << i % 8);
}

/* --- texts --- */

/* Inline, so that the length of a literal is known when compiling. */
static inline struct sillok_text text_make(const char *ptr, size_t len)
{
    return (struct sillok_text){ ptr, len };
}

/** A literal as the initial value of a struct sillok_text. */
#define LITERAL(literal)                                                                 \
    {                                                                                    \
        "" literal "", sizeof(literal) - 1                                               \
    }

static inline struct sillok_text text_of(const char *str)
{
    return text_make(str, str ? strlen(str) : 0);
}

/** The content; valid until the buf changes. */
static inline struct sillok_text buf_text(const struct buf *b)
{
    return text_make(b->ptr ? b->ptr : "", b->len);
}

/** From byte @p from on; of an empty text, which may be nowhere, all of it. */
static inline struct sillok_text text_from(struct sillok_text t, size_t from)
{
    return t.len ? text_make(t.ptr + from, t.len - from) : t;
}

static inline int text_equal(struct sillok_text a, struct sillok_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline int text_is(struct sillok_text a, const char *str)
{
    return text_equal(a, text_of(str));
}

static inline int text_starts(struct sillok_text a, const char *str)
{
    const size_t n = strlen(str);
    return a.len >= n && memcmp(a.ptr, str, n) == 0;
}

static inline int text_ends(struct sillok_text a, const char *str)
{
    const size_t n = strlen(str);
    return a.len >= n && memcmp(a.ptr + a.len - n, str, n) == 0;
}

/** How many bytes both begin with. */
size_t text_common_start(struct sillok_text a, struct sillok_text b);
/** And end with. */
size_t text_common_end(struct sillok_text a, struct sillok_text b);

/** Without the characters of @p set, ASCII, at its beginning and its end. */
struct sillok_text text_trim(struct sillok_text t, const char *set);

/** The last part of a path: what stands behind its last '/', or all of it. */
struct sillok_text text_last_part(struct sillok_text path);

/** A number of decimal digits alone, at most @p max; -1: it is something else. */
int text_number(struct sillok_text t, uint64_t max, uint64_t *out);

/** memcmp order, the shorter first among equal starts. */
int text_compare(struct sillok_text a, struct sillok_text b);

/* --- ownership --- */

/** CLEANUP(foo_free) struct foo *p = NULL;  calls foo_free(p) when the scope is left. */
#define CLEANUP(fn) __attribute__((cleanup(fn##_cleanup)))
#define DEFINE_CLEANUP(type, fn)                                                         \
    static inline void fn##_cleanup(type *p)                                             \
    {                                                                                    \
        if (*p)                                                                          \
            fn(*p);                                                                      \
    }
#define STEAL(p)                                                                         \
    __extension__({                                                                      \
        __typeof__(p) steal_tmp = (p);                                                   \
        (p) = NULL;                                                                      \
        steal_tmp;                                                                       \
    })

/** CLEANUP(free) char *path = file_in(folder, name); */
DEFINE_CLEANUP(char *, free)

static inline void buf_release_cleanup(struct buf *b)
{
    buf_release(b);
}

#endif
