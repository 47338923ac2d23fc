/* Profiles of crawlers: what is taken from the file, what is refused and where, and what
 * a reader makes of it. */
#include "article/profile.h"
#include "article/reader.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder, *path;

static int set_up(void **state)
{
    (void)state;
    folder = support_folder();
    path = support_path(folder, "p.yaml");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    support_remove(folder);
    free(path);
    return 0;
}

static int load(struct sillok_profile **out, const char *text)
{
    *out = NULL;
    support_write(path, text, strlen(text));
    return sillok_profile_load(out, path);
}

static void zones(void **state)
{
    static const struct {
        const char *text;
        int ok, minutes;
    } cases[] = {
        { "UTC", 1, 0 },
        { "Z", 1, 0 },
        { "KST", 1, 540 },
        { "'+09:00'", 1, 540 },
        { "'-03:30'", 1, -210 },
        { "'+14:59'", 1, 899 },
        { "'+00:00'", 1, 0 },
        { "'+15:00'", 0, 0 },
        { "'+09:60'", 0, 0 },
        { "'+09:5x'", 0, 0 }, /* not five minutes */
        { "'+09: 5'", 0, 0 },
        { "'+ 9:00'", 0, 0 },
        { "'+9:000'", 0, 0 },
        { "'+-9:00'", 0, 0 },
        { "'+09.00'", 0, 0 },
        { "' 09:00'", 0, 0 },
        { "'+/9:00'", 0, 0 },
        { "'+0::00'", 0, 0 },
        { "'+09:0'", 0, 0 },
        { "'+09:000'", 0, 0 },
        { "utc", 1, 0 },
        { "''", 0, 0 },
        { "Asia/Seoul", 1, 540 },
        { "+0900", 1, 540 },
        { "Asia/Pyongyang", 0, 0 },
        { "'a zone of so many letters that there is none'", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[100];
        struct sillok_profile *p;
        snprintf(text, sizeof(text), "name: x\nzone: %s\n", cases[i].text);
        const int r = load(&p, text);
        if (r != (cases[i].ok ? 0 : SILLOK_EINVALID))
            fail_msg("%s: %d", cases[i].text, r);
        if (cases[i].ok)
            assert_int_equal(p->zone_min, cases[i].minutes);
        else
            assert_non_null(
                strstr(sillok_error_message(), "p.yaml:2:1: zone: a zone is"));
        sillok_profile_free(p);
    }
}

static void what_is_no_profile_is_told(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { "zone: UTC\n", "p.yaml: a profile needs a name" },
        { "", "p.yaml" },
        { "name: x\ntemplate: other\n",
          "p.yaml:2:1: template: a template is naver or none" },
        { "name: x\n\ncontent_hash: yes\n",
          "p.yaml:3:1: content_hash: expected required or optional" },
        { "name: x\nfields:\n  headline: y\n",
          "p.yaml:3:3: fields.headline: unknown key" },
        { "name: x\nfield: y\n", "p.yaml:2:1: field: unknown key; there are name, zone" },
        { "name: x\noid: \"a\\0b\"\n", "p.yaml:2:1: oid: a value holds a NUL byte" },
        { "name: x\nname: [\n", "p.yaml" },
        /* What would only show in each file, which says something else. */
        { "name: x\noid: 'a b'\n", "p.yaml:2:1: oid: must be 1-64 of [A-Za-z0-9_-]" },
        { "name: x\noid: 한빛\n", "p.yaml:2:1: oid: must be 1-64 of [A-Za-z0-9_-]" },
        { "name: x\noid:\n", "p.yaml:2:1: oid: must be 1-64 of [A-Za-z0-9_-]" },
        { "name: x\noid: null\n", "p.yaml:2:1: oid: must be 1-64 of [A-Za-z0-9_-]" },
        { "name: x\nfields:\n  title: [headline, title]\n",
          "p.yaml:3:3: fields.title: a field has one name, not a list of them" },
        { "name: x\nfields:\n  title: ''\n",
          "p.yaml:3:3: fields.title: expected the name that the crawler gives it" },
        { "name: x\nfields:\n  title: ~\n",
          "p.yaml:3:3: fields.title: expected the name that the crawler gives it" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_profile *p;
        assert_int_equal(load(&p, cases[i].text), SILLOK_EINVALID);
        assert_null(p);
        if (!strstr(sillok_error_message(), cases[i].words))
            fail_msg("'%s' does not say '%s'", sillok_error_message(), cases[i].words);
    }
    struct sillok_profile *p = NULL;
    char *other = support_path(folder, "nothing");
    assert_true(sillok_profile_load(&p, other) < 0);
    assert_null(p);
    free(other);
    sillok_profile_free(NULL);
    assert_null(sillok_profile_builtin("nobody"));
    assert_string_equal(sillok_profile_name(sillok_profile_builtin("naver")), "naver");
}

/* Long keys are shown in part. */
static void long_keys_are_cut(void **state)
{
    char text[300] = "name: x\n";
    struct sillok_profile *p;
    (void)state;
    for (size_t i = 8; i < 158; i++)
        text[i] = 'k';
    memcpy(text + 158, ": v\n", 5);
    assert_int_equal(load(&p, text), SILLOK_EINVALID);
    const char *key = strstr(sillok_error_message(), ": kkk");
    assert_non_null(key);
    assert_int_equal(strspn(key + 2, "k"), 100);
}

static void names_of_another_crawler(void **state)
{
    static const char file[] =
        "---\nheadline: 새 소식\nnr: 42\nseen: 2026-01-02 03:15:33\n"
        "title: 그 이름이 아니다\nauthor: null\ncategory: ~\npublisher: 'null'\n---\n\n# 새 소식\n\n본문이다.\n";
    struct sillok_profile *p;
    struct sillok_limits limits;
    struct reader *reader;
    struct reading r;
    struct refusal why = { NULL };
    (void)state;
    sillok_limits_default(&limits);
    assert_ok(load(&p, "name: other\nzone: UTC\noid: '777'\ntemplate: none\n"
                       "content_hash: optional\nfields:\n  title: headline\n  aid: nr\n"
                       "  crawled_at: seen\n"));
    assert_string_equal(sillok_profile_name(p), "other");
    assert_int_equal(profile_key(p, text_of("headline")), SILLOK_TITLE);
    assert_int_equal(profile_key(p, text_of("title")), -1);
    assert_int_equal(profile_key(p, text_of("author")), SILLOK_AUTHOR);
    assert_ok(reader_new(&reader, p, &limits));
    assert_ok(reader_file(reader, text_of(file), &r, &why));
    assert_true(text_is(r.article.oid, "777"));
    assert_true(text_is(r.article.aid, "42"));
    assert_true(text_is(r.article.fields[SILLOK_TITLE], "새 소식"));
    assert_int_equal(r.article.fields[SILLOK_AUTHOR].len, 0); /* YAML's word for none */
    assert_int_equal(r.article.fields[SILLOK_CATEGORY].len, 0);
    assert_true(text_is(r.article.fields[SILLOK_PUBLISHER], "null"));
    assert_int_equal(r.article.crawled_at_s, 1767323733); /* in UTC */
    assert_true(r.notes & NOTE_UNKNOWN_KEYS);
    reader_free(reader);
    sillok_profile_free(p);

    assert_ok(load(&p, "name: other\noid: '777'\ntemplate: none\ncontent_hash: required\n"
                       "fields: {title: headline, aid: nr, crawled_at: seen}\n"));
    assert_ok(reader_new(&reader, p, &limits));
    assert_int_equal(reader_file(reader, text_of(file), &r, &why), SILLOK_EINVALID);
    assert_string_equal(why.code, "missing_key");
    assert_non_null(strstr(sillok_error_message(), "content_hash"));
    reader_free(reader);
    sillok_profile_free(p);
}

/* A crawler may have one key for what are two of ours, and may call one of ours as we call
 * another; nobody would look for that behind "there is no published_at". */
static void one_key_may_be_several_of_ours(void **state)
{
    static const char front[] = "publisher: hani\nid: 42\ntitle: 새 소식\n"
                                "published_at: 2026-01-02 03:15:33\n";
    static const char line[] =
        "{\"publisher\":\"hani\",\"id\":\"42\",\"title\":\"새 소식\","
        "\"published_at\":\"2026-01-02 03:15:33\",\"body\":\"본문.\"}";
    static const char *const templates[] = { "none", "naver", "none" };
    (void)state;
    for (int i = 0; i < 3; i++) {
        char text[400], file[400];
        struct sillok_profile *p;
        struct sillok_limits limits;
        struct reader *reader;
        struct reading r;
        struct refusal why = { NULL };
        snprintf(text, sizeof(text),
                 "name: x\ntemplate: %s\nfields: {oid: publisher, aid: id, "
                 "crawled_at: published_at, category: publisher}\n",
                 templates[i]);
        snprintf(file, sizeof(file),
                 i == 1 ? "---\n%s---\n\n# x\n\n**hani** | y\n\n---\n\n본문.\n\n---\n\n"
                          "*Crawled at: z*\n"
                        : "---\n%s---\n본문.\n",
                 front);
        sillok_limits_default(&limits);
        assert_ok(load(&p, text));
        assert_ok(reader_new(&reader, p, &limits));
        assert_ok(i == 2 ? reader_ndjson(reader, text_of(line), &r, &why)
                         : reader_file(reader, text_of(file), &r, &why));
        assert_true(text_is(r.article.oid, "hani"));
        assert_true(text_is(r.article.aid, "42"));
        assert_true(text_is(r.article.fields[SILLOK_PUBLISHER], "hani"));
        assert_true(text_is(r.article.fields[SILLOK_CATEGORY], "hani"));
        assert_true(
            text_is(r.article.fields[SILLOK_PUBLISHED_AT], "2026-01-02 03:15:33"));
        assert_int_equal(r.article.crawled_at_s, 1767323733);
        assert_true(text_is(r.article.body, "본문."));
        assert_false(r.notes & NOTE_UNKNOWN_KEYS);
        reader_free(reader);
        sillok_profile_free(p);
    }
}

static const char *const own_names[N_KEYS] = {
    "title",        "category", "publisher",  "author", "published_at",
    "modified_at",  "url",      "crawled_at", "oid",    "aid",
    "content_hash", "id",       "body",
};

/* Every key by its own name, by the name that a profile gives it, and not by others. */
static void each_key_can_be_renamed(void **state)
{
    const struct sillok_profile *naver = sillok_profile_builtin("naver");
    (void)state;
    assert_true(naver->has_template && naver->hash_required);
    assert_int_equal(naver->zone_min, 0);
    assert_null(naver->oid);
    for (int key = 0; key < N_KEYS; key++) {
        char text[100];
        struct sillok_profile *p;
        assert_string_equal(profile_key_name(key), own_names[key]);
        assert_int_equal(profile_key(naver, text_of(own_names[key])), key);
        snprintf(text, sizeof(text), "name: x\nfields: {%s: 이름}\n", own_names[key]);
        assert_ok(load(&p, text));
        for (int other = 0; other < N_KEYS; other++)
            assert_int_equal(profile_key(p, text_of(own_names[other])),
                             other == key ? -1 : other);
        assert_int_equal(profile_key(p, text_of("이름")), key);
        sillok_profile_free(p);
    }
    assert_int_equal(profile_key(naver, text_of("titles")), -1);
    assert_int_equal(profile_key(naver, text_of("")), -1);
}

static void the_rest_of_a_profile(void **state)
{
    static const struct {
        const char *text;
        int has_template, hash_required;
        const char *oid;
    } cases[] = {
        { "name: x\n", 0, 0, NULL },
        { "name: x\ntemplate: naver\n", 1, 0, NULL },
        { "name: x\ntemplate: none\n", 0, 0, NULL },
        { "name: x\ncontent_hash: required\n", 0, 1, NULL },
        { "name: x\ncontent_hash: optional\n", 0, 0, NULL },
        { "name: x\noid: '042'\n", 0, 0, "042" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_profile *p;
        assert_ok(load(&p, cases[i].text));
        assert_int_equal(p->has_template, cases[i].has_template);
        assert_int_equal(p->hash_required, cases[i].hash_required);
        assert_int_equal(p->zone_min, 0);
        if (cases[i].oid)
            assert_string_equal(p->oid, cases[i].oid);
        else
            assert_null(p->oid);
        sillok_profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones),
        cmocka_unit_test(what_is_no_profile_is_told),
        cmocka_unit_test(long_keys_are_cut),
        cmocka_unit_test(each_key_can_be_renamed),
        cmocka_unit_test(the_rest_of_a_profile),
        cmocka_unit_test(names_of_another_crawler),
        cmocka_unit_test(one_key_may_be_several_of_ours),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
