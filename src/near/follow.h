/*
 * Follow-ups: is a version the same publisher's report under the same bare headline, out
 * within FOLLOW_DAYS of the other? Where one does not say its day, the headline decides.
 */
#ifndef NEAR_FOLLOW_H
#define NEAR_FOLLOW_H

#include "store/store.h"

enum { FOLLOW_DAYS = 3 };

/** What decides about one version; reusable. */
struct follow {
    struct buf name; /* publisher, 00, letters; empty: links nothing */
    int64_t day;     /* published, near_day_of() */
};

void follow_init(struct follow *f);
void follow_release(struct follow *f);
int follow_of(struct follow *f, const struct sillok_article *a);
int follow_links(const struct follow *a, const struct follow *b);
/** 1 when two days, near_day_of(), are near enough, or one is not said. */
int follow_in_time(int64_t a, int64_t b);

#endif
