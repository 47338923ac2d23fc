/* The pages of a report, each written whole. All return 0 or a negative error. */
#ifndef REPORT_PAGES_H
#define REPORT_PAGES_H

#include "report/site.h"

/** The overview: figures, plots, the most significant changes. */
int page_index(struct site *site);
/** Append how many changes the report leaves out, and why: a sentence, nothing where it has
 *  all. */
void page_left_out(struct page *page);
/** Begin a row with a publisher: its name, or its id where it has none, as a link to its list,
 *  and its id. */
int page_publisher_head(struct page *page, struct sillok_text name, const char *oid);
/** Tables of publishers and of kinds, with links to their lists. */
int page_publishers(struct site *site);
int page_kinds_table(struct site *site);
/** All pages of all lists: every change, by publisher, by kind. */
int page_lists(struct site *site);
/** The article of @p r: its timeline and its diffs. */
int page_article(struct site *site, const struct record *r);
/** How many revisions a page of an article holds; later ones have pages of their own. */
enum { PAGE_REVISIONS = 50, PAGE_CHANGES = 100 };
/** The page that revision @p n of an article is on, from 1. */
uint64_t page_of_revision(uint32_t n);
/** Keep what @p it tells of events, for page_crawls(). All pages of articles are there.
 */
int page_read_events(struct site *site, struct sillok_changes *it);
/** Append the section of events. */
void page_events(struct page *page);
/** Crawls and what went wrong in them. */
int page_crawls(struct site *site);

/** A table of changes: head, a row each; html_table_end(). */
void changes_begin(struct page *page, const char *caption);
void changes_row(struct page *page, const struct record *r);

/** What a kind means, in one line. */
const char *kind_meaning(int kind);
/** Append what the flags mean. */
void page_flag_table(struct page *page);

#endif
