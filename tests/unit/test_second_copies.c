/* Each dictionary has its second copy, wherever the file comes from, and none is made of
 * what is damaged. */
#include "store/lmdb.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that repeat, but not each other. */
static void make_bytes(struct buf *out, size_t least, uint64_t seed)
{
    while (out->len < least)
        assert_ok(buf_printf(out, "%llu번째 다리에 the bridge of %llu people\n",
                             (unsigned long long)support_random(&seed) % 100000,
                             (unsigned long long)support_random(&seed) % 1000));
}

/* As a row of the table: kind and content. */
static void put_first(struct lmdb_store *s, uint32_t id, const char *row, int seal)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    uint8_t key[4];
    assert_ok(buf_add(&value, row, 1 + strlen(row + 1)));
    if (seal)
        assert_ok(row_seal(&value));
    assert_ok(kv_put(s->txn, T_DICT, key_u32(key, id), buf_text(&value), 0));
}

/* A second copy of such a row, as it is. */
static void put_second(struct lmdb_store *s, const char *name, const char *row)
{
    CLEANUP(buf_release) struct buf first = BUF_INIT, value = BUF_INIT;
    assert_ok(buf_add(&first, row, 1 + strlen(row + 1)));
    assert_ok(row_seal(&first));
    assert_ok(buf_add_char(&value, CODEC_PLAIN));
    assert_ok(buf_add_varint(&value, first.len));
    assert_ok(buf_add_text(&value, buf_text(&first)));
    assert_ok(row_seal(&value));
    assert_ok(kv_put(s->txn, T_META, text_of(name), buf_text(&value), 0));
}

static int has_row(struct kv_txn *txn, const char *name)
{
    struct sillok_text v;
    const int r = kv_get(txn, T_META, text_of(name), &v);
    assert_ok(r);
    return r;
}

static int take_told(void *arg, const char *what)
{
    return buf_printf(arg, "%s\n", what);
}

/* Both read, and they do not say the same. */
static void copies_that_differ_are_told(void **state)
{
    static const struct {
        const char *first, *second;
        int n_told;
    } cases[] = { { "\0texttext", "\0texttext", 0 },
                  { "\0texttext", "\0textword", 1 },
                  { "\0texttext", "\1texttext", 1 },
                  { "\0texttext", "\0text", 1 } };
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf told = BUF_INIT;
        assert_ok(f->store->ops->begin(f->store, ""));
        put_first(s, 1, cases[i].first, 1);
        put_second(s, "dict 1", cases[i].second);
        assert_ok(dicts_check(s->txn, 1, take_told, &told));
        assert_ok(buf_add_char(&told, '\0'));
        if (cases[i].n_told)
            assert_string_equal(told.ptr, "the second copy of dictionary 1 is damaged; "
                                          "the first is whole (compact mends this)\n");
        else
            assert_string_equal(told.ptr, "");
        f->store->ops->abort(f->store);
    }
}

/* A copy of damage would pass for one that is whole; and whoever stands behind the damaged
 * one gets its own. */
static void damage_is_not_copied(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf raw = BUF_INIT;
    struct sillok_text first, second;
    uint8_t key[4];
    assert_ok(f->store->ops->begin(f->store, ""));
    put_first(s, 1, "\0texttext", 0); /* without its sum */
    put_first(s, 2, "\0wordword", 1);
    put_first(s, 3, "\2none", 1); /* of no kind */
    put_first(s, 4, "\1linelineline", 1);
    assert_ok(dicts_copy(s->txn, s->codec, 4));
    assert_int_equal(has_row(s->txn, "dict 1"), 0);
    assert_int_equal(has_row(s->txn, "dict 2"), 1);
    assert_int_equal(has_row(s->txn, "dict 3"), 0);
    assert_int_equal(has_row(s->txn, "dict 4"), 1);
    assert_int_equal(kv_get(s->txn, T_META, text_of("dict 4"), &second), 1);
    assert_ok(dict_unpack(second, &raw));
    assert_int_equal(kv_get(s->txn, T_DICT, key_u32(key, 4), &first), 1);
    assert_true(text_equal(first, buf_text(&raw)));
    f->store->ops->abort(f->store);
}

/* A program of before cannot unpack a dictionary in its first place. */
static void in_an_older_store_they_stand_as_they_are(void **state)
{
    static const int formats[] = { FORMAT_SEALED, FORMAT_NAMED, FORMAT_LETTERS };
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        struct sillok_text v;
        uint8_t key[4];
        make_bytes(&text, 200 << 10, 7);
        assert_ok(f->store->ops->begin(f->store, ""));
        s->format = formats[i];
        assert_ok(dict_put(s, DICT_BODY, buf_text(&text)));
        assert_int_equal(kv_get(s->txn, T_DICT, key_u32(key, 1), &v), 1);
        assert_int_equal((uint8_t)v.ptr[0] == DICT_BODY, formats[i] < FORMAT_LETTERS);
        assert_int_equal(v.len > text.len, formats[i] < FORMAT_LETTERS);
        f->store->ops->abort(f->store);
        s->format = FORMAT_VERSION;
    }
}

/* By what its row says of its length there would be no room for it. */
static void a_dictionary_of_any_length_is_none(void **state)
{
    static const struct {
        uint64_t raw_len;
        int is;
    } cases[] = { { 0, 1 },
                  { SILLOK_TEXT_MAX_BYTES, 1 },
                  { (uint64_t)SILLOK_TEXT_MAX_BYTES + 1, -1 },
                  { UINT64_MAX, -1 } };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        size_t raw_len;
        assert_ok(buf_add_char(&row, (char)(128 | DICT_META)));
        assert_ok(buf_add_varint(&row, cases[i].raw_len));
        assert_ok(buf_add_str(&row, "frame"));
        struct sillok_text text = buf_text(&row);
        assert_int_equal(dict_payload(&text, &raw_len), cases[i].is);
        assert_true(cases[i].is < 0 || raw_len == cases[i].raw_len);
    }
}

/* --- copies of the store --- */

static void put_dictionaries(struct sillok_store *store)
{
    struct lmdb_store *s = lmdb_of(store);
    for (int i = 0; i < N_DICT_KINDS; i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        make_bytes(&text, i ? 150 << 10 : 4000, (uint64_t)i);
        assert_ok(store->ops->begin(store, ""));
        assert_ok(dict_put(s, (enum dict_kind)i, buf_text(&text)));
        assert_ok(store->ops->commit(store));
    }
}

struct wanted {
    struct kv_txn *txn;
    unsigned n;
};

static int is_there_twice(void *arg, uint32_t id, enum dict_kind kind,
                          struct sillok_text bytes)
{
    CLEANUP(buf_release) struct buf raw = BUF_INIT;
    struct wanted *w = arg;
    struct sillok_text first, second;
    char name[32];
    uint8_t key[4];
    (void)kind;
    (void)bytes;
    snprintf(name, sizeof(name), "dict %u", id);
    assert_int_equal(kv_get(w->txn, T_DICT, key_u32(key, id), &first), 1);
    assert_int_equal(kv_get(w->txn, T_META, text_of(name), &second), 1);
    assert_ok(dict_unpack(second, &raw));
    assert_true(text_equal(first, buf_text(&raw)));
    w->n++;
    return 0;
}

/* How many dictionaries a store has, each of them twice. */
static unsigned n_twice(struct sillok_store *store)
{
    struct wanted w = { 0 };
    struct lmdb_store *s = lmdb_of(store);
    assert_ok(view_begin(s, &w.txn));
    assert_ok(dicts_each(w.txn, s->state.counters.dicts, is_there_twice, &w));
    view_end(s, w.txn);
    return w.n;
}

/* The last batch of a store has none of its own dictionaries twice; its copy has. */
static void a_backup_has_each_twice(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    struct sillok_store *made;
    struct kv_txn *txn;
    char *to = support_path(f->folder, "backup");
    int r;
    put_dictionaries(f->store);
    assert_ok(view_begin(lmdb_of(f->store), &txn));
    assert_int_equal(has_row(txn, "dict 2"), 0);
    view_end(lmdb_of(f->store), txn);
    assert_ok(sillok_backup_open(&it, f->store, to));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_ok(r);
    sillok_copy_close(it);
    assert_ok(sillok_store_open(&made, to, NULL));
    assert_int_equal(n_twice(made), N_DICT_KINDS);
    sillok_store_close(made);
    free(to);
}

static void a_compacted_store_has_each_twice(void **state)
{
    struct support_fixture *f = *state;
    put_dictionaries(f->store);
    assert_int_equal(support_compact(f->store, 3), 0);
    assert_int_equal(n_twice(f->store), N_DICT_KINDS);
}

static void write_something(struct sillok_store *store)
{
    assert_ok(store->ops->begin(store, ""));
    lmdb_of(store)->dirty = 1;
    assert_ok(store->ops->commit(store));
}

/* As a program of before would that knows nothing of them. */
static void take_copy_away(struct lmdb_store *s)
{
    struct kv_txn *txn;
    assert_ok(kv_write(s->env, &txn));
    assert_int_equal(kv_delete(txn, T_META, text_of("dict 1")), 1);
    assert_ok(kv_commit(txn));
}

static int has_copy(struct lmdb_store *s)
{
    struct kv_txn *txn;
    assert_ok(view_begin(s, &txn));
    const int has = has_row(txn, "dict 1");
    view_end(s, txn);
    return has;
}

/* What a handle knows of the file that it had is not believed of the one that it goes on
 * with. */
static void the_next_file_is_looked_at(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    put_dictionaries(f->store);
    write_something(f->store);
    write_something(f->store);
    assert_int_equal(n_twice(f->store), N_DICT_KINDS);
    take_copy_away(s);
    write_something(f->store);
    assert_int_equal(has_copy(s), 0); /* it has looked once */
    assert_int_equal(support_compact(f->store, 3), 0);
    assert_int_equal(has_copy(s), 1);
    take_copy_away(s);
    write_something(f->store);
    assert_int_equal(n_twice(f->store), N_DICT_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(copies_that_differ_are_told),
        T(damage_is_not_copied),
        T(in_an_older_store_they_stand_as_they_are),
        T(a_dictionary_of_any_length_is_none),
        T(a_backup_has_each_twice),
        T(a_compacted_store_has_each_twice),
        T(the_next_file_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
