#include "report/folder.h"

#include "base/buf.h"
#include "base/file.h"
#include "report/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, TRIES = 1000 };

/* --- looking ---------------------------------------------------------------------------
 */

/* The place as an absolute path. What is there is resolved; else the folder above is. */
static int find_place(struct folder *f, const char *dir)
{
    struct stat st;
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    char *copy = strndup(dir, len);
    if (!copy)
        return fail_memory();
    int r = 0;
    if (len == 0)
        r = fail(SILLOK_EINVALID, "the folder's name is empty");
    else if (lstat(copy, &st) == 0) {
        f->exists = 1;
        f->place = realpath(copy, NULL);
        if (!f->place)
            r = fail_errno("cannot open '%s'", copy);
    } else {
        char *slash = strrchr(copy, '/');
        const char *name = slash ? slash + 1 : copy;
        if (slash)
            *slash = '\0';
        char *above = realpath(!slash ? "." : slash == copy ? "/" : copy, NULL);
        if (!above)
            r = fail_errno("cannot make '%s': the folder above it", dir);
        else if (!(f->place = file_in(strcmp(above, "/") == 0 ? "" : above, name)))
            r = fail_memory();
        free(above);
    }
    free(copy);
    return r;
}

/* 1 when nothing is in it, 0 something, negative error. */
static int is_empty(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *e;
    int empty = 1;
    if (!dir)
        return errno == ENOTDIR
                   ? fail(SILLOK_EEXISTS, "'%s' is there and no folder", path)
                   : fail_errno("cannot open '%s'", path);
    while (empty && (e = readdir(dir)))
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    (void)closedir(dir); /* only read from */
    return empty;
}

static int has_marker(const char *path)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *marker = file_in(path, FOLDER_MARKER);
    const int r = marker ? file_read(&text, marker, 4096) : -1;
    free(marker);
    return r == 0 && text_starts(text_make(text.ptr, text.len), "sillok report ");
}

static int is_inside(const char *path, const char *folder)
{
    char *real = realpath(path, NULL);
    const size_t n = strlen(folder);
    const int inside =
        real && strncmp(real, folder, n) == 0 && (real[n] == '/' || real[n] == '\0');
    free(real);
    return inside;
}

static int look(struct folder *f, int force, const char *keep)
{
    if (!f->exists)
        return 0;
    if (strcmp(f->place, "/") == 0 || (keep && is_inside(keep, f->place)))
        return fail(SILLOK_EINVALID, "'%s' holds the store; name another folder",
                    f->place);
    const int empty = is_empty(f->place);
    if (empty < 0)
        return empty;
    f->is_report = empty || has_marker(f->place);
    if (!f->is_report && !force)
        return fail(SILLOK_EEXISTS,
                    "'%s' is there and is no earlier report; --force puts it aside",
                    f->place);
    return 0;
}

/* A new name beside the place: PLACE.WORD, PLACE.WORD.2, ... @p make it as a folder. */
static int name_beside(const struct folder *f, const char *word, int make, char **out)
{
    for (int i = 1; i <= TRIES; i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct stat st;
        (void)buf_printf(&b, "%s.%s", f->place, word);
        if (i > 1)
            (void)buf_printf(&b, ".%d", i);
        char *path = buf_take(&b, NULL);
        if (!path)
            return fail_memory();
        if (make ? mkdir(path, 0777) == 0 : lstat(path, &st) < 0 && errno == ENOENT) {
            *out = path;
            return 0;
        }
        const int there = !make || errno == EEXIST;
        const int r = there ? 0 : fail_errno("cannot make the folder '%s'", path);
        free(path);
        if (!there)
            return r;
    }
    return fail(SILLOK_EEXISTS, "there are too many folders '%s.%s'", f->place, word);
}

int folder_open(struct folder *f, const char *dir, int force, const char *keep)
{
    *f = (struct folder){ NULL, NULL, 0, 0 };
    int r = find_place(f, dir);
    if (r == 0)
        r = look(f, force, keep);
    if (r == 0)
        r = name_beside(f, "new", 1, &f->made);
    if (r < 0)
        folder_close(f);
    return r;
}

/* --- removing --------------------------------------------------------------------------
 */

/* A page by how it begins: other people's may lie among ours. */
static int is_ours(int folder, const char *name)
{
    static const char head[] = SITE_PAGE_HEAD;
    char bytes[sizeof(head) - 1];
    if (strcmp(name, "style.css") == 0 || strcmp(name, FOLDER_MARKER) == 0)
        return 1;
    if (!text_ends(text_of(name), ".html"))
        return 0;
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const int ours = read(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes) &&
                     memcmp(bytes, head, sizeof(bytes)) == 0;
    (void)close(fd); /* only read from */
    return ours;
}

/* Files of a report and the folders that are empty then. Links are not followed. What
 * cannot be removed stays; the caller looks at what is left. */
static void remove_report(int at, const char *name, int depth)
{
    const int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;
    if (!dir) {
        if (fd >= 0)
            (void)close(fd); /* nothing was read from it */
        return;
    }
    while ((e = readdir(dir))) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
            remove_report(fd, e->d_name, depth + 1);
        else if (S_ISREG(st.st_mode) && is_ours(fd, e->d_name))
            (void)unlinkat(fd, e->d_name, 0);
    }
    (void)closedir(dir); /* only read from */
    (void)unlinkat(at, name, AT_REMOVEDIR);
}

/* --- putting in place ------------------------------------------------------------------
 */

/* Everything that was written reaches the disk before the name does. */
static int sync_made(const struct folder *f)
{
    const int fd = open(f->made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open '%s'", f->made);
    const int r = syncfs(fd) < 0 ? fail_errno("cannot sync '%s'", f->made) : 0;
    (void)close(fd); /* nothing was written through it */
    return r;
}

static int sync_above(const struct folder *f)
{
    char *above = strdup(f->place);
    if (!above)
        return fail_memory();
    char *slash = strrchr(above, '/');
    slash[slash == above] = '\0';
    const int r = file_sync_folder(above);
    free(above);
    return r;
}

static int swap(const struct folder *f)
{
    return renameat2(AT_FDCWD, f->made, AT_FDCWD, f->place, RENAME_EXCHANGE);
}

/* Both at once where the kernel and the file system can; else there is a moment in which
 * nothing stands at the place. */
static int exchange(struct folder *f, const char *old)
{
    if (swap(f) == 0) {
        if (rename(f->made, old) == 0)
            return 0;
        const int r = fail_errno("cannot rename '%s' to '%s'", f->made, old);
        if (swap(f) < 0) { /* what was there before is under our name, and must stay */
            free(f->made);
            f->made = NULL;
        }
        return r;
    }
    if (rename(f->place, old) < 0)
        return fail_errno("cannot rename '%s' to '%s'", f->place, old);
    if (rename(f->made, f->place) == 0)
        return 0;
    const int r = fail_errno("cannot rename '%s' to '%s'", f->made, f->place);
    (void)rename(old, f->place); /* the failure itself is what is reported */
    return r;
}

static int replace(struct folder *f, char **aside)
{
    struct stat st;
    char *old = NULL;
    int r = name_beside(f, "old", 0, &old);
    if (r < 0 || !old)
        return r;
    r = exchange(f, old);
    if (r == 0 && f->is_report)
        remove_report(AT_FDCWD, old, 0);
    if (r == 0 && lstat(old, &st) == 0) {
        *aside = old;
        return 0;
    }
    free(old);
    return r;
}

int folder_commit(struct folder *f, char **aside)
{
    *aside = NULL;
    int r = sync_made(f);
    if (r == 0 && f->exists)
        r = replace(f, aside);
    else if (r == 0 && rename(f->made, f->place) < 0)
        r = fail_errno("cannot rename '%s' to '%s'", f->made, f->place);
    if (r < 0)
        return r;
    free(f->made);
    f->made = NULL;
    return sync_above(f);
}

void folder_close(struct folder *f)
{
    if (f->made)
        remove_report(AT_FDCWD, f->made, 0);
    free(f->made);
    free(f->place);
    *f = (struct folder){ NULL, NULL, 0, 0 };
}
