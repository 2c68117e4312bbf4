// Why: which shared values this program has: they register before main() begins, as task types do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libzel/task/shared_spread.hpp"
#include "zel/shared.hpp"

namespace zel::task {

/// In the order of their keys. Thread-safe.
std::vector<detail::SharedValue*> shared_values();
/// Two shared values that other processes could not tell apart, as a line of text; nothing if all is well.
std::optional<std::string> colliding_shared_values();

/// Those that are there now, for the engine.
class RegisteredValues final : public SharedValues {
 public:
  RegisteredValues() : values_(shared_values()) {}

  std::size_t count() const override { return values_.size(); }
  std::uint64_t key(std::size_t index) const override { return values_[index]->key(); }
  std::uint64_t version(std::size_t index) const override { return values_[index]->version(); }
  base::Bytes pack(std::size_t index) const override { return values_[index]->pack(); }
  Taken take(std::size_t index, base::ByteView packed) override;

 private:
  const std::vector<detail::SharedValue*> values_;
};

}  // namespace zel::task
