/* The stores and crawls that scenarios begin with. */
#include "scenarios/parts.h"

#include "base/file.h"
#include "store/lmdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct world world; /* while it is made */

static const char lead[] =
    "시립 도서관이 새 건물에서 문을 열었다. The old bridge closes in March, said the town. "
    "첫날 방문객은 모두 1200명이었다고 관장은 말했다. Buses run every ten minutes instead. "
    "책은 봄까지 삼만 권으로 늘어난다. Tickets for the ferry can be had at the harbour. "
    "시의회는 예산을 다시 살펴보기로 했다. Nobody was hurt, the fire brigade said.";

static void write_article(const char *folder, const char *oid, int aid, const char *at,
                          const char *title, const char *body)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char number[20], name[64];
    snprintf(number, sizeof(number), "%010d", aid);
    snprintf(name, sizeof(name), "%s_%s.md", oid, number);
    const struct support_file f = { oid, number, at, title, body, aid % 3 == 0, NULL };
    char *path = support_path(folder, name);
    support_crawl_file(&text, &f);
    if (aid == 5) /* readers' comments: what the template does not give back */
        assert_ok(buf_add_str(&text, "\n- 독자: 잘 읽었습니다\n"));
    support_write(path, text.ptr, text.len);
    free(path);
}

static char *make_crawl(const char *name, const char *day, int step)
{
    char *folder = support_path(world.templates, name);
    assert_int_equal(mkdir(folder, 0700), 0);
    for (int a = 1; a <= N_ARTICLES; a++) {
        CLEANUP(buf_release) struct buf body = BUF_INIT;
        char at[40], title[80];
        snprintf(at, sizeof(at), "%s 0%d:00:00", day, a);
        snprintf(title, sizeof(title), "제목 %d & title %d", a, a + (a == 4 ? step : 0));
        for (int i = 0; i < a; i++)
            assert_ok(buf_printf(&body, "%s 문단 %d.\n", lead, i * a));
        if (a == 2 || a == 3)
            assert_ok(buf_printf(&body, "%d명이 다쳤다.\n", 10 + step * a));
        assert_ok(buf_add_char(&body, '\0'));
        write_article(folder, "001", a, at, title, body.ptr);
        if (a == 2) /* the same text elsewhere */
            write_article(folder, "002", a, at, title, body.ptr);
    }
    if (step == 0) /* the next one does not see it */
        write_article(folder, "003", 1, "2026-01-05 09:00:00", "제목 셋", "비가 왔다.");
    char *bad = support_path(folder, "001_bad.md");
    support_write(bad, "---\ntitle: cut", 14);
    free(bad);
    return folder;
}

static struct sillok_store *open_template(const char *name)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *s;
    char *path = support_path(world.templates, name);
    o.create = 1;
    assert_ok(sillok_store_open(&s, path, &o));
    free(path);
    return s;
}

/* Derived tables that are not what they should be. */
static void spoil(struct sillok_store *store)
{
    struct lmdb_store *s = lmdb_of(store);
    struct kv_cursor *c;
    struct sillok_text k, v;
    static const int first_of[] = { T_REV, T_ARTICLE, T_CLASS, T_LOG };
    assert_ok(store->ops->begin(store, ""));
    assert_ok(kv_clear(s->txn, T_HASH));
    for (size_t i = 0; i < sizeof(first_of) / sizeof(first_of[0]); i++) {
        char key[100];
        assert_ok(kv_cursor_open(&c, s->txn, first_of[i]));
        assert_int_equal(kv_first(c, &k, &v), 1);
        assert_true(k.len < sizeof(key));
        memcpy(key, k.ptr, k.len);
        kv_cursor_close(c);
        assert_int_equal(kv_delete(s->txn, first_of[i], text_make(key, k.len)), 1);
    }
    s->dirty = 1;
    assert_ok(store->ops->commit(store));
}

/* The bytes of a row of the chains, as they stand in its page. */
static void row_of_chain(struct sillok_store *store, struct buf *out)
{
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    assert_ok(kv_read(lmdb_of(store)->env, &txn));
    assert_ok(kv_cursor_open(&c, txn, T_REV));
    assert_int_equal(kv_first(c, &k, &v), 1);
    assert_ok(buf_add_text(out, k));
    assert_ok(buf_add_text(out, v));
    kv_cursor_close(c);
    kv_abort(txn);
}

/* A bit of that row, wherever it stands, in pages of before too. */
static void tear(const char *name, const struct buf *row)
{
    char *path = support_path(world.templates, name),
         *file = support_path(path, "data.mdb");
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    size_t at = 0, n = 0;
    assert_ok(file_read(&bytes, file, SIZE_MAX / 2));
    for (char *hit; row->ptr &&
                    (hit = memmem(bytes.ptr + at, bytes.len - at, row->ptr, row->len));) {
        *hit ^= 0x10;
        at = (size_t)(hit - bytes.ptr) + 1;
        n++;
    }
    assert_true(n > 0);
    support_write(file, bytes.ptr, bytes.len);
    free(file);
    free(path);
}

/* Of every ninth page one byte. */
static void damage(const char *name)
{
    char *path = support_path(world.templates, name),
         *file = support_path(path, "data.mdb");
    struct stat st;
    const int fd = open(file, O_RDWR);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    for (off_t page = 9; page * 4096 < st.st_size; page += 9) {
        char byte;
        assert_int_equal(pread(fd, &byte, 1, page * 4096 + 2000), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, page * 4096 + 2000), 1);
    }
    close(fd);
    free(file);
    free(path);
}

void world_make(struct world *made)
{
    world.folder = support_folder();
    world.templates = support_folder();
    world.store = support_path(world.folder, "store");
    world.to = support_path(world.folder, "to");
    world.mon = make_crawl("mon", "2026-01-05", 0);
    world.tue = make_crawl("tue", "2026-01-06", 1);
    world.older = make_crawl("older", "2026-01-04", 2);
    world.tar = support_path(world.templates, "tue.tar.gz");
    char command[3 * 4096];
    snprintf(command, sizeof(command),
             "tar -C '%s' -czf '%s' tue && tar -C '%s' -xzf '%s/format-1.tar.gz' && "
             "mv '%s/format-1' '%s/old'",
             world.templates, world.tar, world.templates, TEST_DATA, world.templates,
             world.templates);
    assert_int_equal(system(command), 0);
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    static const char *const names[] = { "half",    "full", "wrong",
                                         "damaged", "torn", "logged" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct sillok_store *s = open_template(names[i]);
        assert_ok(ingest(s, "mon", world.mon));
        if (strcmp(names[i], "logged") == 0) {
            assert_ok(sillok_proof_init(s, NULL));
            assert_ok(sillok_proof_sign(s, NULL, NULL));
        }
        if (i > 0)
            assert_ok(ingest(s, "tue", world.tue));
        if (strcmp(names[i], "wrong") == 0)
            spoil(s);
        if (strcmp(names[i], "torn") == 0)
            row_of_chain(s, &row);
        sillok_store_close(s);
    }
    damage("damaged");
    tear("torn", &row);
    *made = world;
}

void world_remove(struct world *w)
{
    support_remove(w->folder);
    support_remove(w->templates);
    free(w->store);
    free(w->to);
    free(w->mon);
    free(w->tue);
    free(w->older);
    free(w->tar);
}
