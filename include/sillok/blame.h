/*
 * Sentence by sentence: when each one that ever stood in an article came, and when it
 * went.
 *
 * Revisions are compared one after the other as sillok_diff_new() does it. A sentence
 * that is the same but for blanks and composed letters, or moved, goes on; one that was
 * reworded, or is cut elsewhere, ends, and the new wording is another sentence. One that
 * comes back word for word is the old one with one more span. The headline is followed
 * too, as one sentence of its own.
 *
 *   struct sillok_blame *blame = NULL;
 *   struct sillok_blame_sentence s;
 *   int r = sillok_blame_open(&blame, store, "001", "0015812889");
 *   while (r >= 0 && (r = sillok_blame_next(blame, &s)) > 0)
 *       ...
 *   sillok_blame_close(blame);
 */
#ifndef SILLOK_BLAME_H
#define SILLOK_BLAME_H

#include "sillok/diff.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sillok_blame_where { SILLOK_BLAME_BODY = 0, SILLOK_BLAME_TITLE = 1 };

/** How a sentence came or went. */
enum sillok_blame_how {
    SILLOK_BLAME_NOT = 0,     /* stood from the first revision on; still stands */
    SILLOK_BLAME_WHOLE = 1,   /* as a whole */
    SILLOK_BLAME_REWORDED = 2 /* in the place of an earlier wording; for a later one */
};

/** A window of time, in seconds: it happened after one visit and not after another. */
struct sillok_blame_window {
    enum sillok_blame_how how; /* NOT: it did not happen, the times are 0 */
    int64_t after_s,
        before_s; /* last sight of the state before, first of the one after */
};

/** A run of revisions in which a sentence stood. */
struct sillok_blame_span {
    uint32_t first_revision, last_revision; /* from 1 */
    int64_t first_seen_s, last_seen_s;      /* of the first, of the last */
    struct sillok_blame_window came, went;
};

/** A sentence that stands, or stood. The spans are borrowed until the next call, the text
 *  until the blame closes. */
struct sillok_blame_sentence {
    enum sillok_blame_where where;
    int gone;                 /* it does not stand in the newest revision */
    uint32_t revision;        /* the newest in which it stood */
    struct sillok_span range; /* bytes of that revision's body, or title, without the
                                 blanks around */
    struct sillok_text text;  /* those bytes */
    const struct sillok_blame_span *spans; /* oldest first, at least one */
    size_t n_spans;
};

/** The sentences of one article. Sees the store as it was at open; one thread at a time.
 */
struct sillok_blame;

/**
 * Read all revisions of an article and follow its sentences. Reads and compares each
 * body once; keeps in memory two of them and what is gone.
 *
 * @return SILLOK_OK, @p out is the caller's: sillok_blame_close();  SILLOK_ENOTFOUND no
 *         such article;  SILLOK_ECORRUPT the store is damaged;  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_blame_open(struct sillok_blame **out,
                                              struct sillok_store *store, const char *oid,
                                              const char *aid);
/**
 * The headlines, the newest last, then the sentences in the order of the newest body. One
 * that is gone stands after the sentence that it followed when it was last seen.
 * @return 1 with @p out;  0 end;  negative error
 */
SILLOK_API SILLOK_CHECK int sillok_blame_next(struct sillok_blame *blame,
                                              struct sillok_blame_sentence *out);
/** What became of it last, in a word for a reader: "removed", "reworded" where it is gone
 *  (last span, went); "added", "new wording", "came back" where it was not always there (last
 *  span, came); NULL: it stands and always did. Static. */
SILLOK_API const char *sillok_blame_fate(const struct sillok_blame_sentence *s);
/** How many revisions the article has. */
SILLOK_API uint32_t sillok_blame_revisions(const struct sillok_blame *blame);
/** When revision @p number, from 1 to sillok_blame_revisions(), was seen; of others both
 *  times are 0. */
SILLOK_API void sillok_blame_seen(const struct sillok_blame *blame, uint32_t number,
                                  int64_t *first_s, int64_t *last_s);
SILLOK_API void sillok_blame_close(struct sillok_blame *blame);

#ifdef __cplusplus
}
#endif
#endif
