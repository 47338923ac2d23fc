/*
 * Export as WARC 1.1 (ISO 28500:2017).
 *
 * libarchive's writer knows version 1.0 alone, no revisit records, no digests, and no header
 * of more than 512 bytes, which a Korean address soon has.
 */
#include "sillok/export.h"

#include "article/hash.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum {
    WRITE_BYTES = 256 * 1024, /* gathered for one write() */
    GZIP_WINDOW = 15 + 16     /* zlib: the largest window, in the form of gzip */
};

struct warc {
    int fd;
    unsigned flags;
    struct hasher *hasher;
    z_stream deflate;
    int has_deflate;
    struct buf head, block, record, pending;
};

/* What names a record, and others name it by. */
struct record_id {
    char text[sizeof("<urn:uuid:00000000-0000-0000-0000-000000000000>")];
};

/* --- one record --- */

static int write_pending(struct warc *w)
{
    const int r = file_write_all(w->fd, w->pending.ptr, w->pending.len);
    buf_clear(&w->pending);
    return r < 0 ? fail_context(r, "the archive") : 0;
}

/* The whole record as a member of its own: who knows where it begins can read it. */
static int add_member(struct warc *w)
{
    z_stream *z = &w->deflate;
    if (deflateReset(z) != Z_OK || w->record.len > UINT32_MAX)
        return fail(SILLOK_EINVALID, "a record of %zu bytes is too large for gzip here",
                    w->record.len);
    const size_t most = deflateBound(z, w->record.len);
    const int r = buf_reserve(&w->pending, most);
    if (r < 0)
        return r;
    z->next_in = (Bytef *)w->record.ptr;
    z->avail_in = (uInt)w->record.len;
    z->next_out = (Bytef *)w->pending.ptr + w->pending.len;
    z->avail_out = (uInt)most;
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return fail(SILLOK_EIO, "gzip: %s", z->msg ? z->msg : "it did not end");
    w->pending.len += most - z->avail_out;
    return 0;
}

/* w->head has the fields but for the length, @p block what they are about. */
static int put_record(struct warc *w, struct sillok_text block)
{
    buf_clear(&w->record);
    (void)buf_add_str(&w->record, "WARC/1.1\r\n");
    (void)buf_add(&w->record, w->head.ptr, w->head.len);
    (void)buf_printf(&w->record, "Content-Length: %zu\r\n\r\n", block.len);
    (void)buf_add_text(&w->record, block);
    (void)buf_add_str(&w->record, "\r\n\r\n");
    if (w->record.failed || w->head.failed)
        return fail_memory();
    buf_clear(&w->head);
    const int r = w->flags & SILLOK_WARC_GZIP
                      ? add_member(w)
                      : buf_add(&w->pending, w->record.ptr, w->record.len);
    return r < 0 || w->pending.len < WRITE_BYTES ? r : write_pending(w);
}

/* --- fields --- */

static void add_field(struct warc *w, const char *name, const char *value)
{
    (void)buf_printf(&w->head, "%s: %s\r\n", name, value);
}

static void add_date(struct warc *w, const char *name, int64_t time_s)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, text);
    add_field(w, name, text);
}

static void add_digest(struct warc *w, const char *name, const struct sillok_id *id)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(id, hex);
    (void)buf_printf(&w->head, "%s: sha256:%s\r\n", name, hex);
}

/* Where it can be asked for: what its crawler noted, less the fragment, which no client asks
 * for; a name where that is no address of the web. */
static void add_address(struct warc *w, const char *name, const char *prefix,
                        const struct sillok_article *a)
{
    struct sillok_text url = a->fields[SILLOK_URL];
    const char *fragment = url.len ? memchr(url.ptr, '#', url.len) : NULL;
    if (fragment)
        url.len = (size_t)(fragment - url.ptr);
    (void)buf_printf(&w->head, "%s: %s", name, prefix);
    if (text_starts(url, "http://") || text_starts(url, "https://")) {
        quote_url(&w->head, url);
    } else {
        (void)buf_add_str(&w->head, "urn:sillok:");
        quote_url(&w->head, a->oid);
        (void)buf_add_char(&w->head, ':');
        quote_url(&w->head, a->aid);
    }
    (void)buf_add_str(&w->head, "\r\n");
}

/* A UUID of version 8: 122 bits of the hash of what the record is, each part of it behind its
 * length. */
static int make_id(struct warc *w, struct record_id *out, const char *type,
                   const struct sillok_text *parts, size_t n)
{
    struct sillok_id hash = { { 0 } };
    char hex[SILLOK_ID_HEX_LEN + 1];
    int r = hasher_begin(w->hasher);
    if (r == 0)
        r = hasher_add(w->hasher, type, text_of(type).len + 1);
    for (size_t i = 0; i < n && r == 0; i++) {
        char len[24];
        const int n_len = snprintf(len, sizeof(len), "%zu:", parts[i].len);
        r = hasher_add(w->hasher, len, (size_t)n_len);
        if (r == 0)
            r = hasher_add(w->hasher, parts[i].ptr, parts[i].len);
    }
    if (r == 0)
        r = hasher_end(w->hasher, &hash);
    if (r < 0)
        return r;
    hash.bytes[6] = (uint8_t)(0x80 | (hash.bytes[6] & 0x0F)); /* version 8 */
    hash.bytes[8] = (uint8_t)(0x80 | (hash.bytes[8] & 0x3F)); /* variant of RFC 9562 */
    sillok_id_format(&hash, hex);
    snprintf(out->text, sizeof(out->text), "<urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s>", hex,
             hex + 8, hex + 12, hex + 16, hex + 20);
    return 0;
}

/* Of the record with a body that others refer to: there is one for each body and address of
 * an article, and a time for those of other exports. */
static int resource_id(struct warc *w, struct record_id *out,
                       const struct sillok_export_file *f, int64_t time_s)
{
    char at[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, at);
    const struct sillok_article *a = &f->article;
    const struct sillok_text parts[] = { a->oid, a->aid, a->fields[SILLOK_URL],
                                         text_make((const char *)a->content_hash.bytes,
                                                   sizeof(a->content_hash.bytes)),
                                         text_of(at) };
    return make_id(w, out, "resource", parts, sizeof(parts) / sizeof(parts[0]));
}

/* Of what there is one of for each visit, about or without another record. */
static int visit_id(struct warc *w, struct record_id *out, const char *type,
                    const struct sillok_export_file *f, const struct record_id *about)
{
    char at[SILLOK_TIME_LEN];
    sillok_time_format(f->article.crawled_at_s, 0, at);
    const struct sillok_text parts[] = {
        text_of(f->crawl), f->name,     f->article.oid,
        f->article.aid,    text_of(at), text_of(about ? about->text : "")
    };
    return make_id(w, out, type, parts, sizeof(parts) / sizeof(parts[0]));
}

/* What all records but the first begin with. */
static void begin_record(struct warc *w, const char *type, const struct record_id *id,
                         const struct sillok_export_file *f)
{
    /* Indexes would take what has the article's address for the article. */
    const char *prefix = strcmp(type, "metadata") == 0 ? "urn:sillok:metadata:" : "";
    add_field(w, "WARC-Type", type);
    add_field(w, "WARC-Record-ID", id->text);
    add_address(w, "WARC-Target-URI", prefix, &f->article);
    add_date(w, "WARC-Date", f->article.crawled_at_s);
}

/* --- the records --- */

static int put_info(struct warc *w, const struct sillok_export_options *options,
                    int64_t time_s)
{
    struct record_id id;
    buf_clear(&w->block);
    (void)buf_printf(&w->block, "software: sillok/%s\r\n", sillok_version());
    (void)buf_add_str(&w->block, "format: WARC File Format 1.1\r\n"
                                 "conformsTo: http://iipc.github.io/warc-specifications/"
                                 "specifications/warc-format/warc-1.1/\r\n");
    if (options && options->crawl) {
        (void)buf_add_str(&w->block, "isPartOf: ");
        (void)utf8_add_safe(&w->block, text_of(options->crawl), UTF8_FOLD_SPACE);
        (void)buf_add_str(&w->block, "\r\n");
    }
    const struct sillok_text block = text_make(w->block.ptr, w->block.len);
    char at[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, at);
    const struct sillok_text parts[] = { block, text_of(at) };
    const int r = w->block.failed ? fail_memory() : make_id(w, &id, "warcinfo", parts, 2);
    if (r < 0)
        return r;
    add_field(w, "WARC-Type", "warcinfo");
    add_field(w, "WARC-Record-ID", id.text);
    add_field(w, "WARC-Date", at);
    add_field(w, "Content-Type", "application/warc-fields");
    return put_record(w, block);
}

static int put_resource(struct warc *w, const struct sillok_export_file *f,
                        struct record_id *id)
{
    const int one_of_many = (w->flags & SILLOK_WARC_NO_DEDUP) != 0;
    const int r = one_of_many ? visit_id(w, id, "resource", f, NULL)
                              : resource_id(w, id, f, f->article.crawled_at_s);
    if (r < 0)
        return r;
    begin_record(w, "resource", id, f);
    add_digest(w, "WARC-Block-Digest", &f->article.content_hash);
    add_digest(w, "WARC-Payload-Digest", &f->article.content_hash);
    add_field(w, "Content-Type",
              utf8_valid(f->article.body) ? "text/markdown; charset=utf-8"
                                          : "text/markdown");
    return put_record(w, f->article.body);
}

static int put_revisit(struct warc *w, const struct sillok_export_file *f,
                       struct record_id *id)
{
    struct record_id first;
    int r = resource_id(w, &first, f, f->first_s);
    if (r == 0)
        r = visit_id(w, id, "revisit", f, &first);
    if (r < 0)
        return r;
    begin_record(w, "revisit", id, f);
    add_field(w, "WARC-Profile",
              "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest");
    add_digest(w, "WARC-Payload-Digest", &f->article.content_hash);
    add_field(w, "WARC-Refers-To", first.text);
    add_address(w, "WARC-Refers-To-Target-URI", "", &f->article);
    add_date(w, "WARC-Refers-To-Date", f->first_s);
    return put_record(w, text_make("", 0));
}

/* 1: not all of it is UTF-8. */
static int add_member_text(struct buf *b, const char *name, struct sillok_text value)
{
    (void)buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
    return quote_json_bytes(b, value);
}

static void add_object(struct buf *b, const struct sillok_export_file *f)
{
    const struct sillok_article *a = &f->article;
    char at[SILLOK_TIME_LEN], hex[SILLOK_ID_HEX_LEN + 1];
    sillok_time_format(a->crawled_at_s, 0, at);
    sillok_id_format(&a->content_hash, hex);
    int invalid = !utf8_valid(a->body);
    (void)buf_add_char(b, '{');
    invalid |= add_member_text(b, "crawl", text_of(f->crawl));
    invalid |= add_member_text(b, "name", f->name);
    invalid |= add_member_text(b, "oid", a->oid);
    invalid |= add_member_text(b, "aid", a->aid);
    invalid |= add_member_text(b, "crawled_at", text_of(at));
    invalid |= add_member_text(b, "content_hash", text_of(hex));
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        invalid |=
            add_member_text(b, sillok_field_name((enum sillok_field)i), a->fields[i]);
    (void)buf_printf(b, ",\"hash_mismatch\":%s%s}\n", f->hash_mismatch ? "true" : "false",
                     invalid ? ",\"invalid_utf8\":true" : "");
}

static int put_metadata(struct warc *w, const struct sillok_export_file *f,
                        const struct record_id *about)
{
    struct record_id id;
    struct sillok_id digest;
    buf_clear(&w->block);
    add_object(&w->block, f);
    const struct sillok_text block = text_make(w->block.ptr, w->block.len);
    int r = w->block.failed ? fail_memory() : visit_id(w, &id, "metadata", f, about);
    if (r == 0)
        r = hasher_of(w->hasher, block, &digest);
    if (r < 0)
        return r;
    begin_record(w, "metadata", &id, f);
    add_field(w, "WARC-Concurrent-To", about->text);
    add_field(w, "WARC-Refers-To", about->text);
    add_digest(w, "WARC-Block-Digest", &digest);
    add_field(w, "Content-Type", "application/json");
    return put_record(w, block);
}

static int put_visit(struct warc *w, const struct sillok_export_file *f)
{
    struct record_id id;
    const int r = f->repeats ? put_revisit(w, f, &id) : put_resource(w, f, &id);
    return r < 0 ? r : put_metadata(w, f, &id);
}

/* --- all of it --- */

static int begin(struct warc *w, int fd, unsigned flags)
{
    struct buf *const all[] = { &w->head, &w->block, &w->record, &w->pending };
    *w = (struct warc){ .fd = fd, .flags = flags };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_init(all[i], BUF_CEILING);
    if (flags & SILLOK_WARC_GZIP) {
        if (deflateInit2(&w->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            return fail_memory();
        w->has_deflate = 1;
    }
    return hasher_new(&w->hasher);
}

static void end(struct warc *w)
{
    if (w->has_deflate)
        (void)deflateEnd(&w->deflate); /* frees; what it says is about what was left */
    hasher_free(w->hasher);
    buf_release(&w->head);
    buf_release(&w->block);
    buf_release(&w->record);
    buf_release(&w->pending);
}

int sillok_export_warc(struct sillok_store *store,
                       const struct sillok_export_options *options, unsigned flags,
                       int fd, uint64_t *n_visits)
{
    struct sillok_export_options visits = SILLOK_EXPORT_OPTIONS_INIT;
    struct sillok_export *it = NULL;
    struct sillok_export_file f = { .crawl = NULL };
    struct warc w;
    if (options)
        visits = *options;
    visits.by_visit = 1;
    visits.repeats = !(flags & SILLOK_WARC_NO_DEDUP);
    *n_visits = 0;
    int r = begin(&w, fd, flags);
    if (r == 0)
        r = sillok_export_open(&it, store, &visits);
    int more = r == 0 ? sillok_export_next(it, &f) : r;
    if (more >= 0)
        r = put_info(&w, options, more ? f.article.crawled_at_s : 0);
    while (r == 0 && more > 0) {
        r = put_visit(&w, &f);
        ++*n_visits;
        if (r == 0)
            more = sillok_export_next(it, &f);
    }
    r = more < 0 ? more : r;
    if (r == 0)
        r = write_pending(&w);
    sillok_export_close(it);
    end(&w);
    return r;
}
