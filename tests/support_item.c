#include "support_item.h"

#include <stdio.h>

enum { FILE_BYTES = 100 };

struct store_item *support_item(struct support_item *s, struct hasher *hasher,
                                const char *oid, const char *aid, int64_t at,
                                const char *title, const char *body)
{
    memset(s, 0, sizeof(*s));
    snprintf(s->oid, sizeof(s->oid), "%s", oid);
    snprintf(s->aid, sizeof(s->aid), "%s", aid);
    s->article.oid = text_of(s->oid);
    s->article.aid = text_of(s->aid);
    s->article.crawled_at_s = at;
    s->article.fields[SILLOK_TITLE] = text_of(title);
    s->article.body = text_of(body);
    assert_ok(hasher_of(hasher, s->article.body, &s->article.content_hash));
    assert_ok(meta_digest_of(&s->item.digest, hasher, &s->article));
    s->item.article = &s->article;
    s->item.path = text_of("001_1.md");
    s->item.exact = 1;
    s->item.file_bytes = FILE_BYTES;
    return &s->item;
}
