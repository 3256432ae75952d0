// An I2C bus with up to 128 devices of 256 registers, in memory shared with the tests.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { DEVICE_COUNT = 128, REGISTER_COUNT = 256, STATE_SIZE = DEVICE_COUNT * (1 + REGISTER_COUNT) };

// What stands in a device's flag byte, the first DEVICE_COUNT bytes of the state file.
enum device_flag {
    DEVICE_ABSENT = 0,
    DEVICE_PRESENT = 1,  // plain registers: what was written is read
    DEVICE_FAILS = 2,    // every transfer ends with EIO
    DEVICE_HANGS = 3,    // every transfer holds the bus for 1 s, then ETIMEDOUT
    DEVICE_MODIO = 4,    // an Olimex MOD-IO with its stale reads; see bus.c
};

// How a read was asked for. A MOD-IO answers them differently.
enum read_kind { READ_PLAIN, READ_REPEATED_START };

// Maps the state file, which tests map too: 128 flags, then 128 x 256 registers. Exits on failure.
void bus_open(const char *state_path);

// 0, or the negative errno with which a transfer to this address ends before it begins.
int bus_address(int address);

// One write message: the register, then `count` bytes from it on.
void bus_write(int address, uint8_t command, const uint8_t *bytes, int count);

// One read message of `count` bytes. `command` is the register named in the same transfer; a plain
// read goes on where the last transfer ended.
void bus_read(int address, enum read_kind kind, uint8_t command, uint8_t *bytes, int count);
