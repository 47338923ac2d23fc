/* Units of numbers: see unit.h. */
#include "diff/unit.h"

#include "diff/token.h"

#include <string.h>

/* Ways of writing units, those of one with one number. Of two where one begins like the other
 * the longer comes first. */
static const struct written {
    struct sillok_text text;
    unsigned unit;
} units[] = {
    { LITERAL("%포인트"), 1 },
    { LITERAL("% 포인트"), 1 },
    { LITERAL("%p"), 1 },
    { LITERAL("%P"), 1 },
    { LITERAL("％p"), 1 },
    { LITERAL("％포인트"), 1 },
    { LITERAL("퍼센트포인트"), 1 },
    { LITERAL("퍼센트 포인트"), 1 },
    { LITERAL("percentage point"), 1 },
    { LITERAL("percentage-point"), 1 },
    { LITERAL("%"), 2 },
    { LITERAL("％"), 2 },
    { LITERAL("퍼센트"), 2 },
    { LITERAL("percent"), 2 },
    { LITERAL("per cent"), 2 },
    { LITERAL("포인트"), 3 },
    { LITERAL("point"), 3 },
    { LITERAL("bp"), 4 },
    { LITERAL("배"), 5 },
    { LITERAL("원"), 6 },
    { LITERAL("won"), 6 },
    { LITERAL("달러"), 7 },
    { LITERAL("弗"), 7 },
    { LITERAL("dollar"), 7 },
    { LITERAL("유로"), 8 },
    { LITERAL("euro"), 8 },
    { LITERAL("엔"), 9 },
    { LITERAL("yen"), 9 },
    { LITERAL("위안"), 10 },
    { LITERAL("yuan"), 10 },
    { LITERAL("파운드"), 11 },
    { LITERAL("pound"), 11 },
    { LITERAL("kg"), 12 },
    { LITERAL("㎏"), 12 },
    { LITERAL("킬로그램"), 12 },
    { LITERAL("kilogram"), 12 },
    { LITERAL("mg"), 13 },
    { LITERAL("㎎"), 13 },
    { LITERAL("밀리그램"), 13 },
    { LITERAL("그램"), 14 },
    { LITERAL("gram"), 14 },
    { LITERAL("g"), 14 },
    { LITERAL("톤"), 15 },
    { LITERAL("tonne"), 15 },
    { LITERAL("ton"), 15 },
    { LITERAL("t"), 15 },
    { LITERAL("km"), 16 },
    { LITERAL("㎞"), 16 },
    { LITERAL("킬로미터"), 16 },
    { LITERAL("kilometer"), 16 },
    { LITERAL("kilometre"), 16 },
    { LITERAL("cm"), 17 },
    { LITERAL("㎝"), 17 },
    { LITERAL("센티미터"), 17 },
    { LITERAL("센티"), 17 },
    { LITERAL("centimeter"), 17 },
    { LITERAL("mm"), 18 },
    { LITERAL("㎜"), 18 },
    { LITERAL("밀리미터"), 18 },
    { LITERAL("미터"), 19 },
    { LITERAL("meter"), 19 },
    { LITERAL("metre"), 19 },
    { LITERAL("m"), 19 },
    { LITERAL("mile"), 20 },
    { LITERAL("feet"), 21 },
    { LITERAL("foot"), 21 },
    { LITERAL("inch"), 46 },
    { LITERAL("inches"), 46 },
    { LITERAL("acre"), 47 },
    { LITERAL("㎡"), 22 },
    { LITERAL("제곱미터"), 22 },
    { LITERAL("㎢"), 23 },
    { LITERAL("제곱킬로미터"), 23 },
    { LITERAL("평"), 24 },
    { LITERAL("헥타르"), 25 },
    { LITERAL("hectare"), 25 },
    { LITERAL("ha"), 25 },
    { LITERAL("㏊"), 25 },
    { LITERAL("리터"), 26 },
    { LITERAL("ℓ"), 26 },
    { LITERAL("L"), 26 },
    { LITERAL("liter"), 26 },
    { LITERAL("kWh"), 27 },
    { LITERAL("kW"), 28 },
    { LITERAL("㎾"), 28 },
    { LITERAL("킬로와트"), 28 },
    { LITERAL("MWh"), 29 },
    { LITERAL("MW"), 30 },
    { LITERAL("㎿"), 30 },
    { LITERAL("메가와트"), 30 },
    { LITERAL("GWh"), 31 },
    { LITERAL("GW"), 32 },
    { LITERAL("기가와트"), 32 },
    { LITERAL("MB"), 33 },
    { LITERAL("메가바이트"), 33 },
    { LITERAL("GB"), 34 },
    { LITERAL("기가바이트"), 34 },
    { LITERAL("TB"), 35 },
    { LITERAL("테라바이트"), 35 },
    { LITERAL("시간"), 36 },
    { LITERAL("hour"), 36 },
    { LITERAL("시"), 37 },
    { LITERAL("분기"), 38 },
    { LITERAL("분"), 39 },
    { LITERAL("minute"), 39 },
    { LITERAL("초"), 40 },
    { LITERAL("second"), 40 },
    { LITERAL("개월"), 41 },
    { LITERAL("달"), 41 },
    { LITERAL("month"), 41 },
    { LITERAL("주년"), 42 },
    { LITERAL("년"), 42 },
    { LITERAL("year"), 42 },
    { LITERAL("주"), 43 },
    { LITERAL("week"), 43 },
    { LITERAL("월"), 44 },
    { LITERAL("일"), 45 },
    { LITERAL("day"), 45 },
};

enum { N_UNITS = sizeof(units) / sizeof(units[0]), NUMBERS_MAX = 16, REACH = 24 };

static int is_latin(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Does @p t begin with the unit? In letters it is a word of its own, in the plural too: 5m, not
 * 5men; 1 day, 5 days. */
static int is_written(struct sillok_text t, struct sillok_text unit)
{
    enum { WORD = 3 }; /* letters at least; shorter ones are signs, and 5ms no metres */
    /* both ends tell nearly all apart */
    if (t.len < unit.len || t.ptr[0] != unit.ptr[0] ||
        t.ptr[unit.len - 1] != unit.ptr[unit.len - 1] ||
        memcmp(t.ptr, unit.ptr, unit.len) != 0)
        return 0;
    struct sillok_text rest = text_from(t, unit.len);
    if (!is_latin(unit.ptr[unit.len - 1]))
        return 1;
    if (unit.len >= WORD && text_starts(rest, "s"))
        rest = text_from(rest, 1);
    return rest.len == 0 || !is_latin(rest.ptr[0]);
}

/* The unit that @p t begins with, or 0; *used is its bytes. */
static unsigned unit_at_start(struct sillok_text t, size_t *used)
{
    for (size_t i = 0; i < N_UNITS; i++)
        if (is_written(t, units[i].text)) {
            *used = units[i].text.len;
            return units[i].unit;
        }
    *used = 0;
    return 0;
}

/* Behind the digits of a number: what multiplies it, and a blank, or the hyphen of 3-year. */
static struct sillok_text skip_multipliers(struct sillok_text t)
{
    static const char *const words[] = {
        "십", "백",       "천",        "만",       "억",       "조",
        "여", " hundred", " thousand", " million", " billion", " trillion"
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_starts(t, words[i])) {
            t = text_from(t, strlen(words[i]));
            i = (size_t)-1; /* once more, from the first */
        }
    return text_starts(t, " ") || text_starts(t, "-") ? text_from(t, 1) : t;
}

/* The units of the numbers in @p t and of one right before it, in order; their number. */
static size_t read_units(struct sillok_text t, struct sillok_text all,
                         unsigned out[NUMBERS_MAX])
{
    const size_t at = (size_t)(t.ptr - all.ptr), end = at + t.len;
    size_t from = at, n = 0;
    while (from > 0 && at - from < REACH &&
           (all.ptr[from - 1] < '0' || all.ptr[from - 1] > '9'))
        from--;
    if (from == 0 || at - from >= REACH)
        from = at; /* no number that near */
    else
        from--;
    struct token tok;
    for (size_t i = from; i < end && n < NUMBERS_MAX; i += tok.len) {
        token_next(&tok, all, i, all.len);
        if (tok.class != CHAR_DIGIT)
            continue;
        size_t used;
        const struct sillok_text rest = skip_multipliers(text_from(all, i + tok.len));
        const unsigned unit = unit_at_start(rest, &used);
        size_t behind = (size_t)(rest.ptr - all.ptr) + used;
        behind += behind < at && all.ptr[behind] == ' '; /* 0.5% and 포인트 */
        if (behind >= at) /* else it is none of the change's */
            out[n++] = unit;
    }
    return n;
}

int units_differ(struct sillok_text before, struct sillok_text all_before,
                 struct sillok_text after, struct sillok_text all_after)
{
    unsigned a[NUMBERS_MAX], b[NUMBERS_MAX];
    const size_t n = read_units(before, all_before, a);
    if (n == 0 || n != read_units(after, all_after, b))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (a[i] && b[i] && a[i] != b[i])
            return 1;
    return 0;
}
