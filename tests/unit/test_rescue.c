/*
 * What `salvage` makes of a store of which the pages of whole tables are gone, or lead
 * elsewhere. Of long rows without a page that names them the rows are found by what they
 * are.
 */
#include "unit/rescue_box.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int zero_table(uint8_t *all, const char *table)
{
    return zero_leaves(all, table, 0, 1 << 16);
}

static void tables_without_their_pages(void **state)
{
    enum { ALL = N_MON + N_TUE, N_NEW = N_TUE - N_SAME, FILES = ALL - N_EXTRA };
    enum { SAME = 1 << 20 /* and all else is as it was */ };
    static const struct {
        const char *tables[6], *told; /* NULL: nothing is */
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
        /* The counters say how many there were, and so whose the blocks can be. */
        { { "obs", "seg", "crawl" },
          "200 observations of which",
          N_MON,
          N_MON,
          N_TUE,
          N_NEW,
          0,
          0 },
        { { "crawl", "refusal" },
          "3 refused files of which",
          ALL,
          ALL,
          0,
          0,
          0,
          N_REFUSED },
        { { "obs", "seg", "crawl", "ordinal", "article" },
          "whose key is lost",
          0,
          0,
          ALL,
          N_BODIES,
          0,
          0 },
        /* Nothing does, and what is there was taken in. */
        { { "obs", "seg", "crawl", "meta" },
          "how much there was: what counted it is gone\n",
          N_MON,
          N_MON,
          0,
          N_NEW,
          0,
          0 },
        { { "obs", "seg", "crawl", "meta", "body" },
          "how much there was",
          0,
          0,
          N_MON,
          N_LONG,
          0,
          0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf spoilt = BUF_INIT, got = BUF_INIT;
        char what[60];
        int n = 0;
        assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
        for (int k = 0; rows[i].tables[k]; k++)
            n += zero_table((uint8_t *)spoilt.ptr, rows[i].tables[k]);
        snprintf(what, sizeof(what), "without %d pages of %s", n, rows[i].tables[0]);
        put_back(&spoilt);
        salvage(what, &got, rows[i].files == SAME);
        is_figure(what, "damaged pages", rescue.sum.damaged_pages, (uint64_t)n);
        is_figure(what, "observations", rescue.sum.observations, rows[i].found);
        is_figure(what, "observations lost", rescue.sum.observations_lost, rows[i].lost);
        is_figure(what, "files lost", rescue.sum.files_lost, rows[i].files_lost);
        is_figure(what, "refusals", rescue.sum.refusals,
                  N_REFUSED - rows[i].refusals_lost);
        is_figure(what, "refusals lost", rescue.sum.refusals_lost, rows[i].refusals_lost);
        is_figure(what, "loose bodies", rescue.sum.loose_bodies, rows[i].loose);
        is_told(what, rows[i].told);
        if (rows[i].files == SAME)
            is_whole(what, &got);
        else
            is_figure(what, "files", n_files(&got), rows[i].files);
    }
}

/* "CRAWL NAME" of each refusal, a line each. */
static void list_refused(struct buf *out, const char *path)
{
    struct sillok_store *s;
    struct sillok_refused *it;
    struct sillok_refusal f;
    int r;
    assert_ok(sillok_store_open(&s, path, NULL));
    assert_ok(sillok_refused_open(&it, s));
    while ((r = sillok_refused_next(it, &f)) > 0)
        assert_ok(buf_printf(out, "%s %.*s\n", f.crawl, (int)f.name.len, f.name.ptr));
    assert_ok(r);
    assert_ok(buf_add_char(out, '\0'));
    sillok_refused_close(it);
    sillok_store_close(s);
}

/* Where the names of crawls are lost, what each refused is with what it saw: an empty file
 * that both had is not one. A crawl of several segments is told of once. */
static void refused_by_crawls_without_a_name(void **state)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT, got = BUF_INIT;
    struct sillok_store *s;
    int is_new;
    char *twice = support_path(rescue.folder, "twice");
    char *file = support_path(twice, "data.mdb");
    const struct store_refusal same = { text_of("empty.md"), "empty", "nothing in it",
                                        text_make("", 0), 0 };
    (void)state;
    put_back(&rescue.data);
    assert_ok(sillok_store_open(&s, rescue.from, NULL));
    assert_ok(s->ops->begin(s, "tue"));
    assert_ok(s->ops->refuse(s, &same, &is_new));
    assert_ok(s->ops->commit(s));
    back_up(s, twice);
    sillok_store_close(s);
    read_file(&bytes, file);
    assert_true(zero_table((uint8_t *)bytes.ptr, "crawl") > 0);
    support_write(file, bytes.ptr, bytes.len);
    assert_ok(try_salvage(twice));
    is_figure("without names", "refusals", rescue.sum.refusals, N_REFUSED + 1);
    list_refused(&got, rescue.to);
    assert_string_equal(got.ptr, "salvaged-1 empty.md\nsalvaged-1 huge.md\n"
                                 "salvaged-1 long.md\nsalvaged-2 empty.md\n");
    assert_string_equal(rescue.told.ptr,
                        "the name of a crawl: what it saw is in 'salvaged-1' now\n"
                        "the name of a crawl: what it saw is in 'salvaged-2' now\n");
    support_remove(twice);
    free(file);
}

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
    assert_ok(rescue_rows(rescue.file, names, count_row, n, &counts));
    assert_int_equal(counts.pages, bytes->len / PAGE);
}

static void all_rows_are_there(const char *what, const struct buf *bytes)
{
    uint64_t want[N_TABLES], got[N_TABLES];
    count_rows(&rescue.data, want);
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
    const uint64_t n = rescue.data.len / PAGE;
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
        assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
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
    const uint64_t n = rescue.data.len / PAGE;
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
        assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
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
        assert_ok(buf_add(&all, rescue.data.ptr, rescue.data.len));
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
        is_figure(what, "observations", rescue.sum.observations, n);
        is_figure(what, "observations lost", rescue.sum.observations_lost,
                  N_MON + N_TUE - n);
        if (is_all)
            is_whole(what, &got);
        else
            is_figure(what, "files", n_files(&got), n);
    }
}

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
    put_back(&rescue.data);
    char *link = support_path(rescue.folder, "link"),
         *fifo = support_path(rescue.folder, "fifo"),
         *below = support_path(rescue.file, "below"),
         *none = support_path(rescue.folder, "none");
    assert_int_equal(symlink(rescue.file, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const struct {
        const char *path;
        int r;
        const char *said;
    } rows[] = {
        { none, SILLOK_ENOTFOUND, "there is no '" },
        { below, SILLOK_EIO, "cannot open '" },
        { rescue.folder, SILLOK_EINVALID, "is not a regular file" },
        { fifo, SILLOK_EINVALID, "is not a regular file" },
        { rescue.file, SILLOK_EBUSY, "no more" },
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

/* The same file as another kind of machine would have made it: nothing of it is lost. */
static void files_of_another_machine(void **state)
{
    enum { HEAD = 16, PAGE_BYTES_AT = HEAD + 24 };
    static const char *const names[] = { "meta", NULL };
    static const uint32_t no_pages = 3, larger = 2 * 4096;
    const struct {
        const char *said;
        uint32_t first, second; /* bytes of a page in its headers; 0: as they are */
        int swapped;
    } rows[] = {
        { "was made on a machine with the other byte order: export it there", 0, 0, 1 },
        { "was made on a machine with pages of 8192 bytes", larger, larger, 0 },
        { "no more", larger, no_pages, 0 },
        { "no more", no_pages, larger, 0 },
        { "no more", larger, 4096, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf data = BUF_INIT;
        struct rescue_counts counts;
        int n = 0;
        assert_ok(buf_add(&data, rescue.data.ptr, rescue.data.len));
        if (rows[i].swapped) {
            char was[8];
            memcpy(was, data.ptr + HEAD, sizeof(was));
            for (size_t k = 0; k < sizeof(was); k++) /* words of four bytes */
                data.ptr[HEAD + k] = was[k ^ 3];
        }
        if (rows[i].first) {
            memcpy(data.ptr + PAGE_BYTES_AT, &rows[i].first, 4);
            memcpy(data.ptr + larger, data.ptr + 4096, 4096);
            memcpy(data.ptr + larger + PAGE_BYTES_AT, &rows[i].second, 4);
        }
        put_back(&data);
        const int r = rescue_rows(rescue.file, names, fail_at_once, &n, &counts);
        if (!strstr(sillok_error_message(), rows[i].said) || r == 0)
            fail_msg("row %zu: %d: %s", i, r, sillok_error_message());
        buf_release(&data);
    }
}

static void salvages_that_cannot_begin(void **state)
{
    (void)state;
    put_back(&rescue.data);
    char *none = support_path(rescue.folder, "none"),
         *below = support_path(rescue.file, "below"),
         *other = support_path(rescue.folder, "other");
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
        { rescue.from, rescue.folder, SILLOK_EEXISTS, "' exists already" },
        { rescue.from, below, SILLOK_EIO, "cannot stat '" },
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
    DIR *d = opendir(rescue.folder);
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
    enum { UNTIL_LOOSE = 1 << 20 };
    static const int steps[] = { 0, 1, UNTIL_LOOSE };
    CLEANUP(buf_release) struct buf spoilt = BUF_INIT;
    (void)state;
    assert_ok(buf_add(&spoilt, rescue.data.ptr, rescue.data.len));
    (void)zero_table((uint8_t *)spoilt.ptr, "obs");
    (void)zero_table((uint8_t *)spoilt.ptr, "seg");
    (void)zero_table((uint8_t *)spoilt.ptr, "crawl");
    (void)zero_table((uint8_t *)spoilt.ptr, "meta"); /* and what counts observations */
    put_back(&spoilt);
    support_remove(strdup(rescue.to));
    const int before = n_entries();
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct sillok_salvage *it;
        struct sillok_salvage_event e;
        assert_ok(sillok_salvage_open(&it, rescue.from, rescue.to));
        for (int k = 0; k < steps[i] && !sillok_salvage_sum(it)->loose_bodies; k++)
            assert_int_equal(sillok_salvage_next(it, &e), 1);
        assert_int_equal(sillok_salvage_sum(it)->loose_bodies > 0,
                         steps[i] == UNTIL_LOOSE);
        assert_int_equal(n_entries(), before + 1);
        sillok_salvage_close(it);
        assert_int_equal(n_entries(), before);
    }
    sillok_salvage_close(NULL);
    /* The first file that it opens, and keeps, may be number 0. */
    struct sillok_salvage *it;
    const int input = dup(0);
    assert_int_equal(close(0), 0);
    assert_ok(sillok_salvage_open(&it, rescue.from, rescue.to));
    sillok_salvage_close(it);
    assert_int_equal(fcntl(0, F_GETFD), -1);
    assert_int_equal(dup2(input, 0), 0);
    assert_int_equal(close(input), 0);
}

enum { BEGAN_S = 1000 };

/* All crawls of the open batch began then. */
static void began_before(struct sillok_store *s)
{
    struct buf *crawls = &lmdb_of(s)->state.crawls;
    struct store_crawl *c = (struct store_crawl *)(void *)crawls->ptr;
    assert_true(crawls->len > 0);
    for (size_t i = 0; i < crawls->len / sizeof(*c); i++) {
        c[i].started_s = BEGAN_S;
        c[i].changed = 1;
    }
}

static void all_began_then(struct sillok_store *s)
{
    struct store_crawl *list = NULL;
    size_t n = 0;
    assert_ok(s->ops->crawls(s, &list, &n));
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].started_s, BEGAN_S);
    store_crawls_free(list, n);
}

/* One more file for the crawl of @p s that was made last, in a commit of its own. */
static void add_one(struct sillok_store *s, const char *crawl)
{
    static const struct support_file late = {
        "002", "1", "2026-01-09 10:00:00", "늦은 소식", "늦게 온 본문.", 0, NULL
    };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = support_path(rescue.folder, "002_1.md");
    const char *paths[] = { path };
    support_crawl_file(&text, &late);
    support_write(path, text.ptr, text.len);
    assert_int_equal(support_ingest(s, crawl, paths, 1).observations, 1);
    free(path);
}

/* Without the list of tables the rows of the last commit do not come first, and what counts
 * is there as it was before, too. */
static void the_list_of_tables_is_gone(void **state)
{
    enum { N = 12 };
    CLEANUP(buf_release) struct buf was = BUF_INIT, bytes = BUF_INIT;
    char *from = support_path(rescue.folder, "grown"),
         *data = support_path(from, "data.mdb");
    struct sillok_store *s;
    (void)state;
    assert_ok(sillok_store_create(from));
    assert_ok(sillok_store_open(&s, from, NULL));
    make_crawl(s, "wed", 7, N);
    add_one(s, "wed");
    sillok_store_close(s);
    read_file(&was, data);
    assert_ok(buf_add(&bytes, was.ptr, was.len));
    const uint64_t root = main_root((const uint8_t *)was.ptr);
    memset(bytes.ptr + root * PAGE, 0, PAGE);
    support_write(data, bytes.ptr, bytes.len);
    assert_ok(try_salvage(from));
    is_told("the list alone", NULL);
    is_figure("the list alone", "observations", rescue.sum.observations, N + 1);
    memcpy(bytes.ptr, was.ptr, was.len);
    (void)zero_table((uint8_t *)bytes.ptr, "obs");
    memset(bytes.ptr + root * PAGE, 0, PAGE);
    support_write(data, bytes.ptr, bytes.len);
    assert_ok(try_salvage(from));
    is_figure("the last visit, too", "observations", rescue.sum.observations, N);
    is_figure("the last visit, too", "are lost", rescue.sum.observations_lost, 1);
    is_told("the last visit, too", "what stood in 1 pages that are not what was written");
    is_told("the last visit, too", "1 observations of which nothing is left");
    free(data);
    support_remove(from);
}

static void refuse_many(const char *path, int n)
{
    struct sillok_store *s;
    int is_new;
    assert_ok(sillok_store_create(path));
    assert_ok(sillok_store_open(&s, path, NULL));
    for (int i = 0; i < n; i++) {
        char name[40];
        snprintf(name, sizeof(name), "낱장/%d.md", i);
        const struct store_refusal refused = { text_of(name), "empty", "nothing in it",
                                               text_of(name), strlen(name) };
        assert_ok(s->ops->begin(s, i % 3 ? "mon" : "tue"));
        assert_ok(s->ops->refuse(s, &refused, &is_new));
    }
    began_before(s);
    assert_ok(s->ops->commit(s));
    sillok_store_close(s);
}

/* A commit each would take hours of a crawl that was taken in with the wrong profile. */
static void many_refusals_in_few_commits(void **state)
{
    enum { MANY = 2100, COMMITS_MOST = 4 };
    char *from = support_path(rescue.folder, "refused"),
         *to = support_path(rescue.folder, "refused.out");
    struct sillok_salvage *it;
    struct sillok_salvage_event e;
    struct sillok_store *s;
    struct sillok_stats stats;
    int r;
    (void)state;
    refuse_many(from, MANY);
    assert_ok(sillok_salvage_open(&it, from, to));
    while ((r = sillok_salvage_next(it, &e)) > 0)
        assert_false(e.lost);
    assert_ok(r);
    assert_int_equal(sillok_salvage_sum(it)->refusals, MANY);
    sillok_salvage_close(it);
    assert_ok(sillok_store_open(&s, to, NULL));
    assert_int_equal(support_verify(s), 0);
    assert_ok(sillok_store_stats(s, &stats));
    assert_int_equal(stats.refused, MANY);
    all_began_then(s);
    assert_true(lmdb_of(s)->state.counters.commits <= COMMITS_MOST);
    sillok_store_close(s);
    support_remove(from);
    support_remove(to);
}

static void crawls_began_when_they_did(void **state)
{
    static const struct store_refusal refused = { .path = { "나쁜.md", 9 },
                                                  .code = "empty",
                                                  .reason = "nothing in it" };
    char *from = support_path(rescue.folder, "begun");
    struct sillok_store *s;
    int is_new;
    (void)state;
    assert_ok(sillok_store_create(from));
    assert_ok(sillok_store_open(&s, from, NULL));
    make_crawl(s, "thu", 8, 3);
    assert_ok(s->ops->begin(s, "thu"));
    assert_ok(s->ops->refuse(s, &refused, &is_new));
    began_before(s);
    assert_ok(s->ops->commit(s));
    sillok_store_close(s);
    assert_ok(try_salvage(from));
    is_told("crawls", NULL);
    assert_ok(sillok_store_open(&s, rescue.to, NULL));
    all_began_then(s);
    sillok_store_close(s);
    support_remove(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_without_their_pages),
        cmocka_unit_test(refused_by_crawls_without_a_name),
        cmocka_unit_test(pages_that_lead_elsewhere),
        cmocka_unit_test(names_of_runs),
        cmocka_unit_test(runs_without_a_name),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(files_of_another_machine),
        cmocka_unit_test(salvages_that_cannot_begin),
        cmocka_unit_test(a_salvage_that_is_given_up),
        cmocka_unit_test(the_list_of_tables_is_gone),
        cmocka_unit_test(many_refusals_in_few_commits),
        cmocka_unit_test(crawls_began_when_they_did),
    };
    return cmocka_run_group_tests(tests, rescue_set_up, rescue_tear_down);
}
