/* What the readers of the several file forms share; only they include this. */
#ifndef ARTICLE_READER_INTERNAL_H
#define ARTICLE_READER_INTERNAL_H

#include "article/reader.h"

struct reader {
    const struct sillok_profile *profile;
    struct sillok_limits limits;
    struct hasher *hasher;
    struct buf body;   /* the body unescaped, when that is not the file's own bytes */
    struct buf fields; /* the fields unescaped */
    struct buf text;   /* values of a YAML or JSON file */
};

/** The declared hash, if any. */
struct declared {
    int present;
    struct sillok_id id;
};

/** Check and set oid, aid, crawled_at and the declared hash from raw values. */
int reader_identity(struct reader *r, const struct sillok_text values[N_KEYS],
                    int hash_required, struct reading *out, struct declared *declared,
                    struct refusal *why);

/** Set the content hash (when @p known is NULL, by hashing) and the digest. */
int reader_finish(struct reader *r, struct reading *out, const struct sillok_id *known);

/** Refuse a title with NUL in it. */
int reader_check_title(struct sillok_text title, struct refusal *why);

/** Markdown with YAML front matter. @p front has the fences. */
int reader_yaml(struct reader *r, const struct front *front, struct reading *out,
                struct refusal *why);

#endif
