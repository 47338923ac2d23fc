#include "ingest/source.h"

#include "base/clock.h"
#include "ingest/statcache.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_drop(struct folder *f)
{
    if (!f || atomic_fetch_sub(&f->refs, 1) > 1)
        return;
    (void)close(f->fd); /* only read from */
    free(f);
}

int source_is_machine(int err)
{
    return err == EMFILE || err == ENFILE || err == ENOMEM;
}

void entry_init(struct entry *e)
{
    memset(e, 0, sizeof(*e));
    buf_init(&e->path, BUF_CEILING);
    buf_init(&e->data, BUF_CEILING);
}

void entry_release(struct entry *e)
{
    buf_release(&e->path);
    buf_release(&e->data);
}

int entry_say(struct entry *e, enum entry_kind kind, const char *code,
              const char *message)
{
    e->kind = kind;
    e->code = code;
    snprintf(e->message, sizeof(e->message), "%s", message);
    return 1;
}

int entry_say_gone(struct entry *e)
{
    return entry_say(e, ENTRY_SKIP, "", "gone before it was read");
}

void say_too_large(char out[TOO_LARGE_BYTES], uint64_t limit)
{
    snprintf(out, TOO_LARGE_BYTES, "too large (limit %llu bytes, see limits.file_bytes)",
             (unsigned long long)limit);
}

int entry_too_large(struct entry *e, uint64_t size_bytes, uint64_t limit)
{
    _Static_assert(sizeof(e->message) >= TOO_LARGE_BYTES, "room for it");
    e->kind = ENTRY_REFUSE;
    e->code = "too_large";
    e->size_bytes = size_bytes;
    say_too_large(e->message, limit);
    return 1;
}

static int ends_in(struct sillok_text name, const char *suffix)
{
    const size_t n = strlen(suffix);
    return name.len > n && strncasecmp(name.ptr + name.len - n, suffix, n) == 0;
}

static const struct {
    const char *suffix;
    enum name_kind kind;
} suffixes[] = {
    { ".md", NAME_CRAWL_FILE },   { ".markdown", NAME_CRAWL_FILE },
    { ".txt", NAME_CRAWL_FILE },  { ".ndjson", NAME_NDJSON },
    { ".jsonl", NAME_NDJSON },    { ".tar", NAME_ARCHIVE },
    { ".tar.gz", NAME_ARCHIVE },  { ".tgz", NAME_ARCHIVE },
    { ".tar.zst", NAME_ARCHIVE }, { ".tzst", NAME_ARCHIVE },
    { ".zip", NAME_ZIP },
};
enum { N_SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]) };

int name_is_companion(struct sillok_text path)
{
    return text_starts(text_last_part(path), "._");
}

enum name_kind name_kind(struct sillok_text name)
{
    if (name_is_companion(name))
        return NAME_OTHER;
    for (int i = 0; i < N_SUFFIXES; i++)
        if (ends_in(name, suffixes[i].suffix))
            return suffixes[i].kind;
    return NAME_OTHER;
}

const char *name_why_other(struct sillok_text name)
{
    static const char *const packed[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4", ".Z" };
    for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
        if (!ends_in(name, packed[i]))
            continue;
        const struct sillok_text inner =
            text_make(name.ptr, name.len - strlen(packed[i]));
        switch (name_kind(inner)) {
        case NAME_CRAWL_FILE:
            return "a crawl file that was compressed; unpack it";
        case NAME_NDJSON:
            return "a file of many articles that was compressed; unpack it and name it itself";
        case NAME_ARCHIVE:
            return "an archive compressed in a way that is not read; unpack it";
        case NAME_ZIP:
        case NAME_OTHER:
        default:
            break;
        }
    }
    return "not a crawl file (.md, .markdown, .txt)";
}

/* The last part of a path without the suffix that says what it is; a crawl file by itself
 * belongs to the crawl of its folder. */
static int crawl_name(char **out, const char *path, int is_folder)
{
    char *real = realpath(path, NULL);
    if (!real)
        return fail_errno("cannot find the real name of '%s'", path);
    char *slash = strrchr(real, '/');
    struct sillok_text name = text_of(slash ? slash + 1 : real);
    const enum name_kind kind = is_folder ? NAME_OTHER : name_kind(name);
    if (!is_folder && (kind == NAME_OTHER || kind == NAME_CRAWL_FILE) && slash) {
        *slash = '\0';
        slash = strrchr(real, '/');
        name = text_of(slash ? slash + 1 : real);
    }
    for (int i = 0; i < N_SUFFIXES && kind != NAME_OTHER && kind != NAME_CRAWL_FILE; i++)
        if (suffixes[i].kind == kind && ends_in(name, suffixes[i].suffix)) {
            name.len -= strlen(suffixes[i].suffix);
            break;
        }
    *out = name.len ? strndup(name.ptr, name.len) : strdup("crawl");
    free(real);
    return *out ? 0 : fail_memory();
}

/* --- a single file --- */

struct file_source {
    struct source base;
    struct folder *folder;
    char *name;
};

static int file_next(struct source *base, struct entry *e)
{
    struct file_source *s = (struct file_source *)(void *)base;
    if (!s->folder)
        return 0;
    e->kind = ENTRY_FILE;
    e->folder = STEAL(s->folder);
    e->name = s->name;
    const int r = buf_add_str(&e->path, s->name);
    return r < 0 ? r : 1;
}

static void file_close(struct source *base)
{
    struct file_source *s = (struct file_source *)(void *)base;
    folder_drop(s->folder);
    free(s->name);
    free(s);
}

static const struct source_ops file_ops = { file_next, file_close };

static int open_folder_of(const char *path, struct folder **out)
{
    struct folder *f = calloc(1, sizeof(*f));
    if (!f)
        return fail_memory();
    atomic_store(&f->refs, 1);
    f->fd =
        open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); /* only a name is opened below it */
    if (f->fd < 0) {
        free(f);
        return fail_errno("cannot open the folder '%s'", path);
    }
    f->trusted = statcache_trusts(f->fd, &f->dev);
    *out = f;
    return 0;
}

/* A path on the command line is followed through symbolic links: it was asked for. */
static int open_file(struct source **out, const char *path)
{
    struct file_source *s = calloc(1, sizeof(*s));
    char *real = realpath(path, NULL);
    if (!s || !real) {
        free(s);
        free(real);
        return s ? fail_errno("cannot read '%s'", path) : fail_memory();
    }
    char *slash = strrchr(real, '/');
    s->base.ops = &file_ops;
    s->name = strdup(slash + 1);
    slash[slash == real] = '\0';
    const int r = s->name ? open_folder_of(real, &s->folder) : fail_memory();
    free(real);
    if (r < 0) {
        file_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}

/* --- opening --- */

/* Where the first byte stands that is neither of a byte order mark at the beginning nor
 * blank; @p len: there is none. */
static size_t solid_at(const char *head, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t at = 0;
    while (at < len && at < 3 && head[at] == mark[at])
        at++;
    while (at < len && head[at] && strchr(" \t\r\n", head[at]))
        at++;
    return at;
}

#define PIPE_INTO " FILE | sillok ingest --crawl NAME -"

enum { STRANGE_TAR }; /* a place in the table */

/* What begins so is no crawl file, and what to do about it; and on standard input, where a
 * tar and NDJSON are read, NULL for what may be one. */
static const struct {
    unsigned at, len;
    const char *bytes, *why, *piped;
} strange[] = {
    [STRANGE_TAR] = { 257, 5, "ustar", "it is a tar archive: call it .tar", NULL },
    { 0, 6, "\xfd\x37zXZ", "it is compressed by xz, which is not read: xz -dc" PIPE_INTO,
      "it is compressed by xz, which is not read: put xz -dc before" },
    { 0, 3, "BZh", "it is compressed by bzip2, which is not read: bzip2 -dc" PIPE_INTO,
      "it is compressed by bzip2, which is not read: put bzip2 -dc before" },
    { 0, 2, "\x1f\x8b",
      "it is compressed by gzip: call it .tar.gz if it is a tar, else gzip -dc" PIPE_INTO,
      NULL },
    { 0, 4, "\x28\xb5\x2f\xfd",
      "it is compressed by zstd: call it .tar.zst if it is a tar, else zstd -dc" PIPE_INTO,
      NULL },
    { 0, 4, "PK\x03\x04", "it is a zip archive: call it .zip",
      "it is a zip archive, which is read from a file only" },
    { 0, 6, "7z\xbc\xaf\x27\x1c", "it is a 7-zip archive, which is not read: unpack it",
      "it is a 7-zip archive, which is not read: unpack it" },
    { 0, 4, "Rar!", "it is a rar archive, which is not read: unpack it",
      "it is a rar archive, which is not read: unpack it" },
    { 0, 1, "{", "it is JSON: call it .ndjson if it has an article a line", NULL },
    { 0, 1, "[", "it is a JSON array, which is not read: jq -c '.[]'" PIPE_INTO,
      "it is a JSON array, which is not read: put jq -c '.[]' before" },
    { 0, 4, "---\n", NULL, "it is one crawl file, which is read by its name only" },
};

enum { N_STRANGE = sizeof(strange) / sizeof(strange[0]) };

static int begins_strange(const char *head, size_t len, int i)
{
    return len >= strange[i].at + strange[i].len &&
           memcmp(head + strange[i].at, strange[i].bytes, strange[i].len) == 0;
}

/* "1.md.gz": standard input would not take what is in it either. */
static int is_packed_crawl_file(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && name_kind(text_make(path, (size_t)(dot - path))) == NAME_CRAWL_FILE;
}

/* A file whose name does not say what it is is taken for a crawl file, unless it is one of
 * those. */
static int refuse_strange(const char *path)
{
    char head[512];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open '%s'", path);
    const ssize_t n =
        read(fd, head, sizeof(head)); /* what is wrong, the reader will say */
    (void)close(fd);                  /* only read from */
    for (int i = 0; i < N_STRANGE; i++)
        if (n > 0 && strange[i].why && begins_strange(head, (size_t)n, i))
            return fail(SILLOK_EINVALID, "%s",
                        is_packed_crawl_file(path)
                            ? "it is a crawl file that was compressed: unpack it"
                            : strange[i].why);
    return 0;
}

/* Standard input: NDJSON begins with an object, a byte order mark or blanks before it;
 * everything else must be a tar. No tar is blank for as long as one of its blocks. What was
 * read to tell them apart is given on. */
static int open_stdin(struct source **out, const struct source_stop *stop)
{
    const struct source waiting = { .stop = stop };
    char head[1024];
    size_t n = 0, at = 0;
    while (at == n && n < sizeof(head)) {
        const ssize_t got =
            source_read(&waiting, STDIN_FILENO, head + n, sizeof(head) - n);
        if (got < 0)
            return errno == ECANCELED ? fail(SILLOK_ESTOPPED, "stopped")
                                      : fail_errno("cannot read standard input");
        if (got == 0)
            break;
        n += (size_t)got;
        at = solid_at(head, n);
    }
    const int is_tar =
        begins_strange(head, n, STRANGE_TAR); /* may begin "[", by a name */
    for (int i = 0; i < N_STRANGE && !is_tar; i++)
        if (strange[i].piped && begins_strange(head + at, n - at, i))
            return fail(SILLOK_EINVALID, "%s", strange[i].piped);
    if (is_tar || (at < n && head[at] != '{'))
        return source_archive_open(out, NULL, 0, text_make(head, n), stop);
    const int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return fail_errno("cannot duplicate standard input");
    return source_ndjson_open(out, "stdin.ndjson", fd, text_make(head, n));
}

static int open_path(struct source **out, const char *path, int follow,
                     const struct source_stop *stop, int *is_folder)
{
    struct stat st;
    *is_folder = 0;
    if (stat(path, &st) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s'", path)
                   : fail_errno("cannot read '%s'", path);
    if (S_ISDIR(st.st_mode)) {
        *is_folder = 1;
        return follow ? source_follow_open(out, path) : source_folder_open(out, path);
    }
    if (follow)
        return fail(SILLOK_EINVALID, "'%s' is not a folder, only one can be followed",
                    path);
    if (S_ISFIFO(st.st_mode))
        return fail(
            SILLOK_EINVALID,
            "'%s' is neither a file nor a folder but a pipe: a tar or NDJSON that "
            "comes through one is read as -, from standard input",
            path);
    if (!S_ISREG(st.st_mode))
        return fail(SILLOK_EINVALID, "'%s' is neither a file nor a folder", path);
    const enum name_kind kind = name_kind(text_of(path));
    if (kind == NAME_ARCHIVE || kind == NAME_ZIP)
        return source_archive_open(out, path, kind == NAME_ZIP, text_make(NULL, 0), stop);
    if (kind == NAME_OTHER) {
        const int r = refuse_strange(path);
        if (r < 0)
            return r;
    }
    if (kind != NAME_NDJSON)
        return open_file(out, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open '%s'", path);
    const char *slash = strrchr(path, '/');
    return source_ndjson_open(out, slash ? slash + 1 : path, fd, text_make(NULL, 0));
}

int source_is_stopped(const struct source_stop *stop)
{
    return stop && (atomic_load(&stop->given_up) ||
                    (stop->asked && __atomic_load_n(stop->asked, __ATOMIC_RELAXED)));
}

/* Wait for something to read: 1; 0 nothing came for now; -1 with ECANCELED. A signal may
 * come just before the call that it should interrupt, so a wait is never a long one. */
static int wait_readable(const struct source *s, int fd)
{
    enum { ASK_AGAIN_MS = 100 };
    struct pollfd p = { .fd = fd, .events = POLLIN };
    if (source_is_stopped(s->stop)) {
        errno = ECANCELED;
        return -1;
    }
    const int n = poll(&p, 1, ASK_AGAIN_MS);
    return n > 0 || (n < 0 && errno != EINTR); /* what is wrong, the read says */
}

int source_waits(const struct source *s, int fd)
{
    const double began = clock_s();
    while (wait_readable(s, fd) == 0)
        if (clock_s() - began >= SOURCE_PATIENCE_MS / 1000.0)
            return 1;
    return 0;
}

ssize_t source_read(const struct source *s, int fd, void *out, size_t len)
{
    for (;;) {
        int r = 1;
        while (s->stop && (r = wait_readable(s, fd)) == 0)
            continue;
        if (r < 0)
            return -1;
        const ssize_t n = read(fd, out, len);
        if (n >= 0 || errno != EINTR)
            return n;
    }
}

int source_open(struct source **out, const char *path, int follow,
                const struct sillok_limits *limits, const struct source_stop *stop)
{
    const int is_stdin = strcmp(path, "-") == 0 && !follow;
    int is_folder;
    int r =
        is_stdin ? open_stdin(out, stop) : open_path(out, path, follow, stop, &is_folder);
    if (r < 0)
        return r;
    (*out)->limits = *limits;
    (*out)->stop = stop;
    (*out)->name = strdup(is_stdin ? "standard input" : path);
    if (is_stdin)
        (*out)->crawl = strdup("stdin");
    else
        r = crawl_name(&(*out)->crawl, path, is_folder);
    if (r == 0 && (!(*out)->crawl || !(*out)->name))
        r = fail_memory();
    if (r < 0)
        source_close(STEAL(*out));
    return r;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    free(s->crawl);
    free(s->name);
    s->ops->close(s);
}

const char *source_crawl(const struct source *s)
{
    return s->crawl;
}

int source_set_crawl(struct source *s, const char *crawl)
{
    char *copy = strdup(crawl);
    if (!copy)
        return fail_memory();
    free(s->crawl);
    s->crawl = copy;
    return 0;
}

void source_set_knows(struct source *s, source_knows_fn *knows, void *ctx)
{
    s->knows = knows;
    s->knows_ctx = ctx;
}

int source_next(struct source *s, struct entry *e)
{
    buf_clear(&e->path);
    buf_clear(&e->data);
    e->folder = NULL;
    e->code = "";
    e->size_bytes = 0;
    e->message[0] = '\0';
    return s->ops->next(s, e);
}
