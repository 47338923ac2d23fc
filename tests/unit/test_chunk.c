/*
 * Files as the reading threads find them: one that changes while it is read, what stands
 * where a file was, and what the stat cache may say of it. What another process does
 * meanwhile is done in the fstat() that stands there.
 */
#include "base/clock.h"
#include "faults/script.h"
#include "ingest/chunk.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* When the made-up files were written, and a run for which that is long ago. */
enum { WRITTEN_S = 1767600000 };
#define LATER_NS INT64_C(4000000000000000000)

static int fake_mark(struct sillok_store *s, uint8_t out[STORE_MARK_BYTES])
{
    (void)s;
    memset(out, 7, STORE_MARK_BYTES);
    return 1;
}

static void free_nothing(struct store_prepared *p)
{
    assert_null(p);
}

static const struct store_ops ops = { .mark = fake_mark, .prepared_free = free_nothing };

struct box {
    char *folder, *path; /* of the one file */
    struct sillok_store store;
    struct chunk_worker worker;
    struct chunk *chunk;
    struct job *job; /* the file's, once it was read */
    struct buf file; /* what support_crawl_file() wrote last */
    int distrusted;  /* the file system is one whose times say nothing */
    dev_t other_dev; /* what is added to the device of the folder */
};

static struct timespec moment(int64_t s, long ns)
{
    return (struct timespec){ .tv_sec = s, .tv_nsec = ns };
}

static void set_time(const char *path, struct timespec t)
{
    const struct timespec both[2] = { t, t };
    assert_int_equal(utimensat(AT_FDCWD, path, both, AT_SYMLINK_NOFOLLOW), 0);
}

static void write_article(struct box *b, const char *body)
{
    const struct support_file f = { "001", "7", "2026-01-05 10:00:00", "시장 소식", body,
                                    0,     NULL };
    buf_clear(&b->file);
    support_crawl_file(&b->file, &f);
    support_write(b->path, b->file.ptr, b->file.len);
    set_time(b->path, moment(WRITTEN_S, 0));
}

static int set_up(void **state)
{
    struct box *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    b->folder = support_folder();
    b->path = support_path(b->folder, "7.md");
    b->store = (struct sillok_store){ .ops = &ops, .path = b->folder };
    sillok_limits_default(&b->store.limits);
    b->worker = (struct chunk_worker){ .store = &b->store,
                                       .ops = &ops,
                                       .asks_cache = 1,
                                       .limit_bytes = b->store.limits.file_bytes };
    buf_init(&b->file, BUF_CEILING);
    buf_init(&b->worker.file, BUF_CEILING);
    buf_init(&b->worker.rendered, BUF_CEILING);
    assert_ok(
        reader_new(&b->worker.reader, sillok_profile_builtin("naver"), &b->store.limits));
    assert_ok(chunk_new(&b->chunk));
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct box *b = *state;
    script_clear();
    chunk_free(b->chunk, &ops);
    statcache_free(b->worker.cache);
    reader_free(b->worker.reader);
    buf_release(&b->worker.file);
    buf_release(&b->worker.rendered);
    pieces_release(&b->worker.texts);
    buf_release(&b->file);
    free(b->path);
    support_remove(b->folder);
    free(b);
    return 0;
}

static struct folder *open_folder(const struct box *b, const char *path)
{
    struct stat st;
    struct folder *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    atomic_store(&f->refs, 1);
    f->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(f->fd >= 0);
    assert_int_equal(fstat(f->fd, &st), 0);
    f->dev = st.st_dev + b->other_dev;
    f->trusted = !b->distrusted;
    return f;
}

/* Lay out a file as the feeder does; the steps of a script are then counted from the
 * first call that is made for it. */
static void lay_out(struct box *b, const char *folder, const char *name)
{
    chunk_clear(b->chunk, &ops);
    b->chunk->crawl = strdup("저녁");
    b->chunk->n = 1;
    b->job = &b->chunk->jobs[0];
    b->job->kind = ENTRY_FILE;
    b->job->state = JOB_TOLD;
    b->job->code = "";
    b->job->item = (struct store_item){ 0 };
    b->job->folder = open_folder(b, folder);
    assert_ok(buf_add(&b->job->path, name, strlen(name) + 1));
    b->job->path.len--;
    b->job->name = b->job->path.ptr;
}

static void read_file(struct box *b)
{
    lay_out(b, b->folder, "7.md");
    chunk_parse(b->chunk, &b->worker);
}

static void assert_body(const struct box *b, const char *body)
{
    assert_int_equal(b->job->state, JOB_READ);
    assert_true(text_is(b->job->reading.article.body, body));
}

static void assert_unreadable(const struct box *b, const char *code, const char *said)
{
    assert_int_equal(b->job->state, JOB_REFUSED);
    assert_string_equal(b->job->code, code);
    if (!strstr(job_message(b->job), said))
        fail_msg("'%s', not '%s'", job_message(b->job), said);
}

/* --- a file that changes while it is read --- */

static const char before[] = "시장에 새 가게가 열린다. It opens on Monday.";
static const char as_long[] = "시장의 새 가게가 닫힌다. It shuts on Monday.";
static const char longer[] = "시장에 새 가게가 열린다. It opens on Monday. 줄이 길다.";
static const char shorter[] = "시장에 새 가게가 열린다.";
_Static_assert(sizeof(before) == sizeof(as_long), "a size does not tell them apart");

struct change {
    struct box *box;
    const char *body;
    int64_t s;
    long ns;
};

static void write_over(void *arg)
{
    const struct change *c = arg;
    write_article(c->box, c->body);
    set_time(c->box->path, moment(c->s, c->ns));
}

/* Whatever shows that it changed, what is taken is what the file holds at the end. */
static const struct {
    const char *name, *body;
    int64_t s;
    long ns;
} changes[] = {
    { "it grows within its time", longer, WRITTEN_S, 0 },
    { "it shrinks within its time", shorter, WRITTEN_S, 0 },
    { "as long, seconds later", as_long, WRITTEN_S + 5, 0 },
    { "as long, a moment later", as_long, WRITTEN_S, 1 },
};
enum { N_CHANGES = sizeof(changes) / sizeof(changes[0]) };

/* fstat() is called twice for a read: between the two come the bytes. */
enum { STAT_FIRST = 1, STAT_LAST = 2, STAT_AGAIN = 4 };

static void a_file_that_changes_is_read_again(void **state)
{
    struct box *b = *state;
    for (int i = 0; i < N_CHANGES; i++)
        for (int early = 0; early < 2; early++) {
            struct change c = { b, changes[i].body, changes[i].s, changes[i].ns };
            struct script step = { .call = "fstat64", .arg = &c };
            if (early) { /* its size is known, its bytes are not */
                step.nth = STAT_FIRST;
                step.after = write_over;
            } else {
                step.nth = STAT_LAST;
                step.before = write_over;
            }
            write_article(b, before);
            lay_out(b, b->folder, "7.md");
            script_set(&step, 1);
            chunk_parse(b->chunk, &b->worker);
            if (b->job->state != JOB_READ ||
                !text_is(b->job->reading.article.body, changes[i].body))
                fail_msg("%s: state %d, '%.*s'", changes[i].name, b->job->state,
                         (int)b->job->reading.article.body.len,
                         b->job->reading.article.body.ptr);
            assert_int_equal(script_calls(0), STAT_AGAIN);
            assert_int_equal(b->job->reading.notes, 0);
            script_clear();
        }
}

static void write_on(void *arg)
{
    struct change *c = arg;
    write_over(c);
    c->s++;
}

/* It is not waited for, and nothing of it is taken: the next run meets it again. */
static void a_file_that_goes_on_changing_is_refused(void **state)
{
    struct box *b = *state;
    struct change c = { b, as_long, WRITTEN_S + 1, 0 };
    const struct script step = {
        .call = "fstat64", .nth = STAT_LAST, .times = 10, .before = write_on, .arg = &c
    };
    write_article(b, before);
    lay_out(b, b->folder, "7.md");
    script_set(&step, 1);
    chunk_parse(b->chunk, &b->worker);
    assert_unreadable(b, "changed_while_read", "changed while it was read");
    assert_int_equal(script_calls(0), STAT_AGAIN);
    assert_int_equal(b->job->bytes.len, 0);
}

static void a_file_that_is_left_alone_is_read_once(void **state)
{
    struct box *b = *state;
    const struct script step = { .call = "fstat64", .nth = 100 };
    write_article(b, before);
    lay_out(b, b->folder, "7.md");
    script_set(&step, 1);
    chunk_parse(b->chunk, &b->worker);
    assert_body(b, before);
    assert_int_equal(script_calls(0), STAT_LAST);
    assert_int_equal(b->job->file_bytes, b->file.len);
}

/* Files of the kernel have bytes and no size. */
static void a_file_that_has_more_than_its_size_is_refused(void **state)
{
    struct box *b = *state;
    if (access("/proc/version", R_OK) < 0)
        skip();
    lay_out(b, "/proc", "version");
    chunk_parse(b->chunk, &b->worker);
    assert_unreadable(b, "changed_while_read", "changed");
}

/* --- what stands in the place of a file --- */

/* Between its naming and its opening anything may have come there: another's file by a
 * link, a pipe that nobody writes to. */
static void only_files_are_read(void **state)
{
    struct box *b = *state;
    char *target = support_path(b->folder, "target.md");
    write_article(b, before);
    assert_int_equal(rename(b->path, target), 0);
    assert_int_equal(symlink(target, b->path), 0);
    read_file(b);
    assert_unreadable(b, "unreadable", strerror(ELOOP));
    assert_int_equal(unlink(b->path), 0);
    read_file(b);
    assert_unreadable(b, "unreadable", strerror(ENOENT));
    assert_int_equal(mkdir(b->path, 0700), 0);
    read_file(b);
    assert_unreadable(b, "unreadable", "not a regular file");
    assert_int_equal(rmdir(b->path), 0);
    assert_int_equal(mkfifo(b->path, 0600), 0);
    alarm(10); /* a read that waits for a writer would hang */
    read_file(b);
    alarm(0);
    assert_unreadable(b, "unreadable", "not a regular file");
    free(target);
}

/* Who follows a crawler is told of it like of one that is gone when its name comes. */
static void a_file_that_a_crawler_took_away_is_skipped(void **state)
{
    struct box *b = *state;
    write_article(b, before);
    lay_out(b, b->folder, "7.md");
    b->worker.follows = 1;
    assert_int_equal(unlink(b->path), 0);
    chunk_parse(b->chunk, &b->worker);
    assert_int_equal(b->job->state, JOB_TOLD);
    assert_int_equal(b->job->kind, ENTRY_SKIP);
    assert_string_equal(job_message(b->job), "gone before it was read");
}

static void the_limit_is_the_last_size_that_is_read(void **state)
{
    struct box *b = *state;
    write_article(b, before);
    b->worker.limit_bytes = b->file.len;
    read_file(b);
    assert_body(b, before);
    b->worker.limit_bytes--;
    read_file(b);
    assert_unreadable(b, "too_large", "limits.file_bytes");
    assert_int_equal(b->job->size_bytes, b->file.len);
}

/* Where no more files can be opened, none is to blame: it would be told as refused, and
 * its visit would be lost. */
static void a_machine_at_its_end_refuses_no_file(void **state)
{
    struct box *b = *state;
    struct rlimit usual, none;
    write_article(b, before);
    lay_out(b, b->folder, "7.md");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    chunk_parse(b->chunk, &b->worker);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(b->job->state, JOB_BROKEN);
    assert_int_equal(b->job->rc, SILLOK_EIO);
    assert_non_null(strstr(job_message(b->job), strerror(EMFILE)));
}

/* --- what the stat cache may say --- */

static void open_cache_of(struct box *b, int64_t began_ns)
{
    statcache_free(b->worker.cache);
    b->worker.cache = NULL;
    assert_ok(statcache_open(&b->worker.cache, &b->store, sillok_profile_builtin("naver"),
                             began_ns));
}

static void open_cache(struct box *b)
{
    open_cache_of(b, LATER_NS);
}

/* The file is read, committed and remembered; a later run has the cache. */
static void remember(struct box *b)
{
    open_cache(b);
    read_file(b);
    assert_body(b, before);
    assert_int_equal(b->job->can_be_known, 1);
    assert_ok(statcache_add(b->worker.cache, &b->job->known));
    assert_ok(statcache_save(b->worker.cache));
    open_cache(b);
}

static void a_known_file_is_not_opened(void **state)
{
    struct box *b = *state;
    const struct script step = { .call = "fstat64", .nth = 100 };
    write_article(b, before);
    remember(b);
    lay_out(b, b->folder, "7.md");
    script_set(&step, 1);
    chunk_parse(b->chunk, &b->worker);
    assert_int_equal(script_calls(0), 0);
    assert_int_equal(b->job->state, JOB_UNREAD);
    assert_int_equal(b->job->file_bytes, b->file.len);
    b->worker.asks_cache = 0; /* --no-cache */
    read_file(b);
    assert_body(b, before);
    assert_int_equal(b->job->can_be_known, 1);
}

/* Read @p body from the box's file, @p stats calls of fstat(). */
static void expect_read(struct box *b, const char *body, int stats)
{
    const struct script step = { .call = "fstat64", .nth = 100 };
    lay_out(b, b->folder, "7.md");
    script_set(&step, 1);
    chunk_parse(b->chunk, &b->worker);
    assert_body(b, body);
    assert_int_equal(script_calls(0), stats);
    script_clear();
}

/* One whose times lie before the run is asked when it has been read, and not before; where
 * they do not, it is read again between two questions, and so is the next one. */
static void a_settled_file_is_asked_once(void **state)
{
    struct box *b = *state;
    write_article(b, before);
    open_cache(b);
    b->worker.meets_settled = 1;
    expect_read(b, before, 1);
    assert_int_equal(b->job->can_be_known, 1);
    assert_int_equal(b->job->file_bytes, b->file.len);
    open_cache_of(b, clock_ns(CLOCK_REALTIME)); /* it was written a moment ago */
    expect_read(b, before, 1 + STAT_LAST);
    assert_int_equal(b->job->can_be_known, 0);
    expect_read(b, before, STAT_LAST);
    b->distrusted = 1;
    open_cache(b);
    b->worker.meets_settled = 1;
    expect_read(b, before, STAT_LAST);
}

/* What is written during the run is younger than it, whatever time it is given. */
static void a_settled_file_that_changes_is_read_again(void **state)
{
    struct box *b = *state;
    for (int i = 0; i < N_CHANGES; i++) {
        struct change c = { b, changes[i].body, changes[i].s, changes[i].ns };
        const struct script step = {
            .call = "fstat64", .nth = STAT_FIRST, .before = write_over, .arg = &c
        };
        write_article(b, before);
        open_cache_of(b, clock_ns(CLOCK_REALTIME));
        b->worker.meets_settled = 1;
        lay_out(b, b->folder, "7.md");
        script_set(&step, 1);
        chunk_parse(b->chunk, &b->worker);
        assert_body(b, changes[i].body);
        assert_int_equal(b->job->can_be_known, 0);
        script_clear();
    }
}

/* More than is read at once, or than may be read: that is looked at as ever. */
static void a_settled_file_may_be_long(void **state)
{
    enum { LONG = 120000 };
    struct box *b = *state;
    char *body = malloc(LONG + 1);
    assert_non_null(body);
    memset(body, 'a', LONG);
    body[LONG] = '\0';
    write_article(b, body);
    open_cache(b);
    b->worker.meets_settled = 1;
    expect_read(b, body, STAT_LAST); /* of the first try none is made */
    assert_int_equal(b->job->can_be_known, 1);
    expect_read(b, body, 1); /* there is room for it now */
    b->worker.limit_bytes = b->file.len - 1;
    read_file(b);
    assert_unreadable(b, "too_large", "too large");
    write_article(b, before);
    b->worker.limit_bytes = b->file.len - 1;
    b->worker.meets_settled = 1;
    read_file(b);
    assert_unreadable(b, "too_large", "too large");
    free(body);
}

/* Another text in its place, of its size and under its old time. */
static void another_print_is_read(void **state)
{
    struct box *b = *state;
    struct stat st;
    write_article(b, before);
    remember(b);
    assert_int_equal(stat(b->path, &st), 0);
    char *aside = support_path(b->folder, "aside");
    assert_int_equal(rename(b->path, aside), 0); /* so that it is another inode */
    write_article(b, as_long);
    assert_int_equal(st.st_size, b->file.len);
    read_file(b);
    assert_body(b, as_long);
    free(aside);
}

/* Of a folder's files only those on its own device are known by their times: what is
 * mounted over one may be of any kind. */
static void files_of_another_device_are_read_and_not_remembered(void **state)
{
    struct box *b = *state;
    write_article(b, before);
    remember(b);
    b->other_dev = 1;
    read_file(b);
    assert_body(b, before);
    assert_int_equal(b->job->can_be_known, 0);
    b->other_dev = 0;
    b->distrusted = 1;
    read_file(b);
    assert_body(b, before);
    assert_int_equal(b->job->can_be_known, 0);
}

/* What is counted of a file that is read is counted of one that is known. */
static void keys_that_are_not_understood_are_remembered(void **state)
{
    static const char more[] = "mood: calm\n";
    struct box *b = *state;
    for (int has = 0; has < 2; has++) {
        CLEANUP(buf_release) struct buf with = BUF_INIT;
        write_article(b, before);
        const char *at = memmem(b->file.ptr, b->file.len, "oid: ", 5);
        assert_non_null(at);
        const size_t n = (size_t)(at - b->file.ptr);
        assert_ok(buf_add(&with, b->file.ptr, n));
        assert_ok(buf_add_str(&with, has ? more : ""));
        assert_ok(buf_add(&with, at, b->file.len - n));
        support_write(b->path, with.ptr, with.len);
        set_time(b->path, moment(WRITTEN_S, has));
        remember(b);
        read_file(b);
        assert_int_equal(b->job->state, JOB_UNREAD);
        assert_int_equal(b->job->known.flags[0], has ? STATCACHE_UNKNOWN_KEYS : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(a_file_that_changes_is_read_again),
        T(a_file_that_goes_on_changing_is_refused),
        T(a_file_that_is_left_alone_is_read_once),
        T(a_file_that_has_more_than_its_size_is_refused),
        T(only_files_are_read),
        T(a_file_that_a_crawler_took_away_is_skipped),
        T(the_limit_is_the_last_size_that_is_read),
        T(a_machine_at_its_end_refuses_no_file),
        T(a_known_file_is_not_opened),
        T(a_settled_file_is_asked_once),
        T(a_settled_file_that_changes_is_read_again),
        T(a_settled_file_may_be_long),
        T(another_print_is_read),
        T(files_of_another_device_are_read_and_not_remembered),
        T(keys_that_are_not_understood_are_remembered),
    };
    return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
