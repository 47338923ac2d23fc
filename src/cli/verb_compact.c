/* sillok compact: the store written anew, as small as it gets. */
#include "cli/cli.h"

#include "cli/copying.h"
#include "cli/fmt.h"
#include "cli/stop.h"

#include <stddef.h>

struct compact_args {
    int level, wait_s;
};

static int put_sum(struct cli *cli, const struct sillok_copy_sum *sum)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    if (cli->json)
        return copying_json(cli, "store", sillok_store_path(cli->store), sum);
    fmt_name(&line, text_of(sillok_store_path(cli->store)));
    (void)buf_add_str(&line, ": ");
    fmt_size(&line, sum->from_bytes);
    (void)buf_add_str(&line, " -> ");
    fmt_size(&line, sum->bytes);
    if (sum->from_bytes)
        (void)buf_printf(&line, " (%.1f %%)",
                         100.0 * (double)sum->bytes / (double)sum->from_bytes);
    (void)buf_add_str(&line, "; verified\n");
    return put(&line);
}

static int end(struct cli *cli, const struct sillok_copy *it, int r)
{
    if (r > 0) {
        cli_warn(cli, "stopped by a signal: the store is as it was");
        return 128 + stopped_by;
    }
    if (r == 0)
        r = put_sum(cli, sillok_copy_sum(it));
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static int run(struct cli *cli, const void *args)
{
    const struct compact_args *a = args;
    struct sillok_copy *it = NULL;
    struct sillok_compact_options options = SILLOK_COMPACT_OPTIONS_INIT;
    if (a->level)
        options.level = a->level;
    int r = cli_open(cli, CLI_WRITE, a->wait_s);
    if (r == 0)
        r = sillok_compact_open(&it, cli->store, &options);
    const int code = end(cli, it, copying_go(cli, it, r));
    sillok_copy_close(it);
    return code;
}

static const struct option_def options[] = {
    { "level", 0, OPTION_INT, offsetof(struct compact_args, level), "N", NULL,
      "of zstd, 1 to 22; 0 is 19, as without it" },
    { "wait", 0, OPTION_SECONDS, offsetof(struct compact_args, wait_s), "SECONDS", NULL,
      "while another process writes: wait, for ever or so long; else exit 5 at once" },
    { 0 },
};

const struct verb verb_compact = {
    .name = "compact",
    .synopsis = "",
    .summary = "write the store anew, as small as it gets",
    .help =
        "The whole store is written into a new file in its folder: pages are full, texts "
        "are packed anew with a dictionary made of a sample of all of them, at a level "
        "that takes long and is unpacked as quickly as before, and what nothing needs any "
        "more is left out. Nothing is lost and no answer changes. Every text is compared "
        "with its hash before it is packed and after, and the new file is checked as by "
        "'sillok verify'; then one rename makes it the store's.\n"
        "Killed or without power at any moment, the store is the old one or the new one, "
        "whole. A signal stops it and leaves nothing; while a dictionary is trained that takes "
        "some seconds, and a second signal, 0.2 s or more after the first, ends it at once. "
        "That, or a kill, may leave files in the folder, which the next compact removes. "
        "Nobody can write meanwhile. Readers go on; a command that has the old file open "
        "goes on reading that, and its room on the disk is free when the last one ends. "
        "There must be room for the new file beside the old one. Its permissions are those "
        "of the old one, its owner is who compacts; its group is that of new files in the "
        "folder ('chmod g+s' on it keeps one), and if that is another than before, it has "
        "only the rights that everybody has.\n"
        "It is worth it after many ingests. The store can be ingested into afterwards; it "
        "has the present format then, whatever it had before, and its data is in "
        "data-N.mdb. The next ingest reads all files anew: what it knew of unchanged ones "
        "was for the old file. A damaged store is not compacted (exit 4), but for a copy of "
        "a dictionary: each is there twice, and one whole copy is enough to write both.\n"
        "--json: an object with store, uuid, from_format, format, rows, articles, revisions, "
        "bodies, observations, refused, from_bytes, bytes.",
    .options = options,
    .examples = "sillok compact|as small as it gets\n"
                "sillok compact --level 9|in a quarter of the time, a twentieth larger\n"
                "sillok compact --wait --json|when the writer has ended; for a script\n",
    .formats = VERB_JSON,
    .reach = REACH_STORE_WRITE,
    .args_size = sizeof(struct compact_args),
    .run = run,
};
