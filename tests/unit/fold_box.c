#include "fold_box.h"

#include "diff/kinds.h"

#include <stdio.h>
#include <string.h>

struct side before[MAX], after[MAX];
struct fold_item items[MAX];
size_t n_items;
static struct sillok_article shown[2];
int fails_at;
int sketched;
size_t n_loaded;

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

char edited[MAX][TEXT_MAX], edited_title[MAX][sizeof(before[0].title)];

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

const struct fold_source source = { sketch_of, load, keep_edit, items };

void begin(void)
{
    memset(edited, 0, sizeof(edited));
    memset(edited_title, 0, sizeof(edited_title));
    memset(before, 0, sizeof(before));
    memset(after, 0, sizeof(after));
    n_items = 0;
    fails_at = -1;
}

void add(const char *oid, uint32_t crawl, const char *was, const char *is)
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

void add_own(const char *oid, uint32_t crawl)
{
    static unsigned word;
    char was[100], is[100];
    const unsigned w = 1000 + 4 * word++;
    for (int k = 0; k < 2; k++)
        snprintf(k ? is : was, 100, "q%cx%cz%c%c 갔다.", 'a' + w % 26, 'a' + w / 26 % 26,
                 'a' + w / 676 % 26, k ? 'y' : 'n');
    add(oid, crawl, was, is);
}

const char mark[] = "더 많은 소식은 앱에서 받아 보세요.";

size_t fold_once(size_t *n_first)
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

size_t folded(size_t *n_first)
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

void assert_event(const char *name, size_t want)
{
    size_t n;
    const size_t events = folded(&n);
    if (events != (want > 0) || n != want)
        fail_msg("%s: %zu events, %zu in it", name, events, n);
}

void own_word(char out[16], unsigned n)
{
    for (int i = 0; i < 5; i++, n /= 26)
        out[i] = (char)('a' + n % 26);
    out[5] = '\0';
}

void expand(char *out, const char *text, unsigned i)
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
