/* Why: the same questions as measure.hpp's, asked of an MPI. One JSON line per figure. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { repeats = 6, window = 64, largest = 16 << 20 };

static int rank, size;
static char *buffers;
static size_t bytes;
static double *values, *results;

static void both_ways(void) {
  if (rank >= 2) return;
  if (rank == 0) MPI_Send(buffers, (int)bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
  MPI_Recv(buffers, (int)bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  if (rank == 1) MPI_Send(buffers, (int)bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
}

static void one_window(void) {
  MPI_Request requests[window];
  MPI_Status statuses[window];
  int word = 0;
  for (int at = 0; at < window; at++) {
    char *here = buffers + (size_t)at * bytes;
    if (rank == 0) MPI_Isend(here, (int)bytes, MPI_BYTE, 1, 1, MPI_COMM_WORLD, &requests[at]);
    else MPI_Irecv(here, (int)bytes, MPI_BYTE, 0, 1, MPI_COMM_WORLD, &requests[at]);
  }
  MPI_Waitall(window, requests, statuses);
  if (rank == 0) MPI_Recv(&word, 1, MPI_INT, 1, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  else MPI_Send(&word, 1, MPI_INT, 0, 2, MPI_COMM_WORLD);
}

static void one_barrier(void) { MPI_Barrier(MPI_COMM_WORLD); }

static void one_allreduce(void) {
  MPI_Allreduce(values, results, (int)(bytes / sizeof(double)), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
}

/* The best of several repeats, or of fewer when an MPI that only spins takes milliseconds each. All ranks run as
   often: rank 0 decides. */
static double best_of(int rounds, void (*run)(void)) {
  double best = 1e9;
  for (int repeat = 0; repeat < repeats; repeat++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int round = 0; round < rounds; round++) run();
    const double each = (MPI_Wtime() - start) / rounds;
    if (each < best) best = each;
    int enough = each * rounds > 1.0;
    MPI_Bcast(&enough, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (enough) break;
  }
  return best;
}

static void tell(const char *what, size_t of_bytes, double seconds) {
  if (rank != 0) return;
  printf("{\"what\":\"%s\",\"bytes\":%zu,\"ranks\":%d,\"us\":%.4f}\n", what, of_bytes, size, seconds * 1e6);
  fflush(stdout);
}

static void ping_pong(size_t of_bytes) {
  bytes = of_bytes;
  buffers = malloc(bytes);
  memset(buffers, 1, bytes);
  const int rounds = bytes <= 1024 ? 20000 : bytes <= 65536 ? 2000 : bytes <= (1 << 20) ? 200 : 20;
  tell("message", bytes, best_of(rounds, both_ways) / 2);
  free(buffers);
}

static void rate(size_t of_bytes) {
  bytes = of_bytes;
  buffers = malloc(bytes * window);
  memset(buffers, 1, bytes * window);
  tell("rate", bytes, best_of(bytes <= 1024 ? 1000 : 30, one_window) / window);
  free(buffers);
}

static void allreduce(size_t of_bytes) {
  bytes = of_bytes;
  values = malloc(bytes);
  results = malloc(bytes);
  for (size_t at = 0; at < bytes / sizeof(double); at++) values[at] = rank;
  const int crowded = size > 2; /* more ranks than cores, as a rule: milliseconds each */
  tell("allreduce", bytes, best_of(bytes <= 64 ? (crowded ? 100 : 500) : (crowded ? 20 : 100), one_allreduce));
  free(values);
  free(results);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == 2 && argc > 1) {
    ping_pong(strtoul(argv[1], NULL, 10));
  } else if (size == 2) {
    for (size_t of_bytes = 8; of_bytes <= largest; of_bytes *= 8) ping_pong(of_bytes);
    ping_pong(1u << 20);
    ping_pong(4u << 20);
    rate(8);
    rate(65536);
  }
  tell("barrier", 0, best_of(size > 2 ? 100 : 500, one_barrier));
  allreduce(8);
  allreduce(65536);
  MPI_Finalize();
  return 0;
}
