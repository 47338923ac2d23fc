/*
 * Odd files, each with what a reader should make of it.
 *
 * DIR/odd.tsv has one row a file, in the order in which they are to be read: name,
 * verdict (accepted, refused or skipped), and a word that says why: for a refused file
 * the code of the refusal, else a note. Names are written with \xHH for bytes that a
 * table cannot hold.
 */
#ifndef SAMPLE_ODD_H
#define SAMPLE_ODD_H

#include "corpus.h"

/** Negative when something could not be written; a message is on stderr then. */
int odd_write(const struct corpus *corpus, const char *dir);

#endif
