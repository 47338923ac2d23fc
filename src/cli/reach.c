#include "cli/reach.h"

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void sandbox_release_cleanup(struct sandbox *s)
{
    sandbox_release(s);
}

enum mode { MODE_AUTO, MODE_OFF, MODE_REQUIRE };

static int choose_mode(struct cli *cli, enum mode *mode)
{
    static const char *const names[] = { "auto", "off", "require" };
    const char *value = getenv("SILLOK_SANDBOX");
    *mode = (enum mode)(cli->sandbox ? cli->sandbox - 1 : 0);
    if (cli->sandbox)
        return 0;
    if (!value || !*value) {
        const int r = cli_trusted(cli, "sandbox", &value);
        if (r < 0)
            return r;
    }
    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0)
            return *mode = (enum mode)i, 0;
    return fail(SILLOK_EINVALID,
                "$SILLOK_SANDBOX must be auto, off or require, not '%.60s'", value);
}

static int allow_in(struct sandbox *s, const char *folder, const char *name, int rights)
{
    CLEANUP(free) char *path = file_in(folder, name);
    return path ? sandbox_allow(s, path, rights) : fail_memory();
}

static int has_file(const char *folder, const char *name)
{
    CLEANUP(free) char *path = file_in(folder, name);
    return path && access(path, F_OK) == 0;
}

/* For whom the file is for; where root looks at somebody's store first, for that somebody.
 * What fails here is told when it is opened, and on a medium for reading it is not needed. */
static void make_readers(const char *folder, const char *file, const char *lock)
{
    struct stat st;
    CLEANUP(free) char *path = file_in(folder, file);
    if (!path || stat(path, &st) < 0)
        return;
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const int is_root = geteuid() == 0; /* who gives it the group of the other, too */
    const int fd = open(lock, flags,
                        is_root ? file_mode_of(path, 0600) : file_mode_like(path, 0600));
    if (fd >= 0 && is_root && fchown(fd, st.st_uid, st.st_gid) < 0)
        (void)unlink(lock); /* it would be in their way */
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
}

/* Readers write too: their place in LMDB's table of readers, which the first of them
 * makes. The file of the store may be a link to another disk. */
static int allow_readers(struct sandbox *s, const char *folder, const char *file,
                         int make)
{
    CLEANUP(buf_release) struct buf lock = BUF_INIT;
    if (buf_printf(&lock, "%s/%s-lock", folder, file) < 0 ||
        buf_add_char(&lock, '\0') < 0)
        return fail_memory();
    if (make)
        make_readers(folder, file, lock.ptr);
    return sandbox_allow(s, lock.ptr, SANDBOX_READ | SANDBOX_WRITE);
}

static int allow_store(struct sandbox *s, const char *folder, int writes)
{
    static const char log[] = "proof.mdb"; /* verify and proof read it too */
    char data[SILLOK_DATA_NAME_BYTES];
    if (sillok_store_data_name(folder, data) < 0)
        return fail_memory();
    int r = allow_readers(s, folder, data,
                          has_file(folder, "format") && has_file(folder, data));
    if (r == 0 && has_file(folder, log))
        r = allow_readers(s, folder, log, 1);
    if (r == 0)
        r = allow_in(s, folder, data, SANDBOX_READ | (writes ? SANDBOX_WRITE : 0));
    return r < 0 ? r : sandbox_allow(s, folder, writes ? SANDBOX_CHANGE : SANDBOX_READ);
}

static int allow_above(struct sandbox *s, const char *path, int rights)
{
    char *copy = strdup(path);
    size_t n = copy ? strlen(copy) : 0;
    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    char *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash)
        slash[slash == copy] = '\0';
    const int r = copy ? sandbox_allow(s, slash ? copy : ".", rights) : fail_memory();
    free(copy);
    return r;
}

/* What a link leads to is replaced beside itself. */
static int allow_output(struct sandbox *s, const char *path, unsigned reach)
{
    struct stat st;
    if (reach & REACH_INTO && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return sandbox_allow(s, path, SANDBOX_CHANGE);
    char *real = realpath(path, NULL);
    int r = allow_above(s, path, SANDBOX_CHANGE);
    if (r == 0 && real)
        r = allow_above(s, real, SANDBOX_CHANGE);
    free(real);
    return r;
}

static int allow_operands(struct cli *cli, struct sandbox *s)
{
    const unsigned reach = cli->verb->reach;
    int r = 0;
    for (int i = 0; i < cli->n_args && r == 0; i++) {
        const char *path = cli->args[i];
        if (strcmp(path, "-") == 0)
            continue;
        if (reach & REACH_INPUT)
            r = sandbox_allow(s, path, SANDBOX_READ);
        else if (reach & (REACH_INTO | REACH_BESIDE) && i == 0)
            r = allow_output(s, path, reach);
    }
    return r;
}

static int allow_checkpoint(struct cli *cli, struct sandbox *s)
{
    struct sillok_setting copy;
    if (!(cli->verb->reach & REACH_CHECKPOINT) || !cli->config ||
        sillok_config_get(cli->config, "checkpoint_copy", &copy) < 0 || !*copy.value)
        return 0;
    return cli->verb->reach & REACH_STORE_WRITE
               ? allow_output(s, copy.value, REACH_BESIDE)
               : sandbox_allow(s, copy.value, SANDBOX_READ);
}

static int say_what_lacks(struct cli *cli, enum mode mode, struct sandbox_got got)
{
    const char *lacks = got.layers & SANDBOX_FILES ? "seccomp filters"
                        : got.layers & SANDBOX_CALLS
                            ? "Landlock rules"
                            : "Landlock rules and seccomp filters";
    const char *who =
        got.refused ? "refused by what it runs in: " : "not in this system or build";
    const char *why = got.refused ? strerror(got.refused) : "";
    if (got.layers == (SANDBOX_FILES | SANDBOX_CALLS))
        return 0;
    if (mode == MODE_REQUIRE)
        return fail(
            SILLOK_EIO,
            "a sandbox is required, but there are no %s here (%s%s); --sandbox auto "
            "goes on without",
            lacks, who, why);
    if (cli->verb->reach &
        REACH_INPUT) /* once a run, and only where the files are strange */
        cli_note(
            cli,
            "files are read with more rights than needed: there are no %s here (%s%s); "
            "--sandbox off does not say so",
            lacks, who, why);
    return 0;
}

int reach_limit(struct cli *cli, const char *folder)
{
    CLEANUP(sandbox_release) struct sandbox s = SANDBOX_INIT;
    enum mode mode;
    int r = choose_mode(cli, &mode);
    /* All that such a verb makes has permissions of its own, those of what it replaces. */
    if (cli->verb->reach == REACH_STORE_WRITE)
        (void)umask(0);
    /* Without a sandbox too: the table of readers is made on the way. */
    if (r == 0 && folder && !cli->limited)
        r = allow_store(&s, folder, (cli->verb->reach & REACH_STORE_WRITE) != 0);
    if (r < 0 || mode == MODE_OFF || cli->limited)
        return r;
    cli_prepare_pager(cli);
    if (cli->scratch)
        r = allow_above(&s, cli->scratch, SANDBOX_REMOVE);
    if (r == 0 && cli->scratch)
        r = sandbox_allow(&s, cli->scratch, SANDBOX_CHANGE);
    if (r == 0)
        r = allow_operands(cli, &s);
    if (r == 0)
        r = allow_checkpoint(cli, &s);
    s.clients = (cli->verb->reach & REACH_CLIENTS) != 0;
    if (r < 0)
        return r;
    const struct sandbox_got got = sandbox_enter(&s);
    cli->limited = 1;
    return say_what_lacks(cli, mode, got);
}
