#include "proof/note.h"

#include "article/hash.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>

#define DASH   "\xe2\x80\x94 "
#define SECRET "PRIVATE+KEY+"

#define ID_DIGITS ((size_t)2 * KEY_ID_BYTES)
enum { KEY_ID_BYTES = 4, SIZE_MAX_DIGITS = 19, SIGNATURE_MAX_BYTES = 4096 };

/* --- base64 --- */

int base64_add(struct buf *b, const void *ptr, size_t len)
{
    const size_t n = (len + 2) / 3 * 4;
    int r = buf_reserve(b, n + 1); /* and the zero that libcrypto puts behind it */
    if (r < 0)
        return r;
    (void)EVP_EncodeBlock((unsigned char *)b->ptr + b->len, ptr, (int)len);
    b->len += n;
    return 0;
}

/* libcrypto takes blanks around it and bits that mean nothing, so the signs are looked at
 * before, and the last of them are written again after. -1: it is not base64. */
static int decode(uint8_t *out, struct sillok_text t)
{
    unsigned char last[5];
    size_t padding = 0;
    if (t.len == 0)
        return 0;
    if (t.len % 4 || t.len > INT32_MAX)
        return -1;
    while (padding < 2 && t.ptr[t.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < t.len - padding; i++) {
        const char c = t.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return -1;
    }
    const int n = EVP_DecodeBlock(out, (const unsigned char *)t.ptr, (int)t.len);
    if (n != (int)(t.len / 4 * 3))
        return -1;
    (void)EVP_EncodeBlock(last, out + n - 3, 3 - (int)padding);
    return memcmp(last, t.ptr + t.len - 4, 4) == 0 ? n - (int)padding : -1;
}

int base64_decode(struct buf *b, struct sillok_text text)
{
    const int r = buf_reserve(b, text.len / 4 * 3 + 1);
    if (r < 0)
        return r;
    const int n = decode((uint8_t *)b->ptr + b->len, text);
    if (n < 0)
        return fail(SILLOK_EINVALID, "that is not base64");
    b->len += (size_t)n;
    return 0;
}

int base64_bytes(uint8_t *out, size_t len, struct sillok_text text)
{
    uint8_t bytes[96];
    if (text.len / 4 * 3 > sizeof(bytes) || decode(bytes, text) != (int)len)
        return -1;
    memcpy(out, bytes, len);
    return 0;
}

/* --- Ed25519 through libcrypto --- */

/* Without its settings from a file, which may be out of reach by now. */
static int wake_libcrypto(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    /* Where there was no memory for its context, libcrypto 3.0 goes on with one that has
     * no locks, and follows null pointers. */
    return OSSL_LIB_CTX_get0_global_default() != NULL;
}

/* With bytes of the right length there is nothing else that these calls could lack. */
static int crypto_failed(const char *what)
{
    fail_memory_note();
    return fail(SILLOK_ENOMEM, "libcrypto cannot %s: out of memory", what);
}

static int public_of(uint8_t out[ED25519_BYTES], const uint8_t seed[ED25519_BYTES])
{
    size_t n = ED25519_BYTES;
    if (!wake_libcrypto())
        return crypto_failed("make a key of Ed25519");
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_BYTES);
    const int ok = key && EVP_PKEY_get_raw_public_key(key, out, &n) == 1;
    EVP_PKEY_free(key);
    return ok ? 0 : crypto_failed("make a key of Ed25519");
}

static int sign(uint8_t out[ED25519_SIGNATURE_BYTES], const uint8_t seed[ED25519_BYTES],
                struct sillok_text text)
{
    size_t n = ED25519_SIGNATURE_BYTES;
    if (!wake_libcrypto())
        return crypto_failed("sign with Ed25519");
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const int ok = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
                   EVP_DigestSign(ctx, out, &n, (const uint8_t *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok ? 0 : crypto_failed("sign with Ed25519");
}

/* 1 right, 0 wrong, or libcrypto had no memory to see. */
static int ask_libcrypto(const uint8_t key_bytes[ED25519_BYTES],
                         const uint8_t signature[ED25519_SIGNATURE_BYTES],
                         struct sillok_text text)
{
    if (!wake_libcrypto())
        return crypto_failed("check a signature of Ed25519");
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key_bytes, ED25519_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const int made = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1;
    const int ok = made && EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_BYTES,
                                            (const uint8_t *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return made ? ok : crypto_failed("check a signature of Ed25519");
}

/* 1 right, 0 wrong. A no accuses somebody, and libcrypto says it too, from then on, where memory
 * ran out while it got ready: so a no is believed of one that says yes to what is right (RFC
 * 8032, 7.1, test 1: of an empty text). */
static int is_signed(const uint8_t key_bytes[ED25519_BYTES],
                     const uint8_t signature[ED25519_SIGNATURE_BYTES],
                     struct sillok_text text)
{
    static const uint8_t known_key[ED25519_BYTES] = {
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
        0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
        0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a
    };
    static const uint8_t known_signature[ED25519_SIGNATURE_BYTES] = {
        0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80,
        0x6e, 0x82, 0x8a, 0x84, 0x87, 0x7f, 0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73,
        0xe0, 0x65, 0x22, 0x49, 0x01, 0x55, 0x5f, 0xb8, 0x82, 0x15, 0x90, 0xa3, 0x3b,
        0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b, 0xd2, 0x5b, 0xf5, 0xf0,
        0x59, 0x5b, 0xbe, 0x24, 0x65, 0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b
    };
    const int r = ask_libcrypto(key_bytes, signature, text);
    if (r != 0)
        return r;
    const int known = ask_libcrypto(known_key, known_signature, text_make("", 0));
    return known > 0   ? 0
           : known < 0 ? known
                       : crypto_failed("check a signature of Ed25519");
}

/* --- keys --- */

/* 1 when a key, and so a log, may be called that: 1 to NOTE_NAME_MAX printable ASCII
 * characters, no blank, no '+'. */
static int is_name(const char *name)
{
    size_t n = 0;
    for (; name[n]; n++)
        if (name[n] <= ' ' || name[n] > '~' || name[n] == '+')
            return 0;
    return n >= 1 && n <= NOTE_NAME_MAX;
}

static int make_id(struct note_key *key)
{
    CLEANUP(hasher_free) struct hasher *h = NULL;
    struct sillok_id id;
    const uint8_t type[2] = { '\n', (uint8_t)key->type };
    int r = hasher_new(&h);
    if (r == 0)
        r = hasher_begin(h);
    if (r == 0)
        r = hasher_add(h, key->name, strlen(key->name));
    if (r == 0)
        r = hasher_add(h, type, sizeof(type));
    if (r == 0)
        r = hasher_add(h, key->bytes, sizeof(key->bytes));
    if (r == 0)
        r = hasher_end(h, &id);
    if (r == 0)
        memcpy(key->id, id.bytes, KEY_ID_BYTES);
    return r;
}

static int not_a_key(const char *why)
{
    return fail(SILLOK_EINVALID, "that is not a key: %s", why);
}

/* "NAME+IDHEX+BASE64" into name, id as written, type and @p bytes. */
static int parse_key(struct note_key *out, uint8_t bytes[ED25519_BYTES],
                     struct sillok_text t)
{
    uint8_t blob[1 + ED25519_BYTES];
    const char *plus = t.len ? memchr(t.ptr, '+', t.len) : NULL;
    const size_t n = plus ? (size_t)(plus - t.ptr) : 0;
    memset(out, 0, sizeof(*out));
    if (n < 1 || n > NOTE_NAME_MAX)
        return not_a_key("it is not NAME+ID+BASE64");
    memcpy(out->name, t.ptr, n);
    if (!is_name(out->name) || strlen(out->name) != n) /* a zero byte */
        return not_a_key("its name has characters that a name cannot have");
    if (t.len < n + 2 + ID_DIGITS || plus[1 + ID_DIGITS] != '+' ||
        get_hex(out->id, plus + 1, KEY_ID_BYTES) < 0)
        return not_a_key("its id is not of 8 hex digits");
    const size_t at = n + 2 + ID_DIGITS;
    if (base64_bytes(blob, sizeof(blob), text_make(t.ptr + at, t.len - at)) < 0)
        return not_a_key("what follows its id is not base64 of 33 bytes");
    if (blob[0] != NOTE_ED25519 && blob[0] != NOTE_COSIGNATURE)
        return not_a_key("its type is none of Ed25519");
    out->type = (enum note_type)blob[0];
    memcpy(bytes, blob + 1, ED25519_BYTES);
    return 0;
}

static int check_id(struct note_key *key)
{
    uint8_t written[KEY_ID_BYTES];
    memcpy(written, key->id, KEY_ID_BYTES);
    const int r = make_id(key);
    return r < 0 || memcmp(written, key->id, KEY_ID_BYTES) == 0
               ? r
               : not_a_key("its id is not that of its name and bytes");
}

int note_key_parse(struct note_key *out, struct sillok_text text)
{
    if (text_starts(text, SECRET))
        return not_a_key("it is a secret one, which is not to be shown to anybody");
    const int r = parse_key(out, out->bytes, text_trim(text, " \t\r\n"));
    return r < 0 ? r : check_id(out);
}

static int add_key(struct buf *b, const struct note_key *key,
                   const uint8_t bytes[ED25519_BYTES])
{
    uint8_t blob[1 + ED25519_BYTES] = { (uint8_t)key->type };
    char id[2 * KEY_ID_BYTES + 1];
    memcpy(blob + 1, bytes, ED25519_BYTES);
    put_hex(id, key->id, KEY_ID_BYTES);
    const int r = buf_printf(b, "%s+%s+", key->name, id);
    return r < 0 ? r : base64_add(b, blob, sizeof(blob));
}

int note_key_add(struct buf *b, const struct note_key *key)
{
    return add_key(b, key, key->bytes);
}

int note_signer_make(struct note_signer *out, const char *name)
{
    memset(out, 0, sizeof(*out));
    if (!is_name(name))
        return fail(SILLOK_EINVALID,
                    "'%.80s' cannot be the name of a log: it is like a URL without "
                    "https://, of printable ASCII, without blanks and '+', up to %d "
                    "characters",
                    name, NOTE_NAME_MAX);
    if (getrandom(out->seed, sizeof(out->seed), 0) != (ssize_t)sizeof(out->seed))
        return fail_errno("cannot get random bytes");
    snprintf(out->key.name, sizeof(out->key.name), "%s", name);
    out->key.type = NOTE_ED25519;
    const int r = public_of(out->key.bytes, out->seed);
    return r < 0 ? r : make_id(&out->key);
}

int note_signer_parse(struct note_signer *out, struct sillok_text text)
{
    text = text_trim(text, " \t\r\n");
    memset(out, 0, sizeof(*out));
    if (!text_starts(text, SECRET))
        return not_a_key("a secret one begins with " SECRET);
    text.ptr += strlen(SECRET);
    text.len -= strlen(SECRET);
    int r = parse_key(&out->key, out->seed, text);
    if (r == 0 && out->key.type != NOTE_ED25519)
        r = not_a_key("a log signs with a key of type 1");
    if (r == 0)
        r = public_of(out->key.bytes, out->seed);
    return r < 0 ? r : check_id(&out->key);
}

int note_signer_add(struct buf *b, const struct note_signer *signer)
{
    const int r = buf_add_str(b, SECRET);
    return r < 0 ? r : add_key(b, &signer->key, signer->seed);
}

int note_key_equal(const struct note_key *a, const struct note_key *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type &&
           memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* --- notes --- */

int note_sign(struct buf *out, struct sillok_text text, const struct note_signer *signer)
{
    uint8_t blob[KEY_ID_BYTES + ED25519_SIGNATURE_BYTES];
    memcpy(blob, signer->key.id, KEY_ID_BYTES);
    int r = sign(blob + KEY_ID_BYTES, signer->seed, text);
    if (r == 0)
        r = buf_add_text(out, text);
    if (r == 0)
        r = buf_printf(out, "\n" DASH "%s ", signer->key.name);
    if (r == 0)
        r = base64_add(out, blob, sizeof(blob));
    return r < 0 ? r : buf_add_char(out, '\n');
}

int note_line(struct sillok_text *rest, struct sillok_text *line)
{
    const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    if (!end)
        return 0;
    *line = text_make(rest->ptr, (size_t)(end - rest->ptr));
    rest->ptr += line->len + 1;
    rest->len -= line->len + 1;
    return 1;
}

static int not_a_note(const char *why)
{
    return fail(SILLOK_EINVALID, "that is not a signed note: %s", why);
}

/* Where the signatures begin: behind the last empty line. 0: there is none. */
static size_t end_of_text(struct sillok_text note)
{
    for (size_t i = note.len; i-- > 1;)
        if (note.ptr[i] == '\n' && note.ptr[i - 1] == '\n')
            return i;
    return 0;
}

static int has_odd_bytes(struct sillok_text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.ptr[i] < ' ' && t.ptr[i] != '\n')
            return 1;
    return 0;
}

/* "— NAME BASE64" */
static int parse_signature(struct sillok_text line, struct sillok_text *name,
                           struct buf *blob)
{
    if (!text_starts(line, DASH))
        return not_a_note("a line of a signature does not begin with a dash and a blank");
    line.ptr += strlen(DASH);
    line.len -= strlen(DASH);
    const char *blank = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
    if (!blank || blank == line.ptr)
        return not_a_note("a line of a signature has no name");
    *name = text_make(line.ptr, (size_t)(blank - line.ptr));
    buf_clear(blob);
    const size_t used = name->len + 1;
    const struct sillok_text value = text_make(line.ptr + used, line.len - used);
    const int r = value.len > SIGNATURE_MAX_BYTES ? -1 : base64_decode(blob, value);
    if (r == SILLOK_ENOMEM)
        return r;
    if (r < 0 || blob->len <= KEY_ID_BYTES)
        return not_a_note("a signature is not base64 of a key's id and more");
    return 0;
}

/* 1 right, 0 wrong; @p sig is what follows the key's id. */
static int check_signature(const struct note_key *key, struct sillok_text sig,
                           struct sillok_text text, int64_t *time_s)
{
    CLEANUP(buf_release) struct buf message = BUF_INIT;
    const uint8_t *bytes = (const uint8_t *)sig.ptr;
    if (key->type == NOTE_ED25519)
        return sig.len == ED25519_SIGNATURE_BYTES ? is_signed(key->bytes, bytes, text)
                                                  : 0;
    if (sig.len != 8 + ED25519_SIGNATURE_BYTES || bytes[0] & 0x80)
        return 0;
    *time_s = (int64_t)get_be(bytes, 8);
    int r = buf_printf(&message, "cosignature/v1\ntime %" PRId64 "\n", *time_s);
    if (r == 0)
        r = buf_add_text(&message, text);
    return r < 0 ? r
                 : is_signed(key->bytes, bytes + 8, text_make(message.ptr, message.len));
}

int note_open(struct sillok_text note, const struct note_key *key,
              struct sillok_text *text, int64_t *time_s)
{
    CLEANUP(buf_release) struct buf blob = BUF_INIT;
    struct sillok_text line, name = { NULL, 0 };
    const size_t end = end_of_text(note);
    int n = 0, found = 0;
    *time_s = 0;
    if (note.len > NOTE_MAX_BYTES)
        return not_a_note("it is too long");
    if (!end || note.ptr[note.len - 1] != '\n' || end + 1 == note.len)
        return not_a_note("it has no empty line and lines of signatures behind it");
    if (has_odd_bytes(note))
        return not_a_note("it has control characters");
    *text = text_make(note.ptr, end);
    struct sillok_text rest = text_make(note.ptr + end + 1, note.len - end - 1);
    while (note_line(&rest, &line)) {
        if (++n > NOTE_SIGNATURES_MAX)
            return not_a_note("it has too many signatures");
        int r = parse_signature(line, &name, &blob);
        if (r < 0)
            return r;
        if (!text_is(name, key->name) || blob.len < KEY_ID_BYTES ||
            memcmp(blob.ptr, key->id, KEY_ID_BYTES) != 0)
            continue;
        r = check_signature(key,
                            text_make(blob.ptr + KEY_ID_BYTES, blob.len - KEY_ID_BYTES),
                            *text, time_s);
        if (r <= 0)
            return r < 0
                       ? r
                       : fail(SILLOK_ECONFLICT,
                              "the signature by '%s' is not one of this text", key->name);
        found = 1;
    }
    return found ? 0
                 : fail(SILLOK_ECONFLICT, "there is no signature by the key of '%s'",
                        key->name);
}

/* --- checkpoints --- */

int checkpoint_add(struct buf *b, const struct checkpoint *c)
{
    int r = buf_printf(b, "%s\n%" PRIu64 "\n", c->origin, c->size);
    if (r == 0)
        r = base64_add(b, c->root.bytes, sizeof(c->root.bytes));
    return r < 0 ? r : buf_add_char(b, '\n');
}

int checkpoint_parse(struct checkpoint *out, struct sillok_text text)
{
    struct sillok_text origin = { NULL, 0 }, size = { NULL, 0 }, root = { NULL, 0 };
    memset(out, 0, sizeof(*out));
    if (!note_line(&text, &origin) || !note_line(&text, &size) ||
        !note_line(&text, &root) || origin.len > NOTE_NAME_MAX || origin.len == 0 ||
        has_odd_bytes(origin) || size.len > SIZE_MAX_DIGITS ||
        (size.len > 1 && size.ptr[0] == '0') ||
        text_number(size, ((uint64_t)1 << 62) - 1, &out->size) < 0 ||
        base64_bytes(out->root.bytes, sizeof(out->root.bytes), root) < 0)
        return fail(SILLOK_EINVALID,
                    "that is not a checkpoint: origin, size and root in three lines");
    memcpy(out->origin, origin.ptr, origin.len);
    return 0;
}

int checkpoint_open(struct checkpoint *out, struct sillok_text note,
                    const struct note_key *key)
{
    struct sillok_text text = { NULL, 0 };
    int64_t time_s;
    int r = note_open(note, key, &text, &time_s);
    if (r == 0)
        r = checkpoint_parse(out, text);
    if (r == 0 && strcmp(out->origin, key->name) != 0)
        r = fail(SILLOK_ECONFLICT, "the checkpoint is of the log '%s', not of '%s'",
                 out->origin, key->name);
    return r;
}
