/* What the server answers to "/api/...": the rows that the verbs print with --json. */
#ifndef CLI_API_H
#define CLI_API_H

#include "cli/cli.h"
#include "web/web.h"

/** 1 done, 0 there is no such thing, negative error; as struct web_options wants it. */
int api_answer(struct cli *cli, struct sillok_store *store, const struct web_request *q,
               struct web_response *a);

#endif
