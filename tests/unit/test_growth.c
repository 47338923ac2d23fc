/* A store whose map is too small for what comes in: batches are rolled back, the map
 * grows, and what is stored is what a roomy store has. */
#include "store/lmdb.h"

#include "sillok/maintenance.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILES = 600 };

static void make_crawl(const char *folder, int crawl)
{
    uint64_t seed = 5;
    for (int i = 0; i < FILES; i++) {
        struct buf file = BUF_INIT, body = BUF_INIT;
        char aid[16], at[32], name[64];
        snprintf(aid, sizeof(aid), "%d", i);
        snprintf(at, sizeof(at), "2026-01-%02d 10:%02d:%02d", 5 + crawl, i / 60, i % 60);
        for (int k = 0; k < 120; k++)
            assert_ok(buf_printf(&body, "문장 %llu은 %s. ",
                                 (unsigned long long)(support_random(&seed) % 100000),
                                 crawl && i % 9 == 0 && k == 7 ? "고쳤다" : "그대로다"));
        assert_ok(buf_add_char(&body, '\0'));
        const struct support_file f = { "001", aid, at, "제목", body.ptr, i % 2, NULL };
        support_crawl_file(&file, &f);
        snprintf(name, sizeof(name), "001_%d_c%d.md", i, crawl);
        char *path = support_path(folder, name);
        support_write(path, file.ptr, file.len);
        free(path);
        buf_release(&file);
        buf_release(&body);
    }
}

static void fill(struct sillok_store *store, char *const folders[2])
{
    static const char *const names[] = { "before", "after" };
    for (int i = 0; i < 2; i++) {
        const char *paths[] = { folders[i] };
        const struct sillok_ingest_counts c = support_ingest(store, names[i], paths, 1);
        assert_int_equal(c.observations, FILES);
        assert_int_equal(c.refused, 0);
    }
    assert_int_equal(support_verify(store), 0);
}

static void a_tiny_map_grows(void **state)
{
    (void)state;
    char *folder = support_folder();
    char *crawls[2], *paths[2];
    struct buf dumps[2] = { BUF_INIT, BUF_INIT };
    for (int i = 0; i < 2; i++) {
        char command[4200];
        crawls[i] = support_path(folder, i ? "c1" : "c0");
        snprintf(command, sizeof(command), "mkdir '%s'", crawls[i]);
        assert_int_equal(system(command), 0);
        make_crawl(crawls[i], i);
    }
    for (int i = 0; i < 2; i++) {
        struct sillok_store *store;
        paths[i] = support_path(folder, i ? "tiny" : "roomy");
        assert_ok(sillok_store_create(paths[i]));
        assert_ok(lmdb_store_open(&store, paths[i], NULL, i ? (size_t)160 << 10 : 0, 0));
        fill(store, crawls);
        support_dump(&dumps[i], store);
        sillok_store_close(store);
    }
    assert_true(text_equal(text_make(dumps[0].ptr, dumps[0].len),
                           text_make(dumps[1].ptr, dumps[1].len)));
    for (int i = 0; i < 2; i++) {
        buf_release(&dumps[i]);
        free(crawls[i]);
        free(paths[i]);
    }
    support_remove(folder);
}

/* The last step of a commit, which lists free pages, may be the one that finds no room: of
 * maps of many sizes some end there. */
static void a_ref_in_a_tiny_map(void **state)
{
    enum { MAPS = 16, REFS = 40, LEAST_PAGES = 22 };
    static char value[9000];
    char *folder = support_folder(), *path = support_path(folder, "store");
    (void)state;
    for (uint64_t map = 0, seed = 1; map < MAPS; map++) {
        struct sillok_store *store;
        assert_ok(sillok_store_create(path));
        assert_ok(lmdb_store_open(&store, path, NULL, (LEAST_PAGES + map) << 12, 0));
        for (int i = 0; i < REFS; i++) {
            const size_t len = 1 + support_random(&seed) % sizeof(value);
            char name[16];
            int r;
            snprintf(name, sizeof(name), "r%d", i);
            do
                r = store->ops->ref_cas(store, name, text_make("", 0),
                                        text_make(value, len));
            while (r == STORE_RETRY);
            if (r < 0)
                fail_msg("map %d, ref %d: %d, %s", (int)map, i, r,
                         sillok_error_message());
        }
        assert_int_equal(support_verify(store), 0);
        sillok_store_close(store);
        support_remove(support_path(folder, "store"));
    }
    free(path);
    support_remove(folder);
}

/* At its limit the store says so, keeps what it has, and goes on being read. */
static void the_limit_is_named(void **state)
{
    (void)state;
    char *folder = support_folder();
    char *crawl = support_path(folder, "c0"), *path = support_path(folder, "store");
    char command[4200];
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    int r;
    snprintf(command, sizeof(command), "mkdir '%s'", crawl);
    assert_int_equal(system(command), 0);
    make_crawl(crawl, 0);
    sillok_limits_default(&o.limits);
    o.limits.map_bytes = 256 << 10;
    assert_ok(sillok_store_create(path));
    assert_ok(sillok_store_open(&store, path, &o));
    assert_ok(sillok_ingest_new(&in, store, NULL));
    assert_ok(sillok_ingest_add(in, crawl));
    while ((r = sillok_ingest_next(in, &e)) > 0)
        ;
    assert_int_equal(r, SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "limits.map_bytes"));
    sillok_ingest_free(in);
    assert_int_equal(support_verify(store), 0);
    sillok_store_close(store);
    free(crawl);
    free(path);
    support_remove(folder);
}

/* Who sets one of them does not take away all others: nothing passes a limit of 0. */
static void a_limit_that_is_not_set_is_the_usual_one(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = support_path(folder, "store");
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_limits want;
    struct sillok_store *store;
    assert_ok(sillok_store_create(path));
    for (int set = 0; set < 3; set++) {
        sillok_limits_default(&want);
        o.limits = (struct sillok_limits){ .file_bytes = set == 1 ? 1000 : 0,
                                           .archive_ratio = set == 2 ? 7 : 0 };
        want.file_bytes = set == 1 ? 1000 : want.file_bytes;
        want.archive_ratio = set == 2 ? 7 : want.archive_ratio;
        assert_ok(sillok_store_open(&store, path, &o));
        const struct sillok_limits *is = &store->limits;
        if (is->file_bytes != want.file_bytes ||
            is->front_matter_bytes != want.front_matter_bytes ||
            is->field_bytes != want.field_bytes ||
            is->front_matter_keys != want.front_matter_keys ||
            is->archive_bytes != want.archive_bytes ||
            is->archive_ratio != want.archive_ratio ||
            is->folder_depth != want.folder_depth || is->map_bytes != want.map_bytes)
            fail_msg("set %d", set);
        sillok_store_close(store);
    }
    free(path);
    support_remove(folder);
}

/* A text that is longer than the engine packs would end a whole ingest. */
static void a_limit_above_its_setting_is_refused(void **state)
{
    static const struct {
        const char *name;
        struct sillok_limits limits;
    } cases[] = {
        { "limits.file_bytes", { .file_bytes = SILLOK_TEXT_MAX_BYTES + 1 } },
        { "limits.front_matter_bytes", { .front_matter_bytes = UINT64_MAX } },
        { "limits.field_bytes", { .field_bytes = UINT64_MAX } },
        { "limits.front_matter_keys", { .front_matter_keys = UINT32_MAX } },
        { "limits.archive_bytes", { .archive_bytes = UINT64_MAX } },
        { "limits.archive_ratio", { .archive_ratio = UINT32_MAX } },
        { "limits.folder_depth", { .folder_depth = UINT32_MAX } },
        { "limits.map_bytes", { .map_bytes = UINT64_MAX } },
    };
    (void)state;
    char *folder = support_folder(), *path = support_path(folder, "store");
    assert_ok(sillok_store_create(path));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_store_options o = { .limits = cases[i].limits };
        struct sillok_store *store = NULL;
        struct sillok_copy *copy = NULL;
        const int opened = sillok_store_open(&store, path, &o),
                  copied = sillok_migrate_open(&copy, path, "none", &o.limits);
        if (opened != SILLOK_EINVALID || copied != SILLOK_EINVALID ||
            !strstr(sillok_error_message(), cases[i].name))
            fail_msg("%s: %d, %d, '%s'", cases[i].name, opened, copied,
                     sillok_error_message());
    }
    free(path);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tiny_map_grows), cmocka_unit_test(a_ref_in_a_tiny_map),
        cmocka_unit_test(the_limit_is_named),
        cmocka_unit_test(a_limit_that_is_not_set_is_the_usual_one),
        cmocka_unit_test(a_limit_above_its_setting_is_refused)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
