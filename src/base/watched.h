/*
 * Does AddressSanitizer watch memory? gcc and clang say so each in their own way.
 */
#ifndef BASE_WATCHED_H
#define BASE_WATCHED_H

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_IS_WATCHED 1
#endif
#endif
#ifndef MEMORY_IS_WATCHED
#define MEMORY_IS_WATCHED 0
#endif

#endif
