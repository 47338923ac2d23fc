/*
 * What a proof, a checkpoint and a key are refused for. Each one here is right but for
 * one thing: signatures and paths hold, so nothing but the check in question can refuse
 * it.
 */
#include "proof/bundle.h"
#include "proof/leaf.h"
#include "proof/note.h"
#include "proof/signed.h"
#include "proof/tlog.h"

#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY                                                                          \
    "시립 도서관이 월요일에 다시 문을 열었다.\nThe city library has opened again."
#define HARBOUR "항구의 방파제가 다시 섰다.\nThe harbour wall stands again."

/** A store with a log that was signed twice, and what it gives out. */
struct log {
    struct support_fixture *f;
    struct sillok_proof_status status;
    struct note_signer signer;
    struct buf file; /* the article 001/0000000001 as a crawl file */
    struct buf old;  /* the checkpoint of the first crawl */
    struct buf note; /* the newest checkpoint */
    /* proofs: of a revision, of a visit, and that the older one is the beginning */
    struct buf revision, visit, since;
};

/* --- a log and its proofs --- */

static void take_in(struct support_fixture *f, const char *crawl, struct sillok_text file)
{
    char *path = support_path(f->folder, "file.md");
    const char *paths[] = { path };
    support_write(path, file.ptr, file.len);
    assert_int_equal(support_ingest(f->store, crawl, paths, 1).refused, 0);
    assert_ok(sillok_proof_sign(f->store, NULL, NULL));
    free(path);
}

/* What the library hands out, and what there was is gone. */
static void keep(struct buf *out, char *data, size_t len)
{
    buf_clear(out);
    assert_ok(buf_add(out, data, len));
    sillok_free(data);
}

static void keep_checkpoint(struct buf *out, const struct support_fixture *f)
{
    char *data;
    size_t len;
    assert_ok(sillok_proof_checkpoint(f->store, &data, &len));
    keep(out, data, len);
}

static void keep_proofs(struct log *log)
{
    struct sillok_store *store = log->f->store;
    struct sillok_ref ref;
    char *data;
    size_t len;
    assert_ok(sillok_ref_parse(&ref, "001/0000000001", 0, 0));
    assert_ok(sillok_proof_make(store, &ref, NULL, &data, &len));
    keep(&log->revision, data, len);
    assert_ok(sillok_proof_make(store, &ref, "mon", &data, &len));
    keep(&log->visit, data, len);
    assert_ok(sillok_proof_since(store, buf_text(&log->old), &data, &len));
    keep(&log->since, data, len);
}

static int set_up(void **state)
{
    static const struct sillok_proof_init_options options = { .name = "a.example/log" };
    CLEANUP(buf_release) struct buf harbour = BUF_INIT;
    struct log *log = calloc(1, sizeof(*log));
    struct buf *const bufs[] = { &log->file,     &log->old,   &log->note,
                                 &log->revision, &log->visit, &log->since };
    assert_non_null(log);
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
    (void)support_set_up((void **)&log->f);
    assert_ok(sillok_proof_init(log->f->store, &options));
    support_crawl_file(&log->file, &(struct support_file){
                                       .oid = "001",
                                       .aid = "0000000001",
                                       .at = "2026-01-05 03:00:00",
                                       .title = "도서관 다시 열어",
                                       .body = LIBRARY,
                                   });
    support_crawl_file(&harbour, &(struct support_file){
                                     .oid = "001",
                                     .aid = "0000000002",
                                     .at = "2026-01-06 03:00:00",
                                     .title = "The wall is up",
                                     .body = HARBOUR,
                                 });
    take_in(log->f, "mon", buf_text(&log->file));
    keep_checkpoint(&log->old, log->f);
    take_in(log->f, "tue", buf_text(&harbour));
    keep_checkpoint(&log->note, log->f);
    keep_proofs(log);
    assert_ok(sillok_proof_status(log->f->store, &log->status));
    assert_int_equal(log->status.entries, 1 + 2 + 2);
    assert_ok(signed_key_read(&log->signer, log->f->store));
    *state = log;
    return 0;
}

static int tear_down(void **state)
{
    struct log *log = *state;
    buf_release(&log->file);
    buf_release(&log->old);
    buf_release(&log->note);
    buf_release(&log->revision);
    buf_release(&log->visit);
    buf_release(&log->since);
    (void)support_tear_down((void **)&log->f);
    free(log);
    return 0;
}

static struct sillok_proof_check_options by_its_key(const struct log *log)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    o.key = text_of(log->status.key);
    return o;
}

static struct sillok_proof_result holds(const struct buf *proof,
                                        const struct sillok_proof_check_options *o)
{
    struct sillok_proof_result result;
    assert_ok(sillok_proof_check(buf_text(proof), o, &result));
    return result;
}

static void is_refused(const struct buf *proof,
                       const struct sillok_proof_check_options *o, int code,
                       const char *why)
{
    struct sillok_proof_result result;
    const int r = sillok_proof_check(buf_text(proof), o, &result);
    if (r == 0)
        fail_msg("it holds, and not '%s'", why);
    if (r != code || !strstr(sillok_error_message(), why))
        fail_msg("%d, '%s', not %d, '%s'", r, sillok_error_message(), code, why);
}

/* @p t with the first @p from as @p to. */
static void edit(struct buf *out, const struct buf *t, const char *from, const char *to)
{
    const char *at = memmem(t->ptr, t->len, from, strlen(from));
    assert_non_null(at);
    const size_t before = (size_t)(at - t->ptr), used = before + strlen(from);
    buf_clear(out);
    assert_ok(buf_add(out, t->ptr, before));
    assert_ok(buf_add_str(out, to));
    assert_ok(buf_add(out, t->ptr + used, t->len - used));
}

/* --- an older checkpoint --- */

/* The path leads from the checkpoint that is shown, and the size that the proof speaks of
 * is that of another one. */
static void an_old_size_is_that_of_the_checkpoint(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf proof = BUF_INIT;
    struct sillok_proof_check_options o = by_its_key(log);
    o.since = buf_text(&log->old);
    assert_int_equal(holds(&log->since, &o).old_size, 3);
    static const char *const others[] = { "old 2\n", "old 4\n", "old 5\n", "old 0\n" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        edit(&proof, &log->since, "old 3\n", others[i]);
        is_refused(&proof, &o, SILLOK_ECONFLICT,
                   "it is about a checkpoint of another size");
    }
}

/* Whoever asks about an older checkpoint is not told that something else holds. */
static void only_a_proof_of_it_goes_with_an_older_checkpoint(void **state)
{
    const struct log *log = *state;
    struct sillok_proof_check_options o = by_its_key(log);
    assert_int_equal(holds(&log->revision, &o).kind, SILLOK_PROOF_REVISION);
    assert_int_equal(holds(&log->visit, &o).kind, SILLOK_PROOF_OBSERVATION);
    assert_int_equal(holds(&log->note, &o).kind, SILLOK_PROOF_CHECKPOINT);
    o.since = buf_text(&log->old);
    assert_int_equal(holds(&log->since, &o).kind, SILLOK_PROOF_CONSISTENCY);
    is_refused(&log->revision, &o, SILLOK_EINVALID,
               "about an entry, not about an older checkpoint");
    is_refused(&log->visit, &o, SILLOK_EINVALID,
               "about an entry, not about an older checkpoint");
    is_refused(&log->note, &o, SILLOK_EINVALID, "a checkpoint alone proves nothing");
    is_refused(&log->note, NULL, SILLOK_EINVALID, "that is not a key");
}

/* --- entries --- */

/* A proof of entry @p number, which is in the log, with the opening and, @p visit, the
 * observation of the proof of one. */
static void proof_of_entry(struct buf *out, const struct log *log, uint64_t number,
                           int visit)
{
    struct tlog t;
    struct bundle b;
    struct extra e;
    struct sillok_text entry;
    bundle_init(&b);
    extra_init(&e);
    assert_ok(bundle_parse(&b, buf_text(&log->visit)));
    assert_ok(extra_parse(&e, buf_text(&b.extra)));
    assert_ok(tlog_open(&t, log->f->store, 0));
    const struct merkle_source source = tlog_source(&t);
    assert_ok(merkle_inclusion(&source, number, t.size, &b.path));
    assert_ok(tlog_entry(&t, number, &entry));
    buf_clear(&e.entry);
    assert_ok(buf_add_text(&e.entry, entry));
    tlog_close(&t);
    if (!visit)
        buf_clear(&e.sighting);
    b.index = number;
    buf_clear(&b.extra);
    assert_ok(extra_add(&b.extra, &e));
    buf_clear(out);
    assert_ok(bundle_add(out, &b));
    bundle_release(&b);
    extra_release(&e);
}

/* The log is: its first entry, the revision and the crawl of Monday, those of Tuesday. */
static void an_entry_proves_what_its_kind_is_for(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf proof = BUF_INIT;
    const struct sillok_proof_check_options o = by_its_key(log);
    static const struct {
        uint64_t entry;
        int visit;
        const char *why; /* NULL: it holds */
    } cases[] = {
        { 1, 0, NULL },
        { 2, 1, NULL },
        { 0, 0, "its entry is not of a revision" },
        { 2, 0, "its entry is not of a revision" },
        { 0, 1, "its entry is not of a crawl" },
        { 1, 1, "its entry is not of a crawl" },
        { 4, 1, "the visit is not among those of the crawl" },
        { 3, 0, "the content that it shows is not the one that was logged" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        proof_of_entry(&proof, log, cases[i].entry, cases[i].visit);
        if (cases[i].why)
            is_refused(&proof, &o, SILLOK_ECONFLICT, cases[i].why);
        else
            assert_string_equal(holds(&proof, &o).aid, "0000000001");
    }
}

/* --- a file --- */

/* The same text, title and address under another publisher or number: what was proven of
 * one article says nothing of another. */
static void a_file_is_of_the_article_that_was_proven(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct sillok_proof_check_options o = by_its_key(log);
    const struct buf *const proofs[] = { &log->revision, &log->visit };
    static const char *const others[][2] = {
        { "\noid: 001\n", "\noid: 002\n" },
        { "\naid: 0000000001\n", "\naid: 0000000002\n" },
    };
    for (size_t i = 0; i < 2; i++) {
        o.file = buf_text(&log->file);
        assert_true(holds(proofs[i], &o).file_checked);
        for (size_t k = 0; k < 2; k++) {
            edit(&file, &log->file, others[k][0], others[k][1]);
            o.file = buf_text(&file);
            is_refused(proofs[i], &o, SILLOK_ECONFLICT, "the file is of another article");
        }
    }
}

/* --- witnesses --- */

/* A key of a witness, with the id that such a one has. */
static void witness_make(struct note_signer *out)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct hasher *h;
    struct sillok_id id;
    assert_ok(note_signer_make(out, "witness.example/w1"));
    out->key.type = NOTE_COSIGNATURE;
    assert_ok(buf_printf(&b, "%s\n%c", out->key.name, NOTE_COSIGNATURE));
    assert_ok(buf_add(&b, out->key.bytes, sizeof(out->key.bytes)));
    assert_ok(hasher_new(&h));
    assert_ok(hasher_of(h, buf_text(&b), &id));
    hasher_free(h);
    memcpy(out->key.id, id.bytes, sizeof(out->key.id));
}

/* What was signed in a note, with the newline at its end. */
static struct sillok_text text_in(const struct buf *note)
{
    const char *end = memmem(note->ptr, note->len, "\n\n", 2);
    assert_non_null(end);
    return text_make(note->ptr, (size_t)(end - note->ptr) + 1);
}

/* The line of @p witness under @p proof, which ends in its checkpoint. */
static void cosign(struct buf *proof, struct sillok_text text,
                   const struct note_signer *witness, int64_t time_s)
{
    CLEANUP(buf_release) struct buf message = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    CLEANUP(buf_release) struct buf blob = BUF_INIT;
    uint8_t all[4 + 8 + ED25519_SIGNATURE_BYTES];
    assert_ok(buf_printf(&message, "cosignature/v1\ntime %" PRId64 "\n", time_s));
    assert_ok(buf_add_text(&message, text));
    assert_ok(note_sign(&note, buf_text(&message), witness));
    const char *value = memrchr(note.ptr, ' ', note.len);
    assert_non_null(value);
    const size_t before = (size_t)(value + 1 - note.ptr);
    assert_ok(base64_decode(&blob, text_make(value + 1, note.len - before - 1)));
    assert_int_equal(blob.len, 4 + ED25519_SIGNATURE_BYTES);
    memcpy(all, blob.ptr, 4);
    put_be(all + 4, (uint64_t)time_s, 8);
    memcpy(all + 12, blob.ptr + 4, ED25519_SIGNATURE_BYTES);
    assert_ok(buf_printf(proof, "\xe2\x80\x94 %s ", witness->key.name));
    assert_ok(base64_add(proof, all, sizeof(all)));
    assert_ok(buf_add_char(proof, '\n'));
}

static void cosigned(struct buf *out, const struct buf *proof, struct sillok_text text,
                     const struct note_signer *witness, int64_t time_s)
{
    buf_clear(out);
    assert_ok(buf_add_text(out, buf_text(proof)));
    cosign(out, text, witness, time_s);
}

/* Without its signature a proof holds by the log's key alone, so it has to be the
 * witness that is missed. */
static void a_witness_that_is_asked_for_has_signed(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    CLEANUP(buf_release) struct buf proof = BUF_INIT;
    const struct buf *const proofs[] = { &log->revision, &log->visit, &log->since,
                                         &log->note };
    struct sillok_proof_check_options o = by_its_key(log), with;
    struct note_signer witness;
    witness_make(&witness);
    assert_ok(note_key_add(&key, &witness.key));
    for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
        o.since = proofs[i] == &log->since ? buf_text(&log->old) : text_make(NULL, 0);
        assert_int_equal(holds(proofs[i], &o).witness_s, 0);
        with = o;
        with.witness = buf_text(&key);
        is_refused(proofs[i], &with, SILLOK_ECONFLICT,
                   "the witness: there is no signature by the key of 'witness.example");
        cosigned(&proof, proofs[i], text_in(&log->note), &witness, 1767700000);
        assert_int_equal(holds(&proof, &with).witness_s, 1767700000);
        assert_int_equal(holds(&proof, &o).witness_s, 0); /* and nobody asked */
        /* of another checkpoint */
        cosigned(&proof, proofs[i], text_in(&log->old), &witness, 1767700000);
        is_refused(&proof, &with, SILLOK_ECONFLICT, "the witness: the signature by");
    }
}

/* The log's own signature under its checkpoint is nobody else's word, and no time. */
static void a_log_is_not_its_own_witness(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    CLEANUP(buf_release) struct buf proof = BUF_INIT;
    struct sillok_proof_check_options o = by_its_key(log);
    struct note_signer witness;
    o.witness = o.key;
    is_refused(&log->revision, &o, SILLOK_EINVALID,
               "the witness's key: that is the key of a log");
    is_refused(&log->note, &o, SILLOK_EINVALID,
               "the witness's key: that is the key of a log");
    /* Nor is a witness a log. */
    witness_make(&witness);
    assert_ok(note_key_add(&key, &witness.key));
    cosigned(&proof, &log->note, text_in(&log->note), &witness, 1767700000);
    o.key = buf_text(&key);
    o.witness = text_make(NULL, 0);
    is_refused(&proof, &o, SILLOK_EINVALID, "the key of a witness, not of a log");
}

/* Signed by the witness as the eight bytes would be read: a time before 1970 is none. */
static void a_time_of_a_witness_has_63_bits(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    CLEANUP(buf_release) struct buf proof = BUF_INIT;
    struct sillok_proof_check_options o = by_its_key(log);
    struct note_signer witness;
    static const int64_t right[] = { 1, 1767700000, INT64_MAX };
    static const int64_t wrong[] = { INT64_MIN, INT64_MIN + 1767700000, -1 };
    witness_make(&witness);
    assert_ok(note_key_add(&key, &witness.key));
    o.witness = buf_text(&key);
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        cosigned(&proof, &log->note, text_in(&log->note), &witness, right[i]);
        assert_int_equal(holds(&proof, &o).witness_s, right[i]);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cosigned(&proof, &log->note, text_in(&log->note), &witness, wrong[i]);
        is_refused(&proof, &o, SILLOK_ECONFLICT, "the witness: the signature by");
    }
}

/* --- notes and keys --- */

/* Signed as they are, and yet no notes: what a terminal or another reader would take for
 * something else than what it is. */
static void a_note_has_no_control_characters(void **state)
{
    const struct log *log = *state;
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    const struct sillok_proof_check_options o = by_its_key(log);
    static const char odd[] = "\t\r\x1b\x01\x1f"; /* and the zero behind them */
    assert_ok(buf_add_text(&text, text_in(&log->note)));
    const size_t checkpoint = text.len;
    assert_ok(buf_add_str(&text, "덧붙인 줄, a line more\n"));
    assert_ok(note_sign(&note, buf_text(&text), &log->signer));
    assert_int_equal(holds(&note, &o).size, 5);
    for (size_t i = 0; i < sizeof(odd); i++) {
        text.len = checkpoint;
        assert_ok(buf_printf(&text, "덧붙인 줄%c\n", odd[i]));
        buf_clear(&note);
        assert_ok(note_sign(&note, buf_text(&text), &log->signer));
        is_refused(&note, &o, SILLOK_EINVALID, "it has control characters");
        /* nor in what somebody put under it */
        buf_clear(&note);
        assert_ok(buf_add_text(&note, buf_text(&log->note)));
        assert_ok(buf_printf(&note, "\xe2\x80\x94 w%cw AAAAAAAA\n", odd[i]));
        is_refused(&note, &o, SILLOK_EINVALID, "it has control characters");
    }
}

/* A secret key whose id is right for the type that it has, which is not that of a log. */
static void a_log_signs_with_its_own_type_of_key(void **state)
{
    struct note_signer witness, again;
    CLEANUP(buf_release) struct buf secret = BUF_INIT;
    (void)state;
    assert_ok(note_signer_make(&witness, "a.example/log"));
    assert_ok(note_signer_add(&secret, &witness));
    assert_ok(note_signer_parse(&again, buf_text(&secret)));
    assert_memory_equal(again.seed, witness.seed, sizeof(again.seed));
    buf_clear(&secret);
    witness_make(&witness);
    assert_ok(note_signer_add(&secret, &witness));
    assert_int_equal(note_signer_parse(&again, buf_text(&secret)), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "a log signs with a key of type 1"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(an_old_size_is_that_of_the_checkpoint),
        T(only_a_proof_of_it_goes_with_an_older_checkpoint),
        T(an_entry_proves_what_its_kind_is_for),
        T(a_file_is_of_the_article_that_was_proven),
        T(a_witness_that_is_asked_for_has_signed),
        T(a_log_is_not_its_own_witness),
        T(a_time_of_a_witness_has_63_bits),
        T(a_note_has_no_control_characters),
        cmocka_unit_test(a_log_signs_with_its_own_type_of_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
