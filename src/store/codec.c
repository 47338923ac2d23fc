#include "store/codec.h"

#include "store/letters.h"

#include <pthread.h>
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
/* Letters pack as small at level 2 as at 3, in three quarters of the time. */
enum { LETTERS_LEVEL = 2 };
/* By more than that a text must not grow in letters. */
enum { LONGER_ONE_IN = 8 };
/* The first byte of a dictionary with an alphabet. Zstd's begin with their magic number, and
 * no block of observations has it there, so that salvage can tell them apart. */
enum { HAS_LETTERS = 'L' };
/* For a text of that length or more, zstd would digest the dictionary anew: so much text
 * has all that it needs in itself. */
enum { NO_DICT_FROM = 128 << 10 };
/* What zstd takes for the length of a text that it cannot know. */
enum { LEAST_TEXT = 513 };

/* A dictionary as it is used for encoding. */
struct digest {
    const ZSTD_CDict *c;
    struct letters_table *table; /* NULL: it has no alphabet */
    uint64_t room[];             /* that `c` stands in */
};

struct dict {
    uint32_t id;
    int level;
    char *bytes; /* `digest` and `d` refer to them */
    size_t len;
    struct letters *letters;         /* NULL: it has no alphabet */
    struct sillok_text zstd;         /* the part of the bytes that is for zstd */
    int no_memory;                   /* an allocation of `d` failed */
    _Atomic(struct digest *) digest; /* NULL: nobody has encoded with it yet */
    ZSTD_DDict *d;
};

struct codec_ctx {
    ZSTD_CCtx *c;
    ZSTD_DCtx *d;
    int level, delta_level;
    struct buf check;
    struct buf letters; /* of the text at hand */
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

/* Its alphabet, and what is behind that. */
static int take_parts(struct dict *d)
{
    d->level = LEVEL;
    d->zstd = text_make(d->bytes, d->len);
    if (!d->len || d->bytes[0] != HAS_LETTERS)
        return 0;
    struct cursor c = cursor_of(d->bytes + 1, d->len - 1);
    const int r = letters_read(&d->letters, &c);
    d->level = LETTERS_LEVEL;
    d->zstd = text_make((const char *)c.ptr, cursor_left(&c));
    return r;
}

static int digest_for_reading(struct dict *d)
{
    const ZSTD_customMem noted = { noted_malloc, noted_free, &d->no_memory };
    d->d = ZSTD_createDDict_advanced(d->zstd.ptr, d->zstd.len, ZSTD_dlm_byRef,
                                     ZSTD_dct_auto, noted);
    if (!d->d && d->no_memory)
        return fail_memory();
    return d->d ? 0 : fail(SILLOK_ECORRUPT, "dictionary %u cannot be used", d->id);
}

int dict_new(struct dict **out, uint32_t id, struct sillok_text bytes)
{
    CLEANUP(dict_free) struct dict *d = calloc(1, sizeof(*d));
    if (!d)
        return fail_memory();
    d->id = id;
    d->bytes = malloc(bytes.len + 1);
    if (!d->bytes)
        return fail_memory();
    memcpy(d->bytes, bytes.ptr, bytes.len);
    d->len = bytes.len;
    int r = take_parts(d);
    if (r == 0)
        r = digest_for_reading(d);
    if (r == 0)
        *out = STEAL(d);
    return r;
}

static void digest_free(struct digest *digest)
{
    if (digest)
        letters_table_free(digest->table);
    free(digest);
}

void dict_free(struct dict *d)
{
    if (!d)
        return;
    digest_free(atomic_load(&d->digest));
    ZSTD_freeDDict(d->d);
    letters_free(d->letters);
    free(d->bytes);
    free(d);
}

int dict_recognize(struct sillok_text bytes)
{
    static const char magic[] = { 0x37, (char)0xa4, 0x30, (char)0xec }; /* RFC 8878, 5 */
    struct cursor c = cursor_of(bytes.ptr, bytes.len);
    if (bytes.len && bytes.ptr[0] == HAS_LETTERS) {
        (void)cursor_bytes(&c, 1);
        letters_skip(&c);
    }
    const uint8_t *head = cursor_bytes(&c, sizeof(magic));
    return head && memcmp(head, magic, sizeof(magic)) == 0;
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

/* --- training --- */

int dict_samples_end(struct dict_samples *s, size_t before)
{
    const size_t len = s->bytes.len - before;
    return buf_add(&s->sizes, &len, sizeof(len));
}

void dict_samples_release(struct dict_samples *s)
{
    buf_release(&s->bytes);
    buf_release(&s->sizes);
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

/* Append zstd's part; none where there is too little to learn. Fixed parameters (Liao,
 * Petri, Moffat, Wirth 2016): their search would take many times as long and win a per
 * cent. zstd 1.5.4 does not look whether it got its memory, so it is tried before, and
 * two that train do so one after the other: both would find the same memory. */
static int train_alone(struct buf *out, const struct dict_samples *samples,
                      const struct dict_plan *plan)
{
    const ZDICT_fastCover_params_t params = {
        .k = 256,
        .d = 8,
        .f = plan->level ? 20 : 18,
        .accel = plan->level ? 1 : 4,
        .zParams = { .compressionLevel = plan->level ? plan->level : LEVEL },
    };
    const int r = buf_reserve(out, plan->capacity);
    if (r < 0 || !has_room(plan->capacity, params))
        return fail_memory();
    const size_t rc = ZDICT_trainFromBuffer_fastCover(
        out->ptr + out->len, plan->capacity, samples->bytes.ptr,
        (const size_t *)(const void *)samples->sizes.ptr,
        (unsigned)(samples->sizes.len / sizeof(size_t)), params);
    if (ZDICT_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return fail_memory();
    out->len += ZDICT_isError(rc) ? 0 : rc;
    return 0;
}

static int train_zstd(struct buf *out, const struct dict_samples *samples,
                      const struct dict_plan *plan)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&turn);
    const int r = train_alone(out, samples, plan);
    pthread_mutex_unlock(&turn);
    return r;
}

/* The samples in the letters of an alphabet. */
static int spell_samples(struct dict_samples *out, const struct dict_samples *in,
                         struct sillok_text alphabet)
{
    CLEANUP(letters_free) struct letters *letters = NULL;
    CLEANUP(letters_table_free) struct letters_table *table = NULL;
    struct cursor c = cursor_of(alphabet.ptr, alphabet.len);
    const size_t *sizes = (const size_t *)(const void *)in->sizes.ptr;
    const char *at = in->bytes.ptr;
    int r = letters_read(&letters, &c);
    if (r == 0)
        r = letters_table_new(&table, letters);
    for (size_t i = 0; i < in->sizes.len / sizeof(*sizes) && r == 0; at += sizes[i++]) {
        const size_t before = out->bytes.len;
        r = letters_encode(table, &out->bytes, text_make(at, sizes[i]));
        if (r == 0)
            r = dict_samples_end(out, before);
    }
    return r;
}

int dict_train(struct buf *out, const struct dict_samples *samples,
               const struct dict_plan *plan)
{
    CLEANUP(dict_samples_release) struct dict_samples spelled = DICT_SAMPLES_INIT;
    buf_clear(out);
    if (!plan->letters)
        return train_zstd(out, samples, plan);
    int r = buf_add_char(out, HAS_LETTERS);
    if (r == 0)
        r = letters_make(out, buf_text(&samples->bytes));
    const size_t before = out->len;
    if (r == 0)
        r = spell_samples(&spelled, samples, text_make(out->ptr + 1, out->len - 1));
    if (r == 0)
        r = train_zstd(out, &spelled, plan);
    if (r == 0 && out->len == before)
        buf_clear(out);
    return r;
}

/* --- contexts --- */

int codec_new(struct codec_ctx **out)
{
    CLEANUP(codec_free) struct codec_ctx *c = calloc(1, sizeof(*c));
    if (!c)
        return fail_memory();
    buf_init(&c->check, BUF_CEILING);
    buf_init(&c->letters, BUF_CEILING);
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
    buf_release(&c->letters);
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
    const ZSTD_compressionParameters how =
        ZSTD_getCParams(d->level, LEAST_TEXT, d->zstd.len);
    const size_t n = ZSTD_estimateCDictSize_advanced(d->zstd.len, how, ZSTD_dlm_byRef);
    struct digest *digest = malloc(sizeof(*digest) + n);
    if (!digest)
        return NULL;
    digest->table = NULL;
    digest->c = ZSTD_initStaticCDict(digest->room, n, d->zstd.ptr, d->zstd.len,
                                     ZSTD_dlm_byRef, ZSTD_dct_auto, how);
    if (digest->c && (!d->letters || letters_table_new(&digest->table, d->letters) == 0))
        return digest;
    digest_free(digest);
    return NULL;
}

/* Digesting a dictionary for encoding takes as long as ten articles do, and who only
 * reads never needs it: the first that encodes does it. Two threads may be first. */
static const struct digest *for_encoding(const struct dict *dict)
{
    struct dict *d = (struct dict *)(uintptr_t)dict; /* to its users it does not change */
    struct digest *there = atomic_load(&d->digest);
    if (there)
        return there;
    struct digest *mine = digest_new(d);
    if (!mine || atomic_compare_exchange_strong(&d->digest, &there, mine))
        return mine;
    digest_free(mine);
    return there;
}

/* Append one frame of what is given to the compressor. */
static int encode_frame(struct codec_ctx *c, struct buf *out, struct sillok_text given,
                        const struct digest *digest)
{
    const size_t bound = ZSTD_compressBound(given.len);
    const int r = buf_reserve(out, bound);
    if (r < 0)
        return r;
    size_t rc = ZSTD_CCtx_reset(c->c, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(rc))
        rc = digest ? ZSTD_CCtx_refCDict(c->c, digest->c)
                    : ZSTD_CCtx_setParameter(c->c, ZSTD_c_compressionLevel, c->level);
    /* The length stands beside the payload, the dictionary's id too. */
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_contentSizeFlag, 0);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(c->c, ZSTD_c_dictIDFlag, 0);
    if (!ZSTD_isError(rc))
        rc = ZSTD_compress2(c->c, out->ptr + out->len, bound, given.ptr, given.len);
    if (ZSTD_isError(rc))
        return zstd_fail(rc, "compress");
    out->len += rc;
    return 0;
}

int codec_encode(struct codec_ctx *c, struct buf *out, struct sillok_text raw,
                 const struct dict *dict, enum codec *codec)
{
    if (raw.len >= NO_DICT_FROM)
        dict = NULL;
    const struct digest *digest = dict ? for_encoding(dict) : NULL;
    struct sillok_text given = raw;
    const size_t start = out->len;
    *codec = CODEC_PLAIN;
    if (dict && !digest)
        return fail_memory(); /* dict_new() has read all of it */
    if (digest && digest->table) {
        buf_clear(&c->letters);
        const int r = letters_encode(digest->table, &c->letters, raw);
        if (r < 0)
            return r;
        given = buf_text(&c->letters);
    }
    /* Another script, for which the alphabet is none. Some letters of it in a text that has
     * others are fine. */
    if (given.len > raw.len + raw.len / LONGER_ONE_IN) {
        dict = NULL;
        digest = NULL;
        given = raw;
    }
    /* Without a dictionary a frame of so little text is longer than the text. */
    if (!dict && raw.len < PLAIN_BELOW)
        return buf_add_text(out, raw);
    const int r = encode_frame(c, out, given, digest);
    if (r < 0)
        return r;
    if (out->len - start >= raw.len) {
        out->len = start;
        return buf_add_text(out, raw);
    }
    *codec = dict ? CODEC_DICT : CODEC_ZSTD;
    return check_encoded(c, raw, *codec, text_make(out->ptr + start, out->len - start),
                         dict, text_make(NULL, 0));
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

/* Append what a frame holds: @p most bytes or fewer. */
static int decode_frame(struct codec_ctx *c, struct buf *out, struct sillok_text payload,
                        size_t most)
{
    const int r = buf_reserve(out, most + 1); /* even for nothing: never a NULL target */
    if (r < 0)
        return r;
    const size_t rc =
        ZSTD_decompressDCtx(c->d, out->ptr + out->len, most, payload.ptr, payload.len);
    if (ZSTD_isError(rc) && ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
        return fail_memory();
    if (ZSTD_isError(rc))
        return fail(SILLOK_ECORRUPT, "a stored text cannot be unpacked: %s",
                    ZSTD_getErrorName(rc));
    out->len += rc;
    return 0;
}

static int decode_letters(struct codec_ctx *c, struct buf *out,
                          struct sillok_text payload, size_t raw_len,
                          const struct letters *letters)
{
    if (raw_len >= NO_DICT_FROM) /* and what is unpacked below is bounded by that */
        return fail(SILLOK_ECORRUPT, "a stored text claims %zu bytes", raw_len);
    buf_clear(&c->letters);
    const int r = decode_frame(c, &c->letters, payload, letters_bound(raw_len));
    return r < 0 ? r : letters_decode(letters, out, buf_text(&c->letters), raw_len);
}

int codec_decode(struct codec_ctx *c, struct buf *out, enum codec codec,
                 struct sillok_text payload, size_t raw_len, const struct dict *dict,
                 struct sillok_text base)
{
    if (raw_len > SILLOK_TEXT_MAX_BYTES)
        return fail(SILLOK_ECORRUPT, "a stored text claims %zu bytes", raw_len);
    if (codec == CODEC_PLAIN) {
        if (payload.len != raw_len)
            return fail(SILLOK_ECORRUPT, "a stored text has %zu bytes, not %zu",
                        payload.len, raw_len);
        return buf_add_text(out, payload);
    }
    if (codec > CODEC_DELTA || (codec == CODEC_DICT && !dict))
        return fail(SILLOK_ECORRUPT, "a stored text has no known form");
    size_t rc = ZSTD_DCtx_reset(c->d, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(rc) && codec == CODEC_DELTA)
        rc = ZSTD_DCtx_refPrefix(c->d, base.ptr, base.len);
    if (!ZSTD_isError(rc) && codec == CODEC_DICT)
        rc = ZSTD_DCtx_refDDict(c->d, dict->d);
    if (ZSTD_isError(rc))
        return zstd_fail(rc, "unpack a stored text");
    if (codec == CODEC_DICT && dict->letters)
        return decode_letters(c, out, payload, raw_len, dict->letters);
    const size_t before = out->len;
    const int r = decode_frame(c, out, payload, raw_len);
    if (r < 0 || out->len - before == raw_len)
        return r;
    out->len = before;
    return fail(SILLOK_ECORRUPT, "a stored text cannot be unpacked: too short");
}

size_t codec_payload_len(enum codec codec, struct sillok_text t, size_t raw_len)
{
    if (codec == CODEC_PLAIN)
        return raw_len <= t.len ? raw_len : 0;
    const size_t n = ZSTD_findFrameCompressedSize(t.ptr, t.len);
    return ZSTD_isError(n) ? 0 : n;
}
