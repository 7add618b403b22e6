#ifndef STILE_DPDK_PORT_H
#define STILE_DPDK_PORT_H
#include <stdint.h>

/* Ethernet devices. None of this is called per packet. */

struct stile_port_request {
    const char *device;      /* a PCI address, or a virtual device with its arguments */
    const char *pool_name;   /* unique in the process, at most 25 characters */
    uint16_t mtu;            /* largest IP packet, octets */
    uint16_t rx_queues;      /* wanted; the device may have fewer */
    uint16_t tx_queues;
    uint16_t rx_descriptors; /* per queue; 0: the shim's choice */
    uint16_t tx_descriptors;
    uint16_t spare_frames;   /* that other ports and the workers may hold of this port's */
    uint8_t mac[6];          /* all zero: the device's own */
};

struct stile_port_opened {
    uint16_t device; /* DPDK's number of the device */
    uint16_t rx_queues;
    uint16_t tx_queues;
    uint16_t mtu;    /* that was accepted, without what the tags need */
    uint8_t mac[6];
    uint8_t spreads; /* 1: the device hashes flows over its receive queues */
    uint8_t takes_pieces; /* 1: what it transmits may be in several pieces */
    struct rte_mempool *pool;
    char driver[48];
    char error[128]; /* why it could not be opened */
};

/* Probes, configures and starts a device. Returns 0, or a negative errno with `error` filled in and everything
 * undone. */
int stile_port_open(const struct stile_port_request *request, struct stile_port_opened *opened);

/* Stops and removes the device. No worker uses it any more. Its pool is the caller's to free. */
void stile_port_close(uint16_t device);

struct stile_port_link {
    uint32_t speed_mbps; /* 0: unknown */
    uint8_t is_up;
    uint8_t reserved[3];
};

struct stile_port_statistics {
    uint64_t rx_packets;
    uint64_t tx_packets;
    uint64_t rx_bytes;
    uint64_t tx_bytes;
    uint64_t rx_missed; /* dropped by the device for want of a descriptor or a buffer */
    uint64_t rx_errors;
    uint64_t tx_errors;
};

/* Both return 0 or a negative errno. */
int stile_port_link(uint16_t device, struct stile_port_link *link);
int stile_port_statistics(uint16_t device, struct stile_port_statistics *statistics);

#endif
