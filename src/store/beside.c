#include "store/beside.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

char *beside_path(const struct sillok_store *store, const char *name)
{
    return file_in(store->path, name);
}

static int wait_for(int fd, const char *path, const char *what, int how, int wait_ms)
{
    const int r = file_wait_lock(fd, how, wait_ms);
    if (r < 0)
        return fail_errno("cannot lock '%s'", path);
    return r == 0 ? 0
                  : fail(SILLOK_EBUSY, "%s is busy: another process has '%s' locked",
                         what, path);
}

int beside_fail(const char *path)
{
    return errno == EROFS || errno == EACCES || errno == EPERM
               ? fail(BESIDE_READ_ONLY, "cannot write '%s'", path)
               : fail_errno("cannot open '%s'", path);
}

int beside_lock(int *fd, const char *path, const char *what, int writing, int wait_ms)
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
    return *fd < 0 ? 0 : wait_for(*fd, path, what, writing ? LOCK_EX : LOCK_SH, wait_ms);
}
