#ifndef STILE_ACCESS_LOG_H
#define STILE_ACCESS_LOG_H
#include <stddef.h>
#include <stdint.h>

/* Packets that met an access list's entry with `log`: those of one flow together, as a worker gathers them for a moment
 * and as they leave for stiled by the worker's log ring. */

enum stile_access_log_direction {
    STILE_ACCESS_LOG_IN = 0,
    STILE_ACCESS_LOG_OUT = 1,
};

struct stile_access_log_record {
    /* The key: 48 octets. Addresses in network byte order, IPv4 in the first four octets; numbers in host byte order. */
    uint8_t source[16];
    uint8_t destination[16];
    uint32_t hits;             /* number of the entry's hit counter */
    uint16_t source_port;      /* 0 without ports and in a fragment that is not the first */
    uint16_t destination_port; /* ICMP: type * 256 + code */
    uint16_t counter;          /* of the interface whose list it is */
    uint8_t protocol;
    uint8_t family;            /* 4 or 6 */
    uint8_t direction;         /* enum stile_access_log_direction */
    uint8_t zero[3];
    /* What was counted. */
    uint64_t packets;          /* 0: a free place */
    uint64_t reserved;
};

#define STILE_ACCESS_LOG_SLOTS 1024 /* of each worker's ring */

_Static_assert(sizeof(struct stile_access_log_record) == 64, "layout");
_Static_assert(offsetof(struct stile_access_log_record, hits) == 32, "layout");
_Static_assert(offsetof(struct stile_access_log_record, packets) == 48, "layout");

#endif
