/* The parts of a shim: shim.c (one run from start to stored result), launch.c (exec), watch.c (waiting, limits, signals). */
#ifndef DROVER_SHIM_H
#define DROVER_SHIM_H

#include "helper.h"

#define NEVER INT64_MAX

struct shim {
  const struct start_request *request;
  const struct shim_context *context;
  int run_dir, control;
  pid_t command; /* > 0 while it runs; it leads its own process group and session */
  struct group group;
  bool sample_memory; /* no cgroup limits all of it: measure */
  struct log_stream logs[2];
  struct run_result result;
  int64_t deadline, kill_at, limit_at, sample_at; /* on monotonic_ms() */
  int64_t tell_at; /* when the start is to be reported; NEVER: it was, or there is none */
  int64_t show_at; /* when the logs are to be readable; NEVER: they are */
  int64_t peak_kib; /* the most resident memory since the command began: of one process, or of all where they are measured */
  bool terminated;
};

/* ---- shim.c ---- */
/* Reports that the command runs. */
void tell_started(struct shim *shim);

/* ---- launch.c ---- */
/* Starts argv; returns its process id, or -1 with errno telling why and `what` the part that failed. */
pid_t launch(const struct shim *shim, char **argv, int out, int err, const char **what);

/* ---- limit.c ---- */
/* When the limits of a run that starts now are to be put on it; NEVER when it has none. */
int64_t limit_time(const struct start_request *request);
/* Puts the limits on everything that the command has started so far, and with that on what comes. */
void limit_run(struct shim *shim);

/* ---- watch.c ---- */
/* Runs one command to its end, together with everything it started: like PID 1 of a container, its end is the end of all. */
bool run_to_end(struct shim *shim, pid_t pid, int *status);

#endif
