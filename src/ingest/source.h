/*
 * Where crawl files come from: single files, folders, archives, NDJSON, standard input.
 *
 * A source is a stream of entries. Files in folders are only named here; the reading
 * threads open them. Members of archives and lines of NDJSON come with their bytes,
 * because a stream has one reader.
 *
 * The name of a file is its path below the crawl: below the folder that was given, and in
 * an archive without a leading "./" and without a leading folder that is called like the
 * archive (crawl-0.tar.gz holds crawl-0/...). So an archive and the folder that it was
 * unpacked to bring the same files.
 */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "base/buf.h"
#include "sillok/base.h"

#include <sys/types.h>

/** An open folder that files are opened below; counted, because readers hold on to it. */
struct folder {
    int fd;
    int refs;
    int trusted; /* stat() of the files of device dev in it tells whether they changed */
    dev_t dev;
};
void folder_drop(struct folder *f);

enum entry_kind {
    ENTRY_FILE = 1,   /* to be opened: name below folder */
    ENTRY_BYTES = 2,  /* data holds it */
    ENTRY_LINE = 3,   /* data holds a line of NDJSON */
    ENTRY_SKIP = 4,   /* not a crawl file; message says what it is */
    ENTRY_REFUSE = 5, /* code and message */
    ENTRY_FAILED = 6  /* the source ended early; message */
};

struct entry {
    enum entry_kind kind;
    struct folder *folder; /* FILE: one reference, the taker's */
    const char *name;      /* FILE: to open; borrowed until the next call */
    struct buf path;       /* its path below the crawl; reused */
    struct buf data;       /* reused */
    uint64_t size_bytes;   /* REFUSE: where known */
    const char *code;
    char message[300];
};
void entry_init(struct entry *e);
void entry_release(struct entry *e);

struct source;

/** Unpacked bytes of an archive after which limits.archive_ratio is asked. */
enum { RATIO_FROM_BYTES = 64 << 20 };

/**
 * Open the source at @p path, "-" for standard input.
 * @return 0;  SILLOK_ENOTFOUND;  SILLOK_EIO;  SILLOK_EINVALID neither file nor folder
 */
int source_open(struct source **out, const char *path, const struct sillok_limits *limits,
                const volatile int *stop);
void source_close(struct source *s);

/** The crawl's name, when nobody gave one. Borrowed. */
const char *source_crawl(const struct source *s);

/** What source_next() says of a stream of NDJSON that brought nothing for a while. */
enum { SOURCE_LATER = 2, SOURCE_PATIENCE_MS = 1000 };

/** 1 with @p e, 0 at the end, SOURCE_LATER: ask again; negative only for want of memory.
 */
int source_next(struct source *s, struct entry *e);

/** Read an archive to its end without taking anything: 0 whole; SILLOK_EINVALID not. */
int source_check(const char *path, const struct sillok_limits *limits);

/* for source.c: the kinds of sources, each in its file */
struct source_ops {
    int (*next)(struct source *s, struct entry *e);
    void (*close)(struct source *s);
};
struct source {
    const struct source_ops *ops;
    char *crawl;
    char *name; /* of the file itself, for messages */
    struct sillok_limits limits;
    const volatile int
        *stop; /* asked for before each read and while it waits; may be NULL */
};
/** read() that goes on after a signal, unless the source is to stop: then -1 and
 * ECANCELED, at most 0.1 s after *stop was set, by whomever, even if no data comes. */
ssize_t source_read(const struct source *s, int fd, void *out, size_t len);
/** 1 when @p fd has brought nothing for SOURCE_PATIENCE_MS, 0 when there is something to
 * be read, if only that the source is to stop. */
int source_waits(const struct source *s, int fd);
int source_folder_open(struct source **out, const char *path);
int source_file_open(struct source **out, const char *path);
/** @p path NULL: standard input. @p head: bytes of it that were read already. */
int source_archive_open(struct source **out, const char *path, int zip,
                        struct sillok_text head);
/** @p fd is taken over. */
int source_ndjson_open(struct source **out, const char *name, int fd,
                       struct sillok_text head);

/** What a file's name says that it is. */
enum name_kind { NAME_OTHER, NAME_CRAWL_FILE, NAME_NDJSON, NAME_ARCHIVE, NAME_ZIP };
enum name_kind name_kind(struct sillok_text name);

#endif
