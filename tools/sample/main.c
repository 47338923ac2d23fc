/*
 * sillok-sample: crawl files to try things on, any number of them, with known edits.
 */
#include "article.h"
#include "corpus.h"
#include "file.h"
#include "odd.h"
#include "tar.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OK = 0, USAGE = 2, SYSTEM = 3 };

static const char help_text[] =
    "usage: sillok-sample [OPTION]... DEST\n"
    "       sillok-sample --tar [--crawl K] [OPTION]... FILE|-\n"
    "       sillok-sample --odd DIR\n"
    "\n"
    "Write made-up news articles as a crawler writes them: DEST/crawl-0, DEST/crawl-1\n"
    "and so on, each later crawl with edits, and DEST/crawl-K.truth.tsv with one row\n"
    "(oid, aid, kind) for each article that differs from the last crawl that saw it.\n"
    "Crawls 0 and 1 are HTML-escaped, later ones are not. The same options always\n"
    "give the same bytes.\n"
    "\n"
    "  -n, --articles N   articles of the first crawl (1000)\n"
    "  -c, --crawls N     how many crawls (3)\n"
    "  -s, --seed N       which corpus (1)\n"
    "  -e, --edit P       share of the articles edited from crawl to crawl (0.05)\n"
    "      --only P       share of the articles that a later crawl sees (0.95)\n"
    "      --new P        new articles of a later crawl, as a share of N (0.02)\n"
    "      --english P    share of English articles (0.1)\n"
    "      --tar          one crawl as a tar stream, to FILE or standard output\n"
    "      --crawl K      which crawl --tar writes (0)\n"
    "      --truth FILE   with --tar: where the truth rows go\n"
    "      --odd          odd files instead, with the expected verdicts in DIR/odd.tsv\n"
    "  -h, --help         this text\n"
    "\n"
    "Kinds of edits: typo number append insert delete rewrite byline title space move\n"
    "revert emptied correction.\n"
    "Exit status: 0 done, 2 usage, 3 the system failed.\n";

struct options {
    struct corpus corpus;
    unsigned crawl;
    int tar, odd, crawl_set;
    const char *truth, *dest;
};

/* --- options --- */

static int usage(const char *what, const char *subject)
{
    fprintf(stderr, "sillok-sample: %s '%s'\nTry 'sillok-sample --help'.\n", what,
            subject);
    return USAGE;
}

static int read_number(const char *name, const char *text, uint64_t least, uint64_t most,
                       uint64_t *out)
{
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || n < least || n > most) {
        fprintf(stderr,
                "sillok-sample: %s must be a number from %llu to %llu, not '%s'\n", name,
                (unsigned long long)least, (unsigned long long)most, text);
        return USAGE;
    }
    *out = n;
    return OK;
}

static int read_share(const char *name, const char *text, double *out)
{
    char *end;
    const double share = strtod(text, &end);
    if (end == text || *end || !(share >= 0 && share <= 1)) {
        fprintf(stderr, "sillok-sample: %s must be from 0 to 1, not '%s'\n", name, text);
        return USAGE;
    }
    *out = share;
    return OK;
}

enum { OPT_ONLY = 256, OPT_NEW, OPT_ENGLISH, OPT_TAR, OPT_CRAWL, OPT_TRUTH, OPT_ODD };

static int read_option(struct options *o, int opt)
{
    uint64_t n = 0;
    int rc = OK;
    switch (opt) {
    case 'n':
        return read_number("--articles", optarg, 1, 1000000000, &o->corpus.n_articles);
    case 'c':
        rc = read_number("--crawls", optarg, 1, 1000, &n);
        o->corpus.n_crawls = (unsigned)n;
        return rc;
    case 's':
        return read_number("--seed", optarg, 0, UINT64_MAX, &o->corpus.seed);
    case 'e':
        return read_share("--edit", optarg, &o->corpus.edit);
    case OPT_ONLY:
        return read_share("--only", optarg, &o->corpus.only);
    case OPT_NEW:
        return read_share("--new", optarg, &o->corpus.fresh);
    case OPT_ENGLISH:
        return read_share("--english", optarg, &o->corpus.english);
    case OPT_CRAWL:
        rc = read_number("--crawl", optarg, 0, 999, &n);
        o->crawl = (unsigned)n;
        o->crawl_set = 1;
        return rc;
    case OPT_TAR:
        o->tar = 1;
        return OK;
    case OPT_TRUTH:
        o->truth = optarg;
        return OK;
    case OPT_ODD:
        o->odd = 1;
        return OK;
    default:
        fputs("Try 'sillok-sample --help'.\n", stderr);
        return USAGE;
    }
}

static int read_options(struct options *o, int argc, char **argv)
{
    static const struct option long_options[] = {
        { "articles", required_argument, NULL, 'n' },
        { "crawls", required_argument, NULL, 'c' },
        { "seed", required_argument, NULL, 's' },
        { "edit", required_argument, NULL, 'e' },
        { "only", required_argument, NULL, OPT_ONLY },
        { "new", required_argument, NULL, OPT_NEW },
        { "english", required_argument, NULL, OPT_ENGLISH },
        { "tar", no_argument, NULL, OPT_TAR },
        { "crawl", required_argument, NULL, OPT_CRAWL },
        { "truth", required_argument, NULL, OPT_TRUTH },
        { "odd", no_argument, NULL, OPT_ODD },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int opt;
    while ((opt = getopt_long(argc, argv, "n:c:s:e:h", long_options, NULL)) != -1) {
        if (opt == 'h') {
            fputs(help_text, stdout);
            exit(fflush(stdout) == 0 ? OK : SYSTEM);
        }
        const int rc = read_option(o, opt);
        if (rc != OK)
            return rc;
    }
    if (optind >= argc)
        return usage("missing", o->odd ? "DIR" : o->tar ? "FILE" : "DEST");
    if (optind + 1 < argc)
        return usage("unexpected", argv[optind + 1]);
    if (o->odd && o->tar)
        return usage("--odd does not go with", "--tar");
    if (!o->tar && (o->truth || o->crawl_set))
        return usage("only with --tar:", o->truth ? "--truth" : "--crawl");
    o->dest = argv[optind];
    if (!o->tar && strcmp(o->dest, "-") == 0)
        return usage("only --tar writes to standard output:", o->dest);
    return OK;
}

/* --- crawls --- */

/* Where one crawl goes: a folder or a tar stream. */
struct sink {
    int dir; /* -1: tar */
    struct tar tar;
    struct out name;
    size_t prefix; /* of the name: the folder inside the archive */
    FILE *truth;   /* may be NULL */
};

static int put_file(struct sink *s, const struct out *file, int64_t time_s)
{
    if (s->dir < 0)
        return tar_add(&s->tar, s->name.ptr, s->name.len - 1, file->ptr, file->len,
                       time_s);
    const int fd =
        openat(s->dir, s->name.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    const int rc = write_all(fd, file->ptr, file->len);
    return close(fd) < 0 ? -1 : rc;
}

static int write_crawl(const struct corpus *c, unsigned crawl, struct sink *s)
{
    struct maker maker;
    struct article article = { 0 };
    struct hasher *hasher = hasher_new();
    struct out file = { 0 };
    int rc = 0;
    maker_init(&maker, c);
    for (uint64_t i = 0; rc == 0 && i < corpus_articles(c, crawl); i++) {
        struct visit visit;
        if (!corpus_visit(c, i, crawl, &visit))
            continue;
        article_make(&maker, i, crawl, &visit, &article);
        file.len = 0;
        file_write(&file, hasher, &article, c->seed, NULL);
        s->name.len = s->prefix;
        file_name(&s->name, &article);
        out_char(&s->name, '\0');
        rc = put_file(s, &file, article.crawled_at_s);
        if (rc < 0)
            fprintf(stderr, "sillok-sample: cannot write '%s': %s\n", s->name.ptr,
                    strerror(errno));
        else if (s->truth && visit.changed != EDIT_NONE)
            fprintf(s->truth, "%s\t%s\t%s\n", article.oid, article.aid,
                    edit_name(visit.changed));
    }
    out_free(&file);
    article_release(&article);
    maker_release(&maker);
    hasher_free(hasher);
    return rc;
}

static int cannot(const char *what, const char *name)
{
    fprintf(stderr, "sillok-sample: cannot %s '%s': %s\n", what, name, strerror(errno));
    return -1;
}

static int close_truth(FILE *f, const char *name)
{
    if (!f)
        return 0;
    const int bad = ferror(f);
    return fclose(f) != 0 || bad ? cannot("write", name) : 0;
}

static int write_folder(const struct options *o, unsigned crawl)
{
    struct sink s = { .dir = -1 };
    struct out path = { 0 };
    char name[32];
    snprintf(name, sizeof(name), "/crawl-%u", crawl);
    out_str(&path, o->dest);
    out_add(&path, name, strlen(name) + 1);
    int rc = mkdir(path.ptr, 0777) < 0 ? cannot("make", path.ptr) : 0;
    if (rc == 0) {
        s.dir = open(path.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rc = s.dir < 0 ? cannot("open", path.ptr) : 0;
    }
    path.len--;
    out_add(&path, ".truth.tsv", sizeof(".truth.tsv"));
    if (rc == 0 && crawl > 0 && !(s.truth = fopen(path.ptr, "wx")))
        rc = cannot("make", path.ptr);
    if (rc == 0)
        rc = write_crawl(&o->corpus, crawl, &s);
    if (close_truth(s.truth, path.ptr) < 0)
        rc = -1;
    if (s.dir >= 0)
        (void)close(s.dir); /* opened for reading */
    out_free(&s.name);
    out_free(&path);
    return rc;
}

static int write_folders(const struct options *o)
{
    if (mkdir(o->dest, 0777) < 0 && errno != EEXIST)
        return cannot("make", o->dest);
    for (unsigned k = 0; k < o->corpus.n_crawls; k++)
        if (write_folder(o, k) < 0)
            return -1;
    return 0;
}

static int write_tar(const struct options *o)
{
    struct sink s = { .dir = -1, .tar = { .fd = STDOUT_FILENO } };
    char folder[32];
    const int to_file = strcmp(o->dest, "-") != 0;
    if (to_file) {
        s.tar.fd = open(o->dest, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (s.tar.fd < 0)
            return cannot("open", o->dest);
    }
    if (o->truth && !(s.truth = fopen(o->truth, "w")))
        return cannot("open", o->truth);
    snprintf(folder, sizeof(folder), "crawl-%u/", o->crawl);
    out_str(&s.name, folder);
    s.prefix = s.name.len;
    int rc = write_crawl(&o->corpus, o->crawl, &s);
    if (rc == 0 && tar_end(&s.tar) < 0)
        rc = cannot("write", o->dest);
    if (to_file && close(s.tar.fd) < 0)
        rc = cannot("write", o->dest);
    if (o->truth && close_truth(s.truth, o->truth) < 0)
        rc = -1;
    out_free(&s.name);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = { .corpus = { .seed = 1,
                                     .n_articles = 1000,
                                     .n_crawls = 3,
                                     .edit = 0.05,
                                     .only = 0.95,
                                     .english = 0.1,
                                     .fresh = 0.02 } };
    const int rc = read_options(&o, argc, argv);
    if (rc != OK)
        return rc;
    grammar_init();
    if (o.odd)
        return odd_write(&o.corpus, o.dest) < 0 ? SYSTEM : OK;
    return (o.tar ? write_tar(&o) : write_folders(&o)) < 0 ? SYSTEM : OK;
}
