/*
 * The rows of a damaged store, for salvage (lmdb_salvage.c): taken from its pages into a
 * file aside, each where it belongs, blocks and bodies that no row names any more among
 * them.
 */
#include "store/lmdb_salvage.h"

#include "base/file.h"
#include "store/recognize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SEGS_MAX = 1 << 24, COMMIT_BYTES = 4 << 20 };

/* A key of an article in a row of its own, in a store of before, has no checksum, and one
 * wrong letter would be another article. Where its page has no sum, it counts only if the
 * table of articles says the same. */
struct doubtful {
    uint8_t number[ID_BYTES];
    struct article_key key;
};

int salvage_lost(struct sillok_salvage *it, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return buf_add(&it->lost, text, strlen(text) + 1);
}

/* --- rows --- */

static int keep_row(struct sillok_salvage *it, int table, struct sillok_text key,
                    struct sillok_text value)
{
    struct sillok_text there;
    const int r = kv_get(it->txn, table, key, &there);
    return r != 0 ? (r < 0 ? r : 0) : kv_put(it->txn, table, key, value, 0);
}

/* The last row of keys is written again as it grows, and some page has it as it was. */
static int keep_names(struct sillok_salvage *it, struct sillok_text key,
                      struct sillok_text value)
{
    struct sillok_text there;
    const int r = kv_get(it->txn, T_ORDINAL, key, &there);
    return r < 0 || (r > 0 && !names_extends(value, there))
               ? (r < 0 ? r : 0)
               : kv_put(it->txn, T_ORDINAL, key, value, 0);
}

/* Bytes that no row names, for when all rows are there. */
struct loose {
    size_t len; /* of the bytes that follow */
    int sealed; /* as in struct rescue_row */
};

static int keep_loose(struct buf *list, struct sillok_text bytes, int sealed)
{
    const struct loose head = { .len = bytes.len, .sealed = sealed };
    const int r = buf_add(list, &head, sizeof(head));
    return r < 0 ? r : buf_add_text(list, bytes);
}

/* The next of such, 0 there is none. */
static int next_loose(const struct buf *list, size_t *at, struct sillok_text *bytes,
                      int *sealed)
{
    struct loose head;
    if (*at == list->len)
        return 0;
    memcpy(&head, list->ptr + *at, sizeof(head));
    *bytes = text_make(list->ptr + *at + sizeof(head), head.len);
    *sealed = head.sealed;
    *at += sizeof(head) + head.len;
    return 1;
}

/* A run of pages that no row names: a body, observations, a dictionary. */
static int keep_nameless(struct sillok_salvage *it, const struct rescue_row *row)
{
    uint8_t key[ID_BYTES];
    const struct sillok_text value = row->value;
    size_t len = recognize_block(value);
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    int r = len ? obs_decode(it->rows->codec, &list, text_make(value.ptr, len), 0) : 0;
    if (r < 0 && r != SILLOK_ECORRUPT)
        return r;
    if (list.len)
        return keep_loose(&it->loose, text_make(value.ptr, len), row->sealed);
    len = recognize_dict(value);
    if (len)
        return keep_loose(&it->dicts, text_make(value.ptr, len), row->sealed);
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

/* A dictionary from its second copy, unless the first is there. */
static int keep_copy(struct sillok_salvage *it, const struct rescue_row *row)
{
    CLEANUP(buf_release) struct buf first = BUF_INIT;
    uint8_t key[4];
    buf_init(&first, BUF_CEILING);
    const int r = dict_unpack(row->value, &first);
    if (r < 0)
        return r == SILLOK_ECORRUPT ? 0 : r;
    const struct rescue_row made = { .key = key_u32(key, dict_of_copy(row->key)),
                                     .value = text_make(first.ptr, first.len) };
    return recognize_fits(T_DICT, &made) ? keep_row(it, T_DICT, made.key, made.value) : 0;
}

/* How much there was. A row of an earlier commit counts too little, but never what was not
 * there, and one without its sum is perhaps of a commit that never came to be. Where the
 * list of tables is damaged, rows of the last commit do not come first. */
static void take_counters(struct sillok_salvage *it, const struct rescue_row *row)
{
    struct counters there;
    if (!row->sealed || !counters_has_key(row->key) ||
        counters_decode(&there, row->value) < 0 ||
        (it->has_counted && there.commits <= it->counted.commits))
        return;
    it->counted = there;
    it->has_counted = 1;
}

/* The same of a crawl: its row is written again with each batch. */
static int keep_crawl(struct sillok_salvage *it, const struct rescue_row *row)
{
    struct sillok_text there, ignored;
    struct store_crawl old, new;
    int r = kv_get(it->txn, T_CRAWL, row->key, &there);
    if (r <= 0 || !row->sealed)
        return r < 0 ? r : keep_row(it, T_CRAWL, row->key, row->value);
    r = crawl_parse(&old, 0, there, &ignored);
    if (r == 0)
        r = crawl_parse(&new, 0, row->value, &ignored);
    return r < 0 || new.observations + new.refused <= old.observations + old.refused
               ? r
               : kv_put(it->txn, T_CRAWL, row->key, row->value, 0);
}

static uint32_t seg_number(struct sillok_text key)
{
    return (uint32_t)get_be((const uint8_t *)key.ptr, 4);
}

/* Short segments are merged as they come. Those that are gone say nothing that is not so, for
 * no number is given out again; but what they saw is counted in another one too. */
static int keep_seg(struct sillok_salvage *it, const struct rescue_row *row)
{
    struct sillok_text there;
    int r = row->current ? 1 : kv_get(it->txn, T_SEG, row->key, &there);
    if (r == 0)
        r = map_put(&it->old_segs, seg_number(row->key), 0);
    return r < 0 ? r : keep_row(it, T_SEG, row->key, row->value);
}

static uint64_t block_hash(struct sillok_text key)
{
    return XXH3_64bits(key.ptr, key.len);
}

/* A block of the last commit is what some segment saw, that of an earlier one may be in a longer
 * one by now. */
static int keep_block(struct sillok_salvage *it, const struct rescue_row *row)
{
    const int r =
        row->current ? map_put(&it->current_blocks, block_hash(row->key), 0) : 0;
    return r < 0 ? r : keep_row(it, T_OBS, row->key, row->value);
}

static int sort_row(struct sillok_salvage *it, const struct rescue_row *row)
{
    if (!row->key.ptr)
        return keep_nameless(it, row);
    take_counters(it, row);
    /* A damaged table of tables leads to pages of other tables. */
    const int table = row->table >= 0 && recognize_fits(row->table, row)
                          ? row->table
                          : recognize_table(row);
    if (table < 0)
        return 0;
    if (table == T_META)
        return keep_copy(it, row);
    if (table == T_ARTICLE && !row->sealed)
        return map_put(&it->witnesses,
                       key_hash(text_make(row->value.ptr, ID_BYTES), row->key), 0);
    if (table == T_ORDINAL && names_is_row(row->value))
        return keep_names(it, row->key, row->value);
    if (table == T_ORDINAL && !row->sealed)
        return keep_doubtful(it, row->key, row->value);
    if (table == T_OBS)
        return keep_block(it, row);
    if (table == T_CRAWL)
        return keep_crawl(it, row);
    return table == T_SEG ? keep_seg(it, row) : keep_row(it, table, row->key, row->value);
}

/* What is written and not committed is in memory, and a store is larger than that. */
static int take_row(void *arg, const struct rescue_row *row)
{
    struct sillok_salvage *it = arg;
    int r = sort_row(it, row);
    it->uncommitted += row->key.len + row->value.len;
    if (r < 0 || it->uncommitted < COMMIT_BYTES)
        return r;
    it->uncommitted = 0;
    r = kv_commit(STEAL(it->txn));
    return r < 0 ? r : kv_write(it->rows->env, &it->txn);
}

/* --- what the rows need to be read --- */

/* Rows are in the file aside because they were recognized: they can be read. */
int salvage_seg(struct seg *out, uint32_t no, struct sillok_text value)
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

static int is_old_seg(const struct sillok_salvage *it, uint32_t no)
{
    return map_get(&it->old_segs, no) != MAP_NONE;
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

/* A block of a segment that is lost as well: under the number of one that is not there. What
 * has no sum and is not counted is of a batch that was given up. */
static int place_apart(struct sillok_salvage *it, const struct obs *o, size_t n,
                       struct sillok_text block, int sealed)
{
    uint8_t number[4], key[4 + ID_BYTES];
    if (n > it->unclaimed && !sealed)
        return 0;
    for (uint32_t no = 1; no < SEGS_MAX; no++) {
        struct sillok_text v;
        int r = kv_get(it->txn, T_SEG, key_u32(number, no), &v);
        if (r > 0)
            continue;
        const struct sillok_text at = obs_key(key, no, o[0].ordinal);
        r = r < 0 ? r : block_at(it, at, block);
        if (r == 0) {
            it->unclaimed -= n < it->unclaimed ? n : it->unclaimed;
            return kv_put(it->txn, T_OBS, at, block, 0);
        }
        if (r < 2)
            return r < 0 ? r : 0;
    }
    return 0;
}

/* The segment that a block without a key belongs to: one that spans its articles and
 * times and lacks that many observations, of the last commit if there is such. */
static int place_block(struct sillok_salvage *it, struct sillok_text block, int sealed)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    uint8_t key[4 + ID_BYTES];
    uint32_t lacks = 0;
    int is_old = 0;
    int r = obs_decode(it->rows->codec, &list, block, 0);
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    const size_t n = list.len / sizeof(*o);
    if (r == 0)
        r = kv_cursor_open(&c, it->txn, T_SEG);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct seg seg;
        r = salvage_seg(&seg, seg_number(k), v);
        if (r == 0 && !spans(&seg, o, n))
            continue;
        if (r == 0)
            r = block_at(it, obs_key(key, seg.no, o[0].ordinal), block);
        if (r < 0 || r == 1)
            return r < 0 ? r : 0; /* an older copy of one that has its key */
        if (r == 0 && (!lacks || (is_old && !is_old_seg(it, seg.no)))) {
            lacks = seg.no;
            is_old = is_old_seg(it, seg.no);
        }
    }
    if (r < 0 || !lacks)
        return r < 0 ? r : place_apart(it, o, n, block, sealed);
    return kv_put(it->txn, T_OBS, obs_key(key, lacks, o[0].ordinal), block, 0);
}

uint64_t salvage_of_crawls(const struct buf *crawls)
{
    const struct store_crawl *crawl =
        (const struct store_crawl *)(const void *)crawls->ptr;
    uint64_t n = 0;
    for (size_t i = 0; i < crawls->len / sizeof(*crawl); i++)
        n += crawl[i].observations;
    return n;
}

/* What crawls or the counters say how many observations there were, and what segments
 * say: those of earlier commits only where nobody else does. */
int salvage_count(struct sillok_salvage *it, uint64_t *counted, uint64_t *in_segs)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    *in_segs = 0;
    *counted = salvage_of_crawls(&it->rows->state.crawls);
    if (it->counted.observations > *counted)
        *counted = it->counted.observations;
    int r = kv_cursor_open(&c, it->txn, T_SEG);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct seg seg;
        const int rr = salvage_seg(&seg, seg_number(k), v);
        if (rr < 0)
            return rr;
        *in_segs += *counted && is_old_seg(it, seg.no) ? 0 : seg.n;
    }
    return r;
}

/* Blocks that no row names, and those of earlier commits whose segment has no row, may be what
 * is left of short segments that are merged by now. */
struct stray {
    struct sillok_salvage *it;
    struct map numbers;   /* hashes of the observations in them, each with a number */
    struct buf is_placed; /* a byte for each number: it stands in a block of a segment */
    struct buf keys;      /* of those that have one */
};

typedef int obs_fn(struct stray *stray, const struct obs *o);

/* 1 @p fn was for none of the block's observations 0; a damaged block is none's. */
static int all_of(struct stray *stray, struct sillok_text block, obs_fn *fn)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    int r = obs_decode(stray->it->rows->codec, &list, block, 0);
    if (r < 0)
        return r == SILLOK_ECORRUPT ? 0 : r;
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    int all = 1;
    for (size_t i = 0; i < list.len / sizeof(*o) && r >= 0; i++) {
        r = fn(stray, &o[i]);
        all &= r > 0;
    }
    return r < 0 ? r : all;
}

static int number_it(struct stray *stray, const struct obs *o)
{
    const uint64_t hash = obs_hash(o);
    if (map_get(&stray->numbers, hash) != MAP_NONE)
        return 1;
    const int r = map_put(&stray->numbers, hash, (uint32_t)stray->is_placed.len);
    return r < 0 ? r : buf_add_char(&stray->is_placed, 0);
}

static int place_it(struct stray *stray, const struct obs *o)
{
    const uint32_t number = map_get(&stray->numbers, obs_hash(o));
    if (number != MAP_NONE)
        stray->is_placed.ptr[number] = 1;
    return 1;
}

static int is_placed(struct stray *stray, const struct obs *o)
{
    return stray->is_placed.ptr[map_get(&stray->numbers, obs_hash(o))];
}

/* 1 the block has a place: its segment is there, or was in the last commit, and what two crawls
 * saw alike is no copy of one another. 0 it has none; or an error. */
static int has_place(const struct sillok_salvage *it, struct sillok_text key)
{
    struct sillok_text seg;
    if (map_get(&it->current_blocks, block_hash(key)) != MAP_NONE)
        return 1;
    return kv_get(it->txn, T_SEG, text_make(key.ptr, 4), &seg);
}

/* One pass over all blocks: those without a place, or those with one. */
static int each_block(struct stray *stray, int placed, obs_fn *fn)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, stray->it->txn, T_OBS);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        int rr = has_place(stray->it, k);
        if (rr == placed && !placed)
            rr = buf_add_text(&stray->keys, k);
        if (rr == placed)
            rr = all_of(stray, v, fn);
        if (rr < 0)
            return rr;
    }
    return r;
}

/* Those of which each observation has its place are left out. */
static int drop_strays(struct stray *stray)
{
    enum { KEY_BYTES = 4 + ID_BYTES };
    int r = 0;
    for (size_t i = 0; i < stray->keys.len && r >= 0; i += KEY_BYTES) {
        const struct sillok_text key = text_make(stray->keys.ptr + i, KEY_BYTES);
        struct sillok_text block;
        r = kv_get(stray->it->txn, T_OBS, key, &block);
        if (r > 0)
            r = all_of(stray, block, is_placed);
        if (r > 0)
            r = kv_delete(stray->it->txn, T_OBS, key);
    }
    return r < 0 ? r : 0;
}

static int place_strays(struct stray *stray)
{
    struct sillok_text block;
    struct sillok_salvage *it = stray->it;
    int r = each_block(stray, 0, number_it), sealed;
    for (size_t at = 0; r >= 0 && next_loose(&it->loose, &at, &block, &sealed);)
        r = all_of(stray, block, number_it);
    if (r >= 0 && stray->is_placed.len)
        r = each_block(stray, 1, place_it);
    if (r >= 0)
        r = drop_strays(stray);
    for (size_t at = 0; r >= 0 && next_loose(&it->loose, &at, &block, &sealed);) {
        r = all_of(stray, block, is_placed);
        if (r == 0)
            r = place_block(it, block, sealed);
    }
    return r < 0 ? r : 0;
}

static int place_blocks(struct sillok_salvage *it)
{
    struct stray stray = { .it = it, .is_placed = BUF_INIT, .keys = BUF_INIT };
    uint64_t counted, in_segs;
    int r = salvage_count(it, &counted, &in_segs);
    it->unclaimed = counted > in_segs ? counted - in_segs : 0;
    if (!counted && !in_segs && !it->has_counted && !it->rows->state.crawls.len)
        it->unclaimed = UINT64_MAX; /* nothing is left that would count */
    if (r == 0)
        r = place_strays(&stray);
    map_release(&stray.numbers);
    buf_release(&stray.is_placed);
    buf_release(&stray.keys);
    return r;
}

/* Dictionaries were numbered as they were written, and pages are mostly written in order.
 */
static int place_dict(struct sillok_salvage *it, struct sillok_text value)
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

static int place_dicts(struct sillok_salvage *it)
{
    struct sillok_text row;
    int r = 0, sealed;
    for (size_t at = 0; r == 0 && next_loose(&it->dicts, &at, &row, &sealed);)
        r = place_dict(it, row);
    return r;
}

/* 1 some row of the table of articles has the key and the number. */
static int is_witnessed(struct sillok_salvage *it, struct sillok_text number,
                        struct sillok_text key)
{
    struct sillok_text row;
    if (map_get(&it->witnesses, key_hash(number, key)) != MAP_NONE)
        return 1;
    const int r = kv_get(it->txn, T_ARTICLE, key, &row);
    return r <= 0 ? r : text_equal(text_make(row.ptr, ID_BYTES), number);
}

static int fill_doubtful(struct sillok_salvage *it)
{
    const struct doubtful *d = (const struct doubtful *)(const void *)it->doubtful.ptr;
    int r = 0;
    for (size_t i = 0; i < it->doubtful.len / sizeof(*d) && r >= 0; i++) {
        const struct sillok_text number = text_make((const char *)d[i].number, ID_BYTES);
        const struct sillok_text key = article_key_text(&d[i].key);
        r = is_witnessed(it, number, key);
        if (r > 0)
            r = keep_row(it, T_ORDINAL, number, key);
    }
    return r < 0 ? r : 0;
}

typedef int row_fn(struct sillok_salvage *it, struct sillok_text key,
                   struct sillok_text value);

static int each_row(struct sillok_salvage *it, int table, row_fn *fn)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, it->txn, table);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        const int rr = fn(it, k, v);
        if (rr < 0)
            return rr;
    }
    return r;
}

/* Keys of articles that only their own table still has. */
static int fill_key(struct sillok_salvage *it, struct sillok_text key,
                    struct sillok_text value)
{
    return keep_row(it, T_ORDINAL, text_make(value.ptr, ID_BYTES), key);
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

int salvage_name_dirs(struct sillok_salvage *it, uint32_t no)
{
    const struct buf *dirs = &it->rows->state.dirs;
    int r = 0;
    for (size_t i = dirs->len / sizeof(char *) + 1; i <= no && r == 0; i++) {
        char name[64];
        snprintf(name, sizeof(name), "lost-folder-%zu", i);
        r = add_dir(it, text_of(name));
        if (r == 0)
            r = salvage_lost(it, "the name of a folder: its files are in '%s' now", name);
    }
    return r;
}

static int load_dir(struct sillok_salvage *it, struct sillok_text key,
                    struct sillok_text value)
{
    const uint32_t no = (uint32_t)get_be((const uint8_t *)key.ptr, 4);
    if (no == 0 || no > DIRS_MAX)
        return 0;
    int r = row_open(&value, "a folder");
    if (r == 0)
        r = salvage_name_dirs(it, no - 1);
    return r < 0 ? r : add_dir(it, value);
}

/* Refusals name their crawl by its number. */
static int load_crawl(struct sillok_salvage *it, struct sillok_text key,
                      struct sillok_text value)
{
    struct store_crawl crawl;
    int r = crawl_decode(&crawl, (uint32_t)get_be((const uint8_t *)key.ptr, 4), value);
    if (r < 0)
        return r;
    r = buf_add(&it->rows->state.crawls, &crawl, sizeof(crawl));
    if (r < 0)
        free(crawl.name);
    return r;
}

/* What stood there cannot be named, but must not go without a word. */
static int tell_absent(struct sillok_salvage *it, const struct rescue_counts *counts)
{
    int r = 0;
    if (counts->missing)
        r = salvage_lost(it, "what stood in %llu pages behind the end of the file",
                         (unsigned long long)counts->missing);
    if (r == 0 && counts->newer)
        r = salvage_lost(it,
                         "what the last %llu commits brought: the file is older than its "
                         "seal",
                         (unsigned long long)counts->newer);
    if (r == 0 && counts->nameless)
        r = salvage_lost(it,
                         "what stood in %llu pages that are not what was written, as far "
                         "as it is not named here: no header, or no list of tables, says "
                         "what it was",
                         (unsigned long long)counts->nameless);
    return r;
}

/* Of blocks their observations, and what else has a row. */
static int count_work(struct sillok_salvage *it)
{
    static const int tables[] = { T_REFUSAL, T_REF, T_BODY };
    uint64_t counted, in_segs;
    int r = salvage_count(it, &counted, &in_segs);
    it->total = counted > in_segs ? counted : in_segs;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && r == 0; i++) {
        struct kv_stats t;
        r = kv_table_stats(it->txn, tables[i], &t);
        it->total += t.rows;
    }
    return r;
}

int salvage_gather(struct sillok_salvage *it)
{
    struct rescue_counts counts;
    CLEANUP(free) char *data = file_in(it->from, it->data_name);
    const char *names[N_TABLES + 1];
    for (int i = 0; i <= N_TABLES; i++)
        names[i] = i < N_TABLES ? lmdb_table_name(i) : NULL;
    it->next_body = (uint64_t)1 << 39; /* behind any that a store has given out */
    int r = data ? kv_write(it->rows->env, &it->txn) : fail_memory();
    if (r == 0)
        r = rescue_rows(data, names, take_row, it, &counts);
    if (r == 0)
        r = each_row(it, T_CRAWL, load_crawl);
    if (r == 0)
        r = place_dicts(it);
    if (r == 0)
        r = place_blocks(it);
    if (r == 0)
        r = each_row(it, T_ARTICLE, fill_key);
    if (r == 0)
        r = fill_doubtful(it);
    if (r == 0)
        r = kv_commit(STEAL(it->txn));
    if (r == 0)
        r = kv_read(it->rows->env, &it->txn);
    if (r == 0)
        r = each_row(it, T_DIR, load_dir);
    if (r < 0)
        return r;
    it->sum.pages = counts.pages;
    it->sum.damaged_pages = counts.damaged;
    r = tell_absent(it, &counts);
    return r < 0 ? r : count_work(it);
}
