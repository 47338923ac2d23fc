/*
 * A sentence that was found, as a row and as an object: for `find` and for the server.
 */
#ifndef CLI_FOUND_H
#define CLI_FOUND_H

#include "cli/objects.h"
#include "sillok/find.h"

extern const struct listing listing_found;
/** All of it but the marks. */
int put_found_row(struct out *out, const struct sillok_find_row *row);
/** With the marks. NULL: no memory. */
json_t *object_of_found(const struct sillok_find_row *row);

#endif
