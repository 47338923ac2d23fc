/* The table of dictionaries: which is gone by, and what is told of a damaged one. */
#include "store/lmdb.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

struct row {
    size_t key_bytes; /* 0: no row */
    unsigned id;
    size_t len;
    const char *value; /* kind and content */
    int unsealed;
};

static void put_row(struct lmdb_store *s, const struct row *row)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    uint8_t key[8] = { 0 };
    put_be(key, row->id, 4);
    assert_ok(buf_add(&value, row->value, row->len));
    if (!row->unsealed)
        assert_ok(row_seal(&value));
    if (s->state.counters.dicts < row->id)
        s->state.counters.dicts = row->id;
    s->dirty = 1;
    assert_ok(kv_put(s->txn, T_DICT, text_make((char *)key, row->key_bytes),
                     text_make(value.ptr, value.len), 0));
}

static void dictionaries_are_loaded(void **state)
{
    static const struct {
        const char *what;
        struct row rows[3];
        int code;
        unsigned body, meta; /* that are gone by; 0: none */
        const char *said;
    } cases[] = {
        { "none", { { 0 } }, 0, 0, 0, "" },
        { "of bodies", { { 4, 1, 9, "\0texttext", 0 } }, 0, 1, 0, "" },
        { "of metadata", { { 4, 1, 9, "\1texttext", 0 } }, 0, 0, 1, "" },
        { "both",
          { { 4, 3, 9, "\0texttext", 0 }, { 4, 7, 9, "\1texttext", 0 } },
          0,
          3,
          7,
          "" },
        { "two of a kind",
          { { 4, 2, 9, "\0texttext", 0 },
            { 4, 3, 9, "\1texttext", 0 },
            { 4, 5, 9, "\0texttext", 0 } },
          0,
          5,
          3,
          "" },
        { "a long key",
          { { 5, 1, 9, "\0texttext", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "the table of dictionaries is damaged" },
        { "of no kind",
          { { 4, 1, 9, "\2texttext", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 1 is damaged" },
        { "empty",
          { { 4, 1, 0, "", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 1 is damaged" },
        { "without its sum",
          { { 4, 1, 20, "\0texttexttexttexttex", 1 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "a dictionary" },
        { "of another form",
          { { 4, 9, 13,
              "\0\x37\xa4\x30\xec"
              "texttext",
              0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 9 cannot be used" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *folder = support_folder(), *path = support_path(folder, "store");
        struct sillok_store *store = support_store(folder);
        assert_ok(store->ops->begin(store, ""));
        for (int k = 0; k < 3 && cases[i].rows[k].key_bytes; k++)
            put_row(lmdb_of(store), &cases[i].rows[k]);
        assert_ok(store->ops->commit(store));
        sillok_store_close(store);
        assert_ok(sillok_store_open(&store, path, NULL));
        struct lmdb_store *s = lmdb_of(store);
        for (int again = 0; again < 2; again++) { /* known already then */
            const int r = store->ops->begin(store, "");
            if (r != cases[i].code ||
                (r < 0 && !strstr(sillok_error_message(), cases[i].said)))
                fail_msg("%s: %d: %s", cases[i].what, r, sillok_error_message());
            if (r < 0)
                break;
            const struct dict *body = s->current[DICT_BODY],
                              *meta = s->current[DICT_META];
            assert_int_equal(body ? dict_id(body) : 0, cases[i].body);
            assert_int_equal(meta ? dict_id(meta) : 0, cases[i].meta);
            assert_int_equal(lmdb_wants_study(store), !body || !meta);
            assert_ok(store->ops->commit(store));
        }
        sillok_store_close(store);
        free(path);
        support_remove(folder);
    }
}

/* What a batch brought goes with it. */
static void a_batch_that_is_given_up_takes_its_own_along(void **state)
{
    static const struct row first = { 4, 1, 9, "\0texttext", 0 },
                            second = { 4, 2, 9, "\0wordword", 0 };
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    const struct dict *d;
    (void)state;
    assert_ok(store->ops->begin(store, ""));
    store->ops->abort(store); /* there is none yet */
    assert_int_equal(s->n_dicts, 0);
    assert_ok(store->ops->begin(store, ""));
    put_row(s, &first);
    assert_ok(store->ops->commit(store));
    for (int given_up = 1; given_up >= 0; given_up--) {
        assert_ok(store->ops->begin(store, ""));
        assert_int_equal(dict_id(s->current[DICT_BODY]), 1);
        put_row(s, &second);
        assert_ok(dict_get(s, s->txn, 2, &d));
        s->current[DICT_BODY] = d;
        if (given_up)
            store->ops->abort(store);
        else
            assert_ok(store->ops->commit(store));
        assert_int_equal(s->n_dicts, given_up ? 1 : 2);
        assert_int_equal(dict_id(s->current[DICT_BODY]), given_up ? 1 : 2);
        assert_int_equal(s->state.counters.dicts, given_up ? 1 : 2);
    }
    assert_ok(store->ops->begin(store, ""));
    store->ops->abort(store); /* what was committed stays */
    assert_int_equal(s->n_dicts, 2);
    assert_int_equal(dict_id(s->current[DICT_BODY]), 2);
    sillok_store_close(store);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dictionaries_are_loaded),
        cmocka_unit_test(a_batch_that_is_given_up_takes_its_own_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
