/* Rows of lists as JSON: what libjansson would print, byte for byte. */
#include "support.h"

#include "cli/jsonrow.h"

#include <float.h>
#include <jansson.h>
#include <string.h>

static void expect(const struct column *columns, const struct cell *cells, size_t n,
                   const char *want, const char *name)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    jsonrow_add(&b, columns, cells, n);
    assert_false(b.failed);
    if (b.len != strlen(want) || memcmp(b.ptr, want, b.len) != 0)
        fail_msg("%s: '%.*s'", name, (int)b.len, b.ptr);
    json_error_t why;
    json_t *back = json_loadb(b.ptr, b.len, JSON_ALLOW_NUL, &why);
    if (!back)
        fail_msg("%s: %s", name, why.text);
    char *again = json_dumps(back, JSON_COMPACT | JSON_REAL_PRECISION(6));
    assert_non_null(again);
    assert_string_equal(again, want);
    free(again);
    json_decref(back);
}

static struct cell text_cell(const char *str, size_t len)
{
    return (struct cell){ .type = CELL_TEXT, .text = text_make(str, len) };
}

static struct cell number_cell(enum cell_type type, uint64_t count)
{
    return (struct cell){ .type = type, .count = count };
}

static struct cell real_cell(double v)
{
    return (struct cell){ .type = CELL_REAL, .real = v };
}

static void test_values(void **state)
{
    static const struct column column[] = { { "v", NULL } };
    static const struct words two = { { "a", "b" }, 2 }, none = { { NULL }, 0 };
    const struct {
        const char *name, *want;
        struct cell cell;
    } cases[] = {
        { "nothing", "{\"v\":null}", { .type = CELL_NONE } },
        { "Korean", "{\"v\":\"시장 opens\"}", text_cell("시장 opens", 12) },
        { "empty", "{\"v\":\"\"}", text_cell("", 0) },
        { "no pointer", "{\"v\":\"\"}", text_cell(NULL, 0) },
        { "escapes", "{\"v\":\"\\\"\\\\/\\b\\f\\n\\r\\t\"}",
          text_cell("\"\\/\b\f\n\r\t", 8) },
        { "controls", "{\"v\":\"\\u0000a\\u001F\x7F\"}", text_cell("\0a\x1F\x7F", 4) },
        { "not UTF-8", "{\"v\":\"a\xEF\xBF\xBD\",\"invalid_utf8\":true}",
          text_cell("a\xFF", 2) },
        { "a hash", "{\"v\":\"00ff\"}", { .type = CELL_TEXT, .hex = "00ff" } },
        { "a count", "{\"v\":0}", number_cell(CELL_COUNT, 0) },
        { "a size", "{\"v\":9223372036854775807}", number_cell(CELL_SIZE, INT64_MAX) },
        { "a span", "{\"v\":86400}", number_cell(CELL_SPAN, 86400) },
        { "yes", "{\"v\":true}", number_cell(CELL_FLAG, 1) },
        { "no", "{\"v\":false}", number_cell(CELL_FLAG, 0) },
        { "a whole real", "{\"v\":1.0}", real_cell(1) },
        { "zero", "{\"v\":0.0}", real_cell(0) },
        { "less than zero", "{\"v\":-0.5}", real_cell(-0.5) },
        { "six digits", "{\"v\":0.333333}", real_cell(1.0 / 3) },
        { "small", "{\"v\":1e-7}", real_cell(1e-7) },
        { "large", "{\"v\":1e20}", real_cell(1e20) },
        { "largest", "{\"v\":1.79769e308}", real_cell(DBL_MAX * 0.99999999) },
        { "a time",
          "{\"v\":\"2026-01-02T03:15:33Z\"}",
          { .type = CELL_TIME, .time_s = 1767323733 } },
        { "words", "{\"v\":[\"a\",\"b\"]}", { .type = CELL_WORDS, .words = two } },
        { "no words", "{\"v\":[]}", { .type = CELL_WORDS, .words = none } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(column, &cases[i].cell, 1, cases[i].want, cases[i].name);
}

static void test_objects(void **state)
{
    static const struct column columns[] = {
        { "a", NULL },    { "from.x", NULL }, { "from.y", NULL },
        { "to.x", NULL }, { "b", NULL },      { "last.one", NULL },
    };
    struct cell cells[6];
    (void)state;
    for (size_t i = 0; i < 6; i++)
        cells[i] = number_cell(CELL_COUNT, i);
    expect(columns, cells, 0, "{}", "no column");
    expect(columns, cells, 1, "{\"a\":0}", "one");
    expect(columns, cells, 3, "{\"a\":0,\"from\":{\"x\":1,\"y\":2}}", "ends inside");
    expect(columns + 1, cells, 1, "{\"from\":{\"x\":0}}", "begins inside");
    expect(columns, cells, 6,
           "{\"a\":0,\"from\":{\"x\":1,\"y\":2},\"to\":{\"x\":3},\"b\":4,"
           "\"last\":{\"one\":5}}",
           "one object after the other");
    cells[2] = text_cell("\xC3", 1);
    expect(columns, cells, 3,
           "{\"a\":0,\"from\":{\"x\":1,\"y\":\"\xEF\xBF\xBD\"},\"invalid_utf8\":true}",
           "the mark stands outside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
