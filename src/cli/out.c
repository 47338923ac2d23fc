#include "cli/out.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/jsonrow.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- cells --- */

struct cell cell_none(void)
{
    return (struct cell){ .type = CELL_NONE };
}

struct cell cell_text(struct sillok_text text)
{
    return (struct cell){ .type = CELL_TEXT, .text = text };
}

struct cell cell_str(const char *str)
{
    return str ? cell_text(text_of(str)) : cell_none();
}

struct cell cell_id(const struct sillok_id *id)
{
    struct cell c = { .type = CELL_TEXT };
    sillok_id_format(id, c.hex);
    return c;
}

struct cell cell_count(uint64_t n)
{
    return (struct cell){ .type = CELL_COUNT, .count = n };
}

struct cell cell_size(uint64_t bytes)
{
    return (struct cell){ .type = CELL_SIZE, .count = bytes };
}

struct cell cell_span(int64_t seconds)
{
    return (struct cell){ .type = CELL_SPAN,
                          .count = seconds > 0 ? (uint64_t)seconds : 0 };
}

struct cell cell_real(double v)
{
    return isfinite(v) ? (struct cell){ .type = CELL_REAL, .real = v } : cell_none();
}

struct cell cell_flag(int v)
{
    return (struct cell){ .type = CELL_FLAG, .count = v != 0 };
}

struct cell cell_time(int64_t time_s)
{
    if (time_s == FMT_NO_TIME)
        return cell_none();
    return (struct cell){ .type = CELL_TIME, .time_s = time_s };
}

struct cell cell_words(const struct words *words)
{
    return (struct cell){ .type = CELL_WORDS, .words = *words };
}

static struct sillok_text text_of_cell(const struct cell *c)
{
    return c->hex[0] ? text_of(c->hex) : c->text;
}

/* --- JSON --- */

json_t *json_text(struct sillok_text t, int *invalid)
{
    if (utf8_valid(t))
        return json_stringn(t.ptr ? t.ptr : "", t.len);
    CLEANUP(buf_release) struct buf valid = BUF_INIT;
    *invalid = 1;
    (void)utf8_add_valid(&valid, t);
    return valid.failed ? NULL : json_stringn(valid.ptr, valid.len);
}

static json_t *json_words(const struct words *words)
{
    json_t *list = json_array();
    for (int i = 0; list && i < words->n; i++)
        if (json_array_append_new(list, json_string(words->word[i])) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *json_value(const struct cell *c, int *invalid)
{
    char time[SILLOK_TIME_LEN];
    switch (c->type) {
    case CELL_NONE:
        return json_null();
    case CELL_TEXT:
        return json_text(text_of_cell(c), invalid);
    case CELL_COUNT:
    case CELL_SIZE:
    case CELL_SPAN:
        return json_integer((json_int_t)c->count);
    case CELL_REAL:
        return json_real(c->real);
    case CELL_FLAG:
        return json_boolean(c->count);
    case CELL_TIME:
        sillok_time_format(c->time_s, 0, time);
        return json_string(time);
    case CELL_WORDS:
        return json_words(&c->words);
    }
    return NULL;
}

/* Set "a" or "a.b", making the object "a" on the way. Takes @p value. */
static int set_path(json_t *object, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');
    if (!dot)
        return json_object_set_new(object, path, value);
    char parent[64];
    snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
    json_t *inner = json_object_get(object, parent);
    if (!inner) {
        inner = json_object();
        if (json_object_set_new(object, parent, inner) < 0) {
            json_decref(value);
            return -1;
        }
    }
    return json_object_set_new(inner, dot + 1, value);
}

json_t *json_of_cells(const struct column *columns, const struct cell *cells, size_t n)
{
    json_t *object = json_object();
    int invalid = 0;
    for (size_t i = 0; object && i < n; i++) {
        json_t *value = json_value(&cells[i], &invalid);
        if (!value || set_path(object, columns[i].path, value) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    if (object && invalid)
        json_object_set_new(object, "invalid_utf8", json_true());
    return object;
}

/* On a terminal what JSON leaves live (DEL, C1, bidirectional marks) is escaped as well;
 * in JSON it can only stand inside strings, so the meaning stays. */
static void add_escaped(struct buf *b, const char *ptr, size_t len)
{
    size_t n;
    for (size_t i = 0; i < len; i += n) {
        uint32_t cp;
        n = utf8_decode(ptr + i, len - i, &cp);
        if (utf8_is_live(cp))
            (void)buf_printf(b, "\\u%04x", (unsigned)cp);
        else
            (void)buf_add(b, ptr + i, n);
    }
}

static void add_json_line(struct cli *cli, struct buf *b, struct sillok_text text)
{
    if (cli->term.out_tty)
        add_escaped(b, text.ptr, text.len);
    else
        (void)buf_add_text(b, text);
    (void)buf_add_char(b, '\n');
}

int add_json(struct cli *cli, struct buf *b, json_t *object)
{
    if (!object)
        return fail_memory();
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(6);
    char *text = json_dumps(object, flags);
    json_decref(object);
    if (!text)
        return fail_memory();
    add_json_line(cli, b, text_of(text));
    free(text);
    return b->failed ? fail_memory() : 0;
}

int put_json(struct cli *cli, json_t *object)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    const int r = add_json(cli, &line, object);
    return r < 0 ? r : put(&line);
}

/* In JSON blanks and ends of lines stand as such between its parts only. */
static void compact_json(struct buf *json)
{
    size_t n = 0;
    int in_string = 0;
    for (size_t i = 0; i < json->len; i++) {
        const char c = json->ptr[i];
        if (c == '"')
            in_string = !in_string;
        if (in_string || (c != ' ' && c != '\n'))
            json->ptr[n++] = c;
        if (in_string && c == '\\' && i + 1 < json->len)
            json->ptr[n++] = json->ptr[++i]; /* a quote that ends nothing */
    }
    json->len = n;
}

int add_json_with(struct cli *cli, struct buf *b, json_t *object, const char *name,
                  struct buf *json)
{
    const int r = add_json(cli, b, object);
    if (r < 0)
        return r;
    compact_json(json);
    b->len -= 2; /* "}\n" */
    (void)buf_printf(b, ",\"%s\":", name);
    (void)buf_add_text(b, buf_text(json));
    (void)buf_add_str(b, "}\n");
    return b->failed ? fail_memory() : 0;
}

/* --- CSV --- */

static void add_csv_text(struct cli *cli, struct buf *b, struct sillok_text t)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (t.len && strchr("=+-@\t\r", t.ptr[0]) && t.ptr[0] && !cli->csv_raw)
        (void)buf_add_char(&text, '\'');
    if (cli->term.out_tty)
        (void)utf8_add_safe(&text, t, UTF8_KEEP_NEWLINES);
    else
        (void)utf8_add_valid(&text, t);
    int quote = 0;
    for (size_t i = 0; i < text.len; i++)
        quote |= (text.ptr[i] == ',') | (text.ptr[i] == '"') | (text.ptr[i] == '\r') |
                 (text.ptr[i] == '\n');
    b->failed |= text.failed;
    if (!quote) {
        (void)buf_add(b, text.ptr, text.len);
        return;
    }
    (void)buf_add_char(b, '"');
    for (size_t i = 0; i < text.len;) { /* up to a quote with it, which stands twice */
        const char *from = text.ptr + i, *found = memchr(from, '"', text.len - i);
        const size_t n = found ? (size_t)(found - from) + 1 : text.len - i;
        (void)buf_add(b, from, n);
        if (found)
            (void)buf_add_char(b, '"');
        i += n;
    }
    (void)buf_add_char(b, '"');
}

/* Parted by blanks or, where a blank stands within one, by semicolons. */
static void add_words(struct buf *b, const struct words *words)
{
    const char *between = " ";
    for (int i = 0; i < words->n; i++)
        if (strchr(words->word[i], ' '))
            between = "; ";
    for (int i = 0; i < words->n; i++)
        (void)buf_printf(b, "%s%s", i ? between : "", words->word[i]);
}

static void add_csv_cell(struct cli *cli, struct buf *b, const struct cell *c)
{
    CLEANUP(buf_release) struct buf words = BUF_INIT;
    char time[SILLOK_TIME_LEN];
    switch (c->type) {
    case CELL_NONE:
        break;
    case CELL_TEXT:
        add_csv_text(cli, b, text_of_cell(c));
        break;
    case CELL_COUNT:
    case CELL_SIZE:
    case CELL_SPAN:
        (void)buf_printf(b, "%" PRIu64, c->count);
        break;
    case CELL_REAL:
        (void)buf_printf(b, "%.6g", c->real);
        break;
    case CELL_FLAG:
        (void)buf_add_str(b, c->count ? "true" : "false");
        break;
    case CELL_TIME:
        sillok_time_format(c->time_s, 0, time);
        (void)buf_add_str(b, time);
        break;
    case CELL_WORDS:
        add_words(&words, &c->words);
        b->failed |= words.failed;
        add_csv_text(cli, b, buf_text(&words));
        break;
    }
}

static void add_csv_head(struct out *o, struct buf *b)
{
    for (size_t i = 0; i < o->n_columns; i++) {
        if (i)
            (void)buf_add_char(b, ',');
        const char *path = o->columns[i].path, *dot = strchr(path, '.');
        if (dot)
            (void)buf_printf(b, "%.*s_%s", (int)(dot - path), path, dot + 1);
        else
            (void)buf_add_str(b, path);
    }
    (void)buf_add_str(b, "\r\n");
    o->headed = 1;
}

static void add_csv_row(struct out *o, const struct cell *cells, struct buf *b)
{
    if (!o->headed)
        add_csv_head(o, b);
    for (size_t i = 0; i < o->n_columns; i++) {
        if (i)
            (void)buf_add_char(b, ',');
        add_csv_cell(o->cli, b, &cells[i]);
    }
    (void)buf_add_str(b, "\r\n");
}

/* --- tables --- */

/* After this many rows the widths are taken as known and rows are no longer held. */
enum { HOLD_ROWS = 1000, COLUMNS_MAX = 64 };

static void add_table_cell(struct out *o, struct buf *b, const struct cell *c)
{
    switch (c->type) {
    case CELL_NONE:
        (void)buf_add_char(b, '-');
        break;
    case CELL_TEXT:
        (void)utf8_add_safe(b, text_of_cell(c), UTF8_FOLD_SPACE);
        break;
    case CELL_COUNT:
        fmt_count(b, c->count);
        break;
    case CELL_SIZE:
        fmt_size(b, c->count);
        break;
    case CELL_SPAN:
        fmt_duration(b, (double)c->count);
        break;
    case CELL_REAL:
        (void)buf_printf(b, "%.2f", c->real);
        break;
    case CELL_FLAG:
        (void)buf_add_str(b, c->count ? "yes" : "no");
        break;
    case CELL_TIME:
        fmt_minute(b, c->time_s, o->cli->zone_min);
        break;
    case CELL_WORDS:
        add_words(b, &c->words);
        break;
    }
}

static int is_number(enum cell_type type)
{
    return type == CELL_COUNT || type == CELL_SIZE || type == CELL_SPAN ||
           type == CELL_REAL;
}

/* Append the row to `held`, each cell a string with its zero, and widen the columns. */
static void hold_row(struct out *o, const struct cell *cells)
{
    for (size_t i = 0; i < o->n_columns; i++) {
        const size_t start = o->held.len;
        if (o->columns[i].heading)
            add_table_cell(o, &o->held, &cells[i]);
        const size_t wide =
            utf8_text_columns(text_make(o->held.ptr + start, o->held.len - start));
        if (wide > o->widths[i])
            o->widths[i] = wide;
        o->numeric[i] = (char)(o->numeric[i] | is_number(cells[i].type));
        (void)buf_add_char(&o->held, '\0');
    }
    o->n_held++;
}

/* One line of cells; the last column is not padded, and cut at a terminal's edge. */
static void add_table_line(struct out *o, const char *cells, const char *const *headings,
                           enum style style)
{
    size_t last = 0, used = 0;
    for (size_t i = 0; i < o->n_columns; i++)
        if (o->columns[i].heading)
            last = i;
    style_on(&o->line, &o->cli->term, style);
    for (size_t i = 0; i < o->n_columns; i++) {
        const char *text = headings ? headings[i] : cells;
        if (cells)
            cells += strlen(cells) + 1;
        if (!o->columns[i].heading)
            continue;
        const struct sillok_text t = text_of(text);
        const size_t wide = utf8_text_columns(t), room = (size_t)o->cli->term.columns;
        for (size_t k = wide; o->numeric[i] && k < o->widths[i]; k++)
            (void)buf_add_char(&o->line, ' ');
        if (i == last && o->cli->term.out_tty && used + wide > room && used + 8 < room)
            (void)utf8_add_fit(&o->line, t, room - used, 0);
        else
            (void)buf_add_text(&o->line, t);
        for (size_t k = wide; !o->numeric[i] && i != last && k < o->widths[i]; k++)
            (void)buf_add_char(&o->line, ' ');
        if (i != last)
            (void)buf_add_str(&o->line, "  ");
        used += o->widths[i] + 2;
    }
    style_off(&o->line, &o->cli->term, style);
    (void)buf_add_char(&o->line, '\n');
}

static int print_held(struct out *o)
{
    const char *cells = o->held.ptr;
    if (o->held.failed)
        return fail_memory();
    if (!o->headed && o->n_held) {
        const char *headings[COLUMNS_MAX] = { NULL };
        for (size_t i = 0; i < o->n_columns; i++)
            headings[i] = o->columns[i].heading;
        add_table_line(o, NULL, headings, STYLE_BOLD);
        o->headed = 1;
    }
    for (size_t row = 0; row < o->n_held; row++) {
        add_table_line(o, cells, NULL, STYLE_NONE);
        for (size_t i = 0; i < o->n_columns; i++)
            cells += strlen(cells) + 1;
    }
    buf_clear(&o->held);
    o->n_held = 0;
    return put(&o->line);
}

/* --- lists --- */

enum out_format out_format_of(const struct cli *cli)
{
    return cli->json ? OUT_JSON : cli->csv ? OUT_CSV : OUT_TABLE;
}

int out_open(struct out *o, struct cli *cli, enum out_format format,
             const struct column *columns, size_t n_columns)
{
    *o = (struct out){ .cli = cli,
                       .format = format,
                       .columns = columns,
                       .n_columns = n_columns,
                       .line = BUF_INIT,
                       .held = BUF_INIT };
    if (format != OUT_TABLE)
        return 0;
    o->widths = calloc(n_columns, sizeof(*o->widths));
    o->numeric = calloc(n_columns, 1);
    if (!o->widths || !o->numeric || n_columns > COLUMNS_MAX) {
        out_release(o);
        return fail_memory();
    }
    for (size_t i = 0; i < n_columns; i++)
        o->widths[i] =
            columns[i].heading ? utf8_text_columns(text_of(columns[i].heading)) : 0;
    return 0;
}

void out_release(struct out *o)
{
    buf_release(&o->line);
    buf_release(&o->held);
    free(o->widths);
    free(o->numeric);
    o->widths = NULL;
    o->numeric = NULL;
}

static int format_row(struct out *o, const struct cell *cells, struct buf *b)
{
    if (o->format == OUT_JSON) {
        buf_clear(&o->held); /* rows of a table, which this is not */
        jsonrow_add(&o->held, o->columns, cells, o->n_columns);
        b->failed |= o->held.failed;
        add_json_line(o->cli, b, text_make(o->held.ptr, o->held.len));
    } else
        add_csv_row(o, cells, b);
    return b->failed ? fail_memory() : 0;
}

int out_row(struct out *o, const struct cell *cells)
{
    if (o->format == OUT_TABLE) {
        hold_row(o, cells);
        return o->n_held < HOLD_ROWS ? 0 : print_held(o);
    }
    if (o->into)
        return format_row(o, cells, o->into);
    const int r = format_row(o, cells, &o->line);
    return r < 0 ? r : put(&o->line);
}

int out_close(struct out *o)
{
    if (o->format == OUT_TABLE)
        return print_held(o);
    if (o->format == OUT_CSV && !o->headed)
        add_csv_head(o, &o->line);
    return put(&o->line);
}
