/*
 * What one article says in one crawl: its fields and its body, unescaped.
 */
#ifndef SAMPLE_ARTICLE_H
#define SAMPLE_ARTICLE_H

#include "corpus.h"
#include "grammar.h"
#include "out.h"
#include "text.h"

struct article {
    uint64_t number;
    unsigned crawl;
    const char *publisher;
    char oid[4], aid[11];
    char published_at[20], crawled_at[20];
    int64_t crawled_at_s;
    const char *category;
    struct out title, author, body;
    int escaped;  /* this file is written by the crawler that escapes */
    int comments; /* -1: by the crawler that knows no comments; else how many */
};

/** Makes articles one after another; owns the scratch memory. */
struct maker {
    const struct corpus *corpus;
    struct voice voice;
    struct text text;
};

void maker_init(struct maker *m, const struct corpus *corpus);
void maker_release(struct maker *m);

/** Fill @p a, whose buffers are used again, with what @p visit found. */
void article_make(struct maker *m, uint64_t number, unsigned crawl,
                  const struct visit *visit, struct article *a);
void article_release(struct article *a);

/** Append the reporter's mail address that goes with @p rng. */
void article_mail(struct rng *rng, const char *oid, struct out *out);

#endif
