/*
 * Archives and lines: that a stream is whole, what is too much of one, and what its
 * entries are called.
 */
#include "ingest/source.h"
#include "support.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <unistd.h>

enum kind { TAR, TAR_GZ, ZIP };

struct member {
    const char *name;
    size_t size; /* of zeros where there is no text */
    const char *text;
    int is_untold; /* its header has no size: it follows the bytes */
};

struct box {
    char *folder, *path; /* of the archive at hand */
    struct sillok_limits limits;
    struct buf bytes;
};

static int set_up(void **state)
{
    struct box *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    b->folder = support_folder();
    buf_init(&b->bytes, BUF_CEILING);
    sillok_limits_default(&b->limits);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct box *b = *state;
    support_remove(b->folder);
    buf_release(&b->bytes);
    free(b->path);
    free(b);
    return 0;
}

static void named(struct box *b, const char *name)
{
    free(b->path);
    b->path = support_path(b->folder, name);
}

static void write_bytes(const struct box *b)
{
    support_write(b->path, b->bytes.ptr, b->bytes.len);
}

static void add_member(struct archive *a, const struct member *m)
{
    static char zeros[64 << 10];
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, m->name);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    if (!m->is_untold)
        archive_entry_set_size(e, (la_int64_t)m->size);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    for (size_t left = m->size; left;) {
        const size_t n = left < sizeof(zeros) ? left : sizeof(zeros);
        assert_int_equal(archive_write_data(a, m->text ? m->text : zeros, n), n);
        left -= n;
    }
    archive_entry_free(e);
}

/* An archive of them in b->bytes and under its name. */
static void pack(struct box *b, enum kind kind, const struct member *m, size_t n)
{
    static const char *const names[] = { "저녁.tar", "저녁.tar.gz", "저녁.zip" };
    size_t used = 0;
    struct archive *a = archive_write_new();
    assert_int_equal(kind == ZIP ? archive_write_set_format_zip(a)
                                 : archive_write_set_format_ustar(a),
                     ARCHIVE_OK);
    if (kind == TAR_GZ)
        assert_int_equal(archive_write_add_filter_gzip(a), ARCHIVE_OK);
    buf_clear(&b->bytes);
    assert_ok(buf_reserve(&b->bytes, 1 << 20));
    assert_int_equal(archive_write_set_bytes_in_last_block(a, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, b->bytes.ptr, b->bytes.cap, &used),
                     ARCHIVE_OK);
    for (size_t i = 0; i < n; i++)
        add_member(a, &m[i]);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    b->bytes.len = used;
    named(b, names[kind]);
    write_bytes(b);
}

/* What the source says, a line each: its kind, its path, and how much or why. */
static void told(const struct box *b, struct buf *out)
{
    static const char *const kinds[] = { "?",    "FILE",   "BYTES",  "LINE",
                                         "SKIP", "REFUSE", "FAILED", "NOTE" };
    struct source *s;
    struct entry e;
    int r;
    buf_clear(out);
    assert_ok(source_open(&s, b->path, 0, &b->limits, NULL));
    entry_init(&e);
    while ((r = source_next(s, &e)) > 0) {
        assert_int_equal(r, 1);
        const char *name = e.path.ptr;
        size_t len = e.path.len;
        if (e.kind == ENTRY_FAILED || e.kind == ENTRY_NOTE) /* the archive's own */
            name = "", len = 0;
        assert_ok(buf_printf(out, "%s %.*s ", kinds[e.kind], (int)len, name));
        assert_ok(e.message[0] ? buf_printf(out, "%s\n", e.message)
                               : buf_printf(out, "%zu\n", e.data.len));
    }
    assert_ok(r);
    assert_ok(buf_add_char(out, '\0'));
    entry_release(&e);
    source_close(s);
}

static void assert_told(const struct box *b, const char *what, const char *want)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    told(b, &out);
    if (strcmp(out.ptr, want) != 0)
        fail_msg("%s:\n%snot:\n%s", what, out.ptr, want);
}

/* At least one line of the source says @p want. */
static void assert_says(const struct box *b, const char *what, const char *want)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    told(b, &out);
    if (!strstr(out.ptr, want))
        fail_msg("%s:\n%snot: %s", what, out.ptr, want);
}

static const struct member two[] = { { "1.md", 12, "첫째 글.\n", 0 },
                                     { "2.md", 5, "two.\n", 0 } };

/* --- whole or not --- */

/* A gzip ends with the sum and the length of what it held. All members have come then;
 * that they are what was packed is known only when both are there and right. */
static void the_end_of_a_gzip_is_looked_at(void **state)
{
    enum { END_BYTES = 8 };
    struct box *b = *state;
    pack(b, TAR_GZ, two, 2);
    assert_told(b, "whole", "BYTES 1.md 12\nBYTES 2.md 5\n");
    const size_t whole = b->bytes.len;
    for (size_t i = 1; i <= END_BYTES; i++) {
        char *at = b->bytes.ptr + whole - i;
        *at ^= 4;
        write_bytes(b);
        assert_says(b, "a wrong byte at the end", "FAILED  archive damaged after ");
        *at ^= 4;
        b->bytes.len = whole - i;
        write_bytes(b);
        assert_says(b, "cut at the end", "FAILED  archive damaged after ");
        b->bytes.len = whole;
    }
}

/* What begins with empty blocks may be the image of a disk: it holds no files that are
 * taken, and that is told. */
static void empty_blocks_alone_are_no_archive(void **state)
{
    enum { EMPTY = 4 * 512 };
    struct box *b = *state;
    named(b, "그림.tar");
    assert_ok(buf_reserve(&b->bytes, 2 * EMPTY));
    memset(b->bytes.ptr, 0, 2 * EMPTY);
    b->bytes.len = 2 * EMPTY;
    write_bytes(b);
    assert_told(b, "an archive of nothing", "");
    for (size_t at = EMPTY; at < 2 * EMPTY; at += EMPTY - 1) {
        b->bytes.ptr[at] = 'x';
        write_bytes(b);
        assert_told(
            b, "something in it",
            "FAILED  archive damaged after 0 entries: not tar, tar.gz, tar.zst or "
            "zip\n");
        b->bytes.ptr[at] = 0;
    }
}

/* A tape may begin with empty blocks: nothing stands before them that could be lost. */
static void empty_blocks_before_all_are_no_gap(void **state)
{
    enum { EMPTY = 2 * 512 };
    struct box *b = *state;
    pack(b, TAR, two, 2);
    assert_ok(buf_reserve(&b->bytes, EMPTY));
    memmove(b->bytes.ptr + EMPTY, b->bytes.ptr, b->bytes.len);
    memset(b->bytes.ptr, 0, EMPTY);
    b->bytes.len += EMPTY;
    write_bytes(b);
    assert_told(b, "empty blocks first", "BYTES 1.md 12\nBYTES 2.md 5\n");
}

/* Packed by zstd their zeros are not seen, and yet an archive of nothing is one. */
static void zstd_may_hold_nothing(void **state)
{
    enum { EMPTY = 10240, IMAGE = 300 };
    struct box *b = *state;
    char blocks[EMPTY + IMAGE] = { 0 };
    uint64_t seed = 3;
    named(b, "빈.tar.zst");
    for (size_t n = EMPTY; n <= sizeof(blocks); n += IMAGE) {
        buf_clear(&b->bytes);
        assert_ok(buf_reserve(&b->bytes, ZSTD_compressBound(n)));
        b->bytes.len = ZSTD_compress(b->bytes.ptr, ZSTD_compressBound(n), blocks, n, 3);
        write_bytes(b);
        assert_told(b, "an archive of nothing, and the image of a disk",
                    n == EMPTY ? ""
                               : "FAILED  archive damaged after 0 entries: not tar, "
                                 "tar.gz, tar.zst or zip\n");
        for (int i = 0; i < IMAGE; i++)
            blocks[EMPTY + i] = (char)support_random(&seed);
    }
}

/* --- too much --- */

static void the_limit_of_a_member_is_the_last_size_taken(void **state)
{
    struct box *b = *state;
    for (int kind = TAR; kind <= ZIP; kind++) {
        pack(b, (enum kind)kind, two, 2);
        b->limits.file_bytes = 12;
        assert_told(b, "just enough", "BYTES 1.md 12\nBYTES 2.md 5\n");
        b->limits.file_bytes = 11;
        assert_told(b, "one less",
                    "REFUSE 1.md too large (limit 11 bytes, see limits.file_bytes)\n"
                    "BYTES 2.md 5\n");
    }
}

/* A zip may say how long a member is behind it: what comes is measured. */
static void a_size_that_was_not_told_is_measured(void **state)
{
    static const struct member m[] = { { "1.md", 12, "첫째 글.\n", 1 },
                                       { "2.md", 5, "two.\n", 1 } };
    struct box *b = *state;
    pack(b, ZIP, m, 2);
    b->limits.file_bytes = 12;
    assert_told(b, "just enough", "BYTES 1.md 12\nBYTES 2.md 5\n");
    b->limits.file_bytes = 11;
    assert_told(b, "one less",
                "REFUSE 1.md too large (see limits.file_bytes), though its header said "
                "less\nBYTES 2.md 5\n");
}

/* A zip unpacks each member by itself: what counts is what comes out of all of them, told
 * or not, taken or not. */
static void what_comes_out_of_a_zip_is_added_up(void **state)
{
    static const struct member m[] = { { "1.md", 60000, NULL, 0 },
                                       { "2.md", 60000, NULL, 1 },
                                       { "3.bin", 60000, NULL, 0 },
                                       { "4.md", 5, "four\n", 0 } };
    struct box *b = *state;
    pack(b, ZIP, m, 4);
    b->limits.archive_bytes = 180005;
    assert_told(b, "just enough",
                "BYTES 1.md 60000\nBYTES 2.md 60000\n"
                "SKIP 3.bin not a crawl file (.md, .markdown, .txt)\nBYTES 4.md 5\n");
    b->limits.archive_bytes = 179999;
    assert_told(b, "one less",
                "BYTES 1.md 60000\nBYTES 2.md 60000\n"
                "SKIP 3.bin not a crawl file (.md, .markdown, .txt)\n"
                "FAILED  archive damaged after 3 entries: looks like a bomb: unpacks to "
                "more than limits.archive_bytes\n");
}

/* Zeros pack to a thousandth. That is asked of large archives only, whatever they are. */
static void much_out_of_little_is_a_bomb(void **state)
{
    enum { BYTES = 5 << 20, N = RATIO_FROM_BYTES / BYTES + 1 };
    static const char why[] = "looks like a bomb: unpacks to more than "
                              "limits.archive_ratio times its size";
    struct box *b = *state;
    struct member m[N + 2];
    for (int i = 0; i < N + 2; i++)
        m[i] = (struct member){ "0.bin", BYTES, NULL, 0 };
    for (int kind = TAR_GZ; kind <= ZIP; kind++) {
        b->limits.archive_ratio = 100;
        pack(b, (enum kind)kind, m, N + 2);
        assert_says(b, "large", why);
        b->limits.archive_ratio = 100000;
        assert_says(b, "as it may be", "SKIP 0.bin not a crawl file");
    }
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    b->limits.archive_ratio = 100;
    pack(b, ZIP, m, N - 1);
    told(b, &out);
    assert_null(strstr(out.ptr, "FAILED"));
}

/* --- names --- */

/* Empty lines and lines that are too long have numbers as others have. */
static void lines_have_their_numbers(void **state)
{
    struct box *b = *state;
    named(b, "줄.ndjson");
    b->limits.file_bytes = 1 << 20;
    assert_ok(buf_add_str(&b->bytes, "{\"a\":1}\n\n \t\r\n{\"b\":2}\n\n\n\""));
    for (int i = 0; i < 2 << 20; i += 8)
        assert_ok(buf_add_str(&b->bytes, "aaaaaaaa"));
    assert_ok(buf_add_str(&b->bytes, "\"\n{\"c\":3}\n\n{\"d\":4}\n"));
    write_bytes(b);
    assert_told(b, "lines",
                "LINE 줄.ndjson:1 8\n"
                "LINE 줄.ndjson:4 13\n" /* with the empty ones before it */
                "REFUSE 줄.ndjson:7 too large (limit 1048576 bytes, see "
                "limits.file_bytes)\n"
                "LINE 줄.ndjson:8 8\n"
                "LINE 줄.ndjson:10 9\n");
    /* the last one without an end of its own */
    static const struct {
        const char *bytes, *want;
    } cases[] = {
        { "{\"a\":1}", "LINE 줄.ndjson:1 7\n" },
        { "\n\n{\"a\":1}", "LINE 줄.ndjson:3 9\n" },
        { "{\"a\":1}\n\n{\"b\":2}", "LINE 줄.ndjson:1 8\nLINE 줄.ndjson:3 8\n" },
        { "{\"a\":1}\n\n{\"b\":2}\n \n", "LINE 줄.ndjson:1 8\nLINE 줄.ndjson:3 11\n" },
        /* a byte order mark says as little, but only where the file begins */
        { "\xef\xbb\xbf\n{\"a\":1}\n", "LINE 줄.ndjson:2 12\n" },
        { "\xef\xbb\xbf \r\n\n{\"a\":1}\n", "LINE 줄.ndjson:3 15\n" },
        { "\xef\xbb\xbf", "" },
        { "\xef\xbb\xbf\n \n", "" },
        { "\n\xef\xbb\xbf\n", "LINE 줄.ndjson:2 5\n" },
        { "{\"a\":1}\n\xef\xbb\xbf\n", "LINE 줄.ndjson:1 8\nLINE 줄.ndjson:2 4\n" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&b->bytes);
        assert_ok(buf_add_str(&b->bytes, cases[i].bytes));
        write_bytes(b);
        assert_told(b, cases[i].bytes, cases[i].want);
    }
}

/* A file that came by way of a system without small letters is one as well. */
static void suffixes_are_known_in_either_case(void **state)
{
    static const struct {
        const char *name;
        enum name_kind kind;
    } cases[] = {
        { "기사.md", NAME_CRAWL_FILE },
        { "기사.MD", NAME_CRAWL_FILE },
        { "a.Markdown", NAME_CRAWL_FILE },
        { "A.TXT", NAME_CRAWL_FILE },
        { "A.NDJSON", NAME_NDJSON },
        { "a.JsonL", NAME_NDJSON },
        { "A.TAR.GZ", NAME_ARCHIVE },
        { "a.Tgz", NAME_ARCHIVE },
        { "A.ZIP", NAME_ZIP },
        { ".MD", NAME_OTHER },
        { "a.mdx", NAME_OTHER },
        { "._기사.md", NAME_OTHER }, /* a Mac's, of 기사.md */
        { "__MACOSX/월/._a.zip", NAME_OTHER },
        { "._월/_.md", NAME_CRAWL_FILE },
        { "_.md", NAME_CRAWL_FILE },
        { "MD", NAME_OTHER },
    };
    static const struct member m[] = { { "1.MD", 5, "one.\n", 0 } };
    struct box *b = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (name_kind(text_of(cases[i].name)) != cases[i].kind)
            fail_msg("%s: %d", cases[i].name, name_kind(text_of(cases[i].name)));
    pack(b, TAR, m, 1);
    assert_told(b, "a member", "BYTES 1.MD 5\n");
}

/* A Mac puts a companion beside each file: they are one note, and no refusals. */
static void companions_are_passed_over(void **state)
{
    static const struct member m[] = {
        { "월/._1.md", 8, "\0\5\26\7Mac ", 0 },          { "월/1.md", 5, "one.\n", 0 },
        { "월/._2.md", 8, "\0\5\26\7Mac ", 0 },          { "월/2.md", 5, "two.\n", 0 },
        { "__MACOSX/월/._2.md", 8, "\0\5\26\7Mac ", 0 },
    };
    static const enum kind kinds[] = { TAR, TAR_GZ, ZIP };
    struct box *b = *state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        pack(b, kinds[i], m, sizeof(m) / sizeof(m[0]));
        assert_told(b, "packed on a Mac",
                    "NOTE  files ._NAME in it are a Mac's own and passed over\n"
                    "BYTES 월/1.md 5\nBYTES 월/2.md 5\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(the_end_of_a_gzip_is_looked_at),
        T(empty_blocks_alone_are_no_archive),
        T(empty_blocks_before_all_are_no_gap),
        T(zstd_may_hold_nothing),
        T(the_limit_of_a_member_is_the_last_size_taken),
        T(a_size_that_was_not_told_is_measured),
        T(what_comes_out_of_a_zip_is_added_up),
        T(much_out_of_little_is_a_bomb),
        T(lines_have_their_numbers),
        T(suffixes_are_known_in_either_case),
        T(companions_are_passed_over),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
