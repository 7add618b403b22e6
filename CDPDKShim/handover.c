#include <errno.h>

#include <rte_errno.h>

#include "CDPDKShim.h"

static struct rte_ring *create(const char *name, uint32_t slots, unsigned flags) {
    struct rte_ring *ring = rte_ring_create(name, slots, SOCKET_ID_ANY, flags);
    if (!ring) errno = rte_errno;
    return ring;
}

struct rte_ring *stile_handover_create(const char *name, uint32_t slots) {
    return create(name, slots, RING_F_SC_DEQ);
}

struct rte_ring *stile_spread_create(const char *name, uint32_t slots) {
    return create(name, slots, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

void stile_handover_free(struct rte_ring *ring) {
    struct rte_mbuf *frames[32];
    uint32_t count;
    while ((count = stile_handover_take(ring, frames, 32)) > 0) stile_mbufs_free(frames, count);
    rte_ring_free(ring);
}

const uint32_t *stile_ring_filled(const struct rte_ring *ring) { return (const uint32_t *)&ring->prod.tail; }

const uint32_t *stile_ring_emptied(const struct rte_ring *ring) { return (const uint32_t *)&ring->cons.tail; }
