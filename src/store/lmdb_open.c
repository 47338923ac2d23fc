/*
 * Creating, opening and locking a store.
 *
 * A store is made aside, complete and synced, and renamed into place: LMDB's own first
 * write is the one moment at which a crash would leave a file that it cannot open.
 *
 * The write lock is an flock on store.lock, which holds the owner's pid for the message
 * to the others; LMDB's own lock has neither a timeout nor an owner that could be named.
 */
#include "store/lmdb.h"

#include "base/file.h"
#include "store/lmdb_ops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static const struct kv_table tables[N_TABLES] = {
    [T_META] = { "meta", 0 },
    [T_DICT] = { "dict", 0 },
    [T_BODY] = { "body", 0 },
    [T_VERSION] = { "version", 0 },
    [T_OBS] = { "obs", 0 },
    [T_SEG] = { "seg", 0 },
    [T_ORDINAL] = { "ordinal", 0 },
    [T_EXTRA] = { "extra", 0 },
    [T_DIR] = { "dir", 0 },
    [T_CRAWL] = { "crawl", 0 },
    [T_REFUSAL] = { "refusal", 0 },
    [T_REF] = { "ref", 0 },
    [T_HASH] = { "hash", KV_DUPFIXED },
    [T_ARTICLE] = { "article", 0 },
    [T_REV] = { "rev", 0 },
    [T_LOG] = { "log", 0 },
    [T_CLASS] = { "class", 0 },
    [T_HASHNEW] = { "hashnew", 0 },
};

int lmdb_n_tables(int format)
{
    return format < FORMAT_SEALED    ? T_CLASS
           : format < FORMAT_LETTERS ? T_HASHNEW
                                     : N_TABLES;
}

const char *lmdb_table_name(int table)
{
    return tables[table].name;
}

enum { OPEN_TRIES = 10 };

static const struct sillok_text format_key = { "format", 6 };
static const size_t map_start_default = (size_t)64 << 30;

/* --- create --- */

/* A random UUID, RFC 9562 version 4. */
static int make_uuid(char out[40])
{
    uint8_t b[16];
    if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
        return fail_errno("cannot get random bytes");
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(out, 40,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
    return 0;
}

void lmdb_data_name(char out[DATA_NAME_BYTES], unsigned generation)
{
    if (generation)
        snprintf(out, DATA_NAME_BYTES, "data-%u.mdb", generation);
    else
        snprintf(out, DATA_NAME_BYTES, "data.mdb");
}

int lmdb_marker(struct buf *out, const char *uuid, unsigned generation)
{
    char name[DATA_NAME_BYTES];
    lmdb_data_name(name, generation);
    const int r = buf_printf(out, "sillok %d %s", FORMAT_VERSION, uuid);
    return r < 0 || !generation ? r : buf_printf(out, " %s", name);
}

static int put_format(struct kv_env *env, const char *uuid)
{
    struct kv_txn *txn;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    int r = lmdb_marker(&row, uuid, 0);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r < 0)
        return r;
    r = kv_put(txn, T_META, format_key, text_make(row.ptr, row.len), 0);
    CLEANUP(buf_release) struct buf zero = BUF_INIT;
    if (r == 0 && (r = buf_add_char(&zero, '\0')) == 0 && (r = row_seal(&zero)) == 0)
        r = kv_put(txn, T_META, text_of("counters"), text_make(zero.ptr, zero.len), 0);
    if (r == 0)
        return kv_commit(txn);
    kv_abort(txn);
    return r;
}

static int fill(const char *dir)
{
    char uuid[40];
    CLEANUP(kv_close) struct kv_env *env = NULL;
    const struct kv_options o = { .create = 1,
                                  .map_bytes = (size_t)1 << 30,
                                  .map_max_bytes = (size_t)1 << 30 };
    char *data = file_in(dir, "data.mdb"), *format = file_in(dir, "format"),
         *lock = file_in(dir, "store.lock");
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    int r = data && format && lock ? make_uuid(uuid) : fail_memory();
    if (r == 0)
        r = kv_open(&env, data, tables, N_TABLES, &o);
    if (r == 0)
        r = put_format(env, uuid);
    if (r == 0)
        r = lmdb_marker(&line, uuid, 0);
    if (r == 0)
        r = buf_add_char(&line, '\n');
    if (r == 0)
        r = file_replace(format, line.ptr, line.len, 0600);
    if (r == 0)
        r = file_replace(lock, "", 0, 0600);
    free(data);
    free(format);
    free(lock);
    return r;
}

int lmdb_store_create(const char *path)
{
    char *aside = NULL;
    int r = lmdb_aside_make(&aside, path);
    if (r < 0)
        return r;
    r = fill(aside);
    if (r == 0)
        r = lmdb_aside_place(aside, path);
    if (r < 0)
        lmdb_aside_remove(aside);
    free(aside);
    return r;
}

/* --- open --- */

enum { GENERATION_MAX = 999999999 };

/* "data-N.mdb", and no other way to write it. */
static int parse_data_name(const char *name, unsigned *generation)
{
    const struct sillok_text t = text_of(name);
    uint64_t n = 0;
    *generation = 0;
    if (t.len < 5 + 4 || !text_starts(t, "data-") || !text_ends(t, ".mdb") ||
        text_number(text_make(t.ptr + 5, t.len - 5 - 4), GENERATION_MAX, &n) < 0 ||
        t.ptr[5] == '0')
        return 0;
    *generation = (unsigned)n;
    return 1;
}

/* Of which generation is a file of this name? 0: it is none of them. */
static int generation_of(const char *file, unsigned *generation)
{
    static const char *const suffixes[] = { "", "-seal", "-lock" };
    char name[64];
    *generation = 0;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const size_t n = strlen(file), k = strlen(suffixes[i]);
        if (n >= sizeof(name) || n <= k || strcmp(file + n - k, suffixes[i]) != 0)
            continue;
        memcpy(name, file, n - k);
        name[n - k] = '\0';
        if (strcmp(name, "data.mdb") == 0 || parse_data_name(name, generation))
            return 1;
    }
    return 0;
}

/* The newest of the files that are there. */
static unsigned newest_there(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *e;
    unsigned newest = 0;
    while (dir && (e = readdir(dir)) != NULL) {
        unsigned generation;
        if (parse_data_name(e->d_name, &generation) && generation > newest)
            newest = generation;
    }
    if (dir)
        (void)closedir(dir); /* it was only read */
    return newest;
}

/* What a format record says. */
struct marker {
    int version;
    char uuid[40];
    unsigned generation;
};

/* The next word of @p line, which goes on behind it; empty: there is none. */
static struct sillok_text take_word(const char **line)
{
    static const char blanks[] = " \t\r\n";
    const char *word = *line + strspn(*line, blanks);
    *line = word + strcspn(word, blanks);
    return text_make(word, (size_t)(*line - word));
}

/* "sillok VERSION UUID" and, where there is more than one, the name of the data file;
 * what a later format has behind that is no business of ours. */
static int parse_marker(struct marker *out, const char *line)
{
    const struct sillok_text what = take_word(&line), version = take_word(&line),
                             uuid = take_word(&line), file = take_word(&line);
    char name[DATA_NAME_BYTES];
    uint64_t n;
    *out = (struct marker){ 0 };
    if (!text_is(what, "sillok") || text_number(version, INT_MAX, &n) < 0 || n < 1 ||
        uuid.len == 0 || uuid.len >= sizeof(out->uuid))
        return 0;
    out->version = (int)n;
    memcpy(out->uuid, uuid.ptr, uuid.len);
    if (out->version < FORMAT_NAMED || out->version > FORMAT_VERSION ||
        (out->version > FORMAT_NAMED && !file.len))
        return 1;
    snprintf(name, sizeof(name), "%.*s", (int)file.len, file.ptr);
    return file.len < sizeof(name) && parse_data_name(name, &out->generation);
}

static int parse_format(struct lmdb_store *s, const char *line, struct marker *m)
{
    const char *path = s->base.path;
    if (!parse_marker(m, line))
        return damaged("'%s' does not hold a format record", path);
    if (m->version > FORMAT_VERSION)
        return fail(
            SILLOK_EINVALID,
            "'%s' has format %d, this program knows format %d: use a newer sillok", path,
            m->version, FORMAT_VERSION);
    if (m->version < FORMAT_SEALED && !(s->flags & LMDB_OPEN_OLD))
        return fail(SILLOK_EINVALID,
                    "'%s' has format %d, this program writes format %d: sillok migrate "
                    "makes a new store of it",
                    path, m->version, FORMAT_VERSION);
    return 0;
}

/* 1 when a file of data is there, so that there was a store. */
static int has_data(const char *dir)
{
    struct stat st;
    char *first = file_in(dir, "data.mdb");
    const int has = (first && stat(first, &st) == 0) || newest_there(dir) > 0;
    free(first);
    return has;
}

static int read_marker_text(struct buf *out, const char *dir)
{
    struct stat st;
    char *path = file_in(dir, "format");
    if (!path)
        return fail_memory();
    int r = file_read(out, path, 4096);
    if (r == SILLOK_ENOTFOUND && has_data(dir))
        r = damaged("'%s' is missing ('sillok salvage' gets out what is whole)", path);
    else if (r == SILLOK_ENOTFOUND)
        r = fail(SILLOK_ENOTFOUND,
                 stat(dir, &st) == 0 && !S_ISDIR(st.st_mode)
                     ? "'%s' is no store: that is a folder, and this is a file"
                     : "there is no sillok store at '%s' (sillok init makes one)",
                 dir);
    free(path);
    return r < 0 ? r : buf_add_char(out, '\0');
}

/* The marker file says that this folder is a store, before LMDB touches anything, and
 * which file it is in. */
static int read_marker(struct lmdb_store *s)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    struct marker m;
    int r = read_marker_text(&text, s->base.path);
    if (r == 0)
        r = parse_format(s, text.ptr, &m);
    if (r < 0)
        return r;
    s->format = m.version;
    s->generation = m.generation;
    memcpy(s->uuid, m.uuid, sizeof(s->uuid));
    return 0;
}

static int check_format(struct lmdb_store *s, struct kv_txn *txn)
{
    struct sillok_text v;
    struct marker m;
    char line[128], name[DATA_NAME_BYTES];
    lmdb_data_name(name, s->generation);
    const int r = kv_get(txn, T_META, format_key, &v);
    if (r <= 0 || v.len >= sizeof(line))
        return r < 0 ? r : damaged("its format record is missing");
    memcpy(line, v.ptr, v.len);
    line[v.len] = '\0';
    const int rr = parse_format(s, line, &m);
    if (rr < 0)
        return rr;
    if (m.version != s->format)
        return damaged("%s has format %d, the folder says %d", name, m.version,
                       s->format);
    if (m.generation != s->generation)
        return damaged("'%s/%s' was made under another name", s->base.path, name);
    return strcmp(m.uuid, s->uuid) == 0
               ? 0
               : damaged("%s belongs to store %s, the folder to %s", name, m.uuid,
                         s->uuid);
}

static int open_env(struct lmdb_store *s, size_t map_start)
{
    const size_t max = (size_t)s->base.limits.map_bytes;
    const size_t start = map_start ? map_start : map_start_default;
    const struct kv_options o = { .read_only = s->read_only,
                                  .map_bytes = start < max ? start : max,
                                  .map_max_bytes = max,
                                  .may_lack_seal = s->format < FORMAT_SEALED };
    char name[DATA_NAME_BYTES];
    lmdb_data_name(name, s->generation);
    char *data = file_in(s->base.path, name);
    struct stat st;
    int r = data ? 0 : fail_memory();
    if (r == 0 && (stat(data, &st) == 0 ? !S_ISREG(st.st_mode) : errno == ELOOP))
        r = damaged("'%s' is no regular file", data);
    if (r == 0)
        r = kv_open(&s->env, data, tables, lmdb_n_tables(s->format), &o);
    free(data);
    return r == SILLOK_ENOTFOUND ? damaged("'%s/%s' is missing", s->base.path, name) : r;
}

static uint64_t or_usual(uint64_t given, uint64_t usual)
{
    return given ? given : usual;
}

/* None of them can be zero: one that is was not set. */
static struct sillok_limits take_limits(const struct sillok_limits *l)
{
    struct sillok_limits u;
    sillok_limits_default(&u);
    return (struct sillok_limits){
        .file_bytes = or_usual(l->file_bytes, u.file_bytes),
        .front_matter_bytes = or_usual(l->front_matter_bytes, u.front_matter_bytes),
        .field_bytes = or_usual(l->field_bytes, u.field_bytes),
        .front_matter_keys =
            (uint32_t)or_usual(l->front_matter_keys, u.front_matter_keys),
        .archive_bytes = or_usual(l->archive_bytes, u.archive_bytes),
        .archive_ratio = (uint32_t)or_usual(l->archive_ratio, u.archive_ratio),
        .folder_depth = (uint32_t)or_usual(l->folder_depth, u.folder_depth),
        .map_bytes = or_usual(l->map_bytes, u.map_bytes),
    };
}

static void take_options(struct lmdb_store *s, const struct sillok_store_options *o)
{
    s->read_only = (o && o->read_only) || s->flags & LMDB_OPEN_OLD;
    s->wait_s = o ? o->wait_s : 0;
    static const struct sillok_limits none = { .file_bytes = 0 };
    s->base.limits = take_limits(o ? &o->limits : &none);
}

static int set_up(struct lmdb_store *s, size_t map_start)
{
    struct kv_txn *txn;
    /* Of a generation that no marker names, the caller has said all of that. */
    int r = s->generation ? 0 : read_marker(s);
    if (r == 0)
        r = open_env(s, map_start);
    if (r == 0)
        r = codec_new(&s->codec);
    if (r == 0)
        r = kv_read(s->env, &txn);
    if (r < 0)
        return r;
    r = check_format(s, txn);
    if (r == 0)
        r = state_load(s, txn);
    kv_abort(txn);
    return r;
}

/* A child that was forked meanwhile has the file open too: closing it is not enough. And
 * what such a child closes is not its lock. */
static void unlock(struct lmdb_store *s)
{
    if (s->lock_fd >= 0 && s->lock_owner == getpid())
        (void)flock(s->lock_fd, LOCK_UN); /* closing does it where this cannot */
    if (s->lock_fd >= 0)
        (void)close(s->lock_fd);
}

void lmdb_close(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    if (s->txn)
        lmdb_abort(base);
    lmdb_worker_free(s->self);
    state_release(&s->state);
    kv_close(s->env);
    codec_free(s->codec);
    for (size_t i = 0; i < s->n_dicts; i++)
        dict_free(s->dicts[i].dict);
    free(s->dicts);
    pthread_mutex_destroy(&s->dict_lock);
    buf_release(&s->pending);
    buf_release(&s->pending_prev);
    map_release(&s->pending_last);
    buf_release(&s->hashes);
    buf_release(&s->hashes_prev);
    map_release(&s->hashes_last);
    recent_release(&s->recent);
    buf_release(&s->row);
    buf_release(&s->steps);
    buf_release(&s->steps_left);
    buf_release(&s->known);
    names_release(&s->names);
    map_release(&s->known_of);
    unlock(s);
    free(s->base.path);
    free(s);
}

static void init(struct lmdb_store *s)
{
    s->base.ops = &lmdb_ops;
    s->lock_fd = -1;
    s->crawl_no = -1;
    pthread_mutex_init(&s->dict_lock, NULL);
    state_release(&s->state);
    buf_init(&s->pending, BUF_CEILING);
    buf_init(&s->pending_prev, BUF_CEILING);
    buf_init(&s->hashes, BUF_CEILING);
    buf_init(&s->hashes_prev, BUF_CEILING);
    buf_init(&s->row, BUF_CEILING);
    buf_init(&s->steps, BUF_CEILING);
    buf_init(&s->steps_left, BUF_CEILING);
    buf_init(&s->known, BUF_CEILING);
    buf_init(&s->names.row, BUF_CEILING);
}

int lmdb_open_rows(struct lmdb_store **out, const char *path, size_t map_bytes,
                   const char *like)
{
    struct lmdb_store *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    init(s);
    s->format = FORMAT_VERSION;
    const struct kv_options o = {
        .create = 1, .map_bytes = map_bytes, .map_max_bytes = map_bytes, .like = like
    };
    int r = kv_open(&s->env, path, tables, N_TABLES, &o);
    if (r == 0)
        r = codec_new(&s->codec);
    if (r < 0) {
        lmdb_close(&s->base);
        return r;
    }
    *out = s;
    return 0;
}

void lmdb_close_rows(struct lmdb_store *s)
{
    if (s)
        lmdb_close(&s->base);
}

static int open_once(struct sillok_store **out, struct lmdb_store *s, const char *path,
                     const struct sillok_store_options *options, size_t map_start)
{
    s->base.path = strdup(path);
    take_options(s, options);
    const int r = s->base.path ? set_up(s, map_start) : fail_memory();
    if (r == 0)
        *out = &s->base;
    return r;
}

int lmdb_has_moved(struct sillok_store *base)
{
    const struct lmdb_store *s = lmdb_of(base);
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    struct marker m;
    const int r = read_marker_text(&text, s->base.path);
    return r < 0 ? r : parse_marker(&m, text.ptr) && m.generation != s->generation;
}

int lmdb_store_open(struct sillok_store **out, const char *path,
                    const struct sillok_store_options *options, size_t map_start,
                    unsigned flags)
{
    for (int tries = 0;; tries++) {
        struct lmdb_store *s = calloc(1, sizeof(*s));
        if (!s)
            return fail_memory();
        init(s);
        s->flags = flags;
        const int r = open_once(out, s, path, options, map_start);
        if (r == 0)
            return 0;
        struct failure first;
        failure_keep(&first, r);
        /* The file may have gone between the marker and here. */
        const int again =
            tries < OPEN_TRIES && s->base.path && lmdb_has_moved(&s->base) > 0;
        lmdb_close(&s->base);
        if (!again)
            return failure_tell(&first);
    }
}

/* --- generations --- */

int lmdb_generation_open(struct sillok_store **out, const struct lmdb_store *s,
                         unsigned generation, int read_only)
{
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    struct lmdb_store *made = calloc(1, sizeof(*made));
    if (!made)
        return fail_memory();
    init(made);
    options.read_only = read_only;
    options.limits = s->base.limits;
    made->format = FORMAT_VERSION;
    made->generation = generation;
    memcpy(made->uuid, s->uuid, sizeof(made->uuid));
    if (!read_only) /* one lock, of both handles: the first one gives it up */
        made->lock_fd = fcntl(s->lock_fd, F_DUPFD_CLOEXEC, 0);
    int r = read_only || made->lock_fd >= 0
                ? 0
                : fail_errno("cannot go on with the lock of '%s'", s->base.path);
    if (r == 0)
        r = open_once(out, made, s->base.path, &options, 0);
    if (r < 0)
        lmdb_close(&made->base);
    return r;
}

int sillok_store_data_name(const char *path, char name[SILLOK_DATA_NAME_BYTES])
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    struct marker m;
    const int r = read_marker_text(&text, path);
    if (r == SILLOK_ENOMEM)
        return r;
    const int told = r == 0 && parse_marker(&m, text.ptr);
    lmdb_data_name(name, told ? m.generation : newest_there(path));
    return 0;
}

int lmdb_refuse_newer(const char *path)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    struct marker m;
    const int r = read_marker_text(&text, path);
    if (r == SILLOK_ENOMEM)
        return r;
    if (r < 0 || !parse_marker(&m, text.ptr) || m.version <= FORMAT_VERSION)
        return 0;
    return fail(
        SILLOK_EINVALID,
        "'%s' has format %d, this program knows format %d: use a newer sillok (where "
        "there is none, '%s/format' is damaged: a copy of the folder without it can "
        "be salvaged)",
        path, m.version, FORMAT_VERSION, path);
}

int lmdb_generations_clean(struct lmdb_store *s)
{
    DIR *folder = opendir(s->base.path);
    if (!folder)
        return fail_errno("cannot open the folder '%s'", s->base.path);
    const struct dirent *e;
    int r = 0;
    while (r == 0 && (errno = 0, e = readdir(folder)) != NULL) {
        unsigned generation;
        /* A marker that was to be written aside is one that did not take effect. */
        const int aside = strncmp(e->d_name, "format.new.", 11) == 0;
        const int other =
            generation_of(e->d_name, &generation) && generation != s->generation;
        char *path = aside || other ? file_in(s->base.path, e->d_name) : NULL;
        if (path && unlink(path) < 0 && errno != ENOENT)
            r = fail_errno("cannot remove '%s'", path);
        else if ((aside || other) && !path)
            r = fail_memory();
        free(path);
    }
    if (r == 0 && errno)
        r = fail_errno("cannot read the folder '%s'", s->base.path);
    (void)closedir(folder); /* it was only read */
    return r;
}

int lmdb_generation_switch(struct lmdb_store *s, unsigned generation, int *switched)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    char *path = file_in(s->base.path, "format");
    *switched = 0;
    int r = path ? lmdb_marker(&line, s->uuid, generation) : fail_memory();
    if (r == 0)
        r = buf_add_char(&line, '\n');
    /* The names of the files last before the marker that goes by them. */
    if (r == 0)
        r = file_sync_folder(s->base.path);
    if (r == 0) {
        r = file_replace(path, line.ptr, line.len, 0600);
        *switched = 1;
    }
    if (r < 0 && *switched) { /* the failure may be one behind the rename */
        struct failure first;
        failure_keep(&first, r);
        *switched = lmdb_has_moved(&s->base) != 0; /* a file that may be named stays */
        r = failure_tell(&first);
    }
    free(path);
    return r;
}

int lmdb_follow(struct lmdb_store *s)
{
    struct sillok_store *opened = NULL;
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    options.read_only = s->read_only;
    options.limits = s->base.limits;
    if (s->txn || s->n_holds || s->self)
        return fail(
            SILLOK_EBUSY,
            "the store '%s' was compacted by another process while this one was at "
            "work in it: do it again",
            s->base.path);
    const int r = lmdb_store_open(&opened, s->base.path, &options, 0, s->flags);
    if (r < 0)
        return r;
    struct lmdb_store *to = lmdb_of(opened), from = *s;
    if (strcmp(to->uuid, s->uuid) != 0) {
        sillok_store_close(opened);
        return fail(SILLOK_EIO, "there is another store at '%s' now: open that one",
                    s->base.path);
    }
    /* What belongs to the file changes places; what belongs to the handle stays. */
    s->env = to->env;
    s->format = to->format;
    s->generation = to->generation;
    memcpy(s->uuid, to->uuid, sizeof(s->uuid));
    s->dicts = to->dicts;
    s->n_dicts = to->n_dicts;
    s->n_loaded = to->n_loaded;
    s->n_copied = to->n_copied;
    memcpy(s->current, to->current, sizeof(s->current));
    s->state = to->state;
    s->recent.upto = 0; /* commits of another file */
    s->hash_waiting.commit = 0;
    to->env = from.env;
    to->dicts = from.dicts;
    to->n_dicts = from.n_dicts;
    to->state = from.state;
    sillok_store_close(opened);
    return 0;
}

/* --- lock --- */

int lmdb_lock_shared(const char *folder, int *fd)
{
    char *path = file_in(folder, "store.lock");
    if (!path)
        return fail_memory();
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO */
    free(path);
    if (*fd >= 0 && flock(*fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return fail(SILLOK_EBUSY, "the store '%s' is busy: another process writes",
                    folder);
    return 0;
}

static int busy(const char *path, int fd)
{
    char pid[32];
    const ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);
    if (n <= 0)
        return fail(SILLOK_EBUSY, "the store '%s' is busy: another process writes", path);
    pid[n] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    return fail(SILLOK_EBUSY,
                "the store '%s' is busy: process %s writes (wait for it with --wait)",
                path, pid);
}

static int wait_for_lock(struct lmdb_store *s, int fd)
{
    const struct timespec step = { 0, 50L * 1000 * 1000 };
    for (int64_t waited_ms = 0;; waited_ms += 50) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno("cannot lock '%s'", s->base.path);
        if (s->wait_s >= 0 && waited_ms >= (int64_t)s->wait_s * 1000)
            return busy(s->base.path, fd);
        (void)nanosleep(&step, NULL); /* woken early, it asks early */
    }
}

int lmdb_lock(struct sillok_store *base)
{
    struct lmdb_store *s = lmdb_of(base);
    char text[32];
    if (s->held) /* what it reads would not be what it has written */
        return fail(SILLOK_EINVALID,
                    "the store '%s' is held as it was through this very handle, which "
                    "writes nothing meanwhile",
                    s->base.path);
    if (s->lock_fd >= 0)
        return kv_in_place(s->env);
    if (s->read_only)
        return fail(SILLOK_EIO, "the store '%s' is open for reading only", s->base.path);
    char *path = file_in(s->base.path, "store.lock");
    if (!path)
        return fail_memory();
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? fail_errno("cannot open '%s'", path) : wait_for_lock(s, fd);
    free(path);
    if (r < 0) {
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    const int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        r = fail_errno("cannot write '%s/store.lock'", s->base.path);
        (void)close(fd);
        return r;
    }
    /* Its owner before may have compacted the store, and may have been killed before the
     * name of the new file was made to last. */
    r = lmdb_has_moved(base);
    r = r > 0 ? lmdb_follow(s) : r < 0 ? r : kv_in_place(s->env);
    if (r == 0 && s->generation)
        r = file_sync_folder(s->base.path);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    s->lock_fd = fd;
    s->lock_owner = getpid();
    return 0;
}
