/* When an article was put in: see stamp.h. */
#include "diff/stamp.h"

#include <string.h>

static int is_stamp_word(struct sillok_text w)
{
    static const struct sillok_text words[] = {
        LITERAL("입력"),     LITERAL("수정"),       LITERAL("등록"),
        LITERAL("송고"),     LITERAL("승인"),       LITERAL("기사입력"),
        LITERAL("기사등록"), LITERAL("최종수정"),   LITERAL("최종입력"),
        LITERAL("업데이트"), LITERAL("최종수정일"), LITERAL("수정일"),
        LITERAL("등록일"),   LITERAL("입력일"),
    };
    return IS_ONE_OF(w, words);
}

/* 2026년 1월 2일 */
static int is_date_in_words(const struct scan *s, size_t i)
{
    static const char *const units[] = { "년", "월", "일" };
    for (int k = 0; k < 3; k++) {
        const size_t unit = i + 1;
        if (scan_class_of(s, i) != CHAR_DIGIT || !text_is(scan_word(s, unit), units[k]))
            return 0;
        i = scan_after(s, unit);
    }
    return 1;
}

/* A whole date, or 3시간 전; not 2026년 예산안. */
static int is_date(const struct scan *s, size_t i)
{
    static const struct sillok_text units[] = { LITERAL("초"), LITERAL("분"),
                                                LITERAL("시간"), LITERAL("일") };
    const struct sillok_text w = scan_word(s, i), next = scan_word(s, i + 1);
    if (scan_class_of(s, i) != CHAR_DIGIT)
        return 0;
    if (text_starts(w, "20") &&
        (w.len > 4 || text_is(next, "-") || text_is(next, "/") || is_date_in_words(s, i)))
        return 1;
    return IS_ONE_OF(next, units) && text_is(scan_word(s, scan_after(s, i + 1)), "전");
}

static int is_first_word(const struct scan *s, size_t i)
{
    while (i-- > 0)
        if (char_is_word(scan_class_of(s, i)))
            return 0;
    return 1;
}

/* Behind a whole date stand units, days of the week and halves of the day alone. */
static int may_be_of_stamp(const struct scan *s, size_t i, int is_dated)
{
    static const struct sillok_text longer[] = { LITERAL("오전"), LITERAL("오후"),
                                                 LITERAL("시간"), LITERAL("KST"),
                                                 LITERAL("AM"),   LITERAL("PM") };
    const enum char_class class = scan_class_of(s, i);
    const unsigned chars = s->toks->v[i].chars;
    if (is_stamp_word(scan_word(s, i)) || (class != CHAR_HANGUL && class != CHAR_LETTER))
        return 1;
    if (is_dated)
        return (class == CHAR_HANGUL && chars == 1) || IS_ONE_OF(scan_word(s, i), longer);
    return class != CHAR_HANGUL || chars <= 2;
}

/* Where the stamp begins that has its word at @p i: there, or at the word before it, as in
 * 최종 수정. s->toks->n where it is none, because others stand before it. */
static size_t start_of_stamp(const struct scan *s, size_t i)
{
    static const struct sillok_text firsts[] = { LITERAL("최종"), LITERAL("최초"),
                                                 LITERAL("기사") };
    if (is_first_word(s, i))
        return i;
    size_t before = i - 1;
    while (before > 0 && !char_is_word(scan_class_of(s, before)))
        before--;
    return IS_ONE_OF(scan_word(s, before), firsts) && is_first_word(s, before)
               ? before
               : s->toks->n;
}

/* 입력 2026-01-02 10:11: a stamp, up to the first word that is no part of one. */
void stamp_drop(const struct scan *s, size_t i)
{
    static const struct sillok_text behind[] = { LITERAL(":"), LITERAL("]"),
                                                 LITERAL("|") };
    const size_t from =
        is_stamp_word(scan_word(s, i)) ? start_of_stamp(s, i) : s->toks->n;
    if (from == s->toks->n)
        return;
    const size_t next = scan_after(s, i);
    const int is_dated =
        is_date(s, IS_ONE_OF(scan_word(s, next), behind) ? scan_after(s, next) : next);
    if (!is_dated && scan_class_of(s, next) != CHAR_DIGIT)
        return;
    for (size_t k = from; k < s->toks->n && (k <= i || may_be_of_stamp(s, k, is_dated));
         k++)
        s->drop[k] = is_dated ? DROPPED_STAMP : DROPPED;
}

int stamp_begins_with_date(const struct scan *s)
{
    if (!is_date(s, scan_class_of(s, 0) == CHAR_BLANK ? scan_after(s, 0) : 0))
        return 0;
    for (size_t i = 0; i < s->toks->n; i++)
        if (!may_be_of_stamp(s, i, 1))
            return 0;
    return 1;
}

void stamp_drop_all(const struct scan *s, size_t i)
{
    if (is_stamp_word(scan_word(s, i)))
        memset(s->drop, DROPPED_STAMP, s->toks->n);
}
