#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "CDPDKShim.h"
#include "kernel_interface.h"

/* Two 802.1Q tags: stile's MTU is that of the IP packet, the device's that of everything after the first ethertype. */
#define TAG_BYTES 8
/* Ethernet header, two tags and one label stack entry. */
#define LINK_BYTES (14 + TAG_BYTES + 4)
#define DEFAULT_DESCRIPTORS 1024
/* A driver without a ring in hardware sets no limit and copies: its descriptors would only cost memory. */
#define SOFTWARE_DESCRIPTORS 256
/* What the kernel puts in front of a frame in a slot of its packet ring, rounded up (TPACKET2_HDRLEN). */
#define PACKET_RING_HEADER_BYTES 80
/* A virtual device with no hashing of its own (af_packet's fan-out, pcap) receives on every queue it has. */
#define SELF_SPREADING_QUEUES 16

static int failed(struct stile_port_opened *opened, int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(opened->error, sizeof opened->error, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof opened->error)
        snprintf(opened->error + used, sizeof opened->error - (size_t)used, ": %s", strerror(-code));
    return code < 0 ? code : -EINVAL;
}

static int is_packet_socket(const struct rte_eth_dev_info *info) {
    return info->driver_name && strcmp(info->driver_name, "net_af_packet") == 0;
}

/* Whether the device is to take frames of several pieces, for copies that share their payload. Drivers of network cards have
 * a faster path for frames in one piece, which they leave when they are to take others, for all that they send; virtual devices
 * have one path. net_ring hands frames on as they are, and who takes them from there looks for one piece. */
static int takes_pieces(const struct rte_eth_dev_info *info) {
    static const char *const drivers[] = {"net_af_packet", "net_memif", "net_null", "net_pcap", "net_tap", "net_virtio_user"};
    if (!(info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) || !info->driver_name) return 0;
    for (size_t index = 0; index < sizeof drivers / sizeof *drivers; index++)
        if (strcmp(info->driver_name, drivers[index]) == 0) return 1;
    return 0;
}

static int find(const char *device, uint16_t *number) {
    struct rte_dev_iterator iterator;
    uint16_t candidate;
    RTE_ETH_FOREACH_MATCHING_DEV(candidate, device, &iterator) {
        *number = candidate;
        rte_eth_iterator_cleanup(&iterator);
        return 0;
    }
    return -ENODEV;
}

/* The largest MTU that the device's own numbers admit; `is_firm` says whether they are to be believed. A driver on a
 * kernel interface (af_packet) speaks of 1,518 octets whatever the interface takes. */
static uint32_t largest_mtu(const struct rte_eth_dev_info *info, int *is_firm) {
    int says_mtu = info->max_mtu != 0 && info->max_mtu != UINT16_MAX;
    *is_firm = says_mtu || info->if_index == 0;
    if (says_mtu) return info->max_mtu;
    uint32_t link = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
    return info->max_rx_pktlen > link ? RTE_MIN(info->max_rx_pktlen - link, (uint32_t)UINT16_MAX) : UINT16_MAX;
}

/* Asks for room for two tags besides the packet; a device that has none of it to spare keeps to the packet. */
static int set_device_mtu(uint16_t device, uint16_t mtu, uint32_t largest) {
    int code = -EINVAL;
    if ((uint32_t)mtu + TAG_BYTES <= largest) code = rte_eth_dev_set_mtu(device, (uint16_t)(mtu + TAG_BYTES));
    if (code != 0 && code != -ENOTSUP) code = rte_eth_dev_set_mtu(device, mtu);
    return code == -ENOTSUP ? 0 : code;
}

/* A device that cannot change its address hears the wanted one in promiscuous mode. */
static int set_address(uint16_t device, const uint8_t wanted[6]) {
    static const uint8_t none[6];
    if (memcmp(wanted, none, 6) == 0) return 0;
    struct rte_ether_addr address;
    memcpy(address.addr_bytes, wanted, 6);
    int code = rte_eth_dev_default_mac_addr_set(device, &address);
    if (code != -ENOTSUP) return code;
    code = rte_eth_promiscuous_enable(device);
    /* What has neither an address nor a filter hears everything. */
    return code == -ENOTSUP ? 0 : code;
}

/* af_packet wants buffers for whole slots of its ring, whose size is one of its arguments (2,048 by default). */
static uint32_t packet_ring_frame_bytes(const char *device) {
    static const char argument[] = ",framesz=";
    const char *place = strstr(device, argument);
    unsigned long bytes = place ? strtoul(place + sizeof argument - 1, NULL, 10) : 0;
    return RTE_MIN(RTE_MAX((uint32_t)RTE_MIN(bytes, (unsigned long)UINT16_MAX), UINT32_C(2048)), UINT32_C(32768));
}

static int set_queues(const struct stile_port_request *request, struct stile_port_opened *opened,
                      const struct rte_eth_dev_info *info) {
    uint16_t device = opened->device;
    uint16_t descriptors = info->rx_desc_lim.nb_max == UINT16_MAX ? SOFTWARE_DESCRIPTORS : DEFAULT_DESCRIPTORS;
    uint16_t rx_descriptors = request->rx_descriptors ? request->rx_descriptors : descriptors;
    uint16_t tx_descriptors = request->tx_descriptors ? request->tx_descriptors : descriptors;
    int code = rte_eth_dev_adjust_nb_rx_tx_desc(device, &rx_descriptors, &tx_descriptors);
    if (code != 0) return failed(opened, code, "descriptors");
    int numa_node = rte_eth_dev_socket_id(device);

    uint32_t frames = (uint32_t)rx_descriptors * opened->rx_queues + (uint32_t)tx_descriptors * opened->tx_queues +
                      request->spare_frames;
    uint32_t frame_bytes = RTE_MAX((uint32_t)request->mtu + LINK_BYTES, packet_ring_frame_bytes(request->device));
    opened->pool = stile_pool_create(request->pool_name, frames, frame_bytes, numa_node);
    if (!opened->pool) return failed(opened, -errno, "no memory for %u frames of %u octets", frames, frame_bytes);

    struct rte_eth_rxconf rx = info->default_rxconf;
    struct rte_eth_txconf tx = info->default_txconf;
    rx.offloads = 0;
    tx.offloads = 0;
    for (uint16_t queue = 0; queue < opened->rx_queues; queue++) {
        code = rte_eth_rx_queue_setup(device, queue, rx_descriptors, (unsigned)numa_node, &rx, opened->pool);
        if (code != 0) return failed(opened, code, "receive queue %u", queue);
    }
    for (uint16_t queue = 0; queue < opened->tx_queues; queue++) {
        code = rte_eth_tx_queue_setup(device, queue, tx_descriptors, (unsigned)numa_node, &tx);
        if (code != 0) return failed(opened, code, "transmit queue %u", queue);
    }
    return 0;
}

static int configure(const struct stile_port_request *request, struct stile_port_opened *opened) {
    uint16_t device = opened->device;
    struct rte_eth_dev_info info;
    int code = rte_eth_dev_info_get(device, &info);
    if (code != 0) return failed(opened, code, "device information");
    snprintf(opened->driver, sizeof opened->driver, "%s", info.driver_name ? info.driver_name : "");

    if (is_packet_socket(&info) &&
        request->mtu + LINK_BYTES + PACKET_RING_HEADER_BYTES > packet_ring_frame_bytes(request->device))
        return failed(opened, -EINVAL, "mtu %u wants longer ring slots: add ,framesz=16384,blocksz=65536 to the device",
                      request->mtu);

    uint64_t hashes = info.flow_type_rss_offloads &
                      (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_MPLS);
    uint16_t wanted = RTE_MAX(request->rx_queues, (uint16_t)1);
    if (hashes == 0 && info.max_rx_queues <= SELF_SPREADING_QUEUES) wanted = RTE_MAX(info.max_rx_queues, (uint16_t)1);
    opened->rx_queues = RTE_MIN(wanted, info.max_rx_queues);
    opened->tx_queues = RTE_MIN(RTE_MAX(request->tx_queues, (uint16_t)1), info.max_tx_queues);
    if (opened->rx_queues == 0 || opened->tx_queues == 0)
        return failed(opened, -ENOTSUP, "the device has %u receive and %u transmit queues", info.max_rx_queues,
                      info.max_tx_queues);
    opened->takes_pieces = (uint8_t)takes_pieces(&info);
    opened->spreads = hashes != 0 && opened->rx_queues > 1;

    struct rte_eth_conf configuration = {0};
    int is_firm;
    uint32_t largest = largest_mtu(&info, &is_firm);
    if (request->mtu > largest && is_firm)
        return failed(opened, -EINVAL, "mtu %u is above the device's %u", request->mtu, largest);
    if (opened->takes_pieces) configuration.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    configuration.rxmode.mtu = RTE_MIN((uint32_t)request->mtu + TAG_BYTES, largest);
    if (opened->spreads) {
        configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        configuration.rx_adv_conf.rss_conf.rss_hf = hashes;
    }
    code = rte_eth_dev_configure(device, opened->rx_queues, opened->tx_queues, &configuration);
    if (code != 0) return failed(opened, code, "configuration of the device");

    code = set_queues(request, opened, &info);
    if (code != 0) return code;
    code = is_firm ? set_device_mtu(device, request->mtu, largest) : stile_kernel_raise_mtu(info.if_index, request->mtu, TAG_BYTES);
    if (code != 0) return failed(opened, code, "mtu %u is more than the device takes", request->mtu);
    opened->mtu = request->mtu;
    code = rte_eth_dev_start(device);
    if (code != 0) return failed(opened, code, "start of the device");
    code = set_address(device, request->mac);
    if (code != 0) return failed(opened, code, "the device refuses the configured MAC address");
    /* Neighbor discovery is sent to multicast addresses (RFC 4861); what is not ours is dropped later. */
    code = rte_eth_allmulticast_enable(device);
    if (code != 0 && code != -ENOTSUP) return failed(opened, code, "reception of multicast");

    static const uint8_t none[6];
    if (memcmp(request->mac, none, 6) != 0) {
        memcpy(opened->mac, request->mac, 6);
        return 0;
    }
    struct rte_ether_addr address;
    code = rte_eth_macaddr_get(device, &address);
    if (code != 0) return failed(opened, code, "MAC address");
    memcpy(opened->mac, address.addr_bytes, 6);
    return 0;
}

int stile_port_open(const struct stile_port_request *request, struct stile_port_opened *opened) {
    memset(opened, 0, sizeof *opened);
    int code = rte_dev_probe(request->device);
    if (code == -EEXIST) return failed(opened, code, "another port has the device");
    if (code != 0)
        return failed(opened, code, "no driver opens the device (is it there, and bound to vfio-pci if it is a NIC?)");
    code = find(request->device, &opened->device);
    if (code != 0) return failed(opened, code, "the device is not an Ethernet device");
    code = configure(request, opened);
    if (code == 0) return 0;
    stile_port_close(opened->device);
    if (opened->pool) stile_pool_free(opened->pool);
    opened->pool = NULL;
    return code;
}

void stile_port_close(uint16_t device) {
    struct rte_eth_dev_info info;
    int known = rte_eth_dev_info_get(device, &info) == 0;
    rte_eth_dev_stop(device);
    rte_eth_dev_close(device);
    if (known && info.device) rte_dev_remove(info.device);
}

int stile_port_link(uint16_t device, struct stile_port_link *link) {
    struct rte_eth_link state;
    int code = rte_eth_link_get_nowait(device, &state);
    if (code != 0) return code;
    memset(link, 0, sizeof *link);
    link->is_up = state.link_status == RTE_ETH_LINK_UP;
    link->speed_mbps = state.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : state.link_speed;
    struct rte_eth_dev_info info;
    if (rte_eth_dev_info_get(device, &info) == 0 && is_packet_socket(&info)) {
        /* This driver says "up, 10 Gbit/s" from start to stop. */
        link->is_up = stile_kernel_is_running(info.if_index) == 1;
        link->speed_mbps = 0;
    }
    return 0;
}

int stile_port_statistics(uint16_t device, struct stile_port_statistics *statistics) {
    struct rte_eth_stats counts;
    int code = rte_eth_stats_get(device, &counts);
    if (code != 0) return code;
    *statistics = (struct stile_port_statistics){
        .rx_packets = counts.ipackets,
        .tx_packets = counts.opackets,
        .rx_bytes = counts.ibytes,
        .tx_bytes = counts.obytes,
        .rx_missed = counts.imissed + counts.rx_nombuf,
        .rx_errors = counts.ierrors,
        .tx_errors = counts.oerrors,
    };
    return 0;
}
