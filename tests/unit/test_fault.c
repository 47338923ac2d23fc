/*
 * What a crawler does to a text as a whole: another encoding, one more escaping.
 */
#include "unit/kinds.h"

#include <string.h>

/* Each byte of @p t, which is of UTF-8, as the character of Latin-1. */
static int add_misread(struct buf *b, const char *t)
{
    for (; *t; t++) {
        const uint8_t byte = (uint8_t)*t;
        const char two[] = { (char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F)) };
        const int r = byte < 0x80 ? buf_add_char(b, *t) : buf_add(b, two, sizeof(two));
        if (r < 0)
            return r;
    }
    return 0;
}

/* @p t with @p sign for each character that is not of ASCII. */
static int add_replaced(struct buf *b, const char *t, const char *sign)
{
    for (; *t; t++) {
        const int is_tail = (uint8_t)*t >= 0x80 && utf8_is_tail(*t);
        const int r = (uint8_t)*t < 0x80 ? buf_add_char(b, *t)
                      : is_tail          ? 0
                                         : buf_add_str(b, sign);
        if (r < 0)
            return r;
    }
    return 0;
}

static enum sillok_kind kind_of(const char *before, struct buf *after)
{
    assert_ok(buf_add_char(after, '\0'));
    const struct sillok_change_class c = classify_bodies(before, after->ptr);
    buf_clear(after);
    if (c.kind == SILLOK_KIND_EMPTIED) /* something stands there */
        assert_false(c.kinds & 1u << SILLOK_KIND_REMOVED);
    return c.kind;
}

#define JAPANESE "市は今年中に新しい図書館を開き、住民に本を貸すと明らかにした。"
#define RUSSIAN  "Город откроет новую библиотеку до конца года, сообщил мэр."

static void what_nobody_can_read_is_emptied(void **state)
{
    static const char *const texts[] = {
        STORY, JAPANESE, RUSSIAN,
        "속보 GDP 3.1% 성장, 예상치를 크게 웃돌아 시장이 크게 놀랐다."
    };
    static const char *const signs[] = { "\xEF\xBF\xBD", "?",
                                         "\xEF\xBF\xBD\xEF\xBF\xBD" };
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_ok(add_misread(&b, texts[i]));
        assert_int_equal(kind_of(texts[i], &b), SILLOK_KIND_EMPTIED);
        for (size_t k = 0; k < sizeof(signs) / sizeof(signs[0]); k++) {
            assert_ok(add_replaced(&b, texts[i], signs[k]));
            assert_int_equal(kind_of(texts[i], &b), SILLOK_KIND_EMPTIED);
        }
    }
    /* EUC-KR taken for Latin-1 */
    assert_ok(buf_add_str(
        &b, "½Ã´Â ¿ÃÇØ ¾È¿¡ »õ µµ¼\xC2\xAD°üÀ» ¿\xC2\xAD°í ÁÖ¹Î¿¡°Ô Ã¥À» ºô·Á ÁØ´Ù."));
    assert_int_equal(
        kind_of("시는 올해 안에 새 도서관을 열고 주민에게 책을 빌려 준다.", &b),
        SILLOK_KIND_EMPTIED);
}

/* UTF-8 that was taken for CP949 is Hangul and Hanja. */
static void what_was_taken_for_cp949_is_emptied(void **state)
{
    static const char *const texts[] = {
        /* with U+FFFD for what is none */
        "�떆�뒗 �삱�빐 �븞�뿉 �깉 �룄�꽌愿��쓣 �뿴怨� 二쇰�쇱뿉寃� "
        "梨낆쓣 鍮뚮젮 以��떎怨� 諛앺삍�떎. �룄�꽌愿���� 媛뺢���뿉 �"
        "꽌硫� �븘�씠��� �끂�씤�씠 �븿猿� �벝 �닔 �엳寃� 吏볥뒗�떎"
        ". 怨듭궗�뒗 遊꾩뿉 �떆�옉�빐 寃⑥슱�뿉 �걹�궃�떎. �떆�옣���"
        " 梨낆쓣 �빐留덈떎 留� 沅뚯뵫 �뒛由ш쿋�떎怨� 留먰뻽怨� 二쇰�쇱��"
        " �솚�쁺�뻽�떎.",
        /* and without */
        "떆뒗 삱빐 븞뿉 깉 룄꽌愿쓣 뿴怨 二쇰쇱뿉寃 梨낆쓣 鍮뚮젮 以떎怨 諛앺삍"
        "떎. 룄꽌愿 媛뺢뿉 꽌硫 븘씠 끂씤씠 븿猿 벝 닔 엳寃 吏볥뒗떎. 怨듭궗"
        "뒗 遊꾩뿉 떆옉빐 寃⑥슱뿉 걹궃떎. 떆옣 梨낆쓣 빐留덈떎 留 沅뚯뵫 뒛由"
        "ш쿋떎怨 留먰뻽怨 二쇰쇱 솚쁺뻽떎.",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_ok(buf_add_str(&b, texts[i]));
        assert_int_equal(kind_of(STORY, &b), SILLOK_KIND_EMPTIED);
    }
}

static void what_can_be_read_is_not(void **state)
{
    static const struct {
        const char *name, *before, *after;
    } cases[] = {
        { "a translation", STORY,
          "The city will open a new library this year and lend books to its people." },
        { "into a language with accents", STORY,
          "La ville ouvrira une bibliothèque cette année, où l'été prêtera des livres à "
          "tous. Où ? À côté de la rivière, là où l'école était bâtie." },
        { "from it",
          "Où l'été prêtera des livres à tous, là où l'école était bâtie à côté.",
          STORY },
        { "questions", STORY, "누가 무엇을 왜 했나? 언제였나? 어디였나? 어떻게 했나?" },
        { "signs alone",
          "시는 올해 안에 새 도서관을 열고 주민에게 책을 빌려 준다고 밝혔다.", "?????" },
        { "names in Hanja", STORY,
          "부고 ▲김하늘(金河訥) ▲박바다(朴海) ▲이들판(李野原) ▲최구름(崔雲) 시는 올해 안에 도서관을 열고" },
        { "Hanja that stood there",
          "金河訥 朴海 李野原 崔雲 鄭江 趙山 尹星 林海 韓月 吳風 申雨 徐雪",
          "申雨 徐雪 權河 黃野 安原 宋雲 柳江 全山 洪星 高海 文月 梁風 孫雨 裵雪 白河" },
        { "Chinese", STORY, "市长说今年将开设新图书馆，向居民出借图书。" },
        { "Japanese", STORY, JAPANESE JAPANESE },
        { "too little of it", "비가 왔고 길이 젖었다.", "????????????????" },
        { "half of it", STORY "도서관은 강가에 선다.",
          "??????????????????????????????????????"
          " 도서관은 강가에 선다. 주민은 환영했다. 시장은 책을 늘린다." },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_change_class c =
            classify_bodies(cases[i].before, cases[i].after);
        if (c.kind == SILLOK_KIND_EMPTIED)
            fail_msg("%s: %s", cases[i].name, c.why);
    }
}

static void a_notice_goes_before(void **state)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)state;
    assert_ok(add_replaced(&b, STORY, "?"));
    assert_ok(buf_add_str(&b, " Correction: it snowed."));
    assert_int_equal(kind_of(STORY, &b), SILLOK_KIND_CORRECTION);
}

/* --- escaping --- */

#define PLAIN   "시장은 \"12 > 5\"라며 '책'을 늘린다고 했다."
#define ESCAPED "시장은 &quot;12 &gt; 5&quot;라며 &#x27;책&#x27;을 늘린다고 했다."
#define TWICE                                                                            \
    "시장은 &amp;quot;12 &amp;gt; 5&amp;quot;라며 &amp;#x27;책&amp;#x27;을 늘린다고 했다."

static void escaped_once_more_is_layout(void **state)
{
    static const struct {
        const char *name, *before, *after;
        int is_layout;
    } cases[] = {
        { "once more", PLAIN, ESCAPED, 1 },
        { "once less", ESCAPED, PLAIN, 1 },
        { "twice", ESCAPED, TWICE, 1 },
        { "twice at once is not looked for", PLAIN, TWICE, 0 },
        { "beside an edit", PLAIN, ESCAPED " 12 &gt; 6이다.", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_change_class c = classify_bodies(cases[i].before, cases[i].after);
        const int is_layout = c.kind == SILLOK_KIND_COSMETIC && !c.flags;
        if (is_layout != cases[i].is_layout)
            fail_msg("%s: %s", cases[i].name, c.why);
        if (is_layout)
            assert_true(c.similarity < 1 && c.similarity > 0.99 && !c.added_chars);
        const struct sillok_article a = { .fields[SILLOK_TITLE] =
                                              text_of(cases[i].before) },
                                    b = { .fields[SILLOK_TITLE] =
                                              text_of(cases[i].after) };
        c = classify(&a, &b);
        assert_int_equal(c.kind, SILLOK_KIND_HEADLINE);
        if ((c.flags == SILLOK_FLAG_HEADLINE_COSMETIC) != cases[i].is_layout)
            fail_msg("title, %s: %s", cases[i].name, c.why);
    }
}

static void a_title_does_not_lead_before_what_was_escaped_too(void **state)
{
    const struct sillok_article a = { .fields[SILLOK_TITLE] = text_of("\"비\" 온다"),
                                      .body = text_of(PLAIN) },
                                b = { .fields[SILLOK_TITLE] =
                                          text_of("&quot;비&quot; 온다"),
                                      .body = text_of(ESCAPED) },
                                other = { .fields[SILLOK_TITLE] = text_of("눈 온다"),
                                          .body = text_of(ESCAPED) };
    (void)state;
    assert_int_equal(classify(&a, &b).kind, SILLOK_KIND_COSMETIC);
    assert_int_equal(classify(&a, &other).kind, SILLOK_KIND_HEADLINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_can_read_is_emptied),
        cmocka_unit_test(what_was_taken_for_cp949_is_emptied),
        cmocka_unit_test(what_can_be_read_is_not),
        cmocka_unit_test(a_notice_goes_before),
        cmocka_unit_test(escaped_once_more_is_layout),
        cmocka_unit_test(a_title_does_not_lead_before_what_was_escaped_too),
    };
    return cmocka_run_group_tests_name("diff/fault", tests, NULL, NULL);
}
