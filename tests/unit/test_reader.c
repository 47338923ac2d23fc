/* Crawl files: every reading that the study of the real archive calls for, and back. */
#include "reader_box.h"

#include <string.h>

static void reads_both_forms_as_one(void **state)
{
    static const char *const bodies[] = {
        "정부는 4일 \"대책을\" 발표했다.업계는 <환영>한다.",
        "A & B said 'no' = maybe `x`.",
        "본문에 특수 문자가 없다.",
        "저자가 쓴 &lt;태그&gt;는 그대로 남는다 & 'x'.",
        "첫 줄\n\n---\n\n둘째 줄",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct meta_digest digests[2];
        for (int escaped = 0; escaped < 2; escaped++) {
            CLEANUP(buf_release) struct buf file = BUF_INIT;
            struct reading r;
            struct refusal why;
            const struct support_file f = { "001",
                                            "0000000001",
                                            "2026-01-02 03:15:33",
                                            "\"제목\" & 'B' <C>",
                                            bodies[i],
                                            escaped,
                                            NULL };
            support_crawl_file(&file, &f);
            assert_ok(read_text(&file, &r, &why));
            assert_text(r.article.body, bodies[i]);
            assert_text(r.article.fields[SILLOK_TITLE], "\"제목\" & 'B' <C>");
            assert_int_equal(r.notes & NOTE_MISMATCH, 0);
            assert_int_equal(r.form, escaped ? FORM_ESCAPED : 0);
            assert_renders(&file, &r);
            digests[escaped] = r.digest;
        }
        assert_memory_equal(&digests[0], &digests[1], sizeof(digests[0]));
    }
}

/* With nothing in the body to tell, the other fields do. */
static void form_shows_in_the_title(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    const struct support_file f = { "001", "1", "2026-01-02 03:15:33", "A&B", "본문.",
                                    1,     NULL };
    support_crawl_file(&file, &f);
    assert_ok(read_text(&file, &r, &why));
    assert_text(r.article.fields[SILLOK_TITLE], "A&B");
    assert_renders(&file, &r);
}

/* Put a key into the front matter and a section before the footer. */
static void add_comments(const struct buf *plain, const char *section, struct buf *out)
{
    const char *foot = memmem(plain->ptr, plain->len, "\n\n---\n\n*Crawled", 15);
    const char *oid = memmem(plain->ptr, plain->len, "\noid: ", 6);
    assert_non_null(foot);
    assert_ok(buf_add(out, plain->ptr, (size_t)(oid + 1 - plain->ptr)));
    assert_ok(buf_add_str(out, "comment_count: 2\n"));
    assert_ok(buf_add(out, oid + 1, (size_t)(foot - oid - 1)));
    assert_ok(buf_add_str(out, section));
    assert_ok(buf_add(out, foot, plain->len - (size_t)(foot - plain->ptr)));
}

/* Comments between body and footer are not the article, and what stands in them says
 * nothing about how the article was written. */
static void comments_are_left_out(void **state)
{
    static const char *const sections[] = {
        "\n\n---\n\n## 댓글 (2)\n\n- 나무: 좋아요\n- 구름: 글쎄요",
        "\n\n## Comments\n\nfirst!\n\n---\n\nsecond",
        "\n\n---\n\n나무: &quot;그렇다&quot; &amp; 끝",
        "\n\n---\n\n구름: \"그렇다\" & 'x'",
    };
    static const char *const bodies[] = { "본문 하나.\n\n본문 \"둘\".", "본문 하나.",
                                          "본문 하나 &" };
    (void)state;
    for (size_t i = 0; i < 4 * 3 * 2; i++) {
        CLEANUP(buf_release) struct buf plain = BUF_INIT, with = BUF_INIT;
        struct reading a, b;
        struct refusal why;
        const struct support_file f = {
            "001",       "1", "2026-01-02 03:15:33", "A & \"B\"", bodies[i / 4 % 3],
            i / 12 == 1, NULL
        };
        support_crawl_file(&plain, &f);
        add_comments(&plain, sections[i % 4], &with);
        assert_ok(read_text(&plain, &a, &why));
        const struct meta_digest digest = a.digest;
        const uint32_t form = a.form;
        assert_ok(read_text(&with, &b, &why));
        assert_text(b.article.body, f.body);
        assert_text(b.article.fields[SILLOK_TITLE], f.title);
        assert_memory_equal(&digest, &b.digest, sizeof(digest));
        assert_int_equal(b.form, form);
        assert_int_equal(b.notes & NOTE_UNKNOWN_KEYS, 0);
    }
}

/* A body ends at an empty line or at the footer, whatever else has the declared hash. */
static void bodies_end_at_empty_lines_only(void **state)
{
    static const struct {
        const char *hashed;
        int found;
    } cases[] = {
        { "하나.\n둘.\n\n셋.\n넷.", 1 },
        { "하나.\n둘.", 1 },
        { "하나.\n둘", 0 },
        { "하나.", 0 },
        { "하나.\n둘.\n", 0 },
        { "하나.\n둘.\n\n셋.", 0 },
        { "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        struct sillok_id id;
        char hex[SILLOK_ID_HEX_LEN + 1];
        assert_ok(hasher_of(reader_hasher(reader), text_of(cases[i].hashed), &id));
        sillok_id_format(&id, hex);
        const struct support_file f = {
            "001", "1", "2026-01-02 03:15:33", "제목", "하나.\n둘.\n\n셋.\n넷.", 0, hex
        };
        support_crawl_file(&file, &f);
        assert_ok(read_text(&file, &r, &why));
        assert_int_equal(r.notes, cases[i].found ? 0 : NOTE_MISMATCH);
        assert_text(r.article.body, cases[i].found ? cases[i].hashed : f.body);
    }
}

static void a_wrong_hash_is_told(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    const struct support_file f = {
        "001",
        "1",
        "2026-01-02 03:15:33",
        "제목",
        "본문.",
        0,
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    };
    support_crawl_file(&file, &f);
    assert_ok(read_text(&file, &r, &why));
    assert_true(r.notes & NOTE_MISMATCH);
    assert_text(r.article.body, "본문.");
    char hex[65];
    sillok_id_format(&r.article.content_hash, hex);
    assert_string_not_equal(hex, f.hash);
}

/* A sound file. */
static void plain_file(struct buf *file, const char *body)
{
    const struct support_file f = { "001", "1", "2026-01-02 03:15:33", "제목", body,
                                    0,     NULL };
    support_crawl_file(file, &f);
}

static const struct {
    const char *name, *from, *to, *code;
} edits[] = {
    { "second oid", "\naid: ", "\noid: 002\naid: ", "duplicate_key" },
    { "oid at column 0 in author", "김가나 기자\n", "김가나\noid: 999\n",
      "duplicate_key" },
    { "no oid", "\noid: 001", "", "missing_key" },
    { "no aid", "\naid: 1\n", "\n", "missing_key" },
    { "no time", "crawled_at: ", "Crawled-at: ", "missing_key" },
    { "no hash", "content_hash: ", "other: ", "missing_key" },
    { "slash in aid", "\naid: 1\n", "\naid: 1/2\n", "bad_key" },
    { "full-width aid", "\naid: 1\n", "\naid: １\n", "bad_key" },
    { "Feb 30", "crawled_at: 2026-01-02", "crawled_at: 2026-02-30", "bad_time" },
    { "24:00", "crawled_at: 2026-01-02 03", "crawled_at: 2026-01-02 24", "bad_time" },
    { "no seconds", "crawled_at: 2026-01-02 03:15:33", "crawled_at: 2026-01-02 03:15",
      "bad_time" },
    { "no closing fence", "\n---\n\n# ", "\n\n# ", "no_heading" },
    { "no footer", "*Crawled at: ", "*Gecrawlt: ", "no_footer" },
    { "cut inside the footer's beginning",
      "*Crawled at: 2026-01-02 03:15:33*\n*Source: [원문 "
      "보기](https://n.news.naver.com/mnews/article/001/1)*\n",
      "*Crawled at:", "no_footer" },
    { "a footer in the middle of a line",
      "*Crawled at: ", "x*Crawled at: ", "no_footer" },
    { "a footer without its line", "본문,\n\n---\n\n", "본문,\n\n--\n\n", "no_footer" },
    { "a footer right behind the heading", "본문,\n\n---\n\n", "", "no_footer" },
    { "words before the heading's line", " | \n\n---", " | \n\nx\n\n---", "no_heading" },
    { "no second star", "\n\n**한빛", "\n\n*한빛", "no_heading" },
    { "no bar", "** | ", "** : ", "no_heading" },
    { "a longer line", " | \n\n---\n", " | \n\n----\n", "no_heading" },
    { "short hash", "content_hash: ", "content_hash: a", "bad_hash" },
    { "no first fence", "---\nid", "id", "no_front_matter" },
};

/* Where the body stands the hash alone would say, so then it is another's. */
static void refuses_with_a_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        plain_file(&file, "본문.");
        if (strcmp(edits[i].code, "no_heading") == 0 ||
            strcmp(edits[i].code, "no_footer") == 0)
            replace(&file, "본문.", "본문,");
        replace(&file, edits[i].from, edits[i].to);
        const int rc = read_text(&file, &r, &why);
        if (rc != SILLOK_EINVALID || strcmp(why.code, edits[i].code) != 0)
            fail_msg("%s: %d %s, want %s", edits[i].name, rc, why.code, edits[i].code);
        assert_true(strlen(sillok_error_message()) > 10);
    }
}

static void reads_foreign_markdown(void **state)
{
    static const char file[] =
        "---\n"
        "oid: '001'\naid: abc-1\ntitle: 다른 수집기\n"
        "tags: [가, 나]\nauthor: [김가나, 이다라]\n"
        "crawled_at: 2026-01-02T03:15:33Z\n"
        "content_hash: "
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        "\n---\n\n# 다른 수집기\n\nhello\n";
    struct reading r;
    struct refusal why;
    (void)state;
    /* SHA-256 of "hello\n": the reading behind the heading, up to the end, has it. */
    assert_ok(reader_file(reader, text_of(file), &r, &why));
    assert_text(r.article.body, "hello\n");
    assert_int_equal(r.notes & NOTE_MISMATCH, 0);
    assert_text(r.article.fields[SILLOK_AUTHOR], "김가나, 이다라");
    assert_int_equal(r.article.crawled_at_s, 1767323733);
    assert_true(r.notes & NOTE_UNKNOWN_KEYS);
}

/* Each limit is the last size that is taken. */
static void limits_are_exact(void **state)
{
    enum { KEYS = 11, LONGEST = 64 }; /* that of content_hash */
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    plain_file(&file, "본문.");
    const char *till = memmem(file.ptr + 4, file.len - 4, "\n---\n", 5);
    assert_non_null(till);
    struct sillok_limits enough, less[4];
    sillok_limits_default(&enough);
    enough.file_bytes = file.len;
    enough.front_matter_keys = KEYS;
    enough.field_bytes = LONGEST;
    enough.front_matter_bytes =
        (uint64_t)(till - file.ptr) - 4 - LONGEST; /* last line's begin */
    for (int i = 0; i < 4; i++)
        less[i] = enough;
    less[0].file_bytes--;
    less[1].front_matter_keys--;
    less[2].field_bytes--;
    less[3].front_matter_bytes -= 20;
    static const char *const codes[] = { "too_large", "too_many_keys", "field_too_large",
                                         "front_matter_too_large" };
    for (int i = -1; i < 4; i++) {
        struct reader *own;
        struct reading r;
        struct refusal why = { NULL };
        assert_ok(reader_new(&own, sillok_profile_builtin("naver"),
                             i < 0 ? &enough : &less[i]));
        const int rc = reader_file(own, text_make(file.ptr, file.len), &r, &why);
        if (i < 0 && rc != 0)
            fail_msg("just enough: %d %s: %s", rc, why.code, sillok_error_message());
        if (i >= 0 && (rc != SILLOK_EINVALID || strcmp(why.code, codes[i]) != 0))
            fail_msg("less than enough: %d %s, want %s", rc, why.code, codes[i]);
        reader_free(own);
    }
}

static void first_bytes_are_looked_at(void **state)
{
    static const struct {
        const char *bytes, *code;
    } cases[] = {
        { "", "empty" },
        { "\xff\xfe-\0", "not_utf8" },
        { "\xfe\xff", "not_utf8" },
        { "\xef\xbb", "no_front_matter" },
        { "\xef\xbb\xbf", "no_front_matter" },
        { "--", "no_front_matter" },
        { "---", "no_front_matter" },
        { "----\n", "no_front_matter" },
        { "---\n", "unclosed_front_matter" },
        { "---\r\n", "unclosed_front_matter" },
        { "---\n--- \n", "unclosed_front_matter" },
    };
    struct reading r;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct refusal why = { NULL };
        const int rc = reader_file(reader, text_of(cases[i].bytes), &r, &why);
        if (rc != SILLOK_EINVALID || strcmp(why.code, cases[i].code) != 0)
            fail_msg("%zu: %d %s, want %s", i, rc, why.code, cases[i].code);
    }
    /* Blocks that a machine did not get to write before its power was cut are zeros. */
    char zeros[512] = { 0 };
    for (size_t len = 1; len <= sizeof(zeros); len++) {
        struct refusal why = { NULL };
        zeros[len - 1] = len % 3 ? '\0' : '-';
        assert_int_equal(reader_file(reader, text_make(zeros, len), &r, &why),
                         SILLOK_EINVALID);
        assert_string_equal(why.code, len % 3 ? "empty" : "no_front_matter");
        assert_int_equal(strstr(sillok_error_message(), "zeros") != NULL, len % 3 != 0);
        zeros[len - 1] = '\0';
    }
    CLEANUP(buf_release) struct buf file = BUF_INIT, with = BUF_INIT;
    struct refusal why;
    plain_file(&file, "본문.");
    assert_ok(read_text(&file, &r, &why));
    assert_false(r.notes & NOTE_BOM);
    assert_ok(buf_add_str(&with, "\xef\xbb\xbf"));
    assert_ok(buf_add(&with, file.ptr, file.len));
    assert_ok(read_text(&with, &r, &why));
    assert_true(r.notes & NOTE_BOM);
    assert_text(r.article.body, "본문.");
}

/* Files of another system: each line ends in CR LF. */
static void reads_crlf(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT, crlf = BUF_INIT;
    struct reading r;
    struct refusal why;
    plain_file(&file, "한 줄 본문.");
    for (size_t i = 0; i < file.len; i++)
        assert_ok(file.ptr[i] == '\n' ? buf_add_str(&crlf, "\r\n")
                                      : buf_add_char(&crlf, file.ptr[i]));
    assert_ok(read_text(&crlf, &r, &why));
    assert_text(r.article.body, "한 줄 본문.");
    assert_text(r.article.oid, "001");
    assert_text(r.article.fields[SILLOK_TITLE], "제목");
    assert_false(r.notes & NOTE_MISMATCH);
}

/* The footer is the last one, with a `---` line and two line ends of its own; what stands
 * before them is the body, as the declared hash says. */
static void ends_of_bodies(void **state)
{
    static const char *const bodies[] = {
        "본문.\n",
        "본문.\n\n",
        "본문.\n\n\n",
        "본문.\r",
        "본문.\r\n\r",
        "\n본문.",
        "본문.\n\n---",
        "---",
        "본문.\n\n---\n\n*Crawled at: 2026-01-01 00:00:00*\n",
        "*Crawled at: 어제*",
        "\n",
        "\n\n---\n\n",
        "-",
        "본문. ---",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        plain_file(&file, bodies[i]);
        assert_ok(read_text(&file, &r, &why));
        if (!text_is(r.article.body, bodies[i]) || r.notes & NOTE_MISMATCH)
            fail_msg("body %zu: got '%.*s'", i, (int)r.article.body.len,
                     r.article.body.ptr);
        assert_renders(&file, &r);
    }
}

static void hashes_are_declared_in_either_case(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    plain_file(&file, "본문.");
    assert_ok(read_text(&file, &r, &why));
    assert_false(r.notes & NOTE_UPPER_HASH);
    char *hash = memmem(file.ptr, file.len, "content_hash: ", 14);
    assert_non_null(hash);
    int letters = 0;
    for (int i = 0; i < 64; i++)
        if (hash[14 + i] >= 'a' && hash[14 + i] <= 'f') {
            hash[14 + i] = (char)(hash[14 + i] - 'a' + 'A');
            letters++;
        }
    assert_true(letters > 0);
    assert_ok(read_text(&file, &r, &why));
    assert_true(r.notes & NOTE_UPPER_HASH);
    assert_false(r.notes & NOTE_MISMATCH);
    replace(&file, "oid: ", "views: 17\noid: ");
    assert_ok(read_text(&file, &r, &why));
    assert_true(r.notes & NOTE_UNKNOWN_KEYS);
}

static void odd_bytes_pass_through(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    const struct support_file f = {
        "001", "1", "2026-01-02 03:15:33", "제목 \xff\xc0", "깨진 \xed\xa0\x80 글자",
        0,     NULL
    };
    support_crawl_file(&file, &f);
    assert_ok(read_text(&file, &r, &why));
    assert_text(r.article.body, f.body);
    assert_renders(&file, &r);
}

/* Whatever is cut off or flipped, the reader answers and stays inside the file (the
 * sanitizers watch). */
static void survives_damage(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    uint64_t seed = 7;
    const struct support_file f = { "001",
                                    "1",
                                    "2026-01-02 03:15:33",
                                    "제목 & \"x\"",
                                    "하나.\n\n---\n\n*Crawled at: 가짜*\n\n둘 'x'.",
                                    1,
                                    NULL };
    support_crawl_file(&file, &f);
    for (size_t i = 0; i < file.len + 20000; i++) {
        struct reading r;
        struct refusal why = { NULL };
        size_t len = i < file.len ? i : file.len;
        char *copy = test_malloc(len + 1);
        memcpy(copy, file.ptr, len);
        if (i >= file.len)
            for (uint64_t n = support_random(&seed) % 4 + 1; n; n--)
                copy[support_random(&seed) % len] = (char)support_random(&seed);
        const int rc = reader_file(reader, text_make(copy, len), &r, &why);
        assert_true(rc == 0 || (rc == SILLOK_EINVALID && why.code));
        test_free(copy);
    }
}

/* A heading that the template would not have written so is known by its looks. */
static void headings_are_known_by_their_looks(void **state)
{
    static const struct {
        const char *name, *from, *to;
    } cases[] = {
        { "another title", "\n# 제목", "\n# 고친 제목" },
        { "no title", "\n\n# 제목", "" },
        { "several lines of title", "\n# 제목", "\n# 제목\n제목\n**굵게**\n" },
        { "another publisher", "**한빛일보**", "**가나일보**" },
        { "no publisher", "**한빛일보** | 2026-01-02 00:00 | \n", "**** | 1\n" },
        { "no category", "00:00 | \n", "00:00\n" },
        { "no empty line", " | \n\n---\n\n", " | \n---\n\n" },
        { "many empty lines", " | \n\n---\n\n", " | \n\n\n\n---\n\n" },
        { "lines of another system", " | \n\n---\n\n", " | \r\n\r\n---\r\n\r\n" },
        { "no empty line behind it", " | \n\n---\n\n", " | \n\n---\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        plain_file(&file, "본문.\n\n둘.");
        replace(&file, cases[i].from, cases[i].to);
        const int rc = read_text(&file, &r, &why);
        if (rc != 0 || r.notes || !text_is(r.article.body, "본문.\n\n둘."))
            fail_msg("%s: %d %s, notes %u", cases[i].name, rc, why.code, r.notes);
        assert_text(r.article.fields[SILLOK_TITLE], "제목");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_forms_as_one),
        cmocka_unit_test(form_shows_in_the_title),
        cmocka_unit_test(comments_are_left_out),
        cmocka_unit_test(bodies_end_at_empty_lines_only),
        cmocka_unit_test(a_wrong_hash_is_told),
        cmocka_unit_test(refuses_with_a_code),
        cmocka_unit_test(reads_foreign_markdown),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(first_bytes_are_looked_at),
        cmocka_unit_test(reads_crlf),
        cmocka_unit_test(ends_of_bodies),
        cmocka_unit_test(hashes_are_declared_in_either_case),
        cmocka_unit_test(odd_bytes_pass_through),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(headings_are_known_by_their_looks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
