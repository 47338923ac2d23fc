/*
 * A store that something was done to: its data, its seal, its marker. The input is a list
 * of things to do to the three files of a small store, six bytes each: bits turned over,
 * pages that are zero or stand in for others, ends cut off, an older copy.
 *
 * Oracle: each question gets the answer that the sound store gives, or is told that the
 * store is damaged; where `verify` finds nothing, each gets its answer. Where the head of
 * the seal is lost, as after a crash, the newest pages are known by their shape alone
 * (docs/reliability.md): if they were changed too, what is found still has its hash, and
 * nothing else is asked but that it ends.
 */
#include "made.h"

#include "article/hash.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ARTICLES = 24, CRAWLS = 3, PAGE = 4096, SECTOR = 512, STEP = 6, STEPS_MAX = 16 };
enum { DATA, SEAL, MARKER, N_FILES };
enum { SPARE = 4 * PAGE };    /* that a file may grow by */
enum { SEAL_SUMS_AT = 4096 }; /* store/seal.h: heads stand before */

enum { ASK_LOG, ASK_CHANGES = ARTICLES, ASK_CRAWLS, ASK_TEXTS, N_QUESTIONS };

static struct {
    char *path[N_FILES];
    struct buf sound[N_FILES], older[N_FILES]; /* after the last commit; the one before */
    struct buf answers[N_QUESTIONS];
    struct sillok_id ids[ARTICLES * CRAWLS];
    size_t n_ids;
    char *folder;
    struct hasher *hasher;
} made;

/* In the place of libc's: a reader waits for a writer that is about to seal, and here is
 * none. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    return 0;
}

/* --- questions --- */

static int ask_log(struct sillok_store *store, int number, struct buf *out)
{
    struct sillok_log *it;
    struct sillok_revision rev;
    struct sillok_snapshot *snapshot;
    struct sillok_ref ref;
    struct sillok_text file, name;
    char aid[16], text[32], hex[SILLOK_ID_HEX_LEN + 1];
    snprintf(aid, sizeof(aid), "%d", number);
    int r = sillok_log_open(&it, store, "001", aid);
    if (r < 0)
        return r;
    while ((r = sillok_log_next(it, &rev)) > 0) {
        sillok_id_format(&rev.article.content_hash, hex);
        (void)buf_printf(out, "%u %lld %lld %llu %u %s\n", rev.number,
                         (long long)rev.first_seen_s, (long long)rev.last_seen_s,
                         (unsigned long long)rev.observations, rev.change.kinds, hex);
    }
    sillok_log_close(it);
    snprintf(text, sizeof(text), "001/%d", number);
    fuzz_done(sillok_ref_parse(&ref, text, 0, 0), "our own reference");
    if (r == 0)
        r = sillok_snapshot_open(&snapshot, store, &ref);
    if (r < 0)
        return r;
    r = sillok_snapshot_file(snapshot, &file, &name);
    if (r >= 0)
        (void)buf_add_text(out, file);
    sillok_snapshot_close(snapshot);
    return r;
}

static int ask_changes(struct sillok_store *store, struct buf *out)
{
    struct sillok_changes_options options = { .all = 1, .unfold = 1 };
    struct sillok_changes *it;
    struct sillok_change change;
    int r = sillok_changes_open(&it, store, &options);
    if (r < 0)
        return r;
    while ((r = sillok_changes_next(it, &change)) > 0)
        (void)buf_printf(out, "%s %lld %lld %u\n", change.key, (long long)change.after_s,
                         (long long)change.before_s, change.what.kinds);
    sillok_changes_close(it);
    return r;
}

static int ask_crawls(struct sillok_store *store, struct buf *out)
{
    struct sillok_crawls *it;
    struct sillok_crawl c;
    int r = sillok_crawls_open(&it, store);
    if (r < 0)
        return r;
    while ((r = sillok_crawls_next(it, &c)) > 0)
        (void)buf_printf(out, "%s %llu %llu %llu %llu\n", c.name,
                         (unsigned long long)c.files, (unsigned long long)c.new_articles,
                         (unsigned long long)c.changed, (unsigned long long)c.missing);
    sillok_crawls_close(it);
    return r;
}

/* Each by its hash, which it must have, whatever else is wrong. */
static int ask_texts(struct sillok_store *store, struct buf *out)
{
    int worst = 0;
    for (size_t i = 0; i < made.n_ids; i++) {
        char hex[SILLOK_ID_HEX_LEN + 1], *data;
        size_t len;
        struct sillok_id id;
        sillok_id_format(&made.ids[i], hex);
        const int r = sillok_body_get(store, hex, &data, &len, &id);
        if (r < 0) {
            worst = r;
            continue;
        }
        fuzz_expect(sillok_id_equal(&id, &made.ids[i]), "the text that was asked for");
        fuzz_done(hasher_of(made.hasher, text_make(data, len), &id), "a hash");
        fuzz_expect(sillok_id_equal(&id, &made.ids[i]), "a text of this hash");
        (void)buf_add(out, data, len);
        sillok_free(data);
    }
    return worst;
}

static int ask(struct sillok_store *store, int question, struct buf *out)
{
    buf_clear(out);
    const int r = question == ASK_CHANGES  ? ask_changes(store, out)
                  : question == ASK_CRAWLS ? ask_crawls(store, out)
                  : question == ASK_TEXTS  ? ask_texts(store, out)
                                           : ask_log(store, question, out);
    fuzz_expect(!out->failed, "memory");
    return r;
}

/* Is everything there, as `verify` sees it? */
static int verifies(struct sillok_store *store)
{
    struct sillok_verify *it;
    struct sillok_verify_event event;
    int damaged = 0;
    int r = sillok_verify_open(&it, store, NULL);
    if (fuzz_failed(r, SILLOK_ECORRUPT))
        return 0;
    while ((r = sillok_verify_next(it, &event)) > 0)
        damaged |= event.damage;
    sillok_verify_close(it);
    return !fuzz_failed(r, SILLOK_ECORRUPT) && !damaged;
}

/* --- the sound store --- */

static void write_crawl(struct buf *out, int crawl)
{
    for (int a = 0; a < ARTICLES; a++) {
        if (crawl > a % (CRAWLS + 1))
            continue; /* not seen any more */
        (void)buf_printf(out,
                         "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":\"2026-01-%02d "
                         "00:00:00\",\"title\":\"제목 %d\",\"body\":\"",
                         a, crawl + 1, a);
        for (int line = 0; line < 3 + a % 4; line++)
            (void)buf_printf(out, "%d번째 문장은 %d명이 읽었다. Line %d of text %d.\\n",
                             line, line == 1 ? crawl : a, line, a);
        (void)buf_add_str(out, "\"}\n");
    }
    fuzz_expect(!out->failed, "memory");
}

static void keep_files(struct buf *to)
{
    for (int f = 0; f < N_FILES; f++)
        fuzz_done(file_read(&to[f], made.path[f], (size_t)1 << 24),
                  "a file of the store");
}

static void keep_ids(struct sillok_store *store)
{
    for (int a = 0; a < ARTICLES; a++) {
        struct sillok_log *it;
        struct sillok_revision rev;
        char aid[16];
        snprintf(aid, sizeof(aid), "%d", a);
        fuzz_done(sillok_log_open(&it, store, "001", aid), "an article");
        while (sillok_log_next(it, &rev) > 0)
            made.ids[made.n_ids++] = rev.article.content_hash;
        sillok_log_close(it);
    }
}

static void make(void)
{
    static const char *const names[N_FILES] = { "data.mdb", "data.mdb-seal", "format" };
    struct sillok_store *store = fuzz_store();
    made.folder = strdup(sillok_store_path(store));
    fuzz_expect(made.folder && hasher_new(&made.hasher) == 0, "memory");
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    for (int q = 0; q < N_QUESTIONS; q++)
        buf_init(&made.answers[q], BUF_CEILING);
    for (int f = 0; f < N_FILES; f++) {
        buf_init(&made.sound[f], BUF_CEILING);
        buf_init(&made.older[f], BUF_CEILING);
        struct buf path = BUF_INIT;
        fuzz_done(buf_printf(&path, "%s/%s", sillok_store_path(store), names[f]),
                  "memory");
        made.path[f] = buf_take(&path, NULL);
    }
    for (int crawl = 0; crawl < CRAWLS; crawl++) {
        char name[16];
        snprintf(name, sizeof(name), "crawl-%d", crawl);
        if (crawl == CRAWLS - 1)
            keep_files(made.older);
        buf_clear(&lines);
        write_crawl(&lines, crawl);
        fuzz_done(fuzz_ingest(store, name, fuzz_text(&lines)), "the ingest");
    }
    keep_ids(store);
    for (int q = 0; q < N_QUESTIONS; q++) {
        fuzz_done(ask(store, q, &made.answers[q]), "an answer of the sound store");
        fuzz_expect(made.answers[q].len > 0, "an answer");
    }
    fuzz_expect(verifies(store), "a sound store");
    sillok_store_close(store);
    keep_files(made.sound);
}

/* --- what is done to it --- */

struct image {
    struct buf file[N_FILES];
    int older[N_FILES];
};

static void do_step(struct image *image, const uint8_t step[STEP])
{
    const int which = step[0] >> 4 & 3 ? (step[0] >> 4 & 3) - 1 : DATA;
    struct buf *b = &image->file[which];
    const size_t place = get_be(step + 1, 3), other = get_be(step + 4, 2);
    const size_t pages = b->len / PAGE, at = b->len ? place % b->len : 0;
    switch (b->len ? step[0] & 7 : 7) {
    case 0:
        b->ptr[at] = (char)(b->ptr[at] ^ (1 << other % 8));
        break;
    case 1:
        b->ptr[at] = (char)other;
        break;
    case 2:
        memset(b->ptr + at, 0, b->len - at < SECTOR ? b->len - at : SECTOR);
        break;
    case 3:
        if (pages)
            memset(b->ptr + place % pages * PAGE, 0, PAGE);
        break;
    case 4:
        if (pages)
            memmove(b->ptr + place % pages * PAGE, b->ptr + other % pages * PAGE, PAGE);
        break;
    case 5:
        b->len = at;
        break;
    case 6:
        for (size_t n = other % PAGE; n && b->len < made.sound[which].len + SPARE; n--)
            (void)buf_add_char(b, (char)place);
        break;
    default:
        image->older[which] = 1;
        buf_clear(b);
        (void)buf_add_text(b, fuzz_text(&made.older[which]));
    }
    fuzz_expect(!b->failed, "memory");
}

static void write_image(const struct image *image)
{
    for (int f = 0; f < N_FILES; f++)
        fuzz_write(made.path[f], fuzz_text(&image->file[f]));
}

static int changed(const struct image *image, int which, size_t from, size_t to)
{
    const struct sillok_text is = fuzz_text(&image->file[which]);
    const struct sillok_text was = fuzz_text(&made.sound[which]);
    if (is.len != was.len && (is.len < to || was.len < to))
        return 1;
    to = to < is.len ? to : is.len;
    return from < to && memcmp(is.ptr + from, was.ptr + from, to - from) != 0;
}

/* --- the oracle --- */

/* Is what was written by the last commit known by its shape alone, and maybe another? Or
 * is it gone from both files, so that they are those of the time before? */
static int is_loose(const struct image *image)
{
    return changed(image, SEAL, 0, SEAL_SUMS_AT) && changed(image, DATA, 0, SIZE_MAX);
}

static void judge(struct sillok_store *store, int loose)
{
    static struct buf answer = BUF_INIT;
    const int whole = verifies(store);
    for (int q = 0; q < N_QUESTIONS; q++) {
        const int r = ask(store, q, &answer);
        if (loose && r == SILLOK_ENOTFOUND)
            continue;
        if (fuzz_failed(r, SILLOK_ECORRUPT))
            fuzz_expect(!whole || loose, "verify found what is wrong");
        else if (!loose)
            fuzz_equal(fuzz_text(&answer), fuzz_text(&made.answers[q]), "the answer");
    }
}

static void try(const struct image *image)
{
    static const struct sillok_store_options options = { .read_only = 1 };
    struct sillok_store *store;
    const int r = sillok_store_open(&store, made.folder, &options);
    if (r < 0 && changed(image, MARKER, 0, SIZE_MAX))
        fuzz_expect(r == SILLOK_ECORRUPT || r == SILLOK_EINVALID || r == SILLOK_ENOTFOUND,
                    "a failure that is documented");
    else if (!fuzz_failed(r, SILLOK_ECORRUPT))
        judge(store, is_loose(image));
    if (r >= 0)
        sillok_store_close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    if (!made.n_ids)
        make();
    for (int f = 0; f < N_FILES; f++) {
        image.older[f] = 0;
        buf_init(&image.file[f], BUF_CEILING);
        fuzz_done(buf_add_text(&image.file[f], fuzz_text(&made.sound[f])), "memory");
    }
    for (size_t i = 0; i < STEPS_MAX && (i + 1) * STEP <= size; i++)
        do_step(&image, data + i * STEP);
    /* With both it is a sound store of another time, and whatever was done to that. */
    if (!image.older[DATA] || !image.older[SEAL]) {
        write_image(&image);
        try(&image);
    }
    for (int f = 0; f < N_FILES; f++)
        buf_release(&image.file[f]);
    return 0;
}
