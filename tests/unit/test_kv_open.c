/* To open a file of tables and to begin with it: what fails, what is tried again, how the map
 * grows, and that a process has it once. */
#include "kv_box.h"

#include "faults/script.h"
#include "store/kv_internal.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- to open --- */

static void what_fails_at_opening(void **state)
{
    static const struct {
        const char *call;
        unsigned nth, times;
        int rc, code;
        unsigned calls; /* in all; 0: any number */
        const char *said;
    } cases[] = {
        { "mdb_env_create", 1, 1, EIO, SILLOK_EIO, 1, "cannot set up LMDB" },
        { "mdb_env_set_maxdbs", 1, 1, EIO, SILLOK_EIO, 1, "cannot open the data file" },
        { "mdb_env_set_maxreaders", 1, 1, EIO, SILLOK_EIO, 1, "cannot open the data" },
        { "mdb_env_set_mapsize", 1, 1, EIO, SILLOK_EIO, 1, "cannot open the data file" },
        { "mdb_env_open", 1, 1, EACCES, SILLOK_EIO, 1, "permission denied" },
        /* without a lock file, on a medium that nobody can write */
        { "mdb_env_open", 1, 1, EROFS, 0, 2, "" },
        { "mdb_env_open", 1, 2, EROFS, SILLOK_EIO, 2, "the medium is read-only" },
        /* a signal, and a header that another process is writing */
        { "mdb_env_open", 1, 100, EINTR, 0, 101, "" },
        { "mdb_env_open", 1, 101, EINTR, SILLOK_EIO, 101, "Interrupted system call" },
        { "mdb_env_open", 1, 100, MDB_INVALID, 0, 101, "" },
        { "mdb_env_open", 1, 101, MDB_INVALID, SILLOK_EIO, 101,
          "its header is read in part only" },
        /* address space: of 1 GiB the half and a quarter, and no less */
        { "mdb_env_open", 1, 2, ENOMEM, 0, 3, "" },
        { "mdb_env_open", 1, 3, ENOMEM, SILLOK_ENOMEM, 3, "address space" },
        { "mmap64", 1, 1, ENOMEM, 0, 0, "" },
        { "mmap64", 2, 1, ENOMEM, 0, 0, "" },
        { "mmap64", 3, 1, ENOMEM, 0, 0, "" },
        { "mmap64", 1, 9, ENOMEM, SILLOK_ENOMEM, 3, "out of memory" },
        { "mmap64", 2, 1, EACCES, SILLOK_EIO, 2, "cannot map '" },
        { "mmap64", 3, 1, EACCES, SILLOK_EIO, 3, "t.mdb-seal'" },
        /* the first asks how large the map has become */
        { "mdb_env_info", 1, 1, EIO, SILLOK_EIO, 1, "cannot read the header" },
        { "mdb_env_info", 2, 1, EIO, SILLOK_EIO, 2, "cannot read the header" },
        { "mdb_env_stat", 1, 1, EIO, SILLOK_EIO, 1, "cannot read the header" },
        { "mdb_dbi_open", 1, 1, EIO, SILLOK_EIO, 1, "cannot open the tables" },
        { "mdb_dbi_open", 2, 1, MDB_NOTFOUND, SILLOK_ECORRUPT, 2,
          "table 'dup' is missing" },
        { "mdb_txn_begin", 1, 1, EIO, SILLOK_EIO, 1, "cannot begin" },
        /* the last looks where LMDB's map is, to save one: it may fail */
        { "mdb_txn_begin", 2, 1, EIO, 0, 2, "" },
        { "mdb_dbi_open", 3, 1, EIO, 0, 3, "" },
        { "mdb_get", 1, 1, EIO, 0, 1, "" },
        { "fallocate64", 1, 1, ENOSPC, SILLOK_EIO, 1, "t.mdb-lock': disk full" },
        { "fallocate64", 1, 1, EDQUOT, SILLOK_EIO, 1, "t.mdb-lock': disk full" },
        { "fallocate64", 1, 1, EOPNOTSUPP, 0, 1, "" },
        { "pread64", 1, 5, EINTR, 0, 0, "" },
        { "pread64", 1, 1, EIO, SILLOK_EIO, 1, "cannot read '" },
        { "pread64", 2, 1, EIO, SILLOK_EIO, 2, "t.mdb-seal'" },
        { "fstat64", 1, 1, EIO, SILLOK_EIO, 1, "cannot stat '" },
        { "stat64", 1, 1, EACCES, SILLOK_EIO, 1, "cannot stat '" },
        { "stat64", 2, 1, EACCES, SILLOK_EIO, 2, "cannot stat '" },
        { "stat64", 3, 1, EACCES, SILLOK_EIO, 3, "cannot stat '" },
        { "stat64", 4, 1, EACCES, 0, 5, "" }, /* for whom the file is to be */
        { "stat64", 5, 1, EACCES, 0, 6, "" }, /* and of which group */
        { "stat64", 6, 1, EACCES, SILLOK_EIO, 6, "cannot stat '" },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct script step = { .call = cases[i].call,
                                     .nth = cases[i].nth,
                                     .times = cases[i].times,
                                     .rc = cases[i].rc };
        struct kv_env *env = NULL;
        struct kv_txn *txn;
        struct sillok_text v;
        char what[80];
        snprintf(what, sizeof(what), "case %zu, %s", i, cases[i].call);
        (void)unlink(b.lock);
        script_set(&step, 1);
        const int r = kv_open(&env, b.path, tables, N_TABLES, &for_reading);
        const unsigned calls = script_calls(0);
        script_clear();
        assert_said(what, r, cases[i].code, r < 0 ? cases[i].said : "");
        if (cases[i].calls && calls != cases[i].calls)
            fail_msg("%s: %u calls", what, calls);
        if (r < 0)
            continue;
        assert_ok(kv_read(env, &txn));
        assert_int_equal(kv_get(txn, T_PLAIN, text_of("b"), &v), 1);
        assert_true(text_is(v, "value"));
        kv_abort(txn);
        kv_close(env);
    }
    box_close(&b);
}

/* Who writes needs the lock file, so it is not done without; nor is what LMDB does not
 * take in a file that was made just now read in part. */
static void what_fails_for_a_writer(void **state)
{
    struct box b;
    struct kv_env *env = NULL;
    const struct script read_only = { .call = "mdb_env_open", .rc = EROFS },
                        invalid = { .call = "mdb_env_open", .rc = MDB_INVALID };
    (void)state;
    box_open(&b);
    script_set(&read_only, 1);
    int r = kv_open(&env, b.path, tables, N_TABLES, &for_writing);
    assert_int_equal(script_calls(0), 1);
    assert_said("a read-only medium", r, SILLOK_EIO, "the medium is read-only");
    char *other = support_path(b.folder, "new.mdb");
    script_set(&invalid, 1);
    r = kv_open(&env, other, tables, N_TABLES, &making);
    assert_int_equal(script_calls(0), 1);
    assert_said("a new file", r, SILLOK_ECORRUPT, "cannot open the data file");
    free(other);
    box_close(&b);
}

/* What is done anew without a lock file may fail as well. */
static void what_fails_on_a_read_only_medium(void **state)
{
    static const char *const calls[] = { "mdb_env_create", "mdb_env_set_maxdbs",
                                         "mdb_env_set_mapsize", "mdb_env_open" };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        const struct script steps[] = {
            { .call = "mdb_env_open", .rc = EROFS },
            { .call = calls[i], .nth = 2, .rc = EIO },
        };
        struct kv_env *env = NULL;
        script_set(steps, 2);
        assert_said(calls[i], kv_open(&env, b.path, tables, N_TABLES, &for_reading),
                    SILLOK_EIO, "cannot open the data file");
        assert_int_equal(script_calls(1), 2);
    }
    box_close(&b);
}

static void what_is_no_file_of_tables(void **state)
{
    static const struct kv_table more[] = { { "plain", 0 }, { "none", 0 } };
    struct box b;
    struct kv_env *env = NULL;
    (void)state;
    box_open(&b);
    char *empty = support_path(b.folder, "empty"), *none = support_path(b.folder, "none");
    support_write(empty, "", 0);
    assert_said("a folder", kv_open(&env, b.folder, tables, N_TABLES, &for_reading),
                SILLOK_EINVALID, "is not a regular file");
    assert_said("an empty file", kv_open(&env, empty, tables, N_TABLES, &for_reading),
                SILLOK_ECORRUPT, "empty' is empty");
    assert_said("nothing", kv_open(&env, none, tables, N_TABLES, &for_reading),
                SILLOK_ENOTFOUND, "there is no '");
    assert_said("a table too many", kv_open(&env, b.path, more, 2, &for_reading),
                SILLOK_ECORRUPT, "table 'none' is missing in");
    free(empty);
    free(none);
    box_close(&b);
}

/* --- to begin --- */

static int try_read(struct kv_env *env)
{
    struct kv_txn *txn;
    struct sillok_text v;
    int r = kv_read(env, &txn);
    if (r < 0)
        return r;
    r = kv_get(txn, T_PLAIN, text_of("c"), &v);
    assert_true(r < 0 || text_is(v, "value"));
    kv_abort(txn);
    return r;
}

static void what_fails_at_beginning(void **state)
{
    static const struct {
        const char *what;
        struct script steps[2];
        int code;
        unsigned calls; /* of the first */
        const char *said, *later;
    } cases[] = {
        { "a slot of a dead reader",
          { { .call = "mdb_txn_begin", .rc = MDB_READERS_FULL }, { .call = "" } },
          1,
          2,
          "",
          NULL },
        { "slots of living readers",
          { { .call = "mdb_txn_begin", .rc = MDB_READERS_FULL, .times = 9 },
            { .call = "" } },
          SILLOK_EBUSY,
          3,
          "more than 512 readers",
          NULL },
        { "a map that another process made larger",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED }, { .call = "" } },
          1,
          2,
          "",
          NULL },
        { "a map that grows each time",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED, .times = 9 },
            { .call = "" } },
          SILLOK_EIO,
          4,
          "MDB_MAP_RESIZED",
          NULL },
        { "another failure",
          { { .call = "mdb_txn_begin", .rc = EIO, .times = 9 }, { .call = "" } },
          SILLOK_EIO,
          1,
          "cannot begin in '",
          NULL },
        { "a map in use",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED },
            { .call = "pthread_rwlock_timedwrlock", .rc = ETIMEDOUT } },
          SILLOK_EBUSY,
          1,
          "must grow, but is being read",
          NULL },
        { "no room for the larger map",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED },
            { .call = "mdb_env_set_mapsize", .rc = ENOMEM } },
          SILLOK_ENOMEM,
          1,
          "cannot grow the map",
          "could not be mapped anew" },
        { "no size of the larger map",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED },
            { .call = "mdb_env_info", .rc = EIO } },
          SILLOK_EIO,
          1,
          "cannot grow the map",
          "could not be mapped anew" },
        { "no room for the guard's",
          { { .call = "mdb_txn_begin", .rc = MDB_MAP_RESIZED },
            { .call = "mmap64", .nth = 2, .rc = ENOMEM } },
          SILLOK_ENOMEM,
          1,
          "cannot map '",
          "could not be mapped anew" },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kv_env *env;
        assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
        script_set(cases[i].steps, 2);
        const int r = try_read(env);
        const unsigned calls = script_calls(0);
        script_clear();
        assert_said(cases[i].what, r, cases[i].code, r < 0 ? cases[i].said : "");
        /* One more looks where the larger map is. */
        if (calls != cases[i].calls &&
            !(cases[i].steps[0].rc == MDB_MAP_RESIZED && calls > cases[i].calls))
            fail_msg("%s: %u calls", cases[i].what, calls);
        const int again = try_read(env);
        if (cases[i].later)
            assert_said(cases[i].what, again, SILLOK_ENOMEM, cases[i].later);
        else
            assert_int_equal(again, 1);
        kv_close(env);
    }
    box_close(&b);
}

/* --- a map that grows --- */

static void a_map_grows_up_to_its_limit(void **state)
{
    static const struct kv_options small = { .create = 1,
                                             .map_bytes = 2 * MIB,
                                             .map_max_bytes = 7 * MIB };
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    unsigned n_full = 0, n_grown = 0;
    (void)state;
    box_open(&b);
    char *path = support_path(b.folder, "small.mdb"), value[1000] = "";
    assert_ok(kv_open(&env, path, tables, N_TABLES, &small));
    const struct script fails = { .call = "mdb_env_info", .rc = EIO };
    script_set(&fails, 1);
    assert_said("no size", kv_grow(env), SILLOK_EIO, "cannot read the header");
    script_clear();
    for (int r = 0; r == 0;) {
        assert_ok(kv_write(env, &txn));
        for (unsigned i = 0; r == 0; i++) {
            char key[20];
            snprintf(key, sizeof(key), "%08u", i);
            r = kv_put(txn, T_PLAIN, text_of(key), text_make(value, sizeof(value)), 0);
            n_full = i;
        }
        assert_int_equal(r, KV_FULL);
        kv_abort(txn);
        r = kv_grow(env);
        n_grown += r == 0;
        if (r < 0)
            assert_said("the limit", r, SILLOK_EIO,
                        "has reached its limit of 7340032 bytes (limits.map_bytes)");
    }
    assert_int_equal(n_grown, 2); /* 2, 4, 7 MiB */
    /* Three rows a page, and of 8 MiB there would be more than of 7. */
    assert_true(n_full > 5000 && n_full < 7 * MIB / 4096 * 3);
    kv_close(env);
    free(path);
    box_close(&b);
}

struct waiting {
    struct kv_env *env;
    int r;
};

static void *begin_to_read(void *arg)
{
    struct waiting *w = arg;
    struct kv_txn *txn;
    w->r = kv_read(w->env, &txn);
    if (w->r == 0)
        kv_abort(txn);
    return NULL;
}

/* A thread that wants to read while another one fails to map the file anew is told, too:
 * there is nothing any more that it could look at. */
static void who_waited_for_the_map_is_told(void **state)
{
    struct box b;
    struct kv_env *env;
    pthread_t thread;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    struct waiting w = { .env = env };
    assert_int_equal(pthread_rwlock_wrlock(&env->gate), 0);
    assert_int_equal(pthread_create(&thread, NULL, begin_to_read, &w), 0);
    usleep(200000); /* it comes as far as the gate */
    env->no_map = 1;
    assert_int_equal(pthread_rwlock_unlock(&env->gate), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(w.r, SILLOK_ENOMEM);
    kv_close(env);
    box_close(&b);
}

/* --- one handle --- */

static void a_file_is_opened_once(void **state)
{
    struct box b;
    struct kv_env *first_env, *second_env, *env = NULL;
    (void)state;
    box_open(&b);
    char *other = support_path(b.folder, "other.mdb");
    fill(other);
    assert_ok(kv_open(&first_env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(kv_open(&second_env, other, tables, N_TABLES, &for_reading));
    assert_said("the first again", kv_open(&env, b.path, tables, N_TABLES, &for_reading),
                SILLOK_EBUSY, "t.mdb' is open in this process already");
    assert_said("the second again", kv_open(&env, other, tables, N_TABLES, &for_reading),
                SILLOK_EBUSY, "other.mdb' is open in this process already");
    kv_close(first_env); /* the older of the two */
    assert_ok(kv_open(&first_env, b.path, tables, N_TABLES, &for_reading));
    assert_said("the second again", kv_open(&env, other, tables, N_TABLES, &for_reading),
                SILLOK_EBUSY, "other.mdb' is open in this process already");
    kv_close(first_env);
    kv_close(second_env);
    free(other);
    box_close(&b);
}

static void a_child_cannot_use_it_but_one_of_its_own(void **state)
{
    struct box b;
    struct kv_env *env;
    int status;
    (void)state;
    box_open(&b);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    const pid_t child = fork();
    if (child == 0) {
        struct kv_txn *txn;
        const int r = kv_read(env, &txn);
        const int ok =
            r == SILLOK_ERR && strstr(sillok_error_message(), "after fork()") != NULL;
        struct kv_env *own = NULL, *second = NULL;
        const int opened = kv_open(&own, b.path, tables, N_TABLES, &for_reading) == 0;
        kv_close(env);
        const int reads =
            opened && try_read(own) == 1 &&
            kv_open(&second, b.path, tables, N_TABLES, &for_reading) == SILLOK_EBUSY;
        kv_close(own);
        _exit(!ok ? 1 : reads ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(try_read(env), 1); /* the child's end took nothing from it */
    kv_close(env);
    box_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fails_at_opening),
        cmocka_unit_test(what_fails_for_a_writer),
        cmocka_unit_test(what_fails_on_a_read_only_medium),
        cmocka_unit_test(what_is_no_file_of_tables),
        cmocka_unit_test(what_fails_at_beginning),
        cmocka_unit_test(a_map_grows_up_to_its_limit),
        cmocka_unit_test(who_waited_for_the_map_is_told),
        cmocka_unit_test(a_file_is_opened_once),
        cmocka_unit_test(a_child_cannot_use_it_but_one_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
