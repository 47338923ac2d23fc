/*
 * What the store remembers of changes is a short cut only: every answer is the same
 * without it; and a store of the format that did not have it can still be read.
 */
#include "support.h"

#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    struct class_row made = { .rules = SILLOK_RULES_VERSION };
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
    made.what = c;
    for (size_t i = 0; i < sizeof(made.sketch.places); i++)
        made.sketch.places[i] = (uint8_t)(17 * i + 1);
    for (size_t i = 0; i < sizeof(made.sketch.words); i++)
        made.sketch.words[i] = (uint8_t)(101 * i + 7);
    assert_ok(class_encode(&row, &made));
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
    assert_memory_equal(&back.sketch, &made.sketch, sizeof(made.sketch));
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

/* Few bits of a sketch are a list of them, many are all. */
static void any_sketch_is_read_as_written(void **state)
{
    (void)state;
    for (size_t n = 0; n <= SKETCH_WORDS; n++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        struct class_row made = { SILLOK_RULES_VERSION,
                                  { .kind = SILLOK_KIND_TYPO, .why = "" },
                                  { { 0 }, { 0 } } };
        struct class_row back;
        for (size_t i = 0; i < n; i++) {
            const size_t bit = 151 * i % SKETCH_WORDS;
            made.sketch.words[bit / 8] |= (uint8_t)(1u << bit % 8);
            if (i < SKETCH_PLACES)
                made.sketch.places[37 * i % SKETCH_PLACES / 8] |=
                    (uint8_t)(1u << 37 * i % SKETCH_PLACES % 8);
        }
        assert_ok(class_encode(&row, &made));
        assert_ok(class_decode(&back, text_make(row.ptr, row.len)));
        assert_memory_equal(&back.sketch, &made.sketch, sizeof(made.sketch));
    }
}

/* Rows of older rules say what, and where in a form of that time, or not at all. */
static void older_rows_have_another_sketch(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    const struct class_row made = { SILLOK_RULES_VERSION - 1,
                                    { .kind = SILLOK_KIND_TYPO, .why = "typo" },
                                    { { 0 }, { 0 } } };
    const struct place_sketch bits = { { 1 }, { 2 } }, nothing = { { 0 }, { 0 } };
    assert_ok(class_encode(&row, &made));
    row.len -= 4 + 2; /* the sum, and a sketch of which nothing is set */
    for (int with = 0; with <= 1; with++) {
        CLEANUP(buf_release) struct buf old = BUF_INIT;
        struct class_row back;
        assert_ok(buf_add(&old, row.ptr, row.len));
        assert_ok(buf_add(&old, &bits, with ? sizeof(bits) : 0));
        assert_ok(row_seal(&old));
        assert_ok(class_decode(&back, text_make(old.ptr, old.len)));
        assert_int_equal(back.rules, SILLOK_RULES_VERSION - 1);
        assert_string_equal(back.what.why, "typo");
        assert_memory_equal(&back.sketch, &nothing, sizeof(nothing));
        old.ptr[old.len - 5] ^= 1;
        assert_int_equal(class_decode(&back, text_make(old.ptr, old.len)),
                         SILLOK_ECORRUPT);
    }
}

/* Of rows of later rules nothing is said but that they are. */
static void later_rows_are_not_judged(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct class_row back;
    assert_ok(buf_add_varint(&row, SILLOK_RULES_VERSION + 1));
    assert_ok(buf_add_str(&row, "of another shape"));
    assert_ok(row_seal(&row));
    assert_ok(class_decode(&back, text_make(row.ptr, row.len)));
    assert_int_equal(back.rules, SILLOK_RULES_VERSION + 1);
    row.ptr[3] ^= 1;
    assert_int_equal(class_decode(&back, text_make(row.ptr, row.len)), SILLOK_ECORRUPT);
}

/* Sealed, and yet no class: each number as large as there is none. */
static void numbers_that_mean_nothing_are_damage(void **state)
{
    (void)state;
    for (int i = 0; i <= 4; i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        struct class_row made = { SILLOK_RULES_VERSION,
                                  { .kind = SILLOK_KIND_TYPO, .why = "typo" },
                                  { { 0 }, { 0 } } };
        struct sillok_change_class *c = &made.what;
        struct class_row back;
        if (i == 1)
            c->kind = SILLOK_N_KINDS;
        else if (i == 2)
            c->fields = 1u << (SILLOK_N_FIELDS + 1);
        else if (i == 3)
            c->kinds = 1u << SILLOK_N_KINDS;
        else if (i == 4)
            c->flags = 1u << SILLOK_N_FLAGS;
        assert_ok(class_encode(&row, &made));
        assert_int_equal(class_decode(&back, text_make(row.ptr, row.len)),
                         i == 0 ? 0 : SILLOK_ECORRUPT);
    }
}

/* --- what the rules of today make of rows of others --- */

enum { SAME_KINDS = 0, OTHER_KINDS = 1, OTHER_KIND = 2, N_PLANTS = 3, OLD_RULES = 6 };

struct planted {
    struct store_step step;
    int plant;
    struct sillok_change_class stored, present;
};

/* The row of a change, as other rules would have made it. */
static void plant(struct lmdb_store *s, struct planted *p, int how)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct class_row found;
    uint8_t key[CLASS_KEY_BYTES];
    assert_int_equal(class_row_get(s, s->txn, &p->step, &found), 1);
    p->plant = how;
    p->present = p->stored = found.what;
    snprintf(p->stored.why, sizeof(p->stored.why), "other words");
    if (how != SAME_KINDS)
        p->stored.kinds ^= 1u << SILLOK_KIND_BYLINE;
    if (how == OTHER_KIND)
        p->stored.kind =
            p->stored.kind == SILLOK_KIND_TYPO ? SILLOK_KIND_WORD : SILLOK_KIND_TYPO;
    found.rules = OLD_RULES;
    found.what = p->stored;
    assert_ok(class_encode(&row, &found));
    assert_ok(kv_put(s->txn, T_CLASS, class_key(key, &p->step),
                     text_make(row.ptr, row.len), 0));
}

static void plant_all(struct lmdb_store *s, struct buf *planted)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int n = 0;
    assert_ok(kv_cursor_open(&c, s->txn, T_CLASS));
    for (int r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        const uint8_t *key = (const uint8_t *)k.ptr;
        const struct planted p = { .step = { get_be(key + ID_BYTES, ID_BYTES),
                                             get_be(key, ID_BYTES) } };
        assert_ok(buf_add(planted, &p, sizeof(p)));
    }
    struct planted *list = (struct planted *)(void *)planted->ptr;
    for (size_t i = 0; i < planted->len / sizeof(*list); i++)
        plant(s, &list[i], n++ % N_PLANTS);
    assert_true(n > 2 * N_PLANTS);
}

/* The planted step that revision @p number of the article came about by. */
static const struct planted *find_planted(struct sillok_store *store,
                                          const struct buf *planted,
                                          const struct sillok_reindex_event *e)
{
    CLEANUP(buf_release) struct buf chain = BUF_INIT;
    const struct planted *list = (const struct planted *)(const void *)planted->ptr;
    struct article_key key;
    uint64_t article;
    article_key_make(&key, text_of(e->oid), text_of(e->aid));
    assert_int_equal(store->ops->article_find(store, &key, &article), 1);
    assert_ok(store->ops->chain_scan(store, article, e->revision - 2, 2, &chain));
    assert_int_equal(chain.len, 2 * sizeof(struct chain_link));
    const struct chain_link *l = (const struct chain_link *)(const void *)chain.ptr;
    for (size_t i = 0; i < planted->len / sizeof(*list); i++)
        if (list[i].step.from == l[0].version && list[i].step.to == l[1].version)
            return &list[i];
    fail_msg("%s/%s %u was never planted", e->oid, e->aid, e->revision);
    return list;
}

/* Each change that the present rules call otherwise is told once, in the order of
 * articles; not what is said in other words only. */
static void check_told(struct sillok_store *store, const struct buf *planted, int dry_run)
{
    const struct planted *list = (const struct planted *)(const void *)planted->ptr;
    struct sillok_reindex_options o = SILLOK_REINDEX_OPTIONS_INIT;
    struct sillok_reindex *it;
    struct sillok_reindex_event e;
    char last[80] = "", at[80];
    size_t n_told = 0, n_wrong = 0, n_other = 0;
    int r;
    o.dry_run = dry_run;
    assert_ok(sillok_reindex_open(&it, store, &o));
    while ((r = sillok_reindex_next(it, &e)) > 0) {
        if (e.kind == SILLOK_REINDEX_TABLE && strcmp(e.table, "class") == 0)
            n_wrong = e.wrong;
        if (e.kind != SILLOK_REINDEX_CHANGE)
            continue;
        const struct planted *p = find_planted(store, planted, &e);
        assert_int_not_equal(p->plant, SAME_KINDS);
        assert_int_equal(e.rules_version, OLD_RULES);
        assert_int_equal(e.stored.kind, p->stored.kind);
        assert_int_equal(e.stored.kinds, p->stored.kinds);
        assert_int_equal(e.present.kind, p->present.kind);
        assert_int_equal(e.present.kinds, p->present.kinds);
        snprintf(at, sizeof(at), "%s/%s", e.oid, e.aid);
        assert_true(strcmp(last, at) <= 0);
        snprintf(last, sizeof(last), "%s", at);
        n_told++;
    }
    assert_ok(r);
    sillok_reindex_close(it);
    for (size_t i = 0; i < planted->len / sizeof(*list); i++)
        n_other += list[i].plant != SAME_KINDS;
    assert_int_equal(n_told, n_other);
    assert_int_equal(n_wrong, planted->len / sizeof(*list));
}

static void reindex_tells_what_is_called_otherwise(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = make_store(folder);
    CLEANUP(buf_release) struct buf planted = BUF_INIT;
    struct sillok_store *store;
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_ok(store->ops->begin(store, ""));
    plant_all(lmdb_of(store), &planted);
    lmdb_of(store)->dirty = 1;
    assert_ok(store->ops->commit(store));
    check_told(store, &planted, 1);
    check_told(store, &planted, 0);
    assert_int_equal(support_reindex(store, 1), 0);
    sillok_store_close(store);
    free(path);
    support_remove(folder);
}

/* --- long texts --- */

static void make_long_crawl(const char *folder, const char *at, const char *last)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    for (int i = 0; body.len <= 1 << 20; i++)
        assert_ok(buf_printf(&body, "회의록 %d쪽: 의장이 개회를 선언하였다. ", i));
    assert_ok(buf_add_str(&body, last));
    make_file(folder, 1, at, "긴 회의록", body.ptr);
    make_file(folder, 2, at, "짧은 회의록", last);
}

/* What a change of a text past 1 MiB is, is found out when somebody asks: there is no
 * row, and reindex misses none. */
static void long_texts_have_no_row(void **state)
{
    (void)state;
    static const char *const ends[] = { "모두 찬성하였다.", "모두 반대하였다.",
                                        "12명이 남았다." };
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    for (int day = 1; day <= 3; day++) {
        char name[8], at[32];
        snprintf(name, sizeof(name), "c%d", day);
        snprintf(at, sizeof(at), "2026-03-%02d 06:00:00", day);
        char *crawl = support_path(folder, name);
        assert_int_equal(mkdir(crawl, 0700), 0);
        make_long_crawl(crawl, at, ends[day - 1]);
        (void)support_ingest(store, name, (const char *const *)&crawl, 1);
        free(crawl);
    }
    CLEANUP(buf_release) struct buf changes = BUF_INIT;
    static const struct sillok_changes_options all = { .all = 1, .no_bodies = 1 };
    add_changes(&changes, store, &all);
    /* The same edit on each day, so the same is said of the long text and of the short
     * one. */
    const char *why[4], *at = changes.ptr;
    for (int i = 0; i < 4; i++, at = strchr(at, '\n') + 1)
        why[i] = memrchr(at, '+', (size_t)(strchr(at, '\n') - at));
    assert_string_equal(at, "--\n");
    for (int i = 0; i < 4; i += 2)
        assert_memory_equal(why[i], why[i + 1], strchr(why[i], '\n') - why[i]);
    struct sillok_reindex *it;
    struct sillok_reindex_event e;
    uint64_t rows = 0;
    int r;
    assert_ok(sillok_reindex_open(&it, store, NULL));
    while ((r = sillok_reindex_next(it, &e)) > 0)
        if (e.kind == SILLOK_REINDEX_TABLE && strcmp(e.table, "class") == 0) {
            rows = e.rows;
            assert_int_equal(e.wrong + e.missing + e.extra, 0);
        }
    assert_ok(r);
    sillok_reindex_close(it);
    assert_int_equal(rows, 2); /* of the short text */
    sillok_store_close(store);
    support_remove(folder);
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
    /* All hashes into the table that there was then, as they were. */
    lmdb_of(store)->format = FORMAT_SEALED;
    assert_ok(store->ops->begin(store, ""));
    assert_ok(hashes_rebuild(lmdb_of(store)));
    lmdb_of(store)->dirty = 1;
    assert_ok(store->ops->commit(store));
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
        cmocka_unit_test(any_sketch_is_read_as_written),
        cmocka_unit_test(older_rows_have_another_sketch),
        cmocka_unit_test(later_rows_are_not_judged),
        cmocka_unit_test(numbers_that_mean_nothing_are_damage),
        cmocka_unit_test(answers_do_not_depend_on_it),
        cmocka_unit_test(reindex_tells_what_is_called_otherwise),
        cmocka_unit_test(long_texts_have_no_row),
        cmocka_unit_test(the_format_before_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
