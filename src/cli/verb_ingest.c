/*
 * sillok ingest: crawl files in.
 *
 * The library works and hands out events; here they become lines, a progress display,
 * JSON, and an exit code. A signal stops the work between two events.
 */
#include "base/file.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "cli/fmt.h"
#include "cli/heap.h"
#include "cli/named.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/reach.h"
#include "cli/stop.h"
#include "sillok/ingest.h"
#include "sillok/proof.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct ingest_args {
    const char *crawl, *profile;
    int dry_run, jobs, atomic, wait_s, no_cache, bulk, timings, follow;
};

enum { MAX_STAGES = 16 };

/* One run. */
enum { N_TOLD = 16, EACH_TOLD = 10 };

/* A note, and of how many files it was. */
struct told {
    char message[160];
    uint64_t n;
};

struct ingest {
    struct cli *cli;
    const struct ingest_args *args;
    struct sillok_ingest *in;
    struct sillok_profile *loaded; /* a profile from a file */
    struct progress progress;
    struct sillok_ingest_counts counts; /* the last that were committed */
    json_t *crawls;                     /* names, for the last line of --json */
    struct told told[N_TOLD];
    int invalid_names; /* of those, which are told with U+FFFD */
    struct sillok_ingest_timing timings[MAX_STAGES];
    int n_timings;                      /* 0: nobody asked */
    struct sillok_proof_sum signed_sum; /* size 0: nothing was signed */
    int signing;                        /* how that ended */
    int failed_sources;
    uint64_t n_strange; /* refused for what the profile asks for */
    uint64_t n_lacking; /* of those: a key, or a hash that is one */
    const struct sillok_profile *profile;
    int done;
    char *scratch; /* folder of the store of a dry run without one */
};

/* --- figures as JSON --- */

static const struct column count_columns[] = {
    { "files", NULL },         { "observations", NULL }, { "already", NULL },
    { "new_articles", NULL },  { "changed", NULL },      { "unchanged", NULL },
    { "new_bodies", NULL },    { "known_bodies", NULL }, { "refused", NULL },
    { "hash_mismatch", NULL }, { "conflicts", NULL },    { "bytes_read", NULL },
    { "bytes_stored", NULL },  { "seconds", NULL },      { "skipped", NULL },
    { "unknown_keys", NULL },  { "unread", NULL },
};
enum { N_COUNTS = sizeof(count_columns) / sizeof(count_columns[0]) };

static json_t *json_counts(const struct sillok_ingest_counts *c)
{
    const struct cell cells[] = {
        cell_count(c->files),        cell_count(c->observations),
        cell_count(c->already),      cell_count(c->new_articles),
        cell_count(c->changed),      cell_count(c->unchanged),
        cell_count(c->new_bodies),   cell_count(c->known_bodies),
        cell_count(c->refused),      cell_count(c->hash_mismatch),
        cell_count(c->conflicts),    cell_count(c->bytes_read),
        cell_count(c->bytes_stored), cell_real(c->seconds),
        cell_count(c->skipped),      cell_count(c->unknown_keys),
        cell_count(c->unread),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COUNTS,
                   "a cell for each column");
    return json_of_cells(count_columns, cells, N_COUNTS);
}

/* Without memory @p object is given up: -1. */
static int add_counts(json_t *object, const struct sillok_ingest_counts *c)
{
    json_t *counts = json_counts(c);
    const int r = counts ? json_object_update(object, counts) : -1;
    json_decref(counts);
    if (r < 0)
        json_decref(object);
    return r;
}

static const char *event_word(enum sillok_ingest_event_kind kind)
{
    switch (kind) {
    case SILLOK_INGEST_PROGRESS:
        return "progress";
    case SILLOK_INGEST_REFUSED:
        return "refused";
    case SILLOK_INGEST_MISMATCH:
        return "mismatch";
    case SILLOK_INGEST_CONFLICT:
        return "conflict";
    case SILLOK_INGEST_SKIPPED:
        return "skipped";
    case SILLOK_INGEST_NOTE:
        return "note";
    case SILLOK_INGEST_SOURCE_FAILED:
        return "source_failed";
    case SILLOK_INGEST_CRAWL_DONE:
        return "crawl_done";
    case SILLOK_INGEST_DONE:
        return "done";
    case SILLOK_INGEST_WAITING:
        return "waiting";
    }
    return "event";
}

static int put_event(struct ingest *g, const struct sillok_ingest_event *e)
{
    static const struct column columns[] = {
        { "event", NULL }, { "crawl", NULL },   { "name", NULL },
        { "code", NULL },  { "message", NULL },
    };
    const int figures = e->kind == SILLOK_INGEST_PROGRESS ||
                        e->kind == SILLOK_INGEST_CRAWL_DONE ||
                        e->kind == SILLOK_INGEST_WAITING;
    const struct cell cells[] = {
        cell_str(event_word(e->kind)),
        cell_str(e->crawl && *e->crawl ? e->crawl : NULL),
        cell_text(e->name),
        cell_str(e->code && *e->code ? e->code : NULL),
        cell_str(e->message),
    };
    json_t *object = json_of_cells(columns, cells, figures ? 2 : 5);
    if (object && figures && add_counts(object, &e->counts) < 0)
        object = NULL;
    return put_json(g->cli, object);
}

static json_t *json_timings(const struct ingest *g)
{
    json_t *all = json_object();
    int r = all ? 0 : -1;
    for (int i = 0; i < g->n_timings && r == 0; i++)
        r = json_object_set_new(all, g->timings[i].stage,
                                json_pack("{s:f,s:f}", "wall", g->timings[i].wall_s,
                                          "cpu", g->timings[i].cpu_s));
    if (r < 0)
        json_decref(all);
    return r < 0 ? NULL : all;
}

static int put_timings(const struct ingest *g)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    double wall = 0, cpu = 0;
    (void)buf_printf(&b, "%-10s %12s %12s\n", "stage", "wall ms", "cpu ms");
    for (int i = 0; i < g->n_timings; i++) {
        const struct sillok_ingest_timing *t = &g->timings[i];
        (void)buf_printf(&b, "%-10s %12.1f %12.1f\n", t->stage, t->wall_s * 1e3,
                         t->cpu_s * 1e3);
        wall += t->wall_s;
        cpu += t->cpu_s;
    }
    (void)buf_printf(&b, "%-10s %12.1f %12.1f\n", "all", wall * 1e3, cpu * 1e3);
    return put(&b);
}

/* A crawl may end several times in a run, where others lie between its sources. */
static int note_crawl(struct ingest *g, const char *name)
{
    json_t *text = json_text(text_of(name), &g->invalid_names), *other;
    size_t i;
    json_array_foreach(g->crawls, i, other)
    {
        if (!json_equal(text, other))
            continue;
        json_decref(text);
        return 0;
    }
    return json_array_append_new(g->crawls, text) < 0 ? fail_memory() : 0;
}

/* The last line: the figures of the whole run, no "event". */
static int put_last(struct ingest *g)
{
    json_t *object = json_object();
    int r = json_array_size(g->crawls) == 1
                ? json_object_set(object, "crawl", json_array_get(g->crawls, 0))
                : json_object_set_new(object, "crawl", json_null());
    if (r == 0 && add_counts(object, &g->counts) < 0)
        return fail_memory(); /* the object with it */
    r |= json_object_set(object, "crawls", g->crawls);
    if (g->invalid_names)
        r |= json_object_set_new(object, "invalid_utf8", json_true());
    r |= json_object_set_new(object, "dry_run", json_boolean(g->args->dry_run));
    if (g->n_timings)
        r |= json_object_set_new(object, "timings", json_timings(g));
    if (g->signed_sum.size)
        r |= json_object_set_new(object, "signed_entries",
                                 json_integer((json_int_t)g->signed_sum.size));
    if (!g->done)
        r |= json_object_set_new(object, "interrupted", json_true());
    if (r < 0) {
        json_decref(object);
        return fail_memory();
    }
    return put_json(g->cli, object);
}

/* --- lines for people --- */

/* "NAME: reason (code)" on stderr. */
static void say_event(struct ingest *g, const struct sillok_ingest_event *e)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    const char *code = e->code && *e->code ? e->code : event_word(e->kind);
    fmt_name(&line, e->name.len ? e->name : text_of(e->crawl));
    (void)buf_add_str(&line, ": ");
    (void)utf8_add_safe(&line, text_of(e->message), UTF8_FOLD_SPACE);
    (void)buf_printf(&line, " (%s)\n", code);
    progress_clear(&g->progress);
    put_before_talk();
    fwrite(line.ptr, 1, line.len, stderr);
}

/* The same of many files, as of a thousand with an empty body, is said of some and counted;
 * --json has each. */
static void say_note(struct ingest *g, const struct sillok_ingest_event *e)
{
    struct told *t = g->told;
    size_t i = 0;
    while (i < N_TOLD && t[i].n && strcmp(t[i].message, e->message) != 0)
        i++;
    if (i < N_TOLD && !t[i].n)
        snprintf(t[i].message, sizeof(t[i].message), "%s", e->message);
    if (i == N_TOLD || t[i].n++ < EACH_TOLD)
        say_event(g, e);
}

static void say_more(struct ingest *g)
{
    for (size_t i = 0; i < N_TOLD && g->told[i].n; i++) {
        if (g->told[i].n <= EACH_TOLD)
            continue;
        CLEANUP(buf_release) struct buf n = BUF_INIT;
        fmt_plural(&n, g->told[i].n - EACH_TOLD, "more file", "more files");
        cli_note(g->cli, "%.*s: %s", (int)n.len, n.ptr ? n.ptr : "", g->told[i].message);
    }
}

/* The things that files of another crawler fail on, those of this one in other years first. */
static void count_strange(struct ingest *g, const char *code)
{
    static const char *const codes[] = { "missing_key", "bad_hash", "no_heading",
                                         "no_footer" };
    enum { N_LACKING = 2 };
    for (size_t i = 0; code && i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(code, codes[i]) == 0) {
            g->n_strange++;
            g->n_lacking += i < N_LACKING;
        }
}

static void say_strange(struct ingest *g)
{
    const struct sillok_ingest_counts *c = &g->counts;
    if (c->refused == c->files && g->n_strange > c->refused / 2)
        cli_note(
            g->cli,
            "no file is as the profile '%s' says; what another crawler wrote is taken "
            "with a profile of its own, see 'sillok help ingest'",
            sillok_profile_name(g->profile));
    else if (g->n_lacking > EACH_TOLD)
        cli_note(g->cli,
                 "%llu files lack what the profile '%s' asks for; what the crawler wrote "
                 "before it was as it is now is taken with a profile of its own, see "
                 "'sillok help ingest'",
                 (unsigned long long)g->n_lacking, sillok_profile_name(g->profile));
}

static void add_some(struct buf *b, uint64_t n, const char *what)
{
    if (!n)
        return;
    (void)buf_add_str(b, ", ");
    fmt_count(b, n);
    (void)buf_printf(b, " %s", what);
}

/* "crawl-0: 8,109 files, 8,109 new, 0 changed, 0 unchanged" */
static int put_crawl(const char *crawl, const struct sillok_ingest_counts *c)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_name(&line, text_of(crawl ? crawl : "all"));
    (void)buf_add_str(&line, ": ");
    fmt_plural(&line, c->files, "file", "files");
    (void)buf_add_str(&line, ", ");
    fmt_count(&line, c->new_articles);
    (void)buf_add_str(&line, " new, ");
    fmt_count(&line, c->changed);
    (void)buf_add_str(&line, " changed, ");
    fmt_count(&line, c->unchanged);
    (void)buf_add_str(&line, " unchanged");
    add_some(&line, c->already, "known before");
    add_some(&line, c->refused, "refused");
    add_some(&line, c->hash_mismatch, "with another hash than declared");
    add_some(&line, c->conflicts, "in conflict");
    add_some(&line, c->unknown_keys, "with keys that are kept but not understood");
    add_some(&line, c->skipped, "skipped");
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

/* "122.6 MB read in 1.2 s, 38.0 MB stored" */
static int put_work(struct ingest *g)
{
    const struct sillok_ingest_counts *c = &g->counts;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_size(&line, c->bytes_read);
    (void)buf_add_str(&line, " read");
    if (c->unread) {
        (void)buf_add_str(&line, ", or known unread (");
        fmt_plural(&line, c->unread, "file", "files");
        (void)buf_add_str(&line, "),");
    }
    (void)buf_add_str(&line, " in ");
    fmt_duration(&line, c->seconds);
    if (c->seconds > 0.05) {
        (void)buf_add_str(&line, " (");
        fmt_count(&line, (uint64_t)((double)c->files / c->seconds));
        (void)buf_add_str(&line, " files/s)");
    }
    if (g->args->dry_run) {
        (void)buf_add_str(&line, "; a dry run, nothing is stored\n");
    } else {
        (void)buf_add_str(&line, ", store grown by ");
        fmt_size(&line, c->bytes_stored);
        (void)buf_add_str(&line,
                          g->args->bulk ? ", not packed: 'sillok compact' does\n" : "\n");
    }
    return put(&line);
}

/* --- events --- */

static void show_progress(struct ingest *g, const struct sillok_ingest_event *e)
{
    const struct progress_figures figures = {
        .label = e->crawl,
        .unit = "files",
        .n = e->counts.files,
        .bytes = e->counts.bytes_read,
        .new_articles = e->counts.new_articles,
        .changed = e->counts.changed,
        .has_articles = 1,
    };
    progress_show(&g->progress, &figures);
}

static int take_event(struct ingest *g, const struct sillok_ingest_event *e)
{
    int r = 0;
    if (g->cli->json && e->kind != SILLOK_INGEST_DONE) {
        progress_clear(&g->progress);
        r = put_event(g, e);
    }
    switch (e->kind) {
    case SILLOK_INGEST_PROGRESS:
        g->counts = e->counts;
        show_progress(g, e);
        if (r == 0) /* whoever reads it may count on the batch from now on */
            r = put_finish();
        break;
    case SILLOK_INGEST_SKIPPED:
        if (!g->cli->quiet)
            say_event(g, e);
        break;
    case SILLOK_INGEST_NOTE:
        if (!g->cli->quiet)
            say_note(g, e);
        break;
    case SILLOK_INGEST_REFUSED:
        count_strange(g, e->code);
        say_event(g, e);
        break;
    case SILLOK_INGEST_MISMATCH:
    case SILLOK_INGEST_CONFLICT:
        say_event(g, e);
        break;
    case SILLOK_INGEST_SOURCE_FAILED:
        g->failed_sources++;
        say_event(g, e);
        break;
    case SILLOK_INGEST_CRAWL_DONE:
        progress_clear(&g->progress);
        r = note_crawl(g, e->crawl ? e->crawl : "");
        if (r == 0 && !g->cli->json)
            r = put_crawl(e->crawl, &e->counts);
        if (r == 0)
            r = put_finish();
        break;
    case SILLOK_INGEST_DONE:
        g->counts = e->counts;
        g->done = 1;
        break;
    case SILLOK_INGEST_WAITING:
        progress_clear(&g->progress);
        cli_note(g->cli,
                 "what is in '%s' is taken in; more is waited for, a signal ends it",
                 g->cli->args[0]);
        if (r == 0)
            r = put_finish();
        break;
    }
    return r;
}

/* A store with a log and its key: what came is logged and signed. All files are in by
 * now, and what is not signed is signed with the next. Before the ingest is freed, which
 * remembers the state that the store is in for the next run over the same files. */
static int sign(struct ingest *g)
{
    struct sillok_proof_sign_options options = SILLOK_PROOF_SIGN_OPTIONS_INIT;
    struct sillok_store *store = g->cli->store;
    int r = g->done && !g->args->dry_run ? sillok_proof_exists(store) : 0;
    if (r == 0)
        return 0;
    if (r > 0)
        r = cli_checkpoint_copy(g->cli, &options.copy);
    if (r == 0)
        r = sillok_proof_sign(store, &options, &g->signed_sum);
    if (r == SILLOK_ENOTFOUND) {
        cli_note(g->cli, "nothing was signed: %s", sillok_error_message());
        return 0;
    }
    return r < 0 ? fail_context(r, "all files are in; not all is signed") : 0;
}

static int finish(struct ingest *g)
{
    progress_clear(&g->progress);
    int r = 0;
    say_more(g);
    say_strange(g);
    if (g->cli->json)
        r = put_last(g);
    else if (g->done && !g->cli->quiet)
        r = put_work(g);
    if (r == 0 && !g->cli->json && g->n_timings)
        r = put_timings(g);
    if (r < 0 || g->signing < 0)
        return cli_fail(g->cli, r < 0 ? r : g->signing);
    if (!g->done && stopped_by) {
        CLEANUP(buf_release) struct buf n = BUF_INIT;
        fmt_plural(&n, g->counts.files, "file is", "files are");
        cli_warn(g->cli,
                 "stopped by a signal: %.*s kept in %s, the same command goes on from "
                 "there",
                 (int)n.len, n.ptr ? n.ptr : "", g->cli->url);
        return 128 + stopped_by;
    }
    if (g->done && !g->counts.files && !g->counts.skipped && !g->failed_sources)
        cli_note(g->cli, "there was no file in what was given");
    /* A folder of archives, say: what was meant did not come in. */
    const int nothing = g->done && !g->counts.files && g->counts.skipped;
    return g->counts.refused || g->counts.conflicts || g->failed_sources || nothing
               ? EXIT_DIFFERS
               : EXIT_DONE;
}

/* --- beginning --- */

/* Before a store is made for them: are the paths there at all? */
static int check_paths(struct cli *cli)
{
    for (int i = 0; i < cli->n_args; i++) {
        struct stat st;
        if (strcmp(cli->args[i], "-") == 0 || lstat(cli->args[i], &st) == 0)
            continue;
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(SILLOK_ENOTFOUND, "there is no '%s'", cli->args[i]);
        return fail_errno("cannot look at '%s'", cli->args[i]);
    }
    return 0;
}

static int check_followed(struct cli *cli)
{
    struct stat st;
    if (cli->n_args > 1)
        return fail(SILLOK_EINVALID, "--follow takes one folder, not %d paths",
                    cli->n_args);
    if (stat(cli->args[0], &st) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s'", cli->args[0])
                   : fail_errno("cannot look at '%s'", cli->args[0]);
    if (!S_ISDIR(st.st_mode))
        return fail(SILLOK_EINVALID, "'%s' is not a folder, only one can be followed",
                    cli->args[0]);
    return 0;
}

static int choose_profile(struct ingest *g, const char *name)
{
    struct sillok_setting set;
    if (name)
        return named_profile(&g->loaded, &g->profile, name);
    int r = sillok_config_get(g->cli->config, "profile", &set);
    if (r == 0)
        r = named_profile(&g->loaded, &g->profile, set.value);
    return r < 0 ? fail_context(r, "the setting profile") : r;
}

/* A dry run writes and rolls back. Where there is no store, an empty one that is thrown
 * away will do. */
static int open_for_dry_run(struct ingest *g)
{
    const char *tmp = getenv("TMPDIR");
    const int r = cli_open(g->cli, CLI_WRITE, g->args->wait_s);
    if (r != SILLOK_ENOTFOUND)
        return r;
    if (!tmp || !*tmp)
        tmp = "/tmp";
    CLEANUP(free) char *scratch = file_in(tmp, "sillok-XXXXXX");
    CLEANUP(free) char *store = NULL;
    if (!scratch)
        return fail_memory();
    if (!mkdtemp(scratch))
        return fail_errno("cannot make a folder in '%s'", tmp);
    g->scratch = STEAL(scratch);
    if (!(store = file_in(g->scratch, "store")))
        return fail_memory();
    g->cli->scratch = g->scratch;
    int made = cli_load_config(g->cli);
    if (made == 0)
        made = reach_limit(g->cli, NULL);
    if (made < 0)
        return made;
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    options.create = 1;
    sillok_config_limits(g->cli->config, &options.limits);
    return sillok_store_open(&g->cli->store, store, &options);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

/* Of archives far more is in flight, in large pieces: there huge pages at once took a
 * fifth longer. */
static int reads_folders(const struct cli *cli)
{
    struct stat st;
    int all = 1;
    for (int i = 0; i < cli->n_args; i++)
        all &= stat(cli->args[i], &st) == 0 && S_ISDIR(st.st_mode);
    return all;
}

/* An archive is read to its end before it is taken in. */
static int check_atomic(const struct cli *cli)
{
    for (int i = 0; i < cli->n_args; i++)
        if (strcmp(cli->args[i], "-") == 0)
            return fail(
                SILLOK_EINVALID,
                "--atomic reads an archive to its end before it is taken in, and "
                "standard input can be read once: save it to a file, and name that");
    if (reads_folders(cli))
        return fail(SILLOK_EINVALID,
                    "--atomic is about archives: a folder is taken in file by file");
    return 0;
}

static int begin(struct ingest *g)
{
    struct sillok_ingest_options options = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_setting jobs;
    int r = g->args->follow ? check_followed(g->cli) : check_paths(g->cli);
    if (r == 0 && g->args->atomic)
        r = check_atomic(g->cli);
    if (r == 0 && g->args->crawl && !*g->args->crawl) /* before a store is made for it */
        r = fail(SILLOK_EINVALID, "--crawl: the name of the crawl is empty");
    /* The profile first, because its file is out of reach later. */
    (void)cli_locate(g->cli,
                     !g->args->dry_run); /* without one, a dry run has the defaults */
    if (r == 0)
        r = cli_load_config(g->cli);
    if (r == 0)
        r = choose_profile(g, g->args->profile);
    if (r == 0)
        r = g->args->dry_run ? open_for_dry_run(g)
                             : cli_open(g->cli, CLI_CREATE, g->args->wait_s);
    if (r < 0)
        return r;
    options.profile = g->profile;
    options.crawl = g->args->crawl;
    options.dry_run = g->args->dry_run;
    options.stop = &stopped_by;
    options.atomic_archive = g->args->atomic;
    options.no_cache = g->args->no_cache;
    options.bulk = g->args->bulk;
    options.timings = g->args->timings;
    options.follow = g->args->follow;
    options.jobs = g->args->jobs;
    if (!options.jobs && sillok_config_get(g->cli->config, "jobs", &jobs) == 0)
        options.jobs = (int)strtol(jobs.value, NULL, 10);
    heap_widen(reads_folders(g->cli));
    r = sillok_ingest_new(&g->in, g->cli->store, &options);
    for (int i = 0; i < g->cli->n_args && r == 0; i++)
        r = sillok_ingest_add(g->in, g->cli->args[i]);
    return r;
}

static int run(struct cli *cli, const void *args)
{
    struct ingest g = { .cli = cli, .args = args, .crawls = json_array() };
    struct sillok_ingest_event event;
    progress_init(&g.progress, cli);
    int r = begin(&g); /* who waits there for another process is ended by a signal */
    stop_catch();
    /* Following has no other end than a signal, and what has come by then is taken in. */
    while (r == 0 && (!stopped_by || g.args->follow) &&
           (r = sillok_ingest_next(g.in, &event)) > 0)
        r = take_event(&g, &event);
    if (r == SILLOK_ESTOPPED)
        r = 0; /* by the signal: it has its own words */
    if (r < 0)
        progress_clear(&g.progress);
    int code = r < 0 ? cli_fail(cli, r) : EXIT_DONE;
    if (r >= 0 && g.args->timings)
        g.n_timings = sillok_ingest_timings(g.in, g.timings, MAX_STAGES);
    g.signing = r >= 0 ? sign(&g) : 0;
    sillok_ingest_free(g.in); /* rolls an open batch back */
    if (r >= 0)
        code = finish(&g);
    sillok_profile_free(g.loaded);
    json_decref(g.crawls);
    if (g.scratch) {
        sillok_store_close(cli->store);
        cli->store = NULL;
        (void)nftw(g.scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* ours, and empty */
    }
    free(g.scratch);
    return code;
}

static const struct option_def options[] = {
    { "crawl", 0, OPTION_ONE, offsetof(struct ingest_args, crawl), "NAME", NULL,
      "name of the crawl; else each path gives its own: its last part without .tar.gz and "
      "the like, of a single file that of the folder it is in" },
    { "profile", 0, OPTION_PATH, offsetof(struct ingest_args, profile), "NAME|FILE.yaml",
      NULL, "how the crawler writes; else the setting 'profile', else naver" },
    { "dry-run", 'n', OPTION_FLAG, offsetof(struct ingest_args, dry_run), NULL, NULL,
      "read and judge everything, store nothing; of several crawls each is compared with "
      "the store and not with the others, but for a few thousand files, so what they share "
      "may be told as new in each" },
    { "jobs", 'j', OPTION_INT, offsetof(struct ingest_args, jobs), "N", NULL,
      "threads that read; else one for each processor" },
    { "atomic", 0, OPTION_FLAG, offsetof(struct ingest_args, atomic), NULL, NULL,
      "take in an archive wholly or not at all; not from standard input" },
    { "no-cache", 0, OPTION_FLAG, offsetof(struct ingest_args, no_cache), NULL, NULL,
      "read files again that are in and, by their times, unchanged" },
    { "bulk", 0, OPTION_FLAG, offsetof(struct ingest_args, bulk), NULL, NULL,
      "a first import that is to be fast: texts are not packed; 'sillok compact' does it" },
    { "timings", 0, OPTION_FLAG, offsetof(struct ingest_args, timings), NULL, NULL,
      "at the end, where the time went: each stage, summed over the threads" },
    { "follow", 'f', OPTION_FLAG, offsetof(struct ingest_args, follow), NULL, NULL,
      "PATH is one folder: then go on with what is written there, until a signal" },
    { "wait", 0, OPTION_SECONDS, offsetof(struct ingest_args, wait_s), "SECONDS", NULL,
      "while another process writes: wait, for ever or so long; else exit 5 at once" },
    { 0 },
};

const struct verb verb_ingest = {
    .name = "ingest",
    .synopsis = "PATH...",
    .summary = "take crawl files in",
    .help =
        "PATH is a crawl file, a folder (the files .md, .markdown and .txt in it and below; "
        "others, and links, are told and skipped), an archive of such files (.tar, "
        ".tar.gz, .tar.zst, .zip), a file of articles one a line (.ndjson, .jsonl), or - "
        "for a tar or NDJSON on standard input; what has come of lines that a crawler at work "
        "writes is safe a few seconds later. Where there is no store, one is made in "
        ".sillok.\n"
        "The order of files and of crawls does not matter: a late one falls into its "
        "place. Taking the same files in again changes nothing; those whose inode, size and "
        "times are what they were are counted and not read, unless --no-cache is given.\n"
        "A file that cannot be understood is refused: one line on standard error, NAME: "
        "reason (code), and its bytes are kept, unless it is too large; 'sillok refused' lists "
        "them. The others go "
        "on, and the exit code is 1: what can be taken in is in. So it is when an article has "
        "two contents at one time (both are kept), when a source ends early, or when there "
        "were files and none was a crawl file.\n"
        "With --profile, files of another crawler are taken: Markdown with YAML front matter, "
        "or NDJSON. Its file, YAML too, has a name and, where they are needed, zone (of a "
        "crawled_at without one: as --zone), template (none or naver), content_hash "
        "(optional, the ordinary case, or required), oid (of files that have none), and under fields "
        "what this crawler calls title, category, publisher, author, published_at, "
        "modified_at, url, crawled_at, oid, aid, content_hash, id and body; a key inside another "
        "with a dot, meta.section. Without --profile it is naver, the crawler of "
        "docs/format.md: template naver, content_hash required, times in UTC. Its files of "
        "before it wrote a hash, or with one that is no SHA-256, are taken with name: before, "
        "template: naver, content_hash: optional; one that writes Korean time wants zone: KST "
        "there.\n"
        "Where the store has a log ('sillok proof init'), what came is logged and signed at "
        "the end.\n"
        "What has been reported survives a power cut. After a stop by signal the same "
        "command goes on from there.\n"
        "With --follow a crawler may be at work in the folder. A file is taken in when its "
        "writer closes it, or renames it to its name (from one without .md, .markdown or "
        ".txt, say), and is safe on the disk a few seconds later; new folders are followed "
        "too. Ctrl-C or SIGTERM is the ordinary end: what has been read is kept, the figures "
        "are printed, and the next run takes in what came in between. Others can read the "
        "store meanwhile, not write to it. What other machines write to a network "
        "file system is not seen before the next run.\n"
        "With --bulk new texts and records are put in as they are, which takes half of the "
        "processor time and 2.5 times the place, until 'sillok compact' packs them as "
        "small as any: for the first import of an archive. All else is the same, and "
        "runs with and without may follow each other.\n"
        "--json prints the events as they come. Of a file: event ('refused', 'mismatch', "
        "'conflict', 'skipped', 'note'; 'source_failed' of a path or archive that ended "
        "early), crawl (null: none was begun), name, code (of a "
        "refusal; else null) and message. With figures: "
        "'progress' each time that a batch is safe "
        "on the disk, with the number of files up to then, with --follow 'waiting' once, when what "
        "was there is in but for files that were written in the two seconds before, which come "
        "when they have rested, 'crawl_done' with those of a crawl, and, as the last line and "
        "without event, those of the whole run: crawl (null unless there is one, see "
        "crawls), files, observations, already, new_articles, changed, unchanged, "
        "new_bodies, known_bodies, refused, hash_mismatch, conflicts, bytes_read, "
        "bytes_stored, seconds, skipped, unknown_keys, and unread: of those known already, the "
        "ones that were not read. The last line also has crawls (those that ended) and dry_run; "
        "interrupted, true, only after a stop by signal; signed_entries only where a "
        "log was signed; and with --timings timings: for each stage (scan, read, parse, hash, "
        "look_up, compress, write, commit, seal, wait, other) wall and cpu, in seconds summed "
        "over the threads.",
    .options = options,
    .examples =
        "sillok ingest crawl-0.tar.gz|take in an archive as crawl 'crawl-0'\n"
        "sillok ingest --crawl 2026-01-02 articles/|take in a folder under a name\n"
        "zcat old.tar.gz || sillok ingest --crawl old -|take in a stream\n"
        "sillok ingest --bulk archive/; sillok compact|a large first import\n"
        "crawler || sillok ingest --crawl \"$(date +%F)\" -|articles as they come, one a line\n"
        "sillok ingest --follow articles/|a folder that a crawler writes to\n"
        "sillok ingest --profile other.yaml theirs/|what another crawler wrote\n"
        "sillok ingest --dry-run --json new/ || tail -n 1|see what it would bring\n",
    .min_args = 1,
    .max_args = -1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON,
    .reach = REACH_STORE_WRITE | REACH_INPUT | REACH_CHECKPOINT,
    .args_size = sizeof(struct ingest_args),
    .run = run,
};
