// Why: all ranks of the job that are on other hosts, each made known when it is first sent to or heard from.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "libzel/net/post_peer.hpp"

namespace zel::net {

class Posts {
 public:
  /// `carry` is called by the owner only, and not again after it said false.
  Posts(int size, Carry carry);

  // The listener. `from` is below size. True: the owner may wait for it.
  bool deliver(int from, wire::member::Post&& post);
  bool credit(int from, std::uint32_t bytes);

  // The owner.
  PostPeer* peer(int rank);
  /// Appends those from whom something came for the first time.
  void accept_newcomers(std::vector<Reader*>& found) {
    if (newcomers_waiting_.load(std::memory_order_acquire)) find_newcomers(found);
  }

 private:
  struct Known {
    std::unique_ptr<PostPeer> peer;
    bool heard_from = false;
  };
  Known& known(int rank);
  void find_newcomers(std::vector<Reader*>& found);

  bool lost_ = false;  // the node; touched by the owner only
  const Carry carry_;
  std::atomic<bool> newcomers_waiting_{false};
  std::mutex mutex_;
  std::vector<Known> known_;  // by rank
  std::vector<Reader*> newcomers_;
};

}  // namespace zel::net
