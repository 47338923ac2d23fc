#include "base/nearest.h"

#include <string.h>

enum { WORD_MAX = 63 };

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
    const size_t na = strlen(a), nb = strlen(b);
    if (na > WORD_MAX || nb > WORD_MAX)
        return na > nb ? na : nb;
    /* Three rows of the table: two before, one before, this one. */
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = min_of(min_of(last[j], now[j - 1]) + 1,
                            last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = min_of(now[j], before[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

void nearest_offer(struct nearest *n, const char *known)
{
    const size_t len = strlen(n->word);
    size_t distance = nearest_distance(n->word, known);
    if (len >= 2 && strncmp(n->word, known, len) == 0)
        distance = 1;
    const size_t enough = len / 3 > 0 ? len / 3 : 1;
    if (distance > enough || (n->best && distance >= n->distance))
        return;
    n->best = known;
    n->distance = distance;
}
