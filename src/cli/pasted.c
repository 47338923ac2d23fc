#include "cli/pasted.h"

#include <string.h>

/* Cut off "@R" at @p at, which stands in @p t. */
static struct sillok_text cut_revision(struct sillok_text *t, const char *at)
{
    const size_t n = (size_t)(at - t->ptr);
    const struct sillok_text revision = { at, t->len - n };
    t->len = n;
    return revision;
}

static int is_key(struct sillok_text t)
{
    static const char set[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
    size_t i = 0;
    while (i < t.len && memchr(set, t.ptr[i], sizeof(set) - 1))
        i++;
    return t.len && i == t.len;
}

static int put_together(struct buf *out, struct sillok_text oid, struct sillok_text aid,
                        struct sillok_text revision)
{
    if (!is_key(oid) || !is_key(aid))
        return 0;
    const int r = buf_printf(out, "%.*s/%.*s%.*s%c", (int)oid.len, oid.ptr, (int)aid.len,
                             aid.ptr, (int)revision.len, revision.ptr, 0);
    return r < 0 ? r : 1;
}

/* The value of "oid=", say, in a query; else empty. */
static struct sillok_text value_of(struct sillok_text query, const char *name)
{
    const size_t n = strlen(name);
    while (query.len) {
        const char *end = memchr(query.ptr, '&', query.len);
        const size_t len = end ? (size_t)(end - query.ptr) : query.len;
        if (len > n && memcmp(query.ptr, name, n) == 0)
            return text_make(query.ptr + n, len - n);
        query =
            text_make(query.ptr + len + (end != NULL), query.len - len - (end != NULL));
    }
    return text_make("", 0);
}

/* The last part of a path, which is cut off. */
static struct sillok_text last_part(struct sillok_text *path)
{
    while (path->len && path->ptr[path->len - 1] == '/')
        path->len--;
    const char *slash = memrchr(path->ptr, '/', path->len);
    const size_t n = slash ? (size_t)(slash - path->ptr) + 1 : 0;
    const struct sillok_text part = { path->ptr + n, path->len - n };
    path->len = n;
    return part;
}

static int of_address(struct buf *out, struct sillok_text t, size_t scheme)
{
    struct sillok_text revision = { "", 0 };
    const char *slash = memrchr(t.ptr, '/', t.len);
    const char *at = slash ? strrchr(slash, '@') : NULL;
    /* An address may have another: /@name/, ?to=name@host */
    if (at && strchr("0123456789-", at[1]))
        revision = cut_revision(&t, at);
    const char *hash = memchr(t.ptr, '#', t.len);
    t.len = hash ? (size_t)(hash - t.ptr) : t.len;
    const char *mark = memchr(t.ptr, '?', t.len);
    const size_t n = mark ? (size_t)(mark - t.ptr) : t.len;
    if (mark) {
        const struct sillok_text query = { mark + 1, t.len - n - 1 };
        const int r =
            put_together(out, value_of(query, "oid="), value_of(query, "aid="), revision);
        if (r)
            return r;
    }
    struct sillok_text path = { t.ptr + scheme, n - scheme };
    const char *host_end = memchr(path.ptr, '/', path.len);
    if (!host_end)
        return 0;
    path = text_make(host_end, path.len - (size_t)(host_end - path.ptr));
    const struct sillok_text aid = last_part(&path);
    return put_together(out, last_part(&path), aid, revision);
}

/* OID_AID, and what is behind another _ is for people. */
static int of_name(struct buf *out, struct sillok_text t, struct sillok_text revision)
{
    const struct sillok_text name = last_part(&t);
    const char *sep = memchr(name.ptr, '_', name.len);
    if (!sep)
        return 0;
    const struct sillok_text oid = { name.ptr, (size_t)(sep - name.ptr) };
    const size_t rest = name.len - oid.len - 1;
    size_t n = 0;
    while (n < rest && sep[1 + n] != '_' && sep[1 + n] != '.')
        n++;
    return put_together(out, oid, text_make(sep + 1, n), revision);
}

static int is_file(struct sillok_text t)
{
    return text_ends(t, ".md") || text_ends(t, ".markdown") || text_ends(t, ".txt");
}

int pasted_article(struct buf *out, const char *text)
{
    static const char *const schemes[] = { "https://", "http://" };
    struct sillok_text t = { text, strlen(text) };
    for (int i = 0; i < 2; i++)
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            return of_address(out, t, strlen(schemes[i]));
    const char *at = strrchr(text, '@');
    if (is_file(t))
        return of_name(out, t, text_make("", 0));
    if (!at)
        return 0;
    const struct sillok_text revision = cut_revision(&t, at);
    return is_file(t) ? of_name(out, t, revision) : 0;
}
