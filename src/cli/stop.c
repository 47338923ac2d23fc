#include "cli/stop.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

volatile sig_atomic_t stopped_by;

/* timeout(1) signals the process and then its group, service managers do likewise: to the one
 * who stopped us that is one signal. */
enum { SAME_SIGNAL_MS = 200 };

static int64_t clock_ms(void)
{
    struct timespec t = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void on_signal(int number)
{
    static int64_t first_ms; /* 0: none came; threads may be here at once */
    int64_t expected = 0;
    const int64_t now_ms = clock_ms();
    if (__atomic_compare_exchange_n(&first_ms, &expected, now_ms, 0, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
        __atomic_store_n(&stopped_by, number, __ATOMIC_RELAXED); /* threads ask for it */
    else if (now_ms - expected >= SAME_SIGNAL_MS)
        _exit(128 + number);
}

/* Whoever started us may have them blocked, and nobody else would let them through. */
void stop_catch(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old, now = { .sa_handler = on_signal };
        sigemptyset(&now.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &now, NULL);
        sigaddset(&blocked, numbers[i]);
    }
    (void)pthread_sigmask(SIG_UNBLOCK, &blocked, NULL); /* fails for no set of signals */
}
