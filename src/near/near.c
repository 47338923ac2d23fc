/* Handle and update: the versions that are new in the store become rows of the index. */
#include "near/near.h"

#include "near/anchors.h"
#include "near/headline.h"

#include "base/time.h"

#include <stdlib.h>

enum { STEP_TEXT_BYTES = 64 << 20 };

/* --- handle --- */

int sillok_near_open(struct sillok_near **out, struct sillok_store *store, int flags)
{
    struct sillok_near *near = calloc(1, sizeof(*near));
    if (!near)
        return fail_memory();
    near->store = store;
    near->no_update = flags & SILLOK_NEAR_NO_UPDATE;
    const int r = index_place_init(&near->place, store);
    if (r < 0) {
        sillok_near_close(near);
        return r;
    }
    *out = near;
    return 0;
}

void sillok_near_close(struct sillok_near *near)
{
    if (!near)
        return;
    index_place_release(&near->place);
    free(near);
}

uint64_t sillok_near_behind(const struct sillok_near *near)
{
    return near->behind;
}

int sillok_near_stats(struct sillok_near *near, struct sillok_near_stats *out)
{
    struct index x;
    struct index_figures figures = { 0, 0 };
    int r = near_index_open(&x, near);
    if (r < 0)
        return r;
    r = index_figures(&x, &figures);
    *out = (struct sillok_near_stats){ x.state.position, x.state.texts,
                                       figures.used_bytes, figures.free_bytes };
    index_close(&x);
    return r;
}

/* --- one version --- */

void near_reader_init(struct near_reader *r)
{
    store_version_init(&r->version);
    shingles_init(&r->shingles);
    buf_init(&r->scratch, BUF_CEILING);
    buf_init(&r->anchors, BUF_CEILING);
}

void near_reader_release(struct near_reader *r)
{
    store_version_release(&r->version);
    shingles_release(&r->shingles);
    buf_release(&r->scratch);
    buf_release(&r->anchors);
}

static int number_at(struct sillok_text t, size_t at, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        const char c = t.ptr[at + (size_t)i];
        if (c < '0' || c > '9')
            return -1;
        v = 10 * v + (c - '0');
    }
    return v;
}

/* Accepts 2026-01-02, 2026.01.02, 2026/01/02 and 20260102 at the start, all of them without
 * the day too, which is 0 then. 1, or 0: there is no date. */
static int read_date(struct time_civil *out, struct sillok_text t)
{
    *out = (struct time_civil){ 0 };
    if (t.len < 6)
        return 0;
    const size_t sign = t.ptr[4] >= '0' && t.ptr[4] <= '9' ? 0 : 1;
    const size_t month = 4 + sign, day = month + 2 + sign;
    out->year = number_at(t, 0, 4);
    out->month = t.len >= month + 2 ? number_at(t, month, 2) : -1;
    if (out->year < 1 || out->year > NEAR_YEAR_MAX || out->month < 1 || out->month > 12)
        return 0;
    if (t.len >= day + 2 && (!sign || t.ptr[day - 1] == t.ptr[4]))
        out->day = number_at(t, day, 2);
    if (out->day < 1 || out->day > time_month_days(out->year, out->month))
        out->day = 0;
    return 1;
}

unsigned near_month_of(struct sillok_text t)
{
    struct time_civil c;
    return read_date(&c, t) ? (unsigned)(12 * c.year + c.month - 1) : 0;
}

int64_t near_day_of(struct sillok_text t)
{
    struct time_civil c;
    return read_date(&c, t) && c.day ? time_from_civil(&c) / TIME_DAY_S : NEAR_NO_DAY;
}

unsigned near_month_at(int64_t time_s)
{
    struct time_civil c;
    time_to_civil(&c, time_s);
    return c.year > NEAR_YEAR_MAX ? 0 : (unsigned)(12 * c.year + c.month - 1);
}

unsigned near_month_since(int64_t time_s)
{
    struct time_civil c;
    time_to_civil(&c, time_s);
    /* Later than any month that an article can have, so that nothing is of it. */
    return c.year > NEAR_YEAR_MAX ? 12u * NEAR_YEAR_MAX + 12
                                  : (unsigned)(12 * c.year + c.month - 1);
}

int near_keys_of(struct near_keys *out, struct near_reader *reader)
{
    const struct sillok_article *a = &reader->version.article;
    struct shingles *s = &reader->shingles;
    int r = shingles_read(s, a->body);
    out->partition = near_month_of(a->fields[SILLOK_PUBLISHED_AT]);
    out->has_text = s->f1.len > 0;
    out->text = s->f1_hash >> (64 - SKETCH_BAND_BITS);
    out->has_sketch = s->n_chars >= SHINGLE_TEXT_MIN;
    if (r == 0 && out->has_sketch)
        sketch_make(&out->sketch, shingles_hashes(s), s->n);
    uint64_t headline = 0;
    if (r == 0)
        r = headline_hash(&headline, &reader->scratch, a->oid, a->fields[SILLOK_TITLE]);
    out->has_headline = headline != 0;
    out->headline = headline >> (64 - SKETCH_BAND_BITS);
    return r;
}

static int add_version(struct index_batch *b, struct near_reader *reader,
                       uint32_t version)
{
    struct near_keys keys;
    const struct buf *lower = &reader->shingles.lower;
    int r = near_keys_of(&keys, reader);
    buf_clear(&reader->anchors);
    if (r == 0)
        r = anchors_find(&reader->anchors, text_make(lower->ptr, lower->len));
    if (r == 0)
        r = index_batch_sketch(b, version, keys.has_sketch ? &keys.sketch : NULL,
                               &reader->anchors);
    if (r == 0 && keys.has_text)
        r = index_batch_entry(b, keys.partition, BAND_TEXT, keys.text, version);
    if (r == 0 && keys.has_headline)
        r = index_batch_entry(b, keys.partition, BAND_HEADLINE, keys.headline, version);
    if (r < 0 || !keys.has_sketch)
        return r;
    for (int band = 0; band < SKETCH_BANDS && r == 0; band++)
        r = index_batch_entry(b, keys.partition, band, sketch_band(&keys.sketch, band),
                              version);
    b->state.texts++;
    return r;
}

/* --- update --- */

static int has_past(struct sillok_near *near, const struct index *x, uint64_t *versions)
{
    return beside_has_past(near->store, INDEX_NAME, x->state.position, &x->state.digest,
                           versions);
}

static int collect(struct sillok_near *near, struct index_batch *b, uint64_t versions)
{
    struct near_reader reader;
    size_t bytes = 0;
    int r = 0;
    near_reader_init(&reader);
    const uint64_t segment = b->state.position / SEGMENT_VERSIONS;
    const uint64_t full = (segment + 1) * SEGMENT_VERSIONS;
    const uint64_t end = full < versions ? full : versions;
    while (b->state.position < end && bytes < STEP_TEXT_BYTES && r == 0) {
        const uint64_t no = b->state.position + 1;
        r = near->store->ops->version_get(near->store, no, 1, &reader.version);
        if (r == 0)
            r = add_version(b, &reader, (uint32_t)no);
        bytes += reader.version.article.body.len;
        b->state.position = no;
        b->state.digest = reader.version.digest;
    }
    near_reader_release(&reader);
    return r;
}

static int step(struct sillok_near *near, struct index *x, uint64_t *versions)
{
    struct index_batch batch;
    int r = has_past(near, x, versions);
    if (r == 0)
        r = index_reset(x);
    if (r < 0)
        return r;
    index_batch_init(&batch);
    for (int again = 0;; again++) {
        batch.state = x->state;
        r = collect(near, &batch, *versions);
        if (r < 0 || batch.state.position == x->state.position)
            break;
        r = index_write(x, &batch);
        if (r != SILLOK_ECORRUPT || again)
            break;
        r = index_reset(x);
        if (r < 0)
            break;
        index_batch_clear(&batch);
    }
    index_batch_release(&batch);
    return r;
}

int sillok_near_update(struct sillok_near *near, struct sillok_near_progress *progress)
{
    struct index x;
    uint64_t versions = 0;
    int r = near->no_update ? BESIDE_READ_ONLY : index_open_write(&x, &near->place);
    if (r == BESIDE_READ_ONLY)
        return 0; /* asking says whether there is an index, and how far it is */
    if (r < 0)
        return r;
    r = step(near, &x, &versions);
    if (r == 0) {
        near->behind = versions - x.state.position;
        near->was_there = 1;
        r = near->behind > 0;
        if (progress)
            *progress = (struct sillok_near_progress){ x.state.position, versions };
    }
    index_close(&x);
    return r;
}

int near_index_open(struct index *x, struct sillok_near *near)
{
    uint64_t versions = 0;
    int r = index_open_read(x, &near->place);
    if (r < 0)
        return r;
    r = has_past(near, x, &versions);
    if (r > 0) {
        near->behind = versions - x->state.position;
        return 0;
    }
    index_close(x);
    near->place.gone = r == 0;
    return r < 0 ? r
                 : fail(SILLOK_ENOTFOUND,
                        "the index '%s' is of another past of this store, and it was not "
                        "to be made anew or cannot be written",
                        near->place.file);
}

int near_mend(struct sillok_near *near, int r)
{
    const int damaged = r == SILLOK_ECORRUPT && near->place.damaged,
              gone = r == SILLOK_ENOTFOUND && near->place.gone && near->was_there;
    if ((!damaged && !gone) || near->no_update)
        return 0;
    while ((r = sillok_near_update(near, NULL)) > 0)
        continue;
    return r == 0 && !near->place.damaged;
}
