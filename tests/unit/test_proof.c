/* What is in the log of a store, and that proofs of it hold. */
#include "unit/proof_box.h"

#include "proof/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void every_revision_and_crawl_has_an_entry(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    see(f, 2, 1, "two");
    take_in(f, "mon");
    see(f, 1, 2, "one, edited");
    see(f, 2, 2, "two");
    take_in(f, "tue");
    struct sillok_proof_sum sum = sign(f);
    assert_int_equal(sum.revisions, 3);
    assert_int_equal(sum.crawls, 2);
    assert_int_equal(sum.size, 1 + 3 + 2);
    assert_true(sum.is_new);
    proof_holds(f, "001/1@1", NULL, day(1), "one");
    proof_holds(f, "001/1", NULL, day(2), "one, edited");
    proof_holds(f, "001/2", NULL, day(1), "two");
    proof_holds(f, "001/2", "mon", day(1), "two");
    proof_holds(f, "001/2", "tue", day(2), "two");
    proof_holds(f, "001/1@1", "mon", day(1), "one");
    is_whole(f);
    /* Nothing came: nothing is logged, and what was signed stands. */
    sum = sign(f);
    assert_int_equal(sum.revisions + sum.crawls, 0);
    assert_int_equal(sum.size, 6);
    assert_false(sum.is_new);
    /* A crawl that only saw what was known is an entry of its own. */
    see(f, 1, 3, "one, edited");
    take_in(f, "wed");
    sum = sign(f);
    assert_int_equal(sum.revisions, 0);
    assert_int_equal(sum.crawls, 1);
    proof_holds(f, "001/1", "wed", day(3), "one, edited");
    is_whole(f);
}

static void proof_is_not_there(struct support_fixture *f, const char *text,
                               const char *crawl, const char *why)
{
    struct sillok_ref ref;
    char *data;
    size_t len;
    assert_ok(sillok_ref_parse(&ref, text, 0, 0));
    assert_int_equal(sillok_proof_make(f->store, &ref, crawl, &data, &len),
                     SILLOK_ENOTFOUND);
    if (!strstr(sillok_error_message(), why))
        fail_msg("'%s' lacks '%s'", sillok_error_message(), why);
}

static void what_was_not_signed_has_no_proof(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    proof_is_not_there(f, "001/1", NULL, "nothing was signed yet");
    sign(f);
    see(f, 1, 2, "one, edited");
    see(f, 2, 2, "two");
    take_in(f, "tue");
    proof_is_not_there(f, "001/1", NULL, "signed last");
    proof_is_not_there(f, "001/2", "tue", "signed last");
    proof_is_not_there(f, "001/3", NULL, "no article");
    proof_is_not_there(f, "001/1@3", NULL, "no revision");
    proof_is_not_there(f, "001/2", "mon", "did not see");
    proof_is_not_there(f, "001/1@2", "mon", "did not see");
    proof_is_not_there(f, "001/1", "sun", "no crawl");
    proof_holds(f, "001/1@1", NULL, day(1), "one");
    is_whole(f); /* growth is no damage */
}

/* An older crawl that comes later begins revisions, and lets known visits begin others:
 * A..A becomes A, B, A, and the second A is a revision that nobody took in. */
static void a_late_crawl_splits_what_was_one(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "A");
    take_in(f, "first");
    see(f, 1, 5, "A");
    take_in(f, "fifth");
    assert_int_equal(sign(f).revisions, 1);
    see(f, 1, 3, "B");
    take_in(f, "third");
    assert_int_equal(sign(f).revisions, 2);
    proof_holds(f, "001/1@1", NULL, day(1), "A");
    proof_holds(f, "001/1@2", NULL, day(3), "B");
    proof_holds(f, "001/1@3", NULL, day(5), "A");
    see(f, 1, 2, "A");
    see(f, 1, 4, "C");
    take_in(f, "between");
    assert_int_equal(sign(f).revisions, 1); /* C; A from day 5 on is logged already */
    is_whole(f);
}

/* Whatever the order and the pieces: all revisions can be proven. */
static void any_order_logs_all_revisions(void **state)
{
    struct support_fixture *f = *state;
    static const char *const bodies[] = { "A", "A", "B", "A", "C", "C", "B", "B" };
    enum { DAYS = sizeof(bodies) / sizeof(bodies[0]) };
    uint64_t seed = 7;
    char crawl[16], ref[32];
    for (int aid = 1; aid <= 30; aid++) {
        int order[DAYS] = { 0 };
        for (int i = 0; i < DAYS; i++) {
            const int at = (int)(support_random(&seed) % (uint64_t)(i + 1));
            order[i] = order[at];
            order[at] = i;
        }
        for (int i = 0; i < DAYS; i++) {
            see(f, aid, order[i] + 1, bodies[order[i]]);
            snprintf(crawl, sizeof(crawl), "crawl-%d", order[i]);
            take_in(f, crawl);
            if (support_random(&seed) % 3 == 0)
                sign(f);
        }
    }
    sign(f);
    static const struct {
        int day;
        const char *body;
    } chain[] = { { 1, "A" }, { 3, "B" }, { 4, "A" }, { 5, "C" }, { 7, "B" } };
    for (int aid = 1; aid <= 30; aid++)
        for (int i = 0; i < 5; i++) {
            snprintf(ref, sizeof(ref), "001/%d@%d", aid, i + 1);
            proof_holds(f, ref, NULL, day(chain[i].day), chain[i].body);
        }
    is_whole(f);
}

static void refusals_are_in_the_entry_of_their_crawl(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_log *it;
    struct sillok_proof_entry e;
    int r, seen = 0;
    see(f, 1, 1, "one");
    assert_ok(buf_add_str(&f->lines, "{\"oid\":\"001\"}\n{\n"));
    take_in(f, "mon");
    sign(f);
    assert_ok(sillok_proof_log_open(&it, f->store, 0));
    while ((r = sillok_proof_log_next(it, &e)) > 0)
        if (text_starts(e.entry, "{\"kind\":\"crawl\"")) {
            CLEANUP(buf_release) struct buf line = BUF_INIT;
            assert_ok(buf_add_text(&line, e.entry));
            assert_ok(buf_add_char(&line, '\0'));
            assert_non_null(strstr(line.ptr, "\"observations\":1,"));
            assert_non_null(strstr(line.ptr, "\"refused\":2,"));
            assert_null(strstr(line.ptr, "e3b0c44298fc1c14")); /* no empty tree */
            seen++;
        }
    assert_ok(r);
    assert_int_equal(seen, 1);
    sillok_proof_log_close(it);
    is_whole(f);
}

static void an_older_checkpoint_is_the_beginning(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    char *notes[9], *proof;
    size_t lens[9], len;
    char crawl[16];
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    for (int i = 0; i < 9; i++) {
        for (int k = 0; k <= i; k++)
            see(f, i * 10 + k, i + 1, "text");
        snprintf(crawl, sizeof(crawl), "day-%d", i);
        take_in(f, crawl);
        sign(f);
        assert_ok(sillok_proof_checkpoint(f->store, &notes[i], &lens[i]));
    }
    for (int i = 0; i < 9; i++) {
        options.since = text_make(notes[i], lens[i]);
        assert_ok(sillok_proof_since(f->store, options.since, &proof, &len));
        assert_ok(sillok_proof_check(text_make(proof, len), &options, &result));
        assert_int_equal(result.kind, SILLOK_PROOF_CONSISTENCY);
        assert_int_equal(result.size, 1 + 45 + 9);
        assert_true(result.old_size <= result.size);
        /* Not with another older one. */
        options.since = text_make(notes[(i + 1) % 9], lens[(i + 1) % 9]);
        assert_int_equal(sillok_proof_check(text_make(proof, len), &options, &result),
                         SILLOK_ECONFLICT);
        sillok_free(proof);
    }
    /* A checkpoint of a log that this one does not go on from. */
    struct note_signer signer;
    struct checkpoint c = { .origin = "a.example/log", .size = 4 };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(checkpoint_add(&text, &c));
    assert_ok(note_sign(&note, text_make(text.ptr, text.len), &signer));
    assert_int_equal(
        sillok_proof_since(f->store, text_make(note.ptr, note.len), &proof, &len),
        SILLOK_ECONFLICT);
    for (int i = 0; i < 9; i++)
        sillok_free(notes[i]);
}

/* Each byte of a proof changed in turn: never one that holds of something else. */
static void a_changed_proof_does_not_hold(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    struct sillok_ref ref;
    char *data;
    size_t len;
    log_of_ten(f);
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    assert_ok(sillok_ref_parse(&ref, "001/5", 0, 0));
    for (int observation = 0; observation < 2; observation++) {
        assert_ok(
            sillok_proof_make(f->store, &ref, observation ? "mon" : NULL, &data, &len));
        assert_ok(sillok_proof_check(text_make(data, len), &options, &result));
        for (size_t i = 0; i < len; i++) {
            data[i] ^= 1;
            const int r = sillok_proof_check(text_make(data, len), &options, &result);
            if (r != SILLOK_EINVALID && r != SILLOK_ECONFLICT)
                fail_msg("byte %zu: %d", i, r);
            data[i] ^= 1;
            if (sillok_proof_check(text_make(data, i), &options, &result) == 0)
                fail_msg("cut to %zu bytes", i);
        }
        sillok_free(data);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, proof_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        T(every_revision_and_crawl_has_an_entry),
        T(what_was_not_signed_has_no_proof),
        T(a_late_crawl_splits_what_was_one),
        T(any_order_logs_all_revisions),
        T(refusals_are_in_the_entry_of_their_crawl),
        T(an_older_checkpoint_is_the_beginning),
        T(a_changed_proof_does_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
