/*
 * Articles with the same text or nearly the same one: copies, wire reports carried
 * elsewhere, items aired twice, follow-ups.
 *
 * An index beside the store, STORE/near.mdb, finds the candidates; what is reported has
 * been compared on the texts themselves. The index can be deleted at any time: it is made
 * again from the store. Similarity is the share of common runs of five characters, of all
 * that either text has (Jaccard), after white space, quotation marks and case have been
 * made alike. Texts of fewer than 20 characters are found only where they are the same.
 * Method and figures: docs/near.md.
 *
 *   struct sillok_near *near = NULL;
 *   struct sillok_near_rows *rows = NULL;
 *   struct sillok_near_row row;
 *   struct sillok_ref ref;
 *   int r = sillok_ref_parse(&ref, "001/0015812889", 0, 0);
 *   if (r == 0)
 *       r = sillok_near_open(&near, store, 0);
 *   while (r >= 0 && (r = sillok_near_update(near, NULL)) > 0)
 *       ;
 *   if (r == 0)
 *       r = sillok_similar_open(&rows, near, &ref, NULL);
 *   while (r >= 0 && (r = sillok_near_next(rows, &row)) > 0)
 *       ...
 *   sillok_near_rows_close(rows);
 *   sillok_near_close(near);
 */
#ifndef SILLOK_NEAR_H
#define SILLOK_NEAR_H

#include "sillok/history.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- the index --- */

/**
 * The index of one store. Between calls it holds neither a file nor a lock; during a call
 * other threads and processes that ask go on, who adds waits. One thread at a time; the
 * store must stay open.
 */
struct sillok_near;

enum sillok_near_flags {
    SILLOK_NEAR_NO_UPDATE = 1 << 0 /* ask the index as it is */
};

/**
 * @param flags  enum sillok_near_flags
 * @return SILLOK_OK, @p out is the caller's: sillok_near_close();  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_near_open(struct sillok_near **out,
                                             struct sillok_store *store, int flags);
SILLOK_API void sillok_near_close(struct sillok_near *near);

/** Revisions' texts in the index, of all in the store. */
struct sillok_near_progress {
    uint64_t done, total;
};

/**
 * Read a part of what is new in the store into the index; call it until it returns 0. An
 * index that is damaged, of another version or of another store is made anew. Where
 * nothing can be written, and with SILLOK_NEAR_NO_UPDATE, it changes nothing.
 *
 * @param progress  [out] how far it is; may be NULL
 * @return 1 more is to do;  0 done, see sillok_near_behind();  SILLOK_EBUSY another
 *         process has been at it for ten minutes;  SILLOK_ECORRUPT the store is damaged;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_near_update(struct sillok_near *near,
                                               struct sillok_near_progress *progress);

/** How many of the store's texts were not in the index when that was last looked at. */
SILLOK_API uint64_t sillok_near_behind(const struct sillok_near *near);

/** Size of the index. */
struct sillok_near_stats {
    uint64_t versions;               /* distinct (metadata, text) of articles in it */
    uint64_t texts;                  /* of them long enough for a sketch */
    uint64_t used_bytes, free_bytes; /* of the file */
};
/** @return SILLOK_OK;  SILLOK_ENOTFOUND there is no index */
SILLOK_API SILLOK_CHECK int sillok_near_stats(struct sillok_near *near,
                                              struct sillok_near_stats *out);

/* --- asking --- */

enum sillok_near_same {
    SILLOK_NEAR_SAME_TEXT = 0, /* but for white space, quotation marks and the like */
    SILLOK_NEAR_SAME_BODY = 1  /* byte for byte */
};

struct sillok_near_options {
    double min;      /* least similarity, 0 < min <= 1; 0: 0.7, for similar 0.5 */
    const char *oid; /* similar: articles of this publisher; else groups with one */
    int across;      /* only what spans publishers */
    int revisions;   /* old revisions too, not only the newest of each article */
    int all_time;    /* similar, clusters: however far apart they were published, whatever
                     since_s says */
    /* Only what was published since then, in whole months; similar: that besides. 0: not
     * given, and 1 is of the same month. */
    int64_t since_s;
    int no_follow_ups; /* texts only, no links by headline */
    int same;          /* dups: enum sillok_near_same */
    uint64_t limit;    /* of groups, or of articles; 0: none */
};
#define SILLOK_NEAR_OPTIONS_INIT SILLOK_ZEROS

/** One article in an answer. */
struct sillok_near_row {
    uint64_t group;      /* from 1; similar: 0 */
    uint64_t size;       /* of the group, articles (with revisions: revisions) */
    uint64_t publishers; /* in the group */
    uint32_t revision;
    int newest; /* it is the article's newest revision */
    int64_t first_seen_s;
    struct sillok_article article; /* with its body; crawled_at_s is first_seen_s */
    /* against the article asked about, or the first of the group, which has 1 */
    double jaccard; /* exact */
    int same_body;  /* byte for byte */
    int same_text;  /* F1, see docs/diff.md */
    int follow_up; /* same publisher and same headline but for marks like (종합), at most
                      three days apart where both say when they were published, as the
                      one asked about, or as one before it in the group */
};

/** An answer. Sees the store as it was at open, later texts excepted. */
struct sillok_near_rows;

/**
 * The articles most like one, the most similar first, then by the time they were first
 * seen. Without @c all_time those published in the same month, the one before and the one
 * after. Follow-ups are among them however little they share.
 *
 * @param ref  any revision, in the index or not
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no such article or revision, or no index;
 *         SILLOK_EINVALID bad options
 */
SILLOK_API SILLOK_CHECK int
sillok_similar_open(struct sillok_near_rows **out, struct sillok_near *near,
                    const struct sillok_ref *ref,
                    const struct sillok_near_options *options);

/**
 * Groups of articles that hang together by pairs of at least @c min, or as follow-ups;
 * the largest group first, in a group by the time they were first seen. Without
 * @c all_time the last two months of the store and pairs at most one month apart.
 * @return as sillok_similar_open()
 */
SILLOK_API SILLOK_CHECK int
sillok_clusters_open(struct sillok_near_rows **out, struct sillok_near *near,
                     const struct sillok_near_options *options);

/**
 * Groups of articles with the same text, or the very same body; order as for clusters.
 * Always over all time, unless @c since_s is given. Empty texts are not in them.
 * @return as sillok_similar_open()
 */
SILLOK_API SILLOK_CHECK int sillok_dups_open(struct sillok_near_rows **out,
                                             struct sillok_near *near,
                                             const struct sillok_near_options *options);

/** 1 with @p row, borrowed until the next call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_near_next(struct sillok_near_rows *rows,
                                             struct sillok_near_row *row);
SILLOK_API void sillok_near_rows_close(struct sillok_near_rows *rows);

/* --- stale copies --- */

struct sillok_stale_options {
    int all_time; /* however far from the article that changed they were published */
    int standing; /* standing phrases too, see below */
};
/** Articles of one publisher that may carry a sentence that is no standing phrase. */
#define SILLOK_STALE_STANDING_MAX 20
#define SILLOK_STALE_OPTIONS_INIT SILLOK_ZEROS

/** An article that still carries a sentence which another one has changed. */
struct sillok_stale_row {
    size_t sentence;         /* number among those that the change took out, from 1 */
    struct sillok_text text; /* as it stood in the old revision; UTF-8 as found */
    uint32_t revision;       /* the newest of its article: it is the one that was read */
    int64_t since_s; /* first sight of the revision since which it has been there */
    struct sillok_article article; /* with its body; crawled_at_s is since_s */
};

/** Who still carries what one change took out. Sees the store as it was at open. */
struct sillok_stale;

/**
 * Look for the sentences that a change took out or replaced in the newest revisions of
 * all other articles, of any publisher.
 *
 * Sentences are those that stood in the old body and do not stand in the new one, with at
 * least 12 letters and digits outside boilerplate (bylines, addresses, notices). They
 * count as there when the other body holds them in normal form F1 (docs/diff.md): white
 * space, quotation marks and the like make no difference, and no number may go on at
 * either end. Looked at are the articles published in the month of the one that changed,
 * the month before and the month after, and those that do not say when; with @c all_time,
 * or where the changed article does not say, all of them. A sentence that more than
 * SILLOK_STALE_STANDING_MAX of them carry at one publisher is a phrase that stands below
 * everything there, and is left out unless @c standing.
 *
 * @param change   as sillok_changes_next() gives it; borrowed for the call
 * @param options  NULL: none
 * @return SILLOK_OK, @p out is the caller's: sillok_stale_close();  SILLOK_ENOTFOUND the
 *         article is not in the store, or there is no index;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_stale_open(struct sillok_stale **out,
                                              struct sillok_near *near,
                                              const struct sillok_change *change,
                                              const struct sillok_stale_options *options);
/** How many sentences were looked for. */
SILLOK_API size_t sillok_stale_sentences(const struct sillok_stale *it);
/** How many of them were left out as standing phrases. */
SILLOK_API size_t sillok_stale_standing(const struct sillok_stale *it);
/** By sentence, then the longest standing first. 1 with @p row, borrowed until the next
 *  call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_stale_next(struct sillok_stale *it,
                                              struct sillok_stale_row *row);
SILLOK_API void sillok_stale_close(struct sillok_stale *it);

#ifdef __cplusplus
}
#endif
#endif
