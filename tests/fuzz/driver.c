/*
 * Runs a fuzz target without a fuzzer: over files, or over inputs made from them by a
 * mutator of our own that depends on its seed alone. It knows nothing of coverage; it is
 * there so that every machine with a C compiler runs the corpora and a few thousand
 * neighbours of each. The last line says how many inputs there were.
 *
 * An input that ends the process, or does not end, is left in the file crash-TARGET of
 * the current folder.
 */
#include "fuzz.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 20, STEPS_MAX = 8, SECONDS_MAX = 30 };

struct list {
    struct sillok_text *v;
    char **names;
    size_t n;
};

static const char *target;
static struct sillok_text running; /* for the handler */

/* --- an input that ends the process --- */

static void on_crash(int number)
{
    char path[200];
    snprintf(path, sizeof(path), "crash-%s", target);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0) {
        (void)file_write_all(fd, running.ptr, running.len); /* we are dying already */
        (void)close(fd);
        dprintf(STDERR_FILENO, "%s: the input is in %s\n", target, path);
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* A copy that ends where its memory ends, so that a sanitizer sees a read past it. */
static void run(struct sillok_text input)
{
    char *copy = malloc(input.len + !input.len);
    fuzz_expect(copy != NULL, "memory");
    if (input.len)
        memcpy(copy, input.ptr, input.len);
    running = text_make(copy, input.len);
    alarm(SECONDS_MAX); /* what does not end has failed too */
    (void)LLVMFuzzerTestOneInput((const uint8_t *)copy, input.len);
    alarm(0);
    running = text_make(NULL, 0);
    free(copy);
}

/* --- the corpus --- */

static void add_path(struct list *l, const char *path);

static void add_folder(struct list *l, const char *path)
{
    struct dirent **entries;
    const int n = scandir(path, &entries, NULL, alphasort); /* in one order everywhere */
    for (int i = 0; i < n; i++) {
        struct buf name = BUF_INIT;
        fuzz_done(buf_printf(&name, "%s/%s", path, entries[i]->d_name), "memory");
        char *below = buf_take(&name, NULL);
        if (entries[i]->d_name[0] != '.')
            add_path(l, below);
        free(below);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

static void add_path(struct list *l, const char *path)
{
    struct stat st;
    struct buf bytes = BUF_INIT;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        add_folder(l, path);
        return;
    }
    if (file_read(&bytes, path, INPUT_MAX) < 0) {
        fprintf(stderr, "%s: %s\n", target, sillok_error_message());
        exit(2);
    }
    struct sillok_text *v = realloc(l->v, (l->n + 1) * sizeof(*l->v));
    char **names = v ? realloc(l->names, (l->n + 1) * sizeof(*l->names)) : NULL;
    fuzz_expect(names != NULL, "memory");
    l->v = v;
    l->names = names;
    l->names[l->n] = strdup(path);
    l->v[l->n++] = fuzz_text(&bytes);
    if (!bytes.len)
        buf_release(&bytes); /* the text of none is not its memory */
}

/* Lines "name="bytes"" or "bytes", with \\ \" \n \t \xNN in them, as libFuzzer has it. */
static void add_words(struct list *l, const char *path)
{
    struct buf text = BUF_INIT;
    fuzz_done(file_read(&text, path, INPUT_MAX), path);
    struct sillok_text rest = fuzz_text(&text);
    while (rest.len) {
        const struct sillok_text line = fuzz_part(&rest, '\n');
        const char *from =
            line.len && line.ptr[0] != '#' ? memchr(line.ptr, '"', line.len) : NULL;
        if (!from)
            continue;
        struct buf word = BUF_INIT;
        const char *end = line.ptr + line.len;
        for (const char *p = from + 1; p < end && *p != '"'; p++) {
            unsigned byte = (unsigned char)*p;
            if (*p == '\\' && p + 3 < end && p[1] == 'x' &&
                sscanf(p + 2, "%2x", &byte) == 1)
                p += 3;
            else if (*p == '\\' && p + 1 < end)
                byte = *++p == 'n' ? '\n' : *p == 't' ? '\t' : (unsigned char)*p;
            fuzz_done(buf_add_char(&word, (char)byte), "memory");
        }
        struct sillok_text *v = realloc(l->v, (l->n + 1) * sizeof(*l->v));
        fuzz_expect(v != NULL, "memory");
        l->v = v;
        l->v[l->n++] = fuzz_text(&word);
    }
    buf_release(&text);
}

static void release(struct list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->v[i].len)
            free((void *)(uintptr_t)l->v[i].ptr);
        if (l->names)
            free(l->names[i]);
    }
    free(l->v);
    free(l->names);
}

/* --- the mutator --- */

static uint64_t next(uint64_t *state) /* splitmix64 (Steele, Lea, Flood 2014) */
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(next(state) % n) : 0;
}

static struct sillok_text some_of(uint64_t *state, struct sillok_text t)
{
    const size_t at = below(state, t.len);
    const size_t max = t.len - at < 64 || below(state, 4) == 0 ? t.len - at : 64;
    return text_make(t.ptr + at, max ? 1 + below(state, max) : 0);
}

/* Put @p with in the place of [at, at + len). */
static void put_in(struct buf *b, size_t at, size_t len, struct sillok_text with)
{
    struct buf made = BUF_INIT;
    (void)buf_add(&made, b->ptr, at);
    (void)buf_add_text(&made, with);
    (void)buf_add(&made, b->ptr + at + len, b->len - at - len);
    fuzz_expect(!made.failed, "memory");
    if (made.len <= INPUT_MAX) {
        const struct buf swap = *b;
        *b = made;
        made = swap;
    }
    buf_release(&made);
}

static void mutate(struct buf *b, uint64_t *state, const struct list *corpus,
                   const struct list *words)
{
    static const char odd[] = "\0\xff\x7f\x80 \n\r\t-:*#&;\"'<>{}[]0\x1e/@_~\xea\xb0\x80";
    const size_t at = below(state, b->len + 1);
    char raw[16];
    switch (below(state, 10)) {
    case 0:
        if (at < b->len)
            b->ptr[at] = (char)(b->ptr[at] ^ (1 << below(state, 8)));
        break;
    case 1:
        if (at < b->len)
            b->ptr[at] = odd[below(state, sizeof(odd) - 1)];
        break;
    case 2:
        put_in(b, at, below(state, (b->len - at < 100 ? b->len - at : 100) + 1),
               text_make("", 0));
        break;
    case 3:
        put_in(b, at, 0, some_of(state, text_make(b->ptr, b->len)));
        break;
    case 4:
        put_in(b, at, 0, some_of(state, corpus->v[below(state, corpus->n)]));
        break;
    case 5: {
        const struct sillok_text other = corpus->v[below(state, corpus->n)];
        const size_t from = below(state, other.len + 1);
        put_in(b, at, b->len - at, text_make(other.ptr + from, other.len - from));
        break;
    }
    case 6:
        if (words->n)
            put_in(b, at, below(state, 2) ? 0 : below(state, b->len - at + 1) % 16,
                   words->v[below(state, words->n)]);
        break;
    case 7:
        put_be((uint8_t *)raw, next(state), 8);
        put_be((uint8_t *)raw + 8, next(state), 8);
        put_in(b, at, 0, text_make(raw, 1 + below(state, 16)));
        break;
    case 8:
        if (at < b->len && b->ptr[at] >= '0' && b->ptr[at] <= '9')
            b->ptr[at] = (char)('0' + below(state, 10));
        else
            put_in(b, at, 0, text_make(odd + below(state, sizeof(odd) - 1), 1));
        break;
    default:
        if (below(state, 4) == 0)
            b->len = at;
        break;
    }
}

static void mutate_many(uint64_t seed, uint64_t n, const struct list *corpus,
                        const struct list *words)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    uint64_t state = seed;
    for (uint64_t i = 0; i < n && corpus->n; i++) {
        buf_clear(&b);
        fuzz_done(buf_add_text(&b, corpus->v[below(&state, corpus->n)]), "memory");
        for (size_t k = 1 + below(&state, STEPS_MAX); k; k--)
            mutate(&b, &state, corpus, words);
        run(fuzz_text(&b));
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: %s [--mutate SEED N] [--words FILE] [--plant] PATH...\n",
            target);
    return 2;
}

int main(int argc, char **argv)
{
    struct list corpus = { 0 }, words = { 0 };
    uint64_t seed = 0, n = 0;
    const char *slash = strrchr(argv[0], '/');
    target = slash ? slash + 1 : argv[0];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--mutate") == 0 && i + 2 < argc) {
            seed = strtoull(argv[++i], NULL, 10);
            n = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--words") == 0 && i + 1 < argc)
            add_words(&words, argv[++i]);
        else if (strcmp(argv[i], "--plant") == 0)
            fuzz_planted = 1;
        else if (argv[i][0] == '-')
            return usage();
        else
            add_path(&corpus, argv[i]);
    }
    if (!corpus.n)
        return usage();
    signal(SIGABRT, on_crash);
    signal(SIGSEGV, on_crash);
    signal(SIGALRM, on_crash);
    for (size_t i = 0; i < corpus.n; i++)
        run(corpus.v[i]);
    mutate_many(seed, n, &corpus, &words);
    printf("%s: %llu inputs\n", target, (unsigned long long)(corpus.n + n));
    release(&corpus);
    release(&words);
    return 0;
}
