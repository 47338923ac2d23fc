/* sillok/audit.h: every engine checks itself; this passes the call on. */
#include "sillok/audit.h"

#include "store/store.h"

/* Every engine's struct sillok_verify begins with its store. */
static struct sillok_store *store_of(struct sillok_verify *it)
{
    return *(struct sillok_store **)(void *)it;
}

int sillok_verify_open(struct sillok_verify **out, struct sillok_store *store,
                       const struct sillok_verify_options *options)
{
    static const struct sillok_verify_options none = SILLOK_VERIFY_OPTIONS_INIT;
    return store->ops->verify_open(store, options ? options : &none, out);
}

int sillok_verify_next(struct sillok_verify *it, struct sillok_verify_event *event)
{
    return store_of(it)->ops->verify_next(it, event);
}

void sillok_verify_close(struct sillok_verify *it)
{
    if (it)
        store_of(it)->ops->verify_close(it);
}
