/*
 * Settings of a store: STORE/config.yaml, flat `key: value` lines.
 *
 *   zone: +09:00
 *   limits.file_bytes: 32M
 *
 * Those that begin with "fixed." are limits that are built in: told with the others, so
 * that all limits on size, depth and expansion stand in one place, they refuse any other
 * value.
 *
 * Every key is known beforehand, has a default and is checked when it is read: a mistyped
 * key or value is an error that names its line, never silently ignored.
 */
#ifndef SILLOK_CONFIG_H
#define SILLOK_CONFIG_H

#include "sillok/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_config;

/**
 * Read @p path; a file that is not there gives the defaults.
 *
 * At most 64 KiB, 10,000 YAML events, 16 levels; no aliases, no key twice, no empty map
 * or list. Nested maps are read as keys with dots, a list as one value joined by ", ".
 *
 * @param path  NULL: the defaults
 * @return SILLOK_OK, @p out is the caller's: sillok_config_free();  SILLOK_EINVALID with
 *         "PATH:LINE:COLUMN: ...", and the nearest known name for an unknown key;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_config_load(struct sillok_config **out,
                                               const char *path);
SILLOK_API void sillok_config_free(struct sillok_config *config);

/** One setting. @c key, @c help and @c fallback are static. */
struct sillok_setting {
    const char *key;
    const char *help;     /* one line */
    const char *fallback; /* the default as text */
    const char *value;    /* as effective; borrowed until the next set or free */
    int is_set;           /* 1: from the file or sillok_config_set() */
};

/** How many settings there are. */
SILLOK_API size_t sillok_config_count(void);
/** Setting @p i, in a fixed order; @p config NULL: only the static parts. Where there is none
 *  of that number all is NULL. */
SILLOK_API void sillok_config_at(const struct sillok_config *config, size_t i,
                                 struct sillok_setting *out);
/** The setting called @p key. SILLOK_EINVALID unknown, with the nearest known name. */
SILLOK_API SILLOK_CHECK int sillok_config_get(const struct sillok_config *config,
                                              const char *key,
                                              struct sillok_setting *out);
/** Set in memory. @p value NULL: back to the default. SILLOK_EINVALID unknown or unfit.
 */
SILLOK_API SILLOK_CHECK int sillok_config_set(struct sillok_config *config,
                                              const char *key, const char *value);
/**
 * Change one line of the file at @p path, made if missing; other lines and comments stay.
 * A file in which that line would not give @p key its new value, or would change another
 * setting too, is left as it is: a value over several lines, a nested or quoted key.
 * Written aside, synced, renamed into place; by one process at a time, where its folder can be
 * locked (flock()).
 * @param value  NULL: take the line out
 * @return SILLOK_OK;  SILLOK_EINVALID unknown or unfit, or which line is to be edited by
 *         hand;  SILLOK_EBUSY another process has had the folder locked for 10 s;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_config_write(const char *path, const char *key,
                                                const char *value);

/** The limits of the settings, complete. */
SILLOK_API void sillok_config_limits(const struct sillok_config *config,
                                     struct sillok_limits *out);

#ifdef __cplusplus
}
#endif
#endif
