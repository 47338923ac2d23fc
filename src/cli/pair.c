#include "cli/pair.h"

#include "cli/diffview.h"
#include "cli/rows.h"

#include <stdlib.h>
#include <string.h>

/* --- which two --- */

static int open_number(struct sillok_snapshot **out, struct sillok_store *store,
                       const struct sillok_ref *article, int64_t number)
{
    struct sillok_ref ref = *article;
    ref.kind = SILLOK_REF_NUMBER;
    ref.number = number;
    return sillok_snapshot_open(out, store, &ref);
}

static int open_named(struct sillok_snapshot **out, struct cli *cli,
                      struct sillok_store *store, const struct sillok_ref *article,
                      const char *revision)
{
    struct sillok_ref ref = *article;
    const int r = sillok_ref_parse_revision(&ref, revision, cli->now_s, cli->zone_min);
    return r < 0 ? r : sillok_snapshot_open(out, store, &ref);
}

/* X@R1..R2, @p dots in the middle. */
static int open_span(struct pair *p, struct cli *cli, struct sillok_store *store,
                     const char *name, const char *dots)
{
    struct sillok_ref ref;
    char *first = strndup(name, (size_t)(dots - name));
    int r = first ? cli_ref(cli, first, &ref) : fail_memory();
    free(first);
    if (r == 0)
        r = sillok_snapshot_open(&p->before, store, &ref);
    return r < 0 ? r : open_named(&p->after, cli, store, &ref, dots + 2);
}

int pair_open(struct pair *p, struct cli *cli, struct sillok_store *store,
              const char *name)
{
    struct sillok_ref ref;
    const char *at = strchr(name, '@'), *dots = at ? strstr(at, "..") : NULL;
    if (dots)
        return open_span(p, cli, store, name, dots);
    int r = cli_ref(cli, name, &ref);
    if (r == 0)
        r = sillok_snapshot_open(&p->after, store, &ref);
    if (r < 0)
        return r;
    const uint32_t number = sillok_snapshot_revision(p->after)->number;
    return open_number(&p->before, store, &ref, number > 1 ? number - 1 : 1);
}

int pair_open_revisions(struct pair *p, struct cli *cli, struct sillok_store *store,
                        const struct sillok_ref *article, const char *before,
                        const char *after)
{
    const int r = open_named(&p->before, cli, store, article, before);
    if (r < 0)
        return r;
    return after ? open_named(&p->after, cli, store, article, after)
                 : open_number(&p->after, store, article, -1);
}

void pair_release(struct pair *p)
{
    sillok_diff_free(STEAL(p->bodies));
    sillok_snapshot_close(STEAL(p->before));
    sillok_snapshot_close(STEAL(p->after));
}

/* --- what differs --- */

static int differ(const struct sillok_article *a, const struct sillok_article *b)
{
    for (int f = 0; f < SILLOK_N_FIELDS; f++)
        if (!text_equal(a->fields[f], b->fields[f]))
            return 1;
    return !sillok_id_equal(&a->content_hash, &b->content_hash);
}

int pair_compare(struct pair *p)
{
    const struct sillok_article *before = &sillok_snapshot_revision(p->before)->article;
    const struct sillok_article *after = &sillok_snapshot_revision(p->after)->article;
    int r = sillok_diff_new(&p->bodies, before->body, after->body);
    p->differs = differ(before, after);
    p->what = (struct sillok_change_class){ .similarity = 1.0 };
    if (r < 0 || !p->differs)
        return r;
    r = sillok_change_classify(&p->what, before, after, p->bodies);
    return r < 0 ? r : sillok_snapshot_complete(p->before, p->after, &p->what);
}

static const struct column columns[] = {
    { "oid", NULL },
    { "aid", NULL },
    { "from.oid", NULL },
    { "from.aid", NULL },
    { "from.revision", NULL },
    { "from.first_seen", NULL },
    { "from.last_seen", NULL },
    { "from.content_hash", NULL },
    { "to.oid", NULL },
    { "to.aid", NULL },
    { "to.revision", NULL },
    { "to.first_seen", NULL },
    { "to.last_seen", NULL },
    { "to.content_hash", NULL },
    { "differs", NULL },
    { "fields", NULL },
    { "kinds", NULL },
    { "flags", NULL },
    { "similarity", NULL },
    { "added_chars", NULL },
    { "removed_chars", NULL },
    { "significance", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

int pair_json(struct buf *out, struct cli *cli, const struct pair *p)
{
    const struct sillok_revision *before = sillok_snapshot_revision(p->before);
    const struct sillok_revision *after = sillok_snapshot_revision(p->after);
    const struct sillok_change_class *what = &p->what;
    const struct words none = { .n = 0 }, fields = words_of_fields(what->fields);
    const struct words kinds = p->differs ? words_of_kinds(what) : none;
    const struct words flags = words_of_flags(what->flags);
    const struct cell cells[] = {
        cell_text(after->article.oid),
        cell_text(after->article.aid),
        cell_text(before->article.oid),
        cell_text(before->article.aid),
        cell_count(before->number),
        cell_time(before->first_seen_s),
        cell_time(before->last_seen_s),
        cell_id(&before->article.content_hash),
        cell_text(after->article.oid),
        cell_text(after->article.aid),
        cell_count(after->number),
        cell_time(after->first_seen_s),
        cell_time(after->last_seen_s),
        cell_id(&after->article.content_hash),
        cell_flag(p->differs),
        cell_words(&fields),
        cell_words(&kinds),
        cell_words(&flags),
        cell_real(what->similarity),
        cell_count(what->added_chars),
        cell_count(what->removed_chars),
        cell_real(what->significance),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return diffview_json(out, cli, json_of_cells(columns, cells, N_COLUMNS), p->bodies,
                         &before->article, &after->article);
}
