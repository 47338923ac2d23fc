/* A store that goes on in another file: by this handle, by another process, under a name
 * that is not its own; and what compact takes along and refuses. */
#include "unit/inside.h"

#include "support_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct hasher *hasher;

/* A text of its own for each article, of any length. */
static void append(struct sillok_store *store, int article, const char *path)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    struct support_item s;
    char aid[16];
    uint64_t seed = (uint64_t)article;
    snprintf(aid, sizeof(aid), "%d", article);
    for (uint64_t n = 1 + support_random(&seed) % 30; n > 0; n--)
        assert_ok(buf_printf(&body, "%llu번째 다리를 놓는다. ",
                             (unsigned long long)support_random(&seed)));
    assert_ok(buf_add_char(&body, '\0'));
    struct store_item *item =
        support_item(&s, hasher, "001", aid, 100, "The bridge", body.ptr);
    if (path)
        item->path = text_of(path);
    assert_ok(store->ops->begin(store, "월요일"));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    store->ops->prepared_free(item->prepared);
}

static void take_in(struct support_fixture *f, int from, int n)
{
    for (int i = from; i < from + n; i++)
        append(f->store, i, NULL);
    assert_ok(f->store->ops->commit(f->store));
}

static uint64_t n_articles(struct sillok_store *store)
{
    struct sillok_stats stats;
    assert_ok(store->ops->stats(store, &stats));
    return stats.articles;
}

/* --- another process --- */

static int compact_there(const char *path)
{
    struct sillok_store *store;
    int r = sillok_store_open(&store, path, NULL);
    if (r < 0)
        return r;
    r = support_compact(store, 3);
    sillok_store_close(store);
    return r;
}

static int take_in_there(const char *path)
{
    struct sillok_store *store;
    const int r = sillok_store_open(&store, path, NULL);
    if (r < 0)
        return r;
    append(store, 100, NULL);
    const int done = store->ops->commit(store);
    sillok_store_close(store);
    return done;
}

static void elsewhere(struct support_fixture *f, int (*work)(const char *path))
{
    char *path = support_path(f->folder, "store");
    int status = -1;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sillok_store_close(f->store); /* that of the parent stays open there */
        _exit(work(path) == 0 ? 0 : 1);
    }
    assert_true(waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free(path);
}

static void compact_elsewhere(struct support_fixture *f)
{
    elsewhere(f, compact_there);
}

/* Holds nest; behind the last of them what came in meanwhile is there. */
static void what_is_held_is_of_one_moment(void **state)
{
    struct support_fixture *f = *state;
    take_in(f, 1, 3);
    support_open_again(f);
    assert_ok(sillok_store_hold(f->store));
    assert_ok(sillok_store_hold(f->store));
    elsewhere(f, take_in_there);
    assert_int_equal(n_articles(f->store), 3);
    sillok_store_release(f->store);
    assert_int_equal(n_articles(f->store), 3);
    /* It would read what was before what it has written, and take that for damage. */
    struct sillok_ingest *in = NULL;
    struct sillok_reindex *derived = NULL;
    assert_int_equal(sillok_ingest_new(&in, f->store, NULL), SILLOK_EINVALID);
    assert_int_equal(sillok_reindex_open(&derived, f->store, NULL), SILLOK_EINVALID);
    assert_int_equal(sillok_proof_init(f->store, NULL), SILLOK_EINVALID);
    sillok_store_release(f->store);
    assert_int_equal(n_articles(f->store), 4);
    take_in(f, 10, 2);
    assert_int_equal(n_articles(f->store), 6);
}

/* What it writes goes into the file that the store has by now. */
static void a_writer_follows_to_the_next_file(void **state)
{
    struct support_fixture *f = *state;
    take_in(f, 1, 9);
    support_open_again(f);
    assert_int_equal(n_articles(f->store), 9);
    assert_int_equal(lmdb_of(f->store)->generation, 0);
    compact_elsewhere(f);
    assert_int_equal(n_articles(f->store), 9); /* who reads stays where it is */
    assert_int_equal(lmdb_of(f->store)->generation, 0);
    take_in(f, 10, 2);
    assert_int_equal(lmdb_of(f->store)->generation, 1);
    support_open_again(f);
    assert_int_equal(n_articles(f->store), 11);
    assert_int_equal(support_verify(f->store), 0);
}

/* --- another store in its place --- */

/* Another store, not one file of which has the name that the one here has. */
static void put_compacted(const char *path)
{
    struct sillok_store *store = NULL;
    assert_ok(sillok_store_create(path));
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_int_equal(support_compact(store, 3), 0);
    sillok_store_close(store);
}

static void put_fresh(const char *path)
{
    assert_ok(sillok_store_create(path));
}

static void put_nothing(const char *path)
{
    (void)path;
}

/* What was written to the file that is open would be told as stored, and gone with it. */
static void a_store_that_was_replaced_is_not_written_to(void **state)
{
    static const struct {
        const char *name;
        void (*put)(const char *path);
        int locked; /* was the lock taken before? */
        const char *said;
    } cases[] = {
        { "another, not locked", put_fresh, 0, "open the store again" },
        { "another, locked", put_fresh, 1, "open the store again" },
        { "another, compacted", put_compacted, 0, "there is another store at '" },
        { "another, compacted, locked", put_compacted, 1, "open the store again" },
        { "none, locked", put_nothing, 1, "open the store again" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct support_fixture *f = *state;
        char *path = support_path(f->folder, "store"),
             *old = support_path(f->folder, "old");
        take_in(f, 1, 3);
        support_open_again(f);
        if (cases[i].locked)
            take_in(f, 4, 1);
        assert_int_equal(rename(path, old), 0);
        cases[i].put(path);
        const int r = f->store->ops->begin(f->store, "화요일");
        if (r != SILLOK_EIO || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("%s: %d, %s", cases[i].name, r, sillok_error_message());
        assert_int_equal(n_articles(f->store),
                         cases[i].locked ? 4 : 3); /* readers stay */
        free(path);
        free(old);
        assert_int_equal(support_tear_down(state), 0);
        assert_int_equal(support_set_up(state), 0);
    }
}

/* Its worker has a transaction of the file that it would leave. */
static void who_prepares_does_not_follow(void **state)
{
    struct support_fixture *f = *state;
    take_in(f, 1, 1);
    assert_non_null(lmdb_of(f->store)->self);
    assert_int_equal(lmdb_follow(lmdb_of(f->store)), SILLOK_EBUSY);
    assert_non_null(strstr(sillok_error_message(), "while this one was at work in it"));
}

/* --- a file of another name --- */

static void move(const char *folder, const char *from, const char *to)
{
    char *a = support_path(folder, from), *b = support_path(folder, to);
    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

/* One that was put back, say: the marker names it, and it is not what the marker means. */
static void a_file_under_another_name_is_told(void **state)
{
    struct support_fixture *f = *state;
    char *marker = support_path(f->folder, "store/format"),
         *path = support_path(f->folder, "store");
    char line[100];
    take_in(f, 1, 3);
    support_open_again(f);
    assert_int_equal(support_compact(f->store, 3), 0);
    snprintf(line, sizeof(line), "sillok 4 %s data-2.mdb\n", lmdb_of(f->store)->uuid);
    sillok_store_close(f->store);
    f->store = NULL;
    move(path, "data-1.mdb", "data-2.mdb");
    move(path, "data-1.mdb-seal", "data-2.mdb-seal");
    support_write(marker, line, strlen(line));
    assert_int_equal(sillok_store_open(&f->store, path, NULL), SILLOK_ECORRUPT);
    assert_non_null(
        strstr(sillok_error_message(), "data-2.mdb' was made under another name"));
    move(path, "data-2.mdb", "data-1.mdb");
    move(path, "data-2.mdb-seal", "data-1.mdb-seal");
    line[strlen(line) - 6] = '1';
    support_write(marker, line, strlen(line));
    assert_ok(sillok_store_open(&f->store, path, NULL));
    assert_int_equal(n_articles(f->store), 3);
    free(marker);
    free(path);
}

/* --- this handle --- */

static void renew(struct sillok_store *store)
{
    struct sillok_copy *it;
    struct sillok_copy_event event;
    int r;
    assert_ok(lmdb_renewal_open(&it, store));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_ok(r);
    sillok_copy_close(it);
}

/* In the next file no hash waits any more, and its commits are counted from the beginning:
 * after some that have nothing to do with hashes one has the number of the last before. */
static void hashes_that_waited_in_the_file_before(void **state)
{
    int met = 0;
    for (int more = 0; more < 4; more++) {
        struct support_fixture *f = *state;
        struct lmdb_store *s = lmdb_of(f->store);
        struct kv_txn *txn;
        take_in(f, 1, 40);
        take_in(f, 41, 1);
        assert_int_equal(n_waiting(s), 1);
        const uint64_t last = s->hash_waiting.commit;
        renew(f->store);
        assert_int_equal(n_waiting(s), 0);
        for (int i = 0; i < more; i++) {
            char name[8];
            snprintf(name, sizeof(name), "n%d", i);
            assert_ok(f->store->ops->ref_cas(f->store, name, text_make("", 0),
                                             text_of("다리")));
        }
        assert_ok(view_begin(s, &txn));
        met |= kv_commit_number(txn) == last;
        view_end(s, txn);
        take_in(f, 42, 1);
        assert_int_equal(n_waiting(s), 1);
        assert_int_equal(s->hash_waiting.all, 1);
        assert_int_equal(support_tear_down(state), 0);
        assert_int_equal(support_set_up(state), 0);
    }
    assert_true(met);
}

/* --- what compact takes along --- */

static int add_len(void *arg, uint32_t id, enum dict_kind kind, struct sillok_text bytes)
{
    (void)id;
    (void)kind;
    *(uint64_t *)arg += bytes.len;
    return 0;
}

static void figures_are_of_what_was_made(void **state)
{
    struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    struct sillok_stats stats;
    struct kv_txn *txn;
    uint64_t bytes = 0;
    for (int i = 0; i < 300; i++)
        assert_ok(
            buf_printf(&text, "%d번째 다리를 놓는다. The council of %d\n", i, i * 7));
    for (int kind = 0; kind < N_DICT_KINDS; kind++) {
        assert_ok(f->store->ops->begin(f->store, ""));
        assert_ok(dict_put(s, (enum dict_kind)kind, buf_text(&text)));
        assert_ok(f->store->ops->commit(f->store));
    }
    const struct counters before = counters_of(s);
    assert_int_equal(support_compact(f->store, 3), 0);
    assert_ok(view_begin(s, &txn));
    assert_ok(dicts_each(txn, s->state.counters.dicts, add_len, &bytes));
    view_end(s, txn);
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_true(bytes > 0);
    assert_int_equal(stats.dictionary_bytes, bytes);
    /* It is another state than the one before, by which handles know theirs. */
    assert_int_equal(counters_of(s).commits, before.commits + 1);
}

static int is_guessed(struct lmdb_store *s, uint64_t version)
{
    struct kv_txn *txn;
    struct version_row row;
    assert_ok(view_begin(s, &txn));
    assert_ok(version_row_get(txn, version, &row));
    view_end(s, txn);
    return row.guessed_name;
}

/* That a name is the one that is guessed saves an ingest the unpacking of the record. */
static void guessed_names_stay_guessed(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const struct sillok_article article = { .oid = text_of("001"),
                                            .aid = text_of("1"),
                                            .fields[SILLOK_TITLE] =
                                                text_of("The bridge") };
    assert_ok(meta_guess_name(&name, &article));
    assert_ok(buf_add_char(&name, '\0'));
    append(f->store, 1, name.ptr);
    append(f->store, 2, "another.md");
    assert_ok(f->store->ops->commit(f->store));
    for (int compacted = 0; compacted < 2; compacted++) {
        CLEANUP(buf_release) struct buf dump = BUF_INIT;
        support_open_again(f);
        if (compacted)
            assert_int_equal(support_compact(f->store, 3), 0);
        assert_int_equal(is_guessed(lmdb_of(f->store), 1), 1);
        assert_int_equal(is_guessed(lmdb_of(f->store), 2), 0);
        support_dump(&dump, f->store);
        assert_ok(buf_add_char(&dump, '\0'));
        assert_non_null(strstr(dump.ptr, name.ptr));
        assert_non_null(strstr(dump.ptr, "another.md"));
    }
}

/* --- what compact refuses --- */

static void hash_of_no_text(struct lmdb_store *s)
{
    uint8_t record[HASH_RECORD] = { 0x5a };
    put_be(record + HASH_PREFIX, 7777, ID_BYTES);
    assert_ok(kv_put(s->txn, T_HASHNEW, text_make("\x5a\0\7", 3),
                     text_make((const char *)record, sizeof(record)), 0));
}

static void version_of_no_text(struct lmdb_store *s)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct sillok_text v;
    uint8_t key[ID_BYTES];
    assert_int_equal(kv_get(s->txn, T_VERSION, key_id(key, 3), &v), 1);
    assert_int_equal((uint8_t)v.ptr[0] & 0x80, 0);
    assert_ok(buf_add_varint(&row, 7777));
    assert_ok(buf_add(&row, v.ptr + 1, v.len - 1 - ROW_SUM_BYTES));
    assert_ok(row_seal(&row));
    assert_ok(kv_put(s->txn, T_VERSION, key_id(key, 3), buf_text(&row), 0));
}

/* As if all hashes began alike: their order is that of the bodies, which changes. That
 * alone is no damage. */
static void hashes_that_begin_alike(struct lmdb_store *s)
{
    uint8_t record[HASH_RECORD];
    memset(record, 0xa5, sizeof(record));
    assert_ok(kv_clear(s->txn, T_HASH));
    for (uint64_t body = 1; body <= s->state.counters.bodies; body++) {
        put_be(record + HASH_PREFIX, body, ID_BYTES);
        assert_ok(kv_put(s->txn, T_HASH, text_make("h", 1),
                         text_make((const char *)record, sizeof(record)), 0));
    }
}

static void what_is_damaged_is_named(void **state)
{
    static const struct {
        void (*forge)(struct lmdb_store *s);
        const char *said;
    } cases[] = {
        { hash_of_no_text, "body number 7777 is missing" },
        { version_of_no_text, "body number 7777 is missing" },
        { hashes_that_begin_alike, "cannot be found by its hash (reindex mends this)" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct support_fixture *f = *state;
        take_in(f, 1, 120);
        assert_ok(f->store->ops->begin(f->store, ""));
        cases[i].forge(lmdb_of(f->store));
        lmdb_of(f->store)->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        support_open_again(f);
        assert_int_equal(support_compact(f->store, 1), SILLOK_ECORRUPT);
        if (!strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %zu: %s", i, sillok_error_message());
        assert_int_equal(lmdb_of(f->store)->generation, 0);
        assert_int_equal(support_tear_down(state), 0);
        assert_int_equal(support_set_up(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(what_is_held_is_of_one_moment),
        T(a_writer_follows_to_the_next_file),
        T(a_store_that_was_replaced_is_not_written_to),
        T(who_prepares_does_not_follow),
        T(a_file_under_another_name_is_told),
        T(hashes_that_waited_in_the_file_before),
        T(figures_are_of_what_was_made),
        T(guessed_names_stay_guessed),
        T(what_is_damaged_is_named),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
