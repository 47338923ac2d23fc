/*
 * The class of every step of every chain, for reindex (lmdb_reindex.c): what a step is by
 * the present rules against the row that is there, and rows whose step is in no chain.
 */
#include "store/lmdb_reindex.h"

#include <stdlib.h>
#include <string.h>

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

void reclass_drop(struct lmdb_reindex *it)
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
    if (stored->rules > SILLOK_RULES_VERSION ||
        (stored->what.kind == present->kind && stored->what.kinds == present->kinds))
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
    f->seen +=
        known == 0 && !reindex_only_compares(it); /* it is there when they are counted */
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
    return reindex_only_compares(it) ? 0 : keep_made(it, &n->step, &row);
}

int reclass_article(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                    uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT, steps = BUF_INIT;
    struct article_key key;
    int r = reindex_derive(s, txn, article, &key, &links);
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

int reclass_write(struct lmdb_store *s, struct lmdb_reindex *it)
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
    reclass_drop(it);
    return n ? reindex_block(it, r) : 0;
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
    for (int i = 0; i < REINDEX_SLICE && r > 0; i++) {
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
    if (r > 0 && text_compare(k, text_make(it->cursor.ptr, it->cursor.len)) <= 0)
        r = kv_disordered(c);
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
int reclass_sweep(struct lmdb_store *s, struct lmdb_reindex *it)
{
    struct kv_txn *txn;
    struct kv_stats now = { 0 };
    if (reindex_only_compares(it))
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
    r = reindex_block(it, all < 0 ? all : remove_unused(s, it));
    return r < 0 ? r : all < 0 || all;
}
