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

int follow_in_time(int64_t a, int64_t b)
{
    if (a == NEAR_NO_DAY || b == NEAR_NO_DAY)
        return 1;
    return (a < b ? b - a : a - b) <= FOLLOW_DAYS;
}

int follow_links(const struct follow *a, const struct follow *b)
{
    return a->name.len && text_equal(buf_text(&a->name), buf_text(&b->name)) &&
           follow_in_time(a->day, b->day);
}
