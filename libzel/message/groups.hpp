// Why: messages of an operation that failed must never be taken for another's, though nobody can be asked what the
// dead have done. So a group has a number that all its members find by themselves: from its ranks, and from how often
// a group of just these ranks was broken (its generation). A number that was broken is never used again, and what
// still comes under it is thrown away.
//
// Members tell one another by words what the membership log does not say:
//  * broken: this operation of this group will not come about. Who reads it fails in that operation and all later ones.
//  * asks: a member that left in order may have finished its part of this operation or not. Who has begun the
//    operation says nothing: it will send what it owes, or broken. Who has not may yet come to it; when it goes on
//    to another group instead, knowing of the loss, it answers broken.
// Pure but for the words it sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libzel/message/plan.hpp"
#include "zel/error.hpp"

namespace zel::message {

/// Why an operation fails.
struct Break {
  std::uint64_t from_operation = 0;  // this one of the group, and all later ones
  Errc code = Errc::member_lost;
  int rank = -1;
  std::string text{};
};

/// What this rank knows of one generation of a group.
struct GroupRecord {
  std::vector<int> ranks{};  // ascending
  int position = 0;          // of this rank among them
  std::uint64_t id = 0;
  std::uint64_t begun = 0;  // operations this rank has begun
  std::optional<Break> broken{};
  bool left_behind = false;  // this rank went on to another group, since a member of this one is gone

  int size() const { return static_cast<int>(ranks.size()); }
  Place place() const { return {position, size()}; }
  int rank_at(int position_of_it) const { return ranks[static_cast<std::size_t>(position_of_it)]; }
  /// Nothing if it is not a member.
  std::optional<int> position_of(int rank) const;
  /// Of messages: all of an id that a tag has room for.
  int tag() const { return static_cast<int>(id & 0x7fff'ffff); }
  std::optional<Break> broken_at(std::uint64_t operation) const {
    return broken && broken->from_operation <= operation ? broken : std::nullopt;
  }
};

class Groups {
 public:
  /// Sends a word to a rank, or does not: it may be gone.
  using Tell = std::function<void(int to, std::vector<std::byte> word)>;
  using IsGone = std::function<bool(int rank)>;
  Groups(int rank, Tell tell, IsGone is_gone) : rank_(rank), tell_(std::move(tell)), is_gone_(std::move(is_gone)) {}

  /// The group of `ranks`, ascending, this one among them: the one that is in use, or the next generation when that
  /// was broken by something else than a loss. Throws Error: limit_reached.
  std::shared_ptr<GroupRecord> find(const std::vector<int>& ranks);

  /// A word of `from`. One that makes no sense is ignored.
  void hear(int from, std::span<const std::byte> word);
  /// An operation of the group failed here. `to`: who must be told.
  void break_off(GroupRecord& group, const Break& broken, const std::set<int>& to);
  /// Asks `whom`, because of `gone`, who left in order.
  void ask(const GroupRecord& group, std::uint64_t operation, int whom, int gone);

  /// Tags whose messages nobody will receive.
  const std::deque<int>& dead_tags() const { return dead_tags_; }

  static constexpr std::size_t max_groups = 65'536;

 private:
  enum class Kind : std::uint32_t { broken = 1, asks = 2 };
  struct Word {
    Kind kind;
    Errc code;
    std::uint64_t id;
    std::uint64_t operation;
    int rank;
    int unused;
  };

  void remember(std::uint64_t id, const Break& broken);
  void bury(int tag);
  struct Question {
    int from;
    Word word;
  };
  void give_up(const Question& question);
  void leave_behind(const GroupRecord& for_the_sake_of);
  static std::vector<std::byte> encode(const Word& word, const std::string& text);

  int rank_;
  Tell tell_;
  IsGone is_gone_;
  std::vector<Question> questions_;  // not answered yet
  std::map<std::vector<int>, std::pair<std::uint64_t, std::shared_ptr<GroupRecord>>> latest_;  // with its generation
  std::unordered_map<std::uint64_t, std::shared_ptr<GroupRecord>> by_id_;
  std::unordered_map<int, std::uint64_t> ids_by_tag_;
  std::unordered_map<std::uint64_t, Break> broken_;  // of groups not known here yet
  std::deque<int> dead_tags_;
};

}  // namespace zel::message
