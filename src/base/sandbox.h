/*
 * Giving up rights that the work ahead does not need, so that a reader that is led astray
 * by what it reads can do little harm.
 *
 * Three layers, each taken where the system has it:
 *   files   Landlock: below the paths that were allowed, as was allowed; nowhere else.
 *           The kernel's version is asked, and what an old one does not know is left out
 *   calls   seccomp: only the system calls of sandbox_filter.c; no program is run, no
 *           process made or traced, no socket made, mount, owner or mode changed, no memory
 *           made executable. What is refused fails with EPERM
 *   limits  no core dump, no new privileges
 *
 * Invariants
 *  1. It holds for the thread that calls and all that it starts later: it is entered
 *     before there are others, and never left.
 *  2. Files that are open stay open: the standard streams keep working.
 *  3. Without Landlock or seccomp the program goes on without, and so where the system has
 *     them and refuses them to us, as a container or another sandbox around it may; what was
 *     got is told.
 *
 * Built without libseccomp (or with a sanitizer, which needs what is refused here),
 * sandbox_none.c stands for it.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/buf.h"

enum sandbox_right {
    SANDBOX_READ = 1 << 0,  /* open files for reading, list folders */
    SANDBOX_WRITE = 1 << 1, /* open files that are there for writing, cut them */
    SANDBOX_CHANGE =
        1 << 2, /* make, rename, link and remove files and folders, and write them */
    SANDBOX_REMOVE = 1 << 3 /* remove empty folders */
};

/** What may be done with files; starts as SANDBOX_INIT: nothing. */
struct sandbox {
    struct buf rules; /* struct sandbox_rule */
    int clients;      /* take connections on a socket that listens already, and answer */
};
#define SANDBOX_INIT                                                                     \
    {                                                                                    \
        BUF_INIT, 0                                                                      \
    }
void sandbox_release(struct sandbox *s);

/**
 * Allow @p rights (enum sandbox_right) at @p path, and below it if it is a folder.
 * Symbolic links are followed now. A path that is not there is left out, and so is one
 * whose rights are none.
 * @return 0;  SILLOK_ENOMEM;  SILLOK_EIO it is there and cannot be opened
 */
int sandbox_allow(struct sandbox *s, const char *path, int rights);

enum sandbox_layer { SANDBOX_FILES = 1 << 0, SANDBOX_CALLS = 1 << 1 };

/** What was got. */
struct sandbox_got {
    int layers;  /* bits of enum sandbox_layer; 0: neither */
    int refused; /* the errno with which the system refused what it has; 0: it did not */
};

/** Enter it, as far as the system can. */
struct sandbox_got sandbox_enter(const struct sandbox *s);

#endif
