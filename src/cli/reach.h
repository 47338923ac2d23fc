/*
 * What a verb may touch, and the sandbox that holds it to that (base/sandbox.h).
 *
 * Each verb says in its struct what it needs (enum verb_reach in verb.h); reach_limit()
 * is called when the settings are known and before the store is opened, because a store
 * may come from anywhere too. Everything else of the system is out of reach from then on.
 */
#ifndef CLI_REACH_H
#define CLI_REACH_H

struct cli;

/**
 * Enter the sandbox of cli->verb, once; --sandbox, $SILLOK_SANDBOX and the setting
 * 'sandbox' say how: off, auto (as far as the system can) or require.
 * @param folder  of the store; NULL where it has none
 * @return 0;  SILLOK_EINVALID not a mode;  SILLOK_EIO it is required and not to be had
 */
int reach_limit(struct cli *cli, const char *folder);

#endif
