/*
 * Getting the original files back, byte for byte, and the content as a table.
 */
#ifndef SILLOK_EXPORT_H
#define SILLOK_EXPORT_H

#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_export_options {
    const char *crawl; /* this crawl only */
    const char *oid;   /* this publisher only */
    const char *aid;   /* with oid: this article only */
    /* One item a visit: a line of NDJSON by itself, named "feed.ndjson:12", and not the
     * file that it was a line of. */
    int by_visit;
};
#define SILLOK_EXPORT_OPTIONS_INIT                                                       \
    {                                                                                    \
        0                                                                                \
    }

/** One crawl file; of a file of NDJSON, @c article and @c hash_mismatch are those of its
 *  first line (see by_visit). All borrowed until the next call. */
struct sillok_export_file {
    const char *crawl;
    struct sillok_text
        name; /* path below the crawl; never absolute, never with ".." unless
                 @c unsafe */
    struct sillok_text data; /* the bytes that were taken in */
    int hash_mismatch;       /* it declared another hash than that of its body */
    int unsafe;              /* the name would leave the folder it is put into */
    struct sillok_article article;
};

/** Crawl by crawl in the order of their first file. Sees the store as it was at open. */
struct sillok_export;
/** @return SILLOK_OK;  SILLOK_ENOTFOUND no such crawl or article */
SILLOK_API SILLOK_CHECK int
sillok_export_open(struct sillok_export **out, struct sillok_store *store,
                   const struct sillok_export_options *options);
SILLOK_API SILLOK_CHECK int sillok_export_next(struct sillok_export *it,
                                               struct sillok_export_file *out);
SILLOK_API void sillok_export_close(struct sillok_export *it);

/**
 * Write files into a folder (made if missing): CRAWL/NAME, or NAME where one crawl was
 * chosen. Each file is written aside and renamed into place, all are synced at the end;
 * what exists is never overwritten unless @p force. Nothing is ever written outside @p
 * dest: names that would leave it, or that no file can have there, go below "_unsafe/".
 *
 * @param n_files  [out] files written or already there with the same bytes
 * @return SILLOK_OK;  SILLOK_EEXISTS files with other bytes are there, all others were
 * written; SILLOK_EIO the message has the file and "disk full" where it is
 */
SILLOK_API SILLOK_CHECK int
sillok_export_folder(struct sillok_store *store,
                     const struct sillok_export_options *options, const char *dest,
                     int force, uint64_t *n_files);

/** The same as a tar stream (pax) to an open descriptor. */
SILLOK_API SILLOK_CHECK int sillok_export_tar(struct sillok_store *store,
                                              const struct sillok_export_options *options,
                                              int fd, uint64_t *n_files);

#ifdef __cplusplus
}
#endif
#endif
