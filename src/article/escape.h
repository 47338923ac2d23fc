/*
 * The older crawler's escaping: & < > " ' ` = as &amp; &lt; &gt; &quot; &#x27; &#x60;
 * &#x3D; (the set of the Handlebars template engine). It is undone exactly once, and only
 * where the declared hash or the rest of the file says that it was done; "&lt;" may as
 * well be the author's own text.
 */
#ifndef ARTICLE_ESCAPE_H
#define ARTICLE_ESCAPE_H

#include "base/buf.h"

/** 1 when one of the seven entities stands in @p t. */
int escape_has_entity(struct sillok_text t);
/** 1 when a character that the escaping would have replaced stands in @p t bare: one of
 *  < > " ' ` = or an & that begins none of the entities. */
int escape_has_bare(struct sillok_text t);

/** Append @p t with each entity undone, once, left to right. */
int escape_undo(struct buf *out, struct sillok_text t);
/** 1 when a reference of HTML stands in @p t that is none of the seven: a number, or one of the
 *  names that escape_undo_any() knows. */
int escape_has_other(struct sillok_text t);
/** The same as escape_undo(), of what other programs write too: &#39; and &#x2F;, any character
 *  by its number, and some by their names. */
int escape_undo_any(struct buf *out, struct sillok_text t);

/** Append @p t escaped. */
int escape_do(struct buf *out, struct sillok_text t);

#endif
