#include "store/kv_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Data as large as that may stand in pages of its own. */
enum { BIG_DATA = 1000 };

/* --- rows --- */

static MDB_val val_of(struct sillok_text t)
{
    /* LMDB only reads through it. */
    return (MDB_val){ t.len, (void *)(uintptr_t)t.ptr };
}

static struct sillok_text text_of_val(MDB_val v)
{
    return (struct sillok_text){ v.mv_data, v.mv_size };
}

int kv_check(struct kv_txn *txn, int table,
             int (*take)(void *arg, const struct kv_damage *d), void *arg)
{
    return guard_walk(&txn->view, table, take, arg);
}

static int is_dup(const struct kv_txn *txn, int table)
{
    return txn->env->tables[table].flags & KV_DUPFIXED;
}

static int is_big(struct sillok_text value)
{
    return value.len >= BIG_DATA;
}

int kv_get(struct kv_txn *txn, int table, struct sillok_text key,
           struct sillok_text *value)
{
    MDB_val k = val_of(key), v;
    /* To the page that was looked at LMDB need not go again. */
    if (!txn->writes && !is_dup(txn, table))
        return guard_get(&txn->view, table, key, value);
    int r = is_dup(txn, table) ? guard_value(&txn->view, table, key, key)
                               : guard_key(&txn->view, table, key, 0);
    if (r < 0)
        return r;
    const int rc = mdb_get(txn->mdb, txn->env->dbis[table], &k, &v);
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return kv_fail(txn->env, rc, txn->env->tables[table].name);
    *value = text_of_val(v);
    if (is_big(*value))
        r = guard_key(&txn->view, table, key, GUARD_DATA);
    return r < 0 ? r : 1;
}

int kv_put(struct kv_txn *txn, int table, struct sillok_text key,
           struct sillok_text value, int flags)
{
    MDB_val k = val_of(key), v = val_of(value);
    unsigned f = !(flags & KV_APPEND) ? 0
                 : is_dup(txn, table) ? MDB_APPENDDUP
                                      : MDB_APPEND;
    if (is_dup(txn, table))
        f |= MDB_NODUPDATA;
    int r = is_dup(txn, table)
                ? guard_value(&txn->view, table, key, value)
                : guard_key(&txn->view, table, key, GUARD_BESIDE | GUARD_DATA);
    if (r == 0 && flags & KV_APPEND)
        r = guard_edge(&txn->view, table, 1);
    if (r < 0)
        return r;
    const int rc = mdb_put(txn->mdb, txn->env->dbis[table], &k, &v, f);
    if (rc == MDB_KEYEXIST)
        return fail(SILLOK_EEXISTS, "the key is there already in table '%s'",
                    txn->env->tables[table].name);
    return rc ? kv_fail(txn->env, rc, txn->env->tables[table].name) : 0;
}

int kv_delete(struct kv_txn *txn, int table, struct sillok_text key)
{
    MDB_val k = val_of(key);
    const int r =
        guard_key(&txn->view, table, key, GUARD_BESIDE | GUARD_DATA | GUARD_LEVELS);
    if (r < 0)
        return r;
    const int rc = mdb_del(txn->mdb, txn->env->dbis[table], &k, NULL);
    if (rc == MDB_NOTFOUND)
        return 0;
    return rc ? kv_fail(txn->env, rc, txn->env->tables[table].name) : 1;
}

int kv_has_sums(const struct kv_txn *txn)
{
    return guard_has_sums(&txn->view);
}

uint64_t kv_commit_number(const struct kv_txn *txn)
{
    return txn->view.txn;
}

int kv_clear(struct kv_txn *txn, int table)
{
    const int r = guard_table(&txn->view, table);
    if (r < 0)
        return r;
    const int rc = mdb_drop(txn->mdb, txn->env->dbis[table], 0);
    return rc ? kv_fail(txn->env, rc, txn->env->tables[table].name) : 0;
}

static void cursor_free(struct kv_cursor *c)
{
    mdb_cursor_close(c->mdb);
    free(c);
}

static struct kv_cursor *take_resting(struct kv_txn *txn, int table)
{
    struct kv_cursor **at = &txn->resting, *c;
    while ((c = *at) && c->table != table)
        at = &c->next;
    if (c)
        *at = c->next;
    return c;
}

static int cursor_new(struct kv_cursor **out, struct kv_txn *txn, int table)
{
    const int r = guard_record(&txn->view, table);
    if (r < 0)
        return r;
    struct kv_cursor *c = calloc(1, sizeof(*c));
    if (!c)
        return fail_memory();
    const int rc = mdb_cursor_open(txn->mdb, txn->env->dbis[table], &c->mdb);
    if (rc) {
        free(c);
        return kv_fail(txn->env, rc, txn->env->tables[table].name);
    }
    c->txn = txn;
    c->table = table;
    *out = c;
    return 0;
}

int kv_cursor_open(struct kv_cursor **out, struct kv_txn *txn, int table)
{
    struct kv_cursor *c = take_resting(txn, table);
    if (!c)
        return cursor_new(out, txn, table);
    const int rc = mdb_cursor_renew(txn->mdb, c->mdb); /* it stands nowhere again */
    if (rc) {
        cursor_free(c);
        return kv_fail(txn->env, rc, txn->env->tables[table].name);
    }
    c->page = 0;
    *out = c;
    return 0;
}

/* A view of an ingest looks up thousands of hashes, each with a cursor or two. In a
 * writing transaction LMDB would have to mend those that rest at each put. */
void kv_cursor_close(struct kv_cursor *c)
{
    if (!c)
        return;
    if (!c->txn->writes) {
        c->next = c->txn->resting;
        c->txn->resting = c;
        return;
    }
    cursor_free(c);
}

void kv_cursors_free(struct kv_txn *txn)
{
    while (txn->resting) {
        struct kv_cursor *c = txn->resting;
        txn->resting = c->next;
        cursor_free(c);
    }
}

static uintptr_t page_of(const struct kv_cursor *c, const char *ptr)
{
    return (uintptr_t)ptr / c->txn->env->guard.page_bytes;
}

/* The way to where the cursor starts from has been looked at, and to the pages beside it;
 * where it came to another page, that one's is. */
static int cursor_get(struct kv_cursor *c, MDB_val *k, MDB_val *v, MDB_cursor_op op,
                      struct sillok_text *key, struct sillok_text *value)
{
    struct guard_view *view = &c->txn->view;
    int r = 0;
    /* Its steps lead through all the values of a key. */
    if (is_dup(c->txn, c->table) && !c->whole)
        r = guard_table(view, c->table);
    if (r < 0)
        return r;
    c->whole = is_dup(c->txn, c->table);
    const int rc = mdb_cursor_get(c->mdb, k, v, op);
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return kv_fail(c->txn->env, rc, "a table");
    const struct sillok_text at = text_of_val(*k), data = text_of_val(*v);
    if (page_of(c, at.ptr) != c->page)
        r = guard_key(view, c->table, at, GUARD_BESIDE);
    if (r == 0 && is_big(data))
        r = guard_key(view, c->table, at, GUARD_DATA);
    if (r < 0)
        return r;
    c->page = page_of(c, at.ptr);
    if (key)
        *key = at;
    if (value)
        *value = data;
    return 1;
}

int kv_seek(struct kv_cursor *c, struct sillok_text from, struct sillok_text *key,
            struct sillok_text *value)
{
    MDB_val k = val_of(from), v;
    if (!from.len)
        return kv_first(c, key, value);
    const int r = guard_key(&c->txn->view, c->table, from, GUARD_BESIDE);
    return r < 0 ? r : cursor_get(c, &k, &v, MDB_SET_RANGE, key, value);
}

int kv_disordered(const struct kv_cursor *c)
{
    return fail(SILLOK_ECORRUPT, "the store is damaged: rows of '%s' are not in order",
                c->txn->env->tables[c->table].name);
}

int kv_after(struct kv_cursor *c, struct sillok_text last, struct sillok_text *key,
             struct sillok_text *value)
{
    int r = kv_seek(c, last, key, value);
    if (r > 0 && last.len && text_equal(*key, last))
        r = kv_next(c, key, value);
    return r > 0 && text_compare(*key, last) <= 0 ? kv_disordered(c) : r; /* empty, too */
}

static int go_to_edge(struct kv_cursor *c, int last, struct sillok_text *key,
                      struct sillok_text *value)
{
    MDB_val k, v;
    const int r = guard_edge(&c->txn->view, c->table, last);
    return r < 0 ? r : cursor_get(c, &k, &v, last ? MDB_LAST : MDB_FIRST, key, value);
}

int kv_first(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value)
{
    return go_to_edge(c, 0, key, value);
}

int kv_last(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value)
{
    return go_to_edge(c, 1, key, value);
}

int kv_next(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value)
{
    MDB_val k, v;
    return c->page ? cursor_get(c, &k, &v, MDB_NEXT, key, value)
                   : kv_first(c, key, value);
}

int kv_prev(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value)
{
    MDB_val k, v;
    return c->page ? cursor_get(c, &k, &v, MDB_PREV, key, value) : kv_last(c, key, value);
}

/* Duplicates: the pages are those of the values. */
static int duplicate_get(struct kv_cursor *c, struct sillok_text key, MDB_val *k,
                         MDB_val *v, MDB_cursor_op op, struct sillok_text *value)
{
    const int rc = mdb_cursor_get(c->mdb, k, v, op);
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return kv_fail(c->txn->env, rc, "a table");
    const struct sillok_text data = text_of_val(*v);
    if (page_of(c, data.ptr) != c->page) {
        const int r = guard_value(&c->txn->view, c->table, key, data);
        if (r < 0)
            return r;
    }
    c->page = page_of(c, data.ptr);
    *value = data;
    return 1;
}

int kv_seek_value(struct kv_cursor *c, struct sillok_text key, struct sillok_text from,
                  struct sillok_text *value)
{
    MDB_val k = val_of(key), v = val_of(from);
    const int r = guard_value(&c->txn->view, c->table, key, from);
    return r < 0 ? r : duplicate_get(c, key, &k, &v, MDB_GET_BOTH_RANGE, value);
}

int kv_next_value(struct kv_cursor *c, struct sillok_text *value)
{
    MDB_val k, v;
    /* Of a key, LMDB tells here where it stands. */
    const int rc = mdb_cursor_get(c->mdb, &k, &v, MDB_GET_CURRENT);
    if (rc == MDB_NOTFOUND || rc == EINVAL)
        return 0;
    if (rc)
        return kv_fail(c->txn->env, rc, "a table");
    return duplicate_get(c, text_of_val(k), &k, &v, MDB_NEXT_DUP, value);
}

/* --- figures --- */

int kv_table_stats(struct kv_txn *txn, int table, struct kv_stats *out)
{
    MDB_stat s;
    uint64_t of_values = 0;
    int r = guard_record(&txn->view, table);
    if (r < 0)
        return r;
    if (is_dup(txn, table)) /* where they are damaged, who reads them is told */
        r = guard_value_pages(&txn->view, table, &of_values);
    const int rc = mdb_stat(txn->mdb, txn->env->dbis[table], &s);
    if (rc)
        return kv_fail(txn->env, rc, txn->env->tables[table].name);
    out->rows = s.ms_entries;
    out->leaves = s.ms_leaf_pages;
    out->page_bytes = s.ms_psize;
    out->bytes = (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages + of_values) *
                 (uint64_t)s.ms_psize;
    out->lacks_values = r < 0;
    return 0;
}

int kv_state_get(struct kv_txn *txn, struct kv_state *out)
{
    struct stat st;
    if (stat(txn->env->path, &st) < 0)
        return fail_errno("cannot stat '%s'", txn->env->path);
    *out = (struct kv_state){
        .txn = mdb_txn_id(txn->mdb),
        .dev = (uint64_t)st.st_dev,
        .ino = (uint64_t)st.st_ino,
        .bytes = (uint64_t)st.st_size,
        .ctim_s = (uint64_t)st.st_ctim.tv_sec,
        .ctim_ns = (uint64_t)st.st_ctim.tv_nsec,
        .mtim_s = (uint64_t)st.st_mtim.tv_sec,
        .mtim_ns = (uint64_t)st.st_mtim.tv_nsec,
    };
    return 0;
}

int kv_file_bytes(struct kv_txn *txn, uint64_t *bytes)
{
    MDB_envinfo info;
    MDB_stat s;
    int rc = mdb_env_info(txn->env->mdb, &info);
    if (!rc)
        rc = mdb_env_stat(txn->env->mdb, &s);
    if (rc)
        return kv_fail(txn->env, rc, "cannot read the header");
    *bytes = ((uint64_t)info.me_last_pgno + 1) * s.ms_psize;
    return 0;
}

int kv_file_stats(struct kv_txn *txn, uint64_t *used, uint64_t *free_bytes)
{
    uint64_t file = 0, in_tables = 0;
    int r = kv_file_bytes(txn, &file), is_unknown = 0;
    for (int i = 0; i < txn->env->n_tables && r == 0; i++) {
        struct kv_stats t = { 0 };
        r = kv_table_stats(txn, i, &t);
        in_tables += t.bytes;
        is_unknown |= t.lacks_values;
    }
    if (r < 0)
        return r;
    *used = is_unknown ? 0 : in_tables;
    *free_bytes = is_unknown || file < in_tables ? 0 : file - in_tables;
    return 0;
}
