/* What a handle remembers from one batch to the next: nothing of one that failed, and
 * nothing that another writer has made untrue. And how a backup waits for who signs. */
#include "unit/inside.h"

#include "faults/script.h"
#include "support_item.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static struct hasher *hasher;

static int tear_down(void **state)
{
    script_clear();
    return support_tear_down(state);
}

/* Into the open batch: a text of its own for each article. */
static void append(struct sillok_store *store, int article, int64_t at, const char *title)
{
    struct support_item s;
    char aid[16], body[200];
    snprintf(aid, sizeof(aid), "%d", article);
    snprintf(body, sizeof(body), "%d번째 다리를 놓는다. The council met.", article);
    struct store_item *item = support_item(&s, hasher, "001", aid, at, title, body);
    assert_ok(store->ops->begin(store, "월요일"));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    store->ops->prepared_free(item->prepared);
}

static void take_in(struct sillok_store *store, int from, int n)
{
    for (int i = from; i < from + n; i++)
        append(store, i, 100, "다리");
    assert_ok(store->ops->commit(store));
}

/* --- batches that fail --- */

/* Texts, hashes and keys of a batch that could not be committed are in none of the next. */
static void a_failed_commit_leaves_nothing(void **state)
{
    const struct support_fixture *f = *state;
    const struct script full = { .call = "mdb_txn_commit", .rc = ENOSPC };
    struct sillok_stats stats;
    take_in(f->store, 1, 20);
    for (int i = 21; i < 24; i++)
        append(f->store, i, 100, "다리");
    script_set(&full, 1);
    assert_int_equal(f->store->ops->commit(f->store), SILLOK_EIO);
    script_clear();
    take_in(f->store, 31, 1);
    take_in(f->store, 32, 2);
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.articles, 23);
    assert_int_equal(stats.bodies, 23);
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(support_reindex(f->store, 1), 0);
}

/* --- another writer --- */

/* How many hashes wait is counted anew where a commit lies between that was not ours. */
static void hashes_of_another_writer_are_counted(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    uint8_t records[3 * HASH_RECORD];
    struct kv_txn *txn;
    take_in(f->store, 1, 40);
    take_in(f->store, 41, 1);
    assert_int_equal(s->hash_waiting.all, 1);
    assert_int_equal(n_waiting(s), 1);
    assert_ok(kv_write(s->env, &txn));
    memset(records, 0xff, sizeof(records));
    for (size_t i = 0; i < 3; i++)
        put_be(records + i * HASH_RECORD + HASH_PREFIX, 1 + i, ID_BYTES);
    assert_ok(kv_put(txn, T_HASHNEW, text_make("\xff\0\7", 3),
                     text_make((const char *)records, sizeof(records)), 0));
    assert_ok(kv_commit(txn));
    take_in(f->store, 42, 1);
    assert_int_equal(n_waiting(s), 5);
    assert_int_equal(s->hash_waiting.all, 5);
}

/* Those of a batch that failed do not wait, whatever number the next commit has. */
static void hashes_of_a_failed_commit_do_not_wait(void **state)
{
    const struct support_fixture *f = *state;
    const struct script full = { .call = "mdb_txn_commit", .rc = ENOSPC };
    struct lmdb_store *s = lmdb_of(f->store);
    take_in(f->store, 1, 40);
    take_in(f->store, 41, 1);
    append(f->store, 42, 100, "다리");
    append(f->store, 43, 100, "다리");
    script_set(&full, 1);
    assert_int_equal(f->store->ops->commit(f->store), SILLOK_EIO);
    script_clear();
    assert_ok(
        f->store->ops->ref_cas(f->store, "name", text_make("", 0), text_of("다리")));
    take_in(f->store, 44, 1);
    assert_int_equal(n_waiting(s), 2);
    assert_int_equal(s->hash_waiting.all, 2);
}

/* Of more than are kept none is said not to be there: it is searched for. */
static void bodies_of_a_huge_commit_are_searched_for(void **state)
{
    enum { MANY = 9000, STRIDE = 13 };
    static const size_t sizes[] = { 1, 100, MANY };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct recent recent = { 0 };
        struct sillok_id id = { { 0 } }, none = { { 9, 9, 9 } };
        uint8_t *records = calloc(MANY, STRIDE);
        assert_non_null(records);
        for (size_t k = 0; k < sizes[i]; k++)
            put_be(records + k * STRIDE, k + 1, 8);
        put_be(id.bytes, sizes[i], 8);
        recent_begin(&recent, 5);
        assert_int_equal(recent_lacks(&recent, &id, 5), 1);
        recent_commit(&recent, records, sizes[i], STRIDE);
        assert_int_equal(recent_lacks(&recent, &id, 5), 0);
        assert_int_equal(recent_lacks(&recent, &none, 5), sizes[i] < MANY);
        assert_int_equal(recent_lacks(&recent, &none, 6), 1);
        recent_release(&recent);
        free(records);
    }
}

/* --- a backup and who signs --- */

struct signer {
    const char *lock;
    int got, tries;
};

/* As another process would ask. */
static void try_to_sign(void *arg)
{
    struct signer *s = arg;
    const int fd = open(s->lock, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    s->tries++;
    s->got += flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
}

/* The log of proofs is of the moment of the snapshot: while that is taken nobody signs. */
static void nobody_signs_while_a_backup_begins(void **state)
{
    const struct support_fixture *f = *state;
    char *to = support_path(f->folder, "backup"),
         *lock = support_path(f->folder, "store/proof.lock");
    struct signer signer = { lock, 0, 0 };
    const struct script step = { .call = "mdb_txn_begin",
                                 .before = try_to_sign,
                                 .arg = &signer };
    struct sillok_copy *it = NULL;
    take_in(f->store, 1, 3);
    support_write(lock, "", 0);
    script_set(&step, 1);
    assert_ok(sillok_backup_open(&it, f->store, to));
    script_clear();
    assert_int_equal(signer.tries, 1);
    assert_int_equal(signer.got, 0);
    try_to_sign(&signer); /* from there on it is free */
    assert_int_equal(signer.got, 1);
    sillok_copy_close(it);
    free(to);
    free(lock);
}

/* And it waits for who does, ten minutes. */
/* To its end, or to why it has none. */
static int copy_on(struct sillok_copy *it)
{
    struct sillok_copy_event event;
    int r;
    while ((r = sillok_copy_next(it, &event)) > 0)
        continue;
    return r;
}

static void a_backup_waits_for_who_signs(void **state)
{
    const struct support_fixture *f = *state;
    char *to = support_path(f->folder, "backup"),
         *lock = support_path(f->folder, "store/proof.lock");
    static const struct script busy[] = {
        { .call = "flock", .times = 50000, .rc = EWOULDBLOCK },
        { .call = "flock", .times = 50, .rc = EWOULDBLOCK }
    };
    struct sillok_copy *it = NULL;
    take_in(f->store, 1, 3);
    support_write(lock, "", 0);
    script_set(&busy[0], 1);
    assert_ok(sillok_backup_open(&it, f->store, to));
    assert_int_equal(copy_on(it), SILLOK_EBUSY);
    assert_non_null(strstr(sillok_error_message(), "the log of proofs is busy"));
    sillok_copy_close(it);
    assert_int_equal(access(to, F_OK), -1);
    script_set(&busy[1], 1);
    assert_ok(sillok_backup_open(&it, f->store, to));
    assert_ok(copy_on(it));
    assert_int_equal(script_calls(0), 51);
    assert_true(script_slept_ms() > 800 && script_slept_ms() <= 1000);
    assert_int_equal(access(to, F_OK), 0);
    sillok_copy_close(it);
    free(to);
    free(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, tear_down)
        T(a_failed_commit_leaves_nothing),
        T(hashes_of_another_writer_are_counted),
        T(hashes_of_a_failed_commit_do_not_wait),
        T(bodies_of_a_huge_commit_are_searched_for),
        T(nobody_signs_while_a_backup_begins),
        T(a_backup_waits_for_who_signs),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
