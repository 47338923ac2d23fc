/*
 * Bodies of the last commits.
 *
 * A reading thread has looked for a body in the commit of its time and not found it. What
 * came since is here, so that the batch, which has to be sure, need not search a table
 * whose pages lie all over the file: what is neither here nor in the batch is new.
 *
 * Two lists, each for some commits: when the newer one is full it takes the place of the
 * older one, whose commits nobody is behind by then. Who is, searches.
 */
#include "store/lmdb.h"

enum { LIST_BODIES = 8192 };

static void restart(struct recent *r, uint64_t commit)
{
    map_clear(&r->newer);
    map_clear(&r->older);
    r->upto = r->newer_since = r->older_since = commit;
}

void recent_begin(struct recent *r, uint64_t commit)
{
    if (r->upto != commit)
        restart(r, commit); /* somebody else has written */
}

void recent_commit(struct recent *r, const uint8_t *records, size_t n, size_t stride)
{
    r->upto++;
    if (r->newer.n > LIST_BODIES) {
        const struct map swap = r->older;
        r->older = r->newer;
        r->older_since = r->newer_since;
        r->newer = swap;
        r->newer_since = r->upto - 1;
        map_clear(&r->newer);
    }
    int ok = n <= LIST_BODIES;
    for (size_t i = 0; i < n && ok; i++)
        ok = map_put(&r->newer, get_be(records + i * stride, 8), 0) == 0;
    if (!ok)
        restart(r, r->upto); /* too many, or no memory: these are searched for */
}

int recent_lacks(const struct recent *r, const struct sillok_id *id, uint64_t commit)
{
    const uint64_t start = get_be(id->bytes, 8);
    return commit && commit >= r->older_since && map_get(&r->newer, start) == MAP_NONE &&
           map_get(&r->older, start) == MAP_NONE;
}

void recent_release(struct recent *r)
{
    map_release(&r->newer);
    map_release(&r->older);
}
