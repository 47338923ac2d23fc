#include "near/follow.h"

#include "near/headline.h"
#include "near/near.h"

void follow_init(struct follow *f)
{
    buf_init(&f->name, BUF_CEILING);
    f->day = NEAR_NO_DAY;
}

void follow_release(struct follow *f)
{
    buf_release(&f->name);
}

int follow_of(struct follow *f, const struct sillok_article *a)
{
    buf_clear(&f->name);
    f->day = near_day_of(a->fields[SILLOK_PUBLISHED_AT]);
    int r = buf_add_text(&f->name, a->oid);
    if (r == 0)
        r = buf_add_char(&f->name, '\0');
    const size_t start = f->name.len;
    if (r == 0)
        r = headline_letters(&f->name, a->fields[SILLOK_TITLE]);
    if (f->name.len == start)
        buf_clear(&f->name);
    return r;
}

int follow_links(const struct follow *a, const struct follow *b)
{
    if (!a->name.len || !text_equal(text_make(a->name.ptr, a->name.len),
                                    text_make(b->name.ptr, b->name.len)))
        return 0;
    if (a->day == NEAR_NO_DAY || b->day == NEAR_NO_DAY)
        return 1;
    return (a->day < b->day ? b->day - a->day : a->day - b->day) <= FOLLOW_DAYS;
}
