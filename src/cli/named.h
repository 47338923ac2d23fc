/*
 * Profiles by what a user calls them: a built-in name or a file.
 */
#ifndef CLI_NAMED_H
#define CLI_NAMED_H

#include "sillok/article.h"

/**
 * Find the profile @p name.
 *
 * @param loaded  [out] of a file: to be freed; else NULL
 * @param out     the built-in one or @p loaded
 * @return 0;  SILLOK_ENOTFOUND there is none;  SILLOK_EINVALID it is none
 */
int named_profile(struct sillok_profile **loaded, const struct sillok_profile **out,
                  const char *name);

/**
 * What to write down for @p value, so that it names the same profile from every folder: a
 * file's whole path. What is no profile is told now, and not by each ingest.
 *
 * @param out  [out] on the heap
 */
int named_profile_everywhere(char **out, const char *value);

#endif
