/*
 * What says that a file was escaped, and in which of its parts: crawlers that escape the
 * values alone, or leave ` and = as they are, against authors who write of entities.
 */
#include "article/escape.h"
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

static void assert_text(struct sillok_text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("got '%.*s', want '%s'", (int)got.len, got.ptr, want);
}

/* As Python's html.escape() does: ` and = stay. */
static void html_escape(const char *text, struct buf *out)
{
    static const char plain[] = "&<>\"'";
    static const char *const entity[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#x27;" };
    buf_clear(out);
    for (; *text; text++) {
        const char *hit = strchr(plain, *text);
        assert_ok(hit ? buf_add_str(out, entity[hit - plain]) : buf_add_char(out, *text));
    }
    assert_ok(buf_add_char(out, '\0'));
}

static struct support_file file_of(const char *title, const char *body)
{
    return (
        struct support_file){ "001", "1", "2026-01-02 03:15:33", title, body, 0, NULL };
}

static void read_it(const struct support_file *f, int crlf, const char *section,
                    struct reading *out)
{
    static struct buf file; /* what is read stands in it */
    static const char footer[] = "\n\n---\n\n*Crawled at: ";
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    struct refusal why = { "" };
    support_crawl_file(&plain, f);
    const char *foot = memmem(plain.ptr, plain.len, footer, sizeof(footer) - 1);
    assert_non_null(foot);
    if (file.ptr)
        buf_clear(&file);
    else
        buf_init(&file, BUF_CEILING);
    for (const char *p = plain.ptr; p <= plain.ptr + plain.len; p++) {
        for (const char *s = section; p == foot && *s; s++)
            assert_ok(crlf && *s == '\n' ? buf_add_str(&file, "\r\n")
                                         : buf_add_char(&file, *s));
        if (p < plain.ptr + plain.len)
            assert_ok(crlf && *p == '\n' ? buf_add_str(&file, "\r\n")
                                         : buf_add_char(&file, *p));
    }
    assert_ok(reader_file(reader, buf_text(&file), out, &why));
    assert_int_equal(out->notes & NOTE_MISMATCH, 0);
}

static void looks_for_quotes_and_bare(void **state)
{
    static const struct {
        const char *text;
        int quote, bare;
    } cases[] = {
        { "", 0, 0 },
        { "&quot;", 1, 0 },
        { "a &#x27;", 1, 0 },
        { "&#x60;", 1, 0 },
        { "&#x3D;", 1, 0 },
        { "&amp; &lt; &gt;", 0, 0 },
        { "&amp;quot;", 0, 0 },
        { "&lt;&quot;", 1, 0 },
        { "&quot", 0, 1 },
        { "&#x27", 0, 1 },
        { "& &quot;", 1, 1 },
        { "` = `", 0, 0 },
        { "제목 = 열여섯 바이트가 넘는 것 `<`", 0, 1 },
        { "=======================>", 0, 1 },
        { "=======================\"", 0, 1 },
        { "=======================&quot;'", 1, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (escape_has_quote(text_of(cases[i].text)) != cases[i].quote ||
            escape_has_bare_html(text_of(cases[i].text)) != cases[i].bare)
            fail_msg("%s", cases[i].text);
}

/* Values escaped and the body not: the same article as with nothing escaped. */
static void values_alone_are_escaped(void **state)
{
    static const struct {
        const char *escaped, *title;
    } titles[] = {
        { "&quot;첫&quot; 돌파", "\"첫\" 돌파" },
        { "&lt;속보&gt; &#x27;첫&#x27; R&amp;D", "<속보> '첫' R&D" },
        { "1 + 1 &#x3D; 2", "1 + 1 = 2" },
        { "a &#x60;b&#x60;", "a `b`" },
        { "가 = 나 &quot;다&quot;", "가 = 나 \"다\"" }, /* html.escape() */
        { "&amp;quot;는 &quot;따옴표&quot;다", "&quot;는 \"따옴표\"다" },
    };
    static const char *const bodies[] = {
        "\"본문\" 하나.\n\n둘.",
        "[서울=가나] 본문.",
        "A & B",
        "`x` < 'y'",
    };
    static const char *const sections[] = { "", "\n\n---\n\n댓글 \"하나\"",
                                            "\n\n댓글 &gt; 하나" };
    (void)state;
    for (size_t i = 0; i < (size_t)6 * 4 * 3 * 2; i++) {
        const char *body = bodies[i / 6 % 4], *section = sections[i / 24 % 3];
        const struct support_file plain = file_of(titles[i % 6].title, body),
                                  mixed = file_of(titles[i % 6].escaped, body);
        struct reading r;
        read_it(&plain, 0, "", &r);
        const struct meta_digest digest = r.digest;
        read_it(&mixed, i / 72 == 1, section, &r);
        assert_text(r.article.fields[SILLOK_TITLE], titles[i % 6].title);
        assert_text(r.article.body, body);
        assert_memory_equal(&r.digest, &digest, sizeof(digest));
        assert_int_equal(r.form, 0);
    }
}

/* What an author may have written stays, where the body shows that nothing was escaped. */
static void authors_write_of_entities(void **state)
{
    static const struct {
        const char *title, *body;
    } cases[] = {
        { "꺾쇠는 &lt;라고 쓴다", "\"꺾쇠\" 하나." },
        { "&lt;a&gt;와 &amp;", "[서울=가나] 본문." },
        { "&amp;quot;는 따옴표다", "\"본문\"" },
        { "\"따옴표\"는 &quot;라고 쓴다", "\"본문\"" },
        { "A & B와 &quot;", "\"본문\"" },
        { "&#x27;라고 쓴다", "본문의 &lt;는 \"꺾쇠\"다." },
        { "&#39;라고 쓴다", "\"본문\"" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct support_file f = file_of(cases[i].title, cases[i].body);
        struct reading r;
        read_it(&f, 0, "", &r);
        assert_text(r.article.fields[SILLOK_TITLE], cases[i].title);
        assert_text(r.article.body, cases[i].body);
        assert_int_equal(r.form, 0);
    }
}

/* A whole file as html.escape() makes it. */
static void equals_signs_may_stay(void **state)
{
    static const char title[] = "'가' = `나` & <다>";
    static const char *const bodies[] = { "[서울=가나] 본문.",
                                          "[서울=가나] \"본문\" `x`.", "본문.",
                                          "A &lt; B = C" };
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CLEANUP(buf_release) struct buf body = BUF_INIT, head = BUF_INIT;
        char hex[SILLOK_ID_HEX_LEN + 1];
        struct sillok_id id;
        struct reading r;
        const struct support_file plain = file_of(title, bodies[i]);
        read_it(&plain, 0, "", &r);
        const struct meta_digest digest = r.digest;
        html_escape(title, &head);
        html_escape(bodies[i], &body);
        assert_ok(hasher_of(reader_hasher(reader), text_of(bodies[i]), &id));
        sillok_id_format(&id, hex);
        struct support_file f = file_of(head.ptr, body.ptr);
        f.hash = hex;
        read_it(&f, 0, "", &r);
        assert_text(r.article.fields[SILLOK_TITLE], title);
        assert_text(r.article.body, bodies[i]);
        assert_memory_equal(&r.digest, &digest, sizeof(digest));
    }
}

/* The declared hash says which form a line of NDJSON has; without one that fits it is
 * taken as it stands. */
static void lines_are_asked_too(void **state)
{
    static const struct {
        const char *title, *body, *hashed, *want_title, *want_body;
    } cases[] = {
        { "A &amp; B", "&lt;가&gt;", "<가>", "A & B", "<가>" },
        { "A &amp; B", "&lt;가&gt;", "&lt;가&gt;", "A &amp; B", "&lt;가&gt;" },
        { "A &amp; B", "본문.", "본문.", "A & B", "본문." },
        { "A &amp; B", "'본문'", "'본문'", "A &amp; B", "'본문'" },
        { "&quot;A&quot;", "'본문'", "'본문'", "\"A\"", "'본문'" },
        { "A & B", "<가>", "<가>", "A & B", "<가>" },
        { "A &amp; B", "&lt;가&gt;", NULL, "A &amp; B", "&lt;가&gt;" },
        { "A &amp; B", "&lt;가&gt;", "다른 글", "A &amp; B", "&lt;가&gt;" },
        { "A &amp; B", "", "", "A & B", "" },
        { "A &amp; B", "가\\n\\n댓글", "가", "A &amp; B", "가\n\n댓글" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf line = BUF_INIT;
        const char *hashed = cases[i].hashed;
        char hex[SILLOK_ID_HEX_LEN + 1];
        struct sillok_id id;
        struct reading r;
        struct refusal why = { "" };
        assert_ok(buf_printf(&line,
                             "{\"oid\":\"001\",\"aid\":\"7\",\"title\":\"%s\","
                             "\"body\":\"%s\","
                             "\"crawled_at\":\"2026-01-02 03:15:33\"",
                             cases[i].title, cases[i].body));
        if (hashed) {
            assert_ok(hasher_of(reader_hasher(reader), text_of(hashed), &id));
            sillok_id_format(&id, hex);
            assert_ok(buf_printf(&line, ",\"content_hash\":\"%s\"", hex));
        }
        assert_ok(buf_add_str(&line, "}\n"));
        assert_ok(reader_ndjson(reader, buf_text(&line), &r, &why));
        assert_text(r.article.fields[SILLOK_TITLE], cases[i].want_title);
        assert_text(r.article.body, cases[i].want_body);
        assert_int_equal(r.form, FORM_NDJSON);
        assert_int_equal(r.notes & NOTE_MISMATCH,
                         hashed && strcmp(hashed, cases[i].want_body) ? NOTE_MISMATCH
                                                                      : 0);
        assert_ok(hasher_of(reader_hasher(reader), text_of(cases[i].want_body), &id));
        assert_true(sillok_id_equal(&id, &r.article.content_hash));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_for_quotes_and_bare),
        cmocka_unit_test(values_alone_are_escaped),
        cmocka_unit_test(authors_write_of_entities),
        cmocka_unit_test(equals_signs_may_stay),
        cmocka_unit_test(lines_are_asked_too),
    };
    return cmocka_run_group_tests_name("escaped", tests, set_up, tear_down);
}
