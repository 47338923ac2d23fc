/*
 * Which article is seen in which crawl, and what was edited in between.
 *
 * All of it is computed from (seed, article, crawl): nothing is kept, so an archive of
 * any size is made as a stream. Articles are numbered from 0; the first `n_articles` are
 * there from crawl 0 on, each later crawl brings a few new ones after them.
 *
 *  1. An article is edited only in a crawl that sees it. So the truth of a crawl - what
 *     differs from the last crawl that saw the article - is always one edit.
 *  2. The edits in force are a stack: `revert` takes the last one off, which gives back
 * the text before it, byte for byte.
 *  3. A late visit (crawled earlier than the visit of the crawl before) shows what stood
 *     then, and there never is an edit on either side of it.
 */
#ifndef SAMPLE_CORPUS_H
#define SAMPLE_CORPUS_H

#include <stdint.h>

enum edit_kind {
    EDIT_NONE,
    EDIT_TYPO,
    EDIT_NUMBER,
    EDIT_APPEND,
    EDIT_INSERT,
    EDIT_DELETE,
    EDIT_REWRITE,
    EDIT_BYLINE,
    EDIT_TITLE,
    EDIT_SPACE,
    EDIT_MOVE,
    EDIT_EMPTIED,
    EDIT_CORRECTION,
    EDIT_REVERT,
    N_EDIT_KINDS
};

/** "typo", "number", ...: the word in the truth rows. */
const char *edit_name(enum edit_kind kind);

struct corpus {
    uint64_t seed, n_articles;
    unsigned n_crawls;
    double edit;    /* share of the visits that show an edit */
    double only;    /* share of the articles that a later crawl sees again */
    double english; /* share of English articles */
    double fresh;   /* new articles of a later crawl, as a share of n_articles */
};

struct edit {
    unsigned crawl;
    enum edit_kind kind;
};

enum { MAX_EDITS = 24 };

/** One article in one crawl. */
struct visit {
    enum edit_kind changed; /* against the last crawl that saw it */
    int late;
    unsigned n;
    struct edit edits[MAX_EDITS]; /* in force, oldest first */
};

/** Articles that exist at the time of @p crawl. */
uint64_t corpus_articles(const struct corpus *c, unsigned crawl);

/** The crawl that brought the article. */
unsigned corpus_birth(const struct corpus *c, uint64_t article);

/** 1 with @p out when @p crawl sees the article. */
int corpus_visit(const struct corpus *c, uint64_t article, unsigned crawl,
                 struct visit *out);

/** When it was crawled: seconds since 1970, UTC. */
int64_t corpus_time(const struct corpus *c, uint64_t article, unsigned crawl, int late);

#endif
