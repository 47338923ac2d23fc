/*
 * YAML -> a flat list of (path, value), through libyaml's event parser.
 *
 * A nested mapping gives paths with dots ("fields.title"), a sequence of scalars one
 * value joined by ", ", and so do the mappings of a sequence for each of their keys
 * ("authors.name"). Everything is bounded, because libyaml's own time grows faster
 * than its input with nesting: size before the parse, depth and events during it. Aliases
 * and duplicate keys are refused. An empty mapping or list gives no entry, so where every
 * key has to be known it is refused too: nobody would see the key that it stands at. So is
 * a mapping in a list there: no setting has one.
 */
#ifndef ARTICLE_YAML_H
#define ARTICLE_YAML_H

#include "base/buf.h"

struct yaml_entry {
    struct sillok_text path, value; /* borrowed from the map */
    int line, column;               /* of the key, from 1 */
    int is_null; /* written as null, without quotation marks: what says that there is no
                    value is not one; the value is what stands there */
    int is_list; /* the value is those of a list, joined */
};

struct yaml_map {
    struct yaml_entry *entries;
    size_t n;
    struct buf text; /* holds the bytes that the entries point into */
};

struct yaml_limits {
    size_t bytes;
    int depth;
    int events;
    int full; /* 1: an empty mapping or list below a key is refused, and a mapping in a list */
};
#define YAML_LIMITS_CONFIG                                                               \
    {                                                                                    \
        64 << 10, 16, 10000, 1                                                           \
    }

/**
 * Read one document whose root is a mapping.
 *
 * @param name  for messages: "NAME:LINE:COLUMN: ..."
 * @return 0, @p out is to be released;  SILLOK_EINVALID with place and reason
 */
int yaml_read(struct yaml_map *out, struct sillok_text text, const char *name,
              const struct yaml_limits *limits);
void yaml_map_release(struct yaml_map *map);

/** The entry with this path, or NULL. */
const struct yaml_entry *yaml_find(const struct yaml_map *map, const char *path);

#endif
