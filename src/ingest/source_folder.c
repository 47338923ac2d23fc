/*
 * A folder, recursively. Names are read in runs and sorted within each, so that a million
 * files in one folder take no more memory than a few thousand; the order of files never
 * matters, but neighbours in the archive are found faster when they come as neighbours.
 * Symbolic links are not followed; what is neither file nor folder is skipped.
 */
#include "ingest/source.h"

#include "ingest/statcache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUN_NAMES = 1 << 16 };

struct level {
    DIR *dir;
    struct folder *folder;
    size_t path_len; /* of the path of this folder */
    struct buf text; /* the run's names, each between a type byte and a zero */
    char **names;    /* sorted, into text */
    size_t n, at;
    int done; /* the folder was read to its end */
};

struct folder_source {
    struct source base;
    struct buf
        path; /* of the innermost folder, below the root; ends in '/' if not empty */
    struct level *levels;
    size_t depth, cap;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int level_open(struct folder_source *s, int parent, const char *name)
{
    if (s->depth == s->cap) {
        const size_t cap = s->cap ? 2 * s->cap : 8;
        struct level *levels = realloc(s->levels, cap * sizeof(*levels));
        if (!levels)
            return fail_memory();
        s->levels = levels;
        s->cap = cap;
    }
    struct level *l = &s->levels[s->depth];
    memset(l, 0, sizeof(*l));
    buf_init(&l->text, BUF_CEILING);
    int fd;
    do
        fd = openat(parent, name,
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC | (s->depth ? O_NOFOLLOW : 0));
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return fail_errno("cannot open the folder '%s'", name);
    l->folder = calloc(1, sizeof(*l->folder));
    const int again = l->folder ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    l->dir = again < 0 ? NULL : fdopendir(again);
    if (!l->dir) {
        const int r = fail_errno("cannot read the folder '%s'", name);
        if (again >= 0)
            (void)close(again);
        (void)close(fd);
        free(l->folder);
        return r;
    }
    *l->folder = (struct folder){ .fd = fd, .refs = 1 };
    l->folder->trusted = statcache_trusts(fd, &l->folder->dev);
    l->path_len = s->path.len;
    s->depth++;
    return 0;
}

static void level_close(struct folder_source *s)
{
    struct level *l = &s->levels[--s->depth];
    (void)closedir(l->dir); /* only read from */
    folder_drop(l->folder);
    buf_release(&l->text);
    free(l->names);
}

/* Names starting with '.' that are not crawl files are other programs' business. */
static int is_hidden(const char *name)
{
    return name[0] == '.' && name_kind(text_of(name)) == NAME_OTHER;
}

static int read_run(struct level *l)
{
    CLEANUP(buf_release) struct buf offsets = BUF_INIT;
    buf_clear(&l->text);
    free(STEAL(l->names));
    l->n = l->at = 0;
    while (l->n < RUN_NAMES) {
        errno = 0;
        const struct dirent *d = readdir(l->dir);
        if (!d && errno)
            return fail_errno("cannot read a folder");
        if (!d) {
            l->done = 1;
            break;
        }
        if (is_hidden(d->d_name))
            continue;
        const size_t at = l->text.len + 1;
        int r = buf_add_char(&l->text, (char)d->d_type);
        if (r == 0)
            r = buf_add(&l->text, d->d_name, strlen(d->d_name) + 1);
        if (r == 0)
            r = buf_add(&offsets, &at, sizeof(at));
        if (r < 0)
            return r;
        l->n++;
    }
    l->names = calloc(l->n + 1, sizeof(*l->names));
    if (!l->names)
        return fail_memory();
    for (size_t i = 0; i < l->n; i++) {
        size_t at;
        memcpy(&at, offsets.ptr + i * sizeof(at), sizeof(at));
        l->names[i] = l->text.ptr + at;
    }
    if (l->n)
        qsort(l->names, l->n, sizeof(*l->names), compare_names);
    return 0;
}

static int say(struct entry *e, enum entry_kind kind, const char *code,
               const char *message)
{
    e->kind = kind;
    e->code = code;
    snprintf(e->message, sizeof(e->message), "%s", message);
    return 1;
}

static int enter(struct folder_source *s, struct level *l, const char *name,
                 struct entry *e)
{
    if (name_kind(text_of(name)) != NAME_OTHER)
        return say(e, ENTRY_SKIP, "", "not a regular file");
    if (s->depth >= s->base.limits.folder_depth)
        return say(e, ENTRY_SKIP, "", "folders nested too deep (limits.folder_depth)");
    const size_t outer = l->path_len; /* l moves when a level is added */
    int r = buf_add_str(&s->path, name);
    if (r == 0)
        r = buf_add_char(&s->path, '/');
    if (r < 0)
        return r;
    r = level_open(s, l->folder->fd, name);
    if (r == SILLOK_EIO) {
        s->path.len = outer;
        return say(e, ENTRY_REFUSE, "unreadable", sillok_error_message());
    }
    return r; /* 0: nothing to tell, go on inside */
}

static int classify(struct folder_source *s, const char *name, struct entry *e)
{
    struct level *l = &s->levels[s->depth - 1];
    struct stat st;
    int r = buf_add(&e->path, s->path.ptr, s->path.len);
    if (r == 0)
        r = buf_add_str(&e->path, name);
    if (r < 0)
        return r;
    /* What the folder itself says saves a call per file. */
    if ((unsigned char)name[-1] == DT_REG)
        st.st_mode = S_IFREG;
    else if (fstatat(l->folder->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return say(e, ENTRY_REFUSE, "unreadable", strerror(errno));
    if (S_ISLNK(st.st_mode))
        return say(e, ENTRY_SKIP, "", "a symbolic link, not followed");
    if (S_ISDIR(st.st_mode))
        return enter(s, l, name, e);
    if (!S_ISREG(st.st_mode))
        return say(e, ENTRY_SKIP, "", "not a regular file");
    switch (name_kind(text_of(name))) {
    case NAME_CRAWL_FILE:
        l->folder->refs++;
        e->kind = ENTRY_FILE;
        e->folder = l->folder;
        e->name = name;
        return 1;
    case NAME_ARCHIVE:
    case NAME_ZIP:
    case NAME_NDJSON:
        return say(e, ENTRY_SKIP, "",
                   "a file of many articles inside a folder; name it itself");
    case NAME_OTHER:
    default:
        return say(e, ENTRY_SKIP, "", "not a crawl file (.md, .markdown, .txt)");
    }
}

static int folder_next(struct source *base, struct entry *e)
{
    struct folder_source *s = (struct folder_source *)(void *)base;
    while (s->depth) {
        struct level *l = &s->levels[s->depth - 1];
        s->path.len = l->path_len;
        int r = 0;
        if (l->at == l->n && l->done) {
            level_close(s);
            continue;
        }
        if (l->at == l->n) {
            r = read_run(l);
            if (r == SILLOK_EIO) {
                l->n = 0; /* names of a run that was not read to its end have no place */
                l->done = 1;
                (void)buf_add(&e->path, s->path.ptr, s->path.len);
                return say(e, ENTRY_FAILED, "", sillok_error_message());
            }
        } else {
            buf_clear(&e->path);
            r = classify(s, l->names[l->at++], e);
        }
        if (r != 0)
            return r;
    }
    return 0;
}

static void folder_close(struct source *base)
{
    struct folder_source *s = (struct folder_source *)(void *)base;
    while (s->depth)
        level_close(s);
    free(s->levels);
    buf_release(&s->path);
    free(s);
}

static const struct source_ops folder_ops = { folder_next, folder_close };

int source_folder_open(struct source **out, const char *path)
{
    struct folder_source *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    s->base.ops = &folder_ops;
    buf_init(&s->path, BUF_CEILING);
    const int r = level_open(s, AT_FDCWD, path);
    if (r < 0) {
        folder_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}
