/*
 * Ending long work by a signal, between two steps of it.
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <signal.h>

/** The number of the signal that came since stop_catch(); 0: none. */
extern volatile sig_atomic_t stopped_by;

/** From now on SIGINT, SIGTERM and SIGHUP are noted. One that comes 0.2 s or more behind the
 *  first ends the process at once, with 128 and its number; a store bears that as it bears a
 *  power cut. What was ignored when the program began (nohup) stays so. */
void stop_catch(void);

#endif
