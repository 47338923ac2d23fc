/*
 * sillok/proof.h: the log as static files (C2SP tlog-tiles).
 *
 * For the size that was signed, not for what came since: on level l there are
 * size / 256^l hashes, in tiles of 256; the last may be a partial one, ".p/N". Entries
 * stand in bundles of as many, each behind its length in 2 bytes, big-endian. What a
 * checkpoint speaks of is there before it is.
 */
#include "sillok/proof.h"

#include "base/file.h"
#include "proof/signed.h"
#include "proof/tlog.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { CHECKPOINT_MODE = 0644, HASH_BYTES = 32, GROUP_MAX = 8 };

struct tiles {
    struct tlog log;
    struct checkpoint checkpoint;
    const char *folder;
    uint64_t n_files;
    struct buf path, bytes;
};

/* "x001/x234/067": groups of three digits, all but the last behind an x. */
static int add_number(struct buf *b, uint64_t n)
{
    unsigned group[GROUP_MAX];
    int k = 0, r = 0;
    do
        group[k++] = (unsigned)(n % 1000);
    while ((n /= 1000) && k < GROUP_MAX);
    while (k-- > 0 && r == 0)
        r = buf_printf(b, k ? "x%03u/" : "%03u", group[k]);
    return r;
}

/* The folders of a path that lie below the one that was given. */
static int make_folders(const struct tiles *t)
{
    char *path = t->path.ptr;
    for (char *p = path + strlen(t->folder) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        const int made = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!made)
            return fail_errno("cannot create the folder '%s'", path);
        *p = '/';
    }
    return 0;
}

static int put_file(struct tiles *t)
{
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    int r = buf_add_char(&t->path, '\0');
    if (r < 0)
        return r;
    r = file_read(&was, t->path.ptr, t->bytes.len + 1);
    if (r == 0 &&
        text_equal(text_make(was.ptr, was.len), text_make(t->bytes.ptr, t->bytes.len)))
        return 0;
    r = make_folders(t);
    if (r == 0)
        r = file_replace(t->path.ptr, t->bytes.ptr, t->bytes.len, CHECKPOINT_MODE);
    t->n_files++;
    return r;
}

/* DIR/tile/WHAT/NUMBER[.p/WIDTH] */
static int begin_path(struct tiles *t, const char *what, uint64_t number, unsigned width)
{
    buf_clear(&t->path);
    int r = buf_printf(&t->path, "%s/tile/%s/", t->folder, what);
    if (r == 0)
        r = add_number(&t->path, number);
    return r < 0 || width == TILE_HASHES ? r : buf_printf(&t->path, ".p/%u", width);
}

static int put_tile(struct tiles *t, unsigned level, uint64_t number, unsigned width)
{
    struct sillok_text v;
    char what[8];
    int r = tlog_tile(&t->log, level, number, &v);
    if (r == 0 || (r > 0 && v.len < (size_t)width * HASH_BYTES))
        return fail(SILLOK_ECORRUPT, "the log '%s' is damaged: a tile is missing",
                    t->log.path);
    if (r < 0)
        return r;
    snprintf(what, sizeof(what), "%u", level);
    buf_clear(&t->bytes);
    r = buf_add(&t->bytes, v.ptr, (size_t)width * HASH_BYTES);
    if (r == 0)
        r = begin_path(t, what, number, width);
    return r < 0 ? r : put_file(t);
}

static int put_entries(struct tiles *t, uint64_t number, unsigned width)
{
    int r = 0;
    buf_clear(&t->bytes);
    for (unsigned i = 0; i < width && r == 0; i++) {
        struct sillok_text entry;
        uint8_t len[2];
        r = tlog_entry(&t->log, number * TILE_HASHES + i, &entry);
        if (r < 0)
            break;
        put_be(len, entry.len, sizeof(len));
        r = buf_add(&t->bytes, len, sizeof(len));
        if (r == 0)
            r = buf_add_text(&t->bytes, entry);
    }
    if (r == 0)
        r = begin_path(t, "entries", number, width);
    return r < 0 ? r : put_file(t);
}

static int put_level(struct tiles *t, unsigned level, uint64_t n)
{
    int r = 0;
    for (uint64_t i = 0; i * TILE_HASHES < n && r == 0; i++) {
        const uint64_t left = n - i * TILE_HASHES;
        const unsigned width = left < TILE_HASHES ? (unsigned)left : TILE_HASHES;
        if (level == 0)
            r = put_entries(t, i, width);
        if (r == 0)
            r = put_tile(t, level, i, width);
    }
    return r;
}

/* The folder of another log would become one of neither. */
static int check_folder(struct tiles *t)
{
    CLEANUP(buf_release) struct buf note = BUF_INIT;
    struct checkpoint was;
    buf_clear(&t->path);
    int r = buf_printf(&t->path, "%s/checkpoint%c", t->folder, 0);
    if (r < 0)
        return r;
    r = file_read(&note, t->path.ptr, NOTE_MAX_BYTES);
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? 0 : r;
    r = checkpoint_open(&was, text_make(note.ptr, note.len), &t->log.key);
    if (r == 0)
        r = signed_begins(&t->log, &was, t->path.ptr);
    return r == SILLOK_ECONFLICT || r == SILLOK_EINVALID
               ? fail_context(SILLOK_ECONFLICT, "'%s' has tiles of something else",
                              t->folder)
               : r;
}

static int put_all(struct tiles *t)
{
    int r = mkdir(t->folder, 0777) == 0 || errno == EEXIST
                ? check_folder(t)
                : fail_errno("cannot create the folder '%s'", t->folder);
    uint64_t n = t->checkpoint.size;
    for (unsigned level = 0; n && r == 0; level++, n /= TILE_HASHES)
        r = put_level(t, level, n);
    if (r < 0)
        return r;
    buf_clear(&t->path);
    buf_clear(&t->bytes);
    r = buf_printf(&t->path, "%s/checkpoint", t->folder);
    if (r == 0)
        r = buf_add_text(&t->bytes, buf_text(&t->log.note));
    return r < 0 ? r : put_file(t);
}

int sillok_proof_tiles(struct sillok_store *store, const char *folder, uint64_t *n_files)
{
    struct tiles t;
    memset(&t, 0, sizeof(t));
    t.folder = folder;
    buf_init(&t.path, BUF_CEILING);
    buf_init(&t.bytes, BUF_CEILING);
    int r = tlog_open(&t.log, store, 0);
    if (r == 0)
        r = signed_newest(&t.log, &t.checkpoint);
    if (r == 0)
        r = put_all(&t);
    tlog_close(&t.log);
    buf_release(&t.path);
    buf_release(&t.bytes);
    *n_files = t.n_files;
    return r;
}
