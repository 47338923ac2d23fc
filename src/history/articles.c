/* The list of articles, each as a whole. */
#include "history/chain.h"

#include <stdlib.h>
#include <string.h>

struct sillok_articles {
    struct sillok_store *store;
    struct sillok_articles_options options;
    char *oid;              /* options.oid, kept */
    struct article_key key; /* of the article told last */
    struct chain chain;
    struct store_version version;
    int at_end;
};

int sillok_articles_open(struct sillok_articles **out, struct sillok_store *store,
                         const struct sillok_articles_options *options)
{
    static const struct sillok_articles_options none = SILLOK_ARTICLES_OPTIONS_INIT;
    const struct sillok_articles_options *o = options ? options : &none;
    const struct sillok_text oid = text_of(o->oid ? o->oid : "");
    if (o->from_s && o->to_s && o->from_s > o->to_s)
        return fail(SILLOK_EINVALID, "the span ends before it begins");
    struct sillok_articles *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    it->options = *o;
    chain_init(&it->chain);
    store_version_init(&it->version);
    if (o->oid && !(it->oid = strdup(o->oid))) {
        sillok_articles_close(it);
        return fail_memory();
    }
    if (oid.len && oid.len <= SILLOK_KEY_MAX_BYTES)
        article_key_make(&it->key, oid, text_make("", 0)); /* the publisher's come next */
    else
        it->at_end = o->oid != NULL; /* no id is so */
    *out = it;
    return 0;
}

/* Revisions without their texts say when an article was seen. */
static int was_new_then(const struct sillok_articles *it)
{
    const struct sillok_articles_options *o = &it->options;
    const int64_t first_s = chain_at(&it->chain, 0)->link.first_s;
    return !(o->from_s && first_s < o->from_s) && !(o->to_s && first_s >= o->to_s);
}

static int tell(struct sillok_articles *it, struct sillok_listed_article *out)
{
    const struct chain_revision *newest = chain_at(&it->chain, it->chain.n - 1);
    const int r = it->store->ops->version_get(it->store, newest->link.version,
                                              it->options.bodies, &it->version);
    if (r < 0)
        return r;
    *out = (struct sillok_listed_article){
        .revisions = (uint32_t)it->chain.n,
        .first_seen_s = chain_at(&it->chain, 0)->link.first_s,
        .last_seen_s = newest->last_s,
        .article = it->version.article,
    };
    out->article.crawled_at_s = newest->link.first_s;
    for (size_t i = 0; i < it->chain.n; i++)
        out->observations += chain_at(&it->chain, i)->observations;
    return 1;
}

static int next_article(struct sillok_articles *it, struct sillok_listed_article *out)
{
    uint64_t article;
    int r;
    while ((r = it->store->ops->article_next(it->store, &it->key, &it->key, &article)) >
           0) {
        if (it->oid && !text_is(article_key_oid(&it->key), it->oid))
            return 0;
        r = chain_load(&it->chain, it->store, article);
        if (r < 0)
            return r;
        if (it->chain.n && was_new_then(it))
            return tell(it, out);
    }
    return r;
}

int sillok_articles_next(struct sillok_articles *it, struct sillok_listed_article *out)
{
    if (it->at_end)
        return 0;
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = next_article(it, out);
    it->store->ops->view_release(it->store);
    it->at_end = r == 0;
    return r;
}

void sillok_articles_close(struct sillok_articles *it)
{
    if (!it)
        return;
    free(it->oid);
    chain_release(&it->chain);
    store_version_release(&it->version);
    free(it);
}
