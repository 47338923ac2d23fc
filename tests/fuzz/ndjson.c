/*
 * A file of articles one a line. Oracle: the lines together are the file, an article that
 * was understood is rendered as a line that says the same, and the line comes back byte
 * for byte.
 */
#include "fuzz.h"

#include "article.h"
#include "article/escape.h"
#include "ingest/source.h"

#include <fcntl.h>

static struct reader *make_reader(void)
{
    struct reader *r;
    struct sillok_limits limits;
    sillok_limits_default(&limits);
    limits.field_bytes = 4096;
    fuzz_done(reader_new(&r, sillok_profile_builtin("naver"), &limits), "a reader");
    return r;
}

/* Of a field's entities nothing may say whose they are: then they are undone. */
static void same_field(struct sillok_text again, struct sillok_text before)
{
    static struct buf undone = BUF_INIT;
    buf_clear(&undone);
    fuzz_done(escape_undo_any(&undone, before), "a field is undone");
    fuzz_expect(text_equal(again, before) || text_equal(again, fuzz_text(&undone)),
                "a field");
}

/* A line of our own says the same to another reader. */
static void read_rendered(const struct reading *reading)
{
    static struct buf line = BUF_INIT;
    static struct reader *other;
    struct reading again;
    struct refusal why = { NULL };
    if (!other)
        other = make_reader();
    buf_clear(&line);
    fuzz_done(render_file(&line, &reading->article, reading->form), "rendering");
    fuzz_done(reader_ndjson(other, fuzz_text(&line), &again, &why), "a line of our own");
    fuzz_equal(again.article.oid, reading->article.oid, "oid");
    fuzz_equal(again.article.aid, reading->article.aid, "aid");
    fuzz_expect(again.article.crawled_at_s == reading->article.crawled_at_s,
                "crawled_at");
    fuzz_equal(again.article.body, reading->article.body, "body");
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        same_field(again.article.fields[i], reading->article.fields[i]);
    fuzz_expect(!(again.notes & NOTE_MISMATCH), "the hash of our own line is right");
}

static void read_line(struct reader *r, struct sillok_text line, int thorough)
{
    struct reading reading;
    struct refusal why = { NULL };
    if (fuzz_failed(reader_ndjson(r, line, &reading, &why), SILLOK_EINVALID)) {
        fuzz_expect(why.code != NULL, "a refusal has a code");
        return;
    }
    fuzz_reading(&reading, line);
    if (!thorough)
        return;
    fuzz_give_back(&reading, line);
    read_rendered(&reading);
}

static int is_blank(struct sillok_text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!t.ptr[i] || !strchr(" \t\r\n", t.ptr[i]))
            return 0;
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reader *r;
    static struct buf seen = BUF_INIT;
    const struct sillok_text all = { (const char *)data, size };
    const int thorough = fuzz_thorough(data, size);
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    int rc, too_large = 0;
    if (!r)
        r = make_reader();
    sillok_limits_default(&limits);
    limits.file_bytes = 1 << 10;
    fuzz_done(source_ndjson_open(&s, "x.ndjson",
                                 open(fuzz_file(data, size), O_RDONLY | O_CLOEXEC),
                                 text_make(NULL, 0)),
              "opening");
    s->limits = limits;
    entry_init(&e);
    buf_clear(&seen);
    while ((rc = source_next(s, &e)) > 0) {
        fuzz_expect(e.kind == ENTRY_LINE || e.kind == ENTRY_REFUSE,
                    "a line or a refusal");
        too_large |= e.kind == ENTRY_REFUSE;
        if (e.kind != ENTRY_LINE)
            continue;
        read_line(r, fuzz_text(&e.data), thorough);
        fuzz_done(buf_add(&seen, e.data.ptr, e.data.len), "memory");
    }
    fuzz_done(rc, "the end of the lines");
    entry_release(&e);
    source_close(s);
    if (too_large)
        return 0;
    const size_t mark = seen.len == 0 && text_starts(all, "\xef\xbb\xbf") ? 3 : seen.len;
    fuzz_expect(seen.len <= size && is_blank(text_from(all, mark)),
                "nothing but blanks is left over");
    fuzz_equal(fuzz_text(&seen), text_make(all.ptr, seen.len), "the lines are the file");
    return 0;
}
