#include "kv_box.h"

#include "faults/script.h"

#include <stdlib.h>
#include <string.h>

const struct kv_table tables[N_TABLES] = {
    [T_PLAIN] = { "plain", 0 }, [T_DUP] = { "dup", KV_DUPFIXED }
};
const struct kv_options making = { .create = 1, .map_bytes = GIB, .map_max_bytes = GIB };
const struct kv_options for_writing = { .map_bytes = GIB, .map_max_bytes = GIB };
const struct kv_options for_reading = { .read_only = 1,
                                        .map_bytes = GIB,
                                        .map_max_bytes = GIB };

void fill(const char *path)
{
    struct kv_env *env;
    struct kv_txn *txn;
    assert_ok(kv_open(&env, path, tables, N_TABLES, &making));
    assert_ok(kv_write(env, &txn));
    for (const char *const *k = (const char *const[]){ "a", "b", "c", NULL }; *k; k++) {
        assert_ok(kv_put(txn, T_PLAIN, text_of(*k), text_of("value"), 0));
        assert_ok(kv_put(txn, T_DUP, text_of("k"), text_of(*k), 0));
    }
    assert_ok(kv_commit(txn));
    kv_close(env);
}

void box_open(struct box *b)
{
    script_clear(); /* where a test failed before it did */
    b->folder = support_folder();
    b->path = support_path(b->folder, "t.mdb");
    b->lock = support_path(b->folder, "t.mdb-lock");
    fill(b->path);
}

void box_close(struct box *b)
{
    script_clear();
    support_remove(b->folder);
    free(b->path);
    free(b->lock);
}

void assert_said(const char *what, int r, int want, const char *said)
{
    if (r != want || !strstr(sillok_error_message(), said))
        fail_msg("%s: %d, '%s', not %d, '%s'", what, r, sillok_error_message(), want,
                 said);
}
