/* The chain of an article, revision by revision; one revision in full; a body by its
 * hash. */
#include "history/chain.h"

#include <stdlib.h>
#include <string.h>

/* --- log --- */

struct sillok_log {
    struct sillok_store *store;
    struct chain chain;
    size_t next;
    struct store_version versions[2]; /* of this revision and the one before */
    char *last_crawl;
};

int sillok_log_open(struct sillok_log **out, struct sillok_store *store, const char *oid,
                    const char *aid)
{
    uint64_t article;
    int r = article_find(store, oid, aid, &article);
    if (r < 0)
        return r;
    struct sillok_log *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    chain_init(&it->chain);
    store_version_init(&it->versions[0]);
    store_version_init(&it->versions[1]);
    r = chain_load(&it->chain, store, article);
    if (r < 0) {
        sillok_log_close(it);
        return r;
    }
    *out = it;
    return 0;
}

void sillok_log_close(struct sillok_log *it)
{
    if (!it)
        return;
    chain_release(&it->chain);
    store_version_release(&it->versions[0]);
    store_version_release(&it->versions[1]);
    free(it->last_crawl);
    free(it);
}

int sillok_log_last_crawl(struct sillok_log *it, struct sillok_last_crawl *out)
{
    const struct store_ops *ops = it->store->ops;
    int r = ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = chain_last_crawl(it->store, it->chain.article, &it->last_crawl, &out->later);
    ops->view_release(it->store);
    out->name = it->last_crawl;
    return r;
}

uint32_t sillok_log_count(const struct sillok_log *it)
{
    return (uint32_t)it->chain.n;
}

static void fill(struct sillok_revision *out, const struct chain_revision *rev, size_t i,
                 const struct store_version *v)
{
    *out = (struct sillok_revision){
        .number = (uint32_t)i + 1,
        .first_seen_s = rev->link.first_s,
        .last_seen_s = rev->last_s,
        .observations = rev->observations,
        .article = v->article,
        .conflict = rev->conflict,
        .hash_mismatch = rev->mismatch,
    };
    out->article.crawled_at_s = rev->link.first_s;
}

int sillok_log_next(struct sillok_log *it, struct sillok_revision *out)
{
    if (it->next == it->chain.n)
        return 0;
    const size_t i = it->next++;
    struct store_version *v = &it->versions[i % 2], *before = &it->versions[(i + 1) % 2];
    const struct chain_revision *rev = chain_at(&it->chain, i);
    int r = it->store->ops->version_get(it->store, rev->link.version, 1, v);
    if (r < 0)
        return r;
    fill(out, rev, i, v);
    r = chain_same_as(it->store, &it->chain, i, &out->same_as);
    if (r == 0 && i > 0) {
        const struct store_step step = { chain_at(&it->chain, i - 1)->link.version,
                                         rev->link.version };
        r = it->store->ops->class_get(it->store, &step, &out->change, NULL);
        if (r == 0)
            r = sillok_change_classify(&out->change, &before->article, &v->article, NULL);
    }
    if (r < 0)
        return r;
    if (out->same_as && !chain_goes_back(out->change.fields))
        out->same_as = 0;
    if (out->same_as)
        chain_tell_reverted(&out->change);
    if (i == 0) {
        out->change.flags |= out->conflict ? SILLOK_FLAG_CONFLICT : 0;
        return 1;
    }
    struct chain_doubt doubt;
    r = chain_doubt_of(&doubt, it->store, &it->chain, i - 1, i);
    out->change.flags |= chain_doubt_flags(&doubt, out->change.kinds);
    return r < 0 ? r : 1;
}

/* --- one revision --- */

struct sillok_snapshot {
    struct sillok_store *store;
    struct chain chain;
    struct store_version version;
    struct sillok_revision revision;
    const struct chain_revision *link;
    struct buf path, file;
};

int sillok_snapshot_open(struct sillok_snapshot **out, struct sillok_store *store,
                         const struct sillok_ref *ref)
{
    uint64_t article;
    size_t i = 0;
    int r = article_find(store, ref->oid, ref->aid, &article);
    if (r < 0)
        return r;
    struct sillok_snapshot *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    s->store = store;
    chain_init(&s->chain);
    store_version_init(&s->version);
    buf_init(&s->path, BUF_CEILING);
    buf_init(&s->file, BUF_CEILING);
    r = chain_load(&s->chain, store, article);
    if (r == 0)
        r = chain_choose(&s->chain, ref, &i);
    if (r == 0) {
        s->link = chain_at(&s->chain, i);
        r = store->ops->version_get(store, s->link->link.version, 1, &s->version);
    }
    if (r < 0) {
        sillok_snapshot_close(s);
        return r;
    }
    fill(&s->revision, s->link, i, &s->version);
    *out = s;
    return 0;
}

void sillok_snapshot_close(struct sillok_snapshot *s)
{
    if (!s)
        return;
    chain_release(&s->chain);
    store_version_release(&s->version);
    buf_release(&s->path);
    buf_release(&s->file);
    free(s);
}

const struct sillok_revision *sillok_snapshot_revision(const struct sillok_snapshot *s)
{
    return &s->revision;
}

uint32_t sillok_snapshot_chain(const struct sillok_snapshot *s)
{
    return (uint32_t)s->chain.n;
}

int sillok_snapshot_complete(const struct sillok_snapshot *before,
                             struct sillok_snapshot *after,
                             struct sillok_change_class *what)
{
    struct chain_doubt doubt;
    uint32_t reverted_to;
    const size_t from = before->revision.number - 1, to = after->revision.number - 1;
    if (before->store != after->store || before->chain.article != after->chain.article ||
        from >= to || to >= after->chain.n)
        return 0;
    int r = chain_reverted_to(after->store, &after->chain, from, to, &reverted_to);
    if (r == 0)
        r = chain_doubt_of(&doubt, after->store, &after->chain, from, to);
    if (r < 0)
        return r;
    if (reverted_to && chain_goes_back(what->fields))
        chain_tell_reverted(what);
    what->flags |= chain_doubt_flags(&doubt, what->kinds);
    return 0;
}

int sillok_snapshot_file(struct sillok_snapshot *s, struct sillok_text *data,
                         struct sillok_text *name)
{
    buf_clear(&s->path);
    const int r = s->store->ops->file_get(s->store, &s->link->first, &s->version,
                                          &s->path, &s->file);
    *data = text_make(s->file.ptr, s->file.len);
    *name = text_make(s->path.ptr, s->path.len);
    return r;
}

/* --- bodies --- */

static int parse_prefix(const char *text, struct sillok_id *id, unsigned *n_bits)
{
    const size_t n = strlen(text);
    char padded[SILLOK_ID_HEX_LEN + 1];
    if (n < 4 || n > SILLOK_ID_HEX_LEN)
        return fail(SILLOK_EINVALID, "'%.80s' is not a hash: write 4 to 64 hex digits",
                    text);
    memset(padded, '0', sizeof(padded));
    memcpy(padded, text, n);
    *n_bits = 4 * (unsigned)n;
    return sillok_id_parse(id, padded, SILLOK_ID_HEX_LEN) < 0
               ? fail(SILLOK_EINVALID, "'%.80s' is not a hash: write 4 to 64 hex digits",
                      text)
               : 0;
}

int sillok_body_get(struct sillok_store *store, const char *prefix, char **data,
                    size_t *len, struct sillok_id *id)
{
    struct sillok_id from, hits[4];
    unsigned n_bits = 0;
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    int r = parse_prefix(prefix, &from, &n_bits);
    if (r == 0)
        r = store->ops->body_find(store, &from, n_bits, hits, 4);
    if (r == 0)
        return fail(SILLOK_ENOTFOUND, "there is no body %s in '%s'", prefix, store->path);
    if (r > 1) {
        char a[SILLOK_ID_HEX_LEN + 1], b[SILLOK_ID_HEX_LEN + 1];
        sillok_id_format(&hits[0], a);
        sillok_id_format(&hits[1], b);
        return fail(SILLOK_EAMBIGUOUS, "%s fits more than one body: %.20s..., %.20s...%s",
                    prefix, a, b, r > 2 ? " and more" : "");
    }
    if (r == 1)
        r = store->ops->body_get(store, &hits[0], &body);
    if (r < 0)
        return r;
    if (id)
        *id = hits[0];
    *data = buf_take(&body, len);
    return *data ? 0 : fail_memory();
}
