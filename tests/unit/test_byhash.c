/* Where the template's heading or footer is missing, the declared hash shows the body. */
#include "reader_box.h"

#include <stdio.h>
#include <string.h>

static const char text[] = "본문 \"하나\".\n\n둘째 줄 & 끝.";
static const char footer[] = "*Crawled at: 2026-01-02 03:15:33*\n*Source: [원문 "
                             "보기](https://n.news.naver.com/mnews/article/001/1)*\n";

static void write_file(struct buf *file, const char *body, int escaped, const char *hash)
{
    const struct support_file f = {
        "001", "1", "2026-01-02 03:15:33", "\"제목\" 하나", body, escaped, hash
    };
    buf_clear(file);
    support_crawl_file(file, &f);
}

static const struct {
    const char *name, *from, *to;
} edits[] = {
    { "another footer", footer, "*수집: 2026-01-02*\n" },
    { "a footer without its line", "\n\n---\n\n*Crawled", "\n\n*Crawled" },
    { "a footer without a mark", "*Crawled at: ", "수집 시각: " },
    { "words before the heading's line", " | \n\n---", " | \n\n> 부제목\n\n---" },
    { "no second star", "\n\n**한빛", "\n\n*한빛" },
    { "no bar", "** | ", "** : " },
    { "no title", "\n# ", "\n" },
};

static void the_hash_shows_the_body(void **state)
{
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(edits) / sizeof(edits[0]); i++) {
        struct reading r;
        struct refusal why;
        write_file(&file, text, i % 2, NULL);
        replace(&file, edits[i / 2].from, edits[i / 2].to);
        const int rc = read_text(&file, &r, &why);
        if (rc < 0)
            fail_msg("%s: %s", edits[i / 2].name, why.code);
        assert_text(r.article.body, text);
        assert_text(r.article.fields[SILLOK_TITLE], "\"제목\" 하나");
        assert_text(r.article.fields[SILLOK_PUBLISHER], "한빛일보");
        assert_int_equal(r.notes & NOTE_MISMATCH, 0);
        assert_int_equal(r.form, i % 2 ? FORM_ESCAPED : 0);
    }
}

/* No heading at all, no footer at all; front matter that is no YAML. */
static void neither_is_needed(void **state)
{
    static const char *const parts[] = { "", "# 제목\n\n",
                                         "# 제목\n\n본문 앞\n\n---\n\n" };
    static const char *const ends[] = { "", "\n", "\n\n", "\n\n끝\n" };
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    (void)state;
    write_file(&plain, text, 0, NULL);
    const char *rest = memmem(plain.ptr + 4, plain.len - 4, "\n---\n", 5);
    assert_non_null(rest);
    for (size_t i = 0; i < 12; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        assert_ok(buf_add(&file, plain.ptr, (size_t)(rest - plain.ptr)));
        assert_ok(buf_printf(&file, "\n---\n\n%s%s%s", parts[i % 3], text, ends[i / 3]));
        if (read_text(&file, &r, &why) < 0)
            fail_msg("%zu: %s", i, why.code);
        assert_text(r.article.body, text);
    }
}

/* What stands there after @p len bytes of @p file were written is refused. */
static void assert_unfinished(const struct buf *file, size_t len)
{
    struct reading r;
    struct refusal why = { "" };
    const int rc = reader_file(reader, text_make(file->ptr, len), &r, &why);
    if (rc != SILLOK_EINVALID || strcmp(why.code, "no_footer") != 0)
        fail_msg("%zu bytes: %d %s", len, rc, why.code);
}

/* A file that ends behind its body, or within the beginning of its footer, was not written to
 * its end. */
static void a_cut_file_is_one(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        const int crlf = i / 2;
        write_file(&file, crlf ? "본문 \"하나\"." : text, i % 2, NULL);
        if (crlf)
            with_crlf(&file);
        const char *const begin =
            crlf ? "\r\n\r\n---\r\n\r\n*Crawled at: " : "\n\n---\n\n*Crawled at: ";
        const size_t len = strlen(begin);
        const char *at = memmem(file.ptr, file.len, begin, len);
        assert_non_null(at);
        for (size_t n = 0; n < len; n++)
            assert_unfinished(&file, (size_t)(at - file.ptr) + n);
        struct reading r;
        struct refusal why;
        const struct sillok_text marked = { file.ptr, (size_t)(at - file.ptr) + len };
        assert_ok(reader_file(reader, marked, &r, &why));
    }
}

/* Nor was one that ends in the readers' comments, which stand before the footer; one with a
 * footer, of whatever heading, was. */
static void comments_have_a_footer_behind_them(void **state)
{
    static const char *const comments[] = {
        "\n\n---\n\n📊 **댓글 통계**: 총 1 개\n\n## 댓글 (1 개)\n\n**a** | 👍 1\n\n좋아요",
        "\n\n---\n\n*댓글이 없습니다.*"
    };
    (void)state;
    for (int i = 0; i < 4; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        char section[300];
        const size_t len = strlen(comments[i % 2]);
        snprintf(section, sizeof(section), "%s\n\n---\n\n*Crawled", comments[i % 2]);
        write_file(&file, text, i / 2, NULL);
        replace(&file, "\n\n---\n\n*Crawled", section);
        const char *at = memmem(file.ptr, file.len, comments[i % 2], len);
        assert_non_null(at);
        for (size_t n = 0; n <= len; n++)
            assert_unfinished(&file, (size_t)(at - file.ptr) + n);
        struct reading r;
        struct refusal why;
        replace(&file, "\n\n**한빛", "\n\n*한빛");
        assert_ok(read_text(&file, &r, &why));
        assert_text(r.article.body, text);
    }
}

/* Where a disk lost the end of a file, zeros may stand there. */
static void zeros_are_no_end(void **state)
{
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    (void)state;
    write_file(&file, text, 0, NULL);
    const char *body = memmem(file.ptr, file.len, text, strlen(text));
    const char *at = memmem(file.ptr, file.len, "*Crawled at: ", 13);
    assert_non_null(body);
    assert_non_null(at);
    for (char *from = file.ptr + (at - file.ptr) + 12; from > body; from--) {
        struct reading r;
        struct refusal why;
        memset(from, 0, (size_t)(file.ptr + file.len - from));
        if (read_text(&file, &r, &why) != SILLOK_EINVALID)
            fail_msg("%zu zeros", (size_t)(file.ptr + file.len - from));
        assert_string_equal(why.code, "no_footer");
    }
}

/* With another hash, or none, nothing shows it; nor is a large file searched. */
static void the_hash_alone_does(void **state)
{
    enum { LARGE = 1 << 20 };
    static char large[LARGE + 1];
    static const char wrong[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct reading r;
        struct refusal why;
        memset(large, 'x', LARGE);
        large[i == 3 ? LARGE / 2 : LARGE] = '\0';
        write_file(&file, i < 2 ? text : large, 0, i == 0 ? wrong : NULL);
        if (i == 1)
            replace(&file, "content_hash: ", "hash: ");
        replace(&file, "*Crawled at: ", "*");
        const int rc = read_text(&file, &r, &why);
        if (rc != (i == 3 ? 0 : SILLOK_EINVALID))
            fail_msg("%d: %d %s", i, rc, why.code);
        if (i < 3)
            assert_string_equal(why.code, "no_footer");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_shows_the_body),
        cmocka_unit_test(neither_is_needed),
        cmocka_unit_test(a_cut_file_is_one),
        cmocka_unit_test(comments_have_a_footer_behind_them),
        cmocka_unit_test(zeros_are_no_end),
        cmocka_unit_test(the_hash_alone_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
