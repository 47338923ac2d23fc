#include "cli/rows.h"

#include "base/utf8.h"
#include "cli/fmt.h"

struct words words_of_kinds(const struct sillok_change_class *what)
{
    struct words w = { .n = 0 };
    w.word[w.n++] = sillok_kind_name(what->kind);
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        if ((what->kinds >> k & 1) && k != (int)what->kind)
            w.word[w.n++] = sillok_kind_name((enum sillok_kind)k);
    return w;
}

struct words words_of_fields(uint32_t fields)
{
    struct words w = { .n = 0 };
    for (int f = 0; f < SILLOK_N_FIELDS; f++)
        if (fields >> f & 1)
            w.word[w.n++] = sillok_field_name((enum sillok_field)f);
    if (fields & SILLOK_FIELD_BODY)
        w.word[w.n++] = "body";
    return w;
}

struct words words_of_flags(uint32_t flags)
{
    struct words w = { .n = 0 };
    for (int f = 0; f < SILLOK_N_FLAGS; f++)
        if (flags >> f & 1)
            w.word[w.n++] = sillok_flag_name(f);
    return w;
}

void add_words_list(struct buf *b, const struct words *words)
{
    for (int i = 0; i < words->n; i++)
        (void)buf_printf(b, "%s%s", i ? ", " : "", words->word[i]);
}

void add_revision_name(struct buf *b, struct sillok_text oid, struct sillok_text aid,
                       uint32_t revision)
{
    (void)utf8_add_safe(b, oid, 0);
    (void)buf_add_char(b, '/');
    (void)utf8_add_safe(b, aid, 0);
    if (revision)
        (void)buf_printf(b, "@%u", revision);
}

void add_seen(struct buf *b, const struct cli *cli, int64_t first_s, int64_t last_s)
{
    fmt_time(b, first_s, cli->zone_min);
    if (last_s == first_s)
        return;
    (void)buf_add_str(b, " .. ");
    fmt_time(b, last_s, cli->zone_min);
}
