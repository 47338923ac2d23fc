/*
 * Two texts side by side, as a table of sentences: the old one left, the new one right,
 * one below the other on a narrow screen.
 *
 * What went is in <del>, what came in <ins>, what differs inside a replaced word in <b>;
 * the style sheet strikes and underlines them besides the colours. Long runs of unchanged
 * sentences fold into <details>.
 */
#ifndef REPORT_SIDES_H
#define REPORT_SIDES_H

#include "report/html.h"
#include "sillok/diff.h"

struct sides {
    const char *caption;
    uint32_t from, to; /* revisions */
};

/** Append the table, and nothing where the texts are equal. */
int sides_add(struct buf *b, const struct sides *s, struct sillok_text old_text,
              struct sillok_text new_text);

/** Append a text as paragraphs, whole up to a limit. */
void sides_add_text(struct buf *b, struct sillok_text t);

#endif
