#include "article/render.h"

#include "article/escape.h"

#include <stdio.h>

static int add_value(struct buf *out, struct sillok_text t, uint32_t form)
{
    return form & FORM_ESCAPED ? escape_do(out, t) : buf_add_text(out, t);
}

/* "KEY: VALUE\n" */
static void add_line(struct buf *out, const char *key, struct sillok_text value,
                     uint32_t form)
{
    (void)buf_add_str(out, key); /* failures stick in out->failed */
    (void)buf_add_str(out, ": ");
    (void)add_value(out, value, form);
    (void)buf_add_char(out, '\n');
}

static void crawl_time(const struct sillok_article *a, char out[SILLOK_TIME_LEN])
{
    sillok_time_format(a->crawled_at_s, 0, out); /* 2026-01-02T03:15:33Z */
    out[10] = ' ';
    out[19] = '\0';
}

static int render_markdown(struct buf *out, const struct sillok_article *a, uint32_t form)
{
    const struct sillok_text *f = a->fields;
    char at[SILLOK_TIME_LEN], hex[SILLOK_ID_HEX_LEN + 1];
    crawl_time(a, at);
    sillok_id_format(&a->content_hash, hex);

    (void)buf_add_str(out, "---\nid: ");
    (void)buf_add_text(out, a->oid);
    (void)buf_add_char(out, '_');
    (void)buf_add_text(out, a->aid);
    (void)buf_add_str(out, "\ntitle: \"");
    (void)add_value(out, f[SILLOK_TITLE], form);
    (void)buf_add_str(out, "\"\n");
    add_line(out, "category", f[SILLOK_CATEGORY], form);
    add_line(out, "publisher", f[SILLOK_PUBLISHER], form);
    add_line(out, "author", f[SILLOK_AUTHOR], form);
    add_line(out, "published_at", f[SILLOK_PUBLISHED_AT], form);
    if (f[SILLOK_MODIFIED_AT].len)
        add_line(out, "modified_at", f[SILLOK_MODIFIED_AT], form);
    add_line(out, "crawled_at", text_of(at), 0);
    add_line(out, "url", f[SILLOK_URL], form);
    add_line(out, "oid", a->oid, 0);
    add_line(out, "aid", a->aid, 0);
    add_line(out, "content_hash", text_of(hex), 0);
    (void)buf_add_str(out, "---\n\n# ");
    (void)add_value(out, f[SILLOK_TITLE], form);
    (void)buf_add_str(out, "\n\n**");
    (void)add_value(out, f[SILLOK_PUBLISHER], form);
    (void)buf_add_str(out, "** | ");
    (void)add_value(out, f[SILLOK_PUBLISHED_AT], form);
    (void)buf_add_str(out, " | ");
    (void)add_value(out, f[SILLOK_CATEGORY], form);
    (void)buf_add_str(out, "\n\n---\n\n");
    (void)add_value(out, a->body, form);
    (void)buf_add_str(out, "\n\n---\n\n*Crawled at: ");
    (void)buf_add_str(out, at);
    (void)buf_add_str(out, "*\n*Source: [원문 보기](");
    (void)add_value(out, f[SILLOK_URL], form);
    (void)buf_add_str(out, ")*\n");
    return out->failed ? SILLOK_ENOMEM : 0;
}

/* A JSON string (RFC 8259) with nothing escaped that need not be. Bytes that are not
 * UTF-8 pass: this is the base of a difference, not output for programs. */
static void add_json(struct buf *out, const char *key, struct sillok_text value)
{
    (void)buf_add_str(out, out->len && out->ptr[out->len - 1] == '{' ? "\"" : ",\"");
    (void)buf_add_str(out, key);
    (void)buf_add_str(out, "\":\"");
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.ptr[i];
        if (c == '"' || c == '\\')
            (void)buf_printf(out, "\\%c", c);
        else if (c == '\n')
            (void)buf_add_str(out, "\\n");
        else if (c < 0x20)
            (void)buf_printf(out, "\\u%04x", c);
        else
            (void)buf_add_char(out, (char)c);
    }
    (void)buf_add_char(out, '"');
}

static int render_ndjson(struct buf *out, const struct sillok_article *a)
{
    char at[SILLOK_TIME_LEN], hex[SILLOK_ID_HEX_LEN + 1];
    crawl_time(a, at);
    sillok_id_format(&a->content_hash, hex);
    (void)buf_add_char(out, '{');
    add_json(out, "oid", a->oid);
    add_json(out, "aid", a->aid);
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        add_json(out, sillok_field_name((enum sillok_field)i), a->fields[i]);
    add_json(out, "crawled_at", text_of(at));
    add_json(out, "content_hash", text_of(hex));
    add_json(out, "body", a->body);
    (void)buf_add_str(out, "}\n");
    return out->failed ? SILLOK_ENOMEM : 0;
}

int render_file(struct buf *out, const struct sillok_article *article, uint32_t form)
{
    return form & FORM_NDJSON ? render_ndjson(out, article)
                              : render_markdown(out, article, form);
}

int render_url(struct buf *out, struct sillok_text oid, struct sillok_text aid)
{
    (void)buf_add_str(out, "https://n.news.naver.com/mnews/article/");
    (void)buf_add_text(out, oid);
    (void)buf_add_char(out, '/');
    (void)buf_add_text(out, aid);
    return out->failed ? SILLOK_ENOMEM : 0;
}
