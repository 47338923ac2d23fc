/* What LMDB and the system answer, in our own terms: each code of theirs at each call,
 * and what is tried again. */
#include "kv_box.h"

#include "base/file.h"
#include "faults/script.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* --- codes --- */

static const struct {
    int rc, code;
    const char *said;
} codes[] = {
    { MDB_MAP_FULL, KV_FULL, "the map is full" },
    { MDB_CORRUPTED, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_PAGE_NOTFOUND, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_INVALID, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_BAD_DBI, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_BAD_TXN, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_INCOMPATIBLE, SILLOK_ECORRUPT, "the store is damaged: plain in '" },
    { MDB_VERSION_MISMATCH, SILLOK_EINVALID, "by another major version of LMDB" },
    { MDB_PANIC, SILLOK_EIO, "an earlier write of its header failed" },
    { MDB_READERS_FULL, SILLOK_EBUSY, "more than 512 readers" },
    { MDB_KEYEXIST, SILLOK_EEXISTS, "the key is there already in table 'plain'" },
    { MDB_TXN_FULL, SILLOK_EIO, "MDB_TXN_FULL" },
    { ENOMEM, SILLOK_ENOMEM, "out of memory or address space" },
    { EIO, SILLOK_EIO, "Input/output error" },
    { ENOSPC, SILLOK_EIO, "disk full; nothing of this batch was stored" },
    { EDQUOT, SILLOK_EIO, "disk full; nothing of this batch was stored" },
    { EFBIG, SILLOK_EIO, "the limit on file sizes (ulimit -f) is reached; nothing" },
    { EACCES, SILLOK_EIO, "permission denied" },
    { EROFS, SILLOK_EIO, "the medium is read-only" },
};

static int try_put(struct kv_env *env)
{
    struct kv_txn *txn;
    assert_ok(kv_write(env, &txn));
    const int r = kv_put(txn, T_PLAIN, text_of("d"), text_of("value"), 0);
    kv_abort(txn);
    return r;
}

static void each_code_has_its_sentence(void **state)
{
    struct box b;
    struct kv_env *env;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const struct script fails = { .call = "mdb_put", .rc = codes[i].rc };
        char what[40];
        snprintf(what, sizeof(what), "code %d", codes[i].rc);
        script_set(&fails, 1);
        assert_said(what, try_put(env), codes[i].code, codes[i].said);
    }
    script_clear();
    assert_ok(try_put(env));
    kv_close(env);
    box_close(&b);
}

/* LMDB says EIO for a short write: whether there was room is asked for. */
static void a_failure_to_write_is_told_from_a_full_disk(void **state)
{
    struct box b;
    struct kv_env *env;
    struct statvfs vfs;
    struct stat st;
    struct rlimit was, is;
    (void)state;
    box_open(&b);
    assert_int_equal(statvfs(b.folder, &vfs), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_int_equal(stat(b.path, &st), 0);
    const int blocks = (int)(MIB / vfs.f_frsize);
    const struct {
        int blocks;
        long more; /* bytes that the file may grow by, 0: no limit */
        const char *said;
    } cases[] = {
        { blocks, 0, "Input/output error" },   { blocks - 1, 0, "disk full" },
        { blocks, MIB, "Input/output error" }, { blocks, MIB - 1, "ulimit -f" },
        { blocks - 1, MIB - 1, "disk full" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct script steps[] = {
            { .call = "mdb_put", .rc = EIO },
            { .call = "statvfs64", .rc = cases[i].blocks },
        };
        is = was;
        if (cases[i].more)
            is.rlim_cur = (rlim_t)(st.st_size + cases[i].more);
        script_set(steps, 2);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &is), 0);
        const int r = try_put(env);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        assert_said("a put", r, SILLOK_EIO, cases[i].said);
    }
    kv_close(env);
    box_close(&b);
}

/* --- each call --- */

static int get(struct kv_txn *txn, struct kv_cursor *c)
{
    struct sillok_text v;
    (void)c;
    return kv_get(txn, T_PLAIN, text_of("a"), &v);
}

static int drop(struct kv_txn *txn, struct kv_cursor *c)
{
    (void)c;
    return kv_delete(txn, T_PLAIN, text_of("a"));
}

static int clear(struct kv_txn *txn, struct kv_cursor *c)
{
    (void)c;
    return kv_clear(txn, T_PLAIN);
}

static int open_cursor(struct kv_txn *txn, struct kv_cursor *c)
{
    struct kv_cursor *other;
    (void)c;
    const int r = kv_cursor_open(&other, txn, T_PLAIN);
    if (r == 0)
        kv_cursor_close(other);
    return r;
}

static int first(struct kv_txn *txn, struct kv_cursor *c)
{
    (void)txn;
    return kv_first(c, NULL, NULL);
}

static int seek_value(struct kv_txn *txn, struct kv_cursor *c)
{
    struct sillok_text v;
    (void)txn;
    return kv_seek_value(c, text_of("k"), text_of("b"), &v);
}

static int next_value(struct kv_txn *txn, struct kv_cursor *c)
{
    struct sillok_text v;
    (void)txn;
    return kv_next_value(c, &v);
}

static int figures(struct kv_txn *txn, struct kv_cursor *c)
{
    struct kv_stats s;
    (void)c;
    return kv_table_stats(txn, T_PLAIN, &s);
}

static int file_figures(struct kv_txn *txn, struct kv_cursor *c)
{
    uint64_t used, unused;
    (void)c;
    return kv_file_stats(txn, &used, &unused);
}

static int file_state(struct kv_txn *txn, struct kv_cursor *c)
{
    struct kv_state s;
    (void)c;
    return kv_state_get(txn, &s);
}

static void each_call_that_fails_is_told(void **state)
{
    static const struct {
        const char *call;
        int (*run)(struct kv_txn *txn, struct kv_cursor *c);
        int rc, code, well; /* and what it is when nothing fails */
        const char *said;
    } cases[] = {
        { "mdb_get", get, EIO, SILLOK_EIO, 1, "plain in '" },
        { "mdb_get", get, MDB_NOTFOUND, 0, 1, "" },
        { "mdb_del", drop, EIO, SILLOK_EIO, 1, "plain in '" },
        { "mdb_del", drop, MDB_NOTFOUND, 0, 1, "" },
        { "mdb_drop", clear, EIO, SILLOK_EIO, 0, "plain in '" },
        { "mdb_cursor_open", open_cursor, EIO, SILLOK_EIO, 0, "plain in '" },
        { "mdb_cursor_get", first, EIO, SILLOK_EIO, 1, "a table in '" },
        { "mdb_cursor_get", first, MDB_NOTFOUND, 0, 1, "" },
        { "mdb_cursor_get", seek_value, EIO, SILLOK_EIO, 1, "a table in '" },
        { "mdb_cursor_get", seek_value, MDB_NOTFOUND, 0, 1, "" },
        { "mdb_cursor_get", next_value, EIO, SILLOK_EIO, 0, "a table in '" },
        { "mdb_cursor_get", next_value, MDB_NOTFOUND, 0, 0, "" },
        { "mdb_stat", figures, EIO, SILLOK_EIO, 0, "plain in '" },
        { "mdb_env_info", file_figures, EIO, SILLOK_EIO, 0, "cannot read the header" },
        { "mdb_env_stat", file_figures, EIO, SILLOK_EIO, 0, "cannot read the header" },
        { "mdb_stat", file_figures, EIO, SILLOK_EIO, 0, "plain in '" },
        { "stat64", file_state, EIO, SILLOK_EIO, 0, "cannot stat '" },
    };
    struct box b;
    struct kv_env *env;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int fails = 0; fails < 2; fails++) {
            const struct script step = { .call = cases[i].call,
                                         .rc = fails ? cases[i].rc : 0 };
            struct kv_txn *txn;
            struct kv_cursor *c;
            assert_ok(kv_write(env, &txn));
            assert_ok(kv_cursor_open(&c, txn, T_DUP));
            script_set(&step, 1);
            const int r = cases[i].run(txn, c);
            assert_true(script_calls(0) > 0);
            script_clear();
            assert_said(cases[i].call, r, fails ? cases[i].code : cases[i].well,
                        fails ? cases[i].said : "");
            kv_cursor_close(c);
            kv_abort(txn);
        }
    kv_close(env);
    box_close(&b);
}

/* --- to commit --- */

static void a_commit_that_fails_is_told(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    struct sillok_text v;
    const struct script no_commit = { .call = "mdb_txn_commit", .rc = ENOSPC },
                        no_seal = { .call = "fdatasync", .rc = EIO },
                        signal = { .call = "pwrite64", .rc = EINTR, .times = 3 };
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    assert_ok(kv_put(txn, T_PLAIN, text_of("lost"), text_of("1"), 0));
    script_set(&no_commit, 1);
    assert_said("no commit", kv_commit(txn), SILLOK_EIO, "cannot commit in '");
    assert_non_null(strstr(sillok_error_message(), "disk full; nothing of this batch"));

    assert_ok(kv_write(env, &txn)); /* nothing is wrong with the next one */
    assert_int_equal(kv_get(txn, T_PLAIN, text_of("lost"), &v), 0);
    assert_ok(kv_put(txn, T_PLAIN, text_of("signal"), text_of("2"), 0));
    script_set(&signal, 1);
    assert_ok(kv_commit(txn));
    assert_true(script_calls(0) > 3);

    assert_ok(kv_write(env, &txn));
    assert_ok(kv_put(txn, T_PLAIN, text_of("kept"), text_of("3"), 0));
    script_set(&no_seal, 1);
    assert_said("no seal", kv_commit(txn), SILLOK_EIO,
                "the batch is stored, its seal is not: cannot sync '");
    script_clear();
    assert_said("the next", kv_write(env, &txn), SILLOK_EIO,
                "could not be sealed after the last commit: open it again");
    kv_close(env);

    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_get(txn, T_PLAIN, text_of("signal"), &v), 1);
    assert_int_equal(kv_get(txn, T_PLAIN, text_of("kept"), &v), 1);
    kv_abort(txn);
    kv_close(env);
    box_close(&b);
}

static void a_reader_cannot_write(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_said("a reader", kv_write(env, &txn), SILLOK_EIO, "open for reading only");
    kv_close(env);
    box_close(&b);
}

/* --- names --- */

static void a_name_that_cannot_be_had_is_told(void **state)
{
    struct box b;
    (void)state;
    box_open(&b);
    char *to = support_path(b.folder, "to.mdb"), *in = support_path(b.lock, "x"),
         *none = support_path(b.folder, "none/to.mdb"),
         *seal = support_path(b.folder, "t.mdb-seal");
    assert_said("no such folder", kv_rename(b.path, none), SILLOK_EIO, "cannot rename '");
    assert_int_equal(access(b.path, F_OK) | access(seal, F_OK), 0);
    assert_int_equal(access(b.lock, F_OK), -1);
    assert_ok(kv_rename(b.path, to)); /* without a table of readers */
    assert_ok(kv_rename(to, b.path));
    assert_int_equal(mkdir(b.lock, 0700), 0);
    support_write(in, "", 0);
    assert_said("a folder in its place", kv_rename(b.path, to), SILLOK_EIO,
                "cannot rename '");
    assert_said("a folder in its place", kv_remove(b.path), SILLOK_EIO, "t.mdb-lock'");
    assert_ok(kv_remove(none)); /* what is not there is fine */
    free(to);
    free(in);
    free(none);
    free(seal);
    box_close(&b);
}

/* --- cursors --- */

static void cursors_that_stand_nowhere(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_cursor *c, *d;
    struct sillok_text k, v;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(kv_read(env, &txn));
    assert_ok(kv_cursor_open(&c, txn, T_PLAIN));
    assert_int_equal(kv_prev(c, &k, &v), 1); /* from the end */
    assert_true(text_is(k, "c"));
    assert_int_equal(kv_prev(c, &k, NULL), 1);
    assert_true(text_is(k, "b"));
    assert_int_equal(kv_prev(c, NULL, &v), 1);
    assert_true(text_is(v, "value"));
    assert_int_equal(kv_prev(c, &k, &v), 0);
    kv_cursor_close(c);
    assert_ok(kv_cursor_open(&c, txn, T_PLAIN));
    assert_int_equal(kv_next(c, &k, &v), 1); /* from the beginning */
    assert_true(text_is(k, "a"));
    assert_int_equal(kv_seek(c, text_of("bb"), &k, &v), 1);
    assert_true(text_is(k, "c"));
    assert_int_equal(kv_seek(c, text_of("d"), &k, &v), 0);
    assert_int_equal(kv_seek(c, text_of(""), &k, &v), 1);
    assert_true(text_is(k, "a"));

    assert_ok(kv_cursor_open(&d, txn, T_DUP));
    assert_int_equal(kv_next_value(d, &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("j"), text_of("a"), &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("l"), text_of("a"), &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("k"), text_of("d"), &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("k"), text_of("b"), &v), 1);
    assert_true(text_is(v, "b"));
    assert_int_equal(kv_next_value(d, &v), 1);
    assert_true(text_is(v, "c"));
    assert_int_equal(kv_next_value(d, &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("k"), text_of("b"), &v), 1);
    kv_cursor_close(c);
    kv_cursor_close(d);

    /* One that was closed is handed out again, and two of one table are two. */
    assert_ok(kv_cursor_open(&d, txn, T_DUP));
    assert_int_equal(kv_next_value(d, &v), 0);
    assert_ok(kv_cursor_open(&c, txn, T_DUP));
    assert_int_equal(kv_seek_value(c, text_of("k"), text_of("b"), &v), 1);
    assert_int_equal(kv_next_value(d, &v), 0);
    assert_int_equal(kv_seek_value(d, text_of("k"), text_of("c"), &v), 1);
    assert_int_equal(kv_next_value(c, &v), 1);
    assert_true(text_is(v, "c"));
    kv_cursor_close(d);
    kv_cursor_close(c);
    assert_ok(kv_cursor_open(&c, txn, T_PLAIN));
    assert_int_equal(kv_next(c, &k, &v), 1);
    assert_true(text_is(k, "a"));
    kv_cursor_close(c);
    const struct script step = { .call = "mdb_cursor_renew", .rc = EIO };
    script_set(&step, 1);
    const int r = kv_cursor_open(&c, txn, T_PLAIN);
    script_clear();
    assert_said("mdb_cursor_renew", r, SILLOK_EIO, "plain in '");
    kv_abort(txn);
    kv_close(env);
    box_close(&b);
}

/* --- figures --- */

/* Change these bytes wherever they stand in the file. */
static void spoil_each(const char *path, const char *bytes)
{
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    assert_ok(file_read(&file, path, BUF_CEILING));
    char *at = file.ptr;
    const char *const end = file.ptr + file.len;
    while ((at = memmem(at, (size_t)(end - at), bytes, strlen(bytes))))
        *at++ ^= 1;
    support_write(path, file.ptr, file.len);
}

/* Of pages: where one leaf is enough, where there are branches above, and with values in
 * pages of their own. */
static void pages_are_counted(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_stats before, stats;
    static char value[10000];
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    assert_ok(kv_table_stats(txn, T_PLAIN, &stats));
    assert_int_equal(stats.rows, 3);
    assert_int_equal(stats.bytes, sysconf(_SC_PAGESIZE));
    for (unsigned i = 0; i < 100; i++) {
        char key[20];
        snprintf(key, sizeof(key), "%08u", i);
        assert_ok(kv_put(txn, T_PLAIN, text_of(key), text_make(value, 1000), 0));
    }
    assert_ok(kv_table_stats(txn, T_PLAIN, &before));
    assert_int_equal(before.rows, 103);
    assert_true(before.bytes >= 100 * 1000 && before.bytes < 300 * 1000);
    assert_ok(kv_put(txn, T_PLAIN, text_of("b"), text_make(value, sizeof(value)), 0));
    assert_ok(kv_table_stats(txn, T_PLAIN, &stats));
    assert_int_equal(stats.bytes - before.bytes, 3 * sysconf(_SC_PAGESIZE));
    assert_ok(kv_commit(txn));
    assert_ok(kv_write(env, &txn));
    assert_ok(kv_clear(txn, T_PLAIN));
    assert_ok(kv_commit(txn));
    /* Values that are too many for the leaf have pages of their own, which are counted. */
    assert_ok(kv_write(env, &txn));
    for (unsigned i = 0; i < 5000; i++) {
        char bytes[20];
        snprintf(bytes, sizeof(bytes), "%08u", i);
        assert_ok(kv_put(txn, T_DUP, text_of("more"), text_make(bytes, 8), 0));
    }
    assert_ok(kv_commit(txn));

    /* What is in use is the tables, and all else of the file is free: LMDB's own list of
     * free pages, too. */
    uint64_t used, unused;
    struct kv_state file;
    struct kv_stats dup;
    assert_ok(kv_read(env, &txn));
    assert_ok(kv_table_stats(txn, T_PLAIN, &stats));
    assert_ok(kv_table_stats(txn, T_DUP, &dup));
    assert_true(dup.rows >= 5000 && dup.bytes >= 5000 * 8 && dup.bytes < 5000 * 24);
    assert_ok(kv_file_stats(txn, &used, &unused));
    assert_ok(kv_state_get(txn, &file));
    assert_int_equal(used, stats.bytes + dup.bytes);
    assert_int_equal(used + unused, file.bytes);
    assert_true(unused > 100 * 1000);
    assert_int_equal(dup.lacks_values, 0);
    kv_abort(txn);
    kv_close(env);

    /* The leaf that says how many they are is damaged: then nothing is made up. */
    spoil_each(b.path, "more");
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(kv_read(env, &txn));
    assert_ok(kv_table_stats(txn, T_DUP, &stats));
    assert_true(stats.lacks_values && stats.rows == dup.rows && stats.bytes < dup.bytes);
    assert_ok(kv_file_stats(txn, &used, &unused));
    assert_int_equal(used + unused, 0);
    assert_ok(kv_file_bytes(txn, &used));
    assert_int_equal(used, file.bytes);
    kv_abort(txn);
    kv_close(env);
    box_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_its_sentence),
        cmocka_unit_test(a_failure_to_write_is_told_from_a_full_disk),
        cmocka_unit_test(each_call_that_fails_is_told),
        cmocka_unit_test(a_commit_that_fails_is_told),
        cmocka_unit_test(a_reader_cannot_write),
        cmocka_unit_test(a_name_that_cannot_be_had_is_told),
        cmocka_unit_test(cursors_that_stand_nowhere),
        cmocka_unit_test(pages_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
