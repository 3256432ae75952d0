#include "bus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// MOD-IO's commands, from its manual and firmware.
enum { MODIO_RELAYS = 0x10, MODIO_INPUTS = 0x20 };
enum { MODIO_FIRST_ANALOGUE = 0x30, MODIO_LAST_ANALOGUE = 0x33 };
enum { MODIO_MASK = 0x0F };
// Where the state file keeps the four analogue values: two bytes each, low byte first.
enum { ANALOGUE_PAIRS = 0x80 };
static const int64_t MODIO_LOOP_NANOSECONDS = 1000000;

// A MOD-IO's firmware in between two transfers. Its interrupt only takes the command down; its main
// loop looks the answer up, within 1 ms. A read before that gets the answer to an earlier command,
// or 0 where that one was read already.
struct modio {
    bool asked;        // a command waits for the main loop
    int64_t asked_at;  // monotonic, nanoseconds
    uint8_t coming[2]; // what the main loop will find
    bool answered;     // an answer waits to be read
    uint8_t answer[2];
};

static uint8_t *flags;
static uint8_t (*registers)[REGISTER_COUNT];
static uint8_t positions[DEVICE_COUNT];
static struct modio modios[DEVICE_COUNT];

void bus_open(const char *state_path) {
    int file = open(state_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, STATE_SIZE) != 0) {
        perror(state_path);
        exit(1);
    }
    uint8_t *state = mmap(NULL, STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (state == MAP_FAILED) {
        perror(state_path);
        exit(1);
    }
    close(file);
    flags = state;
    registers = (void *)(state + DEVICE_COUNT);
}

int bus_address(int address) {
    if (address < 0 || address >= DEVICE_COUNT) return -ENXIO;
    switch (flags[address]) {
    case DEVICE_ABSENT: return -ENXIO;
    case DEVICE_FAILS: return -EIO;
    case DEVICE_HANGS: sleep(1); return -ETIMEDOUT;
    default: return 0;
    }
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void modio_write(int address, uint8_t command, const uint8_t *bytes, int count) {
    struct modio *device = &modios[address];
    const uint8_t *memory = registers[address];
    if (command == MODIO_RELAYS && count > 0) {
        registers[address][MODIO_RELAYS] = bytes[0] & MODIO_MASK;
    }
    device->asked = true;
    device->asked_at = now();
    device->coming[0] = device->coming[1] = 0; // stock firmware: 0x40 does not read the relays back
    if (command == MODIO_INPUTS) {
        device->coming[0] = memory[MODIO_INPUTS] & MODIO_MASK;
    } else if (command >= MODIO_FIRST_ANALOGUE && command <= MODIO_LAST_ANALOGUE) {
        const uint8_t *pair = &memory[ANALOGUE_PAIRS + 2 * (command - MODIO_FIRST_ANALOGUE)];
        device->coming[0] = pair[0];
        device->coming[1] = pair[1];
    }
}

// What the main loop has done, if it has come round since the last command.
static void modio_loop(int address) {
    struct modio *device = &modios[address];
    if (!device->asked || now() - device->asked_at < MODIO_LOOP_NANOSECONDS) return;
    device->asked = false;
    device->answered = true;
    device->answer[0] = device->coming[0];
    device->answer[1] = device->coming[1];
}

static void modio_read(int address, uint8_t *bytes, int count) {
    struct modio *device = &modios[address];
    for (int index = 0; index < count; index++)
        bytes[index] = device->answered && index < 2 ? device->answer[index] : 0;
    device->answered = false;
}

void bus_write(int address, uint8_t command, const uint8_t *bytes, int count) {
    if (flags[address] == DEVICE_MODIO) {
        modio_loop(address);
        modio_write(address, command, bytes, count);
        return;
    }
    positions[address] = command;
    for (int index = 0; index < count; index++) {
        registers[address][positions[address]++] = bytes[index];
    }
}

void bus_read(int address, enum read_kind kind, uint8_t command, uint8_t *bytes, int count) {
    if (flags[address] == DEVICE_MODIO) {
        modio_loop(address);
        // The command arrives together with the read: too late for its answer.
        if (kind == READ_REPEATED_START) modio_write(address, command, NULL, 0);
        modio_read(address, bytes, count);
        return;
    }
    if (kind == READ_REPEATED_START) positions[address] = command;
    for (int index = 0; index < count; index++) {
        bytes[index] = registers[address][positions[address]++];
    }
}
