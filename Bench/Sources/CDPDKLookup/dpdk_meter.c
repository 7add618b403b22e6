#include "dpdk_lookup.h"

#include <rte_meter.h>
#include <string.h>

struct dpdk_meter {
    enum dpdk_meter_kind kind;
    int is_aware;
    union {
        struct {
            struct rte_meter_srtcm_profile profile;
            struct rte_meter_srtcm state;
        } single;
        struct {
            struct rte_meter_trtcm_profile profile;
            struct rte_meter_trtcm state;
        } two;
    };
};

_Static_assert(sizeof(struct dpdk_meter) <= sizeof(struct dpdk_meter_storage), "room for a meter");
_Static_assert(RTE_COLOR_GREEN == 0 && RTE_COLOR_YELLOW == 1 && RTE_COLOR_RED == 2, "colours by number");

int dpdk_meter_begin(struct dpdk_meter_storage *storage, enum dpdk_meter_kind kind, int is_aware, uint64_t committed,
                     uint64_t committed_burst, uint64_t peak, uint64_t excess_burst) {
    struct dpdk_meter *meter = (struct dpdk_meter *)(void *)storage;
    memset(meter, 0, sizeof *meter);
    meter->kind = kind;
    meter->is_aware = is_aware;
    if (kind == DPDK_SINGLE_RATE) {
        struct rte_meter_srtcm_params wanted = {.cir = committed, .cbs = committed_burst, .ebs = excess_burst};
        int code = rte_meter_srtcm_profile_config(&meter->single.profile, &wanted);
        return code ? code : rte_meter_srtcm_config(&meter->single.state, &meter->single.profile);
    }
    struct rte_meter_trtcm_params wanted = {.cir = committed, .pir = peak, .cbs = committed_burst, .pbs = excess_burst};
    int code = rte_meter_trtcm_profile_config(&meter->two.profile, &wanted);
    return code ? code : rte_meter_trtcm_config(&meter->two.state, &meter->two.profile);
}

void dpdk_meter_burst(struct dpdk_meter_storage *storage, const uint32_t *octets, uint8_t *colours, unsigned count,
                      uint64_t cycles) {
    struct dpdk_meter *meter = (struct dpdk_meter *)(void *)storage;
    if (meter->kind == DPDK_SINGLE_RATE && !meter->is_aware)
        for (unsigned i = 0; i < count; i++)
            colours[i] = (uint8_t)rte_meter_srtcm_color_blind_check(&meter->single.state, &meter->single.profile,
                                                                    cycles, octets[i]);
    else if (meter->kind == DPDK_SINGLE_RATE)
        for (unsigned i = 0; i < count; i++)
            colours[i] = (uint8_t)rte_meter_srtcm_color_aware_check(&meter->single.state, &meter->single.profile,
                                                                    cycles, octets[i], (enum rte_color)colours[i]);
    else if (!meter->is_aware)
        for (unsigned i = 0; i < count; i++)
            colours[i] = (uint8_t)rte_meter_trtcm_color_blind_check(&meter->two.state, &meter->two.profile, cycles,
                                                                    octets[i]);
    else
        for (unsigned i = 0; i < count; i++)
            colours[i] = (uint8_t)rte_meter_trtcm_color_aware_check(&meter->two.state, &meter->two.profile, cycles,
                                                                    octets[i], (enum rte_color)colours[i]);
}
