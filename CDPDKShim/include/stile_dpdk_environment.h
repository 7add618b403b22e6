#ifndef STILE_DPDK_ENVIRONMENT_H
#define STILE_DPDK_ENVIRONMENT_H
#include <pthread.h>
#include <stdint.h>

/* DPDK's environment abstraction layer (EAL): memory, buses and drivers. One per process, started once. */

/* Starts the EAL with the given arguments (the first is the program's name). Returns 0, or a negative errno
 * with its text in `error`. */
int stile_environment_start(int argument_count, char **arguments, char *error, uint32_t error_bytes);

/* Gives back what the EAL holds. Every port is closed and every worker has ended before. */
void stile_environment_stop(void);

/* "DPDK 22.11.11" or the like. */
const char *stile_environment_version(void);

/* Ticks per second of the processor's time-stamp counter. */
uint64_t stile_cycles_per_second(void);

/* Makes the calling thread known to DPDK, so that it has caches of its own in the frame pools.
 * Returns 0 or a negative errno. */
int stile_thread_register(void);
void stile_thread_unregister(void);

/* The name that ps and top show, cut to 15 characters. */
void stile_thread_set_name(pthread_t thread, const char *name);

/* Ties the calling thread to one processor. Returns 0 or a negative errno. */
int stile_thread_pin(uint32_t processor);

/* The processors that this process may run on, as a list for `--lcores`, such as "0,1,4". */
int stile_processors_allowed(char *text, uint32_t text_bytes);

/* A source of frames. Freed when every frame is back in it. */
struct rte_mempool;

/* Frames with STILE_FRAME_HEADROOM octets in front and room for `frame_bytes`. NULL: `errno` says why. */
struct rte_mempool *stile_pool_create(const char *name, uint32_t frames, uint32_t frame_bytes, int numa_node);

/* Whether every frame is back. */
int stile_pool_is_idle(struct rte_mempool *pool);
void stile_pool_free(struct rte_mempool *pool);

#endif
