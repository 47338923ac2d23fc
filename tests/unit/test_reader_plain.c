/* Files that declare no hash or have no template, and those of other crawlers. */
#include "reader_box.h"

#include <string.h>

/* A reader of a crawler that need not declare a hash; *p is to outlive it. */
static struct reader *without_hash(struct sillok_profile *p, int has_template)
{
    struct reader *own;
    struct sillok_limits limits;
    sillok_limits_default(&limits);
    *p = *sillok_profile_builtin("naver");
    p->hash_required = 0;
    p->has_template = has_template;
    assert_ok(reader_new(&own, p, &limits));
    return own;
}

/* With no hash to ask, the last footer with its line is the end, of whatever shape. */
static void ends_without_a_hash(void **state)
{
    static const struct {
        const char *tail, *body; /* from behind the heading; NULL: no footer */
    } cases[] = {
        { "본문.\n\n---\n\n*Crawled at: x", "본문." },
        { "본문.\n\n---\n*Crawled at: x", "본문." },
        { "본문.\n\n---\n\n\n\n*Crawled at: x", "본문." },
        { "본문.\n---\n\n*Crawled at: x", "본문." },
        { "본문.\n\n\n---\n\n*Crawled at: x", "본문.\n" },
        { "본문.\r\n\n---\n\n*Crawled at: x", "본문.\r" }, /* a file of LF keeps it */
        { "본문.\r\n\r\n---\r\n\r\n*Crawled at: x", "본문.\r\n\r" },
        { "\n\n---\n\n*Crawled at: x", "" },
        { "\n---\n\n*Crawled at: x", "" },
        { "---\n\n*Crawled at: x", "" },
        { "--\n\n*Crawled at: x", NULL },
        { "*Crawled at: x", NULL },
        { "본문.\n\n*Crawled at: x", NULL },
        { "본문.\n\n---\n\n *Crawled at: x", NULL },
        { "본문.\n\n---\n\n*Crawled at:", NULL },
        { "본문.\n\n---\n\n*Crawled at: x*\n\n*Crawled at: y", "본문." },
        { "본문.\n\n---\n\n*Crawled at: x*\n\n---\n\n*Crawled at: y",
          "본문.\n\n---\n\n*Crawled at: x*" },
        { "본문.\n\n---\n\n*Crawled at: x*\n*Source*\n**\n*", "본문." },
    };
    (void)state;
    struct sillok_profile p;
    struct reader *own = without_hash(&p, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why = { "" };
        assert_ok(buf_printf(&file,
                             "---\ntitle: T\noid: 001\naid: 1\n"
                             "crawled_at: 2026-01-02 03:15:33\n---\n\n# T\n\n**P** | B | "
                             "C\n\n---\n\n%s",
                             cases[i].tail));
        const int rc = reader_file(own, text_make(file.ptr, file.len), &r, &why);
        if (cases[i].body ? rc != 0 || !text_is(r.article.body, cases[i].body)
                          : strcmp(why.code, "no_footer") != 0)
            fail_msg("%zu: %d %s '%.*s'", i, rc, why.code, (int)r.article.body.len,
                     r.article.body.ptr);
    }
    reader_free(own);
}

/* With no hash to ask: bare characters anywhere say that nothing was escaped, entities
 * that all was; the hash is that of the body as it was read. */
static void forms_without_a_hash(void **state)
{
    static const struct {
        const char *author, *title, *raw, *body;
        int escaped;
    } cases[] = {
        { "A", "T", "본문.", "본문.", 0 },
        { "A", "T", "가 &amp; 나", "가 & 나", 1 },
        { "A", "T", "가 &amp; \"나\"", "가 &amp; \"나\"", 0 },
        { "A", "T", "가 & 나", "가 & 나", 0 },
        { "A &lt;a&gt;", "T", "본문.", "본문.", 1 },
        { "A <a>", "T", "가 &amp; 나", "가 &amp; 나", 0 },
        { "A", "&quot;T", "본문.", "본문.", 1 },
        { "A", "\"T\" U", "가 &amp; 나", "가 &amp; 나", 0 },
        { "A", "\"T\"", "가 &amp; 나", "가 & 나", 1 }, /* the template's own marks */
    };
    (void)state;
    struct sillok_profile p;
    struct reader *own = without_hash(&p, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int wrong = 0; wrong < 2; wrong++) { /* a wrong one says nothing either */
            CLEANUP(buf_release) struct buf file = BUF_INIT;
            struct reading r;
            struct refusal why = { "" };
            struct sillok_id want;
            assert_ok(buf_printf(
                &file,
                "---\ntitle: %s\nauthor: %s\noid: 001\naid: 1\n%s"
                "crawled_at: 2026-01-02 03:15:33\n---\n\n# T\n\n**P** | B | C\n\n---\n\n"
                "%s\n\n---\n\n*Crawled at: x",
                cases[i].title, cases[i].author,
                wrong ? "content_hash: 0123456789abcdef0123456789abcdef0123456789abcdef01"
                        "23456789abcdef\n"
                      : "",
                cases[i].raw));
            assert_ok(reader_file(own, text_make(file.ptr, file.len), &r, &why));
            if (!text_is(r.article.body, cases[i].body) ||
                r.form != (cases[i].escaped ? FORM_ESCAPED : 0))
                fail_msg("%zu: form %u '%.*s'", i, r.form, (int)r.article.body.len,
                         r.article.body.ptr);
            assert_int_equal(r.notes, wrong ? NOTE_MISMATCH : 0);
            assert_ok(hasher_of(reader_hasher(own), text_of(cases[i].body), &want));
            assert_true(sillok_id_equal(&r.article.content_hash, &want));
        }
    reader_free(own);
}

/* The template puts the title into marks, and so may the author. */
static void titles_lose_the_marks_of_the_template(void **state)
{
    static const struct {
        const char *raw, *title;
    } cases[] = {
        { "\"T\"", "T" },         { "T", "T" },       { "\"", "\"" },
        { "\"\"", "" },           { "\"T", "\"T" },   { "T\"", "T\"" },
        { "\"\"T\"\"", "\"T\"" }, { "\"\"\"", "\"" }, { "", "" },
    };
    (void)state;
    struct sillok_profile p;
    struct reader *own = without_hash(&p, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        assert_ok(buf_printf(&file,
                             "---\ntitle: %s\noid: 001\naid: 1\n"
                             "crawled_at: 2026-01-02 03:15:33\n---\n\n# %s\n\n**** | "
                             " | \n\n---\n\nB\n\n---\n\n*Crawled at: x",
                             cases[i].raw, cases[i].title));
        assert_ok(reader_file(own, text_make(file.ptr, file.len), &r, &why));
        assert_text(r.article.fields[SILLOK_TITLE], cases[i].title);
        assert_text(r.article.body, "B");
    }
    reader_free(own);
}

/* --- files of other crawlers --- */

#define FOREIGN_HEAD                                                                     \
    "---\noid: '001'\naid: '7'\ntitle: 제목\ncrawled_at: 2026-01-02 03:15:33\n"

/* Where the body of somebody else's file begins and ends is a matter of taste; the hash
 * that it declares tells which. */
static void foreign_bodies_are_those_that_were_hashed(void **state)
{
    static const struct {
        const char *rest, *body;
    } cases[] = {
        { "\n\n 본문.\n둘. \r\n\n", "본문.\n둘." },
        { "\n# 제목\n\n 본문. \n", "본문." },
        { "\n# 제목\n\n 본문. \n", "# 제목\n\n 본문." },
        { "\n# 제목\n\n 본문. \n", "본문. \n" },
        { "\n# 제목\n\n 본문. \n", "# 제목\n\n 본문. \n" },
        { "\n\n본문. \n", "\n본문. \n" },
        { "\n\n본문. \n", "\n\n본문. \n" },
        { "본문.", "본문." },
        { "# 제목", "" },
        { "#제목\n본문.", "#제목\n본문." },
        { "", "" },
        { " \n", "" },
        { "\n", "\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why = { "" };
        struct sillok_id want;
        char hex[SILLOK_ID_HEX_LEN + 1];
        assert_ok(hasher_of(reader_hasher(reader), text_of(cases[i].body), &want));
        sillok_id_format(&want, hex);
        assert_ok(buf_printf(&file,
                             "\xef\xbb\xbf" FOREIGN_HEAD "content_hash: %s\n---\n%s", hex,
                             cases[i].rest));
        const int rc = read_text(&file, &r, &why);
        if (rc != 0 || !text_is(r.article.body, cases[i].body))
            fail_msg("%zu: %d %s '%.*s'", i, rc, why.code, (int)r.article.body.len,
                     r.article.body.ptr);
        assert_int_equal(r.notes, NOTE_BOM | (cases[i].body[0] ? 0 : NOTE_EMPTY_BODY));
        assert_true(sillok_id_equal(&r.article.content_hash, &want));
    }
}

/* Without a hash, or with a wrong one, it is the text without the white space around. */
static void foreign_bodies_without_a_hash(void **state)
{
    static const struct {
        const char *rest, *body;
    } cases[] = {
        { "\n\r\n  본문.\n 둘.\r\n \n", "본문.\n 둘." },
        { "\n# 제목\n\n본문.\n", "# 제목\n\n본문." },
        { "\t본문.\t", "\t본문.\t" },
        { " \n\r", "" },
        { "본문.", "본문." },
        { "", "" },
    };
    (void)state;
    struct sillok_profile p;
    struct reader *own = without_hash(&p, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int line = 0; line < 3; line++) {
            static const char wrong[] =
                "content_hash: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
                "abcdef\n";
            static const char *const lines[] = { "", "content_hash:\n", wrong };
            CLEANUP(buf_release) struct buf file = BUF_INIT;
            struct reading r;
            struct refusal why = { "" };
            struct sillok_id want;
            assert_ok(
                buf_printf(&file, FOREIGN_HEAD "%s---\n%s", lines[line], cases[i].rest));
            assert_ok(reader_file(own, text_make(file.ptr, file.len), &r, &why));
            assert_text(r.article.body, cases[i].body);
            assert_int_equal(!!(r.notes & NOTE_MISMATCH), line == 2);
            assert_ok(hasher_of(reader_hasher(own), text_of(cases[i].body), &want));
            assert_true(sillok_id_equal(&r.article.content_hash, &want));
        }
    reader_free(own);
}

/* A file that is not of this crawler and cannot be taken for another's: which of both is
 * told. Somebody else's, with a wrong hash, may as well be a damaged one of ours. */
static void foreign_files_are_refused_for_their_own_reasons(void **state)
{
    static const struct {
        const char *lines, *code, *words;
    } cases[] = {
        { "", "missing_key", "there is no content_hash" },
        { "content_hash: 12\n", "bad_hash", "64 hex digits" },
        { "content_hash: ''\n", "bad_hash", "64 hex digits" },
        { "content_hash: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          "\n",
          "no_heading", "heading" },
        { "author: a: b\n", "no_heading", "heading" }, /* no YAML: ours, then */
        { "author: \"a\\0b\"\ntags: [x]\n", "missing_key", "content_hash" },
        { "title: \"a\\0b\"\n", "duplicate_key", "title" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why;
        assert_ok(buf_printf(&file, FOREIGN_HEAD "%s---\n\n본문.\n", cases[i].lines));
        assert_int_equal(read_text(&file, &r, &why), SILLOK_EINVALID);
        if (strcmp(why.code, cases[i].code) != 0 ||
            !strstr(sillok_error_message(), cases[i].words))
            fail_msg("%zu: %s: %s", i, why.code, sillok_error_message());
    }
}

/* The limits hold for values that YAML wrote in other ways as well. */
static void foreign_values_have_limits(void **state)
{
    (void)state;
    struct sillok_profile p;
    struct sillok_limits limits;
    sillok_limits_default(&limits);
    p = *sillok_profile_builtin("naver");
    p.hash_required = p.has_template = 0;
    static const char file[] = "---\noid: '001'\naid: '7'\nauthor: [a,b,c,d,e,f,g,h]\n"
                               "crawled_at: 2026-01-02 03:15:33\n---\nB";
    for (int less = 0; less < 2; less++) { /* 17 bytes, 22 as they are read */
        struct reader *own;
        struct reading r;
        struct refusal why = { "" };
        limits.field_bytes = less ? 21 : 22;
        assert_ok(reader_new(&own, &p, &limits));
        assert_int_equal(reader_file(own, text_of(file), &r, &why),
                         less ? SILLOK_EINVALID : 0);
        if (less)
            assert_string_equal(why.code, "field_too_large");
        else
            assert_text(r.article.fields[SILLOK_AUTHOR], "a, b, c, d, e, f, g, h");
        reader_free(own);
    }
}

/* Where no hash is asked for, one of another kind says nothing, and a right one still decides. */
static void a_hash_of_another_kind_is_passed_over(void **state)
{
    static const struct {
        const char *line;
        unsigned notes;
    } cases[] = {
        { "content_hash: d41d8cd98f00b204e9800998ecf8427e\n", NOTE_OTHER_HASH },
        { "content_hash: sha256:0123456789abcdef\n", NOTE_OTHER_HASH },
        { "content_hash: \n", 0 },
        { "content_hash:\n", 0 },
        { "", 0 },
        { "content_hash: "
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
          NOTE_MISMATCH },
    };
    (void)state;
    struct sillok_profile p;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct reader *own = without_hash(&p, i % 2 == 0);
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why = { "" };
        assert_ok(buf_printf(&file,
                             "---\ntitle: T\noid: '001'\naid: '1'\n%s"
                             "crawled_at: '2026-01-02 03:15:33'\n---\n\n%s본문.%s",
                             cases[i / 2].line,
                             i % 2 ? "" : "# T\n\n**P** | B | C\n\n---\n\n",
                             i % 2 ? "\n" : "\n\n---\n\n*Crawled at: x*\n"));
        if (reader_file(own, text_make(file.ptr, file.len), &r, &why) < 0)
            fail_msg("%zu: %s", i, why.code);
        assert_text(r.article.body, "본문.");
        assert_int_equal(r.notes, cases[i / 2].notes);
        reader_free(own);
    }
}

/* Comments are not the article, also where no hash tells where it ends. What looks like
 * their section and is not said to stand there is the body's own. */
static void comments_without_a_hash(void **state)
{
#define SECTION                                                                          \
    "\n\n---\n\n📊 **댓글 통계**: 총 1 개\n\n## 댓글 (1 개)\n\n**a** | 👍 1\n\n좋아요\n\n"
#define NOBODY "\n\n---\n\n*댓글이 없습니다.*"
    static const struct {
        const char *line, *text, *body;
    } cases[] = {
        { "comment_count: 1\n", "본문.\n\n둘째." SECTION, "본문.\n\n둘째." },
        { "comment_count: 1\n", "본문 &amp; 끝." SECTION, "본문 & 끝." },
        { "comment_count: 1\n", "본문 &quot;끝&quot;." SECTION "\"다\" <b>",
          "본문 \"끝\"." },
        { "comment_count: 1\n", "본문 \"끝\"." SECTION "&amp; 다", "본문 \"끝\"." },
        { "comment_count: 0\n", "본문." NOBODY, "본문." },
        { "comment_count: 0\n", NOBODY, "" },
        { "comment_count: 2\n", "본문." SECTION "---\n\n**b** | 👍 1\n" SECTION, "본문." },
        { "comment_count: 1\n", "본문.\n\n📊 **댓글 통계**: 셋" SECTION,
          "본문.\n\n📊 **댓글 통계**: 셋" },
        { "comment_count: 1\n", "본문.\r\n\r\n둘째.\r\n\r\n---\r\n\r\n📊 **댓글 통계**",
          "본문.\r\n\r\n둘째.\r\n\r" }, /* a file of LF keeps it */
        { "comment_count: 1\n", "본문.\n\n---\n\n둘째.", "본문.\n\n---\n\n둘째." },
        { "", "본문." NOBODY, "본문." NOBODY },
    };
#undef SECTION
#undef NOBODY
    (void)state;
    struct sillok_profile p;
    struct reader *own = without_hash(&p, 1);
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i / 2].text;
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        struct reading r;
        struct refusal why = { "" };
        struct sillok_id want;
        assert_ok(
            buf_printf(&file,
                       "---\ntitle: T\noid: 001\naid: 1\n%s%s"
                       "crawled_at: 2026-01-02 03:15:33\n---\n\n# T\n\n**P** | B | "
                       "C\n\n---\n\n%s\n\n---\n\n*Crawled at: x*\n",
                       cases[i / 2].line,
                       i % 2 ? "content_hash: 0123456789abcdef0123456789abcdef0123456789"
                               "abcdef0123456789abcdef\n"
                             : "",
                       text));
        assert_ok(reader_file(own, text_make(file.ptr, file.len), &r, &why));
        if (!text_is(r.article.body, cases[i / 2].body))
            fail_msg("%zu: '%.*s'", i, (int)r.article.body.len, r.article.body.ptr);
        assert_ok(hasher_of(reader_hasher(own), r.article.body, &want));
        assert_true(sillok_id_equal(&r.article.content_hash, &want));
        assert_int_equal(!!(r.notes & NOTE_MISMATCH), i % 2);
    }
    reader_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_without_a_hash),
        cmocka_unit_test(forms_without_a_hash),
        cmocka_unit_test(titles_lose_the_marks_of_the_template),
        cmocka_unit_test(foreign_bodies_are_those_that_were_hashed),
        cmocka_unit_test(foreign_bodies_without_a_hash),
        cmocka_unit_test(foreign_files_are_refused_for_their_own_reasons),
        cmocka_unit_test(foreign_values_have_limits),
        cmocka_unit_test(a_hash_of_another_kind_is_passed_over),
        cmocka_unit_test(comments_without_a_hash),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
