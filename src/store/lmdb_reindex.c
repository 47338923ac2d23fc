/*
 * Deriving the derived tables anew.
 *
 * Pass by pass, each in slices
 *   bodies     every body has its record in `hash` or `hashnew`
 *   articles   the article's row, its chain, its rows in the log, the figures of crawls
 *   build      what was found different is cleared and filled again, in one write
 *              transaction: a reader sees the tables before it or after it
 *   class      the class of every step of every chain; each row is right by itself, so
 *              they are written in small transactions
 *   unused     rows of the class table whose step is in no chain
 *   renew      where a page of a derived table is damaged, so that the table cannot
 *              be cleared or written: up to here all is only compared, and now who
 *              drives this puts another file in the store's place (lmdb_renew.c)
 *   beside     the indexes that are files of their own are removed
 *
 * The chains are taken from the observations, never from what is being checked. Where an
 * observation or a version cannot be read the run ends before anything was cleared.
 */
#include "store/lmdb_reindex.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { CLASS_SLICE = 32, BUSY_STEPS = 100, BUSY_STEP_MS = 50 };

static const char *const derived_names[N_DERIVED] = { "hash", "article", "rev",
                                                      "log",  "crawl",   "class" };
static const int derived_tables[N_DERIVED] = { T_HASH, T_ARTICLE, T_REV,
                                               T_LOG,  T_CRAWL,   T_CLASS };

/* --- what is different --- */

static int differs(const struct figures *f)
{
    return f->wrong || f->missing || f->extra;
}

/* Rows of a derived table that cannot be read are there, and wrong. */
static int tolerate(struct figures *f, int r, uint64_t rows)
{
    if (r != SILLOK_ECORRUPT)
        return r;
    f->wrong += rows;
    f->seen += rows;
    return 0;
}

/* A derived table was to be written: where it is damaged, all is only compared from now
 * on. */
int reindex_block(struct lmdb_reindex *it, int r)
{
    if (r != SILLOK_ECORRUPT)
        return r;
    const struct sillok_text why = damage_told();
    snprintf(it->blocked, sizeof(it->blocked), "%.*s", (int)why.len, why.ptr);
    lmdb_abort(it->store);
    return 0;
}

int reindex_only_compares(const struct lmdb_reindex *it)
{
    return it->dry_run || it->blocked[0];
}

/* Rows beyond those that were found where they belong. Told of a store at rest only. */
static int count_extra(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                       enum derived d)
{
    struct kv_stats t;
    struct figures *f = &it->figures[d];
    int r = kv_table_stats(txn, derived_tables[d], &t);
    if (r == 0 && d == D_HASH)
        r = hashes_count(s, txn, &t.rows);
    if (r < 0)
        return tolerate(f, r, 1);
    if (s->state.counters.commits == it->commits || !it->dry_run)
        f->extra = t.rows > f->seen ? t.rows - f->seen : 0;
    return 0;
}

/* --- bodies --- */

static int compare_body(const struct lmdb_store *s, struct kv_txn *txn,
                        struct lmdb_reindex *it, uint64_t body)
{
    struct figures *f = &it->figures[D_HASH];
    uint8_t key[ID_BYTES];
    struct sillok_text v;
    struct sillok_id id;
    int r = kv_get(txn, T_BODY, key_id(key, body), &v);
    if (r <= 0)
        return r; /* it was removed */
    if (v.len < 1 + sizeof(id))
        return damaged("the row of body number %llu is damaged",
                       (unsigned long long)body);
    f->rows++;
    memcpy(&id, v.ptr + 1, sizeof(id));
    r = hash_has(s, txn, &id, body);
    if (r < 0)
        return tolerate(f, r, 1);
    f->seen += r != 0;
    f->missing += r == 0;
    return 0;
}

/* --- articles --- */

int reindex_derive(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                   struct article_key *key, struct buf *links)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    int r = article_key_read(txn, article, key);
    if (r == 0)
        r = obs_gather(s, txn, article, -1, &all);
    if (r == 0)
        r = chain_derive(s, txn, (struct obs *)(void *)all.ptr,
                         all.len / sizeof(struct obs), links);
    if (r == 0 && links->len == 0)
        r = damaged("article number %llu has no observations",
                    (unsigned long long)article);
    return r;
}

static int compare_article_row(const struct lmdb_store *s, struct kv_txn *txn,
                               struct lmdb_reindex *it, const struct article_key *key,
                               uint64_t article, const struct chain_link *want, size_t n)
{
    struct figures *f = &it->figures[D_ARTICLE];
    struct article_row row = { 0 };
    const int r = article_row_get(txn, key, &row);
    f->rows++;
    f->seen += r > 0;
    f->missing += r == 0;
    f->wrong += r > 0 && !article_row_fits(s, &row, article, want, n);
    return r < 0 ? tolerate(f, r, 1) : 0;
}

static int compare_keys(const struct chain_link *a, const struct chain_link *b)
{
    if (a->first_s != b->first_s)
        return a->first_s < b->first_s ? -1 : 1;
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

/* @p n is 0 where none are wanted: then those that are there are more than all. */
static int compare_revisions(struct kv_txn *txn, struct lmdb_reindex *it,
                             uint64_t article, const struct chain_link *want, size_t n)
{
    CLEANUP(buf_release) struct buf stored = BUF_INIT;
    struct figures *f = &it->figures[D_REV];
    const int r = n ? chain_rows(txn, article, 0, SIZE_MAX / 2, &stored) : 0;
    const struct chain_link *have = (const struct chain_link *)(const void *)stored.ptr;
    const size_t m = stored.len / sizeof(*have);
    size_t k = 0;
    f->rows += n;
    if (r < 0)
        return tolerate(f, r, n);
    for (size_t i = 0; i < n; i++) {
        while (k < m && compare_keys(&have[k], &want[i]) < 0)
            k++;
        const int is_there = k < m && compare_keys(&have[k], &want[i]) == 0;
        f->seen += is_there != 0;
        f->missing += !is_there;
        f->wrong += is_there && (have[k].version != want[i].version ||
                                 have[k].crawl != want[i].crawl);
    }
    return 0;
}

static int compare_log(struct kv_txn *txn, struct lmdb_reindex *it, uint64_t article,
                       const struct chain_link *want, size_t n)
{
    struct figures *f = &it->figures[D_LOG];
    f->rows += n - 1;
    for (size_t i = 1; i < n; i++) {
        uint8_t key[LOG_KEY_BYTES];
        struct sillok_text v;
        int r =
            kv_get(txn, T_LOG, log_key(key, article, want[i].first_s, want[i].tie), &v);
        f->seen += r > 0;
        f->missing += r == 0;
        r = r < 0 ? tolerate(f, r, 1) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static int compare_article(struct lmdb_store *s, struct kv_txn *txn,
                           struct lmdb_reindex *it, uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct article_key key;
    int r = reindex_derive(s, txn, article, &key, &links);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    const size_t n = links.len / sizeof(*l);
    if (r == 0)
        r = compare_article_row(s, txn, it, &key, article, l, n);
    if (r == 0)
        r = compare_revisions(txn, it, article, l, chain_is_lone(s, n) ? 0 : n);
    if (r == 0)
        r = compare_log(txn, it, article, l, n);
    if (r < 0)
        return r;
    it->revisions += n;
    return crawl_tally_links(&it->tallies, l, n);
}

/* The figures of crawls, and the one counter, that follow from the chains. */
static int compare_crawls(struct lmdb_store *s, struct lmdb_reindex *it)
{
    const struct store_crawl *crawls =
        (const struct store_crawl *)(const void *)s->state.crawls.ptr;
    struct figures *f = &it->figures[D_CRAWL];
    f->rows = s->state.crawls.len / sizeof(*crawls);
    if (it->dry_run && s->state.counters.commits != it->commits)
        return 0;
    f->wrong += it->revisions != s->state.counters.revisions;
    for (size_t i = 0; i < f->rows; i++) {
        const struct crawl_tally *c = crawl_tally(&it->tallies, crawls[i].no);
        if (!c)
            return fail_memory();
        f->wrong += c->first_revisions != crawls[i].first_revisions ||
                    c->later_revisions != crawls[i].later_revisions;
    }
    return 0;
}

/* --- build --- */

static int chains_differ(const struct lmdb_reindex *it)
{
    return differs(&it->figures[D_ARTICLE]) || differs(&it->figures[D_REV]) ||
           differs(&it->figures[D_LOG]) || differs(&it->figures[D_CRAWL]);
}

/* Nothing is in it yet: open the transaction and clear what will be filled. */
static int build_begin(struct lmdb_store *s, struct lmdb_reindex *it)
{
    static const int tables[] = { T_ARTICLE, T_REV, T_LOG };
    int r = lmdb_begin(&s->base, "");
    if (r == 0 && differs(&it->figures[D_HASH]))
        r = reindex_block(it, hashes_rebuild(s));
    for (size_t i = 0; i < 3 && chains_differ(it) && r == 0 && !it->blocked[0]; i++)
        r = reindex_block(it, kv_clear(s->txn, tables[i]));
    if (r < 0 || !chains_differ(it) || it->blocked[0])
        return r;
    s->state.counters.revisions = it->revisions;
    for (size_t i = 0; i < s->state.crawls.len / sizeof(struct store_crawl); i++) {
        struct store_crawl *crawl = (struct store_crawl *)(void *)s->state.crawls.ptr + i;
        const struct crawl_tally *c = crawl_tally(&it->tallies, crawl->no);
        if (!c)
            return fail_memory();
        crawl->first_revisions = c->first_revisions;
        crawl->later_revisions = c->later_revisions;
        crawl->changed = 1;
    }
    return 0;
}

static int build_article(struct lmdb_store *s, struct lmdb_reindex *it, uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct article_key key;
    int r = reindex_derive(s, s->txn, article, &key, &links);
    if (r < 0)
        return r;
    r = chain_put(s, &key, article, (const struct chain_link *)(const void *)links.ptr,
                  links.len / sizeof(struct chain_link));
    return reindex_block(it, r);
}

/* A slice of it: 1 when all is committed. The transaction stays open in between. */
static int build(struct lmdb_store *s, struct lmdb_reindex *it)
{
    int r = it->at == 0 ? build_begin(s, it) : 0;
    s->dirty = !it->blocked[0];
    const uint64_t end = chains_differ(it) ? s->state.counters.articles : 0;
    for (int i = 0; i < REINDEX_SLICE && it->at < end && r == 0 && !it->blocked[0];
         i++, it->at++)
        r = build_article(s, it, it->at + 1);
    r = batch_result(s, r);
    const int all = it->at >= end || it->blocked[0];
    if (r == 0 && all)
        r = reindex_block(it, lmdb_commit(&s->base));
    if (r == STORE_RETRY) { /* the map has grown */
        it->at = 0;
        return 0;
    }
    return r < 0 ? r : all;
}

/* --- files beside --- */

/* A lock is held by whoever reads or changes its index. */
static int lock_index(const char *folder, const char *lock, const char *file, int *fd)
{
    const struct timespec step = { 0, BUSY_STEP_MS * 1000L * 1000 };
    CLEANUP(free) char *path = file_in(folder, lock);
    if (!path)
        return fail_memory();
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return errno == ENOENT ? 0 : fail_errno("cannot open '%s'", path);
    for (int i = 0; flock(*fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno("cannot lock '%s'", path);
        if (i == BUSY_STEPS)
            return fail(SILLOK_EBUSY,
                        "'%s/%s' is in use; all tables are done, reindex again to "
                        "remove it",
                        folder, file);
        (void)nanosleep(&step, NULL); /* woken early, it asks early */
    }
    return 0;
}

static int remove_file(const char *folder, const char *name)
{
    CLEANUP(free) char *path = file_in(folder, name);
    /* With what LMDB and its guard have beside it. */
    return path ? kv_remove(path) : fail_memory();
}

static int remove_beside(const char *folder)
{
    static const struct {
        const char *lock, *names[5];
    } indexes[] = {
        { "near.lock", { "near.mdb" } },
        { "find.lock", { "find.db", "find.db-wal", "find.db-shm", "find.db-journal" } },
    };
    int r = remove_file(folder, "stat.cache"); /* of ingest, whose lock is held */
    for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]) && r == 0; i++) {
        int fd = -1;
        r = lock_index(folder, indexes[i].lock, indexes[i].names[0], &fd);
        for (size_t k = 0; indexes[i].names[k] && r == 0; k++)
            r = remove_file(folder, indexes[i].names[k]);
        if (fd >= 0)
            (void)close(fd); /* and with it the lock */
    }
    return r;
}

/* --- the run --- */

static uint64_t pass_length(const struct lmdb_store *s, const struct lmdb_reindex *it)
{
    switch (it->pass) {
    case P_BODIES:
        return s->state.counters.bodies;
    case P_ARTICLES:
    case P_CLASS:
        return s->state.counters.articles;
    case P_BUILD:
    case P_UNUSED:
    case P_RENEW:
    case P_BESIDE:
    case N_PASSES:
    default:
        return 0;
    }
}

static int compare_row(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                       uint64_t id)
{
    if (it->pass == P_BODIES)
        return compare_body(s, txn, it, id);
    return it->pass == P_ARTICLES ? compare_article(s, txn, it, id)
                                  : reclass_article(s, txn, it, id);
}

static int end_of_pass(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it)
{
    int r = 0;
    switch (it->pass) {
    case P_BODIES:
        return count_extra(s, txn, it, D_HASH);
    case P_ARTICLES:
        r = count_extra(s, txn, it, D_ARTICLE);
        if (r == 0)
            r = count_extra(s, txn, it, D_REV);
        if (r == 0)
            r = count_extra(s, txn, it, D_LOG);
        return r < 0 ? r : compare_crawls(s, it);
    case P_CLASS:
        return count_extra(s, txn, it, D_CLASS);
    case P_BUILD:
    case P_UNUSED:
    case P_RENEW:
    case P_BESIDE:
    case N_PASSES:
    default:
        return 0;
    }
}

/* A slice of a pass that looks at rows by number: 1 at its end. */
static int compare(struct lmdb_store *s, struct lmdb_reindex *it)
{
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    const uint64_t end = pass_length(s, it);
    const int most = it->pass == P_CLASS ? CLASS_SLICE : REINDEX_SLICE;
    for (int i = 0; i < most && it->at < end && r == 0; i++, it->at++, it->checked++)
        r = compare_row(s, txn, it, it->at + 1);
    const int all = it->at >= end;
    if (r == 0 && all)
        r = end_of_pass(s, txn, it);
    view_end(s, txn);
    if (r == 0 && it->pass == P_CLASS)
        r = reclass_write(s, it);
    return r < 0 ? r : all;
}

/* Where they have to be written elsewhere, once that is done. */
static void tell_tables(struct lmdb_reindex *it, enum derived first, enum derived last)
{
    if (it->blocked[0])
        return;
    it->next_table = first;
    it->last_table = last;
    it->untold = last + 1;
}

static int slice(struct lmdb_reindex *it)
{
    struct lmdb_store *s = lmdb_of(it->store);
    int all = 1;
    switch (it->pass) {
    case P_BODIES:
    case P_ARTICLES:
    case P_CLASS:
        all = compare(s, it);
        break;
    case P_BUILD:
        if (!it->dry_run && (chains_differ(it) || differs(&it->figures[D_HASH])))
            all = build(s, it);
        if (all > 0)
            tell_tables(it, D_HASH, D_CRAWL);
        break;
    case P_UNUSED:
        all = reclass_sweep(s, it);
        if (all > 0)
            tell_tables(it, D_CLASS, D_CLASS);
        break;
    case P_RENEW:
        if (it->blocked[0])
            return REINDEX_BLOCKED;
        break;
    case P_BESIDE:
    case N_PASSES:
    default:
        all = it->dry_run || it->only_tables ? 0 : remove_beside(it->store->path);
        all = all < 0 ? all : 1;
        break;
    }
    if (all > 0) {
        it->pass++;
        it->at = 0;
    }
    return all;
}

int lmdb_reindex_open(struct lmdb_reindex **out, struct sillok_store *base, int dry_run,
                      int only_tables)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = dry_run ? 0 : lmdb_lock(base);
    if (r == 0 && s->format < FORMAT_SEALED)
        r = fail(SILLOK_EINVALID,
                 "'%s' has an older format: sillok migrate makes a new "
                 "store of it",
                 base->path);
    if (r == 0)
        r = view_begin(s, &txn);
    if (r < 0)
        return r;
    struct lmdb_reindex *it = calloc(1, sizeof(*it));
    if (it) {
        it->store = base;
        it->dry_run = dry_run;
        it->only_tables = only_tables;
        it->commits = s->state.counters.commits;
        it->total = s->state.counters.bodies + 2 * s->state.counters.articles;
        it->last_table = -1;
        crawl_tallies_init(&it->tallies);
        buf_init(&it->made, BUF_CEILING);
        buf_init(&it->unused, BUF_CEILING);
        buf_init(&it->cursor, BUF_CEILING);
        buf_init(&it->changes, BUF_CEILING);
    }
    view_end(s, txn);
    *out = it;
    return it ? 0 : fail_memory();
}

static int tell_next_change(struct lmdb_reindex *it, struct sillok_reindex_event *event)
{
    const struct reclassified *list =
        (const struct reclassified *)(const void *)it->changes.ptr;
    if (it->next_change == it->changes.len / sizeof(*list)) {
        buf_clear(&it->changes);
        it->next_change = 0;
        return 0;
    }
    const struct reclassified *c = &list[it->next_change++];
    const struct sillok_text oid = article_key_oid(&c->key),
                             aid = article_key_aid(&c->key);
    snprintf(it->oid, sizeof(it->oid), "%.*s", (int)oid.len, oid.ptr);
    snprintf(it->aid, sizeof(it->aid), "%.*s", (int)aid.len, aid.ptr);
    event->kind = SILLOK_REINDEX_CHANGE;
    event->oid = it->oid;
    event->aid = it->aid;
    event->revision = c->revision;
    event->rules_version = (uint32_t)c->rules;
    event->stored.kind = c->stored.kind;
    event->stored.kinds = c->stored.kinds;
    event->present.kind = c->present.kind;
    event->present.kinds = c->present.kinds;
    return 1;
}

int lmdb_reindex_next(struct lmdb_reindex *it, struct sillok_reindex_event *event)
{
    *event = (struct sillok_reindex_event){ .checked = it->checked,
                                            .total = it->total,
                                            .table = "",
                                            .oid = "",
                                            .aid = "",
                                            .why = "" };
    if (tell_next_change(it, event))
        return 1;
    if (it->next_table <= it->last_table) {
        const int d = it->next_table++;
        const struct figures *f = &it->figures[d];
        event->kind = SILLOK_REINDEX_TABLE;
        event->table = derived_names[d];
        event->rows = f->rows;
        event->wrong = f->wrong;
        event->older_rules = f->older;
        event->missing = f->missing;
        event->extra = f->extra;
        return 1;
    }
    if (it->pass == N_PASSES)
        return 0;
    const int r = slice(it);
    event->checked = it->checked;
    return r < 0 || r == REINDEX_BLOCKED ? r : 1;
}

const char *lmdb_reindex_blocked(const struct lmdb_reindex *it)
{
    return it->blocked;
}

void lmdb_reindex_renewed(struct lmdb_reindex *it)
{
    it->blocked[0] = '\0';
    it->pass = P_BESIDE;
    tell_tables(it, it->untold, D_CLASS);
}

void lmdb_reindex_close(struct lmdb_reindex *it)
{
    if (!it)
        return;
    if (!it->dry_run)
        lmdb_abort(it->store); /* what was not committed */
    reclass_drop(it);
    crawl_tallies_release(&it->tallies);
    buf_release(&it->made);
    buf_release(&it->unused);
    buf_release(&it->cursor);
    buf_release(&it->changes);
    free(it);
}
