#include "ingest/chunk.h"

#include "base/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_BYTES = 8 << 10 };

int chunk_new(struct chunk **out)
{
    struct chunk *c = calloc(1, sizeof(*c));
    if (c)
        c->jobs = calloc(CHUNK_FILES, sizeof(*c->jobs));
    if (!c || !c->jobs) {
        free(c);
        return fail_memory();
    }
    for (size_t i = 0; i < CHUNK_FILES; i++) {
        buf_init(&c->jobs[i].path, BUF_CEILING);
        buf_init(&c->jobs[i].bytes, BUF_CEILING);
    }
    *out = c;
    return 0;
}

static void recycle(struct buf *b)
{
    if (b->cap > KEEP_BYTES)
        buf_release(b);
    buf_clear(b);
}

void chunk_clear(struct chunk *c, const struct store_ops *ops)
{
    for (size_t i = 0; i < c->n; i++) {
        struct job *j = &c->jobs[i];
        ops->prepared_free(STEAL(j->item.prepared));
        folder_drop(STEAL(j->folder));
        free(STEAL(j->message));
        recycle(&j->path);
        recycle(&j->bytes);
        piece_free(STEAL(j->own));
        j->own_bytes = 0;
    }
    free(STEAL(c->crawl));
    c->n = 0;
    c->bytes = 0;
    c->folders = 0;
    c->last_of_crawl = 0;
    atomic_store(&c->next, 0);
    atomic_store(&c->kept, 0);
}

void chunk_drop_folders(struct chunk *c)
{
    const size_t taken = atomic_load(&c->next);
    for (size_t i = 0; i < c->n && i < taken; i++)
        folder_drop(STEAL(c->jobs[i].folder));
}

void chunk_rest(struct chunk *c, struct chunk *rest)
{
    const size_t done = atomic_load(&c->next);
    rest->n = c->n - done;
    for (size_t i = 0; i < rest->n; i++) {
        const struct job swap = rest->jobs[i];
        rest->jobs[i] = c->jobs[done + i];
        c->jobs[done + i] = swap;
    }
    c->n = done;
}

void chunk_free(struct chunk *c, const struct store_ops *ops)
{
    if (!c)
        return;
    chunk_clear(c, ops);
    for (size_t i = 0; i < CHUNK_FILES; i++) {
        buf_release(&c->jobs[i].path);
        buf_release(&c->jobs[i].bytes);
    }
    free(c->jobs);
    free(c);
}

void chunk_push(struct chunk_list *l, struct chunk *c)
{
    c->link = NULL;
    *(l->n++ ? &l->last->link : &l->first) = c;
    l->last = c;
}

void chunk_push_first(struct chunk_list *l, struct chunk *c)
{
    c->link = l->first;
    l->first = c;
    if (!l->n++)
        l->last = c;
}

struct chunk *chunk_pop(struct chunk_list *l)
{
    struct chunk *c = l->first;
    if (!c)
        return NULL;
    l->first = c->link;
    l->n--;
    c->link = NULL;
    return c;
}

/* --- reading --- */

void job_say(struct job *j, const char *message)
{
    free(j->message);
    j->message = strdup(message);
}

const char *job_message(const struct job *j)
{
    return j->message ? j->message : "no memory to say why";
}

static int refuse_job(struct job *j, const char *code, const char *message)
{
    j->state = JOB_REFUSED;
    j->code = code;
    job_say(j, message);
    if (j->message)
        return SILLOK_EINVALID;
    j->state = JOB_BROKEN; /* a file that is refused is told why, or it is no result */
    j->rc = fail_memory();
    return j->rc;
}

/* Nothing is lost that whoever took it away did not mean to be. */
static int skip_gone(struct job *j)
{
    j->kind = ENTRY_SKIP;
    job_say(j, "gone before it was read");
    return SILLOK_ENOTFOUND;
}

static int read_fd(struct job *j, struct buf *out, int fd, const struct stat *st)
{
    const size_t want = (size_t)st->st_size;
    buf_clear(out);
    if (buf_reserve(out, want + 1) < 0)
        return SILLOK_ENOMEM;
    for (;;) {
        /* One byte more than it had: a file that grew shows itself, and one that did not
         * has ended where no more came. */
        const ssize_t n = read(fd, out->ptr + out->len, want + 1 - out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse_job(j, "unreadable", strerror(errno));
        out->len += (size_t)n;
        if (n == 0 || out->len >= want)
            return 0;
    }
}

static int unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* 0, or refused, skipped or broken. */
static int open_file(struct job *j, const struct chunk_worker *w, int *fd)
{
    /* O_NONBLOCK: a FIFO put in the file's place must not hang us. */
    do
        *fd = openat(j->folder->fd, j->name,
                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    while (*fd < 0 && errno == EINTR);
    if (*fd < 0 && source_is_machine(errno))
        return fail_errno("cannot open a file");
    if (*fd < 0 && errno == ENOENT && w->follows)
        return skip_gone(j);
    return *fd < 0 ? refuse_job(j, "unreadable", strerror(errno)) : 0;
}

/* 0 read, 1 it changed meanwhile, negative refused, skipped or broken. */
static int read_once(struct job *j, struct chunk_worker *w, struct stat *after)
{
    struct stat before;
    int fd, r = open_file(j, w, &fd);
    if (r < 0)
        return r;
    if (fstat(fd, &before) < 0)
        r = refuse_job(j, "unreadable", strerror(errno));
    else if (!S_ISREG(before.st_mode))
        r = refuse_job(j, "unreadable", "not a regular file");
    else if ((uint64_t)before.st_size > w->limit_bytes) {
        char text[TOO_LARGE_BYTES];
        say_too_large(text, w->limit_bytes);
        j->size_bytes = (uint64_t)before.st_size;
        r = refuse_job(j, "too_large", text);
    } else {
        r = read_fd(j, &w->file, fd, &before);
        if (r == 0 && (fstat(fd, after) < 0 || !unchanged(&before, after) ||
                       w->file.len != (size_t)before.st_size))
            r = 1;
    }
    (void)close(fd); /* only read from */
    return r;
}

static int read_file(struct job *j, struct chunk_worker *w, struct stat *after)
{
    int r = read_once(j, w, after);
    if (r == 1)
        r = read_once(j, w, after);
    if (r == 1)
        r = refuse_job(j, "changed_while_read", "changed while it was read");
    return r;
}

/* --- parsing --- */

/* The buffers that the texts stand in are used again for the next file. What the store has
 * as it is, most of a later crawl, is needed no more. */
static int own_texts(struct job *j, struct pieces *from)
{
    struct sillok_article *a = &j->reading.article;
    struct sillok_text *texts[SILLOK_N_FIELDS + 3];
    size_t total = 0;
    int n = 0;
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        texts[n++] = &a->fields[i];
    texts[n++] = &a->body;
    for (int i = 0; i < n && j->item.known; i++)
        *texts[i] = text_make("", 0);
    texts[n++] = &a->oid;
    texts[n++] = &a->aid;
    for (int i = 0; i < n; i++)
        total += texts[i]->len;
    char *at = j->own = piece_take(from, total);
    if (!at)
        return fail_memory();
    j->own_bytes = total;
    for (int i = 0; i < n; at += texts[i++]->len) {
        if (texts[i]->len)
            memcpy(at, texts[i]->ptr, texts[i]->len);
        texts[i]->ptr = at;
    }
    return 0;
}

static int is_exact(struct job *j, struct chunk_worker *w, struct sillok_text bytes,
                    int *exact)
{
    buf_clear(&w->rendered);
    const int r = render_file(&w->rendered, &j->reading.article, j->reading.form);
    *exact = r == 0 && text_equal(text_make(w->rendered.ptr, w->rendered.len), bytes);
    return r;
}

/* A file's bytes stay only if they are needed again. */
static int keep_bytes(struct job *j, struct sillok_text bytes)
{
    return j->kind == ENTRY_FILE ? buf_add_text(&j->bytes, bytes) : 0;
}

static int parse(struct job *j, struct chunk_worker *w, struct sillok_text bytes)
{
    struct refusal why = { "unreadable" };
    int exact = 0;
    int r = j->kind == ENTRY_LINE ? reader_ndjson(w->reader, bytes, &j->reading, &why)
                                  : reader_file(w->reader, bytes, &j->reading, &why);
    j->file_bytes = bytes.len;
    if (r == SILLOK_EINVALID) {
        j->size_bytes = bytes.len;
        (void)refuse_job(j, why.code, sillok_error_message()); /* its state says it */
        return keep_bytes(j, bytes);
    }
    if (r == 0)
        r = is_exact(j, w, bytes, &exact);
    if (r == 0 && !exact)
        r = keep_bytes(j, bytes);
    else if (exact)
        buf_clear(&j->bytes);
    if (r < 0)
        return r;
    j->item = (struct store_item){
        .article = &j->reading.article,
        .digest = j->reading.digest,
        .form = j->reading.form,
        .mismatch = (j->reading.notes & NOTE_MISMATCH) != 0,
        .path = text_make(j->path.ptr, j->path.len),
        .original = text_make(j->bytes.ptr, j->bytes.len),
        .file_bytes = bytes.len,
        .exact = exact,
    };
    if (j->reading.notes & NOTE_UNKNOWN_KEYS)
        put_be(j->known.flags, STATCACHE_UNKNOWN_KEYS, sizeof(j->known.flags));
    j->state = JOB_READ;
    return 0;
}

static void broken(struct job *j, int r)
{
    if (r >= 0 || j->state == JOB_REFUSED || j->kind == ENTRY_SKIP)
        return;
    j->state = JOB_BROKEN;
    j->rc = r;
    job_say(j, sillok_error_message());
}

/* Nothing but its name and what stat() says was looked at. */
static int is_unread(struct job *j, struct chunk_worker *w)
{
    struct stat st;
    const struct statcache_entry *old = statcache_find(w->cache, &j->known);
    if (!w->asks_cache || !old ||
        fstatat(j->folder->fd, j->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        st.st_dev != j->folder->dev || !statcache_print(w->cache, &j->known, &st) ||
        memcmp(old->print, j->known.print, sizeof(old->print)) != 0)
        return 0;
    j->known = *old;
    j->file_bytes = (uint64_t)st.st_size;
    j->state = JOB_UNREAD;
    return 1;
}

static int is_settled(struct job *j, struct chunk_worker *w, const struct stat *st)
{
    return st->st_dev == j->folder->dev && statcache_print(w->cache, &j->known, st);
}

/* A file whose times, when it has been read, lie before the run began did not change while it
 * was: it need not be asked before. What was put in its place since it was listed is read
 * from before that is seen. 0 read, 1 that is not sure, negative refused, skipped or broken. */
static int read_settled(struct job *j, struct chunk_worker *w)
{
    enum { LEAST = 64 << 10 };
    struct stat st;
    int fd, r = open_file(j, w, &fd);
    if (r < 0)
        return r;
    buf_clear(&w->file);
    r = buf_reserve(&w->file, LEAST); /* or there is what a longer one took */
    const ssize_t n = r == 0 ? read(fd, w->file.ptr, w->file.cap) : 0;
    if (r == 0 && (n < 0 || (size_t)n == w->file.cap || (uint64_t)n > w->limit_bytes ||
                   fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size != n ||
                   !is_settled(j, w, &st)))
        r = 1;
    (void)close(fd); /* only read from */
    w->file.len = r == 0 ? (size_t)n : 0;
    return r;
}

/* A file whose times say when it changes: is reading it needed, and what was it then? */
static int read_or_know(struct job *j, struct chunk_worker *w)
{
    struct stat st;
    int r = 1;
    const int is_known = w->cache && j->folder->trusted;
    j->can_be_known = 0;
    if (is_known)
        statcache_key(w->cache, &j->known, w->crawl, text_make(j->path.ptr, j->path.len));
    if (is_known && is_unread(j, w))
        return 1;
    if (is_known && w->meets_settled)
        r = read_settled(j, w);
    j->can_be_known = r == 0;
    if (r == 1) {
        r = read_file(j, w, &st);
        j->can_be_known = r == 0 && is_known && is_settled(j, w, &st);
    }
    w->meets_settled = j->can_be_known;
    return r;
}

static void parse_job(struct job *j, struct chunk_worker *w)
{
    int r = 0;
    if (j->kind != ENTRY_FILE && j->kind != ENTRY_BYTES && j->kind != ENTRY_LINE)
        return;
    const int before = stage_enter(STAGE_READ);
    if (j->kind == ENTRY_FILE)
        r = read_or_know(j, w);
    (void)stage_enter(STAGE_PARSE);
    const struct buf *b = j->kind == ENTRY_FILE ? &w->file : &j->bytes;
    if (r == 0) /* 1: nothing was read */
        r = parse(j, w, text_make(b->ptr ? b->ptr : "", b->len));
    stage_leave(before);
    broken(j, r);
}

/* --- on the threads --- */

typedef void job_fn(struct job *j, struct chunk_worker *w);

static size_t kept_by(const struct job *j)
{
    return j->bytes.len + j->own_bytes;
}

/* Jobs are taken in order and finished, so what was not taken is the rest of the list. */
static void each(struct chunk *c, struct chunk_worker *w, job_fn *fn, size_t limit)
{
    w->crawl = c->crawl;
    while (atomic_load(&c->kept) < limit) {
        const size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->n)
            return;
        fn(&c->jobs[i], w);
        atomic_fetch_add(&c->kept, kept_by(&c->jobs[i]));
    }
}

static void prepare_job(struct job *j, struct chunk_worker *w)
{
    if (j->state == JOB_READ && !j->item.prepared)
        broken(j, w->ops->prepare(w->worker, &j->item));
}

static void own_job(struct job *j, struct chunk_worker *w)
{
    if (j->state == JOB_READ)
        broken(j, own_texts(j, &w->texts));
}

static void read_job(struct job *j, struct chunk_worker *w)
{
    parse_job(j, w);
    own_job(j, w);
}

static void work_job(struct job *j, struct chunk_worker *w)
{
    parse_job(j, w);
    prepare_job(j, w);
    own_job(j, w);
}

/* Preparing is optional: without a view of the store everything is taken for new, and the
 * batch looks again. */
static void each_in_view(struct chunk *c, struct chunk_worker *w, job_fn *fn,
                         size_t limit)
{
    (void)w->ops->worker_begin(w->worker);
    each(c, w, fn, limit);
    w->ops->worker_end(w->worker);
}

void chunk_parse(struct chunk *c, struct chunk_worker *w)
{
    each(c, w, read_job, CHUNK_BYTES);
}

void chunk_prepare(struct chunk *c, struct chunk_worker *w)
{
    each_in_view(c, w, prepare_job, SIZE_MAX);
}

void chunk_work(struct chunk *c, struct chunk_worker *w)
{
    each_in_view(c, w, work_job, CHUNK_BYTES);
}
