/*
 * A hash map from 64-bit numbers to 32-bit ones, open addressing, no deletion. Keys may
 * be any number; the values are indices into somebody's array.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/fail.h"

struct map {
    uint64_t *keys;
    uint32_t *values; /* value + 1; 0: the slot is free */
    size_t cap, n;    /* cap is a power of two or 0 */
};

#define MAP_NONE UINT32_MAX

void map_release(struct map *m);
/** In a time that goes with what is in it, however much there was before. */
void map_clear(struct map *m);
/** MAP_NONE when the key is not there. */
uint32_t map_get(const struct map *m, uint64_t key);
int map_put(struct map *m, uint64_t key, uint32_t value);

#endif
