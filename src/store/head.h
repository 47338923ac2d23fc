/*
 * How far the log of proofs beside a store (src/proof) had come when something was last
 * signed: the ref "proof", "LOG SIZE HEX": which log, its size and its root. It is
 * written before the checkpoint that goes by it, so a checkpoint beside the store that is
 * of more says that the store is an old copy.
 */
#ifndef STORE_HEAD_H
#define STORE_HEAD_H

#include "store/store.h"

#define HEAD_CHECKPOINT "checkpoint"     /* the file, STORE/checkpoint */
enum { HEAD_CHECKPOINT_MAX = 64 << 10 }; /* and of any signed note */

struct head {
    char log[64]; /* "UUID.KEYID", of the store and the key that signs: another one where
                     this store was salvaged from that, or another log was begun */
    uint64_t size;
    struct sillok_id root;
};

/** 1 with the head, 0 there is none. @p text [out] the ref as it stands; may be NULL. */
int head_get(struct sillok_store *s, struct head *out, struct buf *text);
/** Put @p head in the place of @p was, which head_get() gave. */
int head_put(struct sillok_store *s, const struct head *head, const struct buf *was);

/** SILLOK_ECORRUPT: the store is older than the checkpoint beside it. */
int head_check(struct sillok_store *s);

#endif
