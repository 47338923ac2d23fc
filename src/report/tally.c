#include "report/tally.h"

#include "base/time.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

const char *const tally_age_names[TALLY_AGES] = { "before it", "under 1 h", "1 to 3 h",
                                                  "3 to 6 h",  "6 to 12 h", "12 to 24 h",
                                                  "1 to 2 d",  "2 to 3 d",  "3 to 7 d",
                                                  "over 7 d",  "not known" };

static size_t age_of(const struct record *r)
{
    static const int64_t HOUR = 3600;
    const int64_t ends[] = { 0,         HOUR,      3 * HOUR,  6 * HOUR,  12 * HOUR,
                             24 * HOUR, 48 * HOUR, 72 * HOUR, 168 * HOUR };
    const size_t n = sizeof(ends) / sizeof(ends[0]);
    if (r->published_s == RECORD_NO_TIME)
        return TALLY_AGES - 1;
    const int64_t age = r->before_s - r->published_s;
    size_t i = 0;
    while (i < n && age >= ends[i])
        i++;
    return i;
}

void tally_release(struct tally *t)
{
    for (size_t i = 0; i < t->n_publishers; i++)
        free(t->publishers[i].name);
    free(t->publishers);
    *t = (struct tally){ 0 };
}

/* Index of @p oid, or of where it belongs. */
static size_t place(const struct tally *t, struct sillok_text oid)
{
    size_t low = 0, high = t->n_publishers;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (text_compare(text_of(t->publishers[mid].oid), oid) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static int is_at(const struct tally *t, size_t i, struct sillok_text oid)
{
    return i < t->n_publishers && text_is(oid, t->publishers[i].oid);
}

static int find_or_add(struct tally *t, const struct record *r,
                       struct tally_publisher **out)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const size_t i = place(t, r->oid);
    if (is_at(t, i, r->oid)) {
        *out = &t->publishers[i];
        return 0;
    }
    if (r->oid.len > SILLOK_KEY_MAX_BYTES)
        return fail(SILLOK_ECORRUPT, "a publisher's id is too long");
    int rc = array_room(&t->publishers, t->n_publishers, &t->cap_publishers,
                        sizeof(*t->publishers));
    if (rc == 0)
        rc = utf8_add_fit(&name, r->publisher, 60, 0);
    if (rc == 0 && name.len == 0)
        rc = buf_add_text(&name, r->oid);
    char *text = rc == 0 ? buf_take(&name, NULL) : NULL;
    if (!text)
        return rc < 0 ? rc : fail_memory();
    struct tally_publisher *p = &t->publishers[i];
    memmove(p + 1, p, (t->n_publishers - i) * sizeof(*p));
    t->n_publishers++;
    *p = (struct tally_publisher){ .name = text };
    memcpy(p->oid, r->oid.ptr, r->oid.len);
    *out = p;
    return 0;
}

static void offer_top(struct tally *t, double significance, int64_t at)
{
    size_t i = t->n_top;
    while (i && t->top[i - 1].significance < significance)
        i--;
    if (i == TALLY_TOP)
        return;
    const size_t n = t->n_top < TALLY_TOP ? t->n_top++ : TALLY_TOP - 1;
    memmove(&t->top[i + 1], &t->top[i], (n - i) * sizeof(t->top[0]));
    t->top[i] = (struct tally_top){ significance, at };
}

int tally_add(struct tally *t, const struct record *r, int64_t at, int new_article)
{
    struct tally_publisher *p = NULL;
    const int rc = find_or_add(t, r, &p);
    if (rc < 0 || !p)
        return rc;
    if (t->changes == 0 || r->before_s < t->first_s)
        t->first_s = r->before_s;
    if (t->changes == 0 || r->before_s > t->last_s)
        t->last_s = r->before_s;
    t->changes++;
    p->changes++;
    t->days += r->published_s != RECORD_NO_TIME && r->published_day;
    t->articles += (uint64_t)new_article;
    p->articles += (uint64_t)new_article;
    p->headlines += r->fields >> SILLOK_TITLE & 1;
    t->first_kinds[r->kind]++;
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        t->with_kinds[k] += ((r->kinds | 1u << r->kind) >> k) & 1;
    t->ages[age_of(r)]++;
    offer_top(t, r->significance, at);
    return 0;
}

/* --- by time ---------------------------------------------------------------------------
 */

static int64_t floor_to(int64_t v, int64_t step)
{
    const int64_t r = v % step;
    return v - (r < 0 ? r + step : r);
}

void tally_bins(struct tally *t, int zone_min)
{
    static const int64_t HOUR = 3600, DAY = TIME_DAY_S;
    const int64_t steps[] = { HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY };
    const size_t n_steps = sizeof(steps) / sizeof(steps[0]);
    const int64_t zone_s = (int64_t)zone_min * 60;
    size_t i = 0;
    t->n_bins = 0;
    if (t->changes == 0)
        return;
    for (int64_t step = steps[0];; step = i < n_steps ? steps[i] : 2 * step) {
        const int64_t unit = step < DAY ? step : DAY;
        const int64_t start = floor_to(t->first_s + zone_s, unit) - zone_s;
        const int64_t n = (t->last_s - start) / step + 1;
        i++;
        if (n > TALLY_BINS)
            continue;
        t->bin_start_s = start;
        t->bin_step_s = step;
        t->n_bins = (size_t)n;
        return;
    }
}

void tally_bin(struct tally *t, const struct record *r)
{
    const int64_t i = (r->before_s - t->bin_start_s) / t->bin_step_s;
    if (i >= 0 && i < (int64_t)t->n_bins)
        t->bins[i]++;
}
