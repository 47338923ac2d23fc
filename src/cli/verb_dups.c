/* sillok dups: articles with the same text. */
#include "cli/nearlist.h"

static int run(struct cli *cli, const void *args)
{
    const struct nearlist_args *a = args;
    struct sillok_near_options options;
    struct sillok_near *near = NULL;
    struct sillok_near_rows *rows = NULL;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = nearlist_options(cli, a, &options);
    if (r == 0)
        r = nearlist_open(&near, cli, a);
    if (r == 0)
        r = sillok_dups_open(&rows, near, &options);
    if (r == 0 && sillok_near_behind(near))
        cli_warn(cli, "%llu texts of the store are not in the index yet",
                 (unsigned long long)sillok_near_behind(near));
    if (r == 0)
        r = nearlist_print(cli, rows, 1);
    sillok_near_close(near);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options_table[] = {
    { "same", 0, OPTION_CHOICE, offsetof(struct nearlist_args, same), "WHAT", "text|body",
      "text: but for white space, quotation marks and the like; body: byte for byte" },
    { "oid", 0, OPTION_TEXT, offsetof(struct nearlist_args, oid), "OID", NULL,
      "groups with an article of this publisher" },
    { "across", 0, OPTION_FLAG, offsetof(struct nearlist_args, across), NULL, NULL,
      "only groups that span publishers" },
    { "since", 0, OPTION_TEXT, offsetof(struct nearlist_args, since), "TIME", NULL,
      "published in the month of TIME or later; without it, ever" },
    { "revisions", 0, OPTION_FLAG, offsetof(struct nearlist_args, revisions), NULL, NULL,
      "old revisions too, not only the newest of each article" },
    { "limit", 'n', OPTION_COUNT, offsetof(struct nearlist_args, limit), "N", NULL,
      "at most N groups" },
    { "no-update", 0, OPTION_FLAG, offsetof(struct nearlist_args, no_update), NULL, NULL,
      "ask the index as it is" },
    { 0 },
};

const struct verb verb_dups = {
    .name = "dups",
    .synopsis = "",
    .summary = "articles with the same text",
    .help =
        "Groups of articles whose texts are equal but for white space, quotation marks, "
        "dashes and the like (=text), or byte for byte (=body); the largest group first, in "
        "a group the one that was seen first. Empty texts are left out.\n"
        "What is asked is an index beside the store, near.mdb; what is new in the store is "
        "read into it first. It can be deleted, and where it cannot be written it is used "
        "as it is.\n"
        "--json has a line for each article: group, size, publishers, oid, aid, revision, "
        "newest, jaccard, same_body, same_text, follow_up (against the first of the group), "
        "publisher, title, first_seen, published_at, content_hash, url. --csv has the same.",
    .options = options_table,
    .examples = "sillok dups|all groups\n"
                "sillok dups --across --same body|the very same body at two publishers\n"
                "sillok dups --json || jq -r .title|for a program\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER,
    .args_size = sizeof(struct nearlist_args),
    .run = run,
};
