#include "store/head.h"

#include "base/file.h"
#include "store/beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char ref_name[] = "proof";

/* The part of @p rest before its first blank, which goes with it. */
static struct sillok_text take_word(struct sillok_text *rest)
{
    const char *blank = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
    const size_t n = blank ? (size_t)(blank - rest->ptr) : rest->len;
    const struct sillok_text word = text_make(rest->ptr, n);
    *rest = text_make(rest->ptr + n + (blank != NULL), rest->len - n - (blank != NULL));
    return word;
}

int head_get(struct sillok_store *s, struct head *out, struct buf *text)
{
    CLEANUP(buf_release) struct buf mine = BUF_INIT;
    struct buf *ref = text ? text : &mine;
    memset(out, 0, sizeof(*out));
    const int r = s->ops->ref_get(s, ref_name, ref);
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? 0 : r;
    struct sillok_text rest = buf_text(ref);
    const struct sillok_text log = take_word(&rest), size = take_word(&rest);
    if (log.len >= sizeof(out->log) || text_number(size, UINT64_MAX, &out->size) < 0 ||
        sillok_id_parse(&out->root, rest.ptr, rest.len) < 0)
        return fail(SILLOK_ECORRUPT,
                    "the store is damaged: its ref '%s' does not say how "
                    "far the log is",
                    ref_name);
    memcpy(out->log, log.ptr, log.len);
    return 1;
}

int head_put(struct sillok_store *s, const struct head *head, const struct buf *was)
{
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&head->root, hex);
    const struct sillok_text old = text_make(was->ptr, was->len);
    int r = buf_printf(&is, "%s %" PRIu64 " %s", head->log, head->size, hex);
    const struct sillok_text now = text_make(is.ptr, is.len);
    if (r < 0 || text_equal(old, now))
        return r;
    do
        r = s->ops->ref_cas(s, ref_name, old, now);
    while (r == STORE_RETRY);
    return r;
}

/* The size that the checkpoint is of, its second line; 0: it says none. */
static uint64_t size_of(struct sillok_text note)
{
    const char *end = note.len ? memchr(note.ptr, '\n', note.len) : NULL;
    uint64_t n = 0;
    if (!end)
        return 0;
    const size_t used = (size_t)(end - note.ptr) + 1;
    note = text_make(note.ptr + used, note.len - used);
    end = note.len ? memchr(note.ptr, '\n', note.len) : NULL;
    if (!end ||
        text_number(text_make(note.ptr, (size_t)(end - note.ptr)), UINT64_MAX, &n) < 0)
        return 0;
    return n;
}

/* Whether it is one, and signed, is not for here to say: who checks the log does. */
int head_check(struct sillok_store *s)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    struct head head = { .size = 0 };
    char *path = beside_path(s, HEAD_CHECKPOINT);
    int r = path ? file_read(&note, path, HEAD_CHECKPOINT_MAX) : fail_memory();
    free(path);
    if (r < 0)
        return r == SILLOK_ENOMEM ? r : 0;
    const uint64_t n = size_of(text_make(note.ptr, note.len));
    r = n ? head_get(s, &head, NULL) : 0;
    return r < 0 || head.size >= n || !n
               ? (r < 0 ? r : 0)
               : fail(
                     SILLOK_ECORRUPT,
                     "the store '%s' is older than its log of proofs: its checkpoint is "
                     "of %" PRIu64 " entries, the store knows of %" PRIu64
                     ". An old copy "
                     "was put back: see docs/proof.md ('sillok salvage' gets out what it "
                     "has)",
                     s->path, n, head.size);
}
