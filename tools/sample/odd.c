#include "odd.h"

#include "article.h"
#include "file.h"
#include "tar.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an odd file is made from: an ordinary one, whose article or whose bytes are
 * changed. */
struct workshop {
    const struct corpus *corpus;
    struct maker maker;
    struct article article;
    struct hasher *hasher;
    struct out file;
    FILE *table;
    int dir;
    const char *dir_name;
    unsigned made;
    int failed;
};

typedef void tweak_fn(struct article *a);
typedef void mangle_fn(struct out *file);

struct odd {
    const char *name, *verdict, *note;
    tweak_fn *tweak;        /* before the template is filled */
    const char *find, *put; /* then, the first @c find becomes @c put */
    mangle_fn *mangle;      /* and last, anything */
};

/* --- changes to an article --- */

static void set(struct out *o, const char *text)
{
    o->len = 0;
    out_str(o, text);
}

static void yaml_poison(struct article *a)
{
    a->publisher = "@가온: *일보 &오늘 !새 {판}";
    a->category = "- [생활: 문화";
}

static void no_author(struct article *a)
{
    a->author.len = 0;
}

static void author_key_indented(struct article *a)
{
    set(&a->author, "\n\t\t\n\t\t\t김온새(kim@p701.example)\n\toid: 999\n\t\t\n\t");
}

static void author_key_column_0(struct article *a)
{
    set(&a->author, "\n\t\t\n\t\t\t김온새(kim@p701.example)\noid: 999\n\t\t\n\t");
}

static void title_backslashes(struct article *a)
{
    set(&a->title, "경로 C:\\뉴스\\새글 \\\"인용\\\" 끝\\");
}

static void title_quotes(struct article *a)
{
    set(&a->title, "\"이번엔 다르다\"며 \"또\" 미룬 '계획'");
}

static void title_entity_text(struct article *a)
{
    set(&a->title, "HTML에서 &quot;는 무엇인가");
    set(&a->body, "따옴표는 &quot;로, 앰퍼샌드는 &amp;로 적는다. 이 글은 그대로다.");
}

static void title_controls(struct article *a)
{
    set(&a->title, "제목 \x1b[31m붉게\x1b[0m \xe2\x80\xae거꾸로\xe2\x80\xac 끝\x07");
}

static void title_empty(struct article *a)
{
    a->title.len = 0;
}

static void title_nul(struct article *a)
{
    set(&a->title, "제목 ");
    out_add(&a->title, "\0", 1);
    out_str(&a->title, " 끝");
}

static void title_invalid(struct article *a)
{
    set(&a->title, "제목 \xff\xfe 끝");
}

static void title_huge(struct article *a)
{
    a->title.len = 0;
    while (a->title.len < 1 << 19)
        out_str(&a->title, "길다 ");
}

static void body_nul(struct article *a)
{
    set(&a->body, "앞 문장이다. ");
    out_add(&a->body, "\0\0", 2);
    out_str(&a->body, " 뒤 문장이다.");
}

static void body_invalid(struct article *a)
{
    set(&a->body, "잘못된 바이트 \xff\x80 이 있다.");
}

static void body_overlong(struct article *a)
{
    set(&a->body, "너무 긴 꼴 \xc0\xaf\xe0\x80\xaf 이다.");
}

static void body_surrogate(struct article *a)
{
    set(&a->body, "대리 코드 \xed\xa0\x80\xed\xb0\x80 이다.");
}

static void body_cut_character(struct article *a)
{
    set(&a->body, "글자 가운데서 끊겼\xeb\x8b");
}

static void body_rule(struct article *a)
{
    set(&a->body, "앞 단락이다.\n\n---\n\n뒤 단락이다.\n---\n끝이다.");
}

static void body_footer(struct article *a)
{
    set(&a->body,
        "앞 단락이다.\n\n---\n\n*Crawled at: 2026-01-01 00:00:00*\n*Source: [원문 "
        "보기](https://n.news.naver.com/mnews/article/701/0000000001)*\n\n뒤 단락이다.");
}

static void body_heading(struct article *a)
{
    set(&a->body,
        "---\ntitle: \"안의 제목\"\noid: 999\n---\n\n# 안의 제목\n\n**발행** | | \n\n---\n\n본문.");
}

static void body_empty(struct article *a)
{
    a->body.len = 0;
}

static void body_line_ends(struct article *a)
{
    set(&a->body, "첫 줄이다.\r\n둘째 줄이다.\r셋째 줄이다.\n넷째 줄이다.");
}

static void body_edges(struct article *a)
{
    set(&a->body, "\n\n 앞뒤에 빈 줄이 있다. \n\n\n");
}

static void body_escaped(struct article *a)
{
    a->escaped = 1;
    set(&a->body, "\"R&D <예산> = 'a`b'\"라고 했다.");
}

static void body_long(struct article *a)
{
    a->body.len = 0;
    out_grow(&a->body, 16u << 20);
    while (a->body.len <= 16u << 20)
        out_str(&a->body, "같은 문장이 끝없이 이어진다. ");
}

static void published_empty(struct article *a)
{
    a->published_at[0] = '\0';
}

static void published_nonsense(struct article *a)
{
    snprintf(a->published_at, sizeof(a->published_at), "%s", "2026-02-30 24:61");
}

static void published_later(struct article *a)
{
    snprintf(a->published_at, sizeof(a->published_at), "%s", "2026-03-09 05:00");
}

static void crawled_future(struct article *a)
{
    snprintf(a->crawled_at, sizeof(a->crawled_at), "%s", "2099-12-31 23:59:59");
}

static void crawled_old(struct article *a)
{
    snprintf(a->crawled_at, sizeof(a->crawled_at), "%s", "2025-03-02 00:00:00");
}

static void comments(struct article *a)
{
    a->comments = 3;
}

static void oid_1(struct article *a)
{
    snprintf(a->oid, sizeof(a->oid), "%s", "1");
    snprintf(a->aid, sizeof(a->aid), "%s", "0000000021");
}

static void oid_001(struct article *a)
{
    oid_1(a);
    snprintf(a->oid, sizeof(a->oid), "%s", "001");
}

/* One article, crawled three times: A, B, A again. */
static void chain_of(struct article *a, const char *at, const char *body)
{
    snprintf(a->oid, sizeof(a->oid), "%s", "801");
    snprintf(a->aid, sizeof(a->aid), "%s", "0000000028");
    snprintf(a->crawled_at, sizeof(a->crawled_at), "%s", at);
    set(&a->title, "세 번 본 기사");
    set(&a->body, body);
    a->author.len = 0;
    a->publisher = "가온일보";
    a->category = "";
    published_empty(a);
}

static void chain_a(struct article *a)
{
    chain_of(a, "2026-03-02 01:00:00", "처음 문장이다. 모두 3명이다.");
}

static void chain_b(struct article *a)
{
    chain_of(a, "2026-03-03 01:00:00", "처음 문장이다. 모두 4명이다.");
}

static void chain_a_again(struct article *a)
{
    chain_of(a, "2026-03-04 01:00:00", "처음 문장이다. 모두 3명이다.");
}

static void chain_conflict(struct article *a)
{
    chain_of(a, "2026-03-03 01:00:00", "처음 문장이다. 모두 5명이다.");
}

/* --- changes to the bytes --- */

static void insert(struct out *f, size_t at, const char *ptr, size_t len)
{
    out_grow(f, len);
    memmove(f->ptr + at + len, f->ptr + at, f->len - at);
    memcpy(f->ptr + at, ptr, len);
    f->len += len;
}

static void add_bom(struct out *f)
{
    insert(f, 0, "\xef\xbb\xbf", 3);
}

static void to_crlf(struct out *f)
{
    for (size_t i = 0; i < f->len; i++)
        if (f->ptr[i] == '\n')
            insert(f, i++, "\r", 1);
}

/* ASCII as it is, all else as a question mark: enough to be UTF-16. */
static void to_utf16(struct out *f)
{
    struct out wide = { 0 };
    out_add(&wide, "\xff\xfe", 2);
    for (size_t i = 0; i < f->len; i++) {
        const char unit[2] = { '?', '\0' };
        out_add(&wide, (unsigned char)f->ptr[i] < 0x80 ? &f->ptr[i] : unit, 1);
        out_add(&wide, unit + 1, 1);
    }
    out_free(f);
    *f = wide;
}

static void cut_front(struct out *f)
{
    const char *end = memmem(f->ptr, f->len, "\n---\n", 5);
    f->len = end ? (size_t)(end - f->ptr) + 1 : 0;
}

static void cut_half(struct out *f)
{
    const char *at = memmem(f->ptr, f->len, "\n\n---\n\n*Crawled", 15);
    f->len = at ? (size_t)(at - f->ptr) : 0;
}

static void only_rule(struct out *f)
{
    set(f, "---\n");
}

static void two_rules(struct out *f)
{
    set(f, "---\n---\n");
}

static void three_bytes(struct out *f)
{
    set(f, "ab\n");
}

static void nothing(struct out *f)
{
    f->len = 0;
}

static void many_keys(struct out *f)
{
    struct out keys = { 0 };
    for (unsigned i = 0; i < 10000; i++) {
        out_str(&keys, "key_");
        out_number(&keys, i, 5);
        out_str(&keys, ": 1\n");
    }
    insert(f, 4, keys.ptr, keys.len);
    out_free(&keys);
}

/* Lines without a key, so that only the size can be what is wrong. */
static void long_front(struct out *f)
{
    struct out lines = { 0 };
    out_str(&lines, "notes:\n");
    for (unsigned i = 0; i < 1000000; i++)
        out_str(&lines, "\t-\n");
    insert(f, 4, lines.ptr, lines.len);
    out_free(&lines);
}

/* --- the table --- */

static const char oid_line[] = "\noid: ";
static const char hash_line[] = "\ncontent_hash: ";

/* clang-format off */
static const struct odd odds[] = {
    { "01-author-tabs.md", "accepted", "", NULL, NULL, NULL, NULL },
    { "02-yaml-poison.md", "accepted", "", yaml_poison, NULL, NULL, NULL },
    { "03-oid-twice.md", "refused", "duplicate_key", no_author, oid_line, "\noid: 999\noid: ", NULL },
    { "03-hash-twice.md", "refused", "duplicate_key", no_author, hash_line,
      "\ncontent_hash: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\ncontent_hash: ", NULL },
    { "04-no-oid.md", "refused", "missing_key", no_author, oid_line, "\nxoid: ", NULL },
    { "04-no-aid.md", "refused", "missing_key", no_author, "\naid: ", "\nxaid: ", NULL },
    { "04-no-crawled-at.md", "refused", "missing_key", no_author, "\ncrawled_at: ", "\nxcrawled_at: ", NULL },
    { "04-no-hash.md", "refused", "missing_key", no_author, hash_line, "\nxcontent_hash: ", NULL },
    { "04-no-author.md", "accepted", "", no_author, "\nauthor: \n", "\n", NULL },
    { "05-author-key-indented.md", "accepted", "", author_key_indented, NULL, NULL, NULL },
    { "05-author-key-column-0.md", "refused", "duplicate_key", author_key_column_0, NULL, NULL, NULL },
    { "06-unknown-key.md", "accepted", "unknown_keys", no_author, "\noid: ", "\nmood: calm\noid: ", NULL },
    { "07-title-backslashes.md", "accepted", "", title_backslashes, NULL, NULL, NULL },
    { "07-title-quotes.md", "accepted", "", title_quotes, NULL, NULL, NULL },
    { "07-title-one-quote.md", "accepted", "", no_author, "\"\ncategory", "\ncategory", NULL },
    { "07-title-bare.md", "accepted", "", no_author, "title: \"", "title: ", NULL },
    { "07-entity-text.md", "accepted", "", title_entity_text, NULL, NULL, NULL },
    { "07-title-controls.md", "accepted", "", title_controls, NULL, NULL, NULL },
    { "07-title-empty.md", "accepted", "", title_empty, NULL, NULL, NULL },
    { "08-crlf.md", "accepted", "", no_author, NULL, NULL, to_crlf },
    { "08-mixed-line-ends.md", "accepted", "", body_line_ends, NULL, NULL, NULL },
    { "08-blank-edges.md", "accepted", "", body_edges, NULL, NULL, NULL },
    { "09-bom.md", "accepted", "bom", NULL, NULL, NULL, add_bom },
    { "09-utf16.md", "refused", "not_utf8", NULL, NULL, NULL, to_utf16 },
    { "10-invalid-body.md", "accepted", "", body_invalid, NULL, NULL, NULL },
    { "10-invalid-title.md", "accepted", "", title_invalid, NULL, NULL, NULL },
    { "10-overlong.md", "accepted", "", body_overlong, NULL, NULL, NULL },
    { "10-surrogate.md", "accepted", "", body_surrogate, NULL, NULL, NULL },
    { "10-cut-character.md", "accepted", "", body_cut_character, NULL, NULL, NULL },
    { "11-nul-title.md", "refused", "title_nul", title_nul, NULL, NULL, NULL },
    { "11-nul-body.md", "accepted", "", body_nul, NULL, NULL, NULL },
    { "12-rule-in-body.md", "accepted", "", body_rule, NULL, NULL, NULL },
    { "12-footer-in-body.md", "accepted", "", body_footer, NULL, NULL, NULL },
    { "12-article-in-body.md", "accepted", "", body_heading, NULL, NULL, NULL },
    { "12-comments.md", "accepted", "unknown_keys", comments, NULL, NULL, NULL },
    { "13-unclosed.md", "refused", "unclosed_front_matter", NULL, NULL, NULL, cut_front },
    { "13-no-footer.md", "refused", "no_footer", no_author, NULL, NULL, cut_half },
    { "13-one-rule.md", "refused", "unclosed_front_matter", NULL, NULL, NULL, only_rule },
    { "13-two-rules.md", "refused", "missing_key", NULL, NULL, NULL, two_rules },
    { "13-three-bytes.md", "refused", "no_front_matter", NULL, NULL, NULL, three_bytes },
    { "13-empty.md", "refused", "empty", NULL, NULL, NULL, nothing },
    { "14-hash-not-hex.md", "refused", "bad_hash", no_author, hash_line, "\ncontent_hash: x", NULL },
    { "14-hash-short.md", "refused", "bad_hash", no_author, NULL, "short", NULL },
    { "14-hash-upper.md", "accepted", "upper_hash", no_author, NULL, "upper", NULL },
    { "15-hash-wrong.md", "accepted", "hash_mismatch", no_author, NULL, "wrong", NULL },
    { "16-escaped.md", "accepted", "", body_escaped, NULL, NULL, NULL },
    { "17-empty-body.md", "accepted", "empty_body", body_empty, NULL, NULL, NULL },
    { "18-too-large.md", "refused", "too_large", body_long, NULL, NULL, NULL },
    { "19-title-huge.md", "refused", "field_too_large", title_huge, NULL, NULL, NULL },
    { "19-many-keys.md", "refused", "too_many_keys", NULL, NULL, NULL, many_keys },
    { "19-long-front.md", "refused", "front_matter_too_large", NULL, NULL, NULL, long_front },
    { "20-oid-slash.md", "refused", "bad_key", no_author, oid_line, "\noid: a/", NULL },
    { "20-oid-dots.md", "refused", "bad_key", no_author, oid_line, "\noid: ../", NULL },
    { "20-oid-percent.md", "refused", "bad_key", no_author, oid_line, "\noid: %2f", NULL },
    { "20-oid-space.md", "refused", "bad_key", no_author, oid_line, "\noid: 7 ", NULL },
    { "20-oid-long.md", "refused", "bad_key", no_author, oid_line,
      "\noid: 0123456789012345678901234567890123456789012345678901234567890123456789", NULL },
    { "20-aid-empty.md", "refused", "bad_key", no_author, "\naid: ", "\naid: \nnote: ", NULL },
    { "21-oid-1.md", "accepted", "", oid_1, NULL, NULL, NULL },
    { "21-oid-001.md", "accepted", "", oid_001, NULL, NULL, NULL },
    { "21-aid-full-width.md", "refused", "bad_key", no_author, "\naid: ", "\naid: ０１２", NULL },
    { "22-crawled-month-13.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026-03", "\ncrawled_at: 2026-13", NULL },
    { "22-crawled-feb-30.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026-03-02", "\ncrawled_at: 2026-02-30", NULL },
    { "22-crawled-year-0.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026", "\ncrawled_at: 0000", NULL },
    { "22-crawled-24h.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026-03-02 ", "\ncrawled_at: 2026-03-02 24:00:00\nnote: ", NULL },
    { "22-crawled-second-60.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026-03-02 ", "\ncrawled_at: 2026-03-02 23:59:60\nnote: ", NULL },
    { "22-crawled-no-seconds.md", "refused", "bad_time", no_author, "\ncrawled_at: 2026-03-02 ", "\ncrawled_at: 2026-03-02 03:15\nnote: ", NULL },
    { "22-crawled-empty.md", "refused", "bad_time", no_author, "\ncrawled_at: ", "\ncrawled_at: \nnote: ", NULL },
    { "22-published-empty.md", "accepted", "", published_empty, NULL, NULL, NULL },
    { "22-published-nonsense.md", "accepted", "", published_nonsense, NULL, NULL, NULL },
    { "23-published-later.md", "accepted", "", published_later, NULL, NULL, NULL },
    { "24-crawled-future.md", "accepted", "future", crawled_future, NULL, NULL, NULL },
    { "26-older.md", "accepted", "", crawled_old, NULL, NULL, NULL },
    { "28-chain-1.md", "accepted", "", chain_a, NULL, NULL, NULL },
    { "28-chain-2.md", "accepted", "", chain_b, NULL, NULL, NULL },
    { "28-chain-3.md", "accepted", "", chain_a_again, NULL, NULL, NULL },
    { "28-chain-4-same-file.md", "accepted", "unchanged", chain_a_again, NULL, NULL, NULL },
    { "28-chain-5-conflict.md", "accepted", "conflict", chain_conflict, NULL, NULL, NULL },
    { "-leading-dash.md", "accepted", "", NULL, NULL, NULL, NULL },
    { "name with space and \x1b[31m.md", "accepted", "", NULL, NULL, NULL, NULL },
    { "name\nof two lines.md", "accepted", "", NULL, NULL, NULL, NULL },
    { "name \xff not UTF-8.md", "accepted", "", NULL, NULL, NULL, NULL },
    { "picture.jpg", "skipped", "another name", NULL, NULL, NULL, three_bytes },
};
/* clang-format on */

/* --- writing --- */

static void fail_at(struct workshop *w, const char *name)
{
    fprintf(stderr, "sillok-sample: cannot write '%s/%s': %s\n", w->dir_name, name,
            strerror(errno));
    w->failed = 1;
}

static void add_row(struct workshop *w, const char *name, const char *verdict,
                    const char *note)
{
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        fprintf(w->table, *p < 0x20 || *p >= 0x7f || *p == '\\' ? "\\x%02x" : "%c", *p);
    fprintf(w->table, "\t%s\t%s\n", verdict, note);
}

/* The declared hash of the rows that ask for a special one in place of a replacement. */
static const char *declared_hash(struct workshop *w, const struct odd *o, char hex[65])
{
    if (o->find || !o->put)
        return NULL;
    hasher_hex(w->hasher, w->article.body.ptr, w->article.body.len, hex);
    if (strcmp(o->put, "short") == 0)
        hex[63] = '\0';
    else if (strcmp(o->put, "wrong") == 0)
        memcpy(hex, hex[0] == 'f' ? "0" : "f", 1);
    else
        for (int i = 0; i < 64; i++)
            hex[i] = (char)toupper((unsigned char)hex[i]);
    return hex;
}

static void make_odd(struct workshop *w, const struct odd *o)
{
    /* A short article without comments, of the newer crawler unless the row says else. */
    struct visit visit;
    do {
        w->made++;
        (void)corpus_visit(w->corpus, w->made, 0, &visit);
        article_make(&w->maker, w->made, 0, &visit, &w->article);
    } while (w->article.comments >= 0 || w->article.body.len > 4000 ||
             w->article.author.len == 0 ||
             memchr(w->article.body.ptr, '\n', w->article.body.len));
    w->article.escaped = 0;
    if (o->tweak)
        o->tweak(&w->article);

    char hex[65];
    w->file.len = 0;
    file_write(&w->file, w->hasher, &w->article, w->corpus->seed,
               declared_hash(w, o, hex));
    if (o->find) {
        char *at = memmem(w->file.ptr, w->file.len, o->find, strlen(o->find));
        if (at) {
            const size_t offset = (size_t)(at - w->file.ptr), n = strlen(o->find);
            memmove(at, at + n, w->file.len - offset - n);
            w->file.len -= n;
            insert(&w->file, offset, o->put, strlen(o->put));
        }
    }
    if (o->mangle)
        o->mangle(&w->file);
}

static void write_odd(struct workshop *w, const struct odd *o)
{
    make_odd(w, o);
    const int fd = openat(w->dir, o->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        fail_at(w, o->name);
        return;
    }
    if (write_all(fd, w->file.ptr, w->file.len) < 0)
        fail_at(w, o->name);
    if (close(fd) < 0)
        fail_at(w, o->name);
    add_row(w, o->name, o->verdict, o->note);
}

/* What is not a regular file at all. */
static void write_others(struct workshop *w)
{
    static const char folder[] = "29-folder.md", pipe[] = "29-pipe.md",
                      link[] = "30-link.md", loop[] = "30-loop.md";
    if (mkdirat(w->dir, folder, 0777) < 0)
        fail_at(w, folder);
    if (mkfifoat(w->dir, pipe, 0666) < 0)
        fail_at(w, pipe);
    if (symlinkat("/etc/passwd", w->dir, link) < 0)
        fail_at(w, link);
    if (symlinkat(loop, w->dir, loop) < 0)
        fail_at(w, loop);
    add_row(w, folder, "skipped", "folder");
    add_row(w, pipe, "skipped", "not a regular file");
    add_row(w, link, "skipped", "link");
    add_row(w, loop, "skipped", "link");
}

static FILE *open_table(struct workshop *w)
{
    const int fd =
        openat(w->dir, "odd.tsv", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        fail_at(w, "odd.tsv");
    return f;
}

int odd_write(const struct corpus *corpus, const char *dir)
{
    struct workshop w = { .corpus = corpus, .dir_name = dir };
    if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
        fprintf(stderr, "sillok-sample: cannot make '%s': %s\n", dir, strerror(errno));
        return -1;
    }
    w.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w.dir < 0) {
        fprintf(stderr, "sillok-sample: cannot open '%s': %s\n", dir, strerror(errno));
        return -1;
    }
    w.hasher = hasher_new();
    maker_init(&w.maker, corpus);
    w.table = open_table(&w);
    for (size_t i = 0; w.table && !w.failed && i < sizeof(odds) / sizeof(odds[0]); i++)
        write_odd(&w, &odds[i]);
    if (w.table && !w.failed)
        write_others(&w);
    if (w.table && fclose(w.table) != 0)
        fail_at(&w, "odd.tsv");
    article_release(&w.article);
    maker_release(&w.maker);
    hasher_free(w.hasher);
    out_free(&w.file);
    (void)close(w.dir); /* opened for reading */
    return w.failed ? -1 : 0;
}
