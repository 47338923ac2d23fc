/*
 * reindex, where a page of a derived table is damaged.
 *
 * A table with such a page can neither be cleared nor written where it is: LMDB would
 * have to read the page to know which pages become free. So what is no longer readable is
 * left behind: the rows that all is derived from go to a new file in the store's folder,
 * the derived ones are made there, all is verified, and the marker names that file (one
 * rename, as for compact). What is whole in the old file but derived is not looked at.
 *
 * Until the rename the store is what it was. Where a page of the truth is damaged too, or
 * there is no room for a second file, that ends it and nothing was changed.
 */
#include "sillok/maintenance.h"
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>

struct sillok_reindex {
    struct sillok_store *store; /* first: how sillok/audit.h finds the engine */
    struct lmdb_reindex *run;
    struct sillok_copy *renewal; /* NULL: not needed up to now */
    int failed; /* or 0: to go on would be to leave out what it failed at */
    char why[400];
};

int lmdb_renew_open(struct sillok_store *base,
                    const struct sillok_reindex_options *options,
                    struct sillok_reindex **out)
{
    struct sillok_reindex *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = base;
    const int r = lmdb_reindex_open(&it->run, base, options->dry_run, 0);
    if (r < 0) {
        free(it);
        return r;
    }
    *out = it;
    return 0;
}

static int renew(struct sillok_reindex *it, struct sillok_reindex_event *event)
{
    struct sillok_copy_event copied = { .done = 0 };
    const int r = sillok_copy_next(it->renewal, &copied);
    if (r < 0)
        return r;
    event->checked = copied.done;
    event->total = copied.total;
    if (r > 0)
        return 1;
    sillok_copy_close(STEAL(it->renewal));
    lmdb_reindex_renewed(it->run);
    event->kind = SILLOK_REINDEX_RENEWED;
    event->why = it->why;
    return 1;
}

static int take_step(struct sillok_reindex *it, struct sillok_reindex_event *event)
{
    int r = it->renewal ? REINDEX_BLOCKED : lmdb_reindex_next(it->run, event);
    if (r != REINDEX_BLOCKED)
        return r;
    *event =
        (struct sillok_reindex_event){ .table = "", .oid = "", .aid = "", .why = "" };
    if (it->renewal)
        return renew(it, event);
    snprintf(it->why, sizeof(it->why), "%s", lmdb_reindex_blocked(it->run));
    r = lmdb_renewal_open(&it->renewal, it->store);
    return r < 0 ? r : 1;
}

int lmdb_renew_next(struct sillok_reindex *it, struct sillok_reindex_event *event)
{
    if (it->failed)
        return it->failed;
    const int r = take_step(it, event);
    it->failed = r < 0 ? r : 0;
    return r;
}

void lmdb_renew_close(struct sillok_reindex *it)
{
    if (!it)
        return;
    sillok_copy_close(it->renewal);
    lmdb_reindex_close(it->run);
    free(it);
}
