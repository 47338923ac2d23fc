/*
 * One run of the program: what was asked, where the store is, how to fail.
 *
 * Invariants
 *  1. Data goes to stdout, by put(); talk goes to stderr, by the other functions here.
 *  2. Nothing that came from outside is printed without utf8_add_safe() or quote().
 *  3. A verb returns an exit code; only main() ends the process.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"
#include "cli/term.h"
#include "cli/verb.h"
#include "sillok/config.h"
#include "sillok/history.h"
#include "sillok/store.h"

enum exit_code {
    EXIT_DONE = 0,    /* done; nothing differs */
    EXIT_DIFFERS = 1, /* something differs, or some input was refused */
    EXIT_USAGE = 2,   /* wrong command line; something named is not there */
    EXIT_SYSTEM = 3,  /* disk, permission, memory */
    EXIT_DAMAGED = 4, /* the store is damaged */
    EXIT_BUSY = 5     /* another process writes */
};

struct cli {
    /* global options */
    const char *store_option;
    const char *zone_option;
    int json, csv, csv_raw, quiet, no_pager, help, version;
    int color;   /* enum color_choice + 1; 0: not given */
    int sandbox; /* 1 auto, 2 off, 3 require; 0: not given */

    const struct verb *verb;
    int n_args; /* positional arguments; args[n_args] is NULL */
    char **args;

    int64_t now_s;
    int zone_min; /* of the times people see */
    struct term term;
    struct buf later; /* talk that waits until a pager has left the terminal */

    int limited;         /* the sandbox has been entered */
    const char *scratch; /* a folder for the time of the run; NULL: none */

    char *url; /* of the store; NULL until looked for */
    int found; /* it was named by nobody, but is the nearest one upwards */
    struct sillok_config *config;
    struct sillok_store *store;
};

/* --- failing --- */

/** Print "sillok VERB: SENTENCE" from the library's last message; the exit code for @p
 * err. */
int cli_fail(struct cli *cli, int err);
/** The same with a sentence of our own, exit 2. */
int cli_usage(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Options that were given and would do nothing, or that contradict each other. */
struct clash {
    int holds;
    const char *why; /* with what to do */
};
/** Say the first of @p n that holds, as cli_usage() does: EXIT_USAGE. Else EXIT_DONE. */
int cli_clash(struct cli *cli, const struct clash *clashes, size_t n);
#define CLASH(cli, clashes)                                                              \
    cli_clash((cli), (clashes), sizeof(clashes) / sizeof((clashes)[0]))

/** Where "A..B" parts. A name may have dots itself (2026-01-01..07): then it is where names
 *  of crawls of @p store stand on both sides, if there is such a place; else the first.
 * @return 1 with @p at, of the dots;  0 it is not of that form;  negative error */
int cli_part_crawls(size_t *at, struct sillok_store *store, const char *text);
/** "A..B" as two crawls of the store, which is open; @p copy, the caller's, is what their
 *  names stand in. */
int cli_crawls(struct cli *cli, char **copy, const char *text,
               struct sillok_changes_options *options);
/** To those who give the option that goes with it and not the crawls. */
#define CLI_EVERY_ALONE                                                                  \
    "--every only says how to look at what --crawl names: give --crawl A..B as well"

/** How many files were refused, of one crawl or of all (NULL). SILLOK_ENOTFOUND: there is no
 *  such crawl. */
int cli_count_refused(struct cli *cli, const char *crawl, uint64_t *n);

/** A line of talk on stderr, unless --quiet. */
void cli_note(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cli_note_line(struct cli *cli, const struct buf *line);
/** Lines go to a terminal that has no room for times to the second. */
int cli_is_narrow(const struct cli *cli);
/** Where nothing was found of publisher @p oid, if one was asked for: is there such a one? */
void cli_note_oid(struct cli *cli, const char *oid);
/** The same, and of what was seen at @p from or later, an option's text or NULL: has anything
 *  been? "1 week ago" asks an archive of last year for nothing. */
void cli_note_nothing(struct cli *cli, const char *oid, const char *from);
/** As cli_note(), even with --quiet: what must not be missed. */
void cli_warn(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* --- output --- */

/** Write to stdout and empty the buffer. @return 0, or SILLOK_EIO "cannot write output".
 */
int put(struct buf *b);
int put_bytes(const char *ptr, size_t len);
/** As put_bytes(), made safe when a person reads it on a terminal, unless @p raw. */
int put_content(struct cli *cli, const char *ptr, size_t len, int raw);
/** The value of setting @p key, "pager" or "sandbox", which decide what is run and with what
 *  rights: of a store that lay on the way and was not named it is not followed where that
 *  gives it more than none has, for who walks into an unpacked archive named nothing.
 * @param[out] out  borrowed from the settings; the default where not followed, which is told */
int cli_trusted(struct cli *cli, const char *key, const char **out);
/** The file of the setting checkpoint_copy, for who signs. One of a store that was not named has
 *  to be there: its name and its first line would be of somebody else's choice.
 * @param[out] out  borrowed from the settings; NULL: none
 * @return 0;  SILLOK_EIO it is missing */
int cli_checkpoint_copy(struct cli *cli, const char **out);
/** Make a pager possible that a sandbox would refuse to begin; then cli_start_pager(). */
void cli_prepare_pager(struct cli *cli);
/** Page what follows, when a person reads it on a terminal and did not say --no-pager. */
void cli_start_pager(struct cli *cli);
/** 1 when the person has left the pager before the end, which is no failure. */
int put_paged_away(const struct cli *cli);
/** Everything out before talk, so that the two stand in order where both go to one place.
 *  A failure is kept for put_finish(). */
void put_before_talk(void);
/** Everything out and checked. @return 0, or SILLOK_EIO. */
int put_finish(void);

/* --- the store --- */

enum cli_open {
    CLI_READ = 0,
    CLI_WRITE = 1,
    CLI_CREATE = 2 /* write, and make it where there is none */
};
/** Where the store is: -s, $SILLOK_STORE, the nearest .sillok upwards, or with @p create
 *  ./.sillok. NULL with a message (SILLOK_ENOTFOUND) when there is none. */
const char *cli_locate(struct cli *cli, int create);
/** The folder of the store, NULL where the URL is of another engine. Borrowed from url.
 */
const char *cli_folder(const struct cli *cli);
/** Both, for what reads the files of a store without opening it. Borrowed from url.
 *  @return 0;  SILLOK_ENOTFOUND;  SILLOK_EINVALID a store of another engine */
int cli_locate_folder(struct cli *cli, const char **out);
/** Read the settings next to the store into cli->config, and let them act. */
int cli_load_config(struct cli *cli);
/** Locate, read settings, open. @p wait_s as in sillok_store_options. 0 or negative
 * error. */
int cli_open(struct cli *cli, enum cli_open how, int wait_s);
void cli_close(struct cli *cli);

/* --- arguments --- */

/** A time from the command line, in the zone of the run. */
int cli_time(struct cli *cli, const char *text, int64_t *out_s);
/** Those of --from and --to; what is NULL is not given, and leaves its time as it is. */
int cli_span(struct cli *cli, const char *from, const char *to, int64_t *from_s,
             int64_t *to_s);
/** "OID/AID[@R]"; the message names the store when it is not there. */
int cli_ref(struct cli *cli, const char *text, struct sillok_ref *out);
/** The same where all of the article is meant: one revision of it is SILLOK_EINVALID. */
int cli_article(struct cli *cli, const char *text, struct sillok_ref *out);
/** Add "in STORE" to a not-found message. Returns @p err. */
int cli_in_store(struct cli *cli, int err);

#endif
