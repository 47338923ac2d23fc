/*
 * What stands in the places that changed: numbers by their value, names, negations and
 * quotations, boilerplate, where a feed cut, and how much it is.
 */
#include "diff/boiler.h"
#include "diff/change.h"
#include "diff/chars.h"
#include "diff/name.h"
#include "diff/number.h"
#include "diff/phrase.h"
#include "diff/quotation.h"

#include "sillok/diff.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

/* --- numbers --- */

/* Lines of writings of one value; no two lines are the same. */
static void numbers_count_by_value(void **state)
{
    static const char *const values[][12] = {
        { "", "비가 왔다", "일", "이", "천천히", "만", "조", "백", "삼", "삼십" },
        { "0", "00", "0,000" },
        { "1원", "1" },
        { "10원" },
        { "12", "십이일" },
        { "20명", "이십명" },
        { "99명", "구십구명" },
        { "100명", "일백명", "1백명" },
        { "111명", "백십일명" },
        { "123명", "백이십삼명", "1백23명" },
        { "1000", "1,000", "1천", "1000.0", "1,000.00" },
        { "2345개", "이천삼백사십오개", "2천3백45개" },
        { "5678", "오천육백칠십팔원" },
        { "10000", "1만", "1만원" },
        { "10002", "1만2", "1만2." },
        { "12000", "1만2천", "1만 2천" },
        { "30000개", "삼만개" },
        { "100000000", "1억", "일억원" },
        { "120000000", "1억2천만", "1억 2000만", "1억 2,000만원" },
        { "1200000000000", "1조2천억", "1조 2,000억" },
        { "1234500000000", "1조2천3백45억" },
        { "3456가구", "3천456가구", "3,456", "3천4백56" },
        { "198384", "19만8천384", "19만 8천384명" },
        { "33000000건", "3천300만건", "3300만", "３３００만" },
        { "313300000", "3억1천330만", "3억 1천330만" },
        { "1천 456", "456 1000" }, /* two, and so on: */
        { "3천5천", "5000 3000" },
        { "3천20백", "2000 3000" },
        { "3천1000", "1000 3000" },
        { "3천 300명", "300 3000" },
        { "3천 4백", "400 3000" },
        { "3천045", "3천 045" },
        { "1만2만", "20000 10000" },
        { "1만 2명", "2명 10000" },
        { "1억20000만", "100000000 200000000" },
        { "1조2천3백450", "450 1000000002300" },
        { "1.5", "1.50", "1.5000" },
        { "1.2345" },
        { "15000", "1.5만" },
        { "1500", "1.5천" },
        { "-5", " -5", "−5", "△5", "▽5", "▼5" },
        { "±5" },
        { "5" },
        { "007" },
        { "0.07" },
        { "7", "b7", "b7.", "b7-c" },
    };
    (void)state;
    enum { N = sizeof(values) / sizeof(values[0]) };
    uint64_t sums[N];
    for (size_t i = 0; i < N; i++) {
        sums[i] = numbers_sum(text_of(values[i][0]));
        for (size_t k = 1; k < 12 && values[i][k]; k++)
            if (numbers_sum(text_of(values[i][k])) != sums[i])
                fail_msg("'%s' is not '%s'", values[i][k], values[i][0]);
        for (size_t k = 0; k < i; k++)
            if (sums[k] == sums[i])
                fail_msg("'%s' is '%s'", values[i][0], values[k][0]);
    }
}

/* --- places --- */

/* All changes between two texts, to be released. */
static void find_changes(struct changes *out, const char *before, const char *after)
{
    struct sillok_diff *d = NULL;
    assert_ok(sillok_diff_new(&d, text_of(before), text_of(after)));
    assert_ok(changes_find(out, d, text_of(before), text_of(after)));
    sillok_diff_free(d);
}

static void expect_flag(const char *what, int (*asked)(const struct changes *c),
                        const char *before, const char *after, int want)
{
    for (int back = 0; back < 2; back++) {
        struct changes c;
        find_changes(&c, back ? after : before, back ? before : after);
        if (asked(&c) != want)
            fail_msg("%s: '%s' -> '%s'", what, back ? after : before,
                     back ? before : after);
        changes_release(&c);
    }
}

#define LEAD "비가 왔다. 길이 젖었다. 차가 막혔다. "

/* Whoever reads the difference should be told when it turns the sense. */
static void negations(void **state)
{
    static const struct {
        const char *before, *after;
        int negates;
    } cases[] = {
        { "다리를 놓는다.", "다리를 놓지 않는다.", 1 },
        { "다리를 놓는다.", "다리를 못 놓는다.", 1 },
        { "다리를 놓는다.", "다리를 놓지 못한다.", 1 },
        { "다리가 있다.", "다리가 없다.", 1 },
        { "다리다.", "다리가 아니다.", 1 },
        { "다리를 놓는다.", "다리를 안 놓는다.", 1 },
        { "다리를 놓는다.", "다리를 안전하게 놓는다.", 0 },
        { "다리를 놓으면 된다.", "다리를 놓으면 안된다.", 1 },
        { "다리를 놓으면 돼.", "다리를 놓으면 안돼.", 1 },
        { "말을 했다.", "말을 안했다.", 1 },
        { "다리를 놓으면 안 된다.", "다리를 놓으면 안된다.", 0 },
        { "다리를 안 고친다.", "다리를 안고친다.", 0 }, /* a blank is no word */
        { "다리는 놓다.", "다리는 안개다.", 0 },
        { "It rains here.", "It never rains here.", 1 },
        { "Never again he said.", "Once again he said.", 1 },
        { "Not all went.", "Nearly all went.", 1 },
        { "No one went.", "Some one went.", 1 },
        { "There is no rain.", "There is some rain.", 1 },
        { "It came with rain.", "It came without rain.", 1 },
        { "It can rain.", "It cannot rain.", 1 },
        { "It does rain.", "It doesn't rain.", 1 },
        { "It does rain.", "It doesn’t rain.", 1 },
        { "It is new.", "It is now.", 0 },
        { "It is a note.", "It is a knot.", 0 },
        { "가지 않고 오지 않는다.", "오지 않고 가지 않는다.", 0 },
        { "값은 5다.", "값은 7다.", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_flag("negation", changes_negation, cases[i].before, cases[i].after,
                    cases[i].negates);
}

static void names(void **state)
{
    static const struct {
        const char *before, *after;
        int is_name;
    } cases[] = {
        { "한빛의 김하늘 의원이 왔다.", "한빛의 박들판 의원이 왔다.", 1 },
        { "한빛의 김하늘의원이 왔다.", "한빛의 박들판 의원이 왔다.", 0 }, /* one word */
        { "한빛의 김산 대사는 왔다.", "한빛의 박들 대사는 왔다.", 1 },
        { "한빛의 남궁하늘 총장은 왔다.", "한빛의 선우들판 총장은 왔다.", 1 },
        { "한빛의 새 대표는 왔다.", "한빛의 옛 대표는 왔다.", 0 }, /* no surname */
        { "한빛의 김하늘바다 대표는 왔다.", "한빛의 박들판바다 대표는 왔다.", 0 },
        { "한빛의 김하늘 어부는 왔다.", "한빛의 박들판 어부는 왔다.", 0 },
        { "그는 김하늘", "그는 박들판", 0 },
        { "한빛의 Hill 대표는 왔다.", "한빛의 Lake 대표는 왔다.", 1 },
        { "Later Hill spoke.", "Later Lake spoke.", 1 },
        { "Hill spoke.", "Lake spoke.", 0 }, /* a sentence begins so */
        { "Later hill spoke.", "Later lake spoke.", 0 },
        { "Later HILL spoke.", "Later LAKE spoke.", 0 },
        { "Later Hill spoke.", "Later lake spoke.", 0 },
        { "Later I spoke.", "Later A spoke.", 0 },
        { "Later Hill spoke.", "Later spoke.", 0 },
    };
    (void)state;
    static const char *const roles[] = {
        "기자",   "대표", "의원",   "총리", "씨",     "장관", "대통령", "회장",
        "사장",   "교수", "감독",   "선수", "위원장", "시장", "지사",   "후보",
        "검사",   "판사", "변호사", "원장", "청장",   "차관", "실장",   "본부장",
        "부총리", "위원", "특파원", "팀장", "과장",   "국장", "대사",   "총장",
    };
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        char before[100], after[100];
        snprintf(before, sizeof(before), "한빛의 김하늘 %s는 왔다.", roles[i]);
        snprintf(after, sizeof(after), "한빛의 박들판 %s는 왔다.", roles[i]);
        expect_flag(roles[i], changes_name, before, after, 1);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_flag("name", changes_name, cases[i].before, cases[i].after,
                    cases[i].is_name);
}

static void quotations(void **state)
{
    static const struct {
        const char *before, *after;
        int quoted;
    } cases[] = {
        { "그는 “책을 산다”고 했다.", "그는 “책을 판다”고 했다.", 1 },
        { "그는 ‘책을 산다’고 했다.", "그는 ‘책을 판다’고 했다.", 1 },
        { "그는 \"책을 산다\"고 했다.", "그는 \"책을 판다\"고 했다.", 1 },
        { "그는 “책을” 산다고 했다.", "그는 “책을” 판다고 했다.", 0 },
        { "그는 \"책을\" 산다고 했다.", "그는 \"책을\" 판다고 했다.", 0 },
        { "그는 “책과 ‘글’을 산다”고 했다.", "그는 “책과 ‘글’을 판다”고 했다.", 1 },
        { "그는 “책을\n산다고 했다.", "그는 “책을\n판다고 했다.", 0 }, /* a slip */
        { "그는 “책을 산다", "그는 “책을 판다", 1 },
        { "그는 책을 산다”고 했다.", "그는 책을 판다”고 했다.", 0 },
        { "그는 글 산다.", "그는 “책” 산다.", 1 }, /* speech for what was none */
        { "그는 글 산다.", "그는 ‘책’ 산다.", 0 }, /* stress */
        { "그는 산다.", "그는 “책” 산다.", 0 },    /* put in with its marks */
        { "그는 “책을 산다”고 했다.", "그는 “책을 산다!”고 했다.", 0 }, /* a sign */
        { "그는 “책을 산다”고 했다.", "그는 “책을 아주 많이 산다”고 했다.", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_flag("quotation", changes_in_quote, cases[i].before, cases[i].after,
                    cases[i].quoted);
    /* one far behind the start is as good as the first */
    CLEANUP(buf_release) struct buf far_off = BUF_INIT;
    for (int i = 0; i < 300; i++)
        assert_ok(buf_add_str(&far_off, "글 하나. "));
    CLEANUP(buf_release) struct buf sold = BUF_INIT;
    assert_ok(buf_add(&sold, far_off.ptr, far_off.len));
    assert_ok(buf_add_str(&far_off, "그는 “책을 산다”고 했다."));
    assert_ok(buf_add_str(&sold, "그는 “책을 판다”고 했다."));
    assert_ok(buf_add_char(&far_off, '\0'));
    assert_ok(buf_add_char(&sold, '\0'));
    expect_flag("far off", changes_in_quote, far_off.ptr, sold.ptr, 1);
    /* a quotation that never ends does not hold the whole article */
    for (int far = 0; far < 2; far++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct buf *const both[] = { &a, &b };
        for (int side = 0; side < 2; side++) {
            assert_ok(buf_add_str(both[side], "그는 “책 "));
            for (int i = 0; i < (far ? 300 : 150); i++)
                assert_ok(buf_add_str(both[side], "글 하나 "));
            assert_ok(buf_add_str(both[side], side ? "판다" : "산다"));
            assert_ok(buf_add_char(both[side], '\0'));
        }
        expect_flag("a slip", changes_in_quote, a.ptr, b.ptr, !far);
    }
}

/* Where an edit is, and what of it counts. */
static void places_are_measured(void **state)
{
    static const struct {
        const char *name, *before, *after;
        const char *cut_old, *cut_new; /* of the first place */
        size_t n;
        unsigned distance, words;
        int whole, number, layout;
    } cases[] = {
        { "a syllable", "정량 평가다.", "정성 평가다.", "량", "성", 1, 1, 1, 0, 0, 0 },
        { "shares the last byte", "귀게 연다.", "가게 연다.", "귀", "가", 1, 1, 1, 0, 0,
          0 },
        { "shares an odd last byte", "각게 연다.", "걁게 연다.", "각", "걁", 1, 1, 1, 0,
          0, 0 },
        { "shares the first bytes", "책 각 끝이다.", "책 간 끝이다.", "각", "간", 1, 1, 1,
          0, 0, 0 },
        { "a number", "값은 15원이다.", "값은 1,650원이다.", "5", ",650", 1, 99, 1, 0, 1,
          0 },
        { "a decimal point", "값은 15원이다.", "값은 1.5원이다.", "", ".", 1, 1, 1, 0, 1,
          0 },
        { "a sum", "값은 1조9150억원이다.", "값은 2조800억 원이다.", "1조9150억",
          "2조800억 ", 1, 99, 3, 0, 1, 0 },
        { "another unit", "값은 5조원이다.", "값은 5억원이다.", "조", "억", 1, 1, 1, 0, 0,
          0 },
        { "a number and a word", "값은 5.", "값은 6원.", "5", "6원", 1, 2, 1, 0, 0, 0 },
        { "a sign", "기온은 5도다.", "기온은 -5도다.", "", "-", 1, 1, 0, 0, 0, 0 },
        { "a hyphen", "그는 가-나 길이다.", "그는 가나 길이다.", "-", "", 1, 1, 1, 0, 0,
          1 },
        { "a comma", "비가 왔고 끝이다.", "비가 왔고, 끝이다.", "", ",", 1, 1, 0, 0, 0,
          1 },
        { "a sentence", LEAD "끝.", LEAD "다리도 놓는다. 끝.", "", "다리도 놓는다. ", 1,
          99, 2, 1, 0, 0 },
        { "a word inside", "그는 책을 샀다.", "그는 새 책을 샀다.", "", "새 ", 1, 1, 1, 0,
          0, 0 },
        { "part of a word", "그는 책을 샀다.", "그는 책을샀다.", " ", "", 1, 0, 0, 0, 0,
          1 },
        { "two", "가나 다라 마바 사아 자차다.", "각나 다라 마바 사아 작차다.", "가", "각",
          2, 1, 1, 0, 0, 0 },
        { "half a syllable and a whole one", "그는 \xEAx 갔다.", "그는 가 갔다.", "\xEAx",
          "가", 1, 2, 1, 0, 0, 0 },
        { "a number behind points", "판 1.5.3이다.", "판 1.5.4이다.", "3", "4", 1, 1, 1,
          0, 1, 0 },
        { "a sentence in a line", "비가 왔고 길이 젖었다.",
          "비가 왔고 또 왔다. 길이 젖었다.", "", "또 왔다. ", 1, 99, 2, 1, 0, 0 },
        { "one with its line's end", "비가 왔고 길이 젖었다.",
          "비가 왔고 또 왔다.\n길이 젖었다.", "", "또 왔다.\n", 1, 99, 2, 1, 0, 0 },
        { "a cry in a line", "비가 왔고 길이 젖었다.", "비가 왔고 또 왔다! 길이 젖었다.",
          "", "또 왔다! ", 1, 99, 2, 1, 0, 0 },
        { "a question in a line", "비가 왔고 길이 젖었다.",
          "비가 왔고 또 왔다? 길이 젖었다.", "", "또 왔다? ", 1, 99, 2, 1, 0, 0 },
        { "a quoted one", "비가 왔고 길이 젖었다.", "비가 왔고 또 \"왔다.\" 길이 젖었다.",
          "", "또 \"왔다.\" ", 1, 99, 2, 1, 0, 0 },
        { "one in other quotes", "비가 왔고 길이 젖었다.",
          "비가 왔고 또 “왔다.” 길이 젖었다.", "", "또 “왔다.” ", 1, 99, 2, 1, 0, 0 },
        { "a blank in a line", "비가 왔고길이 젖었다.", "비가 왔고 길이 젖었다.", "", " ",
          1, 0, 0, 0, 0, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct changes c;
        find_changes(&c, cases[i].before, cases[i].after);
        const struct change *one = c.v;
        if (c.n != cases[i].n || !text_is(one->cut_old, cases[i].cut_old) ||
            !text_is(one->cut_new, cases[i].cut_new) ||
            change_distance(one, 2) != cases[i].distance ||
            change_words(one) != cases[i].words || one->whole != cases[i].whole ||
            change_is_number(one) != cases[i].number ||
            change_is_layout(one) != cases[i].layout)
            fail_msg("%s: %zu '%.*s' '%.*s' %u %u %d %d %d", cases[i].name, c.n,
                     (int)one->cut_old.len, one->cut_old.ptr, (int)one->cut_new.len,
                     one->cut_new.ptr, change_distance(one, 2), change_words(one),
                     one->whole, change_is_number(one), change_is_layout(one));
        changes_release(&c);
    }
}

/* Typing errors are few edits; against a plain computation, and cut off above the limit.
 */
static void distances(void **state)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } cases[] = {
        { "", "", 0 },
        { "", "가", 1 },
        { "가나", "", 2 },
        { "가나다", "가라다", 1 },
        { "가나다", "나다", 1 },
        { "가나다", "나다라", 2 },
        { "kitten", "sitting", 3 },
        { "ab", "ba", 2 },
        { "가 나", "가나", 0 },
        { "abcdef", "azced", 3 },
        { "가나다라", "마바사아", 4 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct change c = { .cut_old = text_of(cases[i].a),
                                  .cut_new = text_of(cases[i].b) };
        const struct change back = { .cut_old = c.cut_new, .cut_new = c.cut_old };
        assert_int_equal(change_distance(&c, 10), cases[i].distance);
        assert_int_equal(change_distance(&back, 10), cases[i].distance);
        assert_int_equal(change_distance(&c, cases[i].distance), cases[i].distance);
        if (cases[i].distance)
            assert_int_equal(change_distance(&c, cases[i].distance - 1), 99);
    }
    /* up to 24 characters are compared */
    const char *text = "abcdefghijklmnopqrstuvwxyz";
    for (size_t len = 23; len < 27; len++) {
        const struct change c = { .cut_old = text_make(text, len),
                                  .cut_new = text_make(text, 23) };
        assert_int_equal(change_distance(&c, 10), len <= 24 ? len - 23 : 99);
    }
}

/* Whole sentences that went for others count as swapped when less than a fifth of their
 * words is common. */
static void swaps(void **state)
{
    static const struct {
        const char *a, *b;
        unsigned removed, added;
        size_t letters;
        int swap;
    } cases[] = {
        { "a b c d e", "f g h i j", 1, 1, 12, 1 },
        { "a b c d e", "f g h i j", 0, 1, 12, 0 },
        { "a b c d e", "f g h i j", 1, 0, 12, 0 },
        { "a b c d e", "f g h i j", 1, 1, 11, 0 },
        { "a b c d e", "a g h i j", 1, 1, 12, 0 },   /* one of five */
        { "a b c d e", "a g h i j k", 1, 1, 12, 1 }, /* less */
        { "a a a a e f", "a g h i j", 1, 1, 12, 1 }, /* once */
        { "a, b; c d e", "f, g; h i j", 1, 1, 12, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct change c = { .old_text = text_of(cases[i].a),
                                  .new_text = text_of(cases[i].b),
                                  .letters_old = cases[i].letters,
                                  .letters_new = 12,
                                  .rows_removed = cases[i].removed,
                                  .rows_added = cases[i].added };
        const struct change back = { .old_text = c.new_text,
                                     .new_text = c.old_text,
                                     .letters_old = 12,
                                     .letters_new = cases[i].letters,
                                     .rows_removed = cases[i].added,
                                     .rows_added = cases[i].removed };
        if (change_is_swap(&c) != cases[i].swap || change_is_swap(&back) != cases[i].swap)
            fail_msg("%zu", i);
    }
}

static void short_ones(void **state)
{
    static const struct {
        size_t letters_old, letters_new;
        const char *a, *b;
        unsigned max;
        int is_short;
    } cases[] = {
        { 2, 2, "가 나", "다 라", 2, 1 },
        { 3, 2, "가 나 다", "다 라", 2, 0 },
        { 2, 3, "가 나", "다  라 마", 2, 0 },
        { 32, 2, "가", "나", 2, 1 },
        { 33, 2, "가", "나", 2, 0 },
        { 2, 33, "가", "나", 2, 0 },
        { 0, 0, "", "", 2, 1 },
        { 2, 0, " 가 나 ", "", 2, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct change c = { .old_text = text_of(cases[i].a),
                                  .new_text = text_of(cases[i].b),
                                  .letters_old = cases[i].letters_old,
                                  .letters_new = cases[i].letters_new };
        if (change_is_short(&c, cases[i].max) != cases[i].is_short)
            fail_msg("%zu", i);
    }
}

static unsigned count_of(const struct changes *c, int in_new, const char *phrase)
{
    const struct sillok_text one = text_of(phrase);
    unsigned n;
    phrases_count(c, in_new, &one, 1, &n);
    return n;
}

/* A phrase counts where it stands in a change or within 48 bytes of one. */
static void phrases_beside_a_change_count(void **state)
{
    (void)state;
    for (size_t gap = 44; gap < 54; gap++) {
        char before[200], after[200];
        for (int front = 0; front < 2; front++) {
            char fill[64];
            memset(fill, 'x', sizeof(fill));
            fill[0] = fill[gap - 1] = ' ';
            fill[gap] = '\0';
            snprintf(before, sizeof(before), front ? "(정정)%s가" : "가%s(정정)", fill);
            snprintf(after, sizeof(after), front ? "(정정)%s나" : "나%s(정정)", fill);
            struct changes c;
            find_changes(&c, before, after);
            const size_t room = strlen("(정정)") + gap;
            assert_int_equal(count_of(&c, 0, "(정정)"), room <= 48);
            assert_int_equal(count_of(&c, 1, "(정정)"), room <= 48);
            assert_int_equal(count_of(&c, 1, "정정)") >= count_of(&c, 1, "(정정)"), 1);
            changes_release(&c);
        }
    }
    struct changes c;
    find_changes(&c, "값은 5다.", "값은 정정 정정 정정이다.");
    assert_int_equal(count_of(&c, 1, "정정"), 3);
    assert_int_equal(count_of(&c, 0, "정정"), 0);
    changes_release(&c);
}

/* Each phrase of a list is counted as if it were alone, one at the very end among them. */
static void phrases_are_counted_together(void **state)
{
    static const struct sillok_text list[] = { LITERAL("정정"), LITERAL("정정합니다"),
                                               LITERAL("[고침"), LITERAL("was it"),
                                               LITERAL("고침]") };
    unsigned together[5];
    struct changes c;
    (void)state;
    find_changes(&c, "비가 왔다.", "정정합니다 [고침] was it 정정 [고침]");
    phrases_count(&c, 1, list, 5, together);
    static const unsigned right[] = { 2, 1, 2, 1, 2 };
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(together[i], right[i]);
        assert_int_equal(count_of(&c, 1, list[i].ptr), right[i]);
    }
    changes_release(&c);
}

/* All words that native numbers are made of, by themselves and together. */
static void native_numbers_are_read(void **state)
{
    static const char *const tens[] = { "",   "열",   "스물", "서른", "마흔",
                                        "쉰", "예순", "일흔", "여든", "아흔" };
    static const char *const ones[] = { "",     "한",   "두",   "세",   "네",
                                        "다섯", "여섯", "일곱", "여덟", "아홉" };
    (void)state;
    for (int n = 1; n < 100; n++) {
        char words[64], digits[32];
        snprintf(words, sizeof(words), "주민 %s%s 명이 왔다.", tens[n / 10],
                 ones[n % 10]);
        snprintf(digits, sizeof(digits), "주민 %d명이 왔다.", n);
        if (numbers_sum(text_of(words)) != numbers_sum(text_of(digits)))
            fail_msg("%s is not %d", words, n);
        assert_true(numbers_sum(text_of(words)) != 0);
    }
    assert_true(numbers_sum(text_of("스무 명이 왔다.")) ==
                numbers_sum(text_of("20명이 왔다.")));
    assert_true(numbers_sum(text_of("세대가 열대로 다섯이 아니다.")) == 0);
}

/* A change is boilerplate when all that went and all that came is; signs in its place, or
 * in whose place it came, are none. */
static void boilerplate_in_places(void **state)
{
    static const struct {
        const char *before, *after;
        int boiler;
    } cases[] = {
        { "끝. (사진=가나통신) 비가 왔다.", "끝. 비가 왔다.", 1 },
        { "끝. 사진=가나통신 비가 왔다.", "끝. 사진=다라통신 비가 왔다.", 0 },
        { "끝. (사진=가나통신) 비가 왔다.", "끝. *** 비가 왔다.", 0 },
        { "끝. 김하늘 기자 = 비가 왔다.", "끝. 박들판 기자 = 비가 왔다.", 1 },
        /* reporters who came, or went */
        { "[가나일보=김하늘 기자] 비가 왔다.", "[가나일보=김하늘·박들판 기자] 비가 왔다.",
          1 },
        { "(가나=다라통신) 김하늘 기자 = 비다.",
          "(가나=다라통신) 박들판 김하늘 기자 = 비다.", 1 },
        { "끝.\n김하늘 기자", "끝.\n김하늘, 박들판 기자", 1 },
        { "끝.\n김하늘 가나일보 기자", "끝.\n박들판 가나일보 기자", 1 },
        /* prose that speaks of them */
        { "어제 현직 기자 셋이 왔다.", "어제 여성 기자 셋이 왔다.", 0 },
        { "그는 출신이 같다.", "그는 신문 기자 출신이 같다.", 0 },
        { "시는 청년 인턴 둘을 뽑았다.", "시는 여성 인턴 둘을 뽑았다.", 0 },
        { "시는 '청년 인턴'을 뽑았다.", "시는 '여성 인턴'을 뽑았다.", 0 },
        { "시는 뉴스레터 채널 문을 닫았다.", "시는 문을 닫았다.", 0 },
        { "끝이다.", "끝이다. 경찰은 제보를 받고 카카오톡 채널을 뒤졌다.", 0 },
        { "끝이다.", "끝이다. 경찰은 제보를 받고 카카오톡 채널을 뒤졌습니다.", 0 },
        { "끝이다.", "끝이다. 카카오톡 채널로 제보를 기다립니다.", 1 },
        { "끝이다.", "끝이다. 법원은 저작권자 김씨의 손을 들어줬다.", 0 },
        { "끝이다.", "끝이다. ⓒ 가나통신시장은 다리를 놓는다고 밝혔다.", 0 },
        { "끝이다.", "끝이다. ⓒ 가나통신 무단전재 금지", 1 },
        { "비가 왔다.", "눈이 왔다.", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int back = 0; back < 2; back++) {
            struct changes c;
            find_changes(&c, back ? cases[i].after : cases[i].before,
                         back ? cases[i].before : cases[i].after);
            if (c.n < 1 || c.v[0].boiler != cases[i].boiler)
                fail_msg("%zu, %d: %zu '%.*s'", i, back, c.n, (int)c.v[0].old_text.len,
                         c.v[0].old_text.ptr);
            changes_release(&c);
        }
}

/* What differs in more than a thousand places is not looked at so closely behind them. */
static void behind_many_places(void **state)
{
    (void)state;
    for (int n = 999; n < 1002; n++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct buf *const both[] = { &a, &b };
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < n; i++)
                assert_ok(buf_printf(both[side], "%d번째 나무는 %s 자랐다.\n", i,
                                     side ? "작게" : "높이"));
            assert_ok(buf_printf(both[side], "비가 왔다. %s 기자 (정정) 끝.",
                                 side ? "박들판" : "김하늘"));
            assert_ok(buf_add_char(both[side], '\0'));
        }
        struct changes c;
        find_changes(&c, a.ptr, b.ptr);
        assert_int_equal(c.n, n + 1);
        assert_int_equal(c.v[n - 1].boiler, 0);
        assert_int_equal(c.v[n].boiler, n < 1000);
        assert_int_equal(count_of(&c, 1, "(정정)"), n < 1000);
        changes_release(&c);
    }
}

/* Of large changes the first letters are compared, if there are any. */
static void large_changes(void **state)
{
    static const struct {
        const char *was, *is; /* many times, and so many */
        int n, same;
    } cases[] = {
        { "-", "=", 5000, 1 },
        { "Ａ", "A", 5000, 1 },
        { "가나 ", "다라 ", 5000, 0 },
        { "가나 ", "다라 ", 5, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        for (int k = 0; k < 5000; k++) {
            assert_ok(buf_add_str(&a, cases[i].was));
            assert_ok(buf_add_str(&b, k < cases[i].n ? cases[i].is : ""));
        }
        assert_ok(buf_add_char(&a, '\0'));
        assert_ok(buf_add_char(&b, '\0'));
        struct changes c;
        find_changes(&c, a.ptr, b.ptr);
        if (c.n != 1 || c.v[0].same_letters != cases[i].same)
            fail_msg("'%s' -> '%s': %zu places, %d", cases[i].was, cases[i].is, c.n,
                     c.n ? c.v[0].same_letters : -1);
        changes_release(&c);
    }
}

/* A number is read with the digits before it, but not with any number of points. */
static void points_before_a_number(void **state)
{
    (void)state;
    for (int n = 30; n < 36; n++) {
        char before[100], after[100];
        char points[40] = "";
        memset(points, '.', (size_t)n);
        snprintf(before, sizeof(before), "값은 %s5 이다.", points);
        snprintf(after, sizeof(after), "값은 %s6 이다.", points);
        expect_flag("number", change_numbers_differ, before, after, 1);
    }
}

/* --- boilerplate --- */

/* What is left of a text without bylines, addresses, credits, stamps and notices. */
static void boilerplate_is_stripped(void **state)
{
    static const struct {
        const char *name, *text, *left;
    } cases[] = {
        { "a role behind a name", "비가 왔다. 김하늘 기자", "비가 왔다. " },
        { "glued", "비가 왔다. 김하늘기자", "비가 왔다. " },
        { "a longer role", "비가 왔다. 김하늘 논설위원", "비가 왔다. " },
        { "two syllables", "비가 왔다. 김산 기자", "비가 왔다. " },
        { "four", "비가 왔다. 남궁하늘 기자", "비가 왔다. " },
        { "one is no name", "비가 왔다. 김 기자", "비가 왔다. 김 기자" },
        { "five are none", "비가 왔다. 남궁하늘빛 기자", "비가 왔다. 남궁하늘빛 기자" },
        { "glued, four in all", "비가 왔다. 김산기자", "비가 왔다. " },
        { "glued, three in all", "비가 왔다. 김기자", "비가 왔다. 김기자" },
        { "glued, seven in all", "비가 왔다. 남궁하늘빛기자", "비가 왔다. " },
        { "glued, eight in all", "비가 왔다. 남궁하늘빛달기자",
          "비가 왔다. 남궁하늘빛달기자" },
        { "nothing before it", "기자 회견이다.", "기자 회견이다." },
        { "letters before it", "Hill 기자", "Hill 기자" },
        { "what leads to it", "비가 왔다. 글 사진 = 김하늘 기자", "비가 왔다. " },
        { "several lead to it", "비가 왔다. /취재 글 김하늘 기자", "비가 왔다. " },
        { "and an equals sign behind it", "김하늘 기자 = 비가 왔다.", " 비가 왔다." },
        { "a mail address", "비가 왔다. a.b-c+1@example.com", "비가 왔다. " },
        { "half of one", "비가 왔다. a@ 끝", "비가 왔다. a@ 끝" },
        { "the other half", "비가 왔다. @a 끝", "비가 왔다. @a 끝" },
        { "an address", "비가 왔다. https://example.com/a?b=1 끝", "비가 왔다.  끝" },
        { "glued to Hangul", "http://example.com에서 끝", "에서 끝" },
        { "the word alone", "비가 왔다. http 끝", "비가 왔다. http 끝" },
        { "a host", "www.example.com", "" },
        { "a credit", "비가 왔다. 사진=가나통신", "비가 왔다. " },
        { "in brackets", "비가 왔다. (사진=가나통신) 끝", "비가 왔다.  끝" },
        { "with a sign", "비가 왔다. 사진 ⓒ가나통신 끝", "비가 왔다. " },
        { "drawn", "그래픽=가나통신", "" },
        { "given", "자료=가나통신 끝", " 끝" },
        { "given by", "제공=가나통신", "" },
        { "a credit of many words", "사진=가-나-다 끝", "-다 끝" },
        { "no credit", "사진 가나통신", "사진 가나통신" },
        { "a dateline", "(서울=가나통신) 비가 왔다.", " 비가 왔다." },
        { "in other brackets", "[서울=가나] 비가 왔다.", " 비가 왔다." },
        { "a bracket without", "(서울 가나통신) 비가 왔다.",
          "(서울 가나통신) 비가 왔다." },
        { "one that never ends", "(서울=가나통신 비가 왔다.",
          "(서울=가나통신 비가 왔다." },
        { "thirteen in it", "(가 나 다 라 마 =사) 끝", " 끝" },
        { "more", "(가 나 다 라 마 바=사) 끝", "(가 나 다 라 마 바=사) 끝" },
        { "rights", "비가 왔다. ⓒ 가나일보", "비가 왔다. " },
        { "rights at the end of a sentence", "비가 왔다 ⓒ 가나일보", "" },
        { "rights in two words", "무단 전재 금지", "" },
        { "no rights", "무단 횡단을 했다.", "무단 횡단을 했다." },
        { "a stamp", "입력 2026.01.02. 10:11", "" },
        { "a stamp and words", "입력 2026.01.02 나무가 자란다", "나무가 자란다" },
        { "no stamp", "입력 방법은 3가지다.", "입력 방법은 3가지다." },
        { "not at the start", "그가 입력 3번 했다.", "그가 입력 3번 했다." },
        { "a notice with a sign", "▶ 제보하기", "" },
        { "two words of notices", "카카오톡 채널 추가", "" },
        { "one word without a sign", "제보를 받았다.", "제보를 받았다." },
        { "prose before the sign", "도시과장 김하늘 주택과장 박들판 정원과장 * 카톡 제보",
          "도시과장 김하늘 주택과장 박들판 정원과장 " },
        { "less than that before the sign", "도시과장 김하늘 * 카톡 제보", "" },
        { "the word of a stamp alone", "입력", "입력" },
        { "half of the day in a stamp", "입력 2026-01-02 오전 10:11", "" },
        { "a credit up to a full stop", "사진=가나. 끝", ". 끝" },
        { "a credit up to a bracket", "사진=가나] 끝", "] 끝" },
        { "of moving pictures", "영상=가나통신", "" },
        { "a sign that no address has", "비가 x·a@example.com", "비가 x·" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf left = BUF_INIT;
        assert_ok(boiler_strip(&left, text_of(cases[i].text)));
        if (!text_is(text_make(left.ptr, left.len), cases[i].left))
            fail_msg("%s: '%.*s'", cases[i].name, (int)left.len, left.ptr);
    }
}

/* It ends what is looked for in a list of characters, and is none of them. */
static void a_zero_byte_is_of_no_address(void **state)
{
    static const char text[] = "b\0a@example.com\0c", want[] = "b\0\0c";
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    (void)state;
    assert_ok(boiler_strip(&left, text_make(text, sizeof(text) - 1)));
    assert_true(
        text_equal(text_make(left.ptr, left.len), text_make(want, sizeof(want) - 1)));
}

/* In a short sentence the rights are all of it, in a longer one what is behind them; and
 * what is long is no notice. */
static void boilerplate_is_short(void **state)
{
    static const struct {
        size_t fill;
        const char *tail;
        int all, from_tail;
    } cases[] = {
        { 98, " ⓒ가", 1, 1 },           { 99, " ⓒ가", 0, 1 },
        { 198, " ⓒ가", 0, 1 },          { 195, " 카톡 채널 앱", 1, 0 },
        { 196, " 카톡 채널 앱", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        CLEANUP(buf_release) struct buf left = BUF_INIT;
        for (size_t k = 0; k < cases[i].fill; k++)
            assert_ok(buf_add_char(&text, 'x'));
        assert_ok(buf_add_str(&text, cases[i].tail));
        assert_ok(boiler_strip(&left, text_make(text.ptr, text.len)));
        const size_t want = cases[i].all         ? 0
                            : cases[i].from_tail ? cases[i].fill + 1
                                                 : text.len;
        if (left.len != want)
            fail_msg("%zu: %zu bytes are left, want %zu", i, left.len, want);
    }
}

/* --- characters --- */

static void kinds_of_signs(void **state)
{
    static const char quotes[] = "\"'‘’‚‛“”„‟＂＇「」『』«»",
                      opening[] = "\"'([{<«‘‚“„〈《「『【〔（［＜▲△▶▷■□○●◆◇※★©ⓒ",
                      closing[] = "\"')]}>»’”〉》」』】〕）］＞",
                      none[] = "a가1.,-·`´—‐†  　";
    static const struct {
        int (*is)(uint32_t cp);
        const char *in;
    } sets[] = { { char_is_quote, quotes },
                 { char_is_opening, opening },
                 { char_is_closing, closing } };
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const char *const all[] = { quotes, opening, closing, none };
        for (size_t i = 0; i < 4; i++)
            for (size_t at = 0, len = strlen(all[i]); at < len;) {
                uint32_t cp;
                const size_t used = char_decode(all[i] + at, len - at, &cp);
                const int want =
                    memmem(sets[k].in, strlen(sets[k].in), all[i] + at, used) != NULL;
                if (sets[k].is(cp) != want)
                    fail_msg("set %zu, U+%04X", k, (unsigned)cp);
                at += used;
            }
    }
    assert_int_equal(char_count(text_of("가 나\n\t다 　.")), 4);
    assert_int_equal(char_count(text_of("")), 0);
    assert_int_equal(char_count_to(text_of("가 나\n\t다 　."), 3), 3);
    assert_int_equal(char_count_to(text_of("가 나\n\t다 　."), 5), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_by_value),
        cmocka_unit_test(negations),
        cmocka_unit_test(names),
        cmocka_unit_test(quotations),
        cmocka_unit_test(places_are_measured),
        cmocka_unit_test(distances),
        cmocka_unit_test(swaps),
        cmocka_unit_test(short_ones),
        cmocka_unit_test(phrases_beside_a_change_count),
        cmocka_unit_test(phrases_are_counted_together),
        cmocka_unit_test(native_numbers_are_read),
        cmocka_unit_test(boilerplate_in_places),
        cmocka_unit_test(behind_many_places),
        cmocka_unit_test(large_changes),
        cmocka_unit_test(points_before_a_number),
        cmocka_unit_test(boilerplate_is_stripped),
        cmocka_unit_test(a_zero_byte_is_of_no_address),
        cmocka_unit_test(boilerplate_is_short),
        cmocka_unit_test(kinds_of_signs),
    };
    return cmocka_run_group_tests_name("diff/places", tests, NULL, NULL);
}
