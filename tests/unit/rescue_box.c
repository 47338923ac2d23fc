/* A store to be damaged: see rescue_box.h. */
#include "unit/rescue_box.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rescue_box rescue;

static void add_syllables(struct buf *out, uint64_t *seed, int n)
{
    for (int i = 0; i < n; i++) {
        const unsigned c = 0xAC00 + (unsigned)(support_random(seed) % 11172);
        assert_ok(buf_add_char(out, (char)(0xE0 | c >> 12)));
        assert_ok(buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3F))));
        assert_ok(buf_add_char(out, (char)(0x80 | (c & 0x3F))));
        if (i % 12 == 11)
            assert_ok(buf_add_char(out, ' '));
    }
}

void replace(char *in, size_t len, const char *what, const char *with)
{
    const char *end = in + len;
    const size_t n = strlen(what);
    while ((in = memmem(in, (size_t)(end - in), what, n)) != NULL)
        memcpy(in, with, n);
}

static void write_file(const char *crawl, int day, int aid)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT, text = BUF_INIT;
    uint64_t seed = (uint64_t)aid;
    char name[80], number[20], at[40], title[60];
    const int s = (int)(support_random(&seed) % 80000);
    snprintf(number, sizeof(number), "%010d", aid);
    snprintf(name, sizeof(name), "%s/%s/001_%s.md", crawl, aid % 3 ? "정치" : "economy",
             number);
    snprintf(at, sizeof(at), "2026-01-%02d %02d:%02d:%02d", day, s / 3600, s / 60 % 60,
             s % 60);
    snprintf(title, sizeof(title), "제목 %d", aid);
    assert_ok(buf_add_str(&body,
                          "시립 도서관이 새 건물에서 문을 열었다. The bridge closes.\n"));
    const int is_cut = aid >= FIRST_CUT && aid < FIRST_CUT + N_CUT;
    add_syllables(&body, &seed, aid <= N_LONG ? 12000 : is_cut ? 2500 : 40);
    if (day > 5 && aid % 4)
        assert_ok(buf_printf(&body, " 정정: %d명이었다.", day + aid));
    assert_ok(buf_add_char(&body, '\0'));
    const struct support_file f = { "001", number, at, title, body.ptr, 0, NULL };
    support_crawl_file(&text, &f);
    if (aid == TWICE) /* an address that its key does not give */
        replace(text.ptr, text.len, "/article/", "/article-");
    if (aid == 7) /* what the template does not give back */
        assert_ok(buf_add_str(&text, "\n- 독자: 잘 읽었습니다\n"));
    char *path = support_path(rescue.folder, name);
    support_write(path, text.ptr, text.len);
    free(path);
}

void make_crawl(struct sillok_store *s, const char *crawl, int day, int n)
{
    static const char *const below[] = { "", "/정치", "/economy" };
    for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s%s", rescue.folder, crawl, below[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (int a = 1; a <= n; a++)
        write_file(crawl, day, a);
    char *path = support_path(rescue.folder, crawl);
    const char *paths[] = { path };
    const struct sillok_ingest_counts counts = support_ingest(s, crawl, paths, 1);
    assert_int_equal(counts.observations, n);
    free(path);
}

/* With its bytes, with none of them, and one that has no bytes to keep. */
static void refuse(struct sillok_store *s)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    uint64_t seed = 1;
    int is_new;
    add_syllables(&bytes, &seed, 2500);
    const struct store_refusal refused[N_REFUSED] = {
        { text_of("long.md"), "no-front", "a reason", text_make(bytes.ptr, bytes.len),
          bytes.len },
        { text_of("empty.md"), "empty", "nothing in it", text_make("", 0), 0 },
        { text_of("huge.md"), "too-long", "too many bytes", text_make(NULL, 0),
          (uint64_t)1 << 40 },
    };
    assert_ok(s->ops->begin(s, "mon"));
    for (size_t i = 0; i < N_REFUSED; i++)
        assert_ok(s->ops->refuse(s, &refused[i], &is_new));
    assert_ok(s->ops->commit(s));
}

void read_file(struct buf *out, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    buf_clear(out);
    assert_ok(buf_reserve(out, (size_t)1 << 21));
    out->len = fread(out->ptr, 1, (size_t)1 << 21, f);
    assert_true(feof(f));
    fclose(f);
}

void put_back(const struct buf *bytes)
{
    char *path = support_path(rescue.from, "data.mdb-seal");
    support_write(rescue.file, bytes->ptr, bytes->len);
    support_write(path, rescue.seal.ptr, rescue.seal.len);
    free(path);
}

/* "BYTES HAS_BYTES CODE CRAWL" of each refusal, and what is read of it. */
static void add_refused(struct buf *out, struct sillok_store *s)
{
    struct sillok_refused *it;
    struct sillok_refusal f;
    int r;
    assert_ok(sillok_refused_open(&it, s));
    while ((r = sillok_refused_next(it, &f)) > 0) {
        char *bytes = NULL;
        size_t len = 0;
        if (f.has_bytes)
            assert_ok(sillok_refused_get(s, f.key, &bytes, &len));
        assert_ok(buf_printf(out, "refused %.*s %s '%s' %llu %d %zu\n", (int)f.name.len,
                             f.name.ptr, f.code, f.reason,
                             (unsigned long long)f.size_bytes, f.has_bytes, len));
        sillok_free(bytes);
    }
    assert_ok(r);
    sillok_refused_close(it);
}

/* "NAME HASH" of all files, crawl by crawl. */
static void list_files(struct buf *out, struct sillok_store *s)
{
    CLEANUP(hasher_free) struct hasher *h = NULL;
    struct sillok_export *it;
    struct sillok_export_file f;
    int r;
    assert_ok(hasher_new(&h));
    assert_ok(sillok_export_open(&it, s, NULL));
    while ((r = sillok_export_next(it, &f)) > 0) {
        struct sillok_id id;
        char hex[SILLOK_ID_HEX_LEN + 1];
        assert_ok(hasher_of(h, f.data, &id));
        sillok_id_format(&id, hex);
        assert_ok(buf_printf(out, "%.*s %s\n", (int)f.name.len, f.name.ptr, hex));
    }
    assert_ok(r);
    sillok_export_close(it);
}

void look_at(const char *path, struct buf *all, struct buf *names)
{
    struct sillok_store *s;
    CLEANUP(buf_release) struct buf ref = BUF_INIT;
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_ok(s->ops->view_hold(s));
    assert_int_equal(support_verify(s), 0);
    if (all)
        support_dump(all, s);
    if (names)
        list_files(names, s);
    s->ops->view_release(s);
    if (all) {
        add_refused(all, s);
        const int r = s->ops->ref_get(s, "head", &ref);
        if (r != SILLOK_ENOTFOUND)
            assert_ok(r);
        assert_ok(buf_printf(all, "head %.*s\n", (int)ref.len, ref.len ? ref.ptr : ""));
    }
    sillok_store_close(s);
}

uint64_t n_files(const struct buf *got)
{
    uint64_t n = 0;
    const struct sillok_text all = buf_text(got);
    const char *left = all.ptr, *got_end = all.ptr + all.len;
    for (size_t at = 0; at < rescue.files.len;) {
        const char *end = memchr(rescue.files.ptr + at, '\n', rescue.files.len - at);
        const size_t len = (size_t)(end - (rescue.files.ptr + at)) + 1;
        const char *hit =
            left ? memmem(left, (size_t)(got_end - left), rescue.files.ptr + at, len)
                 : NULL;
        left = hit ? hit + len : left;
        n += hit != NULL;
        at += len;
    }
    return n;
}

/* Files of TO/bodies, each with its hash for its name. */
static uint64_t n_loose(void)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(hasher_free) struct hasher *h = NULL;
    char *path = support_path(rescue.to, "bodies");
    DIR *d = opendir(path);
    uint64_t n = 0;
    assert_ok(hasher_new(&h));
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct sillok_id id;
        char *body, hex[SILLOK_ID_HEX_LEN + 1];
        if (e->d_name[0] == '.')
            continue;
        body = support_path(path, e->d_name);
        read_file(&bytes, body);
        assert_ok(hasher_of(h, text_make(bytes.ptr, bytes.len), &id));
        sillok_id_format(&id, hex);
        assert_string_equal(hex, e->d_name);
        free(body);
        n++;
    }
    if (d)
        closedir(d);
    free(path);
    return n;
}

int try_salvage(const char *path)
{
    struct sillok_salvage *it = NULL;
    struct sillok_salvage_event e;
    support_remove(strdup(rescue.to));
    buf_clear(&rescue.told);
    int r = sillok_salvage_open(&it, path, rescue.to);
    while (r == 0 && (r = sillok_salvage_next(it, &e)) > 0)
        r = e.lost ? buf_printf(&rescue.told, "%s\n", e.what) : 0;
    if (r == 0) {
        assert_int_equal(sillok_salvage_next(it, &e), 0); /* and it stays so */
        rescue.sum = *sillok_salvage_sum(it);
    }
    assert_ok(buf_add_char(&rescue.told, '\0'));
    sillok_salvage_close(it);
    return r;
}

void salvage(const char *what, struct buf *got, int as_it_was)
{
    if (try_salvage(rescue.from) < 0)
        fail_msg("%s: %s", what, sillok_error_message());
    look_at(rescue.to, as_it_was ? got : NULL, as_it_was ? NULL : got);
    assert_int_equal(n_loose(), rescue.sum.loose_bodies);
}

void is_figure(const char *what, const char *figure, uint64_t is, uint64_t want)
{
    if (is != want)
        fail_msg("%s: %llu %s, not %llu; told is: %.500s", what, (unsigned long long)is,
                 figure, (unsigned long long)want, rescue.told.ptr);
}

void is_told(const char *what, const char *want)
{
    if (want ? !strstr(rescue.told.ptr, want) : rescue.told.ptr[0] != '\0')
        fail_msg("%s: told is '%.1000s', not '%s'", what, rescue.told.ptr,
                 want ? want : "");
}

void is_whole(const char *what, const struct buf *got)
{
    size_t at = 0;
    while (at < got->len && at < rescue.whole.len && got->ptr[at] == rescue.whole.ptr[at])
        at++;
    if (at < got->len || at < rescue.whole.len)
        fail_msg("%s: it is '%.*s', not '%.*s'", what,
                 (int)(got->len - at < 99 ? got->len - at : 99), got->ptr + at,
                 (int)(rescue.whole.len - at < 99 ? rescue.whole.len - at : 99),
                 rescue.whole.ptr + at);
}

/* Zero the leaves below @p page from the number @p first, of which there are @p most; how
 * many leaves there are. */
static int zero_below(uint8_t *all, uint64_t page, int first, int most)
{
    uint8_t *p = all + page * PAGE;
    int n = 0;
    if (btree_flags(p) & BTREE_LEAF) {
        if (first <= 0 && first + most > 0)
            memset(p, 0, PAGE);
        return 1;
    }
    for (unsigned i = 0; i < btree_count(p); i++)
        n += zero_below(all, btree_node(p, i).child, first - n, most);
    return n;
}

uint64_t main_root(const uint8_t *all)
{
    struct btree_meta meta[2];
    assert_int_equal(btree_meta_read(&meta[0], all), 0);
    assert_int_equal(btree_meta_read(&meta[1], all + PAGE), 0);
    return meta[meta[1].txn > meta[0].txn].main.root;
}

int zero_leaves(uint8_t *all, const char *table, int first, int most)
{
    int exact;
    const uint8_t *root = all + main_root(all) * PAGE;
    assert_int_equal(btree_flags(root), BTREE_LEAF);
    const unsigned i = btree_find(root, text_of(table), &exact);
    assert_true(exact);
    const struct btree_table t = btree_table_read(btree_node(root, i).data);
    return t.root == BTREE_NONE ? 0 : zero_below(all, t.root, first, most);
}

void begin_rows(struct lmdb_store **s, struct kv_txn **txn)
{
    put_back(&rescue.data);
    assert_ok(lmdb_open_rows(s, rescue.file, (size_t)1 << 28, NULL));
    assert_ok(kv_write((*s)->env, txn));
}

void end_rows(struct lmdb_store *s, struct kv_txn *txn)
{
    assert_ok(kv_commit(txn));
    lmdb_close_rows(s);
}

void add_value(struct buf *out, struct kv_txn *txn, int table, struct sillok_text key)
{
    struct sillok_text v;
    assert_int_equal(kv_get(txn, table, key, &v), 1);
    buf_clear(out);
    assert_ok(buf_add_text(out, v));
}

struct sillok_text first_key(struct kv_txn *txn, int table, const char *in_value,
                             struct buf *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    assert_ok(kv_cursor_open(&c, txn, table));
    int r = kv_first(c, &k, &v);
    while (r > 0 && !memmem(v.ptr, v.len, in_value, strlen(in_value)))
        r = kv_next(c, &k, &v);
    assert_int_equal(r, 1);
    assert_ok(buf_add_text(out, k));
    return text_make(out->ptr, out->len);
}

void seal_again(struct buf *row)
{
    row->len -= 4;
    assert_ok(row_seal(row));
}

void shorter(struct buf *row)
{
    row->len -= 20;
    seal_again(row);
}

void back_up(struct sillok_store *s, const char *path)
{
    struct sillok_copy *it;
    struct sillok_copy_event e;
    int r;
    assert_ok(sillok_backup_open(&it, s, path));
    while ((r = sillok_copy_next(it, &e)) > 0)
        ;
    assert_ok(r);
    sillok_copy_close(it);
}

int rescue_set_up(void **state)
{
    struct sillok_store *s;
    (void)state;
    struct buf *const bufs[] = { &rescue.data, &rescue.seal, &rescue.whole, &rescue.files,
                                 &rescue.told };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    rescue.folder = support_folder();
    rescue.from = support_path(rescue.folder, "copy");
    rescue.to = support_path(rescue.folder, "to");
    rescue.file = support_path(rescue.from, "data.mdb");
    s = support_store(rescue.folder);
    make_crawl(s, "mon", 5, N_MON);
    make_crawl(s, "tue", 6, N_TUE);
    refuse(s);
    assert_ok(s->ops->ref_cas(s, "head", text_make(NULL, 0), text_of("값")));
    back_up(s, rescue.from);
    sillok_store_close(s);
    look_at(rescue.from, &rescue.whole, &rescue.files);
    char *path = support_path(rescue.from, "data.mdb-seal");
    read_file(&rescue.data, rescue.file);
    read_file(&rescue.seal, path);
    free(path);
    return 0;
}

int rescue_tear_down(void **state)
{
    (void)state;
    buf_release(&rescue.data);
    buf_release(&rescue.seal);
    buf_release(&rescue.whole);
    buf_release(&rescue.files);
    buf_release(&rescue.told);
    support_remove(rescue.folder);
    free(rescue.from);
    free(rescue.to);
    free(rescue.file);
    return 0;
}
