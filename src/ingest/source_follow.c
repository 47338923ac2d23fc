/*
 * A folder that a crawler is at work in: all that is in it, then what is written there,
 * by inotify(7), until the source is to stop.
 *
 * A file is taken when its writer closes it, or when it gets its name by being renamed. A
 * file that a listing finds may be half written: one that was written to just now rests
 * first, and is taken when its size and time have stayed the same for REST_NS. So does
 * one that comes by link(2), which nobody closes under that name.
 *
 * A folder is watched before it is listed, so nothing falls in between; what is seen
 * twice is recognized by the store. When more happens than the kernel keeps, everything
 * is listed again.
 */
#include "ingest/source.h"

#include "base/clock.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define REST_NS INT64_C(2000000000)

enum {
    /* Asked for while a listing goes on, so that the kernel has not to keep so many. */
    READ_EVERY = 256,
    READ_BYTES = 64 << 10,
    WATCHED = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE_SELF |
              IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK
};

/* A folder and its path below the root: it ends in '/', or is empty, or NULL when the
 * folder is gone. */
struct watch {
    int number;
    char *path;
};

/* A file that rests, and what it was like when it began to. */
struct resting {
    char *path; /* NULL: it was taken meanwhile */
    int64_t until_ns, written_ns;
    off_t size;
};

struct follow_source {
    struct source base;
    char *root_path;
    int root, notify;
    int root_watch, is_gone;
    struct watch *watches; /* by number, which the kernel counts up */
    size_t n_watches, cap_watches;
    struct buf events; /* as read, the first bytes_taken of them dealt with */
    size_t bytes_taken;
    struct buf to_list; /* paths of folders, each with its zero */
    size_t n_to_list_taken;
    struct source *listing;
    size_t n_listed;
    struct resting *resting; /* in the order of until_ns, from first on */
    size_t n_resting, first_resting, cap_resting;
    struct folder *folder; /* the one that a file was opened in last */
    struct buf folder_path;
    struct buf name; /* of the entry that was given out */
};

static int64_t written_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* --- watches --- */

static struct watch *find_watch(const struct follow_source *s, int number)
{
    size_t from = 0, to = s->n_watches;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (s->watches[middle].number < number)
            from = middle + 1;
        else
            to = middle;
    }
    return from < s->n_watches && s->watches[from].number == number ? &s->watches[from]
                                                                    : NULL;
}

/* Folders that are gone leave their place when they are half of all. */
static void drop_gone(struct follow_source *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_watches; i++)
        n += s->watches[i].path != NULL;
    if (n > s->n_watches / 2)
        return;
    n = 0;
    for (size_t i = 0; i < s->n_watches; i++)
        if (s->watches[i].path)
            s->watches[n++] = s->watches[i];
    s->n_watches = n;
}

static int add_watch(void *ctx, const char *path)
{
    struct follow_source *s = ctx;
    CLEANUP(free) char *full = file_in(s->root_path, path);
    if (!full)
        return fail_memory();
    /* The root may be a link, it was asked for. */
    const uint32_t mask = *path ? WATCHED : WATCHED & ~(uint32_t)IN_DONT_FOLLOW;
    const int number = inotify_add_watch(s->notify, full, mask);
    if (number < 0 && errno == ENOSPC)
        return fail(SILLOK_EIO, "no more folders can be watched: raise the sysctl "
                                "fs.inotify.max_user_watches");
    if (number < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail(SILLOK_ENOTFOUND, "the folder is gone");
    if (number < 0)
        return fail_errno("cannot watch the folder");
    char *copy = strdup(path);
    struct watch *known = find_watch(s, number);
    int r = copy ? 0 : fail_memory();
    if (r == 0 && known) { /* it is listed again, or has moved */
        free(known->path);
        known->path = STEAL(copy);
    } else if (r == 0) {
        if (s->n_watches == s->cap_watches)
            drop_gone(s);
        r = array_room(&s->watches, s->n_watches, &s->cap_watches, sizeof(*s->watches));
        if (r == 0)
            s->watches[s->n_watches++] = (struct watch){ number, STEAL(copy) };
    }
    free(copy);
    if (r == 0 && !*path)
        s->root_watch = number;
    return r;
}

/* The folder @p path and all below it are not where they were. */
static void forget_folder(struct follow_source *s, const char *path)
{
    const size_t len = strlen(path);
    for (size_t i = 0; i < s->n_watches; i++)
        if (s->watches[i].path && strncmp(s->watches[i].path, path, len) == 0) {
            (void)inotify_rm_watch(s->notify, s->watches[i].number); /* or it is gone */
            free(STEAL(s->watches[i].path));
        }
}

/* --- files --- */

static int list_later(struct follow_source *s, const char *path)
{
    if (s->n_to_list_taken == s->to_list.len) {
        buf_clear(&s->to_list);
        s->n_to_list_taken = 0;
    }
    return buf_add(&s->to_list, path, strlen(path) + 1);
}

/* The folder of the file @p path and the name in it: 0; SILLOK_ENOTFOUND it is gone. */
static int find_file(struct follow_source *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    buf_clear(&s->name);
    int r = buf_add(&s->name, path + len, strlen(path + len) + 1);
    if (r < 0)
        return r;
    if (s->folder && s->folder_path.len == len &&
        memcmp(s->folder_path.ptr, path, len) == 0)
        return 0;
    folder_drop(STEAL(s->folder));
    buf_clear(&s->folder_path);
    r = buf_add(&s->folder_path, path, len);
    if (r == 0)
        r = buf_add_char(&s->folder_path, '\0');
    if (r < 0)
        return r;
    s->folder_path.len--;
    return folder_open_below(s->root, s->folder_path.ptr, &s->folder);
}

/* The file as it is now: 1 with @p st; 0 it is gone, or so is its folder. */
static int look_at(struct follow_source *s, const char *path, struct stat *st)
{
    const int r = find_file(s, path);
    if (r == SILLOK_ENOTFOUND)
        return 0;
    if (r < 0)
        return r;
    if (fstatat(s->folder->fd, s->name.ptr, st, AT_SYMLINK_NOFOLLOW) == 0)
        return 1;
    return errno == ENOENT ? 0 : fail_errno("cannot look at the file");
}

static int let_rest(struct follow_source *s, const char *path, const struct stat *st)
{
    int r = array_room(&s->resting, s->n_resting, &s->cap_resting, sizeof(*s->resting));
    char *copy = r == 0 ? strdup(path) : NULL;
    if (r == 0 && !copy)
        r = fail_memory();
    if (r == 0)
        s->resting[s->n_resting++] = (struct resting){
            .path = copy,
            .until_ns = clock_ns(CLOCK_MONOTONIC) + REST_NS,
            .written_ns = written_ns(st),
            .size = st->st_size,
        };
    return r;
}

/* It is taken now: its rest is over. Most that rest are closed right after they came. */
static void wake(struct follow_source *s, const char *path)
{
    for (size_t i = s->n_resting; i > s->first_resting; i--) {
        struct resting *file = &s->resting[i - 1];
        if (file->path && strcmp(file->path, path) == 0) {
            free(STEAL(file->path));
            break;
        }
    }
    while (s->n_resting > s->first_resting && !s->resting[s->n_resting - 1].path)
        s->n_resting--;
}

static int is_due(const struct follow_source *s)
{
    return s->first_resting < s->n_resting &&
           s->resting[s->first_resting].until_ns <= clock_ns(CLOCK_MONOTONIC);
}

static int take_rested(struct follow_source *s, struct entry *e)
{
    struct resting file = s->resting[s->first_resting++];
    struct stat st;
    if (s->first_resting > s->n_resting / 2) {
        s->n_resting -= s->first_resting;
        memmove(s->resting, s->resting + s->first_resting,
                s->n_resting * sizeof(*s->resting));
        s->first_resting = 0;
    }
    if (!file.path)
        return 0;
    int r = buf_add_str(&e->path, file.path);
    if (r == 0)
        r = look_at(s, file.path, &st);
    if (r == 0)
        r = entry_say_gone(e);
    else if (r == SILLOK_EIO)
        r = entry_say(e, ENTRY_REFUSE, "unreadable", sillok_error_message());
    else if (r == 1 && (st.st_size != file.size || written_ns(&st) != file.written_ns))
        r = let_rest(s, file.path, &st);
    else if (r == 1)
        r = folder_entry(s->folder, s->name.ptr, DT_UNKNOWN, e);
    free(file.path);
    return r;
}

/* --- listing --- */

static int begin_listing(struct follow_source *s, struct entry *e)
{
    const char *path = s->to_list.ptr + s->n_to_list_taken;
    s->n_to_list_taken += strlen(path) + 1;
    const int r =
        source_folder_list(&s->listing, s->root, path, &s->base.limits, add_watch, s);
    if (r == SILLOK_ENOTFOUND)
        return 0; /* its new place, if it has one here, is told too */
    if (r != SILLOK_EIO)
        return r;
    const int rr = buf_add_str(&e->path, *path ? path : ".");
    return rr < 0 ? rr : entry_say(e, ENTRY_REFUSE, "unreadable", sillok_error_message());
}

static int read_events(struct follow_source *s)
{
    s->events.len -= s->bytes_taken;
    if (s->events.len)
        memmove(s->events.ptr, s->events.ptr + s->bytes_taken, s->events.len);
    s->bytes_taken = 0;
    for (;;) {
        const int r = buf_reserve(&s->events, READ_BYTES);
        if (r < 0)
            return r;
        const ssize_t n = read(s->notify, s->events.ptr + s->events.len, READ_BYTES);
        if (n >= 0)
            s->events.len += (size_t)n;
        else if (errno == EAGAIN)
            return 0;
        else if (errno != EINTR)
            return fail_errno("cannot read what happened in '%s'", s->root_path);
    }
}

static int is_young(const struct stat *st)
{
    return written_ns(st) > clock_ns(CLOCK_REALTIME) - REST_NS;
}

static int take_listed(struct follow_source *s, struct entry *e)
{
    struct stat st;
    int r = ++s->n_listed % READ_EVERY == 0 ? read_events(s) : 0;
    if (r == 0)
        r = source_next(s->listing, e);
    if (r == 0)
        source_close(STEAL(s->listing));
    if (r != 1 || e->kind != ENTRY_FILE ||
        fstatat(e->folder->fd, e->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_young(&st))
        return r;
    folder_drop(STEAL(e->folder));
    r = buf_add_char(&e->path, '\0');
    return r < 0 ? r : let_rest(s, e->path.ptr, &st);
}

/* --- events --- */

static int folder_event(struct follow_source *s, const char *path, const char *name,
                        uint32_t mask, struct entry *e)
{
    CLEANUP(buf_release) struct buf inside = BUF_INIT;
    size_t depth = 1;
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        depth++;
    int r = mask & IN_MOVED_FROM ? 0 : folder_skip(name, depth, &s->base.limits, e);
    if (r == 0)
        r = buf_printf(&inside, "%s/%c", path, 0);
    if (r != 0)
        return r;
    /* Another folder may have this one's path from now on. */
    folder_drop(STEAL(s->folder));
    if (mask & IN_MOVED_FROM)
        forget_folder(s, inside.ptr);
    return mask & (IN_CREATE | IN_MOVED_TO) ? list_later(s, inside.ptr) : 0;
}

static int file_event(struct follow_source *s, const char *path, uint32_t mask,
                      struct entry *e)
{
    struct stat st;
    if (!(mask & (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO)))
        return 0;
    /* Most are created only to be written and closed. */
    wake(s, path);
    const int r = look_at(s, path, &st);
    if (r == SILLOK_EIO)
        return entry_say(e, ENTRY_REFUSE, "unreadable", sillok_error_message());
    if (r == 0 && mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
        return entry_say_gone(e);
    if (r != 1)
        return r;
    if (mask & IN_CREATE && S_ISREG(st.st_mode))
        return let_rest(s, path, &st);
    return folder_entry(s->folder, s->name.ptr, DT_UNKNOWN, e);
}

static int take_event(struct follow_source *s, struct entry *e)
{
    struct inotify_event event;
    memcpy(&event, s->events.ptr + s->bytes_taken, sizeof(event));
    const char *name = event.len ? s->events.ptr + s->bytes_taken + sizeof(event) : "";
    s->bytes_taken += sizeof(event) + event.len;
    if (event.mask & IN_Q_OVERFLOW)
        return list_later(s, "");
    struct watch *w = find_watch(s, event.wd);
    if (!w || !w->path)
        return 0;
    if (event.wd == s->root_watch &&
        event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED))
        s->is_gone = 1;
    if (event.mask & IN_IGNORED)
        free(STEAL(w->path));
    if (!w->path || !*name || name_is_hidden(name))
        return 0;
    int r = buf_printf(&e->path, "%s%s%c", w->path, name, 0);
    if (r < 0)
        return r;
    e->path.len--; /* the zero is behind it */
    if (event.mask & IN_ISDIR)
        return folder_event(s, e->path.ptr, name, event.mask, e);
    /* Writers have names of their own until a file is whole. */
    return name_kind(text_of(name)) == NAME_OTHER
               ? 0
               : file_event(s, e->path.ptr, event.mask, e);
}

/* --- the source --- */

static int step(struct follow_source *s, struct entry *e)
{
    if (s->listing)
        return take_listed(s, e);
    if (is_due(s))
        return take_rested(s, e);
    if (s->n_to_list_taken < s->to_list.len)
        return begin_listing(s, e);
    if (s->bytes_taken < s->events.len)
        return take_event(s, e);
    const int r = read_events(s);
    return r == 0 && !s->events.len && source_waits(&s->base, s->notify) ? SOURCE_LATER
                                                                         : r;
}

static int follow_next(struct source *base, struct entry *e)
{
    struct follow_source *s = (struct follow_source *)(void *)base;
    int r = 0;
    while (r == 0 && !source_is_stopped(s->base.stop)) {
        buf_clear(&e->path);
        if (s->is_gone == 1 && s->bytes_taken == s->events.len && !s->listing) {
            s->is_gone = 2;
            r = buf_add_str(&e->path, s->base.name);
            return r < 0 ? r
                         : entry_say(e, ENTRY_FAILED, "",
                                     "the folder that is followed was removed or moved");
        }
        if (s->is_gone == 2)
            return 0;
        r = step(s, e);
    }
    return r;
}

static void follow_close(struct source *base)
{
    struct follow_source *s = (struct follow_source *)(void *)base;
    source_close(s->listing);
    folder_drop(s->folder);
    for (size_t i = 0; i < s->n_watches; i++)
        free(s->watches[i].path);
    free(s->watches);
    for (size_t i = s->first_resting; i < s->n_resting; i++)
        free(s->resting[i].path);
    free(s->resting);
    buf_release(&s->events);
    buf_release(&s->to_list);
    buf_release(&s->folder_path);
    buf_release(&s->name);
    if (s->root >= 0)
        (void)close(s->root); /* only names are opened below it */
    if (s->notify >= 0)
        (void)close(s->notify); /* only read from */
    free(s->root_path);
    free(s);
}

static const struct source_ops follow_ops = { follow_next, follow_close };

int source_follow_open(struct source **out, const char *path)
{
    struct follow_source *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    s->base.ops = &follow_ops;
    buf_init(&s->events, BUF_CEILING);
    buf_init(&s->to_list, BUF_CEILING);
    buf_init(&s->folder_path, BUF_CEILING);
    buf_init(&s->name, BUF_CEILING);
    s->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = s->root < 0 ? fail_errno("cannot open the folder '%s'", path) : 0;
    s->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (r == 0 && s->notify < 0)
        r = errno == EMFILE
                ? fail(
                      SILLOK_EIO,
                      "cannot watch folders: too many files are open here (ulimit -n), or "
                      "this user watches folders in too many processes: raise the sysctl "
                      "fs.inotify.max_user_instances")
                : fail_errno("cannot watch folders");
    if (r == 0 && !(s->root_path = strdup(path)))
        r = fail_memory();
    if (r == 0)
        r = add_watch(s, "");
    if (r == 0)
        r = list_later(s, "");
    if (r < 0) {
        follow_close(&s->base);
        return r;
    }
    *out = &s->base;
    return 0;
}
