/*
 * What many articles share as a whole, or at its ends: headlines that get the same words,
 * texts that become the same or are cut.
 */
#include "base/utf8.h"

#include "fold_box.h"

#include <stdio.h>
#include <string.h>

/* A headline is a place of its own: the same words in the text are not the same. */
static void headlines_are_places(void **state)
{
    size_t n;
    (void)state;
    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", "");
        snprintf(before[k].title, sizeof(before[k].title), "제목");
        snprintf(after[k].title, sizeof(after[k].title), "제목 (종합)");
    }
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    for (int k = 0; k < FOLD_MIN; k++) /* each its own */
        snprintf(after[k].title, sizeof(after[k].title), "제목 %d", k);
    assert_int_equal(folded(&n), 0);
}

/* Headlines with a word of the article's own where %s stands. */
static const struct {
    const char *name, *was, *is;
    int n; /* so many have it, and as many others an edit of their own */
    int event;
} titles[] = {
    { "a suffix that comes", "%s 강을 판다", "%s 강을 판다 - 하늘일보", FOLD_MIN, 1 },
    { "one that goes", "%s 강을 판다 | 하늘일보", "%s 강을 판다", FOLD_MIN, 1 },
    { "one for another", "%s 판다 - 하늘일보", "%s 판다 - 들판신문", FOLD_MIN, 1 },
    { "a prefix that comes", "%s 강을 판다", "[하늘일보] %s 강을 판다", FOLD_MIN, 1 },
    { "one that goes", "하늘일보: %s 판다", "%s 판다", FOLD_MIN, 1 },
    { "at both ends", "%s 판다", "하늘 %s 판다 - 하늘일보", FOLD_MIN, 1 },
    { "the same in stead of each", "%s 강을 판다", "하늘일보 로그인", FOLD_MIN, 1 },
    { "each for the same", "하늘일보 로그인", "%s 강을 판다", FOLD_MIN, 0 },
    { "a suffix, one too few", "%s 판다", "%s 판다 - 하늘일보", FOLD_MIN - 1, 0 },
    { "the same in stead of each, one too few", "%s 판다", "로그인", FOLD_MIN - 1, 0 },
    { "another suffix in each", "강을 판다", "강을 판다 - %s", FOLD_MIN, 0 },
    { "amid the words", "%s 강을 %s 판다", "%s 강을 크게 %s 판다", FOLD_MIN, 0 },
    { "a suffix beside an edit", "%s 강을 %s 판다", "%s 강을 메운다 - 하늘일보", FOLD_MIN,
      0 },
    { "signs alone", "“%s 강을 판다”", "\"%s 강을 판다\"", FOLD_MIN, 0 },
};

static void headlines_share_their_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        size_t n;
        begin();
        for (int k = 0; k < titles[i].n; k++) {
            add("001", 1, "", "");
            expand(before[k].title, titles[i].was, (unsigned)k);
            expand(after[k].title, titles[i].is, (unsigned)k);
        }
        for (int k = 0; k < titles[i].n; k++)
            add_own("001", 1);
        const size_t events = folded(&n);
        if (events != (size_t)titles[i].event || (events && (int)n != titles[i].n))
            fail_msg("%s: %zu events, %zu in it", titles[i].name, events, n);
    }
}

/* What an edit would be is told with the headline of before. */
static void edits_beside_marks_of_headlines(void **state)
{
    size_t n;
    (void)state;
    begin();
    for (size_t k = 0; k < FOLD_MIN + 2; k++) {
        add("001", 1, "값은 5원이다.", k == 3 ? "값은 6원이다." : "값은 5원이다.");
        own_word(before[k].title, 300 + 977 * (unsigned)k);
        snprintf(after[k].title, sizeof(after[k].title), "%s%.16s - 하늘일보",
                 k == 5 ? "또 " : "", before[k].title);
    }
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    assert_true(items[3].marks && !items[3].event);
    assert_string_equal(edited_title[3], before[3].title);
    assert_string_equal(edited[3], after[3].body);
    assert_true(items[5].marks && !items[5].event);
    assert_int_equal(strncmp(edited_title[5], "또 ", strlen("또 ")), 0);
    assert_string_equal(edited_title[5] + strlen("또 "), before[5].title);
}

/* Titles are compared without their texts. */
static void headlines_alone_are_read_without_texts(void **state)
{
    size_t n;
    (void)state;
    sketched = 1;
    begin();
    for (unsigned k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", "");
        own_word(before[k].title, 300 + 977 * k);
        own_word(after[k].title, 777 + 977 * k);
    }
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);
}

/* Bodies that became one and the same, whatever stood there: @p n_words of its own. */
static void add_wall(unsigned k, unsigned n_words, const char *footer, const char *wall)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    add("001", 1, "", "");
    for (unsigned w = 0; w < n_words; w++) {
        char word[16];
        own_word(word, 1000 * k + w);
        assert_ok(buf_printf(&was, "%s%s", word, w % 9 == 8 ? ". " : " "));
    }
    snprintf(before[k].body, TEXT_MAX, "%.*s%s", (int)was.len, was.ptr, footer);
    snprintf(after[k].body, TEXT_MAX, "%s", wall);
}

static void bodies_become_one(void **state)
{
    static const struct {
        const char *name, *footer, *wall;
        unsigned n;
        size_t event;
    } cases[] = {
        { "a login wall", "", "로그인 후 이용하실 수 있습니다.", 2 * FOLD_MIN,
          2 * FOLD_MIN },
        { "one word", "", "로그인", FOLD_MIN, FOLD_MIN },
        { "words that stood there too", "더 쓸 수 있습니다.", "로그인 후 쓸 수 있습니다.",
          FOLD_MIN, FOLD_MIN },
        { "a line that stood there", "로그인 후 쓸 수 있습니다.",
          "로그인 후 쓸 수 있습니다.", FOLD_MIN, FOLD_MIN },
        { "a number alone", "", "404", FOLD_MIN, 0 },
        { "nothing", "", "", FOLD_MIN, 0 },
        { "one too few", "", "로그인 후 이용하실 수 있습니다.", FOLD_MIN - 1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (unsigned k = 0; k < cases[i].n;
             k++) /* some of more words than are looked at */
            add_wall(k, k % 2 ? 60 : 400, cases[i].footer, cases[i].wall);
        add_own("001", 1);
        assert_event(cases[i].name, cases[i].event);
    }
}

/* Bodies that keep @p kept of a hundred bytes of their own and go on with @p tail. */
static void add_cut(unsigned k, unsigned kept, const char *tail)
{
    add_wall(k, 60, "", "");
    size_t n = strlen(before[k].body) * kept / 100;
    while (utf8_is_tail(before[k].body[n]))
        n--;
    snprintf(after[k].body, TEXT_MAX, "%.*s%s", (int)n, before[k].body, tail);
}

static void bodies_are_cut(void **state)
{
    static const struct {
        const char *name, *tail; /* NULL: each has its own */
        unsigned kept, n;
        size_t event;
    } cases[] = {
        { "cut", "", 50, FOLD_MIN, FOLD_MIN },
        { "with dots", "...", 10, FOLD_MIN, FOLD_MIN },
        { "a wall further down", "… 더 보려면 로그인", 30, FOLD_MIN, FOLD_MIN },
        { "a fifth", "", 79, FOLD_MIN, FOLD_MIN },
        { "less than a fifth", "", 85, FOLD_MIN, 0 },
        { "one too few", "", 50, FOLD_MIN - 1, 0 },
        { "each is edited at its end", NULL, 50, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (unsigned k = 0; k < cases[i].n; k++) {
            char own[32];
            own_word(own, 500000 + 977 * k);
            add_cut(k, cases[i].kept, cases[i].tail ? cases[i].tail : own);
        }
        assert_event(cases[i].name, cases[i].event);
    }
}

/* Where a mark cuts, short texts lose less than what makes one. */
static void small_cuts_are_marks_of_others(void **state)
{
    size_t n;
    (void)state;
    for (unsigned others = FOLD_MIN - 1; others <= FOLD_MIN; others++) {
        begin();
        for (unsigned k = 0; k < others; k++)
            add_cut(k, 50, "…");
        add_cut(others, 90, "…");
        add_cut(others + 1, 90, "……"); /* signs are no words */
        add_cut(others + 2, 90, "끝");
        const int is_event = others == FOLD_MIN;
        assert_int_equal(folded(&n), is_event);
        assert_int_equal(n, is_event ? others + 2 : 0);
        assert_int_equal(items[others + 2].marks, 0);
    }
}

/* What comes back behind a wall may be edited: it is told. */
static void bodies_were_one(void **state)
{
    static char was[TEXT_MAX];
    size_t n;
    (void)state;
    begin();
    for (unsigned k = 0; k < 2 * FOLD_MIN; k++) {
        add_wall(k, k % 2 ? 60 : 400, "", "로그인 후 이용하실 수 있습니다.");
        memcpy(was, before[k].body, TEXT_MAX);
        memcpy(before[k].body, after[k].body, TEXT_MAX);
        memcpy(after[k].body, was, TEXT_MAX);
    }
    assert_int_equal(folded(&n), 0);
    for (size_t k = 0; k < n_items; k++)
        assert_int_equal(items[k].marks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headlines_are_places),
        cmocka_unit_test(headlines_share_their_ends),
        cmocka_unit_test(edits_beside_marks_of_headlines),
        cmocka_unit_test(headlines_alone_are_read_without_texts),
        cmocka_unit_test(bodies_become_one),
        cmocka_unit_test(bodies_were_one),
        cmocka_unit_test(bodies_are_cut),
        cmocka_unit_test(small_cuts_are_marks_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
