/*
 * The template forwards: article -> the bytes of a crawl file.
 *
 * Rendering is part of the store's format: a stored residue is a difference against it.
 * It never changes for a given form; a new layout is a new form bit. docs/format.md,
 * "Rendering", has the layout.
 */
#ifndef ARTICLE_RENDER_H
#define ARTICLE_RENDER_H

#include "base/buf.h"
#include "sillok/article.h"

/** How a file was written, bits; on disk, never reused. */
enum form {
    FORM_ESCAPED = 1 << 0, /* every field and the body were escaped */
    FORM_NDJSON = 1 << 1   /* a line of NDJSON instead of a Markdown file */
};

/** Append the file of @p article in @p form. */
int render_file(struct buf *out, const struct sillok_article *article, uint32_t form);

/** The URL that the portal gives an article. */
int render_url(struct buf *out, struct sillok_text oid, struct sillok_text aid);

#endif
