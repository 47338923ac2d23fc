/*
 * Salvage: all that is whole out of a damaged store, into a new one.
 *
 *  1. Rows that can be recognized are taken from the pages of the data file (rescue.h)
 *     into a file of tables aside (lmdb_gather.c). Nothing else of the old store is
 *     trusted.
 *  2. Every observation among them is put together again: version, body, name, file. What
 *     has its hash and digest is appended to the new store as an ingest would, so that
 *     the new store is sound by construction.
 *  3. Refusals and refs follow; bodies that no observation led to become files.
 *
 * Rows that only derive from others are left out; but the table of articles stands in for
 * the keys of articles, which it repeats.
 */
#include "store/lmdb_salvage.h"

#include "base/file.h"
#include "store/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* A batch ends with so many files, or bytes; a buffer that became larger is not kept. */
enum { BATCH = 1024, BATCH_BYTES = 32 << 20, KEPT_BYTES = 1 << 20 };

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

enum { MADE_UP_LEN = 40 };

/* For a crawl of which its number is left. */
static void make_up_name(char name[MADE_UP_LEN], uint32_t crawl)
{
    snprintf(name, MADE_UP_LEN, "salvaged-%u", crawl);
}

/* Once of each. */
static int say_made_up(struct sillok_salvage *it, const char *name)
{
    const uint64_t hash = XXH3_64bits(name, strlen(name));
    if (map_get(&it->made_up_once, hash) != MAP_NONE)
        return 0;
    const int r = map_put(&it->made_up_once, hash, 0);
    return r < 0 ? r
                 : salvage_lost(it, "the name of a crawl: what it saw is in '%s' now",
                                name);
}

/* Of a segment; one made up where that is lost. */
static int crawl_name(struct sillok_salvage *it, uint32_t seg_no, char **out,
                      int *made_up)
{
    uint8_t key[4];
    struct sillok_text v;
    struct seg seg;
    char name[MADE_UP_LEN];
    snprintf(name, sizeof(name), "salvaged-segment-%u", seg_no);
    int r = kv_get(it->txn, T_SEG, key_u32(key, seg_no), &v);
    const int has_seg = r > 0;
    if (has_seg)
        r = salvage_seg(&seg, seg_no, v);
    if (r < 0)
        return r;
    const struct store_crawl *crawl = NULL;
    if (has_seg) {
        crawl = crawl_of(it->rows, seg.crawl);
        make_up_name(name, seg.crawl);
    }
    *made_up = !crawl;
    *out = strdup(crawl ? crawl->name : name);
    return *out ? 0 : fail_memory();
}

/* In a batch of its own, so that the next one puts the second copies. */
static int learn(struct sillok_salvage *it, struct store_item *const *items)
{
    const struct store_ops *ops = it->store->ops;
    int r = ops->study(it->store, items, it->n_batch);
    if (r < 0 || !lmdb_of(it->store)->dirty)
        return r; /* too few to learn from */
    r = ops->commit(it->store);
    return r < 0 ? r : ops->begin(it->store, it->crawl);
}

/* The crawl at hand began when it did, and not with its salvage. */
static void keep_beginning(struct sillok_salvage *it)
{
    struct lmdb_store *to = lmdb_of(it->store);
    const struct buf *crawls = &it->rows->state.crawls;
    const struct store_crawl *old = (const struct store_crawl *)(const void *)crawls->ptr;
    struct store_crawl *made =
        to->crawl_no < 0 ? NULL : crawl_of(to, (uint32_t)to->crawl_no);
    for (size_t i = 0; made && i < crawls->len / sizeof(*old); i++)
        if (strcmp(old[i].name, made->name) == 0 && old[i].started_s < made->started_s)
            made->started_s = old[i].started_s; /* with what was written into it now */
}

static int flush(struct sillok_salvage *it)
{
    struct store_item *items[BATCH];
    const struct store_ops *ops = it->store->ops;
    const struct buf *crawls = &lmdb_of(it->store)->state.crawls;
    if (!it->n_batch)
        return 0;
    int r;
    do {
        for (size_t i = 0; i < it->n_batch; i++)
            items[i] = &it->batch[i].item;
        r = ops->begin(it->store, it->crawl);
        const uint64_t before = salvage_of_crawls(crawls);
        if (r == 0 && ops->wants_study(it->store))
            r = learn(it, items);
        if (r == 0)
            r = ops->body_put(it->store, items, it->n_batch);
        if (r == 0)
            r = ops->obs_append(it->store, items, it->n_batch);
        keep_beginning(it);
        if (r == 0)
            r = ops->commit(it->store);
        for (size_t i = 0; i < it->n_batch; i++) {
            ops->prepared_free(it->batch[i].item.prepared);
            it->batch[i].item.prepared = NULL;
            it->sum.bodies += r == 0 && it->batch[i].item.body_new;
        }
        /* As the crawls count them: what was merged stands in the pages of what it was merged
         * from too, and what another crawl saw as well is one of this crawl. */
        it->sum.observations += r == 0 ? salvage_of_crawls(crawls) - before : 0;
    } while (r == STORE_RETRY);
    if (r < 0)
        ops->abort(it->store);
    for (size_t i = 0; i < it->n_batch; i++)
        if (it->batch[i].file.cap + it->batch[i].version.body.cap > KEPT_BYTES) {
            lifted_release(&it->batch[i]);
            lifted_init(&it->batch[i]);
        }
    it->n_batch = 0;
    it->batch_bytes = 0;
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
        return salvage_lost(it, "an article whose key is lost, as seen at %s: %s", at,
                            reason);
    if (r < 0)
        return r;
    const struct sillok_text oid = article_key_oid(&key), aid = article_key_aid(&key);
    return salvage_lost(it, "%.*s/%.*s as seen at %s: %s", (int)oid.len, oid.ptr,
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

/* Its version cannot be read, as was just said. An older block of the crawl may have it too. */
static int lose(struct sillok_salvage *it, const struct obs *o)
{
    char why[300];
    snprintf(why, sizeof(why), "%s", sillok_error_message());
    const uint64_t hash = obs_hash(o) ^ XXH3_64bits(it->crawl, strlen(it->crawl));
    if (map_get(&it->lost_once, hash) != MAP_NONE)
        return 0;
    const int r = map_put(&it->lost_once, hash, 0);
    it->sum.observations_lost++;
    return r < 0 || test_and_set(&it->told, o->version) ? r : say_observation(it, o, why);
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
    if (r == SILLOK_ECORRUPT)
        return lose(it, o);
    if (r < 0)
        return r;
    l->article = l->version.article;
    l->article.crawled_at_s = o->time_s;
    l->item = (struct store_item){ .article = &l->article,
                                   .digest = l->version.digest,
                                   .form = o->form & ~(uint32_t)OBS_MISMATCH,
                                   .mismatch = (o->form & OBS_MISMATCH) != 0 };
    r = o->dir <= DIRS_MAX ? salvage_name_dirs(it, o->dir) : 0;
    if (r == 0)
        r = lift_file(it, o, l);
    if (r < 0)
        return r;
    l->item.path = text_make(l->path.ptr, l->path.len);
    l->item.file_bytes = l->file.len;
    (void)test_and_set(&it->used, row.body);
    it->n_batch++;
    it->batch_bytes += l->file.len + l->version.body.len;
    return it->n_batch == BATCH || it->batch_bytes > BATCH_BYTES ? flush(it) : 0;
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
    return r == 0 && made_up ? say_made_up(it, name) : r;
}

static int lift_block(struct sillok_salvage *it, struct sillok_text key,
                      struct sillok_text value)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    const uint32_t seg = (uint32_t)get_be((const uint8_t *)key.ptr, 4);
    int r = obs_decode(it->rows->codec, &list, value, 0);
    if (r == SILLOK_ECORRUPT)
        return salvage_lost(it, "a block of observations: %s", sillok_error_message());
    if (r == 0)
        r = enter_crawl(it, seg);
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    for (size_t i = 0; i < list.len / sizeof(*o) && r == 0; i++, it->done++)
        r = lift(it, &o[i]);
    return r;
}

/* Segments say how many observations there were, and so do crawls and the counters. */
static int say_missing(struct sillok_salvage *it)
{
    uint64_t in_all, in_segs;
    const int r = salvage_count(it, &in_all, &in_segs);
    const uint64_t counted = in_all > in_segs ? in_all : in_segs,
                   found = it->sum.observations + it->sum.observations_lost;
    if (r == 0 && !counted && !it->has_counted && it->sum.damaged_pages)
        return salvage_lost(it, "how much there was: what counted it is gone%s",
                            found ? "" : ", and no observation is left");
    if (r < 0 || counted <= found)
        return r;
    it->sum.observations_lost = counted - it->sum.observations;
    return salvage_lost(it, "%llu observations of which nothing is left",
                        (unsigned long long)(counted - found));
}

/* --- refusals, refs, bodies --- */

/* Those that were put since the last time are in; who begins anew does so behind them. */
static int end_refusals(struct sillok_salvage *it)
{
    const int r = it->n_batch ? it->store->ops->commit(it->store) : 0;
    if (r < 0)
        return r;
    it->sum.refusals += it->n_batch;
    it->n_batch = 0;
    it->batch_bytes = 0;
    buf_clear(&it->batch_from);
    return buf_add(&it->batch_from, it->cursor.ptr, it->cursor.len);
}

/* Their batch was rolled back: all of it once more. */
static int repeat_refusals(struct sillok_salvage *it)
{
    it->done -= it->n_batch;
    it->n_batch = 0;
    it->batch_bytes = 0;
    buf_clear(&it->cursor);
    const int r = buf_add(&it->cursor, it->batch_from.ptr, it->batch_from.len);
    return r < 0 ? r : 1;
}

/* It cannot be read, as was just said; with what is before it in, it is told once. */
static int lose_refusal(struct sillok_salvage *it)
{
    char why[400];
    snprintf(why, sizeof(why), "%s", sillok_error_message());
    const int r = end_refusals(it);
    if (r < 0)
        return r;
    it->sum.refusals_lost++;
    return salvage_lost(it, "a refused file: %s", why);
}

/* The name of its crawl. The row, which is whole, begins with the crawl's number: where the
 * name is lost it is made up as for what the crawl saw, for files of one name in several crawls
 * are not to become one. */
static int refusal_crawl(struct sillok_salvage *it, const char **out,
                         char made_up[MADE_UP_LEN], const struct sillok_refusal *head,
                         struct sillok_text row)
{
    *out = head->crawl;
    if (head->crawl[0])
        return 0;
    struct cursor number = cursor_of(row.ptr, row.len);
    make_up_name(made_up, (uint32_t)cursor_varint(&number));
    *out = made_up;
    return say_made_up(it, made_up);
}

static int lift_refusal(struct sillok_salvage *it, struct sillok_text key,
                        struct sillok_text value)
{
    struct sillok_refusal head;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char hex[33], made_up[MADE_UP_LEN];
    int is_new;
    put_hex(hex, key.ptr, REFUSAL_KEY_BYTES);
    CLEANUP(buf_release) struct buf at = BUF_INIT;
    char found[33];
    int r = it->cursor.len ? buf_add(&at, it->cursor.ptr, it->cursor.len) : 0;
    if (r == 0)
        r = refusal_next(it->rows, it->txn, &at, &row, &head, found);
    if (r > 0)
        r = head.has_bytes ? refusal_read(it->rows, it->txn, hex, &bytes) : 0;
    if (r == SILLOK_ECORRUPT)
        return lose_refusal(it);
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
    const char *crawl = NULL;
    r = refusal_crawl(it, &crawl, made_up, &head, value);
    if (r == 0)
        r = it->store->ops->begin(it->store, crawl);
    if (r == 0)
        r = it->store->ops->refuse(it->store, &refusal, &is_new);
    keep_beginning(it);
    it->n_batch += r == 0;
    it->batch_bytes += bytes.len;
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
    if (key.len == PART_KEY_BYTES || buf_bit(&it->used, body))
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
    sillok_id_format(&id, hex);
    CLEANUP(free) char *folder = file_in(it->made, "bodies");
    CLEANUP(free) char *path = folder ? file_in(folder, hex) : NULL;
    if (!path)
        return fail_memory();
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return fail_errno("cannot create '%s'", folder);
    r = file_replace(path, data.ptr, data.len, 0600);
    it->sum.loose_bodies += r == 0;
    return r;
}

/* Whose text it was is lost, whether or not anything counted the observation. */
static int say_loose(struct sillok_salvage *it)
{
    if (!it->sum.loose_bodies || it->sum.observations_lost)
        return 0;
    return salvage_lost(it, "the articles of %llu bodies that are whole",
                        (unsigned long long)it->sum.loose_bodies);
}

/* Crawls say how many refusals they had, and so do the counters. */
static int say_missing_refusals(struct sillok_salvage *it)
{
    const struct buf *crawls = &it->rows->state.crawls;
    const struct store_crawl *c = (const struct store_crawl *)(const void *)crawls->ptr;
    uint64_t counted = 0;
    for (size_t i = 0; i < crawls->len / sizeof(*c); i++)
        counted += c[i].refused;
    if (it->counted.refused > counted)
        counted = it->counted.refused;
    const uint64_t found = it->sum.refusals + it->sum.refusals_lost;
    if (counted <= found)
        return 0;
    it->sum.refusals_lost = counted - it->sum.refusals;
    return salvage_lost(it, "%llu refused files of which nothing is left",
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
        r = kv_after(c, text_make(it->cursor.ptr, it->cursor.len), &k, &v);
    if (r <= 0)
        return r;
    r = steps[it->step].lift(it, k, v);
    if (r < 0)
        return r;
    buf_clear(&it->cursor);
    r = buf_add_text(&it->cursor, k);
    it->done += it->step != S_OBS; /* its blocks count what is in them */
    return r < 0 ? r : 1;
}

/* The same of refusals, many of which go into one batch; they have a step of their own. */
static int one_refusal(struct sillok_salvage *it)
{
    int r = one_row(it);
    if (r == 0 || (r > 0 && (it->n_batch == BATCH || it->batch_bytes > BATCH_BYTES))) {
        const int ended = end_refusals(it);
        r = ended < 0 ? ended : r;
    }
    return r == STORE_RETRY ? repeat_refusals(it) : r;
}

static int advance(struct sillok_salvage *it)
{
    int r = it->step == S_REFUSALS ? one_refusal(it) : one_row(it);
    if (r != 0)
        return r;
    buf_clear(&it->cursor);
    if (it->step == S_OBS) {
        r = flush(it);
        if (r == 0)
            r = say_missing(it);
    } else if (it->step == S_REFUSALS) {
        r = say_missing_refusals(it);
    } else if (it->step == S_BODIES) {
        r = say_loose(it);
    }
    it->step++;
    return r;
}

/* --- opening --- */

static int look_at_old(struct sillok_salvage *it)
{
    struct stat st;
    int r = lmdb_refuse_newer(it->from);
    if (r == 0)
        r = sillok_store_data_name(it->from, it->data_name);
    if (r < 0)
        return r;
    CLEANUP(free) char *path = file_in(it->from, it->data_name);
    if (!path)
        return fail_memory();
    if (stat(path, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s' to salvage from", path)
                   : fail_errno("cannot stat '%s'", path);
    it->old_bytes = (size_t)st.st_size;
    return 0;
}

/* What is at its place is complete, so it is made beside it. */
static int make_new(struct sillok_salvage *it)
{
    int r = lmdb_aside_is_free(it->to);
    if (r == 0)
        r = lmdb_aside_make(&it->made, it->to);
    return r < 0 ? r
                 : sillok_store_create(it->made); /* takes the place of an empty folder */
}

static void drop_rows(struct sillok_salvage *it)
{
    kv_abort(it->txn);
    it->txn = NULL;
    lmdb_close_rows(it->rows);
    it->rows = NULL;
    if (it->aside && it->owner == getpid())
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
    it->aside = file_in(it->made, "salvage.mdb");
    const size_t room = it->old_bytes * 3 + ((size_t)256 << 20);
    return it->aside ? lmdb_open_rows(&it->rows, it->aside, room, NULL) : fail_memory();
}

static int tell(void *arg, const char *what)
{
    return salvage_lost(arg, "%s", what);
}

int sillok_salvage_open(struct sillok_salvage **out, const char *from, const char *to)
{
    struct sillok_salvage *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->lock_fd = -1;
    it->owner = getpid();
    struct buf *const bufs[] = { &it->cursor,   &it->batch_from, &it->loose, &it->dicts,
                                 &it->doubtful, &it->used,       &it->told,  &it->lost };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    it->from = file_without_slash(from);
    it->to = file_without_slash(to);
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
        r = salvage_gather(it);
    if (r == 0)
        r = folder_salvage(from, it->made, tell, it);
    if (r < 0) {
        sillok_salvage_close(it);
        return r;
    }
    *out = it;
    return 0;
}

static int take_step(struct sillok_salvage *it, struct sillok_salvage_event *event)
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
    /* Where blocks of earlier commits are read too, there is more than was counted. */
    *event = (struct sillok_salvage_event){ .done = it->done < it->total ? it->done
                                                                         : it->total,
                                            .total = it->total,
                                            .what = "" };
    if (it->next_lost < it->lost.len) {
        event->lost = 1;
        event->what = it->lost.ptr + it->next_lost;
        it->next_lost += strlen(event->what) + 1;
    }
    return 1;
}

int sillok_salvage_next(struct sillok_salvage *it, struct sillok_salvage_event *event)
{
    const int owned = kv_owned_by(it->owner);
    if (owned < 0 || it->failed)
        return owned < 0 ? owned : it->failed;
    const int r = take_step(it, event);
    it->failed = r < 0 ? r : 0;
    return r;
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
    if (it->made && it->owner == getpid())
        (void)nftw(it->made, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* why was told */
    free(it->made);
    for (size_t i = 0; i < BATCH && it->batch; i++)
        lifted_release(&it->batch[i]);
    free(it->batch);
    hasher_free(it->hasher);
    if (it->lock_fd >= 0)
        (void)close(it->lock_fd); /* and with it the lock */
    buf_release(&it->cursor);
    buf_release(&it->batch_from);
    buf_release(&it->loose);
    buf_release(&it->dicts);
    buf_release(&it->doubtful);
    map_release(&it->witnesses);
    map_release(&it->old_segs);
    map_release(&it->current_blocks);
    map_release(&it->lost_once);
    map_release(&it->made_up_once);
    buf_release(&it->used);
    buf_release(&it->told);
    buf_release(&it->lost);
    free(it->crawl);
    free(it->from);
    free(it->to);
    free(it);
}
