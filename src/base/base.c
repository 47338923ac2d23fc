/* Ids, limits, version: the plain functions of sillok/base.h. */
#include "sillok/base.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

const char *sillok_version(void)
{
    return SILLOK_VERSION;
}

void sillok_free(void *ptr)
{
    free(ptr);
}

void sillok_id_format(const struct sillok_id *id, char hex[SILLOK_ID_HEX_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(id->bytes); i++) {
        hex[2 * i] = digits[id->bytes[i] >> 4];
        hex[2 * i + 1] = digits[id->bytes[i] & 15];
    }
    hex[SILLOK_ID_HEX_LEN] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int sillok_id_parse(struct sillok_id *id, const char *hex, size_t len)
{
    if (len != SILLOK_ID_HEX_LEN)
        return fail(SILLOK_EINVALID, "a hash has 64 hex digits, this has %zu", len);
    struct sillok_id out;
    for (size_t i = 0; i < sizeof(out.bytes); i++) {
        const int hi = hex_value(hex[2 * i]), lo = hex_value(hex[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return fail(SILLOK_EINVALID, "a hash is written in hex digits");
        out.bytes[i] = (uint8_t)(hi << 4 | lo);
    }
    *id = out;
    return 0;
}

int sillok_id_equal(const struct sillok_id *a, const struct sillok_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void sillok_limits_default(struct sillok_limits *out)
{
    *out = (struct sillok_limits){
        .file_bytes = 16 << 20,
        .front_matter_bytes = 1 << 20,
        .field_bytes = 64 << 10,
        .front_matter_keys = 256,
        .archive_bytes = (uint64_t)4 << 30,
        .archive_ratio = 200,
        .folder_depth = 64,
        .map_bytes = (uint64_t)1 << 40,
    };
}
