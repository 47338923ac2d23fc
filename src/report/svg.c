#include "report/svg.h"

#include "report/html.h"

enum { ROW = 28, TOP = 14, HEIGHT = 200, BASE = TOP + HEIGHT, FOOT = 28 };

/* Columns of a label: what fits before the bars on a phone, in a wide typeface. */
enum { LABEL = 14 };

/* In percent of the width. */
static const double BAR_START = 37, BAR_WIDTH = 49, AXIS = 9;

/* ` name="12.34%"`, whatever the locale writes for a decimal point. */
static void length(struct buf *b, const char *name, double v, const char *unit)
{
    const unsigned long n = (unsigned long)(v * 100 + 0.5);
    (void)buf_printf(b, " %s=\"%lu.%02lu%s\"", name, n / 100, n % 100, unit);
}

static uint64_t largest(const struct svg_bar *bars, size_t n)
{
    uint64_t max = 1;
    for (size_t i = 0; i < n; i++)
        if (bars[i].value > max)
            max = bars[i].value;
    return max;
}

static void begin(struct buf *b, const struct svg_head *head, size_t height)
{
    html_raw(b, "<svg class=\"plot\" role=\"img\" width=\"100%\"");
    (void)buf_printf(b, " height=\"%zu\" aria-labelledby=\"%s-title\">\n", height,
                     head->id);
    (void)buf_printf(b, "<title id=\"%s-title\">", head->id);
    html_str(b, head->title);
    html_raw(b, "</title>\n");
}

static void bar(struct buf *b, const struct svg_bar *it, size_t y, double wide)
{
    html_raw(b, "<text class=\"label\"");
    html_lang(b, it->label);
    (void)buf_printf(b, " x=\"0\" y=\"%zu\">", y + 19);
    html_cut(b, it->label, LABEL);
    html_raw(b, "</text><rect class=\"bar\"");
    length(b, "x", BAR_START, "%");
    (void)buf_printf(b, " y=\"%zu\" height=\"18\"", y + 5);
    length(b, "width", wide, "%");
    html_raw(b, "/><text class=\"value\" dx=\"6\"");
    length(b, "x", BAR_START + wide, "%");
    (void)buf_printf(b, " y=\"%zu\">", y + 19);
    html_number(b, it->value);
    html_raw(b, "</text>\n");
}

void svg_bars(struct buf *b, const struct svg_head *head, const struct svg_bar *bars,
              size_t n)
{
    const double max = (double)largest(bars, n);
    const size_t height = n * ROW + 4;
    begin(b, head, height);
    for (size_t i = 0; i < n; i++)
        bar(b, &bars[i], i * ROW, (double)bars[i].value / max * BAR_WIDTH);
    html_raw(b, "<line class=\"axis\"");
    length(b, "x1", BAR_START, "%");
    length(b, "x2", BAR_START, "%");
    (void)buf_printf(b, " y1=\"0\" y2=\"%zu\"/>\n</svg>\n", height);
}

/* The smallest of 1, 2, 5, 10, 20, ... of which four reach @p max. */
static uint64_t tick_of(uint64_t max)
{
    uint64_t unit = 1;
    for (;;) {
        if (max <= 4 * unit)
            return unit;
        if (max <= 8 * unit)
            return 2 * unit;
        if (max <= 20 * unit)
            return 5 * unit;
        if (unit > UINT64_MAX / 100)
            return max;
        unit *= 10;
    }
}

static void grid(struct buf *b, uint64_t tick, uint64_t top)
{
    for (uint64_t v = 0; v <= top; v += tick) {
        const double y = BASE - (double)v / (double)top * HEIGHT;
        (void)buf_printf(b, "<line class=\"%s\" x2=\"100%%\"", v ? "grid" : "axis");
        length(b, "x1", AXIS, "%");
        length(b, "y1", y, "");
        length(b, "y2", y, "");
        html_raw(b, "/><text class=\"tick end\" dx=\"-6\"");
        length(b, "x", AXIS, "%");
        length(b, "y", y + 4, "");
        html_raw(b, ">");
        html_number(b, v);
        html_raw(b, "</text>\n");
    }
}

static void column(struct buf *b, double x, double wide, double high)
{
    html_raw(b, "<rect class=\"bar\"");
    length(b, "x", x + wide * 0.1, "%");
    length(b, "width", wide * 0.8, "%");
    length(b, "y", BASE - high, "");
    length(b, "height", high, "");
    html_raw(b, "/>\n");
}

/* How many labels of @p len characters stand beside each other on a phone of 320 pixels. */
static size_t labels_shown(size_t len)
{
    return len > 7 ? 3 : len > 5 ? 4 : 5;
}

void svg_columns(struct buf *b, const struct svg_head *head, const struct svg_bar *bars,
                 size_t n)
{
    const uint64_t max = largest(bars, n), tick = tick_of(max);
    const uint64_t top = (max + tick - 1) / tick * tick;
    const double wide = n ? (100 - AXIS) / (double)n : 0;
    const size_t shown = labels_shown(n ? bars[0].label.len : 0);
    const size_t every = (n + shown - 1) / shown;
    begin(b, head, BASE + FOOT);
    grid(b, tick, top);
    for (size_t i = 0; i < n; i++) {
        const double x = AXIS + wide * (double)i;
        if (bars[i].value)
            column(b, x, wide, (double)bars[i].value / (double)top * HEIGHT);
        if (i % every)
            continue;
        html_raw(b, "<text class=\"tick middle\"");
        length(b, "x", x + wide / 2, "%");
        (void)buf_printf(b, " y=\"%d\">", BASE + 18);
        html_text(b, bars[i].label);
        html_raw(b, "</text>\n");
    }
    html_raw(b, "</svg>\n");
}
