/*
 * A batch: one LMDB transaction, wholly in or not at all.
 *
 * Everything in memory that the transaction changed is thrown away with it: after an
 * abort the state is loaded again from the tables.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct lmdb_store *s)
{
    obs_forget(s);
    buf_clear(&s->hashes);
    buf_clear(&s->hashes_prev);
    map_clear(&s->hashes_last);
    buf_clear(&s->steps);
    known_forget(s);
    names_forget(&s->names);
    s->crawl_no = -1;
    s->dirty = 0;
}

static int open_txn(struct lmdb_store *s)
{
    int r = kv_write(s->env, &s->txn);
    if (r < 0)
        return r;
    recent_begin(&s->recent, kv_commit_number(s->txn));
    r = fill_begin(&s->fill, s->txn, s->format >= FORMAT_LETTERS);
    if (r == 0)
        r = state_load(s, s->txn);
    if (r == 0)
        r = dicts_load(s, s->txn);
    if (r < 0)
        kv_abort(STEAL(s->txn));
    return r;
}

/* The segment of the crawl that the batch was in, before it goes on with another. */
static int leave_crawl(struct lmdb_store *s)
{
    const int r = obs_flush(s);
    s->crawl_no = -1;
    free(s->crawl_name);
    s->crawl_name = NULL;
    return r;
}

static int enter_crawl(struct lmdb_store *s, const char *name)
{
    s->crawl_name = strdup(name);
    if (!s->crawl_name)
        return fail_memory();
    const struct store_crawl *crawls =
        (const struct store_crawl *)(const void *)s->state.crawls.ptr;
    s->crawl_no = -1;
    for (size_t i = 0; i < s->state.crawls.len / sizeof(*crawls); i++)
        if (strcmp(crawls[i].name, name) == 0)
            s->crawl_no = crawls[i].no;
    return 0;
}

int lmdb_begin(struct sillok_store *base, const char *crawl)
{
    struct lmdb_store *s = lmdb_of(base);
    int r = lmdb_lock(base);
    if (r == 0 && !s->txn)
        r = open_txn(s);
    if (r == 0 && s->crawl_name && strcmp(s->crawl_name, crawl) != 0)
        r = leave_crawl(s);
    if (r == 0 && !s->crawl_name)
        r = enter_crawl(s, crawl);
    return batch_result(s, r);
}

int batch_result(struct lmdb_store *s, int r)
{
    if (r != KV_FULL)
        return r;
    lmdb_abort(&s->base);
    r = kv_grow(s->env);
    return r < 0 ? r : STORE_RETRY;
}

int lmdb_commit(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    if (!s->txn)
        return 0;
    int r = leave_crawl(s);
    if (r == 0)
        r = names_flush(&s->names, s->txn);
    if (r == 0)
        r = hashes_flush(s);
    /* Not those of this very batch: the two copies are to stand apart in the file. */
    if (r == 0 && s->dirty && s->n_copied != s->n_loaded)
        r = dicts_copy(s->txn, s->codec, s->n_loaded);
    if (r == 0 && s->dirty)
        r = state_save(s);
    if (r < 0 || !s->dirty) {
        const int damage = batch_result(s, r);
        lmdb_abort(base);
        return damage;
    }
    r = kv_commit(STEAL(s->txn));
    if (r < 0) {
        lmdb_abort(base);
        return batch_result(s, r);
    }
    s->n_copied = s->n_loaded;
    s->first_dict = 0;
    recent_commit(&s->recent, (const uint8_t *)s->hashes.ptr,
                  s->hashes.len / hash_record_bytes(s), hash_record_bytes(s));
    /* Too little memory to remember them: reindex finds the steps. */
    if (class_commit(s) < 0)
        buf_clear(&s->steps_left);
    forget(s);
    return 0;
}

void lmdb_abort(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct failure end; /* what is told is why the batch ends, not what this meets */
    failure_keep(&end, 0);
    kv_abort(STEAL(s->txn));
    s->hash_waiting.commit = 0;
    forget(s);
    free(s->crawl_name);
    s->crawl_name = NULL;
    /* In no case is anything packed with a dictionary that no file has. */
    if (s->first_dict)
        dicts_forget(s, s->first_dict - 1);
    s->first_dict = 0;
    /* Counters, segments and names as they are on disk; if even that fails, the next
     * transaction will say why. */
    s->state.loaded = 0;
    if (view_begin(s, &txn) == 0) {
        view_end(s, txn);
        dicts_forget(s, s->state.counters.dicts);
    }
    (void)failure_tell(&end);
}
