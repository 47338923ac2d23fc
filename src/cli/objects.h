/*
 * What stands in a row of a list, or in an object of JSON: one place for each kind of
 * thing, for the verbs and for what the server answers.
 */
#ifndef CLI_OBJECTS_H
#define CLI_OBJECTS_H

#include "cli/out.h"
#include "sillok/history.h"

struct listing {
    const struct column *columns;
    size_t n;
};
extern const struct listing listing_changes, listing_revisions, listing_crawls,
    listing_missing, listing_articles, listing_articles_with_body, listing_stats,
    listing_publishers;
/** out_open() for rows of one kind. */
int listing_open(struct out *out, struct cli *cli, enum out_format format,
                 const struct listing *l);

int put_change_row(struct out *out, const struct sillok_change *c);
/** The same as an object, for what has more in it. NULL: no memory. */
json_t *object_of_change(const struct sillok_change *c);
/** @p after_s: when the revision before was last seen. */
int put_revision_row(struct out *out, const struct sillok_revision *rev, int64_t after_s);
int put_crawl_row(struct out *out, const struct sillok_crawl *c);
int put_missing_row(struct out *out, const struct sillok_missing_article *m);
int put_article_row(struct out *out, const struct sillok_listed_article *a);
/** @p path: of the store. */
int put_stats_row(struct out *out, const char *path, const struct sillok_stats *s);
int put_publisher_row(struct out *out, const struct sillok_publisher_stats *p);
/** A revision with its text, as `show --json` has it. NULL: no memory. */
json_t *object_of_snapshot(const struct sillok_revision *rev, uint32_t revisions);

/** "40 kind number", ...: the texts live in @p room. */
struct words words_of_parts(const struct sillok_change_class *what,
                            char room[SILLOK_MAX_PARTS][48]);

#endif
