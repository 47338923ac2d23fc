/* Trees, notes and the lines of proofs, by vectors from outside: RFC 8032, RFC 9162 and the
 * test data of the specifications. A log of a store is tested in test_proof.c. */
#include "proof/bundle.h"
#include "proof/leaf.h"
#include "proof/merkle.h"
#include "proof/note.h"

#include "support.h"

#include <string.h>

static struct sillok_text text_in(const struct buf *b)
{
    return text_make(b->ptr ? b->ptr : "", b->len);
}

/* --- trees --- */

/* The entries and roots that implementations of RFC 6962 are compared by. */
static const char *const entries[] = { "",
                                       "00",
                                       "10",
                                       "2021",
                                       "3031",
                                       "40414243",
                                       "5051525354555657",
                                       "606162636465666768696a6b6c6d6e6f" };
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
enum { N_ENTRIES = 8, N_MANY = 70 };

struct tree {
    struct hasher *h;
    struct sillok_id leaf[N_MANY];
};

/* Straight from the definition, RFC 9162 2.1.1. */
static void root_of(struct tree *t, size_t from, size_t to, struct sillok_id *out)
{
    struct sillok_id left, right;
    size_t k = 1;
    if (to - from == 1) {
        *out = t->leaf[from];
        return;
    }
    while (2 * k < to - from)
        k *= 2;
    root_of(t, from, from + k, &left);
    root_of(t, from + k, to, &right);
    assert_ok(merkle_node(t->h, &left, &right, out));
}

static int node_of(void *arg, unsigned level, uint64_t number, struct sillok_id *out)
{
    root_of(arg, number << level, (number + 1) << level, out);
    return 0;
}

static void tree_make(struct tree *t)
{
    assert_ok(hasher_new(&t->h));
    for (size_t i = 0; i < N_MANY; i++) {
        uint8_t bytes[16] = { (uint8_t)i };
        const char *hex = i < N_ENTRIES ? entries[i] : "00";
        const size_t n = i < N_ENTRIES ? strlen(hex) / 2 : 3;
        if (i < N_ENTRIES)
            assert_int_equal(get_hex(bytes, hex, n), 0);
        assert_ok(merkle_leaf(t->h, text_make((const char *)bytes, n), &t->leaf[i]));
    }
}

static void assert_hex(const struct sillok_id *id, const char *want)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(id, hex);
    hex[strlen(want)] = '\0';
    assert_string_equal(hex, want);
}

static void roots_are_those_of_the_standard(void **state)
{
    struct tree t;
    struct merkle_edge edge = { .n = 0 };
    struct sillok_id root;
    (void)state;
    tree_make(&t);
    const struct merkle_source source = { node_of, &t, t.h };
    for (size_t n = 0; n <= N_ENTRIES; n++) {
        assert_ok(merkle_root(&edge, t.h, &root));
        assert_hex(&root, roots[n]);
        assert_ok(merkle_root_at(&source, n, &root));
        assert_hex(&root, roots[n]);
        assert_ok(merkle_append(&edge, t.h, &t.leaf[n]));
    }
    assert_ok(merkle_leaf(t.h, text_of("L123456"), &root));
    assert_hex(&root, "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    hasher_free(t.h);
}

static void paths_are_those_of_the_standard(void **state)
{
    struct tree t;
    struct merkle_path p;
    (void)state;
    tree_make(&t);
    const struct merkle_source source = { node_of, &t, t.h };
    assert_ok(merkle_inclusion(&source, 5, 8, &p));
    assert_int_equal(p.n, 3);
    assert_hex(&p.hash[0], "bc1a0643b12e4d2d");
    assert_hex(&p.hash[1], "ca854ea128ed050b");
    assert_hex(&p.hash[2], "d37ee418976dd957");
    assert_ok(merkle_inclusion(&source, 6, 7, &p));
    assert_int_equal(p.n, 2);
    assert_hex(&p.hash[0], "0ebc5d3437fbe2db");
    assert_ok(merkle_inclusion(&source, 0, 1, &p));
    assert_int_equal(p.n, 0);
    assert_ok(merkle_consistency(&source, 3, 7, &p));
    assert_int_equal(p.n, 4);
    assert_hex(&p.hash[0], "0298d122906dcfc1");
    assert_hex(&p.hash[1], "07506a85fd9dd2f1");
    assert_hex(&p.hash[2], "fac54203e7cc696c");
    assert_hex(&p.hash[3], "837dbb152e9b0790");
    assert_ok(merkle_consistency(&source, 4, 8, &p));
    assert_int_equal(p.n, 1);
    assert_hex(&p.hash[0], "6b47aaf29ee3c2af");
    assert_ok(merkle_consistency(&source, 6, 8, &p));
    assert_int_equal(p.n, 3);
    assert_hex(&p.hash[0], "0ebc5d3437fbe2db");
    assert_hex(&p.hash[1], "ca854ea128ed050b");
    assert_hex(&p.hash[2], "d37ee418976dd957");
    hasher_free(t.h);
}

/* Every proof of every tree up to 70 entries holds, and none does with anything changed. */
static void only_what_is_true_can_be_proven(void **state)
{
    struct tree t;
    struct merkle_path p;
    struct sillok_id root, old;
    uint64_t seed = 1;
    (void)state;
    tree_make(&t);
    const struct merkle_source source = { node_of, &t, t.h };
    for (size_t n = 1; n <= N_MANY; n++) {
        root_of(&t, 0, n, &root);
        for (size_t i = 0; i < n; i++) {
            assert_ok(merkle_inclusion(&source, i, n, &p));
            assert_true(merkle_includes(t.h, i, n, &t.leaf[i], &p, &root));
            assert_false(
                merkle_includes(t.h, i, n, &t.leaf[(i + 1) % N_MANY], &p, &root));
            assert_false(merkle_includes(t.h, i + 1, n, &t.leaf[i], &p, &root));
            assert_false(merkle_includes(t.h, n, n, &t.leaf[i], &p, &root));
            if (p.n) {
                const unsigned at = (unsigned)(support_random(&seed) % p.n);
                p.hash[at].bytes[support_random(&seed) % 32] ^= 4;
                assert_false(merkle_includes(t.h, i, n, &t.leaf[i], &p, &root));
                p.n--;
                assert_false(merkle_includes(t.h, i, n, &t.leaf[i], &p, &root));
            }
            p.hash[p.n++] = root;
            assert_false(merkle_includes(t.h, i, n, &t.leaf[i], &p, &root));
        }
        for (size_t m = 1; m <= n; m++) {
            root_of(&t, 0, m, &old);
            assert_ok(merkle_consistency(&source, m, n, &p));
            assert_true(merkle_consistent(t.h, m, n, &old, &root, &p));
            assert_int_equal(merkle_consistent(t.h, m, n, &t.leaf[9], &root, &p), 0);
            assert_int_equal(merkle_consistent(t.h, m, n, &old, &t.leaf[9], &p), 0);
            assert_false(merkle_consistent(t.h, n + 1, n, &old, &root, &p));
            assert_false(merkle_consistent(t.h, 0, n, &old, &root, &p));
            if (p.n) {
                const unsigned at = (unsigned)(support_random(&seed) % p.n);
                p.hash[at].bytes[support_random(&seed) % 32] ^= 4;
                assert_false(merkle_consistent(t.h, m, n, &old, &root, &p));
                p.n--;
                assert_false(merkle_consistent(t.h, m, n, &old, &root, &p));
            }
        }
    }
    hasher_free(t.h);
}

/* --- base64 --- */

static void base64_has_one_way_to_write_a_value(void **state)
{
    static const char *const good[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "+/+/" };
    static const char *const bad[] = { "Z",        "Zg",     "Zg=",   "Zh==",
                                       "Zm9=",     "Zm9v\n", " Zm9v", "Zm9v   ",
                                       "Zg==Zg==", "====",   "Zm-_",  "A===" };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CLEANUP(buf_release) struct buf raw = BUF_INIT;
        CLEANUP(buf_release) struct buf again = BUF_INIT;
        assert_ok(base64_decode(&raw, text_of(good[i])));
        assert_ok(base64_add(&again, raw.ptr, raw.len));
        assert_true(text_is(text_in(&again), good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CLEANUP(buf_release) struct buf raw = BUF_INIT;
        if (base64_decode(&raw, text_of(bad[i])) != SILLOK_EINVALID)
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(raw.len, 0);
    }
}

/* --- keys and notes --- */

/* The seed of RFC 8032 7.1, test 1, and what its specifications' tools make of it. */
#define NAME "example.org/newslog"
#define VKEY NAME "+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define TEXT NAME "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
#define SIGNED                                                                           \
    TEXT "\n\xe2\x80\x94 " NAME                                                          \
         " kVMavSvdWjRJy8+hPst1OdhRtKoCL0a95l0b1awQxcewwSv3WZB+ebNJ7+"                   \
         "cZGAO2Sc8ayANpj82pEbftxiFkFUe9MQ4=\n"
#define WITNESS "witness.example/w1+eb762cc2+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define WITNESSED                                                                        \
    SIGNED "\xe2\x80\x94 witness.example/w1 63YswgAAAABlU/EA2IDG9zZS5Om1qazQPqs/"        \
           "bkxMHnLya9O3HugnP6yyIhno46vbadH0kcjqgijHIP5B84W6zdl7ChfvcIK3VKxABw==\n"

static void signer_of_the_rfc(struct note_signer *out)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    uint8_t blob[33] = { 1 };
    assert_int_equal(
        get_hex(blob + 1,
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", 32),
        0);
    assert_ok(buf_add_str(&b, "PRIVATE+KEY+" NAME "+91531abd+"));
    assert_ok(base64_add(&b, blob, sizeof(blob)));
    assert_ok(note_signer_parse(out, text_in(&b)));
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    assert_ok(note_signer_add(&again, out));
    assert_true(text_equal(text_in(&again), text_in(&b)));
}

static void notes_are_those_of_the_specification(void **state)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct note_signer signer;
    struct note_key key, witness, other;
    struct checkpoint c;
    struct sillok_text text;
    int64_t time_s;
    (void)state;
    signer_of_the_rfc(&signer);
    assert_ok(note_key_add(&b, &signer.key));
    assert_true(text_is(text_in(&b), VKEY));
    assert_ok(note_key_parse(&key, text_of(VKEY "\n")));
    assert_memory_equal(&key, &signer.key, sizeof(key));
    buf_clear(&b);
    assert_ok(note_sign(&b, text_of(TEXT), &signer));
    assert_true(text_is(text_in(&b), SIGNED));
    assert_ok(checkpoint_open(&c, text_of(SIGNED), &key));
    assert_string_equal(c.origin, NAME);
    assert_int_equal(c.size, 8);
    assert_hex(&c.root, roots[8]);
    buf_clear(&b);
    assert_ok(checkpoint_add(&b, &c));
    assert_true(text_is(text_in(&b), TEXT));
    /* a witness */
    assert_ok(note_key_parse(&witness, text_of(WITNESS)));
    assert_ok(note_open(text_of(WITNESSED), &witness, &text, &time_s));
    assert_int_equal(time_s, 1700000000);
    assert_true(text_is(text, TEXT));
    assert_ok(note_open(text_of(WITNESSED), &key, &text, &time_s));
    assert_int_equal(time_s, 0);
    assert_int_equal(note_open(text_of(SIGNED), &witness, &text, &time_s),
                     SILLOK_ECONFLICT);
    /* the key of the specification's own example */
    assert_ok(note_key_parse(
        &other,
        text_of(
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")));
    assert_int_equal(note_open(text_of(SIGNED), &other, &text, &time_s),
                     SILLOK_ECONFLICT);
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        NAME,
        "+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+91531abe+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1E",
        NAME "+91531abd+CtdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        NAME "+91531ab+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "a b+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "한글+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        "PRIVATE+KEY+" NAME "+91531abd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
    };
    struct note_key key;
    struct note_signer signer;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (note_key_parse(&key, text_of(bad[i])) != SILLOK_EINVALID)
            fail_msg("'%s' was taken", bad[i]);
    assert_int_equal(note_signer_parse(&signer, text_of(VKEY)), SILLOK_EINVALID);
    assert_int_equal(note_signer_make(&signer, "a+b"), SILLOK_EINVALID);
    assert_int_equal(note_signer_make(&signer, ""), SILLOK_EINVALID);
    assert_ok(note_signer_make(&signer, "a.example/b"));
}

/* Keys and checkpoints come from others: a long name must not run over its place. */
static void a_name_has_its_length(void **state)
{
    static const size_t lens[] = { NOTE_NAME_MAX, NOTE_NAME_MAX + 1,
                                   100 * NOTE_NAME_MAX };
    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        CLEANUP(buf_release) struct buf name = BUF_INIT, text = BUF_INIT;
        struct note_signer signer;
        struct note_key key;
        struct checkpoint c;
        for (size_t n = 0; n < lens[i]; n++)
            assert_ok(buf_add_char(&name, 'a'));
        assert_ok(buf_add(&name, "", 1));
        const int want = lens[i] > NOTE_NAME_MAX ? SILLOK_EINVALID : 0;
        assert_int_equal(note_signer_make(&signer, name.ptr), want);
        if (want == 0)
            assert_ok(note_key_add(&text, &signer.key));
        else
            assert_ok(buf_printf(&text, "%s" VKEY, name.ptr));
        assert_int_equal(note_key_parse(&key, text_in(&text)), want);
        buf_clear(&text);
        assert_ok(buf_printf(&text, "%s%s", name.ptr, strchr(TEXT, '\n')));
        assert_int_equal(checkpoint_parse(&c, text_in(&text)), want);
    }
}

/* Its key may sign other texts: none of them is a checkpoint of the log. */
static void a_checkpoint_is_of_its_log(void **state)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT, note = BUF_INIT;
    struct note_signer signer;
    struct checkpoint c;
    (void)state;
    signer_of_the_rfc(&signer);
    assert_ok(buf_printf(&text, "other%s", TEXT));
    assert_ok(note_sign(&note, text_in(&text), &signer));
    assert_int_equal(checkpoint_open(&c, text_in(&note), &signer.key), SILLOK_ECONFLICT);
    assert_non_null(strstr(sillok_error_message(), "is of the log 'other" NAME "'"));
}

/* Each byte of a note changed in turn: never taken for one that was signed. */
static void a_changed_note_is_not_signed(void **state)
{
    static const char note[] = SIGNED;
    const size_t n = sizeof(note) - 1;
    struct note_key key;
    struct checkpoint c;
    char copy[sizeof(note)];
    (void)state;
    assert_ok(note_key_parse(&key, text_of(VKEY)));
    for (size_t i = 0; i < n; i++) {
        memcpy(copy, note, sizeof(note));
        copy[i] ^= 1;
        const int r = checkpoint_open(&c, text_make(copy, n), &key);
        if (r != SILLOK_EINVALID && r != SILLOK_ECONFLICT)
            fail_msg("byte %zu: %d", i, r);
        assert_int_not_equal(checkpoint_open(&c, text_make(note, i), &key), 0);
    }
    assert_int_equal(checkpoint_open(&c, text_of(SIGNED "x"), &key), SILLOK_EINVALID);
    assert_int_equal(checkpoint_open(&c, text_of(SIGNED "x\n"), &key), SILLOK_EINVALID);
    assert_int_equal(checkpoint_open(&c, text_of(SIGNED "\t\n"), &key), SILLOK_EINVALID);
}

static void a_checkpoint_has_one_way_to_be_written(void **state)
{
    static const char *const bad[] = {
        "",
        "a\n",
        "a\n1\n",
        "\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "a\n01\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "a\n-1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "a\n\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "a\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n",
        "a\n1\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        "a\n4611686018427387904\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
        "a\n18446744073709551617\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n",
    };
    struct checkpoint c;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (checkpoint_parse(&c, text_of(bad[i])) != SILLOK_EINVALID)
            fail_msg("%zu was taken", i);
    assert_ok(checkpoint_parse(
        &c, text_of("a\n0\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\nmore\n")));
}

/* The whole proof of the worked example: it reads, says what it says, and is written the
 * same. */
static void a_proof_is_that_of_the_specification(void **state)
{
    static const char proof[] = "c2sp.org/tlog-proof@v1\nindex 5\n"
                                "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=\n"
                                "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=\n"
                                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=\n\n" SIGNED;
    CLEANUP(buf_release) struct buf again = BUF_INIT;
    struct tree t;
    struct bundle b;
    struct note_key key;
    struct checkpoint c;
    (void)state;
    tree_make(&t);
    bundle_init(&b);
    assert_ok(bundle_parse(&b, text_of(proof)));
    assert_int_equal(b.is_consistency, 0);
    assert_int_equal(b.index, 5);
    assert_ok(note_key_parse(&key, text_of(VKEY)));
    assert_ok(checkpoint_open(&c, b.note, &key));
    assert_true(merkle_includes(t.h, b.index, c.size, &t.leaf[5], &b.path, &c.root));
    assert_ok(bundle_add(&again, &b));
    assert_true(text_is(text_in(&again), proof));
    bundle_release(&b);
    hasher_free(t.h);
}

static void what_is_no_proof_is_refused(void **state)
{
#define HASH "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=\n"
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 5\n\n",
        "c2sp.org/tlog-proof@v1\nindex 05\n\n",
        "c2sp.org/tlog-proof@v1\nindex \n\n",
        ("c2sp.org/tlog-proof@v1\nindex 5\n" HASH), /* one text */
        "c2sp.org/tlog-proof@v1\nindex 5\nvBoG\n\n",
        "c2sp.org/tlog-proof@v1\nextra ??\nindex 5\n\n",
        "c2sp.org/tlog-proof@v1\nindex 5\nextra Zm9v\n\n",
        "old\n\n",
        "old 00\n\n",
        "old 5 \n\n",
        "old 5",
    };
    struct bundle b;
    (void)state;
    bundle_init(&b);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (bundle_parse(&b, text_of(bad[i])) != SILLOK_EINVALID)
            fail_msg("%zu was taken", i);
    CLEANUP(buf_release) struct buf many = BUF_INIT;
    assert_ok(buf_add_str(&many, "old 5\n"));
    for (int i = 0; i < MERKLE_PATH_MAX; i++)
        assert_ok(buf_add_str(&many, HASH));
    const size_t most = many.len;
    assert_ok(buf_add_str(&many, "\n"));
    assert_ok(bundle_parse(&b, text_in(&many)));
    many.len = most;
    assert_ok(buf_add_str(&many, HASH "\n"));
    assert_int_equal(bundle_parse(&b, text_in(&many)), SILLOK_EINVALID);
    bundle_release(&b);
}

/* --- the log's own lines --- */

#define C "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void lines_read_and_write_alike(void **state)
{
    static const char *const good[] = {
        "{\"kind\":\"revision\",\"oid\":\"001\",\"aid\":\"a_-9\",\"first_seen\":\"2026-01-02T"
        "03:15:33Z\",\"commitment\":\"" C "\"}",
        "{\"kind\":\"crawl\",\"crawl\":\"\xea\xb0\x80 \\\"\\\\\\u0001\",\"observations\":0,"
        "\"observations_root\":\"" C
        "\",\"refused\":9007199254740993,\"refused_root\":\"" C "\"}",
        "{\"kind\":\"log\",\"origin\":\"a/b\",\"store\":\"u\"}",
    };
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"kind\":\"other\"}",
        "{\"kind\":\"log\",\"origin\":\"a/b\"}",
        "{\"kind\":\"log\",\"origin\":\"a/b\",\"store\":\"u\"} ",
        "{\"kind\":\"log\", \"origin\":\"a/b\",\"store\":\"u\"}",
        "{\"origin\":\"a/b\",\"kind\":\"log\",\"store\":\"u\"}",
        "{\"kind\":\"log\",\"origin\":\"a/b\",\"store\":\"u\",\"x\":1}",
        "{\"kind\":\"log\",\"origin\":\"\\u0061/b\",\"store\":\"u\"}",
        "{\"kind\":\"revision\",\"oid\":\"001\",\"aid\":\"1\",\"first_seen\":\"2026-01-02 "
        "03:15:33\",\"commitment\":\"" C "\"}",
        "{\"kind\":\"revision\",\"oid\":\"\",\"aid\":\"1\",\"first_seen\":\"2026-01-02T03:15:"
        "33Z\",\"commitment\":\"" C "\"}",
        "{\"kind\":\"crawl\",\"crawl\":\"a\",\"observations\":-1,\"observations_root\":\"" C
        "\",\"refused\":0,\"refused_root\":\"" C "\"}",
    };
    struct leaf leaf;
    (void)state;
    leaf_init(&leaf);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CLEANUP(buf_release) struct buf again = BUF_INIT;
        assert_ok(leaf_parse(&leaf, text_of(good[i])));
        assert_ok(leaf_add(&again, &leaf));
        assert_true(text_is(text_in(&again), good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (leaf_parse(&leaf, text_of(bad[i])) != SILLOK_EINVALID)
            fail_msg("'%s' was taken", bad[i]);
    leaf_release(&leaf);
}

/* The digests were computed by another program, as docs/proof.md says. */
static void a_commitment_is_that_of_the_document(void **state)
{
    uint8_t secret[SECRET_BYTES];
    struct hasher *h;
    struct opening o, again;
    struct sillok_id id, opened;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("7") };
    (void)state;
    assert_ok(hasher_new(&h));
    memset(secret, 0x5a, sizeof(secret));
    a.fields[SILLOK_TITLE] = text_of("\xec\xa0\x9c\xeb\xaa\xa9");
    a.fields[SILLOK_URL] = text_of("https://example.org/7");
    assert_ok(hasher_of(h, text_of("body"), &a.content_hash));
    assert_ok(commitment_of(h, secret, &a, &o, &id));
    assert_hex(&o.fields_hash,
               "875a6b89b58a273a48b4ce303a998e464782b61d3599e09585cb2b25e1a0f65e");
    assert_ok(opening_add(&line, &o));
    assert_ok(opening_parse(&again, text_in(&line)));
    assert_ok(commitment_open(h, &again, &opened));
    assert_true(sillok_id_equal(&id, &opened));
    assert_hex(&id, "7f6b4d37c8452d63743089b636cb954ed41d6bdf70401cf113314d1f44b9eb4f");
    /* Another title, text or secret is another one, with another salt. */
    struct opening other;
    a.fields[SILLOK_TITLE] = text_of("\xec\xa0\x9c\xeb\xaa\xa8");
    assert_ok(commitment_of(h, secret, &a, &other, &opened));
    assert_memory_not_equal(other.salt, o.salt, SALT_BYTES);
    assert_false(sillok_id_equal(&id, &opened));
    hasher_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_standard),
        cmocka_unit_test(paths_are_those_of_the_standard),
        cmocka_unit_test(only_what_is_true_can_be_proven),
        cmocka_unit_test(base64_has_one_way_to_write_a_value),
        cmocka_unit_test(notes_are_those_of_the_specification),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(a_name_has_its_length),
        cmocka_unit_test(a_checkpoint_is_of_its_log),
        cmocka_unit_test(a_changed_note_is_not_signed),
        cmocka_unit_test(a_checkpoint_has_one_way_to_be_written),
        cmocka_unit_test(a_proof_is_that_of_the_specification),
        cmocka_unit_test(what_is_no_proof_is_refused),
        cmocka_unit_test(lines_read_and_write_alike),
        cmocka_unit_test(a_commitment_is_that_of_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
