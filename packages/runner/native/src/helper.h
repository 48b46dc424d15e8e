/* drover-helper: what its parts share. SPDX-License-Identifier: Apache-2.0 */
#ifndef DROVER_HELPER_H
#define DROVER_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HELPER_VERSION "1"
/* A key names one run: `<uuid>.<generation>`. The agent lets only [A-Za-z0-9._-] through. */
#define KEY_MAX 100
#define PATH_MAX_LENGTH 1024
/* One report line with its key; not over PIPE_BUF (512 on macOS, 4096 on Linux), so that the writes of many shims never mix. */
#define REPORT_MAX 512

/* ---- util.c ---- */
int64_t monotonic_ms(void); /* goes on while the machine sleeps */
int64_t wall_ms(void);
bool make_pipe(int fds[2]); /* close-on-exec */
bool write_all(int fd, const void *bytes, size_t count);
bool write_file_at(int dir, const char *name, const char *text); /* an existing file, e.g. of a cgroup */
bool sync_fd(int fd);
void set_nonblocking(int fd);
void close_from(int first);
bool take_lock(int fd, int64_t patience_ms); /* a flock */
void on_child_exit(void); /* SIGCHLD wakes pselect and nothing else */
int unix_socket(const char *path, bool listening);
_Noreturn void fail(const char *what, const char *detail);

/* ---- request.c: the frames that the agent sends ---- */
struct start_request {
  const char *key;
  int64_t max_run_time_ms, memory_bytes, milli_cpus, max_log_bytes, kill_grace_ms;
  const char *cwd;       /* "" : a work folder of its own, removed with the run */
  const char *secret;    /* "" : none */
  const char *env_file;  /* content of the file `env` in the run folder; "" : none */
  char **prepare;        /* image staging, outside the run-time limit; NULL: none */
  char **command;
  char **cleanup;        /* runs after the command, its output is kept in the file `after`; NULL: none */
  char **env;
};
/* Points into `bytes`. False when the frame is malformed. */
bool parse_start(char *bytes, size_t length, struct start_request *request);

/* ---- result.c ---- */
/* `held`: the bytes themselves, which then are part of the record; NULL: they are in files. */
struct log_summary { int64_t size, dropped, tail_start; const char *held; };
struct run_result {
  bool has_status; int status;
  bool oom, timed_out, killed, preempted, unknown, disk_full, cleaned_up;
  int64_t started_ms, finished_ms;
  int64_t peak_kib; /* the most memory that was seen; 0: unknown */
  struct log_summary logs[2];
  char error[160];
};
/* One line, without line feed. */
void format_result(const char *key, const struct run_result *result, char *text, size_t capacity);
/* Durable when it returns, with the logs that are held. On a full disk the reserve file goes first. */
bool store_result(int run_dir, const char *reserve, const char *text, const struct run_result *result, bool *disk_was_full);
/* Gives the line alone. False when there is none of this run: a recycled folder still holds the record of an earlier one. */
bool read_result(int run_dir, const char *key, char *text, size_t capacity);

/* ---- logs.c ---- */
/* Two of these and a report line fit into one block of a file system. */
#define SHORT_LOG_MAX 1792
struct log_stream {
  int pipe, head_fd, tail_fd, dir;
  const char *name;
  int64_t head_max, tail_max, head_bytes, tail_bytes, dropped;
  bool failed; /* the disk took no more: everything after is dropped */
  bool is_held;  /* all of it is in `held` */
  bool is_shown; /* all of it is, or goes, to the files */
  int64_t held_bytes;
  char held[SHORT_LOG_MAX];
};
void log_open(struct log_stream *stream, int dir, const char *name, int pipe, int64_t max_bytes);
enum log_state { LOG_MORE, LOG_EMPTY, LOG_ENDED };
/* Reads once. */
enum log_state log_drain(struct log_stream *stream);
/* From now on the log can be read along. */
void log_show(struct log_stream *stream);
void log_finish(struct log_stream *stream, struct log_summary *summary);
void log_truncate(struct log_stream *stream);

/* ---- group.c: cgroups ---- */
struct group { char memory[256], cpu[256]; int version; };
void group_name(const char *state_dir, const char *key, char *name, size_t capacity);
/* True when the memory limit is enforced by the kernel (or none was asked for). */
bool group_create(struct group *group, const char *name, int64_t memory_bytes, int64_t milli_cpus);
void group_join(const struct group *group, pid_t pid);
int64_t group_oom_kills(const struct group *group);
void group_kill(const struct group *group);
void group_remove(const struct group *group);
void group_remove_named(const char *name);

/* ---- inspect.c ---- */
typedef void (*tell_function)(const char *verb, const char *key, const char *text);
/* Tells `finished`, `running adopted` or `gone`. False: its lock is still held, without a shim. */
bool inspect_run(const char *state_dir, const char *key, tell_function tell);

/* ---- folders.c: run folders, recycled ---- */
/* Makes this spawner's place for folders that wait for a run, and takes away those of earlier spawners. */
void open_spares(const char *state_dir);
/* A folder to be used again; -1: there is none, the shim makes a new one. */
int take_spare(void);
/* Its path; that of a new one is unique to the calling process. */
void spare_path(char *path, size_t capacity, int number);
/* True when the run folder is gone. False: it holds more than a shim makes, and remove_tree has to do it. */
bool recycle_folder(const char *path);
void remove_tree(int parent, const char *name);

/* ---- tree.c: processes ---- */
void adopt_orphans(void); /* descendants that lose their parent become our children */
void die_with_parent(void);
/* Calls `visit` for each child of this process; only children may be signalled by id: their ids cannot be reused. */
void each_child(void (*visit)(pid_t pid, void *context), void *context);
/* Every process below this one, each before those below it; what it forks meanwhile is seen when it itself is. */
void each_descendant(void (*visit)(pid_t pid, void *context), void *context);
/* Resident bytes of a process and everything below it; 0 when unknown. */
int64_t tree_resident_bytes(pid_t root);
/* Kills every process that holds the lock of the run folder, which proves that it belongs to the run. */
int kill_lock_holders(const char *run_path);

/* ---- shim.c, spawner.c, daemon.c, relay.c ---- */
struct shim_context { const char *state_dir; int report_fd, null_fd; };
/* `spare_number`: the folder to use, see take_spare. */
_Noreturn void shim_main(const struct start_request *request, const struct shim_context *context, int spare_number);
int spawner_main(const char *state_dir);
/* Takes the agent's lock and becomes `command`; exits with 75 when another agent still holds it after that time. */
int serve_main(const char *state_dir, char **command, int64_t patience_ms);
/* Starts the agent unless it answers; 0 once its socket takes connections. */
int ensure_main(const char *state_dir, char **command);
int relay_main(const char *socket_path);

#endif
