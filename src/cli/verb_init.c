/* sillok init: an empty store. */
#include "cli/cli.h"
#include "cli/out.h"

#include <stdlib.h>
#include <string.h>

static const struct column columns[] = { { "store", "store" } };

static int run(struct cli *cli, const void *args)
{
    (void)args;
    if (cli->n_args == 1) {
        if (cli->store_option)
            return cli_usage(cli, "give the store once: as PATH or with -s");
        cli->store_option = cli->args[0];
    }
    /* Unlike other verbs it does not look upwards: a store is made where one stands. */
    const char *env = getenv("SILLOK_STORE");
    if (!cli->store_option && !(env && *env))
        cli->store_option = ".sillok";
    const char *url = cli_locate(cli, 1);
    if (!url)
        return cli_fail(cli, fail_memory());
    int r = sillok_store_create(url);
    if (r == 0 && cli->json) {
        const struct cell cell = cell_str(url);
        r = put_json(cli, json_of_cells(columns, &cell, 1));
    }
    if (r < 0)
        return cli_fail(cli, r);
    cli_note(cli, "made an empty store in %s", url);
    return EXIT_DONE;
}

const struct verb verb_init = {
    .name = "init",
    .synopsis = "[PATH]",
    .summary = "make an empty store",
    .help =
        "Make an empty store at PATH, else where -s or $SILLOK_STORE says, else in .sillok "
        "in the current folder. It appears whole or not at all. Something that is there "
        "already is never touched (exit 2).\n"
        "'ingest' makes a store by itself where there is none.",
    .examples = "sillok init|a store for this folder and those below\n"
                "sillok init /srv/news.sillok|a store elsewhere, to be named with -s\n",
    .max_args = 1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON,
    .run = run,
};
