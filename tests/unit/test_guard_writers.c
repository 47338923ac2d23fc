/* A damaged file of tables while others write: what looks wrong for a moment is waited
 * for, what is wrong is told, and a writer in the way of a reader gives no wrong answer. */
#include "faults/script.h"
#include "unit/guard_box.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- meanwhile --- */

static void mend(void *arg)
{
    const struct box *b = arg;
    put_files(b, &b->data, b->data.len);
}

/* A writer is between two steps: what looks wrong is so only for a moment. */
static void what_looks_wrong_is_looked_at_again(void **state)
{
    enum { NO_HEADS, NO_SEAL, OTHER_HEADER, NO_HEADER, SHORT, N_WRONGS };
    static const char *const said[N_WRONGS] = {
        [NO_HEADS] = "t.mdb-seal' holds no seal",
        [NO_SEAL] = "t.mdb-seal' holds no seal",
        [OTHER_HEADER] = "the header of '",
        [NO_HEADER] = "the header of '",
        [SHORT] = "its header says",
    };
    struct box b;
    struct buf data = BUF_INIT, sums = BUF_INIT;
    (void)state;
    box_open(&b);
    for (int wrong = 0; wrong < N_WRONGS; wrong++) {
        buf_clear(&data);
        buf_clear(&sums);
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        if (wrong == NO_HEADS)
            memset(sums.ptr, 0, PAGE);
        else if (wrong == NO_SEAL)
            sums.len = 0;
        else if (wrong == OTHER_HEADER)
            data.ptr[newest_head(&data) + TABLES_AT + 50] ^= 1;
        else if (wrong == NO_HEADER)
            memset(data.ptr + newest_head(&data), 0, PAGE);
        else
            data.len -= 9 * PAGE;
        unsigned waits = 0;
        for (int mended = 0; mended < 2; mended++) {
            const struct script step = { .call = "nanosleep",
                                         .nth = waits,
                                         .before = mended ? mend : NULL,
                                         .arg = &b };
            uint64_t answer = 0;
            box_put(&b, &data, data.len);
            put_bytes(b.seal, sums.ptr, sums.len);
            script_set(&step, 1);
            const int r = ask(b.path, &answer);
            waits = script_calls(0);
            const int64_t ms = script_slept_ms();
            script_clear();
            if (mended ? r < 0 || answer != b.answer
                       : r != SILLOK_ECORRUPT ||
                             !strstr(sillok_error_message(), said[wrong]))
                fail_msg("%s, mended %d: %d: %s", said[wrong], mended, r,
                         sillok_error_message());
            assert_true(waits > 3 && ms >= 100 && ms <= 500);
        }
    }
    buf_release(&data);
    buf_release(&sums);
    box_close(&b);
}

struct change {
    const struct box *box;
    const struct buf *data, *sums;
    struct kv_env *env;
    uint64_t answer; /* what is to be answered then */
};

static void put_change(void *arg)
{
    const struct change *c = arg;
    put_bytes(c->box->path, c->data->ptr, c->data->len);
    put_bytes(c->box->seal, c->sums->ptr, c->sums->len);
}

/* The seal comes while it is waited for, or something else does. */
static void a_commit_that_is_sealed_meanwhile(void **state)
{
    static const struct {
        unsigned when; /* the wait in which it comes; the last is 500 */
        enum { SEALED, NONE, ANOTHER, OLDER, HEADER } what;
    } cases[] = { { 1, SEALED },    { 250, SEALED }, { 500, SEALED }, { 500, NONE },
                  { 500, ANOTHER }, { 500, OLDER },  { 500, HEADER } };
    struct box b;
    struct buf now = BUF_INIT, sealed = BUF_INIT;
    uint64_t first = 0, answer = 0;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    assert_ok(ask(b.path, &first));
    load(&now, b.path);
    struct kv_env *env;
    struct kv_txn *txn;
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    kv_abort(txn);
    kv_close(env);
    load(&sealed, b.seal);
    uint64_t n;
    memcpy(&n, now.ptr + newest_head(&now) + TXN_AT, sizeof(n));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf data = BUF_INIT, sums = BUF_INIT;
        assert_ok(buf_add(&data, now.ptr, now.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        if (cases[i].what == SEALED) {
            buf_clear(&sums);
            assert_ok(buf_add(&sums, sealed.ptr, sealed.len));
        } else if (cases[i].what == NONE)
            memset(sums.ptr, 0, PAGE);
        else if (cases[i].what == ANOTHER)
            forge_head(&sums, n - 1, 12345);
        else if (cases[i].what == OLDER)
            memset(sums.ptr + (n - 1) % 2 * 512, 0, 512);
        else
            data.ptr[(n - 1) % 2 * PAGE + TABLES_AT + 50] ^= 1;
        const struct change change = { .box = &b, .data = &data, .sums = &sums };
        const struct script step = { .call = "nanosleep",
                                     .nth = cases[i].when,
                                     .before = put_change,
                                     .arg = (void *)(uintptr_t)&change };
        box_put(&b, &now, now.len);
        script_set(&step, 1);
        const int r = ask(b.path, &answer);
        const int64_t ms = script_slept_ms();
        script_clear();
        if (cases[i].what == SEALED ? r < 0 || answer != first : r != SILLOK_ECORRUPT)
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        if (cases[i].what != SEALED)
            assert_non_null(strstr(sillok_error_message(), "the header of '"));
        assert_int_equal(ms, cases[i].when);
        buf_release(&data);
        buf_release(&sums);
    }
    buf_release(&now);
    buf_release(&sealed);
    box_close(&b);
}

/* Not every byte of it means something, but each has its answer. */
static void an_unsealed_commit_that_is_damaged(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t first = 0;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    assert_ok(ask(b.path, &first));
    load(&now, b.path);
    for (uint64_t page = 2; page < now.len / PAGE; page += 3) {
        char was[PAGE];
        uint64_t answer;
        memcpy(was, now.ptr + page * PAGE, PAGE);
        /* Of what it wrote the shape is known, not what stands within large data. */
        const int is_new =
            page >= n_pages(&b) || memcmp(was, b.data.ptr + page * PAGE, PAGE) != 0;
        memset(now.ptr + page * PAGE, 0, PAGE);
        box_put(&b, &now, now.len);
        const int r = ask(b.path, &answer);
        if (r != SILLOK_ECORRUPT && (r != 0 || (answer != first && !is_new)))
            fail_msg("page %llu: %d: %s", (unsigned long long)page, r,
                     sillok_error_message());
        told += r == SILLOK_ECORRUPT;
        if (page % 4 == 0) {
            const int rr = begin_to_write(b.path);
            if (rr != 0 && rr != SILLOK_ECORRUPT)
                fail_msg("page %llu, writing: %d: %s", (unsigned long long)page, rr,
                         sillok_error_message());
        }
        memcpy(now.ptr + page * PAGE, was, PAGE);
    }
    assert_true(told > 50);
    const size_t head = newest_head(&now);
    for (unsigned bit = 0; bit < 8 * BTREE_META_BYTES; bit += 5) {
        uint64_t answer;
        now.ptr[head + HEAD + bit / 8] ^= (char)(1 << bit % 8);
        box_put(&b, &now, now.len);
        const int r = bit % 3 ? ask(b.path, &answer) : begin_to_write(b.path);
        /* A file is never shorter by a GiB than its header says. */
        const int huge = bit / 64 == LAST_PAGE_AT / 8 && bit % 64 >= 19;
        if (r != SILLOK_ECORRUPT && (r != 0 || huge))
            fail_msg("bit %u of the header: %d: %s", bit, r, sillok_error_message());
        now.ptr[head + HEAD + bit / 8] ^= (char)(1 << bit % 8);
    }
    /* The number of the header before it, which the seal knows. */
    uint64_t answer, n;
    uint8_t *const older = (uint8_t *)now.ptr + (PAGE - head) + TXN_AT;
    memcpy(&n, older, sizeof(n));
    n -= 2;
    memcpy(older, &n, sizeof(n));
    box_put(&b, &now, now.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    buf_release(&now);
    box_close(&b);
}

/* Two commits without a seal are no crash. */
static void two_commits_behind(void **state)
{
    struct box b;
    struct buf sums = BUF_INIT;
    uint64_t answer;
    (void)state;
    box_open(&b);
    assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
    box_put(&b, &b.data, b.data.len);
    assert_ok(change(b.path, &answer));
    put_bytes(b.seal, sums.ptr, sums.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    buf_release(&sums);
    box_close(&b);
}

/* --- a writer in another process --- */

/* Rows over rows, and more of them: pages that were in use are free, and used again. */
static int rewrite(const char *path, uint64_t round)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    uint8_t key[5];
    char value[BIG_BYTES];
    int r = kv_open(&env, path, tables, N_TABLES, &for_writing);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r < 0)
        return r;
    for (uint64_t i = round % 5; i < ROWS && r == 0; i += 5)
        r = kv_put(txn, T_PLAIN, number_key(key, i), value_of(value, i + round, 100), 0);
    for (uint64_t i = 0; i < 20 && r == 0; i++)
        r = kv_put(txn, T_PLAIN, number_key(key, ROWS + round * 20 + i),
                   value_of(value, i, 1000), 0);
    r = r < 0 ? r : kv_commit(txn);
    kv_close(env);
    return r;
}

/* Wherever a bit of it is another, nothing crashes: neither who reads it nor who seals it
 * and goes on. */
static void bits_flipped_in_an_unsealed_commit(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t seed = 7, answer, fresh[512];
    size_t n_fresh = 0;
    unsigned told = 0;
    const char *more = getenv("SILLOK_FLIPS"); /* how many; as many other ones */
    const unsigned flips = more ? (unsigned)atoi(more) : 60;
    seed += flips;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    for (uint64_t page = 2; page < now.len / PAGE && n_fresh < 512; page++)
        if (page >= n_pages(&b) ||
            memcmp(now.ptr + page * PAGE, b.data.ptr + page * PAGE, PAGE) != 0)
            fresh[n_fresh++] = page;
    for (unsigned i = 0; i < flips; i++) {
        const uint64_t page = fresh[support_random(&seed) % n_fresh];
        const uint64_t at = page * PAGE + support_random(&seed) % (i % 2 ? 60 : PAGE);
        const char bit = (char)(1 << support_random(&seed) % 8);
        now.ptr[at] ^= bit;
        box_put(&b, &now, now.len);
        int r = ask(b.path, &answer);
        if (r != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        told += r < 0;
        r = rewrite(b.path, i);
        if (r != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu, writing: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        if (r == 0 && (r = ask(b.path, &answer)) != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu, afterwards: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        now.ptr[at] ^= bit;
    }
    assert_true(told > flips / 40);
    buf_release(&now);
    box_close(&b);
}

/* This program again, as another process: LMDB may not be inherited. */
static int write_for_another(const char *path, const char *round)
{
    uint64_t answer;
    return rewrite(path, strtoull(round, NULL, 10)) == 0 && ask(path, &answer) == 0 &&
                   write(STDOUT_FILENO, &answer, sizeof(answer)) == sizeof(answer)
               ? 0
               : 1;
}

/* Another process writes, and tells what is to be answered then. */
static uint64_t rewrite_elsewhere(const char *path, uint64_t round)
{
    int ends[2], status;
    uint64_t answer = 0;
    char number[24];
    snprintf(number, sizeof(number), "%llu", (unsigned long long)round);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) >= 0)
            execl("/proc/self/exe", "test_guard", path, number, (char *)NULL);
        _exit(2);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
    close(ends[0]);
    close(ends[1]);
    return answer;
}

static void what_another_process_wrote_is_read(void **state)
{
    struct box b;
    struct kv_env *env;
    struct stat before, after;
    uint64_t answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_int_equal(stat(b.path, &before), 0);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(ask_open(env, &answer));
    assert_true(answer == b.answer);
    for (uint64_t round = 1; round < 8; round++) {
        const uint64_t want = rewrite_elsewhere(b.path, round);
        assert_ok(ask_open(env, &answer));
        assert_true(answer == want);
    }
    assert_int_equal(stat(b.path, &after), 0);
    assert_true(after.st_size > before.st_size); /* beyond what it had at first */
    kv_close(env);
    box_close(&b);
}

/* That a page had its sum is no longer known when somebody wrote over it. */
static void what_another_process_wrote_is_looked_at(void **state)
{
    enum { ROUNDS = 12, PER_ROUND = 8 };
    struct box b;
    struct kv_env *env;
    uint64_t answer, seed = 5;
    unsigned told = 0, tried = 0;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    for (uint64_t round = 1; round < ROUNDS; round++) {
        struct buf was = BUF_INIT, is = BUF_INIT;
        uint64_t flipped[PER_ROUND];
        unsigned n = 0;
        assert_ok(ask_open(env, &answer)); /* all that is in use is seen */
        load(&was, b.path);
        const uint64_t want = rewrite_elsewhere(b.path, round);
        load(&is, b.path);
        const int fd = open(b.path, O_RDWR);
        for (int tries = 0; tries < 4000 && n < PER_ROUND; tries++) {
            const uint64_t page = 2 + support_random(&seed) % (was.len / PAGE - 2);
            if (memcmp(was.ptr + page * PAGE, is.ptr + page * PAGE, PAGE) != 0)
                flipped[n++] = page;
        }
        const unsigned at = n ? (unsigned)(support_random(&seed) % n) : 0;
        assert_true(n > 0);
        char byte = is.ptr[flipped[at] * PAGE + 3000];
        byte ^= 8;
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)(flipped[at] * PAGE + 3000)), 1);
        const int r = ask_open(env, &answer);
        if (r != SILLOK_ECORRUPT && (r != 0 || answer != want))
            fail_msg("page %llu: %d, another answer", (unsigned long long)flipped[at], r);
        told += r == SILLOK_ECORRUPT;
        tried++;
        byte ^= 8;
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)(flipped[at] * PAGE + 3000)), 1);
        close(fd);
        buf_release(&was);
        buf_release(&is);
        assert_ok(ask_open(env, &answer));
        assert_true(answer == want);
    }
    assert_true(told > tried / 2);
    kv_close(env);
    box_close(&b);
}

/* The header of a store that is open: LMDB reads it anew for each snapshot. (Where it
 * says that the file is larger than the map, LMDB refuses it before anybody looks.) */
static void a_header_that_changes_meanwhile(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    uint64_t numbers[2], answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    for (int i = 0; i < 2; i++)
        memcpy(&numbers[i], b.data.ptr + i * PAGE + TXN_AT, sizeof(numbers[i]));
    const size_t newest = numbers[1] > numbers[0] ? PAGE : 0;
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(ask_open(env, &answer));
    const int fd = open(b.path, O_RDWR);
    for (size_t at = newest + TABLES_AT; at < newest + TXN_AT - 8; at += 3) {
        const char was = b.data.ptr[at], is = (char)(was ^ 0x10);
        assert_int_equal(pwrite(fd, &is, 1, (off_t)at), 1);
        if (kv_read(env, &txn) != SILLOK_ECORRUPT)
            fail_msg("byte %zu of the header was not looked at: %s", at - newest,
                     sillok_error_message());
        assert_int_equal(pwrite(fd, &was, 1, (off_t)at), 1);
    }
    close(fd);
    assert_ok(ask_open(env, &answer));
    assert_true(answer == b.answer);
    kv_close(env);
    box_close(&b);
}

/* --- between two steps --- */

static void write_twice(void *arg)
{
    struct change *c = arg;
    (void)rewrite_elsewhere(c->box->path, 1);
    c->answer = rewrite_elsewhere(c->box->path, 2);
}

/* One commit, and the header before it is nobody's any more. */
static void write_once(void *arg)
{
    struct change *c = arg;
    struct buf now = BUF_INIT;
    c->answer = rewrite_elsewhere(c->box->path, 1);
    load(&now, c->box->path);
    now.ptr[PAGE - newest_head(&now) + TABLES_AT + 50] ^= 1;
    put_bytes(c->box->path, now.ptr, now.len);
    buf_release(&now);
}

/* The number of the last commit is another one each time. */
static void count_on(void *arg)
{
    const struct change *c = arg;
    struct buf now = BUF_INIT;
    uint64_t n;
    load(&now, c->box->path);
    char *const at = now.ptr + newest_head(&now) + TXN_AT;
    memcpy(&n, at, sizeof(n));
    n += 2;
    memcpy(at, &n, sizeof(n));
    put_bytes(c->box->path, now.ptr, now.len);
    buf_release(&now);
}

static void forget_heads(void *arg)
{
    const struct change *c = arg;
    struct buf sums = BUF_INIT;
    assert_ok(buf_add(&sums, c->box->sums.ptr, c->box->sums.len));
    memset(sums.ptr, 0, PAGE);
    put_bytes(c->box->seal, sums.ptr, sums.len);
    buf_release(&sums);
}

static void older_heads(void *arg)
{
    const struct change *c = arg;
    struct buf sums = BUF_INIT;
    uint64_t n;
    memcpy(&n, c->box->data.ptr + newest_head(&c->box->data) + TXN_AT, sizeof(n));
    assert_ok(buf_add(&sums, c->box->sums.ptr, c->box->sums.len));
    forge_head(&sums, n - 2, 1);
    forge_head(&sums, n - 3, 1);
    put_bytes(c->box->seal, sums.ptr, sums.len);
    buf_release(&sums);
}

/* A snapshot begins, and somebody writes before it is looked at. */
static void a_writer_is_faster(void **state)
{
    static const struct {
        const char *call; /* in which, and after it */
        unsigned times;
        void (*what)(void *arg);
        int code;
        enum { NEW, OLD, ERROR } answer;
        const char *said;
    } cases[] = {
        { "mdb_txn_begin", 1, write_twice, 0, NEW, "" },
        { "mdb_txn_begin", 1, write_once, 0, NEW, "" },
        /* the seal is read when the header has been */
        { "pread64", 1, write_twice, 0, OLD, "" },
        { "mdb_txn_begin", 200, count_on, SILLOK_EBUSY, ERROR,
          "is written to faster than it can be read" },
        { "mdb_txn_begin", 1, forget_heads, SILLOK_ECORRUPT, ERROR, "holds no seal" },
        { "mdb_txn_begin", 1, older_heads, SILLOK_ECORRUPT, ERROR, "its seal at " },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kv_env *env;
        struct change change = { .box = &b };
        const int before = strcmp(cases[i].call, "pread64") == 0;
        const struct script step = { .call = cases[i].call,
                                     .times = cases[i].times,
                                     .before = before ? cases[i].what : NULL,
                                     .after = before ? NULL : cases[i].what,
                                     .arg = &change };
        uint64_t answer = 0;
        box_put(&b, &b.data, b.data.len);
        assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
        script_set(&step, 1);
        const int r = ask_open(env, &answer);
        if (r == SILLOK_EBUSY)
            assert_int_equal(script_calls(0), 100); /* so often is it tried */
        script_clear();
        if (r != cases[i].code || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        if (cases[i].answer != ERROR)
            assert_true(answer == (cases[i].answer == NEW ? change.answer : b.answer));
        kv_close(env);
    }
    /* While it is opened: it looks through a map of its own then. */
    struct kv_env *env;
    struct change change = { .box = &b };
    const struct script step = {
        .call = "mdb_txn_begin", .nth = 2, .after = write_twice, .arg = &change
    };
    uint64_t answer = 0;
    box_put(&b, &b.data, b.data.len);
    script_set(&step, 1);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    script_clear();
    assert_ok(ask_open(env, &answer));
    assert_true(answer == change.answer);
    kv_close(env);
    box_close(&b);
}

/* The new header, before it is sealed. */
static void spoil_header(void *arg)
{
    const char *path = arg;
    struct buf now = BUF_INIT;
    load(&now, path);
    now.ptr[newest_head(&now) + HEAD] ^= 1;
    put_bytes(path, now.ptr, now.len);
    buf_release(&now);
}

static void a_header_that_is_lost_before_the_seal(void **state)
{
    struct box b;
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    uint64_t answer;
    (void)state;
    box_open(&b);
    struct script step = { .call = "mdb_txn_commit",
                           .after = spoil_header,
                           .arg = b.path };
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    put_rows(txn, T_PLAIN, 0, 5, 50);
    script_set(&step, 1);
    assert_int_equal(kv_commit(txn), SILLOK_ECORRUPT);
    script_clear();
    assert_non_null(strstr(sillok_error_message(), "its seal is not: "));
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    kv_close(env);

    char *other = support_path(b.folder, "new.mdb");
    struct kv_options o = for_writing;
    o.create = 1;
    step.arg = other;
    env = NULL;
    script_set(&step, 1);
    assert_int_equal(kv_open(&env, other, tables, N_TABLES, &o), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    free(other);

    /* While a short file is waited for. */
    const struct script wait = { .call = "nanosleep",
                                 .before = spoil_header,
                                 .arg = b.path };
    box_put(&b, &b.data, b.data.len - 9 * PAGE);
    script_set(&wait, 1);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the file was cut off"));
    box_close(&b);
}

static void read_meanwhile(void *arg)
{
    struct change *c = arg;
    assert_ok(ask_open(c->env, &c->answer));
}

/* A reader that begins when the seal is written, but the writer does not know it yet. */
static void a_reader_is_faster_than_the_writer(void **state)
{
    struct box b;
    struct kv_txn *txn;
    struct change change = { .box = &b };
    uint64_t answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&change.env, b.path, tables, N_TABLES, &for_writing));
    const struct script step = {
        .call = "fdatasync", .nth = 2, .after = read_meanwhile, .arg = &change
    };
    assert_ok(kv_write(change.env, &txn));
    put_rows(txn, T_PLAIN, 0, 5, 50);
    script_set(&step, 1);
    assert_ok(kv_commit(txn));
    assert_int_equal(script_calls(0), 2);
    script_clear();
    assert_true(change.answer != b.answer);
    assert_ok(ask_open(change.env, &answer));
    assert_true(answer == change.answer);
    kv_close(change.env);
    box_close(&b);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return write_for_another(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_wrong_is_looked_at_again),
        cmocka_unit_test(a_commit_that_is_sealed_meanwhile),
        cmocka_unit_test(an_unsealed_commit_that_is_damaged),
        cmocka_unit_test(bits_flipped_in_an_unsealed_commit),
        cmocka_unit_test(two_commits_behind),
        cmocka_unit_test(what_another_process_wrote_is_read),
        cmocka_unit_test(what_another_process_wrote_is_looked_at),
        cmocka_unit_test(a_header_that_changes_meanwhile),
        cmocka_unit_test(a_writer_is_faster),
        cmocka_unit_test(a_header_that_is_lost_before_the_seal),
        cmocka_unit_test(a_reader_is_faster_than_the_writer),
    };
    if (argc == 2) /* only those */
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
