/*
 * Two texts -> what changed between them, for people.
 *
 * Two levels: sentences are aligned by their text without white space, then words are
 * compared inside the pairs. Pure functions: no store, no files, no locale.
 * Method and figures: docs/diff.md.
 */
#ifndef SILLOK_DIFF_H
#define SILLOK_DIFF_H

#include "sillok/article.h"
#include "sillok/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes [start, end) of the old or the new text. */
struct sillok_span {
    size_t start, end;
};

enum sillok_edit_op {
    SILLOK_EDIT_SAME =
        0, /* both spans, equal but for blanks (white space, invisibles) and
              for the normal form: what is not NFC is compared as NFC */
    SILLOK_EDIT_REMOVED = 1, /* old span only (new is empty, at its place) */
    SILLOK_EDIT_ADDED = 2    /* new span only */
};

/** A run of words. The edits of a changed row, in order, cover both its spans without a
 *  gap; other rows have none. */
struct sillok_edit {
    enum sillok_edit_op op;
    struct sillok_span old_span, new_span;
};

enum sillok_row_op {
    SILLOK_ROW_SAME = 0,    /* equal but for blanks and the normal form */
    SILLOK_ROW_CHANGED = 1, /* both spans; see its edits */
    SILLOK_ROW_REMOVED = 2,
    SILLOK_ROW_ADDED = 3,
    SILLOK_ROW_MOVED_FROM = 4, /* removed here, stands at row @c other */
    SILLOK_ROW_MOVED_TO = 5    /* added here, stood at row @c other */
};

/** A sentence, or several that only fit together. Rows, in order, cover both texts. */
struct sillok_row {
    enum sillok_row_op op;
    struct sillok_span old_span, new_span;
    size_t first_edit, n_edits; /* into sillok_diff_edits() */
    size_t other;               /* for moves */
};

/** Figures of a diff. Characters are code points without white space; moves are free. */
struct sillok_diff_figures {
    double similarity; /* 1 - changed / both; 1.0 only for equal texts: print it cut to
                          two digits, not rounded */
    size_t added_chars, removed_chars;
    size_t n_hunks; /* places where something changed, blanks and moves too; the normal
                       form alone is no place */
    size_t sentences_added, sentences_removed, sentences_changed, sentences_moved;
    int coarse; /* the texts were too large for the full method */
};

/** The result; owns its arrays, borrows nothing. */
struct sillok_diff;

/**
 * Compare two texts. Never more than 2 s or 256 MB for texts up to 16 MB each: where the
 * full method would cost more, a coarser one is used and @c coarse says so.
 *
 * @param old_text, new_text  any bytes; borrowed for the call
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_diff_new(struct sillok_diff **out,
                                            struct sillok_text old_text,
                                            struct sillok_text new_text);
SILLOK_API void sillok_diff_free(struct sillok_diff *diff);

/** Borrowed until the diff is freed. */
SILLOK_API const struct sillok_row *sillok_diff_rows(const struct sillok_diff *diff,
                                                     size_t *n);
SILLOK_API const struct sillok_edit *sillok_diff_edits(const struct sillok_diff *diff,
                                                       size_t *n);
SILLOK_API const struct sillok_diff_figures *
sillok_diff_figures(const struct sillok_diff *diff);

enum sillok_diff_format {
    SILLOK_DIFF_WORDS = 0,     /* running text with marks: [-old-]{+new+}, or colour */
    SILLOK_DIFF_SIDE = 1,      /* two columns */
    SILLOK_DIFF_SENTENCES = 2, /* - and + lines, one sentence each */
    SILLOK_DIFF_HTML = 3,      /* a fragment with <del> and <ins>; all text escaped */
    SILLOK_DIFF_JSON = 4       /* one object: rows, edits, byte ranges, figures */
};

struct sillok_render_options {
    enum sillok_diff_format format;
    int colour;  /* ANSI colours in place of marks (WORDS), besides them (others) */
    int columns; /* width in display columns; 0: 80 */
    int context; /* whole unchanged sentences around a change; -1: all (JSON: always) */
};
#define SILLOK_RENDER_OPTIONS_INIT                                                       \
    {                                                                                    \
        SILLOK_DIFF_WORDS, 0, 0, 1                                                       \
    }

/**
 * Print a diff. Control characters and bidirectional overrides of the texts never come
 * out live, but for SILLOK_DIFF_JSON, where JSON escapes them; invalid UTF-8 is U+FFFD.
 *
 * @param old_text, new_text  those that @p diff is of
 * @param out  [out] UTF-8 with a terminating zero; the caller's, sillok_free()
 * @return SILLOK_OK;  SILLOK_EINVALID no such format, or texts of other lengths than those
 *         of @p diff;  SILLOK_ENOMEM, also where it would be more than 1 GiB
 */
SILLOK_API SILLOK_CHECK int
sillok_diff_render(char **out, size_t *len, const struct sillok_diff *diff,
                   struct sillok_text old_text, struct sillok_text new_text,
                   const struct sillok_render_options *options);

/* --- kinds of change --- */

/** Version of the rules below. Kinds are derived, never stored as truth. */
#define SILLOK_RULES_VERSION 14

/** Kinds; the values are stable. Which of those that fit is the one, docs/kinds.md says. */
enum sillok_kind {
    SILLOK_KIND_REVERTED =
        0, /* equal to an earlier revision (told by history, not here) */
    SILLOK_KIND_HEADLINE = 1,   /* the title; the body at most in layout or byline */
    SILLOK_KIND_EMPTIED = 2,    /* hardly any text is left, or none that can be read */
    SILLOK_KIND_COSMETIC = 3,   /* blanks, punctuation, forms of the same signs */
    SILLOK_KIND_CORRECTION = 4, /* a notice came that says that something was wrong */
    SILLOK_KIND_BYLINE = 5,     /* boilerplate alone: who wrote it, addresses, rights */
    SILLOK_KIND_ADDED = 6,      /* words or sentences came, none went */
    SILLOK_KIND_REMOVED = 7,    /* and the reverse */
    SILLOK_KIND_REWRITTEN = 8,  /* much of the text is another */
    SILLOK_KIND_NUMBER = 9,     /* numbers, or their signs and units */
    SILLOK_KIND_TYPO = 10,      /* a few letters, and the words stay */
    SILLOK_KIND_WORD = 11,      /* one place of at most two words */
    SILLOK_KIND_WORDING = 12,   /* anything else in the body */
    SILLOK_KIND_METADATA = 13,  /* neither title nor body: category, url, ... */
    SILLOK_N_KINDS = 14
};
/** "unknown" for what is none. */
SILLOK_API const char *sillok_kind_name(enum sillok_kind kind);
/** -1 when there is no such kind. */
SILLOK_API int sillok_kind_parse(const char *name, size_t len);

/** Flags, a bit each; the values are stable. */
enum sillok_change_flag {
    SILLOK_FLAG_NUMBER = 1 << 0,   /* the multiset of numbers differs */
    SILLOK_FLAG_QUOTE = 1 << 1,    /* a change stands inside a quotation */
    SILLOK_FLAG_NAME = 1 << 2,     /* looks like a changed name */
    SILLOK_FLAG_MOVED = 1 << 3,    /* a sentence stands elsewhere */
    SILLOK_FLAG_NEGATION = 1 << 4, /* 않/못/아니/없, not/no/never came or went */
    SILLOK_FLAG_CONFLICT = 1 << 5, /* two contents at one time (told by history) */
    SILLOK_FLAG_COARSE = 1 << 6,   /* compared by the coarse method */
    SILLOK_FLAG_HEADLINE_MARK = 1 << 7, /* headline: only a mark such as (종합), [속보] */
    SILLOK_FLAG_HEADLINE_COSMETIC = 1
                                    << 8, /* headline: only space, punctuation, quotes */
    SILLOK_FLAG_SILENT = 1 << 9,       /* the text moved, the publisher's stamp did not */
    SILLOK_FLAG_ANNOUNCED = 1 << 10,   /* the stamp moved with it */
    SILLOK_FLAG_UNCONFIRMED = 1 << 11, /* emptied, and only one crawl says so (history) */
    SILLOK_FLAG_EXTRACTION =
        1 << 12, /* partly the crawler's or the site's doing (history) */
    SILLOK_FLAG_MISMATCH =
        1 << 13, /* one of the texts is not what its files' hashes say (history) */
    SILLOK_FLAG_OPPOSITE = 1 << 14 /* a word became its opposite: 유죄 -> 무죄 */
};
#define SILLOK_N_FLAGS 15
/** Name of flag bit @p bit (0 .. SILLOK_N_FLAGS-1): "number", "quote", ...; "unknown" for
 *  others. */
SILLOK_API const char *sillok_flag_name(int bit);
/** The bit of the flag of that name; -1: there is none. */
SILLOK_API int sillok_flag_parse(const char *name, size_t len);

/**
 * What a change is. @c kind is the first rule that fits: of the body where that changed.
 * But a changed headline, if more than its layout, goes before a body that is cosmetic or
 * byline.
 * @c kinds is a bit set over enum sillok_kind: @c kind and what changed besides it
 * (headline, byline for the author, metadata, cosmetic); emptied has removed with it.
 */
struct sillok_change_class {
    uint32_t fields; /* bit set over enum sillok_field, SILLOK_FIELD_BODY for the body */
    enum sillok_kind kind;
    uint32_t kinds;
    uint32_t flags;
    double similarity; /* of the bodies; of the titles where only those differ */
    size_t added_chars, removed_chars;
    double significance; /* 0 .. 100 */
    char why[200];       /* one line: the signals that decided, UTF-8 */
};
#define SILLOK_FIELD_BODY (1u << 31)

/** One part of a significance. */
struct sillok_significance_part {
    const char *what; /* static, English */
    double points;
};
#define SILLOK_MAX_PARTS 9

/**
 * The parts of a change's significance, docs/kinds.md. Their sum, at most 100, is the
 * figure.
 * @param out  the first @p max of them
 * @return how many there are, at most SILLOK_MAX_PARTS
 */
SILLOK_API int sillok_change_parts(const struct sillok_change_class *c,
                                   struct sillok_significance_part *out, int max);

/** The figure itself, for whoever has changed kind or flags by what else it knows. */
SILLOK_API double sillok_change_significance(const struct sillok_change_class *c);

/**
 * Say what a change from @p before to @p after is, by deterministic rules
 * (docs/kinds.md). Of the articles only fields and body are read.
 * @param diff  of the two bodies if the caller has it already, else NULL
 * @return SILLOK_OK, @c why says "no difference" where there is none;  SILLOK_EINVALID
 *         @p diff is of texts of other lengths;  SILLOK_ENOMEM
 */
SILLOK_API SILLOK_CHECK int sillok_change_classify(struct sillok_change_class *out,
                                                   const struct sillok_article *before,
                                                   const struct sillok_article *after,
                                                   const struct sillok_diff *diff);

#ifdef __cplusplus
}
#endif
#endif
