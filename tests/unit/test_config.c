/* Settings: what is refused and where, defaults, and edits that keep the rest of the
 * file. */
#include "support.h"

#include "article/yaml.h"
#include "diff/work.h"
#include "ingest/source.h"
#include "sillok/config.h"
#include "store/lmdb.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *folder, *path;

static int set_up(void **state)
{
    (void)state;
    folder = support_folder();
    path = support_path(folder, "config.yaml");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    support_remove(folder); /* and gives it back */
    free(path);
    return 0;
}

static const char *value_of(const struct sillok_config *config, const char *key)
{
    struct sillok_setting setting;
    assert_ok(sillok_config_get(config, key, &setting));
    return setting.value;
}

/* What the file is must come out of the table too, or the help would lie. */
static void test_defaults(void **state)
{
    struct sillok_config *config = NULL;
    struct sillok_limits limits, wanted;
    (void)state;
    assert_ok(sillok_config_load(&config, NULL));
    sillok_config_limits(config, &limits);
    sillok_limits_default(&wanted);
    assert_true(limits.file_bytes == wanted.file_bytes);
    assert_true(limits.front_matter_bytes == wanted.front_matter_bytes);
    assert_true(limits.field_bytes == wanted.field_bytes);
    assert_true(limits.front_matter_keys == wanted.front_matter_keys);
    assert_true(limits.archive_bytes == wanted.archive_bytes);
    assert_true(limits.archive_ratio == wanted.archive_ratio);
    assert_true(limits.folder_depth == wanted.folder_depth);
    assert_true(limits.map_bytes == wanted.map_bytes);
    for (size_t i = 0; i < sillok_config_count(); i++) { /* each fits its own type */
        struct sillok_setting setting;
        sillok_config_at(config, i, &setting);
        assert_false(setting.is_set);
        assert_ok(sillok_config_set(config, setting.key, setting.fallback));
    }
    struct sillok_setting none;
    sillok_config_at(config, sillok_config_count(), &none);
    assert_null(none.key);
    sillok_config_free(config);
}

static void test_missing_file(void **state)
{
    struct sillok_config *config = NULL;
    (void)state;
    assert_ok(sillok_config_load(&config, path));
    assert_string_equal(value_of(config, "zone"), "UTC");
    sillok_config_free(config);
}

static void test_read(void **state)
{
    static const char text[] = "# mine\nzone: +09:00\nlimits.file_bytes: 32M\n"
                               "pager: 'less -S'\njobs: 2\n";
    struct sillok_config *config = NULL;
    struct sillok_limits limits;
    (void)state;
    support_write(path, text, strlen(text));
    assert_ok(sillok_config_load(&config, path));
    assert_string_equal(value_of(config, "zone"), "+09:00");
    assert_string_equal(value_of(config, "pager"), "less -S");
    sillok_config_limits(config, &limits);
    assert_true(limits.file_bytes == 32 << 20);
    assert_true(limits.field_bytes == 64 << 10);
    sillok_config_free(config);
}

static void test_refused(void **state)
{
    static const struct {
        const char *name, *text, *message; /* a part of it */
    } cases[] = {
        { "unknown key", "a: 1\n",
          ":1:1: there is no setting 'a'; remove the line, or use a newer sillok" },
        { "near key", "zone: UTC\nlimits.file_byte: 1\n",
          "did you mean 'limits.file_bytes'" },
        { "neither near", "qqqqqqqqqqqqqqq: 1\n", ":1:1: there is no setting 'qqq" },
        { "last part alone", "file_bytes: 1\n", "did you mean 'limits.file_bytes'" },
        { "twice", "zone: UTC\nzone: KST\n", "duplicate key" },
        { "no number", "\njobs: many\n", ":2:1: jobs must be a number" },
        { "too many", "jobs: 100000\n", "0 to 256" },
        { "zero", "limits.file_bytes: 0\n", "must be 1 to" },
        { "overflow", "limits.file_bytes: 99999999999999999999\n", "must be" },
        { "unit overflow", "limits.map_bytes: 99999999999T\n", "must be" },
        { "negative", "jobs: -1\n", "must be a number" },
        { "zone", "zone: Europe/Berlin\n", "not a zone" },
        { "colour", "color: blue\n", "auto, always or never" },
        { "list", "- zone\n", ":1:1:" },
        { "alias", "zone: &a UTC\npager: *a\n", "alias" },
        { "not YAML", "zone: [\n", "not YAML" },
        { "tab", "zone:\t\t'UTC\n", ":" },
        { "an empty map", "zone: UTC\nzoen: {}\n", ":2:1: zoen: an empty map or list" },
        { "an empty list", "foo: []\n", ":1:1: foo: an empty map or list" },
        { "nothing for a known key", "pager: []\n", ":1:1: pager: an empty map or list" },
        { "zero byte", "pager: \"a\\0b\"\n", "too long" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_config *config = NULL;
        support_write(path, cases[i].text, strlen(cases[i].text));
        const int r = sillok_config_load(&config, path);
        if (r != SILLOK_EINVALID || config)
            fail_msg("%s: %d", cases[i].name, r);
        if (!strstr(sillok_error_message(), cases[i].message) ||
            !strstr(sillok_error_message(), path))
            fail_msg("%s: %s", cases[i].name, sillok_error_message());
    }
}

/* Each of these makes a careless reader of YAML work for minutes, or fall over. */
static void test_bombs(void **state)
{
    struct buf text = BUF_INIT;
    struct sillok_config *config = NULL;
    struct timespec start, end;
    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_ok(buf_add_str(&text, "zone: "));
    for (int i = 0; i < 60000; i++)
        assert_ok(buf_add_char(&text, '['));
    support_write(path, text.ptr, text.len);
    assert_int_equal(sillok_config_load(&config, path), SILLOK_EINVALID);
    buf_clear(&text);
    for (int i = 0; i < 12000; i++)
        assert_ok(buf_printf(&text, "k%d:\n", i % 1000));
    support_write(path, text.ptr, text.len < 65536 ? text.len : 65536);
    assert_int_equal(sillok_config_load(&config, path), SILLOK_EINVALID);
    for (int i = 0; i < 200000; i++)
        assert_ok(buf_add_str(&text, "# a comment\n"));
    support_write(path, text.ptr, text.len);
    assert_int_equal(sillok_config_load(&config, path), SILLOK_EINVALID);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - start.tv_sec < 2);
    buf_release(&text);
}

static void check_file(const char *text)
{
    char got[1024] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, text);
}

static void test_write(void **state)
{
    (void)state;
    remove(path);
    assert_ok(sillok_config_write(path, "zone", "+09:00"));
    check_file("zone: +09:00\n");
    assert_ok(sillok_config_write(path, "pager", "it's: a # pager"));
    check_file("zone: +09:00\npager: 'it''s: a # pager'\n");
    static const char by_hand[] = "# mine\nzone: UTC # why\njobs: 3";
    support_write(path, by_hand, strlen(by_hand));
    assert_ok(sillok_config_write(path, "color", "never"));
    check_file("# mine\nzone: UTC # why\njobs: 3\ncolor: never\n");
    assert_ok(sillok_config_write(path, "zone", "KST"));
    check_file("# mine\nzone: KST\njobs: 3\ncolor: never\n");
    assert_ok(sillok_config_write(path, "jobs", NULL));
    check_file("# mine\nzone: KST\ncolor: never\n");
    assert_ok(sillok_config_write(path, "jobs", NULL)); /* not there: nothing to do */
    assert_int_equal(sillok_config_write(path, "jobs", "x"), SILLOK_EINVALID);
    assert_int_equal(sillok_config_write(path, "job", "1"), SILLOK_EINVALID);
    check_file("# mine\nzone: KST\ncolor: never\n");
}

/* What a line does not change is found by reading the result before it is kept. */
static void test_write_refuses_what_it_does_not_understand(void **state)
{
    static const struct {
        const char *name, *text, *key, *value;
        int line; /* to edit by hand */
    } cases[] = {
        { "a quoted key", "\"zone\": UTC\n", "zone", "KST", 1 },
        { "a quoted key, unset", "jobs: 2\n\"zone\": KST\n", "zone", NULL, 2 },
        { "a value on the next line", "pager:\n  less -R\n", "pager", "more", 1 },
        { "a value that goes on", "jobs: 2\npager: less\n  -R\n", "pager", "more", 2 },
        { "a block", "pager: |-\n  less\n", "pager", "more", 1 },
        { "nested, unset", "limits:\n  file_bytes: 1M\n", "limits.file_bytes", NULL, 2 },
        { "nested", "limits:\n  file_bytes: 1M\n", "limits.file_bytes", "2M", 2 },
        { "a blank before the colon", "zone : KST\n", "zone", NULL, 1 },
        { "what another one ends with", "checkpoint_copy: a\npager: |-\n  less\n",
          "pager", NULL, 2 },
        { "a list", "pager:\n- less\n", "pager", "more", 1 },
        { "in braces", "# mine\n{ jobs: 2 }\n", "zone", "KST", 2 },
        { "in braces, unset", "{ zone: KST }", "zone", NULL, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char want[64];
        support_write(path, cases[i].text, strlen(cases[i].text));
        const int r = sillok_config_write(path, cases[i].key, cases[i].value);
        snprintf(want, sizeof(want), "cannot change '%s' in one line: edit line %d of '",
                 cases[i].key, cases[i].line);
        if (r != SILLOK_EINVALID ||
            strncmp(sillok_error_message(), want, strlen(want)) != 0)
            fail_msg("%s: %d, %s", cases[i].name, r, sillok_error_message());
        check_file(cases[i].text);
    }
}

/* A file that is refused says so with its place, unless the new line mends it. */
static void test_write_into_a_refused_file(void **state)
{
    static const char wrong[] = "jobs: 2\nzone: nowhere\n";
    (void)state;
    support_write(path, wrong, strlen(wrong));
    assert_int_equal(sillok_config_write(path, "jobs", "3"), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), ":2:1: "));
    check_file(wrong);
    assert_ok(sillok_config_write(path, "zone", "KST"));
    check_file("jobs: 2\nzone: KST\n");
}

/* What is told of limits that are built in is what is built in. */
static void test_fixed(void **state)
{
    static const struct yaml_limits yaml = YAML_LIMITS_CONFIG;
    const struct {
        const char *key;
        size_t value;
    } rows[] = {
        { "fixed.key_bytes", SILLOK_KEY_MAX_BYTES },
        { "fixed.settings_bytes", yaml.bytes },
        { "fixed.yaml_depth", (size_t)yaml.depth },
        { "fixed.yaml_events", (size_t)yaml.events },
        { "fixed.archive_ratio_from", RATIO_FROM_BYTES },
        { "fixed.contents_at_once", TIE_MAX },
        { "fixed.text_bytes", SILLOK_TEXT_MAX_BYTES },
        { "fixed.sentence_bytes", SENTENCE_MAX_BYTES },
        { "fixed.sentences", SENTENCES_MAX },
        { "fixed.diff_edits", EDITS_MAX },
    };
    (void)state;
    struct sillok_config *config;
    struct sillok_setting set;
    char text[32];
    assert_ok(sillok_config_load(&config, NULL));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_ok(sillok_config_get(config, rows[i].key, &set));
        snprintf(text, sizeof(text), "%zu", rows[i].value);
        assert_string_equal(set.value, text);
        assert_int_equal(sillok_config_set(config, rows[i].key, "7"), SILLOK_EINVALID);
        assert_non_null(strstr(sillok_error_message(), "cannot be changed"));
    }
    /* A file that is taken in has to come out again. */
    snprintf(text, sizeof(text), "%zu", SILLOK_TEXT_MAX_BYTES + 1);
    assert_int_equal(sillok_config_set(config, "limits.file_bytes", text),
                     SILLOK_EINVALID);
    sillok_config_free(config);
}

/* jansson's limit is not in its headers. */
static void test_json_depth(void **state)
{
    (void)state;
    struct sillok_setting set;
    assert_ok(sillok_config_get(NULL, "fixed.json_depth", &set));
    const size_t depth = (size_t)strtoul(set.value, NULL, 10);
    for (size_t extra = 0; extra < 2; extra++) {
        const size_t n = depth + extra;
        char *nested = malloc(2 * n);
        assert_non_null(nested);
        memset(nested, '[', n);
        memset(nested + n, ']', n);
        json_t *root = json_loadb(nested, 2 * n, 0, NULL);
        assert_int_equal(root != NULL, extra == 0);
        json_decref(root);
        free(nested);
    }
}

/* Powers of 1024, with the units that people write; the whole value must be one. */
static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: refused */
    } cases[] = {
        { "1048576", 1048576 },
        { "09999999", 9999999 },
        { "1024K", 1 << 20 },
        { "1024k", 1 << 20 },
        { "1M", 1 << 20 },
        { "1m", 1 << 20 },
        { "1MB", 1 << 20 },
        { "1Mi", 1 << 20 },
        { "1MiB", 1 << 20 },
        { "1 MiB", 1 << 20 },
        { "1  M", 1 << 20 },
        { "2G", (uint64_t)2 << 30 },
        { "64T", (uint64_t)1 << 46 },
        { "1048576B", 1 << 20 },
        { "65T", 0 },
        { "1023K", 0 },
        { "1P", 0 },
        { "1MM", 0 },
        { "1MiBB", 0 },
        { "1iB", 0 },
        { "1MBi", 0 },
        { "1M ", 0 },
        { " 1M", 0 },
        { "M", 0 },
        { "", 0 },
        { "/1M", 0 },
        { ":1M", 0 },
        { "1/M", 0 },
        { "1:M", 0 },
        { "0x100000", 0 },
        { "1.5M", 0 },
        { "-1M", 0 },
        { "16777216T", 0 }, /* 2^64 */
        { "36893488147419103232", 0 },
    };
    (void)state;
    struct sillok_config *config = NULL;
    assert_ok(sillok_config_load(&config, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_limits limits;
        assert_ok(sillok_config_set(config, "limits.map_bytes", "7M"));
        const int r = sillok_config_set(config, "limits.map_bytes", cases[i].text);
        sillok_config_limits(config, &limits);
        if (r != (cases[i].bytes ? 0 : SILLOK_EINVALID) ||
            limits.map_bytes != (cases[i].bytes ? cases[i].bytes : 7 << 20))
            fail_msg("'%s': %d, %llu", cases[i].text, r,
                     (unsigned long long)limits.map_bytes);
    }
    /* the largest that is a number, and what is none any more */
    assert_int_equal(sillok_config_set(config, "jobs", "18446744073709551609"),
                     SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "jobs must be 0 to 256"));
    assert_int_equal(sillok_config_set(config, "jobs", "18446744073709551620"),
                     SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "jobs must be a number"));
    assert_int_equal(sillok_config_set(config, "jobs", "1K"), SILLOK_EINVALID);
    sillok_config_free(config);
    sillok_config_free(NULL);
}

/* The first and last value of each setting, and those beside them. */
static void test_ranges(void **state)
{
    static const struct {
        const char *key, *below, *first, *last, *above;
    } cases[] = {
        { "jobs", NULL, "0", "256", "257" },
        { "limits.file_bytes", "0", "1", "64M", "67108865" },
        { "limits.front_matter_bytes", "0", "1", "1G", "1073741825" },
        { "limits.field_bytes", "0", "1", "1G", "1073741825" },
        { "limits.front_matter_keys", "0", "1", "100000", "100001" },
        { "limits.archive_bytes", "0", "1", "1024T", "1125899906842625" },
        { "limits.archive_ratio", "0", "1", "1000000", "1000001" },
        { "limits.folder_depth", "0", "1", "1000", "1001" },
        { "limits.map_bytes", "1048575", "1M", "64T", "70368744177665" },
    };
    (void)state;
    struct sillok_config *config = NULL;
    assert_ok(sillok_config_load(&config, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *key = cases[i].key;
        assert_ok(sillok_config_set(config, key, cases[i].first));
        assert_ok(sillok_config_set(config, key, cases[i].last));
        assert_int_equal(sillok_config_set(config, key, cases[i].above), SILLOK_EINVALID);
        if (cases[i].below)
            assert_int_equal(sillok_config_set(config, key, cases[i].below),
                             SILLOK_EINVALID);
        assert_string_equal(value_of(config, key), cases[i].last); /* as it was */
    }
    sillok_config_free(config);
}

/* Each limit goes where its name says. */
static void test_limits(void **state)
{
    static const char *const keys[] = {
        "limits.file_bytes",    "limits.front_matter_bytes", "limits.field_bytes",
        "limits.archive_bytes", "limits.front_matter_keys",  "limits.archive_ratio",
        "limits.folder_depth",  "limits.map_bytes",
    };
    (void)state;
    struct sillok_config *config = NULL;
    struct sillok_limits limits;
    char text[32];
    assert_ok(sillok_config_load(&config, NULL));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        snprintf(text, sizeof(text), "%zu", i + (i == 7 ? 1 << 20 : 1));
        assert_ok(sillok_config_set(config, keys[i], text));
    }
    sillok_config_limits(config, &limits);
    assert_int_equal(limits.file_bytes, 1);
    assert_int_equal(limits.front_matter_bytes, 2);
    assert_int_equal(limits.field_bytes, 3);
    assert_int_equal(limits.archive_bytes, 4);
    assert_int_equal(limits.front_matter_keys, 5);
    assert_int_equal(limits.archive_ratio, 6);
    assert_int_equal(limits.folder_depth, 7);
    assert_int_equal(limits.map_bytes, (1 << 20) + 7);
    /* taken away, the fallback counts again */
    struct sillok_setting set;
    assert_ok(sillok_config_get(config, "limits.field_bytes", &set));
    assert_true(set.is_set);
    assert_ok(sillok_config_set(config, "limits.field_bytes", NULL));
    assert_ok(sillok_config_get(config, "limits.field_bytes", &set));
    assert_false(set.is_set);
    assert_string_equal(set.value, set.fallback);
    sillok_config_free(config);
}

/* Words out of a list, and texts that a file of settings can hold. */
static void test_words_and_texts(void **state)
{
    static const struct {
        const char *key, *value;
        int ok;
    } cases[] = {
        { "color", "auto", 1 },
        { "color", "always", 1 },
        { "color", "never", 1 },
        { "color", "Auto", 0 },
        { "color", "", 0 },
        { "sandbox", "auto", 1 },
        { "sandbox", "off", 1 },
        { "sandbox", "require", 1 },
        { "sandbox", "always", 0 },
        { "zone", "-03:30", 1 },
        { "zone", "Seoul", 0 },
        { "pager", "", 1 },
        { "pager", "보기 -S", 1 },
        { "pager", "a\xEF\xBF\xBD", 1 }, /* U+FFFD */
        { "pager", "a\xEF\xBF\xBE", 0 }, /* U+FFFE */
        { "pager", "a\xEF\xBF\xBF", 0 },
        { "pager", "a\nb", 0 },
        { "pager", "a\x1b", 0 },
        { "pager", "a\x7f", 0 },
        { "pager", "\xC2\x9B", 0 },
        { "pager", "a\xE2\x80\xAE", 0 },
        { "pager", "a\xFF", 0 },
        { "pager", "a\xE2\x80\xA8", 0 }, /* U+2028 ends a line in YAML */
        { "pager", "a\xE2\x80\xA9", 0 },
    };
    (void)state;
    struct sillok_config *config = NULL;
    assert_ok(sillok_config_load(&config, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int r = sillok_config_set(config, cases[i].key, cases[i].value);
        if (r != (cases[i].ok ? 0 : SILLOK_EINVALID))
            fail_msg("%s '%s': %d", cases[i].key, cases[i].value, r);
        if (cases[i].ok)
            assert_string_equal(value_of(config, cases[i].key), cases[i].value);
        else
            assert_true(strlen(sillok_error_message()) > 10);
    }
    sillok_config_free(config);
}

/* Names and values are as long as they may be; what is longer is told. */
static void test_lengths(void **state)
{
    static const struct {
        size_t key, value;
        const char *words; /* NULL: taken */
    } cases[] = {
        { 0, 1023, NULL },
        { 0, 1024, "too long" },
        { 127, 1, "there is no setting 'kkk" },
        { 128, 1, "too long" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        struct sillok_config *config = NULL;
        for (size_t k = 0; k < cases[i].key; k++)
            assert_ok(buf_add_char(&text, 'k'));
        assert_ok(buf_add_str(&text, cases[i].key ? ": " : "pager: "));
        for (size_t k = 0; k < cases[i].value; k++)
            assert_ok(buf_add_char(&text, 'v'));
        support_write(path, text.ptr, text.len);
        assert_int_equal(sillok_config_load(&config, path),
                         cases[i].words ? SILLOK_EINVALID : 0);
        if (cases[i].words)
            assert_non_null(strstr(sillok_error_message(), cases[i].words));
        else
            assert_int_equal(strlen(value_of(config, "pager")), cases[i].value);
        sillok_config_free(config);
    }
}

/* Whatever is written is read back as it was, bare where that is safe. */
static void test_written_values_come_back(void **state)
{
    static const struct {
        const char *value, *line;
    } cases[] = {
        { "less", "pager: less\n" },
        { "/usr/bin/less+F", "pager: /usr/bin/less+F\n" },
        { "a:b", "pager: a:b\n" },
        { "a:", "pager: 'a:'\n" },
        { ":a", "pager: ':a'\n" },
        { "", "pager: ''\n" },
        { "less -S", "pager: 'less -S'\n" },
        { "'", "pager: ''''\n" },
        { "-", "pager: '-'\n" },
        { "보기", "pager: '보기'\n" },
        { "#", "pager: '#'\n" },
        { " less ", "pager: ' less '\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_config *config = NULL;
        remove(path);
        assert_ok(sillok_config_write(path, "pager", cases[i].value));
        check_file(cases[i].line);
        assert_ok(sillok_config_load(&config, path));
        assert_string_equal(value_of(config, "pager"), cases[i].value);
        sillok_config_free(config);
    }
    char long_one[1025];
    memset(long_one, 'x', sizeof(long_one) - 1);
    long_one[1024] = '\0';
    assert_int_equal(sillok_config_write(path, "pager", long_one), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "too long: it may have 1023 bytes"));
    long_one[1023] = '\0';
    assert_ok(sillok_config_write(path, "pager", long_one));
    /* a name that is commented out, and one that is nested, are not that line */
    static const char nested[] = "# pager: x\nlimits:\n  field_bytes: 9\n";
    support_write(path, nested, strlen(nested));
    assert_ok(sillok_config_write(path, "pager", "more"));
    check_file("# pager: x\nlimits:\n  field_bytes: 9\npager: more\n");
    assert_int_equal(sillok_config_write(path, "limits.field_bytes", "8"),
                     SILLOK_EINVALID);
    check_file("# pager: x\nlimits:\n  field_bytes: 9\npager: more\n");
}

/* The last setting may go as well; what is left is a file of settings. */
static void test_the_last_setting_goes(void **state)
{
    struct sillok_config *config = NULL;
    (void)state;
    remove(path);
    assert_ok(sillok_config_write(path, "pager", "more"));
    assert_ok(sillok_config_write(path, "pager", NULL));
    check_file("");
    assert_ok(sillok_config_load(&config, path));
    assert_string_equal(value_of(config, "pager"), "");
    sillok_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_words_and_texts),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_written_values_come_back),
        cmocka_unit_test(test_the_last_setting_goes),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_refuses_what_it_does_not_understand),
        cmocka_unit_test(test_write_into_a_refused_file),
    };
    return cmocka_run_group_tests_name("article/config", tests, set_up, tear_down);
}
