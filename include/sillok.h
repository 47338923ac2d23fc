/* All public headers of sillok. */
#ifndef SILLOK_H
#define SILLOK_H

#include "sillok/base.h"
#include "sillok/article.h"
#include "sillok/store.h"
#include "sillok/ingest.h"
#include "sillok/diff.h"
#include "sillok/history.h"
#include "sillok/blame.h"
#include "sillok/export.h"
#include "sillok/audit.h"
#include "sillok/maintenance.h"
#include "sillok/config.h"
#include "sillok/near.h"
#include "sillok/find.h"
#include "sillok/report.h"
#include "sillok/proof.h"

#endif
