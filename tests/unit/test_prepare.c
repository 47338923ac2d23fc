/*
 * What is found out ahead of a batch, what is looked at once and remembered, and where a
 * search ends: short cuts, which must neither be left out nor taken where they lead
 * elsewhere. Rows that are not what was written show which way was gone; what is asked
 * beside them has its answer, what rests on them is told, each time anew.
 */
#include "support_item.h"

#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hasher *hasher;

static struct store_item *make(struct support_item *s, const char *oid, unsigned aid,
                               int64_t at, const char *title, const char *body)
{
    char number[16];
    snprintf(number, sizeof(number), "%u", aid);
    return support_item(s, hasher, oid, number, at, title, body);
}

/* Looked at ahead by a reading thread, as ingest does. */
static int prepare_as(struct support_fixture *f, int as_is, struct store_item *item)
{
    struct store_worker *w;
    assert_ok(f->store->ops->worker_new(f->store, as_is, &w));
    assert_ok(f->store->ops->worker_begin(w));
    const int r = f->store->ops->prepare(w, item);
    f->store->ops->worker_end(w);
    f->store->ops->worker_free(w);
    return r;
}

static int prepare(struct support_fixture *f, struct store_item *item)
{
    return prepare_as(f, 0, item);
}

static void put_all(struct support_fixture *f, const char *crawl,
                    struct store_item **items, size_t n)
{
    assert_ok(f->store->ops->begin(f->store, crawl));
    assert_ok(f->store->ops->body_put(f->store, items, n));
    assert_ok(f->store->ops->obs_append(f->store, items, n));
    assert_ok(f->store->ops->commit(f->store));
    for (size_t i = 0; i < n; i++)
        f->store->ops->prepared_free(items[i]->prepared);
}

static enum obs_outcome put_into(struct support_fixture *f, const char *crawl,
                                 const char *oid, unsigned aid, int64_t at,
                                 const char *title, const char *body)
{
    struct support_item s;
    struct store_item *item = make(&s, oid, aid, at, title, body);
    assert_ok(prepare(f, item));
    put_all(f, crawl, &item, 1);
    return item->outcome;
}

static enum obs_outcome put(struct support_fixture *f, const char *oid, unsigned aid,
                            int64_t at, const char *title, const char *body)
{
    return put_into(f, "crawl", oid, aid, at, title, body);
}

static uint64_t article(struct support_fixture *f, const char *oid, unsigned aid)
{
    struct article_key key;
    uint64_t n = 0;
    char text[16];
    snprintf(text, sizeof(text), "%u", aid);
    article_key_make(&key, text_of(oid), text_of(text));
    assert_int_equal(f->store->ops->article_find(f->store, &key, &n), 1);
    return n;
}

/* --- rows that are not what was written --- */

/* The row of @p table under @p key with its bytes from @p at on being the @p len of
 * @p with; cut there where @p with is NULL. */
static void change_bytes(struct support_fixture *f, int table, struct sillok_text key,
                         size_t at, const char *with, size_t len)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct sillok_text v;
    struct lmdb_store *s = lmdb_of(f->store);
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_int_equal(kv_get(s->txn, table, key, &v), 1);
    assert_ok(buf_add_text(&row, v));
    assert_true(at < row.len);
    if (with)
        memcpy(row.ptr + at, with, len);
    else
        row.len = at;
    assert_ok(kv_put(s->txn, table, key, text_make(row.ptr, row.len), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
}

static void change(struct support_fixture *f, int table, struct sillok_text key,
                   size_t at, const char *with)
{
    change_bytes(f, table, key, at, with, with ? strlen(with) : 0);
}

static struct sillok_text body_key(uint64_t body)
{
    static uint8_t key[ID_BYTES];
    return key_id(key, body);
}

static void assert_told(int r, const char *said)
{
    assert_int_equal(r, SILLOK_ECORRUPT);
    if (!strstr(sillok_error_message(), said))
        fail_msg("'%s', not '%s'", sillok_error_message(), said);
}

static const char long_ko[] =
    "시는 내년 예산을 천이백억 원으로 정했다고 밝혔다. 도서관 세 곳과 다리 하나가 새로 생긴다. "
    "The council will vote on the budget in March. 주민 설명회는 열두 차례 열린다.";
static const char long_ko_2[] =
    "시는 내년 예산을 천삼백억 원으로 정했다고 밝혔다. 도서관 세 곳과 다리 하나가 새로 생긴다. "
    "The council will vote on the budget in March. 주민 설명회는 열두 차례 열린다.";
static const char long_ko_3[] =
    "시는 내년 예산을 천사백억 원으로 정했다고 밝혔다. 도서관 세 곳과 다리 하나가 새로 생긴다. "
    "The council will vote on the budget in April. 주민 설명회는 열두 차례 열린다.";

static void rows_of_a_list_are_told(void **state)
{
    struct support_fixture *f = *state;
    struct article_key after = { .len = 0 }, key;
    uint64_t n;
    put(f, "001", 1, 100, "예산", long_ko);
    put(f, "002", 1, 100, "예산", long_ko);
    struct article_key second;
    article_key_make(&second, text_of("002"), text_of("1"));
    change(f, T_ARTICLE, article_key_text(&second), 2 * ID_BYTES - 1, NULL);
    assert_int_equal(f->store->ops->article_next(f->store, &after, &key, &n), 1);
    assert_true(text_is(article_key_oid(&key), "001"));
    after = key;
    assert_told(f->store->ops->article_next(f->store, &after, &key, &n),
                "the row of an article has 9 bytes");
}

static void refusals_that_were_changed_are_told(void **state)
{
    static const struct store_refusal refusal = { .path = { "나쁜.md", 9 },
                                                  .code = "empty",
                                                  .reason = "the file is empty",
                                                  .original = { "bytes", 5 },
                                                  .size_bytes = 5 };
    struct support_fixture *f = *state;
    CLEANUP(buf_release)
    struct buf cursor = BUF_INIT, record = BUF_INIT, out = BUF_INIT;
    struct sillok_refusal got;
    char hex[33];
    int is_new;
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(f->store->ops->refuse(f->store, &refusal, &is_new));
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(f->store->ops->refusal_scan(f->store, &cursor, &record, &got, hex),
                     1);
    assert_true(text_is(got.name, "나쁜.md"));
    change(f, T_REFUSAL, text_make(cursor.ptr, cursor.len), 4, "X"); /* in its name */
    buf_clear(&cursor);
    assert_told(f->store->ops->refusal_scan(f->store, &cursor, &record, &got, hex),
                "the row of a refusal does not have its checksum");
    assert_told(f->store->ops->refusal_get(f->store, hex, &out),
                "the row of a refusal does not have its checksum");
    assert_int_equal(out.len, 0);
}

/* --- bodies --- */

static void counts(struct support_fixture *f, uint64_t bodies, uint64_t deltas)
{
    struct sillok_stats stats;
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.bodies, bodies);
    assert_int_equal(stats.bodies_delta, deltas);
}

/* Little is changed, so little is stored; and never against what is a difference itself.
 */
static void little_changes_are_stored_as_such(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    struct sillok_id id;
    put(f, "001", 1, 100, "예산", long_ko);
    put(f, "001", 1, 200, "예산", long_ko_2);
    put(f, "001", 1, 300, "예산", long_ko_3);
    counts(f, 3, 2);
    struct sillok_stats stats;
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.files_bytes, 3 * 100); /* what make() says of a file */
    assert_int_equal(stats.body_bytes_seen, 3 * strlen(long_ko));
    assert_ok(hasher_of(hasher, text_of(long_ko_3), &id));
    assert_ok(f->store->ops->body_get(f->store, &id, &body));
    assert_true(text_is(text_make(body.ptr, body.len), long_ko_3));
    const size_t base = 1 + sizeof(id.bytes) + 2; /* behind codec, id and length */
    change(f, T_BODY, body_key(3), base, "\2");
    buf_clear(&body);
    assert_told(f->store->ops->body_get(f->store, &id, &body),
                "body number 3 rests on a body that is not full");
    assert_int_equal(support_verify(f->store) > 0, 1);
}

/* The last row of a table that is counted. */
static void remove_last(struct support_fixture *f, int table)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    struct lmdb_store *s = lmdb_of(f->store);
    char key[100];
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_cursor_open(&c, s->txn, table));
    assert_int_equal(kv_prev(c, &k, &v), 1);
    const size_t n = k.len;
    assert_true(n < sizeof(key));
    memcpy(key, k.ptr, n);
    kv_cursor_close(c);
    assert_int_equal(kv_delete(s->txn, table, text_make(key, n)), 1);
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
}

/* Lists that are read whole: without their last row they would look like others. */
static void lists_that_lack_a_row(void **state)
{
    static const struct {
        int table;
        const char *said;
    } cases[] = { { T_DIR, "1 folders are counted, 0 are there" },
                  { T_SEG, "1 segments are counted, 0 are there" },
                  { T_CRAWL, "1 crawls are counted, 0 are there" } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(i ? support_set_up(state) : 0, 0);
        struct support_fixture *f = *state;
        struct support_item sent;
        struct sillok_stats stats;
        struct store_item *item = make(&sent, "001", 1, 100, "예산", long_ko);
        item->path = text_of("가/1.md");
        put_all(f, "crawl", &item, 1);
        remove_last(f, cases[i].table);
        char *path = strdup(f->store->path);
        sillok_store_close(f->store);
        f->store = NULL;
        struct sillok_store *again = NULL;
        int r = sillok_store_open(&again, path, NULL);
        if (r == 0)
            r = again->ops->stats(again, &stats);
        assert_told(r, cases[i].said);
        sillok_store_close(again);
        free(path);
        if (i + 1 < sizeof(cases) / sizeof(cases[0]))
            assert_int_equal(support_tear_down(state), 0);
    }
}

/* Two visits that were looked at before either was in: the second step is another one than
 * the one that was classed ahead. */
static void a_step_has_its_own_class(void **state)
{
    struct support_fixture *f = *state;
    struct support_item b, c;
    put(f, "001", 1, 100, "예산", long_ko);
    struct store_item *items[] = { make(&b, "001", 1, 200, "예산", long_ko_2),
                                   make(&c, "001", 1, 300, "예산 확정", long_ko_2) };
    assert_ok(prepare(f, items[0]));
    assert_ok(prepare(f, items[1]));
    put_all(f, "crawl", items, 2);
    assert_int_equal(support_verify(f->store), 0);
}

/* For a first import that is to be fast. How texts pack that nobody has packed is not known:
 * it says nothing of a dictionary. */
static void what_is_put_in_as_it_is(void **state)
{
    struct support_fixture *f = *state;
    const struct age *age = &lmdb_of(f->store)->state.counters.age;
    struct support_item sent;
    struct sillok_stats stats;
    char text[3000] = "";
    for (int i = 0; i < 120; i++)
        strcat(text, "가나다라 마바사. ");
    struct store_item *item = make(&sent, "001", 1, 100, "예산", text);
    assert_ok(prepare_as(f, 1, item));
    put_all(f, "crawl", &item, 1);
    assert_ok(f->store->ops->stats(f->store, &stats));
    const uint64_t as_it_is = stats.body_bytes_stored;
    assert_true(as_it_is >= strlen(text));
    assert_int_equal(age->raw, 0);
    text[0] = '!';
    put(f, "002", 2, 100, "예산", text);
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_true(stats.body_bytes_stored < as_it_is + strlen(text) / 2);
    assert_int_equal(age->raw, strlen(text));
    assert_int_equal(support_verify(f->store), 0);
}

/* An eighth of the text is little, whatever the text would pack to by itself; a text that
 * has nothing of the one before is stored whole. */
static void an_eighth_is_taken_for_little(void **state)
{
    struct support_fixture *f = *state;
    char text[2000] = "", edited[2000];
    for (int i = 0; i < 80; i++)
        strcat(text, "가나다라 마바사. ");
    memcpy(edited, text, sizeof(text));
    edited[600] = edited[601] = edited[602] = '!';
    put(f, "001", 1, 100, "예산", text);
    put(f, "001", 1, 200, "예산", edited);
    counts(f, 2, 1);
    put(f, "001", 1, 300, "예산", "Nothing of it stands any more.");
    counts(f, 3, 1);
    assert_int_equal(support_verify(f->store), 0);
}

/* A difference against what cannot be read would be one against anything. */
static void what_rests_on_a_damaged_body_is_refused(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s;
    put(f, "001", 1, 100, "예산", long_ko);
    change(f, T_BODY, body_key(1), 1 + 32 + 2 + 20, "XXXXXXXX");
    struct store_item *item = make(&s, "001", 1, 200, "예산", long_ko_2);
    assert_told(prepare(f, item), "body number 1");
    assert_null(item->prepared);
}

/* The text that an article showed before is kept for it alone: the next one, whose older
 * text rests on none, is not stored as a difference against it. */
static void what_was_shown_is_kept_for_one(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s[2];
    struct store_worker *w;
    put(f, "001", 1, 100, "예산", long_ko);
    put(f, "001", 1, 200, "예산", long_ko_2); /* a difference against body 1 */
    put(f, "001", 2, 100, "항만", "부산항의 물동량이 석 달째 늘었다. 항만공사가 밝혔다.");
    change_bytes(f, T_BODY, body_key(2), 1 + 32 + 2, "", 1); /* now against body 0 */
    struct store_item *other = make(&s[0], "001", 2, 300, "항만", "물동량이 줄었다."),
                      *older = make(&s[1], "001", 1, 150, "예산", "예산이 없다.");
    assert_ok(f->store->ops->worker_new(f->store, 0, &w));
    assert_ok(f->store->ops->worker_begin(w));
    assert_ok(f->store->ops->prepare(w, other));
    assert_told(f->store->ops->prepare(w, older), "body number 0");
    f->store->ops->worker_end(w);
    f->store->ops->prepared_free(other->prepared);
    f->store->ops->worker_free(w);
}

/* Which article shows which text is known without the hashes of the texts. */
static void what_is_unchanged_needs_no_hash(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s;
    put(f, "001", 1, 100, "예산", long_ko);
    struct store_item *item = make(&s, "001", 1, 200, "예산", long_ko);
    assert_ok(prepare(f, item));
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_clear(lmdb_of(f->store)->txn, T_HASH));
    lmdb_of(f->store)->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    put_all(f, "crawl", &item, 1);
    assert_int_equal(item->outcome, OBS_UNCHANGED);
    assert_int_equal(item->body_new, 0);
    counts(f, 1, 0);
}

/* What is known ahead is not packed: a text that another article has, and an article that
 * shows what it did. */
static void what_is_known_is_not_packed(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s[3];
    put(f, "001", 1, 100, "예산", long_ko);
    struct store_item *other = make(&s[0], "002", 1, 200, "다른 예산", long_ko),
                      *same = make(&s[1], "001", 1, 200, "예산", long_ko),
                      *fresh = make(&s[2], "001", 1, 300, "예산", long_ko_2);
    assert_ok(prepare(f, other));
    assert_int_equal(other->prepared->body, 1);
    assert_int_equal(other->prepared->version, 0);
    assert_int_equal(other->prepared->payload.len, 0);
    assert_true(other->prepared->record.len > 0);
    assert_ok(prepare(f, same));
    assert_int_equal(same->prepared->body, 1);
    assert_int_equal(same->prepared->version, 1);
    assert_int_equal(same->prepared->same_name, 1);
    assert_int_equal(same->prepared->payload.len + same->prepared->record.len, 0);
    assert_ok(prepare(f, fresh));
    assert_int_equal(fresh->prepared->body, 0);
    assert_int_equal(fresh->prepared->newest, 1);
    assert_true(fresh->prepared->payload.len > 0);
    assert_true(fresh->prepared->record.len > 0);
    assert_true(fresh->prepared->class_row.len > 0);
    f->store->ops->prepared_free(other->prepared);
    f->store->ops->prepared_free(same->prepared);
    f->store->ops->prepared_free(fresh->prepared);
}

/* Hashes stand in their order: behind those that begin as it does no hash is looked at.
 */
static void a_hash_is_looked_for_among_its_own(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_id none = { { 0 } };
    uint8_t other[HASH_PREFIX + ID_BYTES] = { 0x80 };
    struct lmdb_store *s = lmdb_of(f->store);
    int has = 7;
    put_be(other + HASH_PREFIX, 999, ID_BYTES); /* there is no such body */
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_put(s->txn, T_HASH, text_of("h"),
                     text_make((const char *)other, sizeof(other)), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    none.bytes[0] = 0x7f;
    assert_ok(f->store->ops->body_has(f->store, &none, 1, &has));
    assert_int_equal(has, 0);
    none.bytes[0] = 0x80;
    assert_told(f->store->ops->body_has(f->store, &none, 1, &has),
                "body number 999 is missing");
    assert_int_equal(support_reindex(f->store, 1), 1); /* one too many */
    assert_int_equal(support_reindex(f->store, 0), 1);
    assert_int_equal(support_reindex(f->store, 1), 0);
}

/* --- bodies that came since a thread has looked --- */

/* A record that leads to a body that is not there: whoever looks for the hash says so. */
static void put_trap(struct support_fixture *f, const struct sillok_id *id)
{
    struct lmdb_store *s = lmdb_of(f->store);
    uint8_t record[HASH_RECORD];
    memcpy(record, id->bytes, HASH_PREFIX);
    put_be(record + HASH_PREFIX, 999, ID_BYTES);
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_put(s->txn, T_HASH, text_of("h"),
                     text_make((const char *)record, sizeof(record)), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
}

static void a_body_that_came_meanwhile_is_known(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s[3];
    struct store_item *items[3];
    put(f, "001", 1, 100, "예산", long_ko);
    for (unsigned i = 0; i < 3; i++) {
        items[i] = make(&s[i], "002", i + 1, 200, "예산안", long_ko_2);
        assert_ok(prepare(f, items[i]));
    }
    put(f, "003", 1, 100, "예산", long_ko_2);
    put_all(f, "crawl", &items[0], 1);
    assert_int_equal(items[0]->body_new, 0);
    for (unsigned i = 2; i < 6; i++)
        put(f, "003", i, 100, "예산", i % 2 ? "다른 글." : "또 다른 글.");
    put_all(f, "crawl", &items[1], 1);
    assert_int_equal(items[1]->body_new, 0);
    lmdb_of(f->store)->recent.older_since = UINT64_MAX; /* too long ago */
    put_all(f, "crawl", &items[2], 1);
    assert_int_equal(items[2]->body_new, 0);
    assert_int_equal(support_verify(f->store), 0);
}

static void what_no_commit_brought_is_not_looked_for(void **state)
{
    struct support_fixture *f = *state;
    struct lmdb_store *store = lmdb_of(f->store);
    struct support_item s[3];
    struct store_item *items[3];
    put(f, "001", 1, 100, "예산", long_ko);
    for (unsigned i = 0; i < 3; i++) {
        items[i] = make(&s[i], "002", i + 1, 200, "예산안",
                        i == 0   ? "첫 글."
                        : i == 1 ? "둘째 글."
                                 : "셋째 글.");
        assert_ok(prepare(f, items[i]));
    }
    for (unsigned i = 0; i < 3; i++)
        put_trap(f, &items[i]->article->content_hash);
    put_all(f, "crawl", &items[0], 1);
    assert_int_equal(items[0]->body_new, 1);
    for (unsigned i = 1; i < 3; i++) {
        if (i == 1)
            store->recent.upto--; /* as if another process had written */
        else
            store->recent.older_since = UINT64_MAX;
        assert_ok(f->store->ops->begin(f->store, "crawl"));
        assert_told(f->store->ops->body_put(f->store, &items[i], 1), "body number 999");
        f->store->ops->abort(f->store);
        f->store->ops->prepared_free(items[i]->prepared);
    }
}

static struct sillok_id numbered(uint64_t n)
{
    struct sillok_id id = { { 0 } };
    put_be(id.bytes, n * 0x9e3779b97f4a7c15U, 8);
    return id;
}

/* Commits of so many bodies that lists fill up: what is behind the older list, nobody
 * says to be missing. */
static void the_last_commits_are_remembered(void **state)
{
    enum { N = 8000 };
    struct recent r = { 0 };
    struct sillok_id *ids = calloc(N, sizeof(*ids)), id;
    (void)state;
    assert_non_null(ids);
    recent_begin(&r, 10);
    for (uint64_t commit = 11; commit <= 15; commit++) {
        for (uint64_t i = 0; i < N; i++)
            ids[i] = numbered(commit * N + i);
        recent_commit(&r, ids[0].bytes, N, sizeof(*ids));
        recent_begin(&r, commit);
        id = numbered(commit * N + 1);
        assert_int_equal(recent_lacks(&r, &id, commit), 0); /* it is there */
        id = numbered(1);
        assert_int_equal(recent_lacks(&r, &id, commit), 1);
        assert_int_equal(recent_lacks(&r, &id, 0), 0);
    }
    /* 13 and 14 stand in the older list, 15 in the newer. */
    assert_int_equal(recent_lacks(&r, &id, 12), 1);
    assert_int_equal(recent_lacks(&r, &id, 11), 0);
    id = numbered(13 * N + 7);
    assert_int_equal(recent_lacks(&r, &id, 12), 0);
    recent_commit(&r, ids[0].bytes, 0, 1);
    recent_begin(&r, 17); /* not 16 */
    id = numbered(1);
    assert_int_equal(recent_lacks(&r, &id, 16), 0);
    assert_int_equal(recent_lacks(&r, &id, 17), 1);
    recent_release(&r);
    free(ids);
}

/* --- steps --- */

static void steps_are_classed_ahead(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf left = BUF_INIT, refs = BUF_INIT, cursor = BUF_INIT;
    struct sillok_change_class what;
    for (unsigned aid = 1; aid <= 3; aid++)
        put(f, "001", aid, 100, "예산", long_ko);
    for (unsigned aid = 1; aid <= 3; aid++)
        put(f, "001", aid, 200, "예산안", long_ko);
    assert_ok(f->store->ops->class_left(f->store, &left));
    assert_int_equal(left.len, 0);
    assert_ok(f->store->ops->change_scan(f->store, 0, 999, 9, &cursor, &refs));
    const struct change_ref *r = (const struct change_ref *)(void *)refs.ptr;
    assert_int_equal(refs.len / sizeof(*r), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(f->store->ops->class_get(f->store, &r[i].step, &what, NULL), 1);
        assert_int_equal(what.kind, SILLOK_KIND_HEADLINE);
        /* What is not there is not what was there before. */
        const struct store_step back = { r[i].step.to, r[i].step.from };
        assert_int_equal(f->store->ops->class_get(f->store, &back, &what, NULL), 0);
    }
}

/* What comes in before all others makes no step anew but its own. */
static void steps_behind_stay(void **state)
{
    static const char *const titles[] = { "가", "나", "다", "라", "마" };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    for (int i = 0; i < 5; i++)
        put(f, "001", 1, 100 + i, titles[i], long_ko);
    put(f, "001", 1, 50, "바", long_ko);
    assert_ok(f->store->ops->class_left(f->store, &left));
    assert_int_equal(left.len / sizeof(struct store_step), 1);
    buf_clear(&left);
    put(f, "001", 1, 102, "사", long_ko); /* at one time with another */
    assert_ok(f->store->ops->class_left(f->store, &left));
    assert_true(left.len / sizeof(struct store_step) <= 3);
    assert_int_equal(support_verify(f->store), 0);
}

/* --- visits --- */

/* At one moment, as their versions are ordered, whichever came first. */
static void visits_of_one_moment_have_an_order(void **state)
{
    static const char *const titles[] = { "가", "나", "다", "라" };
    struct support_fixture *f = *state;
    struct sillok_text title[2][4];
    CLEANUP(buf_release) struct buf visits = BUF_INIT, texts = BUF_INIT;
    struct store_version v;
    assert_ok(buf_reserve(&texts, 100));
    store_version_init(&v);
    for (int i = 0; i < 4; i++) {
        put(f, "001", 1, 100, titles[i], long_ko);
        put(f, "001", 2, 100, titles[3 - i], long_ko);
    }
    for (unsigned aid = 1; aid <= 2; aid++) {
        buf_clear(&visits);
        assert_ok(f->store->ops->obs_scan(f->store, article(f, "001", aid), &visits));
        const struct chain_obs *o = (const struct chain_obs *)(void *)visits.ptr;
        assert_int_equal(visits.len / sizeof(*o), 4);
        for (int i = 0; i < 4; i++) {
            assert_ok(f->store->ops->version_get(f->store, o[i].version, 0, &v));
            const struct sillok_text t = v.article.fields[SILLOK_TITLE];
            title[aid - 1][i] = text_make(texts.ptr + texts.len, t.len);
            assert_ok(buf_add_text(&texts, t));
        }
    }
    for (int i = 0; i < 4; i++)
        assert_true(text_equal(title[0][i], title[1][i]));
    store_version_release(&v);
}

/* Two blocks of one crawl, and the second cannot be read. */
static void fill_two_blocks(struct support_fixture *f, const char *crawl, int64_t at)
{
    enum { N = OBS_PER_BLOCK + 10 };
    struct support_item *sent = calloc(N, sizeof(*sent));
    struct store_item **items = calloc(N, sizeof(*items));
    for (unsigned i = 0; i < N; i++)
        items[i] = make(&sent[i], "001", i + 1, at, "제목", "짧은 글");
    put_all(f, crawl, items, N);
    free(items);
    free(sent);
}

static struct sillok_text block_key(uint32_t segment, uint64_t ordinal)
{
    static uint8_t key[4 + ID_BYTES];
    put_be(key, segment, 4);
    put_be(key + 4, ordinal, ID_BYTES);
    return text_make((const char *)key, sizeof(key));
}

static void a_block_is_told_each_time(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf visits = BUF_INIT;
    fill_two_blocks(f, "mon", 100);
    change(f, T_OBS, block_key(1, OBS_PER_BLOCK + 1), 5, "XXX");
    for (int i = 0; i < 3; i++) {
        buf_clear(&visits);
        assert_ok(f->store->ops->obs_scan(f->store, 5, &visits));
        assert_int_equal(visits.len, sizeof(struct chain_obs));
        for (int again = 0; again < 2; again++)
            assert_told(f->store->ops->obs_scan(f->store, OBS_PER_BLOCK + 5, &visits),
                        "segment 1");
    }
}

/* A crawl that is newer than all before it asks none of them. */
static void a_newer_crawl_asks_no_older_one(void **state)
{
    struct support_fixture *f = *state;
    struct support_item s;
    put(f, "001", 1, 100, "예산", long_ko);
    put_into(f, "another", "001", 1, 200, "예산안", long_ko);
    change(f, T_OBS, block_key(1, 1), 0, "X");
    change(f, T_OBS, block_key(2, 1), 0, "X");
    assert_int_equal(put(f, "001", 1, 300, "새 예산", long_ko), OBS_CHANGED);
    /* Who comes between them must ask. */
    struct store_item *item = make(&s, "001", 1, 150, "옛 예산", long_ko);
    assert_ok(prepare(f, item));
    assert_ok(f->store->ops->begin(f->store, "old"));
    assert_ok(f->store->ops->body_put(f->store, &item, 1));
    assert_told(f->store->ops->obs_append(f->store, &item, 1), "segment");
    f->store->ops->abort(f->store);
    f->store->ops->prepared_free(item->prepared);
}

/* What every question needs is read when the store is opened, and told then. */
static void a_store_is_looked_at_when_it_is_opened(void **state)
{
    struct support_fixture *f = *state;
    uint8_t key[4];
    char *path = support_path(f->folder, "store");
    put(f, "001", 1, 100, "예산", long_ko);
    change(f, T_SEG, key_u32(key, 1), 0, "X");
    sillok_store_close(f->store);
    assert_told(sillok_store_open(&f->store, path, NULL), "a segment");
    f->store = NULL;
    free(path);
}

/* --- what is asked of one publisher --- */

static void one_publisher_is_not_in_the_others_way(void **state)
{
    struct support_fixture *f = *state;
    const struct sillok_export_options o = { .oid = "001" };
    struct sillok_export *it;
    struct sillok_export_file file;
    struct article_key last;
    put(f, "001", 1, 100, "예산", long_ko);
    put(f, "002", 1, 100, "예산", long_ko);
    put(f, "002", 2, 100, "예산", long_ko);
    article_key_make(&last, text_of("002"), text_of("2"));
    change(f, T_ARTICLE, article_key_text(&last), 3, NULL);
    assert_ok(sillok_export_open(&it, f->store, &o));
    assert_int_equal(sillok_export_next(it, &file), 1);
    assert_int_equal(sillok_export_next(it, &file), 0);
    sillok_export_close(it);
}

/* --- dictionaries --- */

/* Two hundred files are enough to learn from; what comes then is stored with it. */
static void a_first_batch_is_learned_from(void **state)
{
    enum { N = 400 };
    struct support_fixture *f = *state;
    struct sillok_stats stats;
    struct support_item *sent = calloc(N, sizeof(*sent));
    struct store_item **items = calloc(N, sizeof(*items));
    char(*texts)[600] = calloc(N, sizeof(*texts));
    for (unsigned i = 0; i < N; i++) {
        snprintf(
            texts[i], sizeof(*texts),
            "%u번 기사이다. 시장은 %u일 주민 %u명과 만나 다리를 놓겠다고 밝혔다. The "
            "mayor met %u people on day %u. %s",
            i, i % 31, i * 7, i * 7, i % 31, i % 2 ? long_ko : "새 소식은 없다.");
        items[i] = make(&sent[i], "001", i + 1, 100, texts[i], texts[i]);
    }
    assert_int_equal(f->store->ops->wants_study(f->store), 1);
    for (size_t n = 199; n <= N; n += N - 199) {
        assert_ok(f->store->ops->begin(f->store, "crawl"));
        assert_ok(f->store->ops->study(f->store, items, n));
        assert_ok(f->store->ops->commit(f->store));
        assert_int_equal(f->store->ops->wants_study(f->store), n == 199);
    }
    put_all(f, "crawl", items, N);
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.bodies, N);
    assert_true(stats.bodies_dictionary > N / 2);
    assert_int_equal(support_verify(f->store), 0);
    free(texts);
    free(items);
    free(sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(rows_of_a_list_are_told),
        T(refusals_that_were_changed_are_told),
        T(little_changes_are_stored_as_such),
        T(lists_that_lack_a_row),
        T(a_step_has_its_own_class),
        T(what_is_put_in_as_it_is),
        T(an_eighth_is_taken_for_little),
        T(what_rests_on_a_damaged_body_is_refused),
        T(what_was_shown_is_kept_for_one),
        T(what_is_unchanged_needs_no_hash),
        T(what_is_known_is_not_packed),
        T(a_hash_is_looked_for_among_its_own),
        T(a_body_that_came_meanwhile_is_known),
        T(what_no_commit_brought_is_not_looked_for),
        T(the_last_commits_are_remembered),
        T(steps_are_classed_ahead),
        T(steps_behind_stay),
        T(visits_of_one_moment_have_an_order),
        T(a_block_is_told_each_time),
        T(a_newer_crawl_asks_no_older_one),
        T(a_store_is_looked_at_when_it_is_opened),
        T(one_publisher_is_not_in_the_others_way),
        T(a_first_batch_is_learned_from),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
