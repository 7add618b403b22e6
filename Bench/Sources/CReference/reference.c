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

HOT void run_add(struct run *run, struct reference_worker *worker, uint16_t counter, uint16_t bytes) {
    if (UNLIKELY(counter != run->counter)) {
        run_flush(run, worker);
        run->counter = counter;
    }
    run->packets++;
    run->bytes += bytes;
}

static __attribute__((noinline)) void drop(struct reference_worker *worker, uint32_t index, uint8_t reason) {
    worker->burst.verdict[index] = (struct reference_verdict){.outcome = REFERENCE_DROP, .reason = reason};
    uint16_t counter = worker->burst.counter[index];
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

HOT const void *first_read(const uint8_t *fib, uint32_t reference, uint64_t window) {
    const uint8_t *block = fib + (reference & ~15u);
    if ((reference & 15) < STILE_FIB_DIRECT) return block;
    return block + (window >> (64 - direct_bits(reference))) * 8;
}

/* Frame → interface, label → VRF, header and address rules: one pass up to the queues of the lookup. */
static void receive(struct reference_worker *worker, uint32_t count) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables tables = worker->tables;
    struct run received = {0}, admitted = {0};
    /* The Ethernet header of the last labelled frame that an NNI took: what was decided for it holds for the next. */
    uint64_t last_addresses = 0, last_source_and_type = 0;
    uint16_t last_port = 0;
    const struct stile_interface *last = NULL;
    uint32_t ipv4 = 0, ipv6 = 0;
    for (uint32_t i = 0; i < count && i < 4; i++) {
        stile_prefetch_for_write(burst->frame[i]);
        stile_prefetch_for_write(burst->frame[i] - 64);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i + 4 < count) {
            stile_prefetch_for_write(burst->frame[i + 4]);
            stile_prefetch_for_write(burst->frame[i + 4] - 64);
        }
        uint8_t *frame = burst->frame[i];
        int32_t bytes = burst->frame_bytes[i];
        uint64_t addresses = 0, source_and_type = 0;
        const struct stile_interface *interface;
        uint8_t *packet;
        int32_t available;
        int is_ours = 1;
        uint16_t type;
        /* 1. Ethernet header and tags name the interface. */
        if (LIKELY(bytes >= 14)) {
            memcpy(&addresses, frame, 8);
            memcpy(&source_and_type, frame + 6, 8);
        }
        if (LIKELY(last && burst->port[i] == last_port && addresses == last_addresses
                   && source_and_type == last_source_and_type)) {
            interface = last;
            burst->counter[i] = interface->counter;
            run_add(&received, worker, interface->counter, (uint16_t)bytes);
            packet = frame + 14;
            available = bytes - 14;
            type = 0x8847;
            goto labelled;
        }
        burst->counter[i] = 0;
        if (UNLIKELY(bytes < 14)) {
            run_add(&received, worker, 0, (uint16_t)bytes);
            drop(worker, i, FRAME_TOO_SHORT);
            continue;
        }
        type = load16(frame + 12);
        const struct stile_vlan_map *map = tables.vlan_maps + burst->port[i];
        int32_t offset = 14;
        uint32_t number;
        if (type != 0x8100 && type != 0x88A8) {
            number = resolve_slot(tables.vlan_maps, slot_of(map, 0));
        } else if (bytes >= 18) {
            uint32_t vid = load16(frame + 14) & 0xFFF;
            type = load16(frame + 16);
            offset = 18;
            uint32_t slot = slot_of(map, vid);
            if (UNLIKELY(type == 0x8100 && vid && slot & STILE_VLAN_SECOND_LEVEL)) {
                if (bytes < 22) {
                    run_add(&received, worker, 0, (uint16_t)bytes);
                    drop(worker, i, FRAME_TOO_SHORT);
                    continue;
                }
                number = slot_of(tables.vlan_maps + (slot & ~STILE_VLAN_SECOND_LEVEL), load16(frame + 18) & 0xFFF);
                type = load16(frame + 20);
                offset = 22;
            } else {
                number = resolve_slot(tables.vlan_maps, slot);
            }
        } else {
            run_add(&received, worker, 0, (uint16_t)bytes);
            drop(worker, i, FRAME_TOO_SHORT);
            continue;
        }
        if (UNLIKELY(number == 0)) {
            run_add(&received, worker, 0, (uint16_t)bytes);
            drop(worker, i, NO_INTERFACE_FOR_VLAN);
            continue;
        }
        interface = tables.interfaces + (uint16_t)number;
        burst->counter[i] = interface->counter;
        run_add(&received, worker, interface->counter, (uint16_t)bytes);
        uint64_t own;
        memcpy(&own, interface->mac, 8);
        is_ours = (addresses ^ own) << 16 == 0;
        packet = frame + offset;
        available = bytes - offset;
        if (type == 0x8847 && offset == 14 && is_ours && interface->kind == STILE_INTERFACE_NNI) {
            last = interface;
            last_port = burst->port[i];
            last_addresses = addresses;
            last_source_and_type = source_and_type;
        }
    labelled:;
        uint8_t families = interface->flags;
        uint16_t vrf = interface->vrf;
        uint16_t length = 0;
        uint8_t flags = 0;
        if (type == 0x8847 && interface->kind == STILE_INTERFACE_NNI) {
            /* 2. The label: one entry, valid here, TTL above 1. */
            if (UNLIKELY(!is_ours)) {
                drop(worker, i, NOT_FOR_THIS_MAC);
                continue;
            }
            available -= 4;
            if (UNLIKELY(available < 0)) {
                drop(worker, i, LABEL_STACK_TRUNCATED);
                continue;
            }
            uint32_t stack = load32(packet);
            packet += 4;
            if (UNLIKELY(!(stack & 0x100))) {
                drop(worker, i, LABEL_STACK_DEPTH);
                continue;
            }
            uint32_t label = (stack >> 12) - interface->label_base;
            if (UNLIKELY(label >= interface->label_count)) {
                drop(worker, i, LABEL_NOT_VALID_HERE);
                continue;
            }
            uint64_t word = stile_load_acquire_u64(
                (const uint64_t *)(const void *)(tables.label_entries + interface->label_first + label));
            struct stile_label_entry entry;
            memcpy(&entry, &word, 8);
            if (UNLIKELY(!(entry.flags & STILE_FLAG_VALID))) {
                drop(worker, i, LABEL_NOT_VALID_HERE);
                continue;
            }
            if (UNLIKELY((uint8_t)stack <= 1)) {
                drop(worker, i, LABEL_TTL_EXPIRED);
                continue;
            }
            flags = CAME_FROM_NNI | (entry.flags & STILE_FLAG_TRANSIT ? MAY_TRANSIT : 0);
            uint8_t reason = check_packet(packet, available, entry.flags, &length, &flags);
            if (UNLIKELY(reason != NO_REASON)) {
                drop(worker, i, reason);
                continue;
            }
            burst->ttl[i] = entry.flags & STILE_FLAG_PROPAGATE_TTL ? (uint8_t)stack : packet[flags & IS_IPV6 ? 7 : 8];
            vrf = entry.vrf;
            burst->counter[i] = entry.counter;
            run_add(&admitted, worker, entry.counter, (uint16_t)bytes);
        } else {
            /* 2. An IP packet of a circuit. */
            if (UNLIKELY(!is_ours && !(frame[0] & 1))) {
                drop(worker, i, NOT_FOR_THIS_MAC);
                continue;
            }
            if (UNLIKELY(type != 0x0800 && type != 0x86DD)) {
                if (type == 0x0806) punt(worker, i);
                else drop(worker, i, ETHER_TYPE_NOT_ACCEPTED);
                continue;
            }
            uint8_t reason = check_packet(packet, available, families, &length, &flags);
            if (UNLIKELY(reason != NO_REASON)) {
                drop(worker, i, reason);
                continue;
            }
            if (UNLIKELY((type == 0x86DD) != (flags & IS_IPV6))) {
                drop(worker, i, IP_VERSION_INVALID);
                continue;
            }
            /* Neighbor discovery: hop limit 255 and ICMPv6 133 to 137. */
            if (UNLIKELY(flags & IS_IPV6 && packet[7] == 255 && packet[6] == 58 && length > 40 && packet[40] >= 133
                         && packet[40] <= 137)) {
                punt(worker, i);
                continue;
            }
            if (UNLIKELY(interface->kind == STILE_INTERFACE_NNI)) {
                drop(worker, i, UNLABELLED_ON_NNI);
                continue;
            }
            if (UNLIKELY(!is_ours)) {
                drop(worker, i, NOT_FOR_THIS_MAC);
                continue;
            }
        }
        if (type != 0x8847) burst->ttl[i] = packet[flags & IS_IPV6 ? 7 : 8];
        burst->packet[i] = packet;
        burst->packet_bytes[i] = length;
        burst->vrf[i] = vrf;
        burst->flags[i] = flags;
        /* 3. The queue of its family; what the lookup reads first is fetched now. */
        if (LIKELY(!(flags & IS_IPV6))) {
            uint64_t root = stile_load_acquire_u64(&tables.ipv4_roots[vrf]);
            uint32_t key = load32(packet + 16);
            stile_prefetch(first_read(tables.fib, (uint32_t)(root >> 32), (uint64_t)key << 32));
            burst->key_ipv4[ipv4] = key;
            burst->root[ipv4] = root;
            burst->queue_ipv4[ipv4++] = (uint8_t)i;
        } else {
            burst->queue_ipv6[ipv6++] = (uint8_t)i;
        }
    }
    run_flush(&received, worker);
    run_flush(&admitted, worker);
    burst->ipv4_count = ipv4;
    burst->ipv6_count = ipv6;
}

/* One step of a trie: the block at `reference` for the top bits of `*key` (64 bits of what is left). Returns what is
 * below and takes the bits off. */
#define DESCEND(KEY, WINDOW)                                                                                           \
    const uint8_t *block = fib + (reference & ~15u);                                                                   \
    uint32_t kind = reference & 15;                                                                                    \
    if (kind >= STILE_FIB_DIRECT) {                                                                                  \
        uint32_t bits = direct_bits(reference);                                                                        \
        uint64_t entry = stile_load_acquire_u64((const uint64_t *)(const void *)block + (WINDOW >> (64 - bits)));      \
        *key <<= bits;                                                                                                 \
        if ((uint32_t)entry) *hop = (uint32_t)entry;                                                                   \
        return (uint32_t)(entry >> 32);                                                                                \
    }                                                                                                                  \
    if (kind <= STILE_FIB_ROUTE) {                                                                                     \
        const struct stile_fib_skip *skip = (const void *)block;                                                       \
        uint32_t bits = skip->bits;                                                                                    \
        uint32_t word = (WINDOW ^ skip->value) >> (64 - bits) ? 0 : stile_load_acquire_u32(&skip->reference);          \
        uint32_t is_route = kind == STILE_FIB_ROUTE;                                                                   \
        *key <<= bits & 63;                                                                                            \
        *hop = is_route && word ? word : *hop;                                                                         \
        return is_route ? 0 : word;                                                                                    \
    }                                                                                                                  \
    const struct stile_fib_node *node = (const void *)block;                                                           \
    const uint32_t *words = (const void *)(block + 16);                                                                \
    uint64_t slot = WINDOW >> 58;                                                                                      \
    *key <<= 6;                                                                                                        \
    uint32_t found, count;                                                                                             \
    if (LIKELY(kind == STILE_FIB_SINGLE)) {                                                                            \
        count = 1;                                                                                                     \
        found = node->hops >> slot & 1 ? words[0] : 0;                                                                 \
    } else {                                                                                                           \
        count = (uint32_t)__builtin_popcountll(node->hops);                                                            \
        found = words[__builtin_popcountll(node->hops & ((2ull << slot) - 1)) - 1];                                    \
    }                                                                                                                  \
    if (found) *hop = found;                                                                                           \
    if (!(node->children >> slot & 1)) return 0;                                                                       \
    return stile_load_acquire_u32(                                                                                     \
        words + count + __builtin_popcountll(node->children & ((1ull << slot) - 1)));

HOT uint32_t descend_ipv4(const uint8_t *fib, uint32_t reference, uint32_t *key, uint32_t *hop) {
    uint64_t window = (uint64_t)*key << 32;
    DESCEND(key, window)
}

HOT uint32_t descend_ipv6(const uint8_t *fib, uint32_t reference, unsigned __int128 *key, uint32_t *hop) {
    uint64_t window = (uint64_t)(*key >> 64);
    DESCEND(key, window)
}

/* Longest-prefix match, level by level, then the adjacency of each next hop. */
static uint32_t lookup(struct reference_worker *worker) {
    struct reference_burst *burst = &worker->burst;
    const struct reference_tables *tables = &worker->tables;
    const uint8_t *fib = tables->fib;
    uint32_t active = 0;
    for (uint32_t n = 0; n < burst->ipv4_count; n++) {
        uint64_t root = burst->root[n];
        uint32_t hop = (uint32_t)root, below = 0;
        if (LIKELY(root >> 32)) {
            uint32_t key = burst->key_ipv4[n];
            below = descend_ipv4(fib, (uint32_t)(root >> 32), &key, &hop);
            burst->key_ipv4[n] = key;
        }
        burst->hop[n] = hop;
        burst->reference[n] = below;
        stile_prefetch(fib + (below & ~15u));
        burst->active[active] = (uint8_t)n;
        active += below != 0;
    }
    while (active) {
        uint32_t kept = 0;
        for (uint32_t m = 0; m < active; m++) {
            uint32_t n = burst->active[m];
            uint32_t below = descend_ipv4(fib, burst->reference[n], &burst->key_ipv4[n], &burst->hop[n]);
            burst->reference[n] = below;
            stile_prefetch(fib + (below & ~15u));
            burst->active[kept] = (uint8_t)n;
            kept += below != 0;
        }
        active = kept;
    }
    uint32_t routed = 0;
    for (uint32_t n = 0; n < burst->ipv4_count; n++) {
        uint32_t i = burst->queue_ipv4[n];
        const struct stile_adjacency *adjacency =
            tables->adjacencies + stile_load_acquire_u32(tables->next_hops + burst->hop[n]);
        stile_prefetch(adjacency);
        burst->adjacency[i] = adjacency;
        burst->routed[routed++] = (uint8_t)i;
    }
    if (LIKELY(burst->ipv6_count == 0)) return routed;
    active = 0;
    for (uint32_t n = 0; n < burst->ipv6_count; n++) {
        uint32_t i = burst->queue_ipv6[n];
        uint64_t root = stile_load_acquire_u64(&tables->ipv6_roots[burst->vrf[i]]);
        burst->key_ipv6[n] = load128(burst->packet[i] + 24);
        burst->hop[n] = (uint32_t)root;
        burst->reference[n] = (uint32_t)(root >> 32);
        stile_prefetch(first_read(fib, (uint32_t)(root >> 32), (uint64_t)(burst->key_ipv6[n] >> 64)));
        burst->active[active] = (uint8_t)n;
        active += root >> 32 != 0;
    }
    while (active) {
        uint32_t kept = 0;
        for (uint32_t m = 0; m < active; m++) {
            uint32_t n = burst->active[m];
            uint32_t below = descend_ipv6(fib, burst->reference[n], &burst->key_ipv6[n], &burst->hop[n]);
            burst->reference[n] = below;
            stile_prefetch(fib + (below & ~15u));
            burst->active[kept] = (uint8_t)n;
            kept += below != 0;
        }
        active = kept;
    }
    for (uint32_t n = 0; n < burst->ipv6_count; n++) {
        uint32_t i = burst->queue_ipv6[n];
        const struct stile_adjacency *adjacency =
            tables->adjacencies + stile_load_acquire_u32(tables->next_hops + burst->hop[n]);
        stile_prefetch(adjacency);
        burst->adjacency[i] = adjacency;
        burst->routed[routed++] = (uint8_t)i;
    }
    return routed;
}

/* The rules of the egress side and the new headers, in one pass. */
static void depart(struct reference_worker *worker, uint32_t count) {
    struct reference_burst *burst = &worker->burst;
    uint64_t egress_ports = 0;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = burst->routed[n];
        const struct stile_adjacency *adjacency = burst->adjacency[i];
        uint8_t kind = adjacency->kind;
        int is_labelled = kind == STILE_ADJACENCY_LABELLED;
        if (UNLIKELY(!is_labelled && kind != STILE_ADJACENCY_CIRCUIT)) {
            if (kind == STILE_ADJACENCY_DISCARD) drop(worker, i, DISCARD_ROUTE);
            else if (kind == STILE_ADJACENCY_NO_ROUTE) drop(worker, i, NO_ROUTE);
            else punt(worker, i);
            continue;
        }
        if (UNLIKELY(adjacency->vrf != burst->vrf[i])) {
            drop(worker, i, ADJACENCY_OF_ANOTHER_VRF);
            continue;
        }
        uint8_t flags = burst->flags[i];
        if (UNLIKELY(is_labelled && (flags & (CAME_FROM_NNI | MAY_TRANSIT)) == CAME_FROM_NNI)) {
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
        if (UNLIKELY(bytes > adjacency->mtu)) {
            if (flags & IS_IPV6) drop(worker, i, PACKET_TOO_BIG);
            else if (packet[6] & 0x40) drop(worker, i, FRAGMENTATION_NEEDED);
            else burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_FRAGMENT};
            continue;
        }
        if (UNLIKELY(adjacency->port >= STILE_MAX_PORTS)) {
            drop(worker, i, EGRESS_PORT_DOWN);
            continue;
        }
        set_ttl(packet, (uint8_t)(ttl - 1), flags & IS_IPV6);
        memcpy(packet - STILE_REWRITE_BYTES, adjacency->rewrite, STILE_REWRITE_BYTES);
        uint8_t class_octet = flags & IS_IPV6 ? (uint8_t)(packet[0] << 4 | packet[1] >> 4) : packet[1];
        uint16_t own = (uint16_t)(class_octet >> 4 | (ttl - 1) << 8), bits, last;
        memcpy(&bits, adjacency->packet_bits, 2);
        memcpy(&last, adjacency->rewrite + 30, 2);
        last |= own & bits;
        memcpy(packet - 2, &last, 2);
        burst->frame[i] = packet - adjacency->rewrite_bytes;
        burst->frame_bytes[i] = (uint16_t)(bytes + adjacency->rewrite_bytes);
        burst->verdict[i] = (struct reference_verdict){.outcome = REFERENCE_TRANSMIT, .port = adjacency->port};
        egress_ports |= 1ull << adjacency->port;
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
