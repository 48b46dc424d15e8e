/* Relays stdin and stdout to a unix socket, for SSH servers that forbid stream-local forwarding. Costs no second Node. */
#include "helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* Copies once. False at the end of `from` or when `to` takes no more. */
static bool copy(int from, int to) {
  char buffer[65536];
  ssize_t count = read(from, buffer, sizeof buffer);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  return count > 0 && write_all(to, buffer, (size_t)count);
}

int relay_main(const char *socket_path) {
  signal(SIGPIPE, SIG_IGN);
  int fd = unix_socket(socket_path, false);
  if (fd < 0) fail("cannot connect to", socket_path);
  struct pollfd watched[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return 1;
    }
    if (watched[0].revents && !copy(0, fd)) {
      shutdown(fd, SHUT_WR); /* the agent answers what it has and closes */
      watched[0].fd = -1;
    }
    if (watched[1].revents && !copy(fd, 1)) return 0;
  }
}
