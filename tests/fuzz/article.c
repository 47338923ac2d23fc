#include "article.h"

#include "fuzz.h"

#include "base/time.h"
#include "store/codec.h"

#include <openssl/sha.h>

static int is_key(struct sillok_text t)
{
    int ok = t.len >= 1 && t.len <= SILLOK_KEY_MAX_BYTES;
    for (size_t i = 0; ok && i < t.len; i++)
        ok = t.ptr[i] && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-",
                                t.ptr[i]);
    return ok;
}

/* The hash in hex, in whatever case. */
static int says(struct sillok_text file, const struct sillok_id *id)
{
    struct sillok_id found;
    for (size_t i = 0, run = 0; i < file.len; i++) {
        const char c = file.ptr[i];
        const int digit =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        run = digit ? run + 1 : 0;
        if (run >= SILLOK_ID_HEX_LEN &&
            sillok_id_parse(&found, file.ptr + i + 1 - SILLOK_ID_HEX_LEN,
                            SILLOK_ID_HEX_LEN) == 0 &&
            sillok_id_equal(&found, id))
            return 1;
    }
    return 0;
}

void fuzz_reading(const struct reading *reading, struct sillok_text file)
{
    const struct sillok_article *a = &reading->article;
    struct sillok_id id;
    fuzz_expect(is_key(a->oid) && is_key(a->aid), "oid and aid are keys");
    fuzz_expect(a->crawled_at_s >= TIME_MIN_S && a->crawled_at_s <= TIME_MAX_S,
                "crawled_at is a time");
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        fuzz_expect(a->fields[i].len <= file.len, "no field is longer than the file");
    fuzz_expect(!a->fields[SILLOK_TITLE].len ||
                    !memchr(a->fields[SILLOK_TITLE].ptr, 0, a->fields[SILLOK_TITLE].len),
                "no title holds a NUL");
    fuzz_expect(a->body.len <= file.len, "the body is not longer than the file");
    SHA256((const unsigned char *)(a->body.len ? a->body.ptr : ""), a->body.len,
           id.bytes);
    fuzz_equal(text_make((const char *)a->content_hash.bytes, sizeof(id.bytes)),
               text_make((const char *)id.bytes, sizeof(id.bytes)),
               "the hash is that of the body");
    fuzz_expect(((reading->notes & NOTE_EMPTY_BODY) != 0) == (a->body.len == 0),
                "an empty body is noted");
    if (reading->notes & NOTE_MISMATCH) {
        fuzz_expect(!sillok_id_equal(&reading->declared, &a->content_hash) &&
                        (reading->form & FORM_NDJSON || says(file, &reading->declared)),
                    "a mismatch is one");
    }
}

static struct codec_ctx *codec;
static struct hasher *hasher;

/* The article as it comes out of the store: keys and time from the observation, the rest
 * from the record and the body. */
static void store_and_load(const struct sillok_article *a, struct sillok_article *loaded,
                           struct buf *record, struct buf *scratch)
{
    struct meta_digest before, after;
    struct sillok_text name;
    int guessed;
    buf_clear(scratch);
    fuzz_done(meta_guess_name(scratch, a), "a name is guessed");
    const struct sillok_text given =
        a->body.len % 3 ? fuzz_text(scratch) : text_of("another name.md");
    CLEANUP(buf_release) struct buf kept = BUF_INIT;
    fuzz_done(buf_add_text(&kept, given), "memory");
    buf_clear(record);
    fuzz_done(meta_encode(record, a, fuzz_text(&kept), &guessed), "a record is made");
    *loaded = (struct sillok_article){ .oid = a->oid,
                                       .aid = a->aid,
                                       .crawled_at_s = a->crawled_at_s,
                                       .body = a->body,
                                       .content_hash = a->content_hash };
    fuzz_done(meta_decode(loaded, &name, fuzz_text(record), scratch), "a record is read");
    fuzz_equal(name, fuzz_text(&kept), "the name comes back");
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        fuzz_equal(loaded->fields[i], a->fields[i], "a field comes back");
    fuzz_done(meta_digest_of(&before, hasher, a), "a digest");
    fuzz_done(meta_digest_of(&after, hasher, loaded), "a digest");
    fuzz_equal(text_make((const char *)after.bytes, META_DIGEST_BYTES),
               text_make((const char *)before.bytes, META_DIGEST_BYTES),
               "it is the same");
}

void fuzz_give_back(const struct reading *reading, struct sillok_text file)
{
    static struct buf record = BUF_INIT, scratch = BUF_INIT, rendered = BUF_INIT,
                      again = BUF_INIT, residue = BUF_INIT, out = BUF_INIT;
    struct sillok_article loaded;
    if (!codec)
        fuzz_done(codec_new(&codec), "a codec");
    if (!hasher)
        fuzz_done(hasher_new(&hasher), "a hasher");
    store_and_load(&reading->article, &loaded, &record, &scratch);
    buf_clear(&rendered);
    buf_clear(&again);
    fuzz_done(render_file(&rendered, &reading->article, reading->form), "rendering");
    fuzz_done(render_file(&again, &loaded, reading->form), "rendering");
    fuzz_equal(fuzz_text(&again), fuzz_text(&rendered),
               "from the store it is rendered as from the file");
    if (text_equal(fuzz_text(&rendered), file))
        return;
    buf_clear(&residue);
    buf_clear(&out);
    fuzz_done(codec_encode_delta(codec, &residue, file, fuzz_text(&rendered)),
              "a residue");
    fuzz_done(codec_decode(codec, &out, CODEC_DELTA, fuzz_text(&residue), file.len, NULL,
                           fuzz_text(&again)),
              "a residue is undone");
    fuzz_equal(fuzz_text(&out), file, "the file comes back byte for byte");
}
