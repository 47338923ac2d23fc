/*
 * Writing HTML so that nothing from outside becomes markup.
 *
 * Invariants
 *  1. Markup comes from string literals of this program only: html_raw() takes no
 *     variable. All else goes through html_text() or html_attr(), which escape.
 *  2. No live character comes out: what base/utf8.h calls live is written as \x1b or
 *     <U+202E>, invalid bytes as U+FFFD. Newlines and tabs become blanks.
 *  3. A link leads to http or https, or to a page of this site.
 *
 * All append; a failed append sticks in the buffer (base/buf.h) and is asked once a page.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/buf.h"

/** Append a literal as it is. */
#define html_raw(b, literal) html_literal((b), "" literal, sizeof(literal) - 1)
void html_literal(struct buf *b, const char *ptr, size_t len);

/** Append text from anywhere. */
void html_text(struct buf *b, struct sillok_text t);
void html_str(struct buf *b, const char *str);
/** The same, formatted first; at most 511 bytes. */
void html_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** 40,140 */
void html_number(struct buf *b, uint64_t n);
/** A title or a name on one line: folded, cut to @p columns with a closing "…". */
void html_cut(struct buf *b, struct sillok_text t, size_t columns);
/** The headline of an article, in the same way; HTML_NO_HEADLINE where nothing of it would
 * be seen, for a link or a heading of blanks leads nobody anywhere. */
#define HTML_NO_HEADLINE "(no headline)"
void html_headline(struct buf *b, struct sillok_text t, size_t columns);

/** ` name="value"`; @p name is a literal. */
void html_attr(struct buf *b, const char *name, struct sillok_text value);
/** ` lang="ko"` where there is Hangul in it, ` lang="ja"` where only kana: readers speak
 * it right, and Han characters get the shapes of their language. ` dir="auto"` where letters
 * that are written from the right come before Hangul: the browser tells how the text runs. */
void html_lang(struct buf *b, struct sillok_text t);

/** What says why a change is of its kind, with a sample: "word: 1 place [-old-]{+new+}". Each
 * of the two texts runs by itself (<bdi>): of letters that are written from the right both
 * would be one run, and what went would stand where what came does. */
void html_why(struct buf *b, struct sillok_text why);

/** 1 when a browser may follow it: http or https with a host, no blanks, nothing live. */
int html_is_link(struct sillok_text url);
/** @p label as a link to @p url, or as text where that is no link. */
void html_link(struct buf *b, struct sillok_text url, struct sillok_text label);

/**
 * A table up to its first row.
 * @param style    its class; a literal, as the other two
 * @param caption  for who hears the page and does not see it
 * @param heads    of its columns, a '|' between; "#Files" is one of figures
 */
void html_table(struct buf *b, const char *style, const char *caption, const char *heads);
void html_table_end(struct buf *b);
/** A cell of a column of figures. */
void html_figure(struct buf *b, uint64_t n);

/** One part of a relative URL, RFC 3986 2.3: what is not unreserved is percent-encoded.
 */
void html_url_part(struct buf *b, struct sillok_text t);

#endif
