#include "cli/term.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>

static int is_set(const char *value)
{
    return value && *value;
}

static int dumb(void)
{
    const char *name = getenv("TERM");
    return !is_set(name) || strcmp(name, "dumb") == 0;
}

static int find_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    const char *env = getenv("COLUMNS");
    const long n = is_set(env) ? strtol(env, NULL, 10) : 0;
    return n >= 20 && n <= 1000 ? (int)n : 80;
}

void term_init(struct term *term)
{
    *term = (struct term){
        .out_tty = isatty(STDOUT_FILENO),
        .err_tty = isatty(STDERR_FILENO) && !dumb(),
        .columns = find_columns(),
    };
    term_set_color(term, COLOR_AUTO);
}

void term_set_color(struct term *term, enum color_choice choice)
{
    const char *force = getenv("CLICOLOR_FORCE");
    if (choice != COLOR_AUTO)
        term->color = choice == COLOR_ALWAYS;
    else if (is_set(getenv("NO_COLOR")))
        term->color = 0;
    else if (is_set(force) && strcmp(force, "0") != 0)
        term->color = 1;
    else
        term->color = term->out_tty && !dumb();
}

/* --- the pager --- */

static int in_path(const char *program, size_t program_len)
{
    const char *path = getenv("PATH");
    while (is_set(path)) {
        char file[4096];
        const size_t n = strcspn(path, ":");
        const int len = snprintf(file, sizeof(file), "%.*s/%.*s", (int)n, path,
                                 (int)program_len, program);
        if (len > 0 && (size_t)len < sizeof(file) && access(file, X_OK) == 0)
            return 1;
        path += n + (path[n] == ':');
    }
    return 0;
}

/* Behind a pager that is not there all output would be lost. A command that only the shell can
 * read is left to it. */
static int can_run(const char *pager)
{
    pager += strspn(pager, " \t");
    const size_t n = strcspn(pager, " \t");
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (strchr("\"'\\$`|&;<>(){}[]*?~=#!%\n", pager[i]))
            return 1;
    char file[4096];
    if (!memchr(pager, '/', n))
        return in_path(pager, n);
    return snprintf(file, sizeof(file), "%.*s", (int)n, pager) < (int)sizeof(file) &&
           access(file, X_OK) == 0;
}

static const char *choose_pager(const char *setting)
{
    const char *own = getenv("SILLOK_PAGER"), *common = getenv("PAGER");
    const char *pager = "less";
    if (own)
        pager = own;
    else if (is_set(setting))
        pager = setting;
    else if (common)
        pager = common;
    return strcmp(pager, "cat") == 0 || !can_run(pager) ? NULL : pager;
}

/* Waits for a byte; at the end of the pipe instead, nobody wanted a pager. */
static void wait_and_run(const char *pager, int data_fd, int go_fd)
{
    char go;
    ssize_t n;
    while ((n = read(go_fd, &go, 1)) < 0 && errno == EINTR)
        ;
    if (n != 1)
        _exit(0);
    dup2(data_fd, STDIN_FILENO);
    close(data_fd);
    close(go_fd);
    /* F leave at once if all fits, R colours pass, X keep the screen: as git does. */
    setenv("LESS", "FRX", 0);
    setenv("LESSCHARSET", "utf-8", 0);
    execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
    _exit(127);
}

int term_wants_pager(const struct term *term)
{
    return term->out_tty && !term->pager && !term->waiting && !dumb();
}

void term_prepare_pager(struct term *term, const char *setting)
{
    const char *pager = choose_pager(setting);
    int data[2], go[2];
    if (!pager || !term_wants_pager(term) || pipe2(data, O_CLOEXEC) < 0)
        return;
    if (pipe2(go, O_CLOEXEC) < 0) {
        close(data[0]);
        close(data[1]);
        return;
    }
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        close(data[1]);
        close(go[1]);
        wait_and_run(pager, data[0], go[0]);
    }
    close(data[0]);
    close(go[0]);
    if (child > 0) {
        term->waiting = child;
        term->data_fd = data[1];
        term->go_fd = go[1];
        return;
    }
    close(data[1]);
    close(go[1]);
}

void term_start_pager(struct term *term)
{
    if (!term->waiting)
        return;
    fflush(stdout);
    /* Leaving the pager early must not end us before it has put the screen in order. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (write(term->go_fd, "", 1) == 1 && dup2(term->data_fd, STDOUT_FILENO) >= 0) {
        term->pager = term->waiting;
        term->waiting = 0;
        close(term->data_fd);
        close(term->go_fd);
    }
}

void term_end_pager(struct term *term)
{
    if (term->pager)
        close(STDOUT_FILENO); /* the pager sees the end */
    if (term->waiting) {
        close(term->data_fd);
        close(term->go_fd);
    }
    const pid_t child = term->pager ? term->pager : term->waiting;
    int status;
    while (child && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    term->pager = term->waiting = 0;
}

/* --- colours --- */

void style_on(struct buf *b, const struct term *term, enum style style)
{
    static const char *const codes[] = {
        [STYLE_NONE] = "",           [STYLE_BOLD] = "\x1b[1m", [STYLE_DIM] = "\x1b[2m",
        [STYLE_HEAD] = "\x1b[33m",   [STYLE_OLD] = "\x1b[31m", [STYLE_NEW] = "\x1b[32m",
        [STYLE_WARN] = "\x1b[1;31m",
    };
    if (term->color)
        (void)buf_add_str(b, codes[style]); /* put() asks b->failed */
}

void style_off(struct buf *b, const struct term *term, enum style style)
{
    if (term->color && style != STYLE_NONE)
        (void)buf_add_str(b, "\x1b[0m");
}

void style_str(struct buf *b, const struct term *term, enum style style, const char *str)
{
    style_on(b, term, style);
    (void)buf_add_str(b, str);
    style_off(b, term, style);
}

size_t style_cell(struct buf *b, const struct term *term, enum style style,
                  const struct buf *text, size_t min_wide)
{
    const size_t wide = utf8_text_columns(text_make(text->ptr, text->len));
    style_on(b, term, style);
    (void)buf_add(b, text->ptr, text->len);
    style_off(b, term, style);
    for (size_t k = wide; k < min_wide; k++)
        (void)buf_add_char(b, ' ');
    (void)buf_add_str(b, "  ");
    return (wide > min_wide ? wide : min_wide) + 2;
}
