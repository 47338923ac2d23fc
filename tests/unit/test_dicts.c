/* Dictionaries: which is gone by, and that none is lost with one of its two copies. */
#include "base/file.h"
#include "store/lmdb.h"
#include "store/recognize.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    size_t key_bytes; /* 0: no row */
    unsigned id;
    size_t len;
    const char *value; /* kind and content */
    int unsealed;
};

static void put_row(struct lmdb_store *s, const struct row *row)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    uint8_t key[8] = { 0 };
    put_be(key, row->id, 4);
    assert_ok(buf_add(&value, row->value, row->len));
    if (!row->unsealed)
        assert_ok(row_seal(&value));
    if (s->state.counters.dicts < row->id)
        s->state.counters.dicts = row->id;
    s->dirty = 1;
    assert_ok(kv_put(s->txn, T_DICT, text_make((char *)key, row->key_bytes),
                     text_make(value.ptr, value.len), 0));
}

static void dictionaries_are_loaded(void **state)
{
    static const struct {
        const char *what;
        struct row rows[3];
        int code;
        unsigned body, meta; /* that are gone by; 0: none */
        const char *said;
    } cases[] = {
        { "none", { { 0 } }, 0, 0, 0, "" },
        { "of bodies", { { 4, 1, 9, "\0texttext", 0 } }, 0, 1, 0, "" },
        { "of metadata", { { 4, 1, 9, "\1texttext", 0 } }, 0, 0, 1, "" },
        { "both",
          { { 4, 3, 9, "\0texttext", 0 }, { 4, 7, 9, "\1texttext", 0 } },
          0,
          3,
          7,
          "" },
        { "two of a kind",
          { { 4, 2, 9, "\0texttext", 0 },
            { 4, 3, 9, "\1texttext", 0 },
            { 4, 5, 9, "\0texttext", 0 } },
          0,
          5,
          3,
          "" },
        { "a long key",
          { { 5, 1, 9, "\0texttext", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "the table of dictionaries is damaged" },
        { "of no kind",
          { { 4, 1, 9, "\2texttext", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 1 is damaged" },
        { "empty",
          { { 4, 1, 0, "", 0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 1 is damaged" },
        { "without its sum",
          { { 4, 1, 20, "\0texttexttexttexttex", 1 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "a dictionary" },
        { "of another form",
          { { 4, 9, 13,
              "\0\x37\xa4\x30\xec"
              "texttext",
              0 } },
          SILLOK_ECORRUPT,
          0,
          0,
          "dictionary 9 cannot be used" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *folder = support_folder(), *path = support_path(folder, "store");
        struct sillok_store *store = support_store(folder);
        assert_ok(store->ops->begin(store, ""));
        for (int k = 0; k < 3 && cases[i].rows[k].key_bytes; k++)
            put_row(lmdb_of(store), &cases[i].rows[k]);
        assert_ok(store->ops->commit(store));
        sillok_store_close(store);
        assert_ok(sillok_store_open(&store, path, NULL));
        struct lmdb_store *s = lmdb_of(store);
        for (int again = 0; again < 2; again++) { /* known already then */
            const int r = store->ops->begin(store, "");
            if (r != cases[i].code ||
                (r < 0 && !strstr(sillok_error_message(), cases[i].said)))
                fail_msg("%s: %d: %s", cases[i].what, r, sillok_error_message());
            if (r < 0)
                break;
            const struct dict *body = s->current[DICT_BODY],
                              *meta = s->current[DICT_META];
            assert_int_equal(body ? dict_id(body) : 0, cases[i].body);
            assert_int_equal(meta ? dict_id(meta) : 0, cases[i].meta);
            assert_int_equal(lmdb_wants_study(store), !body || !meta);
            assert_ok(store->ops->commit(store));
        }
        sillok_store_close(store);
        free(path);
        support_remove(folder);
    }
}

/* What a batch brought goes with it. */
static void a_batch_that_is_given_up_takes_its_own_along(void **state)
{
    static const struct row first = { 4, 1, 9, "\0texttext", 0 },
                            second = { 4, 2, 9, "\0wordword", 0 };
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    const struct dict *d;
    (void)state;
    assert_ok(store->ops->begin(store, ""));
    store->ops->abort(store); /* there is none yet */
    assert_int_equal(s->n_dicts, 0);
    assert_ok(store->ops->begin(store, ""));
    put_row(s, &first);
    assert_ok(store->ops->commit(store));
    for (int given_up = 1; given_up >= 0; given_up--) {
        assert_ok(store->ops->begin(store, ""));
        assert_int_equal(dict_id(s->current[DICT_BODY]), 1);
        put_row(s, &second);
        assert_ok(dict_get(s, s->txn, 2, &d));
        s->current[DICT_BODY] = d;
        if (given_up)
            store->ops->abort(store);
        else
            assert_ok(store->ops->commit(store));
        assert_int_equal(s->n_dicts, given_up ? 1 : 2);
        assert_int_equal(dict_id(s->current[DICT_BODY]), given_up ? 1 : 2);
        assert_int_equal(s->state.counters.dicts, given_up ? 1 : 2);
    }
    assert_ok(store->ops->begin(store, ""));
    store->ops->abort(store); /* what was committed stays */
    assert_int_equal(s->n_dicts, 2);
    assert_int_equal(dict_id(s->current[DICT_BODY]), 2);
    sillok_store_close(store);
    support_remove(folder);
}

/* So it does where the store cannot be looked at then: no reader more is let in. */
static void it_goes_where_no_view_is_to_be_had(void **state)
{
    enum { MOST = 4096 };
    static struct kv_txn *views[MOST];
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    struct lmdb_store *s = lmdb_of(store);
    size_t n = 0;
    (void)state;
    assert_ok(buf_add(&text, "texttext", 8));
    assert_ok(store->ops->begin(store, ""));
    assert_ok(dict_put(s, DICT_BODY, buf_text(&text)));
    assert_ok(store->ops->commit(store));
    assert_ok(store->ops->begin(store, ""));
    for (int kind = 0; kind < N_DICT_KINDS; kind++)
        assert_ok(dict_put(s, (enum dict_kind)kind, buf_text(&text)));
    assert_int_equal(dict_id(s->current[DICT_BODY]), 2);
    while (n < MOST && kv_read(s->env, &views[n]) == 0)
        n++;
    assert_in_range(n, 1, MOST - 1);
    store->ops->abort(store);
    while (n > 0)
        kv_abort(views[--n]);
    assert_int_equal(s->n_dicts, 1);
    assert_int_equal(dict_id(s->current[DICT_BODY]), 1);
    assert_null(s->current[DICT_META]);
    sillok_store_close(store);
    support_remove(folder);
}

/* --- two copies --- */

enum { N_FILES = 300, PAGE = 4096 };
static struct buf whole = BUF_INIT, bytes = BUF_INIT, sums = BUF_INIT;
static char *folder, *path, *data, *seal;

static void write_files(const char *at, unsigned from, unsigned n)
{
    char *dir = support_path(folder, "crawl");
    for (unsigned i = from; i < from + n; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        char aid[16], text[700], name[40];
        snprintf(aid, sizeof(aid), "%010u", i);
        snprintf(
            text, sizeof(text),
            "시장은 %u일 주민 %u명과 만나 다리를 놓겠다고 밝혔다. %u년에는 시청 앞에서 "
            "%u번째 회의가 열린다. 시의회는 예산 %u원을 두고 의견을 나눈다. The mayor "
            "met %u people on day %u and the council will vote in %u days.",
            i % 31, i * 7, 2000 + i, i, i * 1013, i * 3, i % 12, i * 11);
        const struct support_file f = { "001", aid, at, "다리", text, 0, NULL };
        support_crawl_file(&file, &f);
        snprintf(name, sizeof(name), "001_%s.md", aid);
        char *to = support_path(dir, name);
        support_write(to, file.ptr, file.len);
        free(to);
    }
    free(dir);
}

static void take_in(void)
{
    struct sillok_store *s;
    char *dir = support_path(folder, "crawl");
    assert_ok(sillok_store_open(&s, path, NULL));
    support_ingest(s, "crawl", (const char *const[]){ dir }, 1);
    sillok_store_close(s);
    free(dir);
}

static void dump(struct buf *out, const char *store)
{
    struct sillok_store *s;
    buf_clear(out);
    assert_ok(sillok_store_open(&s, store, NULL));
    support_dump(out, s);
    sillok_store_close(s);
}

/* Of the first dictionary, or of the second copy of it. */
static void row_of(int table, struct buf *out)
{
    struct sillok_store *s;
    struct kv_txn *txn;
    struct sillok_text v;
    uint8_t key[4];
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_ok(view_begin(lmdb_of(s), &txn));
    buf_clear(out);
    const int r =
        kv_get(txn, table, table == T_DICT ? key_u32(key, 1) : text_of("dict 1"), &v);
    assert_ok(r);
    if (r > 0)
        assert_ok(buf_add_text(out, v));
    view_end(lmdb_of(s), txn);
    sillok_store_close(s);
}

static int set_up_copies(void **state)
{
    (void)state;
    folder = support_folder();
    path = support_path(folder, "store");
    data = support_path(path, "data.mdb");
    seal = support_path(path, "data.mdb-seal");
    char *dir = support_path(folder, "crawl");
    assert_int_equal(mkdir(dir, 0700), 0);
    free(dir);
    sillok_store_close(support_store(folder));
    write_files("2026-01-02T00:00:00Z", 1, N_FILES);
    take_in();
    dump(&whole, path);
    assert_ok(file_read(&bytes, data, (size_t)1 << 28));
    assert_ok(file_read(&sums, seal, (size_t)1 << 28));
    return 0;
}

static int tear_down_copies(void **state)
{
    (void)state;
    support_remove(folder);
    free(path);
    free(data);
    free(seal);
    buf_release(&whole);
    buf_release(&bytes);
    buf_release(&sums);
    return 0;
}

static void put_back(void)
{
    char *more = support_path(path, "data-1.mdb");
    char *marker = support_path(path, "format");
    if (access(more, F_OK) == 0) { /* it was compacted */
        struct sillok_store *s;
        char line[80];
        assert_ok(sillok_store_open(&s, path, NULL));
        snprintf(line, sizeof(line), "sillok 4 %s\n", lmdb_of(s)->uuid);
        sillok_store_close(s);
        assert_ok(kv_remove(more));
        support_write(marker, line, strlen(line));
    }
    support_write(data, bytes.ptr, bytes.len);
    support_write(seal, sums.ptr, sums.len);
    free(more);
    free(marker);
}

static size_t place_of(const struct buf *row)
{
    const char *hit = memmem(bytes.ptr, bytes.len, row->ptr, row->len);
    assert_non_null(hit);
    return (size_t)(hit - bytes.ptr);
}

static void a_second_copy_stands_apart(void **state)
{
    CLEANUP(buf_release) struct buf first = BUF_INIT, second = BUF_INIT, raw = BUF_INIT;
    (void)state;
    put_back();
    row_of(T_DICT, &first);
    row_of(T_META, &second);
    assert_ok(dict_unpack(text_make(second.ptr, second.len), &raw));
    assert_true(text_equal(text_make(raw.ptr, raw.len), text_make(first.ptr, first.len)));
    assert_true(second.len < first.len * 2 / 3);
    /* What the rest of the batch brought stands between them. */
    assert_true(place_of(&second) > place_of(&first) + first.len + 16 * PAGE);
}

/* What a program wrote that knew nothing of it, and one that took its dictionary away. */
static void a_store_without_second_copies_gets_them(void **state)
{
    CLEANUP(buf_release) struct buf before = BUF_INIT, after = BUF_INIT;
    struct sillok_store *s;
    (void)state;
    put_back();
    row_of(T_META, &before);
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_ok(s->ops->begin(s, ""));
    assert_int_equal(kv_delete(lmdb_of(s)->txn, T_META, text_of("dict 1")), 1);
    assert_int_equal(kv_delete(lmdb_of(s)->txn, T_META, text_of("dict 2")), 1);
    lmdb_of(s)->n_copied = lmdb_of(s)->n_loaded; /* as if it did not look */
    lmdb_of(s)->dirty = 1;
    assert_ok(s->ops->commit(s));
    assert_int_equal(support_verify(s), 0); /* and that is no damage */
    sillok_store_close(s);
    row_of(T_META, &after);
    assert_int_equal(after.len, 0);
    take_in(); /* nothing new */
    row_of(T_META, &after);
    assert_int_equal(after.len, 0);
    write_files("2026-01-03T00:00:00Z", N_FILES + 1, 1);
    take_in();
    row_of(T_META, &after);
    assert_true(
        text_equal(text_make(after.ptr, after.len), text_make(before.ptr, before.len)));
}

/* Each finding, one a line; negative when the check could not even begin. */
static int findings(struct buf *told)
{
    struct sillok_store *s;
    struct sillok_verify *it = NULL;
    struct sillok_verify_event e;
    buf_clear(told);
    int r = sillok_store_open(&s, path, NULL);
    if (r < 0)
        return r;
    r = sillok_verify_open(&it, s, NULL);
    while (r >= 0 && (r = sillok_verify_next(it, &e)) > 0)
        if (e.damage)
            assert_ok(buf_printf(told, "%s\n", e.what));
    assert_ok(buf_add_char(told, '\0'));
    sillok_verify_close(it);
    sillok_store_close(s);
    return r;
}

static int n_lost(const char *to)
{
    struct sillok_salvage *it;
    struct sillok_salvage_event e;
    int r, n = 0;
    support_remove(strdup(to));
    assert_ok(sillok_salvage_open(&it, path, to));
    while ((r = sillok_salvage_next(it, &e)) > 0)
        n += e.lost;
    assert_ok(r);
    sillok_salvage_close(it);
    return n;
}

static int compact(void)
{
    struct sillok_store *s;
    assert_ok(sillok_store_open(&s, path, NULL));
    const int r = support_compact(s, 3);
    sillok_store_close(s);
    return r;
}

static void flip(size_t at)
{
    char *copy = malloc(bytes.len);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    copy[at] ^= 0x10;
    put_back();
    support_write(data, copy, bytes.len);
    free(copy);
}

static void is_as_before(const struct buf *got)
{
    assert_true(
        text_equal(text_make(got->ptr, got->len), text_make(whole.ptr, whole.len)));
}

static int is_of(const char *told, const char *copy)
{
    return strstr(told, copy) && strstr(told, "compact mends this");
}

/* Every page of the file: where it is of a copy of a dictionary, every answer is as
 * before, nothing is lost, and compact mends it. */
static void a_page_of_one_copy_costs_nothing(void **state)
{
    CLEANUP(buf_release)
    struct buf told = BUF_INIT, got = BUF_INIT, first = BUF_INIT, second = BUF_INIT;
    char *to = support_path(folder, "out");
    size_t n_first = 0, n_second = 0;
    (void)state;
    put_back();
    row_of(T_DICT, &first);
    row_of(T_META, &second);
    for (size_t at = PAGE / 3; at < bytes.len; at += PAGE) {
        flip(at);
        if (findings(&told) < 0)
            continue;
        const int in_first = is_of(told.ptr, "its second copy is whole"),
                  in_second = is_of(told.ptr, "the second copy of dictionary");
        if (!in_first && !in_second)
            continue;
        n_first += (size_t)in_first;
        n_second += (size_t)in_second;
        assert_null(strstr(told.ptr, "version"));
        dump(&got, path);
        is_as_before(&got);
        assert_int_equal(n_lost(to), 0);
        dump(&got, to);
        is_as_before(&got);
        assert_int_equal(compact(), 0);
        assert_int_equal(findings(&told), 0);
        assert_string_equal(told.ptr, "");
        dump(&got, path);
        is_as_before(&got);
    }
    /* The page of the rows themselves too. */
    assert_true(n_first > first.len / PAGE + 1);
    assert_true(n_second > second.len / PAGE);
    support_remove(to);
}

/* Neither copy: that is told, of the dictionary and of each text. */
static void both_copies_are_told(void **state)
{
    CLEANUP(buf_release) struct buf told = BUF_INIT, first = BUF_INIT, second = BUF_INIT;
    char *to = support_path(folder, "out");
    (void)state;
    put_back();
    row_of(T_DICT, &first);
    row_of(T_META, &second);
    const size_t at = place_of(&first) + first.len / 2;
    bytes.ptr[at] ^= 1;
    flip(place_of(&second) + second.len / 2);
    bytes.ptr[at] ^= 1;
    assert_int_equal(findings(&told), 0);
    assert_non_null(strstr(told.ptr, "its second copy is damaged too: what was packed "
                                     "with it cannot be read"));
    assert_non_null(strstr(told.ptr, "001/0000000001 (version number 1)"));
    assert_int_equal(compact(), SILLOK_ECORRUPT);
    assert_true(n_lost(to) > N_FILES / 2);
    support_remove(to);
}

static int take_told(void *arg, const char *what)
{
    return buf_printf(arg, "%s\n", what);
}

/* One of each that is not what it was, by a sum that is right. */
static void copies_that_say_something_else(void **state)
{
    static const struct {
        const char *value; /* NULL: there is none */
        size_t len;
        int seal;
        const char *said;
    } rows[] = {
        { NULL, 0, 0, "there is no second copy" },
        { "", 0, 0, "its second copy is damaged too" },
        { "\0\11\0texttext", 11, 0, "its second copy is damaged too" },
        { "", 0, 1, "its second copy is damaged too" },
        { "\0\377\377\377\377\17", 6, 1, "its second copy is damaged too" },
        { "\2\11\0texttext", 11, 1, "its second copy is damaged too" },
        { "\0\11\0texttext", 11, 1, "its second copy is damaged too" },
    };
    char *dir = support_folder();
    struct sillok_store *s = support_store(dir);
    const struct dict *d;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT, told = BUF_INIT;
        static const struct row damaged = { 4, 1, 9, "\0texttext", 1 };
        assert_ok(s->ops->begin(s, ""));
        put_row(lmdb_of(s), &damaged);
        assert_ok(buf_add(&row, rows[i].value ? rows[i].value : "", rows[i].len));
        if (rows[i].seal)
            assert_ok(row_seal(&row));
        if (rows[i].value)
            assert_ok(kv_put(lmdb_of(s)->txn, T_META, text_of("dict 1"),
                             text_make(row.ptr, row.len), 0));
        assert_int_equal(dicts_check(lmdb_of(s)->txn, 1, take_told, &told), 0);
        assert_ok(buf_add_char(&told, '\0'));
        if (!strstr(told.ptr, rows[i].said))
            fail_msg("row %zu: told is '%s'", i, told.ptr);
        assert_int_equal(dict_get(lmdb_of(s), lmdb_of(s)->txn, 1, &d), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), "the row of a dictionary does"));
        s->ops->abort(s);
    }
    sillok_store_close(s);
    support_remove(dir);
}

/* Where the table cannot be gone through, second copies say what there is: but only if the
 * newest of all is among them, which is never left out. */
static void what_is_there_by_second_copies(void **state)
{
    static const struct row damaged_key = { 5, 1, 9, "\0texttext", 0 };
    (void)state;
    for (uint64_t made = 1; made <= 2; made++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT, packed = BUF_INIT;
        char *dir = support_folder();
        struct sillok_store *s = support_store(dir);
        assert_ok(s->ops->begin(s, ""));
        put_row(lmdb_of(s), &damaged_key);
        assert_ok(buf_add(&row, "\0texttext", 9));
        assert_ok(row_seal(&row));
        assert_ok(buf_add_char(&packed, CODEC_PLAIN));
        assert_ok(buf_add_varint(&packed, row.len));
        assert_ok(buf_add(&packed, row.ptr, row.len));
        assert_ok(row_seal(&packed));
        assert_ok(kv_put(lmdb_of(s)->txn, T_META, text_of("dict 1"),
                         text_make(packed.ptr, packed.len), 0));
        lmdb_of(s)->state.counters.dicts = made;
        assert_ok(s->ops->commit(s));
        lmdb_of(s)->n_loaded = 0;
        const int r = s->ops->begin(s, "");
        assert_int_equal(r, made == 1 ? 0 : SILLOK_ECORRUPT);
        if (r == 0)
            assert_int_equal(dict_id(lmdb_of(s)->current[DICT_BODY]), 1);
        else
            assert_non_null(
                strstr(sillok_error_message(), "the table of dictionaries is damaged"));
        sillok_store_close(s);
        support_remove(dir);
    }
}

static void keys_of_second_copies(void **state)
{
    static const struct {
        const char *key;
        uint32_t id;
    } keys[] = {
        { "dict 1", 1 },
        { "dict 4294967295", 4294967295U },
        { "dict 4294967296", 0 },
        { "dict 18446744073709551617", 0 },
        { "dict 0", 0 },
        { "dict 01", 0 },
        { "dict ", 0 },
        { "dict", 0 },
        { "", 0 },
        { "dict 1 ", 0 },
        { "dict -1", 0 },
        { "dicT 1", 0 },
        { "counters", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_int_equal(dict_of_copy(text_of(keys[i].key)), keys[i].id);
}

/* Lines that repeat, but not each other. */
static void make_bytes(struct buf *out, size_t least)
{
    uint64_t seed = 9;
    while (out->len < least)
        assert_ok(buf_printf(out, "%llu번째 다리가 새로 놓였다.\n",
                             (unsigned long long)support_random(&seed) % 100000));
}

static int is_it(void *arg, uint32_t id, enum dict_kind kind, struct sillok_text got)
{
    const struct buf *want = arg;
    if (id == 7) {
        assert_int_equal(kind, DICT_META);
        assert_true(text_equal(got, buf_text(want)));
    }
    return 0;
}

/* Of a number that the store does not count as one that is in use. */
static void long_ones_are_packed(void **state)
{
    (void)state;
    put_back();
    for (int way = 0; way < 3; way++) { /* short, long, long without a codec */
        CLEANUP(buf_release) struct buf text = BUF_INIT, row = BUF_INIT;
        struct sillok_store *store;
        struct sillok_text v;
        uint8_t key[4];
        make_bytes(&text, way ? 200 << 10 : 100 << 10);
        assert_ok(sillok_store_open(&store, path, NULL));
        struct lmdb_store *s = lmdb_of(store);
        assert_ok(store->ops->begin(store, ""));
        assert_ok(dict_row_put(s->txn, way < 2 ? s->codec : NULL, 7, DICT_META,
                               buf_text(&text)));
        assert_int_equal(kv_get(s->txn, T_DICT, key_u32(key, 7), &v), 1);
        assert_int_equal((uint8_t)v.ptr[0], way == 1 ? 128 | DICT_META : DICT_META);
        assert_int_equal(v.len < text.len / 2, way == 1);
        assert_ok(dicts_each(s->txn, 7, is_it, &text));
        assert_ok(buf_add_text(&row, v));
        store->ops->abort(store);
        sillok_store_close(store);
        if (way != 1)
            continue;
        /* In whole pages without a name it ends where its frame does. */
        const size_t n = row.len;
        const struct rescue_row named = { RESCUE_NO_TABLE, 1, 1, key_u32(key, 7),
                                          text_make(row.ptr, n) };
        assert_int_equal(recognize_fits(T_DICT, &named), 1);
        for (int i = 0; i < 2000; i++)
            assert_ok(buf_add_char(&row, '\0'));
        assert_int_equal(recognize_dict(buf_text(&row)), n);
        assert_int_equal(recognize_dict(text_make(row.ptr, n - 1)), 0);
        row.ptr[n / 2] ^= 1;
        assert_int_equal(recognize_dict(buf_text(&row)), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dictionaries_are_loaded),
        cmocka_unit_test(a_batch_that_is_given_up_takes_its_own_along),
        cmocka_unit_test(it_goes_where_no_view_is_to_be_had),
        cmocka_unit_test(a_second_copy_stands_apart),
        cmocka_unit_test(a_page_of_one_copy_costs_nothing),
        cmocka_unit_test(both_copies_are_told),
        cmocka_unit_test(a_store_without_second_copies_gets_them),
        cmocka_unit_test(copies_that_say_something_else),
        cmocka_unit_test(keys_of_second_copies),
        cmocka_unit_test(long_ones_are_packed),
        cmocka_unit_test(what_is_there_by_second_copies),
    };
    return cmocka_run_group_tests(tests, set_up_copies, tear_down_copies);
}
