#include "daemon/cli/shutdown.hpp"

namespace zel::cli {

Shutdown::Shutdown(io::EventLoop& loop, Steps steps)
    : loop_(loop), steps_(std::move(steps)), deadline_(loop, [this] {
        if (phase_ == Phase::ending) {
          kill();
        } else {
          finish();
        }
      }) {}

void Shutdown::ask(const std::string& why) {
  if (phase_ == Phase::killing) return finish();
  if (phase_ == Phase::ending) return kill();
  if (phase_ != Phase::running) return;
  phase_ = Phase::ending;
  steps_.end_jobs(why);
  if (steps_.is_idle()) return finish();
  deadline_.set(loop_.now() + grace);
}

void Shutdown::on_idle() {
  if (phase_ == Phase::ending || phase_ == Phase::killing) finish();
}

void Shutdown::kill() {
  phase_ = Phase::killing;
  steps_.kill_jobs();
  deadline_.set(loop_.now() + last_patience);
}

void Shutdown::finish() {
  if (phase_ == Phase::gone) return;
  phase_ = Phase::gone;
  deadline_.set(base::never);
  steps_.gone();
}

}  // namespace zel::cli
