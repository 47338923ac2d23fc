/*
 * Run a program as on a kernel that lacks a part of what a sandbox is made of, or in a container
 * that refuses it (with the errno, a number, that containers answer):
 *
 *   sandbox-without landlock|seccomp|both[:ERRNO] PROGRAM ARGUMENT...
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const int landlock = argc > 2 && strncmp(argv[1], "seccomp", 7) != 0;
    const int seccomp = argc > 2 && strncmp(argv[1], "landlock", 8) != 0;
    const char *colon = argc > 2 ? strchr(argv[1], ':') : NULL;
    const unsigned refused = colon ? (unsigned)atoi(colon + 1) & SECCOMP_RET_DATA : 0;
    /* landlock_create_ruleset() is not there; prctl(PR_SET_SECCOMP) is not known. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                 landlock ? SYS_landlock_create_ruleset : 0xffffffff, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (refused ? refused : ENOSYS)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp ? SYS_prctl : 0xffffffff, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (refused ? refused : EINVAL)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
    if (argc < 3)
        return 2;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        perror("sandbox-without");
        return 77;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
