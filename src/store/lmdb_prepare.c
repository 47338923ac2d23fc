/*
 * Work ahead of a batch, on the reading threads: is this content known, and if not, how
 * is it stored best? All of it may be out of date when the batch is written; the batch
 * asks again where it matters. Two things never go stale: versions and bodies, once
 * committed, stay what they are.
 */
#include "store/lmdb.h"

#include "base/piece.h"
#include "base/stages.h"

#include <stdlib.h>
#include <string.h>

struct store_worker {
    struct lmdb_store *store;
    struct kv_txn *txn; /* between begin and end */
    int as_is;          /* texts and records are not packed */
    struct codec_ctx *codec;
    struct hasher *hasher;
    struct buf scratch, packed;
    struct pieces given;                            /* out, as prepared items */
    struct buf payload, record, residue, class_row; /* of the item at hand */
    struct store_version newest; /* what its article showed before, if another text */
    uint64_t newest_body;        /* whose text is in that; 0: there is none in it */
};

int lmdb_worker_new(struct sillok_store *base, int as_is, struct store_worker **out)
{
    struct store_worker *w = calloc(1, sizeof(*w));
    if (!w)
        return fail_memory();
    w->store = lmdb_of(base);
    w->as_is = as_is;
    buf_init(&w->scratch, BUF_CEILING);
    buf_init(&w->packed, BUF_CEILING);
    buf_init(&w->payload, BUF_CEILING);
    buf_init(&w->record, BUF_CEILING);
    buf_init(&w->residue, BUF_CEILING);
    buf_init(&w->class_row, BUF_CEILING);
    store_version_init(&w->newest);
    int r = codec_new(&w->codec);
    if (r == 0)
        r = hasher_new(&w->hasher);
    if (r < 0) {
        lmdb_worker_free(w);
        return r;
    }
    *out = w;
    return 0;
}

void lmdb_worker_free(struct store_worker *w)
{
    if (!w)
        return;
    lmdb_worker_end(w);
    codec_free(w->codec);
    hasher_free(w->hasher);
    buf_release(&w->scratch);
    buf_release(&w->packed);
    buf_release(&w->payload);
    buf_release(&w->record);
    buf_release(&w->residue);
    buf_release(&w->class_row);
    store_version_release(&w->newest);
    pieces_release(&w->given);
    free(w);
}

int lmdb_worker_begin(struct store_worker *w)
{
    return kv_read(w->store->env, &w->txn);
}

void lmdb_worker_end(struct store_worker *w)
{
    kv_abort(STEAL(w->txn));
}

void lmdb_prepared_free(struct store_prepared *p)
{
    piece_free(p);
}

static int same_digest(const struct meta_digest *a, const struct meta_digest *b)
{
    return memcmp(a->bytes, b->bytes, META_DIGEST_BYTES) == 0;
}

/* Is the item's file called as the version's first one was? A guessed name is guessed
 * again, which is a tenth of the work of unpacking the record. */
static int compare_name(struct store_worker *w, const struct store_item *item,
                        struct store_prepared *p, const struct version_row *row)
{
    const struct sillok_text mine = text_last_part(item->path);
    if (row->guessed_name) {
        buf_clear(&w->scratch);
        const int r = meta_guess_name(&w->scratch, item->article);
        p->same_name = text_equal(mine, text_make(w->scratch.ptr, w->scratch.len));
        return r;
    }
    struct store_version v;
    store_version_init(&v);
    const int r = version_read(w->store, w->txn, w->codec, p->version, 0, &v);
    p->same_name = r == 0 && text_equal(mine, v.name);
    store_version_release(&v);
    return r;
}

/* It shows something else than before: what kind of change is that? A visit that is older
 * than the newest revision is a step from somewhere else. Failing here costs nothing: the
 * step is looked at again. */
static int look_at_step(struct store_worker *w, const struct store_item *item,
                        struct store_prepared *p, const struct article_row *row,
                        uint64_t newest_body)
{
    struct sillok_change_class what;
    struct chain_link last;
    int r = chain_last(w->txn, row, &last);
    if (r <= 0 || item->article->crawled_at_s <= last.first_s)
        return r < 0 ? r : 0;
    p->newest = row->newest;
    if (item->article->body.len > CLASS_BODY_MAX)
        return 0;
    r = version_read(w->store, w->txn, w->codec, row->newest, 1, &w->newest);
    if (r == 0)
        w->newest_body = newest_body;
    if (r == 0 && w->newest.body_bytes <= CLASS_BODY_MAX)
        r = class_of_step(&w->class_row, &what, &w->newest.article, item->article);
    if (r == SILLOK_ECORRUPT) {
        buf_clear(&w->class_row);
        r = 0;
    }
    return r;
}

/* Find the article and whether it still shows the same. Sets *article and *newest to 0
 * where it is new. */
static int look_up(struct store_worker *w, const struct store_item *item,
                   struct store_prepared *p, struct version_row *newest)
{
    struct article_key key;
    struct article_row row;
    article_key_make(&key, item->article->oid, item->article->aid);
    newest->article = 0;
    int r = article_row_get(w->txn, &key, &row);
    if (r <= 0)
        return r;
    r = version_row_get(w->txn, row.newest, newest);
    if (r == 0 && !same_digest(&newest->digest, &item->digest))
        return look_at_step(w, item, p, &row, newest->body);
    if (r < 0)
        return r;
    p->article = row.article;
    p->version = row.newest;
    p->body = newest->body;
    return compare_name(w, item, p, newest);
}

/* A text of the store, valid until the next one is read. */
static int read_text(struct store_worker *w, uint64_t body, struct sillok_text *out)
{
    *out = w->newest.article.body;
    if (body && body == w->newest_body) /* a damaged row may name body 0 */
        return 0;
    buf_clear(&w->scratch);
    const int r = body_read(w->store, w->txn, w->codec, body, &w->scratch, NULL);
    *out = buf_text(&w->scratch);
    return r;
}

/* Known by its hash: compare the bytes too. A difference is left for the batch to tell.
 */
static int look_up_body(struct store_worker *w, const struct store_item *item,
                        struct store_prepared *p)
{
    struct sillok_text known;
    uint64_t body;
    int r = body_lookup(w->store, w->txn, &item->article->content_hash, &body);
    if (r == 0)
        p->lacking_at = kv_commit_number(w->txn);
    if (r <= 0)
        return r;
    r = read_text(w, body, &known);
    if (r == 0 && text_equal(item->article->body, known))
        p->body = body;
    return r;
}

/* A difference against the article's newest text, into the payload. */
static int encode_delta(struct store_worker *w, const struct store_item *item,
                        struct store_prepared *p, uint64_t newest_body)
{
    struct body_row row;
    struct sillok_text base;
    int r = body_row_get(w->txn, newest_body, &row);
    if (r < 0)
        return r;
    p->base = row.codec == CODEC_DELTA ? row.base : newest_body;
    r = read_text(w, p->base, &base);
    return r < 0 ? r
                 : codec_encode_delta(w->codec, &w->payload, item->article->body, base);
}

/* The difference when it is less than half of what the text takes by itself. One that is
 * an eighth of the text is taken to be that: a text that packs to less than a quarter is
 * rare, and packing it to see costs more than it can win. */
static int encode_body(struct store_worker *w, const struct store_item *item,
                       struct store_prepared *p, const struct version_row *newest)
{
    const struct sillok_text body = item->article->body;
    const struct dict *dict = w->store->current[DICT_BODY];
    const int has_older = newest->article && body.len;
    int r = has_older ? encode_delta(w, item, p, newest->body) : 0;
    p->codec = CODEC_DELTA;
    if (r < 0 || (has_older && 8 * w->payload.len <= body.len))
        return r;
    if (w->as_is) {
        if (has_older && 2 * w->payload.len < body.len)
            return 0;
        p->as_is = 1;
        p->codec = CODEC_PLAIN;
        buf_clear(&w->payload);
        return 0;
    }
    enum codec codec;
    buf_clear(&w->packed);
    r = codec_encode(w->codec, &w->packed, body, dict, &codec);
    if (r < 0 || (has_older && 2 * w->payload.len < w->packed.len))
        return r;
    const struct buf swap = w->payload;
    w->payload = w->packed;
    w->packed = swap;
    p->codec = codec;
    p->dict = codec == CODEC_DICT ? dict_id(dict) : 0;
    return 0;
}

static int encode_record(struct store_worker *w, const struct store_item *item)
{
    const struct dict *dict = w->store->current[DICT_META];
    enum codec codec = CODEC_PLAIN;
    int guessed = 0;
    buf_clear(&w->scratch);
    buf_clear(&w->packed);
    int r = meta_encode(&w->scratch, item->article, text_last_part(item->path), &guessed);
    if (r == 0)
        r = w->as_is
                ? buf_add_text(&w->packed, buf_text(&w->scratch))
                : codec_encode(w->codec, &w->packed, buf_text(&w->scratch), dict, &codec);
    if (r < 0)
        return r;
    (void)buf_add_char(&w->record, (char)((int)codec | (guessed ? NAME_IS_GUESSED : 0)));
    if (codec == CODEC_DICT)
        (void)buf_add_varint(&w->record, dict_id(dict));
    (void)buf_add_varint(&w->record, w->scratch.len);
    (void)buf_add(&w->record, w->packed.ptr, w->packed.len);
    return w->record.failed ? SILLOK_ENOMEM : 0;
}

/* What the template does not give back of the file, as a difference against what it does.
 */
static int encode_residue(struct store_worker *w, const struct store_item *item,
                          struct store_prepared *p)
{
    struct sillok_id id;
    buf_clear(&w->scratch);
    int r = render_file(&w->scratch, item->article, item->form);
    if (r == 0)
        r = codec_encode_delta(w->codec, &w->residue, item->original,
                               text_make(w->scratch.ptr, w->scratch.len));
    if (r == 0)
        r = hasher_of(w->hasher, item->original, &id);
    if (r == 0)
        memcpy(p->file_digest, id.bytes, sizeof(p->file_digest));
    return r;
}

static struct sillok_text move_text(char **room, const struct buf *b)
{
    const struct sillok_text t = text_make(*room, b->len);
    if (b->len)
        memcpy(*room, b->ptr, b->len);
    *room += b->len;
    return t;
}

/* One piece an item: many wait for their batch, and another thread gives them back. */
static int give_out(struct store_worker *w, const struct store_prepared *p,
                    struct store_item *item)
{
    const size_t n = w->payload.len + w->record.len + w->residue.len + w->class_row.len;
    struct store_prepared *out = piece_take(&w->given, sizeof(*out) + n);
    if (!out)
        return fail_memory();
    char *room = (char *)(out + 1);
    *out = *p;
    out->payload = move_text(&room, &w->payload);
    out->record = move_text(&room, &w->record);
    out->residue = move_text(&room, &w->residue);
    out->class_row = move_text(&room, &w->class_row);
    item->prepared = out;
    item->known = p->version;
    item->body_new = 0;
    return 0;
}

int lmdb_prepare(struct store_worker *w, struct store_item *item)
{
    struct store_prepared p = { .body_bytes = item->article->body.len };
    struct version_row newest = { 0 };
    buf_clear(&w->payload);
    buf_clear(&w->record);
    buf_clear(&w->residue);
    buf_clear(&w->class_row);
    w->newest_body = 0;
    const int before = stage_enter(STAGE_LOOK_UP);
    int r = w->txn ? look_up(w, item, &p, &newest) : 0;
    if (r == 0 && !p.version && w->txn)
        r = look_up_body(w, item, &p);
    (void)stage_enter(STAGE_COMPRESS);
    if (r == 0 && !p.body)
        r = encode_body(w, item, &p, &newest);
    if (r == 0 && !p.version)
        r = encode_record(w, item);
    if (r == 0 && !item->exact)
        r = encode_residue(w, item, &p);
    stage_leave(before);
    return r < 0 ? r : give_out(w, &p, item);
}

int lmdb_class_make(struct store_worker *w, const struct store_step *step,
                    struct buf *row)
{
    struct class_row there;
    struct sillok_change_class what;
    int r = w->txn ? class_row_get(w->store, w->txn, step, &there) : 0;
    if (!w->txn || (r > 0 && there.rules == SILLOK_RULES_VERSION))
        return 0;
    if (r >= 0 || r == SILLOK_ECORRUPT)
        r = class_compute(w->store, w->txn, w->codec, step, row, &what);
    return r < 0 ? r : 0;
}
