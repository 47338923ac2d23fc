#include "cli/stop.h"

#include <stddef.h>

volatile sig_atomic_t stopped_by;

static void on_signal(int number)
{
    __atomic_store_n(&stopped_by, number, __ATOMIC_RELAXED); /* threads ask for it */
}

void stop_catch(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old,
            now = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
        sigemptyset(&now.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &now, NULL);
    }
}
