// The kernel's i2c-dev interface (ioctls 0x07xx on /dev/i2c-N) answered for another process.
#pragma once
#include <stddef.h>
#include <stdint.h>

// One ioctl of a thread: its process, its descriptor, and the ioctl's own arguments.
struct request {
    int process;
    int descriptor;
    unsigned command;
    uint64_t argument;
    const char *bus;
};

// Opens the log: one line a transfer, "SECONDS.MICROSECONDS BUS ADDRESS OPERATION REGISTER VALUE".
void adapter_open_log(const char *path);

// The ioctl's result, or a negative errno.
long adapter_answer(const struct request *request);
