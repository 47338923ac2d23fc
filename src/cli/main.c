/*
 * The program: put the process in order, find the verb, run it, see that the output
 * arrived.
 */
#include "cli/cli.h"

#include "base/nearest.h"
#include "base/time.h"
#include "cli/heap.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "web/web.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VERB(name) extern const struct verb verb_##name;
#include "cli/verbs.inc"
#undef VERB

const struct verb *const all_verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.inc"
#undef VERB
    NULL,
};

const struct verb *verb_named(const char *name)
{
    for (const struct verb *const *v = all_verbs; *v; v++)
        if (strcmp((*v)->name, name) == 0)
            return *v;
    return NULL;
}

/* A closed 0, 1 or 2 would be given to the next file opened, which would then be written
 * to by every message. What is put there cannot be used either, so that output that goes
 * nowhere is told. */
static void fill_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            _exit(EXIT_SYSTEM);
}

/* Somebody who shares a pipe or a terminal with us may have made it non-blocking, and a write
 * would fail where nobody has read yet. Opened anew it is ours, and blocks, and stays as it is
 * for the others. A socket cannot be opened: there a write that fails is told. */
static void open_blocking(int fd)
{
    char name[32];
    struct stat st;
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || !(flags & O_NONBLOCK) || fstat(fd, &st) < 0 ||
        !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        return;
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    /* Blocking from then on: to open a FIFO might wait for its other end. */
    const int own = open(name, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0)
        return;
    if (fcntl(own, F_SETFL, flags & ~O_NONBLOCK) == 0)
        (void)dup2(own, fd);
    (void)close(own);
}

/* What they are called elsewhere. */
static const char *verb_meant(const char *name)
{
    static const struct {
        const char *word, *verb;
    } words[] = {
        { "add", "ingest" },      { "blame", "log --blame" }, { "check", "verify" },
        { "dump", "export" },     { "fsck", "verify" },       { "gc", "compact" },
        { "grep", "find" },       { "history", "log" },       { "import", "ingest" },
        { "list", "articles" },   { "ls", "articles" },       { "recover", "salvage" },
        { "repair", "salvage" },  { "search", "find" },       { "status", "stats" },
        { "upgrade", "migrate" }, { "vacuum", "compact" },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, name) == 0)
            return words[i].verb;
    struct nearest near = { .word = name };
    for (const struct verb *const *v = all_verbs; *v; v++)
        nearest_offer(&near, (*v)->name);
    return near.best;
}

int verb_unknown(struct cli *cli, const char *name)
{
    static const char *const takers[] = { "delete", "erase", "prune", "remove", "rm" };
    for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
        if (strcmp(takers[i], name) == 0)
            return cli_usage(
                cli,
                "there is no verb '%s', for nothing is taken out of a store; "
                "docs/daily.md says how one without an article is made",
                name);
    const char *meant = verb_meant(name);
    if (meant)
        return cli_usage(cli, "there is no verb '%.60s', did you mean '%s'?", name,
                         meant);
    return cli_usage(cli, "there is no verb '%.60s'; 'sillok help' lists them", name);
}

static int show_help(struct cli *cli, const struct verb *verb)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (verb)
        manual_verb(&text, verb);
    else
        manual_overview(&text);
    const int r = put(&text);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
    void *args = calloc(1, cli->verb->args_size + 1);
    if (!args)
        return cli_fail(cli, fail_memory());
    int code = EXIT_USAGE;
    if (options_verb(cli, argc, argv, args) != OPTIONS_OK)
        code = EXIT_USAGE;
    else if (cli->version) /* and nothing is done that the verb would do */
        code = verb_version.run(cli, NULL);
    else if (cli->help)
        code = show_help(cli, cli->verb);
    else if (cli->zone_option && time_parse_zone(&cli->zone_min, cli->zone_option) < 0)
        code = cli_usage(cli, "--zone: %s", sillok_error_message());
    else {
        term_set_color(&cli->term,
                       cli->color ? (enum color_choice)(cli->color - 1) : COLOR_AUTO);
        code = cli->verb->run(cli, args);
    }
    free(args);
    return code;
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
    static char version[] = "version";
    static char *version_argv[] = { version, NULL };
    int next = argc;
    if (options_global(cli, argc, argv, &next) != OPTIONS_OK)
        return EXIT_USAGE;
    if (cli->version) {
        cli->version = 0; /* it is what the verb does */
        cli->verb = &verb_version;
        return run_verb(cli, 1, version_argv);
    }
    if (next >= argc && cli->help)
        return show_help(cli, NULL);
    if (next >= argc)
        return cli_usage(cli, "no verb given: 'sillok help' lists them");
    cli->verb = verb_named(argv[next]);
    if (!cli->verb)
        return verb_unknown(cli, argv[next]);
    return run_verb(cli, argc - next, argv + next);
}

/* libarchive ends the process where it has no memory for a name. */
static int ended_by_itself;

static void at_exit(void)
{
    static const char why[] = "sillok: out of memory: a library has ended the program\n";
    if (ended_by_itself)
        return;
    (void)!write(STDERR_FILENO, why, sizeof(why) - 1);
    _exit(EXIT_SYSTEM);
}

/* A store that is cut off or cannot be read while it is mapped. All that is known by then
 * is that no answer can be given. */
static void at_bus_error(int number)
{
    static const char why[] =
        "sillok: the store is damaged: a page of it cannot be read any more: the file was cut "
        "off meanwhile, or the disk failed or is full\n";
    (void)number;
    if (web_answering_fd >= 0)
        (void)!write(web_answering_fd, WEB_GONE, sizeof(WEB_GONE) - 1);
    (void)!write(STDERR_FILENO, why, sizeof(why) - 1);
    _exit(EXIT_DAMAGED);
}

static void *noted_malloc(size_t size)
{
    void *ptr = malloc(size);
    if (!ptr && size)
        fail_memory_note();
    return ptr;
}

/* Not every line that cannot be written whole is noticed where it is made. */
static int check_memory(struct cli *cli, int code)
{
    if (code == EXIT_SYSTEM || !fail_memory_seen())
        return code;
    if (code != EXIT_USAGE) /* which says what was amiss */
        cli_warn(cli, "out of memory: what was printed may not be all");
    return EXIT_SYSTEM;
}

int main(int argc, char **argv)
{
    static char name[] = "sillok";
    static char *no_argv[] = { name, NULL };
    heap_tune();
    (void)signal(SIGXFSZ,
                 SIG_IGN); /* a file at its limit (ulimit -f) is an error, EFBIG */
    (void)signal(SIGBUS, at_bus_error);
    (void)atexit(at_exit); /* of several dozen that fit without memory */
    json_set_alloc_funcs(noted_malloc, free);
    fill_standard_fds();
    for (int fd = 0; fd <= 2; fd++)
        open_blocking(fd);
    /* Names and texts are UTF-8 whatever the environment says; nothing else is localized.
     */
    errno = 0;
    if (!setlocale(LC_CTYPE, "C.UTF-8") && errno == ENOMEM)
        fail_memory_note();
    struct cli cli = { .now_s = time(NULL), .later = BUF_INIT };
    term_init(&cli.term);
    int code = argc > 0 ? dispatch(&cli, argc, argv) : dispatch(&cli, 1, no_argv);
    code = check_memory(&cli, code);
    /* Output that did not arrive is never success, and outranks what else went wrong. */
    if (put_finish() < 0 && !put_paged_away(&cli)) {
        if (code != EXIT_SYSTEM) /* else it has been said */
            cli_warn(&cli, "%s", sillok_error_message());
        code = EXIT_SYSTEM;
    }
    term_end_pager(&cli.term);
    if (cli.later.len)
        fwrite(cli.later.ptr, 1, cli.later.len, stderr);
    buf_release(&cli.later);
    cli_close(&cli);
    free(cli.args);
    ended_by_itself = 1;
    return code;
}
