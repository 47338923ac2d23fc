/*
 * The list of changes in the making: what src/history/changes.c (one change, the iterator)
 * and changes_list.c (which changes, in which order) share.
 */
#ifndef HISTORY_CHANGES_INTERNAL_H
#define HISTORY_CHANGES_INTERNAL_H

#include "base/map.h"
#include "history/chain.h"
#include "history/fold.h"

enum { KEY_MAX = 256, CHANGES_WINDOW = 4096 };

/* What the chain says about a change: revision @c to against revision @c from, from 0. */
struct facts {
    struct store_step step;
    uint32_t from, to; /* equal: the chain was rewritten, the change is gone */
    uint32_t reverted_to;
    int64_t from_first_s, from_last_s, to_last_s;
    int64_t after_s, before_s; /* last sight of the old text, first of the new revision */
    uint64_t visits;
    struct chain_doubt doubt;
};

/* Of an event, but of no kind that was asked for. */
#define EVENT_NOT_CHOSEN UINT32_MAX

/* A change to be told. */
struct candidate {
    int64_t time_s;
    uint64_t article;
    unsigned tie;
    uint32_t crawl; /* that saw the new revision first */
    struct store_step step;
    double significance;
    int marks;      /* partly a mark of extraction */
    uint32_t edit;  /* 1 + index of what it is without that; 0: unknown */
    uint32_t event; /* 1 + index of the event that it is folded into */
    uint32_t facts; /* 1 + index */
};

struct sillok_changes {
    struct sillok_store *store;
    struct sillok_changes_options options;
    char *oid, *after;
    uint32_t crawl_a, crawl_b;
    int64_t a_last_s;
    int by_crawl;
    struct buf list; /* struct candidate, in the order to be told */
    size_t next;
    struct buf facts;                /* struct facts */
    size_t window_start, window_end; /* the candidates that have them, if not by_crawl */
    uint64_t told, hidden, unconfirmed;
    struct buf events; /* struct fold_event */
    struct buf edits;  /* struct sillok_change_class: edits beside extraction */
    struct buf members; /* uint32_t: candidates by their events, else in the list's order */
    struct buf first_members; /* uint32_t: in it, of each event, and the end */
    size_t next_event, next_article; /* the latter in members */
    struct map listed;          /* articles of the event told last that were told */
    struct store_crawl *crawls; /* for the names in events */
    size_t n_crawls;
    struct sillok_change sample;
    struct chain chain;
    struct article_key key;
    struct store_version before, now;
    char text_key[KEY_MAX];
};

static inline struct candidate *candidate_at(const struct sillok_changes *it, size_t i)
{
    return (struct candidate *)(void *)it->list.ptr + i;
}

static inline size_t n_candidates(const struct sillok_changes *it)
{
    return it->list.len / sizeof(struct candidate);
}

/** 0, or SILLOK_ESTOPPED where the caller wants no more. */
static inline int changes_go_on(const struct sillok_changes *it)
{
    return it->options.stop && it->options.stop(it->options.stop_arg)
               ? fail(SILLOK_ESTOPPED, "the list of changes was given up")
               : 0;
}

/** Make the list, in its order, from behind the change that options.after names on. */
int changes_list(struct sillok_changes *it);

/** What the chain that is loaded says of the step from revision @p from to @p to, both
 *  from 0, into the facts of @p c. */
int changes_add_facts(struct sillok_changes *it, struct candidate *c, uint32_t from,
                      uint32_t to);
/** Forget the facts of the window, before the list is put into another order too. */
void changes_drop_window(struct sillok_changes *it);

/** Both sides of a step into it->before and it->now; their texts only with @p bodies. */
int changes_load_versions(struct sillok_changes *it, const struct store_step *step,
                          int bodies);
/** Candidate @p i as a change: 1; 0 it is gone. Facts are gathered for at most @p window
 *  candidates from it on. */
int changes_load(struct sillok_changes *it, size_t i, size_t window,
                 struct sillok_change *out);
/** Is it of the publisher that was asked for? 1; 0. */
int changes_of_publisher(struct sillok_changes *it, const struct candidate *c);

#endif
