#include "store/lmdb_ops.h"

#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static int lmdb_stats(struct sillok_store *base, struct sillok_stats *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    const struct counters *n = &s->state.counters;
    *out = (struct sillok_stats){
        .format = s->format,
        .articles = n->articles,
        .revisions = n->revisions,
        .changes = n->revisions - n->articles,
        .versions = n->versions,
        .bodies = n->plain + n->dictionary + n->delta,
        .observations = n->observations,
        .crawls = s->state.crawls.len / sizeof(struct store_crawl),
        .refused = n->refused,
        .files_bytes = n->file_bytes,
        .body_bytes_seen = n->body_bytes_seen,
        .body_bytes = n->body_bytes,
        .body_bytes_stored = n->body_bytes_stored,
        .bodies_delta = n->delta,
        .bodies_dictionary = n->dictionary,
        .bodies_plain = n->plain,
        .delta_bytes = n->delta_bytes,
        .delta_bytes_stored = n->delta_bytes_stored,
        .dictionary_bytes = n->dict_bytes,
        .first_s = n->first_s,
        .last_s = n->last_s,
    };
    snprintf(out->uuid, sizeof(out->uuid), "%.36s", s->uuid);
    snprintf(out->engine, sizeof(out->engine), "%s", kv_version());
    r = kv_file_stats(txn, &out->store_bytes, &out->free_bytes);
    view_end(s, txn);
    return r;
}

static int lmdb_tables(struct sillok_store *base, struct sillok_table_stats *out, int max)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    for (int i = 0; i < N_TABLES && i < max && r == 0; i++) {
        struct kv_stats t = { 0 };
        if (i < lmdb_n_tables(s->format))
            r = kv_table_stats(txn, i, &t);
        out[i] = (struct sillok_table_stats){ lmdb_table_name(i), t.rows, t.bytes };
    }
    view_end(s, txn);
    return r < 0 ? r : N_TABLES;
}

/* Every commit is durable when it returns. */
/* The number of the transaction alone would come again after an old copy was put back,
 * and with the same sizes: the file that is a copy has another inode or ctime. */
static int lmdb_mark(struct sillok_store *base, uint8_t out[STORE_MARK_BYTES])
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct kv_state state;
    uint8_t bytes[sizeof(s->uuid) + 8 * sizeof(uint64_t)] = { 0 };
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_state_get(txn, &state);
    view_end(s, txn);
    if (r < 0)
        return r;
    const uint64_t numbers[8] = {
        state.txn,    state.dev,     state.ino,    state.bytes,
        state.ctim_s, state.ctim_ns, state.mtim_s, state.mtim_ns
    };
    memcpy(bytes, s->uuid, strlen(s->uuid));
    for (size_t i = 0; i < 8; i++)
        put_be(bytes + sizeof(s->uuid) + i * 8, numbers[i], 8);
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(bytes, sizeof(bytes)));
    memcpy(out, hash.digest, STORE_MARK_BYTES);
    return 1;
}

const struct store_ops lmdb_ops = {
    .close = lmdb_close,
    .stats = lmdb_stats,
    .tables = lmdb_tables,
    .worker_new = lmdb_worker_new,
    .worker_free = lmdb_worker_free,
    .worker_begin = lmdb_worker_begin,
    .worker_end = lmdb_worker_end,
    .prepare = lmdb_prepare,
    .prepared_free = lmdb_prepared_free,
    .wants_study = lmdb_wants_study,
    .study = lmdb_study,
    .lock = lmdb_lock,
    .begin = lmdb_begin,
    .body_put = lmdb_body_put,
    .obs_append = lmdb_obs_append,
    .refuse = lmdb_refuse,
    .commit = lmdb_commit,
    .abort = lmdb_abort,
    .view_hold = lmdb_view_hold,
    .view_release = lmdb_view_release,
    .has_moved = lmdb_has_moved,
    .body_get = lmdb_body_get,
    .body_has = lmdb_body_has,
    .body_find = lmdb_body_find,
    .body_scan = lmdb_body_scan,
    .article_find = lmdb_article_find,
    .article_key_of = lmdb_article_key_of,
    .article_next = lmdb_article_next,
    .chain_scan = lmdb_chain_scan,
    .obs_scan = lmdb_obs_scan,
    .obs_scan_crawl = lmdb_obs_scan_crawl,
    .version_get = lmdb_version_get,
    .file_get = lmdb_file_get,
    .class_get = lmdb_class_get,
    .class_left = lmdb_class_left,
    .class_make = lmdb_class_make,
    .class_put = lmdb_class_put,
    .change_scan = lmdb_change_scan,
    .crawls = lmdb_crawls,
    .crawl_articles = lmdb_crawl_articles,
    .refusal_scan = lmdb_refusal_scan,
    .refusal_get = lmdb_refusal_get,
    .ref_get = lmdb_ref_get,
    .ref_cas = lmdb_ref_cas,
    .delete_unreferenced = lmdb_delete_unreferenced,
    .mark = lmdb_mark,
    .verify_open = lmdb_verify_open,
    .verify_next = lmdb_verify_next,
    .verify_close = lmdb_verify_close,
    .reindex_open = lmdb_renew_open,
    .reindex_next = lmdb_renew_next,
    .reindex_close = lmdb_renew_close,
};
