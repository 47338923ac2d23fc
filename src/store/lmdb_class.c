/*
 * What the step from one version to another is: a cache of sillok_change_classify(),
 * which reads nothing but the two versions, and versions never change.
 *
 *   class     rules varint | kind 1 | fields varint (bit 7: the body) | kinds varint |
 *             flags varint | added, removed varints | similarity 8 (IEEE 754) | length of
 *             why varint, why | bits of places, of words
 *             key: version that began, version before it
 *             bits: how many are set 1, the number of each 1; where that is not shorter
 *             than they are, ff and all of them. Rows of other rules may have none, or others
 *
 *  1. No answer depends on a row's being there: what is missing, damaged or made by other
 *     rules is computed instead.
 *  2. Rows are made for neighbours in a chain: by the threads that prepare an observation
 *     where it follows the newest version; else the step is remembered, and made when all
 *     of the ingest is on disk.
 *  3. A row whose step is in no chain any more stays until reindex removes it.
 */
#include "store/lmdb.h"

#include "diff/kinds.h"

#include <string.h>

enum {
    BODY_BIT = 1 << 7,
    STEPS_MAX = 1 << 16 /* remembered at most; reindex finds the others */
};

struct sillok_text class_key(uint8_t out[CLASS_KEY_BYTES], const struct store_step *step)
{
    put_be(out, step->to, ID_BYTES);
    put_be(out + ID_BYTES, step->from, ID_BYTES);
    return text_make((const char *)out, CLASS_KEY_BYTES);
}

/* --- rows --- */

enum { ALL_BITS = 0xff };

static void put_bits(struct buf *row, const uint8_t *bits, size_t n_bytes)
{
    uint8_t set[8 * UINT8_MAX];
    size_t n = 0;
    for (size_t i = 0; i < 8 * n_bytes; i++)
        if (bits[i / 8] >> i % 8 & 1)
            set[n++] = (uint8_t)i;
    (void)buf_add_char(row, (char)(n < n_bytes ? n : ALL_BITS));
    (void)buf_add(row, n < n_bytes ? set : bits, n < n_bytes ? n : n_bytes);
}

/* @p bits are all 0; 1 when it is none. */
static int take_bits(struct cursor *c, uint8_t *bits, size_t n_bytes)
{
    const uint8_t *head = cursor_bytes(c, 1);
    const int all = head && *head == ALL_BITS;
    const size_t n = !head ? 0 : all ? n_bytes : *head;
    const uint8_t *list = n <= n_bytes ? cursor_bytes(c, n) : NULL;
    if (!head || !list)
        return 1;
    if (all)
        memcpy(bits, list, n_bytes);
    for (size_t i = 0; i < n && !all; i++) {
        if (list[i] >= 8 * n_bytes)
            return 1;
        bits[list[i] / 8] |= (uint8_t)(1u << list[i] % 8);
    }
    return 0;
}

int class_encode(struct buf *row, const struct class_row *class)
{
    const struct sillok_change_class *c = &class->what;
    const uint32_t body = c->fields & SILLOK_FIELD_BODY ? BODY_BIT : 0;
    uint8_t similarity[8];
    uint64_t bits;
    memcpy(&bits, &c->similarity, sizeof(bits));
    put_be(similarity, bits, sizeof(similarity));
    (void)buf_add_varint(row, class->rules);
    (void)buf_add_char(row, (char)c->kind);
    (void)buf_add_varint(row, (c->fields & ~SILLOK_FIELD_BODY) | body);
    (void)buf_add_varint(row, c->kinds);
    (void)buf_add_varint(row, c->flags);
    (void)buf_add_varint(row, c->added_chars);
    (void)buf_add_varint(row, c->removed_chars);
    (void)buf_add(row, similarity, sizeof(similarity));
    (void)buf_add_varint(row, strlen(c->why));
    (void)buf_add_str(row, c->why);
    put_bits(row, class->sketch.places, sizeof(class->sketch.places));
    put_bits(row, class->sketch.words, sizeof(class->sketch.words));
    return row_seal(row);
}

int class_decode(struct class_row *out, struct sillok_text row)
{
    const int sealed = row_open(&row, "a class");
    if (sealed < 0)
        return sealed;
    struct cursor c = cursor_of(row.ptr, row.len);
    struct sillok_change_class *what = &out->what;
    memset(out, 0, sizeof(*out));
    out->rules = cursor_varint(&c);
    if (!c.bad && out->rules > SILLOK_RULES_VERSION)
        return 0; /* what else stands there a later program knows */
    const uint8_t *kind = cursor_bytes(&c, 1);
    const uint64_t fields = cursor_varint(&c);
    const uint64_t kinds = cursor_varint(&c), flags = cursor_varint(&c);
    what->added_chars = (size_t)cursor_varint(&c);
    what->removed_chars = (size_t)cursor_varint(&c);
    const uint8_t *similarity = cursor_bytes(&c, 8);
    const uint64_t why_len = cursor_varint(&c);
    const uint8_t *why = cursor_bytes(&c, (size_t)why_len);
    /* Nobody asks for those of other rules. */
    const int bad_bits =
        out->rules == SILLOK_RULES_VERSION &&
        (take_bits(&c, out->sketch.places, sizeof(out->sketch.places)) ||
         take_bits(&c, out->sketch.words, sizeof(out->sketch.words)) || cursor_left(&c));
    if (c.bad || bad_bits || *kind >= SILLOK_N_KINDS ||
        fields >= 1u << (SILLOK_N_FIELDS + 1) || kinds >= 1u << SILLOK_N_KINDS ||
        flags >= 1u << SILLOK_N_FLAGS || why_len >= sizeof(what->why))
        return damaged("a class is not what it should be");
    const uint64_t bits = get_be(similarity, 8);
    what->kind = (enum sillok_kind) * kind;
    what->fields =
        ((uint32_t)fields & (BODY_BIT - 1)) | (fields & BODY_BIT ? SILLOK_FIELD_BODY : 0);
    what->kinds = (uint32_t)kinds;
    what->flags = (uint32_t)flags;
    memcpy(&what->similarity, &bits, sizeof(bits));
    memcpy(what->why, why, (size_t)why_len);
    what->significance = sillok_change_significance(what);
    return 0;
}

int class_row_get(struct lmdb_store *s, struct kv_txn *txn, const struct store_step *step,
                  struct class_row *out)
{
    uint8_t key[CLASS_KEY_BYTES];
    struct sillok_text v;
    if (s->format < FORMAT_SEALED)
        return 0;
    int r = kv_get(txn, T_CLASS, class_key(key, step), &v);
    if (r > 0) {
        r = class_decode(out, v);
        r = r < 0 ? r : 1;
    }
    return r;
}

int lmdb_class_get(struct sillok_store *base, const struct store_step *step,
                   struct sillok_change_class *what, struct place_sketch *sketch)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct class_row row;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = class_row_get(s, txn, step, &row);
    view_end(s, txn);
    /* Damage here is no damage to the answer; verify tells of it. */
    if (r == SILLOK_ECORRUPT)
        r = 0;
    if (r > 0)
        r = row.rules == SILLOK_RULES_VERSION;
    if (r > 0 && what)
        *what = row.what;
    if (r > 0 && sketch)
        *sketch = row.sketch;
    return r;
}

/* --- making them --- */

/* 1 when both texts are short enough for their class to be kept. */
static int is_kept(struct kv_txn *txn, const struct store_step *step)
{
    const uint64_t versions[2] = { step->from, step->to };
    for (int i = 0; i < 2; i++) {
        struct version_row version;
        struct body_row body;
        int r = version_row_get(txn, versions[i], &version);
        if (r == 0)
            r = body_row_get(txn, version.body, &body);
        if (r < 0)
            return r;
        if (body.raw_len > CLASS_BODY_MAX)
            return 0;
    }
    return 1;
}

int class_of_step(struct buf *row, struct sillok_change_class *what,
                  const struct sillok_article *before, const struct sillok_article *after)
{
    struct class_row class = { .rules = SILLOK_RULES_VERSION };
    const int r = change_classify(&class.what, &class.sketch, before, after);
    if (r < 0)
        return r;
    *what = class.what;
    return class_encode(row, &class);
}

int class_compute(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *codec,
                  const struct store_step *step, struct buf *row,
                  struct sillok_change_class *what)
{
    struct store_version before, after;
    int r = is_kept(txn, step);
    if (r <= 0)
        return r;
    store_version_init(&before);
    store_version_init(&after);
    r = version_read(s, txn, codec, step->from, 1, &before);
    if (r == 0)
        r = version_read(s, txn, codec, step->to, 1, &after);
    if (r == 0)
        r = class_of_step(row, what, &before.article, &after.article);
    store_version_release(&before);
    store_version_release(&after);
    return r < 0 ? r : 1;
}

int class_row_put(struct lmdb_store *s, const struct store_step *step,
                  struct sillok_text row)
{
    uint8_t key[CLASS_KEY_BYTES];
    s->dirty = 1;
    return kv_put(s->txn, T_CLASS, class_key(key, step), row, 0);
}

int class_remember(struct lmdb_store *s, uint64_t from, uint64_t to)
{
    const struct store_step step = { from, to };
    return s->steps.len / sizeof(step) < STEPS_MAX
               ? buf_add(&s->steps, &step, sizeof(step))
               : 0;
}

/* The batch is on disk: its steps may be made. */
int class_commit(struct lmdb_store *s)
{
    const size_t room = STEPS_MAX * sizeof(struct store_step) - s->steps_left.len;
    const size_t len = s->steps.len < room ? s->steps.len : room;
    const int r = buf_add(&s->steps_left, s->steps.ptr, len);
    buf_clear(&s->steps);
    return r;
}

/* --- what ingest left --- */

int lmdb_class_left(struct sillok_store *base, struct buf *steps)
{
    struct lmdb_store *s = lmdb_of(base);
    const int r = buf_add(steps, s->steps_left.ptr, s->steps_left.len);
    buf_clear(&s->steps_left);
    return r;
}

int lmdb_class_put(struct sillok_store *base, const struct store_step *steps,
                   const struct buf *rows, size_t n)
{
    struct lmdb_store *s = lmdb_of(base);
    int r = lmdb_begin(base, "");
    for (size_t i = 0; i < n && r == 0; i++)
        if (rows[i].len)
            r = class_row_put(s, &steps[i], text_make(rows[i].ptr, rows[i].len));
    return r == STORE_RETRY ? r : batch_result(s, r);
}
