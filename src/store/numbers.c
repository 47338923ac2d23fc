#include "store/numbers.h"

enum { BLOCK = 256 };
/* A difference, which may be negative, is kept as so much more. */
enum { NONE = 0, MIDDLE = 1 << 15, MOST = (1 << 16) - 1 };

void numbers_init(struct numbers *n)
{
    *n = (struct numbers){ 0 };
    buf_init(&n->counts, BUF_CEILING);
    buf_init(&n->differences, BUF_CEILING);
}

void numbers_release(struct numbers *n)
{
    buf_release(&n->counts);
    buf_release(&n->differences);
}

static uint64_t count_before(const struct numbers *n, uint64_t old)
{
    return ((const uint64_t *)(const void *)n->counts.ptr)[old / BLOCK];
}

int numbers_take(struct numbers *n, uint64_t old)
{
    static const uint16_t none = NONE;
    int r = 0;
    while (r == 0 && n->counts.len / sizeof(n->n_taken) <= old / BLOCK)
        r = buf_add(&n->counts, &n->n_taken, sizeof(n->n_taken));
    while (r == 0 && n->differences.len / sizeof(none) <= old)
        r = buf_add(&n->differences, &none, sizeof(none));
    n->n_taken++;
    return r;
}

int numbers_give(struct numbers *n, uint64_t old)
{
    const int64_t kept = (int64_t)(++n->n_given - count_before(n, old)) + MIDDLE;
    if (kept <= NONE || kept > MOST)
        return fail(SILLOK_ERR, "number %llu was given another too late",
                    (unsigned long long)old);
    ((uint16_t *)(void *)n->differences.ptr)[old] = (uint16_t)kept;
    return 0;
}

uint64_t numbers_of(const struct numbers *n, uint64_t old)
{
    const uint16_t *list = (const uint16_t *)(const void *)n->differences.ptr;
    if (old >= n->differences.len / sizeof(*list) || list[old] == NONE)
        return 0;
    return count_before(n, old) + list[old] - MIDDLE;
}
