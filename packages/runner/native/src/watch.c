/* Waiting for a run: output, orders, limits, signals, and the end of everything it started. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often memory is measured where no cgroup does it. A compromise between precision and cost. */
#define MEMORY_SAMPLE_MS 250

/* What the kernel counts resident memory in: bytes on macOS, KiB elsewhere. */
#ifdef __APPLE__
#define RESIDENT_UNITS_PER_KIB 1024
#else
#define RESIDENT_UNITS_PER_KIB 1
#endif

static int64_t earliest(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- signalling ---- */

struct signal_order {
  int number;
  pid_t done; /* whoever is in this process group has had it: many programs take a second one as "at once" */
};

static void signal_child(pid_t pid, void *context) {
  const struct signal_order *order = context;
  if (getpgid(pid) != order->done) kill(pid, order->number);
}

/* The command's group and all our children. No other process is signalled by id: only a child's id cannot be reused. */
static void kill_run(const struct shim *shim) {
  struct signal_order order = {SIGKILL, 0};
  if (shim->command > 0) kill(-shim->command, SIGKILL);
  group_kill(&shim->group);
  each_child(signal_child, &order);
}

/* The same, each once. The client program of a container engine passes it on; its helpers would only fail to record the end. */
static void terminate_run(const struct shim *shim) {
  struct signal_order order = {SIGTERM, shim->command};
  if (shim->command > 0) kill(-shim->command, SIGTERM);
  if (shim->request->cleanup == NULL) each_child(signal_child, &order);
}

static void terminate(struct shim *shim) {
  if (shim->terminated) return;
  shim->terminated = true;
  shim->kill_at = monotonic_ms() + shim->request->kill_grace_ms;
  terminate_run(shim);
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
      terminate_run(shim);
    }
  }
}

static void note_memory(struct shim *shim, int64_t kib) {
  if (kib > shim->peak_kib) shim->peak_kib = kib;
}

static void check_time(struct shim *shim) {
  int64_t now = monotonic_ms();
  if (now >= shim->deadline) {
    shim->deadline = NEVER;
    shim->result.timed_out = true;
    terminate(shim);
  }
  if (now >= shim->show_at) {
    shim->show_at = NEVER;
    for (int i = 0; i < 2; i++) log_show(&shim->logs[i]);
  }
  if (now >= shim->tell_at) tell_started(shim);
  if (now >= shim->limit_at) {
    shim->limit_at = NEVER;
    limit_run(shim);
  }
  if (shim->sample_memory && now >= shim->sample_at) {
    shim->sample_at = now + MEMORY_SAMPLE_MS;
    int64_t resident = tree_resident_bytes(shim->command);
    note_memory(shim, resident / 1024);
    if (resident > shim->request->memory_bytes) {
      shim->result.oom = true;
      kill_run(shim);
    }
  }
  if (now >= shim->kill_at) {
    kill_run(shim);
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
    struct rusage usage;
    if (wait4(child.si_pid, &child_status, 0, &usage) < 0) continue;
    note_memory(shim, usage.ru_maxrss / RESIDENT_UNITS_PER_KIB);
    if (!is_command) continue;
    *ended = true;
    *status = child_status;
    shim->command = 0;
  }
}

bool run_to_end(struct shim *shim, pid_t pid, int *status) {
  bool ended = false;
  shim->command = pid;
  while (!reap(shim, &ended, status)) {
    if (ended) {
      kill_run(shim);
      wait_for_something(shim, monotonic_ms() + 20);
    } else {
      int64_t measure_at = shim->sample_memory ? shim->sample_at : NEVER;
      int64_t news_at = earliest(shim->tell_at, shim->show_at);
      int64_t limits_at = earliest(earliest(shim->deadline, shim->kill_at), earliest(shim->limit_at, measure_at));
      wait_for_something(shim, earliest(limits_at, news_at));
      check_time(shim);
    }
  }
  return ended;
}
