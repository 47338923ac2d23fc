/* Units of numbers: see unit.h. */
#include "diff/unit.h"

#include "diff/token.h"

#include <string.h>

/* One line a unit, the ways of writing it parted by |. Of two where one begins like the
 * other the longer comes first. */
static const char *const units[] = {
    "%포인트|%p|%P|％p|％포인트|퍼센트포인트|퍼센트 포인트|percentage point",
    "%|％|퍼센트|percent|per cent",
    "포인트|points",
    "bp",
    "배",
    "원",
    "달러|弗|dollars",
    "유로|euros",
    "엔|yen",
    "위안|yuan",
    "파운드|pounds",
    "kg|㎏|킬로그램",
    "mg|㎎|밀리그램",
    "그램|g",
    "톤|tons|t",
    "km|㎞|킬로미터",
    "cm|㎝|센티미터|센티",
    "mm|㎜|밀리미터",
    "미터|meters|m",
    "miles",
    "feet",
    "㎡|제곱미터",
    "㎢|제곱킬로미터",
    "평",
    "헥타르|ha|㏊",
    "리터|ℓ|L|liters",
    "kWh",
    "kW|㎾|킬로와트",
    "MWh",
    "MW|㎿|메가와트",
    "GWh",
    "GW|기가와트",
    "MB|메가바이트",
    "GB|기가바이트",
    "TB|테라바이트",
    "시간|hours",
    "시",
    "분기",
    "분",
    "초",
    "개월|달|months",
    "주년|년|years",
    "주|weeks",
    "월",
    "일|days",
};

enum { N_UNITS = sizeof(units) / sizeof(units[0]), NUMBERS_MAX = 16, REACH = 24 };

/* Does @p t begin with the unit? In letters it is a word of its own: 5m, not 5men. */
static int is_written(struct sillok_text t, const char *unit, size_t len)
{
    if (t.len < len || memcmp(t.ptr, unit, len) != 0)
        return 0;
    const char last = unit[len - 1], next = t.len > len ? t.ptr[len] : ' ';
    return !((last | 0x20) >= 'a' && (last | 0x20) <= 'z') ||
           !((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
}

/* The unit that @p t begins with, counted from 1, or 0; *used is its bytes. */
static unsigned unit_at_start(struct sillok_text t, size_t *used)
{
    for (unsigned i = 0; i < N_UNITS; i++)
        for (const char *u = units[i]; *u;) {
            const size_t len = strcspn(u, "|");
            *used = len;
            if (is_written(t, u, len))
                return i + 1;
            u += len + (u[len] == '|');
        }
    *used = 0;
    return 0;
}

/* Behind the digits of a number: what multiplies it, and a blank. */
static struct sillok_text skip_multipliers(struct sillok_text t)
{
    static const char *const words[] = { "십", "백", "천", "만", "억", "조", "여" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_starts(t, words[i])) {
            t = text_from(t, strlen(words[i]));
            i = (size_t)-1; /* once more, from the first */
        }
    return text_starts(t, " ") ? text_from(t, 1) : t;
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
        if ((size_t)(rest.ptr - all.ptr) + used >=
            at) /* else it is none of the change's */
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
