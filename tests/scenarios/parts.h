/*
 * What the table of scenarios is put together from; each runs on a store that is open, or
 * on none. Answers are appended to @p out.
 */
#ifndef SCENARIOS_PARTS_H
#define SCENARIOS_PARTS_H

#include "scenarios.h"

enum { N_ARTICLES = 7 };

int say_text(struct buf *out, struct sillok_text t);
int ask_log(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_changes(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_snapshots(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_figures(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_missing(struct sillok_store *s, const struct world *w, struct buf *out);
int say_reasons(struct sillok_store *s, struct buf *out);
int ask_refused(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_blame(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_diff(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_kind(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_foreign(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_lost(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_fold(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_verify(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_reindex(struct sillok_store *s, int dry_run, struct buf *out);
int ask_what_differs(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_find(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_near(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_export(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_tar(struct sillok_store *s, const struct world *w, struct buf *out);
int do_export(struct sillok_store *s, const struct world *w, struct buf *out);
int do_report(struct sillok_store *s, const struct world *w, struct buf *out);
int ingest(struct sillok_store *s, const char *crawl, const char *path);
int do_ingest(struct sillok_store *s, const struct world *w, struct buf *out);
int do_ingest_older(struct sillok_store *s, const struct world *w, struct buf *out);
int do_ingest_tar(struct sillok_store *s, const struct world *w, struct buf *out);
int do_reindex(struct sillok_store *s, const struct world *w, struct buf *out);
int do_backup(struct sillok_store *s, const struct world *w, struct buf *out);
int do_compact(struct sillok_store *s, const struct world *w, struct buf *out);
int do_migrate(struct sillok_store *s, const struct world *w, struct buf *out);
int do_salvage(struct sillok_store *s, const struct world *w, struct buf *out);
int do_create(struct sillok_store *s, const struct world *w, struct buf *out);
int do_begin_log(struct sillok_store *s, const struct world *w, struct buf *out);
int do_sign(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_proofs(struct sillok_store *s, const struct world *w, struct buf *out);
int ask_log_check(struct sillok_store *s, const struct world *w, struct buf *out);
int do_tiles(struct sillok_store *s, const struct world *w, struct buf *out);

#endif
