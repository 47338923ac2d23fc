/*
 * Packed observations: the truth about who was seen when.
 *
 * The observations of one batch and crawl form a segment. Inside it they stand in the
 * order of (article ordinal, time, version) and are cut into blocks; a block never splits
 * one article. A recrawl without news costs about two bytes an observation this way,
 * where a row per article would cost a page.
 *
 *   block   n varint | columns | checksum 4
 *           columns, each n values, then zstd over all of them: codec byte, raw length
 *           varint, payload
 *             ordinal   first absolute varint, then deltas varint
 *             time      seconds, zigzag delta to the one before
 *             version   zigzag delta to the one before, less one
 *             folder    varint, id in table `dir`, 0 none
 *             form      varint, enum form and OBS_MISMATCH
 *             extra     varint, id in table `extra`, 0 none
 *           checksum: low 32 bits of XXH3-64 over all before it, big-endian
 *   segment (value of table `seg`): varints crawl, n, first ordinal, last - first
 *           ordinal, zigzag first time, varint last - first time, n blocks
 */
#ifndef STORE_OBS_H
#define STORE_OBS_H

#include "store/codec.h"

enum { OBS_PER_BLOCK = 2048, OBS_BLOCK_MAX = 1 << 24 };

/** Beside enum form in obs.form: the declared hash was another. */
enum { OBS_MISMATCH = 1 << 8 };

struct obs {
    uint64_t ordinal; /* of the article */
    int64_t time_s;
    uint64_t version;
    uint32_t dir, form;
    uint64_t extra;
    uint32_t crawl; /* of the segment it stands in, 0 it is pending; not stored */
};

struct seg {
    uint32_t no, crawl;
    uint64_t n, n_blocks;
    uint64_t first_ordinal, last_ordinal;
    int64_t first_s, last_s;
};

/** (ordinal, time, version, extra, folder, form), for qsort(). */
int obs_compare(const void *a, const void *b);
/** Of all that an observation says, but not of where it stands. */
uint64_t obs_hash(const struct obs *o);

/** Append a block of @p n sorted observations. */
int obs_encode(struct codec_ctx *c, struct buf *out, const struct obs *list, size_t n);
/** Append struct obs of a block, seen by @p crawl, to @p out. SILLOK_ECORRUPT: not a block. */
int obs_decode(struct codec_ctx *c, struct buf *out, struct sillok_text block,
               uint32_t crawl);

int seg_encode(struct buf *out, const struct seg *s);
int seg_decode(struct seg *out, uint32_t no, struct sillok_text value);

#endif
