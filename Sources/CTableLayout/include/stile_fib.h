#ifndef STILE_FIB_H
#define STILE_FIB_H
#include <stddef.h>
#include <stdint.h>

/* The FIB: one multibit trie for each VRF and address family, in the arena of the tables (section `fib`). It takes
 * Poptrie's 64-way nodes that popcount indexes (Asai and Ohara, SIGCOMM 2015) and differs in three points: next
 * hops are not pushed down to the leaves (0 in a node means "what was found before holds"), so that an update
 * touches one node; a node holds its next hops itself, so that a level costs one cache miss; a chain of nodes
 * with one way out is one skip block, and one with a single route at its end is one route block.
 *
 * A reference names a block of the arena and how to read it:
 *
 *    31                                                          4 3        0
 *   +-------------------------------------------------------------+----------+
 *   | offset of the block in the arena, in octets, a multiple of 16 |   kind   |   0: nothing there
 *   +-------------------------------------------------------------+----------+
 *
 * The 16 octets at offset 0 stay zero: as a node, nothing is there. So a reader need not ask whether a reference is 0.
 *
 * An entry is a 64-bit word: the root of a VRF (stile_vrf) and each slot of a direct table.
 *
 *    63                            32 31                             0
 *   +--------------------------------+--------------------------------+
 *   | reference to what is below it  | next hop, 0: none              |   the root's next hop is the default route
 *   +--------------------------------+--------------------------------+
 *
 * A slot of a direct table with one route below it holds the route itself, where that fits (INLINE): 1 to 20 further
 * bits, left-aligned, and two next hops of 16 bits. So a lookup among few routes mostly reads one word.
 *
 *    63                44 43           38   35  32 31           16 15            0
 *   +--------------------+---------------+-+------+---------------+---------------+
 *   | further bits       | 64 - how many |0|  15  | its next hop  | next hop      |   next hop: of all else in the slot
 *   +--------------------+---------------+-+------+---------------+---------------+
 *
 * Direct table of b bits: 2^b entries, indexed by the first b bits of the address. Only a root refers to one.
 *
 * Node: looks at the next 6 bits s of the address (bits behind the end of the address count as zero).
 *
 *    octet 0   children   bit s set: references[popcount(children & ((1 << s) - 1))] is what is below slot s
 *    octet 8   hops       SINGLE: bit s set: slot s has next_hops[0]
 *                         RUNS, WIDE: bit s set: a run of equal next hops begins at slot s (bit 0 is always set);
 *                         slot s has next_hops[popcount(hops & ((2 << s) - 1)) - 1], 0: none
 *    octet 16  next_hops  1 (SINGLE) or popcount(hops) (RUNS, WIDE), 16 bits each, in WIDE 32 bits
 *    then      references 32 bits each, from a multiple of 4 octets on: popcount(children)
 *
 * A node is WIDE when one of its next hops does not fit in 16 bits: with fewer next hops than that, which is nearly
 * every box, a node of many next hops takes half (`Bench/run lookup`, 1,000,000 routes of 16 next hops).
 *
 * Skip block: if the next `bits` bits of the address equal the top ones of `value`, `reference` is what is below;
 * otherwise the search is over. `bits` is a multiple of 6 and at most 60.
 *
 * Route block: the search is over; if the next `bits` bits (1 to 64) of the address equal the top ones of `value`,
 * `next_hop` is the next hop.
 *
 * A block is not altered while a reader can reach it, but for one word at a time by a release store: an entry, a
 * reference in a node or skip block by another reference, the hops of a SINGLE node, or the next hop of a route block.
 * Blocks come from a buddy allocator and are aligned to their
 * size (a power of two, 16 octets or more), so that a block of up to 64 octets lies in one cache line. */

enum stile_fib_kind {
    STILE_FIB_NONE = 0,
    STILE_FIB_SKIP = 1,
    STILE_FIB_ROUTE = 2,
    STILE_FIB_SINGLE = 3,
    STILE_FIB_RUNS = 4,
    STILE_FIB_WIDE = 5,
    STILE_FIB_DIRECT = 6, /* to 14: a direct table of 6, 8, …, 22 bits */
    STILE_FIB_INLINE = 15,
};

struct stile_fib_skip {
    uint64_t value; /* the bits to compare, left-aligned; the rest is zero */
    uint32_t reference;
    uint32_t bits;
};

struct stile_fib_route { /* a skip block with a next hop in the reference's place */
    uint64_t value;
    uint32_t next_hop;
    uint32_t bits;
};

struct stile_fib_node { /* next hops and references follow */
    uint64_t children;
    uint64_t hops;
};

_Static_assert(sizeof(struct stile_fib_skip) == 16, "layout");
_Static_assert(offsetof(struct stile_fib_skip, reference) == 8, "layout");
_Static_assert(sizeof(struct stile_fib_route) == 16, "layout");
_Static_assert(offsetof(struct stile_fib_route, next_hop) == 8, "layout");
_Static_assert(offsetof(struct stile_fib_route, bits) == offsetof(struct stile_fib_skip, bits), "layout");
_Static_assert(sizeof(struct stile_fib_node) == 16, "layout");

#endif
