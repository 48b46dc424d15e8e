/* What a run folder tells about a run whose shim is not a child of this spawner. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody holds the lock any more: how it ended will never be known. Logs that were captured stay. */
static void store_unknown(const char *state_dir, const char *key, int run_dir, tell_function tell) {
  struct run_result result;
  char text[REPORT_MAX], reserve[PATH_MAX_LENGTH + 16], name[KEY_MAX + 16];
  bool full = false;
  memset(&result, 0, sizeof result);
  result.unknown = true;
  struct stat info;
  if (fstatat(run_dir, "control", &info, 0) == 0) result.started_ms = (int64_t)info.st_mtime * 1000;
  result.finished_ms = wall_ms();
  if (fstatat(run_dir, "stdout", &info, 0) == 0) result.logs[0].size = info.st_size;
  if (fstatat(run_dir, "stderr", &info, 0) == 0) result.logs[1].size = info.st_size;
  snprintf(reserve, sizeof reserve, "%s/reserve", state_dir);
  format_result(key, &result, text, sizeof text - KEY_MAX - 16);
  group_name(state_dir, key, name, sizeof name);
  group_remove_named(name);
  if (store_result(run_dir, reserve, text, &result, &full)) tell(full ? "finished-full" : "finished", key, text);
  else tell("failed", key, strerror(errno));
}

bool inspect_run(const char *state_dir, const char *key, tell_function tell) {
  char path[PATH_MAX_LENGTH + KEY_MAX], text[REPORT_MAX];
  snprintf(path, sizeof path, "%s/runs/%s", state_dir, key);
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) {
    tell("gone", key, "");
    return true;
  }
  int control = openat(dir, "control", O_WRONLY | O_NONBLOCK | O_CLOEXEC); /* works only while a shim reads it */
  bool settled = true;
  if (read_result(dir, key, text, sizeof text)) {
    tell("finished", key, text);
  } else if (control >= 0) {
    struct stat info;
    fstat(control, &info);
    snprintf(text, sizeof text, "adopted %lld", (long long)info.st_mtime * 1000);
    tell("running", key, text);
  } else if (flock(dir, LOCK_EX | LOCK_NB) == 0) {
    /* Between our look for a result and for its lock the shim may have finished. */
    if (read_result(dir, key, text, sizeof text)) tell("finished", key, text);
    else store_unknown(state_dir, key, dir, tell);
  } else {
    settled = false;
  }
  if (control >= 0) close(control);
  close(dir);
  return settled;
}
