/* sillok backup: a verified copy of the store, while it is in use. */
#include "cli/cli.h"

#include "cli/copying.h"
#include "cli/stop.h"

static int run(struct cli *cli, const void *args)
{
    struct sillok_copy *it = NULL;
    (void)args;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0) {
        stop_catch(); /* what is made aside is made from here on */
        r = sillok_backup_open(&it, cli->store, cli->args[0]);
    }
    return copying_run(cli, it, r);
}

const struct verb verb_backup = {
    .name = "backup",
    .synopsis = "DEST",
    .summary = "copy the store, verified, while it is in use",
    .help =
        "Everything in the store, as it is at this moment, goes into a new store at DEST. "
        "Readers and a writer go on meanwhile. Each page that is read is compared with its "
        "sum, and the copy is checked as by 'sillok verify' before it appears at DEST, "
        "whole or not at all. A plain copy of the files of a store that is being written to "
        "is no store.\n"
        "The copy has the id of the store, because it is the same record, and its settings. "
        "It has the present format, whatever the store has, which an older program may refuse; and "
        "no free pages, so it may be smaller. The indexes of near duplicates and of "
        "texts are not copied; the next 'find' or 'similar' makes them. The log of 'sillok "
        "proof' is, its secret key is not.\n"
        "If it is stopped by a signal, or fails, nothing is left; after a kill or a power cut "
        "DEST.new.XXXXXX may be, and can be removed. A damaged store is not copied (exit 4): "
        "'sillok verify' says what is hit, 'sillok salvage' gets out what is whole.\n"
        "--json: an object with dest, uuid, from_format, format, rows, articles, revisions, "
        "bodies, observations, refused, from_bytes, bytes.",
    .examples = "sillok backup /mnt/backup/news-monday|into a new folder\n"
                "sillok -s /mnt/backup/news-monday log 001/0000000001|ask the copy\n"
                "sillok backup --json DEST || jq .bytes|for a script\n",
    .min_args = 1,
    .max_args = 1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON,
    .reach = REACH_BESIDE,
    .run = run,
};
