/*
 * Files come back under their names: which files, in which order, what two of one name
 * are called, where a name goes that no file can have, and what stands in the way.
 */
#include "article/hash.h"
#include "base/file.h"
#include "store/lmdb.h"

#include "support.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct hasher *hasher;

struct fixture {
    char *folder, *to;
    struct sillok_store *store;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = support_folder();
    f->to = support_path(f->folder, "to");
    f->store = support_store(f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    sillok_store_close(f->store);
    support_remove(f->folder);
    free(f->to);
    free(f);
    return 0;
}

/* A file of the template under any name, as an archive may bring it. */
static void add(struct fixture *f, const char *oid, const char *aid, int64_t at,
                const char *body, struct sillok_text path)
{
    struct sillok_article a = { .oid = text_of(oid), .aid = text_of(aid) };
    struct store_item item = { .article = &a, .path = path, .exact = 1, .file_bytes = 9 };
    struct store_item *items = &item;
    a.crawled_at_s = at;
    a.fields[SILLOK_TITLE] = text_of("제목");
    a.body = text_of(body);
    assert_ok(hasher_of(hasher, a.body, &a.content_hash));
    assert_ok(meta_digest_of(&item.digest, hasher, &a));
    assert_ok(f->store->ops->body_put(f->store, &items, 1));
    assert_ok(f->store->ops->obs_append(f->store, &items, 1));
    f->store->ops->prepared_free(item.prepared);
}

static void put(struct fixture *f, const char *crawl, const char *oid, const char *aid,
                int64_t at, const char *body, struct sillok_text path)
{
    assert_ok(f->store->ops->begin(f->store, crawl));
    add(f, oid, aid, at, body, path);
    assert_ok(f->store->ops->commit(f->store));
}

/* "crawl:name ..." of what is exported, with ! where the name is unsafe. */
static void names(struct buf *out, struct fixture *f,
                  const struct sillok_export_options *o)
{
    struct sillok_export *it;
    struct sillok_export_file file;
    int r;
    buf_clear(out);
    assert_ok(sillok_export_open(&it, f->store, o));
    while ((r = sillok_export_next(it, &file)) > 0) {
        assert_ok(buf_printf(out, "%s%s:%.*s%s", out->len ? " " : "", file.crawl,
                             (int)file.name.len, file.name.ptr, file.unsafe ? "!" : ""));
        assert_int_equal(file.hash_mismatch, 0);
        assert_true(file.data.len > 0);
    }
    assert_ok(r);
    assert_int_equal(sillok_export_next(it, &file), 0);
    assert_ok(buf_add_char(out, '\0'));
    sillok_export_close(it);
}

static void assert_names(struct fixture *f, const struct sillok_export_options *o,
                         const char *want)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    names(&got, f, o);
    assert_string_equal(got.ptr, want);
}

/* --- which, and in which order --- */

static void put_some(struct fixture *f)
{
    put(f, "tue", "001", "1", 200, "하나", text_of("001_1.md"));
    put(f, "mon", "002", "2", 100, "둘", text_of("b/002_2.md"));
    put(f, "mon", "001", "1", 110, "셋", text_of("001_1.md"));
    put(f, "mon", "001", "10", 120, "넷", text_of("a/001_10.md"));
    put(f, "mon", "0010", "1", 130, "다섯", text_of("0010_1.md"));
    put(f, "tue", "001", "1", 150, "여섯", text_of("early/001_1.md"));
    put(f, "same", "003", "1", 100, "일곱", text_of("003_1.md"));
}

static void what_is_chosen_comes_in_order(void **state)
{
    static const struct {
        struct sillok_export_options o;
        const char *want;
    } cases[] = {
        { { 0 },
          "mon:001_1.md mon:a/001_10.md mon:0010_1.md mon:b/002_2.md same:003_1.md "
          "tue:early/001_1.md tue:001_1.md" },
        { { .crawl = "tue" }, "tue:early/001_1.md tue:001_1.md" },
        { { .oid = "001" },
          "mon:001_1.md mon:a/001_10.md tue:early/001_1.md tue:001_1.md" },
        { { .oid = "0010" }, "mon:0010_1.md" },
        { { .oid = "003" }, "same:003_1.md" },
        { { .oid = "00" }, "" },
        { { .oid = "004" }, "" },
        { { .oid = "001", .aid = "1" }, "mon:001_1.md tue:early/001_1.md tue:001_1.md" },
        { { .oid = "001", .aid = "10" }, "mon:a/001_10.md" },
        { { .oid = "001", .aid = "1", .crawl = "mon" }, "mon:001_1.md" },
        { { .oid = "002", .crawl = "tue" }, "" },
    };
    struct fixture *f = *state;
    struct sillok_export *it = NULL;
    put_some(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_names(f, &cases[i].o, cases[i].want);
    assert_names(f, NULL, cases[0].want);
    const struct sillok_export_options no_crawl = { .crawl = "wed" },
                                       no_article = { .oid = "001", .aid = "2" },
                                       no_publisher = { .aid = "1" };
    assert_int_equal(sillok_export_open(&it, f->store, &no_crawl), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "no crawl 'wed'"));
    assert_int_equal(sillok_export_open(&it, f->store, &no_article), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "001/2"));
    assert_int_equal(sillok_export_open(&it, f->store, &no_publisher), SILLOK_EINVALID);
    assert_null(it);
}

/* One content at one moment under several names: which came in first does not show. */
static void files_of_one_moment_have_their_order(void **state)
{
    static const char *const paths[] = { "c/9.md", "a/9.md", "b/9.md", "001_9.md" };
    struct fixture *f = *state;
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 4; i++)
            put(f, "c", "001", "9", 100, "하나", text_of(paths[turn ? 3 - i : i]));
        put(f, "d", "001", "9", 100, "하나", text_of("0/x.md"));
        assert_names(f, NULL, "c:001_9.md c:a/9.md c:b/9.md c:c/9.md d:0/x.md");
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
        f = *state;
    }
}

static const struct store_ops *real;
static int n_asked;

static int obs_scan(struct sillok_store *s, uint64_t article, struct buf *out)
{
    n_asked++;
    return real->obs_scan(s, article, out);
}

/* Of each crawl its own articles are asked for their visits, whatever else there is. */
static void who_is_not_in_a_crawl_is_not_asked(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    real = f->store->ops;
    struct store_ops counting = *real;
    counting.obs_scan = obs_scan;
    f->store->ops = &counting;
    const struct sillok_export_options same = { .crawl = "same" };
    n_asked = 0;
    assert_names(f, &same, "same:003_1.md");
    assert_int_equal(n_asked, 1);
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    n_asked = 0;
    names(&all, f, NULL);
    assert_int_equal(n_asked, 4 + 1 + 1);
    f->store->ops = real;
}

/* The article is that of the visit, not of its newest. */
static void each_file_has_its_article(void **state)
{
    struct fixture *f = *state;
    const struct sillok_export_options o = { .oid = "001", .aid = "1" };
    static const struct {
        int64_t at;
        const char *body;
    } want[] = { { 110, "셋" }, { 150, "여섯" }, { 200, "하나" } };
    struct sillok_export *it;
    struct sillok_export_file file;
    put_some(f);
    assert_ok(sillok_export_open(&it, f->store, &o));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sillok_export_next(it, &file), 1);
        assert_int_equal(file.article.crawled_at_s, want[i].at);
        assert_true(text_is(file.article.body, want[i].body));
        assert_non_null(
            memmem(file.data.ptr, file.data.len, want[i].body, strlen(want[i].body)));
    }
    assert_int_equal(sillok_export_next(it, &file), 0);
    sillok_export_close(it);
}

/* --- names --- */

static void names_that_would_leave_the_folder(void **state)
{
    static const struct {
        struct sillok_text path;
        const char *want;
    } cases[] = {
#define P(text) { text, sizeof(text) - 1 }
        { P("a.md"), "c:a.md" },
        { P("a/..b/c..md"), "c:a/..b/c..md" },
        { P("...md"), "c:...md" },
        { P("/a.md"), "c:/a.md!" },
        { P(".."), "c:..!" },
        { P("../a.md"), "c:../a.md!" },
        { P("a/../../b.md"), "c:a/../../b.md!" },
        { P("a/.."), "c:a/..!" },
        { P("./a.md"), "c:./a.md!" },
        { P("a/."), "c:a/.!" },
        { P("a//b.md"), "c:a//b.md!" },
        { P("a/"), "c:a/!" },
        { P(""), "c:!" },
        { P("a\0b.md"), "c:a!" },
        { P("a\0/b.md"), "c:a!" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *f = *state;
        uint64_t n = 0;
        put(f, "c", "001", "1", 100, "글", cases[i].path);
        assert_names(f, NULL, cases[i].want);
        assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
        assert_int_equal(n, 1);
        char *aside = support_path(f->to, "c/_unsafe");
        assert_int_equal(access(aside, F_OK) == 0, strchr(cases[i].want, '!') != NULL);
        free(aside);
        tear_down(state); /* a store for each */
        assert_int_equal(set_up(state), 0);
    }
}

static void two_of_one_name(void **state)
{
    struct fixture *f = *state;
    put(f, "c", "001", "1", 100, "하나", text_of("x.md"));
    put(f, "c", "001", "1", 200, "둘", text_of("x.md"));
    put(f, "c", "001", "2", 100, "셋", text_of("x~2.md"));
    put(f, "c", "001", "3", 100, "넷", text_of("x.md"));
    put(f, "c", "001", "4", 100, "다섯", text_of("a.b/x"));
    put(f, "c", "001", "5", 100, "여섯", text_of("a.b/x"));
    put(f, "c", "001", "6", 100, "일곱", text_of("a/x.md")); /* another folder's */
    put(f, "d", "001", "7", 300, "여덟", text_of("x.md"));   /* another crawl's */
    assert_names(f, NULL,
                 "c:x.md c:x~2.md c:x~2~2.md c:x~3.md c:a.b/x c:a.b/x~2 c:a/x.md d:x.md");
    /* Of a name that begins with its article's own, too. */
    put(f, "e", "001", "8", 400, "아홉", text_of("001_8_x.md"));
    put(f, "e", "001", "8", 500, "열", text_of("001_8_x.md"));
    put(f, "e", "001", "8", 500, "열하나", text_of("001_80.md"));
    put(f, "e", "001", "80", 500, "열둘", text_of("001_80.md"));
    put(f, "e", "001", "80", 600, "열둘", text_of("b/001_80.md"));
    const struct sillok_export_options o = { .crawl = "e" };
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    names(&got, f, &o);
    for (const char *want = "e:001_8_x.md\0e:001_8_x~2.md\0e:001_80.md\0e:001_80~2.md\0"
                            "e:b/001_80.md\0";
         *want; want += strlen(want) + 1)
        if (!strstr(got.ptr, want))
            fail_msg("%s is not among %s", want, got.ptr);
    uint64_t n;
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 13); /* none over another */
}

/* A file that has the name of another article's, before and behind that in the order. */
static void a_name_of_another_article(void **state)
{
    static const struct {
        struct sillok_export_options o;
        const char *want;
    } cases[] = {
        { { .crawl = "c" },
          "c:001_5.md c:001_5~2.md c:001_5~3.md c:a/001_5.md c:001_5~4.md "
          "c:001_5~2~2.md c:a/001_5~2.md c:001_7.md" },
        { { .crawl = "d" }, "d:001_5.md d:001_5~2.md" },
        { { .crawl = "c", .oid = "001" },
          "c:001_5.md c:001_5~2.md c:a/001_5.md c:001_5~3.md c:001_5~2~2.md" },
        { { .crawl = "c", .oid = "002" }, "c:a/001_5.md c:001_7.md" },
        { { .crawl = "c", .oid = "001", .aid = "6" }, "c:001_5.md c:001_5~2.md" },
    };
    struct fixture *f = *state;
    put(f, "c", "000", "1", 100, "하나", text_of("001_5.md"));
    put(f, "c", "001", "5", 100, "둘", text_of("001_5.md"));
    put(f, "c", "001", "5", 200, "셋", text_of("001_5.md"));
    put(f, "c", "001", "5", 300, "넷", text_of("a/001_5.md"));
    put(f, "c", "001", "6", 100, "다섯", text_of("001_5.md"));
    put(f, "c", "001", "6", 200, "여섯", text_of("001_5~2.md"));
    put(f, "c", "002", "1", 100, "일곱", text_of("a/001_5.md"));
    put(f, "c", "002", "1", 200, "여덟", text_of("001_7.md")); /* there is no such */
    put(f, "d", "001", "5", 400, "아홉", text_of("001_5.md"));
    put(f, "d", "001", "51", 400, "열", text_of("001_5.md"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_names(f, &cases[i].o, cases[i].want);
    uint64_t n;
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 10);
}

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Whatever it looks like, and whoever has it first: the second is another name. */
static void names_of_any_shape(void **state)
{
    static const char *const names_of_two[][2] = {
        { "001_A-z9.md", "001_A-z9~2.md" }, /* of the second article itself */
        { "001_A-z9", "001_A-z9~2" },
        { "_5.md", "_5~2.md" },
        { "001_.md", "001_~2.md" },
        { "001_", "001_~2" },
        { "_", "_~2" },
        { X64 "x_1.md", X64 "x_1~2.md" },
        { "001_" X64 "x.md", "001_" X64 "x~2.md" },
        { X64 "_" X64 ".md", X64 "_" X64 "~2.md" },
        { "a/.b", "a/~2.b" },
        { "001_1/x", "001_1/x~2" },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(names_of_two) / sizeof(names_of_two[0]); i++) {
        char crawl[16], want[600];
        snprintf(crawl, sizeof(crawl), "c%zu", i);
        const struct sillok_export_options o = { .crawl = crawl };
        put(f, crawl, "001", "1", 100 + (int64_t)i, "하나", text_of(names_of_two[i][0]));
        put(f, crawl, "001", "A-z9", 100 + (int64_t)i, "둘", text_of(names_of_two[i][0]));
        snprintf(want, sizeof(want), "%s:%s %s:%s", crawl, names_of_two[i][0], crawl,
                 names_of_two[i][1]);
        assert_names(f, &o, want);
    }
}

/* --- lines --- */

static void lines_are_put_together(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf feed = BUF_INIT, other = BUF_INIT;
    char *a = support_path(f->folder, "feed.ndjson"),
         *b = support_path(f->folder, "b.ndjson");
    for (int i = 0; i < 24; i++) /* in no order of theirs, and of two publishers */
        assert_ok(
            buf_printf(i < 20 ? &feed : &other,
                       "{\"oid\":\"00%d\",\"aid\":\"%d\",\"crawled_at\":\"2026-01-05 "
                       "03:00:%02d\",\"title\":\"제목 %d\",\"body\":\"글 %d.\"}\n",
                       1 + i % 2, i * 7 % 20, 59 - i, i, i));
    support_write(a, feed.ptr, feed.len);
    support_write(b, other.ptr, other.len);
    const char *const paths[] = { a, b };
    assert_int_equal(support_ingest(f->store, "c", paths, 2).refused, 0);
    put(f, "c", "009", "1", 0, "파일", text_of("z.md"));

    struct sillok_export *it;
    struct sillok_export_file file;
    assert_ok(sillok_export_open(&it, f->store, NULL));
    assert_int_equal(sillok_export_next(it, &file), 1); /* lines come last */
    assert_true(text_is(file.name, "z.md"));
    assert_int_equal(sillok_export_next(it, &file), 1);
    assert_true(text_is(file.name, "b.ndjson"));
    assert_true(text_equal(file.data, text_make(other.ptr, other.len)));
    assert_int_equal(sillok_export_next(it, &file), 1);
    assert_true(text_is(file.name, "feed.ndjson"));
    assert_true(text_equal(file.data, text_make(feed.ptr, feed.len)));
    assert_int_equal(sillok_export_next(it, &file), 0);
    sillok_export_close(it);
    /* Of one publisher, those that are its. */
    const struct sillok_export_options o = { .oid = "002" };
    assert_ok(sillok_export_open(&it, f->store, &o));
    for (int i = 0; i < 2; i++) {
        int n = 0;
        assert_int_equal(sillok_export_next(it, &file), 1);
        for (size_t k = 0; k < file.data.len; k++)
            n += file.data.ptr[k] == '\n';
        assert_int_equal(n, i ? 10 : 2);
        assert_null(memmem(file.data.ptr, file.data.len, "\"001\"", 5));
    }
    assert_int_equal(sillok_export_next(it, &file), 0);
    sillok_export_close(it);
    free(a);
    free(b);
}

/* A file may be called as the file of another article is, which came as a line of the
 * same crawl and so has no file: the name is free. */
static void a_line_takes_no_name(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    char *feed = support_path(f->folder, "feed.ndjson");
    const char *const paths[] = { feed };
    assert_ok(buf_add_str(&line, "{\"oid\":\"001\",\"aid\":\"1\",\"crawled_at\":"
                                 "\"2026-01-05 03:00:00\",\"title\":\"제목\",\"body\":"
                                 "\"001_1.md\"}\n"));
    support_write(feed, line.ptr, line.len);
    assert_int_equal(support_ingest(f->store, "c", paths, 1).refused, 0);
    free(feed);
    put(f, "c", "001", "2", 100, "둘", text_of("001_1.md"));
    put(f, "c", "001", "3", 100, "셋", text_of("001_1.md"));
    assert_names(f, NULL, "c:001_1.md c:001_1~2.md c:feed.ndjson");
}

/* --- into a folder --- */

static void assert_file(const struct fixture *f, const char *name, const char *in_it)
{
    char *path = support_path(f->to, name);
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    if (!file)
        fail_msg("'%s' is not there", name);
    const size_t n = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    if (!memmem(bytes, n, in_it, strlen(in_it)))
        fail_msg("'%s' is %.*s", name, (int)n, bytes);
    free(path);
}

static void write_at(const struct fixture *f, const char *name, const char *text)
{
    char *path = support_path(f->to, name);
    support_write(path, text, strlen(text));
    free(path);
}

static void what_exists_stays(void **state)
{
    struct fixture *f = *state;
    uint64_t n;
    put(f, "c", "001", "1", 100, "하나", text_of("1.md"));
    put(f, "c", "001", "2", 100, "둘", text_of("a/2.md"));
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 2);
    assert_file(f, "c/1.md", "하나");
    assert_file(f, "c/a/2.md", "둘");
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 2); /* the same bytes are no obstacle */
    write_at(f, "c/1.md", "x");
    char *same = support_path(f->to, "c/a/2.md"); /* as long, and other bytes */
    const int fd = open(same, O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    close(fd);
    free(same);
    put(f, "c", "001", "3", 100, "셋", text_of("3.md"));
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 1);
    assert_non_null(strstr(sillok_error_message(), "2 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "1.md"));
    assert_non_null(strstr(sillok_error_message(), "; c/a/2.md")); /* one by one */
    assert_null(strstr(sillok_error_message(), "..."));
    assert_file(f, "c/3.md", "셋"); /* the others are there */
    assert_file(f, "c/1.md", "x");
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 1, &n));
    assert_int_equal(n, 3);
    assert_file(f, "c/1.md", "하나");
    assert_file(f, "c/a/2.md", "---\n");
    /* One is told as one; of many some are named. */
    write_at(f, "c/1.md", "x");
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "1 file was not written"));
    write_at(f, "c/3.md", "x");
    for (int i = 4; i < 8; i++) {
        char name[8], aid[8];
        snprintf(name, sizeof(name), "%d.md", i);
        snprintf(aid, sizeof(aid), "%d", i);
        put(f, "c", "001", aid, 100, "글", text_of(name));
        snprintf(name, sizeof(name), "c/%d.md", i);
        write_at(f, name, "x");
    }
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "6 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "c/3.md: '3.md' exists with"));
    assert_non_null(strstr(sillok_error_message(), "4.md"));
    assert_null(strstr(sillok_error_message(), "5.md"));
    assert_non_null(strstr(sillok_error_message(), "; ..."));
}

static void what_stands_in_the_way(void **state)
{
    struct fixture *f = *state;
    const struct sillok_export_options o = { .crawl = "c" };
    char command[8300];
    uint64_t n;
    put(f, "c", "001", "1", 100, "하나", text_of("folder"));
    put(f, "c", "001", "2", 100, "둘", text_of("file/2.md"));
    put(f, "c", "001", "3", 100, "셋", text_of("link/3.md"));
    put(f, "c", "001", "4", 100, "넷", text_of("pipe.md"));
    put(f, "c", "001", "5", 100, "다섯", text_of("link.md"));
    put(f, "c", "001", "6", 100, "여섯", text_of("good.md"));
    snprintf(command, sizeof(command),
             "mkdir -p '%s/folder' '%s/outside' && cd '%s' && echo x >file && "
             "ln -s ../outside link && mkfifo pipe.md && ln -s ../outside/5 link.md && "
             "echo half >.sillok.new.%d",
             f->to, f->folder, f->to, (int)getpid());
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, &o, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 3);
    assert_non_null(strstr(sillok_error_message(), "3 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "'link' is a symbolic link"));
    assert_non_null(
        strstr(sillok_error_message(), "'pipe.md' exists and is not a regular file"));
    assert_file(f, "good.md", "여섯");
    assert_file(f, "file", "x");
    snprintf(command, sizeof(command),
             "cd '%s' && test -p pipe.md && test -d folder && test -h link.md && "
             "test \"$(ls _unsafe | wc -l)\" = 2 && test ! -e .sillok.new.%d && "
             "grep -q 하나 _unsafe/*_folder && grep -q 둘 _unsafe/*_file_2.md && "
             "test -z \"$(ls -A ../outside)\"",
             f->to, (int)getpid());
    assert_int_equal(system(command), 0);
    /* Whoever insists gets files for pipes and links, but nothing outside. */
    assert_int_equal(sillok_export_folder(f->store, &o, f->to, 1, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 5);
    snprintf(command, sizeof(command),
             "cd '%s' && test -f pipe.md && test ! -h link.md && grep -q 다섯 link.md && "
             "test -h link && test -z \"$(ls -A ../outside)\"",
             f->to);
    assert_int_equal(system(command), 0);
    /* Below a file there is no place for anything. */
    char *below = support_path(f->to, "file/to");
    assert_true(sillok_export_folder(f->store, &o, below, 1, &n) < 0);
    assert_non_null(strstr(sillok_error_message(), "file/to"));
    free(below);
    char *file = support_path(f->to, "file");
    assert_true(sillok_export_folder(f->store, &o, file, 1, &n) < 0);
    assert_int_equal(n, 0);
    free(file);
}

static void names_that_are_too_long(void **state)
{
    struct fixture *f = *state;
    static char part[300];
    const struct sillok_export_options o = { .crawl = "c" };
    char path[700], command[8300];
    uint64_t n;
    memset(part, 'x', sizeof(part) - 1);
    snprintf(path, sizeof(path), "%.255s", part);
    put(f, "c", "001", "1", 100, "하나", text_of(path));
    path[0] = 'y';
    snprintf(path + 1, sizeof(path) - 1, "%.254s/%.255s", part, part);
    put(f, "c", "001", "2", 100, "둘", text_of(path));
    snprintf(path, sizeof(path), "%.256s", part);
    put(f, "c", "001", "3", 100, "셋", text_of(path));
    snprintf(path, sizeof(path), "%.256s/a/4.md", part);
    put(f, "c", "001", "4", 100, "넷", text_of(path));
    /* Long only in all is not too long. */
    snprintf(path, sizeof(path), "z%.200s/z%.200s/z/5.md", part, part);
    put(f, "c", "001", "5", 100, "다섯", text_of(path));
    assert_ok(sillok_export_folder(f->store, &o, f->to, 0, &n));
    assert_int_equal(n, 5);
    snprintf(
        command, sizeof(command),
        "cd '%s' && test \"$(ls | wc -l)\" = 4 && test -f z*/z*/z/5.md && "
        "test \"$(ls _unsafe | wc -l)\" = 2 && grep -q 둘 y*/x* && grep -q 셋 _unsafe/*_xx* && "
        "test \"$(cd _unsafe; ls *_a_4.md | wc -c)\" = $((16 + 1 + 100 + 1))",
        f->to);
    assert_int_equal(system(command), 0);
}

/* What is in the way is told with its beginning, however long its name is; and a file of
 * this process's own temporary name that cannot be removed is told as what it is. */
static void long_names_are_told_in_part(void **state)
{
    struct fixture *f = *state;
    static char part[300];
    char path[700], command[8300];
    uint64_t n;
    memset(part, 'x', sizeof(part) - 1);
    for (int i = 0; i < 4; i++) {
        char aid[8];
        snprintf(aid, sizeof(aid), "%d", i);
        snprintf(path, sizeof(path), "%d%.200s/%.200s", i, part, part);
        put(f, "c", "001", aid, 100, "글", text_of(path));
    }
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 4);
    snprintf(command, sizeof(command), "for f in '%s'/c/*/*; do echo > $f; done", f->to);
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 0);
    assert_non_null(strstr(sillok_error_message(), "4 files were not written: c/0xxx"));
    assert_non_null(strstr(sillok_error_message(), "; ..."));
    assert_true(strlen(sillok_error_message()) < 800);
    snprintf(command, sizeof(command), "cd '%s'/c/3* && mkdir .sillok.new.%d", f->to,
             (int)getpid());
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 1, &n), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot create a file in the folder"));
    assert_int_equal(n, 3);
}

enum { MANY = 700, LARGE_BYTES = 30000 };

/* So many that they are written batch by batch; the last one is large. */
static void put_many(struct fixture *f)
{
    static char large[LARGE_BYTES + 1];
    memset(large, 'g', LARGE_BYTES);
    assert_ok(f->store->ops->begin(f->store, "c"));
    for (int i = 0; i < MANY; i++) {
        char aid[8], body[16], path[16];
        snprintf(aid, sizeof(aid), "%04d", i);
        snprintf(body, sizeof(body), "글 %d번.", i);
        snprintf(path, sizeof(path), "%04d.md", i);
        add(f, "001", aid, 100 + i, i < MANY - 1 ? body : large, text_of(path));
    }
    assert_ok(f->store->ops->commit(f->store));
}

static void many_files_are_all_there(void **state)
{
    struct fixture *f = *state;
    uint64_t n;
    put_many(f);
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, MANY);
    for (int i = 0; i < MANY - 1; i++) {
        char name[32], body[32];
        snprintf(name, sizeof(name), "c/%04d.md", i);
        snprintf(body, sizeof(body), "\n\n글 %d번.\n\n", i);
        assert_file(f, name, body);
    }
}

/* What fails while others are read is told as where nothing is done meanwhile; what was
 * written before it is there. */
static void a_failure_of_writing_is_told(void **state)
{
    const struct rlimit small = { 10000, RLIM_INFINITY };
    struct fixture *f = *state;
    struct rlimit before;
    char command[8300];
    uint64_t n;
    put_many(f);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int r = sillok_export_folder(f->store, NULL, f->to, 0, &n);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(r, SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "c/0699.md"));
    assert_non_null(strstr(sillok_error_message(), "File too large"));
    assert_int_equal(n, MANY - 1);
    snprintf(command, sizeof(command), "test \"$(ls -A '%s/c' | wc -l)\" = %d", f->to,
             MANY - 1);
    assert_int_equal(system(command), 0);
}

/* Nothing to export: a folder, and no file in it. */
static void a_store_without_crawls(void **state)
{
    struct fixture *f = *state;
    char command[8300];
    uint64_t n = 7;
    assert_names(f, NULL, "");
    const mode_t mask = umask(027);
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    (void)umask(mask);
    assert_int_equal(n, 0);
    snprintf(command, sizeof(command), "test -z \"$(ls -A '%s')\"", f->to);
    assert_int_equal(system(command), 0);
    struct stat st; /* whoever the umask lets may look into it */
    assert_int_equal(stat(f->to, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0750);
}

/* A crawl may be called anything, and no two are put together. */
static void folders_of_crawls(void **state)
{
    static const char *const crawls[] = { "mon", "a/b", "a_b", "..", ".", "", "a/" };
    struct fixture *f = *state;
    char command[8300];
    uint64_t n;
    for (size_t i = 0; i < sizeof(crawls) / sizeof(crawls[0]); i++)
        put(f, crawls[i], "001", crawls[i][0] ? "1" : "2", 100 + (int64_t)i, "글",
            text_of("x.md"));
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, sizeof(crawls) / sizeof(crawls[0]));
    snprintf(command, sizeof(command),
             "cd '%s' && test -f mon/x.md && test -f a_b/x.md && test -f a_b~*/x.md && "
             "test -f a_~*/x.md && test -f ..~*/x.md && test -f .~*/x.md && "
             "test -f ~*/x.md && test \"$(ls -A | wc -l)\" = 7",
             f->to);
    assert_int_equal(system(command), 0);
}

/* --- as an archive --- */

static void an_archive_holds_the_same(void **state)
{
    static const char *const want[] = { "mon/001_1.md", "mon/a/가나다.md",
                                        "tue/_unsafe/0_.._out.md" };
    struct fixture *f = *state;
    struct archive_entry *m;
    uint64_t n;
    char bytes[4096];
    put(f, "mon", "001", "1", 1767236400, "하나", text_of("001_1.md"));
    put(f, "mon", "001", "2", 1767236401, "둘", text_of("a/가나다.md"));
    put(f, "tue", "001", "3", 1767236402, "셋", text_of("../out.md"));
    const int fd = open(f->to, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_ok(sillok_export_tar(f->store, NULL, fd, &n));
    assert_int_equal(n, 3);
    struct archive *a = archive_read_new();
    assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(archive_read_open_fd(a, fd, 10240), ARCHIVE_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(archive_read_next_header(a, &m), ARCHIVE_OK);
        const char *name = archive_entry_pathname_utf8(m);
        if (!name)
            name = archive_entry_pathname(m);
        if (i < 2)
            assert_string_equal(name, want[i]);
        else /* a hash stands for the zero */
            assert_true(strncmp(name, want[i], 12) == 0 && strstr(name, want[i] + 13));
        assert_int_equal(archive_entry_mtime(m), 1767236400 + i);
        assert_int_equal(archive_entry_perm(m), 0644);
        assert_int_equal(archive_entry_filetype(m), AE_IFREG);
        const la_ssize_t len = archive_read_data(a, bytes, sizeof(bytes));
        assert_int_equal(len, archive_entry_size(m));
        static const char *const bodies[] = { "하나", "둘", "셋" };
        assert_non_null(memmem(bytes, (size_t)len, bodies[i], strlen(bodies[i])));
    }
    assert_int_equal(archive_read_next_header(a, &m), ARCHIVE_EOF);
    archive_read_free(a);
    close(fd);
    /* Without the crawl's folder where one was chosen; and a disk that is full is told.
     */
    const struct sillok_export_options o = { .crawl = "tue" };
    const int full = open("/dev/full", O_WRONLY);
    assert_true(full >= 0);
    assert_int_equal(sillok_export_tar(f->store, &o, full, &n), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot write the archive"));
    close(full);
}

/* Text of @p article that takes several blocks of an archive. */
static void put_long(struct fixture *f, const char *aid)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    uint64_t seed = (uint64_t)aid[0];
    while (body.len < 30000)
        assert_ok(buf_printf(&body, "%016llx 가나다. ",
                             (unsigned long long)support_random(&seed)));
    assert_ok(buf_add_char(&body, '\0'));
    put(f, "mon", "001", aid, 1767236400 + aid[0], body.ptr, text_of(aid));
}

/* With the end of an archive behind it, what a failure cut off would be taken for all. */
static void an_archive_that_is_cut_off_has_no_end(void **state)
{
    struct fixture *f = *state;
    struct archive_entry *m;
    uint8_t key[ID_BYTES];
    uint64_t n;
    int r;
    put_long(f, "1");
    put_long(f, "2");
    put_long(f, "3");
    /* Where writing fails in the middle, nothing is left behind in memory. */
    const int full = open("/dev/full", O_WRONLY),
              fd = open(f->to, O_RDWR | O_CREAT, 0600);
    assert_int_equal(sillok_export_tar(f->store, NULL, full, &n), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "disk full"));

    assert_ok(f->store->ops->begin(f->store, "mon"));
    struct lmdb_store *s = lmdb_of(f->store);
    assert_int_equal(kv_delete(s->txn, T_BODY, key_id(key, 3)), 1);
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(sillok_export_tar(f->store, NULL, fd, &n), SILLOK_ECORRUPT);
    assert_int_equal(n, 2);
    struct archive *a = archive_read_new();
    assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(archive_read_open_fd(a, fd, 10240), ARCHIVE_OK);
    while ((r = archive_read_next_header(a, &m)) == ARCHIVE_OK)
        ;
    assert_int_equal(r, ARCHIVE_FATAL); /* and not ARCHIVE_EOF */
    archive_read_free(a);
    close(fd);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(what_is_chosen_comes_in_order),
        T(files_of_one_moment_have_their_order),
        T(who_is_not_in_a_crawl_is_not_asked),
        T(each_file_has_its_article),
        T(names_that_would_leave_the_folder),
        T(two_of_one_name),
        T(a_name_of_another_article),
        T(names_of_any_shape),
        T(lines_are_put_together),
        T(a_line_takes_no_name),
        T(what_exists_stays),
        T(what_stands_in_the_way),
        T(names_that_are_too_long),
        T(long_names_are_told_in_part),
        T(many_files_are_all_there),
        T(a_failure_of_writing_is_told),
        T(a_store_without_crawls),
        T(folders_of_crawls),
        T(an_archive_holds_the_same),
        T(an_archive_that_is_cut_off_has_no_end),
    };
    if (hasher_new(&hasher) < 0 || !setlocale(LC_ALL, "C.UTF-8"))
        return 99;
    const int failed = cmocka_run_group_tests_name("export", tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
