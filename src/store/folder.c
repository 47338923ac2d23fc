#include "store/folder.h"

#include "base/file.h"
#include "store/head.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG_MAX_BYTES = 64 << 10 };

static int copy_file(const char *from, const char *to, size_t limit)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    const int r = file_read(&bytes, from, limit);
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? 0 : r;
    return file_replace(to, bytes.ptr, bytes.len, 0600);
}

static int copy_named(const char *from, const char *to, const char *name, size_t limit)
{
    char *here = file_in(from, name), *there = file_in(to, name);
    const int r = here && there ? copy_file(here, there, limit) : fail_memory();
    free(here);
    free(there);
    return r;
}

static int copy_all_named(DIR *folder, const char *from, const char *to)
{
    const struct dirent *e;
    int r = 0;
    while (r == 0 && (errno = 0, e = readdir(folder)) != NULL)
        if (e->d_name[0] != '.')
            r = copy_named(from, to, e->d_name, SILLOK_TEXT_MAX_BYTES);
    return r == 0 && errno ? fail_errno("cannot read the folder '%s'", from) : r;
}

static int copy_folder(const char *from, const char *to)
{
    DIR *folder = opendir(from);
    if (!folder)
        return errno == ENOENT ? 0 : fail_errno("cannot open the folder '%s'", from);
    const int r = mkdir(to, 0700) < 0 ? fail_errno("cannot create '%s'", to)
                                      : copy_all_named(folder, from, to);
    (void)closedir(folder); /* it was only read */
    return r;
}

int folder_copy(const char *from, const char *to)
{
    int r = copy_named(from, to, "config.yaml", CONFIG_MAX_BYTES);
    if (r < 0)
        return r;
    char *here = file_in(from, "bodies"), *there = file_in(to, "bodies");
    r = here && there ? copy_folder(here, there) : fail_memory();
    free(here);
    free(there);
    return r;
}

int folder_copy_log(const char *from, const char *to)
{
    static const char *const names[] = { "proof.mdb", "proof.mdb-seal", HEAD_CHECKPOINT };
    int r = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++) {
        char *here = file_in(from, names[i]), *there = file_in(to, names[i]);
        r = here && there ? file_copy(here, there, 0600) : fail_memory();
        if (r == SILLOK_ENOTFOUND)
            r = 0;
        free(here);
        free(there);
    }
    return r;
}

void folder_remove_bodies(const char *folder)
{
    char *path = file_in(folder, "bodies");
    DIR *bodies = path ? opendir(path) : NULL;
    const struct dirent *e;
    while (bodies && (e = readdir(bodies)) != NULL) {
        char *file = e->d_name[0] != '.' ? file_in(path, e->d_name) : NULL;
        if (file)
            (void)unlink(file);
        free(file);
    }
    if (bodies)
        (void)closedir(bodies);
    if (path)
        (void)rmdir(path);
    free(path);
}
