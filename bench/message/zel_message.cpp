// Why: what a message costs a program of zel's users: `zrun -n 2 zel_message [bytes]`; barriers at any -n. One JSON
// line per figure, to be held against mpi_message in the same minute.
#include <cstdlib>
#include <zel/zel.hpp>

#include "bench/message/measure.hpp"

int main(int argc, char** argv) {
  zel::Job job;
  zel::bench::measure_all(job.messages(), job.rank(), job.size(),
                          argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0);
}
