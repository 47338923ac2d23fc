/*
 * What the settings know of limits, for who is given them in another way.
 */
#ifndef ARTICLE_CONFIG_H
#define ARTICLE_CONFIG_H

#include "sillok/base.h"

/** 0;  SILLOK_EINVALID one of them is more than its setting takes, the message says which and
 *  how much: what reads and stores texts relies on that. */
int config_check_limits(const struct sillok_limits *limits);

#endif
