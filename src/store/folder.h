/*
 * What a copy of a store takes along besides its tables.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

/** The settings, and what a salvage found without knowing whose it is (bodies/). What is
 *  not there is not copied; in @p to there may be no bodies/.
 *  @return 0;  SILLOK_EINVALID larger than such a file can be;  SILLOK_EIO;
 *  SILLOK_ENOMEM */
int folder_copy(const char *from, const char *to);

/** The same of a store that may be damaged: what is not what it was is told, in a sentence,
 *  and left behind. @return 0;  what @p told returns;  SILLOK_EIO;  SILLOK_ENOMEM */
typedef int folder_told_fn(void *arg, const char *what);
int folder_salvage(const char *from, const char *to, folder_told_fn *told, void *arg);

/** The log of proofs, whose lock is held: nobody writes to it. The secret key stays where
 *  it is. @return 0;  SILLOK_EEXISTS;  SILLOK_EIO;  SILLOK_ENOMEM */
int folder_copy_log(const char *from, const char *to);

/** As much of bodies/ as can be: after a failure that is told by itself. */
void folder_remove_bodies(const char *folder);

#endif
