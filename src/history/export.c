/*
 * Getting files back.
 *
 * Crawl by crawl, article by article in the order of their names, so that the same files
 * always come in the same order. Lines of NDJSON are gathered and come last in their
 * crawl, put together to the file that they were read from.
 */
#include "sillok/export.h"

#include "history/chain.h"
#include "history/paths.h"
#include "history/repeats.h"

#include "base/map.h"
#include "store/obs.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A line of NDJSON, to be put in its place when all are known. */
struct line {
    size_t name, name_len; /* into names */
    uint64_t number;
    uint64_t version;
    struct chain_obs obs;
};

struct sillok_export {
    struct sillok_store *store;
    struct sillok_export_options options;
    char *oid, *aid, *crawl;
    struct store_crawl *crawls;
    size_t n_crawls, crawl_i;
    struct buf articles; /* bits: those that the crawl has */
    int has_articles;
    struct article_key key; /* the article that is being exported */
    int in_article;
    struct buf obs; /* struct chain_obs of it */
    size_t obs_i;
    uint64_t loaded_version;
    struct store_version version;
    struct buf path, data;
    struct repeats repeats;                /* if they are asked for */
    struct map article_names, crawl_names; /* hashes of the paths given out */
    struct buf lines, names;               /* struct line */
    size_t line_i;
    int lines_sorted;
};

/* --- opening --- */

static int by_first(const void *a, const void *b)
{
    const struct store_crawl *x = a, *y = b;
    if (x->first_s != y->first_s)
        return x->first_s < y->first_s ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int check_options(struct sillok_export *it)
{
    const struct sillok_export_options *o = &it->options;
    uint64_t article;
    if (o->aid && !o->oid)
        return fail(SILLOK_EINVALID, "an article is named by publisher and article");
    it->oid = o->oid ? strdup(o->oid) : NULL;
    it->aid = o->aid ? strdup(o->aid) : NULL;
    it->crawl = o->crawl ? strdup(o->crawl) : NULL;
    if ((o->oid && !it->oid) || (o->aid && !it->aid) || (o->crawl && !it->crawl))
        return fail_memory();
    return o->aid ? article_find(it->store, o->oid, o->aid, &article) : 0;
}

static int choose_crawls(struct sillok_export *it)
{
    int r = it->store->ops->crawls(it->store, &it->crawls, &it->n_crawls);
    if (r < 0)
        return r;
    if (it->n_crawls)
        qsort(it->crawls, it->n_crawls, sizeof(*it->crawls), by_first);
    return !it->crawl || store_crawl_find(it->store, it->crawls, it->n_crawls, it->crawl)
               ? 0
               : SILLOK_ENOTFOUND;
}

static void begin_crawl(struct sillok_export *it)
{
    it->has_articles = 0;
    it->in_article = 0;
    it->key.len = 0;
    it->line_i = 0;
    it->lines_sorted = 0;
    map_clear(&it->crawl_names);
    buf_clear(&it->lines);
    buf_clear(&it->names);
    if (it->oid) /* just before the publisher's, or at the article */
        article_key_make(&it->key, text_of(it->oid), text_of(it->aid ? it->aid : ""));
}

int sillok_export_open(struct sillok_export **out, struct sillok_store *store,
                       const struct sillok_export_options *options)
{
    static const struct sillok_export_options none = SILLOK_EXPORT_OPTIONS_INIT;
    struct sillok_export *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    it->options = options ? *options : none;
    it->options.repeats &= it->options.by_visit;
    buf_init(&it->articles, BUF_CEILING);
    buf_init(&it->obs, BUF_CEILING);
    buf_init(&it->path, BUF_CEILING);
    buf_init(&it->data, BUF_CEILING);
    buf_init(&it->lines, BUF_CEILING);
    buf_init(&it->names, BUF_CEILING);
    store_version_init(&it->version);
    int r = check_options(it);
    if (r == 0)
        r = choose_crawls(it);
    if (r == 0 && it->options.repeats)
        r = repeats_begin(&it->repeats, store, it->crawls, it->n_crawls, it->crawl);
    if (r < 0) {
        sillok_export_close(it);
        return r;
    }
    begin_crawl(it);
    *out = it;
    return 0;
}

void sillok_export_close(struct sillok_export *it)
{
    if (!it)
        return;
    free(it->oid);
    free(it->aid);
    free(it->crawl);
    store_crawls_free(it->crawls, it->n_crawls);
    buf_release(&it->articles);
    buf_release(&it->obs);
    buf_release(&it->path);
    buf_release(&it->data);
    buf_release(&it->lines);
    buf_release(&it->names);
    repeats_release(&it->repeats);
    map_release(&it->article_names);
    map_release(&it->crawl_names);
    store_version_release(&it->version);
    free(it);
}

/* --- files --- */

/* A name that leaves the folder it is put into: absolute, with "..", or no name at all.
 */
static int is_unsafe(struct sillok_text name)
{
    if (name.len == 0 || name.ptr[0] == '/' || memchr(name.ptr, 0, name.len))
        return 1;
    for (size_t from = 0; from <= name.len;) {
        const char *slash = memchr(name.ptr + from, '/', name.len - from);
        const size_t end = slash ? (size_t)(slash - name.ptr) : name.len;
        const struct sillok_text part = { name.ptr + from, end - from };
        if (text_is(part, "..") || text_is(part, ".") || part.len == 0)
            return 1;
        from = end + 1;
    }
    return 0;
}

static int load_version(struct sillok_export *it, uint64_t version)
{
    if (it->loaded_version == version)
        return 0;
    it->loaded_version = 0;
    const int r = it->store->ops->version_get(it->store, version, 1, &it->version);
    if (r == 0)
        it->loaded_version = version;
    return r;
}

/* Two files of one crawl may have come under one name (an archive can hold it twice). The
 * second is called "x~2.md". Nearly all names are their article's own, OID_AID and no
 * more of a name behind it, and are forgotten with it; only the others are kept for the
 * whole crawl. So that these do not meet one that is forgotten, the article whose own
 * name they are, if there is one, is asked for it. */

/* Was a file @p path of article @p owner exported before the article that is? */
static int owner_has(struct sillok_export *it, const struct article_key *owner,
                     struct sillok_text path)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    const uint32_t crawl = it->crawls[it->crawl_i].no;
    uint64_t article;
    if (it->aid || (it->oid && !text_is(article_key_oid(owner), it->oid)) ||
        text_compare(article_key_text(owner), article_key_text(&it->key)) > 0)
        return 0;
    int r = it->store->ops->article_find(it->store, owner, &article);
    if (r > 0)
        r = it->store->ops->obs_scan_crawl(it->store, article, crawl, &all);
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    for (size_t i = 0; r == 0 && i < all.len / sizeof(*o); i++)
        if (!(o[i].form & FORM_NDJSON))
            r = path_is_of(it->store, &o[i], path);
    return r;
}

/* 1 when @p path was given out in this crawl; *own: it is the article's own name. */
static int is_taken(struct sillok_export *it, struct sillok_text path, int *own)
{
    struct article_key owner;
    const uint64_t hash = XXH3_64bits(path.ptr, path.len);
    const int owned = path_owner(&owner, path);
    *own = owned && text_equal(article_key_text(&owner), article_key_text(&it->key));
    if (map_get(&it->crawl_names, hash) != MAP_NONE)
        return 1;
    if (*own)
        return map_get(&it->article_names, hash) != MAP_NONE;
    return owned ? owner_has(it, &owner, path) : 0;
}

static int make_unique(struct sillok_export *it)
{
    const struct sillok_text path = { it->path.ptr, it->path.len };
    const struct sillok_text name = text_last_part(path);
    const char *dot = name.len ? memrchr(name.ptr, '.', name.len) : NULL;
    const size_t cut = dot ? (size_t)(dot - path.ptr) : path.len;
    CLEANUP(buf_release) struct buf free_name = BUF_INIT;
    int own, taken, r = buf_add_text(&free_name, path);
    unsigned n = 1;
    while (r == 0 &&
           (taken = is_taken(it, text_make(free_name.ptr, free_name.len), &own)) != 0) {
        buf_clear(&free_name);
        (void)buf_add(&free_name, path.ptr, cut);
        (void)buf_printf(&free_name, "~%u", ++n);
        r = taken < 0 ? taken : buf_add(&free_name, path.ptr + cut, path.len - cut);
    }
    /* A name that was made up here is not in the store, so it is kept for the crawl. */
    if (r == 0)
        r = map_put(own && n == 1 ? &it->article_names : &it->crawl_names,
                    XXH3_64bits(free_name.ptr, free_name.len), 1);
    buf_clear(&it->path);
    return r < 0 ? r : buf_add(&it->path, free_name.ptr, free_name.len);
}

static void give(struct sillok_export *it, const struct chain_obs *o,
                 struct sillok_export_file *out)
{
    *out = (struct sillok_export_file){
        .crawl = it->crawls[it->crawl_i].name,
        .name = text_make(it->path.ptr ? it->path.ptr : "", it->path.len),
        .data = text_make(it->data.ptr ? it->data.ptr : "", it->data.len),
        .article = it->version.article,
    };
    out->unsafe = is_unsafe(out->name);
    out->article.crawled_at_s = o->time_s;
    out->hash_mismatch = (o->form & OBS_MISMATCH) != 0;
    if (it->options.repeats)
        out->repeats = repeats_ask(&it->repeats, o, it->obs_i - 1, &out->first_s);
}

static int get_file(struct sillok_export *it, const struct chain_obs *o)
{
    buf_clear(&it->path);
    const int r = load_version(it, o->version);
    return r < 0 ? r
                 : it->store->ops->file_get(it->store, o, &it->version, &it->path,
                                            &it->data);
}

/* "feed.ndjson:12" */
static int keep_line(struct sillok_export *it, const struct chain_obs *o)
{
    buf_clear(&it->path);
    int r = load_version(it, o->version);
    if (r == 0)
        r = it->store->ops->file_get(it->store, o, &it->version, &it->path, NULL);
    if (r < 0)
        return r;
    struct line l = { .version = o->version, .obs = *o, .name = it->names.len };
    const char *colon = it->path.len ? memrchr(it->path.ptr, ':', it->path.len) : NULL;
    l.name_len = colon ? (size_t)(colon - it->path.ptr) : it->path.len;
    for (const char *p = colon ? colon + 1 : NULL; p && p < it->path.ptr + it->path.len;
         p++)
        l.number = l.number * 10 + (uint64_t)(*p - '0');
    r = buf_add(&it->names, it->path.ptr, l.name_len);
    return r < 0 ? r : buf_add(&it->lines, &l, sizeof(l));
}

/* --- files of one content at one moment --- */

/* Their observations stand in the order in which they came in, and that must not show. */
struct twin {
    struct chain_obs obs;
    size_t path, path_len; /* into a buffer of all of them */
    uint64_t bytes;        /* a hash of what is in the file */
};

static int compare_twins(const void *a, const void *b, void *paths)
{
    const struct twin *x = a, *y = b;
    const char *p = paths;
    const int c = text_compare(text_make(p + x->path, x->path_len),
                               text_make(p + y->path, y->path_len));
    return c ? c : x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static int add_twin(struct sillok_export *it, const struct chain_obs *o, struct buf *list,
                    struct buf *paths)
{
    int r = get_file(it, o);
    const struct twin t = { *o, paths->len, it->path.len,
                            XXH3_64bits(it->data.ptr, it->data.len) };
    if (r == 0)
        r = buf_add(list, &t, sizeof(t));
    return r < 0 ? r : buf_add(paths, it->path.ptr, it->path.len);
}

/* Put those of the crawl among @p n observations of one version and time in order. */
static int order_twins(struct sillok_export *it, struct chain_obs *o, size_t n)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT, paths = BUF_INIT;
    const uint32_t crawl = it->crawls[it->crawl_i].no;
    size_t n_mine = 0;
    int r = 0;
    for (size_t i = 0; i < n; i++)
        n_mine += o[i].crawl == crawl;
    if (n_mine < 2)
        return 0;
    for (size_t i = 0; i < n && r == 0; i++)
        if (o[i].crawl == crawl)
            r = add_twin(it, &o[i], &list, &paths);
    if (r < 0)
        return r;
    struct twin *twin = (struct twin *)(void *)list.ptr;
    qsort_r(twin, n_mine, sizeof(*twin), compare_twins, paths.ptr);
    for (size_t i = 0; i < n; i++)
        if (o[i].crawl == crawl)
            o[i] = twin++->obs;
    return 0;
}

static int order_all_twins(struct sillok_export *it)
{
    struct chain_obs *o = (struct chain_obs *)(void *)it->obs.ptr;
    const size_t n = it->obs.len / sizeof(*o);
    int r = 0;
    for (size_t i = 0, end; i < n && r == 0; i = end) {
        for (end = i + 1;
             end < n && o[end].time_s == o[i].time_s && o[end].version == o[i].version;)
            end++;
        if (end - i > 1)
            r = order_twins(it, o + i, end - i);
    }
    return r;
}

/* The next article that the crawl has: to ask all others for their observations would take
 * as long for each crawl as for all of them. */
static int next_of_crawl(struct sillok_export *it, uint64_t *article)
{
    int r = 1;
    if (!it->has_articles) {
        buf_clear(&it->articles);
        r = it->store->ops->crawl_articles(it->store, it->crawls[it->crawl_i].no,
                                           &it->articles);
        if (r < 0)
            return r;
        it->has_articles = 1;
    }
    do
        r = it->store->ops->article_next(it->store, &it->key, &it->key, article);
    while (r > 0 && !buf_bit(&it->articles, *article));
    return r;
}

/* Its visits in this crawl; what repeats another one is told by all of them. */
static int load_visits(struct sillok_export *it, uint64_t article)
{
    const struct store_ops *ops = it->store->ops;
    return it->options.repeats
               ? ops->obs_scan(it->store, article, &it->obs)
               : ops->obs_scan_crawl(it->store, article, it->crawls[it->crawl_i].no,
                                     &it->obs);
}

/* 1 the next article that is wanted, with its observations. */
static int next_article(struct sillok_export *it)
{
    uint64_t article;
    int r;
    if (it->aid) {
        if (it->in_article)
            return 0;
        r = it->store->ops->article_find(it->store, &it->key, &article);
    } else {
        r = next_of_crawl(it, &article);
        if (r > 0 && it->oid && !text_is(article_key_oid(&it->key), it->oid))
            return 0;
    }
    it->in_article = 1;
    it->obs_i = 0;
    map_clear(&it->article_names);
    buf_clear(&it->obs);
    if (r > 0) {
        int rr = load_visits(it, article);
        if (rr == 0)
            rr = order_all_twins(it);
        if (rr == 0 && it->options.repeats)
            rr = repeats_load(&it->repeats, it->crawls[it->crawl_i].no,
                              (const struct chain_obs *)(const void *)it->obs.ptr,
                              it->obs.len / sizeof(struct chain_obs));
        r = rr < 0 ? rr : 1;
    }
    return r;
}

static int next_file(struct sillok_export *it, struct sillok_export_file *out)
{
    const uint32_t crawl = it->crawls[it->crawl_i].no;
    for (;;) {
        const struct chain_obs *o = (const struct chain_obs *)(const void *)it->obs.ptr;
        while (it->in_article && it->obs_i < it->obs.len / sizeof(*o)) {
            const struct chain_obs *this = &o[it->obs_i++];
            if (this->crawl != crawl)
                continue;
            const int line = (this->form & FORM_NDJSON) != 0 && !it->options.by_visit;
            int r = line ? keep_line(it, this) : get_file(it, this);
            if (r == 0 && !line)
                r = make_unique(it);
            if (r < 0)
                return r;
            if (!line) {
                give(it, this, out);
                return 1;
            }
        }
        const int r = next_article(it);
        if (r <= 0)
            return r;
    }
}

static int compare_lines(const void *a, const void *b, void *names)
{
    const struct line *x = a, *y = b;
    const char *n = names;
    const int c = text_compare(text_make(n + x->name, x->name_len),
                               text_make(n + y->name, y->name_len));
    if (c)
        return c;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The line that was added last to the file that is being put together. */
struct last_line {
    uint64_t number;
    size_t start, end; /* of its shortest form that has an end; 0: none has */
};

/* A line may be the last one, without an end or with blanks behind it, and be another when
 * the file is taken in again after it has grown: that is one line, whose longest form holds
 * only where no other follows. */
static int add_line(struct buf *whole, struct last_line *last, uint64_t number,
                    struct sillok_text line)
{
    const int is_again = whole->len && last->number == number;
    const struct sillok_text before =
        is_again ? text_make(whole->ptr + last->start, whole->len - last->start)
                 : text_make("", 0);
    const size_t end = line.len && line.ptr[line.len - 1] == '\n'
                           ? whole->len - before.len + line.len
                           : 0;
    const size_t shorter = before.len < line.len ? before.len : line.len;
    if (is_again && memcmp(line.ptr, before.ptr, shorter) == 0 &&
        text_equal(text_trim(before, " \t\r\n"), text_trim(line, " \t\r\n"))) {
        if (end && (!last->end || end < last->end))
            last->end = end;
        if (line.len <= before.len)
            return 0;
        whole->len = last->start;
        return buf_add_text(whole, line);
    }
    int r = 0;
    if (whole->len && last->end)
        whole->len = last->end;
    else if (whole->len)
        r = buf_add_char(whole, '\n');
    const size_t start = whole->len;
    if (r == 0)
        r = buf_add_text(whole, line);
    *last = (struct last_line){ number, start, end ? whole->len : 0 };
    return r;
}

static int next_lines(struct sillok_export *it, struct sillok_export_file *out)
{
    struct line *list = (struct line *)(void *)it->lines.ptr;
    const size_t n = it->lines.len / sizeof(*list);
    if (!it->lines_sorted && n)
        qsort_r(list, n, sizeof(*list), compare_lines, it->names.ptr);
    it->lines_sorted = 1;
    if (it->line_i == n)
        return 0;
    CLEANUP(buf_release) struct buf whole = BUF_INIT;
    struct last_line last = { 0, 0, 0 };
    const struct line *first = &list[it->line_i];
    const struct sillok_text name = { it->names.ptr + first->name, first->name_len };
    int r = 0;
    while (r == 0 && it->line_i < n) {
        const struct line *l = &list[it->line_i];
        if (!text_equal(name, text_make(it->names.ptr + l->name, l->name_len)))
            break;
        r = get_file(it, &l->obs);
        if (r == 0)
            r = add_line(&whole, &last, l->number, buf_text(&it->data));
        it->line_i++;
    }
    if (r == 0)
        r = load_version(it, first->version);
    const struct buf swap = it->data;
    it->data = whole;
    whole = swap;
    buf_clear(&it->path);
    if (r == 0)
        r = buf_add_text(&it->path, name);
    give(it, &first->obs, out);
    return r < 0 ? r : 1;
}

static int next(struct sillok_export *it, struct sillok_export_file *out)
{
    for (; it->crawl_i < it->n_crawls; it->crawl_i++, begin_crawl(it)) {
        if (it->crawl && strcmp(it->crawls[it->crawl_i].name, it->crawl) != 0)
            continue;
        int r = it->lines_sorted ? 0 : next_file(it, out);
        if (r == 0)
            r = next_lines(it, out);
        if (r != 0)
            return r;
    }
    return 0;
}

/* One view for all that a file is put together from, and none while the caller has it. */
int sillok_export_next(struct sillok_export *it, struct sillok_export_file *out)
{
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = next(it, out);
    it->store->ops->view_release(it->store);
    return r;
}
