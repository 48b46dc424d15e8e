/*
 * The spawner: one per VM, in a session of its own, so that it and the shims outlive the agent. It forks a shim per run and passes
 * their reports on. Frames from the agent are `<u32 length><letter><text>`:
 *   S start (request.c)    P key: tell what is known of a run    F key: forget it, remove its folder    K key: kill a stale run
 * Lines to the agent: `ready <pid> <version>` once all of the previous agent's frames have been dealt with, then `started`, `finished`,
 * `finished-full`, `running`, `stale`, `gone`, `failed`, each followed by the key and details.
 */
#define _GNU_SOURCE
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_MAX (4u << 20)
#define LOCK_PATIENCE_MS 1000

static struct {
  char state_dir[PATH_MAX_LENGTH];
  int lock, listener, agent, report_read;
  struct shim_context context;
  char *input;
  size_t input_size, input_capacity;
} self;

static void tell(const char *verb, const char *key, const char *text) {
  char line[REPORT_MAX + KEY_MAX];
  int length = snprintf(line, sizeof line, "%s %s %s\n", verb, key, text);
  if (self.agent >= 0) write_all(self.agent, line, (size_t)length);
}

static void run_path(char *path, size_t capacity, const char *key) {
  snprintf(path, capacity, "%s/runs/%s", self.state_dir, key);
}

/* ---- orders ---- */

static void close_own_descriptors(void) {
  close(self.lock); /* a flock lives as long as any copy of its descriptor */
  close(self.listener);
  close(self.report_read);
  if (self.agent >= 0) close(self.agent);
}

static void start(char *bytes, size_t length) {
  struct start_request request;
  char path[PATH_MAX_LENGTH + KEY_MAX];
  if (!parse_start(bytes, length, &request)) {
    tell("failed", "-", "malformed start");
    return;
  }
  run_path(path, sizeof path, request.key);
  if (find_child(0, request.key) != NULL || access(path, F_OK) == 0) {
    tell("exists", request.key, "");
  } else {
    int spare = take_spare();
    pid_t pid = fork();
    if (pid == 0) {
      close_own_descriptors();
      shim_main(&request, &self.context, spare);
    }
    if (pid < 0) tell("failed", request.key, strerror(errno));
    else remember_child(pid, request.key);
  }
  free(request.prepare);
  free(request.command);
  free(request.cleanup);
  free(request.env);
}

static void forget(const char *key) {
  char path[PATH_MAX_LENGTH + KEY_MAX];
  struct child *shim = find_child(0, key);
  if (shim != NULL) { /* it has reported and is about to exit; until then the folder is locked */
    shim->forget = true;
    return;
  }
  run_path(path, sizeof path, key);
  if (recycle_folder(path)) return;
  pid_t pid = fork(); /* the run's own files may be many */
  if (pid == 0) {
    close_own_descriptors();
    remove_tree(AT_FDCWD, path);
    _exit(0);
  }
  if (pid > 0) remember_child(pid, "");
}

static void tell_state(const char *key) {
  struct child *shim = find_child(0, key);
  if (shim != NULL) {
    char text[32];
    snprintf(text, sizeof text, "own %lld", (long long)shim->started_ms); /* 0: still preparing */
    tell("running", key, text);
  } else if (!inspect_run(self.state_dir, key, tell)) {
    tell("stale", key, "");
  }
}

static void obey(char *frame, size_t length) {
  char letter = frame[0];
  char *text = frame + 1;
  if (letter == 'S') {
    start(text, length - 1);
    return;
  }
  if (length < 2 || length > KEY_MAX || frame[length - 1] != 0 || strchr(text, '/') != NULL || text[0] == '.') return;
  if (letter == 'F') forget(text);
  if (letter == 'P') tell_state(text);
  if (letter == 'K' && find_child(0, text) == NULL) kill_stale(self.state_dir, text, tell);
}

/* Reads once. False when the agent is gone. */
static bool read_agent(void) {
  if (self.input_capacity - self.input_size < 4096) {
    size_t capacity = self.input_capacity ? self.input_capacity * 2 : 65536;
    char *grown = realloc(self.input, capacity);
    if (grown == NULL) return false;
    self.input = grown;
    self.input_capacity = capacity;
  }
  ssize_t count = read(self.agent, self.input + self.input_size, self.input_capacity - self.input_size);
  if (count <= 0) return count < 0 && (errno == EINTR || errno == EAGAIN);
  self.input_size += (size_t)count;
  size_t at = 0;
  while (self.input_size - at >= 4) {
    uint32_t length;
    memcpy(&length, self.input + at, 4);
    if (length == 0 || length > FRAME_MAX) return false;
    if (self.input_size - at - 4 < length) break;
    obey(self.input + at + 4, length);
    at += 4 + (size_t)length;
  }
  memmove(self.input, self.input + at, self.input_size - at);
  self.input_size -= at;
  return true;
}

static void lose_agent(void) {
  if (self.agent < 0) return;
  close(self.agent);
  self.agent = -1;
  self.input_size = 0;
}

static void accept_agent(void) {
  int fd = accept(self.listener, NULL, NULL);
  if (fd < 0) return;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  /* What the previous agent had ordered happens before the next one looks: it must not find less than there will be. */
  if (self.agent >= 0) {
    set_nonblocking(self.agent);
    for (;;) {
      errno = 0;
      if (!read_agent() || errno == EAGAIN) break;
    }
  }
  lose_agent();
  self.agent = fd;
  char pid[16];
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  tell("ready", pid, HELPER_VERSION);
}

/* ---- the loop ---- */

/* The start time is kept for agents to come. */
static void note_report(char *line) {
  char key[KEY_MAX];
  long long started;
  if (sscanf(line, "started %99s %lld", key, &started) != 2) return;
  struct child *shim = find_child(0, key);
  if (shim != NULL) shim->started_ms = started;
}

static void pass_reports(void) {
  static char lines[REPORT_MAX * 32];
  static size_t kept; /* of a line that is not whole yet */
  ssize_t count;
  while ((count = read(self.report_read, lines + kept, sizeof lines - kept)) > 0) {
    char *end = lines + kept + count, *at = lines;
    for (char *feed; (feed = memchr(at, '\n', (size_t)(end - at))) != NULL; at = feed + 1) {
      *feed = 0;
      note_report(at);
      *feed = '\n';
    }
    if (self.agent >= 0 && !write_all(self.agent, lines, (size_t)(at - lines))) lose_agent();
    kept = (size_t)(end - at);
    memmove(lines, at, kept);
  }
}

static void reap_children(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    struct child *child = find_child(pid, NULL);
    if (child == NULL) continue; /* a stray of a dead shim */
    struct child ended = *child;
    drop_child(child);
    if (ended.forget) forget(ended.key);
    else if (status != 0 && ended.key[0]) add_unsettled(ended.key);
  }
}

static void loop(void) {
  sigset_t unblocked;
  sigemptyset(&unblocked);
  for (;;) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(self.listener, &set);
    FD_SET(self.report_read, &set);
    if (self.agent >= 0) FD_SET(self.agent, &set);
    int highest = self.listener > self.report_read ? self.listener : self.report_read;
    if (self.agent > highest) highest = self.agent;
    struct timespec soon = {0, 20000000};
    int ready = pselect(highest + 1, &set, NULL, NULL, has_unsettled() ? &soon : NULL, &unblocked);
    /* Reports before deaths: a shim that has reported its result is not unsettled. */
    pass_reports();
    reap_children();
    settle(self.state_dir, tell);
    if (ready <= 0) continue;
    if (self.agent >= 0 && FD_ISSET(self.agent, &set) && !read_agent()) lose_agent();
    if (FD_ISSET(self.listener, &set)) accept_agent();
  }
}

static void open_files(const char *state_dir) {
  char path[PATH_MAX_LENGTH + 32];
  int reports[2];
  snprintf(self.state_dir, sizeof self.state_dir, "%s", state_dir);
  snprintf(path, sizeof path, "%s/spawner.lock", state_dir);
  self.lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self.lock < 0) fail("cannot open", path);
  /* A shim that was just forked holds a dead spawner's lock until it gets to close it. */
  if (!take_lock(self.lock, LOCK_PATIENCE_MS)) exit(0); /* another one is at work */
  snprintf(path, sizeof path, "%s/runs", state_dir);
  if (mkdir(path, 0700) != 0 && errno != EEXIST) fail("cannot make", path);
  open_spares(state_dir);
  if (!make_pipe(reports)) fail("pipe", "");
  self.report_read = reports[0];
  set_nonblocking(self.report_read);
  self.context.state_dir = self.state_dir;
  self.context.report_fd = reports[1];
  self.context.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (self.context.null_fd < 0) fail("cannot open", "/dev/null");
  self.agent = -1;
  snprintf(path, sizeof path, "%s/spawner.sock", state_dir);
  self.listener = unix_socket(path, true);
  if (self.listener < 0) fail("cannot listen on", path);
}

int spawner_main(const char *state_dir) {
  umask(077);
  setsid();
  close_from(3);
  static const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
  on_child_exit();
  adopt_orphans();
  open_files(state_dir);
  if (chdir("/") != 0) fail("chdir", "/");
  if (geteuid() == 0) write_file_at(AT_FDCWD, "/proc/self/oom_score_adj", "-900");
  dup2(self.context.null_fd, 0);
  dup2(self.context.null_fd, 1);
  dup2(self.context.null_fd, 2);
  loop();
  return 0;
}
