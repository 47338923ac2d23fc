/*
 * The embedded engine: what the files of src/store/lmdb_*.c share.
 *
 * Tables (keys big-endian, memcmp order). Truth first, then what reindex can rebuild.
 *
 *   meta      name                    "format", "counters", see lmdb_dict.c
 *   dict      id 4                    kind 1, bytes
 *   body      id 5 [, part 1]         see lmdb_body_row.c                    appended
 *   version   id 5                    see lmdb_body.c                        appended
 *   obs       segment 4, ordinal 5    a block of observations, obs.h         appended
 *   seg       segment 4               obs.h                                  appended
 *   ordinal   ordinal 5               keys of 64 articles, lmdb_names.c      appended
 *   extra     id 5                    name and residue, lmdb_obs.c           appended
 *   dir       id 4                    folder of a file below its crawl
 *   crawl     number 4                lmdb_crawl.c
 *   refusal   hash 16                 lmdb_crawl.c
 *   ref       name                    a small value
 *   --- derived ---
 *   hash      (one key)               first 8 bytes of SHA-256, body id 5    duplicates
 *   hashnew   first byte, number 2    such records, lmdb_hash.c
 *   article   oid 00 aid              ordinal 5, newest version 5, see lmdb_chain.c
 *   rev       ordinal 5, time 5, tie 2     version 5, crawl 4
 *   log       time 5, ordinal 5, tie 2     (empty); revisions that are not the first
 *   class     version 5, version before it 5     what the step is, lmdb_class.c
 *
 * Times in keys are seconds since 1970 plus 2^39, so that earlier ones sort before.
 */
#ifndef STORE_LMDB_H
#define STORE_LMDB_H

#include "base/map.h"
#include "diff/places.h"
#include "store/codec.h"
#include "store/kv.h"
#include "store/obs.h"
#include "store/store.h"

#include <pthread.h>
#include <sys/types.h>

enum table {
    T_META,
    T_DICT,
    T_BODY,
    T_VERSION,
    T_OBS,
    T_SEG,
    T_ORDINAL,
    T_EXTRA,
    T_DIR,
    T_CRAWL,
    T_REFUSAL,
    T_REF,
    T_HASH,
    T_ARTICLE,
    T_REV,
    T_LOG,
    T_CLASS,   /* since format 2; what is newer stands last, so that a store */
    T_HASHNEW, /* since format 4; of a time before opens without it */
    N_TABLES
};

/* docs/format.md. The present program makes the last one, and goes on with stores of the
 * two before it without anything in them that is newer than they are. */
enum {
    FORMAT_SEALED = 2,
    FORMAT_NAMED = 3, /* what compact made: the marker names the file of the data */
    FORMAT_LETTERS =
        4, /* dictionaries may have an alphabet; `hashnew`; a marker may name it */
    FORMAT_VERSION = FORMAT_LETTERS
};
enum { DATA_NAME_BYTES = SILLOK_DATA_NAME_BYTES };

enum { ID_BYTES = 5, TIME_BYTES = 5, REFUSAL_KEY_BYTES = 16 };
/* Of a hash in its table; the body's row has all of it. */
enum { HASH_PREFIX = 8, HASH_PREFIX_BEFORE = 16 /* before format 4 */ };
enum { HASH_RECORD = HASH_PREFIX + ID_BYTES };
enum { HASH_RECORD_BEFORE = HASH_PREFIX_BEFORE + ID_BYTES };
enum { ROW_SUM_BYTES = 4 };             /* of rows with a checksum */
enum { PART_KEY_BYTES = ID_BYTES + 1 }; /* of a body's row */
enum { CLASS_KEY_BYTES = 2 * ID_BYTES, ARTICLE_ROW_BYTES = 2 * ID_BYTES };
enum { NAME_IS_GUESSED = 128 }; /* in a version row's codec byte */
enum { TIE_BYTES = 2, TIE_MAX = 255 };
enum { DIRS_MAX = 1 << 16 }; /* a number above is of no folder */
enum { REV_KEY_BYTES = ID_BYTES + TIME_BYTES + TIE_BYTES, LOG_KEY_BYTES = REV_KEY_BYTES };
#define TIME_BIAS ((uint64_t)1 << 39)

/* How small texts become with the dictionary in use, see lmdb_study.c: bytes of texts, and of
 * what they were packed to; deltas are in none of it. */
struct age {
    uint64_t expected_raw, expected_packed; /* 0: nothing is */
    uint64_t raw, packed;                   /* since then, the last ones counting most */
};

/* Kept in one row; a new one is added at the end. */
struct counters {
    uint64_t commits, articles, versions, bodies, extras, dirs, segs, crawls, dicts;
    uint64_t revisions, observations, refused;
    uint64_t file_bytes, body_bytes_seen, body_bytes, body_bytes_stored;
    uint64_t plain, dictionary, delta, delta_bytes, delta_bytes_stored, dict_bytes;
    int64_t first_s, last_s;
    struct age age;
};

/* A decoded block of one segment, the last one asked for. */
struct block_cache {
    struct buf list;     /* struct obs */
    uint64_t first, end; /* ordinals [first, end) that it answers for */
    int valid;
};

struct loaded_dict {
    uint32_t id;
    enum dict_kind kind;
    struct dict *dict;
};

/* What a read or write transaction works with, loaded from the tables when they moved. */
struct state {
    int loaded;
    uint64_t commit; /* that it was loaded from, or compared with */
    struct counters counters;
    struct buf segs;   /* struct seg */
    struct buf crawls; /* struct store_crawl; names are owned */
    struct buf dirs;   /* char *, owned; index id - 1 */
    struct map dir_of; /* hash of a name -> its id, of the first n_dirs_known */
    size_t n_dirs_known;
    struct block_cache *blocks; /* one per segment */
    size_t n_blocks;
};

/* Bodies by the first 8 bytes of their hashes, see lmdb_recent.c. */
struct recent {
    uint64_t upto;                     /* the last commit that is in it */
    uint64_t newer_since, older_since; /* all later commits are in it */
    struct map newer, older;
};

/* How many hashes wait in `hashnew`, by their first byte, as of a commit; 0: not known. To
 * walk all of them for each batch would take as long as what they wait for. */
struct hash_waiting {
    uint64_t commit, all;
    uint32_t counts[256];
};

/*
 * In which order new bodies are put, so that pages become full.
 *
 * Rows are appended, and one that does not fit into the last page begins the next: what was
 * left of the last stays empty, a tenth of it, with rows as long as packed articles are.
 * So of the next FILL_WINDOW rows the longest that fits is put first. How much room there is
 * follows from what was put since the page began, and that one has begun from LMDB's count
 * of them. Until a transaction sees the first begin, rows come as they are. A row that is
 * too long for a page is cut where it is full (lmdb_body_row.c); it is not looked at whether it
 * fits.
 */
enum { FILL_WINDOW = 32 };
struct fill {
    uint64_t leaves;
    size_t page_bytes, room; /* of the last page; 0: not known */
    int cuts;                /* long rows */
};

/* The last row of keys of articles, while more are added to it, lmdb_names.c. */
struct names {
    uint64_t first; /* number of its first; 0: none is loaded */
    unsigned n;
    int dirty; /* not all of them were put */
    struct buf row;
    struct article_key last;
};

struct lmdb_store {
    struct sillok_store base;
    struct kv_env *env;
    char uuid[40];
    int format;          /* of the file that is open: 1 only with LMDB_OPEN_OLD */
    unsigned generation; /* which file that is, lmdb_data_name() */
    unsigned flags;      /* enum lmdb_open_flags */
    int read_only, wait_s, lock_fd;
    pid_t lock_owner; /* who gives the lock up; 0: the handle that this shares it with */
    struct codec_ctx *codec;
    struct store_worker *self; /* prepares what nobody else prepared */

    pthread_mutex_t dict_lock;
    struct loaded_dict *dicts;
    size_t n_dicts;
    uint64_t n_loaded; /* of so many that were ever made all that are left are here */
    uint64_t n_copied; /* of so many all that are left stand in the file twice */
    /* For new rows. A batch may load them while workers, which then pack without, look. */
    const struct dict *_Atomic current[N_DICT_KINDS];

    struct state state;
    struct kv_txn *held; /* a view that is kept from one question to the next */
    unsigned n_holds;

    /* the open batch */
    struct kv_txn *txn;
    char *crawl_name;
    int64_t crawl_no;        /* -1: nothing was written into it yet */
    struct buf pending;      /* struct obs of the current crawl, unsorted */
    struct buf pending_prev; /* uint32_t: the one before of the same article */
    struct map pending_last; /* ordinal -> index of its last */
    struct buf hashes;       /* records that are in no table yet */
    struct buf hashes_prev;
    struct map hashes_last; /* first 8 bytes -> index of the last */
    struct recent recent;
    struct hash_waiting hash_waiting;
    struct fill fill;
    struct buf row;        /* that is being put together */
    struct buf steps;      /* struct store_step of the batch without a class */
    struct buf steps_left; /* the same, of batches that are committed */
    uint64_t first_dict;   /* that was made in the batch; 0: none was */
    struct names names;
    struct buf known; /* struct known_version, see lmdb_append.c */
    struct map known_of;
    int dirty;
};

static inline struct lmdb_store *lmdb_of(struct sillok_store *s)
{
    return (struct lmdb_store *)(void *)s;
}

struct store_prepared {
    uint64_t article, version; /* the article's newest version is this very one; else 0 */
    int same_name;             /* and that is how its file is called */
    uint64_t newest;           /* the article's newest version, another one; else 0 */
    struct sillok_text class_row; /* of the step from there; may be empty */
    uint64_t body;                /* known, and its bytes were compared; else 0 */
    uint64_t body_bytes;
    uint64_t lacking_at; /* a commit that has no such body; 0: not known */
    int as_is;           /* the body is stored as it stands in the item: no payload */
    enum codec codec;
    uint32_t dict;
    uint64_t base;
    struct sillok_text payload; /* of the body */
    struct sillok_text record;  /* value of the version row after its fixed part */
    struct sillok_text residue;
    uint8_t file_digest[16]; /* of the original, where there is a residue */
};

/* keys */
struct sillok_text key_id(uint8_t out[ID_BYTES], uint64_t id);
struct sillok_text key_u32(uint8_t out[4], uint32_t v);
void key_time(uint8_t out[TIME_BYTES], int64_t time_s);
int64_t time_of_key(const uint8_t *in);
int damaged(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* lmdb_state.c */
/** Append a checksum: the low 32 bits of XXH3-64 over the row, big-endian. */
int row_seal(struct buf *row);
/** Check it and take it off. SILLOK_ECORRUPT names @p what. */
int row_open(struct sillok_text *row, const char *what);
int state_load(struct lmdb_store *s, struct kv_txn *txn);
void state_release(struct state *st);
int state_save(struct lmdb_store *s);
/** Put the row of the counters; state_save() does it with all else. */
int counters_save(struct lmdb_store *s);
int counters_load(struct kv_txn *txn, struct counters *out);
/** The row of the counters, by its key and by what it says: SILLOK_ECORRUPT. */
int counters_has_key(struct sillok_text key);
int counters_decode(struct counters *out, struct sillok_text value);
/** A read transaction for one question; reuses the open batch. Pair with view_end(). */
int view_begin(struct lmdb_store *s, struct kv_txn **out);
void view_end(struct lmdb_store *s, struct kv_txn *txn);
int lmdb_view_hold(struct sillok_store *base);
void lmdb_view_release(struct sillok_store *base);

/* lmdb_dict.c */
/** A dictionary, until the handle is closed; from its second copy where the first cannot
 *  be read. Any thread. */
int dict_get(struct lmdb_store *s, struct kv_txn *txn, uint32_t id,
             const struct dict **out);
/** All that are there, and s->current. */
int dicts_load(struct lmdb_store *s, struct kv_txn *txn);
/** Those that were trained in a batch that is given up do not exist; @p committed were
 *  ever made without it. */
void dicts_forget(struct lmdb_store *s, uint64_t committed);
/* What follows works on rows alone; @p made is how many dictionaries there ever were. */
/** Call @p fn with each, ascending. */
typedef int dict_fn(void *arg, uint32_t id, enum dict_kind kind,
                    struct sillok_text bytes);
int dicts_each(struct kv_txn *txn, uint64_t made, dict_fn *fn, void *arg);
/** Put one, of a number that is new; by @p codec a long one is packed, unless it is NULL. */
int dict_row_put(struct kv_txn *txn, struct codec_ctx *codec, uint32_t id,
                 enum dict_kind kind, struct sillok_text bytes);
/** Of a row without its sum, what stands behind the head: 1 a frame of so many bytes, 0 a
 *  dictionary, -1 neither. */
int dict_payload(struct sillok_text *row, size_t *raw_len);
/** Put the second copy of each of them that has none. */
int dicts_copy(struct kv_txn *txn, struct codec_ctx *codec, uint64_t made);
/** Call @p told with a sentence for each of which a copy is damaged. */
typedef int dict_told_fn(void *arg, const char *what);
int dicts_check(struct kv_txn *txn, uint64_t made, dict_told_fn *told, void *arg);
/** Append what a second copy was made of: the row of the table, with its sum. */
int dict_unpack(struct sillok_text packed, struct buf *out);
/** The number of the dictionary that @p key of the table meta is a second copy of; 0. */
uint32_t dict_of_copy(struct sillok_text key);
/** Put one of a new number; it is the one in use from here on. */
int dict_put(struct lmdb_store *s, enum dict_kind kind, struct sillok_text bytes);

/* lmdb_study.c */
/** A text was packed, not as a delta. */
void age_note(struct lmdb_store *s, uint64_t raw, uint64_t packed);
int lmdb_wants_study(struct sillok_store *base);
int lmdb_study(struct sillok_store *base, struct store_item *const *items, size_t n);

/* lmdb_body_row.c */
struct body_row {
    enum codec codec;
    unsigned n_parts; /* that follow; they have the rest of the payload */
    uint32_t dict;
    uint64_t base, raw_len;
    struct sillok_id id;
    struct sillok_text payload;
};
int body_row_parse(struct sillok_text value, struct body_row *out);
int body_row_get(struct kv_txn *txn, uint64_t body, struct body_row *out);
/** Give a row that was got its whole payload; @p space has it where it was in parts. */
int body_row_join(struct kv_txn *txn, uint64_t body, struct body_row *row,
                  struct buf *space);
/** How many bytes it has, whole. */
size_t body_row_bytes(const struct body_row *row);
/** Is one of so many put in parts? */
int body_row_is_cut(const struct fill *fill, size_t row_bytes);
/** Append one, of the highest number. @p stored: bytes of what was put. */
int body_row_put(struct kv_txn *txn, struct fill *fill, uint64_t body,
                 const struct body_row *row, struct buf *space, size_t *stored);
int body_row_delete(struct kv_txn *txn, uint64_t body, size_t *stored);
/** It was put (@p by 1) or removed (-1): into the figures of how bodies are stored. */
void body_row_count(struct counters *n, const struct body_row *row, size_t stored,
                    int by);

/* lmdb_body.c */
struct version_row {
    uint64_t body, article;
    int guessed_name; /* its name is meta_guess_name() of it */
    struct meta_digest digest;
    enum codec codec;
    uint32_t dict;
    uint64_t raw_len;
    struct sillok_text payload;
};
int body_read(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *c,
              uint64_t body, struct buf *out, struct sillok_id *id);
int version_row_parse(struct sillok_text value, struct version_row *out);
int version_row_get(struct kv_txn *txn, uint64_t version, struct version_row *out);
int version_read(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *c,
                 uint64_t version, int with_body, struct store_version *out);
int version_put(struct lmdb_store *s, const struct store_item *item, uint64_t body,
                uint64_t article, uint64_t *version);
int lmdb_body_put(struct sillok_store *base, struct store_item *const *items, size_t n);
int lmdb_body_get(struct sillok_store *base, const struct sillok_id *id, struct buf *out);
int lmdb_body_has(struct sillok_store *base, const struct sillok_id *ids, size_t n,
                  int *has);
int lmdb_body_scan(struct sillok_store *base, struct buf *cursor, struct sillok_id *id,
                   struct buf *out);
int lmdb_version_get(struct sillok_store *base, uint64_t version, int with_body,
                     struct store_version *out);
int lmdb_delete_unreferenced(struct sillok_store *base, uint64_t *n);

/* lmdb_hash.c */
static inline size_t hash_prefix(const struct lmdb_store *s)
{
    return s->format < FORMAT_LETTERS ? HASH_PREFIX_BEFORE : HASH_PREFIX;
}
static inline size_t hash_record_bytes(const struct lmdb_store *s)
{
    return hash_prefix(s) + ID_BYTES;
}
/** 1 with the body's number, 0 there is none. */
int body_lookup(const struct lmdb_store *s, struct kv_txn *txn,
                const struct sillok_id *id, uint64_t *body);
/** The same among the bodies of the batch, which are in no table yet. */
int hash_lookup_in_batch(struct lmdb_store *s, const struct sillok_id *id,
                         uint64_t *body);
/** 1 where the hash leads to this body (not only to one with such a hash). */
int hash_has(const struct lmdb_store *s, struct kv_txn *txn, const struct sillok_id *id,
             uint64_t body);
/** How many hashes there are. */
int hashes_count(const struct lmdb_store *s, struct kv_txn *txn, uint64_t *n);
int hash_remember(struct lmdb_store *s, const struct sillok_id *id, uint64_t body);
/** Write what was remembered. */
int hashes_flush(struct lmdb_store *s);
/** Make all anew from the bodies; hashes_flush() writes it. */
int hashes_rebuild(struct lmdb_store *s);
int lmdb_body_find(struct sillok_store *base, const struct sillok_id *prefix,
                   unsigned n_bits, struct sillok_id *out, int max);

/* lmdb_fill.c */
/** With a transaction. @p cuts: long rows are put in parts. */
int fill_begin(struct fill *f, struct kv_txn *txn, int cuts);
/** Which of the rows of these lengths comes next. */
size_t fill_choose(const struct fill *f, const size_t *row_bytes, size_t n);
/** The longest value that shares its page, and that there is room for in the last one. */
size_t fill_most(const struct fill *f, size_t key_bytes);
size_t fill_room(const struct fill *f, size_t key_bytes);
/** A row of that length was put. */
int fill_put(struct fill *f, struct kv_txn *txn, size_t key_bytes, size_t row_bytes);

/* lmdb_open.c */
/** How many of the tables a store of this format has, the first ones. */
int lmdb_n_tables(int format);

/* lmdb_prepare.c */
int lmdb_worker_new(struct sillok_store *base, int as_is, struct store_worker **out);
void lmdb_worker_free(struct store_worker *w);
int lmdb_worker_begin(struct store_worker *w);
void lmdb_worker_end(struct store_worker *w);
int lmdb_prepare(struct store_worker *w, struct store_item *item);
int lmdb_class_make(struct store_worker *w, const struct store_step *step,
                    struct buf *row);
void lmdb_prepared_free(struct store_prepared *p);

/* lmdb_recent.c */
/** A batch begins behind @p commit. */
void recent_begin(struct recent *r, uint64_t commit);
/** It was committed, with @p n bodies whose hashes stand @p stride bytes apart. */
void recent_commit(struct recent *r, const uint8_t *records, size_t n, size_t stride);
/** 1: no commit behind @p commit has put this body. 0: not known. */
int recent_lacks(const struct recent *r, const struct sillok_id *id, uint64_t commit);
void recent_release(struct recent *r);

/* lmdb_obs.c */
/** Append struct obs of an article from the segments of a crawl, @p crawl -1 of all, and the
 * open batch, unsorted. */
int obs_gather(struct lmdb_store *s, struct kv_txn *txn, uint64_t article, int64_t crawl,
               struct buf *out);
/** Those of any crawl with a time in [@p from_s, @p to_s]; segments of other times are not
 * read. */
int obs_gather_within(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                      int64_t from_s, int64_t to_s, struct buf *out);
/** 1 when the article was seen at @p time_s or later. */
int obs_seen_since(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                   int64_t time_s);
int obs_add(struct lmdb_store *s, const struct obs *o);
int obs_flush(struct lmdb_store *s);
void obs_forget(struct lmdb_store *s);
/* The first byte of its row. */
enum extra_flags { EXTRA_NAME = 1, EXTRA_RESIDUE = 2, EXTRA_FLAGS = 3 };
struct extra_row {
    int has_name, has_residue;
    struct sillok_text name, residue; /* name: whole path when has_name */
    const uint8_t *file_digest;
    uint64_t raw_len;
};
int extra_get(struct kv_txn *txn, uint64_t extra, struct extra_row *out);
int extra_put(struct lmdb_store *s, struct sillok_text name,
              const struct store_item *item, uint64_t *extra);
int dir_id(struct lmdb_store *s, struct sillok_text dir, uint32_t *id);
struct sillok_text dir_text(const struct lmdb_store *s, uint32_t id);
int obs_file_read(struct lmdb_store *s, struct kv_txn *txn, const struct chain_obs *o,
                  const struct store_version *v, struct buf *path, struct buf *data);
int lmdb_file_get(struct sillok_store *base, const struct chain_obs *o,
                  const struct store_version *v, struct buf *path, struct buf *data);

/* lmdb_names.c */
/** 1, 0 there is no article of that number. */
int names_get(struct kv_txn *txn, uint64_t article, struct article_key *key);
/** The same, where there must be one. */
int article_key_read(struct kv_txn *txn, uint64_t article, struct article_key *key);
/** The key in a row of one: 1. SILLOK_ECORRUPT: it is none. */
int names_take_single(struct sillok_text value, uint64_t article,
                      struct article_key *key);
/** Can it be a row of several keys? */
int names_is_row(struct sillok_text value);
/** Has it all keys of that one, and more? */
int names_extends(struct sillok_text row, struct sillok_text older);
/** Add the key of the next article; it is not found before names_flush(). */
int names_add(struct names *w, struct kv_txn *txn, uint64_t article,
              const struct article_key *key);
int names_flush(struct names *w, struct kv_txn *txn);
/** The transaction is over. */
void names_forget(struct names *w);
void names_release(struct names *w);

/* lmdb_chain.c */
struct article_row {
    uint64_t article, newest;
    int is_lone; /* it has one revision, which is `lone`, and no row of the table rev */
    struct chain_link lone;
};
int article_row_get(struct kv_txn *txn, const struct article_key *key,
                    struct article_row *out);
int article_row_parse(struct sillok_text value, struct article_row *out);
int chain_links(struct kv_txn *txn, uint64_t article, size_t from, size_t limit,
                struct buf *out);
/** The same, of rows of the table rev alone. */
int chain_rows(struct kv_txn *txn, uint64_t article, size_t from, size_t limit,
               struct buf *out);
/** Does the chain stand in its article's row? */
int chain_is_lone(const struct lmdb_store *s, size_t n_links);
/** Is that the row of an article with these revisions, not none? */
int article_row_fits(const struct lmdb_store *s, const struct article_row *row,
                     uint64_t article, const struct chain_link *links, size_t n);
/** The chain that follows from @p list (sorted here), as struct chain_link. */
int chain_derive(struct lmdb_store *s, struct kv_txn *txn, struct obs *list, size_t n,
                 struct buf *out);
/** Do both hold the same links? */
int chain_equal(const struct buf *a, const struct buf *b);
int lmdb_article_find(struct sillok_store *base, const struct article_key *key,
                      uint64_t *article);
int lmdb_article_key_of(struct sillok_store *base, uint64_t article,
                        struct article_key *key);
int lmdb_article_next(struct sillok_store *base, const struct article_key *after,
                      struct article_key *key, uint64_t *article);
int lmdb_chain_scan(struct sillok_store *base, uint64_t article, size_t from,
                    size_t limit, struct buf *out);
int lmdb_obs_scan(struct sillok_store *base, uint64_t article, struct buf *out);
int lmdb_obs_scan_crawl(struct sillok_store *base, uint64_t article, uint32_t crawl,
                        struct buf *out);
int lmdb_change_scan(struct sillok_store *base, int64_t from_s, int64_t to_s,
                     size_t limit, struct buf *cursor, struct buf *out);

/** The newest revision of an article: 1, 0 there is none. */
int chain_last(struct kv_txn *txn, const struct article_row *row, struct chain_link *out);
/** Put all rows of an article that has none yet; nothing is counted. */
int chain_put(struct lmdb_store *s, const struct article_key *key, uint64_t article,
              const struct chain_link *links, size_t n);
/** The same for its first revision, counted. */
int chain_begin(struct lmdb_store *s, const struct article_key *key,
                struct article_row *row, const struct chain_link *first);
/** One more revision at the end, counted. */
int chain_extend(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct chain_link *next);
/** Number of the crawl that an observation is of, one of the open batch too. */
uint32_t crawl_of_obs(const struct lmdb_store *s, const struct obs *o);
/** Replace the stored chain by the one that follows from @p all, struct obs, not none. @p
 * grew: there are more revisions than before. */
int chain_replace(struct lmdb_store *s, const struct article_key *key,
                  struct article_row *row, struct buf *all, int *grew);
/** Where a time falls: the last link that begins at it or before it, and the next one. */
struct chain_place {
    int has_before, has_after;
    struct chain_link before, after;
};
int chain_place(struct kv_txn *txn, const struct article_row *row, int64_t time_s,
                struct chain_place *out);
/** Write what @p new says where @p old was, struct chain_link: whole chains, or stretches
 * with the same neighbours that begin with the first link of the chain or with one that
 * stays. @p row becomes @p now. */
int chain_settle(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct article_row *now,
                 const struct buf *old, const struct buf *new);
struct sillok_text log_key(uint8_t out[LOG_KEY_BYTES], uint64_t article, int64_t time_s,
                           unsigned tie);

/* lmdb_insert.c */
/** Let @p o, which is not its article's newest, into the chain, from its neighbours there
 * alone: 1, or 0 where only all observations tell what follows, then nothing is done. @p
 * here: the article's other observations at that time. @p grew: there is one revision
 * more, or two. */
int chain_insert(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct obs *o, const struct buf *here,
                 int *grew);

/* lmdb_append.c */
int lmdb_obs_append(struct sillok_store *base, struct store_item *const *items, size_t n);
/** The batch is over. */
void known_forget(struct lmdb_store *s);

/* lmdb_class.c */
enum {
    CLASS_BODY_MAX = 1 << 20
}; /* bytes; longer texts are compared when somebody asks */
struct class_row {
    uint64_t rules; /* later ones than ours: all else is 0 */
    struct sillok_change_class what;
    struct place_sketch sketch;
};
struct sillok_text class_key(uint8_t out[CLASS_KEY_BYTES], const struct store_step *step);
int class_encode(struct buf *row, const struct class_row *class);
int class_decode(struct class_row *out, struct sillok_text row);
int class_row_get(struct lmdb_store *s, struct kv_txn *txn, const struct store_step *step,
                  struct class_row *out);
int class_row_put(struct lmdb_store *s, const struct store_step *step,
                  struct sillok_text row);
/** Append the row of a step: 1, or 0 when its texts are too long for one. */
int class_compute(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *codec,
                  const struct store_step *step, struct buf *row,
                  struct sillok_change_class *what);
/** Append the row of a step between articles, no text of which is longer than
 *  CLASS_BODY_MAX. */
int class_of_step(struct buf *row, struct sillok_change_class *what,
                  const struct sillok_article *before,
                  const struct sillok_article *after);
int class_remember(struct lmdb_store *s, uint64_t from, uint64_t to);
int class_commit(struct lmdb_store *s);
int lmdb_class_get(struct sillok_store *base, const struct store_step *step,
                   struct sillok_change_class *what, struct place_sketch *sketch);
int lmdb_class_left(struct sillok_store *base, struct buf *steps);
int lmdb_class_put(struct sillok_store *base, const struct store_step *steps,
                   const struct buf *rows, size_t n);

/* lmdb_reindex.c */
struct lmdb_reindex;
/** @param only_tables  what stands beside the store is left alone */
int lmdb_reindex_open(struct lmdb_reindex **out, struct sillok_store *base, int dry_run,
                      int only_tables);
/** As sillok_reindex_next(); or REINDEX_BLOCKED, again and again, when a page of a
 * derived table is damaged: what differs is known, nothing of it is written, and somebody
 * has to put a file with tables made anew in the store's place and to say so. */
enum { REINDEX_BLOCKED = 2 };
int lmdb_reindex_next(struct lmdb_reindex *it, struct sillok_reindex_event *event);
/** Why it is blocked. */
const char *lmdb_reindex_blocked(const struct lmdb_reindex *it);
/** That was done; it goes on. */
void lmdb_reindex_renewed(struct lmdb_reindex *it);
void lmdb_reindex_close(struct lmdb_reindex *it);

/* lmdb_renew.c */
int lmdb_renew_open(struct sillok_store *base,
                    const struct sillok_reindex_options *options,
                    struct sillok_reindex **out);
int lmdb_renew_next(struct sillok_reindex *it, struct sillok_reindex_event *event);
void lmdb_renew_close(struct sillok_reindex *it);

/* lmdb_copy.c */
struct sillok_copy;
/** As sillok_compact_open(), but texts stay as they are packed, and all that is derived
 * is not copied but derived again. */
int lmdb_renewal_open(struct sillok_copy **out, struct sillok_store *store);

/* lmdb_crawl.c */
struct store_crawl *crawl_of(struct lmdb_store *s, uint32_t no);
int crawl_ensure(struct lmdb_store *s, struct store_crawl **out);
int crawl_decode(struct store_crawl *out, uint32_t no, struct sillok_text value);
/** The same, with the name where it stands: out->name is NULL. */
int crawl_parse(struct store_crawl *out, uint32_t no, struct sillok_text value,
                struct sillok_text *name);
int crawl_save(struct lmdb_store *s, const struct store_crawl *c);
/** What observations and chains say of crawls, to compare with their rows. */
struct crawl_tally {
    uint64_t observations, mismatches, first_revisions, later_revisions;
};
struct crawl_tallies {
    struct buf list; /* struct crawl_tally */
    struct map of;   /* number of a crawl -> its place in the list */
};
void crawl_tallies_init(struct crawl_tallies *t);
void crawl_tallies_release(struct crawl_tallies *t);
/** That of a crawl, zeros to begin with; until another is asked for. NULL: no memory. */
struct crawl_tally *crawl_tally(struct crawl_tallies *t, uint32_t crawl);
/** The revisions of a chain. */
int crawl_tally_links(struct crawl_tallies *t, const struct chain_link *links, size_t n);
int lmdb_refuse(struct sillok_store *base, const struct store_refusal *r, int *is_new);
int lmdb_crawls(struct sillok_store *base, struct store_crawl **out, size_t *n);
int lmdb_crawl_articles(struct sillok_store *base, uint32_t crawl, struct buf *bits);
int lmdb_refusal_scan(struct sillok_store *base, struct buf *cursor, struct buf *record,
                      struct sillok_refusal *out, char key_hex[33]);
int refusal_next(struct lmdb_store *s, struct kv_txn *txn, struct buf *cursor,
                 struct buf *record, struct sillok_refusal *out, char key_hex[33]);
int refusal_read(struct lmdb_store *s, struct kv_txn *txn, const char *key_hex,
                 struct buf *out);
int lmdb_refusal_get(struct sillok_store *base, const char *key_hex, struct buf *out);
int lmdb_ref_get(struct sillok_store *base, const char *name, struct buf *out);
int lmdb_ref_cas(struct sillok_store *base, const char *name,
                 struct sillok_text old_value, struct sillok_text new_value);

/* lmdb_open.c */
const char *lmdb_table_name(int table);
int lmdb_store_create(const char *path);
/** A store of an older format is opened too, for reading: for whoever makes a new one of
 *  it. Derived tables that it does not have are empty. */
enum lmdb_open_flags { LMDB_OPEN_OLD = 1 << 0 };
int lmdb_store_open(struct sillok_store **out, const char *path,
                    const struct sillok_store_options *options, size_t map_start,
                    unsigned flags);
/** Does the marker name another file than the one that is open? 1, 0, or negative: it cannot
 *  be read now, so either may be. */
int lmdb_has_moved(struct sillok_store *base);
/** Where another process compacted the store meanwhile, it is opened anew.
 *  @return 0;  SILLOK_EBUSY somebody writes, or that happened while this handle was in
 *          use
 */
int lmdb_lock(struct sillok_store *base);

/* Generations: docs/architecture.md, "Compacting". */
/** "data.mdb", or from 1 on "data-N.mdb". */
void lmdb_data_name(char out[DATA_NAME_BYTES], unsigned generation);
/** The marker of a store, and the row that has to be the same. */
int lmdb_marker(struct buf *out, const char *uuid, unsigned generation);
/** SILLOK_EINVALID where the marker, which may be damaged or missing, says a later format than ours. */
int lmdb_refuse_newer(const char *path);
/** Open the file of another generation, which nobody else knows of yet, for reading, or
 *  for writing under the lock that @p s holds. */
int lmdb_generation_open(struct sillok_store **out, const struct lmdb_store *s,
                         unsigned generation, int read_only);
/** Remove every file of a generation that is not that of @p s, whose lock is held. */
int lmdb_generations_clean(struct lmdb_store *s);
/** The one step: the files of @p generation, which are complete and closed, are those of
 *  the store from here on, durably. @p switched tells, also after a failure, and 1 where
 *  that cannot be told: they must stay. The others are still there. */
int lmdb_generation_switch(struct lmdb_store *s, unsigned generation, int *switched);
/** Go on with the file that the marker names by now. */
int lmdb_follow(struct lmdb_store *s);
/** Keep writers away from the store @p folder as long as @p fd is open. A lock that
 * cannot be had, on a medium for reading or in a damaged store, is none.
 *  @return 0;  SILLOK_EBUSY somebody writes */
int lmdb_lock_shared(const char *folder, int *fd);
/** Whether there is nothing at @p path, where a store is to be made.
 *  @return 0;  SILLOK_EEXISTS;  SILLOK_EIO */
int lmdb_aside_is_free(const char *path);
/** A folder beside @p path in which a store is made; its name is the caller's. */
int lmdb_aside_make(char **out, const char *path);
/** Sync it, give it the name @p path and make that last. After a failure it has its own
 *  name again; where even that fails it stays at @p path, whole.
 *  @return 0;  SILLOK_EEXISTS;  SILLOK_EIO;  SILLOK_ENOMEM */
int lmdb_aside_place(const char *aside, const char *path);
/** After a failure that is reported: as much of it as can be. */
void lmdb_aside_remove(const char *aside);
/** A new file of our tables at @p path for rows out of another store, with no more around
 *  it than reading rows needs: codec, dictionaries, folders. */
int lmdb_open_rows(struct lmdb_store **out, const char *path, size_t map_bytes,
                   const char *like);
void lmdb_close_rows(struct lmdb_store *s);

void lmdb_close(struct sillok_store *base);

/* lmdb_squeeze.c */
/** Rows as small as they get. */
struct squeeze;
/** Of @p from as @p view sees it; both must stay.
 *  @param level  of zstd, 1 to 22 */
int squeeze_new(struct squeeze **out, struct lmdb_store *from, struct kv_txn *view,
                int level);
void squeeze_free(struct squeeze *q);
/** Choose the dictionaries: the first step, which looks at a sample of all. */
int squeeze_train(struct squeeze *q);
/** Put those that were chosen. */
int squeeze_dicts(struct squeeze *q, struct kv_txn *txn);
/** A row of the table of bodies. It waits with others, and gets a new number.
 *  @return 0;  SILLOK_ECORRUPT it is not what was stored */
int squeeze_body(struct squeeze *q, struct sillok_text key);
/** Put the next of those that wait: of as many as there are to choose from, or the rest of
 *  them @p all.
 *  @return 1 with how many bytes that took;  0 there is none */
int squeeze_put_body(struct squeeze *q, struct kv_txn *txn, int all, size_t *stored);
/** @p value, a row of any other table, becomes what is stored instead of it, borrowed until
 *  the next call; after all bodies. 1, or as squeeze_body(). */
int squeeze_row(struct squeeze *q, int table, struct sillok_text key,
                struct sillok_text *value);
/** After all rows: the counters of what was made of them; borrowed. */
const struct counters *squeeze_counters(struct squeeze *q);

/* lmdb_verify.c */
int lmdb_verify_open(struct sillok_store *base,
                     const struct sillok_verify_options *options,
                     struct sillok_verify **out);
int lmdb_verify_next(struct sillok_verify *it, struct sillok_verify_event *event);
void lmdb_verify_close(struct sillok_verify *it);

/* lmdb_batch.c */
int lmdb_begin(struct sillok_store *base, const char *crawl);
int lmdb_commit(struct sillok_store *base);
void lmdb_abort(struct sillok_store *base);
/** End of a writing step: a full map becomes STORE_RETRY. */
int batch_result(struct lmdb_store *s, int r);

#endif
