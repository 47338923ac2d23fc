/* sillok dups: articles with the same text. */
#include "cli/nearlist.h"

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_ref *ref, const struct sillok_near_options *options)
{
    (void)ref;
    return sillok_dups_open(out, near, options);
}

static int run(struct cli *cli, const void *args)
{
    return nearlist_run(cli, args, NULL, ask, 1);
}

static const struct option_def options_table[] = {
    { "same", 0, OPTION_CHOICE, offsetof(struct nearlist_args, same), "WHAT", "text|body",
      "text: but for white space, quotation marks and the like; body: byte for byte" },
    { "oid", 0, OPTION_ONE, offsetof(struct nearlist_args, oid), "OID", NULL,
      "groups with an article of this publisher" },
    { "across", 0, OPTION_FLAG, offsetof(struct nearlist_args, across), NULL, NULL,
      "only groups that span publishers" },
    { "since", 0, OPTION_TEXT, offsetof(struct nearlist_args, since), "TIME", NULL,
      "published in the month of TIME or later; without it, ever" },
    { "revisions", 0, OPTION_FLAG, offsetof(struct nearlist_args, revisions), NULL, NULL,
      "old revisions too, not only the newest of each article" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct nearlist_args, limit), "N", NULL,
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
        "--json has a line for each article (with --revisions for each revision, and so "
        "counts size): group, size, publishers, oid, aid, revision, "
        "newest, jaccard, same_body, same_text (against the first of the group), follow_up "
        "(against one before it), publisher, title, first_seen, published_at, content_hash, url. --csv has the same.",
    .options = options_table,
    .examples = "sillok dups|all groups\n"
                "sillok dups --across --same body|the very same body at two publishers\n"
                "sillok dups --json || jq -r .title|for a program\n",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_PAGER,
    .args_size = sizeof(struct nearlist_args),
    .run = run,
};
