/* Reads a start frame: NUL-terminated strings in a fixed order; lists are preceded by their length. */
#include "helper.h"

#include <stdlib.h>
#include <string.h>

struct reader { char *at, *end; bool bad; };

static char *next(struct reader *reader) {
  char *zero = reader->at < reader->end ? memchr(reader->at, 0, (size_t)(reader->end - reader->at)) : NULL;
  if (zero == NULL) {
    reader->bad = true;
    return "";
  }
  char *text = reader->at;
  reader->at = zero + 1;
  return text;
}

static int64_t next_number(struct reader *reader) { return strtoll(next(reader), NULL, 10); }

/* NULL-terminated; NULL for an empty list unless `keep_empty`. */
static char **next_list(struct reader *reader, bool keep_empty) {
  int64_t count = next_number(reader);
  if (count < 0 || count > reader->end - reader->at) {
    reader->bad = true;
    return NULL;
  }
  if (count == 0 && !keep_empty) return NULL;
  char **list = calloc((size_t)count + 1, sizeof *list);
  if (list == NULL) {
    reader->bad = true;
    return NULL;
  }
  for (int64_t i = 0; i < count; i++) list[i] = next(reader);
  return list;
}

bool parse_start(char *bytes, size_t length, struct start_request *request) {
  struct reader reader = {bytes, bytes + length, false};
  request->key = next(&reader);
  request->max_run_time_ms = next_number(&reader);
  request->memory_bytes = next_number(&reader);
  request->milli_cpus = next_number(&reader);
  request->max_log_bytes = next_number(&reader);
  request->kill_grace_ms = next_number(&reader);
  request->cwd = next(&reader);
  request->secret = next(&reader);
  request->env_file = next(&reader);
  request->prepare = next_list(&reader, false);
  request->command = next_list(&reader, false);
  request->cleanup = next_list(&reader, false);
  request->env = next_list(&reader, true);
  return !reader.bad && request->command != NULL && request->key[0] != 0 && strlen(request->key) < KEY_MAX &&
         strchr(request->key, '/') == NULL && request->key[0] != '.';
}
