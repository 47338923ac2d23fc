/* sillok migrate: a store of an older format into a new one of the present. */
#include "cli/cli.h"

#include "cli/copying.h"
#include "cli/reach.h"
#include "cli/stop.h"

static int run(struct cli *cli, const void *args)
{
    struct sillok_copy *it = NULL;
    struct sillok_limits limits;
    const char *from;
    (void)args;
    int r = cli_locate_folder(cli, &from);
    if (r == 0)
        r = cli_load_config(cli);
    if (r == 0)
        r = reach_limit(cli, from);
    if (r == 0) {
        sillok_config_limits(cli->config, &limits);
        stop_catch(); /* what is made aside is made from here on */
        r = sillok_migrate_open(&it, from, cli->args[0], &limits);
    }
    return copying_run(cli, it, r);
}

const struct verb verb_migrate = {
    .name = "migrate",
    .synopsis = "DEST",
    .summary = "make a store of the present format of one of an older",
    .help =
        "A store of an older format is not written to; its content goes into a new store of "
        "the present format at DEST. What the older format did not keep is derived, and the "
        "new store is checked as by 'sillok verify' before it appears, whole or not at all. "
        "The old store is only read and stays as it is; it must not be written to "
        "meanwhile. All answers are the same as before, and so is the id.\n"
        "A store of format 2 or later is left alone (exit 2): this program goes on with it, "
        "and 'sillok compact' gives it the present format. So is one of a newer format than "
        "that (exit 2). A damaged store is not migrated (exit 4): 'sillok salvage' gets out what "
        "is whole.\n"
        "--json: an object with dest, uuid, from_format, format, rows, articles, revisions, "
        "bodies, observations, refused, from_bytes, bytes.",
    .examples =
        "sillok migrate news-2.sillok|the store here, in the present format\n"
        "sillok -s /srv/old.sillok migrate /srv/new.sillok|from and to elsewhere\n",
    .min_args = 1,
    .max_args = 1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON,
    .reach = REACH_BESIDE,
    .run = run,
};
