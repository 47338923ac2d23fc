/*
 * Files: whole reads with a limit, writes that appear whole.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

#include <sys/stat.h>

/** "FOLDER/NAME", the caller's; NULL without memory. */
char *file_in(const char *folder, const char *name);
/** "a/b/" as "a/b", the caller's: one folder has one name. NULL without memory. */
char *file_without_slash(const char *path);

/** Append a regular file. SILLOK_EINVALID: larger than @p limit or not a regular file;
 *  SILLOK_ENOTFOUND; SILLOK_EIO. */
int file_read(struct buf *out, const char *path, size_t limit);
/** The same of a path that somebody gave on the command line, so that it may also be a pipe, as
 *  the shell's <(...): its end is waited for. */
int file_read_given(struct buf *out, const char *path, size_t limit);

/** write() all of it; EINTR and short writes are gone on with. */
int file_write_all(int fd, const void *ptr, size_t len);

/** fsync() that goes on after EINTR. @return as fsync(), with errno. */
int file_fsync(int fd);
/** fsync a folder, so that a rename inside it lasts. */
int file_sync_folder(const char *path);

/** The same of the folder that @p path is in. */
int file_sync_parent(const char *path);

/** flock() as @p how, LOCK_SH or LOCK_EX, for which at most @p wait_ms milliseconds are waited.
 *  0 it is locked, 1 it is still somebody else's, -1 with errno. */
int file_wait_lock(int fd, int how, int wait_ms);

/** Lock the folder that @p path is in: who changes a file there by file_replace() holds it from
 *  reading to writing. @p fd is what close() gives up; -1 where a folder cannot be locked, as
 *  on some network file systems. SILLOK_EBUSY: for 10 s another process has had it. */
int file_lock_parent(const char *path, int *fd);

/** Copy a regular file of any size to a new one, and sync it. SILLOK_ENOTFOUND;
 *  SILLOK_EEXISTS; SILLOK_EIO. */
int file_copy(const char *from, const char *to, mode_t mode);

/** Who may read and write the regular file @p path; @p otherwise where there is none. */
mode_t file_mode_of(const char *path, mode_t otherwise);

/** The same for a new file beside it. Where that is of another group, whose people nobody
 *  has let in, the group may do what everybody may. */
mode_t file_mode_like(const char *path, mode_t otherwise);

/** Write @p path aside, sync, rename into place, sync the folder. What was there passes its
 *  permissions on as file_mode_like() says, within the umask; @p mode is for a new one. */
int file_replace(const char *path, const void *ptr, size_t len, mode_t mode);

#endif
