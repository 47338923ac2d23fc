/* Pages of a file of tables, made by hand, and their sums: what is refused is refused at
 * the very byte, what is sound is read right. */
#include "store/btree.h"
#include "store/seal.h"

#include "support.h"

#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 512, NO = 7 };

static void put(uint8_t *p, uint64_t v, size_t n)
{
    /* Little-endian would be enough here, but the pages are in the machine's own order.
     */
    const uint16_t v16 = (uint16_t)v;
    const uint32_t v32 = (uint32_t)v;
    memcpy(p, n == 2 ? (const void *)&v16 : n == 4 ? (const void *)&v32 : &v, n);
}

static void page_begin(uint8_t *page, unsigned flags)
{
    memset(page, 0, PAGE);
    put(page, NO, 8);
    put(page + 10, flags, 2);
    put(page + 12, BTREE_HEAD_BYTES, 2);
    put(page + 14, PAGE, 2);
}

/* Put a node below those that are there; keys must come in order. */
static uint8_t *node_add(uint8_t *page, const char *key, uint64_t number, unsigned flags,
                         size_t data_bytes)
{
    uint16_t lower, upper;
    memcpy(&lower, page + 12, 2);
    memcpy(&upper, page + 14, 2);
    upper = (uint16_t)(upper - 8 - strlen(key) - data_bytes);
    uint8_t *n = page + upper;
    put(n, number & 0xffffffff, 4);
    put(n + 4, flags, 2);
    put(n + 6, strlen(key), 2);
    memcpy(n + 8, key, strlen(key));
    put(page + lower, upper, 2);
    put(page + 12, lower + 2u, 2);
    put(page + 14, upper, 2);
    return n;
}

static uint8_t *leaf_add(uint8_t *page, const char *key, const char *value)
{
    uint8_t *n = node_add(page, key, strlen(value), 0, strlen(value));
    memcpy(n + 8 + strlen(key), value, strlen(value));
    return n;
}

static void branch_add(uint8_t *page, const char *key, uint64_t child)
{
    (void)node_add(page, key, child & 0xffffffff, (unsigned)(child >> 32), 0);
}

static int sound(const uint8_t *page)
{
    return btree_is_sound(page, PAGE, NO);
}

/* --- search --- */

static void leaves_are_searched(void **state)
{
    static const char *const keys[] = { "b", "d", "f", "h", "j" };
    static const struct {
        const char *key;
        unsigned at;
        int exact;
    } cases[] = { { "a", 0, 0 }, { "b", 0, 1 },  { "c", 1, 0 }, { "d", 1, 1 },
                  { "f", 2, 1 }, { "g", 3, 0 },  { "h", 3, 1 }, { "j", 4, 1 },
                  { "k", 5, 0 }, { "bb", 1, 0 }, { "", 0, 0 } };
    uint8_t page[PAGE];
    (void)state;
    /* With any number of keys, so that each half of each step is gone. */
    for (unsigned n = 0; n <= 5; n++) {
        page_begin(page, BTREE_LEAF);
        for (unsigned i = 0; i < n; i++)
            (void)leaf_add(page, keys[i], "value");
        assert_int_equal(btree_count(page), n);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            int exact = 9;
            const unsigned at = cases[i].at < n ? cases[i].at : n;
            assert_int_equal(btree_find(page, text_of(cases[i].key), &exact), at);
            assert_int_equal(exact, cases[i].at < n && cases[i].exact);
        }
    }
    const struct btree_node node = btree_node(page, 3);
    assert_true(text_is(node.key, "h"));
    assert_true(text_is(node.data, "value"));
    assert_int_equal(node.flags, 0);
    assert_int_equal(node.child, 0);
}

/* The first key of a branch page counts as lower than any, whatever stands there. */
static void branches_are_searched(void **state)
{
    static const struct {
        const char *key;
        unsigned at;
    } cases[] = { { "", 0 }, { "a", 0 }, { "d", 1 }, { "e", 1 }, { "f", 2 }, { "z", 2 } };
    uint8_t page[PAGE];
    int exact;
    (void)state;
    page_begin(page, BTREE_BRANCH);
    branch_add(page, "x", 0x123456789abc);
    assert_int_equal(btree_find(page, text_of("k"), &exact), 0);
    branch_add(page, "d", 0xffff00000001);
    branch_add(page, "f", 3);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(btree_find(page, text_of(cases[i].key), &exact), cases[i].at);
    assert_true(btree_node(page, 0).child == 0x123456789abc);
    assert_true(btree_node(page, 1).child == 0xffff00000001);
    assert_int_equal(btree_node(page, 0).flags, 0);
    assert_true(sound(page));
}

static void pages_of_keys_alone_are_searched(void **state)
{
    uint8_t page[PAGE];
    int exact;
    (void)state;
    page_begin(page, BTREE_LEAF | BTREE_LEAF2);
    put(page + 8, 3, 2);
    memcpy(page + BTREE_HEAD_BYTES, "aaabbbccc", 9);
    put(page + 12, BTREE_HEAD_BYTES + 3 * 2, 2);
    assert_int_equal(btree_count(page), 3);
    assert_true(text_is(btree_leaf2(page, 2), "ccc"));
    assert_int_equal(btree_find(page, text_of("bbb"), &exact), 1);
    assert_true(exact);
    assert_int_equal(btree_find(page, text_of("bbc"), &exact), 2);
    assert_false(exact);
    assert_true(sound(page));
}

/* --- what is sound --- */

static void a_sound_leaf(uint8_t *page)
{
    page_begin(page, BTREE_LEAF);
    (void)leaf_add(page, "a", "1");
    (void)leaf_add(page, "b", "22");
}

static void unsound_pages_are_told(void **state)
{
    uint8_t page[PAGE];
    (void)state;
    a_sound_leaf(page);
    assert_true(sound(page));
    assert_false(btree_is_sound(page, PAGE, NO + 1)); /* another page's number */

    put(page + 10, BTREE_LEAF | BTREE_BRANCH, 2); /* two kinds at once */
    assert_false(sound(page));
    put(page + 10, BTREE_SUBPAGE | BTREE_LEAF, 2);
    assert_false(sound(page));
    put(page + 10, BTREE_META, 2);
    assert_false(sound(page));
    put(page + 10, 0, 2);
    assert_false(sound(page));

    page_begin(page, BTREE_LEAF); /* without a node */
    assert_false(sound(page));
    page_begin(page, BTREE_BRANCH);
    assert_false(sound(page));

    a_sound_leaf(page); /* the end of the offsets */
    put(page + 12, BTREE_HEAD_BYTES - 1, 2);
    assert_false(sound(page));
    put(page + 12, PAGE + 1, 2);
    assert_false(sound(page));
    put(page + 12, PAGE, 2); /* offsets up to the end: zeros, which lie in the head */
    assert_false(sound(page));

    page_begin(page, BTREE_OVERFLOW);
    put(page + 12, 0, 4);
    assert_false(sound(page));
    put(page + 12, 1, 4);
    assert_true(sound(page));
    put(page + 12, 0x12345678, 4);
    assert_true(btree_run(page) == 0x12345678);
}

/* Each node to its last byte. */
static void unsound_nodes_are_told(void **state)
{
    uint8_t page[PAGE], *n;
    (void)state;
    a_sound_leaf(page); /* an offset among the offsets, and just behind them */
    put(page + BTREE_HEAD_BYTES + 2, BTREE_HEAD_BYTES + 3, 2);
    assert_false(sound(page));
    put(page + BTREE_HEAD_BYTES + 2, BTREE_HEAD_BYTES + 4, 2);
    assert_true(sound(page));

    a_sound_leaf(page); /* a node's head across the end, and up to it */
    put(page + BTREE_HEAD_BYTES, PAGE - 7, 2);
    assert_false(sound(page));
    memset(page + PAGE - 8, 0, 8);
    put(page + BTREE_HEAD_BYTES, PAGE - 8, 2);
    assert_true(sound(page));
    put(page + PAGE - 2, 1, 2); /* then there is no room for a key */
    assert_false(sound(page));

    page_begin(page, BTREE_LEAF); /* data up to the end, and a byte more */
    n = leaf_add(page, "key", "data");
    assert_true(sound(page));
    put(n, 5, 4);
    assert_false(sound(page));
    put(n, 4, 4);
    put(n + 6, 4, 2);
    assert_false(sound(page));

    page_begin(page, BTREE_BRANCH); /* a branch's low half is no length */
    branch_add(page, "", 0xffffffff);
    assert_true(sound(page));

    page_begin(page, BTREE_LEAF); /* of big data a page number stands there */
    n = node_add(page, "key", 1 << 20, NODE_BIG, 8);
    put(n + 8 + 3, 0x123456789abcdef0, 8);
    assert_true(sound(page));
    assert_true(btree_node(page, 0).child == 0x123456789abcdef0);
    assert_int_equal(btree_node(page, 0).data.len, 8);
    page_begin(page, BTREE_LEAF);
    (void)node_add(page, "key", 1 << 20, NODE_BIG, 7);
    assert_false(sound(page));

    page_begin(page, BTREE_LEAF); /* a table's record has one length */
    (void)node_add(page, "t", BTREE_TABLE_BYTES, NODE_TABLE, BTREE_TABLE_BYTES);
    assert_true(sound(page));
    page_begin(page, BTREE_LEAF);
    (void)node_add(page, "t", BTREE_TABLE_BYTES - 1, NODE_TABLE, BTREE_TABLE_BYTES);
    assert_false(sound(page));

    page_begin(page, BTREE_LEAF); /* the second of two is looked at as well */
    (void)leaf_add(page, "a", "1");
    n = leaf_add(page, "b", "22");
    put(n, PAGE, 4);
    assert_false(sound(page));
}

static void pages_of_keys_alone_are_bounded(void **state)
{
    uint8_t page[PAGE];
    (void)state;
    page_begin(page, BTREE_LEAF | BTREE_LEAF2);
    put(page + 8, 62, 2); /* eight keys of 62 bytes are all that there is room for */
    put(page + 12, BTREE_HEAD_BYTES + 8 * 2, 2);
    assert_true(sound(page));
    put(page + 8, 63, 2);
    assert_false(sound(page));
    put(page + 8, 0, 2);
    assert_false(sound(page));
}

/* --- what LMDB may write into --- */

static int whole(const uint8_t *page)
{
    return sound(page) && btree_is_whole(page, PAGE);
}

static void pages_are_filled_without_a_gap(void **state)
{
    enum { A = PAGE - 12, B = A - 10, OFFSETS = BTREE_HEAD_BYTES };
    uint8_t page[PAGE];
    (void)state;
    page_begin(page, BTREE_LEAF);
    (void)leaf_add(page, "a", "222");
    (void)leaf_add(page, "b", "1");
    assert_true(whole(page));
    static const unsigned firsts[] = { OFFSETS + 3, B - 2, B + 2, PAGE + 2, A };
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        put(page + 14, firsts[i], 2); /* where the nodes are said to begin */
        assert_false(whole(page));
    }
    put(page + 14, B, 2);
    assert_true(whole(page));
    static const unsigned places[] = { A, B + 1, B + 4 }; /* twice, odd, over the other */
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        put(page + OFFSETS + 2, places[i], 2);
        assert_false(whole(page));
    }
    put(page + OFFSETS + 2, B, 2);
    put(page + B, 2, 4); /* one byte longer: an even number of bytes is not */
    assert_false(whole(page));
    put(page + B, 1, 4);
    put(page + 12, OFFSETS + 3, 2); /* half an offset */
    assert_false(whole(page));

    page_begin(page, BTREE_LEAF | BTREE_LEAF2);
    put(page + 8, 13, 2);
    put(page + 12, OFFSETS + 5 * 2, 2);
    put(page + 14, PAGE - 5 * 11, 2); /* two bytes of each are where offsets would be */
    assert_true(whole(page));
    put(page + 14, PAGE - 5 * 11 + 1, 2);
    assert_false(whole(page));
    put(page + 14, OFFSETS, 2);
    assert_false(whole(page));

    page_begin(page, BTREE_OVERFLOW);
    put(page + 12, 1, 4);
    assert_true(whole(page));
}

/* --- what fits where it stands --- */

static void record(uint8_t out[BTREE_TABLE_BYTES], unsigned size, unsigned flags)
{
    memset(out, 0, BTREE_TABLE_BYTES);
    put(out, size, 4);
    put(out + 4, flags, 2);
}

/* A page of keys alone as a node holds it: head, then values. */
static void few_values(uint8_t out[64], unsigned flags, unsigned size, unsigned lower,
                       size_t len)
{
    const int n = ((int)lower - BTREE_HEAD_BYTES) / 2;
    memset(out, 0, 64);
    put(out + 14, (uint64_t)((int)len - n * ((int)size - 2)), 2);
    put(out + 8, size, 2);
    put(out + 10, flags, 2);
    put(out + 12, lower, 2);
}

static void pages_fit_their_table(void **state)
{
    enum {
        DUP = TABLE_DUPLICATES | TABLE_FIXED,
        SUB = BTREE_LEAF | BTREE_LEAF2 | BTREE_SUBPAGE
    };
    static const struct {
        unsigned table, own; /* kind of table */
        unsigned flags;      /* of the node */
        unsigned kind, size; /* of the record or the page within it; size of the data: */
        size_t len;
        unsigned lower;
        int fits;
    } cases[] = {
        /* rows: a value, or large data */
        { 0, 0, 0, 0, 0, 0, 0, 1 },
        { 0, 0, NODE_BIG, 0, 0, 8, 0, 1 },
        { 0, 0, NODE_TABLE, 0, 0, 48, 0, 0 },
        { 0, 0, NODE_DUPLICATES, SUB, 4, 24, 20, 0 },
        /* tables: records of two kinds, and numbers of free pages */
        { 0, 1, NODE_TABLE, 0, 0, 48, 0, 1 },
        { 0, 1, NODE_TABLE, DUP, 0, 48, 0, 1 },
        { 0, 1, NODE_TABLE, TABLE_DUPLICATES, 0, 48, 0, 0 },
        { 0, 1, NODE_TABLE, TABLE_FIXED, 4, 48, 0, 0 },
        { 0, 1, NODE_BIG, 0, 0, 8, 0, 1 },
        { 0, 1, NODE_DUPLICATES, SUB, 4, 24, 20, 0 },
        { 0, 1, 0, 0, 0, 16, 0, 1 }, /* none of one */
        { 0, 1, 0, 0, 0, 7, 0, 0 },
        /* duplicates: one value, few, a tree */
        { DUP, 0, 0, 0, 0, 4, 0, 1 },
        { DUP, 0, NODE_BIG, 0, 0, 8, 0, 0 },
        { DUP, 0, NODE_TABLE, TABLE_FIXED, 4, 48, 0, 0 },
        { DUP, 0, NODE_TABLE | NODE_DUPLICATES, TABLE_FIXED, 4, 48, 0, 1 },
        { DUP, 0, NODE_TABLE | NODE_DUPLICATES, TABLE_FIXED, 0, 48, 0, 0 },
        { DUP, 0, NODE_TABLE | NODE_DUPLICATES, DUP, 4, 48, 0, 0 },
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 24, 20, 1 },
        { DUP, 0, NODE_DUPLICATES, SUB | BTREE_DIRTY, 4, 24, 20, 1 },
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 24, 22, 0 }, /* three of two */
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 23, 20, 0 },
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 24, 15, 0 },
        { DUP, 0, NODE_DUPLICATES, SUB, 0, 24, 20, 0 },
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 16, 16, 1 },
        { DUP, 0, NODE_DUPLICATES, SUB, 4, 15, 16, 0 },
        { DUP, 0, NODE_DUPLICATES, SUB & ~BTREE_LEAF2, 4, 24, 20, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t page[PAGE], data[64] = { 0 };
        const struct btree_table t = { .flags = cases[i].table };
        page_begin(page, BTREE_LEAF);
        (void)leaf_add(page, "a", "0123456789abcdef"); /* no count: no list of pages */
        if (cases[i].own)
            page_begin(page, BTREE_LEAF);
        uint8_t *n = node_add(page, "b", cases[i].len, cases[i].flags, cases[i].len);
        if (cases[i].flags & NODE_TABLE)
            record(data, cases[i].size, cases[i].kind);
        else if (cases[i].flags & NODE_DUPLICATES)
            few_values(data, cases[i].kind, cases[i].size, cases[i].lower, cases[i].len);
        memcpy(n + 9, data, cases[i].len);
        assert_true(sound(page));
        if (btree_fits(page, &t, (int)cases[i].own) != cases[i].fits)
            fail_msg("case %zu", i);
    }
}

static void other_pages_fit_their_place(void **state)
{
    const struct btree_table rows = { 0 },
                             values = { .flags = TABLE_FIXED, .value_bytes = 3 };
    uint8_t page[PAGE], numbers[24] = { 0 };
    (void)state;
    page_begin(page, BTREE_OVERFLOW);
    put(page + 12, 1, 4);
    assert_false(btree_fits(page, &rows, 0));
    page_begin(page, BTREE_BRANCH); /* one child is no branch */
    branch_add(page, "", 9);
    assert_false(btree_fits(page, &rows, 0));
    branch_add(page, "k", 10);
    assert_true(btree_fits(page, &rows, 0));
    assert_true(btree_fits(page, &values, 0));
    page_begin(page, BTREE_LEAF | BTREE_LEAF2);
    put(page + 8, 3, 2);
    put(page + 12, BTREE_HEAD_BYTES + 2, 2);
    assert_true(btree_fits(page, &values, 0));
    assert_false(btree_fits(page, &rows, 0));
    assert_false(btree_fits(page, &values, 1));
    put(page + 8, 4, 2); /* of another size */
    assert_false(btree_fits(page, &values, 0));
    a_sound_leaf(page);
    assert_true(btree_fits(page, &rows, 0));
    assert_false(btree_fits(page, &values, 0));
    /* The count of a list of free pages, and as many as there is room for. */
    for (unsigned n = 0; n < 4; n++) {
        put(numbers, n, 8);
        assert_int_equal(btree_free_fits(text_make((char *)numbers, 24)), n <= 2);
    }
    assert_false(btree_free_fits(text_make((char *)numbers, 0)));
}

/* --- the header --- */

static void headers_are_read(void **state)
{
    uint8_t page[PAGE];
    struct btree_meta m;
    (void)state;
    page_begin(page, BTREE_META);
    put(page + 16, 0xBEEFC0DE, 4);
    put(page + 20, 1, 4);
    uint8_t *free_list = page + 40, *tables = page + 88;
    put(free_list, 4096, 4);
    put(free_list + 6, 2, 2);
    put(free_list + 40, 11, 8);
    put(tables + 4, 8, 2);
    put(tables + 6, 3, 2);
    put(tables + 32, 12, 8);
    put(tables + 40, 13, 8);
    put(page + 136, 99, 8);
    put(page + 144, 1000, 8);
    assert_int_equal(btree_meta_read(&m, page), 0);
    assert_int_equal(m.page_bytes, 4096);
    assert_int_equal(m.free_list.depth, 2);
    assert_int_equal(m.free_list.root, 11);
    assert_int_equal(m.main.flags, 8);
    assert_int_equal(m.main.depth, 3);
    assert_int_equal(m.main.rows, 12);
    assert_int_equal(m.main.root, 13);
    assert_int_equal(m.last_page, 99);
    assert_int_equal(m.txn, 1000);

    static const struct {
        unsigned bytes;
        int result;
    } sizes[] = { { 0, -1 },     { 256, -1 },   { 511, -1 },   { 512, 0 },
                  { 513, -1 },   { 4097, -1 },  { 6144, -1 },  { 32768, 0 },
                  { 32769, -1 }, { 49152, -1 }, { 65536, -1 }, { 0x80000000, -1 } };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        put(free_list, sizes[i].bytes, 4);
        assert_int_equal(btree_meta_read(&m, page), sizes[i].result);
    }
    put(free_list, 4096, 4);
    put(page + 20, 2, 4); /* another version of LMDB's format */
    assert_int_equal(btree_meta_read(&m, page), -1);
    put(page + 20, 1, 4);
    put(page + 16, 0xBEEFC0DF, 4);
    assert_int_equal(btree_meta_read(&m, page), -1);
    put(page + 16, 0xBEEFC0DE, 4);
    put(page + 10, BTREE_LEAF, 2);
    assert_int_equal(btree_meta_read(&m, page), -1);
}

/* --- sums --- */

struct sealed {
    char *folder, *path;
    struct seal seal;
};

static void sealed_open(struct sealed *s)
{
    s->folder = support_folder();
    s->path = support_path(s->folder, "t-seal");
    assert_ok(seal_create(&s->seal, s->path, 0600));
    assert_ok(seal_map(&s->seal, 200));
}

static void sealed_close(struct sealed *s)
{
    seal_close(&s->seal);
    support_remove(s->folder);
    free(s->path);
}

/* In runs longer and shorter than what is written at once, with gaps. */
static void sums_come_back(void **state)
{
    struct sealed s;
    struct seal_run runs[150];
    struct seal_head heads[2];
    struct buf bytes = BUF_INIT;
    size_t n = 0;
    (void)state;
    sealed_open(&s);
    assert_ok(seal_heads(&s.seal, heads));
    assert_null(seal_last(heads));
    assert_int_equal(seal_get(&s.seal, 0), 0);
    for (uint64_t page = 0; page < 150; page++)
        if (page != 70 && page != 72)
            runs[n++] = (struct seal_run){ page, page * page + 5 };
    const struct seal_head head = { 12, 0x1122334455667788, 1 };
    assert_ok(seal_write(&s.seal, runs, n, &head));
    assert_ok(seal_read_all(&bytes, "/nonexistent/t"));
    assert_int_equal(bytes.len, 0);
    s.path[strlen(s.path) - strlen("-seal")] = '\0';
    assert_ok(seal_read_all(&bytes, s.path));
    assert_int_equal(bytes.len, 4096 + 150 * 8);
    for (uint64_t page = 0; page < 210; page++) {
        const uint64_t want =
            page == 70 || page == 72 || page >= 150 ? 0 : page * page + 5;
        assert_int_equal(seal_get(&s.seal, page), want);
        assert_int_equal(seal_sum_in(&bytes, page), want);
    }
    /* A number that no file has must not come round to another page. */
    assert_int_equal(seal_sum_in(&bytes, (uint64_t)1 << 61), 0);
    assert_int_equal(seal_sum_in(&bytes, UINT64_MAX), 0);
    assert_int_equal(seal_get(&s.seal, (uint64_t)1 << 61), 0);
    bytes.len = 4096 + 8 * 3 + 7;
    assert_int_equal(seal_sum_in(&bytes, 2), 9);
    assert_int_equal(seal_sum_in(&bytes, 3), 0);
    bytes.len = 100;
    assert_int_equal(seal_sum_in(&bytes, 0), 0);
    buf_release(&bytes);
    /* More sums than there is room for in the map: not known, never read. */
    runs[0] = (struct seal_run){ 199, 1 };
    runs[1] = (struct seal_run){ 200, 2 };
    assert_ok(seal_write(&s.seal, runs, 2, &head));
    assert_int_equal(seal_get(&s.seal, 199), 1);
    assert_int_equal(seal_get(&s.seal, 200), 0);
    assert_ok(seal_map(&s.seal, 400));
    assert_int_equal(seal_get(&s.seal, 200), 2);
    sealed_close(&s);
}

/* What somebody else wrote is seen, through the same map. */
static void sums_of_another_are_seen(void **state)
{
    struct sealed s;
    struct seal reader;
    struct seal_head heads[2];
    const struct seal_run run = { 3, 33 };
    const struct seal_head first = { 1, 10, 1 }, second = { 2, 20, 1 };
    (void)state;
    sealed_open(&s);
    assert_ok(seal_open(&reader, s.path, 1));
    assert_ok(seal_map(&reader, 200));
    assert_int_equal(seal_get(&reader, 3), 0);
    assert_ok(seal_write(&s.seal, &run, 1, &first));
    assert_int_equal(seal_get(&reader, 3), 33);
    assert_ok(seal_heads(&reader, heads));
    assert_int_equal(seal_last(heads)->txn, 1);
    assert_false(heads[0].valid);
    assert_ok(seal_write(&s.seal, NULL, 0, &second));
    assert_ok(seal_heads(&reader, heads));
    assert_true(heads[0].valid && heads[1].valid); /* the one before stays */
    assert_int_equal(seal_last(heads)->txn, 2);
    assert_int_equal(seal_last(heads)->meta_sum, 20);
    assert_int_equal(heads[1].meta_sum, 10);
    /* Who may only read cannot write. */
    assert_int_equal(seal_write(&reader, &run, 1, &second), SILLOK_EIO);
    seal_close(&reader);
    sealed_close(&s);
}

static void every_bit_of_a_head_counts(void **state)
{
    struct sealed s;
    struct seal_head heads[2];
    uint8_t b;
    const struct seal_head head = { 3, 0x0102030405060708, 1 };
    (void)state;
    sealed_open(&s);
    assert_ok(seal_write(&s.seal, NULL, 0, &head));
    for (int bit = 0; bit < 40 * 8; bit++) {
        assert_int_equal(pread(s.seal.fd, &b, 1, 512 + bit / 8), 1);
        const uint8_t other = b ^ (uint8_t)(1 << bit % 8);
        assert_int_equal(pwrite(s.seal.fd, &other, 1, 512 + bit / 8), 1);
        assert_ok(seal_heads(&s.seal, heads));
        assert_false(heads[1].valid);
        assert_null(seal_last(heads));
        assert_int_equal(pwrite(s.seal.fd, &b, 1, 512 + bit / 8), 1);
    }
    assert_ok(seal_heads(&s.seal, heads));
    assert_true(heads[1].valid);
    assert_ptr_equal(seal_last(heads), &heads[1]);
    assert_int_equal(ftruncate(s.seal.fd, 512 + 39), 0); /* cut in its last byte */
    assert_ok(seal_heads(&s.seal, heads));
    assert_null(seal_last(heads));
    sealed_close(&s);
}

static void seals_are_found_or_not(void **state)
{
    struct seal seal;
    struct sealed s;
    (void)state;
    sealed_open(&s);
    char *other = support_path(s.folder, "other"), *link = support_path(s.folder, "link");
    assert_int_equal(seal_open(&seal, other, 1), SILLOK_ENOTFOUND);
    seal_close(&seal);
    assert_int_equal(symlink(s.path, link), 0); /* a link is never followed */
    assert_int_equal(seal_open(&seal, link, 0), SILLOK_ECORRUPT);
    seal_close(&seal);
    assert_true(seal_sum("", 0) != 0);
    assert_true(seal_sum("a", 1) != seal_sum("b", 1));
    free(other);
    free(link);
    sealed_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_are_searched),
        cmocka_unit_test(branches_are_searched),
        cmocka_unit_test(pages_of_keys_alone_are_searched),
        cmocka_unit_test(unsound_pages_are_told),
        cmocka_unit_test(unsound_nodes_are_told),
        cmocka_unit_test(pages_of_keys_alone_are_bounded),
        cmocka_unit_test(pages_are_filled_without_a_gap),
        cmocka_unit_test(pages_fit_their_table),
        cmocka_unit_test(other_pages_fit_their_place),
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(sums_come_back),
        cmocka_unit_test(sums_of_another_are_seen),
        cmocka_unit_test(every_bit_of_a_head_counts),
        cmocka_unit_test(seals_are_found_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
