#include "scenarios.h"

#include "article/profile.h"
#include "article/reader.h"
#include "base/file.h"
#include "diff/kinds.h"
#include "diff/lost.h"
#include "history/fold.h"
#include "store/lmdb.h"

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_ARTICLES = 7 };

/* --- files --- */

static void copy_file(const char *from, const char *to)
{
    char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(in) | fclose(out), 0);
}

static int is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A store has no folders in it here. */
static void copy_store(const char *from, const char *to)
{
    DIR *d = opendir(from);
    assert_non_null(d);
    assert_int_equal(mkdir(to, 0700), 0);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (!is_dots(e->d_name)) {
            char *a = support_path(from, e->d_name), *b = support_path(to, e->d_name);
            copy_file(a, b);
            free(a);
            free(b);
        }
    closedir(d);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is in @p path, sorted: names, or all that is below with the bytes of files. */
void scenario_list(struct buf *out, const char *path, int deep)
{
    DIR *d = opendir(path);
    char *names[256];
    size_t n = 0;
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (!is_dots(e->d_name)) {
            assert_true(n < 256);
            names[n++] = strdup(e->d_name);
        }
    closedir(d);
    qsort(names, n, sizeof(names[0]), compare_names);
    for (size_t i = 0; i < n; i++) {
        char *below = support_path(path, names[i]);
        struct stat st;
        assert_int_equal(lstat(below, &st), 0);
        assert_ok(buf_printf(out, "%s\n", names[i]));
        if (deep && S_ISDIR(st.st_mode))
            scenario_list(out, below, deep);
        else if (deep) {
            FILE *f = fopen(below, "rb");
            assert_non_null(f);
            assert_ok(buf_reserve(out, (size_t)st.st_size));
            out->len += fread(out->ptr + out->len, 1, (size_t)st.st_size, f);
            fclose(f);
        }
        free(below);
        free(names[i]);
    }
}

/* --- questions; each opens the store anew --- */

static int say_text(struct buf *out, struct sillok_text t)
{
    const int r = buf_add_text(out, t);
    return r < 0 ? r : buf_add_char(out, '\n');
}

static int ask_log(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    int r = 0;
    for (int a = 1; a <= N_ARTICLES && r == 0; a++) {
        struct sillok_log *it = NULL;
        struct sillok_revision rev;
        char aid[20];
        snprintf(aid, sizeof(aid), "%010d", a);
        r = sillok_log_open(&it, s, "001", aid);
        while (r == 0 && (r = sillok_log_next(it, &rev)) > 0) {
            r = buf_printf(out, "%u %lld %llu %d ", rev.number,
                           (long long)rev.last_seen_s,
                           (unsigned long long)rev.observations, rev.change.kind);
            if (r == 0)
                r = say_text(out, rev.article.fields[SILLOK_TITLE]);
        }
        sillok_log_close(it);
    }
    return r;
}

static int ask_changes_of(struct sillok_store *s, const struct sillok_changes_options *o,
                          struct buf *out)
{
    struct sillok_changes *it = NULL;
    struct sillok_change c;
    struct sillok_event e;
    int r = sillok_changes_open(&it, s, o);
    while (r == 0 && (r = sillok_changes_next(it, &c)) > 0) {
        r = buf_printf(out, "%s %u %u %x ", c.key, c.from.revision, c.to.revision,
                       c.what.kinds);
        if (r == 0)
            r = say_text(out, c.to.article.body);
    }
    while (r == 0 && (r = sillok_changes_next_event(it, &e)) > 0)
        r = buf_printf(out, "event %llu\n", (unsigned long long)e.n_articles);
    sillok_changes_close(it);
    return r;
}

static int ask_changes(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    (void)w;
    int r = ask_changes_of(s, &o, out);
    o.all = o.unfold = o.by_significance = 1;
    o.limit = 3;
    if (r == 0)
        r = ask_changes_of(s, &o, out);
    o = (struct sillok_changes_options)SILLOK_CHANGES_OPTIONS_INIT;
    o.crawl_a = "mon";
    o.crawl_b = "tue";
    o.every = 1;
    if (r == 0)
        r = ask_changes_of(s, &o, out);
    /* of one publisher, on from a change that is not there */
    o = (struct sillok_changes_options)SILLOK_CHANGES_OPTIONS_INIT;
    o.all = 1;
    o.oid = "001";
    o.after = "2026-01-06T03:00:00Z/002/0000000002/7";
    return r < 0 ? r : ask_changes_of(s, &o, out);
}

static int ask_snapshots(struct sillok_store *s, const struct world *w, struct buf *out)
{
    static const char *const refs[] = { "001/0000000002", "001/0000000002@1",
                                        "001/0000000003@2026-01-05T12:00:00Z" };
    (void)w;
    int r = 0;
    for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]) && r == 0; i++) {
        struct sillok_ref ref;
        struct sillok_snapshot *snap = NULL;
        struct sillok_text data, name;
        r = sillok_ref_parse(&ref, refs[i], 0, 0);
        if (r == 0)
            r = sillok_snapshot_open(&snap, s, &ref);
        if (r == 0)
            r = sillok_snapshot_file(snap, &data, &name);
        if (r == 0)
            r = say_text(out, name);
        if (r == 0)
            r = say_text(out, data);
        if (r == 0) {
            char hex[65], *body = NULL;
            size_t len;
            struct sillok_id id;
            sillok_id_format(&sillok_snapshot_revision(snap)->article.content_hash, hex);
            hex[12] = '\0';
            r = sillok_body_get(s, hex, &body, &len, &id);
            if (r == 0)
                r = say_text(out, text_make(body, len));
            sillok_free(body);
        }
        sillok_snapshot_close(snap);
    }
    return r;
}

static int ask_figures(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_stats stats;
    struct sillok_table_stats tables[N_TABLES + 4];
    struct sillok_publisher_stats *publishers = NULL;
    struct sillok_crawls *crawls = NULL;
    struct sillok_crawl crawl;
    size_t n = 0;
    (void)w;
    int r = sillok_store_stats(s, &stats);
    if (r == 0)
        r = sillok_store_tables(s, tables, N_TABLES + 4);
    if (r > 0)
        r = buf_printf(out, "%llu %llu %d\n", (unsigned long long)stats.revisions,
                       (unsigned long long)stats.bodies, r);
    if (r == 0)
        r = sillok_store_publishers(s, &publishers, &n);
    for (size_t i = 0; r == 0 && i < n; i++)
        r = buf_printf(out, "%s %s %llu\n", publishers[i].oid, publishers[i].publisher,
                       (unsigned long long)publishers[i].changes);
    sillok_publishers_free(publishers, n);
    if (r == 0)
        r = sillok_crawls_open(&crawls, s);
    while (r == 0 && (r = sillok_crawls_next(crawls, &crawl)) > 0)
        r = buf_printf(
            out, "%s %llu %llu %llu\n", crawl.name, (unsigned long long)crawl.changed,
            (unsigned long long)crawl.missing, (unsigned long long)crawl.refused);
    sillok_crawls_close(crawls);
    return r;
}

static int ask_missing(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_missing *it = NULL;
    struct sillok_missing_article m;
    (void)w;
    int r = sillok_missing_open(&it, s, "tue");
    while (r == 0 && (r = sillok_missing_next(it, &m)) > 0) {
        r = buf_printf(out, "%u %lld ", m.revision, (long long)m.last_seen_s);
        if (r == 0)
            r = say_text(out, m.article.fields[SILLOK_TITLE]);
    }
    sillok_missing_close(it);
    return r;
}

/* What was refused for what it says. A file that could not be read stays in the list when
 * it has been read since. */
static int say_reasons(struct sillok_store *s, struct buf *out)
{
    struct sillok_refused *it = NULL;
    struct sillok_refusal f;
    int r = sillok_refused_open(&it, s);
    while (r == 0 && (r = sillok_refused_next(it, &f)) > 0)
        r = strcmp(f.code, "unreadable") == 0
                ? 0
                : buf_printf(out, "%s %s %s\n", f.crawl, f.code, f.reason);
    sillok_refused_close(it);
    return r;
}

static int ask_refused(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_refused *it = NULL;
    struct sillok_refusal f;
    (void)w;
    int r = sillok_refused_open(&it, s);
    while (r == 0 && (r = sillok_refused_next(it, &f)) > 0) {
        char *data = NULL;
        size_t len = 0;
        r = buf_printf(out, "%s %s %s\n", f.crawl, f.code, f.reason);
        if (r == 0)
            r = sillok_refused_get(s, f.key, &data, &len);
        if (r == 0)
            r = say_text(out, text_make(data, len));
        sillok_free(data);
    }
    sillok_refused_close(it);
    return r;
}

static int ask_blame(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_blame *it = NULL;
    struct sillok_blame_sentence sentence;
    (void)w;
    int r = sillok_blame_open(&it, s, "001", "0000000002");
    while (r == 0 && (r = sillok_blame_next(it, &sentence)) > 0) {
        r = buf_printf(out, "%d %u ", sentence.gone, sentence.revision);
        if (r == 0)
            r = say_text(out, sentence.text);
    }
    sillok_blame_close(it);
    return r;
}

/* A sentence that moved, one that went, words and blanks put in, marks and a break; and
 * what cannot be shown as it is. */
static const char diff_before[] =
    "셋째 문장은 아주 멀리 옮겨 간다고 한다. 시립 도서관이 새 건물에서 문을 열었다.\n"
    "첫날 방문객은 모두 1200명이었다. 그대로다. 또 그대로다. 다시 그대로다. 늘 그대로다. "
    "Nobody \"was\" hurt & <all> left. 이 문장은 빠진다. 위원회는 정량평가를 한다. "
    "52분19초다. 끝\x1b났다.\xFF\n";
static const char diff_after[] =
    "시립 도서관이 헌 건물에서 문을 일찍 닫았다.\n첫날 방문객은 모두 1300명이었다. "
    "그대로다. 또 그대로다. 다시 그대로다. 늘 그대로다. Somebody \"was\" hurt & <all> left. "
    "위원회는 정성평가를 한다. 52분 19초다. 셋째 문장은 아주 멀리 옮겨 간다고 한다. "
    "끝\x1b났다.\xFF\n새로 온 줄이다\n";

/* In each format, plain and in colour. */
static int ask_diff(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_text a = text_of(diff_before), b = text_of(diff_after);
    struct sillok_diff *diff = NULL;
    (void)s;
    (void)w;
    int r = sillok_diff_new(&diff, a, b);
    for (int i = 0; r == 0 && i < 10; i++) {
        struct sillok_render_options o = SILLOK_RENDER_OPTIONS_INIT;
        char *text = NULL;
        size_t len = 0;
        o.format = (enum sillok_diff_format)(i / 2);
        o.colour = i % 2;
        o.columns = 60;
        r = sillok_diff_render(&text, &len, diff, a, b, &o);
        if (r == 0)
            r = say_text(out, text_make(text, len));
        sillok_free(text);
    }
    sillok_diff_free(diff);
    return r;
}

/* What kind of change it is: of texts that have to be composed, of a title, of fields. */
static int ask_kind(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_article a = { .body = text_of(diff_before) },
                          b = { .body = text_of(diff_after) };
    struct sillok_change_class c;
    char large[2][5001];
    (void)s;
    (void)w;
    for (int i = 0; i < 5000; i++) { /* no word of one in the other */
        large[0][i] = "abcdefghijklmnopqrstuvwxyz "[i % 27];
        large[1][i] = "zyxwvutsrqponmlkjihgfedcbaz "[i % 28];
    }
    large[0][5000] = large[1][5000] = '\0';
    a.fields[SILLOK_TITLE] = text_of("cafe\xCC\x81 \"문\" 연다");
    b.fields[SILLOK_TITLE] = text_of("[속보] caf\xC3\xA9 문 닫는다");
    a.fields[SILLOK_AUTHOR] = text_of("김하늘\tre\xCC\x81");
    b.fields[SILLOK_AUTHOR] = text_of("박들판 re\xCC\x81");
    int r = sillok_change_classify(&c, &a, &b, NULL);
    for (int i = 0; r == 0 && i < 3; i++) {
        r = buf_printf(out, "%d %x %x %s\n", c.kind, c.kinds, c.flags, c.why);
        a.body = text_of(i ? large[0] : "비가 왔다. 끝. 김하늘 기자");
        b.body = text_of(i ? large[1] : "비가 왔다. 끗. 박들판 기자");
        if (r == 0)
            r = sillok_change_classify(&c, &a, &b, NULL);
    }
    return r;
}

/* Files of another crawler, which are YAML and JSON, and settings. */
static int ask_foreign(struct sillok_store *s, const struct world *w, struct buf *out)
{
    static const char file[] = "---\noid: '001'\naid: abc-1\ntitle: 다른 수집기\n"
                               "tags: [가, 나]\nauthor: [김가나, 이다라]\n"
                               "crawled_at: 2026-01-02T03:15:33Z\ncontent_hash: "
                               "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e8"
                               "46f6be03\n---\n\n# 다른 수집기\n\nhello\n",
                      line[] = "{\"oid\":\"001\",\"aid\":\"7\",\"title\":\"줄\",\"body\":"
                               "\"본문\\n둘\",\"crawled_at\":\"2026-01-02 03:15:33\"}\n";
    struct sillok_config *config = NULL;
    struct sillok_limits limits;
    struct reader *reader = NULL;
    struct reading got;
    struct refusal why = { NULL };
    (void)s;
    sillok_limits_default(&limits);
    int r = reader_new(&reader, sillok_profile_builtin("naver"), &limits);
    for (int i = 0; i < 2 && r == 0; i++) {
        r = i ? reader_ndjson(reader, text_of(line), &got, &why)
              : reader_file(reader, text_of(file), &got, &why);
        if (r == 0)
            r = say_text(out, got.article.fields[SILLOK_TITLE]);
        if (r == 0)
            r = say_text(out, got.article.fields[SILLOK_AUTHOR]);
        if (r == 0)
            r = say_text(out, got.article.body);
    }
    reader_free(reader);
    if (r == 0)
        r = sillok_config_write(w->to, "jobs", "3");
    if (r == 0)
        r = sillok_config_load(&config, w->to);
    for (size_t i = 0; i < sillok_config_count() && r == 0; i++) {
        struct sillok_setting setting;
        sillok_config_at(config, i, &setting);
        r = setting.is_set ? say_text(out, text_of(setting.value)) : 0;
    }
    sillok_config_free(config);
    return r;
}

/* Sentences that went: all but the names are looked for elsewhere. */
static int ask_lost(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct lost l;
    (void)s;
    (void)w;
    lost_init(&l);
    int r = lost_find(&l, text_of(diff_before), text_of(diff_after));
    for (size_t i = 0; r == 0 && i < lost_count(&l); i++)
        r = say_text(out, lost_needle(&l, i));
    lost_release(&l);
    return r;
}

/* Sides of an article in each of which a line came, with a word of its own, and the same
 * words behind its title. */
static int give_sides(void *ctx, size_t i, int with_bodies,
                      const struct sillok_article **before,
                      const struct sillok_article **after)
{
    static char bodies[2][200], titles[2][40];
    static struct sillok_article sides[2];
    (void)ctx;
    for (int k = 0; k < 2; k++) {
        snprintf(titles[k], sizeof(titles[k]), "%c%c 소식%s", 'a' + (int)(i % 26),
                 'a' + (int)(i / 26), k ? " - 신문" : "");
        sides[k].fields[SILLOK_TITLE] = text_of(titles[k]);
        snprintf(bodies[k], sizeof(bodies[k]), "%s의 소식이다.%s %c%c.", k ? "시" : "도",
                 k ? "\n사진 제공은 독자 여러분" : "", 'a' + (int)(i % 26),
                 'a' + (int)(i / 26));
        sides[k].body = text_of(with_bodies ? bodies[k] : "");
        sides[k].fields[SILLOK_AUTHOR] = text_of(k ? "편집부" : "");
    }
    *before = &sides[0];
    *after = &sides[1];
    return 0;
}

/* What the crawler did, in many articles at once: the store here has too few for it. */
static int take_edit(void *ctx, size_t i, struct sillok_text title,
                     struct sillok_text body)
{
    (void)ctx;
    (void)i;
    (void)title;
    (void)body;
    return 0;
}

/* The first has none. */
static int give_sketch(void *ctx, size_t i, struct sillok_change_class *what,
                       struct place_sketch *sketch)
{
    const struct sillok_article *before, *after;
    int r = i ? give_sides(ctx, i, 1, &before, &after) : 0;
    if (i && r == 0)
        r = change_classify(what, sketch, before, after);
    return r < 0 ? r : i != 0;
}

static int ask_fold(struct sillok_store *s, const struct world *w, struct buf *out)
{
    static const struct fold_source source = { give_sketch, give_sides, take_edit, NULL };
    struct fold_item items[FOLD_MIN];
    CLEANUP(buf_release) struct buf events = BUF_INIT;
    (void)s;
    (void)w;
    for (size_t i = 0; i < FOLD_MIN; i++)
        items[i] = (struct fold_item){ .crawl = 1, .oid = text_of("001") };
    int r = fold(items, FOLD_MIN, &source, &events);
    for (size_t i = 0; i < FOLD_MIN && r == 0; i++)
        r = buf_printf(out, "%d %u\n", items[i].marks, items[i].event);
    return r;
}

static int ask_verify(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_verify *it = NULL;
    struct sillok_verify_event e;
    (void)w;
    int r = sillok_verify_open(&it, s, NULL);
    while (r == 0 && (r = sillok_verify_next(it, &e)) > 0)
        r = e.damage ? buf_printf(out, "%s: %s\n", e.table, e.what) : 0;
    sillok_verify_close(it);
    return r;
}

static int ask_reindex(struct sillok_store *s, int dry_run, struct buf *out)
{
    struct sillok_reindex_options o = SILLOK_REINDEX_OPTIONS_INIT;
    struct sillok_reindex *it = NULL;
    struct sillok_reindex_event e;
    o.dry_run = dry_run;
    int r = sillok_reindex_open(&it, s, &o);
    while (r == 0 && (r = sillok_reindex_next(it, &e)) > 0)
        r = dry_run && e.kind == SILLOK_REINDEX_TABLE
                ? buf_printf(out, "%s %llu %llu %llu\n", e.table,
                             (unsigned long long)e.wrong, (unsigned long long)e.missing,
                             (unsigned long long)e.extra)
                : 0;
    sillok_reindex_close(it);
    return r;
}

static int ask_what_differs(struct sillok_store *s, const struct world *w,
                            struct buf *out)
{
    (void)w;
    return ask_reindex(s, 1, out);
}

static int ask_find(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const char *const words[] = { "시립", "the bridge" };
    struct sillok_find *find = NULL;
    (void)w;
    int r = sillok_find_open(&find, s, 0);
    while (r == 0 && (r = sillok_find_update(find, NULL)) > 0)
        r = 0;
    for (size_t i = 0; i < 2 && r == 0; i++) {
        struct sillok_find_rows *rows = NULL;
        struct sillok_find_row row;
        r = sillok_find_ask(&rows, find, words + i, 1, NULL);
        while (r == 0 && (r = sillok_find_next(rows, &row)) > 0)
            r = say_text(out, row.sentence.text);
        sillok_find_rows_close(rows);
    }
    sillok_find_close(find);
    return r;
}

static int say_rows(struct sillok_near_rows *rows, struct buf *out)
{
    struct sillok_near_row row;
    int r;
    while ((r = sillok_near_next(rows, &row)) > 0) {
        r = buf_printf(out, "%llu %.3f ", (unsigned long long)row.group, row.jaccard);
        if (r == 0)
            r = say_text(out, row.article.oid);
        if (r < 0)
            return r;
    }
    return r;
}

static int ask_near(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    struct sillok_near *near = NULL;
    struct sillok_ref ref;
    (void)w;
    int r = sillok_near_open(&near, s, 0);
    while (r == 0 && (r = sillok_near_update(near, NULL)) > 0)
        r = 0;
    if (r == 0)
        r = sillok_ref_parse(&ref, "001/0000000002", 0, 0);
    for (int i = 0; i < 3 && r == 0; i++) {
        struct sillok_near_rows *rows = NULL;
        r = i == 0   ? sillok_similar_open(&rows, near, &ref, &o)
            : i == 1 ? sillok_clusters_open(&rows, near, &o)
                     : sillok_dups_open(&rows, near, &o);
        if (r == 0)
            r = say_rows(rows, out);
        sillok_near_rows_close(rows);
    }
    sillok_near_close(near);
    return r;
}

static int ask_export_of(struct sillok_store *s, const struct sillok_export_options *o,
                         struct buf *out)
{
    struct sillok_export *it = NULL;
    struct sillok_export_file f;
    int r = sillok_export_open(&it, s, o);
    while (r == 0 && (r = sillok_export_next(it, &f)) > 0) {
        r = say_text(out, f.name);
        if (r == 0)
            r = say_text(out, f.data);
    }
    sillok_export_close(it);
    return r;
}

static int ask_export(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_export_options one = { .oid = "001",
                                               .aid = "0000000002",
                                               .crawl = "mon" };
    (void)w;
    const int r = ask_export_of(s, NULL, out);
    return r < 0 ? r : ask_export_of(s, &one, out);
}

static int ask_tar_of(struct sillok_store *s, const struct sillok_export_options *o,
                      const struct world *w, struct buf *out)
{
    uint64_t n = 0;
    const int fd = open(w->to, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        return fail_errno("cannot open '%s'", w->to);
    int r = sillok_export_tar(s, o, fd, &n);
    if (close(fd) < 0 && r == 0)
        r = fail_errno("cannot close '%s'", w->to);
    return r < 0 ? r : buf_printf(out, "%llu files\n", (unsigned long long)n);
}

/* In a locale of bytes and in one that can hold all names. */
static int ask_tar(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_export_options all = SILLOK_EXPORT_OPTIONS_INIT;
    int r = ask_tar_of(s, NULL, w, out);
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (r == 0)
        r = ask_tar_of(s, &all, w, out);
    (void)setlocale(LC_CTYPE, "C");
    return r;
}

/* --- what makes something --- */

/* Again, it finds the same files there. */
static int do_export(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_export_options all = SILLOK_EXPORT_OPTIONS_INIT;
    uint64_t n = 0;
    int r = sillok_export_folder(s, NULL, w->to, 0, &n);
    if (r == 0)
        r = sillok_export_folder(s, &all, w->to, 0, &n);
    return r < 0 ? r : buf_printf(out, "%llu files\n", (unsigned long long)n);
}

static int do_report(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_report_options o = SILLOK_REPORT_OPTIONS_INIT;
    struct sillok_report_counts counts;
    o.force = 1;
    const int r = sillok_report_write(s, w->to, &o, &counts);
    if (r == 0)
        sillok_free(counts.aside);
    return r < 0 ? r : buf_printf(out, "%llu pages\n", (unsigned long long)counts.pages);
}

static int ingest(struct sillok_store *s, const char *crawl, const char *path)
{
    struct sillok_ingest_options o = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in = NULL;
    struct sillok_ingest_event e;
    o.crawl = crawl;
    o.jobs = 2;
    int r = sillok_ingest_new(&in, s, &o), left_out = 0;
    if (r == 0)
        r = sillok_ingest_add(in, path);
    while (r == 0 && (r = sillok_ingest_next(in, &e)) > 0) {
        /* A source that could not be read, or a file, is told and left out. */
        if (e.kind == SILLOK_INGEST_SOURCE_FAILED ||
            (e.kind == SILLOK_INGEST_REFUSED && strcmp(e.code, "unreadable") == 0))
            left_out = (fail)(SILLOK_EIO, "%s", e.message); /* not the macro */
        r = 0;
    }
    sillok_ingest_free(in);
    return r < 0 ? r : left_out;
}

static int do_ingest(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "tue", w->tue);
}

static int do_ingest_older(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "older", w->older);
}

static int do_ingest_tar(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "tue", w->tar);
}

static int do_reindex(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    return ask_reindex(s, 0, out);
}

static int run_copy(struct sillok_copy *it)
{
    struct sillok_copy_event e;
    int r;
    while ((r = sillok_copy_next(it, &e)) > 0)
        ;
    return r;
}

static int do_backup(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)out;
    int r = sillok_backup_open(&it, s, w->to);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

static int do_compact(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)w;
    (void)out;
    int r = sillok_compact_open(&it, s, NULL);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

static int do_migrate(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)s;
    (void)out;
    int r = sillok_migrate_open(&it, w->store, w->to, NULL);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

enum { SUM_BYTES = 100 };

static int do_salvage(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_salvage *it = NULL;
    struct sillok_salvage_event e;
    (void)s;
    int r = sillok_salvage_open(&it, w->store, w->to);
    while (r == 0 && (r = sillok_salvage_next(it, &e)) > 0)
        r = e.lost ? buf_printf(out, "%s\n", e.what) : buf_reserve(out, SUM_BYTES);
    if (r == 0) { /* into the room that is there: a failure here is none of the salvage */
        const struct sillok_salvage_sum *sum = sillok_salvage_sum(it);
        out->len += (size_t)snprintf(
            out->ptr + out->len, SUM_BYTES, "%llu %llu %llu %llu\n",
            (unsigned long long)sum->observations, (unsigned long long)sum->bodies,
            (unsigned long long)sum->damaged_pages, (unsigned long long)sum->files_lost);
    }
    sillok_salvage_close(it);
    return r;
}

static int do_create(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)s;
    (void)out;
    return sillok_store_create(w->to);
}

/* --- the log of proofs --- */

static int do_begin_log(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    (void)out;
    return sillok_proof_init(s, NULL);
}

static int do_sign(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_sum sum;
    char hex[SILLOK_ID_HEX_LEN + 1];
    (void)w;
    const int r = sillok_proof_sign(s, NULL, &sum);
    sillok_id_format(&sum.root, hex);
    return r < 0 ? r : buf_printf(out, "%llu %s\n", (unsigned long long)sum.size, hex);
}

/* A proof, and whether it holds. */
static int ask_proof(struct sillok_store *s, const char *key, const char *crawl,
                     struct buf *out)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result result;
    struct sillok_ref ref;
    char *data = NULL;
    size_t len = 0;
    o.key = text_of(key);
    int r = sillok_ref_parse(&ref, "001/0000000002@1", 0, 0);
    if (r == 0)
        r = sillok_proof_make(s, &ref, crawl, &data, &len);
    if (r == 0)
        r = say_text(out, text_make(data, len));
    if (r == 0)
        r = sillok_proof_check(text_make(data, len), &o, &result);
    if (r == 0)
        r = buf_printf(out, "%s %d\n", result.aid, result.kind);
    sillok_free(data);
    return r;
}

static int ask_since(struct sillok_store *s, const char *key, struct buf *out)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result result;
    char *note = NULL, *data = NULL;
    size_t n = 0, len = 0;
    o.key = text_of(key);
    int r = sillok_proof_checkpoint(s, &note, &n);
    o.since = text_make(note, n);
    if (r == 0)
        r = sillok_proof_since(s, o.since, &data, &len);
    if (r == 0)
        r = sillok_proof_check(text_make(data, len), &o, &result);
    if (r == 0)
        r = say_text(out, text_make(data, len));
    sillok_free(note);
    sillok_free(data);
    return r;
}

static int ask_entries(struct sillok_store *s, struct buf *out)
{
    struct sillok_proof_log *it = NULL;
    struct sillok_proof_entry e;
    int r = sillok_proof_log_open(&it, s, 0);
    while (r == 0 && (r = sillok_proof_log_next(it, &e)) > 0)
        r = say_text(out, e.entry);
    sillok_proof_log_close(it);
    return r;
}

static int ask_proofs(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_status status;
    (void)w;
    int r = sillok_proof_status(s, &status);
    if (r == 0)
        r = buf_printf(out, "%llu %llu\n", (unsigned long long)status.entries,
                       (unsigned long long)status.crawls_behind);
    if (r == 0)
        r = ask_proof(s, status.key, NULL, out);
    if (r == 0)
        r = ask_proof(s, status.key, "mon", out);
    if (r == 0)
        r = ask_since(s, status.key, out);
    return r < 0 ? r : ask_entries(s, out);
}

static int ask_log_check(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_verify *it = NULL;
    struct sillok_verify_event e;
    (void)w;
    int r = sillok_proof_verify_open(&it, s, 0, NULL);
    while (r == 0 && (r = sillok_proof_verify_next(it, &e)) > 0)
        r = e.damage ? buf_printf(out, "%s\n", e.what) : 0;
    sillok_proof_verify_close(it);
    return r;
}

static int do_tiles(struct sillok_store *s, const struct world *w, struct buf *out)
{
    uint64_t n;
    const int r = sillok_proof_tiles(s, w->to, &n);
    (void)out;
    return r;
}

/* --- the table --- */

const struct scenario scenarios[] = {
    { "log", "full", ask_log, OPENS },
    { "changes", "full", ask_changes, OPENS },
    { "show and cat", "full", ask_snapshots, OPENS },
    { "stats, crawls", "full", ask_figures, OPENS },
    { "crawls --missing", "full", ask_missing, OPENS },
    { "refused", "full", ask_refused, OPENS },
    { "blame", "full", ask_blame, OPENS },
    { "diff", "full", ask_diff, 0 },
    { "kinds of change", "full", ask_kind, 0 },
    { "files of others", "full", ask_foreign, 0 },
    { "sentences that went", "full", ask_lost, 0 },
    { "folding", "full", ask_fold, 0 },
    { "verify", "full", ask_verify, OPENS | SILENT },
    { "reindex --dry-run", "wrong", ask_what_differs, OPENS },
    { "find", "full", ask_find, OPENS | WRITES },
    { "dups, similar, clusters", "full", ask_near, OPENS | WRITES },
    { "export", "full", ask_export, OPENS },
    { "export to a tar", "full", ask_tar, OPENS },
    { "export to a folder", "full", do_export, OPENS | SHOWS },
    { "report", "full", do_report, OPENS | SHOWS },
    { "ingest", "half", do_ingest, OPENS | WRITES },
    { "ingest of an older crawl", "full", do_ingest_older, OPENS | WRITES },
    { "ingest of a tar", "half", do_ingest_tar, OPENS | WRITES },
    { "reindex", "wrong", do_reindex, OPENS | WRITES },
    { "reindex into a new file", "torn", do_reindex, OPENS | WRITES },
    { "proofs", "logged", ask_proofs, OPENS },
    { "verify of the log", "logged", ask_log_check, OPENS | SILENT },
    { "tiles", "logged", do_tiles, OPENS | SHOWS },
    { "begin a log", "full", do_begin_log, OPENS | WRITES | SILENT },
    { "sign", "logged", do_sign, OPENS | WRITES },
    { "backup", "logged", do_backup, OPENS | MAKES },
    { "compact", "full", do_compact, OPENS | WRITES },
    { "migrate", "old", do_migrate, MAKES },
    { "salvage", "damaged", do_salvage, MAKES | BRINGS },
    { "init", "full", do_create, MAKES | SILENT },
};
_Static_assert(sizeof(scenarios) / sizeof(scenarios[0]) == N_SCENARIOS, "all of them");

static void remove_tree(const char *path)
{
    support_remove(strdup(path));
}

void scenario_begin(const struct world *w, const struct scenario *sc)
{
    char *from = support_path(w->templates, sc->store);
    remove_tree(w->folder);
    assert_int_equal(mkdir(w->folder, 0700), 0);
    copy_store(from, w->store);
    free(from);
}

int scenario_run(const struct scenario *sc, const struct world *w, struct buf *out)
{
    struct sillok_store *s = NULL;
    buf_clear(out);
    int r = sc->what & OPENS ? sillok_store_open(&s, w->store, NULL) : 0;
    if (r == 0)
        r = sc->run(s, w, out);
    sillok_store_close(s);
    return r;
}

/* What there is now, for those that write. */
void scenario_state(const struct scenario *sc, const struct world *w, struct buf *out)
{
    const char *path = sc->what & WRITES ? w->store : sc->what & MAKES ? w->to : NULL;
    if (sc->what & SHOWS)
        scenario_list(out, w->to, 1);
    if (path) {
        struct sillok_store *s;
        assert_ok(sillok_store_open(&s, path, NULL));
        support_dump(out, s);
        assert_ok(say_reasons(s, out));
        assert_int_equal(support_verify(s), 0);
        if (sillok_proof_exists(s)) {
            CLEANUP(buf_release) struct buf told = BUF_INIT;
            assert_ok(ask_log_check(s, NULL, &told));
            assert_int_equal(told.len, 0);
        }
        sillok_store_close(s);
    }
}

/* --- the stores --- */

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
