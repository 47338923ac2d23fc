/*
 * sillok-floor: the least work that taking in a folder can be.
 *
 * One thread opens and reads every *.md file of a folder, finds the body, undoes the
 * escaping where the declared hash needs it, and compares the SHA-256. Nothing is stored.
 * What a real ingest costs is given as a multiple of this time.
 *
 * No shortcuts and no waste: names in the order of the folder, one read a file, the
 * digest fetched once, no allocation per file.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DONE = 0, DIFFERS = 1, USAGE = 2, SYSTEM = 3 };
enum { ID_BYTES = 32, HEX_LEN = 64 };

struct floor {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
    char *file, *plain; /* buffers, grown to the largest file */
    size_t cap;
    unsigned long long files, bytes, body_bytes, unescaped, mismatches;
};

struct span {
    const char *ptr;
    size_t len;
};

static int sha256(struct floor *f, struct span s, unsigned char id[ID_BYTES])
{
    return EVP_DigestInit_ex2(f->ctx, NULL, NULL) == 1 &&
           EVP_DigestUpdate(f->ctx, s.ptr, s.len) == 1 &&
           EVP_DigestFinal_ex(f->ctx, id, NULL) == 1;
}

/* --- finding --- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The declared hash: 0 when the front matter has none. */
static int declared(struct span front, unsigned char id[ID_BYTES])
{
    static const char key[] = "\ncontent_hash: ";
    const char *at = memmem(front.ptr, front.len, key, sizeof(key) - 1);
    if (!at || (size_t)(front.ptr + front.len - at) < sizeof(key) - 1 + HEX_LEN)
        return 0;
    at += sizeof(key) - 1;
    for (size_t i = 0; i < ID_BYTES; i++) {
        const int high = hex_digit(at[2 * i]), low = hex_digit(at[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        id[i] = (unsigned char)(high << 4 | low);
    }
    return 1;
}

/* The last footer of @p text, where the body ends at the latest. */
static const char *last_footer(struct span text)
{
    static const char footer[] = "\n\n---\n\n*Crawled at: ";
    const size_t n = sizeof(footer) - 1;
    for (const char *at = text.ptr + text.len;
         (at = memrchr(text.ptr, '*', (size_t)(at - text.ptr)));) {
        const char *start = at - (sizeof("\n\n---\n\n") - 1);
        if (start >= text.ptr && (size_t)(text.ptr + text.len - start) >= n &&
            memcmp(start, footer, n) == 0)
            return start;
    }
    return NULL;
}

/* Front matter and body, as in the file. */
static int find_parts(struct span file, struct span *front, struct span *body)
{
    static const char fence[] = "\n---\n", heading_end[] = "\n---\n\n";
    const char *end = memmem(file.ptr, file.len, fence, sizeof(fence) - 1);
    if (!end)
        return 0;
    *front = (struct span){ file.ptr, (size_t)(end - file.ptr) };
    const char *rest = end + sizeof(fence) - 1;
    const size_t left = (size_t)(file.ptr + file.len - rest);
    const char *start = memmem(rest, left, heading_end, sizeof(heading_end) - 1);
    if (!start)
        return 0;
    start += sizeof(heading_end) - 1;
    /* An empty body: the footer begins with the line end before the body. */
    const struct span tail = { start - 2, (size_t)(file.ptr + file.len - start + 2) };
    const char *stop = last_footer(tail);
    if (!stop)
        return 0;
    *body = (struct span){ start, stop > start ? (size_t)(stop - start) : 0 };
    return 1;
}

/* --- escaping --- */

/* Undo & < > " ' ` = once; 0 when there was nothing to undo. */
static int unescape(struct span in, char *out, struct span *plain)
{
    static const struct {
        const char *name;
        size_t len;
        char c;
    } entities[] = { { "&amp;", 5, '&' },  { "&lt;", 4, '<' },    { "&gt;", 4, '>' },
                     { "&quot;", 6, '"' }, { "&#x27;", 6, '\'' }, { "&#x60;", 6, '`' },
                     { "&#x3D;", 6, '=' } };
    const char *at = in.ptr, *const end = in.ptr + in.len;
    char *to = out;
    int n = 0;
    while (at < end) {
        const char *amp = memchr(at, '&', (size_t)(end - at));
        const size_t run = (size_t)((amp ? amp : end) - at);
        memcpy(to, at, run);
        to += run;
        if (!amp)
            break;
        at = amp + 1;
        char c = '&';
        for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
            if ((size_t)(end - amp) >= entities[i].len &&
                memcmp(amp, entities[i].name, entities[i].len) == 0) {
                c = entities[i].c;
                at = amp + entities[i].len;
                n++;
                break;
            }
        *to++ = c;
    }
    *plain = (struct span){ out, (size_t)(to - out) };
    return n > 0;
}

/* Does the text, or where comments follow the body a part of it, have this hash? */
static int has_hash(struct floor *f, struct span s, const unsigned char want[ID_BYTES],
                    int comments)
{
    static const char rule[] = "\n\n---\n\n";
    unsigned char id[ID_BYTES];
    if (!comments)
        return sha256(f, s, id) && memcmp(id, want, ID_BYTES) == 0;
    for (const char *at = s.ptr; at;) {
        const size_t left = (size_t)(s.ptr + s.len - at);
        const char *cut = memmem(at, left, rule, sizeof(rule) - 1);
        const struct span part = { s.ptr, cut ? (size_t)(cut - s.ptr) : s.len };
        if (sha256(f, part, id) && memcmp(id, want, ID_BYTES) == 0)
            return 1;
        at = cut ? cut + 1 : NULL;
    }
    return 0;
}

static int check(struct floor *f, struct span file)
{
    static const char count_key[] = "\ncomment_count: ";
    struct span front, body, plain;
    unsigned char want[ID_BYTES];
    if (!find_parts(file, &front, &body) || !declared(front, want))
        return 0;
    f->body_bytes += body.len;
    const int comments =
        memmem(front.ptr, front.len, count_key, sizeof(count_key) - 1) != NULL;
    if (unescape(body, f->plain, &plain) && has_hash(f, plain, want, comments)) {
        f->unescaped++;
        return 1;
    }
    return has_hash(f, body, want, comments);
}

/* --- files --- */

static int reserve(struct floor *f, size_t size)
{
    if (size <= f->cap)
        return 1;
    free(f->file);
    free(f->plain);
    f->cap = 2 * size;
    f->file = malloc(f->cap);
    f->plain = malloc(f->cap);
    return f->file && f->plain;
}

/* The bytes of a file; negative with errno. */
static ssize_t read_whole(struct floor *f, int dir, const char *name)
{
    const int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return -1;
    ssize_t n = -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && reserve(f, (size_t)st.st_size + 1))
        n = read(fd, f->file, (size_t)st.st_size);
    (void)close(fd); /* opened for reading */
    return n;
}

static int walk(struct floor *f, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        fprintf(stderr, "sillok-floor: cannot open '%s': %s\n", path, strerror(errno));
        return SYSTEM;
    }
    const struct dirent *e;
    while ((e = readdir(dir))) {
        const size_t len = strlen(e->d_name);
        if (len < 4 || memcmp(e->d_name + len - 3, ".md", 3) != 0)
            continue;
        const ssize_t n = read_whole(f, dirfd(dir), e->d_name);
        f->files++;
        f->bytes += n > 0 ? (unsigned long long)n : 0;
        if (n < 0 || !check(f, (struct span){ f->file, (size_t)n }))
            f->mismatches++;
    }
    closedir(dir);
    return f->mismatches ? DIFFERS : DONE;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static const char help[] =
        "usage: sillok-floor DIR\n\n"
        "Read and hash every *.md file of DIR in one thread, compare with the declared\n"
        "content_hash, and print one JSON line: files, bytes, body_bytes, unescaped,\n"
        "mismatches, seconds, us_per_file. Exit status: 0, 1 some differ, 2 usage, 3 system.\n";
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return fflush(stdout) == 0 ? DONE : SYSTEM;
    }
    if (argc != 2 || argv[1][0] == '-') {
        fputs(help, stderr);
        return USAGE;
    }
    const double start = now();
    struct floor f = { .md = EVP_MD_fetch(NULL, "SHA256", NULL),
                       .ctx = EVP_MD_CTX_new() };
    if (!f.md || !f.ctx || EVP_DigestInit_ex2(f.ctx, f.md, NULL) != 1 ||
        !reserve(&f, 1 << 16)) {
        fputs("sillok-floor: no SHA-256 or no memory\n", stderr);
        return SYSTEM;
    }
    const int rc = walk(&f, argv[1]);
    const double seconds = now() - start;
    if (rc != SYSTEM)
        printf("{\"files\":%llu,\"bytes\":%llu,\"body_bytes\":%llu,\"unescaped\":%llu,"
               "\"mismatches\":%llu,\"seconds\":%.6f,\"us_per_file\":%.3f}\n",
               f.files, f.bytes, f.body_bytes, f.unescaped, f.mismatches, seconds,
               f.files ? seconds * 1e6 / (double)f.files : 0.0);
    free(f.file);
    free(f.plain);
    EVP_MD_CTX_free(f.ctx);
    EVP_MD_free(f.md);
    return fflush(stdout) == 0 ? rc : SYSTEM;
}
