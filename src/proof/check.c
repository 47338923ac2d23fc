/*
 * sillok/proof.h: checking a proof, with nothing but the proof and a key.
 *
 * Nothing here knows of a store or of a log.
 */
#include "sillok/proof.h"

#include "article/reader.h"
#include "base/utf8.h"
#include "proof/bundle.h"
#include "proof/leaf.h"
#include "proof/note.h"

#include <stdio.h>

struct checking {
    const struct sillok_proof_check_options *options;
    struct sillok_proof_result *out;
    struct hasher *hasher;
    struct note_key key;
    struct checkpoint checkpoint;
    struct opening opening;
};

static int does_not_hold(const char *what)
{
    return fail(SILLOK_ECONFLICT, "the proof does not hold: %s", what);
}

/* --- the checkpoint --- */

static int check_witness(struct checking *c, struct sillok_text note)
{
    struct note_key witness;
    struct sillok_text text;
    int r = note_key_parse(&witness, c->options->witness);
    if (r == 0 && witness.type != NOTE_COSIGNATURE)
        r = fail(SILLOK_EINVALID, "that is the key of a log");
    if (r < 0)
        return fail_context(r, "the witness's key");
    r = note_open(note, &witness, &text, &c->out->witness_s);
    return r < 0 ? fail_context(r, "the witness") : 0;
}

static int check_checkpoint(struct checking *c, struct sillok_text note)
{
    int r = checkpoint_open(&c->checkpoint, note, &c->key);
    if (r == SILLOK_ECONFLICT)
        r = fail_context(r, "the checkpoint");
    if (r == 0 && c->options->witness.len)
        r = check_witness(c, note);
    if (r < 0)
        return r;
    snprintf(c->out->name, sizeof(c->out->name), "%s", c->checkpoint.origin);
    c->out->size = c->checkpoint.size;
    c->out->root = c->checkpoint.root;
    return 0;
}

/* --- consistency --- */

static int check_consistency(struct checking *c, const struct bundle *b)
{
    struct checkpoint old;
    c->out->kind = SILLOK_PROOF_CONSISTENCY;
    c->out->old_size = b->index;
    if (!c->options->since.len)
        return fail(SILLOK_EINVALID, "this proof is about an older checkpoint: that is "
                                     "needed too");
    int r = checkpoint_open(&old, c->options->since, &c->key);
    if (r < 0)
        return fail_context(r, "the older checkpoint");
    if (old.size != b->index)
        return does_not_hold("it is about a checkpoint of another size");
    return merkle_consistent(c->hasher, old.size, c->checkpoint.size, &old.root,
                             &c->checkpoint.root, &b->path)
               ? 0
               : does_not_hold("the log does not begin with the older one");
}

/* --- an entry --- */

static void take_names(struct checking *c, const char *oid, const char *aid,
                       int64_t time_s)
{
    snprintf(c->out->oid, sizeof(c->out->oid), "%s", oid);
    snprintf(c->out->aid, sizeof(c->out->aid), "%s", aid);
    c->out->time_s = time_s;
}

static int check_opening(struct checking *c, const struct extra *e,
                         const struct sillok_id *commitment)
{
    struct sillok_id id;
    int r = opening_parse(&c->opening, buf_text(&e->opening));
    if (r == 0)
        r = commitment_open(c->hasher, &c->opening, &id);
    if (r < 0)
        return r;
    c->out->content_hash = c->opening.content_hash;
    return sillok_id_equal(&id, commitment)
               ? 0
               : does_not_hold(
                     "the content that it shows is not the one that was logged");
}

static int check_sighting(struct checking *c, const struct extra *e,
                          const struct leaf *leaf)
{
    struct sighting s;
    struct sillok_id hash;
    if (leaf->kind != LEAF_CRAWL)
        return does_not_hold("its entry is not of a crawl");
    int r = sighting_parse(&s, buf_text(&e->sighting));
    if (r == 0)
        r = merkle_leaf(c->hasher, buf_text(&e->sighting), &hash);
    if (r < 0)
        return r;
    if (!merkle_includes(c->hasher, e->number, leaf->observations, &hash, &e->path,
                         &leaf->observations_root))
        return does_not_hold("the visit is not among those of the crawl");
    c->out->kind = SILLOK_PROOF_OBSERVATION;
    const struct sillok_text name =
        utf8_cut(buf_text(&leaf->name), sizeof(c->out->crawl) - 1);
    memcpy(c->out->crawl, name.ptr, name.len);
    take_names(c, s.oid, s.aid, s.crawled_at_s);
    return check_opening(c, e, &s.commitment);
}

static int check_revision(struct checking *c, const struct extra *e,
                          const struct leaf *leaf)
{
    if (leaf->kind != LEAF_REVISION)
        return does_not_hold("its entry is not of a revision");
    c->out->kind = SILLOK_PROOF_REVISION;
    take_names(c, leaf->oid, leaf->aid, leaf->first_seen_s);
    return check_opening(c, e, &leaf->commitment);
}

static int check_extra(struct checking *c, const struct bundle *b, struct extra *e,
                       struct leaf *leaf)
{
    struct sillok_id hash;
    int r = extra_parse(e, buf_text(&b->extra));
    if (r == 0)
        r = leaf_parse(leaf, buf_text(&e->entry));
    if (r == 0)
        r = merkle_leaf(c->hasher, buf_text(&e->entry), &hash);
    if (r < 0)
        return r;
    if (!merkle_includes(c->hasher, b->index, c->checkpoint.size, &hash, &b->path,
                         &c->checkpoint.root))
        return does_not_hold("the entry is not in the log that the checkpoint signs");
    c->out->index = b->index;
    return e->sighting.len ? check_sighting(c, e, leaf) : check_revision(c, e, leaf);
}

static int check_entry(struct checking *c, const struct bundle *b)
{
    struct extra e;
    struct leaf leaf;
    if (!b->extra.len)
        return fail(SILLOK_EINVALID,
                    "that proof has no extra line: it does not say what it proves");
    if (c->options->since.len)
        return fail(SILLOK_EINVALID,
                    "that proof is about an entry, not about an older checkpoint");
    extra_init(&e);
    leaf_init(&leaf);
    const int r = check_extra(c, b, &e, &leaf);
    extra_release(&e);
    leaf_release(&leaf);
    return r;
}

/* --- the file --- */

static int compare(struct checking *c, const struct sillok_article *a)
{
    struct sillok_id fields;
    const struct sillok_proof_result *p = c->out;
    if (!text_is(a->oid, p->oid) || !text_is(a->aid, p->aid))
        return does_not_hold("the file is of another article");
    if (!sillok_id_equal(&a->content_hash, &c->opening.content_hash))
        return does_not_hold("the file has another text");
    const int r = fields_hash(c->hasher, a, &fields);
    if (r < 0)
        return r;
    if (!sillok_id_equal(&fields, &c->opening.fields_hash))
        return does_not_hold("the file has another title or other metadata");
    c->out->file_checked = 1;
    return 0;
}

/* A line of NDJSON begins with a brace, and no other crawl file does. */
static int is_line(struct sillok_text file)
{
    const size_t mark = text_starts(file, "\xef\xbb\xbf") ? 3 : 0;
    return text_starts(text_trim(text_from(file, mark), " \t\r\n"), "{");
}

static int check_file(struct checking *c)
{
    CLEANUP(reader_free) struct reader *reader = NULL;
    struct sillok_limits limits;
    struct reading reading;
    struct refusal why;
    if (c->out->kind != SILLOK_PROOF_REVISION && c->out->kind != SILLOK_PROOF_OBSERVATION)
        return fail(SILLOK_EINVALID, "that proof is not about the content of a file");
    sillok_limits_default(&limits);
    limits.file_bytes = SILLOK_TEXT_MAX_BYTES; /* what any store may have taken in */
    int r = reader_new(&reader,
                       c->options->profile ? c->options->profile
                                           : sillok_profile_builtin("naver"),
                       &limits);
    if (r == 0)
        r = is_line(c->options->file)
                ? reader_ndjson(reader, c->options->file, &reading, &why)
                : reader_file(reader, c->options->file, &reading, &why);
    if (r == SILLOK_EINVALID)
        return fail_context(r, "the file");
    return r < 0 ? r : compare(c, &reading.article);
}

/* --- all of it --- */

/* A checkpoint alone is told by its beginning: a proof has one of two first lines. */
static int is_bundle(struct sillok_text proof)
{
    return text_starts(proof, "c2sp.org/tlog-proof@v1\n") || text_starts(proof, "old ");
}

static int check(struct checking *c, struct sillok_text proof)
{
    struct bundle b;
    if (!is_bundle(proof)) {
        c->out->kind = SILLOK_PROOF_CHECKPOINT;
        return c->options->since.len
                   ? fail(SILLOK_EINVALID,
                          "a checkpoint alone proves nothing about an "
                          "older one: 'sillok proof since' makes a proof")
                   : check_checkpoint(c, proof);
    }
    bundle_init(&b);
    int r = bundle_parse(&b, proof);
    if (r == 0)
        r = check_checkpoint(c, b.note);
    if (r == 0)
        r = b.is_consistency ? check_consistency(c, &b) : check_entry(c, &b);
    bundle_release(&b);
    return r;
}

int sillok_proof_check(struct sillok_text proof,
                       const struct sillok_proof_check_options *options,
                       struct sillok_proof_result *out)
{
    static const struct sillok_proof_check_options none = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    CLEANUP(hasher_free) struct hasher *hasher = NULL;
    struct checking c = { .options = options ? options : &none, .out = out };
    memset(out, 0, sizeof(*out));
    if (proof.len > SILLOK_PROOF_MAX_BYTES)
        return fail(SILLOK_EINVALID, "that is not a proof: it is longer than %d bytes",
                    SILLOK_PROOF_MAX_BYTES);
    int r = note_key_parse(&c.key, c.options->key);
    if (r == 0 && c.key.type != NOTE_ED25519)
        r = fail(SILLOK_EINVALID, "that is the key of a witness, not of a log");
    if (r == 0)
        r = hasher_new(&hasher);
    c.hasher = hasher;
    if (r == 0)
        r = check(&c, proof);
    return r == 0 && c.options->file.ptr ? check_file(&c) : r;
}
