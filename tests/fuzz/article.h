/* What holds for every article that was read, whatever it was read from. */
#ifndef TESTS_FUZZ_ARTICLE_H
#define TESTS_FUZZ_ARTICLE_H

#include "article/reader.h"

/**
 * Ask what must hold for a reading of @p file: keys, times and sizes in their bounds, the
 * hash that of the body, a declared hash either this one or said to be another.
 */
void fuzz_reading(const struct reading *reading, struct sillok_text file);

/**
 * Store the reading and give the file back, as the store and the export do: metadata
 * through its record, the bytes through the template, and where that does not give them,
 * through a residue.
 */
void fuzz_give_back(const struct reading *reading, struct sillok_text file);

#endif
