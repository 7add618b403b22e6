#ifndef STILE_BENCH_DPDK_TABLE_H
#define STILE_BENCH_DPDK_TABLE_H
#include "dpdk_lookup.h"

struct dpdk_table {
    enum dpdk_table_kind kind;
    struct rte_fib *fib;
    struct rte_fib6 *fib6;
    struct rte_lpm *lpm;
};

#endif
