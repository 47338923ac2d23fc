/*
 * Streams: tar archives (plain, gzip, zstd), zip archives, NDJSON.
 *
 * Of libarchive only these readers are registered; most of its trouble was elsewhere.
 * Member names are data here, never paths to write to.
 */
#include "ingest/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_BYTES = 256 << 10 };
/* A tar ends with two empty blocks (POSIX pax, ustar interchange format). */
enum { TAR_END_BYTES = 2 * 512 };
enum { EMPTY_ZSTD_BYTES = 256 }; /* no tar with a file in it is as short */

/* --- archives --- */

struct archive_source {
    struct source base;
    struct archive *a;
    struct archive_entry *member; /* at hand */
    locale_t utf8;
    int fd;
    size_t n_head; /* bytes of raw that were read to tell what it is */
    int detected, gzip, member_done, stopped;
    int twice;    /* what gzip held is gzip again */
    int trailing; /* behind the gzip stands what is none */
    int nonzero;  /* not all bytes so far were 0 */
    int gap;      /* empty blocks stand before others */
    size_t zeros; /* that the last bytes are */
    int compressed, ended, is_piped;
    int companions; /* a Mac's companions of files were seen, and told */
    z_stream zlib;
    char raw[READ_BYTES], block[READ_BYTES];
    uint64_t entries, packed;
    uint64_t inflated; /* out of gzip */
    uint64_t taken;    /* of members, by their sizes: zip unpacks each by itself */
};

/* Raw bytes of the file into s->raw: how many, 0 at the end, -1 with errno. */
static ssize_t read_raw(struct archive_source *s)
{
    const size_t kept = s->n_head;
    s->n_head = 0;
    const ssize_t n = source_read(&s->base, s->fd, s->raw + kept, sizeof(s->raw) - kept);
    if (n < 0)
        return n;
    s->packed += (uint64_t)n + kept;
    return n + (ssize_t)kept;
}

static la_ssize_t read_failed(struct archive *a, struct archive_source *s)
{
    s->stopped = errno == ECANCELED;
    archive_set_error(a, errno, "%s", strerror(errno));
    return -1;
}

/* More input for zlib: 1, 0 at the end, -1. */
static int refill(struct archive *a, struct archive_source *s)
{
    const ssize_t n = read_raw(s);
    if (n < 0)
        return (int)read_failed(a, s);
    s->zlib.next_in = (unsigned char *)s->raw;
    s->zlib.avail_in = (unsigned)n;
    if (n == 0 && !s->member_done) {
        archive_set_error(a, EINVAL, "truncated gzip input");
        return -1;
    }
    return n > 0;
}

/* gzip (RFC 1952) is undone here and not by libarchive, which does not compare the check
 * sums: a flipped bit would bring wrong articles and no word of it. */
static la_ssize_t inflate_block(struct archive *a, struct archive_source *s)
{
    z_stream *z = &s->zlib;
    z->next_out = (unsigned char *)s->block;
    z->avail_out = sizeof(s->block);
    while (z->avail_out == sizeof(s->block)) {
        const int more = z->avail_in ? 1 : refill(a, s);
        if (more <= 0)
            return more;
        /* Members may follow each other, and zeros may fill up a tape. */
        while (s->member_done && z->avail_in && !*z->next_in)
            z->next_in++, z->avail_in--;
        if (!z->avail_in)
            continue;
        s->trailing |= s->member_done && *z->next_in != 0x1f;
        if (s->trailing || (s->member_done && inflateReset(z) != Z_OK))
            return 0;
        s->member_done = 0;
        const int rc = inflate(z, Z_NO_FLUSH);
        s->member_done = rc == Z_STREAM_END;
        if (rc != Z_STREAM_END && rc != Z_OK && rc != Z_BUF_ERROR) {
            archive_set_error(a, EINVAL, "%s", z->msg ? z->msg : "not gzip");
            return -1;
        }
    }
    const size_t got = sizeof(s->block) - z->avail_out;
    s->twice |= s->entries == 0 && got > 1 && (uint8_t)s->block[0] == 0x1f &&
                (uint8_t)s->block[1] == 0x8b;
    return (la_ssize_t)got;
}

/* The first bytes tell whether the file is gzip. */
static int detect_gzip(struct archive_source *s, size_t n)
{
    s->detected = 1;
    if (n < 2 || (uint8_t)s->raw[0] != 0x1f || (uint8_t)s->raw[1] != 0x8b)
        return 0;
    if (inflateInit2(&s->zlib, 15 + 16) != Z_OK) /* a window of any size, gzip only */
        return -1;
    s->gzip = 1;
    s->zlib.next_in = (unsigned char *)s->raw;
    s->zlib.avail_in = (unsigned)n;
    return 0;
}

/* Empty blocks are looked for in all that comes: those that are the end, and those that
 * something follows. No member that is taken has so many zeros. */
static void count_zeros(struct archive_source *s, const char *p, size_t len)
{
    size_t i = 0;
    while (i < len) {
        const size_t from = i;
        while (i < len && !p[i])
            i++;
        s->zeros += i - from;
        if (i == len)
            break;
        s->gap |= s->nonzero && s->zeros >= TAR_END_BYTES;
        s->nonzero = 1;
        s->zeros = 0;
        const char *zero = memchr(p + i, 0, len - i);
        i = zero ? (size_t)(zero - p) : len;
    }
}

static la_ssize_t give_block(struct archive *a, void *ctx, const void **out)
{
    struct archive_source *s = ctx;
    if (!s->gzip) {
        const ssize_t n = read_raw(s);
        if (n < 0)
            return read_failed(a, s);
        if (!s->detected && detect_gzip(s, (size_t)n) < 0) {
            archive_set_error(a, ENOMEM, "out of memory");
            return -1;
        }
        *out = s->raw;
        if (!s->gzip)
            return n;
    }
    *out = s->block;
    return inflate_block(a, s);
}

/* Too much out of too little: stop before the disk or the night is gone. */
static const char *bomb(const struct archive_source *s)
{
    /* The first block is read while the source is opened, before it has its limits. */
    if ((!s->compressed && !s->gzip) || !s->base.limits.archive_bytes)
        return NULL;
    /* Headers count too: a bomb may be made of empty files. */
    const uint64_t streamed =
        s->gzip ? s->inflated : (uint64_t)archive_filter_bytes(s->a, 0);
    const uint64_t unpacked = s->taken > streamed ? s->taken : streamed;
    if (unpacked > s->base.limits.archive_bytes)
        return "looks like a bomb: unpacks to more than limits.archive_bytes";
    if (unpacked > RATIO_FROM_BYTES &&
        unpacked / (s->packed + 1) > s->base.limits.archive_ratio)
        return "looks like a bomb: unpacks to more than limits.archive_ratio times its size";
    return NULL;
}

static la_ssize_t read_block(struct archive *a, void *ctx, const void **out)
{
    struct archive_source *s = ctx;
    const la_ssize_t n = give_block(a, ctx, out);
    if (n > 0)
        count_zeros(s, *out, (size_t)n);
    /* Asked here too: a member that is skipped is unpacked all the same. */
    s->inflated += s->gzip && n > 0 ? (uint64_t)n : 0;
    const char *why = s->gzip ? bomb(s) : NULL;
    if (why)
        archive_set_error(a, EINVAL, "%s", why);
    return why ? -1 : n;
}

/* Why nothing came out of it. */
static const char *not_one(const struct archive_source *s)
{
    return s->is_piped ? "neither tar, tar.gz, tar.zst nor NDJSON"
                       : "not tar, tar.gz, tar.zst or zip";
}

static int ended(struct archive_source *s, struct entry *e, const char *why)
{
    /* libarchive puts words of its own over those of the reader. */
    if (bomb(s))
        why = bomb(s);
    s->ended = 1;
    e->kind = ENTRY_FAILED;
    e->code = "";
    buf_clear(&e->path);
    buf_clear(&e->data);
    snprintf(e->message, sizeof(e->message), "archive damaged after %llu entries: %s",
             (unsigned long long)s->entries, why ? why : "unreadable");
    const int r = buf_add_str(&e->path, s->base.name);
    return r < 0 ? r : 1;
}

/* "./crawl-0/x.md" of crawl-0.tar.gz is "x.md". */
static struct sillok_text member_path(const struct archive_source *s, const char *name)
{
    struct sillok_text t = text_of(name);
    while (text_starts(t, "./")) {
        t.ptr += 2;
        t.len -= 2;
        while (t.len && t.ptr[0] == '/')
            t.ptr++, t.len--;
    }
    const size_t n = s->base.crawl ? strlen(s->base.crawl) : 0;
    if (n && t.len > n + 1 && memcmp(t.ptr, s->base.crawl, n) == 0 && t.ptr[n] == '/')
        return text_make(t.ptr + n + 1, t.len - n - 1);
    return t;
}

static const char *odd_type(struct archive_entry *m)
{
    if (archive_entry_hardlink(m))
        return "a hard link";
    if (archive_entry_filetype(m) == AE_IFLNK)
        return "a symbolic link, not followed";
    if (archive_entry_filetype(m) != AE_IFREG)
        return "not a regular file";
    if (archive_entry_sparse_count(m) > 0)
        return "a sparse file";
    return NULL;
}

/* @p size is what the header says, 0 for nothing. Room is made for that, because there
 * are thousands of members in flight, but not on its word alone for what is large. */
static int read_member(struct archive_source *s, struct entry *e, uint64_t size)
{
    enum { START_BYTES = 4 << 10, START_MAX_BYTES = 64 << 10 };
    const uint64_t limit = s->base.limits.file_bytes;
    int r = buf_reserve(&e->data, size > 0 && size < START_MAX_BYTES ? (size_t)size + 1
                                                                     : START_BYTES);
    for (;;) {
        if (r == 0)
            r = buf_reserve(&e->data, 1);
        if (r < 0)
            return r;
        const la_ssize_t n =
            archive_read_data(s->a, e->data.ptr + e->data.len, e->data.cap - e->data.len);
        if (s->stopped)
            return fail(SILLOK_ESTOPPED, "stopped");
        if (n < 0)
            return ended(s, e, archive_error_string(s->a));
        if (n == 0)
            return 1;
        e->data.len += (size_t)n;
        s->taken += size ? 0 : (uint64_t)n;
        if (e->data.len > limit) {
            buf_release(&e->data);
            return entry_say(
                e, ENTRY_REFUSE, "too_large",
                "too large (see limits.file_bytes), though its header said less");
        }
    }
}

/* A note of the archive itself. */
static int say_of_archive(const struct archive_source *s, struct entry *e,
                          const char *message)
{
    buf_clear(&e->path);
    const int r = buf_add_str(&e->path, s->base.name);
    return r < 0 ? r : entry_say(e, ENTRY_NOTE, "", message);
}

/* There may be one for each file, so they are told once. */
static int pass_companion(struct archive_source *s, struct entry *e)
{
    if (s->companions++)
        return 0;
    return say_of_archive(s, e, "files ._NAME in it are a Mac's own and passed over");
}

static int take_member(struct archive_source *s, struct archive_entry *m, struct entry *e)
{
    const char *name = archive_entry_pathname(m);
    if (!name)
        name = archive_entry_pathname_utf8(m);
    if (!name)
        name = "(a name that cannot be read)";
    const struct sillok_text path = member_path(s, name);
    int r = path.len ? buf_add_text(&e->path, path) : buf_add_str(&e->path, "(no name)");
    if (r < 0)
        return r;
    const char *odd = odd_type(m);
    const int64_t size = archive_entry_size_is_set(m) ? archive_entry_size(m) : 0;
    s->taken += size > 0 ? (uint64_t)size : 0;
    if (odd) {
        if (archive_entry_filetype(m) == AE_IFDIR && !archive_entry_hardlink(m))
            return 0;
        return entry_say(e, ENTRY_SKIP, "", odd);
    }
    if (name_is_companion(path))
        return pass_companion(s, e);
    if (name_kind(path) == NAME_OTHER)
        return entry_say(e, ENTRY_SKIP, "", name_why_other(path));
    if (name_kind(path) != NAME_CRAWL_FILE)
        return entry_say(
            e, ENTRY_SKIP, "",
            "a file of many articles inside an archive; unpack it and name it "
            "itself");
    if (size > 0 && (uint64_t)size > s->base.limits.file_bytes)
        return entry_too_large(e, (uint64_t)size, s->base.limits.file_bytes);
    e->kind = ENTRY_BYTES;
    return read_member(s, e, size > 0 ? (uint64_t)size : 0);
}

/* How many members the end of a zip says that there are (PKWARE APPNOTE 4.3.16): 1; 0 it
 * has no such end; -1 it cannot be read. */
static int zip_entries(struct archive_source *s, uint64_t *n)
{
    enum { END_BYTES = 22, COMMENT_MAX = 0xffff, ENTRIES_AT = 10, COMMENT_AT = 20 };
    _Static_assert(sizeof(s->block) >= END_BYTES + COMMENT_MAX, "room for the end");
    const off_t size = lseek(s->fd, 0, SEEK_END);
    const off_t most = END_BYTES + COMMENT_MAX, from = size > most ? size - most : 0;
    const ssize_t got =
        size < 0 ? -1 : pread(s->fd, s->block, (size_t)(size - from), from);
    if (got < 0)
        return -1;
    for (ssize_t i = got - END_BYTES; i >= 0; i--) {
        const uint8_t *p = (const uint8_t *)s->block + i;
        if (memcmp(p, "PK\5\6", 4) != 0 ||
            i + END_BYTES + (p[COMMENT_AT] | p[COMMENT_AT + 1] << 8) > got)
            continue;
        *n = (uint64_t)(p[ENTRIES_AT] | p[ENTRIES_AT + 1] << 8);
        return 1;
    }
    return 0;
}

/* Members are read one behind the other. One whose head is damaged is passed over, and the
 * list at the end of the zip shows that it is not there. */
static int at_end_of_zip(struct archive_source *s, struct entry *e)
{
    enum { MANY = 0xffff }; /* or more: the number stands elsewhere */
    char why[100];
    uint64_t n = 0;
    const int r = zip_entries(s, &n);
    if (r < 0)
        return ended(s, e, strerror(errno));
    if (r == 0)
        return ended(s, e, "its list of members is missing, it may be cut off");
    if (n >= MANY || n == s->entries)
        return 0;
    snprintf(why, sizeof(why), "its list has %llu members", (unsigned long long)n);
    return ended(s, e, why);
}

/* A tar ends at empty blocks. What stands behind them is read as well: for the check sum
 * at the end of a gzip, and because a disk image begins with empty blocks too. */
static int at_end(struct archive_source *s, struct entry *e)
{
    const void *block;
    la_ssize_t n;
    s->ended = 1;
    if (archive_format(s->a) == ARCHIVE_FORMAT_ZIP)
        return at_end_of_zip(s, e);
    do
        n = read_block(s->a, s, &block);
    while (n > 0);
    if (s->stopped)
        return fail(SILLOK_ESTOPPED, "stopped");
    if (n < 0)
        return ended(s, e, archive_error_string(s->a));
    if (s->packed == 0)
        return ended(s, e, "the file is empty");
    if (s->trailing)
        return ended(s, e, "what stands behind its gzip is none");
    /* Of what libarchive unpacks, zstd, only packed bytes are seen here, and it has an end of
     * its own. Empty blocks alone are next to nothing, packed. */
    const int is_packed = archive_filter_code(s->a, 0) != ARCHIVE_FILTER_NONE;
    if (!s->entries)
        return s->nonzero && !(is_packed && s->packed < EMPTY_ZSTD_BYTES)
                   ? ended(s, e, not_one(s))
                   : 0;
    if (is_packed)
        return 0;
    if (s->zeros < TAR_END_BYTES)
        return ended(s, e, "it has no end and may be cut off");
    if (!s->gap)
        return 0;
    return say_of_archive(s, e,
                          "empty blocks stand before the end: archives are joined, or "
                          "part of one is lost");
}

static int next_member(struct archive_source *s, struct entry *e)
{
    while (!s->ended) {
        const char *why = bomb(s);
        if (why)
            return ended(s, e, why);
        const int rc = archive_read_next_header2(s->a, s->member);
        if (s->stopped)
            return fail(SILLOK_ESTOPPED, "stopped");
        if (rc == ARCHIVE_EOF)
            return at_end(s, e);
        /* ARCHIVE_RETRY: what stands where a header should is none. */
        if (rc < ARCHIVE_WARN || rc == ARCHIVE_RETRY)
            return ended(s, e,
                         s->entries ? archive_error_string(s->a)
                         : s->twice ? "it is compressed more than once"
                                    : not_one(s));
        if (s->entries++ == 0 && archive_filter_count(s->a) > (s->gzip ? 1 : 2))
            return ended(s, e, "it is compressed more than once");
        s->compressed = s->gzip || archive_filter_code(s->a, 0) != ARCHIVE_FILTER_NONE ||
                        archive_format(s->a) == ARCHIVE_FORMAT_ZIP;
        buf_clear(&e->path);
        const int r = take_member(s, s->member, e);
        if (r != 0)
            return r;
    }
    return 0;
}

static int archive_next(struct source *base, struct entry *e)
{
    struct archive_source *s = (struct archive_source *)(void *)base;
    /* libarchive turns member names into the thread's locale; it must be one that can
     * hold them, whatever the program's is. */
    const locale_t before = s->utf8 ? uselocale(s->utf8) : (locale_t)0;
    const int r = next_member(s, e);
    if (before)
        (void)uselocale(before);
    return r;
}

static void archive_close(struct source *base)
{
    struct archive_source *s = (struct archive_source *)(void *)base;
    if (s->member)
        archive_entry_free(s->member);
    if (s->a)
        (void)archive_read_free(s->a); /* only read from */
    if (s->gzip)
        (void)inflateEnd(&s->zlib);
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->utf8)
        freelocale(s->utf8);
    free(s);
}

static const struct source_ops archive_ops = { archive_next, archive_close };

static int set_up(struct archive_source *s, int zip)
{
    /* Both by hand: libarchive 3.6 does not look whether it got memory for its own. */
    s->a = archive_read_new();
    s->member = s->a ? archive_entry_new2(s->a) : NULL;
    if (!s->member || archive_read_set_callback_data(s->a, s) != ARCHIVE_OK ||
        archive_read_set_read_callback(s->a, read_block) != ARCHIVE_OK)
        return fail_memory();
    int rc = ARCHIVE_OK;
    if (zip) {
        rc = archive_read_support_format_zip_streamable(s->a);
    } else {
        rc = archive_read_support_format_tar(s->a);
        if (rc == ARCHIVE_OK)
            rc = archive_read_support_filter_zstd(s->a);
        /* What stands behind empty blocks is another archive, or shows that they are
         * damage. */
        if (rc == ARCHIVE_OK)
            rc = archive_read_set_format_option(s->a, "tar", "read_concatenated_archives",
                                                "1");
    }
    if (rc < ARCHIVE_WARN)
        return fail(SILLOK_ERR, "libarchive lacks a reader: %s",
                    archive_error_string(s->a));
    /* An error here is the first entry's to tell: then it has the archive's name. */
    (void)archive_read_open1(s->a);
    return 0;
}

int source_archive_open(struct source **out, const char *path, int zip,
                        struct sillok_text head, const struct source_stop *stop)
{
    struct archive_source *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    s->base.ops = &archive_ops;
    s->base.stop = stop;
    s->is_piped = !path;
    s->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); /* 0: as it is */
    s->fd =
        path ? open(path, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int r =
        s->fd < 0 ? fail_errno("cannot open '%s'", path ? path : "standard input") : 0;
    s->n_head = head.len;
    if (head.len)
        memcpy(s->raw, head.ptr, head.len);
    if (r == 0)
        r = set_up(s, zip);
    if (r < 0) {
        archive_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}

int source_check(const char *path, const struct sillok_limits *limits,
                 const struct source_stop *stop)
{
    struct source *s;
    struct entry e;
    int r = source_open(&s, path, 0, limits, stop);
    if (r < 0)
        return r;
    entry_init(&e);
    while ((r = source_next(s, &e)) > 0)
        if (e.kind == ENTRY_FAILED) {
            r = fail(SILLOK_EINVALID, "%s; nothing of it was taken in", e.message);
            break;
        } else if (e.folder)
            folder_drop(e.folder);
    entry_release(&e);
    source_close(s);
    return r;
}

/* --- NDJSON ---
 * A program may write line after line as it crawls: then what has come is taken in while
 * more is waited for. */

struct ndjson_source {
    struct source base;
    int fd, eof;
    int is_file; /* all of it is there: nobody waits for the last line */
    char *name;
    struct buf text; /* what was read and not given out yet */
    size_t at;
    size_t line; /* number of the next one, from 1 */
};

/* More of the text: 0, also at the end; SOURCE_LATER: nothing came. */
static int fill(struct ndjson_source *s)
{
    if (source_waits(&s->base, s->fd))
        return SOURCE_LATER;
    if (s->at) {
        memmove(s->text.ptr, s->text.ptr + s->at, s->text.len - s->at);
        s->text.len -= s->at;
        s->at = 0;
    }
    const int r = buf_reserve(&s->text, READ_BYTES);
    if (r < 0)
        return r;
    const ssize_t n = source_read(&s->base, s->fd, s->text.ptr + s->text.len, READ_BYTES);
    if (n < 0 && errno == ECANCELED)
        return fail(SILLOK_ESTOPPED, "stopped");
    if (n < 0)
        return fail_errno("cannot read '%s'", s->name);
    s->text.len += (size_t)n;
    s->eof = n == 0;
    return 0;
}

static int is_blank(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr(" \t\r\n", p[i]) || !p[i])
            return 0;
    return 1;
}

/* Blank, or a byte order mark and blanks where the file begins. */
static int says_nothing(const struct ndjson_source *s, size_t from, size_t len)
{
    const struct sillok_text t = text_make(s->text.ptr + from, len);
    const size_t mark =
        from == 0 && s->line == 1 && text_starts(t, "\xef\xbb\xbf") ? 3 : 0;
    return is_blank(t.ptr + mark, t.len - mark);
}

/* Empty lines go with the line that follows them, so that nothing of the file is lost.
 * Returns the length up to and with the end of the first line that holds something. */
static size_t line_length(struct ndjson_source *s, size_t *lines)
{
    size_t from = s->at;
    *lines = 0;
    while (from < s->text.len) {
        const char *nl = memchr(s->text.ptr + from, '\n', s->text.len - from);
        if (!nl)
            break;
        const size_t end = (size_t)(nl - s->text.ptr) + 1;
        ++*lines;
        if (!says_nothing(s, from, end - from))
            return end - s->at;
        from = end;
    }
    return s->eof ? s->text.len - s->at : 0;
}

/* Behind the last line of a file they go with that one. @p len of it are known; what cannot
 * be read, or is too much, the next call will say. */
static size_t with_blank_end(struct ndjson_source *s, size_t len)
{
    while (s->is_file && s->text.len - s->at - len < READ_BYTES &&
           is_blank(s->text.ptr + s->at + len, s->text.len - s->at - len)) {
        if (s->eof)
            return s->text.len - s->at;
        if (fill(s) != 0)
            break;
    }
    return len;
}

/* A line past the limit is not kept: read on to its end. */
static int skip_line(struct ndjson_source *s, size_t blank_lines, struct entry *e)
{
    uint64_t size = s->text.len - s->at;
    int found = 0;
    while (!s->eof && !found) {
        s->at = s->text.len;
        int r = SOURCE_LATER;
        while (r == SOURCE_LATER)
            r = fill(s);
        if (r < 0)
            return r;
        const char *nl = s->text.len ? memchr(s->text.ptr, '\n', s->text.len) : NULL;
        found = nl != NULL;
        s->at = nl ? (size_t)(nl - s->text.ptr) + 1 : s->text.len;
        size += s->at;
    }
    s->line += blank_lines + 1;
    return entry_too_large(e, size, s->base.limits.file_bytes);
}

static int ndjson_next(struct source *base, struct entry *e)
{
    struct ndjson_source *s = (struct ndjson_source *)(void *)base;
    size_t lines, len;
    while ((len = line_length(s, &lines)) == 0 && !s->eof) {
        const int too_long = s->text.len - s->at > s->base.limits.file_bytes;
        int r =
            too_long ? buf_printf(&e->path, "%s:%zu", s->name, s->line + lines) : fill(s);
        if (r == SILLOK_EIO) {
            (void)entry_say(e, ENTRY_FAILED, "", sillok_error_message());
            buf_clear(&e->path);
            (void)buf_add_str(&e->path, s->base.name);
            s->eof = 1;
            s->at = s->text.len;
            return 1;
        }
        if (r != 0)
            return r;
        if (too_long)
            return skip_line(s, lines, e);
    }
    if (len == 0 || says_nothing(s, s->at, len))
        return 0;
    /* Of those counted the last one is this, if it has an end. */
    s->line += lines - (s->text.ptr[s->at + len - 1] == '\n');
    len = with_blank_end(s, len);
    int r = buf_printf(&e->path, "%s:%zu", s->name, s->line);
    if (r == 0)
        r = buf_add(&e->data, s->text.ptr + s->at, len);
    s->at += len;
    s->line++;
    e->kind = ENTRY_LINE;
    return r < 0 ? r : 1;
}

static void ndjson_close(struct source *base)
{
    struct ndjson_source *s = (struct ndjson_source *)(void *)base;
    (void)close(s->fd); /* only read from */
    buf_release(&s->text);
    free(s->name);
    free(s);
}

static const struct source_ops ndjson_ops = { ndjson_next, ndjson_close };

int source_ndjson_open(struct source **out, const char *name, int fd,
                       struct sillok_text head)
{
    struct ndjson_source *s = calloc(1, sizeof(*s));
    if (!s) {
        (void)close(fd);
        return fail_memory();
    }
    s->base.ops = &ndjson_ops;
    struct stat st;
    s->fd = fd;
    s->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    s->line = 1;
    buf_init(&s->text, BUF_CEILING);
    s->name = strdup(name);
    const int r = s->name ? buf_add_text(&s->text, head) : fail_memory();
    if (r < 0) {
        ndjson_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}
