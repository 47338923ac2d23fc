#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20, PARENT_WAIT_MS = 10000 };

char *file_in(const char *folder, const char *name)
{
    struct buf b = BUF_INIT;
    (void)buf_printf(&b, "%s/%s", folder, name);
    return buf_take(&b, NULL);
}

char *file_without_slash(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return strndup(path, n);
}

static int read_all(struct buf *out, int fd, const char *path, size_t limit)
{
    const size_t start = out->len;
    for (;;) {
        int r = buf_reserve(out, 64 << 10);
        if (r < 0)
            return r;
        const ssize_t n = read(fd, out->ptr + out->len, 64 << 10);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno("cannot read '%s'", path);
        if (n == 0)
            return 0;
        out->len += (size_t)n;
        if (out->len - start > limit)
            return fail(SILLOK_EINVALID, "'%s' is larger than %zu bytes", path, limit);
    }
}

static int open_regular(int *fd, const char *path)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* may be a FIFO */
    if (*fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no file '%s'", path)
                   : fail_errno("cannot open '%s'", path);
    const int r = fstat(*fd, &st) < 0 ? fail_errno("cannot stat '%s'", path)
                  : !S_ISREG(st.st_mode)
                      ? fail(SILLOK_EINVALID, "'%s' is not a regular file", path)
                      : 0;
    if (r < 0)
        (void)close(*fd); /* nothing was done with it */
    return r;
}

int file_read(struct buf *out, const char *path, size_t limit)
{
    int fd, r = open_regular(&fd, path);
    if (r < 0)
        return r;
    r = read_all(out, fd, path, limit);
    (void)close(fd); /* only read from */
    return r;
}

int file_read_given(struct buf *out, const char *path, size_t limit)
{
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode))
        return file_read(out, path, limit);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open '%s'", path);
    const int r = read_all(out, fd, path, limit);
    (void)close(fd); /* only read from */
    return r;
}

int file_write_all(int fd, const void *ptr, size_t len)
{
    const char *p = ptr;
    while (len) {
        const ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno("cannot write");
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int file_fsync(int fd)
{
    int r;
    do
        r = fsync(fd);
    while (r < 0 && errno == EINTR);
    return r;
}

int file_sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open the folder '%s'", path);
    const int r =
        file_fsync(fd) < 0 && errno != EINVAL ? fail_errno("cannot sync '%s'", path) : 0;
    (void)close(fd); /* nothing was written through it */
    return r;
}

/* The folder that @p path is in, the caller's; NULL without memory. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash          ? strdup(".")
           : slash == path ? strdup("/")
                           : strndup(path, (size_t)(slash - path));
}

int file_sync_parent(const char *path)
{
    CLEANUP(free) char *folder = parent_of(path);
    return folder ? file_sync_folder(folder) : fail_memory();
}

int file_wait_lock(int fd, int how, int wait_ms)
{
    enum { STEP_MS = 20 };
    const struct timespec step = { 0, STEP_MS * 1000L * 1000 };
    for (int waited_ms = 0; flock(fd, how | LOCK_NB) < 0; waited_ms += STEP_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -1;
        if (waited_ms >= wait_ms)
            return 1;
        (void)nanosleep(&step, NULL); /* woken early, it asks early */
    }
    return 0;
}

int file_lock_parent(const char *path, int *fd)
{
    CLEANUP(free) char *folder = parent_of(path);
    if (!folder)
        return fail_memory();
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int r = *fd < 0 ? 0 : file_wait_lock(*fd, LOCK_EX, PARENT_WAIT_MS);
    if (r == 0)
        return 0;
    (void)close(*fd); /* only to be locked */
    *fd = -1;
    return r < 0 ? 0
                 : fail(SILLOK_EBUSY,
                        "'%s' is busy: another process has had '%s' locked for %d s; try "
                        "again when it has ended",
                        path, folder, PARENT_WAIT_MS / 1000);
}

static int write_aside(const char *tmp, const void *ptr, size_t len, mode_t mode)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = open(tmp, flags, mode);
    /* The name is this process's own: what has it was left by one that was killed. */
    if (fd < 0 && errno == EEXIST && unlink(tmp) == 0)
        fd = open(tmp, flags, mode);
    if (fd < 0)
        return fail_errno("cannot create '%s'", tmp);
    int r = file_write_all(fd, ptr, len);
    if (r < 0)
        (void)fail_context(r, "'%s'", tmp);
    else if (file_fsync(fd) < 0)
        r = fail_errno("cannot sync '%s'", tmp);
    if (close(fd) < 0 && r == 0)
        r = fail_errno("cannot close '%s'", tmp);
    return r;
}

static int copy_bytes(int from_fd, const char *from, int to_fd, const char *to)
{
    CLEANUP(buf_release) struct buf piece = BUF_INIT;
    int r = buf_reserve(&piece, COPY_BYTES);
    while (r == 0) {
        const ssize_t n = read(from_fd, piece.ptr, COPY_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno("cannot read '%s'", from);
        if (n == 0)
            break;
        r = file_write_all(to_fd, piece.ptr, (size_t)n);
        if (r < 0)
            return fail_context(r, "'%s'", to);
    }
    return r == 0 && file_fsync(to_fd) < 0 ? fail_errno("cannot sync '%s'", to) : r;
}

int file_copy(const char *from, const char *to, mode_t mode)
{
    int in, r = open_regular(&in, from);
    if (r < 0)
        return r;
    const int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (out < 0)
        r = errno == EEXIST ? fail(SILLOK_EEXISTS, "'%s' exists already", to)
                            : fail_errno("cannot create '%s'", to);
    if (r == 0)
        r = copy_bytes(in, from, out, to);
    if (out >= 0 && close(out) < 0 && r == 0)
        r = fail_errno("cannot close '%s'", to);
    if (out >= 0 && r < 0)
        (void)unlink(to); /* the failure itself is what is reported */
    (void)close(in);      /* only read from */
    return r;
}

mode_t file_mode_of(const char *path, mode_t otherwise)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0666 : otherwise;
}

/* Of a file that is made beside @p path. */
static gid_t group_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(free)
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    struct stat st;
    return folder && stat(folder, &st) == 0 && st.st_mode & S_ISGID ? st.st_gid
                                                                    : getegid();
}

mode_t file_mode_like(const char *path, mode_t otherwise)
{
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return otherwise;
    const mode_t mode = st.st_mode & 0666;
    return st.st_gid == group_beside(path) ? mode : mode & ~((mode_t)070 & ~(mode << 3));
}

int file_replace(const char *path, const void *ptr, size_t len, mode_t mode)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    int r = buf_printf(&name, "%s.new.%d", path, (int)getpid());
    char *tmp = r < 0 ? NULL : buf_take(&name, NULL);
    if (!tmp)
        return fail_memory();
    r = write_aside(tmp, ptr, len, file_mode_like(path, mode));
    if (r == 0 && rename(tmp, path) < 0)
        r = fail_errno("cannot rename '%s' to '%s'", tmp, path);
    if (r < 0)
        (void)unlink(tmp); /* the failure itself is what is reported */
    free(tmp);
    return r == 0 ? file_sync_parent(path) : r;
}
