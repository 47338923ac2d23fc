/*
 * libmicrohttpd, opened when a server begins and not before: it brings TLS along, and the
 * other verbs would pay for that each time they start.
 */
#ifndef WEB_MHD_H
#define WEB_MHD_H

#include <microhttpd.h>

#define MHD_CALLS(call)                                                                  \
    call(start_daemon) call(stop_daemon) call(run_wait) call(queue_response)             \
        call(create_response_from_buffer) call(add_response_header)                      \
            call(destroy_response) call(get_connection_values) call(get_connection_info)

struct mhd {
    void *library;
#define MHD_CALL(name) __typeof__(&MHD_##name) name;
    MHD_CALLS(MHD_CALL)
#undef MHD_CALL
};

/** @return 0;  SILLOK_EIO it is not installed, the message says what is */
int mhd_open(struct mhd *m);
void mhd_close(struct mhd *m);

#endif
