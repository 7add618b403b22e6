#ifndef STILE_DPDK_FRAME_H
#define STILE_DPDK_FRAME_H
#include <stdint.h>
#include <string.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_prefetch.h>

/* What a worker does with frames, inline. `struct rte_mbuf` has zero-size markers and an alignment that Swift does
 * not import: there it is an opaque pointer, and these are its accessors. Each is annotated so that the compiler's
 * @_noLocks check lets hot code call it. */
#ifdef __clang__
#define STILE_DPDK_HOT __attribute__((swift_attr("@_noLocks")))
#else
#define STILE_DPDK_HOT
#endif

/* Octets before a received frame: DPDK's RTE_PKTMBUF_HEADROOM. */
#define STILE_FRAME_HEADROOM RTE_PKTMBUF_HEADROOM

static inline STILE_DPDK_HOT uint16_t stile_receive(uint16_t device, uint16_t queue, struct rte_mbuf **frames,
                                                    uint16_t count) {
    return rte_eth_rx_burst(device, queue, frames, count);
}

/* Returns how many were taken, from the first on; the others still belong to the caller. */
static inline STILE_DPDK_HOT uint16_t stile_transmit(uint16_t device, uint16_t queue, struct rte_mbuf **frames,
                                                     uint16_t count) {
    return rte_eth_tx_burst(device, queue, frames, count);
}

static inline STILE_DPDK_HOT uint8_t *stile_mbuf_data(struct rte_mbuf *frame) {
    return rte_pktmbuf_mtod(frame, uint8_t *);
}

static inline STILE_DPDK_HOT uint32_t stile_mbuf_length(const struct rte_mbuf *frame) { return frame->data_len; }

/* Octets of a frame that leaves, all of its pieces. */
static inline STILE_DPDK_HOT uint32_t stile_mbuf_total_length(const struct rte_mbuf *frame) { return frame->pkt_len; }

/* Puts octets of another frame behind a frame in one piece, without copying them: a piece more, taken from the pool, refers to
 * the other's storage, which is free when nobody does any more. Returns 0, or -1 and changes nothing when the pool is empty. */
static inline STILE_DPDK_HOT int stile_mbuf_refer(struct rte_mbuf *frame, struct rte_mbuf *other, const uint8_t *octets,
                                                  uint32_t count, struct rte_mempool *pool) {
    struct rte_mbuf *piece = rte_pktmbuf_alloc(pool);
    if (!piece) return -1;
    rte_pktmbuf_attach(piece, other);
    piece->data_off = (uint16_t)(octets - (const uint8_t *)piece->buf_addr);
    piece->data_len = (uint16_t)count;
    piece->pkt_len = count;
    frame->next = piece;
    frame->nb_segs = 2;
    frame->pkt_len = frame->data_len + count;
    return 0;
}

/* Copies octets behind a frame in one piece. Returns 0, or -1 and changes nothing when it does not hold them. */
static inline STILE_DPDK_HOT int stile_mbuf_append(struct rte_mbuf *frame, const uint8_t *octets, uint32_t count) {
    if (count > rte_pktmbuf_tailroom(frame)) return -1;
    memcpy(rte_pktmbuf_mtod_offset(frame, uint8_t *, frame->data_len), octets, count);
    frame->data_len = (uint16_t)(frame->data_len + count);
    frame->pkt_len = frame->data_len;
    return 0;
}

/* Octets from the start of the frame's storage to its data, and in its storage as a whole. */
static inline STILE_DPDK_HOT uint32_t stile_mbuf_headroom(const struct rte_mbuf *frame) { return frame->data_off; }
static inline STILE_DPDK_HOT uint32_t stile_mbuf_storage(const struct rte_mbuf *frame) { return frame->buf_len; }

/* Whether the frame is in one piece with `needed` octets in front of it. One from a driver that hands on what another sent
 * (net_ring) begins further in front, and is moved. */
static inline STILE_DPDK_HOT int stile_mbuf_provide_headroom(struct rte_mbuf *frame, uint16_t needed) {
    if (frame->nb_segs != 1)
        return 0;
    if (__builtin_expect(frame->data_off >= needed, 1))
        return 1;
    if (!RTE_MBUF_DIRECT(frame) || rte_mbuf_refcnt_read(frame) != 1 || needed + frame->data_len > frame->buf_len)
        return 0;
    char *base = (char *)frame->buf_addr;
    memmove(base + needed, base + frame->data_off, frame->data_len);
    frame->data_off = needed;
    return 1;
}

/* Moves the start of the data by `start_delta` octets (negative: into the headroom) and sets its length.
 * Returns 0, or -1 and changes nothing when that lies outside of the storage. */
static inline STILE_DPDK_HOT int stile_mbuf_adjust(struct rte_mbuf *frame, int32_t start_delta, uint32_t length) {
    int64_t start = (int64_t)frame->data_off + start_delta;
    if (start < 0 || start + (int64_t)length > (int64_t)frame->buf_len || length > UINT16_MAX) return -1;
    frame->data_off = (uint16_t)start;
    frame->data_len = (uint16_t)length;
    frame->pkt_len = length;
    return 0;
}

/* The port that a frame came in on, by the tables' number, noted in it while it waits in a ring to the worker that its
 * flow belongs to. What stands there (a hash) is the receiving driver's; no driver reads it when a frame is sent. */
static inline STILE_DPDK_HOT void stile_mbuf_note_arrival(struct rte_mbuf *frame, uint16_t port) {
    frame->hash.fdir.lo = port;
}
static inline STILE_DPDK_HOT uint16_t stile_mbuf_arrival_port(const struct rte_mbuf *frame) {
    return (uint16_t)frame->hash.fdir.lo;
}

/* Where a frame leaves and what counts it, noted in it while it waits in a hand-over ring. */
struct stile_departure_note {
    uint16_t port;        /* below STILE_MAX_PORTS */
    uint16_t counter;     /* of the interface */
    uint16_t nni_counter; /* of its NNI; otherwise equal to `counter` */
    uint16_t is_counted;  /* 1: counted as transmitted already; `counter` is unknown then */
};

static inline STILE_DPDK_HOT void stile_mbuf_note_departure(struct rte_mbuf *frame, struct stile_departure_note note) {
    frame->hash.fdir.lo = (uint32_t)note.port << 16 | note.counter;
    frame->hash.fdir.hi = (uint32_t)note.is_counted << 16 | note.nni_counter;
}
static inline STILE_DPDK_HOT struct stile_departure_note stile_mbuf_departure(const struct rte_mbuf *frame) {
    struct stile_departure_note note = {
        .port = (uint16_t)(frame->hash.fdir.lo >> 16),
        .counter = (uint16_t)frame->hash.fdir.lo,
        .nni_counter = (uint16_t)frame->hash.fdir.hi,
        .is_counted = (uint16_t)(frame->hash.fdir.hi >> 16),
    };
    return note;
}

/* NULL when the pool is empty. The data starts after the headroom and is empty. */
static inline STILE_DPDK_HOT struct rte_mbuf *stile_mbuf_allocate(struct rte_mempool *pool) {
    return rte_pktmbuf_alloc(pool);
}

static inline STILE_DPDK_HOT void stile_mbuf_free(struct rte_mbuf *frame) { rte_pktmbuf_free(frame); }

STILE_DPDK_HOT void stile_mbufs_free(struct rte_mbuf **frames, uint32_t count);

static inline STILE_DPDK_HOT void stile_mbuf_prefetch(const struct rte_mbuf *frame) { rte_prefetch0(frame); }
static inline STILE_DPDK_HOT void stile_pause(void) { rte_pause(); }

/* Gives the processor away for at least so long. Not for a worker with frames in hand. */
STILE_DPDK_HOT void stile_sleep(uint32_t nanoseconds);

#endif
