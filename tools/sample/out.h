/*
 * A growing byte buffer for the sample maker.
 *
 * Running out of memory ends the program: a corpus maker has nothing to save.
 */
#ifndef SAMPLE_OUT_H
#define SAMPLE_OUT_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct out {
    char *ptr;
    size_t len, cap;
};

static inline void out_grow(struct out *o, size_t more)
{
    const size_t need = o->len + more;
    if (need <= o->cap)
        return;
    size_t cap = o->cap ? o->cap : 4096;
    while (cap < need)
        cap *= 2;
    char *p = realloc(o->ptr, cap);
    if (!p) {
        fputs("sillok-sample: out of memory\n", stderr);
        exit(3);
    }
    o->ptr = p;
    o->cap = cap;
}

static inline void out_add(struct out *o, const char *ptr, size_t len)
{
    if (len == 0)
        return;
    out_grow(o, len);
    memcpy(o->ptr + o->len, ptr, len);
    o->len += len;
}

static inline void out_str(struct out *o, const char *str)
{
    out_add(o, str, strlen(str));
}

static inline void out_char(struct out *o, char c)
{
    out_add(o, &c, 1);
}

/** @p n in decimal, with zeros in front up to @p width digits. */
static inline void out_number(struct out *o, unsigned long long n, int width)
{
    char digits[24];
    int at = (int)sizeof(digits);
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
        width--;
    } while (n || width > 0);
    out_add(o, digits + at, sizeof(digits) - (size_t)at);
}

static inline void out_free(struct out *o)
{
    free(o->ptr);
    *o = (struct out){ 0 };
}

#endif
