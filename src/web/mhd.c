#include "web/mhd.h"

#include "base/fail.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libmicrohttpd.so.12"

int mhd_open(struct mhd *m)
{
    memset(m, 0, sizeof(*m));
    m->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!m->library)
        return fail(SILLOK_EIO,
                    "the server needs libmicrohttpd (Debian: libmicrohttpd12): %s",
                    dlerror());
    int missing = 0;
#define MHD_CALL(name)                                                                   \
    *(void **)&m->name = dlsym(m->library, "MHD_" #name);                                \
    missing |= !m->name;
    MHD_CALLS(MHD_CALL)
#undef MHD_CALL
    if (!missing)
        return 0;
    mhd_close(m);
    return fail(SILLOK_EIO, "'" LIBRARY "' is not the libmicrohttpd that is needed");
}

void mhd_close(struct mhd *m)
{
    if (m->library)
        (void)dlclose(m->library);
    memset(m, 0, sizeof(*m));
}
