/* Front matter in quotation marks of other kinds than the template's reads as what it says. */
#include "reader_box.h"

#include <stdio.h>
#include <string.h>

static const char body[] = "본문 \"하나\".\n\n둘째 줄.";

/* A file of this front matter and heading, its hash being that of the body: where HASH
 * stands. */
static void write_file(struct buf *file, const char *front, const char *title)
{
    struct sillok_id id;
    char hex[SILLOK_ID_HEX_LEN + 1];
    assert_ok(hasher_of(reader_hasher(reader), text_of(body), &id));
    sillok_id_format(&id, hex);
    const char *at = strstr(front, "HASH");
    buf_clear(file);
    assert_ok(buf_add_str(file, "---\n"));
    assert_ok(buf_add(file, front, at ? (size_t)(at - front) : strlen(front)));
    if (at) {
        assert_ok(buf_add_str(file, hex));
        assert_ok(buf_add_str(file, at + strlen("HASH")));
    }
    assert_ok(buf_printf(file,
                         "---\n\n# %s\n\n**한빛일보** | 2026-01-02 00:00 | \n\n---\n\n%s"
                         "\n\n---\n\n*Crawled at: x*\n*Source: [원문 보기](x)*\n",
                         title, body));
}

/* The heading says what the title is; where it says something else, only the marks go. */
static void the_heading_has_the_title(void **state)
{
    static const struct {
        const char *value, *heading, *title;
    } cases[] = {
        { "\"제목\"", "제목", "제목" },
        { "제목", "제목", "제목" },
        { "'제목'", "제목", "제목" },
        { "'제목'", "'제목'", "'제목'" },
        { "\"'제목'\"", "'제목'", "'제목'" },
        { "'하나''둘'", "하나'둘", "하나'둘" },
        { "\"가\" 그리고 \"나\"", "\"가\" 그리고 \"나\"", "\"가\" 그리고 \"나\"" },
        { "\"\"가\" 그리고 \"나\"\"", "\"가\" 그리고 \"나\"", "\"가\" 그리고 \"나\"" },
        { "\"\\\"가\\\" \\\\ 나\"", "\"가\" \\ 나", "\"가\" \\ 나" },
        { "\"\\\"가\\\"\"", "\\\"가\\\"",
          "\\\"가\\\"" }, /* the template's: backslashes */
        { "\"가 \\n 나\"", "가 \\n 나", "가 \\n 나" },
        { "\"\\\"가\\\" 나\"", "다른 제목", "\\\"가\\\" 나" },
        { "\"가\\\\\"", "가\\", "가\\" },
        { "\"가\\\"", "가\\", "가\\" },
        { "\"가나\"", "가", "가나" },
        { "\"가\"", "가나", "가" },
        { "\"", "\"", "\"" },
        { "''", "", "" },
        { "", "", "" },
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        char front[400];
        snprintf(
            front, sizeof(front),
            "title: %s\npublisher: 한빛일보\npublished_at: 2026-01-02 00:00\n"
            "crawled_at: 2026-01-02 03:15:33\noid: 001\naid: 1\ncontent_hash: HASH\n",
            cases[i / 2].value);
        write_file(&file, front, cases[i / 2].heading);
        if (i % 2)
            with_crlf(&file);
        assert_ok(read_text(&file, &r, &why));
        assert_text(r.article.fields[SILLOK_TITLE], cases[i / 2].title);
    }
}

static void assert_reads(const struct buf *file, const char *author)
{
    struct reading r;
    struct refusal why;
    assert_ok(read_text(file, &r, &why));
    assert_text(r.article.oid, "001");
    assert_text(r.article.aid, "0000000012");
    assert_int_equal(r.article.crawled_at_s, 1767323733);
    assert_text(r.article.fields[SILLOK_TITLE], "\"가\" 나");
    assert_text(r.article.fields[SILLOK_PUBLISHER], "한빛일보");
    assert_text(r.article.fields[SILLOK_PUBLISHED_AT], "2026-01-02 00:00");
    assert_text(r.article.fields[SILLOK_AUTHOR], author);
    assert_int_equal(r.notes & NOTE_UNKNOWN_KEYS, 0);
}

/* Ids in marks, so that their zeros count: the front matter is YAML, or nearly. */
static void quoted_ids_are_ids(void **state)
{
    static const struct {
        const char *front, *author;
    } cases[] = {
        { "title: '\"가\" 나'\npublisher: 한빛일보\nauthor: \"\\n\\t김가나 기자\"\n"
          "published_at: 2026-01-02 00:00\ncrawled_at: '2026-01-02 03:15:33'\n"
          "oid: '001'\naid: '0000000012'\ncontent_hash: HASH\n",
          "\n\t김가나 기자" },
        { "title: >-\n  \"가\"\n  나\npublisher: \"한빛일보\"\nauthor: ''\n"
          "published_at: \"2026-01-02 00:00\"\ncrawled_at: \"2026-01-02T12:15:33+09:00\"\n"
          "oid: 001\naid: 0000000012\ncontent_hash: \"HASH\"\n",
          "" },
        { "title: '\"가\" 나'\npublisher: 한빛일보\nauthor: \"a/../b\\r\\n김가나 기자\"\n"
          "published_at: 2026-01-02 00:00\ncrawled_at: '2026-01-02 03:15:33'\n"
          "oid: '001'\naid: '0000000012'\ncontent_hash: HASH\n",
          "a/../b\r\n김가나 기자" },
        { "title: \"\"가\" 나\"\npublisher: '한빛일보'\nauthor: \n\t\t\n\t김가나 기자\n"
          "published_at: '2026-01-02 00:00'\ncrawled_at: 2026-01-02 03:15:33\n"
          "oid: \"001\"\naid: \"0000000012\"\ncontent_hash: HASH\n",
          "\n\t\t\n\t김가나 기자" }, /* no YAML */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        write_file(&file, cases[i].front, "\"가\" 나");
        assert_reads(&file, cases[i].author);
        assert_ok(read_text(&file, &r, &why));
        assert_text(r.article.body, body);
        assert_int_equal(r.notes & NOTE_MISMATCH, 0);
        with_crlf(&file);
        assert_reads(&file, cases[i].author);
    }
}

/* Marks that are a title's own stay where no heading has them. */
static void marks_of_a_title_stay(void **state)
{
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    (void)state;
    write_file(&file,
               "title: '\"가 나\"'\npublisher: 한빛일보\npublished_at: 2026-01-02 00:00\n"
               "crawled_at: '2026-01-02 03:15:33'\noid: '001'\naid: '12'\n"
               "content_hash: HASH\n",
               "다른 제목");
    assert_ok(read_text(&file, &r, &why));
    assert_text(r.article.fields[SILLOK_TITLE], "\"가 나\"");
}

/* Nor does YAML take a piece of a title for a comment, or what stands behind a backslash for
 * something else, where the heading has it as it stands. */
static void the_heading_goes_before_yaml(void **state)
{
    static const struct {
        const char *value, *heading, *title;
    } cases[] = {
        { "가 #1", "가 #1", "가 #1" },           { "가 # 나", "가", "가" },
        { "\"C:\\new\"", "C:\\new", "C:\\new" }, { "\"가 \\u0041\"", "가 A", "가 A" },
        { "'가 ''나'''", "가 '나'", "가 '나'" }, { ">-\n  가\n  나", "가 나", "가 나" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        char front[300];
        snprintf(front, sizeof(front),
                 "title: %s\npublisher: 한빛일보\npublished_at: 2026-01-02 00:00\n"
                 "crawled_at: '2026-01-02 03:15:33'\noid: '001'\naid: '12'\n"
                 "content_hash: HASH\n",
                 cases[i].value);
        write_file(&file, front, cases[i].heading);
        assert_ok(read_text(&file, &r, &why));
        assert_text(r.article.fields[SILLOK_TITLE], cases[i].title);
        assert_text(r.article.oid, "001");
    }
}

/* Marks do not make an id of what is none. */
static void what_is_in_marks_is_looked_at(void **state)
{
    static const struct {
        const char *front, *code;
    } cases[] = {
        { "oid: ''\naid: '1'\ncrawled_at: 2026-01-02 03:15:33\ncontent_hash: HASH\n",
          "bad_key" },
        { "oid: '1/2'\naid: '1'\ncrawled_at: 2026-01-02 03:15:33\ncontent_hash: HASH\n",
          "bad_key" },
        { "oid: \"001\naid: 1\ncrawled_at: 2026-01-02 03:15:33\ncontent_hash: HASH\n",
          "bad_key" },
        { "oid: 1\naid: 1\ncrawled_at: '2026-01-02'\ncontent_hash: HASH\n", "bad_time" },
        { "oid: 1\naid: 1\ncrawled_at: 2026-01-02 03:15:33\ncontent_hash: 'x'\n",
          "bad_hash" },
        { "oid: '1'\naid: null\ncrawled_at: 2026-01-02 03:15:33\ncontent_hash: HASH\n",
          "missing_key" },
        { "title: \"a\\0b\"\noid: '1'\naid: '1'\ncrawled_at: 2026-01-02 03:15:33\n"
          "content_hash: HASH\n",
          "title_nul" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        write_file(&file, cases[i].front, "제목");
        const int rc = read_text(&file, &r, &why);
        if (rc != SILLOK_EINVALID || strcmp(why.code, cases[i].code) != 0)
            fail_msg("%zu: %d %s, want %s", i, rc, why.code, cases[i].code);
    }
}

/* Of a file with the keys @p a and @p b, and its hash. */
static int read_ids(struct buf *file, const char *a, const char *b, struct reading *r,
                    struct refusal *why)
{
    char front[300];
    snprintf(front, sizeof(front), "%s%scontent_hash: HASH\n", a, b);
    write_file(file, front, "제목");
    return read_text(file, r, why);
}

/* Before oid and aid were written, id was all. */
static void an_id_has_both(void **state)
{
    static const struct {
        const char *front, *code;
    } cases[] = {
        { "id: 009_0000000012\n", NULL },
        { "id: '009_0000000012'\n", NULL },
        { "id: 009_0000000012\noid: 009\n", "missing_key" },
        { "id: 009_0000000012\naid: 0000000012\n", "missing_key" },
        { "id: 009_0000_12\n", "missing_key" },
        { "id: 0090000000012\n", "missing_key" },
        { "id: 009_\n", "bad_key" },
        { "id: _12\n", "bad_key" },
        { "id: \n", "missing_key" },
        { "", "missing_key" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        const int rc = read_ids(&file, cases[i].front,
                                "crawled_at: '2026-01-02 03:15:33'\n", &r, &why);
        if (cases[i].code) {
            if (rc != SILLOK_EINVALID || strcmp(why.code, cases[i].code) != 0)
                fail_msg("%zu: %d %s, want %s", i, rc, why.code, cases[i].code);
            continue;
        }
        assert_ok(rc);
        assert_text(r.article.oid, "009");
        assert_text(r.article.aid, "0000000012");
    }
}

/* What a crawler that mixed two articles up writes is taken by oid and aid, and told. */
static void an_id_of_another_is_told(void **state)
{
    static const struct {
        const char *id;
        int told;
    } cases[] = {
        { "id: 009_12\n", 0 },  { "id: '009_12'\n", 0 }, { "id: 009_13\n", 1 },
        { "id: 008_12\n", 1 },  { "id: 009_012\n", 1 },  { "id: 9_12_1\n", 0 },
        { "id: 12\n", 0 },      { "id: \n", 0 },         { "", 0 },
        { "id: 009_120\n", 1 }, { "id: 009_\n", 1 },     { "id: _12\n", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        assert_ok(read_ids(&file, cases[i].id,
                           "oid: 009\naid: 12\ncrawled_at: 2026-01-02 03:15:33\n", &r,
                           &why));
        assert_text(r.article.oid, "009");
        assert_text(r.article.aid, "12");
        if (!!(r.notes & NOTE_OTHER_ID) != cases[i].told)
            fail_msg("%zu: %x", i, r.notes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heading_has_the_title),
        cmocka_unit_test(quoted_ids_are_ids),
        cmocka_unit_test(marks_of_a_title_stay),
        cmocka_unit_test(the_heading_goes_before_yaml),
        cmocka_unit_test(what_is_in_marks_is_looked_at),
        cmocka_unit_test(an_id_has_both),
        cmocka_unit_test(an_id_of_another_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
