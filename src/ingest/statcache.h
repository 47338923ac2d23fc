/*
 * The stat cache, STORE/stat.cache: which files were taken in, and what fstat() said of
 * them, so that a run over unchanged files need not read them. Disposable: without it, or
 * in any doubt, files are read.
 *
 * What is remembered of a file answers one question: would reading it again end in
 * "already"? Yes, when
 *  1. the store is in the very state that the cache was written for (store_ops.mark): no
 *     commit came after, no copy was put back, it is no other store's cache;
 *  2. the file is taken in under the same name of a crawl and path, with the same limits,
 *     profile and reader (READER_VERSION): all of it is in the key;
 *  3. device, inode, size, mtime and ctime are what they were after the file was read, to
 *     the nanosecond. Nobody can set a ctime back but by setting the clock;
 *  4. both times lay RACY_S before the beginning of the run that read it. A file that is
 *     written again in the same tick of the file system's clock keeps its times (git
 *     calls such files racy), so a young file is not remembered but read again;
 *  5. the file's folder is on a file system known to keep inodes and ctimes.
 * Files that were refused are not remembered: they are read, and refused, again.
 *
 * The file, integers big-endian:
 *
 *        0  "sillok-stat 2\n\0\0"
 *       16  secret 16, random; begins what is hashed into keys and prints
 *       32  mark of the store 16
 *       48  entries 8
 *       56  XXH3-64 of the entries, its seed that of bytes 0 to 55; no entry: that one
 *       64  entries of 18, by key, each key once
 *
 * Entry  0  key 8      start of XXH3-128 of secret, settings, name of the crawl, path
 *        8  print 9    start of XXH3-128 of secret, device, inode, size, mtime, ctime
 *       17  flags 1    1: has front matter keys that are kept but not understood
 *
 * Of two files with one key one is not remembered. A file that is another one has the print
 * of the one that is remembered once in 2^72 times, and nobody can look for it: the secret is
 * in the store.
 *
 * At most STATCACHE_MAX entries (18 MiB). When there would be more, those go first that
 * the run did not meet. Written aside and renamed; not synced, the sum tells.
 *
 * statcache_find(), _key() and _print() may be called on several threads at once; the
 * rest on one.
 */
#ifndef INGEST_STATCACHE_H
#define INGEST_STATCACHE_H

#include "article/profile.h"
#include "store/store.h"

#include <sys/stat.h>

enum { STATCACHE_MAX = 1 << 20, RACY_S = 2 };
enum { STATCACHE_KEY_BYTES = 8, STATCACHE_PRINT_BYTES = 9 };
enum statcache_flags { STATCACHE_UNKNOWN_KEYS = 1 << 0 };

/** A file, as the cache knows it. */
struct statcache_entry {
    uint8_t key[STATCACHE_KEY_BYTES];
    uint8_t print[STATCACHE_PRINT_BYTES];
    uint8_t flags[1];
};

struct statcache;

/**
 * Load the cache of @p store, whose write lock is held. One that is missing, damaged or
 * of another state of the store is an empty one.
 * @param began_ns  when the run began, wall clock
 * @return 0;  SILLOK_ENOMEM;  SILLOK_EIO no random bytes
 */
int statcache_open(struct statcache **out, struct sillok_store *store,
                   const struct sillok_profile *profile, int64_t began_ns);
void statcache_free(struct statcache *c);

/** Is the file system of this open folder one whose inodes and ctimes tell of changes?
 *  @p dev [out] its device; only files on the same count. */
int statcache_trusts(int folder_fd, dev_t *dev);

/** The key of a file; its print and flags are zero. */
void statcache_key(const struct statcache *c, struct statcache_entry *out,
                   const char *crawl, struct sillok_text path);
/** May what was read while fstat() said @p st be remembered? Fills in the print. */
int statcache_print(const struct statcache *c, struct statcache_entry *e,
                    const struct stat *st);

/** What is remembered under this key, whatever its print, or NULL. Borrowed until
 *  statcache_save(). */
const struct statcache_entry *statcache_find(struct statcache *c,
                                             const struct statcache_entry *key);
/** Remember a file that a committed batch holds. */
int statcache_add(struct statcache *c, const struct statcache_entry *e);

/**
 * Write the cache for the state that the store is in now, if there is anything new in it.
 * Whoever fails here loses time only.
 * @return 0;  SILLOK_EIO, SILLOK_ENOMEM: there is no cache
 */
int statcache_save(struct statcache *c);

#endif
