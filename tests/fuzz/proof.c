/*
 * Proofs, checkpoints, keys and the lines of a log, as they come from others. Oracle: what
 * was understood is written the same, byte for byte; and whatever is done to the proofs of
 * the corpus, what holds by its key is one of the few things that its log says.
 */
#include "fuzz.h"

#include "proof/bundle.h"
#include "proof/leaf.h"
#include "proof/note.h"

#include <stdio.h>

/* The log that the corpus is of: test 1 of RFC 8032 7.1 signed it. */
#define KEY     "example.org/newslog+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define WITNESS "witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define OLDER                                                                            \
    "example.org/newslog\n"                                                              \
    "5\n"                                                                                \
    "pQhcJ/BFCGTPK2G8GuEWy2QnFWFPMgBrigcjV8G1rxE=\n"                                     \
    "\n"                                                                                 \
    "\xe2\x80\x94 example.org/newslog kVMavXjElSpgQpfYzKcMVbhANpeV1R+EJkmTZeoUlV/I8Vc44OIoTfZT9vZ1wDFgqtTiWTDHLOE1rNQXnbjv1uq/ugQ=\n"
enum { OLD_SIZE = 5, SIZE = 7, WITNESSED_SIZE = 8 };

static const struct {
    const char *oid, *aid, *at, *body;
} said[] = {
    { "001", "1", "2026-01-05T03:00:00Z", "다리가 열린다." },
    { "001", "1", "2026-01-06T03:00:00Z", "다리가 닫힌다." },
    { "001", "3", "2026-01-05T03:00:02Z", "장터가 선다." },
    { "002", "a-b", "2026-01-05T03:00:01Z", "The ferry leaves at ten." },
    { "002", "a-b", "2026-01-06T03:00:01Z", "The ferry leaves at ten." },
};

static void ask_content(const struct sillok_proof_result *p)
{
    struct hasher *h;
    struct sillok_id id;
    char at[SILLOK_TIME_LEN];
    int found = 0;
    sillok_time_format(p->time_s, 0, at);
    fuzz_done(hasher_new(&h), "memory");
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        fuzz_done(hasher_of(h, text_of(said[i].body), &id), "a hash");
        found |= strcmp(p->oid, said[i].oid) == 0 && strcmp(p->aid, said[i].aid) == 0 &&
                 strcmp(at, said[i].at) == 0 && sillok_id_equal(&id, &p->content_hash);
    }
    hasher_free(h);
    fuzz_expect(found && !fuzz_planted, "what holds is what the log says");
}

static void ask_check(struct sillok_text t, int with_witness)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result p;
    o.key = text_of(KEY);
    if (with_witness)
        o.witness = text_of(WITNESS);
    if (text_starts(t, "old "))
        o.since = text_of(OLDER);
    const int r = sillok_proof_check(t, &o, &p);
    fuzz_expect(r == 0 || r == SILLOK_EINVALID || r == SILLOK_ECONFLICT,
                "a failure that is documented");
    if (r < 0)
        return;
    fuzz_expect(p.size == OLD_SIZE || p.size == SIZE || p.size == WITNESSED_SIZE,
                "a size that was signed");
    fuzz_expect(!with_witness || p.witness_s == 1700000000, "when the witness saw it");
    if (p.kind == SILLOK_PROOF_CONSISTENCY)
        fuzz_expect(p.old_size == OLD_SIZE && p.size == SIZE, "the older one");
    if (p.kind <= SILLOK_PROOF_OBSERVATION)
        ask_content(&p);
}

static void same(struct sillok_text t, const struct buf *again, const char *what)
{
    fuzz_equal(fuzz_text(again), t, what);
}

static void ask_bundle(struct sillok_text t, struct buf *again)
{
    struct bundle b;
    struct extra e;
    bundle_init(&b);
    extra_init(&e);
    if (!fuzz_failed(bundle_parse(&b, t), SILLOK_EINVALID)) {
        fuzz_done(bundle_add(again, &b), "memory");
        same(t, again, "a proof");
    }
    buf_clear(again);
    if (!fuzz_failed(extra_parse(&e, t), SILLOK_EINVALID)) {
        fuzz_done(extra_add(again, &e), "memory");
        same(t, again, "an extra line");
    }
    buf_clear(again);
    bundle_release(&b);
    extra_release(&e);
}

static void ask_key(struct sillok_text t, struct buf *again)
{
    struct note_key key;
    struct note_signer signer;
    const struct sillok_text bare = text_trim(t, " \t\r\n");
    if (!fuzz_failed(note_key_parse(&key, t), SILLOK_EINVALID)) {
        fuzz_done(note_key_add(again, &key), "memory");
        fuzz_expect(fuzz_text(again).len == bare.len, "a key is as long");
    }
    buf_clear(again);
    if (!fuzz_failed(note_signer_parse(&signer, t), SILLOK_EINVALID)) {
        fuzz_done(note_signer_add(again, &signer), "memory");
        fuzz_expect(fuzz_text(again).len == bare.len, "a secret key is as long");
    }
    buf_clear(again);
}

static void ask_lines(struct sillok_text t, struct buf *again)
{
    struct leaf leaf;
    struct opening opening;
    struct sighting sighting;
    struct checkpoint c;
    leaf_init(&leaf);
    if (!fuzz_failed(leaf_parse(&leaf, t), SILLOK_EINVALID)) {
        fuzz_done(leaf_add(again, &leaf), "memory");
        same(t, again, "an entry");
    }
    leaf_release(&leaf);
    buf_clear(again);
    if (!fuzz_failed(opening_parse(&opening, t), SILLOK_EINVALID)) {
        fuzz_done(opening_add(again, &opening), "memory");
        same(t, again, "an opening");
    }
    buf_clear(again);
    if (!fuzz_failed(sighting_parse(&sighting, t), SILLOK_EINVALID)) {
        fuzz_done(sighting_add(again, &sighting), "memory");
        same(t, again, "an observation");
    }
    buf_clear(again);
    if (!fuzz_failed(checkpoint_parse(&c, t), SILLOK_EINVALID)) {
        fuzz_done(checkpoint_add(again, &c), "memory");
        t.len = t.len < again->len ? t.len : again->len; /* more lines may follow */
        same(t, again, "a checkpoint");
    }
    buf_clear(again);
    if (!fuzz_failed(base64_decode(again, t), SILLOK_EINVALID)) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        fuzz_done(base64_add(&text, again->ptr, again->len), "memory");
        fuzz_equal(fuzz_text(&text), t, "base64");
    }
    buf_clear(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    const struct sillok_text t = { size ? (const char *)data : "", size };
    ask_check(t, 0);
    ask_check(t, 1);
    ask_bundle(t, &again);
    ask_key(t, &again);
    ask_lines(t, &again);
    return 0;
}
