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
    int repeats; /* with by_visit: fill in @c repeats and @c first_s of each item */
};
#define SILLOK_EXPORT_OPTIONS_INIT SILLOK_ZEROS

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
    /* An earlier item of this export has the same body of the same article under the same
     * address; that was seen at first_s. */
    int repeats;
    int64_t first_s;
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
 * what exists is never overwritten unless @p force. A thread of its own writes what this
 * one has read, up to 256 files or 1 MiB and a file behind. Nothing is ever written outside @p
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

/** The same as a tar stream (pax) to an open descriptor, one that blocks. Where nobody reads
 *  it any more, SIGPIPE comes as from write(), or SILLOK_EIO where the caller ignores that.
 *  Cut off by a failure it has no end of an archive. */
SILLOK_API SILLOK_CHECK int sillok_export_tar(struct sillok_store *store,
                                              const struct sillok_export_options *options,
                                              int fd, uint64_t *n_files);

/** Flags of sillok_export_warc(). */
enum {
    SILLOK_WARC_GZIP = 1 << 0,    /* each record is a member of gzip (RFC 1952) */
    SILLOK_WARC_NO_DEDUP = 1 << 1 /* no revisit records: each visit with its body */
};

/**
 * The same as WARC 1.1 (ISO 28500:2017) to such a descriptor. After a warcinfo record, two
 * for each visit:
 *  - a resource record, of which the block is the body (text/markdown, its digest the
 *    content_hash), the address the article's URL without its fragment, the date crawled_at;
 *    or, where an earlier record of the same article and address has the same body, a revisit
 *    record that refers to it (profile identical-payload-digest);
 *  - a metadata record about that one, under urn:sillok:metadata: and the address, so that no
 *    index takes it for the article: a JSON object with crawl, name, oid, aid, crawled_at,
 *    content_hash, title, category, publisher, author, published_at, modified_at, url,
 *    hash_mismatch; invalid_utf8, true, where the body or any of these is not UTF-8.
 * An article without an address of http or https has urn:sillok:OID:AID (a namespace of
 * sillok's own, which is not registered). Record ids are UUIDs of version 8 (RFC 9562) made
 * from what the record is, and the warcinfo record has the date of the first visit, so the
 * same visits give the same bytes.
 *
 * @param flags  enum bits above
 * @param n_visits  [out]
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no such crawl or article;  SILLOK_EIO the message has
 * the cause;  SILLOK_ECORRUPT
 */
SILLOK_API SILLOK_CHECK int
sillok_export_warc(struct sillok_store *store,
                   const struct sillok_export_options *options, unsigned flags, int fd,
                   uint64_t *n_visits);

#ifdef __cplusplus
}
#endif
#endif
