/*
 * Lists: one description of a row, three ways to print it.
 *
 * A verb has one table of columns and fills one array of cells in the same order. It
 * comes out as a table for people, as NDJSON (--json) or as CSV (--csv).
 *
 *  - A column `from.revision` is nested in JSON ({"from": {"revision": ..}}) and flat in
 * CSV
 *    ("from_revision"). A column without a heading is not in the table.
 *  - JSON: times are RFC 3339 UTC, ids hex, counts integers. Bytes that are not UTF-8
 * become U+FFFD and the object gets "invalid_utf8": true.
 *  - CSV: RFC 4180. A text that starts with = + - @ TAB or CR, which a spreadsheet would
 *    compute, gets a ' before it unless --csv-raw.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "cli/cli.h"

#include <jansson.h>

enum out_format { OUT_TABLE, OUT_JSON, OUT_CSV };

struct column {
    const char *path;
    const char *heading; /* NULL: not in the table */
};

enum cell_type {
    CELL_NONE, /* null, empty */
    CELL_TEXT,
    CELL_COUNT,
    CELL_SIZE, /* bytes: a number in JSON and CSV, 11.4 MB in the table */
    CELL_SPAN, /* seconds: the same, 2 h 5 min */
    CELL_REAL,
    CELL_FLAG,
    CELL_TIME,
    CELL_WORDS /* a list */
};

/** A short list of fixed words. */
struct words {
    const char *word[32];
    int n;
};

struct cell {
    struct sillok_text text;
    uint64_t count;
    int64_t time_s;
    double real;
    struct words words;
    enum cell_type type;
    char hex[SILLOK_ID_HEX_LEN + 1]; /* text of an id */
};

struct cell cell_none(void);
struct cell cell_text(struct sillok_text text);
struct cell cell_str(const char *str); /* NULL: none */
struct cell cell_id(const struct sillok_id *id);
struct cell cell_count(uint64_t n);
struct cell cell_size(uint64_t bytes);
struct cell cell_span(int64_t seconds);
struct cell cell_real(double v);
struct cell cell_flag(int v);
struct cell cell_time(int64_t time_s); /* FMT_NO_TIME: none */
struct cell cell_words(const struct words *words);

/* --- lists --- */

struct out {
    struct cli *cli;
    enum out_format format;
    const struct column *columns;
    size_t n_columns;
    struct buf line;
    struct buf *into; /* not of a table: rows go here; NULL: they are printed */
    struct buf
        held;      /* table: cells as strings, until the widths are known; JSON: a row */
    size_t n_held; /* rows */
    size_t *widths;
    char *numeric; /* per column: cells are numbers, to the right */
    int headed;
};

enum out_format out_format_of(const struct cli *cli);
int out_open(struct out *o, struct cli *cli, enum out_format format,
             const struct column *columns, size_t n_columns);
/** One row of n_columns cells. 0 or SILLOK_EIO, SILLOK_ENOMEM. */
int out_row(struct out *o, const struct cell *cells);
/** Print what is held, and the head of an empty CSV. */
int out_close(struct out *o);
void out_release(struct out *o);

/* --- JSON objects --- */

/** A string; bytes that are not UTF-8 become U+FFFD and set @p invalid. NULL: no memory. */
json_t *json_text(struct sillok_text t, int *invalid);
/** An object of the cells, for what is not a list or has more in it. NULL: no memory. */
json_t *json_of_cells(const struct column *columns, const struct cell *cells, size_t n);
/** Print an object as one line and release it. @p object NULL is SILLOK_ENOMEM. */
int put_json(struct cli *cli, json_t *object);
/** Append the same line. */
int add_json(struct cli *cli, struct buf *b, json_t *object);
/** With one more member, of which @p json is the value, already written in whatever
 *  layout; blanks between its parts are taken out of it where it stands. */
int add_json_with(struct cli *cli, struct buf *b, json_t *object, const char *name,
                  struct buf *json);

#endif
