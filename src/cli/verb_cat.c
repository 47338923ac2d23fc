/* sillok cat: a body's bytes. */
#include "cli/cli.h"

struct cat_args {
    int raw;
};

static int run(struct cli *cli, const void *args)
{
    const struct cat_args *a = args;
    struct sillok_id id;
    char *data = NULL;
    size_t len = 0;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_in_store(cli,
                         sillok_body_get(cli->store, cli->args[0], &data, &len, &id));
    if (r == 0)
        r = put_content(cli, data, len, a->raw);
    sillok_free(data);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "raw", 0, OPTION_FLAG, offsetof(struct cat_args, raw), NULL, NULL,
      "to a terminal too, the very bytes" },
    { 0 },
};

const struct verb verb_cat = {
    .name = "cat",
    .synopsis = "HASH",
    .summary = "print a body by its hash",
    .help =
        "HASH is a content hash or a start of one, at least 4 hex digits, that fits one body "
        "only. The body comes out byte for byte and is checked against its hash; on a "
        "terminal control characters are made visible, unless --raw.",
    .options = options,
    .examples = "sillok cat 147e80dd|a body by the start of its hash\n"
                "sillok cat 147e80dd || sha256sum|prints that very hash\n",
    .min_args = 1,
    .max_args = 1,
    .reach = REACH_STORE,
    .args_size = sizeof(struct cat_args),
    .run = run,
};
