#ifndef STILE_DPDK_GENERATOR_H
#define STILE_DPDK_GENERATOR_H
#include <stdint.h>
#include <rte_cycles.h>
#include "stile_dpdk_frame.h"

/* What the traffic generator needs beside what a worker does. */

/* The processor's time-stamp counter, stile_cycles_per_second() ticks a second. */
static inline STILE_DPDK_HOT uint64_t stile_time_stamp(void) { return rte_rdtsc(); }

/* Writes zeros to the storage of every frame of a pool that has all of its frames. */
void stile_pool_clear(struct rte_mempool *pool);

#endif
