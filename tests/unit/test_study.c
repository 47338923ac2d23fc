/* A dictionary that does not fit the texts any more gets a successor, if one is any better. */
#include "base/utf8.h"
#include "store/lmdb.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many words that a text of some hundred letters has few of them twice: what makes it
 * small is a dictionary that knows them. */
enum { N_WORDS = 700, LANGUAGES = 2, WORD_BYTES = 20 };
enum language { ENGLISH, KOREAN };
static char words[LANGUAGES][N_WORDS][WORD_BYTES];
static uint64_t seed;

static int make_words(void **state)
{
    (void)state;
    seed = 77;
    for (int w = 0; w < N_WORDS; w++) {
        char *e = words[ENGLISH][w], *k = words[KOREAN][w];
        for (uint64_t n = 5 + support_random(&seed) % 4; n; n--)
            *e++ = (char)('a' + support_random(&seed) % 26);
        for (uint64_t n = 2 + support_random(&seed) % 3; n; n--)
            k += utf8_encode((uint32_t)(0xac00 + support_random(&seed) % 11172), k);
        *e++ = *k++ = ' ';
        *e = *k = '\0';
    }
    return 0;
}

/* Of some words in a hundred nobody knows more. */
static void add_text(struct buf *out, enum language in, size_t len, unsigned unknown)
{
    const size_t end = out->len + len;
    while (out->len < end) {
        const uint64_t n = support_random(&seed);
        if (n % 100 < unknown)
            assert_ok(buf_printf(out, "%llx ", (unsigned long long)(n >> 8)));
        else
            assert_ok(buf_add_str(out, words[in][(n >> 8) % N_WORDS]));
    }
}

/* A crawl of so many new articles; how small their texts became, in thousandths. */
static unsigned take_in(struct support_fixture *f, const char *crawl, size_t n,
                        size_t len, enum language in, unsigned unknown)
{
    static unsigned next;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = support_path(f->folder, "in.ndjson");
    struct sillok_stats before, after;
    const char *paths[] = { path };
    for (size_t i = 0; i < n; i++) {
        next++;
        assert_ok(buf_printf(&text,
                             "{\"oid\":\"701\",\"aid\":\"%010u\",\"title\":\"%s%u\","
                             "\"publisher\":\"한빛일보\",\"crawled_at\":\"2026-01-02 "
                             "09:00:00\",\"body\":\"%u ",
                             next, words[in][next % N_WORDS], next, next));
        add_text(&text, in, len, unknown);
        assert_ok(buf_add_str(&text, "\"}\n"));
    }
    support_write(path, text.ptr, text.len);
    assert_ok(sillok_store_stats(f->store, &before));
    const struct sillok_ingest_counts c = support_ingest(f->store, crawl, paths, 1);
    assert_int_equal(c.new_bodies, n);
    assert_ok(sillok_store_stats(f->store, &after));
    free(path);
    return (unsigned)(1000 * (after.body_bytes_stored - before.body_bytes_stored) /
                      (after.body_bytes - before.body_bytes));
}

static uint64_t n_dicts(struct support_fixture *f)
{
    return lmdb_of(f->store)->state.counters.dicts;
}

static void texts_become_others(void **state)
{
    struct support_fixture *f = *state;
    seed = 1;
    take_in(f, "english", 1500, 700, ENGLISH, 5);
    assert_int_equal(n_dicts(f), 2);
    /* In the midst of this run the store sees that they are others, and learns. */
    const unsigned before = take_in(f, "korean", 15000, 700, KOREAN, 5);
    assert_int_equal(n_dicts(f), 4);
    const unsigned after = take_in(f, "korean again", 600, 700, KOREAN, 5);
    if (4 * after > 3 * before)
        fail_msg("%u thousandths became %u", before, after);
    assert_int_equal(n_dicts(f), 4);
    /* What was packed with the old ones is there. */
    assert_int_equal(support_verify(f->store), 0);
    support_open_again(f);
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(n_dicts(f), 4);
}

/* Texts that no dictionary would make smaller: it is tried once, and then they are what is
 * expected. */
static void a_new_one_would_not_help(void **state)
{
    struct support_fixture *f = *state;
    seed = 2;
    take_in(f, "words", 1500, 700, KOREAN, 5);
    take_in(f, "noise", 7000, 700, KOREAN, 95);
    assert_int_equal(n_dicts(f), 2);
    take_in(f, "noise again", 7000, 700, KOREAN, 95);
    assert_int_equal(n_dicts(f), 2);
    /* Once with the words before it, or once more, as the batches fell. */
    const struct age *a = &lmdb_of(f->store)->state.counters.age;
    assert_true(a->expected_packed > a->expected_raw / 3);
    assert_true(a->raw < (11u << 20));
    assert_int_equal(support_verify(f->store), 0);
}

/* The same language all the time, and a store that knows nothing of ages. */
static void nothing_becomes_another(void **state)
{
    struct support_fixture *f = *state;
    seed = 3;
    take_in(f, "a", 1500, 700, KOREAN, 5);
    struct age *a = &lmdb_of(f->store)->state.counters.age;
    assert_true(a->expected_raw > 0 && a->raw > 0);
    assert_ok(f->store->ops->begin(f->store, ""));
    *a = (struct age){ 0 };
    lmdb_of(f->store)->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    take_in(f, "b", 7000, 700, KOREAN, 5);
    assert_true(a->expected_raw >= 4u << 20);
    take_in(f, "c", 7000, 700, KOREAN, 5);
    assert_int_equal(n_dicts(f), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_become_others, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(a_new_one_would_not_help, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(nothing_becomes_another, support_set_up,
                                        support_tear_down),
    };
    return cmocka_run_group_tests(tests, make_words, NULL);
}
