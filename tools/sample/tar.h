/*
 * A tar stream (POSIX ustar, names longer than 100 bytes as GNU tar writes them), as the
 * weekly archives are. Written through one large buffer.
 */
#ifndef SAMPLE_TAR_H
#define SAMPLE_TAR_H

#include "out.h"

#include <stdint.h>

struct tar {
    int fd;
    struct out pending;
};

/** Negative, with errno, when the descriptor takes no more. */
int tar_add(struct tar *t, const char *name, size_t name_len, const char *data,
            size_t len, int64_t mtime_s);
int tar_end(struct tar *t);

/** Write all of it. Negative, with errno. */
int write_all(int fd, const char *ptr, size_t len);

#endif
