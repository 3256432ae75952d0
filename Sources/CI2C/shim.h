#include <linux/i2c-dev.h>
#include <sys/ioctl.h>
