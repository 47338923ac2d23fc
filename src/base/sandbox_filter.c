/*
 * Run while building: prints the seccomp filter of sandbox.c, which libseccomp compiles
 * for this machine, so that the program itself neither loads the library nor compiles
 * anything.
 *
 * What is not in the list fails with EPERM. The files that a call may touch are
 * Landlock's business; here it is about calls that reading, writing and computing never
 * need.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static const int allowed[] = {
    /* memory; executable only what the linker has mapped */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(msync),
    /* threads of our own, time, signals to be received, the end */
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(membarrier),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    /* what one may know of oneself */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(getcwd),
    SCMP_SYS(getrandom),
    SCMP_SYS(umask),
    /* open files */
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(pwrite64),
    SCMP_SYS(writev),
    SCMP_SYS(pwritev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(flock),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(syncfs),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(fadvise64),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pselect6),
    /* to be told of new files in a folder */
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    /* names of files */
    SCMP_SYS(creat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rmdir),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(link),
    SCMP_SYS(linkat),
};

/* For a server on top of those: connections that come, on a socket that listens. */
static const int for_clients[] = {
    SCMP_SYS(accept),      SCMP_SYS(accept4),       SCMP_SYS(recvfrom),
    SCMP_SYS(sendfile),    SCMP_SYS(shutdown),      SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),  SCMP_SYS(getsockname),   SCMP_SYS(getpeername),
    SCMP_SYS(epoll_ctl),   SCMP_SYS(epoll_create1), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
};

/* Not whom a signal goes to when a file has news, and which: that would be another kill(). Nor
 * a lease on a file, which others would have to wait for. */
static const int file_commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL,
                                     F_SETFL, F_GETLK,         F_SETLK, F_SETLKW };

/* The macros of libseccomp leave out a field, which clang's warnings mind. */
static struct scmp_arg_cmp equals(unsigned arg, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){ .arg = arg, .op = SCMP_CMP_EQ, .datum_a = value };
}

/* A file that is opened for reading is not cut on the way: O_RDONLY | O_TRUNC does that. How
 * openat2() is to open stands in memory, which a filter cannot see: it is not in the list. */
static int add_opening(scmp_filter_ctx ctx, int call, unsigned flags)
{
    const struct scmp_arg_cmp ways[] = {
        { .arg = flags, .op = SCMP_CMP_MASKED_EQ, .datum_a = O_TRUNC },
        { .arg = flags,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = O_ACCMODE,
          .datum_b = O_WRONLY },
        { .arg = flags,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = O_ACCMODE,
          .datum_b = O_RDWR },
    };
    int r = 0;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, ways[i]);
    return r;
}

static int add_commands(scmp_filter_ctx ctx)
{
    int r = 0;
    for (size_t i = 0; i < sizeof(file_commands) / sizeof(file_commands[0]) && r == 0;
         i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                             equals(1, (scmp_datum_t)file_commands[i]));
    return r;
}

/* What is sent goes to who is connected. A socket that listened, once it was shut down,
 * connects to any other by sending with MSG_FASTOPEN, and Landlock looks at connect() only. */
static int add_clients(scmp_filter_ctx ctx)
{
    const struct scmp_arg_cmp to_nobody = equals(4, 0);
    int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 2, to_nobody,
                             SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    for (size_t i = 0; i < sizeof(for_clients) / sizeof(for_clients[0]) && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, for_clients[i], 0);
    return r;
}

static int add_rules(scmp_filter_ctx ctx, int clients)
{
    int r = add_opening(ctx, SCMP_SYS(openat), 2);
    if (r == 0)
        r = add_opening(ctx, SCMP_SYS(open), 1);
    if (r == 0)
        r = add_commands(ctx);
    if (r == 0 && clients)
        r = add_clients(ctx);
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, maps[i], 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* Threads, not processes. What clone3() wants stands in memory, which a filter cannot
     * see; told that it is not there, libc takes clone(). */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* Is it a terminal, and how wide? */
    const unsigned asks[] = { 0x5401 /* TCGETS */, TIOCGWINSZ };
    for (size_t i = 0; i < 2 && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, equals(1, asks[i]));
    /* Limits may be asked, our own, and not set. */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, equals(0, 0),
                             equals(2, 0));
    return r;
}

/* With an argument: for a server. */
int main(int argc, char **argv)
{
    (void)argv;
    struct sock_filter line;
    int fds[2];
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int r = ctx ? seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) : -1;
    if (r == 0)
        r = add_rules(ctx, argc > 1);
    if (r < 0 || pipe(fds) < 0 || seccomp_export_bpf(ctx, fds[1]) < 0) {
        fprintf(stderr, "sandbox_filter: libseccomp failed: %d\n", r);
        return 1;
    }
    close(fds[1]);
    while (read(fds[0], &line, sizeof(line)) == (ssize_t)sizeof(line))
        printf("{ %#x, %u, %u, %#x },\n", line.code, line.jt, line.jf, line.k);
    seccomp_release(ctx);
    return 0;
}
