#include "base/piece.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* Where memory is watched each piece is a block of its own, with nothing beside it. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#endif
#ifdef WATCHED
enum { BLOCK_BYTES = 0 };
#else
enum { BLOCK_BYTES = 64 << 10 };
#endif

struct piece_block {
    atomic_size_t held; /* pieces that are not given back, and one while it is filled */
    size_t len, cap;    /* of `bytes` */
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

static struct piece_block *block_new(size_t least)
{
    const size_t cap = least < BLOCK_BYTES ? BLOCK_BYTES : least;
    struct piece_block *b = malloc(sizeof(*b) + cap);
    if (!b)
        return NULL;
    atomic_init(&b->held, 1);
    b->len = 0;
    b->cap = cap;
    return b;
}

void *piece_take(struct pieces *from, size_t n)
{
    const size_t unit = sizeof(struct head);
    if (n > SIZE_MAX / 2)
        return NULL;
    const size_t want = unit + (n + unit - 1) / unit * unit;
    struct piece_block *b = from->block;
    if (!b || b->cap - b->len < want) {
        b = block_new(want);
        if (!b)
            return NULL;
        let_go(from->block);
        from->block = b;
    }
    struct head *head = (struct head *)(void *)((char *)b->bytes + b->len);
    b->len += want;
    atomic_fetch_add(&b->held, 1);
    head->block = b;
    return head + 1;
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
