/*
 * Normal forms and escaping. Oracle: a normal form of a normal form is itself, and what
 * was escaped is unescaped to what it was.
 */
#include "fuzz.h"

#include "article/escape.h"
#include "base/utf8.h"
#include "diff/boiler.h"
#include "diff/normal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf f1 = BUF_INIT, f2 = BUF_INIT, again = BUF_INIT;
    const struct sillok_text t = { size ? (const char *)data : "", size };
    buf_clear(&f1);
    fuzz_done(normal_text(&f1, t), "F1");
    buf_clear(&again);
    fuzz_done(normal_text(&again, fuzz_text(&f1)), "F1 of F1");
    fuzz_equal(fuzz_text(&again), fuzz_text(&f1), "F1(F1(t)) == F1(t)");
    fuzz_expect(!utf8_valid(t) || utf8_valid(fuzz_text(&f1)), "valid text stays valid");

    buf_clear(&f2);
    fuzz_done(normal_letters(&f2, t), "F2");
    buf_clear(&again);
    fuzz_done(normal_letters(&again, fuzz_text(&f1)), "F2 of F1");
    fuzz_equal(fuzz_text(&again), fuzz_text(&f2), "F2(F1(t)) == F2(t)");

    buf_clear(&f2);
    fuzz_done(boiler_strip(&f2, t), "stripping");
    fuzz_expect(f2.len <= t.len, "boilerplate is left out, nothing is added");

    buf_clear(&f1);
    buf_clear(&again);
    fuzz_done(escape_do(&f1, t), "escaping");
    fuzz_done(escape_undo(&again, fuzz_text(&f1)), "unescaping");
    fuzz_equal(fuzz_text(&again), t, "unescaped it is what it was");
    fuzz_expect(!escape_has_bare(fuzz_text(&f1)), "nothing is left bare");
    return 0;
}
