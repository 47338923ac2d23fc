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
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };
/* Of the second crawl a part is what the first one had; each has two files of its own. */
enum { N_MON = 1080, N_TUE = 200, N_SAME = 50, N_LONG = 2, N_REFUSED = 3 };
enum { FIRST_CUT = 20, N_CUT = 2 };   /* aids of articles whose rows are in parts */
enum { ONCE = N_MON / 2, TWICE = 4 }; /* aid of an article seen once, unchanged twice */
enum { N_BODIES = N_MON + N_TUE - N_SAME, N_EXTRA = 2 };

static char *folder, *from, *to, *file;
static struct buf data, seal;         /* the files of the store as it was made */
static struct buf whole, files;       /* all that it says, and its files */
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

/* Every @p what by @p with, which is as long. */
static void replace(char *in, size_t len, const char *what, const char *with)
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

/* What there is to be told of a store, and its files alone; the store is sound. */
static void look_at(const char *path, struct buf *all, struct buf *names)
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

/* How many of the files are in @p got too, which has them in the same order. */
static uint64_t n_files(const struct buf *got)
{
    uint64_t n = 0;
    const char *left = got->ptr, *got_end = got->ptr + got->len;
    for (size_t at = 0; at < files.len;) {
        const char *end = memchr(files.ptr + at, '\n', files.len - at);
        const size_t len = (size_t)(end - (files.ptr + at)) + 1;
        const char *hit =
            left ? memmem(left, (size_t)(got_end - left), files.ptr + at, len) : NULL;
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

/* @p got: its files, or all where it is as it was. */
static void salvage(const char *what, struct buf *got, int as_it_was)
{
    if (try_salvage(from) < 0)
        fail_msg("%s: %s", what, sillok_error_message());
    look_at(to, as_it_was ? got : NULL, as_it_was ? NULL : got);
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

static uint64_t main_root(const uint8_t *all)
{
    struct btree_meta meta[2];
    assert_int_equal(btree_meta_read(&meta[0], all), 0);
    assert_int_equal(btree_meta_read(&meta[1], all + PAGE), 0);
    return meta[meta[1].txn > meta[0].txn].main.root;
}

static int zero_leaves(uint8_t *all, const char *table, int first, int most)
{
    int exact;
    const uint8_t *root = all + main_root(all) * PAGE;
    assert_int_equal(btree_flags(root), BTREE_LEAF);
    const unsigned i = btree_find(root, text_of(table), &exact);
    assert_true(exact);
    const struct btree_table t = btree_table_read(btree_node(root, i).data);
    return t.root == BTREE_NONE ? 0 : zero_below(all, t.root, first, most);
}

static int zero_table(uint8_t *all, const char *table)
{
    return zero_leaves(all, table, 0, 1 << 16);
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
        { { "obs" }, "200 observations of which", N_MON, N_MON, N_TUE, N_NEW, 0, 0 },
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
        salvage(what, &got, rows[i].files == SAME);
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
            is_figure(what, "files", n_files(&got), rows[i].files);
    }
}

/* --- pages that lead elsewhere --- */

static uint8_t *node_of(uint8_t *page, unsigned i)
{
    uint16_t at;
    memcpy(&at, page + BTREE_HEAD_BYTES + i * 2, sizeof(at));
    return page + at;
}

/* Of the table of tables: the node of @p table, whose record stands behind its name. */
static uint8_t *table_node(uint8_t *all, const char *table)
{
    int exact;
    uint8_t *root = all + main_root(all) * PAGE;
    const unsigned i = btree_find(root, text_of(table), &exact);
    assert_true(exact);
    return node_of(root, i);
}

static uint64_t root_of(uint8_t *all, const char *table)
{
    return btree_table_read(
               text_make((const char *)table_node(all, table) + 8 + strlen(table), 48))
        .root;
}

static void lead_to(uint8_t *all, const char *table, uint64_t page)
{
    memcpy(table_node(all, table) + 8 + strlen(table) + 40, &page, sizeof(page));
}

/* Both headers: where the table of tables begins. */
static void begin_at(uint8_t *all, uint64_t page)
{
    for (int i = 0; i < 2; i++)
        memcpy(all + i * PAGE + BTREE_HEAD_BYTES + 24 + 48 + 40, &page, sizeof(page));
}

/* A page below itself; the first child of a branch is a number of 48 bits. */
static void turn_in_a_circle(uint8_t *all, uint64_t page)
{
    const uint32_t low = (uint32_t)page;
    assert_true(btree_flags(all + page * PAGE) & BTREE_BRANCH);
    memcpy(node_of(all + page * PAGE, 0), &low, sizeof(low));
}

/* As salvage takes them: rows by their tables, and runs without a name by what they are.
 */
static int count_row(void *arg, const struct rescue_row *row)
{
    uint64_t *n = arg;
    int table = row->table;
    if (!row->key.ptr)
        table = recognize_block(row->value)  ? T_OBS
                : recognize_dict(row->value) ? T_DICT
                                             : -1;
    else if (table < 0 || !recognize_fits(table, row))
        table = recognize_table(row);
    if (table >= 0 && table != T_REF)
        n[table]++;
    return 0;
}

static void count_rows(const struct buf *bytes, uint64_t n[N_TABLES])
{
    struct rescue_counts counts;
    const char *names[N_TABLES + 1];
    for (int i = 0; i <= N_TABLES; i++)
        names[i] = i < N_TABLES ? lmdb_table_name(i) : NULL;
    memset(n, 0, N_TABLES * sizeof(*n));
    put_back(bytes);
    assert_ok(rescue_rows(file, names, count_row, n, &counts));
    assert_int_equal(counts.pages, bytes->len / PAGE);
}

static void all_rows_are_there(const char *what, const struct buf *bytes)
{
    uint64_t want[N_TABLES], got[N_TABLES];
    count_rows(&data, want);
    count_rows(bytes, got);
    assert_true(want[T_BODY] >= N_BODIES + N_CUT && want[T_DICT] == N_DICT_KINDS);
    for (int i = 0; i < N_TABLES; i++)
        is_figure(what, lmdb_table_name(i), got[i], want[i]);
}

/* Whatever leads elsewhere: pages that have their sums are found as such, and their rows
 * by what they are. Only a ref is nothing but a name. */
static void pages_that_lead_elsewhere(void **state)
{
    enum { TO, AT, FLAG, NAME, CIRCLE, START, START_CIRCLE, N_WAYS };
    const uint64_t n = data.len / PAGE;
    static const char *const names[N_WAYS] = {
        "root", "root at", "flag", "name", "circle", "start", "start in a circle"
    };
    const struct {
        int way;
        const char *table;
        uint64_t to;
    } rows[] = {
        { TO, "body", 0 },        { TO, "version", 1 },      { TO, "ordinal", n },
        { TO, "article", n + 7 }, { TO, "obs", UINT64_MAX }, { AT, "seg", 0 },
        { FLAG, "version", 4 },   { FLAG, "article", 6 },    { NAME, "body", 'x' },
        { NAME, "article", 'x' }, { CIRCLE, "body", 0 },     { START, NULL, 0 },
        { START, NULL, n + 1 },   { START, "body", 0 },      { START_CIRCLE, "body", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
        char what[60];
        snprintf(what, sizeof(what), "way %zu: %s", i + 1, names[rows[i].way]);
        assert_ok(buf_add(&spoilt, data.ptr, data.len));
        uint8_t *all = (uint8_t *)spoilt.ptr;
        const uint64_t root = rows[i].table ? root_of(all, rows[i].table) : rows[i].to;
        switch (rows[i].way) {
        case TO:
            lead_to(all, rows[i].table, rows[i].to);
            break;
        case AT: /* the table of tables itself */
            lead_to(all, rows[i].table, main_root(all));
            break;
        case FLAG: /* of a table, of duplicates */
            table_node(all, rows[i].table)[4] ^= (uint8_t)rows[i].to;
            break;
        case NAME:
            table_node(all, rows[i].table)[8] = (uint8_t)rows[i].to;
            break;
        case CIRCLE:
            turn_in_a_circle(all, root);
            break;
        case START_CIRCLE:
            turn_in_a_circle(all, root);
            begin_at(all, root);
            break;
        default:
            begin_at(all, root);
            break;
        }
        all_rows_are_there(what, &spoilt);
    }
}

/* A damaged page that names the long rows: they are found without it. */
static void names_of_runs(void **state)
{
    enum { CHILD, LENGTH, LONG_KEY, RUN, SUM };
    const uint64_t n = data.len / PAGE;
    const struct {
        int way;
        uint64_t to;
    } rows[] = { { CHILD, 0 },          { CHILD, 1 },     { CHILD, n },
                 { CHILD, UINT64_MAX }, { CHILD, n - 1 }, { LENGTH, UINT32_MAX },
                 { LONG_KEY, 0 },       { RUN, 8 },       { SUM, 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
        char what[40];
        snprintf(what, sizeof(what), "name %zu of a run", i + 1);
        assert_ok(buf_add(&spoilt, data.ptr, data.len));
        uint8_t *all = (uint8_t *)spoilt.ptr, *page = all + root_of(all, "dict") * PAGE;
        assert_int_equal(btree_flags(page), BTREE_LEAF);
        for (unsigned k = 0; k < btree_count(page); k++) {
            uint8_t *node = node_of(page, k);
            const struct btree_node was = btree_node(page, k);
            const uint16_t left = (uint16_t)(page + PAGE - node - 8 - (int)k);
            assert_true(was.flags & NODE_BIG);
            if (rows[i].way == CHILD)
                memcpy(node + 8 + was.key.len, &rows[i].to, sizeof(rows[i].to));
            else if (rows[i].way == LENGTH)
                memcpy(node, &rows[i].to, 4);
            else if (rows[i].way == LONG_KEY)
                memcpy(node + 6, &left, sizeof(left));
            else if (rows[i].way == RUN) /* that page is of another kind, or number */
                all[was.child * PAGE + 2 * (k + 4)] ^= 4;
            else
                all[was.child * PAGE + BTREE_HEAD_BYTES + was.data_bytes + 1] ^= 1;
        }
        if (rows[i].way != RUN && rows[i].way != SUM)
            page[1] ^= 1; /* no page that could be read */
        all_rows_are_there(what, &spoilt);
    }
}

/* --- rows in whole pages --- */

static void begin_rows(struct lmdb_store **s, struct kv_txn **txn)
{
    put_back(&data);
    assert_ok(lmdb_open_rows(s, file, (size_t)1 << 28));
    assert_ok(kv_write((*s)->env, txn));
}

static void end_rows(struct lmdb_store *s, struct kv_txn *txn)
{
    assert_ok(kv_commit(txn));
    lmdb_close_rows(s);
}

static void add_value(struct buf *out, struct kv_txn *txn, int table,
                      struct sillok_text key)
{
    struct sillok_text v;
    assert_int_equal(kv_get(txn, table, key, &v), 1);
    buf_clear(out);
    assert_ok(buf_add_text(out, v));
}

/* Of the newest version of an article. */
static uint64_t version_of(struct kv_txn *txn, int aid)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    char key[20];
    snprintf(key, sizeof(key), "001%c%010d", 0, aid);
    add_value(&row, txn, T_ARTICLE, text_make(key, 14));
    return get_be((const uint8_t *)row.ptr + ID_BYTES, ID_BYTES);
}

static struct sillok_text first_key(struct kv_txn *txn, int table, const char *in_value,
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

static void seal_again(struct buf *row)
{
    row->len -= 4;
    assert_ok(row_seal(row));
}

static void other_hash(struct buf *row)
{
    row->ptr[1] ^= 1;
}

/* Two numbers, below 2^14 here, stand before the digest. */
static void other_digest(struct buf *row)
{
    row->ptr[4 + META_DIGEST_BYTES - 1] ^= 1;
    seal_again(row);
}

static void other_article(struct buf *row)
{
    row->ptr[2] ^= 1;
    seal_again(row);
}

static void other_sum(struct buf *row)
{
    row->ptr[row->len - 1] ^= 1;
}

static void shorter(struct buf *row)
{
    row->len -= 20;
    seal_again(row);
}

static void no_head(struct buf *row)
{
    row->len = 5;
    seal_again(row);
}

/* Of the file that it gives with the template, behind the flags. */
static void other_file(struct buf *row)
{
    row->ptr[1] ^= 1;
    seal_again(row);
}

static void rows_that_say_something_else(void **state)
{
    enum { ALL = N_MON + N_TUE };
    enum { OF_BODY, OF_VERSION, OF_FIRST }; /* of the article, or of the table */
    static const struct {
        int table, of, aid;
        const char *in_value; /* OF_FIRST: the first row that has it */
        void (*change)(struct buf *row);
        const char *told;
        uint64_t lost, loose, files_lost, refusals_lost;
    } rows[] = {
        { T_BODY, OF_BODY, ONCE, "", other_hash, "does not have its hash any more", 1, 0,
          0, 0 },
        { T_BODY, OF_BODY, TWICE, "", other_hash, "does not have its hash any more", 2, 0,
          0, 0 },
        { T_VERSION, OF_VERSION, ONCE, "", other_digest,
          "its title or metadata is not what was stored", 1, 1, 0, 0 },
        { T_VERSION, OF_VERSION, TWICE, "", other_article,
          "its version belongs to another article", 2, 1, 0, 0 },
        { T_OBS, OF_FIRST, 0, "", other_sum,
          "a block of observations: a block of observations is damaged", N_MON,
          N_MON - N_SAME, 0, 0 },
        { T_EXTRA, OF_FIRST, 0, "", other_file, "the exact file is lost", 0, 0, 1, 0 },
        { T_REFUSAL, OF_FIRST, 0, "long.md", shorter, "a refused file: ", 0, 0, 0, 1 },
        { T_REFUSAL, OF_FIRST, 0, "long.md", no_head,
          "a refused file: the store is damaged: a refusal's row is damaged", 0, 0, 0,
          1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release)
        struct buf value = BUF_INIT, got = BUF_INIT, found = BUF_INIT;
        struct lmdb_store *s;
        struct kv_txn *txn;
        uint8_t number[ID_BYTES];
        char what[60];
        begin_rows(&s, &txn);
        struct sillok_text key;
        if (rows[i].of == OF_FIRST) {
            key = first_key(txn, rows[i].table, rows[i].in_value, &found);
        } else {
            struct version_row row;
            const uint64_t version = version_of(txn, rows[i].aid);
            assert_ok(version_row_get(txn, version, &row));
            key = key_id(number, rows[i].of == OF_BODY ? row.body : version);
        }
        add_value(&value, txn, rows[i].table, key);
        rows[i].change(&value);
        assert_ok(kv_put(txn, rows[i].table, key, text_make(value.ptr, value.len), 0));
        end_rows(s, txn);
        snprintf(what, sizeof(what), "row %zu: %s", i + 1,
                 lmdb_table_name(rows[i].table));
        salvage(what, &got, 0);
        is_told(what, rows[i].told);
        /* Once for each version, and what is not there at all. */
        const char *end = strchr(told.ptr, '\n');
        assert_true(end[1] == '\0' || strstr(end, "1080 observations of which nothing"));
        is_figure(what, "observations", sum.observations, ALL - rows[i].lost);
        is_figure(what, "observations lost", sum.observations_lost, rows[i].lost);
        is_figure(what, "loose bodies", sum.loose_bodies, rows[i].loose);
        is_figure(what, "files lost", sum.files_lost, rows[i].files_lost);
        is_figure(what, "refusals lost", sum.refusals_lost, rows[i].refusals_lost);
        is_figure(what, "files", n_files(&got), ALL - rows[i].lost - rows[i].files_lost);
    }
}

/* What no store has, so that nothing is made of it. */
static void rows_that_mean_nothing(void **state)
{
    static const uint32_t numbers[] = { 0, (1 << 16) + 1, UINT32_MAX };
    CLEANUP(buf_release) struct buf row = BUF_INIT, got = BUF_INIT;
    struct lmdb_store *s;
    struct kv_txn *txn;
    uint8_t key[4];
    (void)state;
    assert_ok(buf_add_str(&row, "folder"));
    assert_ok(row_seal(&row));
    begin_rows(&s, &txn);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_ok(
            kv_put(txn, T_DIR, key_u32(key, numbers[i]), text_make(row.ptr, row.len), 0));
    end_rows(s, txn);
    salvage("folders without a number", &got, 1);
    is_told("folders without a number", NULL);
    is_whole("folders without a number", &got);
    /* Of two folders the first is lost. */
    begin_rows(&s, &txn);
    assert_int_equal(kv_delete(txn, T_DIR, key_u32(key, 1)), 1);
    end_rows(s, txn);
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    read_file(&all, file);
    for (size_t at = 0; at < all.len; at += PAGE) /* the page stands that had it */
        if (btree_flags((const uint8_t *)all.ptr + at) == BTREE_LEAF)
            replace(all.ptr + at, PAGE, "economy", "ECONOMY");
    support_write(file, all.ptr, all.len);
    buf_clear(&got);
    salvage("the first folder", &got, 0);
    is_told("the first folder",
            "the name of a folder: its files are in 'lost-folder-1' now\n");
    const uint64_t kept = n_files(&got);
    assert_true(kept > N_MON / 4 && kept < N_MON);
    assert_non_null(memmem(got.ptr, got.len, "\nlost-folder-1/", 15));
}

/* --- runs that no page names --- */

static void add_run(struct buf *all, struct sillok_text value)
{
    const uint64_t page = all->len / PAGE,
                   n = (value.len + BTREE_HEAD_BYTES + PAGE - 1) / PAGE;
    const uint16_t flags = BTREE_OVERFLOW;
    const uint32_t n32 = (uint32_t)n;
    assert_ok(buf_reserve(all, (size_t)n * PAGE));
    char *p = all->ptr + all->len;
    memset(p, 0, (size_t)n * PAGE);
    memcpy(p, &page, sizeof(page));
    memcpy(p + 10, &flags, sizeof(flags));
    memcpy(p + 12, &n32, sizeof(n32));
    memcpy(p + BTREE_HEAD_BYTES, value.ptr, value.len);
    all->len += (size_t)n * PAGE;
}

static void add_block(struct buf *all, const struct obs *list, size_t n, int damaged)
{
    CLEANUP(buf_release) struct buf block = BUF_INIT;
    struct codec_ctx *codec;
    assert_ok(codec_new(&codec));
    assert_ok(obs_encode(codec, &block, list, n));
    block.ptr[block.len - 1] ^= (char)damaged;
    add_run(all, text_make(block.ptr, block.len));
    codec_free(codec);
}

/* Copies of rows that are there, as a batch that was begun anew leaves them, and runs
 * that are no rows or of no use: all is as it was, also where the page with the key is
 * gone. */
static void runs_without_a_name(void **state)
{
    static const char *const tables[][3] = {
        { NULL }, { "dict" }, { "obs" }, { "obs", "seg" }
    };
    CLEANUP(buf_release) struct buf block = BUF_INIT, dict = BUF_INIT;
    struct lmdb_store *s;
    struct kv_txn *txn;
    uint8_t number[4];
    (void)state;
    begin_rows(&s, &txn);
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    add_value(&block, txn, T_OBS, first_key(txn, T_OBS, "", &key));
    add_value(&dict, txn, T_DICT, key_u32(number, 1));
    struct seg tue;
    CLEANUP(buf_release) struct buf seg = BUF_INIT;
    add_value(&seg, txn, T_SEG, key_u32(number, 2));
    assert_ok(seg_decode(&tue, 2, text_make(seg.ptr, seg.len - 4)));
    kv_abort(txn);
    lmdb_close_rows(s);
    assert_true(block.len > PAGE / 2 && dict.len > PAGE / 2);
    struct obs many[N_TUE + 1] = { { 0 } };
    for (size_t i = 0; i <= N_TUE; i++)
        many[i] = (struct obs){ .ordinal = 5, .time_s = tue.first_s, .version = i };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        CLEANUP(buf_release) struct buf all = BUF_INIT, got = BUF_INIT;
        const char *what = tables[i][0] ? tables[i][0] : "nothing gone";
        assert_ok(buf_add(&all, data.ptr, data.len));
        for (int k = 0; k < 3 && tables[i][k]; k++)
            (void)zero_table((uint8_t *)all.ptr, tables[i][k]);
        add_run(&all, text_make(block.ptr, block.len));
        add_run(&all, text_make(dict.ptr, dict.len));
        add_run(&all, text_of("nothing"));
        add_run(&all, text_make("\0\0\0\0\0", 5));
        struct obs o[2] = { { .ordinal = 5, .time_s = 1, .version = 1 },
                            { .ordinal = 6, .time_s = 1, .version = 2 } };
        add_block(&all, o, 0, 0);
        add_block(&all, o, 2, 0); /* of another time */
        add_block(&all, o, 2, 1);
        o[1].ordinal = (uint64_t)1 << 30; /* of an article that never was */
        add_block(&all, o, 2, 0);
        o[0] = o[1] = (struct obs){ .ordinal = 5, .time_s = (int64_t)1 << 40 };
        add_block(&all, o, 2, 0);
        o[0].ordinal = 0;
        add_block(&all, o, 2, 0);
        add_block(&all, many, N_TUE + 1, 0); /* more than the crawl saw */
        put_back(&all);
        const int is_all = !tables[i][0] || strcmp(what, "dict") == 0;
        const uint64_t n = is_all ? N_MON + N_TUE : N_MON;
        salvage(what, &got, is_all);
        is_figure(what, "observations", sum.observations, n);
        is_figure(what, "observations lost", sum.observations_lost, N_MON + N_TUE - n);
        if (is_all)
            is_whole(what, &got);
        else
            is_figure(what, "files", n_files(&got), n);
    }
}

/* --- what a row is of --- */

static int fits(int table, struct sillok_text key, const struct buf *value)
{
    const struct rescue_row row = { RESCUE_NO_TABLE, 1, 1, key,
                                    text_make(value->ptr, value->len) };
    return recognize_fits(table, &row);
}

/* Of the store, and with a key that is longer or shorter. */
static void rows_of_each_table(void **state)
{
    struct lmdb_store *s;
    struct kv_txn *txn;
    (void)state;
    begin_rows(&s, &txn);
    for (int table = T_META; table <= T_CLASS; table++) {
        CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
        struct sillok_text k, v;
        int r = table == T_HASH ? 0 : kv_cursor_open(&c, txn, table);
        assert_ok(r);
        for (r = c ? kv_first(c, &k, &v) : 0; r > 0; r = kv_next(c, &k, &v)) {
            struct rescue_row row = { RESCUE_NO_TABLE, 1, 1, k, v };
            const int known = (table > T_META && table < T_HASH) || table == T_ARTICLE ||
                              (table == T_META && dict_of_copy(k) > 0);
            assert_int_equal(recognize_fits(table, &row), known);
            assert_int_equal(recognize_table(&row), known && table != T_REF ? table : -1);
            /* One of a part less a byte would be that of a first one. */
            row.key.len -= table == T_BODY && k.len == PART_KEY_BYTES ? 2 : 1;
            /* A name may be of any length. */
            assert_int_equal(recognize_fits(table, &row),
                             table == T_REF || table == T_ARTICLE);
            row.key = text_make("0123456789abcdefg", 17);
            assert_int_equal(recognize_fits(table, &row), table == T_REF);
            row.key = text_make(k.ptr, 0);
            assert_int_equal(recognize_fits(table, &row), 0);
            row.key = k;
            row.sealed = 0;
            assert_int_equal(recognize_fits(table, &row), known && table != T_REF);
            /* Their keys are like those of folders. */
            if (table == T_DICT || table == T_SEG || table == T_CRAWL)
                assert_int_equal(recognize_fits(T_DIR, &row), 0);
            row.sealed = 1;
            row.current = 0;
            assert_int_equal(recognize_fits(table, &row), known && table != T_REF);
        }
        assert_ok(r);
    }
    kv_abort(txn);
    lmdb_close_rows(s);
}

static void keys_of_articles(void **state)
{
    static const char least[] = "azAZ09_-", bad[] = "`{@[/:^,. \x80\n";
    const struct sillok_text number = text_make("\0\0\0\0\1", ID_BYTES);
    char text[2 * SILLOK_KEY_MAX_BYTES + 10];
    (void)state;
    for (size_t oid = 0; oid <= SILLOK_KEY_MAX_BYTES + 1; oid++)
        for (size_t aid = 0; aid <= SILLOK_KEY_MAX_BYTES + 1; aid++) {
            memset(text, 'x', sizeof(text));
            text[oid] = '\0';
            const struct buf key = { .ptr = text, .len = oid + 1 + aid };
            const int is = oid > 0 && aid > 0 && oid <= SILLOK_KEY_MAX_BYTES &&
                           aid <= SILLOK_KEY_MAX_BYTES;
            assert_int_equal(fits(T_ORDINAL, number, &key), is);
            const struct rescue_row row = { RESCUE_NO_TABLE, 0, 0,
                                            text_make(text, key.len),
                                            text_make("0123456789", 10) };
            assert_int_equal(recognize_fits(T_ARTICLE, &row), is);
        }
    for (size_t i = 0; i < 2 * sizeof(least) + 2 * sizeof(bad); i++) {
        const int of_bad = i >= 2 * sizeof(least), in_aid = i % 2;
        const char c = of_bad ? bad[i / 2 - sizeof(least)] : least[i / 2];
        memcpy(text, "12\00034", 5);
        text[in_aid ? 4 : 0] = c;
        const struct buf key = { .ptr = text, .len = 5 };
        assert_int_equal(fits(T_ORDINAL, number, &key), !of_bad && c != '\0');
    }
    const struct buf none = { .ptr = text, .len = 0 }, one = { .ptr = text, .len = 2 };
    assert_int_equal(fits(T_ORDINAL, number, &none), 0);
    assert_int_equal(fits(T_ORDINAL, number, &one), 0);
}

/* Rows as they are written, with numbers of all kinds. */
static void rows_with_other_numbers(void **state)
{
    enum { OVER = SILLOK_TEXT_MAX_BYTES };
    const struct sillok_text key = text_make("\0\0\0\0\1", ID_BYTES);
    static const struct {
        int codec;
        uint64_t raw_len;
        size_t payload,
            is; /* bytes of zeros behind; what of them is payload + 1, 0 none */
    } bodies[] = {
        { CODEC_PLAIN, 0, 0, 1 },     { CODEC_PLAIN, 0, 3, 1 },
        { CODEC_PLAIN, 3, 3, 4 },     { CODEC_PLAIN, 3, 9, 4 },
        { CODEC_PLAIN, 3, 2, 0 },     { CODEC_ZSTD, 3, 9, 0 },
        { CODEC_DELTA + 1, 3, 3, 0 }, { CODEC_PLAIN, (uint64_t)OVER + 1, 9, 0 },
        { CODEC_DICT, 3, 9, 0 },      { CODEC_DELTA, 3, 0, 0 },
    };
    static const struct {
        uint64_t n, n_blocks;
        size_t cut;
        int is;
    } segs[] = { { 1, 1, 0, 1 }, { 9, 2, 0, 1 },  { 0, 0, 0, 0 }, { 9, 0, 0, 0 },
                 { 9, 9, 0, 1 }, { 9, 10, 0, 0 }, { 9, 1, 1, 0 } };
    static const struct {
        uint64_t body, article, raw_len;
        int codec;
        size_t payload;
        int is;
    } versions[] = {
        { 1, 1, 3, CODEC_PLAIN, 3, 1 }, { 0, 1, 3, CODEC_PLAIN, 3, 0 },
        { 1, 0, 3, CODEC_PLAIN, 3, 0 }, { 1, 1, 2, CODEC_PLAIN, 3, 0 },
        { 1, 1, 4, CODEC_PLAIN, 3, 0 }, { 1, 1, 0, CODEC_DELTA, 0, 0 },
        { 1, 1, 3, CODEC_ZSTD, 3, 0 },  { 1, 1, (uint64_t)OVER + 1, CODEC_PLAIN, 0, 0 },
    };
    static const char zeros[16];
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_char(&row, (char)bodies[i].codec));
        for (int k = 0; k < 32; k++)
            assert_ok(buf_add_char(&row, 'h'));
        assert_ok(buf_add_varint(&row, bodies[i].raw_len));
        const size_t head = row.len;
        assert_ok(buf_add(&row, zeros, bodies[i].payload));
        const size_t want = bodies[i].is ? head + bodies[i].is - 1 : 0;
        assert_int_equal(recognize_body(text_make(row.ptr, row.len)), want);
        assert_int_equal(fits(T_BODY, key, &row), want == row.len);
        for (size_t n = 0; n < head; n++)
            assert_int_equal(recognize_body(text_make(row.ptr, n)), 0);
    }
    for (size_t i = 0; i < sizeof(segs) / sizeof(segs[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        const struct seg seg = { 1, 1, segs[i].n, segs[i].n_blocks, 1, 2, 3, 4 };
        assert_ok(seg_encode(&row, &seg));
        row.len -= segs[i].cut;
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_SEG, text_make("0123", 4), &row), segs[i].is);
    }
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_varint(&row, versions[i].body));
        assert_ok(buf_add_varint(&row, versions[i].article));
        for (int k = 0; k < META_DIGEST_BYTES; k++)
            assert_ok(buf_add_char(&row, 'd'));
        assert_ok(buf_add_char(&row, (char)versions[i].codec));
        assert_ok(buf_add_varint(&row, versions[i].raw_len));
        assert_ok(buf_add(&row, zeros, versions[i].payload));
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_VERSION, key, &row), versions[i].is);
    }
    for (int named = 0; named < 2; named++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add(&row, zeros, 10)); /* its numbers */
        assert_ok(buf_add_str(&row, named ? "mon" : ""));
        assert_ok(row_seal(&row));
        assert_int_equal(fits(T_CRAWL, text_make("0123", 4), &row), named);
    }
}

static void blocks_and_dictionaries(void **state)
{
    static const struct {
        int codec;
        uint64_t raw_len;
        size_t behind, is;
    } blocks[] = {
        { CODEC_PLAIN, 6, 10, 10 },
        { CODEC_PLAIN, 6, 16, 10 },
        { CODEC_PLAIN, 6, 9, 0 },
        { CODEC_PLAIN, 0, 4, 0 },
        { CODEC_DICT, 6, 10, 0 },
        { CODEC_PLAIN, (uint64_t)SILLOK_TEXT_MAX_BYTES + 1, 16, 0 },
    };
    enum { SLACK = 4096 };
    CLEANUP(buf_release) struct buf dict = BUF_INIT;
    struct lmdb_store *s;
    struct kv_txn *txn;
    uint8_t number[4];
    char behind[SLACK + 16];
    (void)state;
    memset(behind, 'b', sizeof(behind));
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_varint(&row, 1));
        assert_ok(buf_add_char(&row, (char)blocks[i].codec));
        assert_ok(buf_add_varint(&row, blocks[i].raw_len));
        const size_t head = row.len;
        assert_ok(buf_add(&row, behind, blocks[i].behind));
        assert_int_equal(recognize_block(text_make(row.ptr, row.len)),
                         blocks[i].is ? head + blocks[i].is : 0);
        for (size_t n = 0; n < head; n++)
            assert_int_equal(recognize_block(text_make(row.ptr, n)), 0);
    }
    begin_rows(&s, &txn);
    add_value(&dict, txn, T_DICT, key_u32(number, 1));
    kv_abort(txn);
    lmdb_close_rows(s);
    const size_t len = dict.len;
    assert_ok(buf_add(&dict, behind, SLACK));
    for (size_t n = 0; n <= SLACK; n += n < 2 || n > SLACK - 3 ? 1 : SLACK / 4)
        assert_int_equal(recognize_dict(text_make(dict.ptr, len + n)),
                         n < SLACK ? len : 0);
    assert_int_equal(recognize_dict(text_make(dict.ptr, len - 1)), 0);
    for (size_t n = 0; n < 12; n++)
        assert_int_equal(recognize_dict(text_make(dict.ptr, n)), 0);
    /* Its kind and the four bytes that every dictionary begins with. */
    for (size_t i = 0; i < 5; i++) {
        dict.ptr[i] ^= 2;
        assert_int_equal(recognize_dict(text_make(dict.ptr, len)), 0);
        dict.ptr[i] ^= 2;
    }
}

/* --- what verify tells of it --- */

/* "TABLE: WHAT" of each finding into @c told. */
static int findings(const struct sillok_verify_options *options)
{
    struct sillok_store *s;
    struct sillok_verify *it;
    struct sillok_verify_event e;
    int n = 0, r;
    buf_clear(&told);
    assert_ok(sillok_store_open(&s, from, NULL));
    assert_ok(sillok_verify_open(&it, s, options));
    while ((r = sillok_verify_next(it, &e)) > 0)
        if (e.damage) {
            assert_ok(buf_printf(&told, "%s: %s\n", e.table, e.what));
            n++;
        }
    assert_ok(r);
    assert_ok(buf_add_char(&told, '\0'));
    sillok_verify_close(it);
    sillok_store_close(s);
    return n;
}

/* A page is told with the keys that it is between. */
static void pages_by_their_keys(void **state)
{
    static const struct {
        const char *table;
        int first; /* negative: of the last */
        const char *told;
    } rows[] = {
        { "article", 0, "(article, up to 001/0000000" },
        { "article", 5, "(article, from 001/0000000" },
        { "article", -1, "(article, from 001/000000" },
        { "ordinal", 0, "(ordinal) is not what was written" },
        { "version", 0, "(version, up to " },
        { "version", 3, "(version, from 167 to 221) is not" },
        { "rev", 1, "(rev, from 0000000" },
        { "obs", 0, "(obs) is not what was written" },
        { "class", 0, "class: " },
        { "refusal", 0, "refusal: " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
        int first = rows[i].first;
        assert_ok(buf_add(&spoilt, data.ptr, data.len));
        if (first < 0)
            first += zero_leaves((uint8_t *)spoilt.ptr, rows[i].table, 0, 0);
        const int n = zero_leaves((uint8_t *)spoilt.ptr, rows[i].table, first, 1);
        assert_true(first < n);
        put_back(&spoilt);
        assert_true(findings(NULL) > 0);
        is_told(rows[i].table, rows[i].told);
        const char *at = strstr(told.ptr, rows[i].told), *end = strchr(at, ')');
        const int between = first > 0 && first + 1 < n && *at == '(';
        assert_int_equal(end && memmem(at, (size_t)(end - at), " to ", 4) &&
                             at[0] == '(' && strstr(rows[i].told, "from"),
                         between);
        /* Fast, pages are not looked at as such. */
        const struct sillok_verify_options fast = { .fast = 1 };
        (void)findings(&fast);
        assert_null(strstr(told.ptr, "page: page "));
    }
}

static void put_number(struct buf *row, size_t at, uint64_t n)
{
    row->ptr[at] = (char)(n | 0x80);
    row->ptr[at + 1] = (char)(n >> 7);
}

static uint64_t body_of(struct kv_txn *txn, int aid)
{
    struct version_row row;
    assert_ok(version_row_get(txn, version_of(txn, aid), &row));
    return row.body;
}

/* The version of ONCE has another text, its own is needed by nobody. */
static void part_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t version = version_of(txn, ONCE);
    add_value(&row, txn, T_VERSION, key_id(key, version));
    put_number(&row, 0, body_of(txn, TWICE));
    seal_again(&row);
    assert_ok(
        kv_put(txn, T_VERSION, key_id(key, version), text_make(row.ptr, row.len), 0));
}

static void spoil_parted_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t body = body_of(txn, ONCE);
    part_body(txn);
    add_value(&row, txn, T_BODY, key_id(key, body));
    other_hash(&row);
    assert_ok(kv_put(txn, T_BODY, key_id(key, body), text_make(row.ptr, row.len), 0));
}

/* A text that no store has so many of. */
static void far_body(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const uint64_t version = version_of(txn, ONCE);
    add_value(&row, txn, T_VERSION, key_id(key, version));
    put_number(&row, 0, 16000);
    seal_again(&row);
    assert_ok(
        kv_put(txn, T_VERSION, key_id(key, version), text_make(row.ptr, row.len), 0));
}

/* The block of the first crawl without the observation of ONCE. */
static void forget_observation(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT, row = BUF_INIT, list = BUF_INIT;
    struct codec_ctx *codec;
    struct version_row version;
    assert_ok(version_row_get(txn, version_of(txn, ONCE), &version));
    const struct sillok_text key = first_key(txn, T_OBS, "", &name);
    add_value(&row, txn, T_OBS, key);
    assert_ok(codec_new(&codec));
    assert_ok(obs_decode(codec, &list, text_make(row.ptr, row.len), 1));
    struct obs *o = (struct obs *)(void *)list.ptr;
    size_t n = list.len / sizeof(*o), at = 0;
    while (o[at].ordinal != version.article)
        at++;
    memmove(o + at, o + at + 1, (n - at - 1) * sizeof(*o));
    buf_clear(&row);
    assert_ok(obs_encode(codec, &row, o, n - 1));
    codec_free(codec);
    assert_ok(kv_put(txn, T_OBS, key, text_make(row.ptr, row.len), 0));
}

static void no_block(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    assert_int_equal(kv_delete(txn, T_OBS, first_key(txn, T_OBS, "", &name)), 1);
}

/* Figure @p which of a crawl says one more. */
static void miscount(struct kv_txn *txn, size_t which)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT, other = BUF_INIT;
    uint8_t key[4];
    add_value(&row, txn, T_CRAWL, key_u32(key, 1));
    struct cursor c = cursor_of(row.ptr, row.len);
    for (size_t i = 0; i <= which; i++)
        (void)cursor_varint(&c);
    const size_t at = row.len - cursor_left(&c);
    const uint64_t n = cursor_varint(&c);
    assert_ok(buf_add(&other, row.ptr, at));
    assert_ok(buf_add_varint(&other, n + 1));
    assert_ok(buf_add(&other, c.ptr, cursor_left(&c) - 4));
    assert_ok(row_seal(&other));
    assert_ok(kv_put(txn, T_CRAWL, key_u32(key, 1), text_make(other.ptr, other.len), 0));
}

static void more_seen(struct kv_txn *txn)
{
    miscount(txn, 0);
}

static void more_first(struct kv_txn *txn)
{
    miscount(txn, 1);
}

static void more_later(struct kv_txn *txn)
{
    miscount(txn, 2);
}

static void more_mismatches(struct kv_txn *txn)
{
    miscount(txn, 4);
}

static void what_verify_tells_of_rows(void **state)
{
    static const struct {
        void (*change)(struct kv_txn *txn);
        const char *told[2]; /* all that is; the same of it in fast where in_fast */
        int in_fast;
    } rows[] = {
        { far_body, { "body number 16000 is missing" }, 0 },
        { part_body, { "its title or metadata is not what was stored" }, 0 },
        { spoil_parted_body,
          { "its title or metadata is not what was stored", "does not have its hash" },
          0 },
        { forget_observation,
          { "article: 001/0000000540: its observations are missing",
            "crawl: crawl 'mon': its figures are not what its observations say" },
          2 },
        { no_block, { "a block of segment 1 is missing" }, 1 },
        { more_seen, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_first, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_later, { "crawl: crawl 'mon': its figures are not what" }, 1 },
        { more_mismatches, { "crawl: crawl 'mon': its figures are not what" }, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lmdb_store *s;
        struct kv_txn *txn;
        char what[40];
        snprintf(what, sizeof(what), "row %zu of verify", i + 1);
        begin_rows(&s, &txn);
        rows[i].change(txn);
        end_rows(s, txn);
        assert_true(findings(NULL) > 0);
        for (int k = 0; k < 2 && rows[i].told[k]; k++)
            is_told(what, rows[i].told[k]);
        const struct sillok_verify_options fast = { .fast = 1 }, first = { 0, 1, 2 },
                                           second = { 0, 2, 2 };
        const int n = findings(&fast);
        for (int k = 0; k < rows[i].in_fast; k++)
            is_told(what, rows[i].told[k]);
        assert_true(n >= rows[i].in_fast);
        /* Figures of the whole are no matter of a part; a row is in one of two. */
        const int in_first = findings(&first),
                  in_crawls = strstr(told.ptr, "crawl:") != NULL;
        const int in_second = findings(&second);
        assert_false(in_crawls || strstr(told.ptr, "crawl:"));
        if (rows[i].change == part_body || rows[i].change == spoil_parted_body)
            assert_true(in_first + in_second > 0);
        if (rows[i].change == more_seen)
            assert_int_equal(in_first + in_second, 0);
    }
}

/* Somebody writes meanwhile: what has moved on is no damage. */
static void verify_while_somebody_writes(void **state)
{
    struct sillok_store *s;
    struct sillok_verify *it;
    struct sillok_verify_event e;
    (void)state;
    put_back(&data);
    assert_ok(sillok_store_open(&s, from, NULL));
    for (int k = 0; k < 40; k += 3) {
        int r, steps = 0;
        assert_ok(sillok_verify_open(&it, s, NULL));
        while ((r = sillok_verify_next(it, &e)) > 0) {
            assert_int_equal(e.damage, 0);
            if (steps++ != k)
                continue;
            char name[20];
            snprintf(name, sizeof(name), "day-%d", k);
            make_crawl(s, name, 7 + k / 3, 8);
        }
        assert_ok(r);
        sillok_verify_close(it);
    }
    sillok_store_close(s);
}

static void parts_that_are_none(void **state)
{
    static const struct sillok_verify_options bad[] = { { 0, 0, 2 }, { 0, 3, 2 } };
    struct sillok_store *s;
    struct sillok_verify *it = NULL;
    (void)state;
    put_back(&data);
    assert_ok(sillok_store_open(&s, from, NULL));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(sillok_verify_open(&it, s, &bad[i]), SILLOK_EINVALID);
        assert_null(it);
    }
    sillok_store_close(s);
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

/* --- what compact makes of it --- */

static uint64_t bytes_stored(struct sillok_store *s)
{
    struct sillok_stats stats;
    assert_ok(sillok_store_stats(s, &stats));
    return stats.body_bytes_stored + stats.dictionary_bytes;
}

static void a_compaction_of_it(void **state)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    char *small = support_path(folder, "small");
    struct sillok_store *s;
    (void)state;
    put_back(&data);
    assert_ok(sillok_store_open(&s, from, NULL));
    back_up(s, small);
    sillok_store_close(s);
    assert_ok(sillok_store_open(&s, small, NULL));
    const uint64_t before = bytes_stored(s);
    assert_ok(support_compact(s, 6));
    const uint64_t after = bytes_stored(s);
    assert_true(after < before);
    assert_ok(
        support_compact(s, 1)); /* what is there is shorter than what that level gives */
    assert_true(bytes_stored(s) <= after);
    assert_int_equal(support_reindex(s, 1), 0);
    sillok_store_close(s);
    look_at(small, &got, NULL);
    is_whole("compacted", &got);
    support_remove(small);
}

static void short_body_key(struct kv_txn *txn)
{
    assert_ok(kv_put(txn, T_BODY, text_of("abc"), text_of("x"), 0));
}

static void long_version_key(struct kv_txn *txn)
{
    assert_ok(kv_put(txn, T_VERSION, text_of("abcdef"), text_of("x"), 0));
}

static void other_body_hash(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[ID_BYTES];
    const struct sillok_text k = key_id(key, body_of(txn, ONCE));
    add_value(&row, txn, T_BODY, k);
    other_hash(&row);
    assert_ok(kv_put(txn, T_BODY, k, text_make(row.ptr, row.len), 0));
}

/* Nobody packs anew what is not what it says; the store stays as it is. */
static void rows_that_are_not_compacted(void **state)
{
    static const struct {
        void (*change)(struct kv_txn *txn);
        const char *said;
    } rows[] = {
        { short_body_key, "a row of the table 'body' is damaged" },
        { long_version_key, "a row of the table 'version' is damaged" },
        { other_body_hash, "does not have its hash any more" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lmdb_store *rows_of;
        struct sillok_store *s;
        struct kv_txn *txn;
        char name[SILLOK_DATA_NAME_BYTES], *made = support_path(from, "data-1.mdb");
        begin_rows(&rows_of, &txn);
        rows[i].change(txn);
        end_rows(rows_of, txn);
        assert_ok(sillok_store_open(&s, from, NULL));
        assert_int_equal(support_compact(s, 1), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), rows[i].said));
        sillok_store_close(s);
        assert_ok(sillok_store_data_name(from, name));
        assert_string_equal(name, "data.mdb");
        assert_int_equal(access(made, F_OK), -1);
        free(made);
    }
}

/* --- what cannot be begun, and what is given up --- */

static int fail_at_once(void *arg, const struct rescue_row *row)
{
    (void)row;
    ++*(int *)arg;
    return (fail)(SILLOK_EBUSY, "no more"); /* not cmocka's */
}

static void files_that_cannot_be_read(void **state)
{
    static const char *const names[] = { "meta", NULL };
    struct rescue_counts counts;
    int n = 0;
    (void)state;
    put_back(&data);
    char *link = support_path(folder, "link"), *fifo = support_path(folder, "fifo"),
         *below = support_path(file, "below"), *none = support_path(folder, "none");
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const struct {
        const char *path;
        int r;
        const char *said;
    } rows[] = {
        { none, SILLOK_ENOTFOUND, "there is no '" },
        { below, SILLOK_EIO, "cannot open '" },
        { folder, SILLOK_EINVALID, "is not a regular file" },
        { fifo, SILLOK_EINVALID, "is not a regular file" },
        { file, SILLOK_EBUSY, "no more" },
        { link, SILLOK_EBUSY, "no more" }, /* a file that stands elsewhere is one */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(rescue_rows(rows[i].path, names, fail_at_once, &n, &counts),
                         rows[i].r);
        assert_non_null(strstr(sillok_error_message(), rows[i].said));
    }
    assert_int_equal(n, 2); /* and the first failure is the last row */
    assert_int_equal(unlink(link) | unlink(fifo), 0);
    free(link);
    free(fifo);
    free(below);
    free(none);
}

static void salvages_that_cannot_begin(void **state)
{
    (void)state;
    put_back(&data);
    char *none = support_path(folder, "none"), *below = support_path(file, "below"),
         *other = support_path(folder, "other");
    char too_long[400];
    memset(too_long, 'x', sizeof(too_long));
    too_long[sizeof(too_long) - 1] = '\0';
    struct sillok_salvage *it = NULL;
    const struct {
        const char *from, *to;
        int r;
        const char *said;
    } rows[] = {
        { none, other, SILLOK_ENOTFOUND, "data.mdb' to salvage from" },
        { below, other, SILLOK_ENOTFOUND, "data.mdb' to salvage from" },
        { too_long, other, SILLOK_EIO, "cannot stat '" },
        { from, folder, SILLOK_EEXISTS, "' exists already" },
        { from, below, SILLOK_EIO, "cannot stat '" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(sillok_salvage_open(&it, rows[i].from, rows[i].to), rows[i].r);
        assert_non_null(strstr(sillok_error_message(), rows[i].said));
        assert_null(it);
        assert_int_equal(access(other, F_OK), -1);
    }
    free(none);
    free(below);
    free(other);
}

static int n_entries(void)
{
    DIR *d = opendir(folder);
    int n = 0;
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* Also when there are files of loose bodies by then. */
static void a_salvage_that_is_given_up(void **state)
{
    static const int steps[] = { 0, 1, 30 };
    CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
    (void)state;
    assert_ok(buf_add(&spoilt, data.ptr, data.len));
    (void)zero_table((uint8_t *)spoilt.ptr, "obs");
    (void)zero_table((uint8_t *)spoilt.ptr, "seg");
    (void)zero_table((uint8_t *)spoilt.ptr, "crawl");
    put_back(&spoilt);
    support_remove(strdup(to));
    const int before = n_entries();
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct sillok_salvage *it;
        struct sillok_salvage_event e;
        assert_ok(sillok_salvage_open(&it, from, to));
        for (int k = 0; k < steps[i]; k++)
            assert_int_equal(sillok_salvage_next(it, &e), 1);
        assert_int_equal(sillok_salvage_sum(it)->loose_bodies > 0, steps[i] == 30);
        assert_int_equal(n_entries(), before + 1);
        sillok_salvage_close(it);
        assert_int_equal(n_entries(), before);
    }
    sillok_salvage_close(NULL);
    /* The first file that it opens, and keeps, may be number 0. */
    struct sillok_salvage *it;
    const int input = dup(0);
    assert_int_equal(close(0), 0);
    assert_ok(sillok_salvage_open(&it, from, to));
    sillok_salvage_close(it);
    assert_int_equal(fcntl(0, F_GETFD), -1);
    assert_int_equal(dup2(input, 0), 0);
    assert_int_equal(close(input), 0);
}

static int set_up(void **state)
{
    struct sillok_store *s;
    (void)state;
    struct buf *const bufs[] = { &data, &seal, &whole, &files, &told };
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
    look_at(from, &whole, &files);
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
    buf_release(&files);
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
        cmocka_unit_test(pages_that_lead_elsewhere),
        cmocka_unit_test(names_of_runs),
        cmocka_unit_test(rows_that_say_something_else),
        cmocka_unit_test(rows_that_mean_nothing),
        cmocka_unit_test(runs_without_a_name),
        cmocka_unit_test(rows_of_each_table),
        cmocka_unit_test(keys_of_articles),
        cmocka_unit_test(rows_with_other_numbers),
        cmocka_unit_test(blocks_and_dictionaries),
        cmocka_unit_test(pages_by_their_keys),
        cmocka_unit_test(what_verify_tells_of_rows),
        cmocka_unit_test(verify_while_somebody_writes),
        cmocka_unit_test(parts_that_are_none),
        cmocka_unit_test(a_compaction_of_it),
        cmocka_unit_test(rows_that_are_not_compacted),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(salvages_that_cannot_begin),
        cmocka_unit_test(a_salvage_that_is_given_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
