#ifndef STILE_SERVICES_H
#define STILE_SERVICES_H
#include <stddef.h>
#include <stdint.h>

/* A customer's own services: what a circuit, a unit or an NNI has beside forwarding. Sections of the tables file like
 * those of stile_tables.h, and published like them: a record is immutable once reachable, the interface record
 * names its services record, and an interface whose services change gets a new one of each.
 *
 *   stile_services -> access lists -> rules
 *                  -> policy classes (one record per attachment and class) -> criteria -> access lists
 *                                                                          -> table maps
 *                  -> route map entries (one record per attachment, VRF and entry) -> criteria -> access lists
 *                                                                                  -> next hops
 *
 * Index 0 of every section means "none" and is never allocated. */

/* The bits of stile_label_entry.features and stile_interface.features (ingress) and stile_interface.egress_features:
 * which parts of the services record are to be looked at. Without a bit the record is not read. */
enum stile_ingress_feature {
    STILE_INGRESS_SOURCE_CHECK = 1,
    STILE_INGRESS_ACCESS_LIST = 2,
    STILE_INGRESS_POLICY = 4,
    STILE_INGRESS_ROUTE_MAP = 16,
    STILE_INGRESS_UNIFORM_CLASS = 8, /* RFC 3270 section 2.6.2: the label's class goes into the packet's DSCP */
    STILE_INGRESS_FROM_OPERATOR = 32, /* circuits alone: another operator's (Option AB); its packets are asked for transit as
                                       * those of an NNI are. The services record is not read. */
};
enum stile_egress_feature {
    STILE_EGRESS_ACCESS_LIST = 1,
    STILE_EGRESS_POLICY = 2,
    STILE_EGRESS_ROUTE_MAP = 4,
    STILE_EGRESS_TO_OPERATOR = 8, /* the same of what leaves by it */
};

/* Unicast reverse path forwarding (RFC 3704, RFC 8704). */
enum stile_source_check {
    STILE_SOURCE_CHECK_OFF = 0,
    STILE_SOURCE_CHECK_STRICT = 1,   /* the source is routed back by the interface that the packet came in on */
    STILE_SOURCE_CHECK_LOOSE = 2,    /* the source is routed anywhere in the VRF */
    STILE_SOURCE_CHECK_FEASIBLE = 3, /* the source is routed back by an NNI of the VRF, whichever */
};

/* The route maps for one direction. */
struct stile_route_maps {
    uint32_t ipv4_first; /* index in route_map_entries */
    uint32_t ipv6_first;
    uint16_t ipv4_count;
    uint16_t ipv6_count;
};

struct stile_services {
    uint8_t source_check_ipv4;      /* enum stile_source_check */
    uint8_t source_check_ipv6;
    uint8_t allows_default_ipv4;    /* 1: a default route is a route to the source, too */
    uint8_t allows_default_ipv6;
    uint32_t access_list_in_ipv4;   /* index in access_lists; 0: none */
    uint32_t access_list_in_ipv6;
    uint32_t access_list_out_ipv4;
    uint32_t access_list_out_ipv6;
    uint32_t classes_in_first;      /* index in policy_classes; the last class of a policy takes all packets */
    uint32_t classes_out_first;
    uint16_t classes_in_count;
    uint16_t classes_out_count;
    struct stile_route_maps route_maps_in;
    struct stile_route_maps route_maps_out;
    uint8_t reserved[8];
};

/* What access lists look at, gathered from a packet once: addresses in network byte order, IPv4 in the first four
 * octets, the rest zero. The order is rte_acl's: one octet first, then groups of four. */
struct stile_flow_key {
    uint8_t protocol;      /* IPv6: the next header behind the extension headers */
    uint8_t zero[3];
    uint8_t traffic_class; /* the DSCP and ECN octet */
    uint8_t fragment;      /* enum stile_fragment_bits */
    uint8_t tcp_flags;     /* 0 when the packet is not TCP or has none */
    uint8_t zero1;
    uint16_t source_port;      /* network byte order; 0 in a fragment that is not the first, and without ports */
    uint16_t destination_port; /* network byte order; ICMP: the type's octet, then the code's */
    uint32_t zero2;
    uint8_t source[16];
    uint8_t destination[16];
};
enum stile_fragment_bits {
    STILE_FRAGMENT_NOT_FIRST = 1,
    STILE_FRAGMENT_ANY = 2,
    STILE_FRAGMENT_REFUSED = 4, /* hides the upper layer or overwrites TCP's flags (RFC 1858, RFC 3128, RFC 7112); rules do
                                   * not look at it */
};

/* One rule: everything that has to hold for a packet. An entry of a configured list is one rule or several in a row
 * (port lists, object groups, fragments), which share its hit counter. Numbers in host byte order. */
struct stile_access_rule {
    uint8_t permits;            /* 1: permit, 0: deny */
    uint8_t protocol;
    uint8_t protocol_mask;      /* 0: any, 255: this one */
    uint8_t traffic_class;
    uint8_t traffic_class_mask; /* 0xFC where the rule names a DSCP */
    uint8_t fragment;
    uint8_t fragment_mask;      /* over enum stile_fragment_bits */
    uint8_t tcp_flags;          /* any of these is set; 0: not looked at */
    uint16_t source_port_low;   /* 0 to 65535: any */
    uint16_t source_port_high;
    uint16_t destination_port_low; /* ICMP: type * 256 + code */
    uint16_t destination_port_high;
    uint32_t hits;              /* index in the data plane's hit counters */
    uint32_t sequence;          /* the entry's sequence number; 0: the deny at the end of every list */
    uint8_t logs;
    uint8_t reserved[7];
    uint8_t source[16];         /* network byte order; IPv4 in the first four octets */
    uint8_t source_mask[16];    /* the bits that are compared; the others of `source` are zero */
    uint8_t destination[16];
    uint8_t destination_mask[16];
};

/* A list. Its last rule is the deny at the end, so that every packet meets a rule. */
struct stile_access_list {
    uint32_t first_rule;
    uint32_t rule_count;
    uint64_t serial;       /* differs from every other list's in the file, former ones included */
    uint8_t family;        /* 4 or 6 */
    uint8_t reserved[3];
    uint32_t vectors;      /* index in access_vectors (stile_access_vectors.h); 0: the list is not compiled there */
    uint8_t reserved1[40];
};

enum stile_criterion_kind {
    STILE_CRITERION_ANY = 0,
    STILE_CRITERION_ACCESS_LIST = 1,
    STILE_CRITERION_DSCP = 2,
    STILE_CRITERION_TRAFFIC_CLASS = 3, /* of the label that the packet came in with; never without a label */
};
struct stile_criterion {
    uint8_t kind;              /* enum stile_criterion_kind */
    uint8_t negated;           /* 1: matches where it otherwise would not */
    uint8_t traffic_classes;   /* bit n: traffic class n */
    uint8_t reserved;
    uint32_t access_list_ipv4; /* 0: matches no packet of the family */
    uint32_t access_list_ipv6;
    uint32_t reserved1;
    uint64_t dscps;            /* bit n: DSCP n */
    uint64_t reserved2;
};
/* A class map: criteria in a row, of which one or all have to match. */
struct stile_class_map {
    uint32_t first_criterion;
    uint16_t criterion_count;
    uint8_t requires_all;
    uint8_t reserved;
};

enum stile_policer_kind {
    STILE_POLICER_NONE = 0,
    STILE_POLICER_SINGLE_RATE = 1, /* RFC 2697; without an excess burst two colours */
    STILE_POLICER_TWO_RATE = 2,    /* RFC 2698 */
};
enum stile_colour { STILE_GREEN = 0, STILE_YELLOW = 1, STILE_RED = 2, STILE_COLOURS = 3 };
enum stile_colour_action {
    STILE_ACTION_TRANSMIT = 0,
    STILE_ACTION_DROP = 1,
    STILE_ACTION_SET_DSCP = 2,
    STILE_ACTION_SET_TRAFFIC_CLASS = 3,
};
#define STILE_UNMARKED 0xFFu /* in the place of a DSCP or traffic class: leave as it is */

/* A policer's rates. Time is in units of 2^-18 ns: fine enough for 100 Gbit/s (0.08 ns an octet, to 5e-5) and wide
 * enough for a bucket of an hour. */
#define STILE_POLICER_TIME_BITS 18
struct stile_policer {
    uint8_t kind;               /* enum stile_policer_kind */
    uint8_t is_colour_aware;    /* 1: packets of `yellow` and `red` class maps come with that colour */
    int16_t account_octets;     /* added to each packet's IP length */
    uint8_t action[STILE_COLOURS];       /* enum stile_colour_action */
    uint8_t action_value[STILE_COLOURS];
    uint8_t reserved[6];
    uint64_t committed_cost;    /* time units an octet takes at the committed rate */
    uint64_t committed_depth;   /* time units that the committed burst takes; at most 2^60 */
    uint64_t excess_depth;      /* single-rate: of the excess burst at the committed rate; two-rate: of the peak burst */
    uint64_t peak_cost;         /* two-rate: of the peak rate */
    struct stile_class_map conform_colour; /* colour-aware: what comes green; the rest comes yellow or red */
    struct stile_class_map exceed_colour;
};

/* One class of a policy where it is attached. */
struct stile_policy_class {
    struct stile_class_map match;      /* without criteria: all packets */
    uint32_t instance;                 /* index of its counters and of its policer's state */
    uint8_t dscp;                      /* 0 to 63, or STILE_UNMARKED */
    uint8_t traffic_class;             /* 0 to 7 of the label to be imposed, or STILE_UNMARKED */
    uint8_t reserved[2];
    uint16_t dscp_table;               /* table map from the received label's class to a DSCP; 0: none */
    uint16_t traffic_class_table;      /* table map from the DSCP to the imposed label's class; 0: none */
    uint8_t reserved1[4];
    struct stile_policer policer;
    uint8_t reserved2[40];
};

/* Index is what is looked up, 0 to 63 or 0 to 7; STILE_UNMARKED: leave as it is. */
struct stile_table_map {
    uint8_t value[64];
};

/* Where an entry of a route map sends the packets that none of its next hops takes. */
enum stile_route_map_action {
    STILE_ROUTE_MAP_LOOKUP = 0,  /* by destination, as without the map */
    STILE_ROUTE_MAP_DISCARD = 1,
    STILE_ROUTE_MAP_VRF = 2,     /* by destination, in another VRF */
};
#define STILE_ROUTE_MAP_NEXT_HOPS 8
#define STILE_ROUTE_MAP_NEXT_HOPS_BESIDE_RECURSIVE 4

/* One entry of a route map where it is attached, for one address family and one VRF. */
struct stile_route_map_entry {
    struct stile_class_map match; /* without criteria: all packets */
    uint16_t length_low;          /* octets of the IP packet */
    uint16_t length_high;
    uint8_t action;               /* enum stile_route_map_action */
    uint8_t dscp;                 /* 0 to 63, or STILE_UNMARKED */
    uint8_t next_hop_count;
    uint8_t is_recursive;         /* 1: the last four words of `next_hops` are an address in network byte order (IPv4 in the
                                   * first four octets); what no next hop takes goes where that address is routed */
    uint16_t vrf;                 /* of STILE_ROUTE_MAP_VRF */
    uint16_t reserved1;
    uint32_t sequence;
    uint32_t instance;            /* index of its counters */
    uint32_t next_hops[STILE_ROUTE_MAP_NEXT_HOPS]; /* the first that leads out of a circuit takes the packet */
    uint8_t reserved2[4];
};

/* Counters of one class of one attachment, per worker, in the data plane's segment. A class without a policer counts as
 * green. Octets are those that the policer measures. Of a route map's entry: green what went where the entry says,
 * yellow what none of its next hops could take; octets of the IP packets. */
#define STILE_MAX_CLASS_INSTANCES 16384
#define STILE_MAX_ACCESS_HITS 65536
struct stile_class_counters {
    uint64_t packets[STILE_COLOURS];
    uint64_t octets[STILE_COLOURS];
    uint64_t reserved[2];
};

/* A policer's buckets, shared by all workers, in the data plane's own memory. The committed bucket and, of two rates, the peak
 * bucket are the time at which they were empty (the generic cell rate algorithm's view of a token bucket): what they hold now
 * is the time since then, at most their depth; what workers have drawn as credit is not in them. The excess bucket of a
 * single rate, which fills by what the committed one has no room for, is what it holds; whoever takes from it sees no more
 * than its depth. */
struct stile_policer_state {
    uint64_t committed_empty;
    uint64_t peak_empty;
    uint64_t excess;
    uint64_t reserved[5];
};

_Static_assert(sizeof(struct stile_route_maps) == 12, "layout");
_Static_assert(sizeof(struct stile_services) == 64, "layout");
_Static_assert(sizeof(struct stile_flow_key) == 48, "layout");
_Static_assert(offsetof(struct stile_flow_key, source) == 16, "layout");
_Static_assert(sizeof(struct stile_access_rule) == 96, "layout");
_Static_assert(offsetof(struct stile_access_rule, source) == 32, "layout");
_Static_assert(sizeof(struct stile_access_list) == 64, "layout");
_Static_assert(sizeof(struct stile_criterion) == 32, "layout");
_Static_assert(sizeof(struct stile_class_map) == 8, "layout");
_Static_assert(sizeof(struct stile_policer) == 64, "layout");
_Static_assert(sizeof(struct stile_policy_class) == 128, "layout");
_Static_assert(sizeof(struct stile_table_map) == 64, "layout");
_Static_assert(offsetof(struct stile_policy_class, policer) == 24, "layout");
_Static_assert(sizeof(struct stile_route_map_entry) == 64, "layout");
_Static_assert(offsetof(struct stile_route_map_entry, next_hops) == 28, "layout");
_Static_assert(sizeof(struct stile_class_counters) == 64, "layout");
_Static_assert(sizeof(struct stile_policer_state) == 64, "layout");

#endif
