#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "CDPDKShim.h"

static void clear(struct rte_mempool *pool, void *context, void *object, unsigned index) {
    (void)pool;
    (void)context;
    (void)index;
    struct rte_mbuf *frame = object;
    memset(frame->buf_addr, 0, frame->buf_len);
}

void stile_pool_clear(struct rte_mempool *pool) { rte_mempool_obj_iter(pool, clear, NULL); }
