/*
 * A log beside its store: how one begins, who writes to it, what was signed of it, and
 * what its check tells of the store. test_proof.c has the rest of it.
 */
#include "unit/proof_box.h"

#include "base/file.h"
#include "proof/leaf.h"
#include "store/kv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL: the log is whole; else one thing is told, which has that. */
static void check_tells(struct support_fixture *f, int fast, const char *copy,
                        const char *what)
{
    char first[400];
    const int n = verify(f, fast, copy, first);
    if (n != (what != NULL) || !strstr(first, what ? what : ""))
        fail_msg("%d told, '%s', not '%s'", n, first, what ? what : "nothing");
}

static void leaf_of_crawl(struct leaf *leaf, const char *name, uint64_t observations,
                          uint64_t refused)
{
    leaf_init(leaf);
    leaf->kind = LEAF_CRAWL;
    leaf->observations = observations;
    leaf->refused = refused;
    assert_ok(buf_add_str(&leaf->name, name));
}

static void leaf_of_revision(struct leaf *leaf, struct article_key *key, const char *aid,
                             int64_t first_seen_s)
{
    leaf_init(leaf);
    leaf->kind = LEAF_REVISION;
    snprintf(leaf->oid, sizeof(leaf->oid), "001");
    snprintf(leaf->aid, sizeof(leaf->aid), "%s", aid);
    leaf->first_seen_s = first_seen_s;
    memset(key, 0, sizeof(*key));
    article_key_make(key, text_of(leaf->oid), text_of(leaf->aid));
}

/* --- how one begins --- */

/* Folders are synced as by a disk that fails as soon as this file is there. NULL: as
 * ever. */
static const char *fails_after;
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    struct stat st;
    if (!fails_after || access(fails_after, F_OK) != 0 || fstat(fd, &st) != 0 ||
        !S_ISDIR(st.st_mode))
        return __real_fsync(fd);
    errno = EIO;
    return -1;
}

/* A log whose name may be lost by a power cut has not begun: nothing may be signed and
 * given away of one that could be begun anew. */
static void a_log_that_may_be_lost_has_not_begun(void **state)
{
    struct support_fixture *f = *state;
    static const struct sillok_proof_init_options options = { .name = "a.example/log" };
    char *log = beside(f, "proof.mdb"), *aside = beside(f, "proof.new");
    fails_after = log;
    const int r = sillok_proof_init(f->store, &options);
    fails_after = NULL;
    assert_int_equal(r, SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot sync '"));
    assert_int_equal(sillok_proof_exists(f->store), 0);
    assert_int_not_equal(access(aside, F_OK), 0);
    /* The key that was made is that of the next try. */
    assert_ok(sillok_proof_init(f->store, &options));
    assert_int_equal(sillok_proof_exists(f->store), 1);
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 3);
    check_tells(f, 0, NULL, NULL);
    free(log);
    free(aside);
}

/* A second log in the place of the first would be a fork that its own key signs. */
static void a_log_is_not_made_over_another(void **state)
{
    struct support_fixture *f = *state;
    struct note_signer signer;
    struct sillok_proof_status was, is;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    sign(f);
    assert_ok(sillok_proof_status(f->store, &was));
    assert_ok(signed_key_read(&signer, f->store));
    assert_int_equal(tlog_create(f->store, &signer.key), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "has a log already"));
    assert_ok(sillok_proof_status(f->store, &is));
    assert_int_equal(is.entries, 3);
    assert_memory_equal(&is.root, &was.root, sizeof(was.root));
    check_tells(f, 0, NULL, NULL);
}

/* --- who writes to it --- */

/* Whether somebody else could take proof.lock, alone or beside those who read. */
static int can_lock(const char *path, int how)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const int r = flock(fd, how | LOCK_NB);
    assert_true(r == 0 || errno == EWOULDBLOCK);
    close(fd);
    return r == 0;
}

/* A backup waits for who writes, and not for who reads. */
static void who_writes_holds_the_lock(void **state)
{
    struct support_fixture *f = *state;
    char *lock = beside(f, "proof.lock");
    struct tlog t;
    assert_true(can_lock(lock, LOCK_EX));
    assert_ok(tlog_open(&t, f->store, 1));
    assert_false(can_lock(lock, LOCK_SH));
    assert_false(can_lock(lock, LOCK_EX));
    tlog_close(&t);
    assert_true(can_lock(lock, LOCK_EX));
    assert_ok(tlog_open(&t, f->store, 0));
    assert_true(can_lock(lock, LOCK_EX));
    tlog_close(&t);
    free(lock);
}

/* --- what was signed --- */

/* STORE/checkpoint is gone, or the ref in the store: the other one still knows that
 * something was signed, so a copy that is missing is not one that was never there. */
static void either_place_knows_that_something_was_signed(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    char *checkpoint = beside(f, "checkpoint");
    const struct sillok_proof_sign_options options = { .copy = elsewhere };
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    CLEANUP(buf_release) struct buf ref = BUF_INIT;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    sign(f);
    assert_ok(file_read(&note, checkpoint, NOTE_MAX_BYTES));
    assert_ok(f->store->ops->ref_get(f->store, "proof", &ref));
    for (int has_ref = 0; has_ref <= 1; has_ref++) {
        const struct sillok_text none = { NULL, 0 };
        if (has_ref) {
            assert_ok(f->store->ops->ref_cas(f->store, "proof", none, buf_text(&ref)));
            assert_int_equal(unlink(checkpoint), 0);
        } else {
            assert_ok(f->store->ops->ref_cas(f->store, "proof", buf_text(&ref), none));
        }
        assert_int_equal(sillok_proof_sign(f->store, &options, NULL), SILLOK_EIO);
        assert_non_null(strstr(sillok_error_message(), "elsewhere' is missing"));
        assert_int_not_equal(access(elsewhere, F_OK), 0);
        check_tells(f, 1, elsewhere, "elsewhere' is missing");
    }
    /* The copy begun by hand, it goes on. */
    support_write(elsewhere, note.ptr, note.len);
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    check_tells(f, 0, elsewhere, NULL);
    free(checkpoint);
    free(elsewhere);
}

/* The same number of entries and a right signature, of another root: it is not taken for
 * what the log says now, neither beside the store nor elsewhere. */
static void a_note_of_another_root_does_not_stay(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    struct checkpoint c = { .origin = "a.example/log", .size = 3 };
    struct sillok_proof_sum was, sum;
    struct note_signer signer;
    struct tlog t;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf fork = BUF_INIT;
    CLEANUP(buf_release) struct buf copied = BUF_INIT;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    was = sign(f);
    assert_int_equal(was.size, c.size);
    assert_ok(signed_key_read(&signer, f->store));
    c.root = was.root;
    c.root.bytes[31] ^= 1;
    assert_ok(checkpoint_add(&text, &c));
    assert_ok(note_sign(&fork, buf_text(&text), &signer));
    char *checkpoint = beside(f, "checkpoint");
    support_write(checkpoint, fork.ptr, fork.len);
    assert_ok(tlog_open(&t, f->store, 1));
    assert_true(t.has_note && text_equal(buf_text(&t.note), buf_text(&fork)));
    assert_int_equal(signed_check(&t, NULL, NULL), SILLOK_ECORRUPT);
    assert_ok(signed_write(&t, &signer, elsewhere, &fork, &sum));
    tlog_close(&t);
    assert_int_equal(sum.is_new, 1);
    const char *const places[] = { checkpoint, elsewhere };
    for (size_t i = 0; i < 2; i++) {
        buf_clear(&copied);
        assert_ok(file_read(&copied, places[i], NOTE_MAX_BYTES));
        assert_ok(checkpoint_open(&c, buf_text(&copied), &signer.key));
        assert_int_equal(c.size, was.size);
        assert_memory_equal(&c.root, &was.root, sizeof(was.root));
    }
    check_tells(f, 0, elsewhere, NULL);
    free(checkpoint);
    free(elsewhere);
}

/* --- what the check tells --- */

static void add_of_crawl(struct support_fixture *f, const char *crawl,
                         uint64_t observations, uint64_t refused)
{
    struct tlog t;
    struct leaf leaf;
    leaf_of_crawl(&leaf, crawl, observations, refused);
    assert_ok(tlog_open(&t, f->store, 1));
    assert_ok(tlog_add_crawl(&t, &leaf, crawl));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
}

static void see_nothing(struct support_fixture *f, const char *line)
{
    assert_ok(buf_printf(&f->lines, "%s\n", line));
}

/* A refusal is as much a part of the record as a visit. */
static void refusals_that_are_gone_are_told(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    see_nothing(f, "{\"oid\":\"001\"}");
    take_in(f, "mon");
    sign(f);
    check_tells(f, 0, NULL, NULL);
    add_of_crawl(f, "mon", 1, 2);
    check_tells(f, 1, NULL, NULL); /* the log alone is right */
    check_tells(f, 0, NULL,
                "entry 3 of the log says that crawl 'mon' had 1 visits and 2 refusals, "
                "and the store does not have them");
}

/* What came since the last signature is not in the log yet, be it visits or refusals. */
static void a_crawl_that_grew_is_no_damage(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    sign(f);
    see_nothing(f, "{\"oid\":\"001\"}");
    take_in(f, "mon");
    check_tells(f, 0, NULL, NULL);
    assert_int_equal(sign(f).crawls, 1);
    check_tells(f, 0, NULL, NULL);
    see(f, 2, 1, "다리가 닫혔다. The bridge is closed.");
    take_in(f, "mon");
    check_tells(f, 0, NULL, NULL);
}

/* The first entry says whose log it is, and no other one does. */
static void a_log_says_once_what_it_is(void **state)
{
    struct support_fixture *f = *state;
    struct tlog t;
    struct leaf leaf;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    sign(f);
    leaf_init(&leaf);
    assert_ok(buf_add_str(&leaf.name, "a.example/log"));
    assert_ok(tlog_open(&t, f->store, 1));
    assert_ok(buf_add_str(&leaf.uuid, t.uuid));
    assert_ok(tlog_add(&t, &leaf, NULL));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    check_tells(f, 1, NULL, "entry 3 of the log is not where such a one can stand");
    check_tells(f, 0, NULL, "entry 3 of the log is not where such a one can stand");
}

static void a_log_begins_with_what_it_is(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    take_in(f, "mon");
    add_of_crawl(f, "mon", 0, 0);
    check_tells(f, 1, NULL, "entry 0 of the log is not where such a one can stand");
    check_tells(f, 0, NULL, "entry 0 of the log is not where such a one can stand");
}

/* The store has that content of the article, at another time. */
static void a_content_at_another_time_is_told(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("1") };
    struct opening opening;
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    see(f, 1, 1, "다리가 열렸다. The bridge is open.");
    see(f, 1, 2, "다리가 닫혔다. The bridge is closed.");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 4);
    leaf_of_revision(&leaf, &key, "1", day(2));
    a.fields[SILLOK_TITLE] = text_of("제목");
    assert_ok(tlog_open(&t, f->store, 1));
    assert_ok(hasher_of(t.hasher, text_of("다리가 열렸다. The bridge is open."),
                        &a.content_hash));
    assert_ok(commitment_of(t.hasher, t.secret, &a, &opening, &leaf.commitment));
    uint64_t number;
    assert_int_equal(tlog_find_revision(&t, &key, day(1), &leaf.commitment, &number), 1);
    assert_ok(tlog_add(&t, &leaf, &key));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    check_tells(f, 1, NULL, NULL);
    check_tells(f, 0, NULL,
                "entry 4 of the log says what 001/1 showed at 2026-01-02T03:00:00Z, and "
                "the store has something else there");
}

/* --- a log of some size --- */

static const struct kv_table tables[] = {
    { "meta", 0 }, { "entry", 0 }, { "tile", 0 }, { "revision", 0 }, { "crawl", 0 }
};
enum { T_META, T_ENTRY, T_TILE, T_REVISION, T_CRAWL, N_TABLES };

/* Turn one bit of hash @p at over, in tile @p number of @p level. */
static void spoil(const struct support_fixture *f, uint8_t level, uint8_t number,
                  size_t at)
{
    const struct kv_options o = { .map_bytes = 1 << 28, .map_max_bytes = 1 << 28 };
    const uint8_t bytes[6] = { level, [5] = number };
    const struct sillok_text key = text_make((const char *)bytes, sizeof(bytes));
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    char *path = beside(f, "proof.mdb");
    struct kv_env *env;
    struct kv_txn *txn;
    struct sillok_text v;
    assert_ok(kv_open(&env, path, tables, N_TABLES, &o));
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_get(txn, T_TILE, key, &v), 1);
    assert_ok(buf_add_text(&tile, v));
    assert_true(at * 32 < tile.len);
    tile.ptr[at * 32] ^= 1;
    assert_ok(kv_put(txn, T_TILE, key, buf_text(&tile), 0));
    assert_ok(kv_commit(txn));
    kv_close(env);
    free(path);
}

static void log_of(struct support_fixture *f, int size)
{
    struct tlog t;
    struct leaf leaf, first;
    struct article_key key;
    char aid[16];
    leaf_init(&first);
    assert_ok(buf_add_str(&first.name, "a.example/log"));
    assert_ok(tlog_open(&t, f->store, 1));
    assert_ok(tlog_add(&t, &first, NULL));
    for (int i = 1; i < size; i++) {
        snprintf(aid, sizeof(aid), "%d", i);
        leaf_of_revision(&leaf, &key, aid, day(1));
        assert_ok(tlog_add(&t, &leaf, &key));
        leaf_release(&leaf);
    }
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&first);
}

/* From 65,536 entries on no root goes through the first tile of level 1 any more, and
 * proofs of older sizes do: only its entries say what is in it. */
static void a_tile_that_no_root_needs_is_told(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    log_of(f, 65536);
    check_tells(f, 1, NULL, NULL);
    spoil(f, 1, 0, 7);
    /* where the tile below it is full, and where it is full itself */
    assert_int_equal(verify(f, 1, NULL, first), 2);
    assert_non_null(
        strstr(first, "do not follow from its entries, from entry 2047 back"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, proof_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_log_that_may_be_lost_has_not_begun,
                                        support_set_up, support_tear_down),
        T(a_log_is_not_made_over_another),
        T(who_writes_holds_the_lock),
        T(either_place_knows_that_something_was_signed),
        T(a_note_of_another_root_does_not_stay),
        T(refusals_that_are_gone_are_told),
        T(a_crawl_that_grew_is_no_damage),
        T(a_log_says_once_what_it_is),
        T(a_log_begins_with_what_it_is),
        T(a_content_at_another_time_is_told),
        T(a_tile_that_no_root_needs_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
