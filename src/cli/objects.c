#include "cli/objects.h"

#include "cli/rows.h"

#include <stdio.h>

/* --- a change --- */

static const struct column change_columns[] = {
    { "oid", NULL },
    { "aid", NULL },
    { "publisher", NULL },
    { "title", NULL },
    { "from.revision", NULL },
    { "from.first_seen", NULL },
    { "from.last_seen", NULL },
    { "from.content_hash", NULL },
    { "from.title", NULL },
    { "to.revision", NULL },
    { "to.first_seen", NULL },
    { "to.last_seen", NULL },
    { "to.content_hash", NULL },
    { "to.title", NULL },
    { "window.after", NULL },
    { "window.before", NULL },
    { "visits_before", NULL },
    { "fields", NULL },
    { "kinds", NULL },
    { "flags", NULL },
    { "reverted_to", NULL },
    { "similarity", NULL },
    { "added_chars", NULL },
    { "removed_chars", NULL },
    { "significance", NULL },
    { "significance_parts", NULL },
    { "why", NULL },
    { "category", NULL },
    { "url", NULL },
    { "published_at", NULL },
    { "modified_at", NULL },
    { "key", NULL },
};
enum { N_CHANGE = sizeof(change_columns) / sizeof(change_columns[0]) };

struct words words_of_parts(const struct sillok_change_class *what,
                            char room[SILLOK_MAX_PARTS][48])
{
    struct sillok_significance_part parts[SILLOK_MAX_PARTS];
    struct words w = { .n = sillok_change_parts(what, parts, SILLOK_MAX_PARTS) };
    for (int i = 0; i < w.n; i++) {
        snprintf(room[i], sizeof(room[i]), "%.3g %s", parts[i].points, parts[i].what);
        w.word[i] = room[i];
    }
    return w;
}

/* Cells are large, and a list of changes is long: they are made where they are used. */
typedef int take_cells(void *arg, const struct cell cells[N_CHANGE]);

static int give_cells(const struct sillok_change *c, take_cells *take, void *arg)
{
    char room[SILLOK_MAX_PARTS][48];
    const struct words parts = words_of_parts(&c->what, room);
    const struct words kinds = words_of_kinds(&c->what);
    const struct words fields = words_of_fields(c->what.fields);
    const struct words flags = words_of_flags(c->what.flags);
    const struct sillok_change_side *from = &c->from, *to = &c->to;
    const struct cell cells[] = {
        cell_text(c->oid),
        cell_text(c->aid),
        cell_text(to->article.fields[SILLOK_PUBLISHER]),
        cell_text(to->article.fields[SILLOK_TITLE]),
        cell_count(from->revision),
        cell_time(from->first_seen_s),
        cell_time(from->last_seen_s),
        cell_id(&from->article.content_hash),
        cell_text(from->article.fields[SILLOK_TITLE]),
        cell_count(to->revision),
        cell_time(to->first_seen_s),
        cell_time(to->last_seen_s),
        cell_id(&to->article.content_hash),
        cell_text(to->article.fields[SILLOK_TITLE]),
        cell_time(c->after_s),
        cell_time(c->before_s),
        cell_count(c->visits_before),
        cell_words(&fields),
        cell_words(&kinds),
        cell_words(&flags),
        c->reverted_to ? cell_count(c->reverted_to) : cell_none(),
        cell_real(c->what.similarity),
        cell_count(c->what.added_chars),
        cell_count(c->what.removed_chars),
        cell_real(c->what.significance),
        cell_words(&parts),
        cell_str(c->what.why),
        cell_text(to->article.fields[SILLOK_CATEGORY]),
        cell_text(to->article.fields[SILLOK_URL]),
        cell_text(to->article.fields[SILLOK_PUBLISHED_AT]),
        cell_text(to->article.fields[SILLOK_MODIFIED_AT]),
        cell_str(c->key),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_CHANGE,
                   "a cell for each column");
    return take(arg, cells);
}

static int take_row(void *arg, const struct cell cells[N_CHANGE])
{
    return out_row(arg, cells);
}

int put_change_row(struct out *out, const struct sillok_change *c)
{
    return give_cells(c, take_row, out);
}

static int take_object(void *arg, const struct cell cells[N_CHANGE])
{
    *(json_t **)arg = json_of_cells(change_columns, cells, N_CHANGE);
    return 0;
}

json_t *object_of_change(const struct sillok_change *c)
{
    json_t *object = NULL;
    (void)give_cells(c, take_object, &object); /* NULL says it all */
    return object;
}

/* --- a revision in a chain --- */

static const struct column revision_columns[] = {
    { "oid", NULL },          { "aid", NULL },           { "revision", NULL },
    { "first_seen", NULL },   { "last_seen", NULL },     { "observations", NULL },
    { "content_hash", NULL }, { "title", NULL },         { "kinds", NULL },
    { "fields", NULL },       { "flags", NULL },         { "similarity", NULL },
    { "added_chars", NULL },  { "removed_chars", NULL }, { "significance", NULL },
    { "window.after", NULL }, { "window.before", NULL }, { "same_as", NULL },
    { "conflict", NULL },     { "hash_mismatch", NULL },
};
enum { N_REVISION = sizeof(revision_columns) / sizeof(revision_columns[0]) };

/* The first revision is no change; its cells stay empty. */
int put_revision_row(struct out *out, const struct sillok_revision *rev, int64_t after_s)
{
    const struct sillok_change_class *what = &rev->change;
    const int changed = rev->number > 1;
    const struct words none = { .n = 0 };
    const struct words kinds = changed ? words_of_kinds(what) : none;
    const struct words fields = changed ? words_of_fields(what->fields) : none;
    const struct words flags = changed ? words_of_flags(what->flags) : none;
    const struct cell cells[] = {
        cell_text(rev->article.oid),
        cell_text(rev->article.aid),
        cell_count(rev->number),
        cell_time(rev->first_seen_s),
        cell_time(rev->last_seen_s),
        cell_count(rev->observations),
        cell_id(&rev->article.content_hash),
        cell_text(rev->article.fields[SILLOK_TITLE]),
        cell_words(&kinds),
        cell_words(&fields),
        cell_words(&flags),
        changed ? cell_real(what->similarity) : cell_none(),
        changed ? cell_count(what->added_chars) : cell_none(),
        changed ? cell_count(what->removed_chars) : cell_none(),
        changed ? cell_real(what->significance) : cell_none(),
        changed ? cell_time(after_s) : cell_none(),
        changed ? cell_time(rev->first_seen_s) : cell_none(),
        rev->same_as ? cell_count(rev->same_as) : cell_none(),
        cell_flag(rev->conflict),
        cell_flag(rev->hash_mismatch),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_REVISION,
                   "a cell for each column");
    return out_row(out, cells);
}

/* --- a crawl --- */

static const struct column crawl_columns[] = {
    { "crawl", "crawl" },
    { "name", NULL },
    { "started", NULL },
    { "files", "files" },
    { "observations", NULL },
    { "new_articles", "new" },
    { "changed", "changed" },
    { "unchanged", "unchanged" },
    { "missing", "missing" },
    { "refused", "refused" },
    { "hash_mismatch", "mismatch" },
    { "conflicts", NULL },
    { "gap_seconds", "gap" },
    { "first", "first" },
    { "last", "last" },
};
enum { N_CRAWL = sizeof(crawl_columns) / sizeof(crawl_columns[0]) };

int put_crawl_row(struct out *out, const struct sillok_crawl *c)
{
    const int seen = c->observations > 0; /* else all was refused: there are no times */
    const struct cell cells[] = {
        cell_str(c->name),
        cell_str(c->name),
        cell_time(c->started_s),
        cell_count(c->files),
        cell_count(c->observations),
        cell_count(c->new_articles),
        cell_count(c->changed),
        cell_count(c->unchanged),
        cell_count(c->missing),
        cell_count(c->refused),
        cell_count(c->hash_mismatch),
        cell_count(c->conflicts),
        seen && c->gap_s ? cell_span(c->gap_s) : cell_none(),
        seen ? cell_time(c->first_s) : cell_none(),
        seen ? cell_time(c->last_s) : cell_none(),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_CRAWL, "a cell for each column");
    return out_row(out, cells);
}

/* --- an article that a crawl did not see --- */

static const struct column missing_columns[] = {
    { "oid", "article" },           { "aid", NULL },
    { "revision", NULL },           { "last_seen", "last seen" },
    { "seen_again", "seen again" }, { "publisher", "publisher" },
    { "title", "title" },           { "content_hash", NULL },
};
enum { N_MISSING = sizeof(missing_columns) / sizeof(missing_columns[0]) };

/* People get in one column what `show` takes. */
int put_missing_row(struct out *out, const struct sillok_missing_article *m)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const struct sillok_article *a = &m->article;
    const int people = out->format == OUT_TABLE;
    if (people)
        add_revision_name(&name, a->oid, a->aid, m->revision);
    if (name.failed)
        return fail_memory();
    const struct cell cells[] = {
        cell_text(people ? buf_text(&name) : a->oid),
        cell_text(a->aid),
        cell_count(m->revision),
        cell_time(m->last_seen_s),
        m->seen_again_s ? cell_time(m->seen_again_s) : cell_none(),
        cell_text(a->fields[SILLOK_PUBLISHER]),
        cell_text(a->fields[SILLOK_TITLE]),
        cell_id(&a->content_hash),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_MISSING,
                   "a cell for each column");
    return out_row(out, cells);
}

/* --- an article as a whole --- */

static const struct column article_columns[] = {
    { "oid", "article" },
    { "aid", NULL },
    { "revisions", NULL },
    { "first_seen", "first seen" },
    { "last_seen", "last seen" },
    { "observations", "visits" },
    { "publisher", "publisher" },
    { "title", "title" },
    { "category", NULL },
    { "author", NULL },
    { "published_at", NULL },
    { "modified_at", NULL },
    { "url", NULL },
    { "content_hash", NULL },
    { "body", NULL },
};
enum { N_ARTICLE = sizeof(article_columns) / sizeof(article_columns[0]) };

int put_article_row(struct out *out, const struct sillok_listed_article *a)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const struct sillok_text *fields = a->article.fields;
    const int people = out->format == OUT_TABLE;
    if (people)
        add_revision_name(&name, a->article.oid, a->article.aid, a->revisions);
    if (name.failed)
        return fail_memory();
    const struct cell cells[] = {
        cell_text(people ? buf_text(&name) : a->article.oid),
        cell_text(a->article.aid),
        cell_count(a->revisions),
        cell_time(a->first_seen_s),
        cell_time(a->last_seen_s),
        cell_count(a->observations),
        cell_text(fields[SILLOK_PUBLISHER]),
        cell_text(fields[SILLOK_TITLE]),
        cell_text(fields[SILLOK_CATEGORY]),
        cell_text(fields[SILLOK_AUTHOR]),
        cell_text(fields[SILLOK_PUBLISHED_AT]),
        cell_text(fields[SILLOK_MODIFIED_AT]),
        cell_text(fields[SILLOK_URL]),
        cell_id(&a->article.content_hash),
        cell_text(a->article.body),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_ARTICLE,
                   "a cell for each column");
    return out_row(out, cells);
}

/* --- the figures of a store --- */

static const struct column stats_columns[] = {
    { "store", NULL },
    { "uuid", NULL },
    { "engine", NULL },
    { "format", NULL },
    { "articles", NULL },
    { "revisions", NULL },
    { "changes", NULL },
    { "versions", NULL },
    { "bodies", NULL },
    { "observations", NULL },
    { "crawls", NULL },
    { "refused", NULL },
    { "files_bytes", NULL },
    { "body_bytes_seen", NULL },
    { "body_bytes", NULL },
    { "body_bytes_stored", NULL },
    { "bodies_delta", NULL },
    { "bodies_dictionary", NULL },
    { "bodies_plain", NULL },
    { "delta_bytes", NULL },
    { "delta_bytes_stored", NULL },
    { "dictionary_bytes", NULL },
    { "store_bytes", NULL },
    { "free_bytes", NULL },
    { "first", NULL },
    { "last", NULL },
};
enum { N_STATS = sizeof(stats_columns) / sizeof(stats_columns[0]) };

int put_stats_row(struct out *out, const char *path, const struct sillok_stats *s)
{
    const int seen = s->observations > 0;
    const struct cell cells[] = {
        cell_str(path),
        cell_str(s->uuid),
        cell_str(s->engine),
        cell_count((uint64_t)s->format),
        cell_count(s->articles),
        cell_count(s->revisions),
        cell_count(s->changes),
        cell_count(s->versions),
        cell_count(s->bodies),
        cell_count(s->observations),
        cell_count(s->crawls),
        cell_count(s->refused),
        cell_size(s->files_bytes),
        cell_size(s->body_bytes_seen),
        cell_size(s->body_bytes),
        cell_size(s->body_bytes_stored),
        cell_count(s->bodies_delta),
        cell_count(s->bodies_dictionary),
        cell_count(s->bodies_plain),
        cell_size(s->delta_bytes),
        cell_size(s->delta_bytes_stored),
        cell_size(s->dictionary_bytes),
        cell_size(s->store_bytes),
        cell_size(s->free_bytes),
        seen ? cell_time(s->first_s) : cell_none(),
        seen ? cell_time(s->last_s) : cell_none(),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_STATS, "a cell for each column");
    return out_row(out, cells);
}

/* --- a publisher --- */

static const struct column publisher_columns[] = {
    { "oid", "oid" },
    { "articles", "articles" },
    { "changed_articles", "changed" },
    { "changes", "changes" },
    { "publisher", "publisher" },
};

int put_publisher_row(struct out *out, const struct sillok_publisher_stats *p)
{
    const struct cell cells[] = {
        cell_str(p->oid),       cell_count(p->articles), cell_count(p->changed_articles),
        cell_count(p->changes), cell_str(p->publisher),
    };
    return out_row(out, cells);
}

/* --- a revision in full --- */

static const struct column snapshot_columns[] = {
    { "oid", NULL },          { "aid", NULL },        { "revision", NULL },
    { "revisions", NULL },    { "first_seen", NULL }, { "last_seen", NULL },
    { "observations", NULL }, { "conflict", NULL },   { "hash_mismatch", NULL },
    { "content_hash", NULL }, { "title", NULL },      { "category", NULL },
    { "publisher", NULL },    { "author", NULL },     { "published_at", NULL },
    { "modified_at", NULL },  { "url", NULL },        { "body", NULL },
};
enum { N_SNAPSHOT = sizeof(snapshot_columns) / sizeof(snapshot_columns[0]) };

json_t *object_of_snapshot(const struct sillok_revision *rev, uint32_t revisions)
{
    const struct sillok_text *fields = rev->article.fields;
    const struct cell cells[] = {
        cell_text(rev->article.oid),
        cell_text(rev->article.aid),
        cell_count(rev->number),
        cell_count(revisions),
        cell_time(rev->first_seen_s),
        cell_time(rev->last_seen_s),
        cell_count(rev->observations),
        cell_flag(rev->conflict),
        cell_flag(rev->hash_mismatch),
        cell_id(&rev->article.content_hash),
        cell_text(fields[SILLOK_TITLE]),
        cell_text(fields[SILLOK_CATEGORY]),
        cell_text(fields[SILLOK_PUBLISHER]),
        cell_text(fields[SILLOK_AUTHOR]),
        cell_text(fields[SILLOK_PUBLISHED_AT]),
        cell_text(fields[SILLOK_MODIFIED_AT]),
        cell_text(fields[SILLOK_URL]),
        cell_text(rev->article.body),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_SNAPSHOT,
                   "a cell for each column");
    return json_of_cells(snapshot_columns, cells, N_SNAPSHOT);
}

/* --- lists of them --- */

const struct listing listing_changes = { change_columns, N_CHANGE };
const struct listing listing_revisions = { revision_columns, N_REVISION };
const struct listing listing_crawls = { crawl_columns, N_CRAWL };
const struct listing listing_missing = { missing_columns, N_MISSING };
const struct listing listing_articles = { article_columns, N_ARTICLE - 1 };
const struct listing listing_articles_with_body = { article_columns, N_ARTICLE };
const struct listing listing_stats = { stats_columns, N_STATS };
const struct listing listing_publishers = {
    publisher_columns, sizeof(publisher_columns) / sizeof(publisher_columns[0])
};

int listing_open(struct out *out, struct cli *cli, enum out_format format,
                 const struct listing *l)
{
    return out_open(out, cli, format, l->columns, l->n);
}
