// Why: the physical limit of a launcher: `spawn_limit N program [argument …]` starts N processes with nothing
// around them and waits for all. Exits 1 if one could not be started or failed.
#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

extern char** environ;

int main(int argc, char** argv) {
  const int count = argc > 2 ? std::atoi(argv[1]) : 0;
  if (count < 1) {
    std::fputs("usage: spawn_limit N program [argument ...]\n", stderr);
    return 2;
  }
  int started = 0;
  for (int i = 0; i < count; ++i) {
    pid_t pid = -1;
    started += ::posix_spawnp(&pid, argv[2], nullptr, nullptr, argv + 2, environ) == 0;
  }
  int succeeded = 0;
  for (int status = 0; ::wait(&status) > 0;) succeeded += status == 0;
  return started == count && succeeded == count ? 0 : 1;
}
