#include "proof/merkle.h"

int merkle_leaf(struct hasher *h, struct sillok_text entry, struct sillok_id *out)
{
    int r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, "\0", 1);
    if (r == 0)
        r = hasher_add(h, entry.ptr, entry.len);
    return r < 0 ? r : hasher_end(h, out);
}

int merkle_node(struct hasher *h, const struct sillok_id *left,
                const struct sillok_id *right, struct sillok_id *out)
{
    uint8_t bytes[1 + 2 * sizeof(left->bytes)] = { 1 };
    memcpy(bytes + 1, left->bytes, sizeof(left->bytes));
    memcpy(bytes + 1 + sizeof(left->bytes), right->bytes, sizeof(right->bytes));
    int r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, bytes, sizeof(bytes));
    return r < 0 ? r : hasher_end(h, out);
}

/* --- a tree that grows --- */

static unsigned n_peaks(uint64_t n)
{
    return (unsigned)__builtin_popcountll(n);
}

/* As when counting in binary: each carry makes one subtree of two. */
int merkle_append(struct merkle_edge *e, struct hasher *h, const struct sillok_id *leaf)
{
    struct sillok_id carry = *leaf;
    unsigned top = n_peaks(e->n);
    int r = 0;
    for (uint64_t n = e->n; n & 1 && r == 0; n >>= 1)
        r = merkle_node(h, &e->peak[--top], &carry, &carry);
    if (r < 0)
        return r;
    e->peak[top] = carry;
    e->n++;
    return 0;
}

int merkle_root(const struct merkle_edge *e, struct hasher *h, struct sillok_id *out)
{
    unsigned i = n_peaks(e->n);
    int r = 0;
    if (i == 0)
        return hasher_of(h, text_make("", 0), out);
    *out = e->peak[--i];
    while (i > 0 && r == 0)
        r = merkle_node(h, &e->peak[--i], out, out);
    return r;
}

/* --- proofs --- */

/* The largest power of two below @p n, which is 2 or more. */
static uint64_t split_of(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The root over leaves [from, to), one or more; from is a multiple of every power of two
 * that fits into to - from, as all ranges are that splitting gives. The right part is
 * below the left one, so it goes from the right edge up. */
static int root_of(const struct merkle_source *s, uint64_t from, uint64_t to,
                   struct sillok_id *out)
{
    const uint64_t n = to - from;
    unsigned level = (unsigned)__builtin_ctzll(n);
    uint64_t at = to - ((uint64_t)1 << level);
    int r = s->node(s->arg, level, at >> level, out);
    for (uint64_t rest = n >> level >> 1; rest && r == 0; rest >>= 1) {
        struct sillok_id left;
        level++;
        if (!(rest & 1))
            continue;
        at -= (uint64_t)1 << level;
        r = s->node(s->arg, level, at >> level, &left);
        if (r == 0)
            r = merkle_node(s->hasher, &left, out, out);
    }
    return r;
}

int merkle_root_at(const struct merkle_source *s, uint64_t size, struct sillok_id *out)
{
    return size ? root_of(s, 0, size, out) : hasher_of(s->hasher, text_make("", 0), out);
}

/* Found from the root down, told from the leaf up. */
static void turn_round(struct merkle_path *p)
{
    for (unsigned i = 0, k = p->n; i + 1 < k; i++) {
        const struct sillok_id t = p->hash[i];
        p->hash[i] = p->hash[--k];
        p->hash[k] = t;
    }
}

int merkle_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                     struct merkle_path *out)
{
    int r = 0;
    out->n = 0;
    for (uint64_t from = 0, to = size; to - from > 1 && r == 0;) {
        const uint64_t middle = from + split_of(to - from);
        const int left = index < middle;
        r = root_of(s, left ? middle : from, left ? to : middle, &out->hash[out->n++]);
        from = left ? from : middle;
        to = left ? middle : to;
    }
    turn_round(out);
    return r;
}

int merkle_consistency(const struct merkle_source *s, uint64_t old, uint64_t size,
                       struct merkle_path *out)
{
    uint64_t from = 0, to = size;
    int r = 0, whole = 1; /* the old tree is all of [0, old): its root is known */
    out->n = 0;
    while (old != to && r == 0) {
        const uint64_t middle = from + split_of(to - from);
        const int left = old <= middle;
        r = root_of(s, left ? middle : from, left ? to : middle, &out->hash[out->n++]);
        from = left ? from : middle;
        to = left ? middle : to;
        whole &= left;
    }
    if (r == 0 && !whole)
        r = root_of(s, from, to, &out->hash[out->n++]);
    turn_round(out);
    return r;
}

/* --- checks --- */

int merkle_includes(struct hasher *h, uint64_t index, uint64_t size,
                    const struct sillok_id *leaf, const struct merkle_path *path,
                    const struct sillok_id *root)
{
    struct sillok_id at = *leaf;
    if (index >= size)
        return 0;
    uint64_t node = index, last = size - 1;
    for (unsigned i = 0; i < path->n; i++) {
        const int on_left = node & 1 || node == last;
        if (last == 0 || (on_left ? merkle_node(h, &path->hash[i], &at, &at)
                                  : merkle_node(h, &at, &path->hash[i], &at)) < 0)
            return 0;
        /* An only child goes up as it is. */
        while (on_left && !(node & 1) && node) {
            node >>= 1;
            last >>= 1;
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && sillok_id_equal(&at, root);
}

int merkle_consistent(struct hasher *h, uint64_t old, uint64_t size,
                      const struct sillok_id *old_root, const struct sillok_id *root,
                      const struct merkle_path *path)
{
    if (old == 0 || old > size)
        return 0;
    if (old == size)
        return path->n == 0 && sillok_id_equal(old_root, root);
    uint64_t node = old - 1, last = size - 1;
    unsigned i = 0;
    while (node & 1) {
        node >>= 1;
        last >>= 1;
    }
    /* A power of two is its own first hash. */
    const struct sillok_id *first = node ? (path->n ? &path->hash[i++] : NULL) : old_root;
    if (!first)
        return 0;
    struct sillok_id was = *first, is = *first;
    for (; i < path->n; i++) {
        const struct sillok_id *c = &path->hash[i];
        int r;
        if (last == 0)
            return 0;
        if (node & 1 || node == last) {
            r = merkle_node(h, c, &was, &was);
            if (r == 0)
                r = merkle_node(h, c, &is, &is);
            while (!(node & 1) && node) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            r = merkle_node(h, &is, c, &is);
        }
        if (r < 0)
            return 0;
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && sillok_id_equal(&was, old_root) && sillok_id_equal(&is, root);
}
