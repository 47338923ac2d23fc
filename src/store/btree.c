#include "store/btree.h"

#include <byteswap.h>
#include <unistd.h>

#include "base/fail.h"

enum { META_MAGIC = (int)0xBEEFC0DE, META_VERSION = 1, META_TXN_AT = 128 };
enum { NODE_HEAD_BYTES = 8, OFFSET_BYTES = 2 };

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

unsigned btree_page_bytes(void)
{
    const long n = sysconf(_SC_PAGESIZE);
    return n < BTREE_MAX_BYTES ? (unsigned)n : BTREE_MAX_BYTES;
}

uint64_t btree_number(const uint8_t *page)
{
    return get64(page);
}

unsigned btree_flags(const uint8_t *page)
{
    return get16(page + 10);
}

uint32_t btree_run(const uint8_t *page)
{
    return get32(page + 12);
}

static unsigned lower(const uint8_t *page)
{
    return get16(page + 12);
}

static unsigned upper(const uint8_t *page)
{
    return get16(page + 14);
}

unsigned btree_count(const uint8_t *page)
{
    return (lower(page) - BTREE_HEAD_BYTES) / OFFSET_BYTES;
}

struct btree_table btree_table_read(struct sillok_text record)
{
    const uint8_t *p = (const uint8_t *)record.ptr;
    return (struct btree_table){ .value_bytes = get32(p),
                                 .flags = get16(p + 4),
                                 .depth = get16(p + 6),
                                 .pages = get64(p + 8) + get64(p + 16) + get64(p + 24),
                                 .rows = get64(p + 32),
                                 .root = get64(p + 40) };
}

int btree_meta_read(struct btree_meta *out, const uint8_t *page)
{
    const uint8_t *m = page + BTREE_HEAD_BYTES;
    if (!(btree_flags(page) & BTREE_META) || get32(m) != (uint32_t)META_MAGIC ||
        get32(m + 4) != META_VERSION)
        return -1;
    const struct sillok_text tables = text_make((const char *)m + 24, 96);
    *out = (struct btree_meta){
        .page_bytes = get32(m + 24), /* the pad of the first table record */
        .free_list = btree_table_read(tables),
        .main = btree_table_read(
            text_make(tables.ptr + BTREE_TABLE_BYTES, BTREE_TABLE_BYTES)),
        .last_page = get64(m + 120),
        .txn = get64(m + META_TXN_AT),
    };
    const unsigned n = out->page_bytes;
    return n < BTREE_MIN_BYTES || n > BTREE_MAX_BYTES || (n & (n - 1)) != 0 ? -1 : 0;
}

int btree_meta_is_swapped(const uint8_t *page)
{
    const uint8_t *m = page + BTREE_HEAD_BYTES;
    return get32(m) == bswap_32((uint32_t)META_MAGIC) &&
           get32(m + 4) == bswap_32((uint32_t)META_VERSION);
}

int btree_fail_foreign(const char *path, unsigned page_bytes)
{
    if (!page_bytes)
        return fail(SILLOK_EINVALID,
                    "'%s' was made on a machine with the other byte order: export it "
                    "there and take it in here",
                    path);
    return fail(SILLOK_EINVALID,
                "'%s' was made on a machine with pages of %u bytes, this one has %u: "
                "export it there and take it in here",
                path, page_bytes, btree_page_bytes());
}

void btree_set_txn(uint8_t content[BTREE_META_BYTES], uint64_t txn)
{
    memcpy(content + META_TXN_AT, &txn, sizeof(txn));
}

/* Where node @p i begins in its page. */
static size_t node_at(const uint8_t *page, unsigned i)
{
    return get16(page + BTREE_HEAD_BYTES + (size_t)i * OFFSET_BYTES);
}

struct btree_node btree_node(const uint8_t *page, unsigned i)
{
    const uint8_t *n = page + node_at(page, i);
    const size_t key_len = get16(n + 6);
    const uint8_t *data = n + NODE_HEAD_BYTES + key_len;
    struct btree_node node = {
        .key = text_make((const char *)n + NODE_HEAD_BYTES, key_len),
        .flags = get16(n + 4),
    };
    const uint64_t low = get32(n);
    if (btree_flags(page) & BTREE_BRANCH) {
        node.child = low | (uint64_t)node.flags << 32;
        node.flags = 0;
        return node;
    }
    node.data = text_make((const char *)data, (size_t)low);
    node.data_bytes = low;
    if (node.flags & NODE_BIG) {
        node.data.len = sizeof(uint64_t);
        node.child = get64(data);
    }
    return node;
}

struct sillok_text btree_leaf2(const uint8_t *page, unsigned i)
{
    const unsigned size = get16(page + 8);
    return text_make((const char *)page + BTREE_HEAD_BYTES + (size_t)i * size, size);
}

unsigned btree_find(const uint8_t *page, struct sillok_text key, int *exact)
{
    const int branch = (btree_flags(page) & BTREE_BRANCH) != 0;
    const int leaf2 = (btree_flags(page) & BTREE_LEAF2) != 0;
    /* The first key of a branch page counts as lower than any. */
    unsigned from = branch ? 1 : 0, to = btree_count(page);
    *exact = 0;
    while (from < to) {
        const unsigned mid = from + (to - from) / 2;
        const int c =
            text_compare(leaf2 ? btree_leaf2(page, mid) : btree_node(page, mid).key, key);
        if (c == 0) {
            *exact = 1;
            return mid;
        }
        if (c < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return branch ? from - 1 : from;
}

static int node_is_sound(const uint8_t *page, unsigned page_bytes, unsigned i)
{
    const size_t at = node_at(page, i);
    if (at < lower(page) || at + NODE_HEAD_BYTES > page_bytes)
        return 0;
    const uint8_t *n = page + at;
    const size_t key_len = get16(n + 6), left = page_bytes - at - NODE_HEAD_BYTES;
    if (key_len > left)
        return 0;
    if (btree_flags(page) & BTREE_BRANCH)
        return 1;
    const unsigned flags = get16(n + 4);
    const size_t want = flags & NODE_BIG ? sizeof(uint64_t) : get32(n);
    return want <= left - key_len && (!(flags & NODE_TABLE) || want == BTREE_TABLE_BYTES);
}

int btree_is_sound(const uint8_t *page, unsigned page_bytes, uint64_t no)
{
    const unsigned flags = btree_flags(page);
    if (get64(page) != no)
        return 0;
    if (flags & BTREE_OVERFLOW)
        return btree_run(page) > 0;
    if (lower(page) < BTREE_HEAD_BYTES || lower(page) > page_bytes)
        return 0;
    const unsigned n = btree_count(page);
    if (flags == (BTREE_LEAF | BTREE_LEAF2)) {
        const unsigned size = get16(page + 8);
        return size > 0 && (size_t)n * size <= page_bytes - BTREE_HEAD_BYTES;
    }
    if ((flags != BTREE_BRANCH && flags != BTREE_LEAF) || n == 0)
        return 0;
    for (unsigned i = 0; i < n; i++)
        if (!node_is_sound(page, page_bytes, i))
            return 0;
    return 1;
}

/* Bytes of a node, which LMDB makes an even number; 0: it does not lie within its page. */
static size_t node_bytes(const uint8_t *page, unsigned page_bytes, unsigned i)
{
    const size_t at = node_at(page, i);
    if (at < upper(page) || at % 2 || at + NODE_HEAD_BYTES > page_bytes)
        return 0;
    const uint8_t *n = page + at;
    const size_t key_len = get16(n + 6), left = page_bytes - at - NODE_HEAD_BYTES;
    if (key_len > left)
        return 0;
    size_t want = 0;
    if (!(btree_flags(page) & BTREE_BRANCH)) {
        const unsigned flags = get16(n + 4);
        want = flags & NODE_BIG ? sizeof(uint64_t) : get32(n);
        if (want > left - key_len || (flags & NODE_TABLE && want != BTREE_TABLE_BYTES))
            return 0;
    }
    const size_t bytes = NODE_HEAD_BYTES + key_len + want;
    return bytes + bytes % 2 <= page_bytes - at ? bytes + bytes % 2 : 0;
}

/* Who puts a node into a page, or takes one out, moves the others by its bytes and counts on
 * the room between the offsets and the nodes. So these fill what is behind that room, and no
 * two of them share a byte: each ends where another one begins, or the page ends, and together
 * they are no longer than that. */
static int nodes_are_whole(const uint8_t *page, unsigned page_bytes)
{
    uint64_t begins[BTREE_MAX_BYTES / 2 / 64];
    const unsigned n = btree_count(page);
    size_t sum = 0;
    memset(begins, 0, page_bytes / 2 / 8);
    for (unsigned i = 0; i < n; i++) {
        const size_t at = node_at(page, i), bytes = node_bytes(page, page_bytes, i);
        if (!bytes || begins[at / 128] >> (at / 2 % 64) & 1)
            return 0;
        begins[at / 128] |= (uint64_t)1 << (at / 2 % 64);
        sum += bytes;
    }
    if (sum != page_bytes - upper(page))
        return 0;
    for (unsigned i = 0; i < n; i++) {
        const size_t end = node_at(page, i) + node_bytes(page, page_bytes, i);
        if (end < page_bytes && !(begins[end / 128] >> (end / 2 % 64) & 1))
            return 0;
    }
    return 1;
}

/* The same of values alone, which stand behind each other: what LMDB takes for free behind the
 * offsets that it does not have there. */
static int values_are_whole(const uint8_t *page, size_t page_bytes)
{
    const size_t size = get16(page + 8), n = btree_count(page);
    return size > 0 && n * size <= page_bytes - BTREE_HEAD_BYTES &&
           upper(page) + n * size == page_bytes + n * OFFSET_BYTES &&
           upper(page) >= lower(page);
}

int btree_is_whole(const uint8_t *page, unsigned page_bytes)
{
    if (btree_flags(page) & BTREE_OVERFLOW)
        return 1;
    if (lower(page) % 2 || lower(page) > upper(page) || upper(page) > page_bytes)
        return 0;
    return btree_flags(page) & BTREE_LEAF2 ? values_are_whole(page, page_bytes)
                                           : nodes_are_whole(page, page_bytes);
}

int btree_free_fits(struct sillok_text numbers)
{
    const size_t n = numbers.len / sizeof(uint64_t);
    return n > 0 && get64((const uint8_t *)numbers.ptr) < n;
}

/* Few values of a key: a page of keys alone within the node. */
static int few_fit(struct sillok_text data)
{
    const uint8_t *p = (const uint8_t *)data.ptr;
    if (data.len < BTREE_HEAD_BYTES ||
        (btree_flags(p) | BTREE_DIRTY) !=
            (BTREE_LEAF | BTREE_LEAF2 | BTREE_SUBPAGE | BTREE_DIRTY) ||
        lower(p) < BTREE_HEAD_BYTES)
        return 0;
    return values_are_whole(p, data.len);
}

/* Of a table of duplicates: one value, few, or a tree of them. */
static int values_fit(const struct btree_node *node)
{
    if (node->flags == NODE_DUPLICATES)
        return few_fit(node->data);
    if (node->flags != (NODE_DUPLICATES | NODE_TABLE))
        return node->flags == 0;
    const struct btree_table t = btree_table_read(node->data);
    return t.flags == TABLE_FIXED && t.value_bytes > 0;
}

static int node_fits(const struct btree_node *node, const struct btree_table *t, int own)
{
    if (!own)
        return t->flags ? values_fit(node) : !(node->flags & ~(unsigned)NODE_BIG);
    if (node->flags == NODE_TABLE) {
        const unsigned flags = btree_table_read(node->data).flags;
        return flags == 0 || flags == (TABLE_DUPLICATES | TABLE_FIXED);
    }
    return node->flags == NODE_BIG || (node->flags == 0 && btree_free_fits(node->data));
}

int btree_fits(const uint8_t *page, const struct btree_table *t, int own)
{
    const unsigned flags = btree_flags(page);
    if (flags & BTREE_OVERFLOW)
        return 0;
    if (flags & BTREE_BRANCH)
        return btree_count(page) >= 2;
    if (!own && t->flags == TABLE_FIXED)
        return flags & BTREE_LEAF2 && get16(page + 8) == t->value_bytes;
    if (flags & BTREE_LEAF2)
        return 0;
    for (unsigned i = 0; i < btree_count(page); i++) {
        const struct btree_node node = btree_node(page, i);
        if (!node_fits(&node, t, own))
            return 0;
    }
    return 1;
}
