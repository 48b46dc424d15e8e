/* Time, files, pipes: thin wrappers that hide what differs between Linux and macOS. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

static int64_t clock_ms(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void) {
#ifdef __linux__
  return clock_ms(CLOCK_BOOTTIME);
#else
  return clock_ms(CLOCK_MONOTONIC); /* counts sleep on macOS */
#endif
}

int64_t wall_ms(void) { return clock_ms(CLOCK_REALTIME); }

bool make_pipe(int fds[2]) {
#ifdef __linux__
  return pipe2(fds, O_CLOEXEC) == 0;
#else
  if (pipe(fds) != 0) return false;
  fcntl(fds[0], F_SETFD, FD_CLOEXEC);
  fcntl(fds[1], F_SETFD, FD_CLOEXEC);
  return true;
#endif
}

bool write_all(int fd, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    ssize_t written = write(fd, at, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    at += written;
    count -= (size_t)written;
  }
  return true;
}

bool write_file_at(int dir, const char *name, const char *text) {
  int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool written = write_all(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return written;
}

bool sync_fd(int fd) {
#ifdef __APPLE__
  if (fcntl(fd, F_FULLFSYNC) == 0) return true; /* fsync alone leaves the bytes in the drive's cache */
#endif
  return fsync(fd) == 0;
}

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void close_from(int first) {
  long limit = sysconf(_SC_OPEN_MAX);
#ifdef __linux__
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return; /* musl has no wrapper */
#endif
  if (limit < 0 || limit > 65536) limit = 65536;
  for (int fd = first; fd < limit; fd++) close(fd);
}

bool take_lock(int fd, int64_t patience_ms) {
  int64_t deadline = monotonic_ms() + patience_ms;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (monotonic_ms() >= deadline) return false;
    usleep(3000);
  }
  return true;
}

static void wake(int signal) { (void)signal; }

void on_child_exit(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = wake;
  sigaction(SIGCHLD, &action, NULL);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_BLOCK, &blocked, NULL); /* delivered only inside pselect */
}

int unix_socket(const char *path, bool listening) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  int outcome;
  if (listening) {
    unlink(path);
    outcome = bind(fd, (struct sockaddr *)&address, sizeof address);
    if (outcome == 0) outcome = listen(fd, 16);
  } else {
    outcome = connect(fd, (struct sockaddr *)&address, sizeof address);
  }
  if (outcome == 0) return fd;
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

_Noreturn void fail(const char *what, const char *detail) {
  fprintf(stderr, "drover-helper: %s%s%s: %s\n", what, detail[0] ? " " : "", detail, strerror(errno));
  exit(1);
}
