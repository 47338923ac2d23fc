/*
 * A store is made in a folder of its own, beside its place, and gets its name when it is whole:
 * nobody finds half of one there.
 */
#include "store/lmdb.h"

#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void lmdb_aside_remove(const char *dir)
{
    static const char *const names[] = { "data.mdb",  "data.mdb-lock",  "data.mdb-seal",
                                         "format",    "store.lock",     "config.yaml",
                                         "proof.mdb", "proof.mdb-seal", "checkpoint" };
    /* Best effort after a failure that is reported; that may be that there is no memory,
     * or no file to be opened any more. */
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (snprintf(path, sizeof(path), "%s/%s", dir, names[i]) < PATH_MAX)
            (void)unlink(path);
    (void)rmdir(dir);
}

int lmdb_aside_make(char **out, const char *path)
{
    if (!*path) /* it would be made, and only then have no name to take */
        return fail(SILLOK_EINVALID, "the name of the new store is empty");
    struct buf b = BUF_INIT;
    (void)buf_printf(&b, "%s.new.XXXXXX", path);
    char *aside = buf_take(&b, NULL);
    if (!aside)
        return fail_memory();
    if (!mkdtemp(aside)) {
        const int r = fail_errno("cannot create a folder beside '%s'", path);
        free(aside);
        return r;
    }
    *out = aside;
    return 0;
}

static int fail_taken(const char *path)
{
    return fail(
        SILLOK_EEXISTS,
        "'%s' exists already, and the store is made new: give a name that is free", path);
}

int lmdb_aside_is_free(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0)
        return fail_taken(path);
    return errno == ENOENT ? 0 : fail_errno("cannot stat '%s'", path);
}

int lmdb_aside_place(const char *aside, const char *path)
{
    int r = file_sync_folder(aside);
    if (r < 0)
        return r;
    if (rename(aside, path) < 0)
        return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                   ? fail_taken(path)
               : errno == EBUSY /* an empty folder until then */
                   ? fail(SILLOK_EINVALID,
                          "'%s' is where a file system begins: give a folder below it",
                          path)
                   : fail_errno("cannot rename '%s' to '%s'", aside, path);
    r = file_sync_parent(path);
    if (r < 0)
        (void)rename(path, aside); /* or it is whole, but may be gone after a power cut */
    return r;
}
