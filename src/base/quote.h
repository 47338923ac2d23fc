/*
 * Texts inside other forms: strings of JSON, addresses.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include "base/buf.h"

/** Append @p t, UTF-8, as a string of JSON (RFC 8259), with nothing escaped that need not
 *  be. */
void quote_json(struct buf *b, struct sillok_text t);
/** The same of whatever bytes: those that are not UTF-8 become U+FFFD. 1 where some were. */
int quote_json_bytes(struct buf *b, struct sillok_text t);

/** Append an address: only what RFC 3986 lets stand, all else percent-encoded, a # too;
 *  what is an escape already stays. */
void quote_url(struct buf *b, struct sillok_text url);

#endif
