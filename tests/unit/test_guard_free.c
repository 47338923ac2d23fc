/* What is looked at though nobody asked for it, because LMDB goes there: the list of free
 * pages before a write, the first of the duplicates. And a commit of nothing seals nothing.
 */
#include "faults/script.h"
#include "unit/guard_box.h"

#include <string.h>

static struct btree_meta newest_meta(const struct buf *data)
{
    struct btree_meta meta;
    assert_ok(btree_meta_read(&meta, page_of(data, newest_head(data) / PAGE)));
    return meta;
}

/* All pages of a tree. */
static void add_pages(const struct buf *data, uint64_t page, unsigned depth,
                      struct buf *out)
{
    const uint8_t *p = page_of(data, page);
    assert_ok(buf_add(out, &page, sizeof(page)));
    for (unsigned i = 0; depth > 1 && i < btree_count(p); i++)
        add_pages(data, btree_node(p, i).child, depth - 1, out);
    for (unsigned i = 0; depth == 1 && i < btree_count(p); i++) {
        const struct btree_node node = btree_node(p, i);
        if (node.flags & NODE_BIG)
            assert_ok(buf_add(out, &node.child, sizeof(node.child)));
    }
}

/* LMDB takes from it what it writes over: a page that is wrongly in it is one in use. So
 * who only reads is not kept from that, and nobody begins to write. */
static void a_damaged_list_of_free_pages(void **state)
{
    static const size_t places[] = { 20, PAGE - 9, PAGE - 200, PAGE / 2 };
    struct box b;
    CLEANUP(buf_release) struct buf pages = BUF_INIT;
    (void)state;
    box_open(&b);
    const struct btree_meta meta = newest_meta(&b.data);
    assert_true(meta.free_list.root != BTREE_NONE);
    add_pages(&b.data, meta.free_list.root, meta.free_list.depth, &pages);
    const uint64_t *page = (const uint64_t *)(const void *)pages.ptr;
    for (size_t i = 0; i < pages.len / sizeof(*page); i++)
        for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
            CLEANUP(buf_release) struct buf data = BUF_INIT;
            CLEANUP(buf_release) struct buf now = BUF_INIT;
            uint64_t answer = 0;
            assert_ok(buf_add_text(&data, buf_text(&b.data)));
            data.ptr[page[i] * PAGE + places[k]] ^= 0x10;
            box_put(&b, &data, data.len);
            assert_int_equal(begin_to_write(b.path), SILLOK_ECORRUPT);
            assert_non_null(strstr(sillok_error_message(), "is not what was written"));
            load(&now, b.path);
            assert_true(text_equal(buf_text(&now), buf_text(&data)));
            box_put(&b, &data, data.len);
            assert_ok(ask(b.path, &answer));
            assert_true(answer == b.answer);
        }
    box_put(&b, &b.data, b.data.len);
    assert_ok(begin_to_write(b.path));
    box_close(&b);
}

/* Whichever duplicate is asked for, LMDB stands on the first for a moment. */
static void the_first_duplicate_is_looked_at_too(void **state)
{
    struct box b;
    CLEANUP(buf_release) struct buf data = BUF_INIT;
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text v;
    char last[DUP_BYTES];
    int exact;
    (void)state;
    box_open(&b);
    const struct btree_table dups = table_of(&b.data, "dup");
    assert_int_equal(dups.depth, 1);
    const uint8_t *leaf = page_of(&b.data, dups.root);
    const unsigned at = btree_find(leaf, text_of("k"), &exact);
    assert_true(exact);
    const struct btree_table values = btree_table_read(btree_node(leaf, at).data);
    uint64_t page = values.root;
    for (unsigned i = 1; i < values.depth; i++)
        page = btree_node(page_of(&b.data, page), 0).child;
    assert_true(page != values.root);
    memset(last, 0xf0, sizeof(last));
    for (int damaged = 0; damaged < 2; damaged++) {
        buf_clear(&data);
        assert_ok(buf_add_text(&data, buf_text(&b.data)));
        data.ptr[page * PAGE + PAGE / 2] ^= (char)damaged;
        box_put(&b, &data, data.len);
        assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
        assert_ok(kv_read(env, &txn));
        assert_ok(kv_cursor_open(&c, txn, T_DUP));
        assert_int_equal(
            kv_seek_value(c, text_of("k"), text_make(last, sizeof(last)), &v),
            damaged ? SILLOK_ECORRUPT : 1);
        kv_cursor_close(c);
        kv_abort(txn);
        kv_close(env);
    }
    box_close(&b);
}

/* The commit before last is the one that would be sealed then, with whatever has become of
 * its pages. */
static void a_commit_of_nothing_seals_nothing(void **state)
{
    static const struct script steps[] = { { .call = "pwrite64" },
                                           { .call = "fdatasync" } };
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    uint8_t key[5];
    uint64_t answer = 0;
    CLEANUP(buf_release) struct buf sums = BUF_INIT;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    for (int i = 0; i < 2; i++) {
        assert_ok(kv_write(env, &txn));
        script_set(steps, 2);
        assert_ok(kv_commit(txn));
        assert_int_equal(script_calls(0) + script_calls(1), 0);
        script_clear();
    }
    load(&sums, b.seal);
    assert_true(text_equal(buf_text(&sums), buf_text(&b.sums)));
    /* One of something does. */
    assert_ok(kv_write(env, &txn));
    assert_ok(kv_put(txn, T_PLAIN, number_key(key, 1), text_of("다리"), 0));
    script_set(steps, 2);
    assert_ok(kv_commit(txn));
    assert_true(script_calls(0) > 0 && script_calls(1) > 0);
    script_clear();
    assert_ok(ask_open(env, &answer));
    assert_true(answer != b.answer);
    kv_close(env);
    box_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_list_of_free_pages),
        cmocka_unit_test(the_first_duplicate_is_looked_at_too),
        cmocka_unit_test(a_commit_of_nothing_seals_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
