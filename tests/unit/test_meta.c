/* What the store keeps of an article beside its body: the name that a crawler would give
 * the file, the record, and the digest that tells versions apart. */
#include "article/meta.h"
#include "article/render.h"

#include "support.h"

#include <string.h>
#include <xxhash.h>

static struct sillok_article article_of(const char *title)
{
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("0000000042") };
    a.fields[SILLOK_TITLE] = text_of(title);
    return a;
}

/* --- names --- */

#define TEN "가나다라마바사아자차"

/* The first and last character of each range that a name keeps, and those beside it. */
static void names_follow_the_title(void **state)
{
    static const struct {
        const char *title, *slug;
    } cases[] = {
        { "시장은 길을 넓힌다", "_시장은_길을_넓힌다" },
        { "AZ az 09", "_az_az_09" },
        { "@A[ `a{ /0:", "_a_a_0" },
        { "-_-", "_-_-" },
        { "  두 칸", "_두_칸" },
        { "두  칸", "_두__칸" },
        { "끝 칸  ", "_끝_칸" },
        { "_밑줄_", "_밑줄" },
        { "“따옴표”, 쉼표!", "_따옴표_쉼표" },
        { "\xEA\xAF\xBF\xEA\xB0\x80\xED\x9E\xA3\xED\x9E\xA4",
          "_\xEA\xB0\x80\xED\x9E\xA3" }, /* U+ABFF AC00 D7A3 D7A4 */
        { "\xE4\xB7\xBF\xE4\xB8\x80\xE9\xBE\xA5\xE9\xBE\xA6",
          "_\xE4\xB8\x80\xE9\xBE\xA5" }, /* U+4DFF 4E00 9FA5 9FA6 */
        { "caf\xC3\xA9 \xE3\x81\x82", "_caf" },
        { "\xE1\x84\x80\xE1\x85\xA1 나", "_나" }, /* jamo are no syllables */
        { "깨\xFF진 \xED\xA0\x80 글", "_깨진__글" },
        { "\x01\t", "" },
        { "?!", "" },
        { " _ ", "" },
        { "", "" },
        { TEN TEN TEN TEN TEN, "_" TEN TEN TEN TEN TEN },
        { TEN TEN TEN TEN TEN "끝", "_" TEN TEN TEN TEN TEN },
        { TEN TEN TEN TEN "가나다라마바사아자 끝",
          "_" TEN TEN TEN TEN "가나다라마바사아자" }, /* the fiftieth is a blank */
        { TEN TEN TEN TEN "가나다라마바사아자?끝",
          "_" TEN TEN TEN TEN "가나다라마바사아자끝" }, /* signs do not count */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        CLEANUP(buf_release) struct buf want = BUF_INIT;
        const struct sillok_article a = article_of(cases[i].title);
        assert_ok(buf_printf(&want, "001_0000000042%s.md", cases[i].slug));
        assert_ok(meta_guess_name(&got, &a));
        if (!text_equal(text_make(got.ptr, got.len), text_make(want.ptr, want.len)))
            fail_msg("'%s': %.*s", cases[i].title, (int)got.len, got.ptr);
    }
}

/* --- records --- */

#define OWN_URL "https://n.news.naver.com/mnews/article/001/0000000042"

static const struct {
    const char *title, *url, *name;
    int url_follows, name_follows;
} records[] = {
    { "비 온다", OWN_URL, "001_0000000042_비_온다.md", 1, 1 },
    { "비 온다", OWN_URL, "001_0000000042_눈_온다.md", 1, 0 },
    { "비 온다", OWN_URL "?", "001_0000000042_비_온다.md", 0, 1 },
    { "비 온다", "https://example.com/1", "a.md", 0, 0 },
    { "", "", "", 0, 0 },
    { "?", OWN_URL, "001_0000000042.md", 1, 1 },
};
enum { N_RECORDS = sizeof(records) / sizeof(records[0]) };

static int encode(struct buf *out, size_t i)
{
    int guessed;
    struct sillok_article a = article_of(records[i].title);
    a.fields[SILLOK_URL] = text_of(records[i].url);
    a.fields[SILLOK_AUTHOR] = text_of("김가나 기자");
    a.fields[SILLOK_CATEGORY] = text_of("사회");
    const int r = meta_encode(out, &a, text_of(records[i].name), &guessed);
    assert_int_equal(guessed, records[i].name_follows);
    return r;
}

/* What follows from the rest takes no room in the record and comes back all the same. */
static void records_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RECORDS; i++) {
        CLEANUP(buf_release) struct buf record = BUF_INIT;
        CLEANUP(buf_release) struct buf scratch = BUF_INIT;
        struct sillok_article back = article_of(NULL);
        struct sillok_text name;
        assert_ok(encode(&record, i));
        const size_t kept = strlen(records[i].title) + strlen("김가나 기자사회") +
                            (records[i].url_follows ? 0 : strlen(records[i].url)) +
                            (records[i].name_follows ? 0 : strlen(records[i].name));
        assert_int_equal(record.len, 1 + SILLOK_N_FIELDS + 1 + kept);
        assert_ok(buf_add_str(&scratch, "left over"));
        assert_int_equal(
            meta_decode(&back, &name, text_make(record.ptr, record.len), &scratch), 0);
        assert_true(text_is(back.fields[SILLOK_TITLE], records[i].title));
        assert_true(text_is(back.fields[SILLOK_URL], records[i].url));
        assert_true(text_is(back.fields[SILLOK_AUTHOR], "김가나 기자"));
        assert_true(text_is(back.fields[SILLOK_CATEGORY], "사회"));
        assert_int_equal(back.fields[SILLOK_PUBLISHER].len, 0);
        assert_true(text_is(name, records[i].name));
    }
}

/* A record that was cut, that goes on, or that has a flag of nobody is damage. */
static void damaged_records_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_RECORDS; i++) {
        CLEANUP(buf_release) struct buf record = BUF_INIT;
        CLEANUP(buf_release) struct buf scratch = BUF_INIT;
        struct sillok_article back = article_of(NULL);
        struct sillok_text name;
        assert_ok(encode(&record, i));
        for (size_t len = 0; len < record.len; len++)
            assert_int_equal(
                meta_decode(&back, &name, text_make(record.ptr, len), &scratch),
                SILLOK_ECORRUPT);
        assert_ok(buf_add_char(&record, '\0'));
        assert_int_equal(
            meta_decode(&back, &name, text_make(record.ptr, record.len), &scratch),
            SILLOK_ECORRUPT);
        record.len--;
        record.ptr[0] = 4;
        assert_int_equal(
            meta_decode(&back, &name, text_make(record.ptr, record.len), &scratch),
            SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), "metadata"));
    }
}

/* --- digests --- */

static void add_be(struct buf *b, uint64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        assert_ok(buf_add_char(b, (char)(v >> shift)));
}

/* The bytes that meta.h names, in its order, hashed in one piece. */
static void digest_by_hand(struct meta_digest *out, struct hasher *h,
                           const struct sillok_article *a)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct sillok_id id;
    assert_ok(buf_add(&b, "sillok version 1", 17));
    assert_ok(buf_add(&b, a->content_hash.bytes, sizeof(a->content_hash.bytes)));
    add_be(&b, XXH3_64bits(a->body.ptr, a->body.len));
    add_be(&b, a->body.len);
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        add_be(&b, a->fields[i].len);
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        assert_ok(buf_add_text(&b, a->fields[i]));
    assert_ok(hasher_of(h, text_make(b.ptr, b.len), &id));
    memcpy(out->bytes, id.bytes, sizeof(out->bytes));
}

/* Fields are gathered up to 1,024 bytes, 903 of them for texts: the digest is the same
 * on both sides of that. */
static void digests_are_as_documented(void **state)
{
    static const size_t sizes[] = { 0, 1, 902, 903, 904, 1023, 1024, 5000 };
    (void)state;
    struct hasher *h;
    char *text = test_malloc(5000);
    memset(text, 'x', 5000);
    assert_ok(hasher_new(&h));
    for (int field = 0; field < SILLOK_N_FIELDS; field++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct sillok_article a = { .body = text_of("본문이다.") };
            struct meta_digest got, want;
            assert_ok(hasher_of(h, a.body, &a.content_hash));
            a.fields[field] = text_make(text, sizes[i]);
            for (int behind = 0; behind < 2; behind++) {
                if (behind) /* a short one behind a long one */
                    a.fields[SILLOK_URL] = text_of("u");
                digest_by_hand(&want, h, &a);
                assert_int_equal(meta_digest_of(&got, h, &a), 0);
                if (memcmp(&got, &want, sizeof(got)) != 0)
                    fail_msg("field %d of %zu bytes", field, sizes[i]);
            }
        }
    hasher_free(h);
    test_free(text);
}

/* Stores hold it, so it may never come out otherwise. */
static void a_digest_stays_what_it_is(void **state)
{
    static const uint8_t want[META_DIGEST_BYTES] = { 0x6a, 0xc9, 0x2e, 0x92, 0xd3,
                                                     0xa7, 0xee, 0x0b, 0xa6, 0xab,
                                                     0xb1, 0xe2, 0x39, 0xb0, 0xe1,
                                                     0xa9, 0xe3, 0x82, 0x1a, 0x6f };
    (void)state;
    struct hasher *h;
    struct meta_digest got;
    struct sillok_article a = article_of("비 온다");
    a.body = text_of("비가 왔다. 길이 젖었다.");
    assert_ok(hasher_new(&h));
    assert_ok(hasher_of(h, a.body, &a.content_hash));
    assert_ok(meta_digest_of(&got, h, &a));
    assert_memory_equal(got.bytes, want, sizeof(want));
    hasher_free(h);
}

/* --- hashes --- */

static void stub(struct sillok_text t, struct sillok_id *out)
{
    memset(out, (int)t.len, sizeof(*out));
}

static void expect_hash(const struct sillok_id *id, const char *want)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(id, hex);
    assert_string_equal(hex, want);
}

/* FIPS 180-4's own examples, whole and in pieces with looks in between. */
static void hashes_are_sha_256(void **state)
{
    static const char abc[] =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char nothing[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    struct hasher *h;
    struct sillok_id id;
    (void)state;
    assert_ok(hasher_new(&h));
    assert_ok(hasher_of(h, text_of("abc"), &id));
    expect_hash(&id, abc);
    assert_ok(hasher_begin(h));
    assert_ok(hasher_peek(h, &id));
    expect_hash(&id, nothing);
    assert_ok(hasher_add(h, "ab", 2));
    assert_ok(hasher_peek(h, &id));
    assert_ok(hasher_add(h, "c", 1));
    assert_ok(hasher_peek(h, &id));
    expect_hash(&id, abc);
    assert_ok(hasher_end(h, &id));
    expect_hash(&id, abc);
    hasher_stub(h, stub);
    assert_ok(hasher_of(h, text_of("abc"), &id));
    assert_int_equal(id.bytes[0], 3);
    hasher_stub(h, NULL);
    assert_ok(hasher_of(h, text_make(NULL, 0), &id));
    expect_hash(&id, nothing);
    hasher_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_title),
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(damaged_records_are_told),
        cmocka_unit_test(digests_are_as_documented),
        cmocka_unit_test(a_digest_stays_what_it_is),
        cmocka_unit_test(hashes_are_sha_256),
    };
    return cmocka_run_group_tests_name("article/meta", tests, NULL, NULL);
}
