/*
 * The pages of an LMDB 0.9 file, read from outside LMDB.
 *
 * LMDB trusts its file: a wrong page number or offset in it is a wild read. So what a
 * transaction is about to touch is looked at here first (store/guard.h). All numbers are
 * in the machine's own byte order and 64 bits wide, as LMDB writes them.
 *
 * Page          0  number 8           of this page
 *               8  pad 2              LEAF2: bytes of a key
 *              10  flags 2            enum btree_flag
 *              12  lower 2, upper 2   end of the offsets, begin of the nodes;
 *                  or pages 4         OVERFLOW: how many in a row
 *              16  offsets, 2 each    of the nodes, in key order
 * Node          0  low 2, high 2, flags 2, key length 2, key, data
 *                  BRANCH: low, high, flags are the child's number, 48 bits
 *                  LEAF: low, high are the length of the data, flags enum node_flags
 * Table record  0  pad 4, flags 2, depth 2, branch 8, leaf 8, overflow 8, rows 8, root 8
 * Meta, pages 0 and 1, behind the page's 16 bytes:
 *               0  magic 4, version 4, address 8, map size 8, table record of the free
 *                  list, table record of the table of tables, last page 8, transaction 8
 *
 * Only what is known to be as LMDB wrote it may be read with btree_node(), btree_find()
 * and btree_leaf2(): after its sum was compared, or after btree_is_sound().
 */
#ifndef STORE_BTREE_H
#define STORE_BTREE_H

#include "base/buf.h"

enum btree_flag {
    BTREE_BRANCH = 0x01,
    BTREE_LEAF = 0x02,
    BTREE_OVERFLOW = 0x04,
    BTREE_META = 0x08,
    BTREE_DIRTY = 0x10, /* means nothing on the disk, and stays in pages within a node */
    BTREE_LEAF2 = 0x20, /* of sorted duplicates of one size: keys only, no offsets */
    BTREE_SUBPAGE = 0x40
};
enum node_flags {
    NODE_BIG = 0x01,   /* the data is the number of an overflow page */
    NODE_TABLE = 0x02, /* the data is a table record */
    NODE_DUPLICATES = 0x04
};
enum table_flags {
    TABLE_DUPLICATES = 0x04,
    TABLE_NUMBERS = 0x08, /* the free list: keys are numbers */
    TABLE_FIXED = 0x10,   /* alone: the values of one key */
    TABLE_KINDS = 0xff    /* the free list's has flags of the file besides */
};

enum {
    BTREE_HEAD_BYTES = 16,
    BTREE_TABLE_BYTES = 48,
    BTREE_META_BYTES = 136, /* behind the head */
    BTREE_MIN_BYTES = 512,
    BTREE_MAX_BYTES = 32768,
    BTREE_DEPTH_MAX = 32 /* LMDB's own stack of pages */
};
#define BTREE_NONE UINT64_MAX /* the root of an empty table */

struct btree_table {
    uint64_t root, rows, pages;
    unsigned depth, flags;
    unsigned value_bytes; /* of the values of one key: of each */
};

struct btree_meta {
    uint64_t txn, last_page;
    unsigned page_bytes;
    struct btree_table free_list, main;
};

struct btree_node {
    struct sillok_text key;
    struct sillok_text data; /* LEAF; of NODE_BIG the eight bytes of the page number */
    uint64_t data_bytes;     /* LEAF: of the data, wherever it stands */
    unsigned flags;          /* LEAF: enum node_flags */
    uint64_t child;          /* BRANCH, or the overflow page of NODE_BIG */
};

/** Of the files that LMDB makes on this machine. */
unsigned btree_page_bytes(void);

uint64_t btree_number(const uint8_t *page);
unsigned btree_flags(const uint8_t *page);
/** Of an overflow page. */
uint32_t btree_run(const uint8_t *page);
unsigned btree_count(const uint8_t *page);

/** Decode a meta page; 0, or -1 when it is none that LMDB 0.9 wrote. */
int btree_meta_read(struct btree_meta *out, const uint8_t *page);
/** Is it a meta page of a machine whose numbers have their bytes the other way round? */
int btree_meta_is_swapped(const uint8_t *page);
/** Fail with what to do about a file that is whole, and of another kind of machine.
 *  @param page_bytes  of its pages; 0: the order of its bytes is the other one */
int btree_fail_foreign(const char *path, unsigned page_bytes);
/** In the content of a meta page: another number of its commit. */
void btree_set_txn(uint8_t content[BTREE_META_BYTES], uint64_t txn);
struct btree_table btree_table_read(struct sillok_text record);

struct btree_node btree_node(const uint8_t *page, unsigned i);
/** Key @p i of a LEAF2 page. */
struct sillok_text btree_leaf2(const uint8_t *page, unsigned i);
/** BRANCH: the child that @p key belongs to. LEAF: the first node >= @p key, which may be
 *  btree_count(); @p exact tells whether it is equal. */
unsigned btree_find(const uint8_t *page, struct sillok_text key, int *exact);

/** Could LMDB read this page without leaving it? For pages that no sum is known of.
 *  @param no  the number that it must have */
int btree_is_sound(const uint8_t *page, unsigned page_bytes, uint64_t no);
/** Of a sound page: could LMDB put nodes into it and take them out? It counts on its nodes not
 *  lying over each other and on the room before them being free. */
int btree_is_whole(const uint8_t *page, unsigned page_bytes);
/** Of a sound page: could LMDB go through it as one of the tree that @p t is the record
 * of? A page of another kind in its place, or a node that its table cannot have, it would
 *  read as what it is not.
 *  @param own  the tree is the free list or the table of tables */
int btree_fits(const uint8_t *page, const struct btree_table *t, int own);
/** The numbers of free pages begin with their count. */
int btree_free_fits(struct sillok_text numbers);

#endif
