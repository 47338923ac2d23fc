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
    struct buf text;   /* values of a YAML or JSON file, or of one with CR LF */
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

/** How a file was escaped. */
enum escaping {
    NOT_ESCAPED = 0,
    ESCAPED = 1,          /* by the template */
    ESCAPED_OTHERWISE = 2 /* by another program, as the hash shows */
};

/** The reading of a body that is taken. */
struct choice {
    struct sillok_text body; /* borrowed from the text asked about, or from the reader */
    struct sillok_id id;     /* its hash */
    enum escaping escaped;   /* the body was, or shows neither and the fields were */
    int verified;            /* the hash is the declared one */
    int cut;                 /* more stands behind the body */
};

/**
 * Which reading of @p raw, the text up to the last footer, is the body?
 * @param fields  as they stand in the file
 */
int reader_choose(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                  struct sillok_text raw, const struct declared *declared,
                  struct choice *c);

/** The same of a text that is a body: escaped or not, as the declared hash says; without
 * one that fits it is taken as it stands. */
int reader_choose_form(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                       struct sillok_text body, const struct declared *declared,
                       struct choice *c);

/** Set the article's fields, their entities undone where they are @p escaped. */
int reader_take_fields(struct reader *r, const struct sillok_text fields[SILLOK_N_FIELDS],
                       int escaped, struct sillok_article *a);

/** The title as it is meant: as YAML has it; or by the heading, where front matter has it in
 * other quotation marks than the template's, escaped in them, or in none. */
struct sillok_text reader_title(const struct front *f);

/** @p v without quotation marks around it. */
struct sillok_text reader_unmarked(struct sillok_text v);

/** Where ids, times or the hash stand in quotation marks, make the values what YAML says that
 * they are; they stay in r->text. */
int reader_unquote(struct reader *r, struct front *f);

/** 1 when a line of @p t ends in CR LF. */
int reader_has_crlf(struct sillok_text t);

/** Set the content hash (when @p known is NULL, by hashing) and the digest. */
int reader_finish(struct reader *r, struct reading *out, const struct sillok_id *known);

/** Refuse a title with NUL in it. */
int reader_check_title(struct sillok_text title, struct refusal *why);

/** Values of the known keys, as YAML; they stay in r->text until the next call.
 * @param unknown  [out] 1 when there are other keys
 * @return 0;  SILLOK_EINVALID no YAML, or with a value that is too large */
int reader_yaml_values(struct reader *r, const struct front *front,
                       struct sillok_text values[N_KEYS], int *unknown,
                       struct refusal *why);

/** Markdown with YAML front matter. @p front has the fences. */
int reader_yaml(struct reader *r, const struct front *front, struct reading *out,
                struct refusal *why);

#endif
