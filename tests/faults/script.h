/*
 * Calls that answer as the test says, and what happens while they are made.
 *
 * The test is linked with --wrap for each call of the table in script.c, so that those of
 * sillok's own code (and the test's) come through here. What another process does between
 * two steps of the library, a test does in the call that stands between them: no race is
 * waited for. Sleeps return at once and are added up, so that what the library waits for
 * in vain costs nothing; so do syncs.
 *
 *   script_set(&(struct script){ .call = "mdb_txn_begin", .rc = MDB_READERS_FULL,
 *                                .times = 2 }, 1);
 *   ...  script_calls(0) is how often it was come to;  script_clear();
 *
 * For tests of one thread.
 */
#ifndef FAULTS_SCRIPT_H
#define FAULTS_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

struct script {
    const char *call;
    unsigned nth;   /* the first call that it is about; 0 is as 1 */
    unsigned times; /* how many from there on; 0 is as 1 */
    int rc; /* instead of the call: what LMDB or pthread returns, or errno; 0: it is made
             */
    void (*before)(void *arg), (*after)(void *arg); /* nothing is counted in them */
    void *arg;
};

/** Forget what was set, the counts, and the time. @p steps is borrowed until
 *  script_clear() or the next script_set(). */
void script_set(const struct script *steps, size_t n);
void script_clear(void);
/** Calls of step @p i since script_set(), whether it was about them or not. */
unsigned script_calls(size_t i);
/** What was slept since script_set(), or script_clear(), in milliseconds. */
int64_t script_slept_ms(void);

#endif
