#include "cli/cli.h"

#include "base/file.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cli/fmt.h"
#include "cli/pasted.h"
#include "cli/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- talk --- */

/* Without memory: ASCII is safe as it is, the rest is left out. */
static void talk_plainly(struct cli *cli, const char *text)
{
    fputs("sillok ", stderr);
    fputs(cli->verb ? cli->verb->name : "", stderr);
    fputs(": ", stderr);
    for (; *text; text++)
        fputc(*text >= ' ' && *text <= '~' ? *text : '?', stderr);
    fputc('\n', stderr);
}

/* "sillok VERB: TEXT" on stderr. Text from outside may be in it, so all of it is made
 * safe. */
static void PRINTF_LIKE(2, 0) talk(struct cli *cli, const char *fmt, va_list ap)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    char text[2048];
    const int n = vsnprintf(text, sizeof(text), fmt, ap);
    fail_tidy(text, n >= (int)sizeof(text));
    (void)buf_add_str(&line, "sillok");
    if (cli->verb)
        (void)buf_printf(&line, " %s", cli->verb->name);
    (void)buf_add_str(&line, ": ");
    (void)utf8_add_safe(&line, text_of(text), 0);
    (void)buf_add_char(&line, '\n');
    if (cli->term.pager) { /* it has the screen now */
        (void)buf_add(&cli->later, line.ptr, line.len);
        return;
    }
    put_before_talk();
    if (line.failed)
        talk_plainly(cli, text);
    else
        fwrite(line.ptr, 1, line.len, stderr);
}

void cli_note(struct cli *cli, const char *fmt, ...)
{
    if (cli->quiet)
        return;
    va_list ap;
    va_start(ap, fmt);
    talk(cli, fmt, ap);
    va_end(ap);
}

void cli_note_line(struct cli *cli, const struct buf *line)
{
    const struct sillok_text t = buf_text(line);
    cli_note(cli, "%.*s", (int)t.len, t.ptr);
}

int cli_is_narrow(const struct cli *cli)
{
    enum { NARROW = 100 }; /* columns */
    return cli->term.out_tty && cli->term.columns < NARROW;
}

void cli_note_oid(struct cli *cli, const char *oid)
{
    /* A hint, no answer: an error is none. */
    if (oid && !cli->quiet && sillok_store_has_publisher(cli->store, oid) == 0)
        cli_note(cli,
                 "there is no publisher '%.64s' in it: 'sillok stats --publishers' has "
                 "their ids",
                 oid);
}

void cli_note_nothing(struct cli *cli, const char *oid, const char *from)
{
    CLEANUP(buf_release) struct buf last = BUF_INIT;
    struct sillok_stats stats;
    int64_t from_s;
    cli_note_oid(cli, oid);
    if (!from || cli->quiet || cli_time(cli, from, &from_s) < 0 ||
        sillok_store_stats(cli->store, &stats) < 0 || !stats.observations ||
        from_s <= stats.last_s)
        return; /* a hint, no answer */
    fmt_minute(&last, stats.last_s, cli->zone_min);
    cli_note(cli, "the last visit in the store is of %.*s, before what --from names",
             (int)last.len, last.ptr ? last.ptr : "");
}

void cli_warn(struct cli *cli, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    talk(cli, fmt, ap);
    va_end(ap);
}

int cli_usage(struct cli *cli, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    talk(cli, fmt, ap);
    va_end(ap);
    return EXIT_USAGE;
}

int cli_clash(struct cli *cli, const struct clash *clashes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (clashes[i].holds)
            return cli_usage(cli, "%s", clashes[i].why);
    return EXIT_DONE;
}

static int exit_code_of(int err)
{
    switch (err) {
    case SILLOK_EINVALID:
    case SILLOK_ENOTFOUND:
    case SILLOK_EEXISTS:
    case SILLOK_EAMBIGUOUS:
        return EXIT_USAGE;
    case SILLOK_ECORRUPT:
        return EXIT_DAMAGED;
    case SILLOK_EBUSY:
        return EXIT_BUSY;
    default:
        return EXIT_SYSTEM;
    }
}

int cli_fail(struct cli *cli, int err)
{
    const char *message = sillok_error_message();
    if (put_paged_away(cli))
        return EXIT_DONE;
    cli_warn(cli, "%s", *message ? message : "failed, and nothing is known of why");
    return exit_code_of(err);
}

/* --- output --- */

static int reader_left; /* of stdout, which is as global */

static int output_errno; /* of the first write that failed, while nobody asked */

static int output_failed(void)
{
    if (output_errno)
        errno = output_errno;
    reader_left = errno == EPIPE;
    if (reader_left)
        return fail(SILLOK_EIO, "cannot write output: nobody reads it any more");
    return fail_errno("cannot write output");
}

int put_bytes(const char *ptr, size_t len)
{
    if (len && fwrite(ptr, 1, len, stdout) != len)
        return output_failed();
    return 0;
}

int put(struct buf *b)
{
    const int r = b->failed ? fail_memory() : put_bytes(b->ptr, b->len);
    buf_clear(b);
    return r;
}

int put_content(struct cli *cli, const char *ptr, size_t len, int raw)
{
    if (raw || !cli->term.out_tty)
        return put_bytes(ptr, len);
    CLEANUP(buf_release) struct buf safe = BUF_INIT;
    (void)utf8_add_safe(&safe, text_make(ptr, len), UTF8_KEEP_NEWLINES);
    if (safe.len && safe.ptr[safe.len - 1] != '\n')
        (void)buf_add_char(&safe, '\n');
    return put(&safe);
}

/* Gives no more than without a setting: no program, no right. */
static int is_harmless(const char *key, const char *value)
{
    return strcmp(key, "pager") == 0 ? !*value || strcmp(value, "cat") == 0
                                     : strcmp(value, "off") != 0;
}

int cli_trusted(struct cli *cli, const char *key, const char **out)
{
    struct sillok_setting set;
    const int r = sillok_config_get(cli->config, key, &set);
    if (r < 0)
        return r;
    const int follow = !cli->found || is_harmless(key, set.value);
    *out = follow ? set.value : set.fallback;
    if (!follow)
        cli_note(cli,
                 "'%s: %.60s' of %s is not followed, for nobody named that store: give "
                 "-s %s, or set SILLOK_%s",
                 key, set.value, cli->url, cli->url,
                 strcmp(key, "pager") == 0 ? "PAGER" : "SANDBOX");
    return 0;
}

int cli_checkpoint_copy(struct cli *cli, const char **out)
{
    struct sillok_setting set;
    const int r = sillok_config_get(cli->config, "checkpoint_copy", &set);
    if (r < 0)
        return r;
    *out = *set.value ? set.value : NULL;
    if (!*out || !cli->found || access(*out, F_OK) == 0)
        return 0;
    return fail(
        SILLOK_EIO,
        "the copy '%.300s' is missing, and a store that nobody named begins no file "
        "elsewhere: give -s %.300s, or 'sillok proof checkpoint >FILE' begins it",
        *out, cli->url);
}

void cli_prepare_pager(struct cli *cli)
{
    const char *setting = "";
    if (cli->no_pager || !(cli->verb->reach & REACH_PAGER) ||
        !term_wants_pager(&cli->term))
        return;
    if (getenv("SILLOK_PAGER") || cli_trusted(cli, "pager", &setting) == 0)
        term_prepare_pager(&cli->term, setting);
}

void cli_start_pager(struct cli *cli)
{
    cli_prepare_pager(cli);
    term_start_pager(&cli->term);
}

int put_paged_away(const struct cli *cli)
{
    return reader_left && cli->term.pager;
}

void put_before_talk(void)
{
    if (fflush(stdout) != 0 && !output_errno)
        output_errno = errno;
}

int put_finish(void)
{
    if (fflush(stdout) != 0 || output_errno)
        return output_failed();
    if (ferror(stdout)) /* said by whoever wrote */
        return fail(SILLOK_EIO, "cannot write output");
    return 0;
}

/* --- the store --- */

#define FOLDER ".sillok"

/* The nearest .sillok upwards from the current folder; the caller's. */
static char *search_upwards(int *no_memory)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    char *here = getcwd(NULL, 0);
    *no_memory = !here && errno == ENOMEM;
    if (!here)
        return NULL;
    size_t len = strlen(here);
    for (;;) {
        struct stat st;
        buf_clear(&path);
        (void)buf_add(&path, here, len);
        (void)buf_add(&path, "/" FOLDER, sizeof("/" FOLDER)); /* with its zero */
        if (path.failed || (stat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode)))
            break;
        while (len && here[len - 1] != '/')
            len--;
        if (len == 0) {
            free(here);
            return NULL;
        }
        len--;
    }
    free(here);
    char *found = buf_take(&path, NULL);
    *no_memory = !found;
    return found;
}

const char *cli_locate(struct cli *cli, int create)
{
    const char *env = getenv("SILLOK_STORE");
    int no_memory = 0;
    if (cli->url)
        return cli->url;
    if (cli->store_option)
        no_memory = !(cli->url = strdup(cli->store_option));
    else if (env && *env)
        no_memory = !(cli->url = strdup(env));
    else
        cli->found = (cli->url = search_upwards(&no_memory)) != NULL;
    if (!cli->url && create && !no_memory)
        cli->url = strdup(FOLDER);
    if (no_memory || (create && !cli->url))
        (void)fail_memory();
    else if (!cli->url)
        (void)fail(
            SILLOK_ENOTFOUND,
            "no store found here or above: give -s STORE, set SILLOK_STORE, or make "
            "one with 'sillok init' or 'sillok ingest'");
    return cli->url;
}

const char *cli_folder(const struct cli *cli)
{
    const char *url = cli->url;
    if (!url || strncmp(url, "rados:", 6) == 0)
        return NULL;
    return strncmp(url, "lmdb:", 5) == 0 ? url + 5 : url;
}

static int no_place(void)
{
    return fail_memory_seen() ? SILLOK_ENOMEM : SILLOK_ENOTFOUND;
}

int cli_locate_folder(struct cli *cli, const char **out)
{
    if (!cli_locate(cli, 0))
        return no_place();
    *out = cli_folder(cli);
    return *out ? 0
                : fail(SILLOK_EINVALID,
                       "'%s' is no folder, and this needs the store in one", cli->url);
}

int cli_load_config(struct cli *cli)
{
    const char *folder = cli_folder(cli);
    if (cli->config)
        return 0;
    CLEANUP(free) char *path = folder ? file_in(folder, "config.yaml") : NULL;
    if (folder && !path)
        return fail_memory();
    const int r = sillok_config_load(&cli->config, path);
    if (r < 0)
        return r;
    struct sillok_setting set;
    if (!cli->zone_option && sillok_config_get(cli->config, "zone", &set) == 0)
        (void)time_parse_zone(&cli->zone_min, set.value); /* checked when it was read */
    if (!cli->color && sillok_config_get(cli->config, "color", &set) == 0)
        term_set_color(&cli->term, strcmp(set.value, "always") == 0  ? COLOR_ALWAYS
                                   : strcmp(set.value, "never") == 0 ? COLOR_NEVER
                                                                     : COLOR_AUTO);
    return 0;
}

/* 1 when there is something to open; else nothing is read, and opening says why. */
static int is_there(const char *folder)
{
    struct stat st;
    return folder && stat(folder, &st) == 0;
}

/* A reader may write to nothing but the lock file beside the data, and compact changes
 * both: if that was between what it was allowed and what it opens, nothing is wrong with
 * either. */
static int open_store(struct cli *cli, const struct sillok_store_options *options,
                      const char *allowed)
{
    char now[SILLOK_DATA_NAME_BYTES];
    const int r = sillok_store_open(&cli->store, cli->url, options);
    if (r != SILLOK_EIO || !*allowed)
        return r;
    CLEANUP(buf_release) struct buf why = BUF_INIT;
    if (buf_add_str(&why, sillok_error_message()) < 0 || buf_add_char(&why, '\0') < 0 ||
        sillok_store_data_name(cli_folder(cli), now) < 0)
        return fail_memory();
    return strcmp(now, allowed) == 0
               ? fail(r, "%s", why.ptr)
               : fail(SILLOK_EBUSY,
                      "the store '%s' was compacted at this very moment: ask again",
                      cli_folder(cli));
}

int cli_open(struct cli *cli, enum cli_open how, int wait_s)
{
    char allowed[SILLOK_DATA_NAME_BYTES] = "";
    const char *url = cli_locate(cli, how == CLI_CREATE);
    if (!url)
        return no_place();
    int r = cli_load_config(cli);
    /* A store is made beside its place, where the sandbox would not let us. */
    if (r == 0 && how == CLI_CREATE && !is_there(cli_folder(cli)))
        r = sillok_store_create(url);
    if (r == SILLOK_EEXISTS)
        r = 0;
    if (r == 0 && is_there(cli_folder(cli))) {
        r = sillok_store_data_name(cli_folder(cli), allowed);
        if (r == 0)
            r = reach_limit(cli, cli_folder(cli));
    }
    if (r < 0)
        return r;
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    options.read_only = how == CLI_READ;
    options.wait_s = wait_s;
    sillok_config_limits(cli->config, &options.limits);
    return open_store(cli, &options, allowed);
}

void cli_close(struct cli *cli)
{
    sillok_store_close(cli->store);
    sillok_config_free(cli->config);
    free(cli->url);
    cli->store = NULL;
    cli->config = NULL;
    cli->url = NULL;
}

/* --- arguments --- */

int cli_time(struct cli *cli, const char *text, int64_t *out_s)
{
    const int r = sillok_time_parse(out_s, text, strlen(text), cli->now_s, cli->zone_min);
    return r < 0 ? fail_context(r, "'%.80s'", text) : 0;
}

int cli_span(struct cli *cli, const char *from, const char *to, int64_t *from_s,
             int64_t *to_s)
{
    const int r = from ? cli_time(cli, from, from_s) : 0;
    return r == 0 && to ? cli_time(cli, to, to_s) : r;
}

int cli_ref(struct cli *cli, const char *text, struct sillok_ref *out)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT;
    const int r = pasted_article(&name, text);
    return r < 0 ? r
                 : sillok_ref_parse(out, r ? name.ptr : text, cli->now_s, cli->zone_min);
}

int cli_article(struct cli *cli, const char *text, struct sillok_ref *out)
{
    const int r = cli_ref(cli, text, out);
    if (r < 0 || out->kind == SILLOK_REF_NEWEST)
        return r;
    return fail(
        SILLOK_EINVALID,
        "'%.160s' is one revision, and this is about all of %s/%s; 'sillok show' has one",
        text, out->oid, out->aid);
}

int cli_in_store(struct cli *cli, int err)
{
    char message[1024];
    snprintf(message, sizeof(message), "%s", sillok_error_message());
    if (err != SILLOK_ENOTFOUND || !cli->url || strstr(message, cli->url))
        return err;
    return fail(err, "%s in %s", message, cli->url);
}

/* The names of all crawls, each with its NUL. */
static int list_crawls(struct buf *names, struct sillok_store *store)
{
    struct sillok_crawls *it = NULL;
    struct sillok_crawl c;
    int r = sillok_crawls_open(&it, store);
    while (r >= 0 && (r = sillok_crawls_next(it, &c)) > 0)
        r = buf_add(names, c.name, strlen(c.name) + 1);
    sillok_crawls_close(it);
    return r;
}

static int is_listed(const struct buf *names, struct sillok_text name)
{
    for (size_t at = 0; at < names->len; at += strlen(names->ptr + at) + 1)
        if (text_is(name, names->ptr + at))
            return 1;
    return 0;
}

int cli_part_crawls(size_t *at, struct sillok_store *store, const char *text)
{
    CLEANUP(buf_release) struct buf names = BUF_INIT;
    const char *dots = strstr(text, "..");
    if (!dots || dots == text || !dots[2])
        return 0;
    *at = (size_t)(dots - text);
    if (!strstr(dots + 1, ".."))
        return 1;
    const int r = list_crawls(&names, store);
    for (int best = 0; r == 0 && dots; dots = strstr(dots + 1, "..")) {
        /* Where only one is there, the other is what will be told. */
        const int known = is_listed(&names, text_make(text, (size_t)(dots - text))) +
                          is_listed(&names, text_of(dots + 2));
        if (known > best)
            *at = (size_t)(dots - text);
        best = known > best ? known : best;
    }
    return r < 0 ? r : 1;
}

int cli_crawls(struct cli *cli, char **copy, const char *text,
               struct sillok_changes_options *options)
{
    size_t at;
    const int r = cli_part_crawls(&at, cli->store, text);
    if (r <= 0)
        return r < 0 ? r
                     : fail(SILLOK_EINVALID,
                            "--crawl %.80s: write two crawls as A..B; 'sillok crawls' "
                            "lists them",
                            text);
    *copy = strdup(text);
    if (!*copy)
        return fail_memory();
    (*copy)[at] = '\0';
    options->crawl_a = *copy;
    options->crawl_b = *copy + at + 2;
    return 0;
}

int cli_count_refused(struct cli *cli, const char *crawl, uint64_t *n)
{
    struct sillok_crawls *it = NULL;
    struct sillok_crawl c;
    int found = 0;
    *n = 0;
    int r = sillok_crawls_open(&it, cli->store);
    while (r == 0 && (r = sillok_crawls_next(it, &c)) > 0) {
        const int wanted = !crawl || strcmp(c.name, crawl) == 0;
        found |= wanted;
        *n += wanted ? c.refused : 0;
        r = 0;
    }
    sillok_crawls_close(it);
    return r == 0 && crawl && !found
               ? fail(SILLOK_ENOTFOUND,
                      "there is no crawl '%s' in '%s' (sillok crawls lists them)", crawl,
                      cli->url)
               : r;
}
