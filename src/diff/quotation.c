#include "diff/quotation.h"

#include "diff/chars.h"

/* Bytes after which an unclosed quotation is taken for a slip. */
enum { QUOTE_MAX = 2000 };

/* Straight marks open and close in turn; a line break closes all. */
struct quote_scan {
    size_t at, opened;
    uint32_t closing; /* the end of the quotation that is open at `at`, or 0 */
};

/* Is it a straight mark, or the first byte of one that is not? */
static int may_open(char byte)
{
    return byte == '"' || byte == '\xE2';
}

static void quote_step(struct quote_scan *q, struct sillok_text t, size_t to)
{
    while (q->at < to && q->at < t.len) {
        uint32_t cp;
        if (!q->closing && !may_open(t.ptr[q->at])) {
            q->at++;
            continue;
        }
        const size_t used = char_decode(t.ptr + q->at, t.len - q->at, &cp);
        if (q->closing &&
            (cp == q->closing || cp == '\n' || q->at - q->opened > QUOTE_MAX)) {
            q->closing = 0;
        } else if (!q->closing && (cp == 0x201C || cp == 0x2018 || cp == '"')) {
            q->closing = cp == '"' ? '"' : cp + 1;
            q->opened = q->at;
        }
        q->at += used;
    }
}

int changes_in_quote(const struct changes *c)
{
    struct quote_scan a = { 0 }, b = { 0 };
    for (size_t i = 0; i < c->n; i++) {
        const struct change *one = &c->v[i];
        quote_step(&a, c->old_text, one->old_at);
        /* what both begin with is read once */
        if (i == 0 && text_equal(text_make(c->old_text.ptr, one->old_at),
                                 text_make(c->new_text.ptr, one->new_at)))
            b = a;
        quote_step(&b, c->new_text, one->new_at);
        if (one->cut)
            continue;
        if ((one->letters_old && a.closing) || (one->letters_new && b.closing))
            return 1;
    }
    return 0;
}
