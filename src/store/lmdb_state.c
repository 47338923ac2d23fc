/*
 * What a transaction works with: counters, segments, crawls, folders.
 */
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define DAMAGED "the store is damaged: "

int damaged(const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return fail(SILLOK_ECORRUPT, DAMAGED "%s", text);
}

struct sillok_text key_id(uint8_t out[ID_BYTES], uint64_t id)
{
    put_be(out, id, ID_BYTES);
    return text_make((const char *)out, ID_BYTES);
}

struct sillok_text key_u32(uint8_t out[4], uint32_t v)
{
    put_be(out, v, 4);
    return text_make((const char *)out, 4);
}

void key_time(uint8_t out[TIME_BYTES], int64_t time_s)
{
    put_be(out, (uint64_t)time_s + TIME_BIAS, TIME_BYTES);
}

int64_t time_of_key(const uint8_t *in)
{
    return (int64_t)(get_be(in, TIME_BYTES) - TIME_BIAS);
}

/* --- seals
 * LMDB has no checksums. Rows whose damage nothing else would show end in one. */

int row_seal(struct buf *row)
{
    uint8_t sum[ROW_SUM_BYTES];
    put_be(sum, (uint32_t)XXH3_64bits(row->ptr ? row->ptr : "", row->len), ROW_SUM_BYTES);
    (void)buf_add(row, sum, sizeof(sum));
    return row->failed ? fail_memory() : 0;
}

int row_open(struct sillok_text *row, const char *what)
{
    const size_t n = row->len < ROW_SUM_BYTES ? 0 : row->len - ROW_SUM_BYTES;
    if (row->len < ROW_SUM_BYTES ||
        get_be((const uint8_t *)row->ptr + n, ROW_SUM_BYTES) !=
            (uint32_t)XXH3_64bits(row->ptr, n))
        return damaged("the row of %s does not have its checksum", what);
    row->len = n;
    return 0;
}

/* --- counters --- */

static const struct sillok_text counters_key = { "counters", 8 };

/* All are 64 bits wide, in order; a store that knows fewer leaves the rest zero. */
enum { N_COUNTERS = sizeof(struct counters) / sizeof(uint64_t) };

int counters_save(struct lmdb_store *s)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint64_t all[N_COUNTERS];
    memcpy(all, &s->state.counters, sizeof(all));
    for (int i = 0; i < N_COUNTERS; i++)
        (void)buf_add_varint(&row, all[i]);
    if (row_seal(&row) < 0)
        return fail_memory();
    return kv_put(s->txn, T_META, counters_key, text_make(row.ptr, row.len), 0);
}

int counters_has_key(struct sillok_text key)
{
    return text_equal(key, counters_key);
}

int counters_decode(struct counters *out, struct sillok_text value)
{
    uint64_t all[N_COUNTERS] = { 0 };
    const int sealed = row_open(&value, "counters");
    if (sealed < 0)
        return sealed;
    struct cursor c = cursor_of(value.ptr, value.len);
    for (int i = 0; i < N_COUNTERS && cursor_left(&c); i++)
        all[i] = cursor_varint(&c);
    if (c.bad)
        return damaged("its counters are damaged");
    memcpy(out, all, sizeof(*out));
    return 0;
}

int counters_load(struct kv_txn *txn, struct counters *out)
{
    struct sillok_text v;
    const int r = kv_get(txn, T_META, counters_key, &v);
    if (r <= 0)
        return r < 0 ? r : damaged("its counters are missing");
    return counters_decode(out, v);
}

/* --- state --- */

void state_release(struct state *st)
{
    struct store_crawl *crawls = (struct store_crawl *)(void *)st->crawls.ptr;
    for (size_t i = 0; i < st->crawls.len / sizeof(*crawls); i++)
        free(crawls[i].name);
    char **dirs = (char **)(void *)st->dirs.ptr;
    for (size_t i = 0; i < st->dirs.len / sizeof(*dirs); i++)
        free(dirs[i]);
    for (size_t i = 0; i < st->n_blocks; i++)
        buf_release(&st->blocks[i].list);
    free(st->blocks);
    buf_release(&st->segs);
    buf_release(&st->crawls);
    buf_release(&st->dirs);
    map_release(&st->dir_of);
    *st = (struct state){ .segs = BUF_INIT, .crawls = BUF_INIT, .dirs = BUF_INIT };
}

static int load_seg(struct state *st, struct sillok_text k, struct sillok_text v)
{
    struct seg seg;
    const uint32_t no = k.len == 4 ? (uint32_t)get_be((const uint8_t *)k.ptr, 4) : 0;
    int r = no ? row_open(&v, "a segment") : damaged("the table of segments is damaged");
    if (r == 0)
        r = seg_decode(&seg, no, v);
    return r < 0 ? r : buf_add(&st->segs, &seg, sizeof(seg));
}

static int load_crawl(struct state *st, struct sillok_text k, struct sillok_text v)
{
    struct store_crawl crawl;
    const uint32_t no = k.len == 4 ? (uint32_t)get_be((const uint8_t *)k.ptr, 4) : 0;
    int r = crawl_decode(&crawl, no, v);
    if (r < 0)
        return r;
    r = buf_add(&st->crawls, &crawl, sizeof(crawl));
    if (r < 0)
        free(crawl.name);
    return r;
}

static int load_dir(struct state *st, struct sillok_text k, struct sillok_text v)
{
    const int sealed = row_open(&v, "a folder");
    char *copy = sealed < 0 ? NULL : strndup(v.ptr, v.len);
    if (!copy)
        return sealed < 0 ? sealed : fail_memory();
    const int r = k.len == 4 ? buf_add(&st->dirs, &copy, sizeof(copy))
                             : damaged("the folder table is damaged");
    if (r < 0)
        free(copy);
    return r;
}

static int load_table(struct kv_txn *txn, int table, struct state *st,
                      int (*row)(struct state *, struct sillok_text, struct sillok_text))
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, table);
    if (r < 0)
        return r;
    for (r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        const int rr = row(st, k, v);
        if (rr < 0)
            return rr;
    }
    return r;
}

int state_load(struct lmdb_store *s, struct kv_txn *txn)
{
    struct counters now;
    const uint64_t commit = kv_commit_number(txn);
    if (s->state.loaded && s->state.commit == commit)
        return 0;
    int r = counters_load(txn, &now);
    if (r < 0)
        return r;
    if (s->state.loaded && s->state.counters.commits == now.commits) {
        s->state.commit = commit;
        return 0;
    }
    state_release(&s->state);
    s->state.counters = now;
    r = load_table(txn, T_SEG, &s->state, load_seg);
    if (r == 0)
        r = load_table(txn, T_CRAWL, &s->state, load_crawl);
    if (r == 0)
        r = load_table(txn, T_DIR, &s->state, load_dir);
    const size_t n = s->state.segs.len / sizeof(struct seg);
    const size_t n_crawls = s->state.crawls.len / sizeof(struct store_crawl);
    if (r == 0 && n_crawls != now.crawls)
        r = damaged("%llu crawls are counted, %zu are there",
                    (unsigned long long)now.crawls, n_crawls);
    if (r == 0 && s->state.dirs.len / sizeof(char *) != now.dirs)
        r = damaged("%llu folders are counted, %zu are there",
                    (unsigned long long)now.dirs, s->state.dirs.len / sizeof(char *));
    if (r == 0 && n != now.segs)
        r = damaged("%llu segments are counted, %zu are there",
                    (unsigned long long)now.segs, n);
    if (r < 0)
        return r;
    s->state.blocks = calloc(n + 1, sizeof(*s->state.blocks));
    if (!s->state.blocks)
        return fail_memory();
    s->state.n_blocks = n;
    for (size_t i = 0; i < n; i++)
        buf_init(&s->state.blocks[i].list, BUF_CEILING);
    s->state.loaded = 1;
    s->state.commit = commit;
    return 0;
}

int state_save(struct lmdb_store *s)
{
    struct store_crawl *crawls = (struct store_crawl *)(void *)s->state.crawls.ptr;
    int r = 0;
    for (size_t i = 0; i < s->state.crawls.len / sizeof(*crawls) && r == 0; i++)
        if (crawls[i].changed) {
            r = crawl_save(s, &crawls[i]);
            crawls[i].changed = 0;
        }
    s->state.counters.commits++;
    return r < 0 ? r : counters_save(s);
}

int view_begin(struct lmdb_store *s, struct kv_txn **out)
{
    if (s->txn || s->held) {
        *out = s->txn ? s->txn : s->held;
        const int r = s->txn ? names_flush(&s->names, s->txn) : 0;
        return r == KV_FULL ? fail(SILLOK_EIO, "the map is too small for the open batch")
                            : r;
    }
    int r = kv_read(s->env, out);
    if (r < 0)
        return r;
    r = state_load(s, *out);
    if (r < 0)
        kv_abort(*out);
    return r;
}

void view_end(struct lmdb_store *s, struct kv_txn *txn)
{
    if (txn != s->txn && txn != s->held)
        kv_abort(txn);
}

int lmdb_view_hold(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    if (s->n_holds++ || s->txn)
        return 0;
    struct kv_txn *txn;
    const int r = view_begin(s, &txn);
    if (r < 0)
        s->n_holds--;
    else
        s->held = txn;
    return r;
}

void lmdb_view_release(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    if (--s->n_holds == 0)
        kv_abort(STEAL(s->held));
}
