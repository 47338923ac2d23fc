/*
 * The keys of articles by their numbers.
 *
 *   ordinal   first number 5     00 | n 1 | n keys | checksum 4
 *   a key     how many bytes it shares with the one before 1 | length of the rest 1 | it
 *
 * Articles come sorted by their files' names, so keys are like those beside them: a row of 64
 * takes what a dozen rows of one did. Rows begin at 1, 65, 129 and so on, and
 * each but the last is full. Stores before format 4 have a row for each article, its key as
 * it is; no key begins with 00, which tells them apart.
 */
#include "store/lmdb.h"

#include <string.h>

enum { NAMES_A_ROW = 64, ROW_HEAD = 2 };

static uint64_t first_of(uint64_t article)
{
    return (article - 1) / NAMES_A_ROW * NAMES_A_ROW + 1;
}

static int is_block(struct sillok_text value)
{
    return value.len > 0 && value.ptr[0] == '\0';
}

/* --- reading --- */

/* An oid, 00 and an aid, none of them empty. */
static int is_key(const char *bytes, size_t len)
{
    const char *zero = len >= 3 && len <= ARTICLE_KEY_MAX ? memchr(bytes, 0, len) : NULL;
    return zero && zero > bytes && zero < bytes + len - 1;
}

/* The next key behind the one that is in @p key. */
static int next_key(struct cursor *c, struct article_key *key)
{
    const uint8_t *head = cursor_bytes(c, 2);
    const size_t shared = head ? head[0] : 0, rest = head ? head[1] : 0;
    const uint8_t *bytes = cursor_bytes(c, rest);
    if (!bytes || shared > key->len || shared + rest > sizeof(key->bytes))
        return damaged("a row of keys of articles is damaged");
    memcpy(key->bytes + shared, bytes, rest);
    key->len = shared + rest;
    return 0;
}

/* The first @p n keys of a row, or all: the last of them into @p key. How many there were.
 * Who wants one does not wait for the others to be looked at. */
static int read_keys(struct sillok_text value, int n, struct article_key *key)
{
    int r = row_open(&value, "keys of articles");
    if (r < 0)
        return r;
    struct cursor c = cursor_of(value.ptr, value.len);
    const uint8_t *head = cursor_bytes(&c, ROW_HEAD);
    const int all = head ? head[1] : 0;
    key->len = 0;
    if (all == 0 || all > NAMES_A_ROW)
        return damaged("a row of keys of articles is damaged");
    for (int i = 0; i < n && i < all && r == 0; i++) {
        r = next_key(&c, key);
        if (r == 0 && (i + 1 == n || n == NAMES_A_ROW) && !is_key(key->bytes, key->len))
            r = damaged("a row of keys of articles is damaged");
    }
    if (r == 0 && n >= all && cursor_left(&c))
        r = damaged("a row of keys of articles is damaged");
    return r < 0 ? r : all < n ? all : n;
}

int names_take_single(struct sillok_text value, uint64_t article, struct article_key *key)
{
    if (!is_key(value.ptr, value.len))
        return damaged("the key of article number %llu is damaged",
                       (unsigned long long)article);
    memcpy(key->bytes, value.ptr, value.len);
    key->len = value.len;
    return 1;
}

int names_get(struct kv_txn *txn, uint64_t article, struct article_key *key)
{
    uint8_t k[ID_BYTES];
    struct sillok_text value;
    if (article == 0)
        return 0;
    const uint64_t first = first_of(article);
    int r = kv_get(txn, T_ORDINAL, key_id(k, first), &value);
    if (r < 0)
        return r;
    if (r > 0 && is_block(value)) {
        const int want = (int)(article - first) + 1;
        r = read_keys(value, want, key);
        if (r < 0 || r == want)
            return r < 0 ? r : 1;
    }
    r = kv_get(txn, T_ORDINAL, key_id(k, article), &value);
    return r > 0 && !is_block(value) ? names_take_single(value, article, key)
           : r < 0                   ? r
                                     : 0;
}

int article_key_read(struct kv_txn *txn, uint64_t article, struct article_key *key)
{
    const int r = names_get(txn, article, key);
    return r ? (r < 0 ? r : 0)
             : damaged("the key of article number %llu is missing",
                       (unsigned long long)article);
}

int names_is_row(struct sillok_text value)
{
    struct article_key key;
    return is_block(value) && read_keys(value, NAMES_A_ROW, &key) > 0;
}

int names_extends(struct sillok_text row, struct sillok_text older)
{
    const size_t keys = older.len - ROW_HEAD - ROW_SUM_BYTES;
    return names_is_row(row) && names_is_row(older) && row.len > older.len &&
           memcmp(row.ptr + ROW_HEAD, older.ptr + ROW_HEAD, keys) == 0;
}

/* --- writing --- */

/* Go on with the row that @p article belongs to. */
static int load(struct names *w, struct kv_txn *txn, uint64_t article)
{
    uint8_t k[ID_BYTES];
    struct sillok_text value;
    const char head[ROW_HEAD] = { 0 };
    w->first = first_of(article);
    w->n = (unsigned)(article - w->first);
    w->last.len = 0;
    buf_clear(&w->row);
    if (w->n == 0)
        return buf_add(&w->row, head, sizeof(head));
    const int r = kv_get(txn, T_ORDINAL, key_id(k, w->first), &value);
    if (r < 0)
        return r;
    if (r == 0 || !is_block(value) ||
        read_keys(value, NAMES_A_ROW, &w->last) != (int)w->n)
        return damaged("the keys of the articles before number %llu are not there",
                       (unsigned long long)article);
    value.len -= ROW_SUM_BYTES;
    return buf_add_text(&w->row, value);
}

int names_flush(struct names *w, struct kv_txn *txn)
{
    uint8_t k[ID_BYTES];
    if (!w->dirty)
        return 0;
    w->dirty = 0;
    w->row.ptr[1] = (char)w->n;
    int r = row_seal(&w->row);
    if (r == 0)
        r = kv_put(txn, T_ORDINAL, key_id(k, w->first), buf_text(&w->row), 0);
    w->row.len -= r == 0 ? ROW_SUM_BYTES : 0;
    return r;
}

int names_add(struct names *w, struct kv_txn *txn, uint64_t article,
              const struct article_key *key)
{
    int r = 0;
    if (w->first && w->n == NAMES_A_ROW)
        r = names_flush(w, txn);
    if (r == 0 && (!w->first || article != w->first + w->n || w->n == NAMES_A_ROW))
        r = load(w, txn, article);
    if (r < 0)
        return r;
    size_t shared = 0;
    while (shared < key->len && shared < w->last.len &&
           key->bytes[shared] == w->last.bytes[shared])
        shared++;
    const char head[2] = { (char)shared, (char)(key->len - shared) };
    (void)buf_add(&w->row, head, sizeof(head));
    r = buf_add(&w->row, key->bytes + shared, key->len - shared);
    w->last = *key;
    w->n++;
    w->dirty = 1;
    return r;
}

void names_forget(struct names *w)
{
    w->first = 0;
    w->dirty = 0;
}

void names_release(struct names *w)
{
    buf_release(&w->row);
}
