/*
 * Export into a folder: one batch of files is written by a thread while the next one is read
 * from the store.
 */
#include "history/export_paths.h"

#include "base/file.h"
#include "base/thread.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between functions of this file: the name cannot be made where it is wanted. */
enum { NO_SUCH_NAME = -102 };

/* What could not be written because something else is there: the others go on. */
struct obstacles {
    uint64_t n;
    struct buf names;
};

struct folder_writer {
    int root; /* the destination */
    int dir;  /* where the file before went */
    struct buf dir_path;
    int force;
    int with_crawl;
    struct buf path, old;
    struct obstacles obstacles;
    uint64_t n_files; /* that are there now */
};

/* Open (and make) the folders of @p path below the root, one by one and never through a
 * symbolic link, so that nothing is ever written outside. */
static int open_folder(struct folder_writer *w, struct sillok_text path)
{
    if (w->dir >= 0 && text_equal(path, text_make(w->dir_path.ptr, w->dir_path.len)))
        return 0;
    int at = fcntl(w->root, F_DUPFD_CLOEXEC, 3);
    char part[256] = "";
    for (size_t from = 0; at >= 0 && from < path.len;) {
        const char *slash = memchr(path.ptr + from, '/', path.len - from);
        const size_t end = slash ? (size_t)(slash - path.ptr) : path.len;
        if (end - from >= sizeof(part)) {
            (void)close(at);
            return fail(NO_SUCH_NAME, "a folder's name is longer than 255 bytes");
        }
        memcpy(part, path.ptr + from, end - from);
        part[end - from] = '\0';
        if (mkdirat(at, part, 0777) < 0 && errno != EEXIST) {
            const int r = fail_errno("cannot make the folder '%s'", part);
            (void)close(at);
            return r;
        }
        const int next =
            openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int err = errno;
        struct stat st;
        /* A link where a folder is wanted also gives ENOTDIR; tell the two apart. */
        if (next < 0 && err == ENOTDIR &&
            fstatat(at, part, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
            err = ELOOP;
        (void)close(at);
        errno = err;
        at = next;
        from = end + 1;
    }
    if (at < 0 && errno == ELOOP)
        return fail(SILLOK_EEXISTS, "'%s' is a symbolic link, which is not followed",
                    part);
    if (at < 0 && (errno == ENOTDIR || errno == ENAMETOOLONG))
        return fail(NO_SUCH_NAME, "a file stands where the folder '%s' is wanted", part);
    if (at < 0)
        return fail_errno("cannot open the folder '%.*s'", (int)path.len, path.ptr);
    if (w->dir >= 0)
        (void)close(w->dir);
    w->dir = at;
    buf_clear(&w->dir_path);
    return buf_add_text(&w->dir_path, path);
}

/* 1 the same bytes are there, 0 nothing is, negative: something else is. */
static int compare_existing(struct folder_writer *w, const char *name,
                            const struct sillok_export_file *f)
{
    struct stat st;
    if (fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail_errno("cannot stat '%s'", name);
    const int other = SILLOK_EEXISTS;
    if (S_ISDIR(st.st_mode))
        return fail(NO_SUCH_NAME, "'%s' exists and is a folder", name);
    if (!S_ISREG(st.st_mode))
        return fail(other, "'%s' exists and is not a regular file", name);
    if ((size_t)st.st_size != f->data.len)
        return fail(other, "'%s' exists with other bytes (--force replaces it)", name);
    const int fd = openat(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open '%s'", name);
    buf_clear(&w->old);
    int r = buf_reserve(&w->old, f->data.len + 1);
    while (r == 0 && w->old.len < f->data.len) {
        const ssize_t n = read(fd, w->old.ptr + w->old.len, f->data.len - w->old.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            r = fail_errno("cannot read '%s'", name);
        if (n <= 0)
            break;
        w->old.len += (size_t)n;
    }
    (void)close(fd); /* only read from */
    if (r < 0)
        return r;
    return text_equal(f->data, text_make(w->old.ptr, w->old.len))
               ? 1
               : fail(other, "'%s' exists with other bytes (--force replaces it)", name);
}

static int write_temporary(struct folder_writer *w, const char *tmp,
                           const struct sillok_export_file *f)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(w->dir, tmp, flags, 0666);
    /* The name is this process's own: what has it was left by one that was killed. */
    if (fd < 0 && errno == EEXIST && unlinkat(w->dir, tmp, 0) == 0)
        fd = openat(w->dir, tmp, flags, 0666);
    if (fd < 0)
        return fail_errno("cannot create a file in the folder");
    int r = file_write_all(fd, f->data.ptr, f->data.len);
    if (close(fd) < 0 && r == 0)
        r = fail_errno("cannot close a file");
    if (r < 0)
        (void)unlinkat(w->dir, tmp, 0); /* the write's failure is what is reported */
    return r;
}

static int write_file(struct folder_writer *w, const char *name,
                      const struct sillok_export_file *f)
{
    char tmp[64];
    int r = compare_existing(w, name, f);
    if (r == 1)
        return 0;
    if (r < 0 && !(r == SILLOK_EEXISTS && w->force))
        return r;
    snprintf(tmp, sizeof(tmp), ".sillok.new.%d", (int)getpid());
    r = write_temporary(w, tmp, f);
    if (r == 0 && renameat(w->dir, tmp, w->dir, name) < 0) {
        r = fail_errno("cannot rename a file to '%s'", name);
        (void)unlinkat(w->dir, tmp, 0);
    }
    return r;
}

static int put_file(struct folder_writer *w, struct sillok_text path,
                    const struct sillok_export_file *f)
{
    const struct sillok_text last = text_last_part(path);
    const size_t above = path.len - last.len; /* with the '/' behind it */
    char name[256];
    if (last.len >= sizeof(name))
        return fail(NO_SUCH_NAME, "a file's name is longer than 255 bytes");
    memcpy(name, last.ptr, last.len);
    name[last.len] = '\0';
    int r = open_folder(w, text_make(path.ptr, above ? above - 1 : 0));
    if (r == 0)
        r = write_file(w, name, f);
    const struct sillok_text told = utf8_cut(path, 300);
    return r < 0 ? fail_context(r, "%.*s", (int)told.len, told.ptr) : 0;
}

static int note_obstacle(struct obstacles *o, int r)
{
    enum { TOLD = 3 };
    if (r != SILLOK_EEXISTS)
        return r;
    if (o->n++ < TOLD)
        return buf_printf(&o->names, "%s%s", o->n > 1 ? "; " : "",
                          sillok_error_message());
    return 0;
}

static int put_somewhere(struct folder_writer *w, const struct sillok_export_file *f)
{
    struct buf *path = &w->path;
    int r = export_path(path, f, w->with_crawl);
    if (r == 0)
        r = put_file(w, text_make(path->ptr, path->len), f);
    if (r != NO_SUCH_NAME)
        return r;
    r = export_unsafe_path(path, f, w->with_crawl);
    if (r == 0)
        r = put_file(w, text_make(path->ptr, path->len), f);
    /* Not there either: it is the crawl's own folder that has no place. */
    return r == NO_SUCH_NAME ? SILLOK_EEXISTS : r;
}

/* --- a batch is written while the next one is read --- */

enum { BATCH_FILES = 256, BATCH_BYTES = 1 << 20 };

/* Copies of files: crawl and zero, name, data, one after the other. */
struct batch {
    struct buf files; /* struct batch_file */
    struct buf bytes;
    struct folder_writer *writer;
    struct failure end; /* 0, or why it was not written to its end */
};

struct batch_file {
    size_t crawl_len, name_len, data_len;
    int unsafe;
};

static size_t n_files(const struct batch *b)
{
    return b->files.len / sizeof(struct batch_file);
}

static int is_full(const struct batch *b)
{
    return n_files(b) >= BATCH_FILES || b->bytes.len >= BATCH_BYTES;
}

/* It counts when all of it is there. */
static int keep_file(struct batch *b, const struct sillok_export_file *f)
{
    const struct batch_file one = { strlen(f->crawl), f->name.len, f->data.len,
                                    f->unsafe };
    int r = buf_add(&b->bytes, f->crawl, one.crawl_len + 1);
    if (r == 0)
        r = buf_add_text(&b->bytes, f->name);
    if (r == 0)
        r = buf_add_text(&b->bytes, f->data);
    return r < 0 ? r : buf_add(&b->files, &one, sizeof(one));
}

/* Read the next files into it: 1 there may be more. */
static int fill(struct batch *b, struct sillok_export *it)
{
    struct sillok_export_file f;
    int r = 1;
    buf_clear(&b->files);
    buf_clear(&b->bytes);
    while (r > 0 && !is_full(b)) {
        r = sillok_export_next(it, &f);
        if (r > 0) {
            const int rr = keep_file(b, &f);
            r = rr < 0 ? rr : r;
        }
    }
    return r;
}

static int write_all(struct batch *b)
{
    struct folder_writer *w = b->writer;
    const struct batch_file *list = (const struct batch_file *)(void *)b->files.ptr;
    const char *p = b->bytes.ptr;
    int r = 0;
    for (size_t i = 0; i < n_files(b) && r == 0; i++) {
        const struct batch_file *one = &list[i];
        struct sillok_export_file f = { .crawl = p, .unsafe = one->unsafe };
        p += one->crawl_len + 1;
        f.name = text_make(p, one->name_len);
        p += one->name_len;
        f.data = text_make(p, one->data_len);
        p += one->data_len;
        r = put_somewhere(w, &f);
        w->n_files += r == 0;
        r = note_obstacle(&w->obstacles, r);
    }
    return r;
}

static void *write_batch(void *arg)
{
    struct batch *b = arg;
    failure_keep(&b->end, write_all(b));
    return NULL;
}

static int export_all(struct folder_writer *w, struct sillok_export *it)
{
    struct batch batches[2] = { { .files = BUF_INIT, .bytes = BUF_INIT, .writer = w },
                                { .files = BUF_INIT, .bytes = BUF_INIT, .writer = w } };
    struct failure read; /* how the last one ended: writing may fail in this thread too */
    int code = 0, now = 0;
    failure_keep(&read, fill(&batches[now], it));
    while (code == 0 && n_files(&batches[now])) {
        struct batch *b = &batches[now];
        pthread_t thread;
        const int alone = thread_start(&thread, write_batch, b) != 0;
        if (alone)
            (void)write_batch(b);
        now = !now;
        buf_clear(&batches[now].files);
        if (read.code > 0)
            failure_keep(&read, fill(&batches[now], it));
        if (!alone)
            (void)pthread_join(thread, NULL);
        code = failure_tell(&b->end);
    }
    for (int i = 0; i < 2; i++) {
        buf_release(&batches[i].files);
        buf_release(&batches[i].bytes);
    }
    return code < 0 ? code : failure_tell(&read);
}

static int tell_obstacles(const struct obstacles *o)
{
    const struct sillok_text names = utf8_cut(buf_text(&o->names), 700);
    return fail(SILLOK_EEXISTS, "%llu file%s not written: %.*s%s",
                (unsigned long long)o->n, o->n == 1 ? " was" : "s were", (int)names.len,
                names.ptr, o->n > 3 ? "; ..." : "");
}

int sillok_export_folder(struct sillok_store *store,
                         const struct sillok_export_options *options, const char *dest,
                         int force, uint64_t *n_files)
{
    struct sillok_export *it;
    struct folder_writer w = { .dir = -1,
                               .force = force,
                               .with_crawl = !(options && options->crawl),
                               .dir_path = BUF_INIT,
                               .path = BUF_INIT,
                               .old = BUF_INIT,
                               .obstacles = { 0, BUF_INIT } };
    *n_files = 0;
    int r = sillok_export_open(&it, store, options);
    if (r < 0)
        return r;
    if (mkdir(dest, 0777) < 0 && errno != EEXIST)
        r = fail_errno("cannot make the folder '%s'", dest);
    w.root = r < 0 ? -1 : open(dest, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r == 0 && w.root < 0)
        r = fail_errno("cannot open the folder '%s'", dest);
    if (r == 0)
        r = export_all(&w, it);
    if (r == 0 && w.obstacles.n)
        r = tell_obstacles(&w.obstacles);
    /* One flush for all files, not one each. */
    if ((r == 0 || r == SILLOK_EEXISTS) && syncfs(w.root) < 0)
        r = fail_errno("cannot sync '%s'", dest);
    *n_files = w.n_files;
    if (w.dir >= 0)
        (void)close(w.dir);
    if (w.root >= 0)
        (void)close(w.root);
    buf_release(&w.dir_path);
    buf_release(&w.path);
    buf_release(&w.old);
    buf_release(&w.obstacles.names);
    sillok_export_close(it);
    return r;
}
