/* Starting the agent, once, whoever asks and however many ask at the same time. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGENT_START_MS 20000
#define ALREADY_RUNNING 75 /* EX_TEMPFAIL */

static void state_path(char *path, size_t capacity, const char *state_dir, const char *name) {
  if (snprintf(path, capacity, "%s/%s", state_dir, name) >= (int)capacity) {
    errno = ENAMETOOLONG;
    fail("state folder", state_dir);
  }
}

static void make_folders(const char *path) {
  char part[PATH_MAX_LENGTH];
  snprintf(part, sizeof part, "%s", path);
  for (char *at = part + 1; *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    mkdir(part, 0755);
    *at = '/';
  }
  if (mkdir(part, 0700) != 0 && errno != EEXIST) fail("cannot make", path);
  if (chmod(part, 0700) != 0) fail("cannot protect", path);
}

int serve_main(const char *state_dir, char **command) {
  char path[PATH_MAX_LENGTH];
  make_folders(state_dir);
  state_path(path, sizeof path, state_dir, "agent.lock");
  int lock = open(path, O_RDWR | O_CREAT, 0600); /* stays open across exec: the kernel frees it with the agent */
  if (lock < 0) fail("cannot open", path);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    fprintf(stderr, "drover-helper: another agent serves %s\n", state_dir);
    return ALREADY_RUNNING;
  }
  setenv("DROVER_AGENT_LOCKED", "1", 1);
  execvp(command[0], command);
  fail("cannot run", command[0]);
}

static bool answers(const char *socket_path) {
  int fd = unix_socket(socket_path, false);
  if (fd < 0) return false;
  close(fd);
  return true;
}

static void show_log(const char *path) {
  char text[2048];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  off_t size = lseek(fd, 0, SEEK_END);
  lseek(fd, size > (off_t)sizeof text ? size - (off_t)sizeof text : 0, SEEK_SET);
  ssize_t length = read(fd, text, sizeof text);
  if (length > 0) write_all(2, text, (size_t)length);
  close(fd);
}

static pid_t start_agent(const char *state_dir, const char *log_path, char **command) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  setsid();
  int null = open("/dev/null", O_RDWR);
  int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  /* All three: an open stderr would hold the SSH channel for the life of the agent. */
  dup2(null, 0);
  dup2(log >= 0 ? log : null, 1);
  dup2(log >= 0 ? log : null, 2);
  close_from(3);
  if (chdir("/") != 0) fail("chdir", "/");
  _exit(serve_main(state_dir, command));
}

int ensure_main(const char *state_dir, char **command) {
  char path[PATH_MAX_LENGTH], socket_path[PATH_MAX_LENGTH], log_path[PATH_MAX_LENGTH];
  make_folders(state_dir);
  state_path(socket_path, sizeof socket_path, state_dir, "agent.sock");
  state_path(log_path, sizeof log_path, state_dir, "agent.log");
  if (answers(socket_path)) return 0;
  state_path(path, sizeof path, state_dir, "ensure.lock");
  int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) fail("cannot open", path);
  while (flock(lock, LOCK_EX) != 0)
    if (errno != EINTR) fail("cannot lock", path);
  if (answers(socket_path)) return 0; /* somebody else has started it while we waited */
  pid_t pid = start_agent(state_dir, log_path, command);
  if (pid < 0) fail("fork", "");
  int64_t deadline = monotonic_ms() + AGENT_START_MS;
  while (monotonic_ms() < deadline) {
    int status;
    if (answers(socket_path)) {
      close(lock);
      return 0;
    }
    if (waitpid(pid, &status, WNOHANG) == pid) break;
    usleep(3000);
  }
  fprintf(stderr, "drover-helper: the agent for %s did not start; its log:\n", state_dir);
  show_log(log_path);
  return 1;
}
