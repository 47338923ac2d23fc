/*
 * Acts that a reader never needs, tried from inside the sandbox that `sillok ingest` has:
 * its input may be read, the folder of its store changed. Some are a server's, which may
 * answer on sockets besides.
 *
 *   sandbox-acts on|off FOLDER NAME...      FOLDER/in, store and outside hold a "file"
 *   sandbox-acts list
 *
 * A line for each: NAME refused|killed|done|impossible ERRNO. EXDEV counts as refused: all
 * folders are on one file system, so it is Landlock that says so. "impossible" is what
 * fails for another reason. Each act is made in a process of its own.
 */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char folder[512], path[600], path2[600];
static pid_t victim;     /* a process of ours outside of the sandbox */
static int listening[2]; /* sockets that were there before */

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int opened(const char *name, int flags)
{
    const int fd = open(name, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

/* --- what is allowed, so that the sandbox is not one that refuses all --- */

static int ok_read_input(void)
{
    return opened(in_folder("in/file"), O_RDONLY);
}

static int ok_cut_store(void)
{
    return opened(in_folder("store/file"), O_RDWR | O_TRUNC);
}

static int ok_change_store(void)
{
    snprintf(path2, sizeof(path2), "%s/store/b", folder);
    if (opened(in_folder("store/a"), O_RDWR | O_CREAT) < 0 || rename(path, path2) < 0)
        return -1;
    return unlink(path2);
}

static void *nothing(void *arg)
{
    return arg;
}

static int ok_thread(void)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    return errno ? -1 : pthread_join(thread, NULL);
}

/* To a client that has come, as a server does. */
static int ok_send(void)
{
    struct sockaddr_in to;
    socklen_t len = sizeof(to);
    char byte = 'x';
    struct iovec part = { &byte, 1 };
    const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    const int fd = accept(listening[0], (struct sockaddr *)&to, &len);
    return fd >= 0 && send(fd, "x", 1, MSG_NOSIGNAL | MSG_MORE) == 1 &&
                   sendmsg(fd, &message, MSG_NOSIGNAL) == 1
               ? 0
               : -1;
}

/* --- what is not --- */

static int read_passwd(void)
{
    return opened("/etc/passwd", O_RDONLY);
}

static int read_outside(void)
{
    return opened(in_folder("outside/file"), O_RDONLY);
}

static int list_home(void)
{
    const char *home = getenv("HOME");
    return opened(home ? home : "/root", O_RDONLY | O_DIRECTORY);
}

static int create_in_tmp(void)
{
    return opened(in_folder("outside/new"), O_WRONLY | O_CREAT | O_EXCL);
}

static int write_input(void)
{
    return opened(in_folder("in/file"), O_WRONLY);
}

static int truncate_outside(void)
{
    return truncate(in_folder("outside/file"), 0);
}

static int truncate_input(void)
{
    return truncate(in_folder("in/file"), 0);
}

/* To open for reading and to cut are one call. */
static int cut_input(void)
{
    return opened(in_folder("in/file"), O_RDONLY | O_TRUNC);
}

static int cut_input_by_openat2(void)
{
    const struct open_how how = { .flags = O_RDONLY | O_TRUNC };
    const long fd =
        syscall(SYS_openat2, AT_FDCWD, in_folder("in/file"), &how, sizeof(how));
    return fd < 0 ? -1 : close((int)fd);
}

static int unlink_outside(void)
{
    return unlink(in_folder("outside/file"));
}

static int remove_input(void)
{
    return unlink(in_folder("in/file"));
}

static int make_folder_outside(void)
{
    return mkdir(in_folder("outside/folder"), 0700);
}

static int rename_out(void)
{
    snprintf(path2, sizeof(path2), "%s/outside/moved", folder);
    return rename(in_folder("store/file"), path2);
}

static int link_in(void)
{
    snprintf(path2, sizeof(path2), "%s/store/linked", folder);
    return link(in_folder("outside/file"), path2);
}

static int symlink_out(void)
{
    snprintf(path2, sizeof(path2), "%s/store/symlink", folder);
    return symlink("/etc/passwd", path2);
}

static int chmod_store(void)
{
    return chmod(in_folder("store/file"), 04777);
}

static int chown_store(void)
{
    return chown(in_folder("store/file"), 1, 1);
}

static int set_attribute(void)
{
    return setxattr(in_folder("store/file"), "user.x", "1", 1, 0);
}

static int make_device(void)
{
    return mknod(in_folder("store/device"), S_IFCHR | 0600, makedev(1, 3));
}

static int open_device(void)
{
    return opened("/dev/mem", O_RDWR) == 0 || opened("/dev/kmsg", O_RDONLY) == 0 ? 0 : -1;
}

static int connect_tcp(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

/* What listened and was shut down connects when it sends (TCP Fast Open), which is no
 * connect(). */
static int connect_by_sending(void)
{
    struct sockaddr_in to;
    socklen_t len = sizeof(to);
    char byte = 'x';
    struct iovec part = { &byte, 1 };
    const struct msghdr message = {
        .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part, .msg_iovlen = 1
    };
    const int flags = MSG_FASTOPEN | MSG_NOSIGNAL;
    if (getsockname(listening[0], (struct sockaddr *)&to, &len) < 0 ||
        shutdown(listening[1], SHUT_RDWR) < 0)
        return -1;
    return sendto(listening[1], &byte, 1, flags, (const struct sockaddr *)&to, len) < 0 &&
                   sendmsg(listening[1], &message, flags) < 0
               ? -1
               : 0;
}

static int bind_unix(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    snprintf(a.sun_path, sizeof(a.sun_path), "%.90s/store/s", folder);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int r = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&a, sizeof(a));
    if (fd >= 0)
        close(fd);
    return r;
}

static int bind_udp(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

static int run_program(void)
{
    static char name[] = "/bin/true";
    static char *const argv[] = { name, NULL };
    return execv(name, argv); /* done is seen by its exit code, 0 */
}

static int make_process(void)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child < 0 ? -1 : waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int trace_process(void)
{
    const long r = ptrace(PTRACE_ATTACH, victim, NULL, NULL);
    if (r == 0) {
        waitpid(victim, NULL, 0);
        ptrace(PTRACE_DETACH, victim, NULL, NULL);
    }
    return r < 0 ? -1 : 0;
}

static int kill_process(void)
{
    return kill(victim, SIGCONT); /* harmless, and needs the same right */
}

/* The kernel sends a signal, of any number, to whoever is named owner of a file that has
 * news: whoever may name one needs no kill(). */
static int kill_by_file(void)
{
    const int fd = inotify_init1(IN_CLOEXEC);
    return fd < 0 ? -1 : fcntl(fd, F_SETOWN, victim);
}

static int read_process(void)
{
    char byte;
    struct iovec to = { &byte, 1 }, from = { (void *)(uintptr_t)&folder, 1 };
    return process_vm_readv(victim, &to, 1, &from, 1, 0) < 0 ? -1 : 0;
}

static int mount_something(void)
{
    return mount("none", in_folder("outside"), "tmpfs", 0, NULL) < 0
               ? -1
               : umount2(in_folder("outside"), MNT_DETACH);
}

static int change_root(void)
{
    return chroot(folder);
}

static int new_namespace(void)
{
    return unshare(CLONE_NEWUTS);
}

static int load_module(void)
{
    return (int)syscall(SYS_init_module, "", 0, "");
}

static int set_user(void)
{
    return setuid(geteuid() ? geteuid() : 65534);
}

static int set_limit(void)
{
    struct rlimit l = { 64, 64 };
    return setrlimit(RLIMIT_NOFILE, &l);
}

static int executable_memory(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : 0;
}

static int make_executable(void)
{
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int use_bpf(void)
{
    return (int)syscall(SYS_bpf, 5 /* PROG_LOAD */, NULL, 0);
}

static int use_io_uring(void)
{
    char params[120] = { 0 };
    return (int)syscall(SYS_io_uring_setup, 1, params);
}

static int set_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return clock_settime(CLOCK_REALTIME, &now);
}

static const struct {
    const char *name;
    int (*fn)(void);
    int of_server;
} acts[] = {
    { "ok-read-input", ok_read_input, 0 },
    { "ok-change-store", ok_change_store, 0 },
    { "ok-cut-store", ok_cut_store, 0 },
    { "ok-thread", ok_thread, 0 },
    { "ok-send", ok_send, 1 },
    { "read-passwd", read_passwd, 0 },
    { "read-outside", read_outside, 0 },
    { "list-home", list_home, 0 },
    { "create-outside", create_in_tmp, 0 },
    { "write-input", write_input, 0 },
    { "truncate-outside", truncate_outside, 0 },
    { "truncate-input", truncate_input, 0 },
    { "cut-input", cut_input, 0 },
    { "cut-input-by-openat2", cut_input_by_openat2, 0 },
    { "unlink-outside", unlink_outside, 0 },
    { "remove-input", remove_input, 0 },
    { "make-folder-outside", make_folder_outside, 0 },
    { "rename-out", rename_out, 0 },
    { "link-in", link_in, 0 },
    { "symlink-out", symlink_out, 0 },
    { "chmod", chmod_store, 0 },
    { "chown", chown_store, 0 },
    { "set-attribute", set_attribute, 0 },
    { "make-device", make_device, 0 },
    { "open-device", open_device, 0 },
    { "connect", connect_tcp, 0 },
    { "connect-by-sending", connect_by_sending, 1 },
    { "bind-unix", bind_unix, 0 },
    { "bind-udp", bind_udp, 0 },
    { "exec", run_program, 0 },
    { "fork", make_process, 0 },
    { "ptrace", trace_process, 0 },
    { "kill", kill_process, 0 },
    { "kill-by-file", kill_by_file, 0 },
    { "read-process", read_process, 0 },
    { "mount", mount_something, 0 },
    { "chroot", change_root, 0 },
    { "unshare", new_namespace, 0 },
    { "load-module", load_module, 0 },
    { "setuid", set_user, 0 },
    { "setrlimit", set_limit, 0 },
    { "executable-memory", executable_memory, 0 },
    { "make-executable", make_executable, 0 },
    { "bpf", use_bpf, 0 },
    { "io-uring", use_io_uring, 0 },
    { "set-clock", set_clock, 0 },
};
enum { N_ACTS = sizeof(acts) / sizeof(acts[0]) };

static void enter(int of_server)
{
    struct sandbox s = SANDBOX_INIT;
    s.clients = of_server;
    if (sandbox_allow(&s, in_folder("in"), SANDBOX_READ) < 0 ||
        sandbox_allow(&s, in_folder("store"), SANDBOX_CHANGE) < 0) {
        fprintf(stderr, "cannot enter: %s\n", sillok_error_message());
        _exit(99);
    }
    (void)sandbox_enter(&s); /* what is not refused then is found by its act */
    sandbox_release(&s);
}

/* Two sockets that listen, as a server's does, and a client of the first. */
static int prepare_sockets(void)
{
    struct sockaddr_in to;
    socklen_t len = sizeof(to);
    for (int i = 0; i < 2; i++) {
        listening[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        memset(&to, 0, sizeof(to));
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (listening[i] < 0 ||
            bind(listening[i], (const struct sockaddr *)&to, sizeof(to)) < 0 ||
            listen(listening[i], 4) < 0)
            return -1;
    }
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return client < 0 || getsockname(listening[0], (struct sockaddr *)&to, &len) < 0 ||
                   connect(client, (const struct sockaddr *)&to, len) < 0
               ? -1
               : 0;
}

/* In a child: exit code 0 done, else the errno. */
static void act(const char *name, int (*fn)(void), int of_server, int inside)
{
    victim = fork();
    if (victim == 0) {
        pause();
        _exit(0);
    }
    const pid_t child = fork();
    if (child == 0) {
        if (of_server && prepare_sockets() < 0)
            _exit(97);
        if (inside)
            enter(of_server);
        errno = 0;
        _exit(fn() < 0 ? errno ? errno : 98 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    kill(victim, SIGKILL);
    waitpid(victim, NULL, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    printf("%s %s %d\n", name,
           WIFSIGNALED(status)                                ? "killed"
           : code == 0                                        ? "done"
           : code == EPERM || code == EACCES || code == EXDEV ? "refused"
                                                              : "impossible",
           code);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (int i = 0; i < N_ACTS; i++)
            puts(acts[i].name);
        return 0;
    }
    if (argc < 4)
        return 2;
    snprintf(folder, sizeof(folder), "%s", argv[2]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int k = 3; k < argc; k++)
        for (int i = 0; i < N_ACTS; i++)
            if (strcmp(argv[k], acts[i].name) == 0)
                act(acts[i].name, acts[i].fn, acts[i].of_server,
                    strcmp(argv[1], "on") == 0);
    return 0;
}
