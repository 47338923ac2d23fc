#include "file.h"

#include <openssl/evp.h>

/* --- hash --- */

struct hasher {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

struct hasher *hasher_new(void)
{
    struct hasher *h = calloc(1, sizeof(*h));
    if (h) {
        h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
        h->ctx = EVP_MD_CTX_new();
    }
    if (!h || !h->md || !h->ctx || EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1) {
        fputs("sillok-sample: no SHA-256 in libcrypto\n", stderr);
        exit(3);
    }
    return h;
}

void hasher_free(struct hasher *h)
{
    EVP_MD_CTX_free(h->ctx);
    EVP_MD_free(h->md);
    free(h);
}

void hasher_hex(struct hasher *h, const char *ptr, size_t len, char hex[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[32];
    if (EVP_DigestInit_ex2(h->ctx, NULL, NULL) != 1 ||
        EVP_DigestUpdate(h->ctx, ptr, len) != 1 ||
        EVP_DigestFinal_ex(h->ctx, sum, NULL) != 1) {
        fputs("sillok-sample: SHA-256 failed\n", stderr);
        exit(3);
    }
    for (size_t i = 0; i < 32; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[64] = '\0';
}

/* --- escaping --- */

void file_escape(struct out *out, const char *ptr, size_t len)
{
    static const char *const entities[] = { NULL,     "&amp;",  "&lt;",   "&gt;",
                                            "&quot;", "&#x27;", "&#x60;", "&#x3D;" };
    static const unsigned char which[256] = {
        ['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5, ['`'] = 6, ['='] = 7
    };
    const unsigned char *bytes = (const unsigned char *)ptr;
    size_t from = 0, i = 0;
    for (;;) {
        while (i + 4 <= len && !(which[bytes[i]] | which[bytes[i + 1]] |
                                 which[bytes[i + 2]] | which[bytes[i + 3]]))
            i += 4;
        while (i < len && !which[bytes[i]])
            i++;
        out_add(out, ptr + from, i - from);
        if (i == len)
            return;
        out_str(out, entities[which[bytes[i++]]]);
        from = i;
    }
}

static void add(struct out *out, const struct article *a, const char *ptr, size_t len)
{
    if (a->escaped)
        file_escape(out, ptr, len);
    else
        out_add(out, ptr, len);
}

static void add_str(struct out *out, const struct article *a, const char *str)
{
    add(out, a, str, strlen(str));
}

/* --- reader comments --- */

/* One comment; each line of a reply begins with the mark "> ". */
static void add_comment(struct out *out, struct rng *text, struct rng *likes, int reply,
                        int best, const char *day)
{
    const char *mark = reply ? "> " : "";
    out_str(out, mark);
    out_str(out, "**");
    for (int i = 0; i < 4; i++)
        out_char(out, (char)('a' + rng_below(text, 26)));
    out_str(out, "****");
    out_str(out, "**");
    if (best)
        out_str(out, " | ⭐ **BEST**");
    out_str(out, " | ");
    out_add(out, day, 10);
    out_char(out, ' ');
    out_number(out, rng_below(text, 24), 2);
    out_char(out, ':');
    out_number(out, rng_below(text, 60), 2);
    out_str(out, " | 👍 ");
    out_number(out, rng_below(likes, 300), 1);
    out_str(out, " | 👎 ");
    out_number(out, rng_below(likes, 40), 1);
    out_char(out, '\n');
    out_str(out, mark);
    out_char(out, '\n');
    out_str(out, mark);
    voice_comment(text, out);
    out_char(out, '\n');
    out_str(out, mark);
    out_char(out, '\n');
}

static unsigned replies_to(uint64_t seed, const struct article *a, unsigned i)
{
    struct rng r = rng_of(seed ^ i, a->number, a->crawl, USE_VISIT);
    return rng_below(&r, 4) == 0 ? 1 : 0;
}

/* The comments section, unescaped. The comments of a crawl before come again with other
 * counts; new ones follow. */
static void write_comments(struct out *out, const struct article *a, uint64_t seed)
{
    const unsigned n = (unsigned)a->comments;
    unsigned replies = 0;
    for (unsigned i = 0; i < n; i++)
        replies += replies_to(seed, a, i);
    out_str(out, "📊 **댓글 통계**: 총 ");
    out_number(out, n + replies, 1);
    out_str(out, " 개 (최상위 ");
    out_number(out, n, 1);
    out_str(out, " | 답글 ");
    out_number(out, replies, 1);
    out_str(out, " | BEST 1) | 최대 깊이: ");
    out_number(out, replies ? 2 : 1, 1);
    out_str(out, "\n\n## 댓글 (");
    out_number(out, n + replies, 1);
    out_str(out, " 개)\n\n");
    for (unsigned i = 0; i < n; i++) {
        struct rng text = rng_of(seed + i, a->number, 0, USE_COMMENT);
        struct rng likes = rng_of(seed + i, a->number, a->crawl + 1, USE_COMMENT);
        add_comment(out, &text, &likes, 0, i == 0, a->crawled_at);
        if (replies_to(seed, a, i))
            add_comment(out, &text, &likes, 1, 0, a->crawled_at);
        if (i + 1 < n)
            out_str(out, "---\n\n");
    }
}

static void add_comments(struct out *out, const struct article *a, uint64_t seed)
{
    out_str(out, "\n\n---\n\n");
    if (a->comments == 0) {
        out_str(out, "*댓글이 없습니다.*\n");
        return;
    }
    struct out section = { 0 };
    write_comments(&section, a, seed);
    add(out, a, section.ptr, section.len);
    out_char(out, '\n');
    out_free(&section);
}

static unsigned count_comments(const struct article *a, uint64_t seed)
{
    unsigned n = (unsigned)a->comments;
    for (unsigned i = 0; i < (unsigned)a->comments; i++)
        n += replies_to(seed, a, i);
    return n;
}

/* --- the template --- */

static void add_line(struct out *out, const char *key, const char *value)
{
    out_str(out, key);
    out_str(out, value);
    out_char(out, '\n');
}

static void write_front(struct out *out, const struct article *a, const char *url,
                        const char *hash, uint64_t seed)
{
    out_str(out, "---\nid: ");
    out_str(out, a->oid);
    out_char(out, '_');
    out_str(out, a->aid);
    out_str(out, "\ntitle: \"");
    add(out, a, a->title.ptr, a->title.len);
    out_str(out, "\"\ncategory: ");
    add_str(out, a, a->category);
    out_str(out, "\npublisher: ");
    add_str(out, a, a->publisher);
    out_str(out, "\nauthor: ");
    add(out, a, a->author.ptr, a->author.len);
    add_line(out, "\npublished_at: ", a->published_at);
    add_line(out, "crawled_at: ", a->crawled_at);
    add_line(out, "url: ", url);
    add_line(out, "oid: ", a->oid);
    add_line(out, "aid: ", a->aid);
    add_line(out, "content_hash: ", hash);
    if (a->comments >= 0) {
        out_str(out, "comment_count: ");
        out_number(out, count_comments(a, seed), 1);
        out_char(out, '\n');
    }
    out_str(out, "---\n");
}

void file_write(struct out *out, struct hasher *h, const struct article *a, uint64_t seed,
                const char *declared)
{
    char hash[65], url[96];
    if (!declared)
        hasher_hex(h, a->body.ptr, a->body.len, hash);
    snprintf(url, sizeof(url), "https://n.news.naver.com/mnews/article/%s/%s", a->oid,
             a->aid);
    write_front(out, a, url, declared ? declared : hash, seed);
    out_str(out, "\n# ");
    add(out, a, a->title.ptr, a->title.len);
    out_str(out, "\n\n**");
    add_str(out, a, a->publisher);
    out_str(out, "** | ");
    out_str(out, a->published_at);
    out_str(out, " | ");
    add_str(out, a, a->category);
    out_str(out, "\n\n---\n\n");
    add(out, a, a->body.ptr, a->body.len);
    if (a->comments >= 0)
        add_comments(out, a, seed);
    else
        out_str(out, "\n");
    out_str(out, "\n---\n\n*Crawled at: ");
    out_str(out, a->crawled_at);
    out_str(out, "*\n*Source: [원문 보기](");
    out_str(out, url);
    out_str(out, ")*\n");
}

/* --- the name --- */

static int is_alphanumeric(unsigned long c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0x1100 && c <= 0x11ff) ||
           (c >= 0x3131 && c <= 0x318e) || (c >= 0x4e00 && c <= 0x9fff) ||
           (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7);
}

/* The code point at @p p and its length; bytes that begin none count as one. */
static unsigned long decode(const unsigned char *p, size_t left, size_t *len)
{
    const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    *len = n <= left ? n : 1;
    if (*len == 1)
        return p[0];
    unsigned long c = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    return c;
}

static void slug(struct out *out, const struct out *title)
{
    const size_t start = out->len;
    unsigned kept = 0;
    size_t n;
    for (size_t i = 0; i < title->len && kept < 50; i += n) {
        const unsigned char *p = (const unsigned char *)title->ptr + i;
        const unsigned long c = decode(p, title->len - i, &n);
        if (!is_alphanumeric(c) && c != '-' && c != '_' && c != ' ')
            continue;
        kept++;
        if (c == ' ' && out->len == start)
            continue;
        if (n == 1)
            out_char(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
        else
            out_add(out, (const char *)p, n);
    }
    while (out->len > start && out->ptr[out->len - 1] == ' ')
        out->len--;
    for (size_t i = start; i < out->len; i++)
        if (out->ptr[i] == ' ')
            out->ptr[i] = '_';
}

void file_name(struct out *out, const struct article *a)
{
    out_str(out, a->oid);
    out_char(out, '_');
    out_str(out, a->aid);
    const size_t at = out->len;
    out_char(out, '_');
    slug(out, &a->title);
    if (out->len == at + 1)
        out->len = at;
    out_str(out, a->comments > 0 ? "_with_comments.md" : ".md");
}
