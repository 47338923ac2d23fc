/* YAML into a flat list of paths and values, within its limits. */
#include "article/yaml.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static const struct yaml_limits usual = { 64 << 10, 16, 10000, 0 };
static const struct yaml_limits full = YAML_LIMITS_CONFIG;

/* "path=value@line:column" of each entry, one a line. */
static void show(struct buf *out, const struct yaml_map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_entry *e = &map->entries[i];
        assert_ok(buf_printf(out, "%.*s=%.*s@%d:%d\n", (int)e->path.len, e->path.ptr,
                             (int)e->value.len, e->value.ptr, e->line, e->column));
    }
}

static void entries_are_flat(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "nothing but a mapping", "{}", "" },
        { "one", "a: b\n", "a=b@1:1\n" },
        { "empty value", "a:\nb: ''\n", "a=@1:1\nb=@2:1\n" },
        { "a byte order mark",
          "\xef\xbb\xbf"
          "a: b\n",
          "a=b@1:1\n" },
        { "nested", "a:\n  b: c\n  d:\n    e: f\ng: h\n",
          "a.b=c@2:3\na.d.e=f@4:5\ng=h@5:1\n" },
        { "in braces", "{a: {b: c}, d: e}", "a.b=c@1:6\nd=e@1:13\n" },
        { "an empty mapping below", "a: {}\nb: c\n", "b=c@2:1\n" },
        { "a list is one value", "a: [가, 나, 다]\nb: c\n",
          "a=가, 나, 다@1:1\nb=c@2:1\n" },
        { "a list of one", "a:\n- 가\nb: c\n", "a=가@1:1\nb=c@3:1\n" },
        { "an empty list", "a: []\nb: c\n", "b=c@2:1\n" },
        { "lists in lists", "a: [[가], [나, [다]]]\nb: c\n",
          "a=가, 나, 다@1:1\nb=c@2:1\n" },
        { "a list with empty parts", "a: ['', 나]\n", "a=, 나@1:1\n" },
        { "a list below a key", "a:\n  b: [1, 2]\n  c: d\n",
          "a.b=1, 2@2:3\na.c=d@3:3\n" },
        { "a dot in a key", "a.b: c\n", "a.b=c@1:1\n" },
        { "mappings in a list", "a:\n- n: 가\n  m: x\n- n: 나\n- m: ~\nb: c\n",
          "a.n=가, 나@2:3\na.m=x, ~@3:3\nb=c@6:1\n" },
        { "one mapping in a list", "a: [{n: 가}]\nb: c\n", "a.n=가@1:6\nb=c@2:1\n" },
        { "between other parts", "a: [1, {n: 가}, 2, {n: 나}, 3]\n",
          "a=1, 2, 3@1:1\na.n=가, 나@1:9\n" },
        { "lists in them", "a:\n- n: [1, 2]\n- n: [[3], {m: 4}]\n- {n: {m: 5}}\nb: c\n",
          "a.n=1, 2, 3@2:3\na.n.m=4, 5@3:13\nb=c@5:1\n" },
        { "empty ones", "a: [{}, {n: ''}, {n: []}, [], {n: 나}]\n", "a.n=, 나@1:10\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        struct yaml_map map;
        assert_int_equal(yaml_read(&map, text_of(cases[i].text), "t", &usual), 0);
        show(&got, &map);
        if (!text_is(text_make(got.ptr, got.len), cases[i].want))
            fail_msg("%s:\n%.*s", cases[i].name, (int)got.len, got.ptr);
        yaml_map_release(&map);
    }
    struct yaml_map map;
    assert_ok(yaml_read(&map, text_of("a: 1\nb: 2\n"), "t", &usual));
    assert_true(text_is(yaml_find(&map, "b")->value, "2"));
    assert_null(yaml_find(&map, "c"));
    yaml_map_release(&map);
    assert_null(map.entries);
}

static void what_is_null_is_told(void **state)
{
    static const struct {
        const char *text;
        int is_null;
    } cases[] = { { "a: null", 1 },        { "a: Null", 1 },   { "a: NULL", 1 },
                  { "a: ~", 1 },           { "a: nULL", 0 },   { "a: 'null'", 0 },
                  { "a: \"~\"", 0 },       { "a: >\n  ~", 0 }, { "a: !!str null", 0 },
                  { "a: null and so", 0 }, { "a:", 0 },        { "a: [null]", 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yaml_map map;
        assert_ok(yaml_read(&map, text_of(cases[i].text), "t", &usual));
        assert_int_equal(map.n, 1);
        if (map.entries[0].is_null != cases[i].is_null)
            fail_msg("%s", cases[i].text);
        yaml_map_release(&map);
    }
}

static void what_is_refused_is_told_with_its_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "a", "t:1:1: expected a mapping of keys to values" },
        { "- a", "t:1:1: a list stands where a key is expected" },
        { "? {a: b}\n: c", "t:1:3: nested too deep or in a list" },
        { "? [a]\n: c", "t:1:3: a list stands where a key is expected" },
        { "a: &x b\nc: *x", "t:2:4: aliases are not accepted" },
        { "a: b\n---\nc: d", "t:2:1: more than one document" },
        { "a: b\n\"c\\0\": d", "t:2:1: a key is too long" },
        { "a: b\nc: d\na: e", "t:3:1: duplicate key a at lines 1 and 3" },
        { "a.b: 1\na:\n  b: 2", "t:3:3: duplicate key a.b at lines 1 and 3" },
        { "a.b: 1\na:\n- b: 2", "t:3:3: duplicate key a.b at lines 1 and 3" },
        { "a:\n- b: 2\na.b: 1", "t:3:1: duplicate key a.b at lines 2 and 3" },
        { "a: [{b: 1}]\na: [{b: 2}]", "t:2:6: duplicate key a.b at lines 1 and 2" },
        { "a: [1]\na: [2]", "t:2:1: duplicate key a at lines 1 and 2" },
        { "a: b\n  c: d", "t:2:4: not YAML: " },
        { "a: 'b", "t:1:6: not YAML: " },
        { "\xff", "t:1:1: not YAML: " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yaml_map map;
        assert_int_equal(yaml_read(&map, text_of(cases[i].text), "t", &usual),
                         SILLOK_EINVALID);
        if (strncmp(sillok_error_message(), cases[i].message, strlen(cases[i].message)) !=
            0)
            fail_msg("%zu: %s", i, sillok_error_message());
    }
}

/* Where every key has to be known, none is passed over because nothing is in it. */
static void empty_ones_are_told_where_they_matter(void **state)
{
    static const struct {
        const char *text, *message; /* NULL: taken */
    } cases[] = {
        { "{}", NULL },
        { "", NULL },
        { "a: {b: c}\nd: [e]\n", NULL },
        { "a: [[], [b]]\n", NULL },
        { "a: ''\nb:\n", NULL },
        { "a: b\nc: {}\n", "t:2:1: c: an empty map or list is no value" },
        { "a: []\n", "t:1:1: a: an empty map or list is no value" },
        { "a: [[], [[]]]\n", "t:1:1: a: an empty map or list is no value" },
        { "a:\n  b: {}\n", "t:2:3: a.b: an empty map or list is no value" },
        { "a: {b: c, d: []}\n", "t:1:11: a.d: an empty map or list is no value" },
        { "a: [b]\nc: []\n", "t:2:1: c: an empty map or list is no value" },
        { "a: [\n  {b: c}]", "t:2:3: nested too deep or in a list" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yaml_map map;
        const int r = yaml_read(&map, text_of(cases[i].text), "t", &full);
        if (r != (cases[i].message ? SILLOK_EINVALID : 0))
            fail_msg("%zu: %d", i, r);
        if (r == 0)
            yaml_map_release(&map);
        else
            assert_string_equal(sillok_error_message(), cases[i].message);
    }
}

/* `n` mappings or lists one in the other, and what is in the innermost. */
static void nest(struct buf *b, int n, const char *open, const char *in,
                 const char *close)
{
    for (int i = 0; i < n; i++)
        assert_ok(buf_add_str(b, open));
    assert_ok(buf_add_str(b, in));
    for (int i = 0; i < n; i++)
        assert_ok(buf_add_str(b, close));
}

static int reads(struct sillok_text t, const struct yaml_limits *limits)
{
    struct yaml_map map;
    const int r = yaml_read(&map, t, "t", limits);
    if (r == 0)
        yaml_map_release(&map);
    else
        assert_int_equal(r, SILLOK_EINVALID);
    return r == 0;
}

/* Each limit is the last that is taken; none of a caller goes beyond what is built in. */
static void limits_are_exact(void **state)
{
    static const int depths[][2] = { { 1, 1 }, { 3, 3 }, { 32, 32 }, { 40, 32 } };
    (void)state;
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
        for (int more = 0; more < 2; more++) {
            CLEANUP(buf_release) struct buf b = BUF_INIT;
            const struct yaml_limits l = { 10000, depths[i][0], 10000, 0 };
            nest(&b, depths[i][1] + more - 1, "{a: ", "{}", "}");
            if (reads(text_make(b.ptr, b.len), &l) != !more)
                fail_msg("%d mappings where %d may be", depths[i][1] + more, l.depth);
        }
    for (int more = 0; more < 2; more++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        const struct yaml_limits l = { 10000, 3, 10000, 0 };
        assert_ok(buf_add_str(&b, "a: "));
        nest(&b, 3 + more, "[", "", "]");
        assert_int_equal(reads(text_make(b.ptr, b.len), &l), !more);
    }
    /* begin and end of stream, document and mapping, a key and a value each */
    for (int less = 0; less < 2; less++) {
        const struct yaml_limits l = { 10, 16, 8 - less, 0 };
        assert_int_equal(reads(text_of("a: b\n"), &l), !less);
        const struct yaml_limits bytes = { (size_t)5 - less, 16, 100, 0 };
        assert_int_equal(reads(text_of("a: b\n"), &bytes), !less);
    }
    /* a path of 511 bytes, in one key and in two */
    for (int parts = 1; parts < 3; parts++)
        for (int more = 0; more < 2; more++) {
            CLEANUP(buf_release) struct buf b = BUF_INIT;
            if (parts == 2)
                assert_ok(buf_add_str(&b, "a: {"));
            for (int i = 0; i < 511 + more - (parts == 2 ? 2 : 0); i++)
                assert_ok(buf_add_char(&b, 'k'));
            assert_ok(buf_add_str(&b, parts == 2 ? ": v}" : ": v"));
            assert_int_equal(reads(text_make(b.ptr, b.len), &usual), !more);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_flat),
        cmocka_unit_test(what_is_null_is_told),
        cmocka_unit_test(what_is_refused_is_told_with_its_place),
        cmocka_unit_test(empty_ones_are_told_where_they_matter),
        cmocka_unit_test(limits_are_exact),
    };
    return cmocka_run_group_tests_name("article/yaml", tests, NULL, NULL);
}
