// Why: the output engine does no I/O; this is what it hands to whoever does.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "wire/run.hpp"

namespace zel::zrun::output {

using wire::run::Stream;

enum class Sink : std::uint8_t {
  out,   // zrun's standard output
  err,   // zrun's standard error
  file,  // the file of one stream of one rank, see file_name()
};

/// Bytes for one sink. Writes to different files may be done in any order, all others in the order given.
struct Write {
  Sink sink = Sink::out;
  std::uint32_t rank = 0;       // with Sink::file: whose file
  Stream stream = Stream::out;  // with Sink::file: which of its files
  base::Bytes bytes;
  /// To be sent to the node once `bytes` are written: then a slow terminal slows the ranks down, not zrun's
  /// memory up.
  std::vector<wire::run::OutputCredit> credits;
};

}  // namespace zel::zrun::output
