/*
 * The places where two versions of an article differ, as numbers: the same number, the
 * same difference. history/fold.c looks for those that many articles share; a sketch tells
 * without the texts that they share none.
 *
 * A place is a field that changed, or a change of the body or the title with the white
 * space around it left out. Layout is no place: it is no edit, and nothing that a reader
 * would be told of.
 */
#ifndef DIFF_PLACES_H
#define DIFF_PLACES_H

#include "diff/change.h"

/** @param field  enum sillok_field */
uint64_t place_of_field(int field, struct sillok_text before, struct sillok_text after);
uint64_t place_of_change(const struct change *c);
/** Of a title: the same words at the same end of it. What changed elsewhere is of its own
 *  title alone. */
uint64_t place_of_title(const struct changes *all, const struct change *c);
/** Of the line that @p c stands in: the same line but for its numbers, as one that counts
 *  readers (조회수 1,234) or says how old the text is (3시간 전). 0: something else differs in
 *  it, it is long or a sentence, in which a number may be an edit, or has no words. */
uint64_t place_of_line(const struct changes *all, const struct change *c);
/** What a title or a body became as a whole; 0: it has no words but numbers.
 *  @param field  SILLOK_TITLE, or SILLOK_N_FIELDS for the body */
uint64_t place_of_whole(int field, struct sillok_text after);

/** Where a title or a body goes on as it did and then breaks off: the words that it ends with in
 *  place of what was there, none or a few (더 보려면 로그인하세요). 0: it does not.
 *  @param field  as above
 *  @param is_large  [out] a fifth of it or more went: as much as makes a mark. Less may be an edit,
 *                   but is the crawler's where others have the mark. */
uint64_t place_of_cut(int field, struct sillok_text before, struct sillok_text after,
                      int *is_large);

/** The words of one side of a change. Numbers are all alike: a line with a date, a time or
 *  a count is the same line. */
struct place_words {
    struct sillok_text text;
    size_t at;
    int new_side;
};
struct place_words place_words(const struct change *c, int new_side);
/** 1 and its number; 0: there are no more. */
int place_next_word(struct place_words *w, uint64_t *word);

enum { SKETCH_PLACES = 64, SKETCH_WORDS = 256, SKETCH_NUMBERS = 2 };

/** A bit for each place, and one for each word of them: two articles that share one have
 *  its bit both; so has each line of place_of_line(), and large place_of_cut(). A title is one place here, the whole
 *  of it: what titles share it does not tell. The first SKETCH_NUMBERS bits of words are
 *  those of numbers, which no other word has. */
struct place_sketch {
    uint8_t places[SKETCH_PLACES / 8], words[SKETCH_WORDS / 8];
};
void sketch_add_field(struct place_sketch *s, int field, struct sillok_text before,
                      struct sillok_text after);
void sketch_add_changes(struct place_sketch *s, const struct changes *c);

#endif
