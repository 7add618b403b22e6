#ifndef CDPDKSHIM_H
#define CDPDKSHIM_H
#include "stile_dpdk_classifier.h"
#include "stile_dpdk_environment.h"
#include "stile_dpdk_frame.h"
#include "stile_dpdk_generator.h"
#include "stile_dpdk_handover.h"
#include "stile_dpdk_port.h"
#endif
