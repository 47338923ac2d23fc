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
