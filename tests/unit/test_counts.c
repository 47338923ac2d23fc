/*
 * What an ingest counts, what it keeps of files that it refuses, and what is left of one
 * that is given up. Files of now are old here: the clock of the wall is ahead by an hour,
 * and the other one stands still, so that no batch is committed for want of patience.
 */
#include "article/hash.h"
#include "article/profile.h"
#include "ingest/chunk.h"
#include "store/lmdb.h"
#include "support.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The linker takes shared libraries that call one to refer to it; they never come here.
 */
#pragma GCC visibility push(default)

enum { AHEAD_S = 3600 };
int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    const int r = __real_clock_gettime(clock, t);
    if (clock == CLOCK_REALTIME)
        t->tv_sec += AHEAD_S;
    else if (clock == CLOCK_MONOTONIC)
        *t = (struct timespec){ .tv_sec = 1 };
    return r;
}

/* Nobody can make two texts of one hash, so a hasher says it of all that begin so. */
static int has_twins;

/* On any thread. */
static void one_hash_for_twins(struct sillok_text t, struct sillok_id *out)
{
    const struct sillok_text of = text_starts(t, "쌍둥이") ? text_of("쌍둥이") : t;
    (void)SHA256((const uint8_t *)of.ptr, of.len, out->bytes);
}

int __real_hasher_new(struct hasher **out);
int __wrap_hasher_new(struct hasher **out);
int __wrap_hasher_new(struct hasher **out)
{
    const int r = __real_hasher_new(out);
    if (r == 0 && has_twins)
        hasher_stub(*out, one_hash_for_twins);
    return r;
}

#pragma GCC visibility pop

/* --- made-up crawls --- */

static char *make_folder(const struct support_fixture *f, const char *name)
{
    char *path = support_path(f->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static size_t write_to(const char *folder, const char *name, const struct buf *bytes)
{
    char *path = support_path(folder, name);
    support_write(path, bytes->ptr, bytes->len);
    free(path);
    return bytes->len;
}

/* What stands in the front matter besides, or NULL. */
static size_t write_file(const char *folder, const char *name,
                         const struct support_file *file, const char *more)
{
    CLEANUP(buf_release) struct buf plain_file = BUF_INIT, out = BUF_INIT;
    support_crawl_file(&plain_file, file);
    const char *at = memmem(plain_file.ptr, plain_file.len, "oid: ", 5);
    assert_non_null(at);
    const size_t n = (size_t)(at - plain_file.ptr);
    assert_ok(buf_add(&out, plain_file.ptr, n));
    assert_ok(buf_add_str(&out, more ? more : ""));
    assert_ok(buf_add(&out, at, plain_file.len - n));
    return write_to(folder, name, &out);
}

static size_t write_article(const char *folder, const char *aid, const char *at,
                            const char *title, const char *body)
{
    char name[40];
    snprintf(name, sizeof(name), "001_%s.md", aid);
    const struct support_file file = { "001", aid, at, title, body, 0, NULL };
    return write_file(folder, name, &file, NULL);
}

static size_t write_text(const char *folder, const char *name, const char *text)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    assert_ok(buf_add_str(&bytes, text));
    return write_to(folder, name, &bytes);
}

/* --- what was told --- */

enum { CRAWLS_MAX = 4 };
struct told {
    struct sillok_ingest_counts crawls[CRAWLS_MAX], all;
    int n_crawls;
};

static struct told take(const struct support_fixture *f,
                        const struct sillok_ingest_options *options,
                        const char *const *paths, size_t n)
{
    struct told told = { .n_crawls = 0 };
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    int r;
    assert_ok(sillok_ingest_new(&in, f->store, options));
    for (size_t i = 0; i < n; i++)
        assert_ok(sillok_ingest_add(in, paths[i]));
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_DONE) {
            told.all = e.counts;
        } else if (e.kind == SILLOK_INGEST_CRAWL_DONE) {
            assert_in_range(told.n_crawls, 0, CRAWLS_MAX - 1);
            told.crawls[told.n_crawls++] = e.counts;
        }
    assert_ok(r);
    sillok_ingest_free(in);
    return told;
}

static uint64_t store_bytes(const struct support_fixture *f)
{
    struct sillok_stats s;
    assert_ok(f->store->ops->stats(f->store, &s));
    return s.store_bytes;
}

static uint64_t articles(const struct support_fixture *f)
{
    struct sillok_stats s;
    assert_ok(f->store->ops->stats(f->store, &s));
    return s.articles;
}

#define FIGURES(X)                                                                       \
    X(files)                                                                             \
    X(observations)                                                                      \
    X(already)                                                                           \
    X(new_articles)                                                                      \
    X(changed)                                                                           \
    X(unchanged)                                                                         \
    X(new_bodies)                                                                        \
    X(known_bodies)                                                                      \
    X(refused)                                                                           \
    X(hash_mismatch)                                                                     \
    X(conflicts)                                                                         \
    X(skipped)                                                                           \
    X(unknown_keys)                                                                      \
    X(bytes_read)                                                                        \
    X(unread)

static void assert_counts(const char *which, const struct sillok_ingest_counts *got,
                          const struct sillok_ingest_counts *want)
{
#define COMPARE(name)                                                                    \
    if (got->name != want->name)                                                         \
        fail_msg("%s: %s is %llu, not %llu", which, #name,                               \
                 (unsigned long long)got->name, (unsigned long long)want->name);
    FIGURES(COMPARE)
#undef COMPARE
}

static struct sillok_ingest_counts sum(const struct sillok_ingest_counts *a,
                                       const struct sillok_ingest_counts *b)
{
    struct sillok_ingest_counts out = { 0 };
#define ADD(name) out.name = a->name + b->name;
    FIGURES(ADD)
#undef ADD
    return out;
}

/* --- counting --- */

/* Monday brings two articles, one of them twice at one time, one with a wrong hash, one
 * with a key that nobody knows; Tuesday one of them changed and one as it was. */
static void make_crawls(const char *mon, const char *tue, uint64_t bytes[2])
{
    static const char at[] = "2026-01-05 03:00:00", later[] = "2026-01-06 03:00:00";
    static const struct support_file
        conflict = { "001", "1", at, "도서관", "다른 글이 같은 때에 왔다.", 0, NULL },
        odd = { "001", "3", at, "다리", "The bridge will close in March.", 0, NULL },
        wrong = { "001",
                  "4",
                  at,
                  "야시장",
                  "주말마다 야시장이 열린다.",
                  0,
                  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" };
    bytes[0] = write_article(mon, "1", at, "도서관", "도서관이 문을 열었다.");
    bytes[0] += write_article(mon, "2", at, "폭풍", "도서관이 문을 열었다.");
    bytes[0] += write_file(mon, "conflict.md", &conflict, NULL);
    bytes[0] += write_file(mon, "odd.md", &odd, "mood: calm\n");
    bytes[0] += write_file(mon, "wrong.md", &wrong, NULL);
    bytes[0] += write_text(mon, "broken.md", "---\nnothing\n");
    (void)write_text(mon, "picture.png", "no text");
    bytes[1] = write_article(tue, "1", later, "도서관", "도서관이 문을 닫았다.");
    bytes[1] += write_article(tue, "2", later, "폭풍", "도서관이 문을 열었다.");
}

static void figures_are_those_of_the_files(void **state)
{
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon"), *tue = make_folder(f, "tue");
    const char *const paths[] = { mon, tue };
    uint64_t bytes[2];
    make_crawls(mon, tue, bytes);
    struct sillok_ingest_counts want[2] = {
        { .files = 6,
          .observations = 5,
          .new_articles = 4,
          .changed = 1,
          .new_bodies = 4,
          .known_bodies = 1,
          .refused = 1,
          .hash_mismatch = 1,
          .conflicts = 1,
          .skipped = 1,
          .unknown_keys = 1,
          .bytes_read = bytes[0] },
        { .files = 2,
          .observations = 2,
          .changed = 1,
          .unchanged = 1,
          .new_bodies = 1,
          .known_bodies = 1,
          .bytes_read = bytes[1] },
    };
    const struct sillok_ingest_counts both = sum(&want[0], &want[1]);
    struct told told = take(f, NULL, paths, 2);
    assert_int_equal(told.n_crawls, 2);
    assert_counts("mon", &told.crawls[0], &want[0]);
    assert_counts("tue", &told.crawls[1], &want[1]);
    assert_counts("all", &told.all, &both);

    /* Again: what is in is known by its times, and counted as if it were read. */
    want[0] = (struct sillok_ingest_counts){ .files = 6,
                                             .already = 5,
                                             .refused = 1,
                                             .skipped = 1,
                                             .unknown_keys = 1,
                                             .bytes_read = bytes[0],
                                             .unread = 5 };
    want[1] = (struct sillok_ingest_counts){
        .files = 2, .already = 2, .bytes_read = bytes[1], .unread = 2
    };
    const struct sillok_ingest_counts again = sum(&want[0], &want[1]);
    told = take(f, NULL, paths, 2);
    assert_counts("mon again", &told.crawls[0], &want[0]);
    assert_counts("tue again", &told.crawls[1], &want[1]);
    assert_counts("all again", &told.all, &again);
    free(mon);
    free(tue);
}

/* What is told to be stored is what the store grew by, and not all that it has; what is
 * found out behind the last batch (kinds of change) may add a page to it. */
static void what_is_stored_is_what_it_grew_by(void **state)
{
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon"), *tue = make_folder(f, "tue");
    const char *const paths[] = { mon, tue };
    uint64_t bytes[2];
    make_crawls(mon, tue, bytes);
    for (int i = 0; i < 2; i++) {
        const uint64_t before = store_bytes(f);
        const struct told told = take(f, NULL, paths + i, 1);
        assert_true(before > 0);
        assert_int_equal(told.all.bytes_stored, store_bytes(f) - before);
        assert_int_equal(told.crawls[0].bytes_stored, told.all.bytes_stored);
    }
    free(mon);
    free(tue);
}

/* --- what is kept of a refused file --- */

/* Of the file @p name: its code, its size, and the bytes where they are kept. */
static void assert_refusal(const struct support_fixture *f, const char *name,
                           const char *code, uint64_t size, const char *original)
{
    struct sillok_refused *it;
    struct sillok_refusal r;
    int found = 0, rc;
    assert_ok(sillok_refused_open(&it, f->store));
    while ((rc = sillok_refused_next(it, &r)) > 0) {
        char *data = NULL;
        size_t len = 0;
        if (!text_is(r.name, name))
            continue;
        found++;
        assert_string_equal(r.code, code);
        if (r.size_bytes != size)
            fail_msg("%s: %llu bytes, not %llu", name, (unsigned long long)r.size_bytes,
                     (unsigned long long)size);
        assert_int_equal(r.has_bytes, original != NULL);
        if (!original)
            continue;
        assert_ok(sillok_refused_get(f->store, r.key, &data, &len));
        if (!text_is(text_make(data, len), original))
            fail_msg("%s: '%.*s'", name, (int)len, data);
        sillok_free(data);
    }
    assert_ok(rc);
    assert_int_equal(found, 1);
    sillok_refused_close(it);
}

static char *bytes_of(const char *folder, const char *name, size_t len)
{
    char *path = support_path(folder, name), *bytes = calloc(len + 1, 1);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fread(bytes, 1, len, in), len);
    (void)fclose(in);
    free(path);
    return bytes;
}

/* Refused by the store, behind the reading: what was let go of is written again, and what
 * the template does not give back is there as it came, once. */
static void refused_contents_are_kept_as_they_came(void **state)
{
    static const char at[] = "2026-01-05 03:00:00";
    struct support_fixture *f = *state;
    char *many = make_folder(f, "many"), *last = make_folder(f, "last");
    const struct support_file exact = { "001",         "1", at,  "제목 한 번 더",
                                        "글 하나 더.", 0,   NULL },
                              known = { "001", "1", at, "제목 또", "글 3.", 0, NULL };
    const char *const paths[] = { many, last };
    for (int i = 0; i < TIE_MAX; i++)
        assert_ok(buf_printf(&f->lines,
                             "{\"oid\":\"001\",\"aid\":\"1\",\"crawled_at\":\"%s\","
                             "\"title\":\"제목\",\"body\":\"글 %d.\"}\n",
                             at, i));
    (void)write_to(f->folder, "줄.ndjson", &f->lines);
    char *lines = support_path(f->folder, "줄.ndjson");
    const char *const first[] = { lines };
    assert_int_equal(take(f, NULL, first, 1).all.observations, TIE_MAX);
    const size_t sizes[3] = { write_file(last, "같은.md", &exact, NULL),
                              write_file(last, "다른.md", &exact, "mood: calm\n"),
                              write_file(last, "아는.md", &known, NULL) };
    static const char *const names[3] = { "같은.md", "다른.md", "아는.md" };
    const struct told told = take(f, NULL, paths, 2);
    assert_int_equal(told.all.refused, 3);
    assert_int_equal(told.all.observations, 0);
    for (int i = 0; i < 3; i++) {
        char *bytes = bytes_of(last, names[i], sizes[i]);
        assert_refusal(f, names[i], "too_many_contents", sizes[i], bytes);
        free(bytes);
    }
    free(lines);
    free(many);
    free(last);
}

static void unreadable_files_are_kept_by_name(void **state)
{
    static const char broken[] = "---\n깨진 파일\n";
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon");
    const char *const paths[] = { mon, "/proc/version" };
    const size_t size = write_text(mon, "broken.md", broken);
    const int has_proc = access(paths[1], R_OK) == 0; /* bytes, and no size */
    const struct told told = take(f, NULL, paths, has_proc ? 2 : 1);
    assert_int_equal(told.all.refused, has_proc ? 2 : 1);
    assert_refusal(f, "broken.md", "unclosed_front_matter", size, broken);
    if (has_proc)
        assert_refusal(f, "version", "changed_while_read", 0, NULL);
    free(mon);
}

/* A text whose hash another has is refused with its file, and the others come in, also
 * those that are put at once with it. */
static void a_text_of_anothers_hash_is_refused_alone(void **state)
{
    static const char line[] =
        "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":"
        "\"2026-01-05 03:00:00\",\"title\":\"제목\",\"body\":\"%s\"}\n";
    static const char *const bodies[] = { "쌍둥이 첫째.", "쌍둥이 둘째다.", "남이다." };
    struct support_fixture *f = *state;
    has_twins = 1;
    size_t before = 0;
    for (int i = 0; i < 3; i++) {
        before = i == 1 ? f->lines.len : before;
        assert_ok(buf_printf(&f->lines, line, i + 1, bodies[i]));
    }
    (void)write_to(f->folder, "줄.ndjson", &f->lines);
    char *path = support_path(f->folder, "줄.ndjson");
    const char *const paths[] = { path };
    const struct told told = take(f, NULL, paths, 1);
    has_twins = 0;
    assert_int_equal(told.all.refused, 1);
    assert_int_equal(told.all.observations, 2);
    CLEANUP(buf_release) struct buf want = BUF_INIT;
    assert_ok(buf_printf(&want, line, 2, bodies[1]));
    assert_ok(buf_add_char(&want, '\0'));
    assert_refusal(f, "줄.ndjson:2", "hash_collision", want.len - 1, want.ptr);
    free(path);
}

/* --- what is known afterwards --- */

static void a_dry_run_makes_nothing_known(void **state)
{
    const struct sillok_ingest_options dry = { .dry_run = 1 };
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon"), *tue = make_folder(f, "tue");
    const char *const paths[] = { mon, tue };
    uint64_t bytes[2];
    make_crawls(mon, tue, bytes);
    (void)take(f, NULL, paths + 1, 1);
    assert_int_equal(take(f, &dry, paths, 1).all.observations, 5);
    const struct told told = take(f, NULL, paths, 2);
    assert_int_equal(told.crawls[0].unread, 0);
    assert_int_equal(told.crawls[0].observations, 5);
    assert_int_equal(told.crawls[1].unread, 2);
    free(mon);
    free(tue);
}

/* A file that does not say whose it is belongs to whom the profile says: under another
 * one it is another article, and not one that is known. */
static void another_publisher_makes_nothing_known(void **state)
{
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon"), *path = support_path(mon, "1.md");
    const char *const paths[] = { mon };
    char oids[2][4] = { "001", "002" };
    const struct support_file file = { "001", "1", "2026-01-05 03:00:00", "제목", "글.",
                                       0,     NULL };
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    support_crawl_file(&bytes, &file);
    char *at = memmem(bytes.ptr, bytes.len, "\noid: 001", 9);
    assert_non_null(at);
    memmove(at, at + 9, bytes.len - (size_t)(at - bytes.ptr) - 9);
    support_write(path, bytes.ptr, bytes.len - 9);
    for (int i = 0; i < 4; i++) {
        struct sillok_profile profile = *sillok_profile_builtin("naver");
        const struct sillok_ingest_options options = { .profile = &profile };
        profile.oid = oids[i % 2];
        const struct told told = take(f, &options, paths, 1);
        assert_int_equal(told.all.new_articles, i < 2);
        assert_int_equal(told.all.unread, i >= 2);
    }
    free(path);
    free(mon);
}

/* A line of a stream has no file to be known by, least of all the one that had its place
 * in memory before. So many crawls that each place is used again. */
static void a_refused_file_is_told_each_time(void **state)
{
    enum { N = 24 };
    struct support_fixture *f = *state;
    char *mon = make_folder(f, "mon"), *paths[N + 1] = { mon };
    (void)write_text(mon, "broken.md", "---\n깨진 파일\n");
    for (int i = 1; i <= N; i++) {
        char name[32], line[200];
        snprintf(name, sizeof(name), "%d.ndjson", i);
        snprintf(line, sizeof(line),
                 "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":\"2026-01-05 03:00:00\","
                 "\"title\":\"제목\",\"body\":\"글 %d.\"}\n",
                 i, i);
        (void)write_text(f->folder, name, line);
        paths[i] = support_path(f->folder, name);
    }
    struct sillok_ingest_counts c =
        support_ingest(f->store, NULL, (const char *const *)paths, N + 1);
    assert_int_equal(c.observations, N);
    assert_int_equal(c.refused, 1);
    c = support_ingest(f->store, NULL, (const char *const *)paths, 1);
    assert_int_equal(c.refused, 1);
    assert_int_equal(c.already, 0);
    for (int i = 0; i <= N; i++)
        free(paths[i]);
}

/* --- what is left of an ingest that is given up --- */

/* More folders than are laid out at once, so that something is written before the last of
 * them is read. */
static char *make_tree(const struct support_fixture *f, const char *name)
{
    enum { FOLDERS = 6 * CHUNK_FOLDERS };
    char *tree = make_folder(f, name);
    for (int i = 0; i < FOLDERS; i++) {
        char number[24], aid[24];
        snprintf(number, sizeof(number), "%s/%02d", name, i);
        snprintf(aid, sizeof(aid), "%s-%02d", name, i);
        char *below = make_folder(f, number);
        (void)write_article(below, aid, "2026-01-05 03:00:00", "제목", "짧은 글.");
        free(below);
    }
    return tree;
}

/* Up to the first that is told, a path that is no file; nothing is committed then, and
 * some of the tree before it is written. */
static struct sillok_ingest *begin(const struct support_fixture *f,
                                   const struct sillok_ingest_options *options,
                                   const char *const *paths, size_t n)
{
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    assert_ok(sillok_ingest_new(&in, f->store, options));
    for (size_t i = 0; i < n; i++)
        assert_ok(sillok_ingest_add(in, paths[i]));
    assert_int_equal(sillok_ingest_next(in, &e), 1);
    assert_int_equal(e.kind, SILLOK_INGEST_SOURCE_FAILED);
    assert_true(articles(f) > 0); /* of the open batch */
    return in;
}

static void an_open_batch_is_rolled_back(void **state)
{
    const struct sillok_ingest_options options = { .bulk = 1 }; /* no learning */
    struct support_fixture *f = *state;
    char *tree = make_tree(f, "tree"), *mon = make_folder(f, "mon");
    const char *const paths[] = { tree, "/dev/null" }, *const others[] = { mon };
    (void)write_article(mon, "1", "2026-01-05 03:00:00", "제목", "하나뿐인 글.");
    sillok_ingest_free(begin(f, &options, paths, 2));
    assert_int_equal(articles(f), 0);
    assert_int_equal(take(f, &options, others, 1).all.new_articles, 1);
    assert_int_equal(articles(f), 1); /* and not what was given up */
    assert_int_equal(support_verify(f->store), 0);
    free(tree);
    free(mon);
}

/* Whoever asks the store before the ingest is freed sees what is in. */
static void so_is_that_of_an_ingest_that_failed(void **state)
{
    volatile int stop = 0;
    const struct sillok_ingest_options options = { .bulk = 1,
                                                   .crawl = "한날",
                                                   .stop = &stop };
    struct support_fixture *f = *state;
    struct sillok_ingest_event e;
    int ends[2], r;
    char *tree = make_tree(f, "tree");
    const char *const paths[] = { tree, "/dev/null", "-" };
    const int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0); /* it brings nothing */
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    struct sillok_ingest *in;
    assert_ok(sillok_ingest_new(&in, f->store, &options));
    for (size_t i = 0; i < 3; i++)
        assert_ok(sillok_ingest_add(in, paths[i]));
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    while ((r = sillok_ingest_next(in, &e)) > 0)
        assert_int_not_equal(e.kind, SILLOK_INGEST_PROGRESS);
    assert_int_equal(r, SILLOK_ESTOPPED);
    assert_int_equal(articles(f), 0);
    sillok_ingest_free(in);
    assert_int_equal(articles(f), 0);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
    free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(figures_are_those_of_the_files),
        T(what_is_stored_is_what_it_grew_by),
        T(refused_contents_are_kept_as_they_came),
        T(unreadable_files_are_kept_by_name),
        T(a_text_of_anothers_hash_is_refused_alone),
        T(a_dry_run_makes_nothing_known),
        T(another_publisher_makes_nothing_known),
        T(a_refused_file_is_told_each_time),
        T(an_open_batch_is_rolled_back),
        T(so_is_that_of_an_ingest_that_failed),
    };
    return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
