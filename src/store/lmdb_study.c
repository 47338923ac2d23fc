/*
 * Which dictionary new texts are packed with.
 *
 * The first one is trained on the first texts. It is compared with itself from then on: a
 * part of that sample, which it was not trained on, says how small texts should become with
 * it, and what was packed since says how small they do. Where that is worse by an eighth
 * the texts have become others, and one is trained on those that come then. It takes the
 * place of the old one if it packs a part of them smaller by a twentieth; the old one stays
 * for what was packed with it.
 *
 * Cost: a dictionary takes some 100 kB, twice as it stands there. So this is asked only
 * after as many texts as such a gain pays that with.
 */
#include "store/lmdb.h"

#include "base/stages.h"
#include "base/thread.h"

#include <stdlib.h>
#include <string.h>

enum { DICT_BYTES = 64 << 10, META_DICT_BYTES = 16 << 10 };
/* Below this a dictionary is not worth its own bytes; above, more samples win little. */
enum { STUDY_MIN_ITEMS = 200, STUDY_MAX_METAS = 3000, STUDY_MAX_BYTES = 1 << 20 };
/* One item of so many is not trained on, and so many of these at most are tried. */
enum { TRIED_ONE_IN = 16, TRIED_FIRST = TRIED_ONE_IN / 2, TRIED_MOST = 64 };
/* So much text must have come, and of much more what came last counts most. */
enum { AGE_LEAST_BYTES = 4 << 20, AGE_MOST_BYTES = 32 << 20 };
enum { WORSE_ONE_IN = 8, GAIN_ONE_IN = 20 };

/* --- how it does --- */

void age_note(struct lmdb_store *s, uint64_t raw, uint64_t packed)
{
    struct age *a = &s->state.counters.age;
    a->raw += raw;
    a->packed += packed;
    if (a->raw > AGE_MOST_BYTES) {
        a->raw /= 2;
        a->packed /= 2;
    }
    /* Nobody has tried it, in a store of before: what comes first is what is expected. */
    if (!a->expected_raw && a->raw >= AGE_LEAST_BYTES)
        *a = (struct age){ .expected_raw = a->raw, .expected_packed = a->packed };
}

static int has_aged(const struct age *a)
{
    if (!a->expected_raw || a->raw < AGE_LEAST_BYTES)
        return 0;
    const double is = (double)a->packed / (double)a->raw,
                 expected = (double)a->expected_packed / (double)a->expected_raw;
    return is > expected * (1 + 1.0 / WORSE_ONE_IN);
}

/* Before the first batch nobody has looked which there are, and a run that finds nothing new
 * need not. */
static int lacks_one(const struct lmdb_store *s)
{
    if (!s->n_loaded && s->state.counters.dicts >= N_DICT_KINDS)
        return 0;
    return !s->current[DICT_BODY] || !s->current[DICT_META];
}

int lmdb_wants_study(struct sillok_store *base)
{
    const struct lmdb_store *s = lmdb_of(base);
    if (lacks_one(s))
        return STUDY_FIRST;
    return has_aged(&s->state.counters.age) ? STUDY_AGAIN : STUDY_NOT;
}

/* --- samples --- */

static int add_text(struct buf *out, const struct store_item *item, enum dict_kind kind)
{
    int guessed;
    return kind == DICT_BODY ? buf_add_text(out, item->article->body)
                             : meta_encode(out, item->article, item->path, &guessed);
}

static int is_tried(size_t i)
{
    return i % TRIED_ONE_IN == TRIED_FIRST;
}

static int sample(struct store_item *const *items, size_t n, enum dict_kind kind,
                  struct dict_samples *out)
{
    int r = 0;
    /* Items come as they were read; every so manieth gives a fair sample of all. */
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += items[i]->article->body.len + 1;
    const size_t step =
        kind == DICT_BODY ? 1 + bytes / STUDY_MAX_BYTES : 1 + n / STUDY_MAX_METAS;
    for (size_t i = 0; i < n && r == 0; i += step) {
        const size_t before = out->bytes.len, at = is_tried(i) && i + 1 < n ? i + 1 : i;
        r = add_text(&out->bytes, items[at], kind);
        if (r == 0)
            r = dict_samples_end(out, before);
    }
    return r;
}

/* What the items that are not in the sample take with a dictionary. */
static int try_on(struct lmdb_store *s, struct store_item *const *items, size_t n,
                  enum dict_kind kind, const struct dict *dict, struct age *out)
{
    CLEANUP(buf_release) struct buf raw = BUF_INIT, packed = BUF_INIT;
    const size_t n_tried = (n + TRIED_ONE_IN - 1 - TRIED_FIRST) / TRIED_ONE_IN;
    const size_t step = TRIED_ONE_IN * ((n_tried + TRIED_MOST - 1) / TRIED_MOST);
    int r = 0;
    *out = (struct age){ 0 };
    for (size_t i = TRIED_FIRST; i < n && r == 0; i += step) {
        enum codec codec;
        buf_clear(&raw);
        buf_clear(&packed);
        r = add_text(&raw, items[i], kind);
        if (r == 0)
            r = codec_encode(s->codec, &packed, buf_text(&raw), dict, &codec);
        out->expected_raw += raw.len;
        out->expected_packed += packed.len;
    }
    return r;
}

/* --- training --- */

/* A dictionary to be trained, and what came of it: no bytes where there is too little to
 * learn from. Nothing of the store is written, so that two threads can be at it. */
struct lesson {
    const struct lmdb_store *store;
    struct store_item *const *items;
    size_t n;
    enum dict_kind kind;
    int wanted;
    struct buf bytes;
    struct failure end;  /* how it ended */
    struct stages spent; /* stopwatches are the thread's own */
};

static int train(struct lesson *l)
{
    static const size_t capacity[N_DICT_KINDS] = { DICT_BYTES, META_DICT_BYTES };
    CLEANUP(dict_samples_release) struct dict_samples samples = DICT_SAMPLES_INIT;
    const struct dict_plan plan = { .capacity = capacity[l->kind],
                                    .letters = l->store->format >= FORMAT_LETTERS };
    if (!l->wanted)
        return 0;
    const int r = sample(l->items, l->n, l->kind, &samples);
    return r < 0 ? r : dict_train(&l->bytes, &samples, &plan);
}

static void learn(struct lesson *l)
{
    const int before = stage_enter(STAGE_COMPRESS);
    failure_keep(&l->end, train(l));
    stage_leave(before);
}

static void *learn_beside(void *arg)
{
    struct lesson *l = arg;
    stages_start(&l->spent);
    learn(l);
    stages_stop();
    return NULL;
}

/* Texts take twice as long as records, and threads that read wait for both. */
static void train_both(struct lesson *texts, struct lesson *records)
{
    pthread_t beside;
    const int is_beside = texts->wanted && records->wanted &&
                          thread_start(&beside, learn_beside, records) == 0;
    learn(texts);
    if (!is_beside) {
        learn(records);
        return;
    }
    (void)pthread_join(beside, NULL);
    if (stages_here)
        stages_add(stages_here, &records->spent);
}

/* Is it better than the one there is, by what makes it worth its place? */
static int is_better(struct lmdb_store *s, struct store_item *const *items, size_t n,
                     enum dict_kind kind, struct sillok_text bytes)
{
    CLEANUP(dict_free) struct dict *made = NULL;
    struct age old = { 0 }, new = { 0 };
    int r = dict_new(&made, 0, bytes);
    if (r == 0)
        r = try_on(s, items, n, kind, s->current[kind], &old);
    if (r == 0)
        r = try_on(s, items, n, kind, made, &new);
    return r < 0 ? r
                 : new.expected_packed <
                       old.expected_packed - old.expected_packed / GAIN_ONE_IN;
}

/* 1: there is another one. */
static int take_learned(struct lmdb_store *s, const struct lesson *l)
{
    const struct sillok_text bytes = buf_text(&l->bytes);
    if (l->end.code < 0)
        return failure_tell(&l->end);
    if (!bytes.len)
        return 0;
    int r = s->current[l->kind] ? is_better(s, l->items, l->n, l->kind, bytes) : 1;
    if (r <= 0)
        return r;
    r = dict_put(s, l->kind, bytes);
    return r < 0 ? r : 1;
}

/* From here on it is compared with how it does now. */
static int begin_age(struct lmdb_store *s, struct store_item *const *items, size_t n,
                     int is_new)
{
    struct age *a = &s->state.counters.age;
    s->dirty = 1;
    if (is_new)
        return try_on(s, items, n, DICT_BODY, s->current[DICT_BODY], a);
    *a = (struct age){ .expected_raw = a->raw, .expected_packed = a->packed };
    return 0;
}

static int study(struct lmdb_store *s, struct store_item *const *items, size_t n)
{
    const int again = s->current[DICT_BODY] && s->current[DICT_META];
    struct lesson lessons[N_DICT_KINDS];
    int r = 0, is_new = 0;
    for (int kind = 0; kind < N_DICT_KINDS; kind++)
        lessons[kind] = (struct lesson){ .store = s,
                                         .items = items,
                                         .n = n,
                                         .kind = (enum dict_kind)kind,
                                         .wanted = !s->current[kind] || again,
                                         .bytes = BUF_INIT };
    train_both(&lessons[DICT_BODY], &lessons[DICT_META]);
    for (int kind = 0; kind < N_DICT_KINDS; kind++) {
        if (r >= 0)
            r = take_learned(s, &lessons[kind]);
        is_new |= r > 0 && kind == DICT_BODY;
        buf_release(&lessons[kind].bytes);
    }
    if (r < 0)
        return r;
    return is_new || again ? begin_age(s, items, n, is_new) : 0;
}

int lmdb_study(struct sillok_store *base, struct store_item *const *items, size_t n)
{
    struct lmdb_store *s = lmdb_of(base);
    const int again = lmdb_wants_study(base) == STUDY_AGAIN;
    if (n < STUDY_MIN_ITEMS)
        return again ? batch_result(s, begin_age(s, items, n, 0)) : 0;
    return batch_result(s, study(s, items, n));
}
