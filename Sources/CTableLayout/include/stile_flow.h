#ifndef STILE_FLOW_H
#define STILE_FLOW_H
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "stile_atomic.h"

/* Flow records (RFC 7011): packets of one VRF that have the key in common, as a worker's flow cache holds them and as
 * they leave for stiled by the worker's flow ring when the flow has ended or a time-out has passed. */

/* The values of flowEndReason (IANA IPFIX information element 136). */
enum stile_flow_end {
    STILE_FLOW_IDLE_TIMEOUT = 1,
    STILE_FLOW_ACTIVE_TIMEOUT = 2,
    STILE_FLOW_FORCED_END = 4, /* its VRF is not metered any more, or the data plane stops */
};

struct stile_flow_record {
    /* The key: 48 octets. Addresses in network byte order, IPv4 in the first four octets; numbers in host byte order. */
    uint8_t source[16];
    uint8_t destination[16];
    uint16_t ingress;          /* counter number of the interface that the packets came in on */
    uint16_t vrf;
    uint16_t source_port;      /* 0 without ports and in a fragment that is not the first */
    uint16_t destination_port; /* ICMP: type * 256 + code */
    uint8_t protocol;          /* IPv6: the next header behind the extension headers */
    uint8_t traffic_class;     /* the DSCP and ECN octet */
    uint8_t family;            /* 4 or 6; 0: a free slot of the cache */
    uint8_t status;            /* forwardingStatus (IANA IPFIX information element 89) */
    uint32_t zero;
    /* What was counted. */
    uint64_t packets;
    uint64_t octets;           /* of the IP packets */
    uint64_t first_milliseconds; /* since 1970 */
    uint64_t last_milliseconds;
    uint16_t tcp_flags;        /* all that occurred: the header's twelve bits behind the data offset */
    uint16_t egress;           /* counter number of the interface that the first packet left by; 0: none */
    uint8_t end_reason;        /* enum stile_flow_end; 0 while in the cache */
    uint8_t reserved0[3];
    uint64_t hash;             /* the cache's own */
    uint32_t label_stack_entry; /* that the first packet came in with (RFC 3032 section 2.1); 0: none */
    uint32_t egress_label_stack_entry; /* that the first packet left with; 0: none */
    uint16_t egress_vrf;       /* that the first packet left in, where a route map gave it to another; 0: it did not leave */
    uint8_t reserved[22];
};

#define STILE_FLOW_SLOTS 4096 /* of each worker's ring */

/* UTC in milliseconds since 1970, as exact as the kernel's tick. Reads memory that the kernel keeps up to date and
 * never enters the kernel. */
static inline STILE_HOT uint64_t stile_wall_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

_Static_assert(sizeof(struct stile_flow_record) == 128, "layout");
_Static_assert(offsetof(struct stile_flow_record, packets) == 48, "layout");
_Static_assert(offsetof(struct stile_flow_record, first_milliseconds) == 64, "layout");

#endif
