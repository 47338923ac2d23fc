/*
 * A store whose files have names of any sort, and what comes out of it.
 */
#ifndef TESTS_UNIT_EXPORT_BOX_H
#define TESTS_UNIT_EXPORT_BOX_H

#include "sillok/export.h"
#include "store/store.h"

#include "support.h"

struct fixture {
    char *folder, *to; /* "to" in the folder is not there yet */
    struct sillok_store *store;
};

int box_set_up(void **state);
int box_tear_down(void **state);
/* Behind the last test. */
void box_end(void);

/* A file of the template under any name, as an archive may bring it, into the open batch. */
void box_add(struct fixture *f, const char *oid, const char *aid, int64_t at,
             const char *body, struct sillok_text path);
/* The same in a batch of its own. */
void box_put(struct fixture *f, const char *crawl, const char *oid, const char *aid,
             int64_t at, const char *body, struct sillok_text path);
/* "crawl:name ..." of what is exported, with ! where the name is unsafe. */
void box_names(struct buf *out, struct fixture *f, const struct sillok_export_options *o);
void assert_names(struct fixture *f, const struct sillok_export_options *o,
                  const char *want);

#endif
