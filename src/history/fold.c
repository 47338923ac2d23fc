#include "history/fold.h"

#include "base/map.h"
#include "diff/diff.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The changes of a publisher in a crawl. */
struct publisher {
    size_t n; /* articles */
    uint32_t crawl;
    uint32_t group; /* its own, or that of the small ones of the crawl */
    uint32_t event; /* 1 + index */
};

/* Those in which marks are looked for. */
struct group {
    size_t n;       /* articles */
    uint32_t tally; /* index, where it is large enough to fold */
    int titles;     /* of so many changed that they may share something */
    int shares;     /* something, perhaps: its places are looked at */
    size_t marked;  /* articles that have marks */
    int is_small;   /* of small publishers, which may have copies of one text */
};

/* An article in a group. */
struct member {
    uint32_t n; /* of its changes */
    int marked;
};

/* How many items of a group have a bit of their sketches, another title, or next to no
 * text any more: more than articles have, where those changed several times, and then it is
 * looked at in vain. */
struct tally {
    uint32_t places[SKETCH_PLACES], words[SKETCH_WORDS], titles, emptied;
};

struct place {
    uint64_t hash; /* of what went and came; 0: too many to look at */
    struct wholes {
        uint64_t same, cut; /* place_of_whole(), place_of_cut() of title or body, or 0 */
        int is_large;       /* the cut */
    } of;
    uint64_t line; /* of the line that it is in, where only numbers differ there; or 0 */
    uint64_t
        around; /* hash of it with what stands beside it before; 0: does not matter */
    uint32_t n_words;  /* of its own in words; 0 where there are too many for a line */
    size_t first_word; /* in folding.words */
};

enum {
    PLACES_MAX =
        256,        /* of one article: what differs in more is no line of an extractor */
    WORDS_MAX = 256 /* of one article */
};

struct folding {
    struct fold_item *items;
    size_t n;
    const struct fold_source *source;
    struct map publisher_of; /* key_in() of crawl and publisher's hash -> publisher */
    struct buf publishers;   /* struct publisher */
    uint32_t *item_publisher;
    struct map small_of;  /* crawl -> group of its small publishers */
    struct buf groups;    /* struct group */
    struct map member_of; /* key_in() of publisher and article -> member */
    struct buf members;   /* struct member */
    uint32_t *item_member;
    size_t *first_place; /* n + 1: places of item i are [first_place[i], first_place[i +
                            1]) */
    struct buf places;   /* struct place */
    struct buf words;    /* uint64_t */
    struct map seen;     /* key_in() of a place or a word -> how many articles have it */
    struct map
        counted; /* key_in() of a member that changed several times, and that; and of
                            surroundings, where copies of one text may be */
    struct buf *events;
};

static struct group *group_at(const struct folding *f, size_t i)
{
    return (struct group *)(void *)f->groups.ptr + i;
}

static struct publisher *publisher_of(const struct folding *f, size_t item)
{
    return (struct publisher *)(void *)f->publishers.ptr + f->item_publisher[item];
}

static struct group *group_of(const struct folding *f, size_t item)
{
    return group_at(f, publisher_of(f, item)->group);
}

static struct member *member_of(const struct folding *f, size_t item)
{
    return (struct member *)(void *)f->members.ptr + f->item_member[item];
}

static const struct place *place_at(const struct folding *f, size_t i)
{
    return (const struct place *)(const void *)f->places.ptr + i;
}

static size_t n_places(const struct folding *f)
{
    return f->places.len / sizeof(struct place);
}

static uint64_t word_at(const struct folding *f, size_t i)
{
    return ((const uint64_t *)(const void *)f->words.ptr)[i];
}

static size_t n_words(const struct folding *f)
{
    return f->words.len / sizeof(uint64_t);
}

/* What is told apart by a small number besides its hash: a publisher by its crawl, places and
 * words by their group. The number as a seed of XXH3 would not do: with texts of up to three
 * bytes, as publishers are called, it takes the place of their last byte. */
static uint64_t key_in(uint32_t number, uint64_t hash)
{
    return hash + ((uint64_t)number + 1) * 0x9e3779b97f4a7c15;
}

/* The number that @p key has, a fresh one where it has none: what is at @p fresh is
 * appended to @p list then. */
static int number_of(struct map *m, uint64_t key, struct buf *list, const void *fresh,
                     size_t len, uint32_t *out)
{
    *out = map_get(m, key);
    if (*out != MAP_NONE)
        return 0;
    *out = (uint32_t)(list->len / len);
    const int r = buf_add(list, fresh, len);
    return r < 0 ? r : map_put(m, key, *out);
}

static int count_publishers(struct folding *f)
{
    const struct member member = { 0 };
    int r = 0;
    for (size_t i = 0; i < f->n && r == 0; i++) {
        const struct fold_item *item = &f->items[i];
        const struct publisher publisher = { .crawl = item->crawl };
        const uint64_t key =
            key_in(item->crawl, XXH3_64bits(item->oid.ptr, item->oid.len));
        r = number_of(&f->publisher_of, key, &f->publishers, &publisher,
                      sizeof(publisher), &f->item_publisher[i]);
        if (r < 0)
            break;
        const uint64_t article = XXH3_64bits(&item->article, sizeof(item->article));
        r = number_of(&f->member_of, key_in(f->item_publisher[i], article), &f->members,
                      &member, sizeof(member), &f->item_member[i]);
        if (r == 0 && member_of(f, i)->n++ == 0)
            publisher_of(f, i)->n++;
    }
    return r;
}

/* Each large publisher is a group of its own; the small ones of a crawl are one. */
static int make_groups(struct folding *f)
{
    const struct group group = { 0 }, of_small = { .is_small = 1 };
    struct publisher *p = (struct publisher *)(void *)f->publishers.ptr;
    int r = 0;
    for (size_t n = f->publishers.len / sizeof(*p); n > 0 && r == 0; n--, p++) {
        if (p->n < FOLD_MIN) {
            r = number_of(&f->small_of, key_in(p->crawl, 0), &f->groups, &of_small,
                          sizeof(of_small), &p->group);
        } else {
            p->group = (uint32_t)(f->groups.len / sizeof(group));
            r = buf_add(&f->groups, &group, sizeof(group));
        }
        if (r == 0)
            group_at(f, p->group)->n += p->n;
    }
    return r;
}

/* --- what the sketches say --- */

/* Do as many items of the group have it as make a mark? */
static int is_often(const struct group *g, size_t n)
{
    return n >= FOLD_MIN && 2 * n >= g->n;
}

static void count_bits(uint32_t *tally, const uint8_t *bits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tally[i] += (uint32_t)(bits[i / 8] >> i % 8 & 1);
}

static void count_sketch(struct tally *t, const struct sillok_change_class *what,
                         const struct place_sketch *s)
{
    count_bits(t->places, s->places, SKETCH_PLACES);
    count_bits(t->words, s->words, SKETCH_WORDS);
    t->titles += what->fields >> SILLOK_TITLE & 1;
    t->emptied += what->kinds >> SILLOK_KIND_EMPTIED & 1;
}

/* Numbers alone make no mark, but where the rest of their line is the same: see WORDS_MIN.
 * What is left of emptied texts may be the same though nothing came. */
static int may_share(const struct group *g, const struct tally *t)
{
    if (is_often(g, t->emptied))
        return 1;
    for (size_t i = 0; i < SKETCH_PLACES; i++)
        if (is_often(g, t->places[i]))
            return 1;
    for (size_t i = SKETCH_NUMBERS; i < SKETCH_WORDS; i++)
        if (is_often(g, t->words[i]))
            return 1;
    return 0;
}

/* An item without a sketch may have anything. */
static int tally_sketches(const struct folding *f, struct tally *tallies)
{
    int r = 0;
    for (size_t i = 0; i < f->n && r >= 0; i++) {
        struct place_sketch sketch;
        struct sillok_change_class what;
        const struct group *g = group_of(f, i);
        if (g->n < FOLD_MIN)
            continue;
        r = f->source->sketch(f->source->ctx, i, &what, &sketch);
        if (r == 0) {
            memset(&sketch, 0xff, sizeof(sketch));
            what.fields = what.kinds = UINT32_MAX;
        }
        if (r >= 0)
            count_sketch(&tallies[g->tally], &what, &sketch);
    }
    return r < 0 ? r : 0;
}

static int find_sharing(struct folding *f)
{
    const size_t n = f->groups.len / sizeof(struct group);
    uint32_t large = 0;
    for (size_t i = 0; i < n; i++)
        if (group_at(f, i)->n >= FOLD_MIN)
            group_at(f, i)->tally = large++;
    struct tally *tallies = calloc((size_t)large + 1, sizeof(*tallies));
    const int r = tallies ? tally_sketches(f, tallies) : fail_memory();
    for (size_t i = 0; i < n && r == 0; i++) {
        struct group *g = group_at(f, i);
        g->shares = g->n >= FOLD_MIN && may_share(g, &tallies[g->tally]);
        g->titles = g->n >= FOLD_MIN && is_often(g, tallies[g->tally].titles);
    }
    free(tallies);
    return r;
}

/* --- places --- */

static struct sillok_text title_of(const struct sillok_article *a)
{
    const struct sillok_text t = a->fields[SILLOK_TITLE];
    return t.ptr ? t : text_make("", 0);
}

/* 1 when the article of item @p i has been counted for @p key already. */
static int is_counted(struct folding *f, size_t i, uint64_t key)
{
    if (member_of(f, i)->n < 2)
        return 0;
    const uint64_t both[] = { f->item_member[i], key };
    const uint64_t mine = XXH3_64bits(both, sizeof(both));
    if (map_get(&f->counted, mine) != MAP_NONE)
        return 1;
    return map_put(&f->counted, mine, 0);
}

/* 1 when it has been counted where the same stood around it: a wire report that many small
 * publishers have, and correct, is one text. */
static int is_copy(struct folding *f, size_t i, uint64_t key, uint64_t around)
{
    if (!around || !group_of(f, i)->is_small)
        return 0;
    const uint64_t both[] = { around, key };
    const uint64_t mine = XXH3_64bits(both, sizeof(both));
    if (map_get(&f->counted, mine) != MAP_NONE)
        return 1;
    return map_put(&f->counted, mine, 0);
}

static int count_one(struct folding *f, size_t i, uint64_t hash, uint64_t around)
{
    const uint64_t key = key_in(publisher_of(f, i)->group, hash);
    int counted = is_copy(f, i, key, around);
    if (!counted)
        counted = is_counted(f, i, key);
    if (counted)
        return counted < 0 ? counted : 0;
    const uint32_t before = map_get(&f->seen, key);
    return map_put(&f->seen, key, before == MAP_NONE ? 1 : before + 1);
}

/* A place is one of an item, however often it stands there, and so is a line in which
 * several numbers differ. */
static int add_place(struct folding *f, size_t i, struct place place)
{
    const size_t first = f->first_place[i], n = n_places(f);
    int is_known = !place.line;
    for (size_t k = first; k < n; k++) {
        if (place_at(f, k)->hash == place.hash)
            return 0;
        is_known |= place_at(f, k)->line == place.line;
    }
    if (n - first >= PLACES_MAX)
        place.hash = 0;
    int r = buf_add(&f->places, &place, sizeof(place));
    if (r < 0 || !place.hash)
        return r;
    if (!is_known)
        r = count_one(f, i, place.line, place.around);
    return r < 0 ? r : count_one(f, i, place.hash, place.around);
}

/* Is it one of the words from @p from up to @p to? */
static int has_word(const struct folding *f, size_t from, size_t to, uint64_t word)
{
    for (size_t k = from; k < to; k++)
        if (word_at(f, k) == word)
            return 1;
    return 0;
}

/* The words of one side of a place, each once: 0; 1 past WORDS_MAX of the article, and the
 * place has none then: what is left of a line without its other side is not that line. */
static int add_words(struct folding *f, size_t first_of_item, size_t first_of_place,
                     struct place_words words)
{
    uint64_t word;
    int r = 0;
    while (r == 0 && place_next_word(&words, &word)) {
        if (has_word(f, first_of_place, n_words(f), word))
            continue;
        if (n_words(f) - first_of_item >= WORDS_MAX) {
            f->words.len = first_of_place * sizeof(word);
            return 1;
        }
        r = buf_add(&f->words, &word, sizeof(word));
    }
    return r;
}

/* Those of an item that were kept, each once, in however many of its places from @p first on. */
static int count_words(struct folding *f, size_t i, size_t first, size_t first_word)
{
    int r = 0;
    for (; first < n_places(f) && r == 0; first++) {
        const struct place p = *place_at(f, first);
        for (size_t k = p.first_word; k < p.first_word + p.n_words && r == 0; k++)
            if (!has_word(f, first_word, k, word_at(f, k)))
                r = count_one(f, i, word_at(f, k), p.around);
    }
    return r;
}

static struct wholes wholes_of(int field, struct sillok_text before,
                               struct sillok_text after)
{
    struct wholes of = { .same = place_of_whole(field, after) };
    of.cut = place_of_cut(field, before, after, &of.is_large);
    return of;
}

/* Of bytes [@p from, @p to) with what stands before and behind them. */
static uint64_t hash_around(struct sillok_text t, size_t from, size_t to)
{
    enum { REACH = 120 };
    const size_t start = from > REACH ? from - REACH : 0;
    const size_t end = t.len - to > REACH ? to + REACH : t.len;
    return end > start ? XXH3_64bits(t.ptr + start, end - start) | 1 : 0;
}

static int count_wholes(struct folding *f, size_t i, struct wholes of,
                        struct sillok_text before, struct sillok_text after)
{
    const size_t kept = text_common_start(before, after);
    const int r =
        of.same ? count_one(f, i, of.same, hash_around(before, 0, before.len)) : 0;
    return r == 0 && of.cut && of.is_large
               ? count_one(f, i, of.cut, hash_around(before, kept, kept))
               : r;
}

/* @param of  of the body that it is a change of */
static int add_change(struct folding *f, size_t i, size_t first_word, struct wholes of,
                      const struct changes *all, const struct change *c)
{
    const size_t here = n_words(f);
    int r = add_words(f, first_word, here, place_words(c, 0));
    if (r == 0)
        r = add_words(f, first_word, here, place_words(c, 1));
    const struct place place = { .hash = place_of_change(c),
                                 .of = of,
                                 .line = place_of_line(all, c),
                                 .around = hash_around(all->old_text, c->old_at,
                                                       c->old_at + c->old_text.len),
                                 .n_words = (uint32_t)(n_words(f) - here),
                                 .first_word = here };
    return r < 0 ? r : add_place(f, i, place);
}

static int add_body_places(struct folding *f, size_t i, const struct sillok_article *a,
                           const struct sillok_article *b)
{
    struct changes c;
    int r = changes_between(&c, a->body, b->body);
    const size_t first_word = n_words(f), first = n_places(f);
    const struct wholes of = wholes_of(SILLOK_N_FIELDS, a->body, b->body);
    for (size_t k = 0; r == 0 && k < c.n && n_places(f) <= f->first_place[i] + PLACES_MAX;
         k++)
        if (!change_is_layout(&c.v[k]))
            r = add_change(f, i, first_word, of, &c, &c.v[k]);
    if (r == 0)
        r = count_words(f, i, first, first_word);
    if (r == 0 && n_places(f) > first)
        r = count_wholes(f, i, of, a->body, b->body);
    changes_release(&c);
    return r;
}

static int add_title_places(struct folding *f, size_t i, const struct changes *c)
{
    const size_t first = n_places(f);
    const struct wholes of = wholes_of(SILLOK_TITLE, c->old_text, c->new_text);
    int r = 0;
    for (size_t k = 0; r == 0 && k < c->n; k++)
        if (!change_is_layout(&c->v[k]))
            r = add_place(
                f, i,
                (struct place){ .hash = place_of_title(c, &c->v[k]),
                                .of = of,
                                .around = hash_around(c->old_text, 0, c->old_text.len) });
    return r == 0 && n_places(f) > first
               ? count_wholes(f, i, of, c->old_text, c->new_text)
               : r;
}

static int find_title_places(struct folding *f, size_t i, const struct sillok_article *a,
                             const struct sillok_article *b)
{
    struct changes c;
    int r = changes_between(&c, title_of(a), title_of(b));
    if (r == 0)
        r = add_title_places(f, i, &c);
    changes_release(&c);
    return r;
}

static int find_places(struct folding *f, size_t i)
{
    const struct sillok_article *a, *b;
    int r = f->source->load(f->source->ctx, i, 1, &a, &b);
    for (int k = 0; k < SILLOK_N_FIELDS && r == 0; k++)
        if (k != SILLOK_TITLE && !text_equal(a->fields[k], b->fields[k]))
            r = add_place(
                f, i,
                (struct place){ .hash = place_of_field(k, a->fields[k], b->fields[k]) });
    if (r == 0 && !text_equal(title_of(a), title_of(b)))
        r = find_title_places(f, i, a, b);
    if (r == 0 && !text_equal(a->body, b->body))
        r = add_body_places(f, i, a, b);
    return r;
}

/* --- marks --- */

static int is_common(const struct folding *f, size_t i, uint64_t hash)
{
    const uint32_t group = publisher_of(f, i)->group;
    const uint32_t n = map_get(&f->seen, key_in(group, hash));
    return n != MAP_NONE && is_often(group_at(f, group), n);
}

/* As many became the same as a whole, or were cut where the same stands now. */
static int is_common_whole(const struct folding *f, size_t i, struct wholes of)
{
    return (of.same && is_common(f, i, of.same)) || (of.cut && is_common(f, i, of.cut));
}

/* The same place, or the same but for a few words: a date, a name. Or title or body are what
 * they are in all. */
static int is_mark(const struct folding *f, size_t i, const struct place *p)
{
    enum { WORDS_MIN = 3 }; /* fewer in common may be chance; above SKETCH_NUMBERS */
    if (is_common_whole(f, i, p->of))
        return 1;
    if (!p->hash)
        return 0;
    if (is_common(f, i, p->hash) || (p->line && is_common(f, i, p->line)))
        return 1;
    size_t common = 0;
    for (size_t k = 0; k < p->n_words; k++)
        common += (size_t)is_common(f, i, word_at(f, p->first_word + k));
    return common >= WORDS_MIN && 3 * common >= 2 * (size_t)p->n_words;
}

/* Of groups that share nothing else, as their sketches say: do they share something in
 * their titles? */
static int look_at_title(struct folding *f, size_t i)
{
    struct group *g = group_of(f, i);
    const struct sillok_article *a, *b;
    int r = f->source->load(f->source->ctx, i, 0, &a, &b);
    if (r < 0 || text_equal(title_of(a), title_of(b)))
        return r;
    const size_t first = n_places(f);
    f->first_place[i] = first;
    r = find_title_places(f, i, a, b);
    for (size_t k = first; k < n_places(f); k++)
        if (is_mark(f, i, place_at(f, k)))
            g->shares = 1;
    f->places.len = first * sizeof(struct place);
    return r;
}

/* What is counted here is counted again with the places of those that share something. */
static int find_sharing_titles(struct folding *f)
{
    int r = 0;
    for (size_t i = 0; i < f->n && r == 0; i++) {
        const struct group *g = group_of(f, i);
        if (g->titles && !g->shares)
            r = look_at_title(f, i);
    }
    map_clear(&f->seen);
    map_clear(&f->counted);
    return r;
}

static int find_all_places(struct folding *f)
{
    int r = 0;
    for (size_t i = 0; i < f->n && r == 0; i++) {
        f->first_place[i] = n_places(f);
        if (group_of(f, i)->shares)
            r = find_places(f, i);
    }
    f->first_place[f->n] = n_places(f);
    return r;
}

/* --- events --- */

static int put_into_event(struct folding *f, size_t i)
{
    struct publisher *p = publisher_of(f, i);
    if (!p->event) {
        const struct fold_event e = { f->items[i].crawl, i, 0 };
        const int r = buf_add(f->events, &e, sizeof(e));
        if (r < 0)
            return r;
        p->event = (uint32_t)(f->events->len / sizeof(e));
    }
    f->items[i].event = p->event;
    ((struct fold_event *)(void *)f->events->ptr)[p->event - 1].n++;
    return 0;
}

static void count_marks(struct folding *f, size_t i)
{
    struct fold_item *item = &f->items[i];
    item->marks = 0;
    item->event = 0;
    for (size_t k = f->first_place[i]; k < f->first_place[i + 1]; k++)
        item->marks += is_mark(f, i, place_at(f, k));
    if (item->marks > 0 && !member_of(f, i)->marked) {
        member_of(f, i)->marked = 1;
        group_of(f, i)->marked++;
    }
}

/* Words may each be common, and few have enough of them in one place: that is no mark. */
static int judge(struct folding *f, size_t i)
{
    struct fold_item *item = &f->items[i];
    const struct group *g = group_of(f, i);
    const size_t n = f->first_place[i + 1] - f->first_place[i];
    const int all = (size_t)item->marks == n;
    item->marks = item->marks > 0 && is_often(g, g->marked);
    return item->marks && all ? put_into_event(f, i) : 0;
}

/* --- edits beside marks --- */

/* Is this change of item @p i a mark? What an article has twice is one place. */
static int is_marked(const struct folding *f, size_t i, uint64_t hash)
{
    for (size_t k = f->first_place[i]; k < f->first_place[i + 1]; k++)
        if (place_at(f, k)->hash == hash)
            return is_mark(f, i, place_at(f, k));
    return 0;
}

/* The later text with what stood in the older one in place of each mark.
 * @param field  as place_of_whole() */
static int undo_changes(const struct folding *f, size_t i, int field,
                        const struct changes *c, struct buf *out)
{
    const struct sillok_text now = c->new_text;
    size_t at = 0;
    int r = 0;
    for (size_t k = 0; k < c->n && r == 0; k++) {
        const struct change *one = &c->v[k];
        const uint64_t hash =
            field == SILLOK_TITLE ? place_of_title(c, one) : place_of_change(one);
        if (change_is_layout(one) || !is_marked(f, i, hash))
            continue;
        r = buf_add(out, now.ptr + at, one->new_at - at);
        if (r == 0)
            r = buf_add_text(out, one->old_text);
        at = one->new_at + one->new_text.len;
    }
    return r < 0 ? r : buf_add(out, now.ptr + at, now.len - at);
}

static int undo_marks(const struct folding *f, size_t i, int field,
                      struct sillok_text before, struct sillok_text after,
                      struct buf *out)
{
    struct changes c;
    if (text_equal(before, after) ||
        is_common_whole(f, i, wholes_of(field, before, after)))
        return buf_add_text(out, before);
    int r = changes_between(&c, before, after);
    if (r == 0)
        r = undo_changes(f, i, field, &c, out);
    changes_release(&c);
    return r;
}

static int tell_edit(struct folding *f, size_t i)
{
    CLEANUP(buf_release) struct buf title = BUF_INIT, body = BUF_INIT;
    const struct sillok_article *a, *b;
    int r = f->source->load(f->source->ctx, i, 1, &a, &b);
    if (r < 0 || (text_equal(title_of(a), title_of(b)) && text_equal(a->body, b->body)))
        return r;
    r = undo_marks(f, i, SILLOK_TITLE, title_of(a), title_of(b), &title);
    if (r == 0)
        r = undo_marks(f, i, SILLOK_N_FIELDS, a->body, b->body, &body);
    return r < 0 ? r
                 : f->source->edit(f->source->ctx, i, buf_text(&title), buf_text(&body));
}

int fold(struct fold_item *items, size_t n, const struct fold_source *source,
         struct buf *events)
{
    struct folding f = { .items = items,
                         .n = n,
                         .source = source,
                         .publishers = BUF_INIT,
                         .groups = BUF_INIT,
                         .members = BUF_INIT,
                         .places = BUF_INIT,
                         .words = BUF_INIT,
                         .events = events };
    f.item_publisher = calloc(n + 1, sizeof(*f.item_publisher));
    f.item_member = calloc(n + 1, sizeof(*f.item_member));
    f.first_place = calloc(n + 1, sizeof(*f.first_place));
    int r = f.item_publisher && f.item_member && f.first_place ? count_publishers(&f)
                                                               : fail_memory();
    if (r == 0)
        r = make_groups(&f);
    if (r == 0)
        r = find_sharing(&f);
    if (r == 0)
        r = find_sharing_titles(&f);
    if (r == 0)
        r = find_all_places(&f);
    for (size_t i = 0; i < n && r == 0; i++)
        count_marks(&f, i);
    for (size_t i = 0; i < n && r == 0; i++) {
        r = judge(&f, i);
        if (r == 0 && items[i].marks && !items[i].event)
            r = tell_edit(&f, i);
    }
    free(f.item_publisher);
    free(f.item_member);
    free(f.first_place);
    map_release(&f.publisher_of);
    map_release(&f.small_of);
    map_release(&f.member_of);
    map_release(&f.seen);
    map_release(&f.counted);
    buf_release(&f.publishers);
    buf_release(&f.groups);
    buf_release(&f.members);
    buf_release(&f.places);
    buf_release(&f.words);
    return r;
}
