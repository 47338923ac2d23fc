/* sillok/proof.h: what a log can be asked, and the proofs it gives. */
#include "sillok/proof.h"

#include "proof/bundle.h"
#include "proof/crawltree.h"
#include "proof/signed.h"
#include "proof/tlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int sillok_proof_exists(struct sillok_store *store)
{
    return tlog_exists(store);
}

/* The content of @p b becomes the caller's. */
static int hand_out(struct buf *b, char **data, size_t *len)
{
    *data = buf_take(b, len);
    return *data ? 0 : fail_memory();
}

/* --- status, checkpoint --- */

static int count_crawls(struct tlog *t, struct sillok_proof_status *out)
{
    struct store_crawl *list = NULL;
    size_t n = 0;
    int r = t->store->ops->crawls(t->store, &list, &n);
    for (size_t i = 0; i < n && r >= 0; i++) {
        struct tlog_crawl was;
        r = tlog_find_crawl(t, list[i].name, &was);
        out->crawls_behind += r == 0 || was.observations != list[i].observations ||
                              was.refused != list[i].refused;
    }
    out->crawls = n;
    store_crawls_free(list, n);
    return r < 0 ? r : 0;
}

int sillok_proof_status(struct sillok_store *store, struct sillok_proof_status *out)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct note_signer signer;
    struct checkpoint c = { .size = 0 };
    struct tlog t;
    memset(out, 0, sizeof(*out));
    int r = tlog_open(&t, store, 0);
    if (r == 0)
        r = signed_newest(&t, &c);
    if (r == SILLOK_ENOTFOUND && t.env)
        r = 0; /* there is a log, and nothing was signed yet */
    if (r == 0)
        r = count_crawls(&t, out);
    buf_clear(&b);
    if (r == 0)
        r = note_key_add(&b, &t.key);
    if (r == 0) {
        errno = 0;
        r = signed_key_read(&signer, store);
        out->has_secret_key = r == 0;
        explicit_bzero(&signer, sizeof(signer));
        if (r == SILLOK_ENOTFOUND || (r == SILLOK_EIO && errno == EACCES))
            r = 0;
    }
    if (r == 0) {
        snprintf(out->name, sizeof(out->name), "%s", t.key.name);
        snprintf(out->key, sizeof(out->key), "%.*s", (int)b.len, b.ptr);
        out->entries = t.size;
        out->signed_entries = c.size;
        out->root = c.root;
    }
    tlog_close(&t);
    return r;
}

int sillok_proof_checkpoint(struct sillok_store *store, char **data, size_t *len)
{
    struct checkpoint c;
    struct tlog t;
    int r = tlog_open(&t, store, 0);
    if (r == 0)
        r = signed_newest(&t, &c);
    if (r == 0)
        r = hand_out(&t.note, data, len);
    tlog_close(&t);
    return r;
}

/* --- the log itself --- */

struct sillok_proof_log {
    struct tlog log;
    uint64_t next;
};

int sillok_proof_log_open(struct sillok_proof_log **out, struct sillok_store *store,
                          uint64_t from)
{
    struct sillok_proof_log *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    const int r = tlog_open(&it->log, store, 0);
    if (r < 0) {
        sillok_proof_log_close(it);
        return r;
    }
    it->next = from;
    *out = it;
    return 0;
}

int sillok_proof_log_next(struct sillok_proof_log *it, struct sillok_proof_entry *out)
{
    if (it->next >= it->log.size)
        return 0;
    out->index = it->next++;
    int r = tlog_entry(&it->log, out->index, &out->entry);
    if (r == 0)
        r = merkle_leaf(it->log.hasher, out->entry, &out->hash);
    return r < 0 ? r : 1;
}

void sillok_proof_log_close(struct sillok_proof_log *it)
{
    if (!it)
        return;
    tlog_close(&it->log);
    free(it);
}

/* --- a proof of a revision or of an observation --- */

struct making {
    struct sillok_store *store;
    const struct sillok_ref *ref;
    struct tlog log;
    struct checkpoint checkpoint;
    struct gather gather;
    struct extra extra;
    struct bundle bundle;
    /* of an observation */
    const char *crawl;
    struct crawl_trees trees;
    struct gathered seen; /* the one that is proven */
    struct article_key key;
    struct buf leaves; /* struct sillok_id: all of the crawl's tree */
    int found;
};

static int not_signed_yet(const struct making *m)
{
    return fail(SILLOK_ENOTFOUND,
                "that is not in the log as it was signed last: 'sillok proof sign' for "
                "%s/%s",
                m->ref->oid, m->ref->aid);
}

static int open_content(struct making *m, uint64_t version, struct sillok_id *commitment)
{
    struct opening opening;
    const int r = gather_commitment(&m->gather, version, &opening, commitment);
    return r < 0 ? r : opening_add(&m->extra.opening, &opening);
}

static int find_revision(struct making *m, size_t i, uint64_t *number)
{
    struct sillok_id commitment;
    const struct chain_revision *rev = chain_at(&m->gather.chain, i);
    int r = open_content(m, rev->link.version, &commitment);
    if (r == 0)
        r = tlog_find_revision(&m->log, &m->gather.key, rev->link.first_s, &commitment,
                               number);
    return r < 0 ? r : r > 0 ? 0 : not_signed_yet(m);
}

/* All leaves of the tree are kept, 32 bytes each: where the one that is asked for stands
 * is known only when those before it are counted. */
static int take_leaves(void *arg, const struct article_key *key, uint64_t article)
{
    struct making *m = arg;
    const int mine = text_equal(article_key_text(key), article_key_text(&m->key));
    int r = gather_article(&m->gather, key, article);
    for (size_t i = 0; i < gather_count(&m->gather) && r == 0; i++) {
        const struct gathered *o = gather_at(&m->gather, i);
        struct sillok_id leaf;
        if (!crawl_trees_of(&m->trees, o->crawl))
            continue;
        if (mine && o->time_s == m->seen.time_s && o->version == m->seen.version) {
            m->extra.number = m->leaves.len / sizeof(leaf);
            m->found = 1;
        }
        r = gather_leaf(&m->gather, o, &leaf);
        if (r == 0)
            r = buf_add(&m->leaves, &leaf, sizeof(leaf));
    }
    return r;
}

static int node_of_leaves(void *arg, unsigned level, uint64_t number,
                          struct sillok_id *out)
{
    struct making *m = arg;
    const struct sillok_id *leaf =
        (const struct sillok_id *)(const void *)m->leaves.ptr + (number << level);
    struct merkle_edge edge;
    int r = 0;
    edge.n = 0;
    for (uint64_t i = 0; i < (uint64_t)1 << level && r == 0; i++)
        r = merkle_append(&edge, m->log.hasher, &leaf[i]);
    return r < 0 ? r : merkle_root(&edge, m->log.hasher, out);
}

static int want_crawl(struct making *m, uint32_t *number)
{
    const int r = crawl_trees_load(&m->trees, m->store);
    if (r < 0)
        return r;
    const struct store_crawl *crawl =
        store_crawl_find(m->store, m->trees.crawls, m->trees.n, m->crawl);
    if (!crawl)
        return SILLOK_ENOTFOUND;
    m->trees.trees[crawl - m->trees.crawls].wanted = 1;
    *number = crawl->no;
    return 0;
}

/* The last time that the crawl saw the article, with the revision's content if one was
 * named. */
static int choose_sighting(struct making *m, uint32_t crawl, uint64_t version)
{
    for (size_t i = gather_count(&m->gather); i-- > 0;) {
        const struct gathered *o = gather_at(&m->gather, i);
        if (o->crawl == crawl && (!version || o->version == version)) {
            m->seen = *o;
            return 0;
        }
    }
    return fail(SILLOK_ENOTFOUND, "crawl '%.80s' did not see %s/%s%s", m->crawl,
                m->ref->oid, m->ref->aid, version ? " so" : "");
}

static int prove_sighting(struct making *m)
{
    struct sighting s = { .crawled_at_s = m->seen.time_s,
                          .commitment = m->seen.commitment };
    CLEANUP(buf_release) struct buf bits = BUF_INIT;
    const struct merkle_source source = { node_of_leaves, m, m->log.hasher };
    m->key = m->gather.key;
    gather_names(&m->key, s.oid, s.aid);
    int r = sighting_add(&m->extra.sighting, &s);
    if (r == 0)
        r = crawl_trees_articles(&m->trees, &bits);
    if (r == 0)
        r = gather_articles(m->store, &bits, take_leaves, m);
    if (r < 0)
        return r;
    const uint64_t n = m->leaves.len / sizeof(struct sillok_id);
    return m->found ? merkle_inclusion(&source, m->extra.number, n, &m->extra.path)
                    : fail(SILLOK_ECORRUPT,
                           "the store is damaged: crawl '%.80s' does not "
                           "have what it saw",
                           m->crawl);
}

static int find_crawl(struct making *m, size_t i, uint64_t *number)
{
    struct tlog_crawl logged = { .number = 0 };
    struct sillok_id commitment;
    uint32_t crawl = 0;
    const int named = m->ref->kind != SILLOK_REF_NEWEST;
    const uint64_t version = chain_at(&m->gather.chain, i)->link.version;
    int r = want_crawl(m, &crawl);
    if (r == 0)
        r = choose_sighting(m, crawl, named ? version : 0);
    if (r == 0)
        r = open_content(m, m->seen.version, &commitment);
    if (r == 0)
        r = prove_sighting(m);
    if (r == 0)
        r = tlog_find_crawl(&m->log, m->crawl, &logged);
    if (r < 0)
        return r;
    if (r == 0 || logged.observations != m->leaves.len / sizeof(struct sillok_id))
        return not_signed_yet(m);
    *number = logged.number;
    return 0;
}

static int make(struct making *m, struct buf *out)
{
    struct article_key key;
    struct sillok_text entry;
    uint64_t article, number = 0;
    size_t i = 0;
    int r = article_find(m->store, m->ref->oid, m->ref->aid, &article);
    memset(&key, 0, sizeof(key));
    if (r == 0) {
        article_key_make(&key, text_of(m->ref->oid), text_of(m->ref->aid));
        r = gather_article(&m->gather, &key, article);
    }
    if (r == 0)
        r = chain_choose(&m->gather.chain, m->ref, &i);
    if (r == 0)
        r = m->crawl ? find_crawl(m, i, &number) : find_revision(m, i, &number);
    if (r == 0 && number >= m->checkpoint.size)
        r = not_signed_yet(m);
    if (r == 0)
        r = tlog_entry(&m->log, number, &entry);
    if (r == 0)
        r = buf_add_text(&m->extra.entry, entry);
    if (r == 0)
        r = extra_add(&m->bundle.extra, &m->extra);
    const struct merkle_source source = tlog_source(&m->log);
    if (r == 0)
        r = merkle_inclusion(&source, number, m->checkpoint.size, &m->bundle.path);
    m->bundle.index = number;
    m->bundle.note = buf_text(&m->log.note);
    return r < 0 ? r : bundle_add(out, &m->bundle);
}

int sillok_proof_make(struct sillok_store *store, const struct sillok_ref *ref,
                      const char *crawl, char **data, size_t *len)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    struct making m;
    memset(&m, 0, sizeof(m));
    m.store = store;
    m.ref = ref;
    m.crawl = crawl;
    buf_init(&m.leaves, BUF_CEILING);
    extra_init(&m.extra);
    bundle_init(&m.bundle);
    int r = tlog_open(&m.log, store, 0);
    gather_init(&m.gather, store, m.log.hasher, m.log.secret);
    if (r == 0)
        r = signed_newest(&m.log, &m.checkpoint);
    if (r == 0)
        r = store->ops->view_hold(store);
    if (r == 0) {
        r = make(&m, &out);
        store->ops->view_release(store);
    }
    gather_release(&m.gather);
    crawl_trees_release(&m.trees);
    tlog_close(&m.log);
    extra_release(&m.extra);
    bundle_release(&m.bundle);
    buf_release(&m.leaves);
    return r < 0 ? r : hand_out(&out, data, len);
}

/* --- a proof of consistency --- */

static int add_since(struct tlog *t, struct sillok_text old_note, struct buf *out)
{
    const struct merkle_source source = tlog_source(t);
    struct checkpoint old, now;
    struct bundle b;
    int r = checkpoint_open(&old, old_note, &t->key);
    if (r == 0)
        r = signed_newest(t, &now);
    if (r == 0 && (old.size == 0 || old.size > now.size))
        r = fail(SILLOK_ECONFLICT,
                 "that checkpoint is of %" PRIu64
                 " entries, the newest one of this log of %" PRIu64,
                 old.size, now.size);
    if (r == 0)
        r = signed_begins(t, &old, "that checkpoint");
    bundle_init(&b);
    b.is_consistency = 1;
    b.index = old.size;
    b.note = buf_text(&t->note);
    if (r == 0)
        r = merkle_consistency(&source, old.size, now.size, &b.path);
    if (r == 0)
        r = bundle_add(out, &b);
    bundle_release(&b);
    return r;
}

int sillok_proof_since(struct sillok_store *store, struct sillok_text note, char **data,
                       size_t *len)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    struct tlog t;
    int r = tlog_open(&t, store, 0);
    if (r == 0)
        r = add_since(&t, note, &out);
    tlog_close(&t);
    return r < 0 ? r : hand_out(&out, data, len);
}
