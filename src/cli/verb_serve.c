/* sillok serve: the store in a browser, for programs, and by the archives' protocols. */
#include "cli/cli.h"

#include "base/file.h"
#include "cli/api.h"
#include "cli/reach.h"
#include "cli/stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct serve_args {
    const char *address, *port, *token, *title, *url;
};

enum { PORT = 8347, TOKEN_FILE_MAX = 1024 };

struct serving {
    struct cli *cli;
    char uuid[40];
    char data[SILLOK_DATA_NAME_BYTES]; /* the file that is open */
    struct stat file;
};

/* --- the store as it is now --- */

static int look(const struct serving *s, char data[SILLOK_DATA_NAME_BYTES],
                struct stat *file)
{
    const char *folder = cli_folder(s->cli);
    const int r = sillok_store_data_name(folder, data);
    if (r < 0)
        return r;
    CLEANUP(free) char *path = file_in(folder, data);
    if (!path)
        return fail_memory();
    if (stat(path, file) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ECORRUPT, "the store '%s' is gone", folder)
                   : fail_errno("cannot look at '%s'", path);
    return 0;
}

static int learn_uuid(struct serving *s, char out[40])
{
    struct sillok_stats stats = { .format = 0 };
    const int r = sillok_store_stats(s->cli->store, &stats);
    snprintf(out, 40, "%s", stats.uuid);
    return r;
}

static int replaced(const struct serving *s)
{
    return fail(SILLOK_ECORRUPT,
                "the store '%s' was replaced by another: serve that anew",
                cli_folder(s->cli));
}

static int reopen(struct serving *s)
{
    char uuid[40] = "";
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    options.read_only = 1;
    sillok_config_limits(s->cli->config, &options.limits);
    sillok_store_close(STEAL(s->cli->store));
    int r = sillok_store_open(&s->cli->store, s->cli->url, &options);
    if (r == 0)
        r = learn_uuid(s, uuid);
    return r == 0 && strcmp(uuid, s->uuid) != 0 ? replaced(s) : r;
}

/* A compaction gives the data another name: then it is that one. Another file of the same
 * name, or a shorter one, was put there by somebody. */
static int current(void *arg, struct sillok_store **out)
{
    struct serving *s = arg;
    char data[SILLOK_DATA_NAME_BYTES];
    struct stat file;
    int r = look(s, data, &file);
    /* A compaction may have been between the marker and the file. */
    if (r == SILLOK_ECORRUPT)
        r = look(s, data, &file);
    if (r == 0 && (strcmp(data, s->data) != 0 || !s->cli->store)) {
        r = reopen(s);
        if (r == 0)
            memcpy(s->data, data, sizeof(data));
    } else if (r == 0 &&
               (file.st_ino != s->file.st_ino || file.st_dev != s->file.st_dev)) {
        r = replaced(s);
    } else if (r == 0 && file.st_size < s->file.st_size) {
        r = fail(SILLOK_ECORRUPT, "the store '%s' is damaged: its file was cut off",
                 cli_folder(s->cli));
    }
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? SILLOK_ECORRUPT : r;
    s->file = file;
    s->cli->now_s = time(NULL);
    *out = s->cli->store;
    return 0;
}

static int answer_api(void *arg, struct sillok_store *store, const struct web_request *q,
                      struct web_response *a)
{
    const struct serving *s = arg;
    return api_answer(s->cli, store, q, a);
}

/* --- the verb --- */

static int read_token(const char *path, struct buf *out)
{
    int r = file_read_given(out, path, TOKEN_FILE_MAX);
    if (r == SILLOK_ENOTFOUND)
        r = fail(r, "there is no '%s'", path);
    if (r < 0)
        return r;
    const struct sillok_text t = text_trim(text_make(out->ptr, out->len), " \t\r\n");
    memmove(out->ptr, t.ptr, t.len);
    out->len = t.len;
    return buf_add_char(out, '\0');
}

static int serve(struct cli *cli, const struct serve_args *a, uint16_t port,
                 const char *token)
{
    struct serving s = { .cli = cli };
    struct web *web = NULL;
    struct web_options options = {
        .address = a->address,
        .port = port,
        .token = token,
        .url = a->url,
        .pages = SILLOK_REPORT_OPTIONS_INIT,
        .stop = &stopped_by,
        .store = current,
        .api = answer_api,
        .arg = &s,
    };
    options.pages.title = a->title;
    options.pages.zone_min = cli->zone_min;
    /* The socket first: a sandbox would refuse it. */
    int r = web_open(&web, &options);
    /* Looked at before it is opened: what comes between is seen at the first request. */
    const int seen = r == 0 ? look(&s, s.data, &s.file) : 0;
    if (r == 0)
        r = cli_open(cli, CLI_READ, 0);
    if (r == 0 && seen < 0)
        r = look(&s, s.data, &s.file);
    if (r == 0)
        r = learn_uuid(&s, s.uuid);
    if (r == 0) {
        stop_catch();
        printf("%s\n", web_url(web));
        r = put_finish();
    }
    if (r == 0) {
        cli_note(cli, "answers until Ctrl-C or SIGTERM");
        r = web_run(web);
    }
    web_close(web);
    return r;
}

static int run(struct cli *cli, const void *args)
{
    const struct serve_args *a = args;
    CLEANUP(buf_release) struct buf token = BUF_INIT;
    const char *folder;
    uint64_t port = PORT;
    if (a->port && text_number(text_of(a->port), UINT16_MAX, &port) < 0)
        return cli_usage(cli, "--port %.20s: a number up to 65535; 0 is any that is free",
                         a->port);
    if (a->url && (!strstr(a->url, "://") || a->url[strlen(a->url) - 1] == '/'))
        return cli_usage(cli,
                         "--url %.80s: like https://example.org/news, without a slash at "
                         "its end",
                         a->url);
    int r = cli_locate_folder(cli, &folder);
    if (r == 0)
        r = cli_load_config(cli);
    if (r == 0 && a->token)
        r = read_token(a->token, &token);
    if (r == 0)
        r = serve(cli, a, (uint16_t)port, a->token ? token.ptr : NULL);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options[] = {
    { "port", 'p', OPTION_TEXT, offsetof(struct serve_args, port), "N", NULL,
      "the port; 0: any that is free; else 8347" },
    { "address", 0, OPTION_TEXT, offsetof(struct serve_args, address), "ADDRESS", NULL,
      "where to listen; else 127.0.0.1. One that others can reach needs --token" },
    { "token", 0, OPTION_PATH, offsetof(struct serve_args, token), "FILE", NULL,
      "answer only who has the token that stands in FILE" },
    { "url", 0, OPTION_TEXT, offsetof(struct serve_args, url), "URL", NULL,
      "how clients name it, where that is not as it listens: behind a proxy" },
    { "title", 0, OPTION_TEXT, offsetof(struct serve_args, title), "TEXT", NULL,
      "of the pages; else 'What changed'" },
    { 0 },
};

const struct verb verb_serve = {
    .name = "serve",
    .synopsis = "",
    .summary = "the store in a browser and for programs",
    .help =
        "Prints its address and answers there until Ctrl-C or SIGTERM, always from the store "
        "as it is at that moment; nothing can be changed through it. What it has:\n"
        "pages without script, as those of 'sillok report': /, /changes/all.html, "
        "/publishers.html, /kinds.html, /crawls.html, /article/OID/AID.html, /find.html to "
        "search in, and /file/OID/AID[@R] for the original;\n"
        "JSON, the lines of the verbs with --json: /api/changes, /api/find, /api/articles, /api/log/OID/AID, "
        "/api/show/OID/AID[@R], /api/diff/OID/AID[@R[..R2]], /api/crawls, /api/missing, "
        "/api/publishers, /api/stats, /api/body/HASH;\n"
        "Atom feeds: /feed.atom, /feed/oid/OID.atom, /feed/article/OID/AID.atom; Memento (RFC "
        "7089): /timegate/URL, /timemap/link/URL; CDX: /cdx/search/cdx?url=URL; Prometheus: "
        "/metrics. docs/serve.md has their parameters.\n"
        "It listens on this machine alone and answers to its own address only. With --address "
        "others may ask too: each request then needs the token, as 'Authorization: Bearer "
        "TOKEN' or as the password that a browser asks for. There is no TLS: put a proxy in "
        "front of it.\n"
        "If the store's file is removed, replaced or cut off it answers 503 and ends with exit 4; "
        "one that was compacted is opened anew.",
    .options = options,
    .examples = "sillok serve|then open what it prints\n"
                "sillok serve --port 0 >address &|any port, for a script\n"
                "curl -s 'localhost:8347/api/changes?kind=number' || jq .title|ask it\n",
    .reach = REACH_STORE_WRITE | REACH_CLIENTS,
    .args_size = sizeof(struct serve_args),
    .run = run,
};
