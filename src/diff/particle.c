#include "diff/particle.h"

#include <string.h>

int particle_forms(struct sillok_text a, size_t *a_len, struct sillok_text b,
                   size_t *b_len)
{
    static const char *const forms[][2] = {
        { "은", "는" }, { "이", "가" }, { "을", "를" }, { "과", "와" }, { "으로", "로" },
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        for (int k = 0; k < 2; k++)
            if (text_starts(a, forms[i][k]) && text_starts(b, forms[i][!k])) {
                *a_len = strlen(forms[i][k]);
                *b_len = strlen(forms[i][!k]);
                return 1;
            }
    return 0;
}

int particle_is_unit(struct sillok_text w, const char *unit)
{
    static const char *const ends[] = {
        "",       "이",     "가",     "은",     "는",   "을",   "를",   "의",   "에",
        "로",     "도",     "만",     "과",     "와",   "씩",   "째",   "뿐",   "중",
        "당",     "쯤",     "이나",   "이다",   "이며", "이고", "으로", "에서", "에게",
        "까지",   "부터",   "정도",   "가량",   "이상", "이하", "미만", "였다", "이었다",
        "이라고", "입니다", "으로는", "에서는", NULL,
    };
    const size_t n = strlen(unit);
    if (!text_starts(w, unit))
        return 0;
    const struct sillok_text rest = text_make(w.ptr + n, w.len - n);
    for (const char *const *e = ends; *e; e++)
        if (text_is(rest, *e))
            return 1;
    return 0;
}
