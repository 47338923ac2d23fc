#include "proof/tlog.h"

#include "base/file.h"
#include "store/beside.h"
#include "store/head.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { T_META, T_ENTRY, T_TILE, T_REVISION, T_CRAWL, N_TABLES };
static const struct kv_table tables[N_TABLES] = {
    [T_META] = { "meta", 0 },   [T_ENTRY] = { "entry", 0 },
    [T_TILE] = { "tile", 0 },   [T_REVISION] = { "revision", 0 },
    [T_CRAWL] = { "crawl", 0 },
};

enum { TLOG_FORMAT = 1, BATCH_BYTES = 4 << 20 };
enum {
    TILE_KEY_BYTES = 1 + TLOG_NUMBER_BYTES,
    REVISION_KEY_MAX = ARTICLE_KEY_MAX + 1 + 8 + 8,
    CRAWL_KEY_BYTES = 16,
    CRAWL_ROW_BYTES = TLOG_NUMBER_BYTES + 8 + 8,
    HASH_BYTES = 32
};
#define TIME_BIAS ((uint64_t)1 << 39)
static const uint64_t map_least = (uint64_t)64 << 30;

static struct sillok_text bytes_of(const uint8_t *ptr, size_t len)
{
    return text_make((const char *)ptr, len);
}

static int bad_log(const struct tlog *t, const char *why)
{
    return fail(SILLOK_ECORRUPT, "the log '%s' is damaged: %s", t->path, why);
}

/* What kv finds damaged is the log and not the store. */
static int checked(const struct tlog *t, int r)
{
    char why[600];
    if (r != SILLOK_ECORRUPT)
        return r;
    const struct sillok_text told = damage_told();
    snprintf(why, sizeof(why), "%.*s", (int)told.len, told.ptr);
    return strncmp(why, "the log ", 8) == 0 ? r : bad_log(t, why);
}

/* --- making one --- */

static int put_meta(struct kv_txn *txn, const char *name, struct sillok_text value)
{
    return kv_put(txn, T_META, text_of(name), value, 0);
}

static int fill(struct kv_txn *txn, const char *uuid, const struct note_key *key)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    uint8_t secret[SECRET_BYTES], size[8] = { 0 };
    if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
        return fail_errno("cannot get random bytes");
    int r = buf_printf(&b, "sillok-proof %d %s", TLOG_FORMAT, uuid);
    if (r == 0)
        r = put_meta(txn, "format", text_make(b.ptr, b.len));
    buf_clear(&b);
    if (r == 0)
        r = note_key_add(&b, key);
    if (r == 0)
        r = put_meta(txn, "key", text_make(b.ptr, b.len));
    if (r == 0)
        r = put_meta(txn, "secret", bytes_of(secret, sizeof(secret)));
    return r < 0 ? r : put_meta(txn, "size", bytes_of(size, sizeof(size)));
}

static int make_file(const char *path, const char *uuid, const struct note_key *key)
{
    CLEANUP(kv_close) struct kv_env *env = NULL;
    struct kv_txn *txn = NULL;
    const struct kv_options o = { .create = 1,
                                  .map_bytes = (size_t)1 << 24,
                                  .map_max_bytes = (size_t)1 << 24 };
    int r = kv_open(&env, path, tables, N_TABLES, &o);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r < 0)
        return r;
    r = fill(txn, uuid, key);
    if (r == 0)
        return kv_commit(txn);
    kv_abort(txn);
    return r;
}

int tlog_exists(const struct sillok_store *store)
{
    char *path = beside_path(store, "proof.mdb");
    const int r = !path                     ? fail_memory()
                  : access(path, F_OK) == 0 ? 1
                  : errno == ENOENT         ? 0
                                            : fail_errno("cannot look for '%s'", path);
    free(path);
    return r;
}

static int take_lock(struct sillok_store *store, int *fd)
{
    char *path = beside_path(store, "proof.lock");
    const int r = path ? beside_lock(fd, path, "the log of proofs", 1, BESIDE_WAIT_MS)
                       : fail_memory();
    free(path);
    return r == BESIDE_READ_ONLY ? SILLOK_EIO : r;
}

/* Aside first, so that a crash leaves none rather than half of one. */
int tlog_create(struct sillok_store *store, const struct note_key *key)
{
    struct sillok_stats stats;
    int fd = -1;
    char *path = beside_path(store, "proof.mdb"),
         *aside = beside_path(store, "proof.new");
    int r = path && aside ? store->ops->stats(store, &stats) : fail_memory();
    if (r == 0)
        r = tlog_exists(store);
    if (r > 0)
        r = fail(SILLOK_EEXISTS, "the store '%s' has a log already", store->path);
    if (r == 0) /* a backup waits for it from now on */
        r = take_lock(store, &fd);
    if (r == 0)
        r = kv_remove(aside);
    if (r == 0)
        r = make_file(aside, stats.uuid, key);
    if (r == 0)
        r = kv_rename(aside, path);
    if (r == 0 && (r = file_sync_parent(path)) < 0)
        (void)kv_remove(path); /* or it may be gone after a power cut */
    if (r < 0 && aside)
        (void)kv_remove(aside); /* or the next one does so */
    if (fd >= 0)
        (void)close(fd);
    free(path);
    free(aside);
    return r;
}

/* --- opening --- */

static int get_meta(struct tlog *t, const char *name, struct sillok_text *value)
{
    const int r = kv_get(t->txn, T_META, text_of(name), value);
    return r > 0 ? 0 : r < 0 ? checked(t, r) : bad_log(t, "it does not say what it is");
}

static int read_meta(struct tlog *t)
{
    char want[80], id[2 * sizeof(t->key.id) + 1];
    struct sillok_text v;
    const int n =
        snprintf(want, sizeof(want), "sillok-proof %d %s", TLOG_FORMAT, t->uuid);
    int r = get_meta(t, "format", &v);
    if (r == 0 && !text_equal(v, text_make(want, (size_t)n)))
        r = bad_log(t, text_starts(v, "sillok-proof 1 ")
                           ? "it is of another store"
                           : "it is of a format that this program does not know");
    if (r == 0)
        r = get_meta(t, "key", &v);
    if (r == 0)
        r = note_key_parse(&t->key, v);
    if (r == SILLOK_EINVALID)
        r = bad_log(t, "its key is none");
    if (r == 0)
        r = get_meta(t, "secret", &v);
    if (r == 0 && v.len != SECRET_BYTES)
        r = bad_log(t, "its secret is none");
    if (r == 0)
        memcpy(t->secret, v.ptr, SECRET_BYTES);
    if (r == 0)
        r = get_meta(t, "size", &v);
    if (r == 0 && v.len != 8)
        r = bad_log(t, "it does not say how long it is");
    if (r == 0) {
        t->size = get_be((const uint8_t *)v.ptr, 8);
        put_hex(id, t->key.id, sizeof(t->key.id));
        snprintf(t->log, sizeof(t->log), "%s.%s", t->uuid, id);
    }
    return r;
}

/* Level l has size / 256^l hashes. */
static int load_edge(struct tlog *t)
{
    t->edge = calloc(TILE_LEVELS, sizeof(*t->edge));
    if (!t->edge)
        return fail_memory();
    uint64_t n = t->size;
    for (unsigned level = 0; level < TILE_LEVELS; level++, n /= TILE_HASHES) {
        struct tlog_tile *tile = &t->edge[level];
        struct sillok_text v;
        tile->number = n / TILE_HASHES;
        tile->n = (unsigned)(n % TILE_HASHES);
        if (!tile->n)
            continue;
        const int r = tlog_tile(t, level, tile->number, &v);
        if (r < 0)
            return r;
        if (r == 0 || v.len != (size_t)tile->n * HASH_BYTES)
            return bad_log(t, "a tile at its end is missing");
        memcpy(tile->hash, v.ptr, v.len);
    }
    return 0;
}

/* 1 there is one, 0 not. */
static int read_checkpoint(const struct sillok_store *store, struct buf *note)
{
    char *path = beside_path(store, HEAD_CHECKPOINT);
    if (!path)
        return fail_memory();
    const int r = file_read(note, path, NOTE_MAX_BYTES);
    free(path);
    return r == SILLOK_ENOTFOUND ? 0 : r < 0 ? r : 1;
}

/* What was signed, and how far the store says it was, before the log itself is looked at:
 * whoever signs meanwhile makes the log longer than they say, never shorter. */
static int read_signed(struct tlog *t)
{
    int r = read_checkpoint(t->store, &t->note);
    t->has_note = r > 0;
    if (r >= 0)
        r = head_get(t->store, &t->head, &t->head_text);
    t->has_head = r > 0;
    return r < 0 ? r : 0;
}

static size_t map_for(const char *path, uint64_t max)
{
    struct stat st;
    const uint64_t file = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
    const uint64_t map = 4 * file > map_least ? 4 * file : map_least;
    return (size_t)(map < max ? map : max);
}

int tlog_open(struct tlog *t, struct sillok_store *store, int writing)
{
    struct sillok_stats stats;
    memset(t, 0, sizeof(*t));
    buf_init(&t->note, BUF_CEILING);
    buf_init(&t->head_text, BUF_CEILING);
    t->store = store;
    t->lock_fd = -1;
    t->path = beside_path(store, "proof.mdb");
    const size_t map = t->path ? map_for(t->path, store->limits.map_bytes) : 0;
    const struct kv_options o = { .read_only = !writing,
                                  .map_bytes = map,
                                  .map_max_bytes = map };
    int r = t->path ? store->ops->stats(store, &stats) : fail_memory();
    if (r == 0)
        memcpy(t->uuid, stats.uuid, sizeof(stats.uuid));
    if (r == 0 && writing)
        r = tlog_exists(store);
    if (r > 0)
        r = take_lock(store, &t->lock_fd);
    if (r == 0)
        r = read_signed(t);
    if (r == 0)
        r = hasher_new(&t->hasher);
    if (r == 0)
        r = checked(t, kv_open(&t->env, t->path, tables, N_TABLES, &o));
    if (r == SILLOK_ENOTFOUND)
        return fail(r, "the store '%s' has no log: 'sillok proof init' begins one",
                    store->path);
    if (r == 0)
        r = writing ? kv_write(t->env, &t->txn) : kv_read(t->env, &t->txn);
    if (r == 0)
        r = read_meta(t);
    if (r == 0 && writing)
        r = load_edge(t);
    return r;
}

void tlog_close(struct tlog *t)
{
    if (!t->store)
        return; /* never opened */
    kv_abort(t->txn);
    kv_close(t->env);
    hasher_free(t->hasher);
    buf_release(&t->note);
    buf_release(&t->head_text);
    free(t->edge);
    free(t->path);
    if (t->lock_fd >= 0)
        (void)close(t->lock_fd); /* which also unlocks it */
    memset(t, 0, sizeof(*t));
}

/* --- reading --- */

static struct sillok_text number_key(uint8_t out[TLOG_NUMBER_BYTES], uint64_t number)
{
    put_be(out, number, TLOG_NUMBER_BYTES);
    return bytes_of(out, TLOG_NUMBER_BYTES);
}

int tlog_entry(struct tlog *t, uint64_t number, struct sillok_text *out)
{
    uint8_t key[TLOG_NUMBER_BYTES];
    const int r = kv_get(t->txn, T_ENTRY, number_key(key, number), out);
    return r > 0   ? 0
           : r < 0 ? checked(t, r)
                   : fail(SILLOK_ECORRUPT,
                          "the log '%s' is damaged: entry %" PRIu64 " is missing",
                          t->path, number);
}

static struct sillok_text tile_key(uint8_t out[TILE_KEY_BYTES], unsigned level,
                                   uint64_t number)
{
    out[0] = (uint8_t)level;
    put_be(out + 1, number, TLOG_NUMBER_BYTES);
    return bytes_of(out, TILE_KEY_BYTES);
}

int tlog_tile(struct tlog *t, unsigned level, uint64_t number, struct sillok_text *out)
{
    uint8_t key[TILE_KEY_BYTES];
    const int r = kv_get(t->txn, T_TILE, tile_key(key, level, number), out);
    return r > 0 && (out->len == 0 || out->len % HASH_BYTES ||
                     out->len > (size_t)TILE_HASHES * HASH_BYTES)
               ? bad_log(t, "a tile is not made of hashes")
               : checked(t, r);
}

/* The root over @p n hashes, a power of two, that stand one behind the other. */
static int fold(struct tlog *t, const uint8_t *hashes, unsigned n, struct sillok_id *out)
{
    struct merkle_edge edge;
    int r = 0;
    edge.n = 0;
    for (unsigned i = 0; i < n && r == 0; i++) {
        struct sillok_id one;
        memcpy(one.bytes, hashes + (size_t)i * HASH_BYTES, HASH_BYTES);
        r = merkle_append(&edge, t->hasher, &one);
    }
    return r < 0 ? r : merkle_root(&edge, t->hasher, out);
}

/* A tile has every eighth level; those between are computed from the one below. */
static int node_of(void *arg, unsigned level, uint64_t number, struct sillok_id *out)
{
    struct tlog *t = arg;
    const unsigned n = 1u << level % 8;
    const uint64_t first = number << level % 8;
    struct sillok_text tile;
    const int r = tlog_tile(t, level / 8, first / TILE_HASHES, &tile);
    const size_t at = (size_t)(first % TILE_HASHES) * HASH_BYTES;
    if (r < 0)
        return r;
    if (r == 0 || at + (size_t)n * HASH_BYTES > tile.len)
        return bad_log(t, "a tile is missing");
    return fold(t, (const uint8_t *)tile.ptr + at, n, out);
}

struct merkle_source tlog_source(struct tlog *t)
{
    return (struct merkle_source){ node_of, t, t->hasher };
}

int tlog_tiles_follow(struct tlog *t, uint64_t number)
{
    struct sillok_text tile = { NULL, 0 }, above = { NULL, 0 };
    struct sillok_id hash;
    int r = 1;
    for (unsigned level = 1;
         r > 0 && level < TILE_LEVELS && number % TILE_HASHES == TILE_HASHES - 1;
         level++) {
        number /= TILE_HASHES;
        r = tlog_tile(t, level - 1, number, &tile);
        if (r > 0)
            r = tile.len == (size_t)TILE_HASHES * HASH_BYTES
                    ? fold(t, (const uint8_t *)tile.ptr, TILE_HASHES, &hash)
                    : bad_log(t, "a full tile is not full");
        if (r == 0)
            r = tlog_tile(t, level, number / TILE_HASHES, &above);
        const size_t at = (size_t)(number % TILE_HASHES) * HASH_BYTES;
        if (r > 0)
            r = at + HASH_BYTES <= above.len &&
                memcmp(above.ptr + at, &hash, HASH_BYTES) == 0;
    }
    return r;
}

static struct sillok_text revision_key(uint8_t out[REVISION_KEY_MAX],
                                       const struct article_key *key, int64_t first_s,
                                       const struct sillok_id *commitment)
{
    size_t n = key->len;
    memcpy(out, key->bytes, n);
    out[n++] = 0;
    put_be(out + n, (uint64_t)first_s + TIME_BIAS, 8);
    memcpy(out + n + 8, commitment->bytes, 8);
    return bytes_of(out, n + 16);
}

int tlog_find_revision(struct tlog *t, const struct article_key *key, int64_t first_s,
                       const struct sillok_id *commitment, uint64_t *number)
{
    uint8_t bytes[REVISION_KEY_MAX];
    struct sillok_text v = { NULL, 0 };
    const int r =
        kv_get(t->txn, T_REVISION, revision_key(bytes, key, first_s, commitment), &v);
    if (r <= 0)
        return checked(t, r);
    if (v.len != TLOG_NUMBER_BYTES)
        return bad_log(t, "what finds a revision is no number");
    *number = get_be((const uint8_t *)v.ptr, TLOG_NUMBER_BYTES);
    return 1;
}

static int crawl_key(struct tlog *t, uint8_t out[CRAWL_KEY_BYTES], const char *name)
{
    struct sillok_id id;
    const int r = hasher_of(t->hasher, text_of(name), &id);
    memcpy(out, id.bytes, CRAWL_KEY_BYTES);
    return r;
}

int tlog_find_crawl(struct tlog *t, const char *name, struct tlog_crawl *out)
{
    uint8_t key[CRAWL_KEY_BYTES];
    struct sillok_text v = { NULL, 0 };
    int r = crawl_key(t, key, name);
    if (r == 0)
        r = kv_get(t->txn, T_CRAWL, bytes_of(key, sizeof(key)), &v);
    if (r <= 0)
        return checked(t, r);
    if (v.len != CRAWL_ROW_BYTES)
        return bad_log(t, "what finds a crawl is no number");
    const uint8_t *p = (const uint8_t *)v.ptr;
    *out = (struct tlog_crawl){ get_be(p, TLOG_NUMBER_BYTES),
                                get_be(p + TLOG_NUMBER_BYTES, 8),
                                get_be(p + TLOG_NUMBER_BYTES + 8, 8) };
    return 1;
}

/* --- adding --- */

static int put_tile(struct tlog *t, unsigned level, struct tlog_tile *tile)
{
    uint8_t key[TILE_KEY_BYTES];
    tile->changed = 0;
    t->in_batch += (size_t)tile->n * HASH_BYTES;
    return kv_put(t->txn, T_TILE, tile_key(key, level, tile->number),
                  text_make((const char *)tile->hash, (size_t)tile->n * HASH_BYTES), 0);
}

/* A full tile goes up as one hash. */
static int add_hash(struct tlog *t, const struct sillok_id *hash)
{
    struct sillok_id up = *hash;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        struct tlog_tile *tile = &t->edge[level];
        tile->hash[tile->n++] = up;
        tile->changed = 1;
        if (tile->n < TILE_HASHES)
            return 0;
        int r = put_tile(t, level, tile);
        if (r == 0)
            r = fold(t, (const uint8_t *)tile->hash, TILE_HASHES, &up);
        if (r < 0)
            return r;
        tile->number++;
        tile->n = 0;
    }
    return 0;
}

static int begin_again(struct tlog *t)
{
    return t->txn ? 0 : kv_write(t->env, &t->txn);
}

static int add_entry(struct tlog *t, const struct leaf *leaf)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    uint8_t key[TLOG_NUMBER_BYTES];
    struct sillok_id hash;
    int r = begin_again(t);
    t->dirty = 1;
    if (r == 0)
        r = leaf_add(&line, leaf);
    if (r == 0)
        r = merkle_leaf(t->hasher, text_make(line.ptr, line.len), &hash);
    if (r == 0)
        r = kv_put(t->txn, T_ENTRY, number_key(key, t->size),
                   text_make(line.ptr, line.len), KV_APPEND);
    if (r == 0)
        r = add_hash(t, &hash);
    t->in_batch += line.len;
    t->size++;
    return r;
}

/* The map is several times the file, so a next run finds room, unless the limit is hit. */
static int no_room(struct tlog *t, int r)
{
    return r == KV_FULL
               ? fail(SILLOK_EIO,
                      "the log '%s' has no room for more in this run: do it again "
                      "(or the limit is too low: limits.map_bytes)",
                      t->path)
               : r;
}

/* There is a transaction again for what is asked next. */
static int end_entry(struct tlog *t, int r)
{
    if (r < 0 || t->in_batch < BATCH_BYTES)
        return no_room(t, r);
    r = tlog_commit(t);
    return r < 0 ? r : begin_again(t);
}

int tlog_add(struct tlog *t, const struct leaf *leaf, const struct article_key *key)
{
    uint8_t bytes[REVISION_KEY_MAX], number[TLOG_NUMBER_BYTES];
    const uint64_t at = t->size;
    int r = add_entry(t, leaf);
    if (r == 0 && leaf->kind == LEAF_REVISION)
        r = kv_put(t->txn, T_REVISION,
                   revision_key(bytes, key, leaf->first_seen_s, &leaf->commitment),
                   number_key(number, at), 0);
    return end_entry(t, r);
}

int tlog_add_crawl(struct tlog *t, const struct leaf *leaf, const char *name)
{
    uint8_t key[CRAWL_KEY_BYTES], row[CRAWL_ROW_BYTES];
    put_be(row, t->size, TLOG_NUMBER_BYTES);
    put_be(row + TLOG_NUMBER_BYTES, leaf->observations, 8);
    put_be(row + TLOG_NUMBER_BYTES + 8, leaf->refused, 8);
    int r = crawl_key(t, key, name);
    if (r == 0)
        r = add_entry(t, leaf);
    if (r == 0)
        r = kv_put(t->txn, T_CRAWL, bytes_of(key, sizeof(key)),
                   bytes_of(row, sizeof(row)), 0);
    return end_entry(t, r);
}

int tlog_commit(struct tlog *t)
{
    uint8_t size[8];
    int r = 0;
    if (!t->dirty)
        return 0;
    t->dirty = 0;
    for (unsigned level = 0; level < TILE_LEVELS && r == 0; level++)
        if (t->edge[level].changed && t->edge[level].n)
            r = put_tile(t, level, &t->edge[level]);
    put_be(size, t->size, sizeof(size));
    if (r == 0)
        r = put_meta(t->txn, "size", bytes_of(size, sizeof(size)));
    if (r == 0)
        r = kv_commit(STEAL(t->txn));
    t->in_batch = 0;
    return no_room(t, r);
}
