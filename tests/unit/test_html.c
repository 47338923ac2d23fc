/* HTML: what comes from outside stays text; what lists, plots and tables are made of. */
#include "support.h"

#include "base/utf8.h"
#include "report/html.h"
#include "report/sides.h"
#include "report/site.h"
#include "report/svg.h"

#include <string.h>

static void expect(const struct buf *b, const char *want, const char *name)
{
    if (b->len != strlen(want) || memcmp(b->ptr ? b->ptr : "", want, b->len) != 0)
        fail_msg("%s: '%.*s'", name, (int)b->len, b->ptr ? b->ptr : "");
}

static void test_text(void **state)
{
    static const struct {
        const char *name, *in, *out;
    } cases[] = {
        { "plain", "시장 opens", "시장 opens" },
        { "empty", "", "" },
        { "markup", "<script>a&b</script>", "&lt;script&gt;a&amp;b&lt;/script&gt;" },
        { "quotes", "\"'", "&quot;&#39;" },
        { "an entity is text", "&lt;", "&amp;lt;" },
        { "lines become blanks", "a\nb\tc\rd", "a b c d" },
        { "escape", "\x1b[31m", "\\x1b[31m" },
        { "C1", "\xC2\x9B", "&lt;U+009B&gt;" },
        { "override",
          "a\xE2\x80\xAE"
          "b",
          "a&lt;U+202E&gt;b" },
        { "isolate", "\xE2\x81\xA6", "&lt;U+2066&gt;" },
        { "zero width", "\xE2\x80\x8B", "&lt;U+200B&gt;" },
        { "not UTF-8", "a\xFF\xC0\x80", "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "cut sequence", "\xEA\xB0", "\xEF\xBF\xBD\xEF\xBF\xBD" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT;
        html_str(&b, cases[i].in);
        expect(&b, cases[i].out, cases[i].name);
        buf_release(&b);
    }
}

static void test_nul(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    html_text(&b, text_make("a\0b", 3));
    expect(&b, "a\\x00b", "nul");
    buf_release(&b);
}

static void test_attribute(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    html_attr(&b, "title", text_of("\" onclick=\"x"));
    expect(&b, " title=\"&quot; onclick=&quot;x\"", "attribute");
    buf_release(&b);
}

static void test_links(void **state)
{
    static const struct {
        const char *url;
        int link;
    } cases[] = {
        { "https://example.org/a?b=1&c=2", 1 },
        { "http://example.org", 1 },
        { "HTTPS://EXAMPLE.ORG/", 1 },
        { "https://example.org/한글", 1 },
        { "javascript:alert(1)", 0 },
        { "data:text/html,x", 0 },
        { "//example.org", 0 },
        { "/etc/passwd", 0 },
        { "file:///etc/passwd", 0 },
        { " https://example.org", 0 }, /* a browser would take the blank away */
        { "https://", 0 },
        { "https:///etc", 0 },
        { "https://@example.org", 0 },
        { "java\nscript:alert(1)", 0 },
        { "https://example.org/a\nb", 0 },
        { "https://example.org/\xE2\x80\xAEgro", 0 }, /* reads backwards */
        { "https://example.org/\xFF", 0 },
        { "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (html_is_link(text_of(cases[i].url)) != cases[i].link)
            fail_msg("%s: %d", cases[i].url, !cases[i].link);
    struct buf b = BUF_INIT;
    html_link(&b, text_of("https://a.example/?x=\"><b>"), text_of("<a>"));
    expect(&b,
           "<a rel=\"noopener noreferrer\" "
           "href=\"https://a.example/?x=&quot;&gt;&lt;b&gt;\">&lt;a&gt;</a>",
           "link");
    buf_clear(&b);
    html_link(&b, text_of("javascript:x"), text_of("javascript:x"));
    expect(&b, "javascript:x", "no link");
    buf_release(&b);
}

static void test_pieces(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    html_number(&b, 0);
    html_raw(&b, " ");
    html_number(&b, 999);
    html_raw(&b, " ");
    html_number(&b, 1234567);
    expect(&b, "0 999 1,234,567", "numbers");
    buf_clear(&b);
    html_url_part(&b, text_of("a-b_c.~d/e?f#g%h\"가"));
    expect(&b, "a-b_c.~d%2Fe%3Ff%23g%25h%22%EA%B0%80", "url part");
    buf_clear(&b);
    html_cut(&b, text_of("  <바다>   건너  "), 6);
    expect(&b, "&lt;바다…", "cut");
    buf_clear(&b);
    html_headline(&b, text_of("<바다>  건너 "), SIZE_MAX);
    html_headline(&b, text_of(" \t\xE3\x80\x80\xC2\xA0"), 20);
    html_headline(&b, text_of("\xE2\x80\x8B"), 20); /* it is written, and so seen */
    expect(&b, "&lt;바다&gt; 건너(no headline)&lt;U+200B&gt;", "headline");
    buf_clear(&b);
    html_lang(&b, text_of("America 미국"));
    html_lang(&b, text_of("America 美國"));
    html_lang(&b, text_of("ニュース"));
    expect(&b, " lang=\"ko\" lang=\"ja\"", "lang");
    buf_clear(&b);
    html_printf(&b, "%d<%s", 3, "&");
    expect(&b, "3&lt;&amp;", "printf");
    buf_release(&b);
}

/* Text of an article runs by itself, whatever its letters are, and whatever marks are in it. */
static void test_why(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "", "" },
        { "metadata: fields only", "metadata: fields only" },
        { "word: 1 place [-ישן-]{+חדש+}",
          "word: 1 place [-<bdi>ישן</bdi>-]{+<bdi>חדש</bdi>+}" },
        { "added: 1 place {+<b>+}", "added: 1 place {+<bdi>&lt;b&gt;</bdi>+}" },
        { "removed: 1 place [-قديم-]", "removed: 1 place [-<bdi>قديم</bdi>-]" },
        { "word: 1 place [-a-] {+b-]{+c{+[-d+}",
          "word: 1 place [-<bdi>a-] {+b</bdi>-]{+<bdi>c{+[-d</bdi>+}" },
        { "word: 1 place [-cut off", "word: 1 place [-<bdi>cut off</bdi>" },
        { "word: 1 place [-", "word: 1 place [-" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT;
        html_why(&b, text_of(cases[i].in));
        expect(&b, cases[i].out, cases[i].in);
        buf_release(&b);
    }
}

static size_t count_of(const struct buf *b, const char *what)
{
    size_t n = 0;
    const char *end = b->ptr + b->len;
    for (const char *p = b->ptr; (p = memmem(p, end - p, what, strlen(what))); p++)
        n++;
    return n;
}

static void test_plots(void **state)
{
    static const struct svg_head head = { "x", "Changes <by> day" };
    struct svg_bar bars[] = { { text_of("<i>"), 3 },
                              { text_of("가"), 0 },
                              { text_of("c"), UINT64_MAX / 2 } };
    struct buf b = BUF_INIT;
    (void)state;
    svg_bars(&b, &head, bars, 3);
    assert_int_equal(count_of(&b, "<rect"), 3);
    assert_int_equal(count_of(&b, "<title id=\"x-title\">Changes &lt;by&gt; day</title>"),
                     1);
    assert_int_equal(count_of(&b, "&lt;i&gt;"), 1);
    assert_int_equal(count_of(&b, "<i>"), 0);
    buf_clear(&b);
    svg_columns(&b, &head, bars, 3);
    assert_int_equal(count_of(&b, "<rect"), 2); /* none for nothing */
    assert_true(count_of(&b, "class=\"grid\"") <= 5);
    bars[0].value = 5;
    buf_clear(&b);
    svg_columns(&b, &head, bars, 1);
    assert_int_equal(count_of(&b, "height=\"166.67\""), 1); /* 5 of 6 */
    bars[0].value = 4;
    buf_clear(&b);
    svg_columns(&b, &head, bars, 1);
    assert_int_equal(count_of(&b, "height=\"200.00\""), 1); /* to the top */
    buf_clear(&b);
    for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++)
        bars[i].label = text_of("03-04 14:00");
    struct svg_bar hours[48];
    for (size_t i = 0; i < 48; i++)
        hours[i] = bars[0];
    svg_columns(&b, &head, hours, 48);
    assert_int_equal(count_of(&b, "tick middle"), 3); /* more would touch on a phone */
    buf_clear(&b);
    svg_columns(&b, &head, bars, 0);
    svg_bars(&b, &head, bars, 0);
    assert_int_equal(count_of(&b, "</svg>"), 2);
    assert_int_equal(b.failed, 0);
    buf_release(&b);
}

static void test_sides(void **state)
{
    static const struct sides head = { "Text", 1, 2 };
    static const struct {
        const char *name, *before, *after, *want;
        size_t n_rows;
    } cases[] = {
        { "equal", "One.", "One.", NULL, 0 },
        { "a word", "One red cat.", "One blue cat.", "<del>red</del> cat.", 2 },
        { "inside a word", "The 15th came.", "The 16th came.", "<del>", 2 },
        { "replaced sentences stand side by side", "Apples are red.\nEnd.",
          "Ten ships sank at sea.\nEnd.", "</del></td><td class=\"new\"><ins>", 3 },
        { "emptied", "One.", "", "<del>One.</del></td><td class=\"none\"></td>", 2 },
        { "escaped", "<b> a.", "<i> a.", "&lt;", 2 },
        { "a blank", "One. Two.", "One.\nTwo.", "<ins>⏎</ins>", 3 },
        { "a syllable of which the last byte is the same", "그는 나무가 많다.",
          "그는 나이가 많다.", "<del>나<b>무</b>가</del>", 2 },
        { "a vowel sign goes with its letter", "كَتَبَ زيد.", "كُتِبَ زيد.",
          "<del><b>كَتَ</b>بَ</del>", 2 },
        { "an accent, too", "A re\xCC\x81sume.", "A resume.", "<ins>r<b>e</b>sume</ins>",
          2 },
        { "behind what differs", "A cat.", "A ca\xCC\x81t.",
          "<ins>c<b>a\xCC\x81</b>t</ins>", 2 },
        { "three sentences before are shown", "비가 왔다. 해가 났다. 눈이 왔다. 하나다.",
          "비가 왔다. 해가 났다. 눈이 왔다. 둘이다.", "비가 왔다.", 5 },
        { "three behind, too", "하나다. 비가 왔다. 해가 났다. 눈이 왔다.",
          "둘이다. 비가 왔다. 해가 났다. 눈이 왔다.", "눈이 왔다.", 5 },
        { "of four, three are folded",
          "비가 왔다. 해가 났다. 눈이 왔다. 길이 언다. 하나다.",
          "비가 왔다. 해가 났다. 눈이 왔다. 길이 언다. 둘이다.",
          "<summary>3 sentences unchanged", 4 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT;
        assert_ok(
            sides_add(&b, &head, text_of(cases[i].before), text_of(cases[i].after)));
        const size_t n = b.ptr ? count_of(&b, "<tr") : 0;
        if (n != cases[i].n_rows || (cases[i].want && !count_of(&b, cases[i].want)))
            fail_msg("%s: %zu rows: %.*s", cases[i].name, n, (int)b.len, b.ptr);
        buf_release(&b);
    }
}

/* A page stays of a size that a browser shows, whatever the texts are. */
static void test_long_sides(void **state)
{
    static const struct sides head = { "Text", 1, 2 };
    struct buf old_text = BUF_INIT, new_text = BUF_INIT, b = BUF_INIT;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        assert_ok(buf_printf(&old_text, "Line %d of the old text. ", i));
        assert_ok(buf_printf(&new_text, "가 %d 새 글이다. ", i));
    }
    assert_ok(sides_add(&b, &head, text_make(old_text.ptr, old_text.len),
                        text_make(new_text.ptr, new_text.len)));
    assert_true(b.len < (size_t)4 << 20);
    assert_int_equal(count_of(&b, "</table>"), 1);
    buf_clear(&b);
    sides_add_text(&b, text_make(new_text.ptr, new_text.len));
    assert_true(b.len < (size_t)512 << 10);
    assert_true(utf8_valid(text_make(b.ptr, b.len)));
    assert_int_equal(count_of(&b, "\xEF\xBF\xBD"), 0); /* cut between letters */
    buf_release(&b);
    buf_release(&old_text);
    buf_release(&new_text);
}

/* What is left out between the pages that are named is shown, be it one page alone. */
static void test_pager(void **state)
{
    static const struct {
        uint64_t at, n;
        size_t links, gaps; /* links to older and newer ones among them */
    } cases[] = {
        { 1, 1, 0, 0 }, { 1, 2, 2, 0 }, { 4, 4, 4, 0 },  { 4, 7, 8, 0 },
        { 1, 5, 4, 1 }, { 5, 9, 8, 2 }, { 6, 11, 8, 2 },
    };
    struct site site = { .title = "x" };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct page page = { .site = &site, .b = BUF_INIT, .depth = 1 };
        page_pager(&page, "changes", text_of("all"), cases[i].at, cases[i].n);
        const size_t links = page.b.ptr ? count_of(&page.b, "<a ") : 0;
        const size_t gaps = page.b.ptr ? count_of(&page.b, "class=\"gap\"") : 0;
        if (links != cases[i].links || gaps != cases[i].gaps)
            fail_msg("page %d of %d: %zu links, %zu gaps: %.*s", (int)cases[i].at,
                     (int)cases[i].n, links, gaps, (int)page.b.len, page.b.ptr);
        buf_release(&page.b);
    }
}

/* --- counts --- */

static void add_to(struct tally *t, int64_t age_s, double significance, int64_t at)
{
    const struct record r = { .oid = text_of("001"),
                              .publisher = text_of("하늘일보"),
                              .published_s = 1767225600,
                              .before_s = 1767225600 + age_s,
                              .significance = significance };
    assert_ok(tally_add(t, &r, at, 1));
}

/* A span begins with its first second. */
static void test_ages(void **state)
{
    enum { HOUR = 3600 };
    static const struct {
        int64_t age_s;
        const char *name;
    } cases[] = {
        { -1, "before it" },
        { 0, "under 1 h" },
        { HOUR - 1, "under 1 h" },
        { HOUR, "1 to 3 h" },
        { 24 * HOUR, "1 to 2 d" },
        { 168 * HOUR, "over 7 d" },
        { 168 * HOUR - 1, "3 to 7 d" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tally t = { 0 };
        add_to(&t, cases[i].age_s, 1, 0);
        for (size_t k = 0; k < TALLY_AGES; k++)
            if (t.ages[k] != (strcmp(tally_age_names[k], cases[i].name) == 0))
                fail_msg("%d s: %d in '%s'", (int)cases[i].age_s, (int)t.ages[k],
                         tally_age_names[k]);
        tally_release(&t);
    }
}

/* The list of the most significant is full to its last place, of equals too. */
static void test_top(void **state)
{
    struct tally t = { 0 };
    (void)state;
    for (int i = 0; i < TALLY_TOP + 3; i++)
        add_to(&t, 0, 1, i);
    assert_int_equal(t.n_top, TALLY_TOP);
    add_to(&t, 0, 2, 100);
    assert_int_equal(t.n_top, TALLY_TOP);
    assert_int_equal(t.top[0].at, 100);
    for (int i = 1; i < TALLY_TOP; i++)
        assert_int_equal(t.top[i].at, i - 1);
    tally_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),       cmocka_unit_test(test_nul),
        cmocka_unit_test(test_attribute),  cmocka_unit_test(test_links),
        cmocka_unit_test(test_pieces),     cmocka_unit_test(test_why),
        cmocka_unit_test(test_plots),      cmocka_unit_test(test_sides),
        cmocka_unit_test(test_long_sides), cmocka_unit_test(test_pager),
        cmocka_unit_test(test_ages),       cmocka_unit_test(test_top),
    };
    return cmocka_run_group_tests_name("report/html", tests, NULL, NULL);
}
