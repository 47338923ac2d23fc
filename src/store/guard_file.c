/*
 * The file under the guard: opened, its headers against the head of the seal, mapped.
 */
#include "store/guard_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 10, WAIT_MS = 20 };

void guard_wait_ms(long ms)
{
    const struct timespec step = { ms / 1000, ms % 1000 * 1000000 };
    (void)nanosleep(&step, NULL); /* woken early, it asks early */
}

int guard_look_at_length(struct guard *g)
{
    struct stat st;
    if (fstat(g->fd, &st) < 0)
        return fail_errno("cannot stat '%s'", g->path);
    __atomic_store_n(&g->n_pages, (uint64_t)st.st_size / g->page_bytes, __ATOMIC_RELEASE);
    return 0;
}

int guard_damaged_header(const struct guard *g)
{
    return fail(SILLOK_ECORRUPT,
                "the store is damaged: the header of '%s' is not what was written "
                "('sillok salvage' gets out what is whole)",
                g->path);
}

static int read_at(const struct guard *g, uint64_t at, uint8_t *out, size_t len)
{
    size_t got = 0;
    while (got < len) {
        const ssize_t n = pread(g->fd, out + got, len - got, (off_t)(at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno("cannot read '%s'", g->path);
        if (n == 0)
            return fail(SILLOK_ECORRUPT,
                        "the store is damaged: '%s' was cut off inside its header",
                        g->path);
        got += (size_t)n;
    }
    return 0;
}

uint64_t guard_meta_sum(const uint8_t *page)
{
    return seal_sum(page + BTREE_HEAD_BYTES, BTREE_META_BYTES);
}

/* Is it the header that @p head is of, under another number? Then that number was
 * spoiled: no two commits have the same tables. */
static int is_older(const uint8_t *page, const struct seal_head *head)
{
    uint8_t content[BTREE_META_BYTES];
    memcpy(content, page + BTREE_HEAD_BYTES, sizeof(content));
    btree_set_txn(content, head->txn);
    return head->valid && seal_sum(content, sizeof(content)) == head->meta_sum;
}

/* A file may be shorter than its header says by the pages that its last commit took and
 * gave back, but by nothing like this. LMDB would map them, or have no room for that. */
static int has_length(const struct guard *g, const struct btree_meta *meta)
{
    const uint64_t lacking = ((uint64_t)1 << 30) / g->page_bytes;
    return meta->last_page < __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE) + lacking;
}

/* Both headers against the heads of the seal. LMDB goes by the later header. A writer
 * between its commit and its seal looks like damage: ask again. */
static int heads_agree(const struct guard *g, const uint8_t pages[2][BTREE_MAX_BYTES],
                       const struct seal_head heads[2])
{
    struct btree_meta meta[2];
    for (int i = 0; i < 2; i++)
        if (btree_meta_read(&meta[i], pages[i]) < 0 ||
            meta[i].page_bytes != g->page_bytes)
            return guard_damaged_header(g);
    const int last = meta[1].txn > meta[0].txn;
    const struct seal_head *head = seal_last(heads);
    if (!head)
        return fail(SILLOK_ECORRUPT, "the store is damaged: '%s' holds no seal",
                    g->seal.path);
    if (head->txn > meta[last].txn)
        return fail(
            SILLOK_ECORRUPT,
            "the store is damaged: '%s' is at commit %llu, but its seal knows commit "
            "%llu: an older copy was put in its place",
            g->path, (unsigned long long)meta[last].txn, (unsigned long long)head->txn);
    if (meta[last].txn > head->txn + 1)
        return fail(
            SILLOK_ECORRUPT,
            "the store is damaged: '%s' is at commit %llu, its seal only at commit "
            "%llu: its header is wrong, or an older seal was put in its place",
            g->path, (unsigned long long)meta[last].txn, (unsigned long long)head->txn);
    /* What the seal's head speaks of must be there as it was written: it is one of the
     * two. The one before it is nobody's any more, and where LMDB could not write the
     * next over it, it holds half of that under its old number (mdb_env_write_meta). */
    const int sealed = (int)(head->txn & 1);
    if (meta[sealed].txn != head->txn || guard_meta_sum(pages[sealed]) != head->meta_sum)
        return guard_damaged_header(g);
    if (meta[!sealed].txn == head->txn + 1 && is_older(pages[!sealed], &heads[!sealed]))
        return guard_damaged_header(g);
    return has_length(g, &meta[last]) ? 0 : guard_damaged_header(g);
}

/* What LMDB goes by where nothing has a sum. It knows its first tables by no other name.
 */
int guard_header_has_shape(const struct guard *g, const struct btree_meta *meta)
{
    return meta->page_bytes == g->page_bytes && has_length(g, meta) &&
                   meta->main.flags == 0 &&
                   (meta->free_list.flags & TABLE_KINDS) == TABLE_NUMBERS
               ? 0
               : guard_damaged_header(g);
}

static int check_bare_heads(const struct guard *g,
                            const uint8_t pages[2][BTREE_MAX_BYTES])
{
    int r = 0;
    for (int i = 0; i < 2 && r == 0; i++) {
        struct btree_meta meta;
        r = btree_meta_read(&meta, pages[i]) < 0 ? guard_damaged_header(g)
                                                 : guard_header_has_shape(g, &meta);
    }
    return r;
}

/* A writer may move on between two reads: what looks wrong is looked at again. */
static int check_heads(struct guard *g)
{
    uint8_t(*pages)[BTREE_MAX_BYTES] = malloc(2 * sizeof(*pages));
    if (!pages)
        return fail_memory();
    int r = SILLOK_ECORRUPT;
    for (int i = 0; i < TRIES && r == SILLOK_ECORRUPT; i++) {
        struct seal_head heads[2];
        if (i)
            guard_wait_ms(WAIT_MS);
        r = g->no_seal ? 0 : seal_heads(&g->seal, heads);
        for (uint64_t p = 0; p < 2 && r == 0; p++)
            r = read_at(g, p * g->page_bytes, pages[p], g->page_bytes);
        if (r == 0) /* after the headers: a writer makes the file longer first */
            r = guard_look_at_length(g);
        if (r == 0 && g->no_seal)
            r = check_bare_heads(g, (const uint8_t(*)[BTREE_MAX_BYTES])pages);
        else if (r == 0)
            r = heads_agree(g, (const uint8_t(*)[BTREE_MAX_BYTES])pages, heads);
    }
    free(pages);
    return r;
}

/* The size of a page stands in either meta page; LMDB's own are as large as the system's.
 */
static int find_page_bytes(struct guard *g)
{
    g->page_bytes = btree_page_bytes();
    struct stat st;
    if (fstat(g->fd, &st) < 0)
        return fail_errno("cannot stat '%s'", g->path);
    if ((uint64_t)st.st_size < 2 * (uint64_t)g->page_bytes)
        return fail(SILLOK_ECORRUPT,
                    "the store is damaged: '%s' has %lld bytes: it was cut off", g->path,
                    (long long)st.st_size);
    uint8_t head[BTREE_HEAD_BYTES + BTREE_META_BYTES];
    struct btree_meta first, second;
    int r = read_at(g, 0, head, sizeof(head));
    if (r == 0 && btree_meta_is_swapped(head))
        return btree_fail_foreign(g->path, 0);
    if (r < 0 || btree_meta_read(&first, head) < 0 || first.page_bytes == g->page_bytes)
        return r;
    r = read_at(g, first.page_bytes, head, sizeof(head));
    if (r == 0 && btree_meta_read(&second, head) == 0 &&
        second.page_bytes == first.page_bytes)
        return btree_fail_foreign(g->path, first.page_bytes);
    return r;
}

char *guard_seal_path(const char *path)
{
    struct buf b = BUF_INIT;
    (void)buf_printf(&b, "%s-seal", path);
    return buf_take(&b, NULL);
}

int guard_set_up(struct guard *g, const char *path, const char *const *names,
                 int read_only)
{
    *g = (struct guard){ .fd = -1, .names = names, .read_only = read_only };
    g->seal.fd = -1;
    pthread_mutex_init(&g->lock, NULL);
    pthread_mutex_init(&g->sealing, NULL);
    buf_init(&g->unsealed, BUF_CEILING);
    g->path = strdup(path);
    if (!g->path)
        return fail_memory();
    g->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (g->fd < 0)
        return fail_errno("cannot open '%s'", path);
    int r = find_page_bytes(g);
    return r < 0 ? r : guard_look_at_length(g);
}

int guard_open(struct guard *g, const char *path, const char *const *names, int read_only,
               int may_lack_seal)
{
    int r = guard_set_up(g, path, names, read_only);
    char *beside = r == 0 ? guard_seal_path(path) : NULL;
    if (r == 0)
        r = beside ? seal_open(&g->seal, beside, read_only) : fail_memory();
    free(beside);
    if (r == SILLOK_ENOTFOUND && read_only && may_lack_seal) {
        g->no_seal = 1;
        r = 0;
    }
    if (r == SILLOK_ENOTFOUND)
        r = fail(
            SILLOK_ECORRUPT,
            "the store is damaged: '%s-seal' is missing ('sillok salvage' gets out what "
            "is whole)",
            path);
    return r < 0 ? r : check_heads(g);
}

/* A bit for every page that the map has room for, zero. The map is far larger than the
 * file: of its bits only the memory of those that are used is ever touched, which
 * calloc() does not promise. NULL: there is none. */
static uint64_t *new_bits(size_t n)
{
    void *p = mmap(NULL, n * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void free_bits(uint64_t *bits, size_t n)
{
    if (bits)
        (void)munmap(bits, n * sizeof(*bits)); /* cannot fail: it is ours */
}

int guard_map(struct guard *g, size_t map_bytes)
{
    const size_t n_seen = map_bytes / g->page_bytes / GUARD_BITS + 1;
    uint64_t *seen = new_bits(n_seen);
    if (!seen)
        return fail_memory();
    void *map = mmap(NULL, map_bytes, PROT_READ, MAP_SHARED, g->fd, 0);
    int r = map == MAP_FAILED ? fail_errno("cannot map '%s'", g->path)
            : g->no_seal      ? 0
                              : seal_map(&g->seal, map_bytes / g->page_bytes);
    if (r < 0) {
        if (map != MAP_FAILED)
            (void)munmap(map, map_bytes); /* cannot fail: it is ours */
        free_bits(seen, n_seen);
        return r;
    }
    if (g->own_map)
        (void)munmap((void *)(uintptr_t)g->own_map, g->map_bytes); /* likewise */
    free_bits(g->seen, g->n_seen);
    g->map = g->own_map = map;
    g->map_bytes = map_bytes;
    g->seen = seen;
    g->n_seen = n_seen;
    g->seen_txn = 0;
    return 0;
}

/* LMDB does not tell where its map begins. But each of its pages begins with its number,
 * and data begins in a page's first 4 KiB. */
void guard_share(struct guard *g, const void *data)
{
    const uint8_t *page = (const uint8_t *)data - (uintptr_t)data % g->page_bytes;
    g->map = page - btree_number(page) * g->page_bytes;
}

void guard_close(struct guard *g)
{
    if (!g->path) /* never set up */
        return;
    if (g->own_map)
        (void)munmap((void *)(uintptr_t)g->own_map, g->map_bytes);
    if (g->fd >= 0)
        (void)close(g->fd); /* it was only read */
    seal_close(&g->seal);
    free_bits(g->seen, g->n_seen);
    free(g->path);
    buf_release(&g->unsealed);
    pthread_mutex_destroy(&g->lock);
    pthread_mutex_destroy(&g->sealing);
    *g = (struct guard){ .fd = -1 };
}
