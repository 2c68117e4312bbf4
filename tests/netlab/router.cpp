// Why: sites that are far apart need a wide-area network between them, and the kernel here has no netem. One TUN
// in the gateway of every site ends in this process, which carries packets from site to site with the delay,
// jitter, loss and rate of that pair. It is told about links over a socket while it runs.
//
// Usage: netlab_router CONTROL-SOCKET SEED NETNS...     (site 1 is the first name, and has 198.18.1.0/24)
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <queue>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t max_sites = 64;
constexpr std::size_t max_packet = 65'536;
constexpr std::size_t max_in_flight_bytes = 256u << 20;  // of all links together: a lab must not eat its machine
constexpr int packets_a_turn = 64;                       // of one site, before the others have theirs

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "netlab_router: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

/// One direction between two sites.
struct Link {
  struct InFlight {
    Time due;
    std::vector<unsigned char> packet;
  };
  bool up = true;
  microseconds delay{0};
  microseconds jitter{0};
  std::uint32_t loss_ppm = 0;
  std::uint64_t rate_bit_s = 0;  // 0: no limit
  std::uint64_t queue_bytes = 256u << 10;
  Time busy_until{};  // when the last bit of what waits has been sent
  Time last_due{};    // jitter does not reorder
  std::deque<InFlight> in_flight;
  std::uint64_t generation = 0;  // changes when what was in flight is lost
  std::uint64_t carried = 0, lost = 0, overflowed = 0, cut = 0;
};

class Router {
 public:
  Router(const std::vector<std::string>& namespaces, std::uint64_t seed) : random_(seed), sites_(namespaces.size()) {
    links_.resize((sites_ + 1) * (sites_ + 1));
    const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0) fail("/proc/self/ns/net");
    tuns_.push_back(-1);
    for (const auto& name : namespaces) tuns_.push_back(open_tun(name));
    if (::setns(home, CLONE_NEWNET) != 0) fail("setns home");
    ::close(home);
  }

  std::size_t sites() const { return sites_; }
  int tun(std::size_t site) const { return tuns_[site]; }
  Link& link(std::size_t from, std::size_t to) { return links_[from * (sites_ + 1) + to]; }

  void read_from(std::size_t site) {
    for (int i = 0; i < packets_a_turn; ++i) {
      const auto size = ::read(tuns_[site], buffer_.data(), buffer_.size());
      if (size <= 0) return;
      const auto to = destination(static_cast<std::size_t>(size));
      if (to == 0 || to > sites_ || to == site) continue;
      carry(site, to, static_cast<std::size_t>(size));
    }
  }

  void deliver_due() {
    const Time now = Clock::now();
    while (!heads_.empty() && heads_.top().due <= now) {
      const Head head = heads_.top();
      heads_.pop();
      Link& link = links_[head.link];
      if (link.generation != head.generation) continue;
      while (!link.in_flight.empty() && link.in_flight.front().due <= now) {
        send(head.link % (sites_ + 1), link.in_flight.front().packet.data(), link.in_flight.front().packet.size());
        in_flight_bytes_ -= link.in_flight.front().packet.size();
        ++link.carried;
        link.in_flight.pop_front();
      }
      if (!link.in_flight.empty()) heads_.push({link.in_flight.front().due, head.link, link.generation});
    }
  }

  /// What is on the way when a link is cut is lost, as it is when a cable is.
  void cut(Link& link) {
    for (const auto& each : link.in_flight) in_flight_bytes_ -= each.packet.size();
    link.cut += link.in_flight.size();
    link.in_flight.clear();
    ++link.generation;
    link.busy_until = link.last_due = Time{};
  }

  bool anything_due() const { return !heads_.empty(); }
  Time next_due() const { return heads_.top().due; }

 private:
  struct Head {
    Time due;
    std::size_t link;
    std::uint64_t generation;
    bool operator>(const Head& other) const { return due > other.due; }
  };

  static int open_tun(const std::string& name) {
    const int space = ::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
    if (space < 0 || ::setns(space, CLONE_NEWNET) != 0) fail(name);
    ::close(space);
    const int tun = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0) fail("/dev/net/tun");
    ifreq request{};
    std::strcpy(request.ifr_name, "wan");
    request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI);
    if (::ioctl(tun, TUNSETIFF, &request) != 0) fail("TUNSETIFF in " + name);
    return tun;
  }

  /// 198.18.SITE.0/24 and 2001:db8:SITE::/48; 0 for everything else.
  std::size_t destination(std::size_t size) const {
    const auto* p = buffer_.data();
    if (size >= 20 && p[0] >> 4 == 4) return p[16] == 198 && p[17] == 18 ? p[18] : 0;
    if (size >= 40 && p[0] >> 4 == 6 && p[24] == 0x20 && p[25] == 0x01 && p[26] == 0x0d && p[27] == 0xb8)
      return static_cast<std::size_t>(p[28] << 8 | p[29]);
    return 0;
  }

  void carry(std::size_t from, std::size_t to, std::size_t size) {
    Link& link = this->link(from, to);
    if (!link.up) {
      ++link.cut;
      return;
    }
    if (link.loss_ppm != 0 && random_() % 1'000'000 < link.loss_ppm) {
      ++link.lost;
      return;
    }
    if (link.rate_bit_s == 0 && link.delay.count() == 0 && link.jitter.count() == 0 && link.in_flight.empty()) {
      ++link.carried;
      send(to, buffer_.data(), size);
      return;
    }
    const Time now = Clock::now();
    Time due = now;
    if (link.rate_bit_s != 0) {
      const Time start = std::max(now, link.busy_until);
      const auto waiting_s = std::chrono::duration<double>(start - now).count();
      if (waiting_s * static_cast<double>(link.rate_bit_s) / 8 + static_cast<double>(size) >
          static_cast<double>(link.queue_bytes)) {
        ++link.overflowed;
        return;
      }
      link.busy_until = start + nanoseconds(size * 8 * 1'000'000'000ull / link.rate_bit_s);
      due = link.busy_until;
    }
    if (in_flight_bytes_ + size > max_in_flight_bytes) {
      ++link.overflowed;
      return;
    }
    due += link.delay;
    if (link.jitter.count() != 0)
      due += microseconds(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(link.jitter.count() + 1)));
    link.last_due = due = std::max(due, link.last_due);
    if (link.in_flight.empty()) heads_.push({due, from * (sites_ + 1) + to, link.generation});
    link.in_flight.push_back({due, {buffer_.data(), buffer_.data() + size}});
    in_flight_bytes_ += size;
  }

  void send(std::size_t to, const unsigned char* packet, std::size_t size) const {
    [[maybe_unused]] const auto sent = ::write(tuns_[to], packet, size);  // a full interface drops, as real ones do
  }

  std::mt19937_64 random_;
  std::size_t sites_;
  std::vector<int> tuns_;
  std::vector<Link> links_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
  std::size_t in_flight_bytes_ = 0;
  std::array<unsigned char, max_packet> buffer_;
};

/// `FROM TO WORD VALUE...`: sets one direction. `stats`: all that was carried and why the rest was not.
std::string obey(Router& router, const std::string& command) {
  std::istringstream in(command);
  if (command == "stats") {
    std::ostringstream out;
    for (std::size_t from = 1; from <= router.sites(); ++from) {
      for (std::size_t to = 1; to <= router.sites(); ++to) {
        const Link& link = router.link(from, to);
        if (link.carried + link.lost + link.overflowed + link.cut == 0) continue;
        out << from << ' ' << to << ' ' << link.carried << ' ' << link.lost << ' ' << link.overflowed << ' '
            << link.cut << '\n';
      }
    }
    return out.str() + "ok\n";
  }
  std::size_t from = 0, to = 0;
  if (!(in >> from >> to) || from == 0 || to == 0 || from > router.sites() || to > router.sites() || from == to)
    return "no such link\n";
  Link& link = router.link(from, to);
  std::string word;
  std::uint64_t value = 0;
  while (in >> word >> value) {
    if (word == "up") {
      link.up = value != 0;
      if (!link.up) router.cut(link);
    } else if (word == "delay_us") {
      link.delay = microseconds(value);
    } else if (word == "jitter_us") {
      link.jitter = microseconds(value);
    } else if (word == "loss_ppm") {
      link.loss_ppm = static_cast<std::uint32_t>(value);
    } else if (word == "rate_bit_s") {
      link.rate_bit_s = value;
    } else if (word == "queue_bytes") {
      link.queue_bytes = value;
    } else {
      return "no such word: " + word + "\n";
    }
  }
  return in.eof() ? "ok\n" : "not a number\n";
}

int listen_at(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) fail(path);
  std::strcpy(address.sun_path, path);
  ::umask(0077);
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket, 16) != 0)
    fail(path);
  return socket;
}

void run(Router& router, int control) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (poll < 0 || timer < 0) fail("epoll");
  const auto watch = [poll](int descriptor, std::uint32_t site) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(site) << 32 | static_cast<std::uint32_t>(descriptor);
    if (::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  };
  for (std::size_t site = 1; site <= router.sites(); ++site) watch(router.tun(site), static_cast<std::uint32_t>(site));
  watch(control, 0);
  watch(timer, 0);
  for (;;) {
    if (router.anything_due()) {
      // Steady time is CLOCK_MONOTONIC. Zero would disarm the timer.
      const auto due = std::max<std::int64_t>(router.next_due().time_since_epoch().count(), 1);
      itimerspec at{};
      at.it_value.tv_sec = due / 1'000'000'000;
      at.it_value.tv_nsec = due % 1'000'000'000;
      ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, nullptr);
    }
    std::array<epoll_event, 2 * max_sites> events;
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; ++i) {
      const auto data = events[static_cast<std::size_t>(i)].data.u64;
      const int descriptor = static_cast<int>(data & 0xffffffff);
      if (const auto site = data >> 32; site != 0) {
        router.read_from(site);
      } else if (descriptor == timer) {
        std::uint64_t expired = 0;
        [[maybe_unused]] const auto read = ::read(timer, &expired, sizeof expired);
      } else if (descriptor == control) {
        if (const int client = ::accept4(control, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); client >= 0) watch(client, 0);
      } else {
        std::array<char, 4096> text;
        const auto size = ::recv(descriptor, text.data(), text.size(), 0);
        if (size <= 0) {
          ::close(descriptor);
          continue;
        }
        const auto answer = obey(router, std::string(text.data(), static_cast<std::size_t>(size)));
        ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      }
    }
    router.deliver_due();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || static_cast<std::size_t>(argc) - 3 > max_sites) {
    std::fprintf(stderr, "usage: netlab_router CONTROL-SOCKET SEED NETNS... (at most %zu)\n", max_sites);
    return 2;
  }
  // The socket comes last: who can connect to it knows that every site has its interface.
  static Router router({argv + 3, argv + argc}, std::strtoull(argv[2], nullptr, 10));
  run(router, listen_at(argv[1]));
}
