#include "report/record.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* published_at as written; what is no date is not guessed at. */
static int64_t published(struct sillok_text t, int zone_min)
{
    int64_t at;
    if (t.len < 10 || t.ptr[4] != '-' || t.ptr[7] != '-' ||
        sillok_time_parse(&at, t.ptr, t.len, 0, zone_min) < 0)
        return RECORD_NO_TIME;
    return at;
}

/* "2026-01-02", or that with 00:00, as crawlers write it that know no more. */
static int is_day(struct sillok_text t)
{
    enum { HOUR_AT = 11 };
    return t.len < HOUR_AT + 5 || memcmp(t.ptr + HOUR_AT, "00:00", 5) == 0;
}

void record_of_change(struct record *out, const struct sillok_change *c,
                      int published_zone_min)
{
    const struct sillok_text *now = c->to.article.fields, *old = c->from.article.fields;
    *out = (struct record){
        .oid = c->oid,
        .aid = c->aid,
        .publisher = now[SILLOK_PUBLISHER],
        .title = now[SILLOK_TITLE],
        .why = text_of(c->what.why),
        .from = c->from.revision,
        .to = c->to.revision,
        .after_s = c->after_s,
        .before_s = c->before_s,
        .published_s = published(now[SILLOK_PUBLISHED_AT], published_zone_min),
        .published_day = is_day(now[SILLOK_PUBLISHED_AT]),
        .visits = c->visits_before,
        .kind = c->what.kind,
        .kinds = c->what.kinds,
        .fields = c->what.fields,
        .flags = c->what.flags,
        .reverted_to = c->reverted_to,
        .added_chars = c->what.added_chars,
        .removed_chars = c->what.removed_chars,
        .significance = c->what.significance,
    };
    if (!text_equal(now[SILLOK_TITLE], old[SILLOK_TITLE]))
        out->old_title = old[SILLOK_TITLE];
}

/* --- bytes -----------------------------------------------------------------------------
 */

static const size_t TEXT_AT[] = {
    offsetof(struct record, oid),       offsetof(struct record, aid),
    offsetof(struct record, publisher), offsetof(struct record, title),
    offsetof(struct record, old_title), offsetof(struct record, why),
};
enum { N_TEXTS = sizeof(TEXT_AT) / sizeof(TEXT_AT[0]) };

static struct sillok_text *text_at(struct record *r, size_t i)
{
    return (struct sillok_text *)(void *)((char *)r + TEXT_AT[i]);
}

/* The struct as it is in memory, then the texts: only this process reads it. */
static void encode(struct buf *b, const struct record *r)
{
    struct record copy = *r;
    (void)buf_add(b, r, sizeof(*r));
    for (size_t i = 0; i < N_TEXTS; i++)
        (void)buf_add_text(b, *text_at(&copy, i));
}

static int decode(const struct buf *b, struct record *out)
{
    struct cursor c = cursor_of(b->ptr, b->len);
    const uint8_t *head = cursor_bytes(&c, sizeof(*out));
    if (head)
        memcpy(out, head, sizeof(*out));
    for (size_t i = 0; head && i < N_TEXTS; i++) {
        struct sillok_text *t = text_at(out, i);
        t->ptr = (const char *)cursor_bytes(&c, t->len);
    }
    return c.bad ? fail(SILLOK_EIO, "the list of changes cannot be read again") : 0;
}

/* --- the file --------------------------------------------------------------------------
 */

int spool_open(struct spool *s, const char *dir)
{
    CLEANUP(free) char *path = file_in(dir, ".spool");
    *s = (struct spool){ NULL, BUF_INIT };
    if (!path)
        return fail_memory();
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno("cannot create '%s'", path);
    /* With a name it would only be in the way. */
    int r = unlink(path) < 0 ? fail_errno("cannot remove '%s'", path) : 0;
    if (r == 0 && !(s->file = fdopen(fd, "r+b")))
        r = fail_errno("cannot open '%s'", path);
    if (r < 0)
        (void)close(fd); /* nothing is in it */
    return r;
}

void spool_close(struct spool *s)
{
    if (s->file)
        (void)fclose(s->file); /* nobody needs it any more */
    s->file = NULL;
    buf_release(&s->bytes);
}

int spool_put(struct spool *s, const struct record *r, int64_t *at)
{
    buf_clear(&s->bytes);
    encode(&s->bytes, r);
    if (s->bytes.failed)
        return fail_memory();
    const size_t len = s->bytes.len;
    *at = ftello(s->file);
    if (*at < 0 || fwrite(&len, sizeof(len), 1, s->file) != 1 ||
        fwrite(s->bytes.ptr, 1, len, s->file) != len)
        return fail_errno("cannot write the list of changes");
    return 0;
}

int spool_rewind(struct spool *s)
{
    return fflush(s->file) != 0 || fseeko(s->file, 0, SEEK_SET) < 0
               ? fail_errno("cannot write the list of changes")
               : 0;
}

int spool_next(struct spool *s, struct record *out)
{
    size_t len;
    if (fread(&len, sizeof(len), 1, s->file) != 1)
        return ferror(s->file) ? fail_errno("cannot read the list of changes") : 0;
    buf_clear(&s->bytes);
    int r = buf_reserve(&s->bytes, len);
    if (r == 0 && fread(s->bytes.ptr, 1, len, s->file) != len)
        r = fail_errno("cannot read the list of changes");
    s->bytes.len = r < 0 ? 0 : len;
    if (r == 0)
        r = decode(&s->bytes, out);
    return r < 0 ? r : 1;
}

int spool_read(struct spool *s, int64_t at, struct record *out)
{
    if (fseeko(s->file, at, SEEK_SET) < 0)
        return fail_errno("cannot read the list of changes");
    const int r = spool_next(s, out);
    return r == 0 ? fail(SILLOK_EIO, "the list of changes cannot be read again") : r;
}
