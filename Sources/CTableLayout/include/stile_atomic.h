#ifndef STILE_ATOMIC_H
#define STILE_ATOMIC_H
#include <stdint.h>

/* The few atomic operations that shared memory needs. Swift's own atomics want storage that Swift owns;
 * these work on a word in a mapping. `STILE_HOT` lets the compiler's @_noLocks check accept them. */
#ifdef __clang__
#define STILE_HOT __attribute__((swift_attr("@_noLocks")))
#else
#define STILE_HOT
#endif

static inline STILE_HOT uint32_t stile_load_acquire_u32(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline STILE_HOT uint64_t stile_load_acquire_u64(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline STILE_HOT uint32_t stile_load_relaxed_u32(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
static inline STILE_HOT uint64_t stile_load_relaxed_u64(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
static inline STILE_HOT void stile_store_release_u32(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
static inline STILE_HOT void stile_store_release_u64(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
static inline STILE_HOT void stile_store_relaxed_u8(uint8_t *p, uint8_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
static inline STILE_HOT void stile_store_relaxed_u32(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
static inline STILE_HOT void stile_store_relaxed_u64(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
/* Raises a word that only the caller writes. Both accesses are atomic, so that the compiler may make one addition to
 * memory of them; there is no lock prefix. */
static inline STILE_HOT void stile_raise_u64(uint64_t *p, uint64_t v) { stile_store_relaxed_u64(p, stile_load_relaxed_u64(p) + v); }
/* 1: the word was `expected` and is `desired` now. On a failure `expected` is what it was. */
static inline STILE_HOT int stile_compare_exchange_u64(uint64_t *p, uint64_t *expected, uint64_t desired) {
    return __atomic_compare_exchange_n(p, expected, desired, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
static inline STILE_HOT void stile_add_relaxed_u64(uint64_t *p, uint64_t v) { __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }
static inline STILE_HOT void stile_fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

#endif
