#include "cli/copying.h"

#include "cli/fmt.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/stop.h"

/* Of enum sillok_copy_phase. */
static const char *const units[] = { [SILLOK_COPY_ROWS] = "rows copied",
                                     [SILLOK_COPY_DERIVE] = "rows derived",
                                     [SILLOK_COPY_VERIFY] = "rows checked",
                                     [SILLOK_COPY_SAMPLE] = "rows copied" };

int copying_json(struct cli *cli, const char *what, const char *path,
                 const struct sillok_copy_sum *sum)
{
    const struct column columns[] = {
        { what, NULL },        { "uuid", NULL },       { "from_format", NULL },
        { "format", NULL },    { "rows", NULL },       { "articles", NULL },
        { "revisions", NULL }, { "bodies", NULL },     { "observations", NULL },
        { "refused", NULL },   { "from_bytes", NULL }, { "bytes", NULL },
    };
    const struct cell cells[] = {
        cell_str(path),
        cell_str(sum->uuid),
        cell_count((uint64_t)sum->from_format),
        cell_count((uint64_t)sum->format),
        cell_count(sum->rows),
        cell_count(sum->articles),
        cell_count(sum->revisions),
        cell_count(sum->bodies),
        cell_count(sum->observations),
        cell_count(sum->refused),
        cell_count(sum->from_bytes),
        cell_count(sum->bytes),
    };
    return put_json(cli, json_of_cells(columns, cells, 12));
}

static int put_sum(struct cli *cli, const struct sillok_copy_sum *sum)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (cli->json)
        return copying_json(cli, "dest", cli->args[0], sum);
    fmt_name(&line, text_of(cli->args[0]));
    (void)buf_add_str(&line, ": ");
    fmt_plural(&line, sum->articles, "article", "articles");
    (void)buf_add_str(&line, ", ");
    fmt_plural(&line, sum->observations, "observation", "observations");
    (void)buf_add_str(&line, ", ");
    fmt_plural(&line, sum->bodies, "body", "bodies");
    if (sum->refused) {
        (void)buf_add_str(&line, ", ");
        fmt_plural(&line, sum->refused, "refused file", "refused files");
    }
    (void)buf_add_str(&line, "; ");
    fmt_size(&line, sum->bytes);
    if (sum->from_format != sum->format)
        (void)buf_printf(&line, ", format %d (was %d)", sum->format, sum->from_format);
    (void)buf_add_str(&line, "; verified\n");
    return put(&line);
}

static int end(struct cli *cli, const struct sillok_copy *it, int r)
{
    if (r == 0)
        r = put_sum(cli, sillok_copy_sum(it));
    if (r > 0) {
        cli_warn(cli, "stopped by a signal: nothing was made at '%s'", cli->args[0]);
        return 128 + stopped_by;
    }
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

int copying_go(struct cli *cli, struct sillok_copy *it, int r)
{
    struct progress progress;
    struct sillok_copy_event event;
    progress_init(&progress, cli);
    if (r == 0 && !stopped_by)
        stop_catch();
    while (r == 0 && (r = sillok_copy_next(it, &event)) > 0 && !stopped_by) {
        const struct progress_figures figures = { .unit = units[event.phase],
                                                  .n = event.done,
                                                  .total = event.total };
        progress_show(&progress, &figures);
        r = 0;
    }
    progress_clear(&progress);
    return r;
}

int copying_run(struct cli *cli, struct sillok_copy *it, int r)
{
    const int code = end(cli, it, copying_go(cli, it, r));
    sillok_copy_close(it);
    return code;
}
