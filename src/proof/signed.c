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
        return fail(SILLOK_ECONFLICT,
                    "the log '%s' has %" PRIu64 " entries, but %s says that %" PRIu64
                    " were signed: it was cut off, or is an old copy",
                    t->path, t->size, where, c->size);
    const int r = merkle_root_at(&source, c->size, &root);
    return r < 0 || sillok_id_equal(&root, &c->root)
               ? r
               : fail(SILLOK_ECONFLICT,
                      "the first %" PRIu64 " entries of the log '%s' are not those that "
                      "%s says were signed",
                      c->size, t->path, where);
}

/* What does not fit is damage, to one or the other. */
static int as_damage(int r)
{
    return r == SILLOK_ECONFLICT || r == SILLOK_EINVALID ? SILLOK_ECORRUPT : r;
}

/* A note that stands at @p where; nothing of it is believed before its signature is. */
static int check_note(struct tlog *t, const struct buf *note, const char *where)
{
    struct checkpoint c;
    const int r = checkpoint_open(&c, buf_text(note), &t->key);
    return r < 0 ? fail_context(as_damage(r), "%s", where)
                 : as_damage(signed_begins(t, &c, where));
}

int signed_copy_read(const char *path, struct buf *note)
{
    if (*path != '/')
        return fail(
            SILLOK_EINVALID,
            "the copy of the checkpoint needs a whole path, from / on, not '%.200s'",
            path);
    const int r = file_read(note, path, NOTE_MAX_BYTES);
    return r == SILLOK_ENOTFOUND ? 0 : r < 0 ? r : 1;
}

static int is_bound(const struct tlog *t)
{
    return t->has_head && strcmp(t->head.log, t->log) == 0;
}

/* One that is missing could say more than all that is here: an old folder and a disk that
 * is not mounted look like a first time. */
static int check_copy(struct tlog *t, const char *path, const struct buf *note)
{
    char where[300];
    snprintf(where, sizeof(where), "the copy '%.250s'", path);
    if (note)
        return check_note(t, note, where);
    return t->has_note || is_bound(t)
               ? fail(SILLOK_EIO,
                      "%s is missing, so what was signed before cannot be asked there "
                      "(to begin one: sillok proof checkpoint >FILE)",
                      where)
               : 0;
}

int signed_check(struct tlog *t, const char *copy, const struct buf *copy_note)
{
    int r = 0;
    if (is_bound(t)) {
        const struct checkpoint c = { .size = t->head.size, .root = t->head.root };
        r = as_damage(signed_begins(t, &c, "the store"));
    }
    if (r == 0 && t->has_note)
        r = check_note(t, &t->note, "the file 'checkpoint'");
    return r == 0 && copy ? check_copy(t, copy, copy_note) : r;
}

int signed_newest(struct tlog *t, struct checkpoint *out)
{
    if (!t->has_note)
        return fail(SILLOK_ENOTFOUND,
                    "nothing was signed yet in '%s': 'sillok proof sign' does so",
                    t->store->path);
    const int r = checkpoint_open(out, buf_text(&t->note), &t->key);
    return r < 0 ? fail_context(as_damage(r), "'%s/checkpoint'", t->store->path)
                 : as_damage(signed_begins(t, out, "the file 'checkpoint'"));
}

/* --- signing --- */

/* 1 when a note is one of @p c: it stays, with what witnesses have put under it. */
static int is_of(struct tlog *t, const struct checkpoint *c, const struct buf *note)
{
    struct checkpoint was;
    const int r = checkpoint_open(&was, buf_text(note), &t->key);
    return r < 0 ? r : was.size == c->size && sillok_id_equal(&was.root, &c->root);
}

static int sign_anew(struct tlog *t, const struct checkpoint *c,
                     const struct note_signer *signer)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char *path = beside_path(t->store, HEAD_CHECKPOINT);
    buf_clear(&t->note);
    int r = path ? checkpoint_add(&text, c) : fail_memory();
    if (r == 0)
        r = note_sign(&t->note, buf_text(&text), signer);
    if (r == 0)
        r = file_replace(path, t->note.ptr, t->note.len, 0644);
    free(path);
    return r;
}

static int set_head(struct tlog *t, const struct checkpoint *c)
{
    struct head head = { .size = c->size, .root = c->root };
    memcpy(head.log, t->log, sizeof(head.log));
    return head_put(t->store, &head, &t->head_text);
}

static int put_copy(struct tlog *t, const struct checkpoint *c, const char *path,
                    const struct buf *was)
{
    int r = was ? is_of(t, c, was) : 0;
    if (r == 0)
        r = file_replace(path, t->note.ptr, t->note.len, 0644);
    return r < 0
               ? fail_context(r, "the checkpoint is signed, but its copy is not written")
               : 0;
}

int signed_write(struct tlog *t, const struct note_signer *signer, const char *copy,
                 const struct buf *copy_note, struct sillok_proof_sum *sum)
{
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
        r = t->has_note ? is_of(t, &c, &t->note) : 0;
    sum->is_new = r == 0;
    if (r >= 0)
        r = sum->is_new ? sign_anew(t, &c, signer) : 0;
    if (r == 0 && copy)
        r = put_copy(t, &c, copy, copy_note);
    sum->size = c.size;
    sum->root = c.root;
    return r;
}
