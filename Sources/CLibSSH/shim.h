#include <errno.h>
#include <libssh/libssh.h>
#include <libssh/callbacks.h>
