/*
 * What a row is of: store/recognize.h tells it from the row alone.
 */
#include "unit/rescue_box.h"

#include <stdlib.h>
#include <string.h>

static int fits(int table, struct sillok_text key, const struct buf *value)
{
    const struct rescue_row row = { RESCUE_NO_TABLE, 1, 1, key,
                                    text_make(value->ptr, value->len) };
    return recognize_fits(table, &row);
}

/* Of the store, and with a key that is longer or shorter. */
static void rows_of_each_table(void **state)
{
    struct lmdb_store *s;
    struct kv_txn *txn;
    (void)state;
    begin_rows(&s, &txn);
    for (int table = T_META; table <= T_CLASS; table++) {
        CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
        struct sillok_text k, v;
        int r = table == T_HASH ? 0 : kv_cursor_open(&c, txn, table);
        assert_ok(r);
        for (r = c ? kv_first(c, &k, &v) : 0; r > 0; r = kv_next(c, &k, &v)) {
            struct rescue_row row = { RESCUE_NO_TABLE, 1, 1, k, v };
            const int known = (table > T_META && table < T_HASH) || table == T_ARTICLE ||
                              (table == T_META && dict_of_copy(k) > 0);
            assert_int_equal(recognize_fits(table, &row), known);
            assert_int_equal(recognize_table(&row), known && table != T_REF ? table : -1);
            /* One of a part less a byte would be that of a first one. */
            row.key.len -= table == T_BODY && k.len == PART_KEY_BYTES ? 2 : 1;
            /* A name may be of any length. */
            assert_int_equal(recognize_fits(table, &row),
                             table == T_REF || table == T_ARTICLE);
            row.key = text_make("0123456789abcdefg", 17);
            assert_int_equal(recognize_fits(table, &row), table == T_REF);
            row.key = text_make(k.ptr, 0);
            assert_int_equal(recognize_fits(table, &row), 0);
            row.key = k;
            row.sealed = 0;
            assert_int_equal(recognize_fits(table, &row), known && table != T_REF);
            /* Their keys are like those of folders. */
            if (table == T_DICT || table == T_SEG || table == T_CRAWL)
                assert_int_equal(recognize_fits(T_DIR, &row), 0);
            row.sealed = 1;
            row.current = 0;
            assert_int_equal(recognize_fits(table, &row), known && table != T_REF);
        }
        assert_ok(r);
    }
    kv_abort(txn);
    lmdb_close_rows(s);
}

static void keys_of_articles(void **state)
{
    static const char least[] = "azAZ09_-", bad[] = "`{@[/:^,. \x80\n";
    const struct sillok_text number = text_make("\0\0\0\0\1", ID_BYTES);
    char text[2 * SILLOK_KEY_MAX_BYTES + 10];
    (void)state;
    for (size_t oid = 0; oid <= SILLOK_KEY_MAX_BYTES + 1; oid++)
        for (size_t aid = 0; aid <= SILLOK_KEY_MAX_BYTES + 1; aid++) {
            memset(text, 'x', sizeof(text));
            text[oid] = '\0';
            const struct buf key = { .ptr = text, .len = oid + 1 + aid };
            const int is = oid > 0 && aid > 0 && oid <= SILLOK_KEY_MAX_BYTES &&
                           aid <= SILLOK_KEY_MAX_BYTES;
            assert_int_equal(fits(T_ORDINAL, number, &key), is);
            const struct rescue_row row = { RESCUE_NO_TABLE, 0, 0,
                                            text_make(text, key.len),
                                            text_make("0123456789", 10) };
            assert_int_equal(recognize_fits(T_ARTICLE, &row), is);
        }
    for (size_t i = 0; i < 2 * sizeof(least) + 2 * sizeof(bad); i++) {
        const int of_bad = i >= 2 * sizeof(least), in_aid = i % 2;
        const char c = of_bad ? bad[i / 2 - sizeof(least)] : least[i / 2];
        memcpy(text, "12\00034", 5);
        text[in_aid ? 4 : 0] = c;
        const struct buf key = { .ptr = text, .len = 5 };
        assert_int_equal(fits(T_ORDINAL, number, &key), !of_bad && c != '\0');
    }
    const struct buf none = { .ptr = text, .len = 0 }, one = { .ptr = text, .len = 2 };
    assert_int_equal(fits(T_ORDINAL, number, &none), 0);
    assert_int_equal(fits(T_ORDINAL, number, &one), 0);
}

/* Rows as they are written, with numbers of all kinds. */
static void rows_with_other_numbers(void **state)
{
    enum { OVER = SILLOK_TEXT_MAX_BYTES };
    const struct sillok_text key = text_make("\0\0\0\0\1", ID_BYTES);
    static const struct {
        int codec;
        uint64_t raw_len;
        size_t payload,
            is; /* bytes of zeros behind; what of them is payload + 1, 0 none */
    } bodies[] = {
        { CODEC_PLAIN, 0, 0, 1 },     { CODEC_PLAIN, 0, 3, 1 },
        { CODEC_PLAIN, 3, 3, 4 },     { CODEC_PLAIN, 3, 9, 4 },
        { CODEC_PLAIN, 3, 2, 0 },     { CODEC_ZSTD, 3, 9, 0 },
        { CODEC_DELTA + 1, 3, 3, 0 }, { CODEC_PLAIN, (uint64_t)OVER + 1, 9, 0 },
        { CODEC_DICT, 3, 9, 0 },      { CODEC_DELTA, 3, 0, 0 },
    };
    static const struct {
        uint64_t n, n_blocks;
        size_t cut;
        int is;
    } segs[] = { { 1, 1, 0, 1 }, { 9, 2, 0, 1 },  { 0, 0, 0, 0 }, { 9, 0, 0, 0 },
                 { 9, 9, 0, 1 }, { 9, 10, 0, 0 }, { 9, 1, 1, 0 } };
    static const struct {
        uint64_t body, article, raw_len;
        int codec;
        size_t payload;
        int is;
    } versions[] = {
        { 1, 1, 3, CODEC_PLAIN, 3, 1 }, { 0, 1, 3, CODEC_PLAIN, 3, 0 },
        { 1, 0, 3, CODEC_PLAIN, 3, 0 }, { 1, 1, 2, CODEC_PLAIN, 3, 0 },
        { 1, 1, 4, CODEC_PLAIN, 3, 0 }, { 1, 1, 0, CODEC_DELTA, 0, 0 },
        { 1, 1, 3, CODEC_ZSTD, 3, 0 },  { 1, 1, (uint64_t)OVER + 1, CODEC_PLAIN, 0, 0 },
    };
    static const char zeros[16];
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_char(&row, (char)bodies[i].codec));
        for (int k = 0; k < 32; k++)
            assert_ok(buf_add_char(&row, 'h'));
        assert_ok(buf_add_varint(&row, bodies[i].raw_len));
        const size_t head = row.len;
        assert_ok(buf_add(&row, zeros, bodies[i].payload));
        const size_t want = bodies[i].is ? head + bodies[i].is - 1 : 0;
        assert_int_equal(recognize_body(text_make(row.ptr, row.len)), want);
        assert_int_equal(fits(T_BODY, key, &row), want == row.len);
        for (size_t n = 0; n < head; n++)
            assert_int_equal(recognize_body(text_make(row.ptr, n)), 0);
    }
    for (size_t i = 0; i < sizeof(segs) / sizeof(segs[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        const struct seg seg = { 1, 1, segs[i].n, segs[i].n_blocks, 1, 2, 3, 4 };
        assert_ok(seg_encode(&row, &seg));
        row.len -= segs[i].cut;
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_SEG, text_make("0123", 4), &row), segs[i].is);
    }
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_varint(&row, versions[i].body));
        assert_ok(buf_add_varint(&row, versions[i].article));
        for (int k = 0; k < META_DIGEST_BYTES; k++)
            assert_ok(buf_add_char(&row, 'd'));
        assert_ok(buf_add_char(&row, (char)versions[i].codec));
        assert_ok(buf_add_varint(&row, versions[i].raw_len));
        assert_ok(buf_add(&row, zeros, versions[i].payload));
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_VERSION, key, &row), versions[i].is);
    }
    for (int named = 0; named < 2; named++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add(&row, zeros, 10)); /* its numbers */
        assert_ok(buf_add_str(&row, named ? "mon" : ""));
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_CRAWL, text_make("0123", 4), &row), named);
    }
}

static void blocks_and_dictionaries(void **state)
{
    static const struct {
        int codec;
        uint64_t raw_len;
        size_t behind, is;
    } blocks[] = {
        { CODEC_PLAIN, 6, 10, 10 },
        { CODEC_PLAIN, 6, 16, 10 },
        { CODEC_PLAIN, 6, 9, 0 },
        { CODEC_PLAIN, 0, 4, 0 },
        { CODEC_DICT, 6, 10, 0 },
        { CODEC_PLAIN, (uint64_t)SILLOK_TEXT_MAX_BYTES + 1, 16, 0 },
    };
    enum { SLACK = 4096 };
    CLEANUP(buf_release) struct buf dict = BUF_INIT;
    struct lmdb_store *s;
    struct kv_txn *txn;
    uint8_t number[4];
    char behind[SLACK + 16];
    (void)state;
    memset(behind, 'b', sizeof(behind));
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_varint(&row, 1));
        assert_ok(buf_add_char(&row, (char)blocks[i].codec));
        assert_ok(buf_add_varint(&row, blocks[i].raw_len));
        const size_t head = row.len;
        assert_ok(buf_add(&row, behind, blocks[i].behind));
        assert_int_equal(recognize_block(text_make(row.ptr, row.len)),
                         blocks[i].is ? head + blocks[i].is : 0);
        for (size_t n = 0; n < head; n++)
            assert_int_equal(recognize_block(text_make(row.ptr, n)), 0);
    }
    begin_rows(&s, &txn);
    add_value(&dict, txn, T_DICT, key_u32(number, 1));
    kv_abort(txn);
    lmdb_close_rows(s);
    const size_t len = dict.len;
    assert_ok(buf_add(&dict, behind, SLACK));
    for (size_t n = 0; n <= SLACK; n += n < 2 || n > SLACK - 3 ? 1 : SLACK / 4)
        assert_int_equal(recognize_dict(text_make(dict.ptr, len + n)),
                         n < SLACK ? len : 0);
    assert_int_equal(recognize_dict(text_make(dict.ptr, len - 1)), 0);
    for (size_t n = 0; n < 12; n++)
        assert_int_equal(recognize_dict(text_make(dict.ptr, n)), 0);
    /* Its kind and the four bytes that every dictionary begins with. */
    for (size_t i = 0; i < 5; i++) {
        dict.ptr[i] ^= 2;
        assert_int_equal(recognize_dict(text_make(dict.ptr, len)), 0);
        dict.ptr[i] ^= 2;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_each_table),
        cmocka_unit_test(keys_of_articles),
        cmocka_unit_test(rows_with_other_numbers),
        cmocka_unit_test(blocks_and_dictionaries),
    };
    return cmocka_run_group_tests(tests, rescue_set_up, rescue_tear_down);
}
