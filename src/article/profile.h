/*
 * Profiles: what one crawler calls things and in which zone it writes times.
 */
#ifndef ARTICLE_PROFILE_H
#define ARTICLE_PROFILE_H

#include "base/buf.h"
#include "sillok/article.h"

/** The keys of front matter that are understood; the first SILLOK_N_FIELDS are the
 * fields. */
enum profile_key {
    KEY_CRAWLED_AT = SILLOK_N_FIELDS,
    KEY_OID,
    KEY_AID,
    KEY_CONTENT_HASH,
    KEY_ID,
    KEY_BODY, /* NDJSON only */
    N_KEYS
};

struct sillok_profile {
    char *name;
    int zone_min;      /* of crawled_at where it has no zone, minutes east of UTC */
    int has_template;  /* files are inverted by the built-in template */
    int hash_required; /* a Markdown file without content_hash is refused */
    char *oid;         /* oid of files that have none; NULL: oid is required */
    struct sillok_text keys[N_KEYS]; /* what this crawler calls them; zero-terminated */
    int n_shared; /* keys that are called like one before them, and that one */
    struct {
        int key, first;
    } shared[N_KEYS];
};

/** "oid", "crawled_at", ...: our own name of a key. */
const char *profile_key_name(int key);

/** Index of the first key that this profile calls @p name, or -1. */
int profile_key(const struct sillok_profile *p, struct sillok_text name);

/** One key of a file may be several of ours, aid and url say: give each the value that the
 * first of them has. */
void profile_share(const struct sillok_profile *p, struct sillok_text values[N_KEYS]);

/** 1 when @p t may be an oid or aid: 1 to 64 of [A-Za-z0-9_-]. */
int profile_fits_key(struct sillok_text t);

#endif
