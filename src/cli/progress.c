#include "cli/progress.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/fmt.h"

#include <stdio.h>

#define REDRAW_S 0.1
#define LINE_S   5.0

void progress_init(struct progress *p, struct cli *cli)
{
    *p = (struct progress){ .cli = cli, .started = clock_s() };
    p->last = p->started;
}

double progress_seconds(const struct progress *p)
{
    return clock_s() - p->started;
}

static void add_figures(struct buf *b, const struct progress_figures *f, double seconds)
{
    const double per_s = seconds > 0 ? (double)f->n / seconds : 0;
    if (f->label) {
        fmt_name(b, text_of(f->label));
        (void)buf_add_str(b, ": ");
    }
    fmt_count(b, f->n);
    if (f->total) {
        (void)buf_add_str(b, " of ");
        fmt_count(b, f->total);
    }
    const int one = f->n == 1 && f->total < 2; /* "1 file" */
    (void)buf_printf(b, " %.*s, ", (int)strlen(f->unit) - one, f->unit);
    fmt_count(b, (uint64_t)per_s);
    (void)buf_add_str(b, "/s");
    if (f->bytes && seconds > 0) {
        (void)buf_add_str(b, ", ");
        fmt_size(b, (uint64_t)((double)f->bytes / seconds));
        (void)buf_add_str(b, "/s");
    }
    if (f->has_articles) {
        (void)buf_add_str(b, ", new ");
        fmt_count(b, f->new_articles);
        (void)buf_add_str(b, ", changed ");
        fmt_count(b, f->changed);
    }
    if (f->total > f->n && per_s > 0) {
        (void)buf_add_str(b, ", left ");
        fmt_duration(b, (double)(f->total - f->n) / per_s);
    }
}

void progress_show(struct progress *p, const struct progress_figures *figures)
{
    const double t = clock_s();
    const int tty = p->cli->term.err_tty;
    if (p->cli->quiet || t - p->last < (tty ? REDRAW_S : LINE_S))
        return;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    add_figures(&text, figures, t - p->started);
    if (tty) { /* one column stays free, so that no terminal wraps */
        (void)buf_add_char(&line, '\r');
        (void)utf8_add_fit(&line, text_make(text.ptr, text.len),
                           (size_t)p->cli->term.columns - 1, 0);
        (void)buf_add_str(&line, "\x1b[K");
    } else {
        (void)utf8_add_safe(&line, text_make(text.ptr, text.len), 0);
        (void)buf_add_char(&line, '\n');
    }
    fwrite(line.ptr, 1, line.len, stderr);
    fflush(stderr);
    p->drawn = tty;
    p->last = t;
}

void progress_clear(struct progress *p)
{
    if (!p->drawn)
        return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    p->drawn = 0;
}
