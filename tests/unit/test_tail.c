/* A store file that ends in pages that were never written, as a kill or a power cut right
 * after a commit leaves it: sound. One page less is damage. */
#include "store/kv.h"

#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, ROUNDS = 40 };

static const struct kv_table tables[] = { { "a", 0 } };

static int open_file(struct kv_env **env, const char *path, int create)
{
    const struct kv_options o = { .create = create,
                                  .map_bytes = (size_t)1 << 28,
                                  .map_max_bytes = (size_t)1 << 28 };
    return kv_open(env, path, tables, 1, &o);
}

static void put_n(struct kv_txn *txn, const char *key, size_t len, int fill_with)
{
    char *value = malloc(len);
    assert_non_null(value);
    memset(value, fill_with, len);
    assert_ok(kv_put(txn, 0, text_of(key), text_make(value, len), 0));
    free(value);
}

/* Pages are freed, one at a time is used again, and a large value comes and goes within
 * one transaction: its pages are at the end of the file and belong to nobody. */
static void make_rounds(const char *path, int from, int to)
{
    struct kv_env *env = NULL;
    char key[32];
    assert_ok(open_file(&env, path, from == 0));
    for (int i = from; i < to; i++) {
        struct kv_txn *txn;
        assert_ok(kv_write(env, &txn));
        snprintf(key, sizeof(key), "row %d", i);
        put_n(txn, key, 100, 'x');
        put_n(txn, "same", 9000, 'a' + i % 20);
        if (i == ROUNDS - 1) {
            put_n(txn, "large", 60 * PAGE, 'L');
            assert_int_equal(kv_delete(txn, 0, text_of("large")), 1);
        }
        assert_ok(kv_commit(txn));
    }
    kv_close(env);
}

static void make(const char *path)
{
    make_rounds(path, 0, ROUNDS);
}

/* Pages of the file, and how many of them to the last that holds anything. */
static uint64_t pages(const char *path, uint64_t *written)
{
    char page[PAGE], zero[PAGE] = { 0 };
    const int fd = open(path, O_RDONLY);
    uint64_t n = 0;
    assert_true(fd >= 0);
    for (*written = 0; read(fd, page, PAGE) == PAGE;) {
        n++;
        if (memcmp(page, zero, PAGE) != 0)
            *written = n;
    }
    close(fd);
    return n;
}

static void assert_sound(const char *path)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    struct sillok_text v;
    assert_ok(open_file(&env, path, 0));
    assert_ok(kv_read(env, &txn));
    for (int i = 0; i < ROUNDS; i++) {
        char key[32];
        snprintf(key, sizeof(key), "row %d", i);
        assert_int_equal(kv_get(txn, 0, text_of(key), &v), 1);
    }
    assert_int_equal(kv_get(txn, 0, text_of("same"), &v), 1);
    assert_int_equal(v.ptr[8999], 'a' + (ROUNDS - 1) % 20);
    kv_abort(txn);
    kv_close(env);
}

static void test_unwritten_end(void **state)
{
    char *folder = support_folder(), *path = support_path(folder, "data");
    uint64_t written;
    (void)state;
    make(path);
    const uint64_t all = pages(path, &written);
    assert_true(written < all); /* else this shows nothing */

    /* The length that kv_commit() gives was not reached, or not wholly. */
    for (uint64_t n = all; n >= written; n--) {
        assert_int_equal(truncate(path, (off_t)(n * PAGE)), 0);
        assert_sound(path);
    }
    assert_int_equal(truncate(path, (off_t)(written * PAGE - 100 + PAGE)), 0);
    assert_sound(path);

    /* The next writer uses those pages, and gives the file its length. */
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    assert_int_equal(truncate(path, (off_t)(written * PAGE)), 0);
    assert_ok(open_file(&env, path, 0));
    assert_ok(kv_write(env, &txn));
    put_n(txn, "later", 10 * PAGE, 'l');
    assert_ok(kv_commit(txn));
    kv_close(env);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true((uint64_t)st.st_size >= all * PAGE);
    assert_sound(path);
    free(path);
    support_remove(folder);
}

/* A file behind a link is not given its length: nobody follows one to write. It is sound
 * all the same. */
static void test_unwritten_end_behind_a_link(void **state)
{
    char *folder = support_folder(), *path = support_path(folder, "data"),
         *link = support_path(folder, "link"), *seal = support_path(folder, "data-seal"),
         *other = support_path(folder, "link-seal");
    uint64_t written;
    (void)state;
    struct kv_env *env = NULL;
    assert_ok(open_file(&env, path, 1));
    kv_close(env);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(rename(seal, other), 0);
    make(link);
    const uint64_t all = pages(path, &written);
    assert_int_equal(all, written);
    assert_sound(link);
    free(path);
    free(link);
    free(seal);
    free(other);
    support_remove(folder);
}

/* A kill before the seal leaves it unsealed as well. */
static void test_unwritten_end_without_its_seal(void **state)
{
    char *folder = support_folder(), *path = support_path(folder, "data"),
         *seal = support_path(folder, "data-seal");
    static char sums[1 << 20];
    uint64_t written;
    (void)state;
    make_rounds(path, 0, ROUNDS - 1);
    FILE *f = fopen(seal, "rb");
    assert_non_null(f);
    const size_t len = fread(sums, 1, sizeof(sums), f);
    assert_true(feof(f) && len > 0);
    fclose(f);
    make_rounds(path, ROUNDS - 1, ROUNDS);
    const uint64_t all = pages(path, &written);
    assert_true(written < all);
    support_write(seal, sums, len);
    assert_int_equal(truncate(path, (off_t)(written * PAGE)), 0);
    assert_sound(path);
    /* A page less is damage here too. */
    struct kv_env *env = NULL;
    assert_int_equal(truncate(path, (off_t)((written - 1) * PAGE)), 0);
    assert_int_equal(open_file(&env, path, 0), SILLOK_ECORRUPT);
    free(path);
    free(seal);
    support_remove(folder);
}

static void test_cut_off(void **state)
{
    char *folder = support_folder(), *path = support_path(folder, "data");
    uint64_t written;
    (void)state;
    make(path);
    (void)pages(path, &written);
    int n_refused = 0;
    for (uint64_t n = written - 1; n >= 2; n--) {
        struct kv_env *env = NULL;
        assert_int_equal(truncate(path, (off_t)(n * PAGE)), 0);
        const int r = open_file(&env, path, 0);
        assert_int_equal(r, SILLOK_ECORRUPT);
        kv_close(env);
        n_refused++;
    }
    assert_true(n_refused > 3);
    free(path);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unwritten_end),
        cmocka_unit_test(test_unwritten_end_behind_a_link),
        cmocka_unit_test(test_unwritten_end_without_its_seal),
        cmocka_unit_test(test_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
