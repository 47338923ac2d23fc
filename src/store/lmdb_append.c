/*
 * Taking observations in: which article, which version, where in its chain
 * (lmdb_chain.c), and under which name.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct incoming {
    struct store_item *item;
    struct article_key key;
    struct article_row row; /* article 0: not there yet */
    uint64_t version;       /* 0: not there yet */
    struct obs obs;
    int in_conflict; /* other content stands at its time */
    struct sillok_text dir, name;
};

/* --- versions of an article, by digest
 * An article whose versions were looked through in this batch has them all here, so that
 * a batch with n revisions of one article does not read its chain n times. */

struct known_version {
    uint64_t article, version; /* version 0: the article's are all here */
    struct meta_digest digest;
    uint32_t prev; /* the one before under the same hash, MAP_NONE */
};

static const struct meta_digest no_digest;

static uint64_t known_hash(uint64_t article, const struct meta_digest *digest)
{
    return XXH3_64bits_withSeed(digest->bytes, META_DIGEST_BYTES, article);
}

static const struct known_version *
known_find(const struct lmdb_store *s, uint64_t article, const struct meta_digest *digest)
{
    const struct known_version *list =
        (const struct known_version *)(const void *)s->known.ptr;
    uint32_t i = map_get(&s->known_of, known_hash(article, digest));
    for (; i != MAP_NONE; i = list[i].prev)
        if (list[i].article == article &&
            memcmp(list[i].digest.bytes, digest->bytes, META_DIGEST_BYTES) == 0)
            return &list[i];
    return NULL;
}

static int known_add(struct lmdb_store *s, uint64_t article,
                     const struct meta_digest *digest, uint64_t version)
{
    const uint64_t hash = known_hash(article, digest);
    const struct known_version fresh = { .article = article,
                                         .version = version,
                                         .digest = *digest,
                                         .prev = map_get(&s->known_of, hash) };
    const uint32_t at = (uint32_t)(s->known.len / sizeof(fresh));
    const int r = buf_add(&s->known, &fresh, sizeof(fresh));
    return r < 0 ? r : map_put(&s->known_of, hash, at);
}

void known_forget(struct lmdb_store *s)
{
    buf_clear(&s->known);
    map_clear(&s->known_of);
}

static int known_load(struct lmdb_store *s, const struct article_row *row)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    const uint64_t article = row->article;
    struct version_row v;
    int r = row->is_lone ? buf_add(&links, &row->lone, sizeof(row->lone))
                         : chain_rows(s->txn, article, 0, SIZE_MAX / 2, &links);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    for (size_t i = 0; i < links.len / sizeof(*l) && r == 0; i++) {
        r = version_row_get(s->txn, l[i].version, &v);
        if (r == 0)
            r = known_add(s, article, &v.digest, l[i].version);
    }
    return r < 0 ? r : known_add(s, article, &no_digest, 0);
}

/* A version that is new; only where its article's are here. */
static int known_extend(struct lmdb_store *s, const struct incoming *in)
{
    return known_find(s, in->row.article, &no_digest)
               ? known_add(s, in->row.article, &in->item->digest, in->version)
               : 0;
}

/* A version of this article with the item's digest, from its chain. */
static int find_version(struct lmdb_store *s, struct incoming *in)
{
    struct version_row v;
    int r = version_row_get(s->txn, in->row.newest, &v);
    if (r == 0 && memcmp(v.digest.bytes, in->item->digest.bytes, META_DIGEST_BYTES) == 0)
        in->version = in->row.newest;
    if (r < 0 || in->version)
        return r;
    if (!known_find(s, in->row.article, &no_digest))
        r = known_load(s, &in->row);
    const struct known_version *known =
        r < 0 ? NULL : known_find(s, in->row.article, &in->item->digest);
    in->version = known ? known->version : 0;
    return r;
}

static int resolve(struct lmdb_store *s, struct incoming *in)
{
    const struct store_prepared *p = in->item->prepared;
    article_key_make(&in->key, in->item->article->oid, in->item->article->aid);
    in->row.article = 0;
    in->version = 0;
    const int r = article_row_get(s->txn, &in->key, &in->row);
    if (r <= 0)
        return r;
    if (p->version && p->article == in->row.article) {
        in->version = p->version;
        return 0;
    }
    return find_version(s, in);
}

static void split_path(struct incoming *in)
{
    const struct sillok_text path = in->item->path;
    in->name = text_last_part(path);
    const size_t above = path.len - in->name.len; /* with the '/' behind it */
    in->dir = text_make(path.ptr, above ? above - 1 : 0);
}

/* The path of a stored file. */
static int path_of(struct lmdb_store *s, const struct obs *o, const struct extra_row *e,
                   struct buf *path)
{
    if (e->has_name)
        return buf_add_text(path, e->name);
    struct store_version v;
    store_version_init(&v);
    int r = version_read(s, s->txn, s->codec, o->version, 0, &v);
    (void)buf_add_text(path, dir_text(s, o->dir));
    if (path->len)
        (void)buf_add_char(path, '/');
    if (r == 0)
        r = buf_add_text(path, v.name);
    store_version_release(&v);
    return r;
}

enum same_file { SAME_NOT = 0, SAME_HERE = 1, SAME_ELSEWHERE = 2 };

/* Is @p o the very file that comes in? Its bytes must be the same, and its name: in this
 * crawl the whole path; in another the last part of it, because an archive unpacked
 * elsewhere brings the same files. */
static int is_same_file(struct lmdb_store *s, const struct incoming *in,
                        const struct obs *o)
{
    const struct store_item *item = in->item;
    if (o->time_s != in->obs.time_s || o->version != in->version ||
        o->form != in->obs.form)
        return SAME_NOT;
    struct extra_row e = { 0 };
    int r = o->extra ? extra_get(s->txn, o->extra, &e) : 0;
    if (r < 0)
        return r;
    if (e.has_residue != !item->exact ||
        (e.has_residue && (e.raw_len != item->file_bytes ||
                           memcmp(e.file_digest, item->prepared->file_digest, 16) != 0)))
        return SAME_NOT;
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    r = path_of(s, o, &e, &path);
    if (r < 0)
        return r;
    const struct sillok_text stored = { path.ptr, path.len };
    if (s->crawl_no >= 0 && crawl_of_obs(s, o) == (uint32_t)s->crawl_no)
        return text_equal(stored, item->path) ? SAME_HERE : SAME_NOT;
    return text_equal(text_last_part(stored), in->name) ? SAME_ELSEWHERE : SAME_NOT;
}

/* Find the same file here or elsewhere, and whether other content stands at its time,
 * among @p here, what the article has at that time. */
static int compare_all(struct lmdb_store *s, struct incoming *in, const struct buf *here,
                       enum same_file *same)
{
    const struct obs *list = (const struct obs *)(const void *)here->ptr;
    const size_t n = here->len / sizeof(*list);
    *same = SAME_NOT;
    for (size_t i = 0; i < n; i++) {
        if (list[i].version != in->version)
            in->item->conflict = 1;
        const int r = *same == SAME_HERE ? SAME_NOT : is_same_file(s, in, &list[i]);
        if (r < 0)
            return r;
        if (r != SAME_NOT)
            *same = (enum same_file)r;
    }
    return 0;
}

/* A file of a crawl is in conflict while other content stands at its time, whichever came
 * in first: so the second content at a time is what puts the files of the first in conflict,
 * and a third finds them counted. */
static int count_conflicts(struct lmdb_store *s, struct incoming *in,
                           const struct buf *here)
{
    const struct obs *list = (const struct obs *)(const void *)here->ptr;
    const size_t n = here->len / sizeof(*list);
    int several = 0;
    for (size_t i = 1; i < n && !several; i++)
        several = list[i].version != list[0].version;
    in->in_conflict = n > 0 && (several || list[0].version != in->version);
    for (size_t i = 0; i < n && in->in_conflict && !several; i++) {
        struct store_crawl *crawl = crawl_of(s, crawl_of_obs(s, &list[i]));
        if (!crawl)
            return damaged("crawl number %u is missing", crawl_of_obs(s, &list[i]));
        crawl->conflicts++;
        crawl->changed = 1;
    }
    return 0;
}

/* Nobody writes an article a hundred times a second: such input is refused before it
 * makes every later question about the article slow. */
static int check_tie(const struct incoming *in, const struct buf *here)
{
    const struct obs *list = (const struct obs *)(const void *)here->ptr;
    uint64_t contents[TIE_MAX];
    size_t n = 0;
    for (size_t i = 0; i < here->len / sizeof(*list); i++) {
        size_t k = 0;
        if (list[i].version == in->version)
            return 0; /* it is there already */
        while (k < n && contents[k] != list[i].version)
            k++;
        if (k == n && n < TIE_MAX) /* many files may show one content */
            contents[n++] = list[i].version;
    }
    return n < TIE_MAX
               ? 0
               : fail(SILLOK_EINVALID,
                      "its article has more than %d contents at one time", TIE_MAX);
}

/* The name that was kept with a version fits most of its files; others get an extra row.
 */
static int settle_name(struct lmdb_store *s, struct incoming *in, int version_is_new)
{
    struct sillok_text odd = { NULL, 0 };
    const struct store_prepared *p = in->item->prepared;
    int same = version_is_new || (p->version == in->version && p->same_name);
    int r = 0;
    if (!same && p->version != in->version) {
        struct store_version v;
        store_version_init(&v);
        r = version_read(s, s->txn, s->codec, in->version, 0, &v);
        same = r == 0 && text_equal(v.name, in->name);
        store_version_release(&v);
    }
    if (r == 0 && same)
        r = dir_id(s, in->dir, &in->obs.dir);
    if (r < 0)
        return r;
    const int rooted = in->item->path.len && in->item->path.ptr[0] == '/';
    if (!same || rooted || (in->dir.len && !in->obs.dir)) {
        odd = in->item->path;
        if (!odd.ptr)
            odd.ptr = "";
        in->obs.dir = 0;
    }
    if (!odd.ptr && in->item->exact)
        return 0;
    return extra_put(s, odd, in->item, &in->obs.extra);
}

/* @p known: the same file stands in another crawl; then it is of this crawl too, and
 * nothing else about the store is new. */
static int record(struct lmdb_store *s, struct incoming *in, int version_is_new,
                  int known)
{
    struct store_crawl *crawl;
    const struct store_item *item = in->item;
    int r = settle_name(s, in, version_is_new);
    if (r == 0)
        r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = obs_add(s, &in->obs);
    if (r < 0)
        return r;
    struct counters *n = &s->state.counters;
    const int64_t at = in->obs.time_s;
    n->first_s = n->observations == 0 || at < n->first_s ? at : n->first_s;
    n->last_s = n->observations == 0 || at > n->last_s ? at : n->last_s;
    crawl->first_s =
        crawl->observations == 0 || at < crawl->first_s ? at : crawl->first_s;
    crawl->last_s = crawl->observations == 0 || at > crawl->last_s ? at : crawl->last_s;
    if (!known) {
        n->observations++;
        n->file_bytes += item->file_bytes;
        n->body_bytes_seen += item->prepared->body_bytes;
    }
    crawl->observations++;
    crawl->bytes += item->file_bytes;
    crawl->mismatches += item->mismatch != 0;
    crawl->conflicts += in->in_conflict != 0;
    return 0;
}

static int put_name(struct lmdb_store *s, const struct incoming *in)
{
    uint8_t k[ID_BYTES];
    if (s->format >= FORMAT_LETTERS)
        return names_add(&s->names, s->txn, in->row.article, &in->key);
    return kv_put(s->txn, T_ORDINAL, key_id(k, in->row.article),
                  article_key_text(&in->key), KV_APPEND);
}

static int append_new_article(struct lmdb_store *s, struct incoming *in)
{
    struct store_crawl *crawl;
    in->row.article = in->obs.ordinal = ++s->state.counters.articles;
    int r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = version_put(s, in->item, in->item->prepared->body, in->row.article,
                        &in->version);
    in->obs.version = in->version;
    if (r == 0)
        r = put_name(s, in);
    const struct chain_link link = { in->obs.time_s, 0, in->version,
                                     (uint32_t)s->crawl_no };
    if (r == 0)
        r = chain_begin(s, &in->key, &in->row, &link);
    if (r == 0)
        r = record(s, in, 1, 0);
    in->item->outcome = OBS_NEW_ARTICLE;
    return r;
}

/* What the step from the newest version is, was found out ahead, if that is still the
 * newest. */
static int put_class(struct lmdb_store *s, const struct incoming *in, uint64_t from)
{
    const struct store_prepared *p = in->item->prepared;
    const struct store_step step = { from, in->version };
    return p->newest == from && p->class_row.len ? class_row_put(s, &step, p->class_row)
                                                 : class_remember(s, from, in->version);
}

/* Newer than everything known of its article: the chain can only grow at its end. */
static int append_newest(struct lmdb_store *s, struct incoming *in, int version_is_new)
{
    struct store_crawl *crawl;
    int r = crawl_ensure(s, &crawl);
    in->item->outcome = OBS_UNCHANGED;
    if (r == 0 && in->version != in->row.newest) {
        const struct chain_link link = { in->obs.time_s, 0, in->version,
                                         (uint32_t)s->crawl_no };
        in->item->outcome = OBS_CHANGED;
        r = put_class(s, in, in->row.newest);
        if (r == 0)
            r = chain_extend(s, &in->key, &in->row, &link);
    }
    return r < 0 ? r : record(s, in, version_is_new, 0);
}

/* At or before a time that is known already. @p here is what the article has at its own. */
static int append_older(struct lmdb_store *s, struct incoming *in, int version_is_new,
                        int known, const struct buf *here)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    struct store_crawl *crawl;
    int grew = 0;
    int r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = chain_insert(s, &in->key, &in->row, &in->obs, here, &grew);
    const int inserted = r > 0;
    if (r >= 0)
        r = record(s, in, version_is_new, known);
    if (r == 0 && !inserted)
        r = obs_gather(s, s->txn, in->row.article, -1, &all);
    if (r == 0 && !inserted)
        r = chain_replace(s, &in->key, &in->row, &all, &grew);
    in->item->outcome = known ? OBS_ALREADY : grew ? OBS_CHANGED : OBS_UNCHANGED;
    return r;
}

static int append_known(struct lmdb_store *s, struct incoming *in)
{
    CLEANUP(buf_release) struct buf here = BUF_INIT;
    const int64_t at = in->obs.time_s;
    enum same_file same = SAME_NOT;
    in->obs.ordinal = in->row.article;
    in->obs.version = in->version;
    int r = names_flush(&s->names, s->txn); /* it may be one of them */
    if (r < 0)
        return r;
    const int older = obs_seen_since(s, s->txn, in->row.article, at);
    r = older < 0 ? older : 0;
    if (older > 0) {
        r = obs_gather_within(s, s->txn, in->row.article, at, at, &here);
        if (r == 0)
            r = compare_all(s, in, &here, &same);
        if (r == 0)
            r = check_tie(in, &here);
        if (r < 0)
            return r;
        if (same != SAME_NOT)
            in->item->conflict = 0; /* told when it came in first */
        if (same == SAME_HERE) {
            in->item->outcome = OBS_ALREADY;
            return 0;
        }
        r = count_conflicts(s, in, &here);
    }
    const int version_is_new = !in->version;
    if (r == 0 && version_is_new) {
        r = version_put(s, in->item, in->item->prepared->body, in->row.article,
                        &in->version);
        in->obs.version = in->version;
        if (r == 0)
            r = known_extend(s, in);
    }
    if (r < 0)
        return r;
    return older ? append_older(s, in, version_is_new, same == SAME_ELSEWHERE, &here)
                 : append_newest(s, in, version_is_new);
}

static int append_one(struct lmdb_store *s, struct store_item *item)
{
    if (!item->prepared || !item->prepared->body)
        return fail(SILLOK_EINVALID, "an observation needs its body to be put first");
    struct incoming in = { .item = item };
    item->conflict = 0;
    in.obs.time_s = item->article->crawled_at_s;
    in.obs.form = item->form | (item->mismatch ? OBS_MISMATCH : 0);
    split_path(&in);
    const int r = resolve(s, &in);
    if (r < 0)
        return r;
    return in.row.article ? append_known(s, &in) : append_new_article(s, &in);
}

int lmdb_obs_append(struct sillok_store *base, struct store_item *const *items, size_t n)
{
    struct lmdb_store *s = lmdb_of(base);
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = append_one(s, items[i]);
    return batch_result(s, r);
}
