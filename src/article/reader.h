/*
 * A crawl file -> an article, and how the file was written.
 *
 * The bytes decide: the template of the profile is inverted; where several readings are
 * possible (escaped or not, where the body ends) the one is right whose body hashes to
 * the declared content_hash. A file that the template does not fit is read as Markdown
 * with YAML front matter, or its body is the text that has the declared hash. What cannot
 * be understood is refused with a code and a sentence.
 */
#ifndef ARTICLE_READER_H
#define ARTICLE_READER_H

#include "article/front.h"
#include "article/hash.h"
#include "article/meta.h"
#include "article/render.h"

enum reading_note {
    NOTE_BOM = 1 << 0,          /* began with a byte order mark */
    NOTE_UPPER_HASH = 1 << 1,   /* the declared hash was in upper case */
    NOTE_UNKNOWN_KEYS = 1 << 2, /* keys that are kept but not understood */
    NOTE_EMPTY_BODY = 1 << 3,
    NOTE_MISMATCH = 1 << 4,  /* no reading has the declared hash */
    NOTE_SECOND = 1 << 5,    /* further down begins what looks like another article */
    NOTE_NOT_UTF8 = 1 << 6,  /* the title; a body is as a rule what its title is */
    NOTE_OTHER_ID = 1 << 7,  /* its id has the form OID_AID and names another article */
    NOTE_OTHER_HASH = 1 << 8 /* the declared hash is none, where none is asked for */
};

/** Of the rules by which bytes become an article or are refused; one more with each
 * change of them, so that what was remembered of files under other rules does not count.
 */
enum { READER_VERSION = 5 };

/** One file, understood. Texts are borrowed from the file and from the reader, until its
 *  next call. */
struct reading {
    struct sillok_article article;
    struct meta_digest digest;
    uint32_t form;             /* enum form */
    unsigned notes;            /* enum reading_note */
    struct sillok_id declared; /* with NOTE_MISMATCH */
};

/** One thread at a time. */
struct reader;
int reader_new(struct reader **out, const struct sillok_profile *profile,
               const struct sillok_limits *limits);
void reader_free(struct reader *r);
DEFINE_CLEANUP(struct reader *, reader_free)

/** The reader's hasher, for callers that hash on the same thread. */
struct hasher *reader_hasher(struct reader *r);

/**
 * Read a Markdown crawl file.
 * @return 0;  SILLOK_EINVALID refused, @p why has the code and the message the sentence
 */
int reader_file(struct reader *r, struct sillok_text file, struct reading *out,
                struct refusal *why);

/** Read one line of NDJSON: an object with the same names, and "body". */
int reader_ndjson(struct reader *r, struct sillok_text line, struct reading *out,
                  struct refusal *why);

#endif
