/*
 * The log beside a store: STORE/proof.mdb, an LMDB file of its own.
 *
 *   table     key                             value
 *   meta      "format"                        "sillok-proof 1 UUID"
 *             "key"                           the public key, proof/note.h
 *             "secret"                        32 bytes, of which salts are made
 *             "size"                          8: how many entries there are
 *   entry     number 5                        the entry, proof/leaf.h
 *   tile      level 1, number 5               1 to 256 hashes of 32 bytes
 *   revision  oid 00 aid 00 first_seen 8, commitment 8      number 5 of its entry
 *   crawl     SHA-256[0..16) of its name      number 5 of its newest entry,
 *                                             observations 8, refused 8
 *
 * Integers are big-endian; first_seen is seconds since 1970 plus 2^39. Tiles are those of
 * C2SP tlog-tiles: a hash on level l covers 256^l entries, and a tile that is full makes
 * one hash of the level above.
 *
 * Beside it stand
 *
 *   proof.key    the secret key, proof/note.h; 0600
 *   checkpoint   the newest signed checkpoint
 *   proof.lock   flock of who adds to the log, shared by who copies it
 *
 * and in the store the ref "proof" (store/head.h), how far the log had come when
 * something was last signed.
 *
 * Invariants
 *  1. Entries are added and never changed; a commit adds a piece of them with all that
 *     follows from it. A run that is cut off leaves a log that is only shorter.
 *  2. What is signed is behind the log's commit and the store's ref, and the checkpoint
 *     last: of (log, ref, checkpoint) each is at least as long as the next. Where it is
 *     not, one of them is an old copy.
 *  3. Nothing is signed that does not begin with all that was signed before.
 */
#ifndef PROOF_TLOG_H
#define PROOF_TLOG_H

#include "proof/leaf.h"
#include "proof/merkle.h"
#include "proof/note.h"
#include "store/head.h"
#include "store/kv.h"
#include "store/store.h"

enum { TILE_LEVELS = 8, TILE_HASHES = 256, TLOG_NUMBER_BYTES = 5 };

/** The right edge of a level. */
struct tlog_tile {
    uint64_t number;
    unsigned n; /* hashes in it, below TILE_HASHES */
    struct sillok_id hash[TILE_HASHES];
    int changed;
};

struct tlog {
    struct sillok_store *store;
    char *path;
    struct kv_env *env;
    struct kv_txn *txn;
    int lock_fd;
    struct hasher *hasher;
    char uuid[40];
    struct note_key key;
    uint8_t secret[SECRET_BYTES];
    char log[64];     /* its name in the store's ref, store/head.h */
    struct buf note;  /* the file "checkpoint", as it was before the log was opened */
    struct head head; /* and the ref */
    struct buf head_text;
    int has_note, has_head;
    uint64_t size;
    int dirty;
    size_t in_batch;        /* bytes since the last commit */
    struct tlog_tile *edge; /* of each level, while writing */
};

/** Make an empty one. SILLOK_EEXISTS: there is one. */
int tlog_create(struct sillok_store *store, const struct note_key *key);
/**
 * Open it; tlog_close() after, also after a failure. Closing one that is all zero does
 * nothing.
 * @param writing  alone, under proof.lock
 * @return 0;  SILLOK_ENOTFOUND there is none;  SILLOK_ECORRUPT it is damaged, or of
 *         another store;  SILLOK_EBUSY
 */
int tlog_open(struct tlog *t, struct sillok_store *store, int writing);
void tlog_close(struct tlog *t);
/** 1 when the store has a log, 0 when not, negative when that cannot be told. */
int tlog_exists(const struct sillok_store *store);

/* --- reading --- */

/** Entry @p number, borrowed until the next change or the close. */
int tlog_entry(struct tlog *t, uint64_t number, struct sillok_text *out);
/** A tile as it stands in the log; borrowed likewise. 1 found, 0 there is none. */
int tlog_tile(struct tlog *t, unsigned level, uint64_t number, struct sillok_text *out);
/** When entry @p number fills tiles: does each of them have its hash on the level above?
 *  1 yes, 0 no. */
int tlog_tiles_follow(struct tlog *t, uint64_t number);
/** Nodes for proofs; proof/merkle.h. */
struct merkle_source tlog_source(struct tlog *t);
/** The entry of a revision. 1 with its number, 0 there is none. */
int tlog_find_revision(struct tlog *t, const struct article_key *key, int64_t first_s,
                       const struct sillok_id *commitment, uint64_t *number);
/** What was said last of a crawl. 1 found, 0 nothing. */
struct tlog_crawl {
    uint64_t number, observations, refused;
};
int tlog_find_crawl(struct tlog *t, const char *name, struct tlog_crawl *out);

/* --- adding, when open for writing --- */

/** Add an entry, and what finds it again. @p key is the article's, of a revision. */
int tlog_add(struct tlog *t, const struct leaf *leaf, const struct article_key *key);
/** The same for one of a crawl, by its own name. */
int tlog_add_crawl(struct tlog *t, const struct leaf *leaf, const char *name);
/** All that was added, durably. */
int tlog_commit(struct tlog *t);

#endif
