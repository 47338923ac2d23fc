/*
 * From a hash to its body.
 *
 *   hash     one key, duplicates of SHA-256[0..8) | body id 5, sorted
 *   hashnew  first byte of the hash, number 2: some of these records, sorted
 *
 * A record is in one of the two. The order of hashes is random and everything else's is
 * not: of a table of millions each record of a batch would be in a leaf of its own, to be
 * written anew. So what a batch adds waits in `hashnew`, by its first byte, and while there
 * is too much of that, the byte that has most goes over to `hash`, where several of its
 * records then fall on each leaf. Ten million bodies, 3,072 a batch: some 550 pages a
 * batch instead of 3,000. (Deferred and sorted updates of an index: Quinlan and Dorward,
 * Venti, 2002, 5.1.)
 *
 * A batch's own bodies are found in memory until it ends. A record leads to the bodies whose
 * hashes begin so, and their rows have all of it: of 10 million bodies two begin alike once
 * in 370,000 stores, and who makes some on purpose makes questions for them slower and
 * nothing else. Stores before format 4 have only `hash`, with 16 bytes of each.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>

/* DUPFIXED keeps its records back to back only below one key, whichever. */
static const struct sillok_text hash_key = { "h", 1 };

enum { N_BYTES = 256, NEW_KEY = 3, NEW_ROWS_MAX = 1 << 16 };
/* Records of a row: a page has three of the longest. */
enum { ROW_RECORDS = 96 };
/* How many may wait: so that those of a byte are some ten a leaf of `hash` when they go,
 * and that a batch is an eighth of them. A batch that is an eighth of all bodies meets
 * leaves more than once as it is. */
enum { WAIT_LEAST = 1024, WAIT_BATCHES = 8, WAIT_ONE_IN = 24, DENSE_ONE_IN = 8 };
/* Never more, because a question goes through all that wait of a byte: 85 rows of these. */
enum { WAIT_MOST = 1 << 21 };

static int has_new(const struct lmdb_store *s)
{
    return s->format >= FORMAT_LETTERS;
}

static int compare_records(const void *a, const void *b)
{
    return memcmp(a, b, HASH_RECORD);
}

static int compare_records_before(const void *a, const void *b)
{
    return memcmp(a, b, HASH_RECORD_BEFORE);
}

static int same_bits(const uint8_t *a, const uint8_t *b, unsigned n_bits)
{
    const unsigned whole = n_bits / 8, rest = n_bits % 8;
    if (memcmp(a, b, whole) != 0)
        return 0;
    return rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

/* --- rows of hashnew --- */

static struct sillok_text new_key(uint8_t out[NEW_KEY], unsigned byte, unsigned number)
{
    out[0] = (uint8_t)byte;
    put_be(out + 1, number, 2);
    return text_make((const char *)out, NEW_KEY);
}

/* Rows of one byte, in order. Begins with c and byte alone. */
struct new_rows {
    struct kv_cursor *c;
    unsigned byte, number;
    int began;
    struct sillok_text records; /* of the row, borrowed as from a cursor */
};

static int take_row(struct new_rows *it, struct sillok_text k)
{
    if (k.len != NEW_KEY || !it->records.len || it->records.len % HASH_RECORD)
        return damaged("a row of the table 'hashnew' is damaged");
    it->number = (unsigned)get_be((const uint8_t *)k.ptr + 1, 2);
    return (uint8_t)k.ptr[0] == it->byte;
}

/* 1 with the next row, 0 there is none. */
static int new_rows_next(struct new_rows *it)
{
    uint8_t key[NEW_KEY];
    struct sillok_text k;
    const int r = it->began ? kv_next(it->c, &k, &it->records)
                            : kv_seek(it->c, new_key(key, it->byte, 0), &k, &it->records);
    it->began = 1;
    return r <= 0 ? r : take_row(it, k);
}

static int new_rows_last(struct new_rows *it)
{
    uint8_t key[NEW_KEY];
    struct sillok_text k;
    int r = it->byte + 1 < N_BYTES
                ? kv_seek(it->c, new_key(key, it->byte + 1, 0), &k, &it->records)
                : 0;
    if (r >= 0)
        r = r ? kv_prev(it->c, &k, &it->records) : kv_last(it->c, &k, &it->records);
    return r <= 0 ? r : take_row(it, k);
}

/* --- asking --- */

/* 1 ends it. */
typedef int record_fn(void *arg, const uint8_t *record);

static int each_old(const struct lmdb_store *s, struct kv_txn *txn, const uint8_t *prefix,
                    unsigned n_bits, record_fn *fn, void *arg)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    const size_t bytes = hash_record_bytes(s);
    uint8_t from[HASH_RECORD_BEFORE] = { 0 };
    struct sillok_text record;
    memcpy(from, prefix, hash_prefix(s));
    int r = kv_cursor_open(&c, txn, T_HASH);
    if (r < 0)
        return r;
    r = kv_seek_value(c, hash_key, text_make((const char *)from, bytes), &record);
    for (; r > 0; r = kv_next_value(c, &record)) {
        if (record.len != bytes ||
            !same_bits((const uint8_t *)record.ptr, prefix, n_bits))
            return 0;
        const int rr = fn(arg, (const uint8_t *)record.ptr);
        if (rr)
            return rr;
    }
    return r;
}

static int each_in_row(struct sillok_text records, const uint8_t *prefix, unsigned n_bits,
                       record_fn *fn, void *arg)
{
    const uint8_t *list = (const uint8_t *)records.ptr;
    size_t low = 0, high = records.len / HASH_RECORD;
    const size_t n = high;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (memcmp(list + mid * HASH_RECORD, prefix, HASH_PREFIX) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < n && same_bits(list + low * HASH_RECORD, prefix, n_bits); low++) {
        const int r = fn(arg, list + low * HASH_RECORD);
        if (r)
            return r;
    }
    return 0;
}

static int each_new(struct kv_txn *txn, const uint8_t *prefix, unsigned n_bits,
                    record_fn *fn, void *arg)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    const unsigned last = n_bits < 8 ? prefix[0] | (N_BYTES - 1) >> n_bits
                                     : prefix[0]; /* all that begin so */
    int r = kv_cursor_open(&c, txn, T_HASHNEW);
    for (unsigned byte = prefix[0]; byte <= last && r == 0; byte++) {
        struct new_rows it = { .c = c, .byte = byte };
        while ((r = new_rows_next(&it)) > 0) {
            const int rr = each_in_row(it.records, prefix, n_bits, fn, arg);
            if (rr)
                return rr;
        }
    }
    return r;
}

/* Call @p fn with each record that begins with so many bits of @p prefix, of which the
 * others are 0. */
static int each_record(const struct lmdb_store *s, struct kv_txn *txn,
                       const uint8_t *prefix, unsigned n_bits, record_fn *fn, void *arg)
{
    const int r = each_old(s, txn, prefix, n_bits, fn, arg);
    return r || !has_new(s) ? r : each_new(txn, prefix, n_bits, fn, arg);
}

struct asked {
    const struct lmdb_store *s;
    struct kv_txn *txn;
    const struct sillok_id *id;
    unsigned n_bits;
    struct sillok_id *out; /* ids that begin so */
    int n, max;
    uint64_t body; /* of the last one */
};

static int take_asked(void *arg, const uint8_t *record)
{
    struct asked *a = arg;
    struct body_row row;
    a->body = get_be(record + hash_prefix(a->s), ID_BYTES);
    const int r = body_row_get(a->txn, a->body, &row);
    if (r < 0 || !same_bits(row.id.bytes, a->id->bytes, a->n_bits))
        return r;
    a->out[a->n++] = row.id;
    return a->n == a->max;
}

int body_lookup(const struct lmdb_store *s, struct kv_txn *txn,
                const struct sillok_id *id, uint64_t *body)
{
    struct sillok_id found;
    struct asked a = { s, txn, id, 8 * sizeof(id->bytes), &found, 0, 1, 0 };
    const int r =
        each_record(s, txn, id->bytes, 8 * (unsigned)hash_prefix(s), take_asked, &a);
    if (r > 0)
        *body = a.body;
    return r;
}

int lmdb_body_find(struct sillok_store *base, const struct sillok_id *prefix,
                   unsigned n_bits, struct sillok_id *out, int max)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    struct asked a = { s, txn, prefix, n_bits, out, 0, max, 0 };
    const unsigned most = 8 * (unsigned)hash_prefix(s),
                   head = n_bits < most ? n_bits : most;
    r = max > 0 ? each_record(s, txn, prefix->bytes, head, take_asked, &a) : 0;
    view_end(s, txn);
    return r < 0 ? r : a.n;
}

/* The record of a body; how many bytes. */
static size_t record_make(uint8_t out[HASH_RECORD_BEFORE], const struct lmdb_store *s,
                          const struct sillok_id *id, uint64_t body)
{
    const size_t prefix = hash_prefix(s);
    memcpy(out, id->bytes, prefix);
    put_be(out + prefix, body, ID_BYTES);
    return prefix + ID_BYTES;
}

static int take_same(void *arg, const uint8_t *record)
{
    const struct sillok_text *want = arg;
    return memcmp(record, want->ptr, want->len) == 0;
}

int hash_has(const struct lmdb_store *s, struct kv_txn *txn, const struct sillok_id *id,
             uint64_t body)
{
    uint8_t record[HASH_RECORD_BEFORE];
    struct sillok_text want = { (const char *)record, record_make(record, s, id, body) };
    return each_record(s, txn, record, 8 * (unsigned)hash_prefix(s), take_same, &want);
}

static int count_new(struct kv_txn *txn, uint32_t counts[N_BYTES], uint64_t *all)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    int r = kv_cursor_open(&c, txn, T_HASHNEW);
    *all = 0;
    for (unsigned byte = 0; byte < N_BYTES && r == 0; byte++) {
        struct new_rows it = { .c = c, .byte = byte };
        counts[byte] = 0;
        while ((r = new_rows_next(&it)) > 0)
            counts[byte] += (uint32_t)(it.records.len / HASH_RECORD);
        *all += counts[byte];
    }
    return r;
}

int hashes_count(const struct lmdb_store *s, struct kv_txn *txn, uint64_t *n)
{
    uint32_t counts[N_BYTES];
    uint64_t waiting = 0;
    struct kv_stats stats = { 0 };
    int r = kv_table_stats(txn, T_HASH, &stats);
    if (r == 0 && has_new(s))
        r = count_new(txn, counts, &waiting);
    *n = stats.rows + waiting;
    return r;
}

/* --- of the batch --- */

int hash_lookup_in_batch(struct lmdb_store *s, const struct sillok_id *id, uint64_t *body)
{
    uint32_t i = map_get(&s->hashes_last, get_be(id->bytes, 8));
    while (i != MAP_NONE) {
        const uint8_t *record =
            (const uint8_t *)s->hashes.ptr + (size_t)i * hash_record_bytes(s);
        const uint64_t found = get_be(record + hash_prefix(s), ID_BYTES);
        struct body_row row;
        if (memcmp(record, id->bytes, hash_prefix(s)) == 0) {
            const int r = body_row_get(s->txn, found, &row);
            if (r < 0)
                return r;
            if (sillok_id_equal(&row.id, id))
                return *body = found, 1;
        }
        memcpy(&i, s->hashes_prev.ptr + (size_t)i * sizeof(i), sizeof(i));
    }
    return 0;
}

int hash_remember(struct lmdb_store *s, const struct sillok_id *id, uint64_t body)
{
    uint8_t record[HASH_RECORD_BEFORE];
    const size_t bytes = record_make(record, s, id, body);
    const uint64_t k = get_be(id->bytes, 8);
    const uint32_t prev = map_get(&s->hashes_last, k);
    const uint32_t at = (uint32_t)(s->hashes.len / bytes);
    int r = buf_add(&s->hashes, record, bytes);
    if (r == 0)
        r = buf_add(&s->hashes_prev, &prev, sizeof(prev));
    return r < 0 ? r : map_put(&s->hashes_last, k, at);
}

/* --- writing --- */

/* Records of @p bytes each. */
static int put_old(struct kv_txn *txn, const uint8_t *records, size_t n, size_t bytes)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = kv_put(txn, T_HASH, hash_key,
                   text_make((const char *)records + i * bytes, bytes), 0);
        if (r == SILLOK_EEXISTS) /* in a damaged store; verify counts them */
            r = 0;
    }
    return r;
}

static void sort_records(struct buf *records)
{
    if (records->len)
        qsort(records->ptr, records->len / HASH_RECORD, HASH_RECORD, compare_records);
}

/* Append all that waits of a byte; *n_rows: the number of its last row, and one. */
static int gather_new(struct kv_txn *txn, unsigned byte, struct buf *out,
                      unsigned *n_rows)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    int r = kv_cursor_open(&c, txn, T_HASHNEW);
    struct new_rows it = { .c = c, .byte = byte };
    *n_rows = 0;
    while (r >= 0 && (r = new_rows_next(&it)) > 0) {
        *n_rows = it.number + 1;
        r = buf_add_text(out, it.records);
    }
    return r;
}

/* All that waits of a byte goes where it belongs. */
static int settle(struct kv_txn *txn, unsigned byte)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    unsigned n_rows;
    uint8_t key[NEW_KEY];
    int r = gather_new(txn, byte, &all, &n_rows);
    sort_records(&all);
    if (r == 0)
        r = put_old(txn, (const uint8_t *)all.ptr, all.len / HASH_RECORD, HASH_RECORD);
    for (unsigned number = 0; number < n_rows && r >= 0; number++)
        r = kv_delete(txn, T_HASHNEW, new_key(key, byte, number));
    return r < 0 ? r : 0;
}

/* The row that records of a byte are added to: its number, and what is in it. */
static int open_row(struct kv_txn *txn, unsigned byte, unsigned *number, struct buf *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    int r = kv_cursor_open(&c, txn, T_HASHNEW);
    struct new_rows it = { .c = c, .byte = byte };
    *number = 0;
    if (r == 0)
        r = new_rows_last(&it);
    if (r <= 0)
        return r;
    const int has_room = it.records.len / HASH_RECORD < ROW_RECORDS;
    *number = has_room ? it.number : it.number + 1;
    return has_room ? buf_add_text(out, it.records) : 0;
}

/* Records of one byte. */
static int put_new(struct kv_txn *txn, const uint8_t *records, size_t n)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    const unsigned byte = records[0];
    uint8_t key[NEW_KEY];
    unsigned number;
    int r = open_row(txn, byte, &number, &row);
    while (n && r == 0) {
        const size_t room = ROW_RECORDS - row.len / HASH_RECORD,
                     take = n < room ? n : room;
        if (number == NEW_ROWS_MAX)
            return put_old(txn, records, n, HASH_RECORD);
        r = buf_add(&row, records, take * HASH_RECORD);
        sort_records(&row);
        if (r == 0)
            r = kv_put(txn, T_HASHNEW, new_key(key, byte, number++), buf_text(&row), 0);
        buf_clear(&row);
        records += take * HASH_RECORD;
        n -= take;
    }
    return r;
}

/* While more than @p most wait, the byte of most goes. */
static int settle_down_to(struct kv_txn *txn, struct hash_waiting *w, uint64_t most)
{
    int r = 0;
    while (r == 0 && w->all > most) {
        unsigned byte = 0;
        for (unsigned b = 1; b < N_BYTES; b++)
            if (w->counts[b] > w->counts[byte])
                byte = b;
        r = settle(txn, byte);
        w->all -= w->counts[byte];
        w->counts[byte] = 0;
    }
    return r;
}

static uint64_t may_wait(uint64_t n_bodies, uint64_t n_batch)
{
    uint64_t most = n_bodies / WAIT_ONE_IN;
    if (most < WAIT_BATCHES * n_batch)
        most = WAIT_BATCHES * n_batch;
    return most < WAIT_LEAST ? WAIT_LEAST : most > WAIT_MOST ? WAIT_MOST : most;
}

int hashes_flush(struct lmdb_store *s)
{
    const struct counters *c = &s->state.counters;
    const uint64_t n_bodies = c->plain + c->dictionary + c->delta;
    const size_t bytes = hash_record_bytes(s), n = s->hashes.len / bytes;
    const uint8_t *records = (const uint8_t *)s->hashes.ptr;
    struct hash_waiting *w = &s->hash_waiting;
    const uint64_t begun_behind = kv_commit_number(s->txn);
    int r = 0;
    if (n)
        qsort(s->hashes.ptr, n, bytes,
              bytes == HASH_RECORD ? compare_records : compare_records_before);
    if (!has_new(s) || n >= n_bodies / DENSE_ONE_IN) {
        w->commit = 0;
        return put_old(s->txn, records, n, bytes);
    }
    if (n && w->commit != begun_behind)
        r = count_new(s->txn, w->counts, &w->all);
    for (size_t i = 0, end; i < n && r == 0; i = end) {
        const unsigned byte = records[i * HASH_RECORD];
        for (end = i + 1; end < n && records[end * HASH_RECORD] == byte;)
            end++;
        r = put_new(s->txn, records + i * HASH_RECORD, end - i);
        w->counts[byte] += (uint32_t)(end - i);
        w->all += end - i;
    }
    if (r == 0 && n)
        r = settle_down_to(s->txn, w, may_wait(n_bodies, n));
    /* Of the commit that this batch becomes; who gives it up forgets that. */
    w->commit = r == 0 && (n || w->commit == begun_behind) ? begun_behind + 1 : 0;
    return r;
}

/* Deletes in a duplicate table cannot be trusted (ITS#9376): the table is made anew. */
int hashes_rebuild(struct lmdb_store *s)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_clear(s->txn, T_HASH);
    if (r == 0 && has_new(s))
        r = kv_clear(s->txn, T_HASHNEW);
    if (r == 0)
        r = kv_cursor_open(&c, s->txn, T_BODY);
    if (r < 0)
        return r;
    for (r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct sillok_id id;
        if (k.len == PART_KEY_BYTES)
            continue;
        if (v.len < 1 + sizeof(id.bytes))
            return damaged("a row of the body table is damaged");
        memcpy(id.bytes, v.ptr + 1, sizeof(id.bytes));
        const int rr = hash_remember(s, &id, get_be((const uint8_t *)k.ptr, ID_BYTES));
        if (rr < 0)
            return rr;
    }
    return r;
}
