/* The log of proofs. */
#include "scenarios/parts.h"

int do_begin_log(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    (void)out;
    return sillok_proof_init(s, NULL);
}

int do_sign(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_sum sum;
    char hex[SILLOK_ID_HEX_LEN + 1];
    (void)w;
    const int r = sillok_proof_sign(s, NULL, &sum);
    sillok_id_format(&sum.root, hex);
    return r < 0 ? r : buf_printf(out, "%llu %s\n", (unsigned long long)sum.size, hex);
}

/* A proof, and whether it holds. */
static int ask_proof(struct sillok_store *s, const char *key, const char *crawl,
                     struct buf *out)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result result;
    struct sillok_ref ref;
    char *data = NULL;
    size_t len = 0;
    o.key = text_of(key);
    int r = sillok_ref_parse(&ref, "001/0000000002@1", 0, 0);
    if (r == 0)
        r = sillok_proof_make(s, &ref, crawl, &data, &len);
    if (r == 0)
        r = say_text(out, text_make(data, len));
    if (r == 0)
        r = sillok_proof_check(text_make(data, len), &o, &result);
    if (r == 0)
        r = buf_printf(out, "%s %d\n", result.aid, result.kind);
    sillok_free(data);
    return r;
}

static int ask_since(struct sillok_store *s, const char *key, struct buf *out)
{
    struct sillok_proof_check_options o = SILLOK_PROOF_CHECK_OPTIONS_INIT;
    struct sillok_proof_result result;
    char *note = NULL, *data = NULL;
    size_t n = 0, len = 0;
    o.key = text_of(key);
    int r = sillok_proof_checkpoint(s, &note, &n);
    o.since = text_make(note, n);
    if (r == 0)
        r = sillok_proof_since(s, o.since, &data, &len);
    if (r == 0)
        r = sillok_proof_check(text_make(data, len), &o, &result);
    if (r == 0)
        r = say_text(out, text_make(data, len));
    sillok_free(note);
    sillok_free(data);
    return r;
}

static int ask_entries(struct sillok_store *s, struct buf *out)
{
    struct sillok_proof_log *it = NULL;
    struct sillok_proof_entry e;
    int r = sillok_proof_log_open(&it, s, 0);
    while (r == 0 && (r = sillok_proof_log_next(it, &e)) > 0)
        r = say_text(out, e.entry);
    sillok_proof_log_close(it);
    return r;
}

int ask_proofs(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_status status;
    (void)w;
    int r = sillok_proof_status(s, &status);
    if (r == 0)
        r = buf_printf(out, "%llu %llu\n", (unsigned long long)status.entries,
                       (unsigned long long)status.crawls_behind);
    if (r == 0)
        r = ask_proof(s, status.key, NULL, out);
    if (r == 0)
        r = ask_proof(s, status.key, "mon", out);
    if (r == 0)
        r = ask_since(s, status.key, out);
    return r < 0 ? r : ask_entries(s, out);
}

int ask_log_check(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_proof_verify *it = NULL;
    struct sillok_verify_event e;
    (void)w;
    int r = sillok_proof_verify_open(&it, s, 0, NULL);
    while (r == 0 && (r = sillok_proof_verify_next(it, &e)) > 0)
        r = e.damage ? buf_printf(out, "%s\n", e.what) : 0;
    sillok_proof_verify_close(it);
    return r;
}

int do_tiles(struct sillok_store *s, const struct world *w, struct buf *out)
{
    uint64_t n;
    const int r = sillok_proof_tiles(s, w->to, &n);
    (void)out;
    return r;
}
