/*
 * Inverting the crawler's template.
 *
 * After the front matter stand a heading that repeats some of its values, `---`, the
 * body, and a footer. The values are known by then, so the usual file is recognized by
 * comparing the heading and footer that the template would have written; only a file that
 * differs there is searched.
 *
 * The end of the body: at the last footer; a body may hold `---` lines and even a whole
 * footer of its own, and newer crawlers put a section of reader comments between body and
 * footer. Which of them is the end, and whether the text is escaped, is found in choose.c.
 *
 * What has another heading or footer, or none, is looked for by its hash alone: from each
 * place where a body may begin to each where it may end.
 */
#include "article/reader_internal.h"

#include <string.h>

static const char footer_mark[] = "*Crawled at: ";

/* The line that the crawler begins the section of readers' comments with, and the end of the
 * one before; none of its letters would be escaped. */
static const char *const comments_marks[] = { "\n📊 **댓글 통계**",
                                              "\n*댓글이 없습니다.*" };
enum { N_COMMENTS_MARKS = sizeof(comments_marks) / sizeof(comments_marks[0]) };

struct frame {
    struct sillok_text raw; /* as in the file, first cut: up to the last footer */
    const char *body;       /* behind the template's heading; NULL: there is none */
};

/* --- where the body is --- */

/* Compare-and-step: 1 when @p t stands at *at. */
static int step(const char **at, const char *end, struct sillok_text t)
{
    if ((size_t)(end - *at) < t.len || (t.len && memcmp(*at, t.ptr, t.len) != 0))
        return 0;
    *at += t.len;
    return 1;
}

static int step_str(const char **at, const char *end, const char *str)
{
    return step(at, end, text_of(str));
}

/* The heading exactly as the template writes it; returns where the body begins or NULL.
 */
static const char *exact_heading(const struct front *f)
{
    const char *at = f->rest.ptr, *end = f->rest.ptr + f->rest.len;
    const struct sillok_text *v = f->values;
    const int ok = step_str(&at, end, "\n# ") && step(&at, end, reader_title(f)) &&
                   step_str(&at, end, "\n\n**") && step(&at, end, v[SILLOK_PUBLISHER]) &&
                   step_str(&at, end, "** | ") &&
                   step(&at, end, v[SILLOK_PUBLISHED_AT]) && step_str(&at, end, " | ") &&
                   step(&at, end, v[SILLOK_CATEGORY]) &&
                   step_str(&at, end, "\n\n---\n\n");
    return ok ? at : NULL;
}

/* The heading by its looks: a line "**...** | ..." and, after it, a `---` line. */
static const char *loose_heading(const struct front *f)
{
    const char *at = f->rest.ptr, *const end = f->rest.ptr + f->rest.len;
    int seen = 0;
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        struct sillok_text line = { at, (size_t)((eol ? eol : end) - at) };
        at = eol ? eol + 1 : end;
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (!seen && line.len >= 8 && memcmp(line.ptr, "**", 2) == 0 &&
            memmem(line.ptr, line.len, "** |", 4))
            seen = 1;
        else if (seen && text_is(line, "---")) {
            if (!step_str(&at, end, "\n"))
                (void)step_str(&at, end, "\r\n"); /* the empty line after it, if any */
            return at;
        } else if (seen && line.len)
            return NULL;
    }
    return NULL;
}

/* Where the text ends that has a `---` line with empty lines around it before @p at, the
 * begin of a line; NULL where no such line stands there. */
static const char *before_wall(const char *body, const char *at, int crlf)
{
    const char *cut = at;
    while (cut > body && (cut[-1] == '\n' || cut[-1] == '\r'))
        cut--;
    if (cut - body < 3 || memcmp(cut - 3, "---", 3) != 0)
        return NULL;
    cut -= 3;
    /* At most the two line ends that the template writes: more belong to the body. */
    for (int i = 0; i < 2 && cut > body && cut[-1] == '\n'; i++) {
        cut--;
        if (crlf && cut > body && cut[-1] == '\r')
            cut--;
    }
    return cut;
}

/* The last line that begins the footer, with the `---` line and the empty lines before it
 * taken off; NULL when there is none behind @p body. */
static const char *last_footer(const char *body, const char *end, int crlf)
{
    const size_t n = sizeof(footer_mark) - 1;
    for (const char *at = end; at > body;) {
        at = memrchr(body, '*', (size_t)(at - body));
        if (!at)
            return NULL;
        if ((size_t)(end - at) < n || memcmp(at, footer_mark, n) != 0 || at[-1] != '\n')
            continue;
        const char *cut = before_wall(body, at, crlf);
        if (cut)
            return cut;
    }
    return NULL;
}

/* @p t up to the section of readers' comments. */
static struct sillok_text before_comments(struct sillok_text t, int crlf)
{
    for (size_t i = 0; i < N_COMMENTS_MARKS; i++) {
        const struct sillok_text begin = text_of(comments_marks[i]);
        struct sillok_text rest = t;
        const char *at;
        while (rest.len && (at = memmem(rest.ptr, rest.len, begin.ptr, begin.len))) {
            const char *cut = before_wall(t.ptr, at + 1, crlf);
            if (cut)
                return text_make(t.ptr, (size_t)(cut - t.ptr));
            rest = text_from(rest, (size_t)(at + 1 - rest.ptr));
        }
    }
    return t;
}

static int find_frame(const struct front *f, struct frame *out, struct refusal *why)
{
    const char *body = exact_heading(f);
    if (!body)
        body = loose_heading(f);
    out->body = body;
    if (!body)
        return refuse(why, "no_heading", "the heading and its '---' line are missing");
    const char *cut = last_footer(body, f->rest.ptr + f->rest.len, f->crlf);
    if (!cut)
        return refuse(why, "no_footer",
                      "the footer '---', '*Crawled at: ...*' is missing: "
                      "the file may have been cut off");
    out->raw = text_make(body, (size_t)(cut - body));
    return 0;
}

/* --- the article --- */

/* Append @p t with each CR LF as LF. */
static int add_lf(struct buf *out, struct sillok_text t)
{
    int rc = buf_reserve(out, t.len); /* the result is never longer */
    while (rc == 0 && t.len) {
        const char *cr = memmem(t.ptr, t.len, "\r\n", 2);
        const size_t run = cr ? (size_t)(cr - t.ptr) : t.len;
        rc = buf_add(out, t.ptr, run);
        t = text_from(t, cr ? run + 1 : run);
    }
    return rc;
}

/* The values of the fields as they stand, with lines ended by LF: what a file's lines end
 * in is how it was written, not what it says. A CR LF that YAML gives is what it says. */
static int raw_fields(struct reader *r, const struct front *f,
                      struct sillok_text out[SILLOK_N_FIELDS])
{
    size_t total = 0;
    for (int i = 0; i < SILLOK_N_FIELDS; i++) {
        out[i] = i == SILLOK_TITLE ? reader_title(f) : f->values[i];
        total += f->crlf && reader_has_crlf(out[i]) ? out[i].len : 0;
    }
    if (!total || f->unquoted) /* YAML's values, ids among them, stand in r->text */
        return 0;
    buf_clear(&r->text);
    int rc = buf_reserve(&r->text, total); /* or what was pointed to would move */
    for (int i = 0; rc == 0 && i < SILLOK_N_FIELDS; i++) {
        const size_t from = r->text.len;
        if (!reader_has_crlf(out[i]))
            continue;
        rc = add_lf(&r->text, out[i]);
        out[i] = text_make(r->text.ptr + from, r->text.len - from);
    }
    return rc;
}

/* Front matter that begins like the file's own, behind its body: files were joined. */
static int another_begins(const struct front *f)
{
    static const char wall[] = "\n---\n";
    const char *colon = memchr(f->all.ptr, ':', f->all.len);
    if (!colon)
        return 0;
    const size_t key = (size_t)(colon + 1 - f->all.ptr);
    struct sillok_text t = f->rest;
    const char *at;
    while ((at = memmem(t.ptr, t.len, wall, strlen(wall)))) {
        t = text_make(at + strlen(wall), t.len - (size_t)(at - t.ptr) - strlen(wall));
        if (t.len >= key && memcmp(t.ptr, f->all.ptr, key) == 0)
            return 1;
    }
    return 0;
}

/* With no hash that fits, comments would be part of the body, and of another one with every
 * crawl; nor do they say how the body was written. */
static int leave_out_comments(struct reader *r, const struct sillok_text *fields,
                              struct sillok_text raw, int crlf, struct choice *c)
{
    static const struct declared none = { 0 };
    const struct sillok_text body = before_comments(raw, crlf);
    if (body.len == raw.len)
        return 0;
    const int rc = reader_choose(r, fields, body, &none, c);
    c->cut = 1;
    return rc;
}

/* The two parts of an id OID_AID; 0: it has not that form. */
static int split_id(struct sillok_text id, struct sillok_text *oid,
                    struct sillok_text *aid)
{
    id = reader_unmarked(id);
    const char *mark = id.len ? memchr(id.ptr, '_', id.len) : NULL;
    if (!mark)
        return 0;
    *oid = text_make(id.ptr, (size_t)(mark - id.ptr));
    *aid = text_from(id, oid->len + 1);
    return !aid->len ||
           !memchr(aid->ptr, '_', aid->len); /* else nobody says which parts them */
}

/* Files of before the crawler wrote them have both ids in a third. */
static void take_ids(struct front *f)
{
    struct sillok_text oid, aid;
    if (f->values[KEY_OID].ptr || f->values[KEY_AID].ptr ||
        !split_id(f->values[KEY_ID], &oid, &aid))
        return;
    f->values[KEY_OID] = oid;
    f->values[KEY_AID] = aid;
}

static int names_another(const struct front *f, const struct sillok_article *a)
{
    struct sillok_text oid, aid;
    return split_id(f->values[KEY_ID], &oid, &aid) &&
           !(text_equal(oid, a->oid) && text_equal(aid, a->aid));
}

/* What is known of the article once its body is. */
static int take_article(struct reader *r, const struct front *f,
                        const struct sillok_text *fields, const struct choice *c,
                        struct reading *out, struct refusal *why)
{
    out->article.body = c->body;
    out->form = c->escaped ? FORM_ESCAPED : 0;
    if (names_another(f, &out->article))
        out->notes |= NOTE_OTHER_ID;
    if ((c->cut || out->notes & NOTE_MISMATCH) && another_begins(f))
        out->notes |= NOTE_SECOND;
    int rc = reader_take_fields(r, fields, c->escaped, &out->article);
    if (rc == 0)
        rc = reader_check_title(out->article.fields[SILLOK_TITLE], why);
    return rc < 0 ? rc : reader_finish(r, out, &c->id);
}

static int read_template(struct reader *r, struct front *f, const struct frame *frame,
                         struct reading *out, struct refusal *why)
{
    struct sillok_text fields[SILLOK_N_FIELDS];
    struct declared declared;
    struct choice c;
    if (!r->profile->oid)
        take_ids(f);
    int rc =
        reader_identity(r, f->values, r->profile->hash_required, out, &declared, why);
    if (rc == 0)
        rc = raw_fields(r, f, fields);
    if (rc == 0)
        rc = reader_choose(r, fields, frame->raw, &declared, &c);
    if (rc == 0 && f->has_comments && !c.verified)
        rc = leave_out_comments(r, fields, frame->raw, f->crlf, &c);
    if (rc < 0)
        return rc;
    if (declared.present && !c.verified) {
        out->notes |= NOTE_MISMATCH;
        out->declared = declared.id;
    }
    return take_article(r, f, fields, &c, out, why);
}

/* --- a body that its hash alone shows --- */

enum { MAX_STARTS = 3 };

static struct sillok_text behind_empty(struct sillok_text t, int most)
{
    for (; most && (text_starts(t, "\n") || text_starts(t, "\r\n")); most--)
        t = text_from(t, t.ptr[0] == '\r' ? 2 : 1);
    return t;
}

/* @p t behind its line that begins at @p at. */
static struct sillok_text behind_line(struct sillok_text t, size_t at)
{
    const char *eol = memchr(t.ptr + at, '\n', t.len - at);
    return eol ? text_from(t, (size_t)(eol + 1 - t.ptr)) : text_make(t.ptr, 0);
}

/* Where a body may begin in what stands behind the front matter: at once, behind a line
 * "# ...", behind the first line "---". */
static int find_starts(const struct front *f, struct sillok_text out[MAX_STARTS])
{
    int n = 0;
    const struct sillok_text all = behind_empty(f->rest, -1);
    out[n++] = all;
    if (text_starts(all, "# "))
        out[n++] = behind_empty(behind_line(all, 0), -1);
    const char *wall =
        all.len
            ? memmem(all.ptr, all.len, f->crlf ? "\n---\r\n" : "\n---\n", f->crlf ? 6 : 5)
            : NULL;
    if (wall)
        out[n++] = behind_empty(behind_line(all, (size_t)(wall + 1 - all.ptr)), 1);
    return n;
}

/* An empty line at the end of @p t is one that a body may end before. */
static struct sillok_text without_last_eol(struct sillok_text t)
{
    const size_t eol = text_ends(t, "\r\n") ? 2 : text_ends(t, "\n");
    const struct sillok_text less = text_make(t.ptr, t.len - eol);
    return text_ends(less, "\n") ? t : less;
}

/* Is @p line the beginning of @p mark, or @p mark of it? */
static int begins_alike(struct sillok_text line, struct sillok_text mark)
{
    const size_t n = text_common_start(line, mark);
    return n == line.len || n == mark.len;
}

/* Does @p behind, what stands behind a body, end where the template goes on? That is within
 * its line "---" or the beginning of its footer, or in the readers' comments, which have the
 * footer behind them. */
static int ends_in_template(struct sillok_text behind, int crlf)
{
    const struct sillok_text wall = text_of(crlf ? "\r\n\r\n---\r\n\r\n" : "\n\n---\n\n");
    const struct sillok_text line = text_from(behind, text_common_start(behind, wall));
    const size_t n = behind.len - line.len;
    if (n < wall.len || !line.len)
        return !line.len;
    for (size_t i = 0; i < N_COMMENTS_MARKS; i++)
        if (begins_alike(line, text_of(comments_marks[i] + 1)))
            return !last_footer(behind.ptr, behind.ptr + behind.len, crlf);
    return line.len < strlen(footer_mark) && begins_alike(line, text_of(footer_mark));
}

/* Had the crawler not finished the file, or was its end lost, so that zeros stand there? What
 * has no heading needs no footer. @p t is what the body was looked for in. */
static int is_unfinished(const struct reader *r, const struct front *f,
                         const struct frame *frame, struct sillok_text t,
                         const struct choice *c)
{
    const size_t wall = f->crlf ? 4 : 2;
    const struct sillok_text behind =
        text_from(c->body.ptr == t.ptr ? t : buf_text(&r->body), c->body.len);
    if (behind.len && behind.ptr[behind.len - 1] == '\0')
        return 1;
    return (frame->body || behind.len > wall) && ends_in_template(behind, f->crlf);
}

/* A crawler of other years may have written another heading, another footer, or none: there
 * the body is the text that has the declared hash. 1: @p out is its article; 0: none has. */
static int read_by_hash(struct reader *r, struct front *f, const struct frame *frame,
                        struct reading *out, struct refusal *why)
{
    enum { MOST_BYTES = 1 << 20 }; /* each empty line is asked, of each start */
    struct sillok_text starts[MAX_STARTS], fields[SILLOK_N_FIELDS], t = { NULL, 0 };
    struct declared declared;
    struct choice c = { .verified = 0 };
    int n = 1;
    if (f->rest.len > MOST_BYTES)
        return 0;
    if (frame->body)
        starts[0] = text_from(f->rest, (size_t)(frame->body - f->rest.ptr));
    else
        n = find_starts(f, starts);
    if (!r->profile->oid)
        take_ids(f);
    int rc = reader_identity(r, f->values, 1, out, &declared, why);
    if (rc == 0)
        rc = raw_fields(r, f, fields);
    for (int i = 0; i < n && rc == 0 && !c.verified; i++) {
        t = without_last_eol(starts[i]);
        rc = reader_choose(r, fields, t, &declared, &c);
    }
    if (rc == 0 && c.verified && is_unfinished(r, f, frame, t, &c))
        return 0;
    if (rc == 0 && c.verified)
        rc = take_article(r, f, fields, &c, out, why);
    if (rc == SILLOK_EINVALID)
        return 0; /* for what is refused the first reason counts */
    return rc < 0 ? rc : c.verified;
}

static int is_zeros(struct sillok_text t)
{
    return t.ptr[0] == '\0' && memcmp(t.ptr, t.ptr + 1, t.len - 1) == 0;
}

static int check_bytes(struct sillok_text *file, const struct reader *r,
                       struct reading *out, struct refusal *why)
{
    if (file->len > r->limits.file_bytes)
        return refuse(why, "too_large",
                      "too large (limit %llu bytes, see limits.file_bytes)",
                      (unsigned long long)r->limits.file_bytes);
    if (file->len == 0)
        return refuse(why, "empty", "the file is empty");
    if (is_zeros(*file))
        return refuse(why, "empty",
                      "the file holds nothing but zeros: what it held was lost, as in a "
                      "power cut");
    if (text_starts(*file, "\xff\xfe") || text_starts(*file, "\xfe\xff"))
        return refuse(why, "not_utf8", "not UTF-8: begins with a UTF-16 byte order mark");
    if (text_starts(*file, "\xef\xbb\xbf")) {
        out->notes |= NOTE_BOM;
        file->ptr += 3;
        file->len -= 3;
    }
    return 0;
}

/* By the template; or as somebody else's Markdown; or by the hash alone. */
static int read_own(struct reader *r, const struct front *front, struct reading *out,
                    struct refusal *why)
{
    const unsigned notes = out->notes;
    struct front f = *front;
    struct frame frame;
    int rc = reader_unquote(r, &f);
    if (rc < 0)
        return rc;
    if (find_frame(&f, &frame, why) == 0)
        return read_template(r, &f, &frame, out, why);
    /* A heading without a footer is a cut file of this crawler; without both it may be
     * somebody else's Markdown. */
    if (!frame.body) {
        rc = reader_yaml(r, front, out, why);
        if (rc == 0 && !(out->notes & NOTE_MISMATCH))
            return 0; /* with the hash that it declares: it is whole */
        if (rc < 0 && (rc != SILLOK_EINVALID || strcmp(why->code, "bad_yaml") != 0))
            return rc; /* the message is its own */
    }
    *out = (struct reading){ .notes = notes };
    f = *front;
    rc = reader_unquote(r, &f); /* once more: YAML took its place */
    if (rc == 0)
        rc = read_by_hash(r, &f, &frame, out, why);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return find_frame(&f, &frame, why); /* again, for its message */
}

int reader_file(struct reader *r, struct sillok_text file, struct reading *out,
                struct refusal *why)
{
    *out = (struct reading){ 0 };
    struct front front;
    int rc = check_bytes(&file, r, out, why);
    if (rc == 0)
        rc = front_read(&front, file, r->profile, &r->limits, why);
    if (rc < 0)
        return rc;
    if (front.unknown_keys)
        out->notes |= NOTE_UNKNOWN_KEYS;
    return r->profile->has_template ? read_own(r, &front, out, why)
                                    : reader_yaml(r, &front, out, why);
}
