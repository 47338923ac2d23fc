/*
 * A crawl file. Oracle: what is understood is within its bounds and under the hash of its
 * body, the declared hash decides which reading is right, and the file comes back byte
 * for byte.
 *
 * A fuzzer cannot guess a SHA-256. So a declared hash of 62 zeros and two digits K stands
 * for a right one: of the body as it was read (K 0), or of its start up to the K-th empty
 * line, after which reader comments would come.
 */
#include "fuzz.h"

#include "article.h"

#include <openssl/sha.h>

static const char placeholder[] =
    "\ncontent_hash: 00000000000000000000000000000000000000000000000000000000000000";

/* The start of @p body that placeholder K stands for. */
static struct sillok_text start_of(struct sillok_text body, unsigned k)
{
    for (size_t from = 0; k; k--) {
        const char *at =
            from < body.len ? memmem(body.ptr + from, body.len - from, "\n\n", 2) : NULL;
        if (!at)
            return body;
        from = (size_t)(at - body.ptr) + 1;
        if (k == 1)
            return text_make(body.ptr, from - 1);
    }
    return body;
}

/* Where the placeholder's digits stand, if it is a key of the front matter and the only
 * one. */
static char *find_placeholder(struct buf *file)
{
    const size_t n = sizeof(placeholder) - 1;
    char *end = memmem(file->ptr + 3, file->len - 3, "\n---", 4);
    char *at = end ? memmem(file->ptr, (size_t)(end - file->ptr), placeholder, n) : NULL;
    if (!at || (size_t)(end - at) < n + 2)
        return NULL;
    const char *rest = at + n;
    return memmem(rest, file->len - (size_t)(rest - file->ptr), placeholder, n)
               ? NULL
               : at + n - 62;
}

/* Declare the hash that the placeholder stands for, and read again. */
static void with_right_hash(struct reader *r, struct sillok_text file,
                            const struct reading *first)
{
    static struct buf patched = BUF_INIT, body = BUF_INIT;
    static const uint8_t nothing[31];
    struct reading again;
    struct refusal why = { NULL };
    struct sillok_id id;
    char hex[SILLOK_ID_HEX_LEN + 1];
    if (memcmp(first->declared.bytes, nothing, sizeof(nothing)) != 0)
        return;
    const struct sillok_text start =
        start_of(first->article.body, first->declared.bytes[31]);
    buf_clear(&body);
    buf_clear(&patched);
    fuzz_done(buf_add_text(&body, start), "memory");
    fuzz_done(buf_add_text(&patched, file), "memory");
    char *digits = find_placeholder(&patched);
    if (!digits)
        return;
    SHA256((const unsigned char *)(start.len ? start.ptr : ""), start.len, id.bytes);
    sillok_id_format(&id, hex);
    memcpy(digits, hex, SILLOK_ID_HEX_LEN);
    fuzz_done(reader_file(r, fuzz_text(&patched), &again, &why),
              "with the right hash too");
    fuzz_expect(!(again.notes & NOTE_MISMATCH), "the right hash is no mismatch");
    fuzz_equal(again.article.body, fuzz_text(&body),
               "the body is what has the declared hash");
    fuzz_reading(&again, fuzz_text(&patched));
    if (fuzz_thorough((const uint8_t *)patched.ptr, patched.len))
        fuzz_give_back(&again, fuzz_text(&patched));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reader *r;
    const struct sillok_text file = { (const char *)data, size };
    struct sillok_limits limits;
    struct reading reading;
    struct refusal why = { NULL };
    if (!r) {
        sillok_limits_default(&limits);
        limits.field_bytes = 4096;
        limits.front_matter_keys = 32;
        fuzz_done(reader_new(&r, sillok_profile_builtin("naver"), &limits), "a reader");
    }
    const int rc = reader_file(r, file, &reading, &why);
    if (fuzz_failed(rc, SILLOK_EINVALID)) {
        fuzz_expect(why.code != NULL, "a refusal has a code");
        return 0;
    }
    fuzz_reading(&reading, file);
    if (fuzz_thorough(data, size))
        fuzz_give_back(&reading, file);
    if (reading.notes & NOTE_MISMATCH)
        with_right_hash(r, file, &reading);
    return 0;
}
