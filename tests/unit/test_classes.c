/*
 * What the store remembers of changes is a short cut only: every answer is the same
 * without it; and a store of the format that did not have it can still be read.
 */
#include "support.h"

#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARTICLES = 30, PAIRS = 4 };

static void make_file(const char *folder, int i, const char *at, const char *title,
                      const char *body)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    char aid[16], name[32];
    snprintf(aid, sizeof(aid), "%010d", i);
    snprintf(name, sizeof(name), "001_%s_%c%c.md", aid, at[8], at[9]);
    const struct support_file f = { "001", aid, at, title, body, i % 2, NULL };
    support_crawl_file(&b, &f);
    char *path = support_path(folder, name);
    support_write(path, b.ptr, b.len);
    free(path);
}

/* Day 1; day 2 with a line that the site has put under all texts, and edits of its own in
 * some; day 3 with headlines, and texts that go back or come back empty. */
static void make_crawl(const char *folder, int day)
{
    for (int i = 1; i <= ARTICLES; i++) {
        char at[32], title[128], body[1024];
        snprintf(at, sizeof(at), "2026-03-%02d 06:00:%02d", day, i);
        snprintf(title, sizeof(title), "제목 %d번%s", i,
                 day == 3 && i % 5 == 0 ? " \"새로\"" : "");
        snprintf(
            body, sizeof(body),
            "기사 %d의 첫 문장이다. 주민 %d명이 모였다. The council met on day %d of the "
            "month.%s",
            i, day >= 2 && i % 7 == 0 ? i * 3 : i, i,
            day == 1 || (day == 3 && i % 4 == 0)
                ? ""
                : "\n무단 전재 및 재배포 금지 안내문이 붙었다.");
        make_file(folder, i, at, title, day == 3 && i == 9 ? "" : body);
    }
}

static void add_article(struct buf *out, const struct sillok_change_side *s)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&s->article.content_hash, hex);
    assert_ok(buf_printf(out, " %u %lld..%lld %s '%.*s' body %zu", s->revision,
                         (long long)s->first_seen_s, (long long)s->last_seen_s, hex,
                         (int)s->article.fields[SILLOK_TITLE].len,
                         s->article.fields[SILLOK_TITLE].ptr, s->article.body.len));
}

static void add_class(struct buf *out, const struct sillok_change_class *c)
{
    assert_ok(buf_printf(out, " %x %s %x %x %a +%zu -%zu %a '%s'\n", c->fields,
                         sillok_kind_name(c->kind), c->kinds, c->flags, c->similarity,
                         c->added_chars, c->removed_chars, c->significance, c->why));
}

static void add_changes(struct buf *out, struct sillok_store *store,
                        const struct sillok_changes_options *options)
{
    struct sillok_changes *it;
    struct sillok_change c;
    struct sillok_event e;
    struct sillok_text aid;
    int r;
    assert_ok(sillok_changes_open(&it, store, options));
    while ((r = sillok_changes_next(it, &c)) > 0) {
        assert_ok(buf_printf(out, "%s %lld %lld %llu %u:", c.key, (long long)c.after_s,
                             (long long)c.before_s, (unsigned long long)c.visits_before,
                             c.reverted_to));
        add_article(out, &c.from);
        add_article(out, &c.to);
        add_class(out, &c.what);
    }
    assert_ok(r);
    while ((r = sillok_changes_next_event(it, &e)) > 0) {
        assert_ok(buf_printf(out, "event %s %llu %s:", e.crawl,
                             (unsigned long long)e.n_articles, e.sample->key));
        add_class(out, &e.sample->what);
        while ((r = sillok_changes_next_article(it, &aid)) > 0)
            assert_ok(buf_printf(out, " %.*s", (int)aid.len, aid.ptr));
        assert_ok(r);
    }
    assert_ok(r);
    sillok_changes_close(it);
    assert_ok(buf_printf(out, "--\n"));
}

static void add_logs(struct buf *out, struct sillok_store *store)
{
    for (int i = 1; i <= ARTICLES; i++) {
        struct sillok_log *it;
        struct sillok_revision rev;
        char aid[16];
        int r;
        snprintf(aid, sizeof(aid), "%010d", i);
        assert_ok(sillok_log_open(&it, store, "001", aid));
        while ((r = sillok_log_next(it, &rev)) > 0)
            add_class(out, &rev.change);
        assert_ok(r);
        sillok_log_close(it);
    }
}

/* All ways of asking. */
static void add_answers(struct buf *out, struct sillok_store *store)
{
    static const struct sillok_changes_options ways[] = {
        { .all = 1 },
        { .unfold = 1, .all = 1, .no_bodies = 1 },
        { .by_significance = 1, .limit = 7, .all = 1 },
        { .crawl_a = "c1", .crawl_b = "c2", .all = 1, .no_bodies = 1 },
        { .crawl_a = "c1", .crawl_b = "c3", .all = 1 },
        { .crawl_a = "c1", .crawl_b = "c3", .all = 1, .every = 1, .no_bodies = 1 },
        { .kinds = 1u << SILLOK_KIND_NUMBER | 1u << SILLOK_KIND_HEADLINE },
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        add_changes(out, store, &ways[i]);
    add_logs(out, store);
    support_dump(out, store);
}

static char *make_store(const char *folder)
{
    static const char *const names[] = { "c1", "c2", "c3" };
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    char *path = support_path(folder, "store");
    o.create = 1;
    assert_ok(sillok_store_open(&store, path, &o));
    for (int day = 1; day <= 3; day++) {
        char *crawl = support_path(folder, names[day - 1]), command[4200];
        snprintf(command, sizeof(command), "mkdir '%s'", crawl);
        assert_int_equal(system(command), 0);
        make_crawl(crawl, day);
        (void)support_ingest(store, names[day - 1], (const char *const *)&crawl, 1);
        free(crawl);
    }
    assert_int_equal(support_verify(store), 0);
    assert_int_equal(support_reindex(store, 1), 0);
    sillok_store_close(store);
    return path;
}

typedef int change_fn(struct lmdb_store *s);

static int forget_all(struct lmdb_store *s)
{
    return kv_clear(s->txn, T_CLASS);
}

/* All rows, changed: @p how 0 broken, 1 of other rules and untrue. */
static int change_all(struct lmdb_store *s, int how)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    CLEANUP(buf_release) struct buf keys = BUF_INIT;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, s->txn, T_CLASS);
    if (r == 0)
        r = kv_first(c, &k, &v);
    for (; r > 0; r = kv_next(c, &k, &v))
        assert_ok(buf_add_text(&keys, k));
    assert_true(r == 0 && keys.len > 10 * CLASS_KEY_BYTES);
    for (size_t at = 0; at < keys.len && r == 0; at += CLASS_KEY_BYTES) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        k = text_make(keys.ptr + at, CLASS_KEY_BYTES);
        assert_int_equal(kv_get(s->txn, T_CLASS, k, &v), 1);
        assert_ok(buf_add(&row, v.ptr, how ? v.len - 4 : v.len));
        row.ptr[how ? 0 : row.len / 2] ^= 0x7f;
        row.ptr[1] = SILLOK_KIND_TYPO;
        if (how)
            assert_ok(row_seal(&row));
        r = kv_put(s->txn, T_CLASS, k, text_make(row.ptr, row.len), 0);
    }
    return r;
}

static int break_all(struct lmdb_store *s)
{
    return change_all(s, 0);
}

static int age_all(struct lmdb_store *s)
{
    return change_all(s, 1);
}

static void answers_do_not_depend_on_it(void **state)
{
    (void)state;
    static change_fn *const changes[] = { forget_all, break_all, age_all };
    char *folder = support_folder(), *path = make_store(folder);
    CLEANUP(buf_release) struct buf first = BUF_INIT;
    struct sillok_store *store;
    assert_ok(sillok_store_open(&store, path, NULL));
    add_answers(&first, store);
    assert_non_null(memmem(first.ptr, first.len, "event c2 ", 9));
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        CLEANUP(buf_release) struct buf again = BUF_INIT, mended = BUF_INIT;
        assert_ok(store->ops->begin(store, ""));
        assert_ok(changes[i](lmdb_of(store)));
        lmdb_of(store)->dirty = 1;
        assert_ok(store->ops->commit(store));
        add_answers(&again, store);
        assert_true(
            text_equal(text_make(first.ptr, first.len), text_make(again.ptr, again.len)));
        assert_true(support_reindex(store, 1) > 10);
        assert_true(support_reindex(store, 0) > 10);
        assert_int_equal(support_reindex(store, 1), 0);
        add_answers(&mended, store);
        assert_true(text_equal(text_make(first.ptr, first.len),
                               text_make(mended.ptr, mended.len)));
    }
    sillok_store_close(store);
    free(path);
    support_remove(folder);
}

/* A row gives back what went in, to the last bit; what is no row is damage. */
static void rows_are_read_as_written(void **state)
{
    (void)state;
    const struct sillok_change_class c = {
        .fields = SILLOK_FIELD_BODY | 1u << SILLOK_URL | 1u << SILLOK_TITLE,
        .kind = SILLOK_KIND_METADATA,
        .kinds = (1u << SILLOK_N_KINDS) - 1,
        .flags = (1u << SILLOK_N_FLAGS) - 1,
        .similarity = 1.0 / 3,
        .added_chars = 123456789,
        .removed_chars = 7,
        .why = "number: \"1200명\" → \"2100명\"",
    };
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct class_row back;
    assert_ok(class_encode(&row, &c));
    assert_ok(class_decode(&back, text_make(row.ptr, row.len)));
    assert_int_equal(back.rules, SILLOK_RULES_VERSION);
    assert_int_equal(back.what.fields, c.fields);
    assert_int_equal(back.what.kind, c.kind);
    assert_int_equal(back.what.kinds, c.kinds);
    assert_int_equal(back.what.flags, c.flags);
    assert_memory_equal(&back.what.similarity, &c.similarity, sizeof(double));
    assert_int_equal(back.what.added_chars, c.added_chars);
    assert_int_equal(back.what.removed_chars, c.removed_chars);
    assert_string_equal(back.what.why, c.why);
    /* Any byte changed or missing, sealed again or not, is told or harmless. */
    for (size_t i = 0; i < row.len; i++) {
        CLEANUP(buf_release) struct buf bad = BUF_INIT;
        assert_ok(buf_add(&bad, row.ptr, row.len));
        bad.ptr[i] ^= 0x41;
        assert_int_equal(class_decode(&back, text_make(bad.ptr, bad.len)),
                         SILLOK_ECORRUPT);
        bad.len -= 4;
        assert_ok(row_seal(&bad));
        (void)class_decode(&back, text_make(bad.ptr, bad.len));
        bad.len = i;
        assert_ok(row_seal(&bad));
        if (i < row.len - 4)
            assert_int_equal(class_decode(&back, text_make(bad.ptr, bad.len)),
                             SILLOK_ECORRUPT);
    }
}

/* --- the format before --- */

static int copy_table(struct kv_txn *from, struct kv_txn *to, int table, int dup)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, from, table);
    if (r == 0)
        r = kv_first(c, &k, &v);
    while (r > 0) {
        r = kv_put(to, table, k, v, 0);
        if (r == 0)
            r = dup ? kv_next_value(c, &v) : kv_next(c, &k, &v);
    }
    return r;
}

/* The same rows in a file that has no table of classes. */
static void make_old(struct lmdb_store *s, const char *path)
{
    static const struct kv_table tables[T_CLASS] = {
        { "meta", 0 },
        { "dict", 0 },
        { "body", 0 },
        { "version", 0 },
        { "obs", 0 },
        { "seg", 0 },
        { "ordinal", 0 },
        { "extra", 0 },
        { "dir", 0 },
        { "crawl", 0 },
        { "refusal", 0 },
        { "ref", 0 },
        { "hash", KV_DUPFIXED },
        { "article", 0 },
        { "rev", 0 },
        { "log", 0 },
    };
    const struct kv_options o = { .create = 1,
                                  .map_bytes = (size_t)1 << 28,
                                  .map_max_bytes = (size_t)1 << 28 };
    struct kv_env *env;
    struct kv_txn *from, *to;
    char line[80], command[4200];
    snprintf(command, sizeof(command), "mkdir '%s'", path);
    assert_int_equal(system(command), 0);
    char *data = support_path(path, "data.mdb"), *format = support_path(path, "format");
    assert_ok(kv_open(&env, data, tables, T_CLASS, &o));
    assert_ok(kv_read(s->env, &from));
    assert_ok(kv_write(env, &to));
    for (int t = 0; t < T_CLASS; t++)
        assert_ok(copy_table(from, to, t, tables[t].flags & KV_DUPFIXED));
    int n = snprintf(line, sizeof(line), "sillok 1 %s", s->uuid);
    assert_ok(kv_put(to, T_META, text_of("format"), text_make(line, (size_t)n), 0));
    assert_ok(kv_commit(to));
    kv_abort(from);
    kv_close(env);
    n = snprintf(line, sizeof(line), "sillok 1 %s\n", s->uuid);
    support_write(format, line, (size_t)n);
    free(data);
    free(format);
}

static void the_format_before_is_read(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder);
    char *old = support_path(folder, "old");
    CLEANUP(buf_release) struct buf first = BUF_INIT, again = BUF_INIT;
    struct sillok_store *store;
    struct sillok_reindex *it;
    struct sillok_stats stats;
    assert_ok(sillok_store_open(&store, path, NULL));
    add_answers(&first, store);
    make_old(lmdb_of(store), old);
    sillok_store_close(store);

    assert_int_equal(sillok_store_open(&store, old, NULL), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "sillok migrate"));
    assert_ok(lmdb_store_open(&store, old, NULL, 0, LMDB_OPEN_OLD));
    add_answers(&again, store);
    assert_true(
        text_equal(text_make(first.ptr, first.len), text_make(again.ptr, again.len)));
    assert_int_equal(support_verify(store), 0);
    assert_ok(sillok_store_stats(store, &stats));
    assert_int_equal(stats.format, 1);
    assert_true(store->ops->begin(store, "x") < 0); /* for reading only */
    assert_true(sillok_reindex_open(&it, store, NULL) < 0);
    sillok_store_close(store);
    free(old);
    free(path);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_written),
        cmocka_unit_test(answers_do_not_depend_on_it),
        cmocka_unit_test(the_format_before_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
