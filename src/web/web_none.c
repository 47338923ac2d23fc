/* Where libmicrohttpd's headers were not there: a server that says so. */
#include "web/web.h"

volatile sig_atomic_t web_answering_fd = -1;

int web_open(struct web **out, const struct web_options *options)
{
    (void)out;
    (void)options;
    return fail(SILLOK_EIO,
                "this program was built without a server: libmicrohttpd was not "
                "there");
}

const char *web_url(const struct web *w)
{
    (void)w;
    return "";
}

int web_run(struct web *w)
{
    (void)w;
    return 0;
}

void web_close(struct web *w)
{
    (void)w;
}
