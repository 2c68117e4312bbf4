// zel-keeper: started by zeld for each job, never by a person. See keeper.hpp.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "daemon/keeper/keeper.hpp"
#include "daemon/keeper/process_tree.hpp"

int main(int argc, char** argv) {
  const int fd = argc == 2 ? static_cast<int>(std::strtol(argv[1], nullptr, 10)) : 0;
  if (fd < 3 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("zel-keeper: started by zeld for each job; run zrun instead\n", stderr);
    return 125;
  }
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  if (!zel::keeper::adopt_orphans()) {
    std::perror("zel-keeper: prctl(PR_SET_CHILD_SUBREAPER)");
    return 125;
  }
  zel::keeper::Keeper keeper{zel::base::UniqueFd(fd)};
  const int status = keeper.run();
  std::fflush(nullptr);
  ::_exit(status);  // its spawning threads cannot be ended otherwise
}
