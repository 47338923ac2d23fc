/* Ids, limits, version: the plain functions of sillok/base.h. */
#include "sillok/base.h"

#include "base/buf.h"

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
    put_hex(hex, id->bytes, sizeof(id->bytes));
}

int sillok_id_parse(struct sillok_id *id, const char *hex, size_t len)
{
    if (len != SILLOK_ID_HEX_LEN)
        return fail(SILLOK_EINVALID, "a hash has 64 hex digits, this has %zu", len);
    struct sillok_id out;
    if (get_hex(out.bytes, hex, sizeof(out.bytes)) < 0)
        return fail(SILLOK_EINVALID, "a hash is written in hex digits");
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
