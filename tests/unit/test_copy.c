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
    while ((r = sillok_copy_next(it, &event)) == 1)
        assert_true(event.total == 0 || event.done <= event.total + 1);
    assert_int_equal(r, 0);
    assert_ok(r);
    const struct sillok_copy_sum *sum = sillok_copy_sum(it);
    assert_int_equal(sum->articles, 1);
    assert_int_equal(sum->observations, 1);
    assert_true(sum->rows > 7 && sum->bytes > 0);
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

/* --- what is beside the data --- */

static void make_file_in(const char *folder, const char *name, const char *text)
{
    char *path = support_path(folder, name);
    support_write(path, text, strlen(text));
    free(path);
}

static int has_text(const char *folder, const char *name, const char *want)
{
    char *path = support_path(folder, name);
    char text[100];
    FILE *f = fopen(path, "rb");
    const size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    free(path);
    return n == strlen(want) && memcmp(text, want, n) == 0;
}

/* Bodies that a salvage found are taken along, and nothing of them is left of a copy that
 * is given up. */
static void loose_bodies_are_copied(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder),
         *to = support_path(folder, "copy"), *bodies = support_path(path, "bodies"),
         *copied = support_path(to, "bodies"), *below = support_path(bodies, "folder");
    struct sillok_store *store;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    assert_int_equal(mkdir(bodies, 0700), 0);
    make_file_in(bodies, "aa", "first");
    make_file_in(bodies, "bb", "");
    make_file_in(bodies, ".hidden", "not one");
    make_file_in(path, "config.yaml", "limits: {}\n");
    assert_ok(sillok_store_open(&store, path, NULL));
    const int before = n_entries(folder);
    int r = 1;
    for (int steps = 0; r > 0; steps++) {
        assert_ok(sillok_backup_open(&it, store, to));
        for (int i = 0; i < steps && r > 0; i++)
            assert_ok(r = sillok_copy_next(it, &event));
        if (r == 0)
            assert_int_equal(sillok_copy_next(it, &event), 0); /* and it stays so */
        sillok_copy_close(it);
        assert_int_equal(n_entries(folder), before + (r == 0));
    }
    assert_int_equal(n_entries(copied), 2);
    struct stat st;
    assert_int_equal(stat(copied, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700); /* as all that is in a store */
    assert_true(has_text(copied, "aa", "first") && has_text(copied, "bb", ""));
    assert_true(has_text(to, "config.yaml", "limits: {}\n"));
    support_remove(to);
    /* What is no file is not left out without a word. */
    assert_int_equal(mkdir(below, 0700), 0);
    to = support_path(folder, "copy");
    assert_ok(sillok_backup_open(&it, store, to));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_int_equal(r, SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "bodies/folder'"));
    sillok_copy_close(it);
    support_remove(bodies);
    make_file_in(path, "bodies", "no folder");
    assert_ok(sillok_backup_open(&it, store, to));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_int_equal(r, SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot open the folder '"));
    sillok_copy_close(it);
    assert_int_equal(n_entries(folder), before);
    sillok_store_close(store);
    free(below);
    free(copied);
    free(to);
    free(path);
    support_remove(folder);
}

/* "DIR/" is DIR; what is there already is left alone, also when it comes last. */
static void where_a_copy_goes(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder),
         *to = support_path(folder, "copy"), *slashed = support_path(folder, "copy///"),
         *below = support_path(path, "format/below");
    struct sillok_store *store;
    struct sillok_copy *it = NULL;
    struct sillok_copy_event event;
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_int_equal(sillok_backup_open(&it, store, below), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot stat '"));
    assert_int_equal(sillok_backup_open(&it, store, "/"), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "'/' exists already"));
    assert_null(it);
    assert_ok(sillok_backup_open(&it, store, slashed));
    assert_int_equal(mkdir(to, 0700), 0);
    int r;
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_int_equal(r, SILLOK_EEXISTS);
    sillok_copy_close(it);
    assert_int_equal(n_entries(to), 0);
    assert_int_equal(rmdir(to), 0);
    assert_ok(sillok_backup_open(&it, store, slashed));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_ok(r);
    sillok_copy_close(it);
    sillok_copy_close(NULL);
    assert_int_equal(sillok_backup_open(&it, store, to), SILLOK_EEXISTS);
    sillok_store_close(store);
    assert_ok(sillok_store_open(&store, to, NULL));
    sillok_store_close(store);
    free(below);
    free(slashed);
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
        assert_int_equal(sillok_copy_sum(it)->format, 4);
        sillok_copy_close(it);
        support_ingest(store, "late", paths, 1);
        assert_ok(sillok_store_stats(store, &stats));
        assert_int_equal(stats.revisions, 2);
        assert_int_equal(stats.format, 4);
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
    /* Another engine has other files. */
    const struct store_ops *ops = store->ops;
    const struct store_ops other = *ops;
    store->ops = &other;
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EINVALID);
    assert_int_equal(sillok_backup_open(&it, store, "copy"), SILLOK_EINVALID);
    store->ops = ops;
    /* So is a batch that is open. */
    assert_ok(ops->begin(store, "crawl"));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "in use through this very handle"));
    ops->abort(store);
    /* A view that is held is of a file that would go. */
    assert_ok(store->ops->view_hold(store));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EINVALID);
    store->ops->view_release(store);
    sillok_store_close(store);
    reader.read_only = 1;
    assert_ok(sillok_store_open(&store, path, &reader));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EIO);
    sillok_store_close(store);
    /* What stands elsewhere, with a link to it, stays there. */
    char *file = support_path(path, "data.mdb"),
         *elsewhere = support_path(folder, "data");
    assert_int_equal(rename(file, elsewhere) | symlink(elsewhere, file), 0);
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_int_equal(sillok_compact_open(&it, store, NULL), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "data.mdb' is a link"));
    sillok_store_close(store);
    free(file);
    free(elsewhere);
    assert_null(it);
    assert_int_equal(n_data_files(path), 2);
    free(path);
    support_remove(folder);
}

/* --- what a store is called --- */

static void names_of_stores(void **state)
{
    (void)state;
    char *folder = support_folder(), *full = make_store(folder),
         *none = support_path(folder, "none"), *some = support_path(folder, "some"),
         *below = support_path(full, "format/below");
    struct sillok_store_options creating = SILLOK_STORE_OPTIONS_INIT;
    const struct sillok_store_options as_it_is = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    creating.create = 1;
    assert_int_equal(mkdir(some, 0700), 0);
    make_file_in(some, "file", "not of a store");
    const struct {
        const char *before, *path, *behind;
        const struct sillok_store_options *options;
        int r;
    } rows[] = {
        { "", full, "", NULL, 0 },
        { "", full, "///", &creating, 0 },
        { "lmdb:", full, "/", &as_it_is, 0 },
        { "rados:", full, "", &creating, SILLOK_EINVALID },
        { "", "rados:pool", "", &creating, SILLOK_EINVALID },
        { "lmdb:", "", "", &creating, SILLOK_EINVALID },
        { "", "", "", &creating, SILLOK_EINVALID },
        { "", "./no:ne", "", NULL, SILLOK_ENOTFOUND }, /* a path */
        { "", "/no:ne", "", NULL, SILLOK_ENOTFOUND },
        { "", "/", "", NULL, SILLOK_ENOTFOUND },
        { "", none, "", NULL, SILLOK_ENOTFOUND },
        { "", none, "", &as_it_is, SILLOK_ENOTFOUND },
        { "", some, "", &creating, SILLOK_ENOTFOUND }, /* what is in it stays */
        { "", below, "", &creating, SILLOK_EIO },
        { "", none, "/", &creating, 0 },
        { "", none, "", NULL, 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char url[4096];
        snprintf(url, sizeof(url), "%s%s%s", rows[i].before, rows[i].path,
                 rows[i].behind);
        const int r = sillok_store_open(&store, url, rows[i].options);
        if (r != rows[i].r)
            fail_msg("%s: %d, not %d: %s", url, r, rows[i].r, sillok_error_message());
        if (r == SILLOK_EINVALID) {
            assert_non_null(
                strstr(sillok_error_message(), "expected a path or lmdb:PATH"));
            assert_int_equal(sillok_store_create(url), SILLOK_EINVALID);
        }
        if (r == 0) {
            assert_string_equal(sillok_store_path(store), rows[i].path);
            sillok_store_close(store);
            assert_int_equal(sillok_store_create(url), SILLOK_EEXISTS);
        }
    }
    sillok_store_close(NULL);
    assert_int_equal(n_entries(some), 1);
    free(below);
    free(some);
    free(none);
    free(full);
    support_remove(folder);
}

/* The file of one store in the folder of another, with the seal that it has. */
static void a_file_of_another_store_is_told(void **state)
{
    char *one = support_folder(), *other = support_folder(), command[9000];
    (void)state;
    char *path = support_path(one, "store");
    sillok_store_close(support_store(one));
    sillok_store_close(support_store(other));
    struct sillok_store *store;
    snprintf(command, sizeof(command), "cp '%s'/store/data.mdb* '%s'", other, path);
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_store_open(&store, path, NULL), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "data.mdb belongs to store "));
    assert_non_null(strstr(sillok_error_message(), ", the folder to "));
    free(path);
    support_remove(one);
    support_remove(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_appended),
        cmocka_unit_test(a_file_without_a_seal),
        cmocka_unit_test(a_copy_that_is_given_up),
        cmocka_unit_test(a_copy_is_of_one_moment),
        cmocka_unit_test(loose_bodies_are_copied),
        cmocka_unit_test(where_a_copy_goes),
        cmocka_unit_test(a_compaction_given_up_anywhere),
        cmocka_unit_test(a_handle_goes_on_after_a_compaction),
        cmocka_unit_test(what_is_not_compacted),
        cmocka_unit_test(names_of_stores),
        cmocka_unit_test(a_file_of_another_store_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
