/*
 * How the program's memory grows. Fresh pages are dear: each is a fault, and thousands of
 * them took longer than the work that they were for.
 */
#ifndef CLI_HEAP_H
#define CLI_HEAP_H

/** At the start, before anything is allocated. */
void heap_tune(void);

/** Before work that allocates tens of megabytes in small pieces: from here on the heap
 * grows in large steps. With @p at_once the first step is as large as an ingest of a
 * folder needs, where a fault is dear in huge pages, if the system gives them to who asks
 * (madvise); without, threads get heaps of their own. Memory that is not used is not
 * taken; where it cannot be had, all goes on as before. */
void heap_widen(int at_once);

#endif
