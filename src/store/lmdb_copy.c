/*
 * A copy of a whole store, row by row, into a new one.
 *
 *   head     the marker and the dictionaries, each from whichever of its copies is whole
 *   rows     every other table through a cursor, in one snapshot, appended to the same
 *            table of a new file: pages come out full and in order. A batch ends
 *            after BATCH_BYTES. Behind all of it the dictionaries once more
 *   derive   reindex makes what is not copied: what an older format did not have, or
 *            all that is derived
 *   verify   the new store against itself; what does not have its hash or its row is
 *            told
 *   place    synced and renamed, so that it is there whole or not at all
 *
 * In place (compact, and where reindex cannot write the tables that are there) the new
 * file stands in the store's own folder, as one of the next generation, and the write
 * lock is held from the first row to the last step. For compact, rows go through the
 * squeeze (lmdb_squeeze.c). What is a rename of the folder above is there that of the
 * marker, which names the file (lmdb_generation_switch()).
 *
 * Each page that is read has been compared with its sum by the guard below kv. In a file
 * of a time before sums that is its shape alone; there the order of the keys is what this
 * checks, and verify everything else. Duplicates cannot be read in it: the hash table,
 * the only one, is derived.
 */
#include "sillok/maintenance.h"

#include "article/config.h"
#include "base/file.h"
#include "store/beside.h"
#include "store/folder.h"
#include "store/lmdb.h"
#include "store/lmdb_ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLICE_ROWS = 4096, SLICE_BYTES = 4 << 20, BATCH_BYTES = 16 << 20 };
enum { KEY_MAX = 511 };

/* So long one call waits for who signs; S_WAIT goes on with that. */
enum { LOG_STEP_MS = 100 };

enum step { S_WAIT, S_TRAIN, S_HEAD, S_ROWS, S_DERIVE, S_VERIFY, S_PLACE, S_DONE };

struct sillok_copy {
    struct lmdb_store *from;
    int owns_from, lock_fd;
    pid_t owner; /* a child of this process has a copy of this, and none of the files */
    int renews;  /* all that is derived is made anew */
    char *to, *aside;    /* NULL in place */
    unsigned generation; /* in place, that of the new file; else 0 */
    int level;
    struct squeeze *squeeze;
    enum step step;
    int failed;    /* or 0: to go on would be to leave out what it failed at */
    int waited_ms; /* for who signs */
    /* rows */
    struct kv_txn *view; /* the snapshot */
    struct kv_cursor *cursor;
    int table;
    struct lmdb_store *rows; /* the new file */
    struct kv_txn *txn;
    struct counters counters; /* of the snapshot */
    struct names names;       /* keys of articles on their way */
    uint64_t n_names;         /* so many up to here */
    size_t in_batch;
    uint64_t done, total;
    /* derive, verify */
    struct sillok_store *made; /* the new store */
    struct lmdb_reindex *reindex;
    struct sillok_verify *verify;
    struct sillok_copy_sum sum;
};

/* --- rows --- */

/* What is derived stands otherwise in a store of before; only its classes do not. */
static int is_derived(const struct sillok_copy *it)
{
    return it->renews || it->from->format < FORMAT_LETTERS;
}

static int is_copied(const struct sillok_copy *it, int table)
{
    if (table <= T_DICT)
        return 0; /* copy_head(), end_rows() */
    if (table < T_HASH)
        return 1;
    return is_derived(it)
               ? table == T_CLASS && !it->renews && it->from->format >= FORMAT_SEALED
               : table < lmdb_n_tables(it->from->format);
}

static int put_as_it_is(struct sillok_copy *it, struct sillok_text key,
                        struct sillok_text value)
{
    int r = kv_put(it->txn, it->table, key, value, KV_APPEND);
    /* Of two hashes that begin alike the bodies may have changed places. */
    if (r == SILLOK_EEXISTS && it->squeeze && it->table == T_HASH)
        r = kv_put(it->txn, it->table, key, value, 0);
    if (r == SILLOK_EEXISTS)
        return damaged("the rows of table '%s' are not in order",
                       lmdb_table_name(it->table));
    it->in_batch += key.len + value.len;
    return r;
}

/* Bodies that wait, as many as do not need to, or all. */
static int put_bodies(struct sillok_copy *it, int all)
{
    size_t stored = 0;
    int r;
    while ((r = squeeze_put_body(it->squeeze, it->txn, all, &stored)) > 0)
        it->in_batch += stored;
    return r;
}

/* A key of an article that may have a row of its own up to now. */
static int put_name(struct sillok_copy *it, struct sillok_text key,
                    struct sillok_text value)
{
    struct article_key name;
    if (key.len != ID_BYTES)
        return damaged("a row of the table 'ordinal' is damaged");
    if (names_is_row(value))
        return put_as_it_is(it, key, value);
    if (get_be((const uint8_t *)key.ptr, ID_BYTES) != ++it->n_names)
        return damaged("the rows of table 'ordinal' are not in order");
    const int r = names_take_single(value, it->n_names, &name);
    if (r < 0)
        return r;
    it->in_batch += key.len + value.len;
    return names_add(&it->names, it->txn, it->n_names, &name);
}

static int put_row(struct sillok_copy *it, struct sillok_text key,
                   struct sillok_text value)
{
    if (key.len < 1 || key.len > KEY_MAX)
        return damaged("table '%s' has a key of %zu bytes", lmdb_table_name(it->table),
                       key.len);
    if (it->squeeze && it->table == T_BODY) {
        const int r = squeeze_body(it->squeeze, key);
        return r < 0 ? r : put_bodies(it, 0);
    }
    if (it->table == T_ORDINAL && is_derived(it))
        return put_name(it, key, value);
    const int r = it->squeeze ? squeeze_row(it->squeeze, it->table, key, &value) : 1;
    return r < 0 ? r : put_as_it_is(it, key, value);
}

/* The map is several times what is needed; only where there is no address space for that
 * it is smaller. */
static int no_map(int r)
{
    return r == KV_FULL ? fail(SILLOK_EIO, "the copy does not fit into the address space "
                                           "that this process may have (ulimit -v)")
                        : r;
}

static int commit_batch(struct sillok_copy *it)
{
    it->in_batch = 0;
    const int r = it->txn ? names_flush(&it->names, it->txn) : 0;
    return it->txn && r == 0 ? no_map(kv_commit(STEAL(it->txn))) : no_map(r);
}

static int put_dict(void *arg, uint32_t id, enum dict_kind kind, struct sillok_text bytes)
{
    const struct sillok_copy *it = arg;
    return dict_row_put(it->txn, it->rows->codec, id, kind, bytes);
}

static int copy_head(struct sillok_copy *it)
{
    CLEANUP(buf_release) struct buf marker = BUF_INIT;
    int r = counters_load(it->view, &it->counters);
    if (r == 0)
        r = lmdb_marker(&marker, it->from->uuid, it->generation);
    if (r == 0)
        r = kv_write(it->rows->env, &it->txn);
    if (r == 0)
        r = kv_put(it->txn, T_META, text_of("format"), text_make(marker.ptr, marker.len),
                   0);
    if (r == 0)
        r = it->squeeze ? squeeze_dicts(it->squeeze, it->txn)
                        : dicts_each(it->view, it->counters.dicts, put_dict, it);
    return no_map(r);
}

/* What is known or wanted only with the last of the rows. */
static int end_rows(struct sillok_copy *it)
{
    struct lmdb_store *rows = it->rows;
    int r = it->txn ? 0 : kv_write(rows->env, &it->txn);
    if (r < 0)
        return r;
    rows->state.counters = it->squeeze ? *squeeze_counters(it->squeeze) : it->counters;
    rows->txn = it->txn;
    r = dicts_copy(it->txn, rows->codec, rows->state.counters.dicts);
    if (r == 0)
        r = counters_save(rows);
    rows->txn = NULL;
    return no_map(r);
}

static int next_table(struct sillok_copy *it)
{
    kv_cursor_close(STEAL(it->cursor));
    while (++it->table < N_TABLES && !is_copied(it, it->table))
        ;
    return it->table < N_TABLES ? kv_cursor_open(&it->cursor, it->view, it->table) : 0;
}

/* 1 a row was copied, 0 there are no more in any table. */
static int copy_row(struct sillok_copy *it)
{
    struct sillok_text key, value;
    int r = kv_next(it->cursor, &key, &value);
    const int open = it->txn ? 0 : kv_write(it->rows->env, &it->txn);
    if (open < 0)
        return open;
    while (r == 0) {
        if (it->squeeze && it->table == T_BODY)
            r = no_map(put_bodies(it, 1));
        if (r == 0)
            r = next_table(it);
        if (r < 0 || it->table == N_TABLES)
            return r;
        r = kv_first(it->cursor, &key, &value);
    }
    if (r > 0)
        r = 0;
    if (r == 0)
        r = no_map(put_row(it, key, value));
    it->done++;
    return r < 0 ? r : 1;
}

/* 1 when all rows are in. */
static int copy_slice(struct sillok_copy *it)
{
    size_t before = it->in_batch;
    int r = 1;
    for (int i = 0; i < SLICE_ROWS && r > 0 && it->in_batch - before < SLICE_BYTES; i++)
        r = copy_row(it);
    const int all = r == 0;
    if (all)
        r = end_rows(it);
    if (r >= 0 && (all || it->in_batch >= BATCH_BYTES)) {
        const int committed = commit_batch(it);
        return committed < 0 ? committed : all;
    }
    return r < 0 ? r : 0;
}

/* --- the rest of the folder --- */

static int put_file(const struct sillok_copy *it, const char *name, const char *text)
{
    char *path = file_in(it->aside, name);
    const int r = path ? file_replace(path, text, strlen(text), 0600) : fail_memory();
    free(path);
    return r;
}

static int put_files(struct sillok_copy *it)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (it->generation)
        return 0; /* all of that is there */
    int r = lmdb_marker(&line, it->from->uuid, 0);
    if (r == 0)
        r = buf_add_str(&line, "\n");
    if (r == 0)
        r = buf_add_char(&line, '\0');
    if (r == 0)
        r = put_file(it, "format", line.ptr);
    return r < 0 ? r : folder_copy(it->from->base.path, it->aside);
}

/* --- derive, verify, place --- */

static int open_made(struct sillok_copy *it, int read_only)
{
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    options.read_only = read_only;
    options.limits = it->from->base.limits;
    sillok_store_close(STEAL(it->made));
    if (it->generation)
        return lmdb_generation_open(&it->made, it->from, it->generation, read_only);
    return lmdb_store_open(&it->made, it->aside, &options, 0, 0);
}

/* All rows are in: a store of it. */
static int finish_rows(struct sillok_copy *it)
{
    kv_cursor_close(STEAL(it->cursor));
    squeeze_free(STEAL(it->squeeze));
    kv_abort(STEAL(it->view));
    lmdb_close_rows(STEAL(it->rows));
    it->sum.rows = it->done;
    it->step = is_derived(it) ? S_DERIVE : S_VERIFY;
    const int r = put_files(it);
    return r < 0 ? r : open_made(it, it->step == S_VERIFY);
}

static int derive(struct sillok_copy *it)
{
    struct sillok_reindex_event event;
    int r = it->reindex ? 0 : lmdb_reindex_open(&it->reindex, it->made, 0, 1);
    if (r == 0)
        r = lmdb_reindex_next(it->reindex, &event);
    if (r > 0) {
        it->done = event.checked;
        it->total = event.total;
    }
    if (r == REINDEX_BLOCKED)
        r = fail(SILLOK_ECORRUPT, "%s", lmdb_reindex_blocked(it->reindex));
    if (r != 0)
        return r;
    lmdb_reindex_close(STEAL(it->reindex));
    it->step = S_VERIFY;
    return open_made(it, 1);
}

static int take_figures(struct sillok_copy *it)
{
    struct sillok_stats stats;
    const int r = sillok_store_stats(it->made, &stats);
    if (r < 0)
        return r;
    struct sillok_copy_sum *sum = &it->sum;
    snprintf(sum->uuid, sizeof(sum->uuid), "%s", stats.uuid);
    sum->format = stats.format;
    sum->articles = stats.articles;
    sum->revisions = stats.revisions;
    sum->bodies = stats.bodies;
    sum->observations = stats.observations;
    sum->refused = stats.refused;
    sum->bytes = stats.store_bytes + stats.free_bytes;
    return 0;
}

static int verify(struct sillok_copy *it)
{
    static const struct sillok_verify_options options = SILLOK_VERIFY_OPTIONS_INIT;
    struct sillok_verify_event event;
    int r = it->verify ? 0 : lmdb_verify_open(it->made, &options, &it->verify);
    if (r == 0)
        r = lmdb_verify_next(it->verify, &event);
    if (r > 0 && event.damage)
        return fail(
            SILLOK_ECORRUPT,
            "the store is damaged: %.300s; no copy was made ('sillok verify' names "
            "all of it, 'sillok salvage' gets out what is whole)",
            event.what);
    if (r > 0) {
        it->done = event.checked;
        it->total = event.total;
    }
    if (r != 0)
        return r;
    lmdb_verify_close(STEAL(it->verify));
    r = take_figures(it);
    sillok_store_close(STEAL(it->made));
    it->step = S_PLACE;
    return r;
}

/* The file of a generation, the caller's. */
static char *data_path(const struct sillok_copy *it, unsigned generation)
{
    char name[DATA_NAME_BYTES];
    lmdb_data_name(name, generation);
    return file_in(it->from->base.path, name);
}

/* What was is removed last: who has it open goes on reading it, and if it cannot be
 * removed the next compact does so. */
static int place_in_store(struct sillok_copy *it)
{
    const unsigned old = it->from->generation;
    int switched;
    int r = lmdb_generation_switch(it->from, it->generation, &switched);
    if (switched)
        it->generation = 0; /* no longer ours to remove */
    if (r < 0)
        return r;
    it->step = S_DONE;
    r = lmdb_follow(it->from);
    char *path = r == 0 ? data_path(it, old) : NULL;
    if (r == 0)
        r = path ? kv_remove(path) : fail_memory();
    free(path);
    char *cache = file_in(it->from->base.path, "stat.cache");
    if (cache)
        (void)unlink(cache); /* it was for the file that is gone, and is never believed */
    free(cache);
    return r;
}

/* The table of readers is of the processes that have looked at it up to here. */
static int place(struct sillok_copy *it)
{
    char *readers = file_in(it->aside, "data.mdb-lock");
    int r = readers ? put_file(it, "store.lock", "") : fail_memory();
    if (r == 0 && unlink(readers) < 0 && errno != ENOENT)
        r = fail_errno("cannot remove '%s'", readers);
    free(readers);
    if (r == 0)
        r = lmdb_aside_is_free(it->to);
    if (r == 0)
        r = lmdb_aside_place(it->aside, it->to);
    if (r < 0)
        return r;
    it->step = S_DONE;
    free(STEAL(it->aside));
    return 0;
}

/* --- opening --- */

static int count_rows(struct sillok_copy *it)
{
    int r = 0;
    for (int t = 0; t < N_TABLES && r == 0; t++) {
        struct kv_stats stats = { 0 };
        if (is_copied(it, t))
            r = kv_table_stats(it->view, t, &stats);
        it->total += stats.rows;
    }
    return r < 0 ? r : kv_file_bytes(it->view, &it->sum.from_bytes);
}

/* Classes of changes come on top in a migration. */
static size_t room_for(uint64_t bytes)
{
    const uint64_t unit = (uint64_t)1 << 30;
    return (size_t)((bytes * 2 / unit + 2) * unit);
}

/* A file that stands elsewhere, with a link in the folder, is there because there is room
 * for it there. */
static int is_here(const struct sillok_copy *it)
{
    struct stat st;
    char *path = data_path(it, it->from->generation);
    int r = path ? 0 : fail_memory();
    if (r == 0 && lstat(path, &st) < 0)
        r = fail_errno("cannot stat '%s'", path);
    if (r == 0 && S_ISLNK(st.st_mode))
        r = fail(
            SILLOK_EINVALID,
            "'%s' is a link: a new file would not stand where it leads to; 'sillok %s' "
            "makes a store at another place",
            path, it->renews ? "salvage" : "backup");
    free(path);
    return r;
}

static int begin_in_store(struct sillok_copy *it)
{
    if (it->from->txn || it->from->n_holds || it->from->self)
        return fail(SILLOK_EINVALID, "the store is in use through this very handle");
    int r = lmdb_lock(&it->from->base);
    if (r == 0)
        r = is_here(it);
    if (r == 0)
        r = lmdb_generations_clean(it->from);
    if (r == 0)
        r = kv_read(it->from->env, &it->view);
    if (r == 0)
        r = count_rows(it);
    if (r < 0)
        return r;
    CLEANUP(free) char *was = data_path(it, it->from->generation);
    CLEANUP(free) char *data = data_path(it, it->from->generation + 1);
    it->generation = data ? it->from->generation + 1 : 0;
    r = was && data ? lmdb_open_rows(&it->rows, data, room_for(it->sum.from_bytes), was)
                    : fail_memory();
    if (r == 0 && !it->renews) {
        codec_set_level(it->rows->codec,
                        it->level); /* of the dictionaries' second copies */
        r = squeeze_new(&it->squeeze, it->from, it->view, it->level);
    }
    it->step = it->squeeze ? S_TRAIN : S_HEAD;
    it->table = T_DICT;
    return r < 0 ? r : next_table(it);
}

/* The log of proofs and the rows as they are at one moment: the store says how far the
 * log is, so neither may be of another time. 1: somebody signs still. */
static int begin_view(struct sillok_copy *it)
{
    int fd = -1;
    char *lock = file_in(it->from->base.path, "proof.lock");
    errno = 0;
    int r = lock ? beside_lock(&fd, lock, "the log of proofs", 0, LOG_STEP_MS)
                 : fail_memory();
    if (r == SILLOK_EBUSY && (it->waited_ms += LOG_STEP_MS) < BESIDE_WAIT_MS)
        r = 1;
    /* On a medium for reading nobody signs, and a copy has no lock before somebody does. */
    if (r == 0 && fd < 0 && errno != ENOENT && errno != EROFS)
        r = fail_errno("cannot lock '%s'", lock);
    if (r == 0)
        r = kv_read(it->from->env, &it->view);
    /* Nobody signs now; but somebody may have, behind a compaction that this handle has not
     * seen. */
    if (r == 0 && lmdb_has_moved(&it->from->base) > 0)
        r = fail(SILLOK_EBUSY,
                 "the store '%s' was compacted at this very moment: ask again",
                 it->from->base.path);
    if (r == 0)
        r = lmdb_aside_make(&it->aside, it->to);
    if (r == 0)
        r = folder_copy_log(it->from->base.path, it->aside);
    if (fd >= 0)
        (void)close(fd); /* which also unlocks it */
    free(lock);
    return r;
}

static int begin(struct sillok_copy *it)
{
    if (!it->to)
        return begin_in_store(it);
    int r = lmdb_aside_is_free(it->to);
    it->step = S_WAIT;
    if (r == 0)
        r = begin_view(it);
    if (r > 0)
        return 0;
    if (r == 0)
        r = count_rows(it);
    if (r < 0)
        return r;
    it->step = S_HEAD;
    char *data = file_in(it->aside, "data.mdb");
    r = data ? lmdb_open_rows(&it->rows, data, room_for(it->sum.from_bytes), NULL)
             : fail_memory();
    free(data);
    it->table = T_DICT;
    return r < 0 ? r : next_table(it);
}

static struct sillok_copy *new_copy(const char *to)
{
    struct sillok_copy *it = calloc(1, sizeof(*it));
    if (!it)
        return NULL;
    it->lock_fd = -1;
    it->owner = getpid();
    buf_init(&it->names.row, BUF_CEILING);
    if (!to)
        return it;
    it->to = file_without_slash(to);
    if (it->to)
        return it;
    free(it);
    return NULL;
}

static int opened(struct sillok_copy *it, int r, struct sillok_copy **out)
{
    if (r == 0) {
        it->sum.from_format = it->from->format;
        r = begin(it);
    }
    if (r < 0) {
        sillok_copy_close(it);
        return r;
    }
    *out = it;
    return 0;
}

int sillok_backup_open(struct sillok_copy **out, struct sillok_store *store,
                       const char *to)
{
    if (store->ops != &lmdb_ops)
        return fail(SILLOK_EINVALID, "only a store in a folder can be copied");
    struct sillok_copy *it = new_copy(to);
    if (!it)
        return fail_memory();
    it->from = lmdb_of(store);
    return opened(it, 0, out);
}

int sillok_compact_open(struct sillok_copy **out, struct sillok_store *store,
                        const struct sillok_compact_options *options)
{
    static const struct sillok_compact_options usual = SILLOK_COMPACT_OPTIONS_INIT;
    const int level = options && options->level ? options->level : usual.level;
    if (store->ops != &lmdb_ops)
        return fail(SILLOK_EINVALID, "only a store in a folder can be compacted");
    if (level < 1 || level > SILLOK_COMPACT_LEVEL_MAX)
        return fail(SILLOK_EINVALID, "a level is from 1 to %d, not %d",
                    SILLOK_COMPACT_LEVEL_MAX, level);
    struct sillok_copy *it = new_copy(NULL);
    if (!it)
        return fail_memory();
    it->from = lmdb_of(store);
    it->level = level;
    return opened(it, 0, out);
}

int lmdb_renewal_open(struct sillok_copy **out, struct sillok_store *store)
{
    struct sillok_copy *it = new_copy(NULL);
    if (!it)
        return fail_memory();
    it->from = lmdb_of(store);
    it->renews = 1;
    lmdb_worker_free(STEAL(it->from->self)); /* of an ingest before */
    return opened(it, 0, out);
}

static int open_old(struct sillok_copy *it, const char *from,
                    const struct sillok_limits *limits)
{
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store = NULL;
    options.read_only = 1;
    if (limits)
        options.limits = *limits;
    int r = lmdb_store_open(&store, from, &options, 0, LMDB_OPEN_OLD);
    if (r < 0)
        return r;
    it->from = lmdb_of(store);
    it->owns_from = 1;
    if (it->from->format >= FORMAT_SEALED)
        return fail(
            SILLOK_EINVALID,
            "'%s' has format %d, which this program goes on with: there is nothing to "
            "migrate (sillok backup copies a store)",
            from, it->from->format);
    return lmdb_lock_shared(from, &it->lock_fd);
}

int sillok_migrate_open(struct sillok_copy **out, const char *from, const char *to,
                        const struct sillok_limits *limits)
{
    const int r = limits ? config_check_limits(limits) : 0;
    if (r < 0)
        return r;
    struct sillok_copy *it = new_copy(to);
    if (!it)
        return fail_memory();
    return opened(it, open_old(it, from, limits), out);
}

/* --- the run --- */

static enum sillok_copy_phase phase_of(enum step step)
{
    return step == S_TRAIN    ? SILLOK_COPY_SAMPLE
           : step <= S_ROWS   ? SILLOK_COPY_ROWS
           : step == S_DERIVE ? SILLOK_COPY_DERIVE
                              : SILLOK_COPY_VERIFY;
}

static int take_step(struct sillok_copy *it, struct sillok_copy_event *event)
{
    const enum step step = it->step;
    int r = 0;
    switch (step) {
    case S_WAIT:
        r = begin(it);
        break;
    case S_TRAIN:
        r = squeeze_train(it->squeeze);
        it->step = S_HEAD;
        break;
    case S_HEAD:
        r = copy_head(it);
        it->step = S_ROWS;
        break;
    case S_ROWS:
        r = copy_slice(it);
        if (r > 0)
            r = finish_rows(it);
        break;
    case S_DERIVE:
        r = derive(it);
        break;
    case S_VERIFY:
        r = verify(it);
        break;
    case S_PLACE:
        return it->to ? place(it) : place_in_store(it);
    case S_DONE:
    default:
        return 0;
    }
    *event = (struct sillok_copy_event){ phase_of(step), it->done, it->total };
    return r < 0 ? r : 1;
}

int sillok_copy_next(struct sillok_copy *it, struct sillok_copy_event *event)
{
    const int owned = kv_owned_by(it->owner);
    if (owned < 0 || it->failed)
        return owned < 0 ? owned : it->failed;
    const int r = take_step(it, event);
    it->failed = r < 0 ? r : 0;
    return r;
}

const struct sillok_copy_sum *sillok_copy_sum(const struct sillok_copy *it)
{
    return &it->sum;
}

void sillok_copy_close(struct sillok_copy *it)
{
    if (!it)
        return;
    lmdb_reindex_close(it->reindex);
    lmdb_verify_close(it->verify);
    sillok_store_close(it->made);
    kv_abort(it->txn);
    names_release(&it->names);
    squeeze_free(it->squeeze);
    lmdb_close_rows(it->rows);
    kv_cursor_close(it->cursor);
    kv_abort(it->view);
    const int is_ours = it->owner == getpid();
    if (it->generation && is_ours) {
        char *made = data_path(it, it->generation);
        if (made)
            (void)kv_remove(made); /* else the next compact does so */
        free(made);
    }
    if (it->aside && is_ours) {
        folder_remove_bodies(it->aside);
        lmdb_aside_remove(it->aside);
    }
    if (it->owns_from)
        sillok_store_close(&it->from->base);
    if (it->lock_fd >= 0)
        (void)close(it->lock_fd); /* and with it the lock */
    free(it->aside);
    free(it->to);
    free(it);
}
