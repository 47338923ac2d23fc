/*
 * Markdown with YAML front matter, as other crawlers write it: libyaml reads the front
 * matter, the profile says what the keys are called, and the body is the text behind it.
 *
 * Where the body begins and ends is a matter of taste (empty lines, a heading that
 * repeats the title), so with a declared hash the reading that has it wins; else the text
 * without the white space around it counts.
 */
#include "article/reader_internal.h"

#include "article/yaml.h"

#include <string.h>

static struct sillok_text trimmed_left(struct sillok_text t)
{
    while (t.len && (t.ptr[0] == '\n' || t.ptr[0] == '\r' || t.ptr[0] == ' '))
        t.ptr++, t.len--;
    return t;
}

static struct sillok_text trimmed(struct sillok_text t)
{
    t = trimmed_left(t);
    while (t.len && strchr("\n\r ", t.ptr[t.len - 1]) && t.ptr[t.len - 1])
        t.len--;
    return t;
}

/* @p t without a first line "# ..." */
static struct sillok_text without_heading(struct sillok_text t)
{
    if (!text_starts(t, "# "))
        return t;
    const char *eol = memchr(t.ptr, '\n', t.len);
    return eol ? text_make(eol + 1, t.len - (size_t)(eol + 1 - t.ptr))
               : text_make(t.ptr, 0);
}

static int choose_body(struct reader *r, struct sillok_text rest,
                       const struct declared *declared, struct reading *out)
{
    const struct sillok_text inner = trimmed(rest);
    struct sillok_text to_eof = rest;
    if (to_eof.len && to_eof.ptr[0] == '\n')
        to_eof.ptr++, to_eof.len--;
    const struct sillok_text readings[] = {
        inner,
        trimmed(without_heading(inner)),
        trimmed_left(rest),
        trimmed_left(without_heading(trimmed_left(rest))),
        to_eof,
        rest,
    };
    out->article.body = readings[0];
    if (!declared->present)
        return reader_finish(r, out, NULL);
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        struct sillok_id id;
        const int rc = hasher_of(r->hasher, readings[i], &id);
        if (rc < 0)
            return rc;
        if (sillok_id_equal(&id, &declared->id)) {
            out->article.body = readings[i];
            return reader_finish(r, out, &id);
        }
    }
    out->notes |= NOTE_MISMATCH;
    out->declared = declared->id;
    return reader_finish(r, out, NULL);
}

/* Values of the known keys, copied into r->text so that the map can go. */
static int take_values(struct reader *r, const struct yaml_map *map,
                       struct sillok_text values[N_KEYS], int *unknown,
                       struct refusal *why)
{
    size_t at[N_KEYS];
    int seen[N_KEYS] = { 0 };
    buf_clear(&r->text);
    *unknown = 0;
    for (size_t i = 0; i < map->n; i++) {
        const struct yaml_entry *e = &map->entries[i];
        const int key = profile_key(r->profile, e->path);
        if (key < 0) {
            *unknown = 1;
            continue;
        }
        if (e->is_null) /* as if the key were not there, as in a line of NDJSON */
            continue;
        if (e->value.len > r->limits.field_bytes)
            return refuse(
                why, "field_too_large",
                "the value of %s is larger than %llu bytes (limits.field_bytes)",
                profile_key_name(key), (unsigned long long)r->limits.field_bytes);
        at[key] = r->text.len;
        seen[key] = 1;
        values[key].len = e->value.len;
        const int rc = buf_add_text(&r->text, e->value);
        if (rc < 0)
            return rc;
    }
    /* An empty value still is a value: its pointer must not be NULL. */
    int rc = buf_add_char(&r->text, '\0');
    for (int key = 0; key < N_KEYS; key++)
        values[key].ptr = seen[key] ? r->text.ptr + at[key] : NULL;
    profile_share(r->profile, values);
    return rc;
}

int reader_yaml_values(struct reader *r, const struct front *front,
                       struct sillok_text values[N_KEYS], int *unknown,
                       struct refusal *why)
{
    const struct yaml_limits limits = { (size_t)r->limits.front_matter_bytes, 16,
                                        4 * (int)r->limits.front_matter_keys + 16, 0 };
    struct yaml_map map;
    int rc = yaml_read(&map, front->all, "front matter", &limits);
    if (rc == SILLOK_EINVALID)
        return why->code = "bad_yaml", rc;
    if (rc < 0)
        return rc;
    rc = take_values(r, &map, values, unknown, why);
    yaml_map_release(&map);
    return rc;
}

int reader_yaml(struct reader *r, const struct front *front, struct reading *out,
                struct refusal *why)
{
    struct sillok_text values[N_KEYS] = { { NULL, 0 } };
    struct declared declared;
    int unknown;
    int rc = reader_yaml_values(r, front, values, &unknown, why);
    if (rc == 0) {
        out->notes &= ~(unsigned)NOTE_UNKNOWN_KEYS;
        out->notes |= unknown ? NOTE_UNKNOWN_KEYS : 0;
        rc = reader_identity(r, values, r->profile->hash_required, out, &declared, why);
    }
    if (rc < 0)
        return rc;
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        out->article.fields[i] = values[i];
    rc = reader_check_title(values[SILLOK_TITLE], why);
    return rc < 0 ? rc : choose_body(r, front->rest, &declared, out);
}
