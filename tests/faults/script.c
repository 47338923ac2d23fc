#include "faults/script.h"

#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_MAX = 4 };

static struct {
    const struct script *steps;
    size_t n;
    unsigned calls[STEPS_MAX];
    int64_t slept_ns;
    int busy; /* in a function of the test */
} now;

void script_set(const struct script *steps, size_t n)
{
    memset(&now, 0, sizeof(now));
    now.steps = steps;
    now.n = n < STEPS_MAX ? n : STEPS_MAX;
}

void script_clear(void)
{
    script_set(NULL, 0);
}

unsigned script_calls(size_t i)
{
    return now.calls[i];
}

int64_t script_slept_ms(void)
{
    return now.slept_ns / 1000000;
}

static void act(void (*what)(void *arg), void *arg)
{
    if (!what)
        return;
    now.busy = 1;
    what(arg);
    now.busy = 0;
}

/* The step that this call belongs to, or NULL. */
static const struct script *step_of(const char *call)
{
    const struct script *found = NULL;
    for (size_t i = 0; i < now.n && !now.busy; i++) {
        const struct script *s = &now.steps[i];
        if (strcmp(s->call, call) != 0)
            continue;
        const unsigned at = ++now.calls[i], first = s->nth ? s->nth : 1;
        if (at >= first && at - first < (s->times ? s->times : 1))
            found = s;
    }
    if (found)
        act(found->before, found->arg);
    return found;
}

/* --- the calls --- */

/* The linker takes shared libraries that call one to refer to it; they never come here.
 */
#pragma GCC visibility push(default)

#define WRAP(type, name, parameters, arguments, bad)                                     \
    type __real_##name parameters;                                                       \
    type __wrap_##name parameters;                                                       \
    type __wrap_##name parameters                                                        \
    {                                                                                    \
        const struct script *s = step_of(#name);                                         \
        if (s && s->rc)                                                                  \
            return (bad);                                                                \
        const type answer = __real_##name arguments;                                     \
        if (s)                                                                           \
            act(s->after, s->arg);                                                       \
        return answer;                                                                   \
    }
#define SYSTEM(type, name, parameters, arguments, bad)                                   \
    WRAP(type, name, parameters, arguments, (errno = s->rc, (bad)))
#define CODE(name, parameters, arguments) WRAP(int, name, parameters, arguments, s->rc)

typedef void *pointer;

SYSTEM(ssize_t, pread64, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)
/* The same, where the compiler knows how long the buffer is. */
ssize_t __wrap___pread64_chk(int fd, void *p, size_t n, off_t at, size_t room);
ssize_t __wrap___pread64_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
    (void)room;
    return __wrap_pread64(fd, p, n, at);
}

SYSTEM(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), -1)
SYSTEM(int, flock, (int fd, int how), (fd, how), -1)
SYSTEM(int, fallocate64, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), -1)
SYSTEM(int, fstat64, (int fd, struct stat *st), (fd, st), -1)
SYSTEM(int, stat64, (const char *path, struct stat *st), (path, st), -1)
SYSTEM(pointer, mmap64, (void *p, size_t n, int prot, int flags, int fd, off_t at),
       (p, n, prot, flags, fd, at), MAP_FAILED)

/* @c rc: how many blocks are left. */
int __real_statvfs64(const char *path, struct statvfs *out);
int __wrap_statvfs64(const char *path, struct statvfs *out);
int __wrap_statvfs64(const char *path, struct statvfs *out)
{
    const struct script *s = step_of("statvfs64");
    const int answer = __real_statvfs64(path, out);
    if (s)
        out->f_bavail = (fsblkcnt_t)s->rc;
    return answer;
}

int __real_nanosleep(const struct timespec *how_long, struct timespec *left);
int __wrap_nanosleep(const struct timespec *how_long, struct timespec *left);
int __wrap_nanosleep(const struct timespec *how_long, struct timespec *left)
{
    (void)left;
    (void)step_of("nanosleep");
    now.slept_ns += how_long->tv_sec * INT64_C(1000000000) + how_long->tv_nsec;
    return 0;
}

CODE(pthread_rwlock_timedwrlock, (pthread_rwlock_t * lock, const struct timespec *until),
     (lock, until))
#define LMDB CODE
#include "lmdb_calls.inc"

/* A transaction is gone whatever comes of it. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    const struct script *s = step_of("mdb_txn_commit");
    if (s && s->rc) {
        mdb_txn_abort(txn);
        return s->rc;
    }
    const int answer = __real_mdb_txn_commit(txn);
    if (s)
        act(s->after, s->arg);
    return answer;
}

/* Nobody cuts the power: what is written need not be on the disk. */
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    (void)fd;
    const struct script *s = step_of("fdatasync");
    if (s && s->rc) {
        errno = s->rc;
        return -1;
    }
    if (s)
        act(s->after, s->arg);
    return 0;
}

int __real_mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode);
int __wrap_mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode);
int __wrap_mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode)
{
    const struct script *s = step_of("mdb_env_open");
    return s && s->rc ? s->rc : __real_mdb_env_open(env, path, flags | MDB_NOSYNC, mode);
}
