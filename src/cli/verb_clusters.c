/* sillok clusters: groups of nearly the same text. */
#include "cli/nearlist.h"

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_ref *ref, const struct sillok_near_options *options)
{
    (void)ref;
    return sillok_clusters_open(out, near, options);
}

static int run(struct cli *cli, const void *args)
{
    return nearlist_run(cli, args, NULL, ask, 1);
}

static const struct option_def options_table[] = {
    { "min", 0, OPTION_TEXT, offsetof(struct nearlist_args, min), "J", NULL,
      "pairs of at least this similarity, above 0 and at most 1; 0.7 without it" },
    { "oid", 0, OPTION_ONE, offsetof(struct nearlist_args, oid), "OID", NULL,
      "groups with an article of this publisher" },
    { "across", 0, OPTION_FLAG, offsetof(struct nearlist_args, across), NULL, NULL,
      "only groups that span publishers" },
    { "since", 0, OPTION_TEXT, offsetof(struct nearlist_args, since), "TIME", NULL,
      "what was published in the month of TIME or later" },
    { "all-time", 0, OPTION_FLAG, offsetof(struct nearlist_args, all_time), NULL, NULL,
      "all articles, and pairs however far apart" },
    { "revisions", 0, OPTION_FLAG, offsetof(struct nearlist_args, revisions), NULL, NULL,
      "old revisions too, not only the newest of each article" },
    { "no-follow-ups", 0, OPTION_FLAG, offsetof(struct nearlist_args, no_follow_ups),
      NULL, NULL, "only by text, not by headline" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct nearlist_args, limit), "N", NULL,
      "at most N groups" },
    { "no-update", 0, OPTION_FLAG, offsetof(struct nearlist_args, no_update), NULL, NULL,
      "ask the index as it is" },
    { 0 },
};

const struct verb verb_clusters = {
    .name = "clusters",
    .synopsis = "",
    .summary = "groups of articles with nearly the same text",
    .help =
        "Articles hang together by pairs whose similarity (see 'sillok help similar') is at "
        "least 0.7, and as follow-ups: the same publisher and headline but for marks in "
        "brackets, at most three days apart. The largest group first; in a group "
        "the one that was seen first, and for the others how similar they are to it: in a "
        "chain of rewrites that can be less than the least.\n"
        "Looked at are the last two months of the store, and pairs published at most one "
        "month apart; --since and --all-time widen that.\n"
        "--json has a line for each article (with --revisions for each revision, and so "
        "counts size): group, size, publishers, oid, aid, revision, "
        "newest, jaccard, same_body, same_text, follow_up, publisher, title, first_seen, "
        "published_at, content_hash, url. --csv has the same.",
    .options = options_table,
    .examples =
        "sillok clusters|the last two months\n"
        "sillok clusters --across --no-follow-ups -n 20|the most copied texts\n"
        "sillok clusters --all-time --min 0.9 --csv >copies.csv|for a spreadsheet\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER,
    .args_size = sizeof(struct nearlist_args),
    .run = run,
};
