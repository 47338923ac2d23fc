/* sillok refused: files that could not be understood. */
#include "cli/cli.h"

#include "cli/fmt.h"
#include "cli/out.h"

#include <stdio.h>

struct refused_args {
    const char *crawl;
    int open, raw;
};

static const struct column columns[] = {
    { "key", "key" }, { "crawl", "crawl" }, { "code", "code" },     { "bytes", "size" },
    { "kept", NULL }, { "name", "name" },   { "reason", "reason" }, { "taken_in", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* People need no 32 digits to name one of a few. */
enum { KEY_SHOWN = 12 };

static int put_refusal(struct out *out, const struct sillok_refusal *f)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT, reason = BUF_INIT;
    const int people = out->format == OUT_TABLE;
    struct sillok_text key = text_of(f->key);
    if (people && key.len > KEY_SHOWN)
        key.len = KEY_SHOWN;
    if (people)
        fmt_name(&name, f->name);
    if (people && f->taken_in)
        (void)buf_add_str(&reason, "(taken in too) ");
    (void)buf_add_str(&reason, f->reason);
    const struct cell cells[] = {
        cell_text(key),
        cell_str(f->crawl),
        cell_str(f->code),
        cell_size(f->size_bytes),
        cell_flag(f->has_bytes),
        people ? cell_text(text_make(name.ptr, name.len)) : cell_text(f->name),
        cell_text(buf_text(&reason)),
        cell_flag(f->taken_in),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return out_row(out, cells);
}

static int list(struct cli *cli, const char *crawl, int open)
{
    struct sillok_refused *it = NULL;
    struct sillok_refusal refusal;
    struct out out;
    uint64_t n = 0, taken_in = 0;
    int r = out_open(&out, cli, out_format_of(cli), columns, N_COLUMNS);
    if (r < 0)
        return r;
    r = sillok_refused_open(&it, cli->store);
    while (r == 0 && (r = sillok_refused_next(it, &refusal)) > 0) {
        r = 0;
        if (crawl && !text_is(text_of(refusal.crawl), crawl))
            continue;
        n++;
        taken_in += refusal.taken_in;
        if (!open || !refusal.taken_in)
            r = put_refusal(&out, &refusal);
    }
    if (r == 0)
        r = out_close(&out);
    uint64_t counted;
    if (r == 0 && n == 0)
        r = cli_count_refused(cli, crawl, &counted);
    if (r == 0 && n == 0)
        cli_note(cli, "nothing was refused");
    if (r == 0 && open && n > 0 && n == taken_in)
        cli_note(cli, "nothing is open: of each name a file was taken in too");
    sillok_refused_close(it);
    out_release(&out);
    return r;
}

static int put_one(struct cli *cli, const struct refused_args *a)
{
    char *data = NULL;
    size_t len = 0;
    int r = cli_in_store(cli, sillok_refused_get(cli->store, cli->args[0], &data, &len));
    if (r == 0)
        r = put_content(cli, data, len, a->raw);
    sillok_free(data);
    return r;
}

static int run(struct cli *cli, const void *args)
{
    const struct refused_args *a = args;
    const int one = cli->n_args > 0;
    const struct clash clashes[] = {
        { one && a->crawl, "--crawl chooses from the list: it does not go with a KEY" },
        { one && a->open, "--open chooses from the list: it does not go with a KEY" },
        { one && (cli->json || cli->csv),
          "with KEY the bytes of the file are printed, as neither JSON nor CSV" },
        { !one && a->raw, "--raw only says how to print one file: give its KEY as well" },
    };
    if (CLASH(cli, clashes) != EXIT_DONE)
        return EXIT_USAGE;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli->n_args ? put_one(cli, a) : list(cli, a->crawl, a->open);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "crawl", 0, OPTION_ONE, offsetof(struct refused_args, crawl), "NAME", NULL,
      "of this crawl only" },
    { "open", 0, OPTION_FLAG, offsetof(struct refused_args, open), NULL, NULL,
      "only those of which no file of that name was taken in" },
    { "raw", 0, OPTION_FLAG, offsetof(struct refused_args, raw), NULL, NULL,
      "with KEY: the very bytes to a terminal too" },
    { 0 },
};

const struct verb verb_refused = {
    .name = "refused",
    .synopsis = "[KEY]",
    .summary = "files that could not be understood",
    .help =
        "Without KEY a list of them, with the reason and a key. With a key, or a start of one "
        "that fits one file only, the bytes of that file as they came in; on a terminal "
        "control characters are made visible, unless --raw.\n"
        "A refusal stays: it is what came in. Where a file of that name was taken in with the "
        "same crawl, as when its crawler was still writing at first, the list says so; the "
        "article is known by a name that begins with OID_AID.\n"
        "--json has key (32 hex digits), crawl, code (docs/format.md, 1), bytes, "
        "kept (false: too large to keep, or could not be read), name, reason, taken_in.",
    .options = options,
    .examples = "sillok refused|the list\n"
                "sillok refused --open --json|what is still to be looked at\n"
                "sillok refused 3f9a >broken.md|the bytes of one\n",
    .max_args = 1,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE,
    .args_size = sizeof(struct refused_args),
    .run = run,
};
