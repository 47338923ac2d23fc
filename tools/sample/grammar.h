/*
 * Sentences from patterns.
 *
 * A pattern is text with slots in braces, one ASCII character each:
 *
 *   {O} organisation   {P} person   {L} place   {K} topic: of the article's own cast
 *   {N} noun phrase    {S} noun     {W} action  {V} verb   {I} infinitive  {E} linking
 * ending {J} adjective      {A} adverb   {B} opener, or nothing {M} money   {C} count
 * with its unit   {%} percentage   {T} {t} number   {D} date {X} a further phrase, or
 * nothing {Q} quotation with its marks          {q} without
 *
 * A Korean particle in braces - {은} {이} {을} {과} {으로} - takes the form that the
 * syllable before it asks for. An article speaks through one `struct voice`, whose cast
 * (people, organisations, places, topics) comes back throughout the text as it does in
 * real news.
 */
#ifndef SAMPLE_GRAMMAR_H
#define SAMPLE_GRAMMAR_H

#include "out.h"
#include "rng.h"

#include <stdint.h>

enum pattern_set {
    PATTERN_SENTENCE,
    PATTERN_QUOTE,
    PATTERN_HEADLINE,
    PATTERN_LEAD,
    PATTERN_CORRECTION,
    PATTERN_MARK,
    PATTERN_PHRASE,
    N_PATTERN_SETS
};

enum { CAST_ORGS = 4, CAST_PEOPLE = 4, CAST_PLACES = 3, CAST_TOPICS = 7 };

/** A name in the voice's own text. */
struct name {
    uint32_t at, len;
};

struct voice {
    struct rng rng;
    int english;
    int curly;        /* quotation marks */
    struct out names; /* the bytes of the cast */
    struct name orgs[CAST_ORGS], people[CAST_PEOPLE], titles[CAST_PEOPLE],
        places[CAST_PLACES], topics[CAST_TOPICS];
    uint32_t surname_len[CAST_PEOPLE];
    unsigned introduced; /* bit set of people */
    unsigned last_org;
};

/** Compile the patterns; once, before the first voice. */
void grammar_init(void);

/** Choose a cast. @p rng begins the voice's choices; the buffers of @p v are used again.
 */
void voice_begin(struct voice *v, struct rng rng, int english);
void voice_release(struct voice *v);

/** Append one piece of text of the set. */
void voice_speak(struct voice *v, struct out *out, enum pattern_set set);

/** Append the full name of person @p i of the cast. */
void voice_person(const struct voice *v, struct out *out, unsigned i);
void voice_place(const struct voice *v, struct out *out, unsigned i);

/** Append a reader's comment, Korean. */
void voice_comment(struct rng *rng, struct out *out);

#endif
