/*
 * A store of the engine that is asked, and what the tests of engines say of articles: their
 * publisher is 001.
 */
#ifndef TESTS_CONFORMANCE_STORE_BOX_H
#define TESTS_CONFORMANCE_STORE_BOX_H

#include "store/store.h"

#include "support_item.h"

extern struct hasher *hasher;

struct fixture {
    char *folder, *url;
    struct sillok_store *store;
    const struct store_ops *ops;
};

void reopen(struct fixture *f);
struct store_item *make(struct support_item *s, const char *aid, int64_t at,
                        const char *title, const char *body);
enum obs_outcome put(struct fixture *f, const char *aid, int64_t at, const char *title,
                     const char *body);
uint64_t article(struct fixture *f, const char *aid);

/* --- tests in questions.c --- */

void bodies_are_found_by_any_number_of_bits(void **state);
void parts_of_a_chain(void **state);
void articles_come_in_the_order_of_their_names(void **state);
void crawls_know_their_articles(void **state);
void strange_cursors_are_refused(void **state);
void changes_name_their_step(void **state);
void a_batch_of_several_crawls(void **state);
void what_is_the_same_file(void **state);

#endif
