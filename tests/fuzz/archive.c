/*
 * An archive: tar, tar.gz, tar.zst, and zip where it begins with "PK". Oracle: it ends,
 * all stays within the limits, and a tar gives the same members however its bytes arrive.
 */
#include "fuzz.h"

#include "ingest/source.h"

#include <xxhash.h>

enum { MEMBERS_MAX = 1 << 16 };

static int open_archive(struct source **out, const char *path, int zip,
                        struct sillok_text head)
{
    struct source *s = NULL;
    const int r = source_archive_open(&s, path, zip, head, NULL);
    if (r < 0)
        return r;
    sillok_limits_default(&s->limits);
    s->limits.file_bytes = 16 << 10;
    s->limits.archive_bytes = 256 << 10;
    s->crawl = strdup("crawl");
    s->name = strdup("crawl.tar.gz");
    *out = s;
    return 0;
}

static void check_entry(const struct entry *e, const struct sillok_limits *limits)
{
    fuzz_expect(e->kind >= ENTRY_BYTES && e->kind <= ENTRY_NOTE, "a kind of entry");
    fuzz_expect(e->path.len > 0, "an entry has a name");
    fuzz_expect(e->data.len <= limits->file_bytes, "no member is larger than its limit");
    if (e->kind != ENTRY_BYTES)
        fuzz_expect(e->message[0] && memchr(e->message, 0, sizeof(e->message)),
                    "what is not taken has a sentence");
    if (e->kind == ENTRY_REFUSE)
        fuzz_expect(e->code && *e->code, "a refusal has a code");
}

/* A digest of all that comes out of it; compressed bytes lead to at most so many plain.
 */
static void read_archive(struct buf *out, const char *path, int zip,
                         struct sillok_text head)
{
    struct source *s = NULL;
    struct entry e;
    uint64_t total = 0;
    unsigned n = 0;
    int r, failed = 0;
    fuzz_done(open_archive(&s, path, zip, head), "opening");
    entry_init(&e);
    while ((r = source_next(s, &e)) > 0) {
        fuzz_expect(!failed, "a failed source is at its end");
        check_entry(&e, &s->limits);
        failed = e.kind == ENTRY_FAILED;
        total += e.kind == ENTRY_BYTES ? e.data.len : 0;
        fuzz_expect(++n < MEMBERS_MAX, "it ends");
        (void)buf_printf(out, "%d %016llx %016llx\n", (int)e.kind,
                         (unsigned long long)XXH3_64bits(e.path.ptr, e.path.len),
                         e.kind == ENTRY_BYTES
                             ? (unsigned long long)XXH3_64bits(e.data.ptr, e.data.len)
                             : 0);
    }
    fuzz_done(r, "the end of an archive");
    fuzz_expect(source_next(s, &e) <= 0, "after the end it is at its end");
    entry_release(&e);
    source_close(s);
    fuzz_expect(!out->failed && total <= (16u << 20), "what comes out is bounded");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf whole = BUF_INIT, halved = BUF_INIT;
    enum { HEAD_MAX = 64 }; /* as much as standard input is looked at */
    const struct sillok_text all = { (const char *)data, size };
    const int zip = text_starts(all, "PK");
    buf_clear(&whole);
    read_archive(&whole, fuzz_file(data, size), zip, text_make(NULL, 0));
    /* The end of a zip is looked for in its file, which standard input has none of. */
    if (zip || !fuzz_thorough(data, size))
        return 0;
    const size_t head = size < HEAD_MAX ? size : HEAD_MAX;
    buf_clear(&halved);
    read_archive(&halved, fuzz_file(all.ptr + head, size - head), zip,
                 text_make(all.ptr, head));
    fuzz_equal(fuzz_text(&halved), fuzz_text(&whole), "the same members in two pieces");
    return 0;
}
