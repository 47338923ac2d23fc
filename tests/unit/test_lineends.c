/*
 * Crawl files whose lines end in CR LF: values of the front matter and the end of the body
 * are found as where they end in LF, and what of the body is hashed are its own bytes.
 */
#include "reader_box.h"

#include <string.h>

static void assert_same_text(const char *name, struct sillok_text got,
                             struct sillok_text want)
{
    if (!text_equal(got, want))
        fail_msg("%s: got '%.*s', want '%.*s'", name, (int)got.len, got.ptr,
                 (int)want.len, want.ptr);
}

static void read_it(const struct buf *file, struct reading *out)
{
    struct refusal why = { "" };
    assert_ok(reader_file(reader, buf_text(file), out, &why));
}

static void to_crlf(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++)
        assert_ok(text[i] == '\n' ? buf_add_str(out, "\r\n")
                                  : buf_add_char(out, text[i]));
}

/* @p plain with @p section before its footer. */
static void add_section(const struct buf *plain, const char *section, struct buf *out)
{
    static const char footer[] = "\n\n---\n\n*Crawled at: ";
    const char *foot = memmem(plain->ptr, plain->len, footer, sizeof(footer) - 1);
    assert_non_null(foot);
    const size_t n = (size_t)(foot - plain->ptr);
    assert_ok(buf_add(out, plain->ptr, n));
    assert_ok(buf_add_str(out, section));
    assert_ok(buf_add(out, foot, plain->len - n));
}

static const char *const sections[] = {
    "",
    "\n\n---\n\n## 댓글 (2)\n\n- 나무: 좋아요\n- 구름: 글쎄요",
    "\n\n나무: &quot;그렇다&quot; &amp; 끝\n\n끝",
};
static const char *const bodies[] = {
    "본문 하나.",
    "본문 \"둘\", 셋 & <넷>",
    "---",
    "",
};
enum {
    N_SECTIONS = sizeof(sections) / sizeof(sections[0]),
    N_BODIES = sizeof(bodies) / sizeof(bodies[0])
};

/* A body of one line reads the same in a copy in which every line end became CR LF, comments
 * or not, escaped or not. */
static void a_copy_reads_as_its_original(void **state)
{
    (void)state;
    for (size_t i = 0; i < (size_t)2 * N_SECTIONS * N_BODIES; i++) {
        CLEANUP(buf_release)
        struct buf plain = BUF_INIT, with = BUF_INIT, copy = BUF_INIT;
        const struct support_file f = {
            "001",      "1", "2026-01-02 03:15:33", "A & \"B\"", bodies[i / 2 % N_BODIES],
            i % 2 == 1, NULL
        };
        struct reading r;
        support_crawl_file(&plain, &f);
        read_it(&plain, &r);
        const struct meta_digest digest = r.digest;
        const uint32_t form = r.form;
        add_section(&plain, sections[i / 2 / N_BODIES], &with);
        to_crlf(with.ptr, with.len, &copy);
        read_it(&copy, &r);
        assert_same_text(f.body, r.article.body, text_of(f.body));
        for (int k = 0; k < SILLOK_N_FIELDS; k++)
            if (r.article.fields[k].len)
                assert_null(
                    memchr(r.article.fields[k].ptr, '\r', r.article.fields[k].len));
        assert_memory_equal(&r.digest, &digest, sizeof(digest));
        assert_int_equal(r.form, form);
        assert_int_equal(r.notes & NOTE_MISMATCH, 0);
    }
}

/* CR LF that was hashed is the text, with comments behind it or not. */
static void crlf_that_was_hashed_stays(void **state)
{
    static const char *const hashed[] = { "하나.\r\n둘.", "하나.\r\n\r\n둘 &", "하나." };
    (void)state;
    for (size_t i = 0; i < (size_t)3 * N_SECTIONS; i++) {
        CLEANUP(buf_release)
        struct buf plain = BUF_INIT, with = BUF_INIT, copy = BUF_INIT, lf = BUF_INIT;
        char hex[SILLOK_ID_HEX_LEN + 1];
        struct sillok_id id;
        struct reading r;
        const char *body = hashed[i % 3];
        for (const char *p = body; *p; p++)
            assert_ok(*p == '\r' ? 0 : buf_add_char(&lf, *p));
        assert_ok(buf_add_char(&lf, '\0'));
        assert_ok(hasher_of(reader_hasher(reader), text_of(body), &id));
        sillok_id_format(&id, hex);
        const struct support_file f = { "001", "1", "2026-01-02 03:15:33", "제목", lf.ptr,
                                        0,     hex };
        support_crawl_file(&plain, &f);
        add_section(&plain, sections[i / 3], &with);
        to_crlf(with.ptr, with.len, &copy);
        read_it(&copy, &r);
        assert_same_text(body, r.article.body, text_of(body));
        assert_int_equal(r.notes, 0);
    }
}

/* An empty line is one whatever ends it and the line before; a CR before it is the text's
 * where it was hashed. */
static void every_empty_line_is_tried(void **state)
{
    static const struct {
        const char *tail, *body;
        int found;
    } cases[] = {
        { "하나.\r\n\r\n둘.", "하나.", 1 },
        { "하나.\r\n\n둘.", "하나.", 1 },
        { "하나.\n\r\n둘.", "하나.", 1 },
        { "하나.\r\n\r\n둘.", "하나.\r", 1 },
        { "하나.\r\n\r\n\r\n둘.", "하나.\r\n", 1 },
        { "하나.\r\n\r\n둘.\r\n\r\n셋.", "하나.\r\n\r\n둘.", 1 },
        { "하나.\r\n\r\n둘.\r\n\r\n셋.", "하나.\n\n둘.", 0 },
        { "\r\n\r\n하나.", "", 1 },
        { "하나.\r\n둘.", "하나.", 0 },
        { "하나.\r\n\r둘.", "하나.", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        char hex[SILLOK_ID_HEX_LEN + 1];
        struct sillok_id id;
        struct reading r;
        assert_ok(hasher_of(reader_hasher(reader), text_of(cases[i].body), &id));
        sillok_id_format(&id, hex);
        const struct support_file f = { "001",  "1",           "2026-01-02 03:15:33",
                                        "제목", cases[i].tail, 0,
                                        hex };
        support_crawl_file(&file, &f);
        read_it(&file, &r);
        assert_int_equal(r.notes & NOTE_MISMATCH, cases[i].found ? 0 : NOTE_MISMATCH);
        assert_same_text(f.body, r.article.body,
                         text_of(cases[i].found ? cases[i].body : cases[i].tail));
    }
}

/* The hash of the text with LF is not that of the text, and another one says nothing. */
static void with_another_hash_the_body_stays(void **state)
{
    static const char other[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    (void)state;
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_release) struct buf plain = BUF_INIT, copy = BUF_INIT;
        struct reading r;
        const struct support_file f = {
            "001", "1", "2026-01-02 03:15:33", "제목", "하나.\n\n둘.", 0, i ? other : NULL
        };
        support_crawl_file(&plain, &f);
        to_crlf(plain.ptr, plain.len, &copy);
        read_it(&copy, &r);
        assert_int_equal(r.notes, NOTE_MISMATCH);
        assert_same_text("body", r.article.body, text_of("하나.\r\n\r\n둘."));
        assert_null(memchr(r.article.fields[SILLOK_AUTHOR].ptr, '\r',
                           r.article.fields[SILLOK_AUTHOR].len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_reads_as_its_original),
        cmocka_unit_test(crlf_that_was_hashed_stays),
        cmocka_unit_test(every_empty_line_is_tried),
        cmocka_unit_test(with_another_hash_the_body_stays),
    };
    return cmocka_run_group_tests_name("lineends", tests, set_up, tear_down);
}
