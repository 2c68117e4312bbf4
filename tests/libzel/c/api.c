/* Why: zel.h must be C, and do what it says: each function once, as C11 without a warning. Run by several ranks. */
#include <zel.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static void check(int held, const char *what, int line) {
  if (held) return;
  fprintf(stderr, "line %d: %s (last error: %s)\n", line, what, zel_error_text());
  failures++;
}
#define CHECK(held) check((held), #held, __LINE__)
#define OK(call) CHECK((call) == ZEL_OK)

static void add_last_digits(void *into, const void *left, const void *right, size_t count, void *context) {
  int *sum = into;
  const int *a = left, *b = right;
  for (size_t at = 0; at < count; at++) sum[at] = (a[at] + b[at]) % *(const int *)context;
}

static void messages(zel_job *job, int rank, int size) {
  const int next = (rank + 1) % size, before = (rank + size - 1) % size;
  int got = -1, over = 0, found = 0, cancelled = 0;
  zel_envelope envelope = {0, 0, 0};
  zel_request *requests[3] = {NULL, NULL, NULL};
  OK(zel_ireceive(job, &got, sizeof got, before, 5, &requests[0]));
  OK(zel_isend(job, &rank, sizeof rank, next, 5, &requests[1]));
  OK(zel_wait(&requests[0], &envelope));
  CHECK(requests[0] == NULL && got == before && envelope.from == before && envelope.tag == 5 && envelope.bytes == sizeof got);
  OK(zel_wait_all(requests, 3));
  CHECK(requests[1] == NULL);
  OK(zel_test(&requests[0], &over, &envelope));
  CHECK(over == 1);

  OK(zel_send(job, &rank, sizeof rank, next, 6));
  OK(zel_wait_probe(job, before, 6, &envelope));
  OK(zel_probe(job, ZEL_ANY_RANK, 6, &found, NULL));
  CHECK(found == 1 && envelope.bytes == sizeof rank);
  CHECK(zel_receive(job, NULL, 0, before, 6, NULL) == ZEL_TOO_LARGE);
  OK(zel_receive(job, &got, sizeof got, ZEL_ANY_RANK, 6, &envelope));
  CHECK(got == before);
  OK(zel_probe(job, ZEL_ANY_RANK, 6, &found, NULL));
  CHECK(found == 0);

  OK(zel_ireceive(job, &got, sizeof got, before, 7, &requests[0]));
  OK(zel_test(&requests[0], &over, NULL));
  CHECK(over == 0 && requests[0] != NULL);
  OK(zel_cancel(&requests[0], &cancelled));
  CHECK(cancelled == 1 && requests[0] == NULL);

  size_t which = 9;
  OK(zel_ireceive(job, &got, sizeof got, before, 8, &requests[1]));
  OK(zel_send(job, &next, sizeof next, next, 8));
  OK(zel_wait_any(requests, 3, &which, &envelope));
  CHECK(which == 1 && got == rank && requests[1] == NULL);
  OK(zel_wait_any(requests, 3, &which, NULL));
  CHECK(which == 3);

  CHECK(zel_send(job, &rank, sizeof rank, size, 0) == ZEL_USAGE);
  CHECK(strstr(zel_error_text(), "no rank") != NULL);
  CHECK(zel_send(NULL, &rank, sizeof rank, 0, 0) == ZEL_USAGE && zel_wait(NULL, NULL) == ZEL_USAGE);
  CHECK(zel_send(job, NULL, 4, 0, 0) == ZEL_USAGE);
  CHECK(strcmp(zel_code_name(ZEL_MEMBER_LOST), "member_lost") == 0 && strcmp(zel_code_name(77), "unknown") == 0);
}

static void collectives(zel_job *job, int rank, int size) {
  zel_group *all = NULL, *alone = NULL, *same = NULL;
  OK(zel_group_all(job, &all));
  CHECK(zel_group_size(all) == size && zel_group_position(all) == rank && zel_group_rank(all, size - 1) == size - 1);
  CHECK(zel_group_rank(all, size) == -1 && zel_group_size(NULL) == -1);
  OK(zel_group_of(job, &rank, 1, &alone));
  OK(zel_group_without_lost(alone, &same));
  OK(zel_barrier(same));
  zel_group_free(alone);
  zel_group_free(same);
  CHECK(zel_group_of(job, &size, 1, &alone) == ZEL_USAGE);

  OK(zel_barrier(all));
  double value = rank == size - 1 ? 2.5 : 0, total = 0;
  OK(zel_broadcast(all, &value, sizeof value, size - 1));
  CHECK(value == 2.5);
  OK(zel_reduce(all, &value, rank == 0 ? &total : NULL, 1, ZEL_DOUBLE, ZEL_SUM, 0));
  CHECK(rank != 0 || total == 2.5 * size);
  int32_t numbers[2] = {rank, -rank};
  OK(zel_allreduce(all, numbers, numbers, 2, ZEL_INT32, ZEL_MAXIMUM));
  CHECK(numbers[0] == size - 1 && numbers[1] == 0);
  uint8_t bit = (uint8_t)(1 << rank % 8), bits = 0;
  OK(zel_allreduce(all, &bit, &bits, 1, ZEL_UINT8, ZEL_OR));
  CHECK(bits == (size >= 8 ? 255 : (1 << size) - 1));
  CHECK(zel_allreduce(all, &value, &total, 1, ZEL_DOUBLE, ZEL_AND) == ZEL_USAGE);
  int digit = 7, ten = 10;
  OK(zel_allreduce_with(all, &digit, 1, sizeof digit, add_last_digits, &ten));
  CHECK(digit == 7 * size % 10);

  const size_t n = (size_t)size;
  int *mine = malloc(n * sizeof *mine), *theirs = malloc(n * sizeof *theirs);
  OK(zel_gather(all, &rank, sizeof rank, theirs, 0));
  for (int peer = 0; peer < size; peer++) CHECK(rank != 0 || theirs[peer] == peer);
  OK(zel_allgather(all, &rank, sizeof rank, theirs));
  for (int peer = 0; peer < size; peer++) CHECK(theirs[peer] == peer);
  int part = -1;
  for (int peer = 0; peer < size; peer++) mine[peer] = 100 * rank + peer;
  OK(zel_scatter(all, rank == 0 ? mine : NULL, &part, sizeof part, 0));
  CHECK(part == rank);
  OK(zel_alltoall(all, mine, theirs, sizeof *mine));
  for (int peer = 0; peer < size; peer++) CHECK(theirs[peer] == 100 * peer + rank);
  free(mine);
  free(theirs);
  zel_group_free(all);
  zel_group_free(NULL);
}

static void membership(zel_job *job, int rank, int size) {
  int found = 0, holder = -1;
  zel_event event;
  OK(zel_wait_closed(job, 60000));
  OK(zel_event_wait(job, 1000, &found, &event));
  CHECK(found == 1 && event.kind == ZEL_JOINED && event.sequence == 1 && event.text != NULL);
  int joined = 1;
  do {
    OK(zel_event_poll(job, &found, &event));
    if (found && event.kind == ZEL_JOINED) joined++;
  } while (found && event.kind != ZEL_CLOSED);
  CHECK(joined == size);
  OK(zel_elect(job, "leader", 60000, &holder));
  CHECK(holder >= 0 && holder < size && zel_is_present(job, rank) == 1 && zel_is_present(job, size) == 0);
  int ranks[1] = {-1};
  size_t count = 0;
  OK(zel_present(job, ranks, 1, &count));
  CHECK(count >= 1 && ranks[0] >= 0);
  OK(zel_signal(job, &rank, 1, "to myself"));
  do {
    OK(zel_event_wait(job, 60000, &found, &event));
  } while (found && event.kind != ZEL_SIGNALLED);
  CHECK(found && event.rank == rank && strcmp(event.text, "to myself") == 0);
  CHECK(zel_elect(job, "", 1000, &holder) == ZEL_USAGE);
}

/* The last rank ends without a word while the others are in a barrier with it. */
static void loss(zel_job *job, int rank, int size) {
  zel_group *all = NULL, *next = NULL;
  OK(zel_group_all(job, &all));
  OK(zel_barrier(all));
  if (rank == size - 1) _Exit(0);
  int code = ZEL_OK;
  while (code == ZEL_OK) code = zel_barrier(all);
  CHECK(code == ZEL_MEMBER_LOST && zel_error_rank() == size - 1);
  OK(zel_group_without_lost(all, &next));
  OK(zel_barrier(next));
  CHECK(zel_group_size(next) == size - 1);
  zel_group_free(next);
  zel_group_free(all);
}

int main(int argc, char **argv) {
  zel_job *job = NULL;
  if (zel_init(&job) != ZEL_OK) {
    fprintf(stderr, "%s\n", zel_error_text());
    return 1;
  }
  const int rank = zel_rank(job), size = zel_size(job);
  zel_job *second = NULL;
  CHECK(zel_init(&second) == ZEL_USAGE && second == NULL);
  CHECK(zel_local_rank(job) >= 0 && zel_local_size(job) >= 1 && zel_cores(job) >= 1);
  CHECK(zel_job_id(job)[0] != 0 && zel_node(job)[0] != 0 && zel_rank(NULL) == -1);
  membership(job, rank, size);
  messages(job, rank, size);
  collectives(job, rank, size);
  if (argc > 1 && strcmp(argv[1], "loss") == 0 && size > 1) loss(job, rank, size);
  OK(zel_finalize(job));
  if (failures == 0) printf("%d of %d: all held\n", rank, size);
  return failures != 0;
}
