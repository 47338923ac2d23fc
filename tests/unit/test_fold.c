/*
 * When is the same difference in many articles one event: how many, of how many, of whom,
 * in which crawl; and what counts as the same.
 */
#include "history/fold.h"

#include "diff/kinds.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/utf8.h"

#include <string.h>

enum { MAX = 3 * FOLD_MIN + 1, TEXT_MAX = 20000 };

static struct side {
    char title[120], author[64], body[TEXT_MAX];
} before[MAX], after[MAX];
static struct fold_item items[MAX];
static size_t n_items;
static struct sillok_article shown[2];
static int fails_at;
static int sketched;    /* the source has sketches */
static size_t n_loaded; /* with bodies */

static int load(void *ctx, size_t i, int bodies, const struct sillok_article **a,
                const struct sillok_article **b)
{
    assert_ptr_equal(ctx, items);
    if ((int)i == fails_at)
        return SILLOK_EIO;
    n_loaded += bodies != 0;
    const struct side *sides[] = { &before[i], &after[i] };
    for (int k = 0; k < 2; k++) {
        shown[k] =
            (struct sillok_article){ .body = text_of(bodies ? sides[k]->body : "") };
        shown[k].fields[SILLOK_TITLE] = text_of(sides[k]->title);
        if (sides[k]->author[0])
            shown[k].fields[SILLOK_AUTHOR] = text_of(sides[k]->author);
    }
    *a = &shown[0];
    *b = &shown[1];
    return 0;
}

static int sketch_of(void *ctx, size_t i, struct sillok_change_class *what,
                     struct place_sketch *sketch)
{
    const struct sillok_article *a, *b;
    if (!sketched)
        return 0;
    const int r = load(ctx, i, 1, &a, &b);
    n_loaded -= r == 0;
    if (r == 0)
        assert_ok(change_classify(what, sketch, a, b));
    return r < 0 ? r : 1;
}

/* Without the marks, where an item has an edit too. */
static char edited[MAX][TEXT_MAX], edited_title[MAX][sizeof(before[0].title)];

static int keep_edit(void *ctx, size_t i, struct sillok_text title,
                     struct sillok_text body)
{
    assert_true(title.len < sizeof(edited_title[i]));
    memcpy(edited_title[i], title.ptr, title.len);
    edited_title[i][title.len] = '\0';
    assert_ptr_equal(ctx, items);
    assert_true(body.len < TEXT_MAX);
    memcpy(edited[i], body.ptr, body.len);
    edited[i][body.len] = '\0';
    return 0;
}

static const struct fold_source source = { sketch_of, load, keep_edit, items };

static void begin(void)
{
    memset(edited, 0, sizeof(edited));
    memset(edited_title, 0, sizeof(edited_title));
    memset(before, 0, sizeof(before));
    memset(after, 0, sizeof(after));
    n_items = 0;
    fails_at = -1;
}

/* An article whose text says something of its own, with @p was and @p is in it. */
static void add(const char *oid, uint32_t crawl, const char *was, const char *is)
{
    static const char *const tails[] = { "가게", "나무", "다리", "라면", "마을", "바다" };
    const size_t i = n_items++;
    assert_true(n_items <= MAX);
    items[i] = (struct fold_item){
        .crawl = crawl, .oid = text_of(oid), .article = i + 1, .event = 99
    };
    char own[200];
    snprintf(own, sizeof(own), "%s에서 %zu번째 소식이 왔다.\n", tails[i % 6], i);
    snprintf(before[i].title, sizeof(before[i].title), "소식 %zu", i);
    snprintf(after[i].title, sizeof(after[i].title), "소식 %zu", i);
    snprintf(before[i].body, TEXT_MAX, "%s%s", own, was);
    snprintf(after[i].body, TEXT_MAX, "%s%s", own, is);
}

/* An edit that no other article has: words that are nowhere else. */
static void add_own(const char *oid, uint32_t crawl)
{
    static unsigned word;
    char was[100], is[100];
    const unsigned w = 1000 + 4 * word++;
    for (int k = 0; k < 2; k++)
        snprintf(k ? is : was, 100, "q%cx%cz%c%c 갔다.", 'a' + w % 26, 'a' + w / 26 % 26,
                 'a' + w / 676 % 26, k ? 'y' : 'n');
    add(oid, crawl, was, is);
}

static const char mark[] = "더 많은 소식은 앱에서 받아 보세요.";

/* Fold as it is, checking that what is told of items and of events is the same. */
static size_t fold_once(size_t *n_first)
{
    CLEANUP(buf_release) struct buf events = BUF_INIT;
    n_loaded = 0;
    assert_ok(fold(items, n_items, &source, &events));
    const struct fold_event *e = (const struct fold_event *)(void *)events.ptr;
    const size_t n = events.len / sizeof(*e);
    size_t in_all = 0, told = 0;
    for (size_t i = 0; i < n; i++) {
        in_all += e[i].n;
        assert_int_equal(items[e[i].sample].event, i + 1);
        assert_int_equal(items[e[i].sample].crawl, e[i].crawl);
    }
    for (size_t i = 0; i < n_items; i++) {
        assert_true(items[i].event <= n);
        assert_true(!items[i].event || items[i].marks);
        told += items[i].event != 0;
    }
    assert_int_equal(told, in_all);
    *n_first = n ? e[0].n : 0;
    return n;
}

/* How many events there are, and how many articles went into the first: with sketches,
 * which must not matter, and without. */
static size_t folded(size_t *n_first)
{
    static struct fold_item by_sketches[MAX];
    size_t first;
    sketched = 1;
    const size_t n = fold_once(&first);
    memcpy(by_sketches, items, sizeof(items));
    sketched = 0;
    assert_int_equal(fold_once(n_first), n);
    assert_int_equal(*n_first, first);
    for (size_t i = 0; i < n_items; i++) {
        assert_int_equal(by_sketches[i].event, items[i].event);
        assert_int_equal(by_sketches[i].marks, items[i].marks);
    }
    return n;
}

/* One event of @p want items, or none. */
static void assert_event(const char *name, size_t want)
{
    size_t n;
    const size_t events = folded(&n);
    if (events != (want > 0) || n != want)
        fail_msg("%s: %zu events, %zu in it", name, events, n);
}

/* What is left of a change when the marks are taken out of it. */
static void edits_beside_marks(void **state)
{
    char was[200], is[200];
    size_t n;
    (void)state;
    begin();
    for (int i = 0; i < FOLD_MIN; i++)
        add("001", 1, "비가 왔다.", "비가 왔다.\n더 많은 소식은 앱에서 받아 보세요.");
    snprintf(was, sizeof(was), "값은 5원이다.\n길이 젖었다.");
    snprintf(is, sizeof(is), "값은 6원이다.\n길이 젖었다.\n%s", mark);
    add("001", 1, was, is);
    add("001", 1, "길이 젖었다.", "길이 젖었다.\n더 많은 소식은 앱에서 받아 보세요.");
    snprintf(after[n_items - 1].title, sizeof(after[0].title), "다른 제목");
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    for (size_t i = 0; i < FOLD_MIN; i++)
        assert_string_equal(edited[i], ""); /* all of it is a mark: nobody asks */
    /* the same mark twice, an edit between them */
    snprintf(was, sizeof(was), "값은 5원이다.\n불이 났다.\n길이 젖었다.");
    snprintf(is, sizeof(is), "%s\n값은 5원이다.\n물이 났다.\n길이 젖었다.\n%s", mark,
             mark);
    add("001", 1, was, is);
    assert_int_equal(folded(&n), 1);
    const char *twice = edited[FOLD_MIN + 2];
    assert_non_null(strstr(twice, "물이 났다."));
    assert_null(strstr(twice, "더 많은"));
    const size_t number = FOLD_MIN, title = FOLD_MIN + 1;
    assert_true(items[number].marks && items[title].marks);
    assert_non_null(strstr(edited[number], "값은 6원이다.\n길이 젖었다."));
    assert_null(strstr(edited[number], "더 많은"));
    assert_non_null(strstr(edited[title], "길이 젖었다."));
    assert_null(strstr(edited[title], "더 많은"));
}

static void how_many_make_an_event(void **state)
{
    static const struct {
        const char *name;
        int same, others;
        size_t event; /* articles in it, 0: none */
    } cases[] = {
        { "enough", FOLD_MIN, 0, FOLD_MIN },
        { "one too few", FOLD_MIN - 1, 0, 0 },
        { "one too few, in a group that is large enough", FOLD_MIN - 1, 1, 0 },
        { "half of the group", FOLD_MIN, FOLD_MIN, FOLD_MIN },
        { "less than half", FOLD_MIN, FOLD_MIN + 1, 0 },
        { "more than half", FOLD_MIN + 1, FOLD_MIN, FOLD_MIN + 1 },
        { "none", 0, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (int k = 0; k < cases[i].same; k++)
            add("001", 1, "", mark);
        for (int k = 0; k < cases[i].others; k++)
            add_own("001", 1);
        assert_event(cases[i].name, cases[i].event);
    }
}

/* The last @p n changes are of one article. */
static void make_one_of(int n)
{
    for (int k = 1; k <= n; k++)
        items[n_items - (size_t)k].article = 1000;
}

/* An article that gets the same line many times while it is crawled is edited so often. */
static void articles_count_and_not_their_changes(void **state)
{
    static const struct {
        const char *name;
        int same, live, others, other_live;
        size_t event; /* changes in it, 0: none */
    } cases[] = {
        { "one article alone", 0, 2 * FOLD_MIN, 0, 0, 0 },
        { "the last that it takes", FOLD_MIN - 1, FOLD_MIN, 0, 0, 2 * FOLD_MIN - 1 },
        { "one too few", FOLD_MIN - 2, FOLD_MIN, 0, 0, 0 },
        { "half of the articles", FOLD_MIN, 0, FOLD_MIN - 1, FOLD_MIN, FOLD_MIN },
        { "less than half", FOLD_MIN, 0, FOLD_MIN, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (int k = 0; k < cases[i].same + cases[i].live; k++)
            add("001", 1, "", mark);
        make_one_of(cases[i].live);
        for (int k = 0; k < cases[i].others + cases[i].other_live; k++)
            add_own("001", 1);
        make_one_of(cases[i].other_live);
        assert_event(cases[i].name, cases[i].event);
    }
    /* and is not read for it */
    begin();
    for (int k = 0; k < FOLD_MIN; k++)
        add("001", 1, "", mark);
    make_one_of(FOLD_MIN);
    size_t n;
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);
}

/* Another publisher, or another crawl, did something else. */
static void whose_and_when(void **state)
{
    static const struct {
        const char *oids[2];
        uint32_t crawls[2];
        int each;
        size_t events;
    } cases[] = {
        { { "001", "001" }, { 1, 1 }, FOLD_MIN, 1 },
        { { "001", "002" }, { 1, 1 }, FOLD_MIN, 2 },
        { { "001", "001" }, { 1, 2 }, FOLD_MIN, 2 },
        { { "001", "001" }, { 1, 1 }, FOLD_MIN / 2, 1 },
        { { "001", "002" }, { 1, 1 }, FOLD_MIN / 2, 0 },
        { { "001", "001" }, { 1, 2 }, FOLD_MIN / 2, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n;
        begin();
        for (int k = 0; k < 2 * cases[i].each; k++) /* one of each in turn */
            add(cases[i].oids[k % 2], cases[i].crawls[k % 2], "", mark);
        if (folded(&n) != cases[i].events)
            fail_msg("case %zu", i);
    }
}

/* Publishers are called by few digits and crawls are numbered: both differ in few bits. */
static void neighbours_are_told_apart(void **state)
{
    (void)state;
    for (uint32_t a = 1; a <= 8; a++)
        for (uint32_t b = 1; b <= 8; b++) {
            size_t n;
            begin();
            for (int k = 0; k < 2 * FOLD_MIN; k++)
                add(k % 2 ? "002" : "001", k % 2 ? b : a, "", mark);
            if (folded(&n) != 2)
                fail_msg("001 in crawl %u and 002 in crawl %u", a, b);
        }
}

/* Texts with %d in them get the number of the article, with %s a word of its own. */
static const struct {
    const char *name, *was, *is;
    int event, marks;
} shapes[] = {
    { "a line that comes", "", "더 많은 소식은 앱에서 받아 보세요.", 1, 1 },
    { "a line that goes", "더 많은 소식은 앱에서 받아 보세요.", "", 1, 1 },
    { "with another number in each", "", "기사 입력 번호는 %d번 입니다.", 1, 1 },
    { "with another name in each, and enough around it", "",
      "사진 제공은 독자 %s 님께서 하셨습니다.", 1, 1 },
    { "another word in each", "", "%s.", 0, 0 },
    { "two words of three its own", "", "%s 제공 %s.", 0, 0 },
    { "blanks around it", "", "더 많은 소식은 앱에서 받아 보세요. \n", 1, 1 },
    { "a mark and an edit", "가운데 줄은 그대로 서 있다.\n",
      "%s %s %s %s.\n가운데 줄은 그대로 서 있다.\n더 많은 소식은 앱에서 받아 보세요.", 0,
      1 },
    { "only layout", "한 줄이 있다.", "한 줄이\n있다.", 0, 0 },
    { "nothing at all", "한 줄이 있다.", "한 줄이 있다.", 0, 0 },
    { "layout beside the line", "그는 “%s”라고 했다. 끝이다.",
      "그는 \"%s\"라고 했다. 끝이다.\n더 많은 소식은 앱에서 받아 보세요.", 1, 1 },
    { "blanks before a line that stands first", "가운데 줄은 서 있다.",
      "\n\t더 많은 소식은 앱에서 받아 보세요.\n가운데 줄은 서 있다.", 1, 1 },
    { "a word many times is one word", "", "앱 앱 앱 소식 받기 %s %s.", 0, 0 },
    { "three words of four", "", "앱 소식 받기 %s.", 1, 1 },
    { "three words of five", "", "앱 소식 받기 %s %s.", 0, 0 },
    { "a line that counts", "조회수 %d", "조회수 1%d", 1, 1 },
    { "a line that says how old it is", "Updated %d hours ago\n가운데 줄이다.",
      "Updated 1%d hours ago\n가운데 줄이다.", 1, 1 },
    { "two counts in one line", "댓글 %d 추천 %d", "댓글 1%d 추천 2%d", 1, 1 },
    { "a count and an edit", "가운데 줄은 그대로 서 있다.\n조회수 %d",
      "%s %s %s %s.\n가운데 줄은 그대로 서 있다.\n조회수 1%d", 0, 1 },
    { "a number in a line of its own", "%s 값은 %d원이다.", "%s 값은 1%d원이다.", 0, 0 },
    { "a number in the same sentence", "값은 %d원이다.", "값은 1%d원이다.", 0, 0 },
    { "a number in the same sentence (en)", "It took %d years.", "It took 1%d years.", 0,
      0 },
    { "a number and nothing else", "%d", "1%d", 0, 0 },
    { "a number in a long line",
      "이 줄은 모두 같지만 길어서 누가 세는 줄이 아니라 어느 기사에나 있을 만한 글이고 여기 "
      "%d명",
      "이 줄은 모두 같지만 길어서 누가 세는 줄이 아니라 어느 기사에나 있을 만한 글이고 여기 "
      "1%d명",
      0, 0 },
};

static void own_word(char out[16], unsigned n)
{
    for (int i = 0; i < 5; i++, n /= 26)
        out[i] = (char)('a' + n % 26);
    out[5] = '\0';
}

static void expand(char *out, const char *text, unsigned i)
{
    for (unsigned nth = 0; *text; text++) {
        char word[16];
        if (text[0] == '%' && text[1] == 'd')
            snprintf(word, sizeof(word), "%u", 10 + i * 7);
        else if (text[0] == '%' && text[1] == 's')
            own_word(word, 5000 + i * 977 + 101 * nth++);
        else {
            *out++ = *text;
            continue;
        }
        out = stpcpy(out, word);
        text++;
    }
    *out = '\0';
}

static void what_is_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        size_t n;
        begin();
        for (unsigned k = 0; k < 2 * FOLD_MIN; k++) {
            char was[400], is[400];
            expand(was, shapes[i].was, k);
            expand(is, shapes[i].is, k);
            add("001", 1, was, is);
        }
        const size_t events = folded(&n);
        if (events != (size_t)shapes[i].event || (events && n != n_items) ||
            items[3].marks != shapes[i].marks)
            fail_msg("%s: %zu events, %zu in it, marks %d", shapes[i].name, events, n,
                     items[3].marks);
    }
}

/* A headline is a place of its own: the same words in the text are not the same. */
static void headlines_are_places(void **state)
{
    size_t n;
    (void)state;
    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", "");
        snprintf(before[k].title, sizeof(before[k].title), "제목");
        snprintf(after[k].title, sizeof(after[k].title), "제목 (종합)");
    }
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    for (int k = 0; k < FOLD_MIN; k++) /* each its own */
        snprintf(after[k].title, sizeof(after[k].title), "제목 %d", k);
    assert_int_equal(folded(&n), 0);
}

/* Headlines with a word of the article's own where %s stands. */
static const struct {
    const char *name, *was, *is;
    int n; /* so many have it, and as many others an edit of their own */
    int event;
} titles[] = {
    { "a suffix that comes", "%s 강을 판다", "%s 강을 판다 - 하늘일보", FOLD_MIN, 1 },
    { "one that goes", "%s 강을 판다 | 하늘일보", "%s 강을 판다", FOLD_MIN, 1 },
    { "one for another", "%s 판다 - 하늘일보", "%s 판다 - 들판신문", FOLD_MIN, 1 },
    { "a prefix that comes", "%s 강을 판다", "[하늘일보] %s 강을 판다", FOLD_MIN, 1 },
    { "one that goes", "하늘일보: %s 판다", "%s 판다", FOLD_MIN, 1 },
    { "at both ends", "%s 판다", "하늘 %s 판다 - 하늘일보", FOLD_MIN, 1 },
    { "the same in stead of each", "%s 강을 판다", "하늘일보 로그인", FOLD_MIN, 1 },
    { "each for the same", "하늘일보 로그인", "%s 강을 판다", FOLD_MIN, 0 },
    { "a suffix, one too few", "%s 판다", "%s 판다 - 하늘일보", FOLD_MIN - 1, 0 },
    { "the same in stead of each, one too few", "%s 판다", "로그인", FOLD_MIN - 1, 0 },
    { "another suffix in each", "강을 판다", "강을 판다 - %s", FOLD_MIN, 0 },
    { "amid the words", "%s 강을 %s 판다", "%s 강을 크게 %s 판다", FOLD_MIN, 0 },
    { "a suffix beside an edit", "%s 강을 %s 판다", "%s 강을 메운다 - 하늘일보", FOLD_MIN,
      0 },
    { "signs alone", "“%s 강을 판다”", "\"%s 강을 판다\"", FOLD_MIN, 0 },
};

static void headlines_share_their_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        size_t n;
        begin();
        for (int k = 0; k < titles[i].n; k++) {
            add("001", 1, "", "");
            expand(before[k].title, titles[i].was, (unsigned)k);
            expand(after[k].title, titles[i].is, (unsigned)k);
        }
        for (int k = 0; k < titles[i].n; k++)
            add_own("001", 1);
        const size_t events = folded(&n);
        if (events != (size_t)titles[i].event || (events && (int)n != titles[i].n))
            fail_msg("%s: %zu events, %zu in it", titles[i].name, events, n);
    }
}

/* What an edit would be is told with the headline of before. */
static void edits_beside_marks_of_headlines(void **state)
{
    size_t n;
    (void)state;
    begin();
    for (size_t k = 0; k < FOLD_MIN + 2; k++) {
        add("001", 1, "값은 5원이다.", k == 3 ? "값은 6원이다." : "값은 5원이다.");
        own_word(before[k].title, 300 + 977 * (unsigned)k);
        snprintf(after[k].title, sizeof(after[k].title), "%s%.16s - 하늘일보",
                 k == 5 ? "또 " : "", before[k].title);
    }
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    assert_true(items[3].marks && !items[3].event);
    assert_string_equal(edited_title[3], before[3].title);
    assert_string_equal(edited[3], after[3].body);
    assert_true(items[5].marks && !items[5].event);
    assert_int_equal(strncmp(edited_title[5], "또 ", strlen("또 ")), 0);
    assert_string_equal(edited_title[5] + strlen("또 "), before[5].title);
}

/* Titles are compared without their texts. */
static void headlines_alone_are_read_without_texts(void **state)
{
    size_t n;
    (void)state;
    sketched = 1;
    begin();
    for (unsigned k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", "");
        own_word(before[k].title, 300 + 977 * k);
        own_word(after[k].title, 777 + 977 * k);
    }
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);
}

/* Bodies that became one and the same, whatever stood there: @p n_words of its own. */
static void add_wall(unsigned k, unsigned n_words, const char *footer, const char *wall)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    add("001", 1, "", "");
    for (unsigned w = 0; w < n_words; w++) {
        char word[16];
        own_word(word, 1000 * k + w);
        assert_ok(buf_printf(&was, "%s%s", word, w % 9 == 8 ? ". " : " "));
    }
    snprintf(before[k].body, TEXT_MAX, "%.*s%s", (int)was.len, was.ptr, footer);
    snprintf(after[k].body, TEXT_MAX, "%s", wall);
}

static void bodies_become_one(void **state)
{
    static const struct {
        const char *name, *footer, *wall;
        unsigned n;
        size_t event;
    } cases[] = {
        { "a login wall", "", "로그인 후 이용하실 수 있습니다.", 2 * FOLD_MIN,
          2 * FOLD_MIN },
        { "one word", "", "로그인", FOLD_MIN, FOLD_MIN },
        { "words that stood there too", "더 쓸 수 있습니다.", "로그인 후 쓸 수 있습니다.",
          FOLD_MIN, FOLD_MIN },
        { "a line that stood there", "로그인 후 쓸 수 있습니다.",
          "로그인 후 쓸 수 있습니다.", FOLD_MIN, FOLD_MIN },
        { "a number alone", "", "404", FOLD_MIN, 0 },
        { "nothing", "", "", FOLD_MIN, 0 },
        { "one too few", "", "로그인 후 이용하실 수 있습니다.", FOLD_MIN - 1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (unsigned k = 0; k < cases[i].n;
             k++) /* some of more words than are looked at */
            add_wall(k, k % 2 ? 60 : 400, cases[i].footer, cases[i].wall);
        add_own("001", 1);
        assert_event(cases[i].name, cases[i].event);
    }
}

/* Bodies that keep @p kept of a hundred bytes of their own and go on with @p tail. */
static void add_cut(unsigned k, unsigned kept, const char *tail)
{
    add_wall(k, 60, "", "");
    size_t n = strlen(before[k].body) * kept / 100;
    while (utf8_is_tail(before[k].body[n]))
        n--;
    snprintf(after[k].body, TEXT_MAX, "%.*s%s", (int)n, before[k].body, tail);
}

static void bodies_are_cut(void **state)
{
    static const struct {
        const char *name, *tail; /* NULL: each has its own */
        unsigned kept, n;
        size_t event;
    } cases[] = {
        { "cut", "", 50, FOLD_MIN, FOLD_MIN },
        { "with dots", "...", 10, FOLD_MIN, FOLD_MIN },
        { "a wall further down", "… 더 보려면 로그인", 30, FOLD_MIN, FOLD_MIN },
        { "a fifth", "", 79, FOLD_MIN, FOLD_MIN },
        { "less than a fifth", "", 85, FOLD_MIN, 0 },
        { "one too few", "", 50, FOLD_MIN - 1, 0 },
        { "each is edited at its end", NULL, 50, FOLD_MIN, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        for (unsigned k = 0; k < cases[i].n; k++) {
            char own[32];
            own_word(own, 500000 + 977 * k);
            add_cut(k, cases[i].kept, cases[i].tail ? cases[i].tail : own);
        }
        assert_event(cases[i].name, cases[i].event);
    }
}

/* What comes back behind a wall may be edited: it is told. */
static void bodies_were_one(void **state)
{
    static char was[TEXT_MAX];
    size_t n;
    (void)state;
    begin();
    for (unsigned k = 0; k < 2 * FOLD_MIN; k++) {
        add_wall(k, k % 2 ? 60 : 400, "", "로그인 후 이용하실 수 있습니다.");
        memcpy(was, before[k].body, TEXT_MAX);
        memcpy(before[k].body, after[k].body, TEXT_MAX);
        memcpy(after[k].body, was, TEXT_MAX);
    }
    assert_int_equal(folded(&n), 0);
    for (size_t k = 0; k < n_items; k++)
        assert_int_equal(items[k].marks, 0);
}

/* Words that half of the group have, but few so many in one place. */
static void few_lines_of_common_words_are_no_mark(void **state)
{
    size_t n;
    (void)state;
    for (int all = 0; all < 2; all++) {
        begin();
        for (unsigned k = 0; k < FOLD_MIN; k++) {
            char is[200];
            expand(is, all || k % 2 ? "앱 소식 받기 %s." : "앱 %s 소식 %s 받기 %s %s.",
                   k);
            add("001", 1, "", is);
        }
        assert_int_equal(folded(&n), all);
        assert_int_equal(items[1].marks, all);
    }
}

/* A field that was not there before, the same for all, or to each its own. */
static void a_new_field_is_a_place(void **state)
{
    static const char *const bodies[] = { "", "또 한 줄이 왔다." };
    (void)state;
    for (int own = 0; own < 2; own++)
        for (int both = 0; both < 2; both++) {
            size_t n;
            begin();
            for (int k = 0; k < FOLD_MIN; k++) {
                char word[16];
                own_word(word, 7000 + 977 * (unsigned)k);
                add("001", 1, "", bodies[both]);
                snprintf(after[k].author, sizeof(after[k].author), "%s",
                         own ? word : "가나 편집부");
            }
            assert_int_equal(folded(&n), !own);
            assert_int_equal(items[0].marks, !own || both);
            for (int k = 0; k < FOLD_MIN; k++) { /* and back */
                memcpy(before[k].author, after[k].author, sizeof(after[k].author));
                after[k].author[0] = '\0';
            }
            assert_int_equal(folded(&n), !own);
        }
}

/* However often it stands in one article, it is one article that has it. */
static void a_place_counts_once_for_its_article(void **state)
{
    static const char twice[] = "첫 번째 줄이 온다.\n광고 안내 문구가 있다.\n둘째 줄.\n"
                                "광고 안내 문구가 있다.\n셋째 줄.\n";
    static const char bare[] = "첫 번째 줄이 온다.\n둘째 줄.\n셋째 줄.\n";
    size_t n;
    (void)state;
    begin();
    for (int k = 0; k < FOLD_MIN - 1; k++)
        add("001", 1, bare, twice);
    for (int k = 0; k < FOLD_MIN - 1; k++)
        add_own("001", 1);
    assert_int_equal(folded(&n), 0);
    add("001", 1, bare, twice);
    assert_int_equal(folded(&n), 1);
    assert_int_equal(n, FOLD_MIN);
}

/* What differs all over is no line of an extractor, even if all differ alike. */
static void too_many_places_are_no_mark(void **state)
{
    enum { FEW = 200, MANY = 400 };
    (void)state;
    for (int lines = FEW; lines <= MANY; lines += MANY - FEW) {
        CLEANUP(buf_release) struct buf was = BUF_INIT, is = BUF_INIT;
        size_t n;
        for (int i = 0; i < lines; i++) {
            char word[16];
            own_word(word, 31 * (unsigned)i);
            assert_ok(buf_printf(&was, "줄 %s 하나.\n", word));
            assert_ok(buf_printf(&is, "줄 %s 하나.\n%c%s.\n", word, 'a' + i % 26, word));
        }
        assert_ok(buf_add_char(&was, '\0'));
        assert_ok(buf_add_char(&is, '\0'));
        begin();
        for (int k = 0; k < FOLD_MIN; k++)
            add("001", 1, was.ptr, is.ptr);
        assert_int_equal(folded(&n), lines == FEW);
    }
}

/* Words that are too many in one place, and so none, count where they stand again: once. */
static void a_word_counts_once_for_its_article(void **state)
{
    static const char line[] = "그 사이의 문장은 그대로 있다.\n";
    size_t n;
    (void)state;
    begin();
    for (unsigned i = 0; i < FOLD_MIN; i++) {
        CLEANUP(buf_release) struct buf was = BUF_INIT, is = BUF_INIT;
        char word[16];
        if (i % 2) {
            add_own("001", 1);
            continue;
        }
        for (unsigned k = 0; k < 200; k++) {
            own_word(word, 1000 * i + k);
            assert_ok(buf_printf(&is, "%s ", word));
        }
        assert_ok(buf_printf(&is, "\n%salpha beta gamma delta ", line));
        for (unsigned k = 0; k < 100; k++) {
            own_word(word, 1000 * i + 500 + k);
            assert_ok(buf_printf(&is, "%s ", word));
        }
        own_word(word, 1000 * i + 999);
        assert_ok(buf_printf(&is, "\n%salpha beta gamma delta z%s\n", line, word));
        assert_ok(buf_printf(&was, "%s%s", line, line));
        assert_ok(buf_add_char(&was, '\0'));
        assert_ok(buf_add_char(&is, '\0'));
        add("001", 1, was.ptr, is.ptr);
    }
    assert_int_equal(folded(&n), 0);
    for (size_t i = 0; i < n_items; i++)
        assert_int_equal(items[i].marks, 0);
}

/* Texts are read only where the sketches say that a group may have something in common;
 * numbers alone are nothing, and an item without a sketch may have anything. */
static void who_shares_nothing_is_not_read(void **state)
{
    char was[40], is[40];
    size_t n;
    (void)state;
    sketched = 1;
    begin();
    for (int k = 0; k < 2 * FOLD_MIN; k++)
        add_own("001", 1);
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);

    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        snprintf(was, sizeof(was), "%d", 100 + k);
        snprintf(is, sizeof(is), "%d", 500 + k);
        add("001", 1, was, is);
    }
    assert_int_equal(fold_once(&n), 0);
    assert_int_equal(n_loaded, 0);

    /* The same line in all of one publisher: its texts are read, those of others not. */
    begin();
    for (int k = 0; k < FOLD_MIN; k++) {
        add("001", 1, "", mark);
        add_own("002", 1);
        add_own("001", 2);
    }
    assert_int_equal(fold_once(&n), 1);
    assert_int_equal(n, FOLD_MIN);
    assert_int_equal(n_loaded, FOLD_MIN);
}

static void a_failure_is_handed_on(void **state)
{
    CLEANUP(buf_release) struct buf events = BUF_INIT;
    (void)state;
    begin();
    sketched = 0;
    assert_ok(fold(items, 0, &source, &events)); /* nothing is fine */
    for (int k = 0; k < FOLD_MIN; k++)
        add("001", 1, "", mark);
    fails_at = FOLD_MIN - 1;
    for (sketched = 0; sketched <= 1; sketched++) {
        assert_int_equal(fold(items, n_items, &source, &events), SILLOK_EIO);
        assert_int_equal(events.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_beside_marks),
        cmocka_unit_test(how_many_make_an_event),
        cmocka_unit_test(articles_count_and_not_their_changes),
        cmocka_unit_test(whose_and_when),
        cmocka_unit_test(neighbours_are_told_apart),
        cmocka_unit_test(what_is_the_same),
        cmocka_unit_test(headlines_are_places),
        cmocka_unit_test(headlines_share_their_ends),
        cmocka_unit_test(edits_beside_marks_of_headlines),
        cmocka_unit_test(headlines_alone_are_read_without_texts),
        cmocka_unit_test(bodies_become_one),
        cmocka_unit_test(bodies_were_one),
        cmocka_unit_test(bodies_are_cut),
        cmocka_unit_test(few_lines_of_common_words_are_no_mark),
        cmocka_unit_test(a_new_field_is_a_place),
        cmocka_unit_test(a_place_counts_once_for_its_article),
        cmocka_unit_test(too_many_places_are_no_mark),
        cmocka_unit_test(a_word_counts_once_for_its_article),
        cmocka_unit_test(who_shares_nothing_is_not_read),
        cmocka_unit_test(a_failure_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
