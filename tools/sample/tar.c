#include "tar.h"

#include <errno.h>
#include <unistd.h>

enum { BLOCK = 512, NAME_MAX_BYTES = 100, FLUSH_BYTES = 1 << 20 };
static const size_t end_bytes = 1024; /* two empty blocks end an archive */

int write_all(int fd, const char *ptr, size_t len)
{
    while (len) {
        const ssize_t n = write(fd, ptr, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        ptr += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A field of a header: octal digits and a zero byte. */
static void octal(char *field, size_t width, unsigned long long n)
{
    field[width - 1] = '\0';
    for (size_t i = width - 1; i-- > 0; n >>= 3)
        field[i] = (char)('0' + (n & 7));
}

/* The header block of POSIX.1-1988 ustar, GNU flavour: offset and size of each field as
 * in pax(1), "ustar Interchange Format". */
static void add_header(struct out *o, const char *name, size_t name_len, size_t size,
                       int64_t mtime_s, char type)
{
    out_grow(o, BLOCK);
    char *h = o->ptr + o->len;
    memset(h, 0, BLOCK);
    memcpy(h, name, name_len < NAME_MAX_BYTES ? name_len : NAME_MAX_BYTES);
    octal(h + 100, 8, 0644);
    octal(h + 108, 8, 0);
    octal(h + 116, 8, 0);
    octal(h + 124, 12, size);
    octal(h + 136, 12, (unsigned long long)mtime_s);
    memset(h + 148, ' ', 8);
    h[156] = type;
    memcpy(h + 257, "ustar  ", 8);
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)h[i];
    octal(h + 148, 7, sum);
    o->len += BLOCK;
}

static void add_padded(struct out *o, const char *data, size_t len)
{
    const size_t pad = (BLOCK - len % BLOCK) % BLOCK;
    out_add(o, data, len);
    out_grow(o, pad);
    memset(o->ptr + o->len, 0, pad);
    o->len += pad;
}

static int flush(struct tar *t)
{
    const int rc = write_all(t->fd, t->pending.ptr, t->pending.len);
    t->pending.len = 0;
    return rc;
}

int tar_add(struct tar *t, const char *name, size_t name_len, const char *data,
            size_t len, int64_t mtime_s)
{
    struct out *o = &t->pending;
    if (name_len > NAME_MAX_BYTES) {
        static const char link[] = "././@LongLink";
        add_header(o, link, sizeof(link) - 1, name_len + 1, 0, 'L');
        out_add(o, name, name_len);
        out_grow(o, BLOCK);
        memset(o->ptr + o->len, 0, BLOCK);
        o->len += BLOCK - name_len % BLOCK; /* at least the terminating zero */
    }
    add_header(o, name, name_len, len, mtime_s, '0');
    add_padded(o, data, len);
    return o->len >= FLUSH_BYTES ? flush(t) : 0;
}

int tar_end(struct tar *t)
{
    out_grow(&t->pending, end_bytes);
    memset(t->pending.ptr + t->pending.len, 0, end_bytes);
    t->pending.len += end_bytes;
    const int rc = flush(t);
    out_free(&t->pending);
    return rc;
}
