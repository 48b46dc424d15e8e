/* Turning into the command: what happens between fork and exec. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void child_setup(const struct shim *shim, int out, int err) {
  static const int defaults[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) signal(defaults[i], SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  umask(022);
  die_with_parent();
  if (geteuid() == 0) write_file_at(AT_FDCWD, "/proc/self/oom_score_adj", "0");
  dup2(shim->context->null_fd, 0);
  dup2(out, 1);
  dup2(err, 2);
  fcntl(shim->run_dir, F_SETFD, 0); /* the lock lives as long as anything of the run does */
}

pid_t launch(const struct shim *shim, char **argv, int out, int err, const char **what) {
  static volatile int error;
  static const char *volatile failed;
  const char *cwd = shim->request->cwd[0] ? shim->request->cwd : "work";
  error = 0;
  environ = shim->request->env; /* execvp searches the run's PATH */
  /* vfork: the child borrows our memory until exec, so that it can say here why exec failed, and no page is copied. */
#ifdef __APPLE__
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif
  pid_t pid = vfork();
  if (pid == 0) {
    child_setup(shim, out, err);
    failed = cwd;
    if ((shim->request->cwd[0] || fchdir(shim->run_dir) == 0) && chdir(cwd) == 0) {
      failed = argv[0];
      execvp(argv[0], argv);
    }
    error = errno;
    _exit(127);
  }
  if (pid < 0) {
    *what = "fork";
    return -1;
  }
  if (error == 0) return pid;
  waitpid(pid, NULL, 0);
  *what = failed;
  errno = error;
  return -1;
}
