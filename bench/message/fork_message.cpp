// Why: the message layer by itself, with no launcher or node: `fork_message [ranks]` forks its ranks over a
// memfd. Figures as zel_message.
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <thread>

#include "bench/message/measure.hpp"
#include "libzel/message/message_state.hpp"
#include "libzel/net/segment_layout.hpp"

int main(int argc, char** argv) {
  const int size = argc > 1 ? std::atoi(argv[1]) : 2;
  const std::uint64_t bytes = zel::net::segment_bytes_for(static_cast<std::uint64_t>(size));
  const int fd = ::memfd_create("fork_message", MFD_CLOEXEC);
  if (size < 1 || fd < 0 || ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) return 1;
  for (int rank = 0; rank < size; ++rank) {
    if (::fork() != 0) continue;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    zel::detail::MessageSetup setup;
    setup.rank = rank;
    setup.size = setup.local_size = size;
    setup.cores = static_cast<int>(std::thread::hardware_concurrency());
    setup.segment = zel::base::UniqueFd(::dup(fd));
    setup.segment_bytes = bytes;
    zel::Messages messages(std::make_unique<zel::detail::MessageState>(std::move(setup)));
    zel::bench::measure_all(messages, rank, size);
    return 0;
  }
  int failed = 0;
  for (int rank = 0, status = 0; rank < size; ++rank) failed += ::wait(&status) < 0 || status != 0;
  return failed;
}
