#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_acl.h>
#include <rte_byteorder.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "CDPDKShim.h"

/* rte_acl's fields over struct stile_flow_key: one octet first, then groups of four, of which every octet is named. The
 * trie branches in this order: addresses before ports, since a rule for any port stands in the branch of every port
 * that another rule names. */
enum {
    FIELD_PROTOCOL,
    FIELD_ADDRESSES, /* the words of the source, then those of the destination */
    /* behind the addresses */
    FIELD_SOURCE_PORT = 0,
    FIELD_DESTINATION_PORT,
    FIELD_TRAFFIC_CLASS,
    FIELD_FRAGMENT,
    FIELD_TCP_FLAGS,
    FIELD_ZERO,
    FIELDS_BEHIND,
    MOST_FIELDS = FIELD_ADDRESSES + 8 + FIELDS_BEHIND,
};
RTE_ACL_RULE_DEF(compiled_rule, MOST_FIELDS);

/* A list whose tries become too many or too large is compiled in parts, which are all asked: the first of the rules
 * that they find decides. */
#define MOST_PARTS 16
struct stile_access_classifier {
    uint32_t last; /* the position of the rule that takes what no other has */
    uint32_t part_count;
    struct rte_acl_ctx *parts[MOST_PARTS];
};

/* Rules of a list in a row. */
struct selection {
    const struct stile_access_rule *rules; /* the list's first */
    uint32_t first;
    uint32_t count;
    uint32_t words; /* of an address */
};

static const struct {
    uint8_t octets;
    uint8_t group; /* behind those of the addresses */
    uint8_t offset;
} fields_behind[FIELDS_BEHIND] = {
    [FIELD_SOURCE_PORT] = {2, 0, offsetof(struct stile_flow_key, source_port)},
    [FIELD_DESTINATION_PORT] = {2, 0, offsetof(struct stile_flow_key, destination_port)},
    [FIELD_TRAFFIC_CLASS] = {1, 1, offsetof(struct stile_flow_key, traffic_class)},
    [FIELD_FRAGMENT] = {1, 1, offsetof(struct stile_flow_key, fragment)},
    [FIELD_TCP_FLAGS] = {1, 1, offsetof(struct stile_flow_key, tcp_flags)},
    [FIELD_ZERO] = {1, 1, offsetof(struct stile_flow_key, zero1)},
};

static uint32_t word_of(const uint8_t *octets, uint32_t word) {
    uint32_t value;
    memcpy(&value, octets + 4 * word, sizeof value);
    return rte_be_to_cpu_32(value);
}

static const uint8_t *address_mask(const struct stile_access_rule *rule, uint32_t address) {
    return address ? rule->destination_mask : rule->source_mask;
}

/* Whether the ones of a mask stand before its zeros. */
static int is_prefix(uint32_t mask) { return (~mask & (~mask + 1)) == 0; }

/* All rules of a context have fields of the same types: a word of an address is a prefix where it is one in every
 * rule, which rte_acl's builder judges better, and a mask of bits otherwise. */
static void set_types(struct rte_acl_config *config, struct selection selection) {
    uint32_t words = selection.words;
    config->num_categories = 1;
    uint32_t behind = FIELD_ADDRESSES + 2 * words;
    config->num_fields = behind + FIELDS_BEHIND;
    config->defs[FIELD_PROTOCOL] = (struct rte_acl_field_def){
        .type = RTE_ACL_FIELD_TYPE_BITMASK,
        .size = 1,
        .field_index = FIELD_PROTOCOL,
        .input_index = 0,
        .offset = offsetof(struct stile_flow_key, protocol),
    };
    for (uint32_t field = 0; field < FIELDS_BEHIND; field++) {
        config->defs[behind + field] = (struct rte_acl_field_def){
            .type = fields_behind[field].octets == 2 ? RTE_ACL_FIELD_TYPE_RANGE : RTE_ACL_FIELD_TYPE_BITMASK,
            .size = fields_behind[field].octets,
            .field_index = (uint8_t)(behind + field),
            .input_index = (uint8_t)(behind + fields_behind[field].group),
            .offset = fields_behind[field].offset,
        };
    }
    for (uint32_t address = 0; address < 2; address++) {
        for (uint32_t word = 0; word < words; word++) {
            int all_are_prefixes = 1;
            for (uint32_t index = 0; index < selection.count && all_are_prefixes; index++) {
                const struct stile_access_rule *rule = &selection.rules[selection.first + index];
                all_are_prefixes = is_prefix(word_of(address_mask(rule, address), word));
            }
            uint32_t place = address * words + word;
            config->defs[FIELD_ADDRESSES + place] = (struct rte_acl_field_def){
                .type = all_are_prefixes ? RTE_ACL_FIELD_TYPE_MASK : RTE_ACL_FIELD_TYPE_BITMASK,
                .size = 4,
                .field_index = (uint8_t)(FIELD_ADDRESSES + place),
                .input_index = (uint8_t)(FIELD_ADDRESSES + place),
                .offset = (address ? offsetof(struct stile_flow_key, destination)
                                   : offsetof(struct stile_flow_key, source)) + 4 * word,
            };
        }
    }
}

static void set_octet(struct rte_acl_field *field, uint8_t value, uint8_t mask) {
    field->value.u8 = value & mask;
    field->mask_range.u8 = mask;
}

static void set_range(struct rte_acl_field *field, uint16_t low, uint16_t high) {
    field->value.u16 = low;
    field->mask_range.u16 = high;
}

static void fill_rule(struct compiled_rule *place, const struct stile_access_rule *rule, uint32_t position,
                      const struct rte_acl_config *config, uint32_t words) {
    struct rte_acl_field *behind = &place->field[FIELD_ADDRESSES + 2 * words];
    memset(place, 0, sizeof *place);
    place->data.category_mask = 1;
    place->data.priority = (int32_t)(RTE_ACL_MAX_PRIORITY - position);
    place->data.userdata = position + 1;
    set_octet(&place->field[FIELD_PROTOCOL], rule->protocol, rule->protocol_mask);
    set_octet(&behind[FIELD_TRAFFIC_CLASS], rule->traffic_class, rule->traffic_class_mask);
    set_octet(&behind[FIELD_FRAGMENT], rule->fragment, rule->fragment_mask);
    set_range(&behind[FIELD_SOURCE_PORT], rule->source_port_low, rule->source_port_high);
    set_range(&behind[FIELD_DESTINATION_PORT], rule->destination_port_low, rule->destination_port_high);
    for (uint32_t address = 0; address < 2; address++) {
        const uint8_t *octets = address ? rule->destination : rule->source;
        for (uint32_t word = 0; word < words; word++) {
            uint32_t number = FIELD_ADDRESSES + address * words + word;
            uint32_t mask = word_of(address_mask(rule, address), word);
            place->field[number].value.u32 = word_of(octets, word) & mask;
            place->field[number].mask_range.u32 =
                config->defs[number].type == RTE_ACL_FIELD_TYPE_MASK ? (uint32_t)__builtin_popcount(mask) : mask;
        }
    }
}

/* A rule for "any of these flags" is one for each of the flags. */
static uint32_t rules_needed(const struct stile_access_rule *rule) {
    if (rule->source_port_low > rule->source_port_high || rule->destination_port_low > rule->destination_port_high)
        return 0; /* no packet meets it, and rte_acl has no empty range */
    return rule->tcp_flags ? (uint32_t)__builtin_popcount(rule->tcp_flags) : 1;
}

static int add_rules(struct rte_acl_ctx *context, struct selection selection, const struct rte_acl_config *config) {
    for (uint32_t index = 0; index < selection.count; index++) {
        const struct stile_access_rule *rule = &selection.rules[selection.first + index];
        if (rules_needed(rule) == 0) continue;
        struct compiled_rule place;
        fill_rule(&place, rule, selection.first + index, config, selection.words);
        uint32_t flags = rule->tcp_flags;
        do {
            uint8_t flag = (uint8_t)(flags & -flags);
            set_octet(&place.field[FIELD_ADDRESSES + 2 * selection.words + FIELD_TCP_FLAGS], flag, flag);
            int code = rte_acl_add_rules(context, (const struct rte_acl_rule *)&place, 1);
            if (code != 0) return code;
            flags &= flags - 1;
        } while (flags);
    }
    return 0;
}

/* rte_acl returns the context that has a name already: every context has one of its own. */
static struct rte_acl_ctx *create_context(uint32_t rule_count, uint32_t field_count) {
    static atomic_ullong number;
    char name[RTE_ACL_NAMESIZE];
    snprintf(name, sizeof name, "stile_acl_%llu", atomic_fetch_add(&number, 1));
    struct rte_acl_param parameters = {
        .name = name,
        .socket_id = SOCKET_ID_ANY,
        .rule_size = RTE_ACL_RULE_SZ(field_count),
        .max_rule_num = rule_count,
    };
    return rte_acl_create(&parameters);
}

/* What is free of the EAL's memory. */
static uint64_t free_octets(void) {
    uint64_t octets = 0;
    for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++) {
        struct rte_malloc_socket_stats statistics;
        if (rte_malloc_get_socket_stats(socket, &statistics) == 0) octets += statistics.heap_freesz_bytes;
    }
    return octets;
}

static int build_part(struct stile_access_classifier *classifier, struct selection selection, uint64_t *octets_left) {
    if (classifier->part_count == MOST_PARTS) return -E2BIG;
    /* With a max_size the builder begins with eight times as many nodes, which may take it minutes: what the tries
     * take is looked at afterwards. */
    struct rte_acl_config config = {.max_size = 0};
    set_types(&config, selection);
    uint32_t needed = 0;
    for (uint32_t index = 0; index < selection.count; index++)
        needed += rules_needed(&selection.rules[selection.first + index]);
    if (needed == 0) return 0;
    uint64_t before = free_octets();
    struct rte_acl_ctx *context = create_context(needed, config.num_fields);
    if (!context) return -ENOMEM;
    int code = add_rules(context, selection, &config);
    if (code == 0) code = rte_acl_build(context, &config);
    uint64_t after = free_octets();
    uint64_t taken = after < before ? before - after : 0;
    if (code == 0 && taken > *octets_left) code = -ENOMEM;
    if (code != 0) {
        rte_acl_free(context);
        return code;
    }
    *octets_left -= taken;
    classifier->parts[classifier->part_count++] = context;
    return 0;
}

/* Compiles rules in one part, or in as many as they need when one is too large. */
static int build_parts(struct stile_access_classifier *classifier, struct selection selection, uint64_t *octets_left) {
    uint32_t length = selection.count;
    while (selection.count > 0) {
        struct selection part = selection;
        if (part.count > length) part.count = length;
        int code = build_part(classifier, part, octets_left);
        if (code == 0) {
            selection.first += part.count;
            selection.count -= part.count;
        } else if (code == -ENOMEM && part.count > 1) {
            if (classifier->part_count + 2 > MOST_PARTS) return -E2BIG;
            length = (part.count + 1) / 2;
        } else {
            return code;
        }
    }
    return 0;
}

/* What the tries of one list may take of the EAL's memory, and which part of what is free. */
#define MOST_OCTETS (128ull << 20)
#define MOST_OF_FREE 4

struct stile_access_classifier *stile_access_classifier_build(const struct stile_access_rule *rules, uint32_t count,
                                                              int is_ipv6) {
    if (count < 2 || count > RTE_ACL_MAX_INDEX) {
        errno = EINVAL;
        return NULL;
    }
    struct stile_access_classifier *classifier = calloc(1, sizeof *classifier);
    if (!classifier) return NULL;
    classifier->last = count - 1;
    uint64_t octets_left = free_octets() / MOST_OF_FREE;
    if (octets_left > MOST_OCTETS) octets_left = MOST_OCTETS;
    struct selection all = {.rules = rules, .first = 0, .count = classifier->last, .words = is_ipv6 ? 4 : 1};
    int code = build_parts(classifier, all, &octets_left);
    if (code == 0) return classifier;
    stile_access_classifier_free(classifier);
    errno = -code;
    return NULL;
}

void stile_access_classifier_free(struct stile_access_classifier *classifier) {
    if (!classifier) return;
    for (uint32_t part = 0; part < classifier->part_count; part++) rte_acl_free(classifier->parts[part]);
    free(classifier);
}

#define MOST_KEYS 64

int stile_access_classifier_find(const struct stile_access_classifier *classifier,
                                 const struct stile_flow_key *const *keys, uint32_t *positions, uint32_t count) {
    if (count == 0 || count > MOST_KEYS) return 0;
    const uint8_t **data = (const uint8_t **)(uintptr_t)keys;
    uint32_t found[MOST_KEYS];
    for (uint32_t key = 0; key < count; key++) positions[key] = classifier->last;
    for (uint32_t part = 0; part < classifier->part_count; part++) {
        if (rte_acl_classify(classifier->parts[part], data, found, count, 1) != 0) return 0;
        for (uint32_t key = 0; key < count; key++) {
            /* 0, for none, becomes the largest number. */
            uint32_t position = found[key] - 1;
            if (position < positions[key]) positions[key] = position;
        }
    }
    return 1;
}

struct stile_classifier_table *stile_classifier_table_create(uint32_t count) {
    struct stile_classifier_table *table = calloc(1, sizeof *table + count * sizeof table->entries[0]);
    if (table) table->count = count;
    return table;
}

void stile_classifier_table_free(struct stile_classifier_table *table) { free(table); }

void stile_classifier_table_set(struct stile_classifier_table *table, uint32_t list,
                                const struct stile_classifier_entry *entry) {
    if (list < table->count) __atomic_store_n(&table->entries[list], entry, __ATOMIC_RELEASE);
}

/* Below four keys rte_acl walks the tries key by key, which takes some 350 cycles each (IPv4; an EPYC): as much as to
 * read 140 rules. */
#define FEW_KEYS 4
#define FEWEST_RULES_FOR_FEW_KEYS 140

int stile_classifier_table_classify(void *context, uint32_t list, uint64_t serial,
                                    const struct stile_flow_key *const *keys, uint32_t *positions, uint32_t count) {
    const struct stile_classifier_table *table = context;
    if (list >= table->count) return 0;
    const struct stile_classifier_entry *entry = __atomic_load_n(&table->entries[list], __ATOMIC_ACQUIRE);
    if (!entry || entry->serial != serial) return 0;
    if (count < FEW_KEYS && entry->classifier->last < FEWEST_RULES_FOR_FEW_KEYS) return 0;
    return stile_access_classifier_find(entry->classifier, keys, positions, count);
}
