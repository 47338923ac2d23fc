#include "store/seal.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    MAGIC_BYTES = 16,
    HEAD_BYTES = 40,
    SLOT_BYTES = 512,
    SUMS_AT = 4096,
    SUM_BYTES = 8
};
static const char magic[MAGIC_BYTES] = "sillok-seal 1\n";

uint64_t seal_sum(const void *ptr, size_t len)
{
    const uint64_t sum = XXH3_64bits(ptr, len);
    return sum ? sum : 1;
}

/* --- life --- */

static int look_at_length(struct seal *s)
{
    struct stat st;
    if (fstat(s->fd, &st) < 0)
        return fail_errno("cannot stat '%s'", s->path);
    if (!S_ISREG(st.st_mode))
        return fail(SILLOK_ECORRUPT, "the store is damaged: '%s' is no regular file",
                    s->path);
    const uint64_t n =
        st.st_size > SUMS_AT ? ((uint64_t)st.st_size - SUMS_AT) / SUM_BYTES : 0;
    __atomic_store_n(&s->n_sums, n, __ATOMIC_RELEASE);
    return 0;
}

static int set_up(struct seal *s, const char *path, int flags, mode_t mode)
{
    *s = (struct seal){ .fd = -1, .path = strdup(path) };
    if (!s->path)
        return fail_memory();
    s->fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode); /* a FIFO */
    if (s->fd < 0 && (errno == EISDIR || errno == ELOOP || errno == ENXIO))
        return fail(SILLOK_ECORRUPT, "the store is damaged: '%s' is no regular file",
                    path);
    if (s->fd < 0)
        return errno == ENOENT ? fail(SILLOK_ENOTFOUND, "there is no '%s'", path)
                               : fail_errno("cannot open '%s'", path);
    return look_at_length(s);
}

int seal_open(struct seal *s, const char *path, int read_only)
{
    return set_up(s, path, read_only ? O_RDONLY : O_RDWR, 0);
}

int seal_create(struct seal *s, const char *path, mode_t mode)
{
    return set_up(s, path, O_RDWR | O_CREAT | O_TRUNC, mode);
}

int seal_map(struct seal *s, uint64_t max_pages)
{
    const size_t bytes = SUMS_AT + (size_t)max_pages * SUM_BYTES;
    void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, s->fd, 0);
    if (map == MAP_FAILED)
        return fail_errno("cannot map '%s'", s->path);
    if (s->map)
        (void)munmap((void *)(uintptr_t)s->map,
                     s->map_bytes); /* cannot fail: it is ours */
    s->map = map;
    s->map_bytes = bytes;
    return 0;
}

void seal_close(struct seal *s)
{
    if (s->map)
        (void)munmap((void *)(uintptr_t)s->map, s->map_bytes);
    if (s->fd >= 0)
        (void)close(s->fd); /* what was written has been synced */
    free(s->path);
    *s = (struct seal){ .fd = -1 };
}

/* --- heads --- */

static void decode_head(struct seal_head *out, const uint8_t *p)
{
    *out = (struct seal_head){ .txn = get_be(p + 16, 8), .meta_sum = get_be(p + 24, 8) };
    out->valid =
        memcmp(p, magic, MAGIC_BYTES) == 0 && get_be(p + 32, 8) == seal_sum(p, 32);
}

/* As much of it as the file has; -1 with errno. */
static ssize_t read_at(const struct seal *s, uint8_t *out, size_t len, off_t at)
{
    size_t got = 0;
    while (got < len) {
        const ssize_t n = pread(s->fd, out + got, len - got, at + (off_t)got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? n : (ssize_t)got;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* In one call: every snapshot asks. */
int seal_heads(const struct seal *s, struct seal_head out[2])
{
    uint8_t slots[SLOT_BYTES + HEAD_BYTES];
    const ssize_t n = read_at(s, slots, sizeof(slots), 0);
    if (n < 0)
        return fail_errno("cannot read '%s'", s->path);
    for (int i = 0; i < 2; i++) {
        out[i] = (struct seal_head){ 0 };
        if (n >= i * SLOT_BYTES + HEAD_BYTES)
            decode_head(&out[i], slots + (size_t)i * SLOT_BYTES);
    }
    return 0;
}

const struct seal_head *seal_last(const struct seal_head heads[2])
{
    if (heads[0].valid && heads[1].valid)
        return &heads[heads[1].txn > heads[0].txn];
    return heads[0].valid ? &heads[0] : heads[1].valid ? &heads[1] : NULL;
}

/* --- sums --- */

uint64_t seal_get(struct seal *s, uint64_t page)
{
    if (page >= __atomic_load_n(&s->n_sums, __ATOMIC_ACQUIRE) &&
        (look_at_length(s) < 0 || page >= __atomic_load_n(&s->n_sums, __ATOMIC_ACQUIRE)))
        return 0;
    if (SUMS_AT + (page + 1) * SUM_BYTES > s->map_bytes)
        return 0;
    return get_be(s->map + SUMS_AT + page * SUM_BYTES, SUM_BYTES);
}

static int write_at(const struct seal *s, const uint8_t *p, size_t len, off_t at)
{
    while (len > 0) {
        const ssize_t n = pwrite(s->fd, p, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_errno("cannot write '%s'", s->path);
        p += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int seal_write(struct seal *s, const struct seal_run *runs, size_t n,
               const struct seal_head *head)
{
    uint8_t block[64 * SUM_BYTES], slot[HEAD_BYTES];
    int r = 0;
    for (size_t i = 0; i < n && r == 0;) {
        const uint64_t first = runs[i].page;
        size_t k = 0;
        for (; k < sizeof(block) / SUM_BYTES && i < n && runs[i].page == first + k;
             k++, i++)
            put_be(block + k * SUM_BYTES, runs[i].sum, SUM_BYTES);
        r = write_at(s, block, k * SUM_BYTES, (off_t)(SUMS_AT + first * SUM_BYTES));
    }
    if (r == 0 && fdatasync(s->fd) < 0)
        r = fail_errno("cannot sync '%s'", s->path);
    if (r < 0)
        return r;
    memcpy(slot, magic, MAGIC_BYTES);
    put_be(slot + 16, head->txn, 8);
    put_be(slot + 24, head->meta_sum, 8);
    put_be(slot + 32, seal_sum(slot, 32), 8);
    r = write_at(s, slot, sizeof(slot), (off_t)(head->txn & 1) * SLOT_BYTES);
    /* The next commit must not be on the disk before this head, or a power cut would
     * leave the seal two transactions behind. */
    if (r == 0 && fdatasync(s->fd) < 0)
        r = fail_errno("cannot sync '%s'", s->path);
    return r < 0 ? r : look_at_length(s);
}

int seal_read_all(struct buf *out, const char *path)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    int r = buf_printf(&name, "%s-seal", path);
    if (r == 0)
        r = file_read(out, name.ptr, BUF_CEILING);
    return r == SILLOK_ENOMEM ? r : 0; /* without a seal rows are judged one by one */
}

uint64_t seal_pages_in(const struct buf *bytes)
{
    return bytes->len > SUMS_AT ? (bytes->len - SUMS_AT) / SUM_BYTES : 0;
}

uint64_t seal_txn_in(const struct buf *bytes)
{
    uint64_t txn = 0;
    for (size_t i = 0; i < 2 && bytes->len >= i * SLOT_BYTES + HEAD_BYTES; i++) {
        struct seal_head head;
        decode_head(&head, (const uint8_t *)bytes->ptr + i * SLOT_BYTES);
        if (head.valid && head.txn > txn)
            txn = head.txn;
    }
    return txn;
}

uint64_t seal_sum_in(const struct buf *bytes, uint64_t page)
{
    /* The number may be any: it can stand in a damaged page. */
    if (page >= seal_pages_in(bytes))
        return 0;
    return get_be((const uint8_t *)bytes->ptr + SUMS_AT + page * SUM_BYTES, SUM_BYTES);
}
