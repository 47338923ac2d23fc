#include "store/kv_internal.h"

#include "base/file.h"
#include "base/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_READERS = 512,
    LOCK_BYTES = (MAX_READERS + 2) * 64, /* as LMDB makes it: the head is as three */
    GATE_WAIT_S = 60,
    LITTLE_SPACE = 1 << 20,
    BEGIN_TRIES = 100,
    MAX_INTERRUPTED = 100
};
/* --- files --- */

/* "PATHsuffix", the caller's. */
static char *with_suffix(const char *path, const char *suffix)
{
    struct buf b = BUF_INIT;
    (void)buf_printf(&b, "%s%s", path, suffix);
    return buf_take(&b, NULL);
}

/* The table of readers goes first: its transaction numbers are those of the old file. */
int kv_remove(const char *path)
{
    static const char *const suffixes[] = { "-lock", "", "-seal" };
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char *file = with_suffix(path, suffixes[i]);
        if (!file)
            return fail_memory();
        const int r = unlink(file) < 0 && errno != ENOENT
                          ? fail_errno("cannot remove '%s'", file)
                          : 0;
        free(file);
        if (r < 0)
            return r;
    }
    return 0;
}

int kv_rename(const char *from, const char *to)
{
    char *from_seal = with_suffix(from, "-seal"), *to_seal = with_suffix(to, "-seal");
    char *lock = with_suffix(from, "-lock");
    int r = from_seal && to_seal && lock ? 0 : fail_memory();
    /* The readers' table first, which is made anew: with the new name all is done. */
    if (r == 0 && ((unlink(lock) < 0 && errno != ENOENT) ||
                   rename(from_seal, to_seal) < 0 || rename(from, to) < 0))
        r = fail_errno("cannot rename '%s'", from);
    free(from_seal);
    free(to_seal);
    free(lock);
    return r;
}

/* --- codes --- */

/* Why there was no room, or NULL. LMDB turns a short write into EIO; then the file system
 * is asked whether it is full, and the process how large a file may be. */
static const char *no_room(const struct kv_env *env, int rc)
{
    static const char full[] = "disk full",
                      limit[] = "the limit on file sizes (ulimit -f) is reached";
    struct statvfs vfs;
    struct rlimit most;
    struct stat st;
    if (rc == ENOSPC || rc == EDQUOT)
        return full;
    if (rc == EFBIG)
        return limit;
    if (statvfs(env->path, &vfs) == 0 &&
        (uint64_t)vfs.f_bavail * vfs.f_frsize < LITTLE_SPACE)
        return full;
    if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY &&
        stat(env->path, &st) == 0 && (uint64_t)st.st_size + LITTLE_SPACE > most.rlim_cur)
        return limit;
    return NULL;
}

int kv_fail(const struct kv_env *env, int rc, const char *what)
{
    const char *why;
    switch (rc) {
    case MDB_MAP_FULL:
        return fail(KV_FULL, "the map is full");
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_BAD_DBI:
    case MDB_BAD_TXN: /* an earlier step in it met damage */
    case MDB_INCOMPATIBLE:
        return fail(SILLOK_ECORRUPT, "the store is damaged: %s in '%s': %s", what,
                    env->path, mdb_strerror(rc));
    case MDB_VERSION_MISMATCH:
        return fail(SILLOK_EINVALID, "'%s' was written by another major version of LMDB",
                    env->path);
    case MDB_PANIC: /* whether the header is on disk is not known: only a new start tells
                     */
        return fail(SILLOK_EIO, "%s in '%s': an earlier write of its header failed", what,
                    env->path);
    case MDB_READERS_FULL:
        return fail(SILLOK_EBUSY, "more than %d readers have '%s' open", MAX_READERS,
                    env->path);
    case ENOMEM:
        return fail(SILLOK_ENOMEM, "%s in '%s': out of memory or address space", what,
                    env->path);
    case EIO:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        if ((why = no_room(env, rc)) != NULL)
            return fail(SILLOK_EIO, "%s in '%s': %s; nothing of this batch was stored",
                        what, env->path, why);
        break;
    case EACCES:
    case EROFS:
        return fail(SILLOK_EIO, "%s in '%s': %s", what, env->path,
                    rc == EROFS ? "the medium is read-only" : "permission denied");
    default:
        break;
    }
    return fail(SILLOK_EIO, "%s in '%s': %s", what, env->path, mdb_strerror(rc));
}

/* --- one handle per file --- */

/* LMDB's locks are fcntl locks: closing a second handle would drop those of the first. They
 * are those of a process: what it had open before fork() is no handle of the child's. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kv_env *registry;

static int registry_add(struct kv_env *env)
{
    struct stat st;
    int r = 0;
    if (stat(env->path, &st) < 0)
        return errno == ENOENT ? 0 : fail_errno("cannot stat '%s'", env->path);
    env->dev = st.st_dev;
    env->ino = st.st_ino;
    pthread_mutex_lock(&registry_lock);
    for (const struct kv_env *e = registry; e && r == 0; e = e->next_open)
        if (e->pid == env->pid && e->dev == env->dev && e->ino == env->ino)
            r = fail(SILLOK_EBUSY, "'%s' is open in this process already", env->path);
    if (r == 0) {
        env->next_open = registry;
        registry = env;
    }
    pthread_mutex_unlock(&registry_lock);
    return r;
}

/* A file system of layers copies a file when it is opened for writing, and may then give it
 * another number. Where it cannot be asked the number stays. */
static void registry_renew(struct kv_env *env)
{
    struct stat st;
    int fd;
    if (mdb_env_get_fd(env->mdb, &fd) || fstat(fd, &st) < 0)
        return;
    pthread_mutex_lock(&registry_lock);
    env->dev = st.st_dev;
    env->ino = st.st_ino;
    pthread_mutex_unlock(&registry_lock);
}

static void registry_remove(const struct kv_env *env)
{
    pthread_mutex_lock(&registry_lock);
    for (struct kv_env **p = &registry; *p; p = &(*p)->next_open)
        if (*p == env) {
            *p = env->next_open;
            break;
        }
    pthread_mutex_unlock(&registry_lock);
}

/* --- open --- */

static int bad_readers(const char *path, const char *what)
{
    return fail(SILLOK_ECORRUPT,
                "the store is damaged: '%s' is %s (nothing is kept in it: remove it, and "
                "it is made anew)",
                path, what);
}

/* LMDB would name the data for it. */
static int check_readers(const struct kv_env *env)
{
    struct stat st;
    char *path = with_suffix(env->path, "-lock");
    if (!path)
        return fail_memory();
    int r = stat(path, &st);
    if (r < 0)
        r = errno == ENOENT ? 0 : fail_errno("cannot stat '%s'", path);
    else if (!S_ISREG(st.st_mode))
        r = bad_readers(path, "not a file");
    free(path);
    return r;
}

/* 1: there is no file, and it is to be made. */
static int check_file(const struct kv_env *env, const struct kv_options *o)
{
    struct stat st;
    if (stat(env->path, &st) < 0) {
        if (errno == ENOENT && o->create)
            return 1;
        return errno == ENOENT ? fail(SILLOK_ENOTFOUND, "there is no '%s'", env->path)
                               : fail_errno("cannot stat '%s'", env->path);
    }
    if (!S_ISREG(st.st_mode))
        return fail(SILLOK_EINVALID, "'%s' is not a regular file", env->path);
    if (st.st_size == 0)
        return fail(SILLOK_ECORRUPT, "the store is damaged: '%s' is empty", env->path);
    return 0;
}

/* The header's last page must lie inside the file. A writer may be between its commit and
 * giving the file that length: what looks cut is looked at again. */
static int check_length_once(const struct kv_env *env)
{
    MDB_envinfo info;
    MDB_stat stat_;
    struct stat st;
    int rc = mdb_env_info(env->mdb, &info);
    if (rc == 0)
        rc = mdb_env_stat(env->mdb, &stat_);
    if (rc)
        return kv_fail(env, rc, "cannot read the header");
    if (stat(env->path, &st) < 0)
        return fail_errno("cannot stat '%s'", env->path);
    const uint64_t need = ((uint64_t)info.me_last_pgno + 1) * stat_.ms_psize;
    if ((uint64_t)st.st_size < need)
        return fail(
            SILLOK_ECORRUPT,
            "the store is damaged: '%s' has %lld bytes, its header says %llu: the file "
            "was cut off",
            env->path, (long long)st.st_size, (unsigned long long)need);
    return 0;
}

/* Short and yet whole is a file whose writer was killed before settle_length(): the pages
 * that it lacks are not in use. */
static int check_length(struct kv_env *env)
{
    const struct timespec step = { 0, 20L * 1000 * 1000 };
    int r = check_length_once(env);
    for (int i = 0; i < 10 && r == SILLOK_ECORRUPT; i++) {
        (void)nanosleep(&step, NULL); /* woken early, it asks early */
        r = check_length_once(env);
    }
    if (r == SILLOK_ECORRUPT)
        r = guard_check_tail(&env->guard) == 0 ? 0 : check_length_once(env);
    return r;
}

/* The guard looks at the file through a map of its own, as large as LMDB's, until
 * share_map(). */
static int map_guard(struct kv_env *env, int fresh)
{
    MDB_envinfo info;
    const int rc = mdb_env_info(env->mdb, &info);
    if (rc)
        return kv_fail(env, rc, "cannot read the header");
    return fresh ? 0 : guard_map(&env->guard, info.me_mapsize);
}

/* LMDB gives its table of readers a length and writes into it through a map: where the
 * disk is full, that ends the process. So its room is taken before. Whatever stands in the
 * file is written over, even by who only reads: in a store that somebody else made it may be
 * a link to any file of ours, which LMDB would follow. What else cannot be opened here LMDB
 * cannot open either, and tells. */
static int reserve_lock(const struct kv_env *env, const char *like)
{
    CLEANUP(free) char *path = with_suffix(env->path, "-lock");
    CLEANUP(free) char *other = like ? with_suffix(like, "-lock") : NULL;
    struct stat st;
    if (!path || (like && !other))
        return fail_memory();
    /* Who reads a file has to write its table of readers. */
    const mode_t mode = file_mode_like(like ? like : env->path, 0600);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                        other ? file_mode_like(other, mode) : mode);
    int r = 0;
    if (fd < 0 && errno == ELOOP)
        r = bad_readers(path, "a symbolic link, which is not followed");
    if (fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_blocks * 512 < LOCK_BYTES &&
        fallocate(fd, 0, 0, LOCK_BYTES) < 0 && (errno == ENOSPC || errno == EDQUOT))
        r = fail(SILLOK_EIO, "cannot make '%s': disk full", path);
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    return r;
}

/* LMDB does not tell which of its two files it was. */
static int open_failed(struct kv_env *env, int rc)
{
    CLEANUP(free) char *lock = with_suffix(env->path, "-lock");
    const int mode = env->read_only ? R_OK : R_OK | W_OK;
    if (rc != EACCES || !lock || access(env->path, mode) < 0)
        return kv_fail(env, rc, "cannot open the data file");
    return fail(
        SILLOK_EIO,
        "cannot open '%s' for writing: permission denied; who reads a store needs "
        "to write this file too, the table of its readers: let its owner allow it "
        "(chmod), or read a copy of one's own ('sillok backup')",
        lock);
}

/* Address space is asked for generously; where it is scarce, with less. */
static int open_mapped(struct kv_env *env, const struct kv_options *o, int fresh)
{
    size_t map = o->map_bytes;
    int interrupted = 0; /* LMDB does not go on by itself */
    for (;;) {
        int rc = mdb_env_create(&env->mdb);
        if (rc)
            return kv_fail(env, rc, "cannot set up LMDB");
        unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
        if (o->read_only)
            flags |= MDB_RDONLY;
        rc = mdb_env_set_maxdbs(env->mdb, (MDB_dbi)env->n_tables);
        if (!rc)
            rc = mdb_env_set_maxreaders(env->mdb, MAX_READERS);
        if (!rc)
            rc = mdb_env_set_mapsize(env->mdb, map);
        if (!rc)
            rc = mdb_env_open(env->mdb, env->path, flags,
                              o->like ? file_mode_like(o->like, 0600) : 0600);
        if (rc == EROFS && o->read_only) {
            /* No lock file can be made; on a medium that nobody can write none is needed.
             */
            mdb_env_close(env->mdb);
            env->mdb = NULL;
            rc = mdb_env_create(&env->mdb);
            if (!rc)
                rc = mdb_env_set_maxdbs(env->mdb, (MDB_dbi)env->n_tables);
            if (!rc)
                rc = mdb_env_set_mapsize(env->mdb, map);
            if (!rc)
                rc = mdb_env_open(env->mdb, env->path, flags | MDB_NOLOCK, 0600);
        }
        const int r = rc ? 0 : map_guard(env, fresh);
        if (!rc && r != SILLOK_ENOMEM)
            return r;
        mdb_env_close(env->mdb);
        env->mdb = NULL;
        /* The guard has read both headers, so what LMDB does not take was read in part.
         */
        const int in_part = rc == MDB_INVALID && !fresh;
        if ((rc == EINTR || in_part) && interrupted++ < MAX_INTERRUPTED)
            continue;
        if (in_part)
            return fail(SILLOK_EIO, "cannot open '%s': its header is read in part only",
                        env->path);
        if ((rc && rc != ENOMEM) || map <= (size_t)1 << 28)
            return rc ? open_failed(env, rc) : r;
        map /= 2;
    }
}

/* Both look through LMDB's map, which is where the record of the first table stands. If
 * that cannot be read now, the guard keeps its own; whoever reads it is told. */
static void share_map(struct kv_env *env)
{
    MDB_txn *mdb;
    struct guard_view view;
    MDB_dbi main;
    MDB_val name = { strlen(env->names[0]), (void *)(uintptr_t)env->names[0] }, data;
    if (mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &mdb))
        return;
    if (guard_begin(&view, &env->guard, mdb_txn_id(mdb), 0) == 0 &&
        guard_record(&view, 0) == 0 && mdb_dbi_open(mdb, NULL, 0, &main) == 0 &&
        mdb_get(mdb, main, &name, &data) == 0)
        guard_share(&env->guard, data.mv_data);
    mdb_txn_abort(mdb);
}

/* --- beginning --- */

static int gate_close(struct kv_env *env)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GATE_WAIT_S;
    return pthread_rwlock_timedwrlock(&env->gate, &until) == 0
               ? 0
               : fail(SILLOK_EBUSY,
                      "the store must grow, but is being read in this process");
}

static int set_map(struct kv_env *env, size_t size)
{
    int r = gate_close(env);
    if (r < 0)
        return r;
    MDB_envinfo info;
    int rc = mdb_env_set_mapsize(env->mdb, size);
    if (!rc)
        rc = mdb_env_info(env->mdb, &info);
    r = rc ? kv_fail(env, rc, "cannot grow the map")
           : guard_map(&env->guard, info.me_mapsize);
    env->no_map |= r < 0;
    if (r == 0)
        share_map(env);
    pthread_rwlock_unlock(&env->gate);
    return r;
}

/* One try; GUARD_RETRY where a writer was faster. */
static int begin_once(struct kv_txn *txn, unsigned flags, int fresh, int *rc)
{
    struct kv_env *env = txn->env;
    pthread_rwlock_rdlock(&env->gate);
    /* Asked behind the gate: whoever waited there may have waited for just that. */
    if (env->no_map) {
        pthread_rwlock_unlock(&env->gate);
        return fail(SILLOK_ENOMEM,
                    "'%s' could not be mapped anew, for want of memory or address space: "
                    "open it again",
                    env->path);
    }
    *rc = mdb_txn_begin(env->mdb, NULL, flags, &txn->mdb);
    int r = *rc ? kv_fail(env, *rc, "cannot begin") : 0;
    if (r == 0 && !fresh) {
        r = guard_begin(&txn->view, &env->guard, mdb_txn_id(txn->mdb), txn->writes);
        if (r < 0)
            mdb_txn_abort(txn->mdb);
    }
    if (r < 0)
        pthread_rwlock_unlock(&env->gate);
    return r;
}

int kv_owned_by(pid_t owner)
{
    return owner == getpid()
               ? 0
               : fail(SILLOK_ERR, "a store handle cannot be used after fork()");
}

static int begin(struct kv_env *env, unsigned flags, int fresh, struct kv_txn **out)
{
    int r = kv_owned_by(env->pid);
    if (r < 0)
        return r;
    struct kv_txn *txn = calloc(1, sizeof(*txn));
    if (!txn)
        return fail_memory();
    txn->env = env;
    txn->writes = !(flags & MDB_RDONLY);
    r = GUARD_RETRY;
    for (int tries = 0, others = 0; tries < BEGIN_TRIES && others < 3; tries++) {
        int rc = 0, dead;
        r = begin_once(txn, flags, fresh, &rc);
        if (r == 0) {
            *out = txn;
            return 0;
        }
        if (r == GUARD_RETRY)
            continue;
        others++;
        if (rc == MDB_READERS_FULL) {
            (void)mdb_reader_check(env->mdb, &dead); /* then the next try tells */
            continue;
        }
        const int grown = rc == MDB_MAP_RESIZED ? set_map(env, 0) : r;
        if (grown < 0) {
            r = grown;
            break;
        }
    }
    free(txn);
    return r == GUARD_RETRY
               ? fail(SILLOK_EBUSY, "'%s' is written to faster than it can be read",
                      env->path)
               : r;
}

/* --- tables --- */

static int open_table(struct kv_txn *txn, int i, unsigned flags)
{
    struct kv_env *env = txn->env;
    if (env->tables[i].flags & KV_DUPFIXED)
        flags |= MDB_DUPSORT | MDB_DUPFIXED;
    const int r = txn->view.guard ? guard_record(&txn->view, i) : 0;
    if (r < 0)
        return r;
    const int rc = mdb_dbi_open(txn->mdb, env->tables[i].name, flags, &env->dbis[i]);
    if (rc == MDB_NOTFOUND)
        return fail(SILLOK_ECORRUPT,
                    "the store is damaged: table '%s' is missing in '%s'",
                    env->tables[i].name, env->path);
    unsigned is = 0;
    const int asked = rc ? rc : mdb_dbi_flags(txn->mdb, env->dbis[i], &is);
    if (asked)
        return kv_fail(env, asked, "cannot open the tables");
    const unsigned kind = MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERKEY | MDB_REVERSEKEY |
                          MDB_INTEGERDUP | MDB_REVERSEDUP;
    if ((is & kind) != (flags & kind))
        return fail(SILLOK_ECORRUPT,
                    "the store is damaged: table '%s' in '%s' is of another kind",
                    env->tables[i].name, env->path);
    return 0;
}

static int open_tables(struct kv_env *env, const struct kv_options *o, int fresh)
{
    struct kv_txn *txn;
    int r = begin(env, o->create ? 0 : MDB_RDONLY, fresh, &txn);
    if (r < 0)
        return r;
    for (int i = 0; i < env->n_tables && r == 0; i++)
        r = open_table(txn, i, o->create ? MDB_CREATE : 0);
    if (r == 0)
        return kv_commit(txn);
    kv_abort(txn);
    return r;
}

static int seal_fresh(struct kv_env *env)
{
    MDB_envinfo info;
    const int rc = mdb_env_info(env->mdb, &info);
    if (rc)
        return kv_fail(env, rc, "cannot read the header");
    return guard_create(&env->guard, env->path, env->names, info.me_mapsize);
}

int kv_open(struct kv_env **out, const char *path, const struct kv_table *tables,
            int n_tables, const struct kv_options *options)
{
    CLEANUP(kv_close) struct kv_env *env = calloc(1, sizeof(*env));
    if (!env)
        return fail_memory();
    pthread_rwlock_init(&env->gate, NULL);
    env->pid = getpid();
    env->path = strdup(path);
    env->dbis = calloc((size_t)n_tables, sizeof(*env->dbis));
    env->names = calloc((size_t)n_tables + 1, sizeof(*env->names));
    env->tables = tables;
    env->n_tables = n_tables;
    env->map_max = options->map_max_bytes;
    env->read_only = options->read_only;
    if (!env->path || !env->dbis || !env->names)
        return fail_memory();
    for (int i = 0; i < n_tables; i++)
        env->names[i] = tables[i].name;
    int fresh = check_file(env, options);
    int r = fresh < 0 ? fresh : registry_add(env);
    if (r == 0 && !fresh)
        r = guard_open(&env->guard, path, env->names, options->read_only,
                       options->may_lack_seal);
    if (r == 0)
        r = check_readers(env);
    if (r == 0)
        r = reserve_lock(env, fresh ? options->like : NULL);
    if (r == 0)
        r = open_mapped(env, options, fresh);
    if (r == 0 && !fresh)
        registry_renew(env);
    if (r == 0 && !fresh)
        r = check_length(env);
    if (r == 0)
        r = open_tables(env, options, fresh);
    if (r == 0 && fresh)
        r = seal_fresh(env);
    if (r < 0)
        return r;
    share_map(env);
    int dead;
    (void)mdb_reader_check(env->mdb, &dead); /* a stale slot only costs space */
    *out = STEAL(env);
    return 0;
}

void kv_close(struct kv_env *env)
{
    if (!env)
        return;
    if (env->mdb && env->pid == getpid())
        mdb_env_close(env->mdb);
    guard_close(&env->guard);
    registry_remove(env);
    pthread_rwlock_destroy(&env->gate);
    free(env->dbis);
    free(env->names);
    free(env->path);
    free(env);
}

int kv_in_place(const struct kv_env *env)
{
    struct stat st;
    if (!env->ino) /* this handle has made it */
        return 0;
    const int there = stat(env->path, &st) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return fail_errno("cannot stat '%s'", env->path);
    if (there && st.st_ino == env->ino && st.st_dev == env->dev)
        return 0;
    return fail(SILLOK_EIO,
                "'%s' is not the file any more that was opened, it was replaced or "
                "removed: open the store again (run the command again)",
                env->path);
}

/* --- transactions --- */

int kv_grow(struct kv_env *env)
{
    MDB_envinfo info;
    const int rc = mdb_env_info(env->mdb, &info);
    if (rc)
        return kv_fail(env, rc, "cannot read the header");
    if (info.me_mapsize >= env->map_max)
        return fail(SILLOK_EIO,
                    "the store has reached its limit of %zu bytes (limits.map_bytes)",
                    env->map_max);
    return set_map(env, info.me_mapsize > env->map_max / 2 ? env->map_max
                                                           : info.me_mapsize * 2);
}

int kv_read(struct kv_env *env, struct kv_txn **out)
{
    return begin(env, MDB_RDONLY, 0, out);
}

int kv_write(struct kv_env *env, struct kv_txn **out)
{
    if (env->read_only)
        return fail(SILLOK_EIO, "'%s' is open for reading only", env->path);
    if (env->broken)
        return fail(SILLOK_EIO,
                    "'%s' could not be sealed after the last commit: open it again",
                    env->path);
    return begin(env, 0, 0, out);
}

/* Pages at the end that LMDB allocated and dropped again are never written; give the file
 * the length that its header says, so that a cut file can be told from a sound one. What
 * stays short is not lost: check_length() looks whether what it lacks is in use. */
static void settle_length(struct kv_env *env)
{
    MDB_envinfo info;
    MDB_stat stat_;
    struct stat st;
    if (mdb_env_info(env->mdb, &info) || mdb_env_stat(env->mdb, &stat_) ||
        stat(env->path, &st) < 0)
        return;
    const off_t need = (off_t)((info.me_last_pgno + 1) * stat_.ms_psize);
    if (st.st_size >= need)
        return;
    const int fd = open(env->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    (void)fallocate(fd, 0, 0,
                    need); /* never shorter than it is, whoever writes meanwhile */
    (void)close(fd);
}

static int commit_and_seal(struct kv_txn *txn)
{
    struct kv_env *env = txn->env;
    guard_lock(&env->guard);
    const int before = stage_enter(STAGE_COMMIT);
    const int rc = mdb_txn_commit(txn->mdb);
    int r = rc ? kv_fail(env, rc, "cannot commit") : 0;
    if (!rc) {
        settle_length(env);
        (void)stage_enter(STAGE_SEAL);
        r = guard_seal(&env->guard, &txn->view);
        env->broken |= r < 0;
        if (r < 0)
            r = fail_context(r, "the batch is stored, its seal is not");
    }
    stage_leave(before);
    guard_unlock(&env->guard);
    return r;
}

int kv_commit(struct kv_txn *txn)
{
    struct kv_env *env = txn->env;
    int r;
    kv_cursors_free(txn);
    if (txn->writes && txn->view.guard) {
        r = commit_and_seal(txn);
    } else { /* it only read, or there is no seal yet */
        const int rc = mdb_txn_commit(txn->mdb);
        r = rc ? kv_fail(env, rc, "cannot commit") : 0;
        if (!rc && txn->writes)
            settle_length(env);
    }
    pthread_rwlock_unlock(&env->gate);
    free(txn);
    return r;
}

void kv_abort(struct kv_txn *txn)
{
    if (!txn)
        return;
    kv_cursors_free(txn);
    /* A child would give up the parent's place among the readers, which stands in shared
     * memory, and with it the pages that the parent still reads. */
    if (txn->env->pid == getpid())
        mdb_txn_abort(txn->mdb);
    pthread_rwlock_unlock(&txn->env->gate);
    free(txn);
}

const char *kv_version(void)
{
    return mdb_version(NULL, NULL, NULL);
}

struct sillok_text damage_told(void)
{
    static const char damaged[] = "the store is damaged: ";
    const char *why = sillok_error_message(), *advice;
    if (strncmp(why, damaged, strlen(damaged)) == 0)
        why += strlen(damaged);
    advice = strstr(why, " ('sillok verify'");
    return text_make(why, advice ? (size_t)(advice - why) : strlen(why));
}
