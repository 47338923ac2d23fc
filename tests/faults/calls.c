#include "faults/calls.h"

#include "base/buf.h"
#include "base/map.h"

#include <archive.h>
#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <lmdb.h>
#include <locale.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { PLACES_MAX = 1 << 15, OWN_FRAMES = 3 };

struct place {
    uint64_t path;    /* 0: free */
    const void *site; /* where it is called; many paths lead there */
    const char *name;
    enum calls_kind kind;
};

enum mode { MODE_OFF, MODE_FIND, MODE_FAIL, MODE_FAILED };

static struct {
    pthread_mutex_t lock;
    enum mode mode; /* atomic */
    struct place places[PLACES_MAX];
    size_t n;
    uint32_t slots[4 * PLACES_MAX]; /* number of the place + 1, by its path */
    const struct place *victim;
    enum calls_times times;
} calls = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- places --- */

static uint64_t path_here(const char *name)
{
    void *frames[OWN_FRAMES + CALLS_DEPTH];
    const int n = backtrace(frames, OWN_FRAMES + CALLS_DEPTH);
    uint64_t h = (uintptr_t)name;
    for (int i = OWN_FRAMES; i < n; i++)
        h = (h ^ (uintptr_t)frames[i]) * 0x9e3779b97f4a7c15u ^ h >> 29;
    return h ? h : 1;
}

static void note(uint64_t path, const void *site, const char *name, enum calls_kind kind)
{
    size_t at = path % (4 * PLACES_MAX);
    while (calls.slots[at] && calls.places[calls.slots[at] - 1].path != path)
        at = (at + 1) % (4 * PLACES_MAX);
    if (calls.slots[at] || calls.n == PLACES_MAX)
        return;
    calls.places[calls.n] = (struct place){ path, site, name, kind };
    calls.slots[at] = (uint32_t)++calls.n;
}

/* Does this call fail? Its name is a literal of its own, so that pointers compare. */
static __attribute__((noinline)) int fails(const char *name, enum calls_kind kind,
                                           const void *site)
{
    const enum mode mode = __atomic_load_n(&calls.mode, __ATOMIC_ACQUIRE);
    if (mode == MODE_OFF || (mode == MODE_FAILED && calls.times == CALLS_ONCE) ||
        (mode != MODE_FIND && name != calls.victim->name))
        return 0;
    if (mode == MODE_FAILED)
        return 1;
    if (mode == MODE_FAIL && site != calls.victim->site)
        return 0; /* quicker told than the path */
    const int saved = errno;
    const uint64_t path = path_here(name);
    int hit = 0;
    pthread_mutex_lock(&calls.lock);
    if (mode == MODE_FIND)
        note(path, site, name, kind);
    else if (calls.mode == MODE_FAIL && path == calls.victim->path) {
        __atomic_store_n(&calls.mode, MODE_FAILED, __ATOMIC_RELEASE);
        hit = 1;
    }
    pthread_mutex_unlock(&calls.lock);
    errno = saved;
    return hit;
}

static void start(enum mode mode)
{
    void *frames[1];
    (void)backtrace(frames, 1); /* it allocates when it is called first */
    __atomic_store_n(&calls.mode, mode, __ATOMIC_RELEASE);
}

void calls_find(void)
{
    calls.n = 0;
    for (size_t i = 0; i < 4 * PLACES_MAX; i++)
        calls.slots[i] = 0;
    start(MODE_FIND);
}

size_t calls_found(void)
{
    return calls.n;
}

void calls_fail(size_t i, enum calls_times times)
{
    calls.victim = &calls.places[i];
    calls.times = times;
    start(MODE_FAIL);
}

int calls_stop(void)
{
    return __atomic_exchange_n(&calls.mode, MODE_OFF, __ATOMIC_ACQ_REL) == MODE_FAILED;
}

const char *calls_name(size_t i)
{
    return calls.places[i].name;
}

enum calls_kind calls_kind(size_t i)
{
    return calls.places[i].kind;
}

/* --- the calls --- */

/* The linker takes shared libraries that call one to refer to it; they never come here.
 */
#pragma GCC visibility push(default)

#define CALLER __builtin_return_address(0)
#define WRAP(kind, type, name, parameters, arguments, bad)                               \
    type __real_##name parameters;                                                       \
    type __wrap_##name parameters;                                                       \
    type __wrap_##name parameters                                                        \
    {                                                                                    \
        static const char word[] = #name;                                                \
        return fails(word, kind, CALLER) ? (bad) : __real_##name arguments;              \
    }
#define MEMORY(type, name, parameters, arguments)                                        \
    WRAP(CALLS_MEMORY, type, name, parameters, arguments, (errno = ENOMEM, (type)NULL))
#define SYSTEM(type, name, parameters, arguments, bad)                                   \
    WRAP(CALLS_SYSTEM, type, name, parameters, arguments, (errno = EIO, (bad)))
#define LMDB(name, parameters, arguments)                                                \
    WRAP(CALLS_SYSTEM, int, name, parameters, arguments, EIO)
#define ZSTD_BAD ((size_t)-ZSTD_error_memory_allocation)

/* What grows has no room: nearly always it has, so the allocation below is not enough. */
static int no_room(struct buf *b)
{
    if (b)
        b->failed = 1;
    return fail_memory();
}

#define ROOM(name, parameters, arguments, grows, b)                                      \
    int __real_##name parameters;                                                        \
    int __wrap_##name parameters;                                                        \
    int __wrap_##name parameters                                                         \
    {                                                                                    \
        static const char word[] = #name;                                                \
        return (grows) && fails(word, CALLS_ROOM, CALLER) ? no_room(b)                   \
                                                          : __real_##name arguments;     \
    }

MEMORY(void *, malloc, (size_t n), (n))
MEMORY(void *, calloc, (size_t n, size_t size), (n, size))
MEMORY(void *, realloc, (void *p, size_t n), (p, n))
MEMORY(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
MEMORY(char *, strdup, (const char *s), (s))
MEMORY(char *, strndup, (const char *s, size_t n), (s, n))

ROOM(buf_reserve, (struct buf * b, size_t n), (b, n), 1, b)
ROOM(buf_add, (struct buf * b, const void *p, size_t n), (b, p, n), n > 0, b)
ROOM(buf_add_text, (struct buf * b, struct sillok_text t), (b, t), t.len > 0, b)
ROOM(buf_add_str, (struct buf * b, const char *s), (b, s), *s, b)
ROOM(buf_add_char, (struct buf * b, char c), (b, c), 1, b)
ROOM(buf_add_varint, (struct buf * b, uint64_t v), (b, v), 1, b)
ROOM(buf_add_zigzag, (struct buf * b, int64_t v), (b, v), 1, b)
ROOM(map_put, (struct map * m, uint64_t key, uint32_t value), (m, key, value), 1, NULL)

int __wrap_buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
int __wrap_buf_printf(struct buf *b, const char *fmt, ...)
{
    static const char word[] = "buf_printf";
    char *text = NULL;
    va_list rest;
    if (fails(word, CALLS_ROOM, CALLER))
        return no_room(b);
    va_start(rest, fmt);
    const int n = vasprintf(&text, fmt, rest);
    va_end(rest);
    if (n < 0)
        return no_room(b);
    const int r = __real_buf_reserve(b, (size_t)n + 1);
    if (r == 0) {
        memcpy(b->ptr + b->len, text, (size_t)n + 1);
        b->len += (size_t)n;
    }
    free(text);
    return r;
}

char *__real_buf_take(struct buf *b, size_t *len);
char *__wrap_buf_take(struct buf *b, size_t *len);
char *__wrap_buf_take(struct buf *b, size_t *len)
{
    static const char word[] = "buf_take";
    b->failed |= fails(word, CALLS_ROOM, CALLER);
    return __real_buf_take(b, len);
}

SYSTEM(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1)
SYSTEM(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1)
SYSTEM(ssize_t, pread64, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)
SYSTEM(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), -1)
SYSTEM(int, fsync, (int fd), (fd), -1)
SYSTEM(int, fdatasync, (int fd), (fd), -1)
SYSTEM(int, syncfs, (int fd), (fd), -1)
SYSTEM(int, ftruncate64, (int fd, off_t n), (fd, n), -1)
SYSTEM(int, fstat64, (int fd, struct stat *st), (fd, st), -1)
SYSTEM(int, stat64, (const char *path, struct stat *st), (path, st), -1)
SYSTEM(int, lstat64, (const char *path, struct stat *st), (path, st), -1)
SYSTEM(int, fstatat64, (int fd, const char *path, struct stat *st, int flags),
       (fd, path, st, flags), -1)
SYSTEM(void *, mmap64, (void *p, size_t n, int prot, int flags, int fd, off_t at),
       (p, n, prot, flags, fd, at), MAP_FAILED)
SYSTEM(int, rename, (const char *from, const char *to), (from, to), -1)
SYSTEM(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to),
       -1)
SYSTEM(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
       (a, from, b, to, flags), -1)
SYSTEM(int, unlink, (const char *path), (path), -1)
SYSTEM(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
SYSTEM(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode), -1)
SYSTEM(char *, mkdtemp, (char *path), (path), NULL)
SYSTEM(DIR *, opendir, (const char *path), (path), NULL)
SYSTEM(DIR *, fdopendir, (int fd), (fd), NULL)
SYSTEM(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL)
SYSTEM(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f),
       0)
SYSTEM(int, fflush, (FILE * f), (f), EOF)
SYSTEM(int, flock, (int fd, int how), (fd, how), -1)

/* The mode follows where a file may be made. */
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    static const char word[] = "open";
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return fails(word, CALLS_SYSTEM, CALLER) ? (errno = EIO, -1)
                                             : __real_open64(path, flags, mode);
}

int __real_openat64(int at, const char *path, int flags, ...);
int __wrap_openat64(int at, const char *path, int flags, ...);
int __wrap_openat64(int at, const char *path, int flags, ...)
{
    static const char word[] = "openat";
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return fails(word, CALLS_SYSTEM, CALLER) ? (errno = EIO, -1)
                                             : __real_openat64(at, path, flags, mode);
}

/* It is closed all the same. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    static const char word[] = "close";
    const int hit = fails(word, CALLS_SYSTEM, CALLER), rc = __real_close(fd);
    return hit ? (errno = EIO, -1) : rc;
}

#include "lmdb_calls.inc"
LMDB(mdb_env_open, (MDB_env * env, const char *path, unsigned flags, mdb_mode_t mode),
     (env, path, flags, mode))
LMDB(mdb_dbi_flags, (MDB_txn * txn, MDB_dbi dbi, unsigned *out), (txn, dbi, out))

/* A transaction is gone whatever comes of it. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    static const char word[] = "mdb_txn_commit";
    if (!fails(word, CALLS_SYSTEM, CALLER))
        return __real_mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return EIO;
}

WRAP(CALLS_OTHER, EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
WRAP(CALLS_OTHER, EVP_MD *, EVP_MD_fetch,
     (OSSL_LIB_CTX * lib, const char *name, const char *properties),
     (lib, name, properties), NULL)
WRAP(CALLS_OTHER, int, EVP_DigestInit_ex2,
     (EVP_MD_CTX * c, const EVP_MD *md, const OSSL_PARAM *p), (c, md, p), 0)
WRAP(CALLS_OTHER, int, EVP_DigestUpdate, (EVP_MD_CTX * c, const void *p, size_t n),
     (c, p, n), 0)
WRAP(CALLS_OTHER, int, EVP_DigestFinal_ex,
     (EVP_MD_CTX * c, unsigned char *out, unsigned *n), (c, out, n), 0)
WRAP(CALLS_OTHER, int, EVP_MD_CTX_copy_ex, (EVP_MD_CTX * to, const EVP_MD_CTX *from),
     (to, from), 0)

WRAP(CALLS_OTHER, ZSTD_CCtx *, ZSTD_createCCtx, (void), (), NULL)
WRAP(CALLS_OTHER, ZSTD_DCtx *, ZSTD_createDCtx, (void), (), NULL)
WRAP(CALLS_OTHER, ZSTD_CDict *, ZSTD_createCDict, (const void *p, size_t n, int level),
     (p, n, level), NULL)
WRAP(CALLS_OTHER, ZSTD_DDict *, ZSTD_createDDict, (const void *p, size_t n), (p, n), NULL)
WRAP(CALLS_OTHER, size_t, ZSTD_compress2,
     (ZSTD_CCtx * c, void *out, size_t room, const void *p, size_t n),
     (c, out, room, p, n), ZSTD_BAD)
WRAP(CALLS_OTHER, size_t, ZSTD_decompressDCtx,
     (ZSTD_DCtx * c, void *out, size_t room, const void *p, size_t n),
     (c, out, room, p, n), ZSTD_BAD)
WRAP(CALLS_OTHER, size_t, ZSTD_CCtx_setParameter,
     (ZSTD_CCtx * c, ZSTD_cParameter what, int value), (c, what, value), ZSTD_BAD)
WRAP(CALLS_OTHER, size_t, ZSTD_CCtx_refPrefix, (ZSTD_CCtx * c, const void *p, size_t n),
     (c, p, n), ZSTD_BAD)
WRAP(CALLS_OTHER, size_t, ZSTD_DCtx_refPrefix, (ZSTD_DCtx * c, const void *p, size_t n),
     (c, p, n), ZSTD_BAD)

WRAP(CALLS_OTHER, int, pthread_create,
     (pthread_t * out, const pthread_attr_t *a, void *(*fn)(void *), void *arg),
     (out, a, fn, arg), EAGAIN)

WRAP(CALLS_OTHER, struct archive *, archive_write_new, (void), (), NULL)
WRAP(CALLS_OTHER, int, archive_write_open,
     (struct archive * a, void *arg, archive_open_callback *o, archive_write_callback *w,
      archive_close_callback *c),
     (a, arg, o, w, c), ARCHIVE_FATAL)
WRAP(CALLS_OTHER, int, archive_write_header,
     (struct archive * a, struct archive_entry *e), (a, e), ARCHIVE_FATAL)
WRAP(CALLS_OTHER, la_ssize_t, archive_write_data,
     (struct archive * a, const void *p, size_t n), (a, p, n), ARCHIVE_FATAL)
WRAP(CALLS_OTHER, int, archive_write_close, (struct archive * a), (a), ARCHIVE_FATAL)
WRAP(CALLS_OTHER, struct archive *, archive_read_new, (void), (), NULL)
WRAP(CALLS_OTHER, int, archive_write_set_format_pax_restricted, (struct archive * a), (a),
     ARCHIVE_FATAL)
WRAP(CALLS_MEMORY, struct archive_entry *, archive_entry_new, (void), (), NULL)

/* It tells no memory by a number of its own. */
WRAP(CALLS_MEMORY, utf8proc_ssize_t, utf8proc_map,
     (const utf8proc_uint8_t *p, utf8proc_ssize_t n, utf8proc_uint8_t **out,
      utf8proc_option_t how),
     (p, n, out, how), UTF8PROC_ERROR_NOMEM)

WRAP(CALLS_OTHER, locale_t, newlocale, (int mask, const char *name, locale_t base),
     (mask, name, base), (locale_t)0)

#pragma GCC visibility pop
