/*
 * What was signed, and where that stands: the ref in the store, the file "checkpoint", a
 * copy elsewhere; and the secret key.
 */
#ifndef PROOF_SIGNED_H
#define PROOF_SIGNED_H

#include "proof/tlog.h"
#include "sillok/proof.h"

/** STORE/proof.key. SILLOK_ENOTFOUND: there is none. */
int signed_key_read(struct note_signer *out, struct sillok_store *store);
int signed_key_write(const struct note_signer *signer, struct sillok_store *store);

/** Does the log begin with @p c? SILLOK_ECONFLICT says what @p where, the place it stands
 *  in, has that the log has not; SILLOK_ECORRUPT the log is damaged. */
int signed_begins(struct tlog *t, const struct checkpoint *c, const char *where);

/** A copy elsewhere, read before the log is opened. 1 with @p note, 0 there is none;
 *  SILLOK_EINVALID not a whole path. */
int signed_copy_read(const char *path, struct buf *note);

/**
 * Does the log begin with all that was signed: the ref, the checkpoint, @p copy (NULL:
 * none), whose content is @p copy_note (NULL: it is missing)?
 * @return 0;  SILLOK_ECORRUPT it does not, or one of them is not signed by its key;
 *         SILLOK_EIO the copy is missing, although something was signed
 */
int signed_check(struct tlog *t, const char *copy, const struct buf *copy_note);

/** Sign what the committed log is now and put it in all places, unless it stands there.
 *  Fills size, root and is_new. */
int signed_write(struct tlog *t, const struct note_signer *signer, const char *copy,
                 const struct buf *copy_note, struct sillok_proof_sum *sum);

/** The newest checkpoint, whose note is @c t->note. SILLOK_ENOTFOUND: nothing was signed
 *  yet. */
int signed_newest(struct tlog *t, struct checkpoint *out);

#endif
