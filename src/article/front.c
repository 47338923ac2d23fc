#include "article/front.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int refuse(struct refusal *r, const char *code, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    r->code = code;
    return fail(SILLOK_EINVALID, "%s", text);
}

struct scan {
    struct front *out;
    const struct sillok_profile *profile;
    const struct sillok_limits *limits;
    struct refusal *why;
    int key;           /* whose value is being read; -1: an unknown key's, or none yet */
    const char *value; /* where it began */
    const char *end;   /* of the file */
    int line, n_keys;
};

static int is_key_char(char c, int first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && ((c >= '0' && c <= '9') || c == '-'));
}

/* Length of the key that the line begins with, 0 if it begins with none. */
static size_t key_length(const char *p, const char *end)
{
    size_t n = 0;
    while (p + n < end && is_key_char(p[n], n == 0))
        n++;
    if (n == 0 || p + n == end || p[n] != ':')
        return 0;
    const char *after = p + n + 1;
    return after == end || *after == ' ' || *after == '\t' || *after == '\r' ? n : 0;
}

static int close_value(struct scan *s, const char *end)
{
    if (s->key < 0)
        return 0;
    struct sillok_text v = { s->value, end > s->value ? (size_t)(end - s->value) : 0 };
    if (v.len && s->out->crlf && v.ptr[v.len - 1] == '\r')
        v.len--;
    if (v.len > s->limits->field_bytes)
        return refuse(s->why, "field_too_large",
                      "the value of %s is larger than %llu bytes (limits.field_bytes)",
                      profile_key_name(s->key),
                      (unsigned long long)s->limits->field_bytes);
    s->out->values[s->key] = v;
    return 0;
}

static int begin_key(struct scan *s, const char *p, size_t len)
{
    if (++s->n_keys > (int)s->limits->front_matter_keys)
        return refuse(s->why, "too_many_keys",
                      "the front matter has more than %u keys (limits.front_matter_keys)",
                      s->limits->front_matter_keys);
    s->key = profile_key(s->profile, text_make(p, len));
    s->value = p + len + 1;
    if (s->value < s->end && *s->value == ' ')
        s->value++;
    if (s->key < 0) {
        /* The number of reader comments is understood: it is not the article's. */
        const int is_count = text_is(text_make(p, len), "comment_count");
        s->out->has_comments |= is_count;
        s->out->unknown_keys += !is_count;
        return 0;
    }
    int *line = &s->out->lines[s->key];
    if (*line)
        return refuse(s->why, "duplicate_key", "duplicate key %.*s at lines %d and %d",
                      (int)len, p, *line, s->line);
    *line = s->line;
    return 0;
}

/* The file's first line that is not empty is `---`; returns what follows it, or NULL. What
 * is written as one text with its quotation mark on a line before begins with an empty one. */
static const char *after_opening(struct scan *s, struct sillok_text file)
{
    while (text_starts(file, "\n") || text_starts(file, "\r\n")) {
        file = text_from(file, file.ptr[0] == '\r' ? 2 : 1);
        s->line++;
    }
    if (text_starts(file, "---\n"))
        return file.ptr + 4;
    s->out->crlf = text_starts(file, "---\r\n");
    return s->out->crlf ? file.ptr + 5 : NULL;
}

static int is_fence(const char *p, const char *eol)
{
    const size_t n = (size_t)(eol - p);
    return (n == 3 || (n == 4 && p[3] == '\r')) && memcmp(p, "---", 3) == 0;
}

int front_read(struct front *out, struct sillok_text file, const struct sillok_profile *p,
               const struct sillok_limits *limits, struct refusal *why)
{
    *out = (struct front){ 0 };
    const char *const end = file.ptr + file.len;
    struct scan s = { out, p, limits, why, -1, NULL, end, 1, 0 };
    const char *at = after_opening(&s, file);
    if (!at)
        return refuse(why, "no_front_matter", "the first line is not '---'");
    out->all.ptr = at;
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        s.line++;
        if (is_fence(at, eol ? eol : end)) {
            const char *next = eol ? eol + 1 : end;
            out->all.len = (size_t)(at - out->all.ptr);
            out->rest = text_make(next, (size_t)(end - next));
            const int r = close_value(&s, at - 1);
            profile_share(p, out->values);
            return r;
        }
        if ((uint64_t)(at - out->all.ptr) > limits->front_matter_bytes)
            return refuse(why, "front_matter_too_large",
                          "the front matter is larger than %llu bytes "
                          "(limits.front_matter_bytes)",
                          (unsigned long long)limits->front_matter_bytes);
        const size_t key = key_length(at, eol ? eol : end);
        int r = 0;
        if (key && (r = close_value(&s, at - 1)) == 0)
            r = begin_key(&s, at, key);
        if (r < 0)
            return r;
        at = eol ? eol + 1 : end;
    }
    return refuse(why, "unclosed_front_matter",
                  "the front matter has no closing '---' line");
}
