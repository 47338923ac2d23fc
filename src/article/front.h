/*
 * Front matter as the crawler writes it: looks like YAML and is not.
 *
 *   file   = *EOL  "---" EOL  *line  "---" EOL  rest
 *   line   = KEY ":" [" " value] EOL     a key begins in column 0:
 *                                        [A-Za-z_][A-Za-z0-9_-]*
 *          | text EOL                    goes on the value above, whatever it holds
 *   EOL    = LF | CRLF
 *
 * Nothing is quoted or escaped, so a value is all the bytes up to the next line that
 * begins with a key. docs/format.md has the grammar with examples.
 */
#ifndef ARTICLE_FRONT_H
#define ARTICLE_FRONT_H

#include "article/profile.h"

/** Why a file is refused: a stable word, and a sentence in this thread's message. */
struct refusal {
    const char *code;
};
/** Set both; returns SILLOK_EINVALID. */
int refuse(struct refusal *r, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);

struct front {
    struct sillok_text
        values[N_KEYS]; /* raw, borrowed from the file; ptr NULL: missing */
    int unquoted;       /* they are what YAML says instead, and stand in the reader */
    int lines[N_KEYS];  /* where, from 1 */
    int unknown_keys;
    int has_comments;        /* it says how many readers' comments stand in the file */
    int crlf;                /* the first line ends in CRLF */
    struct sillok_text all;  /* between the `---` lines */
    struct sillok_text rest; /* after the closing line */
};

/**
 * Take the front matter off @p file (no BOM).
 * @return 0;  SILLOK_EINVALID with @p why set
 */
int front_read(struct front *out, struct sillok_text file, const struct sillok_profile *p,
               const struct sillok_limits *limits, struct refusal *why);

#endif
