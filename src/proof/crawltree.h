/*
 * The trees of crawls: of each the observations and the refusals, as far as the store has
 * them now (proof/leaf.h).
 */
#ifndef PROOF_CRAWLTREE_H
#define PROOF_CRAWLTREE_H

#include "proof/gather.h"
#include "proof/merkle.h"

struct crawl_tree {
    const struct store_crawl *crawl;
    int wanted;
    struct merkle_edge observations, refused;
};

struct crawl_trees {
    struct sillok_store *store;
    struct store_crawl *crawls; /* all of the store, by name */
    size_t n;
    struct crawl_tree *trees; /* of each */
    uint32_t *by_number;      /* crawl number -> index of its tree + 1 */
    uint32_t top;
};

/** All crawls of the store, none wanted yet. Zeroed before; release after. */
int crawl_trees_load(struct crawl_trees *t, struct sillok_store *store);
void crawl_trees_release(struct crawl_trees *t);
/** The tree of a crawl that is wanted, or NULL. */
struct crawl_tree *crawl_trees_of(const struct crawl_trees *t, uint32_t number);
/** Set the bits of the articles that wanted crawls saw. */
int crawl_trees_articles(const struct crawl_trees *t, struct buf *bits);
/** Add what wanted crawls saw of the article that @p g has gathered. */
int crawl_trees_take(struct crawl_trees *t, struct gather *g);
/** Add the refusals of wanted crawls. */
int crawl_trees_refusals(struct crawl_trees *t, struct hasher *h);
/** What the log says of a wanted crawl, when all is added. SILLOK_ECORRUPT: there are not
 *  as many as the store says. @p out is cleared. */
int crawl_tree_leaf(const struct crawl_tree *tree, struct hasher *h, struct leaf *out);
/** A crawl's name as entries have it: not valid or very long ones are marked by a part of
 *  their hash. */
int crawl_entry_name(struct buf *out, struct hasher *h, const char *name);

#endif
