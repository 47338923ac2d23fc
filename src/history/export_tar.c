/* Export as a tar stream. */
#include "history/export_paths.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where it goes. */
struct sink {
    int fd;
    int ended; /* nothing more goes out: it failed */
};

static la_ssize_t sink_write(struct archive *a, void *arg, const void *ptr, size_t len)
{
    struct sink *sink = arg;
    ssize_t n;
    if (sink->ended)
        return (la_ssize_t)len;
    do
        n = write(sink->fd, ptr, len);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        sink->ended = 1;
        archive_set_error(a, errno, "Write error");
    }
    return n;
}

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
        r = export_path(&path, &f, with_crawl);
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

/* Tapes and pipes get whole blocks, as of tar; files end where the archive does. */
static int tar_open(struct archive *a, struct sink *sink)
{
    struct stat st;
    if (fstat(sink->fd, &st) < 0)
        return fail_errno("cannot write the archive");
    const int pads = S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISFIFO(st.st_mode) ||
                     sink->fd == STDOUT_FILENO;
    /* pax, because names are UTF-8 and long; restricted: plain headers where they do. */
    return archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
                   archive_write_set_bytes_in_last_block(a, pads ? 0 : 1) != ARCHIVE_OK ||
                   archive_write_open(a, sink, NULL, sink_write, NULL) != ARCHIVE_OK
               ? tar_fail(a)
               : 0;
}

int sillok_export_tar(struct sillok_store *store,
                      const struct sillok_export_options *options, int fd,
                      uint64_t *n_files)
{
    struct sillok_export *it;
    struct sink sink = { .fd = fd };
    *n_files = 0;
    int r = sillok_export_open(&it, store, options);
    if (r < 0)
        return r;
    struct archive *a = archive_write_new();
    if (!a)
        r = fail_memory();
    if (r == 0)
        r = tar_open(a, &sink);
    if (r == 0)
        r = write_in_utf8(a, it, !(options && options->crawl), n_files);
    /* What is cut off must not look whole: it gets no end. Closed it is all the same,
     * which alone gives back what libarchive holds. */
    sink.ended |= r < 0;
    if (a && archive_write_close(a) != ARCHIVE_OK && r == 0)
        r = tar_fail(a);
    if (a)
        (void)archive_write_free(a); /* closed above */
    sillok_export_close(it);
    return r;
}
