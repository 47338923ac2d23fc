/*
 * A data file with damaged pages, with its seal and without: what `salvage` makes of it
 * is a sound store, or nothing; every file in it is one that was taken in, byte for byte,
 * or is told to be lost as a file; and what the damage did not touch is there.
 */
#include "support.h"

#include "scenarios.h"
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096, HEAD = 16 };

static struct world world;
static struct buf data, files; /* the data file; lines "file NAME SHA-256" */

enum how { ZEROS, KIND, LENGTH, OFFSET, NODE, MIDDLE, NUMBER, OTHER, N_HOWS };
static const char *const hows[N_HOWS] = {
    [ZEROS] = "zeros",           [KIND] = "another kind",  [LENGTH] = "other lengths",
    [OFFSET] = "a wild offset",  [NODE] = "a wild node",   [MIDDLE] = "a flipped bit",
    [NUMBER] = "a wrong number", [OTHER] = "another page",
};

static void spoil(uint8_t *all, uint64_t page, uint64_t n, enum how how)
{
    uint8_t *p = all + page * PAGE;
    const unsigned upper = (unsigned)(p[14] | p[15] << 8);
    switch (how) {
    case ZEROS:
        memset(p, 0, PAGE);
        break;
    case KIND: /* leaf, branch, overflow */
        p[10] ^= (uint8_t)(1 << page % 3);
        break;
    case LENGTH:
        p[12 + page % 4] ^= 0x5A;
        break;
    case OFFSET:
        p[HEAD + page % 2] ^= 0xFF;
        break;
    case NODE: /* lengths, flags or the length of the key */
        p[(upper + page % 8) % PAGE] ^= 0xFF;
        break;
    case MIDDLE:
        p[PAGE / 2 + page * 7 % (PAGE / 2)] ^= 4;
        break;
    case NUMBER:
        p[0] ^= 1;
        break;
    case OTHER:
        memcpy(p, all + (page * 7 + 5) % n * PAGE, PAGE);
        break;
    case N_HOWS:
        break;
    }
}

static const struct scenario *salvage(void)
{
    for (int i = 0; i < N_SCENARIOS; i++)
        if (strcmp(scenarios[i].name, "salvage") == 0)
            return &scenarios[i];
    fail_msg("there is no salvage");
    return NULL;
}

static void put(const void *bytes, size_t len, int sealed)
{
    struct scenario full = { .store = "full" };
    scenario_begin(&world, &full);
    char *file = support_path(world.store, "data.mdb"),
         *seal = support_path(world.store, "data.mdb-seal");
    support_write(file, bytes, len);
    if (!sealed)
        assert_int_equal(unlink(seal), 0);
    free(file);
    free(seal);
}

/* The lines of files of the store at @p path. */
static void add_files(struct buf *out, const char *path, const char *what)
{
    CLEANUP(buf_release) struct buf dump = BUF_INIT;
    struct sillok_store *s;
    if (sillok_store_open(&s, path, NULL) < 0)
        fail_msg("%s: %s", what, sillok_error_message());
    if (support_verify(s))
        fail_msg("%s: what was made is not sound", what);
    support_dump(&dump, s);
    sillok_store_close(s);
    assert_ok(buf_add_char(&dump, '\0'));
    for (char *line = dump.ptr; line && *line;) {
        char *end = strchr(line, '\n');
        if (strncmp(line, "file ", 5) == 0)
            assert_ok(buf_add(out, line, (size_t)(end - line) + 1));
        line = end + 1;
    }
}

/* How many of the files went in like that; of the others there are at most @p lost. */
static size_t count_files(const struct buf *got, size_t lost, const char *what)
{
    size_t n = 0, others = 0;
    for (size_t at = 0; at < got->len;) {
        const char *end = memchr(got->ptr + at, '\n', got->len - at);
        const size_t len = (size_t)(end - (got->ptr + at)) + 1;
        const int known = memmem(files.ptr, files.len, got->ptr + at, len) != NULL;
        if (!known && ++others > lost)
            fail_msg("%s: nobody took in: %.*s", what, (int)len, got->ptr + at);
        n += (size_t)known;
        at += len;
    }
    return n;
}

/* The last figure that is told: files whose article is there, but not their own bytes. */
static size_t files_lost(struct buf *out)
{
    assert_ok(buf_add_char(out, '\0'));
    return strtoul(strrchr(out->ptr, ' '), NULL, 10);
}

static size_t try_salvage(const char *what)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT, got = BUF_INIT;
    const int r = scenario_run(salvage(), &world, &out);
    if (r < 0 && (r != SILLOK_ECORRUPT || !*sillok_error_message()))
        fail_msg("%s: %d: %s", what, r, sillok_error_message());
    if (r < 0) {
        assert_int_not_equal(access(world.to, F_OK), 0);
        return 0;
    }
    add_files(&got, world.to, what);
    return count_files(&got, files_lost(&out), what);
}

static void every_page(void **state)
{
    const uint64_t n = data.len / PAGE;
    const size_t all = count_files(&files, 0, "all");
    size_t came[2] = { 0, 0 }, tried[2] = { 0, 0 };
    CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
    (void)state;
    for (uint64_t page = 0; page < n; page++)
        for (int k = 0; k < 3; k++) {
            /* Each kind of damage comes to each page or one beside it, with and without.
             */
            const enum how how = (enum how)((page * 3 + (uint64_t)k) % N_HOWS);
            const int sealed = (page + (uint64_t)k) % 2 == 0;
            char what[100];
            snprintf(what, sizeof(what), "page %u: %s, %s seal", (unsigned)page,
                     hows[how], sealed ? "with its" : "without a");
            buf_clear(&spoilt);
            assert_ok(buf_add(&spoilt, data.ptr, data.len));
            spoil((uint8_t *)spoilt.ptr, page, n, how);
            put(spoilt.ptr, spoilt.len, sealed);
            came[sealed] += try_salvage(what);
            tried[sealed]++;
        }
    print_message("# of %zu files: with a seal %.1f, without %.1f\n", all,
                  (double)came[1] / (double)tried[1], (double)came[0] / (double)tried[0]);
    /* One page is a small part of what there is, and yet a part. */
    assert_true(came[0] < tried[0] * all && came[1] < tried[1] * all);
    assert_true(came[0] > tried[0] * all * 3 / 4 && came[1] > tried[1] * all * 3 / 4);
}

static void a_file_that_was_cut_or_is_none(void **state)
{
    static const size_t lens[] = { 1, 100, PAGE - 1, PAGE, 2 * PAGE, 3 * PAGE + 7 };
    char what[100];
    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        snprintf(what, sizeof(what), "%zu bytes", lens[i]);
        put(data.ptr, lens[i], 1);
        (void)try_salvage(what);
    }
    for (size_t tenths = 1; tenths < 10; tenths++) {
        snprintf(what, sizeof(what), "%zu tenths", tenths);
        put(data.ptr, data.len * tenths / 10, tenths % 2 == 0);
        (void)try_salvage(what);
    }
    put(data.ptr, data.len, 0);
    assert_int_equal(try_salvage("whole, without a seal"), count_files(&files, 0, "all"));
    put(data.ptr, data.len, 1);
    assert_int_equal(try_salvage("whole"), count_files(&files, 0, "all"));
}

/* Rows of the tables that are truth, by the order of the tables. */
static int count_rows(const char *path, uint64_t rows[N_TABLES])
{
    struct sillok_table_stats tables[N_TABLES];
    struct sillok_store *s;
    int n = 0;
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_ok(n = sillok_store_tables(s, tables, N_TABLES));
    for (int i = 0; i < n; i++)
        rows[i] = tables[i].rows;
    sillok_store_close(s);
    return n;
}

/* What is whole is stored as ingest stores it: no text twice, and the exact bytes of a
 * file only where its article does not give them. */
static void what_is_made_of_a_whole_store_is_as_small(void **state)
{
    static const int same[] = { T_BODY,    T_VERSION, T_ORDINAL, T_EXTRA, T_CRAWL,
                                T_REFUSAL, T_HASH,    T_ARTICLE, T_REV,   T_LOG };
    uint64_t was[N_TABLES], is[N_TABLES];
    (void)state;
    put(data.ptr, data.len, 1);
    const int n = count_rows(world.store, was);
    (void)try_salvage("whole");
    assert_int_equal(count_rows(world.to, is), n);
    assert_true(was[T_EXTRA] > 0 && was[T_EXTRA] < was[T_VERSION]);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (is[same[i]] != was[same[i]])
            fail_msg("table %s: %llu rows, not %llu", lmdb_table_name(same[i]),
                     (unsigned long long)is[same[i]], (unsigned long long)was[same[i]]);
}

static int set_up(void **state)
{
    struct scenario full = { .store = "full" };
    (void)state;
    world_make(&world);
    scenario_begin(&world, &full);
    buf_init(&data, BUF_CEILING);
    buf_init(&files, BUF_CEILING);
    add_files(&files, world.store, "all");
    char *file = support_path(world.store, "data.mdb");
    FILE *f = fopen(file, "rb");
    assert_non_null(f);
    assert_ok(buf_reserve(&data, (size_t)1 << 24));
    data.len = fread(data.ptr, 1, (size_t)1 << 24, f);
    fclose(f);
    free(file);
    assert_true(data.len > 20 * PAGE && data.len % PAGE == 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&data);
    buf_release(&files);
    world_remove(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page),
        cmocka_unit_test(a_file_that_was_cut_or_is_none),
        cmocka_unit_test(what_is_made_of_a_whole_store_is_as_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
