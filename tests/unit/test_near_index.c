/*
 * The index of near duplicates: it is never trusted over the store, made piece by piece, and
 * may be behind. All texts are made up.
 */
#include "near_box.h"

#include "near/index.h"
#include "near/near.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the index is never trusted over the store --- */

static void copy_file(const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    assert_ok(file_read(&b, from, (size_t)1 << 30));
    support_write(to, b.ptr, b.len);
    buf_release(&b);
}

static void test_wrong_index_is_made_anew(void **state)
{
    struct box b, foreign;
    struct sillok_near *near, *other, *read_only;
    struct sillok_near_rows *rows;
    struct buf want = BUF_INIT, got = BUF_INIT;
    char junk[20000];
    (void)state;
    box_open(&b, "store");
    box_open(&foreign, "store");
    box_fill(&b);
    box_ingest(&b);
    box_add(&foreign, "009", "1", "2026-01-05", "낯선 곳의 기사 하나",
            "낯선 곳에서 온 글이다.");
    box_ingest(&foreign);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&other, foreign.store, 0));
    assert_ok(sillok_near_open(&read_only, b.store, SILLOK_NEAR_NO_UPDATE));
    char *file = support_path(b.path, "near.mdb");
    char *lock = support_path(b.path, "near.mdb-lock");
    char *foreign_file = support_path(foreign.path, "near.mdb");

    /* There is none, and none is to be made. */
    assert_int_equal(sillok_near_update(read_only, NULL), 0);
    assert_int_equal(sillok_dups_open(&rows, read_only, NULL), SILLOK_ENOTFOUND);
    assert_int_equal(access(file, F_OK), -1);

    update_all(near);
    update_all(other);
    dump_index(&want, near);
    assert_true(want.len > 1000);
    for (size_t i = 0; i < sizeof(junk); i++)
        junk[i] = (char)(i * i >> 3);
    for (int damage = 0; damage < 8; damage++) {
        struct stat st;
        assert_int_equal(stat(file, &st), 0);
        switch (damage) {
        case 0: /* deleted, with and without LMDB's table of readers */
            assert_int_equal(unlink(file), 0);
            assert_int_equal(unlink(lock), 0);
            break;
        case 1:
            assert_int_equal(unlink(file), 0);
            break;
        case 2:
            assert_int_equal(truncate(file, 0), 0);
            break;
        case 3:
            assert_int_equal(truncate(file, 100), 0);
            break;
        case 4:
            assert_int_equal(truncate(file, st.st_size / 2), 0);
            break;
        case 5:
            support_write(file, junk, sizeof(junk));
            break;
        case 6:
            support_write(file, "", 0);
            support_write(lock, junk, 100);
            break;
        default:
            copy_file(foreign_file, file);
            break;
        }
        if (sillok_dups_open(&rows, read_only, NULL) != SILLOK_ENOTFOUND)
            fail_msg("damage %d was not seen", damage);
        if (!strstr(sillok_error_message(),
                    damage <= 1 ? "there is no index of near duplicates"
                                : "is not of this store and this version"))
            fail_msg("damage %d: %s", damage, sillok_error_message());
        update_all(near);
        buf_clear(&got);
        dump_index(&got, near);
        if (!text_equal(text_make(want.ptr, want.len), text_make(got.ptr, got.len)))
            fail_msg("damage %d: another index", damage);
        assert_ok(sillok_dups_open(&rows, read_only, NULL));
        sillok_near_rows_close(rows);
    }
    sillok_near_close(near);
    sillok_near_close(other);
    sillok_near_close(read_only);
    box_close(&b);
    box_close(&foreign);
    free(file);
    free(lock);
    free(foreign_file);
    buf_release(&want);
    buf_release(&got);
}

/* What is only seen when it is asked: rows that name versions which there are not. */
static void test_wrong_rows(void **state)
{
    struct box b;
    struct sillok_near *near, *read_only;
    struct sillok_near_rows *rows;
    struct buf data = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&read_only, b.store, SILLOK_NEAR_NO_UPDATE));
    update_all(near);
    ask(&want, near, "dups", NULL);
    char *file = support_path(b.path, "near.mdb");
    assert_ok(file_read(&data, file, (size_t)1 << 30));
    struct shingles s;
    shingles_init(&s);
    assert_ok(shingles_read(&s, text_of("강변의 \"봄꽃\"이 피었다.")));
    uint8_t number[4];
    put_be(number, s.f1_hash >> (64 - SKETCH_BAND_BITS) & UINT32_MAX, 4);
    int n = 0;
    for (size_t i = 0; i + 8 <= data.len; i++)
        if (memcmp(data.ptr + i, number, sizeof(number)) == 0) {
            data.ptr[i + 5] = 77;
            n++;
        }
    assert_true(n > 0);
    support_write(file, data.ptr, data.len);
    assert_int_equal(sillok_dups_open(&rows, read_only, NULL), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "near.mdb' is damaged"));
    ask(&got, near, "dups", NULL);
    assert_true(text_equal(text_make(want.ptr, want.len), text_make(got.ptr, got.len)));
    sillok_near_close(near);
    sillok_near_close(read_only);
    box_close(&b);
    shingles_release(&s);
    free(file);
    buf_release(&data);
    buf_release(&want);
    buf_release(&got);
}

/* A store that came back from a backup has other texts under the same numbers. */
static void test_another_past(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct buf text = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    char *data = support_path(b.path, "data.mdb"),
         *saved = support_path(b.folder, "saved"),
         *seal = support_path(b.path, "data.mdb-seal"),
         *saved_seal = support_path(b.folder, "saved-seal");
    add_text(&text, 31, 60, 0, 0);
    box_add(&b, "001", "1", "2026-01-05", "처음부터 있던 기사", text.ptr);
    box_ingest(&b);
    sillok_store_close(b.store);
    copy_file(data, saved);
    copy_file(seal, saved_seal);
    for (int way = 0; way < 2; way++) {
        assert_ok(sillok_store_open(&b.store, b.path, &o));
        box_add(&b, way ? "003" : "002", "1", "2026-01-06", "나중에 온 기사", text.ptr);
        box_ingest(&b);
        assert_ok(sillok_near_open(&near, b.store, 0));
        update_all(near);
        expect(near, "001/1", NULL,
               way ? "0/1 003/1@1 100 body text\n" : "0/1 002/1@1 100 body text\n");
        sillok_near_close(near);
        if (way == 0) {
            sillok_store_close(b.store);
            copy_file(saved, data);
            copy_file(saved_seal, seal);
        }
    }
    box_close(&b);
    free(data);
    free(saved);
    free(seal);
    free(saved_seal);
    buf_release(&text);
}

/* --- piece by piece --- */

static void add_many(struct box *b, int from, int to)
{
    struct buf text = BUF_INIT;
    char aid[16], title[64];
    for (int i = from; i < to; i++) {
        snprintf(aid, sizeof(aid), "%07d", i);
        snprintf(title, sizeof(title), "제목이 제법 긴 기사 번호 %d", i);
        add_text(&text, (uint64_t)i / 2 + 100, 26, 0, 0);
        box_add(b, i % 3 ? "001" : "002", aid, i % 2 ? "2026-01-05" : "2025-12-05", title,
                text.ptr);
    }
    buf_release(&text);
}

static void test_piece_by_piece(void **state)
{
    static const int steps[] = { 0, 1, 2, 40, 700, 8191, 8192, 8193, 8500 };
    struct box b;
    struct sillok_near *near;
    struct buf piecewise = BUF_INIT, whole = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    char *file = support_path(b.path, "near.mdb");
    assert_ok(sillok_near_open(&near, b.store, 0));
    update_all(near);
    for (size_t i = 1; i < sizeof(steps) / sizeof(steps[0]); i++) {
        add_many(&b, steps[i - 1], steps[i]);
        box_ingest(&b);
        if (i == 3) /* what is behind is said, and known ones are found */
            assert_int_equal(sillok_near_behind(near), 0);
        update_all(near);
    }
    dump_index(&piecewise, near);
    assert_int_equal(unlink(file), 0);
    update_all(near);
    dump_index(&whole, near);
    assert_true(text_equal(text_make(piecewise.ptr, piecewise.len),
                           text_make(whole.ptr, whole.len)));
    struct sillok_near_stats stats;
    assert_ok(sillok_near_stats(near, &stats));
    assert_int_equal(stats.versions, 8500);
    assert_true(stats.texts == 8500);
    assert_true(stats.used_bytes / stats.versions <= 300);

    /* Even and odd neighbours are copies, a month apart. */
    struct sillok_near_rows *rows;
    struct sillok_near_row row;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    int r, n = 0;
    o.all_time = 1;
    o.no_follow_ups = 1;
    o.min = 0.95;
    assert_ok(sillok_clusters_open(&rows, near, &o));
    while ((r = sillok_near_next(rows, &row)) > 0)
        n += row.jaccard >= 1;
    assert_ok(r);
    assert_int_equal(n, 8500);
    sillok_near_rows_close(rows);
    sillok_near_close(near);
    box_close(&b);
    free(file);
    buf_release(&piecewise);
    buf_release(&whole);
}

static void test_behind(void **state)
{
    struct box b;
    struct sillok_near *near, *still;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&still, b.store, SILLOK_NEAR_NO_UPDATE));
    update_all(near);
    box_add(&b, "004", "5", "2026-01-09", "사진", "강변의 \"봄꽃\"이 피었다.");
    box_ingest(&b);
    assert_int_equal(sillok_near_update(still, NULL), 0);
    expect(still, "001/5", NULL, "0/1 002/5@1 100 text\n");
    assert_int_equal(sillok_near_behind(still), 1);
    expect(still, "004/5", NULL, "0/2 001/5@1 100 text\n0/2 002/5@1 100 text\n");
    update_all(near);
    expect(still, "001/5", NULL, "0/2 002/5@1 100 text\n0/2 004/5@1 100 text\n");
    assert_int_equal(sillok_near_behind(still), 0);
    sillok_near_close(near);
    sillok_near_close(still);
    box_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_index_is_made_anew),
        cmocka_unit_test(test_wrong_rows),
        cmocka_unit_test(test_another_past),
        cmocka_unit_test(test_piece_by_piece),
        cmocka_unit_test(test_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
