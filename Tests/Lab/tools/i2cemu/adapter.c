#define _GNU_SOURCE
#include "adapter.h"

#include "bus.h"

#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

enum { OPEN_LIMIT = 4096, MESSAGE_LIMIT = I2C_RDWR_IOCTL_MAX_MSGS, LENGTH_LIMIT = 8192 };
enum { NO_ADDRESS = -1 };

// The address that each open descriptor talks to (I2C_SLAVE). The oldest is forgotten when full.
static struct open_descriptor {
    int process, descriptor, address;
} descriptors[OPEN_LIMIT];
static int descriptor_count, descriptor_next;
static FILE *log_file;

void adapter_open_log(const char *path) {
    log_file = fopen(path, "ae");
    if (!log_file) {
        perror(path);
        exit(1);
    }
    setvbuf(log_file, NULL, _IOLBF, 0);
}

static void note(const struct request *request, int address, const char *operation, int command,
                 int value) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    fprintf(log_file, "%lld.%06ld %s 0x%02x %s 0x%02x 0x%x\n", (long long)time.tv_sec,
            time.tv_nsec / 1000, request->bus, address, operation, command, value);
}

static bool fetch(const struct request *request, uint64_t from, void *to, size_t size) {
    struct iovec here = {to, size}, there = {(void *)(uintptr_t)from, size};
    return process_vm_readv(request->process, &here, 1, &there, 1, 0) == (ssize_t)size;
}

static bool store(const struct request *request, uint64_t to, const void *from, size_t size) {
    struct iovec here = {(void *)from, size}, there = {(void *)(uintptr_t)to, size};
    return process_vm_writev(request->process, &here, 1, &there, 1, 0) == (ssize_t)size;
}

static int *address_of(const struct request *request) {
    for (int index = 0; index < descriptor_count; index++) {
        struct open_descriptor *known = &descriptors[index];
        if (known->process == request->process && known->descriptor == request->descriptor)
            return &known->address;
    }
    struct open_descriptor *fresh = &descriptors[descriptor_next];
    descriptor_next = (descriptor_next + 1) % OPEN_LIMIT;
    if (descriptor_count < OPEN_LIMIT) descriptor_count++;
    *fresh = (struct open_descriptor){request->process, request->descriptor, NO_ADDRESS};
    return &fresh->address;
}

// Bytes of an SMBus transfer's data, beginning at `data`: where in the union they are.
struct transfer {
    uint8_t *bytes;
    int count;
    size_t stored;
};

static bool measure(int size, union i2c_smbus_data *data, struct transfer *transfer) {
    switch (size) {
    case I2C_SMBUS_BYTE:
    case I2C_SMBUS_BYTE_DATA:
        *transfer = (struct transfer){&data->byte, 1, 1};
        return true;
    case I2C_SMBUS_WORD_DATA:
        *transfer = (struct transfer){(uint8_t *)&data->word, 2, 2};
        return true;
    case I2C_SMBUS_I2C_BLOCK_DATA:
        if (data->block[0] < 1 || data->block[0] > I2C_SMBUS_BLOCK_MAX) return false;
        *transfer = (struct transfer){data->block + 1, data->block[0], data->block[0] + 1u};
        return true;
    default: return false;
    }
}

static long answer_smbus(const struct request *request, int address) {
    struct i2c_smbus_ioctl_data call;
    if (!fetch(request, request->argument, &call, sizeof call)) return -EFAULT;
    int error = bus_address(address);
    if (error) {
        note(request, address, "FAIL", call.command, -error);
        return error;
    }
    bool writes = call.read_write == I2C_SMBUS_WRITE;
    if (call.size == I2C_SMBUS_QUICK) {
        note(request, address, "quick", 0, writes);
        return 0;
    }
    if (call.size == I2C_SMBUS_BYTE && writes) {
        bus_write(address, call.command, NULL, 0);
        note(request, address, "wbyte", call.command, 0);
        return 0;
    }
    union i2c_smbus_data data = {0};
    uint64_t far = (uintptr_t)call.data;
    // A block's length is the caller's, in both directions.
    size_t first = call.size == I2C_SMBUS_I2C_BLOCK_DATA ? 1 : 0;
    if (first && !fetch(request, far, &data, first)) return -EFAULT;
    struct transfer transfer;
    if (!measure(call.size, &data, &transfer)) return first ? -EINVAL : -EOPNOTSUPP;
    if (writes) {
        if (!fetch(request, far, &data, transfer.stored)) return -EFAULT;
        bus_write(address, call.command, transfer.bytes, transfer.count);
    } else {
        bus_read(address, call.size == I2C_SMBUS_BYTE ? READ_PLAIN : READ_REPEATED_START,
                 call.command, transfer.bytes, transfer.count);
        if (!store(request, far, &data, transfer.stored)) return -EFAULT;
    }
    const char *operation = call.size == I2C_SMBUS_BYTE ? "rbyte" : writes ? "write" : "read";
    note(request, address, operation, call.command, transfer.bytes[0]);
    return 0;
}

static long answer_message(const struct request *request, const struct i2c_msg *message,
                           enum read_kind kind, uint8_t command) {
    static uint8_t bytes[LENGTH_LIMIT];
    uint64_t far = (uintptr_t)message->buf;
    if (message->len > LENGTH_LIMIT) return -EINVAL;
    int error = bus_address(message->addr);
    if (error) {
        note(request, message->addr, "FAIL", 0, -error);
        return error;
    }
    if (message->flags & I2C_M_RD) {
        bus_read(message->addr, kind, command, bytes, message->len);
        if (!store(request, far, bytes, message->len)) return -EFAULT;
        note(request, message->addr, "rx", message->len, message->len ? bytes[0] : 0);
        return 0;
    }
    if (!fetch(request, far, bytes, message->len)) return -EFAULT;
    if (message->len > 0) bus_write(message->addr, bytes[0], bytes + 1, message->len - 1);
    note(request, message->addr, "tx", message->len > 0 ? bytes[0] : 0,
         message->len > 1 ? bytes[1] : 0);
    return 0;
}

static long answer_messages(const struct request *request) {
    struct i2c_rdwr_ioctl_data call;
    struct i2c_msg messages[MESSAGE_LIMIT];
    if (!fetch(request, request->argument, &call, sizeof call)) return -EFAULT;
    if (call.nmsgs > MESSAGE_LIMIT) return -EINVAL;
    if (!fetch(request, (uintptr_t)call.msgs, messages, call.nmsgs * sizeof *messages)) {
        return -EFAULT;
    }
    for (unsigned index = 0; index < call.nmsgs; index++) {
        // A read straight after a write to the same device, with no STOP in between.
        const struct i2c_msg *before = index > 0 ? &messages[index - 1] : NULL;
        uint8_t command = 0;
        bool repeated = before && !(before->flags & I2C_M_RD) && before->len > 0 &&
                        before->addr == messages[index].addr;
        if (repeated && !fetch(request, (uintptr_t)before->buf, &command, 1)) return -EFAULT;
        long error = answer_message(request, &messages[index],
                                    repeated ? READ_REPEATED_START : READ_PLAIN, command);
        if (error) return error;
    }
    return call.nmsgs;
}

long adapter_answer(const struct request *request) {
    static const unsigned long functions =
        I2C_FUNC_I2C | I2C_FUNC_SMBUS_QUICK | I2C_FUNC_SMBUS_BYTE | I2C_FUNC_SMBUS_BYTE_DATA |
        I2C_FUNC_SMBUS_WORD_DATA | I2C_FUNC_SMBUS_I2C_BLOCK;
    int *address = address_of(request);
    switch (request->command) {
    case I2C_SLAVE:
    case I2C_SLAVE_FORCE:
        if (request->argument >= DEVICE_COUNT) return -EINVAL;
        *address = (int)request->argument;
        return 0;
    case I2C_RETRIES:
    case I2C_TIMEOUT:
    case I2C_TENBIT:
    case I2C_PEC: return 0;
    case I2C_FUNCS:
        return store(request, request->argument, &functions, sizeof functions) ? 0 : -EFAULT;
    case I2C_SMBUS: return answer_smbus(request, *address);
    case I2C_RDWR: return answer_messages(request);
    default: return -ENOTTY;
    }
}
