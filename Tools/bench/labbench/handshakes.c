/* The least that asking many hosts costs with libssh: connect, prove the host's key, log in by key,
 * run `true`, close. As many at once as PARALLEL says, each with a thread and a session of its own.
 *
 *   handshakes PARALLEL IDENTITY KNOWN_HOSTS USER < lines "ADDRESS [PORT]"
 *
 * Silent where every host did it. Each that did not has a line on stderr; the exit code is then 1.
 * Build: cc -O2 -pthread -o handshakes handshakes.c -lssh
 */
#include <libssh/libssh.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    hosts_limit = 100000,
    parallel_limit = 1024,
    line_limit = 300,
    timeout_seconds = 15,
    exit_usage = 64,
};

struct host {
    char address[256];
    unsigned port;
};

static const char *identity, *known_hosts, *user;
static struct host *hosts;
static size_t host_count, next_host, failed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The next host that nobody has taken; NULL where there is none. */
static const struct host *take(void) {
    pthread_mutex_lock(&lock);
    const struct host *host = next_host < host_count ? &hosts[next_host++] : NULL;
    pthread_mutex_unlock(&lock);
    return host;
}

static void report(const struct host *host, const char *what, const char *why) {
    pthread_mutex_lock(&lock);
    failed++;
    fprintf(stderr, "handshakes: %s port %u: %s: %s\n", host->address, host->port, what, why);
    pthread_mutex_unlock(&lock);
}

/* Every setting has to be taken: without the known_hosts file another would be asked. */
static int set_up(ssh_session session, const struct host *host) {
    const int no = 0, yes = 1;
    const long timeout = timeout_seconds;
    return ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_HOST, host->address) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_PORT, &host->port) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_USER, user) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, known_hosts) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &timeout) == SSH_OK &&
           ssh_options_set(session, SSH_OPTIONS_NODELAY, &yes) == SSH_OK;
}

/* `true`, to its end of output and its exit status. Tells whether that was 0. */
static int run_true(ssh_session session) {
    char output[256];
    ssh_channel channel = ssh_channel_new(session);
    if (channel == NULL) return 0;
    int status = -1;
    if (ssh_channel_open_session(channel) == SSH_OK &&
        ssh_channel_request_exec(channel, "true") == SSH_OK) {
        int count;
        do count = ssh_channel_read_timeout(channel, output, sizeof output, 0, timeout_seconds * 1000);
        while (count > 0);
        if (count == 0 && ssh_channel_is_eof(channel)) {
            status = ssh_channel_get_exit_status(channel);
        }
    }
    ssh_channel_free(channel);
    return status == 0;
}

static void ask(ssh_session session, ssh_key key, const struct host *host) {
    if (!set_up(session, host)) {
        report(host, "settings", ssh_get_error(session));
    } else if (ssh_connect(session) != SSH_OK) {
        report(host, "connect", ssh_get_error(session));
    } else {
        if (ssh_session_is_known_server(session) != SSH_KNOWN_HOSTS_OK) {
            report(host, "host key", "it is not the one in the known_hosts file");
        } else if (ssh_userauth_publickey(session, NULL, key) != SSH_AUTH_SUCCESS) {
            report(host, "login", ssh_get_error(session));
        } else if (!run_true(session)) {
            report(host, "true", ssh_get_error(session));
        }
        ssh_disconnect(session);
    }
}

/* A thread: asks one host after the other. */
static void *work(void *unused) {
    (void)unused;
    ssh_key key = NULL;
    const int imported = ssh_pki_import_privkey_file(identity, NULL, NULL, NULL, &key);
    for (const struct host *host = take(); host != NULL; host = take()) {
        ssh_session session = imported == SSH_OK ? ssh_new() : NULL;
        if (session == NULL) {
            report(host, "begin", imported == SSH_OK ? "no memory" : "the identity cannot be read");
            continue;
        }
        ask(session, key, host);
        ssh_free(session);
    }
    ssh_key_free(key);
    return NULL;
}

static int read_hosts(void) {
    char line[line_limit];
    hosts = calloc(hosts_limit, sizeof *hosts);
    if (hosts == NULL) return 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (host_count == hosts_limit || strchr(line, '\n') == NULL) return 0;
        struct host *host = &hosts[host_count];
        host->port = 22;
        if (sscanf(line, "%255s %u", host->address, &host->port) < 1) return 0;
        host_count++;
    }
    return host_count > 0;
}

int main(int count, char **words) {
    const long parallel = count == 5 ? strtol(words[1], NULL, 10) : 0;
    if (parallel < 1 || parallel > parallel_limit || !read_hosts()) {
        fprintf(stderr, "usage: handshakes PARALLEL IDENTITY KNOWN_HOSTS USER"
                        " < lines \"ADDRESS [PORT]\"\n");
        return exit_usage;
    }
    identity = words[2], known_hosts = words[3], user = words[4];
    if (ssh_init() != SSH_OK) return 1;
    pthread_t threads[parallel_limit];
    long started = 0;
    while (started < parallel && pthread_create(&threads[started], NULL, work, NULL) == 0) started++;
    if (started < parallel) fprintf(stderr, "handshakes: only %ld threads\n", started);
    for (long number = 0; number < started; number++) pthread_join(threads[number], NULL);
    ssh_finalize();
    return failed > 0 || started < parallel;
}
