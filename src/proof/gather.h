/*
 * What a store has that a log has to say: the sightings of an article with their
 * commitments, and walks over the articles that crawls saw.
 */
#ifndef PROOF_GATHER_H
#define PROOF_GATHER_H

#include "history/chain.h"
#include "proof/leaf.h"
#include "proof/merkle.h"

/** An observation of the article that was gathered. */
struct gathered {
    int64_t time_s;
    uint64_t version;
    uint32_t crawl;
    struct sillok_id commitment;
};

struct gather {
    struct sillok_store *store;
    struct hasher *hasher;
    const uint8_t *secret;
    struct article_key key;
    struct chain chain;
    struct buf list;  /* struct gathered, by (time, commitment) */
    struct buf obs;   /* struct chain_obs, as they are in the store */
    struct buf known; /* version -> opening, commitment; of this article */
    struct store_version version;
};
/** @p hasher and @p secret are borrowed until the release. */
void gather_init(struct gather *g, struct sillok_store *store, struct hasher *hasher,
                 const uint8_t *secret);
void gather_release(struct gather *g);
/** Take an article's sightings and its chain. */
int gather_article(struct gather *g, const struct article_key *key, uint64_t article);
size_t gather_count(const struct gather *g);
const struct gathered *gather_at(const struct gather *g, size_t i);
/** The commitment of a version of the article. @p opening may be NULL. */
int gather_commitment(struct gather *g, uint64_t version, struct opening *opening,
                      struct sillok_id *out);
/** oid and aid of the article as strings. */
void gather_names(const struct article_key *key, char oid[SILLOK_KEY_MAX_BYTES + 1],
                  char aid[SILLOK_KEY_MAX_BYTES + 1]);
/** The hash of a sighting in the tree of its crawl. */
int gather_leaf(struct gather *g, const struct gathered *o, struct sillok_id *out);

/** Call @p fn for each article whose bit is set, in the order of the keys. */
typedef int gather_fn(void *arg, const struct article_key *key, uint64_t article);
int gather_articles(struct sillok_store *store, const struct buf *bits, gather_fn *fn,
                    void *arg);

#endif
