#ifndef STILE_BENCH_DPDK_LOOKUP_H
#define STILE_BENCH_DPDK_LOOKUP_H
#include <stddef.h>
#include <stdint.h>

/* DPDK's own lookups (rte_fib, rte_fib6, rte_lpm), as Swift can call them. */

const char *dpdk_version(void);

/* Starts EAL without devices and without sharing anything: in hugepages when `hugepages` is set, otherwise in plain
 * memory of `megabytes`. 0: done. Once per process. */
int dpdk_start(int hugepages, unsigned megabytes);

struct dpdk_table;

enum dpdk_table_kind { DPDK_FIB = 0, DPDK_LPM = 1, DPDK_FIB6 = 2 };

/* A table for `routes` routes; NULL: no memory. rte_fib: DIR24_8 with next hops of four octets, the kind of rte_lpm's
 * slots; rte_fib6: TRIE. */
struct dpdk_table *dpdk_table_new(enum dpdk_table_kind kind, unsigned number, unsigned routes);
void dpdk_table_free(struct dpdk_table *table);

/* Address: 4 octets in host byte order (read as uint32_t) or 16 in network byte order. 0: done. */
int dpdk_table_add(struct dpdk_table *table, const uint8_t *address, uint8_t length, uint32_t next_hop);
int dpdk_table_delete(struct dpdk_table *table, const uint8_t *address, uint8_t length);

/* Looks up `count` (at most 64) addresses; results of rte_fib and rte_fib6 are 64-bit. */
void dpdk_table_lookup(struct dpdk_table *table, const void *addresses, uint64_t *results, unsigned count);

/* What is between receive and transmit in DPDK's example l3fwd, over a table of kind DPDK_FIB or DPDK_LPM: for each
 * frame a lookup of its destination, then a new Ethernet header by the next hop's number, TTL and checksum. Written
 * after the example's documentation, from the library calls that it makes; Debian has no binary or source package of
 * the example itself. */

enum { DPDK_L3FWD_PORTS = 64, DPDK_L3FWD_BURST = 64 };

struct dpdk_l3fwd {
    struct dpdk_table *table;
    /* By the table's next hop: destination and source address, as they stand in the frame. 0 is no route. */
    uint8_t ethernet[DPDK_L3FWD_PORTS][16] __attribute__((aligned(16)));
};

/* Forwards `count` (at most DPDK_L3FWD_BURST) frames of at least 34 octets; `ports[i]` is the next hop's number, 0: the
 * frame has none or is not an IPv4 packet without options whose TTL is above 1. */
void dpdk_l3fwd_burst(const struct dpdk_l3fwd *l3fwd, uint8_t *const *frames, uint16_t *ports, unsigned count);

/* DPDK's meters (rte_meter: RFC 2697, RFC 2698), each in storage of the caller's. Rates in octets a second, bursts in
 * octets; of a single rate `peak` is not used. 0: done. */

struct dpdk_meter_storage {
    _Alignas(16) uint8_t bytes[128];
};

enum dpdk_meter_kind { DPDK_SINGLE_RATE = 0, DPDK_TWO_RATE = 1 };

int dpdk_meter_begin(struct dpdk_meter_storage *storage, enum dpdk_meter_kind kind, int is_aware, uint64_t committed,
                     uint64_t committed_burst, uint64_t peak, uint64_t excess_burst);

/* Meters packets at the time `cycles` of the processor's counter: 0 green, 1 yellow, 2 red. `colours` is read first
 * where the meter is aware of colours. */
void dpdk_meter_burst(struct dpdk_meter_storage *storage, const uint32_t *octets, uint8_t *colours, unsigned count,
                      uint64_t cycles);

#endif
