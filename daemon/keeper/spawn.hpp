// Why: starting a rank is the hot path of the launcher, and what a fresh process must look like (its own
// process group, its processors, its standard streams, death with its keeper) is more than posix_spawn can
// say. So: vfork, a handful of system calls, exec.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace zel::keeper {

/// What all ranks have in common, in the form exec wants.
struct Image {
  std::string path;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::uint64_t open_files = 1024;  // soft limit
  bool is_elf = false;              // the file at `path` is a binary, not a script
};

struct Launch {
  std::vector<std::string> environment;  // added; wins over the image's
  std::vector<std::uint32_t> cpus;       // empty: as the keeper
  int in = -1, out = -1, err = -1;       // become 0, 1, 2; all above 2
  int kept = -1;                         // stays open under its number
};

struct Launched {
  pid_t pid = -1;            // -1: it failed
  int error_number = 0;
  const char* step = "";     // what failed
};

/// Starts one process: it leads its own process group, has no signal blocked, and is killed when the
/// calling THREAD ends (PR_SET_PDEATHSIG), so that thread must live as long as the job. Thread-safe. A script
/// without an interpreter line is given to /bin/sh, as execvp does.
Launched launch(const Image& image, const Launch& launch);

}  // namespace zel::keeper
