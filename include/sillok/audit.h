/*
 * Checking a store against itself: every body against its hash, every reference, every
 * derived table against the truth it comes from; and deriving those tables anew.
 */
#ifndef SILLOK_AUDIT_H
#define SILLOK_AUDIT_H

#include "sillok/diff.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_verify_options {
    int fast; /* sizes, counters and references; bodies are not read */
    uint32_t subset,
        subsets; /* only bodies and articles of part subset of subsets (from 1) */
};
#define SILLOK_VERIFY_OPTIONS_INIT SILLOK_ZEROS

/** One finding, or progress. Texts borrowed until the next call. */
struct sillok_verify_event {
    int damage; /* 1: @c what is damaged; 0: progress */
    /** Of damage: page, version, body, hash, article, log, class, crawl or refusal; "proof"
     *  in sillok_proof_verify_next(). Else "". */
    const char *table;
    const char *what; /* a sentence that names articles (OID/AID) and bodies (hash) */
    uint64_t checked, total; /* rows so far, of all */
};

/** A verification. Reads only; writers may go on meanwhile. */
struct sillok_verify;
SILLOK_API SILLOK_CHECK int
sillok_verify_open(struct sillok_verify **out, struct sillok_store *store,
                   const struct sillok_verify_options *options);
/** 1 with @p event, 0 when all is checked, negative when it cannot go on. */
SILLOK_API SILLOK_CHECK int sillok_verify_next(struct sillok_verify *it,
                                               struct sillok_verify_event *event);
SILLOK_API void sillok_verify_close(struct sillok_verify *it);

/* --- what is left of a damaged store --- */

/** Something that could not be brought out, or progress. Texts borrowed until the next
 *  call. */
struct sillok_salvage_event {
    int lost;             /* 1: @c what is lost; 0: progress */
    const char *what;     /* a sentence that names articles (OID/AID), crawls, times */
    uint64_t done, total; /* observations and rows so far, of all that were counted */
};

/** What came out so far. */
struct sillok_salvage_sum {
    uint64_t pages, damaged_pages; /* of the old data file */
    uint64_t observations, observations_lost;
    uint64_t bodies; /* distinct, in the new store */
    uint64_t
        loose_bodies; /* whole, but no article says they are its: files of their own */
    uint64_t refusals, refusals_lost;
    uint64_t
        files_lost; /* of the observations: the article is there, the exact file not */
};

/** A salvage. It reads the old store without trusting anything in it and writes a new
 * one; the old one is not changed. */
struct sillok_salvage;
/**
 * Begin to bring all that still has its hash or checksum out of the store @p from,
 * however damaged, into a new store @p to, which has an id of its own and no log of proofs.
 * Bodies that no article is left for become files TO/bodies/HASH. Settings (config.yaml;
 * not checkpoint_copy), and such files of an earlier salvage, come along where they are
 * whole. It is made in a folder TO.new.XXXXXX, and is at @p to once sillok_salvage_next()
 * has returned 0; closed before that, nothing is left.
 *
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOTFOUND no data file there;
 *         SILLOK_EEXISTS there is something at @p to;  SILLOK_EINVALID @p to is empty, or
 *         @p from has a later format than this program knows;  SILLOK_EBUSY a process
 *         writes to @p from, this one too;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_salvage_open(struct sillok_salvage **out,
                                                const char *from, const char *to);
/** 1 with @p event, 0 when all is done, negative when it cannot go on. */
SILLOK_API SILLOK_CHECK int sillok_salvage_next(struct sillok_salvage *it,
                                                struct sillok_salvage_event *event);
SILLOK_API const struct sillok_salvage_sum *
sillok_salvage_sum(const struct sillok_salvage *it);
SILLOK_API void sillok_salvage_close(struct sillok_salvage *it);

/* --- deriving anew --- */

struct sillok_reindex_options {
    int dry_run; /* say what is different, write nothing */
};
#define SILLOK_REINDEX_OPTIONS_INIT SILLOK_ZEROS

enum sillok_reindex_event_kind {
    SILLOK_REINDEX_PROGRESS = 0, /* checked, total */
    SILLOK_REINDEX_TABLE = 1,    /* a table is done: table, rows and the counts */
    SILLOK_REINDEX_CHANGE = 2,   /* a change is of another kind now: oid .. to */
    SILLOK_REINDEX_RENEWED = 3   /* the store has a new file: why */
};

/** Texts borrowed until the next call. */
struct sillok_reindex_event {
    enum sillok_reindex_event_kind kind;
    uint64_t checked, total; /* rows so far, of all */
    const char *table;       /* "hash", "article", "rev", "log", "crawl", "class" */
    uint64_t rows;           /* that it has to have */
    uint64_t wrong, missing; /* of them; mended unless it is a dry run */
    uint64_t older_rules;    /* of the wrong ones: written by other rules, so no damage */
    uint64_t extra;          /* rows that it must not have; removed likewise */
    const char *oid, *aid;
    uint32_t revision;      /* that the change led to */
    uint32_t rules_version; /* that the stored kind was found by */
    struct {                /* the kind that decides, and the set of all */
        enum sillok_kind kind;
        uint32_t kinds;
    } stored, present;
    const char *why; /* what was damaged in the old file, a sentence */
};

/**
 * Derive again what the store derives: the hash index, the articles, the chains, the
 * change log, the figures of crawls that count revisions, what each change is; and remove
 * the indexes beside the store, which are made when they are wanted.
 *
 * What is right already is not written. Readers go on, and see either the tables that
 * were or the ones that are, never a part: all but the classes of changes change in one
 * transaction, and no answer depends on those. Stopping it (by close, or by a crash)
 * leaves the store whole; the next run does what is left. Takes the write lock unless it
 * is a dry run.
 *
 * Where a page of a derived table is damaged the table cannot be written where it is.
 * Then the rows that all is derived from are copied to a new file beside the old one,
 * which takes about the room that they have (SILLOK_EIO when there is none), all tables
 * are made there, verified, and the new file takes the place of the old one with one
 * rename. Not where the data file is a link to another place: SILLOK_EINVALID.
 *
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_EBUSY somebody writes
 */
struct sillok_reindex;
SILLOK_API SILLOK_CHECK int
sillok_reindex_open(struct sillok_reindex **out, struct sillok_store *store,
                    const struct sillok_reindex_options *options);
/**
 * 1 with @p event, 0 when all is done, negative when it cannot go on: SILLOK_ECORRUPT
 * what is derived from is damaged itself (verify names it), and nothing was changed by
 * that. The store must not be written by this process meanwhile.
 */
SILLOK_API SILLOK_CHECK int sillok_reindex_next(struct sillok_reindex *it,
                                                struct sillok_reindex_event *event);
SILLOK_API void sillok_reindex_close(struct sillok_reindex *it);

#ifdef __cplusplus
}
#endif
#endif
