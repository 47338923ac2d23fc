/*
 * When is the same difference in many articles one event: how many, of how many, of whom,
 * in which crawl; and what counts as the same.
 */
#include "fold_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is left of a change when the marks are taken out of it. */
static void edits_beside_marks(void **state)
{
    char was[200], is[200];
    size_t n;
    (void)state;
    begin();
    for (int i = 0; i < FOLD_MIN; i++)
        add("001", 1, "비가 왔다.", "비가 왔다.\n더 많은 소식은 앱에서 받아 보세요.");
    snprintf(was, sizeof(was), "값은 5원이다.\n길이 젖었다.");
    snprintf(is, sizeof(is), "값은 6원이다.\n길이 젖었다.\n%s", mark);
    add("001", 1, was, is);
    add("001", 1, "길이 젖었다.", "길이 젖었다.\n더 많은 소식은 앱에서 받아 보세요.");
    snprintf(after[n_items - 1].title, sizeof(after[0].title), "다른 제목");
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    for (size_t i = 0; i < FOLD_MIN; i++)
        assert_string_equal(edited[i], ""); /* all of it is a mark: nobody asks */
    /* the same mark twice, an edit between them */
    snprintf(was, sizeof(was), "값은 5원이다.\n불이 났다.\n길이 젖었다.");
    snprintf(is, sizeof(is), "%s\n값은 5원이다.\n물이 났다.\n길이 젖었다.\n%s", mark,
             mark);
    add("001", 1, was, is);
    assert_int_equal(folded(&n), 1);
    const char *twice = edited[FOLD_MIN + 2];
    assert_non_null(strstr(twice, "물이 났다."));
    assert_null(strstr(twice, "더 많은"));
    const size_t number = FOLD_MIN, title = FOLD_MIN + 1;
    assert_true(items[number].marks && items[title].marks);
    assert_non_null(strstr(edited[number], "값은 6원이다.\n길이 젖었다."));
    assert_null(strstr(edited[number], "더 많은"));
    assert_non_null(strstr(edited[title], "길이 젖었다."));
    assert_null(strstr(edited[title], "더 많은"));
}

static void how_many_make_an_event(void **state)
{
    static const struct {
        const char *name;
        int same, others;
        size_t event; /* articles in it, 0: none */
    } cases[] = {
        { "enough", FOLD_MIN, 0, FOLD_MIN },
        { "one too few", FOLD_MIN - 1, 0, 0 },
        { "one too few, in a group that is large enough", FOLD_MIN - 1, 1, 0 },
        { "half of the group", FOLD_MIN, FOLD_MIN, FOLD_MIN },
        { "less than half", FOLD_MIN, FOLD_MIN + 1, 0 },
        { "more than half", FOLD_MIN + 1, FOLD_MIN, FOLD_MIN + 1 },
        { "none", 0, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (int k = 0; k < cases[i].same; k++)
            add("001", 1, "", mark);
        for (int k = 0; k < cases[i].others; k++)
            add_own("001", 1);
        assert_event(cases[i].name, cases[i].event);
    }
}

/* The last @p n changes are of one article. */
static void make_one_of(int n)
{
    for (int k = 1; k <= n; k++)
        items[n_items - (size_t)k].article = 1000;
}

/* An article that gets the same line many times while it is crawled is edited so often. */
static void articles_count_and_not_their_changes(void **state)
{
    static const struct {
        const char *name;
        int same, live, others, other_live;
        size_t event; /* changes in it, 0: none */
    } cases[] = {
        { "one article alone", 0, 2 * FOLD_MIN, 0, 0, 0 },
        { "the last that it takes", FOLD_MIN - 1, FOLD_MIN, 0, 0, 2 * FOLD_MIN - 1 },
        { "one too few", FOLD_MIN - 2, FOLD_MIN, 0, 0, 0 },
        { "half of the articles", FOLD_MIN, 0, FOLD_MIN - 1, FOLD_MIN, FOLD_MIN },
        { "less than half", FOLD_MIN, 0, FOLD_MIN, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (int k = 0; k < cases[i].same + cases[i].live; k++)
            add("001", 1, "", mark);
        make_one_of(cases[i].live);
        for (int k = 0; k < cases[i].others + cases[i].other_live; k++)
            add_own("001", 1);
        make_one_of(cases[i].other_live);
        assert_event(cases[i].name, cases[i].event);
    }
    /* and is not read for it */
    begin();
    for (int k = 0; k < FOLD_MIN; k++)
        add("001", 1, "", mark);
    make_one_of(FOLD_MIN);
    size_t n;
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);
}

/* Another publisher, or another crawl, did something else. */
static void whose_and_when(void **state)
{
    static const struct {
        const char *oids[2];
        uint32_t crawls[2];
        int each;
        size_t events;
    } cases[] = {
        { { "001", "001" }, { 1, 1 }, FOLD_MIN, 1 },
        { { "001", "002" }, { 1, 1 }, FOLD_MIN, 2 },
        { { "001", "001" }, { 1, 2 }, FOLD_MIN, 2 },
        { { "001", "001" }, { 1, 1 }, FOLD_MIN / 2, 1 },
        { { "001", "002" }, { 1, 1 }, FOLD_MIN / 2, 2 },
        { { "001", "002" }, { 1, 2 }, FOLD_MIN / 2, 0 },
        { { "001", "001" }, { 1, 2 }, FOLD_MIN / 2, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n;
        begin();
        for (int k = 0; k < 2 * cases[i].each; k++) /* one of each in turn */
            add(cases[i].oids[k % 2], cases[i].crawls[k % 2], "", mark);
        if (folded(&n) != cases[i].events)
            fail_msg("case %zu", i);
    }
}

/* The publishers of which few changed are looked at together, those of one crawl. */
static void small_publishers_are_one_group(void **state)
{
    static const struct {
        const char *name;
        int shared, own, n_publishers; /* articles, taken by each in turn */
        int large;                     /* articles of 999, which have the mark too */
        size_t events, marks;
    } cases[] = {
        { "one each", FOLD_MIN, 0, FOLD_MIN, 0, FOLD_MIN, FOLD_MIN },
        { "one too few", FOLD_MIN - 1, 0, 5, 0, 0, 0 },
        { "and as many edits", FOLD_MIN, FOLD_MIN, 7, 0, 7, FOLD_MIN },
        { "and more edits", FOLD_MIN, FOLD_MIN + 1, 7, 0, 0, 0 },
        { "a large one is none of them", FOLD_MIN - 1, 0, 5, FOLD_MIN, 1, FOLD_MIN },
        { "and its edits are not theirs", 0, FOLD_MIN - 1, 5, FOLD_MIN, 1, FOLD_MIN },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n, marks = 0;
        begin();
        char oids[FOLD_MIN][12];
        for (int k = 0; k < cases[i].shared + cases[i].own; k++) {
            char *oid = oids[k % cases[i].n_publishers];
            snprintf(oid, sizeof(oids[0]), "%03d", k % cases[i].n_publishers);
            if (k < cases[i].shared)
                add(oid, 1, "", mark);
            else
                add_own(oid, 1);
        }
        for (int k = 0; k < cases[i].large; k++)
            add("999", 1, "", mark);
        const size_t events = folded(&n);
        for (size_t k = 0; k < n_items; k++)
            marks += (size_t)items[k].marks;
        if (events != cases[i].events || marks != cases[i].marks)
            fail_msg("%s: %zu events, %zu marks", cases[i].name, events, marks);
    }
}

/* An event is of one publisher, though its mark is that of all small ones. */
static void events_of_small_publishers_are_their_own(void **state)
{
    size_t n;
    (void)state;
    begin();
    for (int k = 0; k < FOLD_MIN; k++)
        add(k % 4 ? "001" : "002", 1, "", mark);
    assert_int_equal(folded(&n), 2);
    assert_int_equal(n, FOLD_MIN / 4);
    for (size_t k = 0; k < n_items; k++)
        assert_int_equal(items[k].event, k % 4 ? 2 : 1);
}

#define BESIDE                                                                                                                   \
    "하늘시는 강에 다리를 놓는다고 밝혔다. 나무는 베지 않으며 길은 넓힌다. 주민은 기뻐했고 " \
    "시장은 고맙다고 말했다. 공사는 봄에 시작해 가을에 끝난다. "

/* A report of an agency that many small publishers have: what it corrects is an edit. */
static void copies_of_one_text_count_once(void **state)
{
    static const struct {
        const char *name, *was, *is;
        int whole; /* nothing of their own beside it */
    } cases[] = {
        { "a word", "5명이 다쳤다. ", "5명이 숨졌다. ", 0 },
        { "a sentence", "5명이 크게 다쳐 병원에 실려 갔다. ",
          "모두 무사히 집으로 돌아온 것으로 보인다. ", 0 },
        { "came", "", "다친 사람은 병원에 실려 갔다. ", 0 },
        { "went", "다친 사람은 병원에 실려 갔다. ", "", 0 },
        { "a whole text", "5명이 다쳤다. ", "5명이 숨졌다. ", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char oids[FOLD_MIN][12], texts[2][1000];
        size_t n;
        begin();
        snprintf(texts[0], sizeof(texts[0]), BESIDE "%s" BESIDE, cases[i].was);
        snprintf(texts[1], sizeof(texts[1]), BESIDE "%s" BESIDE, cases[i].is);
        for (int k = 0; k < FOLD_MIN; k++) {
            snprintf(oids[k], sizeof(oids[k]), "%03d", k);
            add(oids[k], 1, texts[0], texts[1]);
            if (!cases[i].whole)
                continue;
            snprintf(before[k].body, TEXT_MAX, "%s", texts[0]);
            snprintf(after[k].body, TEXT_MAX, "%s", texts[1]);
        }
        if (folded(&n) != 0)
            fail_msg("%s", cases[i].name);
    }
}

/* Publishers are called by few digits and crawls are numbered: both differ in few bits. */
static void neighbours_are_told_apart(void **state)
{
    (void)state;
    for (uint32_t a = 1; a <= 8; a++)
        for (uint32_t b = 1; b <= 8; b++) {
            size_t n;
            begin();
            for (int k = 0; k < 2 * FOLD_MIN; k++)
                add(k % 2 ? "002" : "001", k % 2 ? b : a, "", mark);
            if (folded(&n) != 2)
                fail_msg("001 in crawl %u and 002 in crawl %u", a, b);
        }
}

/* Texts with %d in them get the number of the article, with %s a word of its own. */
static const struct {
    const char *name, *was, *is;
    int event, marks;
} shapes[] = {
    { "a line that comes", "", "더 많은 소식은 앱에서 받아 보세요.", 1, 1 },
    { "a line that goes", "더 많은 소식은 앱에서 받아 보세요.", "", 1, 1 },
    { "with another number in each", "", "기사 입력 번호는 %d번 입니다.", 1, 1 },
    { "with another name in each, and enough around it", "",
      "사진 제공은 독자 %s 님께서 하셨습니다.", 1, 1 },
    { "another word in each", "", "%s.", 0, 0 },
    { "two words of three its own", "", "%s 제공 %s.", 0, 0 },
    { "blanks around it", "", "더 많은 소식은 앱에서 받아 보세요. \n", 1, 1 },
    { "a mark and an edit", "가운데 줄은 그대로 서 있다.\n",
      "%s %s %s %s.\n가운데 줄은 그대로 서 있다.\n더 많은 소식은 앱에서 받아 보세요.", 0,
      1 },
    { "only layout", "한 줄이 있다.", "한 줄이\n있다.", 0, 0 },
    { "nothing at all", "한 줄이 있다.", "한 줄이 있다.", 0, 0 },
    { "layout beside the line", "그는 “%s”라고 했다. 끝이다.",
      "그는 \"%s\"라고 했다. 끝이다.\n더 많은 소식은 앱에서 받아 보세요.", 1, 1 },
    { "blanks before a line that stands first", "가운데 줄은 서 있다.",
      "\n\t더 많은 소식은 앱에서 받아 보세요.\n가운데 줄은 서 있다.", 1, 1 },
    { "a word many times is one word", "", "앱 앱 앱 소식 받기 %s %s.", 0, 0 },
    { "three words of four", "", "앱 소식 받기 %s.", 1, 1 },
    { "three words of five", "", "앱 소식 받기 %s %s.", 0, 0 },
    { "a line that counts", "조회수 %d", "조회수 1%d", 1, 1 },
    { "a line that says how old it is", "Updated %d hours ago\n가운데 줄이다.",
      "Updated 1%d hours ago\n가운데 줄이다.", 1, 1 },
    { "two counts in one line", "댓글 %d 추천 %d", "댓글 1%d 추천 2%d", 1, 1 },
    { "a count and an edit", "가운데 줄은 그대로 서 있다.\n조회수 %d",
      "%s %s %s %s.\n가운데 줄은 그대로 서 있다.\n조회수 1%d", 0, 1 },
    { "a number in a line of its own", "%s 값은 %d원이다.", "%s 값은 1%d원이다.", 0, 0 },
    { "a number in the same sentence", "값은 %d원이다.", "값은 1%d원이다.", 0, 0 },
    { "a number in the same sentence (en)", "It took %d years.", "It took 1%d years.", 0,
      0 },
    { "a number and nothing else", "%d", "1%d", 0, 0 },
    { "a number in a long line",
      "이 줄은 모두 같지만 길어서 누가 세는 줄이 아니라 어느 기사에나 있을 만한 글이고 여기 "
      "%d명",
      "이 줄은 모두 같지만 길어서 누가 세는 줄이 아니라 어느 기사에나 있을 만한 글이고 여기 "
      "1%d명",
      0, 0 },
};

static void what_is_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        size_t n;
        begin();
        for (unsigned k = 0; k < 2 * FOLD_MIN; k++) {
            char was[400], is[400];
            expand(was, shapes[i].was, k);
            expand(is, shapes[i].is, k);
            add("001", 1, was, is);
        }
        const size_t events = folded(&n);
        if (events != (size_t)shapes[i].event || (events && n != n_items) ||
            items[3].marks != shapes[i].marks)
            fail_msg("%s: %zu events, %zu in it, marks %d", shapes[i].name, events, n,
                     items[3].marks);
    }
}

/* Words that half of the group have, but few so many in one place. */
static void few_lines_of_common_words_are_no_mark(void **state)
{
    size_t n;
    (void)state;
    for (int all = 0; all < 2; all++) {
        begin();
        for (unsigned k = 0; k < FOLD_MIN; k++) {
            char is[200];
            expand(is, all || k % 2 ? "앱 소식 받기 %s." : "앱 %s 소식 %s 받기 %s %s.",
                   k);
            add("001", 1, "", is);
        }
        assert_int_equal(folded(&n), all);
        assert_int_equal(items[1].marks, all);
    }
}

/* A field that was not there before, the same for all, or to each its own. */
static void a_new_field_is_a_place(void **state)
{
    static const char *const bodies[] = { "", "또 한 줄이 왔다." };
    (void)state;
    for (int own = 0; own < 2; own++)
        for (int both = 0; both < 2; both++) {
            size_t n;
            begin();
            for (int k = 0; k < FOLD_MIN; k++) {
                char word[16];
                own_word(word, 7000 + 977 * (unsigned)k);
                add("001", 1, "", bodies[both]);
                snprintf(after[k].author, sizeof(after[k].author), "%s",
                         own ? word : "가나 편집부");
            }
            assert_int_equal(folded(&n), !own);
            assert_int_equal(items[0].marks, !own || both);
            for (int k = 0; k < FOLD_MIN; k++) { /* and back */
                memcpy(before[k].author, after[k].author, sizeof(after[k].author));
                after[k].author[0] = '\0';
            }
            assert_int_equal(folded(&n), !own);
        }
}

/* However often it stands in one article, it is one article that has it. */
static void a_place_counts_once_for_its_article(void **state)
{
    static const char twice[] = "첫 번째 줄이 온다.\n광고 안내 문구가 있다.\n둘째 줄.\n"
                                "광고 안내 문구가 있다.\n셋째 줄.\n";
    static const char bare[] = "첫 번째 줄이 온다.\n둘째 줄.\n셋째 줄.\n";
    size_t n;
    (void)state;
    begin();
    for (int k = 0; k < FOLD_MIN - 1; k++)
        add("001", 1, bare, twice);
    for (int k = 0; k < FOLD_MIN - 1; k++)
        add_own("001", 1);
    assert_int_equal(folded(&n), 0);
    add("001", 1, bare, twice);
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
}

/* What differs all over is no line of an extractor, even if all differ alike. */
static void too_many_places_are_no_mark(void **state)
{
    enum { FEW = 200, MANY = 400 };
    (void)state;
    for (int lines = FEW; lines <= MANY; lines += MANY - FEW) {
        CLEANUP(buf_release) struct buf was = BUF_INIT, is = BUF_INIT;
        size_t n;
        for (int i = 0; i < lines; i++) {
            char word[16];
            own_word(word, 31 * (unsigned)i);
            assert_ok(buf_printf(&was, "줄 %s 하나.\n", word));
            assert_ok(buf_printf(&is, "줄 %s 하나.\n%c%s.\n", word, 'a' + i % 26, word));
        }
        assert_ok(buf_add_char(&was, '\0'));
        assert_ok(buf_add_char(&is, '\0'));
        begin();
        for (int k = 0; k < FOLD_MIN; k++)
            add("001", 1, was.ptr, is.ptr);
        assert_int_equal(folded(&n), lines == FEW);
    }
}

/* Words that are too many in one place, and so none, count where they stand again: once. */
static void a_word_counts_once_for_its_article(void **state)
{
    static const char line[] = "그 사이의 문장은 그대로 있다.\n";
    size_t n;
    (void)state;
    begin();
    for (unsigned i = 0; i < FOLD_MIN; i++) {
        CLEANUP(buf_release) struct buf was = BUF_INIT, is = BUF_INIT;
        char word[16];
        if (i % 2) {
            add_own("001", 1);
            continue;
        }
        for (unsigned k = 0; k < 200; k++) {
            own_word(word, 1000 * i + k);
            assert_ok(buf_printf(&is, "%s ", word));
        }
        assert_ok(buf_printf(&is, "\n%salpha beta gamma delta ", line));
        for (unsigned k = 0; k < 100; k++) {
            own_word(word, 1000 * i + 500 + k);
            assert_ok(buf_printf(&is, "%s ", word));
        }
        own_word(word, 1000 * i + 999);
        assert_ok(buf_printf(&is, "\n%salpha beta gamma delta z%s\n", line, word));
        assert_ok(buf_printf(&was, "%s%s", line, line));
        assert_ok(buf_add_char(&was, '\0'));
        assert_ok(buf_add_char(&is, '\0'));
        add("001", 1, was.ptr, is.ptr);
    }
    assert_int_equal(folded(&n), 0);
    for (size_t i = 0; i < n_items; i++)
        assert_int_equal(items[i].marks, 0);
}

/* Texts are read only where the sketches say that a group may have something in common;
 * numbers alone are nothing, and an item without a sketch may have anything. */
static void who_shares_nothing_is_not_read(void **state)
{
    char was[40], is[40];
    size_t n;
    (void)state;
    sketched = 1;
    begin();
    for (int k = 0; k < 2 * FOLD_MIN; k++)
        add_own("001", 1);
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);

    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        snprintf(was, sizeof(was), "%d", 100 + k);
        snprintf(is, sizeof(is), "%d", 500 + k);
        add("001", 1, was, is);
    }
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);

    /* The same line in all of one publisher: its texts are read, those of others not. */
    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", mark);
        add_own("002", 1);
        add_own("001", 2);
    }
    assert_int_equal(fold_once(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    assert_int_equal(n_loaded, FOLD_MIN);
}

static void a_failure_is_handed_on(void **state)
{
    CLEANUP(buf_release) struct buf events = BUF_INIT;
    (void)state;
    begin();
    sketched = 0;
    assert_ok(fold(items, 0, &source, &events)); /* nothing is fine */
    for (int k = 0; k < FOLD_MIN; k++)
        add("001", 1, "", mark);
    fails_at = FOLD_MIN - 1;
    for (sketched = 0; sketched <= 1; sketched++) {
        assert_int_equal(fold(items, n_items, &source, &events), SILLOK_EIO);
        assert_int_equal(events.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_beside_marks),
        cmocka_unit_test(how_many_make_an_event),
        cmocka_unit_test(articles_count_and_not_their_changes),
        cmocka_unit_test(whose_and_when),
        cmocka_unit_test(small_publishers_are_one_group),
        cmocka_unit_test(events_of_small_publishers_are_their_own),
        cmocka_unit_test(copies_of_one_text_count_once),
        cmocka_unit_test(neighbours_are_told_apart),
        cmocka_unit_test(what_is_the_same),
        cmocka_unit_test(few_lines_of_common_words_are_no_mark),
        cmocka_unit_test(a_new_field_is_a_place),
        cmocka_unit_test(a_place_counts_once_for_its_article),
        cmocka_unit_test(too_many_places_are_no_mark),
        cmocka_unit_test(a_word_counts_once_for_its_article),
        cmocka_unit_test(who_shares_nothing_is_not_read),
        cmocka_unit_test(a_failure_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
