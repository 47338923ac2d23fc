#include "store/guard_file.h"

#include "base/file.h"
#include "store/fresh.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SEAL_WAIT_MS = 500 };

static const char *table_name(const struct guard *g, int table)
{
    return table < 0 ? "the table of tables" : g->names[table];
}

/* --- what is known of a page --- */

static int is_seen(const struct guard *g, uint64_t page)
{
    return (int)(__atomic_load_n(&g->seen[page / GUARD_BITS], __ATOMIC_RELAXED) >>
                     (page % GUARD_BITS) &
                 1);
}

static void set_seen(struct guard *g, uint64_t page)
{
    (void)__atomic_fetch_or(&g->seen[page / GUARD_BITS],
                            (uint64_t)1 << (page % GUARD_BITS), __ATOMIC_RELAXED);
}

/* Of GUARD_BITS pages the first that is looked at brings all into reach: a call for them costs
 * about as much as the fault of one. It is only quicker, so failing does not matter. */
static void bring_near(const struct guard *g, uint64_t page)
{
#ifdef MADV_POPULATE_READ
    const uint64_t first = page - page % GUARD_BITS,
                   end = __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE),
                   n = end - first < GUARD_BITS ? end - first : GUARD_BITS;
    if (__atomic_load_n(&g->seen[page / GUARD_BITS], __ATOMIC_RELAXED) == 0)
        (void)madvise((void *)(uintptr_t)(g->map + first * g->page_bytes),
                      (size_t)n * g->page_bytes, MADV_POPULATE_READ);
#else
    (void)g, (void)page;
#endif
}

static int is_unsealed(const struct guard_view *v, uint64_t page)
{
    struct guard *g = v->guard;
    if (__atomic_load_n(&g->unsealed_txn, __ATOMIC_ACQUIRE) != v->txn)
        return 0;
    pthread_mutex_lock(&g->lock);
    const int found = g->unsealed_txn == v->txn && fresh_has(&g->unsealed, page);
    pthread_mutex_unlock(&g->lock);
    return found;
}

int guard_has_sums(const struct guard_view *v)
{
    return !v->guard->no_seal &&
           __atomic_load_n(&v->guard->unsealed_txn, __ATOMIC_ACQUIRE) != v->txn;
}

int guard_damaged(const struct guard *g, int table, uint64_t page, const char *why)
{
    return fail(
        SILLOK_ECORRUPT,
        "the store is damaged: page %llu of '%s' (%s) %s ('sillok verify' says what "
        "is hit, 'sillok salvage' gets out what is whole)",
        (unsigned long long)page, g->path, table_name(g, table), why);
}

const uint8_t *guard_page(struct guard *g, uint64_t page, uint64_t n)
{
    uint64_t end = __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE);
    if (page + n > end || page + n < page) {
        if (guard_look_at_length(g) < 0)
            return NULL;
        end = __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE);
        if (page + n > end || page + n < page)
            return NULL;
    }
    if ((page + n) * g->page_bytes > g->map_bytes)
        return NULL;
    return g->map + page * g->page_bytes;
}

/* --- without a seal --- */

static int leaf_has_shape(const struct guard_view *v, int table, const uint8_t *page)
{
    /* In the table of tables and the free list (-1), and in ours. */
    const unsigned may = NODE_BIG | (table < 0 ? NODE_TABLE : 0);
    if (table >= 0 && v->tables[table].flags & TABLE_DUPLICATES)
        return 1; /* LMDB is not let into it, see no_duplicates() */
    if (btree_flags(page) & BTREE_LEAF2)
        return 0;
    for (unsigned i = 0; i < btree_count(page); i++)
        if (btree_node(page, i).flags & ~may)
            return 0;
    return 1;
}

/* What LMDB asks of a page beyond what btree_is_sound() does. */
static int has_shape(const struct guard_view *v, int table, const uint8_t *p,
                     uint64_t page, int run)
{
    const unsigned flags = btree_flags(p);
    if (!btree_is_sound(p, v->guard->page_bytes, page))
        return 0;
    if (run || flags & BTREE_OVERFLOW)
        return run && flags == BTREE_OVERFLOW;
    return flags & BTREE_BRANCH ? btree_count(p) >= 2 : leaf_has_shape(v, table, p);
}

static int no_duplicates(const struct guard *g, int table)
{
    return g->no_seal ? fail(SILLOK_EINVALID,
                             "table '%s' of '%s' cannot be read: the file has no seal",
                             table_name(g, table), g->path)
                      : 0;
}

/* --- one page --- */

/* A sum is known to whoever can count: LMDB must not leave a page that somebody else made, nor
 * take it for one of another kind. @p t is the record of the tree that it stands in; NULL: not
 * known. */
static int fits_place(const struct guard_view *v, int table, const struct btree_table *t,
                      const uint8_t *p, uint64_t page, int run)
{
    const int own = table < 0;
    if (!run && !t)
        return 1;
    if (!btree_is_sound(p, v->guard->page_bytes, page) ||
        !btree_is_whole(p, v->guard->page_bytes))
        return 0;
    if (run)
        return btree_flags(p) == BTREE_OVERFLOW;
    /* While LMDB puts its free list in order a branch of it may have one page below. */
    return (own && btree_flags(p) == BTREE_BRANCH) || btree_fits(p, t, own);
}

/* Of a page that was seen: is it of the kind that it was seen as, without a look at all of it?
 * The few pages of LMDB's own tables are looked at each time. */
static int is_settled(int table, const struct btree_table *t, const uint8_t *p, int run)
{
    const unsigned flags = btree_flags(p);
    if (run || !t)
        return !run;
    if (table < 0 || flags & BTREE_OVERFLOW)
        return 0;
    return t->flags == TABLE_FIXED ? btree_fits(p, t, 0) : !(flags & BTREE_LEAF2);
}

/* A leaf of values by their keys looks like one of rows, but for its nodes. */
static int is_one_of_a_kind(const struct btree_table *t, const uint8_t *p)
{
    return t && t->flags & TABLE_DUPLICATES && btree_flags(p) & BTREE_LEAF;
}

static int has_sum(const struct guard_view *v, const uint8_t *p, uint64_t page,
                   uint64_t n)
{
    struct guard *g = v->guard;
    return seal_get(&g->seal, page) == seal_sum(p, (size_t)n * g->page_bytes) ||
           (is_unsealed(v, page) && btree_is_sound(p, g->page_bytes, page));
}

int guard_check(const struct guard_view *v, int table, const struct btree_table *t,
                uint64_t page, int run, const uint8_t **out)
{
    struct guard *g = v->guard;
    const uint8_t *p = guard_page(g, page, 1);
    if (!p)
        return guard_damaged(g, table, page, "lies behind the end of the file");
    *out = p;
    /* A shape is that of a place: the same page may not fit the next one. */
    const int seen = is_seen(g, page) && !g->no_seal;
    if (seen && is_settled(table, t, p, run))
        return 0;
    uint64_t n = 1;
    if (!seen)
        bring_near(g, page);
    if (run) {
        n = btree_run(p);
        if (n < 1 || !guard_page(g, page, n))
            return guard_damaged(g, table, page, "is not what was written");
    }
    if (!seen &&
        !(g->no_seal ? has_shape(v, table, p, page, run) : has_sum(v, p, page, n)))
        return guard_damaged(g, table, page, "is not what was written");
    if (!g->no_seal && !fits_place(v, table, t, p, page, run))
        return guard_damaged(g, table, page, "is not a page of its table");
    if (!is_one_of_a_kind(t, p))
        set_seen(g, page);
    return 0;
}

static int check_data(const struct guard_view *v, int table, const uint8_t *leaf,
                      unsigned i)
{
    const struct guard *g = v->guard;
    const uint8_t *p;
    const struct btree_node node = btree_node(leaf, i);
    const int r =
        node.flags & NODE_BIG ? guard_check(v, table, NULL, node.child, 1, &p) : 0;
    if (r == 0 && node.flags & NODE_BIG &&
        node.data_bytes > (uint64_t)btree_run(p) * g->page_bytes - BTREE_HEAD_BYTES)
        return guard_damaged(g, table, node.child, "is too short for its data");
    return r;
}

/* --- the way to a leaf --- */

struct way {
    struct {
        const uint8_t *page;
        unsigned at;
    } steps[BTREE_DEPTH_MAX];
    unsigned n; /* the last step is the leaf */
};

enum turn { TURN_KEY, TURN_FIRST, TURN_LAST };

static int go_down(const struct guard_view *v, int table, struct way *w, uint64_t page,
                   const struct btree_table *t, enum turn turn, struct sillok_text key)
{
    for (;;) {
        const uint8_t *p;
        int exact;
        const int r = guard_check(v, table, t, page, 0, &p);
        if (r < 0)
            return r;
        if (w->n == BTREE_DEPTH_MAX || w->n == t->depth)
            return guard_damaged(v->guard, table, page, "is too deep in its table");
        const unsigned n = btree_count(p);
        const int branch = (btree_flags(p) & BTREE_BRANCH) != 0;
        unsigned at = turn == TURN_KEY ? btree_find(p, key, &exact) : 0;
        if (turn == TURN_LAST)
            at = n ? n - 1 : 0;
        w->steps[w->n].page = p;
        w->steps[w->n++].at = at;
        if (!branch)
            return w->n == t->depth ? 0
                                    : guard_damaged(v->guard, table, page,
                                                    "is not as deep as its table");
        if (at >= n)
            return guard_damaged(v->guard, table, page, "is empty");
        page = btree_node(p, at).child;
    }
}

/* The leaf before or behind the one that @p w leads to; none is fine. */
static int look_beside(const struct guard_view *v, int table, const struct way *w,
                       const struct btree_table *t, int behind)
{
    struct way other = *w;
    if (other.n < 2)
        return 0;
    for (unsigned i = other.n - 1; i-- > 0;) {
        const unsigned at = other.steps[i].at;
        if (behind ? at + 1 >= btree_count(other.steps[i].page) : at == 0)
            continue;
        other.n = i + 1;
        other.steps[i].at = behind ? at + 1 : at - 1;
        const uint64_t child = btree_node(other.steps[i].page, other.steps[i].at).child;
        return go_down(v, table, &other, child, t, behind ? TURN_FIRST : TURN_LAST,
                       text_make(NULL, 0));
    }
    return 0;
}

static int look_around(const struct guard_view *v, int table, const struct way *w,
                       const struct btree_table *t)
{
    const int r = look_beside(v, table, w, t, 0);
    return r < 0 ? r : look_beside(v, table, w, t, 1);
}

/* A page that becomes too empty is joined with the one before or behind it below the same
 * parent, at each level; of branches the least key below them is looked up for that. */
static int look_around_levels(const struct guard_view *v, int table, const struct way *w,
                              const struct btree_table *t)
{
    int r = 0;
    for (unsigned i = 0; i + 1 < w->n && r == 0; i++) {
        const uint8_t *p = w->steps[i].page;
        const unsigned at = w->steps[i].at, n = btree_count(p);
        const unsigned to[] = { 0, at ? at - 1 : 0, at + 1 < n ? at + 1 : at, at };
        for (size_t k = 0; k < sizeof(to) / sizeof(to[0]) && r == 0; k++) {
            struct way other = { .n = i + 1 }; /* of those above the depth counts */
            r = go_down(v, table, &other, btree_node(p, to[k]).child, t, TURN_FIRST,
                        text_make(NULL, 0));
        }
    }
    return r;
}

/* --- tables --- */

int guard_record(struct guard_view *v, int table)
{
    if (v->known[table])
        return 0;
    const struct sillok_text name = text_of(v->guard->names[table]);
    struct way w = { .n = 0 };
    v->tables[table] = (struct btree_table){ .root = BTREE_NONE };
    if (v->meta.main.root == BTREE_NONE)
        return 0;
    int r = go_down(v, -1, &w, v->meta.main.root, &v->meta.main, TURN_KEY, name);
    /* LMDB searches it with a cursor that may look beside. */
    if (r == 0)
        r = look_around(v, -1, &w, &v->meta.main);
    if (r < 0)
        return r;
    const uint8_t *leaf = w.steps[w.n - 1].page;
    int exact;
    const unsigned at = btree_find(leaf, name, &exact);
    if (exact) {
        const struct btree_node node = btree_node(leaf, at);
        if (node.flags & NODE_TABLE)
            v->tables[table] = btree_table_read(node.data);
        if (v->guard->no_seal && v->tables[table].flags &&
            v->tables[table].flags != (TABLE_DUPLICATES | TABLE_FIXED)) {
            v->tables[table].root = BTREE_NONE;
            return fail(SILLOK_ECORRUPT,
                        "the store is damaged: the record of table '%s' in '%s' is not "
                        "what was written",
                        table_name(v->guard, table), v->guard->path);
        }
    }
    v->known[table] = 1;
    return 0;
}

static void remember(struct guard_leaf *leaf, const struct way *w, int around)
{
    *leaf = (struct guard_leaf){ .page = w->steps[w->n - 1].page, .around = around };
    for (unsigned i = 0; i + 1 < w->n; i++) {
        const uint8_t *p = w->steps[i].page;
        const unsigned at = w->steps[i].at;
        if (at > 0)
            leaf->low = btree_node(p, at).key;
        if (at + 1 < btree_count(p))
            leaf->high = btree_node(p, at + 1).key;
    }
}

static int is_within(const struct guard_leaf *leaf, struct sillok_text key, int flags)
{
    const int around = flags & (GUARD_BESIDE | GUARD_LEVELS);
    return leaf->page && (leaf->around & around) == around &&
           (!leaf->low.ptr || text_compare(key, leaf->low) >= 0) &&
           (!leaf->high.ptr || text_compare(key, leaf->high) < 0);
}

int guard_key(struct guard_view *v, int table, struct sillok_text key, int flags)
{
    int r = guard_record(v, table);
    const struct btree_table *t = &v->tables[table];
    struct guard_leaf *leaf = &v->leaves[table];
    if (r < 0 || t->root == BTREE_NONE)
        return r;
    if (!is_within(leaf, key, flags)) {
        struct way w = { .n = 0 };
        r = go_down(v, table, &w, t->root, t, TURN_KEY, key);
        if (r == 0 && flags & GUARD_BESIDE)
            r = look_around(v, table, &w, t);
        if (r == 0 && flags & GUARD_LEVELS)
            r = look_around_levels(v, table, &w, t);
        if (r < 0)
            return r;
        remember(leaf, &w, flags & (GUARD_BESIDE | GUARD_LEVELS));
    }
    if (!(flags & GUARD_DATA) || btree_flags(leaf->page) & BTREE_LEAF2)
        return 0;
    int exact;
    const unsigned at = btree_find(leaf->page, key, &exact);
    return exact ? check_data(v, table, leaf->page, at) : 0;
}

int guard_get(struct guard_view *v, int table, struct sillok_text key,
              struct sillok_text *value)
{
    int exact, r = guard_key(v, table, key, 0);
    if (r < 0 || v->tables[table].root == BTREE_NONE)
        return r;
    const uint8_t *leaf = v->leaves[table].page;
    const unsigned at = btree_find(leaf, key, &exact);
    if (!exact)
        return 0;
    const struct btree_node node = btree_node(leaf, at);
    *value = node.data;
    if (node.flags & NODE_BIG) {
        r = check_data(v, table, leaf, at);
        const uint8_t *run = r < 0 ? NULL : guard_page(v->guard, node.child, 1);
        if (run)
            *value =
                text_make((const char *)run + BTREE_HEAD_BYTES, (size_t)node.data_bytes);
    }
    return r < 0 ? r : 1;
}

int guard_value(struct guard_view *v, int table, struct sillok_text key,
                struct sillok_text value)
{
    int r = no_duplicates(v->guard, table);
    if (r == 0)
        r = guard_key(v, table, key, GUARD_BESIDE);
    const uint8_t *leaf = v->leaves[table].page;
    int exact;
    if (r < 0 || v->tables[table].root == BTREE_NONE)
        return r;
    const unsigned at = btree_find(leaf, key, &exact);
    if (!exact)
        return 0;
    const struct btree_node node = btree_node(leaf, at);
    if (!(node.flags & NODE_TABLE))
        return 0; /* few duplicates stand in the leaf itself */
    const struct btree_table t = btree_table_read(node.data);
    struct way w = { .n = 0 }, first = { .n = 0 };
    if (t.root == BTREE_NONE)
        return 0;
    int rr = go_down(v, table, &w, t.root, &t, TURN_KEY, value);
    if (rr == 0)
        rr = look_around(v, table, &w, &t);
    /* Finding the key puts LMDB on its first value, whichever it is asked for. */
    return rr < 0 ? rr : go_down(v, table, &first, t.root, &t, TURN_FIRST, value);
}

int guard_value_pages(struct guard_view *v, int table, uint64_t *pages)
{
    const uint8_t *leaf;
    const struct btree_table *t = &v->tables[table];
    int r = guard_record(v, table);
    *pages = 0;
    if (r < 0 || t->root == BTREE_NONE || t->depth != 1)
        return r;
    r = guard_check(v, table, t, t->root, 0, &leaf);
    for (unsigned i = 0; r == 0 && i < btree_count(leaf); i++) {
        const struct btree_node node = btree_node(leaf, i);
        if (node.flags & NODE_TABLE)
            *pages += btree_table_read(node.data).pages;
    }
    return r;
}

int guard_edge(struct guard_view *v, int table, int last)
{
    const int r = guard_record(v, table);
    const struct btree_table *t = &v->tables[table];
    const struct guard_leaf *leaf = &v->leaves[table];
    struct way w = { .n = 0 };
    if (r < 0 || t->root == BTREE_NONE)
        return r;
    if (last && leaf->page && !leaf->high.ptr && leaf->around & GUARD_BESIDE)
        return 0; /* that one was looked at last */
    const int rr = go_down(v, table, &w, t->root, t, last ? TURN_LAST : TURN_FIRST,
                           text_make(NULL, 0));
    return rr < 0 ? rr : look_around(v, table, &w, t);
}

/* --- whole trees --- */

/* Hand over every page below @p t with the keys that it may hold. */
struct walk {
    const struct guard_view *v;
    int table;
    int (*take)(void *arg, const struct kv_damage *d);
    void *arg;
    uint64_t left; /* pages: in a tree each comes once, in what is no tree any more not */
};

static int walk_tree(struct walk *w, const struct btree_table *t);

static uint64_t n_pages(const struct guard *g)
{
    return __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE);
}

static int walk_leaf(struct walk *w, const uint8_t *page)
{
    int r = 0;
    if (btree_flags(page) & BTREE_LEAF2)
        return 0;
    for (unsigned i = 0; i < btree_count(page) && r == 0; i++) {
        const struct btree_node node = btree_node(page, i);
        const uint8_t *p;
        if (node.flags & NODE_BIG) {
            if (guard_check(w->v, w->table, NULL, node.child, 1, &p) == SILLOK_ECORRUPT) {
                const struct kv_damage d = { node.child, node.key, node.key };
                r = w->take(w->arg, &d);
            }
        } else if (node.flags & NODE_TABLE && node.flags & NODE_DUPLICATES) {
            const struct btree_table t = btree_table_read(node.data);
            r = walk_tree(w, &t);
        }
    }
    return r;
}

static int walk_page(struct walk *w, const struct btree_table *t, uint64_t page,
                     unsigned depth, struct sillok_text low, struct sillok_text high)
{
    const uint8_t *p = NULL;
    if (!w->left--)
        return guard_damaged(w->v->guard, w->table, page, "stands in a ring");
    int r = depth
                ? guard_check(w->v, w->table, t, page, 0, &p)
                : guard_damaged(w->v->guard, w->table, page, "is too deep in its table");
    if (r == 0 && p && depth > 1 && !(btree_flags(p) & BTREE_BRANCH))
        r = guard_damaged(w->v->guard, w->table, page, "is not as deep as its table");
    if (r == SILLOK_ECORRUPT) {
        const struct kv_damage d = { page, low, high };
        return w->take(w->arg, &d);
    }
    if (r < 0)
        return r;
    if (!(btree_flags(p) & BTREE_BRANCH))
        return walk_leaf(w, p);
    const unsigned n = btree_count(p);
    for (unsigned i = 0; i < n && r == 0; i++)
        r = walk_page(w, t, btree_node(p, i).child, depth - 1,
                      i ? btree_node(p, i).key : low,
                      i + 1 < n ? btree_node(p, i + 1).key : high);
    return r;
}

static int walk_tree(struct walk *w, const struct btree_table *t)
{
    const struct sillok_text open_end = text_make(NULL, 0);
    if (t->root == BTREE_NONE)
        return 0;
    return walk_page(w, t, t->root,
                     t->depth < BTREE_DEPTH_MAX ? t->depth : BTREE_DEPTH_MAX, open_end,
                     open_end);
}

/* Stop at the first; its sentence stands already. */
static int refuse(void *arg, const struct kv_damage *d)
{
    (void)arg;
    (void)d;
    return SILLOK_ECORRUPT;
}

int guard_table(struct guard_view *v, int table)
{
    const int r = no_duplicates(v->guard, table); /* only those are read as a whole */
    return r < 0 ? r : guard_walk(v, table, refuse, NULL);
}

int guard_walk(struct guard_view *v, int table,
               int (*take)(void *arg, const struct kv_damage *d), void *arg)
{
    struct walk w = { v, table, take, arg, n_pages(v->guard) };
    if (table == KV_OWN_TABLES) {
        const int r = walk_tree(&w, &v->meta.free_list);
        return r < 0 ? r : walk_tree(&w, &v->meta.main);
    }
    const int r = guard_record(v, table);
    return r < 0 ? r : walk_tree(&w, &v->tables[table]);
}

/* --- what a commit wrote --- */

static int add_sums(struct guard *g, const struct buf *fresh, struct buf *runs)
{
    for (size_t i = 0; i < fresh_count(fresh); i++) {
        struct seal_run run = { .page = fresh_at(fresh, i) };
        const uint8_t *p = guard_page(g, run.page, 1);
        const uint64_t n = p && btree_flags(p) & BTREE_OVERFLOW ? btree_run(p) : 1;
        if (!p || !guard_page(g, run.page, n))
            return guard_damaged(g, -1, run.page, "lies behind the end of the file");
        run.sum = seal_sum(p, (size_t)n * g->page_bytes);
        const int r = buf_add(runs, &run, sizeof(run));
        if (r < 0)
            return r;
    }
    return 0;
}

/* Seal what @p now has and @p before has not. */
static int seal_step(struct guard *g, const struct btree_meta *before,
                     const struct btree_meta *now)
{
    CLEANUP(buf_release) struct buf fresh = BUF_INIT, runs = BUF_INIT;
    int r = fresh_find(g, before, now, &fresh);
    if (r == 0)
        r = add_sums(g, &fresh, &runs);
    const struct seal_head head = {
        now->txn, guard_meta_sum(g->map + (now->txn & 1) * g->page_bytes), 1
    };
    if (r == 0)
        r = seal_write(&g->seal, (const struct seal_run *)(const void *)runs.ptr,
                       runs.len / sizeof(struct seal_run), &head);
    if (r < 0)
        return r;
    for (size_t i = 0; i < fresh_count(&fresh); i++)
        set_seen(g, fresh_at(&fresh, i));
    return 0;
}

void guard_lock(struct guard *g)
{
    pthread_mutex_lock(&g->sealing);
}

void guard_unlock(struct guard *g)
{
    pthread_mutex_unlock(&g->sealing);
}

int guard_seal(struct guard *g, const struct guard_view *before)
{
    struct btree_meta now;
    const uint8_t *page = g->map + ((before->txn + 1) & 1) * g->page_bytes;
    if (btree_meta_read(&now, page) < 0)
        return guard_damaged_header(g);
    if (now.txn != before->txn + 1)
        return 0; /* nothing was written */
    const int r = seal_step(g, &before->meta, &now);
    if (r < 0)
        return r;
    pthread_mutex_lock(&g->lock);
    if (g->seen_txn == before->txn)
        g->seen_txn = now.txn; /* all else is as it was */
    pthread_mutex_unlock(&g->lock);
    return 0;
}

int guard_create(struct guard *g, const char *path, const char *const *names,
                 size_t map_bytes)
{
    struct btree_meta meta[2];
    int r = guard_set_up(g, path, names, 0);
    char *beside = r == 0 ? guard_seal_path(path) : NULL;
    if (r == 0)
        r = beside ? seal_create(&g->seal, beside, file_mode_of(path, 0600))
                   : fail_memory();
    free(beside);
    if (r == 0)
        r = guard_map(g, map_bytes);
    if (r < 0)
        return r;
    for (int i = 0; i < 2; i++)
        if (btree_meta_read(&meta[i], g->map + (size_t)i * g->page_bytes) < 0)
            return guard_damaged_header(g);
    static const struct btree_meta nothing = { .free_list = { .root = BTREE_NONE },
                                               .main = { .root = BTREE_NONE } };
    return seal_step(g, &nothing, &meta[meta[1].txn > meta[0].txn]);
}

/* --- snapshots --- */

/* A new snapshot of somebody else's writing: what was seen may have been written over. */
static void forget_seen(struct guard *g, uint64_t txn)
{
    pthread_mutex_lock(&g->lock);
    if (g->seen_txn != txn) {
        const uint64_t used =
            __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE) / GUARD_BITS + 1;
        for (size_t i = 0; i < g->n_seen && i < used; i++)
            __atomic_store_n(&g->seen[i], 0, __ATOMIC_RELAXED);
        g->seen_txn = txn;
    }
    pthread_mutex_unlock(&g->lock);
}

static int read_meta(const struct guard *g, uint64_t txn, struct btree_meta *meta,
                     uint64_t *sum)
{
    uint8_t page[BTREE_HEAD_BYTES + BTREE_META_BYTES];
    memcpy(page, g->map + (txn & 1) * g->page_bytes, sizeof(page));
    if (btree_meta_read(meta, page) < 0)
        return guard_damaged_header(g);
    *sum = guard_meta_sum(page);
    return meta->txn == txn ? 0 : GUARD_RETRY;
}

/* The commit was not sealed, by a crash: by whom may write it is now, others note which
 * pages have no sum. */
static int meet_unsealed(struct guard_view *v, int writes)
{
    struct guard *g = v->guard;
    struct btree_meta before;
    struct seal_head heads[2];
    uint64_t sum = 0;
    int r = read_meta(g, v->txn - 1, &before, &sum);
    if (r == 0)
        r = seal_heads(&g->seal, heads);
    if (r < 0)
        return r;
    const struct seal_head *head = seal_last(heads);
    if (head && head->txn >= v->txn)
        return GUARD_RETRY; /* sealed by somebody else meanwhile */
    if (!head || head->txn != before.txn || head->meta_sum != sum)
        return guard_damaged_header(g);
    r = guard_header_has_shape(g, &v->meta);
    if (r < 0)
        return r;
    if (writes)
        return seal_step(g, &before, &v->meta);
    pthread_mutex_lock(&g->lock);
    if (g->unsealed_txn != v->txn) {
        __atomic_store_n(&g->unsealed_txn, 0, __ATOMIC_RELEASE);
        buf_clear(&g->unsealed);
        r = fresh_find(g, &before, &v->meta, &g->unsealed);
        if (r == 0)
            __atomic_store_n(&g->unsealed_txn, v->txn, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&g->lock);
    return r;
}

/* 0: the snapshot is sealed; 1: the commit before it is the last that is. */
static int find_seal(const struct guard_view *v, uint64_t sum)
{
    struct guard *g = v->guard;
    struct seal_head heads[2];
    const int r = seal_heads(&g->seal, heads);
    const struct seal_head *head = seal_last(heads);
    if (r < 0)
        return r;
    if (!head)
        return fail(SILLOK_ECORRUPT, "the store is damaged: '%s' holds no seal",
                    g->seal.path);
    const struct seal_head *mine = &heads[v->txn & 1];
    if (mine->valid && mine->txn == v->txn && mine->meta_sum == sum)
        return 0;
    if (mine->valid && mine->txn == v->txn) /* see heads_agree() in guard_file.c */
        return mine == head ? guard_damaged_header(g) : GUARD_RETRY;
    if (head->txn > v->txn)
        return 0; /* a writer went on; the pages tell */
    return head->txn + 1 == v->txn
               ? 1
               : fail(SILLOK_ECORRUPT,
                      "the store is damaged: '%s' is at commit %llu, its seal at %llu",
                      g->path, (unsigned long long)v->txn, (unsigned long long)head->txn);
}

int guard_begin(struct guard_view *v, struct guard *g, uint64_t txn, int writes)
{
    uint64_t sum = 0;
    *v = (struct guard_view){ .guard = g, .txn = writes ? txn - 1 : txn };
    int r = guard_look_at_length(g);
    if (r == 0)
        r = read_meta(g, v->txn, &v->meta, &sum);
    if (r < 0)
        return r;
    r = g->no_seal ? guard_header_has_shape(g, &v->meta) : find_seal(v, sum);
    const int waits =
        !writes && __atomic_load_n(&g->unsealed_txn, __ATOMIC_ACQUIRE) != txn;
    for (int waited = 0; r == 1 && waits && waited < SEAL_WAIT_MS; waited++) {
        /* Sealing goes on in this process, then it is soon done; or in another one. */
        pthread_mutex_lock(&g->sealing);
        pthread_mutex_unlock(&g->sealing);
        r = find_seal(v, sum);
        if (r == 1)
            guard_wait_ms(1);
    }
    if (r == 1)
        r = meet_unsealed(v, writes);
    if (r < 0)
        return r;
    forget_seen(g, v->txn);
    /* LMDB takes free pages from its list at any write. */
    struct walk w = { v, -1, refuse, NULL, n_pages(g) };
    return writes ? walk_tree(&w, &v->meta.free_list) : 0;
}

/* --- a short file --- */

int guard_check_tail(struct guard *g)
{
    struct btree_meta meta[2];
    struct guard_view v = { .guard = g };
    uint64_t sum = 0;
    for (int i = 0; i < 2; i++)
        if (btree_meta_read(&meta[i], g->map + (size_t)i * g->page_bytes) < 0)
            return guard_damaged_header(g);
    v.txn = meta[meta[1].txn > meta[0].txn].txn;
    int r = read_meta(g, v.txn, &v.meta, &sum);
    if (r == 0 && !g->no_seal)
        r = find_seal(&v, sum);
    if (r == 1) /* the crash that left it short left it unsealed too */
        r = meet_unsealed(&v, 0);
    for (int table = KV_OWN_TABLES; r == 0 && (table < 0 || g->names[table]); table++)
        r = guard_walk(&v, table, refuse, NULL);
    return r;
}
