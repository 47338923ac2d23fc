#include "history/export_paths.h"

#include <string.h>
#include <xxhash.h>

/* The folder of a crawl, whose name is anything that a user typed. */
static void add_crawl(struct buf *out, const struct sillok_export_file *f)
{
    const struct sillok_text crawl = text_of(f->crawl);
    int changed = text_is(crawl, ".") || text_is(crawl, "..") || crawl.len == 0;
    for (size_t i = 0; i < crawl.len; i++) {
        changed |= crawl.ptr[i] == '/';
        (void)buf_add_char(out, crawl.ptr[i] == '/' ? '_' : crawl.ptr[i]);
    }
    /* "a/b" and "a_b" are two crawls. */
    if (changed)
        (void)buf_printf(out, "~%08x", (unsigned)XXH3_64bits(crawl.ptr, crawl.len));
    (void)buf_add_char(out, '/');
}

int export_unsafe_path(struct buf *out, const struct sillok_export_file *f,
                       int with_crawl)
{
    enum { SHOWN_BYTES = 100 };
    const size_t skip = f->name.len > SHOWN_BYTES ? f->name.len - SHOWN_BYTES : 0;
    buf_clear(out);
    if (with_crawl)
        add_crawl(out, f);
    (void)buf_printf(out, "_unsafe/%016llx_",
                     (unsigned long long)XXH3_64bits(f->name.ptr, f->name.len));
    for (size_t i = skip; i < f->name.len; i++) {
        const char c = f->name.ptr[i];
        (void)buf_add_char(out, c && c != '/' ? c : '_');
    }
    return out->failed ? SILLOK_ENOMEM : 0;
}

int export_path(struct buf *out, const struct sillok_export_file *f, int with_crawl)
{
    buf_clear(out);
    if (f->unsafe)
        return export_unsafe_path(out, f, with_crawl);
    if (with_crawl)
        add_crawl(out, f);
    return out->failed ? SILLOK_ENOMEM : buf_add_text(out, f->name);
}
