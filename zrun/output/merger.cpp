#include "zrun/output/merger.hpp"

#include <algorithm>
#include <cstring>

namespace zel::zrun::output {
namespace {

/// How many of the bytes are whole lines. Looks from the end, a block at a time, since long stretches without
/// a newline are common in binary output and memchr() is the fast way through them.
std::size_t lines_in(base::ByteView bytes) {
  constexpr std::size_t block_bytes = 512;
  while (!bytes.empty()) {
    const std::size_t begin = bytes.size() - std::min(bytes.size(), block_bytes);
    if (std::memchr(bytes.data() + begin, '\n', bytes.size() - begin) != nullptr) {
      return base::as_text(bytes).rfind('\n') + 1;
    }
    bytes = bytes.first(begin);
  }
  return 0;
}

}  // namespace

Merger::Merger(const MergerOptions& options)
    : options_(options),
      batch_(options.ranks, options.credit_lump_bytes),
      places_{Place{Outlet(batch_, options.tags ? options.ranks : 0), {}},
              Place{Outlet(batch_, options.tags ? options.ranks : 0), {}}},
      states_(2 * Index{options.ranks}) {
  for (State& state : states_) state.silent = silent_.end();
}

// ---- what may be written now -----------------------------------------------------------------------------

bool Merger::is_held(const Place& place) const {
  const Outlet::Owner& owner = place.outlet.owner();
  return place.outlet.is_open() && !states_[index(owner.rank, owner.stream)].ended;
}

bool Merger::must_wait(Index i) {
  const Place& at = place(i);
  return is_held(at) && at.outlet.owner().rank != owner(i).rank;
}

bool Merger::shows_partial(const State& state) const {
  return state.show_partial || state.ended ||
         state.pending.size() - state.whole_lines >= options_.long_line_bytes;
}

std::size_t Merger::due_bytes(const State& state) const {
  return shows_partial(state) ? state.pending.size() : state.whole_lines;
}

// ---- events -----------------------------------------------------------------------------------------------

bool Merger::on_data(std::uint32_t rank, Stream stream, base::ByteView bytes, base::Time now) {
  if (rank >= options_.ranks) return false;
  const Index i = index(rank, stream);
  if (states_[i].ended) return false;
  if (states_[i].pending.size() + bytes.size() > wire::run::output_window_bytes(options_.ranks)) return false;
  if (bytes.empty()) return true;
  if (options_.to_files) {
    batch_.add(Sink::file, rank, stream, bytes);
  } else {
    accept(i, bytes, now);
  }
  return true;
}

bool Merger::on_end(std::uint32_t rank, Stream stream, base::Time now) {
  if (rank >= options_.ranks) return false;
  const Index i = index(rank, stream);
  if (states_[i].ended) return false;
  states_[i].ended = true;
  if (!options_.to_files) settle(i, now);
  return true;
}

void Merger::end_all(base::Time now) {
  for (Index i = 0; i < states_.size(); ++i) {
    if (!states_[i].ended) (void)on_end(owner(i).rank, owner(i).stream, now);
  }
}

void Merger::on_timer(base::Time now) {
  while (!silent_.empty() && states_[silent_.front()].last_data + options_.partial_after <= now) {
    const Index i = silent_.front();
    states_[i].show_partial = true;
    settle(i, now);
  }
  for (Place& at : places_) {
    if (hold_deadline(at) > now) continue;
    at.outlet.end_line();
    serve(at, now);
  }
}

void Merger::on_notice(std::string_view line, base::Time now) {
  Place& at = places_[options_.one_terminal ? 0 : 1];
  at.outlet.end_line();
  batch_.add(Sink::err, line);
  batch_.add(Sink::err, "\n");
  serve(at, now);
}

base::Time Merger::next_deadline() const {
  base::Time next = base::never;
  if (!silent_.empty()) next = states_[silent_.front()].last_data + options_.partial_after;
  for (const Place& at : places_) next = std::min(next, hold_deadline(at));
  return next;
}

base::Time Merger::hold_deadline(const Place& at) const {
  if (at.queue.empty()) return base::never;
  return std::max(at.outlet.owner_wrote(), states_[at.queue.front()].queued_since) + options_.hold_limit;
}

// ---- from stream to outlet
// ----------------------------------------------------------------------------------

/// Writes what may go out of a stream's new bytes and keeps the rest.
void Merger::accept(Index i, base::ByteView bytes, base::Time now) {
  State& state = states_[i];
  state.last_data = now;
  const Outlet& outlet = place(i).outlet;
  if (!must_wait(i)) {
    const bool continues = outlet.is_open() && outlet.owner() == owner(i);
    std::size_t now_bytes = lines_in(bytes);
    if (now_bytes == 0 && continues) now_bytes = bytes.size();
    if (now_bytes > 0) {
      write_pending(i, state.pending.size(), now);
      place(i).outlet.write(owner(i), bytes.first(now_bytes), now);
      bytes = bytes.subspan(now_bytes);
    }
  }
  append(i, bytes);
  settle(i, now);
}

/// Brings a stream and its outlet to rest: whoever waits for a line that has ended goes first, then what is
/// due of this stream is written or queued.
void Merger::settle(Index i, base::Time now) {
  State& state = states_[i];
  serve(place(i), now);
  if (!state.queued && due_bytes(state) > 0) {
    if (must_wait(i)) {
      state.queued = true;
      state.queued_since = now;
      place(i).queue.push_back(i);
    } else {
      write_pending(i, due_bytes(state), now);
    }
  }
  watch_silence(i);
}

/// Lets those who wait write, until one of them holds the outlet.
void Merger::serve(Place& at, base::Time now) {
  while (!at.queue.empty() && !must_wait(at.queue.front())) {
    const Index i = at.queue.front();
    at.queue.pop_front();
    State& state = states_[i];
    state.queued = false;
    write_pending(i, due_bytes(state), now);
    state.last_data = now;  // its turn has just come: silence counts from here
    watch_silence(i);
    if (options_.one_terminal) call_sibling(i);
  }
}

/// The other stream of a rank that has its turn need not wait for the rest of the queue.
void Merger::call_sibling(Index i) {
  const Index sibling = i ^ 1;
  if (!states_[sibling].queued) return;
  std::deque<Index>& queue = place(i).queue;
  queue.erase(std::find(queue.begin(), queue.end(), sibling));
  queue.push_front(sibling);
}

void Merger::write_pending(Index i, std::size_t bytes, base::Time now) {
  State& state = states_[i];
  if (bytes == 0) return;
  place(i).outlet.write(owner(i), base::ByteView(state.pending).first(bytes), now);
  state.pending.erase(state.pending.begin(), state.pending.begin() + static_cast<std::ptrdiff_t>(bytes));
  state.whole_lines -= std::min(state.whole_lines, bytes);
  state.show_partial = false;
}

void Merger::append(Index i, base::ByteView bytes) {
  State& state = states_[i];
  if (const std::size_t lines = lines_in(bytes); lines > 0) state.whole_lines = state.pending.size() + lines;
  state.pending.insert(state.pending.end(), bytes.begin(), bytes.end());
}

/// Keeps silent_ in step: streams with an unfinished line and nothing due, by the time of their last bytes.
void Merger::watch_silence(Index i) {
  State& state = states_[i];
  if (state.silent != silent_.end()) silent_.erase(state.silent);
  state.silent = silent_.end();
  if (state.pending.empty() || state.queued || state.ended) return;
  state.silent = silent_.insert(silent_.end(), i);
}

}  // namespace zel::zrun::output
