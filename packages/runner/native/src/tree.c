/* Finding and ending the processes of a run. */
#define _GNU_SOURCE
#include "helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>

void adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1); }
void die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

static void each_child_of_task(const char *path, void (*visit)(pid_t, void *), void *context) {
  char text[8192];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return;
  text[length] = 0;
  /* A list longer than the buffer may end within a number: that one is left for the next time. */
  char *end = strrchr(text, ' ');
  if (end != NULL) *end = 0;
  for (char *at = text; *at;) {
    char *rest;
    long pid = strtol(at, &rest, 10);
    if (rest == at) break;
    visit((pid_t)pid, context);
    at = rest;
  }
}

void each_child(void (*visit)(pid_t, void *), void *context) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
  each_child_of_task(path, visit, context);
}

static int64_t resident_bytes(pid_t pid) {
  char path[64], text[128];
  snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  long long size, resident, shared;
  if (sscanf(text, "%lld %lld %lld", &size, &resident, &shared) != 3) return 0;
  /* Shared pages (libraries, files) would be counted once per process. */
  return (resident - shared) * (int64_t)sysconf(_SC_PAGESIZE);
}

struct walk {
  void (*visit)(pid_t, void *);
  void *context;
};

static void walk_tree(pid_t pid, void *context) {
  struct walk *walk = context;
  walk->visit(pid, walk->context);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) return;
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    if (task->d_name[0] == '.') continue;
    char children[384];
    snprintf(children, sizeof children, "%s/%s/children", path, task->d_name);
    each_child_of_task(children, walk_tree, walk);
  }
  closedir(tasks);
}

void each_descendant(void (*visit)(pid_t, void *), void *context) {
  struct walk walk = {visit, context};
  each_child(walk_tree, &walk);
}

static void add_resident(pid_t pid, void *context) { *(int64_t *)context += resident_bytes(pid); }

int64_t tree_resident_bytes(pid_t root) {
  (void)root; /* everything below this shim, also what has forked away from the command */
  int64_t sum = 0;
  each_descendant(add_resident, &sum);
  return sum;
}

static bool is_number(const char *text) { return text[0] != 0 && strspn(text, "0123456789") == strlen(text); }

/* Does this descriptor's open file hold a flock? The kernel says so in fdinfo. */
static bool holds_lock(const char *pid, const char *fd) {
  char path[600], text[1024];
  snprintf(path, sizeof path, "/proc/%s/fdinfo/%s", pid, fd);
  int info = open(path, O_RDONLY | O_CLOEXEC);
  if (info < 0) return false;
  ssize_t length = read(info, text, sizeof text - 1);
  close(info);
  text[length > 0 ? length : 0] = 0;
  return strstr(text, "FLOCK") != NULL;
}

int kill_lock_holders(const char *run_path) {
  struct stat wanted, found;
  int killed = 0;
  DIR *processes = stat(run_path, &wanted) == 0 ? opendir("/proc") : NULL;
  if (processes == NULL) return 0;
  for (struct dirent *process; (process = readdir(processes)) != NULL;) {
    char path[600];
    pid_t pid = (pid_t)atoi(process->d_name);
    if (!is_number(process->d_name) || pid == getpid()) continue;
    snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
    DIR *fds = opendir(path);
    if (fds == NULL) continue;
    bool holder = false;
    for (struct dirent *fd; !holder && (fd = readdir(fds)) != NULL;) {
      snprintf(path, sizeof path, "/proc/%s/fd/%s", process->d_name, fd->d_name);
      holder = is_number(fd->d_name) && stat(path, &found) == 0 && found.st_ino == wanted.st_ino &&
               found.st_dev == wanted.st_dev && holds_lock(process->d_name, fd->d_name);
    }
    closedir(fds);
    if (holder && kill(pid, SIGKILL) == 0) killed++;
  }
  closedir(processes);
  return killed;
}
#else
#include <libproc.h>

/* macOS has no subreaper: what leaves the process group of the command cannot be tracked there. */
void adopt_orphans(void) {}
void die_with_parent(void) {}

void each_child(void (*visit)(pid_t, void *), void *context) {
  pid_t pids[1024];
  int count = proc_listchildpids(getpid(), pids, sizeof pids);
  for (int i = 0; i < count && i < 1024; i++) visit(pids[i], context);
}

void each_descendant(void (*visit)(pid_t, void *), void *context) { each_child(visit, context); }

int64_t tree_resident_bytes(pid_t root) {
  pid_t pids[1024];
  int bytes = proc_listpids(PROC_PGRP_ONLY, (uint32_t)root, pids, sizeof pids);
  int64_t sum = 0;
  for (int i = 0; i < bytes / (int)sizeof pids[0]; i++) {
    struct rusage_info_v0 usage;
    if (proc_pid_rusage(pids[i], RUSAGE_INFO_V0, (rusage_info_t *)&usage) == 0) sum += (int64_t)usage.ri_phys_footprint;
  }
  return sum;
}

int kill_lock_holders(const char *run_path) {
  (void)run_path;
  return 0;
}
#endif
