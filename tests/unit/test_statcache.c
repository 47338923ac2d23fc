/* What the stat cache remembers, and each doubt that makes it forget. */
#include "ingest/statcache.h"
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOW_S = 1767600000 };

static char folder[] = "/tmp/sillok-statcache-XXXXXX";
static uint8_t mark[STORE_MARK_BYTES] = { 1 };
static int has_mark = 1;

static int fake_mark(struct sillok_store *s, uint8_t out[STORE_MARK_BYTES])
{
    (void)s;
    memcpy(out, mark, sizeof(mark));
    return has_mark;
}

static const struct store_ops ops = { .mark = fake_mark };
static struct sillok_store store = { .ops = &ops, .path = folder };

static struct statcache *reopen(struct statcache *old)
{
    struct statcache *c = NULL;
    if (old)
        assert_int_equal(statcache_save(old), 0);
    statcache_free(old);
    assert_int_equal(statcache_open(&c, &store, sillok_profile_builtin("naver"),
                                    (int64_t)NOW_S * 1000000000),
                     0);
    return c;
}

static struct stat file(int64_t mtime_s, int64_t ctime_s)
{
    struct stat st = {
        .st_mode = S_IFREG | 0644, .st_dev = 3, .st_ino = 7, .st_size = 9
    };
    st.st_mtim.tv_sec = mtime_s;
    st.st_ctim.tv_sec = ctime_s;
    st.st_ctim.tv_nsec = 5;
    return st;
}

static struct statcache_entry entry(const struct statcache *c, const char *crawl,
                                    const char *path)
{
    struct statcache_entry e;
    const struct stat st = file(NOW_S - 100, NOW_S - 100);
    statcache_key(c, &e, crawl, text_of(path));
    assert_int_equal(statcache_print(c, &e, &st), 1);
    return e;
}

static int knows(struct statcache *c, const char *crawl, const char *path)
{
    struct statcache_entry e = entry(c, crawl, path);
    const struct statcache_entry *found = statcache_find(c, &e);
    return found && memcmp(found->print, e.print, sizeof(e.print)) == 0;
}

static void test_young(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t mtime_s, ctime_s;
        int may;
    } cases[] = {
        { "both old", NOW_S - 3, NOW_S - 3, 1 },
        { "mtime of just now", NOW_S - 2, NOW_S - 9, 0 },
        { "ctime of just now: the mtime was set back", NOW_S - 900, NOW_S - 2, 0 },
        { "of the future", NOW_S + 60, NOW_S + 60, 0 },
        { "before 1970", -5, NOW_S - 9, 0 },
        { "no time at all", INT64_MAX, NOW_S - 9, 0 },
    };
    struct statcache *c = reopen(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct stat st = file(cases[i].mtime_s, cases[i].ctime_s);
        struct statcache_entry e = { { 0 }, { 0 }, { 0 } };
        if (statcache_print(c, &e, &st) != cases[i].may)
            fail_msg("%s", cases[i].name);
    }
    struct stat fifo = file(NOW_S - 9, NOW_S - 9);
    fifo.st_mode = S_IFIFO;
    struct statcache_entry e;
    assert_int_equal(statcache_print(c, &e, &fifo), 0);
    statcache_free(c);
}

/* Each single figure counts. */
static void test_prints(void **state)
{
    (void)state;
    struct statcache *c = reopen(NULL);
    struct stat st[8];
    struct statcache_entry e[8];
    for (int i = 0; i < 8; i++)
        st[i] = file(NOW_S - 100, NOW_S - 100);
    st[1].st_dev++;
    st[2].st_ino++;
    st[3].st_size++;
    st[4].st_mtim.tv_sec--;
    st[5].st_mtim.tv_nsec++;
    st[6].st_ctim.tv_sec--;
    st[7].st_ctim.tv_nsec++;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(statcache_print(c, &e[i], &st[i]), 1);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(e[i].print, e[k].print, sizeof(e[i].print));
    }
    statcache_free(c);
}

static void test_keys(void **state)
{
    (void)state;
    struct statcache *c = reopen(NULL), *d = NULL, *f = NULL;
    struct statcache_entry e = entry(c, "mon", "a.md"), o = entry(c, "mon", "a.md");
    assert_memory_equal(e.key, o.key, sizeof(e.key));
    o = entry(c, "mona", ".md"); /* the same letters in a row */
    assert_memory_not_equal(e.key, o.key, sizeof(e.key));
    assert_int_equal(statcache_add(c, &e), 0);
    c = reopen(c);
    assert_true(knows(c, "mon", "a.md"));
    assert_false(knows(c, "tue", "a.md"));
    assert_false(knows(c, "mon", "b.md"));
    /* Other settings: other keys, in the same file. */
    char oid[] = "001";
    for (int i = 0; i < 5; i++) {
        struct sillok_profile other = *sillok_profile_builtin("naver");
        other.zone_min += i == 0;
        other.has_template ^= i == 1;
        other.hash_required ^= i == 2;
        if (i == 3)
            other.oid = oid;
        if (i == 4)
            other.keys[N_KEYS - 1] = text_of("another");
        assert_ok(statcache_open(&d, &store, &other, (int64_t)NOW_S * 1000000000));
        assert_false(knows(d, "mon", "a.md"));
        statcache_free(d);
    }
    const struct sillok_limits usual = store.limits;
    for (int i = 0; i < 4; i++) {
        store.limits.file_bytes += i == 0;
        store.limits.front_matter_bytes += i == 1;
        store.limits.field_bytes += i == 2;
        store.limits.front_matter_keys += i == 3;
        f = reopen(NULL);
        assert_false(knows(f, "mon", "a.md"));
        statcache_free(f);
        store.limits = usual;
    }
    f = reopen(NULL);
    assert_true(knows(f, "mon", "a.md"));
    statcache_free(f);
    statcache_free(c);
}

static void test_state(void **state)
{
    (void)state;
    struct statcache *c = reopen(NULL);
    const struct statcache_entry e = entry(c, "mon", "a.md");
    assert_int_equal(statcache_add(c, &e), 0);
    c = reopen(c);
    assert_true(knows(c, "mon", "a.md"));
    mark[3]++; /* somebody else wrote */
    statcache_free(c);
    c = reopen(NULL);
    assert_false(knows(c, "mon", "a.md"));
    mark[3]--; /* and an old copy came back */
    statcache_free(c);
    c = reopen(NULL);
    has_mark = 0;
    statcache_free(c);
    c = reopen(NULL);
    assert_false(knows(c, "mon", "a.md"));
    assert_int_equal(statcache_add(c, &e), 0);
    assert_int_equal(statcache_save(c), 0);
    statcache_free(c);
    has_mark = 1;
    unlink(strcat(strcpy((char[64]){ 0 }, folder), "/stat.cache"));
}

/* New entries take the place of old ones; flags come back; without news nothing is
 * written. */
static void test_merge(void **state)
{
    (void)state;
    struct statcache *c = reopen(NULL);
    struct statcache_entry e = entry(c, "mon", "a.md");
    char path[16];
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof(path), "%d.md", i);
        e = entry(c, "mon", path);
        assert_int_equal(statcache_add(c, &e), 0);
        assert_int_equal(statcache_add(c, &e), 0); /* named twice in one run */
    }
    mark[0]++; /* the commit of this run */
    c = reopen(c);
    e = entry(c, "mon", "7.md");
    e.flags[0] = STATCACHE_UNKNOWN_KEYS;
    memset(e.print, 9, sizeof(e.print));
    assert_int_equal(statcache_add(c, &e), 0);
    c = reopen(c);
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof(path), "%d.md", i);
        assert_int_equal(knows(c, "mon", path), i != 7);
    }
    const struct statcache_entry *found = statcache_find(c, &e);
    assert_non_null(found);
    assert_memory_equal(found, &e, sizeof(e));
    statcache_free(c);
}

static void test_bounded(void **state)
{
    (void)state;
    struct statcache *c = reopen(NULL);
    char path[24], name[64];
    struct stat st;
    struct statcache_entry e;
    for (int i = 0; i < STATCACHE_MAX + 10; i++) {
        snprintf(path, sizeof(path), "%d.md", i);
        e = entry(c, "big", path);
        assert_int_equal(statcache_add(c, &e), 0);
    }
    c = reopen(c);
    snprintf(name, sizeof(name), "%s/stat.cache", folder);
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_size, 64 + (int64_t)STATCACHE_MAX * 18);
    /* Full: what this run does not meet goes first. */
    assert_true(knows(c, "big", "5.md"));
    e = entry(c, "new", "1.md");
    assert_int_equal(statcache_add(c, &e), 0);
    c = reopen(c);
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_size, 64 + 2 * 18);
    assert_true(knows(c, "big", "5.md"));
    assert_true(knows(c, "new", "1.md"));
    statcache_free(c);
}

static void write_file(const char *name, const uint8_t *bytes, size_t len)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

/* No flipped bit and no cut is believed, and after it all is as without a cache. */
static void test_damage(void **state)
{
    (void)state;
    char name[64];
    uint8_t bytes[64 + 3 * 18 + 1];
    unlink(strcat(strcpy(name, folder), "/stat.cache"));
    struct statcache *c = reopen(NULL);
    for (int i = 0; i < 3; i++) {
        const struct statcache_entry e =
            entry(c, "mon", (const char[2]){ (char)('a' + i), 0 });
        assert_int_equal(statcache_add(c, &e), 0);
    }
    c = reopen(c);
    assert_true(knows(c, "mon", "b"));
    statcache_free(c);
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    const size_t len = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    assert_int_equal(len, 64 + 3 * 18);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= (uint8_t)(1 << i % 8);
        write_file(name, bytes, len);
        c = reopen(NULL);
        assert_false(knows(c, "mon", "a") || knows(c, "mon", "b") ||
                     knows(c, "mon", "c"));
        statcache_free(c);
        bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t cut = 0; cut <= len + 1; cut++) {
        write_file(name, bytes, cut);
        c = reopen(NULL);
        assert_int_equal(knows(c, "mon", "b"), cut == len);
        statcache_free(c);
    }
    /* In its way stands what is no file: there is no cache then, and no failure. */
    unlink(name);
    assert_int_equal(mkfifo(name, 0600), 0);
    c = reopen(NULL);
    assert_false(knows(c, "mon", "b"));
    statcache_free(c);
    unlink(name);
}

static int set_up(void **state)
{
    (void)state;
    sillok_limits_default(&store.limits);
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char name[64];
    unlink(strcat(strcpy(name, folder), "/stat.cache"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_young),  cmocka_unit_test(test_prints),
        cmocka_unit_test(test_keys),   cmocka_unit_test(test_state),
        cmocka_unit_test(test_merge),  cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
