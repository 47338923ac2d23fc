/*
 * Making a report.
 *
 *   changes --(read once, compared)--> records --> spool
 *                 |                                  |  read again when totals are known
 *                 v                                  v
 *          article/OID/AID.html            lists, overview, tables
 *
 * The page of an article is written at its first change; whether it was met before, the
 * folder itself tells. So memory holds one page, the pages of a group of lists, and
 * counts by publisher.
 */
#include "sillok/report.h"

#include "report/folder.h"
#include "report/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add_change(struct site *site, const struct sillok_change *change)
{
    struct record record;
    char file[SITE_NAME_MAX];
    int64_t at = 0;
    record_of_change(&record, change, site->options->published_zone_min);
    int r = site_article_name(file, record.oid, record.aid, 1);
    if (r < 0)
        return r;
    const int known = site_has(site, file);
    r = spool_put(&site->spool, &record, &at);
    if (r == 0)
        r = tally_add(&site->tally, &record, at, !known);
    if (r == 0 && !known)
        r = page_article(site, &record);
    return r;
}

static int read_changes(struct site *site)
{
    struct sillok_changes_options options = site->options->changes;
    struct sillok_changes *it = NULL;
    struct sillok_change change;
    options.by_significance = 0;
    options.after = NULL;
    int r = sillok_changes_open(&it, site->store, &options);
    while (r == 0 && (r = sillok_changes_next(it, &change)) > 0)
        r = add_change(site, &change);
    if (r == 0)
        r = page_read_events(site, it);
    site->counts.hidden = it ? sillok_changes_hidden(it) : 0;
    site->counts.unconfirmed = it ? sillok_changes_unconfirmed(it) : 0;
    sillok_changes_close(it);
    return r;
}

static int fill_bins(struct site *site)
{
    struct record record;
    tally_bins(&site->tally, site->options->zone_min);
    int r = spool_rewind(&site->spool);
    while (r == 0 && (r = spool_next(&site->spool, &record)) > 0) {
        tally_bin(&site->tally, &record);
        r = 0;
    }
    return r;
}

static int write_style(struct site *site)
{
    CLEANUP(buf_release) struct buf css = BUF_INIT;
    for (size_t i = 0; style_lines[i]; i++) {
        (void)buf_add_str(&css, style_lines[i]);
        (void)buf_add_char(&css, '\n');
    }
    return css.failed ? fail_memory() : site_write(site, "style.css", css.ptr, css.len);
}

static int write_parts(struct site *site)
{
    static int (*const parts[])(struct site *) = {
        write_style, read_changes,    fill_bins,        page_lists,
        page_index,  page_publishers, page_kinds_table, page_crawls,
    };
    int r = sillok_store_stats(site->store, &site->stats);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && r == 0; i++)
        r = parts[i](site);
    /* Last, so that what was cut off is no report. */
    if (r == 0)
        r = site_write(site, FOLDER_MARKER, FOLDER_MARKER_TEXT,
                       strlen(FOLDER_MARKER_TEXT));
    site->counts.changes = site->tally.changes;
    site->counts.articles = site->tally.articles;
    return r;
}

/* Of one moment: an older crawl that comes meanwhile would give the revisions of an article
 * other numbers on its page than in the lists. */
static int write_site(struct site *site)
{
    int r = sillok_store_hold(site->store);
    if (r < 0)
        return r;
    r = write_parts(site);
    sillok_store_release(site->store);
    return r;
}

int sillok_report_write(struct sillok_store *store, const char *dir,
                        const struct sillok_report_options *options,
                        struct sillok_report_counts *out)
{
    static const struct sillok_report_options defaults = SILLOK_REPORT_OPTIONS_INIT;
    struct site site = { .store = store,
                         .options = options ? options : &defaults,
                         .events = BUF_INIT };
    struct folder folder;
    memset(out, 0, sizeof(*out));
    site.title = site.options->title ? site.options->title : "What changed";
    site_name_zone(&site);
    int r = folder_open(&folder, dir, site.options->force, sillok_store_path(store));
    if (r < 0)
        return r;
    site.dir = folder.made;
    r = spool_open(&site.spool, folder.made);
    if (r == 0)
        r = write_site(&site);
    spool_close(&site.spool);
    buf_release(&site.events);
    tally_release(&site.tally);
    if (r == 0)
        r = folder_commit(&folder, &site.counts.aside);
    folder_close(&folder);
    if (r == 0)
        *out = site.counts;
    else
        free(site.counts.aside);
    return r;
}
