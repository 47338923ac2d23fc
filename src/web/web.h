/*
 * The server: one thread, one store, for reading.
 *
 *   web_open   the library, the socket; before a sandbox is entered
 *   web_run    until *stop, or until the store cannot be read any more
 *
 * Invariants
 *  1. There is no route that changes anything: GET and HEAD only.
 *  2. A client has ten seconds for a whole request. When more than WEB_CONNECTIONS are
 *     open, the one goes that has been sending its request for longest, else the one that
 *     has been taking its answer for longest; that one too where answers that are not
 *     taken are more than 128 MiB in all.
 *  3. Each answer has the headers that keep a page from running or loading anything.
 *  4. On a loopback address only requests to that are answered (Host), so that no name
 *     that leads here makes a browser ask. Another address wants a token.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "sillok/report.h"
#include "web/request.h"

#include <signal.h>

enum { WEB_CONNECTIONS = 64, WEB_REQUEST_MS = 10000 };

struct web_options {
    const char *address; /* NULL: 127.0.0.1 */
    uint16_t port;       /* 0: any that is free */
    const char *token;   /* NULL: none is asked for */
    const char *url;     /* how clients name it, behind a proxy, say; no slash at its end;
                            NULL: as it listens */
    /* How pages look; its changes.* are not used. */
    struct sillok_report_options pages;
    const volatile sig_atomic_t *stop;
    /* The store as it is now; may be another handle than before. Asked at each request.
     * SILLOK_ECORRUPT and the like end the server. */
    int (*store)(void *arg, struct sillok_store **out);
    /* Answer "/api/...": 1 done, 0 there is no such thing, negative error. */
    int (*api)(void *arg, struct sillok_store *store, const struct web_request *q,
               struct web_response *a);
    void *arg;
};

struct web;
/**
 * @return 0;  SILLOK_EINVALID the address is none, or not a loopback one and there is no
 *         token;  SILLOK_EIO no library, or the port is taken
 */
int web_open(struct web **out, const struct web_options *options);
/** "http://127.0.0.1:8080"; borrowed until web_close(). */
const char *web_url(const struct web *w);
/** 0 when it was stopped; else why the store cannot be read. */
int web_run(struct web *w);
void web_close(struct web *w);

/** Of the connection that is answered now; -1: none. For a handler of SIGBUS, which may
 *  write WEB_GONE to it. */
extern volatile sig_atomic_t web_answering_fd;
#define WEB_GONE                                                                         \
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"                   \
    "Connection: close\r\nContent-Length: 26\r\n\r\nThe store is gone: retry.\n"

#endif
