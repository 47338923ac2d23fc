/*
 * What `salvage` makes of a store of which the pages of whole tables are gone, or single
 * rows say something else in pages that are whole. The store is large enough that rows of
 * each table stand in pages of their own, and the long ones in runs: of those without a
 * page that names them the rows are found by what they are.
 */
#include "support.h"

#include "store/btree.h"
#include "store/lmdb.h"
#include "store/recognize.h"
#include "store/rescue.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };
/* Of the second crawl a part is what the first one had; each has two files of its own. */
enum { N_MON = 1080, N_TUE = 40, N_SAME = 10, N_LONG = 2, N_REFUSED = 3 };
enum { N_BODIES = N_MON + N_TUE - N_SAME, N_EXTRA = 2 };

static char *folder, *from, *to, *file;
static struct buf data, seal;         /* the files of the store as it was made */
static struct buf whole;              /* its dump */
static struct sillok_salvage_sum sum; /* of the last salvage */
static struct buf told;               /* its sentences, a line each */

/* --- the store --- */

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

static void write_file(const char *crawl, int day, int aid)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT, text = BUF_INIT;
    uint64_t seed = (uint64_t)aid;
    char name[80], number[20], at[40], title[60];
    const int s = (int)(support_random(&seed) % 80000);
    snprintf(number, sizeof(number), "%010d", aid);
    snprintf(name, sizeof(name), "%s/%s/001_%s.md", crawl, aid % 3 ? "정치" : "economy",
             number);
    snprintf(at, sizeof(at), "2026-01-0%d %02d:%02d:%02d", day, s / 3600, s / 60 % 60,
             s % 60);
    snprintf(title, sizeof(title), "제목 %d", aid);
    assert_ok(buf_add_str(&body,
                          "시립 도서관이 새 건물에서 문을 열었다. The bridge closes.\n"));
    add_syllables(&body, &seed, aid <= N_LONG ? 2500 : 40);
    if (day > 5 && aid % 4)
        assert_ok(buf_printf(&body, " 정정: %d명이었다.", day + aid));
    assert_ok(buf_add_char(&body, '\0'));
    const struct support_file f = { "001", number, at, title, body.ptr, 0, NULL };
    support_crawl_file(&text, &f);
    if (aid == 7) /* what the template does not give back */
        assert_ok(buf_add_str(&text, "\n- 독자: 잘 읽었습니다\n"));
    char *path = support_path(folder, name);
    support_write(path, text.ptr, text.len);
    free(path);
}

static void make_crawl(struct sillok_store *s, const char *crawl, int day, int n)
{
    static const char *const below[] = { "", "/정치", "/economy" };
    for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s%s", folder, crawl, below[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (int a = 1; a <= n; a++)
        write_file(crawl, day, a);
    char *path = support_path(folder, crawl);
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

static void read_file(struct buf *out, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    buf_clear(out);
    assert_ok(buf_reserve(out, (size_t)1 << 21));
    out->len = fread(out->ptr, 1, (size_t)1 << 21, f);
    assert_true(feof(f));
    fclose(f);
}

/* The store as it was made, with @p bytes for its pages. */
static void put_back(const struct buf *bytes)
{
    char *path = support_path(from, "data.mdb-seal");
    support_write(file, bytes->ptr, bytes->len);
    support_write(path, seal.ptr, seal.len);
    free(path);
}

/* --- what comes of it --- */

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

static void dump(struct buf *out, const char *path)
{
    struct sillok_store *s;
    CLEANUP(buf_release) struct buf ref = BUF_INIT;
    buf_clear(out);
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_int_equal(support_verify(s), 0);
    support_dump(out, s);
    add_refused(out, s);
    const int r = s->ops->ref_get(s, "head", &ref);
    if (r != SILLOK_ENOTFOUND)
        assert_ok(r);
    assert_ok(buf_printf(out, "head %.*s\n", (int)ref.len, ref.len ? ref.ptr : ""));
    sillok_store_close(s);
}

/* How many lines of @p all that begin with @p word are in @p got too. */
static uint64_t n_common(const struct buf *all, const struct buf *got, const char *word)
{
    uint64_t n = 0;
    for (size_t at = 0; at < all->len;) {
        const char *end = memchr(all->ptr + at, '\n', all->len - at);
        const size_t len = (size_t)(end - (all->ptr + at)) + 1;
        n += text_starts(text_make(all->ptr + at, len), word) &&
             memmem(got->ptr, got->len, all->ptr + at, len);
        at += len;
    }
    return n;
}

/* Files of TO/bodies, each with its hash for its name. */
static uint64_t n_loose(void)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(hasher_free) struct hasher *h = NULL;
    char *path = support_path(to, "bodies");
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

static int try_salvage(const char *path)
{
    struct sillok_salvage *it = NULL;
    struct sillok_salvage_event e;
    support_remove(strdup(to));
    buf_clear(&told);
    int r = sillok_salvage_open(&it, path, to);
    while (r == 0 && (r = sillok_salvage_next(it, &e)) > 0)
        r = e.lost ? buf_printf(&told, "%s\n", e.what) : 0;
    if (r == 0) {
        assert_int_equal(sillok_salvage_next(it, &e), 0); /* and it stays so */
        sum = *sillok_salvage_sum(it);
    }
    assert_ok(buf_add_char(&told, '\0'));
    sillok_salvage_close(it);
    return r;
}

static void salvage(const char *what, struct buf *got)
{
    if (try_salvage(from) < 0)
        fail_msg("%s: %s", what, sillok_error_message());
    dump(got, to);
    assert_int_equal(n_loose(), sum.loose_bodies);
}

static void is_figure(const char *what, const char *figure, uint64_t is, uint64_t want)
{
    if (is != want)
        fail_msg("%s: %llu %s, not %llu; told is: %.500s", what, (unsigned long long)is,
                 figure, (unsigned long long)want, told.ptr);
}

static void is_told(const char *what, const char *want)
{
    if (want ? !strstr(told.ptr, want) : told.ptr[0] != '\0')
        fail_msg("%s: told is '%.1000s', not '%s'", what, told.ptr, want ? want : "");
}

static void is_whole(const char *what, const struct buf *got)
{
    size_t at = 0;
    while (at < got->len && at < whole.len && got->ptr[at] == whole.ptr[at])
        at++;
    if (at < got->len || at < whole.len)
        fail_msg("%s: it is '%.*s', not '%.*s'", what,
                 (int)(got->len - at < 99 ? got->len - at : 99), got->ptr + at,
                 (int)(whole.len - at < 99 ? whole.len - at : 99), whole.ptr + at);
}

/* --- pages of tables --- */

/* Zero all leaves below @p page. */
static int zero_below(uint8_t *all, uint64_t page)
{
    uint8_t *p = all + page * PAGE;
    int n = 0;
    for (unsigned i = 0; btree_flags(p) & BTREE_BRANCH && i < btree_count(p); i++)
        n += zero_below(all, btree_node(p, i).child);
    if (btree_flags(p) & BTREE_LEAF) {
        memset(p, 0, PAGE);
        n++;
    }
    return n;
}

static uint64_t main_root(const uint8_t *all)
{
    struct btree_meta meta[2];
    assert_int_equal(btree_meta_read(&meta[0], all), 0);
    assert_int_equal(btree_meta_read(&meta[1], all + PAGE), 0);
    return meta[meta[1].txn > meta[0].txn].main.root;
}

static int zero_table(uint8_t *all, const char *table)
{
    int exact;
    const uint8_t *root = all + main_root(all) * PAGE;
    assert_int_equal(btree_flags(root), BTREE_LEAF);
    const unsigned i = btree_find(root, text_of(table), &exact);
    assert_true(exact);
    const struct btree_table t = btree_table_read(btree_node(root, i).data);
    return t.root == BTREE_NONE ? 0 : zero_below(all, t.root);
}

static void tables_without_their_pages(void **state)
{
    enum { ALL = N_MON + N_TUE, N_NEW = N_TUE - N_SAME, FILES = ALL - N_EXTRA };
    enum { SAME = 1 << 20 /* and all else is as it was */ };
    static const struct {
        const char *tables[5], *told; /* NULL: nothing is */
        uint64_t found, files, lost, loose, files_lost, refusals_lost;
    } rows[] = {
        { { "meta" }, NULL, ALL, SAME, 0, 0, 0, 0 },
        { { "dict" }, NULL, ALL, SAME, 0, 0, 0, 0 },
        { { "ordinal" }, NULL, ALL, SAME, 0, 0, 0, 0 },
        { { "article" }, NULL, ALL, SAME, 0, 0, 0, 0 },
        { { "hash", "rev", "log", "class" }, NULL, ALL, SAME, 0, 0, 0, 0 },
        { { "ref" }, NULL, ALL, ALL, 0, 0, 0, 0 },
        { { "seg" }, "it saw is in 'salvaged-segment-1' now", ALL, ALL, 0, 0, 0, 0 },
        { { "crawl" }, "it saw is in 'salvaged-2' now", ALL, ALL, 0, 0, 0, 0 },
        { { "dir" }, "its files are in 'lost-folder-2' now", ALL, 0, 0, 0, 0, 0 },
        { { "extra" }, "the exact file is lost", ALL, FILES, 0, 0, N_EXTRA, 0 },
        { { "refusal" }, "3 refused files of which", ALL, ALL, 0, 0, 0, N_REFUSED },
        { { "version" }, "number 7 is missing", 0, 0, ALL, N_BODIES, 0, 0 },
        { { "body" }, "body number 7 is missing", 0, 0, ALL, N_LONG, 0, 0 },
        { { "ordinal", "article" }, "whose key is lost", 0, 0, ALL, N_BODIES, 0, 0 },
        /* The short block of the second crawl stands in the page itself. */
        { { "obs" }, "40 observations of which", N_MON, N_MON, N_TUE, N_NEW, 0, 0 },
        { { "obs", "seg" }, "'salvaged-segment-1'", N_MON, N_MON, N_TUE, N_NEW, 0, 0 },
        { { "obs", "seg", "crawl" }, NULL, 0, 0, 0, N_BODIES, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT, got = BUF_INIT;
        char what[60];
        int n = 0;
        assert_ok(buf_add(&spoilt, data.ptr, data.len));
        for (int k = 0; rows[i].tables[k]; k++)
            n += zero_table((uint8_t *)spoilt.ptr, rows[i].tables[k]);
        snprintf(what, sizeof(what), "without %d pages of %s", n, rows[i].tables[0]);
        put_back(&spoilt);
        salvage(what, &got);
        is_figure(what, "damaged pages", sum.damaged_pages, (uint64_t)n);
        is_figure(what, "observations", sum.observations, rows[i].found);
        is_figure(what, "observations lost", sum.observations_lost, rows[i].lost);
        is_figure(what, "files lost", sum.files_lost, rows[i].files_lost);
        is_figure(what, "refusals", sum.refusals, N_REFUSED - rows[i].refusals_lost);
        is_figure(what, "refusals lost", sum.refusals_lost, rows[i].refusals_lost);
        is_figure(what, "loose bodies", sum.loose_bodies, rows[i].loose);
        is_told(what, rows[i].told);
        if (rows[i].files == SAME)
            is_whole(what, &got);
        else
            is_figure(what, "files", n_common(&whole, &got, "file "), rows[i].files);
    }
}

/* Without the pages of earlier commits, which salvage would find rows on. */
static void back_up(struct sillok_store *s, const char *path)
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

static int set_up(void **state)
{
    struct sillok_store *s;
    (void)state;
    struct buf *const bufs[] = { &data, &seal, &whole, &told };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    folder = support_folder();
    from = support_path(folder, "copy");
    to = support_path(folder, "to");
    file = support_path(from, "data.mdb");
    s = support_store(folder);
    make_crawl(s, "mon", 5, N_MON);
    make_crawl(s, "tue", 6, N_TUE);
    refuse(s);
    assert_ok(s->ops->ref_cas(s, "head", text_make(NULL, 0), text_of("값")));
    back_up(s, from);
    sillok_store_close(s);
    dump(&whole, from);
    char *path = support_path(from, "data.mdb-seal");
    read_file(&data, file);
    read_file(&seal, path);
    free(path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&data);
    buf_release(&seal);
    buf_release(&whole);
    buf_release(&told);
    support_remove(folder);
    free(from);
    free(to);
    free(file);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_without_their_pages),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
