/* The result of a run: one line of text, written so that it survives a crash at any point. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * `2 <key> <wait status or -> <flags or -> <started> <finished> <size dropped tail-start of stdout> <the same of stderr> <error>`
 * Flags: o oom, t timed out, k killed, p preempted, u unknown, d disk full, c a cleanup ran, O E stdout and stderr are in the record,
 * m and a number: KiB of memory at the peak.
 *
 * In the file a line feed follows, then the logs that are in the record, then a checksum of all that: a record that was not written
 * to its end is none. So it can be written in place, and one sync makes it durable: no second file, no rename, and no folder to sync
 * except for the first run in a folder. Records that begin with `1`, of a helper before this one, are the line alone.
 */
void format_result(const char *key, const struct run_result *result, char *text, size_t capacity) {
  char status[16] = "-", flags[32] = "-";
  if (result->has_status) snprintf(status, sizeof status, "%d", result->status);
  int n = 0;
  if (result->oom) flags[n++] = 'o';
  if (result->timed_out) flags[n++] = 't';
  if (result->killed) flags[n++] = 'k';
  if (result->preempted) flags[n++] = 'p';
  if (result->unknown) flags[n++] = 'u';
  if (result->disk_full) flags[n++] = 'd';
  if (result->cleaned_up) flags[n++] = 'c';
  if (result->logs[0].held != NULL) flags[n++] = 'O';
  if (result->logs[1].held != NULL) flags[n++] = 'E';
  if (n > 0) flags[n] = 0;
  if (result->peak_kib > 0) snprintf(flags + n, sizeof flags - n, "m%lld", (long long)result->peak_kib);
  const struct log_summary *out = &result->logs[0], *err = &result->logs[1];
  int used = snprintf(text, capacity, "2 %s %s %s %lld %lld %lld %lld %lld %lld %lld %lld %s", key, status, flags,
                      (long long)result->started_ms, (long long)result->finished_ms, (long long)out->size,
                      (long long)out->dropped, (long long)out->tail_start, (long long)err->size,
                      (long long)err->dropped, (long long)err->tail_start, result->error);
  for (int i = 0; i < used && (size_t)i < capacity; i++)
    if (text[i] == '\n' || text[i] == '\r') text[i] = ' ';
}

#define RECORD_MAX (REPORT_MAX + 2 * SHORT_LOG_MAX)
#define CHECKSUM_BYTES 16 /* hexadecimal digits */

/* FNV-1a, 64 bits: tells a record that was written to its end from one that was not. */
static void checksum(const char *bytes, size_t count, char digits[CHECKSUM_BYTES + 1]) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < count; i++) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
  snprintf(digits, CHECKSUM_BYTES + 1, "%016llx", (unsigned long long)hash);
}

static size_t build_record(char *record, const char *text, const struct run_result *result) {
  size_t length = strlen(text);
  memcpy(record, text, length);
  record[length++] = '\n';
  for (int i = 0; i < 2; i++) {
    const struct log_summary *log = &result->logs[i];
    if (log->held == NULL) continue;
    memcpy(record + length, log->held, (size_t)log->size);
    length += (size_t)log->size;
  }
  checksum(record, length, record + length);
  return length + CHECKSUM_BYTES;
}

/* The file is cut first: with its new size, the disk takes everything that happened to the folder before, its name among it. */
static bool write_once(int run_dir, const char *record, size_t length) {
  int fd = openat(run_dir, "exit", O_WRONLY | O_TRUNC | O_CLOEXEC);
  bool is_new = fd < 0 && errno == ENOENT;
  if (is_new) fd = openat(run_dir, "exit", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool stored = write_all(fd, record, length) && sync_fd(fd) && (!is_new || sync_fd(run_dir));
  int saved = errno;
  close(fd);
  errno = saved;
  return stored;
}

bool store_result(int run_dir, const char *reserve, const char *text, const struct run_result *result, bool *disk_was_full) {
  static char record[RECORD_MAX + CHECKSUM_BYTES + 2];
  size_t length = build_record(record, text, result);
  if (write_once(run_dir, record, length)) return true;
  if (errno != ENOSPC && errno != EDQUOT) return false;
  *disk_was_full = true;
  unlink(reserve);
  return write_once(run_dir, record, length);
}

static bool is_whole(const char *record, size_t length) {
  char digits[CHECKSUM_BYTES + 1];
  if (length <= CHECKSUM_BYTES) return false;
  checksum(record, length - CHECKSUM_BYTES, digits);
  return memcmp(record + length - CHECKSUM_BYTES, digits, CHECKSUM_BYTES) == 0;
}

bool read_result(int run_dir, const char *key, char *text, size_t capacity) {
  static char record[RECORD_MAX + CHECKSUM_BYTES + 2];
  int fd = openat(run_dir, "exit", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t count = read(fd, record, sizeof record - 1);
  if (count > 0) sync_fd(fd); /* its shim may not have come to that */
  close(fd);
  if (count <= 0) return false;
  record[count] = 0;
  size_t key_length = strlen(key), line = strcspn(record, "\n");
  bool is_ours = strncmp(record + 2, key, key_length) == 0 && record[2 + key_length] == ' ';
  bool is_former = strncmp(record, "1 ", 2) == 0;
  bool is_record = is_former || (strncmp(record, "2 ", 2) == 0 && is_whole(record, (size_t)count));
  if (!is_ours || !is_record || line >= capacity) return false;
  sync_fd(run_dir);
  memcpy(text, record, line);
  text[line] = 0;
  return true;
}
