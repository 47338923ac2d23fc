/*
 * The crawler's template where it is told from what looks like it: a footer in the middle
 * of a line, entities that the author wrote, the last size of the front matter that is
 * taken, the first and last letter of a hash in upper case.
 */
#include "reader_box.h"

#include <string.h>

/* What the template writes behind the heading, of a body of any end. */
static void add_file(struct buf *out, const char *tail)
{
    assert_ok(
        buf_printf(out,
                   "---\ntitle: \"제목\"\noid: 001\naid: 1\ncontent_hash: "
                   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                   "\ncrawled_at: 2026-01-02 03:15:33\n---\n\n# 제목\n\n**가나일보** "
                   "| 어제 | 사회\n\n---\n\n%s",
                   tail));
}

/* A footer begins its line: the same words behind others are the author's. */
static void a_footer_begins_a_line(void **state)
{
    static const struct {
        const char *tail, *body; /* NULL: there is no footer, the file is cut */
    } cases[] = {
        { "본문.\n\n---\n\n*Crawled at: x*\n", "본문." },
        { "본문.\n\n---*Crawled at: x*\n", NULL },
        { "---*Crawled at: x*\n", NULL },
        { "본문.\n\n---\n\n*Crawled at: x*\n\n---*Crawled at: y*\n", "본문." },
        { "본문.\n---*Crawled at: x*\n\n---\n\n*Crawled at: y*\n",
          "본문.\n---*Crawled at: x*" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        add_file(&file, cases[i].tail);
        const int rc = read_text(&file, &r, &why);
        if (cases[i].body) {
            assert_ok(rc);
            assert_text(r.article.body, cases[i].body);
        } else if (rc != SILLOK_EINVALID || strcmp(why.code, "no_footer") != 0)
            fail_msg("%zu: %d %s", i, rc, why.code);
    }
}

/* An author writes about HTML, in a file that is not escaped: the declared hash is that
 * of the entities as they stand, so they stand in the title too. Nothing bare helps. */
static const struct support_file about_entities = {
    "001",
    "1",
    "2026-01-02 03:15:33",
    "꺾쇠는 &lt;라고 쓴다",
    "본문에서 &amp;는 앰퍼샌드다.\n\nWrite &lt; for it.",
    0,
    NULL
};

static void entities_that_were_hashed_are_the_authors(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct reading r;
    struct refusal why;
    support_crawl_file(&file, &about_entities);
    assert_ok(read_text(&file, &r, &why));
    assert_int_equal(r.notes, 0);
    assert_int_equal(r.form, 0);
    assert_text(r.article.body, about_entities.body);
    assert_text(r.article.fields[SILLOK_TITLE], about_entities.title);
    assert_renders(&file, &r);
}

/* The same with a section of reader comments behind it, where the end of the body is
 * looked for. */
static void so_are_those_before_comments(void **state)
{
    static const char footer[] = "\n\n---\n\n*Crawled at: ";
    static const char *const sections[] = { "\n\n댓글 하나", "\n\n댓글 &gt; 하나" };
    (void)state;
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_release) struct buf plain = BUF_INIT, file = BUF_INIT;
        struct reading r;
        struct refusal why;
        support_crawl_file(&plain, &about_entities);
        const char *foot = memmem(plain.ptr, plain.len, footer, sizeof(footer) - 1);
        assert_non_null(foot);
        const size_t n = (size_t)(foot - plain.ptr);
        assert_ok(buf_add(&file, plain.ptr, n));
        assert_ok(buf_add_str(&file, sections[i]));
        assert_ok(buf_add(&file, foot, plain.len - n));
        assert_ok(read_text(&file, &r, &why));
        assert_int_equal(r.notes, 0);
        assert_int_equal(r.form, 0);
        assert_text(r.article.body, about_entities.body);
        assert_text(r.article.fields[SILLOK_TITLE], about_entities.title);
    }
}

/* The limit holds for where a line begins. */
static void the_limit_of_the_front_matter_is_the_last_byte(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct sillok_limits limits;
    add_file(&file, "본문.\n\n---\n\n*Crawled at: x*\n");
    const char *last = memmem(file.ptr, file.len, "crawled_at: ", 12);
    assert_non_null(last);
    sillok_limits_default(&limits);
    for (uint64_t less = 0; less < 2; less++) {
        struct reader *own;
        struct reading r;
        struct refusal why = { "" };
        limits.front_matter_bytes = (uint64_t)(last - file.ptr) - 4 - less;
        assert_ok(reader_new(&own, sillok_profile_builtin("naver"), &limits));
        assert_int_equal(reader_file(own, text_make(file.ptr, file.len), &r, &why),
                         less ? SILLOK_EINVALID : 0);
        assert_string_equal(why.code, less ? "front_matter_too_large" : "");
        reader_free(own);
    }
}

/* One letter is enough to be told, whichever. */
static void each_letter_of_a_hash_may_be_in_upper_case(void **state)
{
    (void)state;
    for (int upper = 'A'; upper <= 'F'; upper++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        add_file(&file, "본문.\n\n---\n\n*Crawled at: x*\n");
        char *hash = memmem(file.ptr, file.len, "0123456789abcdef", 16);
        assert_non_null(hash);
        assert_ok(read_text(&file, &r, &why));
        assert_int_equal(r.notes & NOTE_UPPER_HASH, 0);
        hash[10 + upper - 'A'] = (char)upper;
        assert_ok(read_text(&file, &r, &why));
        if (!(r.notes & NOTE_UPPER_HASH))
            fail_msg("%c is not told", upper);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_footer_begins_a_line),
        cmocka_unit_test(entities_that_were_hashed_are_the_authors),
        cmocka_unit_test(so_are_those_before_comments),
        cmocka_unit_test(the_limit_of_the_front_matter_is_the_last_byte),
        cmocka_unit_test(each_letter_of_a_hash_may_be_in_upper_case),
    };
    return cmocka_run_group_tests_name("template", tests, set_up, tear_down);
}
