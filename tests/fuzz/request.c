/*
 * What a client sends a server: targets, dates, names for a header. Oracle: a path that is
 * taken has no part that could lead out and decodes the same as a plain decoder says; a
 * date that is read is written the same; a header value has no control character.
 */
#include "fuzz.h"

#include "web/request.h"

#include <stdio.h>

/* The path of @p target, decoded in the simplest way; 0: it cannot be. */
static int plain_path(const char *target, struct buf *out)
{
    for (const char *p = target; *p && *p != '?'; p++) {
        uint8_t byte = (uint8_t)*p;
        if (*p == '%') {
            if (get_hex(&byte, p + 1, 1) < 0 || byte == 0)
                return 0;
            p += 2;
        }
        fuzz_done(buf_add_char(out, (char)byte), "memory");
    }
    return 1;
}

static int is_verbatim(const char *path)
{
    return strncmp(path, "/timegate/", 10) == 0 || strncmp(path, "/timemap/", 9) == 0 ||
           strncmp(path, "/memento/", 9) == 0;
}

static void ask_target(const char *target)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    struct web_request q;
    const int r = web_request_parse(&q, target);
    if (fuzz_failed(r, SILLOK_EINVALID)) {
        web_request_release(&q);
        return;
    }
    fuzz_expect(q.path[0] == '/', "a path begins with a slash");
    if (!is_verbatim(target)) {
        fuzz_expect(plain_path(target, &path), "a path that can be decoded");
        fuzz_equal(text_of(q.path), fuzz_text(&path), "the path");
        fuzz_expect(!strstr(q.path, "//") && !strstr(q.path, "/../") &&
                        !strstr(q.path, "/./") && !strchr(q.path, '\\'),
                    "no part that leads elsewhere");
        const size_t n = strlen(q.path);
        fuzz_expect(n < 3 || strcmp(q.path + n - 3, "/..") != 0, "nor at its end");
    }
    for (int i = 0; i < q.n_params; i++) {
        fuzz_expect(web_param(&q, q.params[i].name) == q.params[i].value,
                    "one parameter of a name");
        fuzz_expect(q.params[i].name >= q.text.ptr &&
                        q.params[i].value < q.text.ptr + q.text.len,
                    "texts of its own");
    }
    uint64_t v;
    if (web_param_number(&q, "limit", 1, WEB_LIMIT_MAX, WEB_LIMIT, &v) == 0)
        fuzz_expect(v >= 1 && v <= WEB_LIMIT_MAX, "a number in its bounds");
    web_request_release(&q);
}

static void ask_date(const char *text)
{
    char again[WEB_DATE_LEN];
    int64_t time_s;
    if (web_date_parse(text, &time_s) < 0)
        return;
    web_date(time_s, again);
    fuzz_equal(text_of(again), text_of(text), "a date");
}

static void ask_name(struct sillok_text name)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    struct web_response a;
    web_response_init(&a);
    fuzz_done(web_disposition(&value, name), "memory");
    for (size_t i = 0; i < value.len; i++)
        fuzz_expect(value.ptr[i] >= ' ' && value.ptr[i] <= '~', "ASCII in a header");
    fuzz_done(buf_add_char(&value, '\0'), "memory");
    if (value.len < WEB_TARGET_MAX)
        fuzz_done(web_header(&a, "Content-Disposition", value.ptr), "a header");
    web_response_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    fuzz_done(buf_add(&text, data, size), "memory");
    fuzz_done(buf_add_char(&text, '\0'), "memory");
    ask_target(text.ptr);
    ask_date(text.ptr);
    ask_name(text_make(size ? (const char *)data : "", size < 4096 ? size : 4096));
    return 0;
}
