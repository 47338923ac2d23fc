/*
 * Finding boilerplate: see boiler.h.
 *
 * Each sentence is cut into tokens; the rules below mark tokens to drop. A rule looks at
 * one token and a few neighbours, so the whole costs one pass.
 */
#include "diff/boiler.h"

#include "diff/boiler_scan.h"
#include "diff/name.h"
#include "diff/particle.h"
#include "diff/sentence.h"
#include "diff/stamp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int boiler_is_role(struct sillok_text w)
{
    static const struct sillok_text roles[] = {
        LITERAL("기자"),     LITERAL("인턴기자"), LITERAL("선임기자"),
        LITERAL("전문기자"), LITERAL("객원기자"), LITERAL("수습기자"),
        LITERAL("사진기자"), LITERAL("촬영기자"), LITERAL("영상기자"),
        LITERAL("특파원"),   LITERAL("통신원"),   LITERAL("앵커"),
        LITERAL("리포터"),   LITERAL("아나운서"), LITERAL("논설위원"),
        LITERAL("에디터"),   LITERAL("인턴")
    };
    return IS_ONE_OF(w, roles);
}

static void drop_range(const struct scan *s, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < s->toks->n; i++)
        s->drop[i] = 1;
}

static const struct sillok_text byline_openings[] = {
    LITERAL("/"),        LITERAL("="),     LITERAL("취재"), LITERAL("글"),
    LITERAL("사진"),     LITERAL("영상"),  LITERAL("촬영"), LITERAL("편집"),
    LITERAL("구성"),     LITERAL("ㅣ"),    LITERAL("|"),    LITERAL("영상편집"),
    LITERAL("영상취재"), LITERAL("그래픽")
};

static int is_name(const struct scan *s, size_t i)
{
    return scan_class_of(s, i) == CHAR_HANGUL && s->toks->v[i].chars >= 2 &&
           s->toks->v[i].chars <= 4;
}

static int has_newline(struct sillok_text t)
{
    return memchr(t.ptr, '\n', t.len) != NULL;
}

/* 김하늘 기자(왼쪽)가, 김하늘 기자(35)는: words in a bracket that more is glued to. */
static int is_bracket_of_prose(const struct scan *s, size_t open)
{
    enum { TOKENS = 8 };
    size_t i = open + 1;
    while (i < open + TOKENS &&
           (scan_class_of(s, i) == CHAR_HANGUL || scan_class_of(s, i) == CHAR_DIGIT ||
            text_is(scan_word(s, i), " ")))
        i++;
    return text_is(scan_word(s, open), "(") && text_is(scan_word(s, i), ")") &&
           scan_class_of(s, i + 1) == CHAR_HANGUL;
}

/* What follows a byline: an end, a sign, an address, a day, another byline. 현직 기자 3명,
 * 신문 기자 출신 and 김하늘 기자(왼쪽)가 are prose. */
static int is_behind_byline(const struct scan *s, size_t role)
{
    const size_t next = scan_after(s, role);
    if (next >= s->toks->n || (next > role + 1 && has_newline(scan_word(s, next - 1))))
        return 1;
    const size_t name = text_is(scan_word(s, next), ",") ? scan_after(s, next) : next;
    if (is_name(s, name) && boiler_is_role(scan_word(s, scan_after(s, name))))
        return 1;
    if (is_bracket_of_prose(s, next))
        return 0;
    if (scan_class_of(s, next) == CHAR_HANGUL)
        return IS_ONE_OF(scan_word(s, next), byline_openings);
    if (scan_class_of(s, next) == CHAR_DIGIT)
        return s->toks->v[next].chars >= 4; /* 2026.01.02 */
    uint32_t cp;
    const struct sillok_text sign = scan_word(s, next);
    char_decode(sign.ptr, sign.len, &cp);
    return cp != ',' && !char_is_quote(cp);
}

/* The first of the names that end at @p last: 김하늘·박들판, 김하늘, 박들판; and 김하늘 박들판
 * where they stand behind a bracket or begin the sentence. */
static size_t first_of_names(const struct scan *s, size_t last)
{
    static const struct sillok_text between[] = { LITERAL("·"), LITERAL("ㆍ"),
                                                  LITERAL(","), LITERAL("/") };
    static const struct sillok_text brackets[] = { LITERAL("("),  LITERAL("["),
                                                   LITERAL(")"),  LITERAL("]"),
                                                   LITERAL("【"), LITERAL("】") };
    size_t first = last, far = last;
    for (;;) {
        const size_t sign = scan_before(s, first);
        const size_t name = sign < s->toks->n ? scan_before(s, sign) : sign;
        if (name >= s->toks->n || !IS_ONE_OF(scan_word(s, sign), between) ||
            !is_name(s, name))
            break;
        first = name;
    }
    for (far = first;;) {
        const size_t name = scan_before(s, far);
        if (name >= s->toks->n || IS_ONE_OF(scan_word(s, name), brackets))
            return far;
        if (scan_class_of(s, name) != CHAR_HANGUL || s->toks->v[name].chars != 3)
            return first;
        far = name;
    }
}

/* Where the byline begins whose names begin at @p first: with the one or two words before them,
 * 하늘일보 김하늘 기자, if nothing else stands there in the sentence or the bracket. */
static size_t start_of_byline(const struct scan *s, size_t first)
{
    static const struct sillok_text brackets[] = { LITERAL("("), LITERAL("["),
                                                   LITERAL("【"), LITERAL("<") };
    size_t words = 0, from = first;
    for (;;) {
        const size_t i = scan_before(s, from);
        if (i >= s->toks->n || IS_ONE_OF(scan_word(s, i), brackets))
            return from;
        const enum char_class class = scan_class_of(s, i);
        words += class == CHAR_HANGUL || class == CHAR_LETTER;
        if (words > 2 || class == CHAR_DIGIT || text_is(scan_word(s, i), "."))
            return first;
        from = i;
    }
}

static void drop_as_byline(const struct scan *s, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < s->toks->n; i++)
        s->drop[i] = DROPPED_BYLINE;
}

/* 홍길동 기자, 홍길동기자, with / = 취재 글 사진 영상 before and = after. */
static void drop_byline(const struct scan *s, size_t i)
{
    size_t first = i;
    const struct token *t = &s->toks->v[i];
    if (boiler_is_role(scan_word(s, i))) {
        first = scan_before(s, i);
        if (first == s->toks->n || !is_name(s, first))
            return;
        first = first_of_names(s, first);
    } else if (t->chars < 4 || t->chars > 7 || !text_ends(scan_word(s, i), "기자")) {
        return;
    }
    if (!is_behind_byline(s, i))
        return;
    size_t lead = scan_before(s, first);
    while (lead < s->toks->n && IS_ONE_OF(scan_word(s, lead), byline_openings)) {
        first = lead;
        lead = scan_before(s, lead);
    }
    size_t end = i + 1;
    if (text_is(scan_word(s, scan_after(s, i)), "="))
        end = scan_after(s, i) + 1;
    drop_as_byline(s, start_of_byline(s, first), end);
}

/* 촬영기자:김하늘/영상편집:박들판, 촬영 : 김하늘 디자인 : 박들판, as news on air end. What is a
 * word of prose, too, has full names behind it and nothing else. */
static void drop_crew(const struct scan *s, size_t i)
{
    static const struct sillok_text crew[] = { LITERAL("촬영"),       LITERAL("취재"),
                                               LITERAL("편집"),       LITERAL("촬영기자"),
                                               LITERAL("취재기자"),   LITERAL("편집기자"),
                                               LITERAL("영상편집"),   LITERAL("영상취재"),
                                               LITERAL("영상디자인"), LITERAL("그래픽"),
                                               LITERAL("자료조사"),   LITERAL("화면제공"),
                                               LITERAL("디자인") };
    const size_t colon = scan_after(s, i);
    if (!IS_ONE_OF(scan_word(s, i), crew) || !text_is(scan_word(s, colon), ":"))
        return;
    const int may_be_prose = s->toks->v[i].chars < 4; /* 그래픽: 수출 감소 */
    size_t end = colon, k = scan_after(s, colon);
    for (; k < s->toks->n; k = scan_after(s, k)) {
        const struct sillok_text w = scan_word(s, k);
        const int is_sign = text_is(w, "·") || text_is(w, ",");
        if (!is_sign && (!is_name(s, k) || IS_ONE_OF(w, crew)))
            break;
        if (!is_sign && may_be_prose && !name_is_full(w) && !boiler_is_role(w))
            return;
        end = is_sign ? end : k;
    }
    if (may_be_prose && char_is_word(scan_class_of(s, k)) &&
        !IS_ONE_OF(scan_word(s, k), crew))
        return;
    if (end > colon)
        drop_as_byline(s, i, end + 1);
}

static int in_address(const struct scan *s, size_t i)
{
    const enum char_class c = scan_class_of(s, i);
    if (c == CHAR_LETTER || c == CHAR_DIGIT)
        return 1;
    const struct sillok_text w = scan_word(s, i);
    return w.len == 1 && w.ptr[0] && strchr("._-+%", w.ptr[0]);
}

static void drop_mail(const struct scan *s, size_t i)
{
    size_t from = i, to = i + 1;
    while (from > 0 && in_address(s, from - 1))
        from--;
    while (to < s->toks->n && in_address(s, to))
        to++;
    if (from < i && to > i + 1)
        drop_range(s, from, to);
}

/* Returns its end, or @p i: what stands in it is of it, and not looked at for another one. */
static size_t drop_url(const struct scan *s, size_t i)
{
    const struct sillok_text next = scan_word(s, i + 1);
    if (!text_is(next, ":") && !text_is(next, "."))
        return i;
    size_t to = i;
    while (to < s->toks->n && scan_class_of(s, to) != CHAR_BLANK &&
           scan_class_of(s, to) != CHAR_HANGUL)
        to++;
    drop_range(s, i, to);
    return to;
}

/* 사진=연합뉴스, 사진제공=..., 사진 출처 : ..., up to a closing bracket or a dozen tokens. */
static void drop_credit(const struct scan *s, size_t i)
{
    size_t sign = scan_after(s, i);
    const int is_source = text_is(scan_word(s, sign), "출처");
    sign = is_source ? scan_after(s, sign) : sign;
    if (is_source && text_is(scan_word(s, sign), ":"))
        sign = scan_after(s, sign) - 1; /* a blank behind it or not */
    else if (!text_is(scan_word(s, sign), "=") && !text_is(scan_word(s, sign), "ⓒ"))
        return;
    size_t to = sign + 1;
    while (to < s->toks->n && to < sign + 4) {
        const struct sillok_text w = scan_word(s, to);
        if (scan_class_of(s, to) == CHAR_BLANK || text_is(w, ")") || text_is(w, "]") ||
            text_is(w, "."))
            break;
        to++;
    }
    drop_range(s, i, to);
}

/* (서울=연합뉴스), [서울=뉴시스]: the place and the agency. */
static void drop_dateline(const struct scan *s, size_t i)
{
    int equals = 0;
    for (size_t k = i + 1; k < s->toks->n && k < i + 14; k++) {
        const struct sillok_text w = scan_word(s, k);
        equals |= text_is(w, "=");
        if (text_is(w, ")") || text_is(w, "]")) {
            if (equals)
                drop_range(s, i, k + 1);
            return;
        }
    }
}

/* [하늘시 제공, [하늘통신 자료사진]: whose picture it is; the rest of the bracket may be a sentence
 * of its own (재판매 및 DB 금지]). */
static void drop_photo(const struct scan *s, size_t i)
{
    enum { TOKENS = 14 };
    static const struct sillok_text from[] = { LITERAL("제공"), LITERAL("자료사진"),
                                               LITERAL("캡처"), LITERAL("캡쳐"),
                                               LITERAL("갈무리") };
    for (size_t k = i + 1; k < s->toks->n && k < i + TOKENS; k++) {
        const struct sillok_text w = scan_word(s, k), sign = scan_word(s, k + 1);
        if (text_is(w, "]"))
            return;
        if (!IS_ONE_OF(w, from) || !(text_is(sign, "]") || text_is(sign, ".")))
            continue;
        drop_range(s, i, k + 2);
        return;
    }
}

/* (END), <끝>: where a wire says that there is no more. */
static void drop_end(const struct scan *s, size_t i)
{
    const struct sillok_text w = scan_word(s, i + 1), close = scan_word(s, i + 2);
    if ((text_is(w, "END") || text_is(w, "끝")) &&
        (text_is(close, ")") || text_is(close, ">")))
        drop_range(s, i, i + 3);
}

/* A tag begins at token @p i: #하늘 and no &#x27;. */
static int is_tag(const struct scan *s, size_t i)
{
    return text_is(scan_word(s, i), "#") && char_is_word(scan_class_of(s, i + 1)) &&
           !(i > 0 && text_is(scan_word(s, i - 1), "&"));
}

/* #하늘 #나무: two tags or more, or one that is all there is. What a tag is called ends at a
 * blank. */
static void drop_tags(const struct scan *s, size_t i)
{
    size_t tags = 0, end = i;
    for (size_t k = i; is_tag(s, k);) {
        for (end = k + 1; end < s->toks->n && scan_class_of(s, end) != CHAR_BLANK &&
                          !text_is(scan_word(s, end), "#");)
            end++;
        tags++;
        k = scan_class_of(s, end) == CHAR_BLANK ? end + 1 : end;
    }
    if (tags > 1 || (tags && end >= s->toks->n && i <= scan_after(s, 0)))
        drop_range(s, i, end);
}

static int is_rights(const struct scan *s, size_t i)
{
    static const struct sillok_text words[] = {
        LITERAL("ⓒ"),        LITERAL("©"),         LITERAL("무단전재"),
        LITERAL("저작권자"), LITERAL("Copyright"), LITERAL("Copyrights"),
        LITERAL("COPYRIGHT")
    };
    static const struct sillok_text before_db[] = { LITERAL(""), LITERAL("및"),
                                                    LITERAL("."), LITERAL("재판매"),
                                                    LITERAL("재배포") };
    const struct sillok_text w = scan_word(s, i);
    return IS_ONE_OF(w, words) ||
           (text_is(w, "무단") && text_is(scan_word(s, scan_after(s, i)), "전재")) ||
           (text_is(w, "DB") && text_is(scan_word(s, scan_after(s, i)), "금지") &&
            IS_ONE_OF(scan_word(s, scan_before(s, i)), before_db));
}

enum {
    PROSE_LETTERS = 12, /* before the sign of a notice: a text of its own */
};

/* Where the notice begins that token @p hit is part of: at the last sign before it, if
 * prose is glued to that, else at the start of the sentence. */
static size_t start_of_notice(const struct scan *s, size_t hit)
{
    static const struct sillok_text signs[] = { LITERAL("▶"), LITERAL("☞"), LITERAL("※"),
                                                LITERAL("■"), LITERAL("▷"), LITERAL("●"),
                                                LITERAL("◆"), LITERAL("*") };
    size_t sign = 0, letters = 0;
    for (size_t i = 0; i < hit; i++)
        if (IS_ONE_OF(scan_word(s, i), signs))
            sign = i;
    for (size_t i = 0; i < sign; i++)
        letters += char_is_word(scan_class_of(s, i)) ? s->toks->v[i].chars : 0;
    return letters >= PROSE_LETTERS ? sign : 0;
}

/* Words of what asks the reader for something, with their particles; those of one thing have one
 * bit. 0: it is none. */
static unsigned asks_for(struct sillok_text w)
{
    static const char *const nouns[] = { "제보", "구독",   "뉴스레터", "카카오톡",
                                         "채널", "이메일", NULL };
    static const struct {
        struct sillok_text text;
        unsigned bit;
    } words[] = {
        { LITERAL("제보하기"), 0 },    { LITERAL("기사제보"), 0 },
        { LITERAL("구독하기"), 1 },    { LITERAL("구독하고"), 1 },
        { LITERAL("구독해"), 1 },      { LITERAL("카톡"), 3 },
        { LITERAL("앱"), 6 },          { LITERAL("바로가기"), 7 },
        { LITERAL("여러분의"), 8 },    { LITERAL("얘깃거리를"), 9 },
        { LITERAL("알려주세요"), 10 },
    };
    for (size_t i = 0; nouns[i]; i++)
        if (particle_is_unit(w, nouns[i]))
            return 1u << i;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_equal(w, words[i].text))
            return 1u << words[i].bit;
    return 0;
}

/* 1 when the sentence asks the reader for something; *from is the token where that
 * begins.
 */
static int is_notice(const struct scan *s, size_t *from)
{
    static const struct sillok_text signs[] = { LITERAL("▶"), LITERAL("☞"), LITERAL("※"),
                                                LITERAL("■"), LITERAL("▷"), LITERAL("●"),
                                                LITERAL("◆") };
    enum { TIPS = 1 << 0, YOURS = 1 << 8 }; /* as asks_for() has them */
    size_t first = s->toks->n, first_hit = 0;
    unsigned asked = 0;
    for (size_t i = 0; i < s->toks->n; i++) {
        if (first == s->toks->n && scan_class_of(s, i) != CHAR_BLANK)
            first = i;
        const unsigned what = asks_for(scan_word(s, i));
        first_hit = what && !asked ? i : first_hit;
        asked |= what;
    }
    if (!(asked & TIPS)) /* 시민 여러분의 앱 */
        asked &= ~(unsigned)YOURS;
    *from = start_of_notice(s, first_hit);
    const int several = (asked & (asked - 1)) != 0;
    return several || (asked && IS_ONE_OF(scan_word(s, first), signs));
}

/* The words of a sentence from its start: 1 when they begin with these, in any case. */
static int begins_with(const struct scan *s, const char *const *words)
{
    size_t i = scan_class_of(s, 0) == CHAR_BLANK ? scan_after(s, 0) : 0;
    for (; *words; words++, i = scan_after(s, i)) {
        const struct sillok_text w = scan_word(s, i);
        if (w.len != strlen(*words) || strncasecmp(w.ptr, *words, w.len) != 0)
            return 0;
    }
    return 1;
}

/* 1 when a capital letter follows these words: Writing by Jane Doe, not by hand. */
static int has_name_behind(const struct scan *s, const char *const *words)
{
    size_t i = scan_class_of(s, 0) == CHAR_BLANK ? scan_after(s, 0) : 0;
    for (; *words; words++)
        i = scan_after(s, i);
    return scan_class_of(s, i) == CHAR_LETTER &&
           char_is_upper((uint8_t)scan_word(s, i).ptr[0]);
}

/* By Jane Doe and John Roe: names and nothing else, no stop at the end. */
static int is_by_names(const struct scan *s)
{
    static const char *const by[] = { "by", NULL };
    size_t names = 0, i = scan_class_of(s, 0) == CHAR_BLANK ? scan_after(s, 0) : 0;
    if (!begins_with(s, by) || !char_is_upper((uint8_t)scan_word(s, i).ptr[0]))
        return 0;
    for (i = scan_after(s, i); i < s->toks->n; i = scan_after(s, i)) {
        const struct sillok_text w = scan_word(s, i);
        if (text_is(w, ".") && scan_after(s, i) >= s->toks->n)
            return 0;
        if (text_is(w, "and") || text_is(w, ",") || text_is(w, "-") || text_is(w, "."))
            continue;
        if (scan_class_of(s, i) != CHAR_LETTER || !char_is_upper((uint8_t)w.ptr[0]))
            return 0;
        names++;
    }
    return names >= 2 && names <= 8;
}

/* What agencies and sites put around a text in English, a sentence each. */
static int is_english_notice(const struct scan *s)
{
    static const char *const starts[][5] = {
        { "reporting", "by", NULL }, { "additional", "reporting", "by", NULL },
        { "writing", "by", NULL },   { "editing", "by", NULL },
        { "compiled", "by", NULL },  { "follow", "us", "on", NULL },
    };
    static const char *const whole[][5] = {
        { "all", "rights", "reserved", NULL },
        { "sign", "up", "for", "our", NULL },
        { "sign", "up", "to", "our", NULL },
        { "subscribe", "to", "our", NULL },
    };
    if (scan_class_of(s, scan_class_of(s, 0) == CHAR_BLANK ? scan_after(s, 0) : 0) !=
        CHAR_LETTER)
        return 0;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (begins_with(s, starts[i]) && has_name_behind(s, starts[i]))
            return 1;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        if (begins_with(s, whole[i]))
            return 1;
    return is_by_names(s);
}

static size_t last_word(const struct scan *s)
{
    size_t i = s->toks->n;
    while (i-- > 0)
        if (char_is_word(scan_class_of(s, i)))
            return i;
    return s->toks->n;
}

/* 했습니다, 됐습니다, not 있습니다 and 받겠습니다: of what happened, as news on air have it. */
static int is_past(struct sillok_text w)
{
    enum { SYLLABLE = 3, FIRST = 0xAC00, FINALS = 28, SSANG_SIOT = 20 };
    const size_t end = w.len - strlen("습니다");
    uint32_t cp;
    if (!text_ends(w, "습니다") || end < SYLLABLE)
        return 0;
    char_decode(w.ptr + end - SYLLABLE, SYLLABLE, &cp);
    const struct sillok_text last = text_make(w.ptr + end - SYLLABLE, SYLLABLE);
    return (cp - FIRST) % FINALS == SSANG_SIOT && !text_is(last, "있") &&
           !text_is(last, "겠");
}

/* A sentence that tells something ends in 다, as 밝혔다; who asks or forbids something does not,
 * or politely: 기다립니다. */
static int is_prose(const struct scan *s)
{
    const size_t last = last_word(s);
    if (last >= s->toks->n || scan_class_of(s, last) != CHAR_HANGUL)
        return 0;
    const struct sillok_text w = scan_word(s, last);
    return text_ends(w, "다") && (!text_ends(w, "니다") || is_past(w));
}

enum { NOTICE_CHARS = 200 };

static void apply_rules(const struct scan *s)
{
    size_t chars = 0, notice, url_end = 0;
    for (size_t i = 0; i < s->toks->n; i++)
        chars += s->toks->v[i].chars;
    if (chars <= NOTICE_CHARS / 2 && is_english_notice(s)) {
        drop_range(s, 0, s->toks->n);
        return;
    }
    const int tells = is_prose(s);
    if (!tells && chars <= NOTICE_CHARS && is_notice(s, &notice)) {
        drop_range(s, notice, s->toks->n);
        if (notice == 0)
            return;
    }
    const int is_dated = stamp_begins_with_date(s);
    for (size_t i = 0; i < s->toks->n; i++) {
        const struct sillok_text w = scan_word(s, i);
        if (!tells && is_rights(s, i)) {
            drop_range(s, chars <= NOTICE_CHARS / 2 ? 0 : i, s->toks->n);
            return;
        }
        if (scan_class_of(s, i) == CHAR_HANGUL) {
            drop_byline(s, i);
            drop_crew(s, i);
            stamp_drop(s, i);
            if (is_dated)
                stamp_drop_all(s, i);
            if (text_starts(w, "사진") || text_is(w, "그래픽") || text_is(w, "영상") ||
                text_is(w, "제공") || text_is(w, "자료"))
                drop_credit(s, i);
        } else if (text_is(w, "@")) {
            drop_mail(s, i);
        } else if (i >= url_end &&
                   (text_is(w, "http") || text_is(w, "https") || text_is(w, "www"))) {
            url_end = drop_url(s, i);
        } else if (text_is(w, "(") || text_is(w, "[")) {
            drop_dateline(s, i);
            if (text_is(w, "["))
                drop_photo(s, i);
            else
                drop_end(s, i);
        } else if (text_is(w, "<")) {
            drop_end(s, i);
        } else if (text_is(w, "#") && !s->drop[i]) {
            drop_tags(s, i);
        }
    }
}

/* Room for the tokens of a sentence, and what becomes of them. */
struct room {
    struct tokens toks;
    uint8_t *drop;
    size_t cap;
};

static void room_release(struct room *room)
{
    free(room->drop);
    tokens_release(&room->toks);
}

static int scan_sentence(struct room *room, struct sillok_text t, struct sentence one)
{
    struct tokens *toks = &room->toks;
    toks->n = 0;
    const int r = tokens_add(toks, t, one.start, one.end);
    if (r < 0)
        return r;
    if (!room->drop || toks->n > room->cap) {
        free(room->drop);
        room->cap = 0;
        room->drop = malloc(2 * toks->n + 1);
        if (!room->drop)
            return fail_memory();
        room->cap = 2 * toks->n;
    }
    memset(room->drop, KEPT, toks->n);
    apply_rules(&(struct scan){ t, toks, room->drop });
    return 0;
}

static int strip_sentence(struct buf *out, struct sillok_text t, struct sentence one,
                          struct room *room)
{
    int r = scan_sentence(room, t, one);
    for (size_t i = 0; r == 0 && i < room->toks.n; i++)
        if (!room->drop[i])
            r = buf_add_text(
                out, text_make(t.ptr + room->toks.v[i].start, room->toks.v[i].len));
    return r;
}

int boiler_strip(struct buf *out, struct sillok_text t)
{
    struct sentences list;
    int r = sentences_split(&list, t);
    if (r < 0)
        return r;
    struct room room = { 0 };
    for (size_t i = 0; r == 0 && i < list.n; i++)
        r = strip_sentence(out, t, list.v[i], &room);
    room_release(&room);
    sentences_release(&list);
    return r;
}

/* Of the sentence that was read into @p room: what becomes of its words between two bytes, as
 * a set of these. */
static void look_at(const struct room *room, size_t from, size_t to, unsigned *becomes)
{
    for (size_t i = 0; i < room->toks.n; i++) {
        const struct token *tok = &room->toks.v[i];
        if (tok->start + tok->len <= from || tok->start >= to ||
            !char_is_word((enum char_class)tok->class))
            continue;
        *becomes |= 1u << room->drop[i];
    }
}

/* The start of a piece around byte @p at, some hundred bytes before it or where its line
 * begins. */
static size_t around_from(struct sillok_text all, size_t at)
{
    enum { REACH = 600 };
    size_t from = at;
    while (from > 0 && at - from < REACH && all.ptr[from - 1] != '\n')
        from--;
    while (from < at && utf8_is_tail(all.ptr[from]))
        from++;
    return from;
}

static size_t around_to(struct sillok_text all, size_t at)
{
    enum { REACH = 600 };
    size_t to = at;
    while (to < all.len && to - at < REACH && all.ptr[to] != '\n')
        to++;
    while (to > at && to < all.len && utf8_is_tail(all.ptr[to]))
        to--;
    return to;
}

static int what_it_is(unsigned becomes)
{
    if (becomes & 1u << KEPT)
        return BOILER_NONE;
    if (becomes == 1u << DROPPED_STAMP)
        return BOILER_STAMP;
    return becomes & ~(1u << DROPPED_BYLINE) ? BOILER_OTHER : BOILER_BYLINE;
}

int boiler_stands_in(struct sillok_text t, struct sillok_text all)
{
    const size_t at = (size_t)(t.ptr - all.ptr);
    const size_t from = around_from(all, at), to = around_to(all, at + t.len);
    const struct sillok_text around = text_make(all.ptr + from, to - from);
    struct sentences list;
    struct room room = { 0 };
    unsigned becomes = 0;
    int r = sentences_split(&list, around);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < list.n; i++) {
        if (list.v[i].end <= at - from || list.v[i].start >= at - from + t.len)
            continue;
        r = scan_sentence(&room, around, list.v[i]);
        if (r == 0)
            look_at(&room, at - from, at - from + t.len, &becomes);
    }
    room_release(&room);
    sentences_release(&list);
    return r < 0 ? r : what_it_is(becomes);
}

static int has_letters(struct sillok_text t)
{
    for (size_t i = 0; i < t.len;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        if (char_is_word(char_class_of(cp)))
            return 1;
    }
    return 0;
}

int boiler_is_all(struct sillok_text t)
{
    if (!has_letters(t))
        return 0;
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    const int r = boiler_strip(&left, t);
    return r < 0 ? r : !has_letters(text_make(left.ptr, left.len));
}
