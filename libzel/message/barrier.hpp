// Why: a barrier tells every rank by itself who has come, so that nobody's death can take that knowledge away
// and no rank is special: on one host the shared memory counts, and to ranks elsewhere each rank says that it
// has come, an empty message each. That is n² messages for n ranks in all, the price of needing no root that
// could die, or be waiting for somebody else; with one host it costs nothing.
//
// Who has come and then dies has come, if the word got here. Who dies while saying so may have come for some
// and not for others: those find out at the next barrier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "libzel/message/progress.hpp"
#include "libzel/message/sending.hpp"
#include "libzel/net/barrier.hpp"

namespace zel::message {

class Barrier {
 public:
  Barrier(int rank, int size, Progress& progress, Sending& sending);

  /// As zel::Messages::barrier. One that was left by an error is gone on with, not come to twice.
  void pass();

 private:
  void come();
  void say_so();
  bool look(Depth depth);
  void hear();
  bool complete() const { return behind_ == 0 && (!here_ || here_->complete()); }
  bool has_come(int rank, std::uint64_t round) const;
  void throw_if_broken(std::uint64_t round) const;

  Progress& progress_;
  Sending& sending_;
  std::optional<net::Barrier> here_;        // of this host's ranks, if they are several
  std::vector<int> elsewhere_;              // the others
  std::vector<std::uint64_t> come_to_;      // by rank elsewhere
  std::uint64_t round_ = 0;                 // the barrier this rank came to last
  std::size_t told_ = 0;                    // of elsewhere_, that it did
  std::size_t behind_ = 0;                  // of elsewhere_, that have not come to it
  bool inside_ = false;                     // came to it and was not let through yet
};

}  // namespace zel::message
