/*
 * A text cut into sentences, losslessly.
 *
 * Invariants
 *  1. Sentences are not empty and, in order, cover the text: v[i].end == v[i+1].start.
 *  2. A sentence keeps the white space after it.
 *  3. Where a sentence ends depends on the text nearby, never on its position, so that
 *     equal passages of two texts are cut alike.
 *  4. None is longer than SENTENCE_MAX_BYTES (+ trailing white space); there are never
 *     more than about SENTENCES_MAX.
 *
 * Cost: one pass, O(bytes).
 */
#ifndef DIFF_SENTENCE_H
#define DIFF_SENTENCE_H

#include "diff/chars.h"

enum {
    SENTENCE_MAX_BYTES = 8192, /* what has no end until then is cut by its content */
    SENTENCES_MAX = 512 * 1024 /* past it several sentences make one unit */
};

struct sentence {
    uint32_t start, end;
    uint32_t chars; /* code points that are not blank */
    uint32_t last_hash;
    uint64_t
        hash; /* of the text without blanks; equal hashes still need sentence_same() */
};

struct sentences {
    struct sentence *v;
    size_t n, cap;
    int merged; /* several sentences stand in one unit */
};

/** @p t must be shorter than 2 GiB. On failure @p out holds nothing. */
int sentences_split(struct sentences *out, struct sillok_text t);
/** The same, of a text much like @p other, which was cut into @p known: what both begin and
 *  end with is not read again. */
int sentences_split_like(struct sentences *out, struct sillok_text t,
                         const struct sentences *known, struct sillok_text other);
void sentences_release(struct sentences *s);

/** 1 when both are equal but for blanks (CHAR_BLANK). */
int sentence_same(struct sillok_text a, struct sillok_text b);

#endif
