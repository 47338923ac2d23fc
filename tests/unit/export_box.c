#include "export_box.h"

#include "article/hash.h"

#include <stdlib.h>

static struct hasher *hasher;

int box_set_up(void **state)
{
    if (!hasher)
        assert_ok(hasher_new(&hasher));
    struct fixture *f = calloc(1, sizeof(*f));
    f->folder = support_folder();
    f->to = support_path(f->folder, "to");
    f->store = support_store(f->folder);
    *state = f;
    return 0;
}

int box_tear_down(void **state)
{
    struct fixture *f = *state;
    sillok_store_close(f->store);
    support_remove(f->folder);
    free(f->to);
    free(f);
    return 0;
}

/* A file of the template under any name, as an archive may bring it. */
void box_add(struct fixture *f, const char *oid, const char *aid, int64_t at,
             const char *body, struct sillok_text path)
{
    struct sillok_article a = { .oid = text_of(oid), .aid = text_of(aid) };
    struct store_item item = { .article = &a, .path = path, .exact = 1, .file_bytes = 9 };
    struct store_item *items = &item;
    a.crawled_at_s = at;
    a.fields[SILLOK_TITLE] = text_of("제목");
    a.body = text_of(body);
    assert_ok(hasher_of(hasher, a.body, &a.content_hash));
    assert_ok(meta_digest_of(&item.digest, hasher, &a));
    assert_ok(f->store->ops->body_put(f->store, &items, 1));
    assert_ok(f->store->ops->obs_append(f->store, &items, 1));
    f->store->ops->prepared_free(item.prepared);
}

void box_put(struct fixture *f, const char *crawl, const char *oid, const char *aid,
             int64_t at, const char *body, struct sillok_text path)
{
    assert_ok(f->store->ops->begin(f->store, crawl));
    box_add(f, oid, aid, at, body, path);
    assert_ok(f->store->ops->commit(f->store));
}

/* "crawl:name ..." of what is exported, with ! where the name is unsafe. */
void box_names(struct buf *out, struct fixture *f, const struct sillok_export_options *o)
{
    struct sillok_export *it;
    struct sillok_export_file file;
    int r;
    buf_clear(out);
    assert_ok(sillok_export_open(&it, f->store, o));
    while ((r = sillok_export_next(it, &file)) > 0) {
        assert_ok(buf_printf(out, "%s%s:%.*s%s", out->len ? " " : "", file.crawl,
                             (int)file.name.len, file.name.ptr, file.unsafe ? "!" : ""));
        assert_int_equal(file.hash_mismatch, 0);
        assert_true(file.data.len > 0);
    }
    assert_ok(r);
    assert_int_equal(sillok_export_next(it, &file), 0);
    assert_ok(buf_add_char(out, '\0'));
    sillok_export_close(it);
}

void assert_names(struct fixture *f, const struct sillok_export_options *o,
                  const char *want)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    box_names(&got, f, o);
    assert_string_equal(got.ptr, want);
}

void box_end(void)
{
    hasher_free(hasher);
}
