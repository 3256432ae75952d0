// i2cemu STATE LOG CMD…: runs CMD with an emulated I2C bus.
//
// Every ioctl 0x07xx on /dev/i2c-N, by CMD and all its descendants, static programs too, is
// answered here: a seccomp filter hands it to a listener (seccomp_unotify(2)). Everything else goes
// on to the kernel. Ends as CMD ends, by the same signal where it was one. x86-64 only.
#define _GNU_SOURCE
#include "adapter.h"
#include "bus.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "i2cemu's seccomp filter knows x86-64 only"
#endif

enum { PATH_LIMIT = 256, I2C_IOCTLS = 0x0700, LINE_LIMIT = 128 };
#define I2C_DEVICES "/dev/i2c-"

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int install_filter(void) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xFFFFFF00),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I2C_IOCTLS, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};
    long listener = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
                            SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    if (listener < 0) fail("seccomp");
    return (int)listener;
}

static void send_descriptor(int socket, int descriptor) {
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec byte = {"x", 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(socket, &message, 0) != 1) fail("sendmsg");
}

static int receive_descriptor(int socket) {
    char byte, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec buffer = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &buffer,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message)) return -1;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

// The process of a thread; descriptors belong to processes.
static int process_of(int thread) {
    char path[PATH_LIMIT], line[LINE_LIMIT];
    int process = thread;
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *status = fopen(path, "re");
    if (!status) return thread;
    while (fgets(line, sizeof line, status) && sscanf(line, "Tgid: %d", &process) != 1) {
    }
    fclose(status);
    return process;
}

static void answer_next(int listener) {
    struct seccomp_notif call;
    struct seccomp_notif_resp reply = {0};
    memset(&call, 0, sizeof call);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) {
        // ENOENT: the caller was killed meanwhile. Anything else: no caller is left.
        if (errno == EINTR || errno == ENOENT) return;
        exit(0);
    }
    char link[PATH_LIMIT], path[PATH_LIMIT];
    snprintf(link, sizeof link, "/proc/%u/fd/%llu", call.pid, call.data.args[0]);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    reply.id = call.id;
    if (strncmp(path, I2C_DEVICES, strlen(I2C_DEVICES)) != 0) {
        reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    } else {
        struct request request = {process_of((int)call.pid), (int)call.data.args[0],
                                  (unsigned)call.data.args[1], call.data.args[2], path};
        long result = adapter_answer(&request);
        if (result < 0)
            reply.error = (int)result;
        else
            reply.val = result;
    }
    // ENOENT again: nobody waits for this answer any more.
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static int end_like(int status) {
    if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: i2cemu STATE LOG CMD…\n");
        return 64;
    }
    bus_open(arguments[1]);
    adapter_open_log(arguments[2]);
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");

    pid_t command = fork();
    if (command < 0) fail("fork");
    if (command == 0) {
        // The filter is on before the listener has a reader; no I2C ioctl comes before exec.
        int listener = install_filter();
        send_descriptor(sockets[1], listener);
        close(listener);
        execvp(arguments[3], arguments + 3);
        fail(arguments[3]);
    }
    close(sockets[1]);
    int listener = receive_descriptor(sockets[0]);
    if (listener < 0) return 1;

    pid_t answerer = fork();
    if (answerer < 0) fail("fork");
    if (answerer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) answer_next(listener);
    }
    close(listener);
    int status;
    while (waitpid(command, &status, 0) < 0 && errno == EINTR) {
    }
    kill(answerer, SIGKILL);
    waitpid(answerer, NULL, 0);
    return end_like(status);
}
