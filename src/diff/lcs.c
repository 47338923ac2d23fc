/* Myers and patience: see lcs.h. */
#include "diff/lcs.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROUNDS = 512 }; /* of one bisection; what needs more is not worth the best */

struct point {
    int32_t x, y;
};

/* One call. a and b are the elements that have a counterpart; where_ says which they
 * were. */
struct job {
    struct lcs *w;
    uint32_t *a, *b;
    int32_t *where_a, *where_b;
    uint8_t *changed_a, *changed_b;
    int32_t *forward, *backward; /* furthest x per diagonal; index 0 is diagonal 0 */
    int32_t *count_a, *count_b;  /* per id; all zero between boxes */
    int32_t *place_b;            /* per id: its place in b */
    struct point *anchors;       /* what occurs once on both sides */
};

void lcs_init(struct lcs *w, int64_t budget)
{
    *w = (struct lcs){ .budget = budget };
}

void lcs_release(struct lcs *w)
{
    free(w->stack);
    free(w->numbers);
    *w = (struct lcs){ 0 };
}

static int push(struct lcs *w, struct lcs_box box)
{
    if (box.a0 >= box.a1 || box.b0 >= box.b1)
        return 0;
    const int r = array_room(&w->stack, w->n_stack, &w->cap_stack, sizeof(*w->stack));
    if (r == 0)
        w->stack[w->n_stack++] = box;
    return r;
}

static void match(struct job *j, int32_t x, int32_t y)
{
    j->changed_a[j->where_a[x]] = 0;
    j->changed_b[j->where_b[y]] = 0;
}

static void trim(struct job *j, struct lcs_box *box)
{
    const int32_t before = box->a1 - box->a0;
    while (box->a0 < box->a1 && box->b0 < box->b1 && j->a[box->a0] == j->b[box->b0])
        match(j, box->a0++, box->b0++);
    while (box->a0 < box->a1 && box->b0 < box->b1 &&
           j->a[box->a1 - 1] == j->b[box->b1 - 1])
        match(j, --box->a1, --box->b1);
    j->w->budget -= before - (box->a1 - box->a0);
}

/* Too many rounds: the place where either search got furthest. */
static struct point furthest(const struct job *j, const struct lcs_box *box,
                             const int32_t range[4])
{
    int32_t best = -1, best_x = box->a0;
    for (int32_t d = range[1]; d >= range[0]; d -= 2) {
        int32_t x = j->forward[d] < box->a1 ? j->forward[d] : box->a1;
        if (x - d > box->b1)
            x = box->b1 + d;
        if (x + (x - d) > best) {
            best = x + (x - d);
            best_x = x;
        }
    }
    int32_t back = INT32_MAX, back_x = box->a1;
    for (int32_t d = range[3]; d >= range[2]; d -= 2) {
        int32_t x = j->backward[d] > box->a0 ? j->backward[d] : box->a0;
        if (x - d < box->b0)
            x = box->b0 + d;
        if (x + (x - d) < back) {
            back = x + (x - d);
            back_x = x;
        }
    }
    if ((int64_t)box->a1 + box->b1 - back < (int64_t)best - box->a0 - box->b0)
        return (struct point){ best_x, best - best_x };
    return (struct point){ back_x, back - back_x };
}

/* One round of either search; 1 when it met the other one in *meet. range is the first
 * and last diagonal of the forward and of the backward search. */
static int forward_round(struct job *j, const struct lcs_box *box, int32_t range[4],
                         int odd, struct point *meet)
{
    int32_t *f = j->forward;
    if (range[0] > box->a0 - box->b1)
        f[--range[0] - 1] = -1;
    else
        ++range[0];
    if (range[1] < box->a1 - box->b0)
        f[++range[1] + 1] = -1;
    else
        --range[1];
    for (int32_t d = range[1]; d >= range[0]; d -= 2) {
        int32_t x = f[d - 1] >= f[d + 1] ? f[d - 1] + 1 : f[d + 1];
        const int32_t from = x;
        while (x < box->a1 && x - d < box->b1 && j->a[x] == j->b[x - d])
            x++;
        j->w->budget -= 2 + (x - from);
        f[d] = x;
        if (odd && range[2] <= d && d <= range[3] && j->backward[d] <= x) {
            *meet = (struct point){ x, x - d };
            return 1;
        }
    }
    return 0;
}

static int backward_round(struct job *j, const struct lcs_box *box, int32_t range[4],
                          int odd, struct point *meet)
{
    int32_t *r = j->backward;
    if (range[2] > box->a0 - box->b1)
        r[--range[2] - 1] = INT32_MAX;
    else
        ++range[2];
    if (range[3] < box->a1 - box->b0)
        r[++range[3] + 1] = INT32_MAX;
    else
        --range[3];
    for (int32_t d = range[3]; d >= range[2]; d -= 2) {
        int32_t x = r[d - 1] < r[d + 1] ? r[d - 1] : r[d + 1] - 1;
        const int32_t from = x;
        while (x > box->a0 && x - d > box->b0 && j->a[x - 1] == j->b[x - d - 1])
            x--;
        j->w->budget -= 2 + (from - x);
        r[d] = x;
        if (!odd && range[0] <= d && d <= range[1] && x <= j->forward[d]) {
            *meet = (struct point){ x, x - d };
            return 1;
        }
    }
    return 0;
}

static struct point bisect(struct job *j, const struct lcs_box *box)
{
    const int32_t first = box->a0 - box->b0, last = box->a1 - box->b1;
    const int odd = (first - last) & 1;
    int32_t range[4] = { first, first, last, last };
    struct point meet = { box->a0, box->b0 };
    j->forward[first] = box->a0;
    j->backward[last] = box->a1;
    for (int round = 1;; round++) {
        if (forward_round(j, box, range, odd, &meet) ||
            backward_round(j, box, range, odd, &meet))
            return meet;
        if (round >= MAX_ROUNDS || j->w->budget <= 0)
            return furthest(j, box, range);
    }
}

/* Longest increasing run of the y of n points, by patience sorting: keeps those points at
 * the front and returns how many. The points come in order of their x. */
static int32_t keep_increasing(struct point *points, int32_t n, int32_t *top,
                               int32_t *previous)
{
    int32_t piles = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t lo = 0, hi = piles;
        while (lo < hi) {
            const int32_t mid = (lo + hi) / 2;
            if (points[top[mid]].y < points[i].y)
                lo = mid + 1;
            else
                hi = mid;
        }
        previous[i] = lo ? top[lo - 1] : -1;
        top[lo] = i;
        if (lo == piles)
            piles++;
    }
    int32_t i = piles ? top[piles - 1] : -1;
    for (int32_t k = piles - 1; k >= 0; k--) {
        top[k] = i;
        i = previous[i];
    }
    for (int32_t k = 0; k < piles; k++)
        points[k] = points[top[k]];
    return piles;
}

static int32_t find_anchors(struct job *j, const struct lcs_box *box)
{
    int32_t n = 0;
    for (int32_t y = box->b0; y < box->b1; y++) {
        j->count_b[j->b[y]]++;
        j->place_b[j->b[y]] = y;
    }
    for (int32_t x = box->a0; x < box->a1; x++)
        j->count_a[j->a[x]]++;
    for (int32_t x = box->a0; x < box->a1; x++) {
        const uint32_t id = j->a[x];
        if (j->count_a[id] != 1 || j->count_b[id] != 1)
            continue;
        j->anchors[n++] = (struct point){ x, j->place_b[id] };
    }
    for (int32_t x = box->a0; x < box->a1; x++)
        j->count_a[j->a[x]] = 0;
    for (int32_t y = box->b0; y < box->b1; y++)
        j->count_b[j->b[y]] = 0;
    j->w->budget -= 6 * ((int64_t)(box->a1 - box->a0) + (box->b1 - box->b0));
    return n;
}

/* Matches the anchors of a box and puts what lies between them on the stack. 1 when there
 * were any, 0 when not. */
static int split_at_anchors(struct job *j, const struct lcs_box *box)
{
    int32_t n = find_anchors(j, box);
    if (n == 0)
        return 0;
    n = keep_increasing(j->anchors, n, j->forward, j->backward);
    j->w->budget -= 20 * (int64_t)n;
    int32_t x = box->a0, y = box->b0;
    for (int32_t k = 0; k <= n; k++) {
        const int32_t to_x = k < n ? j->anchors[k].x : box->a1;
        const int32_t to_y = k < n ? j->anchors[k].y : box->b1;
        const int r = push(j->w, (struct lcs_box){ x, to_x, y, to_y, 1 });
        if (r < 0)
            return r;
        if (k < n)
            match(j, to_x, to_y);
        x = to_x + 1;
        y = to_y + 1;
    }
    return 1;
}

static int split(struct job *j, struct lcs_box box)
{
    if (box.patience) {
        const int r = split_at_anchors(j, &box);
        if (r != 0)
            return r < 0 ? r : 0;
    }
    const struct point p = bisect(j, &box);
    if ((p.x == box.a0 && p.y == box.b0) || (p.x == box.a1 && p.y == box.b1))
        return 0; /* no progress: stays changed */
    const int r = push(j->w, (struct lcs_box){ box.a0, p.x, box.b0, p.y, 0 });
    return r < 0 ? r : push(j->w, (struct lcs_box){ p.x, box.a1, p.y, box.b1, 0 });
}

static int run(struct job *j, struct lcs_box all)
{
    struct lcs *w = j->w;
    w->n_stack = 0;
    int r = push(w, all);
    while (r == 0 && w->n_stack) {
        struct lcs_box box = w->stack[--w->n_stack];
        if (w->budget <= 0) {
            w->coarse = 1;
            break;
        }
        w->budget -= 16;
        trim(j, &box);
        if (box.a0 < box.a1 && box.b0 < box.b1)
            r = split(j, box);
    }
    return r;
}

/* Hands out the arrays of a job from one block. Diagonals run from -nb-1 to na+1, and the
 * piles of the patience sort use the same arrays from 0 on. */
static int prepare(struct job *j, size_t na, size_t nb, size_t n_ids, int patience)
{
    struct lcs *w = j->w;
    const size_t diagonals = na + nb + 3, small = na < nb ? na : nb;
    const size_t need =
        2 * (na + nb) + 2 * diagonals + 3 * n_ids + (patience ? 2 * small + 2 : 0);
    if (need > w->cap_numbers) {
        free(w->numbers);
        w->cap_numbers = 0;
        w->numbers = malloc(need * sizeof(*w->numbers));
        if (!w->numbers)
            return fail_memory();
        w->cap_numbers = need;
    }
    int32_t *p = w->numbers;
    j->count_a = p;
    j->count_b = p + n_ids;
    memset(p, 0, 2 * n_ids * sizeof(*p));
    p += 2 * n_ids;
    j->place_b = p;
    p += n_ids;
    j->forward = p + nb + 1;
    j->backward = p + diagonals + nb + 1;
    p += 2 * diagonals;
    j->where_a = p;
    j->where_b = p + na;
    p += na + nb;
    j->a = (uint32_t *)p;
    j->b = (uint32_t *)p + na;
    j->anchors = (struct point *)(p + na + nb);
    return 0;
}

/* Copies the elements of @p s that the other side has too. */
static int32_t gather(uint32_t *out, int32_t *where, struct lcs_seq s, size_t from,
                      size_t to, const int32_t *other)
{
    int32_t n = 0;
    for (size_t i = from; i < to; i++) {
        s.changed[i] = 1;
        if (!other[s.ids[i]])
            continue;
        out[n] = s.ids[i];
        where[n++] = (int32_t)i;
    }
    return n;
}

int lcs_align(struct lcs *w, struct lcs_seq a, struct lcs_seq b, uint32_t n_ids,
              int patience)
{
    size_t start = 0, end_a = a.n, end_b = b.n;
    while (start < end_a && start < end_b && a.ids[start] == b.ids[start])
        start++;
    while (end_a > start && end_b > start && a.ids[end_a - 1] == b.ids[end_b - 1]) {
        end_a--;
        end_b--;
    }
    memset(a.changed, 0, a.n);
    memset(b.changed, 0, b.n);
    if (start == end_a || start == end_b) {
        memset(a.changed + start, 1, end_a - start);
        memset(b.changed + start, 1, end_b - start);
        return 0;
    }
    struct job j = { .w = w, .changed_a = a.changed, .changed_b = b.changed };
    int r = prepare(&j, end_a - start, end_b - start, n_ids, patience);
    if (r < 0)
        return r;
    for (size_t i = start; i < end_a; i++)
        j.count_a[a.ids[i]]++;
    for (size_t i = start; i < end_b; i++)
        j.count_b[b.ids[i]]++;
    const int32_t na = gather(j.a, j.where_a, a, start, end_a, j.count_b);
    const int32_t nb = gather(j.b, j.where_b, b, start, end_b, j.count_a);
    memset(j.count_a, 0, 2 * (size_t)n_ids * sizeof(*j.count_a));
    w->budget -= 4 * (int64_t)(end_a - start + end_b - start);
    return run(&j, (struct lcs_box){ 0, na, 0, nb, patience });
}
