/*
 * Copies of a store as a whole: as it is, in the present format, and in its own place as
 * small as it gets.
 *
 * A copy has the id of what it is a copy of, because it is the same record; only one of
 * the two should be written to from then on.
 */
#ifndef SILLOK_MAINTENANCE_H
#define SILLOK_MAINTENANCE_H

#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A copy in the making. One thread at a time. */
struct sillok_copy;

/** What a copy is at. On its way through them. */
enum sillok_copy_phase {
    SILLOK_COPY_ROWS = 0,   /* rows are copied, in the order of their keys */
    SILLOK_COPY_DERIVE = 1, /* of an older format only: derived tables are made anew */
    SILLOK_COPY_VERIFY = 2, /* the copy is checked as by sillok_verify_open() */
    SILLOK_COPY_SAMPLE = 3  /* compaction only: dictionaries were made of a sample */
};

struct sillok_copy_event {
    enum sillok_copy_phase phase;
    uint64_t done, total; /* rows of this phase; total 0 where it is not known */
};

/** Of the copy, when it is complete; the figures of its content are those of
 *  sillok_store_stats(). */
struct sillok_copy_sum {
    char uuid[37];
    int from_format, format;
    uint64_t rows; /* that were copied */
    uint64_t articles, revisions, bodies, observations, refused;
    uint64_t from_bytes, bytes; /* of data.mdb, there and in the copy */
};

/**
 * Begin a copy of @p store at @p to, a path at which there is nothing. It is of one
 * moment, this one, or, where somebody signs in the log of proofs, that at which it is
 * signed: sillok_copy_next() waits for that, for ten minutes (SILLOK_EBUSY). Readers and a
 * writer go on meanwhile, but the space that the writer frees is not used again before the
 * end. @p store must stay open until
 * sillok_copy_close(); if it is written to through this very handle, it cannot grow
 * beyond its map until then (SILLOK_EBUSY after a minute).
 *
 * Rows are copied, not pages, so the copy has no free pages in it. It is made aside, in
 * TO.new.XXXXXX, verified there, and appears at @p to whole or not at all. Settings
 * (config.yaml) and bodies that a salvage found without an article (bodies/) are copied;
 * the indexes beside the store are not, who needs them makes them.
 *
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_EEXISTS there is something at @p to;
 *         SILLOK_EINVALID @p to is empty;  SILLOK_EBUSY the store was compacted since @p
 *         store was opened, and its log may have gone on: open it again;  SILLOK_ECORRUPT @p
 *         store is damaged;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_backup_open(struct sillok_copy **out, struct sillok_store *store, const char *to);

/**
 * Begin to make a store of the present format at @p to out of the store of an older one
 * at the path @p from, which is only read and must not be written to meanwhile. As
 * sillok_backup_open(); what the older format did not derive is derived.
 *
 * A store without sums of its pages (format 1) is read as far as its pages have the shape
 * of pages; that its texts are what was written is what the verification finds out.
 *
 * @param limits  as in struct sillok_store_options; NULL: the defaults
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOTFOUND no store at @p from;
 *         SILLOK_EINVALID it has format 2 or a later one, or @p to is empty;  SILLOK_EEXISTS
 *         there is something at @p to;  SILLOK_EBUSY somebody writes to @p from;
 *         SILLOK_ECORRUPT @p from is damaged;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_migrate_open(struct sillok_copy **out,
                                                const char *from, const char *to,
                                                const struct sillok_limits *limits);

enum { SILLOK_COMPACT_LEVEL_MAX = 22 };
struct sillok_compact_options {
    int level; /* of zstd, 1 to SILLOK_COMPACT_LEVEL_MAX; 0: the usual, 19 */
};
#define SILLOK_COMPACT_OPTIONS_INIT                                                      \
    {                                                                                    \
        19                                                                               \
    }

/**
 * Begin to write @p store anew, in its place, as small as it gets: a copy in which pages
 * are full, dictionaries are made of a sample of the whole, every text and record is
 * packed anew at a high level (a revision as a difference where that is shorter), and
 * dictionaries that nothing needs any more are left out. Every text is compared with its
 * hash before, and with what unpacking gives after. All names, hashes and answers stay.
 *
 * The new file is made in the store's folder and verified there; then one rename makes it
 * the store's, and the old one is removed. Before that rename the store is what it was,
 * after it the new one, whatever stops or kills this or cuts the power; what a kill
 * leaves is removed by the next compaction. Readers in other processes go on reading what
 * they have open. The write lock is held throughout; it must be free, and @p store open
 * for writing and without an open batch, view or worker. @p store goes on with the new
 * file. It needs as much room on the disk as the new file takes, and as long as a reader
 * has the old one open that one's too.
 *
 * The new one has the present format, whichever the old one had (docs/format.md).
 *
 * @param options  NULL: the usual
 * @return SILLOK_OK, @p out is the caller's and closed before @p store;  SILLOK_EBUSY
 *         another process writes;  SILLOK_EINVALID no such level, the file of the data is a
 *         link to another place, or @p store has an open batch, view or worker;
 *         SILLOK_ECORRUPT @p store is damaged;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_compact_open(struct sillok_copy **out, struct sillok_store *store,
                    const struct sillok_compact_options *options);

/**
 * 1 with @p event, 0 when the copy is at its place and durable, negative when it cannot
 * go on: SILLOK_ECORRUPT the source is damaged, the message says what of it;
 * SILLOK_EEXISTS something has appeared at its place; SILLOK_EIO, also for a full disk.
 * Then, and when it is closed before the end, nothing of the copy is left. (A compaction
 * may fail after its rename, in making that last or in removing the old file. The message
 * says what; the store is then whole in either of the two.)
 */
SILLOK_API SILLOK_CHECK int sillok_copy_next(struct sillok_copy *it,
                                             struct sillok_copy_event *event);
/** Borrowed, valid until the close; complete when sillok_copy_next() has returned 0. */
SILLOK_API const struct sillok_copy_sum *sillok_copy_sum(const struct sillok_copy *it);
SILLOK_API void sillok_copy_close(struct sillok_copy *it);

#ifdef __cplusplus
}
#endif
#endif
