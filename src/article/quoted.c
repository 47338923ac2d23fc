/*
 * Front matter that quotes other values than the template does, or in another way: what its
 * crawler writes since it writes YAML.
 *
 * No id, time or hash holds a quotation mark, so where one stands within marks the values
 * are YAML's, and libyaml says what they are. What it refuses loses the marks alone.
 *
 * A title may hold marks, and stand in marks, in others, or in none: the heading has it as
 * it is, and decides.
 */
#include "article/reader_internal.h"

#include <string.h>

static int is_marked(struct sillok_text v)
{
    return v.len > 1 && (v.ptr[0] == '"' || v.ptr[0] == '\'') &&
           v.ptr[v.len - 1] == v.ptr[0];
}

static struct sillok_text inside(struct sillok_text v)
{
    return text_make(v.ptr + 1, v.len - 2);
}

struct sillok_text reader_unmarked(struct sillok_text v)
{
    return is_marked(v) ? inside(v) : v;
}

/* --- the title --- */

/* The line "# ..." that the file behind its front matter begins with. */
static int find_heading(const struct front *f, struct sillok_text *out)
{
    const size_t empty = f->crlf ? 2 : 1;
    if (!text_starts(f->rest, f->crlf ? "\r\n# " : "\n# "))
        return 0;
    *out = text_from(f->rest, empty + 2);
    const char *eol = memchr(out->ptr, '\n', out->len);
    if (eol)
        out->len = (size_t)(eol - out->ptr);
    if (f->crlf && out->len && out->ptr[out->len - 1] == '\r')
        out->len--;
    return 1;
}

/* Is @p v, without its marks and with what is escaped in them, @p plain? YAML 1.2.2, 7.3.1
 * and 7.3.2, as far as crawlers have to go: \" and \\, and '' for one. */
static int says(struct sillok_text v, struct sillok_text plain)
{
    const char mark = v.ptr[0];
    size_t at = 0;
    v = inside(v);
    for (size_t i = 0; i < v.len; i++, at++) {
        const char next = i + 1 < v.len ? v.ptr[i + 1] : '\0';
        if (mark == '"' ? v.ptr[i] == '\\' && (next == '"' || next == '\\')
                        : v.ptr[i] == '\'' && next == '\'')
            i++;
        if (at == plain.len || v.ptr[i] != plain.ptr[at])
            return 0;
    }
    return at == plain.len;
}

struct sillok_text reader_title(const struct front *f)
{
    const struct sillok_text v = f->values[SILLOK_TITLE];
    struct sillok_text heading;
    if (!is_marked(v) || f->unquoted)
        return v;
    const int is_templates = v.ptr[0] == '"';
    if (find_heading(f, &heading) && !(is_templates && text_equal(inside(v), heading)) &&
        (text_equal(v, heading) || says(v, heading)))
        return heading;
    return is_templates ? inside(v) : v;
}

/* --- all values --- */

static int has_marked_id(const struct front *f)
{
    return is_marked(f->values[KEY_OID]) || is_marked(f->values[KEY_AID]) ||
           is_marked(f->values[KEY_CRAWLED_AT]) || is_marked(f->values[KEY_CONTENT_HASH]);
}

int reader_unquote(struct reader *r, struct front *f)
{
    struct sillok_text values[N_KEYS] = { { NULL, 0 } }, heading;
    struct refusal why;
    int unknown;
    if (!has_marked_id(f))
        return 0;
    const struct sillok_text title = reader_title(f);
    const int is_heading = find_heading(f, &heading) && text_equal(title, heading);
    const int rc = reader_yaml_values(r, f, values, &unknown, &why);
    f->unquoted = rc == 0;
    if (rc == 0)
        memcpy(f->values, values, sizeof(values));
    if (rc == 0 && is_heading) /* not all that quotes an id writes YAML: 가 #1 */
        f->values[SILLOK_TITLE] = title;
    for (int key = 0; rc == SILLOK_EINVALID && key < N_KEYS; key++)
        if (key != SILLOK_TITLE)
            f->values[key] = reader_unmarked(f->values[key]);
    return rc == SILLOK_EINVALID ? 0 : rc;
}
