/*
 * Runs whose shim died before it had stored a result. Their processes have become children of the spawner; once they are gone and the
 * lock is free, the end is stored as unknown.
 */
#define _GNU_SOURCE
#include "children.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char (*unsettled)[KEY_MAX];
static size_t count;

bool has_unsettled(void) { return count > 0; }

void add_unsettled(const char *key) {
  void *grown = realloc(unsettled, (count + 1) * KEY_MAX);
  if (grown == NULL) return; /* the agent's sweep finds it */
  unsettled = grown;
  snprintf(unsettled[count++], KEY_MAX, "%s", key);
}

static void kill_stray(pid_t pid, void *context) {
  bool *found = context;
  if (find_child(pid, NULL) != NULL) return;
  *found = true;
  kill(pid, SIGKILL);
}

void settle(const char *state_dir, tell_function tell) {
  bool strays = false;
  if (count == 0) return;
  each_child(kill_stray, &strays);
  if (strays) return; /* their own children come to us next */
  for (size_t i = count; i-- > 0;) {
    if (!inspect_run(state_dir, unsettled[i], tell)) continue;
    count--;
    memmove(unsettled[i], unsettled[count], KEY_MAX);
  }
}

void kill_stale(const char *state_dir, const char *key, tell_function tell) {
  char path[PATH_MAX_LENGTH + KEY_MAX];
  if (inspect_run(state_dir, key, tell)) return; /* it has a shim or an end after all */
  snprintf(path, sizeof path, "%s/runs/%s", state_dir, key);
  kill_lock_holders(path);
  add_unsettled(key);
}
