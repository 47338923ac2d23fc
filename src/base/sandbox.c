#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sandbox_rule {
    int fd; /* O_PATH */
    int rights, is_folder;
};

void sandbox_release(struct sandbox *s)
{
    const struct sandbox_rule *rules = (const struct sandbox_rule *)(void *)s->rules.ptr;
    for (size_t i = 0; i < s->rules.len / sizeof(*rules); i++)
        (void)close(rules[i].fd); /* it was never read or written */
    buf_release(&s->rules);
}

int sandbox_allow(struct sandbox *s, const char *path, int rights)
{
    struct stat st;
    struct sandbox_rule rule = { .rights = rights };
    if (!rights)
        return 0;
    rule.fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0
                                                   : fail_errno("cannot open '%s'", path);
    rule.is_folder = fstat(rule.fd, &st) == 0 && S_ISDIR(st.st_mode);
    const int r = buf_add(&s->rules, &rule, sizeof(rule));
    if (r < 0)
        (void)close(rule.fd);
    return r;
}

/* --- files: Landlock, https://docs.kernel.org/userspace-api/landlock.html --- */

/* Newer than the headers may be. */
#define FS_REFER     (1ull << 13) /* ABI 2 */
#define FS_TRUNCATE  (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
enum {
    NET_TCP = 3 /* bind and connect, ABI 4 */,
    SCOPES = 3 /* sockets, signals, ABI 6 */
};

struct ruleset {
    uint64_t fs, net,
        scoped; /* each newer than the one before: as many bytes as are known */
};

static const uint64_t of_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV;
static const uint64_t of_folders =
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | FS_REFER;

/* All that this kernel can refuse. */
static struct ruleset everything(int abi)
{
    struct ruleset all = { .fs = of_files | of_folders };
    if (abi < 2)
        all.fs &= ~FS_REFER;
    if (abi < 3)
        all.fs &= ~FS_TRUNCATE;
    if (abi < 5)
        all.fs &= ~FS_IOCTL_DEV;
    all.net = abi < 4 ? 0 : NET_TCP;
    all.scoped = abi < 6 ? 0 : SCOPES;
    return all;
}

/* At each open the kernel asks, beside what is wanted, whether the file might be cut later, and
 * goes through all folders above it unless that is allowed: half a microsecond a file. So it is,
 * where the filter of calls stands before it: without the right to write a file is cut by
 * truncate(), which is not in its list, and by O_TRUNC, which it looks for. */
static uint64_t access_of(const struct sandbox_rule *rule, int has_filter)
{
    uint64_t access = 0;
    if (rule->rights & SANDBOX_READ)
        access |= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                  (has_filter ? FS_TRUNCATE : 0);
    if (rule->rights & SANDBOX_WRITE)
        access |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
    if (rule->rights & SANDBOX_CHANGE)
        access |= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                  LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE |
                  LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;
    if (rule->rights & SANDBOX_REMOVE)
        access |= LANDLOCK_ACCESS_FS_REMOVE_DIR;
    return rule->is_folder ? access : access & of_files;
}

/* It answers EINVAL where there are none, else that a filter is not to be found at NULL. */
static int has_filters(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno == EFAULT;
}

static int add_rules(const struct sandbox *s, int ruleset, const struct ruleset *all)
{
    const struct sandbox_rule *rules = (const struct sandbox_rule *)(void *)s->rules.ptr;
    const int has_filter = has_filters();
    for (size_t i = 0; i < s->rules.len / sizeof(*rules); i++) {
        const struct landlock_path_beneath_attr rule = {
            .allowed_access = access_of(&rules[i], has_filter) & all->fs,
            .parent_fd = rules[i].fd,
        };
        /* A pipe without a name, as the shell's <(...), is EBADFD: it is in no file system,
         * and open to whoever holds it, with rules or without. */
        if (rule.allowed_access &&
            syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
                    0) < 0 &&
            errno != EBADFD)
            return -1;
    }
    return 0;
}

static void enter_landlock(const struct sandbox *s, struct sandbox_got *got)
{
    const long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const struct ruleset all = everything((int)abi);
    const size_t known = abi < 4 ? 8 : abi < 6 ? 16 : 24;
    const int fd =
        abi < 1 ? -1 : (int)syscall(SYS_landlock_create_ruleset, &all, known, 0);
    if (fd >= 0 && add_rules(s, fd, &all) == 0 &&
        syscall(SYS_landlock_restrict_self, fd, 0) == 0)
        got->layers |= SANDBOX_FILES;
    else if (errno != ENOSYS && errno != EOPNOTSUPP) /* not built in, not switched on */
        got->refused = errno;
    if (fd >= 0)
        (void)close(fd); /* it was never read or written */
}

/* --- calls: seccomp --- */

static void enter_seccomp(const struct sandbox *s, struct sandbox_got *got)
{
    static struct sock_filter filter[] = {
#include "base/sandbox_filter.inc"
    };
    static struct sock_filter of_server[] = {
#include "base/sandbox_filter_clients.inc"
    };
    const struct sock_fprog usual = { sizeof(filter) / sizeof(filter[0]), filter };
    const struct sock_fprog server = { sizeof(of_server) / sizeof(of_server[0]),
                                       of_server };
    const struct sock_fprog program = s->clients ? server : usual;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        got->layers |= SANDBOX_CALLS;
    else if (errno != EINVAL) /* the kernel has no filters */
        got->refused = errno;
}

/* --- both --- */

struct sandbox_got sandbox_enter(const struct sandbox *s)
{
    struct sandbox_got got = { 0 };
    const struct rlimit none = { 0, 0 };
    /* Without these two the layers are entered all the same, or refused with a reason. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    enter_landlock(s, &got);
    enter_seccomp(s, &got);
    return got;
}
