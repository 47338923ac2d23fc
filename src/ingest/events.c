#include "ingest/events.h"

#include <string.h>

struct told {
    enum sillok_ingest_event_kind kind;
    const char *code;
    size_t name, name_len, message, crawl; /* offsets into texts */
    struct sillok_ingest_counts counts;
};

void events_init(struct events *e)
{
    buf_init(&e->list, BUF_CEILING);
    buf_init(&e->texts, BUF_CEILING);
    e->next = 0;
}

static const struct told *told_at(const struct events *e, size_t i)
{
    return (const struct told *)(const void *)e->list.ptr + i;
}

static size_t n_told(const struct events *e)
{
    return e->list.len / sizeof(struct told);
}

static size_t keep_text(struct events *e, const char *ptr, size_t len)
{
    const size_t at = e->texts.len;
    (void)buf_add(&e->texts, ptr, len);
    (void)buf_add_char(&e->texts, '\0');
    return at;
}

int events_add(struct events *e, enum sillok_ingest_event_kind kind, const char *code,
               struct sillok_text name, const char *message, const char *crawl,
               const struct sillok_ingest_counts *counts)
{
    struct told t = { .kind = kind, .code = code ? code : "" };
    t.name = keep_text(e, name.ptr, name.len);
    t.name_len = name.len;
    t.message = keep_text(e, message, strlen(message));
    t.crawl = keep_text(e, crawl ? crawl : "", crawl ? strlen(crawl) : 0);
    if (counts)
        t.counts = *counts;
    const int r = buf_add(&e->list, &t, sizeof(t));
    return r < 0 || e->texts.failed ? SILLOK_ENOMEM : 0;
}

int events_take(struct events *e, struct sillok_ingest_event *out)
{
    if (e->next == n_told(e)) {
        events_clear(e);
        return 0;
    }
    const struct told *t = told_at(e, e->next++);
    *out = (struct sillok_ingest_event){
        .kind = t->kind,
        .name = text_make(e->texts.ptr + t->name, t->name_len),
        .code = t->code,
        .message = e->texts.ptr + t->message,
        .crawl = e->texts.ptr + t->crawl,
        .counts = t->counts,
    };
    return 1;
}

int events_move(struct events *from, struct events *to)
{
    int r = 0;
    for (size_t i = 0; i < n_told(from) && r == 0; i++) {
        const struct told *t = told_at(from, i);
        r = events_add(
            to, t->kind, t->code, text_make(from->texts.ptr + t->name, t->name_len),
            from->texts.ptr + t->message, from->texts.ptr + t->crawl, &t->counts);
    }
    events_clear(from);
    return r;
}

void events_clear(struct events *e)
{
    buf_clear(&e->list);
    buf_clear(&e->texts);
    e->next = 0;
}

void events_release(struct events *e)
{
    buf_release(&e->list);
    buf_release(&e->texts);
}
