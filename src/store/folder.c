#include "store/folder.h"

#include "article/hash.h"
#include "base/file.h"
#include "sillok/config.h"
#include "store/head.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
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

/* --- of a damaged store --- */

struct salvaged {
    const char *from, *to;
    folder_told_fn *told;
    void *arg;
};

/* @p what cannot be brought out, as was just said; only want of memory ends it. */
static int leave_behind(const struct salvaged *s, int r, const char *what)
{
    char text[500];
    if (r >= 0 || r == SILLOK_ENOMEM)
        return r < 0 ? r : 0;
    snprintf(text, sizeof(text), "%s: %s", what, sillok_error_message());
    return s->told(s->arg, text);
}

/* Half of them would be taken for the whole. */
static int salvage_settings(const struct salvaged *s)
{
    static const char name[] = "config.yaml", of_the_log[] = "checkpoint_copy";
    struct sillok_config *config = NULL;
    struct sillok_setting copy = { .is_set = 0 };
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(free) char *here = file_in(s->from, name);
    CLEANUP(free) char *there = file_in(s->to, name);
    if (!here || !there)
        return fail_memory();
    int r = sillok_config_load(&config, here);
    if (r == 0)
        r = sillok_config_get(config, of_the_log, &copy);
    sillok_config_free(config);
    if (r == 0)
        r = file_read(&bytes, here, CONFIG_MAX_BYTES);
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? 0 : leave_behind(s, r, "the settings");
    r = file_replace(there, bytes.ptr, bytes.len, 0600);
    /* That file is the log's, which stays: another one is not to write into it. */
    return r == 0 && copy.is_set ? sillok_config_write(there, of_the_log, NULL) : r;
}

/* Its name is its hash. */
static int salvage_body(const struct salvaged *s, struct hasher *hasher, const char *name)
{
    struct sillok_id id, seen;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    if (sillok_id_parse(&id, name, strlen(name)) < 0)
        return 0; /* it is none of ours */
    CLEANUP(free) char *here = file_in(s->from, name);
    CLEANUP(free) char *there = file_in(s->to, name);
    if (!here || !there)
        return fail_memory();
    int r = file_read(&bytes, here, SILLOK_TEXT_MAX_BYTES);
    if (r == 0)
        r = hasher_of(hasher, buf_text(&bytes), &seen);
    if (r == 0 && !sillok_id_equal(&id, &seen))
        r = fail(SILLOK_ECORRUPT, "'%s' does not have its hash any more", here);
    if (r < 0)
        return leave_behind(s, r, "a text without an article");
    return file_replace(there, bytes.ptr, bytes.len, 0600);
}

static int salvage_bodies(const struct salvaged *s)
{
    CLEANUP(hasher_free) struct hasher *hasher = NULL;
    DIR *folder = opendir(s->from);
    const struct dirent *e;
    if (!folder && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    int r = folder ? 0 : fail_errno("cannot open the folder '%s'", s->from);
    if (r < 0)
        return leave_behind(s, r, "texts without an article");
    if (mkdir(s->to, 0700) < 0)
        r = fail_errno("cannot create '%s'", s->to);
    if (r == 0)
        r = hasher_new(&hasher);
    while (r == 0 && (errno = 0, e = readdir(folder)) != NULL)
        r = salvage_body(s, hasher, e->d_name);
    if (r == 0 && errno)
        r = leave_behind(s, fail_errno("cannot read the folder '%s'", s->from),
                         "texts without an article");
    (void)closedir(folder); /* it was only read */
    return r;
}

int folder_salvage(const char *from, const char *to, folder_told_fn *told, void *arg)
{
    struct salvaged s = { from, to, told, arg };
    CLEANUP(free) char *here = file_in(from, "bodies");
    CLEANUP(free) char *there = file_in(to, "bodies");
    if (!here || !there)
        return fail_memory();
    const int r = salvage_settings(&s);
    s.from = here;
    s.to = there;
    return r < 0 ? r : salvage_bodies(&s);
}

/* --- the log of proofs, and what is taken back --- */

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
