#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SMALL_BYTES = 4096,
    HUGE_BYTES = 2 << 20,
    STEP_BYTES = 4 << 20,
    MMAP_MAX = 65536, /* glibc's own */
    WIDE_BYTES =
        48 << 20, /* what is in flight in an ingest fits; less than what is kept */
    KEEP_BYTES = 64 << 20,
    /* Above a chunk of files, below LMDB's list of dirty pages, which is hardly used. */
    OWN_PAGES_BYTES = 3 << 19
};

/* Let the heap grow by @p bytes, and ask for what of that lies in whole huge pages in
 * such. One that was touched before it was asked for stays a table of small ones: what is
 * allocated here is touched at both of its ends only. */
static void grow(size_t bytes)
{
    const uintptr_t before = (uintptr_t)sbrk(0);
    (void)mallopt(M_MMAP_MAX, 0);
    void *volatile p = malloc(bytes); /* volatile: or both calls would be left out */
    free(p);
    (void)mallopt(M_MMAP_MAX, MMAP_MAX);
    const uintptr_t after = (uintptr_t)sbrk(0),
                    huge = (before + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
    if (after > huge)
        (void)madvise((void *)huge, after - huge, MADV_HUGEPAGE);
}

/* A heap begins anywhere, and all that a short question needs could lie below the first
 * huge page: those addresses are passed over, but for a page that is touched here. */
static void begin_below_huge_page(void)
{
    const uintptr_t at = (uintptr_t)sbrk(0);
    (void)sbrk((intptr_t)(HUGE_BYTES - at % HUGE_BYTES) - SMALL_BYTES);
    grow(HUGE_BYTES + 2 * SMALL_BYTES);
}

/* Reading threads ask for a few kilobytes a file and give them back a batch later: one
 * heap for all, which is kept. As long as it is small, what is large goes beside it and
 * stays untouched where it is not used: LMDB's list of dirty pages is 2 MB. */
void heap_tune(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, OWN_PAGES_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    begin_below_huge_page();
}

void heap_widen(int at_once)
{
    if (at_once)
        grow(WIDE_BYTES);
    (void)mallopt(M_TOP_PAD, STEP_BYTES);
}
