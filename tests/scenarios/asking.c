/* Questions; each opens what it needs anew. */
#include "scenarios/parts.h"

#include "article/reader.h"
#include "diff/kinds.h"
#include "diff/lost.h"
#include "history/fold.h"
#include "store/lmdb.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int say_text(struct buf *out, struct sillok_text t)
{
    const int r = buf_add_text(out, t);
    return r < 0 ? r : buf_add_char(out, '\n');
}

int ask_log(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_changes(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_snapshots(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_figures(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_missing(struct sillok_store *s, const struct world *w, struct buf *out)
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
int say_reasons(struct sillok_store *s, struct buf *out)
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

int ask_refused(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_blame(struct sillok_store *s, const struct world *w, struct buf *out)
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
int ask_diff(struct sillok_store *s, const struct world *w, struct buf *out)
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
int ask_kind(struct sillok_store *s, const struct world *w, struct buf *out)
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
int ask_foreign(struct sillok_store *s, const struct world *w, struct buf *out)
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
int ask_lost(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_fold(struct sillok_store *s, const struct world *w, struct buf *out)
{
    static const struct fold_source source = { give_sketch, give_sides, take_edit, NULL };
    struct fold_item items[FOLD_MIN];
    CLEANUP(buf_release) struct buf events = BUF_INIT;
    (void)s;
    (void)w;
    for (size_t i = 0; i < FOLD_MIN; i++)
        items[i] =
            (struct fold_item){ .crawl = 1, .oid = text_of("001"), .article = i + 1 };
    int r = fold(items, FOLD_MIN, &source, &events);
    for (size_t i = 0; i < FOLD_MIN && r == 0; i++)
        r = buf_printf(out, "%d %u\n", items[i].marks, items[i].event);
    return r;
}

int ask_verify(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_reindex(struct sillok_store *s, int dry_run, struct buf *out)
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

int ask_what_differs(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    return ask_reindex(s, 1, out);
}

int ask_find(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_near(struct sillok_store *s, const struct world *w, struct buf *out)
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

int ask_export(struct sillok_store *s, const struct world *w, struct buf *out)
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
int ask_tar(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_export_options all = SILLOK_EXPORT_OPTIONS_INIT;
    int r = ask_tar_of(s, NULL, w, out);
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (r == 0)
        r = ask_tar_of(s, &all, w, out);
    (void)setlocale(LC_CTYPE, "C");
    return r;
}
