/*
 * Texts cut into sentences and words, and shown. Oracle: the pieces cover the text
 * without a gap and a sentence is like itself; equal words have equal numbers; what is
 * made safe for a terminal is valid, has nothing live in it, and is as wide as it is said
 * to be.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "diff/sentence.h"
#include "diff/token.h"

static struct sillok_text cut(struct sillok_text t, size_t start, size_t end)
{
    return text_make(t.ptr + start, end - start);
}

static void split(struct sillok_text t)
{
    struct sentences s = { 0 };
    static struct buf joined = BUF_INIT;
    fuzz_done(sentences_split(&s, t), "sentences");
    fuzz_expect((s.n == 0) == (t.len == 0), "a text has sentences");
    buf_clear(&joined);
    for (size_t i = 0; i < s.n; i++) {
        const struct sentence *v = &s.v[i];
        fuzz_expect(v->start < v->end && v->end <= t.len, "a sentence is not empty");
        fuzz_expect(i == 0 || v->start == s.v[i - 1].end, "they follow one another");
        const struct sillok_text own = cut(t, v->start, v->end);
        fuzz_expect(sentence_same(own, own), "a sentence is like itself");
        fuzz_done(buf_add_text(&joined, own), "memory");
    }
    fuzz_equal(fuzz_text(&joined), t, "the sentences are the text");
    sentences_release(&s);
}

/* Beside a text much like it, which is the other's oracle. */
static void split_like(struct sillok_text a, struct sillok_text b)
{
    struct sentences of_a = { 0 }, alone = { 0 }, beside = { 0 };
    fuzz_done(sentences_split(&of_a, a), "sentences");
    fuzz_done(sentences_split(&alone, b), "sentences");
    fuzz_done(sentences_split_like(&beside, b, &of_a, a), "sentences");
    fuzz_expect(alone.n == beside.n, "as many sentences");
    for (size_t i = 0; i < alone.n; i++) {
        const struct sentence *x = &alone.v[i], *y = &beside.v[i];
        fuzz_expect(x->start == y->start && x->end == y->end && x->chars == y->chars &&
                        x->hash == y->hash && x->last_hash == y->last_hash,
                    "the same sentence");
    }
    sentences_release(&of_a);
    sentences_release(&alone);
    sentences_release(&beside);
}

static void words(struct sillok_text a, struct sillok_text b)
{
    struct words w = { 0 };
    struct tokens ta = { 0 }, tb = { 0 };
    uint32_t n_ids;
    fuzz_done(tokens_add(&ta, a, 0, a.len), "words");
    fuzz_done(tokens_add(&tb, b, 0, b.len), "words");
    fuzz_done(words_number(&w, a, &ta, b, &tb, &n_ids), "numbers of words");
    size_t at = 0;
    for (size_t i = 0; i < ta.n; i++) {
        fuzz_expect(ta.v[i].start == at && ta.v[i].len > 0, "words follow one another");
        at += ta.v[i].len;
        fuzz_expect(ta.ids[i] < n_ids, "a number is below their count");
        for (size_t k = 0; k < tb.n && k < 64; k++) {
            const struct sillok_text x = text_make(a.ptr + ta.v[i].start, ta.v[i].len);
            const struct sillok_text y = text_make(b.ptr + tb.v[k].start, tb.v[k].len);
            if (ta.ids[i] != TOKEN_BLANK_ID)
                fuzz_expect((ta.ids[i] == tb.ids[k]) == text_equal(x, y),
                            "equal numbers are equal words");
        }
    }
    fuzz_expect(at == a.len, "the words are the text");
    words_release(&w);
    tokens_release(&ta);
    tokens_release(&tb);
}

static void show(struct sillok_text t, size_t wide)
{
    static struct buf out = BUF_INIT, again = BUF_INIT;
    for (int flags = 0; flags <= (UTF8_KEEP_NEWLINES | UTF8_FOLD_SPACE); flags++) {
        buf_clear(&out);
        fuzz_done(utf8_add_safe(&out, t, flags), "memory");
        fuzz_expect(utf8_valid(fuzz_text(&out)), "what is shown is valid");
        for (size_t i = 0; i < out.len;) {
            uint32_t cp;
            i += utf8_decode(out.ptr + i, out.len - i, &cp);
            fuzz_expect(!utf8_is_live(cp) ||
                            (flags & UTF8_KEEP_NEWLINES && (cp == '\n' || cp == '\t')),
                        "nothing live is shown");
        }
    }
    buf_clear(&out);
    fuzz_done(utf8_add_fit(&out, t, wide, 1), "memory");
    fuzz_expect(utf8_text_columns(fuzz_text(&out)) == wide, "it is as wide as was asked");
    buf_clear(&out);
    buf_clear(&again);
    fuzz_done(utf8_add_valid(&out, t), "memory");
    fuzz_done(utf8_add_valid(&again, fuzz_text(&out)), "memory");
    fuzz_equal(fuzz_text(&again), fuzz_text(&out), "valid text stays");
    if (utf8_valid(t))
        fuzz_equal(fuzz_text(&out), t, "valid text stays");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sillok_text t = { size ? (const char *)data : "", size };
    struct sillok_text rest = t;
    const struct sillok_text first = fuzz_part(&rest, '\x1e');
    split(t);
    split_like(first, rest);
    words(first, rest);
    show(t, size ? data[0] % 40 : 0);
    return 0;
}
