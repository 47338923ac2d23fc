#include "near/index.h"

#include "near/anchors.h"

#include "diff/normal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { T_META, T_SKETCH, T_PART, T_BAND, N_TABLES };
static const struct kv_table tables[N_TABLES] = {
    [T_META] = { "meta", 0 },
    [T_SKETCH] = { "sketch", 0 },
    [T_PART] = { "part", 0 },
    [T_BAND] = { "band", 0 },
};

enum {
    VERSION_BYTES = 4,
    PART_BYTES = 6,
    ROW_BYTES = 8, /* of a key of band */
    ENTRY_BYTES = 8
};

static const size_t map_start = (size_t)1 << 32;

/* LMDB's file locks belong to a process, so threads have to queue here. */
static pthread_mutex_t one_thread = PTHREAD_MUTEX_INITIALIZER;

/* --- place --- */

int index_place_init(struct index_place *place, struct sillok_store *store)
{
    struct sillok_stats stats;
    memset(place, 0, sizeof(*place));
    const int r = store->ops->stats(store, &stats);
    if (r < 0)
        return r;
    snprintf(place->uuid, sizeof(place->uuid), "%s", stats.uuid);
    place->map_max_bytes = (size_t)store->limits.map_bytes;
    place->file = beside_path(store, "near.mdb");
    place->lock = beside_path(store, "near.lock");
    return place->file && place->lock ? 0 : fail_memory();
}

void index_place_release(struct index_place *place)
{
    free(place->file);
    free(place->lock);
    place->file = place->lock = NULL;
}

/* --- format and state --- */

static int format_line(const struct index_place *place, char out[96])
{
    return snprintf(out, 96, "sillok-near %d %d %s", INDEX_FORMAT, NORMAL_VERSION,
                    place->uuid);
}

static int wrong_index(const struct index_place *place, const char *why)
{
    return fail(SILLOK_ECORRUPT, "'%s' %s", place->file, why);
}

static int read_state(struct index *x, struct kv_txn *txn)
{
    char want[96];
    struct sillok_text v = { NULL, 0 };
    const int n = format_line(x->place, want);
    int r = kv_get(txn, T_META, text_of("format"), &v);
    if (r >= 0 && !(r == 1 && text_equal(v, text_make(want, (size_t)n))))
        return wrong_index(x->place, "is of another store or another version");
    if (r >= 0)
        r = kv_get(txn, T_META, text_of("state"), &v);
    if (r <= 0)
        return r < 0 ? r : wrong_index(x->place, "does not say how far it is");
    struct cursor c = cursor_of(v.ptr, v.len);
    x->state.position = cursor_varint(&c);
    x->state.texts = cursor_varint(&c);
    const uint8_t *digest = cursor_bytes(&c, sizeof(x->state.digest));
    if (c.bad || cursor_left(&c) || x->state.position > UINT32_MAX)
        return wrong_index(x->place, "does not say how far it is");
    memcpy(&x->state.digest, digest, sizeof(x->state.digest));
    return 0;
}

static int put_state(struct kv_txn *txn, const struct index_state *state)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    int r = buf_add_varint(&b, state->position);
    if (r == 0)
        r = buf_add_varint(&b, state->texts);
    if (r == 0)
        r = buf_add(&b, &state->digest, sizeof(state->digest));
    return r < 0 ? r : kv_put(txn, T_META, text_of("state"), text_make(b.ptr, b.len), 0);
}

/* --- open --- */

static int open_file(struct index *x, int read_only)
{
    const size_t max = x->place->map_max_bytes;
    const struct kv_options o = { .read_only = read_only,
                                  .map_bytes = map_start < max ? map_start : max,
                                  .map_max_bytes = max };
    int r = kv_open(&x->env, x->place->file, tables, N_TABLES, &o);
    if (r == 0)
        r = kv_read(x->env, &x->txn);
    return r < 0 ? r : read_state(x, x->txn);
}

static void close_file(struct index *x)
{
    kv_abort(x->txn);
    kv_close(x->env);
    x->txn = NULL;
    x->env = NULL;
}

static int fill_empty(const struct index_place *place, const char *path)
{
    char line[96];
    CLEANUP(kv_close) struct kv_env *env = NULL;
    struct kv_txn *txn = NULL;
    const struct index_state none = { 0 };
    const struct kv_options o = { .create = 1,
                                  .map_bytes = (size_t)1 << 24,
                                  .map_max_bytes = (size_t)1 << 24 };
    const int n = format_line(place, line);
    int r = kv_open(&env, path, tables, N_TABLES, &o);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r < 0)
        return r;
    r = kv_put(txn, T_META, text_of("format"), text_make(line, (size_t)n), 0);
    if (r == 0)
        r = put_state(txn, &none);
    if (r == 0)
        return kv_commit(txn);
    kv_abort(txn);
    return r;
}

/* Made aside, so that a crash leaves none rather than half a file. */
int index_reset(struct index *x)
{
    struct buf b = BUF_INIT;
    close_file(x);
    (void)buf_printf(&b, "%s.new", x->place->file);
    char *aside = buf_take(&b, NULL);
    if (!aside)
        return fail_memory();
    int r = kv_remove(aside);
    if (r == 0)
        r = fill_empty(x->place, aside);
    if (r == 0)
        r = kv_remove(x->place->file);
    if (r == 0)
        r = kv_rename(aside, x->place->file);
    if (r < 0)
        (void)kv_remove(aside); /* or the next one does so */
    free(aside);
    if (r == 0)
        x->place->damaged = 0;
    return r < 0 ? r : open_file(x, 0);
}

static int begin(struct index *x, struct index_place *place, int writing)
{
    memset(x, 0, sizeof(*x));
    x->place = place;
    pthread_mutex_lock(&one_thread);
    x->open = 1;
    x->lock_fd = -1;
    return beside_lock(&x->lock_fd, place->lock, INDEX_NAME, writing, BESIDE_WAIT_MS);
}

static int is_useless(int r)
{
    return r == SILLOK_ENOTFOUND || r == SILLOK_ECORRUPT || r == SILLOK_EINVALID;
}

int index_open_read(struct index *x, struct index_place *place)
{
    int r = begin(x, place, 0);
    if (r == 0)
        r = open_file(x, 1);
    place->gone = is_useless(r);
    if (r == SILLOK_ENOTFOUND)
        r = fail(r,
                 "there is no index of near duplicates of this store yet ('%s'), and it "
                 "was not to be made or cannot be written",
                 place->file);
    else if (place->gone)
        r = fail(SILLOK_ENOTFOUND,
                 "the index '%s' is not of this store and this version of sillok, or is "
                 "damaged, and it was not to be made anew or cannot be written",
                 place->file);
    if (r < 0)
        index_close(x);
    return r;
}

int index_open_write(struct index *x, struct index_place *place)
{
    int r = begin(x, place, 1);
    const int locked = r == 0;
    if (locked)
        r = open_file(x, 0);
    if (locked && (is_useless(r) || place->damaged))
        r = index_reset(x);
    if (r < 0)
        index_close(x);
    return r;
}

void index_close(struct index *x)
{
    if (!x->open)
        return;
    close_file(x);
    if (x->lock_fd >= 0)
        (void)close(x->lock_fd); /* which also unlocks it */
    x->lock_fd = -1;
    x->open = 0;
    pthread_mutex_unlock(&one_thread);
}

/* --- adding --- */

/* An entry of `band` and the last four bytes of its row's key, as numbers. */
struct index_entry {
    uint64_t value;
    uint32_t row;
};

struct index_sketch {
    uint32_t version;
    int has_sketch;
    uint8_t packed[SKETCH_BYTES];
    size_t filter, filter_len; /* in the batch's filters */
};

void index_batch_init(struct index_batch *b)
{
    memset(b, 0, sizeof(*b));
    buf_init(&b->entries, BUF_CEILING);
    buf_init(&b->sketches, BUF_CEILING);
    buf_init(&b->filters, BUF_CEILING);
}

void index_batch_release(struct index_batch *b)
{
    buf_release(&b->entries);
    buf_release(&b->sketches);
    buf_release(&b->filters);
}

void index_batch_clear(struct index_batch *b)
{
    buf_clear(&b->entries);
    buf_clear(&b->sketches);
    buf_clear(&b->filters);
}

static uint32_t row_of(unsigned partition, int band, unsigned slice)
{
    return (uint32_t)partition << 16 | (uint32_t)band << 8 | slice;
}

int index_batch_entry(struct index_batch *b, unsigned partition, int band,
                      uint64_t number, uint32_t version)
{
    struct index_entry e;
    memset(&e, 0, sizeof(e));
    e.row = row_of(partition, band, (unsigned)(number >> 32) & 0xff);
    e.value = number << 32 | version;
    return buf_add(&b->entries, &e, sizeof(e));
}

int index_batch_sketch(struct index_batch *b, uint32_t version, const struct sketch *s,
                       const struct buf *anchors)
{
    struct index_sketch row;
    memset(&row, 0, sizeof(row));
    row.version = version;
    row.has_sketch = s != NULL;
    row.filter = b->filters.len;
    const int r = anchors_pack(&b->filters, (const uint64_t *)(const void *)anchors->ptr,
                               anchors->len / sizeof(uint64_t));
    row.filter_len = b->filters.len - row.filter;
    if (r < 0 || (!s && !row.filter_len))
        return r;
    if (s)
        sketch_pack(row.packed, s);
    return buf_add(&b->sketches, &row, sizeof(row));
}

static struct sillok_text bytes_of(const uint8_t *ptr, size_t len)
{
    return text_make((const char *)ptr, len);
}

static int damaged_row(struct index *x)
{
    x->place->damaged = 1;
    return fail(SILLOK_ECORRUPT,
                "the index '%s' is damaged: remove it, it will be made anew",
                x->place->file);
}

/* What LMDB finds damaged is the index and not the store. */
static int checked(struct index *x, int r)
{
    return r == SILLOK_ECORRUPT ? damaged_row(x) : r;
}

static int is_known(const struct index *x, uint32_t version)
{
    return version > 0 && version <= x->state.position;
}

static int by_row_and_value(const void *a, const void *b)
{
    const struct index_entry *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Take the rows of a segment that is not full into the batch, and note their keys. */
static int load_segment(struct index *x, uint32_t segment, struct index_batch *b,
                        struct buf *keys)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t from[ROW_BYTES] = { 0 };
    put_be(from, segment, 4);
    int r = kv_cursor_open(&c, x->txn, T_BAND);
    if (r < 0)
        return r;
    for (r = kv_seek(c, bytes_of(from, sizeof(from)), &k, &v); r > 0;
         r = kv_next(c, &k, &v)) {
        if (k.len != ROW_BYTES || memcmp(k.ptr, from, 4) != 0 || v.len % ENTRY_BYTES) {
            r = damaged_row(x);
            break;
        }
        r = buf_add_text(keys, k);
        for (size_t i = 0; i < v.len && r == 0; i += ENTRY_BYTES) {
            struct index_entry e;
            memset(&e, 0, sizeof(e));
            e.row = (uint32_t)get_be((const uint8_t *)k.ptr + 4, 4);
            e.value = get_be((const uint8_t *)v.ptr + i, ENTRY_BYTES);
            r = buf_add(&b->entries, &e, sizeof(e));
        }
        if (r < 0)
            break;
    }
    kv_cursor_close(c);
    return r;
}

static int put_sketches(struct kv_txn *txn, const struct index_batch *b)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    const struct index_sketch *s =
        (const struct index_sketch *)(const void *)b->sketches.ptr;
    uint8_t key[VERSION_BYTES];
    int r = 0;
    for (size_t i = 0; i < b->sketches.len / sizeof(*s) && r == 0; i++) {
        buf_clear(&value);
        put_be(key, s[i].version, sizeof(key));
        if (s[i].has_sketch)
            r = buf_add(&value, s[i].packed, SKETCH_BYTES);
        if (r == 0 && s[i].filter_len)
            r = buf_add(&value, b->filters.ptr + s[i].filter, s[i].filter_len);
        if (r == 0)
            r = kv_put(txn, T_SKETCH, bytes_of(key, sizeof(key)),
                       text_make(value.ptr, value.len), KV_APPEND);
    }
    return r;
}

static int put_part(struct kv_txn *txn, uint32_t segment, uint32_t row)
{
    uint8_t key[PART_BYTES];
    put_be(key, row >> 16, 2);
    put_be(key + 2, segment, 4);
    return kv_put(txn, T_PART, bytes_of(key, sizeof(key)), text_make("", 0), 0);
}

/* Entries [0, n) are sorted. */
static int put_rows(struct kv_txn *txn, uint32_t segment, const struct index_entry *e,
                    size_t n)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ROW_BYTES], entry[ENTRY_BYTES];
    int r = 0;
    put_be(key, segment, 4);
    for (size_t from = 0, to; from < n && r == 0; from = to) {
        buf_clear(&row);
        put_be(key + 4, e[from].row, 4);
        for (to = from; to < n && e[to].row == e[from].row && r == 0; to++) {
            put_be(entry, e[to].value, sizeof(entry));
            r = buf_add(&row, entry, sizeof(entry));
        }
        if (r == 0 && (from == 0 || e[from].row >> 16 != e[from - 1].row >> 16))
            r = put_part(txn, segment, e[from].row);
        if (r == 0)
            r = kv_put(txn, T_BAND, bytes_of(key, sizeof(key)),
                       text_make(row.ptr, row.len), KV_APPEND);
    }
    return r;
}

static int write_all(struct kv_txn *txn, uint32_t segment, const struct index_batch *b,
                     const struct buf *old_keys)
{
    int r = 0;
    for (size_t i = 0; i < old_keys->len && r >= 0; i += ROW_BYTES)
        r = kv_delete(txn, T_BAND, text_make(old_keys->ptr + i, ROW_BYTES));
    if (r >= 0)
        r = put_rows(txn, segment,
                     (const struct index_entry *)(const void *)b->entries.ptr,
                     b->entries.len / sizeof(struct index_entry));
    if (r == 0)
        r = put_sketches(txn, b);
    if (r == 0)
        r = put_state(txn, &b->state);
    /* It has versions that it says it does not have. */
    return r == SILLOK_EEXISTS ? fail(SILLOK_ECORRUPT, "the index has rows twice") : r;
}

int index_write(struct index *x, struct index_batch *b)
{
    const uint32_t segment = (uint32_t)(x->state.position / SEGMENT_VERSIONS);
    CLEANUP(buf_release) struct buf keys = BUF_INIT;
    struct kv_txn *txn;
    int r = load_segment(x, segment, b, &keys);
    if (r < 0)
        return r;
    kv_abort(x->txn);
    x->txn = NULL;
    if (b->entries.len)
        qsort(b->entries.ptr, b->entries.len / sizeof(struct index_entry),
              sizeof(struct index_entry), by_row_and_value);
    for (;;) {
        r = kv_write(x->env, &txn);
        if (r < 0)
            return r;
        r = write_all(txn, segment, b, &keys);
        if (r == 0)
            r = kv_commit(txn);
        else
            kv_abort(txn);
        if (r == KV_FULL && (r = kv_grow(x->env)) == 0)
            continue;
        if (r == 0)
            x->state = b->state;
        return r < 0 ? r : kv_read(x->env, &x->txn);
    }
}

/* --- asking --- */

int index_parts(struct index *x, unsigned from, unsigned to, struct buf *out)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t key[PART_BYTES] = { 0 };
    int r = kv_cursor_open(&c, x->txn, T_PART);
    if (r < 0)
        return r;
    put_be(key, from > UINT16_MAX ? UINT16_MAX : from, 2);
    for (r = kv_seek(c, bytes_of(key, sizeof(key)), &k, &v); r > 0;
         r = kv_next(c, &k, &v)) {
        struct index_part part;
        memset(&part, 0, sizeof(part));
        if (k.len != PART_BYTES) {
            r = damaged_row(x);
            break;
        }
        part.partition = (uint16_t)get_be((const uint8_t *)k.ptr, 2);
        part.segment = (uint32_t)get_be((const uint8_t *)k.ptr + 2, 4);
        if (part.partition > to || (r = buf_add(out, &part, sizeof(part))) < 0)
            break;
    }
    kv_cursor_close(c);
    return r < 0 ? checked(x, r) : 0;
}

/* 1 with a row of whole entries, 0: there is none. */
static int get_row(struct index *x, const struct index_part *part, int band,
                   unsigned slice, struct sillok_text *row)
{
    uint8_t key[ROW_BYTES];
    put_be(key, part->segment, 4);
    put_be(key + 4, row_of(part->partition, band, slice), 4);
    const int r = kv_get(x->txn, T_BAND, bytes_of(key, sizeof(key)), row);
    return r > 0 && row->len % ENTRY_BYTES ? damaged_row(x) : checked(x, r);
}

int index_find(struct index *x, const struct index_part *part, int band, uint64_t number,
               struct buf *out)
{
    struct sillok_text row;
    uint8_t want[4];
    int r = get_row(x, part, band, (unsigned)(number >> 32) & 0xff, &row);
    if (r <= 0)
        return r;
    put_be(want, number & UINT32_MAX, sizeof(want));
    r = 0;
    for (size_t i = 0; i < row.len && r == 0; i += ENTRY_BYTES) {
        const int c = memcmp(row.ptr + i, want, sizeof(want));
        const uint32_t version = (uint32_t)get_be((const uint8_t *)row.ptr + i + 4, 4);
        if (c > 0)
            break;
        if (c == 0)
            r = is_known(x, version) ? buf_add(out, &version, sizeof(version))
                                     : damaged_row(x);
    }
    return r;
}

int index_slice(struct index *x, const struct index_part *part, int band, unsigned slice,
                struct buf *out)
{
    struct sillok_text row;
    int r = get_row(x, part, band, slice, &row);
    if (r <= 0)
        return r;
    r = 0;
    for (size_t i = 0; i < row.len && r == 0; i += ENTRY_BYTES) {
        const uint64_t value = get_be((const uint8_t *)row.ptr + i, ENTRY_BYTES);
        r = is_known(x, (uint32_t)value) ? buf_add(out, &value, sizeof(value))
                                         : damaged_row(x);
    }
    return r;
}

/* A row of the sketch table taken apart: the filter, and 1 where a sketch stands before
 * it. A short text has too few anchors for its filter to be taken for a sketch. */
static int split_sketch(struct sillok_text *value)
{
    if (value->len < SKETCH_BYTES)
        return 0;
    *value = text_make(value->ptr + SKETCH_BYTES, value->len - SKETCH_BYTES);
    return 1;
}

int index_sketch(struct index *x, uint32_t version, const uint8_t **out)
{
    uint8_t key[VERSION_BYTES];
    struct sillok_text v;
    put_be(key, version, sizeof(key));
    const int r = kv_get(x->txn, T_SKETCH, bytes_of(key, sizeof(key)), &v);
    if (r <= 0)
        return checked(x, r);
    *out = (const uint8_t *)v.ptr;
    return split_sketch(&v);
}

static int add_hits(struct sillok_text filter, uint32_t version,
                    const struct index_needle *needles, size_t n, struct buf *out)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct index_hit hit = { version, (uint32_t)i };
        if (anchors_may_be_in(filter, needles[i].anchors, needles[i].n))
            r = buf_add(out, &hit, sizeof(hit));
    }
    return r;
}

int index_holding(struct index *x, uint32_t segment, const struct index_needle *needles,
                  size_t n, struct buf *out)
{
    const uint64_t first = (uint64_t)segment * SEGMENT_VERSIONS + 1;
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t key[VERSION_BYTES];
    if (first > x->state.position)
        return damaged_row(x);
    int r = kv_cursor_open(&c, x->txn, T_SKETCH);
    if (r < 0)
        return r;
    put_be(key, first, sizeof(key));
    for (r = kv_seek(c, bytes_of(key, sizeof(key)), &k, &v); r > 0;
         r = kv_next(c, &k, &v)) {
        const uint32_t version =
            k.len == VERSION_BYTES ? (uint32_t)get_be((const uint8_t *)k.ptr, 4) : 0;
        if (version >= first + SEGMENT_VERSIONS) {
            r = 0;
            break;
        }
        if (!is_known(x, version)) {
            r = damaged_row(x);
            break;
        }
        (void)split_sketch(&v); /* short texts count as well */
        if ((r = add_hits(v, version, needles, n, out)) < 0)
            break;
    }
    kv_cursor_close(c);
    return checked(x, r);
}

int index_figures(struct index *x, struct index_figures *out)
{
    return kv_file_stats(x->txn, &out->used_bytes, &out->free_bytes);
}
