/*
 * Deriving the derived tables anew.
 *
 * Pass by pass, each in slices
 *   bodies     every body has its record in the hash table
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
#include "store/lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { SLICE = 512, CLASS_SLICE = 32, BUSY_STEPS = 100, BUSY_STEP_MS = 50 };

enum pass {
    P_BODIES,
    P_ARTICLES,
    P_BUILD,
    P_CLASS,
    P_UNUSED,
    P_RENEW,
    P_BESIDE,
    N_PASSES
};

enum derived { D_HASH, D_ARTICLE, D_REV, D_LOG, D_CRAWL, D_CLASS, N_DERIVED };
static const char *const derived_names[N_DERIVED] = { "hash", "article", "rev",
                                                      "log",  "crawl",   "class" };
static const int derived_tables[N_DERIVED] = { T_HASH, T_ARTICLE, T_REV,
                                               T_LOG,  T_CRAWL,   T_CLASS };

struct figures {
    uint64_t rows, wrong, missing, extra;
    uint64_t older; /* of those that are wrong: by other rules, so no damage */
    uint64_t seen;  /* rows that were found where they belong, right or wrong */
};

/* What the chains say of a crawl. */
struct crawl_figures {
    uint32_t crawl;
    uint64_t first_revisions, later_revisions;
};

/* A step of a chain, and a row for it. */
struct made {
    struct store_step step;
    struct buf row;
};

/* A change that is of another kind now. */
struct reclassified {
    struct article_key key;
    uint32_t revision;
    uint64_t rules;
    struct sillok_change_class stored, present;
};

struct lmdb_reindex {
    struct sillok_store *store;
    int dry_run, only_tables;
    char blocked[400]; /* why the tables cannot be written where they are; or "" */
    enum pass pass;
    uint64_t at, checked, total;
    uint64_t commits; /* when it began; a dry run may be overtaken by a writer */
    struct figures figures[N_DERIVED];
    struct buf crawls; /* struct crawl_figures */
    uint64_t revisions;
    struct buf made;    /* struct made */
    struct buf unused;  /* keys of the class table, CLASS_KEY_BYTES each */
    struct buf cursor;  /* the last key of the class table that was looked at */
    struct buf changes; /* struct reclassified */
    size_t next_change;
    int next_table, last_table; /* to be told */
    enum derived untold;        /* the first that was not */
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
};

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
static int block(struct lmdb_reindex *it, int r)
{
    if (r != SILLOK_ECORRUPT)
        return r;
    const struct sillok_text why = damage_told();
    snprintf(it->blocked, sizeof(it->blocked), "%.*s", (int)why.len, why.ptr);
    lmdb_abort(it->store);
    return 0;
}

static int only_compares(const struct lmdb_reindex *it)
{
    return it->dry_run || it->blocked[0];
}

static struct crawl_figures *crawl_at(struct lmdb_reindex *it, uint32_t crawl)
{
    struct crawl_figures *c = (struct crawl_figures *)(void *)it->crawls.ptr;
    for (size_t i = 0; i < it->crawls.len / sizeof(*c); i++)
        if (c[i].crawl == crawl)
            return &c[i];
    const struct crawl_figures fresh = { .crawl = crawl };
    if (buf_add(&it->crawls, &fresh, sizeof(fresh)) < 0)
        return NULL;
    return (struct crawl_figures *)(void *)(it->crawls.ptr + it->crawls.len) - 1;
}

/* Rows beyond those that were found where they belong. Told of a store at rest only. */
static int count_extra(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                       enum derived d)
{
    struct kv_stats t;
    struct figures *f = &it->figures[d];
    const int r = kv_table_stats(txn, derived_tables[d], &t);
    if (r < 0)
        return tolerate(f, r, 1);
    if (s->state.counters.commits == it->commits || !it->dry_run)
        f->extra = t.rows > f->seen ? t.rows - f->seen : 0;
    return 0;
}

/* --- bodies --- */

static int compare_body(struct kv_txn *txn, struct lmdb_reindex *it, uint64_t body)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct figures *f = &it->figures[D_HASH];
    uint8_t key[ID_BYTES], record[HASH_PREFIX + ID_BYTES];
    struct sillok_text v, found;
    int r = kv_get(txn, T_BODY, key_id(key, body), &v);
    if (r <= 0)
        return r; /* it was removed */
    if (v.len < 1 + sizeof(struct sillok_id))
        return damaged("the row of body number %llu is damaged",
                       (unsigned long long)body);
    f->rows++;
    memcpy(record, v.ptr + 1, HASH_PREFIX);
    put_be(record + HASH_PREFIX, body, ID_BYTES);
    const struct sillok_text want = { (const char *)record, sizeof(record) };
    r = kv_cursor_open(&c, txn, T_HASH);
    if (r == 0)
        r = kv_seek_value(c, text_of("h"), want, &found);
    if (r < 0)
        return tolerate(f, r, 1);
    const int is_there = r > 0 && text_equal(found, want);
    f->seen += is_there != 0;
    f->missing += !is_there;
    return 0;
}

/* --- articles --- */

static int derive(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                  struct article_key *key, struct buf *links)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    int r = article_key_read(txn, article, key);
    if (r == 0)
        r = obs_gather(s, txn, article, &all);
    if (r == 0)
        r = chain_derive(s, txn, (struct obs *)(void *)all.ptr,
                         all.len / sizeof(struct obs), links);
    if (r == 0 && links->len == 0)
        r = damaged("article number %llu has no observations",
                    (unsigned long long)article);
    return r;
}

static int compare_article_row(struct kv_txn *txn, struct lmdb_reindex *it,
                               const struct article_key *key, uint64_t article,
                               uint64_t newest)
{
    struct figures *f = &it->figures[D_ARTICLE];
    struct article_row row = { 0, 0 };
    const int r = article_row_get(txn, key, &row);
    f->rows++;
    f->seen += r > 0;
    f->missing += r == 0;
    f->wrong += r > 0 && (row.article != article || row.newest != newest);
    return r < 0 ? tolerate(f, r, 1) : 0;
}

static int compare_keys(const struct chain_link *a, const struct chain_link *b)
{
    if (a->first_s != b->first_s)
        return a->first_s < b->first_s ? -1 : 1;
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

static int compare_revisions(struct kv_txn *txn, struct lmdb_reindex *it,
                             uint64_t article, const struct chain_link *want, size_t n)
{
    CLEANUP(buf_release) struct buf stored = BUF_INIT;
    struct figures *f = &it->figures[D_REV];
    const int r = chain_links(txn, article, 0, SIZE_MAX / 2, &stored);
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

static int count_links(struct lmdb_reindex *it, const struct chain_link *l, size_t n)
{
    it->revisions += n;
    for (size_t i = 0; i < n; i++) {
        struct crawl_figures *c = crawl_at(it, l[i].crawl);
        if (!c)
            return fail_memory();
        ++*(i ? &c->later_revisions : &c->first_revisions);
    }
    return 0;
}

static int compare_article(struct lmdb_store *s, struct kv_txn *txn,
                           struct lmdb_reindex *it, uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct article_key key;
    int r = derive(s, txn, article, &key, &links);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    const size_t n = links.len / sizeof(*l);
    if (r == 0)
        r = compare_article_row(txn, it, &key, article, l[n - 1].version);
    if (r == 0)
        r = compare_revisions(txn, it, article, l, n);
    if (r == 0)
        r = compare_log(txn, it, article, l, n);
    return r < 0 ? r : count_links(it, l, n);
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
        const struct crawl_figures *c = crawl_at(it, crawls[i].no);
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
        r = block(it, hashes_rebuild(s));
    for (size_t i = 0; i < 3 && chains_differ(it) && r == 0 && !it->blocked[0]; i++)
        r = block(it, kv_clear(s->txn, tables[i]));
    if (r < 0 || !chains_differ(it) || it->blocked[0])
        return r;
    s->state.counters.revisions = it->revisions;
    for (size_t i = 0; i < s->state.crawls.len / sizeof(struct store_crawl); i++) {
        struct store_crawl *crawl = (struct store_crawl *)(void *)s->state.crawls.ptr + i;
        const struct crawl_figures *c = crawl_at(it, crawl->no);
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
    int r = derive(s, s->txn, article, &key, &links);
    if (r < 0)
        return r;
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    const size_t n = links.len / sizeof(*l);
    for (size_t i = 0; i < n && r == 0; i++)
        r = link_put(s, article, &l[i], i);
    const struct article_row row = { article, n ? l[n - 1].version : 0 };
    return block(it, r < 0 ? r : article_row_put(s, &key, &row));
}

/* A slice of it: 1 when all is committed. The transaction stays open in between. */
static int build(struct lmdb_store *s, struct lmdb_reindex *it)
{
    int r = it->at == 0 ? build_begin(s, it) : 0;
    s->dirty = !it->blocked[0];
    const uint64_t end = chains_differ(it) ? s->state.counters.articles : 0;
    for (int i = 0; i < SLICE && it->at < end && r == 0 && !it->blocked[0]; i++, it->at++)
        r = build_article(s, it, it->at + 1);
    r = batch_result(s, r);
    const int all = it->at >= end || it->blocked[0];
    if (r == 0 && all)
        r = block(it, lmdb_commit(&s->base));
    if (r == STORE_RETRY) { /* the map has grown */
        it->at = 0;
        return 0;
    }
    return r < 0 ? r : all;
}

/* --- classes --- */

/* A step, and the revision that it leads to. */
struct numbered_step {
    struct store_step step;
    uint32_t revision;
};

static int by_step(const void *a, const void *b)
{
    const struct numbered_step *x = a, *y = b;
    if (x->step.to != y->step.to)
        return x->step.to < y->step.to ? -1 : 1;
    if (x->step.from != y->step.from)
        return x->step.from < y->step.from ? -1 : 1;
    return x->revision < y->revision ? -1 : x->revision > y->revision;
}

static int keep_made(struct lmdb_reindex *it, const struct store_step *step,
                     struct buf *row)
{
    struct made made = { .step = *step, .row = *row };
    const int r = buf_add(&it->made, &made, sizeof(made));
    if (r == 0)
        buf_init(row, BUF_CEILING); /* handed over */
    return r;
}

static void drop_made(struct lmdb_reindex *it)
{
    struct made *made = (struct made *)(void *)it->made.ptr;
    for (size_t i = 0; i < it->made.len / sizeof(*made); i++)
        buf_release(&made[i].row);
    buf_clear(&it->made);
}

static int tell_change(struct lmdb_reindex *it, const struct article_key *key,
                       uint32_t revision, const struct class_row *stored,
                       const struct sillok_change_class *present)
{
    if (stored->what.kind == present->kind && stored->what.kinds == present->kinds)
        return 0;
    const struct reclassified c = { .key = *key,
                                    .revision = revision,
                                    .rules = stored->rules,
                                    .stored = stored->what,
                                    .present = *present };
    return buf_add(&it->changes, &c, sizeof(c));
}

static int compare_step(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                        const struct article_key *key, const struct numbered_step *n)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct figures *f = &it->figures[D_CLASS];
    struct class_row stored;
    struct sillok_change_class what;
    uint8_t k[CLASS_KEY_BYTES];
    struct sillok_text v = { NULL, 0 };
    const int known = class_row_get(s, txn, &n->step, &stored);
    if (known < 0 && known != SILLOK_ECORRUPT)
        return known;
    int r = class_compute(s, txn, s->codec, &n->step, &row, &what);
    if (r < 0)
        return r;
    f->seen += known != 0;
    if (r == 0) /* its texts are too long to keep one */
        return 0;
    f->rows++;
    f->seen += known == 0 && !only_compares(it); /* it is there when they are counted */
    if (known > 0) {
        r = kv_get(txn, T_CLASS, class_key(k, &n->step), &v);
        if (r < 0)
            return r;
        if (r > 0 && text_equal(v, text_make(row.ptr, row.len)))
            return 0;
        r = tell_change(it, key, n->revision, &stored, &what);
        if (r < 0)
            return r;
    }
    ++*(known ? &f->wrong : &f->missing);
    f->older += known > 0 && stored.rules != SILLOK_RULES_VERSION;
    return only_compares(it) ? 0 : keep_made(it, &n->step, &row);
}

static int compare_steps(struct lmdb_store *s, struct kv_txn *txn,
                         struct lmdb_reindex *it, uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT, steps = BUF_INIT;
    struct article_key key;
    int r = derive(s, txn, article, &key, &links);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    for (size_t i = 1; i < links.len / sizeof(*l) && r == 0; i++) {
        const struct numbered_step n = { { l[i - 1].version, l[i].version },
                                         (uint32_t)i + 1 };
        r = buf_add(&steps, &n, sizeof(n));
    }
    struct numbered_step *list = (struct numbered_step *)(void *)steps.ptr;
    const size_t n = steps.len / sizeof(*list);
    if (n > 1)
        qsort(list, n, sizeof(*list), by_step);
    for (size_t i = 0; i < n && r == 0; i++) {
        /* Going to and fro makes one step several times. */
        if (i && list[i].step.to == list[i - 1].step.to &&
            list[i].step.from == list[i - 1].step.from)
            continue;
        r = compare_step(s, txn, it, &key, &list[i]);
    }
    return r;
}

static int write_made(struct lmdb_store *s, struct lmdb_reindex *it)
{
    const struct made *made = (const struct made *)(const void *)it->made.ptr;
    const size_t n = it->made.len / sizeof(*made);
    int r = STORE_RETRY;
    while (n && r == STORE_RETRY) {
        r = 0;
        for (size_t i = 0; i < n && r == 0; i++)
            r = lmdb_class_put(&s->base, &made[i].step, &made[i].row, 1);
        if (r == 0)
            r = lmdb_commit(&s->base);
    }
    drop_made(it);
    return n ? block(it, r) : 0;
}

/* --- rows that no chain needs --- */

static int is_step(struct kv_txn *txn, struct sillok_text key, int *yes)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct version_row to;
    *yes = 0;
    if (key.len != CLASS_KEY_BYTES)
        return 0;
    const struct store_step step = { get_be((const uint8_t *)key.ptr + ID_BYTES,
                                            ID_BYTES),
                                     get_be((const uint8_t *)key.ptr, ID_BYTES) };
    int r = version_row_get(txn, step.to, &to);
    if (r == 0)
        r = chain_links(txn, to.article, 0, SIZE_MAX / 2, &links);
    if (r == SILLOK_ECORRUPT)
        return 0;
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    for (size_t i = 1; i < links.len / sizeof(*l) && !*yes; i++)
        *yes = l[i - 1].version == step.from && l[i].version == step.to;
    return r;
}

/* Keys of a slice of rows that are not needed: 1 when there are no more rows. */
static int find_unused(struct kv_txn *txn, struct lmdb_reindex *it)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, T_CLASS);
    if (r == 0)
        r = it->cursor.len ? kv_seek(c, text_make(it->cursor.ptr, it->cursor.len), &k, &v)
                           : kv_first(c, &k, &v);
    for (int i = 0; i < SLICE && r > 0; i++) {
        int yes;
        r = is_step(txn, k, &yes);
        const uint32_t len = (uint32_t)k.len;
        if (r == 0 && !yes)
            r = buf_add(&it->unused, &len, sizeof(len));
        if (r == 0 && !yes)
            r = buf_add_text(&it->unused, k);
        if (r == 0)
            r = kv_next(c, &k, &v);
    }
    buf_clear(&it->cursor);
    if (r > 0)
        return buf_add_text(&it->cursor, k);
    return r < 0 ? r : 1;
}

static int remove_unused(struct lmdb_store *s, struct lmdb_reindex *it)
{
    int r = STORE_RETRY;
    while (it->unused.len && r == STORE_RETRY) {
        r = lmdb_begin(&s->base, "");
        for (size_t at = 0; at < it->unused.len && r == 0;) {
            uint32_t len;
            memcpy(&len, it->unused.ptr + at, sizeof(len));
            at += sizeof(len);
            r = kv_delete(s->txn, T_CLASS, text_make(it->unused.ptr + at, len));
            r = r > 0 ? 0 : r;
            at += len;
        }
        s->dirty = 1;
        r = batch_result(s, r);
        if (r == 0)
            r = lmdb_commit(&s->base);
    }
    const int had = it->unused.len != 0;
    buf_clear(&it->unused);
    return had ? r : 0;
}

/* A slice of it: 1 when all is done. */
static int sweep(struct lmdb_store *s, struct lmdb_reindex *it)
{
    struct kv_txn *txn;
    struct kv_stats now = { 0, 0 };
    if (only_compares(it))
        return 1;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    /* Counted again: one that was not needed may have stood for one that was missing. */
    r = kv_table_stats(txn, T_CLASS, &now);
    const int all = r < 0                                  ? r
                    : now.rows > it->figures[D_CLASS].rows ? find_unused(txn, it)
                                                           : 1;
    view_end(s, txn);
    r = block(it, all < 0 ? all : remove_unused(s, it));
    return r < 0 ? r : all < 0 || all;
}

/* --- files beside --- */

/* A lock is held by whoever reads or changes its index. */
static int lock_index(const char *folder, const char *lock, const char *file, int *fd)
{
    const struct timespec step = { 0, BUSY_STEP_MS * 1000L * 1000 };
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", folder, lock) >= (int)sizeof(path))
        return fail(SILLOK_EINVALID, "the name '%.80s...' is too long", folder);
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
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return fail(SILLOK_EINVALID, "the name '%.80s...' is too long", folder);
    return kv_remove(path); /* with what LMDB and its guard have beside it */
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
        return compare_body(txn, it, id);
    return it->pass == P_ARTICLES ? compare_article(s, txn, it, id)
                                  : compare_steps(s, txn, it, id);
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
    const int most = it->pass == P_CLASS ? CLASS_SLICE : SLICE;
    for (int i = 0; i < most && it->at < end && r == 0; i++, it->at++, it->checked++)
        r = compare_row(s, txn, it, it->at + 1);
    const int all = it->at >= end;
    if (r == 0 && all)
        r = end_of_pass(s, txn, it);
    view_end(s, txn);
    if (r == 0 && it->pass == P_CLASS)
        r = write_made(s, it);
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
        all = sweep(s, it);
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
    if (r == 0 && s->format < FORMAT_VERSION)
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
        buf_init(&it->crawls, BUF_CEILING);
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
    drop_made(it);
    buf_release(&it->crawls);
    buf_release(&it->made);
    buf_release(&it->unused);
    buf_release(&it->cursor);
    buf_release(&it->changes);
    free(it);
}
