// blackout FOLDER: makes an ext4 file system forget everything that is not on its disk yet, as when
// the power fails. Used by `lab powercut` just before the host's processes are ended.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

// fs/ext4/ext4.h; no header for programs has them.
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 2

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: blackout FOLDER\n");
        return 64;
    }
    int folder = open(arguments[1], O_RDONLY | O_DIRECTORY);
    uint32_t flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
    if (folder < 0 || ioctl(folder, EXT4_IOC_SHUTDOWN, &flags) != 0) {
        perror(arguments[1]);
        return 1;
    }
    close(folder);
    return 0;
}
