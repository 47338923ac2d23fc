/* The log of a store: what is in it, what may be signed, and what its check finds. */
#include "base/file.h"
#include "proof/gather.h"
#include "proof/signed.h"
#include "proof/tlog.h"
#include "store/kv.h"
#include "store/store.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JAN_1 = 1767236400, DAY = 86400 }; /* 2026-01-01 03:00:00 */

static int set_up(void **state)
{
    static const struct sillok_proof_init_options options = { .name = "a.example/log" };
    (void)support_set_up(state);
    assert_ok(sillok_proof_init(((struct support_fixture *)*state)->store, &options));
    return 0;
}

static char *beside(const struct support_fixture *f, const char *name)
{
    char *store = support_path(f->folder, "store"), *path = support_path(store, name);
    free(store);
    return path;
}

static void see(struct support_fixture *f, int aid, int day, const char *body)
{
    char when[SILLOK_TIME_LEN];
    sillok_time_format(JAN_1 + (int64_t)(day - 1) * DAY, 0, when);
    assert_ok(buf_printf(&f->lines,
                         "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":\"%s\","
                         "\"title\":\"제목\",\"body\":\"%s\"}\n",
                         aid, when, body));
}

static void take_in(struct support_fixture *f, const char *crawl)
{
    char *file = support_path(f->folder, "in.ndjson");
    const char *path = file;
    support_write(file, f->lines.ptr, f->lines.len);
    buf_clear(&f->lines);
    (void)support_ingest(f->store, crawl, &path, 1);
    free(file);
}

static struct sillok_proof_sum sign(struct support_fixture *f)
{
    struct sillok_proof_sum sum;
    assert_ok(sillok_proof_sign(f->store, NULL, &sum));
    return sum;
}

/* The checks that find something; the first of them in @p first. */
static int verify(struct support_fixture *f, int fast, char first[400])
{
    struct sillok_proof_verify *it;
    struct sillok_verify_event e;
    int r, n = 0;
    *first = '\0';
    assert_ok(sillok_proof_verify_open(&it, f->store, fast, NULL));
    while ((r = sillok_proof_verify_next(it, &e)) > 0)
        if (e.damage && n++ == 0)
            snprintf(first, 400, "%s", e.what);
    assert_ok(r);
    sillok_proof_verify_close(it);
    return n;
}

static void is_whole(struct support_fixture *f)
{
    char first[400];
    const int n = verify(f, 0, first);
    if (n)
        fail_msg("%d: %s", n, first);
}

/* The key of the log, and a proof of @p ref that holds by it. */
static void proof_holds(struct support_fixture *f, const char *text, const char *crawl,
                        int64_t at_s, const char *body)
{
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    struct hasher *h;
    struct sillok_id id;
    struct sillok_ref ref;
    char *data;
    size_t len;
    assert_ok(sillok_ref_parse(&ref, text, 0, 0));
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    assert_ok(sillok_proof_make(f->store, &ref, crawl, &data, &len));
    assert_ok(sillok_proof_check(text_make(data, len), &options, &result));
    assert_int_equal(result.kind,
                     crawl ? SILLOK_PROOF_OBSERVATION : SILLOK_PROOF_REVISION);
    assert_int_equal(result.time_s, at_s);
    assert_string_equal(result.oid, ref.oid);
    assert_string_equal(result.aid, ref.aid);
    assert_string_equal(result.crawl, crawl ? crawl : "");
    assert_ok(hasher_new(&h));
    assert_ok(hasher_of(h, text_of(body), &id));
    assert_memory_equal(&result.content_hash, &id, sizeof(id));
    hasher_free(h);
    sillok_free(data);
}

static int64_t day(int n)
{
    return JAN_1 + (int64_t)(n - 1) * DAY;
}

/* --- what is in it --- */

static void every_revision_and_crawl_has_an_entry(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    see(f, 2, 1, "two");
    take_in(f, "mon");
    see(f, 1, 2, "one, edited");
    see(f, 2, 2, "two");
    take_in(f, "tue");
    struct sillok_proof_sum sum = sign(f);
    assert_int_equal(sum.revisions, 3);
    assert_int_equal(sum.crawls, 2);
    assert_int_equal(sum.size, 1 + 3 + 2);
    assert_true(sum.is_new);
    proof_holds(f, "001/1@1", NULL, day(1), "one");
    proof_holds(f, "001/1", NULL, day(2), "one, edited");
    proof_holds(f, "001/2", NULL, day(1), "two");
    proof_holds(f, "001/2", "mon", day(1), "two");
    proof_holds(f, "001/2", "tue", day(2), "two");
    proof_holds(f, "001/1@1", "mon", day(1), "one");
    is_whole(f);
    /* Nothing came: nothing is logged, and what was signed stands. */
    sum = sign(f);
    assert_int_equal(sum.revisions + sum.crawls, 0);
    assert_int_equal(sum.size, 6);
    assert_false(sum.is_new);
    /* A crawl that only saw what was known is an entry of its own. */
    see(f, 1, 3, "one, edited");
    take_in(f, "wed");
    sum = sign(f);
    assert_int_equal(sum.revisions, 0);
    assert_int_equal(sum.crawls, 1);
    proof_holds(f, "001/1", "wed", day(3), "one, edited");
    is_whole(f);
}

static void proof_is_not_there(struct support_fixture *f, const char *text,
                               const char *crawl, const char *why)
{
    struct sillok_ref ref;
    char *data;
    size_t len;
    assert_ok(sillok_ref_parse(&ref, text, 0, 0));
    assert_int_equal(sillok_proof_make(f->store, &ref, crawl, &data, &len),
                     SILLOK_ENOTFOUND);
    if (!strstr(sillok_error_message(), why))
        fail_msg("'%s' lacks '%s'", sillok_error_message(), why);
}

static void what_was_not_signed_has_no_proof(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    proof_is_not_there(f, "001/1", NULL, "nothing was signed yet");
    sign(f);
    see(f, 1, 2, "one, edited");
    see(f, 2, 2, "two");
    take_in(f, "tue");
    proof_is_not_there(f, "001/1", NULL, "signed last");
    proof_is_not_there(f, "001/2", "tue", "signed last");
    proof_is_not_there(f, "001/3", NULL, "no article");
    proof_is_not_there(f, "001/1@3", NULL, "no revision");
    proof_is_not_there(f, "001/2", "mon", "did not see");
    proof_is_not_there(f, "001/1@2", "mon", "did not see");
    proof_is_not_there(f, "001/1", "sun", "no crawl");
    proof_holds(f, "001/1@1", NULL, day(1), "one");
    is_whole(f); /* growth is no damage */
}

/* An older crawl that comes later begins revisions, and lets known visits begin others:
 * A..A becomes A, B, A, and the second A is a revision that nobody took in. */
static void a_late_crawl_splits_what_was_one(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "A");
    take_in(f, "first");
    see(f, 1, 5, "A");
    take_in(f, "fifth");
    assert_int_equal(sign(f).revisions, 1);
    see(f, 1, 3, "B");
    take_in(f, "third");
    assert_int_equal(sign(f).revisions, 2);
    proof_holds(f, "001/1@1", NULL, day(1), "A");
    proof_holds(f, "001/1@2", NULL, day(3), "B");
    proof_holds(f, "001/1@3", NULL, day(5), "A");
    see(f, 1, 2, "A");
    see(f, 1, 4, "C");
    take_in(f, "between");
    assert_int_equal(sign(f).revisions, 1); /* C; A from day 5 on is logged already */
    is_whole(f);
}

/* Whatever the order and the pieces: all revisions can be proven. */
static void any_order_logs_all_revisions(void **state)
{
    struct support_fixture *f = *state;
    static const char *const bodies[] = { "A", "A", "B", "A", "C", "C", "B", "B" };
    enum { DAYS = sizeof(bodies) / sizeof(bodies[0]) };
    uint64_t seed = 7;
    char crawl[16], ref[32];
    for (int aid = 1; aid <= 30; aid++) {
        int order[DAYS] = { 0 };
        for (int i = 0; i < DAYS; i++) {
            const int at = (int)(support_random(&seed) % (uint64_t)(i + 1));
            order[i] = order[at];
            order[at] = i;
        }
        for (int i = 0; i < DAYS; i++) {
            see(f, aid, order[i] + 1, bodies[order[i]]);
            snprintf(crawl, sizeof(crawl), "crawl-%d", order[i]);
            take_in(f, crawl);
            if (support_random(&seed) % 3 == 0)
                sign(f);
        }
    }
    sign(f);
    static const struct {
        int day;
        const char *body;
    } chain[] = { { 1, "A" }, { 3, "B" }, { 4, "A" }, { 5, "C" }, { 7, "B" } };
    for (int aid = 1; aid <= 30; aid++)
        for (int i = 0; i < 5; i++) {
            snprintf(ref, sizeof(ref), "001/%d@%d", aid, i + 1);
            proof_holds(f, ref, NULL, day(chain[i].day), chain[i].body);
        }
    is_whole(f);
}

static void refusals_are_in_the_entry_of_their_crawl(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_log *it;
    struct sillok_proof_entry e;
    int r, seen = 0;
    see(f, 1, 1, "one");
    assert_ok(buf_add_str(&f->lines, "{\"oid\":\"001\"}\n{\n"));
    take_in(f, "mon");
    sign(f);
    assert_ok(sillok_proof_log_open(&it, f->store, 0));
    while ((r = sillok_proof_log_next(it, &e)) > 0)
        if (text_starts(e.entry, "{\"kind\":\"crawl\"")) {
            CLEANUP(buf_release) struct buf line = BUF_INIT;
            assert_ok(buf_add_text(&line, e.entry));
            assert_ok(buf_add_char(&line, '\0'));
            assert_non_null(strstr(line.ptr, "\"observations\":1,"));
            assert_non_null(strstr(line.ptr, "\"refused\":2,"));
            assert_null(strstr(line.ptr, "e3b0c44298fc1c14")); /* no empty tree */
            seen++;
        }
    assert_ok(r);
    assert_int_equal(seen, 1);
    sillok_proof_log_close(it);
    is_whole(f);
}

/* --- what may be signed --- */

static void copy(const struct support_fixture *f, const char *from, const char *to)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    char *a = beside(f, from), *b = beside(f, to);
    assert_ok(file_read(&bytes, a, (size_t)1 << 28));
    support_write(b, bytes.ptr, bytes.len);
    free(a);
    free(b);
}

static void copy_log(const struct support_fixture *f, const char *from, const char *to)
{
    char a[64], b[64];
    snprintf(a, sizeof(a), "%s-seal", from);
    snprintf(b, sizeof(b), "%s-seal", to);
    copy(f, from, to);
    copy(f, a, b);
}

/* Nothing is signed, and the checkpoint stays what it is. */
static void signing_gives(struct support_fixture *f,
                          const struct sillok_proof_sign_options *o, int code,
                          const char *why)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    char *path = beside(f, "checkpoint");
    const int there = file_read(&was, path, 1 << 16);
    assert_int_equal(sillok_proof_sign(f->store, o, NULL), code);
    if (!strstr(sillok_error_message(), why))
        fail_msg("'%s' lacks '%s'", sillok_error_message(), why);
    assert_int_equal(file_read(&is, path, 1 << 16), there);
    assert_true(text_equal(buf_text(&was), buf_text(&is)));
    free(path);
}

static void signing_fails(struct support_fixture *f,
                          const struct sillok_proof_sign_options *o, const char *why)
{
    signing_gives(f, o, SILLOK_ECORRUPT, why);
}

static void an_old_copy_of_the_log_is_not_signed(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    copy_log(f, "proof.mdb", "old.mdb");
    copy(f, "checkpoint", "old.checkpoint");
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    copy_log(f, "old.mdb", "proof.mdb");
    signing_fails(f, NULL, "it was cut off, or is an old copy");
    assert_true(verify(f, 1, first) > 0);
    assert_non_null(strstr(first, "3 entries, but the store says that 5 were signed"));
    /* Nor when the checkpoint is old too: the store knows. */
    copy(f, "old.checkpoint", "checkpoint");
    signing_fails(f, NULL, "the store says that 5");
}

/* The same number of entries, with others in them: a fork. */
static void another_log_of_the_store_is_not_signed(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    copy_log(f, "proof.mdb", "old.mdb");
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    copy(f, "checkpoint", "tue.checkpoint");
    /* A store that went another way from Monday on. */
    copy_log(f, "old.mdb", "proof.mdb");
    struct tlog t;
    struct leaf leaf;
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_CRAWL;
    assert_ok(buf_add_str(&leaf.name, "other"));
    assert_ok(tlog_add_crawl(&t, &leaf, "other"));
    assert_ok(tlog_add_crawl(&t, &leaf, "other"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    signing_fails(f, NULL, "entries of the log");
    assert_true(verify(f, 1, first) > 0);
    assert_non_null(strstr(first, "are not those that the store says were signed"));
}

/* The whole folder was put back; only the copy elsewhere knows better. */
static void a_copy_elsewhere_knows_of_an_old_folder(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    const struct sillok_proof_sign_options options = { .copy = elsewhere };
    struct sillok_proof_verify *it;
    struct sillok_verify_event e;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    char *store = support_path(f->folder, "store"), *was = support_path(f->folder, "was");
    char *command = NULL;
    assert_true(asprintf(&command, "cp -a '%s' '%s'", store, was) > 0);
    assert_int_equal(system(command), 0);
    see(f, 1, 2, "two");
    take_in(f, "tue");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    sillok_store_close(f->store);
    assert_ok(sillok_store_open(&f->store, was, NULL));
    is_whole(f); /* without it nothing can be known */
    signing_fails(f, &options, "but the copy '");
    assert_ok(sillok_proof_verify_open(&it, f->store, 1, elsewhere));
    int r, n = 0;
    while ((r = sillok_proof_verify_next(it, &e)) > 0)
        n += e.damage;
    assert_int_equal(r, 0);
    assert_int_equal(n, 1);
    sillok_proof_verify_close(it);
    free(command);
    free(store);
    free(was);
    free(elsewhere);
}

/* An old folder beside a disk that is not mounted looks like a first time; so a copy that is
 * missing is only fine where nothing was signed. */
static void a_copy_that_is_missing_stops_the_signing(void **state)
{
    struct support_fixture *f = *state;
    char *elsewhere = support_path(f->folder, "elsewhere");
    struct sillok_proof_sign_options options = { .copy = elsewhere };
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    assert_ok(file_read(&note, elsewhere, 1 << 16));
    assert_int_equal(unlink(elsewhere), 0);
    see(f, 1, 2, "two");
    take_in(f, "tue");
    signing_gives(f, &options, SILLOK_EIO, "is missing");
    /* What a witness put under the copy stays, as long as it is the newest. */
    assert_ok(buf_add_str(&note, "\xe2\x80\x94 w.example AAAAAAAA\n"));
    support_write(elsewhere, note.ptr, note.len);
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    assert_ok(file_read(&is, elsewhere, 1 << 16));
    assert_false(text_equal(buf_text(&is), buf_text(&note)));
    assert_ok(buf_add_str(&is, "\xe2\x80\x94 w.example AAAAAAAA\n"));
    support_write(elsewhere, is.ptr, is.len);
    assert_ok(sillok_proof_sign(f->store, &options, NULL));
    buf_clear(&note);
    assert_ok(file_read(&note, elsewhere, 1 << 16));
    assert_true(text_equal(buf_text(&is), buf_text(&note)));
    options.copy = "elsewhere";
    signing_gives(f, &options, SILLOK_EINVALID, "a whole path");
    free(elsewhere);
}

/* Somebody signs between two looks: what is older says less, and that is no damage. */
static void what_was_signed_is_read_before_the_log(void **state)
{
    struct support_fixture *f = *state;
    struct tlog t;
    struct note_signer signer;
    struct checkpoint c = { .origin = "a.example/log", .size = 100 };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    char *path = beside(f, "checkpoint");
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    assert_ok(tlog_open(&t, f->store, 0));
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(checkpoint_add(&text, &c));
    assert_ok(note_sign(&note, buf_text(&text), &signer));
    support_write(path, note.ptr, note.len);
    assert_ok(signed_check(&t, NULL, NULL));
    assert_ok(signed_newest(&t, &c));
    assert_int_equal(c.size, 3);
    tlog_close(&t);
    free(path);
}

/* As docs/proof.md says: without the old one's files and key another log begins. */
static void another_log_can_take_its_place(void **state)
{
    struct support_fixture *f = *state;
    static const char *const names[] = { "proof.mdb", "proof.mdb-seal", "proof.key",
                                         "checkpoint" };
    const struct sillok_proof_init_options options = { .name = "b.example/log" };
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    for (size_t i = 0; i < 4; i++) {
        char *path = beside(f, names[i]);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
    assert_ok(sillok_proof_init(f->store, &options));
    assert_int_equal(sign(f).size, 3);
    proof_holds(f, "001/1", NULL, day(1), "one");
    is_whole(f);
    support_open_again(f);
    is_whole(f);
}

static void the_store_may_not_be_older_than_its_checkpoint(void **state)
{
    struct support_fixture *f = *state;
    char *path = support_path(f->folder, "store");
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    sillok_store_close(f->store);
    f->store = NULL;
    copy(f, "data.mdb", "old-data");
    copy(f, "data.mdb-seal", "old-seal");
    assert_ok(sillok_store_open(&f->store, path, NULL));
    see(f, 1, 2, "two");
    take_in(f, "tue");
    sign(f);
    support_open_again(f);
    sillok_store_close(f->store);
    f->store = NULL;
    copy(f, "old-data", "data.mdb");
    copy(f, "old-seal", "data.mdb-seal");
    struct sillok_store *store = NULL;
    assert_int_equal(sillok_store_open(&store, path, NULL), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "older than its log of proofs"));
    assert_null(store);
    free(path);
}

/* Cut off between the log's commit and the checkpoint: the next run signs all of it, and
 * logs nothing twice. */
static void a_run_that_was_cut_off_is_gone_on_with(void **state)
{
    struct support_fixture *f = *state;
    see(f, 1, 1, "one");
    see(f, 2, 1, "two");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 4);
    /* As if the store and the checkpoint had not been reached. */
    char *checkpoint = beside(f, "checkpoint");
    CLEANUP(buf_release) struct buf ref = BUF_INIT;
    assert_ok(f->store->ops->ref_get(f->store, "proof", &ref));
    assert_ok(f->store->ops->ref_cas(f->store, "proof", text_make(ref.ptr, ref.len),
                                     text_make("", 0)));
    assert_int_equal(unlink(checkpoint), 0);
    struct sillok_proof_sum sum = sign(f);
    assert_int_equal(sum.size, 4);
    assert_int_equal(sum.revisions, 0);
    assert_true(sum.is_new);
    /* As if only a part of the entries had been committed: those of crawls come last. */
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    see(f, 3, 2, "three");
    see(f, 4, 2, "four");
    take_in(f, "tue");
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    snprintf(leaf.aid, sizeof(leaf.aid), "3");
    leaf.first_seen_s = day(2);
    struct opening opening;
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("3") };
    a.fields[SILLOK_TITLE] = text_of("제목");
    assert_ok(hasher_of(t.hasher, text_of("three"), &a.content_hash));
    assert_ok(commitment_of(t.hasher, t.secret, &a, &opening, &leaf.commitment));
    article_key_make(&key, a.oid, a.aid);
    assert_ok(tlog_add(&t, &leaf, &key));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    is_whole(f);
    sum = sign(f);
    assert_int_equal(sum.revisions, 1);
    assert_int_equal(sum.size, 4 + 3);
    proof_holds(f, "001/3", NULL, day(2), "three");
    proof_holds(f, "001/4", "tue", day(2), "four");
    is_whole(f);
    free(checkpoint);
}

static void a_log_begins_once_with_one_key(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_init_options options = { .name = "b.example" };
    char *log = beside(f, "proof.mdb"), *key = beside(f, "proof.key");
    assert_int_equal(sillok_proof_init(f->store, NULL), SILLOK_EEXISTS);
    assert_int_equal(unlink(log), 0);
    assert_int_equal(sillok_proof_init(f->store, &options), SILLOK_EINVALID);
    assert_ok(sillok_proof_init(f->store, NULL)); /* with the key that is there */
    struct sillok_proof_status status;
    assert_ok(sillok_proof_status(f->store, &status));
    assert_string_equal(status.name, "a.example/log");
    assert_int_equal(status.entries, 0);
    assert_true(status.has_secret_key);
    sign(f);
    assert_int_equal(unlink(key), 0);
    assert_int_equal(sillok_proof_sign(f->store, NULL, NULL), SILLOK_ENOTFOUND);
    assert_ok(sillok_proof_status(f->store, &status));
    assert_false(status.has_secret_key);
    free(log);
    free(key);
}

/* --- what the check finds --- */

static const struct kv_table tables[] = {
    { "meta", 0 }, { "entry", 0 }, { "tile", 0 }, { "revision", 0 }, { "crawl", 0 }
};
enum { T_META, T_ENTRY, T_TILE, T_REVISION, T_CRAWL, N_TABLES };

static void log_of_ten(struct support_fixture *f)
{
    for (int i = 1; i <= 8; i++)
        see(f, i, 1, "text");
    take_in(f, "mon");
    assert_int_equal(sign(f).size, 10);
}

static struct sillok_text key_of(uint8_t out[5], uint64_t n)
{
    put_be(out, n, 5);
    return text_make((const char *)out, 5);
}

static void put_entry(struct kv_txn *txn, uint64_t at, struct sillok_text entry)
{
    uint8_t key[5];
    assert_ok(kv_put(txn, T_ENTRY, key_of(key, at), entry, 0));
}

static void get_entry(struct kv_txn *txn, uint64_t at, struct buf *out)
{
    uint8_t key[5];
    struct sillok_text v;
    assert_int_equal(kv_get(txn, T_ENTRY, key_of(key, at), &v), 1);
    assert_ok(buf_add_text(out, v));
}

static void edit(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf e = BUF_INIT;
    get_entry(txn, 4, &e);
    char *at = memmem(e.ptr, e.len, "2026-01-01", 10);
    assert_non_null(at);
    at[9] = '2';
    put_entry(txn, 4, text_make(e.ptr, e.len));
}

static void swap(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    get_entry(txn, 3, &a);
    get_entry(txn, 6, &b);
    put_entry(txn, 3, text_make(b.ptr, b.len));
    put_entry(txn, 6, text_make(a.ptr, a.len));
}

static void drop(struct kv_txn *txn)
{
    uint8_t key[5];
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 5)), 1);
}

static void shift(struct kv_txn *txn)
{
    uint8_t key[5];
    for (uint64_t i = 5; i < 9; i++) {
        CLEANUP(buf_release) struct buf e = BUF_INIT;
        get_entry(txn, i + 1, &e);
        put_entry(txn, i, text_make(e.ptr, e.len));
    }
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 9)), 1);
}

/* Cut at the end, with all that says how long it is. */
static void cut(struct kv_txn *txn)
{
    uint8_t key[6] = { 0 }, size[8];
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    struct sillok_text v;
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 9)), 1);
    memset(key, 0, sizeof(key));
    const struct sillok_text tile_key = text_make((const char *)key, sizeof(key));
    assert_int_equal(kv_get(txn, T_TILE, tile_key, &v), 1);
    assert_ok(buf_add(&tile, v.ptr, v.len - 32));
    assert_ok(kv_put(txn, T_TILE, tile_key, text_make(tile.ptr, tile.len), 0));
    put_be(size, 9, 8);
    assert_ok(kv_put(txn, T_META, text_of("size"), text_make((const char *)size, 8), 0));
}

/* An entry and its hash, so that the log is one again, but not the one that was signed. */
static void forge(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf e = BUF_INIT;
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    uint8_t key[6] = { 0 };
    const struct sillok_text tile_key = text_make((const char *)key, sizeof(key));
    struct sillok_text v;
    struct hasher *h;
    struct sillok_id hash;
    edit(txn);
    get_entry(txn, 4, &e);
    assert_ok(hasher_new(&h));
    assert_ok(merkle_leaf(h, text_make(e.ptr, e.len), &hash));
    hasher_free(h);
    assert_int_equal(kv_get(txn, T_TILE, tile_key, &v), 1);
    assert_ok(buf_add_text(&tile, v));
    memcpy(tile.ptr + (size_t)4 * 32, &hash, 32);
    assert_ok(kv_put(txn, T_TILE, tile_key, text_make(tile.ptr, tile.len), 0));
}

static void misplace(struct kv_txn *txn)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t other[5];
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    assert_ok(kv_cursor_open(&c, txn, T_REVISION));
    assert_int_equal(kv_first(c, &k, &v), 1);
    assert_ok(buf_add_text(&key, k));
    kv_cursor_close(c);
    assert_ok(kv_put(txn, T_REVISION, text_make(key.ptr, key.len), key_of(other, 7), 0));
}

/* Case 58: edited, removed, out of order, cut at the end; and what it is called then. */
static void the_first_bad_entry_is_named(void **state)
{
    struct support_fixture *f = *state;
    static const struct {
        void (*tamper)(struct kv_txn *txn);
        const char *what;
    } cases[] = {
        { edit, "entry 4 of the log is not what was logged" },
        { swap, "entry 3 of the log is not what was logged" },
        { drop, "entry 5 is missing" },
        { shift, "entry 5 of the log is not what was logged" },
        { cut, "has 9 entries, but the store says that 10 were signed" },
        { forge, "entry 4 of the log is not found by its article" },
        { misplace, "entry 1 of the log is not found by its article" },
    };
    char *path = beside(f, "proof.mdb"), first[400];
    const struct kv_options o = { .map_bytes = 1 << 24, .map_max_bytes = 1 << 24 };
    log_of_ten(f);
    is_whole(f);
    copy_log(f, "proof.mdb", "whole.mdb");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kv_env *env;
        struct kv_txn *txn;
        copy_log(f, "whole.mdb", "proof.mdb");
        assert_ok(kv_open(&env, path, tables, N_TABLES, &o));
        assert_ok(kv_write(env, &txn));
        cases[i].tamper(txn);
        assert_ok(kv_commit(txn));
        kv_close(env);
        if (verify(f, 1, first) < 1 || !strstr(first, cases[i].what))
            fail_msg("%zu: '%s', not '%s'", i, first, cases[i].what);
        assert_true(verify(f, 0, first) >= 1);
        /* And nothing is signed on top of it, where what was signed is not there. */
        if (cases[i].tamper == cut || cases[i].tamper == forge)
            signing_fails(f, NULL, "signed");
    }
    free(path);
}

/* A damaged page is the seal's to find; the log is told and the rest is checked. */
static void a_damaged_page_of_the_log_is_told(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    char *path = beside(f, "proof.mdb"), first[400];
    log_of_ten(f);
    copy_log(f, "proof.mdb", "whole.mdb");
    assert_ok(file_read(&bytes, path, (size_t)1 << 28));
    int told = 0;
    for (size_t page = 2; page < bytes.len / 4096; page++) {
        bytes.ptr[page * 4096 + 40] ^= 1;
        support_write(path, bytes.ptr, bytes.len);
        told += verify(f, 0, first) > 0;
        bytes.ptr[page * 4096 + 40] ^= 1;
    }
    assert_true(told >= 6); /* a page for each table, and what leads to them */
    copy_log(f, "whole.mdb", "proof.mdb");
    is_whole(f);
    /* Gone altogether: the store knows that there was one. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(verify(f, 0, first), 1);
    assert_non_null(strstr(first, "the log is gone"));
    free(path);
}

/* The log is whole, and the store says something else than it did. */
static void a_store_that_says_otherwise_is_told(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    log_of_ten(f);
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    snprintf(leaf.aid, sizeof(leaf.aid), "3");
    leaf.first_seen_s = day(1); /* at that time it showed another text */
    article_key_make(&key, text_of("001"), text_of("3"));
    assert_ok(tlog_add(&t, &leaf, &key));
    snprintf(leaf.aid, sizeof(leaf.aid), "99");
    article_key_make(&key, text_of("001"), text_of("99"));
    assert_ok(tlog_add(&t, &leaf, &key));
    buf_clear(&leaf.name);
    leaf.kind = LEAF_CRAWL;
    leaf.observations = 9;
    assert_ok(buf_add_str(&leaf.name, "mon"));
    assert_ok(tlog_add_crawl(&t, &leaf, "mon"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    assert_int_equal(verify(f, 1, first), 0); /* the log alone is right */
    assert_int_equal(verify(f, 0, first), 3);
    assert_non_null(strstr(first,
                           "entry 10 of the log says what 001/3 showed at "
                           "2026-01-01T03:00:00Z, and the store has something else"));
    leaf_release(&leaf);
}

static void a_crawl_that_is_gone_is_told(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    struct tlog t;
    struct leaf leaf;
    log_of_ten(f);
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_CRAWL;
    leaf.observations = 1;
    assert_ok(buf_add_str(&leaf.name, "gone"));
    assert_ok(tlog_add_crawl(&t, &leaf, "gone"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    assert_int_equal(verify(f, 1, first), 0);
    assert_int_equal(verify(f, 0, first), 1);
    assert_non_null(
        strstr(first, "entry 10 of the log says that crawl 'gone' had 1 visits"));
}

/* A store that somebody else made may say anything of its articles. */
static void an_id_that_is_too_long_is_damage(void **state)
{
    struct support_fixture *f = *state;
    struct gather g;
    struct article_key key = { .len = 110 };
    struct hasher *h;
    uint8_t secret[SECRET_BYTES] = { 0 };
    memset(key.bytes, 'a', key.len);
    key.bytes[1] = '\0';
    assert_ok(hasher_new(&h));
    gather_init(&g, f->store, h, secret);
    assert_int_equal(gather_article(&g, &key, 1), SILLOK_ECORRUPT);
    gather_release(&g);
    hasher_free(h);
}

/* --- a log of some size --- */

/* 70,000 entries: 274 tiles of which the last is partial, one full tile on level 1 and 17
 * hashes of the next, one hash on level 2. */
static void tiles_are_those_of_the_specification(void **state)
{
    struct support_fixture *f = *state;
    enum { SIZE = 70000 };
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    struct merkle_edge edge = { .n = 0 };
    struct sillok_id hash, root;
    struct note_signer signer;
    struct sillok_proof_sum sum = { .size = 0 };
    uint64_t number;
    static const struct {
        const char *name;
        size_t bytes;
    } files[] = {
        { "tile/0/000", 8192 },           { "tile/0/272", 8192 },
        { "tile/0/273.p/112", 112 * 32 }, { "tile/1/000", 8192 },
        { "tile/1/001.p/17", 17 * 32 },   { "tile/2/000.p/1", 32 },
    };
    leaf_init(&leaf);
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    assert_ok(tlog_open(&t, f->store, 1));
    for (int i = 0; i < SIZE; i++) {
        CLEANUP(buf_release) struct buf line = BUF_INIT;
        snprintf(leaf.aid, sizeof(leaf.aid), "%d", i);
        article_key_make(&key, text_of("001"), text_of(leaf.aid));
        /* as signing asks, also right behind a commit of what there is too much of */
        assert_int_equal(tlog_find_revision(&t, &key, 0, &leaf.commitment, &number), 0);
        assert_ok(tlog_add(&t, &leaf, &key));
        assert_ok(leaf_add(&line, &leaf));
        assert_ok(merkle_leaf(t.hasher, text_make(line.ptr, line.len), &hash));
        assert_ok(merkle_append(&edge, t.hasher, &hash));
    }
    assert_ok(tlog_commit(&t));
    assert_ok(merkle_root(&edge, t.hasher, &root));
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(signed_write(&t, &signer, NULL, NULL, &sum));
    assert_int_equal(sum.size, SIZE);
    assert_memory_equal(&sum.root, &root, sizeof(root));
    assert_int_equal(tlog_tiles_follow(&t, 255), 1);
    assert_int_equal(tlog_tiles_follow(&t, 65535), 1);
    assert_int_equal(tlog_tiles_follow(&t, 254), 1); /* fills none */
    tlog_close(&t);
    leaf_release(&leaf);
    /* written, and nothing of it again */
    char *folder = support_path(f->folder, "tiles");
    uint64_t n;
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 274 + 2 + 1 + 274 + 1);
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        CLEANUP(buf_release) struct buf bytes = BUF_INIT;
        char *path = support_path(folder, files[i].name);
        assert_ok(file_read(&bytes, path, 8192));
        assert_int_equal(bytes.len, files[i].bytes);
        if (i == 5) /* the root over the first 65,536 */
            assert_memory_equal(bytes.ptr, &edge.peak[0], 32);
        free(path);
    }
    char *bundle = support_path(folder, "tile/entries/273.p/112");
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    assert_ok(file_read(&bytes, bundle, 1 << 20));
    size_t at = 0, entries = 0;
    while (at + 2 <= bytes.len) {
        at += 2 + get_be((const uint8_t *)bytes.ptr + at, 2);
        entries++;
    }
    assert_int_equal(at, bytes.len);
    assert_int_equal(entries, 112);
    free(bundle);
    free(folder);
    /* A bit of a tile that no root goes through any more: its bundle says otherwise. */
    char *log = beside(f, "proof.mdb");
    const struct kv_options o = { .map_bytes = 1 << 28, .map_max_bytes = 1 << 28 };
    struct kv_env *env;
    struct kv_txn *txn;
    struct sillok_text v;
    uint8_t tile_key[6] = { 1 };
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    assert_ok(kv_open(&env, log, tables, N_TABLES, &o));
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_get(txn, T_TILE, text_make((const char *)tile_key, 6), &v), 1);
    assert_ok(buf_add_text(&tile, v));
    tile.ptr[100 * 32] ^= 1;
    assert_ok(
        kv_put(txn, T_TILE, text_make((const char *)tile_key, 6), buf_text(&tile), 0));
    assert_ok(kv_commit(txn));
    kv_close(env);
    assert_ok(tlog_open(&t, f->store, 0));
    assert_int_equal(tlog_tiles_follow(&t, 99 * 256 + 255), 1);
    assert_int_equal(tlog_tiles_follow(&t, 100 * 256 + 255), 0);
    assert_int_equal(tlog_tiles_follow(&t, 65535), 0);
    tlog_close(&t);
    free(log);
}

/* Tiles of one log are not mixed with those of another. */
static void a_folder_with_other_tiles_is_left_alone(void **state)
{
    struct support_fixture *f = *state;
    char *folder = support_path(f->folder, "tiles");
    char *note = support_path(folder, "checkpoint");
    uint64_t n;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_int_equal(sillok_proof_tiles(f->store, folder, &n), SILLOK_ENOTFOUND);
    sign(f);
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 3);
    support_write(note, "x\n1\ny\n\n", 7);
    assert_int_equal(sillok_proof_tiles(f->store, folder, &n), SILLOK_ECONFLICT);
    free(note);
    free(folder);
}

/* --- consistency --- */

static void an_older_checkpoint_is_the_beginning(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    char *notes[9], *proof;
    size_t lens[9], len;
    char crawl[16];
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    for (int i = 0; i < 9; i++) {
        for (int k = 0; k <= i; k++)
            see(f, i * 10 + k, i + 1, "text");
        snprintf(crawl, sizeof(crawl), "day-%d", i);
        take_in(f, crawl);
        sign(f);
        assert_ok(sillok_proof_checkpoint(f->store, &notes[i], &lens[i]));
    }
    for (int i = 0; i < 9; i++) {
        options.since = text_make(notes[i], lens[i]);
        assert_ok(sillok_proof_since(f->store, options.since, &proof, &len));
        assert_ok(sillok_proof_check(text_make(proof, len), &options, &result));
        assert_int_equal(result.kind, SILLOK_PROOF_CONSISTENCY);
        assert_int_equal(result.size, 1 + 45 + 9);
        assert_true(result.old_size <= result.size);
        /* Not with another older one. */
        options.since = text_make(notes[(i + 1) % 9], lens[(i + 1) % 9]);
        assert_int_equal(sillok_proof_check(text_make(proof, len), &options, &result),
                         SILLOK_ECONFLICT);
        sillok_free(proof);
    }
    /* A checkpoint of a log that this one does not go on from. */
    struct note_signer signer;
    struct checkpoint c = { .origin = "a.example/log", .size = 4 };
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(checkpoint_add(&text, &c));
    assert_ok(note_sign(&note, text_make(text.ptr, text.len), &signer));
    assert_int_equal(
        sillok_proof_since(f->store, text_make(note.ptr, note.len), &proof, &len),
        SILLOK_ECONFLICT);
    for (int i = 0; i < 9; i++)
        sillok_free(notes[i]);
}

/* --- checks of what is not so --- */

/* Each byte of a proof changed in turn: never one that holds of something else. */
static void a_changed_proof_does_not_hold(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_check_options options = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_status status;
    struct sillok_proof_result result;
    struct sillok_ref ref;
    char *data;
    size_t len;
    log_of_ten(f);
    assert_ok(sillok_proof_status(f->store, &status));
    options.key = text_of(status.key);
    assert_ok(sillok_ref_parse(&ref, "001/5", 0, 0));
    for (int observation = 0; observation < 2; observation++) {
        assert_ok(
            sillok_proof_make(f->store, &ref, observation ? "mon" : NULL, &data, &len));
        assert_ok(sillok_proof_check(text_make(data, len), &options, &result));
        for (size_t i = 0; i < len; i++) {
            data[i] ^= 1;
            const int r = sillok_proof_check(text_make(data, len), &options, &result);
            if (r != SILLOK_EINVALID && r != SILLOK_ECONFLICT)
                fail_msg("byte %zu: %d", i, r);
            data[i] ^= 1;
            if (sillok_proof_check(text_make(data, i), &options, &result) == 0)
                fail_msg("cut to %zu bytes", i);
        }
        sillok_free(data);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        T(every_revision_and_crawl_has_an_entry),
        T(what_was_not_signed_has_no_proof),
        T(a_late_crawl_splits_what_was_one),
        T(any_order_logs_all_revisions),
        T(refusals_are_in_the_entry_of_their_crawl),
        T(an_old_copy_of_the_log_is_not_signed),
        T(another_log_of_the_store_is_not_signed),
        T(a_copy_elsewhere_knows_of_an_old_folder),
        T(a_copy_that_is_missing_stops_the_signing),
        T(what_was_signed_is_read_before_the_log),
        T(another_log_can_take_its_place),
        T(the_store_may_not_be_older_than_its_checkpoint),
        T(a_run_that_was_cut_off_is_gone_on_with),
        T(a_log_begins_once_with_one_key),
        T(the_first_bad_entry_is_named),
        T(a_damaged_page_of_the_log_is_told),
        T(a_store_that_says_otherwise_is_told),
        T(a_crawl_that_is_gone_is_told),
        T(an_id_that_is_too_long_is_damage),
        T(tiles_are_those_of_the_specification),
        T(a_folder_with_other_tiles_is_left_alone),
        T(an_older_checkpoint_is_the_beginning),
        T(a_changed_proof_does_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
