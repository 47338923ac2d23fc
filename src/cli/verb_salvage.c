/* sillok salvage: what is whole out of a damaged store, into a new one. */
#include "cli/cli.h"

#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/reach.h"
#include "cli/stop.h"
#include "sillok/audit.h"

/* One run. */
struct salvage {
    struct cli *cli;
    struct progress progress;
    uint64_t lost;
};

static int put_lost(struct salvage *s, const struct sillok_salvage_event *e)
{
    static const struct column columns[] = { { "event", NULL }, { "what", NULL } };
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    progress_clear(&s->progress);
    if (s->cli->json) {
        const struct cell cells[] = { cell_str("lost"), cell_str(e->what) };
        return put_json(s->cli, json_of_cells(columns, cells, 2));
    }
    style_str(&line, &s->cli->term, STYLE_WARN, "lost");
    (void)buf_add_char(&line, ' ');
    (void)utf8_add_safe(&line, text_of(e->what), UTF8_FOLD_SPACE);
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static int take_event(struct salvage *s, const struct sillok_salvage_event *e)
{
    const struct progress_figures figures = { .unit = "rows",
                                              .n = e->done,
                                              .total = e->total };
    if (e->lost) {
        s->lost++;
        return put_lost(s, e);
    }
    progress_show(&s->progress, &figures);
    return 0;
}

static int put_sum(struct salvage *s, const struct sillok_salvage_sum *sum)
{
    static const struct column columns[] = {
        { "pages", NULL },        { "damaged_pages", NULL },
        { "observations", NULL }, { "observations_lost", NULL },
        { "bodies", NULL },       { "loose_bodies", NULL },
        { "refusals", NULL },     { "refusals_lost", NULL },
        { "files_lost", NULL },
    };
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (s->cli->json) {
        const struct cell cells[] = {
            cell_count(sum->pages),        cell_count(sum->damaged_pages),
            cell_count(sum->observations), cell_count(sum->observations_lost),
            cell_count(sum->bodies),       cell_count(sum->loose_bodies),
            cell_count(sum->refusals),     cell_count(sum->refusals_lost),
            cell_count(sum->files_lost),
        };
        return put_json(s->cli, json_of_cells(columns, cells, 9));
    }
    fmt_plural(&line, sum->observations, "observation", "observations");
    (void)buf_add_str(&line, " of ");
    fmt_plural(&line, sum->bodies, "body", "bodies");
    (void)buf_add_str(&line, " brought out, ");
    fmt_plural(&line, sum->observations_lost, "observation lost", "observations lost");
    (void)buf_add_char(&line, '\n');
    if (sum->refusals + sum->refusals_lost) {
        fmt_plural(&line, sum->refusals, "refused file", "refused files");
        (void)buf_printf(&line, " brought out, %llu lost\n",
                         (unsigned long long)sum->refusals_lost);
    }
    if (sum->files_lost) {
        fmt_plural(&line, sum->files_lost, "file is", "files are");
        (void)buf_add_str(&line, " there as an article only, not byte for byte\n");
    }
    if (sum->loose_bodies) {
        fmt_plural(&line, sum->loose_bodies, "body is", "bodies are");
        (void)buf_printf(&line, " whole, but no article says whose: %s/bodies/HASH\n",
                         s->cli->args[0]);
    }
    return put(&line);
}

/* 1: a signal came before all was done, and nothing will be there. */
static int bring_out(struct salvage *s, struct sillok_salvage *it)
{
    struct sillok_salvage_event event;
    int r = 1;
    while (!stopped_by && (r = sillok_salvage_next(it, &event)) > 0 &&
           (r = take_event(s, &event)) == 0)
        r = 1;
    return r;
}

static int end(struct salvage *s, const struct sillok_salvage *it, int r)
{
    if (r > 0) {
        cli_warn(s->cli, "stopped by a signal: nothing was made at '%s'",
                 s->cli->args[0]);
        return 128 + stopped_by;
    }
    if (r == 0)
        r = put_sum(s, sillok_salvage_sum(it));
    if (r < 0)
        return cli_fail(s->cli, r);
    return s->lost ? EXIT_DIFFERS : EXIT_DONE;
}

static int run(struct cli *cli, const void *args)
{
    struct salvage s = { .cli = cli };
    struct sillok_salvage *it = NULL;
    const char *from;
    (void)args;
    int r = cli_locate_folder(cli, &from);
    progress_init(&s.progress, cli);
    if (r == 0)
        r = reach_limit(cli, from);
    if (r == 0) {
        stop_catch(); /* what is made aside is made from here on */
        r = sillok_salvage_open(&it, from, cli->args[0]);
    }
    if (r == 0)
        r = bring_out(&s, it);
    progress_clear(&s.progress);
    const int code = end(&s, it, r);
    sillok_salvage_close(it);
    return code;
}

const struct verb verb_salvage = {
    .name = "salvage",
    .synopsis = "DEST",
    .summary = "get what is whole out of a damaged store, into a new one",
    .help =
        "Everything in the store that still has its hash or checksum goes into a new store at "
        "DEST, byte for byte, however damaged the old one is: its headers, its list of tables "
        "and whole parts of the file may be gone. The old store is only read. One of a later format "
        "than this program's is left alone (exit 2).\n"
        "A line for each thing that is lost, as far as its name is left; exit 1 if there is any. "
        "Bodies that are whole but of which nothing says what article they were become files "
        "DEST/bodies/HASH. The settings (config.yaml) come along, the log ('sillok proof') and "
        "its checkpoint_copy do not. The new store has an id of its own; 'sillok verify' with -s DEST should find "
        "nothing. What crawl files are still there, taken in again with -s DEST under the "
        "same names of crawls, bring back what is lost of them.\n"
        "If it is stopped by a signal, or fails, nothing is left; after a kill or a power cut "
        "DEST.new.XXXXXX may be, and can be removed.\n"
        "--json: an object with event 'lost' and what for each, and as the last line pages, "
        "damaged_pages, observations (a file that several crawls have counts in each, as in "
        "'crawls', and not once, as in 'stats'), observations_lost, bodies, loose_bodies, "
        "refusals, refusals_lost, files_lost.",
    .examples = "sillok salvage rescued|from the store here into the new store rescued\n"
                "sillok -s /srv/news.sillok salvage /mnt/rescued|from and to elsewhere\n",
    .min_args = 1,
    .max_args = 1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON,
    .reach = REACH_BESIDE,
    .run = run,
};
