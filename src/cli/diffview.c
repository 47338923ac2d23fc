#include "cli/diffview.h"

#include "base/utf8.h"
#include "cli/text.h"

#include <string.h>

/* --- the library's diff of one text --- */

/* Where a line goes on: behind the sign of a sentence. */
enum { SIGN_COLUMNS = 2 };

static void add_line(struct buf *out, struct sillok_text line,
                     const struct sillok_render_options *options, size_t indent,
                     size_t columns)
{
    const size_t sign = options->format == SILLOK_DIFF_SENTENCES ? SIGN_COLUMNS : 0;
    text_blanks(out, line.len ? indent : 0);
    if (columns && (sign || options->format == SILLOK_DIFF_WORDS))
        text_break(out, line, columns, indent + sign);
    else
        (void)buf_add_text(out, line);
    (void)buf_add_char(out, '\n');
}

/* @p diff     of the two texts, if there is one already; or NULL
 * @p columns  of the terminal; 0: lines are as long as they are */
static int render(struct buf *out, const struct sillok_diff *diff,
                  struct sillok_text before, struct sillok_text after,
                  const struct sillok_render_options *options, size_t indent,
                  size_t columns)
{
    struct sillok_diff *own = NULL;
    char *text = NULL;
    size_t len = 0;
    int r = diff ? 0 : sillok_diff_new(&own, before, after);
    if (r == 0)
        r = sillok_diff_render(&text, &len, diff ? diff : own, before, after, options);
    for (size_t start = 0; r == 0 && start < len;) {
        const char *stop = memchr(text + start, '\n', len - start);
        const size_t end = stop ? (size_t)(stop - text) : len;
        add_line(out, text_make(text + start, end - start), options, indent, columns);
        start = end + 1;
    }
    sillok_free(text);
    sillok_diff_free(own);
    return r;
}

static int fields_differ(const struct sillok_article *a, const struct sillok_article *b,
                         int f)
{
    return !text_equal(a->fields[f], b->fields[f]);
}

static int bodies_differ(const struct sillok_article *a, const struct sillok_article *b)
{
    return !sillok_id_equal(&a->content_hash, &b->content_hash);
}

/* --- text --- */

enum { LABEL_COLUMNS = 14 };

/* 0 where nobody looks: a program finds a sentence in one line. */
static size_t terminal_columns(const struct diffview *view)
{
    return view->cli->term.out_tty ? (size_t)view->cli->term.columns : 0;
}

/* Fields are short: word marks show them best, whatever the format of the body is. */
static int add_field(struct buf *out, const struct diffview *view, int f,
                     struct sillok_text before, struct sillok_text after)
{
    CLEANUP(buf_release) struct buf old_text = BUF_INIT;
    CLEANUP(buf_release) struct buf new_text = BUF_INIT;
    CLEANUP(buf_release) struct buf marked = BUF_INIT;
    const struct sillok_render_options options = { SILLOK_DIFF_WORDS,
                                                   view->cli->term.color, 10000, -1 };
    (void)utf8_add_safe(&old_text, before, UTF8_FOLD_SPACE);
    (void)utf8_add_safe(&new_text, after, UTF8_FOLD_SPACE);
    const struct sillok_text a = text_make(old_text.ptr, old_text.len);
    const struct sillok_text b = text_make(new_text.ptr, new_text.len);
    int r = 0;
    if (text_equal(a, b))
        (void)buf_add_str(&marked, "(only white space)\n");
    else
        r = render(&marked, NULL, a, b, &options, 0, 0);
    text_blanks(out, view->indent);
    (void)buf_printf(out, "%-*s", LABEL_COLUMNS, sillok_field_name((enum sillok_field)f));
    while (marked.len && marked.ptr[marked.len - 1] == '\n')
        marked.len--;
    const size_t columns = terminal_columns(view);
    if (columns)
        text_break(out, buf_text(&marked), columns, view->indent + LABEL_COLUMNS);
    else
        (void)buf_add_text(out, buf_text(&marked));
    (void)buf_add_char(out, '\n');
    return r;
}

int diffview_text(struct buf *out, const struct diffview *view,
                  const struct sillok_article *before, const struct sillok_article *after)
{
    int n = 0, r = 0;
    for (int f = 0; f < SILLOK_N_FIELDS && r == 0; f++) {
        if (!fields_differ(before, after, f))
            continue;
        r = add_field(out, view, f, before->fields[f], after->fields[f]);
        n++;
    }
    if (r < 0 || !bodies_differ(before, after))
        return r;
    const int columns = view->cli->term.columns - (int)view->indent;
    const struct sillok_render_options options = { view->format, view->cli->term.color,
                                                   columns > 20 ? columns : 20,
                                                   view->context };
    if (n)
        (void)buf_add_char(out, '\n');
    return render(out, view->bodies, before->body, after->body, &options, view->indent,
                  terminal_columns(view));
}

/* --- HTML --- */

static void add_html(struct buf *out, struct sillok_text text)
{
    CLEANUP(buf_release) struct buf safe = BUF_INIT;
    (void)utf8_add_safe(&safe, text, UTF8_FOLD_SPACE);
    for (size_t i = 0; i < safe.len; i++) {
        const char *entity = utf8_entity((uint8_t)safe.ptr[i]);
        if (entity)
            (void)buf_add_str(out, entity);
        else
            (void)buf_add_char(out, safe.ptr[i]);
    }
}

static const char html_style[] =
    "body{max-width:44em;margin:2em auto;padding:0 1em;font:1rem/1.7 sans-serif;"
    "word-break:keep-all;overflow-wrap:anywhere}"
    "h1{font-size:1.2em}dt{color:#666;font-size:.85em}dd{margin:0 0 .6em}"
    "del{background:#fdd;color:#900}ins{background:#dfd;color:#060;text-decoration:none}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
    "del{background:#511;color:#fbb}ins{background:#153;color:#bfb}}";

int diffview_html(struct buf *out, const struct diffview *view,
                  struct sillok_text heading, const struct sillok_article *before,
                  const struct sillok_article *after)
{
    const struct sillok_render_options options = { SILLOK_DIFF_HTML, 0, 80,
                                                   view->context };
    const struct sillok_render_options whole = { SILLOK_DIFF_HTML, 0, 80, -1 };
    (void)buf_add_str(out,
                      "<!DOCTYPE html>\n<html lang=\"ko\">\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    add_html(out, heading);
    (void)buf_printf(out, "</title>\n<style>%s</style>\n<h1>", html_style);
    add_html(out, heading);
    (void)buf_add_str(out, "</h1>\n");
    int n = 0, r = 0;
    for (int f = 0; f < SILLOK_N_FIELDS && r == 0; f++) {
        if (!fields_differ(before, after, f))
            continue;
        (void)buf_printf(out, "%s<dt>%s</dt><dd>", n++ ? "" : "<dl>\n",
                         sillok_field_name((enum sillok_field)f));
        r = render(out, NULL, before->fields[f], after->fields[f], &whole, 0, 0);
        (void)buf_add_str(out, "</dd>\n");
    }
    if (n)
        (void)buf_add_str(out, "</dl>\n");
    if (r == 0 && bodies_differ(before, after))
        r = render(out, view->bodies, before->body, after->body, &options, 0, 0);
    (void)buf_add_str(out, "</html>\n");
    return r;
}

/* --- JSON --- */

static json_t *json_pair(struct sillok_text before, struct sillok_text after)
{
    static const struct column columns[] = { { "from", NULL }, { "to", NULL } };
    const struct cell cells[] = { cell_text(before), cell_text(after) };
    return json_of_cells(columns, cells, 2);
}

static int add_with_body(struct buf *out, struct cli *cli, json_t *object,
                         const struct sillok_diff *diff, struct sillok_text before,
                         struct sillok_text after)
{
    const struct sillok_render_options options = { SILLOK_DIFF_JSON, 0, 0, -1 };
    struct buf body = BUF_INIT;
    int r = sillok_diff_render(&body.ptr, &body.len, diff, before, after, &options);
    if (r < 0)
        json_decref(object);
    else
        r = add_json_with(cli, out, object, "body", &body);
    sillok_free(body.ptr);
    return r;
}

int diffview_json(struct buf *out, struct cli *cli, json_t *object,
                  const struct sillok_diff *diff, const struct sillok_article *before,
                  const struct sillok_article *after)
{
    const int differ = bodies_differ(before, after);
    int valid = !differ || (utf8_valid(before->body) && utf8_valid(after->body));
    if (!object)
        return fail_memory();
    json_t *changed = json_object();
    int r = changed ? 0 : -1;
    for (int f = 0; f < SILLOK_N_FIELDS && r == 0; f++)
        if (fields_differ(before, after, f)) {
            const struct sillok_text from = before->fields[f], to = after->fields[f];
            r = json_object_set_new(changed, sillok_field_name((enum sillok_field)f),
                                    json_pair(from, to));
            valid &= utf8_valid(from) && utf8_valid(to);
        }
    r |= json_object_set_new(object, "values", changed);
    if (!valid)
        r |= json_object_set_new(object, "invalid_utf8", json_true());
    if (!differ)
        r |= json_object_set_new(object, "body", json_null());
    if (r < 0) {
        json_decref(object);
        return fail_memory();
    }
    return differ ? add_with_body(out, cli, object, diff, before->body, after->body)
                  : add_json(cli, out, object);
}
