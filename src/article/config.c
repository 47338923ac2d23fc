/*
 * The settings of a store, as one table.
 *
 * Invariant: every setting always has a value that fits its type. The defaults fit, and
 * what does not fit is refused by sillok_config_set(); so readers of values never fail.
 */
#include "sillok/config.h"

#include "article/config.h"
#include "article/yaml.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/time.h"
#include "base/utf8.h"
#include "sillok/article.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- the table --- */

enum setting {
    SET_PROFILE,
    SET_ZONE,
    SET_JOBS,
    SET_COLOR,
    SET_SANDBOX,
    SET_PAGER,
    SET_CHECKPOINT_COPY,
    SET_FILE_BYTES,
    SET_FRONT_MATTER_BYTES,
    SET_FIELD_BYTES,
    SET_FRONT_MATTER_KEYS,
    SET_ARCHIVE_BYTES,
    SET_ARCHIVE_RATIO,
    SET_FOLDER_DEPTH,
    SET_MAP_BYTES,
    FIXED_KEY_BYTES,
    FIXED_SETTINGS_BYTES,
    FIXED_YAML_DEPTH,
    FIXED_YAML_EVENTS,
    FIXED_JSON_DEPTH,
    FIXED_ARCHIVE_LAYERS,
    FIXED_ARCHIVE_RATIO_FROM,
    FIXED_CONTENTS_AT_ONCE,
    FIXED_TEXT_BYTES,
    FIXED_SENTENCE_BYTES,
    FIXED_SENTENCES,
    FIXED_DIFF_EDITS,
    N_SETTINGS
};

/* Names and values of a file that are longer are refused; with the zero at their end. */
enum { KEY_SIZE = 128, VALUE_SIZE = 1024 };

/* A file larger than this is not read. */
#define FILE_MAX_BYTES ((size_t)64 << 10)

enum config_type {
    CONFIG_TEXT,    /* one line, may be empty */
    CONFIG_ZONE,    /* as time_parse_zone() */
    CONFIG_COLOR,   /* auto, always, never */
    CONFIG_SANDBOX, /* auto, off, require */
    CONFIG_COUNT,   /* an integer in [min, max] */
    CONFIG_FIXED,   /* shown, so that all limits stand in one place; not to be changed */
    CONFIG_SIZE     /* bytes in [min, max]; "16M", "1 GiB" are understood */
};

/* The fallbacks of the limits are those of sillok_limits_default(), which a test
 * compares. */
static const struct {
    const char *key;
    enum config_type type;
    const char *fallback;
    uint64_t min, max;
    const char *help;
} settings[N_SETTINGS] = {
    [SET_PROFILE] = { "profile", CONFIG_TEXT, "naver", 0, 0,
                      "how the crawler writes: a built-in name or a FILE.yaml" },
    [SET_ZONE] = { "zone", CONFIG_ZONE, "UTC", 0, 0,
                   "zone in which times are shown to people" },
    [SET_JOBS] = { "jobs", CONFIG_COUNT, "0", 0, 256,
                   "threads that read; 0: one for each processor" },
    [SET_COLOR] = { "color", CONFIG_COLOR, "auto", 0, 0, "auto, always or never" },
    [SET_SANDBOX] = { "sandbox", CONFIG_SANDBOX, "auto", 0, 0,
                      "give up rights that are not needed: auto, off or require" },
    [SET_PAGER] = { "pager", CONFIG_TEXT, "", 0, 0,
                    "pager for long output; empty: $PAGER or less" },
    [SET_CHECKPOINT_COPY] = { "checkpoint_copy", CONFIG_TEXT, "", 0, 0,
                              "a file, best on another disk, that keeps the newest "
                              "checkpoint too; empty: none" },
    [SET_FILE_BYTES] = { "limits.file_bytes", CONFIG_SIZE, "16777216", 1,
                         SILLOK_TEXT_MAX_BYTES,
                         "largest crawl file, archive member or NDJSON line" },
    [SET_FRONT_MATTER_BYTES] = { "limits.front_matter_bytes", CONFIG_SIZE, "1048576", 1,
                                 (uint64_t)1 << 30, "largest front matter" },
    [SET_FIELD_BYTES] = { "limits.field_bytes", CONFIG_SIZE, "65536", 1,
                          (uint64_t)1 << 30, "largest front matter value" },
    [SET_FRONT_MATTER_KEYS] = { "limits.front_matter_keys", CONFIG_COUNT, "256", 1,
                                100000, "most front matter keys" },
    [SET_ARCHIVE_BYTES] = { "limits.archive_bytes", CONFIG_SIZE, "4294967296", 1,
                            (uint64_t)1 << 50, "largest archive, unpacked" },
    [SET_ARCHIVE_RATIO] = { "limits.archive_ratio", CONFIG_COUNT, "200", 1, 1000000,
                            "unpacked to packed, asked after the first 64 MiB" },
    [SET_FOLDER_DEPTH] = { "limits.folder_depth", CONFIG_COUNT, "64", 1, 1000,
                           "how deep folders may be nested" },
    [SET_MAP_BYTES] = { "limits.map_bytes", CONFIG_SIZE, "1099511627776",
                        (uint64_t)1 << 20, (uint64_t)1 << 46,
                        "address space the store may grow to" },
    /* Those of other folders are compared with their constants by a test. */
    [FIXED_KEY_BYTES] = { "fixed.key_bytes", CONFIG_FIXED, "64", 0, 0,
                          "longest oid or aid" },
    [FIXED_SETTINGS_BYTES] = { "fixed.settings_bytes", CONFIG_FIXED, "65536", 0, 0,
                               "largest file of settings or profile" },
    [FIXED_YAML_DEPTH] = { "fixed.yaml_depth", CONFIG_FIXED, "16", 0, 0,
                           "how deep YAML may be nested" },
    [FIXED_YAML_EVENTS] = { "fixed.yaml_events", CONFIG_FIXED, "10000", 0, 0,
                            "most keys, values and brackets of settings or a profile" },
    [FIXED_JSON_DEPTH] = { "fixed.json_depth", CONFIG_FIXED, "2048", 0, 0,
                           "how deep a line of NDJSON may be nested" },
    [FIXED_ARCHIVE_LAYERS] = { "fixed.archive_layers", CONFIG_FIXED, "1", 0, 0,
                               "how often an archive may be compressed" },
    [FIXED_ARCHIVE_RATIO_FROM] = { "fixed.archive_ratio_from", CONFIG_FIXED, "67108864",
                                   0, 0,
                                   "unpacked bytes after which limits.archive_ratio is asked" },
    [FIXED_CONTENTS_AT_ONCE] = { "fixed.contents_at_once", CONFIG_FIXED, "255", 0, 0,
                                 "most contents of one article at one moment" },
    [FIXED_TEXT_BYTES] = { "fixed.text_bytes", CONFIG_FIXED, "67108864", 0, 0,
                           "longest text that is unpacked from a store" },
    [FIXED_SENTENCE_BYTES] = { "fixed.sentence_bytes", CONFIG_FIXED, "8192", 0, 0,
                               "longest sentence; what is longer is cut by its content" },
    [FIXED_SENTENCES] = { "fixed.sentences", CONFIG_FIXED, "524288", 0, 0,
                          "sentences past which several are compared as one" },
    [FIXED_DIFF_EDITS] = { "fixed.diff_edits", CONFIG_FIXED, "1000000", 0, 0,
                           "edits of one comparison past which rows have no details" },
};

struct sillok_config {
    char *values[N_SETTINGS]; /* NULL: not set */
};

/* --- values --- */

/* "16M", "16 MiB", "16777216"; powers of 1024. */
static int parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    uint64_t v = 0;
    const char *p = text;
    if (*p < '0' || *p > '9')
        return -1;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (v > UINT64_MAX / 10 - 1)
            return -1;
        v = v * 10 + (uint64_t)(*p - '0');
    }
    while (*p == ' ')
        p++;
    const char *unit = *p ? strchr(units, *p & ~0x20) : NULL;
    if (unit) {
        const int shift = 10 * (int)(unit - units + 1);
        if (v > UINT64_MAX >> shift)
            return -1;
        v <<= shift;
        p++;
        if (*p == 'i')
            p++;
    }
    if (*p == 'B')
        p++;
    *out = v;
    return *p ? -1 : 0;
}

static int check_number(int i, const char *value, uint64_t *out)
{
    const int is_size = settings[i].type == CONFIG_SIZE;
    uint64_t v;
    if (parse_size(value, &v) < 0 ||
        (!is_size && strspn(value, "0123456789") != strlen(value)))
        return fail(SILLOK_EINVALID, "%s must be a number%s, not '%.60s'",
                    settings[i].key, is_size ? " of bytes such as 65536 or 16M" : "",
                    value);
    if (v < settings[i].min || v > settings[i].max)
        return fail(SILLOK_EINVALID, "%s must be %llu to %llu, not %.60s",
                    settings[i].key, (unsigned long long)settings[i].min,
                    (unsigned long long)settings[i].max, value);
    *out = v;
    return 0;
}

/* What a file of settings can hold: YAML takes no control characters as they are, and
 * ends lines at U+2028 and U+2029 too. */
static int check_text(const char *key, const char *value)
{
    const struct sillok_text t = text_of(value);
    if (t.len >= VALUE_SIZE)
        return fail(SILLOK_EINVALID, "%s is too long: it may have %d bytes", key,
                    VALUE_SIZE - 1);
    int ok = utf8_valid(t);
    for (size_t at = 0; ok && at < t.len;) {
        uint32_t cp;
        at += utf8_decode(t.ptr + at, t.len - at, &cp);
        ok = !utf8_is_live(cp) && cp != 0x2028 && cp != 0x2029 && cp != 0xFFFE &&
             cp != 0xFFFF;
    }
    return ok ? 0
              : fail(SILLOK_EINVALID,
                     "%s must be one line of UTF-8 without control characters", key);
}

static int check_value(int i, const char *value)
{
    uint64_t number;
    int zone_min;
    switch (settings[i].type) {
    case CONFIG_COUNT:
    case CONFIG_SIZE:
        return check_number(i, value, &number);
    case CONFIG_ZONE:
        return time_parse_zone(&zone_min, value);
    case CONFIG_COLOR:
        if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 &&
            strcmp(value, "never") != 0)
            return fail(SILLOK_EINVALID,
                        "color must be auto, always or never, not '%.60s'", value);
        return 0;
    case CONFIG_SANDBOX:
        if (strcmp(value, "auto") != 0 && strcmp(value, "off") != 0 &&
            strcmp(value, "require") != 0)
            return fail(SILLOK_EINVALID,
                        "sandbox must be auto, off or require, not '%.60s'", value);
        return 0;
    case CONFIG_FIXED:
        return strcmp(value, settings[i].fallback) == 0
                   ? 0
                   : fail(SILLOK_EINVALID, "%s is %s and cannot be changed",
                          settings[i].key, settings[i].fallback);
    case CONFIG_TEXT:
        return check_text(settings[i].key, value);
    }
    return 0;
}

static const char *value_of(const struct sillok_config *config, int i)
{
    return config && config->values[i] ? config->values[i] : settings[i].fallback;
}

/* --- life and access --- */

void sillok_config_free(struct sillok_config *config)
{
    if (!config)
        return;
    for (int i = 0; i < N_SETTINGS; i++)
        free(config->values[i]);
    free(config);
}
DEFINE_CLEANUP(struct sillok_config *, sillok_config_free)

size_t sillok_config_count(void)
{
    return N_SETTINGS;
}

void sillok_config_at(const struct sillok_config *config, size_t i,
                      struct sillok_setting *out)
{
    if (i >= N_SETTINGS) {
        *out = (struct sillok_setting){ 0 };
        return;
    }
    *out = (struct sillok_setting){
        .key = settings[i].key,
        .help = settings[i].help,
        .fallback = settings[i].fallback,
        .value = value_of(config, (int)i),
        .is_set = config && config->values[i],
    };
}

/* @p advice: what to do where none is called nearly so. */
static int find(const char *key, const char *advice, int *out)
{
    /* "file_byte" alone should lead to limits.file_bytes, so the last part counts too. */
    struct nearest whole = { .word = key }, part = { .word = key };
    const char *best = NULL;
    for (int i = 0; i < N_SETTINGS; i++) {
        const char *name = settings[i].key, *dot = strchr(name, '.');
        if (strcmp(name, key) == 0) {
            *out = i;
            return 0;
        }
        const char *before = part.best;
        nearest_offer(&whole, name);
        nearest_offer(&part, dot ? dot + 1 : name);
        if (part.best != before)
            best = name;
    }
    if (whole.best)
        best = whole.best;
    if (best)
        return fail(SILLOK_EINVALID, "there is no setting '%.60s', did you mean '%s'?",
                    key, best);
    return fail(SILLOK_EINVALID, "there is no setting '%.60s'; %s", key, advice);
}

static const char list_them[] = "'sillok config' lists them";

int sillok_config_get(const struct sillok_config *config, const char *key,
                      struct sillok_setting *out)
{
    int i;
    const int r = find(key, list_them, &i);
    if (r == 0)
        sillok_config_at(config, (size_t)i, out);
    return r;
}

int sillok_config_set(struct sillok_config *config, const char *key, const char *value)
{
    int i;
    int r = find(key, list_them, &i);
    if (r == 0 && value)
        r = check_value(i, value);
    if (r < 0)
        return r;
    char *copy = value ? strdup(value) : NULL;
    if (value && !copy)
        return fail_memory();
    free(config->values[i]);
    config->values[i] = copy;
    return 0;
}

int config_check_limits(const struct sillok_limits *l)
{
    const struct {
        int setting;
        uint64_t is;
    } all[] = {
        { SET_FILE_BYTES, l->file_bytes },
        { SET_FRONT_MATTER_BYTES, l->front_matter_bytes },
        { SET_FIELD_BYTES, l->field_bytes },
        { SET_FRONT_MATTER_KEYS, l->front_matter_keys },
        { SET_ARCHIVE_BYTES, l->archive_bytes },
        { SET_ARCHIVE_RATIO, l->archive_ratio },
        { SET_FOLDER_DEPTH, l->folder_depth },
        { SET_MAP_BYTES, l->map_bytes },
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].is > settings[all[i].setting].max)
            return fail(SILLOK_EINVALID, "%s is at most %llu, not %llu",
                        settings[all[i].setting].key,
                        (unsigned long long)settings[all[i].setting].max,
                        (unsigned long long)all[i].is);
    return 0;
}

static uint64_t number_of(const struct sillok_config *config, int i)
{
    uint64_t v = 0;
    (void)parse_size(value_of(config, i), &v); /* fits: invariant 1 */
    return v;
}

void sillok_config_limits(const struct sillok_config *config, struct sillok_limits *out)
{
    *out = (struct sillok_limits){
        .file_bytes = number_of(config, SET_FILE_BYTES),
        .front_matter_bytes = number_of(config, SET_FRONT_MATTER_BYTES),
        .field_bytes = number_of(config, SET_FIELD_BYTES),
        .front_matter_keys = (uint32_t)number_of(config, SET_FRONT_MATTER_KEYS),
        .archive_bytes = number_of(config, SET_ARCHIVE_BYTES),
        .archive_ratio = (uint32_t)number_of(config, SET_ARCHIVE_RATIO),
        .folder_depth = (uint32_t)number_of(config, SET_FOLDER_DEPTH),
        .map_bytes = number_of(config, SET_MAP_BYTES),
    };
}

/* --- the file --- */

static int take_entry(struct sillok_config *config, const struct yaml_entry *e,
                      const char *name)
{
    char key[KEY_SIZE], value[VALUE_SIZE];
    if (e->path.len >= sizeof(key) || e->value.len >= sizeof(value) ||
        (e->value.len && memchr(e->value.ptr, 0, e->value.len)))
        return fail(SILLOK_EINVALID, "%s:%d:%d: not a setting: too long", name, e->line,
                    e->column);
    snprintf(key, sizeof(key), "%.*s", (int)e->path.len, e->path.ptr);
    snprintf(value, sizeof(value), "%.*s", (int)e->value.len, e->value.ptr);
    /* A later sillok may have written it, and 'sillok config' reads this file first. */
    int i, r = find(key, "remove the line, or use a newer sillok", &i);
    if (r == 0)
        r = sillok_config_set(config, key, value);
    return r < 0 ? fail_context(r, "%s:%d:%d", name, e->line, e->column) : 0;
}

static int parse(struct sillok_config **out, struct sillok_text text, const char *name)
{
    static const struct yaml_limits limits = YAML_LIMITS_CONFIG;
    struct yaml_map map;
    CLEANUP(sillok_config_free) struct sillok_config *config = calloc(1, sizeof(*config));
    if (!config)
        return fail_memory();
    int r = yaml_read(&map, text, name, &limits);
    if (r < 0)
        return r;
    for (size_t i = 0; i < map.n && r == 0; i++)
        r = take_entry(config, &map.entries[i], name);
    yaml_map_release(&map);
    if (r == 0)
        *out = STEAL(config);
    return r;
}

/* A missing file reads as an empty one. */
static int read_file(struct buf *text, const char *path)
{
    const int r = file_read(text, path, FILE_MAX_BYTES);
    return r == SILLOK_ENOTFOUND ? 0 : r;
}

int sillok_config_load(struct sillok_config **out, const char *path)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    const int r = path ? read_file(&text, path) : 0;
    return r < 0 ? r
                 : parse(out, text_make(text.len ? text.ptr : "", text.len),
                         path ? path : "config");
}

/* A plain scalar where YAML surely reads it back as it is, else a quoted one. */
static int add_scalar(struct buf *out, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_./+:";
    const size_t len = strlen(value);
    if (len && strspn(value, plain) == len && value[0] != ':' && value[len - 1] != ':')
        return buf_add(out, value, len);
    int r = buf_add_char(out, '\'');
    for (const char *p = value; *p && r == 0; p++)
        r = *p == '\'' ? buf_add_str(out, "''") : buf_add_char(out, *p);
    return r < 0 ? r : buf_add_char(out, '\'');
}

/* The line [start, end) of `key:` in column 0, or an empty one at the end. */
static void find_line(struct sillok_text text, const char *key, size_t *start,
                      size_t *end)
{
    const size_t key_len = strlen(key);
    for (size_t at = 0; at < text.len; at = *end) {
        const char *line = text.ptr + at;
        const char *stop = memchr(line, '\n', text.len - at);
        *start = at;
        *end = stop ? (size_t)(stop - text.ptr) + 1 : text.len;
        const struct sillok_text rest = text_make(line, *end - at);
        if (text_starts(rest, key) && rest.len > key_len && line[key_len] == ':')
            return;
    }
    *start = *end = text.len;
}

/* Append @p old with the line of @p key replaced: by `key: value`, or by nothing. */
static int edit_line(struct buf *out, struct sillok_text old, const char *key,
                     const char *value)
{
    size_t start, end;
    find_line(old, key, &start, &end);
    (void)buf_add(out, old.ptr, start); /* asked below, by `failed` */
    if (value && start && old.ptr[start - 1] != '\n')
        (void)buf_add_char(out, '\n');
    if (value) {
        (void)buf_printf(out, "%s: ", key);
        (void)add_scalar(out, value);
        (void)buf_add_char(out, '\n');
    }
    if (end < old.len)
        (void)buf_add(out, old.ptr + end, old.len - end);
    return out->failed ? fail_memory() : 0;
}

static int same_value(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* 1 when @p is has setting @p i at @p value and all others as @p was, where that is known. */
static int is_as_wanted(const struct sillok_config *is, const struct sillok_config *was,
                        int i, const char *value)
{
    for (int k = 0; was && k < N_SETTINGS; k++)
        if (k != i && !same_value(is->values[k], was->values[k]))
            return 0;
    return same_value(is->values[i], value);
}

/* The line that @p key stands in, nested or quoted as it may be, or the last one. */
static int line_of(struct sillok_text text, const char *key)
{
    static const struct yaml_limits limits = YAML_LIMITS_CONFIG;
    struct yaml_map map;
    int line = 1;
    for (size_t at = 0; at + 1 < text.len; at++)
        line += text.ptr[at] == '\n';
    if (yaml_read(&map, text, "config", &limits) < 0)
        return line;
    const struct yaml_entry *e = yaml_find(&map, key);
    line = e ? e->line : line;
    yaml_map_release(&map);
    return line;
}

/* A file that people write may hold what one line does not change: a value over several
 * lines, nested or quoted keys. So what the new text says is asked before it is kept. */
static int check_edit(struct sillok_text old, struct sillok_text text, const char *path,
                      int i, const char *value)
{
    CLEANUP(sillok_config_free) struct sillok_config *was = NULL;
    CLEANUP(sillok_config_free) struct sillok_config *is = NULL;
    int r = parse(&was, old, path);
    if (r < 0 && r != SILLOK_EINVALID)
        return r;
    r = parse(&is, text, path);
    if (!was && r < 0) /* the file is refused as it is: its own place is told */
        return parse(&was, old, path);
    if (r < 0 ? r != SILLOK_EINVALID : is_as_wanted(is, was, i, value))
        return r;
    return fail(SILLOK_EINVALID,
                "cannot change '%s' in one line: edit line %d of '%s' by hand",
                settings[i].key, line_of(old, settings[i].key), path);
}

/* Who may read a store may read its settings, and without them would read nothing: a new
 * file gets the permissions of the marker beside it. */
static int replace(const char *path, struct sillok_text text)
{
    const char *slash = strrchr(path, '/');
    CLEANUP(free) char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    CLEANUP(free) char *marker = folder ? file_in(folder, "format") : NULL;
    if (slash && !marker)
        return fail_memory();
    return file_replace(path, text.ptr, text.len,
                        marker ? file_mode_like(marker, 0600) : 0600);
}

/* Read, changed and written by one process at a time. */
static int write_setting(const char *path, int i, const char *value)
{
    CLEANUP(buf_release) struct buf old = BUF_INIT;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    int r = read_file(&old, path);
    if (r < 0)
        return r;
    const struct sillok_text before = text_make(old.len ? old.ptr : "", old.len);
    r = edit_line(&text, before, settings[i].key, value);
    r = r < 0 ? r : check_edit(before, buf_text(&text), path, i, value);
    return r < 0 ? r : replace(path, buf_text(&text));
}

int sillok_config_write(const char *path, const char *key, const char *value)
{
    int i, r = find(key, list_them, &i);
    if (r == 0 && value)
        r = check_value(i, value);
    if (r < 0)
        return r;
    int lock;
    r = file_lock_parent(path, &lock);
    if (r < 0)
        return r;
    r = write_setting(path, i, value);
    if (lock >= 0)
        (void)close(lock); /* only locked by it */
    return r;
}
