#include "libzel/member/view.hpp"

namespace zel::member {

void View::apply(const wire::member::Event& event) {
  using wire::member::EventKind;
  ++applied_;
  const int rank = static_cast<int>(event.rank);
  switch (event.kind) {
    case EventKind::joined: present_.insert(rank); return;
    case EventKind::left:
    case EventKind::died: return remove(rank);
    case EventKind::elected: holders_[event.text] = rank; return;
    case EventKind::signalled: return;
    case EventKind::closed: closed_ = true; return;
    case EventKind::terminated: terminated_ = true; return;
  }
}

/// Whoever is gone holds nothing; the log names a successor if there is one.
void View::remove(int rank) {
  present_.erase(rank);
  departed_.insert(rank);
  std::erase_if(holders_, [rank](const auto& entry) { return entry.second == rank; });
}

std::optional<int> View::holder(const std::string& election) const {
  const auto found = holders_.find(election);
  if (found == holders_.end()) return std::nullopt;
  return found->second;
}

}  // namespace zel::member
