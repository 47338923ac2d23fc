/*
 * A library to be preloaded that makes one call fail.
 *
 *   FAULT=FN:N:WHAT[:MODE]   call number N (from 1) of FN does WHAT
 *   COUNT=FILE               at the end, write how often each was called: "FN N" a line
 *
 * FN    the name of a function below, or "memory": all that allocate, counted together;
 *       "writes": write, pwrite, writev and pwritev, counted together
 * WHAT  the name of an error (EIO, ENOSPC, EDQUOT, EINTR, EMFILE, ENOMEM, EAGAIN, EFBIG,
 *       EACCES), or "short": half of what was asked for is read or written; and what a
 *       bad program would make of it, for campaigns that must find that: "crash", "lie"
 *       (nothing is done and success is told), "hide" (it is done, and where that fails
 *       success is told)
 * MODE  "once" (the default), or "sticky": every call from there on. A sticky EINTR is
 *       every second call, because one that is repeated gets through in the end.
 *
 *  1. Nothing is counted before main(): what the dynamic linker and constructors do is
 *     not the program's.
 *  2. The counters are shared with forked children, so that N counts in all of them.
 *  3. Standard output is written through write() below: libc's own calls inside stdio
 *     cannot be caught. It repeats after EINTR and short writes, as stdio does for pipes.
 *  4. close() fails after it has closed, as it does on Linux.
 *  5. Whoever follows a null pointer is told: "fault: crashed at OFFSET" in the program.
 *  6. LMDB locks by fcntl(), and its lock file may not be opened twice: neither is
 *     touched.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* --- what is counted --- */

#define FUNCTIONS(X)                                                                     \
    X(memory)                                                                            \
    X(read)                                                                              \
    X(pread)                                                                             \
    X(write)                                                                             \
    X(pwrite)                                                                            \
    X(writev)                                                                            \
    X(pwritev)                                                                           \
    X(fdatasync)                                                                         \
    X(fsync)                                                                             \
    X(syncfs) X(open) X(openat) X(mmap) X(ftruncate) X(fallocate) X(truncate) X(rename)  \
        X(renameat) X(renameat2) X(link) X(mkdir) X(mkdirat) X(mkdtemp) X(unlink)        \
            X(close) X(fstat) X(stat) X(readdir) X(opendir) X(fdopendir) X(getrandom)    \
                X(thread) X(writes)

enum function {
#define X(name) F_##name,
    FUNCTIONS(X)
#undef X
        N_FUNCTIONS
};

static const char *const names[] = {
#define X(name) #name,
    FUNCTIONS(X)
#undef X
};

static atomic_long own_counts[N_FUNCTIONS];
static atomic_long *counts = own_counts; /* shared with children after main() began */
static atomic_int armed;

static struct {
    int function; /* N_FUNCTIONS: none */
    long n;
    int error, sticky;
    enum { SHORT = -1, LIE = -2, HIDE = -3, CRASH = -4 } odd; /* where error is 0 */
} fault = { .function = N_FUNCTIONS };

/* 0, or an error, or SHORT, LIE, HIDE. Counts the call. */
static int hit(enum function f)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed))
        return 0;
    const long n = atomic_fetch_add(&counts[f], 1) + 1;
    if ((int)f != fault.function || n < fault.n || (!fault.sticky && n > fault.n))
        return 0;
    if (fault.sticky && fault.error == EINTR && (n - fault.n) % 2 == 1)
        return 0;
    if (!fault.error && fault.odd == CRASH) {
        volatile int *volatile nowhere = NULL;
        *nowhere = 0; /* not raise(): what raised it would go on behind the handler */
    }
    return fault.error ? fault.error : (int)fault.odd;
}

/* Fail now? Where "short" and the others make no sense, they do nothing. */
static int fails(enum function f)
{
    const int e = hit(f);
    if (e <= 0)
        return 0;
    errno = e;
    return 1;
}

/* What reading does: fail, or read half. */
static int fails_or_halves(enum function f, size_t *len)
{
    const int e = hit(f);
    if (e == SHORT && *len > 1)
        *len /= 2;
    if (e <= 0)
        return 0;
    errno = e;
    return 1;
}

/* --- the functions behind --- */

/* Threads that come at once find the same. */
static void *next_named(_Atomic(void *) *kept, const char *name)
{
    void *p = atomic_load_explicit(kept, memory_order_acquire);
    if (!p)
        p = dlsym(RTLD_NEXT, name);
    if (!p)
        abort();
    atomic_store_explicit(kept, p, memory_order_release);
    return p;
}

/* REAL(read)(fd, ...) is the read() after this one. */
#define REAL(name) ((__typeof__(&name))next_named(&real_##name, #name))
#define NEXT(name) static _Atomic(void *) real_##name

/* --- set up --- */

static int error_named(const char *word)
{
    static const struct {
        const char *name;
        int error;
    } errors[] = {
        { "EIO", EIO },       { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT },
        { "EINTR", EINTR },   { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM },
        { "EAGAIN", EAGAIN }, { "EFBIG", EFBIG },   { "EACCES", EACCES },
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (strcmp(errors[i].name, word) == 0)
            return errors[i].error;
    return 0;
}

static int odd_named(const char *word)
{
    return strcmp(word, "short") == 0   ? SHORT
           : strcmp(word, "lie") == 0   ? LIE
           : strcmp(word, "hide") == 0  ? HIDE
           : strcmp(word, "crash") == 0 ? CRASH
                                        : 0;
}

static int function_named(const char *word)
{
    int f = 0;
    while (f < N_FUNCTIONS && strcmp(names[f], word) != 0)
        f++;
    return f;
}

static void read_fault(void)
{
    char function[32], what[32], mode[32] = "once";
    const char *text = getenv("FAULT");
    if (!text || !*text)
        return;
    if (sscanf(text, "%31[^:]:%ld:%31[^:]:%31s", function, &fault.n, what, mode) < 3)
        function[0] = '\0';
    fault.function = function_named(function);
    fault.odd = odd_named(what);
    fault.error = error_named(what);
    fault.sticky = strcmp(mode, "sticky") == 0;
    if (fault.function == N_FUNCTIONS || fault.n < 1 || (!fault.odd && !fault.error) ||
        (!fault.sticky && strcmp(mode, "once") != 0)) {
        dprintf(2, "fault: cannot read FAULT=%s\n", text);
        _exit(99);
    }
}

static const char *count_path;
static pid_t count_pid;

static void write_counts(void)
{
    if (!count_path || getpid() != count_pid)
        return;
    atomic_store(&armed, 0);
    FILE *f = fopen(count_path, "w");
    for (int i = 0; f && i < N_FUNCTIONS; i++)
        fprintf(f, "%s %ld\n", names[i], atomic_load(&counts[i]));
    if (f)
        fclose(f);
}

/* Rule 3. */
static ssize_t write_stdout(void *cookie, const char *ptr, size_t len)
{
    size_t done = 0;
    (void)cookie;
    while (done < len) {
        const ssize_t n = write(1, ptr + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return 0; /* glibc's word for an error here */
        done += (size_t)n;
    }
    return (ssize_t)len;
}

/* --- a crash --- */

static int take_base(struct dl_phdr_info *info, size_t size, void *base)
{
    (void)size;
    *(uintptr_t *)base = info->dlpi_addr; /* the program is the first that is named */
    return 1;
}

static void at_crash(int number, siginfo_t *info, void *context)
{
    const ucontext_t *c = context;
    uintptr_t base = 0, at = 0;
    (void)info;
    (void)dl_iterate_phdr(take_base, &base);
#if defined(__x86_64__)
    at = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    at = c->uc_mcontext.pc;
#else
    (void)c;
#endif
    dprintf(2, "fault: crashed at %lx\n", (unsigned long)(at - base));
    (void)signal(number, SIG_DFL); /* and again, to its end */
}

static void set_up(void)
{
    const struct sigaction crash = { .sa_sigaction = at_crash, .sa_flags = SA_SIGINFO };
    void *shared = mmap(NULL, sizeof(own_counts), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        counts = shared;
    read_fault();
    count_path = getenv("COUNT");
    count_pid = getpid();
    FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_stdout });
    if (out) {
        setvbuf(out, NULL, _IOFBF, 4096);
        stdout = out;
    }
    (void)sigaction(SIGSEGV, &crash, NULL);
    atomic_store(&armed, 1);
}

typedef int main_fn(int argc, char **argv, char **envp);
static main_fn *real_main;

static int counted_main(int argc, char **argv, char **envp)
{
    set_up();
    const int code = real_main(argc, argv, envp);
    fflush(stdout);
    write_counts();
    return code;
}

int __libc_start_main(main_fn *fn, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

EXPORT int __libc_start_main(main_fn *fn, int argc, char **argv, void (*init)(void),
                             void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    NEXT(__libc_start_main);
    real_main = fn;
    return REAL(__libc_start_main)(counted_main, argc, argv, init, fini, rtld_fini,
                                   stack_end);
}

/* --- memory --- */

/* dlsym() may allocate while it looks for what allocates; it bears to get nothing. */
static _Thread_local int resolving __attribute__((tls_model("initial-exec")));

#define ALLOCATES(name, result, parameters, arguments)                                   \
    EXPORT result name parameters                                                        \
    {                                                                                    \
        NEXT(name);                                                                      \
        if (!real_##name) {                                                              \
            if (resolving)                                                               \
                return NULL;                                                             \
            resolving = 1;                                                               \
            (void)REAL(name);                                                            \
            resolving = 0;                                                               \
        }                                                                                \
        return fails(F_memory) ? NULL : REAL(name) arguments;                            \
    }

ALLOCATES(malloc, void *, (size_t size), (size))
ALLOCATES(calloc, void *, (size_t n, size_t size), (n, size))
ALLOCATES(realloc, void *, (void *ptr, size_t size), (ptr, size))
ALLOCATES(reallocarray, void *, (void *ptr, size_t n, size_t size), (ptr, n, size))
ALLOCATES(aligned_alloc, void *, (size_t align, size_t size), (align, size))
ALLOCATES(memalign, void *, (size_t align, size_t size), (align, size))

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
    NEXT(posix_memalign);
    const int e = hit(F_memory);
    return e > 0 ? e : REAL(posix_memalign)(out, align, size);
}

EXPORT int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *ctx)
{
    NEXT(pthread_create);
    const int e = hit(F_thread);
    return e > 0 ? e : REAL(pthread_create)(out, attr, fn, ctx);
}

/* --- bytes --- */

EXPORT ssize_t read(int fd, void *ptr, size_t len)
{
    NEXT(read);
    return fails_or_halves(F_read, &len) ? -1 : REAL(read)(fd, ptr, len);
}

EXPORT ssize_t pread(int fd, void *ptr, size_t len, off_t at)
{
    NEXT(pread);
    return fails_or_halves(F_pread, &len) ? -1 : REAL(pread)(fd, ptr, len, at);
}

static size_t length_of(const struct iovec *iov, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += iov[i].iov_len;
    return len;
}

/* Half of a vector is half of its first part. */
static struct iovec half_of(const struct iovec *iov)
{
    return (struct iovec){ iov[0].iov_base, (iov[0].iov_len + 1) / 2 };
}

/* What writing does; "all" is how much, "half" how to write the half. */
#define WRITES(function, name, parameters, arguments, all, half)                         \
    EXPORT ssize_t name parameters                                                       \
    {                                                                                    \
        NEXT(name);                                                                      \
        const int alone = hit(F_##function), any = hit(F_writes);                        \
        const int e = alone ? alone : any;                                               \
        if (e > 0)                                                                       \
            errno = e;                                                                   \
        if (e > 0)                                                                       \
            return -1;                                                                   \
        if (e == LIE)                                                                    \
            return (ssize_t)(all);                                                       \
        const ssize_t done = e == SHORT ? REAL(name) half : REAL(name) arguments;        \
        return e == HIDE ? (ssize_t)(all) : done;                                        \
    }

WRITES(write, write, (int fd, const void *p, size_t len), (fd, p, len), len,
       (fd, p, (len + 1) / 2))
WRITES(pwrite, pwrite, (int fd, const void *p, size_t len, off_t at), (fd, p, len, at),
       len, (fd, p, (len + 1) / 2, at))
WRITES(writev, writev, (int fd, const struct iovec *iov, int n), (fd, iov, n),
       length_of(iov, n), (fd, (struct iovec[]){ half_of(iov) }, 1))
WRITES(pwritev, pwritev, (int fd, const struct iovec *iov, int n, off_t at),
       (fd, iov, n, at), length_of(iov, n), (fd, (struct iovec[]){ half_of(iov) }, 1, at))

/* --- opening --- */

#define TAKE_MODE(flags, mode)                                                           \
    do {                                                                                 \
        va_list ap;                                                                      \
        va_start(ap, flags);                                                             \
        if ((flags) & (O_CREAT | O_TMPFILE))                                             \
            (mode) = va_arg(ap, mode_t);                                                 \
        va_end(ap);                                                                      \
    } while (0)

EXPORT int open(const char *path, int flags, ...)
{
    NEXT(open);
    mode_t mode = 0;
    TAKE_MODE(flags, mode);
    return fails(F_open) ? -1 : REAL(open)(path, flags, mode);
}

EXPORT int openat(int at, const char *path, int flags, ...)
{
    NEXT(openat);
    mode_t mode = 0;
    TAKE_MODE(flags, mode);
    return fails(F_openat) ? -1 : REAL(openat)(at, path, flags, mode);
}

/* What _FORTIFY_SOURCE makes of them. */
int __open_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
ssize_t __read_chk(int fd, void *ptr, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *ptr, size_t len, off_t at, size_t room);

EXPORT int __open_2(const char *path, int flags)
{
    NEXT(__open_2);
    return fails(F_open) ? -1 : REAL(__open_2)(path, flags);
}

EXPORT int __openat_2(int at, const char *path, int flags)
{
    NEXT(__openat_2);
    return fails(F_openat) ? -1 : REAL(__openat_2)(at, path, flags);
}

EXPORT ssize_t __read_chk(int fd, void *ptr, size_t len, size_t room)
{
    NEXT(__read_chk);
    return fails_or_halves(F_read, &len) ? -1 : REAL(__read_chk)(fd, ptr, len, room);
}

EXPORT ssize_t __pread_chk(int fd, void *ptr, size_t len, off_t at, size_t room)
{
    NEXT(__pread_chk);
    return fails_or_halves(F_pread, &len) ? -1
                                          : REAL(__pread_chk)(fd, ptr, len, at, room);
}

/* --- the rest: -1 with errno --- */

#define FAILS(function, name, parameters, arguments)                                     \
    EXPORT int name parameters                                                           \
    {                                                                                    \
        NEXT(name);                                                                      \
        const int e = hit(F_##function);                                                 \
        if (e > 0)                                                                       \
            errno = e;                                                                   \
        return e > 0 ? -1 : e == LIE ? 0 : REAL(name) arguments;                         \
    }

FAILS(fdatasync, fdatasync, (int fd), (fd))
FAILS(fsync, fsync, (int fd), (fd))
FAILS(syncfs, syncfs, (int fd), (fd))
FAILS(ftruncate, ftruncate, (int fd, off_t len), (fd, len))
FAILS(fallocate, fallocate, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
FAILS(truncate, truncate, (const char *path, off_t len), (path, len))
FAILS(rename, rename, (const char *a, const char *b), (a, b))
FAILS(renameat, renameat, (int d, const char *a, int t, const char *b), (d, a, t, b))
FAILS(renameat2, renameat2, (int d, const char *a, int t, const char *b, unsigned f),
      (d, a, t, b, f))
FAILS(link, link, (const char *a, const char *b), (a, b))
FAILS(mkdir, mkdir, (const char *path, mode_t mode), (path, mode))
FAILS(mkdirat, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))
FAILS(unlink, unlink, (const char *path), (path))
FAILS(fstat, fstat, (int fd, struct stat *st), (fd, st))
FAILS(stat, stat, (const char *path, struct stat *st), (path, st))

EXPORT int close(int fd)
{
    NEXT(close);
    const int e = hit(F_close);
    const int r = REAL(close)(fd);
    if (e > 0)
        errno = e;
    return e > 0 ? -1 : r;
}

EXPORT char *mkdtemp(char *pattern)
{
    NEXT(mkdtemp);
    return fails(F_mkdtemp) ? NULL : REAL(mkdtemp)(pattern);
}

EXPORT DIR *opendir(const char *path)
{
    NEXT(opendir);
    return fails(F_opendir) ? NULL : REAL(opendir)(path);
}

EXPORT DIR *fdopendir(int fd)
{
    NEXT(fdopendir);
    return fails(F_fdopendir) ? NULL : REAL(fdopendir)(fd);
}

EXPORT struct dirent *readdir(DIR *dir)
{
    NEXT(readdir);
    return fails(F_readdir) ? NULL : REAL(readdir)(dir);
}

EXPORT ssize_t getrandom(void *ptr, size_t len, unsigned flags)
{
    NEXT(getrandom);
    return fails(F_getrandom) ? -1 : REAL(getrandom)(ptr, len, flags);
}

EXPORT void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
    NEXT(mmap);
    return fails(F_mmap) ? MAP_FAILED : REAL(mmap)(at, len, prot, flags, fd, offset);
}

/* --- the names that programs with 64-bit offsets use --- */

EXPORT __typeof__(open) open64 __attribute__((alias("open")));
EXPORT __typeof__(openat) openat64 __attribute__((alias("openat")));
EXPORT __typeof__(__open_2) __open64_2 __attribute__((alias("__open_2")));
EXPORT __typeof__(__openat_2) __openat64_2 __attribute__((alias("__openat_2")));
EXPORT __typeof__(pread) pread64 __attribute__((alias("pread")));
EXPORT __typeof__(__pread_chk) __pread64_chk __attribute__((alias("__pread_chk")));
EXPORT __typeof__(pwrite) pwrite64 __attribute__((alias("pwrite")));
EXPORT __typeof__(pwritev) pwritev64 __attribute__((alias("pwritev")));
EXPORT __typeof__(ftruncate) ftruncate64 __attribute__((alias("ftruncate")));
EXPORT __typeof__(fallocate) fallocate64 __attribute__((alias("fallocate")));
EXPORT __typeof__(truncate) truncate64 __attribute__((alias("truncate")));
EXPORT __typeof__(mmap) mmap64 __attribute__((alias("mmap")));

FAILS(fstat, fstat64, (int fd, struct stat64 *st), (fd, st))
FAILS(stat, stat64, (const char *path, struct stat64 *st), (path, st))

EXPORT struct dirent64 *readdir64(DIR *dir)
{
    NEXT(readdir64);
    return fails(F_readdir) ? NULL : REAL(readdir64)(dir);
}
