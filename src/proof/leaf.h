/*
 * What the log of a store says: entries, commitments, and what opens them.
 *
 * All are lines of JSON with fixed members in a fixed order, because their very bytes are
 * hashed; who reads them needs no more than a JSON parser. C is a hex digest.
 *
 *   entry, revision   {"kind":"revision","oid":O,"aid":A,"first_seen":T,"commitment":C}
 *   entry, crawl      {"kind":"crawl","crawl":NAME,"observations":N,
 *                      "observations_root":C,"refused":N,"refused_root":C}
 *   entry, first      {"kind":"log","origin":NAME,"store":UUID}
 *   opening           {"salt":32 hex,"content_hash":C,"fields_hash":C}
 *   observation       {"oid":O,"aid":A,"crawled_at":T,"commitment":C}
 *   refusal           {"key":32 hex,"code":WORD}
 *
 * A commitment is SHA-256 of the opening. It tells nothing of the text, not even to who
 * has a guess, until the opening with its salt is shown; if that is never shown, or
 * removed, the entry and all proofs stay as they are. One article and content have one
 * commitment, whenever they were seen.
 *
 * The two roots are those of Merkle trees (proof/merkle.h) whose entries are the crawl's
 * observations, by (oid, aid, crawled_at, commitment), and its refusals, by key.
 */
#ifndef PROOF_LEAF_H
#define PROOF_LEAF_H

#include "article/hash.h"
#include "base/buf.h"
#include "sillok/article.h"

enum { SALT_BYTES = 16, SECRET_BYTES = 32, LEAF_MAX_BYTES = 8192 };

enum leaf_kind { LEAF_LOG, LEAF_REVISION, LEAF_CRAWL };

/** An entry taken apart. */
struct leaf {
    enum leaf_kind kind;
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1]; /* revision */
    int64_t first_seen_s;
    struct sillok_id commitment;
    uint64_t observations, refused; /* crawl */
    struct sillok_id observations_root, refused_root;
    struct buf name; /* of the crawl, or the log's origin */
    struct buf uuid; /* log */
};
void leaf_init(struct leaf *leaf);
void leaf_release(struct leaf *leaf);
/** Append its line; there is no newline in it. */
int leaf_add(struct buf *b, const struct leaf *leaf);
/** Read one, as leaf_add() writes it. SILLOK_EINVALID: it is none. */
int leaf_parse(struct leaf *out, struct sillok_text line);

struct opening {
    uint8_t salt[SALT_BYTES];
    struct sillok_id content_hash, fields_hash;
};
int opening_add(struct buf *b, const struct opening *o);
int opening_parse(struct opening *out, struct sillok_text line);

struct sighting {
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
    int64_t crawled_at_s;
    struct sillok_id commitment;
};
int sighting_add(struct buf *b, const struct sighting *s);
int sighting_parse(struct sighting *out, struct sillok_text line);

/** Append a member, "NAME":"TEXT", with the escapes that JSON (RFC 8259) asks for and no
 *  others. @p t is UTF-8. */
int leaf_string_add(struct buf *b, const char *name, struct sillok_text t);

int refusal_line_add(struct buf *b, const char *key_hex, const char *code);

/**
 * SHA-256 over "sillok fields 1" 00, the lengths of the seven fields (8 bytes each,
 * big-endian), in the order of enum sillok_field, then the fields.
 */
int fields_hash(struct hasher *h, const struct sillok_article *a, struct sillok_id *out);

/**
 * The opening of an article's content and its commitment. The salt is the first 16 bytes
 * of SHA-256 over @p secret, "sillok salt 1" 00, oid, 00, aid, 00 and the two hashes:
 * nobody without the secret can tell it, and it need not be kept.
 */
int commitment_of(struct hasher *h, const uint8_t secret[SECRET_BYTES],
                  const struct sillok_article *a, struct opening *opening,
                  struct sillok_id *out);
/** The commitment that an opening opens. */
int commitment_open(struct hasher *h, const struct opening *opening,
                    struct sillok_id *out);

#endif
