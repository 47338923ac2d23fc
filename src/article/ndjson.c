/* One article a line: an object (RFC 8259) of strings, named as the profile says. As in YAML
 * a list of strings is one value, joined by ", ", and "meta.section" is a string further in;
 * of a body neither is. */
#include "article/reader_internal.h"

#include <jansson.h>
#include <string.h>

/* --- what stands further in --- */

struct gathered {
    struct buf *out;
    size_t n;
    int has_other; /* what is neither a string nor nothing */
};

/* Append the strings that @p name leads to; @p v is no deeper than the reader takes. */
static void gather(struct gathered *g, json_t *v, const char *name)
{
    const char *key;
    size_t i;
    json_t *item;
    if (json_is_array(v)) {
        json_array_foreach(v, i, item) gather(g, item, name);
    } else if (!*name && json_is_string(v)) {
        if (g->n++)
            (void)buf_add_str(g->out, ", "); /* failures stick in out->failed */
        (void)buf_add(g->out, json_string_value(v), json_string_length(v));
    } else if (!*name) {
        g->has_other |= !json_is_null(v);
    } else {
        json_object_foreach(v, key, item) /* of what is no object, nothing */
        {
            const size_t n = strlen(key);
            if (strncmp(name, key, n) == 0 && (!name[n] || name[n] == '.'))
                gather(g, item, name[n] ? name + n + 1 : name + n);
        }
    }
}

/* Values of the keys that have none yet; they stay in r->fields until the next call. */
static int take_inner(struct reader *r, json_t *root, struct sillok_text values[N_KEYS],
                      struct refusal *why)
{
    size_t at[N_KEYS];
    int seen[N_KEYS] = { 0 };
    buf_clear(&r->fields);
    for (int k = 0; k < N_KEYS; k++) {
        struct gathered g = { &r->fields, 0, 0 };
        at[k] = r->fields.len;
        if (values[k].ptr || k == KEY_BODY)
            continue;
        gather(&g, root, r->profile->keys[k].ptr);
        if (g.has_other)
            return refuse(why, "bad_json", "%s is neither a string nor a list of strings",
                          profile_key_name(k));
        seen[k] = g.n > 0;
        values[k].len = r->fields.len - at[k];
    }
    (void)buf_add_char(&r->fields, '\0'); /* so that no text is at NULL */
    for (int k = 0; k < N_KEYS; k++)
        if (seen[k])
            values[k].ptr = r->fields.ptr + at[k];
    return r->fields.failed ? fail_memory() : 0;
}

/* Is something further in at @p key asked for? */
static int leads_on(const struct sillok_profile *p, const char *key)
{
    const size_t n = strlen(key);
    for (int k = 0; k < N_KEYS; k++)
        if (text_starts(p->keys[k], key) && p->keys[k].len > n &&
            p->keys[k].ptr[n] == '.')
            return 1;
    return 0;
}

/* --- a line --- */

static int take_line(struct reader *r, json_t *root, struct sillok_text values[N_KEYS],
                     struct reading *out, struct refusal *why)
{
    const char *key;
    json_t *value;
    int is_deep = 0;
    json_object_foreach(root, key, value)
    {
        const int k = profile_key(r->profile, text_of(key));
        const int holds_more = json_is_array(value) || json_is_object(value);
        is_deep |= holds_more;
        if (k < 0 && !(holds_more && leads_on(r->profile, key)))
            out->notes |= NOTE_UNKNOWN_KEYS;
        if (k < 0 || json_is_null(value) || (holds_more && k != KEY_BODY))
            continue;
        if (!json_is_string(value))
            return refuse(why, "bad_json", "%s is not a string", profile_key_name(k));
        values[k] = text_make(json_string_value(value), json_string_length(value));
    }
    const int rc = is_deep ? take_inner(r, root, values, why) : 0;
    if (rc < 0)
        return rc;
    for (int k = 0; k < N_KEYS; k++)
        if (k != KEY_BODY && values[k].len > r->limits.field_bytes)
            return refuse(
                why, "field_too_large",
                "the value of %s is larger than %llu bytes (limits.field_bytes)",
                profile_key_name(k), (unsigned long long)r->limits.field_bytes);
    profile_share(r->profile, values);
    return values[KEY_BODY].ptr ? 0
                                : refuse(why, "missing_key", "there is no %s",
                                         r->profile->keys[KEY_BODY].ptr);
}

/* The texts must outlive the JSON object: move them into r->text. */
static int keep_values(struct reader *r, struct sillok_text values[N_KEYS])
{
    size_t at[N_KEYS];
    int rc = 0;
    buf_clear(&r->text);
    for (int i = 0; i < N_KEYS && rc == 0; i++) {
        at[i] = r->text.len;
        rc = buf_add_text(&r->text, values[i]);
    }
    /* An empty value still is a value: its pointer must not be NULL. */
    if (rc == 0)
        rc = buf_add_char(&r->text, '\0');
    for (int i = 0; i < N_KEYS && rc == 0; i++)
        if (values[i].ptr)
            values[i].ptr = r->text.ptr + at[i];
    return rc;
}

static int read_object(struct reader *r, json_t *root, struct reading *out,
                       struct refusal *why)
{
    struct sillok_text values[N_KEYS] = { { NULL, 0 } };
    static const char empty[] = "";
    int rc = take_line(r, root, values, out, why);
    if (rc == 0)
        rc = keep_values(r, values);
    if (rc < 0)
        return rc;
    /* A crawler that streams need not hash; a hash that it gives is checked, and says
     * whether the line was escaped. That is in the residue: the form is that of a line. */
    struct sillok_text fields[SILLOK_N_FIELDS];
    struct declared declared;
    struct choice c;
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        fields[i] = values[i].ptr ? values[i] : text_make(empty, 0);
    rc = reader_identity(r, values, 0, out, &declared, why);
    if (rc == 0)
        rc = reader_choose_form(r, fields, values[KEY_BODY], &declared, &c);
    if (rc == 0)
        rc = reader_take_fields(r, fields, c.escaped, &out->article);
    if (rc == 0)
        rc = reader_check_title(out->article.fields[SILLOK_TITLE], why);
    if (rc < 0)
        return rc;
    out->article.body = c.body;
    out->form = FORM_NDJSON;
    if (declared.present && !c.verified) {
        out->notes |= NOTE_MISMATCH;
        out->declared = declared.id;
    }
    return reader_finish(r, out, &c.id);
}

static size_t digits(struct sillok_text t, size_t at)
{
    while (at < t.len && t.ptr[at] >= '0' && t.ptr[at] <= '9')
        at++;
    return at;
}

/* Where a number (RFC 8259, 6) that begins at @p from ends; @p from: none does. */
static size_t number_end(struct sillok_text t, size_t from)
{
    const size_t first = from + (t.ptr[from] == '-');
    const int is_zero = first < t.len && t.ptr[first] == '0';
    size_t end = is_zero ? first + 1 : digits(t, first), to;
    if (end == first)
        return from;
    if (end < t.len && t.ptr[end] == '.' && (to = digits(t, end + 1)) > end + 1)
        end = to;
    if (end < t.len && (t.ptr[end] == 'e' || t.ptr[end] == 'E')) {
        const size_t sign =
            end + 1 < t.len && (t.ptr[end + 1] == '-' || t.ptr[end + 1] == '+');
        if ((to = digits(t, end + 1 + sign)) > end + 1 + sign)
            end = to;
    }
    return end;
}

/* Where the string that begins at @p from ends, with its quote. */
static size_t string_end(struct sillok_text t, size_t from)
{
    size_t at = from + 1;
    while (at < t.len && t.ptr[at] != '"')
        at += t.ptr[at] == '\\' ? 2 : 1;
    return at < t.len ? at + 1 : t.len;
}

/* Make each number 0 and blanks: what was JSON still is, what was not is not. */
static void forget_numbers(struct buf *b)
{
    const struct sillok_text t = buf_text(b);
    for (size_t at = 0; at < t.len;) {
        const int is_string = t.ptr[at] == '"';
        const size_t end = is_string ? string_end(t, at) : number_end(t, at);
        if (!is_string && end > at) {
            memset(b->ptr + at, ' ', end - at);
            b->ptr[at] = '0';
        }
        at = end > at ? end : at + 1;
    }
}

/* "\uD83D" at @p p: what it says; 0 for none. */
static unsigned escaped_unit(const char *p, const char *end)
{
    uint8_t v[2];
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || get_hex(v, p + 2, sizeof(v)) < 0)
        return 0;
    return (unsigned)v[0] << 8 | v[1];
}

/* Make each half of a surrogate pair that stands alone U+FFFD, as UTF-8 has no other for it;
 * 1 when there was one. */
static int mend_halves(struct buf *b)
{
    char *p = b->ptr, *const end = b->ptr + b->len;
    int mended = 0;
    while (p < end && (p = memchr(p, '\\', (size_t)(end - p)))) {
        const unsigned unit = escaped_unit(p, end);
        const int is_high = unit >= 0xD800 && unit < 0xDC00;
        const unsigned next = is_high ? escaped_unit(p + 6, end) : 0;
        if (is_high && next >= 0xDC00 && next < 0xE000) {
            p += 12;
        } else if (unit >= 0xD800 && unit < 0xE000) {
            memcpy(p + 2, "fffd", 4);
            mended = 1;
            p += 6;
        } else {
            p += end - p > 1 ? 2 : 1; /* also a backslash before a backslash */
        }
    }
    return mended;
}

/* Any number is JSON; jansson takes none that it cannot hold. No number is of an article, so
 * then they may have another value. So is half of a surrogate pair (RFC 8259, 8.2), as a text
 * has at its end that was cut between both. */
static json_t *load(struct reader *r, struct sillok_text json, json_error_t *error)
{
    enum { FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };
    buf_clear(&r->text);
    json_t *root = json_loadb(json.ptr, json.len, FLAGS, error);
    const int is_number = !root && json_error_code(error) == json_error_numeric_overflow;
    if (root || (!is_number && json_error_code(error) != json_error_invalid_syntax))
        return root;
    if (buf_add_text(&r->text, json) < 0 || (!mend_halves(&r->text) && !is_number))
        return NULL;
    forget_numbers(&r->text);
    return json_loadb(r->text.ptr, r->text.len, FLAGS, error);
}

int reader_ndjson(struct reader *r, struct sillok_text line, struct reading *out,
                  struct refusal *why)
{
    *out = (struct reading){ 0 };
    if (line.len > r->limits.file_bytes)
        return refuse(why, "too_large",
                      "too large (limit %llu bytes, see limits.file_bytes)",
                      (unsigned long long)r->limits.file_bytes);
    json_error_t error;
    const struct sillok_text json =
        text_from(line, text_starts(line, "\xef\xbb\xbf") ? 3 : 0);
    json_t *root = load(r, json, &error);
    if (!root && r->text.failed)
        return fail_memory();
    if (!root)
        return refuse(why, "bad_json", "not JSON at column %d: %s", error.column,
                      error.text);
    const int rc = json_is_object(root)
                       ? read_object(r, root, out, why)
                       : refuse(why, "bad_json", "a line must be an object of strings");
    json_decref(root);
    return rc;
}
