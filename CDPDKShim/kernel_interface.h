#ifndef STILE_KERNEL_INTERFACE_H
#define STILE_KERNEL_INTERFACE_H
#include <stdint.h>

/* Kernel interfaces under a driver that does not speak for them (af_packet). All return a negative errno on failure. */

/* Raises the MTU to at least `mtu`, with `spare` octets more where the interface takes them. Never lowers it. */
int stile_kernel_raise_mtu(unsigned int interface, uint16_t mtu, uint16_t spare);

/* 1: up with a carrier; 0: not. */
int stile_kernel_is_running(unsigned int interface);

#endif
