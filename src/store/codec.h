/*
 * Compression: bodies, metadata records, residues. zstd throughout.
 *
 *   codec byte   payload
 *   0 PLAIN      the bytes
 *   1 ZSTD       one zstd frame
 *   2 DICT       one frame made with the dictionary whose id stands before it, of the text
 *                or, where the dictionary has an alphabet, of its letters (store/letters.h)
 *   3 DELTA      one frame made with another body as prefix (zstd --patch-from)
 *
 * Whatever is encoded is decoded again and compared before it is handed out: a store must
 * never learn at read time that a compressor had a bad day.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include "base/buf.h"
#include "sillok/article.h"

enum codec { CODEC_PLAIN = 0, CODEC_ZSTD = 1, CODEC_DICT = 2, CODEC_DELTA = 3 };

/** What a dictionary is for; on disk. */
enum dict_kind { DICT_BODY = 0, DICT_META = 1, N_DICT_KINDS = 2 };

/** A digested dictionary; immutable, any number of threads. As bytes it is zstd's, which
 *  begin with 37, or 4c, an alphabet, and then zstd's. */
struct dict;
int dict_new(struct dict **out, uint32_t id, struct sillok_text bytes);
void dict_free(struct dict *d);
DEFINE_CLEANUP(struct dict *, dict_free)
/** The zstd level that is encoded with, 1 to 22, instead of the usual; before anything is
 *  encoded with it. */
void dict_set_level(struct dict *d, int level);
struct sillok_text dict_bytes(const struct dict *d);
uint32_t dict_id(const struct dict *d);
/** 1 where the bytes begin as those of a dictionary do. */
int dict_recognize(struct sillok_text bytes);

/** What a dictionary is made of. */
struct dict_samples {
    struct buf bytes; /* one after the other */
    struct buf sizes; /* size_t each */
};
#define DICT_SAMPLES_INIT                                                                \
    {                                                                                    \
        BUF_INIT, BUF_INIT                                                               \
    }
/** What was appended to `bytes` since they were @p before long is a sample. */
int dict_samples_end(struct dict_samples *s, size_t before);
void dict_samples_release(struct dict_samples *s);
static inline void dict_samples_release_cleanup(struct dict_samples *s)
{
    dict_samples_release(s);
}

struct dict_plan {
    size_t capacity; /* of zstd's part, bytes */
    int letters;     /* with an alphabet before it */
    /* For what is encoded at this level: every part of the samples is looked at, which takes
     * half a second for a megabyte. 0: for the usual level, in some milliseconds. */
    int level;
};
/** Train a dictionary; @p out is empty when the samples are too few or too alike to be worth
 *  one. */
int dict_train(struct buf *out, const struct dict_samples *samples,
               const struct dict_plan *plan);

/** Contexts of one thread. */
struct codec_ctx;
int codec_new(struct codec_ctx **out);
void codec_free(struct codec_ctx *c);
DEFINE_CLEANUP(struct codec_ctx *, codec_free)
/** The zstd level, 1 to 22, of what is encoded without a dictionary, instead of the
 * usual. */
void codec_set_level(struct codec_ctx *c, int level);

/**
 * Append the shorter of PLAIN and a frame.
 * @param dict   used when not NULL
 * @param codec  [out] what was chosen
 */
int codec_encode(struct codec_ctx *c, struct buf *out, struct sillok_text raw,
                 const struct dict *dict, enum codec *codec);

/** Append a frame of @p raw as a difference against @p base. */
int codec_encode_delta(struct codec_ctx *c, struct buf *out, struct sillok_text raw,
                       struct sillok_text base);

/**
 * Append exactly @p raw_len decoded bytes.
 * @param dict  for CODEC_DICT;  @param base  for CODEC_DELTA
 * @return 0;  SILLOK_ECORRUPT the payload is not that
 */
int codec_decode(struct codec_ctx *c, struct buf *out, enum codec codec,
                 struct sillok_text payload, size_t raw_len, const struct dict *dict,
                 struct sillok_text base);

/** Bytes that the payload at the beginning of @p t takes, where nothing else says so; 0
 * it is none. */
size_t codec_payload_len(enum codec codec, struct sillok_text t, size_t raw_len);

#endif
