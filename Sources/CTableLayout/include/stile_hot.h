#ifndef STILE_HOT_H
#define STILE_HOT_H
#include <stddef.h>
#include <stdint.h>
#include "stile_atomic.h"
#include "stile_dataplane.h"
#include "stile_services.h"
#include "stile_tables.h"

/* What the forwarding path needs of C: the cycle counter, prefetch, and calls through a pointer that the owner of
 * the frames gives. */

/* The processor's constant-rate cycle counter (TSC on x86, the virtual counter on Arm). Not serialising: the error is
 * that of a few instructions, and a stage runs for a whole burst. */
static inline STILE_HOT uint64_t stile_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
#error "stile_cycles: this processor has no counter that Stile knows"
#endif
}

static inline STILE_HOT void stile_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }
static inline STILE_HOT void stile_prefetch_for_write(const void *p) { __builtin_prefetch(p, 1, 3); }

/* A fresh, empty frame. `data` has at least 88 octets of headroom in front of it. */
struct stile_frame {
    void *handle; /* the owner's, for instance an mbuf; NULL: none was free */
    uint8_t *data;
    uint32_t capacity; /* octets from `data` on */
    uint32_t reserved;
};

/* A copy of a packet of the burst: a fresh frame that begins with the headers, and what is to stand behind them. */
struct stile_frame_copy {
    void *handle;       /* of the fresh frame */
    uint8_t *data;      /* its Ethernet header, which may lie in the headroom */
    const uint8_t *payload; /* in the frame of packet `index`, whose owner may refer to it instead of copying it */
    uint32_t header_bytes;
    uint32_t payload_bytes; /* 0: all of it is in the fresh frame */
    uint16_t index;
    uint16_t port;
    uint16_t counter;   /* of the interface that it leaves by */
    uint16_t carrier;   /* of the NNI or core interface; otherwise equal to `counter` */
};

/* Where fragments and copies come from and go to. Given by the owner of the frames; called on the worker's own thread. */
struct stile_frame_source {
    void *context;
    struct stile_frame (*allocate)(void *context);
    /* Takes the frame over. `data` points at its Ethernet header, which may lie in the headroom. Returns 1 when it
     * was queued and 0 when it was discarded. */
    int (*transmit)(void *context, void *handle, uint8_t *data, uint32_t length, uint16_t port);
    void (*discard)(void *context, void *handle);
    /* Takes the frame over. Returns 1 when it was queued: the owner then counts it as transmitted, or as lost. Returns 0 when
     * it was discarded for want of memory. */
    int (*copy)(void *context, const struct stile_frame_copy *copy);
};

static inline STILE_HOT struct stile_frame stile_frame_allocate(const struct stile_frame_source *source) {
    return source->allocate(source->context);
}
static inline STILE_HOT int stile_frame_transmit(const struct stile_frame_source *source, void *handle, uint8_t *data,
                                                 uint32_t length, uint16_t port) {
    return source->transmit(source->context, handle, data, length, port);
}
static inline STILE_HOT void stile_frame_discard(const struct stile_frame_source *source, void *handle) {
    source->discard(source->context, handle);
}

static inline STILE_HOT int stile_frame_send_copy(const struct stile_frame_source *source,
                                                  const struct stile_frame_copy *copy) {
    return source->copy(source->context, copy);
}

/* Access lists compiled for speed, by the owner of the worker; called on the worker's own thread. */
struct stile_classifier {
    void *context;
    /* Writes for each of `count` (1 to 64) keys which rule of the list decides, by its position in the list, and
     * returns 1; returns 0 and writes nothing when the list with this index and serial number is not compiled (yet):
     * then the rules are to be read one by one. */
    int (*classify)(void *context, uint32_t list, uint64_t serial, const struct stile_flow_key *const *keys,
                    uint32_t *positions, uint32_t count);
};

static inline STILE_HOT int stile_classify(const struct stile_classifier *classifier, uint32_t list, uint64_t serial,
                                           const struct stile_flow_key *const *keys, uint32_t *positions,
                                           uint32_t count) {
    return classifier->classify ? classifier->classify(classifier->context, list, serial, keys, positions, count) : 0;
}

/* The `position`th label stack entry of a transport, the outermost first; Swift sees arrays as tuples. */
static inline STILE_HOT uint32_t stile_transport_entry(const struct stile_transport *transport, uint32_t position) {
    return transport->entries[position % STILE_TRANSPORT_LABELS];
}

/* Counts a drop; Swift sees the array of counters as a tuple, which it cannot index. A reason out of range is not
 * counted. Relaxed stores, so that a reader in another process never sees half a number. */
static inline STILE_HOT void stile_count_drop(struct stile_interface_drops *drops, uint32_t reason) {
    if (reason < STILE_MAX_DROP_REASONS)
        stile_raise_u64(&drops->packets[reason], 1);
}
static inline STILE_HOT void stile_count_rx_kept(struct stile_interface_drops *drops, uint64_t bytes) {
    stile_raise_u64(&drops->rx_kept_packets, 1);
    stile_raise_u64(&drops->rx_kept_bytes, bytes);
}
static inline STILE_HOT void stile_count_tx_own(struct stile_interface_drops *drops, uint64_t bytes) {
    stile_raise_u64(&drops->tx_own_packets, 1);
    stile_raise_u64(&drops->tx_own_bytes, bytes);
}
static inline STILE_HOT void stile_count_rx(struct stile_interface_counters *counters, uint64_t packets, uint64_t bytes) {
    stile_raise_u64(&counters->rx_packets, packets);
    stile_raise_u64(&counters->rx_bytes, bytes);
}
static inline STILE_HOT void stile_count_tx(struct stile_interface_counters *counters, uint64_t packets, uint64_t bytes) {
    stile_raise_u64(&counters->tx_packets, packets);
    stile_raise_u64(&counters->tx_bytes, bytes);
}
static inline STILE_HOT void stile_count_stage(struct stile_worker *worker, uint32_t stage, uint64_t cycles,
                                               uint64_t packets) {
    if (stage < STILE_MAX_STAGES) {
        stile_store_relaxed_u64(&worker->stage_cycles[stage], worker->stage_cycles[stage] + cycles);
        stile_store_relaxed_u64(&worker->stage_packets[stage], worker->stage_packets[stage] + packets);
    }
}
static inline STILE_HOT void stile_count_punt(struct stile_worker *worker, uint32_t punt_class) {
    if (punt_class < STILE_PUNT_CLASSES)
        stile_store_relaxed_u64(&worker->punted[punt_class], worker->punted[punt_class] + 1);
}

static inline STILE_HOT void stile_count_hits(uint64_t *hits, uint32_t index, uint64_t packets) {
    if (index < STILE_MAX_ACCESS_HITS)
        stile_store_relaxed_u64(&hits[index], hits[index] + packets);
}
static inline STILE_HOT void stile_count_class(struct stile_class_counters *counters, uint32_t instance,
                                               uint32_t colour, uint64_t packets, uint64_t octets) {
    if (instance < STILE_MAX_CLASS_INSTANCES && colour < STILE_COLOURS) {
        struct stile_class_counters *own = &counters[instance];
        stile_store_relaxed_u64(&own->packets[colour], own->packets[colour] + packets);
        stile_store_relaxed_u64(&own->octets[colour], own->octets[colour] + octets);
    }
}

/* The first octets of IPv4 addresses that are neither forwarded from nor to: Pipeline's AddressRules. */
static const uint8_t stile_refused_octets[256] = {[0] = 1, [127] = 1, [224 ... 255] = 1};
static inline STILE_HOT uint8_t stile_octets_are_refused(uint8_t source, uint8_t destination) {
    return stile_refused_octets[source] | stile_refused_octets[destination];
}

/* The pipeline compares and copies these as raw octets. */
_Static_assert(offsetof(struct stile_interface, counter) == 4, "layout");
_Static_assert(offsetof(struct stile_interface, vrf) == 6, "layout");
_Static_assert(offsetof(struct stile_interface, mac) == 12, "layout");
_Static_assert(offsetof(struct stile_interface, icmp_source_ipv6) == 40, "layout");
_Static_assert(offsetof(struct stile_local_service, local) == 8, "layout");
_Static_assert(offsetof(struct stile_local_service, remote) == 24, "layout");

#endif
