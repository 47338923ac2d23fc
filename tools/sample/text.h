/*
 * A body as sentences with gaps between them, so that it can be edited as an editor
 * would.
 */
#ifndef SAMPLE_TEXT_H
#define SAMPLE_TEXT_H

#include "corpus.h"
#include "grammar.h"
#include "out.h"

/** What stands before a sentence. */
enum gap {
    GAP_NONE,
    GAP_SPACE,
    GAP_LINE,
    GAP_PARAGRAPH,
    GAP_RULE, /* a line of its own: --- */
    N_GAPS
};

/** Its bytes are [at, at + len) of the text's. */
struct sentence {
    size_t at, len;
    enum gap gap;
};

struct text {
    struct out bytes;
    struct sentence *list;
    size_t n, cap;
};

void text_clear(struct text *t);
void text_release(struct text *t);

/** Begin a sentence at the end: write its bytes to @c bytes, then call text_end(). */
void text_begin(struct text *t, enum gap gap);
void text_end(struct text *t);

/** Put a sentence, written behind the others with text_begin(), at place @p to. */
void text_move(struct text *t, size_t from, size_t to);
void text_remove(struct text *t, size_t at);

/** The body: sentences and gaps. */
void text_flatten(const struct text *t, struct out *out);

/**
 * Do one edit that is not of the headline. Always changes the text (unless it is empty).
 * @p v speaks the new sentences; its generator is the edit's.
 */
void text_edit(struct text *t, struct voice *v, enum edit_kind kind);

#endif
