/*
 * The rows of a store as small as they get, for compact (lmdb_copy.c).
 *
 *   train   a sample of all texts and records makes a dictionary of each kind. It is
 *           taken where, on a part of the sample, all of it with the dictionary is smaller
 *           by a hundredth than with the one that is there; so a second compact changes
 *           nothing
 *   body    unpacked, compared with its hash, and packed again at a high level: with the
 *           dictionary or, where it rested on another text, as a difference against that
 *           one, whichever is shorter. What is stored stays where that is shorter still.
 *           Of some bodies that wait the one that fits best is put next, lmdb_fill.c
 *   version the record likewise
 *   hash    with the new number
 *   figures of what is stored are counted anew
 *
 * Invariants
 *  1. A text that does not have its hash ends it. What is packed has been unpacked again
 *     and compared (store/codec.h).
 *  2. Numbers of versions stay, and of dictionaries, which go on being counted up. Bodies
 *     are numbered anew, in the order in which they are put; a base before what rests on it.
 *     A base stays a full body, because only what was a difference becomes one.
 */
#include "store/lmdb.h"
#include "store/numbers.h"

#include <stdlib.h>
#include <string.h>

enum {
    BODY_SAMPLE_BYTES = 24 << 20,
    META_SAMPLE_BYTES = 4 << 20,
    TRIAL_ONE_IN = 16, /* texts of the sample that dictionaries are compared by, */
    TRIAL_LEAST = 256, /* and of few so many, or all */
    WORTH_ONE_IN = 100 /* of what all takes: what a new one must gain */
};
/* A dictionary for so many bytes of texts; above, longer ones win little. */
enum { BODY_DICT_SHARE = 40, BODY_DICT_MIN = 16 << 10, BODY_DICT_MAX = 1 << 20 };
enum { META_DICT_SHARE = 16, META_DICT_MIN = 4 << 10, META_DICT_MAX = 64 << 10 };

/* A body that is packed and not put yet. */
struct waiting {
    struct body_row
        row; /* as it will be stored; `payload` is in `bytes`, a base an old number */
    uint64_t body;  /* its old number */
    uint64_t since; /* how many were taken before it */
    struct buf bytes;
};

struct squeeze {
    struct lmdb_store *from;
    struct kv_txn *view;
    int level;
    struct codec_ctx *codec;
    struct hasher *hasher;
    struct dict *dicts[N_DICT_KINDS]; /* to pack with; NULL: none is worth it */
    struct counters counters;         /* of what is written */
    struct buf raw, base, packed, other, joined, row;
    struct numbers numbers;
    struct waiting waiting[FILL_WINDOW];
    size_t n_waiting;
    struct fill fill;
    uint64_t taken; /* the last body */
};
/* A row that is longer does not wait, and none for more than so many others. */
enum { WAITS_MOST_BYTES = 2048, WAITS_FOR_MOST = 8 * FILL_WINDOW };

int squeeze_new(struct squeeze **out, struct lmdb_store *from, struct kv_txn *view,
                int level)
{
    struct squeeze *q = calloc(1, sizeof(*q));
    if (!q)
        return fail_memory();
    q->from = from;
    q->view = view;
    q->level = level;
    struct buf *const bufs[] = { &q->raw,   &q->base,   &q->packed,
                                 &q->other, &q->joined, &q->row };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    numbers_init(&q->numbers);
    for (size_t i = 0; i < FILL_WINDOW; i++)
        buf_init(&q->waiting[i].bytes, BUF_CEILING);
    int r = codec_new(&q->codec);
    if (r == 0)
        r = hasher_new(&q->hasher);
    if (r == 0)
        r = state_load(from, view);
    if (r == 0)
        r = dicts_load(from, view);
    if (r < 0) {
        squeeze_free(q);
        return r;
    }
    codec_set_level(q->codec, level);
    q->counters = from->state.counters;
    *out = q;
    return 0;
}

void squeeze_free(struct squeeze *q)
{
    if (!q)
        return;
    codec_free(q->codec);
    hasher_free(q->hasher);
    for (int kind = 0; kind < N_DICT_KINDS; kind++)
        dict_free(q->dicts[kind]);
    buf_release(&q->raw);
    buf_release(&q->base);
    buf_release(&q->packed);
    buf_release(&q->other);
    buf_release(&q->joined);
    buf_release(&q->row);
    numbers_release(&q->numbers);
    for (size_t i = 0; i < FILL_WINDOW; i++)
        buf_release(&q->waiting[i].bytes);
    free(q);
}

/* --- dictionaries --- */

struct sample {
    struct dict_samples of;
    struct buf stored; /* size_t each: what it takes now, with the dictionary in use */
    uint64_t step;     /* one of so many is in it */
};

static inline void sample_release_cleanup(struct sample *s)
{
    dict_samples_release(&s->of);
    buf_release(&s->stored);
}

/* What of a payload stays as it is, if the dictionary in use does. */
static size_t stored_with(const struct squeeze *q, enum dict_kind kind, enum codec codec,
                          uint32_t dict, size_t payload_len)
{
    const struct dict *now = q->from->current[kind];
    return codec != CODEC_DICT || (now && dict_id(now) == dict) ? payload_len : SIZE_MAX;
}

/* Append the text of a row: 1, or 0 where it is none for a sample. */
static int sample_row(struct squeeze *q, enum dict_kind kind, uint64_t id,
                      struct buf *out, size_t *stored)
{
    uint8_t key[ID_BYTES];
    struct sillok_text v;
    struct version_row version;
    const struct dict *dict = NULL;
    int r = kv_get(q->view, kind == DICT_BODY ? T_BODY : T_VERSION, key_id(key, id), &v);
    if (r <= 0)
        return r; /* bodies that nothing needed are not there any more */
    if (kind == DICT_BODY) {
        struct body_row body;
        r = body_row_parse(v, &body);
        if (r < 0 || body.codec == CODEC_DELTA)
            return r; /* what a difference says is in its base already */
        r = body_row_join(q->view, id, &body, &q->joined);
        if (r == 0)
            r = body_read(q->from, q->view, q->codec, id, out, NULL);
        if (r == 0)
            *stored = stored_with(q, kind, body.codec, body.dict, body.payload.len);
        return r < 0 ? r : 1;
    }
    r = version_row_parse(v, &version);
    if (r == 0 && version.codec == CODEC_DICT)
        r = dict_get(q->from, q->view, version.dict, &dict);
    if (r == 0)
        r = codec_decode(q->codec, out, version.codec, version.payload,
                         (size_t)version.raw_len, dict, text_make(NULL, 0));
    if (r == 0)
        *stored = stored_with(q, kind, version.codec, version.dict, version.payload.len);
    return r < 0 ? r : 1;
}

/* Every so manieth: rows stand as they came, publisher by publisher. */
static int take_sample(struct squeeze *q, enum dict_kind kind, struct sample *s)
{
    const struct counters *n = &q->from->state.counters;
    const uint64_t rows = kind == DICT_BODY ? n->bodies : n->versions;
    s->step = kind == DICT_BODY ? 1 + n->body_bytes / BODY_SAMPLE_BYTES
                                : 1 + rows * 256 / META_SAMPLE_BYTES;
    for (uint64_t id = 1; id <= rows; id += s->step) {
        const size_t before = s->of.bytes.len;
        size_t stored = 0;
        int r = sample_row(q, kind, id, &s->of.bytes, &stored);
        if (r > 0 && s->of.bytes.len > before) {
            r = dict_samples_end(&s->of, before);
            if (r == 0)
                r = buf_add(&s->stored, &stored, sizeof(stored));
        }
        if (r < 0)
            return r;
    }
    return 0;
}

/* What a dictionary would cost with all that it is for. With the one in use what is stored
 * shorter than that stays. */
static int estimate(struct squeeze *q, const struct sample *s, const struct dict *dict,
                    int in_use, uint64_t *bytes)
{
    const size_t *sizes = (const size_t *)(const void *)s->of.sizes.ptr;
    const size_t *stored = (const size_t *)(const void *)s->stored.ptr;
    const size_t n = s->of.sizes.len / sizeof(*sizes);
    const size_t few = n / TRIAL_LEAST;
    const size_t step = few < 1 ? 1 : few < TRIAL_ONE_IN ? few : TRIAL_ONE_IN;
    uint64_t packed = 0, raw = 0;
    size_t at = 0;
    int r = 0;
    for (size_t i = 0; i < n && r == 0; at += sizes[i++]) {
        enum codec codec;
        if (i % step)
            continue;
        buf_clear(&q->packed);
        r = codec_encode(q->codec, &q->packed, text_make(s->of.bytes.ptr + at, sizes[i]),
                         dict, &codec);
        packed += in_use && stored[i] < q->packed.len ? stored[i] : q->packed.len;
        raw += sizes[i];
    }
    const double all = (double)s->of.bytes.len * (double)s->step;
    *bytes = raw ? (uint64_t)((double)packed / (double)raw * all) : 0;
    *bytes += dict ? dict_bytes(dict).len * 5 / 4 : 0; /* it stands there twice, packed */
    return r;
}

static size_t capacity_for(enum dict_kind kind, const struct sample *s)
{
    const uint64_t all = (uint64_t)s->of.bytes.len * s->step;
    const int is_body = kind == DICT_BODY;
    const uint64_t share = all / (is_body ? BODY_DICT_SHARE : META_DICT_SHARE),
                   min = is_body ? BODY_DICT_MIN : META_DICT_MIN,
                   max = is_body ? BODY_DICT_MAX : META_DICT_MAX;
    return (size_t)(share < min ? min : share > max ? max : share);
}

/* The dictionary in use, for encoding at our level: the handle's own has its own. */
static int copy_current(struct squeeze *q, enum dict_kind kind, struct dict **out)
{
    const struct dict *there = q->from->current[kind];
    if (!there)
        return 0;
    const int r = dict_new(out, dict_id(there), dict_bytes(there));
    if (r == 0)
        dict_set_level(*out, q->level);
    return r;
}

static int make_new(struct squeeze *q, enum dict_kind kind, const struct sample *s,
                    struct dict **out)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    const struct dict_plan plan = { capacity_for(kind, s), 1, q->level };
    int r = dict_train(&bytes, &s->of, &plan);
    if (r < 0 || !bytes.len)
        return r;
    r = dict_new(out, (uint32_t)q->counters.dicts + 1, text_make(bytes.ptr, bytes.len));
    if (r == 0)
        dict_set_level(*out, q->level);
    return r;
}

/* What all would take with the dictionary in use. It goes again: to encode with one takes as
 * much memory as all else here. */
static int estimate_current(struct squeeze *q, enum dict_kind kind,
                            const struct sample *s, uint64_t *bytes)
{
    CLEANUP(dict_free) struct dict *old = NULL;
    const int r = copy_current(q, kind, &old);
    return r < 0 ? r : estimate(q, s, old, 1, bytes);
}

static int choose(struct squeeze *q, enum dict_kind kind)
{
    CLEANUP(sample_release)
    struct sample s = { .of = DICT_SAMPLES_INIT, .stored = BUF_INIT };
    CLEANUP(dict_free) struct dict *made = NULL;
    uint64_t with_old = 0, with_new = 0;
    int r = take_sample(q, kind, &s);
    if (r == 0)
        r = estimate_current(q, kind, &s, &with_old);
    if (r == 0 && s.of.sizes.len)
        r = make_new(q, kind, &s, &made);
    if (r == 0 && made)
        r = estimate(q, &s, made, 0, &with_new);
    if (r < 0)
        return r;
    /* By so little the trial may be wrong, and it is not worth packing all anew. */
    if (!made || with_new + with_new / WORTH_ONE_IN >= with_old)
        return copy_current(q, kind, &q->dicts[kind]);
    q->counters.dicts++;
    q->counters.age = (struct age){ 0 }; /* of another dictionary */
    q->dicts[kind] = STEAL(made);
    return 0;
}

int squeeze_train(struct squeeze *q)
{
    int r = 0;
    for (int kind = 0; kind < N_DICT_KINDS && r == 0; kind++)
        r = choose(q, (enum dict_kind)kind);
    if (r == 0) {
        q->counters.plain = q->counters.dictionary = q->counters.delta = 0;
        q->counters.body_bytes_stored = q->counters.dict_bytes = 0;
        q->counters.delta_bytes = q->counters.delta_bytes_stored = 0;
    }
    return r;
}

/* --- bodies --- */

/* How a row stores its text. */
struct stored {
    enum codec codec;
    uint32_t dict;
    uint64_t base;
    struct sillok_text payload;
};

static size_t stored_len(const struct stored *f)
{
    const struct body_row row = {
        .codec = f->codec, .dict = f->dict, .base = f->base, .payload = f->payload
    };
    return body_row_bytes(&row);
}

static void take_shorter(struct stored *best, const struct stored *f)
{
    if (stored_len(f) < stored_len(best))
        *best = *f;
}

/* May a row stay as it is? Its dictionary must be one that stays. */
static int stays(const struct dict *chosen, enum codec codec, uint32_t dict)
{
    return codec != CODEC_DICT || (chosen && dict_id(chosen) == dict);
}

static int pack(struct squeeze *q, enum dict_kind kind, struct buf *out, struct stored *f)
{
    const struct dict *dict = q->dicts[kind];
    const struct sillok_text raw = text_make(q->raw.ptr, q->raw.len);
    buf_clear(out);
    *f = (struct stored){ 0 };
    const int r = codec_encode(q->codec, out, raw, dict, &f->codec);
    f->dict = f->codec == CODEC_DICT ? dict_id(dict) : 0;
    f->payload = text_make(out->ptr, out->len);
    return r;
}

static int pack_delta(struct squeeze *q, uint64_t base, struct stored *f)
{
    buf_clear(&q->base);
    buf_clear(&q->other);
    int r = body_read(q->from, q->view, q->codec, base, &q->base, NULL);
    if (r == 0)
        r = codec_encode_delta(q->codec, &q->other, text_make(q->raw.ptr, q->raw.len),
                               text_make(q->base.ptr, q->base.len));
    *f = (struct stored){ .codec = CODEC_DELTA,
                          .base = base,
                          .payload = text_make(q->other.ptr, q->other.len) };
    return r;
}

/* Nobody packs anew what is not what it says: then it is damage that has to be told. */
static int read_text(struct squeeze *q, uint64_t body, const struct body_row *row)
{
    struct sillok_id seen;
    buf_clear(&q->raw);
    int r = body_read(q->from, q->view, q->codec, body, &q->raw, NULL);
    if (r == 0)
        r = hasher_of(q->hasher, text_make(q->raw.ptr, q->raw.len), &seen);
    if (r < 0 || sillok_id_equal(&seen, &row->id))
        return r;
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&row->id, hex);
    return damaged("body %s does not have its hash any more", hex);
}

/* --- bodies that wait --- */

static int wait_for_room(struct squeeze *q, uint64_t body, const struct body_row *row,
                         const struct stored *f)
{
    struct waiting *w = &q->waiting[q->n_waiting];
    buf_clear(&w->bytes);
    w->since = q->numbers.n_taken;
    int r = buf_add_text(&w->bytes, f->payload);
    if (r == 0)
        r = numbers_take(&q->numbers, body);
    if (r < 0)
        return r;
    w->body = body;
    w->row = *row;
    w->row.codec = f->codec;
    w->row.dict = f->dict;
    w->row.base = f->base;
    w->row.payload = buf_text(&w->bytes);
    q->n_waiting++;
    return 0;
}

/* One that is so long is cut where a page is full or has pages of its own: it fits as well
 * now as later. */
static int is_long(const struct waiting *w)
{
    return body_row_bytes(&w->row) > WAITS_MOST_BYTES;
}

/* Which is put next: one that has waited for many, or the one that fits best. */
static size_t choose_waiting(const struct squeeze *q)
{
    size_t lengths[FILL_WINDOW];
    for (size_t i = 0; i < q->n_waiting; i++)
        lengths[i] = body_row_bytes(&q->waiting[i].row);
    if (is_long(&q->waiting[q->n_waiting - 1]))
        return q->n_waiting - 1;
    return q->numbers.n_taken - q->waiting[0].since > WAITS_FOR_MOST
               ? 0
               : fill_choose(&q->fill, lengths, q->n_waiting);
}

/* Of a difference whose base waits too, the base. */
static size_t base_before(const struct squeeze *q, size_t at)
{
    if (q->waiting[at].row.codec == CODEC_DELTA)
        for (size_t i = 0; i < q->n_waiting; i++)
            if (q->waiting[i].body == q->waiting[at].row.base)
                return i;
    return at;
}

/* It has its new number by that. */
static int give(struct squeeze *q, struct kv_txn *txn, const struct waiting *w,
                size_t *stored)
{
    struct body_row row = w->row;
    if (row.codec == CODEC_DELTA && (row.base = numbers_of(&q->numbers, row.base)) == 0)
        return damaged("body number %llu is missing", (unsigned long long)w->row.base);
    int r = q->fill.page_bytes ? 0 : fill_begin(&q->fill, txn, 1);
    if (r == 0)
        r = numbers_give(&q->numbers, w->body);
    if (r == 0)
        r = body_row_put(txn, &q->fill, q->numbers.n_given, &row, &q->row, stored);
    if (r == 0)
        body_row_count(&q->counters, &row, *stored, 1);
    return r;
}

int squeeze_put_body(struct squeeze *q, struct kv_txn *txn, int all, size_t *stored)
{
    if (q->n_waiting == 0 ||
        (!all && q->n_waiting < FILL_WINDOW && !is_long(&q->waiting[q->n_waiting - 1])))
        return 0;
    const size_t at = base_before(q, choose_waiting(q));
    struct waiting w = q->waiting[at];
    const int r = give(q, txn, &w, stored);
    memmove(q->waiting + at, q->waiting + at + 1,
            (--q->n_waiting - at) * sizeof(*q->waiting));
    if (is_long(&w)) {
        buf_release(&w.bytes);
        buf_init(&w.bytes, BUF_CEILING);
    }
    q->waiting[q->n_waiting] = w; /* its memory is used again */
    return r < 0 ? r : 1;
}

static int is_row_key(struct sillok_text key, int table)
{
    return key.len == ID_BYTES
               ? 0
               : damaged("a row of the table '%s' is damaged", lmdb_table_name(table));
}

/* Numbers rise, and none is of a body that was never made: what they become is written by
 * them. */
static int take_number(struct squeeze *q, struct sillok_text key, uint64_t *body)
{
    const int r = is_row_key(key, T_BODY);
    if (r < 0)
        return r;
    *body = get_be((const uint8_t *)key.ptr, ID_BYTES);
    if (*body <= q->taken || *body > q->from->state.counters.bodies)
        return damaged("the rows of table 'body' are not in order");
    q->taken = *body;
    return 0;
}

int squeeze_body(struct squeeze *q, struct sillok_text key)
{
    uint64_t body = 0;
    struct body_row row = { 0 };
    struct stored best = { 0 }, f;
    if (key.len == PART_KEY_BYTES)
        return 0; /* comes with its body */
    int r = take_number(q, key, &body);
    if (r == 0)
        r = body_row_get(q->view, body, &row);
    if (r == 0)
        r = body_row_join(q->view, body, &row, &q->joined);
    if (r == 0 && row.codec == CODEC_DELTA && row.base >= body)
        r = damaged("body number %llu rests on a later one", (unsigned long long)body);
    if (r == 0)
        r = read_text(q, body, &row);
    if (r == 0)
        r = pack(q, DICT_BODY, &q->packed, &best);
    if (r == 0 && row.codec == CODEC_DELTA) {
        r = pack_delta(q, row.base, &f);
        if (r == 0)
            take_shorter(&best, &f);
    }
    if (r < 0)
        return r;
    if (stays(q->dicts[DICT_BODY], row.codec, row.dict)) {
        f = (struct stored){ row.codec, row.dict, row.base, row.payload };
        take_shorter(&best, &f);
    }
    return wait_for_room(q, body, &row, &best);
}

/* --- versions --- */

static int squeeze_version(struct squeeze *q, struct sillok_text value)
{
    struct version_row row;
    struct stored best, f;
    const struct dict *dict = NULL;
    int r = version_row_parse(value, &row);
    if (r == 0 && row.codec == CODEC_DICT)
        r = dict_get(q->from, q->view, row.dict, &dict);
    buf_clear(&q->raw);
    if (r == 0)
        r = codec_decode(q->codec, &q->raw, row.codec, row.payload, (size_t)row.raw_len,
                         dict, text_make(NULL, 0));
    if (r == 0)
        r = pack(q, DICT_META, &q->packed, &best);
    if (r == 0 && !numbers_of(&q->numbers, row.body))
        r = damaged("body number %llu is missing", (unsigned long long)row.body);
    if (r < 0)
        return r;
    if (stays(q->dicts[DICT_META], row.codec, row.dict)) {
        f = (struct stored){ row.codec, row.dict, 0, row.payload };
        take_shorter(&best, &f);
    }
    buf_clear(&q->row);
    (void)buf_add_varint(&q->row, numbers_of(&q->numbers, row.body));
    (void)buf_add_varint(&q->row, row.article);
    (void)buf_add(&q->row, row.digest.bytes, META_DIGEST_BYTES);
    (void)buf_add_char(
        &q->row, (char)((int)best.codec | (row.guessed_name ? NAME_IS_GUESSED : 0)));
    if (best.codec == CODEC_DICT)
        (void)buf_add_varint(&q->row, best.dict);
    (void)buf_add_varint(&q->row, row.raw_len);
    (void)buf_add_text(&q->row, best.payload);
    r = row_seal(&q->row);
    return r < 0 ? r : 1;
}

/* --- all rows --- */

/* One of each kind, old or new; whatever else there was is not needed any more. */
int squeeze_dicts(struct squeeze *q, struct kv_txn *txn)
{
    int r = 0;
    for (int kind = 0; kind < N_DICT_KINDS && r == 0; kind++) {
        const struct dict *d = q->dicts[kind];
        if (!d)
            continue;
        q->counters.dict_bytes += dict_bytes(d).len;
        r = dict_row_put(txn, q->codec, dict_id(d), (enum dict_kind)kind, dict_bytes(d));
    }
    return r;
}

/* Hashes lead to the new numbers. */
static int renumber(struct squeeze *q, struct sillok_text records)
{
    buf_clear(&q->row);
    const int r = buf_add_text(&q->row, records);
    for (size_t at = HASH_PREFIX; r == 0 && at + ID_BYTES <= records.len;
         at += HASH_RECORD) {
        uint8_t *id = (uint8_t *)q->row.ptr + at;
        const uint64_t body = get_be(id, ID_BYTES),
                       number = numbers_of(&q->numbers, body);
        if (!number)
            return damaged("body number %llu is missing", (unsigned long long)body);
        put_be(id, number, ID_BYTES);
    }
    return r < 0 ? r : 1;
}

int squeeze_row(struct squeeze *q, int table, struct sillok_text key,
                struct sillok_text *value)
{
    int r;
    switch (table) {
    case T_VERSION:
        r = is_row_key(key, table);
        if (r == 0)
            r = squeeze_version(q, *value);
        break;
    case T_HASH:
    case T_HASHNEW:
        r = renumber(q, *value);
        break;
    default:
        return 1;
    }
    if (r > 0)
        *value = buf_text(&q->row);
    return r;
}

const struct counters *squeeze_counters(struct squeeze *q)
{
    q->counters.commits++;
    q->counters.bodies = q->numbers.n_given;
    return &q->counters;
}
