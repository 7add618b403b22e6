#ifndef STILE_BENCH_HEAP_H
#define STILE_BENCH_HEAP_H
#include <malloc.h>

/* What the process has allocated, in octets: in arenas and in mappings of its own. */
static inline size_t heap_octets_in_use(void) {
    const struct mallinfo2 information = mallinfo2();
    return information.uordblks + information.hblkhd;
}

#endif
