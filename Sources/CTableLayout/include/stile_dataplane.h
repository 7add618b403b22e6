#ifndef STILE_DATAPLANE_H
#define STILE_DATAPLANE_H
#include <stddef.h>
#include <stdint.h>
#include "stile_access_log.h"
#include "stile_control.h"
#include "stile_flow.h"

/* The data plane's segment: the file "dataplane" in the runtime directory, written by the data plane (which holds an
 * exclusive flock on it while it lives), mapped read-only by stiled and by anybody who counts. It is taken over by the
 * next data plane when magic, version, size and worker count fit, so that counters go on.
 *
 *   stile_dataplane_header | worker 0: stile_worker, counters[counter_count], drops[counter_count], class counters,
 *   access hits, punt slots, flow slots, log slots | worker 1: …
 */

#define STILE_DATAPLANE_MAGIC 0x656e616c50617444ull /* the octets are "DtaPlane" */
#define STILE_MAX_STAGES 16
#define STILE_MAX_DROP_REASONS 64

enum stile_port_state {
    STILE_PORT_ABSENT = 0,
    STILE_PORT_DOWN = 1,
    STILE_PORT_UP = 2,
    STILE_PORT_FAILED = 3, /* `error` says why */
};

struct stile_port_status {
    uint32_t state;      /* enum stile_port_state, stored last with release */
    uint32_t speed_mbps; /* 0: unknown */
    uint8_t mac[6];
    uint16_t mtu;
    uint16_t rx_queues;
    uint16_t tx_queues;
    uint32_t reserved0;
    uint64_t rx_missed;  /* frames that the device dropped for want of a descriptor */
    uint64_t rx_errors;
    uint64_t tx_errors;
    uint64_t rx_packets; /* the device's own counts */
    uint64_t tx_packets;
    uint64_t rx_bytes;
    uint64_t tx_bytes;
    char driver[48];     /* NUL-terminated */
    char error[128];
};

struct stile_dataplane_header {
    uint64_t magic;
    uint32_t layout_version;
    uint32_t header_bytes;
    uint64_t total_bytes;
    uint64_t pid;
    uint64_t instance;      /* raised by each start of the data plane */
    uint64_t worker_offset; /* of worker 0 */
    uint64_t worker_bytes;  /* distance between workers */
    uint32_t worker_count;
    uint32_t counter_count; /* interface counters per worker */
    uint64_t started;       /* seconds since 1970 */
    uint64_t tsc_hz;
    /* Every access list of this generation that was there at this number of access_lists_sequence has been compiled, or
     * is left to be read rule by rule. The generation is stored last; 0 while it changes. */
    uint64_t access_lists_generation;
    uint64_t access_lists_compiled;
    uint64_t reserved1[4];
    struct stile_padded_index generation_in_use; /* all workers read this generation; older files may go */
    struct stile_padded_index heartbeat;         /* seconds since 1970, from the main thread */
    struct stile_padded_index inject_consumer;
    struct stile_port_status ports[STILE_MAX_PORTS];
};

/* What one worker counts and publishes. Written by that worker alone. */
struct stile_worker {
    struct stile_padded_index epoch; /* see stile_control.h */
    struct stile_padded_index generation; /* the tables it reads */
    struct stile_padded_index punt_producer;
    struct stile_padded_index flow_producer;
    struct stile_padded_index access_log_producer;
    uint64_t loops;                  /* also its heartbeat */
    uint64_t idle_loops;
    uint64_t bursts;                 /* bursts with at least one packet */
    uint64_t packets;                /* in those bursts: went through this worker's stages */
    uint64_t stage_cycles[STILE_MAX_STAGES];  /* TSC cycles, indexed by Pipeline's Stage */
    uint64_t stage_packets[STILE_MAX_STAGES];
    uint64_t punted[8];              /* by enum stile_punt_class */
    uint64_t punt_ring_full;
    uint64_t injected;
    uint64_t inject_invalid;
    uint64_t busy_cycles;            /* TSC cycles of the loops that found a packet, all that was done in them */
    uint64_t spread_packets;         /* received here, of flows that belong to other workers: handed over to them */
    uint64_t spread_lost;            /* of those, what a full ring did not take */
    uint64_t flows;                  /* in the flow cache now */
    uint64_t flow_packets;           /* packets that were metered: of metered VRFs, after sampling */
    uint64_t flow_cache_full;        /* packets that should have been, but found no room in the flow cache */
    uint64_t flow_records;           /* put in the flow ring */
    uint64_t flow_ring_full;         /* records that found the ring full and stay in the cache until there is room */
    uint64_t flow_records_lost;      /* of a worker that stopped, whose records nobody took in time */
    uint64_t access_log_missed;      /* packets that an entry with `log` took and whose flow found no room */
    uint64_t reserved[7];
};

/* Per interface and worker. Octets count the IP packet's frame as it is on the wire without FCS. What each packet counts
 * in lies close together, two interfaces to a cache line, where a thousand are in use at once (`Bench/run pipeline`). */
struct stile_interface_counters {
    uint64_t rx_packets;
    uint64_t rx_bytes;
    uint64_t tx_packets;
    uint64_t tx_bytes;
};

struct stile_interface_drops {
    uint64_t packets[STILE_MAX_DROP_REASONS]; /* indexed by Pipeline's DropReason */
    /* What of the counters above no customer is charged for: received and not forwarded (dropped by the stages, or for
     * the box itself), and sent by the box itself. Octets as there. */
    uint64_t rx_kept_packets;
    uint64_t rx_kept_bytes;
    uint64_t tx_own_packets;
    uint64_t tx_own_bytes;
};

struct stile_punt_slot {
    uint32_t length;    /* octets of data */
    uint16_t punt_class;
    uint16_t port;
    uint16_t counter;   /* interface it came in on (circuit, NNI or unit), or what it is an answer to */
    uint16_t vrf;
    uint32_t reserved0;
    uint8_t is_frame;   /* 1: data starts with the Ethernet header (ARP, ND, BGP, ICMP, BFD); 0: with the IP header */
    uint8_t is_own;     /* 1: what the box itself says, an ICMP error or an answer */
    uint8_t reserved[6];
    uint8_t data[STILE_FRAME_SLOT_BYTES - 24];
};

/* Swift sees arrays as tuples, which it cannot index. */
static inline const struct stile_port_status *stile_port_status_of(const struct stile_dataplane_header *header,
                                                                   uint32_t port) {
    return &header->ports[port % STILE_MAX_PORTS];
}
static inline const uint64_t *stile_generation_in_use(const struct stile_dataplane_header *header) {
    return &header->generation_in_use.value;
}
static inline const uint64_t *stile_access_lists_generation(const struct stile_dataplane_header *header) {
    return &header->access_lists_generation;
}
static inline const uint64_t *stile_access_lists_compiled(const struct stile_dataplane_header *header) {
    return &header->access_lists_compiled;
}
static inline const uint64_t *stile_dataplane_heartbeat(const struct stile_dataplane_header *header) {
    return &header->heartbeat.value;
}
static inline const uint64_t *stile_inject_consumer(const struct stile_dataplane_header *header) {
    return &header->inject_consumer.value;
}
static inline STILE_HOT const uint64_t *stile_worker_epoch(const struct stile_worker *worker) {
    return &worker->epoch.value;
}
static inline STILE_HOT const uint64_t *stile_worker_loops(const struct stile_worker *worker) {
    return &worker->loops;
}
static inline STILE_HOT const uint64_t *stile_punt_producer(const struct stile_worker *worker) {
    return &worker->punt_producer.value;
}
static inline STILE_HOT const uint64_t *stile_flow_producer(const struct stile_worker *worker) {
    return &worker->flow_producer.value;
}
static inline STILE_HOT const uint64_t *stile_access_log_producer(const struct stile_worker *worker) {
    return &worker->access_log_producer.value;
}
static inline uint64_t stile_dropped_packets(const struct stile_interface_drops *drops, uint32_t reason) {
    return reason < STILE_MAX_DROP_REASONS ? stile_load_relaxed_u64(&drops->packets[reason]) : 0;
}

_Static_assert(sizeof(struct stile_port_status) == 256, "layout");
_Static_assert(sizeof(struct stile_interface_counters) == 32, "layout");
_Static_assert(sizeof(struct stile_interface_drops) == 544, "layout");
_Static_assert(sizeof(struct stile_punt_slot) == STILE_FRAME_SLOT_BYTES, "layout");
_Static_assert((STILE_PUNT_SLOTS & (STILE_PUNT_SLOTS - 1)) == 0, "a power of two");
_Static_assert((STILE_FLOW_SLOTS & (STILE_FLOW_SLOTS - 1)) == 0, "a power of two");
_Static_assert((STILE_ACCESS_LOG_SLOTS & (STILE_ACCESS_LOG_SLOTS - 1)) == 0, "a power of two");
_Static_assert(offsetof(struct stile_dataplane_header, generation_in_use) % 64 == 0, "layout");
_Static_assert(sizeof(struct stile_worker) % 64 == 0, "layout");

#endif
