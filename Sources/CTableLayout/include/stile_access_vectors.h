#ifndef STILE_ACCESS_VECTORS_H
#define STILE_ACCESS_VECTORS_H
#include <stdint.h>

/* A short access list compiled to bit vectors (Lakshman and Stiliadis, SIGCOMM 1998): for every field that its rules look
 * at, which rules each value of the field meets, a bit for each rule. The AND of all fields' vectors has the rules that the
 * packet meets, its lowest bit is the one that decides. Addresses are looked at octet by octet, which is exact for any
 * mask, ports by their high octet and then the low one.
 *
 * A list has a block for every 64 of its rules, the first rule in the lowest bit; the last rule, which takes what no other
 * has, is in none. A block begins with this record, the vectors follow, then the tables:
 *
 *    field's value, 0 to 255 -> table: 256 numbers of 16 bits -> vectors[number]
 *    port: high octet -> first table -> number of a table behind it: low octet -> vectors[number]
 *
 * The place of a field's first table is in units of 64 octets from the record; 0: no rule of the block looks at the
 * field. A section of the tables file, in units of 64 octets; the list names its first. */
struct stile_access_vectors {
    uint64_t rules;          /* the bits that stand for a rule of the list */
    uint32_t unit_count;     /* of this block; the next one stands behind it */
    uint16_t source;         /* IPv4: four tables. IPv6: one for each octet in source_octets */
    uint16_t destination;
    uint16_t protocol;
    uint16_t traffic_class;
    uint16_t fragment;
    uint16_t tcp_flags;
    uint16_t source_port;
    uint16_t destination_port;
    uint16_t source_octets;      /* bit n: rules look at octet n */
    uint16_t destination_octets;
    uint64_t any_address;        /* the rules that look at neither address */
    uint8_t reserved[24];
};

#define STILE_ACCESS_VECTOR_UNIT 64
#define STILE_ACCESS_VECTOR_TABLE_BYTES 512

_Static_assert(sizeof(struct stile_access_vectors) == STILE_ACCESS_VECTOR_UNIT, "layout");

#endif
