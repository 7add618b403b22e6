#ifndef STILE_DPDK_CLASSIFIER_H
#define STILE_DPDK_CLASSIFIER_H
#include <stdint.h>
#include "stile_services.h"

/* Access lists compiled by DPDK's rte_acl: tries over the octets of struct stile_flow_key, walked for several packets
 * at a time. Built and freed by one thread at a time, asked by any number. */

/* A compiled list. It does not change. */
struct stile_access_classifier;

/* Compiles the rules of a list, two and up; the last one takes what no other has and is not looked at. NULL: `errno` says
 * why; E2BIG where the rules need more tries than there may be, ENOMEM where the EAL's memory ends. Takes up to seconds. */
struct stile_access_classifier *stile_access_classifier_build(const struct stile_access_rule *rules, uint32_t count,
                                                              int is_ipv6);

/* NULL is freed, too. */
void stile_access_classifier_free(struct stile_access_classifier *classifier);

/* Writes the position of the rule that decides for each of `count` (1 to 64) keys. Returns 1; 0: nothing is known. */
int stile_access_classifier_find(const struct stile_access_classifier *classifier,
                                 const struct stile_flow_key *const *keys, uint32_t *positions, uint32_t count);

/* What a list's place in the table points at. It does not change. */
struct stile_classifier_entry {
    uint64_t serial; /* of the list that was compiled */
    const struct stile_access_classifier *classifier;
};

/* The compiled lists of one generation of the tables, by their index; a place is written with release by one thread
 * and read with acquire by the workers. */
struct stile_classifier_table {
    uint64_t count;
    const struct stile_classifier_entry *entries[];
};

/* A table without entries, or NULL. It is freed without what the entries point at. */
struct stile_classifier_table *stile_classifier_table_create(uint32_t count);
void stile_classifier_table_free(struct stile_classifier_table *table);

/* Publishes an entry, or NULL. An index out of range is none. */
void stile_classifier_table_set(struct stile_classifier_table *table, uint32_t list,
                                const struct stile_classifier_entry *entry);

/* What struct stile_classifier of the pipeline calls; the context is a table. A few keys and a short list are faster
 * read rule by rule: then it returns 0, too. */
int stile_classifier_table_classify(void *context, uint32_t list, uint64_t serial,
                                    const struct stile_flow_key *const *keys, uint32_t *positions, uint32_t count);

#endif
