// Why: the output of many ranks comes out of one terminal. Lines of different ranks must not mix, yet a
// prompt must show, a long line must not wait in memory, and not one byte may be lost or changed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "zrun/output/outlet.hpp"
#include "zrun/output/write.hpp"
#include "zrun/output/write_batch.hpp"

namespace zel::zrun::output {

struct MergerOptions {
  std::uint32_t ranks = 1;
  /// Every line begins with the rank's tag().
  bool tags = false;
  /// Standard output and standard error are the same terminal or file, so that their lines could mix too.
  bool one_terminal = false;
  /// Every stream has a file of its own: bytes go there at once and none of the rules below apply.
  bool to_files = false;
  /// How long a stream must be silent before its unfinished line is shown.
  base::Duration partial_after = std::chrono::milliseconds(50);
  /// How long a stream may be silent in the middle of a line while others wait.
  base::Duration hold_limit = std::chrono::seconds(1);
  /// An unfinished line this long is shown at once.
  std::size_t long_line_bytes = 32u << 10;
  /// Credit of a stream is given back in lumps of at least this: a quarter of the smallest window saves most
  /// messages and leaves three quarters to fill. What is left when a stream ends is not given back, as nobody
  /// waits for it.
  std::uint32_t credit_lump_bytes = wire::run::min_output_window_bytes / 4;
};

/// Merges the streams of the ranks into standard output and standard error.
///
/// An *outlet* is where lines appear: standard output and standard error, or one for both with
/// `one_terminal`. For each outlet:
///
/// 1. Whole lines go out at once, as they are.
/// 2. The beginning of a line waits for the rest. It goes out when its stream was silent for
///    `partial_after` (a prompt), is `long_line_bytes` long, or its stream ended.
/// 3. A stream whose unfinished line is out *holds* the outlet until its line or the stream ends, and what
///    it adds goes out at once. Meanwhile other ranks wait, first come first served; the other stream of the
///    same rank does not, as it would not without a launcher. What waits is bounded by the credit window.
/// 4. A holder that is silent for `hold_limit` while somebody waits loses the outlet: a newline ends its
///    line, and the rest of it becomes a line of its own. A holder that goes on writing keeps the outlet.
/// 5. The last line of a stream may lack its newline. One is put in only when another rank writes after
///    it; so what a single rank writes comes out byte for byte.
/// 6. Bytes are passed on unchanged and in order: NUL, control characters, invalid UTF-8. Nothing is put in
///    but tags, and newlines as in 4 and 5.
/// 7. With tags, what follows a newline that was put in gets a tag again.
///
/// Time: linear in the bytes, apart from that O(1) per event.
/// The caller writes what take_writes() hands out, and calls on_timer() at next_deadline().
class Merger {
 public:
  explicit Merger(const MergerOptions& options);
  Merger(const Merger&) = delete;
  Merger& operator=(const Merger&) = delete;

  /// False, and nothing happens, when the node breaks the protocol: there is no such rank, its stream has
  /// ended, or more is on its way than output_window_bytes().
  [[nodiscard]] bool on_data(std::uint32_t rank, Stream stream, base::ByteView bytes, base::Time now);
  /// False, and nothing happens, when there is no such rank or its stream has ended already.
  [[nodiscard]] bool on_end(std::uint32_t rank, Stream stream, base::Time now);
  void on_timer(base::Time now);

  /// A line of zrun's own for standard error, without its newline. It is written at once; a line that is
  /// open there is ended first.
  void on_notice(std::string_view line, base::Time now);
  /// Ends every stream that has not ended: the node is gone. Afterwards nothing waits.
  void end_all(base::Time now);

  base::Time next_deadline() const;
  std::vector<Write> take_writes() { return batch_.take(); }

 private:
  using Index = std::size_t;  // of a stream: 2 * rank + (0: out, 1: err)

  struct State {
    base::Bytes pending;          // accepted, not written; at most a window
    std::size_t whole_lines = 0;  // so many bytes of it are whole lines
    bool ended = false;
    bool queued = false;        // waits for the outlet
    bool show_partial = false;  // queued with a partial line that was due
    base::Time last_data{};
    base::Time queued_since{};
    std::list<Index>::iterator silent{};  // place in silent_, or its end
  };

  struct Place {
    Outlet outlet;
    std::deque<Index> queue;  // streams with something due that another rank's line keeps out
  };

  Index index(std::uint32_t rank, Stream stream) const {
    return 2 * Index{rank} + (stream == Stream::out ? 0 : 1);
  }
  Outlet::Owner owner(Index i) const {
    return {static_cast<std::uint32_t>(i / 2), i % 2 == 0 ? Stream::out : Stream::err};
  }
  Place& place(Index i) { return places_[options_.one_terminal ? 0 : i % 2]; }

  bool is_held(const Place& place) const;
  bool must_wait(Index i);
  bool shows_partial(const State& state) const;
  std::size_t due_bytes(const State& state) const;
  void write_pending(Index i, std::size_t bytes, base::Time now);
  void append(Index i, base::ByteView bytes);
  void accept(Index i, base::ByteView bytes, base::Time now);
  void settle(Index i, base::Time now);
  void serve(Place& place, base::Time now);
  void call_sibling(Index i);
  void watch_silence(Index i);
  base::Time hold_deadline(const Place& place) const;

  const MergerOptions options_;
  WriteBatch batch_;
  std::array<Place, 2> places_;
  std::vector<State> states_;
  std::list<Index> silent_;  // streams with an unfinished line that is not due, longest silence first
};

}  // namespace zel::zrun::output
