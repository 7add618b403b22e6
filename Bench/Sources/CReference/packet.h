#ifndef STILE_BENCH_PACKET_H
#define STILE_BENCH_PACKET_H
#include "stile_hot.h"
#include "stile_tables.h"

#include <stdint.h>
#include <string.h>

/* What the reference checks and writes in a packet itself: octets in network order, header and address rules, TTL. */

#define HOT static inline __attribute__((always_inline))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Raw values of Pipeline's DropReason. */
enum reason {
    FRAME_TOO_SHORT = 0,
    NO_INTERFACE_FOR_VLAN = 2,
    NOT_FOR_THIS_MAC = 3,
    ETHER_TYPE_NOT_ACCEPTED = 4,
    LABEL_STACK_TRUNCATED = 5,
    LABEL_STACK_DEPTH = 6,
    LABEL_NOT_VALID_HERE = 7,
    LABEL_TTL_EXPIRED = 8,
    IP_HEADER_TRUNCATED = 9,
    IP_VERSION_INVALID = 10,
    IP_HEADER_LENGTH_INVALID = 11,
    IP_LENGTH_INVALID = 12,
    IP_CHECKSUM_INVALID = 13,
    IPV4_OPTIONS_REFUSED = 14,
    FAMILY_NOT_CARRIED = 15,
    SOURCE_ADDRESS_INVALID = 16,
    DESTINATION_ADDRESS_INVALID = 17,
    MULTICAST_DESTINATION = 18,
    UNLABELLED_ON_NNI = 19,
    NO_ROUTE = 20,
    DISCARD_ROUTE = 21,
    ADJACENCY_OF_ANOTHER_VRF = 23,
    TRANSIT_NOT_ALLOWED = 24,
    IP_TTL_EXPIRED = 25,
    FRAGMENTATION_NEEDED = 26,
    PACKET_TOO_BIG = 27,
    EGRESS_PORT_DOWN = 32,
    NO_REASON = 255,
};

/* Of a packet: those of its label's entry (STILE_FLAG_…), and whether it is IPv6. Only what came from an NNI is VALID. */
enum flags { IS_IPV6 = 0x40 };

HOT uint16_t load16(const uint8_t *p) {
    uint16_t value;
    memcpy(&value, p, 2);
    return __builtin_bswap16(value);
}
HOT uint32_t load32(const uint8_t *p) {
    uint32_t value;
    memcpy(&value, p, 4);
    return __builtin_bswap32(value);
}
HOT void store16(uint8_t *p, uint16_t value) {
    value = __builtin_bswap16(value);
    memcpy(p, &value, 2);
}
HOT void store32(uint8_t *p, uint32_t value) {
    value = __builtin_bswap32(value);
    memcpy(p, &value, 4);
}
HOT unsigned __int128 load128(const uint8_t *p) {
    return (unsigned __int128)load32(p) << 96 | (unsigned __int128)load32(p + 4) << 64
        | (unsigned __int128)load32(p + 8) << 32 | load32(p + 12);
}

/* Loose and strict source routes, and options that cannot be read to their end. */
static __attribute__((noinline)) int options_refused(const uint8_t *packet, uint32_t header_bytes) {
    uint32_t offset = 20;
    while (offset < header_bytes) {
        uint8_t type = packet[offset];
        if (type == 0) return 0;
        if (type == 1) {
            offset++;
            continue;
        }
        if (type == 131 || type == 137 || offset + 1 >= header_bytes) return 1;
        uint8_t length = packet[offset + 1];
        if (length < 2 || offset + length > header_bytes) return 1;
        offset += length;
    }
    return 0;
}

static __attribute__((noinline)) uint16_t long_header_sum(const uint8_t *packet, uint32_t header_bytes) {
    uint64_t sum = 0;
    for (uint32_t offset = 0; offset < header_bytes; offset += 2) sum += load16(packet + offset);
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)sum;
}

HOT int header_sum_is_correct(const uint8_t *packet) {
    uint64_t words[2], sum;
    uint32_t last;
    memcpy(words, packet, 16);
    memcpy(&last, packet + 16, 4);
    uint64_t rest = (uint64_t)last + __builtin_add_overflow(words[0], words[1], &sum);
    uint64_t carry = __builtin_add_overflow(sum, rest, &sum);
    /* The sum folds to 0xFFFF when it is a multiple of it: exact division by an odd number is a multiplication. */
    return (sum + carry) * 0xFFFEFFFEFFFEFFFFull <= 0x0001000100010001ull;
}

HOT int octet_refused(uint8_t first) { return (uint8_t)(first - 1) >= 223 || first == 127; }

static int address_refused(unsigned __int128 address) {
    return address <= 1 || (uint32_t)(address >> 118) == 0x3FA || (uint32_t)(address >> 120) == 0xFF;
}

/* The header and address rules. Returns a reason or NO_REASON, and the packet's length and family. */
HOT uint8_t check_packet(const uint8_t *packet, int32_t available, uint8_t families, uint16_t *length, uint8_t *flags) {
    if (UNLIKELY(available < 20)) return IP_HEADER_TRUNCATED;
    uint8_t first = packet[0];
    if (LIKELY(first >> 4 == 4)) {
        if (UNLIKELY(!(families & STILE_FLAG_IPV4))) return FAMILY_NOT_CARRIED;
        uint32_t header_bytes = (first & 15) * 4u;
        uint32_t total = load16(packet + 2);
        if (UNLIKELY(header_bytes < 20)) return IP_HEADER_LENGTH_INVALID;
        if (UNLIKELY(total < header_bytes || (int32_t)total > available)) return IP_LENGTH_INVALID;
        if (LIKELY(header_bytes == 20)) {
            if (UNLIKELY(!header_sum_is_correct(packet))) return IP_CHECKSUM_INVALID;
        } else {
            if (long_header_sum(packet, header_bytes) != 0xFFFF) return IP_CHECKSUM_INVALID;
            if (options_refused(packet, header_bytes)) return IPV4_OPTIONS_REFUSED;
        }
        *length = (uint16_t)total;
        if (LIKELY(!stile_octets_are_refused(packet[12], packet[16]))) return NO_REASON;
        if (octet_refused(packet[12])) return SOURCE_ADDRESS_INVALID;
        return packet[16] >> 4 == 14 ? MULTICAST_DESTINATION : DESTINATION_ADDRESS_INVALID;
    }
    if (first >> 4 != 6) return IP_VERSION_INVALID;
    if (available < 40) return IP_HEADER_TRUNCATED;
    if (!(families & STILE_FLAG_IPV6)) return FAMILY_NOT_CARRIED;
    uint32_t total = 40u + load16(packet + 4);
    if ((int32_t)total > available) return IP_LENGTH_INVALID;
    *length = (uint16_t)total;
    *flags |= IS_IPV6;
    if (address_refused(load128(packet + 8))) return SOURCE_ADDRESS_INVALID;
    if (address_refused(load128(packet + 24)))
        return packet[24] == 0xFF ? MULTICAST_DESTINATION : DESTINATION_ADDRESS_INVALID;
    return NO_REASON;
}

/* The IPv4 header that is by far the most frequent: no options, right length and checksum, addresses that may be. */
HOT int is_common(const uint8_t *packet, int32_t available, uint32_t *length) {
    uint32_t total = load16(packet + 2);
    *length = total;
    return packet[0] == 0x45 && total - 20 <= (uint32_t)available - 20 && header_sum_is_correct(packet)
        && !stile_octets_are_refused(packet[12], packet[16]);
}

/* RFC 1624, equation 3, as a sum modulo 0xFFFF; TTL, protocol and checksum are one word. */
HOT void set_ttl(uint8_t *packet, uint8_t ttl, int is_ipv6) {
    if (UNLIKELY(is_ipv6)) {
        packet[7] = ttl;
        return;
    }
    uint32_t old, difference, sum;
    memcpy(&old, packet + 8, 4);
    uint32_t is_raised = __builtin_sub_overflow(old & 0xFF, (uint32_t)ttl, &difference);
    uint32_t step = difference - is_raised + 1;
    if (!__builtin_add_overflow(old, (step << 16) - difference, &sum)) sum -= 0x10000;
    memcpy(packet + 8, &sum, 4);
}

#endif
