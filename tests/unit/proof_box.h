/*
 * A log beside its store: visits are seen and taken in day by day, signed and checked. For
 * the tests of what is in a log, of what may be signed, and of what its check finds.
 */
#ifndef TESTS_UNIT_PROOF_BOX_H
#define TESTS_UNIT_PROOF_BOX_H

#include "proof/signed.h"
#include "proof/tlog.h"
#include "store/store.h"

#include "support.h"

enum { JAN_1 = 1767236400, DAY = 86400 }; /* 2026-01-01 03:00:00 */

/** A store with a log, for cmocka; support_tear_down() removes it. */
int proof_set_up(void **state);
/** "STORE/NAME", the caller's. */
char *beside(const struct support_fixture *f, const char *name);
/** A visit of 001/@p aid on the @p n-th day, to be taken in: nothing in @p body that JSON
 *  would escape. */
void see(struct support_fixture *f, int aid, int n, const char *body);
/** What was seen since the last one, as a crawl. */
void take_in(struct support_fixture *f, const char *crawl);
/** Log and sign what is in; it has to succeed. */
struct sillok_proof_sum sign(struct support_fixture *f);
/** How many things the check tells; the first of them in @p first.
 *  @param copy  where a copy of the checkpoint is; NULL: nowhere */
int verify(struct support_fixture *f, int fast, const char *copy, char first[400]);
/** The check finds nothing. */
void is_whole(struct support_fixture *f);
/** A proof of @p text, seen by @p crawl if that is given, holds by the key of the log. */
void proof_holds(struct support_fixture *f, const char *text, const char *crawl,
                 int64_t at_s, const char *body);
/** The time of visits on the @p n-th day, from 1. */
int64_t day(int n);
/** A file beside the store, and the file of the log with its sums. */
void copy(const struct support_fixture *f, const char *from, const char *to);
void copy_log(const struct support_fixture *f, const char *from, const char *to);
/** Nothing is signed, for @p why, and the checkpoint stays what it is. */
void signing_gives(struct support_fixture *f, const struct sillok_proof_sign_options *o,
                   int code, const char *why);
/** The same with SILLOK_ECORRUPT. */
void signing_fails(struct support_fixture *f, const struct sillok_proof_sign_options *o,
                   const char *why);
/** Ten entries: of the log itself, of eight articles and of a crawl. */
void log_of_ten(struct support_fixture *f);

#endif
