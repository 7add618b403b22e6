#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "CDPDKShim.h"

/* The EAL makes a directory of the name --file-prefix even where it has no file to put in it, and leaves it. Without
 * shared configuration it is empty once the EAL has started, and goes at once, so that a process that is killed leaves
 * nothing either; one with files in it stays until the end. */
static void remove_runtime_directory(void) {
    const char *directory = rte_eal_get_runtime_dir();
    if (directory && directory[0]) rmdir(directory);
}

int stile_environment_start(int argument_count, char **arguments, char *error, uint32_t error_bytes) {
    int started = rte_eal_init(argument_count, arguments);
    int code = rte_errno ? rte_errno : EINVAL;
    remove_runtime_directory();
    if (started >= 0) return 0;
    snprintf(error, error_bytes, "%s", rte_strerror(code));
    return -code;
}

void stile_environment_stop(void) {
    rte_eal_cleanup();
    remove_runtime_directory();
}

const char *stile_environment_version(void) { return rte_version(); }

uint64_t stile_cycles_per_second(void) { return rte_get_tsc_hz(); }

int stile_thread_register(void) { return rte_thread_register() == 0 ? 0 : -rte_errno; }

void stile_thread_unregister(void) { rte_thread_unregister(); }

void stile_thread_set_name(pthread_t thread, const char *name) {
    char shown[16];
    snprintf(shown, sizeof shown, "%s", name);
    pthread_setname_np(thread, shown);
}

int stile_thread_pin(uint32_t processor) {
    if (processor >= CPU_SETSIZE) return -EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int stile_processors_allowed(char *text, uint32_t text_bytes) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return -errno;
    uint32_t used = 0;
    text[0] = 0;
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
        if (!CPU_ISSET(processor, &set)) continue;
        int written = snprintf(text + used, text_bytes - used, used ? ",%d" : "%d", processor);
        if (written < 0 || (uint32_t)written >= text_bytes - used) return -ENOSPC;
        used += (uint32_t)written;
    }
    return 0;
}

struct rte_mempool *stile_pool_create(const char *name, uint32_t frames, uint32_t frame_bytes, int numa_node) {
    uint32_t room = frame_bytes + RTE_PKTMBUF_HEADROOM;
    /* Some drivers want the buffer's size to be a multiple of 1,024 (ixgbe's SRRCTL, for one). */
    room = (room - RTE_PKTMBUF_HEADROOM + 1023) / 1024 * 1024 + RTE_PKTMBUF_HEADROOM;
    if (room > UINT16_MAX) {
        errno = EINVAL;
        return NULL;
    }
    struct rte_mempool *pool = rte_pktmbuf_pool_create(name, frames, 256, 0, (uint16_t)room, numa_node);
    if (!pool) errno = rte_errno;
    return pool;
}

int stile_pool_is_idle(struct rte_mempool *pool) { return rte_mempool_full(pool); }

void stile_pool_free(struct rte_mempool *pool) { rte_mempool_free(pool); }

void stile_mbufs_free(struct rte_mbuf **frames, uint32_t count) { rte_pktmbuf_free_bulk(frames, count); }

void stile_sleep(uint32_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000u, .tv_nsec = nanoseconds % 1000000000u};
    nanosleep(&time, NULL);
}
