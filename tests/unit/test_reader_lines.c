/* Lines of NDJSON: what is an article, what is refused and why, and which keys name one. */
#include "reader_box.h"

#include <stdio.h>
#include <string.h>

static void reads_ndjson(void **state)
{
    static const char line[] =
        "{\"oid\":\"001\",\"aid\":\"7\",\"title\":\"줄\",\"body\":\"본문\\n둘\","
        "\"crawled_at\":\"2026-01-02 03:15:33\"}\n";
    struct reading r;
    struct refusal why;
    (void)state;
    assert_ok(reader_ndjson(reader, text_of(line), &r, &why));
    assert_text(r.article.body, "본문\n둘");
    assert_int_equal(r.form, FORM_NDJSON);
    static const char *const bad[] = { "{",
                                       "[1]",
                                       "{\"oid\":1}",
                                       "{\"oid\":\"1\",\"oid\":\"2\"}",
                                       "{\"oid\":\"1\",\"aid\":\"2\"}",
                                       "\"x\"" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(reader_ndjson(reader, text_of(bad[i]), &r, &why),
                         SILLOK_EINVALID);
}

/* NDJSON: what is taken, with its notes, and why the rest is not. */
static void lines_are_checked(void **state)
{
#define LINE_HEAD "{\"oid\":\"001\",\"aid\":\"7\",\"crawled_at\":\"2026-01-02 03:15:33\""
    static const struct {
        const char *line, *code;
        unsigned notes;
    } cases[] = {
        { LINE_HEAD ",\"body\":\"x\"}", NULL, 0 },
        { LINE_HEAD ",\"body\":\"\"}", NULL, NOTE_EMPTY_BODY },
        { LINE_HEAD ",\"body\":\"x\",\"views\":17}", NULL, NOTE_UNKNOWN_KEYS },
        { LINE_HEAD ",\"body\":\"x\",\"title\":null}", NULL, 0 },
        { LINE_HEAD
          ",\"body\":\"hello\\n\",\"content_hash\":\"5891B5B522D5DF086D0FF0B110FBD9D2"
          "1BB4FC7163AF34D08286A2E846F6BE03\"}",
          NULL, NOTE_UPPER_HASH },
        { LINE_HEAD
          ",\"body\":\"hellO\\n\",\"content_hash\":\"5891b5b522d5df086d0ff0b110fbd9d2"
          "1bb4fc7163af34d08286a2e846f6be03\"}",
          NULL, NOTE_MISMATCH },
        { LINE_HEAD "}", "missing_key", 0 },
        { LINE_HEAD ",\"body\":null}", "missing_key", 0 },
        { LINE_HEAD ",\"body\":\"x\",\"title\":7}", "bad_json", 0 },
        { LINE_HEAD ",\"body\":\"x\",\"title\":\"a\\u0000b\"}", "title_nul", 0 },
        { LINE_HEAD ",\"body\":\"x\",\"content_hash\":\"12\"}", "bad_hash", 0 },
        { LINE_HEAD ",\"body\":\"x\",\"content_hash\":\"\"}", NULL, 0 }, /* none */
        { LINE_HEAD ",\"body\":\"x\"} x", "bad_json", 0 },
        { "[]", "bad_json", 0 },
        { "null", "bad_json", 0 },
        { "", "bad_json", 0 },
    };
#undef LINE_HEAD
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading r;
        struct refusal why = { NULL };
        const int rc = reader_ndjson(reader, text_of(cases[i].line), &r, &why);
        if (cases[i].code) {
            if (rc != SILLOK_EINVALID || strcmp(why.code, cases[i].code) != 0)
                fail_msg("%s: %d %s", cases[i].line, rc, why.code);
        } else if (rc != 0 || r.notes != cases[i].notes) {
            fail_msg("%s: %d, notes %u, want %u", cases[i].line, rc, r.notes,
                     cases[i].notes);
        }
    }
    struct sillok_limits limits;
    sillok_limits_default(&limits);
    const char *line = cases[0].line;
    for (int less = 0; less < 2; less++) {
        struct reader *own;
        struct reading r;
        struct refusal why = { NULL };
        limits.file_bytes = strlen(line) - (less ? 1 : 0);
        assert_ok(reader_new(&own, sillok_profile_builtin("naver"), &limits));
        assert_int_equal(reader_ndjson(own, text_of(line), &r, &why),
                         less ? SILLOK_EINVALID : 0);
        if (less)
            assert_string_equal(why.code, "too_large");
        reader_free(own);
    }
    limits.file_bytes = 1000;
    { /* Empty is not missing, also in the first line of all. */
        struct reader *own;
        struct reading r;
        struct refusal why = { NULL };
        assert_ok(reader_new(&own, sillok_profile_builtin("naver"), &limits));
        assert_int_equal(
            reader_ndjson(own,
                          text_of("{\"oid\":\"\",\"aid\":\"\",\"crawled_at\":\"\","
                                  "\"body\":\"\"}"),
                          &r, &why),
            SILLOK_EINVALID);
        assert_string_equal(why.code, "bad_key");
        reader_free(own);
    }
    for (int less = 0; less < 2;
         less++) { /* crawled_at has 19 bytes; a body may have more */
        struct reader *own;
        struct reading r;
        struct refusal why = { NULL };
        limits.field_bytes = less ? 18 : 19;
        assert_ok(reader_new(&own, sillok_profile_builtin("naver"), &limits));
        assert_int_equal(reader_ndjson(own, text_of(line), &r, &why),
                         less ? SILLOK_EINVALID : 0);
        if (less)
            assert_string_equal(why.code, "field_too_large");
        reader_free(own);
    }
}

/* A crawler that cuts a text in the middle of a pair writes half of one: JSON, though no
 * text has it. */
static void half_a_surrogate_pair_is_replaced(void **state)
{
#define FFFD "\xef\xbf\xbd"
    static const struct {
        const char *body, *want; /* NULL: refused */
    } cases[] = {
        { "가 \\ud83d", "가 " FFFD },
        { "\\uD83D 가", FFFD " 가" },
        { "\\ude00\\ud83d", FFFD FFFD },
        { "\\ud83d\\ud83d\\ude00", FFFD "😀" },
        { "\\ud83d\\ude00", "😀" },
        { "\\ud83d\\u0041", FFFD "A" },
        { "\\ud83d\\\\ude00", FFFD "\\ude00" },
        { "\\\\ud83d", "\\ud83d" },
        { "\\ud83d\",\"n\":1e999,\"m\":\"", FFFD },
        { "\\ud83d \\x", NULL },
        { "\\ud8", NULL },
        { "\\ud83g", NULL },
        { "\\ud83d \\u", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[300];
        struct reading r;
        struct refusal why = { NULL };
        snprintf(line, sizeof(line),
                 "{\"oid\":\"001\",\"aid\":\"7\",\"crawled_at\":\"2026-01-02 03:15:33\","
                 "\"body\":\"%s\"}",
                 cases[i].body);
        const int rc = reader_ndjson(reader, text_of(line), &r, &why);
        if (cases[i].want ? rc < 0 || !text_is(r.article.body, cases[i].want)
                          : rc == 0 || strcmp(why.code, "bad_json") != 0)
            fail_msg("%s: %d %s", cases[i].body, rc, sillok_error_message());
    }
#undef FFFD
}

/* Lists of strings, and strings further in where a profile names them so. */
static void what_stands_further_in_is_found(void **state)
{
    static const struct {
        const char *rest, *author, *category; /* NULL: refused, with the words behind */
        unsigned notes;
    } cases[] = {
        { "\"by\":[\"가\",\"나\"]", "가, 나", "", 0 },
        { "\"by\":[[\"가\"],null,\"\",[\"나\"]]", "가, , 나", "", 0 },
        { "\"by\":[]", "", "", 0 },
        { "\"by\":\"가\",\"meta\":{\"section\":\"사회\"}", "가", "사회", 0 },
        { "\"meta\":{\"section\":[\"사회\",\"경제\"],\"x\":1}", "", "사회, 경제", 0 },
        { "\"meta\":[{\"section\":\"사회\"},{\"y\":[2]},{\"section\":\"경제\"}]", "",
          "사회, 경제", 0 },
        { "\"meta.section\":\"사회\"", "", "사회", 0 },
        { "\"meta\":{\"section\":null}", "", "", 0 },
        { "\"meta\":\"사회\"", "", "", NOTE_UNKNOWN_KEYS },
        { "\"other\":{\"section\":\"사회\"}", "", "", NOTE_UNKNOWN_KEYS },
        { "\"by\":[\"가\",1]", NULL, "author is neither a string nor a list", 0 },
        { "\"by\":{\"name\":\"가\"}", NULL, "author is neither a string nor a list", 0 },
        { "\"by\":7", NULL, "author is not a string", 0 },
        { "\"meta\":{\"section\":true}", NULL, "category is neither", 0 },
        { "\"by\":[\"0123456789012345678\",\"0\"]", NULL, "the value of author is larger",
          0 },
    };
    struct sillok_profile p = *sillok_profile_builtin("naver");
    struct sillok_limits limits;
    struct reader *own;
    (void)state;
    sillok_limits_default(&limits);
    limits.field_bytes = 20;
    p.keys[SILLOK_AUTHOR] = text_of("by");
    p.keys[SILLOK_CATEGORY] = text_of("meta.section");
    assert_ok(reader_new(&own, &p, &limits));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[400];
        struct reading r;
        struct refusal why = { NULL };
        snprintf(
            line, sizeof(line),
            "{%s,\"oid\":\"001\",\"aid\":\"7\",\"crawled_at\":\"2026-01-02 03:15:33\","
            "\"body\":\"x\"}",
            cases[i].rest);
        const int rc = reader_ndjson(own, text_of(line), &r, &why);
        if (!cases[i].author
                ? rc == 0 || !strstr(sillok_error_message(), cases[i].category)
                : rc < 0 || r.notes != cases[i].notes ||
                      !text_is(r.article.fields[SILLOK_AUTHOR], cases[i].author) ||
                      !text_is(r.article.fields[SILLOK_CATEGORY], cases[i].category))
            fail_msg("%s: %d", cases[i].rest, rc);
    }
    struct reading r;
    struct refusal why = { NULL };
    assert_int_equal(
        reader_ndjson(own,
                      text_of("{\"oid\":\"001\",\"aid\":\"7\",\"crawled_at\":"
                              "\"2026-01-02 03:15:33\",\"body\":[\"x\"]}"),
                      &r, &why),
        SILLOK_EINVALID);
    assert_string_equal(sillok_error_message(), "body is not a string");
    reader_free(own);
}

/* Numbers are of no article: whatever they are, as long as the line is JSON. */
static void a_number_that_is_too_large_is_passed_over(void **state)
{
#define LINE_HEAD "{\"oid\":\"001\",\"aid\":\"7\",\"crawled_at\":\"2026-01-02 03:15:33\""
#define FIFTY     "12345678901234567890123456789012345678901234567890"
    static const struct {
        const char *rest, *body; /* NULL: it is refused */
    } cases[] = {
        { ",\"n\":9223372036854775807,\"body\":\"x\"}", "x" },
        { ",\"n\":9223372036854775808,\"body\":\"x\"}", "x" },
        { ",\"n\":-99999999999999999999,\"body\":\"x\"}", "x" },
        { ",\"n\":1e999,\"body\":\"x\"}", "x" },
        { ",\"n\":-1.5E+999,\"body\":\"x\"}", "x" },
        { ",\"n\":1e-999,\"m\":0,\"body\":\"1e999\"}", "1e999" },
        { ",\"n\":" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY ",\"body\":\"x\"}", "x" },
        { ",\"n\":[0,{\"a\":-0.5,\"b\":[1e999,true,null]}],\"body\":\"x\"}", "x" },
        { ",\"n\":1e999,\"body\":\"a \\\" 1e999, 12 \\\\\",\"m\":1e999 }",
          "a \" 1e999, 12 \\" },
        /* no JSON before, none after */
        { ",\"n\":1e999,\"body\":\"x\"", NULL },
        { ",\"n\":1e999,\"body\":\"x", NULL },
        { ",\"n\":1e999,\"body\":\"x\\", NULL },
        { ",\"n\":1e999,\"m\":01,\"body\":\"x\"}", NULL },
        { ",\"n\":1e999,\"m\":-,\"body\":\"x\"}", NULL },
        { ",\"n\":1e999,\"m\":1.,\"body\":\"x\"}", NULL },
        { ",\"n\":1e999,\"m\":1e+,\"body\":\"x\"}", NULL },
        { ",\"n\":1e999,\"m\":1.2.3,\"body\":\"x\"}", NULL },
        { ",\"n\":1e999,\"n\":1,\"body\":\"x\"}", NULL },
        /* of the article it is no number that is asked for */
        { ",\"title\":1e999,\"body\":\"x\"}", NULL },
        { ",\"body\":1e999}", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf line = BUF_INIT;
        struct reading r;
        struct refusal why = { NULL };
        assert_ok(buf_add_str(&line, LINE_HEAD));
        assert_ok(buf_add_str(&line, cases[i].rest));
        const int rc = reader_ndjson(reader, buf_text(&line), &r, &why);
        if (cases[i].body ? rc != 0 || !text_is(r.article.body, cases[i].body) ||
                                r.notes != NOTE_UNKNOWN_KEYS
                          : rc != SILLOK_EINVALID || strcmp(why.code, "bad_json") != 0)
            fail_msg("%s: %d %s", cases[i].rest, rc, sillok_error_message());
    }
#undef FIFTY
#undef LINE_HEAD
}

/* An oid or aid goes into keys, paths and addresses: the first and last character of
 * each range, those beside it, and the length. */
static void keys_are_checked(void **state)
{
#define K32 "0123456789abcdef0123456789abcdef"
    static const struct {
        const char *key;
        int ok;
    } cases[] = {
        { "09azAZ_-", 1 },   { K32 K32, 1 }, { K32 K32 "0", 0 }, { "", 0 },
        { "a/", 0 },         { "a:", 0 },    { "a@", 0 },        { "a[", 0 },
        { "a`", 0 },         { "a{", 0 },    { "a.", 0 },        { "a b", 0 },
        { "^", 0 },          { "가", 0 },    { "undefined", 0 }, { "null", 0 },
        { "NaN", 0 },        { "None", 0 }, /* no value */
        { "undefined1", 1 }, { "nul", 1 },   { "Null-1", 1 },
    };
#undef K32
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int oid = 0; oid < 2; oid++) {
            char line[300];
            struct reading r;
            struct refusal why = { "" };
            snprintf(line, sizeof(line),
                     "{\"oid\":\"%s\",\"aid\":\"%s\",\"crawled_at\":\"2026-01-02 "
                     "03:15:33\",\"body\":\"x\"}",
                     oid ? cases[i].key : "001", oid ? "1" : cases[i].key);
            const int rc = reader_ndjson(reader, text_of(line), &r, &why);
            if (rc != (cases[i].ok ? 0 : SILLOK_EINVALID))
                fail_msg("'%s': %d", cases[i].key, rc);
            if (rc < 0) {
                assert_string_equal(why.code, "bad_key");
                assert_non_null(strstr(sillok_error_message(), oid ? "oid" : "aid"));
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_ndjson),
        cmocka_unit_test(lines_are_checked),
        cmocka_unit_test(half_a_surrogate_pair_is_replaced),
        cmocka_unit_test(what_stands_further_in_is_found),
        cmocka_unit_test(a_number_that_is_too_large_is_passed_over),
        cmocka_unit_test(keys_are_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
