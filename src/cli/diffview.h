/*
 * Two revisions side by side, for people: headline and metadata first, then the body.
 */
#ifndef CLI_DIFFVIEW_H
#define CLI_DIFFVIEW_H

#include "cli/out.h"

struct diffview {
    const struct cli *cli;
    enum sillok_diff_format format;
    int context;   /* sentences around a change; -1: all */
    size_t indent; /* blanks before each line, WORDS and SENTENCES only */
    const struct sillok_diff
        *bodies; /* of the two bodies, if the caller has it; or NULL */
};

/** Append what differs between the articles as text; nothing if they are the same. */
int diffview_text(struct buf *out, const struct diffview *view,
                  const struct sillok_article *before,
                  const struct sillok_article *after);
/** Append a whole HTML page. @p heading is plain text. */
int diffview_html(struct buf *out, const struct diffview *view,
                  struct sillok_text heading, const struct sillok_article *before,
                  const struct sillok_article *after);
/** Append @p object as a line and release it, with "values": {"title": {"from", "to"}, ...}
 *  and "body": rows and edits, null where the bodies are the same. @p object NULL is
 *  SILLOK_ENOMEM.
 *  @param diff  of the two bodies */
int diffview_json(struct buf *out, struct cli *cli, json_t *object,
                  const struct sillok_diff *diff, const struct sillok_article *before,
                  const struct sillok_article *after);

#endif
