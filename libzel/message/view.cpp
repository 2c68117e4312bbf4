// Why: see zel/view.hpp.
#include "zel/view.hpp"

#include "libzel/message/buffers.hpp"

namespace zel {

View::View() noexcept = default;
View::View(std::shared_ptr<detail::Buffers> buffers, std::vector<std::byte> bytes, int from, int tag) noexcept
    : buffers_(std::move(buffers)), bytes_(std::move(bytes)), from_(from), tag_(tag) {}
View::View(View&&) noexcept = default;

View& View::operator=(View&& other) noexcept {
  std::swap(buffers_, other.buffers_);
  std::swap(bytes_, other.bytes_);
  std::swap(from_, other.from_);
  std::swap(tag_, other.tag_);
  return *this;
}

View::~View() {
  if (buffers_) buffers_->give(std::move(bytes_));
}

}  // namespace zel
