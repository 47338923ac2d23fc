/*
 * Disposable files beside a store: indexes that can be made again from it. Each has a
 * lock file, because who changes it needs it alone, and who asks shares it with others.
 */
#ifndef STORE_BESIDE_H
#define STORE_BESIDE_H

#include "store/store.h"

/** How long it is waited for who has a lock, if not less. */
enum { BESIDE_WAIT_MS = 600 * 1000 };

/** Only between an index and its caller: the place cannot be written to. */
enum { BESIDE_READ_ONLY = -102 };

/** "STORE/NAME", the caller's; NULL without memory. */
char *beside_path(const struct sillok_store *store, const char *name);

/** After open() for writing failed: BESIDE_READ_ONLY, or what else errno says. */
int beside_fail(const char *path);

/**
 * Lock @p path; closing @p fd unlocks it.
 *
 * @param what    whose lock it is, for the message: "the index of texts"
 * @param writing alone, and the file is made where there is none; else shared, and where
 *                there is none @p fd is -1 and nothing is locked
 * @param wait_ms for who has it, BESIDE_WAIT_MS as a rule
 * @return 0;  BESIDE_READ_ONLY;  SILLOK_EBUSY somebody has had it for that long
 */
int beside_lock(int *fd, const char *path, const char *what, int writing, int wait_ms);

/**
 * Is an index of the versions 1 to @p position, the last of which has @p digest, of the past
 * that the store has? One that came back from a backup and went another way numbers other
 * texts alike. Asked while the index is locked: what was counted before that may be less
 * than another process has put into it meanwhile.
 *
 * @param what      whose index it is, for the message
 * @param versions  [out] how many the store has
 * @return 1, 0;  SILLOK_EINVALID more than an index can number
 */
int beside_has_past(struct sillok_store *store, const char *what, uint64_t position,
                    const struct meta_digest *digest, uint64_t *versions);

#endif
