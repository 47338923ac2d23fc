#include "store/rescue.h"

#include "store/btree.h"
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is known of a page. */
enum page_state {
    P_SOUND = 1 << 0,   /* LMDB could read it */
    P_SEALED = 1 << 1,  /* it has its sum */
    P_PLACED = 1 << 2,  /* its table is known */
    P_NAMED = 1 << 3,   /* part of a run that a node names */
    P_OFFERED = 1 << 4, /* its rows were handed over */
    P_CURRENT = 1 << 5, /* of the last commit */
    P_VISITED = 1 << 6  /* by place_below() or place(), in this round */
};

struct rescue {
    const char *path;
    const char *const *names;
    const uint8_t *map;
    size_t map_bytes;
    uint64_t n_pages;
    unsigned page_bytes;
    struct buf sums; /* the seal's bytes, as they are */
    uint8_t *state;  /* enum page_state */
    uint8_t *table;  /* 1 + number of the table */
    int (*take)(void *arg, const struct rescue_row *row);
    void *arg;
    struct rescue_counts *counts;
};

/* --- the file --- */

static int map_file(struct rescue *s)
{
    struct stat st;
    const int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* may be a FIFO */
    if (fd < 0)
        return errno == ENOENT ? fail(SILLOK_ENOTFOUND, "there is no '%s'", s->path)
                               : fail_errno("cannot open '%s'", s->path);
    int r = fstat(fd, &st) < 0 ? fail_errno("cannot stat '%s'", s->path) : 0;
    if (r == 0 && !S_ISREG(st.st_mode))
        r = fail(SILLOK_EINVALID, "'%s' is not a regular file", s->path);
    s->page_bytes = btree_page_bytes();
    s->n_pages = r == 0 ? (uint64_t)st.st_size / s->page_bytes : 0;
    s->map_bytes = (size_t)s->n_pages * s->page_bytes;
    if (r == 0 && s->map_bytes) {
        void *map = mmap(NULL, s->map_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
        s->map = map == MAP_FAILED ? NULL : map;
        if (!s->map)
            r = fail_errno("cannot map '%s'", s->path);
    }
    (void)close(fd); /* it was only read */
    return r;
}

/* A file that another kind of machine made is not damaged: nothing of it could be read here,
 * and all would be called lost. */
static int refuse_foreign(const struct rescue *s)
{
    struct btree_meta first, second;
    if (s->n_pages < 2)
        return 0;
    if (btree_meta_is_swapped(s->map))
        return btree_fail_foreign(s->path, 0);
    if (btree_meta_read(&first, s->map) < 0 || first.page_bytes == s->page_bytes ||
        first.page_bytes + BTREE_HEAD_BYTES + BTREE_META_BYTES > s->map_bytes ||
        btree_meta_read(&second, s->map + first.page_bytes) < 0 ||
        second.page_bytes != first.page_bytes)
        return 0;
    return btree_fail_foreign(s->path, first.page_bytes);
}

static const uint8_t *page_at(const struct rescue *s, uint64_t page)
{
    return s->map + page * s->page_bytes;
}

/* 0: a run would leave the file. */
static uint64_t run_of(const struct rescue *s, uint64_t page)
{
    const uint64_t n =
        btree_flags(page_at(s, page)) & BTREE_OVERFLOW ? btree_run(page_at(s, page)) : 1;
    return n >= 1 && n <= s->n_pages - page ? n : 0;
}

static void judge(struct rescue *s, uint64_t page)
{
    const uint8_t *p = page_at(s, page);
    const uint64_t run = run_of(s, page);
    if (run && btree_is_sound(p, s->page_bytes, page))
        s->state[page] |= P_SOUND;
    if (s->state[page] & P_SOUND &&
        seal_sum_in(&s->sums, page) == seal_sum(p, (size_t)run * s->page_bytes))
        s->state[page] |= P_SEALED;
}

/* --- whose page is it? --- */

static int table_of_name(const struct rescue *s, struct sillok_text name)
{
    for (int i = 0; s->names[i]; i++)
        if (text_is(name, s->names[i]))
            return i;
    return RESCUE_NO_TABLE;
}

/* What a walk through the tables goes by. */
struct round {
    int sealed;     /* only pages that are as they were written */
    unsigned marks; /* P_CURRENT, for the tables of the last commit */
};

/* Everything below @p page that is not placed yet belongs to @p table. Below a page that
 * is, an earlier round left out what was damaged. */
static void place(struct rescue *s, uint64_t page, int table, unsigned depth,
                  const struct round *round)
{
    if (depth == 0 || page < 2 || page >= s->n_pages || s->state[page] & P_VISITED)
        return;
    const unsigned need = round->sealed ? P_SEALED | P_SOUND : 0;
    if ((s->state[page] & need) != need)
        return;
    s->state[page] |= P_VISITED;
    if (!(s->state[page] & P_PLACED)) {
        s->state[page] |= (uint8_t)(P_PLACED | round->marks);
        s->table[page] = (uint8_t)(table + 1);
    }
    const uint8_t *p = page_at(s, page);
    if (!(s->state[page] & P_SOUND) || !(btree_flags(p) & BTREE_BRANCH))
        return;
    for (unsigned i = 0; i < btree_count(p); i++)
        place(s, btree_node(p, i).child, table, depth - 1, round);
}

/* A leaf of the table of tables says where the tables are. */
static void place_tables(struct rescue *s, uint64_t page, const struct round *round)
{
    const uint8_t *p = page_at(s, page);
    for (unsigned i = 0; i < btree_count(p); i++) {
        const struct btree_node node = btree_node(p, i);
        const int table = table_of_name(s, node.key);
        if (!(node.flags & NODE_TABLE) || node.flags & NODE_DUPLICATES || table < 0)
            continue;
        const struct btree_table t = btree_table_read(node.data);
        place(s, t.root, table, BTREE_DEPTH_MAX, round);
    }
}

static int is_table_leaf(const struct rescue *s, uint64_t page)
{
    const uint8_t *p = page_at(s, page);
    if (!(s->state[page] & P_SOUND) || btree_flags(p) != BTREE_LEAF)
        return 0;
    const struct btree_node node = btree_node(p, 0);
    return node.flags & NODE_TABLE && !(node.flags & NODE_DUPLICATES) &&
           table_of_name(s, node.key) >= 0;
}

static void place_below(struct rescue *s, uint64_t page, unsigned depth,
                        const struct round *round)
{
    const unsigned need = round->sealed ? P_SEALED | P_SOUND : P_SOUND;
    if (depth == 0 || page < 2 || page >= s->n_pages || s->state[page] & P_VISITED ||
        (s->state[page] & need) != need)
        return;
    s->state[page] |= P_VISITED;
    const uint8_t *p = page_at(s, page);
    if (is_table_leaf(s, page))
        place_tables(s, page, round);
    for (unsigned i = 0; btree_flags(p) & BTREE_BRANCH && i < btree_count(p); i++)
        place_below(s, btree_node(p, i).child, depth - 1, round);
}

static void forget_visits(struct rescue *s)
{
    for (uint64_t page = 0; page < s->n_pages; page++)
        s->state[page] &= (uint8_t)~P_VISITED;
}

/* The headers, the later first; how many there are. */
static int read_headers(const struct rescue *s, struct btree_meta out[2])
{
    int n = 0;
    for (uint64_t i = 0; i < 2 && s->n_pages > 1; i++)
        n += btree_meta_read(&out[n], page_at(s, i)) == 0;
    if (n == 2 && out[1].txn > out[0].txn) {
        const struct btree_meta swap = out[0];
        out[0] = out[1];
        out[1] = swap;
    }
    return n;
}

/* By the later header, the other one, and whatever table of tables is left, as far as
 * pages are as they were written; only then by what may be damaged. */
static void place_all(struct rescue *s)
{
    struct btree_meta meta[2];
    const int n = read_headers(s, meta);
    struct round round = { 1, P_CURRENT };
    for (int i = 0; i < n; i++) {
        place_below(s, meta[i].main.root, BTREE_DEPTH_MAX, &round);
        round.marks = 0;
    }
    for (uint64_t page = s->n_pages; page-- > 2;)
        if (is_table_leaf(s, page) && s->state[page] & P_SEALED)
            place_tables(s, page, &round);
    round.sealed = 0;
    for (int i = 0; i < n; i++) {
        forget_visits(s);
        place_below(s, meta[i].main.root, BTREE_DEPTH_MAX, &round);
    }
}

/* Can it be told which pages the last commit had? */
static int has_tables(const struct rescue *s, const struct btree_meta *last)
{
    const uint64_t root = last->main.root;
    return root == BTREE_NONE || (root < s->n_pages && s->state[root] & P_SEALED);
}

/* Pages that are not what the seal says, but for @p root, of which nothing says what they
 * were. Within a run the seal has what stood there before. */
static uint64_t count_nameless(const struct rescue *s, uint64_t root)
{
    uint64_t n = 0, run;
    for (uint64_t page = 2; page < s->n_pages; page += run) {
        run = s->state[page] & P_SEALED ? run_of(s, page) : 1;
        n += seal_sum_in(&s->sums, page) && !(s->state[page] & (P_SEALED | P_NAMED)) &&
             page != root;
    }
    return n;
}

static void count_absent(const struct rescue *s, struct rescue_counts *out)
{
    struct btree_meta meta[2];
    const int n = read_headers(s, meta);
    const uint64_t txn = seal_txn_in(&s->sums);
    /* By the seal alone: pages at the end that a header counts need not be written. */
    for (uint64_t page = s->n_pages; page < seal_pages_in(&s->sums); page++)
        out->missing += seal_sum_in(&s->sums, page) != 0;
    out->newer = n && txn > meta[0].txn ? txn - meta[0].txn : 0;
    if (n == 0)
        out->nameless = count_nameless(s, BTREE_NONE);
    else if (!has_tables(s, &meta[0]))
        out->nameless = count_nameless(s, meta[0].main.root);
}

/* --- rows --- */

/* A node by its offset, where the page as a whole may not be trusted; 0 it leaves it. */
static int node_at(const struct rescue *s, const uint8_t *p, size_t at,
                   struct btree_node *out)
{
    uint16_t low, high, key_len, flags;
    if (at < BTREE_HEAD_BYTES || at + 8 > s->page_bytes)
        return 0;
    memcpy(&low, p + at, 2);
    memcpy(&high, p + at + 2, 2);
    memcpy(&flags, p + at + 4, 2);
    memcpy(&key_len, p + at + 6, 2);
    const uint64_t len = low | (uint64_t)high << 16;
    const size_t left = s->page_bytes - at - 8;
    if (key_len > left || (flags & ~(unsigned)NODE_BIG) != 0)
        return 0;
    *out = (struct btree_node){ .key = text_make((const char *)p + at + 8, key_len),
                                .flags = flags };
    const char *data = (const char *)p + at + 8 + key_len;
    if (flags & NODE_BIG) {
        if (left - key_len < sizeof(uint64_t))
            return 0;
        memcpy(&out->child, data, sizeof(uint64_t));
        if (out->child < 2 || out->child >= s->n_pages ||
            len > (s->n_pages - out->child) * s->page_bytes - BTREE_HEAD_BYTES)
            return 0;
        out->data = text_make((const char *)page_at(s, out->child) + BTREE_HEAD_BYTES,
                              (size_t)len);
        return 1;
    }
    if (len > left - key_len)
        return 0;
    out->data = text_make(data, (size_t)len);
    return 1;
}

static void name_run(struct rescue *s, uint64_t page, size_t len)
{
    const uint64_t n = (len + BTREE_HEAD_BYTES + s->page_bytes - 1) / s->page_bytes;
    for (uint64_t i = 0; i < n && page + i < s->n_pages; i++)
        s->state[page + i] |= P_NAMED;
}

static int offer(struct rescue *s, int table, unsigned state, struct sillok_text key,
                 struct sillok_text value)
{
    const struct rescue_row row = { table, (state & P_SEALED) != 0,
                                    (state & P_CURRENT) != 0, key, value };
    s->counts->rows++;
    return s->take(s->arg, &row);
}

static int offer_node(struct rescue *s, uint64_t page, size_t at)
{
    struct btree_node node;
    const uint8_t *p = page_at(s, page);
    if (!node_at(s, p, at, &node))
        return 0;
    const int table = s->state[page] & P_PLACED ? s->table[page] - 1 : RESCUE_NO_TABLE;
    unsigned state = s->state[page];
    if (node.flags & NODE_BIG) {
        if (s->state[node.child] & P_SOUND)
            name_run(s, node.child, node.data.len);
        if (!(s->state[node.child] & P_SEALED))
            state &= ~(unsigned)P_SEALED;
    }
    return offer(s, table, state, node.key, node.data);
}

/* Offsets stand in a row; in a damaged page they end where one makes no sense. */
static int offer_nodes(struct rescue *s, uint64_t page)
{
    const uint8_t *p = page_at(s, page);
    const unsigned most = (s->page_bytes - BTREE_HEAD_BYTES) / 10;
    const unsigned n = s->state[page] & P_SOUND ? btree_count(p) : most;
    int r = 0;
    for (size_t i = 0; i < n && r >= 0; i++) {
        uint16_t at;
        memcpy(&at, p + BTREE_HEAD_BYTES + i * sizeof(at), sizeof(at));
        r = offer_node(s, page, at);
    }
    return r;
}

static int offer_page(struct rescue *s, uint64_t page)
{
    const uint8_t *p = page_at(s, page);
    const unsigned flags = btree_flags(p);
    s->state[page] |= P_OFFERED;
    if (!(s->state[page] & P_SOUND))
        return offer_nodes(s, page);
    /* Values of duplicates are derived from other rows. */
    return flags == BTREE_LEAF ? offer_nodes(s, page) : 0;
}

/* Whole pages of known tables, then the other whole ones, then the damaged: a row that is
 * damaged must not take the place of an older copy that is not. */
static int offer_all(struct rescue *s)
{
    static const unsigned rounds[][2] = {
        { P_SEALED | P_CURRENT, P_SEALED | P_CURRENT },
        { P_SEALED | P_PLACED, P_SEALED | P_PLACED },
        { P_SEALED, P_SEALED },
        { P_PLACED, P_PLACED },
        { 0, 0 },
    };
    int r = 0;
    for (size_t k = 0; k < sizeof(rounds) / sizeof(rounds[0]); k++)
        for (uint64_t page = 2; page < s->n_pages && r >= 0; page++)
            if ((s->state[page] & rounds[k][0]) == rounds[k][1] &&
                !(s->state[page] & (P_OFFERED | P_NAMED)))
                r = offer_page(s, page);
    for (uint64_t page = 2; page < s->n_pages && r >= 0; page++) {
        const uint64_t run = run_of(s, page);
        if (!(btree_flags(page_at(s, page)) & BTREE_OVERFLOW) || !run ||
            s->state[page] & P_NAMED || !(s->state[page] & P_SOUND))
            continue;
        const size_t len = (size_t)run * s->page_bytes - BTREE_HEAD_BYTES;
        r = offer(s, RESCUE_NO_TABLE, s->state[page] & P_SEALED, text_make(NULL, 0),
                  text_make((const char *)page_at(s, page) + BTREE_HEAD_BYTES, len));
    }
    return r < 0 ? r : 0;
}

int rescue_rows(const char *path, const char *const *names,
                int (*take)(void *arg, const struct rescue_row *row), void *arg,
                struct rescue_counts *counts)
{
    struct rescue s = { .path = path,
                        .names = names,
                        .sums = BUF_INIT,
                        .take = take,
                        .arg = arg,
                        .counts = counts };
    *counts = (struct rescue_counts){ 0 };
    int r = map_file(&s);
    if (r == 0)
        r = refuse_foreign(&s);
    if (r == 0)
        r = seal_read_all(&s.sums, path);
    s.state = calloc((size_t)s.n_pages + 1, 1);
    s.table = calloc((size_t)s.n_pages + 1, 1);
    if (r == 0 && (!s.state || !s.table))
        r = fail_memory();
    for (uint64_t page = 0; r == 0 && page < s.n_pages; page++)
        judge(&s, page);
    if (r == 0) {
        place_all(&s);
        r = offer_all(&s);
    }
    for (uint64_t page = 2; r == 0 && page < s.n_pages; page++)
        counts->damaged += (s.state[page] & P_PLACED) && !(s.state[page] & P_SEALED);
    counts->pages = s.n_pages;
    if (r == 0)
        count_absent(&s, counts);
    if (s.map)
        (void)munmap((void *)(uintptr_t)s.map, s.map_bytes); /* cannot fail: it is ours */
    free(s.state);
    free(s.table);
    buf_release(&s.sums);
    return r;
}
