/* Names of articles and revisions, and the chain that they point into. */
#include "history/chain.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names --- */

#define A64 "0123456789abcdefABCDEFghijklmnopqrstuvwxyz_-0123456789GHIJKLMNOP"

static void articles_are_named(void **state)
{
    static const struct {
        const char *text, *oid, *aid; /* oid NULL: refused */
    } cases[] = {
        { "001/2", "001", "2" },
        { "001_2", "001", "2" },
        { "a-b/c_d", "a-b", "c_d" },
        { "a_b/c", "a_b", "c" }, /* a slash before an underscore, wherever */
        { A64 "/" A64, A64, A64 },
        { A64 "x/1", NULL, NULL },
        { "1/" A64 "x", NULL, NULL },
        { "azAZ09_-/x", "azAZ09_-", "x" },
        { "/", NULL, NULL },
        { "1/", NULL, NULL },
        { "/1", NULL, NULL },
        { "1", NULL, NULL },
        { "", NULL, NULL },
        { "1/2/3", NULL, NULL },
        { "1/:", NULL, NULL }, /* the neighbours of each range */
        { "1/`", NULL, NULL },
        { "1/{", NULL, NULL },
        { "1/[", NULL, NULL },
        { "1/.", NULL, NULL },
        { "가/1", NULL, NULL },
        { "@1", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_ref ref;
        const int r = sillok_ref_parse(&ref, cases[i].text, 0, 0);
        if (r != (cases[i].oid ? 0 : SILLOK_EINVALID))
            fail_msg("'%s': %d", cases[i].text, r);
        if (!cases[i].oid) {
            assert_non_null(strstr(sillok_error_message(), "write OID/AID"));
            continue;
        }
        assert_string_equal(ref.oid, cases[i].oid);
        assert_string_equal(ref.aid, cases[i].aid);
        assert_int_equal(ref.kind, SILLOK_REF_NEWEST);
    }
}

static void revisions_are_named(void **state)
{
    static const struct {
        const char *text;
        int kind; /* -1: refused */
        int64_t value;
    } cases[] = {
        { "1/2@1", SILLOK_REF_NUMBER, 1 },
        { "1/2@-1", SILLOK_REF_NUMBER, -1 },
        { "1/2@999999999", SILLOK_REF_NUMBER, 999999999 },
        { "1/2@-999999999", SILLOK_REF_NUMBER, -999999999 },
        { "1/2@0", -1, 0 },
        { "1/2@-0", -1, 0 },
        { "1/2@+1", -1, 0 },
        { "1/2@1000000000", -1, 0 },
        { "1/2@-1000000000", -1, 0 },
        { "1/2@", -1, 0 },
        { "1/2@x", -1, 0 },
        { "1/2@1x", -1, 0 },
        { "1/2@2026-01-02T03:15:33Z", SILLOK_REF_TIME, 1767323733 },
        { "1/2@2026-01-02 12:15:33", SILLOK_REF_TIME, 1767323733 }, /* in +09:00 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_ref ref;
        const int r = sillok_ref_parse(&ref, cases[i].text, 0, 540);
        if (r != (cases[i].kind < 0 ? SILLOK_EINVALID : 0))
            fail_msg("'%s': %d", cases[i].text, r);
        if (cases[i].kind < 0)
            continue;
        assert_int_equal(ref.kind, cases[i].kind);
        assert_int_equal(ref.kind == SILLOK_REF_TIME ? ref.time_s : ref.number,
                         cases[i].value);
    }
    struct sillok_ref ref = { .oid = "1", .aid = "2" };
    assert_ok(sillok_ref_parse_revision(&ref, "3", 0, 0));
    assert_int_equal(ref.number, 3);
    assert_ok(sillok_ref_parse_revision(&ref, "@-2", 0, 0));
    assert_int_equal(ref.number, -2);
    assert_int_equal(sillok_ref_parse_revision(&ref, "@0", 0, 0), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "numbered from 1"));
}

/* --- runs --- */

/* "first-last xN !t:T ..." of the chain of observations (time, version, crawl). */
static void chain_text(struct buf *out, const struct chain *c)
{
    buf_clear(out);
    for (size_t i = 0; i < c->n; i++) {
        const struct chain_revision *r = chain_at(c, i);
        assert_ok(buf_printf(
            out, "%s%lld-%lld v%llu x%llu%s%s", i ? ", " : "", (long long)r->link.first_s,
            (long long)r->last_s, (unsigned long long)r->link.version,
            (unsigned long long)r->observations, r->conflict ? " conflict" : "",
            r->is_confirmed ? " confirmed" : ""));
        if (r->link.tie)
            assert_ok(buf_printf(out, " tie %u", (unsigned)r->link.tie));
    }
    assert_ok(buf_add_char(out, '\0'));
}

static void observations_make_runs(void **state)
{
    static const struct {
        const char *name, *want;
        struct {
            int64_t at;
            uint64_t version;
            uint32_t crawl;
        } obs[6];
        size_t n;
    } cases[] = {
        { "one", "10-10 v1 x1", { { 10, 1, 1 } }, 1 },
        { "seen again", "10-30 v1 x3", { { 10, 1, 1 }, { 20, 1, 1 }, { 30, 1, 1 } }, 3 },
        { "by another crawl",
          "10-20 v1 x2 confirmed",
          { { 10, 1, 1 }, { 20, 1, 2 } },
          2 },
        { "the same visit twice", "10-10 v1 x1", { { 10, 1, 1 }, { 10, 1, 2 } }, 2 },
        { "changed and back",
          "10-10 v1 x1, 20-20 v2 x1, 30-40 v1 x2",
          { { 10, 1, 1 }, { 20, 2, 1 }, { 30, 1, 1 }, { 40, 1, 1 } },
          4 },
        { "two at one moment",
          "10-10 v1 x1 conflict, 10-10 v2 x1 conflict tie 1",
          { { 10, 1, 1 }, { 10, 2, 1 } },
          2 },
        { "three at one moment, and later",
          "10-10 v1 x1 conflict, 10-10 v2 x1 conflict tie 1, 10-10 v3 x1 conflict tie 2, "
          "11-11 v1 x1",
          { { 10, 1, 1 }, { 10, 2, 1 }, { 10, 3, 1 }, { 11, 1, 1 } },
          4 },
        { "at the last moment of a run",
          "10-20 v1 x2 conflict, 20-20 v2 x1 conflict",
          { { 10, 1, 1 }, { 20, 1, 1 }, { 20, 2, 1 } },
          3 },
    };
    struct chain c;
    struct buf text = BUF_INIT;
    (void)state;
    chain_init(&c);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct chain_obs obs[6];
        memset(obs, 0, sizeof(obs));
        for (size_t k = 0; k < cases[i].n; k++) {
            obs[k].time_s = cases[i].obs[k].at;
            obs[k].version = cases[i].obs[k].version;
            obs[k].crawl = cases[i].obs[k].crawl;
        }
        assert_ok(chain_make(&c, 77, obs, cases[i].n));
        assert_int_equal(c.article, 77);
        chain_text(&text, &c);
        if (strcmp(text.ptr, cases[i].want) != 0)
            fail_msg("%s: %s, want %s", cases[i].name, text.ptr, cases[i].want);
        for (size_t k = 0; k < c.n; k++) {
            const struct chain_link *l = &chain_at(&c, k)->link;
            assert_int_equal(chain_find(&c, l->first_s, l->tie), k);
            assert_int_equal(chain_find(&c, l->first_s, l->tie + 9u), c.n);
        }
        assert_int_equal(chain_find(&c, 9, 0), c.n);
        assert_int_equal(chain_find(&c, 15, 0), c.n);
        assert_int_equal(chain_find(&c, 99, 0), c.n);
    }
    assert_int_equal(chain_make(&c, 1, NULL, 0), SILLOK_ECORRUPT);
    assert_int_equal(c.n, 0);
    buf_release(&text);
    chain_release(&c);
}

/* --- what a name points at --- */

static uint32_t revision_of(struct sillok_store *store, const char *name)
{
    struct sillok_ref ref;
    struct sillok_snapshot *s = NULL;
    assert_ok(sillok_ref_parse(&ref, name, 0, 0));
    const int r = sillok_snapshot_open(&s, store, &ref);
    if (r == SILLOK_ENOTFOUND)
        return 0;
    assert_ok(r);
    const uint32_t number = sillok_snapshot_revision(s)->number;
    sillok_snapshot_close(s);
    return number;
}

static void names_point_into_the_chain(void **state)
{
    static const char *const bodies[] = { "처음 글이다.", "고친 글이다.",
                                          "또 고친 글이다." };
    static const struct {
        const char *name;
        uint32_t number; /* 0: there is none */
    } cases[] = {
        { "001/1", 3 },
        { "001/1@1", 1 },
        { "001/1@3", 3 },
        { "001/1@4", 0 },
        { "001/1@-1", 3 },
        { "001/1@-3", 1 },
        { "001/1@-4", 0 },
        { "001/1@2026-01-02T03:15:32Z", 0 },
        { "001/1@2026-01-02T03:15:33Z", 1 },
        { "001/1@2026-01-02T03:16:32Z", 1 },
        { "001/1@2026-01-02T03:16:33Z", 2 },
        { "001/1@2030-01-01", 3 },
        { "001/2", 0 },
        { "002/1", 0 },
    };
    char *folder = support_folder(), *path = support_path(folder, "store");
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store = NULL;
    (void)state;
    o.create = 1;
    assert_ok(sillok_store_open(&store, path, &o));
    for (int i = 0; i < 3; i++) {
        struct buf b = BUF_INIT;
        char at[32], name[32];
        snprintf(at, sizeof(at), "2026-01-02 03:%d:33", 15 + i);
        snprintf(name, sizeof(name), "001_1_%d.md", i);
        const struct support_file f = { "001", "1", at, "제목", bodies[i], 0, NULL };
        support_crawl_file(&b, &f);
        char *file = support_path(folder, name);
        const char *paths[] = { file };
        support_write(file, b.ptr, b.len);
        (void)support_ingest(store, "c", paths, 1);
        free(file);
        buf_release(&b);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (revision_of(store, cases[i].name) != cases[i].number)
            fail_msg("%s: %u, want %u", cases[i].name, revision_of(store, cases[i].name),
                     cases[i].number);
    sillok_store_close(store);
    support_remove(folder);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles_are_named),
        cmocka_unit_test(revisions_are_named),
        cmocka_unit_test(observations_make_runs),
        cmocka_unit_test(names_point_into_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
