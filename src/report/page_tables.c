/* Which publishers, which kinds: tables that lead to the lists. */
#include "report/pages.h"

const char *kind_meaning(int kind)
{
    static const char *const meanings[SILLOK_N_KINDS] = {
        [SILLOK_KIND_REVERTED] = "Title and text equal an earlier revision again.",
        [SILLOK_KIND_HEADLINE] = "The headline changed.",
        [SILLOK_KIND_EMPTIED] =
            "Hardly any text is left, or none that can be read: withdrawn, or a bad crawl.",
        [SILLOK_KIND_COSMETIC] = "Only blanks, punctuation or quotation marks changed.",
        [SILLOK_KIND_CORRECTION] = "A notice of correction came.",
        [SILLOK_KIND_BYLINE] = "Only the reporter's name or boilerplate changed.",
        [SILLOK_KIND_ADDED] = "Words or sentences came, none went.",
        [SILLOK_KIND_REMOVED] = "Words or sentences went, none came.",
        [SILLOK_KIND_REWRITTEN] = "Much of the text was replaced.",
        [SILLOK_KIND_NUMBER] = "Numbers changed.",
        [SILLOK_KIND_TYPO] = "A few letters were put right.",
        [SILLOK_KIND_WORD] = "One or two words were replaced.",
        [SILLOK_KIND_WORDING] = "The wording changed in several places.",
        [SILLOK_KIND_METADATA] = "Neither headline nor text: category, address, time.",
    };
    return meanings[kind];
}

static const char *flag_meaning(int flag)
{
    static const char *const meanings[SILLOK_N_FLAGS] = {
        "A number is another one.",
        "Words within a quotation changed.",
        "A name seems to be another one.",
        "A sentence stands elsewhere.",
        "A “not” came or went.",
        "Two contents were seen at one time; both are kept.",
        "The texts were too large to be compared word by word.",
        "Of the headline only a mark such as (종합), [속보] changed.",
        "Of the headline only blanks, punctuation or quotation marks changed.",
        "The publisher's own time of editing stayed as it was.",
        "The publisher's own time of editing changed with it.",
        "Only one visit saw the article empty so far.",
        "In part the crawler or the site made it, in many articles; that part is not counted.",
        "The hash in its files is not that of the text: damaged, perhaps, and no edit.",
        "A word became its opposite: 유죄, 무죄.",
    };
    return meanings[flag];
}

void page_flag_table(struct page *page)
{
    struct buf *b = &page->b;
    html_raw(b,
             "<h2>Flags</h2>\n<p class=\"quiet\">What else stands behind a change, after "
             "its revisions.</p>\n");
    html_table(b, "figures flags", "Flags", "Flag|Meaning");
    for (int f = 0; f < SILLOK_N_FLAGS; f++) {
        html_raw(b, "<tr><th scope=\"row\">");
        page_flags(page, 1u << f);
        html_raw(b, "</th><td class=\"prose\">");
        html_str(b, flag_meaning(f));
        html_raw(b, "</td></tr>\n");
    }
    html_table_end(b);
}

int page_publisher_head(struct page *page, struct sillok_text name, const char *oid)
{
    struct buf *b = &page->b;
    char file[SITE_NAME_MAX];
    const int r = site_list_name(file, "publisher", text_of(oid), 1);
    if (r < 0)
        return r;
    html_raw(b, "<tr><th scope=\"row\"><a");
    page_href(page, file, 0);
    html_lang(b, name);
    html_raw(b, ">");
    html_cut(b, name.len ? name : text_of(oid), 60);
    html_raw(b, "</a> <span class=\"also\">");
    html_str(b, oid);
    html_raw(b, "</span></th>");
    return 0;
}

int page_publishers(struct site *site)
{
    const struct tally *t = &site->tally;
    struct page page;
    struct buf *b = &page.b;
    int r = 0;
    page_begin(&page, site, 0, text_of("Publishers"), NAV_PUBLISHERS);
    html_raw(b, "<h1>Publishers</h1>\n<p class=\"lead\">");
    page_plural(&page, t->n_publishers, "publisher", "publishers");
    html_raw(b, " changed an article; in the order of their ids.</p>\n");
    html_table(b, "figures", "Publishers with changes, in the order of their ids",
               "Publisher|#Changes|#Changed articles|#Changed headlines");
    for (size_t i = 0; i < t->n_publishers && r == 0; i++) {
        const struct tally_publisher *p = &t->publishers[i];
        r = page_publisher_head(&page, text_of(p->name), p->oid);
        html_figure(b, p->changes);
        html_figure(b, p->articles);
        html_figure(b, p->headlines);
        html_raw(b, "</tr>\n");
    }
    html_table_end(b);
    if (r < 0) {
        buf_release(b);
        return r;
    }
    return page_end(&page, "publishers.html");
}

static void add_kind(struct page *page, int kind)
{
    const struct tally *t = &page->site->tally;
    struct buf *b = &page->b;
    const char *name = sillok_kind_name((enum sillok_kind)kind);
    char file[SITE_NAME_MAX];
    html_raw(b, "<tr><th scope=\"row\">");
    if (t->with_kinds[kind]) {
        b->failed |= site_list_name(file, "kind", text_of(name), 1) < 0;
        html_raw(b, "<a");
        page_href(page, file, 0);
        html_raw(b, ">");
        html_str(b, name);
        html_raw(b, "</a>");
    } else
        html_str(b, name);
    html_raw(b, "</th><td class=\"prose\">");
    html_str(b, kind_meaning(kind));
    html_raw(b, "</td>");
    html_figure(b, t->first_kinds[kind]);
    html_figure(b, t->with_kinds[kind]);
    html_raw(b, "</tr>\n");
}

int page_kinds_table(struct site *site)
{
    struct page page;
    struct buf *b = &page.b;
    page_begin(&page, site, 0, text_of("Kinds of change"), NAV_KINDS);
    html_raw(b, "<h1>Kinds of change</h1>\n<p class=\"lead\">Each change has one kind, "
                "the first rule that fits, and may have others besides. The lists have "
                "every change that is of the kind, first or besides. ");
    page_left_out(&page);
    html_raw(b, "</p>\n");
    html_table(b, "figures kinds", "Kinds of change", "Kind|Meaning|#As first|#In all");
    for (int k = 0; k < SILLOK_N_KINDS; k++)
        add_kind(&page, k);
    html_table_end(b);
    page_flag_table(&page);
    return page_end(&page, "kinds.html");
}
