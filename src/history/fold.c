#include "history/fold.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct group {
    size_t n;
    uint32_t event; /* 1 + index */
};

struct folding {
    struct fold_item *items;
    size_t n;
    fold_places_fn *load;
    void *ctx;
    struct map group_of; /* hash of publisher and crawl -> group */
    struct buf groups;   /* struct group */
    uint32_t *item_group;
    size_t *first_place; /* n + 1: places of item i are [first_place[i], first_place[i +
                            1]) */
    struct buf places;   /* uint64_t, hashes that hold the group too */
    struct map seen;     /* place -> how many items have it */
    struct buf *events;
};

static struct group *group_at(const struct folding *f, uint32_t i)
{
    return (struct group *)(void *)f->groups.ptr + i;
}

static uint64_t place_at(const struct folding *f, size_t i)
{
    uint64_t v;
    memcpy(&v, f->places.ptr + i * sizeof(v), sizeof(v));
    return v;
}

static int count_groups(struct folding *f)
{
    int r = 0;
    for (size_t i = 0; i < f->n && r == 0; i++) {
        const struct fold_item *item = &f->items[i];
        const uint64_t key =
            XXH3_64bits_withSeed(item->oid.ptr, item->oid.len, item->crawl);
        uint32_t g = map_get(&f->group_of, key);
        if (g == MAP_NONE) {
            const struct group fresh = { 0, 0 };
            g = (uint32_t)(f->groups.len / sizeof(fresh));
            r = buf_add(&f->groups, &fresh, sizeof(fresh));
            if (r == 0)
                r = map_put(&f->group_of, key, g);
        }
        if (r == 0) {
            group_at(f, g)->n++;
            f->item_group[i] = g;
        }
    }
    return r;
}

/* --- places --- */

/* The same place in another group is another. */
static uint64_t in_group(uint64_t place, uint32_t group)
{
    return XXH3_64bits_withSeed(&place, sizeof(place), group);
}

static int find_places(struct folding *f, size_t i)
{
    const size_t start = f->places.len;
    int r = f->load(f->ctx, i, &f->places);
    for (size_t k = start / sizeof(uint64_t);
         k < f->places.len / sizeof(uint64_t) && r == 0; k++) {
        const uint64_t place = in_group(place_at(f, k), f->item_group[i]);
        const uint32_t before = map_get(&f->seen, place);
        memcpy(f->places.ptr + k * sizeof(place), &place, sizeof(place));
        r = map_put(&f->seen, place, before == MAP_NONE ? 1 : before + 1);
    }
    return r;
}

static int find_all_places(struct folding *f)
{
    int r = 0;
    for (size_t i = 0; i < f->n && r == 0; i++) {
        f->first_place[i] = f->places.len / sizeof(uint64_t);
        if (group_at(f, f->item_group[i])->n >= FOLD_MIN)
            r = find_places(f, i);
    }
    f->first_place[f->n] = f->places.len / sizeof(uint64_t);
    return r;
}

/* --- events --- */

static int is_mark(const struct folding *f, const struct group *g, uint64_t place)
{
    const uint32_t n = map_get(&f->seen, place);
    return n != MAP_NONE && n >= FOLD_MIN && 2 * (size_t)n >= g->n;
}

static int put_into_event(struct folding *f, size_t i, struct group *g)
{
    if (!g->event) {
        const struct fold_event e = { f->items[i].crawl, i, 0 };
        const int r = buf_add(f->events, &e, sizeof(e));
        if (r < 0)
            return r;
        g->event = (uint32_t)(f->events->len / sizeof(e));
    }
    f->items[i].event = g->event;
    ((struct fold_event *)(void *)f->events->ptr)[g->event - 1].n++;
    return 0;
}

static int judge(struct folding *f, size_t i)
{
    struct group *g = group_at(f, f->item_group[i]);
    size_t marks = 0;
    for (size_t k = f->first_place[i]; k < f->first_place[i + 1]; k++)
        marks += (size_t)is_mark(f, g, place_at(f, k));
    f->items[i].event = 0;
    f->items[i].marks = marks > 0;
    return marks && marks == f->first_place[i + 1] - f->first_place[i]
               ? put_into_event(f, i, g)
               : 0;
}

int fold(struct fold_item *items, size_t n, fold_places_fn *load, void *ctx,
         struct buf *events)
{
    struct folding f = { .items = items,
                         .n = n,
                         .load = load,
                         .ctx = ctx,
                         .groups = BUF_INIT,
                         .places = BUF_INIT,
                         .events = events };
    f.item_group = calloc(n + 1, sizeof(*f.item_group));
    f.first_place = calloc(n + 1, sizeof(*f.first_place));
    int r = f.item_group && f.first_place ? count_groups(&f) : fail_memory();
    if (r == 0)
        r = find_all_places(&f);
    for (size_t i = 0; i < n && r == 0; i++)
        r = judge(&f, i);
    free(f.item_group);
    free(f.first_place);
    map_release(&f.group_of);
    map_release(&f.seen);
    buf_release(&f.groups);
    buf_release(&f.places);
    return r;
}
