/*
 * The storage interface: everything the rest of the program asks of a store, in terms of
 * the domain, with no type of any engine in it. One conformance suite runs per engine.
 *
 * What every engine promises
 *  1. A batch is atomic per article at least; durable when commit() returns.
 *  2. body_put() says "new" exactly once per body, also inside a batch; equal hashes with
 *     different bytes are refused (SILLOK_ECONFLICT).
 *  3. obs_append() is idempotent: what is there already is ALREADY and writes nothing.
 *  4. Chains and changes depend on the set of observations only, never on their order,
 *     their batches or their repetition.
 *  5. A scan sees what was committed before it began; cursors are byte strings that
 *     another process may go on with.
 *  6. STORE_RETRY: the batch was rolled back for a reason that is gone; do it again.
 *     SILLOK_EBUSY, _ECONFLICT, _ECORRUPT, _EIO and _EINVALID mean what they say.
 *
 * Handles to articles, versions and observations are numbers of the engine, valid in the
 * store they come from.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "article/meta.h"
#include "article/render.h"
#include "sillok/audit.h"
#include "sillok/diff.h"
#include "sillok/store.h"

enum { STORE_RETRY = -101, STORE_MARK_BYTES = 16 };

/** oid 00 aid: sorts by publisher, then article. */
enum { ARTICLE_KEY_MAX = 2 * SILLOK_KEY_MAX_BYTES + 1 };
struct article_key {
    char bytes[ARTICLE_KEY_MAX];
    size_t len;
};
/** Where an id is longer than SILLOK_KEY_MAX_BYTES, which none is, a key that no article has. */
void article_key_make(struct article_key *out, struct sillok_text oid,
                      struct sillok_text aid);
struct sillok_text article_key_oid(const struct article_key *key);
struct sillok_text article_key_aid(const struct article_key *key);
struct sillok_text article_key_text(const struct article_key *key);

/* --- writing --- */

/* What the engine wants to look at texts for. */
enum study { STUDY_NOT = 0, STUDY_FIRST = 1, STUDY_AGAIN = 2 };

enum obs_outcome {
    OBS_NEW_ARTICLE = 1,
    OBS_CHANGED = 2, /* begins a revision that is not the first */
    OBS_UNCHANGED = 3,
    OBS_ALREADY = 4 /* nothing was written */
};

/** Work that an engine did ahead, outside the batch. Opaque, owned by the item. */
struct store_prepared;

/** One observation on its way in. */
struct store_item {
    const struct sillok_article *article; /* all texts valid until the batch is committed;
                                             where the version is known, its key alone */
    struct meta_digest digest;
    uint32_t form;               /* enum form */
    int mismatch;                /* the declared hash was another */
    struct sillok_text path;     /* of the file, below the crawl */
    int exact;                   /* render_file() gives back the file's bytes */
    struct sillok_text original; /* they, where it does not */
    uint64_t file_bytes;
    struct store_prepared *prepared; /* from prepare(); NULL is fine */
    /* set by prepare() */
    uint64_t
        known; /* it shows this version, which is stored: its texts are not needed, even
                       if the batch is rolled back; 0: none */
    /* set by body_put() and obs_append() */
    int body_new;
    enum obs_outcome outcome;
    int conflict; /* other content at the same time */
};

struct store_refusal {
    struct sillok_text path;
    const char *code, *reason;
    struct sillok_text original; /* kept when ptr is set */
    uint64_t size_bytes;
};

/* --- reading --- */

/** One revision in a chain. */
struct chain_link {
    int64_t first_s;
    unsigned tie; /* 0, 1, ... among revisions that begin at one time */
    uint64_t version;
    uint32_t crawl; /* that saw it first */
};

/** One observation of an article. */
struct chain_obs {
    int64_t time_s;
    uint64_t version;
    uint32_t crawl;
    uint32_t dir, form;
    uint64_t extra;
};

/** The step from one version to another. */
struct store_step {
    uint64_t from, to;
};

/** One entry of the change log: the revision that began. */
struct change_ref {
    int64_t time_s;
    uint64_t article;
    unsigned tie;
    uint32_t crawl;         /* that saw it first */
    struct store_step step; /* from the revision before */
};

/** A version: what a revision shows. Owns its texts; reusable. */
struct store_version {
    struct sillok_article article; /* crawled_at_s is not set */
    uint64_t body_bytes;           /* length of the body, also where it was not read */
    struct sillok_text name;       /* of its first file */
    struct meta_digest digest;
    uint64_t number; /* of the article; 0: @c key is none yet */
    struct article_key key;
    struct buf record, derived, body;
};
void store_version_init(struct store_version *v);
void store_version_release(struct store_version *v);

struct store_crawl {
    uint32_t no;
    char *name;
    int64_t started_s;
    uint64_t observations, first_revisions, later_revisions;
    uint64_t refused, mismatches, conflicts, bytes;
    int64_t first_s, last_s;
    int changed; /* since it was stored; the engine's own */
};

/* --- the interface --- */

struct place_sketch;
struct store_ops;

struct sillok_store {
    const struct store_ops *ops;
    char *path;
    struct sillok_limits limits;
};

/** Contexts of one thread that prepares items. */
struct store_worker;

struct store_ops {
    void (*close)(struct sillok_store *s);
    int (*stats)(struct sillok_store *s, struct sillok_stats *out);
    int (*tables)(struct sillok_store *s, struct sillok_table_stats *out, int max);

    /* Ahead of a batch, on any thread with its own worker. All of it is optional. */
    /** @p as_is: new texts are not packed; compact does it later. */
    int (*worker_new)(struct sillok_store *s, int as_is, struct store_worker **out);
    void (*worker_free)(struct store_worker *w);
    int (*worker_begin)(struct store_worker *w); /* sees what is committed now, */
    void (*worker_end)(struct store_worker *w);  /* until here; keep it short */
    int (*prepare)(struct store_worker *w, struct store_item *item);
    void (*prepared_free)(struct store_prepared *p);
    /** Would study() learn something from a batch? enum study. */
    int (*wants_study)(struct sillok_store *s);
    /** Give the engine a look at a batch, so that it learns how to store it better.
     * Inside a batch; no worker may be at work, and the batch is to be committed before
     * one is. */
    int (*study)(struct sillok_store *s, struct store_item *const *items, size_t n);

    /* A batch. One at a time; the write lock is held from lock() on. */
    int (*lock)(struct sillok_store *s);
    int (*begin)(struct sillok_store *s, const char *crawl);
    /** Ends with the first that fails; a second call puts what is left, and tells it again.
     *  Those that are put together lie close. */
    int (*body_put)(struct sillok_store *s, struct store_item *const *items, size_t n);
    int (*obs_append)(struct sillok_store *s, struct store_item *const *items, size_t n);
    int (*refuse)(struct sillok_store *s, const struct store_refusal *r, int *is_new);
    int (*commit)(struct sillok_store *s);
    void (*abort)(struct sillok_store *s);

    /** Between the two, all questions see one moment, and each costs less. Inside one
     * call of the library only: old pages are kept meanwhile. Calls nest. */
    int (*view_hold)(struct sillok_store *s);
    void (*view_release)(struct sillok_store *s);
    /** 1 when another process has compacted the store since this handle was opened: what is
     *  committed from then on does not come to it. Negative where that cannot be told. */
    int (*has_moved)(struct sillok_store *s);

    /* Bodies by content. */
    int (*body_get)(struct sillok_store *s, const struct sillok_id *id, struct buf *out);
    int (*body_has)(struct sillok_store *s, const struct sillok_id *ids, size_t n,
                    int *has);
    /** The ids that begin with the first @p n_bits of @p prefix: at most @p max. */
    int (*body_find)(struct sillok_store *s, const struct sillok_id *prefix,
                     unsigned n_bits, struct sillok_id *out, int max);
    /** All bodies, in the order in which they are kept; @p cursor begins empty. 1 a body, 0 end. */
    int (*body_scan)(struct sillok_store *s, struct buf *cursor, struct sillok_id *id,
                     struct buf *out);

    /* Articles. 1 found, 0 not. */
    int (*article_find)(struct sillok_store *s, const struct article_key *key,
                        uint64_t *article);
    int (*article_key_of)(struct sillok_store *s, uint64_t article,
                          struct article_key *key);
    /** In key order; @p after is empty or the last key seen. 1 an article, 0 end. */
    int (*article_next)(struct sillok_store *s, const struct article_key *after,
                        struct article_key *key, uint64_t *article);

    /** Append struct chain_link from revision @p from (0 the first) on, at most @p limit.
     */
    int (*chain_scan)(struct sillok_store *s, uint64_t article, size_t from, size_t limit,
                      struct buf *out);
    /** Append struct chain_obs of an article, by (time, digest). */
    int (*obs_scan)(struct sillok_store *s, uint64_t article, struct buf *out);
    /** The same of crawl number @p crawl alone, whatever other crawls there are. */
    int (*obs_scan_crawl)(struct sillok_store *s, uint64_t article, uint32_t crawl,
                          struct buf *out);
    int (*version_get)(struct sillok_store *s, uint64_t version, int with_body,
                       struct store_version *out);
    /** The path and the bytes of an observed file; @p v holds its version with the body.
     */
    int (*file_get)(struct sillok_store *s, const struct chain_obs *o,
                    const struct store_version *v, struct buf *path, struct buf *data);
    /** What a step is and where (diff/places.h), where the engine knows it under the
     *  present rules; each may be NULL. Only a short cut: who gets 0 asks
     *  sillok_change_classify(). 1 known, 0 not. */
    int (*class_get)(struct sillok_store *s, const struct store_step *step,
                     struct sillok_change_class *what, struct place_sketch *sketch);
    /** Append the steps (struct store_step) of committed batches whose class was not
     *  stored with them, and forget them. */
    int (*class_left)(struct sillok_store *s, struct buf *steps);
    /** Compute the class of a committed step, on any thread, in the worker's view: @p row
     *  is appended to in the engine's form; nothing where none is needed. */
    int (*class_make)(struct store_worker *w, const struct store_step *step,
                      struct buf *row);
    /** Put @p n of them into a batch, which this opens; then commit(). */
    int (*class_put)(struct sillok_store *s, const struct store_step *steps,
                     const struct buf *rows, size_t n);
    /** Append struct change_ref that began in [from_s, to_s), oldest first, at most
     *  @p limit; @p cursor begins empty. 1 there may be more, 0 end. */
    int (*change_scan)(struct sillok_store *s, int64_t from_s, int64_t to_s, size_t limit,
                       struct buf *cursor, struct buf *out);

    /** All crawls; an array of the caller's, store_crawls_free(). */
    int (*crawls)(struct sillok_store *s, struct store_crawl **out, size_t *n);
    /** Set bit i of @p bits for each article with number i that the crawl saw. */
    int (*crawl_articles)(struct sillok_store *s, uint32_t crawl, struct buf *bits);

    /** Refusals in key order; @p cursor begins empty, @p out borrows from @p record.
     *  1 a refusal, 0 end. */
    int (*refusal_scan)(struct sillok_store *s, struct buf *cursor, struct buf *record,
                        struct sillok_refusal *out, char key_hex[33]);
    int (*refusal_get)(struct sillok_store *s, const char *key_hex, struct buf *out);

    /** Small named values. @p old of length 0: must not exist; new_value of 0: delete.
     *  SILLOK_ECONFLICT: another value is there. Durable on return. */
    int (*ref_get)(struct sillok_store *s, const char *name, struct buf *out);
    int (*ref_cas)(struct sillok_store *s, const char *name, struct sillok_text old_value,
                   struct sillok_text new_value);

    /** Remove bodies that no version refers to; @p n [out] how many. */
    int (*delete_unreferenced)(struct sillok_store *s, uint64_t *n);
    /** A value for what is committed now, which no other store has and which this one had
     *  at no other time and will not have again; who puts an old copy of it back gets
     *  another one too. 1 set, 0 there is none to be had. NULL: this engine has none. */
    int (*mark)(struct sillok_store *s, uint8_t out[STORE_MARK_BYTES]);

    /** The engine's own check, see sillok/audit.h. next: 1 an event, 0 done. */
    int (*verify_open)(struct sillok_store *s,
                       const struct sillok_verify_options *options,
                       struct sillok_verify **out);
    int (*verify_next)(struct sillok_verify *it, struct sillok_verify_event *event);
    void (*verify_close)(struct sillok_verify *it);
    /** Deriving everything anew, see sillok/audit.h. next: 1 an event, 0 done. */
    int (*reindex_open)(struct sillok_store *s,
                        const struct sillok_reindex_options *options,
                        struct sillok_reindex **out);
    int (*reindex_next)(struct sillok_reindex *it, struct sillok_reindex_event *event);
    void (*reindex_close)(struct sillok_reindex *it);
};

void store_crawls_free(struct store_crawl *list, size_t n);
/** The crawl of that name among them; NULL, as SILLOK_ENOTFOUND, says which and where. */
const struct store_crawl *store_crawl_find(const struct sillok_store *s,
                                           const struct store_crawl *list, size_t n,
                                           const char *name);

#endif
