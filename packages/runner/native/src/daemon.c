/* Starting the agent, once, whoever asks and however many ask at the same time. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGENT_START_MS 20000
#define AGENT_STOP_MS 5000
#define AGENT_ANSWER_S 5
#define ALREADY_RUNNING 75 /* EX_TEMPFAIL */
#define COMMAND_MAX 8192

static void state_path(char *path, size_t capacity, const char *state_dir, const char *name) {
  if (snprintf(path, capacity, "%s/%s", state_dir, name) >= (int)capacity) {
    errno = ENAMETOOLONG;
    fail("state folder", state_dir);
  }
}

static void make_folders(const char *path) {
  struct sockaddr_un address;
  if (path[0] != '/' || strlen(path) + sizeof "/spawner.sock" > sizeof address.sun_path) {
    errno = path[0] == '/' ? ENAMETOOLONG : EINVAL;
    fail("the state folder must be an absolute path, short enough for a unix socket:", path);
  }
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

/* What the agent was started with, so that `ensure` can tell when another version is asked for. */
static void join_command(char **command, char *text, size_t capacity) {
  size_t used = 0;
  for (text[0] = 0; *command != NULL && used < capacity; command++)
    used += (size_t)snprintf(text + used, capacity - used, "%s\n", *command);
}

static bool is_command_of_agent(const char *state_dir, char **command) {
  char wanted[COMMAND_MAX], found[COMMAND_MAX], path[PATH_MAX_LENGTH];
  state_path(path, sizeof path, state_dir, "agent.command");
  join_command(command, wanted, sizeof wanted);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return true; /* started by hand: leave it alone */
  ssize_t length = read(fd, found, sizeof found - 1);
  close(fd);
  found[length > 0 ? length : 0] = 0;
  return strcmp(wanted, found) == 0;
}

static void note_command(const char *state_dir, char **command) {
  char text[COMMAND_MAX], path[PATH_MAX_LENGTH];
  state_path(path, sizeof path, state_dir, "agent.command");
  join_command(command, text, sizeof text);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (!write_all(fd, text, strlen(text))) unlink(path); /* half of it would look like another version */
  close(fd);
}

int serve_main(const char *state_dir, char **command, int64_t patience_ms) {
  char path[PATH_MAX_LENGTH];
  make_folders(state_dir);
  state_path(path, sizeof path, state_dir, "agent.lock");
  int lock = open(path, O_RDWR | O_CREAT, 0600); /* stays open across exec: the kernel frees it with the agent */
  if (lock < 0) fail("cannot open", path);
  /* An agent that was killed holds its lock until its last thread is gone. */
  if (!take_lock(lock, patience_ms)) {
    fprintf(stderr, "drover-helper: another agent serves %s\n", state_dir);
    return ALREADY_RUNNING;
  }
  note_command(state_dir, command);
  execvp(command[0], command);
  fail("cannot run", command[0]);
}

/* A connection alone proves nothing: the kernel accepts it for an agent that hangs or is about to die. */
static bool answers(const char *socket_path) {
  char byte;
  int fd = unix_socket(socket_path, false);
  if (fd < 0) return false;
  struct timeval patience = {AGENT_ANSWER_S, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  bool alive = write_all(fd, "ping\n", 5) && read(fd, &byte, 1) == 1;
  close(fd);
  return alive;
}

/* Asks an agent of another version to leave; its runs go on and the next agent adopts them. */
static void retire_agent(const char *state_dir, const char *socket_path) {
  char path[PATH_MAX_LENGTH];
  int fd = unix_socket(socket_path, false);
  if (fd >= 0) {
    write_all(fd, "retire\n", 7);
    close(fd);
  }
  state_path(path, sizeof path, state_dir, "agent.lock");
  int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return;
  take_lock(lock, AGENT_STOP_MS);
  close(lock);
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
  signal(SIGPIPE, SIG_DFL);
  _exit(serve_main(state_dir, command, AGENT_STOP_MS));
}

int ensure_main(const char *state_dir, char **command) {
  signal(SIGPIPE, SIG_IGN);
  char path[PATH_MAX_LENGTH], socket_path[PATH_MAX_LENGTH], log_path[PATH_MAX_LENGTH];
  make_folders(state_dir);
  state_path(socket_path, sizeof socket_path, state_dir, "agent.sock");
  state_path(log_path, sizeof log_path, state_dir, "agent.log");
  if (answers(socket_path) && is_command_of_agent(state_dir, command)) return 0;
  state_path(path, sizeof path, state_dir, "ensure.lock");
  int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) fail("cannot open", path);
  while (flock(lock, LOCK_EX) != 0)
    if (errno != EINTR) fail("cannot lock", path);
  if (answers(socket_path)) {
    if (is_command_of_agent(state_dir, command)) return 0; /* somebody else has started it while we waited */
    retire_agent(state_dir, socket_path);
  }
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
