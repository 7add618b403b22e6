#ifndef STILE_TABLES_H
#define STILE_TABLES_H
#include <stddef.h>
#include <stdint.h>

/* One generation of the forwarding tables: a file that stiled writes and the data plane maps read-only.
 *
 *   stile_tables_header | ports | vlan maps | interfaces | label entries | label sources | source sets |
 *   context tables |
 *   local services | vrfs | roots |
 *   next hops | groups | replications | links | adjacencies | neighbors | services, access lists, access rules, access vectors, policy classes, criteria,
 *   table maps, route map entries (stile_services.h) | FIB arena
 *
 * Everything is little-endian and refers to other things by index or by offset from the start of the file.
 *
 * How a change is published. The writer never alters a record that a reader can reach. A record (interface,
 * adjacency, FIB node) is written in a free slot and then made reachable by one release store of a single word:
 * a VLAN slot, a label entry, a next hop, a link, a VRF root or a FIB slot. The old slot is used again only when every
 * worker has passed a quiescent point (stile_control.h). Index 0 of interfaces, next hops and links means
 * "none" and is never allocated; next hop 0 is all zero, which is STILE_NEXT_HOP_NO_ROUTE.
 */

#define STILE_LAYOUT_VERSION 14u
#define STILE_TABLES_MAGIC 0x73656c626154734full /* "OsTables" */

#define STILE_MAX_PORTS 64
#define STILE_MAX_INTERFACES 65536 /* records, counters and VRFs are 16-bit numbers */
#define STILE_MAX_VRFS 65536

struct stile_section {
    uint64_t offset;      /* octets from the start of the file, a multiple of 64 */
    uint32_t count;       /* capacity in entries */
    uint32_t entry_bytes; /* sizeof one entry */
};

/* How idle workers behave; published once per generation, read by the data plane when it starts. */
enum stile_polling { STILE_POLLING_ADAPTIVE = 0, STILE_POLLING_BUSY = 1 };

struct stile_tables_header {
    uint64_t magic;
    uint32_t layout_version;
    uint32_t header_bytes; /* sizeof(struct stile_tables_header) */
    uint64_t generation;   /* 1 and up; equals the number in stile_control_header */
    uint64_t total_bytes;  /* size of the file */
    struct stile_section ports;
    struct stile_section vlan_maps;
    struct stile_section interfaces;
    struct stile_section label_entries;
    struct stile_section label_sources; /* 32-bit words, indexed as the label entries: a source set, or 0 */
    struct stile_section source_sets;
    struct stile_section context_tables;
    struct stile_section local_services;
    struct stile_section vrfs;
    struct stile_section ipv4_roots; /* 64-bit words (stile_fib.h), indexed as the VRFs; 0: empty */
    struct stile_section ipv6_roots;
    struct stile_section next_hops;
    struct stile_section groups;
    struct stile_section replications;
    struct stile_section links;
    struct stile_section adjacencies;
    struct stile_section neighbors;
    struct stile_section services;
    struct stile_section access_lists;
    struct stile_section access_rules;
    struct stile_section access_vectors;
    struct stile_section policy_classes;
    struct stile_section criteria;
    struct stile_section table_maps;
    struct stile_section route_map_entries;
    struct stile_section fib; /* the arena; count in 8-octet words */
    uint64_t ports_sequence;  /* odd while a port's description changes, even and higher afterwards */
    uint64_t access_lists_sequence; /* raised when a list has been added or removed */
    uint64_t access_lists_end;      /* all lists in use have an index below this */
    uint32_t worker_count;
    uint32_t polling;         /* enum stile_polling */
    uint16_t worker_cores[64]; /* processor of each worker; 0xFFFF: left to the kernel */
    uint32_t metered_vrfs;     /* how many VRFs have their flows metered: with 0 no worker looks for one */
    uint32_t hash_seed;        /* of the choice among a group's members: another on each box (RFC 2992) */
    uint8_t reserved[8];
};

static inline const uint64_t *stile_ports_sequence(const struct stile_tables_header *header) {
    return &header->ports_sequence;
}
static inline STILE_HOT uint32_t stile_metered_vrfs(const struct stile_tables_header *header) {
    return __atomic_load_n(&header->metered_vrfs, __ATOMIC_RELAXED);
}
static inline STILE_HOT uint32_t stile_hash_seed(const struct stile_tables_header *header) {
    return __atomic_load_n(&header->hash_seed, __ATOMIC_RELAXED);
}
static inline const uint64_t *stile_access_lists_sequence(const struct stile_tables_header *header) {
    return &header->access_lists_sequence;
}

/* A port, as the data plane's main thread opens it. Not read per packet. */
enum stile_port_flags { STILE_PORT_IN_USE = 1, STILE_PORT_SHUTDOWN = 2 };

struct stile_port {
    char name[32];        /* the configuration's name, NUL-terminated, for logs */
    char device[256];     /* DPDK device arguments: a PCI address or "net_x0,arg=…", NUL-terminated */
    uint32_t flags;       /* enum stile_port_flags; the record is consistent while ports_sequence is even and unchanged */
    uint16_t mtu;         /* largest IP packet, octets */
    uint16_t rx_queues;   /* 1 and up */
    uint8_t mac[6];       /* all zero: the device's own */
    uint16_t rx_descriptors;
    uint16_t tx_descriptors;
    uint8_t reserved[14];
};

/* VLAN → interface. Map p (p < STILE_MAX_PORTS) is the first level of port p; a slot with
 * STILE_VLAN_SECOND_LEVEL names another map for the inner tag, whose `untagged` slot stands for
 * a frame with the outer tag alone. A slot is an interface record, or 0 for none. */
#define STILE_VLAN_SECOND_LEVEL 0x80000000u

struct stile_vlan_map {
    uint32_t untagged;
    uint32_t counter; /* of a port's map: the counters of its frames that are of no interface; 0: those of no port */
    uint32_t reserved[14];
    uint32_t tagged[4096];
};

/* An interface, for what comes in by it and for what leaves by it. Immutable once reachable.
 * A unit stands for (NNI, VRF): every eligible pair has one, configured or implied by the NNI, so that
 * its counters are the hits of its label. A core unit stands for the VRF on all interfaces of the operator's own network:
 * they share a label table, and packets leave by the one that the link's adjacency names. */
#define STILE_INTERFACE_OF_CORE 4 /* the bit that the kinds of the core differ by from those of NNIs */

enum stile_interface_kind {
    STILE_INTERFACE_NONE = 0,
    STILE_INTERFACE_ATTACHMENT_CIRCUIT = 1,
    STILE_INTERFACE_NNI = 2,
    STILE_INTERFACE_UNIT = 3,
    STILE_INTERFACE_CORE = STILE_INTERFACE_NNI | STILE_INTERFACE_OF_CORE,
    STILE_INTERFACE_CORE_UNIT = STILE_INTERFACE_UNIT | STILE_INTERFACE_OF_CORE,
};
enum stile_interface_flags {
    STILE_FLAG_VALID = 1,         /* label entries: the label is valid here: pop, look up in the unit's VRF */
    STILE_FLAG_TAKES_LABELS = 1,  /* circuits: the customer is a carrier, frames with labels come in by the circuit's own table */
    STILE_FLAG_IPV4 = 2,          /* the VRF carries IPv4 */
    STILE_FLAG_IPV6 = 4,          /* the VRF carries IPv6 */
    STILE_FLAG_TRANSIT = 8,       /* NNI → NNI is allowed in this VRF, or by this swap; never in a label entry of the core */
    STILE_FLAG_PROPAGATE_TTL = 16, /* RFC 3443 uniform model; otherwise pipe */
    STILE_FLAG_BY_SOURCE = 32,    /* label entries, instead of VALID: valid from the addresses of its source set alone */
    STILE_FLAG_HOST_DEVICE = 32,  /* core interfaces: a routing engine on the host hears what is said on the link */
    STILE_FLAG_NULL_IPV4 = 64,    /* core interfaces: label 0 may stand above a label, since routers there were told it */
    STILE_FLAG_NULL_IPV6 = 128    /* the same of label 2 */
};

struct stile_interface {
    uint8_t kind;     /* enum stile_interface_kind */
    uint8_t flags;    /* enum stile_interface_flags */
    uint8_t features; /* enum stile_ingress_feature; 0: none */
    uint8_t egress_features; /* enum stile_egress_feature; 0: none */
    uint16_t counter; /* index of its counters: stable over changes and generations */
    uint16_t vrf;     /* 0 on an NNI or core interface */
    uint16_t port;    /* of a core unit 0: the adjacency's counts */
    uint16_t mtu;     /* largest IP packet, octets; of a core unit 65535: the transport's counts */
    uint8_t mac[6];   /* own address: unicast frames to another are not for us */
    uint16_t nni_counter;       /* a unit's NNI; otherwise equal to `counter` */
    uint32_t label_base;        /* NNI, core, circuit that takes labels: the first label of its table; the core's interfaces have one */
    uint32_t label_count;       /* how many; label - base >= count is invalid without a memory access */
    uint32_t label_first;       /* index in label_entries of label_base */
    uint16_t local_first;       /* its local services */
    uint16_t local_count;
    uint32_t icmp_source_ipv4;  /* host byte order; 0: none, then no ICMP error is sent */
    uint8_t icmp_source_ipv6[16]; /* network byte order; all zero: none */
    uint32_t services;            /* index in services; read where `features` or `egress_features` is not 0 */
    /* Of a unit: which bits of the last two octets of the label stack entry that packets leave with are the packet's own
     * (traffic class and, in the uniform model, TTL), and which are always set (bottom of stack and, in the pipe model, the TTL
     * 255); host byte order. Elsewhere 0. The tables' writer sets both. */
    uint16_t label_mask;
    uint16_t label_bits;
};

/* One label on one NNI or in the core, published by one 64-bit release store. All zero: not valid here. */
struct stile_label_entry {
    uint16_t interface; /* the unit's record */
    uint16_t counter;   /* the unit's counters */
    uint16_t vrf;
    uint8_t flags;      /* enum stile_interface_flags */
    uint8_t features;   /* the unit's: enum stile_ingress_feature, five bits; the others are enum stile_label_action */
};

/* What becomes of a packet with a label. An entry of another action than *unit* has no STILE_FLAG_VALID, which says unit. */
#define STILE_LABEL_ACTION_SHIFT 5 /* the lowest bit of the action in the entry's last octet */

enum stile_label_action {
    STILE_LABEL_UNIT = 0, /* pop, look up in the unit's VRF; without validity by any source: not valid here */
    STILE_LABEL_SWAP = 1, /* the entry is a stile_swap_entry */
    STILE_LABEL_NEXT_HOP = 2, /* the entry is a stile_pop_entry: pop, out by its next hop without a lookup */
    STILE_LABEL_CONTEXT = 3,  /* the entry is a stile_context_entry: pop, look the label below up in its table */
    STILE_LABEL_REPLICATE = 4, /* the entry is a stile_replicate_entry: a copy to each member of its list, swapped */
};

/* What may be under a label that is swapped, beside what its depth says. */
enum stile_swap_option {
    STILE_SWAP_ENTROPY = 1,  /* two labels more, the first of them the entropy label indicator (RFC 6790) */
    STILE_SWAP_SESSIONS = 2, /* the packet has to be of TCP port 179 or ICMP, and between addresses that the interface lists */
    STILE_SWAP_IPV6 = 4,     /* the packet has to be of IPv6 */
    STILE_SWAP_UP_TO = 8,    /* as many labels as the depth says, or fewer, an entropy label's among them */
    STILE_SWAP_FRAME = 16    /* an Ethernet frame, behind a control word or not: nothing of it is looked at */
};

/* One label on one NNI or in the core that is swapped for the one of its next hop (RFC 3031 §3.13). */
struct stile_swap_entry {
    uint32_t next_hop; /* of kind STILE_NEXT_HOP_SWAP; of kind STILE_NEXT_HOP_NO_ROUTE while nothing leads there */
    uint8_t depth;     /* how many labels have to be under this one */
    uint8_t options;   /* enum stile_swap_option */
    uint8_t flags;     /* STILE_FLAG_BY_SOURCE, STILE_FLAG_TRANSIT */
    uint8_t action;    /* STILE_LABEL_SWAP << STILE_LABEL_ACTION_SHIFT */
};

/* One label on one NNI or in the core whose packets belong to a unit, and have their next hop from the label instead of a
 * lookup. The unit says VRF, counters and services. */
struct stile_pop_entry {
    uint16_t interface;  /* the unit's record */
    uint8_t next_hop[3]; /* little-endian: of kind CIRCUIT, LABELLED or UNREACHABLE; 0: nothing leads there now */
    uint8_t reserved;
    uint8_t flags;  /* as of a stile_label_entry, but for STILE_FLAG_VALID: families, TRANSIT, PROPAGATE_TTL, BY_SOURCE */
    uint8_t action; /* STILE_LABEL_NEXT_HOP << STILE_LABEL_ACTION_SHIFT */
};

/* One label on one NNI or in the core that names a label space (RFC 5331 §3): the label below it is looked up in the table of that
 * space there, and is no label of another. Who may send by it is said by the entry that is found. */
struct stile_context_entry {
    uint32_t table; /* the record; 0: none, no packet has a valid label */
    uint8_t reserved[3];
    uint8_t action; /* STILE_LABEL_CONTEXT << STILE_LABEL_ACTION_SHIFT */
};

/* The labels of one space on one NNI or in the core. Immutable once reachable: a table with other bounds is another record, and
 * one store of the entry that names it. Its entries have no action that is *context*: stacks end with them. */
struct stile_context_table {
    uint32_t label_base;  /* as the three of a stile_interface */
    uint32_t label_count;
    uint32_t label_first;
    uint32_t reserved;
};

/* One label on one NNI or in the core whose packets go to several at the same time (RFC 5332 §2: a downstream-assigned label of
 * a point-to-multipoint LSP). Its octets have the meaning that a stile_swap_entry's have, but for the first four. */
struct stile_replicate_entry {
    uint32_t list;    /* the number of its stile_replication; 0: it leads nowhere */
    uint8_t depth;    /* how many labels have to be under this one */
    uint8_t reserved;
    uint8_t flags;    /* STILE_FLAG_BY_SOURCE */
    uint8_t action;   /* STILE_LABEL_REPLICATE << STILE_LABEL_ACTION_SHIFT */
};

/* The Ethernet addresses that packets with a label may come from, where that is asked: those of the neighbor that was
 * told the label. A label entry says by its flags whether it is; packets of other labels read nothing of this. An
 * address is its six octets in the order of the wire as a little-endian word, 0: none. Each is stored on its own. */
#define STILE_SOURCE_ADDRESSES 8

struct stile_source_set {
    uint64_t addresses[STILE_SOURCE_ADDRESSES];
};

/* What is taken of the unlabelled IP that is sent to the box's own address on an NNI or core interface; all else is dropped. */
enum stile_local_service_use {
    STILE_SERVICE_PUNT = 0,   /* to the control process */
    STILE_SERVICE_TUNNEL = 1, /* core: MPLS over UDP (RFC 7510), what is in it is taken as a labelled packet */
    STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM = 2, /* likewise, over IPv6 also without a UDP checksum (RFC 7510 §3.1) */
    STILE_SERVICE_ESTABLISHED = 3, /* TCP: likewise punted, but no segment that opens a connection, and no fragment */
    /* No services: the prefixes (`remote`, `remote_bits`) that what is under a label with STILE_SWAP_SESSIONS may be sent to and
     * from. */
    STILE_SERVICE_SESSIONS_TO = 4,
    STILE_SERVICE_SESSIONS_FROM = 5
};

struct stile_local_service {
    uint8_t family;      /* 4 or 6 */
    uint8_t protocol;    /* IP protocol number */
    uint8_t punt_class;  /* enum stile_punt_class */
    uint8_t icmp_type;   /* where protocol is ICMP or ICMPv6 */
    uint16_t local_port; /* host byte order; 0: any */
    uint16_t remote_port;
    uint8_t local[16];   /* network byte order; IPv4 in the first four octets */
    uint8_t remote[16];  /* all zero, and `remote_bits` 0: anyone */
    uint8_t remote_bits; /* how many leading bits of `remote` a source has to have; 0: all */
    uint8_t use;         /* enum stile_local_service_use */
    uint8_t reserved[6];
};

/* Without the roots, which workers read for each packet: eight of those to a cache line, where a thousand VRFs are in
 * use at once (`Bench/run pipeline`). */
struct stile_vrf {
    uint32_t flags;     /* enum stile_interface_flags */
    uint32_t reserved0;
    /* Flow metering; each word is stored on its own, the sampling last. */
    uint32_t flow_sampling;       /* one packet out of so many is metered, 1: every packet, 0: none */
    uint32_t flow_cache_entries;  /* most flows in each worker's cache */
    uint32_t flow_active_milliseconds;   /* a flow that goes on is exported when it is this old */
    uint32_t flow_inactive_milliseconds; /* a flow has ended when no packet came for so long */
    uint64_t flow_cleared_milliseconds;  /* flows that began until then end now; since 1970 */
};

/* A next hop: where routes lead, one 64-bit word, so that every change of it is one store. From the lowest bit on:
 *
 *   label      20 bits  LABELLED: the far end's, or the one that a PE gave; SWAP: likewise, or STILE_LABEL_NONE; GROUP: its number
 *   link       20 bits  CIRCUIT, LABELLED, SWAP: how the neighbor is reached; otherwise 0
 *   kind        4 bits  enum stile_next_hop_kind
 *   marked      1 bit   LABELLED: the PE is a border router that has the route from an NNI
 *   reserved    3 bits
 *   interface  16 bits  CIRCUIT, LABELLED, SUBNET: the record of the circuit or unit that packets leave by; SWAP: that of
 *                       the NNI, or of the core's unit for what is swapped; otherwise the VRF whose packets may use it
 *
 * The interface's VRF is the only one whose packets may leave by it. */
enum stile_next_hop_kind {
    STILE_NEXT_HOP_NO_ROUTE = 0,    /* ICMP network unreachable */
    STILE_NEXT_HOP_CIRCUIT = 1,     /* a neighbor on an attachment circuit */
    STILE_NEXT_HOP_RECEIVE = 2,     /* one of the box's own addresses: punt */
    STILE_NEXT_HOP_SUBNET = 3,      /* a connected subnet: each address is a neighbor to be resolved */
    STILE_NEXT_HOP_DISCARD = 4,     /* Null0: dropped, no ICMP */
    STILE_NEXT_HOP_UNREACHABLE = 5, /* there is no interface that leads there now: ICMP host unreachable */
    STILE_NEXT_HOP_SWAP = 6,        /* of label entries alone, never of a route: as LABELLED, without a lookup and of no VRF */
    STILE_NEXT_HOP_GROUP = 7,       /* one of several, by the packet's flow; it has no link, so that it never leads out itself */
    STILE_NEXT_HOP_LABELLED = 8,    /* with a label to a neighbor on an NNI, or by a transport to a PE: the one kind with this
                                     * bit */
};
#define STILE_NEXT_HOP_MARKED (1ull << 44)
#define STILE_LABEL_NONE 3u /* implicit null (RFC 3032 §2.1): the label is taken away, and what is under it goes on */

/* A group: several next hops of one VRF that a route has at the same time. The flow's hash names a bucket, and the bucket
 * the member that has the flow. Members do not change while a reader can reach the record; a bucket is one octet that is
 * stored on its own, so that a member's death moves the flows of its buckets and no others.
 *
 * Not every packet may leave by every member: what came in by an NNI leaves by another only with transit, and what came
 * from the core never goes back there. So there are buckets for each origin, with the members that such packets may use. */
#define STILE_GROUP_MEMBERS 16
#define STILE_GROUP_BUCKETS 256 /* one member of 16 more or less is 6 % of a share */

enum stile_group_origin {
    STILE_GROUP_ANY = 0,  /* circuits, NNIs and circuits of other operators with transit, the box itself: every member */
    STILE_GROUP_NNI = 1,  /* circuits but for those of other operators, and the core but for what is marked */
    STILE_GROUP_CORE = 2, /* circuits and NNIs */
    STILE_GROUP_ORIGINS = 3,
};

struct stile_group {
    uint8_t member_count; /* 2 to STILE_GROUP_MEMBERS */
    uint8_t reserved0[63]; /* zero: all members are as good; other kinds, and the words of liveness that they read, go here */
    uint32_t members[STILE_GROUP_MEMBERS]; /* next hops of kind CIRCUIT or LABELLED; of one that is not up also UNREACHABLE */
    uint8_t reserved1[128];
    uint8_t buckets[STILE_GROUP_ORIGINS][STILE_GROUP_BUCKETS]; /* positions in `members` */
};

static inline STILE_HOT uint32_t stile_group_member(const struct stile_group *group, uint32_t origin, uint32_t bucket) {
    uint8_t position = __atomic_load_n(&group->buckets[origin % STILE_GROUP_ORIGINS][bucket % STILE_GROUP_BUCKETS],
                                       __ATOMIC_RELAXED);
    return group->members[position % STILE_GROUP_MEMBERS];
}
/* The member at a position, 0: there is none. */
static inline STILE_HOT uint32_t stile_group_member_at(const struct stile_group *group, uint32_t position) {
    return position < group->member_count ? group->members[position % STILE_GROUP_MEMBERS] : 0;
}

/* A replication list: where the copies of a packet go. Immutable once reachable: other members are another list, and one store
 * of the label's entry. A member is the number of a next hop of kind STILE_NEXT_HOP_SWAP; so another label or way of a member
 * is one store as well, and so is a link that is down. */
#define STILE_REPLICATION_MEMBERS 64
#define STILE_MEMBER_SAME_SIDE 0x80000000u /* it may be where the packet came from: NNI to NNI, core to core */

struct stile_replication {
    uint32_t member_count; /* 1 to STILE_REPLICATION_MEMBERS */
    uint32_t reserved[15];
    uint32_t members[STILE_REPLICATION_MEMBERS];
};

/* The member at a position, 0: there is none. */
static inline STILE_HOT uint32_t stile_replication_member(const struct stile_replication *list, uint32_t position) {
    return position < list->member_count ? list->members[position % STILE_REPLICATION_MEMBERS] : 0;
}

/* A link: a neighbor and the kind of frame that it is sent, IP or labelled, or a PE that a transport leads to. A 32-bit word,
 * the index of the adjacency that it has now: a neighbor's new Ethernet address, or another transport to the PE, is one store,
 * however many next hops lead to it. The first
 * adjacencies stand for the states without an Ethernet address: they have a port that does not exist. */
enum stile_adjacency_index {
    STILE_ADJACENCY_NONE = 0,       /* of link 0 */
    STILE_ADJACENCY_INCOMPLETE = 1, /* not resolved yet: punt for resolution */
    STILE_ADJACENCY_FAILED = 2,     /* resolution has failed: ICMP host unreachable, and punt at a low rate */
    STILE_ADJACENCY_FIRST = 3,
};

/* An adjacency: what stands in front of an IP packet on the way to a neighbor. Immutable once reachable. The whole record
 * is copied in front of the packet, so that its rewrite ends there. */
#define STILE_REWRITE_BYTES 26

struct stile_adjacency {
    uint16_t port;         /* STILE_MAX_PORTS and up: none, packets do not leave */
    uint8_t rewrite_bytes; /* how many octets stand in front of the IP packet: 14 to 26, and what the transport puts between */
    uint8_t has_transport; /* 1: the record behind it, in the same section, is a stile_transport */
    uint8_t reserved[2];
    /* The Ethernet header, tags and, of frames with a label, four zero octets for it, right-aligned: the last octet stands
     * directly before the IP header. */
    uint8_t rewrite[STILE_REWRITE_BYTES];
};

/* The way to a PE, or to a neighbor on an NNI the outer label of two that it gave (RFC 8277 §2.3): what the link's adjacency says
 * beside it. Its labels stand above the one that the next hop has, and have that one's traffic class and TTL. */
#define STILE_TRANSPORT_LABELS 2

struct stile_transport {
    uint16_t mtu;        /* largest IP packet, octets: with all labels it fits the core interface or NNI */
    uint16_t counter;    /* the counters of that */
    uint8_t label_count; /* 0 to STILE_TRANSPORT_LABELS */
    uint8_t is_encapsulated; /* 1: the two records behind it, in the same section, are a stile_encapsulation */
    uint8_t reserved0[2];
    uint32_t entries[STILE_TRANSPORT_LABELS]; /* the outermost first: label stack entries without class, bottom and TTL; host byte order */
    uint8_t reserved1[16];
};

/* MPLS over UDP (RFC 7510): what stands between the Ethernet header and the transport's labels. The pipeline sets the
 * differentiated services, lengths, source port and checksums, which are 0 here but for the IPv4 header's: that is
 * the one of the header as it stands here. */
#define STILE_ENCAPSULATION_BYTES 48 /* an IPv6 and a UDP header */

struct stile_encapsulation {
    uint8_t header[STILE_ENCAPSULATION_BYTES]; /* the IP and UDP headers, right-aligned */
    uint8_t header_bytes; /* 28 over IPv4, 48 over IPv6 */
    uint8_t has_checksum; /* 1: the UDP checksum is computed */
    uint8_t reserved[14];
};

/* Neighbors (ARP, ND) as the control process knows them: read by `show` and by a restarting stiled, not by workers. */
struct stile_neighbor {
    uint16_t counter; /* the interface */
    uint8_t family;   /* 4 or 6; 0: free slot */
    uint8_t state;    /* ControlPlane's enumeration */
    uint8_t mac[6];
    uint8_t reserved0[6];
    uint8_t address[16]; /* network byte order; IPv4 in the first four octets */
    uint64_t confirmed;  /* seconds since 1970 */
    uint8_t reserved[24];
};

_Static_assert(sizeof(struct stile_section) == 16, "layout");
_Static_assert(sizeof(struct stile_port) == 320, "layout");
_Static_assert(sizeof(struct stile_vlan_map) == 64 + 16384, "layout");
_Static_assert(sizeof(struct stile_interface) == 64, "layout");
_Static_assert(offsetof(struct stile_interface, label_base) == 20, "layout");
_Static_assert(offsetof(struct stile_interface, icmp_source_ipv4) == 36, "layout");
_Static_assert(sizeof(struct stile_label_entry) == 8, "layout");
_Static_assert(sizeof(struct stile_swap_entry) == sizeof(struct stile_label_entry), "layout");
_Static_assert(offsetof(struct stile_swap_entry, flags) == offsetof(struct stile_label_entry, flags), "layout");
_Static_assert(offsetof(struct stile_swap_entry, action) == offsetof(struct stile_label_entry, features), "layout");
_Static_assert(sizeof(struct stile_pop_entry) == sizeof(struct stile_label_entry), "layout");
_Static_assert(offsetof(struct stile_pop_entry, next_hop) == offsetof(struct stile_label_entry, counter), "layout");
_Static_assert(offsetof(struct stile_pop_entry, flags) == offsetof(struct stile_label_entry, flags), "layout");
_Static_assert(offsetof(struct stile_pop_entry, action) == offsetof(struct stile_label_entry, features), "layout");
_Static_assert(sizeof(struct stile_context_entry) == sizeof(struct stile_label_entry), "layout");
_Static_assert(offsetof(struct stile_context_entry, action) == offsetof(struct stile_label_entry, features), "layout");
_Static_assert(sizeof(struct stile_context_table) == 16, "layout");
_Static_assert(sizeof(struct stile_replicate_entry) == sizeof(struct stile_label_entry), "layout");
_Static_assert(offsetof(struct stile_replicate_entry, depth) == offsetof(struct stile_swap_entry, depth), "layout");
_Static_assert(offsetof(struct stile_replicate_entry, flags) == offsetof(struct stile_label_entry, flags), "layout");
_Static_assert(offsetof(struct stile_replicate_entry, action) == offsetof(struct stile_label_entry, features), "layout");
_Static_assert(sizeof(struct stile_source_set) == 64, "layout");
_Static_assert(sizeof(struct stile_local_service) == 48, "layout");
_Static_assert(sizeof(struct stile_vrf) == 32, "layout");
_Static_assert(sizeof(struct stile_group) == 1024, "layout");
_Static_assert(offsetof(struct stile_group, members) == 64, "layout");
_Static_assert(offsetof(struct stile_group, buckets) == 256, "layout");
_Static_assert(sizeof(struct stile_replication) == 320, "layout");
_Static_assert(offsetof(struct stile_replication, members) == 64, "layout");
_Static_assert(sizeof(struct stile_adjacency) == 32, "layout");
_Static_assert(offsetof(struct stile_adjacency, rewrite) == 6, "layout");
_Static_assert(sizeof(struct stile_transport) == sizeof(struct stile_adjacency), "layout");
_Static_assert(sizeof(struct stile_encapsulation) == 2 * sizeof(struct stile_adjacency), "layout");
_Static_assert(offsetof(struct stile_encapsulation, header) == 0, "layout");
_Static_assert(sizeof(struct stile_neighbor) == 64, "layout");
_Static_assert(sizeof(struct stile_tables_header) == 32 + 416 + 24 + 8 + 128 + 16, "layout");

#endif
