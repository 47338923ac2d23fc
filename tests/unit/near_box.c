#include "near_box.h"

#include "near/index.h"
#include "near/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
    "시청은",    "새",         "도서관을",  "다음 달",   "열기로",     "했다고",
    "밝혔다.",   "주민들은",   "강변에",    "나무를",    "심으며",     "봄을",
    "기다린다.", "The mayor",  "of the",    "harbour",   "town",       "opened a",
    "bridge",    "on Monday.", "시장은",    "회의에서",  "예산안을",   "설명하고",
    "의견을",    "들었다.",    "학생들이",  "만든",      "연극이",     "무대에",
    "올랐다.",   "Ferries",    "return in", "spring.",   "“고맙다”고", "말했다.",
    "비가",      "그치자",     "축제가",    "시작됐다.",
};
enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

void add_text(struct buf *b, uint64_t seed, int n, unsigned edits, uint64_t edit_seed)
{
    uint64_t a = seed, e = edit_seed;
    buf_clear(b);
    for (int i = 0; i < n; i++) {
        const uint64_t mine = support_random(&a), other = support_random(&e);
        const int edited = other % 1000 < edits;
        assert_ok(
            buf_printf(b, "%s%s%llu", i ? " " : "",
                       words[(edited ? other >> 32 : mine >> 8) % N_WORDS],
                       (unsigned long long)((edited ? other >> 40 : mine >> 40) % 50)));
    }
    assert_ok(buf_add_char(b, '\0'));
    b->len--;
}

void box_open(struct box *b, const char *name)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    memset(b, 0, sizeof(*b));
    buf_init(&b->lines, BUF_CEILING);
    b->folder = support_folder();
    b->path = support_path(b->folder, name);
    o.create = 1;
    assert_ok(sillok_store_open(&b->store, b->path, &o));
}

void box_close(struct box *b)
{
    sillok_store_close(b->store);
    support_remove(b->folder);
    free(b->path);
    buf_release(&b->lines);
}

void box_add_published(struct box *b, const char *oid, const char *aid, const char *at,
                       const char *published, const char *title, const char *body)
{
    assert_ok(buf_printf(&b->lines,
                         "{\"oid\":\"%s\",\"aid\":\"%s\",\"crawled_at\":\"%s 03:00:00\","
                         "\"published_at\":\"%s\",\"title\":\"%s\",\"body\":\"",
                         oid, aid, at, published, title));
    for (; *body; body++)
        assert_ok(*body == '\n'  ? buf_add_str(&b->lines, "\\n")
                  : *body == '"' ? buf_add_str(&b->lines, "\\\"")
                                 : buf_add_char(&b->lines, *body));
    assert_ok(buf_add_str(&b->lines, "\"}\n"));
}

void box_add(struct box *b, const char *oid, const char *aid, const char *at,
             const char *title, const char *body)
{
    char published[32];
    snprintf(published, sizeof(published), "%.7s-05 09:00", at);
    box_add_published(b, oid, aid, at, published, title, body);
}

void box_ingest(struct box *b)
{
    char name[32];
    snprintf(name, sizeof(name), "lines-%d.ndjson", b->n_files++);
    char *path = support_path(b->folder, name);
    support_write(path, b->lines.ptr, b->lines.len);
    const char *const paths[] = { path };
    const struct sillok_ingest_counts c = support_ingest(b->store, name, paths, 1);
    assert_int_equal(c.refused, 0);
    buf_clear(&b->lines);
    free(path);
}

void box_fill(struct box *b)
{
    struct buf text = BUF_INIT, other = BUF_INIT;
    add_text(&text, 1, 60, 0, 0);
    box_add(b, "001", "1", "2026-01-05", "다리 보수 공사 다음 달에 시작", text.ptr);
    box_add(b, "003", "1", "2026-01-06", "Bridge repairs", text.ptr);
    for (size_t i = 0; i < text.len; i++)
        assert_ok(buf_add_char(&other, text.ptr[i] == ' ' ? '\n' : text.ptr[i]));
    assert_ok(buf_add_char(&other, '\0'));
    box_add(b, "002", "1", "2026-01-05", "다리 고친다", other.ptr);
    add_text(&text, 1, 60, 80, 98);
    box_add(b, "001", "2", "2026-01-07", "다리 보수 계획 확정", text.ptr);
    add_text(&text, 7, 60, 0, 0);
    box_add(b, "001", "3", "2026-01-07", "[속보] 야시장 주말마다 열린다", text.ptr);
    add_text(&text, 8, 90, 0, 0);
    box_add(b, "001", "4", "2026-01-07", "야시장 주말마다 열린다(종합)", text.ptr);
    box_add(b, "001", "5", "2026-01-08", "사진 한 장", "강변의 “봄꽃”이 피었다.");
    box_add(b, "002", "5", "2026-01-08", "사진", "강변의 \"봄꽃\"이  피었다.");
    box_add(b, "002", "6", "2026-01-08", "사진 둘", "강변의 \"봄꽃\"이 피었다!");
    buf_release(&text);
    buf_release(&other);
}

void update_all(struct sillok_near *near)
{
    int r;
    struct sillok_near_progress p = { 0, 0 };
    while ((r = sillok_near_update(near, &p)) > 0)
        assert_true(p.done < p.total);
    assert_ok(r);
    assert_int_equal(p.done, p.total);
    assert_int_equal(sillok_near_behind(near), 0);
}

void dump_index(struct buf *out, struct sillok_near *near)
{
    struct index x;
    struct buf parts = BUF_INIT, slice = BUF_INIT;
    assert_ok(near_index_open(&x, near));
    assert_ok(index_parts(&x, 0, UINT16_MAX, &parts));
    const struct index_part *p = (const struct index_part *)(const void *)parts.ptr;
    for (size_t i = 0; i < parts.len / sizeof(*p); i++)
        for (int band = 0; band < N_BANDS; band++)
            for (unsigned s = 0; s < BAND_SLICES; s++) {
                buf_clear(&slice);
                assert_ok(index_slice(&x, &p[i], band, s, &slice));
                const uint64_t *v = (const uint64_t *)(const void *)slice.ptr;
                for (size_t k = 0; k < slice.len / sizeof(*v); k++)
                    assert_ok(buf_printf(out, "%u %u %d %u %016llx\n", p[i].segment,
                                         p[i].partition, band, s,
                                         (unsigned long long)v[k]));
            }
    for (uint32_t v = 1; v <= x.state.position; v++) {
        const uint8_t *sketch;
        const int r = index_sketch(&x, v, &sketch);
        assert_ok(r);
        assert_ok(buf_printf(out, "%u ", v));
        for (int i = 0; r > 0 && i < SKETCH_BYTES; i++)
            assert_ok(buf_printf(out, "%02x", sketch[i]));
        assert_ok(buf_add_char(out, '\n'));
    }
    index_close(&x);
    buf_release(&parts);
    buf_release(&slice);
}

/* "group oid/aid@revision jaccard flags" a line. */
static void dump_rows(struct buf *out, struct sillok_near_rows *rows)
{
    struct sillok_near_row row;
    int r;
    while ((r = sillok_near_next(rows, &row)) > 0)
        assert_ok(buf_printf(
            out, "%llu/%llu %.*s/%.*s@%u %d%s%s%s\n", (unsigned long long)row.group,
            (unsigned long long)row.size, (int)row.article.oid.len, row.article.oid.ptr,
            (int)row.article.aid.len, row.article.aid.ptr, row.revision,
            (int)(100 * row.jaccard), row.same_body ? " body" : "",
            row.same_text ? " text" : "", row.follow_up ? " follow_up" : ""));
    assert_ok(r);
    sillok_near_rows_close(rows);
}

void ask(struct buf *out, struct sillok_near *near, const char *about,
         const struct sillok_near_options *options)
{
    struct sillok_near_rows *rows;
    struct sillok_ref ref;
    if (strcmp(about, "dups") == 0) {
        assert_ok(sillok_dups_open(&rows, near, options));
    } else if (strcmp(about, "clusters") == 0) {
        assert_ok(sillok_clusters_open(&rows, near, options));
    } else {
        assert_ok(sillok_ref_parse(&ref, about, 0, 0));
        assert_ok(sillok_similar_open(&rows, near, &ref, options));
    }
    dump_rows(out, rows);
}

void expect(struct sillok_near *near, const char *about,
            const struct sillok_near_options *options, const char *want)
{
    struct buf got = BUF_INIT;
    ask(&got, near, about, options);
    if (!text_is(text_make(got.ptr, got.len), want))
        fail_msg("%s:\n%.*s", about, (int)got.len, got.ptr ? got.ptr : "");
    buf_release(&got);
}
