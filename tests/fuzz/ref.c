/*
 * What people name things by: articles and revisions, starts of hashes, kinds, crawls,
 * keys of changes, numbers. Lines of the input are each asked of a store with a few
 * articles in it. Oracle: what was understood, written out, is understood the same; what
 * was found is what was asked for; all else is one of the failures that are documented.
 */
#include "made.h"

#include <stdio.h>
#include <strings.h>

enum { NOW_S = 1767323733 };

/* Two articles, one of them with three revisions. */
static struct sillok_store *make_store(void)
{
    static const char lines[] =
        "{\"oid\":\"001\",\"aid\":\"10\",\"crawled_at\":\"2026-01-01 00:00:00\",\"title\":"
        "\"\xea\xb0\x80\",\"body\":\"The bridge opens on Monday. It cost 3 million.\"}\n"
        "{\"oid\":\"001\",\"aid\":\"10\",\"crawled_at\":\"2026-01-02 00:00:00\",\"title\":"
        "\"\xea\xb0\x80\",\"body\":\"The bridge opens on Friday. It cost 3 million.\"}\n"
        "{\"oid\":\"001\",\"aid\":\"10\",\"crawled_at\":\"2026-01-03 00:00:00\",\"title\":"
        "\"\xea\xb0\x80\",\"body\":\"The bridge opens on Friday. It cost 4 million.\"}\n"
        "{\"oid\":\"002\",\"aid\":\"a-b_c\",\"crawled_at\":\"2026-01-02 00:00:00\",\"title\":"
        "\"b\",\"body\":\"Another text that stands alone.\"}\n";
    struct sillok_store *store = fuzz_store();
    fuzz_done(fuzz_ingest(store, "crawl-0", text_of(lines)), "the ingest");
    return store;
}

static int one_of(int r, int a, int b)
{
    fuzz_expect(r >= 0 || r == a || r == b, "a failure that is documented");
    return r >= 0;
}

static void ask_reference(struct sillok_store *store, const char *text)
{
    struct sillok_ref ref, again;
    struct sillok_snapshot *snapshot;
    char written[300];
    int r = sillok_ref_parse(&ref, text, NOW_S, 540);
    if (fuzz_failed(r, SILLOK_EINVALID))
        return;
    int n = snprintf(written, sizeof(written), "%s/%s", ref.oid, ref.aid);
    if (ref.kind == SILLOK_REF_NUMBER)
        snprintf(written + n, sizeof(written) - (size_t)n, "@%lld",
                 (long long)ref.number);
    if (ref.kind == SILLOK_REF_TIME)
        snprintf(written + n, sizeof(written) - (size_t)n, "@@%lld",
                 (long long)ref.time_s);
    fuzz_done(sillok_ref_parse(&again, written, 0, 0), "our own writing");
    fuzz_equal(text_of(again.oid), text_of(ref.oid), "oid");
    fuzz_equal(text_of(again.aid), text_of(ref.aid), "aid");
    fuzz_expect(again.kind == ref.kind && again.number == ref.number &&
                    again.time_s == ref.time_s,
                "the revision");
    r = sillok_snapshot_open(&snapshot, store, &ref);
    if (!one_of(r, SILLOK_ENOTFOUND, SILLOK_EINVALID))
        return;
    const struct sillok_revision *rev = sillok_snapshot_revision(snapshot);
    fuzz_equal(rev->article.oid, text_of(ref.oid), "the article");
    fuzz_equal(rev->article.aid, text_of(ref.aid), "the article");
    fuzz_expect(ref.kind != SILLOK_REF_NUMBER || ref.number < 0 ||
                    rev->number == ref.number,
                "the revision that was named");
    fuzz_expect(ref.kind != SILLOK_REF_TIME || rev->first_seen_s <= ref.time_s,
                "the revision that stood then");
    sillok_snapshot_close(snapshot);
}

static void ask_hash(struct sillok_store *store, const char *text)
{
    char *data = NULL;
    size_t len;
    struct sillok_id id, other;
    char hex[SILLOK_ID_HEX_LEN + 1];
    if (sillok_id_parse(&id, text, strlen(text)) == 0) {
        sillok_id_format(&id, hex);
        fuzz_done(sillok_id_parse(&other, hex, SILLOK_ID_HEX_LEN), "our own hash");
        fuzz_expect(sillok_id_equal(&id, &other), "the same hash");
    }
    const int r = sillok_body_get(store, text, &data, &len, &id);
    fuzz_expect(r >= 0 || r == SILLOK_ENOTFOUND || r == SILLOK_EAMBIGUOUS ||
                    r == SILLOK_EINVALID,
                "a failure that is documented");
    if (r < 0)
        return;
    sillok_id_format(&id, hex);
    fuzz_expect(strncasecmp(hex, text, strlen(text)) == 0, "it begins as was asked");
    sillok_free(data);
}

static void ask_changes(struct sillok_store *store, const char *text)
{
    static int n_all = -1;
    struct sillok_changes_options options = { .all = 1, .unfold = 1, .after = text };
    struct sillok_changes *it = NULL;
    struct sillok_change change;
    int r = 0, n = 0;
    if (n_all < 0)
        options.after = NULL;
    r = sillok_changes_open(&it, store, &options);
    if (one_of(r, SILLOK_EINVALID, SILLOK_ENOTFOUND)) {
        while ((r = sillok_changes_next(it, &change)) > 0) {
            n++;
            fuzz_expect(n_all < 0 || strcmp(change.key, text) != 0,
                        "it goes on after the key");
        }
        one_of(r, SILLOK_EINVALID, SILLOK_ENOTFOUND);
        if (n_all < 0)
            n_all = n;
        fuzz_expect(n_all == 2 && n <= n_all, "changes of the store");
    }
    sillok_changes_close(it);
    options = (struct sillok_changes_options){ .crawl_a = text, .crawl_b = "crawl-0" };
    r = sillok_changes_open(&it, store, &options);
    if (one_of(r, SILLOK_ENOTFOUND, SILLOK_EINVALID)) {
        while ((r = sillok_changes_next(it, &change)) > 0)
            ;
        one_of(r, SILLOK_EINVALID, SILLOK_ENOTFOUND);
        sillok_changes_close(it);
    }
}

static void ask_kind(const char *text)
{
    const int kind = sillok_kind_parse(text, strlen(text));
    fuzz_expect(kind >= -1 && kind < SILLOK_N_KINDS, "a kind or none");
    if (kind >= 0)
        fuzz_expect(strcmp(sillok_kind_name((enum sillok_kind)kind), text) == 0,
                    "its name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sillok_store *store;
    static struct buf line = BUF_INIT;
    struct sillok_text rest = { size ? (const char *)data : "",
                                size < 2000 ? size : 2000 };
    if (!store) {
        store = make_store();
        ask_changes(store, "");
    }
    for (int i = 0; i < 8 && rest.len; i++) {
        buf_clear(&line);
        fuzz_done(buf_add_text(&line, fuzz_part(&rest, '\n')), "memory");
        fuzz_done(buf_add_char(&line, '\0'), "memory");
        ask_reference(store, line.ptr);
        ask_hash(store, line.ptr);
        ask_kind(line.ptr);
        ask_changes(store, line.ptr);
    }
    return 0;
}
