/*
 * Limits of memory and processor time. They are put on a run once it has lived for a moment, not before it starts: a cgroup costs
 * a start 6 to 15 ms where no process has joined one lately (measured on Linux 6.18, version 1; the kernel waits for a grace
 * period), and most of what is short ends without ever needing one.
 */
#include "shim.h"

/* Too short for a workload to harm its neighbours, longer than a short command lives. */
#define LIMIT_AFTER_MS 50

int64_t limit_time(const struct start_request *request) {
  return request->memory_bytes > 0 || request->milli_cpus > 0 ? monotonic_ms() + LIMIT_AFTER_MS : NEVER;
}

static void join(pid_t pid, void *context) { group_join(context, pid); }

void limit_run(struct shim *shim) {
  const struct start_request *request = shim->request;
  char name[KEY_MAX + 16];
  group_name(shim->context->state_dir, request->key, name, sizeof name);
  bool limited = group_create(&shim->group, name, request->memory_bytes, request->milli_cpus);
  int64_t before = request->memory_bytes > 0 ? tree_resident_bytes(shim->command) : 0;
  /* Each process joins before its children are looked up, so that none slips through; the second time takes those that were
   * orphaned meanwhile and are ours now. */
  for (int pass = 0; pass < 2; pass++) each_descendant(join, &shim->group);
  /* What was allocated before stays charged elsewhere: where that is much, the whole is measured too. */
  shim->sample_memory = request->memory_bytes > 0 && (!limited || before > request->memory_bytes / 8);
  shim->sample_at = shim->sample_memory ? monotonic_ms() : NEVER;
}
