#include "made.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static pid_t owner;

static void remove_files(void)
{
    char path[400];
    snprintf(path, sizeof(path), "%s/store", folder);
    DIR *d = getpid() == owner ? opendir(path) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        snprintf(path, sizeof(path), "%s/store/%s", folder, e->d_name);
        (void)unlink(path);
    }
    if (!d)
        return;
    (void)closedir(d);
    snprintf(path, sizeof(path), "%s/in.ndjson", folder);
    (void)unlink(path);
    snprintf(path, sizeof(path), "%s/store", folder);
    (void)rmdir(path);
    (void)rmdir(folder);
}

struct sillok_store *fuzz_store(void)
{
    struct sillok_store *store;
    struct sillok_store_options options = { .create = 1 };
    char path[80];
    snprintf(folder, sizeof(folder), "/dev/shm/fuzz-store-XXXXXX");
    fuzz_expect(mkdtemp(folder) != NULL, "a folder");
    owner = getpid();
    atexit(remove_files);
    snprintf(path, sizeof(path), "%s/store", folder);
    fuzz_done(sillok_store_open(&store, path, &options), "a store");
    return store;
}

void fuzz_write(const char *path, struct sillok_text bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_expect(fd >= 0 && file_write_all(fd, bytes.ptr, bytes.len) == 0 &&
                    close(fd) == 0,
                "a file");
}

int fuzz_ingest(struct sillok_store *store, const char *crawl, struct sillok_text lines)
{
    struct sillok_ingest *in;
    struct sillok_ingest_event event;
    struct sillok_ingest_options how = { .crawl = crawl, .jobs = 1 };
    char path[80];
    snprintf(path, sizeof(path), "%s/in.ndjson", folder);
    fuzz_write(path, lines);
    int r = sillok_ingest_new(&in, store, &how);
    if (r < 0)
        return r;
    fuzz_done(sillok_ingest_add(in, path), "a source");
    while ((r = sillok_ingest_next(in, &event)) > 0)
        fuzz_expect(event.kind != SILLOK_INGEST_REFUSED, "our own articles");
    sillok_ingest_free(in);
    return r;
}
