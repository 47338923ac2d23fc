/* Export into a folder, and as a tar stream. */
#include "sillok/export.h"

#include "base/buf.h"
#include "base/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* Between functions of this file: the name cannot be made where it is wanted. */
enum { NO_SUCH_NAME = -102 };

/* The folder of a crawl, whose name is anything that a user typed. */
static void add_crawl(struct buf *out, const struct sillok_export_file *f)
{
    const struct sillok_text crawl = text_of(f->crawl);
    int changed = text_is(crawl, ".") || text_is(crawl, "..") || crawl.len == 0;
    for (size_t i = 0; i < crawl.len; i++) {
        changed |= crawl.ptr[i] == '/';
        (void)buf_add_char(out, crawl.ptr[i] == '/' ? '_' : crawl.ptr[i]);
    }
    /* "a/b" and "a_b" are two crawls. */
    if (changed)
        (void)buf_printf(out, "~%08x", (unsigned)XXH3_64bits(crawl.ptr, crawl.len));
    (void)buf_add_char(out, '/');
}

/* A name that would leave the destination, or that no file can have there, goes below
 * "_unsafe/": a hash of all of it, so that no two meet, and as much of its end as fits.
 */
static int unsafe_path(struct buf *out, const struct sillok_export_file *f,
                       int with_crawl)
{
    enum { SHOWN_BYTES = 100 };
    const size_t skip = f->name.len > SHOWN_BYTES ? f->name.len - SHOWN_BYTES : 0;
    buf_clear(out);
    if (with_crawl)
        add_crawl(out, f);
    (void)buf_printf(out, "_unsafe/%016llx_",
                     (unsigned long long)XXH3_64bits(f->name.ptr, f->name.len));
    for (size_t i = skip; i < f->name.len; i++) {
        const char c = f->name.ptr[i];
        (void)buf_add_char(out, c && c != '/' ? c : '_');
    }
    return out->failed ? SILLOK_ENOMEM : 0;
}

/* Where a file goes below the destination. */
static int target_path(struct buf *out, const struct sillok_export_file *f,
                       int with_crawl)
{
    buf_clear(out);
    if (f->unsafe)
        return unsafe_path(out, f, with_crawl);
    if (with_crawl)
        add_crawl(out, f);
    return out->failed ? SILLOK_ENOMEM : buf_add_text(out, f->name);
}

/* --- into a folder --- */

struct folder_writer {
    int root; /* the destination */
    int dir;  /* where the file before went */
    struct buf dir_path;
    int force;
    struct buf old;
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
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    const size_t dir_len = slash ? (size_t)(slash - path.ptr) : 0;
    char name[256];
    const size_t n = path.len - (slash ? dir_len + 1 : 0);
    if (n >= sizeof(name))
        return fail(NO_SUCH_NAME, "a file's name is longer than 255 bytes");
    memcpy(name, path.ptr + path.len - n, n);
    name[n] = '\0';
    int r = open_folder(w, text_make(path.ptr, dir_len));
    if (r == 0)
        r = write_file(w, name, f);
    return r < 0
               ? fail_context(r, "%.*s", (int)(path.len < 300 ? path.len : 300), path.ptr)
               : 0;
}

/* What could not be written because something else is there: the others go on. */
struct obstacles {
    uint64_t n;
    struct buf names;
};

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

static int put_somewhere(struct folder_writer *w, const struct sillok_export_file *f,
                         int with_crawl, struct buf *path)
{
    int r = target_path(path, f, with_crawl);
    if (r == 0)
        r = put_file(w, text_make(path->ptr, path->len), f);
    if (r != NO_SUCH_NAME)
        return r;
    r = unsafe_path(path, f, with_crawl);
    if (r == 0)
        r = put_file(w, text_make(path->ptr, path->len), f);
    /* Not there either: it is the crawl's own folder that has no place. */
    return r == NO_SUCH_NAME ? SILLOK_EEXISTS : r;
}

static int export_all(struct folder_writer *w, struct sillok_export *it, int with_crawl,
                      uint64_t *n_files)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    struct obstacles obstacles = { 0, BUF_INIT };
    struct sillok_export_file f;
    int r;
    while ((r = sillok_export_next(it, &f)) > 0) {
        r = put_somewhere(w, &f, with_crawl, &path);
        *n_files += r == 0;
        r = note_obstacle(&obstacles, r);
        if (r < 0)
            break;
    }
    if (r == 0 && obstacles.n)
        r = fail(SILLOK_EEXISTS, "%llu file%s not written: %.*s%s",
                 (unsigned long long)obstacles.n, obstacles.n == 1 ? " was" : "s were",
                 (int)(obstacles.names.len < 700 ? obstacles.names.len : 700),
                 obstacles.names.ptr, obstacles.n > 3 ? "; ..." : "");
    buf_release(&obstacles.names);
    return r;
}

int sillok_export_folder(struct sillok_store *store,
                         const struct sillok_export_options *options, const char *dest,
                         int force, uint64_t *n_files)
{
    struct sillok_export *it;
    struct folder_writer w = {
        .dir = -1, .force = force, .dir_path = BUF_INIT, .old = BUF_INIT
    };
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
        r = export_all(&w, it, !(options && options->crawl), n_files);
    /* One flush for all files, not one each. */
    if ((r == 0 || r == SILLOK_EEXISTS) && syncfs(w.root) < 0)
        r = fail_errno("cannot sync '%s'", dest);
    if (w.dir >= 0)
        (void)close(w.dir);
    if (w.root >= 0)
        (void)close(w.root);
    buf_release(&w.dir_path);
    buf_release(&w.old);
    sillok_export_close(it);
    return r;
}

/* --- as a tar stream --- */

static int tar_fail(struct archive *a)
{
    errno = archive_errno(a);
    if (errno > 0) /* not one of libarchive's own */
        return fail_errno("cannot write the archive");
    const char *why = archive_error_string(a);
    if (!why) /* libarchive names every cause but this */
        return fail_memory();
    return fail(SILLOK_EIO, "cannot write the archive: %s", why);
}

static int write_member(struct archive *a, struct sillok_text path,
                        const struct sillok_export_file *f)
{
    struct archive_entry *m = archive_entry_new();
    char *name = strndup(path.ptr, path.len);
    int r = m && name ? 0 : fail_memory();
    if (r == 0) {
        archive_entry_set_pathname(m, name);
        archive_entry_set_filetype(m, AE_IFREG);
        archive_entry_set_perm(m, 0644);
        archive_entry_set_size(m, (la_int64_t)f->data.len);
        archive_entry_set_mtime(m, (time_t)f->article.crawled_at_s, 0);
        if (archive_write_header(a, m) < ARCHIVE_WARN ||
            archive_write_data(a, f->data.ptr, f->data.len) != (la_ssize_t)f->data.len)
            r = tar_fail(a);
    }
    archive_entry_free(m);
    free(name);
    return r;
}

static int write_members(struct archive *a, struct sillok_export *it, int with_crawl,
                         uint64_t *n_files)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    struct sillok_export_file f;
    int r;
    while ((r = sillok_export_next(it, &f)) > 0) {
        r = target_path(&path, &f, with_crawl);
        if (r == 0)
            r = write_member(a, text_make(path.ptr, path.len), &f);
        if (r < 0)
            return r;
        ++*n_files;
    }
    return r;
}

/* libarchive takes names in the thread's locale; it must be one that can hold them. */
static int write_in_utf8(struct archive *a, struct sillok_export *it, int with_crawl,
                         uint64_t *n_files)
{
    const locale_t own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    /* Others would get the names as bytes of no known form. */
    if (!own && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return fail(SILLOK_EIO,
                    "file names cannot be written in UTF-8: the locale C.UTF-8 "
                    "is not installed, or there is no memory for it");
    const locale_t before = own ? uselocale(own) : (locale_t)0;
    const int r = write_members(a, it, with_crawl, n_files);
    if (own) {
        (void)uselocale(before);
        freelocale(own);
    }
    return r;
}

int sillok_export_tar(struct sillok_store *store,
                      const struct sillok_export_options *options, int fd,
                      uint64_t *n_files)
{
    struct sillok_export *it;
    *n_files = 0;
    int r = sillok_export_open(&it, store, options);
    if (r < 0)
        return r;
    struct archive *a = archive_write_new();
    if (!a)
        r = fail_memory();
    /* pax, because names are UTF-8 and long; restricted: plain headers where they do. */
    if (r == 0 && (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
                   archive_write_open_fd(a, fd) != ARCHIVE_OK))
        r = tar_fail(a);
    if (r == 0)
        r = write_in_utf8(a, it, !(options && options->crawl), n_files);
    if (r == 0 && archive_write_close(a) != ARCHIVE_OK)
        r = tar_fail(a);
    if (a)
        (void)archive_write_free(a); /* closed above, or failed already */
    sillok_export_close(it);
    return r;
}
