/*
 * Merkle trees as of RFC 9162, section 2.1 (the hashing of RFC 6962), with SHA-256.
 *
 *   leaf  SHA-256(00 || entry)      node  SHA-256(01 || left || right)
 *   empty tree  SHA-256("")         n entries are split at the largest power of two < n
 *
 * A node is named by its level (0: leaves) and its number on it, from the left; only
 * perfect subtrees are nodes in that sense, and all else follows from them. Sizes and
 * numbers are below 2^62.
 */
#ifndef PROOF_MERKLE_H
#define PROOF_MERKLE_H

#include "article/hash.h"
#include "base/buf.h"

enum { MERKLE_LEVELS = 63, MERKLE_PATH_MAX = 64 };

int merkle_leaf(struct hasher *h, struct sillok_text entry, struct sillok_id *out);
int merkle_node(struct hasher *h, const struct sillok_id *left,
                const struct sillok_id *right, struct sillok_id *out);

/** A tree that grows: of what is in it only the perfect subtrees at its right edge are
 *  kept, the largest first. All zero is the empty tree. */
struct merkle_edge {
    uint64_t n;
    struct sillok_id peak[MERKLE_LEVELS];
};
int merkle_append(struct merkle_edge *e, struct hasher *h, const struct sillok_id *leaf);
int merkle_root(const struct merkle_edge *e, struct hasher *h, struct sillok_id *out);

/** Where nodes come from. */
typedef int merkle_node_fn(void *arg, unsigned level, uint64_t number,
                           struct sillok_id *out);
struct merkle_source {
    merkle_node_fn *node;
    void *arg;
    struct hasher *hasher;
};

/** Hashes from one node up, the lowest first. */
struct merkle_path {
    struct sillok_id hash[MERKLE_PATH_MAX];
    unsigned n;
};

/** The root over the first @p size leaves. */
int merkle_root_at(const struct merkle_source *s, uint64_t size, struct sillok_id *out);
/** That leaf @p index is in the tree of @p size, RFC 9162 2.1.3.1. index < size. */
int merkle_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                     struct merkle_path *out);
/** That the tree of @p size begins with that of @p old, 2.1.4.1. 0 < old <= size. */
int merkle_consistency(const struct merkle_source *s, uint64_t old, uint64_t size,
                       struct merkle_path *out);

/** 1 when the path leads from @p leaf to @p root, 2.1.3.2; 0 when not. */
int merkle_includes(struct hasher *h, uint64_t index, uint64_t size,
                    const struct sillok_id *leaf, const struct merkle_path *path,
                    const struct sillok_id *root);
/** 1 when the path leads from both roots to each other, 2.1.4.2; 0 when not. */
int merkle_consistent(struct hasher *h, uint64_t old, uint64_t size,
                      const struct sillok_id *old_root, const struct sillok_id *root,
                      const struct merkle_path *path);

#endif
