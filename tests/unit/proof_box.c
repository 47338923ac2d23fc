/* A log beside its store: see proof_box.h. */
#include "unit/proof_box.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t day(int n)
{
    return JAN_1 + (int64_t)(n - 1) * DAY;
}

int proof_set_up(void **state)
{
    static const struct sillok_proof_init_options options = { .name = "a.example/log" };
    (void)support_set_up(state);
    assert_ok(sillok_proof_init(((struct support_fixture *)*state)->store, &options));
    return 0;
}

char *beside(const struct support_fixture *f, const char *name)
{
    char *store = support_path(f->folder, "store"), *path = support_path(store, name);
    free(store);
    return path;
}

void see(struct support_fixture *f, int aid, int n, const char *body)
{
    char when[SILLOK_TIME_LEN];
    sillok_time_format(day(n), 0, when);
    assert_ok(buf_printf(&f->lines,
                         "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":\"%s\","
                         "\"title\":\"제목\",\"body\":\"%s\"}\n",
                         aid, when, body));
}

void take_in(struct support_fixture *f, const char *crawl)
{
    (void)support_take_lines(f, crawl); /* some are to be refused */
}

struct sillok_proof_sum sign(struct support_fixture *f)
{
    struct sillok_proof_sum sum;
    assert_ok(sillok_proof_sign(f->store, NULL, &sum));
    return sum;
}

int verify(struct support_fixture *f, int fast, const char *copy, char first[400])
{
    struct sillok_proof_verify *it;
    struct sillok_verify_event e;
    int r, n = 0;
    *first = '\0';
    assert_ok(sillok_proof_verify_open(&it, f->store, fast, copy));
    while ((r = sillok_proof_verify_next(it, &e)) > 0)
        if (e.damage && n++ == 0)
            snprintf(first, 400, "%s", e.what);
    assert_ok(r);
    sillok_proof_verify_close(it);
    return n;
}

void is_whole(struct support_fixture *f)
{
    char first[400];
    const int n = verify(f, 0, NULL, first);
    if (n)
        fail_msg("%d: %s", n, first);
}

void proof_holds(struct support_fixture *f, const char *text, const char *crawl,
                 int64_t at_s, const char *body)
{
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    struct hasher *h;
    struct sillok_id id;
    struct sillok_ref ref;
    char *data;
    size_t len;
    assert_ok(sillok_ref_parse(&ref, text, 0, 0));
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    assert_ok(sillok_proof_make(f->store, &ref, crawl, &data, &len));
    assert_ok(sillok_proof_check(text_make(data, len), &options, &result));
    assert_int_equal(result.kind,
                     crawl ? SILLOK_PROOF_OBSERVATION : SILLOK_PROOF_REVISION);
    assert_int_equal(result.time_s, at_s);
    assert_string_equal(result.oid, ref.oid);
    assert_string_equal(result.aid, ref.aid);
    assert_string_equal(result.crawl, crawl ? crawl : "");
    assert_ok(hasher_new(&h));
    assert_ok(hasher_of(h, text_of(body), &id));
    assert_memory_equal(&result.content_hash, &id, sizeof(id));
    hasher_free(h);
    sillok_free(data);
}

void copy(const struct support_fixture *f, const char *from, const char *to)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    char *a = beside(f, from), *b = beside(f, to);
    assert_ok(file_read(&bytes, a, (size_t)1 << 28));
    support_write(b, bytes.ptr, bytes.len);
    free(a);
    free(b);
}

void copy_log(const struct support_fixture *f, const char *from, const char *to)
{
    char a[64], b[64];
    snprintf(a, sizeof(a), "%s-seal", from);
    snprintf(b, sizeof(b), "%s-seal", to);
    copy(f, from, to);
    copy(f, a, b);
}

void signing_gives(struct support_fixture *f, const struct sillok_proof_sign_options *o,
                   int code, const char *why)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    char *path = beside(f, "checkpoint");
    const int there = file_read(&was, path, 1 << 16);
    assert_int_equal(sillok_proof_sign(f->store, o, NULL), code);
    if (!strstr(sillok_error_message(), why))
        fail_msg("'%s' lacks '%s'", sillok_error_message(), why);
    assert_int_equal(file_read(&is, path, 1 << 16), there);
    assert_true(text_equal(buf_text(&was), buf_text(&is)));
    free(path);
}

void signing_fails(struct support_fixture *f, const struct sillok_proof_sign_options *o,
                   const char *why)
{
    signing_gives(f, o, SILLOK_ECORRUPT, why);
}

void log_of_ten(struct support_fixture *f)
{
    for (int i = 1; i <= 8; i++)
        see(f, i, 1, "text");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 10);
}
