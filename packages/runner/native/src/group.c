/*
 * Cgroups: version 2 where its memory controller is enabled, else version 1. Each run gets a group of its own under `drover`,
 * made only when it has a limit and lives long enough (limit.c). Without permission or without cgroups the shim measures memory itself (see shim.c).
 */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define V2_ROOT "/sys/fs/cgroup"
#define V1_MEMORY "/sys/fs/cgroup/memory"
#define V1_CPU "/sys/fs/cgroup/cpu"

/* Two state folders on one machine must not share a group: FNV-1a of the folder's path goes into the name. */
void group_name(const char *state_dir, const char *key, char *name, size_t capacity) {
  uint32_t hash = 2166136261u;
  for (const char *at = state_dir; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
  snprintf(name, capacity, "%08x-%s", hash, key);
}

#ifdef __linux__
static bool write_path(const char *dir, const char *file, const char *text) {
  char path[384];
  snprintf(path, sizeof path, "%s/%s", dir, file);
  return write_file_at(AT_FDCWD, path, text);
}

static bool write_path_number(const char *dir, const char *file, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)value);
  return write_path(dir, file, text);
}

static bool read_path(const char *dir, const char *file, char *text, size_t capacity) {
  char path[384];
  snprintf(path, sizeof path, "%s/%s", dir, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = read(fd, text, capacity - 1);
  close(fd);
  text[length > 0 ? length : 0] = 0;
  return length > 0;
}

static bool make_dir(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

/* 2, 1, or 0 for none. */
static int memory_version(void) {
  char controllers[512];
  if (read_path(V2_ROOT, "cgroup.controllers", controllers, sizeof controllers))
    return strstr(controllers, "memory") != NULL ? 2 : 0;
  return access(V1_MEMORY "/memory.limit_in_bytes", F_OK) == 0 ? 1 : 0;
}

static bool create_v2(struct group *group, const char *name, int64_t memory_bytes, int64_t milli_cpus) {
  const char *parent = V2_ROOT "/drover";
  write_path(V2_ROOT, "cgroup.subtree_control", "+memory +cpu");
  if (!make_dir(parent)) return false;
  write_path(parent, "cgroup.subtree_control", "+memory +cpu");
  snprintf(group->memory, sizeof group->memory, "%s/%s", parent, name);
  if (!make_dir(group->memory)) return false;
  if (milli_cpus > 0) {
    int64_t weight = milli_cpus / 10; /* 100, the default weight, is one vcpu */
    write_path_number(group->memory, "cpu.weight", weight < 1 ? 1 : weight > 10000 ? 10000 : weight);
  }
  if (memory_bytes <= 0) return true;
  write_path(group->memory, "memory.swap.max", "0");
  write_path(group->memory, "memory.oom.group", "1"); /* half a workload is of no use */
  return write_path_number(group->memory, "memory.max", memory_bytes);
}

static bool create_v1(struct group *group, const char *name, int64_t memory_bytes, int64_t milli_cpus) {
  bool limited = true;
  if (memory_bytes > 0 && make_dir(V1_MEMORY "/drover")) {
    snprintf(group->memory, sizeof group->memory, V1_MEMORY "/drover/%s", name);
    limited = make_dir(group->memory) && write_path_number(group->memory, "memory.limit_in_bytes", memory_bytes);
    write_path_number(group->memory, "memory.memsw.limit_in_bytes", memory_bytes); /* absent without swap accounting */
  } else if (memory_bytes > 0) {
    limited = false;
  }
  if (milli_cpus > 0 && make_dir(V1_CPU "/drover")) {
    snprintf(group->cpu, sizeof group->cpu, V1_CPU "/drover/%s", name);
    int64_t shares = milli_cpus * 1024 / 1000;
    if (!make_dir(group->cpu) || !write_path_number(group->cpu, "cpu.shares", shares < 2 ? 2 : shares)) {
      rmdir(group->cpu);
      group->cpu[0] = 0;
    }
  }
  return limited;
}

bool group_create(struct group *group, const char *name, int64_t memory_bytes, int64_t milli_cpus) {
  memset(group, 0, sizeof *group);
  if (memory_bytes <= 0 && milli_cpus <= 0) return true;
  group->version = memory_version();
  bool limited = group->version == 2   ? create_v2(group, name, memory_bytes, milli_cpus)
                 : group->version == 1 ? create_v1(group, name, memory_bytes, milli_cpus)
                                       : memory_bytes <= 0;
  if (!limited && group->memory[0]) {
    rmdir(group->memory);
    group->memory[0] = 0;
  }
  return limited;
}

void group_join(const struct group *group, pid_t pid) {
  if (group->memory[0]) write_path_number(group->memory, "cgroup.procs", pid);
  if (group->cpu[0]) write_path_number(group->cpu, "cgroup.procs", pid);
}

int64_t group_oom_kills(const struct group *group) {
  char text[512];
  if (!group->memory[0]) return 0;
  if (!read_path(group->memory, group->version == 2 ? "memory.events" : "memory.oom_control", text, sizeof text)) return 0;
  const char *line = strstr(text, "oom_kill ");
  return line == NULL ? 0 : strtoll(line + strlen("oom_kill "), NULL, 10);
}

void group_kill(const struct group *group) {
  if (group->version == 2 && group->memory[0]) write_path(group->memory, "cgroup.kill", "1");
}

void group_remove(const struct group *group) {
  if (group->memory[0]) rmdir(group->memory);
  if (group->cpu[0]) rmdir(group->cpu);
}

void group_remove_named(const char *name) {
  static const char *const parents[] = {V2_ROOT "/drover", V1_MEMORY "/drover", V1_CPU "/drover"};
  char path[384];
  for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", parents[i], name);
    rmdir(path);
  }
}
#else
bool group_create(struct group *group, const char *name, int64_t memory_bytes, int64_t milli_cpus) {
  (void)name;
  (void)milli_cpus;
  memset(group, 0, sizeof *group);
  return memory_bytes <= 0;
}
void group_join(const struct group *group, pid_t pid) { (void)group; (void)pid; }
int64_t group_oom_kills(const struct group *group) { (void)group; return 0; }
void group_kill(const struct group *group) { (void)group; }
void group_remove(const struct group *group) { (void)group; }
void group_remove_named(const char *name) { (void)name; }
#endif
