// Why: the view is what the membership log adds up to. Pure: entries in, answers out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wire/member.hpp"

namespace zel::member {

class View {
 public:
  void apply(const wire::member::Event& event);

  std::vector<int> present() const { return {present_.begin(), present_.end()}; }
  /// Who left or died.
  std::vector<int> departed() const { return {departed_.begin(), departed_.end()}; }
  bool is_present(int rank) const { return present_.contains(rank); }
  std::optional<int> holder(const std::string& election) const;
  bool closed() const { return closed_; }
  bool terminated() const { return terminated_; }
  std::uint64_t applied() const { return applied_; }

 private:
  void remove(int rank);

  std::set<int> present_;
  std::set<int> departed_;
  std::map<std::string, int> holders_;
  bool closed_ = false;
  bool terminated_ = false;
  std::uint64_t applied_ = 0;
};

}  // namespace zel::member
