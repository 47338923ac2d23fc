#include "cli/heap.h"

#include "base/clock.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SMALL_BYTES = 4096,
    HUGE_BYTES = 2 << 20,
    PAD_BYTES = 128 << 10, /* glibc's own */
    STEP_BYTES = 4 << 20,
    MMAP_MAX = 65536, /* glibc's own */
    WIDE_BYTES =
        48 << 20, /* what is in flight in an ingest fits; less than what is kept */
    KEEP_BYTES = 64 << 20,
    /* Above a chunk of files, below LMDB's list of dirty pages, which is hardly used. */
    OWN_PAGES_BYTES = 3 << 19,
    HEAPS_MAX = 8
};
/* Where a first touch of a page takes about a microsecond, a huge page of memory that the
 * system took back meanwhile takes up to 4,000 (a balloon gives whole ones back, and its
 * host gets them again piece by piece), small ones as before. Where it takes 30 and more,
 * huge pages halve the time of an ingest. */
enum { PROBES = 8, DEAR_NS = 8000 };

static int faults_are_dear;

/* The least of some, since whatever else the processor does takes its time too. Where a
 * page is larger than these one is not dear, and nothing is asked for. */
static int64_t first_touch_ns(void)
{
    static char fresh[(PROBES + 1) * SMALL_BYTES]; /* pages not touched so far */
    volatile char *page = fresh;
    int64_t least = INT64_MAX, before = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < PROBES; i++) {
        *(page += SMALL_BYTES) = 1;
        const int64_t now = clock_ns(CLOCK_MONOTONIC);
        least = now - before < least ? now - before : least;
        before = now;
    }
    return least;
}

static void ask_for_huge_pages(uintptr_t from, uintptr_t to)
{
    if (faults_are_dear && to > from)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* A heap begins anywhere, and all that a short question needs could lie below the first
 * huge page: those addresses are passed over, but for a page that malloc() touches before
 * it can be asked for, and which would make the huge page one of small ones. The heap
 * ends with the huge page, so that the next one is asked for whole too. */
static void begin_below_huge_page(void)
{
    const uintptr_t huge =
        ((uintptr_t)sbrk(0) + SMALL_BYTES + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
    (void)sbrk((intptr_t)(huge - SMALL_BYTES - (uintptr_t)sbrk(0)));
    (void)mallopt(M_TOP_PAD, HUGE_BYTES);
    void *volatile p = malloc(1); /* volatile: or both calls would be left out */
    free(p);
    (void)mallopt(M_TOP_PAD, PAD_BYTES);
    ask_for_huge_pages(huge, (uintptr_t)sbrk(0));
}

/* Reading threads ask for a few kilobytes a file and give them back a batch later: one
 * heap for all, which is kept. As long as it is small, what is large goes beside it and
 * stays untouched where it is not used: LMDB's list of dirty pages is 2 MB. */
void heap_tune(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, OWN_PAGES_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    faults_are_dear = first_touch_ns() >= DEAR_NS;
    if (faults_are_dear)
        begin_below_huge_page();
}

void heap_widen(int at_once)
{
    if (at_once) {
        const uintptr_t before = (uintptr_t)sbrk(0);
        (void)mallopt(M_MMAP_MAX, 0);
        void *volatile p = malloc(WIDE_BYTES); /* touched at both of its ends only */
        free(p);
        (void)mallopt(M_MMAP_MAX, MMAP_MAX);
        ask_for_huge_pages((before + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES,
                           (uintptr_t)sbrk(0));
    } else { /* more is in flight than can be asked for at once */
        (void)mallopt(M_ARENA_MAX, HEAPS_MAX);
    }
    (void)mallopt(M_TOP_PAD, STEP_BYTES);
}
