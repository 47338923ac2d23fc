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

int beside_has_past(struct sillok_store *store, const char *what, uint64_t position,
                    const struct meta_digest *digest, uint64_t *versions)
{
    struct sillok_stats stats;
    struct store_version v;
    int r = store->ops->stats(store, &stats);
    if (r == 0 && stats.versions > UINT32_MAX)
        return fail(SILLOK_EINVALID, "%s ends at %u texts", what, UINT32_MAX);
    if (r < 0)
        return r;
    *versions = stats.versions;
    if (position == 0 || position > stats.versions)
        return position == 0;
    store_version_init(&v);
    r = store->ops->version_get(store, position, 0, &v);
    if (r == 0)
        r = memcmp(&v.digest, digest, sizeof(v.digest)) == 0;
    store_version_release(&v);
    return r;
}
