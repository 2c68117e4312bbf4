// Why: see simulated_network.hpp.
#include "tests/libzel/task/simulated_network.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <stdexcept>
#include <thread>

namespace zel::task {

namespace {
constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t us = 1000;

std::int64_t to_ns(base::Time time) {
  return time == base::never ? forever : time.time_since_epoch().count();
}
}  // namespace

class SimulatedNetwork::Transport final : public TaskTransport, public TaskClock {
 public:
  Transport(SimulatedNetwork& network, int rank) : network_(network), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return network_.setup_.size; }
  bool send(int to, base::ByteView bytes) override;
  std::optional<Received> poll() override;
  void wait(base::Time deadline) override;
  std::uint64_t members_version() const override { return network_.version(rank_); }
  std::vector<Presence> presence() const override;
  Pending pending() const override { return {&Transport::ask, this}; }
  base::Time now() const override { return base::Time(base::Duration(network_.now_ns_)); }
  base::Duration processor_time() const override { return base::Duration(network_.now_ns_); }

 private:
  static bool ask(const void* of);
  SimulatedNetwork& network_;
  const int rank_;
};

struct SimulatedNetwork::Rank {
  Rank(SimulatedNetwork& network, int index, std::size_t size)
      : transport(network, index), inbox(size), last_arrival(size, 0), notice_delay(size, 0) {}

  Transport transport;
  std::binary_semaphore baton{0};
  std::vector<std::deque<InFlight>> inbox;  // by sender
  std::vector<std::int64_t> last_arrival;   // by sender: order is kept
  std::vector<std::int64_t> notice_delay;   // by rank: how late this one hears of its coming and going
  std::int64_t start_ns = 0;
  std::int64_t dies_ns = forever;
  std::int64_t wakes_ns = 0;  // waits until then, or for news
  std::uint64_t seen_version = 0;
  bool ended = false;
};

SimulatedNetwork::SimulatedNetwork(const SimulationSetup& setup) : setup_(setup), random_(setup.seed) {
  longest_delay_ns_ = draw(1, 4) == 1 ? 3000 * us : 100 * us;
  for (int i = 0; i < setup_.size; ++i) {
    ranks_.push_back(std::make_unique<Rank>(*this, i, static_cast<std::size_t>(setup_.size)));
    rank(i).start_ns = draw(0, setup_.start_window_us * us);
    rank(i).wakes_ns = rank(i).start_ns;
    for (auto& delay : rank(i).notice_delay) delay = draw(0, 2000 * us);
  }
  std::vector<int> mortal;
  for (int i = setup_.kill_root ? 0 : 1; i < setup_.size; ++i) mortal.push_back(i);
  if (!setup_.kill_root) std::shuffle(mortal.begin(), mortal.end(), random_);
  const auto kills = static_cast<std::size_t>(std::max(setup_.kills, setup_.kill_root ? 1 : 0));
  for (std::size_t i = 0; i < std::min(kills, mortal.size()); ++i) {
    rank(mortal[i]).dies_ns = rank(mortal[i]).start_ns + draw(0, setup_.kill_window_us * us);
  }
}

SimulatedNetwork::~SimulatedNetwork() = default;

std::int64_t SimulatedNetwork::draw(std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
}

bool SimulatedNetwork::died(int index) const { return rank(index).dies_ns <= now_ns_; }

void SimulatedNetwork::run(const Program& program) {
  std::vector<std::thread> threads;
  for (int i = 0; i < setup_.size; ++i) {
    threads.emplace_back([this, i, &program] {
      Rank& self = rank(i);
      self.baton.acquire();
      try {
        program(self.transport, self.transport);
      } catch (const std::exception& exception) {
        if (!died(i) && failure_.empty()) failure_ = "rank " + std::to_string(i) + ": " + exception.what();
      }
      self.ended = true;
      const int next = choose();
      if (next >= 0) rank(next).baton.release();
    });
  }
  rank(choose()).baton.release();
  for (auto& thread : threads) thread.join();
}

// Who runs next

bool SimulatedNetwork::message_due(int index) const {
  if (died(index)) return false;
  const auto& inbox = rank(index).inbox;
  return std::any_of(inbox.begin(), inbox.end(),
                     [&](const auto& queue) { return !queue.empty() && queue.front().at <= now_ns_; });
}

bool SimulatedNetwork::has_news(int index) const {
  return message_due(index) || version(index) != rank(index).seen_version;
}

bool SimulatedNetwork::runnable(int index) const {
  const Rank& candidate = rank(index);
  if (candidate.ended || now_ns_ < candidate.start_ns) return false;
  return deadlock_ || candidate.wakes_ns <= now_ns_ || has_news(index);
}

std::int64_t SimulatedNetwork::next_event() const {
  std::int64_t next = forever;
  const auto consider = [&](std::int64_t at) {
    if (at > now_ns_) next = std::min(next, at);
  };
  for (int i = 0; i < setup_.size; ++i) {
    const Rank& self = rank(i);
    if (self.ended) continue;
    consider(self.wakes_ns);
    consider(self.dies_ns);
    for (const auto& queue : self.inbox) {
      if (!queue.empty()) consider(queue.front().at);
    }
    for (std::size_t j = 0; j < ranks_.size(); ++j) {
      consider(ranks_[j]->start_ns + self.notice_delay[j]);
      if (ranks_[j]->dies_ns != forever) consider(ranks_[j]->dies_ns + self.notice_delay[j]);
    }
  }
  return next;
}

// -1 once all have ended.
int SimulatedNetwork::choose() {
  now_ns_ += draw(0, us);
  for (;;) {
    std::vector<int> candidates;
    bool all_ended = true;
    for (int i = 0; i < setup_.size; ++i) {
      all_ended = all_ended && rank(i).ended;
      if (runnable(i)) candidates.push_back(i);
    }
    if (all_ended) return -1;
    if (!candidates.empty()) {
      return candidates[static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(candidates.size()) - 1))];
    }
    const std::int64_t next = next_event();
    if (next == forever) {
      deadlock_ = true;
      if (failure_.empty()) failure_ = "deadlock: every rank waits for ever";
    } else {
      now_ns_ = next;
    }
  }
}

void SimulatedNetwork::switch_from(int from) {
  const int next = choose();
  if (next == from) return;
  rank(next).baton.release();
  rank(from).baton.acquire();
}

void SimulatedNetwork::maybe_switch(int from, int one_in) {
  if (draw(1, one_in) == 1) switch_from(from);
}

// Members

Presence SimulatedNetwork::presence_of(int observer, int index) const {
  const Rank& other = rank(index);
  // A rank that has died is let go: it believes all others gone, and nothing it says reaches anybody.
  if (died(observer)) return index == observer ? Presence::present : Presence::gone;
  const std::int64_t delay = rank(observer).notice_delay[static_cast<std::size_t>(index)];
  if (other.dies_ns != forever && other.dies_ns + delay <= now_ns_) return Presence::gone;
  return other.start_ns + delay <= now_ns_ ? Presence::present : Presence::unknown;
}

std::uint64_t SimulatedNetwork::version(int observer) const {
  std::uint64_t version = died(observer) ? 1000 : 1;
  for (int i = 0; i < setup_.size; ++i) version += static_cast<std::uint64_t>(presence_of(observer, i));
  return version;
}

// The transport of one rank

bool SimulatedNetwork::Transport::ask(const void* of) {
  const auto* self = static_cast<const Transport*>(of);
  self->network_.now_ns_ += self->network_.draw(0, 40 * us);  // what the task before this spawn took
  self->network_.maybe_switch(self->rank_, 8);
  return self->network_.has_news(self->rank_);
}

bool SimulatedNetwork::Transport::send(int to, base::ByteView bytes) {
  if (network_.died(rank_)) return true;
  if (network_.presence_of(rank_, to) == Presence::gone) return false;
  Rank& target = network_.rank(to);
  const auto sender = static_cast<std::size_t>(rank_);
  const std::int64_t at =
      std::max(target.last_arrival[sender], network_.now_ns_ + network_.draw(us, network_.longest_delay_ns_));
  target.last_arrival[sender] = at;
  target.inbox[sender].push_back({at, {bytes.begin(), bytes.end()}});
  network_.maybe_switch(rank_, 2);
  return true;
}

std::optional<Received> SimulatedNetwork::Transport::poll() {
  if (network_.died(rank_)) return std::nullopt;
  auto& inbox = network_.rank(rank_).inbox;
  std::vector<int> due;
  for (int i = 0; i < size(); ++i) {
    auto& queue = inbox[static_cast<std::size_t>(i)];
    // What is under way when its sender dies is lost if it takes long; order makes that a tail of the queue.
    const std::int64_t dies = network_.rank(i).dies_ns;
    while (!queue.empty() && dies != forever && queue.front().at > dies + 200 * us) queue.pop_front();
    if (!queue.empty() && queue.front().at <= network_.now_ns_) due.push_back(i);
  }
  if (due.empty()) return std::nullopt;
  const int from = due[static_cast<std::size_t>(network_.draw(0, static_cast<std::int64_t>(due.size()) - 1))];
  auto& queue = inbox[static_cast<std::size_t>(from)];
  Received received{from, std::move(queue.front().bytes)};
  queue.pop_front();
  return received;
}

std::vector<Presence> SimulatedNetwork::Transport::presence() const {
  std::vector<Presence> result;
  for (int i = 0; i < size(); ++i) result.push_back(network_.presence_of(rank_, i));
  network_.rank(rank_).seen_version = network_.version(rank_);
  return result;
}

void SimulatedNetwork::Transport::wait(base::Time deadline) {
  Rank& self = network_.rank(rank_);
  self.wakes_ns = to_ns(deadline);
  network_.switch_from(rank_);
  self.wakes_ns = 0;
  if (network_.deadlock_) throw std::runtime_error("deadlock");
}

}  // namespace zel::task
