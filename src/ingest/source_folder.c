/*
 * A folder, recursively. Names are read in runs and sorted within each, so that a million
 * files in one folder take no more memory than a few thousand; the order of files never
 * matters, but neighbours in the archive are found faster when they come as neighbours. A run
 * of files that are known already is not sorted.
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

/* A run, and one of files that are known already and for which the order is of no use:
 * there the threads need not wait for the whole folder to be listed. */
enum { RUN_NAMES = 1 << 16, KNOWN_RUN_NAMES = 1 << 11 };

/* A name of a run, and its first sixteen bytes as two numbers, which are in its order: most
 * names are told apart by them, without a look at the names themselves. */
struct name {
    uint64_t first, second;
    size_t at; /* in the text of the run */
};

struct level {
    DIR *dir;
    struct folder *folder;
    size_t path_len;  /* of the path of this folder */
    struct buf text;  /* the run's names, each between a type byte and a zero */
    struct buf names; /* struct name, sorted */
    size_t n, at;
    int done; /* the folder was read to its end */
};

struct folder_source {
    struct source base;
    folder_found_fn *found; /* may be NULL */
    void *found_ctx;
    size_t outer; /* folders between the root and the one that is listed */
    struct buf
        path; /* of the innermost folder, below the root; ends in '/' if not empty */
    struct level *levels;
    size_t depth, cap;
};

static int compare_names(const void *a, const void *b, void *text)
{
    const struct name *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    return strcmp((const char *)text + x->at, (const char *)text + y->at);
}

static struct name *names_of(const struct level *l)
{
    return (struct name *)(void *)l->names.ptr;
}

/* Adds a name of @p len bytes to the run. */
static int add_name(struct level *l, char type, const char *text, size_t len)
{
    uint8_t start[16] = { 0 };
    memcpy(start, text, len < sizeof(start) ? len : sizeof(start));
    const struct name name = { .first = get_be(start, 8),
                               .second = get_be(start + 8, 8),
                               .at = l->text.len + 1 };
    int r = buf_add_char(&l->text, type);
    if (r == 0)
        r = buf_add(&l->text, text, len + 1);
    if (r == 0)
        r = buf_add(&l->names, &name, sizeof(name));
    l->n += r == 0;
    return r;
}

/* The folder behind @p fd, which is taken over. */
static struct folder *folder_new(int fd)
{
    struct folder *f = calloc(1, sizeof(*f));
    if (!f) {
        (void)fail_memory();
        (void)close(fd);
        return NULL;
    }
    *f = (struct folder){ .fd = fd, .refs = 1 };
    f->trusted = statcache_trusts(fd, &f->dev);
    return f;
}

static int open_folder(int parent, const char *name, int more_flags)
{
    int fd;
    do
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | more_flags);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* SILLOK_EIO: for that folder. */
static int fail_open(const char *name)
{
    const int why = errno;
    const int r = fail_errno("cannot open the folder '%s'", name);
    return source_is_machine(why) ? SILLOK_ENOMEM : r;
}

int folder_open_below(int root, const char *path, struct folder **out)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    int fd = open_folder(root, ".", 0);
    for (const char *at = path; fd >= 0 && *at; at = strchr(at, '/') + 1) {
        buf_clear(&name);
        if (buf_add(&name, at, (size_t)(strchr(at, '/') - at)) < 0 ||
            buf_add_char(&name, '\0') < 0) {
            (void)close(fd);
            return SILLOK_ENOMEM;
        }
        const int outer = fd;
        fd = open_folder(outer, name.ptr, O_NOFOLLOW);
        const int why = errno;
        (void)close(outer); /* only a name was opened below it */
        errno = why;
    }
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return fail(SILLOK_ENOTFOUND, "there is no folder '%s' any more", path);
    if (fd < 0)
        return fail_open(path);
    *out = folder_new(fd);
    return *out ? 0 : SILLOK_ENOMEM;
}

/* List a folder, which is taken over; its path is s->path. */
static int level_add(struct folder_source *s, struct folder *folder)
{
    int r = buf_add_char(&s->path, '\0');
    s->path.len -= r == 0;
    if (r == 0)
        r = array_room(&s->levels, s->depth, &s->cap, sizeof(*s->levels));
    if (r == 0 && s->found)
        r = s->found(s->found_ctx, s->path.ptr);
    const int again = r == 0 ? fcntl(folder->fd, F_DUPFD_CLOEXEC, 3) : -1;
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) {
        r = r < 0 ? r : fail_open(s->depth ? s->path.ptr : ".");
        if (again >= 0)
            (void)close(again);
        folder_drop(folder);
        return r;
    }
    struct level *l = &s->levels[s->depth++];
    memset(l, 0, sizeof(*l));
    buf_init(&l->text, BUF_CEILING);
    buf_init(&l->names, BUF_CEILING);
    l->dir = dir;
    l->folder = folder;
    l->path_len = s->path.len;
    return 0;
}

/* Open a folder and list it. */
static int level_open(struct folder_source *s, int parent, const char *name)
{
    const int fd = open_folder(parent, name, s->depth ? O_NOFOLLOW : 0);
    if (fd < 0 && s->found && errno == ENOENT)
        return fail(SILLOK_ENOTFOUND, "the folder is gone");
    if (fd < 0)
        return fail_open(name);
    struct folder *folder = folder_new(fd);
    return folder ? level_add(s, folder) : SILLOK_ENOMEM;
}

static void level_close(struct folder_source *s)
{
    struct level *l = &s->levels[--s->depth];
    (void)closedir(l->dir); /* only read from */
    folder_drop(l->folder);
    buf_release(&l->text);
    buf_release(&l->names);
}

int name_is_hidden(const char *name)
{
    return name[0] == '.' && name_kind(text_of(name)) == NAME_OTHER;
}

static int is_known(struct folder_source *s, const char *name)
{
    const size_t len = s->path.len;
    int known = s->base.knows && buf_add_str(&s->path, name) == 0 &&
                s->base.knows(s->base.knows_ctx, text_make(s->path.ptr, s->path.len));
    s->path.len = len;
    return known;
}

static int read_run(struct folder_source *s, struct level *l)
{
    buf_clear(&l->text);
    buf_clear(&l->names);
    l->n = l->at = 0;
    int known = -1; /* not asked yet */
    while (l->n < RUN_NAMES) {
        if (l->n == KNOWN_RUN_NAMES && known < 0)
            known = is_known(s, l->text.ptr + 1);
        if (known > 0)
            break;
        errno = 0;
        const struct dirent *d = readdir(l->dir);
        if (!d && errno)
            return fail_errno("cannot read a folder");
        if (!d) {
            l->done = 1;
            break;
        }
        if (name_is_hidden(d->d_name))
            continue;
        const int r = add_name(l, (char)d->d_type, d->d_name, strlen(d->d_name));
        if (r < 0)
            return r;
    }
    if (l->n && known < 0)
        known = is_known(s, l->text.ptr + 1);
    if (l->n && !known)
        qsort_r(l->names.ptr, l->n, sizeof(struct name), compare_names, l->text.ptr);
    return 0;
}

int folder_skip(const char *name, size_t depth, const struct sillok_limits *limits,
                struct entry *e)
{
    if (name_kind(text_of(name)) != NAME_OTHER)
        return entry_say(e, ENTRY_SKIP, "", "not a regular file");
    if (depth >= limits->folder_depth)
        return entry_say(e, ENTRY_SKIP, "",
                         "folders nested too deep (limits.folder_depth)");
    return 0;
}

static int enter(struct folder_source *s, struct level *l, const char *name,
                 struct entry *e)
{
    const size_t path_len = l->path_len; /* l moves when a level is added */
    int r = folder_skip(name, s->outer + s->depth, &s->base.limits, e);
    if (r == 0)
        r = buf_add_str(&s->path, name);
    if (r == 0)
        r = buf_add_char(&s->path, '/');
    if (r != 0)
        return r;
    r = level_open(s, l->folder->fd, name);
    if (r == SILLOK_EIO) {
        s->path.len = path_len;
        return entry_say(e, ENTRY_REFUSE, "unreadable", sillok_error_message());
    }
    if (r == SILLOK_ENOTFOUND) { /* or it moved, which whoever follows is told */
        s->path.len = path_len;
        return entry_say_gone(e);
    }
    return r; /* 0: nothing to tell, go on inside */
}

int folder_entry(struct folder *f, const char *name, unsigned char type, struct entry *e)
{
    struct stat st;
    /* What the folder itself says saves a call per file. */
    if (type == DT_REG)
        st.st_mode = S_IFREG;
    else if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return source_is_machine(errno) ? fail_errno("cannot look at a file")
               : errno == ENOENT
                   ? entry_say_gone(e)
                   : entry_say(e, ENTRY_REFUSE, "unreadable", strerror(errno));
    if (S_ISLNK(st.st_mode))
        return entry_say(e, ENTRY_SKIP, "", "a symbolic link, not followed");
    if (S_ISDIR(st.st_mode))
        return 0;
    if (!S_ISREG(st.st_mode))
        return entry_say(e, ENTRY_SKIP, "", "not a regular file");
    switch (name_kind(text_of(name))) {
    case NAME_CRAWL_FILE:
        atomic_fetch_add(&f->refs, 1);
        e->kind = ENTRY_FILE;
        e->folder = f;
        e->name = name;
        return 1;
    case NAME_ARCHIVE:
    case NAME_ZIP:
    case NAME_NDJSON:
        return entry_say(e, ENTRY_SKIP, "",
                         "a file of many articles inside a folder; name it itself");
    case NAME_OTHER:
    default:
        return entry_say(e, ENTRY_SKIP, "", name_why_other(text_of(name)));
    }
}

static int classify(struct folder_source *s, const char *name, struct entry *e)
{
    struct level *l = &s->levels[s->depth - 1];
    const size_t len = strlen(name);
    int r = buf_reserve(&e->path, s->path.len + len + 1); /* and a zero, in one go */
    if (r == 0)
        r = buf_add(&e->path, s->path.ptr, s->path.len);
    if (r == 0)
        r = buf_add(&e->path, name, len);
    if (r == 0)
        r = folder_entry(l->folder, name, (unsigned char)name[-1], e);
    return r == 0 ? enter(s, l, name, e) : r;
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
            r = read_run(s, l);
            if (r == SILLOK_EIO) {
                l->n = 0; /* names of a run that was not read to its end have no place */
                l->done = 1;
                (void)buf_add(&e->path, s->path.ptr, s->path.len);
                return entry_say(e, ENTRY_FAILED, "", sillok_error_message());
            }
        } else {
            buf_clear(&e->path);
            r = classify(s, l->text.ptr + names_of(l)[l->at++].at, e);
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

static struct folder_source *folder_source_new(void)
{
    struct folder_source *s = calloc(1, sizeof(*s));
    if (!s) {
        (void)fail_memory();
        return NULL;
    }
    s->base.ops = &folder_ops;
    buf_init(&s->path, BUF_CEILING);
    return s;
}

int source_folder_open(struct source **out, const char *path)
{
    struct folder_source *s = folder_source_new();
    if (!s)
        return SILLOK_ENOMEM;
    const int r = level_open(s, AT_FDCWD, path);
    if (r < 0) {
        folder_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}

int source_folder_list(struct source **out, int root, const char *path,
                       const struct sillok_limits *limits, folder_found_fn *found,
                       void *ctx)
{
    struct folder *folder = NULL;
    struct folder_source *s = folder_source_new();
    if (!s)
        return SILLOK_ENOMEM;
    s->base.limits = *limits;
    s->found = found;
    s->found_ctx = ctx;
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        s->outer++;
    int r = buf_add_str(&s->path, path);
    if (r == 0)
        r = folder_open_below(root, path, &folder);
    if (r == 0)
        r = level_add(s, folder);
    if (r < 0) {
        folder_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}
