#include "base/map.h"

#include <stdlib.h>
#include <string.h>

enum {
    CAP_MIN = 1024,
    SPARSE = 32 /* with fewer in it than a slot in so many it is too large for its use */
};

void map_release(struct map *m)
{
    free(m->keys);
    free(m->values);
    *m = (struct map){ NULL, NULL, 0, 0 };
}

void map_clear(struct map *m)
{
    if (m->cap > CAP_MIN && m->n < m->cap / SPARSE) {
        map_release(m);
        return;
    }
    if (m->n)
        memset(m->values, 0, m->cap * sizeof(*m->values));
    m->n = 0;
}

/* splitmix64's finalizer: neighbouring numbers land far apart. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static size_t slot_of(const struct map *m, uint64_t key)
{
    size_t i = (size_t)mix(key) & (m->cap - 1);
    while (m->values[i] && m->keys[i] != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

uint32_t map_get(const struct map *m, uint64_t key)
{
    if (!m->n)
        return MAP_NONE;
    const uint32_t v = m->values[slot_of(m, key)];
    return v ? v - 1 : MAP_NONE;
}

static int grow(struct map *m)
{
    struct map bigger = { NULL, NULL, m->cap ? 2 * m->cap : CAP_MIN, m->n };
    bigger.keys = malloc(bigger.cap * sizeof(*bigger.keys));
    bigger.values = calloc(bigger.cap, sizeof(*bigger.values));
    if (!bigger.keys || !bigger.values) {
        map_release(&bigger);
        return fail_memory();
    }
    for (size_t i = 0; i < m->cap; i++)
        if (m->values[i]) {
            const size_t at = slot_of(&bigger, m->keys[i]);
            bigger.keys[at] = m->keys[i];
            bigger.values[at] = m->values[i];
        }
    map_release(m);
    *m = bigger;
    return 0;
}

int map_put(struct map *m, uint64_t key, uint32_t value)
{
    if (2 * (m->n + 1) > m->cap) {
        const int r = grow(m);
        if (r < 0)
            return r;
    }
    const size_t at = slot_of(m, key);
    m->n += m->values[at] == 0;
    m->keys[at] = key;
    m->values[at] = value + 1;
    return 0;
}
