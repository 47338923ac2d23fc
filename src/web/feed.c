/*
 * Atom feeds of changes (RFC 4287), newest first:
 *
 *   /feed.atom                      all
 *   /feed/oid/OID.atom              of a publisher
 *   /feed/article/OID/AID.atom      of an article
 *
 * with kind=WORD, limit=N and after=KEY or to=TIME, which the link "next" has (RFC 5005); of
 * an article kind and limit alone. An entry is a step to a revision; its id is that of the store, the article and the
 * time that the revision begins at, and no address. When time is over a feed ends where
 * it is, with a link to go on by.
 */
#include "web/site.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "report/html.h"
#include "report/pages.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEED_LIMIT = 50, CONTENT_MAX_BYTES = 256 << 10, TITLE_COLUMNS = 200 };

struct feed {
    struct web_site *site;
    const struct web_request *q;
    struct buf *b;
    char uuid[40];
    int64_t since_s; /* older ones were not looked at, for time was short; 0: all were */
    struct sillok_changes_options options;
};

/* What an entry says. */
struct entry {
    struct sillok_text oid, aid;
    const struct sillok_text *was, *is; /* fields */
    struct sillok_text before, after;   /* bodies */
    const char *key;
    uint32_t revision;
    int64_t at_s;
    const struct sillok_change_class *what;
};

/* Text of XML 1.0: what html_text() leaves, but for two characters that XML has not. */
static void xml_text(struct buf *b, struct sillok_text t)
{
    static const char none[] = "\xef\xbf\xbd";
    size_t from = 0;
    for (size_t i = 0; i + 2 < t.len; i++)
        if (memcmp(t.ptr + i, "\xef\xbf\xbe", 3) == 0 ||
            memcmp(t.ptr + i, "\xef\xbf\xbf", 3) == 0) {
            html_text(b, text_make(t.ptr + from, i - from));
            (void)buf_add_str(b, none);
            i += 2;
            from = i + 1;
        }
    html_text(b, text_make(t.ptr + from, t.len - from));
}

static void add_time(struct buf *b, const char *name, int64_t time_s)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, text);
    (void)buf_printf(b, "<%s>%s</%s>", name, text, name);
}

static void add_link(struct feed *f, const char *rel, const char *path)
{
    (void)buf_printf(f->b, "<link rel=\"%s\" href=\"", rel);
    quote_url(f->b, text_of(f->site->url));
    xml_text(f->b, text_of(path));
    (void)buf_add_str(f->b, "\"/>");
}

/* HTML as text of XML. Of what is very long the page of the article tells. */
static int add_diff(struct buf *b, struct sillok_text before, struct sillok_text after)
{
    struct sillok_render_options options = SILLOK_RENDER_OPTIONS_INIT;
    struct sillok_diff *diff = NULL;
    char *html = NULL;
    size_t len = 0;
    options.format = SILLOK_DIFF_HTML;
    if (before.len + after.len > CONTENT_MAX_BYTES) {
        xml_text(b, text_of("<p>The texts are too long for a feed.</p>"));
        return 0;
    }
    int r = sillok_diff_new(&diff, before, after);
    if (r == 0)
        r = sillok_diff_render(&html, &len, diff, before, after, &options);
    if (r == 0)
        xml_text(b, text_make(html, len));
    sillok_free(html);
    sillok_diff_free(diff);
    return r;
}

static int add_content(struct feed *f, const struct entry *e)
{
    int r = 0;
    (void)buf_add_str(f->b, "<content type=\"html\">");
    if (!text_equal(e->was[SILLOK_TITLE], e->is[SILLOK_TITLE])) {
        r = add_diff(f->b, e->was[SILLOK_TITLE], e->is[SILLOK_TITLE]);
        xml_text(f->b, text_of("<hr>"));
    }
    if (r == 0)
        r = add_diff(f->b, e->before, e->after);
    (void)buf_add_str(f->b, "</content>\n");
    return r;
}

/* A person, or the house, or nobody: an entry has to have one. */
static void add_author(struct buf *b, const struct entry *e)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const enum sillok_field order[] = { SILLOK_AUTHOR, SILLOK_PUBLISHER };
    for (int i = 0; i < 2 && !name.len; i++)
        (void)utf8_add_safe(&name, e->is[order[i]], UTF8_FOLD_SPACE);
    (void)buf_add_str(b, "<author><name>");
    xml_text(b, name.len ? buf_text(&name) : text_of("unknown"));
    (void)buf_add_str(b, "</name></author>\n");
}

/* The article's own address, as an IRI (RFC 4287 2): without quotation marks, say. A fragment
 * stays one, for with %23 it would be the address of something else. */
static void add_via(struct buf *b, struct sillok_text url)
{
    CLEANUP(buf_release) struct buf via = BUF_INIT;
    const char *mark = memchr(url.ptr, '#', url.len);
    const size_t n = mark ? (size_t)(mark - url.ptr) : url.len;
    quote_url(&via, text_make(url.ptr, n));
    if (mark) {
        (void)buf_add_char(&via, '#');
        quote_url(&via, text_from(url, n + 1));
    }
    (void)buf_add_str(b, "<link rel=\"via\" href=\"");
    xml_text(b, buf_text(&via));
    (void)buf_add_str(b, "\"/>");
    b->failed |= via.failed;
}

static int add_entry(struct feed *f, const struct entry *e)
{
    CLEANUP(buf_release) struct buf title = BUF_INIT;
    struct buf *b = f->b;
    char path[512], file[SITE_NAME_MAX];
    (void)buf_add_str(b, "<entry><id>");
    (void)buf_printf(b, "urn:uuid:%s#", f->uuid);
    html_url_part(b, text_of(e->key));
    (void)buf_printf(b, "</id><title>[%s] ", sillok_kind_name(e->what->kind));
    (void)utf8_add_fit(&title, e->is[SILLOK_TITLE], TITLE_COLUMNS, 0);
    if (!title.len)
        (void)buf_add_str(&title, HTML_NO_HEADLINE);
    xml_text(b, buf_text(&title));
    (void)buf_add_str(b, "</title>");
    add_time(b, "published", e->at_s);
    add_time(b, "updated", e->at_s);
    add_author(b, e);
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        if (e->what->kinds >> k & 1)
            (void)buf_printf(b, "<category term=\"edit:%s\"/>",
                             sillok_kind_name((enum sillok_kind)k));
    int r = site_article_name(file, e->oid, e->aid, page_of_revision(e->revision));
    snprintf(path, sizeof(path), "/%s#r%u", file, e->revision);
    add_link(f, "alternate", path);
    if (html_is_link(e->is[SILLOK_URL]))
        add_via(b, e->is[SILLOK_URL]);
    if (r == 0)
        r = add_content(f, e);
    (void)buf_add_str(b, "</entry>\n");
    return r < 0 ? r : b->failed ? fail_memory() : 0;
}

/* --- of many articles --- */

static int add_entries(struct feed *f, struct sillok_changes *it, int64_t *updated_s,
                       struct buf *key)
{
    struct sillok_change c;
    uint64_t n = 0;
    int r = 0;
    while (r == 0 && n < f->options.limit && (r = sillok_changes_next(it, &c)) > 0) {
        const struct entry e = { .oid = c.oid,
                                 .aid = c.aid,
                                 .was = c.from.article.fields,
                                 .is = c.to.article.fields,
                                 .before = c.from.article.body,
                                 .after = c.to.article.body,
                                 .key = c.key,
                                 .revision = c.to.revision,
                                 .at_s = c.before_s,
                                 .what = &c.what };
        if (n++ == 0)
            *updated_s = c.before_s;
        r = add_entry(f, &e);
        buf_clear(key);
        if (r == 0 && (n == f->options.limit || web_in_time(f->q) < 0)) {
            r = buf_add(key, c.key, strlen(c.key) + 1);
            break;
        }
    }
    return r;
}

static int add_changes(struct feed *f, int64_t *updated_s, struct buf *key)
{
    struct sillok_changes *it = NULL;
    struct web_window w = { .stop = web_is_half_late, .arg = f->options.stop_arg };
    int r = web_narrow(f->site->store, &f->options, &w);
    if (r == 0)
        r = sillok_changes_open(&it, f->site->store, &f->options);
    if (r == 0)
        r = add_entries(f, it, updated_s, key);
    if (r == 0 && !key->len)
        f->since_s = w.since_s;
    sillok_changes_close(it);
    return r;
}

/* --- of one --- */

/* The chain comes oldest first, a feed has the newest first. */
struct piles {
    struct buf text;
    struct buf starts; /* size_t, of each entry in it */
    int64_t newest_s;
};

static int add_step(struct feed *f, struct piles *p, const struct sillok_revision *rev,
                    unsigned tie, const struct sillok_snapshot *before)
{
    char key[2 * SILLOK_KEY_MAX_BYTES + 64], at[SILLOK_TIME_LEN];
    const struct sillok_article *was = &sillok_snapshot_revision(before)->article;
    struct buf *into = f->b;
    sillok_time_format(rev->first_seen_s, 0, at);
    snprintf(key, sizeof(key), "%s/%.*s/%.*s/%u", at, (int)rev->article.oid.len,
             rev->article.oid.ptr, (int)rev->article.aid.len, rev->article.aid.ptr, tie);
    const struct entry e = { .oid = rev->article.oid,
                             .aid = rev->article.aid,
                             .was = was->fields,
                             .is = rev->article.fields,
                             .before = was->body,
                             .after = rev->article.body,
                             .key = key,
                             .revision = rev->number,
                             .at_s = rev->first_seen_s,
                             .what = &rev->change };
    int r = buf_add(&p->starts, &p->text.len, sizeof(p->text.len));
    p->newest_s = e.at_s;
    f->b = &p->text;
    if (r == 0)
        r = add_entry(f, &e);
    f->b = into;
    return r;
}

static int is_wanted(const struct feed *f, const struct sillok_revision *rev)
{
    return rev->number > 1 &&
           (!f->options.kinds || (rev->change.kinds & f->options.kinds));
}

/* How many steps of the article are of a kind that is asked for. */
static int count_wanted(const struct feed *f, const struct sillok_ref *ref, uint64_t *n)
{
    struct sillok_log *log = NULL;
    struct sillok_revision rev;
    int r = sillok_log_open(&log, f->site->store, ref->oid, ref->aid);
    *n = 0;
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        *n += (uint64_t)is_wanted(f, &rev);
        r = web_in_time(f->q);
    }
    sillok_log_close(log);
    return r;
}

/* The newest of them: @p older are passed over before they are made. */
static int pile_up(struct feed *f, struct sillok_log *log, struct sillok_ref *ref,
                   struct piles *p, uint64_t older)
{
    struct sillok_revision rev;
    int64_t last_s = 0;
    unsigned tie =
        0; /* of the revisions that begin at one time, as keys of changes say */
    int r = 0;
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        struct sillok_snapshot *before = NULL;
        tie = rev.number > 1 && rev.first_seen_s == last_s ? tie + 1 : 0;
        last_s = rev.first_seen_s;
        r = web_in_time(f->q);
        if (r < 0 || !is_wanted(f, &rev) || (older && older--))
            continue;
        ref->kind = SILLOK_REF_NUMBER;
        ref->number = rev.number - 1;
        r = sillok_snapshot_open(&before, f->site->store, ref);
        if (r == 0)
            r = add_step(f, p, &rev, tie, before);
        sillok_snapshot_close(before);
    }
    return r;
}

static int add_article(struct feed *f, struct sillok_ref *ref, int64_t *updated_s,
                       struct buf *headline)
{
    struct sillok_log *log = NULL;
    struct sillok_snapshot *newest = NULL;
    struct piles p = { .text = BUF_INIT, .starts = BUF_INIT };
    uint64_t n = 0;
    buf_init(&p.text, WEB_ANSWER_BYTES);
    int r = sillok_snapshot_open(&newest, f->site->store, ref);
    if (r == 0) {
        const struct sillok_revision *rev = sillok_snapshot_revision(newest);
        *updated_s = rev->first_seen_s;
        r = utf8_add_fit(headline, rev->article.fields[SILLOK_TITLE], TITLE_COLUMNS, 0);
        if (!headline->len)
            r = buf_printf(headline, "%s/%s", ref->oid, ref->aid);
    }
    if (r == 0)
        r = count_wanted(f, ref, &n);
    if (r == 0)
        r = sillok_log_open(&log, f->site->store, ref->oid, ref->aid);
    if (r == 0)
        r = pile_up(f, log, ref, &p, n > f->options.limit ? n - f->options.limit : 0);
    if (p.starts.len)
        *updated_s = p.newest_s;
    const size_t *starts = (const size_t *)(const void *)p.starts.ptr;
    size_t end = p.text.len;
    for (size_t i = p.starts.len / sizeof(*starts); i-- > 0 && r == 0; end = starts[i])
        r = buf_add(f->b, p.text.ptr + starts[i], end - starts[i]);
    sillok_log_close(log);
    sillok_snapshot_close(newest);
    buf_release(&p.text);
    buf_release(&p.starts);
    return r;
}

/* --- the feed --- */

/* Of whom, and which kind, so that a list of feeds tells them apart. */
static void add_title(struct feed *f, const struct buf *headline)
{
    const char *title = f->site->options->pages.title;
    (void)buf_add_str(f->b, "<title>");
    xml_text(f->b, text_of(title ? title : "What changed"));
    if (f->options.oid)
        (void)buf_printf(f->b, ": publisher %s", f->options.oid);
    if (headline->len) {
        (void)buf_add_str(f->b, ": ");
        xml_text(f->b, buf_text(headline));
    }
    if (web_param(f->q, "kind"))
        (void)buf_printf(f->b, ": %s", web_param(f->q, "kind"));
    (void)buf_add_str(f->b, "</title>");
}

static void add_head(struct feed *f, int64_t updated_s, const struct buf *key,
                     const struct buf *headline)
{
    struct buf *b = f->b;
    (void)buf_add_str(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                         "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>urn:uuid:");
    (void)buf_printf(b, "%s#", f->uuid);
    html_url_part(b, text_of(f->q->path));
    if (web_param(f->q, "kind"))
        (void)buf_printf(b, "%%3Fkind%%3D%s", web_param(f->q, "kind"));
    (void)buf_add_str(b, "</id>");
    add_title(f, headline);
    add_time(b, "updated", updated_s);
    (void)buf_add_str(b, "<generator>sillok</generator>\n");
    add_link(f, "self", f->q->target);
    if (key->len || f->since_s) {
        CLEANUP(buf_release) struct buf next = BUF_INIT;
        char since[SILLOK_TIME_LEN] = "";
        sillok_time_format(f->since_s, 0, since);
        (void)buf_printf(&next, "%s?limit=%llu&%s=", f->q->path,
                         (unsigned long long)f->options.limit, key->len ? "after" : "to");
        html_url_part(&next, text_of(key->len ? key->ptr : since));
        if (web_param(f->q, "kind"))
            (void)buf_printf(&next, "&kind=%s", web_param(f->q, "kind"));
        (void)buf_add_char(&next, '\0');
        b->failed |= next.failed;
        add_link(f, "next", next.failed ? "" : next.ptr);
    }
    (void)buf_add_char(b, '\n');
}

/* The entries first: the head says when the newest was. */
static int make(struct feed *f, struct sillok_ref *article)
{
    CLEANUP(buf_release) struct buf entries = BUF_INIT;
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    CLEANUP(buf_release) struct buf headline = BUF_INIT;
    struct sillok_stats stats = { .format = 0 };
    struct buf *into = f->b;
    buf_init(&entries, WEB_ANSWER_BYTES);
    int r = sillok_store_stats(f->site->store, &stats);
    if (r < 0)
        return r;
    snprintf(f->uuid, sizeof(f->uuid), "%s", stats.uuid);
    int64_t updated_s = stats.last_s;
    f->b = &entries;
    r = article ? add_article(f, article, &updated_s, &headline)
                : add_changes(f, &updated_s, &key);
    f->b = into;
    if (r < 0)
        return r;
    add_head(f, updated_s, &key, &headline);
    (void)buf_add(f->b, entries.ptr, entries.len);
    (void)buf_add_str(f->b, "</feed>\n");
    return 1;
}

/* "OID.atom" at the end of a path. */
static int take_oid(char out[SILLOK_KEY_MAX_BYTES + 1], const char *rest)
{
    struct sillok_ref ref;
    char name[SILLOK_KEY_MAX_BYTES + 8];
    const size_t n = strlen(rest);
    if (n <= 5 || n - 5 > SILLOK_KEY_MAX_BYTES || strcmp(rest + n - 5, ".atom") != 0)
        return fail(SILLOK_ENOTFOUND, "there is no such feed");
    snprintf(name, sizeof(name), "%.*s/1", (int)(n - 5), rest); /* is it an id? */
    const int r = web_article_of(&ref, name, "");
    if (r == 0)
        memcpy(out, ref.oid, sizeof(ref.oid));
    return r;
}

static int choose(struct feed *f, char oid[SILLOK_KEY_MAX_BYTES + 1],
                  struct sillok_ref *ref, int *is_article)
{
    const char *path = f->q->path;
    int r;
    *is_article = 0;
    if (strcmp(path, "/feed.atom") == 0)
        return web_params_known(f->q, "kind limit after to");
    if (strncmp(path, "/feed/oid/", 10) == 0) {
        r = take_oid(oid, path + 10);
        f->options.oid = oid;
        return r < 0 ? r : web_params_known(f->q, "kind limit after to");
    }
    if (strncmp(path, "/feed/article/", 14) != 0)
        return fail(SILLOK_ENOTFOUND, "there is no such feed");
    *is_article = 1;
    r = web_article_of(ref, path + 14, ".atom");
    return r < 0 ? r : web_params_known(f->q, "kind limit");
}

int web_feed(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct feed f = { .site = s, .q = q, .b = &a->body };
    struct sillok_ref ref;
    char oid[SILLOK_KEY_MAX_BYTES + 1] = "";
    const char *kind = web_param(q, "kind");
    int is_article = 0;
    int r = choose(&f, oid, &ref, &is_article);
    if (r == 0)
        r = web_param_number(q, "limit", 1, WEB_LIMIT_MAX, FEED_LIMIT, &f.options.limit);
    f.options.after = web_param(q, "after");
    if (r == 0 && !is_article)
        r = web_param_to(q, s->options->pages.zone_min, &f.options.to_s);
    f.options.stop = web_is_late;
    f.options.stop_arg = (void *)(uintptr_t)q;
    if (r == 0 && kind) {
        const int k = sillok_kind_parse(kind, strlen(kind));
        f.options.kinds = k < 0 ? 0 : 1u << k;
        r = k < 0 ? fail(SILLOK_EINVALID, "there is no kind '%.40s'", kind) : 0;
    }
    a->type = "application/atom+xml; charset=utf-8";
    return r < 0 ? r : make(&f, is_article ? &ref : NULL);
}
