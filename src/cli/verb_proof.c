/*
 * sillok proof: the log of a store, signed checkpoints, proofs and their check.
 *
 * The first argument says what to do; each such action is one row of the table at the
 * end, with the options that go with it and what of the file system it touches.
 */
#include "cli/cli.h"

#include "base/file.h"
#include "cli/fmt.h"
#include "cli/named.h"
#include "cli/out.h"
#include "cli/reach.h"
#include "sillok/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct proof_args {
    const char *name, *key, *crawl, *since, *file, *witness, *profile;
    uint64_t from, limit;
    int wait_s;
};

enum {
    KEY_FILE_MAX_BYTES = 4096,
    HASH_SHOWN = 16 /* digits, for people */
};

static void add_id(struct buf *b, const struct sillok_id *id, int n)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(id, hex);
    (void)buf_printf(b, "%.*s", n, hex);
}

static int read_stdin(struct buf *out, size_t limit)
{
    char piece[4096];
    size_t n;
    int r = 0;
    while (r == 0 && out->len <= limit && (n = fread(piece, 1, sizeof(piece), stdin)) > 0)
        r = buf_add(out, piece, n);
    if (r == 0 && ferror(stdin))
        r = fail_errno("cannot read standard input");
    return r == 0 && out->len > limit
               ? fail(SILLOK_EINVALID, "standard input is longer than %zu bytes", limit)
               : r;
}

/* A file of the command line, with its name where it cannot be read; "-" is standard
 * input. */
static int read_named(struct buf *out, const char *path, size_t limit)
{
    if (strcmp(path, "-") == 0)
        return read_stdin(out, limit);
    const int r = file_read_given(out, path, limit);
    return r == SILLOK_ENOTFOUND ? fail(r, "there is no '%s'", path) : r;
}

/* --- the log --- */

static int put_status_json(struct cli *cli, const struct sillok_proof_status *s)
{
    static const struct column columns[] = {
        { "name", NULL },           { "key", NULL },    { "entries", NULL },
        { "signed_entries", NULL }, { "root", NULL },   { "crawls", NULL },
        { "crawls_behind", NULL },  { "secret", NULL },
    };
    const struct cell cells[] = {
        cell_str(s->name),
        cell_str(s->key),
        cell_count(s->entries),
        cell_count(s->signed_entries),
        s->signed_entries ? cell_id(&s->root) : cell_none(),
        cell_count(s->crawls),
        cell_count(s->crawls_behind),
        cell_flag(s->has_secret_key),
    };
    return put_json(cli, json_of_cells(columns, cells, 8));
}

static int put_status(struct cli *cli, const struct sillok_proof_status *s)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)buf_printf(&b, "log        %s\nkey        %s\nentries    ", s->name, s->key);
    fmt_count(&b, s->entries);
    if (s->signed_entries == s->entries && s->entries) {
        (void)buf_add_str(&b, ", all signed");
    } else {
        (void)buf_add_str(&b, ", ");
        fmt_count(&b, s->signed_entries);
        (void)buf_add_str(&b, " signed");
    }
    if (s->signed_entries) {
        (void)buf_add_str(&b, "\nroot       ");
        add_id(&b, &s->root, SILLOK_ID_HEX_LEN);
    }
    (void)buf_add_str(&b, "\ncrawls     ");
    fmt_count(&b, s->crawls);
    if (s->crawls_behind) {
        (void)buf_add_str(&b, ", ");
        fmt_count(&b, s->crawls_behind);
        (void)buf_add_str(&b, " not logged as they are now: 'sillok proof sign'");
    } else if (s->crawls) {
        (void)buf_add_str(&b, ", all logged");
    }
    (void)buf_printf(&b, "\nsecret     %s\n",
                     s->has_secret_key ? "here, in proof.key"
                                       : "not here: nothing can be "
                                         "signed");
    (void)cli;
    return put(&b);
}

static int run_status(struct cli *cli, const struct proof_args *a)
{
    struct sillok_proof_status status = { .entries = 0 };
    (void)a;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = sillok_proof_status(cli->store, &status);
    if (r == 0)
        r = cli->json ? put_status_json(cli, &status) : put_status(cli, &status);
    return r;
}

static int run_init(struct cli *cli, const struct proof_args *a)
{
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    struct sillok_proof_init_options options = SILLOK_PROOF_INIT_OPTIONS_INIT;
    struct sillok_proof_status status = { .entries = 0 };
    int r = a->key ? read_named(&key, a->key, KEY_FILE_MAX_BYTES) : 0;
    if (r == 0)
        r = buf_add_char(&key, '\0');
    if (r == 0)
        r = cli_open(cli, CLI_WRITE, a->wait_s);
    options.name = a->name;
    options.secret_key = a->key ? key.ptr : NULL;
    if (r == 0)
        r = sillok_proof_init(cli->store, &options);
    if (key.ptr)
        explicit_bzero(key.ptr, key.len);
    if (r == 0)
        r = sillok_proof_status(cli->store, &status);
    if (r < 0)
        return r;
    if (cli->json)
        return put_status_json(cli, &status);
    cli_note(cli,
             "a log has begun; its secret key is %s/proof.key, and this is the key "
             "for those who check:",
             sillok_store_path(cli->store));
    printf("%s\n", status.key);
    return 0;
}

static int put_signed(struct cli *cli, const struct sillok_proof_sum *sum)
{
    static const struct column columns[] = {
        { "revisions", NULL }, { "crawls", NULL }, { "size", NULL },
        { "root", NULL },      { "new", NULL },
    };
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    if (cli->json) {
        const struct cell cells[] = { cell_count(sum->revisions), cell_count(sum->crawls),
                                      cell_count(sum->size), cell_id(&sum->root),
                                      cell_flag(sum->is_new) };
        return put_json(cli, json_of_cells(columns, cells, 5));
    }
    if (!sum->is_new) {
        (void)buf_add_str(&b, "nothing new: ");
    } else {
        fmt_plural(&b, sum->revisions, "revision", "revisions");
        (void)buf_add_str(&b, " and ");
        fmt_plural(&b, sum->crawls, "crawl", "crawls");
        (void)buf_add_str(&b, " logged; signed: ");
    }
    fmt_plural(&b, sum->size, "entry", "entries");
    (void)buf_add_str(&b, ", root ");
    add_id(&b, &sum->root, HASH_SHOWN);
    (void)buf_add_str(&b, "…\n");
    return put(&b);
}

static int run_sign(struct cli *cli, const struct proof_args *a)
{
    struct sillok_proof_sum sum = { .size = 0 };
    struct sillok_proof_sign_options options = SILLOK_PROOF_SIGN_OPTIONS_INIT;
    int r = cli_open(cli, CLI_WRITE, a->wait_s);
    if (r == 0)
        r = cli_checkpoint_copy(cli, &options.copy);
    if (r == 0)
        r = sillok_proof_sign(cli->store, &options, &sum);
    return r < 0 ? r : put_signed(cli, &sum);
}

/* --- what goes out --- */

/* A text of ours: to a terminal too. */
static int put_owned(char *data, size_t len, int r)
{
    if (r == 0)
        r = put_bytes(data, len);
    sillok_free(data);
    return r;
}

static int run_checkpoint(struct cli *cli, const struct proof_args *a)
{
    char *data = NULL;
    size_t len = 0;
    (void)a;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = sillok_proof_checkpoint(cli->store, &data, &len);
    return put_owned(data, len, r);
}

static int put_log(struct cli *cli, struct out *out, const struct proof_args *a)
{
    struct sillok_proof_log *it = NULL;
    struct sillok_proof_entry e;
    uint64_t n = 0;
    int r = sillok_proof_log_open(&it, cli->store, a->from);
    while (r == 0 && (!a->limit || n < a->limit) &&
           (r = sillok_proof_log_next(it, &e)) > 0) {
        const struct cell cells[] = { cell_count(e.index), cell_id(&e.hash),
                                      cell_text(e.entry) };
        r = out_row(out, cells);
        n++;
    }
    sillok_proof_log_close(it);
    return r;
}

static int run_log(struct cli *cli, const struct proof_args *a)
{
    static const struct column columns[] = { { "index", "index" },
                                             { "hash", NULL },
                                             { "entry", "entry" } };
    struct out out;
    int r = cli_open(cli, CLI_READ, 0);
    if (r < 0)
        return r;
    r = out_open(&out, cli, out_format_of(cli), columns, 3);
    if (r < 0)
        return r;
    r = put_log(cli, &out, a);
    if (r == 0)
        r = out_close(&out);
    out_release(&out);
    return r;
}

static int run_show(struct cli *cli, const struct proof_args *a)
{
    struct sillok_ref ref;
    char *data = NULL;
    size_t len = 0;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = cli_ref(cli, cli->args[0], &ref);
    if (r == 0)
        r = cli_in_store(cli, sillok_proof_make(cli->store, &ref, a->crawl, &data, &len));
    return put_owned(data, len, r);
}

static int run_since(struct cli *cli, const struct proof_args *a)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    char *data = NULL;
    size_t len = 0;
    (void)a;
    int r = read_named(&note, cli->args[0], SILLOK_PROOF_MAX_BYTES);
    if (r == 0)
        r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = sillok_proof_since(cli->store, text_make(note.ptr, note.len), &data, &len);
    return put_owned(data, len, r);
}

static int run_tiles(struct cli *cli, const struct proof_args *a)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    uint64_t n = 0;
    (void)a;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = sillok_proof_tiles(cli->store, cli->args[0], &n);
    if (r < 0)
        return r;
    fmt_plural(&b, n, "file", "files");
    cli_note(cli, "%.*s written to '%s'", (int)b.len, b.ptr ? b.ptr : "", cli->args[0]);
    return 0;
}

/* --- check --- */

/* What is checked, read whole before anything of it is believed. */
struct inputs {
    struct buf proof, key, witness, since, file;
    struct sillok_profile *profile;
};

/* A key, or a file that has one: only a key has a '+' with 8 hex digits behind it. */
static int read_key(struct buf *out, const char *given)
{
    uint8_t id[4];
    const char *plus = strchr(given, '+');
    if (plus && strlen(plus) > 9 && get_hex(id, plus + 1, sizeof(id)) == 0 &&
        plus[9] == '+')
        return buf_add_str(out, given);
    const int r = read_named(out, given, KEY_FILE_MAX_BYTES);
    if (r == 0) {
        const struct sillok_text t = text_trim(buf_text(out), " \t\r\n");
        memmove(out->ptr, t.ptr, t.len);
        out->len = t.len;
    }
    return r;
}

static int read_profile(struct inputs *in, const char *name,
                        const struct sillok_profile **out)
{
    return named_profile(&in->profile, out, name ? name : "naver");
}

static int read_inputs(struct cli *cli, const struct proof_args *a, struct inputs *in,
                       struct sillok_proof_check_options *options)
{
    int r = read_named(&in->proof, cli->args[0], SILLOK_PROOF_MAX_BYTES);
    if (r == 0)
        r = read_key(&in->key, a->key);
    if (r == 0 && a->witness)
        r = read_key(&in->witness, a->witness);
    if (r == 0 && a->since)
        r = read_named(&in->since, a->since, SILLOK_PROOF_MAX_BYTES);
    if (r == 0 && a->file)
        r = read_named(&in->file, a->file, SILLOK_TEXT_MAX_BYTES);
    if (r == 0)
        r = read_profile(in, a->profile, &options->profile);
    if (r < 0)
        return r;
    options->key = buf_text(&in->key);
    options->witness = buf_text(&in->witness);
    options->since = buf_text(&in->since);
    if (a->file)
        options->file = buf_text(&in->file);
    return 0;
}

static const char *const kind_words[] = { "revision", "observation", "consistency",
                                          "checkpoint" };

static int put_result_json(struct cli *cli, const struct sillok_proof_result *p)
{
    static const struct column columns[] = {
        { "holds", NULL },        { "kind", NULL },         { "name", NULL },
        { "size", NULL },         { "root", NULL },         { "old_size", NULL },
        { "witnessed_at", NULL }, { "index", NULL },        { "oid", NULL },
        { "aid", NULL },          { "at", NULL },           { "content_hash", NULL },
        { "crawl", NULL },        { "file_checked", NULL },
    };
    const int content = p->kind <= SILLOK_PROOF_OBSERVATION;
    const struct cell none = cell_none();
    const struct cell cells[] = {
        cell_flag(1),
        cell_str(kind_words[p->kind]),
        cell_str(p->name),
        cell_count(p->size),
        cell_id(&p->root),
        p->kind == SILLOK_PROOF_CONSISTENCY ? cell_count(p->old_size) : none,
        p->witness_s ? cell_time(p->witness_s) : none,
        content ? cell_count(p->index) : none,
        content ? cell_str(p->oid) : none,
        content ? cell_str(p->aid) : none,
        content ? cell_time(p->time_s) : none,
        content ? cell_id(&p->content_hash) : none,
        p->kind == SILLOK_PROOF_OBSERVATION ? cell_str(p->crawl) : none,
        cell_flag(p->file_checked),
    };
    return put_json(cli, json_of_cells(columns, cells, 14));
}

static void add_content(struct cli *cli, struct buf *b,
                        const struct sillok_proof_result *p)
{
    (void)buf_printf(b, "%s/%s had the text ", p->oid, p->aid);
    add_id(b, &p->content_hash, HASH_SHOWN);
    (void)buf_add_str(b, "… at ");
    fmt_time(b, p->time_s, cli->zone_min);
    if (p->kind == SILLOK_PROOF_OBSERVATION) {
        (void)buf_add_str(b, ", as crawl ");
        fmt_name(b, text_of(p->crawl));
        (void)buf_add_str(b, " saw it");
    } else {
        (void)buf_add_str(b, ", when it was first seen so");
    }
    (void)buf_add_str(b, "\n       entry ");
    fmt_count(b, p->index);
    (void)buf_add_str(b, " of ");
    fmt_count(b, p->size);
}

static int put_result(struct cli *cli, const struct sillok_proof_result *p)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    if (cli->json)
        return put_result_json(cli, p);
    style_str(&b, &cli->term, STYLE_BOLD, "holds");
    (void)buf_add_str(&b, "  ");
    if (p->kind == SILLOK_PROOF_CONSISTENCY) {
        (void)buf_add_str(&b, "the first ");
        fmt_plural(&b, p->old_size, "entry is", "entries are");
        (void)buf_add_str(&b, " unchanged among the ");
        fmt_count(&b, p->size);
    } else if (p->kind == SILLOK_PROOF_CHECKPOINT) {
        fmt_plural(&b, p->size, "entry", "entries");
        (void)buf_add_str(&b, ", root ");
        add_id(&b, &p->root, HASH_SHOWN);
        (void)buf_add_str(&b, "…,");
    } else {
        add_content(cli, &b, p);
    }
    (void)buf_printf(&b, " in the log '%s'\n", p->name);
    if (p->file_checked)
        (void)buf_add_str(&b, "       the file has this text, title and metadata\n");
    if (p->witness_s) {
        (void)buf_add_str(&b, "       the witness saw the checkpoint at ");
        fmt_time(&b, p->witness_s, cli->zone_min);
        (void)buf_add_char(&b, '\n');
    }
    return put(&b);
}

static int run_check(struct cli *cli, const struct proof_args *a)
{
    struct inputs in = { .proof = BUF_INIT,
                         .key = BUF_INIT,
                         .witness = BUF_INIT,
                         .since = BUF_INIT,
                         .file = BUF_INIT };
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result result;
    int r = a->key
                ? read_inputs(cli, a, &in, &options)
                : fail(SILLOK_EINVALID, "say whose log it is: --key KEY, which you have "
                                        "from its operator and not from the proof");
    if (r == 0)
        r = cli_load_config(cli);
    if (r == 0)
        r = reach_limit(cli, NULL);
    if (r == 0)
        r = sillok_proof_check(buf_text(&in.proof), &options, &result);
    if (r == 0)
        r = put_result(cli, &result);
    sillok_profile_free(in.profile);
    buf_release(&in.proof);
    buf_release(&in.key);
    buf_release(&in.witness);
    buf_release(&in.since);
    buf_release(&in.file);
    return r;
}

/* --- the actions --- */

enum option_bit {
    O_NAME = 1 << 0,
    O_KEY = 1 << 1,
    O_CRAWL = 1 << 2,
    O_FROM = 1 << 3,
    O_LIMIT = 1 << 4,
    O_SINCE = 1 << 5,
    O_FILE = 1 << 6,
    O_WITNESS = 1 << 7,
    O_PROFILE = 1 << 8,
    O_WAIT = 1 << 9
};

static const struct action {
    const char *name, *operand; /* NULL: it takes none */
    int options;                /* enum option_bit */
    unsigned reach;             /* enum verb_reach */
    int formats;                /* enum verb_format */
    int (*run)(struct cli *cli, const struct proof_args *a);
} actions[] = {
    { "status", NULL, 0, REACH_STORE, VERB_JSON, run_status },
    { "init", NULL, O_NAME | O_KEY | O_WAIT, REACH_STORE_WRITE, VERB_JSON, run_init },
    { "sign", NULL, O_WAIT, REACH_STORE_WRITE | REACH_CHECKPOINT, VERB_JSON, run_sign },
    { "checkpoint", NULL, 0, REACH_STORE, 0, run_checkpoint },
    { "log", NULL, O_FROM | O_LIMIT, REACH_STORE, VERB_JSON | VERB_CSV, run_log },
    { "show", "OID/AID[@R]", O_CRAWL, REACH_STORE, 0, run_show },
    { "since", "CHECKPOINT", 0, REACH_STORE, 0, run_since },
    { "check", "PROOF", O_KEY | O_SINCE | O_FILE | O_WITNESS | O_PROFILE, REACH_STORE,
      VERB_JSON, run_check },
    { "tiles", "DIR", 0, REACH_INTO, 0, run_tiles },
};
enum { N_ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static const struct action *action_named(const char *name)
{
    for (int i = 0; i < N_ACTIONS; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static int given(const struct proof_args *a)
{
    return (a->name ? O_NAME : 0) | (a->key ? O_KEY : 0) | (a->crawl ? O_CRAWL : 0) |
           (a->from ? O_FROM : 0) | (a->limit ? O_LIMIT : 0) | (a->since ? O_SINCE : 0) |
           (a->file ? O_FILE : 0) | (a->witness ? O_WITNESS : 0) |
           (a->profile ? O_PROFILE : 0) | (a->wait_s ? O_WAIT : 0);
}

static const char *option_word(int bits)
{
    static const char *const words[] = { "name",  "key",  "crawl",   "from",    "limit",
                                         "since", "file", "witness", "profile", "wait" };
    return words[__builtin_ctz((unsigned)bits)];
}

/* A verb of the action's own reach, and without its name among the arguments. */
static int run_action(struct cli *cli, const struct action *action,
                      const struct proof_args *a)
{
    const struct verb *verb = cli->verb;
    struct verb mine = *verb;
    mine.reach = action->reach;
    cli->verb = &mine;
    char **args = cli->args;
    const int n_args = cli->n_args, skip = n_args > 0;
    cli->args += skip;
    cli->n_args -= skip;
    int r = action->run(cli, a);
    if (r == 0)
        r = put_finish();
    const int code = r == SILLOK_ECONFLICT
                         ? (cli_warn(cli, "%s", sillok_error_message()), EXIT_DIFFERS)
                     : r < 0 ? cli_fail(cli, r)
                             : EXIT_DONE;
    cli->verb = verb;
    cli->args = args;
    cli->n_args = n_args;
    return code;
}

static int run(struct cli *cli, const void *args)
{
    const struct proof_args *a = args;
    const struct action *action = action_named(cli->n_args ? cli->args[0] : "status");
    if (!action)
        return cli_usage(cli,
                         "there is no 'proof %.40s': init, sign, status, checkpoint, "
                         "log, show, since, check or tiles",
                         cli->args[0]);
    const int wrong = given(a) & ~action->options;
    if (wrong)
        return cli_usage(cli, "--%s does not go with 'proof %s'", option_word(wrong),
                         action->name);
    const int n = cli->n_args ? cli->n_args - 1 : 0;
    if (n != (action->operand != NULL))
        return action->operand
                   ? cli_usage(cli, "proof %s takes one argument: %s", action->name,
                               action->operand)
                   : cli_usage(cli, "proof %s takes no argument", action->name);
    if (cli->csv && !(action->formats & VERB_CSV))
        return cli_usage(cli, "--csv goes with 'proof log' only");
    if (cli->json && !(action->formats & VERB_JSON))
        return cli_usage(cli, "proof %s has no --json", action->name);
    return run_action(cli, action, a);
}

static const struct option_def options[] = {
    { "name", 0, OPTION_TEXT, offsetof(struct proof_args, name), "NAME", NULL,
      "init: of the log, like a URL without https://; else sillok/ID of the store" },
    { "key", 0, OPTION_PATH, offsetof(struct proof_args, key), "KEY|FILE", NULL,
      "init: a file with the secret key to use; check: the key of the log, or a file with "
      "it" },
    { "crawl", 0, OPTION_ONE, offsetof(struct proof_args, crawl), "NAME", NULL,
      "show: that this crawl saw the article so" },
    { "from", 0, OPTION_COUNT, offsetof(struct proof_args, from), "N", NULL,
      "log: from entry N on" },
    { "limit", 'n', OPTION_LIMIT, offsetof(struct proof_args, limit), "N", NULL,
      "log: at most N entries" },
    { "since", 0, OPTION_PATH, offsetof(struct proof_args, since), "FILE", NULL,
      "check: the older checkpoint that the proof is about" },
    { "file", 0, OPTION_PATH, offsetof(struct proof_args, file), "FILE", NULL,
      "check: a crawl file, or a line of NDJSON, that must have the proven content" },
    { "witness", 0, OPTION_PATH, offsetof(struct proof_args, witness), "KEY|FILE", NULL,
      "check: ask for the signature of this witness too" },
    { "profile", 0, OPTION_PATH, offsetof(struct proof_args, profile), "NAME|FILE.yaml",
      NULL, "check: how the crawler wrote --file; else naver" },
    { "wait", 0, OPTION_SECONDS, offsetof(struct proof_args, wait_s), "SECONDS", NULL,
      "init, sign: while another process writes: wait, for ever or so long" },
    { 0 },
};

const struct verb verb_proof = {
    .name = "proof",
    .synopsis = "[ACTION [ARGUMENT]]",
    .summary = "signed checkpoints, and proofs that others can check",
    .help =
        "A store can have a log beside it: an append-only Merkle tree (RFC 9162) with an entry "
        "for every revision and one for every crawl, and signed checkpoints of it. Who has "
        "the public key and an old checkpoint can check, without trusting whoever runs the "
        "store, that a text stood under an article at a time, and that nothing was changed "
        "or left out since. The log holds salted commitments, no text. docs/proof.md has the "
        "formats, which are those of C2SP: signed-note, tlog-checkpoint, tlog-proof, "
        "tlog-tiles.\n"
        "ACTION is one of\n"
        "init: begin the log, with a new key in STORE/proof.key; prints the public key. From "
        "then on every ingest adds to it and signs.\n"
        "sign: add what the store has and the log has not, and sign a checkpoint. The setting "
        "checkpoint_copy names a file, by its whole path, that gets it too; nothing is signed that does not begin "
        "with what the store, STORE/checkpoint and that file say was signed before.\n"
        "status (or nothing): what there is. checkpoint: the newest one, to be kept by "
        "others. log: the entries.\n"
        "show OID/AID[@R]: a proof of when this content was first seen there; with --crawl, "
        "that this crawl saw it. since CHECKPOINT: a proof that the log of now begins with "
        "the one of then. tiles DIR: all of it as static files for a web server.\n"
        "check PROOF --key KEY: whether a proof of show or since, or a checkpoint, holds; "
        "needs no store. Exit 0 when it holds, 1 when not. With --file also whether a crawl "
        "file has the text, title and metadata that are proven.\n"
        "--json: init and status have name, key, entries, signed_entries, root, crawls, "
        "crawls_behind, secret; sign has revisions, crawls, size, root, new; log has index, "
        "hash, entry; check has holds, kind (revision, observation, consistency, checkpoint), "
        "name, size, root, old_size, witnessed_at, index, oid, aid, at, content_hash, crawl "
        "(255 bytes of its name), file_checked; where it does not hold nothing is printed, and exit 1 says so.",
    .options = options,
    .examples =
        "sillok proof init --name example.org/news|begin the log\n"
        "sillok proof checkpoint >monday.checkpoint|what an auditor keeps\n"
        "sillok proof show 001/0000000001@2 >edit.tlog-proof|a proof to give away\n"
        "sillok proof check edit.tlog-proof --key news.key --file saved.md|who got it checks\n"
        "sillok proof show 001/0000000001 || sillok proof check - --key news.key|at once\n"
        "sillok proof since monday.checkpoint >since.proof|nothing was changed since Monday\n"
        "sillok proof check since.proof --key news.key --since monday.checkpoint|check that\n",
    .max_args = 2,
    .actions = "status|init|sign|checkpoint|log|show|since|check|tiles",
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_STORE_WRITE | REACH_INTO,
    .args_size = sizeof(struct proof_args),
    .run = run,
};
