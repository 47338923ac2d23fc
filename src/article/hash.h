/*
 * SHA-256 (FIPS 180-4) through libcrypto, by its functions of that name and not by EVP:
 * fetching an algorithm makes libcrypto start (its lists, its settings from a file), which
 * took longer than a short question and, in 3.0, ends the process where memory is short.
 */
#ifndef ARTICLE_HASH_H
#define ARTICLE_HASH_H

#include "base/buf.h"

/** One thread at a time. */
struct hasher;
int hasher_new(struct hasher **out);
void hasher_free(struct hasher *h);
DEFINE_CLEANUP(struct hasher *, hasher_free)

/** The hash of @p t. */
int hasher_of(struct hasher *h, struct sillok_text t, struct sillok_id *out);

/** Piecewise: begin, add any number of times, end; peek gives the hash of what was added
 * so far and goes on. */
int hasher_begin(struct hasher *h);
int hasher_add(struct hasher *h, const void *ptr, size_t len);
int hasher_peek(struct hasher *h, struct sillok_id *out);
int hasher_end(struct hasher *h, struct sillok_id *out);

/** For tests of what happens when two texts have one hash: replaces the function behind
 *  hasher_of() in this hasher; NULL puts SHA-256 back. */
void hasher_stub(struct hasher *h,
                 void (*fn)(struct sillok_text t, struct sillok_id *out));

#endif
