/* The embedded engine's table of operations. */
#ifndef STORE_LMDB_OPS_H
#define STORE_LMDB_OPS_H

#include "store/store.h"

extern const struct store_ops lmdb_ops;

#endif
