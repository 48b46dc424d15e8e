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

#endif
