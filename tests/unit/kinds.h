/*
 * What the tests of kinds and flags share: made-up texts, and a change classified.
 */
#ifndef TESTS_UNIT_KINDS_H
#define TESTS_UNIT_KINDS_H

#include "support.h"

#include "base/utf8.h"

#define STORY                                                                                                                \
    "시는 올해 안에 새 도서관을 열고 주민에게 책을 빌려 준다고 밝혔다. 도서관은 강가에 "   \
    "서며 아이와 노인이 함께 쓸 수 있게 짓는다. 공사는 봄에 시작해 겨울에 끝난다. 시장은 " \
    "책을 해마다 만 권씩 늘리겠다고 말했고 주민은 환영했다."

#define LEAD "비가 왔다. 길이 젖었다. 차가 막혔다. "
#define TAIL " 해가 났다. 길이 말랐다. 차가 달렸다."

static inline struct sillok_change_class classify(const struct sillok_article *a,
                                                  const struct sillok_article *b)
{
    struct sillok_change_class c;
    assert_int_equal(sillok_change_classify(&c, a, b, NULL), 0);
    assert_true(utf8_valid(text_of(c.why)));
    assert_true(c.significance >= 0 && c.significance <= 100);
    assert_true(c.kinds & 1u << c.kind);
    return c;
}

static inline struct sillok_change_class classify_bodies(const char *before,
                                                         const char *after)
{
    const struct sillok_article a = { .body = text_of(before) },
                                b = { .body = text_of(after) };
    return classify(&a, &b);
}

/* In a text of some length, so that a little change is one. */
static inline struct sillok_change_class classify_behind_lead(const char *before,
                                                              const char *after)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    assert_ok(buf_printf(&a, LEAD "%s", before));
    assert_ok(buf_printf(&b, LEAD "%s", after));
    assert_ok(buf_add_char(&a, '\0') | buf_add_char(&b, '\0'));
    return classify_bodies(a.ptr, b.ptr);
}

#endif
