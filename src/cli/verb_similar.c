/* sillok similar: the articles most like one. */
#include "cli/nearlist.h"

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_ref *ref, const struct sillok_near_options *options)
{
    return sillok_similar_open(out, near, ref, options);
}

static int run(struct cli *cli, const void *args)
{
    return nearlist_run(cli, args, cli->args[0], ask, 0);
}

static const struct option_def options_table[] = {
    { "min", 0, OPTION_TEXT, offsetof(struct nearlist_args, min), "J", NULL,
      "similarity of at least J, above 0 and at most 1; 0.5 without it" },
    { "oid", 0, OPTION_ONE, offsetof(struct nearlist_args, oid), "OID", NULL,
      "articles of this publisher only" },
    { "across", 0, OPTION_FLAG, offsetof(struct nearlist_args, across), NULL, NULL,
      "articles of other publishers only" },
    { "since", 0, OPTION_TEXT, offsetof(struct nearlist_args, since), "TIME", NULL,
      "look also at all that was published in the month of TIME or later" },
    { "all-time", 0, OPTION_FLAG, offsetof(struct nearlist_args, all_time), NULL, NULL,
      "look at all articles" },
    { "revisions", 0, OPTION_FLAG, offsetof(struct nearlist_args, revisions), NULL, NULL,
      "old revisions too, not only the newest of each article" },
    { "no-follow-ups", 0, OPTION_FLAG, offsetof(struct nearlist_args, no_follow_ups),
      NULL, NULL, "only by text, not by headline" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct nearlist_args, limit), "N", NULL,
      "at most N articles" },
    { "no-update", 0, OPTION_FLAG, offsetof(struct nearlist_args, no_update), NULL, NULL,
      "ask the index as it is" },
    { 0 },
};

const struct verb verb_similar = {
    .name = "similar",
    .synopsis = "OID/AID[@R]",
    .summary = "the articles most like one",
    .help =
        "Across all publishers, the most similar first. The figure is exact: the share of "
        "runs of five characters that both texts have, of all that either has, once white "
        "space, quotation marks and case are made alike; it is cut to two digits. =body: "
        "the same bytes; =text: the same but for those; follow-up: the same publisher and "
        "headline but for marks in brackets, at most three days apart, however "
        "little the texts share. Texts under 20 characters are found only where they are "
        "the same.\n"
        "Looked at are the articles published in the same month, the one before and the one "
        "after; --since and --all-time widen that. Pairs at 0.7 and more are found nearly "
        "always, of those from 0.5 to 0.7 seven in eight.\n"
        "--json has oid, aid, revision, newest, jaccard, same_body, same_text, follow_up, "
        "publisher, title, first_seen, published_at, content_hash, url. --csv has the same.",
    .options = options_table,
    .examples =
        "sillok similar 001/0015812889|who carried it, who rewrote it\n"
        "sillok similar --across --min 0.8 001/0015812889|copies elsewhere\n"
        "sillok similar --all-time 001/0015812889@1|its first text, against all\n",
    .min_args = 1,
    .max_args = 1,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER,
    .args_size = sizeof(struct nearlist_args),
    .run = run,
};
