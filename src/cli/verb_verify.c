/* sillok verify: everything checked against everything. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "sillok/audit.h"
#include "sillok/proof.h"

#include <stdlib.h>
#include <string.h>

struct verify_args {
    int fast;
    const char *subset;
};

/* One run. */
struct verify {
    struct cli *cli;
    struct progress progress;
    struct sillok_proof_verify *log; /* NULL: there is none to check, or see log_end */
    struct failure log_end;
    uint64_t damaged, checked;
    uint64_t before; /* rows checked before what is checked now */
};

static int put_damage(struct verify *v, const struct sillok_verify_event *e)
{
    static const struct column columns[] = { { "event", NULL },
                                             { "table", NULL },
                                             { "what", NULL } };
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    progress_clear(&v->progress);
    if (v->cli->json) {
        const struct cell cells[] = { cell_str("damage"), cell_str(e->table),
                                      cell_str(e->what) };
        return put_json(v->cli, json_of_cells(columns, cells, 3));
    }
    style_str(&line, &v->cli->term, STYLE_WARN, "damaged");
    (void)buf_printf(&line, " %s: ", e->table);
    (void)utf8_add_safe(&line, text_of(e->what), UTF8_FOLD_SPACE);
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static int take_event(struct verify *v, const struct sillok_verify_event *e)
{
    const struct progress_figures figures = { .unit = "rows",
                                              .n = v->before + e->checked,
                                              .total = v->before + e->total };
    v->checked = v->before + e->checked;
    if (e->damage) {
        v->damaged++;
        return put_damage(v, e);
    }
    progress_show(&v->progress, &figures);
    return 0;
}

/* The summary is data: the answer to the question. */
static int put_sum(struct verify *v)
{
    static const struct column columns[] = { { "checked", NULL },
                                             { "damaged", NULL },
                                             { "seconds", NULL } };
    const double seconds = progress_seconds(&v->progress);
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (v->cli->json) {
        const struct cell cells[] = { cell_count(v->checked), cell_count(v->damaged),
                                      cell_real(seconds) };
        return put_json(v->cli, json_of_cells(columns, cells, 3));
    }
    fmt_plural(&line, v->checked, "row", "rows");
    (void)buf_add_str(&line, " checked in ");
    fmt_duration(&line, seconds);
    (void)buf_add_str(&line, ": ");
    if (v->damaged) {
        fmt_plural(&line, v->damaged, "is damaged", "are damaged");
        (void)buf_add_char(&line, '\n');
    } else {
        (void)buf_add_str(&line, "all is well\n");
    }
    return put(&line);
}

/* "2/7" */
static int parse_subset(const char *text, struct sillok_verify_options *options)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end != '/' || text[0] < '0' || text[0] > '9')
        return -1;
    const char *of = end + 1;
    const unsigned long m = strtoul(of, &end, 10);
    if (end == of || *end || of[0] < '0' || of[0] > '9' || n < 1 || n > m || m > 1000000)
        return -1;
    options->subset = (uint32_t)n;
    options->subsets = (uint32_t)m;
    return 0;
}

/* The log beside the store, with the first part of a check in parts. It is opened before the
 * store is checked, which may take an hour: by then the store may have gone on in another
 * file, and the log with it. Why it cannot be is told behind what the store has to tell. */
static int open_log(struct verify *v, const struct sillok_verify_options *options)
{
    struct sillok_setting copy = { .value = "" };
    if (options->subset > 1)
        return 0;
    int r = sillok_config_get(v->cli->config, "checkpoint_copy", &copy);
    if (r == 0)
        r = sillok_proof_verify_open(&v->log, v->cli->store, options->fast,
                                     *copy.value ? copy.value : NULL);
    if (r == SILLOK_EBUSY)
        return r;
    failure_keep(&v->log_end, r);
    return 0;
}

static int check_log(struct verify *v)
{
    struct sillok_verify_event event;
    int r = v->log_end.code < 0 ? failure_tell(&v->log_end) : 0;
    v->before = v->checked;
    while (r == 0 && v->log && (r = sillok_proof_verify_next(v->log, &event)) > 0)
        r = take_event(v, &event);
    return r;
}

static int run(struct cli *cli, const void *args)
{
    const struct verify_args *a = args;
    struct verify v = { .cli = cli };
    struct sillok_verify_options options = SILLOK_VERIFY_OPTIONS_INIT;
    struct sillok_verify *it = NULL;
    struct sillok_verify_event event;
    options.fast = a->fast;
    if (a->subset && parse_subset(a->subset, &options) < 0)
        return cli_usage(cli, "--subset %.40s: write part n of m as n/m, from 1/m to m/m",
                         a->subset);
    progress_init(&v.progress, cli);
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = open_log(&v, &options);
    if (r == 0)
        r = sillok_verify_open(&it, cli->store, &options);
    while (r == 0 && (r = sillok_verify_next(it, &event)) > 0)
        r = take_event(&v, &event);
    sillok_verify_close(it);
    if (r == 0)
        r = check_log(&v);
    sillok_proof_verify_close(v.log);
    progress_clear(&v.progress);
    if (r == 0)
        r = put_sum(&v);
    if (r < 0)
        return cli_fail(cli, r);
    return v.damaged ? EXIT_DAMAGED : EXIT_DONE;
}

static const struct option_def options[] = {
    { "fast", 0, OPTION_FLAG, offsetof(struct verify_args, fast), NULL, NULL,
      "sizes, counters and references; bodies are not read" },
    { "subset", 0, OPTION_TEXT, offsetof(struct verify_args, subset), "N/M", NULL,
      "only part N of M of the bodies and articles: all of them over M runs" },
    { 0 },
};

const struct verb verb_verify = {
    .name = "verify",
    .synopsis = "",
    .summary = "check the store against itself",
    .help =
        "Every body is unpacked and hashed, every reference followed, every derived table "
        "compared with what it comes from. A line for each damage names the articles and "
        "bodies it touches; exit 4 if there is any. Writers may go on meanwhile.\n"
        "Where the store has a log ('sillok proof'), it is checked too: against itself, "
        "against what was signed, and against the store; the first entry that is not what "
        "was logged is named. With --fast it is not compared with the store, with --subset "
        "it is checked in part 1.\n"
        "--json: an object with event 'damage', table (page, version, body, hash, article, log, "
        "class, crawl, refusal, proof) and what for each, and as the last line checked, damaged, "
        "seconds.",
    .options = options,
    .examples = "sillok verify|everything\n"
                "sillok verify --fast|in a moment\n"
                "sillok verify --subset 1/7|a seventh, for each day of the week\n",
    .formats = VERB_JSON,
    .reach = REACH_STORE | REACH_CHECKPOINT,
    .args_size = sizeof(struct verify_args),
    .run = run,
};
