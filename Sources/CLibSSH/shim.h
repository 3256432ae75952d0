// libssh, and the few things of the system that Swift's Glibc module does not show.
#include <errno.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Shown under _GNU_SOURCE only, which an imported header must not define.
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int dup3(int from, int to, int flags);

static const int stream_socket = SOCK_STREAM | SOCK_CLOEXEC;
static const int stream_socket_nonblocking = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
static const int stream_socket_type = SOCK_STREAM;

static inline int eventfd_nonblocking(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
