/* The result of a run: one line of text, written so that it survives a crash at any point. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * `1 <key> <wait status or -> <flags or -> <started> <finished> <size dropped tail-start of stdout> <the same of stderr> <error>`
 * Flags: o oom, t timed out, k killed, p preempted, u unknown, d disk full.
 */
void format_result(const char *key, const struct run_result *result, char *text, size_t capacity) {
  char status[16] = "-", flags[8] = "-";
  if (result->has_status) snprintf(status, sizeof status, "%d", result->status);
  int n = 0;
  if (result->oom) flags[n++] = 'o';
  if (result->timed_out) flags[n++] = 't';
  if (result->killed) flags[n++] = 'k';
  if (result->preempted) flags[n++] = 'p';
  if (result->unknown) flags[n++] = 'u';
  if (result->disk_full) flags[n++] = 'd';
  if (n > 0) flags[n] = 0;
  const struct log_summary *out = &result->logs[0], *err = &result->logs[1];
  int used = snprintf(text, capacity, "1 %s %s %s %lld %lld %lld %lld %lld %lld %lld %lld %s", key, status, flags,
                      (long long)result->started_ms, (long long)result->finished_ms, (long long)out->size,
                      (long long)out->dropped, (long long)out->tail_start, (long long)err->size,
                      (long long)err->dropped, (long long)err->tail_start, result->error);
  for (int i = 0; i < used && (size_t)i < capacity; i++)
    if (text[i] == '\n' || text[i] == '\r') text[i] = ' ';
}

static bool write_once(int run_dir, const char *text) {
  int fd = openat(run_dir, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool written = write_all(fd, text, strlen(text)) && sync_fd(fd);
  int saved = errno;
  close(fd);
  errno = saved;
  return written && renameat(run_dir, "exit.new", run_dir, "exit") == 0 && sync_fd(run_dir);
}

bool store_result(int run_dir, const char *reserve, const char *text, bool *disk_was_full) {
  if (write_once(run_dir, text)) return true;
  if (errno != ENOSPC && errno != EDQUOT) return false;
  *disk_was_full = true;
  unlink(reserve);
  return write_once(run_dir, text);
}

bool read_result(int run_dir, const char *key, char *text, size_t capacity) {
  int fd = openat(run_dir, "exit", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = read(fd, text, capacity - 1);
  close(fd);
  if (length <= 0) return false;
  text[length] = 0;
  size_t key_length = strlen(key);
  return strncmp(text, "1 ", 2) == 0 && strncmp(text + 2, key, key_length) == 0 && text[2 + key_length] == ' ';
}
