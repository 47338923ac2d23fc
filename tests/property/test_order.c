/*
 * Any order, split and repetition of the same files gives the same chains, changes and
 * export. The crawls are the sample generator's, with reverts, late crawls and two
 * contents at one time added; each round shuffles all files of all crawls, cuts them into
 * ingests at random, repeats some, and compares everything a user can ask with the first
 * round.
 *
 *   test_order SAMPLE_PROGRAM [ROUNDS [SEED]]
 */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 4000, MAX_CRAWLS = 8 };

static struct {
    char *path;
    int crawl;
} files[MAX_FILES];
static size_t n_files;
static int n_crawls = 3;

static void add_folder(const char *folder, int crawl)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (!strstr(e->d_name, ".md"))
            continue;
        assert_true(n_files < MAX_FILES);
        files[n_files].path = support_path(folder, e->d_name);
        files[n_files++].crawl = crawl;
    }
    closedir(d);
}

/* The same article at one time with two contents, in a folder of its own. */
static void add_conflicts(const char *folder)
{
    static const struct support_file made[] = {
        { "900", "1", "2026-01-05 10:00:00", "하나", "같은 시각의 본문 하나.", 0, NULL },
        { "900", "1", "2026-01-05 10:00:00", "둘", "같은 시각의 본문 둘.", 0, NULL },
        { "900", "1", "2026-01-05 10:00:00", "셋", "같은 시각의 본문 셋.", 1, NULL },
        { "900", "1", "2026-01-04 10:00:00", "둘", "같은 시각의 본문 둘.", 0, NULL },
        { "900", "1", "2026-01-06 10:00:00", "하나", "같은 시각의 본문 하나.", 1, NULL },
        { "900", "2", "2026-01-05 10:00:00", "되돌림", "가.", 0, NULL },
        { "900", "2", "2026-01-05 11:00:00", "되돌림", "나.", 0, NULL },
        { "900", "2", "2026-01-05 12:00:00", "되돌림", "가.", 0, NULL },
        { "900", "2", "2026-01-05 13:00:00", "되돌림", "나.", 0, NULL },
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        struct buf b = BUF_INIT;
        char name[64];
        snprintf(name, sizeof(name), "900_%s_%zu.md", made[i].aid, i);
        support_crawl_file(&b, &made[i]);
        char *path = support_path(folder, name);
        support_write(path, b.ptr, b.len);
        files[n_files].path = path;
        files[n_files++].crawl = (int)(i % (size_t)n_crawls);
        buf_release(&b);
    }
}

static void shuffle(size_t *order, size_t n, uint64_t *seed)
{
    for (size_t i = n; i > 1; i--) {
        const size_t k = support_random(seed) % i;
        const size_t swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
}

/* One ingest of files that belong to one crawl, under its name or another. */
static void ingest_some(struct sillok_store *store, const size_t *order, size_t n,
                        int crawl, const char *under)
{
    const char *paths[MAX_FILES];
    char name[32];
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (files[order[i]].crawl == crawl)
            paths[k++] = files[order[i]].path;
    snprintf(name, sizeof(name), "%s-%d", under, crawl);
    if (k)
        (void)support_ingest(store, name, paths, k);
}

static void round_of(const char *folder, int round, uint64_t *seed, struct buf *dump)
{
    static size_t order[MAX_FILES];
    char name[32];
    struct sillok_store *store;
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    o.create = 1;
    snprintf(name, sizeof(name), "store-%d", round);
    char *path = support_path(folder, name);
    assert_ok(sillok_store_open(&store, path, &o));
    for (size_t i = 0; i < n_files; i++)
        order[i] = i;
    if (round)
        shuffle(order, n_files, seed);
    /* Round 0: crawl by crawl, in order. Others: cut anywhere, pieces now and then twice,
     * also as another crawl. */
    for (size_t from = 0; from < n_files;) {
        const size_t left = n_files - from;
        const size_t n =
            round ? 1 + support_random(seed) % (left < 900 ? left : 900) : left;
        for (int crawl = 0; crawl < n_crawls; crawl++)
            ingest_some(store, order + from, n, crawl, "crawl");
        if (round && support_random(seed) % 2 == 0)
            ingest_some(store, order + from, n,
                        (int)(support_random(seed) % (size_t)n_crawls),
                        support_random(seed) % 2 ? "crawl" : "again");
        if (round && support_random(seed) % 3 == 0)
            ingest_some(store, order, from + n,
                        (int)(support_random(seed) % (size_t)n_crawls), "all-again");
        from += n;
    }
    assert_int_equal(support_verify(store), 0);
    assert_int_equal(support_reindex(store, 1), 0);
    support_dump(dump, store);
    sillok_store_close(store);
    support_remove(path);
}

static const char *generator;
static int rounds = 12;
static uint64_t seed0 = 1;

static void make_corpus(const char *folder)
{
    char command[8192];
    snprintf(command, sizeof(command),
             "'%s' --articles 150 --crawls %d --seed 11 --edit 0.3 '%s'", generator,
             n_crawls, folder);
    assert_int_equal(system(command), 0);
    for (int i = 0; i < n_crawls; i++) {
        char name[32];
        snprintf(name, sizeof(name), "crawl-%d", i);
        char *sub = support_path(folder, name);
        add_folder(sub, i);
        free(sub);
    }
    add_conflicts(folder);
}

static void order_does_not_matter(void **state)
{
    (void)state;
    char *folder = support_folder();
    uint64_t seed = seed0;
    CLEANUP(buf_release) struct buf first = BUF_INIT;
    make_corpus(folder);
    round_of(folder, 0, &seed, &first);
    assert_true(first.len > 10000);
    for (int i = 1; i <= rounds; i++) {
        CLEANUP(buf_release) struct buf dump = BUF_INIT;
        const uint64_t replay = seed;
        round_of(folder, i, &seed, &dump);
        if (!text_equal(text_make(first.ptr, first.len), text_make(dump.ptr, dump.len))) {
            char *a = support_path("/tmp", "sillok-order-a.txt"),
                 *b = support_path("/tmp", "sillok-order-b.txt");
            support_write(a, first.ptr, first.len);
            support_write(b, dump.ptr, dump.len);
            fail_msg("round %d differs (seed %llu): diff %s %s", i,
                     (unsigned long long)replay, a, b);
        }
    }
    print_message("# {\"name\":\"order\",\"runs\":%d,\"bad\":0,\"seed\":%llu}\n", rounds,
                  (unsigned long long)seed0);
    for (size_t i = 0; i < n_files; i++)
        free(files[i].path);
    support_remove(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(order_does_not_matter) };
    if (argc < 2)
        return 99;
    generator = argv[1];
    if (argc > 2)
        rounds = atoi(argv[2]);
    if (argc > 3)
        seed0 = strtoull(argv[3], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
