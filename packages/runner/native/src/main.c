/* drover-helper: the native part of the runner on a VM. See helper.h for its parts. SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: drover-helper spawner STATE_DIR\n"
    "       drover-helper serve  STATE_DIR COMMAND...   lock the state folder and become the agent\n"
    "       drover-helper ensure STATE_DIR COMMAND...   start the agent unless it runs; return when it answers\n"
    "       drover-helper attach STATE_DIR COMMAND...   ensure, then connect\n"
    "       drover-helper connect SOCKET                relay stdin and stdout\n"
    "       drover-helper version\n";

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "";
  if (strcmp(verb, "version") == 0) return puts("drover-helper " HELPER_VERSION) < 0;
  if (argc > 2 && strcmp(verb, "spawner") == 0) return spawner_main(argv[2]);
  if (argc > 2 && strcmp(verb, "connect") == 0) return relay_main(argv[2]);
  if (argc > 3 && strcmp(verb, "serve") == 0) return serve_main(argv[2], argv + 3, 0);
  if (argc > 3 && strcmp(verb, "ensure") == 0) return ensure_main(argv[2], argv + 3);
  if (argc > 3 && strcmp(verb, "attach") == 0) {
    int outcome = ensure_main(argv[2], argv + 3);
    char path[PATH_MAX_LENGTH];
    snprintf(path, sizeof path, "%s/agent.sock", argv[2]);
    return outcome != 0 ? outcome : relay_main(path);
  }
  fputs(usage, stderr);
  return 64;
}
