/*
 * An article as the crawler's template writes it, and the name it gives the file.
 */
#ifndef SAMPLE_FILE_H
#define SAMPLE_FILE_H

#include "article.h"
#include "out.h"

struct hasher; /* SHA-256, fetched once */

struct hasher *hasher_new(void);
void hasher_free(struct hasher *h);

/** 64 lower-case hex digits and a terminating zero. */
void hasher_hex(struct hasher *h, const char *ptr, size_t len, char hex[65]);

/** Append @p text as a template engine for HTML escapes it: & < > " ' ` = */
void file_escape(struct out *out, const char *ptr, size_t len);

/**
 * Append the file.
 * @param declared  the content_hash to write; NULL: the body's
 */
void file_write(struct out *out, struct hasher *h, const struct article *a, uint64_t seed,
                const char *declared);

/**
 * Append the file's name: OID_AID_SLUG.md. The slug is the first 50 letters, digits, "-",
 * "_" and spaces of the title, in lower case, spaces written as "_"; files with reader
 * comments end in "_with_comments".
 */
void file_name(struct out *out, const struct article *a);

#endif
