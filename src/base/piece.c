#include "base/piece.h"

#include "base/watched.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* What is larger than a quarter of a block would leave as much of one unused. Where memory is
 * watched each piece is a block of its own, with nothing beside it but what rounds it up. */
enum { BLOCK_BYTES = 64 << 10, SHARES_MOST = MEMORY_IS_WATCHED ? 0 : BLOCK_BYTES / 4 };

struct piece_block {
    atomic_size_t held; /* pieces that are not given back, and one while it is filled */
    size_t len;         /* of `bytes` */
    max_align_t bytes[];
};

/* Before each piece. */
struct head {
    _Alignas(max_align_t) struct piece_block *block;
};

static void let_go(struct piece_block *b)
{
    if (b && atomic_fetch_sub(&b->held, 1) == 1)
        free(b);
}

static struct piece_block *block_new(size_t bytes)
{
    struct piece_block *b = malloc(sizeof(*b) + bytes);
    if (!b)
        return NULL;
    atomic_init(&b->held, 1);
    b->len = 0;
    return b;
}

static void *cut(struct piece_block *b, size_t bytes)
{
    struct head *head = (struct head *)(void *)((char *)b->bytes + b->len);
    b->len += bytes;
    head->block = b;
    return head + 1;
}

void *piece_take(struct pieces *from, size_t n)
{
    const size_t unit = sizeof(struct head);
    if (n > SIZE_MAX / 2)
        return NULL;
    const size_t want = unit + (n + unit - 1) / unit * unit;
    if (want > SHARES_MOST) {
        struct piece_block *own = block_new(want);
        return own ? cut(own, want) : NULL;
    }
    if (!from->block || BLOCK_BYTES - from->block->len < want) {
        struct piece_block *next = block_new(BLOCK_BYTES);
        if (!next)
            return NULL;
        let_go(from->block);
        from->block = next;
    }
    atomic_fetch_add(&from->block->held, 1);
    return cut(from->block, want);
}

void piece_free(void *piece)
{
    if (piece)
        let_go(((struct head *)piece - 1)->block);
}

void pieces_release(struct pieces *from)
{
    let_go(from->block);
    from->block = NULL;
}
