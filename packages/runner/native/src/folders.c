/*
 * Run folders are recycled: on ext4 every new inode steps over those deleted in the last seconds, so that making and deleting four
 * per run costs more than everything else (measured: a third of the throughput at 600 runs per second). A folder that holds nothing
 * but what the shim made itself waits in `spare` for the next run.
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

static int spares; /* named 0 … spares-1 */

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

void open_spares(const char *state_dir) {
  char path[PATH_MAX_LENGTH + 32];
  snprintf(path, sizeof path, "%s/spare", state_dir);
  remove_tree(AT_FDCWD, path);
  mkdir(path, 0700);
}

bool make_folder(const char *state_dir, const char *path) {
  if (spares > 0) {
    char spare[PATH_MAX_LENGTH + 32];
    snprintf(spare, sizeof spare, "%s/spare/%d", state_dir, --spares);
    if (rename(spare, path) == 0) return true;
  }
  return mkdir(path, 0700) == 0;
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

/* Makes the folder as good as new; false when it holds something that a shim did not put there. */
static bool clean_folder(const char *path) {
  static const char *const removed[] = {"stdout", "stdout.tail", "stderr", "stderr.tail", "after", "env", "gateway-secret"};
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (dir == NULL) return false;
  bool clean = flock(fd, LOCK_EX | LOCK_NB) == 0; /* else something of the run still lives */
  for (struct dirent *entry; clean && (entry = readdir(dir)) != NULL;) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "control") == 0 || strcmp(name, "exit.new") == 0) continue;
    if (strcmp(name, "exit") == 0) {
      clean = renameat(fd, "exit", fd, "exit.new") == 0;
    } else if (strcmp(name, "work") == 0) {
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

bool recycle_folder(const char *state_dir, const char *path) {
  char spare[PATH_MAX_LENGTH + 32];
  if (access(path, F_OK) != 0) return true;
  if (spares >= SPARES_MAX || !clean_folder(path)) return false;
  snprintf(spare, sizeof spare, "%s/spare/%d", state_dir, spares);
  if (rename(path, spare) != 0) return false;
  spares++;
  return true;
}
