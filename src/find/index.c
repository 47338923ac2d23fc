#include "find/index.h"

#include "base/utf8.h"
#include "find/fold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

enum { TRIGRAMS_MAX = 48 };

/* FTS5 holds the trigrams of a row in memory, in a hundred bytes each. So a longer text is
 * several rows, each with the end of the one before it: as much as is ever looked for at
 * one place. Row number PART_STEP * k + version is part k of the version. */
enum { PART_BYTES = 1 << 20, PART_OVERLAP_BYTES = 4 * (TRIGRAMS_MAX + 2) };
#define PART_STEP ((int64_t)1 << 40)

static const char text_table[] =
    "CREATE VIRTUAL TABLE text USING fts5(t, content='', columnsize=0, detail=none, "
    "tokenize='trigram case_sensitive 1')";

static const char all_tables[] =
    "CREATE TABLE state (format TEXT NOT NULL, position INTEGER NOT NULL, digest BLOB NOT "
    "NULL);"
    "CREATE TABLE many (version INTEGER PRIMARY KEY);";

/* --- place --- */

int find_place_init(struct find_place *place, struct sillok_store *store)
{
    struct sillok_stats stats;
    memset(place, 0, sizeof(*place));
    const int r = store->ops->stats(store, &stats);
    if (r < 0)
        return r;
    snprintf(place->uuid, sizeof(place->uuid), "%s", stats.uuid);
    place->file = beside_path(store, "find.db");
    place->journal = beside_path(store, "find.db-journal");
    place->lock = beside_path(store, "find.lock");
    return place->file && place->journal && place->lock ? 0 : fail_memory();
}

void find_place_release(struct find_place *place)
{
    free(place->file);
    free(place->journal);
    free(place->lock);
    place->file = place->journal = place->lock = NULL;
}

/* --- SQLite --- */

/* What SQLite says, in our terms. Whatever is not the system's fault is the file's, and a
 * file that is damaged is only this index. */
static int sqlite_fail(struct find_index *x, int rc)
{
    const char *path = x->place->file;
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return fail_memory();
    case SQLITE_FULL:
        return fail(SILLOK_EIO, "cannot write '%s': no space is left on the device",
                    path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fail(SILLOK_EIO, "cannot write '%s': not permitted", path);
    case SQLITE_BUSY:
        return fail(SILLOK_EBUSY, "'%s' is busy: another program has it open", path);
    case SQLITE_IOERR:
        if (rc == SQLITE_IOERR_WRITE || rc == SQLITE_IOERR_FSYNC ||
            rc == SQLITE_IOERR_DIR_FSYNC || rc == SQLITE_IOERR_TRUNCATE)
            return fail(SILLOK_EIO, "cannot write '%s': %s", path, sqlite3_errstr(rc));
        break;
    default:
        break;
    }
    x->place->damaged = 1;
    return fail(SILLOK_ECORRUPT,
                "the index '%s' is damaged: remove it, it will be made anew (%.200s)",
                path, x->db ? sqlite3_errmsg(x->db) : sqlite3_errstr(rc));
}

static int run_sql(struct find_index *x, const char *sql)
{
    const int rc = sqlite3_exec(x->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sqlite_fail(x, rc);
}

static int prepare(struct find_index *x, sqlite3_stmt **out, const char *sql)
{
    const int rc = sqlite3_prepare_v2(x->db, sql, -1, out, NULL);
    return rc == SQLITE_OK ? 0 : sqlite_fail(x, rc);
}

static int bind_text(struct find_index *x, sqlite3_stmt *stmt, int i,
                     struct sillok_text t)
{
    const int rc = sqlite3_bind_text64(stmt, i, t.ptr ? t.ptr : "", t.len, SQLITE_STATIC,
                                       SQLITE_UTF8);
    return rc == SQLITE_OK ? 0 : sqlite_fail(x, rc);
}

/* 1 a row, 0 done. */
static int step(struct find_index *x, sqlite3_stmt *stmt)
{
    const int rc = sqlite3_step(stmt);
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : sqlite_fail(x, rc);
}

/* --- open --- */

static int format_line(const struct find_place *place, char out[96])
{
    return snprintf(out, 96, "sillok-find %d %d %s", INDEX_FORMAT, FOLD_VERSION,
                    place->uuid);
}

static int wrong_index(struct find_index *x, const char *why)
{
    return fail(SILLOK_ECORRUPT, "'%s' %s", x->place->file, why);
}

/* What is asked later are tables of ours: a view in the place of one, or a trigger, which
 * somebody else may have put there, can go on without an end. */
static int check_tables(struct find_index *x)
{
    sqlite3_stmt *stmt = NULL;
    int is_text = 0, is_ours = 1;
    int r = prepare(x, &stmt, "SELECT type, name, sql FROM sqlite_schema");
    while (r == 0 && (r = step(x, stmt)) > 0) {
        const char *type = (const char *)sqlite3_column_text(stmt, 0),
                   *name = (const char *)sqlite3_column_text(stmt, 1),
                   *sql = (const char *)sqlite3_column_text(stmt, 2);
        is_ours &=
            type && name && (strcmp(type, "table") == 0 || strcmp(type, "index") == 0);
        is_text |=
            is_ours && strcmp(name, "text") == 0 && sql && strcmp(sql, text_table) == 0;
        r = 0;
    }
    sqlite3_finalize(stmt);
    if (r < 0)
        return r;
    return !is_text   ? wrong_index(x, "has no table of texts")
           : !is_ours ? wrong_index(x, "has more than tables in it")
                      : 0;
}

static int read_state(struct find_index *x)
{
    char want[96];
    sqlite3_stmt *stmt = NULL;
    (void)format_line(x->place, want);
    int r = check_tables(x);
    if (r == 0)
        r = prepare(x, &stmt, "SELECT format, position, digest FROM state");
    if (r == 0)
        r = step(x, stmt);
    if (r > 0) {
        const char *format = (const char *)sqlite3_column_text(stmt, 0);
        const int64_t position = sqlite3_column_int64(stmt, 1);
        const void *digest = sqlite3_column_blob(stmt, 2);
        r = format && strcmp(format, want) == 0 && position >= 0 &&
            position <= UINT32_MAX && digest &&
            sqlite3_column_bytes(stmt, 2) == sizeof(x->state.digest);
        if (r) {
            x->state.position = (uint64_t)position;
            memcpy(&x->state.digest, digest, sizeof(x->state.digest));
        }
    }
    sqlite3_finalize(stmt);
    return r < 0    ? r
           : r == 0 ? wrong_index(x, "is of another store or another version")
                    : 0;
}

static const char pragmas[] = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                              "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;";

/* What a crash left is played back. But a journal may name another file, as that of a
 * transaction over several, and in the end SQLite removes that file, wherever it is: ours
 * never do, and somebody else made this one. It is not opened either where it is no file. */
static int check_journal(struct find_index *x)
{
    static const uint8_t mark[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
    uint8_t last[sizeof(mark)];
    struct stat st;
    const int fd =
        open(x->place->journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && (errno == ELOOP || errno == ENXIO))
        return wrong_index(x, "has a journal that is no file");
    if (fd < 0)
        return errno == ENOENT ? 0 : fail_errno("cannot open '%s'", x->place->journal);
    int r = 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        r = wrong_index(x, "has a journal that is no file");
    else if (st.st_size >= (off_t)sizeof(last) &&
             (pread(fd, last, sizeof(last), st.st_size - (off_t)sizeof(last)) !=
                  (ssize_t)sizeof(last) ||
              memcmp(last, mark, sizeof(mark)) == 0))
        r = wrong_index(x, "has a journal that is not its own");
    (void)close(fd); /* only read from */
    return r;
}

static int open_db(struct find_index *x, int flags)
{
    struct stat st;
    if (lstat(x->place->file, &st) < 0)
        return errno == ENOENT
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s'", x->place->file)
                   : fail_errno("cannot open '%s'", x->place->file);
    if (!S_ISREG(st.st_mode))
        return wrong_index(x, "is no file");
    int r = check_journal(x);
    if (r < 0)
        return r;
    const int rc =
        sqlite3_open_v2(x->place->file, &x->db,
                        flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fail(x, rc);
    (void)sqlite3_db_config(x->db, SQLITE_DBCONFIG_DEFENSIVE, 1,
                            NULL); /* one more wall */
    (void)sqlite3_busy_timeout(x->db, 1000);
    r = run_sql(x, pragmas);
    return r < 0 ? r
                 : run_sql(x, "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, "
                              "text, instance)");
}

static void close_db(struct find_index *x)
{
    sqlite3_finalize(x->add);
    (void)sqlite3_close_v2(x->db); /* an open transaction is rolled back */
    x->add = NULL;
    x->db = NULL;
}

static int begin(struct find_index *x, struct find_place *place, int writing, int wait_ms)
{
    memset(x, 0, sizeof(*x));
    x->place = place;
    x->lock_fd = -1;
    return beside_lock(&x->lock_fd, place->lock, INDEX_NAME, writing, wait_ms);
}

int find_index_read(struct find_index *x, struct find_place *place, int wait_ms)
{
    int r = begin(x, place, 0, wait_ms);
    if (r == 0)
        r = open_db(x, SQLITE_OPEN_READONLY);
    if (r == 0)
        r = read_state(x);
    if (r == SILLOK_ECORRUPT || r == SILLOK_EIO)
        r = SILLOK_ENOTFOUND;
    if (r < 0)
        find_index_close(x);
    return r;
}

static int open_for_adding(struct find_index *x)
{
    const int r = open_db(x, SQLITE_OPEN_READWRITE);
    /* A crash may cost the index, never its soundness: the journal is synced. */
    return r < 0 ? r
                 : run_sql(x, "PRAGMA synchronous = NORMAL; PRAGMA journal_mode = DELETE;"
                              "PRAGMA cache_size = -16384;");
}

int find_index_write(struct find_index *x, struct find_place *place)
{
    int r = begin(x, place, 1, BESIDE_WAIT_MS);
    const int locked = r == 0;
    if (locked)
        r = open_for_adding(x);
    if (r == 0)
        r = read_state(x);
    if (locked && (r == SILLOK_ENOTFOUND || r == SILLOK_ECORRUPT || place->damaged))
        r = find_index_reset(x);
    if (r < 0)
        find_index_close(x);
    return r;
}

static int remove_file(const char *path)
{
    return unlink(path) < 0 && errno != ENOENT ? fail_errno("cannot remove '%s'", path)
                                               : 0;
}

static int create_file(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return beside_fail(path);
    (void)close(fd); /* nothing was written */
    return 0;
}

static int put_state(struct find_index *x, const struct find_state *state)
{
    char line[96];
    sqlite3_stmt *stmt = NULL;
    (void)format_line(x->place, line);
    int r = run_sql(x, "DELETE FROM state");
    if (r == 0)
        r = prepare(x, &stmt, "INSERT INTO state VALUES (?1, ?2, ?3)");
    if (r == 0)
        r = bind_text(x, stmt, 1, text_of(line));
    if (r == 0) {
        int rc = sqlite3_bind_int64(stmt, 2, (sqlite3_int64)state->position);
        if (rc == SQLITE_OK)
            rc = sqlite3_bind_blob(stmt, 3, &state->digest, sizeof(state->digest),
                                   SQLITE_STATIC);
        r = rc == SQLITE_OK ? step(x, stmt) : sqlite_fail(x, rc);
    }
    sqlite3_finalize(stmt);
    return r;
}

/* The journal goes first: with another file it would be played back into that. What a
 * crash leaves behind has no state and is thrown away too. */
int find_index_reset(struct find_index *x)
{
    close_db(x);
    memset(&x->state, 0, sizeof(x->state));
    x->place->damaged = 0;
    int r = remove_file(x->place->journal);
    if (r == 0)
        r = remove_file(x->place->file);
    if (r == 0)
        r = create_file(x->place->file);
    if (r == 0)
        r = open_for_adding(x);
    if (r == 0)
        r = run_sql(x, "BEGIN IMMEDIATE");
    if (r == 0)
        r = run_sql(x, all_tables);
    if (r == 0)
        r = run_sql(x, text_table);
    if (r == 0)
        r = put_state(x, &x->state);
    return r < 0 ? r : run_sql(x, "COMMIT");
}

void find_index_close(struct find_index *x)
{
    close_db(x);
    if (x->lock_fd >= 0)
        (void)close(x->lock_fd); /* which also unlocks it */
    x->lock_fd = -1;
}

/* --- adding --- */

int find_index_begin(struct find_index *x)
{
    int r = run_sql(x, "BEGIN IMMEDIATE");
    if (r == 0 && !x->add)
        r = prepare(x, &x->add, "INSERT INTO text(rowid, t) VALUES(?1, ?2)");
    return r;
}

static int add_row(struct find_index *x, int64_t row, struct sillok_text text)
{
    int r = sqlite3_bind_int64(x->add, 1, row);
    r = r == SQLITE_OK ? bind_text(x, x->add, 2, text) : sqlite_fail(x, r);
    if (r == 0)
        r = step(x, x->add);
    (void)sqlite3_reset(x->add); /* says again what the step said */
    return r;
}

int find_index_add(struct find_index *x, uint64_t version, struct sillok_text text)
{
    int64_t row = (int64_t)version;
    int r = 0;
    for (; r == 0 && text.len > PART_BYTES; row += PART_STEP) {
        const struct sillok_text part = utf8_cut(text, PART_BYTES);
        r = add_row(x, row, part);
        text = text_from(text, utf8_cut(text, part.len - PART_OVERLAP_BYTES).len);
    }
    return r < 0 ? r : add_row(x, row, text);
}

int find_index_many(struct find_index *x, uint64_t version)
{
    sqlite3_stmt *stmt = NULL;
    int r = prepare(x, &stmt, "INSERT OR IGNORE INTO many VALUES (?1)");
    if (r == 0) {
        const int rc = sqlite3_bind_int64(stmt, 1, (sqlite3_int64)version);
        r = rc == SQLITE_OK ? step(x, stmt) : sqlite_fail(x, rc);
    }
    sqlite3_finalize(stmt);
    return r;
}

int find_index_commit(struct find_index *x, const struct find_state *state)
{
    int r = put_state(x, state);
    if (r == 0)
        r = run_sql(x, "COMMIT");
    if (r == 0)
        x->state = *state;
    return r;
}

/* --- asking --- */

/* All versions of a statement's first column, which comes sorted or not. */
static int collect(struct find_index *x, sqlite3_stmt *stmt, struct buf *out)
{
    int r;
    while ((r = step(x, stmt)) > 0) {
        const int64_t v = sqlite3_column_int64(stmt, 0) % PART_STEP;
        const uint32_t version = (uint32_t)v;
        if (v < 1 || (uint64_t)v > x->state.position)
            return sqlite_fail(x, SQLITE_CORRUPT);
        if ((r = buf_add(out, &version, sizeof(version))) < 0)
            return r;
    }
    return r;
}

/* Where the first @p n characters of a well-formed text end; 0: it has fewer. */
static size_t characters(struct sillok_text t, int n)
{
    size_t at = 0;
    uint32_t cp;
    for (; n > 0; n--) {
        if (at >= t.len)
            return 0;
        at += utf8_decode(t.ptr + at, t.len - at, &cp);
    }
    return at;
}

/* FTS5's language has operators; a string in quotes has none, and a quote in it is
 * doubled. One of three characters is one trigram. */
static int add_trigram(struct buf *query, struct sillok_text trigram)
{
    int r = buf_add_str(query, query->len ? " AND \"" : "\"");
    for (size_t i = 0; i < trigram.len && r == 0; i++) {
        r = trigram.ptr[i] == '"' ? buf_add_char(query, '"') : 0;
        if (r == 0)
            r = buf_add_char(query, trigram.ptr[i]);
    }
    return r < 0 ? r : buf_add_char(query, '"');
}

static int match_trigrams(struct find_index *x, struct sillok_text word, struct buf *out)
{
    CLEANUP(buf_release) struct buf query = BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    int r = 0;
    for (int i = 0; i < TRIGRAMS_MAX && r == 0; i++) {
        const size_t len = characters(word, 3), first = characters(word, 1);
        if (!len)
            break;
        r = add_trigram(&query, text_make(word.ptr, len));
        word = text_make(word.ptr + first, word.len - first);
    }
    if (r == 0)
        r = prepare(x, &stmt, "SELECT rowid FROM text WHERE text MATCH ?1");
    if (r == 0)
        r = bind_text(x, stmt, 1, text_make(query.ptr, query.len));
    if (r == 0)
        r = collect(x, stmt, out);
    sqlite3_finalize(stmt);
    return r;
}

/* All trigrams that begin with the word: no byte of UTF-8 is 0xff. */
static int match_beginnings(struct find_index *x, struct sillok_text word,
                            struct buf *out)
{
    CLEANUP(buf_release) struct buf last = BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    int r = buf_add_text(&last, word);
    if (r == 0)
        r = buf_add_char(&last, '\xff');
    if (r == 0)
        r = prepare(x, &stmt, "SELECT doc FROM terms WHERE term >= ?1 AND term <= ?2");
    if (r == 0)
        r = bind_text(x, stmt, 1, word);
    if (r == 0)
        r = bind_text(x, stmt, 2, text_make(last.ptr, last.len));
    if (r == 0)
        r = collect(x, stmt, out);
    sqlite3_finalize(stmt);
    return r;
}

/* Two characters, @p first bytes the one: "ab" begins a trigram, or "a b" is one. */
static int match_pair(struct find_index *x, struct sillok_text pair, size_t first,
                      struct buf *out)
{
    CLEANUP(buf_release) struct buf apart = BUF_INIT;
    int r = buf_add(&apart, pair.ptr, first);
    if (r == 0)
        r = buf_add_char(&apart, ' ');
    if (r == 0)
        r = buf_add(&apart, pair.ptr + first, pair.len - first);
    if (r == 0)
        r = match_beginnings(x, pair, out);
    if (r == 0)
        r = match_beginnings(x, buf_text(&apart), out);
    buf_sort_u32(out);
    return r;
}

static int match_pairs(struct find_index *x, struct sillok_text word, struct buf *out)
{
    CLEANUP(buf_release) struct buf one = BUF_INIT;
    int r = 0;
    for (int i = 0; i < TRIGRAMS_MAX && r == 0; i++) {
        const size_t first = characters(word, 1), len = characters(word, 2);
        if (!len)
            break;
        buf_clear(&one);
        r = match_pair(x, text_make(word.ptr, len), first, i ? &one : out);
        if (i)
            buf_intersect_u32(out, &one);
        word = text_from(word, first);
    }
    return r;
}

int find_index_match(struct find_index *x, struct sillok_text word, int any_blanks,
                     struct buf *out)
{
    const int is_short = !characters(word, any_blanks ? 2 : 3);
    const int r = is_short     ? match_beginnings(x, word, out)
                  : any_blanks ? match_pairs(x, word, out)
                               : match_trigrams(x, word, out);
    if (r == 0)
        buf_sort_u32(out);
    return r;
}

int find_index_all_many(struct find_index *x, struct buf *out)
{
    sqlite3_stmt *stmt = NULL;
    int r = prepare(x, &stmt, "SELECT version FROM many ORDER BY version");
    if (r == 0)
        r = collect(x, stmt, out);
    sqlite3_finalize(stmt);
    return r;
}

static int number_of(struct find_index *x, const char *sql, uint64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int r = prepare(x, &stmt, sql);
    if (r == 0)
        r = step(x, stmt);
    *out = r > 0 ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_finalize(stmt);
    return r < 0 ? r : 0;
}

int find_index_figures(struct find_index *x, uint64_t *used_bytes, uint64_t *free_bytes)
{
    uint64_t page = 0, pages = 0, free_pages = 0;
    int r = number_of(x, "PRAGMA page_size", &page);
    if (r == 0)
        r = number_of(x, "PRAGMA page_count", &pages);
    if (r == 0)
        r = number_of(x, "PRAGMA freelist_count", &free_pages);
    *free_bytes = free_pages * page;
    *used_bytes = (pages - (free_pages < pages ? free_pages : pages)) * page;
    return r;
}
