/*
 * Reading the command line over the tables in verb.h.
 *
 * getopt_long does the reading; global options may stand before or after the verb,
 * options and arguments in any order, `--` ends the options. Nothing depends on
 * POSIXLY_CORRECT.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/** What the caller does next. */
enum options_result {
    OPTIONS_OK = 0,
    OPTIONS_BAD = 1 /* said on stderr; exit 2 */
};

/**
 * Read global options up to the verb.
 * @param next  [out] index of the verb in argv, argc if there is none
 */
enum options_result options_global(struct cli *cli, int argc, char **argv, int *next);

/**
 * Read the rest, argv[0] being the verb: options of cli->verb into @p args, which is
 * args_size zero bytes, global ones into @p cli, what is left into cli->args.
 */
enum options_result options_verb(struct cli *cli, int argc, char **argv, void *args);

#endif
