#include "proof/bundle.h"

#include "proof/leaf.h"
#include "proof/note.h"

#include <inttypes.h>
#include <jansson.h>

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

enum { EXTRA_MAX_BYTES = 64 << 10, HASH_TEXT_BYTES = 44 };

void bundle_init(struct bundle *b)
{
    memset(b, 0, sizeof(*b));
    buf_init(&b->extra, EXTRA_MAX_BYTES);
}

void bundle_release(struct bundle *b)
{
    buf_release(&b->extra);
}

/* --- writing --- */

int bundle_add(struct buf *out, const struct bundle *b)
{
    int r = b->is_consistency ? buf_printf(out, "old %" PRIu64 "\n", b->index)
                              : buf_add_str(out, FIRST_LINE "\n");
    if (r == 0 && !b->is_consistency && b->extra.len) {
        r = buf_add_str(out, "extra ");
        if (r == 0)
            r = base64_add(out, b->extra.ptr, b->extra.len);
        if (r == 0)
            r = buf_add_char(out, '\n');
    }
    if (r == 0 && !b->is_consistency)
        r = buf_printf(out, "index %" PRIu64 "\n", b->index);
    for (unsigned i = 0; i < b->path.n && r == 0; i++) {
        r = base64_add(out, b->path.hash[i].bytes, sizeof(b->path.hash[i].bytes));
        if (r == 0)
            r = buf_add_char(out, '\n');
    }
    if (r == 0)
        r = buf_add_char(out, '\n');
    return r < 0 ? r : buf_add_text(out, b->note);
}

/* --- reading --- */

static int not_a_proof(const char *why)
{
    return fail(SILLOK_EINVALID, "that is not a proof: %s", why);
}

/* "NAME VALUE" */
static int take_value(struct sillok_text line, const char *name,
                      struct sillok_text *value)
{
    const size_t n = strlen(name);
    if (line.len <= n + 1 || !text_starts(line, name) || line.ptr[n] != ' ')
        return 0;
    *value = text_make(line.ptr + n + 1, line.len - n - 1);
    return 1;
}

static int take_number(struct sillok_text t, uint64_t *out)
{
    return (t.len > 1 && t.ptr[0] == '0') ||
                   text_number(t, ((uint64_t)1 << 62) - 1, out) < 0
               ? -1
               : 0;
}

static int parse_head(struct bundle *out, struct sillok_text *rest)
{
    struct sillok_text line, value;
    if (!note_line(rest, &line))
        return not_a_proof("it has no lines");
    out->is_consistency = take_value(line, "old", &value);
    if (out->is_consistency)
        return take_number(value, &out->index) < 0
                   ? not_a_proof("its old size is no number")
                   : 0;
    if (!text_is(line, FIRST_LINE))
        return not_a_proof("its first line is neither " FIRST_LINE " nor 'old SIZE'");
    int more = note_line(rest, &line);
    if (more && take_value(line, "extra", &value)) {
        const int r =
            value.len > EXTRA_MAX_BYTES ? -1 : base64_decode(&out->extra, value);
        if (r < 0)
            return r == SILLOK_ENOMEM ? r : not_a_proof("its extra line is not base64");
        more = note_line(rest, &line);
    }
    return more && take_value(line, "index", &value) &&
                   take_number(value, &out->index) == 0
               ? 0
               : not_a_proof("it has no line 'index N'");
}

static int parse_hash(struct merkle_path *path, struct sillok_text line)
{
    if (path->n == MERKLE_PATH_MAX)
        return not_a_proof("it has too many hashes");
    struct sillok_id *hash = &path->hash[path->n];
    if (line.len != HASH_TEXT_BYTES ||
        base64_bytes(hash->bytes, sizeof(hash->bytes), line) < 0)
        return not_a_proof("a hash is not base64 of 32 bytes");
    path->n++;
    return 0;
}

int bundle_parse(struct bundle *out, struct sillok_text text)
{
    struct sillok_text line;
    buf_clear(&out->extra);
    out->path.n = 0;
    int r = parse_head(out, &text);
    while (r == 0 && note_line(&text, &line)) {
        if (line.len == 0) {
            out->note = text;
            return 0;
        }
        r = parse_hash(&out->path, line);
    }
    return r < 0 ? r : not_a_proof("it has no empty line and checkpoint behind it");
}

/* --- what we add --- */

void extra_init(struct extra *e)
{
    memset(e, 0, sizeof(*e));
    buf_init(&e->entry, LEAF_MAX_BYTES);
    buf_init(&e->opening, LEAF_MAX_BYTES);
    buf_init(&e->sighting, LEAF_MAX_BYTES);
}

void extra_release(struct extra *e)
{
    buf_release(&e->entry);
    buf_release(&e->opening);
    buf_release(&e->sighting);
}

static int add_sighting(struct buf *out, const struct extra *e)
{
    int r = buf_add_char(out, ',');
    if (r == 0)
        r = leaf_string_add(out, "observation", buf_text(&e->sighting));
    if (r == 0)
        r = buf_printf(out, ",\"number\":%" PRIu64 ",\"path\":[", e->number);
    for (unsigned i = 0; i < e->path.n && r == 0; i++) {
        r = buf_add_str(out, i ? ",\"" : "\"");
        if (r == 0)
            r = base64_add(out, e->path.hash[i].bytes, sizeof(e->path.hash[i].bytes));
        if (r == 0)
            r = buf_add_char(out, '"');
    }
    return r < 0 ? r : buf_add_char(out, ']');
}

int extra_add(struct buf *out, const struct extra *e)
{
    int r = buf_add_char(out, '{');
    if (r == 0)
        r = leaf_string_add(out, "entry", buf_text(&e->entry));
    if (r == 0)
        r = buf_add_char(out, ',');
    if (r == 0)
        r = leaf_string_add(out, "opening", buf_text(&e->opening));
    if (r == 0 && e->sighting.len)
        r = add_sighting(out, e);
    return r < 0 ? r : buf_add_char(out, '}');
}

static int take_string(const json_t *o, const char *name, struct buf *out)
{
    const json_t *v = json_object_get(o, name);
    buf_clear(out);
    return json_is_string(v) && json_string_length(v)
               ? buf_add(out, json_string_value(v), json_string_length(v))
               : -1;
}

static int take_path(const json_t *list, struct merkle_path *out)
{
    out->n = 0;
    if (!json_is_array(list) || json_array_size(list) > MERKLE_PATH_MAX)
        return -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_string(v) ||
            base64_bytes(out->hash[i].bytes, sizeof(out->hash[i].bytes),
                         text_make(json_string_value(v), json_string_length(v))) < 0)
            return -1;
        out->n++;
    }
    return 0;
}

/* 0;  -1 it is none;  SILLOK_ENOMEM */
static int read_extra(struct extra *out, const json_t *o)
{
    const json_t *number = json_object_get(o, "number");
    buf_clear(&out->sighting);
    int r = take_string(o, "entry", &out->entry);
    if (r == 0)
        r = take_string(o, "opening", &out->opening);
    if (r < 0 || !json_object_get(o, "observation"))
        return r;
    r = take_string(o, "observation", &out->sighting);
    if (r < 0 || !json_is_integer(number) || json_integer_value(number) < 0)
        return r < 0 ? r : -1;
    out->number = (uint64_t)json_integer_value(number);
    return take_path(json_object_get(o, "path"), &out->path);
}

int extra_parse(struct extra *out, struct sillok_text json)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    json_t *o =
        json.len ? json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const int read = o ? read_extra(out, o) : -1;
    json_decref(o);
    if (read < 0)
        return read == SILLOK_ENOMEM
                   ? read
                   : not_a_proof("its extra line does not say what is proven");
    const int r = extra_add(&again, out);
    return r < 0 || text_equal(buf_text(&again), json)
               ? r
               : not_a_proof("its extra line is not written as it has to be");
}
