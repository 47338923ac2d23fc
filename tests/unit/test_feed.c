/*
 * What an ingest is fed with, where it must not simply go on: a zip that is taken wholly
 * or not at all, a stop before standard input says what it is, two folders to follow, a
 * folder that goes away with files in it; and steps that are many when all is in.
 */
#include "ingest/source.h"
#include "support.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- archives as a whole --- */

static const char *const archives[] = { "저녁.tar", "저녁.zip" };

/* Two articles in it, and the second one cut in its bytes. */
static char *cut_archive(const struct support_fixture *f, int zip)
{
    enum { ROOM = 64 << 10 };
    char *path = support_path(f->folder, archives[zip]), *room = malloc(ROOM);
    size_t used = 0;
    struct archive *a = archive_write_new();
    assert_non_null(room);
    assert_int_equal(zip ? archive_write_set_format_zip(a)
                         : archive_write_set_format_ustar(a),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, room, ROOM, &used), ARCHIVE_OK);
    for (int i = 1; i <= 2; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        const struct support_file article = {
            "001",  i == 1 ? "1" : "2", "2026-01-05 03:00:00",
            "제목", "도서관이 열렸다.", 0,
            NULL
        };
        struct archive_entry *e = archive_entry_new();
        support_crawl_file(&file, &article);
        archive_entry_set_pathname(e, i == 1 ? "1.md" : "2.md");
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)file.len);
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, file.ptr, file.len), file.len);
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    const char *second = memmem(room, used, "2.md", 4); /* in its header */
    assert_non_null(second);
    support_write(path, room, (size_t)(second - room) + (zip ? 70 : 512 + 70));
    free(room);
    return path;
}

static void an_archive_is_taken_wholly_or_not_at_all(void **state)
{
    struct support_fixture *f = *state;
    for (int zip = 0; zip < 2; zip++)
        for (int wholly = 1; wholly >= 0; wholly--) {
            const struct sillok_ingest_options options = { .atomic_archive = wholly };
            struct sillok_ingest *in;
            struct sillok_ingest_event e;
            char *path = cut_archive(f, zip);
            int r, n_failed = 0;
            assert_ok(sillok_ingest_new(&in, f->store, &options));
            assert_ok(sillok_ingest_add(in, path));
            while ((r = sillok_ingest_next(in, &e)) > 0) {
                if (e.kind == SILLOK_INGEST_DONE)
                    assert_int_equal(e.counts.observations + e.counts.already, !wholly);
                if (e.kind != SILLOK_INGEST_SOURCE_FAILED)
                    continue;
                n_failed++;
                assert_true(text_is(e.name, path));
                const char *none = strstr(e.message, "; nothing of it was taken in");
                assert_int_equal(none != NULL, wholly);
            }
            assert_ok(r);
            assert_int_equal(n_failed, 1);
            sillok_ingest_free(in);
            free(path);
        }
}

/* --- what cannot be added --- */

/* What may well be there, and cannot be looked at, is not told as missing. */
static void a_path_that_cannot_be_looked_at(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_ingest *in;
    char *loop = support_path(f->folder, "loop"), *none = support_path(f->folder, "none");
    assert_int_equal(symlink("loop", loop), 0);
    assert_ok(sillok_ingest_new(&in, f->store, NULL));
    assert_int_equal(sillok_ingest_add(in, none), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "there is no '"));
    assert_int_equal(sillok_ingest_add(in, loop), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "symbolic links"));
    sillok_ingest_free(in);
    free(loop);
    free(none);
}

/* --- stops and folders --- */

/* It is the end of the ingest then, and not one source of several that failed. */
static void a_stop_before_the_first_byte_is_the_end(void **state)
{
    struct support_fixture *f = *state;
    const volatile int stop = 1;
    const struct sillok_ingest_options options = { .stop = &stop };
    const char *const paths[] = { "-", f->folder };
    const int saved = dup(STDIN_FILENO);
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_ok(sillok_ingest_new(&in, f->store, &options));
    for (int i = 0; i < 2; i++)
        assert_ok(sillok_ingest_add(in, paths[i]));
    assert_int_equal(sillok_ingest_next(in, &e), SILLOK_ESTOPPED);
    sillok_ingest_free(in);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

static void one_folder_is_followed(void **state)
{
    struct support_fixture *f = *state;
    const struct sillok_ingest_options options = { .follow = 1 };
    struct sillok_ingest *in;
    assert_ok(sillok_ingest_new(&in, f->store, &options));
    assert_ok(sillok_ingest_add(in, f->folder));
    assert_int_equal(sillok_ingest_add(in, f->folder), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "one folder is followed at a time"));
    sillok_ingest_free(in);
}

/* What was written to it before that is known comes first; then it is told, once. */
static void a_folder_that_goes_away_is_read_to_its_end(void **state)
{
    static const char *const names[] = { "1.md", "2.md", "3.md" };
    struct support_fixture *f = *state;
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    char *in = support_path(f->folder, "in"), *away = support_path(f->folder, "away");
    const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
    sillok_limits_default(&limits);
    assert_int_equal(mkdir(in, 0700), 0);
    char *first = support_path(in, names[0]);
    support_write(first, "x", 1);
    assert_int_equal(utimensat(-1, first, old, 0), 0); /* it is whole for sure */
    assert_ok(source_open(&s, in, 1, &limits, NULL));
    entry_init(&e);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(source_next(s, &e), 1);
        assert_int_equal(e.kind, ENTRY_FILE);
        assert_true(text_is(text_make(e.path.ptr, e.path.len), names[i]));
        folder_drop(e.folder);
        if (i)
            continue;
        assert_int_equal(rename(in, away), 0);
        for (int k = 1; k < 3; k++) {
            char *path = support_path(away, names[k]);
            support_write(path, "x", 1);
            free(path);
        }
    }
    assert_int_equal(source_next(s, &e), 1);
    assert_int_equal(e.kind, ENTRY_FAILED);
    assert_string_equal(e.message, "the folder that is followed was removed or moved");
    assert_int_equal(source_next(s, &e), 0);
    entry_release(&e);
    source_close(s);
    free(first);
    free(in);
    free(away);
}

/* --- what is left to the end --- */

/* Two versions of an article in one batch are a step that no thread has seen. Of more
 * than are looked at in one turn, none is passed over. */
static void every_step_that_is_left_has_its_kind(void **state)
{
    enum { ARTICLES = 1024 + 76, STEPS = ARTICLES };
    struct support_fixture *f = *state;
    for (int i = 0; i < 2 * ARTICLES; i++)
        assert_ok(buf_printf(&f->lines,
                             "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":"
                             "\"2026-01-0%d 03:00:00\",\"title\":\"제목\",\"body\":"
                             "\"방문객은 %d명이었다.\"}\n",
                             i / 2, 5 + i % 2, 100 + i));
    char *path = support_path(f->folder, "줄.ndjson");
    const char *const paths[] = { path };
    support_write(path, f->lines.ptr, f->lines.len);
    const struct sillok_ingest_counts c = support_ingest(f->store, NULL, paths, 1);
    assert_int_equal(c.changed, STEPS);
    assert_int_equal(support_reindex(f->store, 1), 0);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(an_archive_is_taken_wholly_or_not_at_all),
        T(a_path_that_cannot_be_looked_at),
        T(a_stop_before_the_first_byte_is_the_end),
        T(one_folder_is_followed),
        T(a_folder_that_goes_away_is_read_to_its_end),
        T(every_step_that_is_left_has_its_kind),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
