// mbserver DEV NAME [REGISTERS]: a Modbus RTU server at the far end of a host's serial line.
//
// DEV is the host's /dev as this machine sees it (/proc/PID/root/dev). A pseudo terminal of the
// host becomes DEV/NAME; this process holds its master and answers as slave 1. Holding and input
// registers are 1000 + address, unless REGISTERS, lines of "ADDRESS VALUE", says otherwise.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum {
    REGISTER_COUNT = 1000,
    FIRST_VALUE = 1000,
    SLAVE = 1,
    BAUD = 19200,
    DIALOUT_GROUP = 20, // Debian's fixed number
    PATH_LIMIT = 256,
    LINE_LIMIT = 128,
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// Opens a new pseudo terminal among the host's own and links it as DEV/NAME. Returns the master.
// The slave stays open here too: a master without one reads EIO whenever no program has the line.
static int open_line(const char *dev, const char *name) {
    char path[PATH_LIMIT], target[PATH_LIMIT], partial[PATH_LIMIT];
    snprintf(path, sizeof path, "%s/pts/ptmx", dev);
    int master = open(path, O_RDWR | O_NOCTTY);
    if (master < 0) fail(path);
    int number, unlocked = 0;
    if (ioctl(master, TIOCGPTN, &number) != 0) fail(path);
    if (ioctl(master, TIOCSPTLCK, &unlocked) != 0) fail(path);

    snprintf(path, sizeof path, "%s/pts/%d", dev, number);
    int slave = open(path, O_RDWR | O_NOCTTY);
    if (slave < 0) fail(path);
    struct termios mode;
    if (tcgetattr(slave, &mode) != 0) fail(path);
    cfmakeraw(&mode);
    if (tcsetattr(slave, TCSANOW, &mode) != 0) fail(path);
    if (fchown(slave, 0, DIALOUT_GROUP) != 0 || fchmod(slave, 0660) != 0) fail(path);

    snprintf(target, sizeof target, "pts/%d", number);
    snprintf(path, sizeof path, "%s/%s", dev, name);
    snprintf(partial, sizeof partial, "%s/.%s", dev, name);
    if (symlink(target, partial) != 0 || rename(partial, path) != 0) fail(path);
    return master;
}

static void read_registers(const char *path, modbus_mapping_t *map) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    char line[LINE_LIMIT];
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        unsigned address, value;
        if (line[0] == '#' || line[0] == '\n') continue;
        if (sscanf(line, "%u %u", &address, &value) != 2 || address >= REGISTER_COUNT ||
            value > 0xFFFF) {
            fprintf(stderr, "%s:%d: expected ADDRESS (below %d) and VALUE (below 65536)\n", path,
                    number, REGISTER_COUNT);
            exit(64);
        }
        map->tab_registers[address] = map->tab_input_registers[address] = (uint16_t)value;
    }
    fclose(file);
}

int main(int count, char **arguments) {
    if (count < 3 || count > 4) {
        fprintf(stderr, "usage: mbserver DEV NAME [REGISTERS]\n");
        return 64;
    }
    modbus_mapping_t *map =
        modbus_mapping_new(REGISTER_COUNT, REGISTER_COUNT, REGISTER_COUNT, REGISTER_COUNT);
    if (!map) fail("modbus_mapping_new");
    for (int address = 0; address < REGISTER_COUNT; address++)
        map->tab_registers[address] = map->tab_input_registers[address] = FIRST_VALUE + address;
    if (count == 4) read_registers(arguments[3], map);

    // Never connected: the line is the master that is open already. The path is only for messages.
    modbus_t *server = modbus_new_rtu(arguments[2], BAUD, 'N', 8, 1);
    if (!server || modbus_set_slave(server, SLAVE) != 0) fail("modbus_new_rtu");
    modbus_set_socket(server, open_line(arguments[1], arguments[2]));
    for (;;) {
        uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
        int length = modbus_receive(server, query);
        if (length > 0)
            modbus_reply(server, query, length, map);
        else if (length < 0 && (errno == EIO || errno == EBADF))
            return 0; // the host is gone
    }
}
