/*
 * For the C tests that speak to a store's engine: what goes in past the reader.
 */
#ifndef TESTS_SUPPORT_ITEM_H
#define TESTS_SUPPORT_ITEM_H

#include "support.h"

#include "article/hash.h"
#include "store/store.h"

/** An item with its article; it keeps the key, the texts are the caller's. */
struct support_item {
    struct sillok_article article;
    struct store_item item;
    char oid[16], aid[16];
};

/** Of an article that was seen at @p at, seconds since 1970, in a file that the template
 * gives back. Its hashes are those of @p hasher. */
struct store_item *support_item(struct support_item *s, struct hasher *hasher,
                                const char *oid, const char *aid, int64_t at,
                                const char *title, const char *body);

#endif
