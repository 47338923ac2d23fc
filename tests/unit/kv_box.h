/*
 * A small file of tables for the tests of store/kv.h, and what is said of a failure. Calls
 * that fail are those of faults/script.h.
 */
#ifndef TESTS_UNIT_KV_BOX_H
#define TESTS_UNIT_KV_BOX_H

#include "store/kv.h"

#include "support.h"

enum { T_PLAIN, T_DUP, N_TABLES };
extern const struct kv_table tables[N_TABLES];
enum { MIB = 1 << 20, GIB = 1 << 30 };
extern const struct kv_options making, for_writing, for_reading;

struct box {
    char *folder, *path, *lock;
};

/* Rows a, b and c of "value", and these as the values of k. */
void fill(const char *path);
void box_open(struct box *b);
void box_close(struct box *b);
void assert_said(const char *what, int r, int want, const char *said);

#endif
