/*
 * Opening a store by URL, and what of sillok/store.h is the same for every engine.
 */
#include "store/store.h"

#include "article/config.h"
#include "base/file.h"
#include "store/head.h"
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>

enum { OPEN_TRIES = 10 };

/* The path of an embedded store, or NULL for a scheme that is not known. */
static const char *lmdb_path(const char *url)
{
    const char *colon = strchr(url, ':'), *slash = strchr(url, '/');
    if (strncmp(url, "lmdb:", 5) == 0)
        return url + 5;
    /* "rados:pool@conf" is a scheme; "./a:b" and "/a:b" are paths. */
    return colon && (!slash || colon < slash) ? NULL : url;
}

static int unknown_scheme(const char *url)
{
    return fail(SILLOK_EINVALID, "'%s' is not a store: expected a path or lmdb:PATH",
                url);
}

int sillok_store_create(const char *url)
{
    const char *given = lmdb_path(url);
    if (!given || !*given)
        return unknown_scheme(url);
    char *path = file_without_slash(given);
    const int r = path ? lmdb_store_create(path) : fail_memory();
    free(path);
    return r;
}

/* What was signed is read before the store is asked, so the store is never behind it; but for
 * one that was compacted, and written to and signed in its new file, in between. */
static int open_checked(struct sillok_store **out, const char *path,
                        const struct sillok_store_options *options)
{
    for (int tries = 0;; tries++) {
        struct failure first;
        struct sillok_store *opened = NULL;
        int r = lmdb_store_open(&opened, path, options, 0, 0);
        if (r == 0 && (r = head_check(opened)) == 0) {
            *out = opened;
            return 0;
        }
        if (!opened)
            return r;
        failure_keep(&first, r);
        const int again = r == SILLOK_ECORRUPT && tries < OPEN_TRIES &&
                          opened->ops->has_moved(opened) > 0;
        sillok_store_close(opened);
        if (!again)
            return failure_tell(&first);
    }
}

int sillok_store_open(struct sillok_store **out, const char *url,
                      const struct sillok_store_options *options)
{
    const char *given = lmdb_path(url);
    if (!given || !*given)
        return unknown_scheme(url);
    int r = options ? config_check_limits(&options->limits) : 0;
    if (r < 0)
        return r;
    char *path = file_without_slash(given);
    if (!path)
        return fail_memory();
    r = open_checked(out, path, options);
    if (r == SILLOK_ENOTFOUND && options && options->create) {
        r = lmdb_store_create(path);
        if (r == 0 || r == SILLOK_EEXISTS) /* somebody may have been quicker */
            r = open_checked(out, path, options);
    }
    free(path);
    return r;
}

void sillok_store_close(struct sillok_store *store)
{
    if (store)
        store->ops->close(store);
}

int sillok_store_hold(struct sillok_store *store)
{
    return store->ops->view_hold(store);
}

void sillok_store_release(struct sillok_store *store)
{
    store->ops->view_release(store);
}

const char *sillok_store_path(const struct sillok_store *store)
{
    return store->path;
}

int sillok_store_stats(struct sillok_store *store, struct sillok_stats *out)
{
    return store->ops->stats(store, out);
}

int sillok_store_tables(struct sillok_store *store, struct sillok_table_stats *out,
                        int max)
{
    return store->ops->tables(store, out, max);
}

void store_version_init(struct store_version *v)
{
    memset(v, 0, sizeof(*v));
    buf_init(&v->record, BUF_CEILING);
    buf_init(&v->derived, BUF_CEILING);
    buf_init(&v->body, BUF_CEILING);
}

void store_version_release(struct store_version *v)
{
    buf_release(&v->record);
    buf_release(&v->derived);
    buf_release(&v->body);
}
