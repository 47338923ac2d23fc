/* Which article a path belongs to, by its name and by the store. */
#include "history/paths.h"

#include <string.h>

int path_owner(struct article_key *out, struct sillok_text path)
{
    const struct sillok_text name = text_last_part(path);
    const char *sep = name.len ? memchr(name.ptr, '_', name.len) : NULL;
    const size_t oid = sep ? (size_t)(sep - name.ptr) : 0;
    size_t end = oid + 1;
    while (sep && end < name.len &&
           (name.ptr[end] == '-' || (name.ptr[end] >= '0' && name.ptr[end] <= '9') ||
            (name.ptr[end] >= 'A' && name.ptr[end] <= 'Z') ||
            (name.ptr[end] >= 'a' && name.ptr[end] <= 'z')))
        end++;
    const size_t aid = end - oid - 1;
    if (oid < 1 || oid > SILLOK_KEY_MAX_BYTES || aid < 1 || aid > SILLOK_KEY_MAX_BYTES)
        return 0;
    article_key_make(out, text_make(name.ptr, oid), text_make(sep + 1, aid));
    return 1;
}

int path_is_of(struct sillok_store *store, const struct chain_obs *o,
               struct sillok_text want)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    struct store_version v;
    store_version_init(&v);
    int r = store->ops->version_get(store, o->version, 0, &v);
    if (r == 0)
        r = store->ops->file_get(store, o, &v, &path, NULL);
    store_version_release(&v);
    return r < 0 ? r : text_equal(want, text_make(path.ptr, path.len));
}
