/*
 * What the fuzz targets stand on.
 *
 * A target is a file NAME.c with LLVMFuzzerTestOneInput(): it reads the bytes as the
 * program would, then asks an oracle, most of all that what was read is given back. It
 * ends the process when the answer is wrong.
 *
 *   fuzz-NAME PATH...                    each file once: the corpus as a plain test
 *                                        (driver.c)
 *   fuzz-NAME --mutate SEED N PATH...    N inputs made from the corpus, the same each
 *                                        time
 *   fuzz-NAME --plant ...                every comparison is made wrong: it has to be
 *                                        noticed
 *
 * Built with -Dfuzz=true, libFuzzer takes the driver's place. docs/hacking.md, "Fuzzing".
 *
 * Invariant: a target looks at nothing but its bytes, so an input fails always or never.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/buf.h"
#include "sillok.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Set by the driver: fuzz_equal() compares with something else. */
extern int fuzz_planted;

/** End the process, saying @p what, unless @p ok. */
void fuzz_expect(int ok, const char *what);
/** The same for "is what it was": bytes against bytes. */
void fuzz_equal(struct sillok_text got, struct sillok_text want, const char *what);
/** A call that may only fail for want of memory, which does not happen here. */
void fuzz_done(int r, const char *what);
/** 1 when a failed call failed as it may: with one of the codes, negative, and a message.
 */
int fuzz_failed(int r, int code);

/** Should the dear part of the oracle be asked too? Always by the driver; under libFuzzer
 *  for one input in sixteen, chosen by its bytes. */
int fuzz_thorough(const uint8_t *data, size_t size);

/** The bytes as a file that is nowhere: "/proc/self/fd/N"; good until the next call. */
const char *fuzz_file(const void *ptr, size_t len);

/** Take the part of @p rest before the first byte @p mark off; all of it where there is
 * none. */
struct sillok_text fuzz_part(struct sillok_text *rest, char mark);

static inline struct sillok_text fuzz_text(const struct buf *b)
{
    return text_make(b->ptr ? b->ptr : "", b->len);
}

#endif
