#include "web/web.h"

#include "web/mhd.h"
#include "web/site.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    SLOTS = 256, /* connections that the library may hold, those that go among them */
    MEMORY_BYTES = 32 << 10, /* of a connection: its request has to fit */
    HEADERS_MAX = 100,
    TURN_MS = 100,
    SENDING_MS = 60000, /* and a second for each SENDING_BYTES_S of it */
    SENDING_BYTES_S = 64 << 10,
    QUEUED_BYTES = 128 << 20, /* of all answers that clients have not taken yet */
    TOKEN_MAX = 256
};

volatile sig_atomic_t web_answering_fd = -1;

/* A connection, from its first byte to its last. */
struct slot {
    int fd, used;
    int sending;      /* an answer; else it is the client's turn */
    int shut;         /* it goes */
    int64_t since_ms; /* of that */
    size_t bytes;     /* of the answer, until it is sent */
};

struct web {
    struct web_options options;
    struct mhd mhd;
    struct MHD_Daemon *daemon;
    int listener, loopback;
    uint16_t port;
    char url[128];
    struct slot slots[SLOTS];
    size_t queued_bytes; /* of all answers that are not sent yet */
    struct failure end;  /* not 0: the store cannot be read any more */
};

/* One request. */
struct asking {
    char *target;
    int begun;
};

/* --- connections --- */

static void shut(struct slot *s)
{
    s->shut = 1;
    (void)shutdown(s->fd, SHUT_RDWR); /* the library sees the end and closes it */
}

/* The one whose turn it has been for longest; NULL: there is none. */
static struct slot *oldest(struct web *w, int sending)
{
    struct slot *found = NULL;
    for (int i = 0; i < SLOTS; i++) {
        struct slot *s = &w->slots[i];
        if (s->used && !s->shut && s->sending == sending &&
            (!found || s->since_ms < found->since_ms))
            found = s;
    }
    return found;
}

/* Room for one more: the one goes that has been sending its request for longest; where
 * there is none, the one that has been taking its answer for longest. */
static void make_room(struct web *w)
{
    int open = 0;
    for (int i = 0; i < SLOTS; i++)
        open += w->slots[i].used && !w->slots[i].shut;
    struct slot *s = oldest(w, 0);
    if (!s)
        s = oldest(w, 1);
    if (open >= WEB_CONNECTIONS && s)
        shut(s);
}

static void forget_answer(struct web *w, struct slot *s)
{
    w->queued_bytes -= s->bytes;
    s->bytes = 0;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct web *w = cls;
    struct slot *s = *context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (s) {
            forget_answer(w, s);
            s->used = 0;
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
        w->mhd.get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    make_room(w);
    for (int i = 0; info && i < SLOTS; i++)
        if (!w->slots[i].used) {
            w->slots[i] = (struct slot){ .fd = info->connect_fd,
                                         .used = 1,
                                         .since_ms = web_clock_ms() };
            *context = &w->slots[i];
            return;
        }
}

static struct slot *slot_of(struct web *w, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        w->mhd.get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void turn_of(struct web *w, struct MHD_Connection *c, int sending)
{
    struct slot *s = slot_of(w, c);
    if (!s)
        return;
    s->sending = sending;
    s->since_ms = web_clock_ms();
}

/* A client that drips its request is never idle, so it is not the library's time-out that
 * ends it. */
static void sweep(struct web *w)
{
    const int64_t now = web_clock_ms();
    for (int i = 0; i < SLOTS; i++) {
        struct slot *s = &w->slots[i];
        if (s->used && !s->shut &&
            now - s->since_ms >
                (s->sending ? SENDING_MS + (int64_t)(s->bytes / SENDING_BYTES_S) * 1000
                            : WEB_REQUEST_MS))
            shut(s);
    }
}

/* --- who may ask --- */

/* What of the head counts. Texts are the library's, until the answer, or stand in @c room. */
struct head {
    int n, hosts, lengths, has_body, odd;
    const char *host, *authorization, *accept_datetime, *if_none_match;
    char room[1024]; /* for values that had blanks behind them, as far as it goes */
    size_t used;
};

/* Blanks behind a value are none of it (RFC 9112 5.1); the library leaves them there. */
static const char *without_blanks(struct head *h, const char *value)
{
    size_t n = strlen(value);
    if (!n || (value[n - 1] != ' ' && value[n - 1] != '\t'))
        return value;
    while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
        n--;
    if (n >= sizeof(h->room) - h->used)
        return value;
    char *copy = memcpy(h->room + h->used, value, n);
    copy[n] = '\0';
    h->used += n + 1;
    return copy;
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    struct head *h = cls;
    (void)kind;
    h->n++;
    if (value)
        value = without_blanks(h, value);
    /* RFC 9110 5.6.2: "Content-Length : 5" is a name that the next one may read as one. */
    for (const char *p = key; *p; p++)
        h->odd |= *p <= ' ' || *p >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", *p) != NULL;
    if (!*key)
        h->odd = 1;
    if (strcasecmp(key, "Host") == 0) {
        h->hosts++;
        h->host = value;
    } else if (strcasecmp(key, "Content-Length") == 0) {
        h->lengths++;
        h->has_body |= value && strcmp(value, "0") != 0;
    } else if (strcasecmp(key, "Transfer-Encoding") == 0) {
        h->has_body = 1;
    } else if (strcasecmp(key, "Authorization") == 0) {
        h->authorization = value;
    } else if (strcasecmp(key, "Accept-Datetime") == 0) {
        h->accept_datetime = value;
    } else if (strcasecmp(key, "If-None-Match") == 0) {
        h->if_none_match = value;
    }
    return MHD_YES;
}

/* Without a slash at its end. */
static const char *base_of(const struct web *w)
{
    return w->options.url ? w->options.url : w->url;
}

/* Of "https://example.org/news" the middle: what a proxy adds behind it is no part of the
 * name. */
static int is_host_of(const char *url, const char *host)
{
    const char *at = strstr(url, "://");
    const size_t n = at ? strcspn(at + 3, "/") : 0;
    return n && strlen(host) == n && strncasecmp(host, at + 3, n) == 0;
}

static int is_our_host(const struct web *w, const char *host)
{
    static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
    char want[64];
    if (is_host_of(base_of(w), host))
        return 1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(want, sizeof(want), "%s:%u", names[i], w->port);
        if (strcasecmp(host, want) == 0 ||
            (w->port == 80 && strcasecmp(host, names[i]) == 0))
            return 1;
    }
    return 0;
}

/* In a time that does not tell how much of it is right. */
static int same_secret(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    unsigned char different = n != m;
    for (size_t i = 0; i < n; i++)
        different |= (unsigned char)(a[i] ^ b[m ? i % m : 0]);
    return !different;
}

static int base64_value(char c)
{
    static const char signs[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(signs, c) : NULL;
    return at ? (int)(at - signs) : -1;
}

/* "Bearer TOKEN", or "Basic BASE64" of "anybody:TOKEN", which browsers ask for. */
static int has_token(const struct web *w, const char *authorization)
{
    char plain[2 * TOKEN_MAX] = "";
    size_t n = 0;
    unsigned bits = 0;
    int held = 0;
    if (!authorization)
        return 0;
    if (strncasecmp(authorization, "Bearer ", 7) == 0)
        return same_secret(authorization + 7, w->options.token);
    if (strncasecmp(authorization, "Basic ", 6) != 0)
        return 0;
    for (const char *p = authorization + 6; n + 1 < sizeof(plain); p++) {
        const int v = base64_value(*p);
        if (v < 0)
            break;
        bits = bits << 6 | (unsigned)v;
        held += 6;
        if (held >= 8) {
            held -= 8;
            plain[n++] = (char)(bits >> held & 0xff);
        }
    }
    plain[n] = '\0';
    const char *colon = strchr(plain, ':');
    return colon && same_secret(colon + 1, w->options.token);
}

/* 0, or the status of a refusal with its sentence. */
static int judge_head(const struct web *w, const char *method, const char *version,
                      const char *target, const struct head *h, const char **why)
{
    *why = "";
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return *why = "only GET and HEAD are answered here", 405;
    if (strncmp(version, "HTTP/1.", 7) != 0)
        return *why = "HTTP/1.1 is spoken here", 400;
    if (h->n > HEADERS_MAX)
        return *why = "there are too many header fields", 431;
    if (h->odd)
        return *why = "a header field has no proper name", 400;
    if (h->lengths > 1 || h->hosts > 1)
        return *why = "a header field is there twice", 400;
    if (h->has_body)
        return *why = "a request has no body here", 400;
    if (!h->host && strcmp(version, "HTTP/1.0") != 0)
        return *why = "there is no Host", 400;
    if (strlen(target) > WEB_TARGET_MAX)
        return *why = "the address is too long", 414;
    if (w->loopback && h->host && !is_our_host(w, h->host))
        return *why = "this server answers to its own address only", 421;
    if (w->options.token && !has_token(w, h->authorization))
        return *why = "a token is needed", 401;
    return 0;
}

/* --- the answer --- */

static int find_page(struct web *w, struct sillok_store *store,
                     const struct web_request *q, struct web_response *a)
{
    struct web_site site = { store, &w->options, base_of(w) };
    int r;
    if (web_is_below(q->path, "/api/"))
        r = w->options.api ? w->options.api(w->options.arg, store, q, a) : 0;
    else if (web_is_below(q->path, "/feed"))
        r = web_feed(&site, q, a);
    else if (web_is_below(q->path, "/time") || web_is_below(q->path, "/memento/"))
        r = web_memento(&site, q, a);
    else if (web_is_below(q->path, "/cdx"))
        r = web_cdx(&site, q, a);
    else if (strcmp(q->path, "/metrics") == 0)
        r = web_metrics(&site, q, a);
    else
        r = web_page(&site, q, a);
    return r == 0 ? fail(SILLOK_ENOTFOUND, "there is no page of that address") : r;
}

/* An answer is put together from many questions: all of one moment. */
static int route(struct web *w, struct sillok_store *store, const struct web_request *q,
                 struct web_response *a)
{
    int r = sillok_store_hold(store);
    if (r < 0)
        return r;
    r = find_page(w, store, q, a);
    sillok_store_release(store);
    return r;
}

static int status_of(int err)
{
    switch (err) {
    case SILLOK_ENOTFOUND:
        return 404;
    case SILLOK_EINVALID:
    case SILLOK_EAMBIGUOUS:
        return 400;
    case SILLOK_EBUSY:
    case SILLOK_ESTOPPED:
    case SILLOK_ENOMEM:
    case SILLOK_ECORRUPT:
    case SILLOK_EIO:
        return 503;
    default:
        return 500;
    }
}

static int answer(struct web *w, const struct web_request *q, struct web_response *a)
{
    struct sillok_store *store = NULL;
    int r = w->options.store(w->options.arg, &store);
    if (r < 0 && r != SILLOK_ECORRUPT) /* of this moment: no memory, no files left */
        return web_error(a, 503, sillok_error_message(), q->target);
    if (r < 0) {
        failure_keep(&w->end, r);
        return web_error(a, 503, "the store cannot be read any more", q->target);
    }
    r = route(w, store, q, a);
    if (r > 0 && a->body.failed)
        r = fail(SILLOK_ENOMEM, "that answer is too large: ask for less");
    if (r > 0)
        return 0;
    if (r == SILLOK_ESTOPPED)
        r = web_in_time(q) < 0 ? SILLOK_EBUSY : r; /* with its sentence */
    char why[1024];
    snprintf(why, sizeof(why), "%s", sillok_error_message());
    buf_clear(&a->headers);
    return web_error(a, status_of(r), why, q->target);
}

static const struct {
    const char *name, *value;
} always[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

static int add_headers(struct web *w, struct MHD_Response *m,
                       const struct web_response *a)
{
    int ok = w->mhd.add_response_header(m, "Content-Type", a->type) == MHD_YES;
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        ok &= w->mhd.add_response_header(m, always[i].name, always[i].value) == MHD_YES;
    for (size_t at = 0; at < a->headers.len;) {
        const char *name = a->headers.ptr + at, *value = name + strlen(name) + 1;
        ok &= w->mhd.add_response_header(m, name, value) == MHD_YES;
        at = (size_t)(value - a->headers.ptr) + strlen(value) + 1;
    }
    return ok;
}

/* The body goes to the library. */
static enum MHD_Result send_off(struct web *w, struct MHD_Connection *c,
                                struct web_response *a)
{
    size_t len = a->body.len;
    if (buf_add_char(&a->body, '\0') < 0) /* so that there is memory to give away */
        return MHD_NO;
    struct slot *s = slot_of(w, c);
    for (struct slot *o; w->queued_bytes + len > QUEUED_BYTES && (o = oldest(w, 1));) {
        forget_answer(w, o); /* it is not taken: it goes */
        shut(o);
    }
    struct MHD_Response *m =
        w->mhd.create_response_from_buffer(len, a->body.ptr, MHD_RESPMEM_MUST_FREE);
    if (!m)
        return MHD_NO;
    a->body = (struct buf)BUF_INIT;
    enum MHD_Result r = MHD_NO;
    if (add_headers(w, m, a))
        r = w->mhd.queue_response(c, (unsigned)a->status, m);
    w->mhd.destroy_response(m);
    turn_of(w, c, 1);
    if (s) {
        s->bytes = len;
        w->queued_bytes += len;
    }
    return r;
}

static void add_tag(struct web_response *a, const struct head *h)
{
    XXH128_canonical_t hash;
    char tag[36] = "\"";
    XXH128_canonicalFromHash(&hash,
                             XXH3_128bits(a->body.ptr ? a->body.ptr : "", a->body.len));
    put_hex(tag + 1, hash.digest, sizeof(hash.digest));
    tag[33] = '"';
    tag[34] = '\0';
    if (web_header(a, "ETag", tag) < 0 || !h->if_none_match ||
        (strcmp(h->if_none_match, "*") != 0 && !strstr(h->if_none_match, tag)))
        return;
    /* The library sends no body with it, but says how long it would have been. */
    a->status = 304;
}

static enum MHD_Result refuse(struct web *w, struct MHD_Connection *c, int status,
                              const char *why, const char *target)
{
    struct web_response a;
    web_response_init(&a);
    int r = web_error(&a, status, why, target);
    if (r == 0 && status == 405)
        r = web_header(&a, "Allow", "GET, HEAD");
    if (r == 0 && status == 401)
        r = web_header(&a, "WWW-Authenticate",
                       "Basic realm=\"sillok\", charset=\"UTF-8\"");
    if (r == 0)
        r = web_header(&a, "Connection", "close");
    const enum MHD_Result done = r == 0 ? send_off(w, c, &a) : MHD_NO;
    web_response_release(&a);
    return done;
}

static enum MHD_Result reply(struct web *w, struct MHD_Connection *c,
                             const struct head *h, const char *target)
{
    struct web_request q;
    struct web_response a;
    const struct slot *slot = slot_of(w, c);
    web_response_init(&a);
    int r = web_request_parse(&q, target);
    q.accept_datetime = h->accept_datetime;
    web_answering_fd = slot ? slot->fd : -1;
    r = r < 0 ? web_error(&a, status_of(r), sillok_error_message(), target)
              : answer(w, &q, &a);
    web_answering_fd = -1;
    if (r == 0 && a.status == 200)
        add_tag(&a, h);
    const enum MHD_Result done = r == 0 ? send_off(w, c, &a) : MHD_NO;
    web_response_release(&a);
    web_request_release(&q);
    return done;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version,
                                  const char *data, size_t *n_data, void **context)
{
    struct web *w = cls;
    struct asking *asking = *context;
    struct head head = { .n = 0 };
    const char *why;
    (void)url;
    (void)data;
    if (!asking || !asking->target)
        return MHD_NO;
    (void)w->mhd.get_connection_values(c, MHD_HEADER_KIND, take_header, &head);
    const int status = judge_head(w, method, version, asking->target, &head, &why);
    if (status)
        return refuse(w, c, status, why, asking->target);
    if (!asking->begun) { /* the answer follows when all of the request is there */
        asking->begun = 1;
        return MHD_YES;
    }
    return *n_data ? refuse(w, c, 400, "a request has no body here", asking->target)
                   : reply(w, c, &head, asking->target);
}

/* The target as it came, before the library takes it apart. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *c)
{
    struct asking *asking = calloc(1, sizeof(*asking));
    (void)cls;
    (void)c;
    if (asking) {
        asking->target = strdup(target);
    }
    return asking;
}

static void on_end(void *cls, struct MHD_Connection *c, void **context,
                   enum MHD_RequestTerminationCode how)
{
    struct asking *asking = *context;
    struct slot *s = slot_of(cls, c);
    (void)how;
    turn_of(cls, c, 0);
    if (s)
        forget_answer(cls, s);
    if (asking)
        free(asking->target);
    free(asking);
    *context = NULL;
}

static size_t leave_escaped(void *cls, struct MHD_Connection *c, char *text)
{
    (void)cls;
    (void)c;
    return strlen(text);
}

/* --- life --- */

static int is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >>
                   24 ==
               127;
    return a->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(
               &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

static int listen_at(struct web *w, const struct addrinfo *at, const char *address)
{
    const int yes = 1;
    struct sockaddr_storage bound;
    socklen_t n = sizeof(bound);
    memset(&bound, 0, sizeof(bound));
    w->loopback = is_loopback(at->ai_addr);
    if (!w->loopback && !w->options.token)
        return fail(SILLOK_EINVALID,
                    "'%.60s' is no loopback address: others can reach it, so it needs a "
                    "token (--token)",
                    address);
    w->listener = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (w->listener < 0)
        return fail_errno("cannot make a socket");
    if (setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(w->listener, at->ai_addr, at->ai_addrlen) < 0 ||
        listen(w->listener, SOMAXCONN) < 0 ||
        getsockname(w->listener, (struct sockaddr *)(void *)&bound, &n) < 0)
        return fail_errno("cannot listen at %.60s port %u", address, w->options.port);
    const int six = at->ai_family == AF_INET6;
    w->port = ntohs(six ? ((struct sockaddr_in6 *)(void *)&bound)->sin6_port
                        : ((struct sockaddr_in *)(void *)&bound)->sin_port);
    snprintf(w->url, sizeof(w->url), six ? "http://[%.64s]:%u" : "http://%.64s:%u",
             address, w->port);
    return 0;
}

static int open_socket(struct web *w)
{
    const char *address = w->options.address ? w->options.address : "127.0.0.1";
    const struct addrinfo want = { .ai_flags =
                                       AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char port[8];
    snprintf(port, sizeof(port), "%u", w->options.port);
    if (strcmp(address, "localhost") == 0)
        address = "127.0.0.1";
    if (getaddrinfo(address, port, &want, &found) != 0)
        return fail(SILLOK_EINVALID, "'%.60s' is no address: like 127.0.0.1 or ::1",
                    address);
    const int r = listen_at(w, found, address);
    freeaddrinfo(found);
    return r;
}

static int start(struct web *w)
{
    w->daemon = w->mhd.start_daemon(
        MHD_USE_EPOLL, w->port, NULL, NULL, on_request, w, MHD_OPTION_LISTEN_SOCKET,
        w->listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SLOTS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(WEB_REQUEST_MS / 1000),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, w,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        on_end, w, MHD_OPTION_NOTIFY_CONNECTION, on_connection, w, MHD_OPTION_END);
    return w->daemon ? 0 : fail(SILLOK_EIO, "libmicrohttpd cannot begin");
}

int web_open(struct web **out, const struct web_options *options)
{
    struct web *w = calloc(1, sizeof(*w));
    if (!w)
        return fail_memory();
    w->options = *options;
    w->listener = -1;
    int r = options->token && (!*options->token || strlen(options->token) > TOKEN_MAX)
                ? fail(SILLOK_EINVALID, "a token has 1 to %d characters", TOKEN_MAX)
                : mhd_open(&w->mhd);
    if (r == 0)
        r = open_socket(w);
    if (r == 0)
        r = start(w);
    if (r < 0) {
        web_close(w);
        return r;
    }
    *out = w;
    return 0;
}

const char *web_url(const struct web *w)
{
    return w->url;
}

/* What was asked is answered before the end. */
static void drain(struct web *w)
{
    const int64_t until = web_clock_ms() + (int64_t)5 * TURN_MS;
    for (int busy = 1; busy && web_clock_ms() < until;) {
        busy = 0;
        for (int i = 0; i < SLOTS; i++)
            busy |= w->slots[i].used && w->slots[i].sending;
        if (busy)
            (void)w->mhd.run_wait(w->daemon, TURN_MS / 10);
    }
}

int web_run(struct web *w)
{
    while (!*w->options.stop && !w->end.code) {
        if (w->mhd.run_wait(w->daemon, TURN_MS) != MHD_YES)
            return fail(SILLOK_EIO, "libmicrohttpd cannot go on");
        sweep(w);
    }
    drain(w);
    return w->end.code ? failure_tell(&w->end) : 0;
}

void web_close(struct web *w)
{
    if (!w)
        return;
    if (w->daemon)
        w->mhd.stop_daemon(w->daemon); /* and with it the listener */
    else if (w->listener >= 0)
        (void)close(w->listener);
    mhd_close(&w->mhd);
    free(w);
}
