/* sillok export: the original files, or their content as rows. */
#include "cli/cli.h"

#include "base/file.h"
#include "cli/fmt.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "sillok/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum export_format {
    EXPORT_DEFAULT,
    EXPORT_FILES,
    EXPORT_NDJSON,
    EXPORT_CSV,
    EXPORT_WARC
};

struct export_args {
    const char *crawl, *oid, *article;
    int force, format, no_dedup;
};

/* --- a file that appears whole --- */

/* Written as PATH.part beside it; renamed when complete. What a link leads to is replaced, not
 * the link. */
struct part {
    const char *path; /* for people */
    char *place;      /* where it stands */
    struct buf name;  /* zero-terminated */
    int fd;
    int force;
};

/* /dev/null, say, would be a file from then on. */
static int check_place(const char *path, int force)
{
    struct stat st;
    const int is_there = stat(path, &st) == 0;
    if (text_ends(text_of(path), "/") || (is_there && S_ISDIR(st.st_mode)))
        return fail(SILLOK_EINVALID, "'%s' is a folder, and one file is written", path);
    if (is_there && !S_ISREG(st.st_mode))
        return fail(
            SILLOK_EEXISTS,
            "'%s' is no regular file and is not replaced: write to standard output, "
            "-, and lead that there",
            path);
    if (!force && lstat(path, &st) == 0)
        return fail(SILLOK_EEXISTS, "'%s' is there already; --force replaces it", path);
    return 0;
}

static int part_open(struct part *p, const char *path, int force)
{
    *p = (struct part){ .path = path, .name = BUF_INIT, .fd = -1, .force = force };
    const int r = check_place(path, force);
    if (r < 0)
        return r;
    p->place = realpath(path, NULL);
    if (!p->place)
        p->place = strdup(path); /* there is nothing yet */
    if (!p->place || buf_printf(&p->name, "%s.%ld.part", p->place, (long)getpid()) < 0 ||
        buf_add_char(&p->name, '\0') < 0)
        return fail_memory();
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    p->fd = open(p->name.ptr, flags, 0666);
    /* The name is this process's own: what has it was left by one that was killed. */
    if (p->fd < 0 && errno == EEXIST && unlink(p->name.ptr) == 0)
        p->fd = open(p->name.ptr, flags, 0666);
    return p->fd < 0 ? fail_errno("cannot create '%s'", p->name.ptr) : 0;
}

/* link() never replaces, rename() does: the first without --force. Some file systems have
 * no links; there the look in part_open() has to do. */
static int put_in_place(const struct part *p)
{
    if (!p->force) {
        if (link(p->name.ptr, p->place) == 0)
            return unlink(p->name.ptr) < 0 ? fail_errno("cannot remove '%s'", p->name.ptr)
                                           : 0;
        if (errno == EEXIST)
            return fail(SILLOK_EEXISTS, "'%s' is there already; --force replaces it",
                        p->path);
    }
    if (rename(p->name.ptr, p->place) < 0)
        return fail_errno("cannot rename '%s' to '%s'", p->name.ptr, p->path);
    return 0;
}

/* @p r is how the writing went; what failed leaves nothing behind. */
static int part_close(struct part *p, int r)
{
    if (p->fd >= 0) {
        if (r == 0 && file_fsync(p->fd) < 0)
            r = fail_errno("cannot sync '%s'", p->path);
        if (close(p->fd) < 0 && r == 0)
            r = fail_errno("cannot close '%s'", p->path);
        if (r == 0)
            r = put_in_place(p);
        if (r == 0)
            r = file_sync_parent(p->place);
        if (r < 0)
            (void)unlink(p->name.ptr); /* it failed already; there is nothing to add */
    }
    buf_release(&p->name);
    free(p->place);
    return r;
}

/* --- original files --- */

static int is_tar_name(const char *dest)
{
    return text_ends(text_of(dest), ".tar");
}

/* Names that only something else than a tar or a folder would have. */
static int is_packed_name(const char *dest)
{
    static const char *const ends[] = { ".gz", ".tgz", ".zst", ".xz", ".bz2", ".zip" };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (text_ends(text_of(dest), ends[i]))
            return 1;
    return 0;
}

/* What was written, and what could not be: refused files belong to no article. */
static int say_sum(struct cli *cli, const struct export_args *a, struct buf *line)
{
    uint64_t refused = 0;
    const int r = a->oid || a->article ? 0 : cli_count_refused(cli, a->crawl, &refused);
    if (r < 0)
        return r;
    if (refused) {
        (void)buf_add_str(line, "; not in it: ");
        fmt_plural(line, refused, "refused file", "refused files");
        (void)buf_add_str(line, " ('sillok refused' has them)");
    }
    cli_note_line(cli, line);
    return 0;
}

static int export_tar_file(struct cli *cli, const struct sillok_export_options *options,
                           int force, uint64_t *n)
{
    struct part part;
    int r = part_open(&part, cli->args[0], force);
    if (r == 0)
        r = sillok_export_tar(cli->store, options, part.fd, n);
    return part_close(&part, r);
}

static int export_files(struct cli *cli, const struct export_args *a,
                        const struct sillok_export_options *options)
{
    const char *dest = cli->args[0];
    uint64_t n = 0;
    int r;
    if (strcmp(dest, "-") == 0)
        r = sillok_export_tar(cli->store, options, STDOUT_FILENO, &n);
    else if (is_tar_name(dest))
        r = export_tar_file(cli, options, a->force, &n);
    else
        r = sillok_export_folder(cli->store, options, dest, a->force, &n);
    if (r < 0)
        return cli_in_store(cli, r);
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, n, "file", "files");
    (void)buf_add_str(&line, ", byte for byte");
    if (n == 0)
        cli_note_oid(cli, a->oid);
    return say_sum(cli, a, &line);
}

/* --- rows --- */

static const struct column columns[] = {
    { "crawl", NULL },  { "name", NULL },          { "oid", NULL },
    { "aid", NULL },    { "crawled_at", NULL },    { "content_hash", NULL },
    { "title", NULL },  { "category", NULL },      { "publisher", NULL },
    { "author", NULL }, { "published_at", NULL },  { "modified_at", NULL },
    { "url", NULL },    { "hash_mismatch", NULL }, { "body", NULL },
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static int put_file(struct out *out, const struct sillok_export_file *file)
{
    const struct sillok_article *article = &file->article;
    const struct cell cells[] = {
        cell_str(file->crawl),
        cell_text(file->name),
        cell_text(article->oid),
        cell_text(article->aid),
        cell_time(article->crawled_at_s),
        cell_id(&article->content_hash),
        cell_text(article->fields[SILLOK_TITLE]),
        cell_text(article->fields[SILLOK_CATEGORY]),
        cell_text(article->fields[SILLOK_PUBLISHER]),
        cell_text(article->fields[SILLOK_AUTHOR]),
        cell_text(article->fields[SILLOK_PUBLISHED_AT]),
        cell_text(article->fields[SILLOK_MODIFIED_AT]),
        cell_text(article->fields[SILLOK_URL]),
        cell_flag(file->hash_mismatch),
        cell_text(article->body),
    };
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == N_COLUMNS,
                   "a cell for each column");
    return out_row(out, cells);
}

static int put_rows(struct cli *cli, enum out_format format,
                    const struct sillok_export_options *options, uint64_t *n_rows)
{
    struct sillok_export *it = NULL;
    struct sillok_export_file file;
    struct progress progress;
    struct out out;
    uint64_t n = 0, bytes = 0;
    progress_init(&progress, cli);
    int r = out_open(&out, cli, format, columns, N_COLUMNS);
    if (r < 0)
        return r;
    struct sillok_export_options visits = *options;
    visits.by_visit = 1;
    r = cli_in_store(cli, sillok_export_open(&it, cli->store, &visits));
    while (r == 0 && (r = sillok_export_next(it, &file)) > 0) {
        n++;
        bytes += file.data.len;
        const struct progress_figures figures = { .unit = "files",
                                                  .n = n,
                                                  .bytes = bytes };
        r = put_file(&out, &file);
        if (!cli->term.out_tty)
            progress_show(&progress, &figures);
    }
    progress_clear(&progress);
    if (r == 0)
        r = out_close(&out);
    sillok_export_close(it);
    out_release(&out);
    *n_rows = n;
    return r;
}

/* Rows go where stdout goes, so for a file stdout is led there. */
static int put_rows_into(struct cli *cli, int force, enum out_format format,
                         const struct sillok_export_options *options, uint64_t *n)
{
    struct part part;
    int r = part_open(&part, cli->args[0], force);
    if (r == 0 && dup2(part.fd, STDOUT_FILENO) < 0)
        r = fail_errno("cannot write '%s'", cli->args[0]);
    if (r == 0) {
        cli->term.out_tty = 0;
        r = put_rows(cli, format, options, n);
    }
    if (r == 0)
        r = put_finish();
    return part_close(&part, r);
}

static int export_rows(struct cli *cli, const struct export_args *a,
                       enum out_format format,
                       const struct sillok_export_options *options)
{
    const int to_stdout = cli->n_args == 0 || strcmp(cli->args[0], "-") == 0;
    uint64_t n = 0;
    const int r = to_stdout ? put_rows(cli, format, options, &n)
                            : put_rows_into(cli, a->force, format, options, &n);
    if (r < 0)
        return r;
    if (n == 0)
        cli_note_oid(cli, a->oid);
    if (to_stdout)
        return 0; /* it shows */
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, n, "visit", "visits");
    return say_sum(cli, a, &line);
}

/* --- WARC --- */

static int export_warc(struct cli *cli, const struct export_args *a,
                       const struct sillok_export_options *options)
{
    const char *dest = cli->n_args ? cli->args[0] : "-";
    const int to_stdout = strcmp(dest, "-") == 0;
    const unsigned flags = (is_packed_name(dest) ? SILLOK_WARC_GZIP : 0u) |
                           (a->no_dedup ? SILLOK_WARC_NO_DEDUP : 0u);
    struct part part = { .fd = STDOUT_FILENO };
    uint64_t n = 0;
    int r = to_stdout ? 0 : part_open(&part, dest, a->force);
    if (r == 0)
        r = cli_in_store(cli,
                         sillok_export_warc(cli->store, options, flags, part.fd, &n));
    if (!to_stdout)
        r = part_close(&part, r);
    if (r < 0)
        return r;
    if (n == 0)
        cli_note_oid(cli, a->oid);
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    fmt_plural(&line, n, "visit", "visits");
    return say_sum(cli, a, &line);
}

/* --- the verb --- */

/* Ends of names that say what is in a file. */
static const struct {
    const char *end;
    int format;       /* enum export_format */
    const char *word; /* for --format */
} promises[] = {
    { ".tar", EXPORT_FILES, "files" },     { ".ndjson", EXPORT_NDJSON, "ndjson" },
    { ".jsonl", EXPORT_NDJSON, "ndjson" }, { ".csv", EXPORT_CSV, "csv" },
    { ".warc", EXPORT_WARC, "warc" },      { ".warc.gz", EXPORT_WARC, "warc" },
};

/* A name that promises another format than what is made. A folder may be called anything,
 * but nobody who says only "export news.warc" means a folder of that name. */
static int check_promise(struct cli *cli, const char *dest, int format, int is_given)
{
    for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
        if (text_ends(text_of(dest), promises[i].end) && promises[i].format != format &&
            !(format == EXPORT_FILES && is_given))
            return cli_usage(
                cli,
                "'%.200s' has the name of another format: give --format %s, or "
                "name it otherwise",
                dest, promises[i].word);
    return EXIT_DONE;
}

/* A name that promises what is not made: only WARC is packed here, by gzip. */
static int check_packed(struct cli *cli, const char *dest, int format)
{
    const int packs = format == EXPORT_WARC && text_ends(text_of(dest), ".gz");
    if (packs || !is_packed_name(dest))
        return EXIT_DONE;
    return format == EXPORT_WARC
               ? cli_usage(cli,
                           "'%.200s': WARC is packed by gzip alone, record by record, as "
                           "FILE.warc.gz",
                           dest)
               : cli_usage(cli,
                           "'%.200s': %s; 'sillok export ... - | gzip' or zstd packs it",
                           dest,
                           format == EXPORT_FILES ? "a tar is written as it is"
                                                  : "rows are written as they are");
}

static int check_name(struct cli *cli, int format, int is_given)
{
    const char *dest = cli->n_args ? cli->args[0] : "-";
    const int r = check_promise(cli, dest, format, is_given);
    return r == EXIT_DONE ? check_packed(cli, dest, format) : r;
}

static int choose(struct cli *cli, const struct export_args *a, struct sillok_ref *ref,
                  struct sillok_export_options *options)
{
    options->crawl = a->crawl;
    options->oid = a->oid;
    if (!a->article)
        return 0;
    const int r = cli_article(cli, a->article, ref);
    if (r < 0)
        return r;
    if (a->oid && strcmp(a->oid, ref->oid) != 0)
        return fail(SILLOK_EINVALID,
                    "--oid %.64s and --article %.140s exclude each other", a->oid,
                    a->article);
    options->oid = ref->oid;
    options->aid = ref->aid;
    return 0;
}

static int run(struct cli *cli, const void *args)
{
    const struct export_args *a = args;
    struct sillok_export_options options = SILLOK_EXPORT_OPTIONS_INIT;
    struct sillok_ref ref;
    const int format = a->format   ? a->format
                       : cli->csv  ? EXPORT_CSV
                       : cli->json ? EXPORT_NDJSON
                                   : EXPORT_FILES;
    const int files = format == EXPORT_FILES;
    const int to_stdout = cli->n_args == 0 || strcmp(cli->args[0], "-") == 0;
    const struct clash clashes[] = {
        { (cli->json && format != EXPORT_NDJSON) || (cli->csv && format != EXPORT_CSV),
          "--json is --format ndjson and --csv is --format csv: give one format" },
        { files && cli->n_args == 0,
          "say where to: a folder, a FILE.tar, or - for a tar on standard output; or "
          "--format ndjson, csv or warc" },
        { (files || format == EXPORT_WARC) && to_stdout && cli->term.out_tty,
          "an archive does not go to a terminal: lead it into a file or a pipe" },
        { a->no_dedup && format != EXPORT_WARC,
          "--no-dedup is about revisit records: it goes with --format warc" },
        { to_stdout && a->force,
          "--force replaces files: there are none on standard output" },
    };
    if (CLASH(cli, clashes) != EXIT_DONE)
        return EXIT_USAGE;
    if (check_name(cli, format, a->format) != EXIT_DONE)
        return EXIT_USAGE;
    int r = cli_open(cli, CLI_READ, 0);
    if (r == 0)
        r = choose(cli, a, &ref, &options);
    if (r == 0)
        r = files ? export_files(cli, a, &options)
            : format == EXPORT_WARC
                ? export_warc(cli, a, &options)
                : export_rows(cli, a, format == EXPORT_CSV ? OUT_CSV : OUT_JSON,
                              &options);
    return r < 0 ? cli_fail(cli, r) : EXIT_DONE;
}

static const struct option_def options_table[] = {
    { "crawl", 0, OPTION_ONE, offsetof(struct export_args, crawl), "NAME", NULL,
      "this crawl only; its files then stand directly in DEST" },
    { "oid", 0, OPTION_ONE, offsetof(struct export_args, oid), "OID", NULL,
      "this publisher only" },
    { "article", 0, OPTION_ONE, offsetof(struct export_args, article), "OID/AID", NULL,
      "this article only" },
    { "format", 'f', OPTION_CHOICE, offsetof(struct export_args, format), "FORMAT",
      "|files|ndjson|csv|warc",
      "files (the originals); one visit a line: ndjson, csv; or warc, for web archives" },
    { "no-dedup", 0, OPTION_FLAG, offsetof(struct export_args, no_dedup), NULL, NULL,
      "with --format warc: each visit with its text, no revisit records" },
    { "force", 0, OPTION_FLAG, offsetof(struct export_args, force), NULL, NULL,
      "replace what stands in the way" },
    { 0 },
};

const struct verb verb_export = {
    .name = "export",
    .synopsis = "[DEST]",
    .summary = "give the original files back, or rows, or a web archive",
    .help =
        "DEST is a folder (made if missing), a FILE.tar, or - for a tar on standard output. "
        "The files come back byte for byte under their own names, CRAWL/NAME. Nothing is "
        "written outside DEST: a name that would leave it goes below _unsafe/. Of files that "
        "had one name in one crawl, a.md say, the second is a~2.md. What exists "
        "is never overwritten without --force; a file with the same bytes is fine, so the "
        "same command may be repeated. A pipe or a device is no DEST. A file of NDJSON comes "
        "back as those of its lines that were taken in and are asked for: where one was "
        "refused, those behind it move up.\n"
        "A DEST that ends in .csv, .ndjson, .jsonl, .warc or .warc.gz is a file and wants its "
        "--format; with --format files, or a / behind it, it is a folder.\n"
        "With --format ndjson or csv the content comes out instead, one visit a line, to "
        "standard output or the file DEST: crawl, name, oid, aid, crawled_at, content_hash, "
        "title, category, publisher, author, published_at, modified_at, url, "
        "hash_mismatch, body; of a file of NDJSON each line is a visit, named FILE:LINE.\n"
        "With --format warc it is a WARC 1.1 archive, to FILE.warc, to FILE.warc.gz with each "
        "record packed by itself, or, as it is, to standard output. Each visit is a resource "
        "record (the text, under the article's address, at the time of the visit) or, where "
        "the archive has that text of the article under that address already, a revisit "
        "record that refers to it; and a metadata record, JSON with what ndjson has but for "
        "the body. The same visits give the same bytes.",
    .options = options_table,
    .examples =
        "sillok export --crawl crawl-0 back/|a crawl, into a folder\n"
        "sillok export all.tar|everything, into an archive\n"
        "sillok export - || zstd >all.tar.zst|the same, compressed\n"
        "sillok export --format warc all.warc.gz|for a web archive\n"
        "sillok export --format csv --oid 001 >001.csv|a publisher's visits as a table\n",
    .max_args = 1,
    .operand = OPERAND_PATH,
    .formats = VERB_JSON | VERB_CSV,
    .reach = REACH_INTO,
    .args_size = sizeof(struct export_args),
    .run = run,
};
