/*
 * sillok/proof.h: the log against itself, against what was signed, against the store.
 *
 *   entries   each by itself and by its hash in the tiles; the first that is not what was
 *             logged is named, because all behind it may be moved
 *   tiles     the levels above follow from the one below, and the root is that of the
 *             ref, of the checkpoint and of the copy
 *   store     the content that an entry speaks of is the store's; the newest entry of
 *             each crawl has the roots of what the store has
 *
 * The events are those of `verify`: one call does a slice and tells how far it is, or
 * tells one damage.
 */
#include "sillok/proof.h"

#include "proof/crawltree.h"
#include "proof/signed.h"
#include "proof/tlog.h"
#include "store/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE = 512 };
/* A_CLOSED: it could not be opened, which is yet to be told. */
enum step { A_CLOSED, A_ENTRIES, A_SIGNED, A_CRAWLS, A_DONE };

struct sillok_proof_verify {
    struct sillok_store *store;
    struct tlog log;
    char *copy;
    struct buf copied; /* what it held before the log was opened */
    int has_copied, fast, held;
    enum step step;
    uint64_t next;
    struct leaf leaf;
    struct gather gather;
    struct article_key gathered; /* whose sightings the gather has */
    struct merkle_edge edge;
    struct crawl_trees crawls; /* of the store */
    char what[1200];
};

/* What was just said of it becomes an event, once; what has nothing to do with damage ends
 * it. */
static int tell(struct sillok_proof_verify *it, int r, struct sillok_verify_event *event)
{
    if (r != SILLOK_ECORRUPT)
        return r < 0 ? r : 1;
    if (strcmp(it->what, sillok_error_message()) == 0)
        return 1;
    snprintf(it->what, sizeof(it->what), "%s", sillok_error_message());
    event->damage = 1;
    event->what = it->what;
    return 1;
}

static int bad_entry(const struct sillok_proof_verify *it, const char *why)
{
    return fail(SILLOK_ECORRUPT, "entry %" PRIu64 " of the log %s", it->next, why);
}

/* --- opening --- */

/* Of a file that was left behind nothing can be said against a log that went on. Who asks
 * behind the opening of the log knows that the file has all that the log had by then. */
static int check_in_place(struct sillok_store *store)
{
    return store->ops->has_moved(store) > 0
               ? fail(SILLOK_EBUSY,
                      "the store '%s' was compacted at this very moment: ask again",
                      store->path)
               : 0;
}

/* No log is nothing to check, unless the store knows of one. */
static int open_log(struct sillok_proof_verify *it)
{
    struct sillok_stats stats = { .format = 0 };
    struct head head = { .size = 0 };
    int r = tlog_exists(it->store);
    it->step = r > 0 ? A_ENTRIES : A_DONE;
    if (r > 0)
        r = tlog_open(&it->log, it->store, 0);
    if (it->step == A_ENTRIES && r == 0)
        r = check_in_place(it->store);
    if (it->step == A_ENTRIES || r < 0)
        return r;
    r = it->store->ops->stats(it->store, &stats);
    if (r == 0)
        r = head_get(it->store, &head, NULL);
    const size_t n = strlen(stats.uuid);
    return r > 0 && strncmp(head.log, stats.uuid, n) == 0 && head.log[n] == '.'
               ? fail(SILLOK_ECORRUPT, "the log is gone: '%s/proof.mdb' is missing",
                      it->store->path)
           : r < 0 ? r
                   : 0;
}

static int load_crawls(struct sillok_proof_verify *it)
{
    return it->step == A_ENTRIES ? crawl_trees_load(&it->crawls, it->store) : 0;
}

int sillok_proof_verify_open(struct sillok_proof_verify **out, struct sillok_store *store,
                             int fast, const char *copy)
{
    struct sillok_proof_verify *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    it->fast = fast;
    it->copy = copy ? strdup(copy) : NULL;
    leaf_init(&it->leaf);
    buf_init(&it->copied, BUF_CEILING);
    int r = copy && !it->copy ? fail_memory() : 0;
    if (r == 0 && copy)
        r = signed_copy_read(copy, &it->copied);
    it->has_copied = r > 0;
    if (r >= 0)
        r = open_log(it);
    if (r == 0)
        r = load_crawls(it);
    gather_init(&it->gather, store, it->log.hasher, it->log.secret);
    /* A log that cannot be opened is told as the first event. */
    if (r == SILLOK_ECORRUPT) {
        snprintf(it->what, sizeof(it->what), "%s", sillok_error_message());
        it->step = A_CLOSED;
        r = 0;
    }
    if (r < 0) {
        sillok_proof_verify_close(it);
        return r;
    }
    *out = it;
    return 0;
}

void sillok_proof_verify_close(struct sillok_proof_verify *it)
{
    if (!it)
        return;
    if (it->held)
        it->store->ops->view_release(it->store);
    gather_release(&it->gather);
    leaf_release(&it->leaf);
    crawl_trees_release(&it->crawls);
    buf_release(&it->copied);
    tlog_close(&it->log);
    free(it->copy);
    free(it);
}

/* --- entries --- */

static int check_hash(struct sillok_proof_verify *it, struct sillok_text entry)
{
    struct sillok_text tile = { NULL, 0 };
    struct sillok_id hash;
    const size_t at = (size_t)(it->next % TILE_HASHES) * sizeof(hash);
    int r = merkle_leaf(it->log.hasher, entry, &hash);
    if (r == 0)
        r = tlog_tile(&it->log, 0, it->next / TILE_HASHES, &tile);
    if (r < 0)
        return r;
    if (r == 0 || at + sizeof(hash) > tile.len ||
        memcmp(tile.ptr + at, &hash, sizeof(hash)) != 0)
        return bad_entry(it, "is not what was logged: it does not have its hash");
    r = merkle_append(&it->edge, it->log.hasher, &hash);
    if (r == 0)
        r = tlog_tiles_follow(&it->log, it->next);
    return r == 0  ? fail(SILLOK_ECORRUPT,
                          "the upper tiles of the log do not follow from "
                           "its entries, from entry %" PRIu64 " back",
                          it->next)
           : r < 0 ? r
                   : 0;
}

/* A crawl is in the store, with no less than it had. */
static int check_crawl(struct sillok_proof_verify *it)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    char why[400];
    for (size_t i = 0; i < it->crawls.n; i++) {
        const struct store_crawl *c = &it->crawls.crawls[i];
        buf_clear(&name);
        const int r = crawl_entry_name(&name, it->log.hasher, c->name);
        if (r < 0)
            return r;
        if (text_equal(buf_text(&name), buf_text(&it->leaf.name)) &&
            it->leaf.observations <= c->observations && it->leaf.refused <= c->refused)
            return 0;
    }
    snprintf(why, sizeof(why),
             "says that crawl '%.*s' had %" PRIu64 " visits and %" PRIu64
             " refusals, and the store does not have them",
             it->leaf.name.len > 80 ? 80 : (int)it->leaf.name.len,
             buf_text(&it->leaf.name).ptr, it->leaf.observations, it->leaf.refused);
    return bad_entry(it, why);
}

static int same_article(const struct article_key *a, const struct article_key *b)
{
    return text_equal(article_key_text(a), article_key_text(b));
}

static int gather_for(struct sillok_proof_verify *it, const struct article_key *key)
{
    uint64_t article;
    if (same_article(key, &it->gathered))
        return 0;
    it->gathered.len = 0;
    int r = it->store->ops->article_find(it->store, key, &article);
    if (r == 0)
        return bad_entry(it, "speaks of an article that the store does not have");
    if (r > 0)
        r = gather_article(&it->gather, key, article);
    if (r == 0)
        it->gathered = *key;
    return r;
}

/* Is there a visit at that time that saw that content? */
static int check_content(struct sillok_proof_verify *it)
{
    struct article_key key;
    char why[400];
    memset(&key, 0, sizeof(key));
    article_key_make(&key, text_of(it->leaf.oid), text_of(it->leaf.aid));
    const int r = gather_for(it, &key);
    for (size_t i = 0; i < gather_count(&it->gather) && r == 0; i++) {
        const struct gathered *o = gather_at(&it->gather, i);
        if (o->time_s == it->leaf.first_seen_s &&
            sillok_id_equal(&o->commitment, &it->leaf.commitment))
            return 0;
    }
    char at[SILLOK_TIME_LEN];
    sillok_time_format(it->leaf.first_seen_s, 0, at);
    snprintf(why, sizeof(why),
             "says what %s/%s showed at %s, and the store has something "
             "else there",
             it->leaf.oid, it->leaf.aid, at);
    return r < 0 ? r : bad_entry(it, why);
}

static int check_entry(struct sillok_proof_verify *it)
{
    struct sillok_text entry;
    uint64_t number;
    struct article_key key;
    int r = tlog_entry(&it->log, it->next, &entry);
    if (r == 0)
        r = check_hash(it, entry);
    if (r == 0)
        r = leaf_parse(&it->leaf, entry);
    if (r == SILLOK_EINVALID)
        r = bad_entry(it, "is none");
    if (r == 0 && (it->leaf.kind == LEAF_LOG) != (it->next == 0))
        r = bad_entry(it, "is not where such a one can stand");
    if (r == 0 && it->leaf.kind == LEAF_CRAWL && !it->fast)
        return check_crawl(it);
    if (r < 0 || it->leaf.kind != LEAF_REVISION)
        return r;
    memset(&key, 0, sizeof(key));
    article_key_make(&key, text_of(it->leaf.oid), text_of(it->leaf.aid));
    r = tlog_find_revision(&it->log, &key, it->leaf.first_seen_s, &it->leaf.commitment,
                           &number);
    if (r >= 0)
        r = r == 1 && number == it->next ? 0
                                         : bad_entry(it, "is not found by its article");
    return r < 0 || it->fast ? r : check_content(it);
}

/* Damage of one entry that moves no other is gone on from. */
static int check_entries(struct sillok_proof_verify *it,
                         struct sillok_verify_event *event)
{
    for (int i = 0; i < SLICE && it->next < it->log.size; i++) {
        const uint64_t before = it->edge.n;
        const int r = check_entry(it);
        it->next++;
        if (r == 0)
            continue;
        if (it->edge.n == before) /* no hash: what is behind it proves nothing more */
            it->next = it->log.size;
        return tell(it, r, event);
    }
    if (it->next >= it->log.size)
        it->step = A_SIGNED;
    return 1;
}

/* --- what was signed --- */

/* What stands at the right edge, in no full tile yet. */
static int check_tiles(struct sillok_proof_verify *it)
{
    const struct merkle_source source = tlog_source(&it->log);
    struct sillok_id root, edge;
    if (it->edge.n != it->log.size)
        return 0; /* told */
    int r = merkle_root_at(&source, it->log.size, &root);
    if (r == 0)
        r = merkle_root(&it->edge, it->log.hasher, &edge);
    return r < 0 || sillok_id_equal(&root, &edge)
               ? r
               : fail(SILLOK_ECORRUPT,
                      "the upper tiles of the log do not follow from its "
                      "entries");
}

static int check_signed(struct sillok_proof_verify *it, struct sillok_verify_event *event)
{
    it->step = it->fast ? A_DONE : A_CRAWLS;
    int r = check_tiles(it);
    if (r == 0)
        r = signed_check(&it->log, it->copy, it->has_copied ? &it->copied : NULL);
    if (r == SILLOK_EIO && it->copy && !it->has_copied)
        r = SILLOK_ECORRUPT; /* that the copy is missing, with its sentence */
    return tell(it, r, event);
}

/* --- crawls --- */

struct crawl_check {
    struct sillok_proof_verify *it;
    struct crawl_trees trees;
};

static int take_article(void *arg, const struct article_key *key, uint64_t article)
{
    struct crawl_check *c = arg;
    c->it->gathered.len = 0;
    const int r = gather_article(&c->it->gather, key, article);
    return r < 0 ? r : crawl_trees_take(&c->trees, &c->it->gather);
}

/* One that grew since has not been logged as it is; one that shrank was told. */
static int want_logged(struct crawl_check *c)
{
    int r = 0;
    for (size_t i = 0; i < c->trees.n && r >= 0; i++) {
        struct tlog_crawl was;
        const struct store_crawl *now = &c->trees.crawls[i];
        r = tlog_find_crawl(&c->it->log, now->name, &was);
        c->trees.trees[i].wanted =
            r > 0 && was.observations == now->observations && was.refused == now->refused;
    }
    return r < 0 ? r : 0;
}

static int compare_crawl(struct crawl_check *c, size_t i)
{
    struct sillok_proof_verify *it = c->it;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    struct sillok_text entry = { NULL, 0 };
    struct tlog_crawl was = { .number = 0 };
    int r = crawl_tree_leaf(&c->trees.trees[i], it->log.hasher, &it->leaf);
    if (r == 0)
        r = leaf_add(&line, &it->leaf);
    if (r == 0)
        r = tlog_find_crawl(&it->log, c->trees.crawls[i].name, &was);
    if (r > 0)
        r = tlog_entry(&it->log, was.number, &entry);
    return r < 0 || text_equal(entry, text_make(line.ptr, line.len))
               ? r
               : fail(SILLOK_ECORRUPT,
                      "entry %" PRIu64
                      " of the log has not the roots that the visits and "
                      "refusals of crawl '%.80s' have in the store",
                      was.number, c->trees.crawls[i].name);
}

static int compare_crawls(struct crawl_check *c)
{
    CLEANUP(buf_release) struct buf bits = BUF_INIT;
    int r = crawl_trees_load(&c->trees, c->it->store);
    if (r == 0)
        r = want_logged(c);
    if (r == 0)
        r = crawl_trees_articles(&c->trees, &bits);
    if (r == 0)
        r = gather_articles(c->it->store, &bits, take_article, c);
    if (r == 0)
        r = crawl_trees_refusals(&c->trees, c->it->log.hasher);
    for (size_t i = 0; i < c->trees.n && r == 0; i++)
        if (c->trees.trees[i].wanted)
            r = compare_crawl(c, i);
    return r;
}

static int check_crawls(struct sillok_proof_verify *it, struct sillok_verify_event *event)
{
    struct crawl_check c = { .it = it };
    it->step = A_DONE;
    int r = compare_crawls(&c);
    crawl_trees_release(&c.trees);
    return tell(it, r, event);
}

int sillok_proof_verify_next(struct sillok_proof_verify *it,
                             struct sillok_verify_event *event)
{
    *event = (struct sillok_verify_event){ .table = "proof" };
    int r = it->held ? 0 : it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    it->held = 1;
    switch (it->step) {
    case A_CLOSED:
        it->step = A_DONE;
        event->damage = 1;
        event->what = it->what;
        return 1;
    case A_ENTRIES:
        r = check_entries(it, event);
        break;
    case A_SIGNED:
        r = check_signed(it, event);
        break;
    case A_CRAWLS:
        r = check_crawls(it, event);
        break;
    case A_DONE:
        break;
    }
    event->checked = it->next;
    event->total = it->log.size;
    return r;
}
