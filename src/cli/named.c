#include "cli/named.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

int named_profile(struct sillok_profile **loaded, const struct sillok_profile **out,
                  const char *name)
{
    *loaded = NULL;
    *out = sillok_profile_builtin(name);
    if (*out)
        return 0;
    const struct sillok_text file = text_of(name);
    if (!strchr(name, '/') && !text_ends(file, ".yaml") && !text_ends(file, ".yml"))
        return fail(SILLOK_ENOTFOUND,
                    "there is no profile '%.80s': give naver or a FILE.yaml", name);
    const int r = sillok_profile_load(loaded, name);
    *out = *loaded;
    return r;
}

int named_profile_everywhere(char **out, const char *value)
{
    struct sillok_profile *loaded;
    const struct sillok_profile *profile;
    const int r = named_profile(&loaded, &profile, value);
    if (r < 0)
        return r;
    *out = loaded ? realpath(value, NULL) : strdup(value);
    sillok_profile_free(loaded);
    return *out ? 0 : fail_errno("cannot find the whole path of '%s'", value);
}
