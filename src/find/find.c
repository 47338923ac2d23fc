/* Handle and update: the versions that are new in the store become rows of the index; and
 * which versions a question is about. */
#include "find/find.h"

#include "base/map.h"
#include "find/fold.h"

#include <stdlib.h>

enum { STEP_TEXT_BYTES = 32 << 20, STEP_VERSIONS = 16384 };

/* --- handle --- */

int sillok_find_open(struct sillok_find **out, struct sillok_store *store, int flags)
{
    struct sillok_find *find = calloc(1, sizeof(*find));
    if (!find)
        return fail_memory();
    find->store = store;
    find->no_update = flags & SILLOK_FIND_NO_UPDATE;
    const int r = find_place_init(&find->place, store);
    if (r < 0) {
        sillok_find_close(find);
        return r;
    }
    *out = find;
    return 0;
}

void sillok_find_close(struct sillok_find *find)
{
    if (!find)
        return;
    find_place_release(&find->place);
    free(find);
}

uint64_t sillok_find_behind(const struct sillok_find *find)
{
    return find->behind;
}

static int has_past(struct sillok_find *find, const struct find_index *x,
                    uint64_t *versions)
{
    return beside_has_past(find->store, INDEX_NAME, x->state.position, &x->state.digest,
                           versions);
}

int sillok_find_stats(struct sillok_find *find, struct sillok_find_stats *out)
{
    struct find_index x;
    int r = find_index_read(&x, &find->place, BESIDE_WAIT_MS);
    if (r == SILLOK_ENOTFOUND)
        return fail(SILLOK_ENOTFOUND, "there is no index of texts of this store ('%s')",
                    find->place.file);
    if (r < 0)
        return r;
    memset(out, 0, sizeof(*out));
    out->versions = x.state.position;
    r = find_index_figures(&x, &out->used_bytes, &out->free_bytes);
    find_index_close(&x);
    return r;
}

/* --- update --- */

/* What an update works with. */
struct adder {
    struct sillok_find *find;
    struct find_index *index;
    struct store_version version;
    struct buf text, links;
    struct map told; /* articles whose lowest version is told that it has brothers */
    size_t bytes;
};

/* The lowest version of an article's first revisions, at most @p limit; 0: it has fewer than
 * two of them. */
static int lowest_version(struct adder *a, uint64_t article, size_t limit, uint64_t *out)
{
    struct sillok_store *store = a->find->store;
    buf_clear(&a->links);
    const int r = store->ops->chain_scan(store, article, 0, limit, &a->links);
    const struct chain_link *l = (const struct chain_link *)(const void *)a->links.ptr;
    const size_t n = a->links.len / sizeof(*l);
    *out = n < 2 ? 0 : l[0].version;
    for (size_t i = 1; i < n; i++)
        *out = l[i].version < *out ? l[i].version : *out;
    return r;
}

/* Version @p no may have brothers: they are many then, this one too. Each is told when it is
 * added, but the one with the lowest number, which may have been alone then. All links of a
 * long chain for each version of it would be many, so two say whether there are brothers, and
 * the lowest is looked for once. */
static int add_brothers(struct adder *a, uint64_t no)
{
    struct sillok_store *store = a->find->store;
    uint64_t article, lowest = 0;
    int r = store->ops->article_find(store, &a->version.key, &article);
    if (r == 0)
        return fail(SILLOK_ECORRUPT, "the store is damaged: an article is missing");
    if (r > 0)
        r = lowest_version(a, article, 2, &lowest);
    if (r < 0 || lowest == 0)
        return r;
    r = find_index_many(a->index, no);
    if (r < 0 || map_get(&a->told, article) != MAP_NONE)
        return r;
    r = lowest_version(a, article, SIZE_MAX / 2, &lowest);
    if (r == 0 && lowest < no)
        r = find_index_many(a->index, lowest);
    return r < 0 ? r : map_put(&a->told, article, 1);
}

/* Reading the store and writing the index fail for different reasons: what the store says
 * goes to @p store_r. */
static int add_version(struct adder *a, uint64_t no, int *store_r)
{
    struct sillok_store *store = a->find->store;
    const struct sillok_article *article = &a->version.article;
    buf_clear(&a->text);
    *store_r = store->ops->version_get(store, no, 1, &a->version);
    if (*store_r < 0)
        return *store_r;
    int r = fold_add(&a->text, article->fields[SILLOK_TITLE]);
    if (r == 0)
        r = buf_add_char(&a->text, FOLD_WALL);
    if (r == 0)
        r = fold_add(&a->text, article->body);
    if (r == 0)
        r = buf_add(&a->text, (const char[]){ FOLD_WALL, FOLD_WALL }, 2);
    if (r == 0)
        r = find_index_add(a->index, no, text_make(a->text.ptr, a->text.len));
    a->bytes += a->text.len;
    return r < 0 ? r : add_brothers(a, no);
}

static int add_versions(struct adder *a, uint64_t versions, int *store_r)
{
    struct find_state state = a->index->state;
    map_clear(&a->told);
    int r = find_index_begin(a->index);
    for (int n = 0; r == 0 && state.position < versions && n < STEP_VERSIONS &&
                    a->bytes < STEP_TEXT_BYTES;
         n++) {
        r = add_version(a, state.position + 1, store_r);
        state.position++;
        state.digest = a->version.digest;
    }
    return r < 0 ? r : find_index_commit(a->index, &state);
}

static int add_step(struct sillok_find *find, struct find_index *x, uint64_t *versions)
{
    struct adder a = { .find = find, .index = x };
    int store_r = 0;
    store_version_init(&a.version);
    buf_init(&a.text, BUF_CEILING);
    buf_init(&a.links, BUF_CEILING);
    int r = has_past(find, x, versions);
    if (r == 0)
        r = find_index_reset(x);
    if (r >= 0)
        r = x->state.position < *versions ? add_versions(&a, *versions, &store_r) : 0;
    if (r == SILLOK_ECORRUPT && store_r == 0 && find->place.damaged) {
        a.bytes = 0;
        r = find_index_reset(x);
        if (r == 0)
            r = add_versions(&a, *versions, &store_r);
    }
    store_version_release(&a.version);
    buf_release(&a.text);
    buf_release(&a.links);
    map_release(&a.told);
    return r;
}

int sillok_find_update(struct sillok_find *find, struct sillok_find_progress *progress)
{
    struct find_index x;
    uint64_t versions = 0;
    int r = find->no_update ? BESIDE_READ_ONLY : find_index_write(&x, &find->place);
    if (r == BESIDE_READ_ONLY)
        return 0; /* asking reads what is not in it */
    if (r < 0)
        return r == SILLOK_ECORRUPT ? SILLOK_EIO : r;
    r = add_step(find, &x, &versions);
    if (r == 0) {
        r = x.state.position < versions;
        if (progress)
            *progress = (struct sillok_find_progress){ x.state.position, versions };
    }
    find_index_close(&x);
    /* The store is sound; two new indexes in a row that are not are the disk's doing. */
    return r == SILLOK_ECORRUPT && find->place.damaged ? SILLOK_EIO : r;
}

/* --- candidates --- */

static int match_all(struct find_index *x, const struct find_question *q, struct buf *out)
{
    CLEANUP(buf_release) struct buf one = BUF_INIT;
    int r = 0, has = 0;
    if (q->only_many) {
        r = find_index_all_many(x, out);
        has = 1;
    }
    for (size_t i = 0; i < q->n_words && r == 0 && !(has && out->len == 0); i++) {
        buf_clear(&one);
        r = find_index_match(x, q->words[i], q->any_blanks, has ? &one : out);
        if (r == 0 && has)
            buf_intersect_u32(out, &one);
        has = 1;
    }
    return r;
}

static int ask_index(struct sillok_find *find, const struct find_question *q,
                     struct buf *out, uint64_t *position, uint64_t *versions)
{
    struct find_index x;
    *position = 0;
    /* Who does not bring it up to date does not wait for who does, but reads the texts. */
    int r = find_index_read(&x, &find->place, find->no_update ? 0 : BESIDE_WAIT_MS);
    if (r == SILLOK_ENOTFOUND || (r == SILLOK_EBUSY && find->no_update))
        return 0;
    if (r < 0)
        return r;
    r = has_past(find, &x, versions);
    if (r > 0) {
        r = match_all(&x, q, out);
        *position = r == 0 ? x.state.position : 0;
    }
    find_index_close(&x);
    return r;
}

int find_candidates(struct sillok_find *find, const struct find_question *q,
                    struct buf *out)
{
    uint64_t versions = 0, position = 0;
    int r = beside_has_past(find->store, INDEX_NAME, 0, NULL, &versions);
    for (int again = 0; r >= 0 && again < 2; again++) {
        buf_clear(out);
        r = ask_index(find, q, out, &position, &versions);
        if (r != SILLOK_ECORRUPT || !find->place.damaged)
            break;
        buf_clear(out);
        r = 0; /* the index is damaged, not the store: mend it, or do without */
        position = 0;
        while (!again && !find->no_update && (r = sillok_find_update(find, NULL)) > 0)
            continue;
        if (r == SILLOK_EIO || r == SILLOK_EBUSY)
            r = 0;
    }
    if (r < 0)
        return r;
    find->behind = versions - position;
    for (uint64_t v = position + 1; v <= versions && r == 0; v++) {
        const uint32_t version = (uint32_t)v;
        r = buf_add(out, &version, sizeof(version));
    }
    return r;
}
