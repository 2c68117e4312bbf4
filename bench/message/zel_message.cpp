// Why: what a message costs a program of zel's users: `zrun -n 2 zel_message`; barriers at any -n. One JSON
// line per figure, to be held against mpi_message in the same minute.
#include <zel/zel.hpp>

#include "bench/message/measure.hpp"

int main() {
  zel::Job job;
  zel::bench::measure_all(job.messages(), job.rank(), job.size());
}
