/*
 * Proofs as text.
 *
 *   c2sp.org/tlog-proof@v1        that an entry is in a log       (C2SP tlog-proof)
 *   extra BASE64                  ours: an object of JSON, see below
 *   index N
 *   BASE64                        a hash a line, the leaf's sibling first
 *
 *   old N                         that a log begins with its first N entries
 *   BASE64                        (the request of C2SP tlog-witness)
 *
 * and in both an empty line and the checkpoint, a signed note, to the end.
 *
 * The extra object has "entry" and "opening", lines of proof/leaf.h; of an observation
 * also "observation", the line, "number", which it is in its crawl's tree, and "path",
 * the hashes from there to the observations_root of the entry, in base64.
 */
#ifndef PROOF_BUNDLE_H
#define PROOF_BUNDLE_H

#include "proof/merkle.h"

struct bundle {
    int is_consistency;
    uint64_t index;   /* of the entry; or the old size */
    struct buf extra; /* empty: none */
    struct merkle_path path;
    struct sillok_text note; /* borrowed from what was parsed */
};
void bundle_init(struct bundle *b);
void bundle_release(struct bundle *b);
/** Append all of it. */
int bundle_add(struct buf *out, const struct bundle *b);
/** @return 0;  SILLOK_EINVALID it is none, the message says where */
int bundle_parse(struct bundle *out, struct sillok_text text);

struct extra {
    struct buf entry, opening;
    struct buf sighting; /* empty: it is of a revision */
    uint64_t number;
    struct merkle_path path;
};
void extra_init(struct extra *e);
void extra_release(struct extra *e);
int extra_add(struct buf *out, const struct extra *e);
/** SILLOK_EINVALID: it is none. */
int extra_parse(struct extra *out, struct sillok_text json);

#endif
