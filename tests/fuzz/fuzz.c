#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

int fuzz_planted;

void fuzz_expect(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "not as it should be: %s (last message: %s)\n", what,
            sillok_error_message());
    abort();
}

void fuzz_equal(struct sillok_text got, struct sillok_text want, const char *what)
{
    fuzz_expect(text_equal(got, want) && !(fuzz_planted && want.len), what);
}

void fuzz_done(int r, const char *what)
{
    fuzz_expect(r >= 0, what);
}

int fuzz_failed(int r, int code)
{
    fuzz_expect(r >= 0 || r == code, "it failed with the code for this kind of input");
    fuzz_expect(r >= 0 || *sillok_error_message(), "a failure has a sentence");
    return r < 0;
}

int fuzz_thorough(const uint8_t *data, size_t size)
{
#ifdef FUZZ_LIBFUZZER
    return (XXH3_64bits(data, size) & 15) == 0;
#else
    (void)data;
    (void)size;
    return 1;
#endif
}

const char *fuzz_file(const void *ptr, size_t len)
{
    static int fd = -1;
    static char path[40];
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_expect(fd >= 0 && ftruncate(fd, 0) == 0 &&
                    pwrite(fd, ptr, len, 0) == (ssize_t)len,
                "the input can be put into a file");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

struct sillok_text fuzz_part(struct sillok_text *rest, char mark)
{
    const char *at = rest->len ? memchr(rest->ptr, mark, rest->len) : NULL;
    const struct sillok_text part = { rest->ptr,
                                      at ? (size_t)(at - rest->ptr) : rest->len };
    const size_t taken = part.len + (at ? 1 : 0);
    *rest = text_make(rest->ptr + taken, rest->len - taken);
    return part;
}
