/*
 * Finding text: in what stands and in what stood, sentence by sentence.
 *
 * A sentence, or a headline, is found when it has all the words asked for. Words are
 * looked for as they are, anywhere, also inside longer ones; case, the number of blanks,
 * the form of quotation marks and composed or decomposed letters make no difference.
 * Method and figures: docs/find.md.
 *
 * An index beside the store, STORE/find.db, names articles that may have the words; what
 * is told has been read in the store. It can be deleted at any time: it is made again.
 * What is not in it yet, or all where there is none, is read in the store, so an answer
 * is whole with it and without it, only sooner with it.
 *
 *   struct sillok_find *find = NULL;
 *   struct sillok_find_rows *rows = NULL;
 *   struct sillok_find_row row;
 *   const char *words[] = { "항만", "예산" };
 *   int r = sillok_find_open(&find, store, 0);
 *   while (r >= 0 && (r = sillok_find_update(find, NULL)) > 0)
 *       ;
 *   if (r == 0)
 *       r = sillok_find_ask(&rows, find, words, 2, NULL);
 *   while (r >= 0 && (r = sillok_find_next(rows, &row)) > 0)
 *       ...
 *   sillok_find_rows_close(rows);
 *   sillok_find_close(find);
 */
#ifndef SILLOK_FIND_H
#define SILLOK_FIND_H

#include "sillok/blame.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- the index --- */

/**
 * The index of one store. Between calls it holds neither a file nor a lock. One thread at
 * a time; the store must stay open.
 */
struct sillok_find;

enum sillok_find_flags {
    SILLOK_FIND_NO_UPDATE = 1 << 0 /* ask the index as it is */
};

/**
 * @param flags  enum sillok_find_flags
 * @return SILLOK_OK, @p out is the caller's: sillok_find_close();  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_find_open(struct sillok_find **out,
                                             struct sillok_store *store, int flags);
SILLOK_API void sillok_find_close(struct sillok_find *find);

/** Revisions' texts in the index, of all in the store. */
struct sillok_find_progress {
    uint64_t done, total;
};

/**
 * Read a part of what is new in the store into the index; call it until it returns 0. An
 * index that is damaged, of another version or of another store is made anew. Where
 * nothing can be written, and with SILLOK_FIND_NO_UPDATE, it changes nothing.
 *
 * @param progress  [out] how far it is; may be NULL
 * @return 1 more is to do;  0 done;  SILLOK_EBUSY another process has been at it for ten
 *         minutes;  SILLOK_ECORRUPT the store is damaged;  SILLOK_EIO the index cannot be
 *         written: asking works still
 */
SILLOK_API SILLOK_CHECK int sillok_find_update(struct sillok_find *find,
                                               struct sillok_find_progress *progress);

/** How many of the store's texts were not in the index when it was last asked: they were
 *  read instead. */
SILLOK_API uint64_t sillok_find_behind(const struct sillok_find *find);

/** Size of the index. */
struct sillok_find_stats {
    uint64_t versions;               /* distinct (metadata, text) of articles in it */
    uint64_t used_bytes, free_bytes; /* of the file */
};
/** @return SILLOK_OK;  SILLOK_ENOTFOUND there is no index */
SILLOK_API SILLOK_CHECK int sillok_find_stats(struct sillok_find *find,
                                              struct sillok_find_stats *out);

/* --- asking --- */

struct sillok_find_options {
    const char *oid; /* this publisher only */
    int removed;     /* only what does not stand in the newest revision any more */
    int added;       /* only what came with a later revision than the first; with removed:
                        what did either */
    int64_t from_s, to_s; /* that came or went (removed: went, added: came) and was first
                             seen, or first missed, in [from_s, to_s); 0: open */
    int any_blanks; /* blanks in words and texts make no difference: 국민연금 and 국민 연금
                             are one, as Korean writes them */
    uint64_t limit; /* of rows; 0: none */
    /* Asked again and again while the answer is made and gone through, on the caller's
     * thread: not 0 ends the call with SILLOK_ESTOPPED. May be NULL. */
    int (*stop)(void *arg);
    void *stop_arg;
};
#define SILLOK_FIND_OPTIONS_INIT SILLOK_ZEROS

/** A sentence or headline that has all the words. Borrowed until the next call. */
struct sillok_find_row {
    struct sillok_article article; /* of the sentence's newest revision, without body;
                                      crawled_at_s is not set */
    struct sillok_blame_sentence sentence;
    const struct sillok_span *marks; /* where the words are: bytes of sentence.text,
                                        ascending, apart */
    size_t n_marks;
};

/** An answer. Sees the store as it was at ask, later revisions of its articles excepted.
 */
struct sillok_find_rows;

enum { SILLOK_FIND_WORDS_MAX = 64 };

/**
 * The sentences that have all of @p words, each searched for as one piece, blanks in it
 * too. The article whose newest revision is the latest comes first, then by name; within
 * an article as sillok_blame_next() gives them.
 *
 * A word that spans two sentences counts for both.
 *
 * @param words  UTF-8, borrowed for the call
 * @param n      1 to SILLOK_FIND_WORDS_MAX
 * @return SILLOK_OK, @p out is the caller's: sillok_find_rows_close();  SILLOK_EINVALID
 *         no words, a word without a visible character, too many, from_s after to_s;
 *         SILLOK_ECORRUPT the store is damaged;  SILLOK_ESTOPPED by options->stop
 */
SILLOK_API SILLOK_CHECK int sillok_find_ask(struct sillok_find_rows **out,
                                            struct sillok_find *find,
                                            const char *const *words, size_t n,
                                            const struct sillok_find_options *options);

/** 1 with @p row, borrowed until the next call; 0 end; negative error, SILLOK_ESTOPPED
 *  among them. */
SILLOK_API SILLOK_CHECK int sillok_find_next(struct sillok_find_rows *rows,
                                             struct sillok_find_row *row);
SILLOK_API void sillok_find_rows_close(struct sillok_find_rows *rows);

#ifdef __cplusplus
}
#endif
#endif
