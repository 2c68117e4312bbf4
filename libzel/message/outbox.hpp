// Why: a message is not always written at once. What waits for room waits here, per receiver in the order it was
// sent, whoever is waiting for what; and whoever waits at all pushes all of it on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libzel/message/context.hpp"
#include "libzel/net/reach.hpp"
#include "zel/error.hpp"

namespace zel::message {

using detail::Context;

/// A message on its way. It and its bytes stay where they are until over() or Outbox::withdraw().
struct Outgoing {
  struct Failure {
    Errc code;
    std::string text;
  };

  int to = 0;
  Context context = Context::user;
  int tag = 0;
  std::span<const std::byte> bytes{};
  net::Writer* writer = nullptr;
  std::size_t sent = 0;
  bool begun = false;
  std::optional<Failure> failure{};

  bool complete() const { return begun && sent == bytes.size(); }
  bool over() const { return complete() || failure; }
  void throw_if_failed() const {
    if (failure) throw Error(failure->code, failure->text, to);
  }
};

class Outbox {
 public:
  /// `reach` may be null: nothing is sent then.
  Outbox(int size, net::Reach* reach) : reach_(reach), waiting_(static_cast<std::size_t>(size), 0) {}

  /// Nothing waits, for anybody.
  bool empty() const { return queues_.empty(); }
  /// Writes what there is room for, if nothing waits before it; what is left then waits here.
  void send(Outgoing& message);
  /// The same for one that nobody waits for: it is kept here.
  void send_and_forget(int to, net::Writer* writer, Context context, int tag, std::vector<std::byte> bytes);
  /// The message will not be finished: if it was begun, its receiver is told as soon as there is room.
  void withdraw(Outgoing& message);
  /// Writes what there is room for.
  void push();
  void push(int to);
  /// Asks to be woken when there is room. Push once more after it.
  void ask_for_room();
  /// What is for `to` fails.
  void fail(int to, Errc code, const std::string& text);

 private:
  /// A message of somebody's, or of ours, or the word that the rest of one will not come.
  struct Entry {
    Outgoing* message = nullptr;
    std::unique_ptr<Outgoing> kept{};
    std::vector<std::byte> kept_bytes{};
    net::Writer* abandon = nullptr;
  };
  struct Queue {
    int to;
    std::deque<Entry> entries;
  };

  Queue& queue(int to);
  bool push(Queue& queue);
  bool push(Entry& entry, int to);
  void write(Outgoing& message);
  net::Writer::Outcome write_record(Outgoing& message);

  net::Reach* reach_;
  std::vector<std::unique_ptr<Queue>> queues_;  // of those for whom something waits
  std::vector<std::uint8_t> waiting_;           // by receiver: has a queue
};

}  // namespace zel::message
