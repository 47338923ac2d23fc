/* Pieces: each is whole and its own, whoever gives it back and when, and malloc() is asked for
 * blocks. */
#include "support.h"

#include "base/piece.h"
#include "base/thread.h"
#include "base/watched.h"

#include <stdint.h>
#include <string.h>

enum { N = 3000 };

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
static int is_counting, n_calls, is_dry;

void *__wrap_malloc(size_t n)
{
    n_calls += is_counting;
    return is_dry ? NULL : __real_malloc(n);
}

static size_t size_of(size_t i)
{
    return i % 500 == 499 ? 200000 : i * 37 % 900;
}

static void take_all(struct pieces *from, char *out[N])
{
    for (size_t i = 0; i < N; i++) {
        out[i] = piece_take(from, size_of(i));
        assert_non_null(out[i]);
        assert_int_equal((uintptr_t)out[i] % _Alignof(max_align_t), 0);
        memset(out[i], (int)(i % 251), size_of(i));
    }
}

static void check(const char *piece, size_t i)
{
    for (size_t k = 0; k < size_of(i); k++)
        assert_int_equal((uint8_t)piece[k], i % 251);
}

static void each_is_its_own(void **state)
{
    (void)state;
    struct pieces from = { 0 };
    char *all[N];
    take_all(&from, all);
    for (size_t i = 0; i < N; i += 2)
        piece_free(all[i]);
    for (size_t i = 1; i < N; i += 2)
        check(all[i], i);
    pieces_release(&from);
    for (size_t i = 1; i < N; i += 2) {
        check(all[i], i);
        piece_free(all[i]);
    }
    piece_free(NULL);
    pieces_release(&from);
}

/* It takes on after it was told to stop. */
static void may_begin_again(void **state)
{
    (void)state;
    struct pieces from = { 0 };
    char *a = piece_take(&from, 10);
    assert_non_null(a);
    pieces_release(&from);
    char *b = piece_take(&from, 10);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    piece_free(a);
    piece_free(b);
    pieces_release(&from);
}

static void *give_back(void *arg)
{
    char **all = arg;
    for (size_t i = 0; i < N; i++)
        piece_free(all[i]);
    return NULL;
}

/* Leaks and what is given back twice are the sanitizers' to tell. */
static void another_thread_gives_back(void **state)
{
    (void)state;
    struct pieces from = { 0 };
    char *first[N], *second[N];
    pthread_t thread;
    take_all(&from, first);
    assert_int_equal(thread_start(&thread, give_back, first), 0);
    take_all(&from, second);
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < N; i++)
        check(second[i], i);
    pieces_release(&from);
    give_back(second);
}

/* But for what is large, and where memory is watched. */
static void malloc_is_asked_for_blocks(void **state)
{
    (void)state;
    struct pieces from = { 0 };
    char *all[N];
    is_counting = 1;
    n_calls = 0;
    for (size_t i = 0; i < N; i++)
        all[i] = piece_take(&from, i % 1000 == 999 ? 40000 : 100);
    is_counting = 0;
    assert_in_range(n_calls, 1,
                    MEMORY_IS_WATCHED ? N : N / 1000 + N * 150 / (64 << 10) + 1);
    give_back(all);
    pieces_release(&from);
}

static void without_memory(void **state)
{
    (void)state;
    struct pieces from = { 0 };
    char *kept = piece_take(&from, 100);
    is_dry = 1;
    char *none = piece_take(&from, 1 << 20), *too_much = piece_take(&from, SIZE_MAX - 8);
    is_dry = 0;
    assert_null(none);
    assert_null(too_much);
    char *more = piece_take(&from, 100);
    assert_non_null(kept);
    assert_non_null(more);
    piece_free(kept);
    piece_free(more);
    pieces_release(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_its_own),
        cmocka_unit_test(may_begin_again),
        cmocka_unit_test(another_thread_gives_back),
        cmocka_unit_test(malloc_is_asked_for_blocks),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
