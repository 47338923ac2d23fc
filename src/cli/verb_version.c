/* sillok version. */
#include "cli/cli.h"
#include "cli/out.h"

static const struct column columns[] = {
    { "version", "version" },
    { "rules_version", "rules" },
};

static int run(struct cli *cli, const void *args)
{
    (void)args;
    const struct cell cells[] = { cell_str(sillok_version()),
                                  cell_count(SILLOK_RULES_VERSION) };
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    int r;
    if (cli->json) {
        r = put_json(cli, json_of_cells(columns, cells, 2));
    } else {
        (void)buf_printf(&line, "sillok %s\n", sillok_version());
        r = put(&line);
    }
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

const struct verb verb_version = {
    .name = "version",
    .synopsis = "",
    .summary = "print the version",
    .help = "Print the version of the library that is used. --json has version, and "
            "rules_version, that of the rules by which changes get their kinds.",
    .examples = "sillok version|sillok 0.1.0\n",
    .formats = VERB_JSON,
    .run = run,
};
