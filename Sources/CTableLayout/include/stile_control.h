#ifndef STILE_CONTROL_H
#define STILE_CONTROL_H
#include <stddef.h>
#include <stdint.h>
#include "stile_atomic.h"
#include "stile_tables.h"

/* The control segment: the file "control" in the runtime directory, written by stiled, mapped read-only by the
 * data plane. It outlives both processes; a stiled that starts again takes it over when magic, version and size fit.
 *
 * Quiescence. stiled makes things unreachable, then stores writer_epoch + 1 (release). Each worker copies
 * writer_epoch into its own epoch once per loop, before it reads a table, and stores STILE_EPOCH_OFFLINE before it
 * sleeps (after a fence it reads again). What was unreachable at epoch e is free when every worker's epoch is >= e,
 * or when no data plane holds the lock (flock) on its segment. */

#define STILE_CONTROL_MAGIC 0x6c6f72746e6f4373ull /* "sControl" */
#define STILE_EPOCH_OFFLINE 0xffffffffffffffffull
#define STILE_MAX_WORKERS 64
#define STILE_FRAME_SLOT_BYTES 10240 /* a ring slot with its header: fits a 9,600-octet frame */

/* What stiled asks the data plane to do with a frame. */
enum stile_inject_kind {
    STILE_INJECT_TRANSMIT = 1, /* the frame leaves by `port` as it is */
    STILE_INJECT_FORWARD = 2,  /* an IP packet enters the lookup of `vrf`, as one that the box made itself */
};

enum stile_inject_flags {
    STILE_INJECT_CAME_FROM_NNI = 1, /* the packet of a FORWARD was held on its way from an NNI, or answers one that came
                                     * from there: the rule about NNI to NNI holds for it */
    STILE_INJECT_MAY_TRANSIT = 2,   /* and the VRF that it came in by allows NNI to NNI; `vrf` has to allow it, too */
    STILE_INJECT_CAME_FROM_CORE = 8, /* the packet of a FORWARD was held on its way from the core: the rule about core to core
                                      * holds for it */
    STILE_INJECT_ANSWER = 4,        /* what the box itself says; it may go back by the NNI that `counter` names, if any */
};

struct stile_inject_slot {
    uint32_t length; /* octets of data */
    uint16_t kind;   /* enum stile_inject_kind */
    union {
        uint16_t port;       /* of a TRANSMIT */
        uint16_t because_of; /* of a FORWARD: the counters of the interface where what is sent on or answered came in */
    };
    uint16_t vrf;
    uint16_t counter; /* interface whose tx counters a TRANSMIT raises; of an ANSWER: the NNI, 0: none */
    uint32_t flags;   /* enum stile_inject_flags */
    uint8_t data[STILE_FRAME_SLOT_BYTES - 16];
};

/* What a slot says about its data, read once: stiled may write while the data plane reads. */
struct stile_inject_head {
    uint32_t length;
    uint16_t kind;
    union {
        uint16_t port;
        uint16_t because_of;
    };
    uint16_t vrf;
    uint16_t counter;
    uint32_t flags;
};

static inline STILE_HOT struct stile_inject_head stile_inject_read(const struct stile_inject_slot *slot) {
    struct stile_inject_head head;
    head.length = __atomic_load_n(&slot->length, __ATOMIC_RELAXED);
    head.kind = __atomic_load_n(&slot->kind, __ATOMIC_RELAXED);
    head.port = __atomic_load_n(&slot->port, __ATOMIC_RELAXED);
    head.vrf = __atomic_load_n(&slot->vrf, __ATOMIC_RELAXED);
    head.counter = __atomic_load_n(&slot->counter, __ATOMIC_RELAXED);
    head.flags = __atomic_load_n(&slot->flags, __ATOMIC_RELAXED);
    return head;
}

/* A ring: slots of one size, indices that only grow (slot = index % slots; a power of two, so that they may wrap),
 * producer and consumer in the segments of their owners. The consumer checks producer - consumer <= slots and each
 * length; whatever fails is skipped. */
#define STILE_INJECT_SLOTS 1024
#define STILE_PUNT_SLOTS 512

/* Why a packet was punted; each interface has a rate limit for each class in the data plane. */
enum stile_punt_class {
    STILE_PUNT_ARP = 0,
    STILE_PUNT_NEIGHBOR_DISCOVERY = 1,
    STILE_PUNT_BGP = 2,       /* NNI, box's own address: to the kernel */
    STILE_PUNT_ICMP = 3,      /* NNI, box's own address: to the kernel; a link-local address: answered by stiled */
    STILE_PUNT_RECEIVE = 4,   /* a VRF's own address: answered by stiled */
    STILE_PUNT_GLEAN = 5,     /* next hop not resolved yet */
    STILE_PUNT_BFD = 6,       /* NNI, box's own address: to the kernel */
    STILE_PUNT_HOST_DEVICE = 7, /* core: routing protocols, to the routing engine on the host */
    STILE_PUNT_CLASSES = 8,
};

struct stile_padded_index { /* one cache line, so that no two writers share one */
    uint64_t value;
    uint64_t reserved[7];
};

struct stile_control_header {
    uint64_t magic;
    uint32_t layout_version;
    uint32_t header_bytes;
    uint64_t total_bytes;
    uint64_t writer_pid;
    uint64_t writer_instance;  /* raised by each start of stiled */
    uint64_t inject_offset;    /* of the inject slots, octets from the start */
    uint32_t inject_slots;
    uint32_t reserved0;
    uint64_t reserved1;
    /* generation & 1 selects the path that belongs to it; written before current_generation is stored */
    char tables_path[2][256];
    struct stile_padded_index current_generation; /* release store; 0: none yet */
    struct stile_padded_index writer_epoch;
    struct stile_padded_index heartbeat;          /* seconds since 1970, once a second */
    struct stile_padded_index inject_producer;
    struct stile_padded_index punt_consumer[STILE_MAX_WORKERS];
    struct stile_padded_index flow_consumer[STILE_MAX_WORKERS];
    struct stile_padded_index access_log_consumer[STILE_MAX_WORKERS];
    /* Packets per second and interface, per worker: by enum stile_punt_class, and last what known neighbors say of
     * themselves (ARP, ND), which strangers cannot use up. */
    uint32_t punt_rate[STILE_PUNT_CLASSES + 1];
    uint32_t icmp_rate;     /* ICMP errors per second and interface, per worker */
    uint32_t punt_sum_rate; /* packets per second of all interfaces in the classes that anybody can provoke, per worker */
    uint32_t reserved2[5];
};

/* Swift sees arrays as tuples, which it cannot index. */
static inline STILE_HOT const uint64_t *stile_punt_consumer(const struct stile_control_header *header, uint32_t worker) {
    return &header->punt_consumer[worker % STILE_MAX_WORKERS].value;
}
static inline STILE_HOT const uint64_t *stile_flow_consumer(const struct stile_control_header *header, uint32_t worker) {
    return &header->flow_consumer[worker % STILE_MAX_WORKERS].value;
}
static inline STILE_HOT const uint64_t *stile_access_log_consumer(const struct stile_control_header *header,
                                                                  uint32_t worker) {
    return &header->access_log_consumer[worker % STILE_MAX_WORKERS].value;
}
static inline const uint64_t *stile_current_generation(const struct stile_control_header *header) {
    return &header->current_generation.value;
}
static inline STILE_HOT const uint64_t *stile_writer_epoch(const struct stile_control_header *header) {
    return &header->writer_epoch.value;
}
static inline const uint64_t *stile_control_heartbeat(const struct stile_control_header *header) {
    return &header->heartbeat.value;
}
static inline const uint64_t *stile_inject_producer(const struct stile_control_header *header) {
    return &header->inject_producer.value;
}
static inline const char *stile_tables_path(const struct stile_control_header *header, uint64_t generation) {
    return header->tables_path[generation & 1];
}

_Static_assert(sizeof(struct stile_inject_slot) == STILE_FRAME_SLOT_BYTES, "layout");
_Static_assert(offsetof(struct stile_control_header, current_generation) % 64 == 0, "layout");
_Static_assert(sizeof(struct stile_control_header) == 64 + 512 + 64 * 4 + 3 * 64 * STILE_MAX_WORKERS + 64, "layout");

#endif
