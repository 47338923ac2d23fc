#include "proof/signed.h"

#include "base/file.h"
#include "store/beside.h"
#include "store/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_MAX_BYTES = 1024 };

/* --- the secret key --- */

int signed_key_read(struct note_signer *out, struct sillok_store *store)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = beside_path(store, "proof.key");
    int r = path ? file_read(&text, path, KEY_MAX_BYTES) : fail_memory();
    if (r == 0) {
        r = note_signer_parse(out, text_make(text.ptr, text.len));
        if (r < 0)
            r = fail_context(r, "'%s'", path);
        explicit_bzero(text.ptr, text.len);
    } else if (r == SILLOK_ENOTFOUND) {
        r = fail(r, "there is no secret key in '%s'", path);
    }
    free(path);
    return r;
}

int signed_key_write(const struct note_signer *signer, struct sillok_store *store)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = beside_path(store, "proof.key");
    int r = path ? note_signer_add(&text, signer) : fail_memory();
    if (r == 0)
        r = buf_add_char(&text, '\n');
    if (r == 0)
        r = file_replace(path, text.ptr, text.len, 0600);
    if (text.ptr)
        explicit_bzero(text.ptr, text.len);
    free(path);
    return r;
}

/* --- what was signed before --- */

int signed_begins(struct tlog *t, const struct checkpoint *c, const char *where)
{
    const struct merkle_source source = tlog_source(t);
    struct sillok_id root;
    if (c->size > t->size)
        return fail(SILLOK_ECORRUPT,
                    "the log '%s' has %" PRIu64 " entries, but %s says that %" PRIu64
                    " were signed: it was cut off, or is an old copy",
                    t->path, t->size, where, c->size);
    const int r = merkle_root_at(&source, c->size, &root);
    return r < 0 || sillok_id_equal(&root, &c->root)
               ? r
               : fail(SILLOK_ECORRUPT,
                      "the first %" PRIu64 " entries of the log '%s' are not those that "
                      "%s says were signed",
                      c->size, t->path, where);
}

/* A note that stands at @p where; nothing of it is believed before its signature is. */
static int check_note(struct tlog *t, const struct buf *note, const char *where)
{
    struct checkpoint c;
    int r = checkpoint_open(&c, text_make(note->ptr, note->len), &t->key);
    if (r == SILLOK_ECONFLICT || r == SILLOK_EINVALID)
        return fail_context(SILLOK_ECORRUPT, "%s", where);
    return r < 0 ? r : signed_begins(t, &c, where);
}

static int check_copy(struct tlog *t, const char *copy)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    char where[300];
    snprintf(where, sizeof(where), "the copy '%.250s'", copy);
    const int r = file_read(&note, copy, NOTE_MAX_BYTES);
    return r == SILLOK_ENOTFOUND ? 0 : r < 0 ? r : check_note(t, &note, where);
}

int signed_check(struct tlog *t, const char *copy)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    struct head head;
    int r = head_get(t->store, &head, NULL);
    if (r > 0 && strcmp(head.uuid, t->uuid) == 0) {
        const struct checkpoint c = { .size = head.size, .root = head.root };
        r = signed_begins(t, &c, "the store");
    } else if (r > 0) {
        r = 0; /* of the store that this one was salvaged from */
    }
    if (r == 0)
        r = tlog_checkpoint(t->store, &note);
    if (r > 0)
        r = check_note(t, &note, "the file 'checkpoint'");
    return r == 0 && copy ? check_copy(t, copy) : r;
}

int signed_newest(struct tlog *t, struct checkpoint *out, struct buf *note)
{
    int r = tlog_checkpoint(t->store, note);
    if (r == 0)
        return fail(SILLOK_ENOTFOUND,
                    "nothing was signed yet in '%s': 'sillok proof sign' does so",
                    t->store->path);
    if (r > 0)
        r = checkpoint_open(out, text_make(note->ptr, note->len), &t->key);
    if (r == SILLOK_ECONFLICT || r == SILLOK_EINVALID)
        r = fail_context(SILLOK_ECORRUPT, "'%s/checkpoint'", t->store->path);
    return r < 0 ? r : signed_begins(t, out, "the file 'checkpoint'");
}

/* --- signing --- */

static int replace_where_other(const char *path, const struct buf *note)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    const int r = file_read(&was, path, NOTE_MAX_BYTES);
    if (r == 0 &&
        text_equal(text_make(was.ptr, was.len), text_make(note->ptr, note->len)))
        return 0;
    return file_replace(path, note->ptr, note->len, 0644);
}

/* 1 when it is @p c that stands there: it stays, with what witnesses have put under it. */
static int is_signed_already(struct tlog *t, const struct checkpoint *c, struct buf *note)
{
    struct checkpoint was;
    int r = tlog_checkpoint(t->store, note);
    if (r == 0)
        return 0;
    if (r > 0)
        r = checkpoint_open(&was, text_make(note->ptr, note->len), &t->key);
    return r < 0 ? r : was.size == c->size && sillok_id_equal(&was.root, &c->root);
}

static int sign_anew(struct tlog *t, const struct checkpoint *c,
                     const struct note_signer *signer, struct buf *note)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = beside_path(t->store, HEAD_CHECKPOINT);
    buf_clear(note);
    int r = path ? checkpoint_add(&text, c) : fail_memory();
    if (r == 0)
        r = note_sign(note, text_make(text.ptr, text.len), signer);
    if (r == 0)
        r = file_replace(path, note->ptr, note->len, 0644);
    free(path);
    return r;
}

static int set_head(struct tlog *t, const struct checkpoint *c)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    struct head before, head = { .size = c->size, .root = c->root };
    memcpy(head.uuid, t->uuid, sizeof(head.uuid));
    const int r = head_get(t->store, &before, &was);
    return r < 0 ? r : head_put(t->store, &head, &was);
}

int signed_write(struct tlog *t, const struct note_signer *signer, const char *copy,
                 struct sillok_proof_sum *sum)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    struct checkpoint c;
    memset(&c, 0, sizeof(c));
    snprintf(c.origin, sizeof(c.origin), "%s", t->key.name);
    c.size = t->size;
    /* A transaction that sees the last commit. */
    int r = t->txn ? 0 : kv_write(t->env, &t->txn);
    const struct merkle_source source = tlog_source(t);
    if (r == 0)
        r = merkle_root_at(&source, c.size, &c.root);
    if (r == 0)
        r = set_head(t, &c);
    if (r == 0)
        r = is_signed_already(t, &c, &note);
    sum->is_new = r == 0;
    if (r >= 0)
        r = sum->is_new ? sign_anew(t, &c, signer, &note) : 0;
    if (r == 0 && copy)
        r = replace_where_other(copy, &note);
    sum->size = c.size;
    sum->root = c.root;
    return r;
}
