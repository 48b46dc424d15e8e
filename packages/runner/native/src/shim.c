/*
 * One shim supervises one run: forked from the spawner (sharing its pages), in a session of its own. It holds the run folder's
 * lock, starts the command, captures its output, enforces its limits, ends everything it left behind and stores the result.
 *
 * It obeys single letters on the FIFO `control` in the run folder: T (terminate: TERM, grace, KILL) and P (the VM is being taken
 * away: TERM once). That the FIFO has a reader proves that the shim lives, so nobody ever needs its process id.
 */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define NEVER INT64_MAX
/* How often memory is measured where no cgroup does it. A compromise between precision and cost. */
#define MEMORY_SAMPLE_MS 250

extern char **environ;

struct shim {
  const struct start_request *request;
  const struct shim_context *context;
  int run_dir, control;
  pid_t command; /* > 0 while it runs; it leads its own process group and session */
  struct group group;
  bool sample_memory;
  struct log_stream logs[2];
  struct run_result result;
  int64_t deadline, kill_at, sample_at; /* on monotonic_ms() */
  bool terminated;
};

static int64_t earliest(int64_t a, int64_t b) { return a < b ? a : b; }

static void report(const struct shim *shim, const char *verb, const char *text) {
  char line[REPORT_MAX];
  int length = snprintf(line, sizeof line, "%s %s %s\n", verb, shim->request->key, text);
  if (length >= (int)sizeof line) line[(length = sizeof line) - 1] = '\n';
  /* Atomic up to PIPE_BUF. Should it fail because the spawner is dead, the agent finds the result in the folder. */
  ssize_t ignored = write(shim->context->report_fd, line, (size_t)length);
  (void)ignored;
}

/* ---- starting ---- */

static void child_setup(const struct shim *shim, int out, int err, bool limited) {
  static const int defaults[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) signal(defaults[i], SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  umask(022);
  die_with_parent();
  if (limited) group_join(&shim->group);
  if (geteuid() == 0) write_file_at(AT_FDCWD, "/proc/self/oom_score_adj", "0");
  dup2(shim->context->null_fd, 0);
  dup2(out, 1);
  dup2(err, 2);
  fcntl(shim->run_dir, F_SETFD, 0); /* the lock lives as long as anything of the run does */
}

/* Starts argv; returns its process id, or -1 with errno telling why and `what` the part that failed. */
static pid_t launch(const struct shim *shim, char **argv, int out, int err, bool limited, const char **what) {
  static volatile int error;
  static const char *volatile failed;
  const char *cwd = shim->request->cwd[0] ? shim->request->cwd : "work";
  error = 0;
  environ = shim->request->env; /* execvp searches the run's PATH */
  /* vfork: the child borrows our memory until exec, so that it can say here why exec failed, and no page is copied. */
#ifdef __APPLE__
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif
  pid_t pid = vfork();
  if (pid == 0) {
    child_setup(shim, out, err, limited);
    failed = cwd;
    if ((shim->request->cwd[0] || fchdir(shim->run_dir) == 0) && chdir(cwd) == 0) {
      failed = argv[0];
      execvp(argv[0], argv);
    }
    error = errno;
    _exit(127);
  }
  if (pid < 0) {
    *what = "fork";
    return -1;
  }
  if (error == 0) return pid;
  waitpid(pid, NULL, 0);
  *what = failed;
  errno = error;
  return -1;
}

static void open_run(struct shim *shim) {
  const struct start_request *request = shim->request;
  if (mkfifoat(shim->run_dir, "control", 0600) != 0) _exit(1);
  shim->control = openat(shim->run_dir, "control", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (shim->control < 0) _exit(1);
  if (request->cwd[0] == 0) mkdirat(shim->run_dir, "work", 0700);
  if (request->secret[0]) {
    int fd = openat(shim->run_dir, "gateway-secret", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
      write_all(fd, request->secret, strlen(request->secret));
      close(fd);
    }
  }
}

/* Pipes for stdout and stderr; the write ends go to `out` and `err`. */
static bool open_logs(struct shim *shim, int *out, int *err) {
  int first[2], second[2];
  if (!make_pipe(first) || !make_pipe(second)) return false;
  log_open(&shim->logs[0], shim->run_dir, "stdout", first[0], shim->request->max_log_bytes);
  log_open(&shim->logs[1], shim->run_dir, "stderr", second[0], shim->request->max_log_bytes);
  *out = first[1];
  *err = second[1];
  return true;
}

/* ---- signalling ---- */

static void signal_child(pid_t pid, void *context) { kill(pid, *(int *)context); }

/* The command's group and all our children. No other process is signalled by id: only a child's id cannot be reused. */
static void signal_run(const struct shim *shim, int number) {
  if (shim->command > 0) kill(-shim->command, number);
  if (number == SIGKILL) group_kill(&shim->group);
  each_child(signal_child, &number);
}

static void terminate(struct shim *shim) {
  if (shim->terminated) return;
  shim->terminated = true;
  shim->kill_at = monotonic_ms() + shim->request->kill_grace_ms;
  signal_run(shim, SIGTERM);
}

static void read_control(struct shim *shim) {
  char orders[64];
  ssize_t count = read(shim->control, orders, sizeof orders);
  for (ssize_t i = 0; i < count; i++) {
    if (orders[i] == 'T') {
      shim->result.killed = true;
      terminate(shim);
    } else if (orders[i] == 'P' && !shim->result.preempted) {
      shim->result.preempted = true;
      signal_run(shim, SIGTERM);
    }
  }
}

static void check_time(struct shim *shim) {
  int64_t now = monotonic_ms();
  if (now >= shim->deadline) {
    shim->deadline = NEVER;
    shim->result.timed_out = true;
    terminate(shim);
  }
  if (shim->sample_memory && now >= shim->sample_at) {
    shim->sample_at = now + MEMORY_SAMPLE_MS;
    if (tree_resident_bytes(shim->command) > shim->request->memory_bytes) {
      shim->result.oom = true;
      signal_run(shim, SIGKILL);
    }
  }
  if (now >= shim->kill_at) {
    signal_run(shim, SIGKILL);
    shim->kill_at = now + 1000; /* again, should something have forked meanwhile */
  }
}

/* ---- waiting ---- */

/* Sleeps until a child ends, output or an order arrives, or a deadline passes; deals with all but the child. */
static void wait_for_something(struct shim *shim, int64_t until) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(shim->control, &set);
  int highest = shim->control;
  for (int i = 0; i < 2; i++) {
    int fd = shim->logs[i].pipe;
    if (fd < 0) continue;
    FD_SET(fd, &set);
    if (fd > highest) highest = fd;
  }
  struct timespec wait, *timeout = NULL;
  if (until != NEVER) {
    int64_t left = until - monotonic_ms();
    if (left < 0) left = 0;
    if (left > 60000) left = 60000; /* a suspended machine: look at the clock again */
    wait.tv_sec = left / 1000;
    wait.tv_nsec = left % 1000 * 1000000;
    timeout = &wait;
  }
  sigset_t unblocked;
  sigemptyset(&unblocked);
  if (pselect(highest + 1, &set, NULL, NULL, timeout, &unblocked) <= 0) return;
  if (FD_ISSET(shim->control, &set)) read_control(shim);
  for (int i = 0; i < 2; i++)
    if (shim->logs[i].pipe >= 0 && FD_ISSET(shim->logs[i].pipe, &set)) log_drain(&shim->logs[i]);
}

/* Reaps what has ended. True once no child is left; the command's status goes to `status` when it is among them. */
static bool reap(struct shim *shim, bool *ended, int *status) {
  for (;;) {
    siginfo_t child;
    child.si_pid = 0;
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0) return errno == ECHILD;
    if (child.si_pid == 0) return false;
    bool is_command = child.si_pid == shim->command;
    /* What is left of its group; before it is reaped, because then the number may become another's. */
    if (is_command) kill(-child.si_pid, SIGKILL);
    int child_status;
    if (waitpid(child.si_pid, &child_status, 0) < 0 || !is_command) continue;
    *ended = true;
    *status = child_status;
    shim->command = 0;
  }
}

/* Runs one command to its end, together with everything it started: like PID 1 of a container, its end is the end of all. */
static bool run_to_end(struct shim *shim, pid_t pid, int *status) {
  bool ended = false;
  shim->command = pid;
  while (!reap(shim, &ended, status)) {
    if (ended) {
      signal_run(shim, SIGKILL);
      wait_for_something(shim, monotonic_ms() + 20);
    } else {
      wait_for_something(shim, earliest(earliest(shim->deadline, shim->kill_at), shim->sample_memory ? shim->sample_at : NEVER));
      check_time(shim);
    }
  }
  return ended;
}

static void describe_error(struct shim *shim, const char *what) {
  snprintf(shim->result.error, sizeof shim->result.error, "%.120s: %s", what, strerror(errno));
}

/* ---- the parts of a run ---- */

/* Image staging; its output goes to the log. False when it failed, with the reason in the result. */
static bool prepare(struct shim *shim, int out, int err) {
  const char *what;
  int status = 0;
  if (shim->request->prepare == NULL) return true;
  pid_t pid = launch(shim, shim->request->prepare, out, err, false, &what);
  if (pid < 0) {
    describe_error(shim, what);
    return false;
  }
  run_to_end(shim, pid, &status);
  if (status == 0 && !shim->terminated) return true;
  if (!shim->terminated) snprintf(shim->result.error, sizeof shim->result.error, "image staging failed; its output is in stderr");
  return false;
}

static void run_command(struct shim *shim, int out, int err) {
  const char *what;
  const struct start_request *request = shim->request;
  char name[KEY_MAX + 16];
  group_name(shim->context->state_dir, request->key, name, sizeof name);
  shim->sample_memory = !group_create(&shim->group, name, request->memory_bytes, request->milli_cpus);
  shim->sample_at = monotonic_ms() + MEMORY_SAMPLE_MS;
  if (request->max_run_time_ms > 0) shim->deadline = monotonic_ms() + request->max_run_time_ms;
  shim->result.started_ms = wall_ms();
  pid_t pid = launch(shim, request->command, out, err, true, &what);
  if (pid < 0) {
    describe_error(shim, what);
  } else {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)shim->result.started_ms);
    report(shim, "started", text);
    shim->result.has_status = run_to_end(shim, pid, &shim->result.status);
    if (shim->result.status != 0 && group_oom_kills(&shim->group) > 0) shim->result.oom = true;
    /* Asked to end because the VM goes away, but it had done its work: that is no preemption. */
    if (shim->result.status == 0) shim->result.preempted = false;
  }
  group_remove(&shim->group);
}

static void clean_up(struct shim *shim) {
  const char *what;
  int status, out = openat(shim->run_dir, "after", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  shim->deadline = shim->kill_at = NEVER;
  shim->sample_memory = false;
  pid_t pid = launch(shim, shim->request->cleanup, out >= 0 ? out : shim->context->null_fd, shim->context->null_fd, false, &what);
  if (pid > 0) run_to_end(shim, pid, &status);
  if (out >= 0) close(out);
}

static void store(struct shim *shim) {
  char text[REPORT_MAX], reserve[PATH_MAX_LENGTH];
  bool full = false;
  for (int i = 0; i < 2; i++) {
    while (log_drain(&shim->logs[i]) == LOG_MORE) continue; /* all writers are dead: nothing comes after this */
    if (shim->logs[i].failed) shim->result.disk_full = true;
    log_finish(&shim->logs[i], &shim->result.logs[i]);
  }
  shim->result.finished_ms = wall_ms();
  snprintf(reserve, sizeof reserve, "%s/reserve", shim->context->state_dir);
  for (int attempt = 0;; attempt++) {
    format_result(&shim->result, text, sizeof text - KEY_MAX - 16);
    if (store_result(shim->run_dir, reserve, text, &full)) break;
    shim->result.disk_full = true;
    if (attempt == 0) { /* the result matters more than the log */
      for (int i = 0; i < 2; i++) {
        log_truncate(&shim->logs[i]);
        log_finish(&shim->logs[i], &shim->result.logs[i]);
      }
    } else {
      sleep(1); /* keep the lock and the truth until there is room */
    }
  }
  report(shim, full ? "finished-full" : "finished", text);
}

_Noreturn void shim_main(const struct start_request *request, const struct shim_context *context, int run_dir) {
  static struct shim shim;
  int out = -1, err = -1;
  shim.request = request;
  shim.context = context;
  shim.run_dir = run_dir;
  shim.deadline = shim.kill_at = shim.sample_at = NEVER;
  setsid();
#ifdef __linux__
  prctl(PR_SET_NAME, "drover-shim");
#endif
  static const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
  on_child_exit();
  adopt_orphans();
  open_run(&shim);
  if (!open_logs(&shim, &out, &err)) _exit(1);
  shim.result.started_ms = wall_ms();
  if (prepare(&shim, out, err)) run_command(&shim, out, err);
  close(out);
  close(err);
  if (request->cleanup != NULL) clean_up(&shim);
  store(&shim);
  _exit(0);
}
