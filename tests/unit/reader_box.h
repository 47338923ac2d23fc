/*
 * For tests that read crawl files: the reader of the built-in profile, under the usual
 * limits, and what comes of a file.
 */
#ifndef TESTS_UNIT_READER_BOX_H
#define TESTS_UNIT_READER_BOX_H

#include "article/reader.h"

#include "support.h"

#include <string.h>

static struct reader *reader;

static int set_up(void **state)
{
    struct sillok_limits limits;
    (void)state;
    sillok_limits_default(&limits);
    return reader_new(&reader, sillok_profile_builtin("naver"), &limits);
}

static int tear_down(void **state)
{
    (void)state;
    reader_free(reader);
    return 0;
}

/* What is read stands in the file. */
static inline int read_text(const struct buf *file, struct reading *out,
                            struct refusal *why)
{
    *why = (struct refusal){ "" };
    return reader_file(reader, text_make(file->ptr, file->len), out, why);
}

static inline void assert_text(struct sillok_text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("got '%.*s', want '%s'", (int)got.len, got.ptr, want);
}

/* The renderer is an independent path: it must give back what was written by hand. */
static inline void assert_renders(const struct buf *file, const struct reading *r)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    assert_ok(render_file(&again, &r->article, r->form));
    assert_int_equal(again.len, file->len);
    assert_memory_equal(again.ptr, file->ptr, file->len);
}

/* Make each LF of @p file CR LF. */
static inline void with_crlf(struct buf *file)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    for (size_t i = 0; i < file->len; i++) {
        if (file->ptr[i] == '\n')
            assert_ok(buf_add_char(&out, '\r'));
        assert_ok(buf_add_char(&out, file->ptr[i]));
    }
    const struct buf swap = *file;
    *file = out;
    out = swap;
}

/* Put @p to in the place of the first @p from. */
static inline void replace(struct buf *file, const char *from, const char *to)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    const char *at = memmem(file->ptr, file->len, from, strlen(from));
    if (!at)
        fail_msg("there is no '%s'", from);
    assert_ok(buf_add(&out, file->ptr, (size_t)(at - file->ptr)));
    assert_ok(buf_add_str(&out, to));
    at += strlen(from);
    assert_ok(buf_add(&out, at, file->len - (size_t)(at - file->ptr)));
    const struct buf swap = *file;
    *file = out;
    out = swap;
}

#endif
