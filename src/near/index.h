/*
 * The index beside a store: STORE/near.mdb, an LMDB file of its own.
 *
 *   table   key                       value
 *   meta    "format"                  "sillok-near 3 F1V UUID"
 *           "state"                   position varint, texts varint, digest 20
 *   sketch  version 4                 sketch 64 (not of short texts), filter of anchors
 *   part    partition 2, segment 4    empty: the partition has rows there
 *   band    segment 4, partition 2,   8 bytes an entry, ascending:
 *           band 1, slice 1           lower 32 bits, version 4
 *
 * All integers are big-endian. A version is the store's number of one. The versions of a
 * segment are SEGMENT_VERSIONS in a row: version v is in segment (v - 1) /
 * SEGMENT_VERSIONS. Bands 0 to 15 are those of the sketch (near/sketch.h); BAND_TEXT is
 * XXH3-64 of F1, BAND_HEADLINE that of publisher and bare headline. Of such a number 40
 * bits count, their upper 8 are the slice. A partition is the month that the article says
 * it was published in, 12 * year + month - 1; 0 where it does not say. A short text has
 * no sketch, and where it has anchors (near/anchors.h) their filter alone, which is
 * shorter than a sketch; without either it has no row.
 *
 * Example: version 7 of January 2026 with f00f123456 as the number of band 2 is the entry
 * `0f 12 34 56 00 00 00 07` in the row `00 00 00 00 5e f8 02 f0`.
 *
 * Invariants
 *  1. Nothing in it is the truth. An index of another format, another normal form,
 *     another store or another past of this store (position and digest of the last
 *     version) is thrown away, and so is one that LMDB cannot read. What it names is
 *     always compared on the texts of the store.
 *  2. It is made of the versions 1 to position, each by itself: the same whether they
 *     came at once or one by one.
 *  3. A step is one transaction, its position with it.
 *  4. Full segments never change and new ones go behind them, so pages fill up and a step
 *     touches none that are old. The last segment is written anew when versions are
 *     added. (A table of single entries, sorted duplicates, was measured at two to five
 *     times the bytes: docs/near.md.)
 *  5. Who changes it holds near.lock for itself, who reads it shares that with readers.
 *     LMDB takes one handle per file and process: in a process one thread at a time.
 *
 * Cost: 18 entries of 8 bytes, a sketch and 12 bits an anchor per version; a look-up
 * reads one row for each segment that has the partition, a look for anchors the sketch
 * table of these segments.
 */
#ifndef NEAR_INDEX_H
#define NEAR_INDEX_H

#include "near/sketch.h"
#include "store/kv.h"
#include "store/beside.h"
#include "store/store.h"

enum { INDEX_FORMAT = 3 };
#define INDEX_NAME "the index of near duplicates"

enum {
    BAND_TEXT = SKETCH_BANDS,
    BAND_HEADLINE = SKETCH_BANDS + 1,
    N_BANDS = SKETCH_BANDS + 2,
    BAND_SLICES = 256,
    SEGMENT_VERSIONS = 8192
};

/** Where an index is, and whose. */
struct index_place {
    char *file, *lock;
    char uuid[40];
    size_t map_max_bytes;
    int damaged; /* asking found it so; index_open_write() will make it anew */
    int gone;    /* asking found none, or one of another past */
};
int index_place_init(struct index_place *place, struct sillok_store *store);
void index_place_release(struct index_place *place);

/** How far it is. */
struct index_state {
    uint64_t position;         /* versions 1 to position are in it */
    uint64_t texts;            /* of them with a sketch */
    struct meta_digest digest; /* of version position */
};

struct index {
    struct index_place *place;
    struct kv_env *env;
    struct kv_txn *txn; /* of a reader */
    int lock_fd;
    int open;
    struct index_state state;
};

/**
 * Open for asking; the index stays as it is until index_close().
 * @return 0;  SILLOK_ENOTFOUND there is none that could be used
 */
int index_open_read(struct index *x, struct index_place *place);
/**
 * Open for adding. Makes an empty index where there is none that could be used.
 * @return 0;  BESIDE_READ_ONLY;  SILLOK_EBUSY somebody else has been adding for long
 */
int index_open_write(struct index *x, struct index_place *place);
/** Throw away what is there and begin anew; after index_open_write(). */
int index_reset(struct index *x);
void index_close(struct index *x);

/* --- adding --- */

/** What one step adds, collected before: versions of one segment. */
struct index_batch {
    struct buf entries;       /* struct index_entry */
    struct buf sketches;      /* struct index_sketch, versions ascending */
    struct buf filters;       /* of the sketches, one after the other */
    struct index_state state; /* after it */
};
void index_batch_init(struct index_batch *b);
void index_batch_release(struct index_batch *b);
void index_batch_clear(struct index_batch *b);
/** @p number is SKETCH_BAND_BITS wide. */
int index_batch_entry(struct index_batch *b, unsigned partition, int band,
                      uint64_t number, uint32_t version);
/** @p s is NULL for a short text. Nothing is added where that has no anchors either.
 *  @param anchors  uint64_t */
int index_batch_sketch(struct index_batch *b, uint32_t version, const struct sketch *s,
                       const struct buf *anchors);
/** Add it all or nothing. Sorts the batch. */
int index_write(struct index *x, struct index_batch *b);

/* --- asking --- */

/** Rows of one partition in one segment. */
struct index_part {
    uint32_t segment;
    uint16_t partition;
};
/** Append the parts (struct index_part) of the partitions in [from, to], ascending. */
int index_parts(struct index *x, unsigned from, unsigned to, struct buf *out);
/** Append the versions (uint32_t) that have @p number in @p band. */
int index_find(struct index *x, const struct index_part *part, int band, uint64_t number,
               struct buf *out);
/** Append (lower 32 bits << 32 | version) as uint64_t of one slice, ascending. */
int index_slice(struct index *x, const struct index_part *part, int band, unsigned slice,
                struct buf *out);
/** 1 with the packed sketch, borrowed until index_close(); 0: a short text. */
int index_sketch(struct index *x, uint32_t version, const uint8_t **out);

/** A sentence to look for, by its anchors: at least one. */
struct index_needle {
    const uint64_t *anchors;
    size_t n;
};
/** A version that may hold needle number @c needle. */
struct index_hit {
    uint32_t version, needle;
};
/** Append the hits (struct index_hit) among the versions of one segment, ascending. */
int index_holding(struct index *x, uint32_t segment, const struct index_needle *needles,
                  size_t n, struct buf *out);

/** Bytes of the file in use and free inside it. */
struct index_figures {
    uint64_t used_bytes, free_bytes;
};
int index_figures(struct index *x, struct index_figures *out);

#endif
