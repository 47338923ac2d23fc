/* Copies of stores: appending in order, files without a seal, a copy that is given up. */
#include "support.h"

#include "store/lmdb.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { T_PLAIN, T_DUP, N_TEST_TABLES };
static const struct kv_table tables[N_TEST_TABLES] = { { "plain", 0 },
                                                       { "dup", KV_DUPFIXED } };
static const struct kv_table swapped[N_TEST_TABLES] = { { "plain", KV_DUPFIXED },
                                                        { "dup", 0 } };
static const struct kv_options making = { .create = 1,
                                          .map_bytes = (size_t)1 << 28,
                                          .map_max_bytes = (size_t)1 << 28 };
static const struct kv_options reading = { .read_only = 1,
                                           .map_bytes = (size_t)1 << 28,
                                           .map_max_bytes = (size_t)1 << 28 };
static const struct kv_options reading_old = { .read_only = 1,
                                               .map_bytes = (size_t)1 << 28,
                                               .map_max_bytes = (size_t)1 << 28,
                                               .may_lack_seal = 1 };

static struct sillok_text number(uint8_t out[21], uint64_t n)
{
    memset(out, 'x', 21);
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(n >> (56 - 8 * i));
    return text_make((const char *)out, 21);
}

/* Duplicates over many pages and many commits, each value behind the one before. */
static void make_file(const char *path, uint64_t n)
{
    struct kv_env *env;
    struct kv_txn *txn;
    uint8_t key[21];
    char big[6000];
    memset(big, 'b', sizeof(big));
    assert_ok(kv_open(&env, path, tables, N_TEST_TABLES, &making));
    for (uint64_t i = 0; i < n;) {
        assert_ok(kv_write(env, &txn));
        for (int k = 0; k < 700 && i < n; k++, i++) {
            assert_ok(kv_put(txn, T_DUP, text_of("h"), number(key, 2 * i), KV_APPEND));
            assert_ok(kv_put(txn, T_PLAIN, number(key, i),
                             text_make(big, i % 50 ? i % 90 : sizeof(big)), KV_APPEND));
        }
        assert_ok(kv_commit(txn));
    }
    kv_close(env);
}

static void values_are_appended(void **state)
{
    (void)state;
    enum { N = 9000 };
    char *folder = support_folder(), *path = support_path(folder, "file");
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct kv_stats stats;
    struct sillok_text k, v;
    uint8_t want[21];
    make_file(path, N);
    assert_ok(kv_open(&env, path, tables, N_TEST_TABLES, &making));
    assert_ok(kv_read(env, &txn));
    assert_ok(kv_cursor_open(&c, txn, T_DUP));
    uint64_t n = 0;
    for (int r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v))
        assert_true(text_equal(v, number(want, 2 * n++)));
    kv_cursor_close(c);
    assert_int_equal(n, N);
    /* Pages come out full. */
    assert_ok(kv_table_stats(txn, T_PLAIN, &stats));
    assert_int_equal(stats.rows, N);
    const uint64_t least = N / 50 * 6000 + (uint64_t)N * (45 + 21 + 10);
    assert_true(stats.bytes < least * 3 / 2);
    kv_abort(txn);
    /* What is not behind the last one is refused, and nothing is put. */
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_put(txn, T_DUP, text_of("h"), number(want, 7), KV_APPEND),
                     SILLOK_EEXISTS);
    kv_abort(txn);
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_put(txn, T_PLAIN, number(want, 7), text_of("x"), KV_APPEND),
                     SILLOK_EEXISTS);
    kv_abort(txn);
    kv_close(env);
    free(path);
    support_remove(folder);
}

static void a_file_without_a_seal(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = support_path(folder, "file"),
         *seal = support_path(folder, "file-seal");
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    make_file(path, 2000);
    assert_int_equal(unlink(seal), 0);
    assert_int_equal(kv_open(&env, path, tables, N_TEST_TABLES, &making),
                     SILLOK_ECORRUPT);
    assert_int_equal(kv_open(&env, path, tables, N_TEST_TABLES, &reading),
                     SILLOK_ECORRUPT);
    /* Tables that are of another kind than asked for would be read beyond their pages. */
    assert_int_equal(kv_open(&env, path, swapped, N_TEST_TABLES, &reading_old),
                     SILLOK_ECORRUPT);
    assert_ok(kv_open(&env, path, tables, N_TEST_TABLES, &reading_old));
    assert_ok(kv_read(env, &txn));
    assert_ok(kv_cursor_open(&c, txn, T_PLAIN));
    uint64_t n = 0;
    for (int r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        assert_int_equal(v.len, n % 50 ? n % 90 : 6000);
        n++;
    }
    kv_cursor_close(c);
    assert_int_equal(n, 2000);
    assert_ok(kv_cursor_open(&c, txn, T_DUP));
    assert_int_equal(kv_first(c, &k, &v), SILLOK_EINVALID);
    kv_cursor_close(c);
    assert_int_equal(kv_get(txn, T_DUP, text_of("h"), &v), SILLOK_EINVALID);
    kv_abort(txn);
    kv_close(env);
    free(seal);
    free(path);
    support_remove(folder);
}

/* --- stores --- */

static char *make_store(const char *folder)
{
    char *path = support_path(folder, "store"), *crawl = support_path(folder, "a.md");
    struct sillok_store *store;
    const struct support_file f = { "001",
                                    "0000000001",
                                    "2026-01-05 03:00:00",
                                    "시립 도서관",
                                    "새 건물에서 문을 열었다.",
                                    0,
                                    NULL };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    support_crawl_file(&text, &f);
    support_write(crawl, text.ptr, text.len);
    const char *paths[] = { crawl };
    assert_ok(sillok_store_create(path));
    assert_ok(sillok_store_open(&store, path, NULL));
    support_ingest(store, "mon", paths, 1);
    sillok_store_close(store);
    free(crawl);
    return path;
}

static int n_entries(const char *folder)
{
    DIR *d = opendir(folder);
    int n = 0;
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* After each of its steps: nothing is left, and the store goes on. */
static void a_copy_that_is_given_up(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder),
         *to = support_path(folder, "copy");
    struct sillok_store *store;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    assert_ok(sillok_store_open(&store, path, NULL));
    const int before = n_entries(folder);
    int steps, r = 1;
    for (steps = 0; r > 0; steps++) {
        assert_ok(sillok_backup_open(&it, store, to));
        assert_int_equal(n_entries(folder), before + 1); /* aside */
        for (int i = 0; i < steps && r > 0; i++)
            assert_ok(r = sillok_copy_next(it, &event));
        sillok_copy_close(it);
        if (r > 0)
            assert_int_equal(n_entries(folder), before);
    }
    assert_true(steps > 3); /* rows, several of verification */
    assert_int_equal(n_entries(folder), before + 1);
    assert_int_equal(sillok_backup_open(&it, store, to), SILLOK_EEXISTS);
    assert_int_equal(support_verify(store), 0);
    sillok_store_close(store);
    assert_ok(sillok_store_open(&store, to, NULL));
    assert_int_equal(support_verify(store), 0);
    sillok_store_close(store);
    free(to);
    free(path);
    support_remove(folder);
}

/* It is of the moment at which it was begun, whatever is written meanwhile. */
static void a_copy_is_of_one_moment(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder),
         *to = support_path(folder, "copy"), *later = support_path(folder, "b.md");
    struct sillok_store *store;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    CLEANUP(buf_release) struct buf text = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
    const struct support_file f = {
        "001", "0000000002", "2026-01-06 03:00:00", "Bridge", "The old bridge closes.",
        0,     NULL
    };
    support_crawl_file(&text, &f);
    support_write(later, text.ptr, text.len);
    const char *paths[] = { later };
    assert_ok(sillok_store_open(&store, path, NULL));
    support_dump(&before, store);
    assert_ok(sillok_backup_open(&it, store, to));
    support_ingest(store, "tue", paths, 1); /* small enough for its map */
    int r;
    while ((r = sillok_copy_next(it, &event)) > 0)
        assert_true(event.total == 0 || event.done <= event.total + 1);
    assert_ok(r);
    const struct sillok_copy_sum *sum = sillok_copy_sum(it);
    assert_int_equal(sum->articles, 1);
    assert_int_equal(sum->observations, 1);
    assert_true(sum->rows > 8 && sum->bytes > 0);
    sillok_copy_close(it);
    sillok_store_close(store);
    assert_ok(sillok_store_open(&store, to, NULL));
    support_dump(&after, store);
    sillok_store_close(store);
    assert_true(
        text_equal(text_make(before.ptr, before.len), text_make(after.ptr, after.len)));
    free(later);
    free(to);
    free(path);
    support_remove(folder);
}

/* --- compaction --- */

static int n_data_files(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *e;
    int n = 0;
    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL)
        n += strncmp(e->d_name, "data", 4) == 0 && !strstr(e->d_name, "-lock");
    closedir(dir);
    return n;
}

/* Closed after each number of steps: the store is the old one, and the new one after the
 * last; the handle goes on with it. */
static void a_compaction_given_up_anywhere(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder);
    struct sillok_store *store;
    char name[SILLOK_DATA_NAME_BYTES];
    CLEANUP(buf_release) struct buf before = BUF_INIT;
    assert_ok(sillok_store_open(&store, path, NULL));
    support_dump(&before, store);
    int ended = 0;
    for (int steps = 0; !ended; steps++) {
        struct sillok_copy *it;
        struct sillok_copy_event event;
        CLEANUP(buf_release) struct buf after = BUF_INIT;
        assert_ok(sillok_compact_open(&it, store, NULL));
        int r = 1;
        for (int i = 0; i < steps && r > 0; i++)
            r = sillok_copy_next(it, &event);
        assert_ok(r);
        ended = steps > 0 && r == 0;
        if (ended)
            assert_int_equal(sillok_copy_sum(it)->articles, 1);
        sillok_copy_close(it);
        assert_int_equal(n_data_files(path), 2); /* data and seal */
        assert_ok(sillok_store_data_name(path, name));
        assert_string_equal(name, ended ? "data-1.mdb" : "data.mdb");
        support_dump(&after, store);
        assert_true(text_equal(text_make(before.ptr, before.len),
                               text_make(after.ptr, after.len)));
        assert_int_equal(support_verify(store), 0);
        assert_true(steps < 500);
    }
    sillok_store_close(store);
    free(path);
    support_remove(folder);
}

static void a_handle_goes_on_after_a_compaction(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder),
         *later = support_path(folder, "later.md");
    struct sillok_store *store;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    struct sillok_stats stats;
    const struct support_file f = {
        "001", "0000000001", "2026-01-09 03:00:00", "야시장", "주말마다 야시장이 열린다.",
        0,     NULL
    };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    support_crawl_file(&text, &f);
    support_write(later, text.ptr, text.len);
    const char *paths[] = { later };
    assert_ok(sillok_store_open(&store, path, NULL));
    for (int i = 1; i <= 3; i++) {
        int r;
        assert_ok(sillok_compact_open(&it, store, NULL));
        while ((r = sillok_copy_next(it, &event)) > 0)
            ;
        assert_ok(r);
        assert_int_equal(sillok_copy_sum(it)->format, 3);
        sillok_copy_close(it);
        support_ingest(store, "late", paths, 1);
        assert_ok(sillok_store_stats(store, &stats));
        assert_int_equal(stats.revisions, 2);
        assert_int_equal(stats.format, 3);
        assert_int_equal(support_verify(store), 0);
        assert_int_equal(support_reindex(store, 1), 0);
    }
    sillok_store_close(store);
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_ok(sillok_store_stats(store, &stats));
    assert_int_equal(stats.revisions, 2);
    sillok_store_close(store);
    free(later);
    free(path);
    support_remove(folder);
}

static void what_is_not_compacted(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder);
    struct sillok_store *store;
    struct sillok_copy *it = NULL;
    struct sillok_compact_options options = SILLOK_COMPACT_OPTIONS_INIT;
    struct sillok_store_options reader = SILLOK_STORE_OPTIONS_INIT;
    assert_ok(sillok_store_open(&store, path, NULL));
    static const int levels[] = { -1, SILLOK_COMPACT_LEVEL_MAX + 1 };
    for (int i = 0; i < 2; i++) {
        options.level = levels[i];
        assert_int_equal(sillok_compact_open(&it, store, &options), SILLOK_EINVALID);
    }
    /* A view that is held is of a file that would go. */
    assert_ok(store->ops->view_hold(store));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EINVALID);
    store->ops->view_release(store);
    sillok_store_close(store);
    reader.read_only = 1;
    assert_ok(sillok_store_open(&store, path, &reader));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EIO);
    sillok_store_close(store);
    assert_null(it);
    assert_int_equal(n_data_files(path), 2);
    free(path);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_appended),
        cmocka_unit_test(a_file_without_a_seal),
        cmocka_unit_test(a_copy_that_is_given_up),
        cmocka_unit_test(a_copy_is_of_one_moment),
        cmocka_unit_test(a_compaction_given_up_anywhere),
        cmocka_unit_test(a_handle_goes_on_after_a_compaction),
        cmocka_unit_test(what_is_not_compacted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
