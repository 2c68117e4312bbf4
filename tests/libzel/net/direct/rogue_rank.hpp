// Why: what a rank does when another one breaks the rules of links can only be seen beside one that does. This is a rank
// without libzel: the member protocol by hand, the shipped driver, and nothing that keeps it from saying what it likes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libzel/net/frame.hpp"
#include "libzel/net/link_driver.hpp"
#include "tests/libzel/message/hosts.hpp"
#include "wire/channel.hpp"
#include "wire/member.hpp"
#include "wire/paths.hpp"

namespace zel::test {

class RogueRank : private net::LinkDriver::Sink {
 public:
  struct Heard {
    net::ConnectionId connection;
    net::FrameHeader header;
    base::Bytes payload;
  };
  /// Joins. Throws when that, or anything else that is waited for, takes longer than 10 s.
  explicit RogueRank(wire::Channel& channel);

  /// Its key and where it listens, as it should be said.
  wire::paths::Contact contact() const;
  net::LinkDriver& driver() { return *driver_; }

  // Posts.
  void say(int to, const wire::paths::Word& word);
  /// A message of one int, in posts.
  void post(int to, int value);
  /// The next word of this kind that `from` said.
  template <class Word>
  Word await_word(int from);
  template <class Word>
  std::optional<Word> take_word(int from);
  /// The next message of one int that came in posts.
  int await_post(int from);

  // Links.
  /// Contacts are exchanged, so that `to` admits the key of this one.
  wire::paths::Contact befriend(int to);
  /// A connection that got through.
  net::ConnectionId dial(int to, const wire::paths::Contact& there);
  void hello(net::ConnectionId connection, int to, std::uint64_t link, std::uint64_t received, std::uint64_t taken);
  /// A message of one int under this number.
  void record(net::ConnectionId connection, std::uint64_t number, int value);
  void send(net::ConnectionId connection, const net::FrameHeader& header, std::span<const std::byte> payload = {});
  Heard await_frame(net::FrameType type);
  std::size_t count(net::FrameType type) const;

  template <class Done>
  void until(Done done, const char* what);

 private:
  void step();
  void hear(wire::member::ToMember&& message);
  void on_connected(net::ConnectionId connection) override { connected_.push_back(connection); }
  void on_bytes(int rank, net::ConnectionId connection, std::span<const std::byte> bytes,
                std::shared_ptr<const void> holder) override;
  void on_closed(net::ConnectionId connection, const std::string& why) override { closed_[connection] = why; }

  wire::Channel& channel_;
  bool welcome_ = false;
  std::unique_ptr<net::LinkDriver> driver_;
  std::map<int, std::vector<wire::paths::Word>> words_;
  std::map<int, std::vector<int>> posts_;
  std::vector<Heard> frames_;
  std::vector<net::ConnectionId> connected_;
  std::map<net::ConnectionId, std::string> closed_;
};

template <class Done>
void RogueRank::until(Done done, const char* what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(std::string("waited in vain for ") + what);
    step();
  }
}

template <class Word>
std::optional<Word> RogueRank::take_word(int from) {
  auto& said = words_[from];
  const auto found = std::find_if(said.begin(), said.end(), [](const auto& word) { return std::holds_alternative<Word>(word); });
  if (found == said.end()) return std::nullopt;
  Word word = std::get<Word>(*found);
  said.erase(found);
  return word;
}

template <class Word>
Word RogueRank::await_word(int from) {
  std::optional<Word> word;
  until([&] { return (word = take_word<Word>(from)).has_value(); }, "a word");
  return *word;
}

}  // namespace zel::test
