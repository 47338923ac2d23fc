/* Taking in what is there already, or nearly: which file is the same, what crawls count,
 * and that a batch that is given up, or another writer, leaves nothing wrong behind. */
#include "store/lmdb.h"

#include "support_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static struct hasher *hasher;

struct visit {
    const char *crawl, *aid;
    int64_t at;
    const char *title, *path;
    int mismatch;
    enum obs_outcome outcome;
    int conflict;
};

/* Into the open batch. */
static int append(struct sillok_store *store, const struct visit *v,
                  struct support_item *s)
{
    struct store_item *item =
        support_item(s, hasher, "001", v->aid, v->at, v->title, "다리를 놓는다.");
    if (v->path)
        item->path = text_of(v->path);
    item->mismatch = v->mismatch;
    assert_ok(store->ops->begin(store, v->crawl));
    int r = store->ops->body_put(store, &item, 1);
    if (r == 0)
        r = store->ops->obs_append(store, &item, 1);
    store->ops->prepared_free(item->prepared);
    item->prepared = NULL;
    return r;
}

/* Each in a batch of its own. */
static void take_in(struct sillok_store *store, const struct visit *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct support_item s;
        assert_ok(append(store, &v[i], &s));
        assert_ok(store->ops->commit(store));
        if (s.item.outcome != v[i].outcome || s.item.conflict != v[i].conflict)
            fail_msg("visit %zu: outcome %d, conflict %d", i, s.item.outcome,
                     s.item.conflict);
    }
}

/* What the store has of a crawl; its name is not kept. */
static struct store_crawl crawl_named(struct sillok_store *store, const char *name)
{
    struct store_crawl *list;
    size_t n;
    assert_ok(store->ops->crawls(store, &list, &n));
    const struct store_crawl *c = store_crawl_find(store, list, n, name);
    assert_non_null(c);
    struct store_crawl found = *c;
    found.name = NULL;
    store_crawls_free(list, n);
    return found;
}

static void has_counted(struct sillok_store *store, const char *name,
                        uint64_t observations, uint64_t mismatches, uint64_t conflicts)
{
    const struct store_crawl c = crawl_named(store, name);
    assert_int_equal(c.observations, observations);
    assert_int_equal(c.mismatches, mismatches);
    assert_int_equal(c.conflicts, conflicts);
}

/* --- which file is the same --- */

/* A file that stands in two crawls is of both; that it is there is seen from either. */
static void a_file_of_two_crawls_comes_again(void **state)
{
    static const struct visit visits[] = {
        { "월요일", "1", 100, "다리", "a/1.md", 0, OBS_NEW_ARTICLE, 0 },
        { "화요일", "1", 100, "다리", "b/1.md", 0, OBS_ALREADY, 0 },
        { "월요일", "1", 100, "다리", "a/1.md", 0, OBS_ALREADY, 0 },
        { "화요일", "1", 100, "다리", "b/1.md", 0, OBS_ALREADY, 0 },
        { "월요일", "1", 100, "다리", "a/1.md", 0, OBS_ALREADY, 0 },
    };
    const struct support_fixture *f = *state;
    take_in(f->store, visits, sizeof(visits) / sizeof(visits[0]));
    has_counted(f->store, "월요일", 1, 0, 0);
    has_counted(f->store, "화요일", 1, 0, 0);
    assert_int_equal(support_verify(f->store), 0);
}

/* Told once: not of the file that was there before the other, nor again. Counted of each
 * file, also of those that were there before. */
static void a_conflict_is_told_once(void **state)
{
    static const struct visit visits[] = {
        { "월요일", "1", 100, "다리", "a/1.md", 0, OBS_NEW_ARTICLE, 0 },
        { "월요일", "1", 100, "The bridge", "a/2.md", 0, OBS_CHANGED, 1 },
        { "월요일", "1", 100, "The bridge", "a/2.md", 0, OBS_ALREADY, 0 },
        { "월요일", "1", 100, "다리", "a/1.md", 0, OBS_ALREADY, 0 },
        { "화요일", "1", 100, "다리", "b/1.md", 0, OBS_ALREADY, 0 },
    };
    const struct support_fixture *f = *state;
    take_in(f->store, visits, sizeof(visits) / sizeof(visits[0]));
    has_counted(f->store, "월요일", 2, 0, 2);
    has_counted(f->store, "화요일", 1, 0, 1);
    assert_int_equal(support_verify(f->store), 0);
}

/* In whichever order they came in. */
static void files_in_conflict_are_counted(void **state)
{
    static const struct visit visits[][5] = {
        { { "월요일", "1", 100, "다리", "1.md", 0, OBS_NEW_ARTICLE, 0 },
          { "화요일", "1", 100, "The bridge", "2.md", 0, OBS_CHANGED, 1 },
          { "화요일", "1", 100, "항만", "3.md", 0, OBS_CHANGED, 1 },
          { "수요일", "1", 100, "다리", "4.md", 0, OBS_UNCHANGED, 1 },
          { "수요일", "1", 200, "다리", "5.md", 0, OBS_UNCHANGED, 0 } },
        { { "수요일", "2", 200, "다리", "5.md", 0, OBS_NEW_ARTICLE, 0 },
          { "수요일", "2", 100, "다리", "4.md", 0, OBS_UNCHANGED, 0 },
          { "월요일", "2", 100, "다리", "1.md", 0, OBS_UNCHANGED, 0 },
          { "화요일", "2", 100, "항만", "3.md", 0, OBS_CHANGED, 1 },
          { "화요일", "2", 100, "The bridge", "2.md", 0, OBS_CHANGED, 1 } },
    };
    const struct support_fixture *f = *state;
    for (uint64_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < 5; k++) {
            struct support_item s;
            assert_ok(append(f->store, &visits[i][k], &s));
            assert_ok(f->store->ops->commit(f->store));
            assert_int_equal(s.item.conflict, visits[i][k].conflict);
        }
        has_counted(f->store, "월요일", i + 1, 0, i + 1);
        has_counted(f->store, "화요일", 2 * i + 2, 0, 2 * i + 2);
        has_counted(f->store, "수요일", 2 * i + 2, 0, i + 1);
    }
    assert_int_equal(support_verify(f->store), 0);
}

/* What verify compares the crawl's row with. */
static void a_hash_that_was_declared_wrong_is_counted(void **state)
{
    static const struct visit visits[] = {
        { "월요일", "1", 100, "다리", NULL, 1, OBS_NEW_ARTICLE, 0 },
        { "월요일", "2", 100, "다리", NULL, 0, OBS_NEW_ARTICLE, 0 },
        { "월요일", "1", 200, "다리", NULL, 1, OBS_UNCHANGED, 0 },
    };
    const struct support_fixture *f = *state;
    take_in(f->store, visits, sizeof(visits) / sizeof(visits[0]));
    has_counted(f->store, "월요일", 3, 2, 0);
    assert_int_equal(support_verify(f->store), 0);
}

/* However many files show one content, one more of another that is there is no new
 * content. */
static void one_of_many_files_at_one_time(void **state)
{
    const struct support_fixture *f = *state;
    struct support_item s;
    char path[40];
    const struct visit other = { "월요일", "1", 100, "The bridge", "a/1.md", 0, 0, 0 };
    struct visit one = { "월요일", "1", 100, "다리", path, 0, 0, 0 };
    assert_ok(append(f->store, &other, &s));
    for (int i = 0; i < TIE_MAX; i++) {
        snprintf(path, sizeof(path), "b/%d.md", i);
        assert_ok(append(f->store, &one, &s));
    }
    assert_ok(f->store->ops->commit(f->store));
    one.title = other.title;
    snprintf(path, sizeof(path), "c/1.md");
    assert_ok(append(f->store, &one, &s));
    assert_int_equal(s.item.outcome, OBS_UNCHANGED);
    assert_ok(f->store->ops->commit(f->store));
    has_counted(f->store, "월요일", TIE_MAX + 2, 0, TIE_MAX + 2);
}

/* Nor is a second content one too many where as many files show the first. */
static void a_second_content_beside_many_files(void **state)
{
    const struct support_fixture *f = *state;
    struct support_item s;
    char path[40];
    struct visit one = { "월요일", "1", 100, "다리", path, 0, 0, 0 };
    for (int i = 0; i < TIE_MAX + 1; i++) {
        snprintf(path, sizeof(path), "b/%d.md", i);
        assert_ok(append(f->store, &one, &s));
    }
    one.title = "The bridge";
    assert_ok(append(f->store, &one, &s));
    assert_ok(f->store->ops->commit(f->store));
    assert_true(s.item.conflict);
}

/* --- many --- */

/* The observations of an article stand in one block, however many came in a batch. */
static void a_block_ends_with_an_article(void **state)
{
    enum { N = OBS_PER_BLOCK + 40 };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    struct support_item s;
    struct article_key key;
    uint64_t article = 0;
    struct visit v = { "월요일", "1", 0, "다리", NULL, 0, 0, 0 };
    assert_ok(append(f->store, &v, &s));
    v.aid = "2";
    for (int i = 0; i < N; i++) {
        v.at = i;
        assert_ok(append(f->store, &v, &s));
    }
    assert_ok(f->store->ops->commit(f->store));
    support_open_again(f);
    article_key_make(&key, text_of("001"), text_of("2"));
    assert_int_equal(f->store->ops->article_find(f->store, &key, &article), 1);
    assert_ok(f->store->ops->obs_scan(f->store, article, &all));
    const struct chain_obs *list = (const struct chain_obs *)(const void *)all.ptr;
    assert_int_equal(all.len / sizeof(*list), N);
    for (int i = 0; i < N; i++)
        assert_int_equal(list[i].time_s, i);
}

/* So many folders have numbers; of a file in any other the whole path is kept. */
static void there_are_only_so_many_folders(void **state)
{
    enum { MAX_DIRS = 1 << 16 };
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf all = BUF_INIT, path = BUF_INIT;
    struct support_item item;
    struct store_version version;
    uint32_t id = 9;
    const struct visit v = { "월요일", "1", 100, "다리", "새 폴더/1.md", 0, 0, 0 };
    assert_ok(f->store->ops->begin(f->store, "월요일"));
    for (uint32_t i = 1; i <= MAX_DIRS; i++) { /* in memory alone */
        char name[16];
        snprintf(name, sizeof(name), "d%u", i);
        char *copy = strdup(name);
        assert_ok(buf_add(&s->state.dirs, &copy, sizeof(copy)));
    }
    assert_ok(dir_id(s, text_of("새 폴더"), &id));
    assert_int_equal(id, 0);
    assert_ok(dir_id(s, text_of("d65536"), &id));
    assert_int_equal(id, MAX_DIRS);
    assert_ok(append(f->store, &v, &item));
    assert_int_equal(s->state.dirs.len / sizeof(char *), MAX_DIRS);
    assert_ok(f->store->ops->obs_scan(f->store, 1, &all));
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    assert_int_equal(all.len, sizeof(*o));
    assert_int_equal(o->dir, 0);
    store_version_init(&version);
    assert_ok(f->store->ops->version_get(f->store, o->version, 1, &version));
    assert_ok(f->store->ops->file_get(f->store, o, &version, &path, NULL));
    assert_true(text_is(buf_text(&path), "새 폴더/1.md"));
    store_version_release(&version);
    f->store->ops->abort(f->store);
}

/* Of a folder that came with a batch that was given up nothing is known. */
static void a_folder_is_given_up_with_its_batch(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    static const struct {
        const char *name;
        uint32_t id;
    } first[] = { { "가", 1 }, { "나", 2 }, { "가", 1 } },
      second[] = { { "다", 1 }, { "가", 2 }, { "나", 3 }, { "다", 1 } };
    uint32_t id;
    assert_ok(f->store->ops->begin(f->store, "월요일"));
    for (size_t i = 0; i < 3; i++) {
        assert_ok(dir_id(s, text_of(first[i].name), &id));
        assert_int_equal(id, first[i].id);
    }
    f->store->ops->abort(f->store);
    assert_ok(f->store->ops->begin(f->store, "월요일"));
    for (size_t i = 0; i < 4; i++) {
        assert_ok(dir_id(s, text_of(second[i].name), &id));
        assert_int_equal(id, second[i].id);
    }
    f->store->ops->abort(f->store);
}

/* Not a search among all that have the hash, and not the number of another one. */
static void a_folder_with_the_hash_of_another_has_no_number(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    const struct sillok_text other = text_of("나");
    uint32_t id;
    assert_ok(f->store->ops->begin(f->store, "월요일"));
    assert_ok(dir_id(s, text_of("가"), &id));
    assert_int_equal(id, 1);
    assert_ok(map_put(&s->state.dir_of, XXH3_64bits(other.ptr, other.len), 1));
    assert_ok(dir_id(s, other, &id));
    assert_int_equal(id, 0);
    f->store->ops->abort(f->store);
}

/* --- keys of articles by their numbers --- */

static uint64_t n_rows(struct lmdb_store *s, int table)
{
    struct kv_stats stats;
    struct kv_txn *txn;
    assert_ok(view_begin(s, &txn));
    assert_ok(kv_table_stats(txn, table, &stats));
    view_end(s, txn);
    return stats.rows;
}

/* What was to be written is gone with its batch: the next one begins by looking, and writes
 * nothing of it. */
static void a_key_that_was_given_up_is_not_written(void **state)
{
    static const struct visit first = { "월요일", "1", 100, "다리", NULL, 0, 1, 0 },
                              second = { "월요일", "2", 100, "다리", NULL, 0, 1, 0 },
                              change = { "월요일", "1", 200, "다리를", NULL, 0, 2, 0 };
    const struct support_fixture *f = *state;
    struct support_item s;
    take_in(f->store, &first, 1);
    assert_ok(append(f->store, &second, &s));
    f->store->ops->abort(f->store);
    take_in(f->store, &change, 1);
    assert_int_equal(n_rows(lmdb_of(f->store), T_ORDINAL), 1);
    assert_int_equal(support_verify(f->store), 0);
}

/* Where somebody else has put another article of the number that was given up. */
static void a_key_of_another_writer_is_kept(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    struct names mine = { .row = BUF_INIT }, other = { .row = BUF_INIT };
    struct article_key keys[5], got;
    const char *const aids[] = { "", "가", "given up", "다른 글", "the next" };
    for (size_t i = 1; i < 5; i++)
        article_key_make(&keys[i], text_of("001"), text_of(aids[i]));
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(names_add(&mine, s->txn, 1, &keys[1]));
    assert_ok(names_flush(&mine, s->txn));
    assert_ok(names_add(&mine, s->txn, 2, &keys[2]));
    names_forget(&mine);
    assert_ok(names_add(&other, s->txn, 2, &keys[3]));
    assert_ok(names_flush(&other, s->txn));
    assert_ok(names_add(&mine, s->txn, 3, &keys[4]));
    assert_ok(names_flush(&mine, s->txn));
    assert_int_equal(names_get(s->txn, 2, &got), 1);
    assert_true(text_equal(article_key_text(&got), article_key_text(&keys[3])));
    assert_int_equal(names_get(s->txn, 3, &got), 1);
    assert_true(text_equal(article_key_text(&got), article_key_text(&keys[4])));
    f->store->ops->abort(f->store);
    names_release(&mine);
    names_release(&other);
}

/* Where a row has keys of articles that are not counted, one would be put over another. */
static void a_row_with_more_keys_than_articles(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    struct names names = { .row = BUF_INIT };
    struct article_key key;
    assert_ok(f->store->ops->begin(f->store, ""));
    for (uint64_t i = 1; i <= 3; i++) {
        article_key_make(&key, text_of("001"), text_of(i == 2 ? "다리" : "bridge"));
        assert_ok(names_add(&names, s->txn, i, &key));
    }
    assert_ok(names_flush(&names, s->txn));
    for (uint64_t next = 2; next <= 5; next++) {
        names_forget(&names);
        assert_int_equal(names_add(&names, s->txn, next, &key),
                         next == 4 ? 0 : SILLOK_ECORRUPT);
    }
    f->store->ops->abort(f->store);
    names_release(&names);
}

/* --- chains --- */

/* Nobody's chain is taken for another's, where its own is not there. */
static void a_chain_is_of_its_article(void **state)
{
    static const struct visit visits[] = {
        { "월요일", "1", 100, "다리", NULL, 0, OBS_NEW_ARTICLE, 0 },
        { "월요일", "1", 200, "다리를", NULL, 0, OBS_CHANGED, 0 },
        { "월요일", "2", 100, "다리", NULL, 0, OBS_NEW_ARTICLE, 0 },
        { "월요일", "3", 100, "다리", NULL, 0, OBS_NEW_ARTICLE, 0 },
    };
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release) struct buf row = BUF_INIT, links = BUF_INIT;
    struct article_key two, three;
    struct sillok_text v;
    struct chain_link link;
    take_in(f->store, visits, 4);
    article_key_make(&two, text_of("001"), text_of("2"));
    article_key_make(&three, text_of("001"), text_of("3"));
    assert_ok(f->store->ops->begin(f->store, ""));
    /* The row of the second says that it has rows in the table, and there are none. */
    const struct article_row second = { .article = 2, .newest = 3 },
                             first = { .article = 1, .newest = 2 };
    assert_int_equal(chain_last(s->txn, &first, &link), 1);
    assert_int_equal(link.version, 2);
    assert_int_equal(chain_last(s->txn, &second, &link), 0);
    /* That of the third is the second's: one of them has no chain then. */
    assert_int_equal(kv_get(s->txn, T_ARTICLE, article_key_text(&two), &v), 1);
    assert_ok(buf_add_text(&row, v));
    assert_ok(kv_put(s->txn, T_ARTICLE, article_key_text(&three), buf_text(&row), 0));
    assert_ok(chain_links(s->txn, 2, 0, 9, &links));
    assert_int_equal(links.len, sizeof(link));
    buf_clear(&links);
    assert_ok(chain_links(s->txn, 3, 0, 9, &links));
    assert_int_equal(links.len, 0);
    f->store->ops->abort(f->store);
}

/* So many revisions begin at one time, and no more. */
static void a_chain_of_one_moment(void **state)
{
    enum { MOST = TIE_MAX + 1 };
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    struct obs list[MOST + 1];
    for (uint64_t i = 1; i <= MOST + 1; i++) {
        struct support_item item;
        char aid[16], title[32];
        snprintf(aid, sizeof(aid), "%d", (int)i);
        snprintf(title, sizeof(title), "%d번째 다리", (int)i);
        const struct visit v = { "월요일", aid, 100, title, NULL, 0, 0, 0 };
        assert_ok(append(f->store, &v, &item));
        list[i - 1] = (struct obs){ .ordinal = 1, .time_s = 100, .version = i };
    }
    for (size_t n = MOST; n <= MOST + 1; n++) {
        CLEANUP(buf_release) struct buf links = BUF_INIT;
        const int r = chain_derive(s, s->txn, list, n, &links);
        assert_int_equal(r, n > MOST ? SILLOK_EINVALID : 0);
        const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
        assert_int_equal(links.len / sizeof(*l), MOST);
        for (unsigned i = 0; i < MOST; i++)
            assert_int_equal(l[i].tie, i);
    }
    f->store->ops->abort(f->store);
}

/* --- texts that nothing needs --- */

static void put_text(struct sillok_store *store, int64_t at, const char *body)
{
    struct support_item s;
    struct store_worker *w;
    struct store_item *item = support_item(&s, hasher, "001", "1", at, "다리", body);
    assert_ok(store->ops->worker_new(store, 0, &w));
    assert_ok(store->ops->worker_begin(w));
    assert_ok(store->ops->prepare(w, item));
    store->ops->worker_end(w);
    store->ops->worker_free(w);
    assert_ok(store->ops->begin(store, "월요일"));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    assert_ok(store->ops->commit(store));
    store->ops->prepared_free(item->prepared);
}

/* A text that no version shows stays as long as another rests on it. */
static void what_a_difference_rests_on_stays(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    CLEANUP(buf_release)
    struct buf text = BUF_INIT, row = BUF_INIT, got = BUF_INIT;
    struct body_row body;
    struct sillok_text v;
    struct sillok_id id;
    uint8_t key[ID_BYTES];
    uint64_t n = 9;
    for (int i = 0; i < 60; i++)
        assert_ok(buf_printf(&text, "%d번째 다리를 %d년에 놓는다. ", i * 37, 2000 + i));
    assert_ok(buf_add_char(&text, '\0'));
    put_text(f->store, 100, text.ptr);
    text.ptr[text.len - 2] = '!';
    put_text(f->store, 200, text.ptr);
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(body_row_get(s->txn, 2, &body));
    assert_int_equal(body.codec, CODEC_DELTA);
    assert_int_equal(body.base, 1);
    id = body.id;
    /* The first version shows the second text from now on. */
    assert_int_equal(kv_get(s->txn, T_VERSION, key_id(key, 1), &v), 1);
    assert_ok(buf_add(&row, v.ptr, v.len - ROW_SUM_BYTES));
    assert_int_equal(row.ptr[0], 1);
    row.ptr[0] = 2;
    assert_ok(row_seal(&row));
    assert_ok(kv_put(s->txn, T_VERSION, key_id(key, 1), buf_text(&row), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    assert_ok(f->store->ops->delete_unreferenced(f->store, &n));
    assert_int_equal(n, 0);
    assert_ok(f->store->ops->body_get(f->store, &id, &got));
    assert_true(text_is(buf_text(&got), text.ptr));
}

/* --- any order --- */

enum { VISITS = 4, TIMES = 4, CONTENTS = 3, A_VISIT = TIMES * CONTENTS };
enum { ORDERS = A_VISIT * A_VISIT * A_VISIT * A_VISIT };

/* An article for each way in which VISITS visits can have TIMES times and CONTENTS
 * contents, taken in one visit after the other. What verify says is derived from all
 * visits of an article at once, in the order of their times. */
static void take_in_all_orders(struct sillok_store *store, const char *const *crawls,
                               int one_batch)
{
    static const char *const titles[CONTENTS] = { "다리", "The bridge", "橋" };
    struct sillok_stats stats;
    char aid[16];
    for (int round = 0, place = 1; round < VISITS; round++, place *= A_VISIT) {
        for (int i = 0; i < ORDERS; i++) {
            const int visit = i / place % A_VISIT;
            const struct visit v = { .crawl = crawls[round],
                                     .aid = aid,
                                     .at = 100 + visit % TIMES,
                                     .title = titles[visit / TIMES] };
            struct support_item s;
            snprintf(aid, sizeof(aid), "%d", i);
            assert_ok(append(store, &v, &s));
        }
        if (!one_batch || round == VISITS - 1)
            assert_ok(store->ops->commit(store));
    }
    assert_ok(store->ops->stats(store, &stats));
    assert_int_equal(stats.articles, ORDERS);
    assert_int_equal(support_verify(store), 0);
}

static void visits_of_crawls_in_any_order(void **state)
{
    static const char *const crawls[VISITS] = { "화요일", "월요일", "수요일", "목요일" };
    const struct support_fixture *f = *state;
    take_in_all_orders(f->store, crawls, 0);
}

/* None of them stands in a segment before the end. */
static void visits_of_one_batch_in_any_order(void **state)
{
    static const char *const crawls[VISITS] = { "월요일", "월요일", "월요일", "월요일" };
    const struct support_fixture *f = *state;
    take_in_all_orders(f->store, crawls, 1);
}

/* The times of what a crawl saw of article 1. */
static void assert_visits(struct sillok_store *store, const char *crawl, const char *want)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT, got = BUF_INIT;
    const uint32_t no = crawl_named(store, crawl).no;
    assert_ok(store->ops->obs_scan_crawl(store, 1, no, &all));
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    for (size_t i = 0; i < all.len / sizeof(*o); i++) {
        assert_int_equal(o[i].crawl, no);
        assert_ok(buf_printf(&got, "%s%lld", i ? " " : "", (long long)o[i].time_s));
    }
    assert_ok(buf_add_char(&got, '\0'));
    assert_string_equal(got.ptr, want);
}

static void visits_of_one_crawl_alone(void **state)
{
    static const struct visit visits[] = {
        { "월요일", "1", 300, "다리", "a/1.md", 0, OBS_NEW_ARTICLE, 0 },
        { "화요일", "1", 300, "다리", "b/1.md", 0, OBS_ALREADY, 0 },
        { "화요일", "1", 400, "The bridge", "b/2.md", 0, OBS_CHANGED, 0 },
        { "월요일", "1", 100, "橋", "a/2.md", 0, OBS_CHANGED, 0 },
        { "수요일", "2", 100, "橋", "c/1.md", 0, OBS_NEW_ARTICLE, 0 },
    };
    const struct support_fixture *f = *state;
    take_in(f->store, visits, sizeof(visits) / sizeof(visits[0]));
    assert_visits(f->store, "월요일", "100 300");
    assert_visits(f->store, "화요일", "300 400");
    assert_visits(f->store, "수요일", "");
}

/* A batch is not ended by it. */
static void nothing_is_removed_inside_a_batch(void **state)
{
    static const struct visit v = { "월요일", "1", 100, "다리", NULL, 0, 1, 0 };
    const struct support_fixture *f = *state;
    struct support_item s;
    struct sillok_stats stats;
    uint64_t n = 9;
    assert_ok(append(f->store, &v, &s));
    assert_int_equal(f->store->ops->delete_unreferenced(f->store, &n), SILLOK_EINVALID);
    assert_string_equal(sillok_error_message(), "a batch is open");
    assert_int_equal(n, 0);
    assert_non_null(lmdb_of(f->store)->txn);
    f->store->ops->abort(f->store); /* nothing of it was committed */
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.articles, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(a_file_of_two_crawls_comes_again),
        T(a_conflict_is_told_once),
        T(files_in_conflict_are_counted),
        T(a_hash_that_was_declared_wrong_is_counted),
        T(one_of_many_files_at_one_time),
        T(a_second_content_beside_many_files),
        T(a_block_ends_with_an_article),
        T(there_are_only_so_many_folders),
        T(a_folder_is_given_up_with_its_batch),
        T(a_folder_with_the_hash_of_another_has_no_number),
        T(a_key_that_was_given_up_is_not_written),
        T(a_key_of_another_writer_is_kept),
        T(a_row_with_more_keys_than_articles),
        T(a_chain_is_of_its_article),
        T(a_chain_of_one_moment),
        T(what_a_difference_rests_on_stays),
        T(visits_of_crawls_in_any_order),
        T(visits_of_one_batch_in_any_order),
        T(visits_of_one_crawl_alone),
        T(nothing_is_removed_inside_a_batch),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
