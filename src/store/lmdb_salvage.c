/*
 * Salvage: all that is whole out of a damaged store, into a new one.
 *
 *  1. Rows that can be recognized are taken from the pages of the data file (rescue.h)
 * into a file of tables aside. Nothing else of the old store is trusted.
 *  2. Every observation among them is put together again: version, body, name, file. What
 *     has its hash and digest is appended to the new store as an ingest would, so that
 * the new store is sound by construction.
 *  3. Refusals and refs follow; bodies that no observation led to become files.
 *
 * Rows that only derive from others are left out; but the table of articles stands in for
 * the keys of articles, which it repeats.
 */
#include "store/lmdb.h"

#include "base/file.h"
#include "base/time.h"
#include "store/recognize.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { BATCH = 1024, SEGS_MAX = 1 << 24, DIRS_MAX = 1 << 16 };

enum step { S_OBS, S_REFUSALS, S_REFS, S_BODIES, S_DONE };

/* An observation on its way into the new store. */
struct lifted {
    struct store_version version;
    struct buf path, file;
    struct sillok_article article;
    struct store_item item;
};

struct sillok_salvage {
    char *from, *to, *aside;
    char data_name[SILLOK_DATA_NAME_BYTES];
    char *made; /* where the new store is until it is complete */
    int lock_fd;
    size_t old_bytes;
    struct lmdb_store *rows; /* over the file aside; no more of it than reading needs */
    struct kv_txn *txn;
    struct sillok_store *store; /* the new one */
    struct hasher *hasher;
    enum step step;
    struct buf cursor;    /* key of the row that was done last */
    struct buf loose;     /* blocks that no row names: length 8, bytes */
    struct buf doubtful;  /* keys of articles from pages without a sum: struct doubtful */
    struct map witnesses; /* hashes of (number, key) that the table of articles has */
    uint64_t next_body;   /* number for a body whose own is lost */
    uint64_t unclaimed;   /* observations that crawls count and no segment */
    struct lifted *batch;
    size_t n_batch;
    char *crawl;
    struct buf used; /* bits: bodies in the new store */
    struct buf told; /* bits: versions that were told as lost */
    struct buf lost; /* sentences, each with its zero */
    size_t next_lost;
    uint64_t done, total;
    struct sillok_salvage_sum sum;
};

/* The key of an article has no checksum, and one wrong letter would be another article.
 * Where its page has no sum, it counts only if the table of articles says the same. */
struct doubtful {
    uint8_t number[ID_BYTES];
    struct article_key key;
};

static int say_lost(struct sillok_salvage *it, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int say_lost(struct sillok_salvage *it, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return buf_add(&it->lost, text, strlen(text) + 1);
}

/* 1 it was set before. */
static int test_and_set(struct buf *bits, uint64_t i)
{
    const size_t at = (size_t)(i / 8);
    if (at >= bits->len) {
        const size_t more = at + 1 - bits->len;
        if (buf_reserve(bits, more) < 0)
            return 0;
        memset(bits->ptr + bits->len, 0, more);
        bits->len += more;
    }
    const int was = buf_bit(bits, i);
    buf_set_bit(bits, i);
    return was;
}

/* --- step 1: rows --- */

static int keep_row(struct sillok_salvage *it, int table, struct sillok_text key,
                    struct sillok_text value)
{
    struct sillok_text there;
    const int r = kv_get(it->txn, table, key, &there);
    return r != 0 ? (r < 0 ? r : 0) : kv_put(it->txn, table, key, value, 0);
}

/* Dictionaries were numbered as they were written, and pages are mostly written in order.
 */
static int keep_dict(struct sillok_salvage *it, struct sillok_text value)
{
    uint8_t key[4];
    struct sillok_text there;
    for (uint32_t no = 1; no < 1000; no++) {
        const int r = kv_get(it->txn, T_DICT, key_u32(key, no), &there);
        if (r < 0 || (r > 0 && text_equal(there, value)))
            return r < 0 ? r : 0;
        if (r == 0)
            return kv_put(it->txn, T_DICT, key_u32(key, no), value, 0);
    }
    return 0;
}

/* A run of pages that no row names: a body, observations, a dictionary. */
static int keep_nameless(struct sillok_salvage *it, struct sillok_text value)
{
    uint8_t key[ID_BYTES];
    size_t len = recognize_block(value);
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    int r = len ? obs_decode(it->rows->codec, &list, text_make(value.ptr, len), 0) : 0;
    if (r < 0 && r != SILLOK_ECORRUPT)
        return r;
    if (list.len) {
        const uint64_t n = len;
        r = buf_add(&it->loose, &n, sizeof(n));
        return r < 0 ? r : buf_add(&it->loose, value.ptr, len);
    }
    len = recognize_dict(value);
    if (len)
        return keep_dict(it, text_make(value.ptr, len));
    len = recognize_body(value);
    return len ? keep_row(it, T_BODY, key_id(key, it->next_body++),
                          text_make(value.ptr, len))
               : 0;
}

static uint64_t key_hash(struct sillok_text number, struct sillok_text key)
{
    char both[ID_BYTES + ARTICLE_KEY_MAX];
    memcpy(both, number.ptr, ID_BYTES);
    memcpy(both + ID_BYTES, key.ptr, key.len);
    return XXH3_64bits(both, ID_BYTES + key.len);
}

static int keep_doubtful(struct sillok_salvage *it, struct sillok_text number,
                         struct sillok_text key)
{
    struct doubtful d = { .key = { .len = key.len } };
    memcpy(d.number, number.ptr, ID_BYTES);
    memcpy(d.key.bytes, key.ptr, key.len);
    return buf_add(&it->doubtful, &d, sizeof(d));
}

static int take_row(void *arg, const struct rescue_row *row)
{
    struct sillok_salvage *it = arg;
    if (!row->key.ptr)
        return keep_nameless(it, row->value);
    /* A damaged table of tables leads to pages of other tables. */
    const int table = row->table >= 0 && recognize_fits(row->table, row)
                          ? row->table
                          : recognize_table(row);
    if (table < 0)
        return 0;
    if (table == T_ARTICLE) {
        const struct sillok_text number = text_make(row->value.ptr, ID_BYTES);
        const int r = map_put(&it->witnesses, key_hash(number, row->key), 0);
        if (r < 0 || !row->sealed)
            return r;
    }
    if (table == T_ORDINAL && !row->sealed)
        return keep_doubtful(it, row->key, row->value);
    return keep_row(it, table, row->key, row->value);
}

/* --- step 2: what the rows need to be read --- */

/* Rows are in the file aside because they were recognized: they can be read. */
static int seg_read(struct seg *out, uint32_t no, struct sillok_text value)
{
    const int r = row_open(&value, "a segment");
    return r < 0 ? r : seg_decode(out, no, value);
}

static struct sillok_text obs_key(uint8_t out[4 + ID_BYTES], uint32_t seg,
                                  uint64_t ordinal)
{
    put_be(out, seg, 4);
    put_be(out + 4, ordinal, ID_BYTES);
    return text_make((const char *)out, 4 + ID_BYTES);
}

/* May @p n observations, sorted by article, be a block of the segment? */
static int spans(const struct seg *seg, const struct obs *o, size_t n)
{
    return o[0].ordinal >= seg->first_ordinal && o[n - 1].ordinal <= seg->last_ordinal &&
           o[0].time_s >= seg->first_s && o[0].time_s <= seg->last_s && n <= seg->n;
}

/* 1 the block stands under the key, 0 nothing does, 2 another one. */
static int block_at(struct sillok_salvage *it, struct sillok_text key,
                    struct sillok_text block)
{
    struct sillok_text there;
    const int r = kv_get(it->txn, T_OBS, key, &there);
    return r <= 0 ? r : text_equal(there, block) ? 1 : 2;
}

/* A block of a segment that is lost as well: under the number of one that is not there.
 */
static int place_apart(struct sillok_salvage *it, const struct obs *o, size_t n,
                       struct sillok_text block)
{
    uint8_t number[4], key[4 + ID_BYTES];
    if (n > it->unclaimed)
        return 0; /* of a batch that was given up */
    for (uint32_t no = 1; no < SEGS_MAX; no++) {
        struct sillok_text v;
        int r = kv_get(it->txn, T_SEG, key_u32(number, no), &v);
        if (r > 0)
            continue;
        const struct sillok_text at = obs_key(key, no, o[0].ordinal);
        r = r < 0 ? r : block_at(it, at, block);
        if (r == 0) {
            it->unclaimed -= n;
            return kv_put(it->txn, T_OBS, at, block, 0);
        }
        if (r < 2)
            return r < 0 ? r : 0;
    }
    return 0;
}

/* The segment that a block without a key belongs to: one that spans its articles and
 * times and lacks that many observations. */
static int place_block(struct sillok_salvage *it, struct sillok_text block)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    uint8_t key[4 + ID_BYTES];
    uint32_t lacks = 0;
    int r = obs_decode(it->rows->codec, &list, block, 0);
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    const size_t n = list.len / sizeof(*o);
    if (r == 0)
        r = kv_cursor_open(&c, it->txn, T_SEG);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct seg seg;
        r = seg_read(&seg, (uint32_t)get_be((const uint8_t *)k.ptr, 4), v);
        if (r == 0 && !spans(&seg, o, n))
            continue;
        if (r == 0)
            r = block_at(it, obs_key(key, seg.no, o[0].ordinal), block);
        if (r < 0 || r == 1)
            return r < 0 ? r : 0; /* an older copy of one that has its key */
        if (r == 0 && !lacks)
            lacks = seg.no;
    }
    if (r < 0 || !lacks)
        return r < 0 ? r : place_apart(it, o, n, block);
    return kv_put(it->txn, T_OBS, obs_key(key, lacks, o[0].ordinal), block, 0);
}

/* What crawls say how many observations there were, and what segments say. */
static int count_observations(struct sillok_salvage *it, uint64_t *in_crawls,
                              uint64_t *in_segs)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    const struct buf *crawls = &it->rows->state.crawls;
    const struct store_crawl *crawl =
        (const struct store_crawl *)(const void *)crawls->ptr;
    *in_crawls = *in_segs = 0;
    for (size_t i = 0; i < crawls->len / sizeof(*crawl); i++)
        *in_crawls += crawl[i].observations;
    int r = kv_cursor_open(&c, it->txn, T_SEG);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct seg seg;
        const int rr = seg_read(&seg, 1, v);
        if (rr < 0)
            return rr;
        *in_segs += seg.n;
    }
    return r;
}

static int place_blocks(struct sillok_salvage *it)
{
    uint64_t in_crawls, in_segs;
    int r = count_observations(it, &in_crawls, &in_segs);
    it->unclaimed = in_crawls > in_segs ? in_crawls - in_segs : 0;
    for (size_t at = 0; at < it->loose.len && r == 0;) {
        uint64_t n;
        memcpy(&n, it->loose.ptr + at, sizeof(n));
        at += sizeof(n);
        r = place_block(it, text_make(it->loose.ptr + at, (size_t)n));
        at += (size_t)n;
    }
    return r;
}

static int fill_doubtful(struct sillok_salvage *it)
{
    const struct doubtful *d = (const struct doubtful *)(const void *)it->doubtful.ptr;
    int r = 0;
    for (size_t i = 0; i < it->doubtful.len / sizeof(*d) && r == 0; i++) {
        const struct sillok_text number = text_make((const char *)d[i].number, ID_BYTES);
        const struct sillok_text key = article_key_text(&d[i].key);
        if (map_get(&it->witnesses, key_hash(number, key)) != MAP_NONE)
            r = keep_row(it, T_ORDINAL, number, key);
    }
    return r;
}

/* Keys of articles that only their own table still has. */
static int fill_keys(struct sillok_salvage *it)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, it->txn, T_ARTICLE);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        const int rr = keep_row(it, T_ORDINAL, text_make(v.ptr, ID_BYTES), k);
        if (rr < 0)
            return rr;
    }
    return r;
}

static int add_dir(struct sillok_salvage *it, struct sillok_text name)
{
    char *copy = strndup(name.ptr, name.len);
    const int r =
        copy ? buf_add(&it->rows->state.dirs, &copy, sizeof(copy)) : fail_memory();
    if (r < 0)
        free(copy);
    return r;
}

/* Folders up to number @p no that have no name any more get one of their own. */
static int name_dirs(struct sillok_salvage *it, uint32_t no)
{
    const struct buf *dirs = &it->rows->state.dirs;
    int r = 0;
    for (size_t i = dirs->len / sizeof(char *) + 1; i <= no && r == 0; i++) {
        char name[64];
        snprintf(name, sizeof(name), "lost-folder-%zu", i);
        r = add_dir(it, text_of(name));
        if (r == 0)
            r = say_lost(it, "the name of a folder: its files are in '%s' now", name);
    }
    return r;
}

static int load_dirs(struct sillok_salvage *it)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, it->txn, T_DIR);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        const uint32_t no = (uint32_t)get_be((const uint8_t *)k.ptr, 4);
        if (no == 0 || no > DIRS_MAX)
            continue;
        int rr = row_open(&v, "a folder");
        if (rr == 0)
            rr = name_dirs(it, no - 1);
        if (rr == 0)
            rr = add_dir(it, v);
        if (rr < 0)
            return rr;
    }
    return r;
}

/* Refusals name their crawl by its number. */
static int load_crawls(struct sillok_salvage *it)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, it->txn, T_CRAWL);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct store_crawl crawl;
        int rr = crawl_decode(&crawl, (uint32_t)get_be((const uint8_t *)k.ptr, 4), v);
        if (rr < 0)
            return rr;
        rr = buf_add(&it->rows->state.crawls, &crawl, sizeof(crawl));
        if (rr < 0) {
            free(crawl.name);
            return rr;
        }
    }
    return r;
}

static int gather(struct sillok_salvage *it)
{
    struct rescue_counts counts;
    struct buf data = BUF_INIT;
    const char *names[N_TABLES + 1];
    for (int i = 0; i <= N_TABLES; i++)
        names[i] = i < N_TABLES ? lmdb_table_name(i) : NULL;
    (void)buf_printf(&data, "%s/%s", it->from, it->data_name);
    it->next_body = (uint64_t)1 << 39; /* behind any that a store has given out */
    int r = data.failed ? fail_memory() : kv_write(it->rows->env, &it->txn);
    if (r == 0)
        r = rescue_rows(data.ptr, names, take_row, it, &counts);
    buf_release(&data);
    if (r == 0)
        r = load_crawls(it);
    if (r == 0)
        r = place_blocks(it);
    if (r == 0)
        r = fill_keys(it);
    if (r == 0)
        r = fill_doubtful(it);
    if (r == 0)
        r = kv_commit(STEAL(it->txn));
    if (r == 0)
        r = kv_read(it->rows->env, &it->txn);
    if (r == 0)
        r = load_dirs(it);
    if (r < 0)
        return r;
    it->sum.pages = counts.pages;
    it->sum.damaged_pages = counts.damaged;
    static const int tables[] = { T_OBS, T_REFUSAL, T_REF, T_BODY };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == 0; i++) {
        struct kv_stats t;
        r = kv_table_stats(it->txn, tables[i], &t);
        it->total += t.rows;
    }
    return r;
}

/* --- observations --- */

static void lifted_init(struct lifted *l)
{
    store_version_init(&l->version);
    buf_init(&l->path, BUF_CEILING);
    buf_init(&l->file, BUF_CEILING);
}

static void lifted_release(struct lifted *l)
{
    store_version_release(&l->version);
    buf_release(&l->path);
    buf_release(&l->file);
}

/* Of a segment; one made up where that is lost. */
static int crawl_name(struct sillok_salvage *it, uint32_t seg_no, char **out,
                      int *made_up)
{
    uint8_t key[4];
    struct sillok_text v;
    struct seg seg;
    char name[64];
    snprintf(name, sizeof(name), "salvaged-segment-%u", seg_no);
    int r = kv_get(it->txn, T_SEG, key_u32(key, seg_no), &v);
    const int has_seg = r > 0;
    if (has_seg)
        r = seg_read(&seg, seg_no, v);
    if (r < 0)
        return r;
    const struct store_crawl *crawl = NULL;
    if (has_seg) {
        crawl = crawl_of(it->rows, seg.crawl);
        snprintf(name, sizeof(name), "salvaged-%u", seg.crawl);
    }
    *made_up = !crawl;
    *out = strdup(crawl ? crawl->name : name);
    return *out ? 0 : fail_memory();
}

static int flush(struct sillok_salvage *it)
{
    struct store_item *items[BATCH];
    const struct store_ops *ops = it->store->ops;
    if (!it->n_batch)
        return 0;
    int r;
    do {
        for (size_t i = 0; i < it->n_batch; i++)
            items[i] = &it->batch[i].item;
        r = ops->begin(it->store, it->crawl);
        if (r == 0 && ops->wants_study(it->store))
            r = ops->study(it->store, items, it->n_batch);
        if (r == 0)
            r = ops->body_put(it->store, items, it->n_batch);
        if (r == 0)
            r = ops->obs_append(it->store, items, it->n_batch);
        if (r == 0)
            r = ops->commit(it->store);
        for (size_t i = 0; i < it->n_batch; i++) {
            ops->prepared_free(it->batch[i].item.prepared);
            it->batch[i].item.prepared = NULL;
            it->sum.bodies += r == 0 && it->batch[i].item.body_new;
        }
    } while (r == STORE_RETRY);
    if (r < 0)
        ops->abort(it->store);
    else
        it->sum.observations += it->n_batch;
    it->n_batch = 0;
    return r;
}

static int is_whole(struct sillok_salvage *it, const struct store_version *v)
{
    struct sillok_id id;
    struct meta_digest digest;
    int r = hasher_of(it->hasher, v->article.body, &id);
    if (r == 0 && !sillok_id_equal(&id, &v->article.content_hash))
        return fail(SILLOK_ECORRUPT, "its body does not have its hash any more");
    if (r == 0)
        r = meta_digest_of(&digest, it->hasher, &v->article);
    if (r == 0 && memcmp(digest.bytes, v->digest.bytes, META_DIGEST_BYTES) != 0)
        return fail(SILLOK_ECORRUPT, "its title or metadata is not what was stored");
    return r;
}

static int say_observation(struct sillok_salvage *it, const struct obs *o,
                           const char *why)
{
    struct article_key key;
    char at[SILLOK_TIME_LEN];
    sillok_time_format(o->time_s, 0, at);
    char reason[300];
    snprintf(reason, sizeof(reason), "%s", why);
    const int r = article_key_read(it->txn, o->ordinal, &key);
    if (r == SILLOK_ECORRUPT)
        return say_lost(it, "an article whose key is lost, as seen at %s: %s", at,
                        reason);
    if (r < 0)
        return r;
    const struct sillok_text oid = article_key_oid(&key), aid = article_key_aid(&key);
    return say_lost(it, "%.*s/%.*s as seen at %s: %s", (int)oid.len, oid.ptr,
                    (int)aid.len, aid.ptr, at, reason);
}

/* The file of an observation whose version is whole; where the exact bytes are lost, the
 * article as the template gives it. */
static int lift_file(struct sillok_salvage *it, const struct obs *o, struct lifted *l)
{
    struct chain_obs seen = { o->time_s, o->version, 0, o->dir, o->form, o->extra };
    struct extra_row extra = { 0 };
    int r = o->extra ? extra_get(it->txn, o->extra, &extra) : 0;
    if (r == 0)
        r = obs_file_read(it->rows, it->txn, &seen, &l->version, &l->path, &l->file);
    if (r == SILLOK_ECORRUPT) {
        it->sum.files_lost++;
        r = say_observation(it, o, "the exact file is lost, the article is kept");
        seen.extra = 0;
        extra.has_residue = 0;
        buf_clear(&l->path);
        if (r == 0)
            r = obs_file_read(it->rows, it->txn, &seen, &l->version, &l->path, &l->file);
    }
    l->item.exact = !extra.has_residue;
    l->item.original = text_make(l->file.ptr, l->file.len);
    return r;
}

static int lift(struct sillok_salvage *it, const struct obs *o)
{
    struct lifted *l = &it->batch[it->n_batch];
    struct version_row row;
    buf_clear(&l->path);
    buf_clear(&l->file);
    int r = version_row_get(it->txn, o->version, &row);
    if (r == 0)
        r = version_read(it->rows, it->txn, it->rows->codec, o->version, 1, &l->version);
    if (r == 0)
        r = is_whole(it, &l->version);
    if (r == 0 && row.article != o->ordinal)
        r = fail(SILLOK_ECORRUPT, "its version belongs to another article");
    if (r == SILLOK_ECORRUPT) {
        it->sum.observations_lost++;
        return test_and_set(&it->told, o->version)
                   ? 0
                   : say_observation(it, o, sillok_error_message());
    }
    if (r < 0)
        return r;
    l->article = l->version.article;
    l->article.crawled_at_s = o->time_s;
    l->item = (struct store_item){ .article = &l->article,
                                   .digest = l->version.digest,
                                   .form = o->form & ~(uint32_t)OBS_MISMATCH,
                                   .mismatch = (o->form & OBS_MISMATCH) != 0 };
    r = o->dir <= DIRS_MAX ? name_dirs(it, o->dir) : 0;
    if (r == 0)
        r = lift_file(it, o, l);
    if (r < 0)
        return r;
    l->item.path = text_make(l->path.ptr, l->path.len);
    l->item.file_bytes = l->file.len;
    (void)test_and_set(&it->used, row.body);
    it->n_batch++;
    return it->n_batch == BATCH ? flush(it) : 0;
}

static int enter_crawl(struct sillok_salvage *it, uint32_t seg)
{
    char *name;
    int made_up;
    int r = crawl_name(it, seg, &name, &made_up);
    if (r < 0)
        return r;
    if (it->crawl && strcmp(it->crawl, name) == 0) {
        free(name);
        return 0;
    }
    r = flush(it);
    free(it->crawl);
    it->crawl = name;
    if (r == 0 && made_up)
        r = say_lost(it, "the name of a crawl: what it saw is in '%s' now", name);
    return r;
}

static int lift_block(struct sillok_salvage *it, struct sillok_text key,
                      struct sillok_text value)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    const uint32_t seg = (uint32_t)get_be((const uint8_t *)key.ptr, 4);
    int r = obs_decode(it->rows->codec, &list, value, seg);
    if (r == SILLOK_ECORRUPT)
        return say_lost(it, "a block of observations: %s", sillok_error_message());
    if (r == 0)
        r = enter_crawl(it, seg);
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    for (size_t i = 0; i < list.len / sizeof(*o) && r == 0; i++)
        r = lift(it, &o[i]);
    return r;
}

/* Segments say how many observations there were, and so do crawls. */
static int say_missing(struct sillok_salvage *it)
{
    uint64_t in_crawls, in_segs;
    const int r = count_observations(it, &in_crawls, &in_segs);
    const uint64_t counted = in_crawls > in_segs ? in_crawls : in_segs,
                   found = it->sum.observations + it->sum.observations_lost;
    if (r < 0 || counted <= found)
        return r;
    it->sum.observations_lost = counted - it->sum.observations;
    return say_lost(it, "%llu observations of which nothing is left",
                    (unsigned long long)(counted - found));
}

/* --- refusals, refs, bodies --- */

static int lift_refusal(struct sillok_salvage *it, struct sillok_text key,
                        struct sillok_text value)
{
    struct sillok_refusal head;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char hex[33];
    int is_new;
    (void)value;
    put_hex(hex, key.ptr, HASH_PREFIX);
    CLEANUP(buf_release) struct buf at = BUF_INIT;
    char found[33];
    int r = it->cursor.len ? buf_add(&at, it->cursor.ptr, it->cursor.len) : 0;
    if (r == 0)
        r = refusal_next(it->rows, it->txn, &at, &row, &head, found);
    if (r > 0)
        r = head.has_bytes ? refusal_read(it->rows, it->txn, hex, &bytes) : 0;
    if (r == SILLOK_ECORRUPT) {
        it->sum.refusals_lost++;
        return say_lost(it, "a refused file: %s", sillok_error_message());
    }
    if (r < 0)
        return r;
    /* An empty file has bytes too: none of them. */
    const struct sillok_text kept = text_make(bytes.ptr ? bytes.ptr : "", bytes.len);
    const struct store_refusal refusal = {
        .path = head.name,
        .code = head.code,
        .reason = head.reason,
        .original = head.has_bytes ? kept : text_make(NULL, 0),
        .size_bytes = head.size_bytes,
    };
    do {
        r = it->store->ops->begin(it->store, head.crawl[0] ? head.crawl : "salvaged");
        if (r == 0)
            r = it->store->ops->refuse(it->store, &refusal, &is_new);
        if (r == 0)
            r = it->store->ops->commit(it->store);
    } while (r == STORE_RETRY);
    it->sum.refusals += r == 0;
    return r;
}

static int lift_ref(struct sillok_salvage *it, struct sillok_text key,
                    struct sillok_text value)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    int r = buf_add_text(&name, key);
    if (r == 0)
        r = buf_add_char(&name, '\0');
    if (r < 0)
        return r;
    do
        r = it->store->ops->ref_cas(it->store, name.ptr, text_make(NULL, 0), value);
    while (r == STORE_RETRY);
    return r;
}

/* A body that no observation led to, if it is whole and the new store lacks it. */
static int lift_body(struct sillok_salvage *it, struct sillok_text key,
                     struct sillok_text value)
{
    const uint64_t body = get_be((const uint8_t *)key.ptr, ID_BYTES);
    CLEANUP(buf_release) struct buf data = BUF_INIT;
    struct sillok_id id, seen;
    char hex[SILLOK_ID_HEX_LEN + 1];
    int has = 0;
    (void)value;
    if (buf_bit(&it->used, body))
        return 0;
    int r = body_read(it->rows, it->txn, it->rows->codec, body, &data, &id);
    if (r == 0)
        r = hasher_of(it->hasher, text_make(data.ptr, data.len), &seen);
    if (r == SILLOK_ECORRUPT || (r == 0 && !sillok_id_equal(&id, &seen)))
        return 0; /* who needed it has said so */
    if (r == 0)
        r = it->store->ops->body_has(it->store, &id, 1, &has);
    if (r < 0 || has)
        return r;
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    sillok_id_format(&id, hex);
    r = buf_printf(&path, "%s/bodies", it->made);
    if (r == 0 && mkdir(path.ptr, 0700) < 0 && errno != EEXIST)
        r = fail_errno("cannot create '%s'", path.ptr);
    if (r == 0)
        r = buf_printf(&path, "/%s", hex);
    if (r == 0)
        r = file_replace(path.ptr, data.ptr, data.len, 0600);
    it->sum.loose_bodies += r == 0;
    return r;
}

/* Crawls say how many refusals they had. */
static int say_missing_refusals(struct sillok_salvage *it)
{
    const struct buf *crawls = &it->rows->state.crawls;
    const struct store_crawl *c = (const struct store_crawl *)(const void *)crawls->ptr;
    uint64_t counted = 0;
    for (size_t i = 0; i < crawls->len / sizeof(*c); i++)
        counted += c[i].refused;
    const uint64_t found = it->sum.refusals + it->sum.refusals_lost;
    if (counted <= found)
        return 0;
    it->sum.refusals_lost = counted - it->sum.refusals;
    return say_lost(it, "%llu refused files of which nothing is left",
                    (unsigned long long)(counted - found));
}

/* --- the run --- */

/* One row of the step's table behind the cursor; 1 done, 0 there are no more. */
static int one_row(struct sillok_salvage *it)
{
    static const struct {
        int table;
        int (*lift)(struct sillok_salvage *, struct sillok_text, struct sillok_text);
    } steps[] = { [S_OBS] = { T_OBS, lift_block },
                  [S_REFUSALS] = { T_REFUSAL, lift_refusal },
                  [S_REFS] = { T_REF, lift_ref },
                  [S_BODIES] = { T_BODY, lift_body } };
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, it->txn, steps[it->step].table);
    if (r == 0)
        r = kv_seek(c, text_make(it->cursor.ptr, it->cursor.len), &k, &v);
    if (r > 0 && it->cursor.len &&
        text_equal(k, text_make(it->cursor.ptr, it->cursor.len)))
        r = kv_next(c, &k, &v);
    if (r <= 0)
        return r;
    r = steps[it->step].lift(it, k, v);
    buf_clear(&it->cursor);
    if (r == 0)
        r = buf_add_text(&it->cursor, k);
    it->done++;
    return r < 0 ? r : 1;
}

static int advance(struct sillok_salvage *it)
{
    int r = one_row(it);
    if (r != 0)
        return r;
    buf_clear(&it->cursor);
    if (it->step == S_OBS) {
        r = flush(it);
        if (r == 0)
            r = say_missing(it);
    } else if (it->step == S_REFUSALS) {
        r = say_missing_refusals(it);
    }
    it->step++;
    return r;
}

/* --- opening --- */

static int look_at_old(struct sillok_salvage *it)
{
    struct stat st;
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    int r = sillok_store_data_name(it->from, it->data_name);
    if (r == 0)
        r = buf_printf(&path, "%s/%s", it->from, it->data_name);
    if (r == 0 && stat(path.ptr, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s' to salvage from", path.ptr)
                   : fail_errno("cannot stat '%s'", path.ptr);
    it->old_bytes = r == 0 ? (size_t)st.st_size : 0;
    return r;
}

/* What is at its place is complete, so it is made beside it. */
static int make_new(struct sillok_salvage *it)
{
    struct stat st;
    if (lstat(it->to, &st) == 0)
        return fail(SILLOK_EEXISTS, "'%s' exists already", it->to);
    if (errno != ENOENT)
        return fail_errno("cannot stat '%s'", it->to);
    const int r = lmdb_aside_make(&it->made, it->to);
    return r < 0 ? r
                 : sillok_store_create(it->made); /* takes the place of an empty folder */
}

static void drop_rows(struct sillok_salvage *it)
{
    kv_abort(it->txn);
    it->txn = NULL;
    lmdb_close_rows(it->rows);
    it->rows = NULL;
    if (it->aside)
        (void)kv_remove(it->aside); /* of no use to anybody, and its name says so */
    free(it->aside);
    it->aside = NULL;
}

static int put_in_place(struct sillok_salvage *it)
{
    drop_rows(it);
    sillok_store_close(it->store);
    it->store = NULL;
    const int r = lmdb_aside_place(it->made, it->to);
    if (r < 0)
        return r;
    free(it->made);
    it->made = NULL;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* Room for the rows: more than the old file has. */
static int make_aside(struct sillok_salvage *it)
{
    struct buf path = BUF_INIT;
    (void)buf_printf(&path, "%s/salvage.mdb", it->made);
    it->aside = buf_take(&path, NULL);
    const size_t room = it->old_bytes * 3 + ((size_t)256 << 20);
    return it->aside ? lmdb_open_rows(&it->rows, it->aside, room) : fail_memory();
}

int sillok_salvage_open(struct sillok_salvage **out, const char *from, const char *to)
{
    struct sillok_salvage *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->lock_fd = -1;
    struct buf *const bufs[] = { &it->cursor, &it->loose, &it->doubtful,
                                 &it->used,   &it->told,  &it->lost };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    it->from = strdup(from);
    it->to = strdup(to);
    it->batch = calloc(BATCH, sizeof(*it->batch));
    int r = it->from && it->to && it->batch ? 0 : fail_memory();
    for (size_t i = 0; i < BATCH && it->batch; i++)
        lifted_init(&it->batch[i]);
    if (r == 0)
        r = look_at_old(it);
    if (r == 0)
        r = lmdb_lock_shared(from, &it->lock_fd);
    if (r == 0)
        r = hasher_new(&it->hasher);
    if (r == 0)
        r = make_new(it);
    if (r == 0)
        r = sillok_store_open(&it->store, it->made, NULL);
    if (r == 0)
        r = make_aside(it);
    if (r == 0)
        r = gather(it);
    if (r < 0) {
        sillok_salvage_close(it);
        return r;
    }
    *out = it;
    return 0;
}

int sillok_salvage_next(struct sillok_salvage *it, struct sillok_salvage_event *event)
{
    if (it->next_lost >= it->lost.len) {
        buf_clear(&it->lost);
        it->next_lost = 0;
        if (it->step == S_DONE)
            return it->made ? put_in_place(it) : 0;
        const int r = advance(it);
        if (r < 0)
            return r;
    }
    *event =
        (struct sillok_salvage_event){ .done = it->done, .total = it->total, .what = "" };
    if (it->next_lost < it->lost.len) {
        event->lost = 1;
        event->what = it->lost.ptr + it->next_lost;
        it->next_lost += strlen(event->what) + 1;
    }
    return 1;
}

const struct sillok_salvage_sum *sillok_salvage_sum(const struct sillok_salvage *it)
{
    return &it->sum;
}

void sillok_salvage_close(struct sillok_salvage *it)
{
    if (!it)
        return;
    drop_rows(it);
    sillok_store_close(it->store);
    if (it->made)
        (void)nftw(it->made, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* why was told */
    free(it->made);
    for (size_t i = 0; i < BATCH && it->batch; i++)
        lifted_release(&it->batch[i]);
    free(it->batch);
    hasher_free(it->hasher);
    if (it->lock_fd >= 0)
        (void)close(it->lock_fd); /* and with it the lock */
    buf_release(&it->cursor);
    buf_release(&it->loose);
    buf_release(&it->doubtful);
    map_release(&it->witnesses);
    buf_release(&it->used);
    buf_release(&it->told);
    buf_release(&it->lost);
    free(it->crawl);
    free(it->from);
    free(it->to);
    free(it);
}
