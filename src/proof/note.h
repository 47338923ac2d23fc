/*
 * Signed notes and what they sign: checkpoints of a log.
 *
 *   note        text, which ends in a newline; an empty line; one line a signature:
 *               "— NAME BASE64", a dash (U+2014) and a blank before the name.
 *               BASE64 is key id 4, big-endian, then the signature   (C2SP signed-note)
 *   key         "NAME+IDHEX+BASE64": type 1, public key 32. Its id is the first 4 bytes
 *               of SHA-256(NAME || 0A || type || public key)
 *   secret key  "PRIVATE+KEY+NAME+IDHEX+BASE64": type 1, seed 32
 *   checkpoint  "ORIGIN\nSIZE\nBASE64 of the root\n", then lines that are not ours
 *                                                                    (C2SP tlog-checkpoint)
 *
 * Types: 1, Ed25519 (RFC 8032) over the text; 4, a witness's: 8 bytes of seconds since
 * 1970, big-endian, and Ed25519 over "cosignature/v1\ntime SECONDS\n" and the text
 * (C2SP tlog-cosignature). Base64 is that of RFC 4648 with padding, and no other way to
 * write a value is taken.
 */
#ifndef PROOF_NOTE_H
#define PROOF_NOTE_H

#include "base/buf.h"
#include "store/head.h"

enum {
    NOTE_NAME_MAX = 200,
    NOTE_MAX_BYTES = HEAD_CHECKPOINT_MAX,
    NOTE_SIGNATURES_MAX = 100,
    ED25519_BYTES = 32, /* of a seed, and of a public key */
    ED25519_SIGNATURE_BYTES = 64
};
enum note_type { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

/* --- base64 --- */

int base64_add(struct buf *b, const void *ptr, size_t len);
/** Append what @p text stands for. SILLOK_EINVALID: it is not base64. */
int base64_decode(struct buf *b, struct sillok_text text);
/** The same for exactly @p len bytes, at most 96. -1: it is something else. */
int base64_bytes(uint8_t *out, size_t len, struct sillok_text text);

/* --- keys --- */

struct note_key {
    char name[NOTE_NAME_MAX + 1];
    enum note_type type;
    uint8_t id[4];
    uint8_t bytes[ED25519_BYTES]; /* the public key */
};
struct note_signer {
    struct note_key key;
    uint8_t seed[ED25519_BYTES];
};

/** @return 0;  SILLOK_EINVALID not a key of a type that is known */
int note_key_parse(struct note_key *out, struct sillok_text text);
int note_key_add(struct buf *b, const struct note_key *key);
int note_key_equal(const struct note_key *a, const struct note_key *b);
/** A new key, from the system's random bytes. */
int note_signer_make(struct note_signer *out, const char *name);
int note_signer_parse(struct note_signer *out, struct sillok_text text);
int note_signer_add(struct buf *b, const struct note_signer *signer);

/* --- notes --- */

/** Make the note of @p text, which ends in a newline. */
int note_sign(struct buf *out, struct sillok_text text, const struct note_signer *signer);

/**
 * Take a note apart and ask whether @p key signed it. Signatures by others are not asked
 * about.
 *
 * @param text    [out] what was signed; borrowed from @p note
 * @param time_s  [out] of a witness's signature; else 0
 * @return 0;  SILLOK_EINVALID not a note;  SILLOK_ECONFLICT it has no signature by that
 *         key, or one that is not right
 */
int note_open(struct sillok_text note, const struct note_key *key,
              struct sillok_text *text, int64_t *time_s);

/* --- checkpoints --- */

struct checkpoint {
    char origin[NOTE_NAME_MAX + 1];
    uint64_t size;
    struct sillok_id root;
};
int checkpoint_add(struct buf *b, const struct checkpoint *c);
/** SILLOK_EINVALID: it is none. */
int checkpoint_parse(struct checkpoint *out, struct sillok_text text);
/** note_open() and checkpoint_parse(), whose origin has to be the key's name. */
int checkpoint_open(struct checkpoint *out, struct sillok_text note,
                    const struct note_key *key);

/** Cut one line off, without its newline; 0: there is no whole line. */
int note_line(struct sillok_text *rest, struct sillok_text *line);

#endif
