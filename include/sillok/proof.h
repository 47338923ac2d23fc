/*
 * Proofs that others can check without trusting whoever runs the store: that this text
 * stood under this article at this time, and that nothing was changed or left out since.
 *
 * A store may have a log: an append-only Merkle tree (RFC 9162) beside it, with an entry
 * for every revision and one for every crawl: the number of its observations, the root of
 * a tree over them, and the same of its refusals. An entry holds commitments and no text.
 * What is signed are checkpoints, the size and the root of the log, as signed notes
 * (Ed25519, RFC 8032). Whoever keeps an old checkpoint can ask for a proof that the log
 * of today begins with the log of then. docs/proof.md has the formats byte for byte.
 *
 * The log is a file that a process has open once: while one of these calls is at work, or
 * between an _open and its _close, another one on the same store is SILLOK_EBUSY.
 *
 * What a proof cannot show: that the crawler told the truth, and the time by itself; a
 * time is shown by who else saw the checkpoint, and when.
 */
#ifndef SILLOK_PROOF_H
#define SILLOK_PROOF_H

#include "sillok/audit.h"
#include "sillok/history.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest name of a log, in bytes. */
#define SILLOK_PROOF_NAME_BYTES 200
/** Longest proof, checkpoint or key that is read, in bytes. */
#define SILLOK_PROOF_MAX_BYTES (1 << 20)

struct sillok_proof_init_options {
    const char *name; /* of the log, like a URL without https://; NULL: "sillok/UUID" */
    const char
        *secret_key; /* "PRIVATE+KEY+..."; NULL: a new one; its name is the log's */
};
#define SILLOK_PROOF_INIT_OPTIONS_INIT SILLOK_ZEROS

/**
 * Begin the log of a store: STORE/proof.mdb, and STORE/proof.key with the secret key,
 * readable by its owner only. Nothing is logged or signed yet.
 *
 * @param options  NULL: the defaults
 * @return SILLOK_OK;  SILLOK_EEXISTS it has one;  SILLOK_EINVALID not a name or not a
 *         key, or another one stands in STORE/proof.key;  SILLOK_EBUSY;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_proof_init(struct sillok_store *store,
                  const struct sillok_proof_init_options *options);

struct sillok_proof_sign_options {
    const char *copy; /* a file, best on another machine, by its whole path, that has the
                         newest checkpoint too; it is asked first what was signed before,
                         and may be missing only when nothing was; NULL: none */
};
#define SILLOK_PROOF_SIGN_OPTIONS_INIT SILLOK_ZEROS

/** What sillok_proof_sign() did. */
struct sillok_proof_sum {
    uint64_t revisions, crawls; /* entries that were added */
    uint64_t size;              /* entries of the log, and of the checkpoint */
    struct sillok_id root;
    int is_new; /* 0: there was nothing to sign */
};

/**
 * Log what the store has and the log has not, and sign a checkpoint of it.
 *
 * Durable when it returns: the log, then how far it is in the store, then
 * STORE/checkpoint, then the copy. A run that is cut off is gone on with by the next.
 * Takes the write lock. Cost: a look at every article of each crawl that grew.
 *
 * @param out  [out] may be NULL
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no log, or no secret key;  SILLOK_ECORRUPT the log
 *         is damaged, or does not begin with what was signed before: then it, or the
 *         store, is an old copy, and nothing is signed;  SILLOK_EBUSY;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_proof_sign(struct sillok_store *store,
                  const struct sillok_proof_sign_options *options,
                  struct sillok_proof_sum *out);

/** 1 when the store has a log, 0 when not;  SILLOK_EIO, SILLOK_ENOMEM it cannot be told. */
SILLOK_API SILLOK_CHECK int sillok_proof_exists(struct sillok_store *store);

/** What there is. */
struct sillok_proof_status {
    char name[SILLOK_PROOF_NAME_BYTES + 1];
    char key[SILLOK_PROOF_NAME_BYTES + 64]; /* the public key, for those who check */
    uint64_t entries, signed_entries;       /* of the log, of the newest checkpoint */
    uint64_t crawls, crawls_behind; /* of the store; of those, not logged as they are */
    struct sillok_id root;          /* of the newest checkpoint */
    int has_secret_key;
};
/** @return SILLOK_OK;  SILLOK_ENOTFOUND no log;  SILLOK_ECORRUPT */
SILLOK_API SILLOK_CHECK int sillok_proof_status(struct sillok_store *store,
                                                struct sillok_proof_status *out);

/**
 * The newest checkpoint as a signed note.
 * @param data  [out] the caller's, sillok_free()
 * @return SILLOK_OK;  SILLOK_ENOTFOUND nothing was signed yet
 */
SILLOK_API SILLOK_CHECK int sillok_proof_checkpoint(struct sillok_store *store,
                                                    char **data, size_t *len);

/** One entry of the log. Texts borrowed until the next call. */
struct sillok_proof_entry {
    uint64_t index;
    struct sillok_text entry; /* JSON, its very bytes are what is hashed */
    struct sillok_id hash;    /* of the leaf */
};
/** The log from entry @p from on. Sees it as it was at open. */
struct sillok_proof_log;
SILLOK_API SILLOK_CHECK int sillok_proof_log_open(struct sillok_proof_log **out,
                                                  struct sillok_store *store,
                                                  uint64_t from);
SILLOK_API SILLOK_CHECK int sillok_proof_log_next(struct sillok_proof_log *it,
                                                  struct sillok_proof_entry *out);
SILLOK_API void sillok_proof_log_close(struct sillok_proof_log *it);

/**
 * A proof that a revision is in the log as it was signed last (C2SP tlog-proof, with an
 * `extra` line that has the entry and opens its commitment).
 *
 * @param crawl  NULL: that the revision was first seen when it was; else that this crawl
 *               saw the article so: the last visit of the crawl, or with a revision named
 *               the last one that saw that
 * @param data   [out] the caller's, sillok_free()
 * @return SILLOK_OK;  SILLOK_ENOTFOUND no such article, revision, crawl or visit, or it
 *         was not logged or not signed yet
 */
SILLOK_API SILLOK_CHECK int sillok_proof_make(struct sillok_store *store,
                                              const struct sillok_ref *ref,
                                              const char *crawl, char **data,
                                              size_t *len);

/**
 * A proof that the newest checkpoint begins with an older one: "old SIZE", hashes in
 * base64, an empty line, the newest checkpoint (the request of C2SP tlog-witness).
 *
 * @param note  the older checkpoint, a signed note
 * @return SILLOK_OK;  SILLOK_EINVALID not a checkpoint;  SILLOK_ECONFLICT it was not
 *         signed by this log, or this log does not begin with it
 */
SILLOK_API SILLOK_CHECK int sillok_proof_since(struct sillok_store *store,
                                               struct sillok_text note, char **data,
                                               size_t *len);

struct sillok_proof_check_options {
    struct sillok_text key;     /* of the log: "NAME+ID+BASE64" */
    struct sillok_text witness; /* its signature is asked for too; empty: none */
    struct sillok_text since;   /* an older checkpoint, which the other begins with */
    struct sillok_text file;    /* a crawl file, or a line of NDJSON, that must have the
                                 * proven content */
    const struct sillok_profile *profile; /* how to read it; NULL: naver */
};
#define SILLOK_PROOF_CHECK_OPTIONS_INIT SILLOK_ZEROS

enum sillok_proof_kind {
    SILLOK_PROOF_REVISION = 0,    /* the content was first seen under the article then */
    SILLOK_PROOF_OBSERVATION = 1, /* a crawl saw it under the article then */
    SILLOK_PROOF_CONSISTENCY = 2, /* nothing of the older log was changed */
    SILLOK_PROOF_CHECKPOINT = 3   /* a checkpoint alone, signed */
};
/** What was proven. */
struct sillok_proof_result {
    enum sillok_proof_kind kind;
    char name[SILLOK_PROOF_NAME_BYTES + 1]; /* of the log */
    uint64_t size;                          /* of the checkpoint */
    struct sillok_id root;
    uint64_t old_size; /* consistency */
    int64_t witness_s; /* when the witness saw the checkpoint; 0: not asked */
    uint64_t index;    /* of the entry; from here on of revisions and observations */
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
    int64_t time_s;
    struct sillok_id content_hash;
    char crawl[256]; /* observation: its name, cut where it is longer */
    int file_checked;
};
/**
 * Check a proof, with nothing but the proof and a key: a .tlog-proof of
 * sillok_proof_make(), the answer of sillok_proof_since(), or a checkpoint.
 *
 * @return SILLOK_OK it holds;  SILLOK_ECONFLICT it does not, the message says what;
 *         SILLOK_EINVALID it is none, or the options do not go with it
 */
SILLOK_API SILLOK_CHECK int
sillok_proof_check(struct sillok_text proof,
                   const struct sillok_proof_check_options *options,
                   struct sillok_proof_result *out);

/**
 * Write the log as it was signed last as static files (C2SP tlog-tiles) into a folder:
 * DIR/tile/LEVEL/N, DIR/tile/entries/N, and DIR/checkpoint last. What is there with the
 * same bytes is left.
 *
 * @param n_files  [out] written
 * @return SILLOK_OK;  SILLOK_ENOTFOUND nothing was signed yet;  SILLOK_ECONFLICT the
 *         folder has another log;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_proof_tiles(struct sillok_store *store,
                                               const char *folder, uint64_t *n_files);

/**
 * Check the log against itself, against what was signed, and against the store; as
 * sillok_verify_open() and its kin, whose events these are. A store without a log has
 * nothing to check, unless it had one. It is checked as it was when it was opened here, so
 * who also checks the store, which takes long, does this first: a store that is compacted
 * in between is no matter then.
 *
 * @return SILLOK_OK;  SILLOK_EBUSY the store was compacted since @p store was opened, and
 *         the log may have gone on: open it again
 * @param fast  the log against itself and what was signed; the store is not read
 * @param copy  as in struct sillok_proof_sign_options
 */
struct sillok_proof_verify;
SILLOK_API SILLOK_CHECK int sillok_proof_verify_open(struct sillok_proof_verify **out,
                                                     struct sillok_store *store, int fast,
                                                     const char *copy);
SILLOK_API SILLOK_CHECK int sillok_proof_verify_next(struct sillok_proof_verify *it,
                                                     struct sillok_verify_event *event);
SILLOK_API void sillok_proof_verify_close(struct sillok_proof_verify *it);

#ifdef __cplusplus
}
#endif
#endif
