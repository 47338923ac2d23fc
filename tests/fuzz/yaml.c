/*
 * YAML: the settings, a profile, and the front matter of others. Oracle: the settings
 * that were read fit their types and, written into a new file, read back the same; the
 * flat list that comes out of any document, written as the plainest YAML, gives the same
 * list.
 */
#include "fuzz.h"

#include "article/profile.h"
#include "article/yaml.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- the list --- */

static void add_quoted(struct buf *out, struct sillok_text t)
{
    (void)buf_add_char(out, '"');
    while (t.len) {
        uint32_t cp;
        const size_t n = utf8_decode(t.ptr, t.len, &cp);
        (void)buf_printf(out, "\\U%08X", (unsigned)cp);
        t = text_make(t.ptr + n, t.len - n);
    }
    (void)buf_add_char(out, '"');
}

static void read_list(struct sillok_text text)
{
    static const struct yaml_limits limits = { 64 << 10, 16, 10000, 0 };
    static const struct yaml_limits wide = { 16 << 20, 16, 1 << 20, 0 };
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    struct yaml_map map, again;
    if (fuzz_failed(yaml_read(&map, text, "x.yaml", &limits), SILLOK_EINVALID))
        return;
    for (size_t i = 0; i < map.n; i++) {
        fuzz_expect(map.entries[i].line > 0 && map.entries[i].column > 0, "a place");
        fuzz_expect(utf8_valid(map.entries[i].path) && utf8_valid(map.entries[i].value),
                    "UTF-8 comes out");
        (void)buf_add_str(&plain, "? ");
        add_quoted(&plain, map.entries[i].path);
        (void)buf_add_str(&plain, "\n: ");
        add_quoted(&plain, map.entries[i].value);
        (void)buf_add_char(&plain, '\n');
    }
    if (map.n) {
        fuzz_done(yaml_read(&again, fuzz_text(&plain), "plain.yaml", &wide),
                  "plain YAML");
        fuzz_expect(again.n == map.n, "as many entries");
        for (size_t i = 0; i < map.n; i++) {
            fuzz_equal(again.entries[i].path, map.entries[i].path, "a key");
            fuzz_equal(again.entries[i].value, map.entries[i].value, "a value");
            fuzz_expect(yaml_find(&map, "no such key") == NULL, "what is not there");
        }
        yaml_map_release(&again);
    }
    yaml_map_release(&map);
}

/* --- settings --- */

static void check_limits(const struct sillok_config *config)
{
    struct sillok_limits l;
    sillok_config_limits(config, &l);
    fuzz_expect(l.file_bytes >= 1 && l.front_matter_bytes >= 1 && l.field_bytes >= 1 &&
                    l.front_matter_keys >= 1 && l.archive_bytes >= 1 &&
                    l.archive_ratio >= 1 && l.folder_depth >= 1 &&
                    l.map_bytes >= (uint64_t)1 << 20,
                "limits are limits");
}

/* Set in a second config, and written into a file and read from there. */
static void read_settings(const uint8_t *data, size_t size)
{
    static char path[64];
    struct sillok_config *config = NULL, *copy = NULL;
    if (fuzz_failed(sillok_config_load(&config, fuzz_file(data, size)), SILLOK_EINVALID))
        return;
    check_limits(config);
    const int thorough = fuzz_thorough(data, size);
    if (!*path)
        snprintf(path, sizeof(path), "/dev/shm/fuzz-yaml-%d", (int)getpid());
    (void)unlink(path);
    fuzz_done(sillok_config_load(&copy, NULL), "the defaults");
    struct sillok_setting a, b;
    int n_set = 0;
    for (size_t i = 0; i < sillok_config_count(); i++) {
        sillok_config_at(config, i, &a);
        fuzz_done(sillok_config_set(copy, a.key, a.value), "a value that was read fits");
        n_set += a.is_set;
        if (thorough && a.is_set)
            fuzz_done(sillok_config_write(path, a.key, a.value), "it can be written");
    }
    if (thorough && n_set) {
        sillok_config_free(copy);
        fuzz_done(sillok_config_load(&copy, path), "what we wrote");
    }
    for (size_t i = 0; i < sillok_config_count(); i++) {
        sillok_config_at(config, i, &a);
        sillok_config_at(copy, i, &b);
        fuzz_equal(text_of(b.value), text_of(a.value), "a setting");
    }
    (void)unlink(path);
    sillok_config_free(config);
    sillok_config_free(copy);
}

static void read_profile(const uint8_t *data, size_t size)
{
    struct sillok_profile *p;
    if (fuzz_failed(sillok_profile_load(&p, fuzz_file(data, size)), SILLOK_EINVALID))
        return;
    fuzz_expect(sillok_profile_name(p) != NULL, "a profile has a name");
    fuzz_expect(p->zone_min > -15 * 60 && p->zone_min < 15 * 60, "and a zone");
    for (int i = 0; i < N_KEYS; i++) {
        const int found = profile_key(p, p->keys[i]);
        fuzz_expect(found >= 0 && found <= i, "its keys are found");
        fuzz_equal(p->keys[found], p->keys[i], "under their names");
    }
    sillok_profile_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_list(text_make((const char *)data, size));
    read_settings(data, size);
    read_profile(data, size);
    return 0;
}
