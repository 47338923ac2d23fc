/*
 * Articles by what people have at hand instead of OID/AID: the address in a browser, the name
 * of a crawl file.
 */
#ifndef CLI_PASTED_H
#define CLI_PASTED_H

#include "base/buf.h"

/**
 * Make "OID/AID" or "OID/AID@R" of
 *   an address   http://HOST/.../OID/AID or http://HOST/...?oid=OID&aid=AID, whatever else is in
 *                its query, its fragment left out
 *   a file name  OID_AID.md or OID_AID_more.md, of a path its last part; .markdown and .txt
 * with @R behind either. Whether there is such an article is not asked.
 * @return 1; 0 @p text is neither; negative without memory
 */
int pasted_article(struct buf *out, const char *text);

#endif
