/* Crawl files: every reading that the study of the real archive calls for, and back. */
#include "article/reader.h"

#include "support.h"

#include <string.h>

static struct reader *reader;

static int set_up(void **state)
{
    struct sillok_limits limits;
    (void)state;
    sillok_limits_default(&limits);
    return reader_new(&reader, sillok_profile_builtin("naver"), &limits);
}

static int tear_down(void **state)
{
    (void)state;
    reader_free(reader);
    return 0;
}

static int read_text(struct buf *file, struct reading *out, struct refusal *why)
{
    why->code = "";
    return reader_file(reader, text_make(file->ptr, file->len), out, why);
}

static void assert_text(struct sillok_text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("got '%.*s', want '%s'", (int)got.len, got.ptr, want);
}

/* The renderer is an independent path: it must give back what was written by hand. */
static void assert_renders(const struct buf *file, const struct reading *r)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    assert_ok(render_file(&again, &r->article, r->form));
    assert_int_equal(again.len, file->len);
    assert_memory_equal(again.ptr, file->ptr, file->len);
}

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
    static const char *const bodies[] = { "본문 하나.\n\n본문 \"둘\".", "본문 하나." };
    (void)state;
    for (size_t i = 0; i < 4 * 2 * 2; i++) {
        CLEANUP(buf_release) struct buf plain = BUF_INIT, with = BUF_INIT;
        struct reading a, b;
        struct refusal why;
        const struct support_file f = {
            "001",      "1", "2026-01-02 03:15:33", "A & \"B\"", bodies[i / 4 % 2],
            i / 8 == 1, NULL
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

static const struct {
    const char *name, *from, *to, *code;
} edits[] = {
    { "second oid", "\naid: ", "\noid: 002\naid: ", "duplicate_key" },
    { "oid at column 0 in author", "김가나 기자\n", "김가나\noid: 999\n",
      "duplicate_key" },
    { "no oid", "\noid: 001", "", "missing_key" },
    { "no hash", "content_hash: ", "other: ", "missing_key" },
    { "slash in aid", "\naid: 1\n", "\naid: 1/2\n", "bad_key" },
    { "full-width aid", "\naid: 1\n", "\naid: １\n", "bad_key" },
    { "Feb 30", "crawled_at: 2026-01-02", "crawled_at: 2026-02-30", "bad_time" },
    { "24:00", "crawled_at: 2026-01-02 03", "crawled_at: 2026-01-02 24", "bad_time" },
    { "no seconds", "crawled_at: 2026-01-02 03:15:33", "crawled_at: 2026-01-02 03:15",
      "bad_time" },
    { "no closing fence", "\n---\n\n# ", "\n\n# ", "no_heading" },
    { "no footer", "*Crawled at: ", "*Gecrawlt: ", "no_footer" },
    { "short hash", "content_hash: ", "content_hash: a", "bad_hash" },
    { "no first fence", "---\nid", "id", "no_front_matter" },
};

static void refuses_with_a_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT, bad = BUF_INIT;
        struct reading r;
        struct refusal why;
        const struct support_file f = { "001",  "1",     "2026-01-02 03:15:33",
                                        "제목", "본문.", 0,
                                        NULL };
        support_crawl_file(&file, &f);
        const char *at = memmem(file.ptr, file.len, edits[i].from, strlen(edits[i].from));
        assert_non_null(at);
        const size_t head = (size_t)(at - file.ptr);
        assert_ok(buf_add(&bad, file.ptr, head));
        assert_ok(buf_add_str(&bad, edits[i].to));
        assert_ok(buf_add(&bad, at + strlen(edits[i].from),
                          file.len - head - strlen(edits[i].from)));
        const int rc = read_text(&bad, &r, &why);
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

static void reads_ndjson(void **state)
{
    static const char line[] =
        "{\"oid\":\"001\",\"aid\":\"7\",\"title\":\"줄\",\"body\":\"본문\\n둘\","
        "\"crawled_at\":\"2026-01-02 03:15:33\"}\n";
    struct reading r;
    struct refusal why;
    (void)state;
    assert_ok(reader_ndjson(reader, text_of(line), &r, &why));
    assert_text(r.article.body, "본문\n둘");
    assert_int_equal(r.form, FORM_NDJSON);
    static const char *const bad[] = { "{",
                                       "[1]",
                                       "{\"oid\":1}",
                                       "{\"oid\":\"1\",\"oid\":\"2\"}",
                                       "{\"oid\":\"1\",\"aid\":\"2\"}",
                                       "\"x\"" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(reader_ndjson(reader, text_of(bad[i]), &r, &why),
                         SILLOK_EINVALID);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_forms_as_one),
        cmocka_unit_test(form_shows_in_the_title),
        cmocka_unit_test(comments_are_left_out),
        cmocka_unit_test(a_wrong_hash_is_told),
        cmocka_unit_test(refuses_with_a_code),
        cmocka_unit_test(reads_foreign_markdown),
        cmocka_unit_test(reads_ndjson),
        cmocka_unit_test(odd_bytes_pass_through),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
