#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    HUGE_BYTES = 2 << 20,
    STEP_BYTES = 4 << 20,
    WIDE_BYTES =
        48 << 20, /* what is in flight in an ingest fits; less than what is kept */
    KEEP_BYTES = 64 << 20,
    /* Above a chunk of files, below LMDB's list of dirty pages, which is hardly used. */
    OWN_PAGES_BYTES = 3 << 19
};

/* Reading threads ask for a few kilobytes a file and give them back a batch later: one
 * heap for all, which is kept. As long as it is small, what is large goes beside it and
 * stays untouched where it is not used: LMDB's list of dirty pages is 2 MB. */
void heap_tune(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, OWN_PAGES_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
}

static void grow_at_once(void)
{
    char *before = sbrk(0);
    (void)mallopt(M_TOP_PAD, WIDE_BYTES);
    void *p = malloc(OWN_PAGES_BYTES / 2); /* more than is left: the heap grows */
    char *after = sbrk(0);
    free(p);
    const uintptr_t first =
        ((uintptr_t)before + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
    if (p && (uintptr_t)after > first)
        (void)madvise((void *)first, (uintptr_t)after - first, MADV_HUGEPAGE);
}

void heap_widen(int at_once)
{
    if (at_once)
        grow_at_once();
    (void)mallopt(M_TOP_PAD, STEP_BYTES);
}
