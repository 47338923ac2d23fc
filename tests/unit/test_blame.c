/*
 * Sentences through revisions: what goes on, what ends, what comes back, and where what
 * is gone stands. All texts are made up.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A story of one article: bodies on days 1, 2, ... ; and what is told of it, a line for
 * each sentence: "<- or blank> <revisions> <how it came><how it went> <text>". */
struct story {
    const char *name;
    const char *bodies[6];
    const char *told;
};

/* 다 and 리 as three letters or two, as files from a Mac have them. */
#define DA "\xe1\x84\x83\xe1\x85\xa1"
#define RI "\xe1\x84\x85\xe1\x85\xb5"

static const struct story stories[] = {
    { "nothing happens",
      { "가람시가 다리를 고친다. 공사는 봄에 끝난다." },
      "  1 .. 가람시가 다리를 고친다.\n"
      "  1 .. 공사는 봄에 끝난다.\n" },
    { "one goes, one comes, one is reworded",
      { "가람시가 다리를 고친다. 공사는 3월에 끝난다. 버스는 돌아서 다닌다.",
        "가람시가 다리를 고친다. 공사는 5월에 끝난다. 시장은 사과하지 않았다." },
      "  1-2 .. 가람시가 다리를 고친다.\n"
      "- 1 .w 공사는 3월에 끝난다.\n"
      "  2 w. 공사는 5월에 끝난다.\n"
      "- 1 .r 버스는 돌아서 다닌다.\n"
      "  2 a. 시장은 사과하지 않았다.\n" },
    { "gone ones in their places",
      { "Alpha opens the fair. Bravo sells bread here. Delta sings a song. Echo goes home.",
        "Alpha opens the fair. Echo goes home." },
      "  1-2 .. Alpha opens the fair.\n"
      "- 1 .r Bravo sells bread here.\n"
      "- 1 .r Delta sings a song.\n"
      "  1-2 .. Echo goes home.\n" },
    { "gone at the beginning, one after the other",
      { "Alpha opens the fair. Bravo sells bread here. Echo goes home.",
        "Bravo sells bread here. Echo goes home.", "Echo goes home." },
      "- 1 .r Alpha opens the fair.\n"
      "- 1-2 .r Bravo sells bread here.\n"
      "  1-3 .. Echo goes home.\n" },
    { "comes back",
      { "도서관이 문을 열었다. 첫날은 무료였다.", "도서관이 문을 열었다.",
        "도서관이 문을 열었다. 첫날은 무료였다." },
      "  1-3 .. 도서관이 문을 열었다.\n"
      "  1,3 .r,a. 첫날은 무료였다.\n" },
    { "comes back, twice",
      { "관람객은 100명이었다.", "관람객은 200명이었다.", "관람객은 100명이었다.",
        "관람객은 200명이었다." },
      "- 1,3 .w,ww 관람객은 100명이었다.\n"
      "  2,4 ww,w. 관람객은 200명이었다.\n" },
    { "moves",
      { "The harbour wall is old. Fishermen want a new one. Hotels want a wide beach.",
        "Hotels want a wide beach. The harbour wall is old. Fishermen want a new one." },
      "  1-2 .. Hotels want a wide beach.\n"
      "  1-2 .. The harbour wall is old.\n"
      "  1-2 .. Fishermen want a new one.\n" },
    { "too short to count as moved",
      { "끝났다. 시장은 모두에게 고맙다고 말했다. 비가 왔다.",
        "시장은 모두에게 고맙다고 말했다. 비가 왔다. 끝났다." },
      "  1-2 .. 시장은 모두에게 고맙다고 말했다.\n"
      "  1-2 .. 비가 왔다.\n"
      "  1-2 .. 끝났다.\n" },
    { "blanks make no other sentence",
      { "새 다리가 놓였다. 모두 기뻐했다.", "새  다리가 놓였다.\n\n모두 기뻐 했다." },
      "  1-2 .. 새  다리가 놓였다.\n"
      "  1-2 .. 모두 기뻐 했다.\n" },
    { "emptied, and back",
      { "새 다리가 놓였다. 모두 기뻐했다.", "", "새 다리가 놓였다. 모두 기뻐했다." },
      "  1,3 .r,a. 새 다리가 놓였다.\n"
      "  1,3 .r,a. 모두 기뻐했다.\n" },
    { "emptied for good",
      { "새 다리가 놓였다. 모두 기뻐했다.", "" },
      "- 1 .r 새 다리가 놓였다.\n"
      "- 1 .r 모두 기뻐했다.\n" },
    { "the same sentence twice",
      { "종이 울렸다. 아무도 오지 않았다고 한다. 종이 울렸다.",
        "종이 울렸다. 아무도 오지 않았다고 한다." },
      "  1-2 .. 종이 울렸다.\n"
      "  1-2 .. 아무도 오지 않았다고 한다.\n"
      "- 1 .r 종이 울렸다.\n" },
    { "only blanks are left",
      { "새 다리가 놓였다.", " \n " },
      "- 1 .r 새 다리가 놓였다.\n" },
    { "goes again, with other blanks",
      { "새 다리가 놓였다. 모두 왔다.", "모두 왔다.", "새  다리가 놓였다. 모두 왔다.",
        "모두 왔다." },
      "- 1,3 .r,ar 새  다리가 놓였다.\n"
      "  1-4 .. 모두 왔다.\n" },
    { "goes again, as it was",
      { "새 다리가 놓였다. 모두 왔다.", "모두 왔다.", "새 다리가 놓였다. 모두 왔다.",
        "모두 왔다." },
      "- 1,3 .r,ar 새 다리가 놓였다.\n"
      "  1-4 .. 모두 왔다.\n" },
    { "cut into two by a line's end",
      { "새 다리가 놓였고 모두 기뻐했다.", "새 다리가 놓였고\n모두 기뻐했다." },
      "- 1 .w 새 다리가 놓였고 모두 기뻐했다.\n"
      "  2 w. 새 다리가 놓였고\n"
      "  2 w. 모두 기뻐했다.\n" },
    { "as many lines, cut elsewhere",
      { "가람시\n시장 의회 의장", "가람시 시장\n의회 의장" },
      "- 1 .w 가람시\n"
      "- 1 .w 시장 의회 의장\n"
      "  2 w. 가람시 시장\n"
      "  2 w. 의회 의장\n" },
    { "decomposed, without blanks between sentences",
      { "새 다리가 놓였다.모두 기뻐했다.비가 왔다.",
        "새 다리가 놓였" DA ".모두 기뻐했" DA ".비가 왔" DA ".",
        "모두 기뻐했" DA ".비가 왔" DA "." },
      "- 1-2 .r 새 다리가 놓였" DA ".\n"
      "  1-3 .. 모두 기뻐했" DA ".\n"
      "  1-3 .. 비가 왔" DA ".\n" },
    { "comes back composed",
      { "새 다리가 놓였" DA ". 모두 왔다.", "모두 왔다.",
        "새 다리가 놓였다. 모두 왔다." },
      "  1,3 .r,a. 새 다리가 놓였다.\n"
      "  1-3 .. 모두 왔다.\n" },
    { "goes composed, comes back decomposed",
      { "새 다리가 놓였" DA ". 모두 왔다.", "새 다리가 놓였다. 모두 왔다.", "모두 왔다.",
        "새 다리가 놓였" DA ". 모두 왔다.", "모두 왔다." },
      "- 1-2,4 .r,ar 새 다리가 놓였" DA ".\n"
      "  1-5 .. 모두 왔다.\n" },
    { "two become one",
      { "비가 왔다. 길이 몹시 젖어서 차가 막혔다.",
        "비가 왔고 길이 몹시 젖어서 차가 막혔다." },
      "- 1 .w 비가 왔다.\n"
      "- 1 .w 길이 몹시 젖어서 차가 막혔다.\n"
      "  2 w. 비가 왔고 길이 몹시 젖어서 차가 막혔다.\n" },
};
enum { N_STORIES = sizeof(stories) / sizeof(stories[0]) };

static void add_file(struct buf *lines, int article, int day, const char *title,
                     const char *body)
{
    assert_ok(
        buf_printf(lines,
                   "{\"oid\":\"001\",\"aid\":\"%010d\",\"crawled_at\":\"2026-01-%02d "
                   "03:00:00\",\"published_at\":\"2026-01-01 "
                   "09:00\",\"title\":\"%s\",\"body\":\"",
                   article, day, title));
    for (; *body; body++)
        assert_ok(*body == '\n' ? buf_add_str(lines, "\\n") : buf_add_char(lines, *body));
    assert_ok(buf_add_str(lines, "\"}\n"));
}

static struct sillok_store *make_store(char *folder)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    struct buf lines = BUF_INIT;
    char *path = support_path(folder, "store"), *file = support_path(folder, "a.ndjson");
    o.create = 1;
    assert_ok(sillok_store_open(&store, path, &o));
    for (int i = 0; i < N_STORIES; i++)
        for (int k = 0; k < 6 && stories[i].bodies[k]; k++)
            add_file(&lines, i + 1, k + 1, stories[i].name, stories[i].bodies[k]);
    add_file(&lines, 900, 1, "새 다리", "본문이다.");
    add_file(&lines, 900, 2, "새  다" RI, "본문이다.");
    add_file(&lines, 900, 3, "[속보] 새 다리", "본문이다.");
    add_file(&lines, 900, 4, "새 다리", "본문이다.");
    support_write(file, lines.ptr, lines.len);
    const char *const paths[] = { file };
    assert_int_equal(support_ingest(store, "a", paths, 1).refused, 0);
    buf_release(&lines);
    free(path);
    free(file);
    return store;
}

static char how_letter(enum sillok_blame_how how, char whole)
{
    return how == SILLOK_BLAME_NOT ? '.' : how == SILLOK_BLAME_REWORDED ? 'w' : whole;
}

static void tell(struct buf *out, const struct sillok_blame_sentence *s)
{
    assert_ok(buf_add_str(out, s->gone ? "- " : "  "));
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct sillok_blame_span *p = &s->spans[i];
        assert_ok(buf_printf(out, "%s%u", i ? "," : "", p->first_revision));
        if (p->last_revision > p->first_revision)
            assert_ok(buf_printf(out, "-%u", p->last_revision));
    }
    for (size_t i = 0; i < s->n_spans; i++)
        assert_ok(buf_printf(out, "%s%c%c", i ? "," : " ",
                             how_letter(s->spans[i].came.how, 'a'),
                             how_letter(s->spans[i].went.how, 'r')));
    assert_ok(buf_printf(out, " %.*s\n", (int)s->text.len, s->text.ptr));
}

static void test_stories(void **state)
{
    (void)state;
    char *folder = support_folder();
    struct sillok_store *store = make_store(folder);
    struct buf told = BUF_INIT;
    for (int i = 0; i < N_STORIES; i++) {
        struct sillok_blame *b;
        struct sillok_blame_sentence s;
        char aid[16];
        int r;
        snprintf(aid, sizeof(aid), "%010d", i + 1);
        buf_clear(&told);
        assert_ok(sillok_blame_open(&b, store, "001", aid));
        while ((r = sillok_blame_next(b, &s)) > 0) {
            if (s.where == SILLOK_BLAME_TITLE)
                continue;
            tell(&told, &s);
            /* The range is of the revision that it names. */
            const char *body = stories[i].bodies[s.revision - 1];
            assert_true(s.range.end <= strlen(body));
            assert_int_equal(s.range.end - s.range.start, s.text.len);
            assert_memory_equal(body + s.range.start, s.text.ptr, s.text.len);
        }
        assert_ok(r);
        if (told.len != strlen(stories[i].told) ||
            memcmp(told.ptr, stories[i].told, told.len) != 0)
            fail_msg("%s:\n%.*s", stories[i].name, (int)told.len, told.ptr);
        sillok_blame_close(b);
    }
    buf_release(&told);
    sillok_store_close(store);
    support_remove(folder);
}

/* Headlines; and the times of windows, which are those of visits. */
static void test_headlines_and_windows(void **state)
{
    enum { DAY = 86400, FIRST = 1767236400 - DAY + DAY }; /* 2026-01-01 03:00:00 */
    (void)state;
    char *folder = support_folder();
    struct sillok_store *store = make_store(folder);
    struct sillok_blame *b;
    struct sillok_blame_sentence s;
    int64_t first_s, last_s;
    assert_ok(sillok_blame_open(&b, store, "001", "0000000900"));
    assert_int_equal(sillok_blame_revisions(b), 4);
    sillok_blame_seen(b, 3, &first_s, &last_s);
    assert_int_equal(first_s, FIRST + 2 * DAY);
    assert_int_equal(last_s, FIRST + 2 * DAY);
    static const uint32_t none[] = { 0, 5, UINT32_MAX };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        sillok_blame_seen(b, none[i], &first_s, &last_s);
        assert_true(first_s == 0 && last_s == 0);
    }

    assert_int_equal(sillok_blame_next(b, &s), 1);
    assert_int_equal(s.where, SILLOK_BLAME_TITLE);
    assert_true(s.gone && s.n_spans == 1 && s.revision == 3);
    assert_int_equal(s.spans[0].went.how, SILLOK_BLAME_REWORDED);
    assert_string_equal(sillok_blame_fate(&s), "reworded");
    assert_memory_equal(s.text.ptr, "[속보] 새 다리", s.text.len);
    assert_int_equal(s.spans[0].came.after_s, FIRST + DAY);
    assert_int_equal(s.spans[0].came.before_s, FIRST + 2 * DAY);
    assert_int_equal(s.spans[0].went.after_s, FIRST + 2 * DAY);
    assert_int_equal(s.spans[0].went.before_s, FIRST + 3 * DAY);

    assert_int_equal(sillok_blame_next(b, &s), 1);
    assert_int_equal(s.where, SILLOK_BLAME_TITLE);
    assert_true(!s.gone && s.n_spans == 2 && s.revision == 4);
    assert_string_equal(sillok_blame_fate(&s), "came back");
    assert_int_equal(s.spans[0].last_revision, 2);
    assert_int_equal(s.spans[0].last_seen_s, FIRST + DAY);
    assert_int_equal(s.spans[1].first_seen_s, FIRST + 3 * DAY);
    assert_int_equal(s.spans[1].went.how, SILLOK_BLAME_NOT);

    assert_int_equal(sillok_blame_next(b, &s), 1);
    assert_int_equal(s.where, SILLOK_BLAME_BODY);
    assert_int_equal(s.spans[0].last_revision, 4);
    assert_int_equal(sillok_blame_next(b, &s), 0);
    sillok_blame_close(b);
    assert_int_equal(sillok_blame_open(&b, store, "001", "none"), SILLOK_ENOTFOUND);
    sillok_store_close(store);
    support_remove(folder);
}

/* Whatever happened: the sentences that stand give the newest body, those of any revision
 * are in spans that do not overlap, and each revision's can be told from them. */
static void test_any_history(void **state)
{
    enum { REVISIONS = 30, KINDS = 12 };
    (void)state;
    char *folder = support_folder();
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    char *path = support_path(folder, "store"), *file = support_path(folder, "a.ndjson");
    uint64_t seed = 7;
    struct buf lines = BUF_INIT, body = BUF_INIT;
    unsigned stood[REVISIONS][KINDS];
    memset(stood, 0, sizeof(stood));
    for (int rev = 0; rev < REVISIONS; rev++) {
        buf_clear(&body);
        for (int n = (int)(support_random(&seed) % 9) + 1; n > 0; n--) {
            const unsigned kind = (unsigned)(support_random(&seed) % KINDS);
            stood[rev][kind]++;
            assert_ok(
                buf_printf(&body, "배 %u 척이 항구에 들어왔다고 한다. ", 100 + kind));
        }
        assert_ok(buf_printf(&body, "%d번째 판이다.", rev));
        add_file(&lines, 1, rev + 1, "항구", body.ptr);
    }
    support_write(file, lines.ptr, lines.len);
    o.create = 1;
    assert_ok(sillok_store_open(&store, path, &o));
    const char *const paths[] = { file };
    assert_int_equal(support_ingest(store, "a", paths, 1).refused, 0);
    struct sillok_blame *b;
    struct sillok_blame_sentence s;
    size_t at = 0;
    int r;
    assert_ok(sillok_blame_open(&b, store, "001", "0000000001"));
    while ((r = sillok_blame_next(b, &s)) > 0) {
        unsigned kind = 0;
        uint32_t last = 0;
        if (s.where == SILLOK_BLAME_TITLE)
            continue;
        const int is_ship = sscanf(s.text.ptr, "배 %u", &kind) == 1;
        for (size_t i = 0; i < s.n_spans; i++) {
            assert_true(s.spans[i].first_revision > last + (i > 0));
            last = s.spans[i].last_revision;
            for (uint32_t k = s.spans[i].first_revision; k <= last && is_ship; k++)
                stood[k - 1][kind - 100]--;
        }
        assert_int_equal(s.gone, last != REVISIONS);
        if (!s.gone) {
            assert_true(s.range.start >= at);
            at = s.range.end;
        }
    }
    assert_ok(r);
    assert_int_equal(at, body.len);
    for (int rev = 0; rev < REVISIONS; rev++)
        for (int kind = 0; kind < KINDS; kind++)
            if (stood[rev][kind])
                fail_msg("revision %d, sentence %d: %d too few", rev + 1, kind,
                         (int)stood[rev][kind]);
    sillok_blame_close(b);
    sillok_store_close(store);
    support_remove(folder);
    buf_release(&lines);
    buf_release(&body);
    free(path);
    free(file);
}

/* Of sentences that are alike by the hundred, the first 64 are looked for when they come
 * back; the others then count as new, and all of them stand in the newest text. */
static void test_alike(void **state)
{
    enum { N = 70, FOUND = 64 };
    (void)state;
    char *folder = support_folder(), *file = support_path(folder, "a.ndjson");
    struct sillok_store *store = support_store(folder);
    struct buf lines = BUF_INIT, body = BUF_INIT;
    for (int i = 0; i < N; i++)
        assert_ok(buf_add_str(&body, "종이 울렸다. "));
    assert_ok(buf_add_char(&body, '\0'));
    for (int day = 1; day <= 3; day++)
        add_file(&lines, 1, day, "종", day == 2 ? "조용했다." : body.ptr);
    support_write(file, lines.ptr, lines.len);
    const char *const paths[] = { file };
    assert_int_equal(support_ingest(store, "a", paths, 1).refused, 0);
    struct sillok_blame *b;
    struct sillok_blame_sentence s;
    int back = 0, fresh = 0, gone = 0, r;
    assert_ok(sillok_blame_open(&b, store, "001", "0000000001"));
    while ((r = sillok_blame_next(b, &s)) > 0) {
        if (s.where == SILLOK_BLAME_TITLE || !memmem(s.text.ptr, s.text.len, "종", 3))
            continue;
        back += !s.gone && s.n_spans == 2 && s.spans[0].last_revision == 1;
        fresh += !s.gone && s.n_spans == 1 && s.spans[0].first_revision == 3;
        gone += s.gone && s.n_spans == 1;
    }
    assert_ok(r);
    assert_int_equal(back, FOUND);
    assert_int_equal(fresh, N - FOUND);
    assert_int_equal(gone, N - FOUND);
    sillok_blame_close(b);
    sillok_store_close(store);
    support_remove(folder);
    buf_release(&lines);
    buf_release(&body);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_headlines_and_windows),
        cmocka_unit_test(test_any_history),
        cmocka_unit_test(test_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
