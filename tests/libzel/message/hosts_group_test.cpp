// Why: collective operations ask nothing of the way messages take: over several hosts they give the same, and a member
// killed at any post is named at all others.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <numeric>

#include "tests/libzel/message/hosts.hpp"
#include "zel/group.hpp"

namespace zel::test {
namespace {

void several(Group& group, int rank, int round) {
  const int all = std::accumulate(group.ranks().begin(), group.ranks().end(), 0);
  check(group.allreduce(rank + round, sum) == all + round * group.size(), "allreduce");
  const auto large = group.allreduce(std::vector<int>(20'000, rank * round), sum);
  check(std::all_of(large.begin(), large.end(), [&](int value) { return value == all * round; }), "large allreduce");
  const int root = group.ranks()[static_cast<std::size_t>(round) % group.ranks().size()];
  std::string word = rank == root ? std::string(90'000, static_cast<char>('a' + round % 20)) : "";
  group.broadcast(word, root);
  check(word == std::string(90'000, static_cast<char>('a' + round % 20)), "broadcast");
  const auto gathered = group.allgather(std::vector<int>(5000, rank));
  check(gathered.back() == std::vector<int>(5000, group.ranks().back()), "allgather");
  check(group.alltoall(std::vector<int>(group.ranks().size(), rank)) == group.ranks(), "alltoall");
  group.barrier();
}

TEST(HostsGroup, TheSameOverSeveralHosts) {
  Hosts::Options options;
  options.host_of = {0, 1, 0, 2, 1};
  EXPECT_TRUE(all_end_well(options, [](Job& job) {
    Group all(job.messages());
    for (int round = 0; round < 10; ++round) several(all, job.rank(), round);
  }));
}

TEST(HostsGroup, AMemberKilledAtAnyPostIsNamed) {
  for (const int lost : {0, 1, 3}) {
    for (std::uint64_t post = 0; post < 40 && !HasFailure(); post += 3) {
      Hosts::Options options;
      options.host_of = {0, 1, 0, 1, 2};
      options.on_post = [&](Hosts& hosts, int from, int, std::uint64_t before) {
        if (from == lost && before == post) hosts.kill(lost);
      };
      Hosts hosts(options, [lost](Job& job) {
        Group all(job.messages());
        int who = -1;
        check(error_of([&] { for (int round = 0;; ++round) several(all, job.rank(), round); }, &who) == Errc::member_lost && who == lost,
              "who was killed");
        Group next = all.without_lost();
        for (int round = 100; round < 103; ++round) several(next, job.rank(), round);
      });
      const auto statuses = hosts.finish();
      for (int rank = 0; rank < 5; ++rank) {
        if (rank == lost) EXPECT_TRUE(WIFSIGNALED(statuses[static_cast<std::size_t>(rank)]));
        else EXPECT_EQ(statuses[static_cast<std::size_t>(rank)], 0) << rank << " without " << lost << ", post " << post;
      }
    }
  }
}

}  // namespace
}  // namespace zel::test
