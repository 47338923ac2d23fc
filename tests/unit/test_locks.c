/* Locks of a store and of what stands beside it, how long they are waited for, and the
 * names of its files. */
#include "store/beside.h"
#include "store/lmdb.h"

#include "faults/script.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_said(const char *what, int r, int want, const char *said)
{
    if (r != want || (r < 0 && !strstr(sillok_error_message(), said)))
        fail_msg("%s: %d, '%s', not %d, '%s'", what, r, sillok_error_message(), want,
                 said);
}

struct wait {
    const char *what;
    struct script flock;
    int code;
    unsigned calls;
    int64_t slept_ms;
    const char *said;
};

/* --- beside a store --- */

static void a_lock_beside_is_waited_for(void **state)
{
    static const struct wait cases[] = {
        { "free", { .call = "flock" }, 0, 1, 0, "" },
        { "signals", { .call = "flock", .times = 3, .rc = EINTR }, 0, 4, 60, "" },
        { "ten minutes less a step",
          { .call = "flock", .times = 30000, .rc = EWOULDBLOCK },
          0,
          30001,
          600000,
          "" },
        { "ten minutes",
          { .call = "flock", .times = 40000, .rc = EWOULDBLOCK },
          SILLOK_EBUSY,
          30001,
          600000,
          "the index is busy: another process has '" },
        { "no locks there",
          { .call = "flock", .rc = ENOLCK },
          SILLOK_EIO,
          1,
          0,
          "cannot lock '" },
    };
    char *folder = support_folder(), *path = support_path(folder, "lock");
    (void)state;
    for (int writing = 1; writing >= 0; writing--)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            int fd = -1;
            script_set(&cases[i].flock, 1);
            const int r = beside_lock(&fd, path, "the index", writing, BESIDE_WAIT_MS);
            assert_said(cases[i].what, r, cases[i].code, cases[i].said);
            assert_int_equal(script_calls(0), cases[i].calls);
            assert_int_equal(script_slept_ms(), cases[i].slept_ms);
            script_clear();
            if (fd >= 0)
                close(fd);
        }
    free(path);
    support_remove(folder);
}

static void a_place_that_cannot_be_written_to(void **state)
{
    static const struct {
        int err, code;
    } cases[] = { { EROFS, BESIDE_READ_ONLY }, { EACCES, BESIDE_READ_ONLY },
                  { EPERM, BESIDE_READ_ONLY }, { EISDIR, SILLOK_EIO },
                  { ENOMEM, SILLOK_ENOMEM },   { EIO, SILLOK_EIO } };
    char *folder = support_folder(), *none = support_path(folder, "none");
    int fd = -1;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        errno = cases[i].err;
        assert_int_equal(beside_fail("a file"), cases[i].code);
        assert_non_null(strstr(sillok_error_message(), "'a file'"));
    }
    assert_said("a folder", beside_lock(&fd, folder, "the index", 1, BESIDE_WAIT_MS),
                SILLOK_EIO, "cannot open '");
    assert_ok(
        beside_lock(&fd, none, "the index", 0, BESIDE_WAIT_MS)); /* none is needed */
    assert_int_equal(fd, -1);
    free(none);
    support_remove(folder);
}

/* --- of a store --- */

static void the_lock_of_a_store_is_waited_for(void **state)
{
    static const struct {
        struct wait wait;
        int wait_s;
        const char *pid; /* in the file */
    } cases[] = {
        { { "free", { .call = "flock" }, 0, 1, 0, "" }, 0, "" },
        { { "signals", { .call = "flock", .times = 3, .rc = EINTR }, 0, 4, 150, "" },
          2,
          "" },
        { { "in the last moment",
            { .call = "flock", .times = 40, .rc = EWOULDBLOCK },
            0,
            41,
            2000,
            "" },
          2,
          "" },
        { { "two seconds",
            { .call = "flock", .times = 99, .rc = EWOULDBLOCK },
            SILLOK_EBUSY,
            41,
            2000,
            "is busy: process 4711 writes (wait for it with" },
          2,
          "4711\n" },
        { { "not at all",
            { .call = "flock", .times = 99, .rc = EWOULDBLOCK },
            SILLOK_EBUSY,
            1,
            0,
            "is busy: another process writes" },
          0,
          "" },
        { { "for ever",
            { .call = "flock", .times = 5000, .rc = EWOULDBLOCK },
            0,
            5001,
            250000,
            "" },
          -1,
          "1\n" },
        { { "no locks there",
            { .call = "flock", .rc = ENOLCK },
            SILLOK_EIO,
            1,
            0,
            "cannot lock '" },
          2,
          "" },
    };
    char *folder = support_folder(), *lock = support_path(folder, "store/store.lock");
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct wait *w = &cases[i].wait;
        char text[32] = "";
        support_write(lock, cases[i].pid, strlen(cases[i].pid));
        s->wait_s = cases[i].wait_s;
        script_set(&w->flock, 1);
        const int r = lmdb_lock(store);
        assert_said(w->what, r, w->code, w->said);
        assert_int_equal(script_calls(0), w->calls);
        assert_int_equal(script_slept_ms(), w->slept_ms);
        script_clear();
        assert_int_equal(s->lock_fd >= 0, r == 0);
        if (r < 0)
            continue;
        assert_true(pread(s->lock_fd, text, sizeof(text) - 1, 0) > 0);
        assert_int_equal(atoi(text), getpid());
        close(s->lock_fd);
        s->lock_fd = -1;
    }
    const struct script full = { .call = "pwrite64", .rc = ENOSPC };
    script_set(&full, 1);
    assert_said("no room", lmdb_lock(store), SILLOK_EIO, "store.lock': disk full");
    script_clear();
    assert_int_equal(s->lock_fd, -1);

    /* Shared, for what moves nothing. */
    int fd, other = open(lock, O_RDONLY | O_CLOEXEC);
    char *path = support_path(folder, "store");
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_said("another has it", lmdb_lock_shared(path, &fd), SILLOK_EBUSY,
                "is busy: another process writes");
    close(fd);
    close(other);
    const struct script none = { .call = "flock", .rc = ENOLCK };
    script_set(&none, 1);
    assert_ok(lmdb_lock_shared(path, &fd));
    script_clear();
    close(fd);
    sillok_store_close(store);
    free(lock);
    free(path);
    support_remove(folder);
}

/* A child that has what the parent had open at fork(), until @p end is closed. */
static pid_t make_child(struct sillok_store *store, int closes, const int end[2])
{
    const pid_t child = fork();
    char c;
    if (child != 0)
        return child;
    close(end[1]);
    if (closes)
        sillok_store_close(store);
    _exit(closes ? 0 : (int)read(end[0], &c, 1));
}

static int is_free(const char *lock)
{
    const int fd = open(lock, O_RDONLY | O_CLOEXEC);
    const int got = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return got;
}

static void a_child_neither_frees_nor_keeps_the_lock(void **state)
{
    char *folder = support_folder(), *lock = support_path(folder, "store/store.lock");
    struct sillok_store *store = support_store(folder);
    int end[2], status;
    (void)state;
    assert_ok(lmdb_lock(store));
    assert_int_equal(pipe(end), 0);
    assert_int_equal(waitpid(make_child(store, 1, end), &status, 0) > 0, 1);
    assert_int_equal(status, 0);
    assert_false(is_free(lock));

    const pid_t child = make_child(store, 0, end);
    sillok_store_close(store);
    assert_true(is_free(lock));
    close(end[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(end[0]);
    free(lock);
    support_remove(folder);
}

/* --- names --- */

static const char *const left[] = { "data-3.mdb", "data-12.mdb", "data-7.mdb-seal",
                                    "data-7.mdb-lock", "format.new.a1b2c3" };
static const char *const kept[] = {
    "data-x.mdb",
    "data-7.mdb-other",
    "data-7.mdb.bak",
    "my-data-7.mdb",
    "-seal",
    "format.newer",
    "a-name-that-is-longer-than-any-name-of-data-would-ever-be.mdb-seal"
};

static void put_names(const char *store, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *path = support_path(store, names[i]);
        support_write(path, "", 0);
        free(path);
    }
}

static size_t count_names(const char *store, const char *const *names, size_t n)
{
    size_t there = 0;
    for (size_t i = 0; i < n; i++) {
        char *path = support_path(store, names[i]);
        there += access(path, F_OK) == 0;
        free(path);
    }
    return there;
}

static void files_of_other_generations_go(void **state)
{
    enum {
        N_LEFT = sizeof(left) / sizeof(left[0]),
        N_KEPT = sizeof(kept) / sizeof(*kept)
    };
    static const char *const own[] = { "data.mdb", "data.mdb-seal", "format",
                                       "store.lock" };
    char *folder = support_folder(), *path = support_path(folder, "store"),
         *marker = support_path(path, "format"), *dir = support_path(path, "data-9.mdb"),
         *in = support_path(dir, "file");
    char name[SILLOK_DATA_NAME_BYTES];
    struct sillok_store *store = support_store(folder);
    (void)state;
    put_names(path, left, N_LEFT);
    put_names(path, kept, N_KEPT);
    assert_ok(sillok_store_data_name(path, name));
    assert_string_equal(name, "data.mdb");
    assert_ok(lmdb_generations_clean(lmdb_of(store)));
    assert_int_equal(count_names(path, left, N_LEFT), 0);
    assert_int_equal(count_names(path, kept, N_KEPT), N_KEPT);
    assert_int_equal(count_names(path, own, 4), 4);
    assert_int_equal(mkdir(dir, 0700), 0);
    support_write(in, "", 0);
    assert_said("a folder", lmdb_generations_clean(lmdb_of(store)), SILLOK_EIO,
                "cannot remove '");
    sillok_store_close(store);
    assert_int_equal(unlink(in) | rmdir(dir), 0);

    /* Where the marker does not tell, the newest is the one. */
    put_names(path, left, N_LEFT);
    assert_int_equal(unlink(marker), 0);
    assert_ok(sillok_store_data_name(path, name));
    assert_string_equal(name, "data-12.mdb");
    support_write(marker, "nonsense\n", 9);
    assert_ok(sillok_store_data_name(path, name));
    assert_string_equal(name, "data-12.mdb");
    support_write(marker, "sillok 0 1 data-7.mdb\n", 22);
    assert_ok(sillok_store_data_name(path, name));
    assert_string_equal(name, "data-12.mdb");
    support_write(marker, "sillok 3 1 data-7.mdb\n", 22);
    assert_ok(sillok_store_data_name(path, name));
    assert_string_equal(name, "data-7.mdb");
    assert_ok(sillok_store_data_name(in, name)); /* there is no such folder */
    assert_string_equal(name, "data.mdb");
    free(path);
    free(marker);
    free(dir);
    free(in);
    support_remove(folder);
}

static void what_is_no_store_is_told(void **state)
{
    char *folder = support_folder(), *file = support_path(folder, "file"),
         *below = support_path(file, "store"), *aside = support_path(folder, "aside"),
         *full = support_path(folder, "full"), *in = support_path(full, "x");
    struct sillok_store *store = NULL;
    (void)state;
    support_write(file, "", 0);
    assert_said("a file", sillok_store_open(&store, file, NULL), SILLOK_ENOTFOUND,
                "' is no store: that is a folder");
    assert_said("below a file", sillok_store_open(&store, below, NULL), SILLOK_ENOTFOUND,
                "there is no sillok store at '");
    /* A new store takes no place that something has. */
    assert_int_equal(mkdir(aside, 0700) | mkdir(full, 0700), 0);
    support_write(in, "", 0);
    assert_said("a folder", lmdb_aside_place(aside, full), SILLOK_EEXISTS,
                "full' exists already");
    assert_said(
        "a file", lmdb_aside_place(aside, file), SILLOK_EEXISTS,
        "file' exists already, and the store is made new: give a name that is free");
    assert_said("below a file", lmdb_aside_place(aside, below), SILLOK_EEXISTS, "");
    assert_int_equal(access(aside, F_OK), 0);
    free(file);
    free(below);
    free(aside);
    free(full);
    free(in);
    support_remove(folder);
}

/* The folder's marker and the row in the file say the same, or it is no store. */
static void the_format_is_said_twice(void **state)
{
    char *folder = support_folder(), *path = support_path(folder, "store");
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    struct kv_txn *txn;
    (void)state;
    assert_ok(kv_write(s->env, &txn));
    assert_int_equal(kv_delete(txn, T_META, text_of("format")), 1);
    assert_ok(kv_commit(txn));
    sillok_store_close(store);
    assert_said("no row", sillok_store_open(&store, path, NULL), SILLOK_ECORRUPT,
                "its format record is missing");
    free(path);
    support_remove(folder);
}

/* --- one snapshot for several questions --- */

/* Each hold has its release, and the last one ends it. In a batch all see what it wrote.
 */
static void a_snapshot_is_held_until_the_last_release(void **state)
{
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    struct kv_txn *first, *again;
    (void)state;
    assert_ok(lmdb_view_hold(store));
    assert_ok(view_begin(s, &first));
    assert_ok(lmdb_view_hold(store));
    assert_ok(view_begin(s, &again));
    assert_ptr_equal(first, again);
    view_end(s, again);
    assert_said("held", lmdb_follow(s), SILLOK_EBUSY,
                "was compacted by another process while this one was at work");
    lmdb_view_release(store);
    assert_ptr_equal(s->held, first);
    lmdb_view_release(store);
    assert_null(s->held);
    assert_ok(view_begin(s, &again)); /* of its own now */
    assert_null(s->held);
    view_end(s, again);

    assert_ok(store->ops->begin(store, ""));
    assert_ok(lmdb_view_hold(store));
    assert_ok(view_begin(s, &again));
    assert_ptr_equal(again, s->txn);
    view_end(s, again);
    assert_non_null(s->txn);
    lmdb_view_release(store);
    assert_non_null(s->txn);
    assert_said("a batch", lmdb_follow(s), SILLOK_EBUSY, "while this one was at work");
    assert_ok(store->ops->commit(store));
    sillok_store_close(store);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lock_beside_is_waited_for),
        cmocka_unit_test(a_place_that_cannot_be_written_to),
        cmocka_unit_test(the_lock_of_a_store_is_waited_for),
        cmocka_unit_test(a_child_neither_frees_nor_keeps_the_lock),
        cmocka_unit_test(files_of_other_generations_go),
        cmocka_unit_test(what_is_no_store_is_told),
        cmocka_unit_test(the_format_is_said_twice),
        cmocka_unit_test(a_snapshot_is_held_until_the_last_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
