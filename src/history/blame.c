/*
 * The lives of sentences: see sillok/blame.h.
 *
 *   chain    the revisions, one after the other; two versions are in memory
 *   align    rows of the diff say which sentence of the old body is which of the new
 *   end      an old sentence without a partner is gone: its text goes into the pool
 *   begin    a new one without a partner is a life that ended before with the same text,
 *            or a new life
 *   order    at the end: sentences of the newest body, the gone ones in their places
 *
 * Invariants
 *  1. A life stands in no two places of one revision; its spans do not touch.
 *  2. A gone life hangs on the one before it in its last revision. That one stood at
 *     least as long, and in front of it, so there are no circles.
 *  3. Memory: two bodies, the distinct sentences that are gone, 64 bytes a sentence.
 *  4. All is compared in NFC, as the diff does: what is not is cut and followed as what it
 *     says, so that its sentences are those of the diff's rows, and told as it stands.
 *
 * Cost: a diff per pair of revisions with different bodies.
 */
#include "sillok/blame.h"

#include "base/map.h"
#include "diff/compose.h"
#include "diff/diff.h"
#include "diff/sentence.h"
#include "history/chain.h"

#include <stdlib.h>

#define NO_LIFE UINT32_MAX

/* Sentences that are alike are many in a hostile text only; one past them that comes back
 * counts as new. */
enum { PROBES_MAX = 64 };

struct life {
    size_t start, end;         /* in its newest text */
    size_t pooled, pooled_len; /* the same bytes in the pool, of a gone one */
    size_t said, said_len;     /* these in NFC, there too */
    uint32_t first_span, last_span;
    uint32_t alike;          /* the next life with this hash */
    uint32_t before;         /* of a gone one: the life that it hangs on */
    uint32_t child, sibling; /* gone lives that hang on this one */
    uint8_t where, gone;
};

struct span {
    uint32_t first, last, next;
    uint8_t came, went; /* enum sillok_blame_how */
};

/* A body or a headline, and what is compared of it. */
struct followed {
    struct sillok_text raw; /* in a version */
    struct composed nfc;
    struct sentences sentences; /* of that; of bodies only */
};

struct sillok_blame {
    struct sillok_store *store;
    struct chain chain;
    struct store_version versions[2];
    struct followed bodies[2], titles[2]; /* of them */
    struct buf current;                   /* uint32_t: the life of each sentence */
    struct buf fresh;        /* the same of the body that is being taken in */
    struct buf lives, spans; /* struct life, struct span */
    struct buf pool;
    struct map by_hash[2]; /* hash of a text -> its first life, by where */
    uint32_t title;        /* the life of the headline */
    struct buf order;      /* uint32_t */
    size_t next;
    struct buf told; /* struct sillok_blame_span */
};

static struct life *life_at(const struct sillok_blame *b, uint32_t i)
{
    return (struct life *)(void *)b->lives.ptr + i;
}

static struct span *span_at(const struct sillok_blame *b, uint32_t i)
{
    return (struct span *)(void *)b->spans.ptr + i;
}

static uint32_t *ids_of(const struct buf *b)
{
    return (uint32_t *)(void *)b->ptr;
}

static int add_id(struct buf *b, uint32_t id)
{
    return buf_add(b, &id, sizeof(id));
}

static struct sillok_text cut(struct sillok_text t, size_t start, size_t end)
{
    return text_make(t.ptr + start, end - start);
}

static void followed_release(struct followed *f)
{
    composed_release(&f->nfc);
    sentences_release(&f->sentences);
}

static int followed_read(struct followed *f, struct sillok_text raw)
{
    followed_release(f);
    f->raw = raw;
    return compose(&f->nfc, raw);
}

/* --- one life --- */

static int add_span(struct sillok_blame *b, struct life *life, uint32_t revision,
                    enum sillok_blame_how how)
{
    struct span s;
    const uint32_t at = (uint32_t)(b->spans.len / sizeof(s));
    memset(&s, 0, sizeof(s));
    s.first = revision;
    s.next = NO_LIFE;
    s.came = revision > 1 ? (uint8_t)how : SILLOK_BLAME_NOT;
    const int r = buf_add(&b->spans, &s, sizeof(s));
    if (r < 0)
        return r;
    if (life->first_span == NO_LIFE)
        life->first_span = at;
    else
        span_at(b, life->last_span)->next = at;
    life->last_span = at;
    life->gone = 0;
    return 0;
}

/* A life that is gone and had this text; NO_LIFE. */
static uint32_t find_gone(const struct sillok_blame *b, enum sillok_blame_where where,
                          uint64_t hash, struct sillok_text text, uint32_t *last)
{
    uint32_t i = map_get(&b->by_hash[where], hash);
    *last = NO_LIFE;
    for (int probe = 0; i != NO_LIFE && probe < PROBES_MAX; probe++) {
        const struct life *life = life_at(b, i);
        if (life->gone &&
            sentence_same(text, text_make(b->pool.ptr + life->said, life->said_len)))
            return i;
        *last = i;
        i = life->alike;
    }
    return NO_LIFE;
}

/* The text stands in @p revision and did not in the one before: whose life is it? */
static int begin_life(struct sillok_blame *b, enum sillok_blame_where where,
                      uint64_t hash, struct sillok_text text, uint32_t revision,
                      enum sillok_blame_how how, uint32_t *id)
{
    uint32_t last;
    struct life life;
    *id = find_gone(b, where, hash, text, &last);
    if (*id != NO_LIFE) {
        struct life *old = life_at(b, *id);
        struct span *s = span_at(b, old->last_span);
        if (s->last + 1 < revision)
            return add_span(b, old, revision, how);
        s->last = 0; /* it only stands elsewhere, too short to count as moved */
        s->went = SILLOK_BLAME_NOT;
        old->gone = 0;
        return 0;
    }
    memset(&life, 0, sizeof(life));
    life.first_span = life.last_span = life.alike = NO_LIFE;
    life.before = life.child = life.sibling = NO_LIFE;
    life.where = (uint8_t)where;
    *id = (uint32_t)(b->lives.len / sizeof(life));
    if (*id == NO_LIFE)
        return fail(SILLOK_EINVALID, "an article with more than %u sentences", NO_LIFE);
    int r = buf_add(&b->lives, &life, sizeof(life));
    if (r == 0 && map_get(&b->by_hash[where], hash) == MAP_NONE)
        r = map_put(&b->by_hash[where], hash, *id);
    else if (r == 0 && last != NO_LIFE && life_at(b, last)->alike == NO_LIFE)
        life_at(b, last)->alike = *id;
    return r < 0 ? r : add_span(b, life_at(b, *id), revision, how);
}

/* Bytes [start, end) without the blanks around them; nothing where there is nothing else. */
static struct sillok_span trim(struct sillok_text t, size_t start, size_t end)
{
    struct sillok_span visible = { start, start };
    size_t used;
    for (size_t i = start; i < end; i += used) {
        uint32_t cp;
        used = char_decode(t.ptr + i, end - i, &cp);
        if (char_class_of(cp) == CHAR_BLANK)
            continue;
        if (visible.end == start)
            visible.start = i;
        visible.end = i + used;
    }
    return visible;
}

/* Where the text of a sentence is, without the blanks behind it. Returns what it says. */
static struct sillok_text place_life(struct life *life, const struct followed *whole,
                                     size_t start, size_t end)
{
    const struct sillok_span s = trim(whole->nfc.text, start, end);
    life->start = composed_origin(&whole->nfc, s.start);
    life->end = composed_origin(&whole->nfc, s.end);
    return cut(whole->nfc.text, s.start, s.end);
}

/* Keep the text of a life that is gone, and what it says. */
static int pool_life(struct sillok_blame *b, struct life *life, struct sillok_text text,
                     struct sillok_text said)
{
    if (life->pooled_len &&
        text_equal(text, text_make(b->pool.ptr + life->pooled, life->pooled_len)))
        return 0;
    life->pooled = life->said = b->pool.len;
    life->pooled_len = life->said_len = text.len;
    const int r = buf_add_text(&b->pool, text);
    if (r < 0 || text_equal(text, said))
        return r;
    life->said = b->pool.len;
    life->said_len = said.len;
    return buf_add_text(&b->pool, said);
}

/* The sentence at [start, end) of @p whole does not stand in @p revision any more. */
static int end_life(struct sillok_blame *b, uint32_t id, const struct followed *whole,
                    size_t start, size_t end, uint32_t revision,
                    enum sillok_blame_how how)
{
    struct life *life = life_at(b, id);
    struct span *s = span_at(b, life->last_span);
    const struct sillok_text said = place_life(life, whole, start, end);
    life->gone = 1;
    s->last = revision - 1;
    s->went = (uint8_t)how;
    return pool_life(b, life, cut(whole->raw, life->start, life->end), said);
}

/* --- headline --- */

static uint64_t hash_of(struct sillok_text t)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325); /* FNV-1a, of what is not blank */
    size_t used;
    for (size_t i = 0; i < t.len; i += used) {
        uint32_t cp;
        used = char_decode(t.ptr + i, t.len - i, &cp);
        if (char_class_of(cp) != CHAR_BLANK)
            h = (h ^ cp) * UINT64_C(0x100000001B3);
    }
    return h;
}

static int take_title(struct sillok_blame *b, const struct followed *before,
                      const struct followed *now, uint32_t revision)
{
    const struct sillok_text old_text = before->nfc.text, text = now->nfc.text;
    if (revision > 1 && sentence_same(old_text, text))
        return 0;
    int r = 0;
    if (revision > 1)
        r = end_life(b, b->title, before, 0, old_text.len, revision,
                     SILLOK_BLAME_REWORDED);
    return r < 0 ? r
                 : begin_life(b, SILLOK_BLAME_TITLE, hash_of(text), text, revision,
                              SILLOK_BLAME_REWORDED, &b->title);
}

/* --- bodies --- */

/* The bodies before and after, and which sentences of the two a row is made of. */
struct step {
    struct sillok_blame *b;
    uint32_t revision;
    const struct followed *old_body, *body;
    const struct sentences *old_s, *s; /* of the two */
    const struct sillok_row *rows;
    size_t n_rows;
    struct buf firsts; /* uint32_t: the first old sentence of each row */
    struct buf ends;   /* uint32_t: past the last new sentence of each row, 0 without */
    struct buf row_of; /* uint32_t: the row of each old sentence */
    struct buf how;    /* uint8_t: how each old sentence went; NOT: it goes on */
    struct buf came;   /* uint8_t: how each new one came */
};

static int fill(struct buf *b, int byte, size_t n)
{
    const int r = buf_reserve(b, n);
    if (r < 0)
        return r;
    if (n)
        memset(b->ptr, byte, n);
    b->len = n;
    return 0;
}

/* Does the j-th new sentence say what the i-th old one did? */
static int is_same(const struct step *x, size_t i, size_t j)
{
    const struct sentence *p = &x->old_s->v[i], *q = &x->s->v[j];
    return p->hash == q->hash &&
           sentence_same(cut(x->old_body->nfc.text, p->start, p->end),
                         cut(x->body->nfc.text, q->start, q->end));
}

static void go_on(struct step *x, size_t i, size_t j)
{
    ids_of(&x->b->fresh)[j] = ids_of(&x->b->current)[i];
    x->how.ptr[i] = SILLOK_BLAME_NOT;
}

/* Rows end where sentences end, on both sides. */
static void read_row(struct step *x, size_t k, size_t i, size_t i_end, size_t j,
                     size_t j_end)
{
    const struct sillok_row *row = &x->rows[k];
    const int reworded = row->op == SILLOK_ROW_CHANGED;
    const int how = reworded ? SILLOK_BLAME_REWORDED : SILLOK_BLAME_WHOLE;
    if (i_end > i)
        memset(x->how.ptr + i, how, i_end - i);
    if (j_end > j)
        memset(x->came.ptr + j, how, j_end - j);
    /* What says the same may be cut at other places, by a blank: then these are others. */
    for (; i < i_end && j < j_end; i++, j++)
        if (is_same(x, i, j))
            go_on(x, i, j);
}

static int read_rows(struct step *x)
{
    size_t i = 0, j = 0;
    int r = fill(&x->how, SILLOK_BLAME_WHOLE, x->old_s->n);
    if (r == 0)
        r = fill(&x->came, SILLOK_BLAME_WHOLE, x->s->n);
    if (r == 0)
        r = fill(&x->b->fresh, 0xff, x->s->n * sizeof(uint32_t));
    for (size_t k = 0; k < x->n_rows && r == 0; k++) {
        const struct sillok_row *row = &x->rows[k];
        size_t i_end = i, j_end = j;
        while (i_end < x->old_s->n && x->old_s->v[i_end].end <= row->old_span.end)
            i_end++;
        while (j_end < x->s->n && x->s->v[j_end].end <= row->new_span.end)
            j_end++;
        r = add_id(&x->firsts, (uint32_t)i);
        if (r == 0)
            r = add_id(&x->ends, j_end > j ? (uint32_t)j_end : 0);
        for (size_t n = i; n < i_end && r == 0; n++)
            r = add_id(&x->row_of, (uint32_t)k);
        read_row(x, k, i, i_end, j, j_end);
        i = i_end;
        j = j_end;
    }
    return r;
}

/* After all rows: where a sentence that moved in stood. */
static void read_moves(struct step *x)
{
    size_t j = 0;
    for (size_t k = 0; k < x->n_rows; k++) {
        const struct sillok_row *row = &x->rows[k];
        if (row->op == SILLOK_ROW_MOVED_TO && j < x->s->n)
            go_on(x, ids_of(&x->firsts)[row->other], j);
        while (j < x->s->n && x->s->v[j].end <= row->new_span.end)
            j++;
    }
}

/* What an old sentence that is gone hangs on: the one before it, or what that became. */
static uint32_t life_before(const struct step *x, size_t i)
{
    if (i == 0)
        return NO_LIFE;
    if (x->how.ptr[i - 1] == SILLOK_BLAME_REWORDED) {
        const uint32_t *row_of = ids_of(&x->row_of);
        const uint32_t end = ids_of(&x->ends)[row_of[i - 1]];
        if (row_of[i] != row_of[i - 1] && end)
            return ids_of(&x->b->fresh)[end - 1];
    }
    return ids_of(&x->b->current)[i - 1];
}

static int end_and_begin(struct step *x)
{
    struct sillok_blame *b = x->b;
    uint32_t *fresh = ids_of(&b->fresh);
    const uint32_t *current = ids_of(&b->current);
    int r = 0;
    for (size_t i = 0; i < x->old_s->n && r == 0; i++)
        if (x->how.ptr[i] != SILLOK_BLAME_NOT)
            r = end_life(b, current[i], x->old_body, x->old_s->v[i].start,
                         x->old_s->v[i].end, x->revision,
                         (enum sillok_blame_how)x->how.ptr[i]);
    for (size_t j = 0; j < x->s->n && r == 0; j++)
        if (fresh[j] == NO_LIFE)
            r = begin_life(b, SILLOK_BLAME_BODY, x->s->v[j].hash,
                           cut(x->body->nfc.text, x->s->v[j].start, x->s->v[j].end),
                           x->revision, (enum sillok_blame_how)x->came.ptr[j], &fresh[j]);
    for (size_t i = 0; i < x->old_s->n && r == 0; i++)
        if (life_at(b, current[i])->gone)
            life_at(b, current[i])->before = life_before(x, i);
    return r;
}

static int take_body(struct step *x)
{
    struct sillok_diff *diff = NULL;
    struct buf *all[] = { &x->firsts, &x->ends, &x->row_of, &x->how, &x->came };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_init(all[i], BUF_CEILING);
    int r = 0;
    if (x->old_s->n && x->s->n) /* else there is nothing to compare */
        r = diff_of_composed(&diff, x->old_body->nfc.text, x->body->nfc.text);
    if (diff)
        x->rows = sillok_diff_rows(diff, &x->n_rows);
    if (r == 0)
        r = read_rows(x);
    if (r == 0) {
        read_moves(x);
        r = end_and_begin(x);
    }
    sillok_diff_free(diff);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_release(all[i]);
    return r;
}

/* --- revisions --- */

static int read_revision(struct sillok_blame *b, size_t i)
{
    struct store_version *v = &b->versions[i % 2];
    struct followed *body = &b->bodies[i % 2];
    int r =
        b->store->ops->version_get(b->store, chain_at(&b->chain, i)->link.version, 1, v);
    if (r == 0)
        r = followed_read(&b->titles[i % 2], v->article.fields[SILLOK_TITLE]);
    if (r == 0)
        r = followed_read(body, v->article.body);
    return r < 0 ? r : sentences_split(&body->sentences, body->nfc.text);
}

static int take_revision(struct sillok_blame *b, size_t i)
{
    const size_t now = i % 2, before = (i + 1) % 2; /* empty before the first */
    struct step x = { .b = b,
                      .revision = (uint32_t)i + 1,
                      .old_body = &b->bodies[before],
                      .body = &b->bodies[now],
                      .old_s = &b->bodies[before].sentences,
                      .s = &b->bodies[now].sentences };
    int r = read_revision(b, i);
    if (r == 0)
        r = take_title(b, &b->titles[before], &b->titles[now], x.revision);
    if (r < 0 || (i && text_equal(x.old_body->nfc.text, x.body->nfc.text)))
        return r; /* the same cut gives the same sentences */
    r = take_body(&x);
    const struct buf spare = b->current;
    b->current = b->fresh;
    b->fresh = spare;
    return r;
}

/* --- order --- */

/* A life, the gone ones that hang on it, and on those. */
static int add_tree(struct sillok_blame *b, uint32_t root, struct buf *stack)
{
    int r = add_id(stack, root);
    while (r == 0 && stack->len) {
        stack->len -= sizeof(uint32_t);
        const uint32_t id = ids_of(stack)[stack->len / sizeof(uint32_t)];
        r = add_id(&b->order, id);
        for (uint32_t c = life_at(b, id)->child; c != NO_LIFE && r == 0;
             c = life_at(b, c)->sibling)
            r = add_id(stack, c);
    }
    return r;
}

/* Hang the gone lives on what they followed: the later one first, so that a stack gives
 * back the earlier one first. Returns the list of those that followed nothing. */
static uint32_t hang_up(struct sillok_blame *b)
{
    const uint32_t n = (uint32_t)(b->lives.len / sizeof(struct life));
    uint32_t first = NO_LIFE;
    for (uint32_t i = 0; i < n; i++) {
        struct life *life = life_at(b, i);
        if (!life->gone || life->where != SILLOK_BLAME_BODY)
            continue;
        uint32_t *list =
            life->before == NO_LIFE ? &first : &life_at(b, life->before)->child;
        life->sibling = *list;
        *list = i;
    }
    return first;
}

static int add_titles(struct sillok_blame *b)
{
    const uint32_t n = (uint32_t)(b->lives.len / sizeof(struct life));
    int r = 0;
    for (uint32_t i = 0; i < n && r == 0; i++)
        if (life_at(b, i)->where == SILLOK_BLAME_TITLE && life_at(b, i)->gone)
            r = add_id(&b->order, i);
    return r < 0 ? r : add_id(&b->order, b->title);
}

static int put_in_order(struct sillok_blame *b)
{
    CLEANUP(buf_release) struct buf stack = BUF_INIT;
    CLEANUP(buf_release) struct buf first = BUF_INIT;
    const size_t n = b->current.len / sizeof(uint32_t);
    int r = add_titles(b);
    for (uint32_t i = hang_up(b); i != NO_LIFE && r == 0; i = life_at(b, i)->sibling)
        r = add_id(&first, i);
    for (size_t i = first.len / sizeof(uint32_t); i-- > 0 && r == 0;)
        r = add_tree(b, ids_of(&first)[i], &stack);
    for (size_t i = 0; i < n && r == 0; i++)
        r = add_tree(b, ids_of(&b->current)[i], &stack);
    return r;
}

/* What stands at the end gets its place in the newest texts. */
static void finish_lives(struct sillok_blame *b)
{
    const size_t newest = (b->chain.n - 1) % 2;
    const struct followed *body = &b->bodies[newest], *title = &b->titles[newest];
    const struct sentences *s = &body->sentences;
    for (size_t i = 0; i < s->n; i++)
        (void)place_life(life_at(b, ids_of(&b->current)[i]), body, s->v[i].start,
                         s->v[i].end);
    (void)place_life(life_at(b, b->title), title, 0, title->nfc.text.len);
}

/* --- the handle --- */

static void init(struct sillok_blame *b, struct sillok_store *store)
{
    struct buf *all[] = { &b->current, &b->fresh, &b->lives, &b->spans,
                          &b->pool,    &b->order, &b->told };
    b->store = store;
    chain_init(&b->chain);
    for (int i = 0; i < 2; i++) {
        store_version_init(&b->versions[i]);
        b->bodies[i] = b->titles[i] = (struct followed){ .nfc = COMPOSED_INIT };
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_init(all[i], BUF_CEILING);
}

void sillok_blame_close(struct sillok_blame *b)
{
    if (!b)
        return;
    struct buf *all[] = { &b->current, &b->fresh, &b->lives, &b->spans,
                          &b->pool,    &b->order, &b->told };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_release(all[i]);
    for (int i = 0; i < 2; i++) {
        store_version_release(&b->versions[i]);
        followed_release(&b->bodies[i]);
        followed_release(&b->titles[i]);
        map_release(&b->by_hash[i]);
    }
    chain_release(&b->chain);
    free(b);
}

int sillok_blame_open(struct sillok_blame **out, struct sillok_store *store,
                      const char *oid, const char *aid)
{
    uint64_t article;
    int r = article_find(store, oid, aid, &article);
    if (r < 0)
        return r;
    struct sillok_blame *b = calloc(1, sizeof(*b));
    if (!b)
        return fail_memory();
    init(b, store);
    r = chain_load(&b->chain, store, article);
    for (size_t i = 0; r == 0 && i < b->chain.n; i++)
        r = take_revision(b, i);
    if (r == 0) {
        finish_lives(b);
        r = put_in_order(b);
    }
    if (r < 0) {
        sillok_blame_close(b);
        return r;
    }
    *out = b;
    return 0;
}

uint32_t sillok_blame_revisions(const struct sillok_blame *b)
{
    return (uint32_t)b->chain.n;
}

void sillok_blame_seen(const struct sillok_blame *b, uint32_t number, int64_t *first_s,
                       int64_t *last_s)
{
    *first_s = *last_s = 0;
    if (number < 1 || number > b->chain.n)
        return;
    const struct chain_revision *rev = chain_at(&b->chain, number - 1);
    *first_s = rev->link.first_s;
    *last_s = rev->last_s;
}

/* --- telling --- */

static struct sillok_blame_window window_before(const struct sillok_blame *b,
                                                uint32_t revision, int how)
{
    struct sillok_blame_window w = { SILLOK_BLAME_NOT, 0, 0 };
    if (how == SILLOK_BLAME_NOT)
        return w;
    w.how = (enum sillok_blame_how)how;
    w.after_s = chain_at(&b->chain, revision - 2)->last_s;
    w.before_s = chain_at(&b->chain, revision - 1)->link.first_s;
    return w;
}

static int tell_spans(struct sillok_blame *b, const struct life *life)
{
    int r = 0;
    buf_clear(&b->told);
    for (uint32_t i = life->first_span; i != NO_LIFE && r == 0; i = span_at(b, i)->next) {
        const struct span *s = span_at(b, i);
        struct sillok_blame_span told;
        memset(&told, 0, sizeof(told));
        told.first_revision = s->first;
        told.last_revision = s->last ? s->last : (uint32_t)b->chain.n;
        told.first_seen_s = chain_at(&b->chain, told.first_revision - 1)->link.first_s;
        told.last_seen_s = chain_at(&b->chain, told.last_revision - 1)->last_s;
        told.came = window_before(b, s->first, s->came);
        told.went = window_before(b, s->last + 1, s->went);
        r = buf_add(&b->told, &told, sizeof(told));
    }
    return r;
}

int sillok_blame_next(struct sillok_blame *b, struct sillok_blame_sentence *out)
{
    const struct life *life;
    do {
        if (b->next == b->order.len / sizeof(uint32_t))
            return 0;
        life = life_at(b, ids_of(&b->order)[b->next++]);
    } while (life->end == life->start); /* blanks only */
    const int r = tell_spans(b, life);
    if (r < 0)
        return r;
    const struct sillok_article *a = &b->versions[(b->chain.n - 1) % 2].article;
    const struct sillok_text newest =
        life->where == SILLOK_BLAME_TITLE ? a->fields[SILLOK_TITLE] : a->body;
    memset(out, 0, sizeof(*out));
    out->where = (enum sillok_blame_where)life->where;
    out->gone = life->gone;
    out->range = (struct sillok_span){ life->start, life->end };
    out->text = life->gone ? text_make(b->pool.ptr + life->pooled, life->pooled_len)
                           : cut(newest, life->start, life->end);
    out->spans = (const struct sillok_blame_span *)(const void *)b->told.ptr;
    out->n_spans = b->told.len / sizeof(*out->spans);
    out->revision = out->spans[out->n_spans - 1].last_revision;
    return 1;
}

const char *sillok_blame_fate(const struct sillok_blame_sentence *s)
{
    const struct sillok_blame_span *last = &s->spans[s->n_spans - 1];
    if (s->gone)
        return last->went.how == SILLOK_BLAME_REWORDED ? "reworded" : "removed";
    if (last->came.how == SILLOK_BLAME_NOT)
        return NULL;
    if (s->n_spans > 1)
        return "came back";
    return last->came.how == SILLOK_BLAME_REWORDED ? "new wording" : "added";
}
