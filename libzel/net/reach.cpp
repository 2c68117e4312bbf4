// Why: see reach.hpp.
#include "libzel/net/reach.hpp"

#include <utility>

namespace zel::net {

Reach::Reach(int size, const std::vector<int>& here, std::unique_ptr<Transport> shared, std::unique_ptr<Far> far)
    : here_(static_cast<std::size_t>(size), 0),
      shared_(std::move(shared)),
      far_(std::move(far)),
      writers_(static_cast<std::size_t>(size), nullptr),
      reader_from_(static_cast<std::size_t>(size), nullptr) {
  for (const int rank : here) here_[static_cast<std::size_t>(rank)] = 1;
}

base::Result<Writer*> Reach::make_writer(int to) {
  Writer*& writer = writers_[static_cast<std::size_t>(to)];
  if (is_here(to)) {
    auto ring = shared_->make_writer(to);
    if (!ring) return tl::unexpected(ring.error());
    writer = *ring;
  } else {
    writer = far_->peer(to);
  }
  return writer;
}

void Reach::accept_newcomers(std::vector<int>& damaged) {
  if (shared_) shared_->accept_newcomers(found_, damaged);
  if (far_) far_->accept_newcomers(found_);
  for (Reader* reader : found_) {
    readers_.push_back(reader);
    reader_from_[static_cast<std::size_t>(reader->from())] = reader;
  }
  found_.clear();
}

void Reach::retire(int from) {
  Reader*& reader = reader_from_[static_cast<std::size_t>(from)];
  if (!reader) return;
  std::erase(readers_, reader);
  reader->refuse();
  reader = nullptr;
  if (is_here(from)) shared_->retire(from);
}

bool Reach::deliver(wire::member::Post&& post) {
  const std::uint32_t from = post.peer;
  return is_elsewhere(from) && far_->deliver(static_cast<int>(from), std::move(post));
}

bool Reach::credit(const wire::member::PostCredit& credit) {
  return is_elsewhere(credit.peer) && far_->credit(static_cast<int>(credit.peer), credit.bytes);
}

}  // namespace zel::net
