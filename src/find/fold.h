/*
 * Text as it is searched: NFC, lower case, a run of white space one blank, nothing
 * invisible or control; quotation marks, middle dots, tildes, dashes and full-width ASCII in one
 * form.
 *
 * Invariants
 *  1. The result is well-formed UTF-8 without blanks at its ends and without any byte
 *     below 0x20, so bytes can be compared and FOLD_WALL can part texts.
 *  2. Any bytes are taken; one that is not UTF-8 becomes U+FFFD.
 *  3. What a part of a text is folded to stands in the fold of the whole, wherever it is
 *     cut between characters as people see them.
 *
 * Cost: one pass; a call to utf8proc around characters that may not be NFC.
 */
#ifndef FIND_FOLD_H
#define FIND_FOLD_H

#include "base/buf.h"
#include "sillok/diff.h"

#define FOLD_VERSION 4

/** Stands between texts that are indexed together. In no folded text. */
#define FOLD_WALL '\x01'

/** Append the folded form of @p t. */
int fold_add(struct buf *out, struct sillok_text t);

/** Take the blanks out of a folded text: Korean is written with and without (국민연금, 국민 연금). */
void fold_squeeze(struct buf *folded);

/** A folded text that knows where its bytes come from. */
struct folded {
    struct buf text;
    struct buf from; /* uint32_t for each byte, and one more: byte of the source */
    int any_blanks; /* terms are squeezed, and stand wherever they would without blanks */
    struct buf squeezed;
    struct buf at; /* uint32_t for each byte of it: where it stands in `text` */
};
void folded_init(struct folded *f, int any_blanks);
void folded_release(struct folded *f);
/** @p t must be shorter than 4 GiB. */
int folded_read(struct folded *f, struct sillok_text t);

/** Append the places (struct sillok_span, bytes of the source, ascending, apart) where @p
 *  term stands, itself folded, and squeezed with any_blanks. */
int folded_find(const struct folded *f, struct sillok_text term, struct buf *out);

#endif
