#define _GNU_SOURCE
#include "dpdk_table.h"

#include <pthread.h>
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_malloc.h>
#include <rte_rib.h>
#include <rte_rib6.h>
#include <rte_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *dpdk_version(void) { return rte_version(); }

int dpdk_start(int hugepages, unsigned megabytes) {
    char memory[16];
    snprintf(memory, sizeof(memory), "%u", megabytes);
    char *plain[] = {"bench", "-l", "0", "--no-pci", "--no-telemetry", "--log-level=error", "--no-huge", "--no-shconf",
                     "-m", memory};
    char *huge[] = {"bench", "-l", "0", "--no-pci", "--no-telemetry", "--log-level=error", "--in-memory"};
    int arguments = hugepages ? 7 : 10;
    /* EAL ties its caller to a processor: what is measured is to run where the kernel lets it, as without EAL. */
    cpu_set_t processors;
    int is_known = pthread_getaffinity_np(pthread_self(), sizeof(processors), &processors) == 0;
    int result = rte_eal_init(arguments, hugepages ? huge : plain);
    if (is_known) pthread_setaffinity_np(pthread_self(), sizeof(processors), &processors);
    return result < 0 ? -1 : 0;
}

struct dpdk_table *dpdk_table_new(enum dpdk_table_kind kind, unsigned number, unsigned routes) {
    struct dpdk_table *table = calloc(1, sizeof(*table));
    if (!table) return NULL;
    table->kind = kind;
    char name[24];
    snprintf(name, sizeof(name), "bench%d-%u", (int)kind, number);
    if (kind == DPDK_FIB) {
        struct rte_fib_conf configuration = {
            .type = RTE_FIB_DIR24_8, .default_nh = 0, .max_routes = (int)routes + 1024};
        configuration.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
        configuration.dir24_8.num_tbl8 = 1 << 15;
        table->fib = rte_fib_create(name, -1, &configuration);
    } else if (kind == DPDK_FIB6) {
        struct rte_fib6_conf configuration = {.type = RTE_FIB6_TRIE, .default_nh = 0, .max_routes = (int)routes + 1024};
        configuration.trie.nh_sz = RTE_FIB6_TRIE_4B;
        configuration.trie.num_tbl8 = 1 << 18;
        table->fib6 = rte_fib6_create(name, -1, &configuration);
    } else {
        struct rte_lpm_config configuration = {.max_rules = routes + 1024, .number_tbl8s = 1 << 15};
        table->lpm = rte_lpm_create(name, -1, &configuration);
    }
    if (!table->fib && !table->fib6 && !table->lpm) {
        free(table);
        return NULL;
    }
    return table;
}

void dpdk_table_free(struct dpdk_table *table) {
    if (!table) return;
    rte_fib_free(table->fib);
    rte_fib6_free(table->fib6);
    rte_lpm_free(table->lpm);
    free(table);
}

static uint32_t ipv4(const uint8_t *address) {
    uint32_t value;
    memcpy(&value, address, 4);
    return value;
}

int dpdk_table_add(struct dpdk_table *table, const uint8_t *address, uint8_t length, uint32_t next_hop) {
    switch (table->kind) {
    case DPDK_FIB: return rte_fib_add(table->fib, ipv4(address), length, next_hop);
    case DPDK_FIB6: return rte_fib6_add(table->fib6, address, length, next_hop);
    default: return rte_lpm_add(table->lpm, ipv4(address), length, next_hop);
    }
}

int dpdk_table_delete(struct dpdk_table *table, const uint8_t *address, uint8_t length) {
    switch (table->kind) {
    case DPDK_FIB: return rte_fib_delete(table->fib, ipv4(address), length);
    case DPDK_FIB6: return rte_fib6_delete(table->fib6, address, length);
    default: return rte_lpm_delete(table->lpm, ipv4(address), length);
    }
}

void dpdk_table_lookup(struct dpdk_table *table, const void *addresses, uint64_t *results, unsigned count) {
    switch (table->kind) {
    case DPDK_FIB:
        rte_fib_lookup_bulk(table->fib, (uint32_t *)(uintptr_t)addresses, results, (int)count);
        return;
    case DPDK_FIB6:
        rte_fib6_lookup_bulk(table->fib6, (uint8_t(*)[RTE_FIB6_IPV6_ADDR_SIZE])(uintptr_t)addresses, results,
                             (int)count);
        return;
    default:
        rte_lpm_lookup_bulk(table->lpm, addresses, (uint32_t *)(void *)results, count);
    }
}
