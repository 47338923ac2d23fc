/* sillok/audit.h: every engine derives its own tables; this passes the call on. */
#include "sillok/audit.h"

#include "store/store.h"

/* Every engine's struct sillok_reindex begins with its store. */
static struct sillok_store *store_of(struct sillok_reindex *it)
{
    return *(struct sillok_store **)(void *)it;
}

int sillok_reindex_open(struct sillok_reindex **out, struct sillok_store *store,
                        const struct sillok_reindex_options *options)
{
    static const struct sillok_reindex_options none = SILLOK_REINDEX_OPTIONS_INIT;
    return store->ops->reindex_open(store, options ? options : &none, out);
}

int sillok_reindex_next(struct sillok_reindex *it, struct sillok_reindex_event *event)
{
    return store_of(it)->ops->reindex_next(it, event);
}

void sillok_reindex_close(struct sillok_reindex *it)
{
    if (it)
        store_of(it)->ops->reindex_close(it);
}
