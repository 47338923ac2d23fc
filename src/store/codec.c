#include "store/codec.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#define ZDICT_STATIC_LINKING_ONLY    /* training with fixed parameters; a few ms, not    \
                                        seconds */
#include <zdict.h>
#define ZSTD_STATIC_LINKING_ONLY /* a dictionary for decoding that is not copied */
#include <zstd.h>
#include <zstd_errors.h>

enum { LEVEL = 3, DELTA_LEVEL = 3, DELTA_WINDOW_LOG = 26, PLAIN_BELOW = 100 };
/* For a text of that length or more, zstd would digest the dictionary anew: so much text
 * has all that it needs in itself. */
enum { NO_DICT_FROM = 128 << 10 };
/* What zstd takes for the length of a text that it cannot know. */
enum { LEAST_TEXT = 513 };

/* A dictionary as it is used for encoding. */
struct digest {
    const ZSTD_CDict *c;
    uint64_t room[]; /* that it stands in */
};

struct dict {
    uint32_t id;
    int level;
    char *bytes; /* `digest` and `d` refer to them */
    size_t len;
    int no_memory;                   /* an allocation of `d` failed */
    _Atomic(struct digest *) digest; /* NULL: nobody has encoded with it yet */
    ZSTD_DDict *d;
};

struct codec_ctx {
    ZSTD_CCtx *c;
    ZSTD_DCtx *d;
    int level, delta_level;
    struct buf check;
};

static int zstd_fail(size_t rc, const char *what)
{
    if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return fail_memory();
    return fail(SILLOK_ERR, "cannot %s: %s", what, ZSTD_getErrorName(rc));
}

/* zstd says no more than NULL, be it for want of memory or a damaged dictionary. */
static void *noted_malloc(void *no_memory, size_t size)
{
    void *p = malloc(size);
    if (!p)
        *(int *)no_memory = 1;
    return p;
}

static void noted_free(void *no_memory, void *p)
{
    (void)no_memory;
    free(p);
}

int dict_new(struct dict **out, uint32_t id, struct sillok_text bytes)
{
    struct dict *d = calloc(1, sizeof(*d));
    if (!d)
        return fail_memory();
    d->id = id;
    d->level = LEVEL;
    d->bytes = malloc(bytes.len + 1);
    if (!d->bytes) {
        dict_free(d);
        return fail_memory();
    }
    memcpy(d->bytes, bytes.ptr, bytes.len);
    d->len = bytes.len;
    const ZSTD_customMem noted = { noted_malloc, noted_free, &d->no_memory };
    d->d =
        ZSTD_createDDict_advanced(d->bytes, d->len, ZSTD_dlm_byRef, ZSTD_dct_auto, noted);
    if (!d->d) {
        const int r = d->no_memory
                          ? fail_memory()
                          : fail(SILLOK_ECORRUPT, "dictionary %u cannot be used", id);
        dict_free(d);
        return r;
    }
    *out = d;
    return 0;
}

void dict_free(struct dict *d)
{
    if (!d)
        return;
    free(atomic_load(&d->digest));
    ZSTD_freeDDict(d->d);
    free(d->bytes);
    free(d);
}

uint32_t dict_id(const struct dict *d)
{
    return d->id;
}

void dict_set_level(struct dict *d, int level)
{
    d->level = level;
}

struct sillok_text dict_bytes(const struct dict *d)
{
    return text_make(d->bytes, d->len);
}

/* What training takes at most, beside its samples: tables of counts (10 bytes for each of
 * 2^f), the dictionary thrice, and a digest of it. */
static int has_room(size_t capacity, ZDICT_fastCover_params_t params)
{
    void *volatile p =
        malloc(((size_t)10 << params.f) + 3 * capacity +
               ZSTD_estimateCDictSize(capacity, params.zParams.compressionLevel));
    free(p);
    return p != NULL;
}

/* Fixed parameters (Liao, Petri, Moffat, Wirth 2016): their search would take many times
 * as long and win a per cent. zstd 1.5.4 does not look whether it got its memory, so it
 * is tried before. */
static int train(struct buf *out, const void *samples, const size_t *sizes, unsigned n,
                 size_t capacity, ZDICT_fastCover_params_t params)
{
    buf_clear(out);
    const int r = buf_reserve(out, capacity);
    if (r < 0 || !has_room(capacity, params))
        return fail_memory();
    const size_t rc =
        ZDICT_trainFromBuffer_fastCover(out->ptr, capacity, samples, sizes, n, params);
    if (ZDICT_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return fail_memory();
    out->len = ZDICT_isError(rc) ? 0 : rc; /* too few samples: no dictionary */
    return 0;
}

int dict_train(struct buf *out, const void *samples, const size_t *sizes, unsigned n,
               size_t capacity)
{
    const ZDICT_fastCover_params_t quick = {
        .k = 256, .d = 8, .f = 18, .accel = 4, .zParams = { .compressionLevel = LEVEL }
    };
    return train(out, samples, sizes, n, capacity, quick);
}

int dict_train_fully(struct buf *out, const void *samples, const size_t *sizes,
                     unsigned n, size_t capacity, int level)
{
    const ZDICT_fastCover_params_t full = {
        .k = 256, .d = 8, .f = 20, .accel = 1, .zParams = { .compressionLevel = level }
    };
    return train(out, samples, sizes, n, capacity, full);
}

int codec_new(struct codec_ctx **out)
{
    CLEANUP(codec_free) struct codec_ctx *c = calloc(1, sizeof(*c));
    if (!c)
        return fail_memory();
    buf_init(&c->check, BUF_CEILING);
    c->level = LEVEL;
    c->delta_level = DELTA_LEVEL;
    c->c = ZSTD_createCCtx();
    c->d = ZSTD_createDCtx();
    if (!c->c || !c->d)
        return fail_memory();
    *out = STEAL(c);
    return 0;
}

void codec_set_level(struct codec_ctx *c, int level)
{
    c->level = c->delta_level = level;
}

void codec_free(struct codec_ctx *c)
{
    if (!c)
        return;
    ZSTD_freeCCtx(c->c);
    ZSTD_freeDCtx(c->d);
    buf_release(&c->check);
    free(c);
}

/* Decode what was just appended and compare. */
static int check_encoded(struct codec_ctx *c, struct sillok_text raw, enum codec codec,
                         struct sillok_text payload, const struct dict *dict,
                         struct sillok_text base)
{
    buf_clear(&c->check);
    const int r = codec_decode(c, &c->check, codec, payload, raw.len, dict, base);
    if (r == SILLOK_ENOMEM)
        return r;
    if (r < 0 || !text_equal(raw, text_make(c->check.ptr, c->check.len)))
        return fail(SILLOK_ERR, "the compressor did not give back what it was given");
    return 0;
}

/* In memory of ours: zstd 1.5.4 follows a null pointer where it has none for a digest.
 * The parameters are those that it takes for a dictionary by itself. */
static struct digest *digest_new(const struct dict *d)
{
    const ZSTD_compressionParameters how = ZSTD_getCParams(d->level, LEAST_TEXT, d->len);
    const size_t n = ZSTD_estimateCDictSize_advanced(d->len, how, ZSTD_dlm_byRef);
    struct digest *digest = malloc(sizeof(*digest) + n);
    if (digest)
        digest->c = ZSTD_initStaticCDict(digest->room, n, d->bytes, d->len,
                                         ZSTD_dlm_byRef, ZSTD_dct_auto, how);
    if (digest && !digest->c) {
        free(digest);
        return NULL;
    }
    return digest;
}

/* Digesting a dictionary for encoding takes as long as ten articles do, and who only
 * reads never needs it: the first that encodes does it. Two threads may be first. */
static const ZSTD_CDict *for_encoding(const struct dict *dict)
{
    struct dict *d = (struct dict *)(uintptr_t)dict; /* to its users it does not change */
    struct digest *there = atomic_load(&d->digest);
    if (there)
        return there->c;
    struct digest *mine = digest_new(d);
    if (!mine || atomic_compare_exchange_strong(&d->digest, &there, mine))
        return mine ? mine->c : NULL;
    free(mine);
    return there->c;
}

int codec_encode(struct codec_ctx *c, struct buf *out, struct sillok_text raw,
                 const struct dict *dict, enum codec *codec)
{
    if (raw.len >= NO_DICT_FROM)
        dict = NULL;
    const ZSTD_CDict *digested = dict ? for_encoding(dict) : NULL;
    *codec = CODEC_PLAIN;
    if (dict && !digested)
        return fail_memory(); /* dict_new() has read all of it */
    /* Without a dictionary a frame of so little text is longer than the text. */
    if (!dict && raw.len < PLAIN_BELOW)
        return buf_add_text(out, raw);
    const size_t bound = ZSTD_compressBound(raw.len), start = out->len;
    int r = buf_reserve(out, bound);
    if (r < 0)
        return r;
    size_t rc = ZSTD_CCtx_reset(c->c, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(rc))
        rc = dict ? ZSTD_CCtx_refCDict(c->c, digested)
                  : ZSTD_CCtx_setParameter(c->c, ZSTD_c_compressionLevel, c->level);
    /* The length stands beside the payload, the dictionary's id too. */
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_contentSizeFlag, 0);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_dictIDFlag, 0);
    if (!ZSTD_isError(rc))
        rc = ZSTD_compress2(c->c, out->ptr + start, bound, raw.ptr, raw.len);
    if (ZSTD_isError(rc))
        return zstd_fail(rc, "compress");
    if (rc >= raw.len)
        return buf_add_text(out, raw);
    out->len = start + rc;
    *codec = dict ? CODEC_DICT : CODEC_ZSTD;
    return check_encoded(c, raw, *codec, text_make(out->ptr + start, rc), dict,
                         text_make(NULL, 0));
}

int codec_encode_delta(struct codec_ctx *c, struct buf *out, struct sillok_text raw,
                       struct sillok_text base)
{
    const size_t bound = ZSTD_compressBound(raw.len), start = out->len;
    int r = buf_reserve(out, bound);
    if (r < 0)
        return r;
    size_t rc = ZSTD_CCtx_reset(c->c, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_compressionLevel, c->delta_level);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_contentSizeFlag, 0);
    if (!ZSTD_isError(rc) && base.len + raw.len > (size_t)1 << 19) {
        /* The window must reach from the end of the text to the start of the base. */
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_windowLog, DELTA_WINDOW_LOG);
        if (!ZSTD_isError(rc))
            rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_enableLongDistanceMatching, 1);
    }
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_refPrefix(c->c, base.ptr, base.len);
    if (!ZSTD_isError(rc))
        rc = ZSTD_compress2(c->c, out->ptr + start, bound, raw.ptr, raw.len);
    if (ZSTD_isError(rc))
        return zstd_fail(rc, "compress");
    out->len = start + rc;
    return check_encoded(c, raw, CODEC_DELTA, text_make(out->ptr + start, rc), NULL,
                         base);
}

int codec_decode(struct codec_ctx *c, struct buf *out, enum codec codec,
                 struct sillok_text payload, size_t raw_len, const struct dict *dict,
                 struct sillok_text base)
{
    if (raw_len > CODEC_MAX_RAW_BYTES)
        return fail(SILLOK_ECORRUPT, "a stored text claims %zu bytes", raw_len);
    if (codec == CODEC_PLAIN) {
        if (payload.len != raw_len)
            return fail(SILLOK_ECORRUPT, "a stored text has %zu bytes, not %zu",
                        payload.len, raw_len);
        return buf_add_text(out, payload);
    }
    if (codec > CODEC_DELTA || (codec == CODEC_DICT && !dict))
        return fail(SILLOK_ECORRUPT, "a stored text has no known form");
    int r =
        buf_reserve(out, raw_len + 1); /* room even for nothing: never a NULL target */
    if (r < 0)
        return r;
    size_t rc = ZSTD_DCtx_reset(c->d, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(rc) && codec == CODEC_DELTA)
        rc = ZSTD_DCtx_refPrefix(c->d, base.ptr, base.len);
    if (!ZSTD_isError(rc) && codec == CODEC_DICT)
        rc = ZSTD_DCtx_refDDict(c->d, dict->d);
    if (!ZSTD_isError(rc))
        rc = ZSTD_decompressDCtx(c->d, out->ptr + out->len, raw_len, payload.ptr,
                                 payload.len);
    if (ZSTD_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return fail_memory();
    if (ZSTD_isError(rc) || rc != raw_len)
        return fail(SILLOK_ECORRUPT, "a stored text cannot be unpacked: %s",
                    ZSTD_isError(rc) ? ZSTD_getErrorName(rc) : "too short");
    out->len += raw_len;
    return 0;
}

size_t codec_payload_len(enum codec codec, struct sillok_text t, size_t raw_len)
{
    if (codec == CODEC_PLAIN)
        return raw_len <= t.len ? raw_len : 0;
    const size_t n = ZSTD_findFrameCompressedSize(t.ptr, t.len);
    return ZSTD_isError(n) ? 0 : n;
}
