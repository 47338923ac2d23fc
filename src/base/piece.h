/*
 * Pieces of memory that one thread takes and another gives back, of which there are many:
 * neighbours share a block, so that malloc(), whose lock all threads want, is asked for a
 * block at a time. A block goes when the last of its pieces does.
 */
#ifndef BASE_PIECE_H
#define BASE_PIECE_H

#include <stddef.h>

/** Where pieces are taken from, by one thread at a time. Zeroed to begin with. */
struct pieces {
    struct piece_block *block; /* the one that is filled; may be NULL */
};

/** @p n bytes, aligned as malloc() does it; NULL: no memory, nothing is said. */
void *piece_take(struct pieces *from, size_t n);
/** On any thread, even after pieces_release(); NULL is fine. */
void piece_free(void *piece);
/** Take no more. */
void pieces_release(struct pieces *from);

#endif
