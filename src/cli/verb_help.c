/* sillok help: all verbs, one verb, or the man page. */
#include "cli/cli.h"

#include "cli/manual.h"

struct help_args {
    int man;
};

static int run(struct cli *cli, const void *args)
{
    const struct help_args *a = args;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (a->man) {
        manual_page(&text);
    } else if (cli->n_args == 0) {
        manual_overview(&text);
    } else {
        const struct verb *verb = verb_named(cli->args[0]);
        if (!verb)
            return verb_unknown(cli, cli->args[0]);
        manual_verb(&text, verb);
    }
    const int r = put(&text);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "man", 0, OPTION_FLAG, offsetof(struct help_args, man), NULL, NULL,
      "print the whole manual as scdoc source" },
    { 0 },
};

const struct verb verb_help = {
    .name = "help",
    .synopsis = "[VERB]",
    .summary = "show help for a verb, or list them",
    .help =
        "Without VERB, list all verbs. The same text for one verb: 'sillok VERB --help'. All "
        "of it stands in sillok(1).",
    .options = options,
    .examples = "sillok help diff|everything about diff\n"
                "sillok help --man || scdoc >sillok.1|the man page\n",
    .max_args = 1,
    .operand = OPERAND_VERB,
    .args_size = sizeof(struct help_args),
    .run = run,
};
