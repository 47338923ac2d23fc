#include "store/beside.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 600 * 1000, STEP_MS = 20 };

char *beside_path(const struct sillok_store *store, const char *name)
{
    return file_in(store->path, name);
}

static int wait_for(int fd, const char *path, const char *what, int how)
{
    const struct timespec step = { 0, STEP_MS * 1000L * 1000 };
    for (int waited_ms = 0; flock(fd, how | LOCK_NB) < 0; waited_ms += STEP_MS) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno("cannot lock '%s'", path);
        if (waited_ms >= WAIT_MS)
            return fail(SILLOK_EBUSY, "%s is busy: another process has '%s' locked", what,
                        path);
        (void)nanosleep(&step, NULL); /* woken early, it asks early */
    }
    return 0;
}

int beside_fail(const char *path)
{
    return errno == EROFS || errno == EACCES || errno == EPERM
               ? fail(BESIDE_READ_ONLY, "cannot write '%s'", path)
               : fail_errno("cannot open '%s'", path);
}

int beside_lock(int *fd, const char *path, const char *what, int writing)
{
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    *fd = writing ? open(path, O_RDWR | O_CREAT | flags, 0600)
                  : open(path, O_RDONLY | flags);
    if (*fd < 0 && writing)
        return beside_fail(path);
    /* On a medium where nobody can write there may be none, and none is needed; one that
     * is not ours to read is nobody's to wait for. */
    if (*fd < 0 && errno != ENOENT && errno != EROFS && errno != EACCES && errno != EPERM)
        return fail_errno("cannot open '%s'", path);
    return *fd < 0 ? 0 : wait_for(*fd, path, what, writing ? LOCK_EX : LOCK_SH);
}
