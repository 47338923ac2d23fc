/* The table, and how one of it is run. */
#include "scenarios/parts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
