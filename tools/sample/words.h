/*
 * The vocabulary of the made-up news: nothing here names a real publisher, person or
 * town.
 *
 * A list is an array of strings with its length. Names are put together from syllables,
 * and Korean compound nouns from stems, so a few hundred entries give some hundred
 * thousand words; that is what makes the texts compress about as well as real ones.
 */
#ifndef SAMPLE_WORDS_H
#define SAMPLE_WORDS_H

#include <stdint.h>

/** A word where it can be copied without asking how long it is. */
struct piece {
    char bytes[47];
    uint8_t len;
};

struct words {
    const char *const *list;
    uint32_t n;
    struct piece *pieces; /* made by grammar_init() of the lists it names */
};

/* Korean */
extern struct words ko_stems, ko_actions, ko_endings, ko_links, ko_adverbs, ko_openers,
    ko_adjectives, ko_surnames, ko_given, ko_titles, ko_org_heads, ko_org_tails,
    ko_place_heads, ko_place_tails, ko_dates, ko_counters, ko_comments;
/* English */
extern struct words en_nouns, en_adjectives, en_verbs, en_past, en_adverbs, en_openers,
    en_first, en_sur_heads, en_sur_tails, en_titles, en_org_heads, en_org_tails,
    en_place_heads, en_place_tails, en_dates, en_counters;
/* Sentence patterns, see grammar.h; and what an editor adds to a headline. */
extern struct words ko_sentences, ko_quotes, ko_headlines, ko_leads, ko_corrections,
    ko_marks, ko_phrases;
extern struct words en_sentences, en_quotes, en_headlines, en_leads, en_corrections,
    en_marks, en_phrases;

#endif
