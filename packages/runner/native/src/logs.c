/*
 * Log capture. The command writes into a pipe that the shim owns; the first half of the cap goes to the file <name>, what comes
 * after into a ring file <name>.tail of the other half. Nothing passes through the agent, so its death loses no byte.
 *
 * What is short is held in memory too, and becomes part of the stored result: one file to sync instead of two or three, and for a
 * run that ends before anybody could read along (log_show), no other file at all.
 */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

void log_open(struct log_stream *stream, int dir, const char *name, int pipe, int64_t max_bytes) {
  memset(stream, 0, sizeof *stream);
  stream->dir = dir;
  stream->name = name;
  stream->pipe = pipe;
  stream->head_fd = stream->tail_fd = -1;
  stream->head_max = max_bytes / 2;
  stream->tail_max = max_bytes - stream->head_max;
  stream->is_held = true;
  set_nonblocking(pipe);
}

static int open_file(const struct log_stream *stream, const char *suffix) {
  char name[32];
  snprintf(name, sizeof name, "%s%s", stream->name, suffix);
  return openat(stream->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* How many bytes were stored; fewer than asked for when the disk is full. */
static int64_t put(int fd, const char *bytes, int64_t count, int64_t offset) {
  int64_t done = 0;
  while (done < count) {
    ssize_t written = pwrite(fd, bytes + done, (size_t)(count - done), (off_t)(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += written;
  }
  return done;
}

static void write_out(struct log_stream *stream, const char *bytes, int64_t count) {
  int64_t to_head = stream->head_max - stream->head_bytes;
  if (to_head > count) to_head = count;
  if (to_head > 0 && !stream->failed) {
    if (stream->head_fd < 0) stream->head_fd = open_file(stream, "");
    int64_t stored = stream->head_fd < 0 ? 0 : put(stream->head_fd, bytes, to_head, stream->head_bytes);
    stream->head_bytes += stored;
    stream->failed = stored < to_head;
    bytes += stored;
    count -= stored;
  }
  while (count > 0 && !stream->failed && stream->tail_max > 0) {
    if (stream->tail_fd < 0) stream->tail_fd = open_file(stream, ".tail");
    int64_t at = stream->tail_bytes % stream->tail_max;
    int64_t part = stream->tail_max - at < count ? stream->tail_max - at : count;
    int64_t stored = stream->tail_fd < 0 ? 0 : put(stream->tail_fd, bytes, part, at);
    stream->tail_bytes += stored;
    stream->failed = stored < part;
    bytes += stored;
    count -= stored;
  }
  stream->dropped += count;
}

void log_show(struct log_stream *stream) {
  if (stream->is_shown) return;
  stream->is_shown = true;
  write_out(stream, stream->held, stream->held_bytes);
}

/* Longer than what is held: the files are all there is from now on. */
static void let_go(struct log_stream *stream) {
  log_show(stream);
  stream->is_held = false;
}

static void keep(struct log_stream *stream, const char *bytes, int64_t count) {
  int64_t most = stream->head_max < SHORT_LOG_MAX ? stream->head_max : SHORT_LOG_MAX;
  if (stream->is_held && stream->held_bytes + count > most) let_go(stream);
  if (stream->is_held) {
    memcpy(stream->held + stream->held_bytes, bytes, (size_t)count);
    stream->held_bytes += count;
  }
  if (stream->is_shown) write_out(stream, bytes, count);
}

enum log_state log_drain(struct log_stream *stream) {
  static char buffer[32768];
  if (stream->pipe < 0) return LOG_ENDED;
  ssize_t count = read(stream->pipe, buffer, sizeof buffer);
  if (count > 0) keep(stream, buffer, count);
  if (count > 0 || (count < 0 && errno == EINTR)) return LOG_MORE;
  if (count < 0 && errno == EAGAIN) return LOG_EMPTY;
  close(stream->pipe);
  stream->pipe = -1;
  return LOG_ENDED;
}

void log_finish(struct log_stream *stream, struct log_summary *summary) {
  memset(summary, 0, sizeof *summary);
  if (stream->is_held) {
    summary->held = stream->held;
    summary->size = stream->held_bytes;
    return;
  }
  if (stream->head_fd >= 0) sync_fd(stream->head_fd);
  if (stream->tail_fd >= 0) sync_fd(stream->tail_fd);
  bool wrapped = stream->tail_bytes > stream->tail_max;
  summary->size = stream->head_bytes + (wrapped ? stream->tail_max : stream->tail_bytes);
  summary->dropped = stream->dropped + (wrapped ? stream->tail_bytes - stream->tail_max : 0);
  summary->tail_start = wrapped ? stream->tail_bytes % stream->tail_max : 0;
}

/* Gives the space back when not even the result fits on the disk: the result matters more. */
void log_truncate(struct log_stream *stream) {
  if (stream->is_held) let_go(stream);
  stream->dropped += stream->head_bytes + stream->tail_bytes;
  stream->head_bytes = stream->tail_bytes = 0;
  if (stream->head_fd >= 0 && ftruncate(stream->head_fd, 0) != 0) return;
  if (stream->tail_fd >= 0 && ftruncate(stream->tail_fd, 0) != 0) return;
}
