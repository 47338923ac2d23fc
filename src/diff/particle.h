/*
 * Korean particles that go by the sound before them: 유죄를 but 찬성을, 2로 but 3으로. Where
 * only that differs, the word before it is what changed.
 */
#ifndef DIFF_PARTICLE_H
#define DIFF_PARTICLE_H

#include "base/buf.h"

/** 1 when @p a begins with one form of a particle and @p b with its other; their bytes. */
int particle_forms(struct sillok_text a, size_t *a_len, struct sillok_text b,
                   size_t *b_len);

/** 1 when @p w is @p unit and nothing, or a particle: 건이, not 건설. */
int particle_is_unit(struct sillok_text w, const char *unit);

#endif
