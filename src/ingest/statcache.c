#include "ingest/statcache.h"

#include "article/reader.h"
#include "base/file.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statfs.h>
#include <unistd.h>
#define XXH_INLINE_ALL /* the state of a hash is on the stack: as large as here, no library's */
#include <xxhash.h>

enum {
    MAGIC_BYTES = 16,
    SECRET_BYTES = 16,
    MARK_AT = MAGIC_BYTES + SECRET_BYTES,
    COUNT_AT = MARK_AT + STORE_MARK_BYTES,
    SUM_AT = COUNT_AT + 8,
    HEAD_BYTES = SUM_AT + 8
};
_Static_assert(HEAD_BYTES == 64, "as the header says");
_Static_assert(sizeof(struct statcache_entry) == 18, "as the header says");

static const char magic[MAGIC_BYTES] = "sillok-stat 2\n";

struct statcache {
    struct sillok_store *store;
    char *path, *aside;
    int64_t began_ns;
    uint8_t secret[SECRET_BYTES];
    XXH128_canonical_t settings;
    struct buf old; /* the file; empty: there is nothing to trust */
    uint8_t *met;   /* of each old entry: this run asked for it */
    size_t n_old;
    struct buf added; /* struct statcache_entry */
};

static const struct statcache_entry *entries(const struct buf *b, size_t at)
{
    return (const struct statcache_entry *)(const void *)(at ? b->ptr + at : b->ptr);
}

/* A key is what an entry begins with. As numbers, they are sorted in half the time. */
static int compare_keys(const void *a, const void *b)
{
    uint64_t x, y;
    _Static_assert(sizeof(x) == STATCACHE_KEY_BYTES, "a key is a number");
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    x = be64toh(x);
    y = be64toh(y);
    return (x > y) - (x < y);
}

/* --- keys and prints --- */

static void add_number(struct buf *b, uint64_t v)
{
    uint8_t bytes[8];
    put_be(bytes, v, sizeof(bytes));
    (void)buf_add(b, bytes, sizeof(bytes));
}

/* With its length, so that two texts are not another two. */
static void add_text(struct buf *b, struct sillok_text t)
{
    add_number(b, t.len);
    (void)buf_add_text(b, t);
}

static int take_settings(struct statcache *c, const struct sillok_profile *p)
{
    const struct sillok_limits *l = &c->store->limits;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    add_text(&b, text_of(SILLOK_VERSION));
    add_number(&b, READER_VERSION);
    add_text(&b, text_of(p->name));
    add_number(&b, (uint64_t)p->zone_min);
    add_number(&b, (uint64_t)p->has_template);
    add_number(&b, (uint64_t)p->hash_required);
    add_number(&b, p->oid != NULL);
    add_text(&b, text_of(p->oid));
    for (int i = 0; i < N_KEYS; i++)
        add_text(&b, p->keys[i]);
    add_number(&b, l->file_bytes);
    add_number(&b, l->front_matter_bytes);
    add_number(&b, l->field_bytes);
    add_number(&b, l->front_matter_keys);
    if (b.failed)
        return SILLOK_ENOMEM;
    XXH128_canonicalFromHash(&c->settings, XXH3_128bits(b.ptr, b.len));
    return 0;
}

static void hash_text(XXH3_state_t *h, struct sillok_text t)
{
    uint8_t n_bytes[8];
    put_be(n_bytes, t.len, sizeof(n_bytes));
    (void)XXH3_128bits_update(h, n_bytes, sizeof(n_bytes));
    (void)XXH3_128bits_update(h, t.ptr, t.len);
}

void statcache_key(const struct statcache *c, struct statcache_entry *out,
                   const char *crawl, struct sillok_text path)
{
    XXH3_state_t h;
    XXH128_canonical_t hash;
    (void)XXH3_128bits_reset(&h);
    (void)XXH3_128bits_update(&h, c->secret, sizeof(c->secret));
    (void)XXH3_128bits_update(&h, c->settings.digest, sizeof(c->settings.digest));
    hash_text(&h, text_of(crawl));
    hash_text(&h, path);
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(&h));
    memset(out, 0, sizeof(*out));
    memcpy(out->key, hash.digest, sizeof(out->key));
}

static int is_racy(const struct timespec *t, int64_t began_ns)
{
    /* A time that cannot be one is as good as now. */
    if (t->tv_sec < 0 || t->tv_sec > INT64_MAX / 1000000000 - RACY_S - 1)
        return 1;
    return ((int64_t)t->tv_sec + RACY_S) * 1000000000 + t->tv_nsec >= began_ns;
}

int statcache_print(const struct statcache *c, struct statcache_entry *e,
                    const struct stat *st)
{
    uint8_t bytes[SECRET_BYTES + 7 * sizeof(uint64_t)];
    const uint64_t numbers[7] = {
        (uint64_t)st->st_dev,          (uint64_t)st->st_ino,
        (uint64_t)st->st_size,         (uint64_t)st->st_mtim.tv_sec,
        (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
        (uint64_t)st->st_ctim.tv_nsec,
    };
    XXH128_canonical_t hash;
    if (!S_ISREG(st->st_mode) || is_racy(&st->st_mtim, c->began_ns) ||
        is_racy(&st->st_ctim, c->began_ns))
        return 0;
    memcpy(bytes, c->secret, SECRET_BYTES);
    for (size_t i = 0; i < 7; i++)
        put_be(bytes + SECRET_BYTES + i * 8, numbers[i], 8);
    XXH128_canonicalFromHash(&hash, XXH3_128bits(bytes, sizeof(bytes)));
    memcpy(e->print, hash.digest, sizeof(e->print));
    return 1;
}

/* The numbers are the kernel's (linux/magic.h and the file systems' own). Network file
 * systems answer stat() from memory that may be a minute old; FAT has no ctime. */
int statcache_trusts(int folder_fd, dev_t *dev)
{
    static const uint32_t kinds[] = {
        0xef53,     /* ext2, ext3, ext4 */
        0x58465342, /* XFS */
        0x9123683e, /* btrfs */
        0x01021994, /* tmpfs */
        0xf2f52010, /* F2FS */
        0x794c7630, /* overlayfs; files of a lower layer may be of another device */
        0x2fc12fc1, /* ZFS */
        0xca451a4e, /* bcachefs */
    };
    struct statfs fs;
    struct stat st;
    if (fstatfs(folder_fd, &fs) < 0 || fstat(folder_fd, &st) < 0)
        return 0;
    *dev = st.st_dev;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if ((uint32_t)fs.f_type == kinds[i])
            return 1;
    return 0;
}

/* --- life --- */

static uint64_t sum_of(const uint8_t *head, const void *list, size_t len)
{
    const uint64_t of_head = XXH3_64bits(head, SUM_AT);
    return len ? XXH3_64bits_withSeed(list, len, of_head) : of_head;
}

/* Is it whole, and of the store as it is now? */
static int is_good(const struct statcache *c, const uint8_t *mark)
{
    const uint8_t *head = (const uint8_t *)c->old.ptr;
    if (c->old.len < HEAD_BYTES || memcmp(head, magic, MAGIC_BYTES) != 0)
        return 0;
    const size_t len = c->old.len - HEAD_BYTES;
    const uint64_t n = get_be(head + COUNT_AT, 8);
    return n <= STATCACHE_MAX && len == n * sizeof(struct statcache_entry) &&
           memcmp(head + MARK_AT, mark, STORE_MARK_BYTES) == 0 &&
           get_be(head + SUM_AT, 8) == sum_of(head, head + HEAD_BYTES, len);
}

static int load(struct statcache *c)
{
    uint8_t mark[STORE_MARK_BYTES];
    const size_t most = HEAD_BYTES + STATCACHE_MAX * sizeof(struct statcache_entry);
    int r = file_read(&c->old, c->path, most);
    if (r == SILLOK_ENOMEM)
        return r;
    if (r < 0 || c->store->ops->mark(c->store, mark) <= 0 || !is_good(c, mark)) {
        buf_clear(&c->old);
        return getrandom(c->secret, sizeof(c->secret), 0) == (ssize_t)sizeof(c->secret)
                   ? 0
                   : fail_errno("cannot get random bytes");
    }
    memcpy(c->secret, c->old.ptr + MAGIC_BYTES, SECRET_BYTES);
    c->n_old = (c->old.len - HEAD_BYTES) / sizeof(struct statcache_entry);
    c->met = calloc(c->n_old + 1, 1);
    return c->met ? 0 : fail_memory();
}

int statcache_open(struct statcache **out, struct sillok_store *store,
                   const struct sillok_profile *profile, int64_t began_ns)
{
    struct statcache *c = calloc(1, sizeof(*c));
    if (!c)
        return fail_memory();
    c->store = store;
    c->began_ns = began_ns;
    buf_init(&c->old, BUF_CEILING);
    buf_init(&c->added, BUF_CEILING);
    c->path = file_in(store->path, "stat.cache");
    c->aside = file_in(store->path, "stat.cache.new");
    int r = c->path && c->aside ? load(c) : fail_memory();
    if (r == 0)
        r = take_settings(c, profile);
    if (r < 0) {
        statcache_free(c);
        return r;
    }
    *out = c;
    return 0;
}

void statcache_free(struct statcache *c)
{
    if (!c)
        return;
    buf_release(&c->old);
    buf_release(&c->added);
    free(c->met);
    free(c->path);
    free(c->aside);
    free(c);
}

/* --- asking and remembering --- */

/* Keys are hashes, so where one stands follows from what it is, but for some places more or
 * less: [*low, *high) becomes what it must be in. */
static void narrow(const struct statcache_entry *list, uint64_t key, size_t *low,
                   size_t *high)
{
    enum { SHIFT = 32, STEP = 32 };
    const size_t n = *high;
    const size_t at = (size_t)((key >> SHIFT) * n >> SHIFT);
    size_t from = at, to = at;
    for (size_t step = STEP;
         from > 0 && get_be(list[from].key, STATCACHE_KEY_BYTES) > key; step *= 2)
        from = from > step ? from - step : 0;
    for (size_t step = STEP; to < n && get_be(list[to].key, STATCACHE_KEY_BYTES) <= key;
         step *= 2)
        to = to + step < n ? to + step : n;
    *low = from;
    *high = to;
}

const struct statcache_entry *statcache_find(struct statcache *c,
                                             const struct statcache_entry *key)
{
    if (!c->n_old)
        return NULL;
    const struct statcache_entry *list = entries(&c->old, HEAD_BYTES);
    size_t low = 0, high = c->n_old;
    narrow(list, get_be(key->key, STATCACHE_KEY_BYTES), &low, &high);
    const struct statcache_entry *found =
        bsearch(key, list + low, high - low, sizeof(*list), compare_keys);
    if (found)
        __atomic_store_n(&c->met[found - list], 1, __ATOMIC_RELAXED);
    return found;
}

int statcache_add(struct statcache *c, const struct statcache_entry *e)
{
    /* What is too much is left out: it will be read. */
    return c->added.len / sizeof(*e) < STATCACHE_MAX ? buf_add(&c->added, e, sizeof(*e))
                                                     : 0;
}

/* --- writing --- */

/* Old entries and new ones in the order of their keys; a new one takes the place of the
 * old one of its key. */
static int merge(const struct statcache *c, struct buf *out, int only_met)
{
    const size_t n_added = c->added.len / sizeof(struct statcache_entry);
    const struct statcache_entry *old = c->n_old ? entries(&c->old, HEAD_BYTES) : NULL;
    const struct statcache_entry *added = entries(&c->added, 0);
    size_t i = 0, k = 0;
    int r = buf_reserve(out, (c->n_old + n_added) * sizeof(*old));
    while (r == 0 && (i < c->n_old || k < n_added)) {
        const int order = i == c->n_old  ? 1
                          : k == n_added ? -1
                                         : compare_keys(&old[i], &added[k]);
        if (order < 0 && (!only_met || c->met[i]))
            r = buf_add(out, &old[i], sizeof(*old));
        else if (order >= 0 &&
                 (k + 1 == n_added || compare_keys(&added[k], &added[k + 1])))
            r = buf_add(out, &added[k], sizeof(*added));
        i += order <= 0;
        k += order >= 0;
    }
    return r;
}

static int write_aside(const struct statcache *c, const uint8_t *head,
                       const struct buf *list)
{
    const int fd =
        open(c->aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno("cannot write '%s'", c->aside);
    int r = file_write_all(fd, head, HEAD_BYTES);
    if (r == 0)
        r = file_write_all(fd, list->ptr, list->len);
    if (close(fd) < 0 && r == 0)
        r = fail_errno("cannot write '%s'", c->aside);
    if (r == 0 && rename(c->aside, c->path) < 0)
        r = fail_errno("cannot write '%s'", c->path);
    if (r < 0)
        (void)unlink(c->aside); /* what is left of it is written over the next time */
    return r;
}

int statcache_save(struct statcache *c)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    uint8_t head[HEAD_BYTES], mark[STORE_MARK_BYTES];
    const size_t one = sizeof(struct statcache_entry);
    int r = c->store->ops->mark(c->store, mark);
    if (r <= 0)
        return r;
    /* The same state and nothing new: the file says so already. */
    if (c->old.len && !c->added.len &&
        memcmp(c->old.ptr + MARK_AT, mark, STORE_MARK_BYTES) == 0)
        return 0;
    if (c->added.len)
        qsort(c->added.ptr, c->added.len / one, one, compare_keys);
    r = merge(c, &list, 0);
    if (r == 0 && list.len > STATCACHE_MAX * one) {
        buf_clear(&list);
        r = merge(c, &list, 1);
    }
    if (list.len > STATCACHE_MAX * one)
        list.len = STATCACHE_MAX * one;
    if (r < 0)
        return r;
    memcpy(head, magic, MAGIC_BYTES);
    memcpy(head + MAGIC_BYTES, c->secret, SECRET_BYTES);
    memcpy(head + MARK_AT, mark, STORE_MARK_BYTES);
    put_be(head + COUNT_AT, list.len / one, 8);
    put_be(head + SUM_AT, sum_of(head, list.ptr, list.len), 8);
    return write_aside(c, head, &list);
}
