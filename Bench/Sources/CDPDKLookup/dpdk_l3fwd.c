#include "dpdk_table.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_fib.h>
#include <rte_ip.h>
#include <rte_lpm.h>
#include <rte_prefetch.h>
#include <string.h>

/* Frames ahead whose headers are on their way into the cache. */
enum { AHEAD = 8 };

static inline struct rte_ipv4_hdr *packet_of(uint8_t *frame) {
    return (struct rte_ipv4_hdr *)(void *)(frame + sizeof(struct rte_ether_hdr));
}

static inline uint32_t destination_of(uint8_t *frame) {
    uint32_t address;
    memcpy(&address, &packet_of(frame)->dst_addr, 4);
    return rte_be_to_cpu_32(address);
}

/* RFC 1812 5.2.2 and 5.3.1 as far as the example goes, then the header of the way out. */
static inline uint16_t rewrite(const struct dpdk_l3fwd *l3fwd, uint8_t *frame, uint32_t hop) {
    struct rte_ipv4_hdr *packet = packet_of(frame);
    uint16_t ether_type;
    memcpy(&ether_type, frame + 12, 2);
    if (hop >= DPDK_L3FWD_PORTS || hop == 0 || ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) ||
        packet->version_ihl != RTE_IPV4_VHL_DEF || packet->time_to_live <= 1)
        return 0;
    packet->time_to_live--;
    /* RFC 1624: one less in the upper octet of a 16-bit word is 0x0100 more in the sum, carry around. */
    uint32_t sum = packet->hdr_checksum + (uint32_t)rte_cpu_to_be_16(0x0100);
    packet->hdr_checksum = (uint16_t)(sum + (sum >> 16));
    memcpy(frame, l3fwd->ethernet[hop], 12);
    return (uint16_t)hop;
}

static void lpm_hops(const struct rte_lpm *lpm, uint8_t *const *frames, uint32_t *hops, unsigned count) {
    unsigned index = 0;
    for (; index + 4 <= count; index += 4) {
        for (unsigned next = index + AHEAD; next < index + AHEAD + 4 && next < count; next++) rte_prefetch0(frames[next]);
        uint32_t four[4] __attribute__((aligned(16)));
        for (unsigned place = 0; place < 4; place++) four[place] = destination_of(frames[index + place]);
        xmm_t addresses;
        memcpy(&addresses, four, sizeof(addresses));
        rte_lpm_lookupx4(lpm, addresses, hops + index, 0);
    }
    for (; index < count; index++) {
        if (rte_lpm_lookup(lpm, destination_of(frames[index]), hops + index) != 0) hops[index] = 0;
    }
}

static void fib_hops(struct rte_fib *fib, uint8_t *const *frames, uint32_t *hops, unsigned count) {
    uint32_t addresses[DPDK_L3FWD_BURST];
    uint64_t found[DPDK_L3FWD_BURST];
    for (unsigned index = 0; index < count; index++) {
        if (index + AHEAD < count) rte_prefetch0(frames[index + AHEAD]);
        addresses[index] = destination_of(frames[index]);
    }
    rte_fib_lookup_bulk(fib, addresses, found, (int)count);
    for (unsigned index = 0; index < count; index++) hops[index] = (uint32_t)found[index];
}

void dpdk_l3fwd_burst(const struct dpdk_l3fwd *l3fwd, uint8_t *const *frames, uint16_t *ports, unsigned count) {
    uint32_t hops[DPDK_L3FWD_BURST];
    if (count > DPDK_L3FWD_BURST) count = DPDK_L3FWD_BURST;
    for (unsigned index = 0; index < AHEAD && index < count; index++) rte_prefetch0(frames[index]);
    if (l3fwd->table->kind == DPDK_LPM) {
        lpm_hops(l3fwd->table->lpm, frames, hops, count);
    } else {
        fib_hops(l3fwd->table->fib, frames, hops, count);
    }
    for (unsigned index = 0; index < count; index++) ports[index] = rewrite(l3fwd, frames[index], hops[index]);
}
