#include "store/fresh.h"

#include "store/guard_file.h"

#include <stdlib.h>

struct side {
    const struct btree_table *table;
    int own;          /* the free list or the table of tables */
    int is_new;       /* nothing of it is known: the other side has its sums */
    struct buf pages; /* uint64_t of one level */
    unsigned height;  /* of that level, 1: leaves */
};

/* That a leaf leads to. */
struct record {
    struct sillok_text key;
    struct btree_table table;
};

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

size_t fresh_count(const struct buf *pages)
{
    return pages->len / sizeof(uint64_t);
}

uint64_t fresh_at(const struct buf *pages, size_t i)
{
    return ((const uint64_t *)(const void *)pages->ptr)[i];
}

int fresh_has(const struct buf *pages, uint64_t page)
{
    return pages->len && bsearch(&page, pages->ptr, fresh_count(pages), sizeof(page),
                                 compare_numbers) != NULL;
}

/* A bit for each page of the file: all zero, but within a function. */
struct marks {
    uint64_t *bits;
    uint64_t n;
};

enum { MARK_BITS = 64 };

static int has_mark(const struct marks *m, uint64_t page)
{
    return page < m->n && (m->bits[page / MARK_BITS] >> (page % MARK_BITS) & 1);
}

static void set_mark(struct marks *m, uint64_t page)
{
    m->bits[page / MARK_BITS] |= (uint64_t)1 << (page % MARK_BITS);
}

static void drop_mark(struct marks *m, uint64_t page)
{
    if (page < m->n)
        m->bits[page / MARK_BITS] &= ~((uint64_t)1 << (page % MARK_BITS));
}

static void drop_marks(struct marks *m, const struct buf *pages)
{
    for (size_t i = 0; i < fresh_count(pages); i++)
        drop_mark(m, fresh_at(pages, i));
}

/* Mark them. In a tree each page stands once. */
static int set_marks(struct guard *g, struct marks *m, const struct buf *pages)
{
    for (size_t i = 0; i < fresh_count(pages); i++) {
        const uint64_t page = fresh_at(pages, i);
        if (page >= m->n)
            return guard_damaged(g, -1, page, "is not a page of its table");
        if (has_mark(m, page))
            return guard_damaged(g, -1, page, "stands twice in its table");
        set_mark(m, page);
    }
    return 0;
}

/* A page of either tree: one that LMDB has used or has written just now. After a crash it
 * may be anything: what fits here, LMDB and the guard can go through. */
static int tree_page(struct guard *g, const struct side *side, uint64_t page,
                     const uint8_t **out)
{
    *out = guard_page(g, page, 1);
    if (!*out || !btree_is_sound(*out, g->page_bytes, page) ||
        !btree_fits(*out, side->table, side->own))
        return guard_damaged(g, -1, page, "is not a page of its table");
    const int branch = (btree_flags(*out) & BTREE_BRANCH) != 0;
    return branch == (side->height > 1)
               ? 0
               : guard_damaged(g, -1, page, branch ? "is not a leaf" : "is not a branch");
}

static int step_down(struct guard *g, struct side *side)
{
    CLEANUP(buf_release) struct buf below = BUF_INIT;
    for (size_t i = 0; i < fresh_count(&side->pages); i++) {
        const uint8_t *p;
        int r = tree_page(g, side, fresh_at(&side->pages, i), &p);
        for (unsigned k = 0; r == 0 && k < btree_count(p); k++) {
            const uint64_t child = btree_node(p, k).child;
            r = buf_add(&below, &child, sizeof(child));
        }
        if (r < 0)
            return r;
    }
    const struct buf swap = side->pages;
    side->pages = below;
    below = swap;
    side->height--;
    return 0;
}

/* What LMDB took out of the tree it has copied from, also where it joined pages that
 * nobody had looked at: damage that went into the new ones must not be sealed with them.
 */
static int check_gone(struct guard *g, uint64_t txn, const struct buf *pages)
{
    const struct guard_view before = { .guard = g, .txn = txn };
    const uint8_t *p;
    int r = 0;
    for (size_t i = 0; i < fresh_count(pages) && r == 0; i++)
        r = guard_check(&before, KV_OWN_TABLES, NULL, fresh_at(pages, i), 0, &p);
    return r;
}

static int check_once(struct guard *g, struct marks *m, const struct buf *pages)
{
    const int r = set_marks(g, m, pages);
    drop_marks(m, pages);
    return r;
}

/* Append what @p from has and the marks have not. */
static int keep_unmarked(const struct marks *m, const struct buf *from, struct buf *out)
{
    int r = 0;
    for (size_t i = 0; i < fresh_count(from) && r == 0; i++) {
        const uint64_t page = fresh_at(from, i);
        r = has_mark(m, page) ? 0 : buf_add(out, &page, sizeof(page));
    }
    return r;
}

/* Leave to @p a, which is sound, what @p b has not, and to @p b what a has not. */
static int drop_common(struct guard *g, struct marks *m, struct buf *a, struct buf *b)
{
    CLEANUP(buf_release) struct buf only_a = BUF_INIT, only_b = BUF_INIT;
    int r = set_marks(g, m, b);
    if (r == 0)
        r = keep_unmarked(m, a, &only_a);
    drop_marks(m, b);
    if (r == 0)
        r = set_marks(g, m, a);
    if (r == 0)
        r = keep_unmarked(m, b, &only_b);
    drop_marks(m, a);
    const struct buf swap_a = *a, swap_b = *b;
    *a = only_a;
    *b = only_b;
    only_a = swap_a;
    only_b = swap_b;
    return r;
}

/* The overflow pages of a node's data: they are that, and all of it. */
static int big_fits(struct guard *g, const struct btree_node *node, int own)
{
    const uint8_t *p = guard_page(g, node->child, 1);
    if (!p || !btree_is_sound(p, g->page_bytes, node->child) ||
        btree_flags(p) != BTREE_OVERFLOW || !guard_page(g, node->child, btree_run(p)) ||
        node->data_bytes > (uint64_t)btree_run(p) * g->page_bytes - BTREE_HEAD_BYTES)
        return 0;
    return !own || btree_free_fits(text_make((const char *)p + BTREE_HEAD_BYTES,
                                             (size_t)node->data_bytes));
}

/* Overflow pages and tables that the leaves of one side lead to. */
static int collect(struct guard *g, const struct side *side, struct buf *big,
                   struct buf *records)
{
    for (size_t i = 0; i < fresh_count(&side->pages); i++) {
        const uint8_t *p;
        int r = tree_page(g, side, fresh_at(&side->pages, i), &p);
        if (r < 0)
            return r;
        for (unsigned k = 0; !(btree_flags(p) & BTREE_LEAF2) && k < btree_count(p); k++) {
            const struct btree_node node = btree_node(p, k);
            const struct record rec = { node.key, { 0 } };
            if (node.flags & NODE_BIG)
                r = !side->is_new || big_fits(g, &node, side->own)
                        ? buf_add(big, &node.child, sizeof(node.child))
                        : guard_damaged(g, -1, node.child, "is not data of its table");
            else if (node.flags & NODE_TABLE &&
                     (r = buf_add(records, &rec, sizeof(rec))) == 0)
                ((struct record *)(void *)(records->ptr + records->len))[-1].table =
                    btree_table_read(node.data);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* What is the same for a whole commit. */
struct search {
    struct guard *guard;
    uint64_t txn; /* of the tree before */
    struct marks marks;
    struct buf *fresh;
};

/* Append to the fresh ones the pages of @p now that @p before does not have. */
static int find_fresh(struct search *s, const struct btree_table *before,
                      const struct btree_table *now, int own);

static int find_fresh_leaves(struct search *s, const struct side *before,
                             const struct side *now)
{
    CLEANUP(buf_release) struct buf old_big = BUF_INIT, new_big = BUF_INIT;
    CLEANUP(buf_release) struct buf old_records = BUF_INIT, new_records = BUF_INIT;
    static const struct btree_table none = { .root = BTREE_NONE };
    int r = collect(s->guard, before, &old_big, &old_records);
    if (r == 0)
        r = collect(s->guard, now, &new_big, &new_records);
    if (r == 0)
        r = drop_common(s->guard, &s->marks, &old_big, &new_big);
    if (r == 0)
        r = buf_add(s->fresh, new_big.ptr, new_big.len);
    const struct record *o = (const struct record *)(const void *)old_records.ptr;
    const struct record *w = (const struct record *)(const void *)new_records.ptr;
    const size_t n_old = old_records.len / sizeof(*o),
                 n_new = new_records.len / sizeof(*w);
    for (size_t i = 0; i < n_new && r == 0; i++) {
        const struct btree_table *was = &none;
        for (size_t k = 0; k < n_old; k++)
            if (text_equal(o[k].key, w[i].key))
                was = &o[k].table;
        r = find_fresh(s, was, &w[i].table, 0);
    }
    return r;
}

static int find_fresh(struct search *s, const struct btree_table *before,
                      const struct btree_table *now, int own)
{
    struct guard *g = s->guard;
    if (now->root == BTREE_NONE)
        return 0;
    if (now->root == before->root)
        return now->depth == before->depth && now->flags == before->flags &&
                       now->value_bytes == before->value_bytes
                   ? 0
                   : guard_damaged(g, -1, now->root, "is not what its record says");
    if (now->depth > BTREE_DEPTH_MAX || before->depth > BTREE_DEPTH_MAX)
        return guard_damaged(g, -1, now->root, "is too deep in its table");
    struct side was = { before, own, 0, BUF_INIT, before->depth },
                is = { now, own, 1, BUF_INIT, now->depth };
    int r = buf_add(&is.pages, &now->root, sizeof(now->root));
    if (r == 0 && before->root != BTREE_NONE)
        r = buf_add(&was.pages, &before->root, sizeof(before->root));
    if (before->root == BTREE_NONE)
        was.height = is.height;
    while (r == 0 && was.height > is.height) {
        r = check_gone(g, s->txn, &was.pages);
        if (r == 0)
            r = step_down(g, &was);
    }
    while (r == 0) {
        r = was.height == is.height ? drop_common(g, &s->marks, &was.pages, &is.pages)
                                    : check_once(g, &s->marks, &is.pages);
        if (r == 0)
            r = check_gone(g, s->txn, &was.pages);
        if (r == 0)
            r = buf_add(s->fresh, is.pages.ptr, is.pages.len);
        if (r < 0 || is.height <= 1)
            break;
        if (was.height == is.height)
            r = step_down(g, &was);
        if (r == 0)
            r = step_down(g, &is);
    }
    if (r == 0)
        r = find_fresh_leaves(s, &was, &is);
    buf_release(&was.pages);
    buf_release(&is.pages);
    return r;
}

int fresh_find(struct guard *g, const struct btree_meta *before,
               const struct btree_meta *now, struct buf *fresh)
{
    /* All that the two lead to is in the file by now. */
    int r = guard_look_at_length(g);
    if (r < 0)
        return r;
    const uint64_t n = __atomic_load_n(&g->n_pages, __ATOMIC_ACQUIRE);
    struct search s = { g, before->txn, { NULL, n }, fresh };
    s.marks.bits = calloc(n / MARK_BITS + 1, sizeof(*s.marks.bits));
    if (!s.marks.bits)
        return fail_memory();
    r = find_fresh(&s, &before->free_list, &now->free_list, 1);
    if (r == 0)
        r = find_fresh(&s, &before->main, &now->main, 1);
    free(s.marks.bits);
    if (fresh->len)
        qsort(fresh->ptr, fresh_count(fresh), sizeof(uint64_t), compare_numbers);
    return r;
}
