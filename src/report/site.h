/*
 * The pages of a report as files, and what they share: head, navigation, links, times.
 *
 *   struct page page;
 *   page_begin(&page, site, DEPTH, title, NAV_CHANGES);
 *   ... html_*(&page.b, ...)
 *   r = page_end(&page, "changes/all.html");
 *
 * Depth is the number of folders that a page lies below the site; links are made relative
 * with it. Names of files hold letters of one case only: upper-case letters of ids have a
 * '~' before the lower-case one, for file systems that do not tell them apart.
 */
#ifndef REPORT_SITE_H
#define REPORT_SITE_H

#include "report/html.h"
#include "report/tally.h"
#include "sillok/report.h"

enum nav {
    NAV_OVERVIEW = 0,
    NAV_CHANGES = 1,
    NAV_PUBLISHERS = 2,
    NAV_KINDS = 3,
    NAV_CRAWLS = 4,
    NAV_SEARCH = 5, /* where a server answers */
    NAV_NONE = 6
};

struct site {
    struct sillok_store *store;
    const struct sillok_report_options *options;
    const char *dir; /* where files are written */
    const char *title;
    char zone[16]; /* "UTC", "UTC+09:00" */
    struct sillok_stats stats;
    struct tally tally;
    struct spool spool;
    struct buf events; /* rows of the table of events, for a page of depth 0 */
    uint64_t n_events;
    struct sillok_report_counts counts;
    /* Where pages go instead of a folder; NULL: to the folder. */
    int (*sink)(void *arg, const char *name, const void *ptr, size_t len);
    void *sink_arg;
    uint64_t only_page; /* of an article; 0: all of them */
    const char *feed;   /* what a page of a server has as one, from the top; NULL: none */
};

/** Set @c zone from the options. */
void site_name_zone(struct site *site);

/** How each page begins; a report that is replaced is told by it. */
#define SITE_PAGE_HEAD                                                                   \
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"            \
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "        \
    "style-src 'self'; img-src 'self'\">\n"
#define SITE_PAGE_META                                                                   \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"         \
    "<meta name=\"referrer\" content=\"no-referrer\">\n"                                 \
    "<meta name=\"color-scheme\" content=\"light dark\">\n"

/** Write @p dir/@p name; the folder that @p name lies in is made. */
int site_write(struct site *site, const char *name, const void *ptr, size_t len);
/** 1 when a server answers: each page can be had, and there is a search. */
int site_is_live(const struct site *site);
/** 1 when the file is there. */
int site_has(const struct site *site, const char *name);

/* --- names of files --------------------------------------------------------------------
 */

/** FOLDER/OID.2.html and the like; @p page from 1. */
enum { SITE_NAME_MAX = 320 };
int site_list_name(char out[SITE_NAME_MAX], const char *folder, struct sillok_text name,
                   uint64_t page);
/** article/OID/AID.html */
int site_article_name(char out[SITE_NAME_MAX], struct sillok_text oid,
                      struct sillok_text aid, uint64_t page);

/* --- pages -----------------------------------------------------------------------------
 */

struct page {
    struct site *site;
    struct buf b;
    int depth;
};

void page_begin(struct page *page, struct site *site, int depth, struct sillok_text title,
                enum nav nav);
int page_end(struct page *page, const char *name);
/** The title of the page @p at of @p n_pages: where there are several it says which, so that
 * the tabs and the history of a browser tell them apart. A blank one is a headline. */
void page_title(struct buf *out, struct sillok_text title, uint64_t at, uint64_t n_pages);

/** ` href="../NAME"`, with "#r@p revision" where that is not 0. */
void page_href(struct page *page, const char *name, uint32_t revision);
/** ` href="../FEED"` */
void page_href_feed(struct page *page);
/** Of a live site: a link to the file that the revision was first seen in. */
void page_file_link(struct page *page, struct sillok_text oid, struct sillok_text aid,
                    uint32_t revision);
/** A <time>, to the minute in the zone of the report. */
void page_time(struct page *page, int64_t time_s);
/** "A – B"; the day stands once where both have it. */
void page_span(struct page *page, int64_t from_s, int64_t to_s);
/** "1 change", "2 changes". */
void page_plural(struct page *page, uint64_t n, const char *one, const char *many);
/** The first kind as a badge, the others behind it. */
void page_kinds(struct page *page, uint32_t kind, uint32_t kinds, uint32_t reverted_to);
/** "number, quote", or nothing. */
void page_flags(struct page *page, uint32_t flags);
/** Links to the pages of a list; nothing where there is only one. */
void page_pager(struct page *page, const char *folder, struct sillok_text name,
                uint64_t at, uint64_t n_pages);

/** The style sheet, as lines; ends with NULL. */
extern const char *const style_lines[];

#endif
