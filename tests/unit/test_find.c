/*
 * Finding text: an answer is the same with the index, without it, and with one that is
 * damaged or behind. All texts are made up.
 */
#include "support.h"

#include "base/file.h"
#include "find/find.h"
#include "find/index.h"
#include "web/search.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- a store of many small histories --- */

static const char *const parts[] = {
    "시청은", "새",      "도서관을",  "열기로",     "했다.",   "주민들은",   "강변에",
    "나무를", "심었다.", "The mayor", "opened a",   "bridge",  "on Monday.", "예산안을",
    "의견을", "들었다.", "비가",      "“고맙다”고", "말했다.", "Ferries",    "return.",
    "축제가", "끝났다!", "정부",      "서울",
};
enum { N_PARTS = sizeof(parts) / sizeof(parts[0]), N_ARTICLES = 40, N_DAYS = 4 };

static const char *const questions[][3] = {
    { "정부", NULL },
    { "서울", NULL },
    { "새", NULL },
    { "도서관", NULL },
    { "나무를 심", NULL },
    { "BRIDGE", NULL },
    { "\"고맙다\"", NULL },
    { "했다. 주민", NULL },
    { ".", NULL },
    { "새", "의견", NULL },
    { "e", NULL },
    { "없는 말", NULL },
    { "강변에 나무를", "축제", NULL },
    { "주민 들은강변에", NULL },
    { "eopened", "관을", NULL },
};
enum { N_QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

struct box {
    char *folder, *path, *file;
    struct sillok_store *store;
};

static void box_open(struct box *b)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    o.create = 1;
    b->folder = support_folder();
    b->path = support_path(b->folder, "store");
    assert_ok(sillok_store_open(&b->store, b->path, &o));
    b->file = support_path(b->path, "find.db");
}

static void box_close(struct box *b)
{
    sillok_store_close(b->store);
    support_remove(b->folder);
    free(b->path);
    free(b->file);
}

static void take_lines(struct box *b, const char *name, const struct buf *lines)
{
    char *path = support_path(b->folder, name);
    const char *const paths[] = { path };
    support_write(path, lines->ptr, lines->len);
    assert_int_equal(support_ingest(b->store, name, paths, 1).refused, 0);
    free(path);
}

/* What everybody says on a day; three in four say what they said the day before. */
static void box_day(struct box *b, int day, uint64_t seed)
{
    struct buf lines = BUF_INIT;
    char name[32];
    snprintf(name, sizeof(name), "day-%d.ndjson", day);
    for (uint64_t i = 0; i < N_ARTICLES; i++) {
        uint64_t random = seed + i;
        int said = day;
        while (said > 0 && (i * 7 + (uint64_t)said * 5) % 4)
            said--;
        random += (uint64_t)said * 1000;
        assert_ok(buf_printf(
            &lines,
            "{\"oid\":\"%03d\",\"aid\":\"%010d\",\"crawled_at\":\"2026-01-%02d "
            "03:00:%02d\",\"title\":\"%s %s\",\"body\":\"",
            (int)(i % 3), (int)i, day + 1, (int)i,
            parts[support_random(&random) % N_PARTS],
            parts[support_random(&random) % N_PARTS]));
        for (uint64_t n = support_random(&random) % 30; n > 0; n--)
            assert_ok(
                buf_printf(&lines, "%s ", parts[support_random(&random) % N_PARTS]));
        assert_ok(buf_add_str(&lines, "\"}\n"));
    }
    take_lines(b, name, &lines);
    buf_release(&lines);
}

static void update_all(struct sillok_find *find)
{
    int r;
    while ((r = sillok_find_update(find, NULL)) > 0)
        continue;
    assert_ok(r);
}

/* The answer to a question as text; checks every row against the store on the way. */
static void ask(struct buf *out, struct box *b, struct sillok_find *find,
                const char *const *words, const struct sillok_find_options *options)
{
    struct sillok_find_rows *rows;
    struct sillok_find_row row;
    size_t n = 0;
    int r;
    while (words[n])
        n++;
    assert_ok(sillok_find_ask(&rows, find, words, n, options));
    while ((r = sillok_find_next(rows, &row)) > 0) {
        const struct sillok_blame_sentence *s = &row.sentence;
        struct sillok_ref ref = { .kind = SILLOK_REF_NUMBER, .number = s->revision };
        struct sillok_snapshot *snapshot;
        memcpy(ref.oid, row.article.oid.ptr, row.article.oid.len);
        memcpy(ref.aid, row.article.aid.ptr, row.article.aid.len);
        assert_ok(sillok_snapshot_open(&snapshot, b->store, &ref));
        const struct sillok_article *a = &sillok_snapshot_revision(snapshot)->article;
        const struct sillok_text text =
            s->where == SILLOK_BLAME_TITLE ? a->fields[SILLOK_TITLE] : a->body;
        assert_true(s->range.end <= text.len && row.n_marks > 0);
        assert_memory_equal(text.ptr + s->range.start, s->text.ptr, s->text.len);
        assert_int_equal(s->gone, s->revision != sillok_snapshot_chain(snapshot));
        sillok_snapshot_close(snapshot);
        assert_ok(buf_printf(out, "%s/%s@%u%s %.*s", ref.oid, ref.aid, s->revision,
                             s->gone ? "-" : "", (int)s->text.len, s->text.ptr));
        for (size_t i = 0; i < row.n_marks; i++) {
            assert_true(row.marks[i].end <= s->text.len);
            assert_ok(buf_printf(out, " %zu-%zu", row.marks[i].start, row.marks[i].end));
        }
        assert_ok(buf_add_str(out, "\n"));
    }
    assert_ok(r);
    sillok_find_rows_close(rows);
}

static void ask_everything(struct buf *out, struct box *b, struct sillok_find *find)
{
    buf_clear(out);
    for (int i = 0; i < N_QUESTIONS; i++)
        for (int which = 0; which < 5; which++) {
            struct sillok_find_options o = SILLOK_FIND_OPTIONS_INIT;
            o.removed = which & 1;
            o.added = which >> 1 & 1;
            o.any_blanks = which >> 2;
            assert_ok(buf_printf(out, "question %d %d\n", i, which));
            ask(out, b, find, questions[i], &o);
        }
}

/* How many sentences of a revision have a word: counted without anything of src/find. */
static size_t count_plainly(struct box *b, const char *word)
{
    size_t n = 0;
    for (int i = 0; i < N_ARTICLES; i++) {
        struct sillok_blame *blame;
        struct sillok_blame_sentence s;
        char oid[8], aid[16];
        int r;
        snprintf(oid, sizeof(oid), "%03d", i % 3);
        snprintf(aid, sizeof(aid), "%010d", i);
        assert_ok(sillok_blame_open(&blame, b->store, oid, aid));
        while ((r = sillok_blame_next(blame, &s)) > 0)
            n += memmem(s.text.ptr, s.text.len, word, strlen(word)) != NULL;
        assert_ok(r);
        sillok_blame_close(blame);
    }
    return n;
}

static void same_answers(const char *what, const struct buf *want, const struct buf *got)
{
    if (!text_equal(text_make(want->ptr, want->len), text_make(got->ptr, got->len)))
        fail_msg("%s: other answers (%zu bytes, %zu wanted)", what, got->len, want->len);
}

static void test_answers_with_and_without(void **state)
{
    (void)state;
    struct box b;
    struct sillok_find *find, *plain;
    struct sillok_find_stats stats;
    struct buf want = BUF_INIT, got = BUF_INIT;
    box_open(&b);
    assert_ok(sillok_find_open(&find, b.store, 0));
    assert_ok(sillok_find_open(&plain, b.store, SILLOK_FIND_NO_UPDATE));
    assert_int_equal(sillok_find_stats(plain, &stats), SILLOK_ENOTFOUND);
    for (int day = 0; day < N_DAYS; day++) {
        box_day(&b, day, 99);
        /* Behind by a day (on the first: none at all), then up to date. */
        ask_everything(&want, &b, plain);
        assert_true(sillok_find_behind(plain) > 0);
        update_all(find);
        ask_everything(&got, &b, find);
        assert_int_equal(sillok_find_behind(find), 0);
        same_answers("by steps", &want, &got);
    }
    assert_true(want.len > 10000);
    static const struct {
        const char *asked, *plain;
        int any_blanks;
    } words[] = { { "정부", "정부", 0 },
                  { "도서관", "도서관", 0 },
                  { "bridge", "bridge", 0 },
                  { "강변에나무를", "강변에 나무를", 1 },
                  { "a bri dge", "a bridge", 1 } };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *const one[] = { words[i].asked, NULL };
        struct sillok_find_options o = SILLOK_FIND_OPTIONS_INIT;
        o.any_blanks = words[i].any_blanks;
        size_t n = 0;
        buf_clear(&got);
        ask(&got, &b, find, one, &o);
        for (size_t k = 0; k < got.len; k++)
            n += got.ptr[k] == '\n';
        assert_true(n > (words[i].any_blanks ? 0 : 5));
        assert_int_equal(n, count_plainly(&b, words[i].plain));
    }
    assert_int_equal(unlink(b.file), 0);
    update_all(find);
    ask_everything(&got, &b, find);
    same_answers("made anew", &want, &got);
    assert_ok(sillok_find_stats(find, &stats));
    assert_true(stats.versions > N_ARTICLES && stats.used_bytes > 0);
    sillok_find_close(find);
    sillok_find_close(plain);
    box_close(&b);
    buf_release(&want);
    buf_release(&got);
}

/* Every line of an answer, one of @p want's? A wrong index may hide, never invent. */
static void no_line_is_new(const struct buf *want, const struct buf *got)
{
    for (size_t start = 0, end; start < got->len; start = end + 1) {
        end = start;
        while (got->ptr[end] != '\n')
            end++;
        if (!memmem(want->ptr, want->len, got->ptr + start, end + 1 - start))
            fail_msg("invented: %.*s", (int)(end - start), got->ptr + start);
    }
}

static void test_damaged_index(void **state)
{
    enum { ROUNDS = 32 };
    (void)state;
    struct box b;
    struct sillok_find *find;
    struct buf want = BUF_INIT, got = BUF_INIT, sound = BUF_INIT;
    uint64_t random = 5;
    int as_before = 0;
    box_open(&b);
    for (int day = 0; day < N_DAYS; day++)
        box_day(&b, day, 7);
    assert_ok(sillok_find_open(&find, b.store, 0));
    update_all(find);
    ask_everything(&want, &b, find);
    FILE *f = fopen(b.file, "rb");
    assert_non_null(f);
    assert_ok(buf_reserve(&sound, 1 << 22));
    sound.len = fread(sound.ptr, 1, 1 << 22, f);
    assert_int_equal(fclose(f), 0);
    for (int round = 0; round < ROUNDS; round++) {
        CLEANUP(buf_release) struct buf bad = BUF_INIT;
        assert_ok(buf_add(&bad, sound.ptr, sound.len));
        for (int n = 1 << (round % 8); n > 0; n--)
            bad.ptr[support_random(&random) % bad.len] = (char)support_random(&random);
        support_write(b.file, bad.ptr,
                      round % 10 == 9 ? support_random(&random) % bad.len : bad.len);
        update_all(find);
        ask_everything(&got, &b, find);
        no_line_is_new(&want, &got);
        as_before += got.len == want.len;
    }
    assert_true(as_before > ROUNDS / 4);
    sillok_find_close(find);
    box_close(&b);
    buf_release(&want);
    buf_release(&got);
    buf_release(&sound);
}

/* --- an index that somebody else made --- */

/* A journal that is to be played back, of no pages, which ends in the name of another file. */
static void write_journal(const char *path, struct sillok_text index, const char *name)
{
    static const uint8_t mark[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
    const uint8_t *head = (const uint8_t *)index.ptr;
    const uint32_t page_bytes = (uint32_t)head[16] << 8 | head[17];
    const uint32_t begin[] = { 0, 1, (uint32_t)(index.len / page_bytes), 512,
                               page_bytes };
    uint8_t be[4];
    uint32_t sum = 0;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    assert_ok(buf_add(&b, mark, sizeof(mark)));
    for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
        put_be(be, begin[i], sizeof(be));
        assert_ok(buf_add(&b, be, sizeof(be)));
    }
    while (b.len < 512)
        assert_ok(buf_add_char(&b, '\0'));
    put_be(be, 0x40000000 / page_bytes + 1, sizeof(be));
    assert_ok(buf_add(&b, be, sizeof(be)));
    assert_ok(buf_add_str(&b, name));
    for (const char *p = name; *p; p++)
        sum += (unsigned char)*p;
    put_be(be, strlen(name), sizeof(be));
    assert_ok(buf_add(&b, be, sizeof(be)));
    put_be(be, sum, sizeof(be));
    assert_ok(buf_add(&b, be, sizeof(be)));
    assert_ok(buf_add(&b, mark, sizeof(mark)));
    support_write(path, b.ptr, b.len);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define WITHOUT_END                                                                      \
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) "   \
    "FROM c"

static void spoil_index(const struct box *b, int how, const char *other)
{
    char *journal = support_path(b->path, "find.db-journal");
    CLEANUP(buf_release) struct buf index = BUF_INIT;
    assert_ok(file_read(&index, b->file, 1 << 22));
    if (how == 0)
        write_journal(journal, buf_text(&index), other);
    else if (how == 1)
        assert_int_equal(mkfifo(journal, 0600), 0);
    else if (how == 2)
        assert_int_equal(symlink(other, journal), 0);
    else if (how == 3)
        run_sql(b->file, "ALTER TABLE state RENAME TO was; CREATE VIEW state AS SELECT "
                         "format, (" WITHOUT_END ") AS position, digest FROM was");
    else
        run_sql(b->file, "CREATE TRIGGER t BEFORE DELETE ON state BEGIN SELECT "
                         "(" WITHOUT_END "); END");
    free(journal);
}

/* It is made anew, in its time, and nothing else is touched. */
static void test_foreign_index(void **state)
{
    struct box b;
    struct buf want = BUF_INIT, got = BUF_INIT, kept = BUF_INIT;
    (void)state;
    box_open(&b);
    box_day(&b, 0, 7);
    char *other = support_path(b.folder, "other");
    for (int how = -1; how < 5; how++) {
        struct sillok_find *find;
        support_write(other, "kept", 4);
        if (how >= 0)
            spoil_index(&b, how, other);
        box_day(&b, how + 2, 7);
        for (int flags = SILLOK_FIND_NO_UPDATE; flags >= 0; flags--) {
            assert_ok(sillok_find_open(&find, b.store, flags));
            if (!flags)
                update_all(find);
            ask_everything(flags ? &want : &got, &b, find);
            sillok_find_close(find);
        }
        same_answers("of an index that is not ours", &want, &got);
        assert_ok(file_read(&kept, other, 16));
        assert_true(text_is(buf_text(&kept), "kept"));
        buf_clear(&kept);
    }
    box_close(&b);
    free(other);
    buf_release(&want);
    buf_release(&got);
    buf_release(&kept);
}

/* A store that came back from a backup and went another way numbers other texts alike. */
static void test_another_past(void **state)
{
    (void)state;
    struct box a, b;
    struct sillok_find *find;
    struct sillok_find_stats stats;
    struct buf want = BUF_INIT, got = BUF_INIT;
    box_open(&a);
    box_day(&a, 0, 1);
    box_open(&b);
    box_day(&b, 0, 2);
    assert_ok(sillok_find_open(&find, a.store, 0));
    update_all(find);
    ask_everything(&want, &a, find);
    /* The index of b, with the name of a: only the digest tells. */
    struct sillok_find *other;
    assert_ok(sillok_find_open(&other, b.store, 0));
    memcpy(other->place.uuid, find->place.uuid, sizeof(other->place.uuid));
    update_all(other);
    sillok_find_close(other);
    assert_int_equal(rename(b.file, a.file), 0);
    find->no_update = 1;
    ask_everything(&got, &a, find);
    same_answers("read", &want, &got);
    assert_ok(sillok_find_stats(find, &stats));
    assert_int_equal(sillok_find_behind(find), stats.versions);
    find->no_update = 0;
    update_all(find);
    ask_everything(&got, &a, find);
    same_answers("made anew", &want, &got);
    assert_int_equal(sillok_find_behind(find), 0);
    sillok_find_close(find);
    box_close(&a);
    box_close(&b);
    buf_release(&want);
    buf_release(&got);
}

static void test_bad_questions(void **state)
{
    (void)state;
    struct box b;
    struct sillok_find *find;
    struct sillok_find_rows *rows;
    const char *words[SILLOK_FIND_WORDS_MAX + 1];
    struct sillok_find_options o = SILLOK_FIND_OPTIONS_INIT;
    for (int i = 0; i <= SILLOK_FIND_WORDS_MAX; i++)
        words[i] = "새";
    box_open(&b);
    box_day(&b, 0, 3);
    assert_ok(sillok_find_open(&find, b.store, 0));
    update_all(find);
    assert_int_equal(sillok_find_ask(&rows, find, words, 0, NULL), SILLOK_EINVALID);
    assert_int_equal(sillok_find_ask(&rows, find, words, SILLOK_FIND_WORDS_MAX + 1, NULL),
                     SILLOK_EINVALID);
    assert_ok(sillok_find_ask(&rows, find, words, SILLOK_FIND_WORDS_MAX, NULL));
    sillok_find_rows_close(rows);
    words[1] = " \xE2\x80\x8B";
    assert_int_equal(sillok_find_ask(&rows, find, words, 2, NULL), SILLOK_EINVALID);
    o.from_s = 2;
    o.to_s = 1;
    assert_int_equal(sillok_find_ask(&rows, find, words, 1, &o), SILLOK_EINVALID);
    /* Longer than any number of trigrams that are asked for. */
    char *deep = malloc(100001);
    assert_non_null(deep);
    memset(deep, 'x', 100000);
    deep[100000] = '\0';
    words[0] = deep;
    struct sillok_find_row row;
    assert_ok(sillok_find_ask(&rows, find, words, 1, NULL));
    assert_int_equal(sillok_find_next(rows, &row), 0);
    sillok_find_rows_close(rows);
    free(deep);
    sillok_find_close(find);
    box_close(&b);
}

struct patience {
    int left, asked;
};

static int is_out_of_patience(void *arg)
{
    struct patience *p = arg;
    p->asked++;
    return p->left-- <= 0;
}

/* However early it is given up, that is said; with patience enough the answer is whole. */
static void test_given_up(void **state)
{
    const char *words[] = { "시" };
    struct sillok_find_options o = SILLOK_FIND_OPTIONS_INIT;
    struct sillok_find_row row;
    struct sillok_find *find;
    struct patience p;
    struct box b;
    size_t whole = 0;
    int gave_up = 0, r = SILLOK_ESTOPPED;
    (void)state;
    box_open(&b);
    box_day(&b, 0, 3);
    assert_ok(sillok_find_open(&find, b.store, SILLOK_FIND_NO_UPDATE));
    for (int pass = 0; pass < 2 || r == SILLOK_ESTOPPED; pass++) {
        struct sillok_find_rows *rows = NULL;
        size_t n = 0;
        p = (struct patience){ .left = pass ? pass - 1 : 1 << 20 };
        o.stop = is_out_of_patience;
        o.stop_arg = &p;
        r = sillok_find_ask(&rows, find, words, 1, &o);
        while (r == 0 && (r = sillok_find_next(rows, &row)) > 0) {
            n++;
            r = 0;
        }
        sillok_find_rows_close(rows);
        if (pass == 0)
            whole = n;
        else if (r == 0)
            assert_int_equal(n, whole);
        gave_up += r == SILLOK_ESTOPPED;
        assert_true(r == 0 || r == SILLOK_ESTOPPED);
        if (pass == 0) /* else there is nothing to give up */
            assert_true(r == 0 && p.asked > 2 && whole > 0);
    }
    assert_true(gave_up > 2);
    sillok_find_close(find);
    box_close(&b);
}

/* A client's search that took too long is told of the index where that would help. */
static void test_out_of_time(void **state)
{
    struct web_search s = WEB_SEARCH_INIT, later = WEB_SEARCH_INIT;
    struct web_request q;
    enum { MANY = 1000 }; /* texts, for which an index makes a difference */
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    struct web_search few = WEB_SEARCH_INIT;
    struct sillok_find *find;
    struct box b;
    (void)state;
    box_open(&b);
    box_day(&b, 0, 3);
    assert_ok(web_request_parse(&q, "/api/find?q=%EC%8B%9C"));
    q.deadline_ms = web_clock_ms() - 1;
    assert_int_equal(web_search_open(&few, b.store, &q, 0), SILLOK_ESTOPPED);
    web_search_release(&few);
    for (int i = 0; i < MANY; i++)
        assert_ok(buf_printf(&lines,
                             "{\"oid\":\"9\",\"aid\":\"%d\",\"crawled_at\":\"2026-01-01 "
                             "03:00:00\",\"title\":\"t\",\"body\":\"시 %d\"}\n",
                             i, i));
    take_lines(&b, "many.ndjson", &lines);
    assert_int_equal(web_search_open(&s, b.store, &q, 0), SILLOK_EBUSY);
    assert_non_null(strstr(sillok_error_message(), "not in the index"));
    web_search_release(&s);
    assert_ok(sillok_find_open(&find, b.store, 0));
    update_all(find);
    assert_int_equal(web_search_open(&later, b.store, &q, 0), SILLOK_ESTOPPED);
    web_search_release(&later);
    sillok_find_close(find);
    web_request_release(&q);
    box_close(&b);
}

/* Texts longer than a row of the index takes: what stands over the end of one is found,
 * once, wherever it is cut. */
static void test_long_texts(void **state)
{
    enum { N = 60, MIB = 1 << 20 };
    static const char word[] =
        "시장은 다리를 놓겠다고 밝혔다고 시의회에서 말했다. 다리는 "
        "내년 봄에 놓인다.";
    struct box b;
    struct find_place place;
    struct find_index x;
    struct buf found = BUF_INIT;
    (void)state;
    box_open(&b);
    assert_ok(find_place_init(&place, b.store));
    assert_ok(find_index_write(&x, &place));
    assert_ok(find_index_begin(&x));
    for (int i = 1; i <= N; i++) {
        struct buf text = BUF_INIT;
        const size_t at = (size_t)(i % 3 + 1) * MIB - (size_t)i * 7;
        while (text.len + 3 <= at)
            assert_ok(buf_add_str(&text, "가"));
        while (text.len < at)
            assert_ok(buf_add_char(&text, 'a'));
        assert_ok(buf_add_str(&text, word));
        for (int k = 0; k < MIB / 4; k++)
            assert_ok(buf_add_str(&text, "나"));
        assert_ok(buf_add_str(&text, "끝\x01\x01"));
        assert_ok(find_index_add(&x, (uint64_t)i, text_make(text.ptr, text.len)));
        buf_release(&text);
    }
    const struct find_state now = { .position = N };
    assert_ok(find_index_commit(&x, &now));
    static const char *const words[] = { word, "밝혔다고", "나끝", "장은" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        buf_clear(&found);
        assert_ok(find_index_match(&x, text_of(words[i]), 0, &found));
        const uint32_t *v = (const uint32_t *)(const void *)found.ptr;
        assert_int_equal(found.len / sizeof(*v), N);
        for (uint32_t k = 0; k < N; k++)
            assert_int_equal(v[k], k + 1);
    }
    for (int any_blanks = 0; any_blanks < 2; any_blanks++) {
        buf_clear(&found);
        assert_ok(find_index_match(&x, text_of("나가"), any_blanks, &found));
        assert_int_equal(found.len, 0);
        assert_ok(find_index_match(&x, text_of("다리는내년봄에"), any_blanks, &found));
        assert_int_equal(found.len / sizeof(uint32_t), any_blanks ? N : 0);
    }
    buf_release(&found);
    find_index_close(&x);
    find_place_release(&place);
    box_close(&b);
}

/* --- a long history --- */

static const struct store_ops *real_ops;
static size_t n_links;

static int scan_counted(struct sillok_store *s, uint64_t article, size_t from,
                        size_t limit, struct buf *out)
{
    const size_t before = out->len;
    const int r = real_ops->chain_scan(s, article, from, limit, out);
    n_links += (out->len - before) / sizeof(struct chain_link);
    return r;
}

/* Revisions of one article, the later half before the earlier one. */
static void take_history(struct box *b, const char *name, int from, int to)
{
    struct buf lines = BUF_INIT;
    for (int i = from; i < to; i++)
        assert_ok(
            buf_printf(&lines,
                       "{\"oid\":\"001\",\"aid\":\"1\",\"crawled_at\":\"2026-01-%02d "
                       "%02d:%02d:00\",\"title\":\"강변\",\"body\":\"%d번째 축제\"}\n",
                       1 + i / 1440, i / 60 % 24, i % 60, i));
    take_lines(b, name, &lines);
    buf_release(&lines);
}

/* Of all revisions together few times as many links are read as there are: not all for
 * each. The answers are those of one that was alone when it was added. */
static void test_long_history(void **state)
{
    enum { N = 400 };
    static const char *const words[] = { "축제", NULL };
    (void)state;
    struct box b;
    struct sillok_find *find;
    struct buf by_halves = BUF_INIT, at_once = BUF_INIT;
    struct sillok_find_options o = SILLOK_FIND_OPTIONS_INIT;
    o.removed = 1;
    box_open(&b);
    assert_ok(sillok_find_open(&find, b.store, 0));
    take_history(&b, "one.ndjson", N / 2, N / 2 + 1);
    update_all(find); /* it has no brothers yet */
    take_history(&b, "later.ndjson", N / 2 + 1, N);
    take_history(&b, "before.ndjson", 0, N / 2);
    struct store_ops ops = *b.store->ops;
    real_ops = b.store->ops;
    ops.chain_scan = scan_counted;
    b.store->ops = &ops;
    n_links = 0;
    update_all(find);
    b.store->ops = real_ops;
    assert_in_range(n_links, N, 4 * N);
    ask(&by_halves, &b, find, words, &o);
    assert_int_equal(unlink(b.file), 0);
    update_all(find);
    ask(&at_once, &b, find, words, &o);
    same_answers("made anew", &at_once, &by_halves);
    assert_non_null(strstr(at_once.ptr, "200번째"));
    sillok_find_close(find);
    box_close(&b);
    buf_release(&by_halves);
    buf_release(&at_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_with_and_without),
        cmocka_unit_test(test_damaged_index),
        cmocka_unit_test(test_foreign_index),
        cmocka_unit_test(test_another_past),
        cmocka_unit_test(test_bad_questions),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_out_of_time),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_long_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
