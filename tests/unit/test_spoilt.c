/*
 * Rows that say something else in pages that are whole: what `salvage` makes of them, what
 * `verify` tells, and what `compact` refuses.
 */
#include "unit/rescue_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the newest version of an article. */
static uint64_t version_of(struct kv_txn *txn, int aid)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char key[20];
    snprintf(key, sizeof(key), "001%c%010d", 0, aid);
    add_value(&row, txn, T_ARTICLE, text_make(key, 14));
    return get_be((const uint8_t *)row.ptr + ID_BYTES, ID_BYTES);
}

static void other_hash(struct buf *row)
{
    row->ptr[1] ^= 1;
}

/* Two numbers, below 2^14 here, stand before the digest. */
static void other_digest(struct buf *row)
{
    row->ptr[4 + META_DIGEST_BYTES - 1] ^= 1;
    seal_again(row);
}

static void other_article(struct buf *row)
{
    row->ptr[2] ^= 1;
    seal_again(row);
}

static void other_sum(struct buf *row)
{
    row->ptr[row->len - 1] ^= 1;
}

static void no_head(struct buf *row)
{
    row->len = 5;
    seal_again(row);
}

/* Of the file that it gives with the template, behind the flags. */
static void other_file(struct buf *row)
{
    row->ptr[1] ^= 1;
    seal_again(row);
}

static void rows_that_say_something_else(void **state)
{
    enum { ALL = N_MON + N_TUE };
    enum { OF_BODY, OF_VERSION, OF_FIRST }; /* of the article, or of the table */
    static const struct {
        int table, of, aid;
        const char *in_value; /* OF_FIRST: the first row that has it */
        void (*change)(struct buf *row);
        const char *told;
        uint64_t lost, loose, files_lost, refusals_lost;
    } rows[] = {
        { T_BODY, OF_BODY, ONCE, "", other_hash, "does not have its hash any more", 1, 0,
          0, 0 },
        { T_BODY, OF_BODY, TWICE, "", other_hash, "does not have its hash any more", 2, 0,
          0, 0 },
        { T_VERSION, OF_VERSION, ONCE, "", other_digest,
          "its title or metadata is not what was stored", 1, 1, 0, 0 },
        { T_VERSION, OF_VERSION, TWICE, "", other_article,
          "its version belongs to another article", 2, 1, 0, 0 },
        { T_OBS, OF_FIRST, 0, "", other_sum,
          "a block of observations: a block of observations is damaged", N_MON,
          N_MON - N_SAME, 0, 0 },
        { T_EXTRA, OF_FIRST, 0, "", other_file, "the exact file is lost", 0, 0, 1, 0 },
        { T_REFUSAL, OF_FIRST, 0, "long.md", shorter, "a refused file: ", 0, 0, 0, 1 },
        { T_REFUSAL, OF_FIRST, 0, "long.md", no_head,
          "a refused file: the store is damaged: a refusal's row is damaged", 0, 0, 0,
          1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release)
        struct buf value = BUF_INIT, got = BUF_INIT, found = BUF_INIT;
        struct lmdb_store *s;
        struct kv_txn *txn;
        uint8_t number[ID_BYTES];
        char what[60];
        begin_rows(&s, &txn);
        struct sillok_text key;
        if (rows[i].of == OF_FIRST) {
            key = first_key(txn, rows[i].table, rows[i].in_value, &found);
        } else {
            struct version_row row;
            const uint64_t version = version_of(txn, rows[i].aid);
            assert_ok(version_row_get(txn, version, &row));
            key = key_id(number, rows[i].of == OF_BODY ? row.body : version);
        }
        add_value(&value, txn, rows[i].table, key);
        rows[i].change(&value);
        assert_ok(kv_put(txn, rows[i].table, key, text_make(value.ptr, value.len), 0));
        end_rows(s, txn);
        snprintf(what, sizeof(what), "row %zu: %s", i + 1,
                 lmdb_table_name(rows[i].table));
        salvage(what, &got, 0);
        is_told(what, rows[i].told);
        /* Once for each version, and what is not there at all. */
        const char *end = strchr(rescue.told.ptr, '\n');
        assert_true(end[1] == '\0' || strstr(end, "1080 observations of which nothing"));
        is_figure(what, "observations", rescue.sum.observations, ALL - rows[i].lost);
        is_figure(what, "observations lost", rescue.sum.observations_lost, rows[i].lost);
        is_figure(what, "loose bodies", rescue.sum.loose_bodies, rows[i].loose);
        is_figure(what, "files lost", rescue.sum.files_lost, rows[i].files_lost);
        is_figure(what, "refusals lost", rescue.sum.refusals_lost, rows[i].refusals_lost);
        is_figure(what, "files", n_files(&got), ALL - rows[i].lost - rows[i].files_lost);
    }
}

/* What no store has, so that nothing is made of it. */
static void rows_that_mean_nothing(void **state)
{
    static const uint32_t numbers[] = { 0, (1 << 16) + 1, UINT32_MAX };
    CLEANUP(buf_release) struct buf row = BUF_INIT, got = BUF_INIT;
    struct lmdb_store *s;
    struct kv_txn *txn;
    uint8_t key[4];
    (void)state;
    assert_ok(buf_add_str(&row, "folder"));
    assert_ok(row_seal(&row));
    begin_rows(&s, &txn);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_ok(
            kv_put(txn, T_DIR, key_u32(key, numbers[i]), text_make(row.ptr, row.len), 0));
    end_rows(s, txn);
    salvage("folders without a number", &got, 1);
    is_told("folders without a number", NULL);
    is_whole("folders without a number", &got);
    /* Of two folders the first is lost. */
    begin_rows(&s, &txn);
    assert_int_equal(kv_delete(txn, T_DIR, key_u32(key, 1)), 1);
    end_rows(s, txn);
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    read_file(&all, rescue.file);
    for (size_t at = 0; at < all.len; at += PAGE) /* the page stands that had it */
        if (btree_flags((const uint8_t *)all.ptr + at) == BTREE_LEAF)
            replace(all.ptr + at, PAGE, "economy", "ECONOMY");
    support_write(rescue.file, all.ptr, all.len);
    buf_clear(&got);
    salvage("the first folder", &got, 0);
    is_told("the first folder",
            "the name of a folder: its files are in 'lost-folder-1' now\n");
    const uint64_t kept = n_files(&got);
    assert_true(kept > N_MON / 4 && kept < N_MON);
    assert_non_null(memmem(got.ptr, got.len, "\nlost-folder-1/", 15));
}

/* "TABLE: WHAT" of each finding into @c told. */
static int findings(const struct sillok_verify_options *options)
{
    struct sillok_store *s;
    struct sillok_verify *it;
    struct sillok_verify_event e;
    int n = 0, r;
    buf_clear(&rescue.told);
    assert_ok(sillok_store_open(&s, rescue.from, NULL));
    assert_ok(sillok_verify_open(&it, s, options));
    while ((r = sillok_verify_next(it, &e)) > 0)
        if (e.damage) {
            assert_ok(buf_printf(&rescue.told, "%s: %s\n", e.table, e.what));
            n++;
        }
    assert_ok(r);
    assert_ok(buf_add_char(&rescue.told, '\0'));
    sillok_verify_close(it);
    sillok_store_close(s);
    return n;
}

/* A page is told with the keys that it is between. */
static void pages_by_their_keys(void **state)
{
    static const struct {
        const char *table;
        int first; /* negative: of the last */
        const char *told;
    } rows[] = {
        { "article", 0, "(article, up to 001/0000000" },
        { "article", 5, "(article, from 001/0000000" },
        { "article", -1, "(article, from 001/000000" },
        { "ordinal", 0, "(ordinal) is not what was written" },
        { "version", 0, "(version, up to " },
        { "version", 3, "(version, from 167 to 221) is not" },
        { "rev", 1, "(rev, from 0000000" },
        { "obs", 0, "(obs) is not what was written" },
        { "class", 0, "class: " },
        { "refusal", 0, "refusal: " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
        int first = rows[i].first;
        assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
        if (first < 0)
            first += zero_leaves((uint8_t *)spoilt.ptr, rows[i].table, 0, 0);
        const int n = zero_leaves((uint8_t *)spoilt.ptr, rows[i].table, first, 1);
        assert_true(first < n);
        put_back(&spoilt);
        assert_true(findings(NULL) > 0);
        is_told(rows[i].table, rows[i].told);
        const char *at = strstr(rescue.told.ptr, rows[i].told), *end = strchr(at, ')');
        const int between = first > 0 && first + 1 < n && *at == '(';
        assert_int_equal(end && memmem(at, (size_t)(end - at), " to ", 4) &&
                             at[0] == '(' && strstr(rows[i].told, "from"),
                         between);
        /* Fast, pages are not looked at as such. */
        const struct sillok_verify_options fast = { .fast = 1 };
        (void)findings(&fast);
        assert_null(strstr(rescue.told.ptr, "page: page "));
    }
}

static void put_number(struct buf *row, size_t at, uint64_t n)
{
    row->ptr[at] = (char)(n | 0x80);
    row->ptr[at + 1] = (char)(n >> 7);
}

static uint64_t body_of(struct kv_txn *txn, int aid)
{
    struct version_row row;
    assert_ok(version_row_get(txn, version_of(txn, aid), &row));
    return row.body;
}

/* The version of ONCE has another text, its own is needed by nobody. */
static void part_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t version = version_of(txn, ONCE);
    add_value(&row, txn, T_VERSION, key_id(key, version));
    put_number(&row, 0, body_of(txn, TWICE));
    seal_again(&row);
    assert_ok(
        kv_put(txn, T_VERSION, key_id(key, version), text_make(row.ptr, row.len), 0));
}

static void spoil_parted_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t body = body_of(txn, ONCE);
    part_body(txn);
    add_value(&row, txn, T_BODY, key_id(key, body));
    other_hash(&row);
    assert_ok(kv_put(txn, T_BODY, key_id(key, body), text_make(row.ptr, row.len), 0));
}

/* A text that no store has so many of. */
static void far_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t version = version_of(txn, ONCE);
    add_value(&row, txn, T_VERSION, key_id(key, version));
    put_number(&row, 0, 16000);
    seal_again(&row);
    assert_ok(
        kv_put(txn, T_VERSION, key_id(key, version), text_make(row.ptr, row.len), 0));
}

/* The block of the first crawl without the observation of ONCE. */
static void forget_observation(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT, row = BUF_INIT, list = BUF_INIT;
    struct codec_ctx *codec;
    struct version_row version;
    assert_ok(version_row_get(txn, version_of(txn, ONCE), &version));
    const struct sillok_text key = first_key(txn, T_OBS, "", &name);
    add_value(&row, txn, T_OBS, key);
    assert_ok(codec_new(&codec));
    assert_ok(obs_decode(codec, &list, text_make(row.ptr, row.len), 1));
    struct obs *o = (struct obs *)(void *)list.ptr;
    size_t n = list.len / sizeof(*o), at = 0;
    while (o[at].ordinal != version.article)
        at++;
    memmove(o + at, o + at + 1, (n - at - 1) * sizeof(*o));
    buf_clear(&row);
    assert_ok(obs_encode(codec, &row, o, n - 1));
    codec_free(codec);
    assert_ok(kv_put(txn, T_OBS, key, text_make(row.ptr, row.len), 0));
}

static void no_block(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    assert_int_equal(kv_delete(txn, T_OBS, first_key(txn, T_OBS, "", &name)), 1);
}

/* Figure @p which of a crawl says one more. */
static void miscount(struct kv_txn *txn, size_t which)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT, other = BUF_INIT;
    uint8_t key[4];
    add_value(&row, txn, T_CRAWL, key_u32(key, 1));
    struct cursor c = cursor_of(row.ptr, row.len);
    for (size_t i = 0; i <= which; i++)
        (void)cursor_varint(&c);
    const size_t at = row.len - cursor_left(&c);
    const uint64_t n = cursor_varint(&c);
    assert_ok(buf_add(&other, row.ptr, at));
    assert_ok(buf_add_varint(&other, n + 1));
    assert_ok(buf_add(&other, c.ptr, cursor_left(&c) - 4));
    assert_ok(row_seal(&other));
    assert_ok(kv_put(txn, T_CRAWL, key_u32(key, 1), text_make(other.ptr, other.len), 0));
}

static void more_seen(struct kv_txn *txn)
{
    miscount(txn, 0);
}

static void more_first(struct kv_txn *txn)
{
    miscount(txn, 1);
}

static void more_later(struct kv_txn *txn)
{
    miscount(txn, 2);
}

static void more_mismatches(struct kv_txn *txn)
{
    miscount(txn, 4);
}

static void what_verify_tells_of_rows(void **state)
{
    static const struct {
        void (*change)(struct kv_txn *txn);
        const char *told[2]; /* all that is; the same of it in fast where in_fast */
        int in_fast;
    } rows[] = {
        { far_body, { "body number 16000 is missing" }, 0 },
        { part_body, { "its title or metadata is not what was stored" }, 0 },
        { spoil_parted_body,
          { "its title or metadata is not what was stored", "does not have its hash" },
          0 },
        { forget_observation,
          { "article: 001/0000000540: its observations are missing",
            "crawl: crawl 'mon': its figures are not what its observations say" },
          2 },
        { no_block, { "a block of segment 1 is missing" }, 1 },
        { more_seen, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_first, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_later, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_mismatches, { "crawl: crawl 'mon': its figures are not what" }, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lmdb_store *s;
        struct kv_txn *txn;
        char what[40];
        snprintf(what, sizeof(what), "row %zu of verify", i + 1);
        begin_rows(&s, &txn);
        rows[i].change(txn);
        end_rows(s, txn);
        assert_true(findings(NULL) > 0);
        for (int k = 0; k < 2 && rows[i].told[k]; k++)
            is_told(what, rows[i].told[k]);
        const struct sillok_verify_options fast = { .fast = 1 }, first = { 0, 1, 2 },
                                           second = { 0, 2, 2 };
        const int n = findings(&fast);
        for (int k = 0; k < rows[i].in_fast; k++)
            is_told(what, rows[i].told[k]);
        assert_true(n >= rows[i].in_fast);
        /* Figures of the whole are no matter of a part; a row is in one of two. */
        const int in_first = findings(&first),
                  in_crawls = strstr(rescue.told.ptr, "crawl:") != NULL;
        const int in_second = findings(&second);
        assert_false(in_crawls || strstr(rescue.told.ptr, "crawl:"));
        if (rows[i].change == part_body || rows[i].change == spoil_parted_body)
            assert_true(in_first + in_second > 0);
        if (rows[i].change == more_seen)
            assert_int_equal(in_first + in_second, 0);
    }
}

/* Somebody writes meanwhile: what has moved on is no damage. */
static void verify_while_somebody_writes(void **state)
{
    struct sillok_store *s;
    struct sillok_verify *it;
    struct sillok_verify_event e;
    (void)state;
    put_back(&rescue.data);
    assert_ok(sillok_store_open(&s, rescue.from, NULL));
    for (int k = 0; k < 40; k += 3) {
        int r, steps = 0;
        assert_ok(sillok_verify_open(&it, s, NULL));
        while ((r = sillok_verify_next(it, &e)) > 0) {
            assert_int_equal(e.damage, 0);
            if (steps++ != k)
                continue;
            char name[20];
            snprintf(name, sizeof(name), "day-%d", k);
            make_crawl(s, name, 7 + k / 3, 8);
        }
        assert_ok(r);
        sillok_verify_close(it);
    }
    sillok_store_close(s);
}

static void parts_that_are_none(void **state)
{
    static const struct sillok_verify_options bad[] = { { 0, 0, 2 }, { 0, 3, 2 } };
    struct sillok_store *s;
    struct sillok_verify *it = NULL;
    (void)state;
    put_back(&rescue.data);
    assert_ok(sillok_store_open(&s, rescue.from, NULL));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(sillok_verify_open(&it, s, &bad[i]), SILLOK_EINVALID);
        assert_null(it);
    }
    sillok_store_close(s);
}

static uint64_t bytes_stored(struct sillok_store *s)
{
    struct sillok_stats stats;
    assert_ok(sillok_store_stats(s, &stats));
    return stats.body_bytes_stored + stats.dictionary_bytes;
}

static void a_compaction_of_it(void **state)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    char *small = support_path(rescue.folder, "small");
    struct sillok_store *s;
    (void)state;
    put_back(&rescue.data);
    assert_ok(sillok_store_open(&s, rescue.from, NULL));
    back_up(s, small);
    sillok_store_close(s);
    assert_ok(sillok_store_open(&s, small, NULL));
    const uint64_t before = bytes_stored(s);
    assert_ok(support_compact(s, 6));
    const uint64_t after = bytes_stored(s);
    assert_true(after < before);
    assert_ok(
        support_compact(s, 1)); /* what is there is shorter than what that level gives */
    assert_true(bytes_stored(s) <= after);
    assert_int_equal(support_reindex(s, 1), 0);
    sillok_store_close(s);
    look_at(small, &got, NULL);
    is_whole("compacted", &got);
    support_remove(small);
}

static void short_body_key(struct kv_txn *txn)
{
    assert_ok(kv_put(txn, T_BODY, text_of("abc"), text_of("x"), 0));
}

static void long_version_key(struct kv_txn *txn)
{
    assert_ok(kv_put(txn, T_VERSION, text_of("abcdef"), text_of("x"), 0));
}

static void other_body_hash(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const struct sillok_text k = key_id(key, body_of(txn, ONCE));
    add_value(&row, txn, T_BODY, k);
    other_hash(&row);
    assert_ok(kv_put(txn, T_BODY, k, text_make(row.ptr, row.len), 0));
}

/* Nobody packs anew what is not what it says; the store stays as it is. */
static void rows_that_are_not_compacted(void **state)
{
    static const struct {
        void (*change)(struct kv_txn *txn);
        const char *said;
    } rows[] = {
        { short_body_key, "a row of the table 'body' is damaged" },
        { long_version_key, "a row of the table 'version' is damaged" },
        { other_body_hash, "does not have its hash any more" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lmdb_store *rows_of;
        struct sillok_store *s;
        struct kv_txn *txn;
        char name[SILLOK_DATA_NAME_BYTES],
            *made = support_path(rescue.from, "data-1.mdb");
        begin_rows(&rows_of, &txn);
        rows[i].change(txn);
        end_rows(rows_of, txn);
        assert_ok(sillok_store_open(&s, rescue.from, NULL));
        assert_int_equal(support_compact(s, 1), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), rows[i].said));
        sillok_store_close(s);
        assert_ok(sillok_store_data_name(rescue.from, name));
        assert_string_equal(name, "data.mdb");
        assert_int_equal(access(made, F_OK), -1);
        free(made);
    }
}

/* --- asked again after it has failed --- */

static int next_of_copy(void *it)
{
    struct sillok_copy_event e;
    return sillok_copy_next(it, &e);
}

static int next_of_reindex(void *it)
{
    struct sillok_reindex_event e;
    return sillok_reindex_next(it, &e);
}

static int next_of_salvage(void *it)
{
    struct sillok_salvage_event e;
    return sillok_salvage_next(it, &e);
}

/* To its failure with @p code, and on, as who takes an error for the matter of one row does. */
static void fails_for_good(int (*next)(void *it), void *it, int code)
{
    int r;
    while ((r = next(it)) > 0)
        ;
    assert_int_equal(r, code);
    for (int i = 0; i < 500; i++)
        assert_int_equal(next(it), code);
}

/* Who goes on would make a store without what could not be read, in the place of the one
 * that has the rest. */
static void what_failed_is_not_gone_on_with(void **state)
{
    static const char *const tables[] = { "body", "version" };
    char *copy = support_path(rescue.folder, "copied");
    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
        struct sillok_store *s;
        struct sillok_copy *it = NULL;
        struct sillok_reindex *derived = NULL;
        char name[SILLOK_DATA_NAME_BYTES];
        assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
        assert_true(zero_leaves((uint8_t *)spoilt.ptr, tables[i], 1, 1) > 2);
        put_back(&spoilt);
        assert_ok(sillok_store_open(&s, rescue.from, NULL));
        assert_ok(sillok_backup_open(&it, s, copy));
        fails_for_good(next_of_copy, it, SILLOK_ECORRUPT);
        sillok_copy_close(it);
        assert_int_equal(access(copy, F_OK), -1);
        assert_ok(sillok_reindex_open(&derived, s, NULL));
        fails_for_good(next_of_reindex, derived, SILLOK_ECORRUPT);
        sillok_reindex_close(derived);
        assert_ok(sillok_compact_open(&it, s, NULL));
        fails_for_good(next_of_copy, it, SILLOK_ECORRUPT);
        sillok_copy_close(it);
        sillok_store_close(s);
        assert_ok(sillok_store_data_name(rescue.from, name));
        assert_string_equal(name, "data.mdb");
    }
    struct sillok_salvage *salvaged = NULL;
    put_back(&rescue.data);
    assert_ok(sillok_salvage_open(&salvaged, rescue.from, copy));
    support_write(copy, "x", 1); /* it has got in the way meanwhile, and goes again */
    int r;
    while ((r = next_of_salvage(salvaged)) > 0)
        ;
    assert_int_equal(r, SILLOK_EEXISTS);
    assert_int_equal(unlink(copy), 0);
    fails_for_good(next_of_salvage, salvaged, SILLOK_EEXISTS);
    sillok_salvage_close(salvaged);
    assert_int_equal(access(copy, F_OK), -1);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_say_something_else),
        cmocka_unit_test(rows_that_mean_nothing),
        cmocka_unit_test(pages_by_their_keys),
        cmocka_unit_test(what_verify_tells_of_rows),
        cmocka_unit_test(verify_while_somebody_writes),
        cmocka_unit_test(parts_that_are_none),
        cmocka_unit_test(a_compaction_of_it),
        cmocka_unit_test(rows_that_are_not_compacted),
        cmocka_unit_test(what_failed_is_not_gone_on_with),
    };
    return cmocka_run_group_tests(tests, rescue_set_up, rescue_tear_down);
}
