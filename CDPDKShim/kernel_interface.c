#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel_interface.h"

/* Opens a socket to ask about an interface and puts the interface's name into the request. */
static int begin(unsigned int interface, struct ifreq *request) {
    memset(request, 0, sizeof *request);
    if (!if_indextoname(interface, request->ifr_name)) return -errno;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return descriptor < 0 ? -errno : descriptor;
}

int stile_kernel_raise_mtu(unsigned int interface, uint16_t mtu, uint16_t spare) {
    struct ifreq request;
    int descriptor = begin(interface, &request);
    if (descriptor < 0) return descriptor;
    int code = ioctl(descriptor, SIOCGIFMTU, &request) == 0 ? 0 : -errno;
    if (code == 0 && request.ifr_mtu < mtu) {
        request.ifr_mtu = mtu + spare;
        if (ioctl(descriptor, SIOCSIFMTU, &request) != 0) {
            request.ifr_mtu = mtu;
            code = ioctl(descriptor, SIOCSIFMTU, &request) == 0 ? 0 : -errno;
        }
    }
    close(descriptor);
    return code;
}

int stile_kernel_is_running(unsigned int interface) {
    struct ifreq request;
    int descriptor = begin(interface, &request);
    if (descriptor < 0) return descriptor;
    int code = ioctl(descriptor, SIOCGIFFLAGS, &request) == 0 ? 0 : -errno;
    close(descriptor);
    if (code != 0) return code;
    return (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
}
