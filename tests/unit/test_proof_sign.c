/* What may be signed of a log, and what not: old copies, other logs, runs that were cut off. */
#include "unit/proof_box.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void an_old_copy_of_the_log_is_not_signed(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    copy_log(f, "proof.mdb", "old.mdb");
    copy(f, "checkpoint", "old.checkpoint");
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    copy_log(f, "old.mdb", "proof.mdb");
    signing_fails(f, NULL, "it was cut off, or is an old copy");
    assert_true(verify(f, 1, NULL, first) > 0);
    assert_non_null(strstr(first, "3 entries, but the store says that 5 were signed"));
    /* Nor when the checkpoint is old too: the store knows. */
    copy(f, "old.checkpoint", "checkpoint");
    signing_fails(f, NULL, "the store says that 5");
}

/* The same number of entries, with others in them: a fork. */
static void another_log_of_the_store_is_not_signed(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    copy_log(f, "proof.mdb", "old.mdb");
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    copy(f, "checkpoint", "tue.checkpoint");
    /* A store that went another way from Monday on. */
    copy_log(f, "old.mdb", "proof.mdb");
    struct tlog t;
    struct leaf leaf;
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_CRAWL;
    assert_ok(buf_add_str(&leaf.name, "other"));
    assert_ok(tlog_add_crawl(&t, &leaf, "other"));
    assert_ok(tlog_add_crawl(&t, &leaf, "other"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    signing_fails(f, NULL, "entries of the log");
    assert_true(verify(f, 1, NULL, first) > 0);
    assert_non_null(strstr(first, "are not those that the store says were signed"));
}

/* The whole folder was put back; only the copy elsewhere knows better. */
static void a_copy_elsewhere_knows_of_an_old_folder(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    const struct sillok_proof_sign_options options = { .copy = elsewhere };
    struct sillok_proof_verify *it;
    struct sillok_verify_event e;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    char *store = support_path(f->folder, "store"), *was = support_path(f->folder, "was");
    char *command = NULL;
    assert_true(asprintf(&command, "cp -a '%s' '%s'", store, was) > 0);
    assert_int_equal(system(command), 0);
    see(f, 1, 2, "two");
    take_in(f, "tue");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    sillok_store_close(f->store);
    assert_ok(sillok_store_open(&f->store, was, NULL));
    is_whole(f); /* without it nothing can be known */
    signing_fails(f, &options, "but the copy '");
    assert_ok(sillok_proof_verify_open(&it, f->store, 1, elsewhere));
    int r, n = 0;
    while ((r = sillok_proof_verify_next(it, &e)) > 0)
        n += e.damage;
    assert_int_equal(r, 0);
    assert_int_equal(n, 1);
    sillok_proof_verify_close(it);
    free(command);
    free(store);
    free(was);
    free(elsewhere);
}

/* An old folder beside a disk that is not mounted looks like a first time; so a copy that is
 * missing is only fine where nothing was signed. */
static void a_copy_that_is_missing_stops_the_signing(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    struct sillok_proof_sign_options options = { .copy = elsewhere };
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    assert_ok(file_read(&note, elsewhere, 1 << 16));
    assert_int_equal(unlink(elsewhere), 0);
    see(f, 1, 2, "two");
    take_in(f, "tue");
    signing_gives(f, &options, SILLOK_EIO, "is missing");
    /* What a witness put under the copy stays, as long as it is the newest. */
    assert_ok(buf_add_str(&note, "\xe2\x80\x94 w.example AAAAAAAA\n"));
    support_write(elsewhere, note.ptr, note.len);
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    assert_ok(file_read(&is, elsewhere, 1 << 16));
    assert_false(text_equal(buf_text(&is), buf_text(&note)));
    assert_ok(buf_add_str(&is, "\xe2\x80\x94 w.example AAAAAAAA\n"));
    support_write(elsewhere, is.ptr, is.len);
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    buf_clear(&note);
    assert_ok(file_read(&note, elsewhere, 1 << 16));
    assert_true(text_equal(buf_text(&is), buf_text(&note)));
    options.copy = "elsewhere";
    signing_gives(f, &options, SILLOK_EINVALID, "a whole path");
    free(elsewhere);
}

/* Somebody signs between two looks: what is older says less, and that is no damage. */
static void what_was_signed_is_read_before_the_log(void **state)
{
    struct support_fixture *f = *state;
    struct tlog t;
    struct note_signer signer;
    struct checkpoint c = { .origin = "a.example/log", .size = 100 };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    char *path = beside(f, "checkpoint");
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    assert_ok(tlog_open(&t, f->store, 0));
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(checkpoint_add(&text, &c));
    assert_ok(note_sign(&note, buf_text(&text), &signer));
    support_write(path, note.ptr, note.len);
    assert_ok(signed_check(&t, NULL, NULL));
    assert_ok(signed_newest(&t, &c));
    assert_int_equal(c.size, 3);
    tlog_close(&t);
    free(path);
}

/* As docs/proof.md says: without the old one's files and key another log begins. */
static void another_log_can_take_its_place(void **state)
{
    struct support_fixture *f = *state;
    static const char *const names[] = { "proof.mdb", "proof.mdb-seal", "proof.key",
                                         "checkpoint" };
    const struct sillok_proof_init_options options = { .name = "b.example/log" };
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    for (size_t i = 0; i < 4; i++) {
        char *path = beside(f, names[i]);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    assert_ok(sillok_proof_init(f->store, &options));
    assert_int_equal(sign(f).size, 3);
    proof_holds(f, "001/1", NULL, day(1), "one");
    is_whole(f);
    support_open_again(f);
    is_whole(f);
}

static void the_store_may_not_be_older_than_its_checkpoint(void **state)
{
    struct support_fixture *f = *state;
    char *path = support_path(f->folder, "store");
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    sillok_store_close(f->store);
    f->store = NULL;
    copy(f, "data.mdb", "old-data");
    copy(f, "data.mdb-seal", "old-seal");
    assert_ok(sillok_store_open(&f->store, path, NULL));
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    support_open_again(f);
    sillok_store_close(f->store);
    f->store = NULL;
    copy(f, "old-data", "data.mdb");
    copy(f, "old-seal", "data.mdb-seal");
    struct sillok_store *store = NULL;
    assert_int_equal(sillok_store_open(&store, path, NULL), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "older than its log of proofs"));
    assert_null(store);
    free(path);
}

/* Cut off between the log's commit and the checkpoint: the next run signs all of it, and
 * logs nothing twice. */
static void a_run_that_was_cut_off_is_gone_on_with(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    see(f, 2, 1, "two");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 4);
    /* As if the store and the checkpoint had not been reached. */
    char *checkpoint = beside(f, "checkpoint");
    CLEANUP(buf_release) struct buf ref = BUF_INIT;
    assert_ok(f->store->ops->ref_get(f->store, "proof", &ref));
    assert_ok(f->store->ops->ref_cas(f->store, "proof", text_make(ref.ptr, ref.len),
                                     text_make("", 0)));
    assert_int_equal(unlink(checkpoint), 0);
    struct sillok_proof_sum sum = sign(f);
    assert_int_equal(sum.size, 4);
    assert_int_equal(sum.revisions, 0);
    assert_true(sum.is_new);
    /* As if only a part of the entries had been committed: those of crawls come last. */
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    see(f, 3, 2, "three");
    see(f, 4, 2, "four");
    take_in(f, "tue");
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    snprintf(leaf.aid, sizeof(leaf.aid), "3");
    leaf.first_seen_s = day(2);
    struct opening opening;
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("3") };
    a.fields[SILLOK_TITLE] = text_of("제목");
    assert_ok(hasher_of(t.hasher, text_of("three"), &a.content_hash));
    assert_ok(commitment_of(t.hasher, t.secret, &a, &opening, &leaf.commitment));
    article_key_make(&key, a.oid, a.aid);
    assert_ok(tlog_add(&t, &leaf, &key));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    is_whole(f);
    sum = sign(f);
    assert_int_equal(sum.revisions, 1);
    assert_int_equal(sum.size, 4 + 3);
    proof_holds(f, "001/3", NULL, day(2), "three");
    proof_holds(f, "001/4", "tue", day(2), "four");
    is_whole(f);
    free(checkpoint);
}

static void a_log_begins_once_with_one_key(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_init_options options = { .name = "b.example" };
    char *log = beside(f, "proof.mdb"), *key = beside(f, "proof.key");
    assert_int_equal(sillok_proof_init(f->store, NULL), SILLOK_EEXISTS);
    assert_int_equal(unlink(log), 0);
    assert_int_equal(sillok_proof_init(f->store, &options), SILLOK_EINVALID);
    assert_ok(sillok_proof_init(f->store, NULL)); /* with the key that is there */
    struct sillok_proof_status status;
    assert_ok(sillok_proof_status(f->store, &status));
    assert_string_equal(status.name, "a.example/log");
    assert_int_equal(status.entries, 0);
    assert_true(status.has_secret_key);
    sign(f);
    assert_int_equal(unlink(key), 0);
    assert_int_equal(sillok_proof_sign(f->store, NULL, NULL), SILLOK_ENOTFOUND);
    assert_ok(sillok_proof_status(f->store, &status));
    assert_false(status.has_secret_key);
    free(log);
    free(key);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, proof_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        T(an_old_copy_of_the_log_is_not_signed),
        T(another_log_of_the_store_is_not_signed),
        T(a_copy_elsewhere_knows_of_an_old_folder),
        T(a_copy_that_is_missing_stops_the_signing),
        T(what_was_signed_is_read_before_the_log),
        T(another_log_can_take_its_place),
        T(the_store_may_not_be_older_than_its_checkpoint),
        T(a_run_that_was_cut_off_is_gone_on_with),
        T(a_log_begins_once_with_one_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
