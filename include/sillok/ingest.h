/*
 * Taking crawl files in.
 *
 *   struct sillok_ingest_options options = SILLOK_INGEST_OPTIONS_INIT;
 *   struct sillok_ingest *in = NULL;
 *   struct sillok_ingest_event event;
 *   int r = sillok_ingest_new(&in, store, &options);
 *   if (r == 0)
 *       r = sillok_ingest_add(in, "crawl-0.tar.gz");
 *   while (r >= 0 && (r = sillok_ingest_next(in, &event)) > 0)
 *       ...
 *   sillok_ingest_free(in);
 *
 * The events are progress, refusals, notes.
 *
 * Batches are committed whole, durable when their PROGRESS event is returned. Stopping in
 * the middle loses nothing that was reported; the same call again goes on from there,
 * because what is already in is recognized. The order of files never matters.
 */
#ifndef SILLOK_INGEST_H
#define SILLOK_INGEST_H

#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_ingest;

struct sillok_ingest_options {
    /* Name of the crawl, not empty; NULL: after each path (docs/format.md). */
    const char *crawl;
    const struct sillok_profile *profile; /* borrowed until the end; NULL: naver */
    int dry_run;                          /* read and judge everything, store nothing */
    int jobs;                             /* reading threads; 0: one per processor */
    int atomic_archive;                   /* take in an archive wholly or not at all */
    /* When *stop becomes non-zero, as a signal handler may do, or another thread with an
     * atomic store, a read that waits for input is given up and sillok_ingest_next()
     * fails with SILLOK_ESTOPPED. A folder or a file, for which nothing waits, is gone on
     * with: who wants to stop there does not call it any more. Borrowed until the end; may
     * be NULL. */
    const volatile int *stop;
    /* Read files again that the stat cache (STORE/stat.cache, docs/format.md) knows to be
     * in and unchanged. What is counted is the same either way. */
    int no_cache;
    int timings; /* take the time of each stage, for sillok_ingest_timings() */
    /* The one path is a folder: after what is in it is taken in, what is written there
     * is, file by file when its writer closes it or renames it to its name, until *stop
     * is set, which is no failure then but the end. By inotify(7): what other machines do
     * in a network file system is not seen. */
    int follow;
    /* For a first import that is to be fast: new texts and records are put in as they are,
     * in about half of the processor time, and take two to three times the place until
     * sillok_compact_open() packs them. Every question has the same answer either way. */
    int bulk;
};
#define SILLOK_INGEST_OPTIONS_INIT SILLOK_ZEROS

/** The figures of one crawl (event CRAWL_DONE) or of all so far (PROGRESS, DONE). */
struct sillok_ingest_counts {
    uint64_t files;        /* crawl files seen: observations + already + refused */
    uint64_t observations; /* newly recorded */
    uint64_t already;      /* known before: nothing written */
    uint64_t new_articles, changed, unchanged; /* of the observations */
    uint64_t new_bodies, known_bodies;
    uint64_t refused, hash_mismatch, conflicts;
    uint64_t skipped; /* not crawl files: folders, links, devices, other names */
    uint64_t
        unknown_keys; /* files with front matter keys that are kept but not understood */
    uint64_t bytes_read;   /* of crawl files, unpacked */
    uint64_t bytes_stored; /* growth of the used part of the store */
    double seconds;
    uint64_t unread; /* of already: known by stat() alone, not read; in bytes_read too */
};

enum sillok_ingest_event_kind {
    SILLOK_INGEST_PROGRESS = 1,      /* a batch is committed */
    SILLOK_INGEST_REFUSED = 2,       /* @c name: @c message (@c code) */
    SILLOK_INGEST_MISMATCH = 3,      /* stored under the computed hash */
    SILLOK_INGEST_CONFLICT = 4,      /* same article and time, other content; both kept */
    SILLOK_INGEST_SKIPPED = 5,       /* not a crawl file */
    SILLOK_INGEST_NOTE = 6,          /* worth a line: BOM, upper-case hash, future date */
    SILLOK_INGEST_SOURCE_FAILED = 7, /* a path or archive ended early; others go on */
    SILLOK_INGEST_CRAWL_DONE = 8,    /* @c crawl, @c counts of that crawl */
    SILLOK_INGEST_DONE = 9,          /* @c counts of all; the last event */
    SILLOK_INGEST_WAITING = 10       /* with follow, once: what was there is in, but for
                                        files written in the last seconds; @c counts */
};

struct sillok_ingest_event {
    enum sillok_ingest_event_kind kind;
    struct sillok_text name; /* of the file, as found; borrowed until the next call */
    const char *code;        /* stable word for REFUSED; "" else */
    const char *message;
    const char *crawl;
    struct sillok_ingest_counts counts;
};

/**
 * Begin. Takes the write lock, also for a dry run, which writes and rolls back.
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_EINVALID the name of the crawl is
 *         empty;  SILLOK_EBUSY another process writes, the message names its pid;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_ingest_new(struct sillok_ingest **out, struct sillok_store *store,
                  const struct sillok_ingest_options *options);

/**
 * Add a source: a crawl file, a folder (taken recursively), an archive (.tar, .tar.gz,
 * .tgz, .tar.zst, .zip), an .ndjson or .jsonl file, or "-" (tar, compressed or not, or
 * NDJSON, on standard input). With follow, what is no folder is a source that fails.
 *
 * @return SILLOK_OK;  SILLOK_ENOTFOUND there is nothing at @p path;  SILLOK_EINVALID
 *         sillok_ingest_next() was called already, or with follow, it is a second one;
 *         SILLOK_EIO it cannot be looked at
 */
SILLOK_API SILLOK_CHECK int sillok_ingest_add(struct sillok_ingest *in, const char *path);

/** One crawl file of a program's own; see sillok_ingest_add_files(). */
struct sillok_ingest_file {
    const char *name; /* its path below the crawl, under which it is exported */
    struct sillok_text bytes;
};
/** Of a sillok_ingest_pull: nothing is there now, ask again. */
enum { SILLOK_INGEST_LATER = 2 };
/**
 * Asked for the next file, of which name and bytes are copied before it is asked again. It
 * runs on a thread of the ingest's, always the same one, beside sillok_ingest_next(), and
 * must not call into the store's handle. Where nothing is there it says SILLOK_INGEST_LATER
 * at once, and is asked again every 20 ms. What it gave is committed some seconds later, two
 * where nothing more comes; event PROGRESS says so, with counts.files of it, the first ones.
 * options.stop is looked at between two calls: one that blocks is waited for, by
 * sillok_ingest_free() too. What was given and not committed by then is not taken in: who
 * stops and wants it returns 0 instead.
 * @return 1 with @p file;  0 there is no more;  SILLOK_INGEST_LATER;  negative: it failed,
 *         which ends this source (event SOURCE_FAILED); what it gave before is taken in
 */
typedef int sillok_ingest_pull(void *ctx, struct sillok_ingest_file *file);

/**
 * Add a source of files that the program has in memory, as a crawler that writes no files
 * does. They are of the crawl options.crawl, and are taken in as files of a folder are:
 * identity is inside them, what cannot be understood is refused under its name, what is
 * larger than limits.file_bytes too. Their names may be any, and one may come again, with
 * other bytes; where several files of an exported crawl would have one name, the later
 * ones get a number.
 *
 * @param ctx  for @p pull; borrowed until the end
 * @return SILLOK_OK;  SILLOK_EINVALID options.crawl is not set, options.follow is, @p pull is
 *         NULL, or sillok_ingest_next() was called already;  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_ingest_add_files(struct sillok_ingest *in,
                                                    sillok_ingest_pull *pull, void *ctx);

/** Work until there is something to say: 1 with @p event, 0 at the end, negative error.
 */
SILLOK_API SILLOK_CHECK int sillok_ingest_next(struct sillok_ingest *in,
                                               struct sillok_ingest_event *event);

/** The time of one stage, summed over all threads. */
struct sillok_ingest_timing {
    const char *stage; /* a stable word: scan, read, parse, hash, look_up, compress,
                          write, commit, seal, wait, other */
    double wall_s;     /* threads that work at one time count each */
    double cpu_s;
};
/**
 * Where the time went up to now, with options.timings; while threads are at work, up to
 * the stage before that of each.
 *
 * scan: naming files, unpacking archives. read: opening and reading files, or stat()
 * where the stat cache knows them. parse, hash: bytes into an article. look_up: is it
 * known? compress: with the comparison of what was encoded. write: rows into the
 * transaction. commit: LMDB's writes and syncs. seal: sums of its pages, with their
 * syncs. wait: the writer had nothing to write. other: the rest, also what kinds of
 * change are, where it was left to the end.
 *
 * @param max  room in @p out
 * @return how many stages there are
 */
SILLOK_API int sillok_ingest_timings(const struct sillok_ingest *in,
                                     struct sillok_ingest_timing *out, int max);

/** End; an open batch is rolled back. */
SILLOK_API void sillok_ingest_free(struct sillok_ingest *in);

#ifdef __cplusplus
}
#endif
#endif
