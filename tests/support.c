#include "support.h"

#include <ftw.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *support_folder(void)
{
    const char *base = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof(path), "%s/sillok-test.XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return strdup(path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void support_remove(char *folder)
{
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

char *support_path(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return strdup(path);
}

void support_write(const char *path, const void *ptr, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(ptr, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

struct sillok_store *support_store(const char *folder)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    char *path = support_path(folder, "store");
    o.create = 1;
    assert_ok(sillok_store_open(&store, path, &o));
    free(path);
    return store;
}

int support_set_up(void **state)
{
    struct support_fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->folder = support_folder();
    f->store = support_store(f->folder);
    buf_init(&f->lines, BUF_CEILING);
    *state = f;
    return 0;
}

int support_tear_down(void **state)
{
    struct support_fixture *f = *state;
    sillok_store_close(f->store);
    support_remove(f->folder);
    buf_release(&f->lines);
    free(f);
    return 0;
}

void support_open_again(struct support_fixture *f)
{
    char *path = support_path(f->folder, "store");
    sillok_store_close(f->store);
    f->store = NULL;
    assert_ok(sillok_store_open(&f->store, path, NULL));
    free(path);
}

static void hex_of(const char *ptr, size_t len, char hex[65])
{
    unsigned char md[32];
    assert_int_equal(EVP_Digest(ptr, len, md, NULL, EVP_sha256(), NULL), 1);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", md[i]);
}

static void add_escaped(struct buf *out, const char *text, int escaped)
{
    static const char plain[] = "&<>\"'`=";
    static const char *const entity[] = { "&amp;",  "&lt;",   "&gt;",  "&quot;",
                                          "&#x27;", "&#x60;", "&#x3D;" };
    for (; *text; text++) {
        const char *hit = escaped ? strchr(plain, *text) : NULL;
        if (hit)
            assert_ok(buf_add_str(out, entity[hit - plain]));
        else
            assert_ok(buf_add_char(out, *text));
    }
}

void support_crawl_file(struct buf *out, const struct support_file *f)
{
    char hex[65];
    hex_of(f->body, strlen(f->body), hex);
    assert_ok(buf_printf(out, "---\nid: %s_%s\ntitle: \"", f->oid, f->aid));
    add_escaped(out, f->title, f->escaped);
    assert_ok(buf_printf(
        out,
        "\"\ncategory: \npublisher: 한빛일보\nauthor: \n\t\t\n\t\t\t김가나 기자\n"
        "\t\t\n\t\npublished_at: 2026-01-02 00:00\ncrawled_at: %s\n"
        "url: https://n.news.naver.com/mnews/article/%s/%s\noid: %s\naid: %s\n"
        "content_hash: %s\n---\n\n# ",
        f->at, f->oid, f->aid, f->oid, f->aid, f->hash ? f->hash : hex));
    add_escaped(out, f->title, f->escaped);
    assert_ok(buf_add_str(out, "\n\n**한빛일보** | 2026-01-02 00:00 | \n\n---\n\n"));
    add_escaped(out, f->body, f->escaped);
    assert_ok(buf_printf(out,
                         "\n\n---\n\n*Crawled at: %s*\n*Source: [원문 보기](https://"
                         "n.news.naver.com/mnews/article/%s/%s)*\n",
                         f->at, f->oid, f->aid));
}

struct sillok_ingest_counts support_ingest(struct sillok_store *store, const char *crawl,
                                           const char *const *paths, size_t n)
{
    struct sillok_ingest_options o = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    struct sillok_ingest_counts counts = { 0 };
    o.crawl = crawl;
    o.jobs = 2;
    assert_ok(sillok_ingest_new(&in, store, &o));
    for (size_t i = 0; i < n; i++)
        assert_ok(sillok_ingest_add(in, paths[i]));
    int r;
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_DONE)
            counts = e.counts;
    assert_ok(r);
    sillok_ingest_free(in);
    return counts;
}

struct sillok_ingest_counts support_take_lines(struct support_fixture *f,
                                               const char *crawl)
{
    char *file = support_path(f->folder, "in.ndjson");
    const char *const paths[] = { file };
    support_write(file, f->lines.ptr, f->lines.len);
    const struct sillok_ingest_counts counts = support_ingest(f->store, crawl, paths, 1);
    buf_clear(&f->lines);
    free(file);
    return counts;
}

static void dump_changes(struct buf *out, struct sillok_store *store)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_changes *it;
    struct sillok_change c;
    o.all = 1;
    assert_ok(sillok_changes_open(&it, store, &o));
    int r;
    while ((r = sillok_changes_next(it, &c)) > 0) {
        char hex[65];
        sillok_id_format(&c.to.article.content_hash, hex);
        assert_ok(buf_printf(out, "change %s %u>%u %lld %lld %llu %s %x %x %s\n", c.key,
                             c.from.revision, c.to.revision, (long long)c.after_s,
                             (long long)c.before_s, (unsigned long long)c.visits_before,
                             hex, c.what.kinds, c.what.flags,
                             sillok_kind_name(c.what.kind)));
    }
    assert_ok(r);
    sillok_changes_close(it);
}

static void dump_log(struct buf *out, struct sillok_store *store, const char *oid,
                     const char *aid)
{
    struct sillok_log *it;
    struct sillok_revision rev;
    assert_ok(sillok_log_open(&it, store, oid, aid));
    int r;
    while ((r = sillok_log_next(it, &rev)) > 0) {
        char hex[65];
        sillok_id_format(&rev.article.content_hash, hex);
        assert_ok(buf_printf(out, "%s/%s@%u %lld %lld %llu %d %u %s %.*s\n", oid, aid,
                             rev.number, (long long)rev.first_seen_s,
                             (long long)rev.last_seen_s,
                             (unsigned long long)rev.observations, rev.conflict,
                             rev.same_as, hex, (int)rev.article.fields[SILLOK_TITLE].len,
                             rev.article.fields[SILLOK_TITLE].ptr));
    }
    assert_ok(r);
    sillok_log_close(it);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files as a set, and the articles that they are of. */
static void dump_files(struct buf *out, struct sillok_store *store)
{
    struct sillok_export *it;
    struct sillok_export_file f;
    char **lines = NULL;
    size_t n = 0;
    char last[256] = "";
    assert_ok(sillok_export_open(&it, store, NULL));
    int r;
    while ((r = sillok_export_next(it, &f)) > 0) {
        char hex[65], line[1024], oid[80], aid[80], both[256];
        hex_of(f.data.ptr, f.data.len, hex);
        snprintf(line, sizeof(line), "file %.*s %s\n", (int)f.name.len, f.name.ptr, hex);
        lines = realloc(lines, (n + 1) * sizeof(*lines));
        assert_non_null(lines);
        lines[n++] = strdup(line);
        snprintf(oid, sizeof(oid), "%.*s", (int)f.article.oid.len, f.article.oid.ptr);
        snprintf(aid, sizeof(aid), "%.*s", (int)f.article.aid.len, f.article.aid.ptr);
        snprintf(both, sizeof(both), "%s/%s", oid, aid);
        if (strcmp(both, last) != 0) {
            struct buf log = BUF_INIT;
            dump_log(&log, store, oid, aid);
            lines = realloc(lines, (n + 1) * sizeof(*lines));
            assert_non_null(lines);
            lines[n++] = buf_take(&log, NULL);
        }
        snprintf(last, sizeof(last), "%s", both);
    }
    assert_ok(r);
    sillok_export_close(it);
    if (n)
        qsort(lines, n, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < n; i++) {
        /* An article is met once per crawl, and so is a file that stands in several. */
        if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
            assert_ok(buf_add_str(out, lines[i]));
    }
    for (size_t i = 0; i < n; i++)
        free(lines[i]);
    free(lines);
}

void support_dump(struct buf *out, struct sillok_store *store)
{
    dump_changes(out, store);
    dump_files(out, store);
}

int support_verify(struct sillok_store *store)
{
    struct sillok_verify *it;
    struct sillok_verify_event e;
    int damage = 0, r;
    assert_ok(sillok_verify_open(&it, store, NULL));
    while ((r = sillok_verify_next(it, &e)) > 0)
        if (e.damage) {
            damage++;
            print_error("%s: %s\n", e.table, e.what);
        }
    assert_ok(r);
    sillok_verify_close(it);
    return damage;
}

int support_reindex(struct sillok_store *store, int dry_run)
{
    struct sillok_reindex_options o = SILLOK_REINDEX_OPTIONS_INIT;
    struct sillok_reindex *it;
    struct sillok_reindex_event e;
    int different = 0, r;
    o.dry_run = dry_run;
    assert_ok(sillok_reindex_open(&it, store, &o));
    while ((r = sillok_reindex_next(it, &e)) > 0) {
        if (e.kind != SILLOK_REINDEX_TABLE)
            continue;
        /* An older crawl that comes later leaves classes behind that no chain needs. */
        const uint64_t n =
            e.wrong + e.missing + (strcmp(e.table, "class") == 0 ? 0 : e.extra);
        different += (int)n;
        if (n)
            print_message("# %s: %llu wrong, %llu missing, %llu too many\n", e.table,
                          (unsigned long long)e.wrong, (unsigned long long)e.missing,
                          (unsigned long long)e.extra);
    }
    assert_ok(r);
    sillok_reindex_close(it);
    return different;
}

int support_compact(struct sillok_store *store, int level)
{
    struct sillok_compact_options options = SILLOK_COMPACT_OPTIONS_INIT;
    struct sillok_copy *it = NULL;
    struct sillok_copy_event event;
    if (level)
        options.level = level;
    int r = sillok_compact_open(&it, store, &options);
    while (r >= 0 && (r = sillok_copy_next(it, &event)) > 0)
        ;
    sillok_copy_close(it);
    return r;
}

uint64_t support_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
