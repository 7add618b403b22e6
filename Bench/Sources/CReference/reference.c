#include "reference.h"
#include "packet.h"

#include <stdlib.h>
#include <string.h>

/* Indices of the stages in stile_worker.stage_cycles. */
enum stage { STAGE_INGRESS = 0, STAGE_LOOKUP = 3, STAGE_DEPARTURE = 4 };

/* Bursts from one reading of the stage clock to the next, as in Pipeline. */
#define CLOCKED_BURSTS 64

struct reference_worker *reference_worker_new(void) {
    size_t bytes = (sizeof(struct reference_worker) + 63) & ~(size_t)63;
    struct reference_worker *worker = aligned_alloc(64, bytes);
    if (worker) memset(worker, 0, bytes);
    return worker;
}

void reference_worker_free(struct reference_worker *worker) { free(worker); }

/* Received packets of one interface, summed until the interface changes. */
struct run {
    uint64_t packets;
    uint64_t bytes;
    uint16_t counter;
};

HOT struct stile_interface_counters *counters_of(struct reference_worker *worker, uint16_t counter) {
    return worker->counters + (counter < worker->counter_count ? counter : 0);
}

HOT void run_flush(struct run *run, struct reference_worker *worker) {
    if (run->packets) stile_count_rx(counters_of(worker, run->counter), run->packets, run->bytes);
    run->packets = 0;
    run->bytes = 0;
}

HOT void run_add(struct run *run, struct reference_worker *worker, uint16_t counter, uint32_t packets, uint64_t bytes) {
    if (UNLIKELY(counter != run->counter)) {
        run_flush(run, worker);
        run->counter = counter;
    }
    run->packets += packets;
    run->bytes += bytes;
}

static __attribute__((noinline)) void drop(struct reference_worker *worker, uint32_t index, uint8_t reason) {
    worker->burst.verdict[index] = (struct reference_verdict){.outcome = REFERENCE_DROP, .reason = reason};
    uint16_t counter = worker->burst.owner[index].counter;
    stile_count_drop(worker->drops + (counter < worker->counter_count ? counter : 0), reason);
}

static __attribute__((noinline)) void punt(struct reference_worker *worker, uint32_t index) {
    worker->burst.verdict[index] = (struct reference_verdict){.outcome = REFERENCE_PUNT};
}

HOT uint32_t slot_of(const struct stile_vlan_map *map, uint32_t vid) {
    return stile_load_acquire_u32(vid ? &map->tagged[vid] : &map->untagged);
}

HOT uint32_t resolve_slot(const struct stile_vlan_map *maps, uint32_t slot) {
    return slot & STILE_VLAN_SECOND_LEVEL ? slot_of(maps + (slot & ~STILE_VLAN_SECOND_LEVEL), 0) : slot;
}

HOT uint32_t direct_bits(uint32_t reference) { return ((reference & 15) - (STILE_FIB_DIRECT - 3)) * 2; }

/* The entry of the window's first bits in the direct table at `reference`. */
HOT const uint64_t *slot_in(const uint8_t *fib, uint32_t reference, uint64_t window) {
    return (const uint64_t *)(const void *)(fib + (reference & ~15u)) + (window >> (64 - direct_bits(reference)));
}

/* The packet's place in the queue of its family, and the first step of the lookup. */
HOT void enqueue_ipv4(struct reference_burst *burst, const struct reference_tables *tables, uint32_t i,
                      const uint8_t *packet, uint16_t vrf, uint32_t at) {
    uint64_t root = stile_load_acquire_u64(&tables->ipv4_roots[vrf]);
    uint32_t reference = (uint32_t)(root >> 32);
    uint64_t key = (uint64_t)load32(packet + 16) << 32;
    const uint64_t *slot = &burst->root[at];
    if (LIKELY((reference & 15) >= STILE_FIB_DIRECT)) {
        slot = slot_in(tables->fib, reference, key);
        key <<= direct_bits(reference);
        stile_prefetch(slot);
    }
    burst->root[at] = root;
    burst->slot[at] = slot;
    burst->key_ipv4[at] = key;
    burst->queue_ipv4[at] = (uint8_t)i;
}

HOT void count_received(struct reference_worker *worker, uint16_t counter, uint16_t bytes) {
    stile_count_rx(counters_of(worker, counter), 1, bytes);
}

/* What was decided by a frame's Ethernet header, and its one tag: it holds for the next ones that have it. */
struct header {
    const struct stile_interface *interface; /* NULL: two tags, or nothing that repeats */
    uint64_t addresses, tag_and_type;        /* the first eight octets and the last eight */
    int32_t bytes;
    uint16_t port;
    uint16_t type;
};

HOT int is_of(const struct header *header, const struct reference_burst *burst, uint32_t i, int32_t least) {
    uint64_t addresses, tag_and_type;
    if (burst->frame_bytes[i] < least || burst->port[i] != header->port) return 0;
    memcpy(&addresses, burst->frame[i], 8);
    memcpy(&tag_and_type, burst->frame[i] + header->bytes - 8, 8);
    return addresses == header->addresses && tag_and_type == header->tag_and_type;
}

HOT void prefetch_ahead(const struct reference_burst *burst, uint32_t i, uint32_t count) {
    if (i + 4 >= count) return;
    stile_prefetch_for_write(burst->frame[i + 4]);
    stile_prefetch_for_write(burst->frame[i + 4] - 64);
}

HOT uint32_t kind_of(uint64_t next_hop) { return (uint32_t)(next_hop >> 40) & 15; }
HOT uint32_t link_of(uint64_t next_hop) { return (uint32_t)(next_hop >> 20) & 0xFFFFF; }
HOT uint16_t interface_of(uint64_t next_hop) { return (uint16_t)(next_hop >> 48); }

static const uint64_t SWAP = (uint64_t)STILE_LABEL_SWAP << (56 + STILE_LABEL_ACTION_SHIFT);

/* Whether a label's entry is that of one which stands alone in its stack, is swapped, and valid from everywhere. */
HOT int is_swap(uint64_t word) {
    return (word & (0xFFull << 32 | (uint64_t)STILE_FLAG_BY_SOURCE << 48 | 7ull << 61)) == SWAP;
}

/* Swaps the label of frame i, which stands behind its header of `offset` octets; it leaves at once. 0: it is none of the common. */
HOT int swap_label(struct reference_worker *worker, const struct stile_interface *nni, int32_t offset, uint32_t i) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    uint8_t *packet = burst->frame[i] + offset + 4;
    int32_t available = burst->frame_bytes[i] - offset - 4;
    uint32_t stack = load32(packet - 4), length, entry;
    uint64_t label = (uint64_t)(stack >> 12) - nni->label_base, word, next_hop;
    if (UNLIKELY(label >= nni->label_count)) return 0;
    word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + nni->label_first + label));
    if (UNLIKELY((stack & 0x1FE) < 0x102 || !is_swap(word))) return 0;
    if (packet[0] >> 4 == 6) {
        length = 40u + load16(packet + 4);
        if (UNLIKELY(length > (uint32_t)available)) return 0;
    } else if (UNLIKELY(!is_common(packet, available, &length))) return 0;
    next_hop = stile_load_acquire_u64(tables->next_hops + (uint32_t)word);
    const struct stile_adjacency *adjacency =
        tables->adjacencies + stile_load_acquire_u32(tables->links + link_of(next_hop));
    const struct stile_interface *egress = tables->interfaces + interface_of(next_hop);
    int is_across = (nni->kind ^ egress->kind) & STILE_INTERFACE_OF_CORE;
    int may_transit = (word >> 48 & STILE_FLAG_TRANSIT) && !(nni->kind & STILE_INTERFACE_OF_CORE);
    if (UNLIKELY(kind_of(next_hop) != STILE_NEXT_HOP_SWAP || (next_hop & 0xFFFFF) == STILE_LABEL_NONE
                 || adjacency->port >= STILE_MAX_PORTS || adjacency->has_transport || length > egress->mtu
                 || (!is_across && !may_transit))) return 0;
    burst->packet[i] = packet;
    burst->packet_bytes[i] = (uint16_t)length;
    burst->next_hop[i] = next_hop;
    burst->adjacency[i] = adjacency;
    entry = __builtin_bswap32((uint32_t)next_hop << 12 | (stack & 0xF00) | ((stack - 1) & 0xFF));
    memcpy(packet - sizeof *adjacency, adjacency, sizeof *adjacency);
    memcpy(packet - 4, &entry, 4);
    burst->frame[i] = packet - adjacency->rewrite_bytes;
    burst->frame_bytes[i] = (uint16_t)(length + adjacency->rewrite_bytes);
    burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_TRANSMIT, .port = adjacency->port};
    burst->egress_ports |= 1ull << adjacency->port;
    return 1;
}

/* Whether a label's entry is that of one which has its packets' next hop, and is valid from everywhere. */
HOT int is_pop(uint64_t word) {
    return (word & ((uint64_t)STILE_FLAG_BY_SOURCE << 48 | 7ull << 61)) == (uint64_t)STILE_LABEL_NEXT_HOP << 61;
}

/* Sends frame i, which has a label behind its header of `offset` octets, out of the circuit that the label leads to. 0: it is
 * none of the common. */
HOT int pop_label(struct reference_worker *worker, const struct stile_interface *nni, int32_t offset, uint32_t i) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    uint8_t *packet = burst->frame[i] + offset + 4;
    int32_t available = burst->frame_bytes[i] - offset - 4;
    uint32_t stack = load32(packet - 4), length;
    uint64_t label = (uint64_t)(stack >> 12) - nni->label_base, word, next_hop;
    if (UNLIKELY(label >= nni->label_count)) return 0;
    word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + nni->label_first + label));
    if (UNLIKELY((stack & 0x1FF) < 0x102 || !is_pop(word))) return 0;
    int is_ipv6 = packet[0] >> 4 == 6;
    if (UNLIKELY(!(word >> 48 & (is_ipv6 ? STILE_FLAG_IPV6 : STILE_FLAG_IPV4)))) return 0;
    if (is_ipv6) {
        length = 40u + load16(packet + 4);
        if (UNLIKELY(length > (uint32_t)available)) return 0;
    } else if (UNLIKELY(!is_common(packet, available, &length))) return 0;
    next_hop = stile_load_acquire_u64(tables->next_hops + ((uint32_t)(word >> 16) & 0xFFFFFF));
    const struct stile_adjacency *adjacency =
        tables->adjacencies + stile_load_acquire_u32(tables->links + link_of(next_hop));
    const struct stile_interface *unit = tables->interfaces + (uint16_t)word;
    const struct stile_interface *egress = tables->interfaces + interface_of(next_hop);
    uint8_t ttl = word >> 48 & STILE_FLAG_PROPAGATE_TTL ? (uint8_t)stack : packet[is_ipv6 ? 7 : 8];
    if (UNLIKELY(kind_of(next_hop) != STILE_NEXT_HOP_CIRCUIT || adjacency->port >= STILE_MAX_PORTS || unit->features
                 || egress->egress_features || egress->vrf != unit->vrf || ttl <= 1 || length > egress->mtu)) return 0;
    burst->packet[i] = packet;
    burst->packet_bytes[i] = (uint16_t)length;
    burst->next_hop[i] = next_hop;
    burst->adjacency[i] = adjacency;
    burst->owner[i] = (struct stile_label_entry){(uint16_t)word, unit->counter, unit->vrf, (uint8_t)(word >> 48), 0};
    count_received(worker, unit->counter, burst->frame_bytes[i]);
    set_ttl(packet, (uint8_t)(ttl - 1), is_ipv6);
    memcpy(packet - sizeof *adjacency, adjacency, sizeof *adjacency);
    burst->frame[i] = packet - adjacency->rewrite_bytes;
    burst->frame_bytes[i] = (uint16_t)(length + adjacency->rewrite_bytes);
    burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_TRANSMIT, .port = adjacency->port};
    burst->egress_ports |= 1ull << adjacency->port;
    return 1;
}

/* Takes the frames from `first` on that have the header and whose label `take` accepts. Returns the first that does not.
 * Inlined, so that `take` is too. */
static inline __attribute__((always_inline)) uint32_t take_labels(
    struct reference_worker *worker, const struct header *header, uint32_t first, uint32_t count, struct run *received,
    int (*take)(struct reference_worker *, const struct stile_interface *, int32_t, uint32_t)) {
    struct reference_burst *burst = &worker->burst;
    uint32_t i = first;
    uint64_t sum = 0;
    for (; i < count && is_of(header, burst, i, header->bytes + 24); i++) {
        prefetch_ahead(burst, i, count);
        uint16_t bytes = burst->frame_bytes[i];
        if (!take(worker, header->interface, header->bytes, i)) break;
        sum += bytes;
    }
    run_add(received, worker, header->interface->counter, i - first, sum);
    return i;
}

/* Those whose labels have their next hop. */
static __attribute__((noinline)) uint32_t pop_labels(struct reference_worker *worker, const struct header *header,
                                                     uint32_t first, uint32_t count, struct run *received) {
    return take_labels(worker, header, first, count, received, pop_label);
}

/* Those whose labels are swapped. */
static __attribute__((noinline)) uint32_t swap_labels(struct reference_worker *worker, const struct header *header,
                                                      uint32_t first, uint32_t count, struct run *received) {
    return take_labels(worker, header, first, count, received, swap_label);
}

/* Takes the labelled frames from `first` on that have the header and meet all rules. Returns the first that does not. */
static __attribute__((noinline)) uint32_t receive_labelled(struct reference_worker *worker, const struct header *header,
                                                           uint32_t first, uint32_t count, struct run *received) {
    struct reference_burst *burst = &worker->burst;
    const struct stile_interface *nni = header->interface;
    const struct stile_label_entry *entries = worker->tables.label_entries + nni->label_first;
    uint64_t base = nni->label_base, labels = nni->label_count;
    uint32_t ipv4 = burst->ipv4_count, i = first;
    uint64_t sum = 0;
    for (; i < count && is_of(header, burst, i, header->bytes + 24); i++) {
        prefetch_ahead(burst, i, count);
        uint8_t *packet = burst->frame[i] + header->bytes + 4;
        uint16_t bytes = burst->frame_bytes[i];
        uint32_t stack = load32(packet - 4), length;
        uint64_t label = (uint64_t)(stack >> 12) - base, word;
        if (UNLIKELY(label >= labels)) break;
        word = stile_load_acquire_u64((const uint64_t *)(const void *)(entries + label));
        const uint64_t needed = (uint64_t)(STILE_FLAG_VALID | STILE_FLAG_IPV4) << 48;
        if (UNLIKELY((stack & 0x1FE) < 0x102 || (word & needed) != needed)) break;
        if (UNLIKELY(!is_common(packet, bytes - header->bytes - 4, &length))) break;
        sum += bytes;
        burst->packet[i] = packet;
        burst->packet_bytes[i] = (uint16_t)length;
        burst->ttl[i] = word & (uint64_t)STILE_FLAG_PROPAGATE_TTL << 48 ? (uint8_t)stack : packet[8];
        memcpy(&burst->owner[i], &word, 8);
        count_received(worker, (uint16_t)(word >> 16), bytes);
        enqueue_ipv4(burst, &worker->tables, i, packet, (uint16_t)(word >> 32), ipv4++);
    }
    run_add(received, worker, nni->counter, i - first, sum);
    burst->ipv4_count = ipv4;
    return i;
}

/* Whether a label's entry is that of one which names a label space. */
HOT int is_context(uint64_t word) { return word >> 61 == STILE_LABEL_CONTEXT; }

/* The entry below one that is popped, with that one's class and no higher TTL. */
HOT uint32_t below_popped(uint32_t outer, uint32_t below) {
    uint32_t ttl = outer & 0xFF, own = below & 0xFF;
    return (below & ~0xEFFu) | (outer & 0xE00) | (own < ttl ? own : ttl);
}

/* As receive_labelled, frames with two labels of which the first names the table of the second. */
static __attribute__((noinline)) uint32_t receive_in_space(struct reference_worker *worker, const struct header *header,
                                                           uint32_t first, uint32_t count, struct run *received) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    const struct stile_interface *nni = header->interface;
    uint32_t ipv4 = burst->ipv4_count, i = first;
    uint64_t sum = 0;
    for (; i < count && is_of(header, burst, i, header->bytes + 28); i++) {
        prefetch_ahead(burst, i, count);
        uint8_t *packet = burst->frame[i] + header->bytes + 8;
        uint16_t bytes = burst->frame_bytes[i];
        uint32_t outer = load32(packet - 8), stack = load32(packet - 4), length;
        uint64_t label = (uint64_t)(outer >> 12) - nni->label_base, word;
        if (UNLIKELY(label >= nni->label_count)) break;
        word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + nni->label_first + label));
        if (UNLIKELY(outer & 0x100 || (uint8_t)outer <= 1 || !is_context(word))) break;
        const struct stile_context_table *table = tables->context_tables + (uint32_t)word;
        label = (uint64_t)(stack >> 12) - table->label_base;
        if (UNLIKELY(label >= table->label_count)) break;
        word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + table->label_first + label));
        const uint64_t needed = (uint64_t)(STILE_FLAG_VALID | STILE_FLAG_IPV4) << 48;
        if (UNLIKELY((stack & 0x1FE) < 0x102 || (word & needed) != needed)) break;
        if (UNLIKELY(!is_common(packet, bytes - header->bytes - 8, &length))) break;
        sum += bytes;
        stack = below_popped(outer, stack);
        store32(packet - 4, stack);
        burst->packet[i] = packet;
        burst->packet_bytes[i] = (uint16_t)length;
        burst->ttl[i] = word & (uint64_t)STILE_FLAG_PROPAGATE_TTL << 48 ? (uint8_t)stack : packet[8];
        memcpy(&burst->owner[i], &word, 8);
        count_received(worker, (uint16_t)(word >> 16), bytes);
        enqueue_ipv4(burst, tables, i, packet, (uint16_t)(word >> 32), ipv4++);
    }
    run_add(received, worker, nni->counter, i - first, sum);
    burst->ipv4_count = ipv4;
    return i;
}

/* As receive_labelled, IPv4 frames of a circuit. */
static __attribute__((noinline)) uint32_t receive_unlabelled(struct reference_worker *worker, const struct header *header,
                                                             uint32_t first, uint32_t count, struct run *received) {
    struct reference_burst *burst = &worker->burst;
    const struct stile_interface *circuit = header->interface;
    const struct stile_label_entry owner = burst->owner[first - 1];
    uint32_t ipv4 = burst->ipv4_count, i = first;
    uint64_t sum = 0;
    for (; i < count && is_of(header, burst, i, header->bytes + 20); i++) {
        prefetch_ahead(burst, i, count);
        uint8_t *packet = burst->frame[i] + header->bytes;
        uint32_t length;
        if (UNLIKELY(!is_common(packet, burst->frame_bytes[i] - header->bytes, &length))) break;
        sum += burst->frame_bytes[i];
        burst->packet[i] = packet;
        burst->packet_bytes[i] = (uint16_t)length;
        burst->ttl[i] = packet[8];
        burst->owner[i] = owner;
        enqueue_ipv4(burst, &worker->tables, i, packet, owner.vrf, ipv4++);
    }
    run_add(received, worker, circuit->counter, i - first, sum);
    burst->ipv4_count = ipv4;
    return i;
}

/* Takes the frames from `first` on that have one tag, are of circuits and meet all rules, as receive_labelled does. */
static __attribute__((noinline)) uint32_t receive_tagged(struct reference_worker *worker, uint32_t first, uint32_t count) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    uint32_t ipv4 = burst->ipv4_count, i = first;
    for (; i < count; i++) {
        uint8_t *frame = burst->frame[i], *packet = frame + 18;
        uint16_t bytes = burst->frame_bytes[i];
        uint32_t length;
        if (UNLIKELY(bytes < 38 || load16(frame + 12) != 0x8100 || load16(frame + 16) != 0x0800)) break;
        uint16_t number = (uint16_t)resolve_slot(
            tables->vlan_maps, slot_of(tables->vlan_maps + burst->port[i], load16(frame + 14) & 0xFFF));
        const struct stile_interface *circuit = tables->interfaces + number;
        uint64_t addresses, own;
        memcpy(&addresses, frame, 8);
        memcpy(&own, circuit->mac, 8);
        if (UNLIKELY(circuit->kind != STILE_INTERFACE_ATTACHMENT_CIRCUIT || !(circuit->flags & STILE_FLAG_IPV4)
                     || (addresses ^ own) << 16 || !is_common(packet, bytes - 18, &length)))
            break;
        prefetch_ahead(burst, i, count);
        burst->packet[i] = packet;
        burst->packet_bytes[i] = (uint16_t)length;
        burst->ttl[i] = packet[8];
        burst->owner[i] = (struct stile_label_entry){number, circuit->counter, circuit->vrf, 0, 0};
        count_received(worker, circuit->counter, bytes);
        enqueue_ipv4(burst, tables, i, packet, circuit->vrf, ipv4++);
    }
    burst->ipv4_count = ipv4;
    return i;
}

/* One frame, rule by rule; `header` is what may repeat. */
static void receive_one(struct reference_worker *worker, uint32_t i, struct header *header, struct run *received) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    uint8_t *frame = burst->frame[i];
    int32_t bytes = burst->frame_bytes[i];
    header->interface = NULL;
    memset(&burst->owner[i], 0, sizeof burst->owner[i]);
    /* 1. Ethernet header and tags name the interface. */
    if (UNLIKELY(bytes < 14)) goto too_short;
    uint16_t type = load16(frame + 12);
    const struct stile_vlan_map *map = tables->vlan_maps + burst->port[i];
    int32_t offset = 14;
    uint32_t number;
    if (type != 0x8100 && type != 0x88A8) {
        number = resolve_slot(tables->vlan_maps, slot_of(map, 0));
    } else {
        if (UNLIKELY(bytes < 18)) goto too_short;
        uint32_t vid = load16(frame + 14) & 0xFFF;
        type = load16(frame + 16);
        offset = 18;
        uint32_t slot = slot_of(map, vid);
        if (UNLIKELY(type == 0x8100 && vid && slot & STILE_VLAN_SECOND_LEVEL)) {
            if (bytes < 22) goto too_short;
            number = slot_of(tables->vlan_maps + (slot & ~STILE_VLAN_SECOND_LEVEL), load16(frame + 18) & 0xFFF);
            type = load16(frame + 20);
            offset = 22;
        } else {
            number = resolve_slot(tables->vlan_maps, slot);
        }
    }
    if (UNLIKELY(number == 0)) {
        run_add(received, worker, 0, 1, (uint64_t)bytes);
        drop(worker, i, NO_INTERFACE_FOR_VLAN);
        return;
    }
    const struct stile_interface *interface = tables->interfaces + (uint16_t)number;
    burst->owner[i].interface = (uint16_t)number;
    burst->owner[i].counter = interface->counter;
    run_add(received, worker, interface->counter, 1, (uint64_t)bytes);
    uint64_t own;
    memcpy(&header->addresses, frame, 8);
    memcpy(&own, interface->mac, 8);
    int is_ours = (header->addresses ^ own) << 16 == 0;
    uint8_t *packet = frame + offset;
    int32_t available = bytes - offset;
    uint16_t vrf = interface->vrf, length = 0;
    uint8_t flags = 0;
    int is_nni = (interface->kind & ~STILE_INTERFACE_OF_CORE) == STILE_INTERFACE_NNI;
    if (is_ours && offset <= 18 && type == (is_nni ? 0x8847 : 0x0800) && (is_nni || interface->flags & STILE_FLAG_IPV4)) {
        header->interface = interface;
        header->port = burst->port[i];
        header->type = type;
        header->bytes = offset;
        memcpy(&header->tag_and_type, packet - 8, 8);
    }
    if (type == 0x8847 && is_nni) {
        /* 2. The label: one entry, valid here, TTL above 1. */
        if (UNLIKELY(!is_ours)) {
            drop(worker, i, NOT_FOR_THIS_MAC);
            return;
        }
        available -= 4;
        if (UNLIKELY(available < 0)) {
            drop(worker, i, LABEL_STACK_TRUNCATED);
            return;
        }
        uint32_t stack = load32(packet);
        packet += 4;
        uint32_t label = (stack >> 12) - interface->label_base, labels = interface->label_count;
        uint32_t first = interface->label_first;
        uint64_t word = 0;
        if (LIKELY(label < labels))
            word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + first + label));
        if (UNLIKELY(is_context(word)) && !(stack & 0x100) && available >= 4) {
            const struct stile_context_table *table = tables->context_tables + (uint32_t)word;
            stack = below_popped(stack, load32(packet));
            store32(packet, stack);
            packet += 4;
            available -= 4;
            label = (stack >> 12) - table->label_base;
            labels = table->label_count;
            first = table->label_first;
            word = 0;
            if (LIKELY(label < labels))
                word = stile_load_acquire_u64((const uint64_t *)(const void *)(tables->label_entries + first + label));
        }
        if (UNLIKELY(!(stack & 0x100))) {
            drop(worker, i, LABEL_STACK_DEPTH);
            return;
        }
        if (UNLIKELY(label >= labels)) {
            drop(worker, i, LABEL_NOT_VALID_HERE);
            return;
        }
        struct stile_label_entry entry;
        memcpy(&entry, &word, 8);
        if (is_swap(word) && LIKELY(available >= 20) && swap_label(worker, interface, offset, i)) return;
        if (is_pop(word) && LIKELY(available >= 20) && pop_label(worker, interface, offset, i)) return;
        if (UNLIKELY(!(entry.flags & STILE_FLAG_VALID))) {
            drop(worker, i, LABEL_NOT_VALID_HERE);
            return;
        }
        if (UNLIKELY((uint8_t)stack <= 1)) {
            drop(worker, i, LABEL_TTL_EXPIRED);
            return;
        }
        uint8_t reason = check_packet(packet, available, entry.flags, &length, &flags);
        if (UNLIKELY(reason != NO_REASON)) {
            drop(worker, i, reason);
            return;
        }
        burst->ttl[i] = entry.flags & STILE_FLAG_PROPAGATE_TTL ? (uint8_t)stack : packet[flags & IS_IPV6 ? 7 : 8];
        vrf = entry.vrf;
        flags |= entry.flags;
        burst->owner[i] = entry;
        count_received(worker, entry.counter, (uint16_t)bytes);
    } else {
        /* 2. An IP packet of a circuit. */
        if (UNLIKELY(!is_ours && !(frame[0] & 1))) {
            drop(worker, i, NOT_FOR_THIS_MAC);
            return;
        }
        if (UNLIKELY(type != 0x0800 && type != 0x86DD)) {
            if (type == 0x0806) punt(worker, i);
            else drop(worker, i, ETHER_TYPE_NOT_ACCEPTED);
            return;
        }
        uint8_t reason = check_packet(packet, available, interface->flags, &length, &flags);
        if (UNLIKELY(reason != NO_REASON)) {
            drop(worker, i, reason);
            return;
        }
        if (UNLIKELY((type == 0x86DD) != !!(flags & IS_IPV6))) {
            drop(worker, i, IP_VERSION_INVALID);
            return;
        }
        /* Neighbor discovery: hop limit 255 and ICMPv6 133 to 137. */
        if (UNLIKELY(flags & IS_IPV6 && packet[7] == 255 && packet[6] == 58 && length > 40 && packet[40] >= 133
                     && packet[40] <= 137)) {
            punt(worker, i);
            return;
        }
        if (UNLIKELY(is_nni)) {
            drop(worker, i, UNLABELLED_ON_NNI);
            return;
        }
        if (UNLIKELY(!is_ours)) {
            drop(worker, i, NOT_FOR_THIS_MAC);
            return;
        }
        burst->ttl[i] = packet[flags & IS_IPV6 ? 7 : 8];
    }
    burst->packet[i] = packet;
    burst->packet_bytes[i] = length;
    burst->owner[i].vrf = vrf;
    burst->owner[i].flags = flags;
    /* 3. The queue of its family. */
    if (LIKELY(!(flags & IS_IPV6))) enqueue_ipv4(burst, tables, i, packet, vrf, burst->ipv4_count++);
    else burst->queue_ipv6[burst->ipv6_count++] = (uint8_t)i;
    return;
too_short:
    run_add(received, worker, 0, 1, (uint64_t)bytes);
    drop(worker, i, FRAME_TOO_SHORT);
}

/* Frame → interface, label → VRF, header and address rules: one pass up to the queues of the lookup. */
static void receive(struct reference_worker *worker, uint32_t count) {
    struct reference_burst *burst = &worker->burst;
    struct run received = {0};
    struct header header;
    burst->ipv4_count = 0;
    burst->ipv6_count = 0;
    burst->egress_ports = 0;
    for (uint32_t i = 0; i < count && i < 4; i++) {
        stile_prefetch_for_write(burst->frame[i]);
        stile_prefetch_for_write(burst->frame[i] - 64);
    }
    for (uint32_t i = 0; i < count;) {
        prefetch_ahead(burst, i, count);
        receive_one(worker, i++, &header, &received);
        if (!header.interface || i >= count) continue;
        if (header.type == 0x8847) {
            i = receive_labelled(worker, &header, i, count, &received);
            if (i < count) i = swap_labels(worker, &header, i, count, &received);
            if (i < count) i = pop_labels(worker, &header, i, count, &received);
            if (i < count) i = receive_in_space(worker, &header, i, count, &received);
        }
        else if (is_of(&header, burst, i, header.bytes + 20)) i = receive_unlabelled(worker, &header, i, count, &received);
        else if (header.bytes == 18) i = receive_tagged(worker, i, count);
    }
    run_flush(&received, worker);
}

/* The next hop by an entry that holds the one route below it. */
HOT uint32_t inline_hop(uint64_t entry, uint64_t window) {
    int is_route = (entry ^ window) >> (entry >> 38 & 63) == 0;
    return (uint32_t)(entry >> (is_route ? 16 : 0)) & 0xFFFF;
}

HOT int is_inline(uint64_t entry) { return (entry >> 32 & 15) == STILE_FIB_INLINE; }

struct step {
    uint32_t hop;   /* 0: none */
    uint32_t below; /* 0: nothing */
    uint32_t bits;  /* that have been looked at, where something is below */
};

HOT uint32_t child(const uint8_t *references, uint64_t children) {
    return stile_load_acquire_u32(
        (const uint32_t *)(const void *)references + __builtin_popcountll(children) - 1);
}

/* One step down from a block that is no direct table, or from nothing. */
HOT struct step descend(const uint8_t *fib, uint32_t reference, uint64_t window) {
    const uint8_t *block = fib + (reference & ~15u);
    uint32_t kind = reference & 15;
    if (kind == STILE_FIB_SKIP || kind == STILE_FIB_ROUTE) {
        const struct stile_fib_skip *skip = (const void *)block;
        uint32_t word = (window ^ skip->value) >> (64 - skip->bits) ? 0 : stile_load_acquire_u32(&skip->reference);
        if (kind == STILE_FIB_ROUTE) return (struct step){.hop = word};
        return (struct step){.below = word, .bits = skip->bits};
    }
    const struct stile_fib_node *node = (const void *)block;
    uint64_t hops = stile_load_acquire_u64(&node->hops);
    uint32_t unused = (uint32_t)(63 - (window >> 58));
    uint64_t hops_to_slot = hops << unused, children_to_slot = node->children << unused;
    if (UNLIKELY(kind == STILE_FIB_WIDE)) {
        const uint32_t *words = (const void *)(block + 16);
        uint32_t hop = words[__builtin_popcountll(hops_to_slot) - 1];
        if (!(children_to_slot >> 63)) return (struct step){.hop = hop};
        return (struct step){
            .hop = hop, .below = child(block + 16 + 4 * __builtin_popcountll(hops), children_to_slot), .bits = 6};
    }
    int is_runs = kind == STILE_FIB_RUNS;
    const uint16_t *words = (const void *)(block + 16);
    uint32_t has_hop = is_runs ? 1 : (uint32_t)(hops_to_slot >> 63);
    uint32_t hop = words[is_runs ? __builtin_popcountll(hops_to_slot) - 1 : 0] & (0 - has_hop);
    if (!(children_to_slot >> 63)) return (struct step){.hop = hop};
    uint32_t count = is_runs ? (uint32_t)__builtin_popcountll(hops) : 1;
    return (struct step){.hop = hop, .below = child(block + 16 + ((2 * count + 2) & ~3u), children_to_slot), .bits = 6};
}


/* What the next hop and its link are now, once for all that is decided about the packet. Fetches what depart reads. */
HOT void resolve(struct reference_burst *burst, const struct reference_tables *tables, uint32_t i, uint32_t hop) {
    uint64_t next_hop = stile_load_acquire_u64(tables->next_hops + hop);
    const struct stile_adjacency *adjacency =
        tables->adjacencies + stile_load_acquire_u32(tables->links + link_of(next_hop));
    stile_prefetch(adjacency);
    stile_prefetch(tables->interfaces + interface_of(next_hop));
    burst->next_hop[i] = next_hop;
    burst->adjacency[i] = adjacency;
}

/* Longest-prefix match, level by level, then what each next hop is. */
static uint32_t lookup(struct reference_worker *worker) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    const uint8_t *fib = tables->fib;
    uint32_t active = 0;
    for (uint32_t n = 0; n < burst->ipv4_count; n++) {
        uint64_t entry = stile_load_acquire_u64(burst->slot[n]);
        stile_prefetch(fib + (is_inline(entry) ? 0 : (uint32_t)(entry >> 32) & ~15u));
        burst->entry[n] = entry;
    }
    for (uint32_t n = 0; n < burst->ipv4_count; n++) {
        uint64_t entry = burst->entry[n];
        if (is_inline(entry)) {
            uint32_t hop = inline_hop(entry, burst->key_ipv4[n]);
            burst->hop[n] = LIKELY(hop) ? hop : (uint32_t)burst->root[n];
            continue;
        }
        struct step found = descend(fib, (uint32_t)(entry >> 32), burst->key_ipv4[n]);
        uint32_t hop = found.hop ? found.hop : (uint32_t)entry;
        if (UNLIKELY(hop == 0)) hop = (uint32_t)burst->root[n];
        burst->hop[n] = hop;
        if (found.below) {
            burst->reference[n] = found.below;
            burst->key_ipv4[n] <<= found.bits;
            stile_prefetch(fib + (found.below & ~15u));
            burst->active[active++] = (uint8_t)n;
        }
    }
    while (active) {
        uint32_t kept = 0;
        for (uint32_t m = 0; m < active; m++) {
            uint32_t n = burst->active[m];
            struct step found = descend(fib, burst->reference[n], burst->key_ipv4[n]);
            burst->hop[n] = found.hop ? found.hop : burst->hop[n];
            burst->reference[n] = found.below;
            burst->key_ipv4[n] <<= found.bits;
            stile_prefetch(fib + (found.below & ~15u));
            burst->active[kept] = (uint8_t)n;
            kept += found.below != 0;
        }
        active = kept;
    }
    uint32_t routed = 0;
    for (uint32_t n = 0; n < burst->ipv4_count; n++) {
        uint32_t i = burst->queue_ipv4[n];
        resolve(burst, tables, i, burst->hop[n]);
        burst->routed[routed++] = (uint8_t)i;
    }
    if (LIKELY(burst->ipv6_count == 0)) return routed;
    active = 0;
    for (uint32_t n = 0; n < burst->ipv6_count; n++) {
        uint32_t i = burst->queue_ipv6[n];
        uint64_t entry = stile_load_acquire_u64(&tables->ipv6_roots[burst->owner[i].vrf]);
        uint32_t hop = (uint32_t)entry, below = (uint32_t)(entry >> 32);
        unsigned __int128 key = load128(burst->packet[i] + 24);
        if ((below & 15) >= STILE_FIB_DIRECT) {
            entry = stile_load_acquire_u64(slot_in(fib, below, (uint64_t)(key >> 64)));
            key <<= direct_bits(below);
            uint32_t found = is_inline(entry) ? inline_hop(entry, (uint64_t)(key >> 64)) : (uint32_t)entry;
            if (found) hop = found;
            below = is_inline(entry) ? 0 : (uint32_t)(entry >> 32);
        }
        stile_prefetch(fib + (below & ~15u));
        burst->key_ipv6[n] = key;
        burst->hop[n] = hop;
        burst->reference[n] = below;
        burst->active[active] = (uint8_t)n;
        active += below != 0;
    }
    while (active) {
        uint32_t kept = 0;
        for (uint32_t m = 0; m < active; m++) {
            uint32_t n = burst->active[m];
            struct step found = descend(fib, burst->reference[n], (uint64_t)(burst->key_ipv6[n] >> 64));
            burst->hop[n] = found.hop ? found.hop : burst->hop[n];
            burst->reference[n] = found.below;
            burst->key_ipv6[n] <<= found.bits;
            stile_prefetch(fib + (found.below & ~15u));
            burst->active[kept] = (uint8_t)n;
            kept += found.below != 0;
        }
        active = kept;
    }
    for (uint32_t n = 0; n < burst->ipv6_count; n++) {
        uint32_t i = burst->queue_ipv6[n];
        resolve(burst, tables, i, burst->hop[n]);
        burst->routed[routed++] = (uint8_t)i;
    }
    return routed;
}

/* The rules of the egress side and the new headers, in one pass. */
/* A packet that does not leave, or not by the common way. */
static __attribute__((noinline)) void refuse(struct reference_worker *worker, uint32_t i) {
    const struct reference_burst *burst = &worker->burst;
    uint64_t next_hop = burst->next_hop[i];
    uint32_t kind = kind_of(next_hop);
    if (kind == STILE_NEXT_HOP_DISCARD) drop(worker, i, DISCARD_ROUTE);
    else if (kind == STILE_NEXT_HOP_NO_ROUTE) drop(worker, i, NO_ROUTE);
    else if (burst->adjacency[i] - worker->tables.adjacencies < STILE_ADJACENCY_FIRST) punt(worker, i);
    else if (worker->tables.interfaces[interface_of(next_hop)].vrf != burst->owner[i].vrf)
        drop(worker, i, ADJACENCY_OF_ANOTHER_VRF);
    else drop(worker, i, EGRESS_PORT_DOWN);
}

/* From an NNI into the core or the other way, by a next hop that no other border router's NNI is behind. */
HOT int is_across(const struct reference_burst *burst, const struct stile_interface *interfaces, uint32_t i,
                  const struct stile_interface *egress) {
    return (interfaces[burst->owner[i].interface].kind ^ egress->kind) & STILE_INTERFACE_OF_CORE
           && !(burst->next_hop[i] & STILE_NEXT_HOP_MARKED);
}

HOT const struct stile_transport *transport_of(const struct stile_adjacency *adjacency) {
    return (const void *)(adjacency + 1);
}

/* The labels of the way to a PE above the one that stands there, with that one's class and TTL, and the header again. */
static __attribute__((noinline)) void push_transport(const struct stile_adjacency *adjacency, uint8_t *packet) {
    const struct stile_transport *transport = transport_of(adjacency);
    uint32_t own = load32(packet - 4) & 0xEFF;
    uint8_t *label = packet - 4 - 4 * transport->label_count;
    memcpy(label + 4 - sizeof *adjacency, adjacency, sizeof *adjacency);
    for (uint32_t n = 0; n < transport->label_count; n++, label += 4) {
        uint32_t entry = __builtin_bswap32(stile_transport_entry(transport, n) | own);
        memcpy(label, &entry, 4);
    }
}

HOT uint64_t mix(uint64_t one, uint64_t other) {
    unsigned __int128 product =
        (unsigned __int128)(one ^ 0x6A09E667F3BCC909) * (other ^ 0xBB67AE8584CAA73B);
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

HOT uint32_t finish(uint64_t value) { return (uint32_t)(mix(value, value << 32 | value >> 32) >> 32); }

HOT uint64_t load64(const uint8_t *p) { return (uint64_t)load32(p) << 32 | load32(p + 4); }

HOT int has_ports(uint8_t protocol) { return protocol == 6 || protocol == 17; }

/* The hash of a flow: addresses, and the ports of TCP and UDP that is whole and without extension headers. */
HOT uint32_t flow_of(const uint8_t *packet, uint32_t bytes, int is_ipv6) {
    uint64_t ports = 0;
    if (is_ipv6) {
        uint64_t source = mix(load64(packet + 8), load64(packet + 16));
        uint64_t destination = mix(load64(packet + 24), load64(packet + 32));
        if (has_ports(packet[6]) && bytes >= 44) ports = load32(packet + 40);
        return finish(mix(source ^ (destination << 23 | destination >> 41), ports));
    }
    if (has_ports(packet[9]) && !((packet[6] << 8 | packet[7]) & 0x3FFF) && bytes >= 24) ports = load32(packet + 20);
    return finish(mix(load64(packet + 12), ports));
}

/* Of SplitMix64; the seed is 0. */
HOT uint32_t bucket_of(uint32_t hash) {
    uint64_t value = hash + 0x9E3779B97F4A7C15;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
    value = (value ^ value >> 27) * 0x94D049BB133111EB;
    return (uint32_t)((value ^ value >> 31) >> 56);
}

/* The next hop that a packet takes of its group: by the bucket of its flow, among those for where it came from. */
HOT uint32_t member_of(const struct reference_worker *worker, uint32_t i) {
    const struct reference_burst *burst = &worker->burst;
    uint8_t flags = burst->owner[i].flags;
    uint32_t origin = STILE_GROUP_ANY;
    if ((flags & (STILE_FLAG_VALID | STILE_FLAG_TRANSIT)) == STILE_FLAG_VALID)
        origin = worker->tables.interfaces[burst->owner[i].interface].kind & STILE_INTERFACE_OF_CORE ? STILE_GROUP_CORE
                                                                                                     : STILE_GROUP_NNI;
    uint32_t hash = flow_of(burst->packet[i], burst->packet_bytes[i], flags & IS_IPV6);
    return stile_group_member(worker->tables.groups + (burst->next_hop[i] & 0xFFFFF), origin, bucket_of(hash));
}

static void depart(struct reference_worker *worker, uint32_t count) {
    struct reference_burst *burst = &worker->burst;
    const struct stile_interface *interfaces = worker->tables.interfaces;
    uint64_t egress_ports = burst->egress_ports;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = burst->routed[n];
        uint64_t next_hop = burst->next_hop[i];
        const struct stile_adjacency *adjacency = burst->adjacency[i];
        const struct stile_interface *egress = interfaces + interface_of(next_hop);
        uint16_t port = adjacency->port;
        uint8_t flags = burst->owner[i].flags;
        /* The adjacency of what leads to no neighbor, or to one that is not resolved, has no port. */
        if (UNLIKELY(egress->vrf != burst->owner[i].vrf || egress->egress_features || port >= STILE_MAX_PORTS)) {
            if (kind_of(next_hop) == STILE_NEXT_HOP_GROUP) {
                resolve(burst, &worker->tables, i, member_of(worker, i));
                n--;
            } else {
                refuse(worker, i);
            }
            continue;
        }
        if (UNLIKELY((flags & (STILE_FLAG_VALID | STILE_FLAG_TRANSIT)) == STILE_FLAG_VALID)
            && kind_of(next_hop) == STILE_NEXT_HOP_LABELLED && !is_across(burst, interfaces, i, egress)) {
            drop(worker, i, TRANSIT_NOT_ALLOWED);
            continue;
        }
        uint8_t *packet = burst->packet[i];
        uint8_t ttl = burst->ttl[i];
        if (UNLIKELY(ttl <= 1)) {
            drop(worker, i, IP_TTL_EXPIRED);
            continue;
        }
        uint16_t bytes = burst->packet_bytes[i];
        if (UNLIKELY(bytes > (adjacency->has_transport ? transport_of(adjacency)->mtu : egress->mtu))) {
            if (flags & IS_IPV6) drop(worker, i, PACKET_TOO_BIG);
            else if (packet[6] & 0x40) drop(worker, i, FRAGMENTATION_NEEDED);
            else burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_FRAGMENT};
            continue;
        }
        set_ttl(packet, (uint8_t)(ttl - 1), flags & IS_IPV6);
        uint8_t class_octet = flags & IS_IPV6 ? (uint8_t)(packet[0] << 4 | packet[1] >> 4) : packet[1];
        /* Header and label stack entry, which is zero out of a circuit. */
        uint32_t own = (uint32_t)(class_octet >> 5) << 9 | (ttl - 1u), last;
        uint32_t entry = (uint32_t)next_hop << 12 | (own & egress->label_mask) | egress->label_bits;
        memcpy(packet - sizeof *adjacency, adjacency, sizeof *adjacency);
        memcpy(&last, (const uint8_t *)(adjacency + 1) - 4, 4);
        last |= __builtin_bswap32(entry);
        memcpy(packet - 4, &last, 4);
        if (adjacency->has_transport) push_transport(adjacency, packet);
        burst->frame[i] = packet - adjacency->rewrite_bytes;
        burst->frame_bytes[i] = (uint16_t)(bytes + adjacency->rewrite_bytes);
        burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_TRANSMIT, .port = port};
        egress_ports |= 1ull << port;
    }
    burst->egress_ports = egress_ports;
}

void reference_process(struct reference_worker *worker, uint32_t count) {
    if (count > REFERENCE_BURST) count = REFERENCE_BURST;
    if (worker->burst.bursts++ % CLOCKED_BURSTS) {
        receive(worker, count);
        depart(worker, lookup(worker));
        return;
    }
    uint64_t start = stile_cycles();
    receive(worker, count);
    uint64_t received = stile_cycles();
    stile_count_stage(worker->statistics, STAGE_INGRESS, received - start, count);
    uint32_t routed = lookup(worker);
    uint64_t found = stile_cycles();
    stile_count_stage(worker->statistics, STAGE_LOOKUP, found - received, routed);
    depart(worker, routed);
    stile_count_stage(worker->statistics, STAGE_DEPARTURE, stile_cycles() - found, routed);
}
