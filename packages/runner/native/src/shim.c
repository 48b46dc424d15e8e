/*
 * One shim supervises one run: forked from the spawner (sharing its pages), in a session of its own. It holds the run folder's
 * lock, starts the command, captures its output, enforces its limits, ends everything it left behind and stores the result.
 *
 * It obeys single letters on the FIFO `control` in the run folder: T (terminate: TERM, grace, KILL) and P (the VM is being taken
 * away: TERM once). That the FIFO has a reader proves that the shim lives, so nobody ever needs its process id.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/*
 * Nobody waits for the news that a command runs. Most that are short have ended by then, and one report tells both: it spares the
 * spawner and the agent a wake-up each, a tenth of what such a run costs altogether. Until then what it prints is held back from the
 * files, too: nobody reads along so soon.
 */
#define TELL_AFTER_MS 15

/* One report line. Returns its length. */
static size_t put_line(const struct shim *shim, char *line, const char *verb, const char *text) {
  int length = snprintf(line, REPORT_MAX, "%s %s %s\n", verb, shim->request->key, text);
  if (length >= REPORT_MAX) line[(length = REPORT_MAX) - 1] = '\n';
  return (size_t)length;
}

static size_t put_started(struct shim *shim, char *line) {
  char text[32];
  shim->tell_at = NEVER;
  snprintf(text, sizeof text, "%lld", (long long)shim->result.started_ms);
  return put_line(shim, line, "started", text);
}

static void send_report(const struct shim *shim, const char *lines, size_t length) {
  /* Atomic up to PIPE_BUF. Should it fail because the spawner is dead, the agent finds the result in the folder. */
  ssize_t ignored = write(shim->context->report_fd, lines, length);
  (void)ignored;
}

void tell_started(struct shim *shim) {
  char line[REPORT_MAX];
  send_report(shim, line, put_started(shim, line));
}

static void report(struct shim *shim, const char *verb, const char *text) {
  char lines[2 * REPORT_MAX];
  size_t length = shim->tell_at == NEVER ? 0 : put_started(shim, lines);
  size_t last = put_line(shim, lines + length, verb, text);
  if (length > 0 && length + last > PIPE_BUF) {
    send_report(shim, lines, length);
    memmove(lines, lines + length, last);
    length = 0;
  }
  send_report(shim, lines, length + last);
}

/* For nobody's eyes but the agent's user. */
static void write_secret(int dir, const char *name, const char *text) {
  if (text[0] == 0) return;
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || !write_all(fd, text, strlen(text))) _exit(1); /* an unknown end: it never started */
  close(fd);
}

static _Noreturn void give_up(struct shim *shim, const char *verb, const char *spare) {
  report(shim, verb, strcmp(verb, "failed") == 0 ? strerror(errno) : "");
  remove_tree(AT_FDCWD, spare);
  _exit(0);
}

/*
 * The run's folder appears under its name in one step, complete and locked: whoever looks finds either nothing, and then nothing has
 * run, or a living shim. The folder comes from the spawner's own place, which the next spawner takes away before it looks (folders.c):
 * a shim that is late finds nothing to rename and leaves, as does one that was not the first.
 */
static void claim_folder(struct shim *shim, int spare_number) {
  char spare[PATH_MAX_LENGTH + 64], path[PATH_MAX_LENGTH + KEY_MAX];
  const char *state_dir = shim->context->state_dir;
  spare_path(spare, sizeof spare, spare_number);
  snprintf(path, sizeof path, "%s/runs/%s", state_dir, shim->request->key);
  if (spare_number < 0 && mkdir(spare, 0700) != 0) give_up(shim, "failed", spare);
  shim->run_dir = open(spare, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (shim->run_dir < 0 || flock(shim->run_dir, LOCK_EX | LOCK_NB) != 0) give_up(shim, "failed", spare);
  if (mkfifoat(shim->run_dir, "control", 0600) != 0 && errno != EEXIST) give_up(shim, "failed", spare);
  shim->control = openat(shim->run_dir, "control", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (shim->control < 0) give_up(shim, "failed", spare);
  /* A folder that holds a run is never empty: renaming onto it fails. */
  if (rename(spare, path) != 0) give_up(shim, errno == EEXIST || errno == ENOTEMPTY ? "exists" : "failed", spare);
}

static void fill_folder(const struct shim *shim) {
  const struct start_request *request = shim->request;
  if (request->cwd[0] == 0) mkdirat(shim->run_dir, "work", 0700); /* a recycled folder has both */
  write_secret(shim->run_dir, "gateway-secret", request->secret);
  write_secret(shim->run_dir, "env", request->env_file);
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

static void describe_error(struct shim *shim, const char *what) {
  snprintf(shim->result.error, sizeof shim->result.error, "%.120s: %s", what, strerror(errno));
}

/* Image staging; its output goes to the log. False when it failed, with the reason in the result. */
static bool prepare(struct shim *shim, int out, int err) {
  const char *what;
  int status = 0;
  if (shim->request->prepare == NULL) return true;
  pid_t pid = launch(shim, shim->request->prepare, out, err, &what);
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
  if (request->max_run_time_ms > 0) shim->deadline = monotonic_ms() + request->max_run_time_ms;
  shim->limit_at = limit_time(request);
  shim->peak_kib = 0;
  shim->result.started_ms = wall_ms();
  pid_t pid = launch(shim, request->command, out, err, &what);
  if (pid < 0) {
    describe_error(shim, what);
  } else {
    shim->tell_at = monotonic_ms() + TELL_AFTER_MS;
    shim->result.has_status = run_to_end(shim, pid, &shim->result.status);
    shim->result.peak_kib = shim->peak_kib;
    if (shim->result.status != 0 && group_oom_kills(&shim->group) > 0) shim->result.oom = true;
    /* Asked to end because the VM goes away, but it had done its work: that is no preemption. */
    if (shim->result.status == 0) shim->result.preempted = false;
  }
  group_remove(&shim->group);
}

static void clean_up(struct shim *shim) {
  const char *what;
  int status, out = openat(shim->run_dir, "after", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  shim->deadline = shim->kill_at = shim->limit_at = NEVER;
  shim->sample_memory = false;
  pid_t pid = launch(shim, shim->request->cleanup, out >= 0 ? out : shim->context->null_fd, shim->context->null_fd, &what);
  shim->result.cleaned_up = true;
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
    format_result(shim->request->key, &shim->result, text, sizeof text - KEY_MAX - 16);
    if (store_result(shim->run_dir, reserve, text, &shim->result, &full)) break;
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

_Noreturn void shim_main(const struct start_request *request, const struct shim_context *context, int spare_number) {
  static struct shim shim;
  int out = -1, err = -1;
  shim.request = request;
  shim.context = context;
  shim.deadline = shim.kill_at = shim.limit_at = shim.sample_at = shim.tell_at = NEVER;
  setsid();
#ifdef __linux__
  prctl(PR_SET_NAME, "drover-shim");
#endif
  static const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
  on_child_exit();
  adopt_orphans();
  claim_folder(&shim, spare_number);
  fill_folder(&shim);
  if (!open_logs(&shim, &out, &err)) _exit(1);
  shim.result.started_ms = wall_ms();
  shim.show_at = monotonic_ms() + TELL_AFTER_MS;
  if (prepare(&shim, out, err)) run_command(&shim, out, err);
  close(out);
  close(err);
  if (request->cleanup != NULL) clean_up(&shim);
  store(&shim);
  _exit(0);
}
