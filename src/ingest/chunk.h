/*
 * A run of files on their way through the reading threads.
 */
#ifndef INGEST_CHUNK_H
#define INGEST_CHUNK_H

#include "article/reader.h"
#include "base/piece.h"
#include "ingest/pool.h"
#include "ingest/source.h"
#include "ingest/statcache.h"
#include "store/store.h"

#include <stdatomic.h>

/* Folders stay open while their files are read; some six chunks are under way. */
enum { CHUNK_FILES = 1024, CHUNK_BYTES = 4 << 20, CHUNK_FOLDERS = 16 };

enum job_state {
    JOB_READ = 1, /* item is filled */
    JOB_REFUSED = 2,
    JOB_TOLD = 3,   /* nothing for the store: skipped or failed; message */
    JOB_BROKEN = 4, /* the machine failed, not the file: message, rc */
    JOB_UNREAD = 5  /* the stat cache knows it as taken in: file_bytes, known */
};

/** One file. All its texts are its own. */
struct job {
    enum entry_kind kind;
    enum job_state state;
    struct folder *folder;
    struct buf path;
    const char *name; /* the end of it, to open where kind is ENTRY_FILE */
    struct buf bytes; /* what a stream brought; of a file, only what the article does not
                         give back: memory is the price of every file in flight */
    char *own;        /* the article's texts, a piece */
    size_t own_bytes;
    uint64_t file_bytes;
    struct reading reading;
    struct store_item item;
    const char *code;
    char *message;                /* see job_message() */
    uint64_t size_bytes;          /* of a refused file */
    struct statcache_entry known; /* of a file on disk */
    int can_be_known;             /* it is filled in: to be remembered once committed */
    int rc;
};

/** Why a job is not read: a copy of @p message, if there is memory for one. */
void job_say(struct job *j, const char *message);
const char *job_message(const struct job *j);

struct chunk;
struct chunk_worker;
/** What is done with a chunk, on several threads at once. */
typedef void chunk_fn(struct chunk *c, struct chunk_worker *w);

struct chunk {
    struct job *jobs;
    size_t n;
    uint64_t bytes; /* of what came with its bytes */
    int folders;
    char *crawl;
    int last_of_crawl;  /* its crawl is complete after it */
    atomic_size_t next; /* job to take */
    atomic_size_t kept; /* bytes that its jobs hold on to */
    chunk_fn *fn;       /* of its task */
    struct pool_task task;
    struct chunk *link; /* in the list that it is on */
};

/** Chunks, each on one list at a time. */
struct chunk_list {
    struct chunk *first, *last;
    size_t n;
};

void chunk_push(struct chunk_list *l, struct chunk *c);
void chunk_push_first(struct chunk_list *l, struct chunk *c);
/** The first one, which is on no list then; NULL: the list is empty. */
struct chunk *chunk_pop(struct chunk_list *l);

int chunk_new(struct chunk **out);
void chunk_free(struct chunk *c, const struct store_ops *ops);
/** Empty it for the next run; big buffers go, small ones stay. */
void chunk_clear(struct chunk *c, const struct store_ops *ops);

/** Let go of the folders of the jobs that were taken: they have been read. */
void chunk_drop_folders(struct chunk *c);
/** Move the jobs that were not taken into @p rest, which is empty. */
void chunk_rest(struct chunk *c, struct chunk *rest);

/** What a reading thread works with. */
struct chunk_worker {
    struct sillok_store *store;
    const struct store_ops *ops;
    struct reader *reader;
    struct store_worker *worker;
    struct buf file, rendered; /* of the job at hand */
    struct pieces texts;       /* that its jobs own */
    struct statcache *cache;   /* NULL: read all, remember nothing */
    int asks_cache;            /* else it only remembers */
    int meets_settled;         /* the last file was: see read_settled() */
    const char *crawl;         /* of the chunk at hand */
    uint64_t limit_bytes;
    int follows; /* a crawler at work, who may take files away again */
};

/** Read and parse the jobs that no other thread has taken, until CHUNK_BYTES are kept:
 * the sizes of files are not known before. chunk_rest() tells what was left. */
chunk_fn chunk_parse;
/** Prepare them for the store. */
chunk_fn chunk_prepare;
/** Both. */
chunk_fn chunk_work;

#endif
