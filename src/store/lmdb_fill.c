#include "store/lmdb.h"

#include <string.h>

/* LMDB's page: a head, and for each row its place, the head of its node, key and value, as
 * an even number of bytes. Where two do not fit into a page, the value has pages of its own
 * and the node has their number. */
enum { PAGE_HEAD = 16, NODE_HEAD = 8, NODE_PLACE = 2, PAGE_NUMBER = 8 };

/* Of a node, behind which another one fits into the page. */
static size_t node_most(const struct fill *f)
{
    return ((f->page_bytes - PAGE_HEAD) / 2 & ~(size_t)1) - NODE_PLACE;
}

size_t fill_most(const struct fill *f, size_t key_bytes)
{
    return node_most(f) - NODE_HEAD - key_bytes;
}

size_t fill_room(const struct fill *f, size_t key_bytes)
{
    const size_t other = NODE_PLACE + NODE_HEAD + key_bytes,
                 room = f->room > other ? f->room - other : 0;
    const size_t most = fill_most(f, key_bytes);
    return room < most ? room : most;
}

/* What the row takes of a page. */
static size_t cost_of(const struct fill *f, size_t key_bytes, size_t row_bytes)
{
    size_t node = NODE_HEAD + key_bytes + row_bytes;
    if (node > node_most(f))
        node = NODE_HEAD + key_bytes + PAGE_NUMBER;
    return node + NODE_PLACE + (node & 1);
}

static int look(struct fill *f, struct kv_txn *txn)
{
    struct kv_stats stats;
    const int r = kv_table_stats(txn, T_BODY, &stats);
    if (r < 0)
        return r;
    f->page_bytes = stats.page_bytes;
    f->leaves = stats.leaves;
    return 0;
}

int fill_begin(struct fill *f, struct kv_txn *txn, int cuts)
{
    f->room = 0;
    f->cuts = cuts;
    return look(f, txn);
}

size_t fill_choose(const struct fill *f, const size_t *row_bytes, size_t n)
{
    size_t best = n, most = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t cost = cost_of(f, ID_BYTES, row_bytes[i]);
        if (cost <= f->room && cost > most && !body_row_is_cut(f, row_bytes[i])) {
            best = i;
            most = cost;
        }
    }
    return best < n ? best : 0;
}

int fill_put(struct fill *f, struct kv_txn *txn, size_t key_bytes, size_t row_bytes)
{
    const uint64_t leaves = f->leaves;
    const int r = look(f, txn);
    const size_t cost = cost_of(f, key_bytes, row_bytes);
    if (f->leaves != leaves)
        f->room = f->page_bytes - PAGE_HEAD;
    f->room -= cost < f->room ? cost : f->room;
    return r;
}
