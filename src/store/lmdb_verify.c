/*
 * Checking the store against itself, in slices of one read transaction each, so that a
 * writer may go on and old pages come free meanwhile.
 *
 * Pass by pass
 *   pages      each page in use is what was written, table by table; both copies of each
 *              dictionary are the same
 *   versions   the record reads, the body has its hash, the digest fits both
 *   bodies     those that no version led to
 *   hashes     every record leads to a body with that hash, and there are as many
 *   articles   key and number lead to each other; the chain, the newest version and the
 *              log are what the observations say; files with a residue give their bytes
 *   log        as many rows as there are changes
 *   class      every row reads; what it says, by the present rules, is what its two
 *              versions say. Rows may be missing: they are a cache
 *   crawls     their figures are what their observations and revisions say
 *   refusals   as many as were counted, read, and their bytes unpack
 */
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 512 };

enum pass {
    P_PAGES,
    P_VERSIONS,
    P_BODIES,
    P_HASHES,
    P_ARTICLES,
    P_LOG,
    P_CLASS,
    P_CRAWLS,
    P_REFUSALS,
    N_PASSES
};
static const char *const pass_names[N_PASSES] = { "page",  "version", "body",
                                                  "hash",  "article", "log",
                                                  "class", "crawl",   "refusal" };

struct finding {
    const char *table;
    char *what;
};

struct sillok_verify {
    struct sillok_store *store; /* first: how sillok/audit.h finds the engine */
    struct sillok_verify_options options;
    struct hasher *hasher;
    struct store_version version;
    struct buf body;
    struct crawl_tallies tallies;
    enum pass pass;
    uint64_t at, checked, total;
    int left_out;     /* the row that was looked at last: it is another part's */
    uint64_t commits; /* counters.commits when the check began */
    uint64_t revisions;
    uint64_t body_rows;  /* of the bodies that were looked at, with their parts */
    int rows_unread;     /* not all of them could be */
    uint64_t unfindable; /* bodies whose place in the table of hashes is damaged */
    struct buf seen;     /* bits: bodies that a version led to */
    struct buf cursor;   /* classes, refusals */
    struct finding *findings;
    size_t n_findings, next_finding;
    char *told; /* borrowed by the caller until the next call */
};

/* --- findings --- */

static int found(struct sillok_verify *it, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int found(struct sillok_verify *it, const char *fmt, ...)
{
    struct finding *list = realloc(it->findings, (it->n_findings + 1) * sizeof(*list));
    if (!list)
        return fail_memory();
    it->findings = list;
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    char *what = strdup(text);
    if (!what)
        return fail_memory();
    list[it->n_findings++] = (struct finding){ pass_names[it->pass], what };
    return 0;
}

/* Damage is noted and the check goes on; anything else ends it. */
static int note(struct sillok_verify *it, int r, const char *what)
{
    if (r != SILLOK_ECORRUPT)
        return r < 0 ? r : 0;
    const struct sillok_text why = damage_told();
    return found(it, "%s: %.*s", what, (int)why.len, why.ptr);
}

static int in_subset(const struct sillok_verify *it, uint64_t id)
{
    return it->options.subsets < 2 || id % it->options.subsets == it->options.subset - 1;
}

/* 1 when the row is another part's, and then not counted as checked. */
static int leave_out(struct sillok_verify *it, uint64_t id)
{
    it->left_out = !in_subset(it, id);
    return it->left_out;
}

/* --- pages --- */

struct page_check {
    struct sillok_verify *it;
    int table;
};

/* A key as people may look for it: numbers as such, names as they are. */
static void add_key(struct buf *out, int table, struct sillok_text key)
{
    const uint8_t *p = (const uint8_t *)key.ptr;
    if (table == T_ARTICLE) {
        struct article_key k = { .len = key.len < ARTICLE_KEY_MAX ? key.len : 0 };
        memcpy(k.bytes, key.ptr, k.len);
        const struct sillok_text oid = article_key_oid(&k), aid = article_key_aid(&k);
        (void)buf_printf(out, "%.*s/%.*s", (int)oid.len, oid.ptr, (int)aid.len, aid.ptr);
    } else if (table == T_META) {
        (void)buf_printf(out, "%.*s", (int)key.len, key.ptr);
    } else if (key.len == ID_BYTES || key.len == 4) {
        (void)buf_printf(out, "%llu", (unsigned long long)get_be(p, (int)key.len));
    } else {
        for (size_t i = 0; i < key.len && i < 20; i++)
            (void)buf_printf(out, "%02x", p[i]);
    }
}

static int take_page(void *arg, const struct kv_damage *d)
{
    const struct page_check *c = arg;
    CLEANUP(buf_release) struct buf keys = BUF_INIT;
    const char *table =
        c->table < 0 ? "the list of tables or of free pages" : lmdb_table_name(c->table);
    if (d->low.ptr) {
        (void)buf_add_str(&keys, ", from ");
        add_key(&keys, c->table, d->low);
    }
    if (d->high.ptr) {
        (void)buf_add_str(&keys, d->low.ptr ? " to " : ", up to ");
        add_key(&keys, c->table, d->high);
    }
    if (buf_add_char(&keys, '\0') < 0 || keys.failed)
        return fail_memory();
    char name[DATA_NAME_BYTES];
    lmdb_data_name(name, lmdb_of(c->it->store)->generation);
    return found(c->it, "page %llu of %s (%s%s) is not what was written%s",
                 (unsigned long long)d->page, name, table, keys.ptr,
                 c->table >= T_HASH ? " (reindex mends this)" : "");
}

static int take_dict(void *arg, const char *what)
{
    return found(arg, "%s", what);
}

static int check_pages(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it,
                       int table)
{
    struct page_check c = { it, table };
    if (it->options.fast)
        return 0;
    int r = note(it, kv_check(txn, table, take_page, &c), "the pages");
    if (r == 0 && table == T_DICT)
        r = note(it, dicts_check(txn, s->state.counters.dicts, take_dict, it),
                 "the dictionaries");
    return r;
}

/* --- versions and bodies --- */

static const char *article_name(const struct sillok_article *a, char out[140])
{
    snprintf(out, 140, "%.*s/%.*s", (int)a->oid.len, a->oid.ptr, (int)a->aid.len,
             a->aid.ptr);
    return out;
}

static int check_version(struct lmdb_store *s, struct kv_txn *txn,
                         struct sillok_verify *it, uint64_t version)
{
    struct version_row row;
    char name[140], what[200], hex[SILLOK_ID_HEX_LEN + 1];
    struct store_version *v = &it->version;
    struct sillok_id id;
    struct meta_digest digest;
    snprintf(what, sizeof(what), "version number %llu", (unsigned long long)version);
    int r = version_row_get(txn, version, &row);
    if (r < 0)
        return note(it, r, what);
    if (row.body / 8 < it->seen.len)
        buf_set_bit(&it->seen, row.body);
    struct article_key key;
    r = article_key_read(txn, row.article, &key);
    if (r < 0)
        return note(it, r, what);
    const struct sillok_article named = { .oid = article_key_oid(&key),
                                          .aid = article_key_aid(&key) };
    snprintf(what, sizeof(what), "%s (version number %llu)", article_name(&named, name),
             (unsigned long long)version);
    r = version_read(s, txn, s->codec, version, !it->options.fast, v);
    if (r < 0 || it->options.fast)
        return note(it, r, what);
    r = hasher_of(it->hasher, v->article.body, &id);
    if (r == 0)
        r = meta_digest_of(&digest, it->hasher, &v->article);
    if (r < 0)
        return r;
    sillok_id_format(&v->article.content_hash, hex);
    if (!sillok_id_equal(&id, &v->article.content_hash))
        return found(it, "%s: body %s does not have its hash any more", what, hex);
    if (memcmp(digest.bytes, v->digest.bytes, META_DIGEST_BYTES) != 0)
        return found(
            it, "%s: its title or metadata is not what was stored (body %s is whole)",
            what, hex);
    return 0;
}

static int check_body(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it,
                      uint64_t body)
{
    struct sillok_id id, seen;
    uint64_t other;
    char what[64], hex[SILLOK_ID_HEX_LEN + 1];
    uint8_t key[ID_BYTES];
    struct sillok_text v;
    const int known = buf_bit(&it->seen, body);
    snprintf(what, sizeof(what), "body number %llu", (unsigned long long)body);
    int r = kv_get(txn, T_BODY, key_id(key, body), &v);
    it->rows_unread |= r < 0;
    if (r == 0 || (r == SILLOK_ECORRUPT && known))
        return 0; /* a version that needs it has said so */
    if (r < 0)
        return note(it, r, what);
    struct body_row row;
    r = body_row_get(txn, body, &row);
    it->rows_unread |= r < 0;
    if (r < 0)
        return note(it, r, what);
    it->body_rows += 1 + row.n_parts;
    sillok_id_format(&row.id, hex);
    r = body_lookup(s, txn, &row.id, &other);
    if (r == SILLOK_ECORRUPT) { /* told once for all of them: the body itself is whole */
        it->unfindable++;
        other = body;
        r = 1;
    }
    if (r == 0 || (r > 0 && other != body))
        r = found(it, "body %s cannot be found by its hash (reindex mends this)", hex);
    if (r < 0 || known || it->options.fast)
        return note(it, r, what);
    buf_clear(&it->body);
    r = body_read(s, txn, s->codec, body, &it->body, &id);
    if (r == 0)
        r = hasher_of(it->hasher, text_make(it->body.ptr, it->body.len), &seen);
    if (r == 0 && !sillok_id_equal(&id, &seen))
        return found(it, "body %s does not have its hash any more", hex);
    return note(it, r, what);
}

/* --- articles --- */

static int check_files(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it,
                       const struct obs *list, size_t n, const char *what)
{
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct chain_obs o = { list[i].time_s, list[i].version, 0,
                                     list[i].dir,    list[i].form,    list[i].extra };
        if (!o.extra || it->options.fast)
            continue;
        r = version_read(s, txn, s->codec, o.version, 1, &it->version);
        if (r == 0)
            r = obs_file_read(s, txn, &o, &it->version, &path, &it->body);
        r = note(it, r, what);
    }
    return r;
}

static int tally_chain(struct lmdb_store *s, struct sillok_verify *it,
                       const struct obs *list, size_t n, const struct chain_link *links,
                       size_t n_links)
{
    for (size_t i = 0; i < n; i++) {
        struct crawl_tally *t = crawl_tally(&it->tallies, crawl_of_obs(s, &list[i]));
        if (!t)
            return fail_memory();
        t->observations++;
        t->mismatches += (list[i].form & OBS_MISMATCH) != 0;
    }
    it->revisions += n_links;
    return crawl_tally_links(&it->tallies, links, n_links);
}

static int has_log_rows(struct kv_txn *txn, uint64_t article,
                        const struct chain_link *links, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint8_t key[LOG_KEY_BYTES];
        struct sillok_text v;
        key_time(key, links[i].first_s);
        put_be(key + TIME_BYTES, article, ID_BYTES);
        put_be(key + TIME_BYTES + ID_BYTES, links[i].tie, TIE_BYTES);
        const int r = kv_get(txn, T_LOG, text_make((const char *)key, sizeof(key)), &v);
        if (r <= 0)
            return r;
    }
    return 1;
}

/* What is derived of an article, against what its observations say. */
static int check_derived(const struct lmdb_store *s, struct kv_txn *txn,
                         struct sillok_verify *it, uint64_t article,
                         const struct article_key *key, const struct buf *derived,
                         const char *what)
{
    CLEANUP(buf_release) struct buf stored = BUF_INIT;
    struct article_row row = { 0 };
    const struct chain_link *links =
        (const struct chain_link *)(const void *)derived->ptr;
    const size_t n = derived->len / sizeof(*links);
    int r = article_row_get(txn, key, &row);
    if (r < 0)
        return note(it, r, what);
    if (r == 0 || row.article != article)
        return found(it, "%s: cannot be found by its key (reindex mends this)", what);
    r = chain_rows(txn, article, 0, SIZE_MAX / 2, &stored);
    if (r < 0)
        return note(it, r, what);
    /* The row may be right as far as it goes, and rows of the table rev be left over. */
    if (chain_is_lone(s, n) ? stored.len > 0 : !chain_equal(derived, &stored))
        r = found(it,
                  "%s: its chain is not what its observations say (reindex mends this)",
                  what);
    if (r == 0 && n > 0 && !article_row_fits(s, &row, article, links, n))
        r = found(it, "%s: its row is not what its observations say (reindex mends this)",
                  what);
    if (r < 0)
        return r;
    r = has_log_rows(txn, article, links, n);
    if (r < 0)
        return note(it, r, what);
    return r ? 0
             : found(it, "%s: a change is missing in the log (reindex mends this)", what);
}

/* Crawls and the log are counted by what the observations say, whatever is derived. */
static int check_article(struct lmdb_store *s, struct kv_txn *txn,
                         struct sillok_verify *it, uint64_t article)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT, derived = BUF_INIT;
    struct article_key key;
    char name[140], what[160];
    snprintf(what, sizeof(what), "article number %llu", (unsigned long long)article);
    int r = article_key_read(txn, article, &key);
    if (r < 0)
        return note(it, r, what);
    const struct sillok_article a = { .oid = article_key_oid(&key),
                                      .aid = article_key_aid(&key) };
    snprintf(what, sizeof(what), "%s", article_name(&a, name));
    r = obs_gather(s, txn, article, -1, &all);
    struct obs *list = (struct obs *)(void *)all.ptr;
    const size_t n = all.len / sizeof(*list);
    if (r == 0)
        r = chain_derive(s, txn, list, n, &derived);
    if (r == SILLOK_EINVALID) /* of a program of before; nobody can be told more of it */
        return found(it, "%s: it has more than %d contents at one time", what, TIE_MAX);
    if (r < 0)
        return note(it, r, what);
    if (n == 0)
        return found(it, "%s: its observations are missing", what);
    r = tally_chain(s, it, list, n, (const struct chain_link *)(const void *)derived.ptr,
                    derived.len / sizeof(struct chain_link));
    if (r == 0)
        r = check_derived(s, txn, it, article, &key, &derived, what);
    return r < 0 ? r : check_files(s, txn, it, list, n, what);
}

/* --- the rest --- */

static int check_counts(struct lmdb_store *s, struct kv_txn *txn,
                        struct sillok_verify *it, int table, uint64_t want)
{
    struct kv_stats t;
    int r = kv_table_stats(txn, table, &t);
    if (r == 0 && table == T_HASH)
        r = hashes_count(s, txn, &t.rows);
    if (r < 0)
        return note(it, r, pass_names[it->pass]);
    /* Counted over the time of the check: only a store at rest can be told. */
    if (it->options.subsets > 1 || s->state.counters.commits != it->commits ||
        t.rows == want)
        return 0;
    return found(it, "table '%s' has %llu rows, %llu are expected", pass_names[it->pass],
                 (unsigned long long)t.rows, (unsigned long long)want);
}

/* Parts whose body is not there, or has fewer. */
static int check_parts(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it)
{
    struct kv_stats t;
    const int r = kv_table_stats(txn, T_BODY, &t);
    if (r < 0)
        return note(it, r, pass_names[it->pass]);
    if (it->options.subsets > 1 || s->state.counters.commits != it->commits ||
        it->rows_unread || t.rows <= it->body_rows)
        return 0;
    return found(it, "%llu rows of the table 'body' belong to no body",
                 (unsigned long long)(t.rows - it->body_rows));
}

static int check_class_row(struct lmdb_store *s, struct kv_txn *txn,
                           struct sillok_verify *it, struct sillok_text k,
                           struct sillok_text v)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct class_row stored;
    struct sillok_change_class what;
    struct version_row version;
    struct article_key key;
    char name[140], text[200];
    if (k.len != CLASS_KEY_BYTES)
        return found(it, "a row's key has %zu bytes (reindex mends this)", k.len);
    const uint8_t *p = (const uint8_t *)k.ptr;
    const struct store_step step = { get_be(p + ID_BYTES, ID_BYTES),
                                     get_be(p, ID_BYTES) };
    if (leave_out(it, step.to))
        return 0;
    snprintf(text, sizeof(text), "the class of version number %llu (reindex mends this)",
             (unsigned long long)step.to);
    int r = class_decode(&stored, v);
    if (r < 0 || it->options.fast || stored.rules != SILLOK_RULES_VERSION)
        return note(it, r, text);
    r = version_row_get(txn, step.to, &version);
    if (r == 0)
        r = article_key_read(txn, version.article, &key);
    if (r == 0)
        r = class_compute(s, txn, s->codec, &step, &row, &what);
    if (r <= 0) /* a version that cannot be read has been told of */
        return r == SILLOK_ECORRUPT ? 0 : r;
    const struct sillok_article a = { .oid = article_key_oid(&key),
                                      .aid = article_key_aid(&key) };
    return text_equal(v, text_make(row.ptr, row.len))
               ? 0
               : found(it,
                       "%s: its change to version number %llu is not what is stored "
                       "(reindex mends this)",
                       article_name(&a, name), (unsigned long long)step.to);
}

/* 1 a row was checked, 0 there are no more. */
static int check_class(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    const struct sillok_text last = { it->cursor.ptr, it->cursor.len };
    if (s->format < FORMAT_SEALED)
        return 0;
    int r = kv_cursor_open(&c, txn, T_CLASS);
    if (r == 0)
        r = kv_after(c, last, &k, &v);
    if (r <= 0) /* what cannot be read cannot be stepped over either */
        return note(it, r, "a table that reindex makes anew");
    r = check_class_row(s, txn, it, k, v);
    buf_clear(&it->cursor);
    if (r == 0)
        r = buf_add_text(&it->cursor, k);
    return r < 0 ? r : 1;
}

static int check_crawl(struct lmdb_store *s, struct sillok_verify *it, uint64_t i)
{
    const struct store_crawl *c =
        (const struct store_crawl *)(const void *)s->state.crawls.ptr + i;
    const struct crawl_tally *t = crawl_tally(&it->tallies, c->no);
    if (!t)
        return fail_memory();
    it->left_out = it->options.subsets > 1; /* its observations are those of all parts */
    if (it->left_out || s->state.counters.commits != it->commits ||
        (t->observations == c->observations && t->first_revisions == c->first_revisions &&
         t->later_revisions == c->later_revisions && t->mismatches == c->mismatches))
        return 0;
    return found(it, "crawl '%s': its figures are not what its observations say",
                 c->name);
}

/* 1 a refusal was checked, 0 there are no more. */
static int check_refusal(struct lmdb_store *s, struct kv_txn *txn,
                         struct sillok_verify *it)
{
    struct sillok_refusal refusal;
    CLEANUP(buf_release) struct buf record = BUF_INIT;
    char key[33] = "";
    int r = refusal_next(s, txn, &it->cursor, &record, &refusal, key);
    if (r == 0)
        return 0;
    if (r > 0) {
        buf_clear(&it->body);
        r = refusal_read(s, txn, key, &it->body);
    }
    char what[64];
    snprintf(what, sizeof(what), "refusal %s", key);
    /* A row that cannot be read cannot be stepped over either. */
    const int stuck = r < 0 && !key[0];
    r = note(it, r, what);
    return r < 0 ? r : !stuck;
}

/* --- the run --- */

static uint64_t pass_length(const struct lmdb_store *s, enum pass pass)
{
    const struct counters *n = &s->state.counters;
    switch (pass) {
    case P_VERSIONS:
        return n->versions;
    case P_BODIES:
        return n->bodies;
    case P_ARTICLES:
        return n->articles;
    case P_CRAWLS:
        return s->state.crawls.len / sizeof(struct store_crawl);
    case P_PAGES:
        return (uint64_t)lmdb_n_tables(s->format) + 1;
    case P_HASHES:
    case P_LOG:
        return 1;
    case P_CLASS: /* it ends where the rows end */
        return UINT64_MAX;
    case P_REFUSALS:
    case N_PASSES:
    default:
        return n->refused;
    }
}

/* How many of a pass's rows are this part's, at most. */
static uint64_t share_of(const struct sillok_verify *it, enum pass pass, uint64_t n)
{
    const int in_parts = pass == P_PAGES || pass == P_VERSIONS || pass == P_BODIES ||
                         pass == P_ARTICLES || pass == P_CLASS;
    return in_parts && it->options.subsets > 1 ? n / it->options.subsets + 1 : n;
}

static int check_row(struct lmdb_store *s, struct kv_txn *txn, struct sillok_verify *it)
{
    const uint64_t id = it->at + 1;
    switch (it->pass) {
    case P_PAGES:
        return leave_out(it, id) ? 0 : check_pages(s, txn, it, (int)it->at - 1);
    case P_VERSIONS:
        return leave_out(it, id) ? 0 : check_version(s, txn, it, id);
    case P_BODIES:
        return leave_out(it, id) ? 0 : check_body(s, txn, it, id);
    case P_HASHES: {
        const struct counters *n = &s->state.counters;
        int r = check_parts(s, txn, it);
        if (r == 0 && it->unfindable)
            r = found(it,
                      "%llu bodies cannot be looked for by their hash; they are not lost "
                      "by that",
                      (unsigned long long)it->unfindable);
        if (r < 0)
            return r;
        return check_counts(s, txn, it, T_HASH, n->plain + n->dictionary + n->delta);
    }
    case P_ARTICLES:
        return leave_out(it, id) ? 0 : check_article(s, txn, it, id);
    case P_LOG: {
        /* An article that cannot be read, as was told, has no revisions here. */
        const uint64_t articles = s->state.counters.articles;
        return check_counts(s, txn, it, T_LOG,
                            it->revisions > articles ? it->revisions - articles : 0);
    }
    case P_CLASS: {
        const int r = check_class(s, txn, it);
        if (r == 0)
            it->at = UINT64_MAX - 1;
        return r < 0 ? r : 0;
    }
    case P_CRAWLS:
        return check_crawl(s, it, it->at);
    case P_REFUSALS:
    case N_PASSES:
    default: {
        int r =
            it->at ? 0 : check_counts(s, txn, it, T_REFUSAL, s->state.counters.refused);
        if (r < 0)
            return r;
        r = check_refusal(s, txn, it);
        if (r == 0)
            it->at = UINT64_MAX - 1;
        return r < 0 ? r : 0;
    }
    }
}

/* A row could not be checked, because of a page that other rows are on. */
static int note_row(struct sillok_verify *it)
{
    char what[40];
    snprintf(what, sizeof(what), "number %llu", (unsigned long long)it->at + 1);
    if (it->pass == P_CLASS || it->pass == P_REFUSALS)
        it->at = UINT64_MAX - 1; /* nothing behind it can be reached */
    return note(it, SILLOK_ECORRUPT, what);
}

static int slice(struct sillok_verify *it)
{
    struct lmdb_store *s = lmdb_of(it->store);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    const uint64_t end = pass_length(s, it->pass);
    const int most = it->pass == P_PAGES ? 1 : SLICE; /* a whole table each */
    for (int i = 0; i < most && it->at < end && r == 0; i++, it->at++) {
        it->left_out = 0;
        r = check_row(s, txn, it);
        if (r == SILLOK_ECORRUPT)
            r = note_row(it);
        it->checked += !it->left_out;
    }
    view_end(s, txn);
    if (r == 0 && it->at >= end) {
        it->pass++;
        it->at = 0;
        buf_clear(&it->cursor);
    }
    return r;
}

/* Of all passes, to tell how far one of them is; wrong where a table is damaged. */
static uint64_t count_rows(const struct sillok_verify *it, const struct lmdb_store *s,
                           struct kv_txn *txn)
{
    struct kv_stats classes = { .rows = 0 };
    if (T_CLASS < lmdb_n_tables(s->format) && kv_table_stats(txn, T_CLASS, &classes) < 0)
        classes.rows = 0;
    uint64_t n = 0;
    for (int p = 0; p < N_PASSES; p++)
        n += share_of(it, (enum pass)p,
                      p == P_CLASS ? classes.rows + 1 /* the look behind the last */
                                   : pass_length(s, (enum pass)p));
    return n;
}

int lmdb_verify_open(struct sillok_store *base,
                     const struct sillok_verify_options *options,
                     struct sillok_verify **out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    if (options->subsets > 1 &&
        (options->subset < 1 || options->subset > options->subsets))
        return fail(SILLOK_EINVALID, "a subset is n/m with n from 1 to m");
    struct sillok_verify *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = base;
    it->options = *options;
    store_version_init(&it->version);
    buf_init(&it->body, BUF_CEILING);
    crawl_tallies_init(&it->tallies);
    buf_init(&it->seen, BUF_CEILING);
    buf_init(&it->cursor, BUF_CEILING);
    int r = hasher_new(&it->hasher);
    if (r == 0)
        r = view_begin(s, &txn);
    if (r == 0) {
        const size_t n = (size_t)(s->state.counters.bodies / 8 + 1);
        it->commits = s->state.counters.commits;
        it->total = count_rows(it, s, txn);
        r = buf_reserve(&it->seen, n);
        if (r == 0) {
            memset(it->seen.ptr, 0, n);
            it->seen.len = n;
        }
        view_end(s, txn);
    }
    if (r < 0) {
        lmdb_verify_close(it);
        return r;
    }
    *out = it;
    return 0;
}

int lmdb_verify_next(struct sillok_verify *it, struct sillok_verify_event *event)
{
    free(STEAL(it->told));
    if (it->next_finding == it->n_findings) {
        it->next_finding = it->n_findings = 0;
        if (it->pass == N_PASSES)
            return 0;
        const int r = slice(it);
        if (r < 0)
            return r;
    }
    *event = (struct sillok_verify_event){
        .checked = it->checked, .total = it->total, .table = "", .what = ""
    };
    if (it->next_finding < it->n_findings) {
        const struct finding *f = &it->findings[it->next_finding++];
        it->told = f->what;
        event->damage = 1;
        event->table = f->table;
        event->what = f->what;
    }
    return 1;
}

void lmdb_verify_close(struct sillok_verify *it)
{
    if (!it)
        return;
    for (size_t i = it->next_finding; i < it->n_findings; i++)
        free(it->findings[i].what);
    free(it->findings);
    free(it->told);
    hasher_free(it->hasher);
    store_version_release(&it->version);
    buf_release(&it->body);
    crawl_tallies_release(&it->tallies);
    buf_release(&it->seen);
    buf_release(&it->cursor);
    free(it);
}
