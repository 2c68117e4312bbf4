// Why: one rank that uses libzel, as its node sees it: says hello, stands for elections, posts to ranks on other
// hosts, leaves or not. It checks what it is told: one log for all, posts in order and once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/random.hpp"
#include "tests/simulation/jobs/book.hpp"

namespace zel::simulation::jobs {

class Member {
 public:
  using Say = std::function<void(wire::member::ToNode)>;

  Member(JobRecord& job, Book& book, std::uint32_t rank, base::Random random, Say say);

  /// The next thing it does; false: it does nothing more.
  bool act();
  void on_message(const wire::member::ToMember& message);

 private:
  struct Peer {
    std::uint32_t posted = 0, heard = 0;  // how many
    std::uint64_t posted_bytes = 0, credited_bytes = 0;
  };
  void post(std::uint32_t peer);

  JobRecord& job_;
  Book& book_;
  std::uint32_t rank_;
  base::Random random_;
  Say say_;
  bool said_hello_ = false;
  bool welcome_ = false;
  bool left_ = false;
  std::size_t requests_ = 0;   // that may be refused
  std::set<std::uint32_t> local_;
  std::uint64_t last_event_ = 0;
  std::map<std::uint32_t, Peer> peers_;
};

}  // namespace zel::simulation::jobs
