/* The grammar of front matter as a crawler writes it, what a crawl file looks like when
 * it is written, and the seven characters that some crawlers escape. */
#include "article/escape.h"
#include "article/front.h"
#include "article/render.h"

#include "support.h"

#include <string.h>

/* --- front matter --- */

static int read_front(struct front *out, const char *text, struct refusal *why)
{
    struct sillok_limits limits;
    sillok_limits_default(&limits);
    *why = (struct refusal){ NULL };
    return front_read(out, text_of(text), sillok_profile_builtin("naver"), &limits, why);
}

/* An author goes over many lines, whatever stands in them, up to the next key. */
static void values_go_on_to_the_next_key(void **state)
{
    static const struct {
        const char *name, *lines; /* behind "author: A" */
        int ends;                 /* at the end of that line already */
        int unknown;
    } cases[] = {
        { "a key", "url: u", 1, 0 },
        { "a key with nothing behind it", "url:", 1, 0 },
        { "a tab behind the colon", "url:\tu", 1, 0 },
        { "an unknown key", "views: 1", 1, 1 },
        { "the number of comments", "comment_count: 1", 1, 0 },
        { "capitals, lines, digits", "Az_-09: 1", 1, 1 },
        { "a line first", "_x: 1", 1, 1 },
        { "a, z, A, Z first", "az: 1\nza: 1\nAZ: 1\nZA: 1", 1, 4 },
        { "a digit first", "2024: 기록", 0, 0 },
        { "a dash first", "-x: 1", 0, 0 },
        { "no blank behind the colon", "url:u", 0, 0 },
        { "an address", "https://example.com", 0, 0 },
        { "indented", " url: u", 0, 0 },
        { "a blank before the colon", "url : u", 0, 0 },
        { "no colon", "url", 0, 0 },
        { "a colon alone", ":", 0, 0 },
        { "a blank and a colon", ": x", 0, 0 },
        { "signs beside the letters", "@a: 1\n[a: 1\n`a: 1\n{a: 1", 0, 0 },
        { "signs inside", "a/: 1\na.: 1\na@: 1\na[: 1\na`: 1\na{: 1", 0, 0 },
        { "Hangul", "이름: 값", 0, 0 },
        { "a fence and more", "---- \n--\n--- x", 0, 0 },
        { "nothing", "", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        CLEANUP(buf_release) struct buf want = BUF_INIT;
        struct front f;
        struct refusal why;
        assert_ok(
            buf_printf(&text, "---\nauthor: A\n%s\ntitle: T\n---\nR", cases[i].lines));
        assert_ok(buf_add_char(&text, '\0'));
        assert_ok(cases[i].ends ? buf_add_str(&want, "A")
                                : buf_printf(&want, "A\n%s", cases[i].lines));
        assert_int_equal(read_front(&f, text.ptr, &why), 0);
        const struct sillok_text author = f.values[SILLOK_AUTHOR];
        if (!text_equal(author, text_make(want.ptr, want.len)))
            fail_msg("%s: '%.*s'", cases[i].name, (int)author.len, author.ptr);
        if (f.unknown_keys != cases[i].unknown)
            fail_msg("%s: %d unknown", cases[i].name, f.unknown_keys);
        assert_true(text_is(f.values[SILLOK_TITLE], "T"));
        assert_true(text_is(f.rest, "R"));
    }
}

/* One blank belongs to the key, the rest to the value; a CR only to files that end all
 * their lines so. */
static void ends_of_values(void **state)
{
    static const struct {
        const char *text, *title, *rest;
        int crlf;
    } cases[] = {
        { "---\ntitle: T\n---\nR", "T", "R", 0 },
        { "---\ntitle:  T \n---\n", " T ", "", 0 },
        { "---\ntitle:\tT\n---", "\tT", "", 0 },
        { "---\ntitle: \n---\n", "", "", 0 },
        { "---\ntitle:\n---\n", "", "", 0 },
        { "---\ntitle: T\r\n---\n", "T\r", "", 0 },
        { "---\ntitle: T\n---\r\nR", "T", "R", 0 },
        { "---\r\ntitle: T\r\n---\r\nR", "T", "R", 1 },
        { "---\r\ntitle: T\n---\n", "T", "", 1 },
        { "---\r\ntitle: T\r\r\n---\n", "T\r", "", 1 },
        { "---\r\ntitle:\r\n---\r\n", "", "", 1 },
        { "---\r\ntitle: T\r\nU\r\n---\r\n", "T\r\nU", "", 1 },
        { "---\r\nviews: 1\r\ntitle: T\r\n---\r\n", "T", "", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct front f;
        struct refusal why;
        assert_int_equal(read_front(&f, cases[i].text, &why), 0);
        if (!text_is(f.values[SILLOK_TITLE], cases[i].title) ||
            !text_is(f.rest, cases[i].rest) || f.crlf != cases[i].crlf)
            fail_msg("case %zu: '%.*s'", i, (int)f.values[SILLOK_TITLE].len,
                     f.values[SILLOK_TITLE].ptr);
        assert_null(f.values[SILLOK_URL].ptr);
        assert_true(f.all.ptr == strchr(cases[i].text, '\n') + 1);
        assert_memory_equal(f.all.ptr + f.all.len, "---", 3);
    }
}

/* A text that begins on the line behind its quotation mark has an empty line first; lines are
 * counted from there. */
static void empty_lines_may_stand_first(void **state)
{
    static const struct {
        const char *text;
        int line, crlf;
    } cases[] = {
        { "---\ntitle: T\n---\nR", 2, 0 },
        { "\n---\ntitle: T\n---\nR", 3, 0 },
        { "\r\n\n---\r\ntitle: T\r\n---\r\nR", 4, 1 },
        { " \n---\ntitle: T\n---\nR", 0, 0 },
        { "\n\r---\ntitle: T\n---\nR", 0, 0 },
        { "\n\n", 0, 0 },
        { "\nx\n---\ntitle: T\n---\nR", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct front f;
        struct refusal why;
        const int r = read_front(&f, cases[i].text, &why);
        if ((r == 0) != (cases[i].line > 0))
            fail_msg("%zu: %d", i, r);
        if (r < 0) {
            assert_string_equal(why.code, "no_front_matter");
            continue;
        }
        assert_int_equal(f.lines[SILLOK_TITLE], cases[i].line);
        assert_int_equal(f.crlf, cases[i].crlf);
        assert_true(text_is(f.values[SILLOK_TITLE], "T"));
        assert_true(text_is(f.rest, "R"));
    }
}

/* The sentence says where both stand. */
static void second_keys_are_told_with_their_lines(void **state)
{
    struct front f;
    struct refusal why;
    (void)state;
    assert_int_equal(
        read_front(&f, "---\ntitle: T\nviews: 1\nviews: 2\nurl: u\ntitle: U\n---\n",
                   &why),
        SILLOK_EINVALID);
    assert_string_equal(why.code, "duplicate_key");
    assert_string_equal(sillok_error_message(), "duplicate key title at lines 2 and 6");
    assert_int_equal(read_front(&f, "---\ntitle: T\n", &why), SILLOK_EINVALID);
    assert_string_equal(why.code, "unclosed_front_matter");
}

/* --- escaping --- */

static const struct {
    const char *name, *escaped, *plain;
    int entity, bare; /* of `escaped` */
    int back;         /* escaping the plain text gives it again */
} texts[] = {
    { "nothing", "", "", 0, 0, 1 },
    { "no special", "가나 ab", "가나 ab", 0, 0, 1 },
    { "each of the seven", "&amp;&lt;&gt;&quot;&#x27;&#x60;&#x3D;", "&<>\"'`=", 1, 0, 1 },
    { "between words", "가&lt;나&gt; &quot;다&quot;", "가<나> \"다\"", 1, 0, 1 },
    { "escaped twice", "&amp;lt;", "&lt;", 1, 0, 1 },
    { "at the end", "가&amp;", "가&", 1, 0, 1 },
    { "a bare ampersand", "A & B", "A & B", 0, 1, 0 },
    { "behind an entity", "&lt; & &gt;", "< & >", 1, 1, 0 },
    { "cut off", "&am", "&am", 0, 1, 0 },
    { "cut off at the last byte", "&quot", "&quot", 0, 1, 0 },
    { "another entity", "&nbsp;&#39;", "&nbsp;&#39;", 0, 1, 0 },
    { "the same in small letters", "&#x3d;", "&#x3d;", 0, 1, 0 },
    { "bare <", "<", "<", 0, 1, 0 },
    { "bare >", ">", ">", 0, 1, 0 },
    { "bare \"", "\"", "\"", 0, 1, 0 },
    { "bare '", "'", "'", 0, 1, 0 },
    { "bare `", "`", "`", 0, 1, 0 },
    { "bare =", "=", "=", 0, 1, 0 },
    { "ampersands", "&&amp;&", "&&&", 1, 1, 0 },
};

static void escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CLEANUP(buf_release) struct buf plain = BUF_INIT;
        CLEANUP(buf_release) struct buf again = BUF_INIT;
        const struct sillok_text in = text_of(texts[i].escaped);
        assert_ok(buf_add_char(&plain, '>')); /* both append */
        assert_int_equal(escape_undo(&plain, in), 0);
        if (!text_is(text_make(plain.ptr + 1, plain.len - 1), texts[i].plain))
            fail_msg("%s: '%.*s'", texts[i].name, (int)plain.len, plain.ptr);
        assert_int_equal(escape_has_entity(in), texts[i].entity);
        assert_int_equal(escape_has_bare(in), texts[i].bare);
        assert_int_equal(escape_do(&again, text_of(texts[i].plain)), 0);
        assert_int_equal(text_equal(text_make(again.ptr, again.len), in), texts[i].back);
    }
}

/* --- writing --- */

/* Every place of the layout has another value, so none can stand for another. */
static void files_are_written_as_documented(void **state)
{
    static const char want[] =
        "---\nid: 001_42\ntitle: \"T&amp;\"\ncategory: C&amp;\npublisher: P&amp;\n"
        "author: A&amp;\npublished_at: B&amp;\nmodified_at: M&amp;\n"
        "crawled_at: 2026-01-02 03:15:33\nurl: U&amp;\noid: 001\naid: 42\n"
        "content_hash: "
        "0000000000000000000000000000000000000000000000000000000000000000\n"
        "---\n\n# T&amp;\n\n**P&amp;** | B&amp; | C&amp;\n\n---\n\nbody &lt;\n\n---\n\n"
        "*Crawled at: 2026-01-02 03:15:33*\n*Source: [원문 보기](U&amp;)*\n";
    static const char line[] =
        "{\"oid\":\"001\",\"aid\":\"42\",\"title\":\"T&\",\"category\":\"C&\","
        "\"publisher\":\"P&\",\"author\":\"A&\",\"published_at\":\"B&\","
        "\"modified_at\":\"M&\",\"url\":\"U&\",\"crawled_at\":\"2026-01-02 03:15:33\","
        "\"content_hash\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"body\":\"body <\"}\n";
    struct sillok_article a = { .oid = text_of("001"),
                                .aid = text_of("42"),
                                .crawled_at_s = 1767323733,
                                .body = text_of("body <") };
    static const char *const fields[] = { "T&", "C&", "P&", "A&", "B&", "M&", "U&" };
    (void)state;
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        a.fields[i] = text_of(fields[i]);
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    assert_int_equal(render_file(&out, &a, FORM_ESCAPED), 0);
    assert_true(text_is(text_make(out.ptr, out.len), want));
    buf_clear(&out);
    assert_int_equal(render_file(&out, &a, FORM_NDJSON), 0);
    if (!text_is(text_make(out.ptr, out.len), line))
        fail_msg("%.*s", (int)out.len, out.ptr);
    /* a crawler that knows of no stamp does not write one */
    a.fields[SILLOK_MODIFIED_AT] = text_of("");
    buf_clear(&out);
    assert_int_equal(render_file(&out, &a, 0), 0);
    assert_null(memmem(out.ptr, out.len, "modified_at", 11));
    assert_null(memmem(out.ptr, out.len, "&amp;", 5));
    assert_non_null(memmem(out.ptr, out.len, "\npublished_at: B&\ncrawled_at: ", 29));
}

/* What JSON (RFC 8259) must not hold bare is escaped, each in one way. */
static void lines_escape_what_json_forbids(void **state)
{
    struct sillok_article a = { .oid = text_of("001"),
                                .aid = text_of("42"),
                                .body = text_make("\"\\/\b\f\n\r\t\0\x1f\x7f 가", 15) };
    (void)state;
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    assert_int_equal(render_file(&out, &a, FORM_NDJSON), 0);
    const char *body = memmem(out.ptr, out.len, "\"body\":", 7);
    assert_non_null(body);
    const struct sillok_text got =
        text_make(body + 7, (size_t)(out.ptr + out.len - body) - 7);
    if (!text_is(got,
                 "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\u0009\\u0000\\u001f\x7f 가\"}\n"))
        fail_msg("%.*s", (int)got.len, got.ptr);
}

/* Whatever stands at whatever place: characters are looked for in blocks. */
static void every_character_at_every_place(void **state)
{
    enum { LENGTH = 50 };
    char text[LENGTH];
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < LENGTH; at++) {
            CLEANUP(buf_release) struct buf escaped = BUF_INIT, again = BUF_INIT;
            /* one character alone is not looked for in blocks */
            const char alone = (char)c;
            const int special = escape_has_bare(text_make(&alone, 1));
            assert_int_equal(special, c && strchr("&<>\"'`=", (int)c) != NULL);
            memset(text, 'a', sizeof(text));
            text[at] = (char)c;
            const struct sillok_text t = text_make(text, sizeof(text));
            assert_int_equal(escape_has_bare(t), special);
            assert_int_equal(escape_do(&escaped, t), 0);
            assert_int_equal(escaped.len > sizeof(text), special);
            assert_int_equal(escape_undo(&again, buf_text(&escaped)), 0);
            assert_true(text_equal(buf_text(&again), t));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_on_to_the_next_key),
        cmocka_unit_test(ends_of_values),
        cmocka_unit_test(empty_lines_may_stand_first),
        cmocka_unit_test(second_keys_are_told_with_their_lines),
        cmocka_unit_test(escapes),
        cmocka_unit_test(files_are_written_as_documented),
        cmocka_unit_test(lines_escape_what_json_forbids),
        cmocka_unit_test(every_character_at_every_place),
    };
    return cmocka_run_group_tests_name("article/front", tests, NULL, NULL);
}
