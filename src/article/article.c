#include "sillok/article.h"

const char *sillok_field_name(enum sillok_field field)
{
    static const char *const names[SILLOK_N_FIELDS] = {
        "title", "category", "publisher", "author", "published_at", "modified_at", "url",
    };
    return field < SILLOK_N_FIELDS ? names[field] : "body";
}
