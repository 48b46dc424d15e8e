/* The spawner's children: shims, and processes that remove folders. */
#ifndef DROVER_CHILDREN_H
#define DROVER_CHILDREN_H

#include "helper.h"

struct child {
  pid_t pid;
  bool forget;        /* acknowledged: its folder goes as soon as it has exited */
  int64_t started_ms; /* when its command began; 0: it is preparing */
  char key[KEY_MAX];  /* empty: it removes a folder */
};

void remember_child(pid_t pid, const char *key);
/* By key, or by process id when `key` is NULL. */
struct child *find_child(pid_t pid, const char *key);
void drop_child(struct child *child);

/* ---- settle.c ---- */
bool has_unsettled(void);
/* Its shim died without a word. */
void add_unsettled(const char *key);
/* Ends what such shims left behind and tells of each that is gone. To be called again while has_unsettled(). */
void settle(const char *state_dir, tell_function tell);
/* Ends what holds the lock of a run that has no shim any more. */
void kill_stale(const char *state_dir, const char *key, tell_function tell);

#endif
