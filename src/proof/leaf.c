#include "proof/leaf.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

void leaf_init(struct leaf *leaf)
{
    memset(leaf, 0, sizeof(*leaf));
    buf_init(&leaf->name, LEAF_MAX_BYTES);
    buf_init(&leaf->uuid, LEAF_MAX_BYTES);
}

void leaf_release(struct leaf *leaf)
{
    buf_release(&leaf->name);
    buf_release(&leaf->uuid);
}

/* --- writing --- */

static int add_hex(struct buf *b, const char *name, const void *bytes, size_t n)
{
    char hex[2 * sizeof(struct sillok_id) + 1];
    put_hex(hex, bytes, n);
    return buf_printf(b, "\"%s\":\"%s\"", name, hex);
}

static int add_id(struct buf *b, const char *name, const struct sillok_id *id)
{
    return add_hex(b, name, id->bytes, sizeof(id->bytes));
}

static int add_time(struct buf *b, const char *name, int64_t time_s)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, text);
    return buf_printf(b, "\"%s\":\"%s\"", name, text);
}

int leaf_string_add(struct buf *b, const char *name, struct sillok_text t)
{
    int r = buf_printf(b, "\"%s\":\"", name);
    for (size_t i = 0; i < t.len && r == 0; i++) {
        const unsigned char c = (unsigned char)t.ptr[i];
        r = c == '"' || c == '\\' ? buf_printf(b, "\\%c", c)
            : c < ' '             ? buf_printf(b, "\\u%04x", c)
                                  : buf_add_char(b, (char)c);
    }
    return r < 0 ? r : buf_add_char(b, '"');
}

static int add_revision(struct buf *b, const struct leaf *leaf)
{
    int r = buf_printf(b, "{\"kind\":\"revision\",\"oid\":\"%s\",\"aid\":\"%s\",",
                       leaf->oid, leaf->aid);
    if (r == 0)
        r = add_time(b, "first_seen", leaf->first_seen_s);
    if (r == 0)
        r = buf_add_char(b, ',');
    if (r == 0)
        r = add_id(b, "commitment", &leaf->commitment);
    return r < 0 ? r : buf_add_char(b, '}');
}

static int add_crawl(struct buf *b, const struct leaf *leaf)
{
    int r = buf_add_str(b, "{\"kind\":\"crawl\",");
    if (r == 0)
        r = leaf_string_add(b, "crawl", buf_text(&leaf->name));
    if (r == 0)
        r = buf_printf(b, ",\"observations\":%" PRIu64 ",", leaf->observations);
    if (r == 0)
        r = add_id(b, "observations_root", &leaf->observations_root);
    if (r == 0)
        r = buf_printf(b, ",\"refused\":%" PRIu64 ",", leaf->refused);
    if (r == 0)
        r = add_id(b, "refused_root", &leaf->refused_root);
    return r < 0 ? r : buf_add_char(b, '}');
}

static int add_log(struct buf *b, const struct leaf *leaf)
{
    int r = buf_add_str(b, "{\"kind\":\"log\",");
    if (r == 0)
        r = leaf_string_add(b, "origin", buf_text(&leaf->name));
    if (r == 0)
        r = buf_add_char(b, ',');
    if (r == 0)
        r = leaf_string_add(b, "store", buf_text(&leaf->uuid));
    return r < 0 ? r : buf_add_char(b, '}');
}

int leaf_add(struct buf *b, const struct leaf *leaf)
{
    switch (leaf->kind) {
    case LEAF_REVISION:
        return add_revision(b, leaf);
    case LEAF_CRAWL:
        return add_crawl(b, leaf);
    case LEAF_LOG:
    default:
        return add_log(b, leaf);
    }
}

int opening_add(struct buf *b, const struct opening *o)
{
    int r = buf_add_char(b, '{');
    if (r == 0)
        r = add_hex(b, "salt", o->salt, sizeof(o->salt));
    if (r == 0)
        r = buf_add_char(b, ',');
    if (r == 0)
        r = add_id(b, "content_hash", &o->content_hash);
    if (r == 0)
        r = buf_add_char(b, ',');
    if (r == 0)
        r = add_id(b, "fields_hash", &o->fields_hash);
    return r < 0 ? r : buf_add_char(b, '}');
}

int sighting_add(struct buf *b, const struct sighting *s)
{
    int r = buf_printf(b, "{\"oid\":\"%s\",\"aid\":\"%s\",", s->oid, s->aid);
    if (r == 0)
        r = add_time(b, "crawled_at", s->crawled_at_s);
    if (r == 0)
        r = buf_add_char(b, ',');
    if (r == 0)
        r = add_id(b, "commitment", &s->commitment);
    return r < 0 ? r : buf_add_char(b, '}');
}

int refusal_line_add(struct buf *b, const char *key_hex, const char *code)
{
    int r = buf_printf(b, "{\"key\":\"%s\",", key_hex);
    if (r == 0)
        r = leaf_string_add(b, "code", text_of(code));
    return r < 0 ? r : buf_add_char(b, '}');
}

/* --- reading: what is read must be what would be written --- */

static int not_a_line(const char *what)
{
    return fail(SILLOK_EINVALID, "that is no %s of a log", what);
}

static int get_string(const json_t *o, const char *name, struct sillok_text *out)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_string(v))
        return -1;
    *out = text_make(json_string_value(v), json_string_length(v));
    return 0;
}

static int get_bytes(const json_t *o, const char *name, void *out, size_t n)
{
    struct sillok_text t;
    return get_string(o, name, &t) < 0 || t.len != 2 * n || get_hex(out, t.ptr, n) < 0
               ? -1
               : 0;
}

static int get_count(const json_t *o, const char *name, uint64_t *out)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return -1;
    *out = (uint64_t)json_integer_value(v);
    return 0;
}

static int get_time(const json_t *o, const char *name, int64_t *out)
{
    struct sillok_text t;
    return get_string(o, name, &t) < 0 || t.len >= SILLOK_TIME_LEN
               ? -1
               : sillok_time_parse(out, t.ptr, t.len, 0, 0);
}

static int get_key(const json_t *o, const char *name, char out[SILLOK_KEY_MAX_BYTES + 1])
{
    struct sillok_text t;
    if (get_string(o, name, &t) < 0 || t.len < 1 || t.len > SILLOK_KEY_MAX_BYTES)
        return -1;
    for (size_t i = 0; i < t.len; i++)
        if (t.ptr[i] <= ' ' || t.ptr[i] == '"' || t.ptr[i] == '\\' || t.ptr[i] > '~')
            return -1;
    memcpy(out, t.ptr, t.len);
    out[t.len] = '\0';
    return 0;
}

static json_t *load(struct sillok_text line)
{
    return line.len && line.len <= LEAF_MAX_BYTES
               ? json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL)
               : NULL;
}

/* 0;  -1 it is none;  SILLOK_ENOMEM */
static int read_leaf(struct leaf *out, const json_t *o)
{
    struct sillok_text kind, name, uuid;
    if (get_string(o, "kind", &kind) < 0)
        return -1;
    if (text_is(kind, "revision")) {
        out->kind = LEAF_REVISION;
        return get_key(o, "oid", out->oid) < 0 || get_key(o, "aid", out->aid) < 0 ||
                       get_time(o, "first_seen", &out->first_seen_s) < 0 ||
                       get_bytes(o, "commitment", &out->commitment, 32) < 0
                   ? -1
                   : 0;
    }
    if (text_is(kind, "crawl")) {
        out->kind = LEAF_CRAWL;
        return get_string(o, "crawl", &name) < 0 ||
                       get_count(o, "observations", &out->observations) < 0 ||
                       get_bytes(o, "observations_root", &out->observations_root, 32) <
                           0 ||
                       get_count(o, "refused", &out->refused) < 0 ||
                       get_bytes(o, "refused_root", &out->refused_root, 32) < 0
                   ? -1
                   : buf_add_text(&out->name, name);
    }
    out->kind = LEAF_LOG;
    if (!text_is(kind, "log") || get_string(o, "origin", &name) < 0 ||
        get_string(o, "store", &uuid) < 0)
        return -1;
    const int r = buf_add_text(&out->name, name);
    return r < 0 ? r : buf_add_text(&out->uuid, uuid);
}

int leaf_parse(struct leaf *out, struct sillok_text line)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    json_t *o = load(line);
    buf_clear(&out->name);
    buf_clear(&out->uuid);
    const int read = o ? read_leaf(out, o) : -1;
    json_decref(o);
    if (read < 0)
        return read == SILLOK_ENOMEM ? read : not_a_line("entry");
    const int r = leaf_add(&again, out);
    return r < 0 || text_equal(buf_text(&again), line) ? r : not_a_line("entry");
}

int opening_parse(struct opening *out, struct sillok_text line)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    json_t *o = load(line);
    const int ok = o && get_bytes(o, "salt", out->salt, sizeof(out->salt)) == 0 &&
                   get_bytes(o, "content_hash", &out->content_hash, 32) == 0 &&
                   get_bytes(o, "fields_hash", &out->fields_hash, 32) == 0;
    json_decref(o);
    if (!ok)
        return not_a_line("opening");
    const int r = opening_add(&again, out);
    return r < 0 || text_equal(buf_text(&again), line) ? r : not_a_line("opening");
}

int sighting_parse(struct sighting *out, struct sillok_text line)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    json_t *o = load(line);
    const int ok = o && get_key(o, "oid", out->oid) == 0 &&
                   get_key(o, "aid", out->aid) == 0 &&
                   get_time(o, "crawled_at", &out->crawled_at_s) == 0 &&
                   get_bytes(o, "commitment", &out->commitment, 32) == 0;
    json_decref(o);
    if (!ok)
        return not_a_line("observation");
    const int r = sighting_add(&again, out);
    return r < 0 || text_equal(buf_text(&again), line) ? r : not_a_line("observation");
}

/* --- commitments --- */

int fields_hash(struct hasher *h, const struct sillok_article *a, struct sillok_id *out)
{
    uint8_t lengths[8 * SILLOK_N_FIELDS];
    int r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, "sillok fields 1", sizeof("sillok fields 1"));
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        put_be(lengths + 8 * (size_t)i, a->fields[i].len, 8);
    if (r == 0)
        r = hasher_add(h, lengths, sizeof(lengths));
    for (int i = 0; i < SILLOK_N_FIELDS && r == 0; i++)
        r = hasher_add(h, a->fields[i].ptr, a->fields[i].len);
    return r < 0 ? r : hasher_end(h, out);
}

static int make_salt(struct hasher *h, const uint8_t secret[SECRET_BYTES],
                     const struct sillok_article *a, struct opening *o)
{
    struct sillok_id id;
    int r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, secret, SECRET_BYTES);
    if (r == 0)
        r = hasher_add(h, "sillok salt 1", sizeof("sillok salt 1"));
    if (r == 0)
        r = hasher_add(h, a->oid.ptr, a->oid.len);
    if (r == 0)
        r = hasher_add(h, "", 1);
    if (r == 0)
        r = hasher_add(h, a->aid.ptr, a->aid.len);
    if (r == 0)
        r = hasher_add(h, "", 1);
    if (r == 0)
        r = hasher_add(h, &o->content_hash, sizeof(o->content_hash));
    if (r == 0)
        r = hasher_add(h, &o->fields_hash, sizeof(o->fields_hash));
    if (r == 0)
        r = hasher_end(h, &id);
    if (r == 0)
        memcpy(o->salt, id.bytes, sizeof(o->salt));
    return r;
}

int commitment_open(struct hasher *h, const struct opening *opening,
                    struct sillok_id *out)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    const int r = opening_add(&line, opening);
    return r < 0 ? r : hasher_of(h, text_make(line.ptr, line.len), out);
}

int commitment_of(struct hasher *h, const uint8_t secret[SECRET_BYTES],
                  const struct sillok_article *a, struct opening *opening,
                  struct sillok_id *out)
{
    opening->content_hash = a->content_hash;
    int r = fields_hash(h, a, &opening->fields_hash);
    if (r == 0)
        r = make_salt(h, secret, a, opening);
    return r < 0 ? r : commitment_open(h, opening, out);
}
