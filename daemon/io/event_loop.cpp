#include "daemon/io/event_loop.hpp"

#include <uv.h>

#include <algorithm>

namespace zel::io {

namespace {

void start(uv_timer_t& timer, base::Time at, uv_timer_cb wake) {
  uv_update_time(timer.loop);
  const auto left = std::max(at - std::chrono::steady_clock::now(), base::Duration::zero());
  const auto wait_ms = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  uv_timer_start(&timer, wake, wait_ms, 0);
}

}  // namespace

struct EventLoop::Parts {
  uv_timer_t alarm;
  uv_prepare_t before_sleep;
  std::function<void()> wake;
  std::vector<std::function<void()>> deferred;
  struct Signal {
    uv_signal_t handle;
    std::function<void(int)> wake;
  };
  std::vector<std::unique_ptr<Signal>> signals;
};

void EventLoop::CloseLoop::operator()(uv_loop_s* loop) const {
  uv_loop_close(loop);
  delete loop;
}

EventLoop::EventLoop() : loop_(new uv_loop_t), parts_(std::make_unique<Parts>()) {
  uv_loop_init(loop_.get());
  uv_timer_init(loop_.get(), &parts_->alarm);
  uv_prepare_init(loop_.get(), &parts_->before_sleep);
  parts_->alarm.data = parts_->before_sleep.data = this;
  uv_prepare_start(&parts_->before_sleep,
                   [](uv_prepare_t* handle) { static_cast<EventLoop*>(handle->data)->run_deferred(); });
}

EventLoop::~EventLoop() {
  parts_->deferred.clear();  // it is about what is gone by now
  uv_close(reinterpret_cast<uv_handle_t*>(&parts_->alarm), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&parts_->before_sleep), nullptr);
  for (auto& signal : parts_->signals) uv_close(reinterpret_cast<uv_handle_t*>(&signal->handle), nullptr);
  uv_run(loop_.get(), UV_RUN_DEFAULT);
}

void EventLoop::run() { uv_run(loop_.get(), UV_RUN_DEFAULT); }

void EventLoop::stop() { uv_stop(loop_.get()); }

void EventLoop::set_alarm(base::Time at, std::function<void()> wake) {
  uv_timer_stop(&parts_->alarm);
  if (at == base::never) return;
  parts_->wake = std::move(wake);
  start(parts_->alarm, at, [](uv_timer_t* handle) { static_cast<EventLoop*>(handle->data)->parts_->wake(); });
}

void EventLoop::defer(std::function<void()> work) { parts_->deferred.push_back(std::move(work)); }

void EventLoop::run_deferred() {
  while (!parts_->deferred.empty()) {
    for (auto& work : std::exchange(parts_->deferred, {})) work();
  }
}

void EventLoop::on_signal(int number, std::function<void(int)> wake) {
  auto signal = std::make_unique<Parts::Signal>();
  signal->wake = std::move(wake);
  uv_signal_init(loop_.get(), &signal->handle);
  signal->handle.data = signal.get();
  uv_signal_start(
      &signal->handle,
      [](uv_signal_t* handle, int received) { static_cast<Parts::Signal*>(handle->data)->wake(received); }, number);
  parts_->signals.push_back(std::move(signal));
}

struct FdWatch::Handle {
  uv_poll_t poll;
  Callback callback;
};

FdWatch::FdWatch(EventLoop& loop, int fd, Callback callback) : handle_(new Handle{{}, std::move(callback)}) {
  uv_poll_init(loop.raw(), &handle_->poll, fd);
  handle_->poll.data = handle_;
}

FdWatch::~FdWatch() {
  uv_poll_stop(&handle_->poll);
  // The callback may be running this very destructor: the handle goes when the loop has let go of it.
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

void FdWatch::want(bool readable, bool writable) {
  if (readable == readable_ && writable == writable_) return;
  readable_ = readable;
  writable_ = writable;
  const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  if (events == 0) {
    uv_poll_stop(&handle_->poll);
    return;
  }
  uv_poll_start(&handle_->poll, events, [](uv_poll_t* poll, int status, int ready) {
    auto* handle = static_cast<Handle*>(poll->data);
    const bool broken = status < 0;
    handle->callback({broken || (ready & UV_READABLE) != 0, broken || (ready & UV_WRITABLE) != 0});
  });
}

struct Timer::Handle {
  uv_timer_t timer;
  std::function<void()> wake;
};

Timer::Timer(EventLoop& loop, std::function<void()> wake) : handle_(new Handle{{}, std::move(wake)}) {
  uv_timer_init(loop.raw(), &handle_->timer);
  handle_->timer.data = handle_;
}

Timer::~Timer() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->timer),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

void Timer::set(base::Time at) {
  uv_timer_stop(&handle_->timer);
  if (at == base::never) return;
  start(handle_->timer, at, [](uv_timer_t* timer) { static_cast<Handle*>(timer->data)->wake(); });
}

}  // namespace zel::io
