// Why: programs of this user reach the node through a named socket; everybody else is turned away before a
// byte of theirs is read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "daemon/io/event_loop.hpp"

namespace zel::io {

class UnixListener {
 public:
  using OnConnection = std::function<void(base::UniqueFd)>;

  /// Listens at `path`, for this user and root only; what was there before is replaced, so the caller has made
  /// sure that it is nobody's. The file is removed by its owner (RuntimeDirectory).
  static base::Result<std::unique_ptr<UnixListener>> listen(EventLoop& loop, const std::string& path,
                                                            OnConnection on_connection);

 private:
  UnixListener(EventLoop& loop, base::UniqueFd socket, OnConnection on_connection);
  void accept();

  EventLoop& loop_;
  base::UniqueFd socket_;
  OnConnection on_connection_;
  FdWatch watch_;
  Timer pause_;
};

}  // namespace zel::io
