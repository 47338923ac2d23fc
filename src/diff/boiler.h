/*
 * Boilerplate of news: who wrote it, how to reach them, whose rights, where to subscribe.
 *
 * Told by words and their neighbours, sentence by sentence: "/홍길동 기자",
 * "a@example.com", "사진=연합뉴스", "[하늘시 제공]", "#하늘 #나무", "ⓒ ... 무단전재", "(서울=연합뉴스)", "▶ 구독하기".
 * Prose that speaks of a reporter ("홍길동 기자는", "현직 기자 3명") is not touched, nor is what tells
 * of tips and rights ("저작권자의 손을 들어줬다").
 */
#ifndef DIFF_BOILER_H
#define DIFF_BOILER_H

#include "base/buf.h"

/** Append @p t without its boilerplate; SILLOK_ENOMEM, or 0. */
int boiler_strip(struct buf *out, struct sillok_text t);

/** 1 when @p t has letters, and none outside boilerplate; 0 if not; or SILLOK_ENOMEM. */
int boiler_is_all(struct sillok_text t);

/** What the words of a piece are where they stand. */
enum boiler { BOILER_NONE, BOILER_OTHER, BOILER_BYLINE, BOILER_STAMP };

/** What @p t, a piece of @p all, is in its sentence: words that are boilerplate by themselves
 *  need not be; or SILLOK_ENOMEM. */
int boiler_stands_in(struct sillok_text t, struct sillok_text all);

/** 1 when @p word, without a particle, is what a reporter is called: 기자, 특파원, ... */
int boiler_is_role(struct sillok_text word);

#endif
