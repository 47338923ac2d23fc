/*
 * Random numbers that depend on nothing but what they are asked for.
 *
 * Every choice is made by a generator that was started from (seed, article, crawl, use),
 * so any crawl of any article can be made alone, in any order, without keeping state.
 * splitmix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators".
 */
#ifndef SAMPLE_RNG_H
#define SAMPLE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t rng_next(struct rng *r)
{
    return rng_mix(r->state += 0x9e3779b97f4a7c15u);
}

/** What a generator is for: a different stream each. The values make the corpus. */
enum rng_use {
    USE_CONTENT = 1,
    USE_ARTICLE = 2,
    USE_PLAN = 3,
    USE_EDIT = 4,
    USE_COMMENT = 5,
    USE_VISIT = 6
};

static inline struct rng rng_of(uint64_t seed, uint64_t article, uint64_t crawl,
                                enum rng_use use)
{
    uint64_t s = rng_mix(seed + 0x9e3779b97f4a7c15u * (uint64_t)use);
    s = rng_mix(s ^ (article + 0xd1b54a32d192ed03u));
    s = rng_mix(s ^ (crawl + 0x8cb92ba72f3d8dd7u));
    return (struct rng){ s };
}

/** A number in [0, n). */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

/** A number in [0, n), small ones more often: as words are. */
static inline uint32_t rng_skewed(struct rng *r, uint32_t n)
{
    const uint64_t u = rng_next(r) >> 32;
    return (uint32_t)((((u * u) >> 32) * n) >> 32);
}

/** In [0, 1). */
static inline double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

static inline int rng_chance(struct rng *r, double p)
{
    return rng_unit(r) < p;
}

#endif
