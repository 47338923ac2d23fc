/*
 * The stored form of an article's metadata, the digest of a version, and file names.
 *
 * A version is (metadata, body); its digest decides whether two observations show the
 * same content. The record below is what the store compresses and keeps per version.
 *
 *   record   flags varint | 7 fields: length varint, bytes | name: length varint, bytes
 *            flags 1: the URL is render_url(oid, aid), its length is 0
 *            flags 2: the name is meta_guess_name(), its length is 0
 *   digest   first 20 bytes of SHA-256 over: "sillok version 1\0", content_hash,
 *            XXH3-64 of the body, length of the body, length of each field (8 bytes each,
 *            big-endian), then the fields
 *
 * The second, unrelated hash of the body in the digest is there so that two bodies with
 * one SHA-256, should they ever be made, still differ as versions and then meet the
 * store's comparison by bytes.
 */
#ifndef ARTICLE_META_H
#define ARTICLE_META_H

#include "article/hash.h"
#include "base/buf.h"
#include "sillok/article.h"

enum { META_DIGEST_BYTES = 20 };
struct meta_digest {
    uint8_t bytes[META_DIGEST_BYTES];
};

int meta_digest_of(struct meta_digest *out, struct hasher *h,
                   const struct sillok_article *a);

/** Append the record of @p a under the file name @p name (no folders in it). Where that
 *  fails, something else may stand behind what was there.
 *  @param guessed  [out] 1 when the name is meta_guess_name() of it */
int meta_encode(struct buf *out, const struct sillok_article *a, struct sillok_text name,
                int *guessed);

/**
 * Read a record.
 *
 * @param a        fields are set, borrowed from @p record and @p scratch; oid and aid
 * must be set already
 * @param name     [out] borrowed likewise
 * @param scratch  holds what is derived; cleared first
 * @return 0;  SILLOK_ECORRUPT not a record
 */
int meta_decode(struct sillok_article *a, struct sillok_text *name,
                struct sillok_text record, struct buf *scratch);

/**
 * Append the name that the crawler gives a file: OID_AID_SLUG.md, SLUG being the title in
 * lower case without punctuation, blanks as '_', at most 50 characters. Only characters
 * are judged whose class no Unicode version will change (ASCII, Hangul syllables, the CJK
 * block of Unicode 1.1); names with others are stored, not guessed.
 */
int meta_guess_name(struct buf *out, const struct sillok_article *a);

#endif
