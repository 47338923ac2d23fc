/* A folder that is followed: what is in it, then what is written there, each file once
 * and none before it is whole. */
#include "support.h"

#include "ingest/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile int asked;
static const struct source_stop stop = { .asked = &asked };

struct followed {
    char *folder; /* DIR/in is followed; DIR is for what is moved */
    struct source *source;
    struct buf told; /* "FILE path", "SKIP path: message" ..., a line each */
};

static void make_folder(const struct followed *f, const char *name)
{
    char *path = support_path(f->folder, name);
    assert_int_equal(mkdir(path, 0777), 0);
    free(path);
}

/* Written long ago, so that it is whole for sure. */
static void make_old(const struct followed *f, const char *name)
{
    char *path = support_path(f->folder, name);
    const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
    support_write(path, "x", 1);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    free(path);
}

static void make(const struct followed *f, const char *name)
{
    char *path = support_path(f->folder, name);
    support_write(path, "x", 1);
    free(path);
}

static void move(const struct followed *f, const char *from, const char *to)
{
    char *a = support_path(f->folder, from), *b = support_path(f->folder, to);
    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

static void setup(struct followed *f)
{
    asked = 0;
    f->folder = support_folder();
    f->source = NULL;
    buf_init(&f->told, BUF_CEILING);
    make_folder(f, "in");
}

static void begin(struct followed *f)
{
    struct sillok_limits limits;
    char *in = support_path(f->folder, "in");
    sillok_limits_default(&limits);
    limits.folder_depth = 3;
    assert_ok(source_open(&f->source, in, 1, &limits, &stop));
    assert_string_equal(source_crawl(f->source), "in");
    free(in);
}

static void end(struct followed *f)
{
    source_close(f->source);
    buf_release(&f->told);
    support_remove(f->folder);
}

/* A line for an entry; a file must be there to be opened. */
static void tell(struct followed *f, struct entry *e)
{
    static const char *const kinds[] = { "?",    "FILE",   "BYTES", "LINE",
                                         "SKIP", "REFUSE", "FAILED" };
    const int is_told = e->kind != ENTRY_FILE;
    (void)buf_printf(&f->told, "%s %.*s%s%s\n", kinds[e->kind], (int)e->path.len,
                     e->path.ptr, is_told ? ": " : "", is_told ? e->message : "");
    if (is_told)
        return;
    const int fd = openat(e->folder->fd, e->name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    folder_drop(e->folder);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* What comes next, sorted, is @p expected, within some seconds; nothing: for one. What
 * comes besides shows when the next is asked for. */
static void assert_comes(struct followed *f, const char *expected)
{
    const size_t many = count_lines(expected);
    struct entry e;
    char *lines[64] = { NULL };
    size_t n = 0;
    entry_init(&e);
    buf_clear(&f->told);
    for (int waits = 0; waits < (many ? 8 : 1) && (!many || n < many);) {
        const int r = source_next(f->source, &e);
        assert_true(r > 0);
        waits += r == SOURCE_LATER;
        n += r == 1;
        if (r == 1)
            tell(f, &e);
    }
    entry_release(&e);
    (void)buf_add_char(&f->told, '\0');
    char *rest = f->told.ptr;
    n = 0;
    for (char *line; (line = strtok_r(NULL, "\n", &rest)) && n < 64;)
        lines[n++] = line;
    qsort(lines, n, sizeof(*lines), compare_lines);
    CLEANUP(buf_release) struct buf sorted = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        (void)buf_printf(&sorted, "%s\n", lines[i]);
    (void)buf_add_char(&sorted, '\0');
    assert_string_equal(sorted.ptr, expected);
}

static void test_listed_then_written(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    make_folder(&f, "in/가");
    make_old(&f, "in/1.md");
    make_old(&f, "in/가/2.md");
    make_old(&f, "in/notes");
    begin(&f);
    assert_comes(&f, "FILE 1.md\nFILE 가/2.md\n"
                     "SKIP notes: not a crawl file (.md, .markdown, .txt)\n");
    assert_comes(&f, "");
    make(&f, "in/3.md");
    make(&f, "in/가/4.txt");
    make(&f, "in/notes");      /* a file of others, written again */
    make(&f, "in/.hidden.md"); /* begins like a hidden one, but is a crawl file */
    make(&f, "in/.hidden");
    assert_comes(&f, "FILE .hidden.md\nFILE 3.md\nFILE 가/4.txt\n");
    make(&f, "in/3.md");
    assert_comes(&f, "FILE 3.md\n");
    end(&f);
}

/* Written under another name, then renamed, as careful crawlers do; and what else gives a
 * file its name. */
static void test_names(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    begin(&f);
    assert_comes(&f, "");
    make(&f, "in/1.md.part");
    assert_comes(&f, "");
    move(&f, "in/1.md.part", "in/1.md");
    assert_comes(&f, "FILE 1.md\n");
    make_old(&f, "2.md");
    move(&f, "2.md", "in/2.md");
    assert_comes(&f, "FILE 2.md\n");
    char *link_name = support_path(f.folder, "in/3.md");
    assert_int_equal(symlink("2.md", link_name), 0);
    free(link_name);
    char *fifo = support_path(f.folder, "in/4.md");
    assert_int_equal(mkfifo(fifo, 0666), 0);
    free(fifo);
    make(&f, "in/5.tar.gz");
    assert_comes(
        &f, "SKIP 3.md: a symbolic link, not followed\n"
            "SKIP 4.md: not a regular file\n"
            "SKIP 5.tar.gz: a file of many articles inside a folder; name it itself\n");
    make(&f, "in/6.md");
    move(&f, "in/6.md", "6.md");
    assert_comes(&f, "SKIP 6.md: gone before it was read\n");
    end(&f);
}

/* What a listing finds fresh may be half written. It is taken when it has rested, or when
 * it is closed, not both. */
static void test_half_written(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    make(&f, "in/1.md"); /* closed before anybody watched */
    begin(&f);
    assert_comes(&f, "");
    assert_comes(&f, "FILE 1.md\n");

    char *path = support_path(f.folder, "in/2.md");
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    make_folder(&f, "in/a"); /* listed */
    for (int i = 0; i < 4; i++) {
        assert_true(fputs("half ", out) >= 0 && fflush(out) == 0);
        assert_comes(&f, "");
    }
    assert_int_equal(fclose(out), 0);
    assert_comes(&f, "FILE 2.md\n");
    assert_comes(&f, "");
    assert_comes(&f, "");
    assert_comes(&f, "");
    free(path);
    end(&f);
}

/* Nobody closes a file under a name that link(2) gives it. */
static void test_linked(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    begin(&f);
    assert_comes(&f, "");
    make(&f, "outside");
    char *from = support_path(f.folder, "outside"),
         *to = support_path(f.folder, "in/1.md");
    assert_int_equal(link(from, to), 0);
    assert_comes(&f, "FILE 1.md\n");
    free(from);
    free(to);
    end(&f);
}

static void test_folders(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    begin(&f);
    assert_comes(&f, "");
    make_folder(&f, "in/a");
    make_folder(&f, "in/a/b");
    make_old(&f, "in/a/b/1.md"); /* perhaps before the folder is watched */
    assert_comes(&f, "FILE a/b/1.md\n");
    make(&f, "in/a/b/2.md");
    assert_comes(&f, "FILE a/b/2.md\n");

    make_folder(&f, "c");
    make_old(&f, "c/3.md");
    move(&f, "c", "in/c");
    assert_comes(&f, "FILE c/3.md\n");
    make(&f, "in/c/4.md");
    assert_comes(&f, "FILE c/4.md\n");

    /* Inside: its files have other names now; the old path is nobody's, then another's.
     */
    move(&f, "in/c", "in/d");
    assert_comes(&f, "FILE d/3.md\n"); /* 4.md is fresh and rests */
    assert_comes(&f, "FILE d/4.md\n");
    make(&f, "in/d/5.md");
    assert_comes(&f, "FILE d/5.md\n");
    make_folder(&f, "in/c");
    make(&f, "in/c/6.md");
    assert_comes(&f, "FILE c/6.md\n");

    /* Away: no longer followed. */
    move(&f, "in/d", "e");
    make(&f, "e/7.md");
    assert_comes(&f, "");

    make_folder(&f,
                "in/a/b/x"); /* the fourth with the root, by an event and by listing */
    assert_comes(&f, "SKIP a/b/x: folders nested too deep (limits.folder_depth)\n");
    make_folder(&f, "x");
    make_folder(&f, "x/y");
    make_folder(&f, "x/y/z");
    move(&f, "x", "in/x");
    assert_comes(&f, "SKIP x/y/z: folders nested too deep (limits.folder_depth)\n");
    make_folder(&f, "in/8.md");
    assert_comes(&f, "SKIP 8.md: not a regular file\n");
    end(&f);
}

/* A folder in the place of one that a file was just opened in. */
static void test_replaced_folder(void **state)
{
    struct followed f;
    (void)state;
    setup(&f);
    make_folder(&f, "in/a");
    begin(&f);
    assert_comes(&f, "");
    make(&f, "in/a/1.md");
    assert_comes(&f, "FILE a/1.md\n");
    make_folder(&f, "b");
    make_old(&f, "b/2.md");
    move(&f, "in/a", "away");
    move(&f, "b", "in/a");
    make(&f, "in/a/3.md");
    assert_comes(&f, "FILE a/2.md\n");
    make(&f, "in/a/4.md");
    make(&f, "in/a/3.md");
    assert_comes(&f, "FILE a/3.md\nFILE a/4.md\n");
    end(&f);
}

/* More than the kernel keeps for one who does not listen. */
static void test_overflow(void **state)
{
    struct followed f;
    struct entry e;
    long limit = 0;
    int r = 0;
    size_t n = 0, n_waits = 0;
    char name[40];
    FILE *in = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
    (void)state;
    if (in && fgets(name, sizeof(name), in))
        limit = strtol(name, NULL, 10);
    if (in)
        fclose(in);
    if (limit < 1 || limit > 100000)
        skip(); /* it would take too long */
    setup(&f);
    begin(&f);
    assert_comes(&f, "");
    const size_t many = (size_t)limit / 2 + 100; /* created and closed: two events each */
    for (size_t i = 0; i < many; i++) {
        snprintf(name, sizeof(name), "in/%06zu.md", i);
        make_old(&f, name);
    }
    char *seen = calloc(many + 1, 1);
    assert_non_null(seen);
    entry_init(&e);
    while (n < many && n_waits < 8 && (r = source_next(f.source, &e)) > 0) {
        n_waits += r == SOURCE_LATER;
        if (r == 1) {
            assert_int_equal(e.kind, ENTRY_FILE);
            folder_drop(e.folder);
            const unsigned long i = strtoul(e.path.ptr, NULL, 10);
            assert_true(i < many);
            n += !seen[i];
            seen[i] = 1;
        }
    }
    assert_int_equal(n, many);
    entry_release(&e);
    free(seen);
    end(&f);
}

/* The end: when it is to stop, and when there is nothing to follow any more. */
static void test_end(void **state)
{
    struct followed f;
    struct entry e;
    (void)state;
    setup(&f);
    begin(&f);
    assert_comes(&f, "");
    asked = 1;
    entry_init(&e);
    assert_int_equal(source_next(f.source, &e), 0);
    asked = 0;
    make(&f, "in/1.md");
    assert_comes(&f, "FILE 1.md\n");
    make_folder(&f, "in/a");
    make(&f, "in/a/2.md");
    move(&f, "in", "out");
    int r = source_next(f.source, &e);
    for (; r == 1 && e.kind != ENTRY_FAILED; r = source_next(f.source, &e))
        if (e.kind == ENTRY_FILE)
            folder_drop(e.folder);
    assert_int_equal(r, 1);
    assert_string_equal(e.message, "the folder that is followed was removed or moved");
    assert_int_equal(source_next(f.source, &e), 0);
    entry_release(&e);
    end(&f);
}

static void test_not_to_be_followed(void **state)
{
    struct followed f;
    struct sillok_limits limits = { 0 };
    struct source *s = NULL;
    (void)state;
    setup(&f);
    make(&f, "1.md");
    char *path = support_path(f.folder, "1.md");
    assert_int_equal(source_open(&s, path, 1, &limits, &stop), SILLOK_EINVALID);
    assert_int_equal(source_open(&s, "/nonexistent", 1, &limits, &stop),
                     SILLOK_ENOTFOUND);
    free(path);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_then_written),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_half_written),
        cmocka_unit_test(test_linked),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_replaced_folder),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_not_to_be_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
