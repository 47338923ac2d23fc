/*
 * A store: the folder that holds everything sillok knows.
 *
 *   STORE/format       one line: format version and the store's own id
 *   STORE/data.mdb     bodies, versions, observations and what is derived from them
 *                      (LMDB); data-N.mdb once it was compacted
 *   STORE/store.lock   who writes
 *   STORE/config.yaml  settings of this store (optional)
 *
 * One process writes at a time, any number read meanwhile; readers never block.
 */
#ifndef SILLOK_STORE_H
#define SILLOK_STORE_H

#include "sillok/article.h"
#include "sillok/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * An open store. One thread at a time. A process has a store open once; what it opened
 * before fork() the child can only close, which takes nothing from the parent, but it can
 * open the store itself.
 *
 * The first call that writes takes the write lock, and the handle keeps it until it is
 * closed. Calls look up the path again, so one that is relative needs the same current
 * folder throughout.
 *
 * It reads the file that it has opened. Once another process has compacted the store,
 * that is the old one, in which nothing changes any more: who only reads opens the store
 * again when sillok_store_data_name() gives another name than when it was opened; a call
 * that takes the write lock goes on in the new one by itself. Where another store, or
 * none, stands at the path, it fails with SILLOK_EIO.
 */
struct sillok_store;

struct sillok_store_options {
    int create;    /* make an empty one where there is none, also with read_only */
    int read_only; /* never take the write lock; works on a read-only medium */
    int wait_s;    /* for another writer: seconds to wait, 0 fail at once, -1 for ever */
    struct sillok_limits limits; /* each that is 0 means its default */
};
#define SILLOK_STORE_OPTIONS_INIT SILLOK_ZEROS

/**
 * Make an empty store at @p url, a path or "lmdb:PATH". It appears whole or not at all.
 * @return SILLOK_OK;  SILLOK_EEXISTS there is something at that path;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_store_create(const char *url);

/**
 * Open the store at @p url.
 *
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOTFOUND no store there;
 *         SILLOK_EINVALID another format, no path, or too high a limit;  SILLOK_EBUSY this
 *         process has it open already;  SILLOK_ECORRUPT damaged, the message says what;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_store_open(struct sillok_store **out, const char *url,
                                              const struct sillok_store_options *options);
SILLOK_API void sillok_store_close(struct sillok_store *store);

/**
 * Between the two, all that @p store is asked is of one moment, whatever other processes take
 * in meanwhile: for answers that are put together from several calls and have to agree. Calls
 * nest. Old pages of the file are kept meanwhile, so it grows where much is written; what
 * would write through this handle itself is SILLOK_EINVALID.
 * @return SILLOK_OK;  SILLOK_EBUSY too many readers have the store open;  SILLOK_ECORRUPT;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_store_hold(struct sillok_store *store);
/** Once for each that succeeded, before the store is closed. */
SILLOK_API void sillok_store_release(struct sillok_store *store);

enum { SILLOK_DATA_NAME_BYTES = 24 };
/**
 * The name of the file, in the folder @p path of a store, that its data is in:
 * "data.mdb", or "data-N.mdb" once the store was compacted (sillok/maintenance.h). Beside
 * it stand files of that name and "-seal", "-lock". It is that of this moment. Where the
 * file "format" is missing or damaged, it is what of them is there and the newest.
 *
 * @param name  [out] ends in a NUL
 * @return SILLOK_OK;  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_store_data_name(const char *path,
                                                   char name[SILLOK_DATA_NAME_BYTES]);

/** The store's folder as given; borrowed, valid until the store closes. */
SILLOK_API const char *sillok_store_path(const struct sillok_store *store);

/** What is stored and what that saved. Sizes are bytes. */
struct sillok_stats {
    int format;
    uint64_t articles, revisions, changes, versions, bodies, observations, crawls,
        refused;
    uint64_t files_bytes;       /* of all crawl files taken in */
    uint64_t body_bytes_seen;   /* of the bodies of all observations */
    uint64_t body_bytes;        /* of the distinct bodies */
    uint64_t body_bytes_stored; /* of those, as stored */
    uint64_t bodies_delta, bodies_dictionary, bodies_plain; /* how they are stored */
    uint64_t delta_bytes, delta_bytes_stored;
    uint64_t dictionary_bytes;
    uint64_t store_bytes;    /* of data.mdb, in use; 0: not known, for damage */
    uint64_t free_bytes;     /* of data.mdb, free pages inside it; likewise */
    int64_t first_s, last_s; /* earliest and latest crawled_at */
    char uuid[37];
    char engine[64]; /* "LMDB 0.9.24: ..." */
};
SILLOK_API SILLOK_CHECK int sillok_store_stats(struct sillok_store *store,
                                               struct sillok_stats *out);

/** One table of the engine, for `stats`. */
struct sillok_table_stats {
    const char *name; /* static */
    uint64_t rows, bytes;
};
/** Fill up to @p max entries; returns how many there are, or a negative error. */
SILLOK_API SILLOK_CHECK int sillok_store_tables(struct sillok_store *store,
                                                struct sillok_table_stats *out, int max);

/** One publisher, for `stats`. */
struct sillok_publisher_stats {
    char oid[SILLOK_KEY_MAX_BYTES + 1];
    char *publisher; /* name in its newest article; UTF-8 as found */
    uint64_t articles, changed_articles, changes;
};
/** All publishers in oid order: an array of @p n, the caller's, one
 * sillok_publishers_free(). */
SILLOK_API SILLOK_CHECK int sillok_store_publishers(struct sillok_store *store,
                                                    struct sillok_publisher_stats **out,
                                                    size_t *n);
SILLOK_API void sillok_publishers_free(struct sillok_publisher_stats *list, size_t n);
/** 1 when there is an article of the publisher @p oid, found at once; 0; negative error. */
SILLOK_API SILLOK_CHECK int sillok_store_has_publisher(struct sillok_store *store,
                                                       const char *oid);

/** One crawl: what one ingest brought. */
struct sillok_crawl {
    const char *name;  /* borrowed: valid until the next call on the iterator */
    int64_t started_s; /* wall clock of the first ingest into it */
    uint64_t files;    /* taken in + refused */
    uint64_t observations;
    uint64_t new_articles;       /* whose chain begins here */
    uint64_t changed, unchanged; /* the other observations */
    uint64_t missing; /* articles that the crawl before saw and this one did not */
    uint64_t refused, hash_mismatch;
    uint64_t conflicts; /* files at whose time another content stands, in any crawl */
    int64_t first_s, last_s; /* crawled_at, earliest and latest */
    int64_t gap_s;           /* from the last of the crawl before to first_s; 0 if none */
};

/** Crawls in the order of their last crawled_at. Sees the store as it was at open. */
struct sillok_crawls;
SILLOK_API SILLOK_CHECK int sillok_crawls_open(struct sillok_crawls **out,
                                               struct sillok_store *store);
SILLOK_API SILLOK_CHECK int sillok_crawls_next(struct sillok_crawls *it,
                                               struct sillok_crawl *out);
SILLOK_API void sillok_crawls_close(struct sillok_crawls *it);

/** A file that could not be understood. Texts borrowed until the next call. */
struct sillok_refusal {
    const char *key; /* 32 hex digits, names it in sillok_refused_get() */
    const char *crawl;
    struct sillok_text name; /* path as it came in */
    const char *code;        /* stable word: "duplicate_key", "no_footer", ... */
    const char *reason;
    uint64_t size_bytes;
    int has_bytes; /* 0 when it was too large to keep or could not be read */
    /** A file of this name is in this crawl too, as when its crawler was still writing and
     *  the next run took it in. It is found by its name, OID_AID...: 0 where the name says
     *  nothing of its article. */
    int taken_in;
};

/** Refusals ordered by crawl name and file name. Sees them as they were at open; @c
 *  taken_in is of the moment. */
struct sillok_refused;
SILLOK_API SILLOK_CHECK int sillok_refused_open(struct sillok_refused **out,
                                                struct sillok_store *store);
SILLOK_API SILLOK_CHECK int sillok_refused_next(struct sillok_refused *it,
                                                struct sillok_refusal *out);
SILLOK_API void sillok_refused_close(struct sillok_refused *it);

/**
 * The bytes of a refused file.
 * @param key   its key or a unique prefix of it, at least 4 hex digits
 * @param data  [out] the caller's, sillok_free()
 * @return SILLOK_OK;  SILLOK_ENOTFOUND none, or its bytes were not kept;
 *         SILLOK_EAMBIGUOUS;  SILLOK_EINVALID a shorter prefix;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int sillok_refused_get(struct sillok_store *store,
                                               const char *key, char **data, size_t *len);

#ifdef __cplusplus
}
#endif
#endif
