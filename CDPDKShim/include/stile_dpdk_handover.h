#ifndef STILE_DPDK_HANDOVER_H
#define STILE_DPDK_HANDOVER_H
#include <stdint.h>
#include <rte_ring.h>
#include "stile_dpdk_frame.h"

/* Rings of frames between workers, so that no queue of a port needs a lock. `slots` is a power of two, of which one
 * stays empty. NULL: `errno` says why. */

/* Many producers and one consumer: a worker that owns no transmit queue of a port hands its frames over to the worker
 * that does. */
struct rte_ring *stile_handover_create(const char *name, uint32_t slots);

/* One producer and one consumer: a worker hands received frames over to the worker that their flow belongs to. */
struct rte_ring *stile_spread_create(const char *name, uint32_t slots);

/* Frees a ring of either kind and the frames that are left in it. */
void stile_handover_free(struct rte_ring *ring);

/* Returns how many were taken, from the first on. */
static inline STILE_DPDK_HOT uint32_t stile_handover_put(struct rte_ring *ring, struct rte_mbuf **frames,
                                                         uint32_t count) {
    return rte_ring_mp_enqueue_burst(ring, (void *const *)frames, count, NULL);
}

static inline STILE_DPDK_HOT uint32_t stile_handover_take(struct rte_ring *ring, struct rte_mbuf **frames,
                                                          uint32_t count) {
    return rte_ring_sc_dequeue_burst(ring, (void **)frames, count, NULL);
}

/* Words that count, modulo 2^32, the frames that have been put in a ring and that have been taken out. */
const uint32_t *stile_ring_filled(const struct rte_ring *ring);
const uint32_t *stile_ring_emptied(const struct rte_ring *ring);

/* Returns how many were taken, from the first on. */
static inline STILE_DPDK_HOT uint32_t stile_spread_put(struct rte_ring *ring, struct rte_mbuf **frames,
                                                       uint32_t count) {
    return rte_ring_sp_enqueue_burst(ring, (void *const *)frames, count, NULL);
}

static inline STILE_DPDK_HOT uint32_t stile_spread_take(struct rte_ring *ring, struct rte_mbuf **frames,
                                                        uint32_t count) {
    return rte_ring_sc_dequeue_burst(ring, (void **)frames, count, NULL);
}

#endif
