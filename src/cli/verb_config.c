/* sillok config: the settings of a store. */
#include "cli/cli.h"

#include "base/file.h"
#include "base/utf8.h"
#include "cli/named.h"
#include "cli/out.h"

#include <string.h>

struct config_args {
    const char *unset;
};

static const struct column columns[] = {
    { "key", "setting" }, { "value", "value" },     { "default", NULL },
    { "set", "set" },     { "help", "what it is" },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static int put_setting(struct out *out, const struct sillok_setting *s)
{
    const struct cell cells[] = { cell_str(s->key), cell_str(s->value),
                                  cell_str(s->fallback), cell_flag(s->is_set),
                                  cell_str(s->help) };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return out_row(out, cells);
}

static int list(struct cli *cli)
{
    struct out out;
    struct sillok_setting setting;
    int r = out_open(&out, cli, out_format_of(cli), columns, N_COLUMNS);
    for (size_t i = 0; i < sillok_config_count() && r == 0; i++) {
        sillok_config_at(cli->config, i, &setting);
        r = put_setting(&out, &setting);
    }
    if (r == 0)
        r = out_close(&out);
    out_release(&out);
    return r;
}

static int put_value(struct cli *cli, const char *key)
{
    struct sillok_setting setting;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    int r = sillok_config_get(cli->config, key, &setting);
    if (r < 0)
        return r;
    if (cli->json) {
        const struct cell cells[] = { cell_str(setting.key), cell_str(setting.value),
                                      cell_str(setting.fallback),
                                      cell_flag(setting.is_set), cell_str(setting.help) };
        return put_json(cli, json_of_cells(columns, cells, N_COLUMNS));
    }
    (void)utf8_add_safe(&line, text_of(setting.value), 0);
    (void)buf_add_char(&line, '\n');
    return put(&line);
}

static int change(struct cli *cli, const char *key, const char *value)
{
    const char *folder = cli_folder(cli);
    struct sillok_setting setting;
    int r = sillok_config_get(cli->config, key, &setting);
    if (r < 0)
        return r;
    if (!folder)
        return fail(SILLOK_EINVALID, "%.200s keeps no settings", cli->url);
    CLEANUP(free) char *path = file_in(folder, "config.yaml");
    return path ? sillok_config_write(path, key, value) : fail_memory();
}

static int run(struct cli *cli, const void *args)
{
    const struct config_args *a = args;
    const int writes = a->unset || cli->n_args == 2;
    const struct clash clashes[] = {
        { a->unset && cli->n_args, "--unset KEY stands alone" },
        { writes && (cli->json || cli->csv),
          "a setting that is written prints nothing, neither JSON nor CSV" },
        { cli->n_args == 1 && cli->csv,
          "one setting is no list: it goes with --json only" },
    };
    if (CLASH(cli, clashes) != EXIT_DONE)
        return EXIT_USAGE;
    CLEANUP(free) char *profile = NULL;
    int r = 0;
    /* Before the store is opened, because the file is out of reach later. */
    if (cli->n_args == 2 && strcmp(cli->args[0], "profile") == 0)
        r = named_profile_everywhere(&profile, cli->args[1]);
    /* The store is opened too, so that no settings are written where none is. */
    if (r == 0)
        r = cli_open(cli, CLI_READ, 0);
    if (r == 0 && a->unset)
        r = change(cli, a->unset, NULL);
    else if (r == 0 && cli->n_args == 2)
        r = change(cli, cli->args[0], profile ? profile : cli->args[1]);
    else if (r == 0 && cli->n_args == 1)
        r = put_value(cli, cli->args[0]);
    else if (r == 0)
        r = list(cli);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "unset", 0, OPTION_KEY, offsetof(struct config_args, unset), "KEY", NULL,
      "back to the default" },
    { 0 },
};

const struct verb verb_config = {
    .name = "config",
    .synopsis = "[KEY [VALUE]]",
    .summary = "show or change the settings of a store",
    .help =
        "Without arguments all settings with their values; with KEY the value of one; with "
        "VALUE that setting is written to STORE/config.yaml, where other lines and comments "
        "stay. Sizes may be written as 64K, 16M, 4G (powers of 1024); of a profile's file the "
        "whole path is written. "
        "Of a store that was found upwards, not named, pager and sandbox: off are not followed. "
        "The settings limits.* bound what input may be; fixed.* are limits that are built in, "
        "shown only.\n"
        "--json has key, value, default, set (whether config.yaml has it) and help; value "
        "and default are strings. --csv has the same.",
    .options = options,
    .examples = "sillok config|all settings\n"
                "sillok config zone KST|show times in Korean time\n"
                "sillok config limits.file_bytes 32M|take in larger files\n"
                "sillok config --unset zone|back to UTC\n",
    .max_args = 2,
    .operand = OPERAND_SETTING,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE,
    .args_size = sizeof(struct config_args),
    .run = run,
};
