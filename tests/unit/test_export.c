/*
 * Files come back under their names: which files, in which order, what two of one name
 * are called, what lines and archives hold.
 */
#include "export_box.h"

#include "store/lmdb.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- which, and in which order --- */

static void put_some(struct fixture *f)
{
    box_put(f, "tue", "001", "1", 200, "하나", text_of("001_1.md"));
    box_put(f, "mon", "002", "2", 100, "둘", text_of("b/002_2.md"));
    box_put(f, "mon", "001", "1", 110, "셋", text_of("001_1.md"));
    box_put(f, "mon", "001", "10", 120, "넷", text_of("a/001_10.md"));
    box_put(f, "mon", "0010", "1", 130, "다섯", text_of("0010_1.md"));
    box_put(f, "tue", "001", "1", 150, "여섯", text_of("early/001_1.md"));
    box_put(f, "same", "003", "1", 100, "일곱", text_of("003_1.md"));
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

/* What is longer than an id can be is no publisher, though one is called as it begins. */
static void an_id_may_be_asked_for_that_none_can_have(void **state)
{
    struct fixture *f = *state;
    char longest[SILLOK_KEY_MAX_BYTES + 1] = "", longer[4096] = "";
    memset(longest, 'x', sizeof(longest) - 1);
    memset(longer, 'x', sizeof(longer) - 1);
    box_put(f, "mon", longest, "1", 100, "하나", text_of("1.md"));
    assert_names(f, &(struct sillok_export_options){ .oid = longest }, "mon:1.md");
    assert_names(f, &(struct sillok_export_options){ .oid = longer }, "");
    longer[sizeof(longest)] = '\0';
    assert_names(f, &(struct sillok_export_options){ .oid = longer }, "");
}

/* One content at one moment under several names: which came in first does not show. */
static void files_of_one_moment_have_their_order(void **state)
{
    static const char *const paths[] = { "c/9.md", "a/9.md", "b/9.md", "001_9.md" };
    struct fixture *f = *state;
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 4; i++)
            box_put(f, "c", "001", "9", 100, "하나", text_of(paths[turn ? 3 - i : i]));
        box_put(f, "d", "001", "9", 100, "하나", text_of("0/x.md"));
        assert_names(f, NULL, "c:001_9.md c:a/9.md c:b/9.md c:c/9.md d:0/x.md");
        assert_int_equal(box_tear_down(state), 0);
        assert_int_equal(box_set_up(state), 0);
        f = *state;
    }
}

static const struct store_ops *real;
static int n_asked;

static int obs_scan_crawl(struct sillok_store *s, uint64_t article, uint32_t crawl,
                          struct buf *out)
{
    n_asked++;
    return real->obs_scan_crawl(s, article, crawl, out);
}

/* Of each crawl its own articles are asked for their visits, whatever else there is. */
static void who_is_not_in_a_crawl_is_not_asked(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    real = f->store->ops;
    struct store_ops counting = *real;
    counting.obs_scan_crawl = obs_scan_crawl;
    f->store->ops = &counting;
    const struct sillok_export_options same = { .crawl = "same" };
    n_asked = 0;
    assert_names(f, &same, "same:003_1.md");
    assert_int_equal(n_asked, 1);
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    n_asked = 0;
    box_names(&all, f, NULL);
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
        box_put(f, "c", "001", "1", 100, "글", cases[i].path);
        assert_names(f, NULL, cases[i].want);
        assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
        assert_int_equal(n, 1);
        char *aside = support_path(f->to, "c/_unsafe");
        assert_int_equal(access(aside, F_OK) == 0, strchr(cases[i].want, '!') != NULL);
        free(aside);
        box_tear_down(state); /* a store for each */
        assert_int_equal(box_set_up(state), 0);
    }
}

static void two_of_one_name(void **state)
{
    struct fixture *f = *state;
    box_put(f, "c", "001", "1", 100, "하나", text_of("x.md"));
    box_put(f, "c", "001", "1", 200, "둘", text_of("x.md"));
    box_put(f, "c", "001", "2", 100, "셋", text_of("x~2.md"));
    box_put(f, "c", "001", "3", 100, "넷", text_of("x.md"));
    box_put(f, "c", "001", "4", 100, "다섯", text_of("a.b/x"));
    box_put(f, "c", "001", "5", 100, "여섯", text_of("a.b/x"));
    box_put(f, "c", "001", "6", 100, "일곱", text_of("a/x.md")); /* another folder's */
    box_put(f, "d", "001", "7", 300, "여덟", text_of("x.md"));   /* another crawl's */
    assert_names(f, NULL,
                 "c:x.md c:x~2.md c:x~2~2.md c:x~3.md c:a.b/x c:a.b/x~2 c:a/x.md d:x.md");
    /* Of a name that begins with its article's own, too. */
    box_put(f, "e", "001", "8", 400, "아홉", text_of("001_8_x.md"));
    box_put(f, "e", "001", "8", 500, "열", text_of("001_8_x.md"));
    box_put(f, "e", "001", "8", 500, "열하나", text_of("001_80.md"));
    box_put(f, "e", "001", "80", 500, "열둘", text_of("001_80.md"));
    box_put(f, "e", "001", "80", 600, "열둘", text_of("b/001_80.md"));
    const struct sillok_export_options o = { .crawl = "e" };
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    box_names(&got, f, &o);
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
    box_put(f, "c", "000", "1", 100, "하나", text_of("001_5.md"));
    box_put(f, "c", "001", "5", 100, "둘", text_of("001_5.md"));
    box_put(f, "c", "001", "5", 200, "셋", text_of("001_5.md"));
    box_put(f, "c", "001", "5", 300, "넷", text_of("a/001_5.md"));
    box_put(f, "c", "001", "6", 100, "다섯", text_of("001_5.md"));
    box_put(f, "c", "001", "6", 200, "여섯", text_of("001_5~2.md"));
    box_put(f, "c", "002", "1", 100, "일곱", text_of("a/001_5.md"));
    box_put(f, "c", "002", "1", 200, "여덟", text_of("001_7.md")); /* there is no such */
    box_put(f, "d", "001", "5", 400, "아홉", text_of("001_5.md"));
    box_put(f, "d", "001", "51", 400, "열", text_of("001_5.md"));
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
        snprintf(want, sizeof(want), "%s:%s %s:%s", crawl, names_of_two[i][0], crawl,
                 names_of_two[i][1]);
        const struct sillok_export_options o = { .crawl = crawl };
        box_put(f, crawl, "001", "1", 100 + (int64_t)i, "하나",
                text_of(names_of_two[i][0]));
        box_put(f, crawl, "001", "A-z9", 100 + (int64_t)i, "둘",
                text_of(names_of_two[i][0]));
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
    box_put(f, "c", "009", "1", 0, "파일", text_of("z.md"));

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
    box_put(f, "c", "001", "2", 100, "둘", text_of("001_1.md"));
    box_put(f, "c", "001", "3", 100, "셋", text_of("001_1.md"));
    assert_names(f, NULL, "c:001_1.md c:001_1~2.md c:feed.ndjson");
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
    box_put(f, "mon", "001", "1", 1767236400, "하나", text_of("001_1.md"));
    box_put(f, "mon", "001", "2", 1767236401, "둘", text_of("a/가나다.md"));
    box_put(f, "tue", "001", "3", 1767236402, "셋", text_of("../out.md"));
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
    box_put(f, "mon", "001", aid, 1767236400 + aid[0], body.ptr, text_of(aid));
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
#define T(fn) cmocka_unit_test_setup_teardown(fn, box_set_up, box_tear_down)
        T(what_is_chosen_comes_in_order),
        T(an_id_may_be_asked_for_that_none_can_have),
        T(files_of_one_moment_have_their_order),
        T(who_is_not_in_a_crawl_is_not_asked),
        T(each_file_has_its_article),
        T(names_that_would_leave_the_folder),
        T(two_of_one_name),
        T(a_name_of_another_article),
        T(names_of_any_shape),
        T(lines_are_put_together),
        T(a_line_takes_no_name),
        T(an_archive_holds_the_same),
        T(an_archive_that_is_cut_off_has_no_end),
    };
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 99;
    const int failed = cmocka_run_group_tests_name("export", tests, NULL, NULL);
    box_end();
    return failed;
}
