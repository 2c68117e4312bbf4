/* Why: the same questions as zel_message.cpp, asked of an MPI. One JSON line per figure. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size;

static void ping_pong(size_t bytes) {
  char *buffer = malloc(bytes);
  memset(buffer, 1, bytes);
  const int rounds = bytes <= 1024 ? 20000 : bytes <= 65536 ? 3000 : bytes <= (1 << 20) ? 400 : 100;
  double best = 1e9;
  for (int repeat = 0; repeat < 6; repeat++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int round = 0; round < rounds && rank < 2; round++) {
      if (rank == 0) MPI_Send(buffer, (int)bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
      MPI_Recv(buffer, (int)bytes, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      if (rank == 1) MPI_Send(buffer, (int)bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    }
    const double one_way = (MPI_Wtime() - start) / rounds / 2;
    if (one_way < best) best = one_way;
  }
  if (rank == 0) {
    printf("{\"what\":\"message\",\"bytes\":%zu,\"ranks\":%d,\"one_way_us\":%.4f,\"gb_per_s\":%.3f}\n", bytes, size,
           best * 1e6, (double)bytes / best / 1e9);
    fflush(stdout);
  }
  free(buffer);
}

static void barriers(void) {
  const int rounds = 500;
  double best = 1e9;
  for (int repeat = 0; repeat < 6; repeat++) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int round = 0; round < rounds; round++) MPI_Barrier(MPI_COMM_WORLD);
    const double each = (MPI_Wtime() - start) / rounds;
    if (each < best) best = each;
    if (each * rounds > 1.0) break; /* an MPI that only spins takes milliseconds per barrier */
  }
  if (rank == 0) printf("{\"what\":\"barrier\",\"ranks\":%d,\"us\":%.4f}\n", size, best * 1e6);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size == 2) {
    for (size_t bytes = 8; bytes <= (4u << 20); bytes *= 8) ping_pong(bytes);
    ping_pong(1u << 20);
    ping_pong(4u << 20);
  }
  barriers();
  MPI_Finalize();
  return 0;
}
