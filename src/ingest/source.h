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
#include "sillok/ingest.h"

#include <stdatomic.h>
#include <sys/types.h>

/** An open folder that files are opened below; counted, because readers hold on to it. */
struct folder {
    int fd;
    atomic_int refs;
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
    ENTRY_FAILED = 6, /* the source ended early; message */
    ENTRY_NOTE = 7    /* something of the source, which goes on; message */
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

/** Asked for before each read of a source, and while it waits. */
struct source_stop {
    const volatile int *asked; /* by a signal, say; may be NULL */
    atomic_int given_up;       /* nobody takes what it brings */
};
int source_is_stopped(const struct source_stop *stop);

struct source;

/** Unpacked bytes of an archive after which limits.archive_ratio is asked. */
enum { RATIO_FROM_BYTES = 64 << 20 };

/**
 * Open the source at @p path, "-" for standard input.
 * @param follow  @p path is a folder, and after what is in it comes what is written
 * there, until it is stopped: that is its end
 * @param stop  borrowed for its life; NULL: it is never stopped
 * @return 0;  SILLOK_ENOTFOUND;  SILLOK_EIO;  SILLOK_EINVALID neither file nor folder, or
 *         no folder to follow
 */
int source_open(struct source **out, const char *path, int follow,
                const struct sillok_limits *limits, const struct source_stop *stop);
/** Of files that a program has: the crawl @p crawl, @p pull and its @p ctx are borrowed.
 *  @return 0;  SILLOK_ENOMEM */
int source_pull_open(struct source **out, const char *crawl, sillok_ingest_pull *pull,
                     void *ctx, const struct sillok_limits *limits,
                     const struct source_stop *stop);
void source_close(struct source *s);

/** Is the file of this path below the crawl known, so that it is perhaps not read? */
typedef int source_knows_fn(void *ctx, struct sillok_text path);
/** To be asked by a folder, for its order. Before the first source_next(). */
void source_set_knows(struct source *s, source_knows_fn *knows, void *ctx);

/** The crawl's name, when nobody gave one. Borrowed. */
const char *source_crawl(const struct source *s);
/** Of standard input, which has no name that its members may begin with: that of its crawl
 *  does. Before anything is read. */
int source_set_crawl(struct source *s, const char *crawl);

/** What source_next() says of a stream of NDJSON, or of a folder that is followed, when
 * it brought nothing for a while. */
enum { SOURCE_LATER = 2, SOURCE_PATIENCE_MS = 1000 };

/** 1 with @p e, 0 at the end, SOURCE_LATER: ask again; negative only for want of memory, or
 * of descriptors. */
int source_next(struct source *s, struct entry *e);

/** Read an archive to its end without taking anything: 0 whole; SILLOK_EINVALID not;
 *  SILLOK_ESTOPPED. */
int source_check(const char *path, const struct sillok_limits *limits,
                 const struct source_stop *stop);

/* for source.c: the kinds of sources, each in its file */
struct source_ops {
    int (*next)(struct source *s, struct entry *e);
    void (*close)(struct source *s);
};
struct source {
    const struct source_ops *ops;
    source_knows_fn *knows; /* may be NULL */
    void *knows_ctx;
    char *crawl;
    char *name; /* of the file itself, for messages */
    struct sillok_limits limits;
    const struct source_stop *stop; /* may be NULL */
};
/** Says this errno of what was to be opened that the machine has no more of what it takes?
 * Then no file is to blame: told as refused, its visit would be lost. */
int source_is_machine(int err);
/** read() that goes on after a signal, unless the source is to stop: then -1 and
 * ECANCELED, at most 0.1 s after it was told to, by whomever, even if no data comes. */
ssize_t source_read(const struct source *s, int fd, void *out, size_t len);
/** 1 when @p fd has brought nothing for SOURCE_PATIENCE_MS, 0 when there is something to
 * be read, if only that the source is to stop. */
int source_waits(const struct source *s, int fd);
int source_folder_open(struct source **out, const char *path);
int source_follow_open(struct source **out, const char *path);
/** @p path NULL: standard input. @p head: bytes of it that were read already. Reads its
 *  beginning, until @p stop. */
int source_archive_open(struct source **out, const char *path, int zip,
                        struct sillok_text head, const struct source_stop *stop);
/** @p fd is taken over. */
int source_ndjson_open(struct source **out, const char *name, int fd,
                       struct sillok_text head);

/* for source_follow.c: parts of the listing of a folder */

/** Asked for each folder before its names are read, with its path below the root, which
 * ends in '/' or is empty: 0; SILLOK_EIO the folder is refused with the message. */
typedef int folder_found_fn(void *ctx, const char *path);
/** List the folder @p path below @p root and all below it. @p root stays the caller's.
 * @return 0;  SILLOK_ENOTFOUND it is gone;  SILLOK_EIO;  SILLOK_ENOMEM, or nothing more can
 * be opened */
int source_folder_list(struct source **out, int root, const char *path,
                       const struct sillok_limits *limits, folder_found_fn *found,
                       void *ctx);
/** Open the folder @p path below @p root, through no symbolic link; one reference.
 * @return as source_folder_list() */
int folder_open_below(int root, const char *path, struct folder **out);
/** Other programs' names: they begin with '.' and are not crawl files. */
int name_is_hidden(const char *name);
/** What the file @p name in @p f, e->path below the crawl, is: 1 with @p e; 0 a folder.
 * @p type  of readdir(), DT_UNKNOWN to ask */
int folder_entry(struct folder *f, const char *name, unsigned char type, struct entry *e);
/** May a folder @p name @p depth folders below the root be entered? 0; 1 with @p e. */
int folder_skip(const char *name, size_t depth, const struct sillok_limits *limits,
                struct entry *e);
/** Give @p e the rest of its value; 1. */
int entry_say(struct entry *e, enum entry_kind kind, const char *code,
              const char *message);
/** It is skipped: whoever is at work there took it away between the listing and the look;
 * 1. */
int entry_say_gone(struct entry *e);
enum { TOO_LARGE_BYTES = 100 };
/** Why a file is refused that is longer than @p limit, limits.file_bytes. */
void say_too_large(char out[TOO_LARGE_BYTES], uint64_t limit);
/** It is refused for that; 1. */
int entry_too_large(struct entry *e, uint64_t size_bytes, uint64_t limit);

/** What a file's name says that it is. */
enum name_kind { NAME_OTHER, NAME_CRAWL_FILE, NAME_NDJSON, NAME_ARCHIVE, NAME_ZIP };
enum name_kind name_kind(struct sillok_text name);
/** Of NAME_OTHER: what it is instead, and what to do where that is plain. Static. */
const char *name_why_other(struct sillok_text name);

/** 1 for "._x.md": beside x.md a Mac puts what only its own file system can hold (AppleDouble,
 * RFC 1740), in archives and on foreign disks. For each file there is one, and none is of any
 * other kind than NAME_OTHER. */
int name_is_companion(struct sillok_text path);

#endif
