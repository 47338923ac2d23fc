/*
 * A search of the store's texts, as a client asks for it.
 *
 *   q        words between blanks, "several words" in quotation marks are one piece
 *   removed  added  any_blanks  oid  from  to  limit      as `sillok find` has them
 */
#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H

#include "report/site.h"
#include "sillok/find.h"
#include "web/request.h"

struct web_search {
    struct sillok_find_options options;
    struct sillok_find *find;
    struct sillok_find_rows *rows;
    struct buf text;               /* the words, each with a zero behind it */
    size_t starts[SILLOK_FIND_WORDS_MAX], n_words;
};
#define WEB_SEARCH_INIT                                                                  \
    {                                                                                    \
        .text = BUF_INIT                                                                 \
    }

/**
 * @param s  WEB_SEARCH_INIT; web_search_release() in any case. @p q is borrowed until then
 * @param zone_min  of times without a zone
 * @return 1;  0 there is no q: nothing was asked, rows is NULL;  SILLOK_EINVALID a
 *         parameter that is none of these;  SILLOK_EBUSY, SILLOK_ESTOPPED the time for an
 *         answer is over;  as sillok_find_ask()
 */
int web_search_open(struct web_search *s, struct sillok_store *store,
                    const struct web_request *q, int zone_min);
/** As sillok_find_next(). SILLOK_EBUSY, SILLOK_ESTOPPED the time for an answer is over. */
int web_search_next(struct web_search *s, struct sillok_find_row *row);
void web_search_release(struct web_search *s);
static inline void web_search_release_cleanup(struct web_search *s)
{
    web_search_release(s);
}

/** The page: a form, and what was found. */
int web_search_page(struct site *site, const struct web_request *q, const char *file);

#endif
