/* Answers by route; each fills @p a, or says why not. SILLOK_ENOTFOUND is 404,
 * SILLOK_EINVALID 400, SILLOK_EBUSY 503. */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "web/web.h"

/** What answers stand on. */
struct web_site {
    struct sillok_store *store;
    const struct web_options *options;
    const char *url; /* of the server, without a slash at the end */
};

/** Pages that a browser shows, and the style sheet. 1 done, 0 no such page. */
int web_page(struct web_site *s, const struct web_request *q, struct web_response *a);
/** Atom feeds: RFC 4287. */
int web_feed(struct web_site *s, const struct web_request *q, struct web_response *a);
/** TimeGate, TimeMap, mementos: RFC 7089. */
int web_memento(struct web_site *s, const struct web_request *q, struct web_response *a);
/** CDX server queries of one URL. */
int web_cdx(struct web_site *s, const struct web_request *q, struct web_response *a);
/** Figures for Prometheus. */
int web_metrics(struct web_site *s, const struct web_request *q, struct web_response *a);

/** For lists that may end before they have all they could. */
struct web_window {
    int (*stop)(void *arg); /* not 0: no time is left to look further back */
    void *arg;
    int64_t since_s; /* [out] what is before that was not looked at; 0: all was */
};
/** Set from_s and to_s of the options of a newest-first list, so that it has as many rows
 *  as without them, or all; with @p w fewer, where time is short: those since w->since_s. */
int web_narrow(struct sillok_store *store, struct sillok_changes_options *o,
               struct web_window *w);
/** 1 when many articles of one publisher have the same in one crawl, of a kind that was asked
 *  for, which is left out of the list, or time is too short to say; 0; or an error. How many
 *  there are depends on how far back the list has looked: what counts is whether there are
 *  any, for else it would seem that nothing had happened to those articles. */
int web_has_folded(struct sillok_changes *it);
/** Value of "to", a time in this zone where it does not say: 0 or SILLOK_EINVALID. */
int web_param_to(const struct web_request *q, int zone_min, int64_t *out);

/** "OID/AID" off a path, to its end, less @p suffix. SILLOK_ENOTFOUND: it is none. */
int web_article_of(struct sillok_ref *out, const char *path, const char *suffix);
/** An address that is asked for: how it came, and the same without escapes. */
struct web_address {
    const char *raw, *decoded;
};
/** The article whose address this is: one that ends in /OID/AID and says so in its newest
 *  revision. @p url [out] what that says, without a fragment. */
int web_article_at(struct web_site *s, struct sillok_ref *out,
                   const struct web_address *asked, struct buf *url);
/** The same for an address that any of its revisions had: it goes through all of them. */
int web_article_once_at(struct web_site *s, const struct web_request *q,
                        struct sillok_ref *out, const struct web_address *asked,
                        struct buf *url);

#endif
