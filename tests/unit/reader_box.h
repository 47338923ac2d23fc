/*
 * For tests that read crawl files: the reader of the built-in profile, under the usual
 * limits.
 */
#ifndef TESTS_UNIT_READER_BOX_H
#define TESTS_UNIT_READER_BOX_H

#include "article/reader.h"

#include "support.h"

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

#endif
