/*
 * The terminal: is there one, how wide, may it have colour, and the pager in front of it.
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stddef.h>
#include <sys/types.h>

struct buf;

enum color_choice { COLOR_AUTO = 0, COLOR_ALWAYS = 1, COLOR_NEVER = 2 };

struct term {
    int out_tty, err_tty; /* asked before a pager comes between */
    int columns;          /* of stdout; 80 where nobody knows */
    int color;            /* 1: stdout may have colours */
    pid_t pager;          /* 0: none */
    pid_t waiting;        /* will become the pager when told by `go`; 0: none */
    int data_fd, go_fd;   /* of the waiting one */
};

void term_init(struct term *term);

/**
 * Decide about colour: @p choice, else NO_COLOR, CLICOLOR_FORCE, TERM=dumb and whether
 * stdout is a terminal (https://no-color.org, https://bixense.com/clicolors).
 */
void term_set_color(struct term *term, enum color_choice choice);

/** Whether a person reads what is printed, on a terminal that can page, and no pager is ready. */
int term_wants_pager(const struct term *term);

/**
 * Have a pager ready: $SILLOK_PAGER, @p setting, $PAGER, less. A process waits to become
 * it, so that it can be started when no process can be made any more. Does nothing when
 * stdout is no terminal, or no pager can be started.
 */
void term_prepare_pager(struct term *term, const char *setting);

/** Put the pager that is ready, if any, between stdout and the terminal. */
void term_start_pager(struct term *term);

/** Wait until the person has left the pager. stdout must have been flushed. */
void term_end_pager(struct term *term);

/* Colours. Each appends nothing when colour is off. */
enum style {
    STYLE_NONE,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_HEAD,
    STYLE_OLD,
    STYLE_NEW,
    STYLE_WARN
};
void style_on(struct buf *b, const struct term *term, enum style style);
void style_off(struct buf *b, const struct term *term, enum style style);
/** A literal in a style. */
void style_str(struct buf *b, const struct term *term, enum style style, const char *str);
/**
 * A cell of a laid-out line: @p text in a style, blanks up to @p min_wide display
 * columns, and two more. Returns the columns used, so that the last cell can be given the
 * rest of the line.
 */
size_t style_cell(struct buf *b, const struct term *term, enum style style,
                  const struct buf *text, size_t min_wide);

#endif
