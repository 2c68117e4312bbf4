// Why: messages are between processes, so their tests need some: forked, over one memfd, with the test in
// the node's place: it sees who ends and tells the others. Every wait has a limit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "libzel/message/message_state.hpp"
#include "libzel/net/segment_layout.hpp"

namespace zel::test {

base::UniqueFd make_segment(std::uint64_t bytes);
/// Memory that the segment really uses.
std::uint64_t used_bytes(int segment_fd);

/// One rank's setup over `segment_fd`, which it duplicates.
detail::MessageSetup setup_of(int segment_fd, std::uint64_t bytes, int rank, int size, int cores);

class Ranks {
 public:
  using Body = std::function<void(Messages&, int rank)>;
  struct Options {
    int size = 2;
    int cores = 2;
    std::chrono::seconds limit{20};
  };

  Ranks(Options options, Body body);
  Ranks(Options options, std::function<void(detail::MessageState&, int rank)> body)
      : Ranks(options, Body([body](Messages& messages, int rank) { body(messages.state(), rank); })) {}
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  void kill(int rank);
  /// Waits until `to` has read so far in its ring from `from`; false when the limit is over.
  bool wait_until_read(int from, int to, std::uint64_t position) const;
  /// Waits for all, telling the living of each that ends: it left if its status is 0, else it died. The wait statuses; -1 for one that had to be
  /// killed because the limit was over.
  std::vector<int> finish();
  int segment() const { return segment_.get(); }
  std::uint64_t segment_bytes() const { return bytes_; }

 private:
  struct Rank {
    pid_t pid = -1;
    base::UniqueFd process;
    base::UniqueFd notices;
    int status = -1;
  };
  [[noreturn]] void run(int rank, int notices_fd, int own_notices_fd, const Body& body);
  void reap(int rank);

  Options options_;
  std::uint64_t bytes_;
  base::UniqueFd segment_;
  std::vector<Rank> ranks_;
};

/// Runs `body` in each rank; true if all of them ended well.
bool all_end_well(Ranks::Options options, Ranks::Body body);
bool all_end_well(Ranks::Options options, std::function<void(detail::MessageState&, int rank)> body);

/// In a rank, where gtest's expectations would go unseen.
inline void check(bool held, const char* what) {
  if (!held) throw std::runtime_error(what);
}
/// The code of the Error that `call` throws.
template <class Call>
Errc error_of(Call&& call, int* rank = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (rank) *rank = error.rank();
    return error.code();
  }
  throw std::runtime_error("no error was thrown");
}

/// Bytes that say where they belong: position `at` of message `seed`.
inline std::byte pattern_at(std::size_t at, unsigned seed) {
  return static_cast<std::byte>((at * 131 + (at >> 8) * 7 + seed * 17) & 0xff);
}
std::vector<std::byte> patterned(std::size_t bytes, unsigned seed);
bool is_patterned(std::span<const std::byte> bytes, unsigned seed);

}  // namespace zel::test
