/*
 * sillok/proof.h: beginning a log, adding to it, signing it.
 *
 * What is new is found by crawls: one whose figures are not those that were logged last
 * grew, and only the articles that it saw are looked at. A revision is logged when the
 * crawl that saw it first grew, or that of the revision before it, which is how an older
 * crawl that comes later splits one; and when it is not logged yet.
 */
#include "sillok/proof.h"

#include "proof/crawltree.h"
#include "proof/signed.h"
#include "proof/tlog.h"

#include <stdio.h>

/* --- init --- */

static int choose_key(struct note_signer *out, struct sillok_store *store,
                      const struct sillok_proof_init_options *options)
{
    struct sillok_stats stats;
    char name[64];
    int r = signed_key_read(out, store);
    const int there = r == 0;
    if (r != 0 && r != SILLOK_ENOTFOUND)
        return r;
    if (options->secret_key) {
        struct note_signer given;
        r = note_signer_parse(&given, text_of(options->secret_key));
        if (r == 0 && there && !note_key_equal(&given.key, &out->key))
            r = fail(SILLOK_EINVALID, "there is another key in '%s/proof.key'",
                     store->path);
        *out = given;
        explicit_bzero(&given, sizeof(given));
    }
    if (r == 0 && options->name && strcmp(out->key.name, options->name) != 0)
        r = fail(SILLOK_EINVALID, "the key is that of '%s', not of '%.80s'",
                 out->key.name, options->name);
    if (r != SILLOK_ENOTFOUND)
        return r;
    r = store->ops->stats(store, &stats);
    if (r < 0)
        return r;
    snprintf(name, sizeof(name), "sillok/%s", stats.uuid);
    return note_signer_make(out, options->name ? options->name : name);
}

int sillok_proof_init(struct sillok_store *store,
                      const struct sillok_proof_init_options *options)
{
    static const struct sillok_proof_init_options usual = SILLOK_PROOF_INIT_OPTIONS_INIT;
    struct note_signer signer;
    int r = store->ops->lock(store);
    if (r == 0)
        r = tlog_exists(store);
    if (r > 0)
        r = fail(SILLOK_EEXISTS, "the store '%s' has a log already", store->path);
    if (r == 0)
        r = choose_key(&signer, store, options ? options : &usual);
    if (r == 0)
        r = signed_key_write(&signer, store);
    if (r == 0)
        r = tlog_create(store, &signer.key);
    explicit_bzero(&signer, sizeof(signer));
    return r;
}

/* --- adding --- */

struct signing {
    struct sillok_store *store;
    struct tlog log;
    struct gather gather;
    struct crawl_trees trees;
    struct leaf leaf;
    struct sillok_proof_sum sum;
};

static int add_first(struct signing *s)
{
    buf_clear(&s->leaf.name);
    buf_clear(&s->leaf.uuid);
    s->leaf.kind = LEAF_LOG;
    int r = buf_add_str(&s->leaf.name, s->log.key.name);
    if (r == 0)
        r = buf_add_str(&s->leaf.uuid, s->log.uuid);
    return r < 0 ? r : tlog_add(&s->log, &s->leaf, NULL);
}

/* A crawl grew when its figures are not those that were logged last. */
static int want_grown(struct signing *s)
{
    int r = 0, n = 0;
    for (size_t i = 0; i < s->trees.n && r >= 0; i++) {
        const struct store_crawl *c = &s->trees.crawls[i];
        struct tlog_crawl was;
        r = tlog_find_crawl(&s->log, c->name, &was);
        s->trees.trees[i].wanted =
            r == 0 || was.observations != c->observations || was.refused != c->refused;
        n += s->trees.trees[i].wanted;
    }
    return r < 0 ? r : n;
}

static int add_revision(struct signing *s, const struct chain_revision *rev)
{
    struct leaf *leaf = &s->leaf;
    uint64_t number;
    leaf->kind = LEAF_REVISION;
    leaf->first_seen_s = rev->link.first_s;
    gather_names(&s->gather.key, leaf->oid, leaf->aid);
    int r = gather_commitment(&s->gather, rev->link.version, NULL, &leaf->commitment);
    if (r == 0)
        r = tlog_find_revision(&s->log, &s->gather.key, leaf->first_seen_s,
                               &leaf->commitment, &number);
    if (r != 0)
        return r < 0 ? r : 0;
    s->sum.revisions++;
    return tlog_add(&s->log, leaf, &s->gather.key);
}

static int take_article(void *arg, const struct article_key *key, uint64_t article)
{
    struct signing *s = arg;
    int r = gather_article(&s->gather, key, article);
    if (r == 0)
        r = crawl_trees_take(&s->trees, &s->gather);
    const struct chain *chain = &s->gather.chain;
    int before = 0; /* the revision before began in a crawl that grew */
    for (size_t i = 0; i < chain->n && r == 0; i++) {
        const struct chain_revision *rev = chain_at(chain, i);
        const int grown = crawl_trees_of(&s->trees, rev->link.crawl) != NULL;
        if (grown || before)
            r = add_revision(s, rev);
        before = grown;
    }
    return r;
}

static int add_crawls(struct signing *s)
{
    int r = 0;
    for (size_t i = 0; i < s->trees.n && r == 0; i++) {
        if (!s->trees.trees[i].wanted)
            continue;
        r = crawl_tree_leaf(&s->trees.trees[i], s->log.hasher, &s->leaf);
        if (r == 0)
            r = tlog_add_crawl(&s->log, &s->leaf, s->trees.crawls[i].name);
        s->sum.crawls++;
    }
    return r;
}

/* All that is new, committed. After a failure the next run does what is left. */
static int add_new(struct signing *s)
{
    CLEANUP(buf_release) struct buf bits = BUF_INIT;
    int r = s->log.size ? 0 : add_first(s);
    if (r == 0)
        r = crawl_trees_load(&s->trees, s->store);
    if (r == 0)
        r = want_grown(s);
    if (r > 0) {
        r = crawl_trees_articles(&s->trees, &bits);
        if (r == 0)
            r = gather_articles(s->store, &bits, take_article, s);
        if (r == 0)
            r = crawl_trees_refusals(&s->trees, s->log.hasher);
        if (r == 0)
            r = add_crawls(s);
    }
    return r < 0 ? r : tlog_commit(&s->log);
}

/* One view of the store for all of it: nobody else writes, but each question costs less. */
static int add_all(struct signing *s)
{
    int r = s->store->ops->view_hold(s->store);
    if (r < 0)
        return r;
    r = add_new(s);
    s->store->ops->view_release(s->store);
    return r;
}

/* --- signing --- */

static int sign_all(struct signing *s, const char *copy)
{
    CLEANUP(buf_release) struct buf copied = BUF_INIT;
    struct note_signer signer;
    int r = copy ? signed_copy_read(copy, &copied) : 0;
    const struct buf *copy_note = r > 0 ? &copied : NULL;
    memset(&signer, 0, sizeof(signer));
    if (r >= 0)
        r = signed_check(&s->log, copy, copy_note);
    if (r == 0)
        r = signed_key_read(&signer, s->store);
    if (r == 0 && !note_key_equal(&signer.key, &s->log.key))
        r = fail(SILLOK_EINVALID, "the key in '%s/proof.key' is not that of the log",
                 s->store->path);
    if (r == 0)
        r = add_all(s);
    if (r == 0)
        r = signed_write(&s->log, &signer, copy, copy_note, &s->sum);
    explicit_bzero(&signer, sizeof(signer));
    return r;
}

int sillok_proof_sign(struct sillok_store *store,
                      const struct sillok_proof_sign_options *options,
                      struct sillok_proof_sum *out)
{
    struct signing s;
    memset(&s, 0, sizeof(s));
    s.store = store;
    leaf_init(&s.leaf);
    int r = store->ops->lock(store);
    if (r == 0)
        r = tlog_open(&s.log, store, 1);
    if (r == 0) {
        gather_init(&s.gather, store, s.log.hasher, s.log.secret);
        r = sign_all(&s, options ? options->copy : NULL);
        gather_release(&s.gather);
    }
    crawl_trees_release(&s.trees);
    leaf_release(&s.leaf);
    tlog_close(&s.log);
    if (r == 0 && out)
        *out = s.sum;
    return r;
}
