/* What the check of a log finds, and its tiles. */
#include "unit/proof_box.h"

#include "base/file.h"
#include "proof/gather.h"
#include "store/kv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct kv_table tables[] = {
    { "meta", 0 }, { "entry", 0 }, { "tile", 0 }, { "revision", 0 }, { "crawl", 0 }
};
enum { T_META, T_ENTRY, T_TILE, T_REVISION, T_CRAWL, N_TABLES };

static struct sillok_text key_of(uint8_t out[5], uint64_t n)
{
    put_be(out, n, 5);
    return text_make((const char *)out, 5);
}

static void put_entry(struct kv_txn *txn, uint64_t at, struct sillok_text entry)
{
    uint8_t key[5];
    assert_ok(kv_put(txn, T_ENTRY, key_of(key, at), entry, 0));
}

static void get_entry(struct kv_txn *txn, uint64_t at, struct buf *out)
{
    uint8_t key[5];
    struct sillok_text v;
    assert_int_equal(kv_get(txn, T_ENTRY, key_of(key, at), &v), 1);
    assert_ok(buf_add_text(out, v));
}

static void edit(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf e = BUF_INIT;
    get_entry(txn, 4, &e);
    char *at = memmem(e.ptr, e.len, "2026-01-01", 10);
    assert_non_null(at);
    at[9] = '2';
    put_entry(txn, 4, text_make(e.ptr, e.len));
}

static void swap(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    get_entry(txn, 3, &a);
    get_entry(txn, 6, &b);
    put_entry(txn, 3, text_make(b.ptr, b.len));
    put_entry(txn, 6, text_make(a.ptr, a.len));
}

static void drop(struct kv_txn *txn)
{
    uint8_t key[5];
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 5)), 1);
}

static void shift(struct kv_txn *txn)
{
    uint8_t key[5];
    for (uint64_t i = 5; i < 9; i++) {
        CLEANUP(buf_release) struct buf e = BUF_INIT;
        get_entry(txn, i + 1, &e);
        put_entry(txn, i, text_make(e.ptr, e.len));
    }
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 9)), 1);
}

/* Cut at the end, with all that says how long it is. */
static void cut(struct kv_txn *txn)
{
    uint8_t key[6] = { 0 }, size[8];
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    struct sillok_text v;
    assert_int_equal(kv_delete(txn, T_ENTRY, key_of(key, 9)), 1);
    memset(key, 0, sizeof(key));
    const struct sillok_text tile_key = text_make((const char *)key, sizeof(key));
    assert_int_equal(kv_get(txn, T_TILE, tile_key, &v), 1);
    assert_ok(buf_add(&tile, v.ptr, v.len - 32));
    assert_ok(kv_put(txn, T_TILE, tile_key, text_make(tile.ptr, tile.len), 0));
    put_be(size, 9, 8);
    assert_ok(kv_put(txn, T_META, text_of("size"), text_make((const char *)size, 8), 0));
}

/* An entry and its hash, so that the log is one again, but not the one that was signed. */
static void forge(struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf e = BUF_INIT;
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    uint8_t key[6] = { 0 };
    const struct sillok_text tile_key = text_make((const char *)key, sizeof(key));
    struct sillok_text v;
    struct hasher *h;
    struct sillok_id hash;
    edit(txn);
    get_entry(txn, 4, &e);
    assert_ok(hasher_new(&h));
    assert_ok(merkle_leaf(h, text_make(e.ptr, e.len), &hash));
    hasher_free(h);
    assert_int_equal(kv_get(txn, T_TILE, tile_key, &v), 1);
    assert_ok(buf_add_text(&tile, v));
    memcpy(tile.ptr + (size_t)4 * 32, &hash, 32);
    assert_ok(kv_put(txn, T_TILE, tile_key, text_make(tile.ptr, tile.len), 0));
}

static void misplace(struct kv_txn *txn)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t other[5];
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    assert_ok(kv_cursor_open(&c, txn, T_REVISION));
    assert_int_equal(kv_first(c, &k, &v), 1);
    assert_ok(buf_add_text(&key, k));
    kv_cursor_close(c);
    assert_ok(kv_put(txn, T_REVISION, text_make(key.ptr, key.len), key_of(other, 7), 0));
}

/* Case 58: edited, removed, out of order, cut at the end; and what it is called then. */
static void the_first_bad_entry_is_named(void **state)
{
    struct support_fixture *f = *state;
    static const struct {
        void (*tamper)(struct kv_txn *txn);
        const char *what;
    } cases[] = {
        { edit, "entry 4 of the log is not what was logged" },
        { swap, "entry 3 of the log is not what was logged" },
        { drop, "entry 5 is missing" },
        { shift, "entry 5 of the log is not what was logged" },
        { cut, "has 9 entries, but the store says that 10 were signed" },
        { forge, "entry 4 of the log is not found by its article" },
        { misplace, "entry 1 of the log is not found by its article" },
    };
    char *path = beside(f, "proof.mdb"), first[400];
    const struct kv_options o = { .map_bytes = 1 << 24, .map_max_bytes = 1 << 24 };
    log_of_ten(f);
    is_whole(f);
    copy_log(f, "proof.mdb", "whole.mdb");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kv_env *env;
        struct kv_txn *txn;
        copy_log(f, "whole.mdb", "proof.mdb");
        assert_ok(kv_open(&env, path, tables, N_TABLES, &o));
        assert_ok(kv_write(env, &txn));
        cases[i].tamper(txn);
        assert_ok(kv_commit(txn));
        kv_close(env);
        if (verify(f, 1, NULL, first) < 1 || !strstr(first, cases[i].what))
            fail_msg("%zu: '%s', not '%s'", i, first, cases[i].what);
        assert_true(verify(f, 0, NULL, first) >= 1);
        /* And nothing is signed on top of it, where what was signed is not there. */
        if (cases[i].tamper == cut || cases[i].tamper == forge)
            signing_fails(f, NULL, "signed");
    }
    free(path);
}

/* A damaged page is the seal's to find; the log is told and the rest is checked. */
static void a_damaged_page_of_the_log_is_told(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    char *path = beside(f, "proof.mdb"), first[400];
    log_of_ten(f);
    copy_log(f, "proof.mdb", "whole.mdb");
    assert_ok(file_read(&bytes, path, (size_t)1 << 28));
    int told = 0;
    for (size_t page = 2; page < bytes.len / 4096; page++) {
        bytes.ptr[page * 4096 + 40] ^= 1;
        support_write(path, bytes.ptr, bytes.len);
        told += verify(f, 0, NULL, first) > 0;
        bytes.ptr[page * 4096 + 40] ^= 1;
    }
    assert_true(told >= 6); /* a page for each table, and what leads to them */
    copy_log(f, "whole.mdb", "proof.mdb");
    is_whole(f);
    /* Gone altogether: the store knows that there was one. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(verify(f, 0, NULL, first), 1);
    assert_non_null(strstr(first, "the log is gone"));
    free(path);
}

/* The log is whole, and the store says something else than it did. */
static void a_store_that_says_otherwise_is_told(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    log_of_ten(f);
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    snprintf(leaf.aid, sizeof(leaf.aid), "3");
    leaf.first_seen_s = day(1); /* at that time it showed another text */
    article_key_make(&key, text_of("001"), text_of("3"));
    assert_ok(tlog_add(&t, &leaf, &key));
    snprintf(leaf.aid, sizeof(leaf.aid), "99");
    article_key_make(&key, text_of("001"), text_of("99"));
    assert_ok(tlog_add(&t, &leaf, &key));
    buf_clear(&leaf.name);
    leaf.kind = LEAF_CRAWL;
    leaf.observations = 9;
    assert_ok(buf_add_str(&leaf.name, "mon"));
    assert_ok(tlog_add_crawl(&t, &leaf, "mon"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    assert_int_equal(verify(f, 1, NULL, first), 0); /* the log alone is right */
    assert_int_equal(verify(f, 0, NULL, first), 3);
    assert_non_null(strstr(first,
                           "entry 10 of the log says what 001/3 showed at "
                           "2026-01-01T03:00:00Z, and the store has something else"));
    leaf_release(&leaf);
}

static void a_crawl_that_is_gone_is_told(void **state)
{
    struct support_fixture *f = *state;
    char first[400];
    struct tlog t;
    struct leaf leaf;
    log_of_ten(f);
    leaf_init(&leaf);
    assert_ok(tlog_open(&t, f->store, 1));
    leaf.kind = LEAF_CRAWL;
    leaf.observations = 1;
    assert_ok(buf_add_str(&leaf.name, "gone"));
    assert_ok(tlog_add_crawl(&t, &leaf, "gone"));
    assert_ok(tlog_commit(&t));
    tlog_close(&t);
    leaf_release(&leaf);
    assert_int_equal(verify(f, 1, NULL, first), 0);
    assert_int_equal(verify(f, 0, NULL, first), 1);
    assert_non_null(
        strstr(first, "entry 10 of the log says that crawl 'gone' had 1 visits"));
}

/* A store that somebody else made may say anything of its articles. */
static void an_id_that_is_too_long_is_damage(void **state)
{
    struct support_fixture *f = *state;
    struct gather g;
    struct article_key key = { .len = 110 };
    struct hasher *h;
    uint8_t secret[SECRET_BYTES] = { 0 };
    memset(key.bytes, 'a', key.len);
    key.bytes[1] = '\0';
    assert_ok(hasher_new(&h));
    gather_init(&g, f->store, h, secret);
    assert_int_equal(gather_article(&g, &key, 1), SILLOK_ECORRUPT);
    gather_release(&g);
    hasher_free(h);
}

/* 70,000 entries: 274 tiles of which the last is partial, one full tile on level 1 and 17
 * hashes of the next, one hash on level 2. */
static void tiles_are_those_of_the_specification(void **state)
{
    struct support_fixture *f = *state;
    enum { SIZE = 70000 };
    struct tlog t;
    struct leaf leaf;
    struct article_key key;
    struct merkle_edge edge = { .n = 0 };
    struct sillok_id hash, root;
    struct note_signer signer;
    struct sillok_proof_sum sum = { .size = 0 };
    uint64_t number;
    static const struct {
        const char *name;
        size_t bytes;
    } files[] = {
        { "tile/0/000", 8192 },           { "tile/0/272", 8192 },
        { "tile/0/273.p/112", 112 * 32 }, { "tile/1/000", 8192 },
        { "tile/1/001.p/17", 17 * 32 },   { "tile/2/000.p/1", 32 },
    };
    leaf_init(&leaf);
    leaf.kind = LEAF_REVISION;
    snprintf(leaf.oid, sizeof(leaf.oid), "001");
    assert_ok(tlog_open(&t, f->store, 1));
    for (int i = 0; i < SIZE; i++) {
        CLEANUP(buf_release) struct buf line = BUF_INIT;
        snprintf(leaf.aid, sizeof(leaf.aid), "%d", i);
        article_key_make(&key, text_of("001"), text_of(leaf.aid));
        /* as signing asks, also right behind a commit of what there is too much of */
        assert_int_equal(tlog_find_revision(&t, &key, 0, &leaf.commitment, &number), 0);
        assert_ok(tlog_add(&t, &leaf, &key));
        assert_ok(leaf_add(&line, &leaf));
        assert_ok(merkle_leaf(t.hasher, text_make(line.ptr, line.len), &hash));
        assert_ok(merkle_append(&edge, t.hasher, &hash));
    }
    assert_ok(tlog_commit(&t));
    assert_ok(merkle_root(&edge, t.hasher, &root));
    assert_ok(signed_key_read(&signer, f->store));
    assert_ok(signed_write(&t, &signer, NULL, NULL, &sum));
    assert_int_equal(sum.size, SIZE);
    assert_memory_equal(&sum.root, &root, sizeof(root));
    assert_int_equal(tlog_tiles_follow(&t, 255), 1);
    assert_int_equal(tlog_tiles_follow(&t, 65535), 1);
    assert_int_equal(tlog_tiles_follow(&t, 254), 1); /* fills none */
    tlog_close(&t);
    leaf_release(&leaf);
    /* written, and nothing of it again */
    char *folder = support_path(f->folder, "tiles");
    uint64_t n;
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 274 + 2 + 1 + 274 + 1);
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        CLEANUP(buf_release) struct buf bytes = BUF_INIT;
        char *path = support_path(folder, files[i].name);
        assert_ok(file_read(&bytes, path, 8192));
        assert_int_equal(bytes.len, files[i].bytes);
        if (i == 5) /* the root over the first 65,536 */
            assert_memory_equal(bytes.ptr, &edge.peak[0], 32);
        free(path);
    }
    char *bundle = support_path(folder, "tile/entries/273.p/112");
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    assert_ok(file_read(&bytes, bundle, 1 << 20));
    size_t at = 0, entries = 0;
    while (at + 2 <= bytes.len) {
        at += 2 + get_be((const uint8_t *)bytes.ptr + at, 2);
        entries++;
    }
    assert_int_equal(at, bytes.len);
    assert_int_equal(entries, 112);
    free(bundle);
    free(folder);
    /* A bit of a tile that no root goes through any more: its bundle says otherwise. */
    char *log = beside(f, "proof.mdb");
    const struct kv_options o = { .map_bytes = 1 << 28, .map_max_bytes = 1 << 28 };
    struct kv_env *env;
    struct kv_txn *txn;
    struct sillok_text v;
    uint8_t tile_key[6] = { 1 };
    CLEANUP(buf_release) struct buf tile = BUF_INIT;
    assert_ok(kv_open(&env, log, tables, N_TABLES, &o));
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_get(txn, T_TILE, text_make((const char *)tile_key, 6), &v), 1);
    assert_ok(buf_add_text(&tile, v));
    tile.ptr[100 * 32] ^= 1;
    assert_ok(
        kv_put(txn, T_TILE, text_make((const char *)tile_key, 6), buf_text(&tile), 0));
    assert_ok(kv_commit(txn));
    kv_close(env);
    assert_ok(tlog_open(&t, f->store, 0));
    assert_int_equal(tlog_tiles_follow(&t, 99 * 256 + 255), 1);
    assert_int_equal(tlog_tiles_follow(&t, 100 * 256 + 255), 0);
    assert_int_equal(tlog_tiles_follow(&t, 65535), 0);
    tlog_close(&t);
    free(log);
}

/* Tiles of one log are not mixed with those of another. */
static void a_folder_with_other_tiles_is_left_alone(void **state)
{
    struct support_fixture *f = *state;
    char *folder = support_path(f->folder, "tiles");
    char *note = support_path(folder, "checkpoint");
    uint64_t n;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    assert_int_equal(sillok_proof_tiles(f->store, folder, &n), SILLOK_ENOTFOUND);
    sign(f);
    assert_ok(sillok_proof_tiles(f->store, folder, &n));
    assert_int_equal(n, 3);
    support_write(note, "x\n1\ny\n\n", 7);
    assert_int_equal(sillok_proof_tiles(f->store, folder, &n), SILLOK_ECONFLICT);
    free(note);
    free(folder);
}

/* --- a store that goes on in another file --- */

/* Another process compacts the store, takes something in and signs it. */
static void goes_on_elsewhere(struct support_fixture *f)
{
    int status = -1;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sillok_store_close(f->store); /* that of the parent stays open there */
        char *path = beside(f, "");
        if (sillok_store_open(&f->store, path, NULL) < 0 ||
            support_compact(f->store, 3) < 0)
            _exit(1);
        see(f, 2, 2, "two");
        take_in(f, "tue");
        sign(f);
        sillok_store_close(f->store);
        _exit(0);
    }
    assert_true(waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What the log has by then, the old file does not: that is no damage. */
static void a_log_that_went_on_elsewhere_is_not_held_against_the_old_file(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_proof_verify *it;
    struct sillok_verify_event e;
    int r;
    see(f, 1, 1, "one");
    take_in(f, "mon");
    sign(f);
    support_open_again(f);
    assert_ok(sillok_proof_verify_open(&it, f->store, 0, NULL));
    goes_on_elsewhere(f);
    while ((r = sillok_proof_verify_next(it, &e)) > 0)
        if (e.damage)
            fail_msg("%s", e.what);
    assert_ok(r);
    sillok_proof_verify_close(it);
    assert_int_equal(sillok_proof_verify_open(&it, f->store, 0, NULL), SILLOK_EBUSY);
    assert_non_null(strstr(sillok_error_message(), "compacted at this very moment"));
    support_open_again(f);
    is_whole(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, proof_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        T(the_first_bad_entry_is_named),
        T(a_damaged_page_of_the_log_is_told),
        T(a_store_that_says_otherwise_is_told),
        T(a_crawl_that_is_gone_is_told),
        T(an_id_that_is_too_long_is_damage),
        T(tiles_are_those_of_the_specification),
        T(a_folder_with_other_tiles_is_left_alone),
        T(a_log_that_went_on_elsewhere_is_not_held_against_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
