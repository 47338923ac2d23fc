/*
 * The seal: a sum of every page of an LMDB file, in a file beside it, FILE-seal.
 *
 * LMDB keeps no sums, so a flipped bit, a page of another time or an old copy put back
 * goes unnoticed or ends the process. The seal tells what each page was when it was
 * written. It is brought up to date after each commit (store/guard.h).
 *
 *        0  head, slot 0      a head goes to slot (transaction & 1), so that the one
 *      512  head, slot 1      before it stays whole while it is written
 *     4096  sums, 8 bytes each, of page 0, 1, 2, ...; of a run of overflow pages at its
 *           first; 0: never written
 *
 * Head   0  "sillok-seal 1\n\0\0"
 *       16  transaction 8      the last one that is sealed
 *       24  sum of its meta page's content 8
 *       32  sum of the 32 bytes before 8
 *
 * Sums are XXH3-64, 1 where that is 0. Integers are big-endian.
 *
 * Invariants
 *  1. Sums are on stable storage before the head that counts on them is written, and the
 *     commit before both. So after a crash the seal is at most one transaction behind.
 *  2. Only pages that the sealed transaction does not have are written over, as in LMDB.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "base/buf.h"

struct seal_head {
    uint64_t txn, meta_sum;
    int valid;
};

struct seal {
    int fd;
    char *path;
    const uint8_t *map;
    size_t map_bytes;
    uint64_t n_sums; /* that the file holds; atomic, it only grows */
};

/** A run of pages that was written. */
struct seal_run {
    uint64_t page, sum;
};

uint64_t seal_sum(const void *ptr, size_t len);

/** Open @p path. seal_map() gives its sums room.
 *  @return 0;  SILLOK_ENOTFOUND there is none;  SILLOK_EIO */
int seal_open(struct seal *s, const char *path, int read_only);
/** A new one, empty, in the place of any other. */
int seal_create(struct seal *s, const char *path, mode_t mode);
/** Give the sums @p max_pages of room; no other thread may be reading them. */
int seal_map(struct seal *s, uint64_t max_pages);
void seal_close(struct seal *s);

/** Both heads as they are now. */
int seal_heads(const struct seal *s, struct seal_head out[2]);
/** The one of the later transaction, NULL when none is valid. */
const struct seal_head *seal_last(const struct seal_head heads[2]);
/** 0: no sum is known. */
uint64_t seal_get(struct seal *s, uint64_t page);
/** Write sums, sorted by page, and the head of the transaction, durably. */
int seal_write(struct seal *s, const struct seal_run *runs, size_t n,
               const struct seal_head *head);

/* --- of a file that may be damaged --- */

/** All bytes of the seal of @p path, "PATH-seal"; nothing where there is none. */
int seal_read_all(struct buf *out, const char *path);
/** How many pages such bytes have sums of. */
uint64_t seal_pages_in(const struct buf *bytes);
/** The last commit that such bytes are of; 0: that cannot be read. */
uint64_t seal_txn_in(const struct buf *bytes);
/** The sum of a page in such bytes, 0 when it holds none. */
uint64_t seal_sum_in(const struct buf *bytes, uint64_t page);

#endif
