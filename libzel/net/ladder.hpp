// Why: how two ranks on different hosts get a direct link, whatever stands between them. Messages do not wait for it:
// they go through the nodes meanwhile, and for good if nothing else works. The lower rank of a pair climbs, the other
// does what it is told; so there is one decision, and no two links by accident. docs/protocol/paths.md, The ladder.
//
// Pure: time and randomness are handed in, what to do is handed back.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "wire/paths.hpp"

namespace zel::net {

enum class Rung : std::uint8_t { direct, reverse, meet, nodes };
inline constexpr std::size_t link_rungs = 3;
const char* name_of(Rung rung);

// What to do.
struct Say {
  int rank;
  wire::paths::Word word;
};
/// Dial all addresses of its contact.
struct Dial {
  int rank;
  std::uint64_t link;
};
/// Connect to `port` at all its addresses, and from `own_port`.
struct DialMeeting {
  int rank;
  std::uint64_t link;
  std::uint16_t own_port;
  std::uint16_t port;
  bool serve;  // play the server in the handshake
};
/// Give the dial or link up; the other is told.
struct Abandon {
  int rank;
  std::uint64_t link;
};
using LadderAction = std::variant<Say, Dial, DialMeeting, Abandon>;

/// What is known of the way to one rank, for reports.
struct Climb {
  Rung now = Rung::nodes;
  base::Time begun{};
  base::Time linked{};  // the last time it came to be
  std::array<std::string, link_rungs> why_not{};
};

class Ladder {
 public:
  Ladder(int rank, base::Random random) : own_rank_(rank), random_(random) {}

  /// Both contacts are there; `host` is the other's.
  void on_contacts(int rank, const std::string& host, base::Time now);
  /// There will be no link to `rank`.
  void on_no_contact(int rank, std::string why);
  /// False: not wanted, close it.
  bool wants(int rank, std::uint64_t link) const;
  void on_linked(int rank, std::uint64_t link, base::Time now);
  void on_lost(int rank, std::uint64_t link, base::Time now);
  /// All of a dial's addresses failed.
  void on_dial_failed(int rank, std::uint64_t link, const std::string& why, base::Time now);
  void on_word(int rank, const wire::paths::DialMe& word, base::Time now);
  void on_word(int rank, const wire::paths::NotReached& word, base::Time now);
  void on_word(int rank, const wire::paths::Meet& word, base::Time now);
  void on_word(int rank, const wire::paths::Met& word, base::Time now);
  void on_gone(int rank);
  /// How long a word to `rank` and its answer take, through the nodes.
  void on_round_trip(int rank, base::Duration time);

  void on_timer(base::Time now);
  base::Time next_deadline() const;
  std::vector<LadderAction> take_actions() { return std::exchange(actions_, {}); }
  /// Null: nothing was begun.
  const Climb* climb(int rank) const;

 private:
  enum class State : std::uint8_t { nodes, direct, reverse, meet, meeting, linked, told };
  struct Pair {
    State state = State::nodes;
    std::string host;
    std::vector<Rung> left;  // to try, the next one last
    std::uint64_t link = 0;  // of the present step
    Rung step = Rung::direct;
    std::uint16_t own_port = 0;
    std::uint16_t port = 0;
    base::Time deadline = base::never;
    base::Duration wait{};
    base::Duration round_trip = std::chrono::milliseconds(100);
    Climb climb;
  };

  bool leads(int rank) const { return own_rank_ < rank; }
  Pair* find(int rank);
  const Pair* find(int rank) const;
  void begin(int rank, Pair& pair, base::Time now);
  void step(int rank, Pair& pair, base::Time now);
  void rest(Pair& pair, base::Time now);
  void fail(int rank, Pair& pair, std::string why, base::Time now);
  std::uint16_t a_port();

  int own_rank_;
  base::Random random_;
  std::map<int, Pair> pairs_;
  std::map<std::string, Rung> worked_;  // by host
  std::vector<LadderAction> actions_;
};

}  // namespace zel::net
