#ifndef STILE_BENCH_REFERENCE_H
#define STILE_BENCH_REFERENCE_H
#include "CTableLayout.h"

/* The forwarding path in C over the same tables as the product's Pipeline: what a packet costs when Swift has no part
 * in it. It makes the same checks in the same order and counts the same counters. What leaves the common path (ICMP
 * errors, punts, fragments) ends here as a verdict: the measured packets do not take it. */

#define REFERENCE_BURST 64

enum reference_outcome { REFERENCE_TRANSMIT = 0, REFERENCE_DROP = 1, REFERENCE_PUNT = 2, REFERENCE_FRAGMENT = 3 };

struct reference_verdict {
    uint8_t outcome; /* enum reference_outcome */
    uint8_t reason;  /* DROP: the raw value of Pipeline's DropReason */
    uint16_t port;   /* TRANSMIT */
};

/* The sections of a generation of the tables. */
struct reference_tables {
    const struct stile_vlan_map *vlan_maps;
    const struct stile_interface *interfaces;
    const struct stile_label_entry *label_entries;
    const struct stile_context_table *context_tables;
    const uint64_t *ipv4_roots;
    const uint64_t *ipv6_roots;
    const uint64_t *next_hops;
    const struct stile_group *groups;
    const uint32_t *links;
    const struct stile_adjacency *adjacencies;
    const uint8_t *fib;
};

struct reference_burst {
    /* In: the frames with their lengths and ports. Out: what leaves. */
    uint8_t *frame[REFERENCE_BURST];
    uint16_t frame_bytes[REFERENCE_BURST];
    uint16_t port[REFERENCE_BURST];
    struct reference_verdict verdict[REFERENCE_BURST];

    uint8_t *packet[REFERENCE_BURST];
    uint16_t packet_bytes[REFERENCE_BURST];
    struct stile_label_entry owner[REFERENCE_BURST]; /* the label's entry, or what stands for one */
    uint8_t ttl[REFERENCE_BURST]; /* before this hop; the label's in the uniform model */
    uint8_t queue_ipv4[REFERENCE_BURST];
    uint8_t queue_ipv6[REFERENCE_BURST];
    uint8_t routed[REFERENCE_BURST];
    uint32_t hop[REFERENCE_BURST];
    uint32_t reference[REFERENCE_BURST];
    uint64_t next_hop[REFERENCE_BURST]; /* the word that the next hop was when it was found */
    const struct stile_adjacency *adjacency[REFERENCE_BURST]; /* that its link had then */
    uint64_t root[REFERENCE_BURST];
    const uint64_t *slot[REFERENCE_BURST]; /* where the lookup's entry is: in a direct table, or the root */
    uint64_t entry[REFERENCE_BURST];
    uint64_t key_ipv4[REFERENCE_BURST]; /* what is left of the address, left-aligned */
    unsigned __int128 key_ipv6[REFERENCE_BURST];
    uint8_t active[REFERENCE_BURST];
    uint32_t ipv4_count;
    uint32_t ipv6_count;
    uint32_t bursts;
    uint64_t egress_ports; /* one bit for each port that packets leave by */
};

struct reference_worker {
    struct reference_tables tables;
    struct stile_interface_counters *counters;
    struct stile_interface_drops *drops;
    uint32_t counter_count;
    struct stile_worker *statistics;
    struct reference_burst burst;
};

/* A worker of zeros, freed by reference_worker_free; NULL: no memory. */
struct reference_worker *reference_worker_new(void);
void reference_worker_free(struct reference_worker *worker);

/* Runs `count` (at most REFERENCE_BURST) frames of the burst. */
void reference_process(struct reference_worker *worker, uint32_t count);

/* The burst's arrays, for Swift, which cannot index them. */
static inline uint8_t **reference_frames(struct reference_worker *worker) { return worker->burst.frame; }
static inline uint16_t *reference_frame_bytes(struct reference_worker *worker) { return worker->burst.frame_bytes; }
static inline uint16_t *reference_ports(struct reference_worker *worker) { return worker->burst.port; }
static inline struct reference_verdict *reference_verdicts(struct reference_worker *worker) {
    return worker->burst.verdict;
}

#endif
