/*
 * One crawled article, and how a crawl file is read into one.
 *
 * A crawl file is front matter, heading, body and footer, written by a template that
 * quotes nothing; docs/format.md has the grammar. Reading inverts the template: from the
 * value and the form below, rendering gives back the file byte for byte, or the
 * difference is kept as a residue, so nothing about a file is ever lost.
 */
#ifndef SILLOK_ARTICLE_H
#define SILLOK_ARTICLE_H

#include "sillok/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Metadata of an article, in the order of the front matter. Part of the revision. */
enum sillok_field {
    SILLOK_TITLE = 0,
    SILLOK_CATEGORY = 1,
    SILLOK_PUBLISHER = 2,
    SILLOK_AUTHOR = 3,
    SILLOK_PUBLISHED_AT = 4, /* as written; local time of the publisher, may be empty */
    SILLOK_MODIFIED_AT = 5,  /* as written; most crawlers have none */
    SILLOK_URL = 6,
    SILLOK_N_FIELDS = 7
};

/** "title", "category", ... : the names used in front matter, JSON and profiles. */
SILLOK_API const char *sillok_field_name(enum sillok_field field);

/** No crawl file and no text is longer, whatever the settings: fixed.text_bytes. */
#define SILLOK_TEXT_MAX_BYTES ((size_t)64 << 20)

/** oid and aid are 1 to 64 of [A-Za-z0-9_-]. */
#define SILLOK_KEY_MAX_BYTES 64

/** What an article says. All texts are borrowed from whoever filled the struct. */
struct sillok_article {
    struct sillok_text oid, aid;
    int64_t crawled_at_s;
    struct sillok_text fields[SILLOK_N_FIELDS]; /* unescaped */
    struct sillok_text body;                    /* unescaped: the bytes the hash is of */
    struct sillok_id content_hash;              /* SHA-256 of body, computed */
};

/** How a crawler writes. See docs/format.md, "Profiles". */
struct sillok_profile;

/** The built-in profile of this name ("naver"), borrowed, never freed; NULL if none. */
SILLOK_API const struct sillok_profile *sillok_profile_builtin(const char *name);

/**
 * Read a profile from a YAML file.
 *
 * @return SILLOK_OK, @p out is the caller's: sillok_profile_free();  SILLOK_EINVALID with
 *         "NAME:LINE:COLUMN: ..." when it is not a profile;  SILLOK_ENOTFOUND no such file;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_profile_load(struct sillok_profile **out,
                                                const char *path);
SILLOK_API void sillok_profile_free(struct sillok_profile *profile);
SILLOK_API const char *sillok_profile_name(const struct sillok_profile *profile);

#ifdef __cplusplus
}
#endif
#endif
