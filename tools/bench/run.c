/*
 * sillok-run: run a command and say what it cost.
 *
 * A process that is started from a large one is charged with the memory of its parent, so
 * an interpreter cannot measure the peak of a small program; this one can.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { USAGE = 2, SYSTEM = 3 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* In the child: the command with stdin from nowhere and stdout to @p out. */
static void become(char **command, const char *out)
{
    const int in = open("/dev/null", O_RDONLY);
    const int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (in >= 0 && to >= 0 && dup2(in, 0) >= 0 && dup2(to, 1) >= 0) {
        (void)close(in);
        (void)close(to);
        execvp(command[0], command);
    }
    fprintf(stderr, "sillok-run: cannot run '%s': %s\n", command[0], strerror(errno));
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argv[1][0] == '-') {
        fputs(
            "usage: sillok-run FILE COMMAND [ARGUMENT]...\n\n"
            "Run a command with its standard output in FILE, then print one JSON line: status\n"
            "(of a signal 128 and its number), seconds, cpu_seconds, peak_kb.\n",
            argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : USAGE;
    }
    const double start = now();
    const pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "sillok-run: cannot fork: %s\n", strerror(errno));
        return SYSTEM;
    }
    if (pid == 0)
        become(argv + 2, argv[1]);
    int status;
    struct rusage use;
    while (wait4(pid, &status, 0, &use) < 0)
        if (errno != EINTR)
            return SYSTEM;
    const double seconds = now() - start;
    printf("{\"status\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"peak_kb\":%ld}\n",
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), seconds,
           seconds_of(use.ru_utime) + seconds_of(use.ru_stime), use.ru_maxrss);
    return fflush(stdout) == 0 ? 0 : SYSTEM;
}
