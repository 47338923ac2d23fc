#include "article/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 32, PATH_MAX_BYTES = 512 };

/* Offsets while the text still moves; turned into pointers at the end. */
struct draft {
    size_t path, path_len, value, value_len;
    int line, column, is_null, is_list;
    int list; /* in which list of the document it stands, from 1; 0: in none */
};

/* A mapping, and the list that it stands in. */
struct level {
    size_t path_len;
    int sequence, joined;
};

struct builder {
    const char *name;
    const struct yaml_limits *limits;
    struct buf text;
    struct buf drafts; /* struct draft */
    char path[PATH_MAX_BYTES];
    struct level levels[DEPTH_MAX];
    int depth;
    int in_key;   /* the next scalar is a key */
    int opened;   /* a mapping has begun and no key of it was seen yet */
    int sequence; /* nesting of sequences below the current key */
    int joined;   /* scalars put into the current sequence value */
    int in_list;  /* mappings around, or around a mapping around, that stand in a list */
    int n_lists;  /* outermost ones so far */
    int line, column; /* of the current key */
};

static int not_taken(const struct builder *b, yaml_mark_t at, const char *what)
{
    return fail(SILLOK_EINVALID, "%s:%zu:%zu: %s", b->name, at.line + 1, at.column + 1,
                what);
}

/* The end of an empty mapping or list below the current key. */
static int take_empty(const struct builder *b)
{
    return b->limits->full ? fail(SILLOK_EINVALID,
                                  "%s:%d:%d: %.100s: an empty map or list is no value",
                                  b->name, b->line, b->column, b->path)
                           : 0;
}

static int add_draft(struct builder *b)
{
    struct draft d = { b->text.len, strlen(b->path), 0, 0, b->line, b->column, 0, 0, 0 };
    d.list = b->sequence || b->in_list ? b->n_lists : 0;
    int r = buf_add(&b->text, b->path, d.path_len);
    d.value = b->text.len;
    return r < 0 ? r : buf_add(&b->drafts, &d, sizeof(d));
}

/* YAML 1.2, 10.3.2, but for an empty value. */
static int is_null(const yaml_event_t *e)
{
    static const char *const words[] = { "null", "Null", "NULL", "~" };
    const struct sillok_text t = { (const char *)e->data.scalar.value,
                                   e->data.scalar.length };
    int is = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        is |= text_is(t, words[i]);
    return is && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           e->data.scalar.plain_implicit;
}

static int add_value(struct builder *b, const yaml_event_t *e, int extend)
{
    int r = extend ? 0 : add_draft(b);
    if (r == 0 && extend)
        r = buf_add_str(&b->text, ", ");
    if (r == 0)
        r = buf_add(&b->text, e->data.scalar.value, e->data.scalar.length);
    if (r < 0)
        return r;
    struct draft *d = (struct draft *)(void *)(b->drafts.ptr + b->drafts.len) - 1;
    d->value_len = b->text.len - d->value;
    d->is_null = !b->sequence && is_null(e);
    d->is_list = b->sequence > 0;
    return 0;
}

static int take_key(struct builder *b, const yaml_event_t *e)
{
    const size_t base = b->levels[b->depth - 1].path_len;
    const size_t len = e->data.scalar.length, dot = base ? 1 : 0;
    if (base + dot + len + 1 > sizeof(b->path) || memchr(e->data.scalar.value, 0, len))
        return not_taken(b, e->start_mark, "a key is too long");
    if (dot)
        b->path[base] = '.';
    memcpy(b->path + base + dot, e->data.scalar.value, len);
    b->path[base + dot + len] = '\0';
    b->line = (int)e->start_mark.line + 1;
    b->column = (int)e->start_mark.column + 1;
    b->in_key = 0;
    b->opened = 0;
    b->joined = 0;
    return 0;
}

/* The draft that was added last is of the current path: no mapping came in between. */
static int is_last(const struct builder *b)
{
    const struct draft *d =
        (const struct draft *)(const void *)(b->drafts.ptr + b->drafts.len) - 1;
    return text_is(text_make(b->text.ptr + d->path, d->path_len), b->path);
}

static int take_scalar(struct builder *b, const yaml_event_t *e)
{
    if (b->depth == 0)
        return not_taken(b, e->start_mark, "expected a mapping of keys to values");
    if (b->in_key)
        return take_key(b, e);
    int r = add_value(b, e, b->sequence && b->joined && is_last(b));
    b->joined = 1;
    if (!b->sequence)
        b->in_key = 1;
    return r;
}

/* In a list only where not every key has to be known: there "authors: [{name: A}, {name: B}]"
 * is authors.name with the value "A, B". */
static int open_mapping(struct builder *b, const yaml_event_t *e)
{
    if (b->in_key || (b->sequence && b->limits->full) || b->depth >= b->limits->depth ||
        b->depth >= DEPTH_MAX)
        return not_taken(b, e->start_mark,
                         b->depth ? "nested too deep or in a list"
                                  : "expected a mapping of keys to values");
    b->levels[b->depth] =
        (struct level){ b->depth ? strlen(b->path) : 0, b->sequence, b->joined };
    b->depth++;
    b->in_list += b->sequence > 0;
    b->sequence = 0;
    b->in_key = 1;
    b->opened = 1;
    return 0;
}

static int close_mapping(struct builder *b)
{
    const struct level *l = &b->levels[--b->depth];
    b->path[l->path_len] = '\0';
    b->sequence = l->sequence;
    b->joined = l->joined;
    b->in_list -= b->sequence > 0;
    b->in_key = !b->sequence;
    const int is_empty = b->opened && b->depth;
    b->opened = 0;
    return is_empty ? take_empty(b) : 0;
}

static int open_sequence(struct builder *b, const yaml_event_t *e)
{
    if (b->in_key || b->depth == 0 || b->sequence >= b->limits->depth)
        return not_taken(b, e->start_mark, "a list stands where a key is expected");
    b->n_lists += !b->sequence && !b->in_list;
    b->sequence++;
    return 0;
}

static int take(struct builder *b, const yaml_event_t *e)
{
    switch ((int)e->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(b, e);
    case YAML_MAPPING_START_EVENT:
        return open_mapping(b, e);
    case YAML_MAPPING_END_EVENT:
        return close_mapping(b);
    case YAML_SEQUENCE_START_EVENT:
        return open_sequence(b, e);
    case YAML_SEQUENCE_END_EVENT:
        if (--b->sequence > 0)
            return 0;
        b->in_key = 1;
        return b->joined ? 0 : take_empty(b);
    case YAML_ALIAS_EVENT:
        return not_taken(b, e->start_mark, "aliases are not accepted");
    default:
        return 0;
    }
}

static int parse_error(const struct builder *b, const yaml_parser_t *p)
{
    if (p->error == YAML_MEMORY_ERROR)
        return fail_memory();
    return fail(SILLOK_EINVALID, "%s:%zu:%zu: not YAML: %s", b->name,
                p->problem_mark.line + 1, p->problem_mark.column + 1,
                p->problem ? p->problem : "unreadable");
}

static int run(struct builder *b, yaml_parser_t *p)
{
    int documents = 0;
    for (int n = 0; n < b->limits->events; n++) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e))
            return parse_error(b, p);
        const int type = (int)e.type;
        int r = 0;
        if (type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            r = not_taken(b, e.start_mark, "more than one document");
        else
            r = take(b, &e);
        yaml_event_delete(&e);
        if (r < 0)
            return r;
        if (type == YAML_STREAM_END_EVENT)
            return 0;
    }
    return fail(SILLOK_EINVALID, "%s: more than %d YAML events", b->name,
                b->limits->events);
}

static int compare_paths(const void *a, const void *b)
{
    const struct yaml_entry *const *x = a, *const *y = b;
    const int order = text_compare((*x)->path, (*y)->path);
    return order ? order : (*x > *y) - (*x < *y);
}

static int duplicate(const struct builder *b, const struct yaml_entry *first,
                     const struct yaml_entry *second)
{
    return fail(SILLOK_EINVALID, "%s:%d:%d: duplicate key %.*s at lines %d and %d",
                b->name, second->line, second->column, (int)second->path.len,
                second->path.ptr, first->line, second->line);
}

/* Values of the mappings of one list, joined behind the text; but for the first the entries
 * become none. There is room for them: the text does not move. */
static int join(struct builder *b, struct yaml_entry *const *run, size_t n)
{
    const size_t from = b->text.len;
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = i ? buf_add_str(&b->text, ", ") : 0;
        if (r == 0)
            r = buf_add_text(&b->text, run[i]->value);
        run[i]->path.ptr = i ? NULL : run[i]->path.ptr;
    }
    run[0]->value = text_make(b->text.ptr + from, b->text.len - from);
    run[0]->is_null = 0;
    run[0]->is_list = 1;
    return r;
}

/* One path may have several entries where mappings stand in a list, else it is a duplicate
 * key. By sorted neighbours, so that ten thousand keys do not take a hundred million
 * comparisons. */
static int unite(struct builder *b, struct yaml_map *map, const struct draft *drafts)
{
    struct yaml_entry **sorted = calloc(map->n + 1, sizeof(struct yaml_entry *));
    if (!sorted)
        return fail_memory();
    for (size_t i = 0; i < map->n; i++)
        sorted[i] = &map->entries[i];
    qsort(sorted, map->n, sizeof(*sorted), compare_paths);
    int r = 0;
    for (size_t i = 0, n; i < map->n && r == 0; i += n) {
        const int list = drafts[sorted[i] - map->entries].list;
        for (n = 1; i + n < map->n && text_equal(sorted[i]->path, sorted[i + n]->path);
             n++)
            if (r == 0 && (!list || drafts[sorted[i + n] - map->entries].list != list))
                r = duplicate(b, sorted[i], sorted[i + n]);
        if (r == 0 && n > 1)
            r = join(b, &sorted[i], n);
    }
    free(sorted);
    size_t kept = 0;
    for (size_t i = 0; i < map->n; i++)
        if (map->entries[i].path.ptr)
            map->entries[kept++] = map->entries[i];
    map->n = kept;
    return r;
}

static int finish(struct builder *b, struct yaml_map *out)
{
    const size_t n = b->drafts.len / sizeof(struct draft);
    const struct draft *d = (const struct draft *)(const void *)b->drafts.ptr;
    if (buf_reserve(&b->text, b->n_lists ? b->text.len + 2 * n : 0) < 0)
        return fail_memory();
    struct yaml_map map = { calloc(n + 1, sizeof(*map.entries)), n, BUF_INIT };
    if (!map.entries)
        return fail_memory();
    const char *const text = buf_text(&b->text).ptr;
    for (size_t i = 0; i < n; i++)
        map.entries[i] = (struct yaml_entry){
            text_make(text + d[i].path, d[i].path_len),
            text_make(text + d[i].value, d[i].value_len),
            d[i].line,
            d[i].column,
            d[i].is_null,
            d[i].is_list,
        };
    const int r = unite(b, &map, d);
    if (r < 0) {
        free(map.entries);
        return r;
    }
    map.text = b->text;
    b->text = (struct buf)BUF_INIT;
    *out = map;
    return 0;
}

int yaml_read(struct yaml_map *out, struct sillok_text text, const char *name,
              const struct yaml_limits *limits)
{
    if (text.len > limits->bytes)
        return fail(SILLOK_EINVALID, "%s: larger than %zu bytes", name, limits->bytes);
    if (text_starts(text, "\xef\xbb\xbf"))
        text = text_make(text.ptr + 3,
                         text.len - 3); /* a byte order mark says nothing more */
    struct builder b = { .name = name, .limits = limits };
    buf_init(&b.text, BUF_CEILING);
    buf_init(&b.drafts, BUF_CEILING);
    yaml_parser_t p;
    if (!yaml_parser_initialize(&p))
        return fail_memory();
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)text.ptr, text.len);
    int r = run(&b, &p);
    yaml_parser_delete(&p);
    if (r == 0)
        r = finish(&b, out);
    buf_release(&b.text);
    buf_release(&b.drafts);
    return r;
}

void yaml_map_release(struct yaml_map *map)
{
    free(map->entries);
    buf_release(&map->text);
    *map = (struct yaml_map){ NULL, 0, BUF_INIT };
}

const struct yaml_entry *yaml_find(const struct yaml_map *map, const char *path)
{
    for (size_t i = 0; i < map->n; i++)
        if (text_is(map->entries[i].path, path))
            return &map->entries[i];
    return NULL;
}
