/* base/buf: numbers and hex digits that are read strictly, and bits; base/fail: messages;
 * base/map: what clearing leaves. */
#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"

#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void numbers_are_digits_alone(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        int r;
        uint64_t n;
    } cases[] = {
        { "0", 9, 0, 0 },
        { "007", 9, 0, 7 },
        { "9", 9, 0, 9 },
        { "10", 9, -1, 0 },
        { "19", 20, 0, 19 },
        { "21", 20, -1, 0 },
        { "4294967295", UINT32_MAX, 0, UINT32_MAX },
        { "4294967296", UINT32_MAX, -1, 0 },
        { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, -1, 0 }, /* as 0, if it came round */
        { "99999999999999999999", UINT64_MAX, -1, 0 },
        { "", 9, -1, 0 },
        { "+1", 9, -1, 0 },
        { "-1", UINT64_MAX, -1, 0 },
        { " 1", 9, -1, 0 },
        { "1 ", 9, -1, 0 },
        { "0x1", 9, -1, 0 },
        { "1/", 99, -1, 0 }, /* the characters next to the digits */
        { "1:", 99, -1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t n = 0;
        const int r = text_number(text_of(cases[i].text), cases[i].max, &n);
        if (r != cases[i].r || (r == 0 && n != cases[i].n))
            fail_msg("'%s': %d, %llu", cases[i].text, r, (unsigned long long)n);
    }
}

static void arrays_grow_and_stay_whole(void **state)
{
    enum { N = 1000 };
    uint64_t *v = NULL;
    size_t cap = 0;
    (void)state;
    for (size_t n = 0; n < N; n++) {
        assert_ok(array_room(&v, n, &cap, sizeof(*v)));
        assert_true(cap > n);
        v[n] = n;
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(v[i], i);
    uint64_t *const was = v;
    const size_t was_cap = cap;
    assert_int_equal(array_room(&v, cap, &cap, SIZE_MAX / 2), SILLOK_ENOMEM);
    assert_ptr_equal(v, was);
    assert_int_equal(cap, was_cap);
    free(v);
}

static void hex_there_and_back(void **state)
{
    static const char *const wrong[] = { "",     "0",    "00",   "00f",
                                         "00fg", "+1ff", " 1ff", "0x1f" };
    uint8_t bytes[2], back[2];
    char hex[5];
    (void)state;
    for (unsigned v = 0; v < 0x10000; v++) {
        put_be(bytes, v, 2);
        put_hex(hex, bytes, sizeof(bytes));
        char want[5];
        snprintf(want, sizeof(want), "%04x", v);
        assert_string_equal(hex, want);
        assert_int_equal(get_hex(back, hex, sizeof(back)), 0);
        assert_memory_equal(back, bytes, sizeof(bytes));
    }
    assert_int_equal(get_hex(back, "aBFf", 2), 0);
    assert_memory_equal(back, "\xab\xff", 2);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (get_hex(back, wrong[i], 2) != -1)
            fail_msg("'%s' was taken", wrong[i]);
}

static void bits_from_the_lowest_on(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    assert_int_equal(buf_bit(&b, 0), 0); /* there are none */
    for (unsigned i = 0; i < 24; i++) {
        buf_clear(&b);
        assert_ok(buf_add(&b, "\0\0\0", 3));
        buf_set_bit(&b, i);
        buf_set_bit(&b, i);
        for (unsigned k = 0; k < 32; k++)
            assert_int_equal(buf_bit(&b, k), k == i);
        assert_int_equal((uint8_t)b.ptr[i / 8], 1 << i % 8);
    }
    buf_set_bit(&b, 16); /* beside 23, which stays */
    assert_int_equal((uint8_t)b.ptr[2], 0x81);
    buf_release(&b);
}

/* Of two texts of the same letters but one, wherever that stands. */
static void common_starts_and_ends(void **state)
{
    enum { MOST = 40 };
    char x[MOST], y[MOST];
    (void)state;
    memset(x, 'a', sizeof(x));
    memset(y, 'a', sizeof(y));
    for (size_t n = 0; n <= MOST; n++)
        for (size_t m = 0; m <= MOST; m++) {
            const struct sillok_text a = text_make(x, n), b = text_make(y, m);
            const size_t less = n < m ? n : m;
            assert_int_equal(text_common_start(a, b), less);
            assert_int_equal(text_common_end(a, b), less);
            for (size_t at = 0; at < m; at++) {
                y[at] = 'b';
                assert_int_equal(text_common_start(a, b), at < less ? at : less);
                assert_int_equal(text_common_end(a, b),
                                 m - 1 - at < less ? m - 1 - at : less);
                y[at] = 'a';
            }
        }
}

static void last_parts_of_paths(void **state)
{
    static const struct {
        const char *path, *last;
    } cases[] = {
        { "", "" },   { "가.md", "가.md" }, { "폴더/가.md", "가.md" },
        { "a/", "" }, { "/", "" },          { "/a//b", "b" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_text path = text_of(cases[i].path);
        const struct sillok_text last = text_last_part(path);
        if (!text_is(last, cases[i].last) || last.ptr + last.len != path.ptr + path.len)
            fail_msg("'%s': '%.*s'", cases[i].path, (int)last.len, last.ptr);
    }
    assert_int_equal(text_last_part(text_make(NULL, 0)).len, 0);
}

static void lists_are_sorted_each_number_once(void **state)
{
    static const uint32_t in[] = { 7, UINT32_MAX, 0, 7, 3, 0 },
                          want[] = { 0, 3, 7, UINT32_MAX };
    CLEANUP(buf_release) struct buf narrow = BUF_INIT, wide = BUF_INIT;
    (void)state;
    buf_sort_u32(&narrow);
    buf_sort_u64(&wide);
    assert_int_equal(narrow.len + wide.len, 0);
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
        const uint64_t n = (uint64_t)in[i] << 32; /* the upper half counts */
        assert_ok(buf_add(&narrow, &in[i], sizeof(in[i])));
        assert_ok(buf_add(&wide, &n, sizeof(n)));
    }
    buf_sort_u32(&narrow);
    buf_sort_u64(&wide);
    assert_int_equal(narrow.len, sizeof(want));
    assert_memory_equal(narrow.ptr, want, sizeof(want));
    assert_int_equal(wide.len, 2 * sizeof(want));
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
        assert_true(((const uint64_t *)(const void *)wide.ptr)[i] >> 32 == want[i]);
}

static void what_two_lists_share(void **state)
{
    static const struct {
        uint32_t a[4], b[4], both[4];
        size_t n_a, n_b, n;
    } cases[] = {
        { { 1, 3, 5, UINT32_MAX }, { 0, 3, 4, UINT32_MAX }, { 3, UINT32_MAX }, 4, 4, 2 },
        { { 1, 2 }, { 3, 4 }, { 0 }, 2, 2, 0 },
        { { 7 }, { 1, 2, 3, 7 }, { 7 }, 1, 4, 1 },
        { { 1, 2, 3, 7 }, { 1 }, { 1 }, 4, 1, 1 },
        { { 1 }, { 0 }, { 0 }, 1, 0, 0 },
        { { 0 }, { 1 }, { 0 }, 0, 1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT, b = BUF_INIT;
        assert_ok(buf_add(&a, cases[i].a, cases[i].n_a * sizeof(uint32_t)));
        assert_ok(buf_add(&b, cases[i].b, cases[i].n_b * sizeof(uint32_t)));
        buf_intersect_u32(&a, &b);
        assert_int_equal(a.len, cases[i].n * sizeof(uint32_t));
        if (a.len)
            assert_memory_equal(a.ptr, cases[i].both, a.len);
    }
}

/* Whoever takes them for UTF-8, as Python does, cannot read a half character. */
static void a_message_is_cut_between_characters(void **state)
{
    static const char *const letters[] = { "é", "가", "😀", "a" };
    (void)state; /* (fail) is ours, without a bracket cmocka's macro */
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        for (size_t before = 0; before < 4; before++) {
            char name[3000];
            size_t n = before;
            memset(name, '/', before);
            while (n + 8 < sizeof(name))
                n += (size_t)snprintf(name + n, sizeof(name) - n, "%s", letters[i]);
            for (int how = 0; how < 4; how++) {
                errno = EACCES;
                (void)(how == 0   ? (fail)(SILLOK_EIO, "%s", name)
                       : how == 1 ? fail_errno("%s", name)
                       : how == 2
                           ? fail_context((fail)(SILLOK_EIO, "%s", name), "no '%s'", name)
                           : fail_context(fail_errno("%s", name), "in"));
                const char *said = sillok_error_message();
                if (!utf8_valid(text_of(said)) || strlen(said) < 500)
                    fail_msg("'%s' behind %zu, %d: '%s'", letters[i], before, how, said);
            }
        }
    (void)(fail)(SILLOK_EIO, "\xB0%2000s", ""); /* no text at all, and nothing to mend */
    assert_int_equal(strlen(sillok_error_message()), 1023);
}

/* As where they are named within a sentence, by a format with a width. */
static void a_name_is_cut_between_characters(void **state)
{
    static const struct {
        const char *name, *said;
    } cases[] = {
        { "가나다", "there is no '가나' here" }, /* of eight bytes */
        { "a😀😀", "there is no 'a😀' here" },
        { "ééééé", "there is no 'éééé' here" },
        { "가나ab", "there is no '가나ab' here" },
        { "\xC5\xD7\xBD\xBA", "there is no '\xC5\xD7\xBD\xBA' here" }, /* CP949 */
        { "\xB0\xA1\xC5\xD7", "there is no '\xB0\xA1\xC5' here" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)(fail)(SILLOK_ENOTFOUND, "there is no '%.8s' here", cases[i].name);
        assert_string_equal(sillok_error_message(), cases[i].said);
    }
}

/* Shares of which each is a hair less in binary than it is written. */
static void shares_are_cut(void **state)
{
    static const struct {
        double share;
        unsigned digits;
        const char *text;
    } cases[] = {
        { 0, 2, "0.00" },     { 1, 2, "1.00" },        { 0.29, 2, "0.29" },
        { 0.57, 2, "0.57" },  { 1 - 0.34, 2, "0.66" }, { 0.999, 2, "0.99" },
        { 0.57, 3, "0.570" }, { 0.9996, 3, "0.999" },  { 0.004, 2, "0.00" },
        { 1, 3, "1.000" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_ok(buf_add_share(&b, cases[i].share, cases[i].digits));
        if (!text_is(text_make(b.ptr, b.len), cases[i].text))
            fail_msg("%g: %.*s, not %s", cases[i].share, (int)b.len, b.ptr,
                     cases[i].text);
    }
}

static void failures_are_told_later(void **state)
{
    struct failure first;
    (void)state;
    failure_keep(&first, (fail)(SILLOK_EBUSY, "somebody writes"));
    (void)(fail)(SILLOK_EIO, "what was met while it was cleared up");
    assert_int_equal(failure_tell(&first), SILLOK_EBUSY);
    assert_string_equal(sillok_error_message(), "somebody writes");
}

/* A map that once held much and is cleared again and again with little in it is not written
 * through from end to end each time. */
static void a_cleared_map_is_small_again(void **state)
{
    enum { MANY = 100000 };
    struct map m = { NULL, NULL, 0, 0 };
    (void)state;
    for (uint64_t i = 0; i < MANY; i++)
        assert_int_equal(map_put(&m, i, (uint32_t)i), 0);
    assert_int_equal(map_get(&m, MANY - 1), MANY - 1);
    for (int times = 0; times < 3; times++) {
        map_clear(&m);
        assert_int_equal(m.n, 0);
        assert_int_equal(map_get(&m, 7), MAP_NONE);
        assert_int_equal(map_put(&m, 7, 9), 0);
        assert_int_equal(map_get(&m, 7), 9);
    }
    assert_in_range(m.cap, 1, MANY / 32);
    map_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_digits_alone),
        cmocka_unit_test(arrays_grow_and_stay_whole),
        cmocka_unit_test(hex_there_and_back),
        cmocka_unit_test(bits_from_the_lowest_on),
        cmocka_unit_test(common_starts_and_ends),
        cmocka_unit_test(last_parts_of_paths),
        cmocka_unit_test(lists_are_sorted_each_number_once),
        cmocka_unit_test(what_two_lists_share),
        cmocka_unit_test(a_message_is_cut_between_characters),
        cmocka_unit_test(a_name_is_cut_between_characters),
        cmocka_unit_test(shares_are_cut),
        cmocka_unit_test(failures_are_told_later),
        cmocka_unit_test(a_cleared_map_is_small_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
