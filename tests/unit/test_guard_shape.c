/* Pages that make no tree: told by their shape, where no sum tells of them. */
#include "store/guard.h"

#include "faults/script.h"
#include "unit/guard_box.h"

#include <errno.h>
#include <unistd.h>
#include <xxhash.h>

/* --- what a crash and a bad disk leave --- */

/* A byte of the file; page numbers and lengths are little-endian where this runs. */
static uint8_t *bytes_of(const struct buf *data, uint64_t page)
{
    return (uint8_t *)(uintptr_t)page_of(data, page);
}

/* The node of @p key (text_make(NULL, 0): the last one) in the leaf that it belongs to.
 */
static uint8_t *node_of(const struct buf *data, struct btree_table t,
                        struct sillok_text key)
{
    int exact = 1;
    uint64_t page = t.root;
    for (unsigned level = 1; level < t.depth; level++) {
        const uint8_t *p = page_of(data, page);
        page = btree_node(p, key.ptr ? btree_find(p, key, &exact) : btree_count(p) - 1)
                   .child;
    }
    const uint8_t *leaf = page_of(data, page);
    const unsigned at = key.ptr ? btree_find(leaf, key, &exact) : btree_count(leaf) - 1;
    assert_true(exact);
    const struct btree_node node = btree_node(leaf, at);
    return (uint8_t *)(uintptr_t)node.key.ptr - 8;
}

static uint8_t *data_of(uint8_t *node)
{
    uint16_t len;
    memcpy(&len, node + 6, sizeof(len));
    return node + 8 + len;
}

static void set(uint8_t *at, uint64_t v, size_t n)
{
    memcpy(at, &v, n);
}

/* Offsets in a table's record, a node and a page. */
enum { SIZE = 0, FLAGS = 4, DEPTH = 6, ROOT = 40 };
enum { NODE_FLAGS = 4 };
enum { PAGE_PAD = 8, PAGE_FLAGS = 10, PAGE_LOWER = 12, FIRST_OFFSET = 16 };

enum spoil {
    MAIN_OVERFLOW,
    MAIN_BEHIND,
    MAIN_DEEPER,
    MAIN_TOO_DEEP,
    MAIN_DEEPEST,
    MAIN_KIND,
    FREE_KIND,
    FREE_COUNT,
    PLAIN_FLAT,
    PLAIN_KIND,
    PLAIN_ROW,
    PLAIN_VALUES,
    PLAIN_ALONE,
    PLAIN_TWICE,
    PLAIN_NODE,
    PLAIN_OUTSIDE,
    PLAIN_NUMBER,
    BIG_BEHIND,
    BIG_LONG,
    BIG_LEAF,
    BIG_RUN,
    BIG_NONE,
    DUP_KIND,
    DUP_SIZE,
    DUP_NO_SIZE,
    DUP_NODE,
    FEW_KIND,
    FEW_LOWER,
    FEW_NO_SIZE,
    FEW_COUNT,
    STILL_DEEPER,
    STILL_KIND,
    STILL_SIZE,
    N_SPOILS
};

static const char no_page[] = "is not a page of its table",
                  no_data[] = "is not data of its table", header[] = "the header of '";
static const char *const spoils[N_SPOILS] = {
    [MAIN_OVERFLOW] = no_page,
    [MAIN_BEHIND] = no_page,
    [MAIN_DEEPER] = "is not a branch",
    [MAIN_TOO_DEEP] = "is too deep in its table",
    [MAIN_DEEPEST] = "is not a branch",
    [MAIN_KIND] = header,
    [FREE_KIND] = header,
    [FREE_COUNT] = no_page,
    [PLAIN_FLAT] = "is not a leaf",
    [PLAIN_KIND] = no_page,
    [PLAIN_ROW] = no_page,
    [PLAIN_VALUES] = no_page,
    [PLAIN_ALONE] = no_page,
    [PLAIN_TWICE] = "stands twice in its table",
    [PLAIN_NODE] = no_page,
    [PLAIN_OUTSIDE] = no_page,
    [PLAIN_NUMBER] = no_page,
    [BIG_BEHIND] = no_data,
    [BIG_LONG] = no_data,
    [BIG_LEAF] = no_data,
    [BIG_RUN] = no_data,
    [BIG_NONE] = no_data,
    [DUP_KIND] = no_page,
    [DUP_SIZE] = no_page,
    [DUP_NO_SIZE] = no_page,
    [DUP_NODE] = no_page,
    [FEW_KIND] = no_page,
    [FEW_LOWER] = no_page,
    [FEW_NO_SIZE] = no_page,
    [FEW_COUNT] = no_page,
    [STILL_DEEPER] = "is not what its record says",
    [STILL_KIND] = "is not what its record says",
    [STILL_SIZE] = "is not what its record says",
};

static void spoil(const struct buf *data, enum spoil how)
{
    uint8_t *const head = (uint8_t *)data->ptr + newest_head(data),
                   *const free_list = head + TABLES_AT, *const all = free_list + 48;
    const struct btree_table tables_ = btree_table_read(text_make((char *)all, 48));
    uint8_t *const plain = data_of(node_of(data, tables_, text_of("plain"))),
                   *const still = data_of(node_of(data, tables_, text_of("still")));
    const struct btree_table p = table_of(data, "plain"), d = table_of(data, "dup");
    uint8_t *const root = bytes_of(data, p.root), *const row = node_of(
                                                      data, p, text_make(NULL, 0));
    uint8_t key[5];
    uint8_t *const big = node_of(data, table_of(data, "big"), number_key(key, 0)),
                   *const child = data_of(big);
    uint64_t run;
    memcpy(&run, child, sizeof(run));
    uint8_t *const many = node_of(data, d, text_of("k")), *const tree = data_of(many),
                   *const few = data_of(node_of(data, d, text_of("few")));
    const struct btree_table f =
        btree_table_read(text_make((char *)free_list, BTREE_TABLE_BYTES));
    uint64_t values;
    memcpy(&values, tree + ROOT, sizeof(values));
    switch (how) {
    case MAIN_OVERFLOW:
        set(all + ROOT, run, 8);
        break;
    case MAIN_BEHIND:
        set(all + ROOT, data->len / PAGE, 8);
        break;
    case MAIN_DEEPER:
        all[DEPTH]++;
        break;
    case MAIN_TOO_DEEP:
        all[DEPTH] = BTREE_DEPTH_MAX + 1;
        break;
    case MAIN_DEEPEST:
        all[DEPTH] = BTREE_DEPTH_MAX;
        break;
    case MAIN_KIND:
        all[FLAGS] |= TABLE_DUPLICATES;
        break;
    case FREE_KIND:
        free_list[FLAGS] ^= TABLE_NUMBERS;
        break;
    case FREE_COUNT:
        set(data_of(node_of(data, f, text_make(NULL, 0))), 1 << 30, 8);
        break;
    case PLAIN_FLAT:
        plain[DEPTH]--;
        break;
    case PLAIN_KIND:
        plain[FLAGS] = TABLE_DUPLICATES;
        break;
    case PLAIN_ROW:
        plain[-8 - 5 + NODE_FLAGS] = 0; /* before the record the name, and the node */
        break;
    case PLAIN_VALUES:
        set(plain + ROOT, values, 8);
        plain[DEPTH] = tree[DEPTH];
        break;
    case PLAIN_ALONE:
        set(root + PAGE_LOWER, FIRST_OFFSET + 2, 2);
        break;
    case PLAIN_TWICE:
        memcpy(root + FIRST_OFFSET, root + FIRST_OFFSET + 2, 2);
        break;
    case PLAIN_NODE:
        row[NODE_FLAGS] = NODE_DUPLICATES;
        break;
    case PLAIN_OUTSIDE:
        set(row - (size_t)(row - (uint8_t *)data->ptr) % PAGE + FIRST_OFFSET, PAGE - 4,
            2);
        break;
    case PLAIN_NUMBER: /* another page, of the same table */
        set(row - (size_t)(row - (uint8_t *)data->ptr) % PAGE, p.root, 8);
        break;
    case BIG_BEHIND:
        set(child, data->len / PAGE, 8);
        break;
    case BIG_LONG:
        set(big, 1 << 20, 4);
        break;
    case BIG_LEAF:
        set(child, p.root, 8);
        break;
    case BIG_RUN:
        set(bytes_of(data, run) + PAGE_LOWER, 1 << 20, 4);
        break;
    case BIG_NONE:
        set(bytes_of(data, run) + PAGE_LOWER, 0, 4);
        break;
    case DUP_KIND:
        tree[FLAGS] |= TABLE_DUPLICATES;
        break;
    case DUP_SIZE:
        tree[SIZE]++;
        break;
    case DUP_NO_SIZE:
        tree[SIZE] = 0;
        break;
    case DUP_NODE:
        many[NODE_FLAGS] = NODE_TABLE;
        break;
    case FEW_KIND:
        few[PAGE_FLAGS] = BTREE_LEAF | BTREE_SUBPAGE;
        break;
    case FEW_LOWER:
        few[PAGE_LOWER] = 15;
        break;
    case FEW_NO_SIZE:
        few[PAGE_PAD] = 0;
        break;
    case FEW_COUNT:
        few[PAGE_LOWER] += 100;
        break;
    case STILL_DEEPER:
        still[DEPTH]++;
        break;
    case STILL_KIND:
        still[FLAGS] = TABLE_DUPLICATES | TABLE_FIXED;
        break;
    case STILL_SIZE:
        still[SIZE] = 1;
        break;
    case N_SPOILS:
        break;
    }
}

/* LMDB would go through all of these as if they were sound. Nobody reads them, and nobody
 * seals them. */
static void an_unsealed_commit_is_told_by_its_shape(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t answer;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    for (int how = 0; how < N_SPOILS; how++) {
        struct buf data = BUF_INIT;
        assert_ok(buf_add(&data, now.ptr, now.len));
        spoil(&data, (enum spoil)how);
        assert_true(memcmp(data.ptr, now.ptr, now.len) != 0);
        for (int writing = 0; writing < 2; writing++) {
            box_put(&b, &data, data.len);
            const int r = writing ? begin_to_write(b.path) : ask(b.path, &answer);
            if (r != SILLOK_ECORRUPT || !strstr(sillok_error_message(), spoils[how]))
                fail_msg("%d, writing %d: %d: '%s', not '%s'", how, writing, r,
                         sillok_error_message(), spoils[how]);
        }
        buf_release(&data);
    }
    box_put(&b, &now, now.len);
    assert_ok(begin_to_write(b.path));
    assert_ok(ask(b.path, &answer));
    buf_release(&now);
    box_close(&b);
}

/* --- pages that have their sum and make no tree --- */

struct asked {
    struct guard guard;
    struct guard_view view;
};

static const char *const names[N_TABLES + 1] = { "plain", "big", "dup", "still", NULL };

/* The guard alone: LMDB must not see these. */
static void ask_guard(struct asked *a, const struct box *b, const struct buf *data,
                      const struct buf *sums)
{
    uint64_t n;
    memcpy(&n, data->ptr + newest_head(data) + TXN_AT, sizeof(n));
    put_bytes(b->path, data->ptr, data->len);
    put_bytes(b->seal, sums->ptr, sums->len);
    assert_ok(guard_open(&a->guard, b->path, names, 1, 0));
    assert_ok(guard_map(&a->guard, (size_t)1 << 26));
    assert_ok(guard_begin(&a->view, &a->guard, n, 0));
}

/* What stands in the file now is what was written. */
static void seal_all(const struct buf *data, struct buf *sums, const struct buf *was)
{
    uint64_t n;
    const size_t head = newest_head(data);
    for (uint64_t page = 2; page < data->len / PAGE; page++)
        if (memcmp(page_of(data, page), page_of(was, page), PAGE) != 0)
            put_be((uint8_t *)sums->ptr + 4096 + page * 8,
                   seal_sum(page_of(data, page), PAGE), 8);
    memcpy(&n, data->ptr + head + TXN_AT, sizeof(n));
    forge_head(sums, n, seal_sum(data->ptr + head + HEAD, BTREE_META_BYTES));
}

static int take_none(void *arg, const struct kv_damage *d)
{
    (void)d;
    ++*(unsigned *)arg;
    return 0;
}

static void what_makes_no_tree_is_told(void **state)
{
    static const char deep[] = "is too deep in its table";
    enum { FLAT, RING, EMPTY, NO_TABLE, VALUES, NO_VALUES, NO_MAIN, N_FORGED };
    static const struct {
        int key, edge, value, walk, n_taken;
        const char *said; /* by the first that says anything */
    } cases[N_FORGED] = {
        [FLAT] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, 0, 1, deep },
        [RING] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, SILLOK_ECORRUPT, -1,
                   "is not as deep as its table" },
        [EMPTY] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, 0, 1, no_page },
        [NO_TABLE] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, SILLOK_ECORRUPT, SILLOK_ECORRUPT,
                       0, no_page },
        [VALUES] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, 0, 1, no_page },
        [NO_VALUES] = { 0, 0, 0, 0, 0, "" },
        [NO_MAIN] = { 0, 0, 0, 0, 0, "" },
    };
    struct box b;
    uint8_t key[5];
    char value[DUP_BYTES];
    (void)state;
    box_open(&b);
    for (int i = 0; i < N_FORGED; i++) {
        struct buf data = BUF_INIT, sums = BUF_INIT;
        struct asked a;
        unsigned n = 0;
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        uint8_t *const all = (uint8_t *)data.ptr + newest_head(&data) + TABLES_AT + 48;
        const struct btree_table tables_ = btree_table_read(text_make((char *)all, 48)),
                                 p = table_of(&data, "plain"), d = table_of(&data, "dup");
        uint8_t *const plain = data_of(node_of(&data, tables_, text_of("plain"))),
                       *const tree = data_of(node_of(&data, d, text_of("k"))),
                       *const root = bytes_of(&data, p.root);
        const struct btree_table t = btree_table_read(text_make((char *)tree, 48));
        uint16_t first;
        memcpy(&first, root + FIRST_OFFSET, 2);
        if (i == FLAT)
            plain[DEPTH]--;
        else if (i == RING) {
            set(root + first, p.root, 4);
            plain[DEPTH] = 200;
        } else if (i == EMPTY)
            set(root + PAGE_LOWER, FIRST_OFFSET, 2);
        else if (i == NO_TABLE)
            plain[-8 - 5 + NODE_FLAGS] = 0;
        else if (i == VALUES) {
            const uint8_t *values = page_of(&data, t.root);
            set(plain + ROOT, btree_node(values, 0).child, 8);
            plain[DEPTH] = 1;
        } else if (i == NO_VALUES)
            set(tree + ROOT, BTREE_NONE, 8);
        else
            set(all + ROOT, BTREE_NONE, 8);
        seal_all(&data, &sums, &b.data);
        ask_guard(&a, &b, &data, &sums);
        struct guard_view *const v = &a.view;
        (void)(fail)(SILLOK_ERR, "%s", "");
        const int r[] = {
            guard_key(v, T_PLAIN, number_key(key, 0), GUARD_DATA),
            guard_edge(v, T_PLAIN, 1),
            guard_value(v, T_DUP, text_of("k"), value_of(value, 0, DUP_BYTES)),
        };
        if (r[0] != cases[i].key || r[1] != cases[i].edge || r[2] != cases[i].value ||
            !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %d: %d, %d, %d: %s", i, r[0], r[1], r[2],
                     sillok_error_message());
        assert_int_equal(guard_walk(v, T_PLAIN, take_none, &n), cases[i].walk);
        if (i == RING)
            assert_non_null(strstr(sillok_error_message(), "stands in a ring"));
        if (i == FLAT) /* each leaf */
            assert_true(n > 10);
        else if (cases[i].n_taken >= 0)
            assert_int_equal(n, cases[i].n_taken);
        guard_close(&a.guard);
        buf_release(&data);
        buf_release(&sums);
    }
    box_close(&b);
}

/* A byte of what LMDB goes by: the head of a page, where its nodes are, the head of one. */
static uint8_t *random_place(const struct buf *data, uint64_t *random)
{
    const uint64_t pages = data->len / PAGE;
    uint8_t *p = bytes_of(data, 2 + support_random(random) % (pages - 2));
    const int is_tree = btree_is_sound(p, PAGE, btree_number(p)) &&
                        !(btree_flags(p) & (BTREE_OVERFLOW | BTREE_LEAF2));
    const size_t how = is_tree ? support_random(random) % 3 : 0;
    if (how == 0)
        return p + support_random(random) % HEAD;
    uint8_t *offset = p + HEAD + support_random(random) % btree_count(p) * 2;
    uint16_t at;
    memcpy(&at, offset, sizeof(at));
    return how == 1 ? offset + support_random(random) % 2
                    : p + at + support_random(random) % 8;
}

/* Sums are nobody's secret. Whatever stands in pages that have theirs, who asks and who writes
 * gets an answer or is told, and LMDB does not leave the file. */
static void forged_pages_end_no_process(void **state)
{
    enum { ROUNDS = 300 };
    struct box b;
    uint64_t random = 11, answer;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    for (int round = 0; round < ROUNDS; round++) {
        CLEANUP(buf_release) struct buf data = BUF_INIT, sums = BUF_INIT;
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        for (int n = 1 + round % 3; n > 0; n--)
            *random_place(&data, &random) ^= (uint8_t)(1 << support_random(&random) % 8);
        seal_all(&data, &sums, &b.data);
        for (int writes = 0; writes < 2; writes++) {
            box_put(&b, &data, data.len);
            put_bytes(b.seal, sums.ptr, sums.len);
            const int r = writes ? change(b.path, &answer) : ask(b.path, &answer);
            told += r == SILLOK_ECORRUPT;
        }
    }
    assert_true(told > ROUNDS / 2);
    box_close(&b);
}

static int take_one(void *arg, const struct kv_damage *d)
{
    (void)d;
    ++*(unsigned *)arg;
    return SILLOK_EBUSY;
}

static void a_walk_ends_where_it_is_told_to(void **state)
{
    struct box b;
    struct asked a;
    uint8_t key[5];
    (void)state;
    box_open(&b);
    unsigned n = 0, all = 0;
    for (uint64_t i = 0; i < 3; i++) { /* big data in one leaf */
        uint64_t run;
        memcpy(&run,
               data_of(node_of(&b.data, table_of(&b.data, "big"), number_key(key, i))),
               sizeof(run));
        bytes_of(&b.data, run)[100] ^= 1;
    }
    ask_guard(&a, &b, &b.data, &b.sums);
    assert_ok(guard_walk(&a.view, T_BIG, take_none, &all));
    assert_int_equal(all, 3);
    assert_int_equal(guard_walk(&a.view, T_BIG, take_one, &n), SILLOK_EBUSY);
    assert_int_equal(n, 1);
    guard_close(&a.guard);
    box_close(&b);
}

static void no_page_is_outside_of_the_file(void **state)
{
    struct box b;
    struct asked a;
    (void)state;
    box_open(&b);
    const uint64_t end = n_pages(&b);
    const struct {
        uint64_t page, n;
        int is_there;
    } cases[] = {
        { 0, 1, 1 },          { end - 1, 1, 1 },    { 0, end, 1 },
        { end, 1, 0 },        { end - 1, 2, 0 },    { 1, end, 0 },
        { UINT64_MAX, 1, 0 }, { UINT64_MAX, 2, 0 }, { 5, UINT64_MAX, 0 },
    };
    ask_guard(&a, &b, &b.data, &b.sums);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint8_t *p = guard_page(&a.guard, cases[i].page, cases[i].n);
        assert_int_equal(p != NULL, cases[i].is_there);
        if (p)
            assert_ptr_equal(p, a.guard.map + cases[i].page * PAGE);
    }
    /* It has become longer, up to the end of the map and beyond. */
    assert_int_equal(truncate(b.path, ((off_t)1 << 26) + PAGE), 0);
    assert_non_null(guard_page(&a.guard, end, 1));
    const uint64_t last = ((uint64_t)1 << 26) / PAGE - 1;
    assert_non_null(guard_page(&a.guard, last, 1));
    assert_null(guard_page(&a.guard, last, 2));
    assert_null(guard_page(&a.guard, last + 1, 1));
    const struct script fails = { .call = "fstat64", .rc = EIO };
    script_set(&fails, 1);
    assert_null(guard_page(&a.guard, last + 9, 1));
    assert_int_equal(script_calls(0), 1);
    script_clear();
    guard_close(&a.guard);
    box_close(&b);
}

/* --- no seal at all --- */

static uint64_t value_sum(struct sillok_text v)
{
    return XXH3_64bits(v.ptr, v.len);
}

static int ask_bare(const struct box *b, const struct buf *data)
{
    static const struct kv_table bare[] = { { "plain", 0 }, { "big", 0 } };
    struct kv_options o = for_reading;
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    o.may_lack_seal = 1;
    box_put(b, data, data->len);
    assert_int_equal(unlink(b->seal), 0);
    int r = kv_open(&env, b->path, bare, 2, &o);
    if (r == 0)
        r = kv_read(env, &txn);
    if (r == 0) {
        for (int table = 0; table < 2 && r == 0; table++) {
            c = NULL;
            r = kv_cursor_open(&c, txn, table);
            for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v))
                (void)value_sum(v); /* all that it is said to be can be read */
            kv_cursor_close(c);
        }
        kv_abort(txn);
    }
    kv_close(env);
    return r;
}

/* The same damages: of what LMDB reads there none is left to it. */
static void without_a_seal_the_shape_tells(void **state)
{
    static const int unread[] = { MAIN_DEEPER, MAIN_TOO_DEEP, MAIN_DEEPEST, FREE_COUNT,
                                  PLAIN_ROW,   DUP_KIND,      DUP_SIZE,     DUP_NO_SIZE,
                                  DUP_NODE,    FEW_KIND,      FEW_LOWER,    FEW_NO_SIZE,
                                  FEW_COUNT,   STILL_KIND,    STILL_SIZE,   STILL_DEEPER,
                                  PLAIN_TWICE };
    struct box b;
    struct buf now = BUF_INIT;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    assert_ok(ask_bare(&b, &now));
    for (int how = 0; how < N_SPOILS; how++) {
        struct buf data = BUF_INIT;
        int may_pass = 0;
        for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++)
            may_pass |= unread[i] == how;
        assert_ok(buf_add(&data, now.ptr, now.len));
        spoil(&data, (enum spoil)how);
        const int r = ask_bare(&b, &data);
        if (r != SILLOK_ECORRUPT && !(may_pass && r == 0))
            fail_msg("%d: %d: %s", how, r, sillok_error_message());
        buf_release(&data);
    }
    /* Either header, and a file that is cut. */
    for (size_t at = HEAD; at < 2 * PAGE; at += PAGE) {
        now.ptr[at] ^= 1;
        assert_int_equal(ask_bare(&b, &now), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), "the header of '"));
        now.ptr[at] ^= 1;
    }
    now.len -= 30 * PAGE;
    assert_int_equal(ask_bare(&b, &now), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the file was cut off"));
    buf_release(&now);
    box_close(&b);
}

/* --- another machine --- */

/* What the header begins with, as a machine of the other byte order writes it. */
static void swap_header(uint8_t *page)
{
    uint8_t was[8];
    memcpy(was, page + HEAD, sizeof(was));
    for (size_t i = 0; i < sizeof(was); i++) /* words of four bytes */
        page[HEAD + i] = was[i ^ 3];
}

static void a_file_of_another_machine_is_told(void **state)
{
    static const struct {
        unsigned first, second; /* bytes of a page that its headers tell; 0: swapped */
        size_t n_pages;         /* of the file; 0: all */
        int code;
        const char *said;
    } cases[] = {
        { 2 * PAGE, 2 * PAGE, 0, SILLOK_EINVALID,
          "was made on a machine with pages of 8192 bytes, this one has 4096" },
        { 0, 0, 0, SILLOK_EINVALID, "was made on a machine with the other byte order" },
        { 2 * PAGE, PAGE, 0, SILLOK_ECORRUPT, "the header of '" },
        { 2 * PAGE, 3, 0, SILLOK_ECORRUPT, "the header of '" },
        { 3, PAGE, 0, SILLOK_ECORRUPT, "the header of '" },
        { 8 * PAGE, 8 * PAGE, 2, SILLOK_ECORRUPT, "was cut off inside its header" },
        { 8 * PAGE, 8 * PAGE, 1, SILLOK_ECORRUPT, "has 4096 bytes: it was cut off" },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf data = BUF_INIT;
        uint64_t answer;
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        set((uint8_t *)data.ptr + TABLES_AT, cases[i].first, 4);
        memcpy(data.ptr + 2 * PAGE, data.ptr + PAGE, PAGE);
        set((uint8_t *)data.ptr + 2 * PAGE + TABLES_AT, cases[i].second, 4);
        if (!cases[i].first)
            swap_header((uint8_t *)data.ptr);
        box_put(&b, &data, cases[i].n_pages ? cases[i].n_pages * PAGE : data.len);
        const int r = ask(b.path, &answer);
        if (r != cases[i].code || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        buf_release(&data);
    }
    box_close(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unsealed_commit_is_told_by_its_shape),
        cmocka_unit_test(what_makes_no_tree_is_told),
        cmocka_unit_test(forged_pages_end_no_process),
        cmocka_unit_test(a_walk_ends_where_it_is_told_to),
        cmocka_unit_test(no_page_is_outside_of_the_file),
        cmocka_unit_test(without_a_seal_the_shape_tells),
        cmocka_unit_test(a_file_of_another_machine_is_told),
    };
    if (argc == 2) /* only those */
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
