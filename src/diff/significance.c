/*
 * How much a reader would want to know of a change: a sum of what speaks for looking at it;
 * docs/kinds.md, "Significance".
 */
#include "sillok/diff.h"

/* Where a kind begins. The names are those of the parts, which callers keep. */
static const struct {
    const char *name;
    double points;
} bases[SILLOK_N_KINDS] = {
    [SILLOK_KIND_REVERTED] = { "kind reverted", 40 },
    [SILLOK_KIND_HEADLINE] = { "kind headline", 30 },
    [SILLOK_KIND_EMPTIED] = { "kind emptied", 45 },
    [SILLOK_KIND_COSMETIC] = { "kind cosmetic", 0 },
    [SILLOK_KIND_CORRECTION] = { "kind correction", 60 },
    [SILLOK_KIND_BYLINE] = { "kind byline", 2 },
    [SILLOK_KIND_ADDED] = { "kind added", 20 },
    [SILLOK_KIND_REMOVED] = { "kind removed", 30 },
    [SILLOK_KIND_REWRITTEN] = { "kind rewritten", 45 },
    [SILLOK_KIND_NUMBER] = { "kind number", 40 },
    [SILLOK_KIND_TYPO] = { "kind typo", 10 },
    [SILLOK_KIND_WORD] = { "kind word", 20 },
    [SILLOK_KIND_WORDING] = { "kind wording", 25 },
    [SILLOK_KIND_METADATA] = { "kind metadata", 5 },
};

struct part_list {
    struct sillok_significance_part *v;
    int n, max;
};

static void add_part(struct part_list *list, const char *what, double points)
{
    if (list->n < list->max)
        list->v[list->n] = (struct sillok_significance_part){ what, points };
    list->n++;
}

int sillok_change_parts(const struct sillok_change_class *c,
                        struct sillok_significance_part *out, int max)
{
    struct part_list list = { out, 0, max };
    const uint32_t quiet = SILLOK_FLAG_HEADLINE_MARK | SILLOK_FLAG_HEADLINE_COSMETIC;
    if (c->kind == SILLOK_KIND_HEADLINE && (c->flags & quiet)) {
        const int mark = (c->flags & SILLOK_FLAG_HEADLINE_MARK) != 0;
        add_part(&list, mark ? "headline, only a mark" : "headline, only layout",
                 mark ? 5 : 1);
        return list.n;
    }
    if ((unsigned)c->kind < SILLOK_N_KINDS)
        add_part(&list, bases[c->kind].name, bases[c->kind].points);
    else
        add_part(&list, "kind unknown", 0);
    if (c->kind == SILLOK_KIND_COSMETIC || c->kind == SILLOK_KIND_BYLINE)
        return list.n;
    if ((c->flags & SILLOK_FLAG_NUMBER) && c->kind != SILLOK_KIND_NUMBER)
        add_part(&list, "a number differs", 12);
    if (c->flags & SILLOK_FLAG_QUOTE)
        add_part(&list, "inside a quotation", 10);
    if (c->flags & SILLOK_FLAG_NAME)
        add_part(&list, "a name", 10);
    if (c->flags & SILLOK_FLAG_NEGATION)
        add_part(&list, "a negation", 15);
    if (c->flags & SILLOK_FLAG_OPPOSITE)
        add_part(&list, "an opposite", 30);
    if (c->flags & SILLOK_FLAG_SILENT)
        add_part(&list, "the stamp did not move", 5);
    if ((c->kinds & 1u << SILLOK_KIND_HEADLINE) && c->kind != SILLOK_KIND_HEADLINE &&
        !(c->flags & quiet))
        add_part(&list, "the headline too", 15);
    add_part(&list, "share of the text", 10 * (1 - c->similarity));
    return list.n;
}

double sillok_change_significance(const struct sillok_change_class *c)
{
    struct sillok_significance_part parts[SILLOK_MAX_PARTS];
    const int n = sillok_change_parts(c, parts, SILLOK_MAX_PARTS);
    double sum = 0;
    for (int i = 0; i < n && i < SILLOK_MAX_PARTS; i++)
        sum += parts[i].points;
    return sum > 100 ? 100 : sum;
}
