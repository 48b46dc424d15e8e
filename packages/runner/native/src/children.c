#include "children.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct child *children;
static size_t count, capacity;

/* A shim that finds no place here is like one of an earlier spawner: found by its folder. */
void remember_child(pid_t pid, const char *key) {
  if (count == capacity) {
    size_t more = capacity ? capacity * 2 : 64;
    struct child *grown = realloc(children, more * sizeof *grown);
    if (grown == NULL) return;
    children = grown;
    capacity = more;
  }
  struct child *child = &children[count++];
  memset(child, 0, sizeof *child);
  child->pid = pid;
  snprintf(child->key, KEY_MAX, "%s", key);
}

struct child *find_child(pid_t pid, const char *key) {
  for (size_t i = 0; i < count; i++)
    if (key != NULL ? strcmp(children[i].key, key) == 0 : children[i].pid == pid) return &children[i];
  return NULL;
}

void drop_child(struct child *child) { *child = children[--count]; }
