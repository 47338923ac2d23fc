/*
 * Rows that are not what they should be, with pages that are: what a bug, or a bit that
 * flipped in memory before it was written, leaves in a store. No sum of a page tells.
 *
 * Of every table rows are cut short, emptied, changed in a byte, put under another key,
 * and taken away. Then
 *
 *  1. nothing crashes or hangs, and each question gets its answer or an error;
 *  2. where `verify` says that all is well, each question gets the answer that it had;
 *  3. a derived table is what it was after `reindex`, and of a store whose truth is whole
 *     `salvage` brings out all of it;
 *  4. what `backup` and `salvage` make is sound, or nothing is made.
 *
 * Rows that end in a sum are changed a second time, with the sum made right: 2 cannot
 * hold then, all else must.
 */
#include "support.h"

#include "scenarios.h"
#include "store/btree.h"
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct world world;
static struct buf answers[N_SCENARIOS];
static struct buf whole; /* the dump of the store */

enum how {
    CUT,
    HALF,
    EMPTY,
    FIRST,
    MIDDLE,
    LAST,
    LONGER,
    SHORT_KEY,
    LONG_KEY,
    GONE,
    SEALED_HALF,
    SEALED_FIRST,
    SEALED_MIDDLE,
    SEALED_LONGER,
    N_HOWS
};
static const char *const hows[N_HOWS] = {
    [CUT] = "without its last byte",
    [HALF] = "cut in half",
    [EMPTY] = "emptied",
    [FIRST] = "with another first byte",
    [MIDDLE] = "changed within",
    [LAST] = "with another last byte",
    [LONGER] = "with a byte too many",
    [SHORT_KEY] = "under a key cut short",
    [LONG_KEY] = "under a longer key",
    [GONE] = "taken away",
    [SEALED_HALF] = "cut in half, its sum made right",
    [SEALED_FIRST] = "with another first byte, its sum made right",
    [SEALED_MIDDLE] = "changed within, its sum made right",
    [SEALED_LONGER] = "with a byte too many, its sum made right",
};

/* The caches and what the store counts by the way: not truth. */
static int is_derived(int table)
{
    return table >= T_HASH;
}

/* --- the damage --- */

/* The row at @p part of the table; 0: there is none. */
static int find_row(struct kv_txn *txn, int table, unsigned part, unsigned parts,
                    struct buf *key, struct buf *value)
{
    struct kv_cursor *c;
    struct kv_stats stats;
    struct sillok_text k, v;
    assert_ok(kv_table_stats(txn, table, &stats));
    if (stats.rows == 0 || (stats.rows < parts && part >= stats.rows))
        return 0;
    const uint64_t at = stats.rows < parts ? part : (stats.rows - 1) * part / (parts - 1);
    assert_ok(kv_cursor_open(&c, txn, table));
    int r = kv_first(c, &k, &v);
    for (uint64_t i = 0; i < at && r > 0; i++)
        r = kv_next(c, &k, &v);
    assert_int_equal(r, 1);
    buf_clear(key);
    buf_clear(value);
    assert_ok(buf_add_text(key, k));
    assert_ok(buf_add_text(value, v));
    kv_cursor_close(c);
    return 1;
}

/* 0: it would be as it was. */
static int change_value(struct buf *value, enum how how)
{
    switch (how) {
    case GONE:
    case SHORT_KEY:
    case LONG_KEY:
        return 1;
    case LONGER:
    case SEALED_LONGER:
        return buf_add_char(value, 'x') == 0;
    case CUT:
        value->len -= value->len > 0;
        return 1;
    case HALF:
    case SEALED_HALF:
        value->len /= 2;
        return 1;
    case EMPTY:
        value->len = 0;
        return 1;
    case FIRST:
    case SEALED_FIRST:
        value->ptr[0] ^= 0x55;
        return 1;
    case MIDDLE:
    case SEALED_MIDDLE:
        value->ptr[value->len / 2] ^= 0x55;
        return 1;
    case LAST:
        value->ptr[value->len - 1] ^= 0x55;
        return 1;
    case N_HOWS:
    default:
        return 0;
    }
}

static int is_sealed(enum how how)
{
    return how >= SEALED_HALF;
}

/* The same to what its sum is over; 0: it has none. */
static int change_sealed(struct buf *value, enum how how)
{
    struct sillok_text row = text_make(value->ptr, value->len);
    if (row_open(&row, "a row") < 0 || row.len == 0)
        return 0;
    value->len = row.len;
    return change_value(value, how) && row_seal(value) == 0;
}

/* In the store at world.store; 0: there is nothing to damage that way. */
static int damage_row(int table, unsigned part, unsigned parts, enum how how)
{
    CLEANUP(buf_release) struct buf key = BUF_INIT, value = BUF_INIT;
    char *file = support_path(world.store, "data.mdb");
    struct lmdb_store *s;
    struct kv_txn *txn;
    assert_ok(lmdb_open_rows(&s, file, (size_t)1 << 30, NULL));
    free(file);
    assert_ok(kv_write(s->env, &txn));
    int done = find_row(txn, table, part, parts, &key, &value);
    if (done && is_sealed(how))
        done = change_sealed(&value, how);
    else if (done)
        done = (value.len > 0 || how >= LONGER) && change_value(&value, how);
    const struct sillok_text k = text_make(key.ptr, key.len);
    if (done && table == T_HASH) /* duplicates of one size: all or nothing */
        done = how == GONE && part == 0 && kv_clear(txn, table) == 0;
    else if (done && (how == GONE || how == SHORT_KEY || how == LONG_KEY))
        assert_int_equal(kv_delete(txn, table, k), 1);
    if (done && table != T_HASH && how != GONE) {
        if (how == SHORT_KEY)
            key.len--;
        else if (how == LONG_KEY)
            assert_ok(buf_add_char(&key, 'x'));
        done = key.len > 0;
    }
    if (done && table != T_HASH && how != GONE)
        assert_ok(kv_put(txn, table, text_make(key.ptr, key.len),
                         text_make(value.ptr, value.len), 0));
    assert_ok(kv_commit(txn));
    lmdb_close_rows(s);
    return done;
}

/* --- what comes of it --- */

static const struct scenario *scenario(const char *name)
{
    for (int i = 0; i < N_SCENARIOS; i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    fail_msg("there is no '%s'", name);
    return NULL;
}

static int same(const struct buf *a, const struct buf *b)
{
    return text_equal(text_make(a->ptr, a->len), text_make(b->ptr, b->len));
}

/* An error that tells of the store, or of what was asked for and is not in it. */
static void check_error(const char *what, const char *name, int r)
{
    const char *said = sillok_error_message();
    if ((r != SILLOK_ECORRUPT && r != SILLOK_ENOTFOUND && r != SILLOK_EAMBIGUOUS) ||
        !*said)
        fail_msg("%s: %s: %d: %s", what, name, r, said);
}

/* 1: verification told of it. */
static int is_told(const char *what)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    const int r = scenario_run(scenario("verify"), &world, &out);
    if (r < 0)
        check_error(what, "verify", r);
    return r < 0 || out.len > 0;
}

static void ask_all(const char *what, int told, enum how how)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    for (int i = 0; i < N_SCENARIOS; i++) {
        const struct scenario *sc = &scenarios[i];
        if (!(sc->what & OPENS) || sc->what & (MAKES | WRITES | SHOWS) ||
            strcmp(sc->store, "full") != 0)
            continue;
        const int r = scenario_run(sc, &world, &out);
        if (r < 0)
            check_error(what, sc->name, r);
        if (!told && !is_sealed(how) && (r < 0 || !same(&out, &answers[i])))
            fail_msg("%s: verify says that all is well, %s: %s", what, sc->name,
                     r < 0 ? sillok_error_message() : "another answer");
    }
}

/* A store at world.to, if there is one, is sound; 1: and it is @c whole. */
static int check_made(const char *what, const char *name)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    struct sillok_store *s;
    if (access(world.to, F_OK) < 0)
        return 0;
    if (sillok_store_open(&s, world.to, NULL) < 0)
        fail_msg("%s: what %s made: %s", what, name, sillok_error_message());
    if (support_verify(s))
        fail_msg("%s: what %s made is not sound", what, name);
    support_dump(&out, s);
    sillok_store_close(s);
    support_remove(strdup(world.to));
    return same(&out, &whole);
}

static void make_all(const char *what, int table, int told, enum how how)
{
    static const char *const names[] = { "backup", "salvage" };
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    for (int i = 0; i < 2; i++) {
        const struct scenario *sc = scenario(names[i]);
        support_remove(strdup(world.to));
        const int r = scenario_run(sc, &world, &out);
        if (r < 0)
            check_error(what, sc->name, r);
        if (r < 0 && access(world.to, F_OK) == 0)
            fail_msg("%s: %s fails and leaves something", what, sc->name);
        const int all = check_made(what, sc->name);
        if (!all && ((!told && !is_sealed(how)) || (i == 1 && is_derived(table))))
            fail_msg("%s: %s does not bring out all", what, sc->name);
    }
}

/* Last, because it mends. */
static void reindex(const char *what, int table)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    const int r = scenario_run(scenario("reindex"), &world, &out);
    if (!is_derived(table)) {
        if (r < 0)
            check_error(what, "reindex", r);
        return;
    }
    struct sillok_store *s;
    if (r < 0)
        fail_msg("%s: reindex: %s", what, sillok_error_message());
    assert_ok(sillok_store_open(&s, world.store, NULL));
    support_dump(&out, s);
    if (support_verify(s) || !same(&out, &whole))
        fail_msg("%s: it is not what it was after reindex", what);
    sillok_store_close(s);
}

static void every_table(void **state)
{
    enum { PARTS = 2 };
    struct scenario full = { .store = "full" };
    unsigned tried = 0, n_told = 0;
    (void)state;
    for (int table = 0; table < N_TABLES; table++)
        for (unsigned part = 0; part < PARTS; part++)
            for (int how = 0; how < N_HOWS; how++) {
                char what[200];
                scenario_begin(&world, &full);
                if (!damage_row(table, part, PARTS, (enum how)how))
                    continue;
                snprintf(what, sizeof(what), "table %s, row %u of %d %s",
                         lmdb_table_name(table), part + 1, PARTS, hows[how]);
                const int told = is_told(what);
                ask_all(what, told, (enum how)how);
                make_all(what, table, told, (enum how)how);
                reindex(what, table);
                tried++;
                n_told += (unsigned)told;
            }
    print_message("# %u damages, %u told\n", tried, n_told);
    assert_true(tried > 180 && n_told > tried / 2);
}

/* --- a file of a time before sums --- */

enum { PAGE = 4096 };

static uint8_t *node_of(uint8_t *page, unsigned i)
{
    uint16_t at;
    memcpy(&at, page + BTREE_HEAD_BYTES + i * 2, sizeof(at));
    return page + at;
}

/* The first page of a table's rows. */
static uint8_t *first_leaf(uint8_t *all, const char *table)
{
    struct btree_meta meta[2];
    int exact;
    assert_int_equal(btree_meta_read(&meta[0], all), 0);
    assert_int_equal(btree_meta_read(&meta[1], all + PAGE), 0);
    const uint8_t *root = all + meta[meta[1].txn > meta[0].txn].main.root * PAGE;
    const unsigned i = btree_find(root, text_of(table), &exact);
    assert_true(exact && btree_flags(root) == BTREE_LEAF);
    uint8_t *p = all + btree_table_read(btree_node(root, i).data).root * PAGE;
    while (btree_flags(p) & BTREE_BRANCH)
        p = all + btree_node(p, 0).child * PAGE;
    assert_true(btree_count(p) > 2);
    return p;
}

static void without_a_key(uint8_t *page)
{
    memset(node_of(page, 0) + 6, 0, 2);
}

/* The node with the most room behind it. */
static void with_a_long_key(uint8_t *page)
{
    static const uint16_t long_key = 512;
    uint8_t *lowest = node_of(page, 0);
    for (unsigned i = 1; i < btree_count(page); i++)
        if (node_of(page, i) < lowest)
            lowest = node_of(page, i);
    assert_true(lowest + 8 + long_key <= page + PAGE);
    memset(lowest, 0, 6); /* no data behind it */
    memcpy(lowest + 6, &long_key, sizeof(long_key));
}

static void in_another_order(uint8_t *page)
{
    uint8_t *a = page + BTREE_HEAD_BYTES, swap[2];
    memcpy(swap, a, 2);
    memcpy(a, a + 2, 2);
    memcpy(a + 2, swap, 2);
}

/* It has its shape alone; what it says in it is told before it is taken over. */
static void keys_that_nobody_sealed(void **state)
{
    static const struct {
        const char *table;
        void (*change)(uint8_t *page);
        const char *said;
    } rows[] = {
        { "body", without_a_key, "table 'body' has a key of 0 bytes" },
        { "ordinal", with_a_long_key, "table 'ordinal' has a key of 512 bytes" },
        { "ordinal", in_another_order, "the rows of table 'ordinal' are not in order" },
        { "version", in_another_order, "the rows of table 'version' are not in order" },
    };
    const struct scenario *sc = scenario("migrate");
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf all = BUF_INIT, out = BUF_INIT;
        scenario_begin(&world, sc);
        char *file = support_path(world.store, "data.mdb");
        FILE *f = fopen(file, "rb");
        assert_non_null(f);
        assert_ok(buf_reserve(&all, (size_t)1 << 22));
        all.len = fread(all.ptr, 1, (size_t)1 << 22, f);
        assert_true(feof(f));
        fclose(f);
        rows[i].change(first_leaf((uint8_t *)all.ptr, rows[i].table));
        support_write(file, all.ptr, all.len);
        free(file);
        const int r = scenario_run(sc, &world, &out);
        if (r != SILLOK_ECORRUPT || !strstr(sillok_error_message(), rows[i].said))
            fail_msg("row %zu: %d: %s", i + 1, r, sillok_error_message());
        assert_int_not_equal(access(world.to, F_OK), 0);
    }
}

static int set_up(void **state)
{
    struct scenario full = { .store = "full" };
    struct sillok_store *s;
    (void)state;
    world_make(&world);
    scenario_begin(&world, &full);
    for (int i = 0; i < N_SCENARIOS; i++) {
        buf_init(&answers[i], BUF_CEILING);
        if (scenarios[i].what & OPENS &&
            !(scenarios[i].what & (MAKES | WRITES | SHOWS)) &&
            strcmp(scenarios[i].store, "full") == 0)
            assert_ok(scenario_run(&scenarios[i], &world, &answers[i]));
    }
    buf_init(&whole, BUF_CEILING);
    assert_ok(sillok_store_open(&s, world.store, NULL));
    support_dump(&whole, s);
    sillok_store_close(s);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < N_SCENARIOS; i++)
        buf_release(&answers[i]);
    buf_release(&whole);
    world_remove(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_that_nobody_sealed),
        cmocka_unit_test(every_table),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
