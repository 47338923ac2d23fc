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

/* Other template engines write other references: what was hashed says that it was so. */
static void others_escape_otherwise(void **state)
{
    static const struct {
        const char *title, *url, *body, *hashed;
        const char *want_title, *want_url, *want_body;
        int escaped;
    } cases[] = {
        { "&#39;가&#39;", "https:&#x2F;&#x2F;x.kr&#x2F;1",
          "나의 &quot;집&quot;은 1&#x2F;2", "나의 \"집\"은 1/2", "'가'", "https://x.kr/1",
          "나의 \"집\"은 1/2", 1 },
        { "&#39;가&#39; &amp;", "https://x.kr/1", "&#x41;&#44032;&#x1f600;&nbsp;&middot;",
          "A가😀\u00a0·", "'가' &", "https://x.kr/1", "A가😀\u00a0·", 1 },
        { "&hellip;", "https://x.kr/1", "&quot;가&quot;", "\"가\"", "…", "https://x.kr/1",
          "\"가\"", 1 },
        /* a body that tells nothing: the address does */
        { "&#39;가&#39;", "https:&#x2F;&#x2F;x.kr", "본문.", "본문.", "'가'",
          "https://x.kr", "본문.", 1 },
        { "&#39;가&#39;", "https://x.kr", "본문.", "본문.", "&#39;가&#39;",
          "https://x.kr", "본문.", 0 },
        /* what was hashed itself is the author's */
        { "가", "https://x.kr", "&#39;가&#39; &apos;", "&#39;가&#39; &apos;", "가",
          "https://x.kr", "&#39;가&#39; &apos;", 0 },
        { "가", "https://x.kr", "&amp;#39; &amp;quot;", "&#39; &quot;", "가",
          "https://x.kr", "&#39; &quot;", 1 },
        /* no reference */
        { "가", "https://x.kr",
          "&#0; &#xD800; &#x110000; &#; &#x; &#39 &#12345678; &nbsp &x;",
          "&#0; &#xD800; &#x110000; &#; &#x; &#39 &#12345678; &nbsp &x;", "가",
          "https://x.kr", "&#0; &#xD800; &#x110000; &#; &#x; &#39 &#12345678; &nbsp &x;",
          0 },
        { "가", "https://x.kr", "&#0; &#39; &#xD800;", "&#0; ' &#xD800;", "가",
          "https://x.kr", "&#0; ' &#xD800;", 1 },
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        const size_t n = i / 2;
        struct sillok_id id;
        char hex[SILLOK_ID_HEX_LEN + 1];
        struct reading r;
        struct refusal why = { "" };
        assert_ok(hasher_of(reader_hasher(reader), text_of(cases[n].hashed), &id));
        sillok_id_format(&id, hex);
        /* once more with comments behind it */
        assert_ok(buf_printf(&file,
                             "---\ntitle: \"%s\"\ncrawled_at: 2026-01-02 03:15:33\n"
                             "url: %s\noid: 001\naid: 1\ncontent_hash: %s\n"
                             "comment_count: 1\n---\n\n# %s\n\n**P** | B | C\n\n---\n\n%s"
                             "%s\n\n---\n\n*Crawled at: x*\n",
                             cases[n].title, cases[n].url, hex, cases[n].title,
                             cases[n].body, i % 2 ? "\n\n---\n\n&#39;좋아요&#39;" : ""));
        assert_ok(read_text(&file, &r, &why));
        assert_text(r.article.body, cases[n].want_body);
        assert_text(r.article.fields[SILLOK_TITLE], cases[n].want_title);
        assert_text(r.article.fields[SILLOK_URL], cases[n].want_url);
        assert_int_equal(r.form, cases[n].escaped ? FORM_ESCAPED : 0);
        assert_int_equal(r.notes & NOTE_MISMATCH, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authors_write_of_entities),
        cmocka_unit_test(lines_are_asked_too),
        cmocka_unit_test(others_escape_otherwise),
    };
    return cmocka_run_group_tests_name("escaped", tests, set_up, tear_down);
}
