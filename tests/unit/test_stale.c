/*
 * Stale copies: which sentences a change took out, what holds a sentence, anchors that
 * never miss one, and the answer from a store. All texts are made up.
 */
#include "near_box.h"

#include "diff/lost.h"
#include "diff/normal.h"
#include "near/anchors.h"
#include "near/shingle.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- sentences that are lost --- */

/* 다 as two letters, as files from a Mac have it. */
#define DA "\xe1\x84\x83\xe1\x85\xa1"

static void test_lost(void **state)
{
    static const struct {
        const char *name, *before, *after, *lost;
    } cases[] = {
        { "a number",
          "시립 도서관이 문을 열었다. 첫날 방문객은 1200명이었다. 책이 더 온다고 했다.",
          "시립 도서관이 문을 열었다. 첫날 방문객은 2100명이었다. 책이 더 온다고 했다.",
          "첫날 방문객은 1200명이었다.|" },
        { "English, two of them",
          "The bridge closes in March. It was built in 1931 by the town. Buses wait.",
          "The bridge closes in April. It was built in 1913 by the town. Buses wait.",
          "The bridge closes in March.|It was built in 1931 by the town.|" },
        { "removed", "The storm nears the coast today. Ferries stay in the harbour.",
          "Ferries stay in the harbour.", "The storm nears the coast today.|" },
        { "added", "Ferries stay in the harbour.",
          "Ferries stay in the harbour. The storm nears the coast today.", "" },
        { "moved", "The storm nears the coast today. Ferries stay in the harbour.",
          "Ferries stay in the harbour. The storm nears the coast today.", "" },
        { "layout", "관장은 “책을 더 들이겠다”고 말했다. 시민들이 반겼다고 했다.",
          "관장은 \"책을  더 들이겠다\"고 말했다.\n시민들이 반겼다고 했다.", "" },
        { "too short", "물가는 올랐다. 값은 3원이다.", "물가는 올랐다. 값은 5원이다.",
          "" },
        { "words before it", "첫날 방문객은 모두 1200명이었다.",
          "시립 도서관의 첫날 방문객은 모두 1200명이었다.", "" },
        { "a digit before it", "3명이 다치고 두 사람이 병원으로 옮겨졌다.",
          "13명이 다치고 두 사람이 병원으로 옮겨졌다.",
          "3명이 다치고 두 사람이 병원으로 옮겨졌다.|" },
        { "a decimal point", "The index rose by 15 points on Monday.",
          "The index rose by 1.5 points on Monday.",
          "The index rose by 15 points on Monday.|" },
        { "a byline", "비가 내렸다고 기상청이 밝혔다.\n김하늘 기자 sky@example.com",
          "비가 내렸다고 기상청이 밝혔다.\n이바다 기자 sea@example.com", "" },
        { "twice the same", "The town has 1200 people. Yes. The town has 1200 people.",
          "The town has 2100 people. Yes. The town has 2100 people.",
          "The town has 1200 people.|" },
        { "emptied", "The storm nears the coast today.", "",
          "The storm nears the coast today.|" },
        { "nothing", "", "The storm nears the coast today.", "" },
        { "only blanks", " \n ", "The storm nears the coast today.", "" },
        { "a break before it", "\n\n첫날 방문객은 모두 1200명이었다.",
          "\n\n첫날 방문객은 모두 2100명이었다.", "첫날 방문객은 모두 1200명이었다.|" },
        { "decomposed, without blanks between sentences",
          "시립 도서관이 문을 열었" DA ".첫날 방문객은 1200명이었" DA ".책이 온" DA ".",
          "시립 도서관이 문을 열었다.첫날 방문객은 2100명이었다.책이 온다.",
          "첫날 방문객은 1200명이었" DA ".|" },
    };
    struct lost l;
    (void)state;
    lost_init(&l);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf got = BUF_INIT;
        assert_ok(lost_find(&l, text_of(cases[i].before), text_of(cases[i].after)));
        for (size_t k = 0; k < lost_count(&l); k++) {
            assert_ok(buf_add_text(&got, lost_at(&l, k)->text));
            assert_ok(buf_add_char(&got, '|'));
        }
        if (!text_is(text_make(got.ptr, got.len), cases[i].lost))
            fail_msg("%s: '%.*s', not '%s'", cases[i].name, (int)got.len,
                     got.len ? got.ptr : "", cases[i].lost);
        buf_release(&got);
    }
    lost_release(&l);
}

/* The dateline is another in each paper, so it is not looked for. */
static void test_dateline(void **state)
{
    struct lost l;
    struct buf f1 = BUF_INIT;
    (void)state;
    lost_init(&l);
    assert_ok(lost_find(
        &l, text_of("(하늘=가람뉴스) 김하늘 기자 = 첫날 방문객은 모두 1200명이었다."),
        text_of("(하늘=가람뉴스) 김하늘 기자 = 첫날 방문객은 모두 2100명이었다.")));
    assert_int_equal(lost_count(&l), 1);
    assert_ok(normal_text(&f1, text_of("첫날 방문객은 모두 1200명이었다.")));
    assert_true(lost_is_in(text_make(f1.ptr, f1.len), lost_needle(&l, 0)));
    buf_release(&f1);
    lost_release(&l);
}

static void test_holding(void **state)
{
    static const struct {
        const char *all, *needle;
        int is_in;
    } cases[] = {
        { "가나다3명", "3명", 1 },
        { "가나다13명", "3명", 0 },
        { "13명과3명", "3명", 1 },
        { "1.3명", "3명", 0 },
        { "끝.3명", "3명", 1 },
        { "-3명", "3명", 0 },
        { "+3명", "3명", 0 },
        { ".3명", "3명", 1 },
        { "1,3명", "3명", 0 },
        { "값은15", "값은1", 0 },
        { "값은1.5", "값은1", 0 },
        { "값은1.", "값은1", 1 },
        { "값은1,000", "값은1", 0 },
        { "값은1,그리고", "값은1", 1 },
        { "", "가", 0 },
        { "가", "", 0 },
        { "가", "가나", 0 },
        { "33명3명", "3명", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (lost_is_in(text_of(cases[i].all), text_of(cases[i].needle)) != cases[i].is_in)
            fail_msg("'%s' in '%s'", cases[i].needle, cases[i].all);
}

/* One pass over a text says of each sentence what looking for it alone says: sentences that
 * begin alike, that are part of another, and numbers that go on at either end. */
static void test_holding_many(void **state)
{
    enum { N = 200, TEXTS = 40 };
    struct lost l;
    struct buf old_text = BUF_INIT, held = BUF_INIT;
    uint64_t seed = 7, n_held = 0, n_not = 0;
    (void)state;
    lost_init(&l);
    for (int i = 0; i < N; i++)
        assert_ok(buf_printf(&old_text, "%u명의 주민이 다리 앞에서 시장을 만났다%s%s\n\n",
                             (unsigned)i / 4, i % 2 ? "" : "고 한다",
                             i % 4 < 2 ? "" : " 그 뒤로 열린 회의는 모두 3"));
    assert_ok(lost_find(&l, text_make(old_text.ptr, old_text.len),
                        text_of("아무것도 남지 않았다. 다른 글이다.")));
    assert_true(lost_count(&l) > N / 2);
    for (int t = 0; t < TEXTS; t++) {
        struct buf all = BUF_INIT;
        for (int k = 0; k < 60; k++) {
            static const char *const between[] = { "", "1", "끝", ".", "1,", "-", ",5" };
            const struct sillok_text needle =
                lost_needle(&l, support_random(&seed) % lost_count(&l));
            assert_ok(buf_add_str(&all, between[support_random(&seed) % 7]));
            assert_ok(buf_add(&all, needle.ptr, needle.len - support_random(&seed) % 2));
            assert_ok(buf_add_str(&all, between[support_random(&seed) % 7]));
        }
        const struct sillok_text text = text_make(all.ptr, all.len);
        assert_ok(lost_held(&l, text, &held));
        for (size_t i = 0; i < lost_count(&l); i++) {
            const int is_in = lost_is_in(text, lost_needle(&l, i));
            assert_int_equal(buf_bit(&held, i), is_in);
            n_held += (uint64_t)is_in;
            n_not += (uint64_t)!is_in;
        }
        buf_release(&all);
    }
    assert_true(n_held > 200 && n_not > 200);
    assert_ok(lost_held(&l, text_of(""), &held));
    for (size_t i = 0; i < lost_count(&l); i++)
        assert_int_equal(buf_bit(&held, i), 0);
    buf_release(&old_text);
    buf_release(&held);
    lost_release(&l);
}

static int is_digit_at(struct sillok_text t, size_t at)
{
    return at < t.len && t.ptr[at] >= '0' && t.ptr[at] <= '9';
}

static int is_one_of_at(struct sillok_text t, size_t at, const char *signs)
{
    return at < t.len && memchr(signs, t.ptr[at], strlen(signs));
}

/* As lost.h says it. */
static int goes_on(struct sillok_text t, size_t at)
{
    if (at == 0 || at >= t.len)
        return 0;
    const int before = is_digit_at(t, at - 1), after = is_digit_at(t, at);
    return (before && after) || (after && is_one_of_at(t, at - 1, "-+")) ||
           (after && at > 1 && is_one_of_at(t, at - 1, ".,") && is_digit_at(t, at - 2)) ||
           (before && is_one_of_at(t, at, ".,") && is_digit_at(t, at + 1));
}

/* Each place for itself. */
static int is_in_plainly(struct sillok_text all, struct sillok_text needle)
{
    for (size_t at = 0; needle.len && at + needle.len <= all.len; at++)
        if (memcmp(all.ptr + at, needle.ptr, needle.len) == 0 && !goes_on(all, at) &&
            !goes_on(all, at + needle.len))
            return 1;
    return 0;
}

/* Letters of few kinds, and often again what stood @p period before. */
static void add_random(struct buf *b, const char *letters, size_t len, size_t period,
                       uint64_t *seed)
{
    const size_t start = b->len;
    for (size_t i = 0; i < len; i++) {
        const int again = b->len - start >= period && support_random(seed) % 40;
        const char c = again ? b->ptr[b->len - period]
                             : letters[support_random(seed) % strlen(letters)];
        assert_ok(buf_add_char(b, c));
    }
}

static const char *const alphabets[] = { "1", "a1", "a1.", "ab", "1,-", "ab1.,+" };
enum { N_ALPHABETS = sizeof(alphabets) / sizeof(alphabets[0]) };

/* Texts in which a needle overlaps itself, with a number that goes on behind some. */
static void test_holding_what_repeats(void **state)
{
    uint64_t seed = 3, n_held = 0, n_not = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        CLEANUP(buf_release) struct buf all = BUF_INIT;
        const char *letters = alphabets[support_random(&seed) % N_ALPHABETS];
        const size_t period = 1 + support_random(&seed) % 6;
        add_random(&all, letters, 1 + support_random(&seed) % 80, period, &seed);
        const size_t from = support_random(&seed) % all.len;
        const struct sillok_text text = buf_text(&all),
                                 needle = text_make(text.ptr + from,
                                                    1 + support_random(&seed) %
                                                            (text.len - from));
        const int is_in = is_in_plainly(text, needle);
        if (lost_is_in(text, needle) != is_in)
            fail_msg("'%.*s' in '%.*s'", (int)needle.len, needle.ptr, (int)text.len,
                     text.ptr);
        n_held += (uint64_t)is_in;
        n_not += (uint64_t)!is_in;
    }
    assert_true(n_held > 2000 && n_not > 2000);
}

/* The same of many at once that begin with each other; one is longer than what is sorted. */
static void test_holding_many_that_repeat(void **state)
{
    uint64_t seed = 5, n_held = 0, n_not = 0;
    struct lost l;
    (void)state;
    lost_init(&l);
    for (int i = 0; i < 300; i++) {
        CLEANUP(buf_release) struct buf base = BUF_INIT, old_text = BUF_INIT;
        CLEANUP(buf_release) struct buf all = BUF_INIT, held = BUF_INIT;
        const char *letters = alphabets[i % N_ALPHABETS];
        add_random(&base, letters, 200, 1 + support_random(&seed) % 5, &seed);
        for (int k = 0; k < 60; k++) {
            const size_t from = support_random(&seed) % 8;
            assert_ok(buf_add(&old_text, base.ptr + from,
                              12 + support_random(&seed) % (180 - from)));
            if (k == 30)
                add_random(&old_text, "a1", 3000, 3, &seed);
            assert_ok(buf_add_str(&old_text, "\n\n"));
        }
        assert_ok(lost_find(&l, buf_text(&old_text), text_of("다른 글이다.")));
        for (int k = 0; k < 6; k++) {
            const size_t from = support_random(&seed) % 100;
            assert_ok(
                buf_add(&all, base.ptr + from, support_random(&seed) % (200 - from)));
            add_random(&all, letters, support_random(&seed) % 9, 2, &seed);
        }
        for (size_t k = 0; k < lost_count(&l); k++)
            if (lost_needle(&l, k).len > 2048 && i % 2)
                assert_ok(buf_add_text(&all, lost_needle(&l, k)));
        assert_ok(lost_held(&l, buf_text(&all), &held));
        for (size_t k = 0; k < lost_count(&l); k++) {
            const int is_in = is_in_plainly(buf_text(&all), lost_needle(&l, k));
            if (buf_bit(&held, k) != is_in)
                fail_msg("%d: '%.*s' in '%.*s'", i, (int)lost_needle(&l, k).len,
                         lost_needle(&l, k).ptr, (int)all.len, all.ptr);
            n_held += (uint64_t)is_in;
            n_not += (uint64_t)!is_in;
        }
    }
    assert_true(n_held > 500 && n_not > 500);
    lost_release(&l);
}

/* Of the sentences of a change nothing is left for the next one, which has none. */
static void test_holding_after_no_change(void **state)
{
    CLEANUP(buf_release) struct buf old_text = BUF_INIT, held = BUF_INIT;
    struct lost l;
    (void)state;
    lost_init(&l);
    for (int i = 0; i < 40; i++)
        assert_ok(buf_printf(&old_text, "주민 %d명이 다리 앞에서 시장을 만났다.\n\n", i));
    assert_ok(lost_find(&l, buf_text(&old_text), text_of("다른 글이다.")));
    assert_true(lost_count(&l) > 30);
    assert_ok(lost_find(&l, buf_text(&old_text), buf_text(&old_text)));
    assert_int_equal(lost_count(&l), 0);
    assert_ok(lost_held(&l, buf_text(&old_text), &held));
    assert_int_equal(held.len, 1);
    assert_int_equal(held.ptr[0], 0);
    lost_release(&l);
}

/* --- anchors --- */

static void find(struct buf *out, struct sillok_text text)
{
    struct shingles s;
    shingles_init(&s);
    assert_ok(shingles_read(&s, text));
    buf_clear(out);
    assert_ok(anchors_find(out, text_make(s.lower.ptr, s.lower.len)));
    shingles_release(&s);
}

static const uint64_t *numbers(const struct buf *b)
{
    return (const uint64_t *)(const void *)b->ptr;
}

static size_t count(const struct buf *b)
{
    return b->len / sizeof(uint64_t);
}

static void add_sentence(struct buf *b, uint64_t *random)
{
    static const char *const words[] = { "시청은",   "다리를",  "the Harbour", "값이",
                                         "“올랐다”", "1,200명", "3.5%",        "a\xff b",
                                         "문을",     "closed" };
    const int n = 3 + (int)(support_random(random) % 8);
    for (int i = 0; i < n; i++)
        assert_ok(buf_printf(b, "%s%llu ", words[support_random(random) % 10],
                             (unsigned long long)(support_random(random) % 1000)));
    assert_ok(buf_add_str(b, support_random(random) % 3 ? "했다." : "did it?"));
}

/* What a text holds is never ruled out; of what it does not hold, nearly all is. */
static void test_anchors_of_a_text(void **state)
{
    enum { ROUNDS = 3000 };
    struct buf text = BUF_INIT, other = BUF_INIT, packed = BUF_INIT, a = BUF_INIT;
    uint64_t random = 5;
    int seems = 0, asked = 0;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t at[20] = { 0 }, n = 1 + support_random(&random) % 18;
        buf_clear(&text);
        buf_clear(&packed);
        for (size_t i = 0; i < n; i++) {
            add_sentence(&text, &random);
            at[i + 1] = text.len;
        }
        find(&a, text_make(text.ptr, text.len));
        assert_ok(anchors_pack(&packed, numbers(&a), count(&a)));
        assert_int_equal(packed.len, (count(&a) * ANCHOR_BITS + 7) / 8);
        const struct sillok_text filter = text_make(packed.ptr, packed.len);
        const size_t i = support_random(&random) % n;
        find(&a, text_make(text.ptr + at[i], at[i + 1] - at[i]));
        assert_true(anchors_may_be_in(filter, numbers(&a), count(&a)));
        buf_clear(&other);
        add_sentence(&other, &random);
        find(&a, text_make(other.ptr, other.len));
        if (count(&a)) {
            asked++;
            seems += anchors_may_be_in(filter, numbers(&a), count(&a));
        }
    }
    if (asked < ROUNDS / 2 || seems > asked / 100)
        fail_msg("%d of %d seem to be there", seems, asked);
    buf_release(&text);
    buf_release(&other);
    buf_release(&packed);
    buf_release(&a);
}

static void test_few_anchors(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } cases[] = {
        { "", 0 },
        { "...", 0 },
        { "짧은 말이다.", 0 },
        { "가나다라마바사아자차카.", 1 }, /* 11 characters and the stop */
        { "나다라마바사아자차카.", 0 },
        { "NO STOP IN THIS LINE", 0 },
        { "Is it so? Yes, it is so!", 1 },
        { "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80.", 0 },
    };
    struct buf a = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        find(&a, text_of(cases[i].text));
        if (count(&a) != cases[i].n)
            fail_msg("'%s' has %zu", cases[i].text, count(&a));
    }
    assert_true(anchors_may_be_in(text_make(NULL, 0), NULL, 0));
    const uint64_t one = 1;
    assert_false(anchors_may_be_in(text_make(NULL, 0), &one, 1));
    buf_release(&a);
}

/* What is on disk must not change without a new INDEX_FORMAT. */
static void test_golden(void **state)
{
    struct buf a = BUF_INIT, packed = BUF_INIT, hex = BUF_INIT;
    (void)state;
    find(&a, text_of("시립 도서관이 New Building에서 문을 열었다. Is it so, he asked?"));
    assert_ok(anchors_pack(&packed, numbers(&a), count(&a)));
    for (size_t i = 0; i < packed.len; i++)
        assert_ok(buf_printf(&hex, "%02x", (unsigned)(uint8_t)packed.ptr[i]));
    if (!text_is(text_make(hex.ptr, hex.len), "80aa7e"))
        fail_msg("%.*s", (int)hex.len, hex.ptr);
    buf_release(&a);
    buf_release(&packed);
    buf_release(&hex);
}

/* --- from a store --- */

struct copies {
    struct box box;
    struct sillok_near *near;
};

static void copies_open(struct copies *c)
{
    box_open(&c->box, "store");
    assert_ok(sillok_near_open(&c->near, c->box.store, 0));
}

static void copies_close(struct copies *c)
{
    sillok_near_close(c->near);
    box_close(&c->box);
}

/* One visit. */
static void add(struct copies *c, const char *oid, const char *aid, const char *at,
                const char *published, const char *body)
{
    box_add_published(&c->box, oid, aid, at, published, "T", body);
}

static void take_in(struct copies *c)
{
    box_ingest(&c->box);
    update_all(c->near);
}

/* "N/M" sentences and standing phrases, then "sentence oid/aid@revision since" of all
 * changes of publisher @p oid, newest first. */
static void ask_stale(struct buf *out, struct copies *b, const char *oid,
                      const struct sillok_stale_options *options)
{
    const struct sillok_changes_options o = { .oid = oid, .all = 1 };
    struct sillok_changes *changes;
    struct sillok_change change;
    int r;
    buf_clear(out);
    assert_ok(sillok_changes_open(&changes, b->box.store, &o));
    while ((r = sillok_changes_next(changes, &change)) > 0) {
        struct sillok_stale *it;
        struct sillok_stale_row row;
        assert_ok(sillok_stale_open(&it, b->near, &change, options));
        assert_ok(buf_printf(out, "%zu/%zu\n", sillok_stale_sentences(it),
                             sillok_stale_standing(it)));
        while ((r = sillok_stale_next(it, &row)) > 0) {
            char since[SILLOK_TIME_LEN];
            sillok_time_format(row.since_s, 0, since);
            assert_true(row.article.crawled_at_s == row.since_s && row.text.len);
            assert_ok(buf_printf(out, "%zu %.*s/%.*s@%u %.10s\n", row.sentence,
                                 (int)row.article.oid.len, row.article.oid.ptr,
                                 (int)row.article.aid.len, row.article.aid.ptr,
                                 row.revision, since));
        }
        assert_ok(r);
        sillok_stale_close(it);
    }
    assert_ok(r);
    sillok_changes_close(changes);
    assert_ok(buf_add_char(out, '\0'));
}

#define HEAD_KO "시립 도서관이 새 건물에서 문을 열었다. "
#define OLD_KO  "첫날 “새 도서관” 방문객은 1200명이었다."
#define NEW_KO  "첫날 “새 도서관” 방문객은 2100명이었다."
#define OLD_EN  "The old bridge was built by the town in 1931."
#define NEW_EN  "The old bridge was built by the town in 1913."

/* 001/1 changes a sentence of Korean, 001/2 one of English, on the second day. */
static void fill(struct copies *b)
{
    add(b, "001", "1", "2026-01-05", "2026-01-05", HEAD_KO OLD_KO);
    add(b, "001", "2", "2026-01-05", "2026-01-05", OLD_EN " Buses wait.");
    add(b, "001", "1", "2026-01-07", "2026-01-05", HEAD_KO NEW_KO);
    add(b, "001", "2", "2026-01-07", "2026-01-05", NEW_EN " Buses wait.");
    /* carries it within another text, with other quotation marks and white space */
    add(b, "002", "1", "2026-01-06", "2026-01-05",
        "아주 다른 기사다. 첫날 \"새  도서관\"\n방문객은 1200명이었다. 시장이 말했다.");
    /* was corrected as well */
    add(b, "002", "2", "2026-01-05", "2026-01-05", HEAD_KO OLD_KO);
    add(b, "002", "2", "2026-01-08", "2026-01-05", HEAD_KO NEW_KO);
    /* never had it */
    add(b, "002", "3", "2026-01-05", "2026-01-05", HEAD_KO "관장이 웃었다.");
    /* had a larger number all along */
    add(b, "002", "4", "2026-01-05", "2026-01-05",
        "첫날 “새 도서관” 방문객은 31200명이었다.");
    /* took it over later, and has had it in two revisions since */
    add(b, "003", "1", "2026-01-05", "2026-01-05", "A short report on the town.");
    add(b, "003", "1", "2026-01-06", "2026-01-05", "A short report. " OLD_EN);
    add(b, "003", "1", "2026-01-08", "2026-01-05", "A short report! " OLD_EN);
    /* published long after, before, long before, and at no time that it says */
    add(b, "003", "2", "2026-01-06", "2026-03-05", "Later: " OLD_EN);
    add(b, "003", "3", "2026-01-06", "2025-12-05", "Before: " OLD_EN);
    add(b, "003", "5", "2026-01-06", "2025-11-05", "Long before: " OLD_EN);
    add(b, "003", "4", "2026-01-06", "", OLD_EN);
    take_in(b);
}

static void test_answers(void **state)
{
    struct sillok_stale_options all_time = SILLOK_STALE_OPTIONS_INIT;
    struct copies b;
    struct buf got = BUF_INIT;
    (void)state;
    all_time.all_time = 1;
    copies_open(&b);
    fill(&b);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, "1/0\n"
                                 "1 002/1@1 2026-01-06\n"
                                 "1/0\n"
                                 "1 003/1@3 2026-01-06\n1 003/3@1 2026-01-06\n"
                                 "1 003/4@1 2026-01-06\n");
    ask_stale(&got, &b, "001", &all_time);
    assert_non_null(strstr(got.ptr, "1 003/2@1 2026-01-06\n"));
    assert_non_null(strstr(got.ptr, "1 003/5@1 2026-01-06\n"));
    /* of the second who corrected it, the same one is left */
    ask_stale(&got, &b, "002", NULL);
    assert_string_equal(got.ptr, "1/0\n1 002/1@1 2026-01-06\n");
    copies_close(&b);
    buf_release(&got);
}

/* Who takes a sentence back and then puts it in again is no stale copy of himself. */
static void test_not_the_article_itself(void **state)
{
    struct copies b;
    struct buf got = BUF_INIT;
    (void)state;
    copies_open(&b);
    add(&b, "001", "1", "2026-01-05", "2026-01-05", HEAD_KO OLD_KO);
    add(&b, "001", "1", "2026-01-06", "2026-01-05", HEAD_KO NEW_KO);
    add(&b, "001", "1", "2026-01-07", "2026-01-05", HEAD_KO OLD_KO);
    add(&b, "002", "1", "2026-01-05", "2026-01-05", "관장이 웃었다. " OLD_KO);
    take_in(&b);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, "1/0\n1/0\n1 002/1@1 2026-01-05\n");
    copies_close(&b);
    buf_release(&got);
}

static const struct store_ops *real_ops;
static size_t n_texts; /* that were read */

static int get_counted(struct sillok_store *s, uint64_t version, int with_body,
                       struct store_version *out)
{
    n_texts += with_body != 0;
    return real_ops->version_get(s, version, with_body, out);
}

/* What stood in a hundred texts of the article itself and of another one is not read in
 * all of them for each change. */
static void test_long_histories(void **state)
{
    enum { N = 100, EACH = 12 };
    struct copies b;
    struct store_ops ops;
    CLEANUP(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;
    (void)state;
    copies_open(&b);
    for (int i = 0; i < N; i++) {
        char at[32];
        snprintf(at, sizeof(at), "2026-%02d-%02d", i / 28 + 1, i % 28 + 1);
        buf_clear(&text);
        assert_ok(buf_printf(&text, "%s %d번째 소식이다. %s%c", HEAD_KO, i,
                             i % 2 ? NEW_KO : OLD_KO, '\0'));
        add(&b, "001", "1", at, "2026-01-05", text.ptr);
        add(&b, "002", "1", at, "2026-01-05", text.ptr);
    }
    take_in(&b);
    real_ops = b.box.store->ops;
    ops = *real_ops;
    ops.version_get = get_counted;
    b.box.store->ops = &ops;
    n_texts = 0;
    ask_stale(&got, &b, "002", NULL);
    b.box.store->ops = real_ops;
    assert_non_null(strstr(got.ptr, "1 001/1@100 2026-04-16\n"));
    assert_in_range(n_texts, N, EACH * N);
    copies_close(&b);
}

/* A sentence without a full stop has no anchor: it is found in similar texts. */
static void test_without_anchor(void **state)
{
    static const char common[] =
        "시청은 다음 달부터 강변에 나무를 심고 길을 넓힌다고 밝혔다 "
        "시장은 회의에서 예산안을 설명하고 의견을 들었다고 전했다";
    struct copies b;
    struct buf text = BUF_INIT, got = BUF_INIT;
    (void)state;
    copies_open(&b);
    assert_ok(buf_printf(&text, "%s\n예산은 모두 1200억 원으로 늘어난다", common));
    assert_ok(buf_add_char(&text, '\0'));
    add(&b, "001", "1", "2026-01-05", "2026-01-05", text.ptr);
    add(&b, "002", "1", "2026-01-05", "2026-01-05", text.ptr);
    buf_clear(&text);
    assert_ok(buf_printf(&text, "%s\n예산은 모두 2100억 원으로 늘어난다", common));
    assert_ok(buf_add_char(&text, '\0'));
    add(&b, "001", "1", "2026-01-06", "2026-01-05", text.ptr);
    take_in(&b);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, "1/0\n1 002/1@1 2026-01-05\n");
    copies_close(&b);
    buf_release(&text);
    buf_release(&got);
}

static void test_standing_phrases(void **state)
{
    struct sillok_stale_options standing = SILLOK_STALE_OPTIONS_INIT;
    struct copies b;
    struct buf got = BUF_INIT;
    (void)state;
    standing.standing = 1;
    copies_open(&b);
    for (int i = 1; i <= SILLOK_STALE_STANDING_MAX + 1; i++) {
        char aid[16], body[200];
        snprintf(aid, sizeof(aid), "%d", i);
        snprintf(body, sizeof(body), "소식 %d 번이다. %s", i, OLD_EN);
        add(&b, "001", aid, "2026-01-05", "2026-01-05", body);
    }
    add(&b, "002", "1", "2026-01-05", "2026-01-05", OLD_EN);
    add(&b, "001", "1", "2026-01-06", "2026-01-05", "소식 1 번이다.");
    take_in(&b);
    /* the changed article itself does not count: 20 are left, and none too many */
    ask_stale(&got, &b, "001", NULL);
    assert_true(text_starts(text_of(got.ptr), "1/0\n1 001/10@1"));
    add(&b, "001", "99", "2026-01-06", "2026-01-06", "One more. " OLD_EN);
    take_in(&b);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, "1/1\n");
    ask_stale(&got, &b, "001", &standing);
    assert_non_null(strstr(got.ptr, "1 002/1@1"));
    copies_close(&b);
    buf_release(&got);
}

/* An index that is damaged under way, or that reindex takes away, is made anew, and none at all
 * is said. */
static void test_index(void **state)
{
    const struct sillok_changes_options o = { .oid = "001" };
    struct copies b;
    struct sillok_near *still;
    struct sillok_changes *changes;
    struct sillok_change change;
    struct sillok_stale *it;
    struct buf want = BUF_INIT, got = BUF_INIT;
    (void)state;
    copies_open(&b);
    fill(&b);
    ask_stale(&want, &b, "001", NULL);
    char *file = support_path(b.box.path, "near.mdb");
    support_write(file, "not an index", 12);
    update_all(b.near);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, want.ptr);
    assert_int_equal(remove(file), 0);
    ask_stale(&got, &b, "001", NULL);
    assert_string_equal(got.ptr, want.ptr);
    assert_int_equal(remove(file), 0);
    assert_ok(sillok_near_open(&still, b.box.store, SILLOK_NEAR_NO_UPDATE));
    assert_ok(sillok_changes_open(&changes, b.box.store, &o));
    assert_int_equal(sillok_changes_next(changes, &change), 1);
    assert_int_equal(sillok_stale_open(&it, still, &change, NULL), SILLOK_ENOTFOUND);
    char longer[4096];
    memset(longer, '1', sizeof(longer));
    change.oid = change.aid = text_make(longer, sizeof(longer));
    assert_int_equal(sillok_stale_open(&it, still, &change, NULL), SILLOK_ENOTFOUND);
    sillok_changes_close(changes);
    sillok_near_close(still);
    free(file);
    copies_close(&b);
    buf_release(&want);
    buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_dateline),
        cmocka_unit_test(test_holding),
        cmocka_unit_test(test_holding_many),
        cmocka_unit_test(test_holding_what_repeats),
        cmocka_unit_test(test_holding_many_that_repeat),
        cmocka_unit_test(test_holding_after_no_change),
        cmocka_unit_test(test_anchors_of_a_text),
        cmocka_unit_test(test_few_anchors),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_not_the_article_itself),
        cmocka_unit_test(test_long_histories),
        cmocka_unit_test(test_without_anchor),
        cmocka_unit_test(test_standing_phrases),
        cmocka_unit_test(test_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
