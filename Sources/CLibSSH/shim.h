#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <poll.h>
/* Not in the Glibc module: a descriptor by which one thread wakes another. */
#include <sys/eventfd.h>
