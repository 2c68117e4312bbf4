// Why: see groups.hpp.
#include "libzel/message/groups.hpp"

#include <algorithm>
#include <cstring>

namespace zel::message {
namespace {

constexpr std::size_t max_dead_tags = 4096;
constexpr std::size_t max_unknown_broken = 4096;
constexpr std::size_t max_text_bytes = 1024;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

/// The same at every member.
std::uint64_t id_of(const std::vector<int>& ranks, std::uint64_t generation) {
  std::uint64_t id = mix(generation + 0x9e3779b97f4a7c15u);
  for (const int rank : ranks) id = mix(id ^ (static_cast<std::uint64_t>(rank) + 0x9e3779b97f4a7c15u));
  return id;
}

}  // namespace

std::optional<int> GroupRecord::position_of(int rank) const {
  const auto place = std::lower_bound(ranks.begin(), ranks.end(), rank);
  if (place == ranks.end() || *place != rank) return std::nullopt;
  return static_cast<int>(place - ranks.begin());
}

std::shared_ptr<GroupRecord> Groups::find(const std::vector<int>& ranks) {
  auto& [generation, latest] = latest_[ranks];
  while (!latest || (latest->broken && latest->broken->code == Errc::group_broken)) {
    if (latest) {
      ++generation;
      bury(latest->tag());
    }
    if (by_id_.size() >= max_groups) {
      throw Error(Errc::limit_reached,
                  "this member has been in " + std::to_string(max_groups) + " groups; use them again");
    }
    auto record = std::make_shared<GroupRecord>();
    record->ranks = ranks;
    record->id = id_of(ranks, generation);
    record->position = record->position_of(rank_).value();
    if (const auto twin = ids_by_tag_.find(record->tag());
        twin != ids_by_tag_.end() && twin->second != record->id) {
      throw Error(Errc::limit_reached,
                  "two groups of this member have the same number by chance: use another choice of ranks");
    }
    ids_by_tag_[record->tag()] = record->id;
    if (const auto known = broken_.find(record->id); known != broken_.end()) {
      record->broken = known->second;
      broken_.erase(known);
    }
    by_id_[record->id] = record;
    latest = std::move(record);
  }
  leave_behind(*latest);
  return latest;
}

void Groups::hear(int from, std::span<const std::byte> bytes) {
  Word word;
  if (bytes.size() < sizeof word || bytes.size() > sizeof word + max_text_bytes) return;
  std::memcpy(&word, bytes.data(), sizeof word);
  const auto known = by_id_.find(word.id);
  if (word.kind == Kind::broken) {
    if (word.code != Errc::member_lost && word.code != Errc::group_broken) return;
    const auto text = bytes.subspan(sizeof word);
    remember(word.id, {word.operation, word.code, word.rank,
                       std::string(reinterpret_cast<const char*>(text.data()), text.size())});
  } else if (word.kind == Kind::asks) {
    constexpr std::size_t max_questions = 4096;
    const GroupRecord* group = known == by_id_.end() ? nullptr : known->second.get();
    if (group && group->begun > word.operation) return;
    const bool may_come = group && !group->left_behind && !group->broken_at(word.operation);
    if (may_come && questions_.size() < max_questions)
      questions_.push_back({from, word});
    else
      give_up({from, word});
  }
}

/// Groups with a member that is gone, when this rank turns to another.
void Groups::leave_behind(const GroupRecord& for_the_sake_of) {
  for (auto& [id, group] : by_id_) {
    if (group.get() == &for_the_sake_of || group->left_behind) continue;
    group->left_behind = std::any_of(group->ranks.begin(), group->ranks.end(), is_gone_);
  }
  std::vector<Question> answered;
  std::erase_if(questions_, [&](const Question& question) {
    const GroupRecord& group = *by_id_.at(question.word.id);
    if (group.begun > question.word.operation) return true;
    if (group.left_behind) answered.push_back(question);
    return group.left_behind;
  });
  for (const Question& question : answered) give_up(question);
}

void Groups::give_up(const Question& question) {
  const auto& [from, word] = question;
  const Break broken{
      word.operation, Errc::member_lost, word.rank,
      "rank " + std::to_string(word.rank) + " left before all had come to a collective operation with it"};
  remember(word.id, broken);
  tell_(from, encode({Kind::broken, broken.code, word.id, word.operation, word.rank, 0}, broken.text));
}

void Groups::remember(std::uint64_t id, const Break& broken) {
  const auto known = by_id_.find(id);
  if (known != by_id_.end()) {
    GroupRecord& group = *known->second;
    // Not buried yet: operations before that one still go on here.
    if (!group.broken || broken.from_operation < group.broken->from_operation) group.broken = broken;
    return;
  }
  const auto unknown = broken_.find(id);
  if (unknown != broken_.end()) {
    if (broken.from_operation < unknown->second.from_operation) unknown->second = broken;
  } else if (broken_.size() < max_unknown_broken) {
    broken_.emplace(id, broken);
  }
}

void Groups::break_off(GroupRecord& group, const Break& broken, const std::set<int>& to) {
  bury(group.tag());
  if (!group.broken || broken.from_operation < group.broken->from_operation) group.broken = broken;
  const std::string text = broken.text.substr(0, max_text_bytes);
  for (const int rank : to) {
    tell_(rank, encode({Kind::broken, broken.code, group.id, broken.from_operation, broken.rank, 0}, text));
  }
}

void Groups::ask(const GroupRecord& group, std::uint64_t operation, int whom, int gone) {
  tell_(whom, encode({Kind::asks, Errc::member_lost, group.id, operation, gone, 0}, ""));
}

void Groups::bury(int tag) {
  if (std::find(dead_tags_.begin(), dead_tags_.end(), tag) != dead_tags_.end()) return;
  if (dead_tags_.size() == max_dead_tags) dead_tags_.pop_front();
  dead_tags_.push_back(tag);
}

std::vector<std::byte> Groups::encode(const Word& word, const std::string& text) {
  std::vector<std::byte> bytes(sizeof word + text.size());
  std::memcpy(bytes.data(), &word, sizeof word);
  if (!text.empty()) std::memcpy(bytes.data() + sizeof word, text.data(), text.size());
  return bytes;
}

}  // namespace zel::message
