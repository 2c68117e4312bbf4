// Why: collective operations must give what plain computation gives, for whatever sizes, roots and types.
#include "zel/group.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>
#include <string>

#include "tests/libzel/message/ranks.hpp"

namespace zel::test {
namespace {

struct Named {
  std::string name;
  std::vector<int> numbers;
  ZEL_FIELDS(name, numbers)
  bool operator==(const Named&) const = default;
};

/// What any member would give, so that all can compute what all must get.
std::mt19937 random_of(unsigned round, int rank) { return std::mt19937(round * 1000u + static_cast<unsigned>(rank)); }

/// Affine maps under composition: associative, not commutative, exact.
struct Affine {
  std::uint64_t factor = 1, shift = 0;
  bool operator==(const Affine&) const = default;
};
Affine compose(const Affine& a, const Affine& b) { return {a.factor * b.factor, a.factor * b.shift + a.shift}; }

Affine affine(std::mt19937& random) { return {random() | 1u, random()}; }
std::string text(std::mt19937& random) { return std::string(random() % 3 == 0 ? random() % 30'000 : random() % 20, static_cast<char>('a' + random() % 26)); }
Named named(std::mt19937& random) { return {text(random), std::vector<int>(random() % 5, static_cast<int>(random() % 9))}; }
std::vector<Affine> affines(std::mt19937& random, std::size_t count) {
  std::vector<Affine> made;
  for (std::size_t at = 0; at < count; ++at) made.push_back(affine(random));
  return made;
}

std::vector<Affine> composed(unsigned round, const std::vector<int>& ranks, std::size_t count) {
  std::vector<Affine> result(count);
  for (const int rank : ranks) {
    auto random = random_of(round, rank);
    const auto theirs = affines(random, count);
    for (std::size_t at = 0; at < count; ++at) result[at] = compose(result[at], theirs[at]);
  }
  return result;
}

template <class Make>
auto made_by_all(unsigned round, const std::vector<int>& ranks, Make make) {
  std::vector<std::invoke_result_t<Make, std::mt19937&>> all;
  for (const int rank : ranks) {
    auto random = random_of(round, rank);
    all.push_back(make(random));
  }
  return all;
}

void round_of_all(Group& group, int rank, unsigned round, std::mt19937& shared) {
  const auto& ranks = group.ranks();
  const int root = ranks[shared() % ranks.size()];
  const std::size_t counts[] = {0, 1, 3, 100, 1500, 30'000};
  const std::size_t count = counts[shared() % std::size(counts)];
  auto mine = random_of(round, rank);
  switch (shared() % 12) {
    case 0: {
      Named value = rank == root ? named(mine) : Named{};
      group.broadcast(value, root);
      auto theirs = random_of(round, root);
      check(value == named(theirs), "broadcast of a struct");
      break;
    }
    case 1: {
      std::vector<Affine> values(count);
      if (rank == root) values = affines(mine, count);
      group.broadcast(std::span(values), root);
      auto theirs = random_of(round, root);
      check(values == affines(theirs, count), "broadcast of elements");
      break;
    }
    case 2: {
      const auto result = group.reduce(affines(mine, count), compose, root);
      check(result.has_value() == (rank == root), "a result at the root only");
      check(!result || *result == composed(round, ranks, count), "reduce");
      break;
    }
    case 3: {
      check(group.allreduce(affines(mine, count), compose) == composed(round, ranks, count), "allreduce");
      break;
    }
    case 4: {
      check(group.allreduce(affine(mine), compose) == composed(round, ranks, 1)[0], "allreduce of a value");
      check(group.allreduce(rank, maximum) == ranks.back(), "maximum");
      check(group.allreduce(static_cast<short>(1), sum) == group.size(), "sum");
      break;
    }
    case 5: {
      const auto all = made_by_all(round, ranks, text);
      const std::string whole = std::accumulate(all.begin(), all.end(), std::string());
      check(group.allreduce(text(mine), [](const std::string& a, const std::string& b) { return a + b; }) == whole, "strings");
      break;
    }
    case 6: {
      const auto all = group.gather(affine(mine), root);
      check(rank == root ? all == made_by_all(round, ranks, affine) : all.empty(), "gather");
      break;
    }
    case 7: {
      const auto all = group.gather(named(mine), root);
      check(rank == root ? all == made_by_all(round, ranks, named) : all.empty(), "gather of structs");
      break;
    }
    case 8: {
      check(group.allgather(text(mine)) == made_by_all(round, ranks, text), "allgather of strings");
      check(group.allgather(rank % 2 == 0).size() == ranks.size(), "allgather of bool");
      break;
    }
    case 9: {
      const std::vector<Affine> part = affines(mine, count);
      std::vector<Affine> all(count * ranks.size()), expected;
      group.allgather_bytes(std::as_bytes(std::span(part)), std::as_writable_bytes(std::span(all)));
      for (const int other : ranks) {
        auto theirs = random_of(round, other);
        for (const Affine& value : affines(theirs, count)) expected.push_back(value);
      }
      check(all == expected, "allgather of elements");
      break;
    }
    case 10: {
      std::vector<std::string> values;
      if (rank == root) values = made_by_all(round, ranks, text);
      check(group.scatter(values, root) == text(mine), "scatter");
      break;
    }
    case 11: {
      std::vector<std::string> out, expected;
      for (const int to : ranks) out.push_back(text(mine) + std::to_string(to));
      for (const int from : ranks) {
        auto theirs = random_of(round, from);
        std::string word;
        for (std::size_t at = 0; at <= static_cast<std::size_t>(group.position()); ++at) word = text(theirs);
        expected.push_back(word + std::to_string(rank));
      }
      check(group.alltoall(out) == expected, "alltoall");
      std::vector<int> numbers(ranks.size() * count, rank), got(ranks.size() * count);
      group.alltoall_bytes(std::as_bytes(std::span(numbers)), std::as_writable_bytes(std::span(got)));
      for (std::size_t at = 0; at < got.size(); ++at) check(got[at] == ranks[at / count], "alltoall of elements");
      break;
    }
  }
}

TEST(Group, GivesWhatPlainComputationGives) {
  for (const int size : {1, 2, 3, 4, 5, 7, 8, 13}) {
    for (const int cores : {1, 16}) {
      EXPECT_TRUE(all_end_well({.size = size, .cores = cores}, [](Messages& messages, int rank) {
        Group all(messages);
        std::mt19937 shared(static_cast<unsigned>(all.size()));
        for (unsigned round = 0; round < 60; ++round) {
          round_of_all(all, rank, round, shared);
          if (round % 7 == 0) all.barrier();
        }
      })) << size << " ranks on " << cores;
    }
  }
}

TEST(Group, PartsOfTheJobWorkSideBySide) {
  EXPECT_TRUE(all_end_well({.size = 7}, [](Messages& messages, int rank) {
    std::vector<int> row, column;
    for (int other = 0; other < 7; ++other) {
      if (other / 3 == rank / 3) row.push_back(other);
      if (other % 3 == rank % 3) column.insert(column.begin(), other);
    }
    Group all(messages), mine(messages, row), across(messages, column);
    for (int round = 0; round < 50; ++round) {
      check(mine.allreduce(1, sum) == static_cast<int>(row.size()), "row");
      check(across.allreduce(rank, maximum) == across.ranks().back(), "column");
      check(all.allreduce(rank, minimum) == 0, "all");
      Group again(messages, row);
      check(again.allreduce(round, sum) == round * static_cast<int>(row.size()), "made again");
    }
  }));
}

/// Over the board, as messages, and in pieces.
TEST(Group, OtherSizesAreAnErrorForAllAndTheNextGroupGoesOn) {
  for (const std::size_t count : {1u, 1000u, 100'000u}) {
    for (const int cores : {1, 16}) {
      EXPECT_TRUE(all_end_well({.size = 4, .cores = cores}, [count](Messages& messages, int rank) {
        std::vector<int> values(rank == 2 ? count + 1 : count, 1);
        const Errc code = error_of([&] {
          Group all(messages);
          all.allreduce(std::span(values), sum);
          all.barrier();  // who got through hears of it in the next operation
        });
        check(code == Errc::malformed || code == Errc::group_broken, "an error for all");
        // Others may hear later than this one; the group that is broken is made anew by all of them.
        for (;;) {
          try {
            check(Group(messages).allreduce(rank, sum) == 6, "the next group");
            break;
          } catch (const Error& error) {
            if (error.code() != Errc::group_broken) throw;
          }
        }
      })) << count << " values, " << cores << " cores";
    }
  }
}

TEST(Group, UsersMessagesAreNotDisturbed) {
  EXPECT_TRUE(all_end_well({.size = 4}, [](Messages& messages, int rank) {
    Group all(messages);
    int got = -1;
    Request in = messages.ireceive_bytes(std::as_writable_bytes(std::span(&got, 1)));
    all.barrier();
    check(all.allgather(rank) == std::vector<int>({0, 1, 2, 3}), "the operation's own");
    check(!in.test(), "nothing for it yet");
    all.barrier();
    messages.send((rank + 1) % 4, rank);
    check(in.wait().from == (rank + 3) % 4 && got == (rank + 3) % 4, "the neighbour's");
    all.barrier();
  }));
}

TEST(Group, WrongCallsAreRefused) {
  EXPECT_TRUE(all_end_well({.size = 3}, [](Messages& messages, int rank) {
    check(error_of([&] { Group(messages, {rank, 7}); }) == Errc::usage, "no such rank");
    check(error_of([&] { Group(messages, {(rank + 1) % 3}); }) == Errc::usage, "not a member");
    check(error_of([&] { Group(messages, {rank, rank}); }) == Errc::usage, "twice");
    Group pair(messages, {rank});
    int value = 4;
    check(error_of([&] { pair.broadcast(value, (rank + 1) % 3); }) == Errc::usage, "a root that is no member");
    check(error_of([&] { pair.alltoall(std::vector<int>{1, 2}); }) == Errc::usage, "too many values");
    check(pair.allreduce(value, sum) == 4, "a group of one");
    Group(messages).barrier();
  }));
}

}  // namespace
}  // namespace zel::test
