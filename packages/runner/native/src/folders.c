/*
 * Run folders are recycled: on ext4 every new inode steps over those deleted in the last seconds, so that making and deleting four
 * per run costs more than everything else (measured: a third of the throughput at 600 runs per second). A folder that holds nothing
 * but what the shim made itself waits in `spare.<id>` for the next run; the id is the spawner's own.
 */
#define _GNU_SOURCE
#include "helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPARES_MAX 256

static char place[PATH_MAX_LENGTH + 48]; /* holds the folders 0 … spares-1 */
static int spares;

void remove_tree(int parent, const char *name) {
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (dir != NULL) {
    fchmod(fd, 0700);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
      if (unlinkat(fd, entry->d_name, 0) != 0) remove_tree(fd, entry->d_name);
    }
    closedir(dir);
  }
  unlinkat(parent, name, AT_REMOVEDIR);
}

/* In one step, so that no shim of an earlier spawner can take a folder from there any more; then at leisure. */
static void take_away(const char *state_dir, const char *name) {
  char from[PATH_MAX_LENGTH + 256], to[PATH_MAX_LENGTH + 256];
  snprintf(from, sizeof from, "%s/%.200s", state_dir, name);
  snprintf(to, sizeof to, "%s/old.%.200s", state_dir, name);
  if (strncmp(name, "old.", 4) == 0) remove_tree(AT_FDCWD, from);
  else if (rename(from, to) == 0) remove_tree(AT_FDCWD, to);
}

void open_spares(const char *state_dir) {
  DIR *dir = opendir(state_dir);
  if (dir != NULL) {
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
      if (strncmp(entry->d_name, "spare.", 6) == 0 || strncmp(entry->d_name, "old.", 4) == 0) take_away(state_dir, entry->d_name);
    closedir(dir);
  }
  snprintf(place, sizeof place, "%s/spare.%d.%lld", state_dir, (int)getpid(), (long long)monotonic_ms());
  mkdir(place, 0700);
}

int take_spare(void) { return spares > 0 ? --spares : -1; }

void spare_path(char *path, size_t capacity, int number) {
  if (number >= 0) snprintf(path, capacity, "%s/%d", place, number);
  else snprintf(path, capacity, "%s/new-%d", place, (int)getpid());
}

/* An empty folder of ours, whatever the run did to its permissions? */
static bool is_clean_work(int parent) {
  struct stat info;
  int fd = openat(parent, "work", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (dir == NULL) return false;
  bool clean = fstat(fd, &info) == 0 && info.st_uid == geteuid() && fchmod(fd, 0700) == 0;
  for (struct dirent *entry; clean && (entry = readdir(dir)) != NULL;)
    clean = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
  closedir(dir);
  return clean;
}

/*
 * Makes the folder as good as new; false when it holds something that a shim did not put there. The record stays: it names its run,
 * so that it is none of the next, which overwrites it.
 */
static bool clean_folder(const char *path) {
  static const char *const removed[] = {"stdout", "stdout.tail", "stderr", "stderr.tail", "after", "env", "gateway-secret"};
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (dir == NULL) return false;
  bool clean = flock(fd, LOCK_EX | LOCK_NB) == 0; /* else something of the run still lives */
  for (struct dirent *entry; clean && (entry = readdir(dir)) != NULL;) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "control") == 0 || strcmp(name, "exit") == 0) continue;
    if (strcmp(name, "work") == 0) {
      clean = is_clean_work(fd);
    } else {
      clean = false;
      for (size_t i = 0; i < sizeof removed / sizeof removed[0] && !clean; i++)
        clean = strcmp(name, removed[i]) == 0 && unlinkat(fd, name, 0) == 0;
    }
  }
  closedir(dir);
  return clean;
}

bool recycle_folder(const char *path) {
  char spare[PATH_MAX_LENGTH + 64];
  if (access(path, F_OK) != 0) return true;
  if (spares >= SPARES_MAX || !clean_folder(path)) return false;
  spare_path(spare, sizeof spare, spares);
  if (rename(path, spare) != 0) return false;
  spares++;
  return true;
}
