/*
 * The server beside somebody who writes: an answer is of one moment, the next one of a later.
 */
#include "web/web.h"

#include "support.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUESTS = 2 };

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

struct scene {
    struct support_fixture *f;
    uint64_t before[REQUESTS], after[REQUESTS]; /* articles, while it is answered */
    int n;
};

static uint64_t n_articles(struct sillok_store *store)
{
    struct sillok_stats stats;
    assert_ok(sillok_store_stats(store, &stats));
    return stats.articles;
}

static void take_in(struct sillok_store *store, const struct support_fixture *f,
                    const char *aid)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    const struct support_file file = { .oid = "001",
                                       .aid = aid,
                                       .at = "2026-01-05 12:00:00",
                                       .title = "새 소식",
                                       .body = "비가 왔다." };
    char *path = support_path(f->folder, aid);
    const char *const paths[] = { path };
    support_crawl_file(&text, &file);
    support_write(path, text.ptr, text.len);
    assert_int_equal(support_ingest(store, aid, paths, 1).new_articles, 1);
    free(path);
}

/* As another process does. */
static void take_in_elsewhere(const struct scene *s, const char *aid)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sillok_store *store = NULL;
        char *path = support_path(s->f->folder, "store");
        sillok_store_close(s->f->store); /* that of the parent stays open there */
        if (sillok_store_open(&store, path, NULL) < 0)
            _exit(1);
        take_in(store, s->f, aid);
        sillok_store_close(store);
        _exit(0);
    }
    int status = -1;
    assert_true(waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
}

static int the_store(void *arg, struct sillok_store **out)
{
    const struct scene *s = arg;
    *out = s->f->store;
    return 0;
}

static int api(void *arg, struct sillok_store *store, const struct web_request *q,
               struct web_response *a)
{
    struct scene *s = arg;
    char aid[16];
    (void)q;
    assert_true(s->n < REQUESTS);
    snprintf(aid, sizeof(aid), "%010d", s->n + 2);
    s->before[s->n] = n_articles(store);
    take_in_elsewhere(s, aid);
    s->after[s->n] = n_articles(store);
    s->n++;
    a->type = "text/plain";
    return buf_add_str(&a->body, "done\n") < 0 ? SILLOK_ENOMEM : 1;
}

/* One request after the other: 0 when each was answered. */
static int ask(uint16_t port)
{
    char request[100];
    const int n_request = snprintf(
        request, sizeof(request),
        "GET /api/x HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n\r\n", port);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < REQUESTS; i++) {
        char answer[4096] = "";
        size_t len = 0;
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
            write(fd, request, (size_t)n_request) < 0)
            return 1;
        for (ssize_t n = 1; n > 0 && len + 1 < sizeof(answer);
             len += n > 0 ? (size_t)n : 0)
            n = read(fd, answer + len, sizeof(answer) - 1 - len);
        close(fd);
        if (!strstr(answer, "200 OK") || !strstr(answer, "done"))
            return 1;
    }
    return 0;
}

static void an_answer_is_of_one_moment(void **state)
{
    struct scene s = { .f = *state };
    struct web *web = NULL;
    const struct web_options options = { .pages = SILLOK_REPORT_OPTIONS_INIT,
                                         .stop = &stopped,
                                         .store = the_store,
                                         .api = api,
                                         .arg = &s };
    take_in(s.f->store, s.f, "0000000001");
    support_open_again(s.f);
    if (web_open(&web, &options) < 0)
        skip(); /* there is no libmicrohttpd */
    const char *port = strrchr(web_url(web), ':');
    assert_non_null(port);
    signal(SIGUSR1, stop);
    const pid_t client = fork();
    assert_true(client >= 0);
    if (client == 0) {
        const int failed = ask((uint16_t)strtoul(port + 1, NULL, 10));
        kill(getppid(), SIGUSR1);
        _exit(failed);
    }
    assert_ok(web_run(web));
    int status = -1;
    web_close(web);
    assert_true(waitpid(client, &status, 0) == client);
    assert_int_equal(status, 0);
    for (uint64_t i = 0; i < REQUESTS; i++) {
        assert_int_equal(s.before[i], i + 1);
        assert_int_equal(s.after[i], i + 1);
    }
    assert_int_equal(n_articles(s.f->store), REQUESTS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_is_of_one_moment, support_set_up,
                                        support_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
