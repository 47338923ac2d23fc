/*
 * Asking a store: the chain of an article, a revision's text, and what changed.
 */
#ifndef SILLOK_HISTORY_H
#define SILLOK_HISTORY_H

#include "sillok/article.h"
#include "sillok/diff.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- naming --- */

enum sillok_ref_kind {
    SILLOK_REF_NEWEST = 0, /* OID/AID */
    SILLOK_REF_NUMBER = 1, /* OID/AID@3, or @-1: counted from the newest */
    SILLOK_REF_TIME = 2    /* OID/AID@2026-01-02T03:15:33Z: standing at that time */
};

/** "OID/AID[@R]" taken apart. */
struct sillok_ref {
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
    enum sillok_ref_kind kind;
    int64_t number; /* NUMBER */
    int64_t time_s; /* TIME */
};

/**
 * Read "OID/AID", "OID/AID@N" or "OID/AID@TIME" ("OID_AID" is understood too).
 * @param now_s, zone_min  as for sillok_time_parse()
 * @return SILLOK_OK;  SILLOK_EINVALID, the message says what an article is written like
 */
SILLOK_API SILLOK_CHECK int sillok_ref_parse(struct sillok_ref *out, const char *text,
                                             int64_t now_s, int zone_min);

/** Read the part after '@' alone ("2", "@2", "-1", a time) into @p ref's revision. */
SILLOK_API SILLOK_CHECK int sillok_ref_parse_revision(struct sillok_ref *ref,
                                                      const char *text, int64_t now_s,
                                                      int zone_min);

/* --- the articles --- */

/** An article as a whole. */
struct sillok_listed_article {
    uint32_t revisions;
    int64_t first_seen_s, last_seen_s;
    uint64_t observations;
    /* As its newest revision reads, crawled_at_s is when that was first seen; the body is empty
     * unless @c bodies was asked for, and its content_hash is set as ever. */
    struct sillok_article article;
};

struct sillok_articles_options {
    const char *oid;      /* this publisher only */
    int64_t from_s, to_s; /* first seen in [from_s, to_s); 0: open */
    int bodies;           /* with the texts */
};
#define SILLOK_ARTICLES_OPTIONS_INIT SILLOK_ZEROS

/** Articles by oid, then aid, bytewise. The store may be written meanwhile: what is said of one
 *  is as it is when its turn comes. Memory: that of one article. */
struct sillok_articles;
/**
 * @return SILLOK_OK, @p out is the caller's, also where there is none;
 *         SILLOK_EINVALID from > to
 */
SILLOK_API SILLOK_CHECK int
sillok_articles_open(struct sillok_articles **out, struct sillok_store *store,
                     const struct sillok_articles_options *options);
/** 1 with @p out, borrowed until the next call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_articles_next(struct sillok_articles *it,
                                                 struct sillok_listed_article *out);
SILLOK_API void sillok_articles_close(struct sillok_articles *it);

/* --- the chain --- */

/** One revision: a maximal run of observations with the same title, metadata and body. */
struct sillok_revision {
    uint32_t number; /* from 1, oldest first */
    int64_t first_seen_s, last_seen_s;
    uint64_t observations;
    struct sillok_article article; /* its content; crawled_at_s is first_seen_s */
    int conflict;                  /* another content stands at the same time */
    int hash_mismatch; /* all its files declare another hash than that of its body */
    uint32_t same_as;  /* an earlier revision with the same title and body, where one of
                         them changed; 0 none */
    struct sillok_change_class
        change; /* against the revision before; only from number 2 */
};

/** The chain of one article, oldest first. The store may be written meanwhile; the chain
 *  is as it was at open. */
struct sillok_log;

/**
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no such article;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_log_open(struct sillok_log **out,
                                            struct sillok_store *store, const char *oid,
                                            const char *aid);
/** 1 with @p out, borrowed until the next call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_log_next(struct sillok_log *it,
                                            struct sillok_revision *out);
SILLOK_API uint32_t sillok_log_count(const struct sillok_log *it);
/** The crawl that saw an article last, in the order of sillok_crawls_open(). Whether a later one
 *  looked for it no store knows: a crawler may take new articles only. */
struct sillok_last_crawl {
    const char *name; /* UTF-8; borrowed until the next call or close */
    uint64_t later;   /* crawls behind it that saw any article */
};
/** As the store is now, not as it was at open. Time: it looks at each crawl once.
 * @return SILLOK_OK;  SILLOK_ECORRUPT */
SILLOK_API SILLOK_CHECK int sillok_log_last_crawl(struct sillok_log *it,
                                                  struct sillok_last_crawl *out);
SILLOK_API void sillok_log_close(struct sillok_log *it);

/** One revision in full. */
struct sillok_snapshot;
/**
 * Fetch the revision that @p ref names.
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOTFOUND no such article, revision,
 *         or nothing stood at that time;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_snapshot_open(struct sillok_snapshot **out,
                                                 struct sillok_store *store,
                                                 const struct sillok_ref *ref);
/** Borrowed until the snapshot closes. @c change and @c same_as are not filled. */
SILLOK_API const struct sillok_revision *
sillok_snapshot_revision(const struct sillok_snapshot *snapshot);
/** How many revisions the chain has. */
SILLOK_API uint32_t sillok_snapshot_chain(const struct sillok_snapshot *snapshot);
/**
 * Complete a change by what its two texts do not tell but the chain does: that it goes back to an
 * earlier revision (SILLOK_KIND_REVERTED, and the significance of that), and the flags
 * SILLOK_FLAG_CONFLICT, _MISMATCH and _UNCONFIRMED, as sillok_log_next() and
 * sillok_changes_next() give them. Nothing where these are not an earlier and a later revision
 * of one article.
 * @param after  what its chain says is remembered in it
 * @param what  sillok_change_classify() of the two
 * @return SILLOK_OK;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_snapshot_complete(const struct sillok_snapshot *before,
                                                     struct sillok_snapshot *after,
                                                     struct sillok_change_class *what);
/**
 * The original file of the revision's first observation, byte for byte.
 * @param name  [out] its path as it came in; borrowed until the snapshot closes
 */
SILLOK_API SILLOK_CHECK int sillok_snapshot_file(struct sillok_snapshot *snapshot,
                                                 struct sillok_text *data,
                                                 struct sillok_text *name);
SILLOK_API void sillok_snapshot_close(struct sillok_snapshot *snapshot);

/**
 * A body by its hash.
 * @param prefix  at least 4 hex digits
 * @param data    [out] the caller's, sillok_free()
 * @return SILLOK_OK;  SILLOK_ENOTFOUND;  SILLOK_EAMBIGUOUS;  SILLOK_EINVALID not hex;
 *         SILLOK_ECORRUPT the stored bytes do not hash to it
 */
SILLOK_API SILLOK_CHECK int sillok_body_get(struct sillok_store *store,
                                            const char *prefix, char **data, size_t *len,
                                            struct sillok_id *id);

/* --- what a crawl did not see --- */

/** An article that a crawl did not see and the crawl before it did. Which crawl is before
 *  which, sillok_crawls_open() says. */
struct sillok_missing_article {
    uint32_t revision;    /* that the crawl before saw last */
    int64_t last_seen_s;  /* when it did */
    int64_t seen_again_s; /* first visit after that, in whichever crawl; 0: none */
    /* That revision; the body is empty, crawled_at_s is last_seen_s. */
    struct sillok_article article;
};

/** Articles by oid, then aid, bytewise: as many as @c missing of struct sillok_crawl says.
 *  Which these are is as it was at open, what is said of one as it is when its turn comes; the
 *  store may be written meanwhile. Memory: one bit for each article of the store. */
struct sillok_missing;
/**
 * @param crawl  its name; borrowed for the call
 * @return SILLOK_OK, @p out is the caller's, also where nothing is missing;
 *         SILLOK_ENOTFOUND no such crawl;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_missing_open(struct sillok_missing **out,
                                                struct sillok_store *store,
                                                const char *crawl);
/** Name of the crawl before, borrowed until close; NULL: there is none, so nothing can be
 *  missing. */
SILLOK_API const char *sillok_missing_before(const struct sillok_missing *it);
/** 1 with @p out, borrowed until the next call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_missing_next(struct sillok_missing *it,
                                                struct sillok_missing_article *out);
SILLOK_API void sillok_missing_close(struct sillok_missing *it);

/* --- changes --- */

struct sillok_changes_options {
    int64_t from_s, to_s;          /* first seen in [from_s, to_s); 0: open */
    const char *crawl_a, *crawl_b; /* both or none: what B saw against what stood at A */
    int every;                     /* with crawls: each step, not only the sum */
    const char *oid;               /* this publisher only */
    uint32_t kinds; /* bit set over enum sillok_kind to list; 0: no choice */
    uint32_t flags; /* with one at least of enum sillok_change_flag; 0: no choice */
    /* Cosmetic, byline and metadata too, and emptied articles that wait to be confirmed (as
     * kinds with emptied, and flags with unconfirmed, do); without, an edit after such a one
     * is told against what stood before it. */
    int all;
    int by_significance; /* most significant first; else newest first */
    uint64_t limit;      /* 0: none */
    /* Go on after the change with this key. By time it need not be there any more, or in
     * this list: it is known where it would stand, if its article is in the store. By
     * significance that is SILLOK_ENOTFOUND. */
    const char *after;
    int unfold;    /* list what the crawler or the site did change by change */
    int no_bodies; /* who lists only needs no texts: the bodies of both sides are empty,
                      and their content_hash is set as ever */
    /* Asked again and again while the list is made and gone through, on the caller's
     * thread: not 0 ends the call with SILLOK_ESTOPPED. May be NULL. */
    int (*stop)(void *arg);
    void *stop_arg;
};
#define SILLOK_CHANGES_OPTIONS_INIT SILLOK_ZEROS

/** One side of a change. */
struct sillok_change_side {
    uint32_t revision;
    int64_t first_seen_s, last_seen_s;
    struct sillok_article article;
};

struct sillok_change {
    struct sillok_text oid, aid;
    struct sillok_change_side from, to;
    int64_t after_s, before_s; /* the window: it changed between the two */
    uint64_t visits_before;    /* observations of the old revision */
    uint32_t reverted_to;      /* revision that @c to equals, 0 none */
    struct sillok_change_class what;
    const char *key; /* for @c after */
};

/** Changes. The list is of the moment of its opening; what its changes are is read as it
 *  goes on, of some thousand at a time. Where a crawl of an earlier time comes in meanwhile,
 *  revisions of changes that are told behind that have its numbers, and a step that it took
 *  apart is left out: sillok_store_hold() before opening keeps all of it as it was. */
struct sillok_changes;
/**
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no such crawl;  SILLOK_EINVALID bad key, from > to
 */
SILLOK_API SILLOK_CHECK int
sillok_changes_open(struct sillok_changes **out, struct sillok_store *store,
                    const struct sillok_changes_options *options);
/** 1 with @p out, borrowed until the next call; 0 end; negative error. */
SILLOK_API SILLOK_CHECK int sillok_changes_next(struct sillok_changes *it,
                                                struct sillok_change *out);
/** Changes left out so far because they are cosmetic, byline or metadata. */
SILLOK_API uint64_t sillok_changes_hidden(const struct sillok_changes *it);
/** Changes left out so far because they empty an article and only one crawl says so. */
SILLOK_API uint64_t sillok_changes_unconfirmed(const struct sillok_changes *it);

/** The same difference in many articles of one publisher, or of small ones together, in one
 *  crawl: the crawler or the site changed. Each publisher has its own. Such changes are not
 *  among the others unless @c unfold was asked for. */
struct sillok_event {
    struct sillok_text oid;
    const char *crawl; /* where it was seen first */
    uint64_t n_articles;
    const struct sillok_change *sample; /* one of them */
    uint64_t n_changes; /* of them: an article may have several in one crawl */
};
/** The events, one after the other: 1 with @p out, borrowed until the next call; 0 end. Where
 *  kinds or flags are asked for an event has those articles whose change is such a one. */
SILLOK_API SILLOK_CHECK int sillok_changes_next_event(struct sillok_changes *it,
                                                      struct sillok_event *out);
/** The articles of the event told last, each once: 1 with @p aid, 0 end. */
SILLOK_API SILLOK_CHECK int sillok_changes_next_article(struct sillok_changes *it,
                                                        struct sillok_text *aid);
SILLOK_API void sillok_changes_close(struct sillok_changes *it);

#ifdef __cplusplus
}
#endif
#endif
