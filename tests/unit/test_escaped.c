/*
 * What says that a file was escaped: the declared hash, of Markdown and of NDJSON, against
 * authors who write of entities.
 */
#include "reader_box.h"

#include <string.h>

static struct support_file file_of(const char *title, const char *body)
{
    return (
        struct support_file){ "001", "1", "2026-01-02 03:15:33", title, body, 0, NULL };
}

static void read_it(const struct support_file *f, struct reading *out)
{
    static struct buf file = BUF_INIT; /* what is read stands in it */
    struct refusal why = { "" };
    buf_clear(&file);
    support_crawl_file(&file, f);
    assert_ok(reader_file(reader, buf_text(&file), out, &why));
    assert_int_equal(out->notes & NOTE_MISMATCH, 0);
}

/* What an author may have written stays, where the body shows that nothing was escaped. */
static void authors_write_of_entities(void **state)
{
    static const struct {
        const char *title, *body;
    } cases[] = {
        { "&quot;부호&quot; 이름", "\"그대로\" 쓴 글." },
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
        read_it(&f, &r);
        assert_text(r.article.fields[SILLOK_TITLE], cases[i].title);
        assert_text(r.article.body, cases[i].body);
        assert_int_equal(r.form, 0);
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
        { "&quot;A&quot;", "'본문'", "'본문'", "&quot;A&quot;", "'본문'" },
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
        cmocka_unit_test(authors_write_of_entities),
        cmocka_unit_test(lines_are_asked_too),
    };
    return cmocka_run_group_tests_name("escaped", tests, set_up, tear_down);
}
