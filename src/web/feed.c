/*
 * Atom feeds of changes (RFC 4287), newest first:
 *
 *   /feed.atom                      all
 *   /feed/oid/OID.atom              of a publisher
 *   /feed/article/OID/AID.atom      of an article
 *
 * with kind=WORD, limit=N and after=KEY, which the link "next" has (RFC 5005). An entry is
 * a step to a revision; its id is that of store, article, beginning and tie, which never
 * change, and no address.
 */
#include "web/site.h"

#include "report/html.h"
#include "report/pages.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEED_LIMIT = 50 };

struct feed {
    struct web_site *site;
    const struct web_request *q;
    struct buf *b;
    char uuid[40];
    char aid[SILLOK_KEY_MAX_BYTES + 1]; /* of an article; empty: of all */
    struct sillok_changes_options options;
};

static void add_time(struct buf *b, const char *name, int64_t time_s)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, text);
    (void)buf_printf(b, "<%s>%s</%s>", name, text, name);
}

/* In text of XML: html_text() leaves nothing of what XML 1.0 forbids. */
static void add_text(struct buf *b, const char *name, struct sillok_text t)
{
    (void)buf_printf(b, "<%s>", name);
    html_text(b, t);
    (void)buf_printf(b, "</%s>", name);
}

static void add_link(struct feed *f, const char *rel, const char *path)
{
    (void)buf_printf(f->b, "<link rel=\"%s\" href=\"", rel);
    html_text(f->b, text_of(f->site->url));
    html_text(f->b, text_of(path));
    (void)buf_add_str(f->b, "\"/>");
}

static int add_diff(struct buf *b, struct sillok_text before, struct sillok_text after)
{
    struct sillok_render_options options = SILLOK_RENDER_OPTIONS_INIT;
    struct sillok_diff *diff = NULL;
    char *html = NULL;
    size_t len = 0;
    options.format = SILLOK_DIFF_HTML;
    int r = sillok_diff_new(&diff, before, after);
    if (r == 0)
        r = sillok_diff_render(&html, &len, diff, before, after, &options);
    if (r == 0)
        html_text(b, text_make(html, len)); /* HTML as text of XML */
    sillok_free(html);
    sillok_diff_free(diff);
    return r;
}

static int add_content(struct feed *f, const struct sillok_change *c)
{
    static const char break_up[] = "<hr>";
    const struct sillok_text was = c->from.article.fields[SILLOK_TITLE],
                             is = c->to.article.fields[SILLOK_TITLE];
    int r = 0;
    (void)buf_add_str(f->b, "<content type=\"html\">");
    if (was.len != is.len || memcmp(was.ptr, is.ptr, is.len) != 0) {
        r = add_diff(f->b, was, is);
        html_text(f->b, text_of(break_up));
    }
    if (r == 0)
        r = add_diff(f->b, c->from.article.body, c->to.article.body);
    (void)buf_add_str(f->b, "</content>\n");
    return r;
}

static int add_entry(struct feed *f, const struct sillok_change *c)
{
    struct buf *b = f->b;
    char path[512], file[SITE_NAME_MAX];
    const struct sillok_text title = c->to.article.fields[SILLOK_TITLE];
    const struct sillok_text author = c->to.article.fields[SILLOK_AUTHOR];
    const struct sillok_text publisher = c->to.article.fields[SILLOK_PUBLISHER];
    const char *kind = sillok_kind_name(c->what.kind);
    (void)buf_add_str(b, "<entry><id>urn:uuid:");
    (void)buf_printf(b, "%s#", f->uuid);
    html_text(b, text_of(c->key));
    (void)buf_printf(b, "</id><title>[%s] ", kind);
    html_cut(b, title, 200);
    (void)buf_add_str(b, "</title>");
    add_time(b, "published", c->before_s);
    add_time(b, "updated", c->before_s);
    (void)buf_add_str(b, "<author>");
    add_text(b, "name",
             author.len      ? author
             : publisher.len ? publisher
                             : text_of("unknown"));
    (void)buf_add_str(b, "</author>\n");
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        if (c->what.kinds >> k & 1)
            (void)buf_printf(b, "<category term=\"edit:%s\"/>",
                             sillok_kind_name((enum sillok_kind)k));
    int r = site_article_name(file, c->oid, c->aid, page_of_revision(c->to.revision));
    snprintf(path, sizeof(path), "/%s#r%u", file, c->to.revision);
    add_link(f, "alternate", path);
    if (html_is_link(c->to.article.fields[SILLOK_URL])) {
        (void)buf_add_str(b, "<link rel=\"via\" href=\"");
        html_text(b, c->to.article.fields[SILLOK_URL]);
        (void)buf_add_str(b, "\"/>");
    }
    if (r == 0)
        r = add_content(f, c);
    (void)buf_add_str(b, "</entry>\n");
    return r;
}

static int is_wanted(const struct feed *f, const struct sillok_change *c)
{
    return !*f->aid ||
           (c->aid.len == strlen(f->aid) && memcmp(c->aid.ptr, f->aid, c->aid.len) == 0);
}

static int add_entries(struct feed *f, struct sillok_changes *it, int64_t *updated_s,
                       struct buf *entries, struct buf *key)
{
    struct sillok_change c;
    uint64_t n = 0;
    int r = 0;
    struct buf *into = f->b;
    f->b = entries;
    while (r == 0 && n < f->options.limit && (r = sillok_changes_next(it, &c)) > 0) {
        r = web_in_time(f->q);
        if (r < 0 || !is_wanted(f, &c))
            continue;
        if (n++ == 0)
            *updated_s = c.before_s;
        r = add_entry(f, &c);
        buf_clear(key);
        if (r == 0 && n == f->options.limit)
            r = buf_add(key, c.key, strlen(c.key) + 1);
    }
    f->b = into;
    return r;
}

static void add_head(struct feed *f, int64_t updated_s, const struct buf *key)
{
    struct buf *b = f->b;
    (void)buf_add_str(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                         "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<id>urn:uuid:");
    (void)buf_printf(b, "%s#", f->uuid);
    html_text(b, text_of(f->q->path));
    (void)buf_add_str(b, "</id><title>");
    html_text(b, text_of(f->site->options->pages.title ? f->site->options->pages.title
                                                       : "What changed"));
    (void)buf_add_str(b, "</title>");
    add_time(b, "updated", updated_s);
    (void)buf_add_str(b, "<generator>sillok</generator>\n");
    add_link(f, "self", f->q->target);
    if (key->len) {
        CLEANUP(buf_release) struct buf next = BUF_INIT;
        (void)buf_printf(&next, "%s?limit=%llu&after=", f->q->path,
                         (unsigned long long)f->options.limit);
        html_url_part(&next, text_of(key->ptr));
        if (web_param(f->q, "kind"))
            (void)buf_printf(&next, "&kind=%s", web_param(f->q, "kind"));
        (void)buf_add_char(&next, '\0');
        b->failed |= next.failed;
        add_link(f, "next", next.failed ? "" : next.ptr);
    }
    (void)buf_add_char(b, '\n');
}

static int make(struct feed *f)
{
    CLEANUP(buf_release) struct buf entries = BUF_INIT;
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    struct sillok_changes *it = NULL;
    struct sillok_stats stats;
    struct sillok_changes_options o = f->options;
    if (*f->aid)
        o.limit = 0; /* those of others are passed over */
    int r = sillok_store_stats(f->site->store, &stats);
    if (r == 0)
        r = sillok_changes_open(&it, f->site->store, &o);
    if (r < 0)
        return r;
    snprintf(f->uuid, sizeof(f->uuid), "%s", stats.uuid);
    int64_t updated_s = stats.last_s;
    r = add_entries(f, it, &updated_s, &entries, &key);
    sillok_changes_close(it);
    if (r < 0)
        return r;
    add_head(f, updated_s, &key);
    (void)buf_add(f->b, entries.ptr, entries.len);
    (void)buf_add_str(f->b, "</feed>\n");
    f->b->failed |= entries.failed;
    return 1;
}

/* "OID.atom" at the end of a path. */
static int take_oid(char out[SILLOK_KEY_MAX_BYTES + 1], const char *rest)
{
    const size_t n = strlen(rest);
    if (n <= 5 || n - 5 > SILLOK_KEY_MAX_BYTES || strcmp(rest + n - 5, ".atom") != 0 ||
        strchr(rest, '/'))
        return fail(SILLOK_ENOTFOUND, "there is no such feed");
    memcpy(out, rest, n - 5);
    out[n - 5] = '\0';
    return 0;
}

static int choose(struct feed *f, char oid[SILLOK_KEY_MAX_BYTES + 1])
{
    const char *path = f->q->path;
    struct sillok_ref ref;
    int r = 0;
    if (strcmp(path, "/feed.atom") == 0)
        return 0;
    if (strncmp(path, "/feed/oid/", 10) == 0) {
        r = take_oid(oid, path + 10);
    } else if (strncmp(path, "/feed/article/", 14) == 0) {
        r = web_article_of(&ref, path + 14, ".atom");
        if (r == 0) {
            memcpy(oid, ref.oid, sizeof(ref.oid));
            memcpy(f->aid, ref.aid, sizeof(ref.aid));
        }
    } else {
        r = fail(SILLOK_ENOTFOUND, "there is no such feed");
    }
    f->options.oid = oid;
    return r;
}

int web_feed(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct feed f = { .site = s, .q = q, .b = &a->body };
    char oid[SILLOK_KEY_MAX_BYTES + 1] = "";
    const char *kind = web_param(q, "kind");
    int r = web_params_known(q, "kind limit after");
    if (r == 0)
        r = choose(&f, oid);
    if (r == 0)
        r = web_param_number(q, "limit", 1, WEB_LIMIT_MAX, FEED_LIMIT, &f.options.limit);
    f.options.after = web_param(q, "after");
    if (r == 0 && kind) {
        const int k = sillok_kind_parse(kind, strlen(kind));
        f.options.kinds = k < 0 ? 0 : 1u << k;
        r = k < 0 ? fail(SILLOK_EINVALID, "there is no kind '%.40s'", kind) : 0;
    }
    a->type = "application/atom+xml; charset=utf-8";
    return r < 0 ? r : make(&f);
}
