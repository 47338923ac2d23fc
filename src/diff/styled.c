/* Styled text: see styled.h. */
#include "diff/styled.h"

#include "diff/chars.h"

#include <string.h>

static int is_style(char c)
{
    return (c >= STYLE_REMOVED && c <= STYLE_WEAK) || c == STYLE_END;
}

int styled_add(struct buf *out, struct sillok_text t, int style)
{
    int r = style ? buf_add_char(out, (char)style) : 0;
    r = r < 0 ? r : utf8_add_safe(out, t, UTF8_KEEP_NEWLINES);
    return r < 0 || !style ? r : buf_add_char(out, STYLE_END);
}

int styled_add_blanks(struct buf *out, struct sillok_text t, int style, int signs)
{
    int r = buf_add_char(out, (char)style);
    for (size_t i = 0; r == 0 && i < t.len;) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + i, t.len - i, &cp);
        if (char_is_newline(cp))
            r = buf_add_str(out, "⏎");
        else if (signs && (cp == ' ' || cp == '\t' || cp == 0xA0 || cp == 0x3000))
            r = buf_add_str(out, "␣");
        else
            r = utf8_add_safe(out, text_make(t.ptr + i, used), UTF8_KEEP_NEWLINES);
        i += used;
    }
    return r < 0 ? r : buf_add_char(out, STYLE_END);
}

void styled_fold(struct buf *b)
{
    size_t n = 0;
    int blank = 0, begun = 0;
    for (size_t i = 0; i < b->len; i++) {
        const char c = b->ptr[i];
        if (c == ' ' || c == '\n' || c == '\t') {
            blank = 1;
            continue;
        }
        if (c == STYLE_END ||
            c == STYLE_WEAK) { /* the blank goes behind what ends here */
            b->ptr[n++] = c;
            continue;
        }
        if (blank && begun)
            b->ptr[n++] =
                ' '; /* never catches up with i: it stands for what was skipped */
        blank = 0;
        begun |= !is_style(c);
        b->ptr[n++] = c;
    }
    b->len = n;
}

static const char *mark_of(char c, char style)
{
    switch (c) {
    case STYLE_REMOVED:
        return "[-";
    case STYLE_ADDED:
        return "{+";
    case STYLE_MOVED_FROM:
        return "[moved away: ";
    case STYLE_MOVED_TO:
        return "[moved here: ";
    case STYLE_END:
        return style == STYLE_REMOVED ? "-]"
               : style == STYLE_ADDED ? "+}"
               : style == STYLE_NOTE  ? ""
                                      : "]";
    default:
        return "";
    }
}

static const char *colour_of(char c)
{
    switch (c) {
    case STYLE_REMOVED:
        return "\x1b[31m";
    case STYLE_ADDED:
        return "\x1b[32m";
    case STYLE_MOVED_FROM:
    case STYLE_MOVED_TO:
        return "\x1b[36m";
    case STYLE_NOTE:
        return "\x1b[2m";
    case STYLE_STRONG:
        return "\x1b[1;4m";
    case STYLE_WEAK:
        return "\x1b[22;24m";
    default:
        return "\x1b[0m";
    }
}

static const char *tag_of(char c, char style)
{
    switch (c) {
    case STYLE_REMOVED:
        return "<del>";
    case STYLE_ADDED:
        return "<ins>";
    case STYLE_MOVED_FROM:
        return "<del class=\"moved\">";
    case STYLE_MOVED_TO:
        return "<ins class=\"moved\">";
    case STYLE_STRONG:
        return "<b>";
    case STYLE_WEAK:
        return "</b>";
    case STYLE_END:
        return style == STYLE_REMOVED || style == STYLE_MOVED_FROM ? "</del>"
               : style == STYLE_NOTE                               ? ""
                                                                   : "</ins>";
    default:
        return "";
    }
}

/* A pager takes each line for one that begins without colours. */
static int add_coloured_end(struct buf *out, char style, int strong)
{
    int r = buf_add_str(out, colour_of(STYLE_END));
    r = r < 0 ? r : buf_add_char(out, '\n');
    r = r < 0 ? r : buf_add_str(out, colour_of(style));
    return r < 0 || !strong ? r : buf_add_str(out, colour_of(STYLE_STRONG));
}

int styled_show(struct buf *out, struct sillok_text t, enum style_output how)
{
    char style = STYLE_END;
    int strong = 0, r = 0;
    for (size_t i = 0; r == 0 && i < t.len; i++) {
        const char c = t.ptr[i];
        if (c == '\n' && how == STYLE_COLOUR && style != STYLE_END) {
            r = add_coloured_end(out, style, strong);
            continue;
        }
        if (!is_style(c)) {
            const char *entity = how == STYLE_TAGS ? utf8_entity((uint8_t)c) : NULL;
            r = entity ? buf_add_str(out, entity) : buf_add_char(out, c);
            continue;
        }
        if (how == STYLE_MARKS)
            r = buf_add_str(out, mark_of(c, style));
        else if (how == STYLE_COLOUR)
            r = buf_add_str(out, colour_of(c));
        else if (how == STYLE_TAGS)
            r = buf_add_str(out, tag_of(c, style));
        if (c == STYLE_STRONG || c == STYLE_WEAK)
            strong = c == STYLE_STRONG;
        else
            style = c;
    }
    return r;
}

struct styled_line styled_next_line(struct sillok_text t, size_t columns)
{
    struct styled_line line = { 0, 0, 0 }, blank = { 0, 0, 0 };
    while (line.len < t.len) {
        const char c = t.ptr[line.len];
        if (c == '\n') {
            line.next = line.len + 1;
            return line;
        }
        if (is_style(c)) {
            line.len++;
            continue;
        }
        uint32_t cp;
        const size_t used = char_decode(t.ptr + line.len, t.len - line.len, &cp);
        const size_t width = c == '\t' ? 1 : (size_t)utf8_columns(cp);
        if (line.columns + width > columns && line.columns) {
            if (c == ' ') { /* the line ends just before a blank */
                line.next = line.len + 1;
                return line;
            }
            line.next = line.len;
            /* a word of up to a third of the line goes to the next one whole */
            return blank.len && 3 * (line.columns - blank.columns) < columns ? blank
                                                                             : line;
        }
        if (c == ' ')
            blank = (struct styled_line){ line.len, line.len + 1, line.columns };
        line.len += used;
        line.columns += width;
    }
    line.next = line.len;
    return line;
}

void styled_state(struct sillok_text t, int *style, int *strong)
{
    for (size_t i = 0; i < t.len; i++) {
        const char c = t.ptr[i];
        if (!is_style(c))
            continue;
        if (c == STYLE_STRONG || c == STYLE_WEAK)
            *strong = c == STYLE_STRONG;
        else
            *style = c == STYLE_END ? 0 : c;
    }
}
