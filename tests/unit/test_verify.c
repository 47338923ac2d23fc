/* What verify tells of rows that read, and say something else than was written; and of
 * stores whose tables do not have what is counted. */
#include "store/lmdb.h"

#include "support_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hasher *hasher;

struct visit {
    const char *aid;
    int64_t at;
    const char *title, *body, *path;
};

/* In a batch of its own. */
static void take_into(struct sillok_store *store, const char *crawl,
                      const struct visit *v)
{
    struct support_item s;
    struct store_item *item =
        support_item(&s, hasher, "001", v->aid, v->at, v->title, v->body);
    if (v->path)
        item->path = text_of(v->path);
    assert_ok(store->ops->begin(store, crawl));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    assert_ok(store->ops->commit(store));
    store->ops->prepared_free(item->prepared);
}

static void take_in(struct sillok_store *store, const struct visit *v)
{
    take_into(store, "crawl", v);
}

/* Article 1 has three revisions, the third as the first; article 2 has one. */
static int set_up(void **state)
{
    static const struct visit visits[] = {
        { "1", 100, "다리", "다리를 새로 놓는다.", "monday/001_1.md" },
        { "2", 100, "The bridge", "It opens in May.", "monday/001_2.md" },
        { "1", 200, "다리를", "다리를 새로 놓지 않는다.", "tuesday/001_1.md" },
        { "1", 300, "다리", "다리를 새로 놓는다.", "monday/001_1.md" },
    };
    assert_int_equal(support_set_up(state), 0);
    const struct support_fixture *f = *state;
    for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++)
        take_in(f->store, &visits[i]);
    return 0;
}

/* All that is told, a sentence a line. */
static void told(struct sillok_store *store, struct buf *out)
{
    struct sillok_verify *it;
    struct sillok_verify_event e;
    int r;
    buf_clear(out);
    assert_ok(sillok_verify_open(&it, store, NULL));
    while ((r = sillok_verify_next(it, &e)) > 0)
        if (e.damage)
            assert_ok(buf_printf(out, "%s: %s\n", e.table, e.what));
    assert_ok(r);
    sillok_verify_close(it);
    assert_ok(buf_add_char(out, '\0'));
}

static void is_told(struct sillok_store *store, const char *what)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    told(store, &all);
    if (!strstr(all.ptr, what))
        fail_msg("told is '%s', not '%s'", all.ptr, what);
}

/* A copy of a row, to be written otherwise. */
static void load_row(struct lmdb_store *s, int table, struct sillok_text key,
                     struct buf *out)
{
    struct sillok_text v;
    assert_int_equal(kv_get(s->txn, table, key, &v), 1);
    assert_ok(buf_add_text(out, v));
}

static void store_row(struct lmdb_store *s, int table, struct sillok_text key,
                      const struct buf *row)
{
    assert_ok(kv_put(s->txn, table, key, buf_text(row), 0));
    s->dirty = 1;
}

static struct sillok_text article_key(struct article_key *out, const char *aid)
{
    article_key_make(out, text_of("001"), text_of(aid));
    return article_key_text(out);
}

static void nothing_is_told(void **state)
{
    const struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    told(f->store, &all);
    assert_string_equal(all.ptr, "");
}

/* What was to be checked is what was: the time that is left is told by it. */
static void all_that_was_announced_is_checked(void **state)
{
    const struct support_fixture *f = *state;
    struct sillok_verify *it;
    struct sillok_verify_event e = { 0 };
    int r;
    assert_ok(sillok_verify_open(&it, f->store, NULL));
    while ((r = sillok_verify_next(it, &e)) > 0)
        assert_true(e.checked <= e.total);
    assert_ok(r);
    assert_true(e.total > 0);
    assert_int_equal(e.checked, e.total);
    sillok_verify_close(it);
}

/* Its row is whole, and what it holds is not what its hash says. */
static void a_text_that_was_changed(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char hex[SILLOK_ID_HEX_LEN + 1], want[200];
    struct body_row body;
    uint8_t key[ID_BYTES];
    assert_ok(f->store->ops->begin(f->store, ""));
    load_row(s, T_BODY, key_id(key, 2), &row);
    assert_ok(body_row_parse(buf_text(&row), &body));
    assert_int_equal(body.codec, CODEC_PLAIN);
    assert_int_equal(row.ptr[row.len - 2], 'y');
    row.ptr[row.len - 2] = 'x'; /* in March? */
    store_row(s, T_BODY, key_id(key, 2), &row);
    assert_ok(f->store->ops->commit(f->store));
    sillok_id_format(&body.id, hex);
    snprintf(want, sizeof(want),
             "version: 001/2 (version number 2): body %s does not have its hash any more",
             hex);
    is_told(f->store, want);
}

/* Of two rows of one text one is never found. */
static void a_text_that_stands_twice(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char hex[SILLOK_ID_HEX_LEN + 1], want[200];
    struct body_row body;
    uint8_t key[ID_BYTES];
    assert_ok(f->store->ops->begin(f->store, ""));
    load_row(s, T_BODY, key_id(key, 2), &row);
    assert_ok(body_row_parse(buf_text(&row), &body));
    s->state.counters.bodies++;
    store_row(s, T_BODY, key_id(key, s->state.counters.bodies), &row);
    assert_ok(f->store->ops->commit(f->store));
    sillok_id_format(&body.id, hex);
    snprintf(want, sizeof(want), "body: body %s cannot be found by its hash", hex);
    is_told(f->store, want);
}

static void a_hash_of_no_text(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    uint8_t record[HASH_RECORD] = { 0x5a };
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    put_be(record + HASH_PREFIX, 77, ID_BYTES);
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(buf_add(&row, record, sizeof(record)));
    store_row(s, T_HASHNEW, text_make("\x5a\0\0", 3), &row);
    assert_ok(f->store->ops->commit(f->store));
    is_told(f->store, "hash: table 'hash' has 4 rows, 3 are expected");
}

/* What was refused is kept, and can no longer be unpacked. */
static void a_refused_file_that_does_not_unpack(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    CLEANUP(buf_release) struct buf key = BUF_INIT, row = BUF_INIT, file = BUF_INIT;
    struct sillok_text k, v;
    int is_new;
    for (int i = 0; i < 40; i++)
        assert_ok(buf_add_str(&file, "머리글이 없는 글 without a head. "));
    const struct store_refusal refusal = { .path = text_of("001_9.md"),
                                           .code = "no_front_matter",
                                           .reason = "it has no front matter",
                                           .original = buf_text(&file),
                                           .size_bytes = file.len };
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(f->store->ops->refuse(f->store, &refusal, &is_new));
    assert_ok(f->store->ops->commit(f->store));
    nothing_is_told(state);
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_cursor_open(&c, s->txn, T_REFUSAL));
    assert_int_equal(kv_first(c, &k, &v), 1);
    assert_ok(buf_add_text(&key, k));
    assert_ok(buf_add_text(&row, v));
    kv_cursor_close(STEAL(c));
    row.len -= ROW_SUM_BYTES + 3; /* the end of its frame */
    assert_ok(row_seal(&row));
    store_row(s, T_REFUSAL, buf_text(&key), &row);
    assert_ok(f->store->ops->commit(f->store));
    is_told(f->store, "refusal: refusal ");
}

/* --- rows of articles --- */

/* Change the first row's numbers or length, see what is told, and that reindex mends it. */
static void with_row(struct sillok_store *store, const char *aid,
                     void (*change)(struct buf *row), const char *what)
{
    struct lmdb_store *s = lmdb_of(store);
    CLEANUP(buf_release) struct buf row = BUF_INIT, all = BUF_INIT;
    struct article_key key;
    assert_ok(store->ops->begin(store, ""));
    load_row(s, T_ARTICLE, article_key(&key, aid), &row);
    change(&row);
    store_row(s, T_ARTICLE, article_key(&key, aid), &row);
    assert_ok(store->ops->commit(store));
    is_told(store, what);
    assert_true(support_reindex(store, 0) > 0);
    told(store, &all);
    assert_string_equal(all.ptr, "");
}

static void lead_elsewhere(struct buf *row)
{
    put_be((uint8_t *)row->ptr, 1, ID_BYTES);
}

static void lose_the_chain(struct buf *row)
{
    row->len = ARTICLE_ROW_BYTES;
}

/* The first revision and the newest show the same. */
static void say_it_was_never_changed(struct buf *row)
{
    uint8_t time[TIME_BYTES];
    assert_int_equal(row->len, ARTICLE_ROW_BYTES);
    key_time(time, 100);
    assert_ok(buf_add(row, time, sizeof(time)));
    assert_ok(buf_add_varint(row, 1)); /* the crawl */
}

static void a_key_that_leads_to_another_article(void **state)
{
    const struct support_fixture *f = *state;
    with_row(f->store, "2", lead_elsewhere, "article: 001/2: cannot be found by its key");
}

static void a_row_without_its_chain(void **state)
{
    const struct support_fixture *f = *state;
    with_row(f->store, "2", lose_the_chain,
             "article: 001/2: its row is not what its observations say");
}

static void a_row_with_a_chain_of_one(void **state)
{
    const struct support_fixture *f = *state;
    with_row(f->store, "1", say_it_was_never_changed,
             "article: 001/1: its row is not what its observations say");
}

/* --- what is counted --- */

static void forge_dirs(struct lmdb_store *s)
{
    s->state.counters.dirs++;
}

static void forge_segs(struct lmdb_store *s)
{
    s->state.counters.segs++;
}

static void lose_folder(struct lmdb_store *s)
{
    uint8_t key[4];
    assert_int_equal(kv_delete(s->txn, T_DIR, key_u32(key, 2)), 1);
}

static void lose(struct lmdb_store *s, size_t i)
{
    const struct seg *segs = (const struct seg *)(const void *)s->state.segs.ptr;
    uint8_t key[4];
    assert_int_equal(s->state.segs.len / sizeof(*segs), 4);
    assert_int_equal(kv_delete(s->txn, T_SEG, key_u32(key, segs[i].no)), 1);
}

static void lose_last_segment(struct lmdb_store *s)
{
    lose(s, 3);
}

static void lose_segment(struct lmdb_store *s)
{
    lose(s, 1);
}

/* With fewer than there were, files would have another path, and observations be gone,
 * and nothing else would say so. */
static void a_store_without_what_is_counted_is_not_opened(void **state)
{
    static const struct {
        void (*forge)(struct lmdb_store *s);
        const char *said;
    } cases[] = {
        { forge_dirs, "3 folders are counted, 2 are there" },
        { lose_folder, "2 folders are counted, 1 are there" },
        { forge_segs, "5 segments are counted, 4 are there" },
        { lose_last_segment, "4 segments are counted, 3 are there" },
        { lose_segment, "4 segments are counted, 3 are there" },
    };
    struct support_fixture *f = *state;
    char *path = support_path(f->folder, "store");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (i) { /* a fresh one */
            support_tear_down(state);
            assert_int_equal(set_up(state), 0);
            f = *state;
            free(path);
            path = support_path(f->folder, "store");
        }
        /* Segments of one crawl would be merged: to the one that is there three more. */
        for (int k = 0; k < 3; k++)
            take_into(f->store, k % 2 ? "dusk" : "dawn",
                      &(struct visit){ "3", 100 + k, "다리", "글", NULL });
        assert_ok(f->store->ops->begin(f->store, ""));
        cases[i].forge(lmdb_of(f->store));
        lmdb_of(f->store)->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        sillok_store_close(f->store);
        f->store = NULL;
        assert_int_equal(sillok_store_open(&f->store, path, NULL), SILLOK_ECORRUPT);
        if (!strstr(sillok_error_message(), cases[i].said))
            fail_msg("said is '%s', not '%s'", sillok_error_message(), cases[i].said);
        assert_null(f->store);
    }
    free(path);
}

/* Their numbers have gaps, so who takes one out and counts it out is found by what it saw. */
static void a_segment_that_is_counted_out_is_told(void **state)
{
    struct support_fixture *f = *state;
    for (int k = 0; k < 3; k++)
        take_into(f->store, k % 2 ? "dusk" : "dawn",
                  &(struct visit){ "3", 100 + k, "다리", "글", NULL });
    assert_ok(f->store->ops->begin(f->store, ""));
    lose_segment(lmdb_of(f->store));
    lmdb_of(f->store)->state.counters.segs--;
    lmdb_of(f->store)->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    support_open_again(f);
    assert_int_not_equal(support_verify(f->store), 0);
}

/* Whoever is counted last lies in the last byte of the bits. */
static void a_crawl_of_an_article_that_is_not_counted(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    for (int counted = 9; counted >= 7; counted--) {
        CLEANUP(buf_release) struct buf bits = BUF_INIT;
        if (counted == 9)
            for (int i = 3; i <= 8; i++) {
                char aid[8];
                snprintf(aid, sizeof(aid), "%d", i);
                take_in(f->store, &(struct visit){ aid, 100, "다리", "글", NULL });
            }
        assert_ok(f->store->ops->begin(f->store, ""));
        s->state.counters.articles = (uint64_t)counted;
        s->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        const int r = f->store->ops->crawl_articles(f->store, 1, &bits);
        assert_int_equal(r, counted < 8 ? SILLOK_ECORRUPT : 0);
        if (r < 0)
            assert_non_null(
                strstr(sillok_error_message(), "names an article that does not exist"));
        else
            assert_int_equal(buf_bit(&bits, 8), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, support_tear_down)
        T(nothing_is_told),
        T(all_that_was_announced_is_checked),
        T(a_text_that_was_changed),
        T(a_text_that_stands_twice),
        T(a_hash_of_no_text),
        T(a_refused_file_that_does_not_unpack),
        T(a_key_that_leads_to_another_article),
        T(a_row_without_its_chain),
        T(a_row_with_a_chain_of_one),
        T(a_store_without_what_is_counted_is_not_opened),
        T(a_segment_that_is_counted_out_is_told),
        T(a_crawl_of_an_article_that_is_not_counted),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
