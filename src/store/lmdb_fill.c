/*
 * In which order the bodies of a batch are put, so that pages become full.
 *
 * Rows are appended, and one that does not fit into the last page begins the next: what was
 * left of the last stays empty, a tenth of it, with rows as long as packed articles are.
 * So of the next WINDOW rows the longest that fits is put first. How much room there is
 * follows from what was put since the page began, and that one has begun from LMDB's count
 * of them. Until a batch sees the first begin, rows come as they are.
 */
#include "store/lmdb.h"

#include <string.h>

enum { WINDOW = 32 };
/* LMDB's page: a head, and for each row its place, the head of its node, key and value, as
 * an even number of bytes. Where two do not fit into a page, the value has pages of its own
 * and the node has their number. */
enum { PAGE_HEAD = 16, NODE_HEAD = 8, NODE_PLACE = 2, PAGE_NUMBER = 8 };

static size_t even(size_t n)
{
    return n + (n & 1);
}

static size_t varint_len(uint64_t v)
{
    size_t n = 1;
    for (; v >= 128; v >>= 7)
        n++;
    return n;
}

static size_t row_bytes(const struct store_item *item)
{
    const struct store_prepared *p = item->prepared;
    const size_t number = p->codec == CODEC_DICT    ? varint_len(p->dict)
                          : p->codec == CODEC_DELTA ? varint_len(p->base)
                                                    : 0;
    return 1 + sizeof(struct sillok_id) + varint_len(item->article->body.len) + number +
           p->payload.len;
}

/* What the row takes of a page. */
static size_t cost_of(const struct fill *f, const struct store_item *item)
{
    const size_t most = ((f->page_bytes - PAGE_HEAD) / 2 & ~(size_t)1) - NODE_PLACE;
    size_t node = NODE_HEAD + ID_BYTES + row_bytes(item);
    if (node > most)
        node = NODE_HEAD + ID_BYTES + PAGE_NUMBER;
    return even(node + NODE_PLACE);
}

/* The longest that fits, or else the first. */
static size_t choose(const struct fill *f, struct store_item *const *window, size_t n)
{
    size_t best = n, most = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t cost = cost_of(f, window[i]);
        if (cost <= f->room && cost > most) {
            best = i;
            most = cost;
        }
    }
    return best < n ? best : 0;
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

/* A row was put. */
static int note(struct fill *f, struct kv_txn *txn, const struct store_item *item)
{
    const uint64_t leaves = f->leaves;
    const int r = look(f, txn);
    const size_t cost = cost_of(f, item);
    if (f->leaves != leaves)
        f->room = f->page_bytes - PAGE_HEAD;
    f->room -= cost < f->room ? cost : f->room;
    return r;
}

int fill_put(struct lmdb_store *s, struct store_item *const *items, size_t n,
             int (*put)(struct lmdb_store *s, struct store_item *item))
{
    struct store_item *window[WINDOW];
    size_t n_window = 0, next = 0;
    int r = look(&s->fill, s->txn);
    while (r == 0 && (n_window || next < n)) {
        while (n_window < WINDOW && next < n)
            window[n_window++] = items[next++];
        const size_t at = choose(&s->fill, window, n_window);
        struct store_item *item = window[at];
        memmove(window + at, window + at + 1, (--n_window - at) * sizeof(*window));
        r = put(s, item);
        if (r == 0 && item->body_new)
            r = note(&s->fill, s->txn, item);
    }
    return r;
}
