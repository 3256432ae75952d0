/* The kernel's I2C interface (Documentation/i2c/dev-interface.rst): ioctls on /dev/i2c-N. */
#ifndef CI2C_SHIM_H
#define CI2C_SHIM_H
#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static inline int ci2c_open(const char *path) { return open(path, O_RDWR | O_CLOEXEC); }
static inline int ci2c_select(int fd, long address) { return ioctl(fd, I2C_SLAVE, address); }
/* In units of 10 ms; an adapter that has no such setting keeps its own. */
static inline int ci2c_timeout(int fd, long tens_of_ms) {
    return ioctl(fd, I2C_TIMEOUT, tens_of_ms);
}
static inline int ci2c_smbus(
    int fd, uint8_t direction, uint8_t command, uint32_t size, union i2c_smbus_data *data) {
    struct i2c_smbus_ioctl_data call;
    memset(&call, 0, sizeof call);
    call.read_write = direction;
    call.command = command;
    call.size = size;
    call.data = data;
    return ioctl(fd, I2C_SMBUS, &call);
}
/* command and value in one transfer. */
static inline int ci2c_write_register(int fd, uint8_t command, uint8_t value) {
    union i2c_smbus_data data;
    memset(&data, 0, sizeof data);
    data.byte = value;
    return ci2c_smbus(fd, I2C_SMBUS_WRITE, command, I2C_SMBUS_BYTE_DATA, &data);
}
/* One byte and STOP. */
static inline int ci2c_write_byte(int fd, uint8_t value) {
    return ci2c_smbus(fd, I2C_SMBUS_WRITE, value, I2C_SMBUS_BYTE, NULL);
}
/* A plain read of one byte: 0 to 255, or -1. */
static inline int ci2c_read_byte(int fd) {
    union i2c_smbus_data data;
    memset(&data, 0, sizeof data);
    if (ci2c_smbus(fd, I2C_SMBUS_READ, 0, I2C_SMBUS_BYTE, &data) < 0) return -1;
    return data.byte;
}
static inline int ci2c_errno(void) { return errno; }
static inline int ci2c_close(int fd) { return close(fd); }
#endif
