/*
 * Damage one table of a store, as a bug or a bad disk might.
 *
 *   store-damage STORE HOW        HOW from the table below; without arguments it lists
 *                                 them. Or tear-TABLE: a bit of a page of that table
 */
#include "store/lmdb.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first whose value has so many bytes, or more. */
static int first_row(struct lmdb_store *s, int table, size_t bytes, struct sillok_text *k,
                     struct sillok_text *v)
{
    struct kv_cursor *c;
    static struct buf key, value; /* of the row; they outlive it */
    buf_release(&key);
    buf_release(&value);
    buf_init(&key, BUF_CEILING);
    buf_init(&value, BUF_CEILING);
    int r = kv_cursor_open(&c, s->txn, table);
    if (r == 0)
        r = kv_first(c, k, v);
    while (r > 0 && v->len < bytes)
        r = kv_next(c, k, v);
    if (r == 0)
        r = fail(SILLOK_ENOTFOUND, "the table has no such row");
    if (r > 0) {
        r = buf_add_text(&key, *k);
        if (r == 0)
            r = buf_add_text(&value, *v);
        *k = text_make(key.ptr, key.len);
        *v = text_make(value.ptr, value.len);
    }
    kv_cursor_close(c);
    return r;
}

static int delete_first(struct lmdb_store *s, int table)
{
    struct sillok_text k, v;
    const int r = first_row(s, table, 0, &k, &v);
    return r < 0 ? r : kv_delete(s->txn, table, k);
}

/* Turn bits of the byte at @p at of the first row's value, from the end where negative.
 */
static int flip(struct lmdb_store *s, int table, int at)
{
    struct sillok_text k, v;
    const int r = first_row(s, table, 0, &k, &v);
    if (r < 0)
        return r;
    char *bytes = (char *)(uintptr_t)v.ptr; /* first_row()'s own copy */
    bytes[at < 0 ? (int)v.len + at : at] ^= 0x55;
    return kv_put(s->txn, table, k, v, 0);
}

static int clear_hash(struct lmdb_store *s)
{
    return kv_clear(s->txn, T_HASH);
}

static int drop_article(struct lmdb_store *s)
{
    return delete_first(s, T_ARTICLE);
}

static int flip_article(struct lmdb_store *s)
{
    return flip(s, T_ARTICLE, -1); /* its newest version */
}

/* The first article that has one revision. */
static int first_lone(struct lmdb_store *s, struct sillok_text *k, struct sillok_text *v,
                      struct article_row *row)
{
    const int r = first_row(s, T_ARTICLE, ARTICLE_ROW_BYTES + 1, k, v);
    return r < 0 ? r : article_row_parse(*v, row);
}

static int flip_lone(struct lmdb_store *s)
{
    struct article_row row;
    struct sillok_text k, v;
    const int r = first_lone(s, &k, &v, &row);
    if (r < 0)
        return r;
    char *bytes = (char *)(uintptr_t)v.ptr;            /* first_row()'s own copy */
    bytes[ARTICLE_ROW_BYTES + TIME_BYTES - 1] ^= 0x55; /* when it was first seen */
    return kv_put(s->txn, T_ARTICLE, k, v, 0);
}

/* A row of the table rev for an article with one revision, that many seconds earlier. */
static int put_rev(struct lmdb_store *s, int64_t earlier)
{
    uint8_t key[REV_KEY_BYTES] = { 0 }, value[ID_BYTES + 4] = { 0 };
    struct article_row row;
    struct sillok_text k, v;
    const int r = first_lone(s, &k, &v, &row);
    if (r < 0)
        return r;
    put_be(key, row.article, ID_BYTES);
    key_time(key + ID_BYTES, row.lone.first_s - earlier);
    put_be(value, row.newest, ID_BYTES);
    put_be(value + ID_BYTES, row.lone.crawl, 4);
    return kv_put(s->txn, T_REV, text_make((const char *)key, sizeof(key)),
                  text_make((const char *)value, sizeof(value)), 0);
}

/* It has two revisions by that, and one by its own row. */
static int extra_rev(struct lmdb_store *s)
{
    return put_rev(s, 1);
}

static int left_rev(struct lmdb_store *s)
{
    return put_rev(s, 0);
}

/* The row of an article with several revisions says that it has one. */
static int false_lone(struct lmdb_store *s)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct article_row parsed = { .is_lone = 1 };
    struct sillok_text k, v;
    int r = first_row(s, T_ARTICLE, 0, &k, &v);
    if (r == 0)
        r = article_row_parse(v, &parsed);
    if (r < 0 || parsed.is_lone)
        return r < 0 ? r : fail(SILLOK_ENOTFOUND, "the first article has one revision");
    uint8_t time[TIME_BYTES];
    key_time(time, 1);
    r = buf_add_text(&row, v);
    if (r == 0)
        r = buf_add(&row, time, sizeof(time));
    if (r == 0)
        r = buf_add_varint(&row, 1);
    return r < 0 ? r : kv_put(s->txn, T_ARTICLE, k, buf_text(&row), 0);
}

static int drop_rev(struct lmdb_store *s)
{
    return delete_first(s, T_REV);
}

static int flip_rev(struct lmdb_store *s)
{
    return flip(s, T_REV, ID_BYTES - 1);
}

static int drop_log(struct lmdb_store *s)
{
    return delete_first(s, T_LOG);
}

static int extra_log(struct lmdb_store *s)
{
    uint8_t key[LOG_KEY_BYTES];
    return kv_put(s->txn, T_LOG, log_key(key, 1, 0, 0), text_make("", 0), 0);
}

static int flip_class(struct lmdb_store *s)
{
    return flip(s, T_CLASS, 1);
}

static int clear_class(struct lmdb_store *s)
{
    return kv_clear(s->txn, T_CLASS);
}

/* The first row says another kind, with a checksum that fits, by rules @p rules. */
static int falsify(struct lmdb_store *s, uint64_t rules)
{
    struct sillok_text k, v;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct class_row class;
    int r = first_row(s, T_CLASS, 0, &k, &v);
    if (r == 0)
        r = class_decode(&class, v);
    if (r < 0)
        return r;
    class.rules = rules;
    class.what.kind =
        class.what.kind == SILLOK_KIND_WORD ? SILLOK_KIND_TYPO : SILLOK_KIND_WORD;
    r = class_encode(&row, &class);
    return r < 0 ? r : kv_put(s->txn, T_CLASS, k, text_make(row.ptr, row.len), 0);
}

static int wrong_class(struct lmdb_store *s)
{
    return falsify(s, SILLOK_RULES_VERSION);
}

static int old_class(struct lmdb_store *s)
{
    return falsify(s, 0);
}

/* A row for a step that is in no chain: from the first version to itself. */
static int extra_class(struct lmdb_store *s)
{
    const struct store_step step = { 1, 1 };
    struct sillok_change_class what;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    const int r = class_compute(s, s->txn, s->codec, &step, &row, &what);
    return r < 0 ? r : class_row_put(s, &step, text_make(row.ptr, row.len));
}

/* A crawl counts one change too many. */
static int crawl_figures(struct lmdb_store *s)
{
    struct store_crawl *crawl = (struct store_crawl *)(void *)s->state.crawls.ptr;
    crawl->later_revisions++;
    crawl->changed = 1;
    return 0;
}

static const struct {
    const char *how;
    int (*fn)(struct lmdb_store *s);
} hows[] = {
    { "clear-hash", clear_hash },     { "drop-article", drop_article },
    { "flip-article", flip_article }, { "drop-rev", drop_rev },
    { "flip-rev", flip_rev },         { "drop-log", drop_log },
    { "flip-lone", flip_lone },       { "extra-rev", extra_rev },
    { "left-rev", left_rev },         { "false-lone", false_lone },
    { "extra-log", extra_log },       { "crawl-figures", crawl_figures },
    { "flip-class", flip_class },     { "wrong-class", wrong_class },
    { "old-class", old_class },       { "clear-class", clear_class },
    { "extra-class", extra_class },
};
enum { N_HOWS = sizeof(hows) / sizeof(hows[0]) };

static int damage(struct sillok_store *store, const char *how)
{
    int r = store->ops->begin(store, "");
    for (size_t i = 0; i < N_HOWS && r == 0; i++)
        if (strcmp(hows[i].how, how) == 0) {
            r = hows[i].fn(lmdb_of(store));
            lmdb_of(store)->dirty = 1;
            return r < 0 ? r : store->ops->commit(store);
        }
    return r < 0 ? r : fail(SILLOK_EINVALID, "there is no '%s'", how);
}

/* --- pages --- */

static int table_named(const char *name)
{
    int t = 0;
    while (t < N_TABLES && strcmp(lmdb_table_name(t), name) != 0)
        t++;
    return t < N_TABLES ? t : fail(SILLOK_EINVALID, "there is no table '%s'", name);
}

/* Turn a bit of the table's first row wherever it stands in the file, in free pages too.
 * The rows of the hash table have one key, so theirs is known by its value. */
static int tear(struct sillok_store *store, const char *table)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT, file = BUF_INIT;
    struct lmdb_store *s = lmdb_of(store);
    struct sillok_text k, v;
    char path[4096];
    size_t at = 0, found = 0;
    const int t = table_named(table);
    int r = t < 0 ? t : store->ops->begin(store, "");
    if (r == 0)
        r = first_row(s, t, 0, &k, &v);
    if (r == 0 && t != T_HASH)
        r = buf_add_text(&row, k);
    if (r == 0)
        r = buf_add_text(&row, v);
    store->ops->abort(store);
    snprintf(path, sizeof(path), "%s/data.mdb", store->path);
    if (r == 0)
        r = file_read(&file, path, (size_t)1 << 30);
    while (r == 0 && at + row.len <= file.len) {
        char *hit = memmem(file.ptr + at, file.len - at, row.ptr, row.len);
        if (!hit)
            break;
        *hit ^= 0x10;
        at = (size_t)(hit - file.ptr) + 1;
        found++;
    }
    if (r == 0 && !found)
        r = fail(SILLOK_ENOTFOUND, "no page has the first row of '%s'", table);
    return r < 0 ? r : file_replace(path, file.ptr, file.len, 0600);
}

int main(int argc, char **argv)
{
    struct sillok_store *store;
    if (argc != 3) {
        for (size_t i = 0; i < N_HOWS; i++)
            puts(hows[i].how);
        return 2;
    }
    int r = sillok_store_open(&store, argv[1], NULL);
    if (r == 0) {
        r = strncmp(argv[2], "tear-", 5) == 0 ? tear(store, argv[2] + 5)
                                              : damage(store, argv[2]);
        sillok_store_close(store);
    }
    if (r < 0)
        fprintf(stderr, "store-damage: %s\n", sillok_error_message());
    return r < 0;
}
